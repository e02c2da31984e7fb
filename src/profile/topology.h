/* Who dials whom. The algorithms are those of the existing workbench, so that clusters are comparable: nodes
 * are dealt to regions in turn, each region is a ring, rings are joined position by position. Pure.
 * docs/formats/topology.md tells the shapes; topology_files.h writes and reads them. */
#ifndef OU_PROFILE_TOPOLOGY_H
#define OU_PROFILE_TOPOLOGY_H

#include "profile/profile.h"

#define TOPOLOGY_NODES_MAX 10000
#define TOPOLOGY_LINKS_MAX 1000000

struct topology_node {
    const char *name;   /* "node-3", "explorer", ... */
    const char *region; /* "" where a file does not tell it */
    enum host_kind kind;
    uint32_t pools;      /* 0: it does not forge for one */
    uint32_t *producers; /* numbers of the nodes it dials, in the order of the algorithm */
    size_t producer_count;
};

struct topology {
    struct topology_node *nodes; /* in the memory it was made in */
    size_t count;
    const struct profile_link
        *links; /* between regions, or within one; NULL: it is not known what there is */
    size_t link_count;
};

/* The hosts of a profile, in the order of p->specs, with its links, where they are reference nodes: others know of none. BFT and pool hosts have the shape; the explorer
 * dials every host that has blocks; proxy and chain database server dial none of the cluster. The profile must outlive it. */
enum ou_status topology_of_profile(const struct profile *p, struct arena *memory,
                                   struct topology *ret, struct ou_error *err);

/* A shape of node-0, node-1, ..., each with one pool, and without links. */
enum ou_status topology_make(enum topology_shape shape, uint32_t node_count,
                             const char *const *regions, size_t region_count, struct arena *memory,
                             struct topology *ret, struct ou_error *err);

/* The delay between two nodes; zeros where none is told. */
struct profile_link topology_link(const struct topology *t, size_t a, size_t b);

/* The full name of a location: "eu-central-1" of "EU", "loopback" of "LO"; any other as it stands. */
const char *topology_region(const char *location);

const char *topology_shape_name(enum topology_shape shape);

#endif
