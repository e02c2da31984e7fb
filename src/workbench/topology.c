#include "workbench/topology.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

/* Positions of chords: a third of a ring away, and from this length on two thirds as well. */
#define SECOND_CHORD_FROM 9

/* What the algorithm works on: nodes are dealt to regions in turn, so the ring of region r holds the nodes r, r + m,
 * r + 2m, ... of m regions. line, uni-circle and dense have one ring, whatever the regions. */
struct rings {
    uint32_t nodes;
    uint32_t count;
    enum topology_shape shape;
};

static uint32_t ring_length(const struct rings *r, uint32_t ring)
{
    return ring < r->nodes ? (r->nodes - ring - 1) / r->count + 1 : 0;
}

static uint32_t node_at(const struct rings *r, uint32_t ring, uint32_t position)
{
    return ring + position * r->count;
}

static void add_producer(struct topology_node *node, uint32_t producer)
{
    node->producers[node->producer_count++] = producer;
}

/* To the same position of each other ring, in cyclic order. */
static void join_rings(const struct rings *r, uint32_t ring, uint32_t position,
                       struct topology_node *node)
{
    for (uint32_t step = 1; step < r->count; step++) {
        uint32_t other = (ring + step) % r->count;
        uint32_t length = ring_length(r, other);

        if (length)
            add_producer(node, node_at(r, other, position % length));
    }
}

static void join_circle(const struct rings *r, uint32_t ring, uint32_t position,
                        struct topology_node *node)
{
    uint32_t length = ring_length(r, ring);

    if (length < 2)
        return;
    add_producer(node, node_at(r, ring, (position + 1) % length));
    if (length == 2 || r->shape == TOPOLOGY_UNI_CIRCLE)
        return;
    add_producer(node, node_at(r, ring, (position + length - 1) % length));
    if (r->shape != TOPOLOGY_TORUS_DENSE)
        return;
    add_producer(node, node_at(r, ring, (position + length / 3) % length));
    if (length >= SECOND_CHORD_FROM)
        add_producer(node, node_at(r, ring, (position + 2 * length / 3) % length));
}

static void join_line(const struct rings *r, uint32_t i, struct topology_node *node)
{
    if (i + 1 < r->nodes)
        add_producer(node, i + 1);
    if (i > 0)
        add_producer(node, i - 1);
}

/* Each begins with its own neighbour, so that not everyone dials node-0 first. */
static void join_everyone(const struct rings *r, uint32_t i, struct topology_node *node)
{
    for (uint32_t step = 1; step < r->nodes; step++)
        add_producer(node, (i + step) % r->nodes);
}

/* Small rings have chords that meet a neighbour or the node itself: 3 / 3 = 1. Such links are in the list once. */
static void drop_repeats(struct topology_node *node, uint32_t self)
{
    size_t kept = 0;

    for (size_t i = 0; i < node->producer_count; i++) {
        bool wanted = node->producers[i] != self;

        for (size_t j = 0; j < kept; j++)
            wanted = wanted && node->producers[j] != node->producers[i];
        if (wanted)
            node->producers[kept++] = node->producers[i];
    }
    node->producer_count = kept;
}

static void join(const struct rings *r, uint32_t i, struct topology_node *node)
{
    switch (r->shape) {
    case TOPOLOGY_LINE: join_line(r, i, node); break;
    case TOPOLOGY_DENSE: join_everyone(r, i, node); break;
    case TOPOLOGY_UNI_CIRCLE:
    case TOPOLOGY_TORUS:
    case TOPOLOGY_TORUS_DENSE:
        join_rings(r, i % r->count, i / r->count, node);
        join_circle(r, i % r->count, i / r->count, node);
        drop_repeats(node, i);
        break;
    }
}

static bool has_rings(enum topology_shape shape)
{
    return shape == TOPOLOGY_TORUS || shape == TOPOLOGY_TORUS_DENSE;
}

/* The most producers that any node of this shape gets. */
static size_t producers_max(const struct rings *r)
{
    return r->shape == TOPOLOGY_DENSE ? r->nodes : r->count + 4;
}

enum ou_status topology_make(enum topology_shape shape, uint32_t node_count,
                             const char *const *regions, size_t region_count, struct arena *memory,
                             struct topology *ret, struct ou_error *err)
{
    struct rings rings = { node_count, has_rings(shape) ? (uint32_t)region_count : 1, shape };
    struct topology_node *nodes;

    if (node_count == 0 || node_count > PROFILE_HOSTS_MAX)
        return ou_fail(err, OU_INVALID, "a topology has 1 to %d nodes, not %u", PROFILE_HOSTS_MAX,
                       node_count);
    if (region_count == 0 || region_count > PROFILE_REGIONS_MAX)
        return ou_fail(err, OU_INVALID, "a topology has 1 to %d regions, not %zu",
                       PROFILE_REGIONS_MAX, region_count);
    nodes = arena_take(memory, node_count * sizeof *nodes, alignof(struct topology_node));
    for (uint32_t i = 0; nodes && i < node_count; i++) {
        nodes[i].region = regions[i % region_count];
        nodes[i].producers =
            arena_take(memory, producers_max(&rings) * sizeof(uint32_t), alignof(uint32_t));
        if (!nodes[i].producers)
            nodes = NULL;
        if (!nodes)
            break;
        join(&rings, i, &nodes[i]);
    }
    if (!nodes)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a topology of %u nodes", node_count);
    *ret = (struct topology){ nodes, node_count };
    return OU_OK;
}

/* ---- documents ---- */

/* jansson's constructors take over what they are given, also when they fail, and pass NULL on. */

static json_t *node_name(uint32_t i)
{
    return json_sprintf("node-%u", i);
}

static json_t *core_node(const struct topology *t, size_t i)
{
    json_t *producers = json_array();

    for (size_t j = 0; j < t->nodes[i].producer_count; j++)
        json_array_append_new(producers, node_name(t->nodes[i].producers[j]));
    return json_pack("{s:o, s:I, s:s, s:s, s:o, s:i, s:b}", "name", node_name((uint32_t)i),
                     "nodeId", (json_int_t)i, "org", "ouroscope", "region", t->nodes[i].region,
                     "producers", producers, "pools", 1, "stakePool", 1);
}

/* Location by location, as the tools that made these files first list them. */
json_t *topology_document(const struct topology *t)
{
    json_t *core = json_array();
    bool listed[PROFILE_HOSTS_MAX] = { false };

    for (size_t first = 0; first < t->count; first++) {
        for (size_t i = first; i < t->count; i++) {
            if (listed[i] || strcmp(t->nodes[i].region, t->nodes[first].region) != 0)
                continue;
            json_array_append_new(core, core_node(t, i));
            listed[i] = true;
        }
    }
    return json_pack("{s:o, s:[]}", "coreNodes", core, "relayNodes");
}

static bool joins(const struct profile_link *link, const char *a, const char *b)
{
    return (strcmp(link->a, a) == 0 && strcmp(link->b, b) == 0) ||
           (strcmp(link->a, b) == 0 && strcmp(link->b, a) == 0);
}

struct profile_link topology_link(const struct topology *t, const struct profile *p, size_t a,
                                  size_t b)
{
    const char *from = t->nodes[a].region, *to = t->nodes[b].region;

    for (size_t i = 0; i < p->link_count; i++)
        if (joins(&p->links[i], from, to))
            return p->links[i];
    return (struct profile_link){ .a = from, .b = to };
}

static json_t *access_point(const struct topology *t, const struct profile *p, size_t from,
                            size_t to, uint16_t port)
{
    struct profile_link link = topology_link(t, p, from, to);
    json_t *point = json_pack("{s:s, s:i}", "address", "127.0.0.1", "port", (int)port);

    if (link.latency_ms > 0)
        json_object_set_new(point, "latencyMs", json_real(link.latency_ms));
    if (link.bytes_per_second > 0)
        json_object_set_new(point, "bytesPerSecond", json_real(link.bytes_per_second));
    return point;
}

json_t *topology_file_of(const struct topology *t, const struct profile *p, size_t node,
                         const uint16_t *ports)
{
    json_t *roots = json_array();

    for (size_t i = 0; i < t->nodes[node].producer_count; i++) {
        uint32_t to = t->nodes[node].producers[i];

        json_array_append_new(roots, json_pack("{s:[o], s:b, s:i, s:b}", "accessPoints",
                                               access_point(t, p, node, to, ports[to]), "advertise",
                                               0, "valency", 1, "trustable", 1));
    }
    /* Nothing but these roots: a cluster keeps to itself. */
    return json_pack("{s:o, s:[], s:i, s:n}", "localRoots", roots, "publicRoots",
                     "useLedgerAfterSlot", -1, "bootstrapPeers");
}
