/* The settings of a sweep in one metric: means, ranks, and how they stand to the best and to the base. */
#include <stdlib.h>
#include <string.h>

#include "stats/blocked.h"
#include "stats/laws.h"
#include "stats/mean.h"
#include "study/run_plan.h"
#include "study/sweep_inside.h"

static const double level = .05;

/* --- Critical values ----------------------------------------------------------------------- */

static const struct critical_values *critical(struct sweep_work *w, double confidence, size_t count,
                                              double correlation, double dof)
{
    struct critical_values *c;

    for (size_t i = 0; i < w->kept_count; i++) {
        c = &w->kept[i];
        if (c->confidence == confidence && c->count == count && c->correlation == correlation &&
            c->dof == dof)
            return c;
    }
    c = &w->kept[w->kept_count < CRITICAL_KEPT ? w->kept_count++ : CRITICAL_KEPT - 1];
    *c = (struct critical_values){ confidence, correlation, dof, count, NAN, NAN, NAN };
    c->one_sided = dunnett_one_sided(confidence, count - 1, correlation, dof);
    c->two_sided = dunnett_two_sided(confidence, count - 1, correlation, dof);
    c->range = studentized_range(confidence, count, dof);
    return c;
}

/* --- Estimates ------------------------------------------------------------------------------- */

static void find_deviation(const struct sweep_work *w, struct setting_estimate *e)
{
    struct {
        double mean, squares;
    } of = { 0, 0 };
    double n = 0;

    for (size_t i = 0; i < w->runs; i++) {
        double off = w->values[i] - of.mean;

        if (w->setting[i] != e->setting)
            continue;
        n++;
        of.mean += off / n;
        of.squares += off * (w->values[i] - of.mean);
    }
    e->deviation = n > 1 ? sqrt(of.squares / (n - 1)) : NAN;
}

static void estimate(const struct sweep_work *w, const struct blocked *b,
                     const struct sweep_metric *m, size_t setting, struct setting_estimate *ret)
{
    double half = NAN;

    *ret = (struct setting_estimate){ .setting = setting,
                                      .mean = b->means[setting],
                                      .n = b->counts[setting],
                                      .interval = interval_none(),
                                      .against_best = interval_none(),
                                      .against_base = interval_none(),
                                      .base_difference =
                                          b->means[setting] - b->means[w->results->base],
                                      .percent_of_best = NAN };
    find_deviation(w, ret);
    if (ret->n > 0 && m->error != SWEEP_ERROR_NONE)
        half = student_quantile(1 - level / 2, m->residual_dof) * m->residual_deviation *
               sqrt(blocked_covariance(b, setting, setting));
    if (!isnan(half))
        ret->interval = (struct interval){ ret->mean - half, ret->mean + half };
}

/* --- Stamps -------------------------------------------------------------------------------- */

#define COARSE_STAMP_S 0.01 /* steps of stamps with two decimals of a second */

static bool is_between_stamps(const struct metric_info *info)
{
    return strcmp(info->unit, "s") == 0 &&
           (info->section == SECTION_FORGER || info->section == SECTION_PEERS ||
            info->section == SECTION_ENDTOEND || info->section == SECTION_MACHPERF);
}

static enum ou_status find_cuts(struct sweep_results *r, struct sweep_metric *m,
                                struct ou_error *err)
{
    double *cuts = sweep_take(r, r->setting_count, sizeof *cuts, err);

    if (!cuts)
        return OU_NO_MEMORY;
    for (size_t i = 0; is_between_stamps(m->info) && i < r->setting_count; i++)
        cuts[i] = sweep_has_coarse_stamps(r, i) ? COARSE_STAMP_S : 0;
    m->cuts = cuts;
    return OU_OK;
}

double sweep_slack(const struct sweep_metric *m, size_t a, size_t b)
{
    return fabs(m->cuts[a] - m->cuts[b]);
}

double sweep_widest_slack(const struct sweep_results *r, const struct sweep_metric *m)
{
    double widest = 0;

    for (size_t i = 0; i < r->setting_count; i++)
        if (m->settings[i].n > 0)
            widest = fmax(widest, sweep_slack(m, m->settings[i].setting, r->base));
    return widest;
}

/* --- Held against the best and the base ------------------------------------------------------- */

struct held {
    struct sweep_work *w;
    const struct blocked *b;
    struct sweep_metric *m;
    struct compared_means means;
    size_t known; /* settings with a run */
    double correlation;
};

static enum ou_status hold(struct held *h, struct ou_error *err)
{
    const struct blocked *b = h->b;
    size_t n = b->settings;
    double *variances = sweep_take(h->w->results, n * n, sizeof *variances, err);

    if (!variances)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        h->known += b->counts[i] > 0;
        for (size_t k = 0; k < i; k++)
            if (b->counts[i] > 0 && b->counts[k] > 0)
                variances[i * n + k] = variances[k * n + i] = blocked_difference_variance(b, i, k);
    }
    h->means =
        (struct compared_means){ b->means, n, variances, h->m->residual_deviation, h->m->cuts };
    h->correlation = least_correlation(&h->means);
    return OU_OK;
}

static enum ou_status hold_against_best(struct held *h, struct ou_error *err)
{
    size_t n = h->means.count;
    bool more = sweep_more_is_better(h->m);
    const struct critical_values *c =
        critical(h->w, 1 - level, h->known, h->correlation, h->m->residual_dof);
    struct interval *best = sweep_take(h->w->results, n, sizeof *best, err);
    size_t *ranks = sweep_take(h->w->results, 2 * n, sizeof *ranks, err);

    if (!best || !ranks)
        return OU_NO_MEMORY;
    h->m->reach = c->range / M_SQRT2 * h->m->residual_deviation;
    h->m->variances = h->means.variances;
    compare_with_best(&h->means, more, c->one_sided, best);
    ranks_of(&h->means, more, c->range, ranks, ranks + n);
    for (size_t i = 0; i < n; i++) {
        h->m->settings[i].against_best = best[i];
        h->m->settings[i].rank_low = ranks[i];
        h->m->settings[i].rank_high = ranks[n + i];
    }
    return OU_OK;
}

/* All metrics that are asked for hold together. */
static void hold_against_base(struct held *h)
{
    const struct sweep_results *r = h->w->results;
    double share = h->m->is_asked && r->asked_count > 1 ? (double)r->asked_count : 1;
    const struct critical_values *c =
        critical(h->w, 1 - level / share, h->known, h->correlation, h->m->residual_dof);

    for (size_t i = 0; i < h->means.count; i++) {
        struct setting_estimate *e = &h->m->settings[i];
        double half = c->two_sided * h->m->residual_deviation *
                      sqrt(h->means.variances[i * h->means.count + r->base]);

        if (isnan(e->base_difference))
            continue;
        half += sweep_slack(h->m, i, r->base);
        e->against_base = (struct interval){ e->base_difference - half, e->base_difference + half };
        e->change = i == r->base ? CHANGE_EQUIVALENT
                                 : change_of(e->against_base, e->against_base, h->m->margin);
    }
}

/* So many that each setting is told from the base, or shown to be like it; runs do not make stamps finer. */
static void plan_repetitions(const struct held *h)
{
    struct run_plan plan = { h->m->residual_deviation, false, h->known - 1 };
    double slack = sweep_widest_slack(h->w->results, h->m);

    h->m->repetitions_needed = h->m->residual_deviation > 0 && h->m->margin > slack
                                   ? runs_to_decide(&plan, h->m->margin - slack)
                                   : NAN;
}

/* --- Order --------------------------------------------------------------------------------------- */

/* How bad the mean may be: more is worse. What is cut to 0 is not the best for that. */
static double badness(const struct sweep_metric *m, const struct setting_estimate *e)
{
    return (sweep_more_is_better(m) ? -e->mean : e->mean) + m->cuts[e->setting];
}

static int by_badness(const void *a, const void *b, void *metric)
{
    const struct setting_estimate *x = a, *y = b;
    double p = badness(metric, x), q = badness(metric, y);

    if (isnan(p) || isnan(q))
        return isnan(p) - isnan(q);
    if (p != q)
        return p < q ? -1 : 1;
    return x->setting < y->setting ? -1 : 1;
}

static void put_best_first(const struct sweep_results *r, struct sweep_metric *m)
{
    double best;

    if (!m->is_judged)
        return;
    qsort_r(m->settings, r->setting_count, sizeof *m->settings, by_badness, m);
    best = m->settings[0].mean;
    for (size_t i = 0; i < r->setting_count; i++) {
        double off = m->settings[i].mean - best;
        bool reads_better = sweep_more_is_better(m) ? off > 0 : off < 0;

        m->settings[i].percent_of_best = best == 0 || reads_better ? NAN : 100 * off / fabs(best);
    }
}

enum ou_status sweep_settings_compute(struct sweep_work *w, const struct blocked *b,
                                      struct sweep_metric *m, struct ou_error *err)
{
    struct sweep_results *r = w->results;
    struct held held = { .w = w, .b = b, .m = m };
    enum ou_status status = OU_OK;

    m->repetitions_needed = NAN;
    m->settings = sweep_take(r, r->setting_count, sizeof *m->settings, err);
    m->places = sweep_take(r, r->setting_count, sizeof *m->places, err);
    if (!m->settings || !m->places)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < r->setting_count; i++)
        estimate(w, b, m, i, &m->settings[i]);
    status = find_cuts(r, m, err);
    if (!status && m->error != SWEEP_ERROR_NONE && r->setting_count <= SWEEP_COMPARED_MAX)
        status = hold(&held, err);
    if (!status && held.known > 1) {
        hold_against_base(&held);
        plan_repetitions(&held);
        if (m->is_judged)
            status = hold_against_best(&held, err);
    }
    if (!status)
        status = sweep_spread_compute(w, m, err);
    if (!status)
        put_best_first(r, m);
    for (size_t i = 0; i < r->setting_count; i++)
        m->places[m->settings[i].setting] = i;
    return status;
}
