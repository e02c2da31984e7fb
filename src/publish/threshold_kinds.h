/* The kinds of thresholds: what each wants to know, and which values it lets pass. docs/howto/watch-a-metric.md has them for
 * readers. Pure; any thread. */
#ifndef OU_PUBLISH_THRESHOLD_KINDS_H
#define OU_PUBLISH_THRESHOLD_KINDS_H

#include "analyse/dictionary.h"
#include "base/buffer.h"
#include "base/status.h"
#include "stats/interval.h"

struct threshold_kind; /* a row of the table */

/* A threshold with all of its parameters, defaults filled in. */
struct threshold_rule {
    const struct threshold_kind *kind;
    double above, below;    /* of "static"; NaN: no such bound */
    double percent;         /* of "percentage" */
    double confidence;      /* of "prediction", two-sided */
    double factor;          /* of "iqr" */
    double minimum_percent; /* of "change-point" */
    size_t least, last;     /* earlier runs that it wants; that it looks at, at most */
    bool of_last,
        both_sides; /* percentage of the last run, not of the mean; better values are told, too */
};

/* Reads the parameters, a JSON object; what is not said has its default. OU_USAGE with what is wrong: an unknown kind or
 * parameter, one out of range, a change point of a metric that is not searched for them. */
enum ou_status threshold_read(const char *kind, const char *parameters,
                              const struct metric_info *metric, struct threshold_rule *ret,
                              struct ou_error *err);
/* Appends the parameters as they are in force, as JSON. */
void threshold_write(const struct threshold_rule *rule, struct buffer *out);

/* Whether it looks at values of runs; the other one looks at change points. */
bool threshold_has_bounds(const struct threshold_rule *rule);

/* What the next value of the metric may be, as far as it matters: an end that does not is infinite. None (NaN) where there
 * are too few earlier values. values: of the runs before it on its level, oldest first. */
struct interval threshold_bounds(const struct threshold_rule *rule,
                                 const struct metric_info *metric, const double *values, size_t n);

/* Whether a change to this percentage is what it tells of. */
bool threshold_takes_change(const struct threshold_rule *rule, const struct metric_info *metric,
                            double percent);

/* Where the bounds come from, for a sentence: "from 7 earlier runs (prediction, 95 %)". */
void threshold_says(const struct threshold_rule *rule, size_t n, char *ret, size_t room);

#endif
