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
    VERDICT_NONE,         /* not judged: no direction, not measured, or described only */
    VERDICT_REGRESSION,
    VERDICT_IMPROVEMENT,
    VERDICT_CHANGE,       /* a difference that matters in a metric without a better direction */
    VERDICT_NEGLIGIBLE,   /* real, but inside the margin */
    VERDICT_EQUIVALENT,
    VERDICT_INCONCLUSIVE,
    VERDICT_COUNT,
};
const char *verdict_name(enum verdict v); /* "regression" */

/* What the interval of a difference rests on. */
enum basis {
    BASIS_NONE,        /* one run a side, nothing known of run-to-run variation */
    BASIS_RUNS,        /* run-level values of both sides: Welch */
    BASIS_PAIRS,       /* interleaved runs, compared pair by pair */
    BASIS_HISTORY,     /* one run a side, run-to-run deviation from a history */
    BASIS_COUNTS,      /* exact Poisson */
    BASIS_WITHIN_RUN,  /* blocks of one run a side: says nothing about other runs; never judged */
};
const char *basis_name(enum basis b);

struct metric_comparison {
    const struct metric_info *info;
    const struct margin *margin;
    enum basis basis;
    size_t base_n, new_n; /* runs with a value */
    double base, new_value; /* means over runs */
    double delta, delta_percent; /* new - base; percent of base, NaN when base is 0 */
    struct interval delta_interval, percent_interval; /* 95 % */
    struct interval equivalence_percent; /* 90 % */
    struct interval within_run; /* of the difference, within-run only; for what it is */
    double p, p_adjusted; /* of the difference; NaN: no test */
    double mann_whitney_p, smallest_p; /* exact; the least that so few runs can reach */
    double equivalence_p;
    double cliffs, hedges;
    struct shift_estimate shift; /* Hodges-Lehmann */
    double ks, wasserstein; /* of the distributions of blocks, runs pooled; NaN */
    double margin_percent; /* in force: the relative one, or the floor as a share of base */
    double runs_needed; /* a side, for VERDICT_INCONCLUSIVE; NaN: cannot be told */
    bool dispersed; /* counts vary more than Poisson */
    enum verdict verdict;
    const char *why; /* a sentence: what the verdict rests on, or why there is none */
    struct drift { double p; } order; /* Mann-Kendall over all runs in time: order effects; NaN */
};

struct side_comparison {
    const struct run_set *base, *variant; /* not owned */
    enum basis basis; /* of most metrics */
    bool interleaved; /* runs alternate in time on one machine, or a design says so */
    struct metric_comparison *metrics;
    size_t metric_count;
    size_t verdicts[VERDICT_COUNT];
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

struct comparison_options {
    enum adjustment adjustment;
    uint64_t seed;
    uint32_t resamples;
    bool allow_different; /* --allow-different: compare although runs differ */
    bool unpaired;
    double margin_scale; /* 1 */
    const struct run_set *history; /* NULL; run-to-run variation for sides of one run */
};

/* OU_CONFLICT-like refusal (OU_INVALID) lists the differences in err, and *ret->differences has them all. */
enum ou_status comparison_compute(const struct run_set *base, const struct run_set *const *variants,
                                  size_t variant_count, const struct comparison_options *options,
                                  struct comparison *ret, struct ou_error *err);
void comparison_release(struct comparison *c);

#endif
