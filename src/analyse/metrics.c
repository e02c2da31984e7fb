#include "analyse/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyse/block_metrics.h"
#include "analyse/machine_stats.h"

/* What the functions below work on. */
struct making {
    struct analysis *a;
    const struct machine_stats *machines;
    double *values; /* room for one value per block observation, block or host */
    size_t n;
    struct metric_result *out;
};

static double seconds(int64_t ns)
{
    return ns == TIME_NONE ? NAN : (double)ns / NS_PER_SECOND;
}

static void add(struct making *m, double value)
{
    if (!isnan(value))
        m->values[m->n++] = value;
}

static void absent(struct making *m, const char *reason)
{
    m->out->kind = METRIC_ABSENT;
    m->out->absent_reason = reason;
}

static void number(struct making *m, double value, const char *reason)
{
    m->out->kind = METRIC_NUMBER;
    m->out->number = value;
    if (isnan(value))
        absent(m, reason);
}

static void text(struct making *m, const char *value, const char *reason)
{
    m->out->kind = METRIC_TEXT;
    m->out->text = value ? arena_copy(&m->a->memory, value, strlen(value)) : NULL;
    if (!m->out->text)
        absent(m, reason);
}

/* The values collected so far become the metric's distribution. */
static void distribution(struct making *m, const char *reason)
{
    if (m->n == 0 && !m->a->compat) {
        absent(m, reason);
        return;
    }
    m->out->kind = METRIC_DISTRIBUTION;
    if (m->n == 0) /* locli: all zero; the struct is */
        return;
    distribution_of(m->values, m->n, m->a->rule, &m->out->over);
}

#define NO_BLOCKS "no block passed the filters"

/* --- Propagation --------------------------------------------------------- */

/* Counts a value for the host that it is of, where the metric can be told apart by hosts. */
static void add_of_host(struct making *m, double value, uint32_t host)
{
    add(m, value);
    if (m->out->by_host && host != NO_HOST && !isnan(value))
        moments_add(&m->out->by_host[host], value);
}

static void of_block(struct making *m, const struct block_metric *metric,
                     const struct chain_block *block)
{
    if (metric->source != OF_OBSERVER_PHASE) {
        add_of_host(m, block_metric_value(metric, block), block->forger);
        return;
    }
    for (uint32_t i = 0; i < block->observation_count; i++)
        add_of_host(m, block_metric_observed(metric, &block->observations[i]),
                    block->observations[i].host);
}

/* False: no memory. What the first observer saw is nobody's alone. */
static bool of_blocks(struct making *m, const struct block_metric *metric)
{
    if (metric->source == OF_FORGER_PHASE || metric->source == OF_OBSERVER_PHASE) {
        m->out->by_host = arena_take(&m->a->memory, (m->a->host_count + 1) * sizeof(struct moments),
                                     _Alignof(struct moments));
        if (!m->out->by_host)
            return false;
    }
    for (size_t i = 0; i < m->a->block_count; i++)
        if (block_metric_counts(&m->a->blocks[i]))
            of_block(m, metric, &m->a->blocks[i]);
    return true;
}

static const char *no_block_reason(const struct analysis *a, const struct block_metric *metric)
{
    if (a->accepted_count == 0)
        return NO_BLOCKS;
    switch (metric->section) {
    case SECTION_FORGER:
        return a->forgerless_count == a->chained_count
                   ? "the logs of the blocks' forgers are not among the input"
                   : "no forger's log has the traces of this phase";
    case SECTION_PEERS:
        return "no observer's log has header, request, body and adoption of a block together with "
               "this phase";
    case SECTION_ENDTOEND: return "no block was seen to be adopted by that share of the hosts";
    default: return "no log tells the blocks' size";
    }
}

static enum ou_status make_of_blocks(struct making *m, const struct block_metric *metric)
{
    if (!of_blocks(m, metric))
        return OU_NO_MEMORY;
    distribution(m, no_block_reason(m->a, metric));
    return OU_OK;
}

static void make_control(struct making *m, const char *id)
{
    for (uint32_t i = 0; i < m->a->host_count; i++) {
        const struct host_result *h = &m->a->hosts[i];
        double chained = (double)(h->blocks_filtered + h->blocks_rejected);
        double settled = chained + (double)h->blocks_unchained;

        if (strcmp(id, "cdfBlocksPerHost") == 0 && (m->a->compat || h->cluster_member) &&
            m->a->forgerless_count < m->a->chained_count)
            add(m, settled + (double)h->blocks_pending);
        else if (strcmp(id, "cdfBlocksFilteredRatio") == 0 && chained > 0)
            add(m, (double)h->blocks_filtered / chained);
        else if (strcmp(id, "cdfBlocksChainedRatio") == 0 && settled > 0)
            add(m, chained / settled);
    }
    distribution(m, "no host of the input forged a block");
}

static enum ou_status make_machine(struct making *m, const char *id)
{
    int metric = machine_metric_find(id);

    absent(m, strncmp(id, "cdfSpanLens", strlen("cdfSpanLens")) == 0
                  ? "no host was busy enough, 85 % of a core or more, in the slots that count"
                  : "no host logged what this is measured from");
    if (metric < 0)
        return OU_OK;
    return machine_stats_over_hosts(&m->a->memory, m->machines, m->a->host_count, metric,
                                    m->a->compat, m->out);
}

/* --- Summary ------------------------------------------------------------- */

#define NO_META "the run's meta.json does not say, or there is none"

struct domain {
    int64_t first_min, first_max, last_min, last_max; /* ns; TIME_NONE */
};

static void widen(struct domain *d, int64_t first_ns, int64_t last_ns)
{
    if (first_ns == TIME_NONE || last_ns == TIME_NONE)
        return;
    if (d->first_min == TIME_NONE) {
        *d = (struct domain){ first_ns, first_ns, last_ns, last_ns };
        return;
    }
    d->first_min = first_ns < d->first_min ? first_ns : d->first_min;
    d->first_max = first_ns > d->first_max ? first_ns : d->first_max;
    d->last_min = last_ns < d->last_min ? last_ns : d->last_min;
    d->last_max = last_ns > d->last_max ? last_ns : d->last_max;
}

/* When the hosts logged, or the slots of theirs that passed the filters. */
static struct domain domain_of(const struct making *m, bool filtered)
{
    struct domain d = { TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE };

    for (uint32_t i = 0; i < m->a->host_count; i++) {
        const struct machine_stats *s = &m->machines[i];
        int64_t first_ns = m->a->hosts[i].first_ns, last_ns = m->a->hosts[i].last_ns;

        if (filtered) {
            first_ns = last_ns = TIME_NONE;
            if (s->first_slot >= 0) {
                slot_start(&m->a->genesis.clock, (uint64_t)s->first_slot, &first_ns);
                slot_start(&m->a->genesis.clock, (uint64_t)s->last_slot, &last_ns);
            }
        }
        widen(&d, first_ns, last_ns);
    }
    return d;
}

static double span_of_domain(const struct making *m, bool filtered)
{
    struct domain d = domain_of(m, filtered);
    double length = d.first_min == TIME_NONE ? NAN : seconds(d.last_max - d.first_min);

    return m->a->compat ? nearbyint(length) : length;
}

static double spread(const struct making *m, bool filtered, bool of_stops)
{
    struct domain d = domain_of(m, filtered);

    if (d.first_min == TIME_NONE)
        return NAN;
    return seconds(of_stops ? d.last_max - d.last_min : d.first_max - d.first_min);
}

static double mean_slots(const struct making *m)
{
    double sum = 0;
    uint32_t n = 0;

    for (uint32_t i = 0; i < m->a->host_count; i++) {
        if (m->machines[i].first_slot < 0)
            continue;
        sum += (double)(m->machines[i].last_slot - m->machines[i].first_slot);
        n++;
    }
    return n ? floor(sum / n) : NAN;
}

static void make_package(struct making *m, const char *name)
{
    static const char *const also[][2] = { { "cardano-ledger", "cardano-ledger-core" },
                                           { "plutus", "plutus-core" } };
    const struct run_context *c = m->a->context;
    char version[256];

    text(m, NULL, NO_META);
    for (size_t i = 0; c && i < c->package_count; i++) {
        const struct package_version *p = &c->packages[i];
        bool is_it = strcmp(p->name, name) == 0;

        for (size_t k = 0; k < sizeof(also) / sizeof(*also); k++)
            is_it |= strcmp(name, also[k][0]) == 0 && strcmp(p->name, also[k][1]) == 0;
        if (!is_it)
            continue;
        snprintf(version, sizeof(version), "%s%s%.7s", p->version ? p->version : "",
                 p->version && p->commit ? " " : "", p->commit ? p->commit : "");
        text(m, version, NO_META);
        return;
    }
    if (c && strcmp(name, "cardano-node") == 0)
        text(m, c->node_version, NO_META);
}

static void make_host_distribution(struct making *m, const char *id)
{
    for (uint32_t i = 0; i < m->a->host_count; i++) {
        const struct host_result *h = &m->a->hosts[i];
        double runtime = h->first_ns == TIME_NONE ? NAN : seconds(h->last_ns - h->first_ns);

        if (strcmp(id, "cdfLogLinesEmitted") == 0)
            add(m, (double)h->lines);
        else if (strcmp(id, "cdfLogObjectsEmitted") == 0)
            add(m, (double)(h->lines - h->not_understood));
        else if (strcmp(id, "cdfLogObjects") == 0)
            add(m, (double)h->objects);
        else if (strcmp(id, "cdfRuntime") == 0)
            add(m, runtime);
        else if (strcmp(id, "cdfLogLineRate") == 0 && runtime >= 1)
            add(m, (double)h->lines / (m->a->compat ? trunc(runtime) : runtime));
    }
    distribution(m, "no host logged for long enough");
}

enum summary_source {
    FROM_TEXT,
    FROM_NUMBER,
    FROM_PACKAGE,
    FROM_HOSTS,
    ANALYSIS_TIME,
    START_DATE,
    START_TIME,
    HOSTS,
    OBJECTS,
    FILTERS,
    RAW_TIME,
    FILTERED_TIME,
    TIME_RATIO,
    RAW_START_SPREAD,
    RAW_STOP_SPREAD,
    FILTERED_START_SPREAD,
    FILTERED_STOP_SPREAD,
    SLOTS,
    BLOCKS,
    REJECTED,
};

static const struct {
    const char *id;
    enum summary_source source;
    size_t offset; /* into struct run_context, for FROM_TEXT and FROM_NUMBER */
} summary_rows[] = {
    { "sumAnalysisTime", ANALYSIS_TIME, 0 },
    { "date.systemStart", START_DATE, 0 },
    { "time.systemStart", START_TIME, 0 },
    { "ident", FROM_TEXT, offsetof(struct run_context, ident) },
    { "batch", FROM_TEXT, offsetof(struct run_context, batch) },
    { "ghc_version", FROM_TEXT, offsetof(struct run_context, ghc_version) },
    { "cardano-node", FROM_PACKAGE, 0 },
    { "ouroboros-consensus", FROM_PACKAGE, 0 },
    { "ouroboros-network", FROM_PACKAGE, 0 },
    { "cardano-ledger", FROM_PACKAGE, 0 },
    { "plutus", FROM_PACKAGE, 0 },
    { "cardano-crypto", FROM_PACKAGE, 0 },
    { "cardano-base", FROM_PACKAGE, 0 },
    { "era", FROM_TEXT, offsetof(struct run_context, era) },
    { "delegators", FROM_NUMBER, offsetof(struct run_context, delegators) },
    { "utxo", FROM_NUMBER, offsetof(struct run_context, utxo) },
    { "dreps", FROM_NUMBER, offsetof(struct run_context, dreps) },
    { "add_tx_size", FROM_NUMBER, offsetof(struct run_context, add_tx_size) },
    { "inputs_per_tx", FROM_NUMBER, offsetof(struct run_context, inputs_per_tx) },
    { "outputs_per_tx", FROM_NUMBER, offsetof(struct run_context, outputs_per_tx) },
    { "tps", FROM_NUMBER, offsetof(struct run_context, tps) },
    { "tx_count", FROM_NUMBER, offsetof(struct run_context, tx_count) },
    { "plutusScript", FROM_TEXT, offsetof(struct run_context, plutus_script) },
    { "sumHosts", HOSTS, 0 },
    { "sumLogObjectsTotal", OBJECTS, 0 },
    { "sumFilters", FILTERS, 0 },
    { "cdfLogLinesEmitted", FROM_HOSTS, 0 },
    { "cdfLogObjectsEmitted", FROM_HOSTS, 0 },
    { "cdfLogObjects", FROM_HOSTS, 0 },
    { "cdfRuntime", FROM_HOSTS, 0 },
    { "cdfLogLineRate", FROM_HOSTS, 0 },
    { "ddRawCount.sumDomainTime", RAW_TIME, 0 },
    { "ddFilteredCount.sumDomainTime", FILTERED_TIME, 0 },
    { "dataDomainFilterRatio.sumDomainTime", TIME_RATIO, 0 },
    { "ddRaw.sumStartSpread", RAW_START_SPREAD, 0 },
    { "ddRaw.sumStopSpread", RAW_STOP_SPREAD, 0 },
    { "ddFiltered.sumStartSpread", FILTERED_START_SPREAD, 0 },
    { "ddFiltered.sumStopSpread", FILTERED_STOP_SPREAD, 0 },
    { "sumDomainSlots", SLOTS, 0 },
    { "sumDomainBlocks", BLOCKS, 0 },
    { "sumBlocksRejected", REJECTED, 0 },
};

static void make_from_context(struct making *m, enum summary_source source, size_t offset)
{
    const char *value;
    double count;

    if (!m->a->context) {
        absent(m, NO_META);
    } else if (source == FROM_TEXT) {
        memcpy(&value, (const char *)m->a->context + offset, sizeof(value));
        text(m, value, NO_META);
    } else {
        memcpy(&count, (const char *)m->a->context + offset, sizeof(count));
        number(m, count, NO_META);
    }
}

static void make_system_start(struct making *m, bool date)
{
    char iso[TIME_ISO_ROOM];

    time_format_iso(m->a->genesis.system_start_ns, iso);
    iso[10] = '\0'; /* 2023-03-22T00:00:00Z */
    iso[19] = '\0';
    text(m, date ? iso : iso + 11, "");
}

static void make_summary_value(struct making *m, enum summary_source source)
{
    static const char no_time[] = "no line has a time stamp", no_slots[] = "no slot was recorded";
    const struct analysis *a = m->a;

    switch (source) {
    case HOSTS: number(m, a->host_count, ""); break;
    case OBJECTS: number(m, (double)a->objects, ""); break;
    case FILTERS: number(m, (double)a->filter_count, ""); break;
    case RAW_TIME: number(m, span_of_domain(m, false), no_time); break;
    case FILTERED_TIME: number(m, span_of_domain(m, true), no_slots); break;
    case TIME_RATIO:
        number(m,
               span_of_domain(m, false) > 0 ? span_of_domain(m, true) / span_of_domain(m, false)
                                            : NAN,
               no_slots);
        break;
    case RAW_START_SPREAD:
    case RAW_STOP_SPREAD: number(m, spread(m, false, source == RAW_STOP_SPREAD), no_time); break;
    case FILTERED_START_SPREAD:
    case FILTERED_STOP_SPREAD:
        number(m, spread(m, true, source == FILTERED_STOP_SPREAD), no_slots);
        break;
    case SLOTS: number(m, mean_slots(m), no_slots); break;
    case BLOCKS: number(m, (double)a->accepted_count, ""); break;
    case REJECTED: number(m, (double)(a->chained_count - a->accepted_count), ""); break;
    default: break;
    }
}

static void make_summary(struct making *m, const char *id)
{
    absent(m, "not known");
    for (size_t i = 0; i < sizeof(summary_rows) / sizeof(*summary_rows); i++) {
        if (strcmp(id, summary_rows[i].id) != 0)
            continue;
        switch (summary_rows[i].source) {
        case FROM_TEXT:
        case FROM_NUMBER:
            make_from_context(m, summary_rows[i].source, summary_rows[i].offset);
            break;
        case FROM_PACKAGE: make_package(m, id); break;
        case FROM_HOSTS: make_host_distribution(m, id); break;
        case ANALYSIS_TIME:
            text(m, m->a->date,
                 "not recorded, so that the same input gives the same bytes; --date records it");
            break;
        case START_DATE:
        case START_TIME: make_system_start(m, summary_rows[i].source == START_DATE); break;
        default: make_summary_value(m, summary_rows[i].source); break;
        }
    }
}

/* --- All of them --------------------------------------------------------- */

static enum ou_status make_metric(struct making *m)
{
    const struct metric_info *info = m->out->info;
    const struct block_metric *block_metric = block_metric_find(info->section, info->id);

    m->n = 0;
    if (block_metric)
        return make_of_blocks(m, block_metric);
    switch (info->section) {
    case SECTION_SUMMARY: make_summary(m, info->id); break;
    case SECTION_CONTROL: make_control(m, info->id); break;
    default: return make_machine(m, info->id);
    }
    return OU_OK;
}

static size_t most_values(const struct analysis *a)
{
    size_t most = a->block_count + a->host_count + 1;
    size_t observations = 0;

    for (size_t i = 0; i < a->block_count; i++)
        observations += a->blocks[i].observation_count;
    return most > observations ? most : observations;
}

enum ou_status metrics_fill(struct analysis *a, const struct machine_stats *machines,
                            struct ou_error *err)
{
    struct making m = { .a = a, .machines = machines };
    enum ou_status status = OU_OK;

    m.values = malloc(most_values(a) * sizeof(*m.values));
    a->metrics = arena_take(&a->memory, dictionary_count() * sizeof(*a->metrics),
                            _Alignof(struct metric_result));
    if (!m.values || !a->metrics) {
        free(m.values);
        return ou_fail(err, OU_NO_MEMORY, "no memory for the metrics");
    }
    for (size_t i = 0; i < dictionary_count() && !status; i++) {
        const struct metric_info *info = dictionary_row(i);

        if (info->section == SECTION_BLOCK_TIMELINE || info->section == SECTION_SLOT_TIMELINE)
            continue;
        m.out = &a->metrics[a->metric_count++];
        m.out->info = info;
        status = make_metric(&m);
    }
    free(m.values);
    return status ? ou_fail(err, status, "no memory for the metrics") : OU_OK;
}

double metric_scalar(const struct metric_result *m)
{
    if (m->kind == METRIC_NUMBER)
        return m->number;
    return m->kind == METRIC_DISTRIBUTION ? m->over.mean : NAN;
}

const struct metric_result *analysis_metric(const struct analysis *a, enum metric_section section,
                                            const char *id)
{
    for (size_t i = 0; i < a->metric_count; i++)
        if (a->metrics[i].info->section == section && strcmp(a->metrics[i].info->id, id) == 0)
            return &a->metrics[i];
    return NULL;
}
