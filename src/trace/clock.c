#include "trace/clock.h"

#include <math.h>
#include <time.h>

#include <ouroscope/point.h>

#include "base/time.h"

static int64_t wall_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* Reads the wall clock between two readings of the ticks; of three tries the
 * one that was interrupted least. */
static struct clock_anchor read_both(void)
{
    struct clock_anchor best = { 0, 0 };
    uint64_t best_gap = UINT64_MAX;

    for (int i = 0; i < 3; i++) {
        uint64_t before = ou_ticks();
        int64_t wall_ns = wall_now();
        uint64_t gap = ou_ticks() - before;

        if (gap < best_gap) {
            best_gap = gap;
            best = (struct clock_anchor){ before + gap / 2, wall_ns };
        }
    }
    return best;
}

/* i steps back from the newest. */
static const struct clock_anchor *anchor_before(const struct trace_clock *c, unsigned i)
{
    return &c->anchors[(c->newest + CLOCK_ANCHORS - i) % CLOCK_ANCHORS];
}

static double slope(const struct clock_anchor *from, const struct clock_anchor *to)
{
    return (double)(to->wall_ns - from->wall_ns) / (double)(to->ticks - from->ticks);
}

/* A slope is the usual rate when it is within a percent of the one before: a wall clock that is
 * slewed changes by less, one that is set by more. */
static void note_rate(struct trace_clock *c)
{
    double now = slope(anchor_before(c, 1), anchor_before(c, 0));
    double before = c->count > 2 ? slope(anchor_before(c, 2), anchor_before(c, 1)) : now;

    if (now > 0 && fabs(now - before) <= now / 100)
        c->ns_per_tick = now;
}

void clock_anchor(struct trace_clock *c, struct clock_anchor anchor)
{
    c->newest = (c->newest + 1) % CLOCK_ANCHORS;
    c->anchors[c->newest] = anchor;
    if (c->count < CLOCK_ANCHORS)
        c->count++;
    if (c->count > 1)
        note_rate(c);
}

void clock_start(struct trace_clock *c)
{
    static const struct timespec gap = { 0, CLOCK_ANCHOR_GAP_NS };

    *c = (struct trace_clock){ 0 };
    clock_anchor(c, read_both());
    clock_nanosleep(CLOCK_MONOTONIC, 0, &gap, NULL);
    clock_anchor(c, read_both());
}

bool clock_tick(struct trace_clock *c)
{
    int64_t gap = (int64_t)clock_ticks_of(c, CLOCK_ANCHOR_GAP_NS);
    int64_t since = (int64_t)(ou_ticks() - anchor_before(c, 0)->ticks);
    bool anew = since < -gap; /* by less, it is another processor's counter */

    if (anew)
        c->count = 0;
    if (anew || since >= gap)
        clock_anchor(c, read_both());
    return anew;
}

static int64_t run_on(const struct trace_clock *c, const struct clock_anchor *from, uint64_t ticks)
{
    return from->wall_ns + (int64_t)((double)(int64_t)(ticks - from->ticks) * c->ns_per_tick);
}

int64_t clock_wall_ns(const struct trace_clock *c, uint64_t ticks)
{
    unsigned i = 1;
    const struct clock_anchor *from = anchor_before(c, 0);

    if (ticks >= from->ticks)
        return run_on(c, from, ticks);
    while (i < c->count && ticks < anchor_before(c, i)->ticks)
        i++;
    if (i >= c->count)
        return run_on(c, anchor_before(c, c->count - 1), ticks);
    from = anchor_before(c, i);
    return from->wall_ns +
           (int64_t)((double)(ticks - from->ticks) * slope(from, anchor_before(c, i - 1)));
}

uint64_t clock_ticks_of(const struct trace_clock *c, int64_t ns)
{
    return c->ns_per_tick > 0 ? (uint64_t)((double)ns / c->ns_per_tick) : (uint64_t)ns;
}
