/* How fast the accepted blocks of a run could have spread at best, over the links
 * of its topology; and adoptions that came sooner, which cannot be. */
#ifndef OU_ANALYSE_ARRIVAL_BOUND_H
#define OU_ANALYSE_ARRIVAL_BOUND_H

#include "analyse/analysis.h"
#include "analyse/cluster_map.h"

/* Stamps are taken a little after what they tell of: less is no contradiction. */
#define BOUND_SLACK_NS (5 * 1000 * 1000)
#define BOUND_SLACK_COARSE_NS (25 * 1000 * 1000) /* where stamps have steps of 10 ms */

struct bound_doubt {
    uint64_t adoptions;        /* that came before the bound of their pair of hosts */
    uint32_t forger, observer; /* the worst of them */
    int64_t early_ns;          /* by how much it was too early */
    const char *stranger;      /* a host of the cluster that the map does not have; NULL */
};

/* Fills a->arrival.bound, behind arrival_fill(): the time of each host is the forger's
 * announcement plus the shortest path, for the block's own size; the curve is over
 * blocks, so that each forger counts as often as it forged. Not known without
 * a map (NULL), with hosts that are not on it, or without a block whose size and
 * announcement are known. The more hosts, the fewer blocks are taken, at even distances: the search is
 * bounded. map must outlive *a. */
enum ou_status arrival_bound_fill(struct analysis *a, const struct cluster_map *map,
                                  struct bound_doubt *ret, struct ou_error *err);

#endif
