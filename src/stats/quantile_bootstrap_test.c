#include "stats/quantile_bootstrap.h"

#include <math.h>

#include "stats/mean.h"
#include "stats/quantile.h"
#include "stats/sort.h"
#include "support/test.h"

enum { DRAWS = 100000 };

/* The law of the median of five values drawn from five: how often each is it, from the binomial law. */
static void test_the_median_of_five_follows_the_exact_law(void **state)
{
    static const double values[] = { 0, 1, 2, 3, 4 };
    static const double wanted[] = { .05792, .25952, .36512, .25952, .05792 };
    const struct sorted_run run = { values, 5, 5 };
    size_t counts[5] = { 0 };
    struct random_stream random;

    (void)state;
    random_stream_init(&random, 1, 0);
    for (int i = 0; i < DRAWS; i++)
        counts[(size_t)resampled_quantile(&random, &run, .5)]++;
    for (int i = 0; i < 5; i++) {
        double sd = sqrt(wanted[i] * (1 - wanted[i]) / DRAWS);

        assert_true(fabs((double)counts[i] / DRAWS - wanted[i]) < 4 * sd);
    }
}

/* The type 7 quantile of a sample drawn value by value. */
static double drawn_quantile(struct random_stream *random, const struct sorted_run *run, size_t m,
                             double p)
{
    double drawn[32];

    for (size_t i = 0; i < m; i++)
        drawn[i] = run->values[random_below(random, (uint32_t)run->n)];
    sort_doubles(allocator_libc(), drawn, m);
    return quantile_sorted(drawn, m, p, QUANTILE_TYPE7);
}

/* Between two order statistics, and with fewer values drawn than there are. */
static void test_it_is_the_law_of_drawing_value_by_value(void **state)
{
    static const double values[] = { 1, 2, 4, 7, 8, 8, 9, 13, 21, 22, 40, 41 };
    static const struct {
        double p;
        size_t m;
    } cases[] = { { .5, 12 }, { .9, 12 }, { .25, 7 }, { .99, 12 }, { .5, 2 }, { .5, 1 } };
    static double fast[DRAWS], slow[DRAWS];

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const struct sorted_run run = { values, 12, (double)cases[c].m };
        struct random_stream random;
        double sd;

        random_stream_init(&random, 2, c);
        for (int i = 0; i < DRAWS; i++) {
            fast[i] = resampled_quantile(&random, &run, cases[c].p);
            slow[i] = drawn_quantile(&random, &run, cases[c].m, cases[c].p);
        }
        sd = sqrt((variance_of(fast, DRAWS) + variance_of(slow, DRAWS)) / DRAWS);
        assert_true(fabs(mean_of(fast, DRAWS) - mean_of(slow, DRAWS)) < 4 * sd);
        assert_true(fabs(sqrt(variance_of(fast, DRAWS)) / sqrt(variance_of(slow, DRAWS)) - 1) <
                    .02);
    }
}

/* The ideal bootstrap of the median of 15 reaches from the 4th to the 12th value; a simulation may land one off. */
static void test_runs_that_are_alike_leave_the_spread_within_them(void **state)
{
    static const double values[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
    const struct sorted_run runs[] = { { values, 15, 15 }, { values, 15, 15 }, { values, 15, 15 } };
    const struct bootstrap_plan plan = { 7, 10000, .95 };
    struct bootstrap_result result, again;
    double one_run;

    (void)state;
    assert_int_equal(quantile_bootstrap(runs, 2, .5, &plan, &result), OU_INVALID);
    assert_int_equal(quantile_bootstrap(runs, 3, .5, &plan, &result), OU_OK);
    assert_true(result.estimate == 8);
    /* Variance of one run's resampled median: sum over k of k^2 P(k) - 64, from the law: 3.39216. */
    one_run = sqrt(3.39216 / 3);
    assert_true(fabs(result.standard_error / one_run - 1) < .05);
    assert_true(result.interval.low > 8 - 2.4 * one_run && result.interval.low < 8);
    assert_true(result.interval.high < 8 + 2.4 * one_run && result.interval.high > 8);
    assert_int_equal(quantile_bootstrap(runs, 3, .5, &plan, &again), OU_OK);
    assert_true(again.interval.low == result.interval.low &&
                again.interval.high == result.interval.high);
}

/* Runs of 50 values whose own means scatter; the truth is 0. */
static bool interval_covers(struct random_stream *random, size_t count, uint64_t seed)
{
    enum { VALUES = 50, RUNS_MAX = 10 };
    const struct bootstrap_plan plan = { seed, 200, .95 };
    double values[RUNS_MAX][VALUES];
    struct sorted_run runs[RUNS_MAX];
    struct bootstrap_result result;

    for (size_t i = 0; i < count; i++) {
        double middle = random_normal(random);

        for (size_t k = 0; k < VALUES; k++)
            values[i][k] = middle + random_normal(random);
        sort_doubles(allocator_libc(), values[i], VALUES);
        runs[i] = (struct sorted_run){ values[i], VALUES, VALUES };
    }
    assert_int_equal(quantile_bootstrap(runs, count, .5, &plan, &result), OU_OK);
    return result.interval.low <= 0 && result.interval.high >= 0;
}

/* The ends of a plain bootstrap cover 79 % with 3 runs. */
static void test_few_runs_are_covered_as_promised(void **state)
{
    enum { SETS = 1000 };
    static const size_t sizes[] = { 3, 5, 10 };
    struct random_stream random;

    (void)state;
    random_stream_init(&random, 3, 0);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int covered = 0;

        for (uint64_t i = 0; i < SETS; i++)
            covered += interval_covers(&random, sizes[s], i);
        assert_in_range(covered, SETS * 93 / 100, SETS * 97 / 100);
    }
}

static void test_plans_that_mean_nothing_are_refused(void **state)
{
    static const double value = 1;
    const struct sorted_run runs[] = { { &value, 1, 1 }, { &value, 1, 1 }, { &value, 1, 1 } };
    struct bootstrap_result result;

    (void)state;
    assert_int_equal(
        quantile_bootstrap(runs, 3, .5, &(struct bootstrap_plan){ 1, 1, .95 }, &result),
        OU_INVALID);
    assert_int_equal(
        quantile_bootstrap(runs, 3, .5, &(struct bootstrap_plan){ 1, 100, 1 }, &result),
        OU_INVALID);
    assert_int_equal(
        quantile_bootstrap(runs, 3, .5, &(struct bootstrap_plan){ 1, UINT32_MAX, .95 }, &result),
        OU_TOO_LARGE);
    assert_int_equal(
        quantile_bootstrap(runs, 3, .5, &(struct bootstrap_plan){ 1, 100, .95 }, &result), OU_OK);
    assert_true(result.interval.low == 1 && result.interval.high == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_median_of_five_follows_the_exact_law),
        cmocka_unit_test(test_it_is_the_law_of_drawing_value_by_value),
        cmocka_unit_test(test_runs_that_are_alike_leave_the_spread_within_them),
        cmocka_unit_test(test_few_runs_are_covered_as_promised),
        cmocka_unit_test(test_plans_that_mean_nothing_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
