/* A timer at instants of the wall clock, on a libuv loop. libuv's own timers count milliseconds
 * from whenever the loop last looked; this one is the kernel's, absolute, so that it neither
 * drifts nor comes early. One thread. */
#ifndef OU_NODE_WALL_TIMER_H
#define OU_NODE_WALL_TIMER_H

#include <uv.h>

#include "base/status.h"

struct wall_timer {
    uv_poll_t poll; /* data: the timer */
    int fd;
    void (*fire)(void *context);
    void (*closed)(void *context);
    void *context;
};

/* Does nothing before wall_timer_set(). */
enum ou_status wall_timer_open(struct wall_timer *t, uv_loop_t *loop, void (*fire)(void *context),
                               void *context, struct ou_error *err);

/* Calls fire once, at that instant (at once when it is over). A former one is forgotten. */
void wall_timer_set(struct wall_timer *t, int64_t at_ns);

/* fire is not called any more; closed is, in a later turn of the loop: the memory may go then. */
void wall_timer_close(struct wall_timer *t, void (*closed)(void *context));

#endif
