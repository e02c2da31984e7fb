#include "report/comparison_json.h"

#include "json/members.h"

static void write_program(struct json_writer *w)
{
    json_key(w, "program");
    json_begin_object_inline(w);
    json_member_string(w, "name", "ouroscope");
    json_member_string(w, "version", OUROSCOPE_VERSION);
    json_end(w);
}

/* null: there is none; a null end: unbounded there. */
/* --- What was compared ------------------------------------------------------------------------- */

static void write_runs(struct json_writer *w, const struct run_set *set)
{
    json_member_string(w, "label", set->label);
    json_key(w, "runs");
    json_begin_array(w);
    for (size_t i = 0; i < set->count; i++) {
        const struct finished_run *run = &set->runs[i];

        json_begin_object_inline(w);
        json_member_string(w, "title", run->title);
        json_member_string(w, "path", run->path);
        json_member_string(w, "checksum", run->checksum);
        json_member_instant(w, "started", run->started_ns);
        json_end(w);
    }
    json_end(w);
}

static void write_differences(struct json_writer *w, const struct comparison *c)
{
    json_member_count(w, "uncheckedGroups", c->unchecked);
    json_key(w, "differences");
    json_begin_array(w);
    for (size_t i = 0; i < c->difference_count; i++) {
        const struct fact_difference *d = &c->differences[i];

        json_begin_object_inline(w);
        json_member_string(w, "group", d->group);
        json_member_string(w, "name", d->name);
        json_member_string(w, "runA", d->run_a);
        json_member_string(w, "valueA", d->value_a);
        json_member_string(w, "runB", d->run_b);
        json_member_string(w, "valueB", d->value_b);
        json_end(w);
    }
    json_end(w);
}

/* --- Metrics ----------------------------------------------------------------------------------- */

static void write_side(struct json_writer *w, const char *key, size_t n, double mean)
{
    json_key(w, key);
    json_begin_object_inline(w);
    json_member_count(w, "runs", n);
    json_member_double(w, "mean", mean);
    json_end(w);
}

static void write_difference(struct json_writer *w, const struct metric_comparison *m)
{
    write_side(w, "base", m->base_n, m->base);
    write_side(w, "new", m->new_n, m->new_value);
    json_member_double(w, "delta", m->delta);
    json_member_double(w, "deltaPercent", m->delta_percent);
    json_member_range(w, "interval", m->delta_interval.low, m->delta_interval.high);
    json_member_range(w, "percentInterval", m->percent_interval.low, m->percent_interval.high);
    json_member_range(w, "decisiveInterval", m->decisive_interval.low, m->decisive_interval.high);
    json_member_range(w, "equivalenceInterval", m->equivalence_interval.low,
                      m->equivalence_interval.high);
    json_member_range(w, "equivalencePercent", m->equivalence_percent.low,
                      m->equivalence_percent.high);
    json_member_range(w, "withinRunInterval", m->within_run.low, m->within_run.high);
    json_member_double(w, "deviation", m->deviation);
    json_member_double(w, "degreesOfFreedom", m->dof);
}

static void write_tests(struct json_writer *w, const struct metric_comparison *m)
{
    json_member_double(w, "p", m->p);
    json_member_double(w, "pAdjusted", m->p_adjusted);
    json_member_double(w, "pMannWhitney", m->mann_whitney_p);
    json_member_double(w, "pSignedRank", m->signed_rank_p);
    json_member_double(w, "pSmallestOfRanks", m->smallest_p);
    json_member_double(w, "pPermutation", m->permutation_p);
    json_member_double(w, "pEquivalence", m->equivalence_p);
    json_member_double(w, "pOrder", m->order.p);
}

static void write_effects(struct json_writer *w, const struct metric_comparison *m)
{
    json_member_double(w, "cliffsDelta", m->cliffs);
    json_member_double(w, "hedgesG", m->hedges);
    json_member_double(w, "shift", m->shift.shift);
    json_member_range(w, "shiftInterval", m->shift.interval.low, m->shift.interval.high);
    json_member_double(w, "kolmogorovSmirnov", m->ks);
    json_member_double(w, "wasserstein", m->wasserstein);
}

static const char *direction_name(enum metric_direction d)
{
    static const char *const names[] = {
        [DIRECTION_NONE] = "none",
        [DIRECTION_LESS_IS_BETTER] = "less",
        [DIRECTION_MORE_IS_BETTER] = "more",
    };

    return names[d];
}

static void write_metric(struct json_writer *w, const struct metric_comparison *m)
{
    json_key(w, m->info->id);
    json_begin_object(w);
    json_member_string(w, "name", m->info->name);
    json_member_string(w, "unit", m->info->unit);
    json_member_string(w, "direction", direction_name(m->info->direction));
    json_member_string(w, "verdict", verdict_name(m->verdict));
    json_member_string(w, "why", m->why);
    json_member_string(w, "basis", basis_name(m->basis));
    write_difference(w, m);
    write_tests(w, m);
    write_effects(w, m);
    json_member_double(w, "margin", m->margin_value);
    json_member_double(w, "marginPercent", m->margin_percent);
    json_member_double(w, "runsNeeded", m->runs_needed);
    json_member_double(w, "visiblePercent", m->visible_percent);
    json_member_bool(w, "dispersed", m->dispersed);
    json_end(w);
}

/* Sections in the order of the dictionary; counts without a metric stand at the end of the list,
 * and belong to an earlier section. */
static void write_metrics(struct json_writer *w, const struct side_comparison *side)
{
    json_key(w, "metrics");
    json_begin_object(w);
    for (int section = 0; section < SECTION_COUNT; section++) {
        bool open = false;

        for (size_t i = 0; i < side->metric_count; i++) {
            const struct metric_comparison *m = &side->metrics[i];

            if (m->info->section != (enum metric_section)section)
                continue;
            if (!open) {
                json_key(w, section_name(m->info->section));
                json_begin_object(w);
                open = true;
            }
            write_metric(w, m);
        }
        if (open)
            json_end(w);
    }
    json_end(w);
}

static void write_verdicts(struct json_writer *w, const struct side_comparison *side)
{
    json_key(w, "verdicts");
    json_begin_object(w);
    for (int v = 0; v < VERDICT_COUNT; v++)
        json_member_count(w, verdict_name((enum verdict)v), side->verdicts[v]);
    json_end(w);
}

static void write_variant(struct json_writer *w, const struct side_comparison *side)
{
    json_begin_object(w);
    write_runs(w, side->variant);
    json_member_string(w, "basis", basis_name(side->basis));
    json_member_bool(w, "interleaved", side->interleaved);
    json_member_bool(w, "apart", side->apart);
    json_member_count(w, "historyRuns", side->history_runs);
    json_member_count(w, "judged", side->judged);
    json_member_count(w, "tests", side->tests);
    write_verdicts(w, side);
    write_metrics(w, side);
    json_end(w);
}

void comparison_json(const struct comparison *c, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_member_count(&w, "schema", COMPARISON_SCHEMA);
    json_member_string(&w, "kind", "comparison");
    write_program(&w);
    json_member_count(&w, "seed", c->seed);
    json_member_string(&w, "adjustment", c->adjustment);
    write_differences(&w, c);
    json_key(&w, "base");
    json_begin_object(&w);
    write_runs(&w, c->sides[0].base);
    json_end(&w);
    json_key(&w, "variants");
    json_begin_array(&w);
    for (size_t i = 0; i < c->side_count; i++)
        write_variant(&w, &c->sides[i]);
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}
