/* Blocks as places on a chain: for messages, and for traces. */
#ifndef OU_NODE_POINTS_H
#define OU_NODE_POINTS_H

#include <ouroscope/point.h>

#include "node/chain_db.h"

static inline struct point point_of_facts(const struct header_facts *facts)
{
    struct point point = { .slot = facts->view.slot };

    memcpy(point.hash, facts->hash, sizeof(point.hash));
    return point;
}

/* NULL: the origin. */
static inline struct point point_of_block(const struct chain_block *block)
{
    return block ? point_of_facts(&block->facts) : (struct point){ .origin = true };
}

/* A view of *point. */
static inline struct ou_chain_point point_traced(const struct point *point)
{
    return (struct ou_chain_point){ point->slot, point->origin ? NULL : point->hash };
}

/* Blocks from the genesis up to this one: its number + 1, and 0 at the origin. */
static inline uint64_t point_height(const struct chain_block *block)
{
    return block ? block->facts.view.number + 1 : 0;
}

#endif
