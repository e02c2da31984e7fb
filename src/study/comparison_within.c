/* What can be said inside of runs: how the values of blocks are distributed, and
 * how far blocks and hosts of one run tell its mean. Other runs may lie anywhere
 * outside of that. */
#include <string.h>

#include "stats/mean.h"
#include "stats/serial.h"
#include "stats/sort.h"
#include "study/comparison_inside.h"

static const double confidence = .95;

static const struct run_value *value_of(const struct finished_run *run,
                                        const struct metric_info *info)
{
    return run_value_find(run, info->section, info->id);
}

/* The known values of a run's blocks, in their order; 0 where the metric is none of blocks. */
static size_t take_blocks(const struct finished_run *run, const struct metric_info *info,
                          double *ret)
{
    const struct run_value *value = value_of(run, info);
    size_t n = 0;

    if (!value || !value->blocks)
        return 0;
    for (size_t i = 0; i < run->block_count; i++)
        if (isfinite(value->blocks[i]))
            ret[n++] = value->blocks[i];
    return n;
}

static size_t pool_blocks(const struct run_set *set, const struct metric_info *info, double *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < set->count; i++)
        n += take_blocks(&set->runs[i], info, ret + n);
    sort_doubles(allocator_libc(), ret, n);
    return n;
}

static void compare_distributions(struct side_work *w, struct metric_comparison *m)
{
    struct two_samples pools = { .a = w->pool_a, .b = w->pool_b };

    pools.na = pool_blocks(w->base, m->info, w->pool_a);
    pools.nb = pool_blocks(w->variant, m->info, w->pool_b);
    if (!pools.na || !pools.nb)
        return;
    m->ks = kolmogorov_smirnov(&pools).d;
    m->wasserstein = wasserstein(&pools);
}

/* Blocks of one run each. Neighbours are alike, so that fewer values count than there are. */
static struct interval interval_of_blocks(struct side_work *w, const struct metric_info *info)
{
    size_t na = take_blocks(&w->base->runs[0], info, w->pool_a);
    size_t nb = take_blocks(&w->variant->runs[0], info, w->pool_b);

    if (na < 2 || nb < 2)
        return interval_none();
    return welch_of_moments(mean_of(w->pool_a, na), sqrt(variance_of(w->pool_a, na)),
                            serial_of(w->pool_a, na).effective_n, mean_of(w->pool_b, nb),
                            sqrt(variance_of(w->pool_b, nb)), serial_of(w->pool_b, nb).effective_n,
                            confidence)
        .interval;
}

static double host_mean(const struct finished_run *run, const struct run_value *value,
                        const char *host)
{
    for (size_t i = 0; i < value->host_count; i++)
        if (strcmp(run->hosts[value->hosts[i].host], host) == 0)
            return value->hosts[i].mean;
    return NAN;
}

/* The same hosts in both runs, compared host by host; pool_a and pool_b have no less room than hosts. */
static struct interval interval_of_hosts(struct side_work *w, const struct metric_info *info)
{
    const struct finished_run *base = &w->base->runs[0], *variant = &w->variant->runs[0];
    const struct run_value *a = value_of(base, info), *b = value_of(variant, info);
    size_t n = 0;

    if (!a || !b)
        return interval_none();
    for (size_t i = 0; i < a->host_count; i++) {
        double other = host_mean(variant, b, base->hosts[a->hosts[i].host]);

        if (!isfinite(a->hosts[i].mean) || !isfinite(other))
            continue;
        w->pool_a[n] = a->hosts[i].mean;
        w->pool_b[n++] = other;
    }
    return paired_t(w->pool_a, w->pool_b, n, confidence).interval;
}

void compare_within(struct side_work *w, struct metric_comparison *m)
{
    compare_distributions(w, m);
    if (w->base->count > 1 || w->variant->count > 1)
        return;
    m->within_run = interval_of_blocks(w, m->info);
    if (!interval_known(m->within_run))
        m->within_run = interval_of_hosts(w, m->info);
    if (m->basis == BASIS_NONE && interval_known(m->within_run))
        m->basis = BASIS_WITHIN_RUN;
}
