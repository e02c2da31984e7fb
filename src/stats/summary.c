#include "stats/summary.h"

#include <math.h>

#include "stats/mean.h"
#include "stats/sort.h"

void moments_add(struct moments *m, double value)
{
    double off = value - m->mean;

    if (m->n == 0) {
        *m = (struct moments){ .n = 1, .mean = value, .min = value, .max = value };
        return;
    }
    m->n++;
    m->mean += off / (double)m->n;
    m->m2 += off * (value - m->mean);
    m->min = fmin(m->min, value);
    m->max = fmax(m->max, value);
}

void moments_merge(struct moments *into, const struct moments *other)
{
    double n = (double)into->n + (double)other->n;
    double off = other->mean - into->mean;

    if (other->n == 0)
        return;
    if (into->n == 0) {
        *into = *other;
        return;
    }
    into->mean += off * ((double)other->n / n);
    into->m2 += other->m2 + off * off * ((double)into->n * (double)other->n / n);
    into->min = fmin(into->min, other->min);
    into->max = fmax(into->max, other->max);
    into->n += other->n;
}

double moments_sd(const struct moments *m)
{
    return m->n < 2 ? 0 : sqrt(m->m2 / (double)(m->n - 1));
}

/* GSL's mean and deviation divide once per value, which made them as slow as
 * the sorting; extended precision over the sorted values is as accurate (the
 * tests compare) and, the order being fixed, always gives the same bits. */
static double plain_sd(const double *values, size_t n, double mean)
{
    long double squares = 0;

    if (n < 2)
        return 0;
    for (size_t i = 0; i < n; i++) {
        long double off = (long double)values[i] - mean;

        squares += off * off;
    }
    return (double)sqrtl(squares / (long double)(n - 1));
}

static void distribution_of_nothing(struct distribution *ret)
{
    *ret = (struct distribution){
        .mean = NAN,
        .median = NAN,
        .sd = NAN,
        .min = NAN,
        .max = NAN,
        .median_low = NAN,
        .median_high = NAN,
    };
    for (size_t i = 0; i < STANDARD_QUANTILES; i++)
        ret->quantiles[i] = NAN;
}

static void median_interval(const double *sorted, size_t n, struct distribution *ret)
{
    struct quantile_ranks ranks = quantile_interval(n, 0.5, 0.95);

    ret->median_low = ranks.l >= 1 ? sorted[ranks.l - 1] : NAN;
    ret->median_high = ranks.u <= n ? sorted[ranks.u - 1] : NAN;
}

void distribution_of(double *values, size_t n, enum quantile_rule rule, struct distribution *ret)
{
    if (n == 0) {
        distribution_of_nothing(ret);
        return;
    }
    sort_doubles(allocator_libc(), values, n);
    ret->n = n;
    ret->mean = mean_of(values, n);
    ret->sd = plain_sd(values, n, ret->mean);
    ret->min = values[0];
    ret->max = values[n - 1];
    ret->median = quantile_sorted(values, n, 0.5, rule);
    median_interval(values, n, ret);
    for (size_t i = 0; i < STANDARD_QUANTILES; i++)
        ret->quantiles[i] = quantile_sorted(values, n, standard_quantiles[i], rule);
}
