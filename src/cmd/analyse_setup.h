/* From the command line of `analyse` to what is to be analysed: which logs, of
 * which chain, of which run, under which filters, by which rules. */
#ifndef OU_CMD_ANALYSE_SETUP_H
#define OU_CMD_ANALYSE_SETUP_H

#include <limits.h>

#include "analyse/cluster_map.h"
#include "analyse/filter.h"
#include "analyse/rts_hosts.h"
#include "analyse/run_context.h"
#include "chain/genesis.h"
#include "cmd/commands.h"
#include "cmd/extract_files.h"
#include "logs/inputs.h"
#include "stats/quantile.h"

/* Zero-initialise; release whatever analyse_setup() said. One thread. */
struct analyse_setup {
    const struct parsed_options *options; /* not owned */
    const char *run;                      /* the run directory; NULL for bare logs */
    bool on_cluster;                      /* where its logs are: they come as extracts */
    char brought[PATH_MAX];               /* the folder of these, removed at the end; "" */
    struct genesis genesis;
    char genesis_source[PATH_MAX]; /* path, or name of the network */
    struct run_context context;
    bool has_context;
    struct cluster_map map;
    bool has_map;
    struct rts_hosts rts; /* none for bare logs */
    bool compat;
    enum quantile_rule rule;
    int threads;      /* 0: as many as there are processors */
    const char *date; /* NULL: not to be recorded */
    struct filter_set filters;
    struct log_inputs inputs;      /* sorted; at least one, where there are no extracts */
    struct extract_files extracts; /* instead of logs, or none */
};

/* Fills in s. An operand that cannot be read is a warning on standard error, as
 * long as another one can. OU_USAGE when the command line asks for what cannot
 * be done. */
enum ou_status analyse_setup(const struct parsed_options *options, struct analyse_setup *s,
                             struct ou_error *err);
void analyse_setup_release(struct analyse_setup *s);

/* DIRECTORY/NAME; OU_IO when it is longer than a path can be. */
enum ou_status path_join(const char *directory, const char *name, char ret[PATH_MAX],
                         struct ou_error *err);

#endif
