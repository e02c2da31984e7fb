#include "json/scan.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/guard.h"
#include "support/test.h"

static const char *const implementations[] = { "portable", "sse2", "avx2" };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A text in front of its padding, behind which nothing can be read. The padding
 * is filled with what would mislead a scanner that took it for text. */
static struct guarded g;

static struct scan scan_bytes(const char *text, size_t len)
{
    char *padded = malloc(len + SCAN_PADDING);

    assert_non_null(padded);
    memcpy(padded, text, len);
    for (size_t i = 0; i < SCAN_PADDING; i++)
        padded[len + i] = "\"}]1"[i % 4];
    if (g.map)
        guard_release(&g);
    g = guard_copy(padded, len + SCAN_PADDING);
    free(padded);
    return scan_of(g.at, len);
}

static struct scan scan_text(const char *text)
{
    return scan_bytes(text, strlen(text));
}

static int tear_down(void **state)
{
    (void)state;
    if (g.map)
        guard_release(&g);
    assert_true(scan_use(NULL));
    return 0;
}

static size_t moved(const struct scan *s)
{
    return (size_t)(s->at - g.at);
}

/* --- Containers ---------------------------------------------------------------- */

/* Skips the value that text begins with, in every implementation. */
static void assert_skips(const char *text, size_t len, size_t behind, enum scan_problem problem)
{
    for (size_t i = 0; i < COUNT(implementations); i++) {
        struct scan s = scan_bytes(text, len);

        if (!scan_use(implementations[i]))
            continue;
        if (scan_skip(&s) != (problem == SCAN_FINE) || s.problem != problem || moved(&s) != behind)
            fail_msg("%s: \"%.*s\": moved %zu, problem %d", implementations[i], (int)len, text,
                     moved(&s), s.problem);
    }
}

static void assert_skips_all(const char *text)
{
    assert_skips(text, strlen(text), strlen(text), SCAN_FINE);
}

static void test_containers_are_skipped_to_their_end(void **state)
{
    (void)state;
    assert_skips_all("{}");
    assert_skips_all(" \t\r\n[]");
    assert_skips_all("{\"a\":[1,{\"b\":[]}],\"c\":{}}");
    assert_skips_all("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1"
                     "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    assert_skips("{\"a\":1},2", 9, 7, SCAN_FINE);
    assert_skips("[1][2]", 6, 3, SCAN_FINE);
}

static void test_brackets_inside_strings_do_not_count(void **state)
{
    (void)state;
    assert_skips_all("[\"]\"]");
    assert_skips_all("{\"}{\":\"]][[\"}");
    assert_skips_all("[\"\\\"]\"]");
    assert_skips_all("[\"\\\\\"]");
    assert_skips("[\"\\\\\\\"]", 8, 8, SCAN_CUT);
}

static void test_a_cut_container_is_cut(void **state)
{
    static const char whole[] = "{\"a\":[1,\"]}\\\"\",{\"b\":null}],\"c\":\"d\"}";

    (void)state;
    for (size_t len = 0; len < sizeof(whole) - 1; len++)
        assert_skips(whole, len, len, SCAN_CUT);
    assert_skips_all(whole);
}

/* A container whose text, and then what stands in it, moves over the borders of
 * the 64-byte blocks one byte at a time. */
static void test_block_borders_are_nowhere_special(void **state)
{
    char text[300];

    (void)state;
    for (int inner = 0; inner < 140; inner++) {
        int len = snprintf(text, sizeof text, "[\"%*s\\\"]\",{\"\\\\\":[\"}\"]},\"%*s\"]", inner,
                           "", inner % 7, "");

        assert_skips(text, (size_t)len, (size_t)len, SCAN_FINE);
        assert_skips(text, (size_t)len - 1, (size_t)len - 1, SCAN_CUT);
    }
    for (int size = 2; size < 200; size++) {
        memset(text, ' ', sizeof text);
        text[0] = '{';
        text[size - 1] = '}';
        assert_skips(text, sizeof text, (size_t)size, SCAN_FINE);
    }
}

static void test_runs_of_backslashes_cross_block_borders(void **state)
{
    char text[300];

    (void)state;
    for (size_t before = 50; before < 66; before++)
        for (size_t run = 1; run < 140; run++) {
            size_t len = 0;

            text[len++] = '[';
            text[len++] = '"';
            memset(text + len, 'x', before);
            len += before;
            memset(text + len, '\\', run);
            len += run;
            /* An even run leaves the quotation mark its meaning, an odd one takes it. */
            memcpy(text + len, "\"]\"]", 4);
            if (run % 2 == 0)
                assert_skips(text, len + 4, len + 2, SCAN_FINE);
            else
                assert_skips(text, len + 4, len + 4, SCAN_FINE);
        }
}

static void test_a_container_may_be_deeper_than_any_counter_of_64_bits_a_block(void **state)
{
    enum { DEPTH = 5000 };
    char text[2 * DEPTH];

    (void)state;
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    assert_skips(text, sizeof text, sizeof text, SCAN_FINE);
    assert_skips(text, sizeof text - 1, sizeof text - 1, SCAN_CUT);
}

static void test_the_rest_of_a_container_is_skipped_from_anywhere_between_its_members(void **state)
{
    static const char text[] = "{\"a\":1,\"b\":[2,\"}\"],\"c\":{\"d\":\"x\"}} tail";

    (void)state;
    for (size_t i = 0; i < COUNT(implementations); i++) {
        struct scan s = scan_text(text);

        if (!scan_use(implementations[i]))
            continue;
        s.at += strlen("{\"a\":1,");
        assert_true(scan_skip_rest(&s));
        assert_int_equal(moved(&s), strlen(text) - strlen(" tail"));
    }
}

static void test_an_unknown_implementation_is_refused_and_the_best_is_the_default(void **state)
{
    (void)state;
    assert_true(scan_use("portable"));
    assert_string_equal(scan_implementation(), "portable");
    assert_false(scan_use("quantum"));
    assert_string_equal(scan_implementation(), "portable");
    assert_true(scan_use(NULL));
#ifdef __x86_64__
    assert_string_not_equal(scan_implementation(), "portable");
#endif
}

static void test_words_are_values_only_when_spelt_right(void **state)
{
    (void)state;
    assert_skips("true,", 5, 4, SCAN_FINE);
    assert_skips("false}", 6, 5, SCAN_FINE);
    assert_skips("null]", 5, 4, SCAN_FINE);
    assert_skips("-12.5e+3 ", 9, 8, SCAN_FINE);
    assert_skips("tru}", 4, 3, SCAN_BAD);
    assert_skips("nulll}", 6, 5, SCAN_BAD);
    assert_skips("NaN}", 4, 3, SCAN_BAD);
    assert_skips("1.}", 3, 2, SCAN_BAD);
    assert_skips("1e}", 3, 2, SCAN_BAD);
    assert_skips("+1}", 3, 2, SCAN_BAD);
    assert_skips("-}", 2, 1, SCAN_BAD);
    assert_skips("}", 1, 0, SCAN_BAD);
    assert_skips("\0}", 2, 1, SCAN_BAD);
}

static void test_a_word_at_the_very_end_may_have_been_cut(void **state)
{
    (void)state;
    assert_skips("12", 2, 2, SCAN_CUT);
    assert_skips("true", 4, 4, SCAN_CUT);
    assert_skips("", 0, 0, SCAN_CUT);
    assert_skips("  ", 2, 2, SCAN_CUT);
}

/* --- Strings -------------------------------------------------------------------- */

static void test_strings_of_every_length_are_found(void **state)
{
    char text[100];

    (void)state;
    for (size_t len = 0; len < 80; len++) {
        struct scan_text string = { 0 };
        struct scan s;

        text[0] = '"';
        memset(text + 1, 'a', len);
        text[len + 1] = '"';
        s = scan_bytes(text, len + 2);
        assert_true(scan_string(&s, &string));
        assert_int_equal(string.raw.len, len);
        assert_ptr_equal(string.raw.at, g.at + 1);
        assert_false(string.escaped);
        assert_int_equal(moved(&s), len + 2);
        s = scan_bytes(text, len + 1);
        assert_false(scan_string(&s, &string));
        assert_int_equal(s.problem, SCAN_CUT);
        assert_int_equal(moved(&s), len + 1);
    }
}

static void test_control_characters_end_a_string_as_bad(void **state)
{
    (void)state;
    for (char c = 0; c < 0x20; c++)
        for (size_t at = 1; at < 40; at += 13) {
            char text[42];
            struct scan_text string = { 0 };
            struct scan s;

            memset(text, 'x', sizeof text);
            text[0] = text[41] = '"';
            text[at] = c;
            s = scan_bytes(text, sizeof text);
            assert_false(scan_string(&s, &string));
            assert_int_equal(s.problem, SCAN_BAD);
            assert_int_equal(moved(&s), at);
        }
}

static void test_a_string_may_hold_any_other_byte(void **state)
{
    struct scan_text string;
    struct scan s = scan_text("\" \x7f\x80\xff\xc3\xa9 \"");

    (void)state;
    assert_true(scan_string(&s, &string));
    assert_int_equal(string.raw.len, 7);
}

static void test_a_string_cut_within_an_escape_is_cut(void **state)
{
    static const char *const texts[] = { "\"a\\", "\"a\\\"", "\"\\\\\\", "\"", "" };
    struct scan_text string;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct scan s = scan_text(texts[i]);

        assert_false(scan_string(&s, &string));
        assert_int_equal(s.problem, SCAN_CUT);
    }
}

static void test_what_is_no_string_is_of_another_type(void **state)
{
    struct scan s = scan_text(" 12}");
    struct scan_text string;

    (void)state;
    assert_false(scan_string(&s, &string));
    assert_int_equal(s.problem, SCAN_TYPE);
    assert_int_equal(moved(&s), 1);
}

/* What raw stands for; NULL when it stands for nothing. Exactly the promised
 * room, so that a sanitizer sees a byte too many. */
static char *unescape(const char *raw, size_t *ret_len)
{
    size_t len = strlen(raw);
    char *out = malloc(len ? len : 1);

    assert_non_null(out);
    *ret_len = scan_unescape((struct span){ raw, len }, out);
    if (*ret_len == SIZE_MAX) {
        free(out);
        return NULL;
    }
    return out;
}

static void assert_unescapes(const char *raw)
{
    char document[256];
    json_t *tree;
    size_t len;
    char *text = unescape(raw, &len);

    snprintf(document, sizeof document, "[\"%s\"]", raw);
    tree = json_loads(document, JSON_ALLOW_NUL, NULL);
    if (!tree != !text)
        fail_msg("\"%s\": jansson %s it", raw, tree ? "takes" : "refuses");
    if (text) {
        const json_t *wanted = json_array_get(tree, 0);

        assert_int_equal(len, json_string_length(wanted));
        assert_memory_equal(text, json_string_value(wanted), len);
    }
    free(text);
    json_decref(tree);
}

static void test_escapes_mean_what_they_mean_to_jansson(void **state)
{
    static const char *const raws[] = {
        "",
        "plain",
        "\\\"\\\\\\/\\b\\f\\n\\r\\t",
        "a\\u0041b\\u00e9c\\u20acd",
        "\\u0000",
        "\\u007f\\u0080\\u07ff\\u0800\\uffff",
        "\\ud83d\\ude00",
        "\\uD83D\\uDE00 \\udbff\\udfff \\ud800\\udc00",
        "\\ud83d",
        "\\ude00",
        "\\ud83d\\ud83d",
        "\\ud83dx",
        "\\ud83d\\n",
        "\\u12g4",
        "\\u123",
        "\\x",
        "\\U0041",
        "\\'",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(raws); i++)
        assert_unescapes(raws[i]);
}

static void test_a_backslash_at_the_end_stands_for_nothing(void **state)
{
    size_t len;

    (void)state;
    assert_null(unescape("ab\\", &len));
}

static void test_every_code_point_comes_back_from_its_escape(void **state)
{
    (void)state;
    for (uint32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
        char raw[16], wanted[8], *text;
        size_t len, wanted_len;

        if (c >= 0xd800 && c < 0xe000)
            continue;
        if (c < 0x10000)
            snprintf(raw, sizeof raw, "\\u%04x", c);
        else
            snprintf(raw, sizeof raw, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                     0xdc00 + ((c - 0x10000) & 0x3ff));
        /* As RFC 3629 writes its table. */
        wanted_len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t i = wanted_len - 1; i > 0; i--)
            wanted[i] = (char)(0x80 | (c >> 6 * (wanted_len - 1 - i) & 0x3f));
        wanted[0] = (char)("\x00\x00\xc0\xe0\xf0"[wanted_len] | (int)(c >> 6 * (wanted_len - 1)));
        text = unescape(raw, &len);
        assert_non_null(text);
        assert_int_equal(len, wanted_len);
        assert_memory_equal(text, wanted, len);
        free(text);
    }
}

/* --- Numbers and truth ------------------------------------------------------------ */

static void assert_int(const char *text, int64_t wanted)
{
    struct scan s = scan_text(text);
    int64_t value = 77;

    if (!scan_int(&s, &value) || value != wanted)
        fail_msg("%s: problem %d, value %lld", text, s.problem, (long long)value);
}

static void assert_no_int(const char *text, enum scan_problem problem)
{
    struct scan s = scan_text(text);
    int64_t value = 77;

    assert_false(scan_int(&s, &value));
    assert_int_equal(s.problem, problem);
    assert_int_equal(value, 77);
}

static void test_integers_reach_from_edge_to_edge_of_64_bits(void **state)
{
    (void)state;
    assert_int("0,", 0);
    assert_int("-0,", 0);
    assert_int(" 42}", 42);
    assert_int("9223372036854775807,", INT64_MAX);
    assert_int("-9223372036854775808,", INT64_MIN);
    assert_int("\"3600148\"", 3600148);
    assert_int("\"-1\"", -1);
    assert_no_int("9223372036854775808,", SCAN_RANGE);
    assert_no_int("-9223372036854775809,", SCAN_RANGE);
    assert_no_int("18446744073709551616,", SCAN_RANGE);
    assert_no_int("99999999999999999999999999999999,", SCAN_RANGE);
    assert_no_int("1.5,", SCAN_RANGE);
    assert_no_int("1.0,", SCAN_RANGE);
    assert_no_int("1e3,", SCAN_RANGE);
}

static void test_what_is_no_integer_says_why(void **state)
{
    (void)state;
    assert_no_int("\"\"", SCAN_TYPE);
    assert_no_int("\"12x\"", SCAN_TYPE);
    assert_no_int("[1]", SCAN_TYPE);
    assert_no_int("{\"a\":1}", SCAN_TYPE);
    assert_no_int("null,", SCAN_TYPE);
    assert_no_int("true,", SCAN_TYPE);
    assert_no_int("trux,", SCAN_BAD);
    assert_no_int("-,", SCAN_BAD);
    assert_no_int("12a,", SCAN_BAD);
    assert_no_int("0x1f,", SCAN_BAD);
    assert_no_int("12", SCAN_CUT);
    assert_no_int("\"12", SCAN_CUT);
    assert_no_int("[1", SCAN_CUT);
    assert_no_int("", SCAN_CUT);
}

static void test_a_value_of_another_type_is_walked_over(void **state)
{
    struct scan s = scan_text("{\"a\":[1]},2");
    int64_t value;

    (void)state;
    assert_false(scan_int(&s, &value));
    assert_int_equal(moved(&s), 9);
}

static void assert_double(const char *text, double wanted)
{
    struct scan s = scan_text(text);
    double value = 77;

    if (!scan_double(&s, &value) || memcmp(&value, &wanted, sizeof value) != 0)
        fail_msg("%s: problem %d, value %a", text, s.problem, value);
}

static void assert_no_double(const char *text, enum scan_problem problem)
{
    struct scan s = scan_text(text);
    double value;

    assert_false(scan_double(&s, &value));
    assert_int_equal(s.problem, problem);
}

static void test_reals_are_the_nearest_double(void **state)
{
    (void)state;
    assert_double("0,", 0.0);
    assert_double("-0.0,", -0.0);
    assert_double("4.9e-2}", 4.9e-2);
    assert_double("1E+2]", 100);
    assert_double("\"0.05\"", 0.05);
    assert_double("1e308 ", 1e308);
    assert_double("1.7976931348623157e308,", 1.7976931348623157e308);
    assert_double("4.9406564584124654e-324,", 4.9406564584124654e-324);
    assert_double("1e-400,", 0.0);
    assert_double("0.1000000000000000055511151231257827021181583404541015625000000000000000000000"
                  "00000000000000000000000000000,",
                  0.1);
    assert_double("9007199254740993,", 9007199254740992.0);
}

static void test_reals_that_are_not_finite_are_out_of_range(void **state)
{
    (void)state;
    assert_no_double("1e309,", SCAN_RANGE);
    assert_no_double("-1e309,", SCAN_RANGE);
    assert_no_double("1.7976931348623159e308,", SCAN_RANGE);
    assert_no_double("\"Infinity\"", SCAN_TYPE);
    assert_no_double("Infinity,", SCAN_BAD);
    assert_no_double("NaN,", SCAN_BAD);
    assert_no_double("nan,", SCAN_BAD);
    assert_no_double("1.,", SCAN_BAD);
    assert_no_double("0x1p3,", SCAN_BAD);
    assert_no_double("1.5", SCAN_CUT);
}

static void test_truth_is_true_or_false(void **state)
{
    bool value = false;
    struct scan s = scan_text("true}");

    (void)state;
    assert_true(scan_bool(&s, &value) && value);
    s = scan_text(" false,");
    assert_true(scan_bool(&s, &value) && !value);
    assert_int_equal(moved(&s), 6);
    s = scan_text("\"true\"");
    assert_false(scan_bool(&s, &value));
    assert_int_equal(s.problem, SCAN_TYPE);
    s = scan_text("truth,");
    assert_false(scan_bool(&s, &value));
    assert_int_equal(s.problem, SCAN_BAD);
    s = scan_text("tru");
    assert_false(scan_bool(&s, &value));
    assert_int_equal(s.problem, SCAN_CUT);
}

/* --- Objects ---------------------------------------------------------------------- */

/* Walks over an object's members; returns how many, or -1 with *ret_problem. */
static int count_members(const char *text, enum scan_problem *ret_problem)
{
    struct scan s = scan_text(text);
    struct scan_text key;
    bool first = true;
    int count = 0;

    if (scan_enter_object(&s)) {
        while (scan_member(&s, &first, &key) && scan_skip(&s))
            count++;
    }
    *ret_problem = s.problem;
    return s.problem == SCAN_FINE ? count : -1;
}

static void test_members_are_found_in_order(void **state)
{
    struct scan s = scan_text(" { \"a\" : 1 , \"\\u0062\":[2] ,\"\":null}x");
    struct scan_text key;
    bool first = true;

    (void)state;
    assert_true(scan_enter_object(&s));
    assert_true(scan_member(&s, &first, &key) && span_is(key.raw, "a") && !key.escaped);
    assert_true(scan_skip(&s));
    assert_true(scan_member(&s, &first, &key) && span_is(key.raw, "\\u0062") && key.escaped);
    assert_true(scan_skip(&s));
    assert_true(scan_member(&s, &first, &key) && span_is(key.raw, ""));
    assert_true(scan_skip(&s));
    assert_false(scan_member(&s, &first, &key));
    assert_int_equal(s.problem, SCAN_FINE);
    assert_int_equal(*s.at, 'x');
}

static void test_an_object_that_is_none_says_why(void **state)
{
    static const struct {
        const char *text;
        enum scan_problem problem;
    } cases[] = {
        { "[]", SCAN_TYPE },        { "", SCAN_CUT },           { "{", SCAN_CUT },
        { "{\"a\"", SCAN_CUT },     { "{\"a\":", SCAN_CUT },    { "{\"a\":1", SCAN_CUT },
        { "{\"a\":1,", SCAN_CUT },  { "{\"a\" 1}", SCAN_BAD },  { "{\"a\":1 \"b\":2}", SCAN_BAD },
        { "{\"a\":1,}", SCAN_BAD }, { "{,\"a\":1}", SCAN_BAD }, { "{a:1}", SCAN_BAD },
        { "{1:2}", SCAN_BAD },      { "{\"a\":}", SCAN_BAD },   { "{\"a\n\":1}", SCAN_BAD },
    };
    enum scan_problem problem;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (count_members(cases[i].text, &problem) != -1 || problem != cases[i].problem)
            fail_msg("%s: problem %d", cases[i].text, problem);
    }
    assert_int_equal(count_members("{}", &problem), 0);
    assert_int_equal(count_members("{\"a\":1,\"a\":2}", &problem), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_containers_are_skipped_to_their_end),
        cmocka_unit_test(test_brackets_inside_strings_do_not_count),
        cmocka_unit_test(test_a_cut_container_is_cut),
        cmocka_unit_test(test_block_borders_are_nowhere_special),
        cmocka_unit_test(test_runs_of_backslashes_cross_block_borders),
        cmocka_unit_test(test_a_container_may_be_deeper_than_any_counter_of_64_bits_a_block),
        cmocka_unit_test(test_the_rest_of_a_container_is_skipped_from_anywhere_between_its_members),
        cmocka_unit_test(test_an_unknown_implementation_is_refused_and_the_best_is_the_default),
        cmocka_unit_test(test_words_are_values_only_when_spelt_right),
        cmocka_unit_test(test_a_word_at_the_very_end_may_have_been_cut),
        cmocka_unit_test(test_strings_of_every_length_are_found),
        cmocka_unit_test(test_control_characters_end_a_string_as_bad),
        cmocka_unit_test(test_a_string_may_hold_any_other_byte),
        cmocka_unit_test(test_a_string_cut_within_an_escape_is_cut),
        cmocka_unit_test(test_what_is_no_string_is_of_another_type),
        cmocka_unit_test(test_escapes_mean_what_they_mean_to_jansson),
        cmocka_unit_test(test_a_backslash_at_the_end_stands_for_nothing),
        cmocka_unit_test(test_every_code_point_comes_back_from_its_escape),
        cmocka_unit_test(test_integers_reach_from_edge_to_edge_of_64_bits),
        cmocka_unit_test(test_what_is_no_integer_says_why),
        cmocka_unit_test(test_a_value_of_another_type_is_walked_over),
        cmocka_unit_test(test_reals_are_the_nearest_double),
        cmocka_unit_test(test_reals_that_are_not_finite_are_out_of_range),
        cmocka_unit_test(test_truth_is_true_or_false),
        cmocka_unit_test(test_members_are_found_in_order),
        cmocka_unit_test(test_an_object_that_is_none_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
