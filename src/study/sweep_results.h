/* What a sweep has found: which settings of which axes change which metrics, by how much, how sure that is, and which setting to
 * take. From the plan of the sweep directory (sweep.json) and the results of its runs.
 *
 * Model of a metric: value = mean + block + main effects of the axes + interactions of two axes + noise, least squares over
 * the runs that there are (a sweep may be cut short; blocks may be incomplete). Means of settings and the noise itself come from
 * the runs without that model: value = block + setting + noise. */
#ifndef OU_STUDY_SWEEP_RESULTS_H
#define OU_STUDY_SWEEP_RESULTS_H

#include "stats/equivalence.h"
#include "stats/interval.h"
#include "stats/variance_ratio.h"
#include "study/finished_run.h"

struct sweep_axis_facts {
    const char *name;
    const char **levels; /* labels */
    size_t level_count;
    size_t silent; /* the level that traces next to nothing; SIZE_MAX: none is said to */
};

/* One combination of levels with its runs. */
struct sweep_setting {
    const char *label; /* "-A16m, -N2" */
    uint8_t *levels;   /* by axis */
    size_t *runs;      /* indices into runs */
    size_t run_count;
};

enum sweep_fate { SWEEP_FATE_OPEN, SWEEP_FATE_DONE, SWEEP_FATE_UNREAD, SWEEP_FATE_FAILED };

/* One run of the plan, and what became of it. */
struct sweep_made {
    size_t setting;
    uint32_t block, position;
    enum sweep_fate fate;  /* UNREAD: it was made, and has no analysis that can be read */
    const char *directory; /* inside the sweep's, of the last attempt; NULL: none was begun */
    const char *cause;     /* why there are no results; NULL */
    size_t attempts;       /* that ended */
    double seconds;        /* of the last one, wall clock; NaN */
    size_t run;            /* of runs; SIZE_MAX: none */
};

/* The mean of a setting, adjusted for blocks. */
struct setting_estimate {
    size_t setting;
    double mean, deviation; /* NaN: no run; fewer than two */
    size_t n;
    struct interval interval; /* of the mean, 95 % */
    /* Of the difference to the best of the others: all settings' hold at once with 95 %. One that ends at 0 on its better
     * side says that the setting is not the best. */
    struct interval against_best;
    double
        percent_of_best; /* difference to the best setting's mean, in percent of it; 0: it is the best; NaN: it reads better
                             * than that, for its stamps */
    /* Of the difference to the base setting: all settings' hold at once with 95 %, of all metrics that the sweep asks for
     * together. */
    double base_difference;
    struct interval against_base;
    enum change change; /* what that says beside the margin; of the base itself: equivalent */
    size_t rank_low, rank_high; /* the ranks it may have, at simultaneous 95 %; 0: not told */
    double variation;           /* deviation over mean; NaN */
    struct variance_ratio
        spread; /* its runs' variance over that of the base's; 95 %; of the base itself: none */
};

struct sweep_effect {
    size_t axis, other; /* other == axis: a main effect; else an interaction of the two */
    double dof, sum_squares, f, p, p_adjusted; /* NaN: cannot be told */
    double share;                              /* of the variation between settings, 0 to 1 */
    double
        largest_percent; /* greatest difference of two level means, in percent of the mean; of an interaction, of what it
                             * adds to two combinations */
    bool aliased; /* the fraction that was run cannot tell it from others */
};

/* Of a level of an axis, or of levels of two, where all levels of the others count alike. */
struct level_mean {
    size_t axis, level;
    size_t other, other_level; /* other == axis: of one */
    double mean;
    struct interval interval; /* 95 % */
    size_t n;                 /* runs at it */
};

struct block_mean {
    double mean; /* where all settings count alike; NaN: no run */
    struct interval interval;
    size_t n;
};

/* Where the noise that everything is held against comes from. */
enum sweep_error {
    SWEEP_ERROR_NONE, /* one run a setting, and nothing that could stand for noise */
    SWEEP_ERROR_RUNS, /* runs of one setting */
    SWEEP_ERROR_HIGHER, /* one run a setting: interactions of three axes and more are taken to be none */
    SWEEP_ERROR_INTERACTIONS, /* one run a setting: all interactions are taken to be none */
};

struct sweep_metric {
    const struct metric_info *info;
    bool is_asked;  /* for by the sweep */
    bool is_judged; /* has a direction: less or more is better */
    double mean;    /* of all runs */
    size_t n;       /* runs that have a value */
    double margin;  /* at the base's mean: less is no change that matters */
    enum sweep_error error;
    double residual_deviation, residual_dof;
    double noise_percent; /* run to run, of the mean */
    struct setting_estimate *
        settings; /* where judged best first, by the worst that a mean may be, else in the plan's order; setting_count */
    size_t *places;               /* of each setting in settings */
    struct sweep_effect *effects; /* main effects by axis, then interactions of two */
    size_t effect_count;
    struct sweep_effect
        rest; /* interactions of three axes and more, and those that are aliased; dof NaN: none */
    double settings_p;         /* whether settings differ at all */
    struct level_mean *levels; /* of one axis, then of two */
    size_t level_count;
    struct block_mean *blocks;        /* sweep_results.repetitions */
    double block_p, block_p_adjusted; /* whether the machine drifted; adjusted over all metrics */
    bool
        connected; /* false: some settings share no block with others, so that drift is in their difference */
    double
        repetitions_needed; /* to decide for each setting against the base; NaN: not to be told */
    /* How far the difference of two settings may be off: reach times the root of its variance, setting_count squared of
     * them; all pairs hold at once with 95 %. NULL: not known. */
    double reach;
    const double *variances;
    /* By how much each setting's mean may be off for the steps that its stamps are cut to, setting_count of them; 0: its stamps
     * are not cut, or it is no time. */
    const double *cuts;
};

/* What tracing did in the runs of a setting, all nodes of a run together. */
struct sweep_traces {
    double messages; /* lines in the nodes' logs: mean over runs; NaN: not told */
    /* Lost in all runs of it, by cause: before they were written; in queues for the collector; NaN: not told. */
    double unwritten, dropped;
    double given_up; /* lost in all runs by the collector; NaN: not told, or there is none */
    double node_cpu_s, collector_cpu_s; /* of all nodes, of the collector: mean over runs; NaN */
    size_t silent; /* the setting that differs in tracing alone, which is next to none; SIZE_MAX */
    /* CPU time of nodes a message, in microseconds (milliseconds per 1,000 messages): what it has more than the silent
     * setting of CPU time, over what it has more of messages, in blocks where both have a run. NaN: not known. */
    double cost_us;
    struct interval cost; /* 95 %, Fieller's; none below two blocks */
    size_t pairs;         /* such blocks */
};

/* Settings that no other beats in both of two metrics. */
enum pareto_place {
    PARETO_UNKNOWN,
    PARETO_FRONT,
    PARETO_UNSURE /* cannot be told from it */,
    PARETO_BEHIND
};
struct pareto {
    const struct metric_info *cost,
        *benefit; /* CPU against 95 % adoption, where there are any; NULL: fewer than two metrics */
    size_t *settings; /* of the front, by cost */
    size_t count;
    enum pareto_place *places; /* by setting */
};

struct sweep_recommendation {
    bool is_made;
    size_t setting; /* the base: every other one is shown to be no better */
    const struct metric_info *
        objective; /* the metric in which it is better than the base; NULL: it is the base, or none */
    const char *why; /* sentences: what carries it, or why there is none and what it would take */
};

struct sweep_results {
    struct arena memory;
    const char *name, *description, *profile; /* description NULL: none */
    uint64_t seed;
    struct sweep_axis_facts *axes;
    size_t axis_count;
    struct sweep_setting *all;
    size_t setting_count;
    size_t base;             /* the setting of all first levels, or the plan's first */
    struct run_set runs;     /* that are analysed */
    struct sweep_made *made; /* in the plan's order; `planned` of them */
    size_t planned, failed;  /* failed: for good; the rest of those without results are open */
    size_t repetitions;
    const char *fraction; /* "full", "1/3" */
    struct sweep_metric
        *metrics; /* those the sweep asks for first, then by the strength of the evidence */
    size_t metric_count, asked_count;
    const char **unmeasured; /* names that the sweep asks for, and no run has */
    size_t unmeasured_count;
    size_t
        tests; /* of effects on metrics that the sweep asks for: what their p values are adjusted for */
    struct sweep_traces *traces; /* by setting */
    struct pareto pareto;
    struct sweep_recommendation recommendation;
};

struct sweep_study_options {
    double margin_scale; /* 1: margins of data/margins.tsv */
};

/* Whether stamps of a run of the setting are cut to steps of 10 ms: what is counted from the start of a slot reads up to so
 * much less there, other durations are off by so much either way. */
bool sweep_has_coarse_stamps(const struct sweep_results *r, size_t setting);

/* Reads SWEEP/sweep.json, journal and the analyses of its runs, and works it out. Too few runs are told in the results, not an
 * error. One thread. */
enum ou_status sweep_results_compute(const char *directory,
                                     const struct sweep_study_options *options,
                                     struct sweep_results *ret, struct ou_error *err);
void sweep_results_release(struct sweep_results *r); /* a zeroed one is fine */

/* NULL when no run has it. */
const struct sweep_metric *sweep_metric_find(const struct sweep_results *r,
                                             const struct metric_info *info);
/* The estimate of a setting in a metric. */
const struct setting_estimate *sweep_estimate(const struct sweep_results *r,
                                              const struct sweep_metric *m, size_t setting);
/* Whether sentences tell differences in percent of the base's mean. Where that is below the margin, as what is 0 but for rounding,
 * or below the step of its stamps, percents would be of hardly anything: the metric's unit says more. */
bool sweep_is_in_percent(const struct sweep_results *r, const struct sweep_metric *m);
/* A difference in percent of the base's mean; NaN where that is 0, but for rounding or for the step of its stamps. */
double sweep_percent_of_base(const struct sweep_results *r, const struct sweep_metric *m,
                             double difference);
/* The interval of a setting's difference to the base, in percent of it: nothing falls by more than all of it. */
struct interval sweep_percent_against_base(const struct sweep_results *r,
                                           const struct sweep_metric *m,
                                           const struct setting_estimate *e);
/* Runs of a setting that were given up, or whose analysis cannot be read. */
size_t sweep_failures(const struct sweep_results *r, size_t setting);
/* "allocation area", "allocation area by cores"; NULL without memory. */
const char *sweep_effect_name(struct arena *memory, const struct sweep_results *r,
                              const struct sweep_effect *e);

#endif
