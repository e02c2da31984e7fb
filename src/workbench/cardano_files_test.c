/* What is written for a cardano-node and its generator, file by file, against tests/data/golden/cardano-node/CASE/, whose files
 * somebody has read beside the description of the workbench of cardano-node. `GOLDEN=write test-workbench-cardano_files`
 * writes them anew, to be read again. In them RUN stands for the run directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "json/tree.h"
#include "profile/sites_test.h"
#include "support/files.h"
#include "support/test.h"
#include "workbench/node_files.h"

#define GOLDEN "tests/data/golden/cardano-node/"
#define KIND "{\"node\":{\"kind\":\"cardano-node\"}}"
#define HOSTS_MAX 60

static struct temp_dir dir;
static struct arena memory;
static struct profile profile;
static struct topology topology;
static struct start_command command;
static struct ou_error err;
static struct site sites[HOSTS_MAX];

static int set_up(void **state)
{
    static const char *const programs[] = { "cardano-node", "tx-generator" };

    (void)state;
    temp_dir_make(&dir);
    arena_init(&memory, allocator_libc(), 8 << 20);
    profile = (struct profile){ 0 };
    for (size_t i = 0; i < 2; i++) {
        temp_file(&dir, programs[i], "#!/bin/sh\n");
        assert_int_equal(chmod(temp_path(&dir, programs[i]), 0755), 0);
    }
    for (size_t i = 0; i < HOSTS_MAX; i++)
        sites[i] = (struct site)SITE_HERE((uint16_t)(30000 + i), "/run", "/opt/ouroscope");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    profile_release(&profile);
    arena_release(&memory);
    temp_dir_remove(&dir);
    return 0;
}

static void load(const char *name, const char *overlay)
{
    const char *const overlays[] = { KIND, overlay };

    if (profile_load(name, overlays, overlay ? 2 : 1, &profile, &err) ||
        topology_of_profile(&profile, &memory, &topology, &err))
        fail_msg("%s", err.text);
    profile.node_program = arena_copy(&memory, temp_path(&dir, "cardano-node"),
                                      strlen(temp_path(&dir, "cardano-node")));
}

/* ---- files ---- */

/* With RUN in place of the folder, whose name is another one every time. */
static void read_normal(const char *path, struct buffer *ret)
{
    struct buffer text;
    const char *at, *found;

    buffer_init(&text, allocator_libc(), 1 << 20);
    buffer_init(ret, allocator_libc(), 1 << 20);
    if (file_read(path, &text, &err))
        fail_msg("%s", err.text);
    for (at = buffer_string(&text); (found = strstr(at, dir.path)); at = found + strlen(dir.path)) {
        buffer_append(ret, at, (size_t)(found - at));
        buffer_text(ret, "RUN");
    }
    buffer_text(ret, at);
    buffer_release(&text);
}

static void write_golden(const char *path, const struct buffer *text)
{
    struct out_file file = { .fd = -1 };
    char folder[600];

    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (file_make_directory(folder, &err) || out_open(&file, path, &err))
        fail_msg("%s", err.text);
    out_write(&file, text->at, text->len);
    assert_int_equal(out_commit(&file, &err), OU_OK);
    out_release(&file);
}

static void compare(const char *name, const char *file)
{
    const char *mode = getenv("GOLDEN");
    struct buffer made, golden;
    char path[600];

    snprintf(path, sizeof path, GOLDEN "%s/%s", name, file);
    read_normal(temp_path(&dir, file), &made);
    if (mode && strcmp(mode, "write") == 0)
        write_golden(path, &made);
    buffer_init(&golden, allocator_libc(), 1 << 20);
    if (file_read(path, &golden, &err))
        fail_msg("%s", err.text);
    if (strcmp(buffer_string(&made), buffer_string(&golden)) != 0)
        fail_msg("%s is no longer so; it was made:\n%s", path, buffer_string(&made));
    buffer_release(&made);
    buffer_release(&golden);
}

static void write_node(size_t node)
{
    if (node_files_write(&profile, &topology, node, sites, dir.path, &memory, &command, &err))
        fail_msg("%s", err.text);
}

static void compare_node(const char *name, size_t node)
{
    static const char *const files[] = { "config.json", "topology.json", "start.sh" };
    char file[100];

    write_node(node);
    for (size_t i = 0; i < 3; i++) {
        snprintf(file, sizeof file, "nodes/%s/%s", profile.specs[node].name, files[i]);
        compare(name, file);
    }
}

static void compare_generator(const char *name)
{
    if (generator_files_write(&profile, sites, dir.path, &memory, &command, &err))
        fail_msg("%s", err.text);
    compare(name, "generator/run-script.json");
    compare(name, "generator/start.sh");
}

/* ---- whole folders ---- */

static void test_ci_test(void **state)
{
    (void)state;
    load("ci-test", NULL);
    compare_node("ci-test", 0);
    compare_node("ci-test", 1);
    compare_generator("ci-test");
    if (tracer_files_write(&profile, dir.path, "/opt/ouroscope", &memory, &command, &err))
        fail_msg("%s", err.text);
    compare("ci-test", "tracer/config.json");
    compare("ci-test", "tracer/start.sh");
}

static void test_a_script_has_its_data_in_files(void **state)
{
    (void)state;
    load("ci-test-plutus", NULL);
    compare_generator("ci-test-plutus");
    compare("ci-test-plutus", "generator/plutus-redeemer.json");
}

static void test_52_nodes_and_an_explorer(void **state)
{
    (void)state;
    load("value-nomadperf", NULL);
    assert_int_equal(profile.spec_count, 53);
    compare_node("value-nomadperf", 0);
    compare_node("value-nomadperf", 51);
    compare_node("value-nomadperf", 52);
    compare_generator("value-nomadperf");
}

static void test_the_older_tracing(void **state)
{
    (void)state;
    load("oldtracing-bage", NULL);
    compare_node("oldtracing-bage", 0);
    compare_generator("oldtracing-bage");
}

static void test_the_edition_of_2023(void **state)
{
    (void)state;
    load("ci-test-bage", NULL);
    compare_node("ci-test-bage", 0);
    compare_generator("ci-test-bage");
}

static void test_peer_to_peer_in_2023(void **state)
{
    (void)state;
    load("ci-test-p2p-bage", NULL);
    compare_node("ci-test-p2p-bage", 1);
}

static void test_a_host_of_ten_pools(void **state)
{
    (void)state;
    load("ci-test-dense10", NULL);
    compare_node("ci-test-dense10", 0);
}

static void test_a_ledger_on_disk(void **state)
{
    (void)state;
    load("ci-bench-lsmt", NULL);
    compare_node("ci-bench-lsmt", 0);
}

static void test_without_a_collector(void **state)
{
    char target[200];
    ssize_t len;

    (void)state;
    load("ci-test-notracer", NULL);
    compare_node("ci-test-notracer", 0);
    compare_generator("ci-test-notracer");
    /* What it prints is its log. */
    len = readlink(temp_path(&dir, "logs/node-0/node.json"), target, sizeof target - 1);
    assert_true(len > 0);
    target[len] = '\0';
    assert_string_equal(target, "../../nodes/node-0/stdout");
    len = readlink(temp_path(&dir, "logs/generator/generator.json"), target, sizeof target - 1);
    assert_true(len > 0);
    target[len] = '\0';
    assert_string_equal(target, "../../generator/stdout");
}

static void test_flags_statistics_and_environment(void **state)
{
    (void)state;
    load("ci-test", "{\"node\":{\"rts_flags_override\":[\"-A64m\",\"-N4\"],\"heap_limit\":14336,"
                    "\"rts_stats\":\"summary\",\"environment\":{\"LANG\":\"C.UTF-8\"},"
                    "\"tracing_backend\":\"off\"}}");
    compare_node("ci-test-flags", 0);
}

/* ---- what is not in files ---- */

static void test_a_node_is_up_when_its_socket_is_there(void **state)
{
    (void)state;
    load("ci-test", NULL);
    write_node(0);
    assert_int_equal(command.ready.kind, READY_FILE);
    assert_string_equal(command.ready.text, "node.socket");
    assert_true(command.ends_by_itself); /* at its last block */
    assert_false(command.sampled);
    assert_string_equal(command.argv[0], temp_path(&dir, "cardano-node"));
}

/* Layers must not write into the profile, which the next node reads. */
static void test_the_profile_stays_as_it_is(void **state)
{
    json_t *before;

    (void)state;
    load("ci-test",
         "{\"node\":{\"verbatim\":{\"TraceOptions\":{\"Mempool\":{\"severity\":\"Info\"}}}}}");
    before = json_deep_copy(profile.document);
    write_node(0);
    assert_true(json_equal(before, profile.document));
    json_decref(before);
}

static void test_programs_that_are_not_there_are_told_with_what_to_set(void **state)
{
    (void)state;
    load("ci-test", NULL);
    profile.node_program = "/nowhere/cardano-node";
    assert_int_equal(
        node_files_write(&profile, &topology, 0, sites, dir.path, &memory, &command, &err),
        OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "/nowhere/cardano-node"));
    assert_non_null(strstr(err.text, "node.program"));
    unlink(temp_path(&dir, "tx-generator"));
    profile.node_program = temp_path(&dir, "cardano-node");
    setenv("PATH", "/nowhere", 1);
    assert_int_equal(generator_files_write(&profile, sites, dir.path, &memory, &command, &err),
                     OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "tx-generator"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ci_test),
        TEST(test_a_script_has_its_data_in_files),
        TEST(test_52_nodes_and_an_explorer),
        TEST(test_the_older_tracing),
        TEST(test_the_edition_of_2023),
        TEST(test_peer_to_peer_in_2023),
        TEST(test_a_host_of_ten_pools),
        TEST(test_a_ledger_on_disk),
        TEST(test_without_a_collector),
        TEST(test_flags_statistics_and_environment),
        TEST(test_a_node_is_up_when_its_socket_is_there),
        TEST(test_the_profile_stays_as_it_is),
        TEST(test_programs_that_are_not_there_are_told_with_what_to_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
