#include "report/safe_text.h"

#include <string.h>

#include "support/guard.h"
#include "support/test.h"

static void assert_shown(const char *text, size_t len, bool ascii, const char *expected)
{
    struct guarded copy = guard_copy(text, len); /* nothing beyond the text may be looked at */
    struct buffer out;

    buffer_init(&out, allocator_libc(), 4096);
    safe_text(&out, (struct span){ copy.at, len }, ascii);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
    guard_release(&copy);
}

static void assert_made_valid(const char *text, const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 4096);
    valid_text(&out, span_of(text));
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void test_escape_sequences_lose_their_power(void **state)
{
    (void)state;
    assert_shown("a\x1b[31mred", 9, false, "a\\x1b[31mred");
    assert_shown("\x9b"
                 "31m",
                 4, false, "\\x9b31m"); /* C1 as a raw byte */
    assert_shown("\xc2\x9b"
                 "31m",
                 5, false, "\\u{9b}31m"); /* and as a character */
    assert_shown("two\nlines\r\x7f", 11, false, "two\\x0alines\\x0d\\x7f");
    assert_shown("a\0b", 3, false, "a\\x00b");
}

static void test_text_that_hides_or_reorders_is_named(void **state)
{
    (void)state;
    assert_shown("\xe2\x80\xae"
                 "gnp",
                 6, false, "\\u{202e}gnp");
    assert_shown("no\xe2\x80\x8b"
                 "de",
                 7, false, "no\\u{200b}de");
}

static void test_good_characters_stay_unless_ascii_is_asked_for(void **state)
{
    (void)state;
    assert_shown("n\xc3\xb8"
                 "de \xf0\x9f\x90\xa2",
                 10, false,
                 "n\xc3\xb8"
                 "de \xf0\x9f\x90\xa2");
    assert_shown("n\xc3\xb8"
                 "de",
                 5, true, "n\\u{f8}de");
}

static void test_bad_bytes_are_shown_one_by_one(void **state)
{
    (void)state;
    assert_shown("\xc3", 1, false, "\\xc3");                            /* cut */
    assert_shown("\xc0\xaf", 2, false, "\\xc0\\xaf");                   /* overlong */
    assert_shown("\xed\xa0\x80", 3, false, "\\xed\\xa0\\x80");          /* surrogate */
    assert_shown("\xf4\x90\x80\x80", 4, false, "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
    assert_shown("\xff"
                 "a",
                 2, false,
                 "\\xff"
                 "a");
    assert_shown("\xe2\x82", 2, false, "\\xe2\\x82"); /* cut later */
    assert_made_valid("a\xff"
                      "b\xc3\xb8",
                      "a\xef\xbf\xbd"
                      "b\xc3\xb8");
}

static void test_columns_count_characters_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(text_columns(span_of("")), 0);
    assert_int_equal(text_columns(span_of("abc")), 3);
    assert_int_equal(text_columns(span_of("\xe2\x96\x88\xe2\x96\x8c")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape_sequences_lose_their_power),
        cmocka_unit_test(test_text_that_hides_or_reorders_is_named),
        cmocka_unit_test(test_good_characters_stay_unless_ascii_is_asked_for),
        cmocka_unit_test(test_bad_bytes_are_shown_one_by_one),
        cmocka_unit_test(test_columns_count_characters_not_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
