#include "genesis/number.h"

#include "support/test.h"

static void test_numbers_are_read_exactly(void **state)
{
    static const struct {
        const char *text;
        bool negative;
        uint64_t above, below;
    } cases[] = {
        { "0", false, 0, 1 },
        { "-0", false, 0, 1 },
        { "0.05", false, 1, 20 },
        { "0.20", false, 1, 5 },
        { "0.050000000000000003", false, UINT64_C(50000000000000003),
          UINT64_C(1000000000000000000) },
        { "7.21e-05", false, 721, 10000000 },
        { "1e3", false, 1000, 1 },
        { "1E+3", false, 1000, 1 },
        { "12.50e1", false, 125, 1 },
        { "-2.5", true, 5, 2 },
        { "1.000000000000000000000000000000000000000000000000", false, 1, 1 },
        { "18446744073709551615", false, UINT64_MAX, 1 },
        { "-9223372036854775808", true, UINT64_C(9223372036854775808), 1 },
        { "0e99999999999999999999", false, 0, 1 },
        { "1e-19", false, 1, UINT64_C(10000000000000000000) },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct genesis_number n;

        if (!genesis_number_read(span_of(cases[i].text), &n))
            fail_msg("%s is not read", cases[i].text);
        assert_int_equal(n.above < 0, cases[i].negative);
        assert_int_equal((uint64_t)(n.above < 0 ? -n.above : n.above), cases[i].above);
        assert_int_equal(n.below, cases[i].below);
    }
}

static void test_what_does_not_fit_is_no_number(void **state)
{
    static const char *const texts[] = {
        "18446744073709551616",
        "-18446744073709551616",
        "1e20",
        "1e-20",
        "1e999999999999999999999",
        "1e-999999999999999999999",
        "0.00000000000000000000000000000000000000000000000000001",
        "123456789012345678901234567890123456789012345678901234567890",
        "0.1234567890123456789012345678901234567890",
    };
    struct genesis_number n;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(genesis_number_read(span_of(texts[i]), &n));
}

static void test_fractions_are_in_lowest_terms(void **state)
{
    struct genesis_number n;

    (void)state;
    assert_true(genesis_fraction(-6, 4, &n));
    assert_int_equal((int64_t)n.above, -3);
    assert_int_equal(n.below, 2);
    assert_true(genesis_fraction(6, -4, &n));
    assert_int_equal((int64_t)n.above, -3);
    assert_false(genesis_fraction(1, 0, &n));
}

static int compare(const char *a, const char *b)
{
    struct genesis_number x, y;

    assert_true(genesis_number_read(span_of(a), &x));
    assert_true(genesis_number_read(span_of(b), &y));
    return genesis_number_compare(x, y);
}

static void test_comparing_does_not_round(void **state)
{
    (void)state;
    assert_true(compare("0.3333333333333333333", "0.3333333333333333334") < 0);
    assert_true(compare("18446744073709551615", "18446744073709551614") > 0);
    assert_true(compare("-1", "1") < 0);
    assert_true(compare("-2", "-1") < 0);
    assert_true(compare("1", "-18446744073709551615") > 0);
    assert_int_equal(compare("0.50", "5e-1"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_read_exactly),
        cmocka_unit_test(test_what_does_not_fit_is_no_number),
        cmocka_unit_test(test_fractions_are_in_lowest_terms),
        cmocka_unit_test(test_comparing_does_not_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
