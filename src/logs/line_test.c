#include "logs/line.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "json/scan.h"
#include "support/files.h"
#include "support/guard.h"
#include "support/test.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define HASH "9d096f3fbe809021bcb78d6391751bf2725787380ea367bbe2fb93634ac613b1"
#define PARENT "838498b0cc666026ec366199ec89afd67a2febc932816acef9bbd2a1f59689a5"
#define AT "2026-03-04T14:15:33.365175641Z"
#define AT_NS INT64_C(1772633733365175641) /* date -d "$AT" +%s%N */

static struct guarded g;
static struct arena scratch;
static struct line line;

static int set_up(void **state)
{
    (void)state;
    arena_init(&scratch, allocator_libc(), 64u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_release(&scratch);
    if (g.map)
        guard_release(&g);
    return 0;
}

/* Reads a line that stands in front of its padding, behind which nothing can be read. */
static enum line_outcome read_bytes(const char *text, size_t len)
{
    char *padded = malloc(len + SCAN_PADDING);
    enum line_outcome got;

    assert_non_null(padded);
    memcpy(padded, text, len);
    memset(padded + len, '"', SCAN_PADDING);
    if (g.map)
        guard_release(&g);
    g = guard_copy(padded, len + SCAN_PADDING);
    free(padded);
    got = line_read((struct span){ g.at, len }, &scratch, &line);
    assert_true(line.used <= len);
    return got;
}

static enum line_outcome read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void assert_span(struct span got, const char *wanted)
{
    if (!span_is(got, wanted))
        fail_msg("\"%.*s\" instead of \"%s\"", (int)got.len, got.at, wanted);
}

static void assert_rejected(const char *text, enum reject reason)
{
    enum line_outcome got = read_text(text);

    if (got != LINE_REJECTED)
        fail_msg("outcome %d: %s", got, text);
    if (line.reject != reason)
        fail_msg("rejected as %s, not as %s: %s", reject_infos[line.reject].code,
                 reject_infos[reason].code, text);
}

/* --- Lines of each dialect --------------------------------------------------------- */

static char composed[2048];

/* A line of the new tracing. */
static const char *new_line(const char *ns, const char *data)
{
    snprintf(composed, sizeof composed,
             "{\"at\":\"" AT "\",\"ns\":\"%s\",\"data\":%s,\"sev\":\"Info\",\"thread\":\"27\","
             "\"host\":\"node-0\"}",
             ns, data);
    return composed;
}

/* A line of the legacy tracing: the body comes first, and the namespace in an
 * array names a logger only. */
static const char *legacy_line(const char *data)
{
    snprintf(composed, sizeof composed,
             "{\"app\":[],\"at\":\"2023-09-01T14:14:24.56Z\",\"data\":%s,\"env\":\"8.1.1:ea2c0\","
             "\"host\":\"mainnetf\",\"loc\":null,\"msg\":\"\",\"ns\":[\"cardano.node.Any\"],"
             "\"pid\":\"1662080\",\"sev\":\"Info\",\"thread\":\"19113\"}",
             data);
    return composed;
}

/* The record of a forge trace in one member more. */
static const char *wrapped_line(const char *data)
{
    char wrapped[1024];

    snprintf(wrapped, sizeof wrapped, "{\"credentials\":\"Cardano\",\"val\":%s}", data);
    return legacy_line(wrapped);
}

#define NO_NUMBER (-1)

/* What each event is called in each generation (NULL: it has no such name), and
 * what is to be read of a body. Names: the table of the analysis tool that was
 * there before, and what the nodes' sources write where that differs. */
static const struct dialect_case {
    enum event_kind kind;
    const char *current, *early, *legacy;
    const char *body; /* its members */
    int64_t slot, number, size;
    const char *hash, *parent;
} dialect_cases[] = {
    { EVENT_START_LEADERSHIP_CHECK, "Forge.Loop.StartLeadershipCheck", "Forge.StartLeadershipCheck",
      "TraceStartLeadershipCheck", "\"chainDensity\":0.05,\"slot\":10,\"utxoSize\":4000000", 10,
      NO_NUMBER, 4000000, "", "" },
    { EVENT_START_LEADERSHIP_CHECK, "Forge.Loop.StartLeadershipCheckPlus", NULL, NULL,
      "\"chainDensity\":0.05,\"delegMapSize\":7,\"slot\":10", 10, NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_BLOCK_CONTEXT, "Forge.Loop.BlockContext", "Forge.BlockContext", "TraceBlockContext",
      "\"current slot\":11,\"tip\":\"Genesis\",\"tipBlockNo\":3", 11, 3, NO_NUMBER, "", "" },
    { EVENT_LEDGER_STATE, "Forge.Loop.LedgerState", "Forge.LedgerState", "TraceLedgerState",
      "\"slot\":12", 12, NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_LEDGER_VIEW, "Forge.Loop.LedgerView", "Forge.LedgerView", "TraceLedgerView",
      "\"slot\":13", 13, NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_NODE_IS_LEADER, "Forge.Loop.NodeIsLeader", "Forge.NodeIsLeader", "TraceNodeIsLeader",
      "\"slot\":14", 14, NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_NODE_NOT_LEADER, "Forge.Loop.NodeNotLeader", "Forge.NodeNotLeader",
      "TraceNodeNotLeader", "\"slot\":15", 15, NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_TICKED_LEDGER_STATE, "Forge.Loop.ForgeTickedLedgerState", "Forge.TickedLedgerState",
      "TraceForgeTickedLedgerState", "\"slot\":16", 16, NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_TICKED_LEDGER_STATE, "Forge.Loop.TickedLedgerState", NULL, NULL, "\"slot\":16", 16,
      NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_MEMPOOL_SNAPSHOT, "Forge.Loop.ForgingMempoolSnapshot", "Forge.MempoolSnapshot",
      "TraceForgingMempoolSnapshot", "\"slot\":17", 17, NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_MEMPOOL_SNAPSHOT, "Forge.Loop.MempoolSnapshot", NULL, NULL, "\"slot\":17", 17,
      NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_FORGED_BLOCK, "Forge.Loop.ForgedBlock", "Forge.ForgedBlock", "TraceForgedBlock",
      "\"block\":\"" HASH "\",\"blockNo\":18,\"blockPrev\":\"" PARENT "\",\"slot\":19", 19, 18,
      NO_NUMBER, HASH, PARENT },
    { EVENT_ADOPTED_BLOCK, "Forge.Loop.AdoptedBlock", "Forge.AdoptedBlock", "TraceAdoptedBlock",
      "\"blockHash\":\"" HASH "\",\"blockSize\":864,\"slot\":20", 20, NO_NUMBER, 864, HASH, "" },
    { EVENT_SEEN_HEADER, "ChainSync.Client.DownloadedHeader",
      "ChainSyncClient.ChainSyncClientEvent.DownloadedHeader",
      "ChainSyncClientEvent.TraceDownloadedHeader",
      "\"block\":\"" HASH "\",\"blockNo\":21,\"peer\":{\"connectionId\":\"a b\"},\"slot\":22", 22,
      21, NO_NUMBER, HASH, "" },
    { EVENT_FETCH_REQUESTED, "BlockFetch.Client.SendFetchRequest",
      "BlockFetchClient.SendFetchRequest", "SendFetchRequest",
      "\"deltaq\":{\"G\":2.4e-2},\"head\":\"" HASH "\",\"length\":2", NO_NUMBER, 2, NO_NUMBER, HASH,
      "" },
    { EVENT_FETCH_COMPLETED, "BlockFetch.Client.CompletedBlockFetch",
      "BlockFetchClient.CompletedBlockFetch", "CompletedBlockFetch",
      "\"block\":\"" HASH "\",\"delay\":0.26,\"size\":2345", NO_NUMBER, NO_NUMBER, 2345, HASH, "" },
    { EVENT_SEND_HEADER, "ChainSync.ServerHeader.Update",
      "ChainSyncServerEvent.TraceChainSyncServerUpdate",
      "ChainSyncServerEvent.TraceChainSyncServerReadBlocked.AddBlock",
      "\"addBlock\":\"" HASH "@23\",\"blockingRead\":true,\"risingEdge\":true,\"tip\":\"x\"", 23,
      NO_NUMBER, NO_NUMBER, HASH, "" },
    { EVENT_SEND_HEADER, NULL, NULL, "ChainSyncServerEvent.TraceChainSyncServerRead.AddBlock",
      "\"block\":\"" HASH "\"", NO_NUMBER, NO_NUMBER, NO_NUMBER, HASH, "" },
    { EVENT_SENDING_BODY, "BlockFetch.Server.SendBlock", "BlockFetchServer.SendBlock",
      "TraceBlockFetchServerSendBlock", "\"block\":\"" HASH "\"", NO_NUMBER, NO_NUMBER, NO_NUMBER,
      HASH, "" },
    { EVENT_ADDED_TO_CHAIN, "ChainDB.AddBlockEvent.AddedToCurrentChain",
      "ChainDB.AddBlockEvent.AddedToCurrentChain", "TraceAddBlockEvent.AddedToCurrentChain",
      "\"chainLengthDelta\":1,\"newtip\":\"" HASH "@24\",\"tipBlockParentHash\":\"" PARENT "\"", 24,
      1, NO_NUMBER, HASH, PARENT },
    { EVENT_SWITCHED_TO_FORK, "ChainDB.AddBlockEvent.SwitchedToAFork",
      "ChainDB.AddBlockEvent.SwitchedToAFork", "TraceAddBlockEvent.SwitchedToAFork",
      "\"newtip\":\"b184b416@25\"", 25, NO_NUMBER, NO_NUMBER, "b184b416", "" },
    { EVENT_LEDGER_SNAPSHOT, "ChainDB.LedgerEvent.TookSnapshot", "LedgerEvent.TookSnapshot",
      "TraceSnapshotEvent.TookSnapshot", "\"snapshot\":{\"kind\":\"snapshot\"}", NO_NUMBER,
      NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_LEDGER_SNAPSHOT, "ChainDB.LedgerEvent.Snapshot.TookSnapshot",
      "TraceLedgerEvent.TookSnapshot", NULL, "\"tip\":\"x\"", NO_NUMBER, NO_NUMBER, NO_NUMBER, "",
      "" },
    { EVENT_LEDGER_METRICS, "LedgerMetrics", "LedgerMetrics", "LedgerMetrics",
      "\"chainDensity\":0.05,\"slot\":26,\"utxoSize\":9", 26, NO_NUMBER, 9, "", "" },
    { EVENT_TXS_COLLECTED, "TxSubmission.TxInbound.Collected", "TraceTxSubmissionCollected",
      "TxSubmissionCollected", "\"count\":27", NO_NUMBER, 27, NO_NUMBER, "", "" },
    { EVENT_TXS_PROCESSED, "TxSubmission.TxInbound.Processed", "TraceTxSubmissionProcessed",
      "TxSubmissionProcessed", "\"accepted\":28,\"rejected\":29", NO_NUMBER, 28, 29, "", "" },
    { EVENT_MEMPOOL_TXS, "Mempool.AddedTx", "Mempool.AddedTx", "TraceMempoolAddedTx",
      "\"mempoolSize\":{\"bytes\":129000,\"numTxs\":645},\"tx\":{\"txid\":\"e0\"}", NO_NUMBER, 645,
      NO_NUMBER, "", "" },
    { EVENT_MEMPOOL_TXS, "Mempool.RemoveTxs", "Mempool.RemoveTxs", "TraceMempoolRemoveTxs",
      "\"mempoolSize\":{\"numTxs\":0},\"txs\":[{\"txid\":\"e0\"}]", NO_NUMBER, 0, NO_NUMBER, "",
      "" },
    { EVENT_MEMPOOL_REJECTED, "Mempool.RejectedTx", "Mempool.RejectedTx", "TraceMempoolRejectedTx",
      "\"err\":{\"kind\":\"other\"}", NO_NUMBER, NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_GENERATOR_ACKED, "TraceBenchTxSubServAck", "TraceBenchTxSubServAck",
      "TraceBenchTxSubServAck", "\"txIds\":[\"a\"]", NO_NUMBER, NO_NUMBER, NO_NUMBER, "", "" },
    { EVENT_GENERATOR_SETUP, "Benchmark.BenchTxSubSetup", "Benchmark.BenchTxSubSetup",
      "TraceBenchTxSubSetup", "\"setupTaken\":480,\"setupTxs\":621", NO_NUMBER, 480, 621, "", "" },
    { EVENT_GENERATOR_SUMMARY, "Benchmark.BenchTxSubSummary", "TraceBenchTxSubSummary",
      "TraceBenchTxSubSummary", "\"summary\":{\"ssFailures\":[],\"ssTxSent\":30}", NO_NUMBER, 30,
      NO_NUMBER, "", "" },
    { EVENT_RECORDS_LOST, "Reflection.RecordsLost", "Reflection.RecordsLost", "RecordsLost",
      "\"ringFull\":3,\"output\":1,\"lost\":4,\"total\":9", NO_NUMBER, 4, NO_NUMBER, "", "" },
    { EVENT_FORWARDER_LOST, "Reflection.ForwarderLost", "Reflection.ForwarderLost", "ForwarderLost",
      "\"dropped\":7,\"total\":12", NO_NUMBER, 7, NO_NUMBER, "", "" },
};

static void assert_case(const struct dialect_case *c, const char *text)
{
    enum line_outcome got = read_text(text);

    if (got != LINE_EVENT || line.event.kind != c->kind)
        fail_msg("outcome %d, event %d, %s: %s", got, line.event.kind,
                 got == LINE_REJECTED ? reject_infos[line.reject].code : "", text);
    assert_int_equal(line.reject, REJECTS);
    assert_int_equal(line.used, strlen(text));
    assert_int_equal(line.event.at_ns, line.at_ns);
    assert_int_equal(line.event.slot, c->slot);
    assert_int_equal(line.event.number, c->number);
    assert_int_equal(line.event.size, c->size);
    assert_span(line.event.hash, c->hash);
    assert_span(line.event.parent, c->parent);
    assert_int_equal(strstr(c->body, "chainDensity") != NULL, line.event.density == 0.05);
    assert_null(line.event.resources);
}

static void test_every_event_is_read_by_its_namespace(void **state)
{
    char data[512];

    (void)state;
    for (size_t i = 0; i < COUNT(dialect_cases); i++) {
        const struct dialect_case *c = &dialect_cases[i];
        const char *const names[] = { c->current, c->early };

        snprintf(data, sizeof data, "{%s,\"kind\":\"Whatever\"}", c->body);
        for (size_t n = 0; n < 2; n++) {
            if (!names[n])
                continue;
            assert_case(c, new_line(names[n], data));
            assert_span(line.name, names[n]);
            assert_span(line.host, "node-0");
            assert_span(line.event.thread, "27");
            assert_int_equal(line.at_ns, AT_NS);
        }
    }
}

static void test_every_early_name_is_read_as_a_kind_too(void **state)
{
    char data[512];

    (void)state;
    for (size_t i = 0; i < COUNT(dialect_cases); i++) {
        const struct dialect_case *c = &dialect_cases[i];

        if (!c->early)
            continue;
        snprintf(data, sizeof data, "{\"kind\":\"Cardano.Node.%s\",%s}", c->early, c->body);
        assert_case(c, new_line("Nobody.Knows", data));
        snprintf(data, sizeof data, "{\"kind\":\"%s\",%s}", c->early, c->body);
        assert_case(c, new_line("Nobody.Knows", data));
        assert_span(line.name, "Nobody.Knows");
    }
}

static void test_every_event_is_read_by_its_legacy_kind(void **state)
{
    char data[512];

    (void)state;
    for (size_t i = 0; i < COUNT(dialect_cases); i++) {
        const struct dialect_case *c = &dialect_cases[i];

        if (!c->legacy)
            continue;
        snprintf(data, sizeof data, "{%s,\"kind\":\"%s\"}", c->body, c->legacy);
        assert_case(c, legacy_line(data));
        assert_span(line.name, c->legacy);
        assert_span(line.host, "mainnetf");
        assert_span(line.event.thread, "19113");
        assert_int_equal(line.at_ns, INT64_C(1693577664560000000));
        assert_case(c, wrapped_line(data));
        assert_span(line.name, c->legacy);
        assert_case(c, new_line("Some.New.Name", data));
    }
}

static void test_the_cases_leave_out_what_has_several_values(void **state)
{
    (void)state;
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        bool found = false;

        for (size_t i = 0; i < COUNT(dialect_cases); i++)
            found |= (int)dialect_cases[i].kind == kind;
        assert_int_equal(found, kind != EVENT_RESOURCES && kind != EVENT_PROCESS_ENDED);
    }
}

#define RESOURCES_BODY                                                                     \
    "\"CentiCpu\":1,\"CentiGC\":2,\"CentiMut\":3,\"GcsMajor\":4,\"GcsMinor\":5,\"RSS\":6," \
    "\"Live\":8,\"Alloc\":9,\"CentiBlkIO\":10,\"Threads\":15"

static void test_resources_are_read_with_and_without_the_optional_ones(void **state)
{
    (void)state;
    assert_int_equal(read_text(new_line("Resources", "{" RESOURCES_BODY "}")), LINE_EVENT);
    assert_int_equal(line.event.kind, EVENT_RESOURCES);
    assert_int_equal(line.event.resources->values[RESOURCE_CENTI_CPU], 1);
    assert_int_equal(line.event.resources->values[RESOURCE_CENTI_GC], 2);
    assert_int_equal(line.event.resources->values[RESOURCE_CENTI_MUT], 3);
    assert_int_equal(line.event.resources->values[RESOURCE_GCS_MAJOR], 4);
    assert_int_equal(line.event.resources->values[RESOURCE_GCS_MINOR], 5);
    assert_int_equal(line.event.resources->values[RESOURCE_RSS], 6);
    assert_int_equal(line.event.resources->values[RESOURCE_HEAP], -1);
    assert_int_equal(line.event.resources->values[RESOURCE_LIVE], 8);
    assert_int_equal(line.event.resources->values[RESOURCE_ALLOC], 9);
    assert_int_equal(line.event.resources->values[RESOURCE_CENTI_BLK_IO], 10);
    assert_int_equal(line.event.resources->values[RESOURCE_NET_RD], -1);
    assert_int_equal(line.event.resources->values[RESOURCE_FS_WR], -1);
    assert_int_equal(line.event.resources->values[RESOURCE_THREADS], 15);

    assert_int_equal(
        read_text(legacy_line("{\"kind\":\"ResourceStats\",\"Heap\":7,\"NetRd\":11,"
                              "\"NetWr\":12,\"FsRd\":13,\"FsWr\":14," RESOURCES_BODY "}")),
        LINE_EVENT);
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        assert_int_equal(line.event.resources->values[i], i + 1);
    assert_rejected(new_line("Resources", "{\"CentiCpu\":1}"), REJECT_MISSING_FIELD);
    assert_rejected(new_line("Resources", "{\"Heap\":-1," RESOURCES_BODY "}"), REJECT_NUMBER_RANGE);
}

/* As deploy/sampler.c writes them. */
static void test_a_sample_without_collector_and_heap_is_read(void **state)
{
    (void)state;
    assert_int_equal(read_text(new_line("Resources", "{\"kind\":\"ResourceStats\",\"CentiCpu\":7,"
                                                     "\"RSS\":4096,\"Threads\":1}")),
                     LINE_EVENT);
    assert_int_equal(line.event.resources->values[RESOURCE_CENTI_CPU], 7);
    assert_int_equal(line.event.resources->values[RESOURCE_CENTI_GC], -1);
    assert_int_equal(line.event.resources->values[RESOURCE_LIVE], -1);
}

#define END_BODY(status, wall)                                               \
    "{\"kind\":\"ProcessEnded\",\"status\":" status ",\"wallSeconds\":" wall \
    ",\"userSeconds\":1.25,\"systemSeconds\":0.5,\"maxRssBytes\":4096}"

static void test_the_end_of_a_program_is_read(void **state)
{
    (void)state;
    assert_int_equal(read_text(new_line("Process.Ended", END_BODY("137", "2.5"))), LINE_EVENT);
    assert_int_equal(line.event.kind, EVENT_PROCESS_ENDED);
    assert_int_equal(line.event.process->status, 137);
    assert_true(line.event.process->wall_s == 2.5);
    assert_true(line.event.process->user_s == 1.25);
    assert_true(line.event.process->system_s == 0.5);
    assert_int_equal(line.event.process->max_rss_bytes, 4096);
    assert_rejected(new_line("Process.Ended", END_BODY("0", "-1")), REJECT_BAD_FIELD);
    assert_rejected(new_line("Process.Ended", "{\"status\":0}"), REJECT_MISSING_FIELD);
}

/* --- Fields --------------------------------------------------------------------------- */

static void test_a_block_number_may_be_wrapped_or_quoted(void **state)
{
    (void)state;
    assert_int_equal(read_text(new_line("ChainSync.Client.DownloadedHeader",
                                        "{\"block\":\"ab\",\"blockNo\":{\"unBlockNo\":7},"
                                        "\"slot\":\"8\"}")),
                     LINE_EVENT);
    assert_int_equal(line.event.number, 7);
    assert_int_equal(line.event.slot, 8);
    assert_rejected(new_line("ChainSync.Client.DownloadedHeader",
                             "{\"block\":\"ab\",\"blockNo\":{\"other\":7},\"slot\":8}"),
                    REJECT_MISSING_FIELD);
}

static void test_a_point_is_a_hash_and_perhaps_a_slot(void **state)
{
    static const struct {
        const char *point, *hash;
        int64_t slot;
    } cases[] = {
        { HASH "@91039899", HASH, 91039899 },
        { HASH, HASH, -1 },
        { HASH "0123", HASH, -1 },
        { "b184b416@4", "b184b416", 4 },
        { "b184b416@", "b184b416", -1 },
        { "b184b416@x", "b184b416", -1 },
        { "b184b416@99999999999999999999", "b184b416", -1 },
    };
    char data[256];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(data, sizeof data, "{\"newtip\":\"%s\"}", cases[i].point);
        assert_int_equal(read_text(new_line("ChainDB.AddBlockEvent.AddedToCurrentChain", data)),
                         LINE_EVENT);
        assert_span(line.event.hash, cases[i].hash);
        assert_int_equal(line.event.slot, cases[i].slot);
    }
    assert_rejected(new_line("ChainDB.AddBlockEvent.AddedToCurrentChain", "{\"newtip\":\"@5\"}"),
                    REJECT_BAD_FIELD);
    assert_rejected(new_line("BlockFetch.Server.SendBlock", "{\"block\":\"\"}"), REJECT_BAD_FIELD);
}

static void test_the_connection_of_a_fetch_is_read_in_todays_form_alone(void **state)
{
    static const struct {
        const char *peer, *connection;
    } cases[] = {
        { "{\"connectionId\":\"10.0.0.1:3001 10.0.0.2:3001\"}", "10.0.0.1:3001 10.0.0.2:3001" },
        { "{\"local\":{\"addr\":\"10.0.0.1\",\"port\":\"1\"},\"remote\":{}}", "" },
        { "{\"connectionId\":7}", "" },
        { "\"10.0.0.1:3001\"", "" },
    };
    char data[256];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(data, sizeof data, "{\"block\":\"" HASH "\",\"peer\":%s,\"size\":7}",
                 cases[i].peer);
        assert_int_equal(read_text(new_line("BlockFetch.Client.CompletedBlockFetch", data)),
                         LINE_EVENT);
        assert_span(line.event.connection, cases[i].connection);
        assert_int_equal(line.event.size, 7);
    }
}

static void test_the_number_of_a_tip_is_read_where_the_node_tells_it(void **state)
{
    static const char *const ns = "ChainDB.AddBlockEvent.SwitchedToAFork";

    (void)state;
    assert_int_equal(read_text(new_line(ns, "{\"newTipSelectView\":{\"kind\":\"x\","
                                            "\"chainLength\":3600147},\"newtip\":\"ab@1\"}")),
                     LINE_EVENT);
    assert_int_equal(line.event.tip_number, 3600147);
    assert_int_equal(read_text(new_line(
                         ns, "{\"newSuffixSelectView\":{\"chainLength\":5},\"newtip\":\"ab@1\"}")),
                     LINE_EVENT);
    assert_int_equal(line.event.tip_number, 5);
    assert_int_equal(
        read_text(new_line(ns, "{\"newTipSelectView\":{\"weight\":5},\"newtip\":\"ab@1\"}")),
        LINE_EVENT);
    assert_int_equal(line.event.tip_number, -1);
    assert_int_equal(read_text(new_line(ns, "{\"newTipSelectView\":null,\"newtip\":\"ab@1\"}")),
                     LINE_EVENT);
}

static void test_an_announcement_that_is_none_is_set_aside_for_the_first_reason(void **state)
{
    static const struct {
        const char *data;
        enum reject reason;
    } cases[] = {
        { "{\"addBlock\":\"ab\",\"risingEdge\":false}", REJECT_FALLING_EDGE },
        { "{\"addBlock\":\"ab\",\"blockingRead\":false}", REJECT_NON_BLOCKING },
        { "{\"rollBackTo\":\"ab@9\"}", REJECT_ROLL_BACK },
        { "{\"rollBackTo\":{\"kind\":\"genesis\"},\"risingEdge\":true}", REJECT_ROLL_BACK },
        { "{\"rollBackTo\":\"ab\",\"blockingRead\":false}", REJECT_NON_BLOCKING },
        { "{\"rollBackTo\":\"ab\",\"blockingRead\":false,\"risingEdge\":false}",
          REJECT_FALLING_EDGE },
        { "{\"risingEdge\":false,\"blockingRead\":false,\"rollBackTo\":\"ab\"}",
          REJECT_FALLING_EDGE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_rejected(new_line("ChainSync.ServerHeader.Update", cases[i].data), cases[i].reason);
        assert_true(reject_infos[line.reject].expected);
        assert_int_equal(line.event.kind, EVENT_SEND_HEADER);
        assert_span(line.host, "node-0");
    }
    assert_rejected(new_line("ChainSync.ServerHeader.Update", "{\"tip\":\"ab\"}"),
                    REJECT_MISSING_FIELD);
    assert_rejected(
        new_line("ChainSync.ServerHeader.Update", "{\"addBlock\":\"ab\",\"risingEdge\":\"no\"}"),
        REJECT_BAD_FIELD);
}

static void test_wrong_fields_say_what_is_wrong(void **state)
{
    static const struct {
        const char *data;
        enum reject reason;
    } cases[] = {
        { "{}", REJECT_MISSING_FIELD },
        { "{\"kind\":\"TraceNodeIsLeader\"}", REJECT_MISSING_FIELD },
        { "{\"Slot\":5}", REJECT_MISSING_FIELD },
        { "\"\"", REJECT_MISSING_FIELD },
        { "null", REJECT_MISSING_FIELD },
        { "{\"slot\":null}", REJECT_BAD_FIELD },
        { "{\"slot\":\"five\"}", REJECT_BAD_FIELD },
        { "{\"slot\":[5]}", REJECT_BAD_FIELD },
        { "{\"slot\":{\"unSlotNo\":5}}", REJECT_BAD_FIELD },
        { "{\"slot\":-1}", REJECT_NUMBER_RANGE },
        { "{\"slot\":5.5}", REJECT_NUMBER_RANGE },
        { "{\"slot\":9223372036854775808}", REJECT_NUMBER_RANGE },
        { "{\"slot\":five}", REJECT_BAD_JSON },
        { "{\"slot\":}", REJECT_BAD_JSON },
        { "{\"slot\" 5}", REJECT_BAD_JSON },
        { "{\"a\\x\":1,\"slot\":5}", REJECT_BAD_JSON },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_rejected(new_line("Forge.Loop.NodeIsLeader", cases[i].data), cases[i].reason);
        assert_false(reject_infos[line.reject].expected);
        assert_span(line.host, "node-0");
        assert_int_equal(line.at_ns, AT_NS);
    }
    assert_rejected("{\"at\":\"" AT "\",\"ns\":\"Forge.Loop.NodeIsLeader\"}", REJECT_MISSING_FIELD);
    assert_rejected(
        new_line("Forge.Loop.StartLeadershipCheck", "{\"slot\":1,\"chainDensity\":1e999}"),
        REJECT_NUMBER_RANGE);
}

static void test_of_keys_that_occur_twice_the_first_counts(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"at\":\"" AT "\",\"at\":\"x\",\"ns\":\"Forge.Loop.NodeIsLeader\","
                               "\"ns\":7,\"data\":{\"slot\":5,\"slot\":\"x\"},\"data\":8,"
                               "\"host\":\"a\",\"host\":\"b\",\"thread\":\"1\",\"thread\":\"2\"}"),
                     LINE_EVENT);
    assert_int_equal(line.event.slot, 5);
    assert_span(line.host, "a");
    assert_span(line.event.thread, "1");
    assert_int_equal(
        read_text(new_line("X", "{\"kind\":\"Forge.NodeIsLeader\",\"slot\":1,\"slot\":2,"
                                "\"kind\":\"Forge.LedgerView\"}")),
        LINE_EVENT);
    assert_int_equal(line.event.kind, EVENT_NODE_IS_LEADER);
    assert_int_equal(line.event.slot, 1);
}

static void test_keys_and_texts_may_be_escaped(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"\\u0061t\":\"2026\\u002d03-04T14:15:33.365175641Z\","
                               "\"n\\u0073\":\"Forge.Loop.Forged\\u0042lock\","
                               "\"data\":{\"bloc\\u006b\":\"\\u0061b\",\"blockNo\":1,"
                               "\"blockPrev\":\"\\\"cd\\\"\",\"slot\":5},\"host\":\"n\\u00f6\"}"),
                     LINE_EVENT);
    assert_int_equal(line.at_ns, AT_NS);
    assert_int_equal(line.event.kind, EVENT_FORGED_BLOCK);
    assert_span(line.event.hash, "ab");
    assert_span(line.event.parent, "\"cd\"");
    assert_span(line.host, "n\xc3\xb6");
}

static void test_quotation_marks_inside_header_hashes_do_not_confuse(void **state)
{
    (void)state;
    assert_int_equal(
        read_text(new_line("ChainDB.AddBlockEvent.AddedToCurrentChain",
                           "{\"headers\":[{\"blockNo\":\"1\",\"hash\":\"\\\"" HASH
                           "\\\"\",\"kind\":\"ShelleyBlock\"}],\"newtip\":\"" HASH "@1\"}")),
        LINE_EVENT);
    assert_span(line.event.hash, HASH);
}

static void test_the_body_may_stand_before_or_behind_the_namespace(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"data\":{\"slot\":5},\"host\":\"h\",\"ns\":"
                               "\"Forge.Loop.NodeIsLeader\",\"at\":\"" AT "\"}"),
                     LINE_EVENT);
    assert_int_equal(line.event.slot, 5);
    assert_span(line.host, "h");
    assert_int_equal(read_text("{\"at\":\"" AT "\",\"ns\":[\"Forge.Loop.NodeIsLeader\"],"
                               "\"data\":{\"slot\":5}}"),
                     LINE_EVENT);
    assert_span(line.host, "");
}

static void test_a_wrapper_needs_both_members_and_no_kind(void **state)
{
    (void)state;
    assert_int_equal(read_text(legacy_line("{\"val\":{\"kind\":\"TraceNodeIsLeader\",\"slot\":5},"
                                           "\"credentials\":\"Cardano\"}")),
                     LINE_EVENT);
    assert_int_equal(line.event.slot, 5);
    assert_int_equal(
        read_text(legacy_line("{\"val\":{\"kind\":\"TraceNodeIsLeader\",\"slot\":5}}")),
        LINE_OTHER);
    assert_int_equal(
        read_text(legacy_line("{\"credentials\":\"c\",\"kind\":\"Other\",\"val\":{\"slot\":5}}")),
        LINE_OTHER);
}

/* --- The line as a whole ------------------------------------------------------------------ */

static void test_traces_that_nobody_reads_are_other(void **state)
{
    (void)state;
    assert_int_equal(read_text(new_line("Net.Mux.Remote", "{\"kind\":\"x\"}")), LINE_OTHER);
    assert_span(line.name, "Net.Mux.Remote");
    assert_int_equal(line.event.kind, EVENT_NONE);
    assert_int_equal(line.at_ns, AT_NS);
    assert_int_equal(read_text(legacy_line("\"plain text\"")), LINE_OTHER);
    assert_span(line.name, "cardano.node.Any");
    assert_int_equal(read_text(legacy_line("{\"kind\":\"LogValue\",\"name\":\"x\"}")), LINE_OTHER);
    assert_span(line.name, "LogValue");
    assert_int_equal(read_text("{\"at\":\"" AT "\",\"ns\":\"X\"}"), LINE_OTHER);
}

static void test_white_space_is_blank(void **state)
{
    static const char *const texts[] = { "", " ", "\r", "\t \r\r", "\n" };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(read_text(texts[i]), LINE_BLANK);
        assert_int_equal(line.used, strlen(texts[i]));
    }
}

static void test_a_carriage_return_behind_the_line_is_not_part_of_it(void **state)
{
    char text[sizeof composed + 1];

    (void)state;
    snprintf(text, sizeof text, "%s\r", new_line("Forge.Loop.NodeIsLeader", "{\"slot\":5}"));
    assert_int_equal(read_text(text), LINE_EVENT);
    assert_int_equal(line.used, strlen(text) - 1);
}

static void test_faults_of_the_line_have_their_reasons(void **state)
{
    static const struct {
        const char *text;
        enum reject reason;
    } cases[] = {
        { "x", REJECT_NOT_JSON },
        { "[1]", REJECT_NOT_JSON },
        { "[2023-03-22 06:24:52.1234] [host:Forge.Loop.NodeIsLeader] (Info,379) text",
          REJECT_NOT_JSON },
        { "\"text\"", REJECT_NOT_JSON },
        { "{", REJECT_CUT_LINE },
        { "{}", REJECT_NO_TIME },
        { "{\"ns\":\"X\",\"data\":{}}", REJECT_NO_TIME },
        { "{\"at\":7,\"ns\":\"X\",\"data\":{}}", REJECT_NO_TIME },
        { "{\"at\":\"yesterday\",\"ns\":\"X\",\"data\":{}}", REJECT_BAD_TIME },
        { "{\"at\":\"2023-02-29T00:00:00Z\",\"ns\":\"X\",\"data\":{}}", REJECT_BAD_TIME },
        { "{\"at\":\"1969-12-31T23:59:59Z\",\"ns\":\"X\",\"data\":{}}", REJECT_BAD_TIME },
        { "{\"at\":\"" AT "\",\"ns\":[\"a\",\"b\"],\"data\":{}}", REJECT_BAD_NAMESPACE },
        { "{\"at\":\"" AT "\",\"ns\":[],\"data\":{}}", REJECT_BAD_NAMESPACE },
        { "{\"at\":\"" AT "\",\"ns\":[5],\"data\":{}}", REJECT_BAD_NAMESPACE },
        { "{\"at\":\"" AT "\",\"ns\":5,\"data\":{}}", REJECT_BAD_NAMESPACE },
        { "{\"at\":\"" AT "\",\"data\":{\"slot\":5}}", REJECT_NO_NAME },
        { "{\"at\":\"" AT "\",\"ns\":\"\",\"data\":{}}", REJECT_NO_NAME },
        { "{\"at\":\"" AT "\",\"ns\":\"X\" \"data\":{}}", REJECT_BAD_JSON },
        { "{\"at\":\"" AT "\",\"ns\":\"X\",\"data\":{}", REJECT_CUT_LINE },
        { "{\"at\":\"" AT "\",\"ns\":\"\\q\",\"data\":{}}", REJECT_BAD_JSON },
        { "{\"at\":\"" AT "\",\"ns\":\"a\x01\",\"data\":{}}", REJECT_BAD_JSON },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_rejected(cases[i].text, cases[i].reason);
        assert_false(reject_infos[line.reject].expected);
    }
}

static void test_every_cut_of_a_line_is_a_cut_line(void **state)
{
    const char *lines[] = {
        new_line("Forge.Loop.ForgedBlock", "{\"block\":\"a\\u0062\",\"blockNo\":{\"unBlockNo\":1},"
                                           "\"blockPrev\":\"cd\",\"slot\":5,\"x\":[1,{}]}"),
        "{\"app\":[],\"at\":\"" AT "\",\"data\":{\"credentials\":\"c\",\"val\":{\"kind\":"
        "\"TraceNodeIsLeader\",\"slot\":5}},\"ns\":[\"n\"],\"host\":\"h\"}",
        "{\"MESSAGE\":\"{\\\"at\\\":\\\"" AT "\\\",\\\"ns\\\":\\\"X\\\"}\",\"_HOSTNAME\":\"h\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        for (size_t len = 1; len < strlen(lines[i]); len++) {
            assert_int_equal(read_bytes(lines[i], len), LINE_REJECTED);
            assert_int_equal(line.reject, REJECT_CUT_LINE);
        }
}

static void test_a_cut_line_still_tells_its_stamp(void **state)
{
    (void)state;
    assert_rejected("{\"at\":\"" AT "\",\"ns\":\"Forge.Loop.NodeIsLeader\",\"da", REJECT_CUT_LINE);
    assert_int_equal(line.at_ns, AT_NS);
    assert_span(line.name, "Forge.Loop.NodeIsLeader");
}

static void test_what_follows_the_object_is_not_used(void **state)
{
    char text[2 * sizeof composed];
    const char *one = new_line("Forge.Loop.NodeIsLeader", "{\"slot\":5}");

    (void)state;
    snprintf(text, sizeof text, "%s%s", one, one);
    assert_int_equal(read_text(text), LINE_EVENT);
    assert_int_equal(line.used, strlen(one));
}

/* --- The journal ----------------------------------------------------------------------------- */

#define JOURNAL_TRACE                                                                     \
    "{\\\"at\\\":\\\"" AT "\\\",\\\"ns\\\":\\\"Forge.Loop.NodeIsLeader\\\",\\\"data\\\":" \
    "{\\\"slot\\\":5},\\\"thread\\\":\\\"9\\\""

static void test_a_journal_record_holds_a_trace(void **state)
{
    static const char text[] = "{\"_HOSTNAME\":\"box\",\"MESSAGE\":\"" JOURNAL_TRACE
                               ",\\\"host\\\":\\\"node-7\\\"}\",\"SYSLOG_IDENTIFIER\":\"node\","
                               "\"PRIORITY\":\"6\"}";

    (void)state;
    assert_int_equal(read_text(text), LINE_EVENT);
    assert_int_equal(line.event.slot, 5);
    assert_int_equal(line.at_ns, AT_NS);
    assert_span(line.event.thread, "9");
    assert_span(line.host, "node-7");
    assert_int_equal(line.used, sizeof(text) - 1);
}

static void test_a_journal_tells_the_host_of_a_trace_that_does_not(void **state)
{
    (void)state;
    assert_int_equal(read_text("{\"MESSAGE\":\"" JOURNAL_TRACE "}\",\"_HOSTNAME\":\"box\"}"),
                     LINE_EVENT);
    assert_span(line.host, "box");
    assert_int_equal(read_text("{\"SYSLOG_IDENTIFIER\":\"node-3\",\"SYSLOG_IDENTIFIER\":\"x\","
                               "\"MESSAGE\":\"" JOURNAL_TRACE "}\",\"_HOSTNAME\":\"box\"}"),
                     LINE_EVENT);
    assert_span(line.host, "node-3");
}

static void test_a_journal_may_write_a_message_as_bytes(void **state)
{
    const char *trace = new_line("Forge.Loop.NodeIsLeader", "{\"slot\":5}");
    char text[8192], *at = text;

    (void)state;
    at += sprintf(at, "{\"MESSAGE\":[");
    for (const char *c = trace; *c; c++)
        at += sprintf(at, "%s%d", c == trace ? "" : ",", (unsigned char)*c);
    sprintf(at, "],\"_HOSTNAME\":\"box\"}");
    assert_int_equal(read_text(text), LINE_EVENT);
    assert_int_equal(line.event.slot, 5);
    assert_span(line.host, "node-0");
    assert_rejected("{\"MESSAGE\":[123,256]}", REJECT_NUMBER_RANGE);
    assert_rejected("{\"MESSAGE\":[123,\"x\"]}", REJECT_BAD_FIELD);
    assert_rejected("{\"MESSAGE\":[123 34]}", REJECT_BAD_JSON);
    assert_rejected("{\"MESSAGE\":[]}", REJECT_JOURNAL_TEXT);
}

static void test_journal_records_without_a_trace_say_so(void **state)
{
    (void)state;
    assert_rejected("{\"MESSAGE\":\"Started node.\",\"_HOSTNAME\":\"box\"}", REJECT_JOURNAL_TEXT);
    assert_true(reject_infos[line.reject].expected);
    assert_span(line.host, "");
    assert_rejected("{\"MESSAGE\":null,\"_HOSTNAME\":\"box\"}", REJECT_JOURNAL_OMITTED);
    assert_rejected("{\"MESSAGE\":\"{\\\"at\\\":\\\"" AT "\\\"\",\"_HOSTNAME\":\"box\"}",
                    REJECT_CUT_LINE);
    assert_rejected("{\"MESSAGE\":\"{\\\"MESSAGE\\\":\\\"{}\\\"}\"}", REJECT_NO_TIME);
}

/* --- Real logs --------------------------------------------------------------------------------- */

struct counts {
    int lines, events[EVENT_KINDS + 1], rejected;
};

static void count_lines(const char *name, struct counts *ret)
{
    char path[512], text[65536];
    FILE *file;

    *ret = (struct counts){ 0 };
    snprintf(path, sizeof path, "real/a-logs/%s", name);
    file = fopen(shared_data(path), "r");
    assert_non_null(file);
    while (fgets(text, sizeof text, file)) {
        enum line_outcome got = read_text(text);

        ret->lines++;
        ret->rejected += got == LINE_REJECTED;
        ret->events[line.event.kind]++;
        assert_true(line.at_ns != TIME_NONE && line.host.len);
    }
    fclose(file);
}

/* blockperf's tests/test_nodelogs.py (MIT): half a second of a mainnet relay in
 * the legacy format. The numbers were counted with jq. */
static void test_a_relay_of_mainnet_is_read_to_the_last_line(void **state)
{
    struct counts c;

    (void)state;
    count_lines("legacy-8.1.1-mainnet-slotbattle.jsonl", &c);
    assert_int_equal(c.lines, 75);
    assert_int_equal(c.rejected, 0);
    assert_int_equal(c.events[EVENT_SEEN_HEADER], 18);
    assert_int_equal(c.events[EVENT_FETCH_REQUESTED], 7);
    assert_int_equal(c.events[EVENT_FETCH_COMPLETED], 7);
    assert_int_equal(c.events[EVENT_MEMPOOL_TXS], 2);
    assert_int_equal(c.events[EVENT_ADDED_TO_CHAIN], 1);
    assert_int_equal(c.events[EVENT_SWITCHED_TO_FORK], 1);
    assert_int_equal(c.events[EVENT_NONE], 75 - 18 - 7 - 7 - 2 - 1 - 1);
}

/* cardano-node's nix/workbench/service/healthcheck.nix (Apache-2.0): records of
 * the early new tracing and of the legacy tracing. */
static void test_records_of_the_early_new_tracing_are_read(void **state)
{
    struct counts c;

    (void)state;
    count_lines("early-new-and-legacy-samples.jsonl", &c);
    assert_int_equal(c.lines, 9);
    assert_int_equal(c.rejected, 0);
    assert_int_equal(c.events[EVENT_NODE_IS_LEADER], 1);
    assert_int_equal(c.events[EVENT_ADOPTED_BLOCK], 1);
    assert_int_equal(c.events[EVENT_FETCH_COMPLETED], 2);
    assert_int_equal(c.events[EVENT_SENDING_BODY], 2);
    assert_int_equal(c.events[EVENT_MEMPOOL_TXS], 1);
    assert_int_equal(c.events[EVENT_NONE], 2);
}

/* openblockperf's src/openblockperf/models/events.py (Apache-2.0), a node 10.5;
 * and cardano-node's bench/locli/src/Cardano/Unlog/LogObject.hs (Apache-2.0). */
static void test_records_of_today_are_read(void **state)
{
    struct counts c;

    (void)state;
    count_lines("new-10.5-preview-openblockperf-samples.jsonl", &c);
    assert_int_equal(c.lines, 5);
    assert_int_equal(c.rejected + c.events[EVENT_NONE], 0);
    assert_int_equal(c.events[EVENT_SEEN_HEADER], 1);
    assert_int_equal(c.events[EVENT_SWITCHED_TO_FORK], 1); /* the last line */
    assert_int_equal(line.event.tip_number, 3600147);
    assert_int_equal(line.event.slot, 91039878);
    assert_span(line.event.hash,
                "838498b0cc666026ec366199ec89afd67a2febc932816acef9bbd2a1f59689a5");
    assert_span(line.event.parent,
                "9bea882f9be9bcce376eb16e263e9e0aa9a488a46fccbcae3c9e449378b35ee5");
    count_lines("snapshot-rising-falling-edge.jsonl", &c);
    assert_int_equal(c.events[EVENT_LEDGER_SNAPSHOT], 2);
}

static void test_a_line_without_memory_says_so(void **state)
{
    struct arena none;

    (void)state;
    arena_init(&none, allocator_libc(), 16);
    read_text(new_line("Resources", "{" RESOURCES_BODY "}"));
    assert_int_equal(line_read((struct span){ g.at, g.len - SCAN_PADDING }, &none, &line),
                     LINE_REJECTED);
    assert_int_equal(line.reject, REJECT_NO_MEMORY);
    arena_release(&none);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_every_event_is_read_by_its_namespace),
        TEST(test_every_early_name_is_read_as_a_kind_too),
        TEST(test_every_event_is_read_by_its_legacy_kind),
        TEST(test_the_cases_leave_out_what_has_several_values),
        TEST(test_a_sample_without_collector_and_heap_is_read),
        TEST(test_the_end_of_a_program_is_read),
        TEST(test_resources_are_read_with_and_without_the_optional_ones),
        TEST(test_a_block_number_may_be_wrapped_or_quoted),
        TEST(test_a_point_is_a_hash_and_perhaps_a_slot),
        TEST(test_the_connection_of_a_fetch_is_read_in_todays_form_alone),
        TEST(test_the_number_of_a_tip_is_read_where_the_node_tells_it),
        TEST(test_an_announcement_that_is_none_is_set_aside_for_the_first_reason),
        TEST(test_wrong_fields_say_what_is_wrong),
        TEST(test_of_keys_that_occur_twice_the_first_counts),
        TEST(test_keys_and_texts_may_be_escaped),
        TEST(test_quotation_marks_inside_header_hashes_do_not_confuse),
        TEST(test_the_body_may_stand_before_or_behind_the_namespace),
        TEST(test_a_wrapper_needs_both_members_and_no_kind),
        TEST(test_traces_that_nobody_reads_are_other),
        TEST(test_white_space_is_blank),
        TEST(test_a_carriage_return_behind_the_line_is_not_part_of_it),
        TEST(test_faults_of_the_line_have_their_reasons),
        TEST(test_every_cut_of_a_line_is_a_cut_line),
        TEST(test_a_cut_line_still_tells_its_stamp),
        TEST(test_what_follows_the_object_is_not_used),
        TEST(test_a_journal_record_holds_a_trace),
        TEST(test_a_journal_tells_the_host_of_a_trace_that_does_not),
        TEST(test_a_journal_may_write_a_message_as_bytes),
        TEST(test_journal_records_without_a_trace_say_so),
        TEST(test_a_relay_of_mainnet_is_read_to_the_last_line),
        TEST(test_records_of_the_early_new_tracing_are_read),
        TEST(test_records_of_today_are_read),
        TEST(test_a_line_without_memory_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
