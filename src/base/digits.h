/* Numbers as digits, where printf() would be most of the work: lines of traces.
 * Pure; any thread. Nothing is terminated; each returns how many bytes it wrote. */
#ifndef OU_BASE_DIGITS_H
#define OU_BASE_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What digits_u64() and digits_i64() write at most. */
#define DIGITS_ROOM 20

/* "00" to "99", and "00" to "ff": a pair of digits is one look-up. */
#define DIGITS_TENS_(t) t "0" t "1" t "2" t "3" t "4" t "5" t "6" t "7" t "8" t "9"
#define DIGITS_ROW_(t) DIGITS_TENS_(t) t "a" t "b" t "c" t "d" t "e" t "f"

static inline const char *digits_decimal_pair(size_t number)
{
    static const char pairs[] = DIGITS_TENS_("0") DIGITS_TENS_("1") DIGITS_TENS_("2")
        DIGITS_TENS_("3") DIGITS_TENS_("4") DIGITS_TENS_("5") DIGITS_TENS_("6") DIGITS_TENS_("7")
            DIGITS_TENS_("8") DIGITS_TENS_("9");

    return pairs + 2 * number;
}

static inline const char *digits_hex_pair(uint8_t byte)
{
    static const char pairs[] = DIGITS_ROW_("0") DIGITS_ROW_("1") DIGITS_ROW_("2") DIGITS_ROW_("3")
        DIGITS_ROW_("4") DIGITS_ROW_("5") DIGITS_ROW_("6") DIGITS_ROW_("7") DIGITS_ROW_("8")
            DIGITS_ROW_("9") DIGITS_ROW_("a") DIGITS_ROW_("b") DIGITS_ROW_("c") DIGITS_ROW_("d")
                DIGITS_ROW_("e") DIGITS_ROW_("f");

    return pairs + 2 * (size_t)byte;
}

/* Made from the right, then put where it belongs. */
static inline size_t digits_u64(uint64_t value, char *out)
{
    char text[DIGITS_ROOM];
    size_t at = DIGITS_ROOM;

    for (; value >= 100; value /= 100)
        memcpy(text + (at -= 2), digits_decimal_pair(value % 100), 2);
    if (value >= 10)
        memcpy(text + (at -= 2), digits_decimal_pair(value), 2);
    else
        text[--at] = (char)('0' + value);
    memcpy(out, text + at, DIGITS_ROOM - at);
    return DIGITS_ROOM - at;
}

static inline size_t digits_i64(int64_t value, char *out)
{
    if (value >= 0)
        return digits_u64((uint64_t)value, out);
    out[0] = '-';
    return 1 + digits_u64(0 - (uint64_t)value, out + 1); /* DIGITS_ROOM in all */
}

/* The lowest `count` decimal digits of value, zeros in front. */
static inline size_t digits_fixed(uint64_t value, size_t count, char *out)
{
    for (size_t i = count; i > 0; value /= 10)
        out[--i] = (char)('0' + value % 10);
    return count;
}

/* The first `count` hex digits of bytes, in lower case. */
static inline size_t digits_hex(const uint8_t *bytes, size_t count, char *out)
{
    for (size_t i = 0; i < count / 2; i++)
        memcpy(out + 2 * i, digits_hex_pair(bytes[i]), 2);
    if (count % 2)
        out[count - 1] = *digits_hex_pair(bytes[count / 2]);
    return count;
}

#endif
