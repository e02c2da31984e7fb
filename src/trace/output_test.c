#include "trace/output.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;

static int make_dir(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static void line(struct output *o, const char *text)
{
    buffer_text(output_line(o), text);
    output_line_end(o);
}

static const char *content(const char *path)
{
    static struct buffer text;

    buffer_release(&text);
    buffer_init(&text, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(path, &text, NULL), OU_OK);
    return buffer_string(&text);
}

static void test_lines_are_appended_when_flushed(void **state)
{
    const char *path = temp_file(&dir, "log", "before\n");
    struct output o;

    (void)state;
    assert_int_equal(output_open(&o, path, NULL), OU_OK);
    line(&o, "one\n");
    line(&o, "two\n");
    assert_string_equal(content(path), "before\n");
    assert_int_equal(output_flush(&o, NULL), OU_OK);
    assert_string_equal(content(path), "before\none\ntwo\n");
    assert_int_equal(o.lines, 2);
    line(&o, "three\n");
    output_close(&o);
    assert_string_equal(content(path), "before\none\ntwo\nthree\n");
}

static void test_a_line_that_is_too_long_is_lost_alone(void **state)
{
    const char *path = temp_path(&dir, "log");
    struct output o;

    (void)state;
    output_open(&o, path, NULL);
    line(&o, "one\n");
    buffer_printf(output_line(&o), "%*s", 5 << 20, "long");
    output_line_end(&o);
    line(&o, "two\n");
    output_flush(&o, NULL);
    assert_string_equal(content(path), "one\ntwo\n");
    assert_int_equal(o.lines, 2);
    assert_int_equal(o.lost_lines, 1);
    output_close(&o);
}

static void test_a_full_device_loses_lines_and_says_so(void **state)
{
    struct output o;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(output_open(&o, "/dev/full", NULL), OU_OK);
    line(&o, "one\n");
    line(&o, "two\n");
    assert_int_equal(output_flush(&o, &err), OU_IO);
    assert_non_null(strstr(err.text, "/dev/full"));
    assert_int_equal(o.lines, 0);
    assert_int_equal(o.lost_lines, 2);
    output_close(&o);
}

/* A limit on the size of files stands in for a disk that fills up in the middle of a line. */
static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_line_that_was_cut_is_ended_before_the_next(void **state)
{
    const char *path = temp_path(&dir, "log");
    struct rlimit limit;
    struct output o;

    (void)state;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit_file_size(10);
    output_open(&o, path, NULL);
    line(&o, "first\n");
    line(&o, "second\n");
    line(&o, "third\n");
    assert_int_equal(output_flush(&o, NULL), OU_IO);
    line(&o, "lost\n");
    assert_int_equal(output_flush(&o, NULL), OU_IO);
    limit_file_size(limit.rlim_cur);
    line(&o, "fourth\n");
    assert_int_equal(output_flush(&o, NULL), OU_OK);
    assert_string_equal(content(path), "first\nseco\nfourth\n");
    assert_int_equal(o.lines, 2);
    assert_int_equal(o.lost_lines, 3);
    output_close(&o);
}

/* The limit is there when the file is opened, and the same file is opened again. */
static void test_a_file_that_is_opened_again_still_has_its_cut_line(void **state)
{
    const char *path = temp_path(&dir, "log");
    struct rlimit limit;
    struct output o;

    (void)state;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit_file_size(3);
    output_open(&o, path, NULL);
    line(&o, "first\n");
    assert_int_equal(output_flush(&o, NULL), OU_IO);
    limit_file_size(limit.rlim_cur);
    assert_int_equal(output_reopen(&o, NULL), OU_OK);
    line(&o, "second\n");
    assert_int_equal(output_flush(&o, NULL), OU_OK);
    assert_string_equal(content(path), "fir\nsecond\n");
    output_close(&o);
    unlink(path);
}

/* A pipe with a name, whose reader goes away. SIGPIPE is as every program has it at first. */
static void open_pipe(struct output *o)
{
    const char *path = temp_path(&dir, "pipe");
    int reader;

    assert_int_equal(mkfifo(path, 0600), 0);
    reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_int_equal(output_open(o, path, NULL), OU_OK);
    close(reader);
    unlink(path);
}

static void test_a_pipe_that_nobody_reads_is_given_up(void **state)
{
    struct output o;

    (void)state;
    open_pipe(&o);
    line(&o, "one\n");
    assert_int_equal(output_flush(&o, NULL), OU_IO);
    assert_true(o.gone);
    line(&o, "two\n");
    assert_int_equal(output_flush(&o, NULL), OU_IO);
    assert_int_equal(o.lost_lines, 2);
    output_close(&o);
}

static bool sigpipe_waits(void)
{
    sigset_t pending;

    sigpending(&pending);
    return sigismember(&pending, SIGPIPE);
}

static void test_a_signal_that_waits_is_taken_away_only_when_it_is_ours(void **state)
{
    struct output o;
    sigset_t pipes, before;
    int got;

    (void)state;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipes, &before);
    open_pipe(&o);
    line(&o, "one\n");
    assert_int_equal(output_flush(&o, NULL), OU_IO);
    assert_false(sigpipe_waits());
    o.gone = false;
    pthread_kill(pthread_self(), SIGPIPE);
    line(&o, "two\n");
    assert_int_equal(output_flush(&o, NULL), OU_IO);
    assert_true(sigpipe_waits());
    sigwait(&pipes, &got);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    output_close(&o);
}

static void test_a_reopened_file_is_the_one_with_the_name(void **state)
{
    const char *path = temp_path(&dir, "log"), *moved = temp_path(&dir, "log.1");
    struct output o;

    (void)state;
    output_open(&o, path, NULL);
    line(&o, "one\n");
    rename(path, moved);
    assert_int_equal(output_reopen(&o, NULL), OU_OK);
    line(&o, "two\n");
    output_flush(&o, NULL);
    assert_string_equal(content(moved), "one\n");
    assert_string_equal(content(path), "two\n");
    output_close(&o);
}

static void test_a_file_that_cannot_be_reopened_goes_on(void **state)
{
    const char *path = temp_path(&dir, "log"), *moved = temp_path(&dir, "log.1");
    struct output o;
    struct ou_error err = { "" };

    (void)state;
    output_open(&o, path, NULL);
    rename(path, moved);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(output_reopen(&o, &err), OU_IO);
    line(&o, "one\n");
    output_flush(&o, NULL);
    assert_string_equal(content(moved), "one\n");
    output_close(&o);
    rmdir(path);
}

static void test_a_file_in_no_folder_cannot_be_opened(void **state)
{
    struct output o;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(output_open(&o, temp_path(&dir, "none/log"), &err), OU_IO);
    assert_non_null(strstr(err.text, "none/log: No such file"));
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        EACH(test_lines_are_appended_when_flushed),
        EACH(test_a_line_that_is_too_long_is_lost_alone),
        EACH(test_a_full_device_loses_lines_and_says_so),
        EACH(test_a_line_that_was_cut_is_ended_before_the_next),
        EACH(test_a_file_that_is_opened_again_still_has_its_cut_line),
        EACH(test_a_pipe_that_nobody_reads_is_given_up),
        EACH(test_a_signal_that_waits_is_taken_away_only_when_it_is_ours),
        EACH(test_a_reopened_file_is_the_one_with_the_name),
        EACH(test_a_file_that_cannot_be_reopened_goes_on),
        EACH(test_a_file_in_no_folder_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
