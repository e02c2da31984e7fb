/* TraceOptions: inheritance, merging, values. */
#include <stdio.h>

#include "trace/config_test.h"
#include "trace/config_test_points.h"

static void test_the_longest_name_that_defines_an_option_counts(void **state)
{
    struct config *c =
        parse("TraceOptions:\n"
              "  '': {severity: Error, detail: DMinimal, backends: [EKGBackend]}\n"
              "  ChainDB: {severity: Info, maxFrequency: 4, backends: [Stdout MachineFormat]}\n"
              "  ChainDB.AddBlockEvent: {detail: DDetailed}\n"
              "  ChainDB.AddBlockEvent.AddedBlockToQueue: {severity: Debug, maxFrequency: 0}\n");
    struct rule queue = config_rule(c, "ChainDB.AddBlockEvent.AddedBlockToQueue");
    struct rule event = config_rule(c, "ChainDB.AddBlockEvent");
    struct rule other = config_rule(c, "ChainDBX.AddBlockEvent");

    (void)state;
    /* A more specific severity does not hide a less specific list of backends. */
    assert_int_equal(queue.severity, OU_DEBUG);
    assert_int_equal(queue.detail, OU_DDETAILED);
    assert_int_equal(queue.backends, BACKEND_STDOUT_MACHINE);
    assert_true(queue.max_frequency == 0); /* 0 shadows the limiter of the shorter name */
    assert_int_equal(event.severity, OU_INFO);
    assert_true(event.max_frequency == 4);
    assert_int_equal(config_rule(c, "ChainDB").detail, OU_DMINIMAL);
    /* A name is a prefix by whole segments only. */
    assert_int_equal(other.severity, OU_ERROR);
    assert_int_equal(other.backends, BACKEND_EKG);
    assert_true(other.max_frequency == 0);
    assert_int_equal(config_rule(c, "").severity, OU_ERROR);
    assert_int_equal(config_rule(c, "Chain").severity, OU_ERROR);
    assert_round_trip(c);
    config_free(c);
}

static void test_a_root_is_completed(void **state)
{
    struct config *c = parse("TraceOptions: {Forge: {severity: Debug}}\n");
    struct rule root = config_rule(c, "Mempool.AddedTx");

    (void)state;
    assert_int_equal(root.severity, OU_NOTICE);
    assert_int_equal(root.detail, OU_DNORMAL);
    assert_int_equal(root.backends, BACKEND_STDOUT_MACHINE);
    assert_int_equal(config_rule(c, "Forge.Loop").severity, OU_DEBUG);
    /* The file's options replace the built-in ones altogether. */
    assert_int_equal(config_rule(c, "Resources").severity, OU_NOTICE);
    assert_round_trip(c);
    config_free(c);
}

static void test_the_root_has_an_alias(void **state)
{
    struct config *c = parse("TraceOptions: {_root_: {severity: Debug}}\n");

    (void)state;
    assert_int_equal(config_rule(c, "X").severity, OU_DEBUG);
    config_free(c);
    c = parse_warned("TraceOptions:\n"
                     "  _root_: {severity: Debug}\n"
                     "  '': {severity: Error, detail: DMaximum}\n",
                     "file:2: the root has two entries, \"\" in line 3 and \"_root_\"\n");
    assert_int_equal(config_rule(c, "X").severity, OU_DEBUG);
    assert_int_equal(config_rule(c, "X").detail, OU_DMAXIMUM);
    config_free(c);
}

/* The table of the node of 2026. */
static void test_built_in_options_are_the_node_s(void **state)
{
    static const struct {
        const char *ns;
        enum ou_severity severity;
        double frequency;
    } want[] = {
        { "", OU_NOTICE, 0 },
        { "Startup.Common", OU_NOTICE, 0 },
        { "ChainDB.GCEvent.PerformedGC", OU_INFO, 0 },
        { "Forge.Loop.NodeIsLeader", OU_INFO, 0 },
        { "Forge.StateInfo.Info", OU_INFO, 0 },
        { "Forge.Stats", OU_NOTICE, 0 },
        { "Mempool.AddedTx", OU_INFO, 0 },
        { "Net.ConnectionManager.Remote.Connect", OU_INFO, 0 },
        { "Net.ConnectionManager.Local.Connect", OU_NOTICE, 0 },
        { "Net.ErrorPolicy.Local.X", OU_INFO, 0 },
        { "Net.InboundGovernor.Remote.X", OU_INFO, 0 },
        { "Net.InboundGovernor.Local.X", OU_WARNING, 0 },
        { "Net.Mux.Remote.X", OU_INFO, 0 },
        { "Startup.DiffusionInit.X", OU_INFO, 0 },
        { "ChainSync.Client.DownloadedHeader", OU_WARNING, 0 },
        { "BlockFetch.Decision.Accept", OU_SILENCE, 0 },
        { "ChainDB.AddBlockEvent.AddBlockValidation.InvalidBlock", OU_SILENCE, 0 },
        { "LedgerMetrics", OU_SILENCE, 0 },
        { "Net.PeerSelection.Selection.X", OU_SILENCE, 0 },
        { "Resources", OU_SILENCE, 0 },
        { "ChainDB.AddBlockEvent.AddedBlockToQueue", OU_INFO, 2 },
        { "ChainDB.AddBlockEvent.AddedBlockToVolatileDB", OU_INFO, 2 },
        { "ChainDB.AddBlockEvent.AddBlockValidation.ValidCandidate", OU_SILENCE, 2 },
        { "ChainDB.CopyToImmutableDBEvent.CopiedBlockToImmutableDB", OU_INFO, 2 },
        { "BlockFetch.Client.CompletedBlockFetch", OU_NOTICE, 2 },
    };
    struct config *c = config_default();

    (void)state;
    assert_non_null(c);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct rule rule = config_rule(c, want[i].ns);

        if (rule.severity != want[i].severity || rule.max_frequency != want[i].frequency)
            fail_msg("%s: severity %d, %g/s", want[i].ns, rule.severity, rule.max_frequency);
        assert_int_equal(rule.detail, OU_DNORMAL);
        assert_int_equal(rule.backends, BACKEND_STDOUT_MACHINE | BACKEND_EKG);
    }
    assert_round_trip(c);
    config_free(c);
}

static void test_empty_options_leave_the_built_in_ones(void **state)
{
    struct config *c = parse("TraceOptions: {}\n");

    (void)state;
    assert_int_equal(config_rule(c, "Resources").severity, OU_SILENCE);
    config_free(c);
}

/* Names that no point has are warned of, and apply nevertheless. */
static void test_illegal_names_are_told_with_the_nearest(void **state)
{
    struct config *c = parse_warned(
        "TraceOptions:\n"
        "  ChainDB.AddBlokEvent: {severity: Debug}\n"
        "  Fnord: {}\n"
        "  Resources.X: {}\n",
        "file:2: Config namespace error: Illegal namespace ChainDB.AddBlokEvent; did you mean "
        "ChainDB.AddBlockEvent?\n"
        "file:3: Config namespace error: Illegal namespace Fnord\n"
        "file:4: Config namespace error: Illegal namespace Resources.X; did you mean Resources?\n");

    (void)state;
    assert_int_equal(config_rule(c, "ChainDB.AddBlokEvent.X").severity, OU_DEBUG);
    config_free(c);
}

static void test_a_first_segment_cardano_is_dropped_where_that_gives_a_name(void **state)
{
    struct config *c = parse_warned("TraceOptions: {Cardano.Forge.Loop: {severity: Debug}}\n",
                                    "file:1: Cardano.Forge.Loop is taken as Forge.Loop\n");

    (void)state;
    assert_int_equal(config_rule(c, "Forge.Loop.X").severity, OU_DEBUG);
    config_free(c);
    assert_warned("TraceOptions: {Cardano.Fnord: {}}\n",
                  "file:1: Config namespace error: Illegal namespace Cardano.Fnord\n");
    assert_refused("TraceOptions: {Cardano.Forge: {}, Forge: {}}\n",
                   "file:1: \"Cardano.Forge\" and \"Forge\" are one name");
}

static void test_many_warnings_are_cut(void **state)
{
    struct buffer text, warnings;
    struct config *c = NULL;
    const char *end = "file: 50 more warnings\n";

    (void)state;
    buffer_init(&text, allocator_libc(), WARNINGS_MAX);
    buffer_init(&warnings, allocator_libc(), WARNINGS_MAX);
    buffer_text(&text, "TraceOptions:\n");
    for (int i = 0; i < 250; i++)
        buffer_printf(&text, "  Forge%d: {}\n", i);
    assert_int_equal(config_parse(text.at, text.len, "file", &warnings, &c, NULL), OU_OK);
    assert_string_equal(warnings.at + warnings.len - strlen(end), end);
    config_free(c);
    buffer_release(&text);
    buffer_release(&warnings);
}

/* --- Backends --------------------------------------------------------------------------- */

static unsigned backends_of(const char *list)
{
    char text[400];
    struct config *c;
    unsigned backends;

    snprintf(text, sizeof text, "TraceOptions: {'': {backends: [%s]}}", list);
    c = parse(text);
    backends = config_rule(c, "").backends;
    assert_round_trip(c);
    config_free(c);
    return backends;
}

static void test_each_backend_has_its_bit(void **state)
{
    (void)state;
    assert_int_equal(backends_of(""), 0);
    assert_int_equal(backends_of("Stdout MachineFormat"), BACKEND_STDOUT_MACHINE);
    assert_int_equal(backends_of("Stdout HumanFormatColoured"), BACKEND_STDOUT_COLOURED);
    assert_int_equal(backends_of("Stdout HumanFormatUncoloured"), BACKEND_STDOUT_HUMAN);
    assert_int_equal(backends_of("Stdout LegacyFormat"), BACKEND_STDOUT_LEGACY);
    assert_int_equal(backends_of("EKGBackend, Forwarder, DatapointBackend"),
                     BACKEND_EKG | BACKEND_FORWARDER | BACKEND_DATAPOINT);
    assert_int_equal(backends_of("PrometheusSimple 12798"), BACKEND_PROMETHEUS);
}

static void test_standard_output_has_one_format(void **state)
{
    (void)state;
    assert_int_equal(backends_of("Stdout MachineFormat, Stdout HumanFormatUncoloured"),
                     BACKEND_STDOUT_HUMAN);
    assert_int_equal(backends_of("Stdout HumanFormatUncoloured, Stdout HumanFormatColoured, "
                                 "Stdout MachineFormat, Forwarder"),
                     BACKEND_STDOUT_COLOURED | BACKEND_FORWARDER);
    assert_int_equal(backends_of("Stdout LegacyFormat, Stdout MachineFormat"),
                     BACKEND_STDOUT_MACHINE);
    assert_int_equal(backends_of("Stdout LegacyFormat, EKGBackend"),
                     BACKEND_STDOUT_LEGACY | BACKEND_EKG);
}

static void check_prometheus(const char *text, bool suffix, const char *host, int port)
{
    char file[200];
    struct config *c;

    snprintf(file, sizeof file, "TraceOptions: {_root_: {backends: [%s]}}", text);
    c = parse(file);
    assert_true(c->prometheus.wanted);
    assert_int_equal(c->prometheus.suffix, suffix);
    assert_string_equal(c->prometheus.host, host);
    assert_int_equal(c->prometheus.port, port);
    assert_round_trip(c);
    config_free(c);
}

static void test_the_page_of_metrics_has_suffix_host_and_port(void **state)
{
    (void)state;
    check_prometheus("PrometheusSimple 12798", true, "127.0.0.1", 12798);
    check_prometheus("PrometheusSimple 0.0.0.0 1", true, "0.0.0.0", 1);
    check_prometheus("PrometheusSimple suffix 65535", true, "127.0.0.1", 65535);
    check_prometheus("'PrometheusSimple nosuffix ::1 9090'", false, "::1", 9090);
}

#define NOT_PROMETHEUS \
    " is not PrometheusSimple [suffix|nosuffix] [HOST] PORT, with a port from 1 to 65535"

static void test_wrong_pages_are_refused(void **state)
{
    static const char *const texts[] = {
        "PrometheusSimple",
        "PrometheusSimple 0",
        "PrometheusSimple 65536",
        "PrometheusSimple suffix",
        "PrometheusSimple host",
        "PrometheusSimple suffix h 1 2",
        "PrometheusSimple 127.0.0.1 12a",
        "PrometheusSimple nosuffix -1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char file[200], want[200];

        snprintf(file, sizeof file, "TraceOptions:\n '':\n  backends:\n  - %s", texts[i]);
        snprintf(want, sizeof want, "file:4: \"%s\"" NOT_PROMETHEUS, texts[i]);
        assert_refused(file, want);
    }
}

static void test_the_page_is_for_the_root(void **state)
{
    struct config *c =
        parse_warned("TraceOptions: {Forge: {backends: [PrometheusSimple 12798, EKGBackend]}}",
                     "file:1: PrometheusSimple has an effect at the root only\n");

    (void)state;
    assert_false(c->prometheus.wanted);
    assert_int_equal(config_rule(c, "Forge").backends, BACKEND_EKG);
    config_free(c);
}

static void test_files_are_shared_by_name(void **state)
{
    struct config *c = parse("TraceOptions:\n"
                             "  '': {backends: [File MachineFormat /tmp/all of it.json]}\n"
                             "  Forge: {backends: [File HumanFormatUncoloured forge.log,\n"
                             "                     File MachineFormat /tmp/all of it.json]}\n"
                             "  Resources: {backends: [File HumanFormatColoured r.log,\n"
                             "                         File LegacyFormat old.json]}\n");

    (void)state;
    assert_int_equal(c->file_count, 4);
    assert_string_equal(c->files[0].path, "/tmp/all of it.json");
    assert_int_equal(c->files[0].format, FILE_MACHINE);
    assert_string_equal(c->files[1].path, "forge.log");
    assert_int_equal(c->files[1].format, FILE_HUMAN);
    assert_int_equal(c->files[2].format, FILE_COLOURED);
    assert_int_equal(c->files[3].format, FILE_LEGACY);
    assert_int_equal(config_rule(c, "Forge").backends, BACKEND_FILE(0) | BACKEND_FILE(1));
    assert_int_equal(config_rule(c, "Resources").backends, BACKEND_FILE(2) | BACKEND_FILE(3));
    assert_round_trip(c);
    config_free(c);
}

static void test_wrong_files_are_refused(void **state)
{
    char text[1000] = "TraceOptions: {'': {backends: [File MachineFormat a";
    const char *wrong = "file:1: \"File JSON x\" is not File FORMAT PATH, where FORMAT is "
                        "MachineFormat, HumanFormatUncoloured, HumanFormatColoured or LegacyFormat";

    (void)state;
    assert_refused("TraceOptions: {'': {backends: [File JSON x]}}", wrong);
    assert_refused("TraceOptions: {'': {backends: ['File MachineFormat ']}}",
                   "file:1: \"File MachineFormat \" is not File FORMAT PATH, where FORMAT is "
                   "MachineFormat, HumanFormatUncoloured, HumanFormatColoured or LegacyFormat");
    assert_refused("TraceOptions: {'': {backends: [File MachineFormat x,\n"
                   "File HumanFormatColoured x]}}",
                   "file:2: the file x is given in two formats");
    for (int i = 0; i < CONFIG_FILES_MAX; i++)
        sprintf(text + strlen(text), ", File MachineFormat f%d", i);
    strcat(text, "]}}");
    assert_refused(text, "file:1: more than 16 files");
}

/* --- Values ----------------------------------------------------------------------------------- */

#define LONG_NAME "LedgerDB.Snapshots.And.So.On.And.On.Until.Nobody.Reads.It.Any.More"

static void test_wrong_values_are_refused_with_the_nearest(void **state)
{
    static const char *const cases[][2] = {
        { "TraceOptions: [a]", "file:1: TraceOptions must be an object" },
        { "TraceOptions: {'" LONG_NAME LONG_NAME LONG_NAME "': {}}",
          "file:1: a name of more than 160 bytes" },
        { "TraceOptions: {X: [a]}", "file:1: the entry \"X\" of TraceOptions must be an object" },
        { "TraceOptions:\n  '':\n    severity: info",
          "file:3: severity is \"info\"; did you mean \"Info\"?" },
        { "TraceOptions: {'': {severity: loud}}",
          "file:1: severity is \"loud\"; there are: \"Debug\", \"Info\", \"Notice\", \"Warning\", "
          "\"Error\", \"Critical\", \"Alert\", \"Emergency\", \"Silence\"" },
        { "TraceOptions: {'': {severity: 3}}",
          "file:1: severity must be a text, and is the number 3; put it in quotes" },
        { "TraceOptions: {'': {severity: [Info]}}",
          "file:1: severity must be a text, and is a list" },
        { "TraceOptions: {'': {detail: Normal}}",
          "file:1: detail is \"Normal\"; did you mean \"DNormal\"?" },
        { "TraceOptions: {'': {backends: Forwarder}}", "file:1: backends must be a list of texts" },
        { "TraceOptions: {'': {backends: [true]}}",
          "file:1: a backend must be a text, and is true; put it in quotes" },
        { "TraceOptions: {'': {backends: [Forwader]}}",
          "file:1: a backend is \"Forwader\"; did you mean \"Forwarder\"?" },
        { "TraceOptions: {'': {backends: [Stdout  MachineFormat]}}",
          "file:1: a backend is \"Stdout  MachineFormat\"; did you mean \"Stdout "
          "MachineFormat\"?" },
        { "TraceOptions: {'': {maxFrequency: -1}}",
          "file:1: maxFrequency must be a number, 0 or more, and is the number -1" },
        { "TraceOptions: {'': {maxFrequency: 1e999}}",
          "file:1: maxFrequency must be a number, 0 or more, and is \"1e999\"" },
        { "TraceOptions: {'': {maxFrequency: \"2\"}}",
          "file:1: maxFrequency must be a number, 0 or more, and is \"2\"" },
        { "TraceOptions: {'': {maxFrequency: {}}}",
          "file:1: maxFrequency must be a number, 0 or more, and is an object" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i][0], cases[i][1]);
}

static void test_unknown_members_are_told(void **state)
{
    (void)state;
    assert_warned("TraceOptions:\n  '': {sevrity: Info, x: 1}",
                  "file:2: the entry \"\" of TraceOptions has no member \"sevrity\"; did you mean "
                  "\"severity\"?\n"
                  "file:2: the entry \"\" of TraceOptions has no member \"x\"\n");
    assert_warned("TraceOptions: {'': {\"a\\nb\": 1}}",
                  "file:1: the entry \"\" of TraceOptions has no member \"a b\"\n");
}

static void test_null_leaves_an_option_open(void **state)
{
    struct config *c =
        parse("TraceOptions: {'': {severity: null, backends: ~}, Forge: null, Resources: }");

    (void)state;
    assert_int_equal(config_rule(c, "").severity, OU_NOTICE);
    assert_int_equal(config_rule(c, "").backends, BACKEND_STDOUT_MACHINE);
    config_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_longest_name_that_defines_an_option_counts),
        cmocka_unit_test(test_a_root_is_completed),
        cmocka_unit_test(test_the_root_has_an_alias),
        cmocka_unit_test(test_built_in_options_are_the_node_s),
        cmocka_unit_test(test_empty_options_leave_the_built_in_ones),
        cmocka_unit_test(test_illegal_names_are_told_with_the_nearest),
        cmocka_unit_test(test_a_first_segment_cardano_is_dropped_where_that_gives_a_name),
        cmocka_unit_test(test_many_warnings_are_cut),
        cmocka_unit_test(test_each_backend_has_its_bit),
        cmocka_unit_test(test_standard_output_has_one_format),
        cmocka_unit_test(test_the_page_of_metrics_has_suffix_host_and_port),
        cmocka_unit_test(test_wrong_pages_are_refused),
        cmocka_unit_test(test_the_page_is_for_the_root),
        cmocka_unit_test(test_files_are_shared_by_name),
        cmocka_unit_test(test_wrong_files_are_refused),
        cmocka_unit_test(test_wrong_values_are_refused_with_the_nearest),
        cmocka_unit_test(test_unknown_members_are_told),
        cmocka_unit_test(test_null_leaves_an_option_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
