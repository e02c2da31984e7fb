/* What a sweep has found: which settings of which axes change which metrics, by how much, how sure that is, and which setting to
 * take. From the plan of the sweep directory (sweep.json) and the results of its runs.
 *
 * Model of a metric: value = mean + block + main effects of the axes + interactions of two axes + noise, least squares over
 * the runs that there are (a sweep may be cut short; blocks may be incomplete). */
#ifndef OU_STUDY_SWEEP_RESULTS_H
#define OU_STUDY_SWEEP_RESULTS_H

#include "stats/interval.h"
#include "study/finished_run.h"

struct sweep_axis_facts {
    const char *name;
    const char **levels; /* labels */
    size_t level_count;
};

/* One combination of levels with its runs. */
struct sweep_setting {
    const char *label; /* "-A16m, -N2" */
    uint8_t *levels;   /* by axis */
    size_t *runs;      /* indices into runs */
    size_t run_count;
};

/* The mean of a setting, adjusted for blocks. */
struct setting_estimate {
    size_t setting;
    double mean, deviation; /* NaN: no run; fewer than two */
    size_t n;
    struct interval interval;     /* of the mean, 95 % */
    struct interval against_best; /* of the difference to the best of the others, simultaneous */
    double percent_of_best;
    size_t rank_low, rank_high; /* the ranks it may have, at simultaneous 95 % */
};

struct sweep_effect {
    size_t axis, other; /* other == axis: a main effect; else an interaction of the two */
    double dof, sum_squares, f, p, p_adjusted; /* NaN: cannot be told */
    double share;                              /* of the variation between settings, 0 to 1 */
    double largest_percent; /* greatest difference of two level means, in percent of the mean */
    bool aliased;           /* the fraction that was run cannot tell it from others */
};

struct level_mean {
    size_t axis, level;
    double mean;
    struct interval interval;
    size_t n;
};

struct sweep_metric {
    const struct metric_info *info;
    bool is_judged; /* has a direction: less or more is better */
    double residual_deviation, residual_dof;
    double noise_percent; /* run to run, of the mean */
    struct setting_estimate
        *settings; /* best first where judged, else in the plan's order; setting_count */
    struct sweep_effect *effects;
    size_t effect_count;
    struct level_mean *levels;
    size_t level_count;
    double block_p; /* whether the machine drifted */
};

/* Settings that no other beats in both of the two metrics. */
struct pareto {
    const struct metric_info *cost, *benefit; /* CPU against 95 % adoption, where there are any */
    size_t *settings;
    size_t count;
};

struct sweep_recommendation {
    bool is_made;
    size_t setting;
    const char *why; /* sentences: what carries it, or why there is none and what it would take */
};

struct sweep_results {
    struct arena memory;
    const char *name, *profile;
    struct sweep_axis_facts *axes;
    size_t axis_count;
    struct sweep_setting *all;
    size_t setting_count;
    struct run_set runs; /* that are analysed */
    size_t planned, failed;
    const char *fraction; /* "full", "1/3" */
    struct sweep_metric
        *metrics; /* those the sweep asks for first, then by the strength of the evidence */
    size_t metric_count;
    struct pareto pareto;
    struct sweep_recommendation recommendation;
};

struct sweep_study_options {
    uint64_t seed;
    double margin_scale; /* 1: margins of data/margins.tsv */
};

/* Reads SWEEP/sweep.json, journal and the analyses of its runs, and works it out. Too few runs are told in the results, not an
 * error. One thread. */
enum ou_status sweep_results_compute(const char *directory,
                                     const struct sweep_study_options *options,
                                     struct sweep_results *ret, struct ou_error *err);
void sweep_results_release(struct sweep_results *r);

#endif
