/* The stake of pools: what is delegated to each now, and what was at the ends of epochs. Only delegations of the
 * genesis count; stake follows the outputs. Part of the ledger. One thread at a time. */
#ifndef OU_CHAIN_STAKE_H
#define OU_CHAIN_STAKE_H

#include "chain/ledger.h"

/* What was delegated when an epoch ended, and until the next snapshot. */
struct stake_snapshot {
    uint64_t epoch; /* that ended */
    uint64_t total;
    uint64_t *by_pool; /* owned */
};

struct stake_history {
    size_t pool_count;
    uint64_t *genesis, genesis_total; /* as the first epochs have it; owned */
    uint64_t *now, now_total;         /* owned */
    struct stake_snapshot *snapshots; /* ascending epochs; owned */
    size_t count, cap;
};

/* Nothing is delegated yet beside what genesis says of the first two epochs. */
enum ou_status stake_init(struct stake_history *s, const struct genesis_ledger *genesis);
void stake_release(struct stake_history *s); /* a zeroed one is fine */

/* An output with that pool (-1: none) came or went. */
void stake_add(struct stake_history *s, int32_t pool, uint64_t coin);
void stake_subtract(struct stake_history *s, int32_t pool, uint64_t coin);

/* An epoch is over: the stake of now is kept; epoch is above that of the last snapshot. And
 * back. */
enum ou_status stake_end_epoch(struct stake_history *s, uint64_t epoch);
void stake_forget_end(struct stake_history *s);

/* Snapshots that no question for this or a later epoch needs are given back. */
void stake_drop_before(struct stake_history *s, uint64_t epoch);

/* The stake that decides an epoch, when the ledger is in the epoch `reached`. */
bool stake_of(const struct stake_history *s, uint64_t epoch, uint64_t reached,
              struct ledger_stake *ret);

#endif
