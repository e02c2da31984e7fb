#include "profile/node_specs.h"

#include <inttypes.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "profile/topology.h"

/* Where observers stand, if the cluster has it: next to most of the network. */
#define HOME_REGION "eu-central-1"

const char *host_kind_name(enum host_kind kind)
{
    static const char *const names[] = {
        [HOST_BFT] = "bft",           [HOST_POOL] = "pool",
        [HOST_PROXY] = "proxy",       [HOST_CHAINDB_SERVER] = "chaindb-server",
        [HOST_EXPLORER] = "explorer",
    };

    return names[kind];
}

/* What the composition asks for; 64 bits, so that sums cannot overflow. */
struct counts {
    uint64_t bft, singular, dense, density, producers, pools, hosts;
};

static struct counts counts_of(const struct profile *p)
{
    struct counts c = { .bft = p->bft_hosts, .singular = p->singular_hosts };

    if (p->pools_per_dense_host > 1) {
        c.dense = p->dense_hosts;
        c.density = p->pools_per_dense_host;
    } else {
        c.singular += p->dense_hosts; /* one pool is not dense */
    }
    c.producers = c.bft + c.singular + c.dense;
    c.pools = c.singular + c.dense * c.density;
    c.hosts = c.producers + p->with_proxy + p->with_chaindb_server + p->with_explorer;
    return c;
}

/* A condition holds for all hosts, or it is an object with one for a kind: {"explorer": 1000}. */
static uint64_t stop_of(const struct profile *p, const char *member, enum host_kind kind)
{
    const json_t *value = json_object_get(json_object_get(p->document, "node"), member);

    if (json_is_object(value))
        value = json_object_get(value, host_kind_name(kind));
    return json_is_integer(value) ? (uint64_t)json_integer_value(value) : UINT64_MAX;
}

static const char *home_region(const struct profile *p)
{
    for (size_t i = 0; i < p->region_count; i++)
        if (strcmp(topology_region(p->regions[i]), HOME_REGION) == 0)
            return HOME_REGION;
    return topology_region(p->regions[0]);
}

/* The next host of p->specs. */
static struct node_spec *add(struct profile *p, enum host_kind kind)
{
    struct node_spec *s = &p->specs[p->spec_count];

    s->index = (uint32_t)p->spec_count++;
    s->kind = kind;
    s->autostart = true;
    s->stop_slot = stop_of(p, "shutdown_on_slot_synced", kind);
    s->stop_block = stop_of(p, "shutdown_on_block_synced", kind);
    return s;
}

/* false: no memory. */
static bool add_producers(struct profile *p, enum host_kind kind, uint64_t count, uint64_t pools)
{
    for (uint64_t i = 0; i < count; i++) {
        struct node_spec *s = add(p, kind);
        char name[32];
        int len = snprintf(name, sizeof name, "node-%" PRIu32, s->index);

        s->region = topology_region(p->regions[s->index % p->region_count]);
        s->pools = (uint32_t)pools;
        s->first_pool = p->pools;
        p->pools += s->pools;
        s->name = arena_copy(&p->memory, name, (size_t)len);
        if (!s->name)
            return false;
    }
    return true;
}

/* Hosts that do not forge are called what they are. */
static void add_other(struct profile *p, enum host_kind kind, bool wanted)
{
    struct node_spec *s = wanted ? add(p, kind) : NULL;

    if (!s)
        return;
    s->name = host_kind_name(kind);
    s->region = home_region(p);
    s->autostart = kind != HOST_EXPLORER;
}

static enum ou_status check(const struct profile *p, const struct counts *c, struct ou_error *err)
{
    if (c->hosts > PROFILE_HOSTS_MAX || (c->hosts == 0 && p->scenario != SCENARIO_TRACER_ONLY))
        return ou_fail(err, OU_INVALID,
                       "composition: a cluster has 1 to %d hosts, not %" PRIu64
                       " (n_bft_hosts, n_singular_hosts, n_dense_hosts, with_...)",
                       PROFILE_HOSTS_MAX, c->hosts);
    if (c->pools > PROFILE_POOLS_MAX)
        return ou_fail(err, OU_INVALID,
                       "composition: at most %d pools, not %" PRIu64
                       " (n_dense_hosts times dense_pool_density)",
                       PROFILE_POOLS_MAX, c->pools);
    if (p->region_count == 0)
        return ou_fail(err, OU_INVALID, "composition.locations: one at least");
    return OU_OK;
}

enum ou_status node_specs_make(struct profile *p, struct ou_error *err)
{
    struct counts c = counts_of(p);
    enum ou_status status = check(p, &c, err);

    if (status)
        return status;
    p->hosts = (uint32_t)c.producers;
    p->pools = 0;
    p->spec_count = 0;
    p->specs = arena_take(&p->memory, (c.hosts + 1) * sizeof *p->specs, alignof(struct node_spec));
    if (!p->specs || !add_producers(p, HOST_BFT, c.bft, 0) ||
        !add_producers(p, HOST_POOL, c.singular, 1) ||
        !add_producers(p, HOST_POOL, c.dense, c.density))
        return ou_fail(err, OU_NO_MEMORY, "no memory for %" PRIu64 " hosts", c.hosts);
    add_other(p, HOST_PROXY, p->with_proxy);
    add_other(p, HOST_CHAINDB_SERVER, p->with_chaindb_server);
    add_other(p, HOST_EXPLORER, p->with_explorer);
    return OU_OK;
}

/* ---- node-specs.json ---- */

/* jansson's constructors take over what they are given, also when they fail, and pass NULL on. */

static json_t *number_or_null(uint64_t value, uint64_t none)
{
    return value == none ? json_null() : json_integer((json_int_t)value);
}

static json_t *spec_document(const struct node_spec *s, uint16_t port)
{
    bool produces = s->kind == HOST_BFT || s->kind == HOST_POOL;

    return json_pack("{s:I, s:s, s:I, s:b, s:s, s:b, s:o, s:s, s:o, s:o}", "i",
                     (json_int_t)s->index, "kind", host_kind_name(s->kind), "pools",
                     (json_int_t)s->pools, "autostart", s->autostart, "name", s->name, "isProducer",
                     produces, "port", number_or_null(port, 0), "region", s->region,
                     "shutdown_on_slot_synced", number_or_null(s->stop_slot, UINT64_MAX),
                     "shutdown_on_block_synced", number_or_null(s->stop_block, UINT64_MAX));
}

json_t *node_specs_document(const struct profile *p, const struct site *sites)
{
    json_t *all = json_object();

    for (size_t i = 0; i < p->spec_count; i++) {
        const struct node_spec *s = &p->specs[i];

        if (json_object_set_new(all, s->name, spec_document(s, sites ? sites[i].port : 0)) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}
