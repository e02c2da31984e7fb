/* Clusters made by hand: hosts, and blocks that they forge and adopt. */
#ifndef OU_ANALYSE_BLOCKS_TEST_H
#define OU_ANALYSE_BLOCKS_TEST_H

#include <math.h>

#include "analyse/analysis.h"
#include "support/near.h"
#include "support/test.h"

#define MS INT64_C(1000000) /* nanoseconds */
#define NEVER (-1)

enum { CLUSTER_HOSTS_MAX = 300, CLUSTER_BLOCKS_MAX = 8 };

/* a is filled by the functions below. */
struct test_cluster {
    struct analysis a;
    struct host_result hosts[CLUSTER_HOSTS_MAX];
    struct chain_block blocks[CLUSTER_BLOCKS_MAX];
    struct block_observation observations[CLUSTER_BLOCKS_MAX][CLUSTER_HOSTS_MAX];
};

static inline void cluster_init(struct test_cluster *c, uint32_t hosts, const char *const *names)
{
    memset(c, 0, sizeof(*c));
    arena_init(&c->a.memory, allocator_libc(), 1 << 24);
    for (uint32_t i = 0; i < hosts; i++)
        c->hosts[i] =
            (struct host_result){ .name = names ? names[i] : "host", .cluster_member = true };
    c->a.hosts = c->hosts;
    c->a.host_count = c->a.cluster_size = hosts;
    c->a.blocks = c->blocks;
}

static inline void cluster_release(struct test_cluster *c)
{
    arena_release(&c->a.memory);
}

/* An accepted block: each host's milliseconds from the start of the slot to its
 * adoption, NEVER for none; the forger's entry is its own. */
static inline struct chain_block *cluster_block(struct test_cluster *c, uint32_t forger,
                                                int64_t size, int64_t announced_ms,
                                                const double *adopted_ms)
{
    size_t at = c->a.block_count++;
    struct chain_block *b = &c->blocks[at];

    assert_true(at < CLUSTER_BLOCKS_MAX);
    *b = (struct chain_block){ .hash = "hash",
                               .number = (int64_t)at,
                               .fate = BLOCK_CHAINED,
                               .accepted = true,
                               .forger = forger,
                               .size_bytes = size,
                               .observations = c->observations[at] };
    b->forger_delta_ns[FORGER_ANNOUNCED_CUM] = announced_ms * MS;
    b->forger_adoption_ns = (int64_t)llround(adopted_ms[forger] * MS);
    for (uint32_t h = 0; h < c->a.host_count; h++) {
        if (h == forger)
            continue;
        b->observations[b->observation_count++] = (struct block_observation){
            .host = h,
            .adoption_ns = adopted_ms[h] < 0 ? TIME_NONE : (int64_t)llround(adopted_ms[h] * MS),
        };
    }
    c->a.chained_count = ++c->a.accepted_count;
    return b;
}

#endif
