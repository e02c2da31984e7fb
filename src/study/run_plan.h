/* How many runs a comparison takes: one rule, for the plan that `compare` prints
 * behind an inconclusive verdict and for the one that `variance` makes ahead.
 * Pure; any thread. */
#ifndef OU_STUDY_RUN_PLAN_H
#define OU_STUDY_RUN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

/* deviation: from run to run; of pairs, of their differences. tests: how many metrics are judged at
 * once, each at the two-sided level .05 / tests, which is what Holm asks of the first one. */
struct run_plan {
    double deviation;
    bool pairs;
    size_t tests;
};

/* Whole runs a side (pairs), 2 at least, with which a true change of that size is told from 0 with
 * probability .8 by the test that a comparison makes: Welch's, or that of pairs. NaN: no change, or
 * no deviation known. */
double runs_to_find(const struct run_plan *plan, double change);
/* So many that a change of the size of the margin is found, and none at all is shown to lie within
 * it, each with probability .8. */
double runs_to_decide(const struct run_plan *plan, double margin);
/* The least change that n runs a side find; not of pairs. */
double change_to_find(const struct run_plan *plan, double n);

#endif
