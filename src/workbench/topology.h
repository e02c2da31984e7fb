/* Who dials whom. The algorithms are those of the existing workbench, so that clusters are comparable: nodes
 * are dealt to regions in turn, each region is a ring, rings are joined position by position. Pure. */
#ifndef OU_WORKBENCH_TOPOLOGY_H
#define OU_WORKBENCH_TOPOLOGY_H

#include "workbench/profile.h"

struct topology_node {
    const char *region;
    uint32_t *producers; /* numbers of the nodes it dials, in the order of the algorithm */
    size_t producer_count;
};

struct topology {
    struct topology_node *nodes; /* in the memory it was made in */
    size_t count;
};

enum ou_status topology_make(enum topology_shape shape, uint32_t node_count,
                             const char *const *regions, size_t region_count, struct arena *memory,
                             struct topology *ret, struct ou_error *err);

/* topology.json of a run: {"coreNodes": [...], "relayNodes": []}. The caller json_decref()s. */
json_t *topology_document(const struct topology *t);

/* The delay between two nodes by the profile's links; zeros where none is told. */
struct profile_link topology_link(const struct topology *t, const struct profile *p, size_t a,
                                  size_t b);

/* The topology file of one node (P2P form), with latencyMs and bytesPerSecond at each access point that has a delay.
 * ports[i] is where node i listens, on 127.0.0.1. */
json_t *topology_file_of(const struct topology *t, const struct profile *p, size_t node,
                         const uint16_t *ports);

#endif
