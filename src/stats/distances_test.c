#include <stdlib.h>

#include "stats/random.h"
#include "stats/sort.h"
#include "stats/two_samples.h"
#include "support/near.h"
#include "support/test.h"

/* Hollander and Wolfe, from the help of R's wilcox.test; sorted. */
static const double term[] = { .73, .80, .83, 1.04, 1.38, 1.45, 1.46, 1.64, 1.89, 1.91 };
static const double early[] = { .74, .88, .90, 1.15, 1.21 };
static const struct two_samples both = { term, 10, early, 5 };
static const struct two_samples turned = { early, 5, term, 10 };

static void test_two_distributions_as_r_has_them(void **state)
{
    (void)state;
    assert_near(kolmogorov_smirnov(&both).d, .6, 1e-15);
    assert_near(kolmogorov_smirnov(&both).p, .165834166, 5e-10);
    assert_near(wasserstein(&both), .349, 1e-12);
}

static void test_the_sides_may_be_turned(void **state)
{
    (void)state;
    assert_near(kolmogorov_smirnov(&turned).d, .6, 1e-15);
    assert_near(kolmogorov_smirnov(&turned).p, kolmogorov_smirnov(&both).p, 1e-15);
    assert_near(wasserstein(&turned), wasserstein(&both), 1e-15);
}

static double d_by_definition(const double *x, size_t nx, const double *y, size_t ny)
{
    const double *at[] = { x, y };
    size_t n[] = { nx, ny };
    double most = 0;

    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < n[side]; i++) {
            size_t below_x = 0, below_y = 0;

            for (size_t j = 0; j < nx; j++)
                below_x += x[j] <= at[side][i];
            for (size_t j = 0; j < ny; j++)
                below_y += y[j] <= at[side][i];
            most = fmax(most, fabs((double)below_x / (double)nx - (double)below_y / (double)ny));
        }
    return most;
}

/* The share of all divisions of the values that are as far apart. */
static double p_by_definition(const double *values, size_t n, size_t nx)
{
    double seen = NAN, as_far = 0, all = 0;

    for (unsigned set = (1U << nx) - 1; set < 1U << n; set++) {
        double x[10], y[10], d;
        size_t in_x = 0, in_y = 0;

        if ((size_t)__builtin_popcount(set) != nx)
            continue;
        for (size_t i = 0; i < n; i++)
            *(set >> i & 1 ? &x[in_x++] : &y[in_y++]) = values[i];
        d = d_by_definition(x, in_x, y, in_y);
        if (isnan(seen))
            seen = d;
        all++;
        as_far += d >= seen - 1e-12;
    }
    return as_far / all;
}

static void test_p_is_that_of_all_divisions_also_with_ties(void **state)
{
    struct random_stream random;

    (void)state;
    random_stream_init(&random, 21, 0);
    for (int round = 0; round < 60; round++) {
        size_t n = 2 + random_below(&random, 8), nx = 1 + random_below(&random, (uint32_t)n - 1);
        uint32_t kinds = 2 + random_below(&random, 12);
        double values[10];
        struct two_samples s = { values, nx, values + nx, n - nx };

        for (size_t i = 0; i < n; i++)
            values[i] = random_below(&random, kinds);
        sort_doubles(allocator_libc(), values, nx);
        sort_doubles(allocator_libc(), values + nx, n - nx);
        assert_near(kolmogorov_smirnov(&s).d, d_by_definition(values, nx, values + nx, n - nx),
                    1e-15);
        assert_near(kolmogorov_smirnov(&s).p, p_by_definition(values, n, nx), 1e-13);
    }
}

/* 1 of 1 and n of n apart: there are two such orders among all. */
static void test_small_p_keep_their_digits(void **state)
{
    double x[100], y[100];

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        x[i] = (double)i;
        y[i] = 1000 + (double)i;
    }
    assert_near(kolmogorov_smirnov(&(struct two_samples){ x, 100, y, 100 }).p /
                    (2 * exp(2 * lgamma(101) - lgamma(201))),
                1, 1e-10);
}

/* Where 100 a side are still exact, the asymptotic law of 101 is near by: D is some 0.2. */
static void test_both_laws_meet(void **state)
{
    double x[101], y[101], exact, asymptotic;

    (void)state;
    for (size_t i = 0; i < 101; i++) {
        x[i] = (double)i;
        y[i] = 12.5 + (double)i * 1.05;
    }
    exact = kolmogorov_smirnov(&(struct two_samples){ x, 100, y, 100 }).p;
    asymptotic = kolmogorov_smirnov(&(struct two_samples){ x, 101, y, 101 }).p;
    assert_in_range((unsigned)(1000 * exact), 30, 300);
    assert_near(asymptotic, exact, .2 * exact);
}

/* Kolmogorov's law at 1 and at 1.36 (tables: .2700 and .0495). */
static void test_the_asymptotic_law_is_kolmogorovs(void **state)
{
    static const struct {
        size_t gap; /* of 800 a side: x = gap / 800 * 20 = gap / 40 */
        double p;
    } cases[] = {
        { 20, .963945 }, { 39, .297768 }, { 40, .270000 }, { 60, .022218 }, { 80, .000671 }
    };
    double x[800], y[800];

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (size_t i = 0; i < 800; i++) {
            x[i] = (double)i;
            y[i] = (double)(i + cases[c].gap) - .5;
        }
        assert_near(kolmogorov_smirnov(&(struct two_samples){ x, 800, y, 800 }).d,
                    (double)cases[c].gap / 800, 1e-15);
        assert_near(kolmogorov_smirnov(&(struct two_samples){ x, 800, y, 800 }).p, cases[c].p,
                    1e-6);
    }
}

static void test_equal_distributions_are_not_apart(void **state)
{
    double same[300];

    (void)state;
    for (size_t i = 0; i < 300; i++)
        same[i] = .1;
    for (size_t n = 3; n <= 150; n += 147) {
        struct two_samples s = { same, n, same, n + 1 };

        assert_near(kolmogorov_smirnov(&s).d, 0, 0);
        assert_near(kolmogorov_smirnov(&s).p, 1, 0);
        assert_near(wasserstein(&s), 0, 0);
    }
    assert_near(wasserstein(&(struct two_samples){ term, 10, term, 10 }), 0, 0);
}

static void test_a_shift_is_the_area(void **state)
{
    static const double x[] = { 1, 2, 4, 8 }, y[] = { 101, 102, 104, 108 };
    static const double one[] = { 0 }, two[] = { 0, 1, 1, 1 };

    (void)state;
    assert_near(wasserstein(&(struct two_samples){ x, 4, y, 4 }), 100, 1e-12);
    assert_near(wasserstein(&(struct two_samples){ one, 1, two, 4 }), .75, 1e-15);
}

static void test_nothing_on_a_side_says_nothing(void **state)
{
    (void)state;
    assert_true(isnan(kolmogorov_smirnov(&(struct two_samples){ term, 0, early, 5 }).p));
    assert_true(isnan(kolmogorov_smirnov(&(struct two_samples){ term, 10, early, 0 }).d));
    assert_true(isnan(wasserstein(&(struct two_samples){ term, 0, early, 5 })));
    assert_true(isnan(wasserstein(&(struct two_samples){ term, 10, early, 0 })));
}

static void test_sides_of_1_and_10000(void **state)
{
    double *many = malloc(10000 * sizeof *many), one[] = { -1 };

    (void)state;
    assert_non_null(many);
    for (size_t i = 0; i < 10000; i++)
        many[i] = (double)i;
    assert_near(kolmogorov_smirnov(&(struct two_samples){ one, 1, many, 10000 }).p, 2.0 / 10001,
                1e-15);
    free(many);
}

static void test_a_million_values_a_side(void **state)
{
    enum { N = 1000000 };
    double *values = malloc(2 * N * sizeof *values);
    struct two_samples s = { values, N, values + N, N };

    (void)state;
    assert_non_null(values);
    for (size_t i = 0; i < N; i++) {
        values[i] = (double)i / N;
        values[N + i] = ((double)i + 1000.5) / N;
    }
    assert_near(kolmogorov_smirnov(&s).d, 1001e-6, 1e-12);
    assert_near(kolmogorov_smirnov(&s).p, .6979, 1e-3);
    assert_near(wasserstein(&s), 1000.5e-6, 1e-10);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_distributions_as_r_has_them),
        cmocka_unit_test(test_the_sides_may_be_turned),
        cmocka_unit_test(test_p_is_that_of_all_divisions_also_with_ties),
        cmocka_unit_test(test_small_p_keep_their_digits),
        cmocka_unit_test(test_both_laws_meet),
        cmocka_unit_test(test_the_asymptotic_law_is_kolmogorovs),
        cmocka_unit_test(test_equal_distributions_are_not_apart),
        cmocka_unit_test(test_a_shift_is_the_area),
        cmocka_unit_test(test_nothing_on_a_side_says_nothing),
        cmocka_unit_test(test_sides_of_1_and_10000),
        cmocka_unit_test(test_a_million_values_a_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
