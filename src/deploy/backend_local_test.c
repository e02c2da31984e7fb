/* The contract of all backends (tests/support/backend_contract.h), and what is of this machine alone. */
#include "deploy/backend_local.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "deploy/process.h"
#include "support/backend_contract.h"
#include "support/files.h"

static struct temp_dir contract_dir; /* of the group */
static struct temp_dir dir;
static struct backend *local; /* of tests that have one of their own */
static struct ou_error err;

static enum ou_status open_local(const char *run_directory, const struct host_want *wants,
                                 size_t count, struct backend **ret, struct ou_error *why)
{
    const struct backend_local_options options = { .run_directory = run_directory,
                                                   .program = "/bin/sleep",
                                                   .wants = wants,
                                                   .host_count = count,
                                                   .ports_are_shared = true };

    return backend_local_open(&options, ret, why);
}

static const char *real_folder(const struct temp_dir *of)
{
    static char path[4096];

    assert_non_null(realpath(of->path, path));
    return path;
}

static int set_up_contract(void **state)
{
    (void)state;
    temp_dir_make(&contract_dir);
    return contract_set_up(real_folder(&contract_dir), open_local);
}

static int tear_down_contract(void **state)
{
    int failed = contract_tear_down();

    (void)state;
    temp_dir_remove(&contract_dir);
    return failed;
}

/* ---- of its own ---- */

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    return (int)open_local(real_folder(&dir), NULL, 2, &local, &err);
}

static int tear_down(void **state)
{
    (void)state;
    local->kind->release(local);
    temp_dir_remove(&dir);
    return 0;
}

static bool is_free(uint16_t port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool bound = bind(fd, (struct sockaddr *)&at, sizeof at) == 0;

    close(fd);
    return bound;
}

static void test_who_stands_twice_has_the_same_ports(void **state)
{
    struct site first[2], second[2];

    (void)state;
    assert_int_equal(local->kind->stand(local, first, &err), OU_OK);
    assert_int_equal(local->kind->stand(local, second, &err), OU_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(first[i].port, second[i].port);
        assert_string_equal(first[i].directory, real_folder(&dir));
        assert_true(first[i].is_here);
        assert_false(is_free(first[i].port));
    }
}

static void on_ended(struct service *service, void *owner, int status)
{
    (void)service;
    assert_int_equal(status, 0);
    ++*(int *)owner;
}

static const char *true_argv[] = { "/bin/true", NULL };

/* A program of a user's binds its port alone. */
static void test_ports_that_are_not_shared_are_let_go_of_with_the_first_start(void **state)
{
    const struct start_command command = { .argv = true_argv, .directory = dir.path, .cores = "" };
    int ends = 0;
    const struct service_options service_options = {
        .name = "true", .command = &command, .ended = on_ended, .owner = &ends
    };
    const struct backend_local_options options = { .run_directory = dir.path,
                                                   .program = "/bin/sleep",
                                                   .host_count = 1 };
    struct backend *b;
    struct service *service;
    struct site site;
    uv_loop_t loop;

    (void)state;
    assert_int_equal(backend_local_open(&options, &b, &err), OU_OK);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(b->kind->stand(b, &site, &err), OU_OK);
    assert_false(is_free(site.port));
    assert_int_equal(b->kind->loop_begins(b, &loop, &err), OU_OK);
    assert_int_equal(b->kind->add(b, &service_options, &service, &err), OU_OK);
    assert_int_equal(b->kind->start(b, service, &err), OU_OK);
    assert_true(is_free(site.port));
    while (ends == 0)
        uv_run(&loop, UV_RUN_ONCE);
    b->kind->loop_ends(b);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    b->kind->release(b);
}

static const char *const block = "{\"data\":{\"kind\":\"AddedToCurrentChain\",\"newtip\":\"ab@9\","
                                 "\"newSuffixSelectView\":{\"chainLength\":4}}}\n";

/* The command outlives the call, as the service does. */
static int64_t height_of_log(const struct start_command *command, bool log_begins_here)
{
    const struct service_options options = { .name = log_begins_here ? "late" : "early",
                                             .command = command,
                                             .log = "node.json",
                                             .log_begins_here = log_begins_here };
    struct service *service;

    assert_int_equal(local->kind->add(local, &options, &service, &err), OU_OK);
    assert_int_equal(local->kind->poll(local, &err), OU_OK);
    return local->kind->facts(local, service)->height;
}

static void test_what_an_earlier_process_wrote_does_not_count_where_it_is_not_to(void **state)
{
    const struct start_command command = { .argv = true_argv, .directory = dir.path, .cores = "" };

    (void)state;
    temp_file(&dir, "node.json", block);
    assert_int_equal(height_of_log(&command, false), 4);
    assert_int_equal(height_of_log(&command, true), -1);
}

/* Waits for what another process does within a moment; fails after half a minute. */
static void wait_for_strays(size_t count)
{
    for (int i = 0; i < 3000; i++) {
        if (local->kind->strays(local) == count)
            return;
        usleep(10000);
    }
    fail_msg("there are %zu strays, and not %zu", local->kind->strays(local), count);
}

static void test_who_runs_our_program_in_a_folder_of_a_node_is_a_stray(void **state)
{
    int pid, status;

    (void)state;
    assert_int_equal(file_make_directory(temp_path(&dir, "nodes/node-0"), &err), OU_OK);
    assert_int_equal(local->kind->strays(local), 0);
    pid = fork();
    if (pid == 0) {
        if (chdir(temp_path(&dir, "nodes/node-0")) == 0)
            execl("/bin/sleep", "sleep", "600", (char *)NULL);
        _exit(1);
    }
    wait_for_strays(1);
    local->kind->stop_strays(local, false);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    wait_for_strays(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_stands_twice_has_the_same_ports, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_ports_that_are_not_shared_are_let_go_of_with_the_first_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_an_earlier_process_wrote_does_not_count_where_it_is_not_to, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(test_who_runs_our_program_in_a_folder_of_a_node_is_a_stray,
                                        set_up, tear_down),
        CONTRACT_TESTS,
    };

    return cmocka_run_group_tests(tests, set_up_contract, tear_down_contract);
}
