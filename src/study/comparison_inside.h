/* What the files of comparison share. */
#ifndef OU_STUDY_COMPARISON_INSIDE_H
#define OU_STUDY_COMPARISON_INSIDE_H

#include "study/comparison.h"
#include "study/comparison_methods.h"
#include "study/comparison_pairs.h"

/* One base against one variant while it is being worked out. Arrays live in the comparison's memory, and have room for
 * the longer side. */
struct side_work {
    const struct comparison_options *options;
    const struct run_set *base, *variant;
    struct arena *memory;
    struct run_pair *pairs;
    size_t pair_count;
    double *a, *b, *differences; /* run-level values of the metric at hand */
    uint64_t *counts_a, *counts_b;
    double *exposures_a, *exposures_b;
    double *pool_a, *pool_b; /* values of all blocks of a side */
    struct history_work {
        /* Earlier runs like the sides' (copies of options->history's, in this comparison's memory). */
        struct run_set earlier;
        size_t repeated; /* copies that were left out */
    } history;
};

/* The run-level value of a metric; NaN where there is none. */
double run_level(const struct finished_run *run, const struct metric_info *info);

/* Everything about one metric but what hangs on the others: adjusted p, verdict, plan, reason. */
void compare_metric(struct side_work *w, const struct metric_info *info,
                    struct metric_comparison *ret);
/* Whether every run of both sides has counted the events of this name; then they stand in w. */
bool events_are_counted(struct side_work *w, const char *id);

/* Chooses what of options->history counts. */
enum ou_status history_prepare(struct side_work *w, struct ou_error *err);
/* By how much a run of the size of `base` deviates, by what earlier runs deviate around their levels, as a share of them:
 * what the history of the metric calls noise. A deviation of NaN: not known. */
struct history_noise history_noise_of(const struct side_work *w, const struct metric_info *info,
                                      double base);

/* What blocks and hosts of single runs say: whole distributions, and the interval of a run each. */
void compare_within(struct side_work *w, struct metric_comparison *m);

/* The sentence behind a verdict, in the comparison's memory; NULL without memory. */
const char *comparison_why(struct arena *memory, const struct side_comparison *side,
                           const struct metric_comparison *m);

#endif
