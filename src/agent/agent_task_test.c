#include "agent/agent_task.h"

#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "support/files.h"
#include "support/test.h"

/* Public key and seed of RFC 8032, section 7.1, test 1. */
#define KEY "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

static const char EXAMPLE[] =
    "{\"schema\":1,\"run\":\"r1\",\"host\":\"node-3\",\"orders_key\":\"" KEY
    "\",\"state_seed\":\"" SEED "\",\"orders_url\":\"https://b.example/o?s=1\","
    "\"state_url\":\"https://b.example/s?s=2\",\"probe_url\":\"https://b.example/p?s=3\","
    "\"probe_bytes\":1048576,\"poll_s\":0.5,\"ca_file\":null}";

static void test_a_task_is_read(void **state)
{
    struct agent_task task;
    char hex[2 * ENVELOPE_SECRET_BYTES + 1];

    (void)state;
    assert_int_equal(agent_task_parse(span_of(EXAMPLE), "t", &task, NULL), OU_OK);
    assert_string_equal(task.run, "r1");
    assert_string_equal(task.host, "node-3");
    assert_string_equal(task.node, "");
    assert_string_equal(task.state_url, "https://b.example/s?s=2");
    assert_int_equal(task.probe_bytes, 1048576);
    assert_true(task.poll_s == 0.5);
    assert_null(task.ca_file);
    sodium_bin2hex(hex, sizeof hex, task.orders_key, sizeof task.orders_key);
    assert_string_equal(hex, KEY);
    sodium_bin2hex(hex, sizeof hex, task.state_secret, sizeof task.state_secret);
    assert_string_equal(hex, SEED KEY); /* as libsodium has a secret key */
    agent_task_release(&task);
}

static void test_its_key_is_overwritten(void **state)
{
    struct agent_task task;
    static const unsigned char nothing[ENVELOPE_SECRET_BYTES];

    (void)state;
    assert_int_equal(agent_task_parse(span_of(EXAMPLE), "t", &task, NULL), OU_OK);
    agent_task_release(&task);
    assert_memory_equal(task.state_secret, nothing, sizeof nothing);
}

/* The example with a text in the place of another. */
static void expect_refused(const char *was, const char *is, const char *reason)
{
    char text[2048];
    const char *at = strstr(EXAMPLE, was);
    struct agent_task task;
    struct ou_error err;

    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - EXAMPLE), EXAMPLE, is, at + strlen(was));
    assert_int_equal(agent_task_parse(span_of(text), "t", &task, &err), OU_INVALID);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" instead of \"%s\"", err.text, reason);
    assert_null(strstr(err.text, "9d61"));
    assert_null(strstr(err.text, "s=2"));
}

static void test_what_is_wrong_is_named_and_never_quoted(void **state)
{
    (void)state;
    expect_refused("\"schema\":1", "\"schema\":9", "schema: is of another version");
    expect_refused("\"run\":\"r1\",", "", "run: is missing");
    expect_refused("\"host\":\"node-3\"", "\"host\":\"a/b\"", "host: is no name");
    expect_refused(SEED, "9d61", "state_seed: is no key");
    expect_refused(SEED, SEED "00", "state_seed: is no key");
    expect_refused(KEY, "not hex", "orders_key: is no key");
    expect_refused("https://b.example/s", "ftp://b.example/s", "state_url: is no URL");
    expect_refused("https://b.example/s", "https://b.ex ample/s", "state_url: is no URL");
    expect_refused("\"poll_s\":0.5", "\"poll_s\":0", "poll_s: is out of range");
    expect_refused("\"probe_bytes\":1048576", "\"probe_bytes\":-1", "probe_bytes: is out of range");
    expect_refused("\"ca_file\":null", "\"ca-file\":null", "ca-file: is not known");
    expect_refused("\"poll_s\":0.5", "\"poll_s\":\"" SEED, "t: is no JSON");
}

static void test_a_file_that_others_may_read_is_noticed(void **state)
{
    struct temp_dir dir;
    struct agent_task task;
    const char *path;
    bool is_open = false;

    (void)state;
    temp_dir_make(&dir);
    path = temp_file(&dir, "task.json", EXAMPLE);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(agent_task_load(path, &task, &is_open, NULL), OU_OK);
    assert_true(is_open);
    agent_task_release(&task);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(agent_task_load(path, &task, &is_open, NULL), OU_OK);
    assert_false(is_open);
    agent_task_release(&task);
    assert_int_equal(agent_task_load(temp_path(&dir, "none"), &task, &is_open, NULL), OU_NOT_FOUND);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_task_is_read),
        cmocka_unit_test(test_its_key_is_overwritten),
        cmocka_unit_test(test_what_is_wrong_is_named_and_never_quoted),
        cmocka_unit_test(test_a_file_that_others_may_read_is_noticed),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
