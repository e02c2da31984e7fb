/* The catalogue of a node's trace points against what is known of the node: names, severities,
 * kinds, members, former names and metrics are written down here a second time. */
#include <stdio.h>
#include <string.h>

#include <ouroscope/node.h>

#include "support/test.h"
#include "trace/point_names.h"
#include "trace/points.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define LOOP "Forge.Loop."
#define ADD "ChainDB.AddBlockEvent."
#define FETCH "BlockFetch.Client."

#define EDGE "block risingEdge"
#define SIZE " mempoolSize.numTxs mempoolSize.bytes"
#define LEDGER "slot utxoSize delegMapSize chainDensity"
#define VIEW(name)                                                                \
    " " name ".chainLength " name ".issueNo " name ".issuerHash " name ".slotNo " \
    "" name ".tieBreakVRF " name ".kind"
#define TIP                                                                                     \
    "newtip tipBlockHash tipBlockParentHash tipBlockIssuerVKeyHash" VIEW("newSuffixSelectView") \
        VIEW("oldSuffixSelectView") " headers events"

/* What a node of 2026 writes; members of data beside `kind`, those at higher details
 * among them. NULL: none is known. */
static const struct fact {
    const char *ns;
    enum ou_severity severity;
    const char *kind, *members;
} facts[] = {
    { LOOP "StartLeadershipCheck", OU_INFO, "TraceStartLeadershipCheck", "slot" },
    { LOOP "StartLeadershipCheckPlus", OU_INFO, "TraceStartLeadershipCheck", LEDGER },
    { "LedgerMetrics", OU_INFO, "LedgerMetrics", LEDGER },
    { LOOP "BlockContext", OU_DEBUG, "TraceBlockContext", "current_slot tip tipBlockNo" },
    { LOOP "LedgerState", OU_DEBUG, "TraceLedgerState", "slot" },
    { LOOP "LedgerView", OU_DEBUG, "TraceLedgerView", "slot" },
    { LOOP "NodeIsLeader", OU_INFO, "TraceNodeIsLeader", "slot" },
    { LOOP "NodeNotLeader", OU_INFO, "TraceNodeNotLeader", "slot" },
    { LOOP "ForgeTickedLedgerState", OU_DEBUG, "TraceForgeTickedLedgerState", "slot prev" },
    { LOOP "ForgingMempoolSnapshot", OU_DEBUG, "TraceForgingMempoolSnapshot",
      "slot prev mempoolHash mempoolSlot" },
    { LOOP "ForgedBlock", OU_INFO, "TraceForgedBlock", "slot block blockNo blockPrev" },
    { LOOP "AdoptedBlock", OU_INFO, "TraceAdoptedBlock", "slot blockHash blockSize txIds" },
    { LOOP "DidntAdoptBlock", OU_ERROR, "TraceDidntAdoptBlock", "slot" },
    { LOOP "ForgedInvalidBlock", OU_ERROR, "TraceForgedInvalidBlock", "slot reason" },
    { LOOP "NodeCannotForge", OU_ERROR, "TraceNodeCannotForge", "slot reason" },
    { LOOP "ForgeStateUpdateError", OU_CRITICAL, "TraceForgeStateUpdateError", "slot reason" },
    { LOOP "BlockFromFuture", OU_ERROR, "TraceBlockFromFuture", "current_slot tip" },
    { LOOP "SlotIsImmutable", OU_ERROR, "TraceSlotIsImmutable", "slot tip tipBlockNo" },
    { LOOP "NoLedgerState", OU_ERROR, "TraceNoLedgerState", "slot" },
    { LOOP "NoLedgerView", OU_ERROR, "TraceNoLedgerView", "slot" },
    { "Forge.ThreadStats.ForgingStats", OU_INFO, NULL,
      "nodeCannotForge nodeIsLeader blocksForged slotsMissed" },

    { "ChainSync.Client.DownloadedHeader", OU_INFO, "DownloadedHeader", "block blockNo slot peer" },
    { "ChainSync.ServerHeader.Update", OU_INFO, "ChainSyncServer.Update",
      "tip addBlock rollBackTo blockingRead risingEdge" },
    { FETCH "AddedFetchRequest", OU_INFO, "AddedFetchRequest", "peer" },
    { FETCH "AcknowledgedFetchRequest", OU_INFO, "AcknowledgedFetchRequest", "peer" },
    { FETCH "StartedFetchBatch", OU_INFO, "StartedFetchBatch", "peer" },
    { FETCH "CompletedFetchBatch", OU_INFO, "CompletedFetchBatch", "peer" },
    { FETCH "RejectedFetchBatch", OU_INFO, "RejectedFetchBatch", "peer" },
    { FETCH "SendFetchRequest", OU_INFO, "SendFetchRequest", "head length peer deltaq.G" },
    { FETCH "CompletedBlockFetch", OU_INFO, "CompletedBlockFetch", "block delay size peer" },
    { "BlockFetch.Server.SendBlock", OU_INFO, "BlockFetchServer", "block peer" },
    { "BlockFetch.Decision.Accept", OU_INFO, "PeersFetch", "peers" },
    { "BlockFetch.Decision.Decline", OU_INFO, "PeersFetch", "peers" },
    { "BlockFetch.Decision.PeersFetch", OU_INFO, "PeersFetch", "peers" },

    { ADD "AddedBlockToQueue", OU_DEBUG, "AddedBlockToQueue", EDGE " queueSize" },
    { ADD "PoppingFromQueue", OU_DEBUG, "PoppingFromQueue", "block" },
    { ADD "PoppedBlockFromQueue", OU_DEBUG, "PoppedBlockFromQueue", "block" },
    { ADD "AddedBlockToVolatileDB", OU_DEBUG, "AddedBlockToVolatileDB", EDGE " blockNo" },
    { ADD "TryAddToCurrentChain", OU_DEBUG, "TryAddToCurrentChain", "block" },
    { ADD "TrySwitchToAFork", OU_INFO, "TrySwitchToAFork", "block" },
    { ADD "PipeliningEvent.SetTentativeHeader", OU_DEBUG, "SetTentativeHeader", EDGE },
    { ADD "AddBlockValidation.ValidCandidate", OU_NOTICE, "ValidCandidate", "block" },
    { ADD "AddedToCurrentChain", OU_NOTICE, "AddedToCurrentChain", TIP },
    { ADD "SwitchedToAFork", OU_NOTICE, "TraceAddBlockEvent.SwitchedToAFork", TIP " reason" },
    { "ChainDB.LedgerEvent.Snapshot.TookSnapshot", OU_INFO, "TookSnapshot",
      "snapshot.kind tip enclosedTime.tag enclosedTime.contents" },

    { "Resources", OU_INFO, "ResourceStats",
      "CentiCpu CentiGC CentiMut GcsMajor GcsMinor Alloc Live Heap RSS CentiBlkIO NetRd NetWr "
      "FsRd FsWr Threads" },
    { "Mempool.AddedTx", OU_INFO, "TraceMempoolAddedTx", "tx.txid" SIZE },
    { "Mempool.RejectedTx", OU_INFO, "TraceMempoolRejectedTx", "err tx.txid" SIZE },
    { "Mempool.RemoveTxs", OU_INFO, "TraceMempoolRemoveTxs", "txs" SIZE },
    { "Mempool.ManuallyRemovedTxs", OU_WARNING, "TraceMempoolManuallyRemovedTxs",
      "txsRemoved txsInvalidated" SIZE },
    { "Mempool.Synced", OU_DEBUG, "TraceMempoolSynced",
      "enclosingTime.tag enclosingTime.contents" },
    { "TxSubmission.TxInbound.Collected", OU_DEBUG, "TraceTxSubmissionCollected", "count peer" },
    { "TxSubmission.TxInbound.Processed", OU_DEBUG, "TraceTxSubmissionProcessed",
      "accepted rejected peer" },
    { "Benchmark.BenchTxSubSummary", OU_INFO, "TraceBenchTxSubSummary",
      "summary.ssThreadName summary.ssTxSent summary.ssTxUnavailable summary.ssElapsed "
      "summary.ssEffectiveTps summary.ssThreadwiseTps summary.ssFailures" },
    { "Benchmark.BenchTxSubStart", OU_DEBUG, "TraceBenchTxSubStart", "txIds" },
    { "Benchmark.BenchTxSubServReq", OU_DEBUG, "TraceBenchTxSubServReq", "txIds" },
    { "Benchmark.BenchTxSubServUnav", OU_DEBUG, "TraceBenchTxSubServUnav", "txIds" },
    { "Benchmark.BenchTxSubSetup", OU_INFO, "TraceBenchTxSubSetup", "setupTaken setupTxs" },
    { "Benchmark.BenchTxSubDebug", OU_INFO, "TraceBenchTxSubDebug", "msg" },
    { "Benchmark.BenchTxSubError", OU_WARNING, "TraceBenchTxSubError", "msg" },
    { "TraceBenchTxSubServAck", OU_INFO, "TraceBenchTxSubServAck", "txIds" },

    { "Startup.Common", OU_INFO, "BasicInfoCommon", NULL },
    { "Startup.ShelleyBased", OU_INFO, "BasicInfoShelleyBased", NULL },
    { "Startup.Network", OU_INFO, "BasicInfoNetwork", NULL },
    { "Startup.Time", OU_INFO, "StartupTime", NULL },
    { "Startup.Info", OU_INFO, "StartupInfo", NULL },
    { "Startup.P2PInfo", OU_INFO, "StartupP2PInfo", NULL },
    { "Net.Server.Local.Started", OU_NOTICE, "AcceptPolicyTrace", "addresses" },
    { "Net.Server.Remote.Started", OU_NOTICE, "AcceptPolicyTrace", "addresses" },
    { "Net.ConnectionManager.Remote.Connect", OU_DEBUG, "ConnectTo", NULL },
    { "Net.ConnectionManager.Remote.ConnectError", OU_INFO, "ConnectError", NULL },
    { "Net.ConnectionManager.Remote.ConnectionHandler", OU_INFO, "ConnectionHandler", NULL },
    { "Net.AcceptPolicy.ConnectionHardLimit", OU_WARNING, "ServerTraceAcceptConnectionHardLimit",
      NULL },
    { "Net.InboundGovernor.Remote.MuxCleanExit", OU_DEBUG, "MuxCleanExit", NULL },
    { "Net.InboundGovernor.Remote.MuxErrored", OU_INFO, "MuxErrored", NULL },
    { "Net.KeepAliveClient", OU_INFO, "KeepAliveClient AddSample", NULL },
    { "NodeState.NodeTracingOnlineConfiguring", OU_INFO, "NodeTracingOnlineConfiguring", NULL },
    { "NodeState.OpeningDbs", OU_INFO, "NodeOpeningDbs", NULL },
    { "NodeState.NodeReplays", OU_INFO, "NodeReplays", NULL },
    { "NodeState.NodeInitChainSelection", OU_INFO, "NodeInitChainSelection", NULL },
    { "NodeState.NodeKernelOnline", OU_INFO, "NodeKernelOnline", NULL },
    { "NodeState.NodeAddBlock", OU_INFO, "NodeAddBlock", NULL },
    { "NodeState.NodeStartup", OU_INFO, "NodeStartup", NULL },
    { "NodeState.NodeShutdown", OU_WARNING, "NodeShutdown", NULL },
    { "Shutdown.Requested", OU_WARNING, "ShutdownRequested", NULL },
    { "Shutdown.Requesting", OU_WARNING, "RequestingShutdown", "reason" },
};

/* --- Finding ----------------------------------------------------------------------- */

static void keep_point(void *context, struct ou_point *point)
{
    struct ou_point ***next = context;

    if (strncmp(point->ns, "Reflection.", strlen("Reflection.")) != 0) /* the library's own */
        *(*next)++ = point;
}

static struct ou_point *points[256];
static size_t point_count;

static int find_points(void **state)
{
    struct ou_point **next = points;

    (void)state;
    points_each(keep_point, &next);
    point_count = (size_t)(next - points);
    return 0;
}

static const struct ou_point *point_of(const char *ns)
{
    for (size_t i = 0; i < point_count; i++)
        if (strcmp(points[i]->ns, ns) == 0)
            return points[i];
    fail_msg("there is no point %s", ns);
    return NULL;
}

/* Whether a list of words has this one; a blank in it is written as "_". */
static bool lists(const char *words, const char *word, size_t word_len)
{
    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        bool equal = len == word_len;

        for (size_t i = 0; i < len && equal; i++)
            equal = at[i] == word[i] || (at[i] == '_' && word[i] == ' ');
        if (equal)
            return true;
        at += len;
    }
    return false;
}

static size_t count_words(const char *words)
{
    size_t count = 0;

    for (; *words; words += strspn(words, " ")) {
        words += strcspn(words, " ");
        count++;
    }
    return count;
}

/* --- Tests --------------------------------------------------------------------------- */

static void test_the_declarations_have_no_faults(void **state)
{
    struct buffer faults;

    (void)state;
    buffer_init(&faults, allocator_libc(), 1 << 16);
    points_faults(&faults);
    assert_string_equal(buffer_string(&faults), "");
    buffer_release(&faults);
}

static void test_the_points_are_those_of_the_node_and_no_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++)
        point_of(facts[i].ns);
    assert_int_equal(point_count, COUNT(facts));
}

static void test_severities_and_kinds_are_the_nodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++) {
        const struct ou_point *point = point_of(facts[i].ns);

        if (point->severity != facts[i].severity)
            fail_msg("%s has severity %s", point->ns, severity_name(point->severity));
        assert_int_equal(point->privacy, OU_PUBLIC);
        if (!facts[i].kind)
            assert_null(point->kind);
        else
            assert_string_equal(point->kind, facts[i].kind);
    }
}

/* Members that are constants count, too. */
static void test_members_are_the_nodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++) {
        const struct ou_point *point = point_of(facts[i].ns);
        size_t count = 0;

        if (!facts[i].members)
            continue;
        for (uint32_t k = 0; k < point->field_count; k++) {
            const char *path = point->fields[k].path;

            if (point->fields[k].detail == OU_HUMAN_ONLY)
                continue;
            if (!lists(facts[i].members, path, strlen(path)))
                fail_msg("%s: a node does not write %s", point->ns, path);
            count++;
        }
        for (const char *at = point->constants; at && *at; count++) {
            if (!lists(facts[i].members, at, strcspn(at, "=")))
                fail_msg("%s: a node does not write %s", point->ns, at);
            at += strcspn(at, "\n");
            at += *at == '\n';
        }
        if (count != count_words(facts[i].members))
            fail_msg("%s: only %zu of %s", point->ns, count, facts[i].members);
    }
}

static void test_what_only_details_show_is_what_nodes_hide(void **state)
{
    static const struct {
        const char *ns, *path;
    } hidden[] = {
        { LOOP "AdoptedBlock", "txIds" },         { FETCH "SendFetchRequest", "deltaq.G" },
        { ADD "AddedToCurrentChain", "headers" }, { ADD "AddedToCurrentChain", "events" },
        { ADD "SwitchedToAFork", "headers" },     { ADD "SwitchedToAFork", "events" },
    };
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < point_count; i++)
        for (uint32_t k = 0; k < points[i]->field_count; k++)
            count += points[i]->fields[k].detail == OU_DDETAILED;
    assert_int_equal(count, COUNT(hidden));
    for (size_t i = 0; i < COUNT(hidden); i++) {
        const struct ou_point *point = point_of(hidden[i].ns);
        uint32_t k = 0;

        while (k < point->field_count && strcmp(point->fields[k].path, hidden[i].path) != 0)
            k++;
        assert_true(k < point->field_count);
        assert_int_equal(point->fields[k].detail, OU_DDETAILED);
    }
    assert_int_equal(point_of("BlockFetch.Decision.PeersFetch")->empty_below, OU_DNORMAL);
}

static void test_every_point_explains_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < point_count; i++) {
        const struct ou_point *point = points[i];
        size_t len = strlen(point->help);

        assert_true(len > 0 && point->help[len - 1] == '.');
        assert_non_null(point->human);
        assert_null(strchr(point->human, '\n'));
        assert_non_null(names_of_point(point).logger);
        for (uint32_t k = 0; k < point->field_count; k++)
            assert_true(point->fields[k].help[0] != 0);
    }
}

static void assert_same(const char *got, const char *wanted)
{
    if (!wanted)
        assert_null(got);
    else if (!got || strcmp(got, wanted) != 0)
        fail_msg("%s instead of %s", got ? got : "nothing", wanted);
}

static void test_names_of_other_times_are_those_that_nodes_wrote(void **state)
{
    static const struct {
        const char *ns, *former, *early, *logger, *legacy_kind;
        bool wrapped;
    } names[] = {
        { LOOP "StartLeadershipCheck", LOOP "StartLeadershipCheckPlus",
          "Forge.StartLeadershipCheck", "LeadershipCheck", NULL, true },
        { LOOP "ForgeTickedLedgerState", NULL, "Forge.TickedLedgerState", "Forge", NULL, true },
        { LOOP "ForgingMempoolSnapshot", NULL, "Forge.MempoolSnapshot", "Forge", NULL, true },
        { LOOP "ForgedBlock", NULL, "Forge.ForgedBlock", "Forge", NULL, true },
        { "ChainSync.Client.DownloadedHeader", NULL,
          "ChainSyncClient.ChainSyncClientEvent.DownloadedHeader", "ChainSyncClient",
          "ChainSyncClientEvent.TraceDownloadedHeader", false },
        { "ChainSync.ServerHeader.Update", NULL, "ChainSyncServerEvent.TraceChainSyncServerUpdate",
          "ChainSyncHeaderServer", "ChainSyncServerEvent.TraceChainSyncServerUpdate", false },
        { FETCH "SendFetchRequest", NULL, "BlockFetchClient.SendFetchRequest", "BlockFetchClient",
          NULL, false },
        { "BlockFetch.Server.SendBlock", NULL, "BlockFetchServer.SendBlock", "BlockFetchServer",
          "TraceBlockFetchServerSendBlock", false },
        { ADD "AddedToCurrentChain", NULL, NULL, "ChainDB",
          "TraceAddBlockEvent.AddedToCurrentChain", false },
        { "ChainDB.LedgerEvent.Snapshot.TookSnapshot", "ChainDB.LedgerEvent.TookSnapshot",
          "LedgerEvent.TookSnapshot", "ChainDB", "TraceSnapshotEvent.TookSnapshot", false },
        { "Mempool.AddedTx", NULL, NULL, "Mempool", NULL, false },
        { "TxSubmission.TxInbound.Collected", NULL, "TraceTxSubmissionCollected", "TxInbound",
          "TxSubmissionCollected", false },
        { "Benchmark.BenchTxSubSummary", "TraceBenchTxSubSummary", "TraceBenchTxSubSummary",
          "Benchmark", NULL, false },
        { "Startup.Common", NULL, NULL, "nodeconfig", NULL, false },
        { "Net.Server.Local.Started", NULL, NULL, "LocalServer", NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct ou_point *point = point_of(names[i].ns);
        const struct point_names its = names_of_point(point);

        assert_same(its.former, names[i].former);
        assert_same(its.early, names[i].early);
        assert_same(its.logger, names[i].logger);
        assert_same(its.kind, names[i].legacy_kind ? names[i].legacy_kind : point->kind);
        assert_int_equal(its.wrapped, names[i].wrapped);
    }
}

/* --- Metrics --------------------------------------------------------------------------- */

/* As a page for Prometheus names it: marks become "_", the kind goes behind. */
static void prometheus_name(const struct ou_metric *metric, char *ret, size_t room)
{
    static const char *const suffixes[] = { "_int", "_real", "_counter", "" };

    snprintf(ret, room, "%s%s", metric->name, suffixes[metric->kind]);
    for (; *ret; ret++)
        if (*ret == '.' || *ret == '-')
            *ret = '_';
}

static void test_metrics_are_those_that_dashboards_of_the_node_ask_for(void **state)
{
    static const char known[] =
        "density_real slotNum_int blockNum_int slotInEpoch_int epoch_int forks_counter "
        "submissions_submitted_counter submissions_accepted_counter submissions_rejected_counter "
        "served_header_counter served_block_counter blockfetchclient_blockdelay_real "
        "blockfetchclient_blocksize_int utxoSize_int delegMapSize_int Forge_StateUpdateError_int "
        "forgedSlotLast_int nodeCannotForge_int nodeIsLeader_int blocksForged_int slotsMissed_int "
        "Forge_forged_counter Forge_about_to_lead_counter Forge_could_not_forge_counter "
        "Forge_adopted_counter Forge_didnt_adopt_counter Forge_forged_invalid_counter "
        "Forge_node_not_leader_counter Forge_block_from_future_counter "
        "Forge_slot_is_immutable_counter Forge_node_is_leader_counter txsProcessedNum_counter "
        "txsInMempool_int mempoolBytes_int Stat_cputicks_int Mem_resident_int RTS_gcLiveBytes_int "
        "RTS_gcHeapBytes_int RTS_gcMajorNum_int RTS_gcMinorNum_int RTS_gcticks_int "
        "RTS_mutticks_int RTS_threads_int node_start_time_int";
    char fed[8192] = "", name[128];

    (void)state;
    for (size_t i = 0; i < point_count; i++)
        for (const struct ou_metric *m = points[i]->metrics; m && m->name; m++) {
            prometheus_name(m, name, sizeof(name));
            if (!lists(known, name, strlen(name)))
                fail_msg("%s feeds %s, which no dashboard knows", points[i]->ns, name);
            assert_true(m->help && *m->help);
            if (!lists(fed, name, strlen(name))) {
                strcat(fed, name);
                strcat(fed, " ");
            }
        }
    assert_int_equal(count_words(fed), count_words(known));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_declarations_have_no_faults),
        cmocka_unit_test(test_the_points_are_those_of_the_node_and_no_others),
        cmocka_unit_test(test_severities_and_kinds_are_the_nodes),
        cmocka_unit_test(test_members_are_the_nodes),
        cmocka_unit_test(test_what_only_details_show_is_what_nodes_hide),
        cmocka_unit_test(test_every_point_explains_itself),
        cmocka_unit_test(test_names_of_other_times_are_those_that_nodes_wrote),
        cmocka_unit_test(test_metrics_are_those_that_dashboards_of_the_node_ask_for),
    };

    return cmocka_run_group_tests(tests, find_points, NULL);
}
