/* Size, mean and variance of a sample whose values may all be equal: then the
 * variance is exactly 0, which sums of rounded numbers do not promise. Pure;
 * any thread. */
#ifndef OU_STATS_SAMPLE_MOMENTS_H
#define OU_STATS_SAMPLE_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/mean.h"

struct sample_moments {
    double n, mean, variance; /* the variance is NaN for n < 2 */
};

static inline bool values_all_equal(const double *values, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (values[i] != values[0])
            return false;
    return true;
}

static inline struct sample_moments sample_moments_of(const double *values, size_t n)
{
    if (n >= 2 && values_all_equal(values, n))
        return (struct sample_moments){ (double)n, values[0], 0 };
    return (struct sample_moments){ (double)n, mean_of(values, n), variance_of(values, n) };
}

#endif
