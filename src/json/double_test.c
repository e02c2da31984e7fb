#include <float.h>
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"
#include "support/random.h"
#include "support/test.h"

static const char *format(double value)
{
    static char text[JSON_DOUBLE_ROOM];
    size_t len = json_format_double(value, text);

    assert_int_equal(len, strlen(text));
    return text;
}

static void test_doubles_are_written_as_people_write_them(void **state)
{
    (void)state;
    assert_string_equal(format(0), "0");
    assert_string_equal(format(-0.0), "-0");
    assert_string_equal(format(0.1), "0.1");
    assert_string_equal(format(12), "12");
    assert_string_equal(format(-2.5), "-2.5");
    assert_string_equal(format(1e300), "1e+300");
    assert_string_equal(format(0.1 + 0.2), "0.30000000000000004");
    assert_string_equal(format(5e-324), "5e-324");
    assert_string_equal(format(DBL_MIN), "2.2250738585072014e-308");
    assert_string_equal(format(-DBL_MAX), "-1.7976931348623157e+308");
    assert_string_equal(format(9007199254740993.0), "9007199254740992");
}

static int significant_digits(const char *text)
{
    int count = 0, zeros = 0;

    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (*text == '0' && count == 0))
            continue;
        zeros = *text == '0' ? zeros + 1 : 0;
        count++;
    }
    return count - zeros;
}

static void assert_reads_back_and_is_short(double value)
{
    char shorter[64];
    const char *text = format(value);
    double back = strtod(text, NULL);
    int digits = significant_digits(text);
    json_t *tree;

    assert_memory_equal(&back, &value, sizeof value);
    if (digits > 1) {
        snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
        assert_true(strtod(shorter, NULL) != value);
    }
    tree = json_loads(text, JSON_DECODE_ANY, NULL); /* and it is JSON */
    assert_non_null(tree);
    json_decref(tree);
}

static void test_doubles_of_random_bits_read_back_and_are_shortest(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (int i = 0; i < 30000; i++) {
        uint64_t bits = next_random(&seed);
        double value;

        if (i % 3 == 1)
            bits &= UINT64_C(0x800fffffffffffff) >> (i % 50); /* subnormal */
        memcpy(&value, &bits, sizeof value);
        if (i % 3 == 2)
            value = (double)(bits >> 40) / 1000; /* as measured: few decimals */
        if (isfinite(value))
            assert_reads_back_and_is_short(value);
    }
}

static void test_the_user_language_does_not_reach_numbers(void **state)
{
    static const char *const with_comma[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8" };
    bool found = false;

    (void)state;
    for (size_t i = 0; i < 3 && !found; i++)
        found = setlocale(LC_ALL, with_comma[i]) != NULL;
    if (!found)
        skip(); /* this machine knows no such language */
    assert_string_equal(format(0.5), "0.5");
    assert_int_equal(strtod("0,5", NULL) * 2, 1); /* and the language is as it was */
    setlocale(LC_ALL, "C");
}

/* ---- beside the C library ---- */

static void assert_as_the_library_prints(double value)
{
    char expected[JSON_DOUBLE_ROOM];
    int digits = DBL_DIG;

    do
        snprintf(expected, sizeof expected, "%.*g", digits, value);
    while (digits++ < DBL_DECIMAL_DIG && strtod(expected, NULL) != value);
    assert_string_equal(format(value), expected);
}

static void test_numbers_of_all_sizes_are_written_as_the_library_prints_them(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (int i = 0; i < 300000; i++) {
        const double share = (double)(next_random(&seed) >> 11) * 0x1p-53;
        const int size = (int)(next_random(&seed) % 22) - 5;

        assert_as_the_library_prints((0.1 + share) * pow(10, size));
        assert_as_the_library_prints(-trunc(share * 1e6) / 1e3);
    }
}

/* Where digits, exponents and distances between doubles change. */
static void test_numbers_beside_powers_are_written_as_the_library_prints_them(void **state)
{
    (void)state;
    for (int i = -16; i <= 52; i++)
        for (double base = 2; base <= 10; base += 8) {
            double at = pow(base, base == 2 ? i : i % 17);

            for (int step = 0; step < 3; step++) {
                assert_as_the_library_prints(at);
                assert_as_the_library_prints(-1 / at);
                assert_as_the_library_prints(at + 0.5);
                assert_as_the_library_prints(nextafter(at, 0));
                at = nextafter(at, INFINITY);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubles_are_written_as_people_write_them),
        cmocka_unit_test(test_doubles_of_random_bits_read_back_and_are_shortest),
        cmocka_unit_test(test_the_user_language_does_not_reach_numbers),
        cmocka_unit_test(test_numbers_of_all_sizes_are_written_as_the_library_prints_them),
        cmocka_unit_test(test_numbers_beside_powers_are_written_as_the_library_prints_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
