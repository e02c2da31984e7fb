/* Text under construction in a fixed buffer, and the random numbers that go
 * into it. Made for speed: the generator writes gigabytes. */
#ifndef OU_BENCH_CLUSTER_TEXT_H
#define OU_BENCH_CLUSTER_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No line is longer; whoever holds a buffer keeps this much free per line. */
#define TEXT_LINE_MAX 65536

struct text {
    char *at, *end;
};

/* Room for size bytes, or the end of the program: a line that outgrows its
 * buffer is a mistake in this generator, not in its input. */
static inline char *text_take(struct text *t, size_t size)
{
    char *at = t->at;

    if (size > (size_t)(t->end - at)) {
        fputs("cluster-logs: a line is too long\n", stderr);
        abort();
    }
    t->at += size;
    return at;
}

static inline void text_put(struct text *t, const char *bytes, size_t size)
{
    memcpy(text_take(t, size), bytes, size);
}

static inline void text_puts(struct text *t, const char *string)
{
    text_put(t, string, strlen(string));
}

static inline void text_number(struct text *t, uint64_t value)
{
    char digits[20];
    size_t n = sizeof digits;

    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    text_put(t, digits + n, sizeof digits - n);
}

/* value as exactly `width` digits. */
static inline void text_padded(struct text *t, uint64_t value, size_t width)
{
    char *at = text_take(t, width);

    while (width--) {
        at[width] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* A fraction of a second as nodes print it: the first `width` of nine digits,
 * trailing zeros dropped, no point when nothing is left. */
static inline void text_fraction(struct text *t, uint64_t ns, size_t width)
{
    size_t skip = 9 - width;

    while (skip--)
        ns /= 10;
    while (width && ns % 10 == 0) {
        ns /= 10;
        width--;
    }
    if (width) {
        text_put(t, ".", 1);
        text_padded(t, ns, width);
    }
}

/* Counter-based random numbers: the n-th is a mix of key and n (splitmix64),
 * so that the same key gives the same sequence on every machine. */
struct random {
    uint64_t key, count;
};

static inline uint64_t mix64(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static inline uint64_t random_next(struct random *r)
{
    return mix64(r->key + ++r->count * UINT64_C(0x9e3779b97f4a7c15));
}

/* 0 .. below-1; the bias of the multiplication is below 2^-32. */
static inline uint32_t random_below(struct random *r, uint32_t below)
{
    return (uint32_t)(((random_next(r) >> 32) * below) >> 32);
}

/* In [0, 1). */
static inline double random_unit(struct random *r)
{
    return (double)(random_next(r) >> 11) * 0x1p-53;
}

/* `digits` lower-case hexadecimal digits of random bits. */
static inline void text_random_hex(struct text *t, struct random *r, size_t digits)
{
    char *at = text_take(t, digits);
    uint64_t bits = 0;

    for (size_t i = 0; i < digits; i++) {
        if (i % 16 == 0)
            bits = random_next(r);
        at[i] = "0123456789abcdef"[bits & 15];
        bits >>= 4;
    }
}

#endif
