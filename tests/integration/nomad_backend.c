/* The contract of backends (tests/support/backend_contract.h) on Nomad, and what is of that kind alone, with the cluster and the
 * bucket that nomad-backend.py has begun. The plan is told by NOMAD_BACKEND_PLAN. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cluster/backend_nomad.h"
#include "support/backend_contract.h"
#include "support/files.h"

static struct temp_dir dir;
static struct placement plan;
static char run[4096]; /* RUN */

static enum ou_status open_nomad(const char *run_directory, const struct host_want *wants,
                                 size_t count, struct backend **ret, struct ou_error *err)
{
    const struct backend_nomad_options options = { .run_directory = run_directory,
                                                   .program = "ouroscope",
                                                   .run_name = strrchr(run_directory, '/') + 1,
                                                   .placement = &plan,
                                                   .wants = wants,
                                                   .host_count = count };

    return backend_nomad_open(&options, ret, err);
}

static int set_up(void **state)
{
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    if (!realpath(dir.path, run) ||
        placement_load(getenv("NOMAD_BACKEND_PLAN"), NULL, &plan, &err)) {
        print_error("%s\n", err.text);
        return 1;
    }
    return contract_set_up(run, open_nomad);
}

static int tear_down(void **state)
{
    int failed = contract_tear_down();

    (void)state;
    placement_release(&plan);
    temp_dir_remove(&dir);
    return failed;
}

/* ---- of its own ---- */

static void test_another_process_sees_what_there_is(void **state)
{
    struct backend_nomad_seen seen;
    struct ou_error err = { 0 };

    (void)state;
    assert_true(backend_nomad_is_there(run));
    if (backend_nomad_look(run, &seen, &err))
        fail_msg("%s", err.text);
    assert_true(seen.job_is_there);
    assert_int_equal(seen.hosts_alive, CONTRACT_HOSTS);
    assert_in_range(seen.objects, 6,
                    100); /* a probe, a genesis; files, orders and a state of each host */
    assert_true(seen.object_bytes > (1U << 20));
}

static void test_its_keys_are_for_nobody_else(void **state)
{
    static const char *const names[] = { "deployment.json", "orders-node-0.json", "job.json" };
    char path[4200];
    struct stat st;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/deploy/%s", run, names[i]);
        assert_return_code(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(lines_with(path, "X-Amz-Signature"), 0);
    }
    snprintf(path, sizeof path, "%s/deploy/job.json", run);
    assert_int_equal(lines_with(path, "state_seed"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_another_process_sees_what_there_is),
        cmocka_unit_test(test_its_keys_are_for_nobody_else),
        CONTRACT_TESTS,
    };

    if (!getenv("NOMAD_BACKEND_PLAN"))
        return 77;
    return cmocka_run_group_tests_name("nomad backend", tests, set_up, tear_down);
}
