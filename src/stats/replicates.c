#include "stats/replicates.h"

#include <math.h>
#include <stdlib.h>

#include "stats/mean.h"
#include "stats/quantile.h"
#include "stats/sort.h"

enum { RESAMPLES_MAX = 10000000 };

enum ou_status replicates_init(const struct bootstrap_plan *plan, size_t more,
                               struct replicates *ret)
{
    if (plan->resamples < 2 || !(plan->confidence > 0 && plan->confidence < 1))
        return OU_INVALID;
    if (plan->resamples > RESAMPLES_MAX || more > UINT32_MAX)
        return OU_TOO_LARGE;
    *ret = (struct replicates){ .n = plan->resamples };
    ret->values = calloc(ret->n + more, sizeof *ret->values);
    if (!ret->values)
        return OU_NO_MEMORY;
    ret->scratch = ret->values + ret->n;
    return OU_OK;
}

void replicates_release(struct replicates *r)
{
    free(r->values);
    *r = (struct replicates){ 0 };
}

void replicates_sort(struct replicates *r)
{
    for (size_t i = 0; i < r->n; i++)
        r->undefined = r->undefined || isnan(r->values[i]);
    if (!r->undefined)
        sort_doubles(allocator_libc(), r->values, r->n);
}

struct interval replicates_between(const struct replicates *sorted, double low, double high)
{
    if (sorted->undefined || isnan(low) || isnan(high))
        return interval_none();
    return (struct interval){ quantile_sorted(sorted->values, sorted->n, low, QUANTILE_TYPE7),
                              quantile_sorted(sorted->values, sorted->n, high, QUANTILE_TYPE7) };
}

struct bootstrap_result replicates_result(const struct replicates *sorted, double estimate,
                                          const struct bootstrap_plan *plan)
{
    return (struct bootstrap_result){
        .estimate = estimate,
        .interval =
            replicates_between(sorted, (1 - plan->confidence) / 2, (1 + plan->confidence) / 2),
        .standard_error = sqrt(variance_of(sorted->values, sorted->n)),
        .resamples = plan->resamples,
        .seed = plan->seed,
    };
}
