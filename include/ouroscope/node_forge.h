/* The forge loop: what a block producer does in each slot, and what came of it.
 * Part of node.h, which says where the facts are from. */
#ifndef OUROSCOPE_NODE_FORGE_H
#define OUROSCOPE_NODE_FORGE_H

#include <ouroscope/point.h>

#define NODE_SLOT_FIELDS(F) F(u64, slot, "slot", OU_DMINIMAL, "the slot that it is about")

#define NODE_SLOT_REASON_FIELDS(F) \
    NODE_SLOT_FIELDS(F)            \
    F(text, reason, "reason", OU_DMINIMAL, "what was wrong")

/* --- The start of a slot ----------------------------------------------------------- */

OU_TRACE_POINT(node_start_leadership_check, "Forge.Loop.StartLeadershipCheck", OU_INFO, OU_PUBLIC,
               NODE_SLOT_FIELDS,
               "The forge loop woke up for a slot and begins to find out whether this node leads "
               "it. A slot without this message was missed.",
               .kind = "TraceStartLeadershipCheck", .human = "slot {slot}: who leads?",
               .metrics = OU_METRICS({ OU_COUNTER, "Forge.about-to-lead",
                                       "leadership checks that were begun", -1 }));

#define NODE_LEDGER_SIZE_FIELDS(F)                                                 \
    NODE_SLOT_FIELDS(F)                                                            \
    F(u64, utxo_size, "utxoSize", OU_DMINIMAL, "unspent outputs in the ledger")    \
    F(u64, deleg_map_size, "delegMapSize", OU_DMINIMAL, "stake delegations in it") \
    F(f64, chain_density, "chainDensity", OU_DMINIMAL, "blocks per slot of late, 0 to 1")

#define NODE_LEDGER_SIZE_METRICS(point)                                                    \
    { OU_GAUGE, "utxoSize", "unspent outputs in the ledger", OU_FIELD(point, utxo_size) }, \
        { OU_GAUGE, "delegMapSize", "stake delegations in the ledger",                     \
          OU_FIELD(point, deleg_map_size) },                                               \
    {                                                                                      \
        OU_REAL, "density", "blocks per slot of late", OU_FIELD(point, chain_density)      \
    }

OU_TRACE_POINT(node_start_leadership_check_plus, "Forge.Loop.StartLeadershipCheckPlus", OU_INFO,
               OU_PUBLIC, NODE_LEDGER_SIZE_FIELDS,
               "The same as Forge.Loop.StartLeadershipCheck, with the size of the ledger. Nodes "
               "of 2023 wrote it; later ones write LedgerMetrics apart.",
               .kind = "TraceStartLeadershipCheck",
               .human = "slot {slot}: who leads? The ledger has {utxo_size} outputs",
               .metrics = OU_METRICS({ OU_COUNTER, "Forge.about-to-lead",
                                       "leadership checks that were begun", -1 },
                                     NODE_LEDGER_SIZE_METRICS(node_start_leadership_check_plus)));

OU_TRACE_POINT(node_ledger_metrics, "LedgerMetrics", OU_INFO, OU_PUBLIC, NODE_LEDGER_SIZE_FIELDS,
               "The size of the ledger, taken every so many slots some time after the slot began, "
               "so that counting does not delay a block.",
               .kind = "LedgerMetrics",
               .human = "slot {slot}: {utxo_size} outputs, {deleg_map_size} delegations, chain "
                        "density {chain_density}",
               .legacy = { "LedgerMetrics", NULL, false },
               .metrics = OU_METRICS(NODE_LEDGER_SIZE_METRICS(node_ledger_metrics)));

/* --- What the block will stand on -------------------------------------------------- */

#define NODE_BLOCK_CONTEXT_FIELDS(F)                                           \
    F(u64, slot, "current slot", OU_DMINIMAL, "the slot that it is about")     \
    F(point, tip, "tip", OU_DMINIMAL, "the block that a new one would follow") \
    F(u64, tip_number, "tipBlockNo", OU_DMINIMAL, "the number the new block would have")

OU_TRACE_POINT(node_block_context, "Forge.Loop.BlockContext", OU_DEBUG, OU_PUBLIC,
               NODE_BLOCK_CONTEXT_FIELDS,
               "The forge loop knows the block that a new one would follow.",
               .kind = "TraceBlockContext", .human = "slot {slot}: a block would follow {tip}");

OU_TRACE_POINT(node_ledger_state, "Forge.Loop.LedgerState", OU_DEBUG, OU_PUBLIC, NODE_SLOT_FIELDS,
               "The forge loop has the ledger state of the block to follow.",
               .kind = "TraceLedgerState", .human = "slot {slot}: have the ledger state");

OU_TRACE_POINT(node_ledger_view, "Forge.Loop.LedgerView", OU_DEBUG, OU_PUBLIC, NODE_SLOT_FIELDS,
               "The forge loop has the stake distribution that decides who leads the slot.",
               .kind = "TraceLedgerView", .human = "slot {slot}: have the ledger view");

/* --- The decision ------------------------------------------------------------------ */

OU_TRACE_POINT(node_is_leader, "Forge.Loop.NodeIsLeader", OU_INFO, OU_PUBLIC, NODE_SLOT_FIELDS,
               "This node leads the slot and is about to forge a block. Each of these should be "
               "followed by Forge.Loop.ForgedBlock and Forge.Loop.AdoptedBlock.",
               .kind = "TraceNodeIsLeader", .human = "slot {slot}: this node leads",
               .metrics = OU_METRICS({ OU_COUNTER, "Forge.node-is-leader",
                                       "slots that this node led", -1 }));

OU_TRACE_POINT(node_not_leader, "Forge.Loop.NodeNotLeader", OU_INFO, OU_PUBLIC, NODE_SLOT_FIELDS,
               "This node does not lead the slot: the usual outcome of a leadership check.",
               .kind = "TraceNodeNotLeader", .human = "slot {slot}: this node does not lead",
               .metrics = OU_METRICS({ OU_COUNTER, "Forge.node-not-leader",
                                       "slots that this node did not lead", -1 }));

/* --- Forging ----------------------------------------------------------------------- */

#define NODE_TICKED_FIELDS(F) \
    NODE_SLOT_FIELDS(F)       \
    F(point, prev, "prev", OU_DMINIMAL, "the block that the new one will follow")

OU_TRACE_POINT(node_ticked_ledger_state, "Forge.Loop.ForgeTickedLedgerState", OU_DEBUG, OU_PUBLIC,
               NODE_TICKED_FIELDS,
               "The ledger state was brought forward to the slot to forge in; at the start of an "
               "epoch this takes long.",
               .kind = "TraceForgeTickedLedgerState",
               .human = "slot {slot}: ledger brought forward from {prev}");

#define NODE_FORGING_MEMPOOL_FIELDS(F)                                                      \
    NODE_TICKED_FIELDS(F)                                                                   \
    F(parent, mempool_hash, "mempoolHash", OU_DMINIMAL, "the tip the mempool is valid for") \
    F(u64, mempool_slot, "mempoolSlot", OU_DMINIMAL, "the slot the mempool is valid for")

OU_TRACE_POINT(node_forging_mempool_snapshot, "Forge.Loop.ForgingMempoolSnapshot", OU_DEBUG,
               OU_PUBLIC, NODE_FORGING_MEMPOOL_FIELDS,
               "The transactions for the block were taken from the mempool. When mempoolHash is "
               "not the hash of prev they had to be checked again first.",
               .kind = "TraceForgingMempoolSnapshot",
               .human = "slot {slot}: took the mempool of slot {mempool_slot}");

#define NODE_FORGED_BLOCK_FIELDS(F)                              \
    NODE_SLOT_FIELDS(F)                                          \
    F(hash, block, "block", OU_DMINIMAL, "the new block's hash") \
    F(u64, number, "blockNo", OU_DMINIMAL, "its number")         \
    F(parent, previous, "blockPrev", OU_DMINIMAL, "the block that it follows")

OU_TRACE_POINT(node_forged_block, "Forge.Loop.ForgedBlock", OU_INFO, OU_PUBLIC,
               NODE_FORGED_BLOCK_FIELDS,
               "This node forged a block. It does not count before it is adopted.",
               .kind = "TraceForgedBlock", .human = "slot {slot}: forged block {number}, {block}",
               .metrics = OU_METRICS({ OU_GAUGE, "forgedSlotLast",
                                       "the slot of the last block that was forged here",
                                       OU_FIELD(node_forged_block, slot) },
                                     { OU_COUNTER, "Forge.forged", "blocks forged here", -1 }));

#define NODE_ADOPTED_BLOCK_FIELDS(F)                                                          \
    NODE_SLOT_FIELDS(F)                                                                       \
    F(hash, block, "blockHash", OU_DMINIMAL, "the block's hash")                              \
    F(u64, size, "blockSize", OU_DMINIMAL, "its size in bytes, as estimated from its header") \
    F(hashes, tx_ids, "txIds", OU_DDETAILED, "the transactions in it")

OU_TRACE_POINT(
    node_adopted_block, "Forge.Loop.AdoptedBlock", OU_INFO, OU_PUBLIC, NODE_ADOPTED_BLOCK_FIELDS,
    "A block that this node forged became the tip of its own chain.", .kind = "TraceAdoptedBlock",
    .human = "slot {slot}: adopted the new block {block} of {size} bytes",
    .metrics = OU_METRICS({ OU_COUNTER, "Forge.adopted", "blocks forged and adopted here", -1 }));

/* --- What goes wrong --------------------------------------------------------------- */

OU_TRACE_POINT(
    node_didnt_adopt_block, "Forge.Loop.DidntAdoptBlock", OU_ERROR, OU_PUBLIC, NODE_SLOT_FIELDS,
    "A block that this node forged did not become its tip: another block of the same height was "
    "there first, as a rule.",
    .kind = "TraceDidntAdoptBlock", .human = "slot {slot}: the new block was not adopted",
    .metrics = OU_METRICS({ OU_COUNTER, "Forge.didnt-adopt",
                            "blocks forged here that were not adopted", -1 }));

OU_TRACE_POINT(
    node_forged_invalid_block, "Forge.Loop.ForgedInvalidBlock", OU_ERROR, OU_PUBLIC,
    NODE_SLOT_REASON_FIELDS,
    "This node found its own new block invalid. This is a fault of the node or of its keys.",
    .kind = "TraceForgedInvalidBlock", .human = "slot {slot}: the new block is invalid: {reason}",
    .metrics = OU_METRICS({ OU_COUNTER, "Forge.forged-invalid", "invalid blocks forged here",
                            -1 }));

OU_TRACE_POINT(node_cannot_forge, "Forge.Loop.NodeCannotForge", OU_ERROR, OU_PUBLIC,
               NODE_SLOT_REASON_FIELDS,
               "This node leads the slot, but may not forge: its keys do not fit what the ledger "
               "knows of the pool, or are not valid at this time.",
               .kind = "TraceNodeCannotForge",
               .human = "slot {slot}: leads, but cannot forge: {reason}",
               .metrics = OU_METRICS({ OU_COUNTER, "Forge.could-not-forge",
                                       "slots in which forging was given up", -1 }));

OU_TRACE_POINT(
    node_forge_state_update_error, "Forge.Loop.ForgeStateUpdateError", OU_CRITICAL, OU_PUBLIC,
    NODE_SLOT_REASON_FIELDS,
    "The forging key could not be brought forward to the current period: it has expired. "
    "No block is forged until a new operational certificate is there.",
    .kind = "TraceForgeStateUpdateError",
    .human = "slot {slot}: the forging key cannot be evolved: {reason}",
    .metrics = OU_METRICS({ OU_GAUGE, "Forge.StateUpdateError",
                            "the last slot in which the key could not be evolved",
                            OU_FIELD(node_forge_state_update_error, slot) }));

#define NODE_BLOCK_FROM_FUTURE_FIELDS(F)                                   \
    F(u64, slot, "current slot", OU_DMINIMAL, "the slot that it is about") \
    F(u64, tip_slot, "tip", OU_DMINIMAL, "the slot of the tip")

OU_TRACE_POINT(node_block_from_future, "Forge.Loop.BlockFromFuture", OU_ERROR, OU_PUBLIC,
               NODE_BLOCK_FROM_FUTURE_FIELDS,
               "The chain's tip is of a later slot than the current one: a clock is wrong, here "
               "or at the block's maker.",
               .kind = "TraceBlockFromFuture",
               .human = "slot {slot}: the tip is of the later slot {tip_slot}",
               .metrics = OU_METRICS({ OU_COUNTER, "Forge.block-from-future",
                                       "slots in which the tip came from the future", -1 }));

#define NODE_SLOT_IS_IMMUTABLE_FIELDS(F)                           \
    NODE_SLOT_FIELDS(F)                                            \
    F(point, tip, "tip", OU_DMINIMAL, "the last block that stays") \
    F(u64, tip_number, "tipBlockNo", OU_DMINIMAL, "its number")

OU_TRACE_POINT(
    node_slot_is_immutable, "Forge.Loop.SlotIsImmutable", OU_ERROR, OU_PUBLIC,
    NODE_SLOT_IS_IMMUTABLE_FIELDS,
    "The slot lies before the part of the chain that may still change, so that no block can be "
    "forged in it. The clock stands back, or the chain ran ahead.",
    .kind = "TraceSlotIsImmutable", .human = "slot {slot}: lies before {tip}, which is settled",
    .metrics = OU_METRICS({ OU_COUNTER, "Forge.slot-is-immutable",
                            "slots that were settled already", -1 }));

OU_TRACE_POINT(
    node_no_ledger_state, "Forge.Loop.NoLedgerState", OU_ERROR, OU_PUBLIC, NODE_SLOT_FIELDS,
    "The ledger state of the block to follow is gone: the chain changed at this moment. Once in "
    "a while this is harmless.",
    .kind = "TraceNoLedgerState", .human = "slot {slot}: no ledger state to forge on",
    .metrics = OU_METRICS({ OU_COUNTER, "Forge.could-not-forge",
                            "slots in which forging was given up", -1 }));

OU_TRACE_POINT(node_no_ledger_view, "Forge.Loop.NoLedgerView", OU_ERROR, OU_PUBLIC,
               NODE_SLOT_FIELDS,
               "The stake distribution of the slot cannot be known from the chain at hand: it is "
               "too far behind.",
               .kind = "TraceNoLedgerView",
               .human = "slot {slot}: the chain is too old to tell who leads",
               .metrics = OU_METRICS({ OU_COUNTER, "Forge.could-not-forge",
                                       "slots in which forging was given up", -1 }));

/* --- Accounts ---------------------------------------------------------------------- */

#define NODE_FORGING_STATS_FIELDS(F)                                       \
    F(digits, cannot_forge, "nodeCannotForge", OU_DMINIMAL,                \
      "slots led without being able to forge")                             \
    F(digits, is_leader, "nodeIsLeader", OU_DMINIMAL, "slots led")         \
    F(digits, blocks_forged, "blocksForged", OU_DMINIMAL, "blocks forged") \
    F(digits, slots_missed, "slotsMissed", OU_DMINIMAL, "slots without a leadership check")

OU_TRACE_POINT(
    node_forging_stats, "Forge.ThreadStats.ForgingStats", OU_INFO, OU_PUBLIC,
    NODE_FORGING_STATS_FIELDS,
    "How forging went since the node started. A growing number of missed slots means "
    "that the node is too busy to wake up in time.",
    .human = "{is_leader} slots led, {blocks_forged} blocks forged, {cannot_forge} times "
             "not able to, {slots_missed} slots missed",
    .legacy = { "Forge", NULL, true },
    .metrics = OU_METRICS(
        { OU_GAUGE, "nodeCannotForge", "slots led without being able to forge",
          OU_FIELD(node_forging_stats, cannot_forge) },
        { OU_GAUGE, "nodeIsLeader", "slots led", OU_FIELD(node_forging_stats, is_leader) },
        { OU_GAUGE, "blocksForged", "blocks forged", OU_FIELD(node_forging_stats, blocks_forged) },
        { OU_GAUGE, "slotsMissed", "slots without a leadership check",
          OU_FIELD(node_forging_stats, slots_missed) }));

#endif
