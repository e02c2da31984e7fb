/* Mann-Whitney, Hodges-Lehmann and the effects by ranks. Where no source is named, the numbers are
 * those that the tests of the Go benchmark tools (golang/perf, BSD-3-Clause) ask for, which R
 * confirms. */
#include <stdlib.h>

#include "stats/random.h"
#include "stats/two_samples.h"
#include "support/near.h"
#include "support/test.h"

#define SIDES(x, y) \
    (&(struct two_samples){ (x), sizeof(x) / sizeof *(x), (y), sizeof(y) / sizeof *(y) })

/* Hollander and Wolfe: permeability constants of the human chorioamnion, from the help of R's
 * wilcox.test. */
static const double term[] = { .80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46 };
static const double early[] = { 1.15, .88, .90, .74, 1.21 };

static const double few[] = { 2, 1, 3, 5 };

static void test_small_samples(void **state)
{
    static const double above[] = { 12, 11, 13, 15 }, among[] = { 0, 4, 6, 7 };
    struct rank_test apart = mann_whitney(SIDES(few, above));
    struct rank_test mixed = mann_whitney(SIDES(few, among));

    (void)state;
    assert_near(apart.u, 0, 0);
    assert_near(apart.p, 2.0 / 70, 1e-15);
    assert_near(apart.p_less, 1.0 / 70, 1e-15);
    assert_near(mixed.u, 5, 0);
    assert_near(mixed.p, .485714286, 5e-10);
    assert_true(apart.exact && !apart.ties && !apart.all_equal);
}

static void test_ties_have_their_own_exact_law(void **state)
{
    static const double twos[] = { 2, 2, 2, 2 };
    struct rank_test test = mann_whitney(SIDES(few, twos));

    (void)state;
    assert_near(test.u, 10, 0);
    assert_near(test.p, .714285714, 5e-10);
    assert_true(test.exact && test.ties && !test.all_equal);
}

/* Every division of the values into two sides, as the law has it by definition. */
static struct rank_test enumerated(const double *values, size_t n, size_t na)
{
    double seen = NAN, at_most = 0, at_least = 0, all = 0;

    for (unsigned set = (1U << na) - 1; set < 1U << n; set++) {
        double u = 0;

        if ((size_t)__builtin_popcount(set) != na)
            continue;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if (set >> i & 1 && !(set >> j & 1))
                    u += values[i] > values[j] ? 1 : values[i] == values[j] ? .5 : 0;
        if (isnan(seen))
            seen = u; /* the first set is the values as they stand */
        all++;
        at_most += u <= seen;
        at_least += u >= seen;
    }
    return (struct rank_test){ .u = seen,
                               .p = fmin(1, 2 * fmin(at_most, at_least) / all),
                               .p_less = at_most / all };
}

static void test_the_law_is_that_of_all_divisions(void **state)
{
    struct random_stream random;

    (void)state;
    random_stream_init(&random, 7, 0);
    for (int round = 0; round < 60; round++) {
        size_t n = 2 + random_below(&random, 9), na = 1 + random_below(&random, (uint32_t)n - 1);
        uint32_t kinds = 1 + random_below(&random, 8); /* few: many ties */
        struct rank_test want, got;
        double values[11];

        for (size_t i = 0; i < n; i++)
            values[i] = random_below(&random, kinds);
        want = enumerated(values, n, na);
        got = mann_whitney(&(struct two_samples){ values, na, values + na, n - na });
        assert_near(got.u, want.u, 0);
        assert_near(got.p, want.p, 1e-14);
        assert_near(got.p_less, want.p_less, 1e-14);
    }
}

static void test_large_samples_are_normal(void **state)
{
    double x[500], y[600];
    struct rank_test test;

    (void)state;
    for (int i = 0; i < 500; i++)
        x[i] = 2 * i;
    for (int i = 0; i < 600; i++)
        y[i] = 2 * i - 41;
    test = mann_whitney(SIDES(x, y));
    assert_near(test.u, 135250, 0);
    assert_near(test.p, 0.004933536081, 5e-13);
    assert_false(test.exact);
}

/* At 50 values the exact law and the normal one are close: neither has slipped. */
static void test_both_laws_meet(void **state)
{
    double x[26], y[25], p[2];

    (void)state;
    for (int ties = 1; ties <= 2; ties++)
        for (size_t nx = 25; nx <= 26; nx++) {
            for (size_t i = 0; i < nx; i++)
                x[i] = floor((double)(i * 7 % 26) / ties);
            for (size_t i = 0; i < 25; i++)
                y[i] = floor((double)(i * 11 % 25) / ties) + 5;
            p[nx - 25] = mann_whitney(&(struct two_samples){ x, nx, y, 25 }).p;
            if (nx == 26)
                assert_near(p[0], p[1], 0.02);
        }
}

static void test_the_smallest_p_that_sizes_can_reach(void **state)
{
    static const struct {
        size_t n;
        double p;
    } cases[] = { { 1, 1 }, { 3, .1 }, { 4, .0285714 }, { 5, .0079365 }, { 6, .0021645 } };
    double low[6], high[6];

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        low[i] = (double)i;
        high[i] = 100 + (double)i;
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rank_test test =
            mann_whitney(&(struct two_samples){ low, cases[i].n, high, cases[i].n });

        assert_near(test.smallest, cases[i].p, 5e-8);
        assert_near(test.p, test.smallest, 1e-15);
    }
}

static void test_all_equal_is_no_difference(void **state)
{
    double same[80];

    (void)state;
    for (size_t i = 0; i < 80; i++)
        same[i] = .1;
    for (size_t n = 3; n <= 40; n += 37) { /* exact, normal */
        struct two_samples s = { same, n, same + n, n };
        struct rank_test test = mann_whitney(&s);

        assert_true(test.all_equal && test.ties);
        assert_near(test.p, 1, 0);
        assert_near(test.u, (double)(n * n) / 2, 0);
        assert_near(cliffs_delta(&s), 0, 0);
        assert_near(hodges_lehmann(&s, 0.95).shift, 0, 0);
    }
}

static void test_nothing_on_a_side_says_nothing(void **state)
{
    struct two_samples none = { few, 4, few, 0 };

    (void)state;
    assert_true(isnan(mann_whitney(&none).p));
    assert_true(isnan(hodges_lehmann(&none, 0.95).shift));
    assert_true(isnan(cliffs_delta(&none)));
    assert_true(isnan(vargha_delaney(&none)));
}

static void test_minus_zero_is_zero(void **state)
{
    static const double minus[] = { -0.0, -0.0, 1 }, plus[] = { 0.0, 0.0, 1 };
    struct two_samples *s = SIDES(minus, plus);

    (void)state;
    assert_near(mann_whitney(s).u, 4.5, 0);
    assert_near(mann_whitney(s).p, 1, 0);
    assert_false(signbit(hodges_lehmann(s, 0.95).shift));
}

static void test_the_shift_of_r_with_its_interval(void **state)
{
    struct rank_test test = mann_whitney(SIDES(term, early));
    struct rank_test turned = mann_whitney(SIDES(early, term));
    struct shift_estimate shift = hodges_lehmann(SIDES(early, term), 0.95);

    (void)state;
    assert_near(test.u, 35, 0);
    assert_near(test.p, .254412254, 5e-10);
    assert_near(turned.p_less, .127206127, 5e-10);
    assert_near(shift.shift, .305, 1e-12);
    assert_near(shift.interval.low, -.15, 1e-12);
    assert_near(shift.interval.high, .76, 1e-12);
}

static void test_effects_by_ranks(void **state)
{
    (void)state;
    assert_near(cliffs_delta(SIDES(term, early)), .4, 1e-15);
    assert_near(vargha_delaney(SIDES(term, early)), .7, 1e-15);
    assert_near(cliffs_delta(SIDES(early, term)), -.4, 1e-15);
}

static void test_sizes_that_cannot_reach_the_confidence_have_no_interval(void **state)
{
    static const double a[] = { 1, 2, 3 }, b[] = { 4, 5, 7 };
    struct shift_estimate shift = hodges_lehmann(SIDES(a, b), 0.95);

    (void)state;
    assert_near(shift.shift, 3, 0);
    assert_false(interval_known(shift.interval));
    shift = hodges_lehmann(SIDES(a, b), 0.9); /* P(U = 0) = 1/20 */
    assert_near(shift.interval.low, 1, 0);
    assert_near(shift.interval.high, 6, 0);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The median of all differences, formed. */
static void test_the_shift_is_the_median_of_all_differences(void **state)
{
    struct random_stream random;

    (void)state;
    random_stream_init(&random, 11, 0);
    for (int round = 0; round < 40; round++) {
        size_t na = 1 + random_below(&random, 12), nb = 1 + random_below(&random, 12), n = 0;
        double a[12], b[12], all[144], want;

        for (size_t i = 0; i < na; i++)
            a[i] = 100 * random_normal(&random);
        for (size_t i = 0; i < nb; i++)
            b[i] = random_below(&random, 5);
        for (size_t i = 0; i < na; i++)
            for (size_t j = 0; j < nb; j++)
                all[n++] = b[j] - a[i];
        qsort(all, n, sizeof *all, ascending);
        want = n % 2 ? all[n / 2] : (all[n / 2 - 1] + all[n / 2]) / 2;
        assert_near(hodges_lehmann(&(struct two_samples){ a, na, b, nb }, 0.95).shift, want, 1e-12);
    }
}

/* 10^12 differences, of which none is formed; the shift is known by construction. */
static void test_a_million_values_a_side(void **state)
{
    enum { N = 1000000 };
    double *values = malloc(2 * N * sizeof *values);
    struct two_samples s = { values, N, values + N, N };
    struct shift_estimate shift;
    struct random_stream random;

    (void)state;
    assert_non_null(values);
    random_stream_init(&random, 3, 0);
    for (size_t i = 0; i < N; i++) {
        values[i] = random_uniform(&random);
        values[N + i] = values[i] + .25;
    }
    shift = hodges_lehmann(&s, 0.95);
    assert_near(shift.shift, .25, 1e-3);
    assert_true(shift.interval.low < shift.shift && shift.shift < shift.interval.high);
    assert_near(shift.interval.high - shift.interval.low, 2 * 1.96 * sqrt(2.0 / 12 / N), 2e-4);
    assert_near(mann_whitney(&s).p, 0, 0);
    assert_near(vargha_delaney(&s), .5 * .75 * .75, 2e-3);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_samples),
        cmocka_unit_test(test_ties_have_their_own_exact_law),
        cmocka_unit_test(test_the_law_is_that_of_all_divisions),
        cmocka_unit_test(test_large_samples_are_normal),
        cmocka_unit_test(test_both_laws_meet),
        cmocka_unit_test(test_the_smallest_p_that_sizes_can_reach),
        cmocka_unit_test(test_all_equal_is_no_difference),
        cmocka_unit_test(test_nothing_on_a_side_says_nothing),
        cmocka_unit_test(test_minus_zero_is_zero),
        cmocka_unit_test(test_the_shift_of_r_with_its_interval),
        cmocka_unit_test(test_effects_by_ranks),
        cmocka_unit_test(test_sizes_that_cannot_reach_the_confidence_have_no_interval),
        cmocka_unit_test(test_the_shift_is_the_median_of_all_differences),
        cmocka_unit_test(test_a_million_values_a_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
