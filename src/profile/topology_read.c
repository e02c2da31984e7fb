/* topology.json back into a topology. What it says is not trusted: counts are looked at before memory is taken. */
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "json/tree.h"
#include "profile/node_specs.h"
#include "profile/topology_files.h"

#define NAME_BYTES_MAX 256

/* What a profile may say of its links, too. */
#define LATENCY_MS_MAX 60000
#define BYTES_PER_SECOND_MAX 1e12

static const char *const node_lists[] = { "coreNodes", "relayNodes" };
#define NODE_LISTS (sizeof node_lists / sizeof *node_lists)

struct reading {
    const char *source; /* what messages begin with */
    struct arena *memory;
    struct intern names; /* of nodes, by number */
    uint32_t *marks;     /* by number: the node + 1 that has it as a producer already */
    struct topology into;
    enum ou_status status;
    struct ou_error *err;
};

/* A node or a link, and where it stands. */
struct place {
    const char *list;
    size_t number;
    const json_t *object;
};

/* ---- messages ---- */

static void fail_member(struct reading *r, const struct place *at, const char *member,
                        const char *wanted)
{
    if (!r->status)
        r->status = ou_fail(r->err, OU_INVALID, "%s: %s[%zu]%s%s must be %s", r->source, at->list,
                            at->number, *member ? "." : "", member, wanted);
}

static void fail_memory(struct reading *r)
{
    if (!r->status)
        r->status = ou_fail(r->err, OU_NO_MEMORY, "%s: no memory", r->source);
}

static void *take(struct reading *r, size_t count, size_t size, size_t align)
{
    void *at = arena_take(r->memory, (count + 1) * size, align);

    if (!at)
        fail_memory(r);
    return at;
}

/* ---- values ---- */

/* A copy; "" where the member is missing or null and need not be there. */
static const char *read_text(struct reading *r, const struct place *at, const char *member,
                             bool needed)
{
    const json_t *value = json_object_get(at->object, member);
    size_t len = json_string_length(value);
    const char *text = "";

    if (!needed && (!value || json_is_null(value)))
        return text;
    if (!json_is_string(value) || len == 0 || len > NAME_BYTES_MAX) {
        fail_member(r, at, member, "a text of 1 to 256 bytes");
        return text;
    }
    text = arena_copy(r->memory, json_string_value(value), len);
    if (!text)
        fail_memory(r);
    return text ? text : "";
}

/* 0 where the member is missing or null. */
static double read_number(struct reading *r, const struct place *at, const char *member, double max)
{
    const json_t *value = json_object_get(at->object, member);
    double number = json_number_value(value);
    char wanted[60];

    if (!value || json_is_null(value) || (json_is_number(value) && number >= 0 && number <= max))
        return number;
    snprintf(wanted, sizeof wanted, "a number from 0 to %.16g", max);
    fail_member(r, at, member, wanted);
    return 0;
}

/* ---- nodes ---- */

/* A relay says what it is by its name only. */
static enum host_kind kind_of_relay(const char *name)
{
    for (int kind = HOST_PROXY; kind <= HOST_EXPLORER; kind++)
        if (strcmp(name, host_kind_name((enum host_kind)kind)) == 0)
            return (enum host_kind)kind;
    return HOST_PROXY;
}

static void read_pools(struct reading *r, const struct place *at, struct topology_node *node)
{
    double pools = read_number(r, at, "pools", PROFILE_POOLS_MAX);
    bool is_relay = strcmp(at->list, "relayNodes") == 0;

    node->pools = is_relay ? 0 : (uint32_t)pools;
    node->kind = is_relay ? kind_of_relay(node->name) : node->pools ? HOST_POOL : HOST_BFT;
}

static void read_node(struct reading *r, const struct place *at)
{
    struct topology_node *node = &r->into.nodes[r->into.count];
    enum ou_status status;
    uint32_t id;
    bool is_new;

    if (!json_is_object(at->object)) {
        fail_member(r, at, "", "an object");
        return;
    }
    node->name = read_text(r, at, "name", true);
    node->region = topology_region(read_text(r, at, "region", false));
    read_pools(r, at, node);
    if (r->status)
        return;
    status = intern_put(&r->names, span_of(node->name), &id, &is_new);
    if (status)
        fail_memory(r);
    else if (!is_new)
        fail_member(r, at, "name", "another one than those before");
    r->into.count++;
}

/* Names of nodes that the file does not have, as relays of elsewhere, are passed over; so is a node itself, and
 * what is told twice. */
static void read_producers(struct reading *r, const struct place *at, uint32_t self)
{
    struct topology_node *node = &r->into.nodes[self];
    const json_t *list = json_object_get(at->object, "producers");
    size_t count = json_array_size(list);

    if (list && !json_is_array(list) && !json_is_null(list))
        fail_member(r, at, "producers", "a list of names of nodes");
    node->producers = take(r, count, sizeof *node->producers, alignof(uint32_t));
    r->marks[self] = self + 1;
    for (size_t i = 0; i < count && !r->status; i++) {
        const json_t *name = json_array_get(list, i);
        struct span text = { json_string_value(name), json_string_length(name) };
        uint32_t to;

        if (!json_is_string(name)) {
            fail_member(r, at, "producers", "a list of names of nodes");
        } else if (intern_find(&r->names, text, &to) && r->marks[to] != self + 1) {
            r->marks[to] = self + 1;
            node->producers[node->producer_count++] = to;
        }
    }
}

/* Each node, in the order of the file. */
static void each_node(struct reading *r, const json_t *document, bool producers)
{
    uint32_t id = 0;

    for (size_t k = 0; k < NODE_LISTS; k++) {
        const json_t *list = json_object_get(document, node_lists[k]);

        for (size_t i = 0; i < json_array_size(list) && !r->status; i++) {
            struct place at = { node_lists[k], i, json_array_get(list, i) };

            if (producers)
                read_producers(r, &at, id++);
            else
                read_node(r, &at);
        }
    }
}

/* ---- links ---- */

static void read_links(struct reading *r, const json_t *document)
{
    const json_t *list = json_object_get(document, "links");
    size_t count = json_array_size(list);
    struct profile_link *links;

    if (!json_is_array(list))
        return;
    if (count > TOPOLOGY_REGION_LINKS_MAX) {
        r->status = ou_fail(r->err, OU_TOO_LARGE, "%s: links: at most %d", r->source,
                            TOPOLOGY_REGION_LINKS_MAX);
        return;
    }
    links = take(r, count, sizeof *links, alignof(struct profile_link));
    for (size_t i = 0; i < count && !r->status; i++) {
        struct place at = { "links", i, json_array_get(list, i) };

        links[i].a = read_text(r, &at, "a", true);
        links[i].b = read_text(r, &at, "b", true);
        links[i].latency_ms = read_number(r, &at, "latency_ms", LATENCY_MS_MAX);
        links[i].bytes_per_second = read_number(r, &at, "bytes_per_second", BYTES_PER_SECOND_MAX);
    }
    r->into.links = links;
    r->into.link_count = count;
}

/* ---- all of it ---- */

/* The lists that need not be there are lists, or null. */
static enum ou_status check_lists(const struct reading *r, const json_t *document)
{
    static const char *const lists[] = { "relayNodes", "links" };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const json_t *list = json_object_get(document, lists[i]);

        if (list && !json_is_array(list) && !json_is_null(list))
            return ou_fail(r->err, OU_INVALID, "%s: %s must be a list", r->source, lists[i]);
    }
    return OU_OK;
}

/* Room for nodes and links is known before any is taken. */
static enum ou_status check_size(const struct reading *r, const json_t *document, size_t *ret_nodes)
{
    size_t nodes = 0, links = 0;

    if (!json_is_array(json_object_get(document, "coreNodes")))
        return ou_fail(r->err, OU_INVALID,
                       "%s: it has no list coreNodes: it is no map of a cluster%s", r->source,
                       json_object_get(document, "localRoots") ||
                               json_object_get(document, "Producers")
                           ? ", but the file of one node"
                           : "");
    for (size_t k = 0; k < NODE_LISTS; k++) {
        const json_t *list = json_object_get(document, node_lists[k]);

        nodes += json_array_size(list);
        for (size_t i = 0; i < json_array_size(list); i++)
            links += json_array_size(json_object_get(json_array_get(list, i), "producers"));
    }
    if (nodes > TOPOLOGY_NODES_MAX || links > TOPOLOGY_LINKS_MAX)
        return ou_fail(r->err, OU_TOO_LARGE, "%s: %zu nodes and %zu links; at most %d and %d",
                       r->source, nodes, links, TOPOLOGY_NODES_MAX, TOPOLOGY_LINKS_MAX);
    *ret_nodes = nodes;
    return OU_OK;
}

static enum ou_status read_document(const json_t *document, const char *source,
                                    struct arena *memory, struct topology *ret,
                                    struct ou_error *err)
{
    struct reading r = { .source = source, .memory = memory, .err = err };
    size_t nodes = 0;
    enum ou_status status = check_lists(&r, document);

    if (!status)
        status = check_size(&r, document, &nodes);

    if (status)
        return status;
    r.into.nodes = take(&r, nodes, sizeof *r.into.nodes, alignof(struct topology_node));
    r.marks = take(&r, nodes, sizeof *r.marks, alignof(uint32_t));
    intern_init(&r.names, allocator_libc(), nodes, nodes * NAME_BYTES_MAX + 4096);
    if (!r.status)
        each_node(&r, document, false);
    if (!r.status)
        each_node(&r, document, true);
    if (!r.status)
        read_links(&r, document);
    intern_release(&r.names);
    if (!r.status)
        *ret = r.into;
    return r.status;
}

enum ou_status topology_parse(struct span text, const char *name, struct arena *memory,
                              struct topology *ret, struct ou_error *err)
{
    json_t *document = NULL;
    enum ou_status status = json_tree_parse(text, name, &document, err);

    if (!status)
        status = read_document(document, name, memory, ret, err);
    json_decref(document);
    return status;
}

enum ou_status topology_load(const char *path, struct arena *memory, struct topology *ret,
                             struct ou_error *err)
{
    json_t *document = NULL;
    enum ou_status status = json_tree_load(path, TOPOLOGY_FILE_BYTES_MAX, &document, err);

    if (!status)
        status = read_document(document, path, memory, ret, err);
    json_decref(document);
    return status;
}
