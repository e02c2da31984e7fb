#include "study/version_order.h"

#include <stddef.h>

#include "support/test.h"

/* Each stands before the next. */
static const char *const ascending[] = {
    "8.1.2",
    "8.7.0-pre",
    "8.7.0",
    "8.7.1-pre",
    "8.7.1",
    "8.9.1",
    "8.9.1-rerun",
    "8.12.0-pre",
    "8.12",
    "9.0",
    "9.1.1",
    "10.0-pre",
    "10.1.4",
    "10.2",
    "10.2-utxohd",
    "10.3.0-rc2",
    "10.3.0-rc10",
    "10.3.0",
    "10.3.0-ghc965",
    "10.3.0-ghc8107",
    "10.10",
    "10.10.1",
    "123456789012345678901234567890",
    "local",
    "unknown",
};
enum { VERSIONS = sizeof ascending / sizeof *ascending };

static void test_versions_stand_in_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < VERSIONS; i++)
        for (size_t k = 0; k < VERSIONS; k++) {
            int order = version_compare(ascending[i], ascending[k]);

            if ((order < 0) != (i < k) || (order > 0) != (i > k))
                fail_msg("%s and %s: %d", ascending[i], ascending[k], order);
        }
}

static void test_a_missing_number_is_zero(void **state)
{
    (void)state;
    assert_int_equal(version_compare("10.2", "10.2.0"), 0);
    assert_int_equal(version_compare("10.02", "10.2"), 0);
    assert_int_equal(version_compare("9.0-pre", "9-PRE"), 0);
    assert_true(version_compare("10.2", "10.2.0.1") < 0);
    assert_int_equal(version_compare("", ""), 0);
}

static void test_what_stands_before_the_number_does_not_count(void **state)
{
    (void)state;
    assert_true(version_compare("(10.3)", "11.0.1") < 0);
    assert_true(version_compare("(10.3)", "10.2.1") > 0);
    assert_int_equal(version_compare("v10.3", "10.3"), 0);
    assert_string_equal(version_number("node-10.3"), "10.3");
    assert_null(version_number("unknown"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions_stand_in_their_order),
        cmocka_unit_test(test_a_missing_number_is_zero),
        cmocka_unit_test(test_what_stands_before_the_number_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
