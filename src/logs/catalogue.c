#include "logs/catalogue.h"

#include <pthread.h>

#include "logs/quick_hash.h"

const struct event_info event_infos[EVENT_KINDS] = {
#define X(id, name, help) [EVENT_##id] = { name, help },
    OU_EVENTS(X)
#undef X
};

enum generation {
    CURRENT = 1, /* namespaces that nodes write */
    EARLY = 2,   /* of the first iteration of the new tracing; read as kinds too */
    LEGACY = 4,  /* kinds of the legacy tracing */
};

/* Which name means which event. Beside the names that analysis tools have in
 * their tables this lists those that nodes really write where the two differ
 * (ForgeTickedLedgerState, ForgingMempoolSnapshot, StartLeadershipCheckPlus,
 * Snapshot.TookSnapshot, TxSubmissionCollected). */
static const struct name_row {
    enum event_kind event;
    int generations;
    const char *name;
} names[] = {
    { EVENT_RESOURCES, CURRENT | EARLY | LEGACY, "Resources" },
    { EVENT_RESOURCES, LEGACY, "ResourceStats" },

    { EVENT_START_LEADERSHIP_CHECK, CURRENT, "Forge.Loop.StartLeadershipCheck" },
    { EVENT_START_LEADERSHIP_CHECK, CURRENT, "Forge.Loop.StartLeadershipCheckPlus" },
    { EVENT_START_LEADERSHIP_CHECK, EARLY, "Forge.StartLeadershipCheck" },
    { EVENT_START_LEADERSHIP_CHECK, LEGACY, "TraceStartLeadershipCheck" },
    { EVENT_BLOCK_CONTEXT, CURRENT, "Forge.Loop.BlockContext" },
    { EVENT_BLOCK_CONTEXT, EARLY, "Forge.BlockContext" },
    { EVENT_BLOCK_CONTEXT, LEGACY, "TraceBlockContext" },
    { EVENT_LEDGER_STATE, CURRENT, "Forge.Loop.LedgerState" },
    { EVENT_LEDGER_STATE, EARLY, "Forge.LedgerState" },
    { EVENT_LEDGER_STATE, LEGACY, "TraceLedgerState" },
    { EVENT_LEDGER_VIEW, CURRENT, "Forge.Loop.LedgerView" },
    { EVENT_LEDGER_VIEW, EARLY, "Forge.LedgerView" },
    { EVENT_LEDGER_VIEW, LEGACY, "TraceLedgerView" },
    { EVENT_NODE_IS_LEADER, CURRENT, "Forge.Loop.NodeIsLeader" },
    { EVENT_NODE_IS_LEADER, EARLY, "Forge.NodeIsLeader" },
    { EVENT_NODE_IS_LEADER, LEGACY, "TraceNodeIsLeader" },
    { EVENT_NODE_NOT_LEADER, CURRENT, "Forge.Loop.NodeNotLeader" },
    { EVENT_NODE_NOT_LEADER, EARLY, "Forge.NodeNotLeader" },
    { EVENT_NODE_NOT_LEADER, LEGACY, "TraceNodeNotLeader" },
    { EVENT_TICKED_LEDGER_STATE, CURRENT, "Forge.Loop.ForgeTickedLedgerState" },
    { EVENT_TICKED_LEDGER_STATE, CURRENT, "Forge.Loop.TickedLedgerState" },
    { EVENT_TICKED_LEDGER_STATE, EARLY, "Forge.TickedLedgerState" },
    { EVENT_TICKED_LEDGER_STATE, LEGACY, "TraceForgeTickedLedgerState" },
    { EVENT_MEMPOOL_SNAPSHOT, CURRENT, "Forge.Loop.ForgingMempoolSnapshot" },
    { EVENT_MEMPOOL_SNAPSHOT, CURRENT, "Forge.Loop.MempoolSnapshot" },
    { EVENT_MEMPOOL_SNAPSHOT, EARLY, "Forge.MempoolSnapshot" },
    { EVENT_MEMPOOL_SNAPSHOT, LEGACY, "TraceForgingMempoolSnapshot" },
    { EVENT_FORGED_BLOCK, CURRENT, "Forge.Loop.ForgedBlock" },
    { EVENT_FORGED_BLOCK, EARLY, "Forge.ForgedBlock" },
    { EVENT_FORGED_BLOCK, LEGACY, "TraceForgedBlock" },
    { EVENT_ADOPTED_BLOCK, CURRENT, "Forge.Loop.AdoptedBlock" },
    { EVENT_ADOPTED_BLOCK, EARLY, "Forge.AdoptedBlock" },
    { EVENT_ADOPTED_BLOCK, LEGACY, "TraceAdoptedBlock" },

    { EVENT_SEEN_HEADER, CURRENT, "ChainSync.Client.DownloadedHeader" },
    { EVENT_SEEN_HEADER, EARLY, "ChainSyncClient.ChainSyncClientEvent.DownloadedHeader" },
    { EVENT_SEEN_HEADER, LEGACY, "ChainSyncClientEvent.TraceDownloadedHeader" },
    { EVENT_FETCH_REQUESTED, CURRENT, "BlockFetch.Client.SendFetchRequest" },
    { EVENT_FETCH_REQUESTED, EARLY, "BlockFetchClient.SendFetchRequest" },
    { EVENT_FETCH_REQUESTED, LEGACY, "SendFetchRequest" },
    { EVENT_FETCH_COMPLETED, CURRENT, "BlockFetch.Client.CompletedBlockFetch" },
    { EVENT_FETCH_COMPLETED, EARLY, "BlockFetchClient.CompletedBlockFetch" },
    { EVENT_FETCH_COMPLETED, LEGACY, "CompletedBlockFetch" },
    { EVENT_SEND_HEADER, CURRENT, "ChainSync.ServerHeader.Update" },
    { EVENT_SEND_HEADER, EARLY, "ChainSyncServerEvent.TraceChainSyncServerUpdate" },
    { EVENT_SEND_HEADER, LEGACY, "ChainSyncServerEvent.TraceChainSyncServerReadBlocked.AddBlock" },
    { EVENT_SEND_HEADER, LEGACY, "ChainSyncServerEvent.TraceChainSyncServerRead.AddBlock" },
    { EVENT_SENDING_BODY, CURRENT, "BlockFetch.Server.SendBlock" },
    { EVENT_SENDING_BODY, EARLY, "BlockFetchServer.SendBlock" },
    { EVENT_SENDING_BODY, LEGACY, "TraceBlockFetchServerSendBlock" },
    { EVENT_ADDED_TO_CHAIN, CURRENT | EARLY, "ChainDB.AddBlockEvent.AddedToCurrentChain" },
    { EVENT_ADDED_TO_CHAIN, LEGACY, "TraceAddBlockEvent.AddedToCurrentChain" },
    { EVENT_SWITCHED_TO_FORK, CURRENT | EARLY, "ChainDB.AddBlockEvent.SwitchedToAFork" },
    { EVENT_SWITCHED_TO_FORK, LEGACY, "TraceAddBlockEvent.SwitchedToAFork" },

    { EVENT_LEDGER_SNAPSHOT, CURRENT, "ChainDB.LedgerEvent.TookSnapshot" },
    { EVENT_LEDGER_SNAPSHOT, CURRENT, "ChainDB.LedgerEvent.Snapshot.TookSnapshot" },
    { EVENT_LEDGER_SNAPSHOT, EARLY, "LedgerEvent.TookSnapshot" },
    { EVENT_LEDGER_SNAPSHOT, EARLY, "TraceLedgerEvent.TookSnapshot" },
    { EVENT_LEDGER_SNAPSHOT, LEGACY, "TraceSnapshotEvent.TookSnapshot" },
    { EVENT_LEDGER_METRICS, CURRENT | EARLY | LEGACY, "LedgerMetrics" },

    { EVENT_TXS_COLLECTED, CURRENT, "TxSubmission.TxInbound.Collected" },
    { EVENT_TXS_COLLECTED, CURRENT | EARLY | LEGACY, "TraceTxSubmissionCollected" },
    { EVENT_TXS_COLLECTED, LEGACY, "TxSubmissionCollected" },
    { EVENT_TXS_PROCESSED, CURRENT, "TxSubmission.TxInbound.Processed" },
    { EVENT_TXS_PROCESSED, CURRENT | EARLY | LEGACY, "TraceTxSubmissionProcessed" },
    { EVENT_TXS_PROCESSED, LEGACY, "TxSubmissionProcessed" },
    { EVENT_MEMPOOL_TXS, CURRENT | EARLY, "Mempool.AddedTx" },
    { EVENT_MEMPOOL_TXS, CURRENT | EARLY, "Mempool.RemoveTxs" },
    { EVENT_MEMPOOL_TXS, LEGACY, "TraceMempoolAddedTx" },
    { EVENT_MEMPOOL_TXS, LEGACY, "TraceMempoolRemoveTxs" },
    { EVENT_MEMPOOL_REJECTED, CURRENT | EARLY, "Mempool.RejectedTx" },
    { EVENT_MEMPOOL_REJECTED, LEGACY, "TraceMempoolRejectedTx" },

    { EVENT_GENERATOR_ACKED, CURRENT | EARLY | LEGACY, "TraceBenchTxSubServAck" },
    { EVENT_GENERATOR_SUMMARY, CURRENT, "Benchmark.BenchTxSubSummary" },
    { EVENT_GENERATOR_SUMMARY, CURRENT | EARLY | LEGACY, "TraceBenchTxSubSummary" },
};

#define NAMES (sizeof(names) / sizeof(*names))
#define PLACES 256 /* a power of two, well above NAMES: most unknown names meet a free place */

/* The table above, findable: open addressing; what a name means in each
 * generation, EVENT_NONE where nothing. */
static struct place {
    struct span name; /* NULL: free */
    enum event_kind current, early, legacy;
} places[PLACES];

static pthread_once_t index_once = PTHREAD_ONCE_INIT;

/* The place of a name, or the free one where it would stand. */
static struct place *find_place(struct span name)
{
    uint32_t i = quick_hash(name) % PLACES;

    while (places[i].name.at && !span_equal(places[i].name, name))
        i = (i + 1) % PLACES;
    return &places[i];
}

static void build_index(void)
{
    _Static_assert(NAMES < PLACES / 2, "PLACES is too small");

    for (size_t i = 0; i < NAMES; i++) {
        const struct name_row *row = &names[i];
        struct place *place = find_place(span_of(row->name));

        if (!place->name.at)
            *place = (struct place){ span_of(row->name), EVENT_NONE, EVENT_NONE, EVENT_NONE };
        if (row->generations & CURRENT)
            place->current = row->event;
        if (row->generations & EARLY)
            place->early = row->event;
        if (row->generations & LEGACY)
            place->legacy = row->event;
    }
}

enum event_kind catalogue_find_namespace(struct span ns)
{
    const struct place *place;

    pthread_once(&index_once, build_index);
    place = find_place(ns);
    if (!place->name.at)
        return EVENT_NONE;
    return place->current != EVENT_NONE ? place->current : place->early;
}

enum event_kind catalogue_find(struct span ns, struct span kind)
{
    static const char application[] = "Cardano.Node.";
    enum event_kind event = catalogue_find_namespace(ns);
    const struct place *place;
    struct span bare = kind;

    if (event != EVENT_NONE)
        return event;
    if (span_starts(kind, application))
        bare = (struct span){ kind.at + sizeof(application) - 1,
                              kind.len - (sizeof(application) - 1) };
    place = find_place(bare);
    if (place->name.at && place->early != EVENT_NONE)
        return place->early;
    place = find_place(kind);
    return place->name.at ? place->legacy : EVENT_NONE;
}
