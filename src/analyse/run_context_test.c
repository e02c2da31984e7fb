#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyse/run_context.h"
#include "support/files.h"
#include "support/test.h"

/* The meta.json of the golden example, as the workbench of 2023-04 and later writes it. */
#define META_WITH_PACKAGES                                                                         \
    "{\"meta\": {"                                                                                 \
    " \"tag\": \"2023-03-22-00.00.example-01\", \"batch\": \"example\", \"ident\": \"ex01\","      \
    " \"profile\": \"example-3node\", \"era\": \"babbage\", \"node_ghc_version\": \"8.10.7\","     \
    " \"manifest\": {"                                                                             \
    "  \"cardano-node\": {\"name\": \"cardano-node\", \"commit\": \"00aa\","                       \
    "   \"branch\": \"master\", \"status\": \"clean\", \"version\": \"8.0.0\"},"                   \
    "  \"plutus-core\": {\"commit\": \"11bb\"}},"                                                  \
    " \"profile_content\": {"                                                                      \
    "  \"era\": \"alonzo\","                                                                       \
    "  \"composition\": {\"n_pools\": 52},"                                                        \
    "  \"genesis\": {\"delegators\": null, \"utxo\": 4000000, \"dreps\": 10},"                     \
    "  \"generator\": {\"add_tx_size\": 100, \"inputs_per_tx\": 2, \"outputs_per_tx\": 3,"         \
    "   \"tps\": 0.85, \"tx_count\": 768000, \"era\": \"mary\","                                   \
    "   \"plutus\": {\"type\": \"LimitSaturationLoop\", \"script\": \"Loop\"}},"                   \
    "  \"analysis\": {\"filters\": [\"epoch3+\", \"size-full\"], \"filter_exprs\": ["              \
    "   {\"tag\": \"CBlock\", \"contents\": {\"tag\": \"BMinimumAdoptions\", \"contents\": 51}}]}" \
    "}}}"

/* As it was written until then. */
#define META_WITH_COMMITS                                                                \
    "{\"meta\": {\"manifest\": {"                                                        \
    " \"cardano-node\": \"00aa\", \"ouroboros-network\": \"11bb\","                      \
    " \"cardano-node-branch\": \"master\", \"cardano-node-version\": \"1.35.6\","        \
    " \"cardano-node-status\": \"modified\", \"cardano-prelude\": null},"                \
    " \"profile_content\": {\"generator\": {\"era\": \"babbage\", \"plutusMode\": true," \
    "  \"plutusLoopScript\": \"loop.plutus\"},"                                          \
    "  \"composition\": {\"n_singular_hosts\": 4, \"n_dense_hosts\": 2,"                 \
    "   \"dense_pool_density\": 10}}}}"

struct fixture {
    struct temp_dir dir;
    struct run_context context;
    struct ou_error err;
};

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){ 0 };
    temp_dir_make(&f.dir);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    run_context_release(&f->context);
    temp_dir_remove(&f->dir);
    return 0;
}

/* NULL: there is no such file. */
static enum ou_status load(struct fixture *f, const char *meta, const char *profile)
{
    return run_context_load(meta ? temp_file(&f->dir, "meta.json", meta) : NULL,
                            profile ? temp_file(&f->dir, "profile.json", profile) : NULL,
                            &f->context, &f->err);
}

static void assert_number(double got, double wanted)
{
    assert_true(got == wanted);
}

static void test_meta_says_who_and_what_and_with_which_load(void **state)
{
    struct fixture *f = *state;
    const struct run_context *c = &f->context;

    assert_int_equal(load(f, META_WITH_PACKAGES, NULL), OU_OK);
    assert_string_equal(c->tag, "2023-03-22-00.00.example-01");
    assert_string_equal(c->batch, "example");
    assert_string_equal(c->ident, "ex01");
    assert_string_equal(c->profile, "example-3node");
    assert_string_equal(c->ghc_version, "8.10.7");
    assert_string_equal(c->plutus_script, "Loop");
    assert_number(c->utxo, 4000000);
    assert_number(c->dreps, 10);
    assert_number(c->add_tx_size, 100);
    assert_number(c->inputs_per_tx, 2);
    assert_number(c->outputs_per_tx, 3);
    assert_number(c->tps, 0.85);
    assert_number(c->tx_count, 768000);
    assert_number(c->pools, 52);
    assert_true(isnan(c->delegators));
}

static void test_the_era_of_meta_counts_more_than_those_of_the_profile(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_PACKAGES, "{\"era\": \"conway\"}"), OU_OK);
    assert_string_equal(f->context.era, "babbage");
}

static void test_the_generators_era_is_the_last_resort(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_COMMITS, NULL), OU_OK);
    assert_string_equal(f->context.era, "babbage");
    run_context_release(&f->context);
    assert_int_equal(load(f, META_WITH_COMMITS, "{\"era\": \"conway\"}"), OU_OK);
    assert_string_equal(f->context.era, "conway");
}

static void test_a_manifest_can_hold_an_object_per_package(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_PACKAGES, NULL), OU_OK);
    assert_int_equal(f->context.package_count, 2);
    assert_string_equal(f->context.packages[0].name, "cardano-node");
    assert_string_equal(f->context.packages[0].version, "8.0.0");
    assert_string_equal(f->context.packages[0].commit, "00aa");
    assert_string_equal(f->context.packages[1].name, "plutus-core");
    assert_null(f->context.packages[1].version);
    assert_string_equal(f->context.packages[1].commit, "11bb");
}

static void test_a_manifest_can_be_a_flat_object_of_commits(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_COMMITS, NULL), OU_OK);
    assert_int_equal(f->context.package_count, 2);
    assert_string_equal(f->context.packages[0].name, "cardano-node");
    assert_string_equal(f->context.packages[0].version, "1.35.6");
    assert_string_equal(f->context.packages[0].commit, "00aa");
    assert_string_equal(f->context.packages[1].name, "ouroboros-network");
    assert_null(f->context.packages[1].version);
}

static void test_a_manifest_can_be_a_list_of_packages(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f,
                          "{\"manifest\": [{\"name\": \"cardano-node\", \"version\": \"10.5.0\"},"
                          " {\"name\": \"ouroboros-network\", \"commit\": \"22cc\"}]}",
                          NULL),
                     OU_OK);
    assert_int_equal(f->context.package_count, 2);
    assert_string_equal(f->context.packages[1].name, "ouroboros-network");
    assert_string_equal(f->context.packages[1].commit, "22cc");
    assert_string_equal(f->context.ident, "10.5.0");
}

static void test_a_run_without_ident_is_called_after_its_node_version(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_COMMITS, NULL), OU_OK);
    assert_string_equal(f->context.ident, "1.35.6");
}

static void test_other_nodes_tell_version_and_compiler(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, "{\"node_version\": \"0.1.0\", \"compiler\": \"gcc 12.2.0\"}", NULL),
                     OU_OK);
    assert_string_equal(f->context.node_version, "0.1.0");
    assert_string_equal(f->context.ghc_version, "gcc 12.2.0");
}

static void test_filters_come_from_the_profile(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_PACKAGES, NULL), OU_OK);
    assert_int_equal(f->context.filter_count, 2);
    assert_string_equal(f->context.filters[0], "epoch3+");
    assert_string_equal(f->context.filters[1], "size-full");
    assert_int_equal(f->context.filter_expr_count, 1);
    assert_string_equal(
        f->context.filter_exprs[0],
        "{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BMinimumAdoptions\",\"contents\":51}}");
}

static void test_no_list_of_filters_is_not_an_empty_one(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_COMMITS, NULL), OU_OK);
    assert_null(f->context.filters);
    run_context_release(&f->context);
    assert_int_equal(load(f, META_WITH_COMMITS, "{\"analysis\": {\"filters\": []}}"), OU_OK);
    assert_non_null(f->context.filters);
    assert_int_equal(f->context.filter_count, 0);
}

static void test_pools_are_counted_over_hosts_when_not_told(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_COMMITS, NULL), OU_OK);
    assert_number(f->context.pools, 4 + 2 * 10);
    assert_number(f->context.pool_hosts, 4 + 2);
    run_context_release(&f->context);
    assert_int_equal(load(f, NULL,
                          "{\"composition\": {\"n_singular_hosts\": 5, \"n_dense_hosts\": 1,"
                          " \"dense_pool_density\": 0}}"),
                     OU_OK);
    assert_number(f->context.pools, 6);
    assert_number(f->context.pool_hosts, 6);
}

static void test_the_loop_script_is_the_load_unless_plutus_mode_is_off(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_COMMITS, NULL), OU_OK);
    assert_string_equal(f->context.plutus_script, "loop.plutus");
    run_context_release(&f->context);
    assert_int_equal(
        load(f, NULL, "{\"generator\": {\"plutusMode\": false, \"plutusLoopScript\": \"x\"}}"),
        OU_OK);
    assert_null(f->context.plutus_script);
}

static void test_profile_json_counts_more_than_profile_content(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, META_WITH_PACKAGES,
                          "{\"name\": \"other\", \"generator\": {\"tps\": 12},"
                          " \"analysis\": {\"filters\": [\"unitary\"], \"filter_exprs\": []}}"),
                     OU_OK);
    assert_number(f->context.tps, 12);
    assert_number(f->context.tx_count, 768000);
    assert_int_equal(f->context.filter_count, 1);
    assert_string_equal(f->context.filters[0], "unitary");
    assert_int_equal(f->context.filter_expr_count, 0);
    assert_string_equal(f->context.profile, "example-3node");
}

static void test_meta_may_stand_alone_without_its_wrapping(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        load(f, "{\"ident\": \"a1\", \"profile_content\": {\"era\": \"conway\"}}", NULL), OU_OK);
    assert_string_equal(f->context.ident, "a1");
    assert_string_equal(f->context.era, "conway");
}

static void test_the_machine_comes_down_to_one_text(void **state)
{
    static const struct {
        const char *meta, *machine;
    } cases[] = {
        { "{\"machine\": {\"architecture\": \"x86_64\", \"cores\": 2, \"memory_bytes\": 24012345678,"
          " \"kernel\": \"Linux 6.1\", \"cpu\": \"Some CPU\"}}",
          "x86_64, 2 cores, 24.0 GB, Linux 6.1, Some CPU" },
        { "{\"machine\": {\"cores\": 1, \"cpu\": null}}", "1 core" },
        { "{\"machine\": \"c5.2xlarge\"}", "c5.2xlarge" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(load(f, cases[i].meta, NULL), OU_OK);
        assert_string_equal(f->context.machine, cases[i].machine);
        run_context_release(&f->context);
    }
}

static void test_runs_beside_it_are_known(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, "{\"meta\": {\"concurrent_runs\": [\"a\", \"b\"]}}", NULL), OU_OK);
    assert_int_equal(f->context.concurrent_count, 2);
    assert_string_equal(f->context.concurrent[0], "a");
    run_context_release(&f->context);
    assert_int_equal(load(f, "{\"meta\": {\"concurrent_runs\": []}}", NULL), OU_OK);
    assert_int_equal(f->context.concurrent_count, 0);
}

/* A name of a processor of any length must not go beyond the text. */
static void test_the_way_to_slot_0_is_read(void **state)
{
    struct fixture *f = *state;
    const struct run_context *c = &f->context;

    assert_int_equal(load(f,
                          "{\"meta\": {\"backend\": {\"name\": \"nomad\"}, \"timing\": "
                          "{\"to_start\": [{\"step\": \"hosts placed\", \"at\": "
                          "\"2026-11-22T10:00:00.500Z\", \"host\": \"\"}, {\"step\": \"agents "
                          "ready\", \"at\": \"2026-11-22T10:00:02Z\", \"host\": \"node-3\"}]}}}",
                          NULL),
                     OU_OK);
    assert_string_equal(c->backend, "nomad");
    assert_int_equal(c->to_start_count, 2);
    assert_string_equal(c->to_start[0].name, "hosts placed");
    assert_null(c->to_start[0].host);
    assert_string_equal(c->to_start[1].host, "node-3");
    assert_int_equal(c->to_start[1].at_ns - c->to_start[0].at_ns, 1500000000);
}

static void test_a_step_without_a_time_is_a_fault(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f,
                          "{\"meta\": {\"timing\": {\"to_start\": [{\"step\": \"x\", \"at\": "
                          "\"now\"}]}}}",
                          NULL),
                     OU_INVALID);
    assert_non_null(strstr(f->err.text, "meta.timing.to_start[0]"));
}

static void test_a_machine_of_many_words_is_cut(void **state)
{
    struct fixture *f = *state;
    char meta[4096], cpu[2001];

    memset(cpu, 'x', sizeof cpu - 1);
    cpu[sizeof cpu - 1] = '\0';
    snprintf(meta, sizeof meta, "{\"machine\": {\"cores\": 4, \"cpu\": \"%s\"}}", cpu);
    assert_int_equal(load(f, meta, NULL), OU_OK);
    assert_int_equal(strlen(f->context.machine), 511);
    assert_memory_equal(f->context.machine, "4 cores, xxx", 12);
}

static void test_flags_and_the_place_among_other_runs_are_read(void **state)
{
    struct fixture *f = *state;
    const struct run_context *c = &f->context;

    assert_int_equal(load(f,
                          "{\"flags\": [\"optimized\", \"assertions\"],"
                          " \"design\": {\"series\": \"s1\", \"block\": 4, \"position\": 1}}",
                          NULL),
                     OU_OK);
    assert_int_equal(c->flag_count, 2);
    assert_string_equal(c->flags[1], "assertions");
    assert_string_equal(c->design.series, "s1");
    assert_int_equal(c->design.block, 4);
    assert_int_equal(c->design.position, 1);
}

/* What a profile says of a design is not meant: a run's place is told by what ran it. */
static void test_a_profile_cannot_tell_the_place_among_other_runs(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f,
                          "{\"profile_content\": {\"design\": {\"series\": \"s\", \"block\": 1}}}",
                          "{\"design\": {\"series\": \"s\", \"block\": 1}}"),
                     OU_OK);
    assert_null(f->context.design.series);
    assert_int_equal(f->context.design.block, -1);
}

static void test_everything_may_be_absent(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, "{}", "{}"), OU_OK);
    assert_null(f->context.tag);
    assert_null(f->context.ident);
    assert_null(f->context.packages);
    assert_null(f->context.filters);
    assert_null(f->context.filter_exprs);
    assert_true(isnan(f->context.tps));
    assert_true(isnan(f->context.pools));
}

static void test_a_member_of_the_wrong_type_is_named(void **state)
{
    static const struct {
        const char *document, *name;
    } wrong[] = {
        { "{\"meta\": []}", "member meta must be an object" },
        { "{\"meta\": {\"tag\": 1}}", "member meta.tag must be text" },
        { "{\"tag\": 1}", "member tag must be text" },
        { "{\"manifest\": \"x\"}", "member manifest must be an object" },
        { "{\"manifest\": {\"a\": 3}}", "member manifest.a must be text" },
        { "{\"manifest\": {\"a\": {\"version\": 3}}}", "member manifest.a.version must be text" },
        { "{\"manifest\": {\"a\": {}, \"b\": \"c\"}}", "member manifest.b must be an object" },
        { "{\"manifest\": [{\"version\": \"1\"}]}", "member manifest[0].name must be given" },
        { "{\"manifest\": [{\"name\": 1}]}", "member manifest[0].name must be text" },
        { "{\"meta\": {\"profile_content\": {\"generator\": {\"tps\": \"12\"}}}}",
          "member meta.profile_content.generator.tps must be a number" },
        { "{\"profile_content\": {\"genesis\": 5}}",
          "member profile_content.genesis must be an object" },
        { "{\"profile_content\": {\"analysis\": {\"filters\": \"unitary\"}}}",
          "member profile_content.analysis.filters must be a list" },
        { "{\"profile_content\": {\"analysis\": {\"filters\": [1]}}}",
          "member profile_content.analysis.filters must be a list of names of filters" },
        { "{\"profile_content\": {\"composition\": {\"n_pools\": true}}}",
          "member profile_content.composition.n_pools must be a number" },
        { "{\"machine\": 3}", "member machine must be an object" },
        { "{\"machine\": {\"cores\": \"2\"}}", "member machine.cores must be a number" },
        { "{\"flags\": [1]}", "member flags must be a list of texts" },
        { "{\"design\": {\"block\": -1}}", "member design.block must be a whole number from 0 on" },
        { "{\"design\": {\"position\": 0.5}}",
          "member design.position must be a whole number from 0 on" },
        { "[]", "must be a JSON object" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(load(f, wrong[i].document, NULL), OU_INVALID);
        assert_non_null(strstr(f->err.text, wrong[i].name));
        assert_non_null(strstr(f->err.text, "/meta.json: "));
    }
}

static void test_a_fault_in_profile_json_names_that_file(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, "{}", "{\"generator\": {\"tps\": []}}"), OU_INVALID);
    assert_non_null(strstr(f->err.text, "/profile.json: member generator.tps must be a number"));
}

static void test_a_named_file_must_exist(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(run_context_load(temp_path(&f->dir, "none.json"), NULL, &f->context, &f->err),
                     OU_NOT_FOUND);
    assert_non_null(strstr(f->err.text, "none.json"));
    assert_null(f->context.memory.from);
}

static void test_broken_json_is_told_with_its_line(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, "{\n\"meta\":\n", NULL), OU_INVALID);
    assert_non_null(strstr(f->err.text, "meta.json:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_meta_says_who_and_what_and_with_which_load),
        TEST(test_the_era_of_meta_counts_more_than_those_of_the_profile),
        TEST(test_the_generators_era_is_the_last_resort),
        TEST(test_a_manifest_can_hold_an_object_per_package),
        TEST(test_a_manifest_can_be_a_flat_object_of_commits),
        TEST(test_a_manifest_can_be_a_list_of_packages),
        TEST(test_a_run_without_ident_is_called_after_its_node_version),
        TEST(test_other_nodes_tell_version_and_compiler),
        TEST(test_filters_come_from_the_profile),
        TEST(test_no_list_of_filters_is_not_an_empty_one),
        TEST(test_pools_are_counted_over_hosts_when_not_told),
        TEST(test_the_loop_script_is_the_load_unless_plutus_mode_is_off),
        TEST(test_profile_json_counts_more_than_profile_content),
        TEST(test_meta_may_stand_alone_without_its_wrapping),
        TEST(test_the_machine_comes_down_to_one_text),
        TEST(test_runs_beside_it_are_known),
        TEST(test_the_way_to_slot_0_is_read),
        TEST(test_a_step_without_a_time_is_a_fault),
        TEST(test_a_machine_of_many_words_is_cut),
        TEST(test_flags_and_the_place_among_other_runs_are_read),
        TEST(test_a_profile_cannot_tell_the_place_among_other_runs),
        TEST(test_everything_may_be_absent),
        TEST(test_a_member_of_the_wrong_type_is_named),
        TEST(test_a_fault_in_profile_json_names_that_file),
        TEST(test_a_named_file_must_exist),
        TEST(test_broken_json_is_told_with_its_line),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
