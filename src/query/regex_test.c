#include "query/regex.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static bool matches(const char *expression, const char *text)
{
    struct arena memory;
    struct query_regex *r;
    struct ou_error err = { 0 };
    uint64_t work = 0;
    bool result;

    arena_init(&memory, allocator_libc(), 1 << 20);
    if (query_regex_compile(&memory, span_of(expression), &r, &err) != OU_OK)
        fail_msg("%s: %s", expression, err.text);
    result = query_regex_matches(r, text, &work);
    assert_int_equal(query_regex_matches(r, text, &work), result); /* it can be asked again */
    arena_release(&memory);
    return result;
}

static void test_an_expression_matches_whole_texts_only(void **state)
{
    (void)state;
    assert_true(matches("node-1", "node-1"));
    assert_false(matches("node-1", "node-10"));
    assert_false(matches("ode-1", "node-1"));
    assert_true(matches("node-1|node-10|x", "node-10"));
    assert_true(matches("", ""));
    assert_false(matches("", "a"));
    assert_true(matches(".*", ""));
    assert_false(matches(".+", ""));
    assert_true(matches("^node.*$", "node-7"));
    assert_false(matches("a^b", "ab"));
    assert_true(matches("(a|)(b|)", ""));
}

static void test_classes_and_escapes_are_those_of_re2(void **state)
{
    (void)state;
    assert_true(matches("[a-c]+", "abcabc"));
    assert_false(matches("[^a-c]+", "abc"));
    assert_true(matches("[]a]+", "]a]"));
    assert_true(matches("[a-]+", "a-a"));
    assert_true(matches("[[:digit:]x]{3}", "1x2"));
    assert_true(matches("\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+", "127.0.0.1:3001"));
    assert_true(matches("\\W\\S\\D[\\d\\-]", "-x -"));
    assert_false(matches("\\W", "_"));
    assert_true(matches("\\x41\\t", "A\t"));
    assert_true(matches("gr.n", "gr\xc3\xbcn"));
    assert_true(matches("[\xc3\xa4-\xc3\xbc]", "\xc3\xb6"));
    assert_false(matches(".", "\n"));
    assert_true(matches("(?s).", "\n"));
    assert_true(matches("(?i)Node-[A-C]", "nODE-b"));
    assert_false(matches("(?:(?i)a)b", "AB"));
    assert_true(matches("(?:(?i)a)b", "Ab"));
    assert_true(matches("(?P<n>ab)*?", "abab"));
}

static void test_repetition_counts(void **state)
{
    (void)state;
    assert_true(matches("a{2,4}", "aaa"));
    assert_false(matches("a{2,4}", "a"));
    assert_false(matches("a{2,4}", "aaaaa"));
    assert_true(matches("a{3}", "aaa"));
    assert_true(matches("a{2,}", "aaaaaa"));
    assert_true(matches("(ab){0}", ""));
    assert_true(matches("a{,2}", "a{,2}")); /* no count: text */
    assert_true(matches("(a*)*b", "aaab"));
    assert_true(matches("(a*)+", ""));
}

static void test_what_is_no_expression_is_refused_with_a_reason(void **state)
{
    static const char *bad[] = {
        "(",
        ")",
        "[",
        "[a",
        "a**",
        "*",
        "a{2}{3}",
        "\\",
        "\\q",
        "[b-a]",
        "(?<a)",
        "a{1001}",
        "a{3,2}",
        "[[:nothing:]]",
        "\\xg0",
        "(?",
        "(a{1000}){1000}",
        "((a{100}){100}){100}",
        "((((){1000}){1000}){1000}){1000}",
        "\\1",
    };
    struct arena memory;
    struct query_regex *r;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ou_error err = { 0 };

        arena_init(&memory, allocator_libc(), 1 << 20);
        if (query_regex_compile(&memory, span_of(bad[i]), &r, &err) == OU_OK)
            fail_msg("%s is taken", bad[i]);
        assert_true(err.text[0] != '\0');
        arena_release(&memory);
    }
}

static enum ou_status refusal(const char *expression, struct ou_error *err)
{
    struct arena memory;
    struct query_regex *r;
    enum ou_status status;

    arena_init(&memory, allocator_libc(), 1 << 20);
    status = query_regex_compile(&memory, span_of(expression), &r, err);
    arena_release(&memory);
    return status;
}

static void test_a_group_whose_name_is_missing_or_has_no_end_is_refused(void **state)
{
    static const char *const bad[] = { "(?P<>a)", "(?P<name", "(?P<name)", "x(?P<" };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct ou_error err = { 0 };

        assert_int_equal(refusal(bad[i], &err), OU_INVALID);
        assert_string_equal(err.text, "invalid named capture");
    }
}

static void test_groups_are_in_each_other_only_so_deep(void **state)
{
    char text[2 * 64 + 1];
    struct ou_error err = { 0 };

    (void)state;
    memset(text, '(', 64);
    memset(text + 64, ')', 64);
    text[2 * 64] = '\0';
    assert_int_equal(refusal(text, &err), OU_TOO_LARGE);
    assert_string_equal(err.text, "expression nests too deeply");
    text[2 * 64 - 1] = '\0';
    assert_int_equal(refusal(text + 1, &err), OU_OK); /* one less */
}

static void test_no_expression_takes_long(void **state)
{
    char text[4096];
    struct arena memory;
    struct query_regex *r;
    uint64_t work = 0;

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(query_regex_compile(&memory, span_of("(a|a|aa)*(a*)*(a+a+)+b"), &r, NULL),
                     OU_OK);
    assert_false(query_regex_matches(r, text, &work));
    assert_true(work < 16 * sizeof(text));
    arena_release(&memory);
}

/* Work is what a query's time is watched by: it must not stand still while a single character takes thousands of
 * steps. */
static void test_work_counts_what_takes_no_character_and_long_classes(void **state)
{
    static const char text[] = "aaaaaaaa";
    char starts[8192] = "((|^", class[8192] = "[^";
    struct arena memory;
    struct query_regex *r;
    uint64_t work = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        strcat(starts, "|^");
        strcat(class, i % 2 ? "bc" : "de");
    }
    strcat(starts, ")a)*");
    strcat(class, "]*");
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(query_regex_compile(&memory, span_of(starts), &r, NULL), OU_OK);
    assert_true(query_regex_matches(r, text, &work));
    assert_true(work > 1000 / 8 * strlen(text));
    work = 0;
    assert_int_equal(query_regex_compile(&memory, span_of(class), &r, NULL), OU_OK);
    assert_true(query_regex_matches(r, text, &work));
    assert_true(work > 2000 / 64 * strlen(text));
    arena_release(&memory);
}

/* Random expressions of what POSIX and RE2 write alike, against the C library's. */
static void test_random_expressions_match_what_the_c_library_matches(void **state)
{
    static const char *pieces[] = {
        "a", "b", "c", ".", "[ab]", "[^a]", "(a|bc)", "(ab*|c)", "(b|)"
    };
    static const char *repeats[] = { "", "", "", "*", "+", "?", "{2}", "{1,2}", "{2,}" };
    unsigned seed = 11;
    int agreed = 0;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        char expression[128] = "", anchored[160], text[8] = "";
        regex_t posix;

        for (int i = rand_r(&seed) % 4; i >= 0; i--) {
            strcat(expression, pieces[rand_r(&seed) % 9]);
            strcat(expression, repeats[rand_r(&seed) % 9]);
            if (i > 0 && rand_r(&seed) % 4 == 0)
                strcat(expression, "|");
        }
        for (int i = rand_r(&seed) % 7; i > 0; i--)
            strcat(text, (const char *[]){ "a", "b", "c" }[rand_r(&seed) % 3]);
        snprintf(anchored, sizeof(anchored), "^(%s)$", expression);
        assert_int_equal(regcomp(&posix, anchored, REG_EXTENDED | REG_NOSUB), 0);
        if (matches(expression, text) != (regexec(&posix, text, 0, NULL, 0) == 0))
            fail_msg("%s and \"%s\"", expression, text);
        agreed += regexec(&posix, text, 0, NULL, 0) == 0;
        regfree(&posix);
    }
    assert_in_range(agreed, 200, 2800); /* both answers occur */
}

/* What each group matched, in brackets; "-" for none; "no" when the text does not match. */
static const char *groups_of(const char *expression, const char *text)
{
    static char told[256];
    struct arena memory;
    struct query_regex *r;
    struct span groups[8];
    uint64_t work = 0;
    size_t len = 0;

    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(query_regex_compile_groups(&memory, span_of(expression), &r, NULL), OU_OK);
    assert_true(query_regex_groups(r) <= 8);
    strcpy(told, "no");
    if (query_regex_find(r, text, groups, &work))
        for (size_t i = 1; i < query_regex_groups(r); i++)
            len += (size_t)snprintf(told + len, sizeof(told) - len, groups[i].at ? "[%.*s]" : "-",
                                    (int)groups[i].len, groups[i].at);
    arena_release(&memory);
    return told;
}

/* Checked with Perl, whose choices are those of RE2. */
static void test_groups_are_found_with_the_choices_of_re2(void **state)
{
    static const struct {
        const char *expression, *text, *groups;
    } cases[] = {
        { "(a+)(a*)", "aaa", "[aaa][]" },
        { "(a+?)(a*)", "aaa", "[a][aa]" },
        { "(a|ab)(c|bcd)(d*)", "abcd", "[a][bcd][]" },
        { "(.*)-(.*)", "a-b-c", "[a-b][c]" },
        { "(.*?)-(.*)", "a-b-c", "[a][b-c]" },
        { "(?:x)(?P<n>y)", "xy", "[y]" },
        { "(a)|(b)", "b", "-[b]" },
        { "((a)b)*", "abab", "[ab][a]" },
        { "(a{2,3}?)(a*)", "aaaa", "[aa][aa]" },
        { "(a)?"
          "?(a*)",
          "a", "-[a]" },
        { "10\\.(\\d+)\\..*", "10.7.1", "[7]" },
        { "(gr.n)e", "gr\xc3\xbcne", "[gr\xc3\xbcn]" },
        { "(b)c", "bcd", "no" },
        { "^(a)$", "a", "[a]" },
        { "()", "", "[]" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(groups_of(cases[i].expression, cases[i].text), cases[i].groups);
}

static void test_groups_are_found_in_time_linear_in_the_text(void **state)
{
    char text[2001];
    struct arena memory;
    struct query_regex *r;
    struct span groups[4];
    uint64_t work = 0;

    (void)state;
    memset(text, 'a', 2000);
    text[2000] = '\0';
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(query_regex_compile_groups(&memory, span_of("(a*)*(a*)*b"), &r, NULL), OU_OK);
    assert_false(query_regex_find(r, text, groups, &work));
    assert_true(work < 2000 * 20);
    arena_release(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_are_found_with_the_choices_of_re2),
        cmocka_unit_test(test_groups_are_found_in_time_linear_in_the_text),
        cmocka_unit_test(test_an_expression_matches_whole_texts_only),
        cmocka_unit_test(test_classes_and_escapes_are_those_of_re2),
        cmocka_unit_test(test_repetition_counts),
        cmocka_unit_test(test_what_is_no_expression_is_refused_with_a_reason),
        cmocka_unit_test(test_a_group_whose_name_is_missing_or_has_no_end_is_refused),
        cmocka_unit_test(test_groups_are_in_each_other_only_so_deep),
        cmocka_unit_test(test_no_expression_takes_long),
        cmocka_unit_test(test_work_counts_what_takes_no_character_and_long_classes),
        cmocka_unit_test(test_random_expressions_match_what_the_c_library_matches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
