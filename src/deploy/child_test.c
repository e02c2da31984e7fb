#include "deploy/child.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "deploy/process.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static uv_loop_t loop;
static int end_count, end_status;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    end_count = 0;
    return uv_loop_init(&loop);
}

static int tear_down(void **state)
{
    (void)state;
    uv_run(&loop, UV_RUN_DEFAULT);
    temp_dir_remove(&dir);
    return uv_loop_close(&loop);
}

static void on_ended(struct child *c, void *owner, int status)
{
    assert_ptr_equal(owner, &loop);
    assert_false(child_is_running(c));
    end_count++;
    end_status = status;
}

static struct child *start_shell(const char *script)
{
    const char *argv[] = { "/bin/sh", "-c", script, NULL };
    const struct child_options options = { .name = "node-3",
                                           .argv = argv,
                                           .directory = dir.path,
                                           .environment =
                                               (const char *const[]){ "SHADE=green", NULL },
                                           .ended = on_ended,
                                           .owner = &loop };
    struct child *c = NULL;
    struct ou_error err = { 0 };

    if (child_start(&loop, &options, &c, &err))
        fail_msg("%s", err.text);
    return c;
}

static void run_to_end(void)
{
    while (end_count == 0)
        uv_run(&loop, UV_RUN_ONCE);
}

/* Without the limits of temp_path(): for those who ask again and again. */
static const char *in_folder(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/%s", dir.path, name);
    return path;
}

/* What a file says, without its last newline. */
static const char *said(const char *name)
{
    static char text[4096];
    struct buffer b;

    buffer_init(&b, allocator_libc(), sizeof text - 1);
    assert_int_equal(file_read(in_folder(name), &b, NULL), OU_OK);
    snprintf(text, sizeof text, "%s", buffer_string(&b));
    buffer_release(&b);
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* Waits for what another process does within a moment; fails after half a minute. */
static void wait_for(bool (*condition)(void))
{
    for (int i = 0; i < 3000; i++) {
        if (condition())
            return;
        usleep(10000);
    }
    fail_msg("it does not happen");
}

static bool has_ready(void)
{
    return access(in_folder("ready"), F_OK) == 0;
}

/* ---- starting ---- */

static void test_a_process_runs_in_its_folder_and_leaves_its_output_there(void **state)
{
    struct child *c = start_shell("pwd -P; echo wrong >&2; cat; echo end");
    char real[4096];

    (void)state;
    assert_true(child_is_running(c));
    assert_string_equal(child_name(c), "node-3");
    assert_int_equal(atoi(said("pid")), child_pid(c));
    run_to_end();
    assert_int_equal(end_status, 0);
    assert_non_null(realpath(dir.path, real));
    assert_string_equal(said("stdout"), real);
    assert_int_equal(lines_with(in_folder("stdout"), "end"), 1); /* cat met an empty input */
    assert_string_equal(said("stderr"), "wrong");
    assert_string_equal(said("exit_status"), "0");
    child_free(c);
}

static void test_a_process_has_our_environment_with_its_variables(void **state)
{
    struct child *c;

    (void)state;
    setenv("SHADE", "red", 1);
    setenv("SHADES", "many", 1);
    c = start_shell("env | grep '^SHADE' | sort | tr '\\n' ' '");
    run_to_end();
    assert_string_equal(said("stdout"), "SHADE=green SHADES=many ");
    child_free(c);
}

static void test_output_of_a_second_start_is_added(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct child *c = start_shell("echo hello");

        end_count = 0;
        run_to_end();
        child_free(c);
    }
    assert_int_equal(lines_with(in_folder("stdout"), "hello"), 2);
}

static void test_the_exit_status_is_told(void **state)
{
    struct child *c = start_shell("exit 7");

    (void)state;
    run_to_end();
    assert_int_equal(end_status, 7);
    assert_string_equal(said("exit_status"), "7");
    child_free(c);
}

/* What it used is what child_spent() says, in a line for each start. */
static void test_each_start_leaves_a_line_of_what_it_used(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct child *c = start_shell("i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done");
        char user[64];

        end_count = 0;
        run_to_end();
        assert_true(child_spent(c).user_ns > 0);
        snprintf(user, sizeof user, "\"userSeconds\":%g,", (double)child_spent(c).user_ns / 1e9);
        assert_int_equal(lines_with(in_folder("usage.jsonl"), user), 1);
        child_free(c);
    }
    assert_int_equal(lines_with(in_folder("usage.jsonl"), "\"maxRssBytes\":"), 2);
}

static void test_a_signal_is_told_as_a_shell_does(void **state)
{
    struct child *c = start_shell("kill -SEGV $$");

    (void)state;
    run_to_end();
    assert_int_equal(end_status, 128 + SIGSEGV);
    child_free(c);
}

static void test_a_program_that_is_not_there_fails_at_once(void **state)
{
    const char *argv[] = { "/nowhere/program", NULL };
    const struct child_options options = { .name = "node-3", .argv = argv, .directory = dir.path };
    struct child *c = NULL;
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(child_start(&loop, &options, &c, &err), OU_IO);
    assert_string_equal(err.text, "start node-3: /nowhere/program: No such file or directory");
    assert_null(c);
}

static void test_a_folder_that_is_not_there_fails_at_once(void **state)
{
    const char *argv[] = { "/bin/true", NULL };
    const struct child_options options = { .name = "n", .argv = argv, .directory = "/nowhere" };
    struct child *c = NULL;
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(child_start(&loop, &options, &c, &err), OU_IO);
    assert_non_null(strstr(err.text, "/nowhere"));
}

/* Signals 32 and 33 are the C library's: it lets nobody touch them, and sanitizers have one ignored. */
#define SIGNALS_OF_LIBC 0x180000000ULL

static void test_no_descriptor_and_no_ignored_signal_is_inherited(void **state)
{
    unsigned long long ignored;
    int fd = open("/dev/null", O_RDONLY); /* not to be closed at exec */
    struct child *c;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    c = start_shell("ls /proc/self/fd | tr '\\n' ' '; echo; grep SigIgn /proc/self/status >&2");
    signal(SIGPIPE, SIG_DFL);
    close(fd);
    run_to_end();
    assert_string_equal(said("stdout"), "0 1 2 3 "); /* 3 is the folder that ls reads */
    assert_int_equal(sscanf(said("stderr"), "SigIgn:\t%llx", &ignored), 1);
    assert_int_equal(ignored & ~SIGNALS_OF_LIBC, 0);
    child_free(c);
}

/* ---- stopping ---- */

static void test_stopping_is_a_polite_signal_first(void **state)
{
    struct child *c = start_shell("trap 'exit 5' TERM; touch ready; while :; do sleep 0.01; done");

    (void)state;
    wait_for(has_ready);
    child_stop(c, 60000);
    run_to_end();
    assert_int_equal(end_status, 5);
    child_stop(c, 0); /* changes nothing */
    child_free(c);
}

static void test_who_does_not_listen_is_killed_after_the_grace(void **state)
{
    struct child *c = start_shell("trap '' TERM; touch ready; while :; do sleep 0.01; done");

    (void)state;
    wait_for(has_ready);
    child_stop(c, 50);
    run_to_end();
    assert_int_equal(end_status, 128 + SIGKILL);
    child_free(c);
}

static void test_a_suspended_process_is_stopped_as_well(void **state)
{
    struct child *c = start_shell("touch ready; kill -STOP $$; sleep 60");

    (void)state;
    wait_for(has_ready);
    child_stop(c, 60000);
    run_to_end();
    assert_int_equal(end_status, 128 + SIGTERM);
    child_free(c);
}

/* Gone, or dead and not waited for by whoever inherited it: those have no memory. */
static bool is_gone(int pid)
{
    int64_t cpu_ns;
    uint64_t rss;

    return !process_usage(pid, &cpu_ns, &rss) || rss == 0;
}

static bool grandchild_is_gone(void)
{
    return is_gone(atoi(said("grandchild")));
}

static void test_what_a_process_started_itself_goes_with_it(void **state)
{
    struct child *c = start_shell("sleep 1000 & echo $! > grandchild");

    (void)state;
    run_to_end();
    wait_for(grandchild_is_gone);
    child_free(c);
}

static bool has_process(void)
{
    return access(in_folder("pid"), F_OK) == 0 && atoi(said("pid")) > 0;
}

static bool process_is_gone(void)
{
    return is_gone(atoi(said("pid")));
}

/* A supervisor of its own, which is killed and has no chance to do anything. */
static void test_nothing_is_left_when_the_supervisor_is_killed(void **state)
{
    int supervisor = fork();

    (void)state;
    if (supervisor == 0) {
        start_shell("trap '' TERM; while :; do sleep 0.01; done");
        pause();
    }
    wait_for(has_process);
    assert_int_equal(kill(supervisor, SIGKILL), 0);
    assert_int_equal(waitpid(supervisor, NULL, 0), supervisor);
    wait_for(process_is_gone);
}

/* ---- questions ---- */

static void test_usage_grows_with_work(void **state)
{
    struct child *c = start_shell("touch ready; while :; do :; done");
    int64_t cpu_ns = 0;
    uint64_t rss = 0;

    (void)state;
    wait_for(has_ready);
    while (cpu_ns == 0)
        assert_true(child_usage(c, &cpu_ns, &rss));
    assert_true(cpu_ns >= 10000000); /* the clock has ticks of 10 ms */
    assert_true(rss > 100000 && rss < 100000000);
    child_stop(c, 0);
    run_to_end();
    assert_false(child_usage(c, &cpu_ns, &rss));
    child_free(c);
}

static struct child *start_with(struct child_options options, const char *script)
{
    const char *argv[] = { "/bin/sh", "-c", script, NULL };
    struct ou_error err = { 0 };
    struct child *c = NULL;

    options.name = "node-3";
    options.argv = argv;
    options.directory = dir.path;
    options.ended = on_ended;
    options.owner = &loop;
    if (child_start(&loop, &options, &c, &err))
        fail_msg("%s", err.text);
    return c;
}

static void test_a_process_keeps_to_its_processors(void **state)
{
    char list[20], wanted[40];
    struct child *c;
    cpu_set_t ours;
    unsigned core = 0;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof ours, &ours), 0);
    while (!CPU_ISSET(core, &ours))
        core++;
    snprintf(list, sizeof list, "%u", core);
    snprintf(wanted, sizeof wanted, "Cpus_allowed_list:\t%u", core);
    c = start_with((struct child_options){ .cores = list },
                   "grep Cpus_allowed_list /proc/self/status");
    run_to_end();
    assert_string_equal(said("stdout"), wanted);
    child_free(c);
}

static void test_processors_that_are_not_there_start_nothing(void **state)
{
    const char *argv[] = { "/bin/true", NULL };
    const struct child_options options = {
        .name = "node-3", .argv = argv, .directory = dir.path, .cores = "0-"
    };
    struct child *c = NULL;
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(child_start(&loop, &options, &c, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "\"0-\""));
}

static void test_a_process_is_asked_to_end_with_its_signal(void **state)
{
    struct child *c = start_with((struct child_options){ .stop_signal = SIGINT },
                                 "trap 'exit 42' INT; : > ready; while :; do sleep 0.05; done");

    (void)state;
    wait_for(has_ready);
    child_stop(c, 60000);
    run_to_end();
    assert_int_equal(end_status, 42);
    child_free(c);
}

static void test_what_a_process_spent_is_told_with_its_children(void **state)
{
    struct child *c = start_with((struct child_options){ 0 },
                                 "(i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done); exit 0");
    struct child_spent spent;

    (void)state;
    run_to_end();
    spent = child_spent(c);
    child_free(c);
    assert_true(spent.user_ns + spent.system_ns > 0);
    assert_true(spent.wall_ns > 0);
    assert_in_range(spent.max_rss_bytes, 1 << 18, 1 << 30);
}

static void test_the_last_lines_are_those_of_the_errors(void **state)
{
    struct child *c =
        start_shell("echo out; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo e$i; done >&2");
    char text[200], few[8];

    (void)state;
    run_to_end();
    child_last_lines(c, text, sizeof text);
    assert_string_equal(text, "e3\ne4\ne5\ne6\ne7\ne8\ne9\ne10\ne11\ne12");
    child_last_lines(c, few, sizeof few);
    assert_string_equal(few, "e11\ne12");
    child_free(c);
}

static void test_without_errors_the_last_lines_are_of_the_output(void **state)
{
    struct child *c = start_shell("printf 'a\\nb'");
    char text[200];

    (void)state;
    run_to_end();
    child_last_lines(c, text, sizeof text);
    assert_string_equal(text, "a\nb");
    child_free(c);
}

static void test_who_said_nothing_has_no_last_lines(void **state)
{
    struct child *c = start_shell(":");
    char text[200] = "x";

    (void)state;
    run_to_end();
    child_last_lines(c, text, sizeof text);
    assert_string_equal(text, "");
    child_free(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_process_runs_in_its_folder_and_leaves_its_output_there),
        TEST(test_a_process_has_our_environment_with_its_variables),
        TEST(test_output_of_a_second_start_is_added),
        TEST(test_the_exit_status_is_told),
        TEST(test_each_start_leaves_a_line_of_what_it_used),
        TEST(test_a_signal_is_told_as_a_shell_does),
        TEST(test_a_program_that_is_not_there_fails_at_once),
        TEST(test_a_folder_that_is_not_there_fails_at_once),
        TEST(test_no_descriptor_and_no_ignored_signal_is_inherited),
        TEST(test_stopping_is_a_polite_signal_first),
        TEST(test_who_does_not_listen_is_killed_after_the_grace),
        TEST(test_a_suspended_process_is_stopped_as_well),
        TEST(test_what_a_process_started_itself_goes_with_it),
        TEST(test_nothing_is_left_when_the_supervisor_is_killed),
        TEST(test_usage_grows_with_work),
        TEST(test_a_process_keeps_to_its_processors),
        TEST(test_processors_that_are_not_there_start_nothing),
        TEST(test_a_process_is_asked_to_end_with_its_signal),
        TEST(test_what_a_process_spent_is_told_with_its_children),
        TEST(test_the_last_lines_are_those_of_the_errors),
        TEST(test_without_errors_the_last_lines_are_of_the_output),
        TEST(test_who_said_nothing_has_no_last_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
