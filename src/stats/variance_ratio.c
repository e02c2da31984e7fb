#include "stats/variance_ratio.h"

#include <stdlib.h>
#include <string.h>

#include "stats/laws.h"
#include "stats/quantile.h"
#include "stats/sample_moments.h"
#include "stats/scratch.h"
#include "stats/sort.h"

/* Fewer have a distance of nothing, or two that are the same. */
enum { ROBUST_LEAST = 3 };

/* |value - median| of each value, into ret. */
static void distances_from_median(const double *values, size_t n, double *ret)
{
    double median;

    memcpy(ret, values, n * sizeof *ret);
    sort_doubles(allocator_libc(), ret, n);
    median = quantile_sorted(ret, n, .5, QUANTILE_TYPE7);
    for (size_t i = 0; i < n; i++)
        ret[i] = fabs(values[i] - median);
}

/* With two groups the F of the analysis of variance is the square of the pooled t. */
static double brown_forsythe(const struct two_samples *s)
{
    double *room, p;

    if (s->na < ROBUST_LEAST || s->nb < ROBUST_LEAST)
        return NAN;
    room = scratch_take(s->na + s->nb, sizeof *room);
    if (!room)
        return NAN;
    distances_from_median(s->a, s->na, room);
    distances_from_median(s->b, s->nb, room + s->na);
    p = pooled_test(&(struct two_samples){ room, s->na, room + s->na, s->nb }, .95).p;
    free(room);
    return p;
}

struct variance_ratio variance_ratio_of(const struct two_samples *s, double confidence)
{
    double old = sample_moments_of(s->a, s->na).variance;
    double new = sample_moments_of(s->b, s->nb).variance;
    double dof_old = (double)s->na - 1, dof_new = (double)s->nb - 1, tail = (1 - confidence) / 2;
    struct variance_ratio r = variance_ratio_none();

    r.p_robust = brown_forsythe(s);
    if (s->na >= 2 && s->nb >= 2 && old > 0) {
        double above;

        r.ratio = new / old;
        r.interval = (struct interval){ r.ratio / f_quantile(1 - tail, dof_new, dof_old),
                                        r.ratio / f_quantile(tail, dof_new, dof_old) };
        above = f_tail(r.ratio, dof_new, dof_old);
        r.p = 2 * fmin(above, 1 - above);
    }
    return r;
}
