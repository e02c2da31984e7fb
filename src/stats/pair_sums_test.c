#include "stats/pair_sums.h"

#include <stdlib.h>

#include "stats/random.h"
#include "stats/sort.h"
#include "support/near.h"
#include "support/test.h"

enum { SIDE = 12 };

/* All sums, formed and sorted; returns how many. */
static size_t formed(const struct pair_sums *p, double *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < p->nx; i++)
        for (size_t j = p->walsh ? i : 0; j < p->ny; j++)
            ret[n++] = p->x[i] + p->y[j];
    sort_doubles(allocator_libc(), ret, n);
    return n;
}

static void assert_same(const struct pair_sums *p)
{
    double want[SIDE * SIDE];
    size_t n = formed(p, want);

    assert_int_equal(pair_sums_count(p), n);
    for (size_t k = 1; k <= n; k++)
        assert_near(pair_sums_at(p, k), want[k - 1], 0); /* bit for bit */
    assert_near(pair_sums_median(p), want[(n - 1) / 2] + (want[n / 2] - want[(n - 1) / 2]) / 2, 0);
}

static void fill(struct random_stream *random, int round, double *ret, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = round % 3 == 0   ? random_below(random, 4) - 1.5 /* ties */
                 : round % 3 == 1 ? random_normal(random)
                                  : exp(30 * random_normal(random)); /* what rounding swallows */
    sort_doubles(allocator_libc(), ret, n);
}

static void test_every_order_statistic_is_that_of_the_formed_sums(void **state)
{
    struct random_stream random;

    (void)state;
    random_stream_init(&random, 17, 0);
    for (int round = 0; round < 60; round++) {
        size_t nx = 1 + random_below(&random, SIDE), ny = 1 + random_below(&random, SIDE);
        double x[SIDE], y[SIDE];

        fill(&random, round, x, nx);
        fill(&random, round, y, ny);
        assert_same(&(struct pair_sums){ .x = x, .nx = nx, .y = y, .ny = ny });
        assert_same(&(struct pair_sums){ .x = x, .nx = nx, .y = x, .ny = nx, .walsh = true });
    }
}

static void test_there_is_no_minus_zero(void **state)
{
    static const double zeros[] = { -0.0, -0.0 };
    struct pair_sums p = { .x = zeros, .nx = 2, .y = zeros, .ny = 2 };

    (void)state;
    assert_false(signbit(pair_sums_median(&p)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_order_statistic_is_that_of_the_formed_sums),
        cmocka_unit_test(test_there_is_no_minus_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
