#include "deploy/process.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

/* A copy of this program that waits in a folder. */
static int start_waiting(const char *folder)
{
    int pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        if (chdir(folder) < 0)
            _exit(1);
        for (;;)
            pause();
    }
    return pid;
}

static void stop(int pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_our_own_usage_is_known(void **state)
{
    int64_t cpu_ns = -1;
    uint64_t rss = 0;

    (void)state;
    assert_true(process_usage(getpid(), &cpu_ns, &rss));
    assert_true(cpu_ns >= 0);
    assert_true(rss > 100000);
}

static void test_a_process_that_is_gone_has_no_usage(void **state)
{
    int pid = start_waiting("/");
    int64_t cpu_ns;
    uint64_t rss;

    (void)state;
    stop(pid);
    assert_false(process_usage(pid, &cpu_ns, &rss));
}

static void test_processes_are_found_by_folder_and_program(void **state)
{
    const char *inside = temp_path(&dir, "node-0");
    int found[4] = { 0 }, pid;

    (void)state;
    assert_int_equal(mkdir(inside, 0777), 0);
    assert_int_equal(processes_below(dir.path, "/proc/self/exe", found, 4), 0);
    pid = start_waiting(inside);
    while (processes_below(dir.path, "/proc/self/exe", found, 4) == 0)
        usleep(1000);
    assert_int_equal(found[0], pid);
    assert_int_equal(processes_below(dir.path, "/bin/sh", found, 4), 0);
    assert_int_equal(processes_below(inside, "/proc/self/exe", found, 4), 0); /* in it, not below */
    assert_int_equal(processes_below("/nowhere", "/proc/self/exe", found, 4), 0);
    assert_int_equal(processes_below(dir.path, "/proc/self/exe", found, 0), 1);
    stop(pid);
    assert_int_equal(processes_below(dir.path, "/proc/self/exe", found, 4), 0);
}

static void test_the_start_of_a_process_is_known(void **state)
{
    int64_t before_ns = time_wall_ns(), start_ns;
    int pid = start_waiting("/");

    (void)state;
    start_ns = process_start_ns(pid);
    assert_true(start_ns >= before_ns - NS_PER_SECOND &&
                start_ns <= time_wall_ns() + NS_PER_SECOND);
    assert_true(process_start_ns(getpid()) <= start_ns);
    kill(pid, SIGKILL);
    waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT);
    assert_true(process_start_ns(pid) == TIME_NONE); /* nobody has waited for it yet */
    stop(pid);
    assert_true(process_start_ns(pid) == TIME_NONE);
}

struct sought {
    int pid;
    char directory[4096];
};

static void take_place(void *context, int pid, const char *directory)
{
    struct sought *s = context;

    if (pid == s->pid)
        snprintf(s->directory, sizeof s->directory, "%s", directory);
}

static void test_where_a_process_runs_is_told(void **state)
{
    struct sought ours = { .pid = getpid() };
    char here[4096];

    (void)state;
    processes_each(take_place, &ours);
    assert_string_equal(ours.directory, getcwd(here, sizeof here));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_start_of_a_process_is_known),
        cmocka_unit_test(test_where_a_process_runs_is_told),
        cmocka_unit_test(test_our_own_usage_is_known),
        cmocka_unit_test(test_a_process_that_is_gone_has_no_usage),
        cmocka_unit_test_setup_teardown(test_processes_are_found_by_folder_and_program, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
