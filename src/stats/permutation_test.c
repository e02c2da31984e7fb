#include <stdlib.h>

#include "stats/random.h"
#include "stats/two_samples.h"
#include "support/near.h"
#include "support/test.h"

static const double low[] = { 2, 1, 3, 5 }, high[] = { 12, 11, 13, 15 };
static const struct two_samples apart = { low, 4, high, 4 };

static void test_all_arrangements_are_enumerated(void **state)
{
    struct permutation_test test = permutation_test(&apart, 70, 1);

    (void)state;
    assert_near(test.p, 2.0 / 70, 1e-15); /* as R has it */
    assert_true(test.enumerated);
    assert_int_equal(test.arrangements, 70);
}

static void test_sides_may_be_of_any_size(void **state)
{
    static const double one[] = { 10 }, many[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    struct permutation_test more_new =
        permutation_test(&(struct two_samples){ one, 1, many, 9 }, 100, 1);
    struct permutation_test more_old =
        permutation_test(&(struct two_samples){ many, 9, one, 1 }, 100, 1);

    (void)state;
    assert_int_equal(more_new.arrangements, 10);
    assert_near(more_new.p, 2.0 / 10, 1e-15); /* 1 is as far out as 10 */
    assert_near(more_old.p, 2.0 / 10, 1e-15);
}

/* Sums of the same numbers in another order differ in their last bits. */
static void test_equal_sums_are_equal_whatever_their_order(void **state)
{
    static const double a[] = { 1e6 + .1, 1e6 + .2, 1e6 + .3 }, b[] = { 1e6 + .4, 1e6 + .5, 1e6 };
    static const double whole_a[] = { 1, 2, 3 }, whole_b[] = { 4, 5, 0 };
    struct permutation_test tenths = permutation_test(&(struct two_samples){ a, 3, b, 3 }, 100, 1);
    struct permutation_test wholes =
        permutation_test(&(struct two_samples){ whole_a, 3, whole_b, 3 }, 100, 1);

    (void)state;
    assert_near(tenths.p, wholes.p, 0);
}

/* Milliseconds beside the seconds of many years. */
static void test_large_values_that_differ_little_are_told_apart(void **state)
{
    double a[5], b[5];
    struct permutation_test test;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        a[i] = 1.6e9 + 1e-3 * (double)(i + 1);
        b[i] = 1.6e9 + 1e-3 * (double)(i + 3);
    }
    test = permutation_test(&(struct two_samples){ a, 5, b, 5 }, 1000, 1);
    assert_near(test.p, 32.0 / 252, 1e-15); /* as for 1 to 5 and 3 to 7 */
}

static void test_more_arrangements_than_the_limit_are_drawn(void **state)
{
    struct permutation_test test = permutation_test(&apart, 69, 1);

    (void)state;
    assert_false(test.enumerated);
    assert_int_equal(test.arrangements, 69);
    assert_true(test.p >= 1.0 / 70);
}

/* p = (b+1)/(m+1): about the true 2/70 within four standard errors, never 0. */
static void test_drawn_arrangements_are_fair(void **state)
{
    double x[20], y[20], sampled;
    struct two_samples s = { x, 10, y, 10 };
    struct permutation_test exact;

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        x[i] = (double)(i * i % 11);
        y[i] = (double)(i * i % 7) + 2;
    }
    exact = permutation_test(&s, 184756, 1);
    assert_true(exact.enumerated);
    sampled = permutation_test(&s, 100000, 9).p;
    assert_near(sampled, exact.p, 4 * sqrt(exact.p * (1 - exact.p) / 100000));
    assert_near(permutation_test(&s, 100000, 9).p, sampled, 0);
}

static void test_all_equal_is_no_difference(void **state)
{
    static const double same[] = { .1, .1, .1, .1, .1, .1, .1 };
    struct two_samples s = { same, 3, same, 4 };

    (void)state;
    assert_near(permutation_test(&s, 1000, 1).p, 1, 0);
    assert_near(permutation_test(&s, 10, 1).p, 1, 0);
    assert_near(permutation_test(&s, 0, 1).p, 1, 0);
}

static void test_nothing_on_a_side_says_nothing(void **state)
{
    (void)state;
    assert_true(isnan(permutation_test(&(struct two_samples){ low, 0, high, 4 }, 100, 1).p));
    assert_true(isnan(permutation_test(&(struct two_samples){ low, 4, high, 0 }, 100, 1).p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_arrangements_are_enumerated),
        cmocka_unit_test(test_sides_may_be_of_any_size),
        cmocka_unit_test(test_equal_sums_are_equal_whatever_their_order),
        cmocka_unit_test(test_large_values_that_differ_little_are_told_apart),
        cmocka_unit_test(test_more_arrangements_than_the_limit_are_drawn),
        cmocka_unit_test(test_drawn_arrangements_are_fair),
        cmocka_unit_test(test_all_equal_is_no_difference),
        cmocka_unit_test(test_nothing_on_a_side_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
