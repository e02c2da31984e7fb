#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/inside.h"
#include "support/failing_allocator.h"
#include "support/test.h"

/* The message of a text that is refused; "" when it is taken. */
static const char *refusal(const char *text)
{
    static struct ou_error err;
    const struct query_node *n = NULL;
    struct arena memory;
    enum query_fault fault;

    err.text[0] = '\0';
    arena_init(&memory, allocator_libc(), QUERY_MEMORY_MAX);
    fault = query_parse(&memory, span_of(text), &n, &err);
    assert_true(fault == QUERY_FINE || fault == QUERY_BAD);
    assert_int_equal(fault != QUERY_FINE, err.text[0] != '\0');
    assert_int_equal(fault == QUERY_FINE, n != NULL);
    arena_release(&memory);
    return err.text;
}

static void assert_refused(const char *text, const char *message)
{
    assert_string_equal(refusal(text), message);
}

static void test_a_refusal_says_where_and_what(void **state)
{
    (void)state;
    assert_refused("", "1:1: parse error: no expression found in input");
    assert_refused("sum(", "1:5: parse error: unexpected end of input, expected an expression");
    assert_refused("a b", "1:3: parse error: unexpected \"b\", expected an operator or the end");
    assert_refused("a +\n  )", "2:3: parse error: unexpected \")\", expected an expression");
    assert_refused(
        "rate(x)",
        "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector");
    assert_refused("rat(x[5m])",
                   "1:1: parse error: unknown function with name \"rat\"; is it \"rate\"?");
    assert_refused("x{a=5}",
                   "1:5: parse error: unexpected \"5\" in label matching, expected string");
    assert_refused("x{a=~\"(\"}", "1:6: parse error: error parsing regexp: missing closing )");
    assert_refused("x[5q]", "1:3: parse error: bad number or duration syntax: 5q");
    assert_refused("{}",
                   "1:1: parse error: vector selector must contain at least one non-empty matcher");
    assert_refused("1 > 2", "1:3: parse error: comparisons between scalars must use BOOL modifier");
    assert_refused(
        "quantile(0.5)",
        "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1");
}

static void test_what_is_not_supported_is_named(void **state)
{
    (void)state;
    assert_non_null(strstr(refusal("max_over_time(rate(x[5m])[1h:1m])"), "ranges only allowed"));
    assert_non_null(strstr(refusal("max_over_time(x[1h:1m])"), "subqueries are not supported"));
    assert_non_null(strstr(refusal("x @ 1609746000"), "@ modifier is not supported"));
    assert_non_null(strstr(refusal("histogram_quantile(0.9, x)"), "unknown function"));
}

static void test_names_ranges_and_offsets_stand_once_and_where_they_belong(void **state)
{
    static const char *const refused[][2] = {
        { "a{__name__=\"b\"}",
          "1:1: parse error: metric name must not be set twice: \"a\" or \"b\"" },
        { "a{c=\"d\",__name__=~\"b\",e=\"f\"}",
          "1:1: parse error: metric name must not be set twice: \"a\" or \"b\"" },
        { "rate(x[0s])", "1:8: parse error: duration must be greater than 0" },
        { "rate(x[200000000y])", "1:8: parse error: duration out of range" },
        { "x offset 200000000y", "1:10: parse error: duration out of range" },
        { "x offset -200000000y", "1:11: parse error: duration out of range" },
        { "rate(x offset 5m[5m])", "1:18: parse error: no offset modifiers allowed before range" },
        { "x offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times" },
        { "abs(x) offset 5m", "1:1: parse error: offset modifier must be preceded by an instant "
                              "vector selector or range vector selector" },
        { "y + (x) offset 5m", "1:6: parse error: offset modifier must be preceded by an instant "
                               "vector selector or range vector selector" },
        { "rate((x)[5m])", "1:7: parse error: ranges only allowed for vector selectors" },
        { "rate(x[5m][5m])", "1:6: parse error: ranges only allowed for vector selectors" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        assert_refused(refused[i][0], refused[i][1]);
    assert_string_equal(refusal("{__name__=\"a\",__name__!=\"b\"}"), "");
}

static void test_labels_and_strings_stand_where_they_belong(void **state)
{
    (void)state;
    assert_string_equal(refusal("a * on (b) group_left (c, d) e"), "");
    assert_refused("a * on (b, c) group_left (c) e",
                   "1:15: parse error: label \"c\" must not occur in ON and GROUP clause at once");
    assert_string_equal(refusal("label_replace(a, \"b\", \"$1\", \"c\", \"(.*)\")"), "");
    assert_string_equal(refusal("label_join(a, \"b\", \",\")"), "");
    assert_refused("label_join(a, \"b\")", "1:1: parse error: expected at least 3 argument(s) in "
                                           "call to \"label_join\", got 2");
    assert_refused(
        "label_join(a, b, \",\", \"c\")",
        "1:15: parse error: expected type string in call to function \"label_join\", got "
        "instant vector");
    assert_refused("1 + \"text\"", "1:3: parse error: binary expression must contain only scalar "
                                   "and instant vector types");
    assert_refused("-\"text\"", "1:1: parse error: unary expression only allowed on expressions of "
                                "type scalar or instant vector, got \"string\"");
}

static void test_signs_and_names_are_told_apart(void **state)
{
    static const char *good[] = {
        "a:b:c",
        ":a",
        "sum",
        "sum + avg",
        "by",
        "sum by (a, b,) (x)",
        "sum(x) without ()",
        "offset",
        "x offset 1w2d3h4m5s6ms",
        "x[1y] offset -5m",
        ".5e-3",
        "0x10",
        "1.",
        "iNf",
        "NaN",
        "-+-x",
        "((((x))))",
        "x{a='\\'\\x41\\101\\u00e4\\U0001f600\"'}",
        "x{a=`\\`}",
        "a and b or c unless d",
        "a == bool b",
        "a <= on () b",
        "rate(x[5m] offset 5m)",
        "topk(2 + 1, x)",
        "round(x)",
        "# c\nx # d",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (*refusal(good[i]))
            fail_msg("%s: %s", good[i], refusal(good[i]));
}

/* The value of an expression of numbers. */
static void assert_shape(const char *text, enum query_kind kind, enum query_operator op)
{
    const struct query_node *n;
    struct arena memory;

    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(query_parse(&memory, span_of(text), &n, NULL), QUERY_FINE);
    assert_int_equal(n->kind, kind);
    if (kind == QUERY_BINARY)
        assert_int_equal(n->binary.op, op);
    arena_release(&memory);
}

static void test_operators_bind_as_in_prometheus(void **state)
{
    (void)state;
    assert_shape("1 + 2 * 3", QUERY_BINARY, OPERATOR_ADD);
    assert_shape("1 * 2 + 3", QUERY_BINARY, OPERATOR_ADD);
    assert_shape("a or b and c", QUERY_BINARY, OPERATOR_OR);
    assert_shape("a and b > 1", QUERY_BINARY, OPERATOR_AND);
    assert_shape("-2 ^ 2", QUERY_NEGATE, OPERATOR_ADD);
    assert_shape("-2 * 2", QUERY_BINARY, OPERATOR_MUL);
    assert_shape("2 ^ 3 ^ 2", QUERY_BINARY, OPERATOR_POW);
}

static void test_durations(void **state)
{
    static const char *bad[] = { "",     "5",  "5 m", "m",    "1m1h",
                                 "1m1m", "5x", "-5m", "1.5h", "99999999999999999999y" };
    int64_t ms = -1;

    (void)state;
    assert_true(query_duration(span_of("1h30m"), &ms) && ms == 5400000);
    assert_true(query_duration(span_of("1y1w1d1h1m1s1ms"), &ms) &&
                ms == INT64_C(31536000000) + 604800000 + 86400000 + 3600000 + 60000 + 1000 + 1);
    assert_true(query_duration(span_of("0"), &ms) && ms == 0);
    assert_true(query_duration(span_of("5ms"), &ms) && ms == 5);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (query_duration(span_of(bad[i]), &ms))
            fail_msg("\"%s\" is taken for %lld ms", bad[i], (long long)ms);
}

static char *repeat(const char *text, size_t times)
{
    size_t len = strlen(text);
    char *all = malloc(len * times + 2);

    assert_non_null(all);
    for (size_t i = 0; i < times; i++)
        memcpy(all + i * len, text, len);
    strcpy(all + len * times, "x");
    return all;
}

static void test_length_depth_and_chains_are_limited(void **state)
{
    static const char *const pieces[] = { "(",  "-",     "abs(",   "sum(",      "x^",
                                          "x+", "x or ", "x{a=\"", "          " };

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        char *text = repeat(pieces[i], QUERY_TEXT_MAX / strlen(pieces[i]) - 1);

        if (i < 8)
            assert_true(*refusal(text));
        else
            assert_false(*refusal(text));
        free(text);
    }
    for (size_t i = 5; i < 7; i++) { /* the longest chains that are taken */
        char *text = repeat(pieces[i], QUERY_CHAIN_MAX);

        assert_string_equal(refusal(text), "");
        free(text);
    }
    char *text = repeat(" ", QUERY_TEXT_MAX);
    assert_non_null(strstr(refusal(text), "more than"));
    free(text);
}

static bool parses(struct allocator *from, void *argument)
{
    const struct query_node *n;
    struct arena memory;
    enum query_fault fault;

    (void)argument;
    arena_init(&memory, from, QUERY_MEMORY_MAX);
    fault = query_parse(&memory, span_of("topk(3, rate(a{b=~\"c|d\"}[5m])) + on () -e{f='\\x41'}"),
                        &n, NULL);
    arena_release(&memory);
    assert_true(fault == QUERY_FINE || fault == QUERY_NO_MEMORY);
    return fault == QUERY_FINE;
}

static void test_without_memory_parsing_says_so(void **state)
{
    (void)state;
    fail_each_allocation(parses, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_refusal_says_where_and_what),
        cmocka_unit_test(test_what_is_not_supported_is_named),
        cmocka_unit_test(test_names_ranges_and_offsets_stand_once_and_where_they_belong),
        cmocka_unit_test(test_labels_and_strings_stand_where_they_belong),
        cmocka_unit_test(test_signs_and_names_are_told_apart),
        cmocka_unit_test(test_operators_bind_as_in_prometheus),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_length_depth_and_chains_are_limited),
        cmocka_unit_test(test_without_memory_parsing_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
