/* Which of two chains is better, told from their tips. Pure. */
#ifndef OU_CHAIN_SELECTION_H
#define OU_CHAIN_SELECTION_H

#include "chain/header.h"

/* What chain selection knows of a tip. */
struct selection_view {
    uint64_t number, slot;
    uint8_t issuer[32];
    uint64_t counter; /* of the operational certificate */
    uint8_t vrf_output[VRF_OUTPUT_BYTES];
};

void selection_view_of(const struct header *h, struct selection_view *ret);

/* In Conway VRF outputs are compared only when the tips lie at most so many slots apart. */
#define SELECTION_VRF_SLOTS 5

/* Whether a node on *current changes over to *candidate: a longer chain; of equals, the higher
 * certificate counter when pool and slot are the same; then the smaller VRF output when the slots are
 * near; else the chain that was there first. current NULL is a node without blocks. Not transitive. */
bool selection_prefers(const struct selection_view *candidate,
                       const struct selection_view *current);

#endif
