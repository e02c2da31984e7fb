#include "collect/line_form.h"

#include <stdio.h>

#include "collect/line_legacy.h"
#include "support/test.h"

static struct buffer out, scratch;

static const char *machine(const struct trace_object *o)
{
    buffer_clear(&out);
    line_machine(o, span_of("A.B"), &out);
    assert_int_equal(buffer_status(&out), OU_OK);
    return buffer_string(&out);
}

static const char *human(const struct trace_object *o)
{
    buffer_clear(&out);
    line_human(o, span_of("A.B"), &out);
    assert_int_equal(buffer_status(&out), OU_OK);
    return buffer_string(&out);
}

static const char *legacy(const struct trace_object *o, const char *name)
{
    buffer_clear(&out);
    line_legacy(o, span_of(name), "8.1.1:ea2c0", &scratch, &out);
    assert_int_equal(buffer_status(&out), OU_OK);
    return buffer_string(&out);
}

static struct trace_object object(enum machine_kind kind, const char *text)
{
    return (struct trace_object){
        .machine_kind = kind,
        .machine = span_of(text),
        .severity = 3,
        .seconds = 1679466292, /* 2023-03-22T06:24:52 */
        .picoseconds = UINT64_C(123456789012),
        .host = span_of("h1"),
        .thread = span_of("ThreadId 379"),
    };
}

static struct trace_object with_human(struct trace_object o, const char *text)
{
    o.has_human = true;
    o.human = span_of(text);
    return o;
}

#define HEAD "{\"at\":\"2023-03-22T06:24:52.123456789012Z\",\"ns\":\"A.B\",\"data\":"
#define END ",\"sev\":\"Warning\",\"thread\":\"379\",\"host\":\"h1\"}"

/* --- The machine's ---------------------------------------------------------------------------- */

static void test_a_line_of_2026_stays_as_it_is(void **state)
{
    const char *line = "{\"at\":\"x\",  \"data\":{\"a\":\"\\\\\\\"\"}}";
    struct trace_object o = object(MACHINE_LINE, line);

    (void)state;
    assert_string_equal(machine(&o), line);
}

static void test_what_is_no_object_on_one_line_becomes_one(void **state)
{
    static const struct {
        const char *text, *line;
    } cases[] = {
        { "{\n}", HEAD "{\"unparsed\":\"{\\n}\"}" END },
        { "{\x1b[31m}", HEAD "{\"unparsed\":\"{\\u001b[31m}\"}" END }, /* an order to a terminal */
        { "{\"a\":\"12345678\t\"}", HEAD "{\"unparsed\":\"{\\\"a\\\":\\\"12345678\\t\\\"}\"}" END },
        { "plain \"text\"", HEAD "{\"unparsed\":\"plain \\\"text\\\"\"}" END },
        { "{", HEAD "{\"unparsed\":\"{\"}" END },
        { "[1]", HEAD "{\"unparsed\":\"[1]\"}" END },
        { "{oops}", HEAD "{\"unparsed\":\"{oops}\"}" END },
        { "{} {}", HEAD "{\"unparsed\":\"{} {}\"}" END },
        { "", HEAD "{}" END },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct trace_object o = object(MACHINE_LINE, cases[i].text);

        assert_string_equal(machine(&o), cases[i].line);
    }
}

static void test_data_of_2023_has_its_backslashes_undoubled(void **state)
{
    static const struct {
        const char *text, *data;
    } cases[] = {
        { "{\"a\":1}", "{\"a\":1}" },
        /* A quoted text inside a text: cardano-tracer of 2023 writes "data":"" */
        { "{\"hash\":\"\\\\\"ab\\\\\"\"}", "{\"hash\":\"\\\"ab\\\"\"}" },
        { "{\"a\":\"b\\\\nc\"}", "{\"a\":\"b\\nc\"}" },
        { "{\"a\":\"\\\\\\\\\"}", "{\"a\":\"\\\\\"}" },
        { "{\"a\":\"b\\nc\"}", "{\"a\":\"b\\nc\"}" }, /* never doubled */
        { "{\"a\":\"\\\\\\\"\"}", "{\"a\":\"\\\\\\\"\"}" },
        { "3", "{\"unparsed\":\"3\"}" },
        /* Would be a line with another severity. */
        { "{},\"sev\":{}", "{\"unparsed\":\"{},\\\"sev\\\":{}\"}" },
        { "{\"a\":\n1}", "{\"unparsed\":\"{\\\"a\\\":\\n1}\"}" },
    };
    char line[512];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct trace_object o = object(MACHINE_DATA, cases[i].text);

        snprintf(line, sizeof(line), HEAD "%s" END, cases[i].data);
        assert_string_equal(machine(&o), line);
    }
}

static void test_an_object_without_a_machine_text_shows_that_for_people(void **state)
{
    struct trace_object o = object(MACHINE_ABSENT, "");

    (void)state;
    assert_string_equal(machine(&o), HEAD "{}" END);
    o = with_human(o, "two\nlines");
    assert_string_equal(machine(&o), HEAD "{\"human\":\"two\\nlines\"}" END);
}

static void test_times_lose_the_zeros_at_their_end(void **state)
{
    static const struct {
        int64_t seconds;
        uint64_t picoseconds;
        const char *text;
    } cases[] = {
        { 1774160692, 0, "2026-03-22T06:24:52Z" },
        { 1774160692, 1, "2026-03-22T06:24:52.000000000001Z" },
        { 1774160692, UINT64_C(500000000000), "2026-03-22T06:24:52.5Z" },
        { 0, UINT64_C(999999999999), "1970-01-01T00:00:00.999999999999Z" },
        { -1, 5, "1970-01-01T00:00:00Z" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct trace_object o = object(MACHINE_ABSENT, "");

        o.seconds = cases[i].seconds;
        o.picoseconds = cases[i].picoseconds;
        buffer_clear(&out);
        line_time(&o, &out);
        assert_string_equal(buffer_string(&out), cases[i].text);
    }
}

/* --- For people ------------------------------------------------------------------------------- */

static void test_a_text_of_2026_stays_on_its_line(void **state)
{
    struct trace_object o =
        with_human(object(MACHINE_LINE, "{\"m\":1}"), "[t](Info,9) a \"b\" \\ ü");

    (void)state;
    assert_string_equal(human(&o), "[t](Info,9) a \"b\" \\ ü");
    o = with_human(o, "a\nb\r\tc\x1b[31m\x7f");
    assert_string_equal(human(&o), "a\\nb\\r\\tc\\u001b[31m\\u007f");
    o = with_human(o, "");
    assert_string_equal(human(&o), "{\"m\":1}");
    o.has_human = false;
    assert_string_equal(human(&o), "{\"m\":1}");
    o = object(MACHINE_LINE, "{\"m\":\"\\\"\x7f\xc2\x9b"
                             "31m\"}"); /* CSI in one character */
    assert_string_equal(human(&o), "{\"m\":\"\\\"\\u007f\\u009b31m\"}");
}

static void test_a_text_of_2023_gets_a_head(void **state)
{
    struct trace_object o = with_human(object(MACHINE_DATA, "{\"a\":\"\\\\\"\"}"), "text");

    (void)state;
    assert_string_equal(human(&o), "[h1:A.B:Warning:379] [2023-03-22 06:24:52.12 UTC] text");
    o.has_human = false;
    assert_string_equal(human(&o),
                        "[h1:A.B:Warning:379] [2023-03-22 06:24:52.12 UTC] {\"a\":\"\\\"\"}");
}

/* --- Legacy ----------------------------------------------------------------------------------- */

#define LEGACY_END(host, logger)                                  \
    ",\"env\":\"8.1.1:ea2c0\",\"host\":\"" host                   \
    "\",\"loc\":null,\"msg\":\"\",\"ns\":[\"cardano.node." logger \
    "\"],\"pid\":\"\",\"sev\":\"Warning\",\"thread\":\"379\"}"

/* The example of a header of 2025, as a node of 2023 told it. */
static void test_kinds_loggers_and_peers_are_those_of_the_older_system(void **state)
{
    struct trace_object o =
        object(MACHINE_LINE,
               "{\"at\":\"x\",\"ns\":\"y\",\"data\":{\"block\":\"9d\",\"blockNo\":3600148,"
               "\"kind\":\"DownloadedHeader\",\"peer\":{\"connectionId\":"
               "\"172.0.118.125:30002 [2a01::5]:5355\"},\"slot\":91039899},\"sev\":\"Info\"}");

    (void)state;
    o.host = span_of("openblockperf-dev.example.org");
    assert_string_equal(
        legacy(&o, "ChainSync.Client.DownloadedHeader"),
        "{\"app\":[],\"at\":\"2023-03-22T06:24:52.12Z\",\"data\":{\"block\":\"9d\",\"blockNo\":3600148,"
        "\"kind\":\"ChainSyncClientEvent.TraceDownloadedHeader\",\"peer\":{\"local\":{\"addr\":"
        "\"172.0.118.125\",\"port\":\"30002\"},\"remote\":{\"addr\":\"2a01::5\",\"port\":\"5355\"}},"
        "\"slot\":91039899}" LEGACY_END("openbloc", "ChainSyncClient"));
}

static void test_a_forge_event_is_wrapped(void **state)
{
    struct trace_object o = object(MACHINE_DATA, "{\"kind\":\"TraceNodeIsLeader\",\"slot\":7}");

    (void)state;
    assert_string_equal(
        legacy(&o, "Forge.Loop.NodeIsLeader"),
        "{\"app\":[],\"at\":\"2023-03-22T06:24:52.12Z\",\"data\":{\"credentials\":\"Cardano\",\"val\":{"
        "\"kind\":\"TraceNodeIsLeader\",\"slot\":7}}" LEGACY_END("h1", "Forge"));
}

static void test_a_peer_of_another_shape_stays(void **state)
{
    static const char *const peers[] = {
        "{\"connectionId\":\"a:1 b:2\",\"x\":1}",
        "{\"connectionId\":\"a:1\"}",
        "{\"connectionId\":\"a b c\"}",
        "\"text\"",
        "{\"connectionId\":5}",
        "{}",
        "[1,2]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++) {
        char data[128], want[512];
        struct trace_object o;

        snprintf(data, sizeof(data), "{\"peer\":%s}", peers[i]);
        snprintf(want, sizeof(want),
                 "{\"app\":[],\"at\":\"2023-03-22T06:24:52.12Z\",\"data\":%s" LEGACY_END(
                     "h1", "Own.Thing"),
                 data);
        o = object(MACHINE_DATA, data);
        assert_string_equal(legacy(&o, "Own.Thing"), want);
    }
}

static void test_data_that_is_no_object_is_a_text(void **state)
{
    struct trace_object o = object(MACHINE_LINE, "{\"data\":[1]}");

    (void)state;
    assert_string_equal(legacy(&o, "Own.\"Thing\""),
                        "{\"app\":[],\"at\":\"2023-03-22T06:24:52.12Z\",\"data\":"
                        "\"[1]\"" LEGACY_END("h1", "Own.\\\"Thing\\\""));
    o = object(MACHINE_LINE, "{\"data\":{\"a\":}}");
    assert_string_equal(legacy(&o, "Own.Thing"),
                        "{\"app\":[],\"at\":\"2023-03-22T06:24:52.12Z\",\"data\":{\"unparsed\":"
                        "\"{\\\"data\\\":{\\\"a\\\":}}\"}" LEGACY_END("h1", "Own.Thing"));
}

static int set_up(void **state)
{
    (void)state;
    buffer_init(&out, allocator_libc(), 1 << 20);
    buffer_init(&scratch, allocator_libc(), 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&out);
    buffer_release(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_of_2026_stays_as_it_is),
        cmocka_unit_test(test_what_is_no_object_on_one_line_becomes_one),
        cmocka_unit_test(test_data_of_2023_has_its_backslashes_undoubled),
        cmocka_unit_test(test_an_object_without_a_machine_text_shows_that_for_people),
        cmocka_unit_test(test_times_lose_the_zeros_at_their_end),
        cmocka_unit_test(test_a_text_of_2026_stays_on_its_line),
        cmocka_unit_test(test_a_text_of_2023_gets_a_head),
        cmocka_unit_test(test_kinds_loggers_and_peers_are_those_of_the_older_system),
        cmocka_unit_test(test_a_forge_event_is_wrapped),
        cmocka_unit_test(test_a_peer_of_another_shape_stays),
        cmocka_unit_test(test_data_that_is_no_object_is_a_text),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
