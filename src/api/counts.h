/* What requests were like so far. Any thread. */
#ifndef OU_API_COUNTS_H
#define OU_API_COUNTS_H

#include "query/metric_page.h"

/* A message about an alert was sent, or was not taken. */
void counts_delivery(bool is_sent);

/* Adds all that was counted to a page. */
void counts_show(struct metric_page *page);

/* For tests: as if nothing had been. */
void counts_reset(void);

#endif
