/* A base against one or more variants: per metric the difference with its
 * interval, tests, effects and a verdict. docs/formats/comparison.md describes
 * the file. */
#ifndef OU_STUDY_COMPARISON_H
#define OU_STUDY_COMPARISON_H

#include "stats/bootstrap.h"
#include "stats/counts.h"
#include "stats/equivalence.h"
#include "stats/paired.h"
#include "stats/two_samples.h"
#include "study/comparable.h"
#include "study/finished_run.h"
#include "study/margins.h"

enum verdict {
    VERDICT_NONE, /* not judged: no direction, not measured, or described only */
    VERDICT_REGRESSION,
    VERDICT_IMPROVEMENT,
    VERDICT_CHANGE,     /* a difference that matters in a metric without a better direction */
    VERDICT_NEGLIGIBLE, /* real, but inside the margin */
    VERDICT_EQUIVALENT,
    VERDICT_INCONCLUSIVE,
    VERDICT_COUNT,
};
const char *verdict_name(enum verdict v); /* "regression" */

/* What the interval of a difference rests on. */
enum basis {
    BASIS_NONE,     /* one run a side, nothing known of run-to-run variation */
    BASIS_RUNS,     /* run-level values of both sides: Welch */
    BASIS_PAIRS,    /* interleaved runs, compared pair by pair */
    BASIS_ONE_SIDE, /* one run on one side: the other side's deviation stands for both */
    BASIS_HISTORY, /* one run on one side at least, run-to-run deviation from a history that knows more of it */
    BASIS_COUNTS,     /* exact Poisson */
    BASIS_WITHIN_RUN, /* blocks of one run a side: says nothing about other runs; never judged */
};
const char *basis_name(enum basis b);

struct metric_comparison {
    const struct metric_info *info;
    const struct margin *margin;
    enum basis basis;
    size_t base_n, new_n;        /* runs with a value */
    double base, new_value;      /* means over runs */
    double delta, delta_percent; /* new - base; percent of |base|, NaN when base is 0 */
    /* 95 %. Of the relative change by Fieller: it excludes 0 exactly when that of the difference does. No percentage is
     * below -100 (percent_of_base()). */
    struct interval delta_interval, percent_interval;
    /* Of the difference, at the confidence at which it excludes 0 exactly when the adjusted p is below .05. */
    struct interval decisive_interval;
    /* 90 %, of the difference, and the same in percent of |base|: what is held against the margin. */
    struct interval equivalence_interval, equivalence_percent;
    struct interval within_run; /* of the difference, within-run only; for what it is */
    double deviation,
        dof; /* from run to run (of pairs: of their differences), with its degrees of freedom; NaN */
    size_t history_levels, history_runs;  /* of BASIS_HISTORY: levels of how many earlier runs */
    double p, p_adjusted;                 /* of the difference, t or exact Poisson; NaN: no test */
    double mann_whitney_p, signed_rank_p; /* exact; of unpaired runs, of pairs; NaN */
    double smallest_p;                    /* the least that either can reach with so few runs */
    double permutation_p;                 /* of the difference of means */
    double equivalence_p;
    double cliffs, hedges;
    struct shift_estimate shift; /* Hodges-Lehmann */
    double ks, wasserstein;      /* of the distributions of blocks, runs pooled; NaN */
    double margin_value; /* in force, in the metric's unit: the greater one of relative and floor */
    double margin_percent; /* the same in percent of |base|; NaN when base is 0 */
    double runs_needed;    /* a side, for VERDICT_INCONCLUSIVE, whole; NaN: cannot be told */
    double
        visible_percent; /* the least change that so many runs show with power .8 among so many metrics; NaN */
    bool dispersed; /* counts vary more than Poisson: their rates were compared run by run */
    enum verdict verdict;
    const char *why; /* a sentence: what the verdict rests on, or why there is none */
    struct drift {
        double p;
    } order; /* Mann-Kendall over all runs in time: order effects; NaN */
};

struct side_comparison {
    const struct run_set *base, *variant; /* not owned */
    enum basis basis;                     /* of most metrics */
    bool interleaved; /* runs alternate in time on one machine, or a design says so */
    bool few_pairs;   /* so few that they were compared as two groups: PAIRS_LEAST */
    bool
        apart; /* all runs of one side were made before the other's: a drift of the machine looks like a change */
    struct metric_comparison
        *metrics; /* in dictionary order, counts without a metric of their own behind them */
    size_t metric_count;
    size_t judged;   /* metrics that were tested */
    size_t unjudged; /* that would have been, with more runs: without a verdict */
    /* Different tests among them, which p is adjusted for. Metrics with the very same values (in a small cluster the
     * adoption by 94 and by 96 % of the hosts) are one test; one whose values are all equal is none. */
    size_t tests;
    size_t verdicts[VERDICT_COUNT];
    /* Of options->history: earlier runs that count, and copies that were left out. */
    size_t history_runs, history_repeated;
};

struct comparison {
    struct arena memory;
    struct side_comparison *sides; /* one per variant */
    size_t side_count;
    struct fact_difference *differences; /* that were overridden */
    size_t difference_count, unchecked;
    uint64_t seed;
    const char *adjustment; /* "Holm" or "Benjamini-Hochberg" */
};

enum adjustment { ADJUST_HOLM, ADJUST_BH };

struct margin_override {
    const char *metric; /* id, or "section/id" */
    double relative;    /* .05: 5 %; no floor goes with it */
};

/* Below, the degrees of freedom that pairing costs widen intervals by more than the drift that it takes away. */
enum { PAIRS_LEAST = 5 };

struct comparison_options {
    enum adjustment adjustment;
    uint64_t seed;
    uint32_t resamples;
    bool allow_different;  /* --allow-different: compare although runs differ */
    bool unpaired, paired; /* never pair by pair; also with fewer pairs than PAIRS_LEAST */
    bool
        no_plan; /* leave out how many runs would be needed, which takes longer than all the rest */
    double margin_scale;                   /* 1 */
    const struct margin_override *margins; /* in place of the table's rows */
    size_t margin_count;
    const char *const
        *metrics; /* ids, or "section/id": only these are compared; NULL and 0 for all */
    size_t metric_count;
    const struct run_set
        *history; /* NULL; earlier runs: run-to-run variation for sides of one run */
};
#define COMPARISON_DEFAULTS       \
    ((struct comparison_options){ \
        .seed = BOOTSTRAP_SEED, .resamples = BOOTSTRAP_RESAMPLES, .margin_scale = 1 })

/* An interval of the difference in percent of |base|; none where the base is 0. Of a metric whose means are not negative it
 * ends at -100 %: what cannot be below 0 cannot fall by more than all of it. */
struct interval percent_of_base(const struct metric_comparison *m, struct interval difference);

/* Whether `name`, an id or "section/id", means this metric. */
bool metric_is_named(const struct metric_info *info, const char *name);

/* OU_INVALID when runs differ that should not, with the differences in err; OU_USAGE for a metric that nobody has, or
 * for pairs where runs did not take turns.
 * Nothing is left to release after a failure. The sets are kept by reference and must outlive *ret. One thread. */
enum ou_status comparison_compute(const struct run_set *base, const struct run_set *const *variants,
                                  size_t variant_count, const struct comparison_options *options,
                                  struct comparison *ret, struct ou_error *err);
void comparison_release(struct comparison *c);

#endif
