#include "report/analysis_json.h"

#include "analyse/differences.h"
#include "json/members.h"
#include "json/write.h"
#include "report/analysis_json_parts.h"

const char *analysis_json_host(const struct analysis *a, uint32_t host)
{
    return host < a->host_count ? a->hosts[host].name : NULL;
}

/* --- Who and what ----------------------------------------------------------- */

static void write_program(struct json_writer *w)
{
    json_key(w, "program");
    json_begin_object_inline(w);
    json_member_string(w, "name", "ouroscope");
    json_member_string(w, "version", OUROSCOPE_VERSION);
    json_end(w);
}

static void write_packages(struct json_writer *w, const struct run_context *c)
{
    json_key(w, "packages");
    json_begin_array(w);
    for (size_t i = 0; i < c->package_count; i++) {
        json_begin_object_inline(w);
        json_member_string(w, "name", c->packages[i].name);
        json_member_string(w, "version", c->packages[i].version);
        json_member_string(w, "commit", c->packages[i].commit);
        json_end(w);
    }
    json_end(w);
}

static void write_workload(struct json_writer *w, const struct run_context *c)
{
    json_key(w, "workload");
    json_begin_object(w);
    json_member_double(w, "delegators", c->delegators);
    json_member_double(w, "utxo", c->utxo);
    json_member_double(w, "dreps", c->dreps);
    json_member_double(w, "addTxSize", c->add_tx_size);
    json_member_double(w, "inputsPerTx", c->inputs_per_tx);
    json_member_double(w, "outputsPerTx", c->outputs_per_tx);
    json_member_double(w, "tps", c->tps);
    json_member_double(w, "txCount", c->tx_count);
    json_member_string(w, "plutusScript", c->plutus_script);
    json_end(w);
}

static void write_flags(struct json_writer *w, const struct run_context *c)
{
    json_key(w, "flags");
    json_begin_array_inline(w);
    for (size_t i = 0; i < c->flag_count; i++)
        json_cstring(w, c->flags[i]);
    json_end(w);
}

static void write_design(struct json_writer *w, const struct context_design *d)
{
    json_key(w, "design");
    if (!d->series && d->block < 0 && d->position < 0) {
        json_none(w);
        return;
    }
    json_begin_object_inline(w);
    json_member_string(w, "series", d->series);
    json_member_known_count(w, "block", d->block);
    json_member_known_count(w, "position", d->position);
    json_end(w);
}

/* Only where there were any: most runs are alone. */
static void write_concurrent(struct json_writer *w, const struct run_context *c)
{
    if (c->concurrent_count == 0)
        return;
    json_key(w, "concurrentRuns");
    json_begin_array_inline(w);
    for (size_t i = 0; i < c->concurrent_count; i++)
        json_cstring(w, c->concurrent[i]);
    json_end(w);
}

/* Only where they are told: earlier versions and other tools do not. */
static void write_start(struct json_writer *w, const struct run_context *c)
{
    if (c->backend)
        json_member_string(w, "backend", c->backend);
    if (c->to_start_count == 0)
        return;
    json_key(w, "toStart");
    json_begin_array(w);
    for (size_t i = 0; i < c->to_start_count; i++) {
        json_begin_object_inline(w);
        json_member_string(w, "step", c->to_start[i].name);
        json_member_instant(w, "at", c->to_start[i].at_ns);
        json_member_string(w, "host", c->to_start[i].host);
        json_end(w);
    }
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
    json_member_string(w, "tag", c->tag);
    json_member_string(w, "ident", c->ident);
    json_member_string(w, "batch", c->batch);
    json_member_string(w, "profile", c->profile);
    json_member_string(w, "era", c->era);
    json_member_string(w, "nodeVersion", c->node_version);
    json_member_string(w, "compiler", c->ghc_version);
    write_flags(w, c);
    json_member_string(w, "machine", c->machine);
    write_concurrent(w, c);
    write_design(w, &c->design);
    write_start(w, c);
    json_member_double(w, "pools", c->pools);
    write_workload(w, c);
    write_packages(w, c);
    json_end(w);
}

static void write_genesis(struct json_writer *w, const struct analysis *a)
{
    const struct genesis *g = &a->genesis;

    json_key(w, "genesis");
    json_begin_object(w);
    json_member_string(w, "source", a->genesis_source);
    json_member_string(w, "network", *g->name ? g->name : NULL);
    json_member_count(w, "networkMagic", g->network_magic);
    json_member_instant(w, "systemStart", g->system_start_ns);
    json_member_seconds(w, "slotLength", g->slot_ns);
    json_member_count(w, "epochLength", g->epoch_slots);
    json_member_count(w, "securityParam", g->security_param);
    json_member_double(w, "activeSlotsCoeff", g->active_slots_coeff);
    json_member_count(w, "maxTxSize", g->max_tx_bytes);
    json_member_count(w, "maxBlockBodySize", g->max_block_body_bytes);
    json_member_count(w, "slotsPerKESPeriod", g->slots_per_kes_period);
    json_member_count(w, "maxKESEvolutions", g->max_kes_evolutions);
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
    json_member_string(w, "compat", a->compat ? "locli" : NULL);
    json_member_string(w, "quantiles", quantile_rule_name(a->rule));
    write_differences(w, a->compat);
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
        json_member_string(w, "severity", severities[f->severity]);
        json_member_string(w, "code", f->code);
        json_member_string(w, "host", analysis_json_host(a, f->host));
        json_member_count(w, "count", f->count);
        json_member_string(w, "text", f->text);
        json_end(w);
    }
    json_end(w);
}

void report_json(const struct analysis *a, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_member_count(&w, "schema", ANALYSIS_SCHEMA);
    write_program(&w);
    json_member_string(&w, "date", a->date);
    write_run(&w, a->context);
    write_genesis(&w, a);
    write_options(&w, a);
    write_findings(&w, a);
    analysis_json_metrics(&w, a);
    analysis_json_filters(&w, a);
    analysis_json_reading(&w, a);
    analysis_json_load(&w, a);
    analysis_json_hosts(&w, a);
    analysis_json_timeline(&w, a);
    analysis_json_arrival(&w, a);
    analysis_json_chain(&w, a);
    json_end(&w);
    buffer_char(out, '\n');
}
