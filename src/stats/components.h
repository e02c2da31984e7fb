/* Where variation comes from: components of variance of nested and of crossed
 * designs. Pure; any thread. Sources: Kalibera and Jones 2013 with the
 * correction of 2020 (nested); expected mean squares of the two-way random
 * model (crossed). */
#ifndef OU_STATS_COMPONENTS_H
#define OU_STATS_COMPONENTS_H

#include <stddef.h>

#include "base/status.h"
#include "stats/interval.h"

/* --- Nested and balanced: runs > hosts > samples ----------------------------- */

enum { NESTED_LEVELS_MAX = 4 };

struct nested_components {
    size_t levels;                   /* level 0 is the lowest */
    double s2[NESTED_LEVELS_MAX];    /* S_i^2: of the means at each level, unbiased */
    double t2[NESTED_LEVELS_MAX];    /* T_i^2: what the level adds; may be negative */
    double share[NESTED_LEVELS_MAX]; /* max(T_i^2, 0) of their sum; NaN when all are 0 */
    double mean;
    double half_width; /* of the grand mean's 95 % interval */
};

/* values: the top level is the slowest index. repetitions[i] (>= 2) is the count at level i, lowest
 * first; their product is the number of values. OU_INVALID for a level with fewer than 2. */
enum ou_status nested_components(const double *values, const size_t *repetitions, size_t levels,
                                 struct nested_components *ret);

/* Optimal repetitions below the top (levels-1 numbers, lowest first) where one more repetition at
 * level i costs cost[i]; not rounded (round up). NaN where the next level adds nothing. */
void nested_optimum(const struct nested_components *c, const double *cost, double *ret);

/* --- Crossed: every host takes part in every run ------------------------------ */

/* One cell: n samples of one host in one run, by their moments. */
struct cell_moments {
    size_t n;
    double mean, m2; /* m2: sum of squared deviations from the mean */
};

struct crossed_components {
    double ms_run, ms_host, ms_interaction, ms_error;     /* ms_error NaN: one sample a cell */
    double var_run, var_host, var_interaction, var_error; /* may be negative; NaN: not separable */
    double share_run, share_host, share_interaction, share_error; /* as above; NaN: not separable */
    double samples_per_cell; /* the harmonic mean where they differ: then all is approximate */
    double run_f,
        run_p; /* F test of the runs against the interaction (one sample a cell: the error) */
};

/* cells[run * hosts + host], each with n >= 1; runs, hosts >= 2. With different n the analysis of
 * unweighted cell means is used (Searle 1971). OU_INVALID for an empty cell or too
 * few of a factor, OU_NO_MEMORY. */
enum ou_status crossed_components(const struct cell_moments *cells, size_t runs, size_t hosts,
                                  struct crossed_components *ret);

/* One-way analysis of variance of two groups or more of any size >= 1, in two passes and extended
 * precision. NaN for what needs a group of more than one. OU_INVALID for an empty group. */
struct one_way {
    double ss_between, ss_within, df_between, df_within, f, p;
    double var_between, var_within; /* components, by the n0 of unbalanced groups */
    double icc; /* var_between, counted as 0 when it is negative, of the sum of both */
};
enum ou_status one_way(const double *const *groups, const size_t *sizes, size_t count,
                       struct one_way *ret);

#endif
