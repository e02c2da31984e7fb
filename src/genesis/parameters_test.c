/* Where cost models end up, and that files are complete. */
#include "genesis/parameters.h"

#include <string.h>

#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"

#define START INT64_C(1700000000000000000)

/* [0, 1, ...] with so many values. */
static json_t *list_of(int count)
{
    json_t *list = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(list, json_integer(i));
    return list;
}

static const json_t *extra(const json_t *alonzo, const char *language)
{
    return json_object_get(json_object_get(json_object_get(alonzo, "extraConfig"), "costModels"),
                           language);
}

static void arrange(json_t *alonzo, json_t *conway)
{
    struct ou_error err = { 0 };

    if (genesis_arrange_cost_models(alonzo, conway, &err))
        fail_msg("%s", err.text);
}

static void test_models_that_are_nowhere_are_filled_in(void **state)
{
    json_t *alonzo = json_object(), *conway = json_object();

    (void)state;
    arrange(alonzo, conway);
    assert_int_equal(
        json_object_size(json_object_get(json_object_get(alonzo, "costModels"), "PlutusV1")), 166);
    assert_int_equal(json_array_size(json_object_get(conway, "plutusV3CostModel")), 251);
    assert_null(json_object_get(alonzo, "extraConfig"));
    json_decref(alonzo);
    json_decref(conway);
}

static void test_long_models_stand_whole_in_the_extra_configuration(void **state)
{
    json_t *alonzo = json_pack("{s:{s:o, s:o}}", "costModels", "PlutusV1", list_of(332), "PlutusV2",
                               list_of(175));
    json_t *conway = json_pack("{s:o}", "plutusV3CostModel", list_of(297));
    json_t *first;

    (void)state;
    arrange(alonzo, conway);
    first = json_object_get(json_object_get(alonzo, "costModels"), "PlutusV1");
    assert_int_equal(json_object_size(first), 166);
    assert_int_equal(json_integer_value(json_object_get(first, "addInteger-cpu-arguments-slope")),
                     1);
    assert_int_equal(json_object_size(json_object_get(alonzo, "costModels")), 1);
    assert_int_equal(json_array_size(extra(alonzo, "PlutusV1")), 332);
    assert_int_equal(json_array_size(extra(alonzo, "PlutusV2")), 175);
    assert_int_equal(json_array_size(extra(alonzo, "PlutusV3")), 297);
    assert_int_equal(json_array_size(json_object_get(conway, "plutusV3CostModel")), 251);
    json_decref(alonzo);
    json_decref(conway);
}

static void test_conways_model_is_the_beginning_of_the_long_one(void **state)
{
    json_t *alonzo =
        json_pack("{s:{s:{s:o}}}", "extraConfig", "costModels", "PlutusV3", list_of(300));
    json_t *conway = json_object(), *model;

    (void)state;
    arrange(alonzo, conway);
    model = json_object_get(conway, "plutusV3CostModel");
    assert_int_equal(json_array_size(model), 251);
    assert_int_equal(json_integer_value(json_array_get(model, 250)), 250);
    assert_int_equal(json_array_size(extra(alonzo, "PlutusV3")), 300);
    json_decref(alonzo);
    json_decref(conway);
}

static void make(const char *profile, struct genesis_parameters *ret)
{
    struct profile p;
    struct ou_error err = { 0 };

    if (profile_load(profile, NULL, 0, &p, &err) ||
        genesis_parameters_of(&p, START, NODE_VERSION_TODAY, ret, &err))
        fail_msg("%s", err.text);
    profile_release(&p);
}

/* A profile with the parameters of epoch 300 knows nothing of Conway, and its network starts in that era. */
static void test_files_of_later_eras_are_complete_with_early_parameters(void **state)
{
    struct genesis_parameters parameters;
    json_t *real = NULL;
    const char *name;
    json_t *value;

    (void)state;
    if (json_tree_load(shared_data("real/d-genesis/mainnet/conway-genesis.json"), 1 << 20, &real,
                       NULL))
        fail();
    make("ci-test", &parameters);
    json_object_foreach(real, name, value)
    {
        if (!json_object_get(parameters.conway, name))
            fail_msg("there is no %s", name);
    }
    assert_int_equal(json_object_size(parameters.dijkstra), 4);
    genesis_parameters_release(&parameters);
    json_decref(real);
}

/* Every value of mainnet's file, which a profile with its parameters of that time has. */
static void test_conways_parameters_of_epoch_537_are_mainnets(void **state)
{
    struct genesis_parameters parameters;
    json_t *real = NULL;

    (void)state;
    if (json_tree_load(shared_data("real/d-genesis/mainnet/conway-genesis.json"), 1 << 20, &real,
                       NULL))
        fail();
    make("value-volt-nomadperf", &parameters);
    for (void *at = json_object_iter(real); at; at = json_object_iter_next(real, at)) {
        const char *name = json_object_iter_key(at);
        const json_t *ours = json_object_get(parameters.conway, name);

        if (!ours || json_typeof(ours) != json_typeof(json_object_iter_value(at)))
            fail_msg("%s is not as in mainnet's file", name);
    }
    assert_true(json_equal(json_object_get(parameters.conway, "plutusV3CostModel"),
                           json_object_get(real, "plutusV3CostModel")));
    assert_true(json_equal(json_object_get(parameters.conway, "committee"),
                           json_object_get(real, "committee")));
    assert_true(json_equal(json_object_get(parameters.conway, "constitution"),
                           json_object_get(real, "constitution")));
    genesis_parameters_release(&parameters);
    json_decref(real);
}

static void test_the_start_is_shelleys_last_member(void **state)
{
    struct genesis_parameters parameters;
    const char *last = NULL, *name;
    json_t *value;

    (void)state;
    make("ci-test", &parameters);
    json_object_foreach(parameters.shelley, name, value)
    {
        last = name;
    }
    assert_string_equal(last, "systemStart");
    assert_string_equal(json_string_value(json_object_get(parameters.shelley, "systemStart")),
                        "2023-11-14T22:13:20Z");
    assert_null(json_object_get(parameters.shelley, "initialFunds"));
    genesis_parameters_release(&parameters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models_that_are_nowhere_are_filled_in),
        cmocka_unit_test(test_long_models_stand_whole_in_the_extra_configuration),
        cmocka_unit_test(test_conways_model_is_the_beginning_of_the_long_one),
        cmocka_unit_test(test_files_of_later_eras_are_complete_with_early_parameters),
        cmocka_unit_test(test_conways_parameters_of_epoch_537_are_mainnets),
        cmocka_unit_test(test_the_start_is_shelleys_last_member),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
