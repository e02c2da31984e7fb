/* Instants and durations: 64-bit nanoseconds, instants since 1970-01-01 UTC.
 * Pure functions; any thread. */
#ifndef OU_BASE_TIME_H
#define OU_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "Not known". Never the result of arithmetic: a stamp in a log lies between
 * the years 1970 and 2262. */
#define TIME_NONE INT64_MIN
#define NS_PER_SECOND INT64_C(1000000000)

/* Reads "2023-03-22T10:11:12.123456789Z" or the same with a blank for the T.
 * 0 to 12 decimals (those beyond nine are cut; a dot wants one at least), the Z
 * may be missing, nothing may follow. False when the text is anything else or no real date, or lies
 * outside 1970..2262. Leap second :60 reads as :59. */
bool time_parse_iso(const char *text, size_t len, int64_t *ret_ns);

/* "2023-03-22T10:11:12.123456789Z": decimals without trailing zeros, no dot
 * when there are none. Returns the length; "null" for TIME_NONE. */
#define TIME_ISO_ROOM 40
size_t time_format_iso(int64_t ns, char out[TIME_ISO_ROOM]);

/* A duration in seconds as an exact decimal without trailing zeros: 0.0012,
 * -3, 27.0495. Returns the length. */
#define TIME_SECONDS_ROOM 32
size_t time_format_seconds(int64_t ns, char out[TIME_SECONDS_ROOM]);

/* The wall clock: what slots go by. */
int64_t time_wall_ns(void);

/* Monotonic clock, for progress and rates. */
int64_t time_monotonic_ns(void);

#endif
