/* The collector's configuration: forms, defaults, refusals, warnings. */
#include "collect/config.h"

#include <stdio.h>

#include "support/files.h"
#include "support/test.h"

struct read {
    struct collector_config *config;
    struct buffer warnings;
    struct ou_error err;
    enum ou_status status;
};

static struct read read_text(const char *text)
{
    struct read r = { .config = NULL };

    buffer_init(&r.warnings, allocator_libc(), 1 << 20);
    r.status = collector_config_parse(span_of(text), "c.yaml", &r.warnings, &r.config, &r.err);
    return r;
}

static void release(struct read *r)
{
    collector_config_free(r->config);
    buffer_release(&r->warnings);
}

/* Fine, and nothing to warn of. */
static struct read read_fine(const char *text)
{
    struct read r = read_text(text);

    if (r.status)
        fail_msg("%s", r.err.text);
    assert_string_equal(buffer_string(&r.warnings), "");
    return r;
}

static void assert_refused(const char *text, const char *why)
{
    struct read r = read_text(text);

    assert_int_equal(r.status, OU_INVALID);
    if (!strstr(r.err.text, why))
        fail_msg("\"%s\" is not in \"%s\"", why, r.err.text);
    release(&r);
}

static void assert_warned(const char *text, const char *what)
{
    struct read r = read_text(text);

    if (r.status)
        fail_msg("%s", r.err.text);
    assert_string_equal(buffer_string(&r.warnings), what);
    release(&r);
}

#define NETWORK "networkMagic: 42\nnetwork: { tag: AcceptAt, contents: /run/t.sock }\n"
#define LOGGING "logging: [ { logRoot: /l, logMode: FileMode, logFormat: ForMachine } ]\n"
#define LEAST NETWORK LOGGING /* three lines */

/* --- Forms ---------------------------------------------------------------------------------- */

/* The example of cardano-tracer's documents: five of its endpoints, rotation in hours. */
static const char form_of_2026[] =
    "networkMagic: 764824073\n"
    "network: { tag: AcceptAt, contents: /run/cardano-tracer.sock }\n"
    "logging:\n"
    "  - { logRoot: /var/log/cardano-tracer, logMode: FileMode, logFormat: ForMachine }\n"
    "  - { logRoot: /var/log/cardano-tracer, logMode: FileMode, logFormat: ForHuman }\n"
    "rotation: { rpFrequencySecs: 60, rpLogLimitBytes: 50000000, rpMaxAgeHours: 24, "
    "rpKeepFilesNum: 10 }\n"
    "loRequestNum: 100\n"
    "ekgRequestFreq: 1.0\n"
    "hasPrometheus: { epHost: 127.0.0.1, epPort: 3200 }\n"
    "hasEKG: { epHost: 127.0.0.1, epPort: 3100 }\n"
    "verbosity: ErrorsOnly\n";

static void test_the_example_of_cardano_tracer_is_read(void **state)
{
    struct read r = read_fine(form_of_2026);
    const struct collector_config *c = r.config;

    (void)state;
    assert_int_equal(c->magic, 764824073);
    assert_true(c->network.listen && c->network.at[0].is_path);
    assert_string_equal(c->network.at[0].text, "/run/cardano-tracer.sock");
    assert_int_equal(c->log_count, 2);
    assert_string_equal(c->logs[1].root, "/var/log/cardano-tracer");
    assert_int_equal(c->logs[0].format, LOG_MACHINE);
    assert_int_equal(c->logs[1].format, LOG_HUMAN);
    assert_true(c->rotation.wanted);
    assert_int_equal(c->rotation.limit_bytes, 50000000);
    assert_int_equal(c->rotation.max_age_min, 1440);
    assert_int_equal(c->rotation.keep_files, 10);
    assert_int_equal(c->request_count, 100);
    assert_true(c->metrics_period_s == 1.0);
    assert_string_equal(c->prometheus.host, "127.0.0.1");
    assert_int_equal(c->prometheus.port, 3200);
    assert_int_equal(c->ekg.port, 3100);
    assert_false(c->ekg_second.wanted);
    assert_int_equal(c->verbosity, VERBOSITY_ERRORS);
    release(&r);
}

static void test_the_form_of_2023_is_read_as_json(void **state)
{
    struct read r = read_fine(
        "{ \"networkMagic\": 764824073,\n"
        "  \"network\": { \"tag\": \"ConnectTo\", \"contents\": [\"/tmp/a.sock\", \"/tmp/b.sock\"] },\n"
        "  \"logging\": [ { \"logRoot\": \"/tmp/l\", \"logMode\": \"JournalMode\", \"logFormat\": "
        "\"ForHuman\" } ],\n"
        "  \"rotation\": { \"rpFrequencySecs\": 15, \"rpKeepFilesNum\": 1, \"rpLogLimitBytes\": "
        "50000, \"rpMaxAgeHours\": 2 },\n"
        "  \"hasEKG\": [ { \"epHost\": \"127.0.0.1\", \"epPort\": 3100 },\n"
        "             { \"epHost\": \"127.0.0.1\", \"epPort\": 3101 } ],\n"
        "  \"hasRTView\": { \"epHost\": \"127.0.0.1\", \"epPort\": 3300 },\n"
        "  \"metricsComp\": { \"Mempool.TxsInMempool\": \"cardano.node.metrics.txsInMempool\" },\n"
        "  \"hasPrometheus\": null, \"verbosity\": \"Maximum\" }");
    const struct collector_config *c = r.config;

    (void)state;
    assert_false(c->network.listen);
    assert_int_equal(c->network.count, 2);
    assert_string_equal(c->network.at[1].text, "/tmp/b.sock");
    assert_int_equal(c->logs[0].mode, LOG_JOURNAL);
    assert_int_equal(c->rotation.period_s, 15);
    assert_int_equal(c->rotation.max_age_min, 120);
    assert_int_equal(c->ekg.port, 3100);
    assert_true(c->ekg_second.wanted);
    assert_int_equal(c->ekg_second.port, 3101);
    assert_int_equal(c->rtview.port, 3300);
    assert_false(c->prometheus.wanted);
    assert_int_equal(c->metric_aliases.count, 1);
    assert_string_equal(c->metric_aliases.at[0].value, "cardano.node.metrics.txsInMempool");
    assert_int_equal(c->verbosity, VERBOSITY_MAXIMUM);
    release(&r);
}

static void test_what_is_not_given_has_its_default(void **state)
{
    struct read r = read_fine(LEAST);
    const struct collector_config *c = r.config;

    (void)state;
    assert_false(c->rotation.wanted);
    assert_int_equal(c->request_count, 100);
    assert_true(c->metrics_period_s == 1.0);
    assert_false(c->metrics_full || c->metrics_no_suffix || c->prometheus.wanted || c->ekg.wanted);
    assert_false(c->rtview.wanted || c->timeseries.wanted || c->forwarding.wanted);
    assert_null(c->certificate_file);
    assert_int_equal(c->resource_period_ms, 0);
    assert_int_equal(c->durability, DURABLE_NEVER);
    assert_int_equal(c->fsync_s, 5);
    assert_int_equal(c->unwritable, UNWRITABLE_WAIT);
    assert_int_equal(c->metric_names, METRIC_NAMES_NEW);
    assert_int_equal(c->history_min, 180);
    assert_int_equal(c->history_step_s, 5);
    assert_int_equal(c->history_bytes, 32 << 20);
    assert_int_equal(c->connections_max, 1024);
    assert_int_equal(c->message_bytes, 64 << 20);
    assert_int_equal(c->held_bytes, 256 << 20);
    assert_int_equal(c->rule_count, 0);
    release(&r);
}

static void test_hosts_and_ports_are_no_paths(void **state)
{
    struct read r = read_fine(
        "networkMagic: 1\nnetwork: { tag: ConnectTo, contents: [ 'localhost:3000', '[::1]:3001', "
        "/run/n.sock ] }\n" LOGGING);

    (void)state;
    assert_false(r.config->network.at[0].is_path || r.config->network.at[1].is_path);
    assert_int_equal(r.config->network.at[0].port, 3000);
    assert_string_equal(r.config->network.at[1].text, "::1");
    assert_true(r.config->network.at[2].is_path);
    release(&r);
}

static void test_equal_entries_of_logging_are_one(void **state)
{
    struct read r =
        read_fine(NETWORK "logging: [ { logRoot: /l, logMode: FileMode, logFormat: ForLegacy },"
                          " { logRoot: /l, logMode: FileMode, logFormat: ForLegacy } ]");

    (void)state;
    assert_int_equal(r.config->log_count, 1);
    assert_int_equal(r.config->logs[0].format, LOG_LEGACY);
    release(&r);
}

/* Two sinks of one folder would rotate each other's files. */
static void test_one_folder_by_several_names_counts_once(void **state)
{
#define FILES(root) "{ logRoot: '" root "', logMode: FileMode, logFormat: ForMachine }"
    struct read r =
        read_fine(NETWORK "logging: [ " FILES("/none/a/") ", " FILES("/none//./a") ", " FILES(
            "/none/b/../a") ", " FILES("./logs/") ", " FILES("logs") ", " FILES("/none/b") " ]");

    (void)state;
    assert_int_equal(r.config->log_count, 3);
    assert_string_equal(r.config->logs[0].root, "/none/a");
    assert_string_equal(r.config->logs[1].root, "logs");
    assert_string_equal(r.config->logs[2].root, "/none/b");
    release(&r);
#undef FILES
}

static void test_forwarding_is_a_triple(void **state)
{
    struct read r = read_fine(
        LEAST "hasForwarding: [ { tag: AcceptAt, contents: /run/f.sock },"
              " [ [Forge, Loop], [ChainDB] ], { connQueueSize: 500, disconnQueueSize: 300 } ]");

    (void)state;
    assert_true(r.config->forwarding.wanted && r.config->forwarding.filtered);
    assert_int_equal(r.config->forwarding.prefix_count, 2);
    assert_string_equal(r.config->forwarding.prefixes[0], "Forge.Loop");
    assert_string_equal(r.config->forwarding.prefixes[1], "ChainDB");
    assert_int_equal(r.config->forwarding.queue_count, 500);
    assert_int_equal(r.config->forwarding.max_reconnect_s, 45);
    release(&r);

    r = read_fine(LEAST "hasForwarding: [ { tag: AcceptAt, contents: 'h:1' }, null, {} ]");
    assert_false(r.config->forwarding.filtered);
    assert_int_equal(r.config->forwarding.queue_count, 192);
    release(&r);
    assert_refused(LEAST "hasForwarding: [ { tag: AcceptAt, contents: x }, null ]",
                   "must be a list of three");
}

static void test_what_is_ours_is_read(void **state)
{
    struct read r = read_fine(
        LEAST "ouroscope:\n"
              "  fsync: batch\n"
              "  fsyncSeconds: 7\n"
              "  whenUnwritable: drop\n"
              "  metricNames: both\n"
              "  history: { minutes: 10, stepSeconds: 2, maxBytes: 1000000 }\n"
              "  maxConnections: 3\n"
              "  maxMessageBytes: 100000\n"
              "  notifications:\n"
              "    - { name: oncall, severity: Error, namespace: Forge, webhook: 'http://h/x' }\n"
              "    - { nodeDown: true, graceSeconds: 3, silenceSeconds: 60, writeFailed: true,\n"
              "        lost: true, groupSeconds: 0, command: [ mail, -s, trouble ] }\n");
    const struct collector_config *c = r.config;

    (void)state;
    assert_int_equal(c->durability, DURABLE_BATCH);
    assert_int_equal(c->fsync_s, 7);
    assert_int_equal(c->unwritable, UNWRITABLE_DROP);
    assert_int_equal(c->metric_names, METRIC_NAMES_BOTH);
    assert_int_equal(c->history_min, 10);
    assert_int_equal(c->connections_max, 3);
    assert_int_equal(c->message_bytes, 100000);
    assert_int_equal(c->rule_count, 2);
    assert_string_equal(c->rules[0].name, "oncall");
    assert_int_equal(c->rules[0].severity_min, 4);
    assert_string_equal(c->rules[0].namespace, "Forge");
    assert_int_equal(c->rules[0].group_s, 30);
    assert_string_equal(c->rules[1].name, "command 2");
    assert_int_equal(c->rules[1].severity_min, -1);
    assert_true(c->rules[1].node_down && c->rules[1].write_failed && c->rules[1].lost);
    assert_int_equal(c->rules[1].grace_s, 3);
    assert_string_equal(c->rules[1].command[2], "trouble");
    assert_null(c->rules[1].command[3]);
    release(&r);
}

/* --- Refusals ------------------------------------------------------------------------------ */

static void test_what_cardano_tracer_refuses_is_refused_in_its_words(void **state)
{
    (void)state;
    assert_refused("networkMagic: 1\nnetwork: { tag: AcceptAt, contents: '' }\n" LOGGING,
                   "c.yaml: AcceptAt is empty");
    assert_refused("networkMagic: 1\nnetwork: { tag: ConnectTo, contents: ['', ''] }\n" LOGGING,
                   "ConnectTo are empty");
    assert_refused("networkMagic: 1\nnetwork: { tag: ConnectTo, contents: [] }\n" LOGGING,
                   "ConnectTo are empty");
    assert_refused(NETWORK "logging: [ { logRoot: '', logMode: FileMode, logFormat: ForHuman } ]\n"
                           "hasEKG: { epHost: '', epPort: 1 }\n"
                           "hasPrometheus: { epHost: '', epPort: 1 }\n",
                   "c.yaml: empty logRoot(s), no host(s) in hasEKG, no host in hasPrometheus, "
                   "duplicate ports in config");
    assert_refused(LEAST "hasEKG: { epHost: a, epPort: 80 }\n"
                         "hasPrometheus: { epHost: b, epPort: 80 }\n",
                   "duplicate ports in config");
}

static void test_a_journal_needs_no_root(void **state)
{
    struct read r = read_fine(
        NETWORK "logging: [ { logRoot: '', logMode: JournalMode, logFormat: ForHuman } ]");

    (void)state;
    release(&r);
}

static void test_wrong_values_are_refused_with_their_line(void **state)
{
    (void)state;
    assert_refused("", "c.yaml: the file is empty");
    assert_refused("[]", "c.yaml:1: \"the configuration\" must be an object, not a list");
    assert_refused("networkMagic: 1\n" LOGGING, "c.yaml:1: \"network\" is not given");
    assert_refused(NETWORK, "c.yaml:1: \"logging\" is not given");
    assert_refused(NETWORK "logging: []", "c.yaml:3: \"logging\" is empty");
    assert_refused(NETWORK "logging: [ { logRoot: /l, logMode: FileMode } ]",
                   "c.yaml:3: \"logFormat\" is not given");
    assert_refused(NETWORK "logging: [ { logRoot: /l, logMode: F, logFormat: ForHuman } ]",
                   "c.yaml:3: \"logMode\" must be one of FileMode, JournalMode, not \"F\"");
    assert_refused("networkMagic: 4294967296\nnetwork: { tag: AcceptAt, contents: x }\n" LOGGING,
                   "\"networkMagic\" must be a whole number from 0 to 4294967295");
    assert_refused(LEAST "loRequestNum: 0.5",
                   "c.yaml:4: \"loRequestNum\" must be a whole number from 1 to 65535");
    assert_refused(LEAST "loRequestNum: '5'", "not \"5\"");
    assert_refused(LEAST "ekgRequestFreq: 0", "\"ekgRequestFreq\" must be a number from 0.01");
    assert_refused(LEAST "ekgRequestFull: 1", "must be true or false, not the number 1");
    assert_refused(LEAST "hasPrometheus: { epHost: h }", "\"epPort\" is not given");
    assert_refused(LEAST "hasPrometheus: { epHost: h, epPort: 65536 }", "from 0 to 65535");
    assert_refused(LEAST "hasEKG: [ { epHost: h, epPort: 1 } ]", "or a list of two");
    assert_refused(LEAST "rotation: { rpLogLimitBytes: 5 }", "\"rpKeepFilesNum\" is not given");
    assert_refused(LEAST "tlsCertificate: { certificateFile: c }",
                   "\"certificateKeyFile\" is not given");
    assert_refused(LEAST "prometheusLabels: { a: [] }", "\"a\" of prometheusLabels must be a text");
    assert_refused(LEAST "ouroscope: { notifications: [ { lost: true } ] }",
                   "needs a \"webhook\" or a \"command\"");
    assert_refused(LEAST "ouroscope: { notifications: [ { webhook: 'ftp://h' } ] }", "http://");
    assert_refused(LEAST "ouroscope: { notifications: [ { command: [] } ] }", "is empty");
    assert_refused("network: { tag: Nowhere, contents: x }\nnetworkMagic: 1\n" LOGGING,
                   "must be one of AcceptAt, ConnectTo");
}

static void test_a_path_too_long_for_a_socket_is_refused(void **state)
{
    char text[400];

    (void)state;
    snprintf(text, sizeof(text),
             "networkMagic: 1\nnetwork: { tag: AcceptAt, contents: /%0150d }\n" LOGGING, 0);
    assert_refused(text, "c.yaml:2: ");
}

static void test_a_member_of_the_wrong_kind_or_with_nothing_in_it_is_refused(void **state)
{
    static const char *const refused[][2] = {
        { "networkMagic: 1\nnetwork: { tag: ConnectTo, contents: /a }\n" LOGGING,
          "c.yaml:2: \"contents\" must be a list, not " },
        { NETWORK "logging: /l\n", "c.yaml:3: \"logging\" must be a list, not " },
        { NETWORK "logging: [ /l ]\n", "c.yaml:3: \"logging\" must be an object, not " },
        { LEAST "hasForwarding: [ { tag: AcceptAt, contents: /f }, A, {} ]\n",
          "c.yaml:4: \"the names of hasForwarding\" must be a list, not " },
        { LEAST "hasForwarding: [ { tag: AcceptAt, contents: '' }, null, {} ]\n",
          "c.yaml: no address in hasForwarding" },
        { LEAST "hasForwarding: [ { tag: ConnectTo, contents: [] }, null, {} ]\n",
          "c.yaml: no address in hasForwarding" },
        { LEAST "ouroscope: { notifications: {} }\n",
          "c.yaml:4: \"notifications\" must be a list, not an object" },
        { LEAST "tlsCertificate: { certificateFile: c, certificateKeyFile: 5 }\n",
          "c.yaml:4: \"certificateKeyFile\" must be a text, not the number 5" },
        { NETWORK "logging: [ { logRoot: [], logMode: FileMode, logFormat: ForHuman } ]\n",
          "c.yaml:3: \"logRoot\" must be a text, not a list" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        assert_refused(refused[i][0], refused[i][1]);
}

/* As many entries as are taken, which is fine, and one more. */
static void assert_limited(const char *before, const char *const entry[2], const char *after,
                           int most, const char *why)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), 1 << 20);
    for (int count = most; count <= most + 1; count++) {
        buffer_clear(&text);
        buffer_text(&text, before);
        for (int i = 0; i < count; i++)
            buffer_printf(&text, "%s%d%s", entry[0], i, entry[1]);
        buffer_text(&text, after);
        if (count > most) {
            assert_refused(buffer_string(&text), why);
        } else {
            struct read r = read_fine(buffer_string(&text));

            release(&r);
        }
    }
    buffer_release(&text);
}

static void test_lists_that_are_too_long_are_refused(void **state)
{
    static const char *const address[] = { "'/s", "'," };
    static const char *const log[] = { "  - { logRoot: /l",
                                       ", logMode: FileMode, logFormat: ForHuman }\n" };
    static const char *const rule[] = { "{ name: n", ", lost: yes, command: [x] }," };

    (void)state;
    assert_limited("networkMagic: 1\nnetwork: { tag: ConnectTo, contents: [", address,
                   "] }\n" LOGGING, COLLECTOR_ENDPOINTS_MAX,
                   "c.yaml:2: more than 4096 addresses in ConnectTo");
    assert_limited(NETWORK "logging:\n", log, "", COLLECTOR_LOGS_MAX,
                   "c.yaml:20: more than 16 entries of logging");
    assert_limited(LEAST "ouroscope: { notifications: [", rule, "] }\n", COLLECTOR_RULES_MAX,
                   "c.yaml:4: more than 64 notifications");
}

/* --- Warnings --------------------------------------------------------------------------------- */

static void test_an_unknown_member_is_named_with_the_nearest_one(void **state)
{
    (void)state;
    assert_warned(LEAST "hasPrometeus: { epHost: h, epPort: 1 }\n",
                  "c.yaml:4: the configuration has no member \"hasPrometeus\"; did you mean "
                  "\"hasPrometheus\"?\n");
    assert_warned(LEAST "rotation: { rpLogLimitBytes: 1, rpKeepFilesNum: 2,\n  xyz: 3 }\n",
                  "c.yaml:5: rotation has no member \"xyz\"\n");
    assert_warned(LEAST "ouroscope: { fsyncs: never }\n",
                  "c.yaml:4: ouroscope has no member \"fsyncs\"; did you mean \"fsync\"?\n");
}

static void test_odd_things_are_warned_of(void **state)
{
    (void)state;
    assert_warned(LEAST "rotation: { rpLogLimitBytes: 1, rpKeepFilesNum: 2, rpMaxAgeHours: 1, "
                        "rpMaxAgeMinutes: 5 }\n",
                  "c.yaml:4: \"rpMaxAgeHours\" is passed over: rpMaxAgeMinutes is given\n");
    assert_warned("networkMagic: 1\nnetwork: { tag: ConnectTo, contents: ['', '/a'] }\n" LOGGING,
                  "c.yaml:2: an empty address in ConnectTo is passed over\n");
    assert_warned(LEAST "hasEKG: { epHost: h, epPort: 1, epForceSSL: true }\n",
                  "c.yaml:1: \"epForceSSL\" has no effect: there is no tlsCertificate, pages are "
                  "served without encryption\n");
    assert_warned(LEAST "ouroscope: { notifications: [ { command: [ x ] } ] }\n",
                  "c.yaml:4: this notification never comes: it has none of severity, namespace, "
                  "nodeDown, silenceSeconds, writeFailed, lost\n");
}

/* --- Files and JSON --------------------------------------------------------------------------- */

static void test_help_comes_from_an_object_or_from_a_file(void **state)
{
    struct temp_dir dir;
    struct read r = read_fine(LEAST "metricsHelp: { slotNum: the slot }");
    char text[1024];

    (void)state;
    assert_string_equal(r.config->metric_help.at[0].value, "the slot");
    release(&r);

    temp_dir_make(&dir);
    snprintf(text, sizeof(text), "%smetricsHelp: %s\n", LEAST,
             temp_file(&dir, "help.json", "{\"density\":\"of the chain\"}"));
    assert_int_equal(
        collector_config_load(temp_file(&dir, "c.yaml", text), NULL, &r.config, &r.err), OU_OK);
    assert_int_equal(r.config->metric_help.count, 1);
    assert_string_equal(r.config->metric_help.at[0].name, "density");
    collector_config_free(r.config);
    temp_file(&dir, "help.json", "[1]");
    assert_int_equal(collector_config_load(temp_path(&dir, "c.yaml"), NULL, &r.config, &r.err),
                     OU_INVALID);
    assert_non_null(strstr(r.err.text, "help.json:1: "));
    assert_int_equal(collector_config_load("/nowhere/c.yaml", NULL, &r.config, &r.err),
                     OU_NOT_FOUND);
    temp_dir_remove(&dir);
}

static void to_json(const struct collector_config *c, struct buffer *out, enum config_view view)
{
    buffer_init(out, allocator_libc(), 1 << 20);
    collector_config_json(c, out, view);
    assert_int_equal(buffer_status(out), OU_OK);
}

/* All that is read is written, and reads back as the same. */
static void assert_round_trip(const char *text)
{
    struct read first = read_fine(text), second;
    struct buffer once, twice;

    to_json(first.config, &once, CONFIG_FOR_OWNER);
    second = read_fine(buffer_string(&once));
    to_json(second.config, &twice, CONFIG_FOR_OWNER);
    assert_string_equal(buffer_string(&once), buffer_string(&twice));
    buffer_release(&once);
    buffer_release(&twice);
    release(&first);
    release(&second);
}

static void test_the_effective_configuration_reads_back_as_itself(void **state)
{
    (void)state;
    assert_round_trip(LEAST);
    assert_round_trip(form_of_2026);
    assert_round_trip(
        "networkMagic: 1\nnetwork: { tag: ConnectTo, contents: ['[::1]:5', /a] }\n" LOGGING
        "hasEKG: [ { epHost: a, epPort: 1 }, { epHost: a, epPort: 2, epForceSSL: true } ]\n"
        "hasTimeseries: { epHost: a, epPort: 3 }\nhasRTView: { epHost: a, epPort: 4 }\n"
        "tlsCertificate: { certificateFile: c, certificateKeyFile: k, certificateChain: [d, e] }\n"
        "hasForwarding: [ { tag: AcceptAt, contents: /f }, [[A, B], [C]], { queueSize: 7 } ]\n"
        "metricsComp: { a: b }\nmetricsHelp: { c: 'd \"e\"' }\nprometheusLabels: { l: '1' }\n"
        "ekgRequestFreq: 0.25\nresourceFreq: 500\nmetricsNoSuffix: true\nverbosity: Minimum\n"
        "ouroscope: { notifications: [ { severity: Alert, webhook: 'https://h' },\n"
        "  { nodeDown: yes, command: [ a, 'b c' ] } ] }\n");
}

static void test_passwords_of_notifications_do_not_reach_logs(void **state)
{
    struct read r = read_fine(
        LEAST "ouroscope: { notifications: [\n"
              "  { lost: yes, webhook: 'https://me:secret@chat.example:8443/secret?secret' },\n"
              "  { lost: yes, command: [ /bin/to-chat, 'secret' ] } ] }\n");
    struct buffer told;

    (void)state;
    to_json(r.config, &told, CONFIG_FOR_LOGS);
    assert_null(strstr(buffer_string(&told), "secret"));
    assert_non_null(strstr(buffer_string(&told), "\"webhook\":\"https://chat.example\""));
    assert_non_null(strstr(buffer_string(&told), "\"command\":[\"/bin/to-chat\"]"));
    buffer_release(&told);
    release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_example_of_cardano_tracer_is_read),
        cmocka_unit_test(test_the_form_of_2023_is_read_as_json),
        cmocka_unit_test(test_what_is_not_given_has_its_default),
        cmocka_unit_test(test_hosts_and_ports_are_no_paths),
        cmocka_unit_test(test_equal_entries_of_logging_are_one),
        cmocka_unit_test(test_one_folder_by_several_names_counts_once),
        cmocka_unit_test(test_forwarding_is_a_triple),
        cmocka_unit_test(test_what_is_ours_is_read),
        cmocka_unit_test(test_what_cardano_tracer_refuses_is_refused_in_its_words),
        cmocka_unit_test(test_a_journal_needs_no_root),
        cmocka_unit_test(test_wrong_values_are_refused_with_their_line),
        cmocka_unit_test(test_a_path_too_long_for_a_socket_is_refused),
        cmocka_unit_test(test_a_member_of_the_wrong_kind_or_with_nothing_in_it_is_refused),
        cmocka_unit_test(test_lists_that_are_too_long_are_refused),
        cmocka_unit_test(test_an_unknown_member_is_named_with_the_nearest_one),
        cmocka_unit_test(test_odd_things_are_warned_of),
        cmocka_unit_test(test_help_comes_from_an_object_or_from_a_file),
        cmocka_unit_test(test_the_effective_configuration_reads_back_as_itself),
        cmocka_unit_test(test_passwords_of_notifications_do_not_reach_logs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
