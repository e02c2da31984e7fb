#include "cmd/rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/files.h"
#include "support/test.h"
#include "trace/config.h"

#define BYTES_MAX ((size_t)1 << 20)

static struct rewritten done;
static struct buffer text;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&text, allocator_libc(), BYTES_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rewritten_release(&done);
    buffer_release(&text);
    return 0;
}

/* The result, of which our own reader must have nothing to say. */
static void rewrite(const char *file)
{
    struct ou_error err = { { 0 } };
    struct buffer warnings;
    struct config *config = NULL;

    rewritten_release(&done);
    if (rewrite_config(span_of(file), "file", &done, &err) != OU_OK)
        fail_msg("%s", err.text);
    buffer_clear(&text);
    json_tree_append(&text, done.config);
    buffer_init(&warnings, allocator_libc(), BYTES_MAX);
    if (config_parse(text.at, text.len, "new", &warnings, &config, &err) != OU_OK)
        fail_msg("%s", err.text);
    assert_string_equal(buffer_string(&warnings), "");
    config_free(config);
    buffer_release(&warnings);
}

static void assert_refused(const char *file, const char *why)
{
    struct ou_error err = { { 0 } };

    assert_int_equal(rewrite_config(span_of(file), "file", &done, &err), OU_INVALID);
    assert_string_equal(err.text, why);
    assert_null(done.config);
}

static const json_t *entry(const char *ns)
{
    return json_object_get(json_object_get(done.config, "TraceOptions"), ns);
}

static void assert_entry(const char *ns, const char *json)
{
    char *got = entry(ns) ? json_dumps(entry(ns), JSON_SORT_KEYS) : NULL;

    if (!json)
        assert_null(got);
    else if (!got || strcmp(got, json) != 0)
        fail_msg("%s: %s instead of %s", ns, got ? got : "nothing", json);
    free(got);
}

static void assert_backends(const char *file, const char *json)
{
    char *got;

    rewrite(file);
    got = json_dumps(json_object_get(entry(""), "backends"), 0);
    assert_string_equal(got, json);
    free(got);
}

/* How many remarks there are of an outcome about a key. */
static int remarks(const char *outcome, const char *key)
{
    json_t *remark;
    size_t i;
    int count = 0;

    json_array_foreach(done.remarks, i, remark)
    {
        count += strcmp(json_string_value(json_object_get(remark, "outcome")), outcome) == 0 &&
                 strcmp(json_string_value(json_object_get(remark, "key")), key) == 0;
    }
    return count;
}

/* --- Tests --------------------------------------------------------------------------- */

static void test_severity_and_verbosity_are_the_roots(void **state)
{
    (void)state;
    rewrite("minSeverity: Warning\nTracingVerbosity: MaximalVerbosity\n");
    assert_entry("", "{\"backends\": [], \"detail\": \"DMaximum\", \"severity\": \"Warning\"}");
    rewrite("{}");
    assert_entry("", "{\"backends\": [], \"detail\": \"DNormal\", \"severity\": \"Info\"}");
    rewrite("TurnOnLogging: false\n");
    assert_string_equal(json_string_value(json_object_get(entry(""), "severity")), "Silence");
}

static void test_what_is_not_about_tracing_stays_as_it_is(void **state)
{
    (void)state;
    rewrite("{\"Protocol\": \"Cardano\", \"Big\": 9007199254740993, \"Real\": 0.05,\n"
            " \"Deep\": {\"list\": [1, null, true, \"10\", \"\\u00e9\"]},\n"
            " \"TraceOptionForwarder\": {\"queueSize\": 7}, \"minSeverity\": \"Info\"}");
    assert_false(done.was_yaml);
    assert_non_null(strstr(text.at,
                           "{\n  \"Protocol\": \"Cardano\",\n  \"Big\": 9007199254740993,\n"
                           "  \"Real\": 0.05,\n  \"Deep\": {\n    \"list\": [\n      1,\n"
                           "      null,\n      true,\n      \"10\",\n      \"é\"\n"));
    assert_non_null(strstr(text.at, "\"queueSize\": 7"));
    assert_null(strstr(text.at, "minSeverity"));
    assert_true(json_is_true(json_object_get(done.config, "UseTraceDispatcher")));
}

static void test_a_switch_that_is_off_silences_the_names_of_today(void **state)
{
    (void)state;
    rewrite("TraceMempool: false\nTraceChainDb: true\nTraceForge: false\n"
            "TraceConnectionManagerTransitions: false\n");
    assert_entry("Mempool", "{\"severity\": \"Silence\"}");
    assert_entry("ChainDB", NULL);
    assert_entry("Forge.Loop", "{\"severity\": \"Silence\"}");
    assert_entry("Forge.Loop.StartLeadershipCheck", NULL);
    assert_entry("Net.ConnectionManager.Transition.Transition", "{\"severity\": \"Silence\"}");
    assert_int_equal(remarks("changed", "TraceMempool"), 1);
    assert_int_equal(remarks("changed", "TraceForge"), 2);
}

static void test_a_switch_that_is_on_below_one_that_is_off_is_heard(void **state)
{
    (void)state;
    rewrite("minSeverity: Debug\nTraceBlockFetchProtocol: false\n"
            "TraceBlockFetchProtocolSerialised: true\n");
    assert_entry("BlockFetch.Remote", "{\"severity\": \"Silence\"}");
    assert_entry("BlockFetch.Remote.Serialised", "{\"severity\": \"Debug\"}");
}

static void test_of_two_switches_of_one_name_one_suffices(void **state)
{
    (void)state;
    rewrite("TraceTxSubmissionProtocol: false\nTraceTxSubmission2Protocol: true\n");
    assert_entry("TxSubmission.Remote", NULL);
    rewrite("TraceTxSubmission2Protocol: true\nTraceTxSubmissionProtocol: false\n");
    assert_entry("TxSubmission.Remote", NULL);
    rewrite("TraceTxSubmission2Protocol: false\nTraceTxSubmissionProtocol: false\n");
    assert_entry("TxSubmission.Remote", "{\"severity\": \"Silence\"}");
}

static void test_switches_without_a_counterpart_are_told(void **state)
{
    (void)state;
    rewrite("TraceDNSResolver: true\nTraceDnsSubscription: false\nTraceFnord: true\n");
    assert_int_equal(remarks("lost", "TraceDNSResolver"), 1);
    assert_int_equal(remarks("lost", "TraceDnsSubscription"), 1);
    assert_int_equal(remarks("lost", "TraceFnord"), 1);
    assert_null(json_object_get(done.config, "TraceFnord"));
}

static void test_scribes_become_backends(void **state)
{
    (void)state;
    assert_backends("setupScribes: [{scKind: StdoutSK, scName: stdout, scFormat: ScJson}]",
                    "[\"Stdout MachineFormat\"]");
    assert_backends("setupScribes: [{scKind: StdoutSK, scName: stdout, scFormat: ScText}]",
                    "[\"Stdout HumanFormatUncoloured\"]");
    assert_backends("setupScribes: [{scKind: JournalSK, scName: j}, {scKind: FileSK, scName: f}]",
                    "[\"Forwarder\"]");
    assert_int_equal(remarks("lost", "setupScribes"), 2);
    assert_backends("setupScribes: [{scKind: DevNullSK, scName: x}]", "[]");
    assert_backends("setupScribes: [{scKind: GelfSK, scName: x, scMinSev: Debug}]", "[]");
    assert_int_equal(remarks("lost", "setupScribes"), 1);
    assert_int_equal(remarks("lost", "scMinSev"), 1);
}

/* Texts of the file come in remarks, however long they are. */
static void test_long_texts_are_told_whole(void **state)
{
    char file[4096] = "setupScribes: [{scKind: FileSK, scName: '";

    (void)state;
    for (int i = 0; i < 1000; i++)
        strcat(file, "é");
    strcat(file, "'}]");
    rewrite(file);
    assert_int_equal(remarks("lost", "setupScribes"), 1);
}

static void test_scribes_that_nothing_goes_to_by_default_are_left_out(void **state)
{
    (void)state;
    assert_backends("defaultScribes: [[StdoutSK, stdout]]\n"
                    "setupScribes: [{scKind: StdoutSK, scName: stdout, scFormat: ScJson},\n"
                    "               {scKind: FileSK, scName: f}]",
                    "[\"Stdout MachineFormat\"]");
    assert_int_equal(remarks("unneeded", "setupScribes"), 1);
    /* without the backend that writes lines, scribes have nothing to do */
    assert_backends("defaultBackends: [EKGViewBK]\n"
                    "setupScribes: [{scKind: StdoutSK, scName: stdout, scFormat: ScJson}]",
                    "[\"EKGBackend\"]");
}

static void test_backends_and_pages_of_metrics_become_backends(void **state)
{
    (void)state;
    assert_backends(
        "{\"defaultBackends\": [\"KatipBK\", \"TraceForwarderBK\", \"AggregationBK\"],\n"
        " \"setupBackends\": [\"KatipBK\", \"EKGViewBK\"], \"hasEKG\": 12788,\n"
        " \"hasPrometheus\": [\"0.0.0.0\", 12798]}",
        "[\"Forwarder\", \"EKGBackend\", \"PrometheusSimple suffix 0.0.0.0 12798\"]");
    assert_int_equal(remarks("lost", "defaultBackends"), 1);
    assert_int_equal(remarks("lost", "hasEKG"), 1);
    assert_backends("hasPrometheus: null", "[]");
}

static void test_rotation_is_the_collectors_where_there_are_files(void **state)
{
    (void)state;
    rewrite("setupScribes: [{scKind: FileSK, scName: f}]\nrotation: {rpKeepFilesNum: 3}");
    assert_int_equal(remarks("lost", "rotation"), 1);
    rewrite("rotation: {rpKeepFilesNum: 3}");
    assert_int_equal(remarks("unneeded", "rotation"), 1);
}

static void test_maps_of_loggers_become_entries_of_names(void **state)
{
    (void)state;
    rewrite("setupScribes: [{scKind: StdoutSK, scName: stdout, scFormat: ScJson}]\n"
            "TraceMempool: false\n"
            "options:\n"
            "  mapSeverity: {cardano.node.ChainDB: Warning, cardano.node.Mempool: Debug,\n"
            "                cardano.node.Forge: Debug, cardano.node.fnord: Debug, x: Debug}\n"
            "  mapSubtrace: {cardano.node.Mux: {subtrace: NoTrace},\n"
            "                cardano.node.Server: {subtrace: Neutral},\n"
            "                cardano.node.startup: {subtrace: UntimedTrace},\n"
            "                cardano.node.metrics: {subtrace: NoTrace}}\n"
            "  mapBackends: {cardano.node.resources: [EKGViewBK],\n"
            "                cardano.node.Handshake: [KatipBK, TraceForwarderBK]}\n"
            "  mapScribes: {cardano.node: [x]}\n");
    assert_entry("ChainDB", "{\"severity\": \"Warning\"}");
    assert_entry("Mempool", "{\"severity\": \"Silence\"}");
    assert_entry("Forge.Loop", "{\"severity\": \"Debug\"}");
    assert_entry("Forge.StateInfo", "{\"severity\": \"Debug\"}");
    assert_int_equal(remarks("lost", "mapSeverity"), 2);
    assert_int_equal(remarks("unneeded", "mapSeverity"), 1);
    assert_entry("Net.Mux.Remote", "{\"severity\": \"Silence\"}");
    assert_entry("Net.Server.Remote", NULL);
    assert_int_equal(remarks("lost", "mapSubtrace"), 1);
    assert_int_equal(remarks("unneeded", "mapSubtrace"), 2);
    assert_entry("Resources", "{\"backends\": [\"EKGBackend\"]}");
    assert_entry("Net.Handshake.Remote",
                 "{\"backends\": [\"Stdout MachineFormat\", \"Forwarder\"]}");
    assert_int_equal(remarks("lost", "mapScribes"), 1);
}

static void test_a_severity_of_all_is_the_roots(void **state)
{
    (void)state;
    rewrite("minSeverity: Debug\noptions: {mapSeverity: {cardano.node: Error}}");
    assert_entry("", "{\"backends\": [], \"detail\": \"DNormal\", \"severity\": \"Error\"}");
}

static void test_a_file_of_the_new_system_keeps_its_options(void **state)
{
    (void)state;
    rewrite("UseTraceDispatcher: true\nTraceOptions: {Mempool: {severity: Debug}}\n"
            "TraceChainDb: false\nminSeverity: Error\n");
    assert_entry("Mempool", "{\"severity\": \"Debug\"}");
    assert_entry("ChainDB", NULL);
    assert_null(json_object_get(done.config, "minSeverity"));
    assert_int_equal(remarks("unneeded", "TraceChainDb"), 1);
    rewrite("TraceOptions: {Mempool: {severity: Debug}}\n");
    assert_entry("Mempool", "{\"severity\": \"Debug\"}");
    rewrite("UseTraceDispatcher: false\nTraceOptions: {Mempool: {severity: Debug}}\n");
    assert_entry("Mempool", NULL);
    assert_int_equal(remarks("lost", "TraceOptions"), 1);
}

static void test_values_that_mean_nothing_are_refused(void **state)
{
    (void)state;
    assert_refused("a: 1\nminSeverity: Loud",
                   "file:2: minSeverity must be a severity from Debug to Emergency");
    assert_refused("minSeverity: Silence",
                   "file:1: minSeverity must be a severity from Debug to Emergency");
    assert_refused("TracingVerbosity: 3", "file:1: TracingVerbosity must be MinimalVerbosity, "
                                          "NormalVerbosity or MaximalVerbosity");
    assert_refused("TurnOnLogging: 3", "file:1: TurnOnLogging must be true or false");
    assert_refused("UseTraceDispatcher: 3", "file:1: UseTraceDispatcher must be true or false");
    assert_refused("hasPrometheus: 3", "file:1: hasPrometheus must be a list of a host and a port");
    assert_refused("hasPrometheus: [x, 70000]",
                   "file:1: hasPrometheus must be a list of a host and a port");
    assert_refused("setupScribes: 3", "file:1: setupScribes must be a list");
    assert_refused("setupScribes: [3]", "file:1: a scribe must be an object");
    assert_refused("options: 3", "file:1: options must be an object");
    assert_refused("options: {mapSeverity: 3}", "file:1: mapSeverity must be an object");
    assert_refused("options: {mapSubtrace: {cardano.node: 3}}",
                   "file:1: a member of mapSubtrace must have a subtrace");
    assert_refused("options: {mapBackends: {cardano.node.Mux: 3}}",
                   "file:1: a member of mapBackends must be a list");
    assert_refused("[1]", "file: a configuration must be an object");
    assert_refused("", "file: a configuration must be an object");
}

/* What is written as YAML reads as what was given. */
static void test_yaml_reads_back_the_same(void **state)
{
    static const char file[] =
        "a: [1, 2.5, '3', 'true', 'no', '', ~, null, yes, 'a: b', \"x\\ny\", '- z', '#', '2026-01-01']\n"
        "'': {'1': x, 'null': 'null', é: 'ü'}\n"
        "empty: {}\nnone: []\nversion: '10.40'\nlong: '"
        "0123456789 0123456789 0123456789 "
        "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 end'\n";
    struct ou_error err = { { 0 } };
    json_t *before;

    (void)state;
    assert_int_equal(rewrite_config(span_of(file), "file", &done, &err), OU_OK);
    assert_true(done.was_yaml);
    before = json_incref(done.config);
    assert_int_equal(yaml_append(&text, done.config, &err), OU_OK);
    rewritten_release(&done);
    assert_int_equal(rewrite_config((struct span){ text.at, text.len }, "again", &done, &err),
                     OU_OK);
    assert_true(json_equal(before, done.config));
    json_decref(before);
}

static void test_configurations_of_real_nodes_are_understood(void **state)
{
    static const char *const files[] = { "real/d-genesis/mainnet/config.json",
                                         "real/d-genesis/preview/config.json" };
    struct ou_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        const char *path = shared_data(files[i]);
        struct buffer file;

        buffer_init(&file, allocator_libc(), BYTES_MAX);
        assert_int_equal(file_read(path, &file, &err), OU_OK);
        rewrite(buffer_string(&file));
        buffer_release(&file);
        assert_entry("ChainSync.Client", "{\"severity\": \"Silence\"}");
        assert_entry("Resources", "{\"backends\": [\"EKGBackend\"]}");
        assert_non_null(strstr(text.at, "\"PrometheusSimple suffix 127.0.0.1 12798\""));
        assert_non_null(strstr(text.at, "\"MinNodeVersion\": \"10.4.0\""));
    }
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(test_severity_and_verbosity_are_the_roots),
        EACH(test_what_is_not_about_tracing_stays_as_it_is),
        EACH(test_a_switch_that_is_off_silences_the_names_of_today),
        EACH(test_a_switch_that_is_on_below_one_that_is_off_is_heard),
        EACH(test_of_two_switches_of_one_name_one_suffices),
        EACH(test_switches_without_a_counterpart_are_told),
        EACH(test_scribes_become_backends),
        EACH(test_long_texts_are_told_whole),
        EACH(test_scribes_that_nothing_goes_to_by_default_are_left_out),
        EACH(test_backends_and_pages_of_metrics_become_backends),
        EACH(test_rotation_is_the_collectors_where_there_are_files),
        EACH(test_maps_of_loggers_become_entries_of_names),
        EACH(test_a_severity_of_all_is_the_roots),
        EACH(test_a_file_of_the_new_system_keeps_its_options),
        EACH(test_values_that_mean_nothing_are_refused),
        EACH(test_yaml_reads_back_the_same),
        EACH(test_configurations_of_real_nodes_are_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
