#include "study/variance_file.h"

#include "base/time.h"
#include "json/write.h"

/* --- Members ---------------------------------------------------------------------------- */

static void member_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_cstring(w, text);
}

static void member_number(struct json_writer *w, const char *key, double value)
{
    json_key(w, key);
    json_double(w, value);
}

static void member_count(struct json_writer *w, const char *key, size_t count)
{
    json_key(w, key);
    json_uint(w, count);
}

/* null: none; an end that is null is unbounded. */
static void member_interval(struct json_writer *w, const char *key, struct interval interval)
{
    json_key(w, key);
    if (!interval_known(interval)) {
        json_none(w);
        return;
    }
    json_begin_array_inline(w);
    json_double(w, interval.low);
    json_double(w, interval.high);
    json_end(w);
}

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
        member_number(w, "n", v->n);
        member_number(w, "mean", v->mean);
        member_number(w, "median", v->median);
        member_number(w, "sd", v->sd);
        member_number(w, "min", v->min);
        member_number(w, "max", v->max);
        write_quantiles(w, v);
        break;
    case RUN_VALUE_NUMBER: member_number(w, "value", v->mean); break;
    case RUN_VALUE_TEXT: member_text(w, "value", v->text); break;
    case RUN_VALUE_ABSENT:
        member_text(w, "value", NULL);
        member_text(w, "reason", v->absent_reason);
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
    member_text(w, "series", d->series);
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
        member_text(w, "id", run->counts[i].id);
        member_text(w, "name", run->counts[i].name);
        member_text(w, "exposureUnit", run->counts[i].exposure_unit);
        member_number(w, "count", run->counts[i].count);
        member_number(w, "exposure", run->counts[i].exposure);
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
        member_text(w, "group", run->facts[i].group);
        member_text(w, "name", run->facts[i].name);
        member_text(w, "value", run->facts[i].value);
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
        member_text(w, "severity", i < run->errors ? "error" : "warning");
        member_text(w, "text", run->finding_texts[i]);
        json_end(w);
    }
    json_end(w);
}

static void write_run(struct json_writer *w, const struct finished_run *run)
{
    json_begin_object(w);
    member_text(w, "title", run->title);
    member_text(w, "source", run->source == RUN_FROM_TABLE ? "table" : "analysis");
    member_text(w, "tag", run->tag);
    member_text(w, "ident", run->ident);
    member_text(w, "batch", run->batch);
    member_text(w, "profile", run->profile);
    member_text(w, "era", run->era);
    member_text(w, "compiler", run->compiler);
    member_text(w, "nodeVersion", run->node_version);
    member_text(w, "machine", run->machine);
    json_key(w, "started");
    json_instant(w, run->started_ns);
    write_design(w, &run->design);
    member_text(w, "xxh128", run->checksum);
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
    member_number(w, "average", row->average);
    member_number(w, "cov", row->cov);
    member_number(w, "min", row->min);
    member_number(w, "max", row->max);
    member_number(w, "stddev", row->stddev);
    member_number(w, "range", row->range);
    member_number(w, "precision", row->precision);
    member_number(w, "size", row->size);
    json_end(w);
}

static void write_intervals(struct json_writer *w, const struct metric_variance *m)
{
    const struct bootstrap_result *b = &m->median_of_blocks;

    member_interval(w, "meanInterval", m->mean);
    member_interval(w, "medianInterval", m->median_rank);
    json_key(w, "quantiles");
    json_begin_array(w);
    for (int i = 0; i < VARIANCE_QUANTILES; i++) {
        json_begin_object_inline(w);
        member_number(w, "p", variance_quantiles[i]);
        member_number(w, "mean", m->quantiles[i].mean);
        member_interval(w, "interval", m->quantiles[i].interval);
        json_end(w);
    }
    json_end(w);
    json_key(w, "medianOfBlocks");
    if (!interval_known(b->interval)) {
        json_none(w);
        return;
    }
    json_begin_object_inline(w);
    member_number(w, "estimate", b->estimate);
    member_interval(w, "interval", b->interval);
    member_number(w, "standardError", b->standard_error);
    member_count(w, "resamples", b->resamples);
    member_count(w, "seed", b->seed);
    json_end(w);
}

static void write_odd_ones(struct json_writer *w, const char *key, const struct odd_one *odd,
                           size_t count)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_begin_object_inline(w);
        member_text(w, "name", odd[i].name);
        member_number(w, "z", odd[i].z);
        json_end(w);
    }
    json_end(w);
}

static void write_sources(struct json_writer *w, const struct metric_variance *m)
{
    json_key(w, "shares");
    json_begin_object_inline(w);
    member_number(w, "run", m->shares.run);
    member_number(w, "host", m->shares.host);
    member_number(w, "interaction", m->shares.interaction);
    member_number(w, "within", m->shares.within);
    json_key(w, "crossed");
    json_bool(w, m->shares.crossed);
    json_end(w);
    json_key(w, "drift");
    json_begin_object_inline(w);
    member_number(w, "tau", m->drift.tau);
    member_number(w, "p", m->drift.p);
    json_end(w);
    json_key(w, "withinRuns");
    json_begin_object_inline(w);
    member_number(w, "autocorrelation", m->serial.rho1);
    member_number(w, "effectiveN", m->serial.effective_n);
    member_count(w, "steadinessTold", m->steadiness_told);
    member_count(w, "unsteady", m->unsteady_runs);
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
        member_number(w, changes[i], n->change[i]);
    member_number(w, "margin", n->margin);
    json_end(w);
}

static void write_metric(struct json_writer *w, const struct variance *v,
                         const struct metric_variance *m)
{
    json_key(w, m->info->id);
    json_begin_object(w);
    member_text(w, "name", m->info->name);
    member_text(w, "unit", m->info->unit);
    member_count(w, "runs", m->runs);
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
    member_count(&w, "schema", VARIANCE_SCHEMA);
    member_text(&w, "kind", "variance");
    json_key(&w, "program");
    json_begin_object_inline(&w);
    member_text(&w, "name", "ouroscope");
    member_text(&w, "version", OUROSCOPE_VERSION);
    json_end(&w);
    member_text(&w, "label", v->set->label);
    member_count(&w, "seed", v->seed);
    member_count(&w, "tests", v->tests);
    write_metrics(&w, v);
    json_key(&w, "runs");
    json_begin_array(&w);
    for (size_t i = 0; i < v->set->count; i++)
        write_run(&w, &v->set->runs[i]);
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}
