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

/* An interval of a change in percent of a base. What was measured is no less than 0, before and now, and so is what else
 * could have been: nothing falls by more than all of it. */
static inline struct interval interval_no_less_than_nothing(struct interval percent, double base,
                                                            double now)
{
    bool possible = base > 0 && now >= 0 && interval_known(percent);

    return possible ? (struct interval){ fmax(percent.low, -100), fmax(percent.high, -100) }
                    : percent;
}

#endif
