/* From what each host saw to the chain: which blocks are on it, which lost, and
 * how each of them travelled. */
#ifndef OU_ANALYSE_CHAIN_REBUILD_H
#define OU_ANALYSE_CHAIN_REBUILD_H

#include "analyse/analysis.h"
#include "analyse/machine_view.h"

/* Fills the chain part of *a: blocks, their fates and measures, counts and
 * domains, each filter's result, and the hosts' cluster_member and block
 * counts. a->hosts, a->genesis, a->compat must be set; views has an entry for
 * each host. Memory comes from a->memory. */
enum ou_status chain_rebuild(struct analysis *a, const struct machine_view *views,
                             const struct filter_set *filters, struct ou_error *err);

#endif
