/* A topology as a graph: how many links each node has, and how far nodes are from each other. Hosts that do not forge,
 * as an explorer that dials everyone, are no part of it, but where there are no others. */
#ifndef OU_PROFILE_TOPOLOGY_GRAPH_H
#define OU_PROFILE_TOPOLOGY_GRAPH_H

#include "profile/topology.h"

struct degree {
    size_t min, max;
    double mean;
};

/* Distances between pairs of different nodes. */
struct distances {
    double mean, longest; /* of pairs that are joined; 0 where there are none */
    size_t from, to;      /* a pair as far apart as any */
    uint64_t pairs_apart; /* that no way joins */
};

struct topology_graph {
    size_t nodes, regions;
    size_t observers;          /* hosts that are no part of the graph: those behind the nodes */
    size_t links;              /* who dials whom, each once */
    size_t links_between;      /* of them, between regions */
    struct degree out;         /* nodes that a node dials */
    struct degree in;          /* nodes that dial it */
    struct degree joined;      /* neighbours, whoever dials: blocks go both ways */
    struct distances hops;     /* over links in both directions, as blocks go */
    struct distances directed; /* over links from who dials to who is dialled */
    bool has_delays;           /* the topology has links with delays */
    struct distances
        delay_ms; /* one way, over links in both directions; links without a delay take no time */
    /* Distances are from so many nodes, at even steps; all, but in graphs where that would take minutes. */
    size_t sources;
};

/* Takes memory of a few times the links, and gives it back. OU_NO_MEMORY. */
enum ou_status topology_graph_measure(const struct topology *t, struct topology_graph *ret,
                                      struct ou_error *err);

#endif
