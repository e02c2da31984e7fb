/* Who is joined with whom in a run, and how far apart they are: topology.json of
 * the run directory, and the links that it or the profile tells. */
#ifndef OU_ANALYSE_CLUSTER_MAP_H
#define OU_ANALYSE_CLUSTER_MAP_H

#include "analyse/diffusion_bound.h"
#include "base/arena.h"

#define CLUSTER_MAP_NODES_MAX 10000
#define CLUSTER_MAP_LINKS_MAX 2000000

struct cluster_map {
    struct arena memory; /* owns everything */
    const char **names;  /* of the nodes */
    uint32_t count;
    struct diffusion_link *links; /* each joint in both directions: blocks go both ways */
    size_t link_count;
    const char *assumptions; /* a text: what the links are taken for */
};

/* Reads topology.json ({"coreNodes": [{"name", "region", "producers"}], "relayNodes": [...],
 * "links": [{"a", "b", "latency_ms", "bytes_per_second"}]}) and,
 * where there is one, profile.json (composition.links), whose links count when the topology has no list of
 * them. Where neither has one, as in a run of a cluster in a public cloud, the round trips are those of light in fibre between the regions;
 * a region that is not known is next door to all. A topology file of another form (of one node,
 * say) gives OU_NOT_FOUND; a member of the wrong type is OU_INVALID and named in the message.
 * Where nobody delays what nodes send, as where hosts stand apart, lists of links say nothing (are_links_modelled false): what they tell is taken for
 * no distance at all.
 * The caller releases *ret. One thread while loading, any afterwards. */
enum ou_status cluster_map_load(const char *topology_path, const char *profile_path,
                                bool are_links_modelled, struct cluster_map *ret,
                                struct ou_error *err);
void cluster_map_release(struct cluster_map *map); /* a zeroed one is fine */

#endif
