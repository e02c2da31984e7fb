#include "trace/legacy_names.h"

#include <pthread.h>
#include <stdio.h>

#include "support/test.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void assert_text(const char *got, const char *want)
{
    if (!want)
        assert_null(got);
    else if (!got || strcmp(got, want) != 0)
        fail_msg("%s instead of %s", got ? got : "nothing", want);
}

/* --- Messages -------------------------------------------------------------------------- */

static void test_a_name_of_today_gives_logger_and_kind_of_the_older_system(void **state)
{
    static const struct {
        const char *ns, *logger, *kind;
        bool wrapped;
    } forms[] = {
        { "ChainDB.AddBlockEvent.AddedToCurrentChain", "ChainDB",
          "TraceAddBlockEvent.AddedToCurrentChain", false },
        { "ChainSync.Client.DownloadedHeader", "ChainSyncClient",
          "ChainSyncClientEvent.TraceDownloadedHeader", false },
        { "BlockFetch.Client.SendFetchRequest", "BlockFetchClient", "SendFetchRequest", false },
        { "Forge.Loop.NodeIsLeader", "Forge", "TraceNodeIsLeader", true },
        { "Resources", "resources", "ResourceStats", false },
        { "Startup.Common", "nodeconfig", NULL, false },
        { "Net.ConnectionManager.Remote.Connect", "ConnectionManager", "ConnectTo", false },
        { "Net.ConnectionManager.Local.Connect", "LocalConnectionManager", "ConnectTo", false },
        /* two have the same kind */
        { "ChainSync.ServerHeader.Update", "ChainSyncHeaderServer",
          "ChainSyncServerEvent.TraceChainSyncServerUpdate", false },
        { "ChainSync.ServerBlock.Update", "ChainSyncBlockServer",
          "ChainSyncServerEvent.TraceChainSyncServerUpdate", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct span ns = span_of(forms[i].ns);

        assert_text(legacy_logger_of(ns), forms[i].logger);
        assert_text(legacy_kind_of(ns), forms[i].kind);
        assert_int_equal(legacy_wraps_credentials(ns), forms[i].wrapped);
    }
}

static void test_names_changed_since_2023_are_known_under_both(void **state)
{
    (void)state;
    assert_text(legacy_kind_of(span_of("ChainDB.LedgerEvent.TookSnapshot")),
                "TraceSnapshotEvent.TookSnapshot");
    assert_text(legacy_kind_of(span_of("ChainDB.LedgerEvent.Snapshot.TookSnapshot")),
                "TraceSnapshotEvent.TookSnapshot");
    assert_text(legacy_logger_of(span_of("ChainDB.LedgerEvent.Snapshot.TookSnapshot")), "ChainDB");
    assert_text(legacy_logger_of(span_of("Forge.Loop.StartLeadershipCheckPlus")),
                "LeadershipCheck");
    assert_text(legacy_logger_of(span_of("Forge.Loop.StartLeadershipCheck")), "LeadershipCheck");
    assert_text(legacy_logger_of(span_of("Net.ConnectionManager.Transition.Transition")),
                "ConnectionManagerTransition");
}

static void test_of_several_old_kinds_the_last_nodes_is_first(void **state)
{
    (void)state;
    assert_text(legacy_kind_of(span_of("TxSubmission.TxInbound.Collected")),
                "TxSubmissionCollected");
    assert_text(legacy_kind_of(span_of("BlockFetch.Decision.Accept")), "PeersFetch");
}

static void test_a_message_of_a_protocol_has_its_kind_where_it_always_was(void **state)
{
    struct legacy_form form = legacy_form_of(span_of("ChainSync.Remote.Send.RequestNext"));

    (void)state;
    assert_text(form.logger, "ChainSyncProtocol");
    assert_null(form.kind);
    form = legacy_form_of(span_of("ChainSync.Remote.Serialised.Send.RequestNext"));
    assert_text(form.logger, "ChainSyncProtocolSerialised");
}

static void test_a_pattern_stands_for_the_names_below_and_not_for_itself(void **state)
{
    (void)state;
    assert_text(legacy_kind_of(span_of("Net.Mux.Remote.Started")), "MuxTrace");
    assert_text(legacy_kind_of(span_of("Net.Mux.Remote.Far.Below")), "MuxTrace");
    assert_text(legacy_logger_of(span_of("Mempool.Newest")), "Mempool");
    assert_null(legacy_kind_of(span_of("Mempool.Newest")));
    assert_null(legacy_logger_of(span_of("Mempool")));
    assert_null(legacy_logger_of(span_of("MempoolX.AddedTx")));
}

static void test_what_has_no_counterpart_has_none(void **state)
{
    static const char *const names[] = {
        "", ".", "..", "Forge", "Reflection.TracerInfo", "Net.", "LedgerMetrics.X"
    };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_null(legacy_logger_of(span_of(names[i])));
        assert_null(legacy_kind_of(span_of(names[i])));
    }
    assert_null(legacy_logger_of((struct span){ NULL, 0 }));
}

static void test_a_name_of_2023_is_followed_to_the_one_of_today(void **state)
{
    (void)state;
    assert_text(legacy_today("ChainDB.LedgerEvent.TookSnapshot"),
                "ChainDB.LedgerEvent.Snapshot.TookSnapshot");
    assert_text(legacy_today("Mempool.AddedTx"), "Mempool.AddedTx");
    assert_text(legacy_today("Mempool.*"), "Mempool.*");
    assert_null(legacy_today("Net.Subscription.IP.*"));
    assert_null(legacy_today("Net.DNSResolver.LookupResult"));
    assert_text(legacy_today("Net.Subscriptions"), "Net.Subscriptions");
}

static void test_names_of_nodes_and_what_is_above_them_are_known(void **state)
{
    static const char *const known[] = { "",
                                         "Net",
                                         "Net.Mux",
                                         "Net.Mux.Remote",
                                         "ChainDB.OpenEvent",
                                         "Forge.StateInfo",
                                         "ChainDB.OpenEvent.OpenedDB",
                                         "ChainDB.LedgerEvent.Snapshot" };
    static const char *const unknown[] = { "N", "Net.", "Net.Mu", "ChainDB.OpenEvent.OpenedDB.X",
                                           "TraceMempoolAddedTx" };

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++)
        if (!legacy_has_namespace(span_of(known[i])))
            fail_msg("%s is not known", known[i]);
    for (size_t i = 0; i < COUNT(unknown); i++)
        if (legacy_has_namespace(span_of(unknown[i])))
            fail_msg("%s is known", unknown[i]);
}

/* --- Metrics ---------------------------------------------------------------------------- */

static const char *metric(const char *name, size_t which)
{
    return legacy_metric_of(span_of(name), which);
}

static void test_a_metric_is_known_by_each_of_its_names(void **state)
{
    static const char *const names[] = {
        "ChainDB.SlotNum",
        "ChainDB_SlotNum",
        "slotNum_int",
        "slotNum",
        "cardano.node.metrics.slotNum_int",
        "cardano.node.metrics.slotNum",
        "cardano_node_metrics_slotNum_int",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_text(metric(names[i], 0), "cardano_node_metrics_slotNum_int");
        assert_null(metric(names[i], 1));
    }
    assert_text(metric("cardano.node.metrics.forks_counter", 0), "cardano_node_metrics_forks_int");
    assert_text(metric("Resources.RTS.Stat.Threads", 0), "cardano_node_metrics_Stat_threads_int");
    assert_text(metric("RTS_threads_int", 0), "cardano_node_metrics_Stat_threads_int");
}

static void test_a_metric_may_have_been_several(void **state)
{
    (void)state;
    assert_text(metric("Forge_could_not_forge_counter", 0),
                "cardano_node_metrics_Forge_could_not_forge_int");
    assert_text(metric("Forge_could_not_forge_counter", 1),
                "cardano_node_metrics_Forge_cannot_forge_int");
    assert_null(metric("Forge_could_not_forge_counter", 2));
}

/* Under this name the older system told something else: the slot last led. */
static void test_a_name_is_translated_and_not_kept(void **state)
{
    (void)state;
    assert_text(metric("nodeIsLeader_int", 0), "cardano_node_metrics_nodeIsLeaderNum_int");
    assert_text(metric("Forge.NodeIsLeader", 0), "cardano_node_metrics_nodeIsLeader_int");
}

static void test_other_metrics_have_no_old_name(void **state)
{
    static const char *const names[] = { "",
                                         "slotNum_",
                                         "slotNum_counter",
                                         "slotNum_int2",
                                         "_int",
                                         "cardano.node.metrics.",
                                         "rts.gc.num_gcs" };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_null(metric(names[i], 0));
}

/* --- Tables ------------------------------------------------------------------------------ */

static void test_the_tables_are_whole(void **state)
{
    size_t names, toggles, metrics, by_generation[LEGACY_PART + 1] = { 0 };
    const struct legacy_name *name = legacy_names(&names);
    const struct legacy_toggle *toggle = legacy_toggles(&toggles);
    const struct legacy_metric *m = legacy_metrics(&metrics);

    (void)state;
    for (size_t i = 0; i < names; i++) {
        by_generation[name[i].generation]++;
        assert_true(name[i].old && *name[i].old);
        assert_true(name[i].ns || name[i].generation == LEGACY_FORMER);
    }
    assert_int_equal(by_generation[LEGACY_KIND], 333);
    assert_int_equal(by_generation[LEGACY_MESSAGE], 130);
    assert_int_equal(by_generation[LEGACY_EARLY], 20);
    assert_int_equal(by_generation[LEGACY_READER], 2);
    assert_int_equal(by_generation[LEGACY_PART], 1);
    assert_int_equal(toggles, 59);
    for (size_t i = 0; i < toggles; i++)
        assert_true((toggle[i].toggle || toggle[i].logger) && toggle[i].ns);
    assert_int_equal(metrics, 79);
    for (size_t i = 0; i < metrics; i++)
        assert_true(strncmp(m[i].old, "cardano_node_metrics_", 21) == 0);
}

static void *ask(void *found)
{
    *(const char **)found = legacy_kind_of(span_of("Forge.Loop.NodeIsLeader"));
    return NULL;
}

static void test_many_threads_may_ask_at_once(void **state)
{
    enum { THREADS = 8 };
    const char *found[THREADS];
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &found[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_text(found[i], "TraceNodeIsLeader");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_threads_may_ask_at_once), /* first: the tables are read then */
        cmocka_unit_test(test_a_name_of_today_gives_logger_and_kind_of_the_older_system),
        cmocka_unit_test(test_names_changed_since_2023_are_known_under_both),
        cmocka_unit_test(test_of_several_old_kinds_the_last_nodes_is_first),
        cmocka_unit_test(test_a_message_of_a_protocol_has_its_kind_where_it_always_was),
        cmocka_unit_test(test_a_pattern_stands_for_the_names_below_and_not_for_itself),
        cmocka_unit_test(test_what_has_no_counterpart_has_none),
        cmocka_unit_test(test_a_name_of_2023_is_followed_to_the_one_of_today),
        cmocka_unit_test(test_names_of_nodes_and_what_is_above_them_are_known),
        cmocka_unit_test(test_a_metric_is_known_by_each_of_its_names),
        cmocka_unit_test(test_a_metric_may_have_been_several),
        cmocka_unit_test(test_a_name_is_translated_and_not_kept),
        cmocka_unit_test(test_other_metrics_have_no_old_name),
        cmocka_unit_test(test_the_tables_are_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
