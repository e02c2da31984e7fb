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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_median_of_five_follows_the_exact_law),
        cmocka_unit_test(test_it_is_the_law_of_drawing_value_by_value),
        cmocka_unit_test(test_runs_that_are_alike_leave_the_spread_within_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
