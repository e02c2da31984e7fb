#include "stats/ratio.h"

#include "support/near.h"

/* Old 100 with half width 5, new 90 with half width 4. */
static void test_fiellers_interval_of_a_worked_example(void **state)
{
    struct estimate_pair e = { .a = 100, .var_a = 25, .b = 90, .var_b = 16 };
    struct interval i = ratio_interval(&e, 1);

    (void)state;
    assert_near(i.low, .841930080, 1e-9);
    assert_near(i.high, .962581199, 1e-9);
}

static void test_it_excludes_one_exactly_when_the_t_test_finds_a_difference(void **state)
{
    struct estimate_pair e = { .a = 100, .var_a = 4, .b = 0, .var_b = 9, .covariance = 1.5 };
    double t = 2.306, se = sqrt(4 + 9 - 2 * 1.5);

    (void)state;
    e.b = 100 + t * se * (1 + 1e-9);
    assert_true(ratio_interval(&e, t).low > 1);
    e.b = 100 + t * se * (1 - 1e-9);
    assert_true(ratio_interval(&e, t).low < 1);
    e.b = 100 - t * se * (1 + 1e-9);
    assert_true(ratio_interval(&e, t).high < 1);
}

static void test_pairs_that_move_together_tell_more_of_their_ratio(void **state)
{
    struct estimate_pair apart = { .a = 50, .var_a = 1, .b = 55, .var_b = 1.21 };
    struct estimate_pair together = apart;
    struct interval wide = ratio_interval(&apart, 2), narrow;

    (void)state;
    together.covariance = 1.1; /* correlation 1: b is 1.1 a whatever happens */
    narrow = ratio_interval(&together, 2);
    assert_near(narrow.low, 1.1, 1e-7);
    assert_near(narrow.high, 1.1, 1e-7);
    assert_true(wide.high - wide.low > .1);
}

static void test_no_interval_where_the_old_value_may_be_zero(void **state)
{
    struct estimate_pair e = { .a = 1, .var_a = 1, .b = 5, .var_b = 1 };

    (void)state;
    assert_false(interval_known(ratio_interval(&e, 2)));
    e.a = 0;
    e.var_a = 0;
    assert_false(interval_known(ratio_interval(&e, 2)));
}

static void test_negative_values_have_a_ratio_too(void **state)
{
    struct estimate_pair e = { .a = -100, .var_a = 25, .b = -90, .var_b = 16 };

    (void)state;
    assert_near(ratio_interval(&e, 1).high, .962581199, 1e-9);
}

/* Seconds of many years that are known to milliseconds: half width t sqrt(2) SE / a. */
static void test_large_values_that_are_known_well_have_a_narrow_ratio(void **state)
{
    const struct estimate_pair e = { 1e9, 1e-6, 1e9 + 1, 1e-6, 0 };
    struct interval i = ratio_interval(&e, 2);

    (void)state;
    assert_near(i.high - i.low, 2 * 2 * sqrt(2) * 1e-12, 1e-15);
    assert_near((i.high + i.low) / 2 - 1, 1e-9, 1e-15);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fiellers_interval_of_a_worked_example),
        cmocka_unit_test(test_it_excludes_one_exactly_when_the_t_test_finds_a_difference),
        cmocka_unit_test(test_pairs_that_move_together_tell_more_of_their_ratio),
        cmocka_unit_test(test_no_interval_where_the_old_value_may_be_zero),
        cmocka_unit_test(test_negative_values_have_a_ratio_too),
        cmocka_unit_test(test_large_values_that_are_known_well_have_a_narrow_ratio),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
