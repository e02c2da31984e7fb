#include "stats/spread.h"

#include <float.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>

#include "stats/quantile.h"

/* The factor that makes a median absolute deviation comparable with a standard
 * deviation for normal data, and its inverse as Iglewicz and Hoaglin round it. */
#define MAD_TO_SD 1.4826
#define SD_TO_MAD 0.6745

/* Means of the same values in another order differ by less, relative to them. */
#define ROUNDING (4 * DBL_EPSILON)

/* A ratio to a location says something only when the values lie on one side
 * of zero. */
static bool has_both_signs(double min, double max)
{
    return min < 0 && max > 0;
}

double coefficient_of_variation(const double *values, size_t n)
{
    double min, max, mean;

    if (n < 2)
        return NAN;
    gsl_stats_minmax(&min, &max, values, 1, n);
    mean = gsl_stats_mean(values, 1, n);
    if (has_both_signs(min, max) || mean == 0)
        return NAN;
    return gsl_stats_sd_m(values, 1, n, mean) / fabs(mean);
}

double robust_variation(const double *sorted, size_t n)
{
    double median;

    if (n < 2 || has_both_signs(sorted[0], sorted[n - 1]))
        return NAN;
    median = quantile_sorted(sorted, n, 0.5, QUANTILE_TYPE7);
    if (median == 0)
        return NAN;
    return MAD_TO_SD * median_absolute_deviation(sorted, n) / fabs(median);
}

double quartile_coefficient(const double *sorted, size_t n)
{
    double q1, q3;

    if (n < 2 || has_both_signs(sorted[0], sorted[n - 1]))
        return NAN;
    q1 = quantile_sorted(sorted, n, 0.25, QUANTILE_TYPE7);
    q3 = quantile_sorted(sorted, n, 0.75, QUANTILE_TYPE7);
    if (q1 + q3 == 0)
        return NAN;
    return (q3 - q1) / fabs(q3 + q1);
}

/* Away from the median, to the left as to the right, deviations only grow: they
 * are two sorted lists, merged here until the middle is reached. No memory. */
double median_absolute_deviation(const double *sorted, size_t n)
{
    double median, current = 0, previous = 0;
    size_t left, right;

    if (n < 2)
        return NAN;
    median = quantile_sorted(sorted, n, 0.5, QUANTILE_TYPE7);
    left = n / 2; /* values not yet taken: sorted[0..left) and sorted[right..n) */
    right = left;
    for (size_t taken = 0; taken <= n / 2; taken++) {
        bool from_left =
            right == n || (left > 0 && median - sorted[left - 1] < sorted[right] - median);

        previous = current;
        current = from_left ? median - sorted[--left] : sorted[right++] - median;
    }
    return n % 2 ? current : previous + (current - previous) / 2;
}

double modified_z(double x, const double *sorted, size_t n)
{
    double mad = median_absolute_deviation(sorted, n), median;

    if (n < 2)
        return NAN;
    median = quantile_sorted(sorted, n, 0.5, QUANTILE_TYPE7);
    if (!(mad > ROUNDING * fabs(median)))
        return NAN;
    return SD_TO_MAD * (x - median) / mad;
}
