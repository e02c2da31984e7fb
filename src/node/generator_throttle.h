/* The rate of the load: permissions ("ticks") to announce a transaction, made at a steady pace and handed to whoever
 * waits, to the first one all it wants: dealt out singly, they would leave many waiters complete at the same
 * moment, and the load would come in bursts. At most THROTTLE_TICKS lie ready: when nobody takes them, making pauses, so
 * that a load which peers cannot take is dropped, and never comes later as a burst. Pure; one thread. */
#ifndef OU_NODE_GENERATOR_THROTTLE_H
#define OU_NODE_GENERATOR_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#define THROTTLE_TICKS 32

/* Somebody who wants ticks. Zero-initialise; it must stay where it is while it waits. */
struct tick_waiter {
    uint32_t wanted, held;
    bool waits;
    struct tick_waiter *next; /* the throttle's */
};

struct throttle {
    double interval_ns;
    double next_ns;   /* when the next tick is made */
    bool paused;      /* no room for it: it is made as soon as there is, and the pace begins anew */
    uint64_t to_make; /* ticks */
    uint64_t ready;   /* above THROTTLE_TICKS only by ticks that were given back */
    struct tick_waiter *first, *last;
};

/* `total` ticks, `per_second`, the first one at once. */
void throttle_start(struct throttle *t, uint64_t total, double per_second, int64_t now_ns);

/* All ticks have been made and taken. */
bool throttle_is_over(const struct throttle *t);

/* Takes a tick if one is ready and nobody waits. */
bool throttle_take(struct throttle *t, int64_t now_ns);

/* Queues a waiter for 1 or more ticks. */
void throttle_wait(struct throttle *t, struct tick_waiter *w, uint32_t wanted);

/* A waiter that has what it wanted, or what there was when all ticks are gone (perhaps none); it waits no
 * more, and `held` ticks are its own. NULL: all must go on waiting. Ask until it says NULL. */
struct tick_waiter *throttle_serve(struct throttle *t, int64_t now_ns);

/* A waiter goes away; what it has got goes back. */
void throttle_leave(struct throttle *t, struct tick_waiter *w);

/* Ticks that were not used. */
void throttle_give_back(struct throttle *t, uint64_t count);

/* When to serve again; INT64_MAX: not by itself. */
int64_t throttle_next_ns(const struct throttle *t);

#endif
