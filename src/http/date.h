/* Times in HTTP headers. */
#ifndef OU_HTTP_DATE_H
#define OU_HTTP_DATE_H

#include <stdint.h>

#include "base/span.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT", the form that senders must use (RFC 9110, 5.6.7); TIME_NONE for anything else. Pure. */
int64_t http_date_ns(struct span text);

#endif
