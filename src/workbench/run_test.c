/* Runs with a program that only pretends to be a node: what is tested is what happens around nodes. The
 * real ones are run by tests/integration/run.sh. */
#include "workbench/run.h"

#include <dirent.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "deploy/process.h"
#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"

/* Each node adds a block every 50 ms, all the same ones; node-0 says that it forges them. What else it does is
 * told by $FAKE. */
static const char fake[] =
    "#!/bin/sh\n"
    "name=${PWD##*/}\n"
    "[ \"$1\" = node ] && run=../.. || run=..\n"
    "echo $$ >> $run/pids\n"
    "if [ \"$1\" = tracer ]; then\n"
    "  case $FAKE in no-tracer) echo no socket >&2; exit 5;; esac\n"
    "  trap 'echo closed >> ../order; exit 0' TERM\n"
    "  echo open >> ../order\n"
    "  touch forward.socket\n"
    "  while :; do sleep 0.05; [ $FAKE = lost-tracer ] && [ -e ../blocks ] && exit 6; done\n"
    "fi\n"
    "if [ \"$1\" = generator ]; then\n"
    "  log=../logs/generator/node.json\n"
    "  mkdir -p ${log%/*}\n"
    "  echo '{\"data\":{\"kind\":\"TraceBenchTxSubServAck\",\"txIds\":[\"a\",\"b\"]}}' >> $log\n"
    "  case $FAKE in bad-load) echo no funds >&2; exit 4;; short-load) exit 0;; esac\n"
    "  while :; do sleep 0.05; done\n"
    "fi\n"
    "log=../../logs/$name/node.json\n"
    "mkdir -p ${log%/*}\n"
    "case $FAKE-$name in silent-*) exec sleep 1000;; early-node-1) echo no key >&2; exit 2;; esac\n"
    "echo start >> ../../order\n"
    "trap 'echo end >> ../../order; exit 0' TERM\n"
    "[ $FAKE = deaf ] && trap '' TERM\n"
    "[ $FAKE = bad-end ] && trap 'echo no more >&2; exit 9' TERM\n"
    "echo '{\"data\":{\"kind\":\"AcceptPolicyTrace\"}}' >> $log\n"
    "n=0\n"
    "while :; do\n"
    "  sleep 0.05\n"
    "  [ $n = 3 ] && touch ../../blocks\n"
    "  [ $name = node-0 ] && echo '{\"data\":{\"kind\":\"TraceForgedBlock\"}}' >> $log\n"
    "  echo '{\"data\":{\"kind\":\"AddedToCurrentChain\",\"newtip\":\"ab@'$n'\","
    "\"newSuffixSelectView\":{\"chainLength\":'$n'}}}' >> $log\n"
    "  case $FAKE-$name-$n in death-node-1-5) echo bad luck; exit 3;; esac\n"
    "  n=$((n + 1))\n"
    "done\n";

static struct temp_dir dir;
static struct profile profile;
static struct run_result result;
static struct ou_error err;
static char said[8192];
static struct run_view last_view; /* while there was a node */
static uint32_t most_nodes_up;
static void (*at_view)(const struct run_view *view);

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    write_file(temp_path(&dir, "fake"), fake, sizeof fake - 1);
    said[0] = '\0';
    most_nodes_up = 0;
    at_view = NULL;
    err.text[0] = '\0';
    setenv("FAKE", "none", 1);
    return chmod(temp_path(&dir, "fake"), 0755);
}

static int tear_down(void **state)
{
    (void)state;
    profile_release(&profile);
    temp_dir_remove(&dir);
    return 0;
}

static void on_view(void *context, const struct run_view *view)
{
    assert_ptr_equal(context, &dir);
    if (view->nodes_up > 0)
        last_view = *view;
    if (view->nodes_up > most_nodes_up)
        most_nodes_up = view->nodes_up;
    if (at_view)
        at_view(view);
}

static void on_line(void *context, const char *line)
{
    size_t len = strlen(said);

    assert_ptr_equal(context, &dir);
    snprintf(said + len, sizeof said - len, "%s\n", line);
}

#define QUICK \
    "{\"analysis\":{\"cluster_base_startup_overhead_s\":0},\"genesis\":{\"slot_duration\":0.1}}"

static struct run_options options_of_tests(void)
{
    return (struct run_options){ .profile = &profile,
                                 .parent = temp_path(&dir, "runs"),
                                 .ident = "test",
                                 .batch = "b",
                                 .program = temp_path(&dir, "fake"),
                                 .keep_databases = false,
                                 .show = on_view,
                                 .say = on_line,
                                 .context = &dir };
}

static enum ou_status run_with(const char *overlay)
{
    const char *overlays[] = { QUICK, overlay };
    const struct run_options options = options_of_tests();

    if (profile_load("ci-test", overlays, 2, &profile, &err))
        fail_msg("%s", err.text);
    return run_perform(&options, &result, &err);
}

static json_t *document(const char *name)
{
    char path[5000];
    json_t *tree = NULL;

    snprintf(path, sizeof path, "%s/%s", result.directory, name);
    if (json_tree_load(path, 1 << 24, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

/* The states that the run went through, and the last cause: "allocated deployed ...: cause". */
static const char *history(void)
{
    static char text[2000];
    json_t *status = document("status.json");
    const json_t *change, *changes = json_object_get(status, "history");
    size_t i;

    text[0] = '\0';
    json_array_foreach(changes, i, change)
    {
        const char *cause = json_string_value(json_object_get(change, "cause"));
        size_t len = strlen(text);

        snprintf(text + len, sizeof text - len, "%s%s%s%s%s", i ? " " : "",
                 json_string_value(json_object_get(change, "state")), *cause ? " (" : "", cause,
                 *cause ? ")" : "");
    }
    json_decref(status);
    return text;
}

/* No process that the run started is there any more. */
static void assert_no_process_is_left(void)
{
    char path[5000];
    FILE *pids;
    int pid, count = 0;

    snprintf(path, sizeof path, "%s/pids", result.directory);
    pids = fopen(path, "r");
    assert_non_null(pids);
    while (fscanf(pids, "%d", &pid) == 1) {
        assert_int_equal(kill(pid, 0), -1);
        count++;
    }
    fclose(pids);
    assert_true(count > 0);
}

/* ---- good ends ---- */

static void test_a_run_ends_when_all_nodes_have_the_last_block(void **state)
{
    json_t *meta, *inner;

    (void)state;
    assert_int_equal(run_with("{\"node\":{\"shutdown_on_block_synced\":12}}"), OU_OK);
    assert_string_equal(history(), "allocated deployed genesis-ready running "
                                   "stopped (all nodes have the last block) fetched");
    assert_int_equal(result.state, RUN_fetched);
    assert_false(result.interrupted);
    assert_true(result.blocks >= 13);
    assert_int_equal(result.txs, 2);
    assert_int_equal(most_nodes_up, 2);
    assert_true(last_view.blocks_forged >= 8);
    assert_no_process_is_left();
    meta = document("meta.json");
    inner = json_object_get(meta, "meta");
    assert_string_equal(json_string_value(json_object_get(inner, "ident")), "test");
    assert_string_equal(json_string_value(json_object_get(inner, "batch")), "b");
    assert_string_equal(json_string_value(json_object_get(inner, "tag")),
                        strrchr(result.directory, '/') + 1);
    json_decref(meta);
    json_decref(document("profile.json"));
    json_decref(document("topology.json"));
    json_decref(document("genesis/shelley.json"));
}

/* What slots are counted from is what all files say. */
static void test_the_start_is_told_alike_everywhere(void **state)
{
    json_t *meta, *shelley;
    const char *start;

    (void)state;
    assert_int_equal(run_with("{}"), OU_OK);
    meta = document("meta.json");
    shelley = document("genesis/shelley.json");
    start = json_string_value(
        json_object_get(json_object_get(json_object_get(meta, "meta"), "timing"), "systemStart"));
    assert_string_equal(start, json_string_value(json_object_get(shelley, "systemStart")));
    json_decref(meta);
    json_decref(shelley);
}

static void test_a_run_can_end_by_slot_time_or_load(void **state)
{
    (void)state;
    assert_int_equal(
        run_with("{\"node\":{\"shutdown_on_block_synced\":null,\"shutdown_on_slot_synced\":15}}"),
        OU_OK);
    assert_non_null(
        strstr(history(), "stopped (all nodes have a block of the last slot or a later one)"));
    profile_release(&profile);
    assert_int_equal(
        run_with("{\"node\":{\"shutdown_on_block_synced\":null},\"run\":{\"max_duration_s\":1}}"),
        OU_OK);
    assert_non_null(strstr(history(), "stopped (the time is over)"));
    profile_release(&profile);
    setenv("FAKE", "short-load", 1);
    assert_int_equal(
        run_with(
            "{\"node\":{\"shutdown_on_block_synced\":null},\"run\":{\"stop_when_exhausted\":true}}"),
        OU_OK);
    assert_non_null(strstr(history(), "stopped (all transactions are sent)"));
}

static void test_without_a_load_there_is_no_generator(void **state)
{
    (void)state;
    assert_int_equal(run_with("{\"scenario\":\"fixed\"}"), OU_OK);
    assert_int_equal(last_view.txs_sent, -1);
    assert_int_equal(result.txs, 0);
}

/* ---- bad ends ---- */

static void test_a_dead_node_is_reported_and_the_run_goes_on(void **state)
{
    (void)state;
    setenv("FAKE", "death", 1);
    assert_int_equal(run_with("{}"), OU_OK);
    assert_non_null(strstr(said, "node-1 ended with status 3\nnode-1: bad luck\n"));
    assert_int_equal(result.nodes_died, 1);
    assert_int_equal(last_view.nodes_up, 1);
    assert_no_process_is_left();
}

static void test_a_dead_node_ends_the_run_when_the_profile_says_so(void **state)
{
    (void)state;
    setenv("FAKE", "death", 1);
    assert_int_equal(
        run_with(
            "{\"run\":{\"node_death_is_fatal\":true},\"node\":{\"shutdown_on_block_synced\":1000}}"),
        OU_IO);
    assert_string_equal(err.text, "node-1 ended with status 3: bad luck");
    assert_non_null(strstr(history(), "running failed (node-1 ended with status 3: bad luck)"));
    assert_int_equal(result.state, RUN_failed);
    assert_no_process_is_left();
}

/* Each time it dies of the same. */
static void test_a_dead_node_is_started_again_as_often_as_the_profile_says(void **state)
{
    json_t *status;

    (void)state;
    setenv("FAKE", "death", 1);
    assert_int_equal(run_with("{\"run\":{\"on_node_death\":\"restart\",\"restarts_max\":1},"
                              "\"node\":{\"shutdown_on_block_synced\":50}}"),
                     OU_OK);
    assert_non_null(strstr(said, "node-1 ended with status 3; it is started again (1 of 1 times)\n"
                                 "node-1: bad luck\n"));
    assert_non_null(strstr(said, "\nnode-1 ended with status 3\n"));
    assert_int_equal(result.nodes_died, 2);
    status = document("status.json");
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(status, "history"), 4), "cause")),
                        "node-1 ended with status 3; it is started again (1 of 1 times)");
    json_decref(status);
    assert_no_process_is_left();
}

static void test_a_node_that_does_not_come_up_ends_the_run(void **state)
{
    (void)state;
    setenv("FAKE", "early", 1);
    assert_int_equal(run_with("{}"), OU_IO);
    assert_non_null(strstr(said, "node-1: no key\n"));
    assert_string_equal(
        history(), "allocated deployed genesis-ready failed (node-1 ended with status 2: no key)");
    assert_no_process_is_left();
}

/* One line of RUN/order for each start and end, but the generator's. */
static void test_the_collector_is_there_before_the_nodes_and_after_them(void **state)
{
    struct buffer order;
    char path[5000];

    (void)state;
    assert_int_equal(run_with("{}"), OU_OK);
    snprintf(path, sizeof path, "%s/order", result.directory);
    buffer_init(&order, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(path, &order, &err), OU_OK);
    assert_string_equal(buffer_string(&order), "open\nstart\nstart\nend\nend\nclosed\n");
    buffer_release(&order);
}

static void test_a_collector_that_does_not_come_up_ends_the_run(void **state)
{
    (void)state;
    setenv("FAKE", "no-tracer", 1);
    assert_int_equal(run_with("{}"), OU_IO);
    assert_string_equal(err.text, "the collector ended with status 5: no socket");
    assert_non_null(strstr(said, "the collector: no socket\n"));
    assert_no_process_is_left();
}

/* What it has not written is not known to anybody: such a run is worth nothing. */
static void test_a_collector_that_ends_early_ends_the_run(void **state)
{
    (void)state;
    setenv("FAKE", "lost-tracer", 1);
    assert_int_equal(run_with("{\"node\":{\"shutdown_on_block_synced\":1000}}"), OU_IO);
    assert_string_equal(err.text, "the collector ended with status 6");
    assert_null(strstr(said, "ended with")); /* the cause tells it, once */
    assert_non_null(strstr(history(), "failed (the collector ended with status 6)"));
    assert_no_process_is_left();
}

static void test_a_generator_that_fails_ends_the_run(void **state)
{
    (void)state;
    setenv("FAKE", "bad-load", 1);
    assert_int_equal(run_with("{\"node\":{\"shutdown_on_block_synced\":1000}}"), OU_IO);
    assert_string_equal(err.text, "the generator ended with status 4: no funds");
    assert_non_null(strstr(said, "the generator: no funds\n"));
    assert_no_process_is_left();
}

static void test_a_node_that_does_not_end_well_is_told(void **state)
{
    (void)state;
    setenv("FAKE", "bad-end", 1);
    assert_int_equal(run_with("{}"), OU_OK);
    assert_non_null(strstr(said, "node-1 was asked to end, and ended with status 9\n"));
    assert_non_null(strstr(said, "node-1: no more\n"));
    assert_int_equal(result.nodes_died, 0);
}

static void test_a_program_that_is_not_there_ends_the_run(void **state)
{
    (void)state;
    unlink(temp_path(&dir, "fake"));
    assert_int_equal(run_with("{}"), OU_IO);
    assert_non_null(strstr(err.text, "start tracer: "));
    assert_non_null(strstr(history(), "genesis-ready failed (start tracer: "));
}

/* ---- what is refused before anything is made ---- */

static void test_a_scenario_without_what_it_needs_is_refused(void **state)
{
    static const struct {
        const char *overlay, *why;
    } cases[] = {
        { "{\"scenario\":\"tracer-only\",\"node\":{\"tracer\":false}}",
          "profile ci-test: the scenario tracer-only needs a collector (node.tracer)" },
        { "{\"scenario\":\"chainsync\"}",
          "profile ci-test: the scenario chainsync needs composition.with_chaindb_server" },
        { "{\"scenario\":\"chainsync\",\"composition\":{\"with_explorer\":true}}",
          "and composition.with_explorer" },
        { "{\"scenario\":\"chainsync\",\"composition\":{\"with_explorer\":true,"
          "\"with_chaindb_server\":true}}",
          "profile ci-test: there is no chain to serve: make a run with --keep" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(run_with(cases[i].overlay), OU_USAGE);
        if (!strstr(err.text, cases[i].why))
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].why);
        assert_int_not_equal(access(temp_path(&dir, "runs"), F_OK), 0);
        assert_string_equal(result.directory, "");
        profile_release(&profile);
    }
}

/* What chaindb.source names is looked at when the run has a directory: there it is told, too. */
static void test_a_chain_that_is_not_all_there_is_not_served(void **state)
{
    static const struct {
        const char *meta;
        enum ou_status status;
        const char *why;
    } cases[] = {
        { "{\"meta\":{\"timing\":{}}}", OU_INVALID,
          "source/meta.json: member meta.timing.start must be a number" },
        { "{\"meta\":{\"timing\":{\"start\":1700000000}}}", OU_NOT_FOUND,
          "source/genesis: there is no such file or folder; chaindb.source must be the directory "
          "of a run that was made with --keep" },
    };
    char overlay[1000];

    (void)state;
    assert_int_equal(file_make_directory(temp_path(&dir, "source/logs/node-0"), &err), OU_OK);
    temp_file(&dir, "source/logs/node-0/node.json", "{}\n");
    snprintf(overlay, sizeof overlay,
             "{\"scenario\":\"chainsync\",\"composition\":{\"with_explorer\":true,"
             "\"with_chaindb_server\":true},\"chaindb\":{\"source\":\"%s/source\"}}",
             dir.path);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        temp_file(&dir, "source/meta.json", cases[i].meta);
        assert_int_equal(run_with(overlay), cases[i].status);
        if (!strstr(err.text, cases[i].why))
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].why);
        assert_non_null(strstr(history(), cases[i].why));
        assert_int_equal(result.state, RUN_failed);
        profile_release(&profile);
    }
}

static void test_a_run_that_is_not_there_is_not_resumed(void **state)
{
    struct run_options options = options_of_tests();

    (void)state;
    options.resume = temp_path(&dir, "absent");
    assert_int_equal(run_perform(&options, &result, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "absent: there is no such run"));
}

/* ---- in several steps ---- */

static enum ou_status resume(void)
{
    struct run_options options = options_of_tests();
    char directory[sizeof result.directory];

    snprintf(directory, sizeof directory, "%s", result.directory);
    options.resume = directory;
    return run_perform(&options, &result, &err);
}

static void test_a_prepared_run_has_no_processes_until_it_is_resumed(void **state)
{
    const char *overlays[] = { QUICK };
    struct run_options options = options_of_tests();
    json_t *meta;

    (void)state;
    options.prepare_only = true;
    assert_int_equal(profile_load("ci-test", overlays, 1, &profile, &err), OU_OK);
    assert_int_equal(run_perform(&options, &result, &err), OU_OK);
    assert_int_equal(result.state, RUN_genesis_ready);
    assert_string_equal(history(), "allocated deployed genesis-ready");
    assert_int_equal(most_nodes_up, 0);
    assert_int_equal(resume(), OU_OK);
    assert_string_equal(history(),
                        "allocated deployed genesis-ready deployed genesis-ready running "
                        "stopped (all nodes have the last block) fetched");
    meta = document("meta.json");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(meta, "meta"), "resumed")),
                     1);
    assert_string_equal(json_string_value(json_object_get(json_object_get(meta, "meta"), "batch")),
                        "b");
    json_decref(meta);
    assert_no_process_is_left();
}

static void test_a_run_that_is_over_is_not_begun_again(void **state)
{
    (void)state;
    assert_int_equal(run_with("{}"), OU_OK);
    most_nodes_up = 0;
    assert_int_equal(resume(), OU_OK);
    assert_int_equal(result.state, RUN_fetched);
    assert_true(result.is_analysable);
    assert_int_equal(most_nodes_up, 0);
}

/* Its nodes, that only pretend, have no databases: there is nothing to go on with. */
static void test_a_failed_run_begins_anew(void **state)
{
    char path[5000];

    (void)state;
    setenv("FAKE", "early", 1);
    assert_int_equal(run_with("{}"), OU_IO);
    setenv("FAKE", "none", 1);
    assert_int_equal(resume(), OU_OK);
    assert_non_null(strstr(said, "the run begins anew: "));
    assert_int_equal(result.state, RUN_fetched);
    snprintf(path, sizeof path, "%s/earlier/1/logs", result.directory);
    assert_int_equal(access(path, F_OK), 0);
    assert_no_process_is_left();
}

/* ---- interrupts ---- */

static void interrupt_when_loaded(const struct run_view *view)
{
    if (view->txs_sent > 0)
        raise(SIGINT);
}

static void test_an_interrupt_ends_the_run_in_order(void **state)
{
    (void)state;
    at_view = interrupt_when_loaded;
    assert_int_equal(run_with("{\"node\":{\"shutdown_on_block_synced\":1000}}"), OU_OK);
    assert_true(result.interrupted);
    assert_non_null(strstr(history(), "running stopped (interrupted) fetched"));
    assert_no_process_is_left();
}

static void interrupt_at_once(const struct run_view *view)
{
    (void)view;
    raise(SIGTERM);
}

static void test_an_interrupt_before_anything_was_measured_is_a_failure(void **state)
{
    (void)state;
    setenv("FAKE", "silent", 1);
    at_view = interrupt_at_once;
    assert_int_equal(run_with("{}"), OU_INTERRUPTED);
    assert_non_null(
        strstr(history(), "genesis-ready failed (interrupted before there was a block)"));
    assert_no_process_is_left();
}

/* Its nodes do not listen to SIGTERM: without the second interrupt it would take as long as their grace. */
static void test_a_second_interrupt_kills(void **state)
{
    (void)state;
    setenv("FAKE", "deaf", 1);
    at_view = interrupt_when_loaded;
    assert_int_equal(run_with("{\"node\":{\"shutdown_on_block_synced\":1000}}"), OU_OK);
    assert_true(result.interrupted);
    assert_no_process_is_left();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_run_ends_when_all_nodes_have_the_last_block),
        TEST(test_the_start_is_told_alike_everywhere),
        TEST(test_a_run_can_end_by_slot_time_or_load),
        TEST(test_without_a_load_there_is_no_generator),
        TEST(test_a_dead_node_is_reported_and_the_run_goes_on),
        TEST(test_a_dead_node_ends_the_run_when_the_profile_says_so),
        TEST(test_a_dead_node_is_started_again_as_often_as_the_profile_says),
        TEST(test_a_scenario_without_what_it_needs_is_refused),
        TEST(test_a_chain_that_is_not_all_there_is_not_served),
        TEST(test_a_run_that_is_not_there_is_not_resumed),
        TEST(test_a_prepared_run_has_no_processes_until_it_is_resumed),
        TEST(test_a_run_that_is_over_is_not_begun_again),
        TEST(test_a_failed_run_begins_anew),
        TEST(test_a_node_that_does_not_come_up_ends_the_run),
        TEST(test_the_collector_is_there_before_the_nodes_and_after_them),
        TEST(test_a_collector_that_does_not_come_up_ends_the_run),
        TEST(test_a_collector_that_ends_early_ends_the_run),
        TEST(test_a_generator_that_fails_ends_the_run),
        TEST(test_a_node_that_does_not_end_well_is_told),
        TEST(test_a_program_that_is_not_there_ends_the_run),
        TEST(test_an_interrupt_ends_the_run_in_order),
        TEST(test_an_interrupt_before_anything_was_measured_is_a_failure),
        TEST(test_a_second_interrupt_kills),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
