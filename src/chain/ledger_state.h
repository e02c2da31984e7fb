/* What a ledger is made of, for the files that it is made of. */
#ifndef OU_CHAIN_LEDGER_STATE_H
#define OU_CHAIN_LEDGER_STATE_H

#include "chain/ledger.h"
#include "chain/stake.h"

struct ledger {
    const struct genesis_ledger *genesis;
    struct map outputs; /* struct tx_input to struct ledger_output */
    struct stake_history stake;
    struct ledger_totals totals;
    uint64_t slot;                     /* of the last block */
    struct ledger_undo *newest, *last; /* blocks that can be taken back, newest first */
    size_t undo_depth;
};

/* A ledger without any outputs. */
enum ou_status ledger_new(const struct genesis_ledger *genesis, struct ledger **ret);

/* Adds an output that was not there. The stake and the sum follow. Room was reserved in the map. */
void ledger_put(struct ledger *l, const struct tx_input *input, const struct ledger_output *output);

/* The value of the map for an address (of at most ADDRESS_MAX_BYTES) and a number of lovelace. */
struct ledger_output ledger_output_of(const struct genesis_ledger *genesis, struct bytes address,
                                      uint64_t coin);

uint64_t ledger_epoch(const struct ledger *l); /* of its slot */

#endif
