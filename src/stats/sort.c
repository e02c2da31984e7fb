#include "stats/sort.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stats/number_order.h"

/* A radix sort by the bytes of the number's bit pattern, lowest byte first.
 * Its cost per value does not grow with n; below RADIX_MIN the fixed cost of
 * the histograms outweighs that. */
#define RADIX_MIN 128
#define RADIX_PASSES 8
#define RADIX_DIGITS 256

struct histograms {
    size_t of[RADIX_PASSES][RADIX_DIGITS];
};

static size_t digit_of(uint64_t key, int pass)
{
    return key >> (8 * pass) & (RADIX_DIGITS - 1);
}

static void count_digits(const uint64_t *keys, size_t n, struct histograms *ret)
{
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < n; i++)
        for (int pass = 0; pass < RADIX_PASSES; pass++)
            ret->of[pass][digit_of(keys[i], pass)]++;
}

/* Moves the keys to `to`, stably, in the order of one digit. */
static void scatter(const uint64_t *keys, size_t n, int pass, const size_t *counts, uint64_t *to)
{
    size_t at[RADIX_DIGITS];
    size_t sum = 0;

    for (size_t d = 0; d < RADIX_DIGITS; d++) {
        at[d] = sum;
        sum += counts[d];
    }
    for (size_t i = 0; i < n; i++)
        to[at[digit_of(keys[i], pass)]++] = keys[i];
}

/* Both arrays hold n keys; returns the one with the sorted ones. */
static uint64_t *radix_sort(uint64_t *keys, uint64_t *scratch, size_t n)
{
    struct histograms counts;

    count_digits(keys, n, &counts);
    for (int pass = 0; pass < RADIX_PASSES; pass++) {
        uint64_t *sorted = scratch;

        if (counts.of[pass][digit_of(keys[0], pass)] == n)
            continue; /* all keys have the same digit here */
        scatter(keys, n, pass, counts.of[pass], scratch);
        scratch = keys;
        keys = sorted;
    }
    return keys;
}

/* Exactly the order of the radix sort, so that the result does not depend on
 * the method: -0 before 0. */
static int compare_keys(const void *a, const void *b)
{
    double x, y;
    uint64_t i, j;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    i = number_key(x);
    j = number_key(y);
    return (i > j) - (i < j);
}

void sort_doubles(struct allocator *from, double *values, size_t n)
{
    size_t bytes = n * sizeof(uint64_t);
    uint64_t *keys = NULL, *sorted;

    if (n >= RADIX_MIN && n <= SIZE_MAX / (2 * sizeof(uint64_t)))
        keys = from->resize(from, NULL, 0, 2 * bytes);
    if (!keys) {
        if (n > 1)
            qsort(values, n, sizeof *values, compare_keys);
        return;
    }
    for (size_t i = 0; i < n; i++)
        keys[i] = number_key(values[i]);
    sorted = radix_sort(keys, keys + n, n);
    for (size_t i = 0; i < n; i++)
        values[i] = number_of_key(sorted[i]);
    alloc_free(from, keys, 2 * bytes);
}
