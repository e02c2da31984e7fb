/* Runs of a folder, as their files and the system tell them. */
#include "workbench/runs.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "support/files.h"
#include "support/test.h"
#include "workbench/run_live.h"

static struct temp_dir dir;
static struct ou_error err;
static struct run_list list;
static char found[PATH_MAX];

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    err.text[0] = '\0';
    list = (struct run_list){ 0 };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    run_list_release(&list);
    temp_dir_remove(&dir);
    return 0;
}

static const char *make_run(const char *name, const char *state, const char *more)
{
    char path[PATH_MAX], text[1000];

    snprintf(path, sizeof path, "%s/%s", dir.path, name);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(
        text, sizeof text,
        "{\"schema\":1,\"state\":\"%s\",\"at\":\"2026-11-22T10:00:09Z\",\"cause\":\"\","
        "\"history\":[{\"state\":\"allocated\",\"at\":\"2026-11-22T10:00:0%zuZ\",\"cause\":\"\"},"
        "{\"state\":\"stopped\",\"at\":\"2026-11-22T10:00:08Z\",\"cause\":\"the end\"},"
        "{\"state\":\"%s\",\"at\":\"2026-11-22T10:00:09Z\",\"cause\":\"\"}]}",
        state, strlen(name) % 10, state);
    snprintf(path, sizeof path, "%s/status.json", name);
    temp_file(&dir, path, text);
    if (more) {
        snprintf(path, sizeof path, "%s/meta.json", name);
        temp_file(&dir, path, more);
    }
    return temp_path(&dir, name);
}

static void read_list(void)
{
    if (run_list_read(dir.path, &list, &err))
        fail_msg("%s", err.text);
}

static void test_a_run_is_summed_up(void **state)
{
    const struct run_summary *run;

    (void)state;
    make_run(
        "t_demo_x", "fetched",
        "{\"meta\":{\"profile\":\"demo\",\"ident\":\"x\",\"batch\":\"b\",\"node_version\":\"1\"}}");
    read_list();
    assert_int_equal(list.count, 1);
    run = &list.runs[0];
    assert_string_equal(run->name, "t_demo_x");
    assert_string_equal(run->profile, "demo");
    assert_string_equal(run->ident, "x");
    assert_string_equal(run->batch, "b");
    assert_string_equal(run->node_version, "1");
    assert_string_equal(run->cause, "the end"); /* that of the change before */
    assert_int_equal(run->state, RUN_fetched);
    assert_true(run->changed_ns - run->allocated_ns == NS_PER_SECOND);
    assert_true(run->bytes > 0);
    assert_false(run->is_live);
    assert_null(run->broken);
}

static void test_runs_stand_by_their_allocation(void **state)
{
    (void)state;
    make_run("bbb", "failed", NULL); /* 10:00:03 */
    make_run("c", "failed", NULL);
    make_run("aa", "failed", NULL);
    read_list();
    assert_int_equal(list.count, 3);
    assert_string_equal(list.runs[0].name, "c");
    assert_string_equal(list.runs[1].name, "aa");
    assert_string_equal(list.runs[2].name, "bbb");
}

static void test_folders_that_are_no_runs_and_links_are_passed_over(void **state)
{
    (void)state;
    make_run("one", "failed", NULL);
    assert_int_equal(mkdir(temp_path(&dir, "none"), 0755), 0);
    assert_int_equal(symlink("one", temp_path(&dir, "link")), 0);
    read_list();
    assert_int_equal(list.count, 1);
}

static void test_a_run_that_cannot_be_read_says_why(void **state)
{
    (void)state;
    make_run("one", "no-such-state", NULL);
    assert_int_equal(mkdir(temp_path(&dir, "two"), 0755), 0);
    temp_file(&dir, "two/status.json", "{\"state\":");
    read_list();
    assert_int_equal(list.count, 2);
    assert_non_null(strstr(list.runs[0].broken, "state"));
    assert_non_null(strstr(list.runs[1].broken, "status.json"));
}

static void test_a_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    assert_int_equal(run_list_read(temp_path(&dir, "nothing"), &list, &err), OU_NOT_FOUND);
}

/* ---- names ---- */

static enum ou_status find(const char *name)
{
    return run_find(dir.path, name, found, sizeof found, &err);
}

static const char *found_name(void)
{
    return strrchr(found, '/') + 1;
}

static void test_a_run_is_found_by_name_path_or_beginnings(void **state)
{
    (void)state;
    make_run("2026-11-22T10-00-00_demo_alpha", "failed", NULL);
    make_run("2026-11-22T11-00-00_demo_beta", "failed", NULL);
    assert_int_equal(find("2026-11-22T10-00-00_demo_alpha"), OU_OK);
    assert_int_equal(find("2026-11-22T10"), OU_OK);
    assert_string_equal(found_name(), "2026-11-22T10-00-00_demo_alpha");
    assert_int_equal(find("bet"), OU_OK);
    assert_string_equal(found_name(), "2026-11-22T11-00-00_demo_beta");
    assert_int_equal(find("latest"), OU_OK);
    assert_string_equal(found_name(), "2026-11-22T11-00-00_demo_beta");
    assert_int_equal(find(temp_path(&dir, "2026-11-22T10-00-00_demo_alpha")), OU_OK);
}

static void test_the_latest_of_one_second_is_the_one_that_began_last(void **state)
{
    (void)state;
    make_run("2026-11-22T10-00-00_demo_z", "failed", NULL);  /* 10:00:06 */
    make_run("2026-11-22T10-00-00_demo_ab", "failed", NULL); /* 10:00:07 */
    assert_int_equal(find("latest"), OU_OK);
    assert_string_equal(found_name(), "2026-11-22T10-00-00_demo_ab");
}

static void test_runs_of_a_profile_are_told(void **state)
{
    (void)state;
    make_run("2026-11-22T10-00-00_big_led_a", "failed", NULL);
    assert_int_equal(find("big_led"), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "'big_led' is a profile, and its run in "));
    assert_non_null(strstr(err.text, " is 2026-11-22T10-00-00_big_led_a"));
    make_run("2026-11-22T11-00-00_big_led_b", "failed", NULL);
    assert_int_equal(find("big_led"), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "the newest is 2026-11-22T11-00-00_big_led_b"));
}

static void test_a_name_that_fits_several_is_refused(void **state)
{
    (void)state;
    make_run("2026-11-22T10-00-00_demo_alpha", "failed", NULL);
    make_run("2026-11-22T11-00-00_demo_alps", "failed", NULL);
    assert_int_equal(find("al"), OU_USAGE);
    assert_non_null(strstr(err.text, "alpha, 2026-11-22T11-00-00_demo_alps"));
}

static void test_the_nearest_name_is_suggested(void **state)
{
    (void)state;
    make_run("2026-11-22T10-00-00_demo_alpha", "failed", NULL);
    assert_int_equal(find("alhpa"), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "did you mean 'alpha'?"));
    assert_int_equal(find("nothing-like-it"), OU_NOT_FOUND);
    assert_null(strstr(err.text, "did you mean"));
}

/* ---- what the system knows ---- */

/* A process that holds a run's lock until it is killed. */
static int start_watching(const char *run)
{
    int ready[2], pid;
    char byte = 0;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct run_lock lock;

        if (run_lock_take(run, &lock, NULL) || write(ready[1], &byte, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void end(int pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_who_watches_a_run_is_known_until_he_dies(void **state)
{
    const char *run = make_run("one", "running", NULL);
    struct run_lock lock = { 0 };
    char text[32];
    int pid = start_watching(run);

    (void)state;
    assert_int_equal(run_watcher(run), pid);
    assert_true(run_is_live(run));
    assert_int_equal(run_lock_take(run, &lock, &err), OU_USAGE);
    snprintf(text, sizeof text, "process %d", pid);
    assert_non_null(strstr(err.text, text));
    end(pid);
    assert_int_equal(run_watcher(run), 0);
    assert_false(run_is_live(run));
    assert_int_equal(run_lock_take(run, &lock, &err), OU_OK);
    run_lock_release(&lock);
}

static _Noreturn void sleep_for_ever(void)
{
    for (;;)
        pause();
}

/* A process group of one, which works in a folder. */
static int start_sleeping_in(const char *folder)
{
    int there[2], pid;
    char byte = 0;

    assert_int_equal(pipe(there), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        setpgid(0, 0);
        if (chdir(folder) < 0 || write(there[1], &byte, 1) != 1)
            _exit(1);
        sleep_for_ever();
    }
    close(there[1]);
    assert_int_equal(read(there[0], &byte, 1), 1);
    close(there[0]);
    return pid;
}

static int start_sleeping(void)
{
    return start_sleeping_in(temp_path(&dir, "one/nodes/node-0"));
}

static void write_pid(int pid)
{
    char text[16];

    snprintf(text, sizeof text, "%d\n", pid);
    temp_file(&dir, "one/nodes/node-0/pid", text);
}

/* The first process of a group, which has ended, and left this one behind. */
static int start_orphan(int *ret_leader)
{
    const char *folder = temp_path(&dir, "one/nodes/node-0");
    int told[2], orphan = 0;

    assert_int_equal(pipe(told), 0);
    *ret_leader = fork();
    assert_true(*ret_leader >= 0);
    if (*ret_leader == 0) {
        setpgid(0, 0);
        if (chdir(folder) < 0)
            _exit(1);
        orphan = fork();
        if (orphan == 0)
            sleep_for_ever();
        _exit(write(told[1], &orphan, sizeof orphan) != sizeof orphan);
    }
    assert_int_equal(read(told[0], &orphan, sizeof orphan), sizeof orphan);
    close(told[0]);
    close(told[1]);
    assert_int_equal(waitpid(*ret_leader, NULL, 0), *ret_leader);
    return orphan;
}

static const char *make_run_with_node(void)
{
    const char *run = make_run("one", "running", NULL);

    assert_int_equal(file_make_directory(temp_path(&dir, "one/nodes/node-0"), &err), OU_OK);
    return run;
}

static void test_a_process_of_a_run_is_known_by_its_pid_file(void **state)
{
    const char *run = make_run_with_node();
    int pids[4], pid = start_sleeping();

    (void)state;
    write_pid(pid);
    assert_int_equal(run_processes(run, "/bin/true", pids, 4), 1);
    assert_int_equal(pids[0], pid);
    end(pid);
    assert_int_equal(run_processes(run, "/bin/true", pids, 4), 0);
}

/* The number was given to somebody else since, or the file was copied from elsewhere: not ours to end. */
static void test_another_process_of_the_same_number_is_not_of_the_run(void **state)
{
    const char *run = make_run_with_node();
    struct timespec times[2] = { { 0 }, { 0 } };
    int pids[4], pid = start_sleeping();

    (void)state;
    write_pid(pid);
    times[0].tv_sec = times[1].tv_sec = time(NULL) - 3600;
    assert_int_equal(utimensat(AT_FDCWD, temp_path(&dir, "one/nodes/node-0/pid"), times, 0), 0);
    assert_int_equal(run_processes(run, "/bin/true", pids, 4), 0);
    times[0].tv_sec = times[1].tv_sec = time(NULL) + 3600;
    assert_int_equal(utimensat(AT_FDCWD, temp_path(&dir, "one/nodes/node-0/pid"), times, 0), 0);
    assert_int_equal(run_processes(run, "/bin/true", pids, 4), 0);
    end(pid);
}

/* Who made the run may have written any number there, at the right time. */
static void test_a_process_that_works_elsewhere_is_not_of_the_run(void **state)
{
    const char *run = make_run_with_node();
    int pids[4], pid = start_sleeping_in("/");
    size_t ended = 1;

    (void)state;
    write_pid(pid);
    assert_int_equal(run_processes(run, "/proc/self/exe", pids, 4), 0);
    assert_int_equal(run_stop(run, &ended, &err), OU_OK);
    assert_int_equal(ended, 0);
    assert_int_equal(kill(pid, 0), 0);
    end(pid);
}

static void test_what_a_process_of_a_run_has_left_behind_is_of_the_run(void **state)
{
    const char *run = make_run_with_node();
    int pids[4], leader, pid = start_orphan(&leader);

    (void)state;
    write_pid(leader);
    assert_int_equal(run_processes(run, "/bin/true", pids, 4), 1);
    kill(pid, SIGKILL);
    assert_int_equal(pids[0], pid);
}

/* A daemon, which has left folder and group: its output tells whose it is. */
static void test_what_prints_into_a_run_is_of_the_run(void **state)
{
    const char *run = make_run_with_node();
    int pids[4], pid,
        fd = open(temp_path(&dir, "one/nodes/node-0/stdout"), O_WRONLY | O_CREAT, 0644);
    int own = dup(STDOUT_FILENO);

    (void)state;
    assert_true(fd >= 0 && own >= 0);
    fflush(stdout);
    dup2(fd, STDOUT_FILENO);
    pid = start_sleeping_in("/");
    assert_int_equal(run_processes(run, "/bin/true", pids, 4), 1); /* and not we ourselves */
    dup2(own, STDOUT_FILENO);
    close(own);
    close(fd);
    assert_int_equal(pids[0], pid);
    end(pid);
    assert_int_equal(run_processes(run, "/bin/true", pids, 4), 0);
}

static void test_pipes_in_place_of_files_keep_nobody_waiting(void **state)
{
    const char *run = make_run_with_node();
    int pids[4];

    (void)state;
    assert_int_equal(mkfifo(temp_path(&dir, "one/nodes/node-0/pid"), 0644), 0);
    assert_int_equal(mkfifo(temp_path(&dir, "one/meta.json"), 0644), 0);
    assert_int_equal(run_processes(run, "/proc/self/exe", pids, 4), 0);
    assert_int_equal(unlink(temp_path(&dir, "one/status.json")), 0);
    assert_int_equal(mkfifo(temp_path(&dir, "one/status.json"), 0644), 0);
    read_list();
    assert_int_equal(list.count, 1);
    assert_non_null(strstr(list.runs[0].broken, "no plain file"));
    assert_int_equal(run_state_set(run, RUN_stopped, "", &err), OU_INVALID);
}

static void test_what_is_left_of_a_run_is_ended(void **state)
{
    const char *run = make_run_with_node();
    size_t ended = 0;
    int pid = start_sleeping(), status = 0;

    (void)state;
    write_pid(pid);
    assert_int_equal(run_stop(run, &ended, &err), OU_OK);
    assert_int_equal(ended, 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* ---- room ---- */

static bool is_there(const char *name)
{
    return access(temp_path(&dir, name), F_OK) == 0;
}

static void test_databases_go_and_everything_else_stays(void **state)
{
    const char *run = make_run_with_node();
    uint64_t planned = 0, bytes = 0;

    (void)state;
    assert_int_equal(file_make_directory(temp_path(&dir, "one/nodes/node-0/db/immutable"), &err),
                     0);
    assert_int_equal(file_make_directory(temp_path(&dir, "one/logs/node-0"), &err), 0);
    temp_file(&dir, "one/nodes/node-0/db/immutable/00000.chunk", "blocks");
    temp_file(&dir, "one/nodes/node-0/config.json", "{}");
    temp_file(&dir, "one/logs/node-0/db", "a log of this name is a log");
    assert_int_equal(run_clean(run, true, &planned, &err), OU_OK);
    assert_true(planned > 0 && is_there("one/nodes/node-0/db/immutable/00000.chunk"));
    assert_int_equal(run_clean(run, false, &bytes, &err), OU_OK);
    assert_int_equal(bytes, planned);
    assert_false(is_there("one/nodes/node-0/db"));
    assert_true(is_there("one/nodes/node-0/config.json"));
    assert_true(is_there("one/logs/node-0/db"));
}

static uint64_t freed(const char *directory)
{
    uint64_t bytes = 0;

    assert_int_equal(run_clean(directory, true, &bytes, &err), OU_OK);
    return bytes;
}

static void test_a_run_is_cleaned_by_whatever_name(void **state)
{
    const char *run = make_run_with_node();
    char slashed[PATH_MAX];

    (void)state;
    assert_int_equal(file_make_directory(temp_path(&dir, "one/nodes/node-0/db"), &err), 0);
    temp_file(&dir, "one/nodes/node-0/db/blocks", "blocks");
    assert_int_equal(symlink("one", temp_path(&dir, "link")), 0);
    snprintf(slashed, sizeof slashed, "%s/", run);
    assert_true(freed(run) > 0);
    assert_true(freed(slashed) == freed(run));
    assert_true(freed(temp_path(&dir, "link")) == freed(run));
}

/* A file of more than a mebibyte, which is worth emptying. */
static void write_large_genesis(const char *name)
{
    size_t room = 3 << 20, len = 0;
    char *text = malloc(room);

    assert_non_null(text);
    len += (size_t)snprintf(text, room, "{\"epochLength\":600,\"initialFunds\":{");
    for (int i = 0; i < 30000; i++)
        len += (size_t)snprintf(text + len, room - len, "%s\"60%054d\":%d", i ? "," : "", i, i);
    snprintf(text + len, room - len,
             "},\"staking\":{\"pools\":{},\"stake\":{\"aa\":\"bb\"}},\"slotLength\":1}");
    temp_file(&dir, name, text);
    free(text);
}

static void test_nothing_outside_a_run_is_cleaned(void **state)
{
    const char *run = make_run("one", "failed", NULL);
    uint64_t bytes = 1;

    (void)state;
    assert_int_equal(file_make_directory(temp_path(&dir, "else/nodes/node-0/db"), &err), 0);
    assert_int_equal(file_make_directory(temp_path(&dir, "else/genesis"), &err), 0);
    write_large_genesis("else/genesis/shelley.json");
    temp_file(&dir, "else/genesis/dataset.json", "{}");
    assert_int_equal(symlink("../else/genesis", temp_path(&dir, "one/genesis")), 0);
    assert_int_equal(symlink("../else/nodes", temp_path(&dir, "one/nodes")), 0);
    assert_int_equal(run_clean(run, false, &bytes, &err), OU_OK);
    assert_true(bytes == 0);
    assert_true(is_there("else/nodes/node-0/db"));
    assert_true(is_there("else/genesis/dataset.json"));
}

static void test_large_funds_go_and_the_rest_of_a_genesis_stays(void **state)
{
    struct buffer after;
    uint64_t bytes = 0;

    (void)state;
    make_run_with_node();
    assert_int_equal(mkdir(temp_path(&dir, "one/genesis"), 0755), 0);
    write_large_genesis("one/genesis/shelley.json");
    temp_file(&dir, "one/genesis/dataset.json", "{}");
    temp_file(&dir, "one/genesis/hashes.json", "{}");
    assert_int_equal(run_clean(temp_path(&dir, "one"), false, &bytes, &err), OU_OK);
    assert_true(bytes > 1 << 20);
    assert_false(is_there("one/genesis/dataset.json")); /* which would no longer be true */
    assert_true(is_there("one/genesis/hashes.json"));
    buffer_init(&after, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(temp_path(&dir, "one/genesis/shelley.json"), &after, &err), OU_OK);
    assert_non_null(strstr(buffer_string(&after), "\"epochLength\":600"));
    assert_non_null(strstr(buffer_string(&after), "\"slotLength\":1"));
    assert_non_null(strstr(buffer_string(&after), "\"initialFunds\""));
    assert_null(strstr(buffer_string(&after), "\"aa\""));
    assert_true(after.len < 1000);
    buffer_release(&after);
}

static void test_a_run_that_goes_on_is_not_cleaned(void **state)
{
    const char *run = make_run("one", "running", NULL);
    uint64_t bytes;
    int pid = start_watching(run);

    (void)state;
    assert_int_equal(run_clean(run, false, &bytes, &err), OU_USAGE);
    end(pid);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_run_is_summed_up),
        TEST(test_runs_stand_by_their_allocation),
        TEST(test_folders_that_are_no_runs_and_links_are_passed_over),
        TEST(test_a_run_that_cannot_be_read_says_why),
        TEST(test_a_folder_that_is_not_there_is_told),
        TEST(test_a_run_is_found_by_name_path_or_beginnings),
        TEST(test_the_latest_of_one_second_is_the_one_that_began_last),
        TEST(test_runs_of_a_profile_are_told),
        TEST(test_a_name_that_fits_several_is_refused),
        TEST(test_the_nearest_name_is_suggested),
        TEST(test_who_watches_a_run_is_known_until_he_dies),
        TEST(test_a_process_of_a_run_is_known_by_its_pid_file),
        TEST(test_another_process_of_the_same_number_is_not_of_the_run),
        TEST(test_a_process_that_works_elsewhere_is_not_of_the_run),
        TEST(test_what_a_process_of_a_run_has_left_behind_is_of_the_run),
        TEST(test_what_prints_into_a_run_is_of_the_run),
        TEST(test_pipes_in_place_of_files_keep_nobody_waiting),
        TEST(test_what_is_left_of_a_run_is_ended),
        TEST(test_databases_go_and_everything_else_stays),
        TEST(test_a_run_is_cleaned_by_whatever_name),
        TEST(test_nothing_outside_a_run_is_cleaned),
        TEST(test_large_funds_go_and_the_rest_of_a_genesis_stays),
        TEST(test_a_run_that_goes_on_is_not_cleaned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
