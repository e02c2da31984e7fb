/* One host's slots: what its forge loop and its resources did in each. */
#ifndef OU_ANALYSE_SLOT_TABLE_H
#define OU_ANALYSE_SLOT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Resource values of a slot record, in this order (units as in the dictionary). */
#define OU_SLOT_RESOURCES(X)                                                                     \
    X(CENTI_CPU, "CentiCpu")                                                                     \
    X(CENTI_GC, "CentiGC") X(CENTI_MUT, "CentiMut") X(GCS_MAJOR, "GcsMajor")                     \
        X(GCS_MINOR, "GcsMinor") X(RSS, "RSS") X(HEAP, "Heap") X(LIVE, "Live") X(ALLOC, "Alloc") \
            X(CENTI_BLK_IO, "CentiBlkIO") X(NET_RD, "NetRd") X(NET_WR, "NetWr") X(FS_RD, "FsRd") \
                X(FS_WR, "FsWr") X(THREADS, "Threads")

enum slot_resource {
#define X(id, name) RESOURCE_##id,
    OU_SLOT_RESOURCES(X)
#undef X
        SLOT_RESOURCES,
};

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
    double resources[SLOT_RESOURCES]; /* NaN unknown */
    bool filtered_out;                /* a slot condition dropped it from the statistics */
};

/* Takes the finished slot records of one host, in slot order. Called once a
 * host, from any worker thread, for different hosts possibly at the same time. */
struct slot_sink {
    void *context;
    void (*rows)(void *context, const char *host, const struct slot_record *rows, size_t count);
};

#endif
