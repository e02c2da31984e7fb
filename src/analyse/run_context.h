/* What a run's meta.json and profile.json say about it: who, what, with which
 * load. All members are optional; an absent one is NULL or NaN. */
#ifndef OU_ANALYSE_RUN_CONTEXT_H
#define OU_ANALYSE_RUN_CONTEXT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"

struct package_version {
    const char *name, *version, *commit;
};

struct run_context {
    struct arena memory; /* owns all texts */
    const char *tag, *ident, *batch, *profile, *era, *ghc_version, *plutus_script;
    struct package_version *packages; /* the component manifest */
    size_t package_count;
    double delegators, utxo, dreps, add_tx_size, inputs_per_tx, outputs_per_tx, tps, tx_count;
    double pools;                /* n_pools: with it, BMinimumAdoptions pools-1 is added */
    const char **filters;        /* names, from the profile's analysis section */
    size_t filter_count;
    char **filter_exprs;         /* JSON texts */
    size_t filter_expr_count;
};

/* Reads meta.json (its profile_content included) and, when it exists beside,
 * profile.json. A missing file is OU_NOT_FOUND. */
enum ou_status run_context_load(const char *meta_path, const char *profile_path,
                                struct run_context *ret, struct ou_error *err);
void run_context_release(struct run_context *c);

#endif
