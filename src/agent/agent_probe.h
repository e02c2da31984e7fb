/* What an agent measures of its way to the bucket: how long an answer takes, how fast bytes come, and how its clock stands
 * against the bucket's. */
#ifndef OU_AGENT_AGENT_PROBE_H
#define OU_AGENT_AGENT_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "http/client.h"

/* The bucket's clock is seen through Date, which is cut to whole seconds: each answer tells an interval that the difference lies
 * in, and what all of them have in common is known. */
struct agent_clock {
    bool known;
    double low_s, high_s; /* of ours less theirs */
};

/* An answer with that Date to what was asked and answered at these times of ours; TIME_NONE tells nothing. An answer that contradicts
 * those before (a clock was set) is believed instead of them. Pure. */
void agent_clock_seen(struct agent_clock *clock, int64_t asked_ns, int64_t answered_ns,
                      int64_t server_ns);
/* NAN, both, when nothing is known. The doubt is either way. */
void agent_clock_tell(const struct agent_clock *clock, double *ret_ahead_s, double *ret_doubt_s);

struct agent_probe {
    double round_trip_s, bytes_per_s; /* NAN: could not be measured */
    struct agent_clock clock;
};

/* Asks for the first byte of the object a few times, then for all of it. What fails stays NAN, and the message says why. */
enum ou_status agent_probe_measure(struct http_client *client, const char *url,
                                   struct agent_probe *ret, struct ou_error *err);

#endif
