/* From ticks of ou_ticks() to wall time.
 *
 * Now and then both clocks are read at the same time: an anchor. Between two
 * anchors time runs in a straight line, so a stamp that lies among the anchors kept
 * is off by no more than the wall clock was adjusted between two of them. Before the first and
 * behind the last it runs at the usual rate, which a wall clock that is set does not change.
 * One thread. */
#ifndef OU_TRACE_CLOCK_H
#define OU_TRACE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_ANCHORS 16
#define CLOCK_ANCHOR_GAP_NS 5000000 /* anchors are no closer than that */

struct clock_anchor {
    uint64_t ticks;
    int64_t wall_ns;
};

struct trace_clock {
    struct clock_anchor anchors[CLOCK_ANCHORS]; /* the newest at `newest`, older ones before */
    unsigned newest, count;
    double ns_per_tick; /* the usual rate */
};

/* Takes two anchors, five milliseconds apart. */
void clock_start(struct trace_clock *c);

/* Takes an anchor when the newest is old enough. True when the ticks have begun anew, as
 * those of some processors do while the machine is suspended: stamps from before are then
 * above the new ones, and the clock knows of the new ones only. */
bool clock_tick(struct trace_clock *c);

/* Adds an anchor taken elsewhere (tests). */
void clock_anchor(struct trace_clock *c, struct clock_anchor anchor);

/* Nanoseconds since 1970-01-01 UTC at a stamp. */
int64_t clock_wall_ns(const struct trace_clock *c, uint64_t ticks);

/* How many ticks make that many nanoseconds, about. */
uint64_t clock_ticks_of(const struct trace_clock *c, int64_t ns);

#endif
