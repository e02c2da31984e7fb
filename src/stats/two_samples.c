#include "stats/two_samples.h"

#include <stdlib.h>

#include "stats/laws.h"
#include "stats/ratio.h"
#include "stats/sample_moments.h"
#include "stats/scratch.h"
#include "stats/t_test.h"

struct t_test t_test_none(void)
{
    return (struct t_test){ NAN, NAN, NAN, NAN, NAN, .interval = interval_none() };
}

struct t_test t_test_of(double difference, double se, double dof, double confidence)
{
    struct t_test test = { .difference = difference, .se = se, .dof = dof };
    double half;

    if (isnan(difference) || isnan(se) || isnan(dof))
        return t_test_none();
    if (se == 0) {
        test.t = difference == 0 ? 0 : copysign(INFINITY, difference);
        test.p = difference == 0;
        test.interval = (struct interval){ difference, difference };
        return test;
    }
    half = se * student_quantile((1 + confidence) / 2, dof);
    test.t = difference / se;
    test.p = student_two_sided(test.t, dof);
    test.interval = (struct interval){ difference - half, difference + half };
    return test;
}

/* Welch 1947, degrees of freedom by Satterthwaite. Their formula is 0/0 where
 * nothing varies. */
static struct t_test welch_of(struct sample_moments a, struct sample_moments b, double confidence)
{
    double va = a.variance / a.n, vb = b.variance / b.n, sum = va + vb;
    double wa = va / sum, wb = vb / sum; /* squares of variances could leave the range of doubles */
    double dof = 1 / (wa * wa / (a.n - 1) + wb * wb / (b.n - 1));

    return t_test_of(b.mean - a.mean, sqrt(sum), sum == 0 ? a.n + b.n - 2 : dof, confidence);
}

static bool all_equal(const struct two_samples *s)
{
    return s->na > 0 && s->nb > 0 && s->a[0] == s->b[0] && values_all_equal(s->a, s->na) &&
           values_all_equal(s->b, s->nb);
}

struct t_test welch_test(const struct two_samples *s, double confidence)
{
    struct t_test test;

    if (s->na < 2 || s->nb < 2)
        return t_test_none();
    test = welch_of(sample_moments_of(s->a, s->na), sample_moments_of(s->b, s->nb), confidence);
    test.all_equal = all_equal(s);
    return test;
}

/* The sum of squared deviations; a single value has none. */
static double squares_of(struct sample_moments m)
{
    return m.n > 1 ? m.variance * (m.n - 1) : 0;
}

static double pooled_variance(struct sample_moments a, struct sample_moments b)
{
    return (squares_of(a) + squares_of(b)) / (a.n + b.n - 2);
}

struct t_test pooled_test(const struct two_samples *s, double confidence)
{
    struct sample_moments a, b;
    struct t_test test;

    if (s->na == 0 || s->nb == 0 || s->na + s->nb < 3)
        return t_test_none();
    a = sample_moments_of(s->a, s->na);
    b = sample_moments_of(s->b, s->nb);
    test = t_test_of(b.mean - a.mean, sqrt(pooled_variance(a, b) * (1 / a.n + 1 / b.n)),
                     a.n + b.n - 2, confidence);
    test.all_equal = all_equal(s);
    return test;
}

struct t_test welch_of_moments(double mean_a, double sd_a, double na, double mean_b, double sd_b,
                               double nb, double confidence)
{
    struct sample_moments a = { na, mean_a, sd_a * sd_a }, b = { nb, mean_b, sd_b * sd_b };
    struct t_test test;

    if (!(na > 1) || !(nb > 1))
        return t_test_none();
    test = welch_of(a, b, confidence);
    test.all_equal = test.se == 0 && test.difference == 0;
    return test;
}

const char *cliffs_word(double delta)
{
    double size = fabs(delta);

    if (isnan(delta))
        return "unknown";
    return size < 0.147 ? "negligible" : size < 0.33 ? "small" : size < 0.474 ? "medium" : "large";
}

double cohens_d(const struct two_samples *s)
{
    struct sample_moments a, b;
    double sd;

    if (s->na == 0 || s->nb == 0 || s->na + s->nb < 3)
        return NAN;
    a = sample_moments_of(s->a, s->na);
    b = sample_moments_of(s->b, s->nb);
    sd = sqrt(pooled_variance(a, b));
    if (sd == 0)
        return a.mean == b.mean ? 0 : NAN;
    return (b.mean - a.mean) / sd;
}

/* Hedges 1981, the approximate correction for small samples. */
double hedges_g(const struct two_samples *s)
{
    double freedom = (double)s->na + (double)s->nb - 2;

    return cohens_d(s) * (1 - 3 / (4 * freedom - 1));
}

struct interval fieller_ratio(double a, double ha, double b, double hb)
{
    return ratio_interval(&(struct estimate_pair){ a, ha * ha, b, hb * hb, 0 }, 1);
}

static bool take_logs(const double *values, size_t n, double *ret)
{
    for (size_t i = 0; i < n; i++) {
        if (!(values[i] > 0))
            return false;
        ret[i] = log(values[i]);
    }
    return true;
}

struct ratio_estimate geometric_ratio(const struct two_samples *s, double confidence)
{
    struct ratio_estimate estimate = { NAN, interval_none() };
    double *logs = scratch_take(s->na + s->nb + 1, sizeof *logs);
    struct two_samples logged = { logs, s->na, logs + s->na, s->nb };
    struct t_test test;

    if (logs && take_logs(s->a, s->na, logs) && take_logs(s->b, s->nb, logs + s->na)) {
        test = welch_test(&logged, confidence);
        estimate.ratio = exp(test.difference);
        estimate.interval = (struct interval){ exp(test.interval.low), exp(test.interval.high) };
    }
    free(logs);
    return estimate;
}
