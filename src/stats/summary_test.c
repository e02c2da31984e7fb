#include "stats/summary.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/near.h"
#include "support/test.h"

#define VALUES_MAX 2000

struct sample {
    double values[VALUES_MAX];
    size_t n;
};

/* Reads a file of the NIST Statistical Reference Datasets: everything up to the
 * line that introduces the data is head, then there is one number a line. */
static void read_nist(const char *name, struct sample *ret)
{
    FILE *file = fopen(shared_data(name), "r");
    char line[256];
    bool in_data = false;

    assert_non_null(file);
    ret->n = 0;
    while (fgets(line, sizeof line, file)) {
        char *end;
        double value = strtod(line, &end);

        if (strncmp(line, "Data: Y", 7) == 0 || strncmp(line, "# Data\n", 7) == 0)
            in_data = true;
        else if (in_data && end != line && ret->n < VALUES_MAX)
            ret->values[ret->n++] = value;
    }
    fclose(file);
}

/* The certified values stand in the heads of the files. */
static const struct certified {
    const char *name;
    size_t n;
    double mean, sd;
    double sd_tolerance; /* relative: what a double can give for such data */
} certified[] = {
    { "real/b-bench/nist/Lottery.txt", 218, 518.958715596330, 291.699727470969, 1e-14 },
    { "real/b-bench/nist/Michelso.txt", 100, 299.852400000000, 0.0790105478190518, 1e-12 },
    { "real/b-bench/nist/NumAcc1.txt", 3, 10000002, 1, 0 },
    { "real/b-bench/nist/NumAcc3.txt", 1001, 1000000.2, 0.1, 1e-9 },
};
#define CERTIFIED (sizeof certified / sizeof *certified)

static void test_means_and_deviations_are_the_certified_ones(void **state)
{
    static struct sample sample;

    (void)state;
    for (size_t i = 0; i < CERTIFIED; i++) {
        const struct certified *want = &certified[i];
        struct distribution got;

        read_nist(want->name, &sample);
        assert_int_equal(sample.n, want->n);
        distribution_of(sample.values, sample.n, QUANTILE_TYPE7, &got);
        assert_near(got.mean, want->mean, 1e-14 * want->mean);
        assert_near(got.sd, want->sd, want->sd_tolerance * want->sd);
    }
}

static void test_moments_of_the_certified_data_are_near(void **state)
{
    static struct sample sample;

    (void)state;
    for (size_t i = 0; i < CERTIFIED; i++) {
        const struct certified *want = &certified[i];
        struct moments got = { 0 };

        read_nist(want->name, &sample);
        for (size_t j = 0; j < sample.n; j++)
            moments_add(&got, sample.values[j]);
        assert_int_equal(got.n, want->n);
        assert_near(got.mean, want->mean, 1e-14 * want->mean);
        assert_near(moments_sd(&got), want->sd, 1e-8 * want->sd);
    }
}

static void fill(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = 100 + sin((double)i * 12.9898) * 43.75;
}

static void test_mean_and_deviation_agree_with_gsl(void **state)
{
    static double values[10000];
    struct distribution got;

    (void)state;
    fill(values, 10000);
    distribution_of(values, 10000, QUANTILE_TYPE7, &got);
    assert_near(got.mean, gsl_stats_mean(values, 1, 10000), 1e-12);
    assert_near(got.sd, gsl_stats_sd(values, 1, 10000), 1e-12);
}

static void test_values_are_left_sorted_and_described(void **state)
{
    double values[] = { 35, 50, 15, 40, 20 };
    struct distribution got;

    (void)state;
    distribution_of(values, 5, QUANTILE_TYPE7, &got);
    assert_true(values[0] == 15 && values[4] == 50);
    assert_int_equal(got.n, 5);
    assert_true(got.min == 15 && got.median == 35 && got.max == 50);
    assert_near(got.mean, 32, 1e-12);
    assert_near(got.quantiles[5], 23, 1e-12);  /* 0.3 */
    assert_near(got.quantiles[16], 48, 1e-12); /* 0.95 */
}

static void test_the_rule_decides_the_quantiles_and_the_median(void **state)
{
    double values[] = { 1, 2, 3, 4 };
    struct distribution type7, locli;

    (void)state;
    distribution_of(values, 4, QUANTILE_TYPE7, &type7);
    distribution_of(values, 4, QUANTILE_LOCLI, &locli);
    assert_true(type7.median == 2.5 && type7.quantiles[7] == 2.5);
    assert_true(locli.median == 3 && locli.quantiles[7] == 3);
}

/* {-10,2,3,4,5,6} is a test case of the Go benchmark tools; of 20 values the
 * 6th and the 15th are tabulated. */
static void test_the_median_has_its_interval(void **state)
{
    double six[] = { 6, 5, 4, 3, 2, -10 }, twenty[20];
    struct distribution got;

    (void)state;
    distribution_of(six, 6, QUANTILE_TYPE7, &got);
    assert_true(got.median == 3.5 && got.median_low == -10 && got.median_high == 6);
    for (size_t i = 0; i < 20; i++)
        twenty[i] = (double)(20 - i);
    distribution_of(twenty, 20, QUANTILE_TYPE7, &got);
    assert_true(got.median == 10.5 && got.median_low == 6 && got.median_high == 15);
    distribution_of(six, 5, QUANTILE_TYPE7, &got);
    assert_true(isnan(got.median_low) && isnan(got.median_high));
}

static void test_the_distribution_of_nothing_is_not_a_number(void **state)
{
    double nothing[1];
    struct distribution got;

    (void)state;
    distribution_of(nothing, 0, QUANTILE_TYPE7, &got);
    assert_int_equal(got.n, 0);
    assert_true(isnan(got.mean) && isnan(got.median) && isnan(got.sd));
    assert_true(isnan(got.min) && isnan(got.max));
    assert_true(isnan(got.median_low) && isnan(got.median_high));
    for (size_t i = 0; i < STANDARD_QUANTILES; i++)
        assert_true(isnan(got.quantiles[i]));
}

static void test_one_value_deviates_by_nothing(void **state)
{
    double one = 7;
    struct moments m = { 0 };
    struct distribution got;

    (void)state;
    distribution_of(&one, 1, QUANTILE_TYPE7, &got);
    assert_true(got.mean == 7 && got.median == 7 && got.sd == 0 && got.min == 7 && got.max == 7);
    assert_true(moments_sd(&m) == 0);
    moments_add(&m, 7);
    assert_true(moments_sd(&m) == 0 && m.mean == 7 && m.min == 7 && m.max == 7);
}

static void test_the_greatest_values_do_not_overflow(void **state)
{
    double values[] = { 1.5e308, 1.5e308, 1.5e308 };
    struct distribution got;

    (void)state;
    distribution_of(values, 3, QUANTILE_TYPE7, &got);
    assert_true(got.mean == 1.5e308 && got.sd == 0);
}

/* Wherever a sample is cut, merging the parts gives the moments of the whole. */
static void test_moments_merge_wherever_the_sample_is_cut(void **state)
{
    double values[50], mean, sd;

    (void)state;
    fill(values, 50);
    mean = gsl_stats_mean(values, 1, 50);
    sd = gsl_stats_sd(values, 1, 50);
    for (size_t at = 0; at <= 50; at++) {
        struct moments left = { 0 }, right = { 0 };

        for (size_t i = 0; i < 50; i++)
            moments_add(i < at ? &left : &right, values[i]);
        moments_merge(&left, &right);
        assert_int_equal(left.n, 50);
        assert_near(left.mean, mean, 1e-12);
        assert_near(moments_sd(&left), sd, 1e-12);
        assert_near(left.min, gsl_stats_min(values, 1, 50), 0);
        assert_near(left.max, gsl_stats_max(values, 1, 50), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_means_and_deviations_are_the_certified_ones),
        cmocka_unit_test(test_moments_of_the_certified_data_are_near),
        cmocka_unit_test(test_mean_and_deviation_agree_with_gsl),
        cmocka_unit_test(test_values_are_left_sorted_and_described),
        cmocka_unit_test(test_the_rule_decides_the_quantiles_and_the_median),
        cmocka_unit_test(test_the_median_has_its_interval),
        cmocka_unit_test(test_the_distribution_of_nothing_is_not_a_number),
        cmocka_unit_test(test_one_value_deviates_by_nothing),
        cmocka_unit_test(test_the_greatest_values_do_not_overflow),
        cmocka_unit_test(test_moments_merge_wherever_the_sample_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
