#include "analyse/arrival.h"

#include <stdlib.h>

#include "analyse/block_metrics.h"

/* The delays of the accepted blocks, point by point. */
struct delays {
    size_t points, blocks; /* blocks: room of each point */
    double *values;        /* [point * blocks + i], s */
    size_t *counts;        /* by point */
    double *of_block;      /* one block's delays, while they are sorted */
};

size_t arrival_points(uint32_t cluster_size)
{
    return cluster_size < ARRIVAL_POINTS_MAX ? cluster_size : ARRIVAL_POINTS_MAX;
}

uint32_t arrival_hosts(uint32_t cluster_size, size_t i)
{
    uint64_t points = arrival_points(cluster_size);

    return (uint32_t)(((i + 1) * cluster_size + points - 1) / points);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void add_delay(double *values, size_t *n, int64_t ns)
{
    if (ns != TIME_NONE)
        values[(*n)++] = (double)ns / NS_PER_SECOND;
}

static void add_block(struct delays *d, uint32_t cluster_size, const struct chain_block *block)
{
    size_t n = 0;

    if (block->forger != NO_HOST)
        add_delay(d->of_block, &n, block->forger_adoption_ns);
    for (uint32_t i = 0; i < block->observation_count; i++)
        add_delay(d->of_block, &n, block->observations[i].adoption_ns);
    qsort(d->of_block, n, sizeof(*d->of_block), by_value);
    for (size_t i = 0; i < d->points; i++) {
        uint32_t k = arrival_hosts(cluster_size, i);

        if (k <= n)
            d->values[i * d->blocks + d->counts[i]++] = d->of_block[k - 1];
    }
}

static bool delays_init(struct delays *d, const struct analysis *a)
{
    d->points = arrival_points(a->cluster_size);
    d->blocks = a->accepted_count;
    d->values = calloc(d->points * d->blocks + 1, sizeof(*d->values));
    d->counts = calloc(d->points + 1, sizeof(*d->counts));
    d->of_block = calloc((size_t)a->host_count + 1, sizeof(*d->of_block));
    return d->values && d->counts && d->of_block;
}

static void delays_release(struct delays *d)
{
    free(d->values);
    free(d->counts);
    free(d->of_block);
}

static struct adoption_share share_of(struct delays *d, uint32_t cluster_size, size_t i)
{
    double *values = d->values + i * d->blocks;
    size_t n = d->counts[i];

    qsort(values, n, sizeof(*values), by_value);
    return (struct adoption_share){
        .hosts = arrival_hosts(cluster_size, i),
        .p05_s = quantile_sorted(values, n, .05, QUANTILE_TYPE7),
        .p50_s = quantile_sorted(values, n, .50, QUANTILE_TYPE7),
        .p95_s = quantile_sorted(values, n, .95, QUANTILE_TYPE7),
    };
}

enum ou_status arrival_fill(struct analysis *a, struct ou_error *err)
{
    struct delays d = { 0 };
    struct arrival_result *r = &a->arrival;
    bool ready = delays_init(&d, a);

    if (run_context_follows_chain(a->context) && !a->compat) {
        delays_release(&d);
        return OU_OK; /* its blocks were there before */
    }
    r->curve =
        arena_take(&a->memory, (d.points + 1) * sizeof(*r->curve), _Alignof(struct adoption_share));
    if (!ready || !r->curve) {
        delays_release(&d);
        return ou_fail(err, OU_NO_MEMORY, "no memory for the arrival of blocks");
    }
    for (size_t i = 0; i < a->block_count; i++)
        if (block_metric_counts(&a->blocks[i]))
            add_block(&d, a->cluster_size, &a->blocks[i]);
    r->blocks = d.points ? d.counts[0] : 0;
    for (size_t i = 0; i < d.points; i++)
        if (d.counts[i] > 0)
            r->curve[r->point_count++] = share_of(&d, a->cluster_size, i);
    delays_release(&d);
    return OU_OK;
}
