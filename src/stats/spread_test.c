#include "stats/spread.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "support/near.h"
#include "support/test.h"

static const double sorted[] = { 10, 10, 10, 11, 11, 12, 30 };

static void test_variation_is_deviation_over_mean(void **state)
{
    static const double values[] = { 2, 4, 4, 4, 5, 5, 7, 9 };

    (void)state;
    /* mean 5, squares 32, s = sqrt(32/7) */
    assert_near(coefficient_of_variation(values, 8), sqrt(32.0 / 7) / 5, 1e-15);
}

static void test_variation_of_negative_values_is_positive(void **state)
{
    static const double values[] = { -1, -2, -3 };

    (void)state;
    assert_near(coefficient_of_variation(values, 3), 0.5, 1e-15);
    assert_true(robust_variation((double[]){ -3, -2, -1 }, 3) > 0);
    assert_true(quartile_coefficient((double[]){ -3, -2, -1 }, 3) > 0);
}

static void test_ratios_around_zero_are_not_defined(void **state)
{
    static const double signs[] = { -1, 2, 3 }, zeros[] = { 0, 0, 0 };

    (void)state;
    assert_true(isnan(coefficient_of_variation(signs, 3)));
    assert_true(isnan(coefficient_of_variation(zeros, 3)));
    assert_true(isnan(robust_variation(signs, 3)));
    assert_true(isnan(robust_variation(zeros, 3)));
    assert_true(isnan(quartile_coefficient(signs, 3)));
    assert_true(isnan(quartile_coefficient(zeros, 3)));
}

static void test_fewer_than_two_values_have_no_spread(void **state)
{
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        assert_true(isnan(coefficient_of_variation(sorted, n)));
        assert_true(isnan(robust_variation(sorted, n)));
        assert_true(isnan(quartile_coefficient(sorted, n)));
        assert_true(isnan(median_absolute_deviation(sorted, n)));
        assert_true(isnan(modified_z(1, sorted, n)));
    }
}

/* GSL is the oracle: it sorts the deviations, which ours does not. */
static void test_the_median_absolute_deviation_agrees_with_gsl(void **state)
{
    double values[60], work[60];

    (void)state;
    for (size_t n = 2; n <= 60; n++) {
        for (size_t i = 0; i < n; i++)
            values[i] = floor(40 * sin((double)(i * n)));
        gsl_sort(values, 1, n);
        assert_near(median_absolute_deviation(values, n), gsl_stats_mad0(values, 1, n, work),
                    1e-12);
    }
}

static void test_robust_variation_is_that_of_the_middle(void **state)
{
    (void)state;
    /* median 11, deviations 0 0 1 1 1 1 19 */
    assert_near(robust_variation(sorted, 7), 1.4826 / 11, 1e-15);
    assert_near(robust_variation((double[]){ 5, 5, 5 }, 3), 0, 0);
}

static void test_the_quartile_coefficient(void **state)
{
    (void)state;
    /* type 7: q1 = 10, q3 = 11.5 */
    assert_near(quartile_coefficient(sorted, 7), 1.5 / 21.5, 1e-15);
}

static void test_an_outlier_has_a_high_score(void **state)
{
    (void)state;
    assert_near(modified_z(30, sorted, 7), 12.8155, 1e-12);
    assert_true(fabs(modified_z(12, sorted, 7)) < 3.5);
}

static void test_no_score_where_nothing_deviates(void **state)
{
    double tenths[] = { .1, .1, nextafter(.1, 1), nextafter(.1, 1), .1 + 1e-16 };

    (void)state;
    assert_true(isnan(modified_z(6, (double[]){ 5, 5, 5, 5, 9 }, 5)));
    assert_true(isnan(modified_z(.1, tenths, 5)));
    assert_true(isnan(modified_z(1, tenths, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variation_is_deviation_over_mean),
        cmocka_unit_test(test_variation_of_negative_values_is_positive),
        cmocka_unit_test(test_ratios_around_zero_are_not_defined),
        cmocka_unit_test(test_fewer_than_two_values_have_no_spread),
        cmocka_unit_test(test_the_median_absolute_deviation_agrees_with_gsl),
        cmocka_unit_test(test_robust_variation_is_that_of_the_middle),
        cmocka_unit_test(test_the_quartile_coefficient),
        cmocka_unit_test(test_an_outlier_has_a_high_score),
        cmocka_unit_test(test_no_score_where_nothing_deviates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
