/* How soon a block could have been on each host: from its announcement by the forger, over the links of the run. */
#ifndef OU_REPORT_TRACE_BOUND_H
#define OU_REPORT_TRACE_BOUND_H

#include "analyse/analysis.h"
#include "analyse/cluster_map.h"

/* Zero-initialised it knows no bound. One thread. */
struct trace_bound {
    struct diffusion_net net;
    uint32_t *place;  /* on the map, by host; NO_HOST: not there; owned */
    double *times_s;  /* by node of the map, of the last block; owned */
    bool block_known; /* times_s are of the block that trace_bound_block() was called with last */
};

/* map: NULL, or that of the run. False: no memory. */
bool trace_bound_init(const struct analysis *a, const struct cluster_map *map,
                      struct trace_bound *ret);
void trace_bound_release(struct trace_bound *b);

void trace_bound_block(struct trace_bound *b, const struct chain_block *block);

/* Of the block that trace_bound_block() was called with last: seconds; NaN: not known, as where its announcement is not,
 * or no path leads there. */
double trace_bound_at(const struct trace_bound *b, uint32_t host);

#endif
