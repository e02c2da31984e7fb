/* Which factors change a value, and which of them hang on each other: a linear model with blocks, main effects and
 * interactions of two factors, by least squares over the runs that there are. Levels are coded by effects (each counts as
 * its difference to the middle of all), so that an effect's sum of squares is what the model without it leaves unexplained
 * beside all others: type III, which means the same whether runs are missing or not. One thread. */
#ifndef OU_STATS_FACTORIAL_H
#define OU_STATS_FACTORIAL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

enum {
    FACTORIAL_FACTORS_MAX = 8,
    FACTORIAL_COLUMNS_MAX = 320, /* of the model; interactions that do not fit in are left out */
};

struct factorial_runs {
    size_t runs, factors, blocks;
    const size_t *level_counts; /* by factor */
    const uint8_t *levels;      /* run * factors + factor */
    const uint32_t *block;      /* by run, from 0 */
    const double *values;       /* by run, finite */
};

struct factorial_effect {
    size_t factor, other;    /* the same: a main effect; else factor < other */
    double dof, sum_squares; /* NaN: not in the model */
    double
        range; /* greatest difference of two levels' means; of an interaction, of what it adds to two combinations */
    /* The runs do not tell it from other effects. A main effect is in the model all the same, and holds if the
     * interactions of others are none; an interaction is not. */
    bool aliased;
};

/* The mean at a level of a factor, or at levels of two: all levels of the others, and all blocks, count alike. */
struct factorial_mean {
    size_t factor, level, other, other_level; /* other == factor: of one */
    double mean, variance;                    /* variance in units of the residual's */
};

struct factorial {
    struct factorial_effect *effects; /* main effects by factor, then interactions */
    size_t effect_count;
    struct factorial_mean *means; /* of what is in the model */
    size_t mean_count;
    double residual_squares, residual_dof;
    double left_squares, left_dof; /* when pairs with gaps are in the model as well */
    bool with_interactions;        /* some of two factors are in the model */
    bool too_large;                /* interactions were left out for their number */
};

/* Which interactions are asked for. */
enum factorial_model { FACTORIAL_MAIN_EFFECTS, FACTORIAL_PAIRS };

/* Fills *ret, in `memory`. Levels and blocks without a run do not count. OU_TOO_LARGE when not even main effects fit in,
 * OU_NO_MEMORY. */
enum ou_status factorial_fit(const struct factorial_runs *runs, enum factorial_model model,
                             struct arena *memory, struct factorial *ret, struct ou_error *err);

#endif
