#include "node/generator_throttle.h"

#include <stddef.h>

void throttle_start(struct throttle *t, uint64_t total, double per_second, int64_t now_ns)
{
    *t = (struct throttle){
        .interval_ns = 1e9 / per_second,
        .next_ns = (double)now_ns,
        .to_make = total,
    };
}

bool throttle_is_over(const struct throttle *t)
{
    return t->to_make == 0 && t->ready == 0;
}

/* Makes the ticks that are due, as far as there is room. */
static void make(struct throttle *t, int64_t now_ns)
{
    if (t->paused && t->ready < THROTTLE_TICKS) {
        t->paused = false;
        t->next_ns = (double)now_ns;
    }
    while (t->to_make > 0 && t->next_ns <= (double)now_ns) {
        if (t->ready >= THROTTLE_TICKS) {
            t->paused = true;
            return;
        }
        t->to_make--;
        t->ready++;
        t->next_ns += t->interval_ns;
    }
}

bool throttle_take(struct throttle *t, int64_t now_ns)
{
    make(t, now_ns);
    if (t->first || t->ready == 0)
        return false;
    t->ready--;
    return true;
}

static void push(struct throttle *t, struct tick_waiter *w)
{
    w->next = NULL;
    if (t->last)
        t->last->next = w;
    else
        t->first = w;
    t->last = w;
}

static struct tick_waiter *pop(struct throttle *t)
{
    struct tick_waiter *w = t->first;

    t->first = w->next;
    if (!t->first)
        t->last = NULL;
    return w;
}

void throttle_wait(struct throttle *t, struct tick_waiter *w, uint32_t wanted)
{
    *w = (struct tick_waiter){ .wanted = wanted, .waits = true };
    push(t, w);
}

struct tick_waiter *throttle_serve(struct throttle *t, int64_t now_ns)
{
    make(t, now_ns);
    while (t->first && (t->ready > 0 || t->to_make == 0)) {
        struct tick_waiter *w = t->first;

        if (t->ready > 0) {
            t->ready--;
            w->held++;
            make(t, now_ns);
        }
        if (w->held == w->wanted || throttle_is_over(t)) {
            w->waits = false;
            return pop(t);
        }
    }
    return NULL;
}

void throttle_leave(struct throttle *t, struct tick_waiter *w)
{
    struct tick_waiter *all = t->first;

    if (!w->waits)
        return;
    t->first = t->last = NULL;
    while (all) {
        struct tick_waiter *next = all->next;

        if (all != w)
            push(t, all);
        all = next;
    }
    throttle_give_back(t, w->held);
    *w = (struct tick_waiter){ 0 };
}

void throttle_give_back(struct throttle *t, uint64_t count)
{
    t->ready += count;
}

int64_t throttle_next_ns(const struct throttle *t)
{
    return t->first && t->to_make > 0 ? (int64_t)t->next_ns : INT64_MAX;
}
