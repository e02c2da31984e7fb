#include "analyse/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "analyse/block_metrics.h"
#include "analyse/metric_making.h"

/* --- Results ------------------------------------------------------------- */

void metric_add(struct metric_making *m, double value)
{
    if (!isnan(value))
        m->values[m->n++] = value;
}

void metric_absent(struct metric_making *m, const char *reason)
{
    m->out->kind = METRIC_ABSENT;
    m->out->absent_reason = reason;
}

void metric_number(struct metric_making *m, double value, const char *reason)
{
    m->out->kind = METRIC_NUMBER;
    m->out->number = value;
    if (isnan(value))
        metric_absent(m, reason);
}

void metric_text(struct metric_making *m, const char *value, const char *reason)
{
    m->out->kind = METRIC_TEXT;
    m->out->text = value ? arena_copy(&m->a->memory, value, strlen(value)) : NULL;
    if (!value)
        metric_absent(m, reason);
    else if (!m->out->text)
        m->no_memory = true;
}

/* The values collected so far become the metric's distribution. */
void metric_distribution(struct metric_making *m, const char *reason)
{
    if (m->n == 0 && !m->a->compat) {
        metric_absent(m, reason);
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
static void add_of_host(struct metric_making *m, double value, uint32_t host)
{
    metric_add(m, value);
    if (m->out->by_host && host != NO_HOST && !isnan(value))
        moments_add(&m->out->by_host[host], value);
}

static void of_block(struct metric_making *m, const struct block_metric *metric,
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
static bool of_blocks(struct metric_making *m, const struct block_metric *metric)
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
    if (a->genesis.is_chainless)
        return "the run has no chain: its programs are no nodes";
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

/* Of a chain that was there before: they would tell how old its blocks are. */
static bool is_of_age(const struct analysis *a, const struct block_metric *metric)
{
    return run_context_follows_chain(a->context) && !a->compat &&
           (metric->section == SECTION_ENDTOEND || metric->section == SECTION_FORGER ||
            metric->source == OF_FIRST_NOTICE || metric->source == OF_FIRST_BODY);
}

static enum ou_status make_of_blocks(struct metric_making *m, const struct block_metric *metric)
{
    if (is_of_age(m->a, metric)) {
        metric_absent(m, "the run follows a chain that was made before: see Catching up");
        return OU_OK;
    }
    if (!of_blocks(m, metric))
        return OU_NO_MEMORY;
    metric_distribution(m, no_block_reason(m->a, metric));
    return OU_OK;
}

static void make_control(struct metric_making *m, const char *id)
{
    for (uint32_t i = 0; i < m->a->host_count; i++) {
        const struct host_result *h = &m->a->hosts[i];
        double chained = (double)(h->blocks_filtered + h->blocks_rejected);
        double settled = chained + (double)h->blocks_unchained;

        if (strcmp(id, "cdfBlocksPerHost") == 0 && (m->a->compat || h->cluster_member) &&
            m->a->forgerless_count < m->a->chained_count)
            metric_add(m, settled + (double)h->blocks_pending);
        else if (strcmp(id, "cdfBlocksFilteredRatio") == 0 && chained > 0)
            metric_add(m, (double)h->blocks_filtered / chained);
        else if (strcmp(id, "cdfBlocksChainedRatio") == 0 && settled > 0)
            metric_add(m, chained / settled);
    }
    metric_distribution(m, "no host of the input forged a block");
}

static enum ou_status make_machine(struct metric_making *m, const char *id)
{
    int metric = machine_metric_find(id);

    metric_absent(m,
                  strncmp(id, "cdfSpanLens", strlen("cdfSpanLens")) == 0
                      ? "no host was busy enough, 85 % of a core or more, in the slots that count"
                      : "no host logged what this is measured from");
    if (metric < 0)
        return OU_OK;
    return machine_stats_over_hosts(&m->a->memory, m->machines, m->a->host_count, metric,
                                    m->a->compat, m->out);
}

/* --- All of them --------------------------------------------------------- */

static enum ou_status make_metric(struct metric_making *m)
{
    const struct metric_info *info = m->out->info;
    const struct block_metric *block_metric = block_metric_find(info->section, info->id);

    m->n = 0;
    if (block_metric)
        return make_of_blocks(m, block_metric);
    switch (info->section) {
    case SECTION_SUMMARY: metric_make_summary(m, info->id); break;
    case SECTION_PROCESS: return metric_make_process(m, info->id);
    case SECTION_RTS: return metric_make_rts(m, info->id);
    case SECTION_SYNC: return metric_make_sync(m, info->id);
    case SECTION_CONTROL: make_control(m, info->id); break;
    default: return make_machine(m, info->id);
    }
    return OU_OK;
}

static size_t most_values(const struct analysis *a)
{
    size_t most = a->block_count + a->host_count + (a->rts ? a->rts->count : 0);
    size_t observations = 0;

    for (size_t i = 0; i < a->block_count; i++)
        observations += a->blocks[i].observation_count;
    return 1 + (most > observations ? most : observations);
}

/* Timelines are not metrics of a run; what only some programs have is not missed in others. */
static bool is_wanted(const struct analysis *a, enum metric_section section)
{
    if (section == SECTION_PROCESS)
        return metric_has_processes(a);
    if (section == SECTION_RTS)
        return a->rts && a->rts->count > 0;
    if (section == SECTION_SYNC)
        return run_context_follows_chain(a->context);
    return section != SECTION_BLOCK_TIMELINE && section != SECTION_SLOT_TIMELINE;
}

enum ou_status metrics_fill(struct analysis *a, const struct machine_stats *machines,
                            struct ou_error *err)
{
    struct metric_making m = { .a = a, .machines = machines };
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

        if (!is_wanted(a, info->section))
            continue;
        m.out = &a->metrics[a->metric_count++];
        m.out->info = info;
        status = make_metric(&m);
        if (m.no_memory)
            status = OU_NO_MEMORY;
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
