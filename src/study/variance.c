#include "study/variance.h"

#include <string.h>

#include "stats/laws.h"
#include "stats/mean.h"
#include "stats/scratch.h"
#include "stats/sort.h"
#include "stats/spread.h"
#include "study/variance_parts.h"

#define CONFIDENCE .95
#define VARIANCE_BYTES_MAX ((size_t)1 << 30)

const double variance_quantiles[VARIANCE_QUANTILES] = { .5, .9, .95, .99 };

/* --- Which metrics -------------------------------------------------------------------- */

/* What was set, not measured. */
static bool is_setting(const struct metric_info *info)
{
    static const char *const ids[] = { "delegators",    "utxo",           "dreps", "add_tx_size",
                                       "inputs_per_tx", "outputs_per_tx", "tps",   "tx_count",
                                       "sumHosts",      "sumFilters" };

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (info->section == SECTION_SUMMARY && strcmp(info->id, ids[i]) == 0)
            return true;
    return false;
}

static bool is_number(const struct run_value *v)
{
    return v && (v->kind == RUN_VALUE_NUMBER || v->kind == RUN_VALUE_DISTRIBUTION) &&
           isfinite(v->mean);
}

/* Fills *m, whose arrays have room for all runs. */
static void gather(const struct metric_info *info, struct metric_runs *m)
{
    m->info = info;
    m->count = 0;
    for (size_t i = 0; i < m->set->count; i++) {
        const struct finished_run *run = &m->set->runs[i];
        const struct run_value *v = run_value_find(run, info->section, info->id);

        m->values[i] = is_number(v) ? v : NULL;
        if (!m->values[i])
            continue;
        m->titles[m->count] = run->title;
        m->sorted[m->count] = v->mean;
        m->means[m->count++] = v->mean;
    }
    sort_doubles(allocator_libc(), m->sorted, m->count);
}

/* --- Rows of multi-run tables ------------------------------------------------------------ */

static struct multi_run_row inter_run_row(const struct metric_runs *m)
{
    double least = m->sorted[0], most = m->sorted[m->count - 1];

    return (struct multi_run_row){
        .average = mean_of(m->means, m->count),
        .cov = coefficient_of_variation(m->means, m->count),
        .min = least,
        .max = most,
        .stddev = sqrt(variance_of(m->means, m->count)),
        .range = most - least,
        .precision = m->info->precision,
        .size = (double)m->count,
    };
}

/* The least known number of two; one that is not known takes no part. */
static double lesser(double a, double b)
{
    return isnan(a) || b < a ? b : a;
}

static double greater(double a, double b)
{
    return isnan(a) || b > a ? b : a;
}

/* The greatest deviation of a run stands for all: so the field's tables have it. */
static struct multi_run_row overall_row(const struct metric_runs *m)
{
    struct multi_run_row row = { .average = mean_of(m->means, m->count),
                                 .min = NAN,
                                 .max = NAN,
                                 .stddev = NAN,
                                 .precision = m->info->precision };

    for (size_t i = 0; i < m->set->count; i++) {
        const struct run_value *v = m->values[i];

        if (!v)
            continue;
        row.min = lesser(row.min, v->min);
        row.max = greater(row.max, v->max);
        row.stddev = greater(row.stddev, v->sd);
        row.size += v->kind == RUN_VALUE_NUMBER ? 1 : v->n;
    }
    row.range = row.max - row.min;
    row.cov = row.average != 0 ? row.stddev / fabs(row.average) : NAN;
    return row;
}

/* --- Intervals ---------------------------------------------------------------- */

static size_t quantile_place(double p)
{
    size_t i = 0;

    while (i < STANDARD_QUANTILES - 1 && standard_quantiles[i] != p)
        i++;
    return i;
}

static void fill_quantiles(const struct metric_runs *m, double *scratch,
                           struct metric_variance *ret)
{
    for (size_t q = 0; q < VARIANCE_QUANTILES; q++) {
        size_t at = quantile_place(variance_quantiles[q]), n = 0;

        for (size_t i = 0; i < m->set->count; i++)
            if (m->values[i] && isfinite(m->values[i]->quantiles[at]))
                scratch[n++] = m->values[i]->quantiles[at];
        ret->quantiles[q].mean = mean_of(scratch, n);
        ret->quantiles[q].interval = mean_interval(scratch, n, CONFIDENCE);
    }
}

static enum ou_status fill_metric(const struct metric_runs *m,
                                  const struct variance_options *options, struct variance *v,
                                  double *scratch, struct metric_variance *ret)
{
    enum ou_status status;

    *ret = (struct metric_variance){
        .info = m->info,
        .runs = m->count,
        .values = arena_take(&v->memory, m->set->count * sizeof(double), sizeof(double)),
        .inter_run = inter_run_row(m),
        .overall = overall_row(m),
        .mean = mean_interval(m->means, m->count, CONFIDENCE),
        .median_rank = quantile_values_interval(m->sorted, m->count, .5, CONFIDENCE),
        .drift = mann_kendall(m->means, m->count),
    };
    if (!ret->values)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < m->set->count; i++)
        ret->values[i] = m->values[i] ? m->values[i]->mean : NAN;
    fill_quantiles(m, scratch, ret);
    variance_odd_runs(m, ret);
    status = variance_hosts(m, &v->memory, ret);
    if (!status)
        status = variance_blocks(m, options, &v->memory, ret);
    return status;
}

/* --- The whole ---------------------------------------------------------------------------------- */

static bool take_scratch(struct variance *v, struct metric_runs *m, double **ret_scratch)
{
    size_t n = m->set->count;

    v->metrics = arena_take(&v->memory, dictionary_count() * sizeof *v->metrics, sizeof(double));
    m->values = arena_take(&v->memory, n * sizeof(struct run_value *), sizeof(void *));
    m->titles = arena_take(&v->memory, n * sizeof *m->titles, sizeof(void *));
    m->means = arena_take(&v->memory, n * sizeof(double), sizeof(double));
    m->sorted = arena_take(&v->memory, n * sizeof(double), sizeof(double));
    *ret_scratch = arena_take(&v->memory, n * sizeof(double), sizeof(double));
    return v->metrics && m->values && m->titles && m->means && m->sorted && *ret_scratch;
}

/* Whether the runs may stand together. */
static enum ou_status check_alike(struct variance *v, bool allow_different, struct ou_error *err)
{
    const struct run_set *const sets[] = { v->set };
    enum ou_status status = runs_once(v->set, v->set, err);

    if (!status)
        status = runs_differ(sets, 1, &v->memory, &v->differences, &v->difference_count,
                             &v->unchecked, err);

    if (status || v->difference_count == 0 || allow_different)
        return status;
    return runs_refuse(v->differences, v->difference_count, err);
}

static enum ou_status fill_metrics(struct variance *v, const struct variance_options *options,
                                   struct ou_error *err)
{
    struct metric_runs m = { .set = v->set };
    enum ou_status status = OU_OK;
    double *scratch;

    if (!take_scratch(v, &m, &scratch))
        status = OU_NO_MEMORY;
    for (size_t i = 0; !status && i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);

        if (is_setting(info))
            continue;
        gather(info, &m);
        if (m.count > 0)
            status = fill_metric(&m, options, v, scratch, &v->metrics[v->metric_count++]);
    }
    return status ? ou_fail(err, status, "no memory for the variance of %zu runs", v->set->count)
                  : OU_OK;
}

enum ou_status variance_compute(const struct run_set *set, const struct variance_options *options,
                                struct variance *ret, struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct variance){ .set = set, .seed = options->seed, .aspect = options->aspect };
    if (set->count == 0)
        return ou_fail(err, OU_INVALID, "there is no run to say anything about");
    arena_init(&ret->memory, allocator_libc(), VARIANCE_BYTES_MAX);
    status = check_alike(ret, options->allow_different, err);
    if (!status)
        status = fill_metrics(ret, options, err);
    if (!status)
        variance_plan(ret, options->no_plan);
    status = scratch_settle(status, err);
    if (status)
        variance_release(ret);
    return status;
}

void variance_release(struct variance *v)
{
    arena_release(&v->memory);
    *v = (struct variance){ 0 };
}

const struct metric_variance *variance_find(const struct variance *v, enum metric_section section,
                                            const char *id)
{
    for (size_t i = 0; i < v->metric_count; i++)
        if (v->metrics[i].info->section == section && strcmp(v->metrics[i].info->id, id) == 0)
            return &v->metrics[i];
    return NULL;
}
