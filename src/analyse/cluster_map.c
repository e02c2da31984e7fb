#include "analyse/cluster_map.h"

#include <stdlib.h>
#include <string.h>

#include "analyse/run_document.h"
#include "base/intern.h"

#define MEMORY_BYTES_MAX ((size_t)256 << 20)
#define NAME_BYTES_MAX ((size_t)16 << 20)

#define COMMON_ASSUMPTIONS                                                                  \
    "; joined nodes exchange blocks both ways; the windows of connections are open, which " \
    "leaves out slow start; checking headers takes no time, uplinks have no limit"

/* A link between two regions. */
struct region_link {
    const char *a, *b; /* by name */
    size_t order;      /* in the list */
    double latency_ms, bytes_per_second;
};

struct map_reading {
    struct run_document doc;
    struct cluster_map *into;
    struct intern names;              /* of nodes, by number */
    const char **regions;             /* by number of the node */
    struct region_link *region_links; /* by names, each pair once */
    size_t region_link_count;
    bool has_region_links; /* there is a list, be it empty */
    bool are_links_modelled;
};

/* --- Places ---------------------------------------------------------------- */

/* The regions of a public cloud that clusters stand in: the city next to each. */
static const struct region {
    const char *name;
    double latitude, longitude;
} regions[] = {
    { "ap-northeast-1", 35.68, 139.69 },  /* Tokyo */
    { "ap-south-1", 19.08, 72.88 },       /* Mumbai */
    { "ap-southeast-1", 1.35, 103.82 },   /* Singapore */
    { "ap-southeast-2", -33.87, 151.21 }, /* Sydney */
    { "ca-central-1", 45.50, -73.57 },    /* Montreal */
    { "eu-central-1", 50.11, 8.68 },      /* Frankfurt */
    { "eu-north-1", 59.33, 18.07 },       /* Stockholm */
    { "eu-west-1", 53.35, -6.26 },        /* Dublin */
    { "eu-west-2", 51.51, -0.13 },        /* London */
    { "eu-west-3", 48.86, 2.35 },         /* Paris */
    { "sa-east-1", -23.55, -46.63 },      /* Sao Paulo */
    { "us-east-1", 39.04, -77.49 },       /* Ashburn, Virginia */
    { "us-east-2", 39.96, -83.00 },       /* Columbus, Ohio */
    { "us-west-1", 37.35, -121.95 },      /* Santa Clara, California */
    { "us-west-2", 45.84, -119.70 },      /* Boardman, Oregon */
};

static const struct region *find_region(const char *name)
{
    for (size_t i = 0; name && i < sizeof(regions) / sizeof(*regions); i++)
        if (strcmp(regions[i].name, name) == 0)
            return &regions[i];
    return NULL;
}

static double fibre_rtt_s(const char *a, const char *b)
{
    const struct region *from = find_region(a), *to = find_region(b);

    if (!from || !to)
        return 0;
    return diffusion_fibre_rtt_s(
        diffusion_distance_km(from->latitude, from->longitude, to->latitude, to->longitude));
}

/* --- Links between regions ------------------------------------------------------ */

static void read_region_link(struct map_reading *r, const struct place *link,
                             struct region_link *ret)
{
    const char *swap;

    run_document_text(&r->doc, link, "a", &ret->a);
    run_document_text(&r->doc, link, "b", &ret->b);
    run_document_number(&r->doc, link, "latency_ms", &ret->latency_ms);
    run_document_number(&r->doc, link, "bytes_per_second", &ret->bytes_per_second);
    if (!ret->a || !ret->b)
        run_document_fail_type(&r->doc, link, ret->a ? "b" : "a", "given");
    if (!(ret->latency_ms >= 0 && ret->bytes_per_second >= 0))
        run_document_fail_type(&r->doc, link, "latency_ms", "0 or more, as bytes_per_second");
    if (ret->a && ret->b && strcmp(ret->a, ret->b) > 0)
        swap = ret->a, ret->a = ret->b, ret->b = swap;
}

static int by_regions(const void *one, const void *other)
{
    const struct region_link *x = one, *y = other;
    int order = strcmp(x->a, y->a);

    return order ? order : strcmp(x->b, y->b);
}

static int by_regions_and_order(const void *one, const void *other)
{
    const struct region_link *x = one, *y = other;
    int order = by_regions(one, other);

    return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* Of links that are told twice the first one counts. */
static void sort_region_links(struct map_reading *r)
{
    struct region_link *links = r->region_links;
    size_t n = 0;

    qsort(links, r->region_link_count, sizeof(*links), by_regions_and_order);
    for (size_t i = 0; i < r->region_link_count; i++)
        if (n == 0 || by_regions(&links[n - 1], &links[i]) != 0)
            links[n++] = links[i];
    r->region_link_count = n;
}

/* NULL when none is told. */
static const struct region_link *find_region_link(const struct map_reading *r, const char *a,
                                                  const char *b)
{
    bool in_order = strcmp(a, b) <= 0;
    struct region_link wanted = { .a = in_order ? a : b, .b = in_order ? b : a };

    if (r->region_link_count == 0)
        return NULL;
    return bsearch(&wanted, r->region_links, r->region_link_count, sizeof(wanted), by_regions);
}

/* The list `links` of an object, in place of one that was read before. */
static void read_region_links(struct map_reading *r, const struct place *of)
{
    const json_t *list = run_document_list(&r->doc, of, "links");
    size_t n = json_array_size(list);

    if (!list)
        return;
    r->has_region_links = true;
    r->region_link_count = 0;
    if (!r->are_links_modelled)
        return;
    r->region_links = run_document_items(&r->doc, n, sizeof(*r->region_links));
    for (size_t i = 0; i < n && !r->doc.status; i++) {
        struct place link = run_document_item(&r->doc, of, "links", i);

        r->region_links[i] = (struct region_link){ .order = i };
        read_region_link(r, &link, &r->region_links[r->region_link_count++]);
    }
    if (n > 0 && !r->doc.status)
        sort_region_links(r);
}

static void read_profile(struct map_reading *r, const json_t *profile)
{
    struct place root = { .object = profile };
    struct place composition = run_document_section(&r->doc, &root, "composition");

    read_region_links(r, &composition);
}

/* --- The topology -------------------------------------------------------------- */

/* The lists of nodes that a topology file may have. */
static const char *const node_lists[] = { "coreNodes", "relayNodes" };
#define NODE_LISTS (sizeof(node_lists) / sizeof(*node_lists))

static void read_node(struct map_reading *r, const struct place *node)
{
    const char *name = NULL;
    uint32_t id;
    bool is_new;

    run_document_text(&r->doc, node, "name", &name);
    if (!name) {
        run_document_fail_type(&r->doc, node, "name", "given");
    } else if (intern_put(&r->names, span_of(name), &id, &is_new) != OU_OK) {
        run_document_fail_memory(&r->doc);
    } else if (!is_new) {
        run_document_fail_type(&r->doc, node, "name", "another one than those before");
    } else {
        r->into->names[id] = name;
        run_document_text(&r->doc, node, "region", &r->regions[id]);
    }
}

static void add_link(struct map_reading *r, uint32_t a, uint32_t b)
{
    struct diffusion_link link = { .from = a, .to = b };
    const char *from = r->regions[a], *to = r->regions[b];
    const struct region_link *told = from && to ? find_region_link(r, from, to) : NULL;

    if (!r->has_region_links)
        link.rtt_s = fibre_rtt_s(from, to);
    if (told) {
        link.rtt_s = 2 * told->latency_ms / 1e3;
        link.bytes_per_second = told->bytes_per_second;
    }
    r->into->links[r->into->link_count++] = link;
    link.from = b, link.to = a;
    r->into->links[r->into->link_count++] = link;
}

/* Producers that are no nodes of the file, as relays of elsewhere, are passed over. */
static void read_producers(struct map_reading *r, const struct place *node, uint32_t id)
{
    const json_t *list = run_document_list(&r->doc, node, "producers");
    size_t n = json_array_size(list);

    for (size_t i = 0; i < n && !r->doc.status; i++) {
        const json_t *producer = json_array_get(list, i);
        struct span name = { json_string_value(producer), json_string_length(producer) };
        uint32_t other;

        if (!json_is_string(producer))
            run_document_fail_type(&r->doc, node, "producers", "a list of names of nodes");
        else if (intern_find(&r->names, name, &other) && other != id)
            add_link(r, id, other);
    }
}

/* Nodes, and producers of all of them, that there must be room for. */
static size_t count_nodes(struct map_reading *r, const struct place *root, size_t *ret_producers)
{
    size_t nodes = 0;

    *ret_producers = 0;
    for (size_t k = 0; k < NODE_LISTS; k++) {
        const json_t *list = run_document_list(&r->doc, root, node_lists[k]);

        nodes += json_array_size(list);
        for (size_t i = 0; i < json_array_size(list); i++)
            *ret_producers +=
                json_array_size(json_object_get(json_array_get(list, i), "producers"));
    }
    return nodes;
}

/* The nodes' names, in the order of the file, or then, when all are known, who is joined with whom. */
static void read_nodes(struct map_reading *r, const struct place *root, bool names)
{
    uint32_t id = 0;

    for (size_t k = 0; k < NODE_LISTS; k++) {
        size_t n = json_array_size(run_document_member(root, node_lists[k]));

        for (size_t i = 0; i < n && !r->doc.status; i++) {
            struct place node = run_document_item(&r->doc, root, node_lists[k], i);

            if (r->doc.status)
                return;
            if (names)
                read_node(r, &node);
            else
                read_producers(r, &node, id++);
        }
    }
}

static void read_topology(struct map_reading *r, const json_t *topology)
{
    struct place root = { .object = topology };
    size_t producers, nodes;

    if (!run_document_member(&root, "coreNodes")) {
        r->doc.status = ou_fail(r->doc.err, OU_NOT_FOUND,
                                "%s: has no coreNodes: it is no map of a cluster", r->doc.path);
        return;
    }
    nodes = count_nodes(r, &root, &producers);
    if (!r->doc.status && (nodes > CLUSTER_MAP_NODES_MAX || producers > CLUSTER_MAP_LINKS_MAX / 2))
        r->doc.status = ou_fail(r->doc.err, OU_TOO_LARGE, "%s: more than %d nodes, or %d links",
                                r->doc.path, CLUSTER_MAP_NODES_MAX, CLUSTER_MAP_LINKS_MAX);
    if (!r->doc.status)
        read_region_links(r, &root);
    if (r->doc.status)
        return;
    r->into->names = run_document_items(&r->doc, nodes, sizeof(*r->into->names));
    r->regions = run_document_items(&r->doc, nodes, sizeof(*r->regions));
    r->into->links = run_document_items(&r->doc, 2 * producers, sizeof(*r->into->links));
    if (r->doc.status)
        return;
    read_nodes(r, &root, true);
    r->into->count = (uint32_t)nodes;
    read_nodes(r, &root, false);
}

/* --- Both ------------------------------------------------------------------------ */

static const char *assumptions_of(const struct map_reading *r)
{
    if (r->has_region_links && !r->are_links_modelled)
        return "hosts stood apart, where the profile's links delay nothing; how far apart is not "
               "known, and taken for no distance" COMMON_ASSUMPTIONS;
    if (r->has_region_links)
        return "round trips are twice the latencies of the run's links, bandwidths as told "
               "there; links that are not told have neither" COMMON_ASSUMPTIONS;
    return "the profile tells no links: round trips are the least that light in fibre needs "
           "between the regions, bandwidths have no limit" COMMON_ASSUMPTIONS;
}

static enum ou_status read_both(const char *topology_path, const json_t *topology,
                                const char *profile_path, const json_t *profile,
                                bool are_links_modelled, struct cluster_map *into,
                                struct ou_error *err)
{
    struct map_reading r = { .doc = { .path = profile_path, .memory = &into->memory, .err = err },
                             .into = into,
                             .are_links_modelled = are_links_modelled };

    intern_init(&r.names, allocator_libc(), CLUSTER_MAP_NODES_MAX, NAME_BYTES_MAX);
    read_profile(&r, profile);
    r.doc.path = topology_path;
    if (!r.doc.status)
        read_topology(&r, topology);
    into->assumptions = assumptions_of(&r);
    intern_release(&r.names);
    return r.doc.status;
}

enum ou_status cluster_map_load(const char *topology_path, const char *profile_path,
                                bool are_links_modelled, struct cluster_map *ret,
                                struct ou_error *err)
{
    struct cluster_map got = { .count = 0 };
    json_t *topology = NULL, *profile = NULL;
    enum ou_status status = run_document_load(topology_path, &topology, err);

    arena_init(&got.memory, allocator_libc(), MEMORY_BYTES_MAX);
    if (!status)
        status = run_document_load(profile_path, &profile, err);
    if (!status)
        status = read_both(topology_path, topology, profile_path, profile, are_links_modelled, &got,
                           err);
    json_decref(topology);
    json_decref(profile);
    if (status)
        cluster_map_release(&got);
    else
        *ret = got;
    return status;
}

void cluster_map_release(struct cluster_map *map)
{
    arena_release(&map->memory);
    *map = (struct cluster_map){ 0 };
}
