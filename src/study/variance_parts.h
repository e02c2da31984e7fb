/* Inside study/: what variance.c asks of variance_sources.c and variance_plan.c. */
#ifndef OU_STUDY_VARIANCE_PARTS_H
#define OU_STUDY_VARIANCE_PARTS_H

#include "study/variance.h"

/* The values of one metric over the runs of a set. */
struct metric_runs {
    const struct run_set *set;
    const struct metric_info *info;
    const struct run_value **values; /* set->count entries; NULL where a run has no number */
    double *means, *sorted; /* of those that have: `count` entries in run order, and ascending */
    const char **titles;    /* of those runs */
    size_t count;
};

/* Of hosts that take part in every run: shares of variance, and those that stand apart. */
enum ou_status variance_hosts(const struct metric_runs *m, struct arena *memory,
                              struct metric_variance *ret);
/* Runs that stand apart. */
void variance_odd_runs(const struct metric_runs *m, struct metric_variance *ret);
/* What the blocks of each run tell: shares where hosts told none, correlation, steadiness, and the
 * interval of the median. */
enum ou_status variance_blocks(const struct metric_runs *m, const struct variance_options *options,
                               struct arena *memory, struct metric_variance *ret);
/* Fills in the tests and the runs needed (unknown ones with no_plan); all else of v is there. */
void variance_plan(struct variance *v, bool no_plan);

#endif
