#include "chain/genesis_trim.h"

#include <stdio.h>
#include <string.h>

#include "support/files.h"
#include "support/test.h"

static void check(const char *text, const char *expected)
{
    struct temp_dir dir;
    struct buffer got;
    struct ou_error err = { 0 };

    temp_dir_make(&dir);
    buffer_init(&got, allocator_libc(), 1 << 20);
    if (genesis_read_trimmed(temp_file(&dir, "g.json", text), &got, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buffer_string(&got), expected);
    buffer_release(&got);
    temp_dir_remove(&dir);
}

static void test_large_members_are_left_out_wherever_they_stand(void **state)
{
    (void)state;
    check("{\"initialFunds\": {\"60\": 1, \"61\": 2}, \"k\": 3}",
          "{\"initialFunds\": {}, \"k\": 3}");
    check("{\"k\": 3, \"staking\": {\"pools\": {\"a\": [1, {}]}, \"stake\": {}}}",
          "{\"k\": 3, \"staking\": {}}");
    check("{\"initialFunds\":{},\"staking\":{\"x\":{}},\"z\":{\"y\":[]}}",
          "{\"initialFunds\":{},\"staking\":{},\"z\":{\"y\":[]}}");
}

static void test_lines_stay_the_same(void **state)
{
    (void)state;
    check("{\n\"initialFunds\": {\n  \"60\": 1\n},\n\"k\": 3\n}\n",
          "{\n\"initialFunds\": {\n\n},\n\"k\": 3\n}\n");
}

static void test_only_members_at_the_top_are_meant(void **state)
{
    static const char *const same[] = {
        "{\"a\": {\"initialFunds\": {\"60\": 1}}}",
        "{\"initialFunds\": [1, 2], \"staking\": null}",
        "{\"initialFund\": {\"60\": 1}, \"initialFundss\": {\"60\": 1}}",
        "{\"a\": \"initialFunds\", \"b\": {\"c\": 1}}",
        "{\"a\\\"initialFunds\": {\"60\": 1}}",
        "[\"initialFunds\", {\"a\": 1}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        check(same[i], same[i]);
}

static void test_brackets_in_texts_are_none(void **state)
{
    (void)state;
    check("{\"staking\": {\"x\": \"}}\\\"}\"}, \"k\": \"{\"}", "{\"staking\": {}, \"k\": \"{\"}");
}

static void test_what_is_no_json_ends_with_the_file(void **state)
{
    static const char *const odd[] = { "", "}}}}", "{\"k", "{\"a\": \\", "nonsense" };

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        check(odd[i], odd[i]);
    check("{\"staking\": {\"x\": {", "{\"staking\": {");
}

/* Some 40 MB of funds in a buffer of 1 MB. */
static void test_funds_do_not_take_memory(void **state)
{
    struct temp_dir dir;
    struct buffer got;
    const char *path;
    FILE *file;

    (void)state;
    temp_dir_make(&dir);
    path = temp_path(&dir, "large.json");
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("{\"initialFunds\": {", file);
    for (int i = 0; i < 500000; i++)
        fprintf(file, "%s\"60%056x\": 1000000", i ? ", " : "", i);
    fputs("}, \"k\": 1}", file);
    fclose(file);
    buffer_init(&got, allocator_libc(), 1 << 20);
    assert_int_equal(genesis_read_trimmed(path, &got, NULL), OU_OK);
    assert_string_equal(buffer_string(&got), "{\"initialFunds\": {}, \"k\": 1}");
    buffer_release(&got);
    temp_dir_remove(&dir);
}

static void test_what_stays_has_a_limit(void **state)
{
    struct temp_dir dir;
    struct buffer got;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    buffer_init(&got, allocator_libc(), 10);
    assert_int_equal(
        genesis_read_trimmed(temp_file(&dir, "g.json", "{\"k\": 1, \"l\": 2}"), &got, &err),
        OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "g.json"));
    buffer_release(&got);
    buffer_init(&got, allocator_libc(), 10);
    assert_int_equal(genesis_read_trimmed(temp_path(&dir, "none"), &got, &err), OU_NOT_FOUND);
    assert_int_equal(genesis_read_trimmed(temp_path(&dir, "."), &got, &err), OU_IO);
    buffer_release(&got);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_large_members_are_left_out_wherever_they_stand),
        cmocka_unit_test(test_lines_stay_the_same),
        cmocka_unit_test(test_only_members_at_the_top_are_meant),
        cmocka_unit_test(test_brackets_in_texts_are_none),
        cmocka_unit_test(test_what_is_no_json_ends_with_the_file),
        cmocka_unit_test(test_funds_do_not_take_memory),
        cmocka_unit_test(test_what_stays_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
