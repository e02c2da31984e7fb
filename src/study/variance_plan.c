/* How many runs a comparison of such runs would take. */
#include <string.h>

#include "study/margins.h"
#include "study/run_plan.h"
#include "study/variance_parts.h"

enum { RUNS_LEAST = 3 /* that tell how much runs vary */ };

const double planned_changes[PLANNED_CHANGES] = { .01, .02, .05 };

static bool is_judged(const struct metric_variance *m)
{
    return margin_of(m->info)->method != COMPARE_NOTHING;
}

static bool same_values(const struct metric_variance *a, const struct metric_variance *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a->values[i] != b->values[i] && !(isnan(a->values[i]) && isnan(b->values[i])))
            return false;
    return true;
}

/* As a comparison counts them: metrics with the very same values are one test; one that never
 * varies is none. */
static bool is_test(const struct variance *v, size_t at)
{
    const struct metric_variance *m = &v->metrics[at];

    if (!is_judged(m) ||
        (margin_of(m->info)->method == COMPARE_MEANS && !(m->inter_run.stddev > 0)))
        return false;
    for (size_t i = 0; i < at; i++)
        if (is_judged(&v->metrics[i]) && same_values(&v->metrics[i], m, v->set->count))
            return false;
    return true;
}

static bool has_count(const struct finished_run *run, const char *id)
{
    for (size_t i = 0; i < run->count_count; i++)
        if (strcmp(run->counts[i].id, id) == 0)
            return true;
    return false;
}

/* Events that every run has counted, and that are no metric of the dictionary. */
static size_t counts_beside_metrics(const struct run_set *set)
{
    const struct finished_run *first = &set->runs[0];
    size_t n = 0;

    for (size_t i = 0; i < first->count_count; i++) {
        const char *id = first->counts[i].id;
        bool all = !dictionary_find(SECTION_CONTROL, id);

        for (size_t k = 1; all && k < set->count; k++)
            all = has_count(&set->runs[k], id);
        n += all;
    }
    return n;
}

static struct runs_needed unknown(void)
{
    struct runs_needed n = { .margin = NAN };

    for (size_t i = 0; i < PLANNED_CHANGES; i++)
        n.change[i] = NAN;
    return n;
}

/* A change is a share of the mean; of a mean that is 0, or could be, there is none. */
static struct runs_needed needed(const struct metric_variance *m, size_t tests)
{
    struct run_plan plan = { m->inter_run.stddev, false, tests };
    double mean = m->inter_run.average;
    struct runs_needed n = unknown();

    n.margin = runs_to_decide(&plan, margin_amount(margin_of(m->info), mean));
    if (m->inter_run.min > 0 || m->inter_run.max < 0)
        for (size_t i = 0; i < PLANNED_CHANGES; i++)
            n.change[i] = runs_to_find(&plan, planned_changes[i] * mean);
    return n;
}

void variance_plan(struct variance *v, bool no_plan)
{
    v->tests = counts_beside_metrics(v->set);
    for (size_t i = 0; i < v->metric_count; i++)
        v->tests += is_test(v, i);
    for (size_t i = 0; i < v->metric_count; i++) {
        struct metric_variance *m = &v->metrics[i];
        bool told = !no_plan && m->runs >= RUNS_LEAST && is_judged(m);

        m->alone = told ? needed(m, 1) : unknown();
        m->among_all = told && v->tests > 0 ? needed(m, v->tests) : unknown();
    }
}
