#include "agent/agent_state.h"

#include <math.h>
#include <string.h>

#include "support/test.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A state as docs/formats/agent.md shows it. */
static const char EXAMPLE[] =
    "{\"schema\":1,\"run\":\"r1\",\"host\":\"node-3\",\"allocation\":\"a0b1\",\"node\":\"eu-07\","
    "\"number\":12,\"orders\":7,\"at_ns\":1767225600000000000,\"begun_ns\":1767225590000000000,"
    "\"machine\":{\"directory\":\"/opt/t/run\",\"program\":\"/usr/bin/ouroscope\","
    "\"version\":\"0.7.0\",\"free_bytes\":1000000,\"processors\":8,\"memory_bytes\":16000000,"
    "\"clock_ahead_s\":-0.25,\"clock_doubt_s\":0.5,\"round_trip_s\":0.03125,"
    "\"bytes_per_s\":2500000.0},"
    "\"bundles\":[{\"sha256\":\"" SHA "\",\"state\":\"unpacked\",\"bytes_done\":1000,"
    "\"fetch_s\":1.5,\"unpack_s\":0.5,\"resumed\":1,\"problem\":\"\"}],"
    "\"services\":[{\"name\":\"node-3\",\"facts\":{\"running\":true,\"ended\":false,"
    "\"is_ready\":true,\"status\":0,\"starts\":1,\"log_starts\":1,\"height\":12,\"tip_slot\":34,"
    "\"blocks_forged\":3,\"txs_acked\":4,\"setup_taken\":7,\"setup_txs\":8,\"cpu_ns\":5,\"rss_bytes\":6},\"last_lines\":\"\","
    "\"problem\":\"\"}],"
    "\"jobs\":[{\"id\":1,\"state\":\"done\",\"problem\":\"\",\"bytes\":77,\"sha256\":\"" SHA
    "\",\"parts\":[{\"sha256\":\"" SHA "\",\"etag\":\"\"},{\"sha256\":\"\",\"etag\":\"e2\"}],"
    "\"bytes_done\":77}],"
    "\"problem\":\"\",\"leaving\":false}";

static json_t *parsed(const char *text)
{
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(document);
    return document;
}

static struct agent_state example(void)
{
    struct agent_state state;
    json_t *document = parsed(EXAMPLE);

    assert_int_equal(agent_state_read(document, &state, NULL), OU_OK);
    json_decref(document);
    return state;
}

static void test_a_state_is_read(void **unused)
{
    struct agent_state s = example();

    (void)unused;
    assert_string_equal(s.allocation, "a0b1");
    assert_string_equal(s.node, "eu-07");
    assert_int_equal(s.number, 12);
    assert_int_equal(s.orders, 7);
    assert_string_equal(s.directory, "/opt/t/run");
    assert_true(s.clock_ahead_s == -0.25 && s.round_trip_s == 0.03125);
    assert_int_equal(s.bundles[0].state, BUNDLE_UNPACKED);
    assert_int_equal(s.services[0].facts.tip_slot, 34);
    assert_int_equal(s.jobs[0].state, JOB_DONE);
    assert_string_equal(s.jobs[0].parts[1].etag, "e2");
    assert_string_equal(s.jobs[0].parts[1].sha256, "");
    agent_state_release(&s);
}

static void test_what_is_written_is_what_was_read(void **unused)
{
    struct agent_state state = example();
    json_t *given = parsed(EXAMPLE), *written = agent_state_document(&state);

    (void)unused;
    assert_true(json_equal(given, written));
    json_decref(given);
    json_decref(written);
    agent_state_release(&state);
}

static void test_what_is_not_known_yet_is_null(void **unused)
{
    struct agent_state given = {
        .run = "r1",
        .host = "node-1",
        .directory = "/a",
        .program = "/b",
        .clock_ahead_s = NAN,
        .clock_doubt_s = NAN,
        .round_trip_s = NAN,
        .bytes_per_s = NAN,
    };
    struct agent_state back;
    json_t *document = agent_state_document(&given);

    (void)unused;
    assert_true(
        json_is_null(json_object_get(json_object_get(document, "machine"), "clock_ahead_s")));
    assert_int_equal(agent_state_read(document, &back, NULL), OU_OK);
    assert_true(isnan(back.clock_ahead_s) && isnan(back.bytes_per_s));
    assert_string_equal(back.allocation, "");
    json_decref(document);
    agent_state_release(&back);
}

static void test_texts_are_cleaned_on_both_sides(void **unused)
{
    struct agent_service service = { .name = "node-1",
                                     .last_lines = "red \x1b[31m\nbad \xff\xc2\x9b byte" };
    struct agent_state given = { .run = "r1",
                                 .host = "node-1",
                                 .directory = "/a",
                                 .program = "/b",
                                 .problem = "turned \xe2\x80\xae round",
                                 .services = &service,
                                 .service_count = 1 };
    struct agent_state back;
    json_t *document = agent_state_document(&given);

    (void)unused;
    assert_non_null(document);
    json_object_set_new(document, "problem", json_string("a\x1b]0;title\x07 b"));
    assert_int_equal(agent_state_read(document, &back, NULL), OU_OK);
    assert_string_equal(back.services[0].last_lines, "red  [31m\nbad \xef\xbf\xbd  byte");
    assert_string_equal(back.problem, "a ]0;title  b");
    json_decref(document);
    agent_state_release(&back);
}

/* The example with a text in the place of another. */
static void expect_refused(const char *was, const char *is, const char *reason)
{
    char text[4096];
    const char *at = strstr(EXAMPLE, was);
    struct agent_state state;
    struct ou_error err;
    json_t *document;

    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - EXAMPLE), EXAMPLE, is, at + strlen(was));
    document = parsed(text);
    assert_int_equal(agent_state_read(document, &state, &err), OU_INVALID);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" instead of \"%s\"", err.text, reason);
    json_decref(document);
}

static void test_what_is_wrong_is_named(void **unused)
{
    (void)unused;
    expect_refused("\"schema\":1", "\"schema\":0", "schema: is of another version");
    expect_refused("\"number\":12", "\"number\":-1", "state of an agent: number: is out of range");
    expect_refused("\"/opt/t/run\"", "\"run\"", "machine.directory: is no absolute path");
    expect_refused("\"/opt/t/run\"", "\"/opt/../run\"", "machine.directory");
    expect_refused("\"/usr/bin/ouroscope\"", "\"\"", "machine.program");
    expect_refused("\"round_trip_s\":0.03125", "\"round_trip_s\":-1", "machine.round_trip_s");
    expect_refused("\"bytes_per_s\":2500000.0", "\"bytes_per_s\":1e300", "machine.bytes_per_s");
    expect_refused("\"sha256\":\"0123", "\"sha256\":\"", "bundles[0].sha256");
    expect_refused("\"state\":\"unpacked\"", "\"state\":\"eaten\"", "bundles[0].state");
    expect_refused("\"name\":\"node-3\",\"facts\"", "\"name\":\"a/b\",\"facts\"",
                   "services[0].name");
    expect_refused("\"status\":0", "\"status\":256", "services[0].facts.status");
    expect_refused("\"height\":12", "\"height\":-2", "services[0].facts.height");
    expect_refused("\"running\":true", "\"running\":1", "services[0].facts.running");
    expect_refused("\"parts\":[", "\"parts\":[7,", "jobs[0].parts");
}

static void test_a_host_that_measured_is_believed_with_a_half_more(void **unused)
{
    struct agent_state fast = { .round_trip_s = 0.02, .bytes_per_s = 50e6 };

    (void)unused;
    /* 0.5 + 1.5 x (4 x 0.02 + 100e6 / 50e6 + 600e6 / 60e6) */
    assert_true(fabs(agent_ready_in_s(&fast, 100000000, 600000000) - 18.62) < 1e-9);
    assert_true(agent_ready_in_s(&fast, 100000000, 600000000) >
                agent_ready_in_s(&fast, 1000000, 6000000));
}

static void test_a_host_that_measured_nothing_is_guessed_at(void **unused)
{
    struct agent_state unknown = { .round_trip_s = NAN, .bytes_per_s = NAN };
    struct agent_state stuck = { .round_trip_s = 0, .bytes_per_s = 0 };

    (void)unused;
    /* 0.5 + 1.5 x (4 x 0.3 + 1 + 0.1) */
    assert_true(fabs(agent_ready_in_s(&unknown, 1000000, 6000000) - 3.95) < 1e-9);
    assert_true(agent_ready_in_s(&stuck, 1000000, 6000000) ==
                agent_ready_in_s(&unknown, 1000000, 6000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_state_is_read),
        cmocka_unit_test(test_what_is_written_is_what_was_read),
        cmocka_unit_test(test_what_is_not_known_yet_is_null),
        cmocka_unit_test(test_texts_are_cleaned_on_both_sides),
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_a_host_that_measured_is_believed_with_a_half_more),
        cmocka_unit_test(test_a_host_that_measured_nothing_is_guessed_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
