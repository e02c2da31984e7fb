#include "stats/quantile_bootstrap.h"

#include <stdlib.h>

#include "stats/mean.h"
#include "stats/quantile.h"
#include "stats/sort.h"

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

static double sample_estimate(const struct sorted_run *runs, size_t count, double p)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += quantile_sorted(runs[i].values, runs[i].n, p, QUANTILE_TYPE7);
    return sum / (double)count;
}

enum ou_status quantile_bootstrap(const struct sorted_run *runs, size_t count, double p,
                                  const struct bootstrap_plan *plan, struct bootstrap_result *ret)
{
    double tail = (1 - plan->confidence) / 2, *values;
    struct random_stream random;

    if (count < 3 || plan->resamples < 2)
        return OU_INVALID;
    values = malloc(plan->resamples * sizeof *values);
    if (!values)
        return OU_NO_MEMORY;
    random_stream_init(&random, plan->seed, 0);
    for (uint32_t i = 0; i < plan->resamples; i++) {
        double sum = 0;

        for (size_t k = 0; k < count; k++)
            sum += resampled_quantile(&random, &runs[random_below(&random, (uint32_t)count)], p);
        values[i] = sum / (double)count;
    }
    sort_doubles(allocator_libc(), values, plan->resamples);
    *ret = (struct bootstrap_result){
        .estimate = sample_estimate(runs, count, p),
        .interval = { quantile_sorted(values, plan->resamples, tail, QUANTILE_TYPE7),
                      quantile_sorted(values, plan->resamples, 1 - tail, QUANTILE_TYPE7) },
        .standard_error = sqrt(variance_of(values, plan->resamples)),
        .resamples = plan->resamples,
        .seed = plan->seed,
    };
    free(values);
    return OU_OK;
}
