/* Statements about the mean of a few values, one for each run. Pure; any thread. */
#ifndef OU_STATS_MEAN_H
#define OU_STATS_MEAN_H

#include <stddef.h>

#include "stats/interval.h"

double mean_of(const double *values, size_t n);     /* NaN for n = 0 */
double variance_of(const double *values, size_t n); /* two passes, n-1; NaN for n < 2 */

/* Student's interval of the mean; none for n < 2. */
struct interval mean_interval(const double *values, size_t n, double confidence);

/* Where the next value will lie with probability `confidence` (two-sided): mean +- t s sqrt(1 +
 * 1/n). None for n < 2. */
struct interval prediction_interval(const double *values, size_t n, double confidence);

/* Interval of the quantile p over sorted values from order statistics (quantile_interval() gives
 * the ranks). An end that n cannot bound is infinite. */
struct interval quantile_values_interval(const double *sorted, size_t n, double p,
                                         double confidence);

#endif
