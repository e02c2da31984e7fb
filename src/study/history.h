/* One metric over runs in the order of time or version: change points, segments,
 * and whether the last value is out of the ordinary. */
#ifndef OU_STUDY_HISTORY_H
#define OU_STUDY_HISTORY_H

#include "stats/change_points.h"
#include "stats/interval.h"
#include "study/finished_run.h"

struct history_segment {
    size_t first, count; /* of points */
    double mean;
    struct interval interval; /* 95 % of the mean; none for one point */
    /* Against the segment before; NaN for the first. p of the t test, alone and adjusted (Benjamini-Hochberg) for all that
     * was looked for; the change percent is NaN from a mean of 0. */
    double change_percent, p, p_adjusted;
};

/* The runs of one kind of workload that have a value of the metric. */
struct metric_history {
    const struct metric_info *info;
    const char *workload;             /* NULL: one only */
    const struct finished_run **runs; /* a point each */
    double *values;
    size_t count;
    struct history_segment *segments;
    size_t segment_count;
    double noise_percent; /* run-to-run deviation within segments, of the segment's mean; NaN */
    struct interval next; /* prediction of the next value from the last segment, 95 % */
    /* What the values before it in its segment say of the last one: prediction, 95 %, and how seldom a value lies as far
     * out, alone and adjusted over all series; none and NaN where there are fewer than two. */
    struct interval expected_last;
    double last_p, last_p_adjusted;
    bool last_unusual; /* last_p_adjusted is below HISTORY_UNUSUAL */
};
#define HISTORY_UNUSUAL .05

struct history {
    struct arena memory;
    const struct run_set *set;        /* not owned */
    const struct finished_run **runs; /* of the set, each once, in order */
    size_t run_count, repeated;       /* and how many copies were left out */
    struct metric_history *metrics;   /* in dictionary order, then by workload */
    size_t metric_count;
    bool by_version;
    struct change_options change;
    size_t searched; /* series long enough to have a change point */
    double
        threshold; /* of p in force: what adjusting has left of change.threshold; 0: no change point stood */
};

struct history_options {
    struct change_options change;
    bool by_version; /* else by start */
};
#define HISTORY_DEFAULTS ((struct history_options){ CHANGE_DEFAULTS, false })

/* metrics: ids, or "section/id"; an id alone is that metric in every section that runs have it in. NULL and 0: all that
 * are judged when versions are compared (study/margins.h). A run that stands in the set twice counts once. OU_USAGE for a
 * metric that there is not, OU_NOT_FOUND for one that no run has; OU_INVALID for options that make no sense. The set must
 * outlive *ret. */
enum ou_status history_compute(const struct run_set *set, const char *const *metrics,
                               size_t metric_count, const struct history_options *options,
                               struct history *ret, struct ou_error *err);
void history_release(struct history *h);

#endif
