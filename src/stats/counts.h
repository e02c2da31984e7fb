/* Counts of rare events - battles, missed slots - in an exposure: exact Poisson
 * comparison. NaN or interval_none() where an exposure is not a positive number,
 * or a count above 10^9 is compared. Pure; any thread. */
#ifndef OU_STATS_COUNTS_H
#define OU_STATS_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

struct rate_ratio {
    double ratio; /* (c2/e2) / (c1/e1): NaN when c1 is 0 */
    /* Two-sided: the sum of the probabilities not above that of what was seen; 1 without events. */
    double p;
    struct interval interval; /* Clopper-Pearson; high is infinite when c1 is 0 */
} rate_ratio(uint64_t c1, double e1, uint64_t c2, double e2, double confidence);

/* Exact interval of a Poisson mean's rate, count / exposure (Garwood 1936); the normal one above a
 * million. */
struct interval rate_interval(uint64_t count, double exposure, double confidence);

/* Share of slots with another leader within d slots: 1 - (1-f)^d. */
double leader_within(double f, unsigned d);

/* Variance of counts over runs against their mean: about 1 where they are Poisson; above it the
 * exact interval is too narrow. p: that so much arises by chance. */
struct dispersion_test {
    double index, p;
} dispersion_test(const uint64_t *counts, const double *exposures, size_t n);

#endif
