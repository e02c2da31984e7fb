#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "support/guard.h"
#include "support/random.h"
#include "support/test.h"

/* The C library's calendar is the oracle. */
static int64_t oracle_seconds(int year, int month, int day, int hour, int minute, int second)
{
    struct tm tm = { .tm_year = year - 1900,
                     .tm_mon = month - 1,
                     .tm_mday = day,
                     .tm_hour = hour,
                     .tm_min = minute,
                     .tm_sec = second };

    return timegm(&tm);
}

static int64_t parse(const char *text)
{
    int64_t ns = TIME_NONE;

    return time_parse_iso(text, strlen(text), &ns) ? ns : TIME_NONE;
}

static void test_known_instants_are_read(void **state)
{
    (void)state;
    assert_int_equal(parse("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(parse("2001-09-09T01:46:40Z"), 1000000000 * NS_PER_SECOND);
    assert_int_equal(parse("2023-03-22T10:11:12.123456789Z"), INT64_C(1679479872123456789));
    assert_int_equal(parse("2023-03-22 10:11:12.12"), INT64_C(1679479872120000000));
    assert_int_equal(parse("2262-04-11T23:47:16.854775807Z"), INT64_MAX);
}

static void test_every_day_agrees_with_the_c_library(void **state)
{
    int64_t days = 0;

    (void)state;
    for (int year = 1970; year <= 2261; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= 31; day++) {
                char text[64];
                int64_t seconds = oracle_seconds(year, month, day, 1, 2, 3);
                struct tm back;
                time_t at = (time_t)seconds;
                bool real = gmtime_r(&at, &back) && back.tm_mday == day;

                snprintf(text, sizeof text, "%04d-%02d-%02dT01:02:03Z", year, month, day);
                assert_int_equal(parse(text), real ? seconds * NS_PER_SECOND : TIME_NONE);
                days += real;
            }
        }
    }
    assert_int_equal(days, oracle_seconds(2262, 1, 1, 0, 0, 0) / 86400);
}

static void test_every_second_of_a_day_is_read(void **state)
{
    (void)state;
    for (int s = 0; s < 86400; s++) {
        char text[64];

        snprintf(text, sizeof text, "1970-01-02T%02d:%02d:%02dZ", s / 3600, s / 60 % 60, s % 60);
        assert_int_equal(parse(text), (86400 + s) * NS_PER_SECOND);
    }
}

static void test_decimals_count_from_the_left_and_are_cut_after_nine(void **state)
{
    static const char decimals[] = "987654321999";
    int64_t expected = 0, unit = NS_PER_SECOND / 10;

    (void)state;
    for (int n = 1; n <= 12; n++, unit /= 10) {
        char text[64];

        expected += (decimals[n - 1] - '0') * unit;
        snprintf(text, sizeof text, "1970-01-01T00:00:00.%.*sZ", n, decimals);
        assert_int_equal(parse(text), expected);
        snprintf(text, sizeof text, "1970-01-01 00:00:00.%.*s", n, decimals);
        assert_int_equal(parse(text), expected);
    }
    assert_int_equal(expected, 987654321);
}

static void test_what_is_no_date_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "2023-03-22",
        "2023-03-22T10:11:1",
        "2023-03-22T10:11:12.",
        "2023-03-22T10:11:12.Z",
        "2023-03-22T10:11:12.1234567890123Z",
        "2023-03-22T10:11:12ZZ",
        "2023-03-22T10:11:12Z ",
        "2023-03-22T10:11:12z",
        "2023-03-22T10:11:12+01:00",
        "2023-03-22T10:11:12.5 UTC",
        " 2023-03-22T10:11:12Z",
        "2023-03-22t10:11:12Z",
        "2023/03-22T10:11:12Z",
        "2023-03/22T10:11:12Z",
        "2023-03-22T10.11:12Z",
        "2023-03-22T10:11.12Z",
        "2023-3-22T10:11:12Z",
        "202a-03-22T10:11:12Z",
        "2023-03-22T10:11:1/Z",
        "2023-03-22T-1:11:12Z",
        "2023-00-22T10:11:12Z",
        "2023-13-22T10:11:12Z",
        "2023-03-00T10:11:12Z",
        "2023-03-32T10:11:12Z",
        "2023-04-31T10:11:12Z",
        "2023-02-29T10:11:12Z",
        "2100-02-29T10:11:12Z",
        "2023-03-22T24:00:00Z",
        "2023-03-22T10:60:12Z",
        "2023-03-22T10:11:61Z",
        "1969-12-31T23:59:59.999999999Z",
        "2262-04-11T23:47:16.854775808Z",
        "2262-04-11T23:47:17Z",
        "2262-12-31T00:00:00Z",
        "2263-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (parse(texts[i]) != TIME_NONE)
            fail_msg("read \"%s\"", texts[i]);
    }
    assert_int_not_equal(parse("2000-02-29T10:11:12Z"), TIME_NONE);
    assert_int_not_equal(parse("2024-02-29T10:11:12Z"), TIME_NONE);
}

static void test_any_other_byte_in_any_place_is_refused(void **state)
{
    static const char good[] = "2023-03-22T10:11:12.123456789Z";
    size_t len = sizeof good - 1;

    (void)state;
    for (size_t at = 0; at < len; at++) {
        for (int c = 0; c < 256; c++) {
            char text[sizeof good];
            bool digit = c >= '0' && c <= '9';
            int64_t ns;

            memcpy(text, good, sizeof good);
            text[at] = (char)c;
            if (c == good[at] || (digit && good[at] >= '0' && good[at] <= '9') ||
                (at == 10 && c == ' ') || (at == len - 1 && digit) || (at == 20 && c == 'Z'))
                continue;
            assert_false(time_parse_iso(text, len, &ns));
        }
    }
}

static void test_a_refused_text_leaves_the_result_alone(void **state)
{
    int64_t ns = 42;

    (void)state;
    assert_false(time_parse_iso("2262-04-12T00:00:00Z", 20, &ns));
    assert_false(time_parse_iso("2023-02-30T00:00:00Z", 20, &ns));
    assert_false(time_parse_iso(NULL, 0, &ns));
    assert_int_equal(ns, 42);
}

static void test_a_leap_second_reads_as_the_one_before(void **state)
{
    (void)state;
    assert_int_equal(parse("2016-12-31T23:59:60.25Z"), parse("2016-12-31T23:59:59.25Z"));
}

static void test_no_prefix_is_read_beyond_its_end(void **state)
{
    static const char good[] = "2023-03-22T10:11:12.123456789012Z";

    (void)state;
    for (size_t len = 0; len < sizeof good; len++) {
        struct guarded g = guard_copy(good, len);
        int64_t ns;

        assert_int_equal(time_parse_iso(g.at, len, &ns), len == 19 || len > 20);
        guard_release(&g);
    }
}

static const char *format(int64_t ns)
{
    static char text[TIME_ISO_ROOM];
    size_t len = time_format_iso(ns, text);

    assert_int_equal(len, strlen(text));
    return text;
}

static void test_instants_are_written_without_trailing_zeros(void **state)
{
    (void)state;
    assert_string_equal(format(0), "1970-01-01T00:00:00Z");
    assert_string_equal(format(1), "1970-01-01T00:00:00.000000001Z");
    assert_string_equal(format(INT64_C(1679479872120000000)), "2023-03-22T10:11:12.12Z");
    assert_string_equal(format(INT64_MAX), "2262-04-11T23:47:16.854775807Z");
    assert_string_equal(format(TIME_NONE), "null");
}

static void test_instants_before_1970_are_written(void **state)
{
    (void)state;
    assert_string_equal(format(-1), "1969-12-31T23:59:59.999999999Z");
    assert_string_equal(format(-NS_PER_SECOND), "1969-12-31T23:59:59Z");
    assert_string_equal(format(-86400 * NS_PER_SECOND), "1969-12-31T00:00:00Z");
    assert_string_equal(format(INT64_MIN + 1), "1677-09-21T00:12:43.145224193Z");
}

static void test_what_is_written_reads_back(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        int64_t ns = (int64_t)(next_random(&seed) >> (1 + i % 40));
        time_t seconds = (time_t)(ns / NS_PER_SECOND);
        char expected[32];
        struct tm tm;

        assert_int_equal(parse(format(ns)), ns);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
        assert_memory_equal(format(ns), expected, strlen(expected));
    }
}

static const char *seconds(int64_t ns)
{
    static char text[TIME_SECONDS_ROOM];
    size_t len = time_format_seconds(ns, text);

    assert_int_equal(len, strlen(text));
    return text;
}

static void test_durations_are_exact_decimals(void **state)
{
    (void)state;
    assert_string_equal(seconds(0), "0");
    assert_string_equal(seconds(1200000), "0.0012");
    assert_string_equal(seconds(-3 * NS_PER_SECOND), "-3");
    assert_string_equal(seconds(INT64_C(27049500000)), "27.0495");
    assert_string_equal(seconds(-1), "-0.000000001");
    assert_string_equal(seconds(-1500000000), "-1.5");
    assert_string_equal(seconds(100 * NS_PER_SECOND), "100");
    assert_string_equal(seconds(INT64_MAX), "9223372036.854775807");
    assert_string_equal(seconds(INT64_MIN), "-9223372036.854775808");
}

static void test_the_monotonic_clock_does_not_run_backwards(void **state)
{
    int64_t before = time_monotonic_ns();

    (void)state;
    assert_true(before > 0);
    for (int i = 0; i < 1000; i++) {
        int64_t now = time_monotonic_ns();

        assert_true(now >= before);
        before = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_instants_are_read),
        cmocka_unit_test(test_every_day_agrees_with_the_c_library),
        cmocka_unit_test(test_every_second_of_a_day_is_read),
        cmocka_unit_test(test_decimals_count_from_the_left_and_are_cut_after_nine),
        cmocka_unit_test(test_what_is_no_date_is_refused),
        cmocka_unit_test(test_any_other_byte_in_any_place_is_refused),
        cmocka_unit_test(test_a_refused_text_leaves_the_result_alone),
        cmocka_unit_test(test_a_leap_second_reads_as_the_one_before),
        cmocka_unit_test(test_no_prefix_is_read_beyond_its_end),
        cmocka_unit_test(test_instants_are_written_without_trailing_zeros),
        cmocka_unit_test(test_instants_before_1970_are_written),
        cmocka_unit_test(test_what_is_written_reads_back),
        cmocka_unit_test(test_durations_are_exact_decimals),
        cmocka_unit_test(test_the_monotonic_clock_does_not_run_backwards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
