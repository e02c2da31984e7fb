#include "json/write.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "support/failing_allocator.h"
#include "support/guard.h"
#include "support/random.h"
#include "support/test.h"

static struct buffer out;
static struct json_writer w;

static void start(bool indented)
{
    buffer_release(&out);
    buffer_init(&out, allocator_libc(), 1 << 20);
    json_writer_init(&w, &out, indented);
}

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&out);
    return 0;
}

static void write_everything(void)
{
    json_begin_object(&w);
    json_key(&w, "a");
    json_int(&w, -1);
    json_key(&w, "list");
    json_begin_array(&w);
    json_none(&w);
    json_bool(&w, true);
    json_begin_array(&w);
    json_end(&w);
    json_begin_object(&w);
    json_end(&w);
    json_end(&w);
    json_key(&w, "inline");
    json_begin_object_inline(&w);
    json_key(&w, "x");
    json_double(&w, 0.5);
    json_key(&w, "y");
    json_begin_array(&w);
    json_uint(&w, 1);
    json_uint(&w, 2);
    json_end(&w);
    json_end(&w);
    json_key(&w, "row");
    json_begin_array_inline(&w);
    json_bool(&w, false);
    json_cstring(&w, "t");
    json_end(&w);
    json_end(&w);
}

static void test_compact_documents_have_no_blanks(void **state)
{
    (void)state;
    start(false);
    write_everything();
    assert_string_equal(buffer_string(&out),
                        "{\"a\":-1,\"list\":[null,true,[],{}],\"inline\":{\"x\":0.5,"
                        "\"y\":[1,2]},\"row\":[false,\"t\"]}");
}

static void test_indented_documents_have_a_line_per_item_but_in_inline_parts(void **state)
{
    (void)state;
    start(true);
    write_everything();
    assert_string_equal(buffer_string(&out), "{\n"
                                             "  \"a\": -1,\n"
                                             "  \"list\": [\n"
                                             "    null,\n"
                                             "    true,\n"
                                             "    [],\n"
                                             "    {}\n"
                                             "  ],\n"
                                             "  \"inline\": {\"x\": 0.5, \"y\": [1, 2]},\n"
                                             "  \"row\": [false, \"t\"]\n"
                                             "}");
}

static void test_a_value_alone_is_a_document(void **state)
{
    (void)state;
    start(true);
    json_cstring(&w, "x");
    assert_string_equal(buffer_string(&out), "\"x\"");
}

static void test_json_that_is_there_already_goes_in_as_it_is(void **state)
{
    (void)state;
    start(false);
    json_begin_object(&w);
    json_key(&w, "facts");
    json_raw(&w, span_of("{\"a\": [1]}"));
    json_key(&w, "more");
    json_int(&w, 2);
    json_end(&w);
    assert_string_equal(buffer_string(&out), "{\"facts\":{\"a\": [1]},\"more\":2}");
}

static void test_the_deepest_level_can_be_used(void **state)
{
    (void)state;
    start(false);
    for (int i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
        json_begin_array(&w);
    json_int(&w, 1);
    for (int i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
        json_end(&w);
    assert_int_equal(out.len, 2 * JSON_WRITE_DEPTH_MAX + 1);
}

static void test_integers_are_written_to_their_ends(void **state)
{
    (void)state;
    start(false);
    json_begin_array(&w);
    json_int(&w, INT64_MIN);
    json_int(&w, INT64_MAX);
    json_uint(&w, UINT64_MAX);
    json_end(&w);
    assert_string_equal(buffer_string(&out),
                        "[-9223372036854775808,9223372036854775807,18446744073709551615]");
}

static void test_what_json_cannot_say_becomes_null(void **state)
{
    (void)state;
    start(false);
    json_begin_array(&w);
    json_double(&w, NAN);
    json_double(&w, INFINITY);
    json_double(&w, -INFINITY);
    json_cstring(&w, NULL);
    json_instant(&w, TIME_NONE);
    json_seconds(&w, TIME_NONE);
    json_end(&w);
    assert_string_equal(buffer_string(&out), "[null,null,null,null,null,null]");
}

static void test_times_are_written_as_text_and_number(void **state)
{
    (void)state;
    start(false);
    json_begin_array(&w);
    json_instant(&w, 1500000000);
    json_seconds(&w, -1500000000);
    json_end(&w);
    assert_string_equal(buffer_string(&out), "[\"1970-01-01T00:00:01.5Z\",-1.5]");
}

/* ---- text ---- */

static void assert_text_becomes(const char *bytes, size_t len, const char *expected)
{
    struct guarded g = guard_copy(bytes, len); /* a cut character must not be read on */

    start(false);
    json_text(&w, (struct span){ g.at, len });
    assert_string_equal(buffer_string(&out), expected);
    guard_release(&g);
}

#define TEXT(literal, expected) assert_text_becomes(literal, sizeof literal - 1, expected)
#define BAD "\xef\xbf\xbd"

static void test_quotes_backslashes_and_controls_are_escaped(void **state)
{
    (void)state;
    TEXT("", "\"\"");
    TEXT("a\"b\\c/", "\"a\\\"b\\\\c/\"");
    TEXT("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
    TEXT("\0\x01\x1f\x7f", "\"\\u0000\\u0001\\u001f\x7f\"");
    start(false);
    json_text(&w, (struct span){ NULL, 0 });
    assert_string_equal(buffer_string(&out), "\"\"");
}

static void test_good_utf8_passes_unchanged(void **state)
{
    (void)state;
    TEXT("\xc2\x80\xdf\xbf", "\"\xc2\x80\xdf\xbf\"");
    TEXT("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
         "\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"");
    TEXT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"");
}

/* The examples of the Unicode standard (version 15, tables 3-8 to 3-11). */
static void test_bad_utf8_is_replaced_as_unicode_recommends(void **state)
{
    (void)state;
    TEXT("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", "\"" BAD BAD BAD BAD BAD BAD BAD BAD "A\"");
    TEXT("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", "\"" BAD BAD BAD BAD BAD BAD BAD BAD "A\"");
    TEXT("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", "\"" BAD BAD BAD BAD BAD "A" BAD BAD "B\"");
    TEXT("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", "\"" BAD BAD BAD BAD "A\"");
}

static void test_a_cut_character_is_replaced_once(void **state)
{
    (void)state;
    TEXT("a\xc3", "\"a" BAD "\"");
    TEXT("a\xe2\x82", "\"a" BAD "\"");
    TEXT("a\xf0\x9f\x98", "\"a" BAD "\"");
    TEXT("a\x80", "\"a" BAD "\"");
    TEXT("\xf5", "\"" BAD "\"");
}

/* jansson checks UTF-8 on its own. */
static void test_any_bytes_become_text_that_another_parser_reads(void **state)
{
    static const unsigned char likely[] = { 'a',  '"',  '\\', 0x80, 0x9f, 0xa0, 0xbf, 0xc2,
                                            0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0x0a, 0x8f };
    uint64_t seed = 2;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        char bytes[16];
        json_t *tree;

        for (size_t k = 0; k < sizeof bytes; k++, bits >>= 4)
            bytes[k] = (char)likely[bits & 15];
        start(false);
        json_begin_array(&w);
        json_text(&w, (struct span){ bytes, sizeof bytes });
        json_end(&w);
        tree = json_loadb(out.at, out.len, 0, NULL);
        assert_non_null(tree);
        json_decref(tree);
    }
}

/* ---- failures ---- */

static bool write_with(struct allocator *from, void *argument)
{
    bool done;

    (void)argument;
    buffer_init(&out, from, 1 << 20);
    json_writer_init(&w, &out, true);
    json_begin_array(&w);
    for (int i = 0; i < 100; i++)
        write_everything();
    json_end(&w);
    done = buffer_status(&out) == OU_OK;
    buffer_release(&out);
    return done;
}

static void test_each_failing_allocation_shows_in_the_buffer(void **state)
{
    (void)state;
    buffer_release(&out);
    fail_each_allocation(write_with, NULL);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_compact_documents_have_no_blanks),
        TEST(test_indented_documents_have_a_line_per_item_but_in_inline_parts),
        TEST(test_a_value_alone_is_a_document),
        TEST(test_json_that_is_there_already_goes_in_as_it_is),
        TEST(test_the_deepest_level_can_be_used),
        TEST(test_integers_are_written_to_their_ends),
        TEST(test_what_json_cannot_say_becomes_null),
        TEST(test_times_are_written_as_text_and_number),
        TEST(test_quotes_backslashes_and_controls_are_escaped),
        TEST(test_good_utf8_passes_unchanged),
        TEST(test_bad_utf8_is_replaced_as_unicode_recommends),
        TEST(test_a_cut_character_is_replaced_once),
        TEST(test_any_bytes_become_text_that_another_parser_reads),
        TEST(test_each_failing_allocation_shows_in_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
