#include "trace/json_value.h"

#include <jansson.h>
#include <stdlib.h>

#include "support/guard.h"
#include "support/test.h"

static bool is_value(const char *bytes, size_t len)
{
    struct guarded g = guard_copy(bytes, len); /* nothing behind the text is read */
    bool good = json_value_is((struct span){ g.at, len });

    guard_release(&g);
    return good;
}

static void test_values_of_the_grammar_are_accepted(void **state)
{
    static const char *const good[] = {
        "0",
        "-0",
        "-12.50e+3",
        "1E5",
        "0.0",
        "true",
        "false",
        "null",
        "\"\"",
        "[]",
        "{}",
        " [ 1 , {\"a\" : [ ] } ]\n",
        "{\"a\":1,\"b\":{\"c\":\"\\u00e9\\\"\\\\\\/\\b\\f\\n\\r\\t\"}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        assert_true(is_value(good[i], strlen(good[i])));
}

static void test_everything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",          " ",       "01",          "1.",        ".5",         "+1",
        "-",         "1e",      "1e+",         "tru",       "truex",      "nul",
        "\"",        "\"\\x\"", "\"\\u12g4\"", "\"\\u12\"", "\"\\",       "\"a\nb\"",
        "[",         "[1",      "[1,]",        "[,1]",      "[1 2]",      "]",
        "{",         "{a:1}",   "{\"a\"}",     "{\"a\":}",  "{\"a\":1,}", "{1:2}",
        "{\"a\":1]", "[1}",     "1 2",         "{}{}",      "NaN",        "'a'",
        "//",        "[1]x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        if (is_value(bad[i], strlen(bad[i])))
            fail_msg("accepted: %s", bad[i]);
    assert_false(is_value("1\0", 2));
    assert_false(is_value("\"a\0b\"", 5));
}

static void test_depth_has_a_limit(void **state)
{
    char text[2 * JSON_VALUE_DEPTH_MAX + 2];

    (void)state;
    memset(text, '[', JSON_VALUE_DEPTH_MAX);
    memset(text + JSON_VALUE_DEPTH_MAX, ']', JSON_VALUE_DEPTH_MAX);
    assert_true(is_value(text, 2 * JSON_VALUE_DEPTH_MAX));
    memset(text, '[', JSON_VALUE_DEPTH_MAX + 1);
    memset(text + JSON_VALUE_DEPTH_MAX + 1, ']', JSON_VALUE_DEPTH_MAX + 1);
    assert_false(is_value(text, 2 * JSON_VALUE_DEPTH_MAX + 2));
}

/* jansson is stricter about what escapes mean and how large numbers are, never laxer. */
static void test_another_parser_agrees_on_random_tokens(void **state)
{
    static const char *const tokens[] = { "{", "}",  "[",  "]",    ",", ":",    "\"a\"", "1",
                                          "-", ".5", "e2", "true", " ", "null", "\"",    "0" };
    unsigned accepted = 0;

    (void)state;
    srand(7);
    for (int i = 0; i < 200000; i++) {
        char text[64] = "";
        json_t *tree;
        bool good;

        for (int count = 1 + rand() % 5; count > 0; count--)
            strcat(text, tokens[rand() % 16]);
        good = json_value_is(span_of(text));
        tree = json_loads(text, JSON_DECODE_ANY, NULL);
        if (good != (tree != NULL))
            fail_msg("not of one mind: %s", text);
        json_decref(tree);
        accepted += good;
    }
    assert_true(accepted > 1000);
}

static void assert_appended(const char *text, const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1000);
    assert_true(json_value_is(span_of(text)));
    json_value_append(&out, span_of(text));
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void test_blanks_go_but_not_those_in_strings(void **state)
{
    (void)state;
    assert_appended(" 1 ", "1");
    assert_appended("{ \"a b\" :\n[ 1 ,\t\"c \\\" d\" , \"\\\\\" ] }\r\n",
                    "{\"a b\":[1,\"c \\\" d\",\"\\\\\"]}");
}

static void test_strings_stay_printable_utf8(void **state)
{
    (void)state;
    assert_appended("\"\xff\x7f\xc2\x9b\xc3\xa9\"", "\"\xef\xbf\xbd\\u007f\\u009b\xc3\xa9\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_of_the_grammar_are_accepted),
        cmocka_unit_test(test_everything_else_is_refused),
        cmocka_unit_test(test_depth_has_a_limit),
        cmocka_unit_test(test_another_parser_agrees_on_random_tokens),
        cmocka_unit_test(test_blanks_go_but_not_those_in_strings),
        cmocka_unit_test(test_strings_stay_printable_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
