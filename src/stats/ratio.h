/* The ratio of two means with errors of their own. Pure; any thread.
 * Source: Fieller 1954. */
#ifndef OU_STATS_RATIO_H
#define OU_STATS_RATIO_H

#include "stats/interval.h"

/* Two estimates a and b, normal or nearly so, by variances and covariance of the estimates themselves. */
struct estimate_pair {
    double a, var_a, b, var_b, covariance;
};

/* All R with |b - R a| <= t SE(b - R a): an interval of b / a. It excludes 1 exactly when the t test of b - a with the
 * same t finds a difference. None where a itself is not told from 0. */
struct interval ratio_interval(const struct estimate_pair *e, double t);

#endif
