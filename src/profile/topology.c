#include "profile/topology.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

const char *topology_shape_name(enum topology_shape shape)
{
    static const char *const names[] = {
        [TOPOLOGY_LINE] = "line",   [TOPOLOGY_UNI_CIRCLE] = "uni-circle",
        [TOPOLOGY_TORUS] = "torus", [TOPOLOGY_TORUS_DENSE] = "torus-dense",
        [TOPOLOGY_DENSE] = "dense",
    };

    return names[shape];
}

const char *topology_region(const char *location)
{
    static const struct {
        const char *code, *region;
    } codes[] = {
        { "LO", "loopback" },
        { "EU", "eu-central-1" },
        { "US", "us-east-1" },
        { "AP", "ap-southeast-2" },
    };

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(codes[i].code, location) == 0)
            return codes[i].region;
    return location;
}

/* ---- shapes ---- */

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

/* Gives every node its producers, the first `nodes` of an array. false: no memory. */
static bool join_all(enum topology_shape shape, uint32_t nodes, size_t region_count,
                     struct arena *memory, struct topology_node *ret)
{
    struct rings rings = { nodes, has_rings(shape) ? (uint32_t)region_count : 1, shape };

    for (uint32_t i = 0; i < nodes; i++) {
        ret[i].producers =
            arena_take(memory, producers_max(&rings) * sizeof(uint32_t), alignof(uint32_t));
        if (!ret[i].producers)
            return false;
        join(&rings, i, &ret[i]);
    }
    return true;
}

static struct topology_node *take_nodes(struct arena *memory, size_t count)
{
    return arena_take(memory, (count + 1) * sizeof(struct topology_node),
                      alignof(struct topology_node));
}

static enum ou_status fail_memory(size_t nodes, struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory for a topology of %zu nodes", nodes);
}

/* ---- a shape alone ---- */

static bool name_nodes(const char *const *regions, size_t region_count, struct arena *memory,
                       struct topology *t)
{
    for (size_t i = 0; i < t->count; i++) {
        char name[32];
        int len = snprintf(name, sizeof name, "node-%zu", i);

        t->nodes[i].name = arena_copy(memory, name, (size_t)len);
        t->nodes[i].region = topology_region(regions[i % region_count]);
        t->nodes[i].kind = HOST_POOL;
        t->nodes[i].pools = 1;
        if (!t->nodes[i].name)
            return false;
    }
    return true;
}

enum ou_status topology_make(enum topology_shape shape, uint32_t node_count,
                             const char *const *regions, size_t region_count, struct arena *memory,
                             struct topology *ret, struct ou_error *err)
{
    struct topology t = { .count = node_count };

    if (node_count == 0 || node_count > PROFILE_HOSTS_MAX)
        return ou_fail(err, OU_INVALID, "a topology has 1 to %d nodes, not %u", PROFILE_HOSTS_MAX,
                       node_count);
    if (region_count == 0 || region_count > PROFILE_REGIONS_MAX)
        return ou_fail(err, OU_INVALID, "a topology has 1 to %d regions, not %zu",
                       PROFILE_REGIONS_MAX, region_count);
    t.nodes = take_nodes(memory, node_count);
    if (!t.nodes || !name_nodes(regions, region_count, memory, &t) ||
        !join_all(shape, node_count, region_count, memory, t.nodes))
        return fail_memory(node_count, err);
    *ret = t;
    return OU_OK;
}

/* ---- all hosts of a profile ---- */

/* Dials all hosts before it that have blocks. */
static bool join_explorer(struct topology *t, size_t explorer, struct arena *memory)
{
    struct topology_node *node = &t->nodes[explorer];

    node->producers = arena_take(memory, (explorer + 1) * sizeof(uint32_t), alignof(uint32_t));
    for (uint32_t i = 0; node->producers && i < explorer; i++)
        add_producer(node, i);
    return node->producers;
}

enum ou_status topology_of_profile(const struct profile *p, struct arena *memory,
                                   struct topology *ret, struct ou_error *err)
{
    static const struct profile_link none[1];
    bool delays = p->node_kind == NODE_REFERENCE; /* nothing delays what others send */
    struct topology t = { take_nodes(memory, p->spec_count), p->spec_count,
                          delays ? p->links : none, delays ? p->link_count : 0 };

    if (!t.nodes || !join_all(p->shape, p->hosts, p->region_count, memory, t.nodes))
        return fail_memory(t.count, err);
    for (size_t i = 0; i < t.count; i++) {
        const struct node_spec *s = &p->specs[i];

        t.nodes[i].name = s->name;
        t.nodes[i].region = s->region;
        t.nodes[i].kind = s->kind;
        t.nodes[i].pools = s->pools;
        if (s->kind == HOST_EXPLORER && !join_explorer(&t, i, memory))
            return fail_memory(t.count, err);
    }
    *ret = t;
    return OU_OK;
}

/* ---- links ---- */

static bool joins(const struct profile_link *link, const char *a, const char *b)
{
    const char *from = topology_region(link->a), *to = topology_region(link->b);

    return (strcmp(from, a) == 0 && strcmp(to, b) == 0) ||
           (strcmp(from, b) == 0 && strcmp(to, a) == 0);
}

struct profile_link topology_link(const struct topology *t, size_t a, size_t b)
{
    const char *from = t->nodes[a].region, *to = t->nodes[b].region;

    for (size_t i = 0; i < t->link_count; i++)
        if (joins(&t->links[i], from, to))
            return t->links[i];
    return (struct profile_link){ .a = from, .b = to };
}
