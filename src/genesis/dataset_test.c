/* The name of a data set follows from what changes its bytes, and from nothing else. */
#include "genesis/dataset.h"

#include <string.h>

#include "support/test.h"

static void name_of(const char *profile, const char *overlay, char ret[GENESIS_DATASET_NAME_ROOM])
{
    struct profile p;
    struct ou_error err = { 0 };

    if (profile_load(profile, &overlay, overlay != NULL, &p, &err) ||
        genesis_dataset_name(&p, ret, &err))
        fail_msg("%s", err.text);
    profile_release(&p);
}

static void check_same(const char *overlay, bool same)
{
    char plain[GENESIS_DATASET_NAME_ROOM], other[GENESIS_DATASET_NAME_ROOM];

    name_of("ci-bench", "{\"genesis\":{\"dreps\":10}}", plain);
    name_of("ci-bench", overlay, other);
    if ((strcmp(plain, other) == 0) != same)
        fail_msg("%s: %s and %s", overlay, plain, other);
}

static void test_parameters_are_not_part_of_it(void **state)
{
    (void)state;
    check_same("{\"genesis\":{\"dreps\":10,\"network_magic\":7}}", true);
    check_same("{\"genesis\":{\"dreps\":10,\"epoch_length\":1200,\"slot_duration\":0.5}}", true);
    check_same("{\"genesis\":{\"dreps\":10,\"shelley\":{\"protocolParams\":{\"maxTxSize\":9000}}}}",
               true);
    check_same("{\"genesis\":{\"dreps\":10},\"generator\":{\"tps\":2}}", true);
}

static void test_what_is_written_is(void **state)
{
    static const char *const others[] = {
        "{\"genesis\":{\"dreps\":10,\"utxo\":500001}}",
        "{\"genesis\":{\"dreps\":10,\"delegators\":100001}}",
        "{\"genesis\":{\"dreps\":11}}",
        "{\"genesis\":{\"dreps\":10,\"utxo_keys\":2}}",
        "{\"genesis\":{\"dreps\":10,\"per_pool_balance\":2000000000000000}}",
        "{\"genesis\":{\"dreps\":10,\"funds_balance\":20000000000000}}",
        "{\"genesis\":{\"dreps\":10},\"composition\":{\"n_singular_hosts\":3}}",
        "{\"genesis\":{\"dreps\":10},\"composition\":{\"n_bft_hosts\":1}}",
        "{\"genesis\":{\"dreps\":10,\"conway\":{\"dRepDeposit\":2000000}}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check_same(others[i], false);
}

/* A deposit that nobody pays changes nothing. */
static void test_a_deposit_counts_only_where_there_are_dreps(void **state)
{
    char plain[GENESIS_DATASET_NAME_ROOM], other[GENESIS_DATASET_NAME_ROOM];

    (void)state;
    name_of("ci-bench", NULL, plain);
    name_of("ci-bench", "{\"genesis\":{\"conway\":{\"dRepDeposit\":2000000}}}", other);
    assert_string_equal(plain, other);
}

static void test_it_says_how_much_there_is(void **state)
{
    char name[GENESIS_DATASET_NAME_ROOM];

    (void)state;
    name_of("ci-bench", "{\"genesis\":{\"dreps\":10}}", name);
    assert_memory_equal(name, "k2-100kD-10Dr-500kU-", 20);
    assert_int_equal(strlen(name), 20 + 12);
    name_of("ci-test", NULL, name);
    assert_memory_equal(name, "k2-2D-0U-", 9);
}

static void test_seeds_and_makers_have_data_sets_of_their_own(void **state)
{
    static const uint8_t seed[32] = { 1 };
    struct genesis_dataset plain, seeded, theirs;
    struct profile p;

    (void)state;
    assert_int_equal(profile_load("ci-test", NULL, 0, &p, NULL), OU_OK);
    assert_int_equal(genesis_dataset_of(&p, NULL, false, &plain, NULL), OU_OK);
    assert_int_equal(genesis_dataset_of(&p, seed, false, &seeded, NULL), OU_OK);
    assert_int_equal(genesis_dataset_of(&p, NULL, true, &theirs, NULL), OU_OK);
    assert_string_not_equal(plain.name, seeded.name);
    assert_string_not_equal(plain.name, theirs.name);
    profile_release(&p);
}

/* Nine tenths, divided and rounded down: of 52 pools with 1e15 each over a million delegators, 46800000000. */
static void test_amounts_are_those_of_the_published_networks(void **state)
{
    struct genesis_dataset set;
    struct profile p;
    struct ou_error err = { 0 };

    (void)state;
    if (profile_load("value-nomadperf", NULL, 0, &p, &err))
        fail_msg("%s", err.text);
    assert_int_equal(genesis_dataset_of(&p, NULL, false, &set, NULL), OU_OK);
    assert_int_equal(set.delegators, 1000000);
    assert_int_equal(set.delegator_coin, 46800000000);
    assert_int_equal(set.utxo_key_coin, 18000000000000);
    assert_int_equal(set.supply, 52020000000000000);
    assert_int_equal(set.stuffed, 4000000);
    assert_int_equal(set.stuffed_coin, 1000000);
    profile_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters_are_not_part_of_it),
        cmocka_unit_test(test_what_is_written_is),
        cmocka_unit_test(test_a_deposit_counts_only_where_there_are_dreps),
        cmocka_unit_test(test_it_says_how_much_there_is),
        cmocka_unit_test(test_seeds_and_makers_have_data_sets_of_their_own),
        cmocka_unit_test(test_amounts_are_those_of_the_published_networks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
