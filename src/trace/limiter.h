/* The frequency limiter: lets about f messages a second through once there are
 * many more, and tells when it starts and stops doing so.
 *
 * The algorithm is the trace dispatcher's, constants and all (docs/internals/limiter.md):
 * each message earns or pays budget by how much faster or slower it came than 1/f;
 * +30 starts limiting, -30 stops it, and while limiting a reminder is due every 10 s.
 * Pure; one limiter belongs to one thread. */
#ifndef OU_TRACE_LIMITER_H
#define OU_TRACE_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

#define LIMITER_BUDGET 30.0
#define LIMITER_REMIND_S 10.0

struct limiter {
    double period_s; /* 1/f */
    double last_s, last_reminder_s, last_sent_s, budget;
    bool active;
    uint64_t suppressed; /* since limiting started */
};

enum limiter_said { LIMITER_NOTHING, LIMITER_STARTED, LIMITER_REMEMBERS, LIMITER_STOPPED };

void limiter_init(struct limiter *l, double per_second, double now_s);

/* Whether the message that came at now_s (wall clock) passes. *ret_said is what has
 * to be told before it; *ret_suppressed how many messages were held back since the start. */
bool limiter_pass(struct limiter *l, double now_s, enum limiter_said *ret_said,
                  uint64_t *ret_suppressed);

#endif
