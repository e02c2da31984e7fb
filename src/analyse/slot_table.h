/* One host's slots: what its forge loop and its resources did in each. */
#ifndef OU_ANALYSE_SLOT_TABLE_H
#define OU_ANALYSE_SLOT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logs/event.h"

enum slot_phase {
    SLOT_STARTED,
    SLOT_BLOCK_CONTEXT,
    SLOT_LEDGER_STATE,
    SLOT_LEDGER_VIEW,
    SLOT_LEADING,
    SLOT_TICKED,
    SLOT_MEMPOOL_SNAPSHOT,
    SLOT_FORGED,
    SLOT_PHASES,
};

struct slot_record {
    uint64_t slot;
    int64_t start_ns;
    int64_t phase_ns[SLOT_PHASES]; /* while folding instants, afterwards deltas as of a
                                      forger; TIME_NONE absent */
    uint32_t starts, contexts, ledger_states, ledger_views, leads, forges, snapshots, rejected_txs;
    int64_t block_number; /* -1 unknown */
    int64_t block_gap;    /* slots; -1 unknown */
    int64_t utxo_size;    /* -1 unknown */
    double density;       /* NaN unknown */
    int64_t mempool_txs;  /* -1 unknown */
    int64_t txs_collected, txs_accepted, txs_rejected, txs_span_ns;
    /* By enum resource_member, in the units of the dictionary; NaN unknown. */
    double resources[RESOURCE_MEMBERS];
    bool filtered_out; /* a slot condition dropped it from the statistics */
};

/* Takes the finished slot records of one host, in slot order. Called once a
 * host, from any worker thread, for different hosts possibly at the same time. */
struct slot_sink {
    void *context;
    void (*rows)(void *context, const char *host, const struct slot_record *rows, size_t count);
};

#endif
