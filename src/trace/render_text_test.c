#include "trace/render_text.h"

#include <jansson.h>

#include "support/guard.h"
#include "support/test.h"

static struct buffer out;

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&out);
    return 0;
}

static void start(void)
{
    buffer_release(&out);
    buffer_init(&out, allocator_libc(), 1 << 20);
}

static void assert_becomes(const char *bytes, size_t len, const char *quoted, const char *bare)
{
    struct guarded g = guard_copy(bytes, len); /* a cut character must not be read on */

    start();
    text_quoted(&out, (struct span){ g.at, len });
    assert_string_equal(buffer_string(&out), quoted);
    start();
    text_bare(&out, (struct span){ g.at, len });
    assert_string_equal(buffer_string(&out), bare);
    guard_release(&g);
}

#define TEXT(literal, quoted, bare) assert_becomes(literal, sizeof(literal) - 1, quoted, bare)
#define BAD "\xef\xbf\xbd"

static void test_plain_text_passes(void **state)
{
    (void)state;
    TEXT("", "\"\"", "");
    TEXT("a", "\"a\"", "a");
    TEXT("12345678", "\"12345678\"", "12345678");
    TEXT("a text of more than sixteen bytes /~", "\"a text of more than sixteen bytes /~\"",
         "a text of more than sixteen bytes /~");
}

static void test_quotes_and_backslashes_are_escaped_in_json_only(void **state)
{
    (void)state;
    TEXT("say \"yes\" \\ no", "\"say \\\"yes\\\" \\\\ no\"", "say \"yes\" \\ no");
}

static void test_controls_of_all_kinds_are_escaped_everywhere(void **state)
{
    (void)state;
    TEXT("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"", "\\b\\f\\n\\r\\t");
    TEXT("\0\x1b[2J\x7f", "\"\\u0000\\u001b[2J\\u007f\"", "\\u0000\\u001b[2J\\u007f");
    TEXT("\xc2\x9b\x32J\xc2\xa0", "\"\\u009b2J\xc2\xa0\"", "\\u009b2J\xc2\xa0");
}

static void test_utf8_passes_and_what_is_none_is_replaced(void **state)
{
    (void)state;
    TEXT("\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80\"",
         "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80");
    TEXT("a\xff\xc0\xaf.\xe2\x82", "\"a" BAD BAD BAD "." BAD "\"", "a" BAD BAD BAD "." BAD);
}

/* Eight bytes are looked at together: each byte at each of eight places. */
static void test_each_byte_is_seen_at_each_place(void **state)
{
    (void)state;
    for (int c = 0; c < 128; c++)
        for (size_t place = 0; place < 24; place++) {
            char bytes[24];
            json_t *tree;

            memset(bytes, 'z', sizeof(bytes));
            bytes[place] = (char)c;
            start();
            text_quoted(&out, (struct span){ bytes, sizeof(bytes) });
            for (size_t i = 0; i < out.len; i++)
                assert_in_range((unsigned char)out.at[i], 0x20, 0x7e);
            tree = json_loadb(out.at, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            assert_int_equal(json_string_length(tree), sizeof(bytes));
            assert_memory_equal(json_string_value(tree), bytes, sizeof(bytes));
            json_decref(tree);
        }
}

static void assert_cut(const char *end, const char *expected_end)
{
    static char text[OU_TEXT_MAX];
    const struct ou_text cut = { text, sizeof(text) };
    size_t len = strlen(expected_end);

    memset(text, 'x', sizeof(text));
    memcpy(text + sizeof(text) - strlen(end), end, strlen(end));
    start();
    traced_bare(&out, cut);
    assert_string_equal(out.at + out.len - len, expected_end);
    start();
    traced_escaped(&out, cut);
    assert_string_equal(out.at + out.len - len, expected_end);
    start();
    traced_quoted(&out, cut);
    assert_memory_equal(out.at + out.len - len - 1, expected_end, len);
    assert_true(out.at[0] == '"' && out.at[out.len - 1] == '"');
}

static void test_a_cut_text_ends_in_dots_after_its_last_whole_character(void **state)
{
    const struct ou_text whole = { "abc", 3 };

    (void)state;
    assert_cut("yz", "xyz...");
    assert_cut("y\xf0\x9f\x98\x80", "xy\xf0\x9f\x98\x80...");
    assert_cut("y\xf0\x9f\x98", "xy...");
    assert_cut("y\xf0\x9f", "xy...");
    assert_cut("y\xf0", "xy...");
    assert_cut("y\xc3", "xy...");
    assert_cut("y\xff", "xy..."); /* it cannot be told from a begin */
    assert_cut("y\x80\x80\x80\x80\x80", "xy" BAD BAD BAD BAD BAD "...");
    start();
    traced_quoted(&out, whole);
    assert_string_equal(buffer_string(&out), "\"abc\"");
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plain_text_passes),
        TEST(test_quotes_and_backslashes_are_escaped_in_json_only),
        TEST(test_controls_of_all_kinds_are_escaped_everywhere),
        TEST(test_utf8_passes_and_what_is_none_is_replaced),
        TEST(test_each_byte_is_seen_at_each_place),
        TEST(test_a_cut_text_ends_in_dots_after_its_last_whole_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
