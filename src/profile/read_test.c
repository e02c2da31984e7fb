/* Words and numbers of a document become what the header says. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "profile/profile.h"
#include "support/test.h"

static void load(const char *overlay, struct profile *ret)
{
    struct ou_error err = { 0 };

    if (profile_load("ci-test", &overlay, 1, ret, &err))
        fail_msg("%s: %s", overlay, err.text);
}

/* Loads ci-test with {"SECTION": {"MEMBER": "WORD"}}, or {"MEMBER": "WORD"}, and a command for nodes that are one. */
static void load_word(const char *section, const char *member, const char *word,
                      struct profile *ret)
{
    char overlay[200];
    const char *const overlays[] = { "{\"node\":{\"command\":{\"argv\":[\"sleep\"]}}}", overlay };
    struct ou_error err = { 0 };

    if (*section)
        snprintf(overlay, sizeof overlay, "{\"%s\":{\"%s\":\"%s\"}}", section, member, word);
    else
        snprintf(overlay, sizeof overlay, "{\"%s\":\"%s\"}", member, word);
    if (profile_load("ci-test", overlays, 2, ret, &err))
        fail_msg("%s: %s", overlay, err.text);
}

static void test_each_word_is_the_one_of_its_enum(void **state)
{
    static const struct {
        const char *section, *member, *word;
        size_t offset; /* of the member of struct profile */
        int value;
    } rows[] = {
#define ROW(section, member, word, field, value) \
    { section, member, word, offsetof(struct profile, field), value }
        ROW("", "era", "shelley", era, ERA_SHELLEY),
        ROW("", "era", "allegra", era, ERA_ALLEGRA),
        ROW("", "era", "mary", era, ERA_MARY),
        ROW("", "era", "alonzo", era, ERA_ALONZO),
        ROW("", "era", "babbage", era, ERA_BABBAGE),
        ROW("", "era", "conway", era, ERA_CONWAY),
        ROW("", "era", "dijkstra", era, ERA_DIJKSTRA),
        ROW("", "scenario", "idle", scenario, SCENARIO_IDLE),
        ROW("", "scenario", "tracer-only", scenario, SCENARIO_TRACER_ONLY),
        ROW("", "scenario", "fixed", scenario, SCENARIO_FIXED),
        ROW("", "scenario", "fixed-loaded", scenario, SCENARIO_FIXED_LOADED),
        ROW("", "scenario", "chainsync", scenario, SCENARIO_CHAINSYNC),
        ROW("composition", "topology", "line", shape, TOPOLOGY_LINE),
        ROW("composition", "topology", "uni-circle", shape, TOPOLOGY_UNI_CIRCLE),
        ROW("composition", "topology", "torus", shape, TOPOLOGY_TORUS),
        ROW("composition", "topology", "torus-dense", shape, TOPOLOGY_TORUS_DENSE),
        ROW("composition", "topology", "dense", shape, TOPOLOGY_DENSE),
        ROW("node", "kind", "reference", node_kind, NODE_REFERENCE),
        ROW("node", "kind", "cardano-node", node_kind, NODE_CARDANO),
        ROW("node", "kind", "command", node_kind, NODE_COMMAND),
        ROW("node", "rts_stats", "summary", rts_stats, RTS_STATS_SUMMARY),
        ROW("node", "rts_stats", "collections", rts_stats, RTS_STATS_COLLECTIONS),
        ROW("run", "on_node_death", "continue", on_node_death, DEATH_CONTINUE),
        ROW("run", "on_node_death", "fail", on_node_death, DEATH_FAIL),
        ROW("run", "on_node_death", "restart", on_node_death, DEATH_RESTART),
#undef ROW
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct profile p;
        int value;

        load_word(rows[i].section, rows[i].member, rows[i].word, &p);
        memcpy(&value, (const char *)&p + rows[i].offset, sizeof value);
        if (value != rows[i].value)
            fail_msg("%s is %d, not %d", rows[i].word, value, rows[i].value);
        profile_release(&p);
    }
}

static void test_tracing_is_new_old_or_off(void **state)
{
    struct profile p;

    (void)state;
    load_word("node", "tracing_backend", "trace-dispatcher", &p);
    assert_true(p.tracer && !p.legacy_tracing && !p.tracing_off);
    profile_release(&p);
    load_word("node", "tracing_backend", "iohk-monitoring", &p);
    assert_true(!p.tracer && p.legacy_tracing && !p.tracing_off);
    profile_release(&p);
    load_word("node", "tracing_backend", "off", &p);
    assert_true(p.tracer && !p.legacy_tracing && p.tracing_off);
    profile_release(&p);
}

static void test_a_command_has_arguments_environment_and_a_way_to_be_ready(void **state)
{
    struct profile p;

    (void)state;
    load(
        "{\"node\":{\"kind\":\"command\",\"cores\":\"0;1\",\"environment\":{\"A\":\"1\",\"B\":\"\"},"
        "\"command\":{\"argv\":[\"prog\",\"\",\"%{rts}\"],\"ready\":{\"kind\":\"line\",\"text\":"
        "\"up\"},\"ends_by_itself\":true,\"stop_signal\":\"INT\"}}}",
        &p);
    assert_int_equal(p.command.argc, 3);
    assert_string_equal(p.command.argv[0], "prog");
    assert_string_equal(p.command.argv[1], "");
    assert_string_equal(p.command.argv[2], "%{rts}");
    assert_int_equal(p.command.ready.kind, READY_LINE);
    assert_string_equal(p.command.ready.text, "up");
    assert_true(p.command.ends_by_itself);
    assert_int_equal(p.command.stop_signal, SIGINT);
    assert_int_equal(p.variable_count, 2);
    assert_string_equal(p.environment[0].name, "A");
    assert_string_equal(p.environment[1].value, "");
    assert_string_equal(p.cores, "0;1");
    profile_release(&p);
}

static void test_what_is_not_told_of_a_command_is_nothing(void **state)
{
    struct profile p;

    (void)state;
    load("{}", &p);
    assert_int_equal(p.command.argc, 0);
    assert_int_equal(p.command.ready.kind, READY_AT_ONCE);
    assert_int_equal(p.command.ready.port, 0);
    assert_string_equal(p.command.ready.text, "");
    assert_int_equal(p.command.stop_signal, SIGTERM);
    assert_string_equal(p.cores, "");
    assert_string_equal(p.node_program, "");
    assert_string_equal(p.chain_source, "");
    assert_int_equal(p.variable_count, 0);
    assert_int_equal(p.rts_stats, RTS_STATS_NONE);
    assert_int_equal(p.restarts_max, 3);
    assert_int_equal(p.attempts, 1);
    profile_release(&p);
}

static void test_a_limit_of_the_heap_is_a_flag_behind_the_others(void **state)
{
    struct profile p;

    (void)state;
    load("{\"node\":{\"rts_flags_override\":[\"-A64m\",\"-N2\"],\"heap_limit\":4096}}", &p);
    assert_int_equal(p.rts_flag_count, 3);
    assert_string_equal(p.rts_flags[0], "-A64m");
    assert_string_equal(p.rts_flags[2], "-M4096m");
    profile_release(&p);
}

static void test_a_condition_to_stop_may_be_the_explorers_alone(void **state)
{
    struct profile p;

    (void)state;
    load("{\"node\":{\"shutdown_on_slot_synced\":{\"explorer\":77}}}", &p);
    assert_true(p.stop_slot == UINT64_MAX);
    assert_int_equal(p.explorer_stop_slot, 77);
    profile_release(&p);
    load("{\"node\":{\"shutdown_on_slot_synced\":78}}", &p);
    assert_int_equal(p.stop_slot, 78);
    assert_int_equal(p.explorer_stop_slot, 78);
    assert_int_equal(p.stop_block, 8);
    profile_release(&p);
}

static void test_hosts_of_every_kind_are_counted(void **state)
{
    struct profile p;

    (void)state;
    load("{\"composition\":{\"n_bft_hosts\":1,\"n_singular_hosts\":2,\"n_dense_hosts\":3,"
         "\"dense_pool_density\":10,\"with_proxy\":true,\"with_explorer\":true,"
         "\"with_chaindb_server\":true}}",
         &p);
    assert_int_equal(p.hosts, 6);
    assert_int_equal(p.pools, 32);
    assert_int_equal(p.delegators, 32);
    assert_int_equal(p.spec_count, 9);
    assert_int_equal(p.specs[8].kind, HOST_EXPLORER);
    profile_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_word_is_the_one_of_its_enum),
        cmocka_unit_test(test_tracing_is_new_old_or_off),
        cmocka_unit_test(test_a_command_has_arguments_environment_and_a_way_to_be_ready),
        cmocka_unit_test(test_what_is_not_told_of_a_command_is_nothing),
        cmocka_unit_test(test_a_limit_of_the_heap_is_a_flag_behind_the_others),
        cmocka_unit_test(test_a_condition_to_stop_may_be_the_explorers_alone),
        cmocka_unit_test(test_hosts_of_every_kind_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
