#include "json/members.h"

#include <math.h>

#include "support/test.h"

static void check(double low, double high, const char *expected)
{
    struct buffer out;
    struct json_writer w;

    buffer_init(&out, allocator_libc(), 1000);
    json_writer_init(&w, &out, false);
    json_begin_object(&w);
    json_member_range(&w, "interval", low, high);
    json_end(&w);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void test_a_range_has_both_ends_or_is_null(void **state)
{
    (void)state;
    check(-0.5, 2, "{\"interval\":[-0.5,2]}");
    check(NAN, 2, "{\"interval\":null}");
    check(1, NAN, "{\"interval\":null}");
    check(NAN, NAN, "{\"interval\":null}");
}

static void test_an_end_of_a_range_that_is_unbounded_is_null_inside(void **state)
{
    (void)state;
    check(-INFINITY, 3, "{\"interval\":[null,3]}");
    check(3, INFINITY, "{\"interval\":[3,null]}");
}

static void test_what_is_drawn_has_six_digits(void **state)
{
    struct buffer out;
    struct json_writer w;

    (void)state;
    buffer_init(&out, allocator_libc(), 1000);
    json_writer_init(&w, &out, false);
    json_begin_array(&w);
    json_rounded(&w, 1.23456789);
    json_rounded(&w, 1e300);
    json_rounded(&w, NAN);
    json_end(&w);
    assert_string_equal(buffer_string(&out), "[1.23457,1e+300,null]");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_range_has_both_ends_or_is_null),
        cmocka_unit_test(test_an_end_of_a_range_that_is_unbounded_is_null_inside),
        cmocka_unit_test(test_what_is_drawn_has_six_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
