#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"
#include "support/test.h"

static enum ou_status check(const char *name, const char *overlay, struct ou_error *err)
{
    struct profile p;
    enum ou_status status;

    if (profile_load(name, &overlay, overlay != NULL, &p, err))
        fail_msg("%s with %s was not loaded: %s", name, overlay, err->text);
    status = profile_check_runnable(&p, err);
    profile_release(&p);
    return status;
}

static void refuse(const char *name, const char *overlay, const char *why)
{
    struct ou_error err = { 0 };

    if (check(name, overlay, &err) != OU_INVALID || !strstr(err.text, why))
        fail_msg("%s with %s gave \"%s\", not \"%s\"", name, overlay, err.text, why);
}

static void accept(const char *name, const char *overlay)
{
    struct ou_error err = { 0 };

    if (check(name, overlay, &err))
        fail_msg("%s with %s gave \"%s\"", name, overlay, err.text);
}

static void test_profiles_of_small_ledgers_can_run(void **state)
{
    static const char *const names[] = {
        "demo",
        "model-52",
        "default",
        "fast",
        "ci-test",
        "ci-test-notracer",
        "ci-bench",
        "ci-bench-plutus",
        "trace-bench",
        "6-dense",
        "10",
        "idle",
        "tracer-only",
        "epoch-transition",
        "tracing-comparison",
        "tracing-comparison-new-files",
        "tracing-comparison-legacy",
        "tracing-comparison-off",
        "latency-nomadperf",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        accept(names[i], NULL);
}

/* The message names an overlay, and that overlay helps. */
static void test_what_is_in_the_way_is_told_with_what_to_do(void **state)
{
    (void)state;
    refuse("ci-test-bage", NULL,
           "profile ci-test-bage: reference nodes begin in Conway; --overlay "
           "'{\"era\": \"conway\"}'");
    accept("ci-test-bage", "{\"era\": \"conway\"}");
    refuse("ci-test", "{\"genesis\":{\"pparamsEpoch\":537,\"pparamsOverlays\":[\"v11-preview\"]}}",
           "know protocol versions 9 and 10, not 11");
    accept("ci-test-dense10", NULL);
    refuse("dish", NULL, "{\"with\": [\"dataset-miniature\"]}");
    refuse("chainsync-early-byron", NULL, "{\"chaindb\": {\"source\": \"runs/...\"}}");
    accept("chainsync-early-byron", "{\"chaindb\": {\"source\": \"runs/x\"}}");
}

static void test_nobody_makes_blocks_where_nobody_may(void **state)
{
    (void)state;
    refuse("ci-test", "{\"composition\":{\"n_singular_hosts\":0,\"n_bft_hosts\":1}}",
           "no host has a pool");
    refuse("ci-test",
           "{\"genesis\":{\"shelley\":{\"protocolParams\":{\"decentralisationParam\":0.5}}}}",
           "decentralisationParam");
}

static void test_the_largest_transaction_needs_room_in_a_block(void **state)
{
    (void)state;
    refuse("ci-test",
           "{\"genesis\":{\"shelley\":{\"protocolParams\":{\"maxBlockBodySize\":17411}}}}",
           "maxBlockBodySize must be 1028 above maxTxSize");
    accept("ci-test",
           "{\"genesis\":{\"shelley\":{\"protocolParams\":{\"maxBlockBodySize\":17412}}}}");
}

static void test_a_run_ends_before_its_certificates_do(void **state)
{
    (void)state;
    refuse("ci-test",
           "{\"node\":{\"shutdown_on_slot_synced\":8035200},\"generator\":{\"tx_count\":1}}",
           "62 periods of 129600 slots");
    accept("ci-test",
           "{\"node\":{\"shutdown_on_slot_synced\":8035199},\"generator\":{\"tx_count\":1}}");
}

static void test_the_ledger_has_a_limit(void **state)
{
    (void)state;
    refuse("ci-test", "{\"genesis\":{\"utxo\":15000000}}", "hold 15000000 entries at most");
    refuse("ci-test", "{\"genesis\":{\"utxo\":14999998}}", "are 15000001");
    accept("ci-test", "{\"genesis\":{\"utxo\":14999997}}");
}

static void test_the_generator_can_pay(void **state)
{
    (void)state;
    refuse("ci-test", "{\"genesis\":{\"funds_balance\":200000000000}}", "the generator needs");
    accept("ci-test", "{\"genesis\":{\"funds_balance\":220000000000}}");
    refuse("ci-test", "{\"genesis\":{\"funds_balance\":220000000000,\"utxo_keys\":2}}",
           "the generator needs");
    accept("ci-test", "{\"scenario\":\"fixed\",\"genesis\":{\"funds_balance\":0}}");
    refuse("ci-test", "{\"generator\":{\"tps\":1000000}}", "100000000 at most");
}

static void test_other_programs_are_not_asked(void **state)
{
    (void)state;
    accept("ci-test-bage", "{\"node\":{\"kind\":\"cardano-node\"}}");
    accept("dish", "{\"node\":{\"kind\":\"command\",\"command\":{\"argv\":[\"sh\"]}}}");
    accept("tracer-only-bage", NULL);
}

static enum ou_status check_machine(const char *overlay, struct ou_error *err)
{
    struct profile p;
    enum ou_status status;

    if (profile_load("demo", &overlay, 1, &p, err))
        fail_msg("%s", err->text);
    status = profile_check_machine(&p, err);
    profile_release(&p);
    return status;
}

static void test_programs_and_processors_must_be_there(void **state)
{
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(
        check_machine("{\"node\":{\"kind\":\"command\",\"command\":{\"argv\":[\"nosuchprog\"]}}}",
                      &err),
        OU_INVALID);
    assert_non_null(
        strstr(err.text, "profile demo: node.command.argv: there is no program nosuchprog"));
    assert_int_equal(
        check_machine("{\"node\":{\"kind\":\"cardano-node\",\"program\":\"/nosuch/node\"}}", &err),
        OU_INVALID);
    assert_non_null(strstr(err.text, "node.program: /nosuch/node is no program"));
    assert_int_equal(check_machine("{\"node\":{\"cores\":\"0-100000\"}}", &err), OU_INVALID);
    assert_non_null(strstr(err.text, "node.cores: "));
    assert_int_equal(
        check_machine("{\"node\":{\"kind\":\"command\",\"command\":{\"argv\":[\"sh\"]}}}", &err),
        OU_OK);
    assert_int_equal(
        check_machine(
            "{\"node\":{\"kind\":\"command\",\"command\":{\"argv\":[\"%{directory}/x\"]}}}", &err),
        OU_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_programs_and_processors_must_be_there),
        cmocka_unit_test(test_profiles_of_small_ledgers_can_run),
        cmocka_unit_test(test_what_is_in_the_way_is_told_with_what_to_do),
        cmocka_unit_test(test_nobody_makes_blocks_where_nobody_may),
        cmocka_unit_test(test_the_largest_transaction_needs_room_in_a_block),
        cmocka_unit_test(test_a_run_ends_before_its_certificates_do),
        cmocka_unit_test(test_the_ledger_has_a_limit),
        cmocka_unit_test(test_the_generator_can_pay),
        cmocka_unit_test(test_other_programs_are_not_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
