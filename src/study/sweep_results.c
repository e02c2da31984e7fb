#include "study/sweep_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/multiplicity.h"
#include "stats/scratch.h"
#include "study/comparison.h"
#include "study/margins.h"
#include "study/sweep_inside.h"

#define SWEEP_BYTES_MAX ((size_t)1 << 30)
#define ROUNDING 1e-6 /* of the margin: a mean below is 0 that a fit has rounded */

void *sweep_take(struct sweep_results *r, size_t count, size_t bytes, struct ou_error *err)
{
    void *at = arena_take(&r->memory, (count > 0 ? count : 1) * bytes, _Alignof(max_align_t));

    if (!at)
        ou_fail(err, OU_NO_MEMORY, "no memory for the results of a sweep");
    return at;
}

const struct sweep_metric *sweep_metric_find(const struct sweep_results *r,
                                             const struct metric_info *info)
{
    for (size_t i = 0; i < r->metric_count; i++)
        if (r->metrics[i].info == info)
            return &r->metrics[i];
    return NULL;
}

const struct setting_estimate *sweep_estimate(const struct sweep_results *r,
                                              const struct sweep_metric *m, size_t setting)
{
    return setting < r->setting_count ? &m->settings[m->places[setting]] : NULL;
}

/* What is below `least`, or within a step of its stamps, is hardly anything. */
static bool is_base_above(const struct sweep_results *r, const struct sweep_metric *m, double least)
{
    return fabs(sweep_estimate(r, m, r->base)->mean) > fmax(least, m->cuts[r->base]);
}

bool sweep_is_in_percent(const struct sweep_results *r, const struct sweep_metric *m)
{
    return is_base_above(r, m, m->margin);
}

double sweep_percent_of_base(const struct sweep_results *r, const struct sweep_metric *m,
                             double difference)
{
    return is_base_above(r, m, ROUNDING * m->margin)
               ? 100 * difference / fabs(sweep_estimate(r, m, r->base)->mean)
               : NAN;
}

struct interval sweep_percent_against_base(const struct sweep_results *r,
                                           const struct sweep_metric *m,
                                           const struct setting_estimate *e)
{
    struct interval percent = { sweep_percent_of_base(r, m, e->against_base.low),
                                sweep_percent_of_base(r, m, e->against_base.high) };

    return interval_no_less_than_nothing(percent, sweep_estimate(r, m, r->base)->mean, e->mean);
}

size_t sweep_failures(const struct sweep_results *r, size_t setting)
{
    size_t count = 0;

    for (size_t i = 0; i < r->planned; i++)
        count += r->made[i].setting == setting &&
                 (r->made[i].fate == SWEEP_FATE_FAILED || r->made[i].fate == SWEEP_FATE_UNREAD);
    return count;
}

const char *sweep_effect_name(struct arena *memory, const struct sweep_results *r,
                              const struct sweep_effect *e)
{
    const char *a = r->axes[e->axis].name, *b = r->axes[e->other].name;
    size_t len = strlen(a) + strlen(" by ") + strlen(b);
    char *text;

    if (e->axis == e->other)
        return a;
    text = arena_take(memory, len + 1, 1);
    if (text)
        snprintf(text, len + 1, "%s by %s", a, b);
    return text;
}

/* --- Which metrics ------------------------------------------------------------------------- */

static bool is_known(const struct sweep_results *r, const struct metric_info *info)
{
    for (size_t i = 0; i < r->runs.count; i++) {
        const struct run_value *value = run_value_find(&r->runs.runs[i], info->section, info->id);

        if (value && sweep_is_value(value->mean))
            return true;
    }
    return false;
}

static enum ou_status add_metric(struct sweep_work *w, const struct metric_info *info, bool asked,
                                 struct ou_error *err)
{
    struct sweep_results *r = w->results;
    struct sweep_metric *m = &r->metrics[r->metric_count++];

    *m = (struct sweep_metric){ .info = info, .is_asked = asked };
    return sweep_metric_compute(w, m, err);
}

bool sweep_usual_pair(const struct sweep_results *r, const struct metric_info **ret_cost,
                      const struct metric_info **ret_benefit)
{
    /* In the order of what suits most sweeps: a node; a GHC program; any program. */
    static const struct {
        enum metric_section cost_section;
        const char *cost;
        enum metric_section benefit_section;
        const char *benefit;
    } pairs[] = {
        { SECTION_MACHPERF, "CentiCpu", SECTION_ENDTOEND, "cdf0.96" },
        { SECTION_RTS, "rtsTotalCpu", SECTION_RTS, "rtsTotalWall" },
        { SECTION_PROCESS, "processCpuSeconds", SECTION_PROCESS, "processWallSeconds" },
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        *ret_cost = dictionary_find(pairs[i].cost_section, pairs[i].cost);
        *ret_benefit = dictionary_find(pairs[i].benefit_section, pairs[i].benefit);
        if (is_known(r, *ret_cost) && is_known(r, *ret_benefit))
            return true;
    }
    return false;
}

/* Returns whether it was not there yet. */
static bool add_once(const struct metric_info **list, size_t count, const struct metric_info *info)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == info)
            return false;
    list[count] = info;
    return true;
}

/* What is asked for, in that order, and what of it no run has; where nothing is, the first pair that was measured. Returns how
 * many of them there are. */
static size_t find_asked(struct sweep_results *r, const char *const *asked, size_t count,
                         const struct metric_info **ret)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        bool measured = false;

        for (size_t k = 0; k < dictionary_count(); k++)
            if (metric_is_named(dictionary_row(k), asked[i]) && is_known(r, dictionary_row(k))) {
                found += add_once(ret, found, dictionary_row(k));
                measured = true;
            }
        if (!measured)
            r->unmeasured[r->unmeasured_count++] = asked[i];
    }
    return count == 0 && sweep_usual_pair(r, &ret[0], &ret[1]) ? 2 : found;
}

static enum ou_status add_metrics(struct sweep_work *w, const char *const *asked, size_t count,
                                  struct ou_error *err)
{
    struct sweep_results *r = w->results;
    /* A name without a section may mean a metric of each. */
    const struct metric_info **first =
        sweep_take(r, (count + 2) * SECTION_COUNT, sizeof(const struct metric_info *), err);
    enum ou_status status = OU_OK;

    r->metrics = sweep_take(r, dictionary_count(), sizeof *r->metrics, err);
    r->unmeasured = sweep_take(r, count, sizeof *r->unmeasured, err);
    if (!first || !r->metrics || !r->unmeasured)
        return OU_NO_MEMORY;
    r->asked_count = find_asked(r, asked, count, first);
    for (size_t i = 0; !status && i < r->asked_count; i++)
        status = add_metric(w, first[i], true, err);
    for (size_t i = 0; !status && i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);

        if (margin_of(info)->method != COMPARE_NOTHING && is_known(r, info) &&
            !sweep_metric_find(r, info))
            status = add_metric(w, info, false, err);
    }
    return status;
}

/* --- Many questions at once ------------------------------------------------------------------ */

/* Effects of several metrics, as one list. */
struct questions {
    struct sweep_effect **effects;
    double *p;
    size_t count;
};

/* Metrics with the very same values are one question: in a small cluster the adoption by 94 and by 96 % of the hosts. */
static bool is_same(const struct sweep_effect *a, const struct sweep_effect *b)
{
    return a->axis == b->axis && a->other == b->other && a->sum_squares == b->sum_squares &&
           a->f == b->f && a->p == b->p;
}

static void adjust(struct questions *q, size_t *ret_tests)
{
    *ret_tests = 0;
    for (size_t i = 0; i < q->count; i++) {
        q->p[i] = q->effects[i]->p;
        for (size_t k = 0; k < i && !isnan(q->p[i]); k++)
            if (is_same(q->effects[k], q->effects[i]))
                q->p[i] = NAN;
        *ret_tests += isnan(q->p[i]) ? 0 : 1;
    }
    adjust_holm(q->p, q->count, q->p);
    for (size_t i = 0; i < q->count; i++) {
        size_t first = 0;

        while (first < i && !is_same(q->effects[first], q->effects[i]))
            first++;
        q->effects[i]->p_adjusted = q->p[first];
    }
}

/* What the sweep asks for is one family of questions, all else another: looking around costs what was asked nothing. */
static enum ou_status adjust_effects(struct sweep_results *r, struct ou_error *err)
{
    size_t room = 0, others;

    for (size_t i = 0; i < r->metric_count; i++)
        room += r->metrics[i].effect_count + 1;
    for (int asked = 1; asked >= 0; asked--) {
        struct questions q = { sweep_take(r, room, sizeof(struct sweep_effect *), err),
                               sweep_take(r, room, sizeof(double), err), 0 };

        if (!q.effects || !q.p)
            return OU_NO_MEMORY;
        for (size_t i = 0; i < r->metric_count; i++) {
            struct sweep_metric *m = &r->metrics[i];

            if (m->is_asked != (asked == 1))
                continue;
            for (size_t k = 0; k < m->effect_count; k++)
                q.effects[q.count++] = &m->effects[k];
            q.effects[q.count++] = &m->rest;
        }
        adjust(&q, asked ? &r->tests : &others);
    }
    return OU_OK;
}

static enum ou_status adjust_drift(struct sweep_results *r, struct ou_error *err)
{
    double *p = sweep_take(r, r->metric_count, sizeof *p, err);

    if (!p)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < r->metric_count; i++)
        p[i] = r->metrics[i].block_p;
    adjust_holm(p, r->metric_count, p);
    for (size_t i = 0; i < r->metric_count; i++)
        r->metrics[i].block_p_adjusted = p[i];
    return OU_OK;
}

/* --- Order ------------------------------------------------------------------------------------- */

static double or_else(double p, double otherwise)
{
    return isnan(p) ? otherwise : p;
}

/* Those that were asked for stay where they are, in front. */
static int by_evidence(const void *a, const void *b)
{
    const struct sweep_metric *x = a, *y = b;
    double p = or_else(x->settings_p, 2), q = or_else(y->settings_p, 2);

    if (x->is_judged != y->is_judged)
        return x->is_judged ? -1 : 1;
    if (p != q)
        return p < q ? -1 : 1;
    return x->info < y->info ? -1 : 1; /* rows of one table */
}

/* --- All of it ----------------------------------------------------------------------------------- */

static bool take_work(struct sweep_work *w, struct ou_error *err)
{
    struct sweep_results *r = w->results;

    w->setting = sweep_take(r, r->planned, sizeof *w->setting, err);
    w->block = sweep_take(r, r->planned, sizeof *w->block, err);
    w->levels = sweep_take(r, r->planned * r->axis_count, sizeof *w->levels, err);
    w->values = sweep_take(r, r->planned, sizeof *w->values, err);
    return w->setting && w->block && w->levels && w->values;
}

bool sweep_has_coarse_stamps(const struct sweep_results *r, size_t setting)
{
    const struct sweep_setting *s = &r->all[setting];

    for (size_t i = 0; i < s->run_count; i++)
        if (r->runs.runs[s->runs[i]].coarse_stamps)
            return true;
    return false;
}

enum ou_status sweep_work_out(struct sweep_work *w, const char *const *asked, size_t asked_count,
                              struct ou_error *err)
{
    struct sweep_results *r = w->results;
    enum ou_status status = take_work(w, err) ? OU_OK : OU_NO_MEMORY;

    r->metric_count = r->asked_count = r->unmeasured_count = 0;
    status = status ? status : add_metrics(w, asked, asked_count, err);
    status = status ? status : adjust_effects(r, err);
    status = status ? status : adjust_drift(r, err);
    if (status)
        return status;
    qsort(r->metrics + r->asked_count, r->metric_count - r->asked_count, sizeof *r->metrics,
          by_evidence);
    status = sweep_traces_compute(r, err);
    return status ? status : sweep_choose(r, err);
}

enum ou_status sweep_results_compute(const char *directory,
                                     const struct sweep_study_options *options,
                                     struct sweep_results *ret, struct ou_error *err)
{
    struct sweep_work work = { .results = ret, .options = options };
    const char *const *asked = NULL;
    size_t asked_count = 0;
    enum ou_status status;

    *ret = (struct sweep_results){ 0 };
    arena_init(&ret->memory, allocator_libc(), SWEEP_BYTES_MAX);
    run_set_init(&ret->runs);
    status = sweep_read(directory, ret, &asked, &asked_count, err);
    status = status ? status : sweep_work_out(&work, asked, asked_count, err);
    status = scratch_settle(status, err);
    if (status)
        sweep_results_release(ret);
    return status;
}

void sweep_results_release(struct sweep_results *r)
{
    run_set_release(&r->runs);
    arena_release(&r->memory);
    *r = (struct sweep_results){ 0 };
}
