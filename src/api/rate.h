/* How many requests a client may make: a bucket for each, which fills steadily up to its limit, and each request takes one.
 * A client is an IPv4 address, or the first half of an IPv6 one, which is what one household or machine gets. Any thread. */
#ifndef OU_API_RATE_H
#define OU_API_RATE_H

#include "api/request.h"

#define RATE_CLIENTS_MAX 65536 /* what is more shares one bucket */
#define RATE_FAILED_TOKEN 20   /* what a wrong token costs, beside the request */

struct rate;
/* requests in window_s seconds, for each client. */
enum ou_status rate_open(unsigned requests, unsigned window_s, struct rate **ret,
                         struct ou_error *err);
void rate_close(struct rate *r); /* NULL is fine */

/* Takes `cost` from the client's bucket; refused when there is less than one left. now_ns: a monotonic clock. */
struct rate_state rate_take(struct rate *r, const char *client, unsigned cost, int64_t now_ns);

#endif
