/* The ledger: unspent outputs, what may be spent of them, and the stake of pools by epoch. Blocks
 * are applied to it and, up to k of them, taken back. Certificates, rewards, minting and governance are
 * refused: this ledger measures nodes, it keeps no wallets. One thread at a time. */
#ifndef OU_CHAIN_LEDGER_H
#define OU_CHAIN_LEDGER_H

#include "base/map.h"
#include "chain/block.h"
#include "chain/genesis_ledger.h"

#define LEDGER_OUTPUTS_MAX 50000000

/* An unspent output: the value of the map. */
struct ledger_output {
    uint64_t coin;
    uint8_t address[ADDRESS_MAX_BYTES];
    uint8_t address_bytes;
    int32_t pool; /* index of the one that its stake key delegates to, or -1 */
};

struct ledger; /* opaque */

/* At slot 0, with the genesis funds (whose input is b256(address), index 0). The genesis outlives it. */
enum ou_status ledger_create(const struct genesis_ledger *genesis, struct ledger **ret,
                             struct ou_error *err);
void ledger_free(struct ledger *l); /* NULL is fine */

size_t ledger_output_count(const struct ledger *l);

/* Lovelace in all outputs, and paid as fees so far. Together they never change. */
struct ledger_totals {
    uint64_t outputs, fees;
};
struct ledger_totals ledger_totals(const struct ledger *l);

const struct ledger_output *ledger_find(const struct ledger *l, const struct tx_input *input);

/* Whether signatures are checked again: not for blocks that this node wrote to its own disk. */
enum ledger_trust { LEDGER_CHECK_ALL, LEDGER_TRUST_SIGNATURES };

/* What scripts would have cost: told for each transaction that has any, for the caller to spend
 * as time. NULL: nobody wants to know. */
typedef void ledger_script_cost(void *context, uint64_t steps, uint64_t memory);

/* Applies a block's transactions. OU_INVALID with the place and the rule that was broken ("transaction 3, input
 * 0: spent or unknown"); then the ledger is as before. */
enum ou_status ledger_apply(struct ledger *l, const struct block *block, enum ledger_trust trust,
                            ledger_script_cost *cost, void *context, struct ou_error *err);

/* Takes the last block back. OU_USAGE when more than k were taken back, or none is left. */
enum ou_status ledger_undo(struct ledger *l, struct ou_error *err);
size_t ledger_undo_depth(const struct ledger *l); /* blocks that can be taken back */

/* The pools' stake that decides leaders of an epoch: the snapshot at the end of the epoch two
 * before; the genesis delegation for epochs 0 and 1. Entries in the order of genesis->pools. False when the epoch
 * is not known yet: beyond the one after that of the last block. Valid until the next change. */
struct ledger_stake {
    const uint64_t *by_pool;
    uint64_t total;
};
bool ledger_stake_of(const struct ledger *l, uint64_t epoch, struct ledger_stake *ret);
uint64_t ledger_slot(const struct ledger *l); /* of the last block; 0 before the first */

/* --- Transactions on top of the ledger: what a mempool and a forger ask ----------------------- */

/* A ledger in which some transactions more have happened. */
struct ledger_view; /* opaque */
enum ou_status ledger_view_create(const struct ledger *l, struct ledger_view **ret,
                                  struct ou_error *err);
void ledger_view_free(struct ledger_view *v);
void ledger_view_reset(struct ledger_view *v); /* back to the ledger alone */

/* Checks a transaction for a block in `slot` and makes it happen in the view. OU_INVALID with the rule
 * broken; then the view is as before. */
enum ou_status ledger_view_add(struct ledger_view *v, const struct tx *tx, uint64_t slot,
                               enum ledger_trust trust, ledger_script_cost *cost, void *context,
                               struct ou_error *err);

/* --- Snapshots ----------------------------------------------------------------------------- */

/* The whole state as of now, without the power to take blocks back: CBOR, with a format number and the genesis
 * hash; outputs in no particular order. Reading checks every length before memory is taken, and that
 * outputs and fees come to what the genesis gave: OU_INVALID for what does not add up. */
void ledger_snapshot_write(const struct ledger *l, struct buffer *b);
enum ou_status ledger_snapshot_read(struct bytes input, const struct genesis_ledger *genesis,
                                    struct ledger **ret, struct ou_error *err);

#endif
