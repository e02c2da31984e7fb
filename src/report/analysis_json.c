#include "report/analysis_json.h"

#include <math.h>

#include "analyse/differences.h"
#include "json/write.h"
#include "report/tables.h"

/* --- Members: a key and a value ------------------------------------------- */

static void member_string(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_cstring(w, text);
}

static void member_count(struct json_writer *w, const char *key, uint64_t count)
{
    json_key(w, key);
    json_uint(w, count);
}

/* Negative stands for not known. */
static void member_known_count(struct json_writer *w, const char *key, int64_t count)
{
    json_key(w, key);
    if (count < 0)
        json_none(w);
    else
        json_int(w, count);
}

static void member_double(struct json_writer *w, const char *key, double value)
{
    json_key(w, key);
    json_double(w, value);
}

static void member_bool(struct json_writer *w, const char *key, bool value)
{
    json_key(w, key);
    json_bool(w, value);
}

static void member_instant(struct json_writer *w, const char *key, int64_t ns)
{
    json_key(w, key);
    json_instant(w, ns);
}

static void member_seconds(struct json_writer *w, const char *key, int64_t ns)
{
    json_key(w, key);
    json_seconds(w, ns);
}

static const char *host_name(const struct analysis *a, uint32_t host)
{
    return host < a->host_count ? a->hosts[host].name : NULL;
}

/* --- Who and what ----------------------------------------------------------- */

static void write_program(struct json_writer *w)
{
    json_key(w, "program");
    json_begin_object_inline(w);
    member_string(w, "name", "ouroscope");
    member_string(w, "version", OUROSCOPE_VERSION);
    json_end(w);
}

static void write_packages(struct json_writer *w, const struct run_context *c)
{
    json_key(w, "packages");
    json_begin_array(w);
    for (size_t i = 0; i < c->package_count; i++) {
        json_begin_object_inline(w);
        member_string(w, "name", c->packages[i].name);
        member_string(w, "version", c->packages[i].version);
        member_string(w, "commit", c->packages[i].commit);
        json_end(w);
    }
    json_end(w);
}

static void write_workload(struct json_writer *w, const struct run_context *c)
{
    json_key(w, "workload");
    json_begin_object(w);
    member_double(w, "delegators", c->delegators);
    member_double(w, "utxo", c->utxo);
    member_double(w, "dreps", c->dreps);
    member_double(w, "addTxSize", c->add_tx_size);
    member_double(w, "inputsPerTx", c->inputs_per_tx);
    member_double(w, "outputsPerTx", c->outputs_per_tx);
    member_double(w, "tps", c->tps);
    member_double(w, "txCount", c->tx_count);
    member_string(w, "plutusScript", c->plutus_script);
    json_end(w);
}

static void write_run(struct json_writer *w, const struct run_context *c)
{
    json_key(w, "run");
    if (!c) {
        json_none(w);
        return;
    }
    json_begin_object(w);
    member_string(w, "tag", c->tag);
    member_string(w, "ident", c->ident);
    member_string(w, "batch", c->batch);
    member_string(w, "profile", c->profile);
    member_string(w, "era", c->era);
    member_string(w, "compiler", c->ghc_version);
    member_double(w, "pools", c->pools);
    write_workload(w, c);
    write_packages(w, c);
    json_end(w);
}

static void write_genesis(struct json_writer *w, const struct analysis *a)
{
    const struct genesis *g = &a->genesis;

    json_key(w, "genesis");
    json_begin_object(w);
    member_string(w, "source", a->genesis_source);
    member_string(w, "network", *g->name ? g->name : NULL);
    member_count(w, "networkMagic", g->network_magic);
    member_instant(w, "systemStart", g->system_start_ns);
    member_seconds(w, "slotLength", g->slot_ns);
    member_count(w, "epochLength", g->epoch_slots);
    member_count(w, "securityParam", g->security_param);
    member_double(w, "activeSlotsCoeff", g->active_slots_coeff);
    member_count(w, "maxTxSize", g->max_tx_bytes);
    member_count(w, "maxBlockBodySize", g->max_block_body_bytes);
    member_count(w, "slotsPerKESPeriod", g->slots_per_kes_period);
    member_count(w, "maxKESEvolutions", g->max_kes_evolutions);
    json_end(w);
}

/* What is computed otherwise than the field's existing tool does it: nothing
 * in compat mode, all of differences.h else. */
static void write_differences(struct json_writer *w, bool compat)
{
    static const char *const titles[] = {
#define X(id, title, locli, ours, effect) title,
        OU_DIFFERENCES(X)
#undef X
    };

    json_key(w, "differencesFromLocli");
    json_begin_array(w);
    for (size_t i = 0; !compat && i < sizeof titles / sizeof *titles; i++)
        json_cstring(w, titles[i]);
    json_end(w);
}

static void write_options(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "options");
    json_begin_object(w);
    member_string(w, "compat", a->compat ? "locli" : NULL);
    member_string(w, "quantiles", quantile_rule_name(a->rule));
    write_differences(w, a->compat);
    json_end(w);
}

/* --- What was read ----------------------------------------------------------- */

static void write_files(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "files");
    json_begin_array(w);
    for (size_t i = 0; i < a->file_count; i++) {
        const struct file_read_result *f = &a->files[i];

        json_begin_object(w);
        member_string(w, "path", f->path);
        member_string(w, "host", f->host);
        member_string(w, "compression", f->compression);
        member_count(w, "lines", f->lines);
        member_count(w, "bytes", f->bytes);
        member_string(w, "xxh128", f->checksum);
        member_instant(w, "first", f->first_ns);
        member_instant(w, "last", f->last_ns);
        member_string(w, "problem", f->problem);
        json_end(w);
    }
    json_end(w);
}

static void write_events(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "events");
    json_begin_array(w);
    for (size_t i = 0; i < a->event_count; i++) {
        const struct event_count *e = &a->events[i];

        json_begin_object_inline(w);
        member_string(w, "name", e->name);
        member_string(w, "event", e->event < EVENT_KINDS ? event_infos[e->event].name : NULL);
        member_count(w, "lines", e->lines);
        json_end(w);
    }
    json_end(w);
}

static void write_rejects(struct json_writer *w, const struct analysis *a, const char *key,
                          bool expected)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < a->reject_count; i++) {
        const struct reject_count *r = &a->rejects[i];

        if (r->expected != expected)
            continue;
        json_begin_object(w);
        member_string(w, "code", r->code);
        member_string(w, "reason", r->reason);
        member_count(w, "lines", r->lines);
        member_string(w, "firstPath", r->first_path);
        member_count(w, "firstLine", r->first_line);
        json_end(w);
    }
    json_end(w);
}

static void write_reading(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "read");
    json_begin_object(w);
    member_count(w, "lines", a->lines);
    member_count(w, "bytes", a->bytes);
    member_count(w, "objects", a->objects);
    member_instant(w, "first", a->first_ns);
    member_instant(w, "last", a->last_ns);
    write_files(w, a);
    write_events(w, a);
    write_rejects(w, a, "notUnderstood", false);
    write_rejects(w, a, "setAside", true);
    json_end(w);
}

/* Only where there was a load generator's log. */
static void write_load(struct json_writer *w, const struct analysis *a)
{
    if (a->load.generators == 0)
        return;
    json_key(w, "load");
    json_begin_object(w);
    member_count(w, "generators", a->load.generators);
    json_key(w, "transactionsSent");
    if (a->load.txs_sent < 0)
        json_none(w);
    else
        json_int(w, a->load.txs_sent);
    json_end(w);
}

/* --- Tables of the report as arrays of objects -------------------------------- */

static void write_cell(struct json_writer *w, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NONE: json_none(w); break;
    case CELL_TEXT: json_cstring(w, cell->text); break;
    case CELL_COUNT: json_int(w, cell->integer); break;
    case CELL_REAL: json_double(w, cell->real); break;
    case CELL_SECONDS: json_seconds(w, cell->integer); break;
    case CELL_INSTANT: json_instant(w, cell->integer); break;
    case CELL_BOOL: json_bool(w, cell->yes); break;
    }
}

static void write_hosts(struct json_writer *w, const struct analysis *a)
{
    struct table_columns columns = table_columns(TABLE_HOSTS);
    struct table_row row = { .a = a };

    json_key(w, "hosts");
    json_begin_array(w);
    while (table_next(TABLE_HOSTS, &row)) {
        json_begin_object(w);
        for (size_t i = 0; i < columns.count; i++) {
            struct cell cell = columns.at[i].get(&row, columns.at[i].which);

            json_key(w, columns.at[i].id);
            write_cell(w, &cell);
        }
        json_end(w);
    }
    json_end(w);
}

/* --- The chain ------------------------------------------------------------------ */

static void write_answers(struct json_writer *w, const char *key, const struct analysis *a,
                          const struct chain_block *b, enum filter_answer answer)
{
    json_key(w, key);
    json_begin_array_inline(w);
    for (size_t i = 0; b->fate == BLOCK_CHAINED && i < a->filter_count; i++) {
        if (b->answers[i] == answer)
            json_cstring(w, a->filters[i].name);
    }
    json_end(w);
}

static void write_adoption(struct json_writer *w, const struct chain_block *b)
{
    json_key(w, "adoption");
    json_begin_array_inline(w);
    for (int i = 0; i < ADOPTION_FRACTIONS; i++)
        json_seconds(w, b->adoption_ns[i]);
    json_end(w);
}

static void write_block(struct json_writer *w, const struct analysis *a,
                        const struct chain_block *b)
{
    json_begin_object_inline(w);
    member_known_count(w, "number", b->number);
    member_known_count(w, "slot", b->slot);
    member_string(w, "hash", b->hash);
    member_string(w, "parent", b->parent);
    member_string(w, "fate", block_fate_name(b->fate));
    json_key(w, "accepted");
    if (b->fate == BLOCK_CHAINED)
        json_bool(w, b->accepted);
    else
        json_none(w);
    write_answers(w, "failed", a, b, FILTER_NO);
    write_answers(w, "undecided", a, b, FILTER_UNKNOWN);
    member_string(w, "forger", host_name(a, b->forger));
    member_known_count(w, "size", b->size_bytes);
    member_instant(w, "slotStart", b->slot_start_ns);
    member_instant(w, "forgedAt", b->forged_at_ns);
    member_seconds(w, "gap", b->block_gap_ns);
    member_seconds(w, "announced", b->forger_delta_ns[FORGER_ANNOUNCED_CUM]);
    member_count(w, "battles", b->battles);
    member_count(w, "observers", b->observation_count);
    member_count(w, "validObservers", b->valid_observations);
    member_count(w, "adopters", b->adopters);
    write_adoption(w, b);
    json_end(w);
}

static void write_blocks(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "adoptionFractions");
    json_begin_array_inline(w);
    for (int i = 0; i < ADOPTION_FRACTIONS; i++)
        json_double(w, adoption_fractions[i]);
    json_end(w);
    json_key(w, "blocks");
    json_begin_array(w);
    for (size_t i = 0; i < a->block_count; i++)
        write_block(w, a, &a->blocks[i]);
    json_end(w);
}

static void write_range(struct json_writer *w, const char *key, const int64_t range[2])
{
    json_key(w, key);
    if (range[0] < 0) {
        json_none(w);
        return;
    }
    json_begin_array_inline(w);
    json_int(w, range[0]);
    json_int(w, range[1]);
    json_end(w);
}

static void write_chain(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "chain");
    json_begin_object(w);
    member_count(w, "clusterSize", a->cluster_size);
    member_bool(w, "partialView", a->partial_view);
    member_count(w, "chained", a->chained_count);
    member_count(w, "accepted", a->accepted_count);
    member_count(w, "rejected", a->chained_count - a->accepted_count);
    member_count(w, "unchained", a->unchained_count);
    member_count(w, "pending", a->pending_count);
    member_count(w, "withoutForger", a->forgerless_count);
    member_count(w, "missingHeights", a->missing_heights);
    write_range(w, "slots", a->slots_raw);
    write_range(w, "acceptedSlots", a->slots_filtered);
    write_range(w, "numbers", a->blocks_raw);
    write_range(w, "acceptedNumbers", a->blocks_filtered);
    write_blocks(w, a);
    json_end(w);
}

static void write_filters(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "filters");
    json_begin_array(w);
    for (size_t i = 0; i < a->filter_count; i++) {
        const struct filter_result *f = &a->filters[i];

        json_begin_object_inline(w);
        member_string(w, "name", f->name);
        member_string(w, "set", f->set);
        member_string(w, "of", f->for_slots ? "slots" : "blocks");
        member_count(w, "blocksDropped", f->blocks_dropped);
        member_count(w, "blocksUndecided", f->blocks_undecided);
        member_known_count(w, "slotsDropped", f->for_slots ? (int64_t)f->slots_dropped : -1);
        json_end(w);
    }
    json_end(w);
}

/* --- Metrics ---------------------------------------------------------------------- */

static void write_quantiles(struct json_writer *w, const char *key,
                            const double values[STANDARD_QUANTILES])
{
    json_key(w, key);
    json_begin_array_inline(w);
    for (int i = 0; i < STANDARD_QUANTILES; i++) {
        json_begin_array_inline(w);
        json_double(w, standard_quantiles[i]);
        json_double(w, values[i]);
        json_end(w);
    }
    json_end(w);
}

static void write_median_interval(struct json_writer *w, const struct distribution *d)
{
    json_key(w, "medianInterval");
    if (isnan(d->median_low) || isnan(d->median_high)) {
        json_none(w);
        return;
    }
    json_begin_array_inline(w);
    json_double(w, d->median_low);
    json_double(w, d->median_high);
    json_end(w);
}

static void write_over_hosts(struct json_writer *w, const struct analysis *a,
                             const struct metric_result *m)
{
    member_double(w, "interHostSd", m->inter_host_sd);
    write_quantiles(w, "quantileMedians", m->quantile_medians);
    json_key(w, "perHost");
    json_begin_object(w);
    for (uint32_t i = 0; i < a->host_count; i++)
        member_double(w, a->hosts[i].name, m->per_host[i].n > 0 ? m->per_host[i].mean : NAN);
    json_end(w);
}

static void write_distribution(struct json_writer *w, const struct analysis *a,
                               const struct metric_result *m)
{
    const struct distribution *d = &m->over;

    member_count(w, "n", d->n);
    member_double(w, "mean", d->mean);
    member_double(w, "median", d->median);
    if (!m->per_host)
        write_median_interval(w, d);
    member_double(w, "sd", d->sd);
    member_double(w, "min", d->min);
    member_double(w, "max", d->max);
    write_quantiles(w, "quantiles", d->quantiles);
    if (m->per_host)
        write_over_hosts(w, a, m);
}

static void write_metric(struct json_writer *w, const struct analysis *a,
                         const struct metric_result *m)
{
    static const char *const directions[] = {
        [DIRECTION_NONE] = "none",
        [DIRECTION_LESS_IS_BETTER] = "less",
        [DIRECTION_MORE_IS_BETTER] = "more",
    };

    json_key(w, m->info->id);
    json_begin_object(w);
    member_string(w, "name", m->info->name);
    member_string(w, "unit", m->info->unit);
    member_string(w, "direction", directions[m->info->direction]);
    if (m->kind == METRIC_DISTRIBUTION && m->over.n > 0) {
        write_distribution(w, a, m);
    } else if (m->kind == METRIC_TEXT) {
        member_string(w, "value", m->text);
    } else if (m->kind == METRIC_NUMBER) {
        member_double(w, "value", m->number);
    } else {
        member_string(w, "value", NULL);
        member_string(w, "reason", m->absent_reason ? m->absent_reason : "There is no sample.");
    }
    json_end(w);
}

/* The metrics of a section stand together: they are in dictionary order. */
static void write_metrics(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "metrics");
    json_begin_object(w);
    for (size_t i = 0; i < a->metric_count; i++) {
        enum metric_section section = a->metrics[i].info->section;

        if (i == 0 || a->metrics[i - 1].info->section != section) {
            json_key(w, section_name(section));
            json_begin_object(w);
        }
        write_metric(w, a, &a->metrics[i]);
        if (i + 1 == a->metric_count || a->metrics[i + 1].info->section != section)
            json_end(w);
    }
    json_end(w);
}

/* --- Findings ------------------------------------------------------------------------ */

static void write_findings(struct json_writer *w, const struct analysis *a)
{
    static const char *const severities[] = {
        [FINDING_NOTE] = "note",
        [FINDING_WARNING] = "warning",
        [FINDING_ERROR] = "error",
    };

    json_key(w, "findings");
    json_begin_array(w);
    for (size_t i = 0; i < a->finding_count; i++) {
        const struct finding *f = &a->findings[i];

        json_begin_object(w);
        member_string(w, "severity", severities[f->severity]);
        member_string(w, "code", f->code);
        member_string(w, "host", host_name(a, f->host));
        member_count(w, "count", f->count);
        member_string(w, "text", f->text);
        json_end(w);
    }
    json_end(w);
}

void report_json(const struct analysis *a, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    member_count(&w, "schema", ANALYSIS_SCHEMA);
    write_program(&w);
    member_string(&w, "date", a->date);
    write_run(&w, a->context);
    write_genesis(&w, a);
    write_options(&w, a);
    write_findings(&w, a);
    write_metrics(&w, a);
    write_filters(&w, a);
    write_reading(&w, a);
    write_load(&w, a);
    write_hosts(&w, a);
    write_chain(&w, a);
    json_end(&w);
    buffer_char(out, '\n');
}
