#include "chain/genesis_ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/files.h"
#include "support/hex.h"
#include "support/near.h"
#include "support/test.h"

#define POOL_A "4267000000000000000000000000000000000000000000000000000a"
#define POOL_B "0b67000000000000000000000000000000000000000000000000000b"
#define VRF_A "dc0f97bfd492c2a1cde92cb25b72b0aff4f6ee6c3a5d1ea3fa5449276f9519d1"
#define VRF_B "e10f97bfd492c2a1cde92cb25b72b0aff4f6ee6c3a5d1ea3fa5449276f9519d1"
#define STAKE_1 "b7000000000000000000000000000000000000000000000000000001"
#define STAKE_2 "b7000000000000000000000000000000000000000000000000000002"
#define STAKE_3 "a7000000000000000000000000000000000000000000000000000003"
#define PAY "8b218424ad74df25d35c2ea8e094a4c5c5aeb2cbb442419331569313"

/* A genesis of two pools; %s are its staking, its initialFunds and its networkId. */
#define SHELLEY                                                                              \
    "{\"activeSlotsCoeff\":0.05,\"epochLength\":600,\"maxKESEvolutions\":62,"                \
    "\"networkMagic\":42,\"securityParam\":3,\"slotLength\":1,\"slotsPerKESPeriod\":129600," \
    "\"systemStart\":\"2023-03-22T00:00:00Z\",\"maxLovelaceSupply\":%s,"                     \
    "\"protocolParams\":{\"maxTxSize\":16384,\"maxBlockBodySize\":88000,"                    \
    "\"maxBlockHeaderSize\":1100,\"minFeeA\":44,\"minFeeB\":155381,"                         \
    "\"protocolVersion\":{\"major\":10,\"minor\":2}},"                                       \
    "\"staking\":%s,\"initialFunds\":%s,\"networkId\":%s}"
#define SUPPLY "1000000"
#define STAKING                                                                                   \
    "{\"pools\":{\"" POOL_A "\":{\"vrf\":\"" VRF_A "\"},\"" POOL_B "\":{\"vrf\":\"" VRF_B "\"}}," \
    "\"stake\":{\"" STAKE_1 "\":\"" POOL_A "\",\"" STAKE_2 "\":\"" POOL_B "\",\"" STAKE_3         \
    "\":\"" POOL_A "\"}}"
#define FUNDS                                                                                \
    "{\"60" PAY "\":500,\"00" PAY STAKE_1 "\":100,\"00" PAY STAKE_2 "\":20,\"00" PAY STAKE_3 \
    "\":3,\"00" PAY PAY "\":7}"
#define TESTNET "\"Testnet\""

static const char *shelley(const char *supply, const char *staking, const char *funds,
                           const char *network)
{
    static char text[4096];

    snprintf(text, sizeof text, SHELLEY, supply, staking, funds, network);
    return text;
}

static enum ou_status parse(const char *text, const char *alonzo, struct genesis_ledger *ret,
                            struct ou_error *err)
{
    struct span no_alonzo = { 0 };

    return genesis_ledger_parse(span_of(text), "s.json", alonzo ? span_of(alonzo) : no_alonzo,
                                "a.json", ret, err);
}

static void assert_refused(const char *text, const char *alonzo, const char *reason)
{
    struct genesis_ledger g;
    struct ou_error err = { { 0 } };

    assert_int_equal(parse(text, alonzo, &g, &err), OU_INVALID);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
}

static void test_pools_funds_and_delegations_are_read(void **state)
{
    struct genesis_ledger g;
    struct ou_error err = { { 0 } };
    const struct genesis_pool *a;

    (void)state;
    if (parse(shelley(SUPPLY, STAKING, FUNDS, TESTNET), NULL, &g, &err))
        fail_msg("%s", err.text);
    assert_int_equal(g.shelley.epoch_slots, 600);
    assert_int_equal(g.network, 0);
    assert_int_equal(g.major, 10);
    assert_int_equal(g.minor, 2);
    assert_int_equal(g.max_header_bytes, 1100);
    assert_int_equal(g.fees.per_byte, 44);
    assert_int_equal(g.fees.constant, 155381);
    assert_int_equal(g.max_lovelace, 1000000);

    assert_int_equal(g.pool_count, 2);
    assert_bytes((struct bytes){ g.pools[0].id, KEY_HASH_BYTES }, from_hex(POOL_B));
    a = genesis_find_pool(&g, from_hex(POOL_A).at);
    assert_ptr_equal(a, &g.pools[1]);
    assert_bytes((struct bytes){ a->vrf_key_hash, HASH_BYTES }, from_hex(VRF_A));
    assert_null(genesis_find_pool(&g, from_hex(PAY).at));
    assert_int_equal(a->stake, 103);
    assert_int_equal(g.pools[0].stake, 20);
    assert_int_equal(g.total_stake, 123);

    assert_int_equal(g.delegation_count, 3);
    assert_int_equal(genesis_find_delegation(&g, from_hex(STAKE_1).at), 1);
    assert_int_equal(genesis_find_delegation(&g, from_hex(STAKE_2).at), 0);
    assert_int_equal(genesis_find_delegation(&g, from_hex(STAKE_3).at), 1);
    assert_int_equal(genesis_find_delegation(&g, from_hex(PAY).at), -1);

    assert_int_equal(g.fund_count, 5);
    assert_int_equal(g.funds[0].coin, 500);
    assert_int_equal(g.funds[0].address_bytes, 29);
    assert_int_equal(g.funds[1].address_bytes, 57);
    genesis_ledger_release(&g);
}

static void test_without_an_alonzo_file_scripts_cost_what_they_do_on_mainnet(void **state)
{
    struct genesis_ledger g;

    (void)state;
    assert_int_equal(parse(shelley(SUPPLY, "{}", "{}", TESTNET), NULL, &g, NULL), OU_OK);
    assert_near(g.fees.price_memory, 0.0577, 1e-12);
    assert_near(g.fees.price_steps, 0.0000721, 1e-15);
    assert_int_equal(g.fees.coins_per_utxo_byte, 4310);
    assert_int_equal(g.max_tx_memory, 14000000);
    assert_int_equal(g.max_block_steps, 20000000000);
    assert_int_equal(g.pool_count + g.fund_count + g.delegation_count, 0);
    genesis_ledger_release(&g);
}

static void test_both_spellings_of_alonzo_are_the_same(void **state)
{
    static const char *const files[] = {
        "{\"lovelacePerUTxOWord\":34482,\"executionPrices\":{\"prMem\":{\"numerator\":577,"
        "\"denominator\":10000},\"prSteps\":{\"numerator\":721,\"denominator\":10000000}},"
        "\"maxTxExUnits\":{\"exUnitsMem\":1,\"exUnitsSteps\":2},"
        "\"maxBlockExUnits\":{\"exUnitsMem\":3,\"exUnitsSteps\":4}}",
        "{\"coinsPerUTxOByte\":4310,\"executionPrices\":{\"priceMemory\":0.0577,"
        "\"priceSteps\":0.0000721},\"maxTxExUnits\":{\"memory\":1,\"steps\":2},"
        "\"maxBlockExUnits\":{\"memory\":3,\"steps\":4}}",
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct genesis_ledger g;
        struct ou_error err = { { 0 } };

        if (parse(shelley(SUPPLY, "{}", "{}", TESTNET), files[i], &g, &err))
            fail_msg("%s", err.text);
        assert_near(g.fees.price_memory, 0.0577, 1e-12);
        assert_near(g.fees.price_steps, 0.0000721, 1e-15);
        assert_int_equal(g.fees.coins_per_utxo_byte, 4310);
        assert_int_equal(g.max_tx_memory, 1);
        assert_int_equal(g.max_tx_steps, 2);
        assert_int_equal(g.max_block_memory, 3);
        assert_int_equal(g.max_block_steps, 4);
        genesis_ledger_release(&g);
    }
}

static void test_broken_members_are_named(void **state)
{
    (void)state;
    assert_refused("[]", NULL, "s.json");
    assert_refused(shelley("-1", "{}", "{}", TESTNET), NULL, "maxLovelaceSupply");
    assert_refused(shelley("599", STAKING, FUNDS, TESTNET), NULL, "maxLovelaceSupply");
    assert_refused(shelley(SUPPLY, "[]", "{}", TESTNET), NULL, "staking");
    assert_refused(shelley(SUPPLY, "{\"pools\":7}", "{}", TESTNET), NULL, "staking");
    assert_refused(shelley(SUPPLY, "{\"pools\":{\"abc\":{}}}", "{}", TESTNET), NULL, "pools.abc");
    assert_refused(shelley(SUPPLY, "{\"pools\":{\"" POOL_A "00\":{}}}", "{}", TESTNET), NULL,
                   "56 hex digits");
    assert_refused(shelley(SUPPLY, "{\"pools\":{\"" POOL_A "\":{}}}", "{}", TESTNET), NULL,
                   "64 hex digits");
    assert_refused(shelley(SUPPLY,
                           "{\"pools\":{\"" POOL_A "\":{\"vrf\":\"" VRF_A "\"},"
                           "\"4267000000000000000000000000000000000000000000000000000A\":"
                           "{\"vrf\":\"" VRF_A "\"}}}",
                           "{}", TESTNET),
                   NULL, "twice");
    assert_refused(shelley(SUPPLY, "{\"stake\":{\"" STAKE_1 "\":\"" POOL_A "\"}}", "{}", TESTNET),
                   NULL, "in staking.pools");
    assert_refused(shelley(SUPPLY, "{}", "7", TESTNET), NULL, "initialFunds");
    assert_refused(shelley(SUPPLY, "{}", "{\"60\":1}", TESTNET), NULL, "initialFunds.60");
    assert_refused(shelley(SUPPLY, "{}", "{\"\":1}", TESTNET), NULL, "initialFunds");
    assert_refused(shelley(SUPPLY, "{}", "{\"60" PAY "\":1.5}", TESTNET), NULL, "whole number");
    assert_refused(shelley(SUPPLY, "{}", "{\"60" PAY "\":-1}", TESTNET), NULL, "whole number");
    assert_refused(shelley(SUPPLY, "{}", "{}", "\"Moon\""), NULL, "networkId");
    assert_refused(shelley(SUPPLY, "{}", "{}", TESTNET), "{}",
                   "a.json: member \"executionPrices\"");
    assert_refused(shelley(SUPPLY, "{}", "{}", TESTNET),
                   "{\"executionPrices\":{\"prMem\":-1,\"prSteps\":0}}", "prMem");
    assert_refused(shelley(SUPPLY, "{}", "{}", TESTNET),
                   "{\"executionPrices\":{\"prMem\":{\"numerator\":1,\"denominator\":0},"
                   "\"prSteps\":0}}",
                   "prMem");
}

/* Of the genesis with those sizes and that version. */
static void assert_parameters_refused(const char *parameters, const char *reason)
{
    char text[4096];
    const char *all = shelley(SUPPLY, "{}", "{}", TESTNET);
    const char *from = strstr(all, "\"protocolParams\""), *behind = strstr(all, "\"staking\"");

    snprintf(text, sizeof text, "%.*s\"protocolParams\":{\"minFeeA\":44,\"minFeeB\":1,%s},%s",
             (int)(from - all), all, parameters, behind);
    assert_refused(text, NULL, reason);
}

#define VERSION "\"protocolVersion\":{\"major\":10,\"minor\":2}"

static void test_parameters_fit_the_fields_of_headers(void **state)
{
    (void)state;
    assert_parameters_refused("\"maxTxSize\":4294967296,\"maxBlockBodySize\":88000,"
                              "\"maxBlockHeaderSize\":1100," VERSION,
                              "\"maxTxSize\" must be below 2^32");
    assert_parameters_refused("\"maxTxSize\":16384,\"maxBlockBodySize\":4294967296,"
                              "\"maxBlockHeaderSize\":1100," VERSION,
                              "\"maxBlockBodySize\" must be below 2^32");
    assert_parameters_refused("\"maxTxSize\":16384,\"maxBlockBodySize\":88000,"
                              "\"maxBlockHeaderSize\":4294967296," VERSION,
                              "\"maxBlockHeaderSize\" must be below 2^32");
    assert_parameters_refused("\"maxTxSize\":16384,\"maxBlockBodySize\":0,"
                              "\"maxBlockHeaderSize\":1100," VERSION,
                              "\"maxBlockBodySize\" must not be 0");
    assert_parameters_refused("\"maxTxSize\":16384,\"maxBlockBodySize\":88000,"
                              "\"maxBlockHeaderSize\":1100,"
                              "\"protocolVersion\":{\"major\":65536,\"minor\":2}",
                              "\"major\" must be at most 65535");
    assert_parameters_refused("\"maxTxSize\":16384,\"maxBlockBodySize\":88000,"
                              "\"maxBlockHeaderSize\":1100,"
                              "\"protocolVersion\":{\"major\":10,\"minor\":65536}",
                              "\"minor\" must be at most 65535");
}

/* One that is larger could be waited for by all others for ever. */
static void test_the_largest_transaction_fits_into_a_block(void **state)
{
    static const char alonzo[] =
        "{\"executionPrices\":{\"prMem\":0,\"prSteps\":0},\"lovelacePerUTxOWord\":8,"
        "\"maxTxExUnits\":{\"exUnitsMem\":%d,\"exUnitsSteps\":%d},"
        "\"maxBlockExUnits\":{\"exUnitsMem\":3,\"exUnitsSteps\":4}}";
    char text[500];

    (void)state;
    assert_parameters_refused("\"maxTxSize\":16384,\"maxBlockBodySize\":17411,"
                              "\"maxBlockHeaderSize\":1100," VERSION,
                              "\"maxTxSize\" must be 1028 below maxBlockBodySize");
    /* a byte more is enough: what is refused then is another thing */
    assert_parameters_refused("\"maxTxSize\":16384,\"maxBlockBodySize\":17412,"
                              "\"maxBlockHeaderSize\":0," VERSION,
                              "\"maxBlockHeaderSize\" must not be 0");
    snprintf(text, sizeof text, alonzo, 4, 4);
    assert_refused(shelley(SUPPLY, "{}", "{}", TESTNET), text, "must not be above maxBlockExUnits");
    snprintf(text, sizeof text, alonzo, 3, 5);
    assert_refused(shelley(SUPPLY, "{}", "{}", TESTNET), text, "must not be above maxBlockExUnits");
}

/* The hashes stand in the configurations that the networks' operators publish. */
static void test_the_genesis_files_of_public_networks_load(void **state)
{
    static const struct {
        const char *shelley, *alonzo, *hash;
        uint8_t network;
        uint16_t major;
    } files[] = {
        { "real/d-genesis/mainnet/shelley-genesis.json",
          "real/d-genesis/mainnet/alonzo-genesis.json",
          "1a3be38bcbb7911969283716ad7aa550250226b76a61fc51cc9a9a35d9276d81", 1, 2 },
        { "real/d-genesis/preview/shelley-genesis.json",
          "real/d-genesis/preview/alonzo-genesis.json",
          "363498d1024f84bb39d3fa9593ce391483cb40d479b87233f868d6e57c3a400d", 0, 6 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = strdup(shared_data(files[i].shelley));
        struct genesis_ledger g;
        struct ou_error err = { { 0 } };

        if (genesis_ledger_load(path, shared_data(files[i].alonzo), &g, &err))
            fail_msg("%s", err.text);
        assert_bytes((struct bytes){ g.hash, HASH_BYTES }, from_hex(files[i].hash));
        assert_int_equal(g.network, files[i].network);
        assert_int_equal(g.major, files[i].major);
        assert_int_equal(g.fees.coins_per_utxo_byte, 4310);
        assert_near(g.fees.price_steps, 0.0000721, 1e-15);
        assert_int_equal(g.max_tx_memory, 10000000);
        assert_int_equal(g.pool_count, 0);
        assert_int_equal(g.max_lovelace, 45000000000000000);
        genesis_ledger_release(&g);
        free(path);
    }
}

/* Members in another order, with escapes, blanks and things that a node does not ask for. */
static void test_the_order_of_members_does_not_matter(void **state)
{
    static const char head[] =
        "{\"extraConfig\":{\"a\":[1,[],{}],\"b\\u0022\":null},\"initialFunds\":" FUNDS
        ",\n \"staking\" : {\"other\":[true],\"st\\u0061ke\":{\"" STAKE_1 "\":\"" POOL_A
        "\",\"" STAKE_2 "\":\"" POOL_B "\",\"" STAKE_3 "\":\"" POOL_A "\"},\"pools\":{\"" POOL_A
        "\":{\"relays\":[{\"vrf\":1}],\"vrf\":\"" VRF_A "\",\"metadata\":{\"vrf\":2}},\"" POOL_B
        "\":{\"vrf\":\"" VRF_B "\"}}},";
    struct genesis_ledger usual, other;
    char text[8192], *end;
    const char *all = shelley(SUPPLY, STAKING, FUNDS, TESTNET);

    (void)state;
    assert_int_equal(parse(all, NULL, &usual, NULL), OU_OK);
    snprintf(text, sizeof text, "%s%s", head, all + 1);
    end = strstr(text + sizeof head, ",\"staking\"");
    snprintf(end, 100, ",\"networkId\":" TESTNET "}");
    assert_int_equal(parse(text, NULL, &other, NULL), OU_OK);
    assert_int_equal(other.pool_count, 2);
    assert_memory_equal(other.pools, usual.pools, 2 * sizeof *usual.pools);
    assert_int_equal(other.delegation_count, 3);
    assert_memory_equal(other.delegations, usual.delegations, 3 * sizeof *usual.delegations);
    assert_int_equal(other.fund_count, 5);
    assert_memory_equal(other.funds, usual.funds, 5 * sizeof *usual.funds);
    assert_int_equal(other.total_stake, usual.total_stake);
    assert_memory_equal(&other.shelley, &usual.shelley, sizeof usual.shelley);
    genesis_ledger_release(&usual);
    genesis_ledger_release(&other);
}

static void test_members_that_stand_twice_are_refused(void **state)
{
    char text[8192];

    (void)state;
    snprintf(text, sizeof text, "{\"initialFunds\":{},\n%s",
             shelley(SUPPLY, STAKING, FUNDS, TESTNET) + 1);
    assert_refused(text, NULL, "s.json:2: duplicate");
    assert_refused(shelley(SUPPLY, "{\"pools\":{},\"pools\":{}}", "{}", TESTNET), NULL,
                   "duplicate");
    assert_refused(shelley(SUPPLY,
                           "{\"pools\":{\"" POOL_A "\":{\"vrf\":\"" VRF_A "\",\"vrf\":\"" VRF_A
                           "\"}}}",
                           "{}", TESTNET),
                   NULL, "\"vrf\" twice");
    assert_refused(shelley(SUPPLY,
                           "{\"pools\":{\"" POOL_A "\":{\"vrf\":\"" VRF_A
                           "\"}},\"stake\":{\"" STAKE_1 "\":\"" POOL_A "\",\"" STAKE_1
                           "\":\"" POOL_A "\"}}",
                           "{}", TESTNET),
                   NULL, "a stake key twice");
}

static void test_text_that_is_no_json_is_named_by_its_place(void **state)
{
    (void)state;
    assert_refused("", NULL, "s.json:1:1");
    assert_refused("{\"initialFunds\":{\n\"60" PAY "\":1,}}", NULL, "s.json:2:64");
    assert_refused("{\"initialFunds\":{\"60" PAY "\":01}}", NULL, "s.json:1:");
    assert_refused(shelley(SUPPLY, "{}", "{\"60" PAY "\":9223372036854775808}", TESTNET), NULL,
                   "whole number");
    assert_refused(shelley("9223372036854775807", "{}",
                           "{\"60" PAY "\":9223372036854775807,\"61" PAY
                           "\":9223372036854775807,\"70" PAY "\":9}",
                           TESTNET),
                   NULL, "maxLovelaceSupply");
}

/* What a file is and what a text is, it is read the same way; a file larger than the window of the walk, too. */
static void test_a_large_file_is_read_once(void **state)
{
    enum { FUNDS_COUNT = 40000 };
    const char *all = shelley("40000", STAKING, "{}", TESTNET);
    const char *cut = strstr(all, "\"initialFunds\":{") + strlen("\"initialFunds\":{");
    char *text = malloc(FUNDS_COUNT * 80 + 8192), *at = text, path[300];
    struct genesis_ledger g;
    struct temp_dir dir;
    uint8_t hash[HASH_BYTES];

    (void)state;
    temp_dir_make(&dir);
    at += sprintf(at, "%.*s", (int)(cut - all), all);
    for (int i = 0; i < FUNDS_COUNT; i++)
        at += sprintf(at, "%s\n\"60%056x\": 1", i ? "," : "", i);
    at += sprintf(at, "%s", cut);
    snprintf(path, sizeof path, "%s/shelley.json", dir.path);
    write_file(path, text, (size_t)(at - text));
    assert_int_equal(genesis_ledger_load(path, NULL, &g, NULL), OU_OK);
    hash256((struct bytes){ (uint8_t *)text, (size_t)(at - text) }, hash);
    assert_memory_equal(g.hash, hash, HASH_BYTES);
    assert_int_equal(g.fund_count, FUNDS_COUNT);
    for (int i = 0; i < FUNDS_COUNT; i++) {
        assert_int_equal(g.funds[i].coin, 1);
        assert_int_equal(g.funds[i].address[28] | g.funds[i].address[27] << 8, i);
    }
    genesis_ledger_release(&g);
    free(text);
    temp_dir_remove(&dir);
}

static void test_a_missing_file_is_told(void **state)
{
    struct genesis_ledger g;
    struct ou_error err = { { 0 } };

    (void)state;
    assert_int_equal(genesis_ledger_load("/nowhere/shelley.json", NULL, &g, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "/nowhere/shelley.json"));
}

static void test_a_zeroed_one_can_be_released(void **state)
{
    struct genesis_ledger g = { 0 };

    (void)state;
    genesis_ledger_release(&g);
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pools_funds_and_delegations_are_read),
        cmocka_unit_test(test_without_an_alonzo_file_scripts_cost_what_they_do_on_mainnet),
        cmocka_unit_test(test_both_spellings_of_alonzo_are_the_same),
        cmocka_unit_test(test_broken_members_are_named),
        cmocka_unit_test(test_parameters_fit_the_fields_of_headers),
        cmocka_unit_test(test_the_largest_transaction_fits_into_a_block),
        cmocka_unit_test(test_the_genesis_files_of_public_networks_load),
        cmocka_unit_test(test_the_order_of_members_does_not_matter),
        cmocka_unit_test(test_members_that_stand_twice_are_refused),
        cmocka_unit_test(test_text_that_is_no_json_is_named_by_its_place),
        cmocka_unit_test(test_a_large_file_is_read_once),
        cmocka_unit_test(test_a_missing_file_is_told),
        cmocka_unit_test(test_a_zeroed_one_can_be_released),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
