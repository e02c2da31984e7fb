#include "logs/chunk.h"

#include <stdio.h>

#include "base/time.h"
#include "json/scan.h"
#include "support/test.h"

#define LINE(slot) LINE_OF("node-0", slot)
#define LINE_OF(host, slot)                                           \
    "{\"at\":\"2026-03-04T14:15:" slot                                \
    "Z\",\"ns\":\"Forge.Loop.NodeIsLeader\",\"data\":{\"slot\":" slot \
    "},\"sev\":\"Info\",\"thread\":\"1\",\"host\":\"" host "\"}"
#define LEGACY_LINE(slot)                                                                      \
    "{\"app\":[],\"at\":\"2026-03-04T14:15:" slot "Z\",\"data\":{\"credentials\":\"Cardano\"," \
    "\"val\":{\"kind\":\"TraceNodeIsLeader\",\"slot\":" slot "}},\"env\":\"8.1.1:ea2c0\","     \
    "\"host\":\"node-0\",\"loc\":null,\"msg\":\"\",\"ns\":[\"cardano.node.Forge\"],"           \
    "\"pid\":\"1\",\"sev\":\"Info\",\"thread\":\"1\"}"

static struct chunk *c;

static int set_up(void **state)
{
    (void)state;
    c = chunk_new();
    if (!c)
        return -1;
    c->default_host = span_of("the-file");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    chunk_free(c);
    return 0;
}

static void parse_bytes(const char *text, size_t len)
{
    assert_true(len <= c->cap);
    memcpy(c->text, text, len);
    memset(c->text + len, '"', SCAN_PADDING);
    c->len = len;
    chunk_parse(c);
}

static void parse(const char *text)
{
    parse_bytes(text, strlen(text));
}

static const struct host_tally *tally_of(const char *host)
{
    uint32_t id;

    if (!intern_find(&c->hosts, span_of(host), &id) || !c->host_items[id].touched)
        return &host_tally_empty;
    return &c->host_items[id].tally;
}

/* The slots of the events, which name the lines of the tests. */
static void assert_slots(const char *wanted)
{
    char got[512] = "";

    for (size_t i = 0; i < c->event_count; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%lld", i ? " " : "",
                 (long long)c->events[i].slot);
    assert_string_equal(got, wanted);
}

static uint64_t all_rejects(void)
{
    uint64_t lines = 0;

    for (int i = 0; i < REJECTS; i++)
        lines += c->rejects[i].lines;
    return lines;
}

static void test_lines_become_events_in_order(void **state)
{
    (void)state;
    parse(LINE("10") "\n" LEGACY_LINE("11") "\r\n\n" LINE("12"));
    assert_slots("10 11 12");
    assert_int_equal(c->lines, 4);
    assert_int_equal(all_rejects(), 0);
    assert_int_equal(tally_of("node-0")->lines, 3);
    assert_int_equal(tally_of("node-0")->objects, 3);
    assert_int_equal(tally_of("node-0")->first_ns, INT64_C(1772633710000000000));
    assert_int_equal(tally_of("node-0")->last_ns, INT64_C(1772633712000000000));
    assert_int_equal(c->hosts.count, 1);
}

static void test_lines_are_counted_as_newlines(void **state)
{
    (void)state;
    parse("");
    assert_int_equal(c->lines, 0);
    parse("\n");
    assert_int_equal(c->lines, 1);
    parse("\n\n \n");
    assert_int_equal(c->lines, 3);
    parse("x");
    assert_int_equal(c->lines, 1);
    parse("x\ny");
    assert_int_equal(c->lines, 2);
}

static void test_traces_glued_together_are_all_read(void **state)
{
    (void)state;
    parse(LINE("10") LINE("11") " " LEGACY_LINE("12") "\n" LINE("13"));
    assert_slots("10 11 12 13");
    assert_int_equal(c->lines, 2);
    assert_int_equal(all_rejects(), 0);
}

static void test_a_trace_behind_a_cut_one_is_saved(void **state)
{
    static const char cut[] = LINE("10");
    char text[1024];

    (void)state;
    for (size_t len = 1; len < sizeof(cut) - 1; len++) {
        snprintf(text, sizeof text, "%.*s" LINE("11") "\n" LINE("12"), (int)len, cut);
        parse(text);
        assert_slots("11 12");
        assert_int_equal(c->lines, 2);
        assert_int_equal(all_rejects(), 1);
        snprintf(text, sizeof text, "%.*s" LEGACY_LINE("11"), (int)len, cut);
        parse(text);
        assert_slots("11");
    }
}

static void test_what_stands_before_a_trace_does_not_hide_it(void **state)
{
    char text[1024] = "";
    size_t len;

    (void)state;
    /* What an interrupted machine leaves in a file that it was writing. */
    len = 300 + (size_t)snprintf(text + 300, sizeof text - 300, LINE("10") "\n");
    parse_bytes(text, len);
    assert_slots("10");
    assert_int_equal(c->rejects[REJECT_NOT_JSON].lines, 1);
    assert_int_equal(c->rejects[REJECT_NOT_JSON].first_line, 1);
    memset(text, '\0', 300);
    len = 300 + (size_t)snprintf(text + 300, sizeof text - 300, LEGACY_LINE("11") "\n");
    parse_bytes(text, len);
    assert_slots("11");
    parse("garbage " LINE("12") " more garbage {\"a\n" LINE("13"));
    assert_slots("12 13");
    assert_int_equal(c->rejects[REJECT_NOT_JSON].lines, 2);
}

static void test_the_first_line_of_each_reason_is_told(void **state)
{
    (void)state;
    parse("\n" LINE("10") "\n{}\nx\n{}\n" LINE("1x") "\n");
    assert_slots("10");
    assert_int_equal(c->lines, 6);
    assert_int_equal(c->rejects[REJECT_NO_TIME].lines, 2);
    assert_int_equal(c->rejects[REJECT_NO_TIME].first_line, 3);
    assert_int_equal(c->rejects[REJECT_NOT_JSON].first_line, 4);
    assert_int_equal(c->rejects[REJECT_BAD_JSON].first_line, 6);
    assert_int_equal(all_rejects(), 4);
    parse(LINE("11"));
    assert_int_equal(all_rejects(), 0);
}

static void test_lines_belong_to_the_host_they_name(void **state)
{
    (void)state;
    parse(LINE_OF("a", "10") "\n" LINE_OF("b", "11") "\n" LINE_OF("b", "12") "\n" LINE_OF(
        "a", "13") "\n{\"at\":\"2026-03-04T14:15:14Z\",\"ns\":\"X\",\"data\":{}}\n");
    assert_int_equal(c->touched_count, 3);
    assert_int_equal(tally_of("a")->lines, 2);
    assert_int_equal(tally_of("b")->lines, 2);
    assert_int_equal(tally_of("the-file")->lines, 1);
    assert_int_equal(tally_of("the-file")->objects, 0);
    assert_int_equal(c->events[1].host, c->events[2].host);
    assert_int_equal(c->events[0].host, c->events[3].host);
    assert_true(c->events[0].host != c->events[1].host);
}

static void test_a_given_host_wins_over_what_lines_say(void **state)
{
    (void)state;
    c->host_is_given = true;
    parse(LINE_OF("a", "10") "\n" LINE_OF("b", "11") "\ngarbage\n{\"at\":");
    assert_int_equal(c->touched_count, 1);
    assert_int_equal(tally_of("the-file")->lines, 4);
    assert_int_equal(tally_of("the-file")->objects, 2);
    assert_int_equal(tally_of("the-file")->not_understood, 2);
}

static void test_broken_lines_make_up_no_host(void **state)
{
    (void)state;
    parse("garbage\n" LINE_OF(
        "a",
        "10") "\n{\"at\":\"2026-03-04T14:15:11Z\",\"ns\":\"X\",\n"
              "{\"MESSAGE\":\"Started.\",\"_HOSTNAME\":\"box\",\"SYSLOG_IDENTIFIER\":\"systemd\"}\n"
              "{\"MESSAGE\":null,\"SYSLOG_IDENTIFIER\":\"node\"}\n");
    assert_int_equal(c->touched_count, 1);
    assert_int_equal(tally_of("a")->lines, 1);
    assert_int_equal(all_rejects(), 4);
}

static void test_a_line_that_says_its_host_is_counted_there_whatever_is_wrong_with_it(void **state)
{
    (void)state;
    parse("{\"at\":\"x\",\"ns\":\"X\",\"data\":{},\"host\":\"a\"}\n" LINE_OF("a", "-1"));
    assert_int_equal(tally_of("a")->lines, 2);
    assert_int_equal(tally_of("a")->not_understood, 2);
    assert_int_equal(tally_of("a")->objects, 0);
}

static void test_set_aside_on_purpose_is_not_misunderstood(void **state)
{
    (void)state;
    parse("{\"at\":\"2026-03-04T14:15:11Z\",\"ns\":\"ChainSync.ServerHeader.Update\",\"data\":"
          "{\"addBlock\":\"ab\",\"risingEdge\":false},\"host\":\"a\"}");
    assert_int_equal(tally_of("a")->lines, 1);
    assert_int_equal(tally_of("a")->not_understood, 0);
    assert_int_equal(c->rejects[REJECT_FALLING_EDGE].lines, 1);
}

static void test_a_line_like_the_one_before_is_a_duplicate(void **state)
{
    (void)state;
    parse(LINE("10") "\n" LINE("10") "\n" LINE("10") "\n\n" LINE("10") "\n\n\n");
    assert_int_equal(tally_of("node-0")->duplicate_lines, 2);
    assert_int_equal(tally_of("node-0")->lines, 4);
    parse(LINE("10") LINE("11") "\n" LINE("10") LINE("11") "\n");
    assert_int_equal(tally_of("node-0")->duplicate_lines, 1);
}

static void test_hashes_tell_duplicates_across_chunks(void **state)
{
    uint64_t hash;

    (void)state;
    parse(LINE("10") "\n" LINE("11") "\n");
    hash = c->last_line_hash;
    assert_true(hash && hash != c->first_line_hash);
    parse(LINE("11") "\n" LINE("12") "\n");
    assert_int_equal(c->first_line_hash, hash);
    parse("\n" LINE("11"));
    assert_int_equal(c->first_line_hash, 0);
    parse(LINE("11") "\n\n");
    assert_int_equal(c->last_line_hash, 0);
    parse("garbage\n" LINE("11"));
    assert_int_equal(c->first_line_hash, 0); /* nobody's */
    parse("");
    assert_int_equal(c->first_line_hash, 0);
    assert_int_equal(c->last_line_hash, 0);
}

static void test_names_are_counted_over_the_life_of_the_chunk(void **state)
{
    uint32_t id;

    (void)state;
    parse(LINE("10") "\n" LEGACY_LINE("10") "\n{\"at\":\"2026-03-04T14:15:11Z\",\"ns\":\"X\"}\n");
    parse(LINE("11") "\n");
    assert_int_equal(c->names.count, 3);
    assert_true(intern_find(&c->names, span_of("Forge.Loop.NodeIsLeader"), &id));
    assert_int_equal(c->name_lines[id], 2);
    assert_int_equal(c->name_events[id], EVENT_NODE_IS_LEADER);
    assert_true(intern_find(&c->names, span_of("TraceNodeIsLeader"), &id));
    assert_int_equal(c->name_lines[id], 1);
    assert_true(intern_find(&c->names, span_of("X"), &id));
    assert_int_equal(c->name_events[id], EVENT_NONE);
    assert_int_equal(c->names_lost, 0);
}

static void test_a_name_that_is_no_name_is_lost_by_count(void **state)
{
    char text[1024], name[400];

    (void)state;
    memset(name, 'n', sizeof name);
    snprintf(text, sizeof text, "{\"at\":\"2026-03-04T14:15:11Z\",\"ns\":\"%.*s\",\"host\":\"a\"}",
             (int)sizeof name, name);
    parse(text);
    assert_int_equal(c->names.count, 0);
    assert_int_equal(c->names_lost, 1);
    assert_int_equal(tally_of("a")->lines, 1);
}

static char long_text[CHUNK_LINE_MAX];

static void test_a_very_long_line_is_read(void **state)
{
    const size_t pad = CHUNK_LINE_MAX - 1024;
    size_t len;

    (void)state;
    len = (size_t)sprintf(long_text,
                          "{\"at\":\"2026-03-04T14:15:11Z\",\"ns\":\"Forge.Loop.NodeIsLeader\","
                          "\"data\":{\"long\":\"");
    memset(long_text + len, 'x', pad);
    len += pad;
    len += (size_t)sprintf(long_text + len, "\",\"slot\":10},\"host\":\"a\"}\n");
    parse_bytes(long_text, len);
    assert_slots("10");
}

static void test_an_overlong_line_is_counted_behind_the_others(void **state)
{
    (void)state;
    c->overlong_line = true;
    parse(LINE("10") "\n");
    assert_int_equal(c->lines, 2);
    assert_int_equal(c->rejects[REJECT_TOO_LONG].lines, 1);
    assert_int_equal(c->rejects[REJECT_TOO_LONG].first_line, 2);
}

/* A line made to be walked over again and again, from each of its parts: 200,000 times. Each walk ends in a reject. */
static void test_a_hostile_line_is_not_walked_over_from_each_of_its_parts(void **state)
{
    static const char part[] = "{\"at\":\"\",\"data\":";
    size_t len = 0;
    uint64_t walks = 0;

    (void)state;
    while (len + sizeof part < CHUNK_LINE_MAX) {
        memcpy(long_text + len, part, sizeof part - 1);
        len += sizeof part - 1;
    }
    parse_bytes(long_text, len);
    assert_int_equal(c->lines, 1);
    assert_int_equal(c->event_count, 0);
    for (size_t i = 0; i < REJECTS; i++)
        walks += c->rejects[i].lines;
    assert_int_equal(walks, 1 + 16); /* the line itself, and the rescues that a line has */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_lines_become_events_in_order),
        TEST(test_lines_are_counted_as_newlines),
        TEST(test_traces_glued_together_are_all_read),
        TEST(test_a_trace_behind_a_cut_one_is_saved),
        TEST(test_what_stands_before_a_trace_does_not_hide_it),
        TEST(test_the_first_line_of_each_reason_is_told),
        TEST(test_lines_belong_to_the_host_they_name),
        TEST(test_a_given_host_wins_over_what_lines_say),
        TEST(test_broken_lines_make_up_no_host),
        TEST(test_a_line_that_says_its_host_is_counted_there_whatever_is_wrong_with_it),
        TEST(test_set_aside_on_purpose_is_not_misunderstood),
        TEST(test_a_line_like_the_one_before_is_a_duplicate),
        TEST(test_hashes_tell_duplicates_across_chunks),
        TEST(test_names_are_counted_over_the_life_of_the_chunk),
        TEST(test_a_name_that_is_no_name_is_lost_by_count),
        TEST(test_a_very_long_line_is_read),
        TEST(test_an_overlong_line_is_counted_behind_the_others),
        TEST(test_a_hostile_line_is_not_walked_over_from_each_of_its_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
