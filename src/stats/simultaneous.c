#include "stats/simultaneous.h"

#include <gsl/gsl_integration.h>
#include <math.h>

#include "stats/laws.h"

/* Nodes for the integrals over the common deviation and over the common part of correlated values:
 * eight digits where a law is used, which is more than is ever shown. */
enum { DEVIATION_NODES = 64, COMMON_NODES = 96, STEPS_MOST = 60, CORRELATIONS_MOST = 64 };
#define COMMON_MOST 8.5      /* beyond it the normal law has nothing that a double keeps */
#define NORMAL_FROM 100000.0 /* degrees of freedom from which Student's law is the normal one */
#define DEVIATIONS_MOST 10.0 /* deviations of a deviation that are integrated over */

/* --- Integrals -------------------------------------------------------------------------- */

/* P(the statistic stays below x) when the deviation is known. */
struct statistic {
    double (*given)(const struct statistic *s, double x, double z);
    double count, correlation;
};

static double over_common(const struct statistic *s, double x)
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(COMMON_NODES);
    double sum = 0;

    for (size_t i = 0; table && i < COMMON_NODES; i++) {
        double z, weight;

        gsl_integration_glfixed_point(-COMMON_MOST, COMMON_MOST, i, &z, &weight, table);
        sum += weight * exp(-z * z / 2) / sqrt(2 * M_PI) * s->given(s, x, z);
    }
    gsl_integration_glfixed_table_free(table);
    return table ? sum : NAN;
}

/* The law of a deviation with so many degrees of freedom, in units of the true one. */
static double deviation_density(double at, double dof)
{
    return at > 0 ? 2 * exp(dof / 2 * log(dof / 2) - lgamma(dof / 2) + (dof - 1) * log(at) -
                            dof * at * at / 2)
                  : 0;
}

static double below(const struct statistic *s, double x, double dof)
{
    double reach = DEVIATIONS_MOST / sqrt(2 * dof), sum = 0;
    gsl_integration_glfixed_table *table;

    if (dof >= NORMAL_FROM)
        return over_common(s, x);
    table = gsl_integration_glfixed_table_alloc(DEVIATION_NODES);
    for (size_t i = 0; table && i < DEVIATION_NODES; i++) {
        double at, weight;

        gsl_integration_glfixed_point(fmax(0, 1 - reach), 1 + reach, i, &at, &weight, table);
        sum += weight * deviation_density(at, dof) * over_common(s, x * at);
    }
    gsl_integration_glfixed_table_free(table);
    return table ? sum : NAN;
}

/* The value that is reached with probability `confidence`; `high` is beyond it. False position, where the end that stays
 * counts half (Illinois). */
static double quantile_of(const struct statistic *s, double confidence, double dof, double high)
{
    double low = 0, at_low = -confidence, at_high = below(s, high, dof) - confidence, x = high;

    for (int i = 0; i < STEPS_MOST && at_high > 0 && high - low > 1e-10 * high; i++) {
        double at;

        x = high - at_high * (high - low) / (at_high - at_low);
        at = below(s, x, dof) - confidence;
        if (fabs(at) < 1e-12)
            break;
        if (at < 0) {
            low = x;
            at_low = at;
            at_high /= 2;
        } else {
            high = x;
            at_high = at;
            at_low /= 2;
        }
    }
    return x;
}

/* --- Laws -------------------------------------------------------------------------------- */

static double one_sided_given(const struct statistic *s, double x, double z)
{
    double own = sqrt(1 - s->correlation);

    return pow(normal_cdf((x + sqrt(s->correlation) * z) / own), s->count);
}

static double two_sided_given(const struct statistic *s, double x, double z)
{
    double own = sqrt(1 - s->correlation), common = sqrt(s->correlation) * z;

    return pow(normal_cdf((x + common) / own) - normal_cdf((common - x) / own), s->count);
}

/* z: the greatest of the means; the others are no further below than x. */
static double range_given(const struct statistic *s, double x, double z)
{
    return s->count * pow(normal_cdf(z) - normal_cdf(z - x), s->count - 1);
}

static bool makes_sense(double confidence, size_t count, double correlation, double dof)
{
    return confidence > 0 && confidence < 1 && count > 0 && correlation >= 0 && correlation < 1 &&
           dof > 0;
}

/* Bonferroni's bound, which holds however values are correlated. */
static double bound(double tail, double dof)
{
    return dof >= NORMAL_FROM ? -normal_quantile(tail) : -student_quantile(tail, dof);
}

double dunnett_one_sided(double confidence, size_t count, double correlation, double dof)
{
    struct statistic s = { one_sided_given, (double)count, correlation };

    if (!makes_sense(confidence, count, correlation, dof))
        return NAN;
    return quantile_of(&s, confidence, dof, bound((1 - confidence) / s.count, dof));
}

double dunnett_two_sided(double confidence, size_t count, double correlation, double dof)
{
    struct statistic s = { two_sided_given, (double)count, correlation };

    if (!makes_sense(confidence, count, correlation, dof))
        return NAN;
    return quantile_of(&s, confidence, dof, bound((1 - confidence) / 2 / s.count, dof));
}

double studentized_range(double confidence, size_t count, double dof)
{
    struct statistic s = { range_given, (double)count, 0 };
    double pairs = s.count * (s.count - 1) / 2;

    if (!makes_sense(confidence, count, 0, dof) || count < 2)
        return NAN;
    return quantile_of(&s, confidence, dof, M_SQRT2 * bound((1 - confidence) / 2 / pairs, dof));
}

/* --- Comparisons -------------------------------------------------------------------------- */

static double variance(const struct compared_means *m, size_t i, size_t k)
{
    return m->variances[i * m->count + k];
}

static bool takes_part(const struct compared_means *m, size_t i)
{
    return !isnan(m->means[i]);
}

static bool are_equal(const struct compared_means *m, size_t *ret_count)
{
    double first = NAN;
    bool equal = true;

    for (size_t i = 0; i < m->count; i++) {
        if (!takes_part(m, i))
            continue;
        ++*ret_count;
        for (size_t k = i + 1; k < m->count; k++) {
            if (!takes_part(m, k))
                continue;
            if (isnan(first))
                first = variance(m, i, k);
            equal = equal && fabs(variance(m, i, k) - first) <= 1e-9 * first;
        }
    }
    return equal;
}

double least_correlation(const struct compared_means *m)
{
    size_t count = 0;
    double least = .5;

    if (are_equal(m, &count))
        return .5;
    if (count > CORRELATIONS_MOST)
        return 0;
    for (size_t i = 0; i < m->count; i++)
        for (size_t k = 0; k < m->count; k++)
            for (size_t l = k + 1; l < m->count; l++) {
                double a = variance(m, i, k), b = variance(m, i, l), c = variance(m, k, l);

                if (i != k && i != l && takes_part(m, i) && takes_part(m, k) && takes_part(m, l))
                    least = fmin(least, (a + b - c) / 2 / sqrt(a * b));
            }
    return fmax(least, 0);
}

/* By how much i is better than k, and how far that may be off, by chance and beside it. */
static double lead(const struct compared_means *m, bool more_is_better, size_t i, size_t k)
{
    double difference = m->means[i] - m->means[k];

    return more_is_better ? difference : -difference;
}

static double reach(const struct compared_means *m, double critical, size_t i, size_t k)
{
    return critical * m->deviation * sqrt(variance(m, i, k)) +
           (m->cuts ? fabs(m->cuts[i] - m->cuts[k]) : 0);
}

/* How much better than all others i may be: 0 or less when it is not the best. */
static double best_case(const struct compared_means *m, bool more, double critical, size_t i)
{
    double least = INFINITY;

    for (size_t k = 0; k < m->count; k++)
        if (k != i && takes_part(m, k))
            least = fmin(least, lead(m, more, i, k) + reach(m, critical, i, k));
    return least;
}

/* How far it may lie behind one of those that may be the best. */
static double worst_case(const struct compared_means *m, bool more, double critical, size_t i)
{
    double least = 0;

    for (size_t k = 0; k < m->count; k++)
        if (k != i && takes_part(m, k) && best_case(m, more, critical, k) > 0)
            least = fmin(least, lead(m, more, i, k) - reach(m, critical, i, k));
    return least;
}

void compare_with_best(const struct compared_means *m, bool more_is_better, double critical,
                       struct interval *ret)
{
    for (size_t i = 0; i < m->count; i++) {
        double best = takes_part(m, i) ? best_case(m, more_is_better, critical, i) : NAN, worst;

        ret[i] = interval_none();
        if (!isfinite(best))
            continue;
        best = fmax(best, 0);
        worst = worst_case(m, more_is_better, critical, i);
        ret[i] =
            more_is_better ? (struct interval){ worst, best } : (struct interval){ -best, -worst };
    }
}

void ranks_of(const struct compared_means *m, bool more_is_better, double critical, size_t *ret_low,
              size_t *ret_high)
{
    for (size_t i = 0; i < m->count; i++) {
        size_t others = 0, better = 0, worse = 0;

        ret_low[i] = ret_high[i] = 0;
        for (size_t k = 0; takes_part(m, i) && k < m->count; k++) {
            double by, far;

            if (k == i || !takes_part(m, k))
                continue;
            by = lead(m, more_is_better, i, k);
            far = reach(m, critical / M_SQRT2, i, k);
            others++;
            better += by + far < 0;
            worse += by - far > 0;
        }
        if (takes_part(m, i)) {
            ret_low[i] = 1 + better;
            ret_high[i] = 1 + others - worse;
        }
    }
}
