#include "report/sweep_json.h"

#include <math.h>

#include "json/members.h"
#include "report/sweep_document.h"

/* null: there is none. */
static void write_metric_name(struct json_writer *w, const char *key,
                              const struct metric_info *info)
{
    json_key(w, key);
    if (!info) {
        json_none(w);
        return;
    }
    json_begin_object_inline(w);
    json_member_string(w, "section", section_name(info->section));
    json_member_string(w, "id", info->id);
    json_member_string(w, "name", info->name);
    json_member_string(w, "unit", info->unit);
    json_end(w);
}

/* --- The plan, and what became of it ------------------------------------------------------- */

static void write_axes(struct json_writer *w, const struct sweep_results *r)
{
    json_key(w, "axes");
    json_begin_array(w);
    for (size_t i = 0; i < r->axis_count; i++) {
        json_begin_object_inline(w);
        json_member_string(w, "name", r->axes[i].name);
        json_key(w, "levels");
        json_begin_array_inline(w);
        for (size_t k = 0; k < r->axes[i].level_count; k++)
            json_cstring(w, r->axes[i].levels[k]);
        json_end(w);
        json_end(w);
    }
    json_end(w);
}

static void write_settings(struct json_writer *w, const struct sweep_results *r)
{
    json_key(w, "settings");
    json_begin_array(w);
    for (size_t i = 0; i < r->setting_count; i++) {
        json_begin_object_inline(w);
        json_member_string(w, "label", r->all[i].label);
        json_key(w, "levels");
        json_begin_array_inline(w);
        for (size_t k = 0; k < r->axis_count; k++)
            json_uint(w, r->all[i].levels[k]);
        json_end(w);
        json_member_count(w, "runs", r->all[i].run_count);
        json_end(w);
    }
    json_end(w);
    json_member_count(w, "base", r->base);
}

static const char *fate_name(enum sweep_fate fate)
{
    static const char *const names[] = { [SWEEP_FATE_OPEN] = "open",
                                         [SWEEP_FATE_DONE] = "done",
                                         [SWEEP_FATE_UNREAD] = "unread",
                                         [SWEEP_FATE_FAILED] = "failed" };

    return names[fate];
}

static void write_runs(struct json_writer *w, const struct sweep_results *r)
{
    json_member_count(w, "planned", r->planned);
    json_member_count(w, "analysed", r->runs.count);
    json_member_count(w, "failed", r->failed);
    json_key(w, "runs");
    json_begin_array(w);
    for (size_t i = 0; i < r->planned; i++) {
        const struct sweep_made *m = &r->made[i];

        json_begin_object_inline(w);
        json_member_count(w, "setting", m->setting);
        json_member_count(w, "block", m->block);
        json_member_count(w, "position", m->position);
        json_member_string(w, "state", fate_name(m->fate));
        json_member_count(w, "attempts", m->attempts);
        json_member_string(w, "directory", m->directory);
        json_member_double(w, "seconds", m->seconds);
        json_member_string(w, "cause", m->cause && *m->cause ? m->cause : NULL);
        json_member_string(w, "checksum",
                           m->run == SIZE_MAX ? NULL : r->runs.runs[m->run].checksum);
        json_end(w);
    }
    json_end(w);
}

/* --- Metrics ---------------------------------------------------------------------------------- */

static void write_estimates(struct json_writer *w, const struct sweep_results *r,
                            const struct sweep_metric *m)
{
    json_key(w, "settings");
    json_begin_array(w);
    for (size_t i = 0; i < r->setting_count; i++) {
        const struct setting_estimate *e = &m->settings[i];

        json_begin_object_inline(w);
        json_member_count(w, "setting", e->setting);
        json_member_count(w, "runs", e->n);
        json_member_double(w, "mean", e->mean);
        json_member_double(w, "deviation", e->deviation);
        json_member_range(w, "interval", e->interval.low, e->interval.high);
        json_member_double(w, "percentOfBest", e->percent_of_best);
        json_member_range(w, "againstBest", e->against_best.low, e->against_best.high);
        json_member_double(w, "baseDifference", e->base_difference);
        json_member_range(w, "againstBase", e->against_base.low, e->against_base.high);
        json_member_string(w, "verdict", sweep_verdict(r, m, e));
        json_member_known_count(w, "rankLow", e->rank_low ? (int64_t)e->rank_low : -1);
        json_member_known_count(w, "rankHigh", e->rank_high ? (int64_t)e->rank_high : -1);
        json_member_double(w, "variation", e->variation);
        json_member_double(w, "varianceRatio", e->spread.ratio);
        json_member_range(w, "varianceInterval", e->spread.interval.low, e->spread.interval.high);
        json_member_double(w, "pVariance", e->spread.p);
        json_member_double(w, "pVarianceRobust", e->spread.p_robust);
        json_end(w);
    }
    json_end(w);
}

static void write_effect_numbers(struct json_writer *w, const struct sweep_effect *e)
{
    json_member_double(w, "degreesOfFreedom", e->dof);
    json_member_double(w, "sumOfSquares", e->sum_squares);
    json_member_double(w, "f", e->f);
    json_member_double(w, "p", e->p);
    json_member_double(w, "pAdjusted", e->p_adjusted);
    json_member_double(w, "share", e->share);
    json_member_double(w, "largestPercent", e->largest_percent);
    json_member_bool(w, "aliased", e->aliased);
}

static void write_effects(struct json_writer *w, const struct sweep_metric *m)
{
    json_key(w, "effects");
    json_begin_array(w);
    for (size_t i = 0; i < m->effect_count; i++) {
        const struct sweep_effect *e = &m->effects[i];

        json_begin_object_inline(w);
        json_key(w, "axes");
        json_begin_array_inline(w);
        json_uint(w, e->axis);
        if (e->other != e->axis)
            json_uint(w, e->other);
        json_end(w);
        write_effect_numbers(w, e);
        json_end(w);
    }
    json_end(w);
    json_key(w, "rest");
    if (!(m->rest.dof > 0)) {
        json_none(w);
        return;
    }
    json_begin_object_inline(w);
    write_effect_numbers(w, &m->rest);
    json_end(w);
}

static void write_levels(struct json_writer *w, const struct sweep_metric *m)
{
    json_key(w, "levels");
    json_begin_array(w);
    for (size_t i = 0; i < m->level_count; i++) {
        const struct level_mean *l = &m->levels[i];

        json_begin_object_inline(w);
        json_key(w, "at");
        json_begin_array_inline(w);
        for (int k = 0; k < (l->axis == l->other ? 1 : 2); k++) {
            json_begin_array_inline(w);
            json_uint(w, k ? l->other : l->axis);
            json_uint(w, k ? l->other_level : l->level);
            json_end(w);
        }
        json_end(w);
        json_member_count(w, "runs", l->n);
        json_member_double(w, "mean", l->mean);
        json_member_range(w, "interval", l->interval.low, l->interval.high);
        json_end(w);
    }
    json_end(w);
}

static void write_blocks(struct json_writer *w, const struct sweep_results *r,
                         const struct sweep_metric *m)
{
    json_key(w, "blocks");
    json_begin_array(w);
    for (size_t i = 0; i < r->repetitions; i++) {
        json_begin_object_inline(w);
        json_member_count(w, "runs", m->blocks[i].n);
        json_member_double(w, "mean", m->blocks[i].mean);
        json_member_range(w, "interval", m->blocks[i].interval.low, m->blocks[i].interval.high);
        json_end(w);
    }
    json_end(w);
    json_member_double(w, "pBlocks", m->block_p);
    json_member_double(w, "pBlocksAdjusted", m->block_p_adjusted);
    json_member_bool(w, "connected", m->connected);
}

static const char *error_name(enum sweep_error error)
{
    static const char *const names[] = { [SWEEP_ERROR_NONE] = "none",
                                         [SWEEP_ERROR_RUNS] = "runs",
                                         [SWEEP_ERROR_HIGHER] = "higher interactions",
                                         [SWEEP_ERROR_INTERACTIONS] = "interactions" };

    return names[error];
}

static void write_metric(struct json_writer *w, const struct sweep_results *r,
                         const struct sweep_metric *m)
{
    static const char *const directions[] = { [DIRECTION_NONE] = "none",
                                              [DIRECTION_LESS_IS_BETTER] = "less",
                                              [DIRECTION_MORE_IS_BETTER] = "more" };

    json_begin_object(w);
    write_metric_name(w, "metric", m->info);
    json_member_string(w, "better", directions[m->info->direction]);
    json_member_bool(w, "asked", m->is_asked);
    json_member_count(w, "runs", m->n);
    json_member_double(w, "mean", m->mean);
    json_member_double(w, "margin", m->margin);
    json_member_string(w, "noise", error_name(m->error));
    json_member_double(w, "residualDeviation", m->residual_deviation);
    json_member_double(w, "residualDegreesOfFreedom", m->residual_dof);
    json_member_double(w, "noisePercent", m->noise_percent);
    json_member_double(w, "pSettings", m->settings_p);
    json_member_double(w, "repetitionsNeeded", m->repetitions_needed);
    write_estimates(w, r, m);
    write_effects(w, m);
    write_levels(w, m);
    write_blocks(w, r, m);
    json_end(w);
}

/* --- Traces ---------------------------------------------------------------------------------------- */

static void write_traces(struct json_writer *w, const struct sweep_results *r)
{
    json_key(w, "traces");
    json_begin_array(w);
    for (size_t i = 0; i < r->setting_count; i++) {
        const struct sweep_traces *t = &r->traces[i];

        json_begin_object_inline(w);
        json_member_double(w, "messages", t->messages);
        json_member_double(w, "unwritten", t->unwritten);
        json_member_double(w, "dropped", t->dropped);
        json_member_double(w, "givenUp", t->given_up);
        json_member_double(w, "nodeCpuSeconds", t->node_cpu_s);
        json_member_double(w, "collectorCpuSeconds", t->collector_cpu_s);
        json_member_known_count(w, "silent", t->silent == SIZE_MAX ? -1 : (int64_t)t->silent);
        json_member_double(w, "microsecondsPerMessage", t->cost_us);
        json_member_range(w, "costInterval", t->cost.low, t->cost.high);
        json_member_count(w, "pairs", t->pairs);
        json_end(w);
    }
    json_end(w);
}

/* --- What to take -------------------------------------------------------------------------------- */

static void write_pareto(struct json_writer *w, const struct sweep_results *r)
{
    static const char *const names[] = { [PARETO_UNKNOWN] = "unknown",
                                         [PARETO_FRONT] = "front",
                                         [PARETO_UNSURE] = "unsure",
                                         [PARETO_BEHIND] = "behind" };

    json_key(w, "pareto");
    json_begin_object(w);
    write_metric_name(w, "cost", r->pareto.cost);
    write_metric_name(w, "benefit", r->pareto.benefit);
    json_key(w, "places");
    json_begin_array_inline(w);
    for (size_t i = 0; i < r->setting_count; i++)
        json_cstring(w, names[r->pareto.places[i]]);
    json_end(w);
    json_end(w);
}

static void write_recommendation(struct json_writer *w, const struct sweep_results *r)
{
    const struct sweep_recommendation *answer = &r->recommendation;

    json_key(w, "recommendation");
    json_begin_object(w);
    json_member_bool(w, "made", answer->is_made);
    json_member_known_count(w, "setting", answer->is_made ? (int64_t)answer->setting : -1);
    write_metric_name(w, "objective", answer->objective);
    json_member_string(w, "why", answer->why);
    json_end(w);
}

void sweep_json(const struct sweep_results *r, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_member_count(&w, "schema", SWEEP_RESULTS_SCHEMA);
    json_member_string(&w, "kind", "sweep");
    json_key(&w, "program");
    json_begin_object_inline(&w);
    json_member_string(&w, "name", "ouroscope");
    json_member_string(&w, "version", OUROSCOPE_VERSION);
    json_end(&w);
    json_member_string(&w, "name", r->name);
    json_member_string(&w, "description", r->description);
    json_member_string(&w, "profile", r->profile);
    json_member_count(&w, "seed", r->seed);
    json_member_string(&w, "fraction", r->fraction);
    json_member_count(&w, "repetitions", r->repetitions);
    write_axes(&w, r);
    write_settings(&w, r);
    write_runs(&w, r);
    write_recommendation(&w, r);
    write_pareto(&w, r);
    write_traces(&w, r);
    json_member_count(&w, "tests", r->tests);
    json_key(&w, "metrics");
    json_begin_array(&w);
    for (size_t i = 0; i < r->metric_count; i++)
        write_metric(&w, r, &r->metrics[i]);
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}
