#include <ouroscope/trace.h>
#include <stdio.h>

#include "support/files.h"
#include "trace/config_test.h"
#include "trace/config_test_points.h"

struct told {
    char lines[8][300];
    int count;
};

static void tell(void *context, const char *warning)
{
    struct told *told = context;

    assert_true(told->count < 8);
    snprintf(told->lines[told->count++], sizeof told->lines[0], "%s", warning);
}

static void test_a_good_file_has_nothing_told(void **state)
{
    struct told told = { .count = 0 };
    struct temp_dir dir;
    struct ou_error err;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(
        ou_trace_check(temp_file(&dir, "c", "TraceOptions: {Forge.Loop: {}}"), tell, &told, &err),
        OU_OK);
    assert_int_equal(told.count, 0);
    assert_int_equal(ou_trace_check(NULL, tell, &told, &err), OU_OK);
    assert_int_equal(told.count, 0);
    temp_dir_remove(&dir);
}

static void test_each_warning_is_told_by_itself(void **state)
{
    struct told told = { .count = 0 };
    struct temp_dir dir;
    const char *path;
    char want[400];

    (void)state;
    temp_dir_make(&dir);
    path = temp_file(&dir, "c", "TraceOptions:\n  Forg: {}\n  Forge: {x: 1}\n");
    assert_int_equal(ou_trace_check(path, tell, &told, NULL), OU_OK);
    assert_int_equal(told.count, 2);
    snprintf(want, sizeof want,
             "%s:2: Config namespace error: Illegal namespace Forg; did you mean Forge?", path);
    assert_string_equal(told.lines[0], want);
    snprintf(want, sizeof want, "%s:3: the entry \"Forge\" of TraceOptions has no member \"x\"",
             path);
    assert_string_equal(told.lines[1], want);
    assert_int_equal(ou_trace_check(path, NULL, NULL, NULL), OU_OK);
    temp_dir_remove(&dir);
}

static void test_a_wrong_file_is_an_error(void **state)
{
    struct told told = { .count = 0 };
    struct ou_error err = { { 0 } };
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(ou_trace_check(temp_file(&dir, "c", "TraceOptions: {Forg: {severity: x}}"),
                                    tell, &told, &err),
                     OU_INVALID);
    assert_non_null(strstr(err.text, "/c:1: severity is \"x\"; there are: \"Debug\""));
    assert_int_equal(told.count, 0);
    assert_int_equal(ou_trace_check(temp_path(&dir, "none"), tell, &told, &err), OU_NOT_FOUND);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_file_has_nothing_told),
        cmocka_unit_test(test_each_warning_is_told_by_itself),
        cmocka_unit_test(test_a_wrong_file_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
