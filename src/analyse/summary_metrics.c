/* What the summary of a run says: what it was, and how long it lasted. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "analyse/metric_making.h"

#define NO_META "the run's meta.json does not say, or there is none"
#define NOT_ITS_OWN \
    "the run has no load, and a chain that was made before: its profile says nothing of them"

static double seconds(int64_t ns)
{
    return ns == TIME_NONE ? NAN : (double)ns / NS_PER_SECOND;
}

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
static struct domain domain_of(const struct metric_making *m, bool filtered)
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

static double span_of_domain(const struct metric_making *m, bool filtered)
{
    struct domain d = domain_of(m, filtered);
    double length = d.first_min == TIME_NONE ? NAN : seconds(d.last_max - d.first_min);

    return m->a->compat ? nearbyint(length) : length;
}

static double spread(const struct metric_making *m, bool filtered, bool of_stops)
{
    struct domain d = domain_of(m, filtered);

    if (d.first_min == TIME_NONE)
        return NAN;
    return seconds(of_stops ? d.last_max - d.last_min : d.first_max - d.first_min);
}

static double mean_slots(const struct metric_making *m)
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

/* Whose parts are those that cardano-node is built from. A run that says nothing of its nodes is one of these. */
static bool has_packages(const struct run_context *c)
{
    return !c || !c->node_kind || strcmp(c->node_kind, "cardano-node") == 0;
}

static void make_package(struct metric_making *m, const char *name)
{
    static const char *const also[][2] = { { "cardano-ledger", "cardano-ledger-core" },
                                           { "plutus", "plutus-core" } };
    const struct run_context *c = m->a->context;
    char version[256];

    metric_text(m, NULL, has_packages(c) ? NO_META : METRIC_NOT_OF_KIND);
    for (size_t i = 0; c && i < c->package_count; i++) {
        const struct package_version *p = &c->packages[i];
        bool is_it = strcmp(p->name, name) == 0;

        for (size_t k = 0; k < sizeof(also) / sizeof(*also); k++)
            is_it |= strcmp(name, also[k][0]) == 0 && strcmp(p->name, also[k][1]) == 0;
        if (!is_it)
            continue;
        snprintf(version, sizeof(version), "%s%s%.7s", p->version ? p->version : "",
                 p->version && p->commit ? " " : "", p->commit ? p->commit : "");
        metric_text(m, version, NO_META);
        return;
    }
    if (c && strcmp(name, "cardano-node") == 0)
        metric_text(m, c->node_version, NO_META);
}

static void make_host_distribution(struct metric_making *m, const char *id)
{
    for (uint32_t i = 0; i < m->a->host_count; i++) {
        const struct host_result *h = &m->a->hosts[i];
        double runtime = h->first_ns == TIME_NONE ? NAN : seconds(h->last_ns - h->first_ns);

        if (strcmp(id, "cdfLogLinesEmitted") == 0)
            metric_add(m, (double)h->lines);
        else if (strcmp(id, "cdfLogObjectsEmitted") == 0)
            metric_add(m, (double)(h->lines - h->not_understood));
        else if (strcmp(id, "cdfLogObjects") == 0)
            metric_add(m, (double)h->objects);
        else if (strcmp(id, "cdfRuntime") == 0)
            metric_add(m, runtime);
        else if (strcmp(id, "cdfLogLineRate") == 0 && runtime >= 1)
            metric_add(m, (double)h->lines / (m->a->compat ? trunc(runtime) : runtime));
    }
    metric_distribution(m, "no host logged for long enough");
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

static void make_from_context(struct metric_making *m, enum summary_source source, size_t offset)
{
    const char *value;
    double count;

    if (!m->a->context) {
        metric_absent(m, NO_META);
    } else if (source == FROM_TEXT) {
        bool is_script = offset == offsetof(struct run_context, plutus_script);

        memcpy(&value, (const char *)m->a->context + offset, sizeof(value));
        metric_text(m, value,
                    is_script && !has_packages(m->a->context) ? METRIC_NOT_OF_KIND : NO_META);
    } else {
        memcpy(&count, (const char *)m->a->context + offset, sizeof(count));
        metric_number(m, count, NO_META);
        if (run_context_follows_chain(m->a->context) && !m->a->compat)
            metric_absent(m, NOT_ITS_OWN);
    }
}

static void make_system_start(struct metric_making *m, bool date)
{
    char iso[TIME_ISO_ROOM];

    time_format_iso(m->a->genesis.system_start_ns, iso);
    iso[10] = '\0'; /* 2023-03-22T00:00:00Z */
    iso[19] = '\0';
    metric_text(m, date ? iso : iso + 11, "");
}

static void make_summary_value(struct metric_making *m, enum summary_source source)
{
    static const char no_time[] = "no line has a time stamp", no_slots[] = "no slot was recorded";
    const struct analysis *a = m->a;

    switch (source) {
    case HOSTS: metric_number(m, a->host_count, ""); break;
    case OBJECTS: metric_number(m, (double)a->objects, ""); break;
    case FILTERS: metric_number(m, (double)a->filter_count, ""); break;
    case RAW_TIME: metric_number(m, span_of_domain(m, false), no_time); break;
    case FILTERED_TIME: metric_number(m, span_of_domain(m, true), no_slots); break;
    case TIME_RATIO:
        metric_number(
            m,
            span_of_domain(m, false) > 0 ? span_of_domain(m, true) / span_of_domain(m, false) : NAN,
            no_slots);
        break;
    case RAW_START_SPREAD:
    case RAW_STOP_SPREAD:
        metric_number(m, spread(m, false, source == RAW_STOP_SPREAD), no_time);
        break;
    case FILTERED_START_SPREAD:
    case FILTERED_STOP_SPREAD:
        metric_number(m, spread(m, true, source == FILTERED_STOP_SPREAD), no_slots);
        break;
    case SLOTS: metric_number(m, mean_slots(m), no_slots); break;
    case BLOCKS: metric_number(m, (double)a->accepted_count, ""); break;
    case REJECTED: metric_number(m, (double)(a->chained_count - a->accepted_count), ""); break;
    default: break;
    }
}

void metric_make_summary(struct metric_making *m, const char *id)
{
    metric_absent(m, "not known");
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
            metric_text(
                m, m->a->date,
                "not recorded, so that the same input gives the same bytes; --date records it");
            break;
        case START_DATE:
        case START_TIME: make_system_start(m, summary_rows[i].source == START_DATE); break;
        default: make_summary_value(m, summary_rows[i].source); break;
        }
    }
}
