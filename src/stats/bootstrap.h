/* Intervals by resampling. The seed is part of every result: the same seed gives
 * the same interval on any machine. Sources: Efron and Tibshirani 1993 (BCa);
 * Kalibera and Jones 2020 (hierarchical). Any thread. */
#ifndef OU_STATS_BOOTSTRAP_H
#define OU_STATS_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/status.h"
#include "stats/interval.h"

struct bootstrap_plan {
    uint64_t seed;
    uint32_t resamples; /* 10,000 where nobody says otherwise */
    double confidence;
};
#define BOOTSTRAP_RESAMPLES 10000
#define BOOTSTRAP_SEED 20260301

struct bootstrap_result {
    double estimate;
    struct interval interval;
    double standard_error;
    uint32_t resamples;
    uint64_t seed;
};

/* A number of a sample; the values may be reordered. */
typedef double statistic_fn(double *values, size_t n, const void *context);

/* One sample: the percentile interval (type 7 of the resampled values), and BCa, which takes n
 * statistics more for its jackknife. A statistic that is NaN for some resample gets no interval.
 * OU_INVALID for n < 2 (BCa: < 3) or a plan that means nothing, OU_TOO_LARGE for more than ten
 * million resamples or 2^32 values, OU_NO_MEMORY. */
enum ou_status bootstrap_percentile(const double *values, size_t n, statistic_fn *statistic,
                                    const void *context, const struct bootstrap_plan *plan,
                                    struct bootstrap_result *ret);
enum ou_status bootstrap_bca(const double *values, size_t n, statistic_fn *statistic,
                             const void *context, const struct bootstrap_plan *plan,
                             struct bootstrap_result *ret);

/* Acceleration from jackknife values of one sample, or of several (counts[] values each, one after
 * the other). */
double bca_acceleration(const double *jackknife, const size_t *counts, size_t samples);

/* Runs of samples: runs are drawn with replacement, then values within each drawn run. The
 * statistic is of all values pooled, or (of_run_means) of the statistic of each run, averaged.
 * block: length of the pieces that values are drawn in (0 and 1: single values), for series that
 * are correlated in themselves. The percentile interval is not widened for few runs, as that of
 * quantile_bootstrap() is. OU_INVALID below 3 runs, and for an empty one; else as above. */
struct sample_runs {
    const double *const *values;
    const size_t *counts;
    size_t runs;
};
enum ou_status bootstrap_hierarchical(const struct sample_runs *sample, statistic_fn *statistic,
                                      const void *context, bool of_run_means, size_t block,
                                      const struct bootstrap_plan *plan,
                                      struct bootstrap_result *ret);

/* The same for two sides: interval of statistic(b) / statistic(a) or of statistic(b) -
 * statistic(a). */
enum two_sided { TWO_DIFFERENCE, TWO_RATIO };
enum ou_status bootstrap_two(const struct sample_runs *a, const struct sample_runs *b,
                             statistic_fn *statistic, const void *context, bool of_run_means,
                             size_t block, enum two_sided what, const struct bootstrap_plan *plan,
                             struct bootstrap_result *ret);

double statistic_mean(double *values, size_t n, const void *context);
double statistic_quantile(double *values, size_t n, const void *p); /* type 7; p: const double * */

#endif
