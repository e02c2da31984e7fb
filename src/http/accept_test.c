#include "http/accept.h"

#include <stdlib.h>

#include "support/guard.h"
#include "support/test.h"

/* Reads the header from memory that ends where it does. */
static unsigned quality(const char *header, const char *type, int *ret_precision)
{
    struct guarded copy = guard_copy(header, strlen(header));
    struct accept_found found = { 0 };

    accept_look((struct span){ copy.at, copy.len }, type, &found);
    if (ret_precision)
        *ret_precision = found.precision;
    guard_release(&copy);
    return accept_quality(&found);
}

struct row {
    const char *header, *type;
    unsigned quality;
    int precision;
};

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int precision;
        unsigned got = quality(rows[i].header, rows[i].type, &precision);

        if (got != rows[i].quality || precision != rows[i].precision)
            fail_msg("\"%s\" takes %s with %u (%d)", rows[i].header, rows[i].type, got, precision);
    }
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void test_the_example_of_the_rfc(void **state)
{
    /* RFC 9110, 12.5.1, without the rows that differ by a parameter alone. */
    static const char header[] = "text/*;q=0.3, text/plain;q=0.7, text/html, */*;q=0.5";
    static const struct row rows[] = {
        { header, "text/html", 1000, 3 },
        { header, "text/plain", 700, 3 },
        { header, "text/css", 300, 2 },
        { header, "image/jpeg", 500, 1 },
    };

    (void)state;
    CHECK(rows);
}

static void test_what_prometheus_sends(void **state)
{
    static const char header[] =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
        "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    static const struct row rows[] = {
        { header, "application/openmetrics-text", 1000, 3 },
        { header, "text/plain", 500, 3 },
        { header, "text/html", 100, 1 },
    };

    (void)state;
    CHECK(rows);
}

static void test_a_quality_of_zero_refuses(void **state)
{
    static const struct row rows[] = {
        { "application/json;q=0", "application/json", 0, 3 },
        { "*/*, application/json;q=0.000", "application/json", 0, 3 },
        { "*/*, application/json;q=0", "text/html", 1000, 1 },
        { "text/html", "application/json", 0, 0 },
    };

    (void)state;
    CHECK(rows);
}

static void test_without_a_header_all_is_taken(void **state)
{
    struct accept_found none = { 0 };

    (void)state;
    assert_int_equal(accept_quality(&none), ACCEPT_QUALITY_MAX);
    assert_int_equal(quality("", "text/plain", NULL), ACCEPT_QUALITY_MAX);
    assert_int_equal(quality(" , ,", "text/plain", NULL), ACCEPT_QUALITY_MAX);
}

static void test_case_blanks_and_quotes_do_not_matter(void **state)
{
    static const struct row rows[] = {
        { "Application/JSON", "application/json", 1000, 3 },
        { "  text/html \t; Q=0.5 ,\tapplication/json ; q = 0.25", "application/json", 250, 3 },
        { "a/b;x=\"1,text/plain;q=1\",text/plain;q=0.1", "text/plain", 100, 3 },
        { "a/b;x=\"\\\",text/plain\",text/html", "text/plain", 0, 0 },
        { "text/plain;x=\"q=0\"", "text/plain", 1000, 3 },
    };

    (void)state;
    CHECK(rows);
}

static void test_what_is_no_quality_counts_as_none(void **state)
{
    static const char *const bad[] = { "q=",     "q=2",      "q=1.1",   "q=-1",    "q=.5",
                                       "q=0.1x", "q=0.1234", "q=1.001", "q=\"1\"", "q=0,5" };
    static const struct row good[] = {
        { "a/b;q=1", "a/b", 1000, 3 },        { "a/b;q=1.", "a/b", 1000, 3 },
        { "a/b;q=0.", "a/b", 0, 3 },          { "a/b;q=1.000", "a/b", 1000, 3 },
        { "a/b;q=0.001", "a/b", 1, 3 },       { "a/b;q=0.999", "a/b", 999, 3 },
        { "a/b;c=d;q=0.5;e", "a/b", 500, 3 },
    };

    (void)state;
    CHECK(good);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char header[64] = "a/b;";

        assert_int_equal(quality(strcat(header, bad[i]), "a/b", NULL), 0);
    }
}

static void test_several_headers_are_one(void **state)
{
    struct accept_found found = { 0 };

    (void)state;
    accept_look(span_of("text/html"), "text/plain", &found);
    assert_int_equal(accept_quality(&found), 0);
    accept_look(span_of("text/*;q=0.2"), "text/plain", &found);
    assert_int_equal(accept_quality(&found), 200);
    accept_look(span_of("*/*"), "text/plain", &found); /* less precise */
    assert_int_equal(accept_quality(&found), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_example_of_the_rfc),
        cmocka_unit_test(test_what_prometheus_sends),
        cmocka_unit_test(test_a_quality_of_zero_refuses),
        cmocka_unit_test(test_without_a_header_all_is_taken),
        cmocka_unit_test(test_case_blanks_and_quotes_do_not_matter),
        cmocka_unit_test(test_what_is_no_quality_counts_as_none),
        cmocka_unit_test(test_several_headers_are_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
