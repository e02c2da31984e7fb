/* The expected values are those of the published table of the workbench's profiles. */
#include "profile/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/test.h"

static void load(const char *name, struct profile *ret)
{
    struct ou_error err = { 0 };

    if (profile_load(name, NULL, 0, ret, &err))
        fail_msg("%s: %s", name, err.text);
}

static void load_with(const char *name, const char *overlay, struct profile *ret)
{
    struct ou_error err = { 0 };

    if (profile_load(name, &overlay, 1, ret, &err))
        fail_msg("%s: %s", name, err.text);
}

/* A profile that must be refused, with a message that has `why` in it. */
static void refuse(const char *name, const char *overlay, enum ou_status wanted, const char *why)
{
    struct profile p = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status = profile_load(name, &overlay, overlay != NULL, &p, &err);

    profile_release(&p);
    if (status != wanted || !strstr(err.text, why))
        fail_msg("%s with %s gave %d \"%s\", not %d \"%s\"", name, overlay ? overlay : "nothing",
                 (int)status, err.text, (int)wanted, why);
}

static double derived(const struct profile *p, const char *name)
{
    json_t *value = json_object_get(json_object_get(p->document, "derived"), name);

    assert_non_null(value);
    return json_number_value(value);
}

/* ---- what is derived ---- */

/* Products of decimal fractions that doubles put above a whole number. */
static void test_decimal_fractions_do_not_round_one_too_far(void **state)
{
    struct profile p;

    (void)state;
    load_with("default",
              "{\"generator\": {\"tps\": 1.1, \"epochs\": 1},"
              " \"genesis\": {\"epoch_length\": 1800, \"slot_duration\": 0.1}}",
              &p);
    assert_true(derived(&p, "generator_duration") == 180);
    assert_int_equal(p.tx_count, 198);
    profile_release(&p);
    load_with("default",
              "{\"genesis\": {\"epoch_length\": 200, \"active_slots_coeff\": 0.29},"
              " \"node\": {\"shutdown_on_block_synced\": 58}}",
              &p);
    assert_true(derived(&p, "effective_epochs") == 1);
    profile_release(&p);
}

/* ---- what cannot be run ---- */

static void test_programs_that_cannot_be_waited_for_are_refused(void **state)
{
    (void)state;
    refuse("demo",
           "{\"node\":{\"kind\":\"command\",\"command\":{\"argv\":[\"sleep\"],"
           "\"ready\":{\"kind\":\"file\"}}}}",
           OU_INVALID, "a file is looked for");
    refuse("demo",
           "{\"node\":{\"kind\":\"command\",\"command\":{\"argv\":[\"sleep\"],"
           "\"ready\":{\"kind\":\"line\"}}}}",
           OU_INVALID, "a line is looked for");
}

static void test_a_command_is_told_where_nodes_are_one(void **state)
{
    (void)state;
    refuse("demo", "{\"node\":{\"kind\":\"command\"}}", OU_INVALID, "node.command.argv: ");
    refuse("demo", "{\"node\":{\"kind\":\"command\",\"program\":\"/bin/true\"}}", OU_INVALID,
           "node.command.argv: ");
}

static void test_names_of_variables_are_names(void **state)
{
    (void)state;
    refuse("demo", "{\"node\":{\"environment\":{\"A=B\":\"x\"}}}", OU_INVALID,
           "node.environment: \"A=B\"");
    refuse("demo", "{\"node\":{\"environment\":{\"\":\"x\"}}}", OU_INVALID, "node.environment");
}

/* ---- built in ---- */

static void test_ci_test_is_as_published(void **state)
{
    struct profile p;

    (void)state;
    load("ci-test", &p);
    assert_int_equal(p.hosts, 2);
    assert_int_equal(p.pools, 2);
    assert_int_equal(p.shape, TOPOLOGY_UNI_CIRCLE);
    assert_string_equal(p.regions[0], "loopback");
    assert_true(p.slot_s == 1 && p.active_slots_coeff == 0.05);
    assert_int_equal(p.epoch_slots, 600);
    assert_int_equal(p.security_param, 3);
    assert_int_equal(p.stuffed_utxo, 0);
    assert_true(p.start_delay_s == 40);
    assert_int_equal(p.funds_balance, 10000000000000);
    assert_int_equal(p.per_pool_balance, 1000000000000000);
    assert_true(p.tps == 15 && p.inputs_per_tx == 2 && p.outputs_per_tx == 2);
    assert_int_equal(p.tx_fee, 1000000);
    assert_int_equal(p.metadata_bytes, 100);
    assert_int_equal(p.tx_count, 9000);
    assert_int_equal(p.stop_block, 8);
    assert_true(p.stop_slot == UINT64_MAX);
    assert_true(derived(&p, "effective_epochs") == 1);
    assert_true(derived(&p, "generator_duration") == 600);
    assert_true(p.loaded && !p.scripts && !p.legacy_tracing);
    profile_release(&p);
}

static void test_ci_bench_is_as_published(void **state)
{
    struct profile p;

    (void)state;
    load("ci-bench", &p);
    assert_int_equal(p.stuffed_utxo, 500000);
    assert_int_equal(p.delegators, 100000);
    assert_int_equal(p.stop_block, 15);
    assert_int_equal(p.tx_count, 9000);
    assert_true(p.start_delay_s == 12);
    profile_release(&p);
}

static void test_default_is_as_published(void **state)
{
    struct profile p;

    (void)state;
    load("default", &p);
    assert_int_equal(p.hosts, 6);
    assert_int_equal(p.tx_count, 21600);
    assert_true(p.tps == 12);
    assert_int_equal(p.delegators, 6);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(p.document, "genesis"), "delegators")),
        6);
    assert_true(derived(&p, "generator_duration") == 1800);
    assert_true(derived(&p, "effective_epochs") == 3);
    assert_true(p.max_duration_s == 1840);
    assert_true(p.stop_slot == UINT64_MAX && p.stop_block == UINT64_MAX);
    profile_release(&p);
}

static void test_model_52_is_the_cluster_in_three_regions(void **state)
{
    struct profile p;

    (void)state;
    load("model-52", &p);
    assert_int_equal(p.hosts, 52);
    assert_int_equal(p.shape, TOPOLOGY_TORUS_DENSE);
    assert_int_equal(p.region_count, 3);
    assert_string_equal(p.regions[2], "ap-southeast-2");
    assert_int_equal(p.link_count, 6);
    assert_int_equal(p.epoch_slots, 8000);
    assert_int_equal(p.security_param, 40);
    assert_true(derived(&p, "supply_total") == 52020000000000000);
    profile_release(&p);
}

static void test_the_52_node_value_profile_derives_as_published(void **state)
{
    struct profile p;

    (void)state;
    load("value-nomadperf", &p);
    assert_int_equal(p.tx_count, 768000);
    assert_int_equal(p.spec_count, 53);
    assert_true(derived(&p, "dataset_measure") == 5000000);
    assert_true(derived(&p, "effective_epochs") == 8);
    assert_true(derived(&p, "generator_duration") == 64000);
    assert_true(p.start_delay_s == 100);
    assert_true(derived(&p, "cluster_startup_overhead_s") == 2000);
    assert_true(derived(&p, "default_value_tx_per_block_estimate") == 236);
    assert_true(derived(&p, "supply_total") == 52020000000000000);
    profile_release(&p);
}

static void test_the_demo_makes_twenty_blocks_in_less_than_a_minute(void **state)
{
    struct profile p;
    double blocks, seconds;

    (void)state;
    load("demo", &p);
    blocks = (double)p.stop_block;
    seconds = blocks * p.slot_s / p.active_slots_coeff;
    assert_int_equal(p.hosts, 6);
    assert_true(blocks >= 20);
    assert_true(seconds + p.start_delay_s < 45);
    assert_true((double)p.tx_count / p.tps > seconds); /* load until the end */
    assert_true(p.region_count >= 3 && p.link_count == 6);
    profile_release(&p);
}

static void test_every_builtin_loads_and_says_what_it_is(void **state)
{
    size_t count = 0;

    (void)state;
    for (; profile_builtin_name(count); count++) {
        struct profile p;

        load(profile_builtin_name(count), &p);
        assert_string_equal(p.name, profile_builtin_name(count));
        assert_true(strlen(p.description) > 10);
        profile_release(&p);
    }
    assert_int_equal(count, 202);
}

/* ---- documents ---- */

static void test_a_complete_document_means_the_same_when_it_is_loaded_again(void **state)
{
    struct temp_dir dir;
    struct profile p, again;
    char *text;

    (void)state;
    temp_dir_make(&dir);
    load("ci-bench", &p);
    assert_null(json_object_get(p.document, "base"));
    text = json_dumps(p.document, 0);
    load(temp_file(&dir, "profile.json", text), &again);
    assert_true(json_equal(p.document, again.document));
    free(text);
    profile_release(&p);
    profile_release(&again);
    temp_dir_remove(&dir);
}

static void test_a_file_overrides_its_base_member_by_member(void **state)
{
    struct temp_dir dir;
    struct profile p;

    (void)state;
    temp_dir_make(&dir);
    load(temp_file(&dir, "mine.json",
                   "{\"base\":\"demo\",\"generator\":{\"tps\":3.5},"
                   "\"composition\":{\"n_singular_hosts\":3}}"),
         &p);
    assert_string_equal(p.name, "mine");
    assert_string_equal(p.description, "");
    assert_true(p.tps == 3.5);
    assert_int_equal(p.hosts, 3);
    assert_int_equal(p.tx_count, 1000);  /* demo's */
    assert_int_equal(p.tx_fee, 1000000); /* default's */
    profile_release(&p);
    temp_dir_remove(&dir);
}

static void test_a_file_may_have_a_file_beside_it_as_base(void **state)
{
    struct temp_dir dir;
    struct profile p;

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "parent.json", "{\"base\":\"ci-test\",\"generator\":{\"tps\":2}}");
    load(temp_file(&dir, "child.json", "{\"base\":\"parent.json\",\"name\":\"x-1.2_b\"}"), &p);
    assert_true(p.tps == 2);
    assert_int_equal(p.hosts, 2);
    assert_string_equal(p.name, "x-1.2_b");
    profile_release(&p);
    temp_dir_remove(&dir);
}

static void test_overlays_are_applied_in_order(void **state)
{
    static const char *const overlays[] = {
        "{\"generator\":{\"tps\":1,\"tx_count\":5},\"node\":{\"verbatim\":{\"A\":{\"b\":1}}}}",
        "{\"generator\":{\"tps\":2},\"node\":{\"verbatim\":{\"A\":{\"c\":2}}}}",
    };
    struct profile p;
    struct ou_error err = { 0 };
    const json_t *verbatim;

    (void)state;
    assert_int_equal(profile_load("demo", overlays, 2, &p, &err), OU_OK);
    verbatim = json_object_get(json_object_get(p.document, "node"), "verbatim");
    assert_true(p.tps == 2);
    assert_int_equal(p.tx_count, 5);
    assert_int_equal(json_object_size(json_object_get(verbatim, "A")), 2);
    profile_release(&p);
}

static void test_bases_that_go_in_a_circle_are_refused(void **state)
{
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "a.json", "{\"base\":\"b.json\"}");
    refuse(temp_file(&dir, "b.json", "{\"base\":\"a.json\"}"), NULL, OU_INVALID, "circle");
    refuse(temp_file(&dir, "self.json", "{\"base\":\"self.json\"}"), NULL, OU_INVALID, "circle");
    temp_dir_remove(&dir);
}

static void test_what_is_not_there_is_named(void **state)
{
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    refuse("dmeo", NULL, OU_NOT_FOUND, "did you mean \"demo\"?");
    refuse("something-else", NULL, OU_NOT_FOUND, "a file's name has a slash");
    refuse("./absent.json", NULL, OU_NOT_FOUND, "absent.json");
    refuse(temp_file(&dir, "orphan.json", "{\"base\":\"defualt\"}"), NULL, OU_NOT_FOUND,
           "did you mean \"default\"?");
    temp_dir_remove(&dir);
}

static void test_documents_that_are_no_profiles_are_refused(void **state)
{
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    refuse(temp_file(&dir, "list.json", "[]"), NULL, OU_INVALID, "must be an object");
    refuse(temp_file(&dir, "cut.json", "{\"name\":"), NULL, OU_INVALID, "cut.json:1");
    refuse(temp_file(&dir, "twice.json", "{\"name\":\"a\",\"name\":\"b\"}"), NULL, OU_INVALID,
           "duplicate");
    refuse("demo", "{\"base\":\"ci-test\"}", OU_INVALID, "overlay 1: an overlay has no base");
    refuse("demo", "{", OU_INVALID, "overlay 1:");
    temp_dir_remove(&dir);
}

/* ---- durations, adoptions ---- */

static void test_an_idle_cluster_has_no_end(void **state)
{
    struct profile p;

    (void)state;
    load_with("ci-test", "{\"scenario\":\"idle\"}", &p);
    assert_true(isinf(p.max_duration_s));
    assert_false(p.loaded);
    profile_release(&p);
}

static void test_a_told_duration_and_offset_count(void **state)
{
    struct profile p;

    (void)state;
    load_with("ci-test",
              "{\"run\":{\"max_duration_s\":12.5},\"genesis\":{\"extra_future_offset\":7}}", &p);
    assert_true(p.max_duration_s == 12.5);
    assert_true(p.start_delay_s == 47);
    profile_release(&p);
}

static void test_blocks_must_reach_every_other_host_unless_the_profile_says_otherwise(void **state)
{
    struct profile p;
    json_t *exprs;
    char *text;

    (void)state;
    load("demo", &p);
    exprs = json_object_get(json_object_get(p.document, "analysis"), "filter_exprs");
    text = json_dumps(exprs, JSON_COMPACT);
    assert_string_equal(text, "[{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BMinimumAdoptions\","
                              "\"contents\":5}}]");
    free(text);
    profile_release(&p);
    load_with("demo",
              "{\"analysis\":{\"filter_exprs\":[{\"tag\":\"CBlock\",\"contents\":"
              "{\"tag\":\"BMinimumAdoptions\",\"contents\":2}}]}}",
              &p);
    exprs = json_object_get(json_object_get(p.document, "analysis"), "filter_exprs");
    assert_int_equal(json_array_size(exprs), 1);
    profile_release(&p);
    load("ci-test-dense10", &p); /* ten pools, and nobody else to adopt what they forge */
    exprs = json_object_get(json_object_get(p.document, "analysis"), "filter_exprs");
    assert_int_equal(json_array_size(exprs), 0);
    profile_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_programs_that_cannot_be_waited_for_are_refused),
        cmocka_unit_test(test_a_command_is_told_where_nodes_are_one),
        cmocka_unit_test(test_names_of_variables_are_names),
        cmocka_unit_test(test_decimal_fractions_do_not_round_one_too_far),
        cmocka_unit_test(test_ci_test_is_as_published),
        cmocka_unit_test(test_ci_bench_is_as_published),
        cmocka_unit_test(test_default_is_as_published),
        cmocka_unit_test(test_model_52_is_the_cluster_in_three_regions),
        cmocka_unit_test(test_the_52_node_value_profile_derives_as_published),
        cmocka_unit_test(test_the_demo_makes_twenty_blocks_in_less_than_a_minute),
        cmocka_unit_test(test_every_builtin_loads_and_says_what_it_is),
        cmocka_unit_test(test_a_complete_document_means_the_same_when_it_is_loaded_again),
        cmocka_unit_test(test_a_file_overrides_its_base_member_by_member),
        cmocka_unit_test(test_a_file_may_have_a_file_beside_it_as_base),
        cmocka_unit_test(test_overlays_are_applied_in_order),
        cmocka_unit_test(test_bases_that_go_in_a_circle_are_refused),
        cmocka_unit_test(test_what_is_not_there_is_named),
        cmocka_unit_test(test_documents_that_are_no_profiles_are_refused),
        cmocka_unit_test(test_an_idle_cluster_has_no_end),
        cmocka_unit_test(test_a_told_duration_and_offset_count),
        cmocka_unit_test(test_blocks_must_reach_every_other_host_unless_the_profile_says_otherwise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
