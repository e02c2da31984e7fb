/* A statistic over all resamples of a bootstrap, and what follows from it. */
#ifndef OU_STATS_REPLICATES_H
#define OU_STATS_REPLICATES_H

#include "stats/bootstrap.h"

/* Sorted once they are there. A statistic that is no number for some resample has no
 * distribution, and no interval. */
struct replicates {
    double *values; /* n of them; owned */
    size_t n;
    bool undefined;
    double *scratch; /* behind them, as much as was asked for */
};

/* OU_INVALID for a plan of fewer than 2 resamples or without a confidence between 0 and 1,
 * OU_TOO_LARGE for more than ten million. Takes room for `more` values, too, of which there may be
 * as many as random_below() can choose from. */
enum ou_status replicates_init(const struct bootstrap_plan *plan, size_t more,
                               struct replicates *ret);
void replicates_release(struct replicates *r);

void replicates_sort(struct replicates *r);

/* Type 7 quantiles of sorted replicates; none where a level is NaN. */
struct interval replicates_between(const struct replicates *sorted, double low, double high);

/* Everything but the interval, which is the percentile one at first. */
struct bootstrap_result replicates_result(const struct replicates *sorted, double estimate,
                                          const struct bootstrap_plan *plan);

#endif
