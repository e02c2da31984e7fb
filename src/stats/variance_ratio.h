/* Whether two groups vary alike: the ratio of their variances, new / old. Pure; any thread. Every value is finite. Sources: Fisher's F; Brown and
 * Forsythe 1974. */
#ifndef OU_STATS_VARIANCE_RATIO_H
#define OU_STATS_VARIANCE_RATIO_H

#include "stats/two_samples.h"

struct variance_ratio {
    double ratio; /* s_b^2 / s_a^2; NaN: below two values, or old ones that do not vary */
    struct interval
        interval; /* of it by the F law: only as good as values are normal, and independent */
    double p;     /* two-sided, by the same law */
    /* Brown and Forsythe's: a t test of distances from the medians, which holds for values that are not normal. NaN below
     * three values a side, of which it says nothing, and where memory is out. */
    double p_robust;
};

static inline struct variance_ratio variance_ratio_none(void)
{
    return (struct variance_ratio){ NAN, interval_none(), NAN, NAN };
}

struct variance_ratio variance_ratio_of(const struct two_samples *s, double confidence);

#endif
