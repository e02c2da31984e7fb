#include "deploy/sampler.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/file.h"
#include "base/time.h"
#include "deploy/group_usage.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static uv_loop_t loop;
static struct sampler *sampler;
static struct sampled_process *sampled;
static bool over;

static int set_up(void **state)
{
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    over = false;
    sampled = NULL;
    uv_loop_init(&loop);
    assert_int_equal(sampler_open(&loop, &sampler, &err), OU_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    uv_run(&loop, UV_RUN_DEFAULT);
    temp_dir_remove(&dir);
    return uv_loop_close(&loop);
}

static void on_ended(struct child *child, void *owner, int status)
{
    (void)owner;
    sampler_ended(sampled, child, status);
    over = true;
}

/* Runs a shell script to its end while it is sampled. */
static void sample_script(const char *script)
{
    const char *argv[] = { "/bin/sh", "-c", script, NULL };
    const struct child_options options = {
        .name = "node-0", .argv = argv, .directory = dir.path, .ended = on_ended
    };
    struct ou_error err = { 0 };
    struct child *child = NULL;

    if (child_start(&loop, &options, &child, &err) ||
        sampler_add(sampler, child, temp_path(&dir, "node.json"), &sampled, &err))
        fail_msg("%s", err.text);
    while (!over)
        uv_run(&loop, UV_RUN_ONCE);
    sampler_close(sampler);
    child_free(child);
}

/* The lines of the log as a list. */
static json_t *read_log(void)
{
    struct buffer text;
    json_t *lines = json_array();
    char *rest, *line;

    buffer_init(&text, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(temp_path(&dir, "node.json"), &text, NULL), OU_OK);
    rest = (char *)buffer_string(&text);
    while ((line = strsep(&rest, "\n")) && *line)
        assert_int_equal(json_array_append_new(lines, json_loads(line, 0, NULL)), 0);
    buffer_release(&text);
    return lines;
}

static const json_t *data_of(const json_t *line)
{
    return json_object_get(line, "data");
}

static json_int_t number(const json_t *line, const char *member)
{
    const json_t *value = json_object_get(data_of(line), member);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static double seconds(const json_t *line, const char *member)
{
    const json_t *value = json_object_get(data_of(line), member);

    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void test_a_short_program_has_a_first_and_a_last_sample_and_an_end(void **state)
{
    json_t *lines;
    const json_t *end;

    (void)state;
    sample_script("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 3");
    lines = read_log();
    assert_true(json_array_size(lines) >= 3);
    end = json_array_get(lines, json_array_size(lines) - 1);
    assert_string_equal(json_string_value(json_object_get(end, "ns")), "Process.Ended");
    assert_string_equal(json_string_value(json_object_get(end, "host")), "node-0");
    assert_int_equal(number(end, "status"), 3);
    assert_true(seconds(end, "userSeconds") > 0);
    assert_true(seconds(end, "wallSeconds") > 0);
    assert_true(number(end, "maxRssBytes") > 0);
    json_decref(lines);
}

/* The last sample has what the system accounted: to the hundredth. */
static void test_the_last_sample_agrees_with_the_account(void **state)
{
    const json_t *last, *end;
    json_t *lines;
    double spent;

    (void)state;
    sample_script("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done");
    lines = read_log();
    end = json_array_get(lines, json_array_size(lines) - 1);
    last = json_array_get(lines, json_array_size(lines) - 2);
    spent = seconds(end, "userSeconds") + seconds(end, "systemSeconds");
    assert_string_equal(json_string_value(json_object_get(last, "ns")), "Resources");
    assert_true((double)number(last, "CentiCpu") / 100 > spent - 0.011);
    assert_true((double)number(last, "CentiCpu") / 100 < spent + 0.051); /* ticks are coarser */
    json_decref(lines);
}

/* CPU time of children counts while they live and when they have been waited for. */
static void test_counters_grow_over_the_group_and_never_step_back(void **state)
{
    json_int_t before = 0;
    json_t *lines;
    size_t samples;

    (void)state;
    sample_script("(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done) & wait; sleep 1.2");
    lines = read_log();
    samples = json_array_size(lines) - 1;
    assert_true(samples >= 3); /* at the start, in the middle, at the end */
    for (size_t i = 0; i < samples; i++) {
        const json_t *line = json_array_get(lines, i);

        assert_true(number(line, "CentiCpu") >= before);
        assert_true(number(line, "Threads") >= 0);
        before = number(line, "CentiCpu");
    }
    assert_true(before > 0);
    json_decref(lines);
}

static void test_members_that_cannot_be_known_are_absent(void **state)
{
    json_t *lines;
    const json_t *first;

    (void)state;
    sample_script("sleep 0.05");
    lines = read_log();
    first = json_array_get(lines, 0);
    assert_string_equal(json_string_value(json_object_get(data_of(first), "kind")),
                        "ResourceStats");
    assert_true(number(first, "RSS") >= 0); /* 0 while it becomes the program */
    assert_null(json_object_get(data_of(first), "CentiGC"));
    assert_null(json_object_get(data_of(first), "Heap"));
    json_decref(lines);
}

static void test_a_log_that_cannot_be_written_is_told(void **state)
{
    const char *argv[] = { "/bin/true", NULL };
    const struct child_options options = {
        .name = "node-0", .argv = argv, .directory = dir.path, .ended = on_ended
    };
    struct ou_error err = { 0 };
    struct child *child = NULL;

    (void)state;
    assert_int_equal(child_start(&loop, &options, &child, &err), OU_OK);
    assert_int_equal(sampler_add(sampler, child, "/nowhere/node.json", &sampled, &err), OU_IO);
    assert_non_null(strstr(err.text, "/nowhere/node.json"));
    while (!over)
        uv_run(&loop, UV_RUN_ONCE);
    sampler_close(sampler);
    child_free(child);
}

/* Against what the system says of this very process. */
static void test_a_group_is_counted_with_what_it_waited_for(void **state)
{
    struct group_usage usage = { .group = getpgrp() }, nobody = { .group = 4194304 };
    int64_t received, sent;

    (void)state;
    sampler_close(sampler);
    group_usage_read(&usage, 1);
    assert_true(usage.processes >= 1);
    assert_true(usage.threads >= 1);
    assert_true(usage.rss_pages > 0);
    group_usage_read(&nobody, 1);
    assert_int_equal(nobody.processes, 0);
    network_usage_read(getpid(), &received, &sent);
    assert_true((received >= 0) == (sent >= 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_short_program_has_a_first_and_a_last_sample_and_an_end),
        TEST(test_the_last_sample_agrees_with_the_account),
        TEST(test_counters_grow_over_the_group_and_never_step_back),
        TEST(test_members_that_cannot_be_known_are_absent),
        TEST(test_a_log_that_cannot_be_written_is_told),
        TEST(test_a_group_is_counted_with_what_it_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
