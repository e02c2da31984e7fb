#include "report/numbers.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/time.h"
#include "json/write.h"

enum { DECIMALS_MAX = 9 };

static const double powers_of_ten[DECIMALS_MAX + 1] = { 1e0, 1e1, 1e2, 1e3, 1e4,
                                                        1e5, 1e6, 1e7, 1e8, 1e9 };

/* Two digits for each number below 100. */
static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

char *put_u64(char *at, uint64_t value)
{
    char digits[20], *first = digits + sizeof digits;

    while (value >= 100) {
        first -= 2;
        memcpy(first, digit_pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10) {
        first -= 2;
        memcpy(first, digit_pairs + 2 * value, 2);
    } else {
        *--first = (char)('0' + value);
    }
    size_t len = (size_t)(digits + sizeof digits - first);

    memcpy(at, first, len);
    return at + len;
}

/* The magnitude of a signed number; defined for INT64_MIN too. */
static uint64_t magnitude(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

char *put_i64(char *at, int64_t value)
{
    if (value < 0)
        *at++ = '-';
    return put_u64(at, magnitude(value));
}

char *put_grouped(char *at, uint64_t value)
{
    char digits[NUMBER_ROOM];
    size_t count = (size_t)(put_u64(digits, value) - digits);

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    return at;
}

/* ".0375" for 37500000 units of 1e-9, down to `keep` digits whatever they are. */
static char *put_fraction(char *at, uint64_t fraction, int decimals, int keep)
{
    char digits[DECIMALS_MAX];

    for (int i = decimals; i-- > 0; fraction /= 10)
        digits[i] = (char)('0' + fraction % 10);
    while (decimals > keep && digits[decimals - 1] == '0')
        decimals--;
    if (decimals == 0)
        return at;
    *at++ = '.';
    memcpy(at, digits, (size_t)decimals);
    return at + decimals;
}

char *put_seconds(char *at, int64_t ns)
{
    uint64_t size = magnitude(ns);

    assert(ns != TIME_NONE);
    if (ns < 0)
        *at++ = '-';
    at = put_u64(at, size / (uint64_t)NS_PER_SECOND);
    return put_fraction(at, size % (uint64_t)NS_PER_SECOND, DECIMALS_MAX, 0);
}

static char *put_decimal(char *at, double value, int decimals, int keep)
{
    uint64_t units, scale;
    double scaled;

    assert(isfinite(value) && decimals >= 0 && decimals <= DECIMALS_MAX);
    scale = (uint64_t)powers_of_ten[decimals];
    scaled = fabs(value) * powers_of_ten[decimals];
    if (scaled > 9e15) /* beyond the integers that a double holds exactly */
        return at + json_format_double(value, at);
    units = (uint64_t)(scaled + 0.5);
    if (value < 0 && units > 0)
        *at++ = '-';
    at = put_u64(at, units / scale);
    return put_fraction(at, units % scale, decimals, keep);
}

char *put_fixed(char *at, double value, int decimals)
{
    return put_decimal(at, value, decimals, decimals);
}

char *put_rounded(char *at, double value, int decimals)
{
    return put_decimal(at, value, decimals, 0);
}

/* Moves the point of "1.25e-05" by hand. `text` is what json_format_double()
 * wrote, with an exponent. */
static char *expand(char *at, const char *text, const char *mark)
{
    char digits[JSON_DOUBLE_ROOM];
    int count = 0, before = 0, exponent = 0;
    bool down = mark[1] == '-';

    if (*text == '-')
        *at++ = *text++;
    for (const char *p = text; p < mark; p++) {
        if (*p == '.')
            before = count;
        else
            digits[count++] = *p;
    }
    if (before == 0)
        before = count;
    for (const char *p = mark + 2; *p; p++)
        exponent = exponent * 10 + (*p - '0');
    int point = before + (down ? -exponent : exponent); /* digits before the point */

    if (point <= 0) {
        *at++ = '0';
        *at++ = '.';
    }
    for (int i = point; i < 0; i++)
        *at++ = '0';
    for (int i = 0; i < count || i < point; i++) {
        if (i == point && i > 0)
            *at++ = '.';
        *at++ = i < count ? digits[i] : '0';
    }
    return at;
}

char *put_plain(char *at, double value)
{
    char text[JSON_DOUBLE_ROOM];
    size_t len = json_format_double(value, text);
    double size = fabs(value);
    const char *mark;

    text[len] = '\0';
    mark = strchr(text, 'e');
    if (!mark || size >= 1e21 || size < 1e-7) {
        memcpy(at, text, len);
        return at + len;
    }
    return expand(at, text, mark);
}
