#include "agent/agent_urls.h"

#include <string.h>
#include <sys/stat.h>

#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct agent_task task;
static const char *file;
static struct ou_error err;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    umask(S_IRWXG | S_IRWXO);
    file = temp_path(&dir, "agent.json");
    task = (struct agent_task){ .orders_url = "https://b.example/o?1",
                                .state_url = "https://b.example/s?1" };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static void expect_begin(const char *orders, const char *state)
{
    struct agent_urls u;

    assert_int_equal(agent_urls_begin(&u, &task, file, &err), OU_OK);
    assert_string_equal(u.orders, orders);
    assert_string_equal(u.state, state);
    agent_urls_release(&u);
}

static void renew(const char *orders, const char *state)
{
    struct agent_urls u;

    assert_int_equal(agent_urls_begin(&u, &task, file, &err), OU_OK);
    assert_int_equal(agent_urls_renew(&u, orders, state, &err), OU_OK);
    agent_urls_release(&u);
}

static void test_a_task_begins_with_its_own(void **state)
{
    struct stat st;

    (void)state;
    expect_begin("https://b.example/o?1", "https://b.example/s?1");
    renew(NULL, "https://b.example/s?1");
    assert_int_equal(stat(temp_path(&dir, "agent.json.urls"), &st), -1);
}

static void test_renewed_ones_are_kept_private(void **state)
{
    struct stat st;

    (void)state;
    renew("https://b.example/o?2", NULL);
    expect_begin("https://b.example/o?2", "https://b.example/s?1");
    renew(NULL, "https://b.example/s?3");
    expect_begin("https://b.example/o?2", "https://b.example/s?3");
    assert_return_code(stat(temp_path(&dir, "agent.json.urls"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_a_task_file_that_was_written_anew_counts_more(void **state)
{
    (void)state;
    renew("https://b.example/o?2", "https://b.example/s?2");
    task.orders_url = "https://b.example/o?9";
    expect_begin("https://b.example/o?9", "https://b.example/s?1");
}

static void test_what_is_broken_is_as_good_as_none(void **state)
{
    static const char *const broken[] = {
        "",
        "{",
        "[]",
        "{\"for\": 1}",
        "{\"for\": \"https://b.example/o?1\", \"orders\": \"file:///etc/passwd\"}",
        "{\"for\": \"https://b.example/o?1\", \"orders\": \"https://b.example/o?2\", \"state\": 7}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        temp_file(&dir, "agent.json.urls", broken[i]);
        expect_begin("https://b.example/o?1", "https://b.example/s?1");
    }
}

static void test_ones_that_cannot_be_kept_are_used(void **state)
{
    struct agent_urls u;

    (void)state;
    assert_int_equal(agent_urls_begin(&u, &task, temp_path(&dir, "none/agent.json"), &err), OU_OK);
    assert_int_equal(agent_urls_renew(&u, "https://b.example/o?2", NULL, &err), OU_NOT_FOUND);
    assert_null(strstr(err.text, "o?2"));
    assert_string_equal(u.orders, "https://b.example/o?2");
    agent_urls_release(&u);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_task_begins_with_its_own),
        TEST(test_renewed_ones_are_kept_private),
        TEST(test_a_task_file_that_was_written_anew_counts_more),
        TEST(test_what_is_broken_is_as_good_as_none),
        TEST(test_ones_that_cannot_be_kept_are_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
