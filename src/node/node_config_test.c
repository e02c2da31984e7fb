#include "node/node_config.h"

#include <stdio.h>
#include <string.h>

#include "support/files.h"
#include "support/test.h"

static struct arena memory;
static struct ou_error err;
static struct temp_dir folder;
static const char *path;

static int set_up(void **state)
{
    (void)state;
    arena_init(&memory, allocator_libc(), 1 << 20);
    temp_dir_make(&folder);
    path = temp_path(&folder, "file.json");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_release(&memory);
    temp_dir_remove(&folder);
    return 0;
}

static const char *file_of(const char *text)
{
    write_file(path, text, strlen(text));
    return path;
}

static struct node_settings settings_of(const char *text)
{
    struct node_settings got;

    if (node_settings_load(file_of(text), &memory, &got, &err) != OU_OK)
        fail_msg("%s", err.text);
    return got;
}

static void assert_refused(const char *text, const char *why)
{
    struct node_settings got;

    assert_int_equal(node_settings_load(file_of(text), &memory, &got, &err), OU_INVALID);
    if (!strstr(err.text, why) || !strstr(err.text, path))
        fail_msg("\"%s\" instead of \"%s\" with the path", err.text, why);
}

/* --- Configuration --------------------------------------------------------------------- */

static void test_what_is_not_given_has_a_default(void **state)
{
    const struct node_settings s = settings_of("{\"ShelleyGenesisFile\": \"shelley.json\"}");

    (void)state;
    assert_int_equal(s.max_concurrency_deadline, 1);
    assert_int_equal(s.max_concurrency_bulk, 1);
    assert_int_equal(s.mempool_capacity_override, 0);
    assert_int_equal(s.snapshot_interval_slots, 0);
    assert_int_equal(s.ledger_metrics_slots, 1);
    assert_true(s.tx_submission_delay_s == 0);
    assert_true(s.script_ps_per_step == 0);
    assert_true(s.slowdown_percent == 0);
    assert_null(s.alonzo_path);
    assert_null(s.shelley_hash);
    assert_string_equal(s.config_path, path);
}

static void test_every_setting_is_read(void **state)
{
    const struct node_settings s = settings_of(
        "{\"ShelleyGenesisFile\": \"s.json\", \"AlonzoGenesisFile\": \"/a/alonzo.json\","
        "\"ShelleyGenesisHash\": \"ab12\", \"MaxConcurrencyDeadline\": 4,"
        "\"MaxConcurrencyBulkSync\": 2, \"MempoolCapacityBytesOverride\": 1000000,"
        "\"SnapshotInterval\": 4230, \"TraceOptionLedgerMetricsFrequency\": 7, "
        "\"TxSubmissionInitDelay\": 1.5,"
        "\"ReferenceNode\": {\"ScriptPicosecondsPerStep\": 100, \"SlowdownPercent\": 2.5},"
        "\"TraceOptions\": {\"\": {\"severity\": \"Info\"}}, \"EnableP2P\": true}");

    (void)state;
    assert_string_equal(s.alonzo_path, "/a/alonzo.json");
    assert_string_equal(s.shelley_hash, "ab12");
    assert_int_equal(s.max_concurrency_deadline, 4);
    assert_int_equal(s.max_concurrency_bulk, 2);
    assert_int_equal(s.mempool_capacity_override, 1000000);
    assert_int_equal(s.snapshot_interval_slots, 4230);
    assert_int_equal(s.ledger_metrics_slots, 7);
    assert_true(s.tx_submission_delay_s == 1.5);
    assert_true(s.script_ps_per_step == 100);
    assert_true(s.slowdown_percent == 2.5);
}

static void test_paths_are_seen_from_the_files_folder(void **state)
{
    const struct node_settings s = settings_of("{\"ShelleyGenesisFile\": \"../g/shelley.json\"}");
    char wanted[4200];

    (void)state;
    snprintf(wanted, sizeof wanted, "%s/../g/shelley.json", folder.path);
    assert_string_equal(s.shelley_path, wanted);
}

static void test_what_makes_no_sense_is_refused_with_its_name(void **state)
{
#define GENESIS "{\"ShelleyGenesisFile\": \"s.json\", "
    (void)state;
    assert_refused("{}", "\"ShelleyGenesisFile\" is not given");
    assert_refused("{\"ShelleyGenesisFile\": 7}", "\"ShelleyGenesisFile\" is no text");
    assert_refused(GENESIS "\"MaxConcurrencyDeadline\": 0}", "\"MaxConcurrencyDeadline\" is not");
    assert_refused(GENESIS "\"SnapshotInterval\": -1}", "\"SnapshotInterval\" is not");
    assert_refused(GENESIS "\"MempoolCapacityBytesOverride\": \"1 MB\"}",
                   "\"MempoolCapacityBytesOverride\" is not");
    assert_refused(GENESIS "\"TxSubmissionInitDelay\": -2}", "\"TxSubmissionInitDelay\" is not");
    assert_refused(GENESIS "\"ReferenceNode\": 1}", "\"ReferenceNode\" is no object");
    assert_refused(GENESIS "\"ReferenceNode\": {\"ScriptPicosecondsPerStep\": true}}",
                   "\"ReferenceNode.ScriptPicosecondsPerStep\" is not");
    assert_refused(GENESIS "\"ReferenceNode\": {\"SlowdownPercent\": 101}}",
                   "\"ReferenceNode.SlowdownPercent\" is more than 100");
    assert_refused("{", "file.json:1");
}

/* --- Topology -------------------------------------------------------------------------- */

static struct node_topology topology_of(const char *text)
{
    struct node_topology got;

    if (node_topology_load(file_of(text), &memory, &got, &err) != OU_OK)
        fail_msg("%s", err.text);
    return got;
}

static void test_local_roots_are_read_with_their_links(void **state)
{
    const struct node_topology t = topology_of(
        "{\"localRoots\": [{\"accessPoints\": [{\"address\": \"127.0.0.1\", \"port\": 30001,"
        "\"latencyMs\": 21.5, \"bytesPerSecond\": 1250000.0}], \"valency\": 1},"
        "{\"accessPoints\": [{\"address\": \"::1\", \"port\": 30002},"
        "{\"address\": \"10.0.0.1\", \"port\": 65535, \"latencyMs\": null}]}],"
        "\"publicRoots\": [], \"useLedgerAfterSlot\": -1, \"bootstrapPeers\": null}");

    (void)state;
    assert_int_equal(t.peer_count, 3);
    assert_string_equal(t.peers[0].address, "127.0.0.1");
    assert_int_equal(t.peers[0].port, 30001);
    assert_int_equal(t.peers[0].model.latency_ns, 21500000);
    assert_int_equal(t.peers[0].model.bytes_per_second, 1250000);
    assert_string_equal(t.peers[1].address, "::1");
    assert_int_equal(t.peers[1].model.latency_ns, 0);
    assert_int_equal(t.peers[2].port, 65535);
}

static void test_the_older_form_is_read_too(void **state)
{
    const struct node_topology t = topology_of(
        "{\"Producers\": [{\"addr\": \"127.0.0.1\", \"port\": 30001, \"valency\": 1}]}");

    (void)state;
    assert_int_equal(t.peer_count, 1);
    assert_string_equal(t.peers[0].address, "127.0.0.1");
    assert_int_equal(topology_of("{\"Producers\": []}").peer_count, 0);
    assert_int_equal(topology_of("{\"localRoots\": []}").peer_count, 0);
}

static void assert_no_topology(const char *text, enum ou_status status, const char *why)
{
    struct node_topology got;

    assert_int_equal(node_topology_load(file_of(text), &memory, &got, &err), status);
    if (!strstr(err.text, why) || !strstr(err.text, path))
        fail_msg("\"%s\" instead of \"%s\" with the path", err.text, why);
}

static void test_a_topology_that_makes_no_sense_is_refused(void **state)
{
    static char many[100000];
    size_t len = (size_t)sprintf(many, "{\"Producers\": [");

    (void)state;
    assert_no_topology("{}", OU_INVALID, "neither \"localRoots\" nor");
    assert_no_topology("{\"localRoots\": 1}", OU_INVALID, "\"localRoots\" is no list");
    assert_no_topology("{\"localRoots\": [{}]}", OU_INVALID, "\"accessPoints\" is no list");
    assert_no_topology("{\"Producers\": [{\"addr\": \"127.0.0.1\", \"port\": 0}]}", OU_INVALID,
                       "\"port\" of peer 1 is no port");
    assert_no_topology("{\"Producers\": [{\"addr\": \"some.name\", \"port\": 1}]}", OU_INVALID,
                       "\"addr\" of peer 1 is no numeric address");
    assert_no_topology("{\"Producers\": [{\"addr\": \"::1\", \"port\": 1, \"latencyMs\": -1}]}",
                       OU_INVALID, "\"latencyMs\" of peer 1 is out of range");
    for (int i = 0; i <= TOPOLOGY_PEERS_MAX; i++)
        len += (size_t)sprintf(many + len, "%s{\"addr\": \"127.0.0.1\", \"port\": %d}",
                               i ? "," : "", 1000 + i);
    strcpy(many + len, "]}");
    assert_no_topology(many, OU_TOO_LARGE, "more than 1000 peers");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_not_given_has_a_default, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_setting_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paths_are_seen_from_the_files_folder, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_makes_no_sense_is_refused_with_its_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_local_roots_are_read_with_their_links, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_older_form_is_read_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_topology_that_makes_no_sense_is_refused, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
