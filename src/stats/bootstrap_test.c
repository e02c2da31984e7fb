#include "stats/bootstrap.h"

#include <math.h>
#include <string.h>

#include "stats/laws.h"
#include "stats/quantile.h"
#include "stats/random.h"
#include "stats/sort.h"
#include "support/near.h"
#include "support/test.h"

static const struct bootstrap_plan usual = { BOOTSTRAP_SEED, BOOTSTRAP_RESAMPLES, .95 };
static const struct bootstrap_plan many = { BOOTSTRAP_SEED, 100000, .95 };
static const double half = .5;

/* --- Statistics ----------------------------------------------------------------------- */

static void test_selected_quantiles_are_those_of_the_sorted_values(void **state)
{
    static const double fractions[] = { 0, .05, .25, .5, .9, .99, 1 };
    double values[300], sorted[300];
    struct random_stream r;

    (void)state;
    random_stream_init(&r, 3, 0);
    for (size_t n = 1; n <= 300; n += 13)
        for (size_t f = 0; f < sizeof fractions / sizeof *fractions; f++) {
            for (size_t i = 0; i < n; i++) /* values from few, so that many are equal */
                values[i] = f % 2 ? random_below(&r, 7) : random_normal(&r);
            memcpy(sorted, values, sizeof sorted);
            sort_doubles(allocator_libc(), sorted, n);
            assert_near(statistic_quantile(values, n, &fractions[f]),
                        quantile_sorted(sorted, n, fractions[f], QUANTILE_TYPE7), 0);
        }
}

/* --- One sample ------------------------------------------------------------------------ */

/* P(T* <= x_(k)) of the resampled median of n = 2m-1 values: m of them at least are not above
 * the k-th, each of which is drawn with probability k/n. */
static double median_below(unsigned k, unsigned n)
{
    double sum = 0;

    for (unsigned j = (n + 1) / 2; j <= n; j++)
        sum += binomial_pmf(j, (double)k / n, n);
    return sum;
}

static unsigned tally[16];

/* The median of values 1, 2, ..., counted as it goes. */
static double tallied_median(double *values, size_t n, const void *context)
{
    double median = statistic_quantile(values, n, context);

    tally[(size_t)median]++;
    return median;
}

static void test_the_resampled_median_follows_its_exact_law(void **state)
{
    static const double of_five[] = { .05792, .25952, .36512, .25952, .05792 };
    static const double of_seven[] = { .01015005, .09812360, .23862628, .30620016 };
    static const double values[] = { 1, 2, 3, 4, 5 };
    struct bootstrap_result got;

    (void)state;
    for (unsigned k = 1; k <= 5; k++)
        assert_near(median_below(k, 5) - median_below(k - 1, 5), of_five[k - 1], 1e-14);
    for (unsigned k = 1; k <= 4; k++)
        assert_near(median_below(k, 7) - median_below(k - 1, 7), of_seven[k - 1], 5e-9);

    memset(tally, 0, sizeof tally);
    assert_int_equal(bootstrap_percentile(values, 5, tallied_median, &half, &many, &got), OU_OK);
    for (unsigned k = 1; k <= 5; k++) /* four deviations and more */
        assert_near(tally[k] / 1e5, of_five[k - 1], .007);
}

/* The ideal interval is [x_4, x_12]; at the lower end so little is missing that a simulation
 * may end one value off. */
static void test_the_interval_of_a_median_of_fifteen(void **state)
{
    double values[15];
    struct bootstrap_result got;

    (void)state;
    for (size_t i = 0; i < 15; i++)
        values[i] = (double)(i + 1);
    assert_near(median_below(4, 15), .02545, 5e-6);
    assert_int_equal(bootstrap_percentile(values, 15, statistic_quantile, &half, &usual, &got),
                     OU_OK);
    assert_near(got.estimate, 8, 0);
    assert_true(got.interval.low >= 4 && got.interval.low <= 5);
    assert_true(got.interval.high >= 11 && got.interval.high <= 12);
}

/* The ideal variance is the sum of squares over n^2. */
static void test_the_resampled_mean_has_its_standard_error(void **state)
{
    static const double values[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
    struct bootstrap_result got;

    (void)state;
    assert_int_equal(bootstrap_percentile(values, 8, statistic_mean, NULL, &many, &got), OU_OK);
    assert_near(got.estimate, 5, 0);
    assert_near(got.standard_error, sqrt(32) / 8, .01 * sqrt(32) / 8);
    assert_near(got.interval.low + got.interval.high, 10, .3);
}

static void test_the_seed_decides(void **state)
{
    static const double values[] = { 1, 7, 4, 9, 16 };
    struct bootstrap_plan other = usual;
    struct bootstrap_result one, two, third;

    (void)state;
    other.seed++;
    assert_int_equal(bootstrap_percentile(values, 5, statistic_mean, NULL, &usual, &one), OU_OK);
    assert_int_equal(bootstrap_percentile(values, 5, statistic_mean, NULL, &usual, &two), OU_OK);
    assert_int_equal(bootstrap_percentile(values, 5, statistic_mean, NULL, &other, &third), OU_OK);
    assert_true(one.estimate == two.estimate && one.standard_error == two.standard_error);
    assert_true(one.interval.low == two.interval.low && one.interval.high == two.interval.high);
    assert_true(one.standard_error != third.standard_error);
    assert_true(one.seed == usual.seed && one.resamples == usual.resamples);
}

/* --- BCa ---------------------------------------------------------------------------------- */

/* SciPy's test case: difference of the means of two samples. */
static void test_the_acceleration_of_two_samples(void **state)
{
    static const double values[] = { 16, 23, 38, 94, 99, 141, 197, 10,
                                     27, 31, 40, 46, 50, 52,  104, 146 };
    const size_t counts[] = { 7, 9 };
    const double sum_z = 608, sum_y = 506;
    double jackknife[16];

    (void)state;
    for (size_t i = 0; i < 16; i++)
        jackknife[i] =
            i < 7 ? (sum_z - values[i]) / 6 - sum_y / 9 : sum_z / 7 - (sum_y - values[i]) / 8;
    assert_near(bca_acceleration(jackknife, counts, 2), .011008228344, 5e-13);
}

/* Inhabitants of ten cities in 1920 and 1930 (Davison and Hinkley): what matters is how the
 * totals are related. A value is the number of a city. */
static const double city_1920[] = { 138, 93, 61, 179, 48, 37, 29, 23, 30, 2 };
static const double city_1930[] = { 143, 104, 69, 260, 75, 63, 50, 48, 111, 50 };
static const double cities[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static double ratio_of_totals(double *values, size_t n, const void *context)
{
    double before = 0, after = 0;

    (void)context;
    for (size_t i = 0; i < n; i++) {
        before += city_1920[(size_t)values[i]];
        after += city_1930[(size_t)values[i]];
    }
    return after / before;
}

static void test_the_ratio_of_city_totals(void **state)
{
    struct bootstrap_result bca, percentile;
    double jackknife[10];
    const size_t ten = 10;

    (void)state;
    for (size_t i = 0; i < 10; i++)
        jackknife[i] = (973 - city_1930[i]) / (640 - city_1920[i]);
    assert_near(bca_acceleration(jackknife, &ten, 1), -.0112031940, 5e-11);

    assert_int_equal(bootstrap_percentile(cities, 10, ratio_of_totals, NULL, &many, &percentile),
                     OU_OK);
    assert_near(percentile.estimate, 1.5203125, 1e-15);
    assert_near(percentile.standard_error, .2219, .02);
    assert_near(percentile.interval.low, 1.2512, .02);
    assert_near(percentile.interval.high, 2.1082, .02);

    assert_int_equal(bootstrap_bca(cities, 10, ratio_of_totals, NULL, &many, &bca), OU_OK);
    assert_near(bca.standard_error, percentile.standard_error, 0);
    assert_near(bca.interval.low, 1.2468, .02);
    assert_near(bca.interval.high, 2.0893, .02);
}

static void test_equal_values_have_an_interval_of_no_width(void **state)
{
    static const double values[] = { .1, .1, .1, .1 };
    struct bootstrap_result got;

    (void)state;
    assert_int_equal(bootstrap_bca(values, 4, statistic_mean, NULL, &usual, &got), OU_OK);
    assert_near(got.interval.low, .1, 0);
    assert_near(got.interval.high, .1, 0);
    assert_near(got.standard_error, 0, 0);
}

/* The first value that is not 0; a resample of zeros has none. */
static double first_but_zero(double *values, size_t n, const void *context)
{
    (void)context;
    for (size_t i = 0; i < n; i++)
        if (values[i] != 0)
            return values[i];
    return NAN;
}

static void test_a_statistic_that_is_undefined_for_a_resample_has_no_interval(void **state)
{
    static const double values[] = { 0, 0, 1 };
    struct bootstrap_result got;

    (void)state;
    assert_int_equal(bootstrap_bca(values, 3, first_but_zero, NULL, &usual, &got), OU_OK);
    assert_near(got.estimate, 1, 0);
    assert_true(isnan(got.interval.low) && isnan(got.interval.high));
    assert_true(isnan(got.standard_error));
}

static void test_plans_that_mean_nothing_are_refused(void **state)
{
    static const double values[] = { 1, 2, 3 };
    struct bootstrap_result got;

    (void)state;
    assert_int_equal(bootstrap_percentile(values, 1, statistic_mean, NULL, &usual, &got),
                     OU_INVALID);
    assert_int_equal(bootstrap_bca(values, 2, statistic_mean, NULL, &usual, &got), OU_INVALID);
    assert_int_equal(bootstrap_percentile(values, 3, statistic_mean, NULL,
                                          &(struct bootstrap_plan){ 1, 1, .95 }, &got),
                     OU_INVALID);
    assert_int_equal(bootstrap_percentile(values, 3, statistic_mean, NULL,
                                          &(struct bootstrap_plan){ 1, 100, 1 }, &got),
                     OU_INVALID);
    assert_int_equal(bootstrap_percentile(values, 3, statistic_mean, NULL,
                                          &(struct bootstrap_plan){ 1, UINT32_MAX, .95 }, &got),
                     OU_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selected_quantiles_are_those_of_the_sorted_values),
        cmocka_unit_test(test_the_resampled_median_follows_its_exact_law),
        cmocka_unit_test(test_the_interval_of_a_median_of_fifteen),
        cmocka_unit_test(test_the_resampled_mean_has_its_standard_error),
        cmocka_unit_test(test_the_seed_decides),
        cmocka_unit_test(test_the_acceleration_of_two_samples),
        cmocka_unit_test(test_the_ratio_of_city_totals),
        cmocka_unit_test(test_equal_values_have_an_interval_of_no_width),
        cmocka_unit_test(test_a_statistic_that_is_undefined_for_a_resample_has_no_interval),
        cmocka_unit_test(test_plans_that_mean_nothing_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
