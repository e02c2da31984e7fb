#include "cmd/names_find.h"

#include <string.h>

#include <ouroscope/node.h>

#include "support/test.h"

static struct name_pairs_all all;

static int load(void **state)
{
    (void)state;
    return names_load(&all) ? 0 : -1;
}

static int release(void **state)
{
    (void)state;
    names_release(&all);
    return 0;
}

/* The rows about a name, as "what old in2023 today" in lines; good until the one after the next. */
static const char *find(const char *name, unsigned sides)
{
    static struct buffer found[2];
    static int which;
    struct buffer *out = &found[which = !which];
    const struct names_query query = names_query(&all, name, sides);

    buffer_release(out);
    buffer_init(out, allocator_libc(), 1 << 20);
    for (size_t i = 0; i < all.count; i++) {
        const struct name_pair_row *row = &all.at[i];

        if (names_match(row, &query))
            buffer_printf(out, "%s %s %s %s\n", row->what, row->old ? row->old : "-",
                          row->in_2023 ? row->in_2023 : "-", row->today ? row->today : "-");
    }
    return buffer_string(out);
}

#define BOTH (NAMES_OLD | NAMES_NEW)

static void test_a_name_is_found_from_either_side(void **state)
{
    const char *want = "kind TraceMempoolAddedTx Mempool.AddedTx Mempool.AddedTx\n";

    (void)state;
    assert_string_equal(find("TraceMempoolAddedTx", BOTH), want);
    assert_string_equal(find("TraceMempoolAddedTx", NAMES_OLD), want);
    assert_string_equal(find("TraceMempoolAddedTx", NAMES_NEW), "");
    assert_non_null(strstr(find("Mempool.AddedTx", NAMES_NEW), want));
    assert_non_null(strstr(find("Mempool.AddedTx", NAMES_NEW), "toggle TraceMempool "));
    assert_non_null(strstr(find("Mempool.AddedTx", NAMES_NEW), "logger cardano.node.Mempool "));
}

static void test_what_was_renamed_is_followed(void **state)
{
    (void)state;
    assert_string_equal(find("TraceSnapshotEvent.TookSnapshot", BOTH),
                        "kind TraceSnapshotEvent.TookSnapshot ChainDB.LedgerEvent.TookSnapshot "
                        "ChainDB.LedgerEvent.Snapshot.TookSnapshot\n");
    assert_non_null(strstr(find("ChainDB.LedgerEvent.TookSnapshot", BOTH),
                           "former ChainDB.LedgerEvent.TookSnapshot "
                           "ChainDB.LedgerEvent.TookSnapshot "
                           "ChainDB.LedgerEvent.Snapshot.TookSnapshot\n"));
    assert_string_equal(find("TraceIpSubscription", BOTH),
                        "toggle TraceIpSubscription Net.Subscription.IP.* -\n");
}

static void test_several_belong_to_one(void **state)
{
    const char *found = find("AcceptPolicyTrace", BOTH);

    (void)state;
    assert_non_null(strstr(found, " Net.Server.Remote.AcceptPolicy\n"));
    assert_non_null(strstr(found, " Net.Server.Local.Started\n"));
    found = find("ChainDB.ImmDbEvent.ChunkValidation.InvalidChunkFile", BOTH);
    assert_non_null(strstr(found, "ChunkErrHashMismatch"));
    assert_non_null(strstr(found, "ChunkErrCorrupt"));
    assert_non_null(strstr(found, "ChunkErrRead"));
}

static void test_the_beginning_of_names_stands_for_all_of_them(void **state)
{
    (void)state;
    assert_non_null(strstr(find("ChainDB.GCEvent", BOTH), "kind TraceGCEvent.ScheduledGC "));
    assert_non_null(strstr(find("TraceGCEvent", BOTH), " ChainDB.GCEvent.PerformedGC\n"));
    assert_string_equal(find("ChainDB.GCEv", BOTH), "");
    assert_string_equal(find("", BOTH), "");
}

static void test_switches_are_known_in_either_spelling(void **state)
{
    (void)state;
    assert_string_equal(find("TraceDNSResolver", BOTH), find("TraceDnsResolver", BOTH));
    assert_non_null(strstr(find("TraceDNSResolver", BOTH), "Net.DNSResolver.* -\n"));
    assert_string_equal(find("cardano.node.MuxLocal", BOTH),
                        "logger cardano.node.MuxLocal Net.Mux.Local.* Net.Mux.Local.*\n");
    assert_string_equal(find("MuxLocal", BOTH), find("cardano.node.MuxLocal", BOTH));
}

static void test_metrics_are_known_with_and_without_what_stands_around_them(void **state)
{
    static const char *const names[] = { "cardano_node_metrics_forks_int",
                                         "forks_int",
                                         "cardano.node.metrics.forks_counter",
                                         "forks_counter",
                                         "forks",
                                         "cardano_node_metrics_forks_counter" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_string_equal(find(names[i], BOTH), "metric cardano_node_metrics_forks_int - "
                                                  "cardano.node.metrics.forks_counter\n");
    assert_string_equal(find("ChainDB.Density", BOTH),
                        "metric cardano_node_metrics_density_real ChainDB.Density "
                        "cardano.node.metrics.density_real\n");
}

static void test_a_pair_is_there_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < all.count; i++)
        for (size_t k = 0; k < i; k++)
            assert_false(strcmp(all.at[i].what, all.at[k].what) == 0 &&
                         strcmp(all.at[i].old, all.at[k].old) == 0 &&
                         (all.at[i].in_2023 == all.at[k].in_2023 ||
                          (all.at[i].in_2023 && all.at[k].in_2023 &&
                           strcmp(all.at[i].in_2023, all.at[k].in_2023) == 0)) &&
                         (all.at[i].today == all.at[k].today ||
                          (all.at[i].today && all.at[k].today &&
                           strcmp(all.at[i].today, all.at[k].today) == 0)));
}

static const char *suggest(const char *name, unsigned sides)
{
    static struct buffer out;

    buffer_release(&out);
    buffer_init(&out, allocator_libc(), 4096);
    names_suggest(&all, span_of(name), NAMES_ALL, sides, &out);
    return buffer_string(&out);
}

static void test_a_mistyped_name_has_a_suggestion(void **state)
{
    (void)state;
    assert_string_equal(suggest("Mempool.AddTx", NAMES_NEW), "Mempool.AddedTx");
    assert_string_equal(suggest("AddedToCurrentChain", NAMES_NEW),
                        "ChainDB.AddBlockEvent.AddedToCurrentChain");
    assert_string_equal(suggest("TookSnapshot", NAMES_NEW),
                        "ChainDB.LedgerEvent.Snapshot.TookSnapshot or "
                        "ChainDB.LedgerEvent.TookSnapshot");
    assert_string_equal(suggest("TraceMempol", NAMES_OLD), "TraceMempool");
    assert_string_equal(suggest("Fnordfnordfnord", BOTH), "");
    assert_string_equal(suggest("", BOTH), "");
}

static void test_a_message_that_is_newer_has_its_logger(void **state)
{
    (void)state;
    assert_string_equal(find("ChainDB.AddBlockEvent.PoppingFromQueue", BOTH),
                        "toggle TraceChainDb ChainDB.* ChainDB.*\n"
                        "logger cardano.node.ChainDB ChainDB.* ChainDB.*\n");
    assert_string_equal(find("ChainDB.AddBlockEvent.PoppedFromQueue", BOTH), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_is_found_from_either_side),
        cmocka_unit_test(test_what_was_renamed_is_followed),
        cmocka_unit_test(test_several_belong_to_one),
        cmocka_unit_test(test_the_beginning_of_names_stands_for_all_of_them),
        cmocka_unit_test(test_switches_are_known_in_either_spelling),
        cmocka_unit_test(test_metrics_are_known_with_and_without_what_stands_around_them),
        cmocka_unit_test(test_a_pair_is_there_once),
        cmocka_unit_test(test_a_mistyped_name_has_a_suggestion),
        cmocka_unit_test(test_a_message_that_is_newer_has_its_logger),
    };

    return cmocka_run_group_tests(tests, load, release);
}
