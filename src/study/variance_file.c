#include "study/variance_file.h"

#include "base/time.h"
#include "json/members.h"

/* Metrics stand inside objects of their sections, in dictionary order. */
static void open_section(struct json_writer *w, const struct metric_info *before,
                         const struct metric_info *info)
{
    if (before && before->section == info->section)
        return;
    if (before)
        json_end(w);
    json_key(w, section_name(info->section));
    json_begin_object(w);
}

/* --- Runs ------------------------------------------------------------------------------------ */

static void write_quantiles(struct json_writer *w, const struct run_value *v)
{
    bool known = false;

    for (int i = 0; i < STANDARD_QUANTILES; i++)
        known = known || isfinite(v->quantiles[i]);
    if (!known)
        return;
    json_key(w, "quantiles");
    json_begin_array_inline(w);
    for (int i = 0; i < STANDARD_QUANTILES; i++) {
        json_begin_array_inline(w);
        json_double(w, standard_quantiles[i]);
        json_double(w, v->quantiles[i]);
        json_end(w);
    }
    json_end(w);
}

static void write_value(struct json_writer *w, const struct run_value *v)
{
    json_key(w, v->info->id);
    json_begin_object(w);
    switch (v->kind) {
    case RUN_VALUE_DISTRIBUTION:
        json_member_double(w, "n", v->n);
        json_member_double(w, "mean", v->mean);
        json_member_double(w, "median", v->median);
        json_member_double(w, "sd", v->sd);
        json_member_double(w, "min", v->min);
        json_member_double(w, "max", v->max);
        write_quantiles(w, v);
        break;
    case RUN_VALUE_NUMBER: json_member_double(w, "value", v->mean); break;
    case RUN_VALUE_TEXT: json_member_string(w, "value", v->text); break;
    case RUN_VALUE_ABSENT:
        json_member_string(w, "value", NULL);
        json_member_string(w, "reason", v->absent_reason);
        break;
    }
    json_end(w);
}

static void write_values(struct json_writer *w, const struct finished_run *run)
{
    json_key(w, "metrics");
    json_begin_object(w);
    for (size_t i = 0; i < run->value_count; i++) {
        open_section(w, i ? run->values[i - 1].info : NULL, run->values[i].info);
        write_value(w, &run->values[i]);
    }
    if (run->value_count > 0)
        json_end(w);
    json_end(w);
}

static void write_design(struct json_writer *w, const struct run_design *d)
{
    json_key(w, "design");
    if (!d->series) {
        json_none(w);
        return;
    }
    json_begin_object_inline(w);
    json_member_string(w, "series", d->series);
    json_key(w, "block");
    json_int(w, d->block);
    json_key(w, "position");
    json_int(w, d->position);
    json_end(w);
}

static void write_counts(struct json_writer *w, const struct finished_run *run)
{
    json_key(w, "counts");
    json_begin_array(w);
    for (size_t i = 0; i < run->count_count; i++) {
        json_begin_object_inline(w);
        json_member_string(w, "id", run->counts[i].id);
        json_member_string(w, "name", run->counts[i].name);
        json_member_string(w, "exposureUnit", run->counts[i].exposure_unit);
        json_member_double(w, "count", run->counts[i].count);
        json_member_double(w, "exposure", run->counts[i].exposure);
        json_end(w);
    }
    json_end(w);
}

static void write_facts(struct json_writer *w, const struct finished_run *run)
{
    json_key(w, "facts");
    json_begin_array(w);
    for (size_t i = 0; i < run->fact_count; i++) {
        json_begin_object_inline(w);
        json_member_string(w, "group", run->facts[i].group);
        json_member_string(w, "name", run->facts[i].name);
        json_member_string(w, "value", run->facts[i].value);
        json_end(w);
    }
    json_end(w);
}

static void write_findings(struct json_writer *w, const struct finished_run *run)
{
    json_key(w, "findings");
    json_begin_array(w);
    for (size_t i = 0; i < run->errors + run->warnings; i++) {
        json_begin_object_inline(w);
        json_member_string(w, "severity", i < run->errors ? "error" : "warning");
        json_member_string(w, "text", run->finding_texts[i]);
        json_end(w);
    }
    json_end(w);
}

static void write_run(struct json_writer *w, const struct finished_run *run)
{
    json_begin_object(w);
    json_member_string(w, "title", run->title);
    json_member_string(w, "source", run->source == RUN_FROM_TABLE ? "table" : "analysis");
    json_member_string(w, "tag", run->tag);
    json_member_string(w, "ident", run->ident);
    json_member_string(w, "batch", run->batch);
    json_member_string(w, "profile", run->profile);
    json_member_string(w, "era", run->era);
    json_member_string(w, "compiler", run->compiler);
    json_member_string(w, "nodeVersion", run->node_version);
    json_member_string(w, "machine", run->machine);
    json_key(w, "started");
    json_instant(w, run->started_ns);
    write_design(w, &run->design);
    json_member_string(w, "xxh128", run->checksum);
    write_counts(w, run);
    write_facts(w, run);
    write_findings(w, run);
    write_values(w, run);
    json_end(w);
}

/* --- What was computed --------------------------------------------------------------------------- */

static void write_row(struct json_writer *w, const char *key, const struct multi_run_row *row)
{
    json_key(w, key);
    json_begin_object_inline(w);
    json_member_double(w, "average", row->average);
    json_member_double(w, "cov", row->cov);
    json_member_double(w, "min", row->min);
    json_member_double(w, "max", row->max);
    json_member_double(w, "stddev", row->stddev);
    json_member_double(w, "range", row->range);
    json_member_double(w, "precision", row->precision);
    json_member_double(w, "size", row->size);
    json_end(w);
}

static void write_intervals(struct json_writer *w, const struct metric_variance *m)
{
    const struct bootstrap_result *b = &m->median_of_blocks;

    json_member_range(w, "meanInterval", m->mean.low, m->mean.high);
    json_member_range(w, "medianInterval", m->median_rank.low, m->median_rank.high);
    json_key(w, "quantiles");
    json_begin_array(w);
    for (int i = 0; i < VARIANCE_QUANTILES; i++) {
        json_begin_object_inline(w);
        json_member_double(w, "p", variance_quantiles[i]);
        json_member_double(w, "mean", m->quantiles[i].mean);
        json_member_range(w, "interval", m->quantiles[i].interval.low,
                          m->quantiles[i].interval.high);
        json_end(w);
    }
    json_end(w);
    json_key(w, "medianOfBlocks");
    if (!interval_known(b->interval)) {
        json_none(w);
        return;
    }
    json_begin_object_inline(w);
    json_member_double(w, "estimate", b->estimate);
    json_member_range(w, "interval", b->interval.low, b->interval.high);
    json_member_double(w, "standardError", b->standard_error);
    json_member_count(w, "resamples", b->resamples);
    json_member_count(w, "seed", b->seed);
    json_end(w);
}

static void write_odd_ones(struct json_writer *w, const char *key, const struct odd_one *odd,
                           size_t count)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_begin_object_inline(w);
        json_member_string(w, "name", odd[i].name);
        json_member_double(w, "z", odd[i].z);
        json_end(w);
    }
    json_end(w);
}

static void write_sources(struct json_writer *w, const struct metric_variance *m)
{
    json_key(w, "shares");
    json_begin_object_inline(w);
    json_member_double(w, "run", m->shares.run);
    json_member_double(w, "host", m->shares.host);
    json_member_double(w, "interaction", m->shares.interaction);
    json_member_double(w, "within", m->shares.within);
    json_key(w, "crossed");
    json_bool(w, m->shares.crossed);
    json_end(w);
    json_key(w, "drift");
    json_begin_object_inline(w);
    json_member_double(w, "tau", m->drift.tau);
    json_member_double(w, "p", m->drift.p);
    json_end(w);
    json_key(w, "withinRuns");
    json_begin_object_inline(w);
    json_member_double(w, "autocorrelation", m->serial.rho1);
    json_member_double(w, "effectiveN", m->serial.effective_n);
    json_member_count(w, "steadinessTold", m->steadiness_told);
    json_member_count(w, "unsteady", m->unsteady_runs);
    json_end(w);
    write_odd_ones(w, "oddRuns", m->odd_runs, m->odd_run_count);
    write_odd_ones(w, "oddHosts", m->odd_hosts, m->odd_host_count);
}

static void write_runs_needed(struct json_writer *w, const char *key, const struct runs_needed *n)
{
    static const char *const changes[PLANNED_CHANGES] = { "1%", "2%", "5%" };

    json_key(w, key);
    json_begin_object_inline(w);
    for (int i = 0; i < PLANNED_CHANGES; i++)
        json_member_double(w, changes[i], n->change[i]);
    json_member_double(w, "margin", n->margin);
    json_end(w);
}

static void write_metric(struct json_writer *w, const struct variance *v,
                         const struct metric_variance *m)
{
    json_key(w, m->info->id);
    json_begin_object(w);
    json_member_string(w, "name", m->info->name);
    json_member_string(w, "unit", m->info->unit);
    json_member_count(w, "runs", m->runs);
    json_key(w, "values");
    json_begin_array_inline(w);
    for (size_t i = 0; i < v->set->count; i++)
        json_double(w, m->values[i]);
    json_end(w);
    write_row(w, "interRun", &m->inter_run);
    write_row(w, "overall", &m->overall);
    write_intervals(w, m);
    write_sources(w, m);
    write_runs_needed(w, "runsNeeded", &m->alone);
    write_runs_needed(w, "runsNeededAmongAll", &m->among_all);
    json_end(w);
}

static void write_metrics(struct json_writer *w, const struct variance *v)
{
    json_key(w, "metrics");
    json_begin_object(w);
    for (size_t i = 0; i < v->metric_count; i++) {
        open_section(w, i ? v->metrics[i - 1].info : NULL, v->metrics[i].info);
        write_metric(w, v, &v->metrics[i]);
    }
    if (v->metric_count > 0)
        json_end(w);
    json_end(w);
}

void variance_file(const struct variance *v, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_member_count(&w, "schema", VARIANCE_SCHEMA);
    json_member_string(&w, "kind", "variance");
    json_key(&w, "program");
    json_begin_object_inline(&w);
    json_member_string(&w, "name", "ouroscope");
    json_member_string(&w, "version", OUROSCOPE_VERSION);
    json_end(&w);
    json_member_string(&w, "label", v->set->label);
    json_member_count(&w, "seed", v->seed);
    json_member_count(&w, "tests", v->tests);
    write_metrics(&w, v);
    json_key(&w, "runs");
    json_begin_array(&w);
    for (size_t i = 0; i < v->set->count; i++)
        write_run(&w, &v->set->runs[i]);
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}
