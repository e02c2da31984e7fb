/* The shortest decimal that means a number, as "%.15g", "%.16g" or "%.17g" print it. */
#include <assert.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "json/write.h"

/* ---- by the C library: every number ---- */

static locale_t c_locale; /* written once; glibc's "C" needs no memory, so it is always there */
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* A decimal of up to 15 digits survives the way to a normal double and back, so
 * if one of them means `value`, %.15g prints it, without trailing zeros: no
 * shorter try is needed. Subnormal numbers have fewer digits: 5e-324. */
static size_t format_any(double value, char out[JSON_DOUBLE_ROOM])
{
    int digits = value != 0 && fabs(value) < DBL_MIN ? 1 : DBL_DIG;
    locale_t before;
    int len;

    pthread_once(&c_locale_once, make_c_locale);
    before = uselocale(c_locale); /* a dot, whatever the user's language */
    do
        len = snprintf(out, JSON_DOUBLE_ROOM, "%.*g", digits, value);
    while (digits++ < DBL_DECIMAL_DIG && strtod(out, NULL) != value);
    uselocale(before);
    return (size_t)len;
}

/* ---- by hand: most numbers, in exact integers ----
 *
 * value = mantissa * 2^-shift, and what is looked for is whole * 10^-scale, with a whole of 15 to 17 digits. In the range of
 * numbers that are written without an exponent all products fit into 128 bits. */

__extension__ typedef unsigned __int128 wide;

#define EXPONENT_MIN (-4) /* of ten: below, and from 10^15 on, numbers have an exponent */
#define MANTISSA_BITS DBL_MANT_DIG
#define LOG10_OF_2 0.30102999566398120

/* As doubles none of them is below the number that it stands for: comparing with them is exact. */
static const double tens[] = { 1e-4, 1e-3, 1e-2, 1e-1, 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,
                               1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };

struct binary {
    uint64_t mantissa; /* with all of its bits */
    int shift;
    int exponent; /* 10^exponent <= value < 10^(exponent + 1) */
};

/* False outside of the range. */
static bool take_apart(double value, struct binary *ret)
{
    int binary_exponent, at;

    if (!(value >= tens[0] && value < 1e15))
        return false;
    ret->mantissa = (uint64_t)ldexp(frexp(value, &binary_exponent), MANTISSA_BITS);
    ret->shift = MANTISSA_BITS - binary_exponent;
    at = (int)((binary_exponent - 1) * LOG10_OF_2 - EXPONENT_MIN); /* or one more */
    ret->exponent = at + EXPONENT_MIN + (value >= tens[at + 1]);
    return true;
}

static wide power_of_ten(int exponent)
{
    wide power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* The nearest whole * 10^-scale; of two that are as near, the even one. */
static uint64_t nearest_whole(const struct binary *b, wide power)
{
    const wide product = b->mantissa * power, one = (wide)1 << b->shift;
    const wide rest = product & (one - 1);
    const uint64_t whole = (uint64_t)(product >> b->shift);

    return whole + (2 * rest > one || (2 * rest == one && whole % 2 == 1));
}

/* Whether the double that is nearest to whole * 10^-scale is this one: it is not further away than half of what lies between
 * two doubles, which is less below a power of two. */
static bool reads_back(const struct binary *b, uint64_t whole, wide power)
{
    const wide is = (wide)whole << b->shift, wanted = b->mantissa * power;
    const bool is_power_of_two = b->mantissa == (uint64_t)1 << (MANTISSA_BITS - 1);

    if (is < wanted)
        return (wanted - is) * (is_power_of_two ? 4 : 2) < power + (b->mantissa % 2 == 0);
    return (is - wanted) * 2 < power + (b->mantissa % 2 == 0);
}

/* A point in front of the last `scale` digits, and no zeros behind it. */
static size_t put_decimal(uint64_t whole, int scale, char *out)
{
    char digits[DIGITS_ROOM];
    size_t count, behind, at = 0;

    for (; scale > 0 && whole % 10 == 0; scale--)
        whole /= 10;
    count = digits_u64(whole, digits);
    behind = (size_t)scale;
    if (behind >= count) {
        memset(out, '0', behind - count + 2);
        memcpy(out + 2 + behind - count, digits, count);
        at = 1;
    } else {
        at = count - behind;
        memcpy(out, digits, at);
        memcpy(out + at + 1, digits + at, behind);
    }
    if (behind > 0) {
        out[at] = '.';
        at += 1 + behind;
    }
    out[at] = '\0';
    return at;
}

/* 0: not a number for this. */
static size_t format_common(double value, char out[JSON_DOUBLE_ROOM])
{
    const size_t sign = value < 0;
    struct binary b;

    if (!take_apart(fabs(value), &b))
        return 0;
    out[0] = '-';
    for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        const int scale = digits - 1 - b.exponent;
        const wide power = power_of_ten(scale);
        const uint64_t whole = nearest_whole(&b, power);

        if (reads_back(&b, whole, power))
            return sign + put_decimal(whole, scale, out + sign);
    }
    return 0;
}

size_t json_format_double(double value, char out[JSON_DOUBLE_ROOM])
{
    size_t len;

    assert(isfinite(value));
    len = format_common(value, out);
    return len ? len : format_any(value, out);
}
