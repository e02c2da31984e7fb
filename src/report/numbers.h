/* Numbers as text, by hand, because a table of slots has a hundred million of
 * them: digits go straight to memory, without printf, locale or allocation.
 *
 * Each function writes at `at`, where NUMBER_ROOM bytes must be free, and
 * returns the end of what it wrote; no NUL follows. Any thread. */
#ifndef OU_REPORT_NUMBERS_H
#define OU_REPORT_NUMBERS_H

#include <stdint.h>

#define NUMBER_ROOM 48

char *put_u64(char *at, uint64_t value);
char *put_i64(char *at, int64_t value);

/* With commas between the thousands: 2,498,400. */
char *put_grouped(char *at, uint64_t value);

/* A duration in seconds as an exact decimal without trailing zeros, as
 * time_format_seconds() writes it. ns is not TIME_NONE. */
char *put_seconds(char *at, int64_t ns);

/* value with exactly `decimals` (0 to 9) digits behind the dot, rounded half
 * away from zero; no minus before a zero. Above 9e15 units of the last digit it
 * is written as json_format_double() does. value is finite. */
char *put_fixed(char *at, double value, int decimals);

/* The same without trailing zeros, and without the dot when none is left. */
char *put_rounded(char *at, double value, int decimals);

/* value exactly (as json_format_double() does) and without exponent where its
 * magnitude lies between 1e-7 and 1e21: 1.25e-05 is 0.0000125. value is finite. */
char *put_plain(char *at, double value);

#endif
