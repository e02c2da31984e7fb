#include "trace/render_real.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "json/write.h"

/* 0.DIGITS times ten to the power of exponent; the first digit and the last are no zeros. */
struct decimal {
    char digits[DIGITS_ROOM];
    size_t count;
    int exponent;
};

static void trim(struct decimal *d)
{
    while (d->count > 1 && d->digits[d->count - 1] == '0')
        d->count--;
}

/* Measured values are mostly whole nanoseconds. A decimal of up to 15 digits
 * that reads back to the number is its shortest one, and whole / 10^9 is what reading
 * does: both are exact doubles, so that the quotient is rounded once. */
static bool as_nanos(double value, struct decimal *ret)
{
    const double nanos = nearbyint(value * 1e9);

    if (nanos >= 1e15 || nanos / 1e9 != value)
        return false;
    ret->count = digits_u64((uint64_t)nanos, ret->digits);
    ret->exponent = (int)ret->count - 9;
    trim(ret);
    return true;
}

/* Any number, by way of its shortest decimal: 12.5, 0.001, 1e-07, 1.5e+300. */
static void as_shortest(double value, struct decimal *ret)
{
    char text[JSON_DOUBLE_ROOM + 1];
    bool after_dot = false;
    const char *at;

    text[json_format_double(value, text)] = '\0';
    *ret = (struct decimal){ .exponent = 0 };
    for (at = text; *at && *at != 'e'; at++) {
        if (*at == '.') {
            after_dot = true;
        } else if (ret->count > 0 || *at != '0') {
            ret->digits[ret->count++] = *at;
            ret->exponent += !after_dot;
        } else {
            ret->exponent -= after_dot;
        }
    }
    if (*at == 'e')
        ret->exponent += atoi(at + 1);
    trim(ret);
}

/* 12000 */
static size_t write_whole(const struct decimal *d, char *out)
{
    memcpy(out, d->digits, d->count);
    memset(out + d->count, '0', (size_t)d->exponent - d->count);
    return (size_t)d->exponent;
}

/* 0.12 or 1.2 */
static size_t write_dotted(const struct decimal *d, char *out)
{
    const size_t whole = (size_t)d->exponent;
    size_t len = whole ? whole : 1;

    out[0] = '0';
    memcpy(out, d->digits, whole);
    out[len++] = '.';
    memcpy(out + len, d->digits + whole, d->count - whole);
    return len + d->count - whole;
}

/* 1.2e-2 */
static size_t write_exponent(const struct decimal *d, char *out)
{
    size_t len = 2;

    out[0] = d->digits[0];
    out[1] = '.';
    if (d->count == 1)
        out[len++] = '0';
    memcpy(out + len, d->digits + 1, d->count - 1);
    len += d->count - 1;
    out[len++] = 'e';
    return len + digits_i64(d->exponent - 1, out + len);
}

size_t real_format(double value, char out[REAL_ROOM])
{
    const bool negative = value < 0;
    struct decimal d;

    if (value == 0) {
        out[0] = '0';
        return 1;
    }
    if (negative)
        *out++ = '-';
    value = fabs(value);
    if (!as_nanos(value, &d))
        as_shortest(value, &d);
    if (d.exponent >= (int)d.count)
        return negative + write_whole(&d, out);
    if (d.exponent >= 0 && d.exponent <= 7)
        return negative + write_dotted(&d, out);
    return negative + write_exponent(&d, out);
}
