/* One set of repeated runs: how much a metric varies, where that comes from, and
 * how many runs it takes to see a change. docs/formats/variance.md describes the
 * file; anchors of each method stand in stats/. */
#ifndef OU_STUDY_VARIANCE_H
#define OU_STUDY_VARIANCE_H

#include "stats/bootstrap.h"
#include "stats/components.h"
#include "stats/interval.h"
#include "stats/serial.h"
#include "study/comparable.h"
#include "study/finished_run.h"

/* The columns of the field's multi-run tables, in both of their aspects. */
struct multi_run_row {
    double average, cov, min, max, stddev, range;
    int precision;
    double size;
};

enum { VARIANCE_QUANTILES = 4 };
extern const double variance_quantiles[VARIANCE_QUANTILES]; /* .5 .9 .95 .99 */

/* Which of them a report shows: of the runs' averages (the default), or of all samples of all runs. */
enum aspect { ASPECT_INTER_RUN, ASPECT_OVERALL };

struct odd_one {
    const char *name; /* of a run or a host */
    double z;         /* modified z score (study/stands_apart.h) */
};
#define ODD_MAX 8

/* Runs a side (study/run_plan.h). NaN: not to be told (fewer than 3 runs; a mean that may be 0 for
 * changes of it), or not asked, since no comparison judges the metric. */
enum { PLANNED_CHANGES = 3 };
extern const double planned_changes[PLANNED_CHANGES]; /* .01 .02 .05 of the mean */
struct runs_needed {
    double change[PLANNED_CHANGES]; /* to see it */
    double margin; /* to decide: see a change of the metric's margin, or show none */
};

struct metric_variance {
    const struct metric_info *info;
    size_t runs;    /* that have a value */
    double *values; /* their means, in run order; NaN where a run has none: set->count entries */
    struct multi_run_row inter_run, overall;
    struct interval mean; /* 95 %, Student, of run means; none below 2 runs */
    /* Of the runs' quantiles: their mean, and Student's interval of it. */
    struct {
        double mean;
        struct interval interval;
    } quantiles[VARIANCE_QUANTILES];
    struct interval median_rank; /* distribution-free, of the median over runs; unbounded below 6 */
    /* Hierarchical, of times of blocks; none below 3 runs or without block values. */
    struct bootstrap_result median_of_blocks;
    struct {
        double run, host, interaction, within;
        bool crossed;     /* hosts that are in every run; else runs and their blocks */
    } shares;             /* NaN: cannot be told */
    struct kendall drift; /* of the values over run order */
    struct serial serial; /* within runs: of the run with the median effective n */
    size_t unsteady_runs, steadiness_told; /* of how many it could be said */
    struct odd_one odd_runs[ODD_MAX], odd_hosts[ODD_MAX];
    size_t odd_run_count, odd_host_count;
    /* When a comparison judges this metric alone, and when it judges all that the runs have. */
    struct runs_needed alone, among_all;
};

struct variance {
    struct arena memory;
    const struct run_set *set; /* not owned */
    struct metric_variance *metrics;
    size_t metric_count; /* numeric ones with a value in a run at least */
    size_t tests;        /* that a comparison of all of them makes */
    uint64_t seed;
    enum aspect aspect;
    struct fact_difference *differences; /* that were allowed */
    size_t difference_count, unchecked;
};

struct variance_options {
    uint64_t seed;
    uint32_t resamples;
    enum aspect aspect;
    bool allow_different; /* go on although the runs differ in what should be the same */
    bool no_plan;         /* leave out the runs needed, which take longer than all the rest */
};
#define VARIANCE_DEFAULTS \
    ((struct variance_options){ .seed = BOOTSTRAP_SEED, .resamples = BOOTSTRAP_RESAMPLES })

/* OU_INVALID for an empty set, for a run that stands there twice, and for runs that are not alike, unless allowed. One run is enough:
 * everything between runs is unknown then. */
enum ou_status variance_compute(const struct run_set *set, const struct variance_options *options,
                                struct variance *ret, struct ou_error *err);
void variance_release(struct variance *v);

/* NULL when no run has such a number. */
const struct metric_variance *variance_find(const struct variance *v, enum metric_section section,
                                            const char *id);

#endif
