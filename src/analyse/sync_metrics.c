/* The metrics of the section "sync": how fast a node catches up with a chain that was there before it. */
#include <math.h>
#include <string.h>

#include "analyse/metric_making.h"

/* What one host adopted. */
struct adoptions {
    size_t blocks;
    int64_t first_ns, last_ns; /* wall clock */
};

static void count(struct adoptions *all, const struct chain_block *block)
{
    for (uint32_t i = 0; i < block->observation_count; i++) {
        const struct block_observation *o = &block->observations[i];
        struct adoptions *own = &all[o->host];
        int64_t at_ns;

        if (o->adoption_ns == TIME_NONE || block->slot_start_ns == TIME_NONE)
            continue;
        at_ns = block->slot_start_ns + o->adoption_ns;
        if (own->blocks == 0 || at_ns < own->first_ns)
            own->first_ns = at_ns;
        if (own->blocks == 0 || at_ns > own->last_ns)
            own->last_ns = at_ns;
        own->blocks++;
    }
}

/* Of a host with two blocks at least: one tells of no time. */
static double value_of(const struct adoptions *a, const char *id)
{
    double seconds = (double)(a->last_ns - a->first_ns) / NS_PER_SECOND;

    if (strcmp(id, "syncSeconds") == 0)
        return seconds;
    if (strcmp(id, "syncBlocks") == 0)
        return (double)a->blocks;
    return seconds > 0 ? (double)(a->blocks - 1) / seconds : NAN;
}

enum ou_status metric_make_sync(struct metric_making *m, const char *id)
{
    size_t hosts = m->a->host_count + 1;
    struct adoptions *all =
        arena_take(&m->a->memory, hosts * sizeof *all, _Alignof(struct adoptions));

    m->out->by_host =
        arena_take(&m->a->memory, hosts * sizeof(struct moments), _Alignof(struct moments));
    if (!all || !m->out->by_host)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < m->a->block_count; i++)
        count(all, &m->a->blocks[i]);
    for (uint32_t i = 0; i < m->a->host_count; i++) {
        double value = all[i].blocks >= 2 ? value_of(&all[i], id) : NAN;

        metric_add(m, value);
        if (!isnan(value))
            moments_add(&m->out->by_host[i], value);
    }
    metric_distribution(m, "no host adopted two blocks");
    return OU_OK;
}
