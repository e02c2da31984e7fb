#include <arpa/inet.h>
#include <math.h>

#include "json/tree.h"
#include "node/node_config.h"

#define LATENCY_MAX_MS 60000.0

struct reader {
    const char *path;
    struct arena *memory;
    struct node_topology *topology;
    enum ou_status status;
    struct ou_error *err;
};

static void fail(struct reader *r, const char *member, size_t index, const char *why)
{
    if (r->status == OU_OK)
        r->status = ou_fail(r->err, OU_INVALID, "%s: \"%s\" of peer %zu %s", r->path, member,
                            index + 1, why);
}

/* Members of the link model, each of which may be missing. */
static double rate_of(struct reader *r, const json_t *peer, const char *member, double most)
{
    const json_t *value = json_object_get(peer, member);
    const double number = json_number_value(value);

    if (!value || json_is_null(value))
        return 0;
    if (!json_is_number(value) || !(number >= 0 && number <= most)) {
        fail(r, member, r->topology->peer_count, "is out of range");
        return 0;
    }
    return number;
}

static const char *address_of(struct reader *r, const json_t *peer, const char *member)
{
    const json_t *value = json_object_get(peer, member);
    const char *address = json_string_value(value);
    unsigned char binary[sizeof(struct in6_addr)];
    char *copy;

    if (!address ||
        (inet_pton(AF_INET, address, binary) != 1 && inet_pton(AF_INET6, address, binary) != 1)) {
        fail(r, member, r->topology->peer_count, "is no numeric address");
        return NULL;
    }
    copy = arena_copy(r->memory, address, json_string_length(value));
    if (!copy && r->status == OU_OK)
        r->status = ou_fail(r->err, OU_NO_MEMORY, "%s: no memory for its peers", r->path);
    return copy;
}

static void read_peer(struct reader *r, const json_t *peer, const char *address_member)
{
    struct node_topology *t = r->topology;
    const json_t *port = json_object_get(peer, "port");
    struct topology_peer got;

    if (!json_is_integer(port) || json_integer_value(port) < 1 ||
        json_integer_value(port) > UINT16_MAX)
        fail(r, "port", t->peer_count, "is no port");
    got = (struct topology_peer){
        .address = address_of(r, peer, address_member),
        .port = (uint16_t)json_integer_value(port),
        .model = {
            .latency_ns = (int64_t)(rate_of(r, peer, "latencyMs", LATENCY_MAX_MS) * 1e6),
            .bytes_per_second = (uint64_t)ceil(rate_of(r, peer, "bytesPerSecond", 1e15)),
        },
    };
    if (r->status)
        return;
    if (t->peer_count == TOPOLOGY_PEERS_MAX)
        r->status =
            ou_fail(r->err, OU_TOO_LARGE, "%s: more than %d peers", r->path, TOPOLOGY_PEERS_MAX);
    else
        t->peers[t->peer_count++] = got;
}

static void read_list(struct reader *r, const json_t *list, const char *name,
                      const char *address_member)
{
    if (!json_is_array(list) && r->status == OU_OK)
        r->status = ou_fail(r->err, OU_INVALID, "%s: \"%s\" is no list", r->path, name);
    for (size_t i = 0; i < json_array_size(list) && r->status == OU_OK; i++)
        read_peer(r, json_array_get(list, i), address_member);
}

static void read_roots(struct reader *r, const json_t *roots)
{
    if (!json_is_array(roots) && r->status == OU_OK)
        r->status = ou_fail(r->err, OU_INVALID, "%s: \"localRoots\" is no list", r->path);
    for (size_t i = 0; i < json_array_size(roots) && r->status == OU_OK; i++)
        read_list(r, json_object_get(json_array_get(roots, i), "accessPoints"), "accessPoints",
                  "address");
}

static void read_topology(struct reader *r, const json_t *root)
{
    const json_t *legacy = json_object_get(root, "Producers");
    const json_t *roots = json_object_get(root, "localRoots");

    if (legacy)
        read_list(r, legacy, "Producers", "addr");
    else if (roots)
        read_roots(r, roots);
    else
        r->status =
            ou_fail(r->err, OU_INVALID,
                    "%s: has neither \"localRoots\" nor, as older ones, \"Producers\"", r->path);
}

enum ou_status node_topology_load(const char *path, struct arena *memory, struct node_topology *ret,
                                  struct ou_error *err)
{
    struct node_topology got = { 0 };
    struct reader r = { .path = path, .memory = memory, .topology = &got, .err = err };
    json_t *root;
    enum ou_status status;

    got.peers =
        arena_take(memory, TOPOLOGY_PEERS_MAX * sizeof *got.peers, _Alignof(struct topology_peer));
    if (!got.peers)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory for its peers", path);
    status = json_tree_load(path, NODE_CONFIG_MAX_BYTES, &root, err);
    if (status)
        return status;
    read_topology(&r, root);
    json_decref(root);
    if (r.status == OU_OK)
        *ret = got;
    return r.status;
}
