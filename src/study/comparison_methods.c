#include "study/comparison_methods.h"

#include "stats/laws.h"
#include "stats/mean.h"
#include "stats/ratio.h"
#include "stats/t_test.h"
#include "study/run_plan.h"

static const double level = .05;

/* Two means with the error of their difference. */
struct error_of_means {
    struct estimate_pair means; /* with the variances of the means */
    double se, dof;
    double deviation; /* of one run (of pairs: of one difference) */
};

/* --- What the error rests on ------------------------------------------------------------------ */

static double covariance_of(const double *a, const double *b, size_t n)
{
    double mean_a = mean_of(a, n), mean_b = mean_of(b, n), sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (a[i] - mean_a) * (b[i] - mean_b);
    return sum / (double)(n - 1);
}

static void error_of_pairs(const struct two_samples *s, struct error_of_means *e)
{
    struct t_test t = paired_t(s->a, s->b, s->na, 1 - level);

    e->means.var_a = variance_of(s->a, s->na) / (double)s->na;
    e->means.var_b = variance_of(s->b, s->nb) / (double)s->nb;
    e->means.covariance = covariance_of(s->a, s->b, s->na) / (double)s->na;
    e->se = t.se;
    e->dof = t.dof;
    e->deviation = t.se * sqrt((double)s->na);
}

static void error_of_runs(const struct two_samples *s, struct error_of_means *e)
{
    struct t_test t = welch_test(s, 1 - level);
    double va = variance_of(s->a, s->na), vb = variance_of(s->b, s->nb);

    e->means.var_a = va / (double)s->na;
    e->means.var_b = vb / (double)s->nb;
    e->se = t.se;
    e->dof = t.dof;
    e->deviation = sqrt((va + vb) / 2);
}

/* One deviation stands for the runs of both sides. */
static void error_of_one(const struct two_samples *s, double deviation, double dof,
                         struct error_of_means *e)
{
    e->means.var_a = deviation * deviation / (double)s->na;
    e->means.var_b = deviation * deviation / (double)s->nb;
    e->se = sqrt(e->means.var_a + e->means.var_b);
    e->dof = dof;
    e->deviation = deviation;
}

/* Of the side that has several runs, where the other has one. */
static double side_dof(const struct two_samples *s)
{
    return (double)(s->na > s->nb ? s->na : s->nb) - 1;
}

static enum basis error_of(const struct level_values *v, struct error_of_means *e)
{
    const struct two_samples *s = &v->runs;

    if (s->na > 1 && s->nb > 1) {
        if (v->pairs)
            error_of_pairs(s, e);
        else
            error_of_runs(s, e);
        return v->pairs ? BASIS_PAIRS : BASIS_RUNS;
    }
    /* One run on one side: what knows more of how runs differ, the other side's runs or the history. */
    if (side_dof(s) > 0 && (isnan(v->noise.deviation) || side_dof(s) >= v->noise.dof)) {
        double variance = s->na > 1 ? variance_of(s->a, s->na) : variance_of(s->b, s->nb);

        error_of_one(s, sqrt(variance), side_dof(s), e);
        return BASIS_ONE_SIDE;
    }
    if (isnan(v->noise.deviation))
        return BASIS_NONE;
    error_of_one(s, v->noise.deviation, v->noise.dof, e);
    return BASIS_HISTORY;
}

/* --- What follows from it ---------------------------------------------------------------------- */

struct interval percent_of_base(const struct metric_comparison *m, struct interval difference)
{
    double scale = 100 / fabs(m->base);
    struct interval percent = { difference.low * scale, difference.high * scale };

    return m->base == 0 ? interval_none()
                        : interval_no_less_than_nothing(percent, m->base, m->new_value);
}

static struct interval around(double value, double half)
{
    return (struct interval){ value - half, value + half };
}

/* The relative change is one of the size of the base, so that more of a negative number is more. */
static struct interval change_of_ratio(struct interval ratio, double base)
{
    struct interval change = { 100 * (ratio.low - 1), 100 * (ratio.high - 1) };

    return base < 0 ? (struct interval){ -change.high, -change.low } : change;
}

static void rank_test_of_pairs(const struct level_values *v, struct metric_comparison *m)
{
    size_t n = v->runs.na;
    struct signed_rank w;

    for (size_t i = 0; i < n; i++)
        v->differences[i] = v->runs.b[i] - v->runs.a[i];
    w = wilcoxon_signed_rank(v->differences, n, 1 - level);
    m->signed_rank_p = w.p;
    m->smallest_p = w.n ? ldexp(2, -(int)w.n) : 1;
    m->shift = (struct shift_estimate){ w.shift, w.interval };
}

static void rank_test_of_runs(const struct two_samples *s, const struct comparison_options *options,
                              struct metric_comparison *m)
{
    struct rank_test u = mann_whitney(s);

    m->mann_whitney_p = u.p;
    m->smallest_p = u.smallest;
    m->shift = hodges_lehmann(s, 1 - level);
    m->permutation_p = permutation_test(s, options->resamples, options->seed).p;
}

static void without_model(const struct level_values *v, const struct comparison_options *options,
                          struct metric_comparison *m)
{
    m->cliffs = cliffs_delta(&v->runs);
    m->hedges = hedges_g(&v->runs);
    if (m->basis == BASIS_PAIRS)
        rank_test_of_pairs(v, m);
    else
        rank_test_of_runs(&v->runs, options, m);
}

/* Runs that all gave the same number leave t without a measure: then ranks decide, and nothing is said of an interval. */
static void without_deviation(struct metric_comparison *m)
{
    m->p = m->delta == 0 ? 1 : m->basis == BASIS_HISTORY ? NAN : m->smallest_p;
}

static void intervals_of(const struct error_of_means *e, struct metric_comparison *m)
{
    double t = student_quantile(1 - level / 2, e->dof);
    struct equivalence_test q = equivalence_test(m->delta, e->se, e->dof, m->margin_value);

    m->p = student_two_sided(m->delta / e->se, e->dof);
    m->delta_interval = around(m->delta, t * e->se);
    m->percent_interval = interval_no_less_than_nothing(
        change_of_ratio(ratio_interval(&e->means, t), m->base), m->base, m->new_value);
    m->equivalence_interval = q.interval;
    m->equivalence_percent = percent_of_base(m, q.interval);
    m->equivalence_p = q.p;
}

static void set_means(double base, double new_value, struct metric_comparison *m)
{
    m->base = base;
    m->new_value = new_value;
    m->delta = new_value - base;
    m->delta_percent = base == 0 ? NAN : 100 * m->delta / fabs(base);
    m->margin_percent = base == 0 ? NAN : 100 * m->margin_value / fabs(base);
}

void compare_means(const struct level_values *v, const struct comparison_options *options,
                   struct metric_comparison *m)
{
    const struct two_samples *s = &v->runs;
    struct error_of_means e = { .means = { mean_of(s->a, s->na), 0, mean_of(s->b, s->nb), 0, 0 } };

    m->base_n = s->na;
    m->new_n = s->nb;
    set_means(e.means.a, e.means.b, m);
    m->basis = error_of(v, &e);
    if (m->basis == BASIS_NONE)
        return;
    m->deviation = e.deviation;
    m->dof = e.dof;
    m->history_levels = m->basis == BASIS_HISTORY ? v->noise.levels : 0;
    m->history_runs = m->basis == BASIS_HISTORY ? v->noise.runs : 0;
    without_model(v, options, m);
    if (e.se > 0)
        intervals_of(&e, m);
    else
        without_deviation(m);
}

/* --- Counts ------------------------------------------------------------------------------------ */

static uint64_t total(const struct event_counts *c, double *ret_exposure)
{
    uint64_t sum = 0;

    *ret_exposure = 0;
    for (size_t i = 0; i < c->runs; i++) {
        sum += c->counts[i];
        *ret_exposure += c->exposures[i];
    }
    return sum;
}

static bool vary_too_much(const struct event_counts *c)
{
    return dispersion_test(c->counts, c->exposures, c->runs).p < level;
}

void compare_counts(const struct event_counts *base, const struct event_counts *variant,
                    struct metric_comparison *m)
{
    double e1, e2;
    uint64_t c1 = total(base, &e1), c2 = total(variant, &e2);
    struct rate_ratio wide = rate_ratio(c1, e1, c2, e2, 1 - level);
    struct rate_ratio narrow = rate_ratio(c1, e1, c2, e2, 1 - 2 * level);

    m->basis = BASIS_COUNTS;
    m->base_n = base->runs;
    m->new_n = variant->runs;
    set_means((double)c1 / e1, (double)c2 / e2, m);
    m->p = wide.p;
    m->percent_interval = change_of_ratio(wide.interval, 1);
    m->equivalence_percent = change_of_ratio(narrow.interval, 1);
    m->dispersed = vary_too_much(base) || vary_too_much(variant);
}

/* --- Verdicts ---------------------------------------------------------------------------------- */

/* The level of one test among many at which its interval excludes 0 exactly when p_adjusted < .05: an interval at
 * level L does so when p < L, and p < .05 p / p_adjusted when p_adjusted < .05. */
struct interval decisive_interval(const struct metric_comparison *m)
{
    double half = (m->delta_interval.high - m->delta_interval.low) / 2, own;

    if (isnan(m->p_adjusted) || !(m->p > 0) || !interval_known(m->delta_interval))
        return interval_none();
    own = level * m->p / m->p_adjusted;
    half *= student_quantile(1 - own / 2, m->dof) / student_quantile(1 - level / 2, m->dof);
    return around(m->delta, half);
}

/* Whether the difference is one is for the adjusted p to say; whether it matters, for the interval. */
static enum change change_shown(const struct metric_comparison *m)
{
    static const struct interval anything = { -INFINITY, INFINITY };
    bool counts = m->basis == BASIS_COUNTS; /* whose intervals are of the ratio, in per cent */
    struct interval wide = counts ? m->percent_interval : m->delta_interval;
    struct interval narrow = counts ? m->equivalence_percent : m->equivalence_interval;
    double margin = counts ? m->margin_percent : m->margin_value;

    if (!interval_known(wide)) /* no deviation at all */
        wide = narrow = (struct interval){ m->delta, m->delta };
    return change_of(m->p_adjusted < level ? wide : anything, narrow, margin);
}

static enum verdict verdict_of_change(bool better, const struct metric_comparison *m)
{
    if (m->info->direction == DIRECTION_NONE)
        return VERDICT_CHANGE;
    return better ? VERDICT_IMPROVEMENT : VERDICT_REGRESSION;
}

enum verdict verdict_of(const struct metric_comparison *m)
{
    if (isnan(m->p_adjusted))
        return VERDICT_NONE;
    switch (change_shown(m)) {
    case CHANGE_NEGLIGIBLE: return VERDICT_NEGLIGIBLE;
    case CHANGE_EQUIVALENT: return VERDICT_EQUIVALENT;
    case CHANGE_INCONCLUSIVE: break;
    case CHANGE_LESS: return verdict_of_change(m->info->direction == DIRECTION_LESS_IS_BETTER, m);
    case CHANGE_MORE: return verdict_of_change(m->info->direction == DIRECTION_MORE_IS_BETTER, m);
    }
    return VERDICT_INCONCLUSIVE;
}

/* --- Planning ---------------------------------------------------------------------------------- */

static struct run_plan plan_of(const struct metric_comparison *m, size_t tests)
{
    return (struct run_plan){ m->deviation, m->basis == BASIS_PAIRS, tests };
}

double planned_runs(const struct metric_comparison *m, size_t tests)
{
    struct run_plan plan = plan_of(m, tests);

    if (!(m->deviation > 0) || !(m->margin_value > 0))
        return NAN;
    return runs_to_decide(&plan, m->margin_value);
}

double visible_change(const struct metric_comparison *m, size_t tests)
{
    double n = (double)(m->base_n < m->new_n ? m->base_n : m->new_n);
    struct run_plan plan = plan_of(m, tests);

    if (m->basis != BASIS_RUNS || !(m->deviation > 0) || m->base == 0)
        return NAN;
    return 100 * change_to_find(&plan, n) / fabs(m->base);
}
