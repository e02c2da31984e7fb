#include "stats/bootstrap.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "stats/laws.h"
#include "stats/mean.h"
#include "stats/quantile.h"
#include "stats/random.h"
#include "stats/replicates.h"

double statistic_mean(double *values, size_t n, const void *context)
{
    (void)context;
    return mean_of(values, n);
}

/* By selection, in time linear in n and without memory. */
double statistic_quantile(double *values, size_t n, const void *p)
{
    double position = (double)(n - 1) * *(const double *)p;
    size_t below = (size_t)position;
    double pair[2] = { gsl_stats_select(values, 1, n, below), 0 };

    pair[1] = below + 1 < n ? values[below + 1] : pair[0];
    for (size_t i = below + 2; i < n; i++)
        pair[1] = fmin(pair[1], values[i]);
    return quantile_sorted(pair, 2, position - (double)below, QUANTILE_TYPE7);
}

struct one_sample {
    const double *values;
    size_t n;
    statistic_fn *statistic;
    const void *context;
    double *scratch; /* n values */
};

static double original(const struct one_sample *s)
{
    memcpy(s->scratch, s->values, s->n * sizeof *s->values);
    return s->statistic(s->scratch, s->n, s->context);
}

/* Each resample has a stream of its own, and so is the same whatever came before it. */
static double resampled(const struct one_sample *s, uint64_t seed, uint64_t stream)
{
    struct random_stream r;

    random_stream_init(&r, seed, stream);
    for (size_t i = 0; i < s->n; i++)
        s->scratch[i] = s->values[random_below(&r, (uint32_t)s->n)];
    return s->statistic(s->scratch, s->n, s->context);
}

double bca_acceleration(const double *jackknife, const size_t *counts, size_t samples)
{
    double squares = 0, cubes = 0;

    for (size_t s = 0; s < samples; s++) {
        double n = (double)counts[s], mean = mean_of(jackknife, counts[s]);

        for (size_t i = 0; i < counts[s]; i++) {
            double influence = (n - 1) * (mean - jackknife[i]) / n;

            squares += influence * influence;
            cubes += influence * influence * influence;
        }
        jackknife += counts[s];
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

/* The statistic of the sample without each of its values in turn. */
static double jackknife_acceleration(const struct one_sample *s, double *jackknife)
{
    for (size_t i = 0; i < s->n; i++) {
        memcpy(s->scratch, s->values, i * sizeof *s->values);
        memcpy(s->scratch + i, s->values + i + 1, (s->n - i - 1) * sizeof *s->values);
        jackknife[i] = s->statistic(s->scratch, s->n - 1, s->context);
    }
    return bca_acceleration(jackknife, &s->n, 1);
}

/* How far the replicates lie to one side of the estimate. None or all below it would be
 * infinitely far: half a replicate is the least that is said. */
static double bias_correction(const struct replicates *replicates, double estimate)
{
    double below = 0, n = (double)replicates->n;

    for (size_t i = 0; i < replicates->n; i++)
        below += replicates->values[i] < estimate;
    return normal_quantile(fmin(fmax(below, 0.5), n - 0.5) / n);
}

/* Beyond its pole the correction means nothing; the level is NaN there. */
static double bca_level(double bias, double acceleration, double level)
{
    double off = bias + normal_quantile(level);
    double room = 1 - acceleration * off;

    return room > 0 ? normal_cdf(bias + off / room) : NAN;
}

static struct interval bca_interval(const struct replicates *sorted, double estimate,
                                    double acceleration, double confidence)
{
    double bias = bias_correction(sorted, estimate);

    return replicates_between(sorted, bca_level(bias, acceleration, (1 - confidence) / 2),
                              bca_level(bias, acceleration, (1 + confidence) / 2));
}

/* The resamples' result with the percentile interval; they stay in *replicates. */
static void resample_all(const struct one_sample *s, const struct bootstrap_plan *plan,
                         struct replicates *replicates, struct bootstrap_result *ret)
{
    double estimate = original(s);

    for (uint32_t i = 0; i < plan->resamples; i++)
        replicates->values[i] = resampled(s, plan->seed, i);
    replicates_sort(replicates);
    *ret = replicates_result(replicates, estimate, plan);
}

enum ou_status bootstrap_percentile(const double *values, size_t n, statistic_fn *statistic,
                                    const void *context, const struct bootstrap_plan *plan,
                                    struct bootstrap_result *ret)
{
    struct replicates replicates;
    enum ou_status status = n < 2 ? OU_INVALID : replicates_init(plan, n, &replicates);

    if (status)
        return status;
    struct one_sample sample = { values, n, statistic, context, replicates.scratch };

    resample_all(&sample, plan, &replicates, ret);
    replicates_release(&replicates);
    return OU_OK;
}

enum ou_status bootstrap_bca(const double *values, size_t n, statistic_fn *statistic,
                             const void *context, const struct bootstrap_plan *plan,
                             struct bootstrap_result *ret)
{
    struct replicates replicates;
    enum ou_status status = n < 3 ? OU_INVALID : replicates_init(plan, 2 * n, &replicates);
    double acceleration;

    if (status)
        return status;
    struct one_sample sample = { values, n, statistic, context, replicates.scratch };

    resample_all(&sample, plan, &replicates, ret);
    acceleration = jackknife_acceleration(&sample, replicates.scratch + n);
    ret->interval = bca_interval(&replicates, ret->estimate, acceleration, plan->confidence);
    replicates_release(&replicates);
    return OU_OK;
}
