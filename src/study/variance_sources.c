/* Where the variation of a metric comes from. */
#include <string.h>

#include "stats/mean.h"
#include "stats/quantile_bootstrap.h"
#include "stats/sort.h"
#include "study/stands_apart.h"
#include "study/variance_parts.h"

#define STEADY_LEVEL .01

static void *take(struct arena *memory, size_t n, size_t item_bytes)
{
    return arena_take(memory, (n ? n : 1) * item_bytes, sizeof(double));
}

/* --- Hosts that take part in every run ---------------------------------------------------- */

/* Hosts are known by their names: runs number them each for itself. */
struct host_table {
    const char **names; /* of hosts with samples in every run */
    size_t hosts, runs;
    struct cell_moments *cells; /* [run * hosts + host] */
    bool deviations;            /* each cell's is known */
};

static const struct host_part *part_of(const struct finished_run *run, const struct run_value *v,
                                       const char *name)
{
    for (size_t i = 0; i < v->host_count; i++)
        if (strcmp(run->hosts[v->hosts[i].host], name) == 0)
            return isfinite(v->hosts[i].mean) ? &v->hosts[i] : NULL;
    return NULL;
}

static struct cell_moments cell_of(const struct host_part *part, bool deviations)
{
    /* Where a host's samples are not told, its mean counts as one. */
    if (!deviations)
        return (struct cell_moments){ 1, part->mean, 0 };
    return (struct cell_moments){ (size_t)part->n, part->mean,
                                  part->n > 1 ? part->sd * part->sd * (part->n - 1) : 0 };
}

static bool has_deviation(const struct host_part *part)
{
    return part->n >= 1 && part->n < 1e15 && (part->n < 2 || isfinite(part->sd));
}

static const struct host_part **gather_parts(const struct metric_runs *m, struct arena *memory,
                                             size_t first, struct host_table *ret)
{
    const struct run_value *v = m->values[first];
    const struct host_part **parts =
        take(memory, v->host_count * m->count, sizeof(const struct host_part *));

    ret->names = take(memory, v->host_count, sizeof *ret->names);
    if (!parts || !ret->names)
        return NULL;
    for (size_t h = 0; h < v->host_count; h++) {
        const char *name = m->set->runs[first].hosts[v->hosts[h].host];
        size_t found = 0;

        for (size_t i = 0; i < m->set->count; i++) {
            const struct host_part *part =
                m->values[i] ? part_of(&m->set->runs[i], m->values[i], name) : NULL;

            if (part)
                parts[ret->hosts * m->count + found++] = part;
        }
        if (found == m->count)
            ret->names[ret->hosts++] = name;
    }
    return parts;
}

/* *ret has no hosts where the runs have none in common, or a run does not tell them. */
static enum ou_status make_host_table(const struct metric_runs *m, struct arena *memory,
                                      struct host_table *ret)
{
    const struct host_part **parts;
    size_t first = 0;

    *ret = (struct host_table){ .runs = m->count, .deviations = true };
    while (!m->values[first])
        first++;
    if (m->values[first]->host_count == 0)
        return OU_OK;
    parts = gather_parts(m, memory, first, ret);
    ret->cells = take(memory, ret->hosts * m->count, sizeof *ret->cells);
    if (!parts || !ret->cells)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < ret->hosts * m->count; i++)
        ret->deviations = ret->deviations && has_deviation(parts[i]);
    for (size_t h = 0; h < ret->hosts; h++)
        for (size_t i = 0; i < m->count; i++)
            ret->cells[i * ret->hosts + h] = cell_of(parts[h * m->count + i], ret->deviations);
    return OU_OK;
}

/* --- Odd ones --------------------------------------------------------------------------------- */

static size_t find_odd(const struct metric_info *info, const double *values, const double *sorted,
                       const char *const *names, size_t n, struct odd_one *ret)
{
    size_t found = 0;

    for (size_t i = 0; i < n && found < ODD_MAX; i++) {
        double z;

        if (stands_apart(info, values[i], sorted, n, &z))
            ret[found++] = (struct odd_one){ names[i], z };
    }
    return found;
}

void variance_odd_runs(const struct metric_runs *m, struct metric_variance *ret)
{
    ret->odd_run_count = find_odd(m->info, m->means, m->sorted, m->titles, m->count, ret->odd_runs);
}

static enum ou_status find_odd_hosts(const struct host_table *hosts, const struct metric_info *info,
                                     struct arena *memory, struct metric_variance *ret)
{
    double *means = take(memory, hosts->hosts, sizeof *means);
    double *sorted = take(memory, hosts->hosts, sizeof *sorted);

    if (!means || !sorted)
        return OU_NO_MEMORY;
    for (size_t h = 0; h < hosts->hosts; h++) {
        for (size_t i = 0; i < hosts->runs; i++)
            means[h] += hosts->cells[i * hosts->hosts + h].mean / (double)hosts->runs;
        sorted[h] = means[h];
    }
    sort_doubles(allocator_libc(), sorted, hosts->hosts);
    ret->odd_host_count = find_odd(info, means, sorted, hosts->names, hosts->hosts, ret->odd_hosts);
    return OU_OK;
}

/* --- Shares of hosts ------------------------------------------------------------------------------ */

enum ou_status variance_hosts(const struct metric_runs *m, struct arena *memory,
                              struct metric_variance *ret)
{
    struct crossed_components c;
    struct host_table hosts;
    enum ou_status status = make_host_table(m, memory, &hosts);

    ret->shares.run = ret->shares.host = ret->shares.interaction = ret->shares.within = NAN;
    if (status || hosts.hosts < 2)
        return status;
    if (hosts.runs >= 2 && crossed_components(hosts.cells, hosts.runs, hosts.hosts, &c) == OU_OK) {
        ret->shares.crossed = true;
        ret->shares.run = c.share_run;
        ret->shares.host = c.share_host;
        ret->shares.interaction = c.share_interaction;
        ret->shares.within = c.share_error;
    }
    return find_odd_hosts(&hosts, m->info, memory, ret);
}

/* --- Blocks --------------------------------------------------------------------------------------- */

/* Those values of a run's blocks that are there. */
static enum ou_status block_values(const struct metric_runs *m, size_t run, struct arena *memory,
                                   double **ret, size_t *ret_n)
{
    const struct run_value *v = m->values[run];
    size_t blocks = m->set->runs[run].block_count;

    *ret_n = 0;
    *ret = NULL;
    if (!v || !v->blocks)
        return OU_OK;
    *ret = take(memory, blocks, sizeof **ret);
    if (!*ret)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < blocks; i++)
        if (isfinite(v->blocks[i]))
            (*ret)[(*ret_n)++] = v->blocks[i];
    return OU_OK;
}

/* The blocks of each run that has any. */
struct block_table {
    double **values;
    size_t *counts;
    size_t runs;
};

static enum ou_status make_block_table(const struct metric_runs *m, struct arena *memory,
                                       struct block_table *ret)
{
    enum ou_status status = OU_OK;

    *ret = (struct block_table){ take(memory, m->set->count, sizeof(double *)),
                                 take(memory, m->set->count, sizeof(size_t)), 0 };
    if (!ret->values || !ret->counts)
        return OU_NO_MEMORY;
    for (size_t i = 0; !status && i < m->set->count; i++) {
        status = block_values(m, i, memory, &ret->values[ret->runs], &ret->counts[ret->runs]);
        ret->runs += ret->counts[ret->runs] > 0;
    }
    return status;
}

static void shares_of_blocks(const struct block_table *blocks, struct metric_variance *ret)
{
    struct one_way w;
    double between, within;

    if (blocks->runs < 2 ||
        one_way((const double *const *)blocks->values, blocks->counts, blocks->runs, &w))
        return;
    between = fmax(w.var_between, 0);
    within = fmax(w.var_within, 0);
    if (!(between + within > 0))
        return;
    ret->shares.run = between / (between + within);
    ret->shares.within = within / (between + within);
}

/* Of the runs the one in the middle by how many independent values it is worth. */
static struct serial middle_one(struct serial *of_runs, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct serial one = of_runs[i];
        size_t at = i;

        for (; at > 0 && one.effective_n < of_runs[at - 1].effective_n; at--)
            of_runs[at] = of_runs[at - 1];
        of_runs[at] = one;
    }
    return of_runs[n / 2];
}

static void tell_steadiness(const struct block_table *blocks, struct metric_variance *ret)
{
    for (size_t i = 0; i < blocks->runs; i++) {
        struct steadiness s = steadiness_of(blocks->values[i], blocks->counts[i], STEADY_LEVEL);

        ret->steadiness_told += s.enough;
        ret->unsteady_runs += s.enough && !s.steady;
    }
}

/* The median is asked for of what takes time; not of sizes and counts. */
static bool wants_median(const struct metric_info *info)
{
    return info->section == SECTION_FORGER || info->section == SECTION_PEERS ||
           info->section == SECTION_ENDTOEND;
}

enum ou_status variance_blocks(const struct metric_runs *m, const struct variance_options *options,
                               struct arena *memory, struct metric_variance *ret)
{
    const struct bootstrap_plan plan = { options->seed, options->resamples, .95 };
    struct block_table blocks;
    struct sorted_run *runs;
    struct serial *serial;
    enum ou_status status = make_block_table(m, memory, &blocks);

    ret->median_of_blocks.estimate = ret->median_of_blocks.standard_error = NAN;
    ret->median_of_blocks.interval = interval_none();
    ret->serial = (struct serial){ NAN, NAN, NAN, NAN, 0 };
    if (status || blocks.runs == 0)
        return status;
    runs = take(memory, blocks.runs, sizeof *runs);
    serial = take(memory, blocks.runs, sizeof *serial);
    if (!runs || !serial)
        return OU_NO_MEMORY;
    if (!ret->shares.crossed)
        shares_of_blocks(&blocks, ret);
    tell_steadiness(&blocks, ret);
    for (size_t i = 0; i < blocks.runs; i++) {
        size_t n = blocks.counts[i];

        serial[i] = serial_of(blocks.values[i], n);
        /* Neighbours that are alike are worth fewer values. */
        runs[i] = (struct sorted_run){ blocks.values[i], n,
                                       serial[i].block > 1 ? serial[i].effective_n : (double)n };
        sort_doubles(allocator_libc(), blocks.values[i], n);
    }
    ret->serial = middle_one(serial, blocks.runs);
    if (!wants_median(m->info) || blocks.runs < 3)
        return OU_OK;
    return quantile_bootstrap(runs, blocks.runs, .5, &plan, &ret->median_of_blocks);
}
