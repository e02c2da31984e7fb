/* Values that follow from a profile's members. The formulas are those of the workbench of cardano-node, in the edition that
 * the profile names, so that a profile means the same run here and there. */
#ifndef OU_PROFILE_DERIVE_H
#define OU_PROFILE_DERIVE_H

#include "profile/profile.h"

/* Fills in what p leaves open (delegators, tx_count, start_delay_s, max_duration_s, links), and tells all of it in the
 * document: an object `derived`, and members that were null or do not go with the era; each with its formula in
 * p->origins. After node_specs_make(). */
enum ou_status profile_derive(struct profile *p, struct ou_error *err);

#endif
