/* How many runs are needed, and what so many runs can show. Pure; any thread. */
#ifndef OU_STATS_PLANNING_H
#define OU_STATS_PLANNING_H

#include <stddef.h>

/* Power of the two-sided two-sample t test at level alpha, n > 1 values a side: the chance that it
 * finds the difference, in the right direction, as R's power.t.test() has it. Exact, by the
 * noncentral t law, of the test with pooled variance. */
double power_two_sample(double n, double delta, double sd, double alpha);

/* The same of Welch's test, where both sides have the same n and deviation, which it does not know;
 * within a thousandth. */
double power_welch(double n, double delta, double sd, double alpha);

/* Least n >= 2 a side (not rounded) with that power; NaN when delta is 0. From ten million a side
 * on by the normal law. */
double runs_for_difference(double delta, double sd, double alpha, double power);
/* The same by power_welch(). */
double runs_for_welch(double delta, double sd, double alpha, double power);
/* The same of pairs: one-sample test of differences with deviation sd. */
double pairs_for_difference(double delta, double sd, double alpha, double power);
/* Smallest difference that n values a side see with that power; n >= 2. */
double visible_difference(double n, double sd, double alpha, double power);
double visible_by_welch(double n, double sd, double alpha, double power);
/* Values a side so that a true difference of 0 is shown to be inside +-margin: 2 s^2 (z_.95 +
 * z_.9)^2 / margin^2. */
double runs_for_equivalence(double margin, double sd);
/* Runs for a mean's 95 % interval of half width `half`; NaN when half is 0. */
double runs_for_precision(double half, double sd);

/* CONFIRM (Maricq et al. 2018): the least size s >= 6 of a random subset, drawn without
 * replacement, whose median interval stays inside median (1 +- r) on average; 0: not reached.
 * sorted has n values; exact by order statistics. */
size_t confirm_size(const double *sorted, size_t n, double r, double confidence);

#endif
