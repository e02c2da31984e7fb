#include "stats/serial.h"

#include <math.h>
#include <stdlib.h>

#include "stats/random.h"
#include "support/near.h"
#include "support/test.h"

/* Luteinizing hormone in blood samples at ten minutes' distance (Diggle 1990; "lh" in R). */
static const double hormone[48] = {
    2.4, 2.4, 2.4, 2.2, 2.1, 1.5, 2.3, 2.3, 2.5, 2.0, 1.9, 1.7, 2.2, 1.8, 3.2, 3.2,
    2.7, 2.2, 2.2, 1.9, 1.9, 1.8, 2.7, 3.0, 2.3, 2.0, 2.0, 2.9, 2.9, 2.7, 2.7, 2.3,
    2.6, 2.4, 1.8, 1.7, 1.5, 1.4, 2.1, 3.3, 3.5, 3.5, 3.1, 2.6, 2.1, 3.4, 3.0, 2.9,
};

static void test_neighbours_of_the_hormone_series_are_alike(void **state)
{
    struct serial got = serial_of(hormone, 48);

    (void)state;
    assert_near(got.rho1, .575524, 5e-7);
    assert_near(got.effective_n, 12.9321, 5e-5);
    assert_near(got.q, 16.91379, 5e-6);
    assert_near(got.p, 3.9116e-5, 5e-10);
    assert_int_equal(got.block, 6); /* 48^(1/3) (1.5)^(1/3) (2 rho / (1 - rho^2))^(2/3) = 5.96 */
}

static void test_autocorrelation_of_a_line_falls_with_the_lag(void **state)
{
    static const double line[] = { 1, 2, 3, 4 };

    (void)state;
    assert_near(autocorrelation(line, 4, 0), 1, 0);
    assert_near(autocorrelation(line, 4, 1), (.75 - .25 + .75) / 5, 1e-15);
    assert_near(autocorrelation(line, 4, 3), -2.25 / 5, 1e-15);
    assert_true(isnan(autocorrelation(line, 4, 4)));
    assert_true(isnan(autocorrelation(line, 1, 0)));
    assert_true(isnan(autocorrelation((double[]){ 3, 3, 3 }, 3, 1)));
}

static void test_values_that_do_not_depend_on_each_other_are_worth_their_number(void **state)
{
    double values[1000];
    struct random_stream r;
    struct serial got;

    (void)state;
    random_stream_init(&r, 11, 0);
    for (size_t i = 0; i < 1000; i++)
        values[i] = random_normal(&r);
    got = serial_of(values, 1000);
    assert_true(got.p > .01 && got.effective_n > 850);
    assert_int_equal(got.block, 1);
}

static void test_values_that_alternate_are_worth_no_more_than_their_number(void **state)
{
    double values[100];
    struct serial got;

    (void)state;
    for (size_t i = 0; i < 100; i++)
        values[i] = i % 2 ? 1 : -1;
    got = serial_of(values, 100);
    assert_true(got.rho1 < -.9 && got.p < .01);
    assert_near(got.effective_n, 100, 0);
    assert_true(got.block >= 5); /* at least the cube root */
}

static void test_equal_values_tell_nothing_of_neighbours(void **state)
{
    enum { MANY = 1000000 };
    static double tenths[MANY];
    struct serial got = serial_of((double[]){ 2, 2, 2, 2 }, 4);

    (void)state;
    assert_true(isnan(got.rho1) && isnan(got.effective_n) && isnan(got.p));
    assert_int_equal(got.block, 1);
    assert_int_equal(serial_of(hormone, 1).block, 1);
    for (size_t i = 0; i < MANY; i++)
        tenths[i] = .1;
    assert_true(isnan(serial_of(tenths, MANY).rho1)); /* though their mean is not quite .1 */
}

/* R: cor.test(method = "kendall"), exact. */
static void test_a_trend_of_eight_values(void **state)
{
    static const double values[] = { 1.0, 1.2, .9, 1.3, 1.4, 1.35, 1.5, 1.6 };
    struct kendall got = mann_kendall(values, 8);

    (void)state;
    assert_near(got.s, 22, 0);
    assert_near(got.tau, .785714286, 5e-10);
    assert_near(got.p, .005506, 5e-7);
    assert_near(got.p, 2 * 111.0 / 40320,
                1e-15); /* orders with at most three inversions: 1+7+27+76 */
}

static void test_a_fall_is_as_significant_as_a_rise(void **state)
{
    static const double values[] = { 8, 6, 7, 5, 4, 3, 1, 2 };
    double turned[8];
    struct kendall fall = mann_kendall(values, 8), rise;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        turned[i] = values[7 - i];
    rise = mann_kendall(turned, 8);
    assert_near(fall.s, -24, 0);
    assert_near(rise.s, 24, 0);
    assert_near(fall.tau, -rise.tau, 0);
    assert_near(fall.p, rise.p, 0);
}

/* Counted by hand: orders with so many inversions or fewer, twice. */
static void test_small_series_are_exact(void **state)
{
    double values[] = { 1, 2, 3 };

    (void)state;
    assert_near(mann_kendall(values, 3).p, 2.0 / 6, 1e-15);
    assert_near(mann_kendall((double[]){ 1, 3, 2 }, 3).p, 1, 0); /* 3 of 6 orders, doubled */
    assert_near(mann_kendall((double[]){ 1, 2, 3, 4, 5 }, 5).p, 2.0 / 120, 1e-16);
    assert_near(mann_kendall((double[]){ 1, 2, 3, 5, 4 }, 5).p, 2 * 5.0 / 120, 1e-16);
}

/* Against the score counted pair by pair, also with ties; the tie correction by hand. */
static void test_the_score_is_that_of_all_pairs(void **state)
{
    double values[200];
    struct random_stream r;

    (void)state;
    random_stream_init(&r, 5, 0);
    for (size_t n = 2; n <= 200; n += 11) {
        double score = 0;

        for (size_t i = 0; i < n; i++)
            values[i] = random_below(&r, 40);
        for (size_t i = 0; i < n; i++)
            for (size_t j = i + 1; j < n; j++)
                score += (values[j] > values[i]) - (values[j] < values[i]);
        assert_near(mann_kendall(values, n).s, score, 0);
    }
}

/* Score 12 of 15 pairs, of which one is tied; variance (6*5*17 - 2*1*9)/18. */
static void test_ties_follow_the_normal_law(void **state)
{
    struct kendall got = mann_kendall((double[]){ 1, 2, 2, 4, 3, 5 }, 6);
    double z = (12 - 1) / sqrt((510 - 18) / 18.0);

    (void)state;
    assert_near(got.s, 12, 0);
    assert_near(got.tau, 12 / sqrt(15.0 * 14), 1e-15);
    assert_near(got.p, erfc(z / sqrt(2)), 1e-14);
}

/* Where the exact law ends the normal one goes on. */
static void test_the_laws_meet_at_fifty_values(void **state)
{
    double values[51];
    double exact, normal;

    (void)state;
    for (size_t i = 0; i < 51; i++)
        values[i] = sin((double)i * 1.7) + (double)i / 70;
    exact = mann_kendall(values, 50).p;
    normal = mann_kendall(values, 51).p;
    assert_true(exact > .0001 && exact < .5);
    assert_near(exact / normal, 1, .25);
}

static void test_equal_values_have_no_trend(void **state)
{
    struct kendall got = mann_kendall((double[]){ 4, 4, 4 }, 3);

    (void)state;
    assert_near(got.s, 0, 0);
    assert_near(got.p, 1, 0);
    assert_true(isnan(got.tau));
    assert_true(isnan(mann_kendall(hormone, 1).p));
}

/* The score of n(n-1)/2 pairs would take minutes one by one. */
static void test_a_million_values_have_their_trend(void **state)
{
    enum { N = 1000000 };
    double *values = malloc(N * sizeof *values);
    struct kendall got;

    (void)state;
    assert_non_null(values);
    for (size_t i = 0; i < N; i++)
        values[i] = (double)(i ^ 1); /* every pair of neighbours exchanged */
    got = mann_kendall(values, N);
    free(values);
    assert_near(got.s, N * (N - 1.0) / 2 - N, 0);
    assert_near(got.p, 0, 0);
}

/* --- Steadiness ------------------------------------------------------------------- */

/* An autoregression around a straight line. */
static void make_series(uint64_t stream, double rho, double slope, size_t n, double *ret)
{
    struct random_stream r;
    double noise = 0;

    random_stream_init(&r, 20260301, stream);
    for (int i = 0; i < 100; i++)
        noise = rho * noise + random_normal(&r);
    for (size_t i = 0; i < n; i++) {
        noise = rho * noise + random_normal(&r);
        ret[i] = 100 + slope * (double)i + noise;
    }
}

static void test_a_trend_is_not_steady(void **state)
{
    double values[300];
    struct steadiness got;

    (void)state;
    make_series(1, 0, .01, 300, values);
    got = steadiness_of(values, 300, .01);
    assert_true(got.enough && !got.steady);
    assert_true(got.trend_tau > 0 && got.trend_p < .01 && got.halves_p < .01);
    assert_int_equal(got.thinned_n, 300); /* the trend is not taken for correlation */
}

static void test_a_trend_shows_through_correlation(void **state)
{
    double values[1000];
    struct steadiness got;

    (void)state;
    make_series(2, .6, .01, 1000, values);
    got = steadiness_of(values, 1000, .01);
    assert_true(got.enough && !got.steady);
    assert_true(got.thinned_n < 100);
}

static void test_a_jump_is_not_steady(void **state)
{
    double values[200];

    (void)state;
    make_series(3, 0, 0, 200, values);
    assert_true(steadiness_of(values, 200, .01).steady);
    for (size_t i = 100; i < 200; i++)
        values[i] += 1;
    assert_false(steadiness_of(values, 200, .01).steady);
}

/* 400 steady series at .01: each of the two tests alarms in 1 %, together in less than 2 %,
 * which is 8; block means keep some correlation. Untreated, half of them would alarm. */
static void test_correlated_but_steady_series_are_seldom_called_unsteady(void **state)
{
    static const double rhos[] = { 0, .6, .9 };
    double values[600];

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        size_t alarms = 0, told = 0;

        for (uint64_t stream = 0; stream < 400; stream++) {
            struct steadiness got;

            make_series(1000 * (k + 1) + stream, rhos[k], 0, 600, values);
            got = steadiness_of(values, 600, .01);
            told += got.enough;
            alarms += got.enough && !got.steady;
        }
        assert_true(told >= 300);
        assert_in_range(alarms, 0, 20);
    }
}

static void test_few_values_tell_nothing_of_steadiness(void **state)
{
    double line[60];
    struct steadiness got = steadiness_of(hormone, 7, .01);

    (void)state;
    assert_false(got.enough);
    assert_true(isnan(got.trend_p) && isnan(got.halves_p));
    for (size_t i = 0; i < 60; i++)
        line[i] = sin((double)i / 20);
    got = steadiness_of(line, 60, .01);
    assert_false(got.enough); /* too much alike to be worth eight values */
    assert_true(got.thinned_n < 8);
    assert_true(steadiness_of((double[8]){ 5, 5, 5, 5, 5, 5, 5, 5 }, 8, .01).steady);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neighbours_of_the_hormone_series_are_alike),
        cmocka_unit_test(test_autocorrelation_of_a_line_falls_with_the_lag),
        cmocka_unit_test(test_values_that_do_not_depend_on_each_other_are_worth_their_number),
        cmocka_unit_test(test_values_that_alternate_are_worth_no_more_than_their_number),
        cmocka_unit_test(test_equal_values_tell_nothing_of_neighbours),
        cmocka_unit_test(test_a_trend_of_eight_values),
        cmocka_unit_test(test_a_fall_is_as_significant_as_a_rise),
        cmocka_unit_test(test_small_series_are_exact),
        cmocka_unit_test(test_the_score_is_that_of_all_pairs),
        cmocka_unit_test(test_ties_follow_the_normal_law),
        cmocka_unit_test(test_the_laws_meet_at_fifty_values),
        cmocka_unit_test(test_equal_values_have_no_trend),
        cmocka_unit_test(test_a_million_values_have_their_trend),
        cmocka_unit_test(test_a_trend_is_not_steady),
        cmocka_unit_test(test_a_trend_shows_through_correlation),
        cmocka_unit_test(test_a_jump_is_not_steady),
        cmocka_unit_test(test_correlated_but_steady_series_are_seldom_called_unsteady),
        cmocka_unit_test(test_few_values_tell_nothing_of_steadiness),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
