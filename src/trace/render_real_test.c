#include "trace/render_real.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/random.h"
#include "support/test.h"

static const char *format(double value)
{
    static char text[REAL_ROOM + 1];

    text[real_format(value, text)] = '\0';
    return text;
}

/* The first four are from lines of real nodes. */
static void test_reals_are_written_as_nodes_write_them(void **state)
{
    (void)state;
    assert_string_equal(format(0.26330237), "0.26330237");
    assert_string_equal(format(18.466253914), "18.466253914");
    assert_string_equal(format(2.472594034e-2), "2.472594034e-2");
    assert_string_equal(format(0), "0");
    assert_string_equal(format(0.1), "0.1");
    assert_string_equal(format(0.5), "0.5");
    assert_string_equal(format(-1.25), "-1.25");
    assert_string_equal(format(0.099), "9.9e-2");
    assert_string_equal(format(0.001), "1.0e-3");
    assert_string_equal(format(0.1 + 0.2), "0.30000000000000004");
    assert_string_equal(format(9999999.5), "9999999.5");
    assert_string_equal(format(10000000.5), "1.00000005e7");
    assert_string_equal(format(-1e-9), "-1.0e-9");
    assert_string_equal(format(1e-10), "1.0e-10");
    assert_string_equal(format(5e-324), "5.0e-324");
    assert_string_equal(format(DBL_MIN), "2.2250738585072014e-308");
}

static void test_whole_numbers_have_no_dot(void **state)
{
    char expected[REAL_ROOM + 1] = "-17976931348623157";

    (void)state;
    assert_string_equal(format(-0.0), "0");
    assert_string_equal(format(1), "1");
    assert_string_equal(format(-10), "-10");
    assert_string_equal(format(645000), "645000");
    assert_string_equal(format(10000000), "10000000");
    assert_string_equal(format(9007199254740991.0), "9007199254740991");
    assert_string_equal(format(1e22), "10000000000000000000000");
    memset(expected + strlen(expected), '0', 310 - strlen(expected));
    assert_string_equal(format(-DBL_MAX), expected);
}

static size_t significant_digits(const char *text)
{
    char digits[REAL_ROOM + 1];
    size_t count = 0;

    for (; *text && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0'))
            digits[count++] = *text;
    while (count > 0 && digits[count - 1] == '0')
        count--;
    return count;
}

/* By the C library: the text reads back, and with a digit less none would. */
static void assert_reads_back_and_is_short(double value)
{
    char shorter[64];
    const char *text = format(value);
    size_t digits = significant_digits(text);

    assert_true(strtod(text, NULL) == value);
    if (digits > 1) {
        snprintf(shorter, sizeof(shorter), "%.*e", (int)digits - 2, value);
        assert_true(strtod(shorter, NULL) != value);
    }
}

static void test_reals_read_back_and_are_shortest(void **state)
{
    uint64_t seed = 4;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        double value;

        memcpy(&value, &bits, sizeof(value));
        if (i % 4 == 1)
            value = (double)(bits >> 20) / 1e9; /* nanoseconds */
        else if (i % 4 == 2)
            value = (double)(bits >> 44) / 1e3;
        else if (i % 4 == 3)
            value = (double)(bits >> (i % 64));
        if (isfinite(value) && value != 0)
            assert_reads_back_and_is_short(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reals_are_written_as_nodes_write_them),
        cmocka_unit_test(test_whole_numbers_have_no_dot),
        cmocka_unit_test(test_reals_read_back_and_are_shortest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
