/* Trying again: what may pass, how long to wait. Used as
 *
 *     struct retry retry = retry_begin(&RETRY_USUAL);
 *     do
 *         status = http_ask(...);
 *     while (retry_again(&retry, status, &reply));
 *
 * Waits grow twofold up to a maximum, each of them a random part (half to all) of it, so that many who were refused at once do not come back at once;
 * Retry-After of a reply is obeyed, within the maximum. */
#ifndef OU_HTTP_RETRY_H
#define OU_HTTP_RETRY_H

#include "http/client.h"

struct retry_policy {
    unsigned tries;         /* at most, the first one counted */
    double first_s, most_s; /* the first wait, the longest */
    double all_s;           /* no try is begun later than that after the first; 0: no limit */
    double stall_s;         /* of each try: without a byte, as http_request has it; 0: 30 */
};
extern const struct retry_policy RETRY_USUAL;   /* 6 tries in about 15 s */
extern const struct retry_policy RETRY_PATIENT; /* 10 minutes: a server that is being restarted */

struct retry {
    const struct retry_policy *policy;
    unsigned tries;
    int64_t begun_ns; /* monotonic */
    /* Told before each wait; may be NULL. `why`: "503 Slow Down", "connection refused"; printable ASCII. */
    void (*say)(void *context, const char *why, double wait_s);
    void *context;
    const struct http_client *client; /* whose cancelling ends a wait, too; may be NULL */
};

struct retry retry_begin(const struct retry_policy *policy);

/* Whether a failure may pass: the network's, and the statuses 408, 425, 429, 500, 502, 503, 504. Not OU_INTERRUPTED. */
bool retry_may_pass(enum ou_status status, const struct http_reply *reply);

/* After a try: false when it went well, cannot pass, or tries and time are used up. Else waits, releases the reply's content
 * and makes it a zeroed one, and says true; Ctrl-C ends the wait with false. */
bool retry_again(struct retry *retry, enum ou_status status, struct http_reply *reply);

#endif
