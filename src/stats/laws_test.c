#include "stats/laws.h"

#include <math.h>

#include "support/near.h"
#include "support/test.h"

/* Reference values of this file: mpmath, 30 digits. */

static void assert_relative(double got, double want, double tolerance)
{
    assert_near(got, want, tolerance * fabs(want));
}

static void test_the_normal_law(void **state)
{
    (void)state;
    assert_relative(normal_cdf(-10), 7.61985302416053e-24, 1e-13);
    assert_relative(normal_quantile(.975), 1.9599639845400542, 1e-13);
    assert_relative(normal_quantile(1e-12), -7.0344838253011319, 1e-13);
    assert_near(normal_cdf(normal_quantile(.3)), .3, 1e-15);
}

static void test_students_law_also_between_whole_degrees(void **state)
{
    (void)state;
    assert_relative(student_quantile(.975, 4), 2.776445105197794, 1e-11);
    assert_relative(student_quantile(.95, 1), 6.313751514675043, 1e-11);
    assert_relative(student_quantile(.975, 5.584615384615385), 2.491714126130224, 1e-11);
    assert_relative(student_quantile(.0001, 2.5), -34.86796932111477, 1e-11);
    assert_relative(student_quantile(.975, 1e9), 1.9599639845400542, 1e-8);
    assert_relative(student_two_sided(20, 7), 1.9548827108004e-7, 1e-12);
    assert_relative(student_two_sided(-20, 7), 1.9548827108004e-7, 1e-12);
    assert_near(student_cdf(2.776445105197794, 4), .975, 1e-13);
}

/* GSL's own iteration does not end for these. */
static void test_quantiles_are_found_where_gsl_gives_up(void **state)
{
    (void)state;
    assert_relative(student_quantile(.3, .778123), -.7972008903667936, 1e-12);
    assert_relative(beta_quantile(.9999, .5, 569), .01321883931933524, 1e-12);
    assert_relative(beta_quantile(.7, .5, 19194), 2.798252403338704e-5, 1e-12);
    assert_relative(beta_quantile(.975, 1.185, 1371.27), .002961632408441697, 1e-12);
    assert_relative(beta_quantile(.5, 1.2e7, 3.6e7), .25, 1e-6);
}

static void test_the_beta_law(void **state)
{
    (void)state;
    assert_relative(beta_quantile(.025, 11, 22), .1857190917165661, 1e-13);
    assert_relative(beta_quantile(.975, 3, 5), .7095791362626573, 1e-13);
    assert_relative(beta_quantile(.125, 1, 1), .125, 1e-14);
}

static void test_fishers_law(void **state)
{
    (void)state;
    assert_relative(f_tail(3.848485, 6, 12), .022455705328, 1e-10);
    assert_relative(f_tail(21, 8, 180), 2.58326433726897e-22, 1e-10);
    assert_relative(f_quantile(.95, 4, 20), 2.86608140201566, 1e-12);
    assert_relative(f_quantile(.025, 3, 7), .0683788969375599, 1e-12);
}

static void test_the_chi_squared_law(void **state)
{
    (void)state;
    assert_relative(chi_squared_tail(16.91379, 1), 3.911637731e-5, 1e-9);
    assert_relative(chi_squared_tail(100, 5), 5.28514836094324e-20, 1e-11);
    assert_relative(chi_squared_quantile(.975, 20), 34.169606902838341, 1e-14);
    assert_relative(chi_squared_quantile(.025, 22), 10.982320734473677, 1e-14);
    assert_relative(chi_squared_quantile(.3, .5), .010982604948550968, 1e-14);
    assert_relative(chi_squared_quantile(.5, 1e6), 1e6 - 2.0 / 3, 1e-9); /* Wilson-Hilferty */
}

static void test_the_binomial_law(void **state)
{
    (void)state;
    assert_relative(binomial_pmf(3, .5, 6), 20.0 / 64, 1e-14);
    assert_near(binomial_pmf(0, 0, 6), 1, 0);
    assert_near(binomial_pmf(6, 1, 6), 1, 0);
}

static void test_infinity_is_the_end_of_every_law(void **state)
{
    (void)state;
    assert_near(student_cdf(INFINITY, 3), 1, 0);
    assert_near(student_cdf(-INFINITY, 3), 0, 0);
    assert_near(student_two_sided(-INFINITY, 3), 0, 0);
    assert_near(chi_squared_tail(INFINITY, 3), 0, 0);
    assert_near(f_tail(INFINITY, 3, 4), 0, 0);
}

static void test_what_is_not_defined_is_no_number(void **state)
{
    (void)state;
    assert_true(isnan(normal_quantile(0)) && isnan(normal_quantile(1)));
    assert_true(isnan(normal_cdf(NAN)) && isnan(normal_quantile(NAN)));
    assert_true(isnan(student_quantile(NAN, 3)) && isnan(student_quantile(.5, 0)));
    assert_true(isnan(student_cdf(NAN, 3)) && isnan(student_cdf(1, NAN)));
    assert_true(isnan(student_two_sided(NAN, 3)) && isnan(student_two_sided(1, -1)));
    assert_true(isnan(chi_squared_tail(NAN, 3)) && isnan(f_tail(NAN, 1, 1)));
    assert_true(isnan(chi_squared_quantile(.5, 0)) && isnan(chi_squared_quantile(NAN, 1)));
    assert_true(isnan(f_quantile(1, 1, 1)) && isnan(f_quantile(.5, NAN, 1)));
    assert_true(isnan(beta_quantile(0, 1, 1)) && isnan(beta_quantile(.5, 1, NAN)));
    assert_true(isnan(binomial_pmf(1, NAN, 2)) && isnan(binomial_pmf(1, 1.5, 2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_normal_law),
        cmocka_unit_test(test_students_law_also_between_whole_degrees),
        cmocka_unit_test(test_quantiles_are_found_where_gsl_gives_up),
        cmocka_unit_test(test_the_beta_law),
        cmocka_unit_test(test_fishers_law),
        cmocka_unit_test(test_the_chi_squared_law),
        cmocka_unit_test(test_the_binomial_law),
        cmocka_unit_test(test_infinity_is_the_end_of_every_law),
        cmocka_unit_test(test_what_is_not_defined_is_no_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
