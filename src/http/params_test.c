#include "http/params.h"

#include <stdio.h>

#include "http/server.h"
#include "support/test.h"

static void test_forms_are_decoded(void **state)
{
    struct http_params p;
    const struct http_call call = { .method = "GET", .path = "/", .args = &p };
    static const char text[] = "a=1&b=two+words%21&&c&=nameless&a=%e2%82%ac&d==x%3D%&%41=z&e=%zz%4";

    (void)state;
    http_params_init(&p);
    assert_int_equal(http_params_form(&p, span_of(text)), OU_OK);
    assert_string_equal(http_argument(&call, "a"), "1");
    assert_string_equal(http_argument_at(&call, "a", 1), "\u20ac");
    assert_null(http_argument_at(&call, "a", 2));
    assert_string_equal(http_argument(&call, "b"), "two words!");
    assert_string_equal(http_argument(&call, "c"), "");
    assert_string_equal(http_argument(&call, ""), "nameless");
    assert_string_equal(http_argument(&call, "d"), "=x=%");
    assert_string_equal(http_argument(&call, "A"), "z");
    assert_string_equal(http_argument(&call, "e"), "%zz%4");
    assert_null(http_argument(&call, "f"));
    http_params_release(&p);
}

static void test_a_nul_ends_a_value(void **state)
{
    struct http_params p;
    const struct http_call call = { .method = "GET", .path = "/", .args = &p };

    (void)state;
    http_params_init(&p);
    assert_int_equal(http_params_form(&p, span_of("a=x%00y&b=2")), OU_OK);
    assert_string_equal(http_argument(&call, "a"), "x");
    assert_string_equal(http_argument(&call, "b"), "2");
    http_params_release(&p);
}

static void test_there_are_so_many_arguments(void **state)
{
    static char text[2 * HTTP_PARAMS_MAX + 3];
    struct http_params p;

    (void)state;
    for (size_t i = 0; i < HTTP_PARAMS_MAX; i++)
        memcpy(text + 2 * i, "a&", 2);
    http_params_init(&p);
    assert_int_equal(http_params_form(&p, span_of(text)), OU_OK);
    assert_int_equal(p.args.count, HTTP_PARAMS_MAX);
    assert_int_equal(http_params_form(&p, span_of("b")), OU_TOO_LARGE);
    http_params_release(&p);
}

static void test_headers_are_found_whatever_their_case(void **state)
{
    struct http_params p;
    const struct http_call call = { .method = "GET", .path = "/", .args = &p };
    bool named;

    (void)state;
    http_params_init(&p);
    assert_int_equal(http_params_header(&p, "accept", "text/*;q=0.5"), OU_OK);
    assert_int_equal(http_params_header(&p, "Accept", "application/json;q=0.1"), OU_OK);
    assert_int_equal(http_params_header(&p, "X-Empty", NULL), OU_OK);
    assert_string_equal(http_header(&call, "ACCEPT"), "text/*;q=0.5");
    assert_string_equal(http_header(&call, "x-empty"), "");
    assert_null(http_header(&call, "Host"));
    assert_int_equal(http_quality(&call, "text/html", &named), 500);
    assert_false(named);
    assert_true(http_accepts(&call, "application/json", &named));
    assert_true(named);
    assert_false(http_accepts(&call, "image/png", NULL));
    http_params_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_are_decoded),
        cmocka_unit_test(test_a_nul_ends_a_value),
        cmocka_unit_test(test_there_are_so_many_arguments),
        cmocka_unit_test(test_headers_are_found_whatever_their_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
