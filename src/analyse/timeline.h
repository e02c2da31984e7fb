/* Resources over the slots of a run. Each host's slots are folded into a bounded
 * number of bins when its log ends, so that their records need not be kept; then
 * the hosts are laid over each other. Bins begin at multiples of their width, a
 * power of two, so that narrow ones of one host add up to wide ones of another. */
#ifndef OU_ANALYSE_TIMELINE_H
#define OU_ANALYSE_TIMELINE_H

#include "analyse/analysis.h"
#include "analyse/slot_fold.h"

#define TIMELINE_BINS_MAX 240
#define TIMELINE_LINES 11

/* How far a host's slots may lie outside of those of most hosts: so many times their length, and so many slots more. A host
 * that tells of a slot in another century would leave one bin to all others. */
#define TIMELINE_REACH_LENGTHS 4
#define TIMELINE_REACH_SLOTS 100000

struct timeline_sum {
    double sum;
    uint64_t n;
};

/* One host. Zeroed: it has no slots. */
struct host_timeline {
    uint64_t first_bin; /* counted from slot 0 */
    unsigned width;     /* a bin has 2^width slots */
    size_t bins;
    struct timeline_sum *sums; /* bins x TIMELINE_LINES; owned */
};

/* All records of a finished fold, those included that a slot condition dropped:
 * a timeline shows what happened. OU_NO_MEMORY is the only failure. */
enum ou_status host_timeline_of(const struct slot_fold *fold, struct host_timeline *ret);
void host_timeline_release(struct host_timeline *t); /* a zeroed one is fine */

/* Fills a->timeline from a->host_count hosts, in their order, without those whose slots lie far outside. */
enum ou_status timeline_fill(struct analysis *a, const struct host_timeline *hosts,
                             struct ou_error *err);

#endif
