#include "stats/two_samples.h"

#include "support/near.h"
#include "support/test.h"

/* The tests of the Go benchmark tools (BSD-3-Clause) and R 4.2 agree on these. */
static const double low[] = { 2, 1, 3, 4 }, high[] = { 6, 5, 7, 9 };
static const struct two_samples low_high = { low, 4, high, 4 };
static const struct two_samples high_low = { high, 4, low, 4 };

static void assert_says_nothing(struct t_test t)
{
    assert_true(isnan(t.p) && isnan(t.t) && isnan(t.difference));
    assert_false(interval_known(t.interval));
}

static void test_welch_is_that_of_r(void **state)
{
    struct t_test t = welch_test(&high_low, 0.95);

    (void)state;
    assert_near(t.difference, -4.25, 1e-15);
    assert_near(t.t, -3.970344615, 5e-10);
    assert_near(t.dof, 5.584615385, 5e-10);
    assert_near(t.p, 0.008512863, 5e-10);
    assert_near(t.interval.low, -6.917220622, 5e-10);
    assert_near(t.interval.high, -1.582779378, 5e-10);
    assert_false(t.all_equal);
}

static void test_the_difference_is_new_less_old(void **state)
{
    struct t_test forth = welch_test(&low_high, 0.95), back = welch_test(&high_low, 0.95);

    (void)state;
    assert_near(forth.difference, 4.25, 1e-15);
    assert_near(forth.t, -back.t, 0);
    assert_near(forth.p, back.p, 0);
    assert_near(forth.interval.low, -back.interval.high, 1e-14);
}

static void test_the_pooled_test_is_that_of_r(void **state)
{
    struct t_test t = pooled_test(&low_high, 0.95);

    (void)state;
    assert_near(t.p, 0.007364059, 5e-10);
    assert_near(t.dof, 6, 0);
}

/* A segment test worked out in two ways. */
static void test_two_segments(void **state)
{
    static const double before[] = { 1.00, 1.02, 1.05, .95, .98 };
    static const double after[] = { .80, .82, .85, .79, .77 };
    struct two_samples s = { after, 5, before, 5 };
    struct t_test pooled = pooled_test(&s, 0.95);

    (void)state;
    assert_near(pooled.t, 8.891975421, 5e-10);
    assert_near(pooled.p, 2.024977e-5, 5e-12);
    assert_near(welch_test(&s, 0.95).p, 2.714045e-5, 5e-12);
}

static void test_moments_say_as_much_as_values(void **state)
{
    struct t_test values = welch_test(&low_high, 0.9);
    struct t_test moments = welch_of_moments(2.5, sqrt(5.0 / 3), 4, 6.75, sqrt(35.0 / 12), 4, 0.9);

    (void)state;
    assert_near(moments.t, values.t, 1e-13);
    assert_near(moments.p, values.p, 1e-14);
    assert_near(moments.interval.low, values.interval.low, 1e-13);
    assert_near(moments.interval.high, values.interval.high, 1e-13);
}

/* .1 summed three times and divided by three is not .1: the mean must not make a variance. */
static void test_equal_values_have_no_doubt_and_no_division_by_zero(void **state)
{
    static const double same[] = { .1, .1, .1, .1, .1, .1, .1 };
    struct two_samples s = { same, 3, same, 7 };
    struct t_test tests[] = { welch_test(&s, 0.95), pooled_test(&s, 0.95),
                              welch_of_moments(.1, 0, 3, .1, 0, 7, 0.95) };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(tests[i].all_equal);
        assert_near(tests[i].p, 1, 0);
        assert_near(tests[i].t, 0, 0);
        assert_near(tests[i].interval.low, 0, 0);
        assert_near(tests[i].interval.high, 0, 0);
    }
    assert_near(cohens_d(&s), 0, 0);
}

static void test_a_difference_of_constants_is_certain(void **state)
{
    static const double ones[] = { .1, .1, .1 }, twos[] = { .3, .3, .3 };
    struct t_test t = welch_test(&(struct two_samples){ twos, 3, ones, 3 }, 0.95);

    (void)state;
    assert_false(t.all_equal);
    assert_near(t.p, 0, 0);
    assert_true(isinf(t.t) && t.t < 0);
    assert_near(t.interval.low, t.interval.high, 0);
    assert_near(t.interval.low, .1 - .3, 0);
    assert_true(isnan(cohens_d(&(struct two_samples){ twos, 3, ones, 3 })));
}

static void test_too_few_values_say_nothing(void **state)
{
    (void)state;
    assert_says_nothing(welch_test(&(struct two_samples){ low, 1, high, 4 }, 0.95));
    assert_says_nothing(welch_test(&(struct two_samples){ low, 4, high, 1 }, 0.95));
    assert_says_nothing(welch_test(&(struct two_samples){ low, 0, high, 0 }, 0.95));
    assert_says_nothing(pooled_test(&(struct two_samples){ low, 1, high, 1 }, 0.95));
    assert_says_nothing(pooled_test(&(struct two_samples){ low, 0, high, 4 }, 0.95));
    assert_says_nothing(welch_of_moments(1, 1, 1, 2, 1, 4, 0.95));
    assert_says_nothing(welch_of_moments(1, NAN, 4, 2, 1, 4, 0.95));
    assert_true(isnan(cohens_d(&(struct two_samples){ low, 1, high, 1 })));
    assert_true(isnan(hedges_g(&(struct two_samples){ low, 0, high, 4 })));
}

/* One value a side has no deviation, but the other side's may stand for both. */
static void test_the_pooled_test_takes_a_single_value(void **state)
{
    static const double single[] = { 10 };
    struct t_test t = pooled_test(&(struct two_samples){ single, 1, low, 4 }, 0.95);

    (void)state;
    assert_near(t.difference, -7.5, 1e-15);
    assert_near(t.se, sqrt(5.0 / 3 * 1.25), 1e-15);
    assert_near(t.dof, 3, 0);
}

static void test_effects_in_deviations(void **state)
{
    (void)state;
    assert_near(cohens_d(&low_high), 2.807457601, 5e-10);
    assert_near(hedges_g(&low_high), 2.441267479, 5e-10);
    assert_near(cohens_d(&high_low), -2.807457601, 5e-10);
}

static void test_effects_in_words(void **state)
{
    static const struct {
        double delta;
        const char *word;
    } cases[] = { { 0, "negligible" }, { .1469, "negligible" }, { -.147, "small" },
                  { .3299, "small" },  { .33, "medium" },       { -.4739, "medium" },
                  { .474, "large" },   { -1, "large" },         { NAN, "unknown" } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(cliffs_word(cases[i].delta), cases[i].word);
}

static void test_the_ratio_of_means_by_fieller(void **state)
{
    struct interval ratio = fieller_ratio(100, 5, 90, 4);

    (void)state;
    assert_near(ratio.low, .841930080, 5e-10);
    assert_near(ratio.high, .962581199, 5e-10);
}

/* h = t SE: an interval of both ends is also where |b - R a| = t SE(b - R a). */
static void test_the_ends_of_fieller_solve_its_equation(void **state)
{
    struct interval ratio = fieller_ratio(-3, .4, 7, 2);
    double ends[] = { ratio.low, ratio.high };

    (void)state;
    assert_true(ratio.low < -7.0 / 3 && -7.0 / 3 < ratio.high);
    for (size_t i = 0; i < 2; i++)
        assert_near(fabs(7 + 3 * ends[i]), hypot(2, .4 * ends[i]), 1e-12);
}

static void test_no_ratio_to_what_may_be_zero(void **state)
{
    (void)state;
    assert_false(interval_known(fieller_ratio(5, 5, 90, 4)));
    assert_false(interval_known(fieller_ratio(0, 0, 90, 4)));
    assert_false(interval_known(fieller_ratio(-1, 2, 90, 4)));
    assert_false(interval_known(fieller_ratio(NAN, 2, 90, 4)));
    assert_false(interval_known(fieller_ratio(4, 1, 90, NAN)));
    assert_near(fieller_ratio(4, 0, 2, 0).low, .5, 0);
    assert_near(fieller_ratio(4, 0, 2, 0).high, .5, 0);
}

static void test_the_ratio_of_geometric_means(void **state)
{
    struct ratio_estimate r = geometric_ratio(&low_high, 0.95);

    (void)state;
    assert_near(r.ratio, 2.978946068, 5e-10);
    assert_near(r.interval.low, 1.207117027, 5e-10);
    assert_near(r.interval.high, 7.351499048, 5e-9);
}

static void test_no_geometric_mean_of_what_is_not_positive(void **state)
{
    static const double zero[] = { 1, 0, 2 };
    struct ratio_estimate r = geometric_ratio(&(struct two_samples){ low, 4, zero, 3 }, 0.95);

    (void)state;
    assert_true(isnan(r.ratio));
    assert_false(interval_known(r.interval));
    assert_true(isnan(geometric_ratio(&(struct two_samples){ zero, 3, low, 4 }, 0.95).ratio));
    assert_true(isnan(geometric_ratio(&(struct two_samples){ low, 1, low, 4 }, 0.95).ratio));
    assert_true(isnan(geometric_ratio(&(struct two_samples){ low, 0, low, 0 }, 0.95).ratio));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_welch_is_that_of_r),
        cmocka_unit_test(test_the_difference_is_new_less_old),
        cmocka_unit_test(test_the_pooled_test_is_that_of_r),
        cmocka_unit_test(test_two_segments),
        cmocka_unit_test(test_moments_say_as_much_as_values),
        cmocka_unit_test(test_equal_values_have_no_doubt_and_no_division_by_zero),
        cmocka_unit_test(test_a_difference_of_constants_is_certain),
        cmocka_unit_test(test_too_few_values_say_nothing),
        cmocka_unit_test(test_the_pooled_test_takes_a_single_value),
        cmocka_unit_test(test_effects_in_deviations),
        cmocka_unit_test(test_effects_in_words),
        cmocka_unit_test(test_the_ratio_of_means_by_fieller),
        cmocka_unit_test(test_the_ends_of_fieller_solve_its_equation),
        cmocka_unit_test(test_no_ratio_to_what_may_be_zero),
        cmocka_unit_test(test_the_ratio_of_geometric_means),
        cmocka_unit_test(test_no_geometric_mean_of_what_is_not_positive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
