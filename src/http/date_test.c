#include "http/date.h"

#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "support/test.h"

static int64_t read_date(const char *text)
{
    return http_date_ns(span_of(text));
}

static void test_the_date_of_the_standard_is_read(void **state)
{
    (void)state;
    assert_int_equal(read_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777 * NS_PER_SECOND);
}

/* The C library's own calendar as oracle, a day and some seconds apart. */
static void test_every_month_and_leap_day_is_read(void **state)
{
    (void)state;
    for (time_t at = 0; at < INT64_C(2000000000); at += 12 * 86400 + 12345) {
        char text[64];
        struct tm tm;

        assert_non_null(gmtime_r(&at, &tm));
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        assert_int_equal(read_date(text), at * NS_PER_SECOND);
    }
}

static void test_other_forms_are_not_read(void **state)
{
    static const char *const texts[] = {
        "",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, -6 Nov 1994 08:49:37 GMT",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(read_date(texts[i]), TIME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_date_of_the_standard_is_read),
        cmocka_unit_test(test_every_month_and_leap_day_is_read),
        cmocka_unit_test(test_other_forms_are_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
