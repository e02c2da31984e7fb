#include "stats/quantile.h"

#include <float.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "support/near.h"
#include "support/test.h"

/* The sample of the textbook example on percentiles, R's quantile() documentation. */
static const double five[] = { 15, 20, 35, 40, 50 };

static double of_five(double p, enum quantile_rule rule)
{
    return quantile_sorted(five, 5, p, rule);
}

static void test_type_7_is_what_R_says(void **state)
{
    (void)state;
    assert_near(of_five(.30, QUANTILE_TYPE7), 23, 1e-12);
    assert_near(of_five(.40, QUANTILE_TYPE7), 29, 1e-12);
    assert_near(of_five(.95, QUANTILE_TYPE7), 48, 1e-12);
}

static void test_type_8_is_what_the_Go_benchmark_tools_say(void **state)
{
    (void)state;
    assert_near(of_five(.30, QUANTILE_TYPE8), 19.66666667, 5e-9);
    assert_near(of_five(.40, QUANTILE_TYPE8), 27, 1e-12);
    assert_near(of_five(.95, QUANTILE_TYPE8), 50, 0);
}

static void test_the_locli_rank_takes_an_element_as_it_is(void **state)
{
    static const double even[] = { 1, 2, 3, 4 };

    (void)state;
    assert_near(of_five(.5, QUANTILE_LOCLI), 35, 0);
    assert_near(of_five(.9, QUANTILE_LOCLI), 50, 0);
    assert_near(of_five(1, QUANTILE_LOCLI), 50, 0);
    assert_near(of_five(0, QUANTILE_LOCLI), 15, 0);
    assert_near(quantile_sorted(even, 4, .5, QUANTILE_LOCLI), 3, 0);
}

static void test_every_rule_gives_the_extremes_at_0_and_1(void **state)
{
    (void)state;
    for (enum quantile_rule rule = QUANTILE_TYPE7; rule <= QUANTILE_LOCLI; rule++) {
        assert_near(of_five(0, rule), 15, 0);
        assert_near(of_five(1, rule), 50, 0);
    }
}

static void test_one_value_is_all_its_quantiles(void **state)
{
    double one = 0.1;

    (void)state;
    for (enum quantile_rule rule = QUANTILE_TYPE7; rule <= QUANTILE_LOCLI; rule++)
        for (size_t i = 0; i < STANDARD_QUANTILES; i++)
            assert_true(quantile_sorted(&one, 1, standard_quantiles[i], rule) == one);
}

/* GSL's own type 7 is the oracle, on samples of many sizes. */
static void test_type_7_agrees_with_gsl(void **state)
{
    double values[257];

    (void)state;
    for (size_t i = 0; i < 257; i++)
        values[i] = sqrt((double)i) - 3;
    for (size_t n = 1; n <= 257; n += 16)
        for (size_t i = 0; i < STANDARD_QUANTILES; i++) {
            double p = standard_quantiles[i];

            assert_near(quantile_sorted(values, n, p, QUANTILE_TYPE7),
                        gsl_stats_quantile_from_sorted_data(values, 1, n, p), 1e-14);
        }
}

static void test_a_constant_sample_has_constant_quantiles(void **state)
{
    double same[7] = { .1, .1, .1, .1, .1, .1, .1 };

    (void)state;
    for (int percent = 0; percent <= 100; percent++) {
        assert_true(quantile_sorted(same, 7, percent / 100.0, QUANTILE_TYPE7) == .1);
        assert_true(quantile_sorted(same, 7, percent / 100.0, QUANTILE_TYPE8) == .1);
    }
}

static void test_neighbours_far_apart_do_not_overflow(void **state)
{
    static const double extremes[] = { -DBL_MAX, DBL_MAX };

    (void)state;
    assert_near(quantile_sorted(extremes, 2, .5, QUANTILE_TYPE7), 0, 0);
}

static void test_the_rules_have_names(void **state)
{
    (void)state;
    assert_string_equal(quantile_rule_name(QUANTILE_TYPE7), "type 7");
    assert_string_equal(quantile_rule_name(QUANTILE_TYPE8), "type 8");
    assert_string_equal(quantile_rule_name(QUANTILE_LOCLI), "locli rank");
}

static void test_the_standard_fractions_ascend_from_0_to_1(void **state)
{
    (void)state;
    assert_true(standard_quantiles[0] == 0 && standard_quantiles[STANDARD_QUANTILES - 1] == 1);
    for (size_t i = 1; i < STANDARD_QUANTILES; i++)
        assert_true(standard_quantiles[i - 1] < standard_quantiles[i]);
    assert_true(adoption_fractions[0] == .5 && adoption_fractions[ADOPTION_FRACTIONS - 1] == 1);
    for (size_t i = 1; i < ADOPTION_FRACTIONS; i++)
        assert_true(adoption_fractions[i - 1] < adoption_fractions[i]);
}

static void test_the_band_of_a_whole_distribution(void **state)
{
    (void)state;
    assert_near(dkw_half_width(20, .05), .303681, 5e-7);
    assert_near(dkw_half_width(100, .05), .135810, 5e-7);
    assert_near(dkw_half_width(1000, .05), .042947, 5e-7);
}

/* Tabulated ranks of the order-statistic interval at 95 %; the row of 6 is also
 * a test case of the Go benchmark tools. */
static const struct {
    size_t n;
    double p;
    size_t l, u;
    double coverage;
} intervals[] = {
    { 6, .5, 1, 6, .96875 },          { 8, .5, 1, 8, .992188 },
    { 10, .5, 2, 9, .978516 },        { 15, .5, 4, 12, .964844 },
    { 20, .5, 6, 15, .958611 },       { 50, .5, 18, 33, .967161 },
    { 100, .5, 40, 61, .964800 },     { 100, .9, 84, 96, .955690 },
    { 200, .95, 184, 197, .967152 },  { 500, .99, 490, 500, .980186 },
    { 1000, .99, 983, 997, .976095 },
};

static void test_intervals_of_quantiles_are_the_tabulated_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        struct quantile_ranks got = quantile_interval(intervals[i].n, intervals[i].p, .95);

        assert_int_equal(got.l, intervals[i].l);
        assert_int_equal(got.u, intervals[i].u);
        assert_near(got.coverage, intervals[i].coverage, 5e-7);
    }
}

static void test_too_few_values_leave_the_interval_unbounded(void **state)
{
    struct quantile_ranks five_values = quantile_interval(5, .5, .95);
    struct quantile_ranks none = quantile_interval(0, .5, .95);
    struct quantile_ranks high = quantile_interval(20, .99, .95);

    (void)state;
    assert_int_equal(five_values.l, 0);
    assert_int_equal(five_values.u, 6);
    assert_near(five_values.coverage, 1, 0);
    assert_int_equal(none.l, 0);
    assert_int_equal(none.u, 1);
    assert_true(high.l >= 1); /* bounded below, not above */
    assert_int_equal(high.u, 21);
}

static void test_quantiles_0_and_1_have_no_bounded_interval(void **state)
{
    struct quantile_ranks least = quantile_interval(100, 0, .95);
    struct quantile_ranks greatest = quantile_interval(100, 1, .95);

    (void)state;
    assert_int_equal(least.l, 0);
    assert_int_equal(greatest.u, 101);
    assert_true(quantile_interval_min_n(0, .95) == SIZE_MAX);
    assert_true(quantile_interval_min_n(1, .95) == SIZE_MAX);
}

/* At this size the ranks are those of the normal law, 1.959964 standard
 * deviations of 0.5 sqrt(n) from the middle. GSL's binomial law is NaN around
 * the middle here, and counts in 32 bits. */
static void test_intervals_of_huge_samples_follow_the_normal_law(void **state)
{
    size_t sizes[] = { 3300000, 100000000, (size_t)5000000000 };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        double n = (double)sizes[i];
        struct quantile_ranks got = quantile_interval(sizes[i], .5, .95);
        double off = 1.959964 * sqrt(n) / 2;

        assert_near((double)got.l, n / 2 - off, 1 + 1e-6 * off);
        assert_near((double)got.u, n / 2 + off + 1, 1 + 1e-6 * off);
        assert_near(got.coverage, .95, .0005);
    }
}

static void test_confidence_near_0_still_has_ranks_in_order(void **state)
{
    struct quantile_ranks got = quantile_interval(3300000, .5, .0001);

    (void)state;
    assert_true(got.l >= 1649999 && got.l < got.u && got.u <= 1650002);
}

static void test_the_least_sample_with_a_bounded_interval(void **state)
{
    (void)state;
    assert_int_equal(quantile_interval_min_n(.5, .95), 6);
    assert_int_equal(quantile_interval_min_n(.5, .99), 8);
    /* At 90 % each tail is 5 %: ceil(ln .05 / ln q). */
    assert_int_equal(quantile_interval_min_n(.5, .90), 5);
    assert_int_equal(quantile_interval_min_n(.9, .90), 29);
    assert_int_equal(quantile_interval_min_n(.95, .90), 59);
    assert_int_equal(quantile_interval_min_n(.99, .90), 299);
    assert_int_equal(quantile_interval_min_n(.001, .90), 2995);
}

static void test_one_value_fewer_is_not_bounded(void **state)
{
    (void)state;
    for (int percent = 5; percent < 100; percent += 5) {
        double p = percent / 100.0;
        size_t n = quantile_interval_min_n(p, .95);
        struct quantile_ranks enough = quantile_interval(n, p, .95);
        struct quantile_ranks fewer = quantile_interval(n - 1, p, .95);

        assert_true(enough.l >= 1 && enough.u <= n && enough.coverage >= .95);
        assert_true(fewer.l == 0 || fewer.u == n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_type_7_is_what_R_says),
        cmocka_unit_test(test_type_8_is_what_the_Go_benchmark_tools_say),
        cmocka_unit_test(test_the_locli_rank_takes_an_element_as_it_is),
        cmocka_unit_test(test_every_rule_gives_the_extremes_at_0_and_1),
        cmocka_unit_test(test_one_value_is_all_its_quantiles),
        cmocka_unit_test(test_type_7_agrees_with_gsl),
        cmocka_unit_test(test_a_constant_sample_has_constant_quantiles),
        cmocka_unit_test(test_neighbours_far_apart_do_not_overflow),
        cmocka_unit_test(test_the_rules_have_names),
        cmocka_unit_test(test_the_standard_fractions_ascend_from_0_to_1),
        cmocka_unit_test(test_the_band_of_a_whole_distribution),
        cmocka_unit_test(test_intervals_of_quantiles_are_the_tabulated_ones),
        cmocka_unit_test(test_too_few_values_leave_the_interval_unbounded),
        cmocka_unit_test(test_quantiles_0_and_1_have_no_bounded_interval),
        cmocka_unit_test(test_intervals_of_huge_samples_follow_the_normal_law),
        cmocka_unit_test(test_confidence_near_0_still_has_ranks_in_order),
        cmocka_unit_test(test_the_least_sample_with_a_bounded_interval),
        cmocka_unit_test(test_one_value_fewer_is_not_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
