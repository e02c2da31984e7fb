/* The hierarchical bootstrap of a quantile, without drawing the samples. Runs
 * are drawn with replacement, then values within each drawn run; but of the
 * values drawn within a run only one or two order statistics matter, and those of
 * m uniform numbers follow the Beta law, so two draws stand for thousands. The
 * result has the same law as that of bootstrap_hierarchical() with
 * statistic_quantile and of_run_means (David and Nagaraja 2003, chapter 2).
 *
 * Ten thousand resamples of 10 runs of 2,500 values take about 30 ms. Any thread. */
#ifndef OU_STATS_QUANTILE_BOOTSTRAP_H
#define OU_STATS_QUANTILE_BOOTSTRAP_H

#include "stats/bootstrap.h"
#include "stats/random.h"

struct sorted_run {
    const double *values; /* ascending, finite */
    size_t n;             /* >= 1 */
    double
        effective_n; /* how many independent values they are worth: as many are drawn; n where they are */
};

/* The type 7 quantile p of m values drawn with replacement from the run, m = effective_n (rounded, 1 to n). */
double resampled_quantile(struct random_stream *random, const struct sorted_run *run, double p);

/* Of the mean over runs of their quantiles: estimate, standard error, and the percentile interval
 * widened about its middle to the width that Student's interval of the runs' quantiles has, where
 * that is greater. (Of runs that differ more than values within them, plain ends of 95 % cover 79 %
 * for 3 runs, 86 % for 5, 91 % for 10.) On each side of p more than one of effective_n values must
 * be left: fewer draws than values lie nearer to the middle than the estimate does. OU_INVALID
 * below 3 runs or for a plan that means nothing, OU_TOO_LARGE for more than ten million resamples,
 * OU_NO_MEMORY. */
enum ou_status quantile_bootstrap(const struct sorted_run *runs, size_t count, double p,
                                  const struct bootstrap_plan *plan, struct bootstrap_result *ret);

#endif
