/* The forge loop of a producer: at each slot's start it finds out whether its pools lead, and
 * makes blocks. Traces Forge.*. Runs on the loop of the node.
 *
 * The VRF of a slot is computed in the slot before, at a moment that is spread over nodes by
 * their key, so that many nodes on one machine do not all compute at the same instant; where the
 * epoch's nonce was not known then, it is computed at the slot's start. */
#ifndef OU_NODE_FORGE_H
#define OU_NODE_FORGE_H

#include <uv.h>

#include "node/chain_db.h"
#include "node/mempool.h"
#include "node/node_config.h"

struct forge; /* opaque */

struct forge_options {
    uv_loop_t *loop;
    struct chain_db *db;
    struct mempool *mempool;
    const struct genesis_ledger *genesis;
    /* Of each pool that forges here, as if it were alone: two that lead one slot make a block each. NULL and 0: a node
     * that only relays; it still counts slots and reports its ledger's size. */
    const struct node_credentials *credentials;
    size_t credential_count;
    uint32_t ledger_metrics_slots; /* LedgerMetrics is traced every so many slots; 0: never */
};

enum ou_status forge_start(const struct forge_options *options, struct forge **ret,
                           struct ou_error *err);
void forge_stop(struct forge *f); /* NULL is fine; handles close with the loop's next turn */

/* For the account at the node's end. */
struct forge_counts {
    uint64_t slots;  /* that were begun */
    uint64_t missed; /* that passed without being begun: the machine was too busy, or asleep */
    uint64_t led, could_not_forge, forged, adopted;
    int64_t late_ns,
        latest_ns; /* from the slots' starts to their checks: the sum, and the longest */
};
void forge_counts(const struct forge *f, struct forge_counts *ret);

#endif
