#include "genesis/number.h"

#include <stddef.h>

__extension__ typedef unsigned __int128 wide;

/* Ten to the 38th is below 2^127. */
#define DIGITS_MAX 38

static wide greatest_divisor(wide a, wide b)
{
    while (b) {
        wide rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

bool genesis_fraction(genesis_wide above, genesis_wide below, struct genesis_number *ret)
{
    const bool negative = (above < 0) != (below < 0);
    wide a = above < 0 ? -(wide)above : (wide)above, b = below < 0 ? -(wide)below : (wide)below;
    wide divisor;

    if (b == 0)
        return false;
    divisor = greatest_divisor(a, b);
    a /= divisor;
    b /= divisor;
    if (a > UINT64_MAX || b > UINT64_MAX)
        return false;
    *ret = (struct genesis_number){ negative ? -(genesis_wide)a : (genesis_wide)a, (uint64_t)b };
    return true;
}

/* What is behind the e; large ones are cut at 10000, which no digits make up for. */
static long exponent_of(const char *at, const char *end)
{
    const bool negative = at < end && *at == '-';
    long value = 0;

    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end && value < 10000; at++)
        value = value * 10 + (*at - '0');
    return negative ? -value : value;
}

/* Digits without the point, and how often ten must be multiplied to them. Zeros at the end count as such. */
struct decimal {
    wide digits;
    long tens;
    long zeros; /* seen and not yet in digits */
    bool too_long;
};

static void add_digit(struct decimal *d, char digit)
{
    if (digit == '0') {
        d->zeros += d->digits != 0;
        return;
    }
    for (; d->zeros > 0 && !d->too_long; d->zeros--) {
        d->too_long = d->digits >= (wide)1 << 122;
        d->digits *= 10;
    }
    d->too_long |= d->digits >= (wide)1 << 122;
    if (!d->too_long)
        d->digits = d->digits * 10 + (unsigned)(digit - '0');
}

bool genesis_number_read(struct span text, struct genesis_number *ret)
{
    const char *at = text.at, *end = text.at + text.len;
    struct decimal d = { 0 };
    bool negative = false, behind_point = false;
    genesis_wide above, below = 1;

    if (at < end && *at == '-') {
        negative = true;
        at++;
    }
    for (; at < end && (*at | 0x20) != 'e' && !d.too_long; at++) {
        if (*at == '.') {
            behind_point = true;
            continue;
        }
        add_digit(&d, *at);
        d.tens -= behind_point;
    }
    if (d.too_long)
        return false;
    d.tens += d.zeros + (at < end ? exponent_of(at + 1, end) : 0);
    if (d.digits == 0)
        d.tens = 0;
    if (d.tens > DIGITS_MAX || d.tens < -DIGITS_MAX)
        return false;
    above = (genesis_wide)d.digits;
    for (; d.tens > 0; d.tens--) {
        if (above > UINT64_MAX)
            return false;
        above *= 10;
    }
    for (; d.tens < 0; d.tens++)
        below *= 10;
    return genesis_fraction(negative ? -above : above, below, ret);
}

/* Both sides of the cross product fit: each is of two numbers below 2^64, and the sign. Where both are positive the
 * product may need all 128 bits, which is why signs are looked at first. */
int genesis_number_compare(struct genesis_number a, struct genesis_number b)
{
    const bool a_negative = a.above < 0, b_negative = b.above < 0;
    wide left, right;

    if (a_negative != b_negative)
        return a_negative ? -1 : 1;
    left = (wide)(a_negative ? -a.above : a.above) * b.below;
    right = (wide)(b_negative ? -b.above : b.above) * a.below;
    if (left == right)
        return 0;
    return (left < right) != a_negative ? -1 : 1;
}
