/* What a run's meta.json and profile.json say about it: who, what, with which
 * load. All members are optional; an absent one is NULL or NaN.
 *
 * The documents are those of the benchmarking workbench of cardano-node. Its
 * meta.json holds everything in a member "meta"; one without that member is
 * read as if it were that member. One thread while loading, any afterwards. */
#ifndef OU_ANALYSE_RUN_CONTEXT_H
#define OU_ANALYSE_RUN_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

/* A row of the manifest, which comes in three forms: a list of objects with name,
 * version and commit; an object of such objects, by name, as the workbench writes
 * it since 2023-04; and its older form, a flat object of commits, in which
 * "cardano-node-version" is the version of cardano-node. */
struct package_version {
    const char *name;             /* never NULL */
    const char *version, *commit; /* NULL: not said */
};

/* Where a run stands among others that were made together on purpose. */
struct context_design {
    const char *series;      /* NULL: it was not */
    int64_t block, position; /* runs of one block followed each other, in the order of their
                                positions; both count from 0; -1 not told */
};

/* What was done before slot 0, and when it was done. */
struct context_step {
    const char *name; /* "hosts placed"; never NULL */
    const char *host; /* the last one, where each host had to; NULL */
    int64_t at_ns;
};

/* What befell it while it went on (run_incidents.h). */
struct context_incident {
    const char *what; /* "node-4 was killed by signal 9 (Killed)" */
    int64_t at_ns;    /* TIME_NONE: not told */
};

struct run_context {
    struct arena memory;                             /* owns all texts */
    const char *tag, *batch, *profile, *ghc_version; /* or another compiler's name and version */
    const char *node_version;                        /* of a node that is no cardano-node */
    const char *node_kind;                           /* "reference", "cardano-node", "command" */
    const char *ident;    /* else the version of cardano-node in the manifest */
    const char *scenario; /* "chainsync": nodes follow a chain that was there; NULL: not said */
    const char *era;      /* of meta, else of the profile, else of its generator */
    const char *plutus_script;        /* what the load runs; NULL: plain values are moved */
    struct package_version *packages; /* the component manifest, in its order */
    size_t package_count;
    double delegators, utxo, dreps, add_tx_size, inputs_per_tx, outputs_per_tx, tps, tx_count;
    const char *machine; /* "x86_64, 2 cores, 24.0 GB, Linux 6.1.0, NAME OF THE CPU" */
    const char **flags;  /* what the node was compiled with */
    size_t flag_count;
    const char **concurrent; /* names of the runs that went on on the machine when this one began */
    size_t concurrent_count;
    struct context_incident *incidents; /* in order of time */
    size_t incident_count;
    struct context_design design;
    const char *backend;           /* where its hosts stood: "local", "nomad"; NULL: not said */
    struct context_step *to_start; /* as they followed each other */
    size_t to_start_count;
    double pools; /* with it, BMinimumAdoptions is added to the filters: one less than ... */
    double
        pool_hosts; /* ... these, or than pools where they are not known: hosts adopt, and some have several pools */
    const char **filters; /* names, from the profile's analysis section; NULL: it has no
                             list, which is not the same as an empty one */
    size_t filter_count;
    char **filter_exprs; /* JSON texts, a condition each */
    size_t filter_expr_count;
};

/* Reads meta.json (its profile_content included) and profile.json, whose word
 * counts more than profile_content's. Either path may be NULL: there is no such
 * file. One that is named and missing is OU_NOT_FOUND; a member of the wrong type
 * is OU_INVALID and named in the message; null stands for an absent member. The
 * caller releases *ret. */
enum ou_status run_context_load(const char *meta_path, const char *profile_path,
                                struct run_context *ret, struct ou_error *err);
void run_context_release(struct run_context *c);

/* Whether nodes followed a chain that was there before, so that the age of its blocks says nothing of them, and the
 * profile nothing of its load. NULL: no. */
bool run_context_follows_chain(const struct run_context *c);

#endif
