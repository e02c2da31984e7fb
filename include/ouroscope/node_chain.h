/* The chain: blocks on their way into the database, the choice of the chain, snapshots of the
 * ledger. Part of node.h, which says where the facts are from. */
#ifndef OUROSCOPE_NODE_CHAIN_H
#define OUROSCOPE_NODE_CHAIN_H

#include <ouroscope/point.h>

/* --- A block on its way ------------------------------------------------------------ */

#define NODE_BLOCK_FIELDS(F) F(block, block, "block", OU_DMINIMAL, "the block")

#define NODE_BLOCK_EDGE_FIELDS(F) \
    NODE_BLOCK_FIELDS(F)          \
    F(flag, rising_edge, "risingEdge", OU_DMINIMAL, "true before it is done, left out behind")

#define NODE_ADDED_TO_QUEUE_FIELDS(F) \
    NODE_BLOCK_EDGE_FIELDS(F)         \
    F(u64, queue_size, "queueSize", OU_DMINIMAL, "blocks in the queue; known behind only")

OU_TRACE_POINT(node_added_block_to_queue, "ChainDB.AddBlockEvent.AddedBlockToQueue", OU_DEBUG,
               OU_PUBLIC, NODE_ADDED_TO_QUEUE_FIELDS,
               "A block waits to be stored and considered. A queue that grows means that the node "
               "cannot keep up.",
               .kind = "AddedBlockToQueue", .human = "block {block} was put in the queue");

OU_TRACE_POINT(
    node_popping_from_queue, "ChainDB.AddBlockEvent.PoppingFromQueue", OU_DEBUG, OU_PUBLIC,
    NODE_BLOCK_FIELDS,
    "The next block is about to be taken from the queue. Which one it is need not be known yet.",
    .kind = "PoppingFromQueue", .human = "about to take a block from the queue",
    .legacy = { "ChainDB", "TraceAddBlockEvent.PoppingFromQueue", false });

OU_TRACE_POINT(node_popped_block_from_queue, "ChainDB.AddBlockEvent.PoppedBlockFromQueue", OU_DEBUG,
               OU_PUBLIC, NODE_BLOCK_FIELDS, "A block was taken from the queue and is worked on.",
               .kind = "PoppedBlockFromQueue", .human = "block {block} was taken from the queue");

#define NODE_ADDED_TO_VOLATILE_FIELDS(F) \
    NODE_BLOCK_EDGE_FIELDS(F)            \
    F(digits, number, "blockNo", OU_DMINIMAL, "the block's number")

OU_TRACE_POINT(node_added_block_to_volatile_db, "ChainDB.AddBlockEvent.AddedBlockToVolatileDB",
               OU_DEBUG, OU_PUBLIC, NODE_ADDED_TO_VOLATILE_FIELDS,
               "A block was written to disk, among those that may still be dropped.",
               .kind = "AddedBlockToVolatileDB", .human = "block {block} was stored");

OU_TRACE_POINT(node_try_add_to_current_chain, "ChainDB.AddBlockEvent.TryAddToCurrentChain",
               OU_DEBUG, OU_PUBLIC, NODE_BLOCK_FIELDS,
               "The block follows the tip; the node tries to extend its chain with it.",
               .kind = "TryAddToCurrentChain", .human = "trying to extend the chain with {block}");

OU_TRACE_POINT(node_try_switch_to_a_fork, "ChainDB.AddBlockEvent.TrySwitchToAFork", OU_INFO,
               OU_PUBLIC, NODE_BLOCK_FIELDS,
               "The block makes another chain better than the current one; the node tries to "
               "change over.",
               .kind = "TrySwitchToAFork", .human = "trying to switch to the fork of {block}");

OU_TRACE_POINT(node_set_tentative_header,
               "ChainDB.AddBlockEvent.PipeliningEvent.SetTentativeHeader", OU_DEBUG, OU_PUBLIC,
               NODE_BLOCK_EDGE_FIELDS,
               "The header of a block whose body is still being checked was offered to peers, so "
               "that the block travels sooner.",
               .kind = "SetTentativeHeader", .human = "offering the header of {block} beforehand");

#define NODE_CANDIDATE_FIELDS(F) \
    F(point, block, "block", OU_DMINIMAL, "the last block of the chain")

OU_TRACE_POINT(node_valid_candidate, "ChainDB.AddBlockEvent.AddBlockValidation.ValidCandidate",
               OU_NOTICE, OU_PUBLIC, NODE_CANDIDATE_FIELDS,
               "All blocks of a chain that the node may choose are valid.",
               .kind = "ValidCandidate", .human = "the chain up to {block} is valid");

/* --- The choice -------------------------------------------------------------------- */

/* What chains are compared by; of the chain chosen and of the one it replaces. Nodes before 2026
 * call the objects newTipSelectView and oldTipSelectView. The last three are in no line of a node,
 * but feed metrics. */
#define NODE_SELECT_VIEW_FIELDS(F, view, path)                                                 \
    F(u64, view##_length, path ".chainLength", OU_DMINIMAL, "the tip's block number")          \
    F(u64, view##_issue, path ".issueNo", OU_DMINIMAL,                                         \
      "how often its maker renewed the certificate")                                           \
    F(text, view##_issuer, path ".issuerHash", OU_DMINIMAL, "hash of its maker's key, in hex") \
    F(u64, view##_slot, path ".slotNo", OU_DMINIMAL, "its slot")                               \
    F(text, view##_vrf, path ".tieBreakVRF", OU_DMINIMAL, "what decides between equals, in hex")

#define NODE_SELECTION_FIELDS(F)                                                              \
    F(point, tip, "newtip", OU_DMINIMAL, "the new tip")                                       \
    NODE_SELECT_VIEW_FIELDS(F, new, "newSuffixSelectView")                                    \
    NODE_SELECT_VIEW_FIELDS(F, old, "oldSuffixSelectView")                                    \
    F(hash, block, "tipBlockHash", OU_DMINIMAL, "the new tip's hash")                         \
    F(parent, parent, "tipBlockParentHash", OU_DMINIMAL, "the block before it")               \
    F(text, issuer, "tipBlockIssuerVKeyHash", OU_DMINIMAL, "hash of its maker's key, in hex") \
    F(headers, headers, "headers", OU_DDETAILED, "the blocks by which the chain grew")        \
    F(json, events, "events", OU_DDETAILED, "what the ledger has to say about them: a list")  \
    F(f64, density, "density", OU_HUMAN_ONLY, "blocks per slot of late, 0 to 1")              \
    F(u64, epoch, "epoch", OU_HUMAN_ONLY, "the tip's epoch")                                  \
    F(u64, slot_in_epoch, "slotInEpoch", OU_HUMAN_ONLY, "its slot, counted from the epoch's first")

#define NODE_SELECTION_CONSTANTS                      \
    "newSuffixSelectView.kind=PraosChainSelectView\n" \
    "oldSuffixSelectView.kind=PraosChainSelectView"

#define NODE_SELECTION_METRICS(point)                                                \
    { OU_GAUGE, "blockNum", "the tip's block number", OU_FIELD(point, new_length) }, \
        { OU_GAUGE, "slotNum", "the tip's slot", OU_FIELD(point, new_slot) },        \
        { OU_GAUGE, "slotInEpoch", "the tip's slot, counted from its epoch's first", \
          OU_FIELD(point, slot_in_epoch) },                                          \
        { OU_GAUGE, "epoch", "the tip's epoch", OU_FIELD(point, epoch) },            \
    {                                                                                \
        OU_REAL, "density", "blocks per slot of late", OU_FIELD(point, density)      \
    }

OU_TRACE_POINT(node_added_to_current_chain, "ChainDB.AddBlockEvent.AddedToCurrentChain", OU_NOTICE,
               OU_PUBLIC, NODE_SELECTION_FIELDS,
               "The chain grew: its new tip follows the old one. On a healthy node the usual news "
               "of each block.",
               .kind = "AddedToCurrentChain",
               .human = "the chain grew to block {new_length}, {tip}",
               .constants = NODE_SELECTION_CONSTANTS,
               .metrics = OU_METRICS(NODE_SELECTION_METRICS(node_added_to_current_chain)));

#define NODE_SWITCH_FIELDS(F) \
    NODE_SELECTION_FIELDS(F)  \
    F(text, reason, "reason", OU_DMINIMAL, "why the other chain is better")

OU_TRACE_POINT(node_switched_to_a_fork, "ChainDB.AddBlockEvent.SwitchedToAFork", OU_NOTICE,
               OU_PUBLIC, NODE_SWITCH_FIELDS,
               "The node left blocks of its chain for a better one. Now and then this is normal, "
               "when two blocks were made at about the same time.",
               .kind = "TraceAddBlockEvent.SwitchedToAFork",
               .human = "switched to the fork with block {new_length}, {tip}",
               .constants = NODE_SELECTION_CONSTANTS,
               .metrics = OU_METRICS(NODE_SELECTION_METRICS(node_switched_to_a_fork),
                                     { OU_COUNTER, "forks", "changes to another fork", -1 }));

/* --- The ledger -------------------------------------------------------------------- */

#define NODE_TOOK_SNAPSHOT_FIELDS(F)                                                            \
    F(text, tip, "tip", OU_DMINIMAL, "the last block of the state, in words")                   \
    F(text, edge, "enclosedTime.tag", OU_DMINIMAL, "RisingEdge before, FallingEdgeWith behind") \
    F(f64, seconds, "enclosedTime.contents", OU_DMINIMAL, "how long it took; behind only")

OU_TRACE_POINT(node_took_snapshot, "ChainDB.LedgerEvent.Snapshot.TookSnapshot", OU_INFO, OU_PUBLIC,
               NODE_TOOK_SNAPSHOT_FIELDS,
               "The ledger state was written to disk, so that the next start is quick. It keeps a "
               "processor busy for a while.",
               .kind = "TookSnapshot", .human = "ledger snapshot at {tip}: {edge} {seconds}",
               .constants = "snapshot.kind=snapshot");

#endif
