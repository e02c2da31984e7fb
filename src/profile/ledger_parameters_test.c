/* The values are those of mainnet in these epochs. Genesis files of mainnet are compared where they are there. */
#include "profile/ledger_parameters.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"

static void make(uint32_t epoch, const char *overlays, struct layered *ret)
{
    struct ou_error err = { 0 };
    json_t *names;

    assert_int_equal(json_tree_parse(span_of(overlays), "overlays", &names, &err), OU_OK);
    if (ledger_parameters_make(epoch, names, ret, &err))
        fail_msg("%s", err.text);
    json_decref(names);
}

static json_t *at(json_t *document, const char *path)
{
    char copy[200], *rest = copy, *key;

    snprintf(copy, sizeof copy, "%s", path);
    while (document && (key = strsep(&rest, ".")))
        document = json_object_get(document, key);
    return document;
}

static void expect(uint32_t epoch, const char *overlays, const char *path, double wanted)
{
    struct layered l;
    const json_t *value;

    make(epoch, overlays, &l);
    value = at(l.document, path);
    if (!json_is_number(value) || fabs(json_number_value(value) - wanted) > 1e-12)
        fail_msg("epoch %u with %s: %s is %g, not %g", (unsigned)epoch, overlays, path,
                 json_number_value(value), wanted);
    layered_release(&l);
}

#define BODY "shelley.protocolParams.maxBlockBodySize"
#define MAJOR "shelley.protocolParams.protocolVersion.major"
#define TX_MEMORY "alonzo.maxTxExUnits.exUnitsMem"
#define BLOCK_MEMORY "alonzo.maxBlockExUnits.exUnitsMem"
#define BLOCK_STEPS "alonzo.maxBlockExUnits.exUnitsSteps"

static void test_blocks_and_budgets_grow_with_the_epochs(void **state)
{
    static const struct {
        uint32_t epoch;
        double body, version, tx_memory, block_memory, block_steps;
    } rows[] = {
        { 290, 65536, 5, 10e6, 50e6, 40e9 },    { 300, 65536, 6, 10e6, 50e6, 40e9 },
        { 306, 73728, 6, 11.25e6, 50e6, 40e9 }, { 317, 73728, 6, 12.5e6, 50e6, 40e9 },
        { 319, 81920, 6, 14e6, 50e6, 40e9 },    { 321, 81920, 6, 14e6, 56e6, 40e9 },
        { 334, 81920, 6, 14e6, 62e6, 40e9 },    { 335, 90112, 6, 14e6, 62e6, 40e9 },
        { 366, 90112, 7, 14e6, 62e6, 40e9 },    { 394, 90112, 8, 14e6, 62e6, 20e9 },
        { 492, 90112, 8, 14e6, 62e6, 20e9 },    { 537, 90112, 10, 14e6, 62e6, 20e9 },
        { 9999, 90112, 10, 14e6, 62e6, 20e9 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect(rows[i].epoch, "[]", BODY, rows[i].body);
        expect(rows[i].epoch, "[]", MAJOR, rows[i].version);
        expect(rows[i].epoch, "[]", TX_MEMORY, rows[i].tx_memory);
        expect(rows[i].epoch, "[]", BLOCK_MEMORY, rows[i].block_memory);
        expect(rows[i].epoch, "[]", BLOCK_STEPS, rows[i].block_steps);
    }
}

static void test_single_parameters_change_when_they_did(void **state)
{
    (void)state;
    expect(208, "[]", "shelley.protocolParams.decentralisationParam", 1);
    expect(212, "[]", "shelley.protocolParams.decentralisationParam", 0.8);
    expect(256, "[]", "shelley.protocolParams.decentralisationParam", 0.32);
    expect(257, "[]", "shelley.protocolParams.decentralisationParam", 0);
    expect(233, "[]", "shelley.protocolParams.nOpt", 150);
    expect(234, "[]", "shelley.protocolParams.nOpt", 500);
    expect(236, "[]", MAJOR, 3);
    expect(251, "[]", MAJOR, 4);
    expect(364, "[]", "alonzo.lovelacePerUTxOWord", 34482);
    expect(365, "[]", "alonzo.lovelacePerUTxOWord", 4310);
    expect(365, "[]", MAJOR, 7);
    expect(444, "[]", "shelley.protocolParams.minPoolCost", 340000000);
    expect(445, "[]", "shelley.protocolParams.minPoolCost", 170000000);
    expect(507, "[]", MAJOR, 9);
    expect(507, "[]", "conway.committeeMinSize", 7);
    expect(507, "[]", "conway.dRepVotingThresholds.ppGovGroup", 0.75);
}

#define V1 "alonzo.costModels.PlutusV1"

/* 166 costs of the first language by name; 100 of them changed in epoch 366. */
static void test_costs_of_scripts_change_with_their_languages(void **state)
{
    struct layered old, new;
    const char *name;
    json_t *value;
    size_t changed = 0;

    (void)state;
    make(300, "[]", &old);
    make(537, "[]", &new);
    assert_int_equal(json_object_size(at(old.document, V1)), 166);
    json_object_foreach(at(new.document, V1), name, value)
    {
        changed += !json_equal(value, json_object_get(at(old.document, V1), name));
    }
    assert_int_equal(changed, 100);
    assert_null(at(old.document, "alonzo.extraConfig"));
    assert_int_equal(json_array_size(at(new.document, "alonzo.extraConfig.costModels.PlutusV2")),
                     175);
    assert_int_equal(json_array_size(at(new.document, "alonzo.extraConfig.costModels.PlutusV3")),
                     297);
    assert_int_equal(json_array_size(at(new.document, "conway.plutusV3CostModel")), 251);
    layered_release(&old);
    layered_release(&new);
    expect(300, "[]", V1 ".addInteger-cpu-arguments-intercept", 197209);
    expect(365, "[]", V1 ".addInteger-cpu-arguments-intercept", 197209);
    expect(366, "[]", V1 ".addInteger-cpu-arguments-intercept", 100788);
}

/* What the ledger began an era with stands in mainnet's genesis files. */
static void test_alonzo_and_conway_begin_with_mainnets_genesis_files(void **state)
{
    struct layered l;
    json_t *file;
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(json_tree_load(shared_data("real/d-genesis/mainnet/alonzo-genesis.json"),
                                    1 << 20, &file, &err),
                     OU_OK);
    make(290, "[]", &l);
    assert_true(json_equal(json_object_get(l.document, "alonzo"), file));
    layered_release(&l);
    json_decref(file);
    assert_int_equal(json_tree_load(shared_data("real/d-genesis/mainnet/conway-genesis.json"),
                                    1 << 20, &file, &err),
                     OU_OK);
    make(507, "[]", &l);
    assert_true(json_equal(json_object_get(l.document, "conway"), file));
    layered_release(&l);
    json_decref(file);
}

static void test_changes_of_parameters_do_what_they_are_called(void **state)
{
    (void)state;
    expect(366, "[\"v8-preview\"]", MAJOR, 8);
    expect(366, "[\"v8-preview\"]", BLOCK_STEPS, 40e9);
    expect(366, "[\"v8-preview\",\"stepshalf\"]", BLOCK_STEPS, 20e9);
    expect(366, "[\"doublebudget\"]", BLOCK_STEPS, 80e9);
    expect(492, "[\"v8-preview\",\"v9-preview\",\"blocksize64k\"]", MAJOR, 9);
    expect(492, "[\"v8-preview\",\"v9-preview\",\"blocksize64k\"]", BODY, 65536);
    expect(492, "[\"v9-preview\",\"v8-preview\"]", MAJOR, 8);
    expect(537, "[\"v11-preview\"]", MAJOR, 11);
    expect(537, "[\"v11-preview\"]", "dijkstra.maxRefScriptSizePerTx", 204800);
    expect(537, "[\"budget/block/steps/oneandahalf\"]", BLOCK_STEPS, 30e9);
    expect(537, "[\"budget/block/memory/double\"]", TX_MEMORY, 31e6);
    expect(537, "[\"budget/block/memory/double\"]", BLOCK_STEPS, 27500804996);
    expect(537, "[\"voting\"]", "conway.dRepVotingThresholds.ppGovGroup", 0.51);
    expect(537, "[\"voting\"]", "conway.committee.threshold", 0);
}

/* The one change that takes something away. */
static void test_voting_dissolves_the_committee(void **state)
{
    struct layered with, without;

    (void)state;
    make(537, "[]", &without);
    make(537, "[\"voting\"]", &with);
    assert_int_equal(json_object_size(at(without.document, "conway.committee.members")), 7);
    assert_true(json_is_object(at(with.document, "conway.committee.members")));
    assert_int_equal(json_object_size(at(with.document, "conway.committee.members")), 0);
    layered_release(&without);
    layered_release(&with);
}

static json_t *origins_of(const struct layered *l)
{
    json_t *paths;
    struct ou_error err = { 0 };

    assert_int_equal(layered_origins_by_path(l, &paths, &err), OU_OK);
    return paths;
}

static void test_each_value_says_since_when_it_holds(void **state)
{
    struct layered l;
    json_t *paths;

    (void)state;
    make(335, "[\"blocksize64k\"]", &l);
    paths = origins_of(&l);
    assert_string_equal(json_string_value(json_object_get(paths, BODY)), "parameters blocksize64k");
    assert_string_equal(json_string_value(json_object_get(paths, TX_MEMORY)),
                        "mainnet's parameters, epoch 335 (since 319)");
    json_decref(paths);
    layered_release(&l);
    make(335, "[]", &l);
    paths = origins_of(&l);
    assert_string_equal(json_string_value(json_object_get(paths, BODY)),
                        "mainnet's parameters, epoch 335");
    json_decref(paths);
    layered_release(&l);
}

static void test_a_change_that_is_not_known_is_named_with_a_suggestion(void **state)
{
    struct layered l;
    struct ou_error err = { 0 };
    json_t *names = json_pack("[s]", "v8-previev");

    (void)state;
    assert_int_equal(ledger_parameters_make(492, names, &l, &err), OU_NOT_FOUND);
    assert_string_equal(err.text, "genesis.pparamsOverlays: no change of parameters is called "
                                  "\"v8-previev\"; did you mean \"v8-preview\"?");
    layered_release(&l);
    json_decref(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_and_budgets_grow_with_the_epochs),
        cmocka_unit_test(test_single_parameters_change_when_they_did),
        cmocka_unit_test(test_costs_of_scripts_change_with_their_languages),
        cmocka_unit_test(test_alonzo_and_conway_begin_with_mainnets_genesis_files),
        cmocka_unit_test(test_changes_of_parameters_do_what_they_are_called),
        cmocka_unit_test(test_voting_dissolves_the_committee),
        cmocka_unit_test(test_each_value_says_since_when_it_holds),
        cmocka_unit_test(test_a_change_that_is_not_known_is_named_with_a_suggestion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
