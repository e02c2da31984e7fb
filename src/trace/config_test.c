/* Keys of the file, containers, and the older system. */
#include <stdio.h>

#include "base/file.h"
#include "support/files.h"
#include "trace/config_test.h"
#include "trace/config_test_points.h"

OU_TRACE_POINT(test_counters, "Net.PeerSelection.Counters", OU_INFO, OU_PUBLIC, OU_NO_FIELDS,
               "Peers by state.");
OU_TRACE_POINT(test_request, "BlockFetch.Client.SendFetchRequest", OU_INFO, OU_PUBLIC, OU_NO_FIELDS,
               "Blocks are asked for.");

static struct config *load(const char *path, const char *want)
{
    struct ou_error err = { { 0 } };
    struct config *config = NULL;
    struct buffer warnings;
    enum ou_status status;

    buffer_init(&warnings, allocator_libc(), WARNINGS_MAX);
    status = config_load(path, &warnings, &config, &err);
    if (status)
        print_error("%s\n", err.text);
    assert_int_equal(status, OU_OK);
    if (want)
        assert_string_equal(buffer_string(&warnings), want);
    buffer_release(&warnings);
    return config;
}

static const char complete[] =
    "UseTraceDispatcher: true            # [23] only\n"
    "TraceOptionNodeName: relay-eu-1\n"
    "TraceOptionMetricsPrefix: cardano.node.metrics.\n"
    "TraceOptionResourceFrequency: 1000\n"
    "TraceOptionLedgerMetricsFrequency: 1\n"
    "TraceOptionForwarder:\n"
    "  queueSize: 192\n"
    "  maxReconnectDelay: 45\n"
    "  verbosity: Minimum\n"
    "TracePrometheusSimpleRun: { connTimeout: 22, connCountGlobal: 16, connCountPerHost: 5, "
    "connPerSecond: 8.0 }\n"
    "TraceOptions:\n"
    "  \"\":\n"
    "    severity: Notice\n"
    "    detail: DNormal\n"
    "    backends:\n"
    "      - Stdout MachineFormat\n"
    "      - EKGBackend\n"
    "      - Forwarder\n"
    "      - PrometheusSimple suffix 127.0.0.1 12798\n"
    "  ChainDB:                        { severity: Info }\n"
    "  ChainDB.AddBlockEvent:          { severity: Debug, detail: DDetailed }\n"
    "  ChainDB.AddBlockEvent.AddedBlockToQueue: { maxFrequency: 0 }\n"
    "  ChainSync.Client:               { severity: Info }\n"
    "  ChainSync.Client.DownloadedHeader: { maxFrequency: 0 }\n"
    "  BlockFetch.Client:              { severity: Info, detail: DDetailed }\n"
    "  Forge.Loop:                     { severity: Debug }\n"
    "  Net.PeerSelection:              { severity: Silence }\n"
    "  Resources:                      { severity: Info }\n";

static void test_a_complete_file_is_read(void **state)
{
    struct config *c = parse(complete);
    struct rule queue = config_rule(c, "ChainDB.AddBlockEvent.AddedBlockToQueue");

    (void)state;
    assert_string_equal(c->node_name, "relay-eu-1");
    assert_string_equal(c->metrics_prefix, "cardano.node.metrics.");
    assert_int_equal(c->resource_frequency_ms, 1000);
    assert_int_equal(c->ledger_frequency, 1);
    assert_int_equal(c->forwarder.queue_size, 192);
    assert_int_equal(c->forwarder.queue_bytes, 64 << 20);
    assert_int_equal(c->forwarder.max_reconnect_delay, 45);
    assert_false(c->forwarder.verbose);
    assert_true(c->prometheus.conn_timeout_s == 22 && c->prometheus.conn_per_second == 8);
    assert_int_equal(c->prometheus.port, 12798);
    assert_false(c->legacy.wanted);
    assert_int_equal(queue.severity, OU_DEBUG);
    assert_int_equal(queue.detail, OU_DDETAILED);
    assert_int_equal(queue.backends,
                     BACKEND_STDOUT_MACHINE | BACKEND_EKG | BACKEND_FORWARDER | BACKEND_PROMETHEUS);
    assert_int_equal(config_rule(c, "Forge.Loop.NodeIsLeader").severity, OU_DEBUG);
    assert_round_trip(c);
    config_free(c);
}

static void test_what_is_not_given_has_its_default(void **state)
{
    struct config *c = parse_warned("Protocol: Cardano\nTraceMempool: true\n",
                                    "file:1: there are no TraceOptions: the built-in ones apply\n");

    (void)state;
    assert_null(c->node_name);
    assert_string_equal(c->metrics_prefix, "cardano.node.metrics.");
    assert_int_equal(c->resource_frequency_ms, 1000);
    assert_int_equal(c->ledger_frequency, 1);
    assert_int_equal(c->forwarder.queue_size, 65536);
    assert_int_equal(c->forwarder.queue_bytes, 64 << 20);
    assert_int_equal(c->forwarder.max_reconnect_delay, 45);
    assert_false(c->prometheus.wanted);
    assert_int_equal(c->prometheus.conn_global, 16);
    assert_int_equal(c->prometheus.conn_per_host, 5);
    assert_int_equal(config_rule(c, "Resources").severity, OU_SILENCE);
    config_free(c);
    config_free(parse("")); /* a program may come without any */
}

static void test_every_key_reads_back(void **state)
{
    struct config *c = parse("TraceOptionNodeName: \"a \\\"b\\\" \\U0001F600\"\n"
                             "TraceOptionMetricsPrefix: x\n"
                             "TraceOptionResourceFrequency: 0\n"
                             "TraceOptionLedgerMetricsFrequency: 7\n"
                             "TraceOptionForwarder: {verbosity: Maximum, maxReconnectDelay: 3}\n"
                             "TracePrometheusSimpleRun: {connTimeout: 0.5, connCountGlobal: 1,\n"
                             "  connCountPerHost: 2, connPerSecond: 0.25}\n"
                             "TraceOptions: {'': {maxFrequency: 0.1, severity: Silence}}\n");

    (void)state;
    assert_string_equal(c->metrics_prefix, "x."); /* the dot is appended */
    assert_int_equal(c->resource_frequency_ms, 0);
    assert_int_equal(c->ledger_frequency, 7);
    assert_true(c->forwarder.verbose);
    assert_int_equal(c->forwarder.max_reconnect_delay, 3);
    assert_true(c->prometheus.conn_timeout_s == 0.5 && c->prometheus.conn_per_second == 0.25);
    assert_int_equal(c->prometheus.conn_per_host, 2);
    assert_round_trip(c);
    config_free(c);
    c = parse("TraceOptionMetricsPrefix: ''\nTraceOptions: {}\n");
    assert_string_equal(c->metrics_prefix, "");
    assert_round_trip(c);
    config_free(c);
}

static int queue_of(const char *members)
{
    char text[200];
    struct config *c;
    int size;

    snprintf(text, sizeof text, "TraceOptions: {}\nTraceOptionForwarder: {%s}\n", members);
    c = parse(text);
    size = c->forwarder.queue_size;
    config_free(c);
    return size;
}

static void test_the_queues_of_2023_give_the_size_of_the_one(void **state)
{
    (void)state;
    assert_int_equal(queue_of(""), 65536);
    assert_int_equal(queue_of("queueSize: 7, connQueueSize: 2000"), 7);
    assert_int_equal(queue_of("connQueueSize: 2000"), 2000);
    assert_int_equal(queue_of("connQueueSize: 100"), 192);
    assert_int_equal(queue_of("disconnQueueSize: 100"), 128);
    assert_int_equal(queue_of("connQueueSize: 64, disconnQueueSize: 128"), 128);
    assert_int_equal(queue_of("connQueueSize: 2000, disconnQueueSize: 200000"), 200000);
}

static void test_wrong_values_are_refused(void **state)
{
    static const char *const cases[][2] = {
        { "[]", "file:1: a configuration must be an object" },
        { "TraceOptions", "file:1: a configuration must be an object" },
        { "UseTraceDispatcher: 1",
          "file:1: UseTraceDispatcher must be true or false, and is the number 1" },
        { "\nTraceOptionNodeName: 12",
          "file:2: TraceOptionNodeName must be a text, and is the number 12; put it in quotes" },
        { "TraceOptionMetricsPrefix: {}",
          "file:1: TraceOptionMetricsPrefix must be a text, and is an object" },
        { "TraceOptionResourceFrequency: -1",
          "file:1: TraceOptionResourceFrequency must be a whole number from 0 to 2147483647, and "
          "is the number -1" },
        { "TraceOptionResourceFrequency: 1.5",
          "file:1: TraceOptionResourceFrequency must be a whole number from 0 to 2147483647, and "
          "is the number 1.5" },
        { "TraceOptionLedgerMetricsFrequency: 3e9",
          "file:1: TraceOptionLedgerMetricsFrequency must be a whole number from 0 to 2147483647, "
          "and is the number 3e9" },
        { "TraceOptionForwarder: 192", "file:1: TraceOptionForwarder must be an object" },
        { "TraceOptionForwarder: {queueSize: 0}",
          "file:1: queueSize must be a whole number from 1 to 10000000, and is the number 0" },
        { "TraceOptionForwarder: {verbosity: minimum}",
          "file:1: verbosity is \"minimum\"; did you mean \"Minimum\"?" },
        { "TracePrometheusSimpleRun: {connCountGlobal: many}",
          "file:1: connCountGlobal must be a whole number from 1 to 2147483647, and is \"many\"" },
        { "HermodTracing: []", "file:1: HermodTracing must be an object or the path of a file" },
        { "HermodTracing: ''", "file:1: HermodTracing must be an object or the path of a file" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i][0], cases[i][1]);
}

static void test_keys_of_others_are_not_looked_at(void **state)
{
    (void)state;
    config_free(parse("{\"TraceOptions\": {}, \"Protocol\": [5], \"options\": {\"mapBackends\": 1},"
                      "\"TraceChainDb\": true, \"TraceForwarder\": false, \"minSeverity\": 17,"
                      "\"setupScribes\": \"?\", \"TracingVerbosity\": \"x\"}"));
}

static void test_keys_that_may_be_meant_for_tracing_are_told(void **state)
{
    (void)state;
    assert_warned("TraceOptions: {}\nTraceOptionForwader: {}\nTraceOptionsX: true\nTraceZ: 5\n",
                  "file:2: there is no key \"TraceOptionForwader\"; did you mean "
                  "\"TraceOptionForwarder\"?\n"
                  "file:3: there is no key \"TraceOptionsX\"; did you mean \"TraceOptions\"?\n"
                  "file:4: there is no key \"TraceZ\"\n");
    assert_warned("TraceOptions: {}\nTraceOptionPeerFrequency: 2000\n"
                  "TraceOptionForwarder: {queuesize: 1}\n",
                  "file:2: TraceOptionPeerFrequency has no effect\n"
                  "file:3: TraceOptionForwarder has no member \"queuesize\"; did you mean "
                  "\"queueSize\"?\n");
}

/* --- HermodTracing -------------------------------------------------------------------- */

#define INNER                                                                             \
    "{Options: {'': {severity: Error}}, Forwarder: {queueSize: 5}, ApplicationName: app," \
    " MetricsPrefix: m, PrometheusSimpleRun: {connTimeout: 3}}"

static void check_inner(struct config *c)
{
    assert_int_equal(config_rule(c, "X").severity, OU_ERROR);
    assert_int_equal(c->forwarder.queue_size, 5);
    assert_string_equal(c->node_name, "app");
    assert_string_equal(c->metrics_prefix, "m.");
    assert_true(c->prometheus.conn_timeout_s == 3);
    config_free(c);
}

static void test_the_container_has_keys_of_its_own(void **state)
{
    (void)state;
    check_inner(parse("HermodTracing: " INNER));
    check_inner(parse("Configuration: {HermodTracing: " INNER "}"));
    check_inner(parse(INNER));
    check_inner(parse("HermodTracing: {TraceOptions: {'': {severity: Error}},"
                      "TraceOptionForwarder: {queueSize: 5}, TraceOptionNodeName: app,"
                      "TraceOptionMetricsPrefix: m, TracePrometheusSimpleRun: {connTimeout: 3}}"));
    assert_warned("HermodTracing: {Options: {}, Forwader: {}}",
                  "file:1: HermodTracing has no member \"Forwader\"; did you mean "
                  "\"Forwarder\"?\n");
}

static void test_options_beside_a_container_win(void **state)
{
    struct config *c = parse_warned("TraceOptions: {'': {severity: Alert}}\n"
                                    "HermodTracing: {Options: {'': {severity: Debug}}}\n",
                                    "file:2: HermodTracing has no effect beside TraceOptions\n");

    (void)state;
    assert_int_equal(config_rule(c, "").severity, OU_ALERT);
    config_free(c);
}

static void test_a_container_may_be_a_further_file(void **state)
{
    struct temp_dir dir;
    const char *first, *folder;
    struct ou_error err;

    (void)state;
    temp_dir_make(&dir);
    folder = temp_path(&dir, "sub");
    assert_int_equal(file_make_directory(folder, &err), OU_OK);
    first = temp_file(&dir, "config.yaml", "Protocol: Cardano\nHermodTracing: sub/second.json\n");
    temp_file(&dir, "sub/second.json", "{\"HermodTracing\": \"third.yaml\"}"); /* of sub/ */
    temp_file(&dir, "sub/third.yaml", INNER);
    check_inner(load(first, ""));
    temp_dir_remove(&dir);
}

static void assert_load_refused(const char *path, enum ou_status want, const char *end)
{
    struct ou_error err = { { 0 } };
    struct config *config = NULL;
    size_t len = strlen(end);

    assert_int_equal(config_load(path, NULL, &config, &err), want);
    assert_null(config);
    assert_true(strlen(err.text) >= len);
    assert_string_equal(err.text + strlen(err.text) - len, end);
}

static void test_at_most_four_files_lead_to_the_options(void **state)
{
    struct temp_dir dir;
    char text[9000];

    (void)state;
    temp_dir_make(&dir);
    for (int i = 0; i < 5; i++) {
        char name[20];

        snprintf(name, sizeof name, "%d.yaml", i);
        snprintf(text, sizeof text, "HermodTracing: %d.yaml\n", i + 1);
        temp_file(&dir, name, text);
    }
    temp_file(&dir, "5.yaml", INNER);
    check_inner(load(temp_path(&dir, "1.yaml"), ""));
    assert_load_refused(temp_path(&dir, "0.yaml"), OU_INVALID,
                        "/4.yaml:1: more than 4 files lead to the one with the options");
    temp_file(&dir, "self.yaml", "HermodTracing: self.yaml\n");
    assert_load_refused(temp_path(&dir, "self.yaml"), OU_INVALID,
                        "/self.yaml:1: more than 4 files lead to the one with the options");
    temp_file(&dir, "gone.yaml", "\nHermodTracing: nowhere.yaml\n");
    assert_load_refused(temp_path(&dir, "gone.yaml"), OU_NOT_FOUND,
                        "/nowhere.yaml: No such file or directory");
    snprintf(text, sizeof text, "HermodTracing: %0*d\n", (int)sizeof text - 17, 0);
    assert_load_refused(temp_file(&dir, "long.yaml", text), OU_INVALID,
                        "/long.yaml:1: the path is too long");
    temp_file(&dir, "beside.yaml", "TraceOptions: {}\nHermodTracing: 5.yaml\n");
    check_inner(load(temp_path(&dir, "beside.yaml"), NULL));
    assert_load_refused(temp_path(&dir, "not-there.yaml"), OU_NOT_FOUND,
                        "/not-there.yaml: No such file or directory");
    temp_dir_remove(&dir);
}

/* --- The older system -------------------------------------------------------------------- */

static void test_the_older_system_has_defaults(void **state)
{
    struct config *c = parse("UseTraceDispatcher: false\n");

    (void)state;
    assert_true(c->legacy.wanted && c->legacy.to_stdout);
    assert_int_equal(c->legacy.min_severity, OU_INFO);
    assert_false(c->legacy.maximal);
    assert_null(c->legacy.path);
    assert_round_trip(c);
    config_free(c);
    c = parse("TraceOptions: {}\nminSeverity: Debug\n");
    assert_false(c->legacy.wanted);
    config_free(c);
}

static void test_the_older_system_writes_where_its_scribes_are(void **state)
{
    struct config *c = parse("UseTraceDispatcher: false\n"
                             "minSeverity: Debug\n"
                             "TracingVerbosity: MaximalVerbosity\n"
                             "setupScribes:\n"
                             "- {scKind: FileSK, scName: logs/node.json, scFormat: ScJson,"
                             " scRotation: null}\n");

    (void)state;
    assert_int_equal(c->legacy.min_severity, OU_DEBUG);
    assert_true(c->legacy.maximal);
    assert_false(c->legacy.to_stdout);
    assert_string_equal(c->legacy.path, "logs/node.json");
    assert_round_trip(c);
    config_free(c);
    c = parse("UseTraceDispatcher: false\nsetupScribes: [{scKind: DevNullSK, scName: x}]\n");
    assert_false(c->legacy.to_stdout);
    assert_null(c->legacy.path);
    assert_round_trip(c);
    config_free(c);
}

static void test_what_the_older_system_ignores_is_told(void **state)
{
    struct config *c =
        parse_warned("UseTraceDispatcher: false\n"
                     "TraceChainDb: true\n"
                     "TraceMempool: false\n"
                     "TraceMux: false\n"
                     "setupScribes:\n"
                     "- {scKind: StdoutSK, scName: stdout, scFormat: ScText}\n"
                     "- {scKind: FileSK, scName: a, scRotation: {rpKeepFilesNum: 3}}\n"
                     "- {scKind: FileSK, scName: b}\n"
                     "- {scKind: JournalSK, scName: c}\n",
                     "file:6: scFormat ScText has no effect: lines are JSON\n"
                     "file:7: scRotation has no effect: files are not rotated\n"
                     "file:8: a second scribe of kind FileSK has no effect\n"
                     "file:9: scribes of kind JournalSK have no effect\n"
                     "file:3: TraceMempool: switches of single tracers have no effect (2 of them "
                     "are off)\n");

    (void)state;
    assert_true(c->legacy.to_stdout);
    assert_string_equal(c->legacy.path, "a");
    config_free(c);
}

static void test_wrong_values_of_the_older_system_are_refused(void **state)
{
    static const char *const cases[][2] = {
        { "minSeverity: Silence", "file:2: minSeverity is \"Silence\"; there are: \"Debug\", "
                                  "\"Info\", \"Notice\", \"Warning\", \"Error\", \"Critical\", "
                                  "\"Alert\", \"Emergency\"" },
        { "TracingVerbosity: Maximal",
          "file:2: TracingVerbosity is \"Maximal\"; did you mean \"MaximalVerbosity\"?" },
        { "setupScribes: {}", "file:2: setupScribes must be a list of objects" },
        { "setupScribes: [5]", "file:2: a scribe must be an object with scKind" },
        { "setupScribes: [{scKind: 5}]",
          "file:2: scKind must be a text, and is the number 5; put it in quotes" },
        { "setupScribes: [{scKind: FileSK}]",
          "file:2: a scribe of kind FileSK needs scName, the path" },
        { "setupScribes: [{scKind: FileSK, scName: 1}]",
          "file:2: scName must be a text, and is the number 1; put it in quotes" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];

        snprintf(text, sizeof text, "UseTraceDispatcher: false\n%s\n", cases[i][0]);
        assert_refused(text, cases[i][1]);
    }
}

/* --- Files of others ------------------------------------------------------------------------ */

static void check_public_file(const char *name)
{
    struct config *c = load(shared_data(name), NULL);

    assert_true(c->legacy.wanted && c->legacy.to_stdout);
    assert_int_equal(c->legacy.min_severity, OU_INFO);
    assert_round_trip(c);
    config_free(c);
}

static void test_configurations_of_public_networks_load(void **state)
{
    (void)state;
    check_public_file("real/d-genesis/mainnet/config.json");
    check_public_file("real/d-genesis/preview/config.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_complete_file_is_read),
        cmocka_unit_test(test_what_is_not_given_has_its_default),
        cmocka_unit_test(test_every_key_reads_back),
        cmocka_unit_test(test_the_queues_of_2023_give_the_size_of_the_one),
        cmocka_unit_test(test_wrong_values_are_refused),
        cmocka_unit_test(test_keys_of_others_are_not_looked_at),
        cmocka_unit_test(test_keys_that_may_be_meant_for_tracing_are_told),
        cmocka_unit_test(test_the_container_has_keys_of_its_own),
        cmocka_unit_test(test_options_beside_a_container_win),
        cmocka_unit_test(test_a_container_may_be_a_further_file),
        cmocka_unit_test(test_at_most_four_files_lead_to_the_options),
        cmocka_unit_test(test_the_older_system_has_defaults),
        cmocka_unit_test(test_the_older_system_writes_where_its_scribes_are),
        cmocka_unit_test(test_what_the_older_system_ignores_is_told),
        cmocka_unit_test(test_wrong_values_of_the_older_system_are_refused),
        cmocka_unit_test(test_configurations_of_public_networks_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
