#include "analyse/machine_stats.h"

#include <math.h>
#include <stdlib.h>

/* The existing tool pairs host averages with its 29 centiles and so loses the
 * 30th host and all above. */
#define LOCLI_HOSTS_AVERAGED STANDARD_QUANTILES
#define EPOCH_BOUNDARY_SLOT 3
#define REWARD_START 0.4 /* share of an epoch after which rewards are calculated */

/* --- Values of one slot -------------------------------------------------- */

static double starts(const struct slot_record *r, int unused)
{
    (void)unused;
    return r->starts;
}

static double leads(const struct slot_record *r, int unused)
{
    (void)unused;
    return r->leads;
}

static double utxo(const struct slot_record *r, int unused)
{
    (void)unused;
    return r->utxo_size < 0 ? NAN : (double)r->utxo_size;
}

static double density(const struct slot_record *r, int unused)
{
    (void)unused;
    return r->density;
}

static double block_gap(const struct slot_record *r, int unused)
{
    (void)unused;
    return r->block_gap < 0 ? NAN : (double)r->block_gap;
}

static double phase(const struct slot_record *r, int which)
{
    return r->phase_ns[which] == TIME_NONE ? NAN : (double)r->phase_ns[which] / NS_PER_SECOND;
}

static double resource(const struct slot_record *r, int which)
{
    return r->resources[which];
}

/* A run of busy slots. Where a filter dropped some between two of them, records
 * are fewer than slots. */
struct busy_span {
    const struct slot_record *first, *last;
    size_t records;
};

static double span_all(const struct slot_fold *fold, struct busy_span span)
{
    return (double)(span.last->slot - span.first->slot) + (fold->compat ? 0 : 1);
}

/* In locli a host's first record is the first of an epoch, whatever its slot. */
static uint64_t in_epoch(const struct slot_fold *fold, const struct slot_record *r)
{
    return fold->compat && r == fold->records ? 0 : slot_in_epoch(&fold->genesis->clock, r->slot);
}

/* The slots of a span that has slot `boundary` of an epoch within. What lies in
 * an older epoch is dropped; locli means to and does not. */
static double span_around(const struct slot_fold *fold, struct busy_span span, uint64_t boundary)
{
    uint64_t first = in_epoch(fold, span.first), last = in_epoch(fold, span.last);
    bool crosses = !fold->compat && span.last->slot - span.first->slot > last;

    if (crosses)
        first = 0;
    if (first >= boundary || last <= boundary)
        return NAN;
    return fold->compat ? (double)span.records : (double)(last - first + 1);
}

static double span_epoch(const struct slot_fold *fold, struct busy_span span)
{
    return span_around(fold, span, EPOCH_BOUNDARY_SLOT);
}

static double span_rewards(const struct slot_fold *fold, struct busy_span span)
{
    uint64_t length = epoch_length(&fold->genesis->clock, span.last->slot);

    return span_around(fold, span,
                       EPOCH_BOUNDARY_SLOT + (uint64_t)floor(REWARD_START * (double)length));
}

static const struct machine_metric {
    const char *id;
    double (*of_slot)(const struct slot_record *, int which); /* NaN: not in the population */
    int which;
    double (*of_span)(const struct slot_fold *, struct busy_span); /* instead of of_slot */
} metrics[MACHINE_METRICS] = { { "cdfHostSlots", NULL, 0, NULL },  /* one value a host */
                               { "cdfStarts", starts, 0, NULL },
                               { "cdfLeads", leads, 0, NULL },
                               { "cdfUtxo", utxo, 0, NULL },
                               { "cdfDensity", density, 0, NULL },
                               { "cdfStarted", phase, SLOT_STARTED, NULL },
                               { "cdfBlkCtx", phase, SLOT_BLOCK_CONTEXT, NULL },
                               { "cdfLgrState", phase, SLOT_LEDGER_STATE, NULL },
                               { "cdfLgrView", phase, SLOT_LEDGER_VIEW, NULL },
                               { "cdfLeading", phase, SLOT_LEADING, NULL },
                               { "cdfBlockGap", block_gap, 0, NULL },
                               { "cdfSpanLensCpu", NULL, 0, span_all },
                               { "cdfSpanLensCpuEpoch", NULL, 0, span_epoch },
                               { "cdfSpanLensCpuRwd", NULL, 0, span_rewards },
#define X(id, name) { name, resource, RESOURCE_##id, NULL },
                               OU_RESOURCE_MEMBERS(X)
#undef X
};

int machine_metric_find(const char *id)
{
    for (int i = 0; i < MACHINE_METRICS; i++)
        if (strcmp(metrics[i].id, id) == 0)
            return i;
    return -1;
}

/* --- One host ------------------------------------------------------------ */

static bool is_busy(const struct slot_fold *fold, const struct slot_record *r)
{
    double cpu = r->resources[RESOURCE_CENTI_CPU];

    return isnan(cpu) ? fold->compat : cpu >= BUSY_PERCENT;
}

/* The next record behind r that passed the filters; NULL at the end. */
static const struct slot_record *next_record(const struct slot_fold *fold,
                                             const struct slot_record *r)
{
    for (size_t i = r ? (size_t)(r - fold->records) + 1 : 0; i < fold->count; i++)
        if (!fold->records[i].filtered_out)
            return &fold->records[i];
    return NULL;
}

static size_t collect_spans(const struct slot_fold *fold, const struct machine_metric *metric,
                            double *values)
{
    struct busy_span span = { 0 };
    const struct slot_record *r = NULL;
    size_t n = 0;

    do {
        bool goes_on;

        r = next_record(fold, r);
        goes_on =
            r && is_busy(fold, r) && (!span.last || fold->compat || r->slot == span.last->slot + 1);
        if (goes_on) {
            if (!span.first)
                span.first = r;
            span.last = r;
            span.records++;
            continue;
        }
        if (span.first) {
            double length = metric->of_span(fold, span);

            if (!isnan(length))
                values[n++] = length;
        }
        span = (struct busy_span){ 0 };
        if (r && is_busy(fold, r))
            span = (struct busy_span){ r, r, 1 };
    } while (r);
    return n;
}

static size_t collect_slots(const struct slot_fold *fold, const struct machine_metric *metric,
                            double *values)
{
    size_t n = 0;

    for (const struct slot_record *r = next_record(fold, NULL); r; r = next_record(fold, r)) {
        double value = metric->of_slot(r, metric->which);

        if (!isnan(value))
            values[n++] = value;
    }
    return n;
}

/* A node that never checks its leadership does not forge: it misses nothing. */
static bool applies(const struct slot_fold *fold, const struct machine_metric *metric)
{
    return fold->compat || fold->has_leadership ||
           (metric->of_slot != starts && metric->of_slot != leads);
}

static void count_slots(const struct slot_fold *fold, struct machine_stats *ret)
{
    ret->first_slot = ret->last_slot = -1;
    for (const struct slot_record *r = next_record(fold, NULL); r; r = next_record(fold, r)) {
        if (ret->first_slot < 0)
            ret->first_slot = (int64_t)r->slot;
        ret->last_slot = (int64_t)r->slot;
        ret->slots++;
        ret->checked_slots += r->starts > 0;
        ret->missed_slots += fold->has_leadership && r->starts == 0;
    }
}

enum ou_status machine_stats_of(const struct slot_fold *fold, enum quantile_rule rule,
                                struct machine_stats *ret)
{
    double *values = malloc((fold->count + 1) * sizeof(*values));

    if (!values)
        return OU_NO_MEMORY;
    *ret = (struct machine_stats){ 0 };
    count_slots(fold, ret);
    for (int i = 0; i < MACHINE_METRICS; i++) {
        size_t n = 0;

        if (metrics[i].of_span)
            n = collect_spans(fold, &metrics[i], values);
        else if (metrics[i].of_slot && applies(fold, &metrics[i]))
            n = collect_slots(fold, &metrics[i], values);
        else if (!metrics[i].of_slot && ret->first_slot >= 0)
            values[n++] = (double)(ret->last_slot - ret->first_slot);
        distribution_of(values, n, rule, &ret->of[i]);
    }
    free(values);
    return OU_OK;
}

/* --- All hosts ----------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The statistic `at` bytes into struct distribution of each host, sorted. locli
 * takes 0 from a host without samples. */
static uint32_t gather(const struct distribution *hosts, uint32_t count, size_t at, bool compat,
                       double *values)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (hosts[i].n)
            memcpy(&values[n++], (const char *)&hosts[i] + at, sizeof(double));
        else if (compat)
            values[n++] = 0;
    }
    qsort(values, n, sizeof(*values), by_value);
    return n;
}

static double mean_of(const double *values, uint32_t n)
{
    double sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += values[i];
    return n ? sum / n : NAN;
}

/* Deviation of all samples of all hosts about their common mean; locli: the
 * greatest of the hosts' deviations. */
static double common_sd(const struct distribution *hosts, uint32_t count, bool compat)
{
    struct moments all = { 0 };
    double greatest = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct distribution *d = &hosts[i];
        struct moments one = { .n = d->n, .mean = d->mean, .min = d->min, .max = d->max };

        if (d->n == 0)
            continue;
        one.m2 = d->n > 1 ? d->sd * d->sd * (double)(d->n - 1) : 0;
        moments_merge(&all, &one);
        if (d->sd > greatest)
            greatest = d->sd;
    }
    return compat ? greatest : moments_sd(&all);
}

static void combine(const struct distribution *hosts, uint32_t count, bool compat, double *values,
                    struct metric_result *ret)
{
    enum quantile_rule rule = compat ? QUANTILE_LOCLI : QUANTILE_TYPE7;
    struct distribution *over = &ret->over, means;
    uint32_t n = gather(hosts, count, offsetof(struct distribution, mean), compat, values);
    uint32_t averaged = compat && n > LOCLI_HOSTS_AVERAGED ? LOCLI_HOSTS_AVERAGED : n;

    *over = (struct distribution){ .median_low = NAN, .median_high = NAN };
    for (uint32_t i = 0; i < count; i++)
        over->n += hosts[i].n;
    over->mean = mean_of(values, averaged);
    distribution_of(values, n, rule, &means);
    ret->inter_host_sd = means.sd;
    over->sd = common_sd(hosts, count, compat);
    (void)gather(hosts, count, offsetof(struct distribution, min), compat, values);
    over->min = values[0];
    n = gather(hosts, count, offsetof(struct distribution, max), compat, values);
    over->max = values[n - 1];
    for (int q = 0; q < STANDARD_QUANTILES; q++) {
        n = gather(hosts, count,
                   offsetof(struct distribution, quantiles) + (size_t)q * sizeof(double), compat,
                   values);
        over->quantiles[q] = mean_of(values, n);
        ret->quantile_medians[q] = quantile_sorted(values, n, 0.5, rule);
    }
    n = gather(hosts, count, offsetof(struct distribution, median), compat, values);
    over->median = compat ? quantile_sorted(values, n, 0.5, rule) : mean_of(values, n);
}

enum ou_status machine_stats_over_hosts(struct arena *memory, const struct machine_stats *hosts,
                                        uint32_t host_count, int metric, bool compat,
                                        struct metric_result *ret)
{
    double *values = malloc((host_count + 1) * sizeof(*values));
    struct distribution *per_host =
        arena_take(memory, (host_count + 1) * sizeof(*per_host), _Alignof(struct distribution));
    size_t samples = 0;

    if (!values || !per_host) {
        free(values);
        return OU_NO_MEMORY;
    }
    for (uint32_t i = 0; i < host_count; i++) {
        per_host[i] = hosts[i].of[metric];
        samples += per_host[i].n;
    }
    if (samples == 0 && !(compat && host_count)) {
        ret->kind = METRIC_ABSENT;
    } else {
        ret->kind = METRIC_DISTRIBUTION;
        ret->per_host = per_host;
        combine(per_host, host_count, compat, values, ret);
    }
    free(values);
    return OU_OK;
}
