#include "stats/components.h"

#include <math.h>
#include <string.h>

#include "stats/laws.h"
#include "stats/summary.h"
#include "support/near.h"
#include "support/test.h"

/* --- Nested ------------------------------------------------------------------- */

/* The worked example of Kalibera and Jones: 3 x 2 x 2. */
static const double kalibera[] = { 9, 5, 8, 3, 10, 6, 7, 11, 1, 12, 2, 4 };

static void test_three_levels_are_those_of_the_paper(void **state)
{
    struct nested_components got;

    (void)state;
    assert_int_equal(nested_components(kalibera, (size_t[]){ 2, 2, 3 }, 3, &got), OU_OK);
    assert_near(got.mean, 6.5, 1e-14);
    assert_near(got.s2[0], 16.5, 1e-13);
    assert_near(got.s2[1], 31.0 / 12, 1e-13);
    assert_near(got.s2[2], 3.5625, 1e-13);
    assert_near(got.t2[0], 16.5, 1e-13);
    assert_near(got.t2[1], -17.0 / 3, 1e-13);
    assert_near(got.t2[2], 3.5625 - 31.0 / 24, 1e-13);
    assert_near(got.half_width, 4.688707, 5e-7);
}

static void test_negative_components_have_no_share(void **state)
{
    struct nested_components got;

    (void)state;
    assert_int_equal(nested_components(kalibera, (size_t[]){ 2, 2, 3 }, 3, &got), OU_OK);
    assert_near(got.share[1], 0, 0);
    assert_near(got.share[0], 16.5 / (16.5 + got.t2[2]), 1e-14);
    assert_near(got.share[0] + got.share[2], 1, 1e-14);
}

static void test_two_levels_of_the_same_numbers(void **state)
{
    struct nested_components got;

    (void)state;
    assert_int_equal(nested_components(kalibera, (size_t[]){ 4, 3 }, 2, &got), OU_OK);
    assert_near(got.s2[0], 12.722222, 5e-7);
    assert_near(got.s2[1], 3.5625, 1e-13);
    assert_near(got.t2[0], 12.722222, 5e-7);
    assert_near(got.t2[1], .381944, 5e-7);
}

/* A test case of libkalibera; the top level costs 100, the lowest 3. */
static void test_the_optimum_weighs_variance_against_cost(void **state)
{
    static const double values[] = { 3, 4, 3, 1.2, 3.1, 3, .2, 1, 1.5, 1, 2, 3 };
    struct nested_components got;
    double optimum[2];

    (void)state;
    assert_int_equal(nested_components(values, (size_t[]){ 3, 2, 2 }, 3, &got), OU_OK);
    assert_near(got.t2[0], .726667, 5e-7);
    assert_near(got.t2[1], .262778, 5e-7);
    assert_near(got.t2[2], .774722, 5e-7);
    nested_optimum(&got, (double[]){ 3, 20, 100 }, optimum);
    assert_near(optimum[0], 4.293660, 5e-7);
    assert_near(optimum[1], 1.302286, 5e-7);
}

static void test_no_optimum_below_a_level_that_adds_nothing(void **state)
{
    struct nested_components got;
    double optimum[2];

    (void)state;
    assert_int_equal(nested_components(kalibera, (size_t[]){ 2, 2, 3 }, 3, &got), OU_OK);
    nested_optimum(&got, (double[]){ 1, 1, 1 }, optimum);
    assert_true(isnan(optimum[0]));
    assert_near(optimum[1], 0, 0);
}

/* Davies and Goldsmith's batches of dyestuff, as lme4 publishes them. */
static const double dyestuff[6][5] = {
    { 1545, 1440, 1440, 1520, 1580 }, { 1540, 1555, 1490, 1560, 1495 },
    { 1595, 1550, 1605, 1510, 1560 }, { 1445, 1440, 1595, 1465, 1545 },
    { 1595, 1630, 1515, 1635, 1625 }, { 1520, 1455, 1450, 1480, 1445 },
};

static void test_batches_of_dyestuff(void **state)
{
    struct nested_components nested;
    struct one_way way;
    const double *groups[6];
    size_t sizes[6];

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        groups[i] = dyestuff[i];
        sizes[i] = 5;
    }
    assert_int_equal(nested_components(dyestuff[0], (size_t[]){ 5, 6 }, 2, &nested), OU_OK);
    assert_near(nested.mean, 1527.5, 1e-10);
    assert_near(nested.t2[0], 2451.25, 1e-9);
    assert_near(nested.t2[1], 1764.05, 1e-9);
    assert_near(nested.share[1], 1764.05 / 4215.3, 1e-12);
    assert_near(sqrt(nested.s2[1] / 6), 19.383412, 5e-7);

    assert_int_equal(one_way(groups, sizes, 6, &way), OU_OK);
    assert_near(way.ss_between / way.df_between, 11271.5, 1e-9);
    assert_near(way.ss_within / way.df_within, 2451.25, 1e-9);
    assert_near(way.var_between, 1764.05, 1e-9);
    assert_near(way.var_within, 2451.25, 1e-9);
    assert_near(way.icc, 1764.05 / 4215.3, 1e-12);
}

/* Calcium in turnip leaves: 4 plants, 3 leaves of each, 2 samples (Snedecor and Cochran). */
static void test_plants_leaves_and_samples(void **state)
{
    static const double calcium[] = {
        3.28, 3.09, 3.52, 3.48, 2.88, 2.80, 2.46, 2.44, 1.87, 1.92, 2.19, 2.19,
        2.77, 2.66, 3.74, 3.44, 2.55, 2.55, 3.78, 3.87, 4.07, 4.12, 3.31, 3.31,
    };
    struct nested_components got;

    (void)state;
    assert_int_equal(nested_components(calcium, (size_t[]){ 2, 3, 4 }, 3, &got), OU_OK);
    assert_near(got.s2[2] * 6, 2.52011528, 5e-9); /* mean squares */
    assert_near(got.s2[1] * 2, .32877500, 5e-9);
    assert_near(got.s2[0], .00665417, 5e-9);
    assert_near(got.t2[2], .36522338, 5e-9);
    assert_near(got.t2[1], .16106042, 5e-9);
    assert_near(got.t2[0], .00665417, 5e-9);
}

static void test_equal_values_have_no_shares(void **state)
{
    static const double same[] = { .1, .1, .1, .1 };
    struct nested_components got;

    (void)state;
    assert_int_equal(nested_components(same, (size_t[]){ 2, 2 }, 2, &got), OU_OK);
    assert_near(got.mean, .1, 0);
    assert_near(got.t2[0], 0, 0);
    assert_true(isnan(got.share[0]) && isnan(got.share[1]));
    assert_near(got.half_width, 0, 0);
}

static void test_a_level_of_one_is_refused(void **state)
{
    struct nested_components got;

    (void)state;
    assert_int_equal(nested_components(kalibera, (size_t[]){ 12, 1 }, 2, &got), OU_INVALID);
    assert_int_equal(nested_components(kalibera, (size_t[]){ 1, 12 }, 2, &got), OU_INVALID);
    assert_int_equal(nested_components(kalibera, NULL, 0, &got), OU_INVALID);
    assert_int_equal(nested_components(kalibera, (size_t[]){ 2, 2, 2, 2, 2 }, 5, &got), OU_INVALID);
}

/* --- Crossed ------------------------------------------------------------------- */

enum { PARTS = 10, OPERATORS = 3, TRIALS = 3 };

/* The gauge study of the measurement systems handbook of the AIAG: a row for each
 * trial of each operator. An operator is a run here, a part a host. */
static const double gauge[OPERATORS][TRIALS][PARTS] = {
    { { .29, -.56, 1.34, .47, -.80, .02, .59, -.31, 2.26, -1.36 },
      { .41, -.68, 1.17, .50, -.92, -.11, .75, -.20, 1.99, -1.25 },
      { .64, -.58, 1.27, .64, -.84, -.21, .66, -.17, 2.01, -1.31 } },
    { { .08, -.47, 1.19, .01, -.56, -.20, .47, -.63, 1.80, -1.68 },
      { .25, -1.22, .94, 1.03, -1.20, .22, .55, .08, 2.12, -1.62 },
      { .07, -.68, 1.34, .20, -1.28, .06, .83, -.34, 2.19, -1.50 } },
    { { .04, -1.38, .88, .14, -1.46, -.29, .02, -.46, 1.77, -1.49 },
      { -.11, -1.13, 1.09, .20, -1.07, -.67, .01, -.56, 1.45, -1.77 },
      { -.15, -.96, .67, .11, -1.45, -.49, .21, -.49, 1.87, -2.16 } },
};

static struct cell_moments cell_of(const double *values, size_t n)
{
    struct moments m = { 0 };

    for (size_t i = 0; i < n; i++)
        moments_add(&m, values[i]);
    return (struct cell_moments){ m.n, m.mean, m.m2 };
}

static void gauge_cells(struct cell_moments *ret)
{
    for (size_t o = 0; o < OPERATORS; o++)
        for (size_t p = 0; p < PARTS; p++)
            ret[o * PARTS + p] =
                cell_of((double[]){ gauge[o][0][p], gauge[o][1][p], gauge[o][2][p] }, TRIALS);
}

static void test_the_gauge_study(void **state)
{
    struct cell_moments cells[OPERATORS * PARTS];
    struct crossed_components got;

    (void)state;
    gauge_cells(cells);
    assert_int_equal(crossed_components(cells, OPERATORS, PARTS, &got), OU_OK);
    assert_near(got.samples_per_cell, TRIALS, 1e-14);
    assert_near(got.ms_host, 9.817992716, 5e-10);
    assert_near(got.ms_run, 1.583631111, 5e-10);
    assert_near(got.ms_interaction, .019943457, 5e-10);
    assert_near(got.ms_error, .045982222, 5e-10);
    assert_near(got.var_error, .0459822, 5e-8);
    assert_near(got.var_interaction, -.0086796, 5e-8);
    assert_near(got.var_run, .0521229, 5e-8);
    assert_near(got.var_host, 1.0886721, 5e-8);
    assert_near(got.share_interaction, 0, 0);
    assert_near(got.share_run + got.share_host + got.share_error, 1, 1e-14);
}

/* The handbook's second model: interaction and error are one. */
static void test_the_gauge_study_without_interaction(void **state)
{
    struct cell_moments cells[OPERATORS * PARTS];
    struct crossed_components got;
    double pooled;

    (void)state;
    gauge_cells(cells);
    assert_int_equal(crossed_components(cells, OPERATORS, PARTS, &got), OU_OK);
    pooled = (18 * got.ms_interaction + 60 * got.ms_error) / 78;
    assert_near(pooled, .0399733, 5e-8);
    assert_near((got.ms_run - pooled) / (TRIALS * PARTS), .0514553, 5e-8);
    assert_near((got.ms_host - pooled) / (TRIALS * OPERATORS), 1.0864466, 5e-8);
}

/* 3 runs of 4 hosts, 2 samples each; sums of squares as R's aov() gives them. */
static void test_three_runs_of_four_hosts(void **state)
{
    static const double values[12][2] = {
        { 10, 12 }, { 11, 13 }, { 20, 19 }, { 22, 21 }, { 15, 17 }, { 14, 16 },
        { 30, 28 }, { 31, 33 }, { 24, 26 }, { 25, 27 }, { 35, 34 }, { 36, 39 },
    };
    struct cell_moments cells[12];
    struct crossed_components got;

    (void)state;
    for (size_t i = 0; i < 12; i++)
        cells[i] = cell_of(values[i], 2);
    assert_int_equal(crossed_components(cells, 3, 4, &got), OU_OK);
    assert_near(got.ms_run * 2, 871, 1e-9);
    assert_near(got.ms_host * 3, 815.166667, 5e-7);
    assert_near(got.ms_interaction * 6, 42.333333, 5e-7);
    assert_near(got.ms_error * 12, 22, 1e-10);
    assert_near(got.ms_interaction / got.ms_error, 3.848485, 5e-7);
    assert_near(f_tail(got.ms_interaction / got.ms_error, 6, 12), .022456, 5e-7);
    assert_near(got.var_error, 1.833333, 5e-7);
    assert_near(got.var_interaction, 2.611111, 5e-7);
    assert_near(got.var_run, 53.555556, 5e-7);
    assert_near(got.var_host, 44.111111, 5e-7);
    assert_near(got.run_f, got.ms_run / got.ms_interaction, 0);
    assert_near(got.run_p, f_tail(got.run_f, 2, 6), 0);
}

/* Tables without run, or without any variation: tenths and thirds are rounded in each mean. */
static void test_rounding_is_no_variance(void **state)
{
    enum { RUNS = 10, HOSTS = 52 };
    static struct cell_moments cells[RUNS * HOSTS];
    struct crossed_components got;

    (void)state;
    for (size_t hosts = 2; hosts <= HOSTS; hosts++) {
        for (size_t i = 0; i < RUNS * hosts; i++)
            cells[i] = (struct cell_moments){ 5, 1e6 + .1, 0 };
        assert_int_equal(crossed_components(cells, RUNS, hosts, &got), OU_OK);
        assert_true(isnan(got.share_run) && isnan(got.share_error) && isnan(got.run_p));
        for (size_t i = 0; i < RUNS * hosts; i++)
            cells[i].mean = 1. / (3 + (double)(i % hosts));
        assert_int_equal(crossed_components(cells, RUNS, hosts, &got), OU_OK);
        assert_near(got.share_host, 1, 0);
        assert_near(got.ms_run, 0, 0);
        assert_true(isnan(got.run_p));
    }
}

/* Sums of 100,000 tenths are rounded even in extended precision. */
static void test_many_equal_values_have_no_variance(void **state)
{
    enum { N = 100000 };
    static double tenths[N];
    const double *groups[] = { tenths, tenths + N / 3, tenths };
    struct one_way got;

    (void)state;
    for (size_t i = 0; i < N; i++)
        tenths[i] = .1;
    assert_int_equal(one_way(groups, (size_t[]){ N, N / 2, N / 3 }, 3, &got), OU_OK);
    assert_near(got.ss_between, 0, 0);
    assert_near(got.ss_within, 0, 0);
    assert_true(isnan(got.p) && isnan(got.icc));
}

/* Penicillin by plates and samples (Davies and Goldsmith; lme4): one value a cell. */
static void test_one_sample_a_cell_cannot_tell_interaction_from_error(void **state)
{
    static const char *const plates[24] = {
        "27 23 26 23 23 21", "27 23 26 23 23 21", "25 21 25 24 24 20", "26 23 25 23 23 20",
        "25 22 26 22 23 20", "24 22 25 23 22 19", "24 20 23 21 22 19", "26 22 26 24 24 21",
        "24 21 24 22 22 20", "24 21 24 23 22 19", "26 23 26 24 24 21", "25 22 26 24 24 20",
        "26 24 26 24 25 22", "26 23 26 23 23 20", "26 23 25 24 24 22", "25 22 25 23 23 20",
        "25 21 24 23 23 20", "25 22 24 23 23 19", "24 21 23 21 21 19", "26 23 26 24 24 21",
        "25 21 24 22 22 18", "25 22 25 22 22 20", "24 21 24 22 24 19", "24 21 24 22 21 18",
    };
    struct cell_moments cells[24 * 6];
    struct crossed_components got;

    (void)state;
    for (size_t plate = 0; plate < 24; plate++)
        for (size_t sample = 0; sample < 6; sample++) {
            const char *at = plates[plate] + 3 * sample;

            cells[plate * 6 + sample] =
                (struct cell_moments){ 1, (at[0] - '0') * 10 + (at[1] - '0'), 0 };
        }
    assert_int_equal(crossed_components(cells, 24, 6, &got), OU_OK);
    assert_near(got.ms_run, 4.60386473, 5e-9);
    assert_near(got.ms_host, 89.84444444, 5e-9);
    assert_near(got.ms_interaction, .30241546, 5e-9);
    assert_near(got.var_run, .7169082, 5e-8);
    assert_near(got.var_host, 3.7309179, 5e-8);
    assert_near(got.var_error, .3024155, 5e-8);
    assert_true(isnan(got.ms_error) && isnan(got.var_interaction));
    assert_true(isnan(got.share_interaction));
    assert_near(got.share_run + got.share_host + got.share_error, 1, 1e-14);
}

static void test_different_counts_use_their_harmonic_mean(void **state)
{
    struct cell_moments cells[4] = { { 1, 10, 0 }, { 2, 12, 2 }, { 4, 14, 9 }, { 4, 15, 1 } };
    struct crossed_components got;

    (void)state;
    assert_int_equal(crossed_components(cells, 2, 2, &got), OU_OK);
    assert_near(got.samples_per_cell, 4 / (1 + .5 + .25 + .25), 1e-15);
    assert_near(got.ms_error, 12.0 / 7, 1e-15);
    assert_near(got.ms_run, 2 * 3.5 * 3.5, 1e-13); /* 2 samples x 2 hosts x 2 runs x 1.75^2 */
}

static void test_empty_cells_and_single_rows_are_refused(void **state)
{
    struct cell_moments cells[4] = { { 1, 1, 0 }, { 1, 2, 0 }, { 0, 0, 0 }, { 1, 4, 0 } };
    struct crossed_components got;

    (void)state;
    assert_int_equal(crossed_components(cells, 2, 2, &got), OU_INVALID);
    assert_int_equal(crossed_components(cells, 1, 2, &got), OU_INVALID);
    assert_int_equal(crossed_components(cells, 2, 1, &got), OU_INVALID);
}

/* --- One way ------------------------------------------------------------------- */

/* SiRstv of the NIST Statistical Reference Datasets: resistance by instrument. */
static void test_instruments_of_nist(void **state)
{
    static const double values[5][5] = {
        { 196.3052, 196.1240, 196.1890, 196.2569, 196.3403 },
        { 196.3042, 196.3825, 196.1669, 196.3257, 196.0422 },
        { 196.1303, 196.2005, 196.2889, 196.0343, 196.1811 },
        { 196.2795, 196.1748, 196.1494, 196.1485, 195.9885 },
        { 196.2119, 196.1051, 196.1850, 196.0052, 196.2090 },
    };
    const double *const groups[5] = { values[0], values[1], values[2], values[3], values[4] };
    const size_t sizes[5] = { 5, 5, 5, 5, 5 };
    struct one_way got;

    (void)state;
    assert_int_equal(one_way(groups, sizes, 5, &got), OU_OK);
    assert_near(got.ss_between, 5.11462616e-2, 1e-13);
    assert_near(got.ss_within, 2.1663656e-1, 1e-13);
    assert_near(got.f, 1.18046237440255, 2e-12);
    assert_near(got.df_between, 4, 0);
    assert_near(got.df_within, 20, 0);
    assert_near(got.p, f_tail(1.18046237440255, 4, 20), 1e-12);
}

/* Sizes 3, 1, 2: n0 = (6 - 14/6) / 2. */
static void test_groups_of_different_sizes(void **state)
{
    static const double a[] = { 1, 2, 3 }, b[] = { 10 }, c[] = { 4, 6 };
    struct one_way got;

    (void)state;
    assert_int_equal(one_way((const double *const[]){ a, b, c }, (size_t[]){ 3, 1, 2 }, 3, &got),
                     OU_OK);
    assert_near(got.ss_within, 4, 1e-14);
    assert_near(got.ss_between, 3 * 49.0 / 9 + 289.0 / 9 + 2 * 4.0 / 9, 1e-13);
    assert_near(got.var_between, (got.ss_between / 2 - 4.0 / 3) / (11.0 / 6), 1e-13);
}

static void test_single_values_leave_nothing_within(void **state)
{
    static const double a = 1, b = 2, same = 5;
    struct one_way got;

    (void)state;
    assert_int_equal(one_way((const double *const[]){ &a, &b }, (size_t[]){ 1, 1 }, 2, &got),
                     OU_OK);
    assert_true(isnan(got.f) && isnan(got.p) && isnan(got.var_within) && isnan(got.icc));
    assert_int_equal(one_way((const double *const[]){ &same }, (size_t[]){ 1 }, 1, &got),
                     OU_INVALID);
    assert_int_equal(one_way((const double *const[]){ &a, &b }, (size_t[]){ 1, 0 }, 2, &got),
                     OU_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_levels_are_those_of_the_paper),
        cmocka_unit_test(test_negative_components_have_no_share),
        cmocka_unit_test(test_two_levels_of_the_same_numbers),
        cmocka_unit_test(test_the_optimum_weighs_variance_against_cost),
        cmocka_unit_test(test_no_optimum_below_a_level_that_adds_nothing),
        cmocka_unit_test(test_batches_of_dyestuff),
        cmocka_unit_test(test_plants_leaves_and_samples),
        cmocka_unit_test(test_equal_values_have_no_shares),
        cmocka_unit_test(test_a_level_of_one_is_refused),
        cmocka_unit_test(test_the_gauge_study),
        cmocka_unit_test(test_the_gauge_study_without_interaction),
        cmocka_unit_test(test_three_runs_of_four_hosts),
        cmocka_unit_test(test_rounding_is_no_variance),
        cmocka_unit_test(test_many_equal_values_have_no_variance),
        cmocka_unit_test(test_one_sample_a_cell_cannot_tell_interaction_from_error),
        cmocka_unit_test(test_different_counts_use_their_harmonic_mean),
        cmocka_unit_test(test_empty_cells_and_single_rows_are_refused),
        cmocka_unit_test(test_instruments_of_nist),
        cmocka_unit_test(test_groups_of_different_sizes),
        cmocka_unit_test(test_single_values_leave_nothing_within),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
