/* Values that follow from a profile's members. The formulas are those of the workbench of cardano-node, in its edition of
 * 2026, so that a profile means the same run here and there. */
#ifndef OU_WORKBENCH_PROFILE_DERIVE_H
#define OU_WORKBENCH_PROFILE_DERIVE_H

#include "workbench/profile.h"

/* Fills in what p leaves open (pools, delegators, tx_count, start_delay_s, max_duration_s), and tells all of it in the
 * document: an object `derived`, generator.tx_count, genesis.delegators, and the least adoptions in analysis.filter_exprs. */
enum ou_status profile_derive(struct profile *p, struct ou_error *err);

#endif
