#include "stats/quantile_bootstrap.h"

#include <math.h>

#include "stats/laws.h"
#include "stats/mean.h"
#include "stats/quantile.h"
#include "stats/replicates.h"

/* A number of the Gamma law with shape >= 1 (Marsaglia and Tsang 2000). */
static double random_gamma(struct random_stream *random, double shape)
{
    double d = shape - 1. / 3, c = 1 / sqrt(9 * d);

    for (;;) {
        double x = random_normal(random), v = 1 + c * x;

        v = v * v * v;
        if (v > 0 && log(random_uniform(random)) < x * x / 2 + d * (1 - v + log(v)))
            return d * v;
    }
}

static double value_at(const struct sorted_run *run, double u)
{
    size_t at = (size_t)(u * (double)run->n);

    return run->values[at < run->n ? at : run->n - 1];
}

double resampled_quantile(struct random_stream *random, const struct sorted_run *run, double p)
{
    double m = fmin(fmax(round(run->effective_n), 1), (double)run->n);
    double h = (m - 1) * p, k = floor(h), above = m - k - 1;
    /* The k-th smallest of m uniform numbers, counted from 0; then the least of those above it. */
    double x = random_gamma(random, k + 1), u = x / (x + random_gamma(random, m - k));
    double low = value_at(run, u), high;

    if (h <= k || above < 1)
        return low;
    high = value_at(run, u + (1 - u) * (1 - pow(random_uniform(random), 1 / above)));
    return low + (h - k) * (high - low);
}

static void estimates_of_runs(const struct sorted_run *runs, size_t count, double p, double *ret)
{
    for (size_t i = 0; i < count; i++)
        ret[i] = quantile_sorted(runs[i].values, runs[i].n, p, QUANTILE_TYPE7);
}

static double resampled_mean(const struct sorted_run *runs, size_t count, double p,
                             struct random_stream *random)
{
    double sum = 0;

    for (size_t k = 0; k < count; k++)
        sum += resampled_quantile(random, &runs[random_below(random, (uint32_t)count)], p);
    return sum / (double)count;
}

/* Drawing n runs of n shows (n-1)/n of their variance, and knows nothing of Student: the ends of
 * 95 % cover 79 % for 3 runs, 91 % for 10. So the replicates give the interval its shape, and
 * Student's interval of the runs' own estimates its width, where that is the greater one. */
static double widening(const double *of_runs, size_t count, double standard_error,
                       double confidence)
{
    double level = (1 + confidence) / 2, n = (double)count;
    double half = student_quantile(level, n - 1) * sqrt(variance_of(of_runs, count) / n);

    return half > 0 ? fmax(1, half / (normal_quantile(level) * standard_error)) : 1;
}

static struct interval widened(struct interval i, double middle, double factor)
{
    return (struct interval){ middle - factor * (middle - i.low),
                              middle + factor * (i.high - middle) };
}

enum ou_status quantile_bootstrap(const struct sorted_run *runs, size_t count, double p,
                                  const struct bootstrap_plan *plan, struct bootstrap_result *ret)
{
    struct replicates replicates;
    enum ou_status status = count < 3 ? OU_INVALID : replicates_init(plan, count, &replicates);
    struct random_stream random;

    if (status)
        return status;
    for (uint32_t i = 0; i < plan->resamples; i++) {
        random_stream_init(&random, plan->seed, i);
        replicates.values[i] = resampled_mean(runs, count, p, &random);
    }
    replicates_sort(&replicates);
    estimates_of_runs(runs, count, p, replicates.scratch);
    *ret = replicates_result(&replicates, mean_of(replicates.scratch, count), plan);
    ret->interval =
        widened(ret->interval, replicates_between(&replicates, .5, .5).low,
                widening(replicates.scratch, count, ret->standard_error, plan->confidence));
    replicates_release(&replicates);
    return OU_OK;
}
