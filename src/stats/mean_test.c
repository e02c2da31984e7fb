#include "stats/mean.h"

#include "support/near.h"
#include "support/test.h"

static void assert_interval(struct interval got, double low, double high, double tolerance)
{
    assert_near(got.low, low, tolerance);
    assert_near(got.high, high, tolerance);
}

static void test_mean_and_variance(void **state)
{
    static const double values[] = { 2, 4, 4, 4, 5, 5, 7, 9 };

    (void)state;
    assert_near(mean_of(values, 8), 5, 0);
    assert_near(variance_of(values, 8), 32.0 / 7, 1e-15);
    assert_true(isnan(mean_of(values, 0)) && isnan(variance_of(values, 1)));
    assert_true(isnan(variance_of((double[]){ 1, NAN, 2 }, 3)));
}

static void test_large_values_that_differ_little_keep_their_digits(void **state)
{
    static const double values[] = { 1e15 + 1, 1e15 + 2, 1e15 + 4 };

    (void)state;
    assert_near(variance_of(values, 3), 7.0 / 3, 1e-12);
}

/* A test case of the Go benchmark tools. */
static void test_students_interval_of_the_mean(void **state)
{
    static const double values[] = { -8, 2, 3, 4, 5, 6 };

    (void)state;
    assert_interval(mean_interval(values, 6, .95), -3.351092806, 7.351092806, 5e-10);
    assert_false(interval_known(mean_interval(values, 1, .95)));
    assert_interval(mean_interval((double[]){ 3, 3 }, 2, .95), 3, 3, 0);
}

/* mean 100, s = sqrt(2.5), t = 2.776445: the bound for the next run. */
static void test_the_next_value_lies_in_the_prediction_interval(void **state)
{
    static const double values[] = { 100, 102, 98, 101, 99 };

    (void)state;
    assert_interval(prediction_interval(values, 5, .95), 200 - 104.808944, 104.808944, 5e-7);
    assert_false(interval_known(prediction_interval(values, 1, .95)));
}

/* {-10,...}: a test case of the Go benchmark tools. */
static void test_quantiles_have_intervals_from_order_statistics(void **state)
{
    static const double six[] = { -10, 2, 3, 4, 5, 6 };
    struct interval unbounded = quantile_values_interval(six, 5, .5, .95);
    struct interval high = quantile_values_interval(six, 6, .9, .95);

    (void)state;
    assert_interval(quantile_values_interval(six, 6, .5, .95), -10, 6, 0);
    assert_true(isinf(unbounded.low) && isinf(unbounded.high));
    assert_true(interval_known(unbounded) && !interval_bounded(unbounded));
    assert_true(isfinite(high.low) && isinf(high.high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_and_variance),
        cmocka_unit_test(test_large_values_that_differ_little_keep_their_digits),
        cmocka_unit_test(test_students_interval_of_the_mean),
        cmocka_unit_test(test_the_next_value_lies_in_the_prediction_interval),
        cmocka_unit_test(test_quantiles_have_intervals_from_order_statistics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
