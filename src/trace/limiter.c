#include "trace/limiter.h"

#define STEP_MAX 10.0     /* most that one message moves the budget */
#define STEP_AT_ONCE 10.0 /* how many times too fast a message of the same instant is */

void limiter_init(struct limiter *l, double per_second, double now_s)
{
    *l = (struct limiter){ .period_s = 1 / per_second, .last_s = now_s };
}

static double clamp(double x, double most)
{
    return x > most ? most : x < -most ? -most : x;
}

/* What a message that came elapsed_s after the one before earns: n-1 when it came n times too
 * fast, 1-n when it came n times too slow. */
static double step(const struct limiter *l, double elapsed_s)
{
    double speed = elapsed_s == 0 ? STEP_AT_ONCE : l->period_s / elapsed_s;

    /* A clock that was set back gives a negative speed, which counts as slow. */
    return clamp(speed > 0 && speed < 1 ? 1 - 1 / speed : speed - 1, STEP_MAX);
}

static void start(struct limiter *l, double now_s)
{
    l->active = true;
    l->suppressed = 0;
    l->last_sent_s = l->last_reminder_s = now_s;
}

/* While limiting: the first message after each period passes. */
static bool pass_limited(struct limiter *l, double now_s, enum limiter_said *ret_said)
{
    if (now_s - l->last_reminder_s > LIMITER_REMIND_S) {
        *ret_said = LIMITER_REMEMBERS;
        l->last_reminder_s = now_s;
    }
    if (now_s - l->last_sent_s > l->period_s) {
        l->last_sent_s = now_s;
        return true;
    }
    return false;
}

bool limiter_pass(struct limiter *l, double now_s, enum limiter_said *ret_said,
                  uint64_t *ret_suppressed)
{
    bool passes = true;

    *ret_said = LIMITER_NOTHING;
    *ret_suppressed = l->active ? l->suppressed : 0;
    l->budget = clamp(l->budget + step(l, now_s - l->last_s), LIMITER_BUDGET);
    l->last_s = now_s;
    if (l->active && l->budget <= -LIMITER_BUDGET) {
        l->active = false;
        *ret_said = LIMITER_STOPPED;
    } else if (l->active) {
        passes = pass_limited(l, now_s, ret_said);
    } else if (l->budget >= LIMITER_BUDGET) {
        start(l, now_s);
        *ret_said = LIMITER_STARTED;
    }
    l->suppressed += !passes;
    return passes;
}
