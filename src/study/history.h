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
    double change_percent, p; /* against the segment before; NaN for the first */
};

struct metric_history {
    const struct metric_info *info;
    const char *workload; /* NULL: one only */
    const struct finished_run **runs; /* a point each */
    double *values;
    size_t count;
    struct history_segment *segments;
    size_t segment_count;
    double noise_percent; /* run-to-run deviation within segments, of the mean; NaN */
    struct interval next; /* prediction of the next value from the last segment, 95 % */
    bool last_unusual; /* the last value lies outside what the values before it predict */
};

struct history {
    struct arena memory;
    struct metric_history *metrics;
    size_t metric_count;
};

struct history_options {
    struct change_options change;
    bool by_version; /* else by start */
};

/* metrics: ids, or "section/id"; NULL and 0 for all numeric ones. */
enum ou_status history_compute(const struct run_set *set, const char *const *metrics, size_t metric_count,
                               const struct history_options *options, struct history *ret, struct ou_error *err);
void history_release(struct history *h);

#endif
