/* Settings tried in blocks: value = setting + block + noise, by least squares. Runs may be missing
 * or there twice; means of settings are those of a block like the average of all, so that a drift
 * from block to block cancels also where blocks are incomplete. One thread. */
#ifndef OU_STATS_BLOCKED_H
#define OU_STATS_BLOCKED_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "stats/normal_equations.h"

struct blocked_runs {
    size_t runs, settings, blocks;
    const uint32_t *setting, *block; /* by run, from 0 */
    const double *values;            /* by run, finite */
};

struct blocked {
    size_t settings, blocks;
    double *means;       /* by setting; NaN: no run */
    size_t *counts;      /* by setting */
    double *block_means; /* of all settings alike; NaN: no run */
    size_t *block_counts;
    double residual_squares, residual_dof; /* from run to run */
    double settings_squares, settings_dof; /* between settings, blocks taken off */
    double block_squares, block_dof;       /* between blocks, settings taken off */
    bool
        connected; /* else some settings share no block with others: their difference has the blocks' in it */
    /* inside */
    double *
        offsets; /* setting by block: its share of the setting's runs, less the block's share of all */
    struct normal_equations equations; /* of the blocks' effects, settings taken off */
};

enum { BLOCKED_BLOCKS_MAX = 512 };

/* Fills *ret, in `memory`. Blocks and settings without a run do not count. OU_TOO_LARGE for more blocks than that,
 * OU_NO_MEMORY. */
enum ou_status blocked_fit(const struct blocked_runs *runs, struct arena *memory,
                           struct blocked *ret, struct ou_error *err);

/* In units of the residual variance: of a mean, of the difference of two, their covariance; of a
 * block's mean. Settings (blocks) with a run at least. */
double blocked_covariance(const struct blocked *b, size_t setting, size_t other);
double blocked_difference_variance(const struct blocked *b, size_t setting, size_t other);
double blocked_block_variance(const struct blocked *b, size_t block);

#endif
