/* Programs are the shell and tools beside it. */
#include "deploy/spawn.h"

#include <stdio.h>
#include <string.h>

#include "support/files.h"
#include "support/test.h"

static enum ou_status run(const char *script, uint64_t limit_ms, struct spawn_result *ret,
                          struct ou_error *err)
{
    const char *const argv[] = { "sh", "-c", script, NULL };

    return spawn_run(&(struct spawn_options){ .argv = argv, .limit_ms = limit_ms }, ret, err);
}

static void test_output_errors_and_status_are_kept_apart(void **state)
{
    struct spawn_result result;

    (void)state;
    assert_int_equal(run("echo one; echo two >&2; exit 3", 0, &result, NULL), OU_OK);
    assert_string_equal(buffer_string(&result.out), "one\n");
    assert_string_equal(buffer_string(&result.err), "two\n");
    assert_int_equal(result.status, 3);
    spawn_release(&result);
}

static void test_a_signal_is_told_as_the_shell_does(void **state)
{
    struct spawn_result result;

    (void)state;
    assert_int_equal(run("kill -TERM $$", 0, &result, NULL), OU_OK);
    assert_int_equal(result.status, 128 + 15);
    spawn_release(&result);
}

static void test_there_is_nothing_to_read_for_it(void **state)
{
    struct spawn_result result;

    (void)state;
    assert_int_equal(run("cat", 0, &result, NULL), OU_OK);
    assert_int_equal(result.status, 0);
    assert_int_equal(result.out.len, 0);
    spawn_release(&result);
}

static void test_it_reads_what_it_is_given(void **state)
{
    const char *const argv[] = { "sh", "-c", "sha256sum; echo $?", NULL };
    struct spawn_result result;
    struct buffer much;

    (void)state;
    buffer_init(&much, allocator_libc(), (size_t)1 << 20);
    for (int i = 0; i < 100000; i++)
        buffer_text(&much, "abcdefgh\n"); /* more than a pipe holds */
    assert_int_equal(
        spawn_run(&(struct spawn_options){ .argv = argv, .input = { much.at, much.len } }, &result,
                  NULL),
        OU_OK);
    /* yes abcdefgh | head -100000 | sha256sum */
    assert_string_equal(buffer_string(&result.out),
                        "d7243f8f628b7c8786e97e0a49fcad15598330d57a8cbbb869abd372b4f7140d  -\n0\n");
    spawn_release(&result);
    buffer_release(&much);
}

static void test_one_that_reads_nothing_of_it_is_fine(void **state)
{
    const char *const argv[] = { "true", NULL };
    struct spawn_result result;

    (void)state;
    assert_int_equal(
        spawn_run(&(struct spawn_options){ .argv = argv, .input = span_of("text") }, &result, NULL),
        OU_OK);
    assert_int_equal(result.status, 0);
    spawn_release(&result);
}

static void test_one_that_is_cancelled_is_killed(void **state)
{
    const char *const argv[] = { "sleep", "600", NULL };
    const atomic_bool cancel = true;
    struct spawn_result result;

    (void)state;
    assert_int_equal(
        spawn_run(&(struct spawn_options){ .argv = argv, .cancel = &cancel }, &result, NULL),
        OU_INTERRUPTED);
    spawn_release(&result);
}

static void test_what_is_not_there_is_not_found(void **state)
{
    const char *const argv[] = { "/nowhere/at-all", NULL };
    struct spawn_result result;
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(spawn_run(&(struct spawn_options){ .argv = argv }, &result, &err),
                     OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "/nowhere/at-all"));
    spawn_release(&result);
}

static void test_one_that_does_not_end_is_killed_with_its_children(void **state)
{
    struct temp_dir dir;
    struct spawn_result result;
    struct ou_error err = { 0 };
    char script[300];

    (void)state;
    temp_dir_make(&dir);
    snprintf(script, sizeof script, "sleep 1000 & echo $! > '%s'; wait", temp_path(&dir, "pid"));
    assert_int_equal(run(script, 300, &result, &err), OU_IO);
    assert_non_null(strstr(err.text, "did not come to an end"));
    spawn_release(&result);
    snprintf(script, sizeof script,
             "p=$(cat '%s'); for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 $p 2>/dev/null || exit 0;"
             " grep -q '^State:.*Z' /proc/$p/status && exit 0; sleep 0.2; done; exit 1",
             temp_path(&dir, "pid"));
    assert_int_equal(run(script, 0, &result, NULL), OU_OK);
    assert_int_equal(result.status, 0);
    spawn_release(&result);
    temp_dir_remove(&dir);
}

static void test_more_output_than_is_kept_does_not_block(void **state)
{
    struct spawn_result result;

    (void)state;
    assert_int_equal(run("head -c 3000000 /dev/zero; echo done >&2", 0, &result, NULL), OU_OK);
    assert_int_equal(result.out.len, SPAWN_OUTPUT_MAX);
    assert_string_equal(buffer_string(&result.err), "done\n");
    spawn_release(&result);
}

static void test_it_runs_where_it_is_told_to(void **state)
{
    const char *const argv[] = { "sh", "-c", "echo here > file", NULL };
    struct temp_dir dir;
    struct spawn_result result;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(
        spawn_run(&(struct spawn_options){ .argv = argv, .directory = temp_path(&dir, ".") },
                  &result, NULL),
        OU_OK);
    assert_int_equal(lines_with(temp_path(&dir, "file"), "here"), 1);
    spawn_release(&result);
    temp_dir_remove(&dir);
}

static void check_last_line(const char *script, const char *expected)
{
    struct spawn_result result;
    char line[100];

    assert_int_equal(run(script, 0, &result, NULL), OU_OK);
    spawn_last_line(&result, line, sizeof line);
    assert_string_equal(line, expected);
    spawn_release(&result);
}

static void test_the_last_line_of_errors_is_what_messages_want(void **state)
{
    (void)state;
    check_last_line("echo out; printf 'first\\n  why it failed \\n\\n' >&2", "why it failed");
    check_last_line("echo 'only out'", "only out");
    check_last_line(":", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_errors_and_status_are_kept_apart),
        cmocka_unit_test(test_a_signal_is_told_as_the_shell_does),
        cmocka_unit_test(test_there_is_nothing_to_read_for_it),
        cmocka_unit_test(test_it_reads_what_it_is_given),
        cmocka_unit_test(test_one_that_reads_nothing_of_it_is_fine),
        cmocka_unit_test(test_one_that_is_cancelled_is_killed),
        cmocka_unit_test(test_what_is_not_there_is_not_found),
        cmocka_unit_test(test_one_that_does_not_end_is_killed_with_its_children),
        cmocka_unit_test(test_more_output_than_is_kept_does_not_block),
        cmocka_unit_test(test_it_runs_where_it_is_told_to),
        cmocka_unit_test(test_the_last_line_of_errors_is_what_messages_want),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
