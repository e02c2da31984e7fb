/* The event catalogue: which log lines mean something to the analysis, under
 * which names they have been written, and what is read from them.
 *
 * Every event has three generations of names: the namespaces nodes write today,
 * those of the first iteration of the new tracing (2021/22), and the `kind` of
 * the legacy tracing. Names are tried in that order (catalogue.c). */
#ifndef OU_LOGS_CATALOGUE_H
#define OU_LOGS_CATALOGUE_H

#include <stdint.h>

#include "base/span.h"

/* X(id, object name as analysis tools know it, what it says) */
#define OU_EVENTS(X)                                                                        \
    X(RESOURCES, "Resources", "a sample of the process's resource counters")                \
    X(START_LEADERSHIP_CHECK, "StartLeadershipCheck", "the forge loop woke up for a slot")  \
    X(BLOCK_CONTEXT, "BlockContext", "the forger knows the tip it builds on")               \
    X(LEDGER_STATE, "LedgerState", "the forger has the ledger state")                       \
    X(LEDGER_VIEW, "LedgerView", "the forger has the ledger view")                          \
    X(NODE_IS_LEADER, "NodeIsLeader", "the node leads this slot")                           \
    X(NODE_NOT_LEADER, "NodeNotLeader", "the node does not lead this slot")                 \
    X(TICKED_LEDGER_STATE, "TickedLedgerState", "the ledger state was ticked to the slot")  \
    X(MEMPOOL_SNAPSHOT, "MempoolSnapshot", "the forger has the transactions for the block") \
    X(FORGED_BLOCK, "ForgedBlock", "a block was forged")                                    \
    X(SEEN_HEADER, "SeenHeader", "a peer's header of a block arrived")                      \
    X(FETCH_REQUESTED, "FetchRequested", "block bodies were requested from a peer")         \
    X(FETCH_COMPLETED, "FetchCompleted", "a block body arrived")                            \
    X(SEND_HEADER, "SendHeader", "a block's header was announced to a peer")                \
    X(SENDING_BODY, "SendingBody", "a block's body was sent to a peer")                     \
    X(ADDED_TO_CHAIN, "AddedToCurrentChain", "a block extended the selected chain")         \
    X(SWITCHED_TO_FORK, "SwitchedToAFork", "a block became the tip by a change of fork")    \
    X(ADOPTED_BLOCK, "AdoptedBlock", "the forger adopted its own block")                    \
    X(LEDGER_SNAPSHOT, "LedgerSnapshot", "a ledger snapshot was taken")                     \
    X(LEDGER_METRICS, "LedgerMetrics", "size of the UTxO set and density of the chain")     \
    X(TXS_COLLECTED, "TxsCollected", "transactions were collected from a peer")             \
    X(TXS_PROCESSED, "TxsProcessed", "collected transactions were accepted or rejected")    \
    X(MEMPOOL_TXS, "MempoolTxs", "the mempool changed its size")                            \
    X(MEMPOOL_REJECTED, "MempoolRejected", "a transaction was rejected")                    \
    X(GENERATOR_ACKED, "TxsAcked", "the load generator's transactions were acknowledged")   \
    X(GENERATOR_SETUP, "FundSplit", "the load generator has split so much of its fund")     \
    X(GENERATOR_SUMMARY, "GeneratorSummary", "the load generator's summary")                \
    X(RECORDS_LOST, "RecordsLost", "messages were lost before they were written")           \
    X(FORWARDER_LOST, "ForwarderLost", "messages for the collector were dropped")           \
    X(PROCESS_ENDED, "ProcessEnded", "a program that a run started as a node came to its end")

enum event_kind {
#define X(id, name, help) EVENT_##id,
    OU_EVENTS(X)
#undef X
        EVENT_KINDS,
    EVENT_NONE = EVENT_KINDS, /* a line that the analysis does not read */
};

struct event_info {
    const char *name, *help;
};
extern const struct event_info event_infos[EVENT_KINDS];

/* The event of a line, by its namespace (`ns`) and `data.kind`; first hit wins:
 * ns among the current names, ns among the early names, kind (without a
 * leading "Cardano.Node.") among the early names, kind among the legacy kinds.
 * Either may be empty. Any thread. */
enum event_kind catalogue_find(struct span ns, struct span kind);

/* The first two steps alone: by namespace. */
enum event_kind catalogue_find_namespace(struct span ns);

#endif
