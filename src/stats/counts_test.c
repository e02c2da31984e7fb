#include "stats/counts.h"

#include "stats/laws.h"
#include "stats/random.h"
#include "support/near.h"
#include "support/test.h"

/* R's help of poisson.test: 11 cases in 800, 21 in 3011 (thousand person-years). */
static void test_two_rates_as_r_compares_them(void **state)
{
    struct rate_ratio r = rate_ratio(21, 3011, 11, 800, 0.95);

    (void)state;
    assert_near(r.ratio, 1.971488095, 5e-10);
    assert_near(r.p, .079668633, 5e-10);
    assert_near(r.interval.low, .858426403, 5e-10);
    assert_near(r.interval.high, 4.277265944, 5e-10);
}

static void test_the_sides_may_be_turned(void **state)
{
    struct rate_ratio forth = rate_ratio(21, 3011, 11, 800, 0.95);
    struct rate_ratio back = rate_ratio(11, 800, 21, 3011, 0.95);

    (void)state;
    assert_near(back.ratio, 1 / forth.ratio, 1e-14);
    assert_near(back.p, forth.p, 1e-13);
    assert_near(back.interval.low, 1 / forth.interval.high, 1e-12);
    assert_near(back.interval.high, 1 / forth.interval.low, 1e-12);
}

/* Every outcome that is not likelier, summed. */
static double p_by_definition(unsigned c, unsigned n, double share)
{
    double seen = binomial_pmf(c, share, n), sum = 0;

    for (unsigned k = 0; k <= n; k++)
        if (binomial_pmf(k, share, n) <= seen * (1 + 1e-7))
            sum += binomial_pmf(k, share, n);
    return fmin(1, sum);
}

static void test_p_is_the_sum_of_all_that_is_not_likelier(void **state)
{
    static const double exposures[] = { .001, .3, 1, 1.5, 7, 4000 };

    (void)state;
    for (size_t e = 0; e < sizeof exposures / sizeof *exposures; e++)
        for (unsigned n = 0; n < 24; n++)
            for (unsigned c = 0; c <= n; c++)
                assert_near(rate_ratio(n - c, 1, c, exposures[e], 0.95).p,
                            p_by_definition(c, n, exposures[e] / (1 + exposures[e])), 1e-12);
}

static void test_large_counts_are_normal(void **state)
{
    struct rate_ratio r = rate_ratio(1000000, 1, 1004000, 1, 0.95);
    double z = (4000 - 1) / sqrt(2004000);

    (void)state;
    assert_near(r.p, 2 * normal_cdf(-z), 1e-6);
    assert_near(log(r.interval.high / r.interval.low), 2 * 1.959964 * sqrt(2 / 1002000.0), 5e-6);
    r = rate_ratio(900000000, 1, 900000000, 1, 0.95);
    assert_near(r.p, 1, 0);
    assert_near(log(r.interval.high / r.interval.low), 2 * 1.959964 * sqrt(2 / 9e8), 1e-6);
}

static void test_far_apart_counts_have_a_p_above_zero(void **state)
{
    struct rate_ratio r = rate_ratio(0, 1, 300, 1, 0.95);

    (void)state;
    assert_near(r.p / (2 * pow(.5, 300)), 1, 1e-10);
}

static void test_none_on_a_side(void **state)
{
    struct rate_ratio no_old = rate_ratio(0, 10, 3, 10, 0.95);
    struct rate_ratio no_new = rate_ratio(3, 10, 0, 10, 0.95);
    struct rate_ratio none = rate_ratio(0, 10, 0, 10, 0.95);

    (void)state;
    assert_true(isnan(no_old.ratio));
    assert_near(no_old.p, .25, 1e-15);
    assert_true(no_old.interval.low > 0 && isinf(no_old.interval.high));
    assert_near(no_new.ratio, 0, 0);
    assert_near(no_new.interval.low, 0, 0);
    assert_near(no_new.interval.high, 1 / no_old.interval.low, 1e-10);
    assert_true(isnan(none.ratio));
    assert_near(none.p, 1, 0);
    assert_near(none.interval.low, 0, 0);
    assert_true(isinf(none.interval.high));
}

static void test_what_was_not_exposed_has_no_rate(void **state)
{
    static const double bad[] = { 0, -1, NAN, INFINITY };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_true(isnan(rate_ratio(1, bad[i], 1, 1, 0.95).p));
        assert_true(isnan(rate_ratio(1, 1, 1, bad[i], 0.95).ratio));
        assert_false(interval_known(rate_ratio(1, bad[i], 1, 1, 0.95).interval));
        assert_false(interval_known(rate_interval(3, bad[i], 0.95)));
    }
    assert_true(isnan(rate_ratio(UINT64_MAX, 1, UINT64_MAX, 1, 0.95).p));
}

/* R: poisson.test(10)$conf.int is 4.795389 18.390356; poisson.test(0) has 0 and -ln .025. */
static void test_the_interval_of_a_rate(void **state)
{
    struct interval ten = rate_interval(10, 1, 0.95), none = rate_interval(0, 2, 0.95);

    (void)state;
    assert_near(ten.low, 4.795389, 5e-7);
    assert_near(ten.high, 18.390356, 5e-7);
    assert_near(none.low, 0, 0);
    assert_near(none.high, -log(.025) / 2, 1e-12);
    for (double count = 1; count < 1e15; count *= 3.7) { /* large counts are normal */
        struct interval i = rate_interval((uint64_t)count, 1, 0.95);

        assert_near((i.high - i.low) / (2 * 1.959964 * sqrt(floor(count))), 1,
                    1.2 / sqrt(count) + 2e-7);
    }
}

static void test_another_leader_near_by(void **state)
{
    (void)state;
    assert_near(leader_within(.05, 1), .05, 1e-15);
    assert_near(leader_within(.05, 2), .0975, 1e-15);
    assert_near(leader_within(.05, 3), .142625, 1e-15);
    assert_near(leader_within(.05, 5), .226219, 5e-7);
    assert_near(leader_within(.05, 0), 0, 0);
}

static void test_dispersion(void **state)
{
    static const uint64_t even[] = { 9, 11, 10, 8, 12, 10 }, wild[] = { 0, 40, 2, 0, 31, 1 };
    static const double exposures[] = { 1, 1, 1, 1, 1, 1 };

    (void)state;
    /* squares 1 1 0 4 4 0 over mean 10: chi squared 1 with 5 degrees of freedom */
    assert_near(dispersion_test(even, exposures, 6).index, .2, 1e-15);
    assert_near(dispersion_test(even, exposures, 6).p, .962566, 5e-7);
    assert_true(dispersion_test(wild, exposures, 6).index > 10);
    assert_true(dispersion_test(wild, exposures, 6).p < 1e-6);
}

static void test_dispersion_heeds_the_exposures(void **state)
{
    static const uint64_t counts[] = { 10, 20, 40 };
    static const double exposures[] = { 100, 200, 400 };

    (void)state;
    assert_near(dispersion_test(counts, exposures, 3).index, 0, 1e-15);
    assert_near(dispersion_test(counts, exposures, 3).p, 1, 0);
}

static void test_dispersion_of_nothing(void **state)
{
    static const uint64_t none[] = { 0, 0, 0 };
    static const double exposures[] = { 1, 1, 1 };

    (void)state;
    assert_true(isnan(dispersion_test(none, exposures, 3).p));
    assert_true(isnan(dispersion_test((uint64_t[]){ 3 }, exposures, 1).index));
    assert_true(isnan(dispersion_test(none, exposures, 0).p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_rates_as_r_compares_them),
        cmocka_unit_test(test_the_sides_may_be_turned),
        cmocka_unit_test(test_p_is_the_sum_of_all_that_is_not_likelier),
        cmocka_unit_test(test_large_counts_are_normal),
        cmocka_unit_test(test_far_apart_counts_have_a_p_above_zero),
        cmocka_unit_test(test_none_on_a_side),
        cmocka_unit_test(test_what_was_not_exposed_has_no_rate),
        cmocka_unit_test(test_the_interval_of_a_rate),
        cmocka_unit_test(test_another_leader_near_by),
        cmocka_unit_test(test_dispersion),
        cmocka_unit_test(test_dispersion_heeds_the_exposures),
        cmocka_unit_test(test_dispersion_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
