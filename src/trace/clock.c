#include "trace/clock.h"

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

void clock_anchor(struct trace_clock *c, struct clock_anchor anchor)
{
    c->newest = (c->newest + 1) % CLOCK_ANCHORS;
    c->anchors[c->newest] = anchor;
    if (c->count < CLOCK_ANCHORS)
        c->count++;
}

void clock_start(struct trace_clock *c)
{
    static const struct timespec gap = { 0, CLOCK_ANCHOR_GAP_NS };

    *c = (struct trace_clock){ 0 };
    clock_anchor(c, read_both());
    clock_nanosleep(CLOCK_MONOTONIC, 0, &gap, NULL);
    clock_anchor(c, read_both());
}

/* i steps back from the newest. */
static const struct clock_anchor *anchor_before(const struct trace_clock *c, unsigned i)
{
    return &c->anchors[(c->newest + CLOCK_ANCHORS - i) % CLOCK_ANCHORS];
}

void clock_tick(struct trace_clock *c)
{
    uint64_t since = ou_ticks() - anchor_before(c, 0)->ticks;

    if (since >= clock_ticks_of(c, CLOCK_ANCHOR_GAP_NS))
        clock_anchor(c, read_both());
}

int64_t clock_wall_ns(const struct trace_clock *c, uint64_t ticks)
{
    unsigned i = 1;
    const struct clock_anchor *from, *to;
    double slope;

    while (i + 1 < c->count && ticks < anchor_before(c, i)->ticks)
        i++;
    from = anchor_before(c, i);
    to = anchor_before(c, i - 1);
    slope = (double)(to->wall_ns - from->wall_ns) / (double)(to->ticks - from->ticks);
    return from->wall_ns + (int64_t)((double)(int64_t)(ticks - from->ticks) * slope);
}

uint64_t clock_ticks_of(const struct trace_clock *c, int64_t ns)
{
    const struct clock_anchor *from = anchor_before(c, c->count - 1), *to = anchor_before(c, 0);
    double ns_per_tick = (double)(to->wall_ns - from->wall_ns) / (double)(to->ticks - from->ticks);

    return ns_per_tick > 0 ? (uint64_t)((double)ns / ns_per_tick) : (uint64_t)ns;
}
