/* Inside study/: what the files of a sweep's results share. */
#ifndef OU_STUDY_SWEEP_INSIDE_H
#define OU_STUDY_SWEEP_INSIDE_H

#include "stats/simultaneous.h"
#include "study/sweep_results.h"

/* Most of what a plan may have (docs/formats/sweep.md). */
enum {
    SWEEP_AXES_READ = 8,
    SWEEP_LEVELS_READ = 64,
    SWEEP_POINTS_READ = 4096,
    SWEEP_RUNS_READ = 100000,
    SWEEP_METRICS_READ = 64,
};
/* Statements about all settings at once are made for so many; each pair of them is looked at. */
enum { SWEEP_COMPARED_MAX = 512 };

/* Reads plan, journal and runs into *ret, whose memory is there; names that the sweep asks for go to *ret_asked. Messages
 * name file and place. */
enum ou_status sweep_read(const char *directory, struct sweep_results *ret,
                          const char *const **ret_asked, size_t *ret_asked_count,
                          struct ou_error *err);

/* What cannot be squared has not been measured. */
static inline bool sweep_is_value(double value)
{
    return isfinite(value) && fabs(value) <= 1e100;
}

/* Critical values take milliseconds each, and metrics share them. */
struct critical_values {
    double confidence, correlation, dof;
    size_t count;
    double one_sided, two_sided, range;
};
enum { CRITICAL_KEPT = 16 };

/* The metrics while they are worked out, one after the other. Set results and options, the rest zero. */
struct sweep_work {
    struct sweep_results *results;
    const struct sweep_study_options *options;
    struct critical_values kept[CRITICAL_KEPT];
    size_t kept_count;
    /* Of the metric at hand: its runs, in order. */
    uint32_t *setting, *block;
    uint8_t *levels;
    double *values;
    size_t runs;
};

/* Everything that follows from plan and runs, which are there; may be called again when runs have changed. */
enum ou_status sweep_work_out(struct sweep_work *w, const char *const *asked, size_t asked_count,
                              struct ou_error *err);

/* Fills in everything of a metric but what hangs on the others: adjusted p. info and is_asked are set. */
enum ou_status sweep_metric_compute(struct sweep_work *w, struct sweep_metric *m,
                                    struct ou_error *err);
/* The estimates of m->settings, and what they are held against: values of runs are in w. */
struct blocked;
enum ou_status sweep_settings_compute(struct sweep_work *w, const struct blocked *b,
                                      struct sweep_metric *m, struct ou_error *err);

static inline bool sweep_more_is_better(const struct sweep_metric *m)
{
    return m->info->direction == DIRECTION_MORE_IS_BETTER;
}

/* By how much the difference of two settings may be off for their stamps; at most, of those that are held against the base. */
double sweep_slack(const struct sweep_metric *m, size_t a, size_t b);
double sweep_widest_slack(const struct sweep_results *r, const struct sweep_metric *m);

/* CPU against adoption by 95 % of the hosts, or what comes next to that; false where neither pair was measured. */
bool sweep_usual_pair(const struct sweep_results *r, const struct metric_info **ret_cost,
                      const struct metric_info **ret_benefit);

/* variation and spread of m->settings. */
enum ou_status sweep_spread_compute(struct sweep_work *w, struct sweep_metric *m,
                                    struct ou_error *err);

/* What tracing did in the runs of each setting. */
enum ou_status sweep_traces_compute(struct sweep_results *r, struct ou_error *err);

/* Which setting to take, and which no other beats. All metrics are there. */
enum ou_status sweep_choose(struct sweep_results *r, struct ou_error *err);

/* Zeroed memory of the results; fails *err. */
void *sweep_take(struct sweep_results *r, size_t count, size_t bytes, struct ou_error *err);

#endif
