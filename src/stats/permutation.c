/* The permutation test of Fisher and Pitman: how often would chance alone
 * divide the same values with so great a difference of means? */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/mean.h"
#include "stats/random.h"
#include "stats/scratch.h"
#include "stats/two_samples.h"

/* All values, less their mean: the sums of the two sides are then opposite, and
 * the difference of means grows with the magnitude of either. */
struct arrangement {
    double *values; /* owned */
    size_t n, k;    /* k: size of the smaller side */
    double seen;    /* magnitude of its sum, less what rounding may make of equal sums */
};

static bool arrangement_init(const struct two_samples *s, struct arrangement *ret)
{
    size_t n = s->na + s->nb;
    bool a_smaller = s->na <= s->nb;
    double *values = scratch_take(n, sizeof *values), sum = 0, size = 0, spread = 0, mean;

    if (!values)
        return false;
    memcpy(values, a_smaller ? s->a : s->b, (a_smaller ? s->na : s->nb) * sizeof *values);
    memcpy(values + (a_smaller ? s->na : s->nb), a_smaller ? s->b : s->a,
           (a_smaller ? s->nb : s->na) * sizeof *values);
    *ret = (struct arrangement){ .values = values, .n = n, .k = a_smaller ? s->na : s->nb };
    mean = mean_of(values, n);
    for (size_t i = 0; i < n; i++) {
        size += fabs(values[i]);
        values[i] -= mean;
        spread += fabs(values[i]);
        if (i < ret->k)
            sum += values[i];
    }
    /* Each value is rounded itself; each addition rounds a sum of at most `spread`. */
    ret->seen = fabs(sum) - DBL_EPSILON * (size + (double)n * spread);
    return true;
}

/* Whether (n choose k) is at most `limit`. */
static bool choices_within(size_t n, size_t k, uint64_t limit, uint64_t *ret_choices)
{
    double choices = 1;

    for (size_t i = 1; i <= k; i++) {
        choices = choices * (double)(n - k + i) / (double)i;
        if (choices > (double)limit)
            return false;
    }
    *ret_choices = (uint64_t)(choices + 0.5);
    return true;
}

/* How many ways of taking `left` more values, from the i-th on, end at a sum as
 * great as the one seen. Depth: the size of the smaller side. */
static uint64_t count_extreme(const struct arrangement *g, size_t i, size_t left, double sum)
{
    uint64_t extreme = 0;

    if (left == 0)
        return fabs(sum) >= g->seen;
    for (; i + left <= g->n; i++)
        extreme += count_extreme(g, i + 1, left - 1, sum + g->values[i]);
    return extreme;
}

/* The first k values after so many steps of a shuffle. */
static double shuffled_sum(struct arrangement *g, struct random_stream *random)
{
    double sum = 0;

    for (size_t i = 0; i < g->k; i++) {
        size_t other = i + random_below(random, (uint32_t)(g->n - i));
        double value = g->values[other];

        g->values[other] = g->values[i];
        g->values[i] = value;
        sum += value;
    }
    return sum;
}

static struct permutation_test sampled(struct arrangement *g, uint64_t draws, uint64_t seed)
{
    struct random_stream random;
    uint64_t extreme = 0;

    random_stream_init(&random, seed, 0);
    for (uint64_t i = 0; i < draws; i++)
        extreme += fabs(shuffled_sum(g, &random)) >= g->seen;
    return (struct permutation_test){ .p = (double)(extreme + 1) / ((double)draws + 1),
                                      .arrangements = draws };
}

struct permutation_test permutation_test(const struct two_samples *s, uint64_t limit, uint64_t seed)
{
    struct permutation_test test = { .p = NAN };
    struct arrangement all;
    uint64_t choices;

    if (s->na == 0 || s->nb == 0 || s->na + s->nb > UINT32_MAX || !arrangement_init(s, &all))
        return test;
    if (choices_within(all.n, all.k, limit, &choices)) {
        test.p = (double)count_extreme(&all, 0, all.k, 0) / (double)choices;
        test.enumerated = true;
        test.arrangements = choices;
    } else {
        test = sampled(&all, limit, seed);
    }
    free(all.values);
    return test;
}
