#include "base/time.h"

#include <stdio.h>
#include <time.h>

enum {
    SECONDS_PER_DAY = 86400,
    DAYS_PER_ERA = 146097, /* 400 years of the Gregorian calendar */
    DATE_TIME_LEN = 19,    /* "2023-03-22T10:11:12" */
    DECIMALS_MAX = 12,
    DECIMALS_KEPT = 9,
};

struct civil {
    int64_t year;
    unsigned month, day;
};

/* The date of a day counted from 1970-01-01, for years of any sign. Years are
 * counted from March, which puts the leap day last and lets month lengths follow
 * (153 m + 2) / 5; taking the leap days out of the day of a 400-year era gives
 * its year. */
static struct civil civil_from_days(int64_t days)
{
    int64_t z = days + 719468; /* days from 0000-03-01 to 1970-01-01 */
    int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = z - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    unsigned month = (unsigned)(march_month < 10 ? march_month + 3 : march_month - 9);

    return (struct civil){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = (unsigned)(day_of_year - (153 * march_month + 2) / 5 + 1),
    };
}

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[13] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month] + (month == 2 && is_leap(year) ? 1U : 0U);
}

/* Days from 1970-01-01 to a date from then on. */
static int64_t days_from_civil(unsigned year, unsigned month, unsigned day)
{
    static const unsigned short before_month[13] = { 0,   0,   31,  59,  90,  120, 151,
                                                     181, 212, 243, 273, 304, 334 };
    unsigned y = year - 1;
    unsigned leap_days = y / 4 - y / 100 + y / 400 - 477; /* 477 of them up to 1969 */

    return (year - 1970) * 365 + leap_days + before_month[month] + (month > 2 && is_leap(year)) +
           day - 1;
}

/* Two digits; what is no digit raises *bad, which the caller asks once. */
static inline unsigned two_digits(const char *at, unsigned *bad)
{
    unsigned tens = (unsigned char)at[0] - (unsigned)'0';
    unsigned ones = (unsigned char)at[1] - (unsigned)'0';

    *bad |= (tens > 9) | (ones > 9);
    return tens * 10 + ones;
}

/* ".123456789Z", ".12", "Z" or "": the rest of a stamp after its seconds. */
static bool parse_fraction(const char *at, const char *end, uint32_t *ret_ns)
{
    static const uint32_t scale[DECIMALS_KEPT + 1] = { 1000000000, 100000000, 10000000, 1000000,
                                                       100000,     10000,     1000,     100,
                                                       10,         1 };
    uint32_t value = 0;
    unsigned count = 0;

    if (at < end && *at == '.') {
        for (at++; at < end && count <= DECIMALS_MAX; at++, count++) {
            unsigned digit = (unsigned char)*at - (unsigned)'0';

            if (digit > 9)
                break;
            if (count < DECIMALS_KEPT)
                value = value * 10 + digit;
        }
        if (count == 0 || count > DECIMALS_MAX)
            return false;
    }
    if (at < end && *at == 'Z')
        at++;
    *ret_ns = value * scale[count < DECIMALS_KEPT ? count : DECIMALS_KEPT];
    return at == end;
}

/* Called once a log line: all digits are taken without branches and judged
 * together, and nothing of the C library's calendar is used. */
bool time_parse_iso(const char *text, size_t len, int64_t *ret_ns)
{
    unsigned year, month, day, hour, minute, second, bad = 0;
    uint32_t fraction;
    int64_t seconds, ns;

    if (len < DATE_TIME_LEN || !parse_fraction(text + DATE_TIME_LEN, text + len, &fraction))
        return false;
    year = two_digits(text, &bad) * 100 + two_digits(text + 2, &bad);
    month = two_digits(text + 5, &bad);
    day = two_digits(text + 8, &bad);
    hour = two_digits(text + 11, &bad);
    minute = two_digits(text + 14, &bad);
    second = two_digits(text + 17, &bad);
    bad |= (text[4] != '-') | (text[7] != '-') | ((text[10] != 'T') & (text[10] != ' ')) |
           (text[13] != ':') | (text[16] != ':');
    bad |= (year < 1970) | (year > 2262) | (hour > 23) | (minute > 59) | (second > 60);
    if (bad || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;

    if (second == 60)
        second = 59;
    seconds =
        days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    /* The 64 bits end in April 2262. */
    if (__builtin_mul_overflow(seconds, NS_PER_SECOND, &ns) ||
        __builtin_add_overflow(ns, fraction, &ns))
        return false;
    *ret_ns = ns;
    return true;
}

/* ".5" for 500 million and nothing for 0: a fraction of a second without its
 * trailing zeros. Returns the length. */
static size_t format_fraction(uint32_t ns, char *out)
{
    size_t len = 1 + DECIMALS_KEPT;

    if (ns == 0) {
        *out = '\0';
        return 0;
    }
    out[0] = '.';
    for (size_t i = DECIMALS_KEPT; i > 0; i--, ns /= 10)
        out[i] = (char)('0' + ns % 10);
    while (out[len - 1] == '0')
        len--;
    out[len] = '\0';
    return len;
}

size_t time_format_iso(int64_t ns, char out[TIME_ISO_ROOM])
{
    int64_t seconds = ns / NS_PER_SECOND, fraction = ns % NS_PER_SECOND;
    int64_t days, of_day;
    struct civil date;
    size_t len;

    if (ns == TIME_NONE)
        return (size_t)snprintf(out, TIME_ISO_ROOM, "null");
    if (fraction < 0) { /* C rounds to zero, a calendar rounds down */
        fraction += NS_PER_SECOND;
        seconds--;
    }
    days = seconds / SECONDS_PER_DAY;
    of_day = seconds % SECONDS_PER_DAY;
    if (of_day < 0) {
        of_day += SECONDS_PER_DAY;
        days--;
    }
    date = civil_from_days(days);
    len = (size_t)snprintf(out, TIME_ISO_ROOM, "%04d-%02u-%02uT%02d:%02d:%02d", (int)date.year,
                           date.month, date.day, (int)(of_day / 3600), (int)(of_day / 60 % 60),
                           (int)(of_day % 60));
    len += format_fraction((uint32_t)fraction, out + len);
    out[len++] = 'Z';
    out[len] = '\0';
    return len;
}

size_t time_format_seconds(int64_t ns, char out[TIME_SECONDS_ROOM])
{
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    size_t len = (size_t)snprintf(out, TIME_SECONDS_ROOM, "%s%llu", ns < 0 ? "-" : "",
                                  (unsigned long long)(size / (uint64_t)NS_PER_SECOND));

    return len + format_fraction((uint32_t)(size % (uint64_t)NS_PER_SECOND), out + len);
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int64_t time_wall_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int64_t time_monotonic_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}
