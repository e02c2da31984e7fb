/* Measures of dispersion beside the standard deviation. Pure; any thread.
 * Each returns NaN where it is not
 * defined (print "n/a"): fewer than two values; ratios to a location that is 0
 * or of values with mixed signs; a score where the deviation is 0. */
#ifndef OU_STATS_SPREAD_H
#define OU_STATS_SPREAD_H

#include <stddef.h>

double coefficient_of_variation(const double *values, size_t n); /* s / |mean| */
double robust_variation(const double *sorted, size_t n);         /* 1.4826 MAD / |median| */
double quartile_coefficient(const double *sorted, size_t n);     /* (q3-q1) / |q3+q1|, type 7 */
double median_absolute_deviation(const double *sorted, size_t n);
/* Modified z score of x (Iglewicz and Hoaglin): .6745 (x - median) / MAD; flag
 * above 3.5 in magnitude. NaN also where deviations are no more than rounding. */
double modified_z(double x, const double *sorted, size_t n);

#endif
