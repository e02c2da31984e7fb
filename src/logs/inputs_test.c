#include "logs/inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct log_inputs inputs;
static struct ou_error err;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    inputs = (struct log_inputs){ 0 };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    log_inputs_release(&inputs);
    return 0;
}

/* A file with a trace of that second, in folders made as needed. */
static const char *log_file(const char *name, int second)
{
    const char *path = temp_path(&dir, name);
    char folder[512], text[256];

    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    assert_int_equal(file_make_directory(folder, &err), OU_OK);
    snprintf(text, sizeof text, "{\"at\":\"2026-03-04T14:15:%02dZ\",\"ns\":\"X\",\"data\":{}}\n",
             second);
    write_file(path, text, strlen(text));
    return path;
}

static void add(const char *argument)
{
    if (log_inputs_add(&inputs, argument, &err) != OU_OK)
        fail_msg("%s", err.text);
}

static void add_for(const char *host, const char *path)
{
    char argument[1024];

    snprintf(argument, sizeof argument, "%s=%s", host, path);
    add(argument);
}

/* The inputs, as "HOST=PATH" each, paths without the directory, in order. */
static void assert_inputs(const char *wanted)
{
    char got[2048] = "";

    for (size_t i = 0; i < inputs.count; i++) {
        const struct log_input *input = &inputs.items[i];
        const char *path = input->path;

        if (strncmp(path, dir.path, strlen(dir.path)) == 0)
            path += strlen(dir.path) + 1;
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s=%s", i ? " " : "",
                 input->host ? input->host : "", path);
    }
    assert_string_equal(got, wanted);
}

static void test_a_file_belongs_to_whom_its_lines_say(void **state)
{
    (void)state;
    add(log_file("a.json", 1));
    assert_inputs("=a.json");
}

static void test_a_host_before_the_path_wins(void **state)
{
    (void)state;
    add_for("node-7", log_file("a.json", 1));
    add("node-8=-");
    add("-");
    assert_inputs("node-7=a.json node-8=- =-");
}

static void test_a_path_with_an_equals_sign_that_exists_is_a_path(void **state)
{
    char *before = getcwd(NULL, 0);

    (void)state;
    log_file("x=a.json", 1);
    log_file("a=b/c.json", 1);
    assert_int_equal(chdir(dir.path), 0);
    add("x=a.json");
    add("a=b");
    add("./x=a.json"); /* known already */
    add("h=x=a.json");
    assert_int_equal(log_inputs_add(&inputs, "no=such", &err), OU_NOT_FOUND);
    assert_int_equal(chdir(before), 0);
    free(before);
    assert_inputs("=x=a.json =a=b/c.json");
    assert_int_equal(inputs.skipped_links, 2);
}

static void test_an_equals_sign_behind_a_slash_is_part_of_the_path(void **state)
{
    (void)state;
    add(log_file("day=1/a.json", 1));
    assert_inputs("=day=1/a.json");
    assert_int_equal(log_inputs_add(&inputs, "/no/day=2/a.json", &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "/no/day=2/a.json"));
}

static void test_a_folders_sub_folders_are_hosts(void **state)
{
    (void)state;
    log_file("logs/all.json", 1);
    log_file("logs/node-1/b.json", 1);
    log_file("logs/node-0/a.json.gz", 1);
    log_file("logs/node-0/deeper/x.json", 1);
    log_file("logs/node-0/.hidden.json", 1);
    log_file("logs/node-0/config.yaml", 1);
    add(temp_path(&dir, "logs"));
    log_inputs_sort(&inputs);
    assert_inputs("=logs/all.json node-0=logs/node-0/a.json.gz node-1=logs/node-1/b.json");
}

static void test_a_host_may_be_given_to_a_whole_folder(void **state)
{
    (void)state;
    log_file("logs/a.json", 1);
    log_file("logs/b/c.log", 2);
    add_for("h", temp_path(&dir, "logs"));
    assert_inputs("h=logs/a.json h=logs/b/c.log");
}

static void test_what_a_collector_writes_is_read_once(void **state)
{
    (void)state;
    log_file("root/node-0/node-2026-03-04T14-00-00.json", 1);
    log_file("root/node-0/node-2026-03-04T15-00-00.json", 2);
    assert_int_equal(
        symlink("node-2026-03-04T15-00-00.json", temp_path(&dir, "root/node-0/node.json")), 0);
    assert_int_equal(symlink("nowhere", temp_path(&dir, "root/node-0/gone.json")), 0);
    add(temp_path(&dir, "root"));
    add(temp_path(&dir, "root/node-0/node.json"));
    assert_inputs("node-0=root/node-0/node-2026-03-04T14-00-00.json "
                  "node-0=root/node-0/node-2026-03-04T15-00-00.json");
    assert_int_equal(inputs.skipped_links, 0); /* such links are expected */
}

static void test_a_link_that_is_no_collectors_is_told(void **state)
{
    (void)state;
    log_file("root/node-0/node-2026-03-04T14-00-00.json", 1);
    assert_int_equal(
        symlink("node-2026-03-04T14-00-00.json", temp_path(&dir, "root/node-0/last.json")), 0);
    add(temp_path(&dir, "root"));
    assert_inputs("node-0=root/node-0/node-2026-03-04T14-00-00.json");
    assert_int_equal(inputs.skipped_links, 1);
}

/* A file of a collector with the link to it, of one of its forms. */
static void collected(const char *folder, const char *time, const char *form)
{
    char file[64], path[128], link[128];

    snprintf(file, sizeof file, "node-%s.%s", time, form);
    snprintf(path, sizeof path, "%s/%s", folder, file);
    snprintf(link, sizeof link, "%s/node.%s", folder, form);
    log_file(path, 1);
    unlink(temp_path(&dir, link));
    assert_int_equal(symlink(file, temp_path(&dir, link)), 0);
}

static void test_of_a_collectors_forms_the_one_that_says_most_is_read(void **state)
{
    (void)state;
    collected("root/a", "2026-03-04T14-00-00", "json");
    collected("root/a", "2026-03-04T14-00-00", "log");
    collected("root/a", "2026-03-04T15-00-00", "log");
    collected("root/a", "2026-03-04T14-00-00", "scjson");
    log_file("root/a/node-2026-03-04T13-00-00.log.gz", 1);
    log_file("root/a/node-2026-03-04T13-00-00.json.gz", 1);
    collected("root/b", "2026-03-04T14-00-00", "log");
    collected("root/b", "2026-03-04T14-00-01", "scjson");
    collected("root/c", "2026-03-04T14-00-00", "log");
    log_file("root/a/start.log", 1); /* somebody else's */
    add(temp_path(&dir, "root"));
    assert_inputs("a=root/a/node-2026-03-04T13-00-00.json.gz "
                  "a=root/a/node-2026-03-04T14-00-00.json a=root/a/start.log "
                  "b=root/b/node-2026-03-04T14-00-01.scjson "
                  "c=root/c/node-2026-03-04T14-00-00.log");
    assert_int_equal(inputs.other_forms, 5);
    assert_int_equal(inputs.skipped_links, 0);
}

static void test_the_forms_of_a_runs_logs_are_not_read_twice_either(void **state)
{
    (void)state;
    collected("run/logs/node-0", "2026-03-04T14-00-00", "json");
    collected("run/logs/node-0", "2026-03-04T14-00-00", "log");
    assert_int_equal(log_inputs_add_run(&inputs, temp_path(&dir, "run"), &err), OU_OK);
    assert_inputs("node-0=run/logs/node-0/node-2026-03-04T14-00-00.json");
    assert_int_equal(inputs.other_forms, 1);
}

static void test_a_file_that_is_named_is_read_in_whatever_form(void **state)
{
    (void)state;
    collected("a", "2026-03-04T14-00-00", "json");
    collected("a", "2026-03-04T14-00-00", "log");
    add(temp_path(&dir, "a/node.log"));
    add(temp_path(&dir, "a/node-2026-03-04T14-00-00.json"));
    assert_inputs("=a/node.log =a/node-2026-03-04T14-00-00.json");
    assert_int_equal(inputs.other_forms, 0);
}

static void test_collectors_files_that_a_pattern_finds_belong_to_their_folders(void **state)
{
    (void)state;
    collected("l/a", "2026-03-04T14-00-00", "json");
    collected("l/b", "2026-03-04T14-00-00", "json");
    log_file("l/c/other.json", 1);
    add(temp_path(&dir, "l/*/*.json"));
    assert_inputs("a=l/a/node-2026-03-04T14-00-00.json b=l/b/node-2026-03-04T14-00-00.json "
                  "=l/c/other.json");
    assert_int_equal(inputs.skipped_links, 0);
    log_inputs_release(&inputs);
    add(temp_path(&dir, "l/*/node.json"));
    add_for("h", temp_path(&dir, "l/*/node-*.json")); /* known already */
    assert_inputs("a=l/a/node.json b=l/b/node.json");
}

static void test_collectors_folders_that_a_pattern_finds_are_hosts(void **state)
{
    char *before = getcwd(NULL, 0);

    (void)state;
    collected("l/a", "2026-03-04T14-00-00", "json");
    log_file("l/c/other.json", 1);
    add(temp_path(&dir, "l/*/"));
    assert_inputs("a=l/a//node-2026-03-04T14-00-00.json =l/c//other.json");
    log_inputs_release(&inputs);
    assert_int_equal(chdir(temp_path(&dir, "l/a")), 0);
    add("node-*.json"); /* no folder is named */
    add("./node-?*.json");
    add("../?/node-*.json");
    assert_int_equal(chdir(before), 0);
    free(before);
    assert_inputs("=node-2026-03-04T14-00-00.json");
}

static void test_a_pattern_names_all_that_match(void **state)
{
    (void)state;
    log_file("l/a-1.json", 1);
    log_file("l/a-2.json", 1);
    log_file("l/b-1.json", 1);
    log_file("l/[x].json", 1);
    add(temp_path(&dir, "l/a-*.json"));
    add_for("h", temp_path(&dir, "l/b-?.json"));
    add(temp_path(&dir, "l/[x].json")); /* exists as it is written */
    assert_inputs("=l/a-1.json =l/a-2.json h=l/b-1.json =l/[x].json");
    assert_int_equal(log_inputs_add(&inputs, "/nowhere/*.json", &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "no file matches"));
}

static void test_a_folder_without_logs_says_what_logs_are(void **state)
{
    (void)state;
    log_file("empty/config.yaml", 1);
    assert_int_equal(log_inputs_add(&inputs, temp_path(&dir, "empty"), &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, ".json"));
    assert_int_equal(inputs.count, 0);
}

static void test_a_run_directory_keeps_logs_by_host(void **state)
{
    (void)state;
    log_file("run/logs/node-1/node.json", 1);
    log_file("run/logs/node-0/node.json.zst", 1);
    log_file("run/meta.json", 1);
    log_file("run/genesis/shelley.json", 1);
    assert_int_equal(log_inputs_add_run(&inputs, temp_path(&dir, "run"), &err), OU_OK);
    assert_inputs("node-0=run/logs/node-0/node.json.zst node-1=run/logs/node-1/node.json");
}

static void test_a_run_of_the_older_workbench_has_logs_among_other_files(void **state)
{
    (void)state;
    log_file("run/node-0/stdout", 3);
    log_file("run/node-0/stdout.1.gz", 2);
    log_file("run/node-0/node-0.json", 1);
    log_file("run/node-0/node-2023-03-22.json", 1);
    log_file("run/node-0/config.json", 1);
    log_file("run/node-0/node-config.json", 1);
    log_file("run/node-0/topology.json", 1);
    log_file("run/node-1/stdout", 1);
    log_file("run/genesis/genesis.json", 1);
    log_file("run/node-specs.json", 1);
    assert_int_equal(log_inputs_add_run(&inputs, temp_path(&dir, "run"), &err), OU_OK);
    assert_inputs("node-0=run/node-0/node-0.json node-0=run/node-0/node-2023-03-22.json "
                  "node-0=run/node-0/stdout node-0=run/node-0/stdout.1.gz "
                  "node-1=run/node-1/stdout");
}

static void test_a_run_may_have_characters_of_patterns_in_its_name(void **state)
{
    (void)state;
    log_file("run [a*?]/node-0/stdout", 1);
    assert_int_equal(log_inputs_add_run(&inputs, temp_path(&dir, "run [a*?]"), &err), OU_OK);
    assert_inputs("node-0=run [a*?]/node-0/stdout");
}

static void test_a_run_without_logs_says_where_they_should_be(void **state)
{
    (void)state;
    log_file("run/meta.json", 1);
    assert_int_equal(log_inputs_add_run(&inputs, temp_path(&dir, "run"), &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "logs/HOST"));
}

static void test_files_are_ordered_by_host_and_first_stamp(void **state)
{
    (void)state;
    add_for("b", log_file("1.json", 30));
    add_for("b", log_file("2.json", 10));
    add_for("a", log_file("3.json", 50));
    add_for("b", log_file("4.json", 20));
    add(log_file("5.json", 59));
    add(log_file("6.json", 58));
    add_for("b", temp_file(&dir, "7.json", "no stamp at all\n"));
    log_inputs_sort(&inputs);
    assert_inputs("=6.json =5.json a=3.json b=7.json b=2.json b=4.json b=1.json");
    assert_int_equal(inputs.items[3].first_ns, TIME_NONE);
    assert_int_equal(inputs.items[4].first_ns, INT64_C(1772633710000000000));
}

static void test_the_first_stamp_may_stand_behind_other_lines(void **state)
{
    (void)state;
    add_for("h", temp_file(&dir, "a.json",
                           "\n[host:x] text\n{\"at\":\"2026-03-04T14:15:20Z\",\n"
                           "{\"at\":\"2026-03-04T14:15:05Z\"}\n"));
    add_for("h", log_file("b.json", 10));
    log_inputs_sort(&inputs);
    assert_inputs("h=b.json h=a.json"); /* a cut line tells its stamp, too */
}

static void test_sorting_does_not_wait_for_a_fifo(void **state)
{
    const char *path = temp_path(&dir, "fifo");

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    add_for("h", log_file("a.json", 1));
    add_for("h", path);
    log_inputs_sort(&inputs);
    assert_inputs("h=fifo h=a.json");
}

static void test_the_earliest_stamp_of_all_is_found_whether_or_not_they_were_ordered(void **state)
{
    int64_t wanted;

    (void)state;
    assert_int_equal(log_inputs_first_ns(&inputs), TIME_NONE);
    add_for("b", log_file("one.json", 30));
    add_for("a", log_file("two.json", 20));
    add_for("c", log_file("three.json", 25));
    log_inputs_sort(&inputs);
    assert_true(time_parse_iso("2026-03-04T14:15:20Z", 20, &wanted));
    assert_int_equal(log_inputs_first_ns(&inputs), wanted);
}

static void test_the_stem_is_the_name_without_its_endings(void **state)
{
    static const struct {
        const char *path, *stem;
    } cases[] = {
        { "a/node-0.json.gz", "node-0" },
        { "node-0.json", "node-0" },
        { "x/logs-node-2.legacy.json", "logs-node-2.legacy" },
        { "node.log.zst", "node" },
        { "node-2026-03-04T14-00-00.scjson.gz", "node-2026-03-04T14-00-00" },
        { "stdout", "stdout" },
        { "stdout.gz", "stdout" },
        { "a/.json", ".json" },
        { "host.compute.internal.jsonl", "host.compute.internal" },
        { "-", "stdin" },
        { "a.gz.gz", "a.gz" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span stem = log_input_stem(cases[i].path);

        if (!span_is(stem, cases[i].stem))
            fail_msg("%s gives %.*s", cases[i].path, (int)stem.len, stem.at);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_belongs_to_whom_its_lines_say),
        TEST(test_a_host_before_the_path_wins),
        TEST(test_a_path_with_an_equals_sign_that_exists_is_a_path),
        TEST(test_an_equals_sign_behind_a_slash_is_part_of_the_path),
        TEST(test_a_folders_sub_folders_are_hosts),
        TEST(test_a_host_may_be_given_to_a_whole_folder),
        TEST(test_what_a_collector_writes_is_read_once),
        TEST(test_a_link_that_is_no_collectors_is_told),
        TEST(test_of_a_collectors_forms_the_one_that_says_most_is_read),
        TEST(test_the_forms_of_a_runs_logs_are_not_read_twice_either),
        TEST(test_a_file_that_is_named_is_read_in_whatever_form),
        TEST(test_collectors_files_that_a_pattern_finds_belong_to_their_folders),
        TEST(test_collectors_folders_that_a_pattern_finds_are_hosts),
        TEST(test_a_pattern_names_all_that_match),
        TEST(test_a_folder_without_logs_says_what_logs_are),
        TEST(test_a_run_directory_keeps_logs_by_host),
        TEST(test_a_run_of_the_older_workbench_has_logs_among_other_files),
        TEST(test_a_run_may_have_characters_of_patterns_in_its_name),
        TEST(test_a_run_without_logs_says_where_they_should_be),
        TEST(test_files_are_ordered_by_host_and_first_stamp),
        TEST(test_the_first_stamp_may_stand_behind_other_lines),
        TEST(test_sorting_does_not_wait_for_a_fifo),
        TEST(test_the_earliest_stamp_of_all_is_found_whether_or_not_they_were_ordered),
        TEST(test_the_stem_is_the_name_without_its_endings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
