#include "collect/rotation.h"

#include "support/test.h"

static void test_a_name_is_the_second_of_the_creation(void **state)
{
    char name[LOG_NAME_ROOM];
    int64_t second = 0;

    (void)state;
    log_file_name(1774160692, "json", name);
    assert_string_equal(name, "node-2026-03-22T06-24-52.json");
    assert_true(log_file_stamp(name, "json", &second));
    assert_int_equal(second, 1774160692);
    log_file_name(0, "scjson", name);
    assert_string_equal(name, "node-1970-01-01T00-00-00.scjson");
}

static void test_other_names_are_no_log_files(void **state)
{
    static const char *const others[] = {
        "",
        "node.json",
        "node.json.tmp",
        "node-2026-03-22T06-24-52.log",
        "node-2026-03-22T06-24-52.json.gz",
        "node-2026-03-22T06-24-52json",
        "node-2026-03-22T06:24:52.json",
        "node-2026-03-22 06-24-52.json",
        "node-2026-02-30T06-24-52.json",
        "Node-2026-03-22T06-24-52.json",
        "node-2026-03-22T06-24-5.json",
        "xnode-2026-03-22T06-24-52.json",
    };
    int64_t second;

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        assert_false(log_file_stamp(others[i], "json", &second));
}

static void test_a_new_file_has_the_greatest_name(void **state)
{
    int64_t at[] = { 100, 200, 300 };
    const struct log_stamps three = { at, 3, 3 }, none = { 0 };

    (void)state;
    assert_int_equal(log_stamps_next(&none, 250), 250);
    assert_int_equal(log_stamps_next(&three, 400), 400);
    assert_int_equal(log_stamps_next(&three, 300), 301);
    assert_int_equal(log_stamps_next(&three, 150), 301); /* the clock was set back */
    assert_int_equal(log_stamps_newest(&none, 250), SIZE_MAX);
    assert_int_equal(log_stamps_newest(&three, 250), 2);
}

static void test_files_of_a_clock_that_was_far_ahead_do_not_count(void **state)
{
    int64_t at[] = { 100, 200, 1000000000 };
    const struct log_stamps three = { at, 3, 3 };

    (void)state;
    assert_int_equal(log_stamps_newest(&three, 150), 1);
    assert_int_equal(log_stamps_next(&three, 150), 201);
    assert_int_equal(log_stamps_next(&three, 1000000000 - 86400), 1000000001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_is_the_second_of_the_creation),
        cmocka_unit_test(test_other_names_are_no_log_files),
        cmocka_unit_test(test_a_new_file_has_the_greatest_name),
        cmocka_unit_test(test_files_of_a_clock_that_was_far_ahead_do_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
