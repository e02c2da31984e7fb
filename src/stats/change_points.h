/* Since when? Change points of a series by E-divisive means (Matteson and James
 * 2014; Daly et al. 2020; Fleming et al. 2023). Any thread. */
#ifndef OU_STATS_CHANGE_POINTS_H
#define OU_STATS_CHANGE_POINTS_H

#include <stddef.h>

#include "base/status.h"

struct change_options {
    double threshold;      /* p of the t test of neighbouring segments; .001 */
    double minimum_change; /* relative, .05 is 5 %; 0: any */
    size_t window, step;   /* 50 and 25; series up to `window` are searched whole */
    size_t least_segment;  /* points on each side; 2: one outlier is no change */
};
#define CHANGE_DEFAULTS ((struct change_options){ .001, 0, 50, 25, 2 })

struct change_point {
    size_t at;   /* index of the first value of the new level */
    double q, p; /* energy statistic when found; Student's t of the two segments (pooled) */
    double before, after; /* means of the segments */
};

/* At most `room` are written, ascending; *ret_count is how many there are. OU_INVALID unless
 * 1 <= step <= window and 1 <= least_segment <= window / 2; OU_NO_MEMORY. */
enum ou_status change_points(const double *values, size_t n, const struct change_options *options,
                             struct change_point *ret, size_t room, size_t *ret_count);

/* The best candidate of [0,n): its Q, tau and kappa. For tests against worked examples. */
struct change_candidate {
    double q;
    size_t tau, kappa;
};
enum ou_status change_candidate(const double *values, size_t n, struct change_candidate *ret);

#endif
