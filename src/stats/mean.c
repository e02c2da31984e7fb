#include "stats/mean.h"

#include "stats/laws.h"
#include "stats/quantile.h"

double mean_of(const double *values, size_t n)
{
    long double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return n ? (double)(sum / (long double)n) : NAN;
}

/* Deviations are taken from a mean that is rounded; what they sum up to shows by
 * how much, and is taken off (Chan, Golub and LeVeque 1983). */
double variance_of(const double *values, size_t n)
{
    double mean = mean_of(values, n);
    long double off_sum = 0, squares = 0;

    if (n < 2)
        return NAN;
    for (size_t i = 0; i < n; i++) {
        long double off = (long double)values[i] - mean;

        off_sum += off;
        squares += off * off;
    }
    squares -= off_sum * off_sum / (long double)n;
    return squares < 0 ? 0 : (double)(squares / (long double)(n - 1));
}

/* mean +- t s sqrt(factor) */
static struct interval around_mean(const double *values, size_t n, double confidence, double factor)
{
    double mean = mean_of(values, n), half;

    if (n < 2)
        return interval_none();
    half = student_quantile((1 + confidence) / 2, (double)(n - 1)) *
           sqrt(variance_of(values, n) * factor);
    return (struct interval){ mean - half, mean + half };
}

struct interval mean_interval(const double *values, size_t n, double confidence)
{
    return around_mean(values, n, confidence, 1 / (double)n);
}

struct interval prediction_interval(const double *values, size_t n, double confidence)
{
    return around_mean(values, n, confidence, 1 + 1 / (double)n);
}

struct interval quantile_values_interval(const double *sorted, size_t n, double p,
                                         double confidence)
{
    struct quantile_ranks ranks = quantile_interval(n, p, confidence);

    return (struct interval){ ranks.l >= 1 ? sorted[ranks.l - 1] : -INFINITY,
                              ranks.u <= n ? sorted[ranks.u - 1] : INFINITY };
}
