#include "trace/data_points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* The value; NULL when there is none. Valid until the next call. */
static const char *value_of(const char *name)
{
    static char text[2 * DATA_POINT_JSON_MAX];
    struct buffer out;
    bool found;

    buffer_init(&out, allocator_libc(), sizeof text - 1);
    found = data_points_get(span_of(name), &out);
    snprintf(text, sizeof text, "%s", buffer_string(&out));
    buffer_release(&out);
    return found ? text : NULL;
}

static void test_the_latest_value_counts(void **state)
{
    (void)state;
    assert_null(value_of("a"));
    assert_int_equal(ou_data_point_set("a", "1", NULL), OU_OK);
    assert_int_equal(ou_data_point_set("b", "2", NULL), OU_OK);
    assert_int_equal(ou_data_point_set("a", " { \"x\" : [ 1, \"a b\" ] } ", NULL), OU_OK);
    assert_string_equal(value_of("a"), "{\"x\":[1,\"a b\"]}");
    assert_string_equal(value_of("b"), "2");
    assert_int_equal(ou_data_point_set("a", NULL, NULL), OU_OK);
    assert_int_equal(ou_data_point_set("a", NULL, NULL), OU_OK);
    assert_null(value_of("a"));
    assert_string_equal(value_of("b"), "2");
    ou_data_point_set("b", NULL, NULL);
}

static void test_what_is_no_json_or_no_name_is_refused(void **state)
{
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ou_data_point_set("a", "{", &err), OU_INVALID);
    assert_non_null(strstr(err.text, "JSON"));
    assert_int_equal(ou_data_point_set("a", "", NULL), OU_INVALID);
    assert_int_equal(ou_data_point_set("", "1", NULL), OU_INVALID);
    assert_int_equal(ou_data_point_set(NULL, "1", NULL), OU_INVALID);
    assert_int_equal(ou_data_point_set("\xff", "1", NULL), OU_INVALID);
    assert_null(value_of("a"));
}

static void test_bytes_that_are_no_text_are_mended(void **state)
{
    (void)state;
    assert_int_equal(ou_data_point_set("a", "\"\xff\"", NULL), OU_OK);
    assert_string_equal(value_of("a"), "\"\xef\xbf\xbd\"");
    ou_data_point_set("a", NULL, NULL);
}

static void test_sizes_and_numbers_have_limits(void **state)
{
    char *json = malloc(DATA_POINT_JSON_MAX + 2), name[DATA_POINT_NAME_MAX + 2];

    (void)state;
    memset(json, ' ', DATA_POINT_JSON_MAX + 1);
    json[0] = '1';
    json[DATA_POINT_JSON_MAX + 1] = 0;
    assert_int_equal(ou_data_point_set("a", json, NULL), OU_TOO_LARGE);
    json[DATA_POINT_JSON_MAX] = 0;
    assert_int_equal(ou_data_point_set("a", json, NULL), OU_OK);
    memset(name, 'n', sizeof name);
    name[DATA_POINT_NAME_MAX + 1] = 0;
    assert_int_equal(ou_data_point_set(name, "1", NULL), OU_TOO_LARGE);
    for (int i = 1; i < DATA_POINTS_MAX; i++) {
        snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(ou_data_point_set(name, "1", NULL), OU_OK);
    }
    assert_int_equal(ou_data_point_set("one more", "1", NULL), OU_TOO_LARGE);
    assert_int_equal(ou_data_point_set("n7", "2", NULL), OU_OK);
    for (int i = 1; i < DATA_POINTS_MAX; i++) {
        snprintf(name, sizeof name, "n%d", i);
        ou_data_point_set(name, NULL, NULL);
    }
    ou_data_point_set("a", NULL, NULL);
    free(json);
}

static void test_the_library_does_not_take_the_programs_place(void **state)
{
    (void)state;
    data_points_own("a", "1");
    assert_string_equal(value_of("a"), "1");
    data_points_own("a", "2");
    assert_string_equal(value_of("a"), "2");
    ou_data_point_set("a", "3", NULL);
    data_points_own("a", "4");
    data_points_own("a", NULL);
    assert_string_equal(value_of("a"), "3");
    ou_data_point_set("a", NULL, NULL);
    data_points_own("a", "5");
    data_points_own("a", NULL);
    assert_null(value_of("a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_latest_value_counts),
        cmocka_unit_test(test_what_is_no_json_or_no_name_is_refused),
        cmocka_unit_test(test_bytes_that_are_no_text_are_mended),
        cmocka_unit_test(test_sizes_and_numbers_have_limits),
        cmocka_unit_test(test_the_library_does_not_take_the_programs_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
