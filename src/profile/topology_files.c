#include "profile/topology_files.h"

#include <string.h>

#include "profile/node_specs.h"

/* What a proxy follows. */
#define MAINNET_RELAY "backbone.cardano.iog.io"
#define MAINNET_RELAY_PORT 3001

/* jansson's constructors take over what they are given, also when they fail, and pass NULL on. */

/* ---- the whole cluster ---- */

static bool is_core(const struct topology_node *node)
{
    return node->kind == HOST_BFT || node->kind == HOST_POOL;
}

static json_t *node_document(const struct topology *t, size_t i)
{
    const struct topology_node *node = &t->nodes[i];
    json_t *producers = json_array();
    json_t *document;

    for (size_t j = 0; j < node->producer_count; j++)
        json_array_append_new(producers, json_string(t->nodes[node->producers[j]].name));
    document = json_pack("{s:s, s:I, s:s, s:s?, s:o}", "name", node->name, "nodeId", (json_int_t)i,
                         "org", "ouroscope", "region", *node->region ? node->region : NULL,
                         "producers", producers);
    json_object_set_new(document, "pools",
                        node->kind == HOST_POOL ? json_integer((json_int_t)node->pools)
                                                : json_null());
    json_object_set_new(document, "stakePool", node->kind == HOST_POOL ? json_true() : json_null());
    return document;
}

static bool is_first_of_region(const struct topology *t, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (is_core(&t->nodes[j]) && strcmp(t->nodes[j].region, t->nodes[i].region) == 0)
            return false;
    return is_core(&t->nodes[i]);
}

/* Location by location, as the tools that made these files first list them. */
static json_t *core_nodes(const struct topology *t)
{
    json_t *list = json_array();

    for (size_t first = 0; first < t->count; first++) {
        if (!is_first_of_region(t, first))
            continue;
        for (size_t i = first; i < t->count; i++)
            if (is_core(&t->nodes[i]) && strcmp(t->nodes[i].region, t->nodes[first].region) == 0)
                json_array_append_new(list, node_document(t, i));
    }
    return list;
}

static json_t *relay_nodes(const struct topology *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < t->count; i++)
        if (!is_core(&t->nodes[i]))
            json_array_append_new(list, node_document(t, i));
    return list;
}

static json_t *links_document(const struct topology *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < t->link_count; i++) {
        const struct profile_link *l = &t->links[i];

        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:f, s:f}", "a", topology_region(l->a), "b",
                                        topology_region(l->b), "latency_ms", l->latency_ms,
                                        "bytes_per_second", l->bytes_per_second));
    }
    return list;
}

json_t *topology_document(const struct topology *t)
{
    json_t *document =
        json_pack("{s:o, s:o}", "coreNodes", core_nodes(t), "relayNodes", relay_nodes(t));

    if (t->links)
        json_object_set_new(document, "links", links_document(t));
    return document;
}

/* ---- of one node ---- */

static json_t *access_point(const struct topology *t, size_t from, size_t to,
                            const struct site *site, enum topology_form form)
{
    struct profile_link link = topology_link(t, from, to);
    json_t *point = json_pack("{s:s, s:i}", "address", site->address, "port", (int)site->port);

    if (form != TOPOLOGY_P2P_DELAYED)
        return point;
    if (link.latency_ms > 0)
        json_object_set_new(point, "latencyMs", json_real(link.latency_ms));
    if (link.bytes_per_second > 0)
        json_object_set_new(point, "bytesPerSecond", json_real(link.bytes_per_second));
    return point;
}

/* Whom a node dials outside of the cluster. */
static json_t *public_roots(const struct topology_node *node)
{
    if (node->kind != HOST_PROXY)
        return json_array();
    return json_pack("[{s:[{s:s, s:i}], s:b}]", "accessPoints", "address", MAINNET_RELAY, "port",
                     MAINNET_RELAY_PORT, "advertise", 0);
}

/* Nothing but these roots: a cluster keeps to itself. */
static json_t *p2p_file(const struct topology *t, size_t node, const struct site *sites,
                        enum topology_form form)
{
    json_t *roots = json_array();

    for (size_t i = 0; i < t->nodes[node].producer_count; i++) {
        uint32_t to = t->nodes[node].producers[i];

        json_array_append_new(roots, json_pack("{s:[o], s:b, s:i, s:b}", "accessPoints",
                                               access_point(t, node, to, &sites[to], form),
                                               "advertise", 0, "valency", 1, "trustable", 1));
    }
    return json_pack("{s:o, s:o, s:i, s:n}", "localRoots", roots, "publicRoots",
                     public_roots(&t->nodes[node]), "useLedgerAfterSlot", -1, "bootstrapPeers");
}

static json_t *legacy_producer(const char *address, int port)
{
    return json_pack("{s:s, s:i, s:i}", "addr", address, "port", port, "valency", 1);
}

static json_t *legacy_file(const struct topology *t, size_t node, const struct site *sites)
{
    json_t *list = json_array();

    if (t->nodes[node].kind == HOST_PROXY)
        json_array_append_new(list, legacy_producer(MAINNET_RELAY, MAINNET_RELAY_PORT));
    for (size_t i = 0; i < t->nodes[node].producer_count; i++) {
        const struct site *site = &sites[t->nodes[node].producers[i]];

        json_array_append_new(list, legacy_producer(site->address, site->port));
    }
    return json_pack("{s:o}", "Producers", list);
}

json_t *topology_file_of(const struct topology *t, size_t node, const struct site *sites,
                         enum topology_form form)
{
    return form == TOPOLOGY_LEGACY ? legacy_file(t, node, sites) : p2p_file(t, node, sites, form);
}
