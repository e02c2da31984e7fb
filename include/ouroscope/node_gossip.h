/* Between nodes: headers, bodies and transactions, and the mempool where the latter wait. Part of
 * node.h, which says where the facts are from. */
#ifndef OUROSCOPE_NODE_GOSSIP_H
#define OUROSCOPE_NODE_GOSSIP_H

#include <ouroscope/point.h>

#define NODE_PEER_FIELDS(F) F(peer, peer, "peer", OU_DMINIMAL, "the connection")

/* --- Headers ----------------------------------------------------------------------- */

#define NODE_DOWNLOADED_HEADER_FIELDS(F)                     \
    F(hash, block, "block", OU_DMINIMAL, "the block's hash") \
    F(u64, number, "blockNo", OU_DMINIMAL, "its number")     \
    F(u64, slot, "slot", OU_DMINIMAL, "its slot")            \
    NODE_PEER_FIELDS(F)

OU_TRACE_POINT(node_downloaded_header, "ChainSync.Client.DownloadedHeader", OU_INFO, OU_PUBLIC,
               NODE_DOWNLOADED_HEADER_FIELDS,
               "A peer told of a block. The first time that this happens is when the node learns "
               "of the block; other peers tell of it, too.",
               .kind = "DownloadedHeader",
               .human = "header of block {number}, {block}, from {peer}");

#define NODE_SERVER_UPDATE_FIELDS(F)                                                               \
    F(point, tip, "tip", OU_DMINIMAL, "the tip of this node's chain")                              \
    F(point, add_block, "addBlock", OU_DMINIMAL, "the block whose header the peer is given, or")   \
    F(point, roll_back_to, "rollBackTo", OU_DMINIMAL, "the block that the peer has to go back to") \
    F(boolean, blocking_read, "blockingRead", OU_DMINIMAL,                                         \
      "whether the peer had all and waits for news")                                               \
    F(flag, rising_edge, "risingEdge", OU_DMINIMAL, "true before it is sent, left out behind")

OU_TRACE_POINT(
    node_server_header_update, "ChainSync.ServerHeader.Update", OU_INFO, OU_PUBLIC,
    NODE_SERVER_UPDATE_FIELDS,
    "A peer that follows this node's chain is told of its next block, or to go back. When "
    "blockingRead is false the peer is still catching up.",
    .kind = "ChainSyncServer.Update",
    .human = "a peer is given {add_block}{roll_back_to}; the tip is {tip}",
    .metrics = OU_METRICS({ OU_COUNTER, "served.header",
                            "updates of this node's chain told to peers",
                            OU_FIELD(node_server_header_update, rising_edge) }));

/* --- Bodies ------------------------------------------------------------------------ */

#define NODE_DECISION_FIELDS(F)         \
    F(json, peers, "peers", OU_DNORMAL, \
      "of each peer: what will be fetched from it, or why nothing")

/* All three have one form; a list of decisions is nothing that DMinimal wants. */
#define NODE_DECISION(name, last, severity, help_)                                               \
    OU_TRACE_POINT(name, "BlockFetch.Decision." last, severity, OU_PUBLIC, NODE_DECISION_FIELDS, \
                   help_, .kind = "PeersFetch", .empty_below = OU_DNORMAL, .human = "{peers}",   \
                   .legacy = { "BlockFetchDecision", NULL, false })

NODE_DECISION(node_peers_fetch, "PeersFetch", OU_INFO,
              "What was decided about fetching blocks, for each peer: the request to make, or why "
              "there is none.");
NODE_DECISION(node_fetch_decision_accept, "Accept", OU_INFO,
              "Blocks will be fetched from a peer. Nodes of 2023 wrote it; see "
              "BlockFetch.Decision.PeersFetch.");
NODE_DECISION(node_fetch_decision_decline, "Decline", OU_INFO,
              "Nothing will be fetched from a peer now. Nodes of 2023 wrote it; see "
              "BlockFetch.Decision.PeersFetch.");

/* The steps of a request about which only the connection is told. */
#define NODE_FETCH_STEP(name, last, human_, help_)                                               \
    OU_TRACE_POINT(name, "BlockFetch.Client." last, OU_INFO, OU_PUBLIC, NODE_PEER_FIELDS, help_, \
                   .kind = last, .human = human_)

NODE_FETCH_STEP(node_added_fetch_request, "AddedFetchRequest", "a request to {peer} is due",
                "A request for blocks was handed to the part of the node that talks to the peer.");
NODE_FETCH_STEP(node_acknowledged_fetch_request, "AcknowledgedFetchRequest",
                "the request to {peer} was picked up",
                "The part of the node that talks to the peer took the request up.");
NODE_FETCH_STEP(node_started_fetch_batch, "StartedFetchBatch", "{peer} begins to send blocks",
                "The peer has the blocks that were asked for and begins to send them.");
NODE_FETCH_STEP(node_completed_fetch_batch, "CompletedFetchBatch", "{peer} has sent all blocks",
                "The peer has sent all blocks of a request.");
NODE_FETCH_STEP(node_rejected_fetch_batch, "RejectedFetchBatch", "{peer} does not have the blocks",
                "The peer does not have the blocks that were asked for: it changed its chain "
                "meanwhile.");

#define NODE_SEND_FETCH_REQUEST_FIELDS(F)                                                 \
    F(hash, head, "head", OU_DMINIMAL, "the last block asked for")                        \
    F(u64, length, "length", OU_DMINIMAL, "how many blocks are asked for")                \
    F(f64, delta_q, "deltaq.G", OU_DDETAILED, "the connection's least delay, in seconds") \
    NODE_PEER_FIELDS(F)

OU_TRACE_POINT(node_send_fetch_request, "BlockFetch.Client.SendFetchRequest", OU_INFO, OU_PUBLIC,
               NODE_SEND_FETCH_REQUEST_FIELDS, "A peer is asked for the bodies of blocks.",
               .kind = "SendFetchRequest",
               .human = "asking {peer} for {length} blocks up to {head}");

#define NODE_COMPLETED_BLOCK_FETCH_FIELDS(F)                                             \
    F(hash, block, "block", OU_DMINIMAL, "the block's hash")                             \
    F(f64, delay, "delay", OU_DMINIMAL, "seconds since the start of its slot")           \
    F(u64, size, "size", OU_DMINIMAL, "its size in bytes, as estimated from its header") \
    NODE_PEER_FIELDS(F)

/* The shares of blocks within one, three and five seconds, and the count of later ones
 * (blockfetchclient.blockdelay.cdfOne ..., lateblocks) are made of many messages: they are no
 * metrics of this point, but a fold's (message.h). */
OU_TRACE_POINT(node_completed_block_fetch, "BlockFetch.Client.CompletedBlockFetch", OU_INFO,
               OU_PUBLIC, NODE_COMPLETED_BLOCK_FETCH_FIELDS,
               "The body of a block arrived. Its delay tells how well the node is connected: all "
               "but a few blocks should be there within five seconds.",
               .kind = "CompletedBlockFetch",
               .human = "block {block} of {size} bytes came from {peer} after {delay} s",
               .metrics = OU_METRICS({ OU_REAL, "blockfetchclient.blockdelay",
                                       "seconds from the last fetched block's slot to its arrival",
                                       OU_FIELD(node_completed_block_fetch, delay) },
                                     { OU_GAUGE, "blockfetchclient.blocksize",
                                       "bytes of the last fetched block",
                                       OU_FIELD(node_completed_block_fetch, size) }));

#define NODE_SEND_BLOCK_FIELDS(F)                            \
    F(hash, block, "block", OU_DMINIMAL, "the block's hash") \
    NODE_PEER_FIELDS(F)

OU_TRACE_POINT(node_send_block, "BlockFetch.Server.SendBlock", OU_INFO, OU_PUBLIC,
               NODE_SEND_BLOCK_FIELDS, "The body of a block is sent to a peer that asked for it.",
               .kind = "BlockFetchServer", .human = "sending block {block} to {peer}",
               .metrics = OU_METRICS({ OU_COUNTER, "served.block", "blocks sent to peers", -1 }));

/* --- Transactions ------------------------------------------------------------------ */

#define NODE_TXS_COLLECTED_FIELDS(F)                             \
    F(u64, count, "count", OU_DMINIMAL, "how many transactions") \
    NODE_PEER_FIELDS(F)

OU_TRACE_POINT(node_txs_collected, "TxSubmission.TxInbound.Collected", OU_DEBUG, OU_PUBLIC,
               NODE_TXS_COLLECTED_FIELDS, "Transactions arrived from a peer.",
               .kind = "TraceTxSubmissionCollected", .human = "{count} transactions from {peer}",
               .metrics = OU_METRICS({ OU_COUNTER, "submissions.submitted",
                                       "transactions that peers have sent",
                                       OU_FIELD(node_txs_collected, count) }));

#define NODE_TXS_PROCESSED_FIELDS(F)                                              \
    F(u64, accepted, "accepted", OU_DMINIMAL, "those that went into the mempool") \
    F(u64, rejected, "rejected", OU_DMINIMAL, "those that did not")               \
    NODE_PEER_FIELDS(F)

OU_TRACE_POINT(
    node_txs_processed, "TxSubmission.TxInbound.Processed", OU_DEBUG, OU_PUBLIC,
    NODE_TXS_PROCESSED_FIELDS,
    "Transactions of a peer were checked. Many rejected ones are either known already or invalid.",
    .kind = "TraceTxSubmissionProcessed",
    .human = "of transactions from {peer}, {accepted} were accepted, {rejected} rejected",
    .metrics = OU_METRICS({ OU_COUNTER, "submissions.accepted",
                            "transactions of peers that were accepted",
                            OU_FIELD(node_txs_processed, accepted) },
                          { OU_COUNTER, "submissions.rejected",
                            "transactions of peers that were rejected",
                            OU_FIELD(node_txs_processed, rejected) }));

/* --- The mempool ------------------------------------------------------------------- */

#define NODE_MEMPOOL_SIZE_FIELDS(F)                        \
    F(u64, mempool_txs, "mempoolSize.numTxs", OU_DMINIMAL, \
      "transactions in the mempool afterwards")            \
    F(u64, mempool_bytes, "mempoolSize.bytes", OU_DMINIMAL, "their size in bytes")

#define NODE_MEMPOOL_SIZE_METRICS(point)                                                       \
    { OU_GAUGE, "txsInMempool", "transactions in the mempool", OU_FIELD(point, mempool_txs) }, \
    {                                                                                          \
        OU_GAUGE, "mempoolBytes", "bytes of the transactions in the mempool",                  \
            OU_FIELD(point, mempool_bytes)                                                     \
    }

#define NODE_ADDED_TX_FIELDS(F)                            \
    F(txid, tx, "tx.txid", OU_DMINIMAL, "the transaction") \
    NODE_MEMPOOL_SIZE_FIELDS(F)

OU_TRACE_POINT(node_mempool_added_tx, "Mempool.AddedTx", OU_INFO, OU_PUBLIC, NODE_ADDED_TX_FIELDS,
               "A transaction is valid and waits in the mempool for a block.",
               .kind = "TraceMempoolAddedTx",
               .human = "transaction {tx} was added; the mempool has {mempool_txs}",
               .metrics = OU_METRICS(NODE_MEMPOOL_SIZE_METRICS(node_mempool_added_tx)));

#define NODE_REJECTED_TX_FIELDS(F)                              \
    F(json, error, "err", OU_DMINIMAL, "what is wrong with it") \
    NODE_ADDED_TX_FIELDS(F)

OU_TRACE_POINT(node_mempool_rejected_tx, "Mempool.RejectedTx", OU_INFO, OU_PUBLIC,
               NODE_REJECTED_TX_FIELDS,
               "A transaction is not valid and was not taken into the mempool.",
               .kind = "TraceMempoolRejectedTx", .human = "transaction {tx} was rejected: {error}",
               .metrics = OU_METRICS(NODE_MEMPOOL_SIZE_METRICS(node_mempool_rejected_tx)));

/* The number of transactions is in no line of a node, but feeds a metric. */
#define NODE_REMOVE_TXS_FIELDS(F)                         \
    F(txids, txs, "txs", OU_DMINIMAL, "the transactions") \
    NODE_MEMPOOL_SIZE_FIELDS(F)                           \
    F(u64, count, "count", OU_HUMAN_ONLY, "how many there are in txs")

OU_TRACE_POINT(node_mempool_remove_txs, "Mempool.RemoveTxs", OU_INFO, OU_PUBLIC,
               NODE_REMOVE_TXS_FIELDS,
               "Transactions left the mempool: they are in a block now, or that block made them "
               "invalid.",
               .kind = "TraceMempoolRemoveTxs",
               .human = "{count} transactions were removed; the mempool has {mempool_txs}",
               .metrics = OU_METRICS(NODE_MEMPOOL_SIZE_METRICS(node_mempool_remove_txs),
                                     { OU_COUNTER, "txsProcessedNum",
                                       "transactions that left the mempool",
                                       OU_FIELD(node_mempool_remove_txs, count) }));

#define NODE_MANUALLY_REMOVED_FIELDS(F)                                                         \
    F(hashes, removed, "txsRemoved", OU_DMINIMAL, "those that were asked for")                  \
    F(txids, invalidated, "txsInvalidated", OU_DMINIMAL, "those that are invalid without them") \
    NODE_MEMPOOL_SIZE_FIELDS(F)

OU_TRACE_POINT(node_mempool_manually_removed_txs, "Mempool.ManuallyRemovedTxs", OU_WARNING,
               OU_PUBLIC, NODE_MANUALLY_REMOVED_FIELDS,
               "Transactions were taken out of the mempool on request.",
               .kind = "TraceMempoolManuallyRemovedTxs",
               .human = "transactions were removed on request; the mempool has {mempool_txs}",
               .metrics = OU_METRICS(NODE_MEMPOOL_SIZE_METRICS(node_mempool_manually_removed_txs)));

#define NODE_MEMPOOL_SYNCED_FIELDS(F)                                                            \
    F(text, edge, "enclosingTime.tag", OU_DMINIMAL, "RisingEdge before, FallingEdgeWith behind") \
    F(f64, seconds, "enclosingTime.contents", OU_DMINIMAL, "how long it took; behind only")

OU_TRACE_POINT(node_mempool_synced, "Mempool.Synced", OU_DEBUG, OU_PUBLIC,
               NODE_MEMPOOL_SYNCED_FIELDS,
               "The mempool was checked against a new tip. With many transactions in it this "
               "takes long.",
               .kind = "TraceMempoolSynced",
               .human = "the mempool follows the tip: {edge} {seconds}");

#endif
