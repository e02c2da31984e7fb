#include "stats/planning.h"

#include <math.h>
#include <stdlib.h>

#include "stats/random.h"
#include "stats/two_samples.h"
#include "support/near.h"
#include "support/test.h"

/* The reference values without another source are those of R's power.t.test(). */

static void test_power_of_twenty_a_side(void **state)
{
    (void)state;
    assert_near(power_two_sample(20, 1, 1, .05), .868952802, 5e-10);
    assert_near(power_two_sample(20, -1, 1, .05), .868952802, 5e-10);
    assert_near(power_two_sample(20, 10, 10, .05), .868952802, 5e-10);
}

static void test_without_a_difference_half_of_the_alarms_are_of_each_direction(void **state)
{
    static const double sizes[] = { 2, 2.5, 5, 20, 1000, 1e6 };

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        assert_near(power_two_sample(sizes[i], 0, 1, .05), .025, 1e-11);
        assert_near(power_two_sample(sizes[i], 0, 1, .001), .0005, 1e-12);
    }
}

static void test_a_huge_difference_is_always_seen(void **state)
{
    (void)state;
    assert_near(power_two_sample(3, 1000, 1, .05), 1, 1e-12);
    assert_near(power_two_sample(1e6, 1, 1, .05), 1, 1e-12);
}

/* t tests of drawn values are the judges: 20,000 of four a side, deviation of the share .0035. */
static void test_power_is_what_happens(void **state)
{
    enum { SETS = 20000, N = 4 };
    struct random_stream r;
    unsigned seen = 0;

    (void)state;
    random_stream_init(&r, 4, 0);
    for (int set = 0; set < SETS; set++) {
        double mean[2], squares = 0, t;

        for (int side = 0; side < 2; side++) {
            double values[N], sum = 0;

            for (int i = 0; i < N; i++)
                sum += values[i] = 2 * side + random_normal(&r);
            mean[side] = sum / N;
            for (int i = 0; i < N; i++)
                squares += (values[i] - mean[side]) * (values[i] - mean[side]);
        }
        t = (mean[1] - mean[0]) / sqrt(squares / (2 * N - 2) * 2 / N);
        seen += t > 2.446911851144969; /* t of .975 with 6 degrees */
    }
    assert_near(power_two_sample(N, 2, 1, .05), seen / (double)SETS, .014);
}

/* R stops looking some 1e-6 beside the root; what is nearer is mpmath's. */
static void test_runs_for_a_difference_of_one_deviation(void **state)
{
    (void)state;
    assert_near(runs_for_difference(1, 1, .05, .9), 22.0210977, 1e-5);
    assert_near(runs_for_difference(1, 1, .05, .9), 22.0210955701, 1e-9);
    assert_near(runs_for_difference(-3, 3, .05, .9), 22.0210955701, 1e-9);
    assert_near(runs_for_difference(1, 1, .1, .9), 17.8471261, 1e-5); /* one-sided at 5 % */
    assert_near(runs_for_difference(1, 1, .1, .9), 17.8471206265, 1e-9);
}

/* The share of 20,000 sets of n a side, the second one delta higher, of which Welch's test says so. */
static double share_found_by_welch(size_t n, double delta, double alpha)
{
    enum { SETS = 20000, MOST = 6 };
    struct random_stream r;
    unsigned found = 0;

    random_stream_init(&r, 5, n);
    for (int set = 0; set < SETS; set++) {
        double a[MOST], b[MOST];
        struct t_test t;

        for (size_t i = 0; i < n; i++) {
            a[i] = random_normal(&r);
            b[i] = delta + random_normal(&r);
        }
        t = welch_test(&(struct two_samples){ a, n, b, n }, .95);
        found += t.p < alpha && t.difference > 0;
    }
    return found / (double)SETS;
}

static void test_welch_has_less_power_with_few_runs(void **state)
{
    static const struct {
        size_t n;
        double alpha;
    } cases[] = { { 2, .05 }, { 3, .05 }, { 3, .05 / 40 }, { 6, .05 / 40 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double n = (double)cases[i].n, alpha = cases[i].alpha;
        double delta = visible_difference(n, 1, alpha, .8), power = power_welch(n, delta, 1, alpha);

        assert_near(power, share_found_by_welch(cases[i].n, delta, alpha), .014);
        assert_true(power < .74 && power_two_sample(n, delta, 1, alpha) > .799);
    }
    assert_near(power_welch(100, .4, 1, .05), power_two_sample(100, .4, 1, .05), 1e-4);
}

static void test_runs_for_welch_are_those_that_see_the_difference(void **state)
{
    static const double runs[] = { 2, 3, 4, 5.5, 10, 40, 150 };

    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        double delta = visible_by_welch(runs[i], 3, .01, .8);

        assert_near(power_welch(runs[i], delta, 3, .01), .8, 1e-9);
        assert_near(runs_for_welch(delta, 3, .01, .8), runs[i], 1e-6);
        assert_true(delta > visible_difference(runs[i], 3, .01, .8));
    }
    assert_near(runs_for_welch(1, 1e4, .05, .8), runs_for_difference(1, 1e4, .05, .8), 0);
    assert_near(runs_for_welch(1, 0, .05, .8), 2, 0);
    assert_true(isnan(runs_for_welch(0, 1, .05, .8)));
    assert_true(isnan(visible_by_welch(1, 1, .05, .8)));
    assert_near(visible_by_welch(5, 0, .05, .8), 0, 0);
}

static const struct {
    double runs, delta;
} visible[] = {
    { 3, 3.071 },  { 4, 2.381 },  { 5, 2.024 }, { 6, 1.796 }, { 8, 1.507 },
    { 10, 1.325 }, { 15, 1.060 }, { 20, .909 }, { 30, .736 },
};

static void test_what_so_many_runs_can_see(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof visible / sizeof *visible; i++) {
        double delta = visible_difference(visible[i].runs, 1, .05, .8);

        assert_near(delta, visible[i].delta, 5e-4);
        assert_near(runs_for_difference(delta, 1, .05, .8), visible[i].runs, 1e-6);
        assert_near(visible_difference(visible[i].runs, 20, .05, .8), 20 * delta, 1e-9);
    }
}

static void test_runs_by_variation_between_runs(void **state)
{
    static const double variations[] = { .5, 1, 2, 3, 5, 7.77 }; /* percent */
    static const struct {
        double percent;
        double runs[6];
    } rows[] = {
        { 1, { 6, 17, 64, 143, 394, 949 } },
        { 2, { 3, 6, 17, 37, 100, 238 } },
        { 5, { 2, 3, 4, 7, 17, 39 } },
    };

    (void)state;
    for (size_t row = 0; row < 3; row++)
        for (size_t i = 0; i < 6; i++)
            assert_near(ceil(runs_for_difference(rows[row].percent, variations[i], .05, .8)),
                        rows[row].runs[i], 0);
}

static void test_the_ends_of_what_can_be_asked(void **state)
{
    double tiny = runs_for_difference(1e-6, 1, .05, .8);

    (void)state;
    assert_true(isnan(runs_for_difference(0, 1, .05, .8)));
    assert_true(isnan(runs_for_difference(1, NAN, .05, .8)));
    assert_true(isnan(pairs_for_difference(0, 1, .05, .8)));
    assert_true(isnan(visible_difference(1, 1, .05, .8)));
    assert_near(runs_for_difference(1, 0, .05, .8), 2, 0);
    assert_near(visible_difference(5, 0, .05, .8), 0, 0);
    assert_near(tiny / 1.5697759e13, 1, 1e-6); /* 2 (1.959964 + .841621)^2 / 10^-12 */
    /* Where the normal law takes over there is no step. */
    assert_near(runs_for_difference(1, 1500, .05, .8) / (1500.0 * 1500),
                runs_for_difference(1, 1e5, .05, .8) / 1e10, 1e-5);
}

/* R: power.t.test(type = "paired", delta = 1, sd = 1, power = .8) asks for 9.93785 pairs. */
static void test_pairs_need_fewer_runs(void **state)
{
    (void)state;
    assert_near(pairs_for_difference(1, 1, .05, .8), 9.93785, 5e-5);
}

static void test_runs_to_show_equivalence(void **state)
{
    (void)state;
    assert_near(runs_for_equivalence(2, 1), 4.28, .005);
    assert_near(runs_for_equivalence(2, 3), 38.5, .05);
    assert_true(isnan(runs_for_equivalence(0, 1)));
}

/* t of .975 with 4 degrees is 2.776445105: five values for a half width of that over sqrt 5. */
static void test_runs_for_a_precise_mean(void **state)
{
    (void)state;
    assert_near(runs_for_precision(2.776445105197794 / sqrt(5), 1), 5, 1e-9);
    assert_near(runs_for_precision(1000, 1), 2, 0);
    assert_near(runs_for_precision(1e-6, 1) / 3.8414588e12, 1, 1e-7);
    assert_true(isnan(runs_for_precision(0, 1)));
    assert_near(runs_for_precision(1, 0), 2, 0);
}

/* --- CONFIRM -------------------------------------------------------------------------------- */

/* 1001 ... 1050: the l-th of s is 1000 + 51 l / (s+1) in the mean. */
static void test_subsets_of_a_history(void **state)
{
    double population[50];

    (void)state;
    for (int i = 0; i < 50; i++)
        population[i] = 1001 + i;
    assert_int_equal(confirm_size(population, 50, .01, .95), 25);
    assert_int_equal(confirm_size(population, 50, .0075, .95), 44);
    assert_int_equal(confirm_size(population, 50, .02, .95), 6);
    assert_int_equal(confirm_size(population, 50, .005, .95), 0);
    /* At 25 the ranks are 8 and 18: the bounds 1015.692 and 1035.308 just fit. */
    assert_int_equal(confirm_size(population, 50, (1025.5 - 1015.6922) / 1025.5, .95), 25);
    assert_true(confirm_size(population, 50, (1025.5 - 1015.6924) / 1025.5, .95) > 25);
}

static void test_a_history_of_equal_values_needs_six(void **state)
{
    static const double same[] = { 7, 7, 7, 7, 7, 7, 7 };

    (void)state;
    assert_int_equal(confirm_size(same, 7, 0, .95), 6);
    assert_int_equal(confirm_size(same, 5, .1, .95), 0);
}

static void test_a_long_history_loses_no_digits(void **state)
{
    enum { N = 3000 };
    double *population = malloc(N * sizeof *population);
    size_t size;

    (void)state;
    assert_non_null(population);
    for (size_t i = 0; i < N; i++)
        population[i] = 10001 + (double)i;
    size = confirm_size(population, N, .01, .95);
    free(population);
    /* l = s/2 - .98 sqrt s: within 115 of 11500.5 from some 640 values on. */
    assert_in_range(size, 600, 700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_of_twenty_a_side),
        cmocka_unit_test(test_without_a_difference_half_of_the_alarms_are_of_each_direction),
        cmocka_unit_test(test_a_huge_difference_is_always_seen),
        cmocka_unit_test(test_power_is_what_happens),
        cmocka_unit_test(test_welch_has_less_power_with_few_runs),
        cmocka_unit_test(test_runs_for_welch_are_those_that_see_the_difference),
        cmocka_unit_test(test_runs_for_a_difference_of_one_deviation),
        cmocka_unit_test(test_what_so_many_runs_can_see),
        cmocka_unit_test(test_runs_by_variation_between_runs),
        cmocka_unit_test(test_the_ends_of_what_can_be_asked),
        cmocka_unit_test(test_pairs_need_fewer_runs),
        cmocka_unit_test(test_runs_to_show_equivalence),
        cmocka_unit_test(test_runs_for_a_precise_mean),
        cmocka_unit_test(test_subsets_of_a_history),
        cmocka_unit_test(test_a_history_of_equal_values_needs_six),
        cmocka_unit_test(test_a_long_history_loses_no_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
