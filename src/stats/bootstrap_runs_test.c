#include <math.h>

#include "stats/bootstrap.h"
#include "stats/random.h"
#include "support/near.h"
#include "support/test.h"

static const struct bootstrap_plan usual = { BOOTSTRAP_SEED, BOOTSTRAP_RESAMPLES, .95 };
static const struct bootstrap_plan many = { BOOTSTRAP_SEED, 100000, .95 };

/* The worked example of Kalibera and Jones as 3 runs of 4 values. */
static const double runs[3][4] = { { 9, 5, 8, 3 }, { 10, 6, 7, 11 }, { 1, 12, 2, 4 } };
static const double *const run_values[3] = { runs[0], runs[1], runs[2] };
static const size_t fours[3] = { 4, 4, 4 };
static const struct sample_runs three = { run_values, fours, 3 };

/* What the variance of the mean comes to when runs are drawn, and values in them: the variance
 * of run means over r, and the mean variance within runs over r n. */
static double two_stage_variance(void)
{
    double between = 0, within = 0;

    for (int i = 0; i < 3; i++) {
        double mean = (runs[i][0] + runs[i][1] + runs[i][2] + runs[i][3]) / 4;

        between += (mean - 6.5) * (mean - 6.5) / 3;
        for (int j = 0; j < 4; j++)
            within += (runs[i][j] - mean) * (runs[i][j] - mean) / 4 / 3;
    }
    return between / 3 + within / 12;
}

static void test_the_mean_over_runs_has_the_two_stage_variance(void **state)
{
    struct bootstrap_result pooled, of_means;

    (void)state;
    assert_near(two_stage_variance(), 1.586805556, 5e-10);
    assert_int_equal(bootstrap_hierarchical(&three, statistic_mean, NULL, false, 1, &many, &pooled),
                     OU_OK);
    assert_near(pooled.estimate, 6.5, 0);
    assert_near(pooled.standard_error, 1.259685, .01 * 1.259685);

    /* With equal counts the mean of means is the mean of all: the same draws, the same numbers. */
    assert_int_equal(
        bootstrap_hierarchical(&three, statistic_mean, NULL, true, 1, &many, &of_means), OU_OK);
    assert_near(of_means.standard_error, pooled.standard_error, 1e-12);
    assert_near(of_means.interval.low, pooled.interval.low, 1e-12);
}

/* Two independent sides: variances add up. */
static void test_the_difference_of_two_sides(void **state)
{
    double moved[3][4];
    const double *const values[3] = { moved[0], moved[1], moved[2] };
    const struct sample_runs other = { values, fours, 3 };
    struct bootstrap_result got;
    double se = sqrt(2 * 1.586805556);

    (void)state;
    for (int i = 0; i < 12; i++)
        moved[i / 4][i % 4] = runs[i / 4][i % 4] + 100;
    assert_int_equal(
        bootstrap_two(&three, &other, statistic_mean, NULL, false, 1, TWO_DIFFERENCE, &many, &got),
        OU_OK);
    assert_near(got.estimate, 100, 1e-12);
    assert_near(got.standard_error, se, .01 * se);
    assert_near((got.interval.low + got.interval.high) / 2, 100, .05);
}

static void test_the_ratio_is_new_by_old(void **state)
{
    double doubled[3][4];
    const double *const values[3] = { doubled[0], doubled[1], doubled[2] };
    const struct sample_runs other = { values, fours, 3 };
    struct bootstrap_result got;

    (void)state;
    for (int i = 0; i < 12; i++)
        doubled[i / 4][i % 4] = runs[i / 4][i % 4] * 2;
    assert_int_equal(
        bootstrap_two(&three, &other, statistic_mean, NULL, true, 1, TWO_RATIO, &usual, &got),
        OU_OK);
    assert_near(got.estimate, 2, 1e-15);
    assert_true(got.interval.low > .5 && got.interval.low < 1.5);
    assert_true(got.interval.high > 2.5 && got.interval.high < 8);
}

/* 20 runs alike of an autoregression (rho .8), whose true means vary 9 times as much as those of
 * single values: pieces of 20 neighbours see most of that, single values a third. */
static void test_pieces_of_neighbours_keep_correlation(void **state)
{
    enum { RUNS = 20, N = 400 };
    static double values[N];
    const double *same[RUNS];
    size_t counts[RUNS];
    const struct sample_runs sample = { same, counts, RUNS };
    const struct bootstrap_plan plan = { BOOTSTRAP_SEED, 2000, .95 };
    struct bootstrap_result singles, pieces;
    struct random_stream r;

    (void)state;
    random_stream_init(&r, 9, 0);
    for (size_t i = 0; i < N; i++)
        values[i] = (i ? .8 * values[i - 1] : 0) + random_normal(&r);
    for (size_t i = 0; i < RUNS; i++) {
        same[i] = values;
        counts[i] = N;
    }
    assert_int_equal(
        bootstrap_hierarchical(&sample, statistic_mean, NULL, false, 1, &plan, &singles), OU_OK);
    assert_int_equal(
        bootstrap_hierarchical(&sample, statistic_mean, NULL, false, 20, &plan, &pieces), OU_OK);
    assert_true(pieces.standard_error / singles.standard_error > 2);
    assert_true(pieces.standard_error / singles.standard_error < 3.2);
}

static void test_runs_of_different_lengths(void **state)
{
    static const double a[] = { 1 }, b[] = { 2, 2 }, c[] = { 5, 5, 5 };
    const double *const values[] = { a, b, c };
    const size_t counts[] = { 1, 2, 3 };
    const struct sample_runs sample = { values, counts, 3 };
    const double half = .5;
    struct bootstrap_result pooled, of_means;

    (void)state;
    assert_int_equal(
        bootstrap_hierarchical(&sample, statistic_mean, NULL, false, 7, &usual, &pooled), OU_OK);
    assert_int_equal(
        bootstrap_hierarchical(&sample, statistic_mean, NULL, true, 0, &usual, &of_means), OU_OK);
    assert_near(pooled.estimate, 20.0 / 6, 1e-15);
    assert_near(of_means.estimate, 8.0 / 3, 1e-15);
    assert_true(pooled.interval.low >= 1 && pooled.interval.high <= 5);
    assert_int_equal(
        bootstrap_hierarchical(&sample, statistic_quantile, &half, false, 1, &usual, &pooled),
        OU_OK);
    assert_near(pooled.estimate, 3.5, 0);
}

static void test_fewer_than_three_runs_are_refused(void **state)
{
    const struct sample_runs two = { run_values, fours, 2 };
    const struct sample_runs hollow = { run_values, (size_t[]){ 4, 0, 4 }, 3 };
    struct bootstrap_result got;

    (void)state;
    assert_int_equal(bootstrap_hierarchical(&two, statistic_mean, NULL, false, 1, &usual, &got),
                     OU_INVALID);
    assert_int_equal(bootstrap_hierarchical(&hollow, statistic_mean, NULL, false, 1, &usual, &got),
                     OU_INVALID);
    assert_int_equal(
        bootstrap_two(&three, &two, statistic_mean, NULL, false, 1, TWO_RATIO, &usual, &got),
        OU_INVALID);
    assert_int_equal(
        bootstrap_two(&two, &three, statistic_mean, NULL, false, 1, TWO_RATIO, &usual, &got),
        OU_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_mean_over_runs_has_the_two_stage_variance),
        cmocka_unit_test(test_the_difference_of_two_sides),
        cmocka_unit_test(test_the_ratio_is_new_by_old),
        cmocka_unit_test(test_pieces_of_neighbours_keep_correlation),
        cmocka_unit_test(test_runs_of_different_lengths),
        cmocka_unit_test(test_fewer_than_three_runs_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
