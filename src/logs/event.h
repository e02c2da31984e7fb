/* A log line that means something to the analysis, reduced to what is used. */
#ifndef OU_LOGS_EVENT_H
#define OU_LOGS_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "logs/catalogue.h"

/* X(id, member of the `Resources` event): cumulative counters and gauges of
 * one process. CPU values are in 1/100 s, sizes in bytes. The names are also the
 * dictionary's for the metrics made of them. */
#define OU_RESOURCE_MEMBERS(X)    \
    X(CENTI_CPU, "CentiCpu")      \
    X(CENTI_GC, "CentiGC")        \
    X(CENTI_MUT, "CentiMut")      \
    X(GCS_MAJOR, "GcsMajor")      \
    X(GCS_MINOR, "GcsMinor")      \
    X(RSS, "RSS")                 \
    X(HEAP, "Heap")               \
    X(LIVE, "Live")               \
    X(ALLOC, "Alloc")             \
    X(CENTI_BLK_IO, "CentiBlkIO") \
    X(NET_RD, "NetRd")            \
    X(NET_WR, "NetWr")            \
    X(FS_RD, "FsRd")              \
    X(FS_WR, "FsWr")              \
    X(THREADS, "Threads")

enum resource_member {
#define X(id, name) RESOURCE_##id,
    OU_RESOURCE_MEMBERS(X)
#undef X
        RESOURCE_MEMBERS,
};

struct resource_sample {
    int64_t values[RESOURCE_MEMBERS];
};

/* What the system accounted of a program from its start to its end. */
struct process_end {
    int64_t status; /* of its exit, or 128 + signal */
    double wall_s, user_s, system_s;
    int64_t max_rss_bytes;
};

/* Views (struct span) point into the chunk of text the line came from, and are
 * valid while the event is being handed on, not longer. */
struct event {
    int64_t at_ns;
    enum event_kind kind;
    uint32_t host;      /* the reader's number of the host */
    int64_t slot;       /* -1 when the event has none */
    int64_t number;     /* block number; txs collected or accepted; mempool size; blocks asked
                         for (fetch request) or added (adoption, default 1); messages lost; -1
                         when absent */
    int64_t size;       /* block size in bytes; txs rejected; UTxO entries; -1 when absent */
    int64_t tip_number; /* of an adoption: the block's number where the node tells it; else -1 */
    double density;     /* of the chain; NaN when absent */
    struct span hash;   /* of the block, as written: 64 hex digits, or shortened by the node */
    struct span parent;
    struct span thread;
    struct span connection; /* of a completed fetch: "LOCAL REMOTE"; empty when it is not told so */
    const struct resource_sample *resources; /* for EVENT_RESOURCES only */
    const struct process_end *process;       /* for EVENT_PROCESS_ENDED only */
};

#endif
