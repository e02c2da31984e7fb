#include "base/status.h"

#include <string.h>

#include "support/test.h"

static void test_failing_returns_the_status_and_formats_the_message(void **state)
{
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(ou_fail(&err, OU_IO, "open %s: %d", "x", 7), OU_IO);
    assert_string_equal(err.text, "open x: 7");
    assert_int_equal(ou_fail(NULL, OU_INVALID, "nobody asks"), OU_INVALID);
}

static void test_a_message_may_wrap_the_one_before(void **state)
{
    struct ou_error err = { 0 };

    (void)state;
    ou_fail(&err, OU_IO, "inner");
    ou_fail(&err, OU_IO, "outer: %s", err.text);
    assert_string_equal(err.text, "outer: inner");
}

static void test_a_long_message_is_cut_and_marked(void **state)
{
    struct ou_error err = { 0 };
    size_t room = sizeof err.text;
    char text[2 * sizeof err.text];

    (void)state;
    memset(text, 'a', sizeof text);
    text[room - 1] = '\0';
    ou_fail(&err, OU_IO, "%s", text);
    assert_int_equal(strlen(err.text), room - 1);
    assert_int_equal(err.text[room - 2], 'a');

    text[room - 1] = 'a';
    text[room] = '\0';
    ou_fail(&err, OU_IO, "%s", text);
    assert_int_equal(strlen(err.text), room - 1);
    assert_string_equal(err.text + room - 5, "a...");
}

static void test_the_cut_does_not_split_a_character(void **state)
{
    struct ou_error err = { 0 };
    char text[2 * sizeof err.text];
    size_t at = sizeof err.text - 5; /* "é" across the place of the first dot */

    (void)state;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    memcpy(text + at, "\xc3\xa9", 2);
    ou_fail(&err, OU_IO, "%s", text);
    assert_string_equal(err.text + at - 1, "a...");
}

static void test_each_status_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = OU_OK; a <= OU_USAGE; a++) {
        assert_string_not_equal(ou_status_name((enum ou_status)a), "unknown");
        for (int b = OU_OK; b < a; b++)
            assert_string_not_equal(ou_status_name((enum ou_status)a),
                                    ou_status_name((enum ou_status)b));
    }
    assert_string_equal(ou_status_name((enum ou_status)(OU_USAGE + 1)), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failing_returns_the_status_and_formats_the_message),
        cmocka_unit_test(test_a_message_may_wrap_the_one_before),
        cmocka_unit_test(test_a_long_message_is_cut_and_marked),
        cmocka_unit_test(test_the_cut_does_not_split_a_character),
        cmocka_unit_test(test_each_status_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
