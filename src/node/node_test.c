/* Files that contradict each other: the node and the load generator refuse them before they begin anything. */
#include "node/node.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/generator.h"
#include "support/files.h"
#include "support/test.h"

/* With its magic, and no funds. */
#define SHELLEY(magic)                                                                          \
    "{\"activeSlotsCoeff\":0.05,\"epochLength\":600,\"maxKESEvolutions\":62,"                   \
    "\"networkMagic\":" magic ",\"securityParam\":3,\"slotLength\":1,"                          \
    "\"slotsPerKESPeriod\":129600,\"systemStart\":\"2023-03-22T00:00:00Z\","                    \
    "\"maxLovelaceSupply\":1000000,\"protocolParams\":{\"maxTxSize\":16384,"                    \
    "\"maxBlockBodySize\":88000,\"maxBlockHeaderSize\":1100,\"minFeeA\":44,\"minFeeB\":155381," \
    "\"protocolVersion\":{\"major\":10,\"minor\":2}},\"staking\":{\"pools\":{},\"stake\":{}},"  \
    "\"initialFunds\":{},\"networkId\":\"Testnet\"}"
#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

static struct temp_dir dir;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "topology.json", "{\"localRoots\": []}");
    temp_file(&dir, "config.json", "{\"ShelleyGenesisFile\": \"shelley.json\"}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static void assert_node_refuses(const char *why)
{
    const struct node_options options = {
        .config_path = temp_path(&dir, "config.json"),
        .topology_path = temp_path(&dir, "topology.json"),
        .database_path = temp_path(&dir, "db"),
        .shutdown_slot = UINT64_MAX,
        .shutdown_block = UINT64_MAX,
    };
    struct ou_error err = { "" };

    assert_int_equal(node_run(&options, &err), OU_INVALID);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    assert_int_equal(access(options.database_path, F_OK), -1);
}

static void test_a_genesis_of_another_hash_than_the_configuration_says_is_refused(void **state)
{
    (void)state;
    temp_file(&dir, "shelley.json", SHELLEY("42"));
    temp_file(&dir, "config.json",
              "{\"ShelleyGenesisFile\": \"shelley.json\", \"ShelleyGenesisHash\": \"" NO_HASH
              "\"}");
    assert_node_refuses("/shelley.json: its hash is ");
    assert_node_refuses("/config.json says " NO_HASH);
}

static void assert_generator_refuses(const char *magic, const char *why, const char *as_well)
{
    struct ou_error err = { "" };
    char text[300];

    snprintf(text, sizeof text,
             "{\"sigKey\": \"k.skey\", \"nodeConfigFile\": \"config.json\", %s"
             "\"targetNodes\": [{\"addr\": \"127.0.0.1\", \"port\": 30000}]}",
             magic);
    assert_int_equal(generator_run(temp_file(&dir, "generator.json", text),
                                   &(struct collector_address){ 0 }, &err),
                     OU_INVALID);
    if (!strstr(err.text, why) || !strstr(err.text, as_well))
        fail_msg("\"%s\" does not say \"%s\" and \"%s\"", err.text, why, as_well);
}

static void test_a_magic_that_no_handshake_can_carry_is_refused(void **state)
{
    static const char why[] = "/shelley.json: \"networkMagic\" has more than 32 bits";

    (void)state;
    temp_file(&dir, "shelley.json", SHELLEY("4294967296"));
    assert_node_refuses(why);
    assert_generator_refuses("", why, "");
}

static void test_a_load_for_another_network_than_that_of_its_node_is_refused(void **state)
{
    (void)state;
    temp_file(&dir, "shelley.json", SHELLEY("42"));
    assert_generator_refuses("\"networkMagic\": 43, ",
                             "/generator.json: \"networkMagic\" is 43, but ",
                             "/shelley.json says 42");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_genesis_of_another_hash_than_the_configuration_says_is_refused),
        TEST(test_a_magic_that_no_handshake_can_carry_is_refused),
        TEST(test_a_load_for_another_network_than_that_of_its_node_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
