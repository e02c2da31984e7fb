#include "report/numbers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "support/test.h"

#define assert_put(call, expected)                \
    do {                                          \
        char room_[NUMBER_ROOM + 1], *at = room_; \
        *(call) = '\0';                           \
        assert_string_equal(room_, expected);     \
    } while (0)

/* A small generator of our own, so that the numbers are the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 11;
}

static void test_integers_are_those_of_printf(void **state)
{
    static const uint64_t edges[] = { 0, 9, 10, 99, 100, 999, 1000, UINT32_MAX, UINT64_MAX };
    char expected[32];

    (void)state;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        snprintf(expected, sizeof expected, "%" PRIu64, edges[i]);
        assert_put(put_u64(at, edges[i]), expected);
    }
    assert_put(put_i64(at, INT64_MIN), "-9223372036854775808");
    assert_put(put_i64(at, -1), "-1");
    assert_put(put_i64(at, INT64_MAX), "9223372036854775807");
}

static void test_thousands_are_grouped(void **state)
{
    (void)state;
    assert_put(put_grouped(at, 0), "0");
    assert_put(put_grouped(at, 999), "999");
    assert_put(put_grouped(at, 1000), "1,000");
    assert_put(put_grouped(at, 2498400), "2,498,400");
    assert_put(put_grouped(at, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void test_seconds_are_those_of_the_time_module(void **state)
{
    static const int64_t edges[] = {
        0, 1, -1, 1200000, NS_PER_SECOND, -3 * NS_PER_SECOND, INT64_MAX, INT64_MIN + 1, 27049500000
    };
    char expected[TIME_SECONDS_ROOM + 1];
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        expected[time_format_seconds(edges[i], expected)] = '\0';
        assert_put(put_seconds(at, edges[i]), expected);
    }
    for (int i = 0; i < 1000; i++) {
        int64_t ns = (int64_t)(next_random(&seed) % UINT64_C(100000000000)) - NS_PER_SECOND;

        expected[time_format_seconds(ns, expected)] = '\0';
        assert_put(put_seconds(at, ns), expected);
    }
}

static void test_decimals_are_rounded_and_padded(void **state)
{
    (void)state;
    assert_put(put_fixed(at, 394.1666, 1), "394.2");
    assert_put(put_fixed(at, 3, 3), "3.000");
    assert_put(put_fixed(at, 0.5, 0), "1");
    assert_put(put_fixed(at, -0.04, 1), "0.0");
    assert_put(put_fixed(at, -12.34, 1), "-12.3");
    assert_put(put_fixed(at, 1e300, 2), "1e+300");
    assert_put(put_rounded(at, 71.9375, 6), "71.9375");
    assert_put(put_rounded(at, 100.0 / 3, 6), "33.333333");
    assert_put(put_rounded(at, 100, 6), "100");
    assert_put(put_rounded(at, 0.0000001, 6), "0");
}

static void test_plain_decimals_have_no_exponent_and_read_back(void **state)
{
    static const double values[] = { 1e-5, 1.25e-5, 1e15,   1.5e16, 123456789e12, -2.5e-6,
                                     0.3,  1e20,    5e-324, 1e300,  0.1 + 0.2 };
    uint64_t seed = 7;

    (void)state;
    assert_put(put_plain(at, 1.25e-5), "0.0000125");
    assert_put(put_plain(at, -1e-5), "-0.00001");
    assert_put(put_plain(at, 1.5e16), "15000000000000000");
    assert_put(put_plain(at, 3), "3");
    assert_put(put_plain(at, 1e300), "1e+300");
    for (size_t i = 0; i < 1000; i++) {
        double value = i < sizeof values / sizeof *values
                           ? values[i]
                           : ldexp((double)next_random(&seed), -(int)(i % 80));
        char text[NUMBER_ROOM + 1];

        *put_plain(text, value) = '\0';
        assert_true(strtod(text, NULL) == value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_are_those_of_printf),
        cmocka_unit_test(test_thousands_are_grouped),
        cmocka_unit_test(test_seconds_are_those_of_the_time_module),
        cmocka_unit_test(test_decimals_are_rounded_and_padded),
        cmocka_unit_test(test_plain_decimals_have_no_exponent_and_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
