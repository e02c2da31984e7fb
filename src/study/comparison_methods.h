/* How one metric of two sides is compared: which error its difference of means
 * has, by what is known of runs. For comparison.c and its tests. Pure; any
 * thread. */
#ifndef OU_STUDY_COMPARISON_METHODS_H
#define OU_STUDY_COMPARISON_METHODS_H

#include "study/comparison.h"

/* How much runs of one level differ, from a history. deviation NAN: not known. */
struct history_noise {
    double deviation, dof;
    size_t levels, runs;
};

/* The run-level values of one metric. pairs: a[i] and b[i] were measured next to each other. */
struct level_values {
    struct two_samples runs;
    bool pairs;
    double *differences;        /* of pairs: room for as many numbers, to work in */
    struct history_noise noise; /* for sides of one run */
};

/* Fills in everything of *m that rests on run-level values and their deviation: basis, means, difference, intervals, p,
 * effects, equivalence; not what depends on other metrics. margin_value is set before. */
void compare_means(const struct level_values *values, const struct comparison_options *options,
                   struct metric_comparison *m);

/* Events over runs: counts[i] in exposures[i]. */
struct event_counts {
    const uint64_t *counts;
    const double *exposures;
    size_t runs;
};
/* The exact comparison of the totals. Where counts of a side vary more from run to run than Poisson's law lets them,
 * *ret->dispersed is set, and compare_means() of the rates is what holds. */
void compare_counts(const struct event_counts *base, const struct event_counts *variant,
                    struct metric_comparison *m);

/* The 95 % interval of the difference at the confidence that the adjusted p asks for. */
struct interval decisive_interval(const struct metric_comparison *m);

/* By the table: difference, margin, direction. m->p_adjusted and all intervals are there. */
enum verdict verdict_of(const struct metric_comparison *m);

/* Runs a side (pairs) after which a change as large as the margin is found, and none is shown to be none, each with
 * probability .8, when `tests` metrics are asked at once; and the least change that `n` of them show. */
double planned_runs(const struct metric_comparison *m, size_t tests);
double visible_change(const struct metric_comparison *m, size_t tests);

#endif
