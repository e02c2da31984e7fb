#include "base/digits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/test.h"

static void assert_digits(uint64_t value)
{
    char expected[32], got[DIGITS_ROOM];
    size_t len = (size_t)snprintf(expected, sizeof expected, "%" PRIu64, value);

    assert_int_equal(digits_u64(value, got), len);
    assert_memory_equal(got, expected, len);
    len = (size_t)snprintf(expected, sizeof expected, "%" PRId64, (int64_t)value);
    assert_int_equal(digits_i64((int64_t)value, got), len);
    assert_memory_equal(got, expected, len);
}

static void test_integers_are_those_of_printf_around_every_power(void **state)
{
    (void)state;
    assert_digits(0);
    for (uint64_t power = 1, i = 0; i < 20; i++, power *= 10)
        for (uint64_t near = power - 2; near != power + 3; near++) {
            assert_digits(near);
            assert_digits(0 - near);
        }
    for (int bit = 0; bit < 64; bit++)
        assert_digits(UINT64_C(1) << bit);
    assert_digits(UINT64_MAX);
}

static void test_fixed_digits_keep_their_zeros(void **state)
{
    char got[10] = "";

    (void)state;
    assert_int_equal(digits_fixed(42, 9, got), 9);
    assert_string_equal(got, "000000042");
}

static void test_hex_is_cut_at_any_digit(void **state)
{
    uint8_t bytes[256];
    char whole[513], got[513];

    (void)state;
    for (int i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)i;
        snprintf(whole + 2 * (size_t)i, 3, "%02x", (unsigned)i);
    }
    for (size_t count = 0; count <= 512; count++) {
        memset(got, 0, sizeof got);
        assert_int_equal(digits_hex(bytes, count, got), count);
        assert_int_equal(strlen(got), count);
        assert_memory_equal(got, whole, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_are_those_of_printf_around_every_power),
        cmocka_unit_test(test_fixed_digits_keep_their_zeros),
        cmocka_unit_test(test_hex_is_cut_at_any_digit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
