#include "trace/render_time.h"

#include <string.h>

#include "support/test.h"

static const char *format(int64_t ns, size_t decimals, bool trimmed)
{
    static char text[RENDER_TIME_ROOM + 1];

    text[render_time(ns, decimals, trimmed, text)] = '\0';
    return text;
}

/* date -u -d @1757695899 */
static const int64_t SECOND = INT64_C(1757695899000000000);

static void test_decimals_are_cut_and_trimmed(void **state)
{
    (void)state;
    assert_string_equal(format(SECOND + 269022269, 9, true), "2025-09-12T16:51:39.269022269Z");
    assert_string_equal(format(SECOND + 269022200, 9, true), "2025-09-12T16:51:39.2690222Z");
    assert_string_equal(format(SECOND + 1, 9, true), "2025-09-12T16:51:39.000000001Z");
    assert_string_equal(format(SECOND, 9, true), "2025-09-12T16:51:39Z");
    assert_string_equal(format(SECOND + 269999999, 4, false), "2025-09-12T16:51:39.2699Z");
    assert_string_equal(format(SECOND, 4, false), "2025-09-12T16:51:39.0000Z");
    assert_string_equal(format(SECOND + 559999999, 2, true), "2025-09-12T16:51:39.55Z");
    assert_string_equal(format(SECOND + 509999999, 2, true), "2025-09-12T16:51:39.5Z");
    assert_string_equal(format(SECOND + 9999999, 2, true), "2025-09-12T16:51:39Z");
}

static void test_the_remembered_second_is_not_taken_for_another(void **state)
{
    (void)state;
    assert_string_equal(format(SECOND + 999999999, 9, true), "2025-09-12T16:51:39.999999999Z");
    assert_string_equal(format(SECOND + 1000000000, 9, true), "2025-09-12T16:51:40Z");
    assert_string_equal(format(SECOND - 1, 9, true), "2025-09-12T16:51:38.999999999Z");
    assert_string_equal(format(SECOND, 9, true), "2025-09-12T16:51:39Z");
}

static void test_the_ends_of_time_are_written(void **state)
{
    (void)state;
    assert_string_equal(format(0, 9, true), "1970-01-01T00:00:00Z");
    assert_string_equal(format(-1, 9, true), "1970-01-01T00:00:00Z");
    assert_string_equal(format(INT64_MIN, 9, true), "1970-01-01T00:00:00Z");
    assert_string_equal(format(INT64_MAX, 9, true), "2262-04-11T23:47:16.854775807Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimals_are_cut_and_trimmed),
        cmocka_unit_test(test_the_remembered_second_is_not_taken_for_another),
        cmocka_unit_test(test_the_ends_of_time_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
