#include "stats/sort.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/failing_allocator.h"
#include "support/test.h"

/* The order that is wanted, said another way: by value, -0 before 0. */
static int compare_doubles(const void *a, const void *b)
{
    const double *x = a, *y = b;

    if (*x != *y)
        return *x < *y ? -1 : 1;
    return (int)(signbit(*y) != 0) - (int)(signbit(*x) != 0);
}

static void assert_same_bits(const double *a, const double *b, size_t n)
{
    if (n > 0)
        assert_memory_equal(a, b, n * sizeof *a);
}

/* Sorts a copy by sort_doubles() and another one by qsort(). */
static void check_against_qsort(struct allocator *from, const double *values, size_t n)
{
    double *got = test_malloc((n + 1) * sizeof *got);
    double *want = test_malloc((n + 1) * sizeof *want);

    memcpy(got, values, n * sizeof *got);
    memcpy(want, values, n * sizeof *want);
    sort_doubles(from, got, n);
    qsort(want, n, sizeof *want, compare_doubles);
    assert_same_bits(got, want, n);
    test_free(got);
    test_free(want);
}

/* Any finite double is as likely as any other bit pattern, the seed is fixed. */
static void fill_with_any_doubles(double *values, size_t n)
{
    uint64_t bits = 1;

    for (size_t i = 0; i < n; i++)
        do {
            bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            memcpy(&values[i], &bits, sizeof bits);
        } while (!isfinite(values[i]));
}

static void test_every_length_is_sorted_as_qsort_does(void **state)
{
    static double values[1200];

    (void)state;
    fill_with_any_doubles(values, 1200);
    for (size_t n = 0; n <= 1200; n += n < 300 ? 1 : 100)
        check_against_qsort(allocator_libc(), values, n);
}

static void test_values_that_differ_in_few_bytes_are_sorted(void **state)
{
    static double values[1000];

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        values[i] = (double)(i * 7919 % 101); /* percentages */
    check_against_qsort(allocator_libc(), values, 1000);
    for (size_t i = 0; i < 1000; i++)
        values[i] = 0.25;
    check_against_qsort(allocator_libc(), values, 1000);
}

static void test_signs_zeros_and_extremes_are_in_order(void **state)
{
    static const double seeds[] = { 0.0,    -0.0,    DBL_MAX, -DBL_MAX, DBL_MIN,  -DBL_MIN,
                                    5e-324, -5e-324, 1,       -1,       INFINITY, -INFINITY };
    static double values[600];

    (void)state;
    for (size_t i = 0; i < 600; i++)
        values[i] = seeds[i * 5 % 12];
    check_against_qsort(allocator_libc(), values, 600);
    check_against_qsort(allocator_libc(), values, 12);
}

static void test_without_memory_the_result_is_the_same(void **state)
{
    static double values[5000];
    struct failing_allocator none;

    (void)state;
    fill_with_any_doubles(values, 5000);
    failing_allocator_init(&none, 1);
    check_against_qsort(&none.base, values, 5000);
    assert_int_equal(none.calls, 1);
    failing_allocator_init(&none, 0);
    check_against_qsort(&none.base, values, 5000);
    assert_int_equal(none.live_blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_length_is_sorted_as_qsort_does),
        cmocka_unit_test(test_values_that_differ_in_few_bytes_are_sorted),
        cmocka_unit_test(test_signs_zeros_and_extremes_are_in_order),
        cmocka_unit_test(test_without_memory_the_result_is_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
