/* An interval of confidence. */
#ifndef OU_STATS_INTERVAL_H
#define OU_STATS_INTERVAL_H

#include <math.h>
#include <stdbool.h>

/* Both ends NaN: there is none, for lack of data. An infinite end: unbounded there. */
struct interval {
    double low, high;
};

static inline struct interval interval_none(void)
{
    return (struct interval){ NAN, NAN };
}

static inline bool interval_known(struct interval i)
{
    return !isnan(i.low) && !isnan(i.high);
}

static inline bool interval_bounded(struct interval i)
{
    return isfinite(i.low) && isfinite(i.high);
}

#endif
