#include "stats/paired.h"

#include <stdlib.h>

#include "stats/random.h"
#include "support/near.h"
#include "support/test.h"

/* Hollander and Wolfe 1973: depression scale factors of nine patients, at the first and second
 * visit; from the help of R's wilcox.test, which says V = 40, one-sided p = .01953. */
static const double first[] = { 1.83, .50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30 };
static const double second[] = { .878, .647, .598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29 };

static void test_paired_t_is_that_of_r(void **state)
{
    static const double old[] = { 6, 5, 7, 9 }, new[] = { 2, 1, 3, 4 };
    struct t_test t = paired_t(old, new, 4, 0.95);

    (void)state;
    assert_near(t.difference, -4.25, 1e-15);
    assert_near(t.t, -17, 1e-12);
    assert_near(t.dof, 3, 0);
    assert_near(t.p, .000443344, 5e-10);
    assert_near(t.interval.low, -4.25 - 3.182446305284264 * .25, 1e-12);
    assert_near(t.interval.high, -4.25 + 3.182446305284264 * .25, 1e-12);
}

static void test_pairs_that_do_not_differ(void **state)
{
    struct t_test t = paired_t(first, first, 9, 0.95);
    double zeros[9] = { 0 };
    struct signed_rank ranks = wilcoxon_signed_rank(zeros, 9, 0.95);

    (void)state;
    assert_true(t.all_equal);
    assert_near(t.p, 1, 0);
    assert_near(ranks.p, 1, 0);
    assert_int_equal(ranks.n, 0);
    assert_near(ranks.w, 0, 0);
    assert_near(ranks.shift, 0, 0);
    assert_near(paired_ratio(first, first, 9, 0.95).ratio, 1, 0);
}

static void test_too_few_pairs_say_nothing(void **state)
{
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        assert_true(isnan(paired_t(first, second, n, 0.95).p));
        assert_true(isnan(paired_ratio(first, second, n, 0.95).ratio));
    }
    assert_true(isnan(wilcoxon_signed_rank(first, 0, 0.95).p));
    assert_near(wilcoxon_signed_rank(first, 1, 0.95).p, 1, 0);
    assert_false(interval_known(wilcoxon_signed_rank(first, 5, 0.95).interval)); /* 2/32 */
    assert_true(interval_known(wilcoxon_signed_rank(first, 6, 0.95).interval));
}

/* Logarithms turn ratios into differences: new = 3 old, give or take. */
static void test_the_ratio_of_pairs(void **state)
{
    static const double old[] = { 1, 10, 100 }, new[] = { 3 * M_E, 30, 300 / M_E };
    struct ratio_estimate r = paired_ratio(old, new, 3, 0.95);
    double half = 4.302652729749462 / sqrt(3); /* the log ratios have deviation 1 */

    (void)state;
    assert_near(r.ratio, 3, 1e-13);
    assert_near(r.interval.low, 3 * exp(-half), 1e-12);
    assert_near(r.interval.high, 3 * exp(half), 1e-10);
    assert_true(isnan(paired_ratio(old, (double[]){ 1, 0, 1 }, 3, 0.95).ratio));
    assert_true(isnan(paired_ratio((double[]){ 1, -1, 1 }, old, 3, 0.95).ratio));
}

static struct signed_rank of_patients(double confidence)
{
    double differences[9];

    for (size_t i = 0; i < 9; i++)
        differences[i] = first[i] - second[i];
    return wilcoxon_signed_rank(differences, 9, confidence);
}

static void test_signed_ranks_are_those_of_r(void **state)
{
    struct signed_rank test = of_patients(0.95);

    (void)state;
    assert_near(test.w, 40, 0);
    assert_near(test.p, 2 * .01953125, 1e-15);
    assert_int_equal(test.n, 9);
}

/* SciPy's documentation of wilcoxon(): Darwin's fifteen pairs of maize; statistic 24 (the smaller
 * sum, of the negative ones), p = .041259765625. */
static void test_darwins_maize(void **state)
{
    static const double heights[] = { 6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75 };
    struct signed_rank test = wilcoxon_signed_rank(heights, 15, 0.95);

    (void)state;
    assert_near(test.w, 120 - 24, 0);
    assert_near(test.p, .041259765625, 1e-15);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* All Walsh averages, formed; at 95 % the exact law leaves five of them out on each side (R:
 * qsignrank(.025, 9) = 6, P(W < 6) = .0195). */
static void test_the_pseudo_median_and_its_interval(void **state)
{
    struct signed_rank test = of_patients(0.95);
    double averages[45];
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < 9; i++)
        for (size_t j = i; j < 9; j++)
            averages[n++] = (first[i] - second[i] + first[j] - second[j]) / 2;
    qsort(averages, n, sizeof *averages, ascending);
    assert_near(test.shift, averages[22], 1e-12);
    assert_near(test.interval.low, averages[5], 1e-12);
    assert_near(test.interval.high, averages[39], 1e-12);
}

/* Every assignment of signs to the magnitudes, as the law has it by definition. */
static double p_by_definition(const double *differences, size_t n)
{
    double ranks[10], seen = 0, at_most = 0, at_least = 0;

    for (size_t i = 0; i < n; i++) {
        ranks[i] = .5;
        for (size_t j = 0; j < n; j++) {
            double x = fabs(differences[j]), y = fabs(differences[i]);

            ranks[i] += x < y ? 1 : x == y ? .5 : 0;
        }
        seen += differences[i] > 0 ? ranks[i] : 0;
    }
    for (unsigned signs = 0; signs < 1U << n; signs++) {
        double w = 0;

        for (size_t i = 0; i < n; i++)
            w += signs >> i & 1 ? ranks[i] : 0;
        at_most += w <= seen;
        at_least += w >= seen;
    }
    return fmin(1, 2 * fmin(at_most, at_least) / (double)(1U << n));
}

static void test_the_law_is_that_of_all_signs_also_with_ties(void **state)
{
    struct random_stream random;

    (void)state;
    random_stream_init(&random, 31, 0);
    for (int round = 0; round < 60; round++) {
        size_t n = 1 + random_below(&random, 10);
        uint32_t kinds = 1 + random_below(&random, 6);
        double differences[11];

        for (size_t i = 0; i < n; i++)
            differences[i] =
                (1 + random_below(&random, kinds)) * (random_below(&random, 2) ? 1. : -1.);
        differences[n] = 0; /* left out of the ranks */
        assert_near(wilcoxon_signed_rank(differences, n + 1, 0.95).p,
                    p_by_definition(differences, n), 1e-14);
    }
}

static void test_both_laws_meet(void **state)
{
    double differences[51], exact, normal;

    (void)state;
    for (size_t i = 0; i < 51; i++)
        differences[i] = (double)(i * 7 % 51) - 17;
    exact = wilcoxon_signed_rank(differences, 50, 0.95).p;
    for (size_t i = 50; i < 51; i++)
        differences[i] = -1e-3; /* the least rank: changes next to nothing */
    differences[0] = differences[0] == 0 ? 1e-4 : differences[0];
    normal = wilcoxon_signed_rank(differences, 51, 0.95).p;
    assert_near(normal, exact, .2 * exact);
    assert_true(exact < .05 && exact > 1e-6);
}

/* 5 * 10^11 averages, of which none is formed. */
static void test_a_million_pairs(void **state)
{
    enum { N = 1000000 };
    double *differences = malloc(N * sizeof *differences);
    struct random_stream random;
    struct signed_rank test;

    (void)state;
    assert_non_null(differences);
    random_stream_init(&random, 13, 0);
    for (size_t i = 0; i < N; i++)
        differences[i] = random_uniform(&random) - .25;
    test = wilcoxon_signed_rank(differences, N, 0.95);
    assert_near(test.shift, .25, 1e-3);
    assert_true(test.interval.low < test.shift && test.shift < test.interval.high);
    assert_near(test.interval.high - test.interval.low, 2 * 1.96 * sqrt(1.0 / 12 / N), 1e-4);
    assert_near(test.p, 0, 0);
    free(differences);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paired_t_is_that_of_r),
        cmocka_unit_test(test_pairs_that_do_not_differ),
        cmocka_unit_test(test_too_few_pairs_say_nothing),
        cmocka_unit_test(test_the_ratio_of_pairs),
        cmocka_unit_test(test_signed_ranks_are_those_of_r),
        cmocka_unit_test(test_darwins_maize),
        cmocka_unit_test(test_the_pseudo_median_and_its_interval),
        cmocka_unit_test(test_the_law_is_that_of_all_signs_also_with_ties),
        cmocka_unit_test(test_both_laws_meet),
        cmocka_unit_test(test_a_million_pairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
