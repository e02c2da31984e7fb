/* A timer at instants of a clock, on a libuv loop. libuv's own timers count milliseconds from whenever the
 * loop last looked; this one is the kernel's, absolute, so that it neither drifts nor comes early. One thread. */
#ifndef OU_NODE_SHARP_TIMER_H
#define OU_NODE_SHARP_TIMER_H

#include <time.h>
#include <uv.h>

#include "base/status.h"

struct sharp_timer {
    uv_poll_t poll; /* data: the timer */
    int fd;
    void (*fire)(void *context);
    void (*closed)(void *context);
    void *context;
};

/* clock: CLOCK_REALTIME for slots, which move when it is set; CLOCK_MONOTONIC for durations. Does nothing before
 * sharp_timer_set(). */
enum ou_status sharp_timer_open(struct sharp_timer *t, uv_loop_t *loop, clockid_t clock,
                                void (*fire)(void *context), void *context, struct ou_error *err);

/* Calls fire once, at that instant of the clock (at once when it is over). A former one is forgotten. */
void sharp_timer_set(struct sharp_timer *t, int64_t at_ns);

/* fire is not called any more; closed is, in a later turn of the loop: the memory may go then. */
void sharp_timer_close(struct sharp_timer *t, void (*closed)(void *context));

#endif
