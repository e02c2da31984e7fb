/* The Accept header (RFC 9110, 12.5.1): how much a client wants a type. Pure; any thread. */
#ifndef OU_HTTP_ACCEPT_H
#define OU_HTTP_ACCEPT_H

#include <stdbool.h>

#include "base/span.h"

#define ACCEPT_QUALITY_MAX 1000 /* of q=1 */

/* What has been found for one type; begin with a zeroed one, and give it each Accept header of the request. */
struct accept_found {
    bool given;       /* some header was there and said something */
    int precision;    /* of the range that counts: 1 is *, 2 is text/ *, 3 is the type itself */
    unsigned quality; /* its q, in thousandths; of several ranges that are as precise the best */
};

/* type: "text/plain", or of Accept-Encoding "gzip", in lower case. Parameters of ranges other than q are passed over; what
 * is no range, too. */
void accept_look(struct span header, const char *type, struct accept_found *f);

/* 0: not taken. Without a header everything is. */
unsigned accept_quality(const struct accept_found *f);

#endif
