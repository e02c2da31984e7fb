/* What is said about one sample: count, mean, deviation, range, quantiles. */
#ifndef OU_STATS_SUMMARY_H
#define OU_STATS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/quantile.h"

/* Moments that can be merged without the samples (Chan et al. 1979). */
struct moments {
    size_t n;
    double mean, m2; /* m2: sum of squared deviations from the mean */
    double min, max;
};

void moments_add(struct moments *m, double value); /* Welford; zeroed m is empty */
void moments_merge(struct moments *into, const struct moments *other);
double moments_sd(const struct moments *m); /* n-1 denominator; 0 for n < 2 */

/* n == 0: every number is NaN and writes as null. sd is 0 for n == 1. */
struct distribution {
    size_t n;
    double mean, median, sd, min, max;
    /* The 95 % interval of the median, quantile_interval(): NaN where n is too small. */
    double median_low, median_high;
    double quantiles[STANDARD_QUANTILES];
};

/* values are sorted in place. The mean is the plain mean, the deviation a
 * two-pass one with n-1. */
void distribution_of(double *values, size_t n, enum quantile_rule rule, struct distribution *ret);

#endif
