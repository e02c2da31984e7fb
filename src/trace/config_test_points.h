/* Trace points for the tests of the configuration and of the documentation. */
#ifndef OU_TRACE_CONFIG_TEST_POINTS_H
#define OU_TRACE_CONFIG_TEST_POINTS_H

#include <ouroscope/point.h>

#define TEST_FORGED_FIELDS(F)                                       \
    F(u64, slot, "slot", OU_DMINIMAL, "the slot the block is for")  \
    F(hash, block, "block", OU_DMINIMAL, "the block's hash")        \
    F(u64, bytes, "mempool.bytes", OU_DDETAILED, "what was | left") \
    F(u64, ms, "ms", OU_HUMAN_ONLY, "how long it took")

OU_TRACE_POINT(test_forged, "Forge.Loop.ForgedBlock", OU_INFO, OU_PUBLIC, TEST_FORGED_FIELDS,
               "A block was forged. It is not adopted yet.", .kind = "TraceForgedBlock",
               .human = "forged {block} in slot {slot}", .empty_below = OU_DNORMAL,
               .legacy = { .logger = "Forge", .wrapped = true }, .former = "Forge.Loop.Forged",
               .early = "Forge.ForgedBlock",
               .metrics = OU_METRICS({ OU_GAUGE, "forgedSlot", "the last slot with a block",
                                       OU_FIELD(test_forged, slot) },
                                     { OU_COUNTER, "forged", "blocks forged", -1 }));

OU_TRACE_POINT(test_leader, "Forge.Loop.NodeIsLeader", OU_INFO, OU_PUBLIC, OU_NO_FIELDS,
               "This node may forge in the slot.");

OU_TRACE_POINT(test_queued, "ChainDB.AddBlockEvent.AddedBlockToQueue", OU_DEBUG, OU_PUBLIC,
               OU_NO_FIELDS, "A block waits to be added.",
               .legacy = { .logger = "ChainDB", .kind = "TraceAddBlockEvent.AddedBlockToQueue" },
               .metrics = OU_METRICS({ OU_COUNTER, "forged", "blocks forged", -1 }));

OU_TRACE_POINT(test_header, "ChainSync.Client.DownloadedHeader", OU_INFO, OU_PUBLIC, OU_NO_FIELDS,
               "A header came.");

OU_TRACE_POINT(test_resources, "Resources", OU_INFO, OU_CONFIDENTIAL, OU_NO_FIELDS,
               "What the process uses.");

#endif
