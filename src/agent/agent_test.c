/* What ends an agent before it has begun: then it has asked nobody for anything, and started nothing. */
#include "agent/agent.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "support/files.h"
#include "support/test.h"

/* Public key and seed of RFC 8032, section 7.1, test 1; nobody listens at its URLs. */
static const char TASK[] =
    "{\"schema\":1,\"run\":\"r1\",\"host\":\"node-3\",\"orders_key\":"
    "\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\",\"state_seed\":"
    "\"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\","
    "\"orders_url\":\"http://127.0.0.1:1/o\",\"state_url\":\"http://127.0.0.1:1/s\","
    "\"probe_url\":\"http://127.0.0.1:1/p\",\"probe_bytes\":0,\"poll_s\":1,\"ca_file\":null}";

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

static void assert_refused(const char *task_file, const char *why)
{
    const struct agent_options options = {
        .task_file = task_file,
        .folder = dir.path,
        .program = "/nowhere/ouroscope",
    };
    struct ou_error err = { "" };

    assert_int_equal(agent_run(&options, &err), OU_INVALID);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void test_a_task_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    assert_refused(temp_path(&dir, "task.json"), "/task.json: there is no such file");
}

/* Its orders would be counted on from those of the other one. */
static void test_the_folder_of_another_run_or_host_is_left_as_it_is(void **state)
{
    static const char *const others[] = {
        "{\"run\":\"r2\",\"host\":\"node-3\",\"orders\":7,\"states\":70}",
        "{\"run\":\"r1\",\"host\":\"node-4\",\"orders\":7,\"states\":70}",
        "{\"host\":\"node-3\",\"orders\":7,\"states\":70}",
        "{\"run\":\"r1\",\"host\":3,\"orders\":7,\"states\":70}",
    };
    const char *task = temp_file(&dir, "task.json", TASK);

    (void)state;
    assert_int_equal(mkdir(temp_path(&dir, "agent"), 0700), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        temp_file(&dir, "agent/numbers.json", others[i]);
        assert_refused(task, "/agent is the folder of another run, or of another host");
        assert_int_equal(lines_with(temp_path(&dir, "agent/numbers.json"), others[i]), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_task_file_that_is_not_there_is_named, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_folder_of_another_run_or_host_is_left_as_it_is,
                                        set_up, tear_down),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
