#include "node/generator_config.h"

#include <string.h>

#include "support/files.h"
#include "support/test.h"

#define REST                                                \
    "\"sigKey\":\"k.skey\",\"nodeConfigFile\":\"/n.json\"," \
    "\"targetNodes\":[{\"addr\":\"127.0.0.1\",\"port\":30000}]"

struct loaded {
    struct temp_dir dir;
    struct arena memory;
    struct generator_config config;
    struct ou_error err;
    enum ou_status status;
};

static void load(struct loaded *l, const char *text)
{
    *l = (struct loaded){ 0 };
    temp_dir_make(&l->dir);
    arena_init(&l->memory, allocator_libc(), 1 << 20);
    l->status = generator_config_load(temp_file(&l->dir, "load.json", text), &l->memory, &l->config,
                                      &l->err);
}

static void unload(struct loaded *l)
{
    arena_release(&l->memory);
    temp_dir_remove(&l->dir);
}

static void test_a_configuration_as_the_workbench_writes_it_is_read(void **state)
{
    static const char text[] =
        "{\"debugMode\":false,\"tx_count\":9000,\"tps\":12.5,\"inputs_per_tx\":2,\"outputs_per_tx\":2,"
        "\"tx_fee\":1000000,\"min_utxo_value\":10000000,\"add_tx_size\":100,\"init_cooldown\":0.5,"
        "\"era\":\"Conway\",\"plutus\":null,\"networkMagic\":42,\"sigKey\":\"../keys/utxo1.skey\","
        "\"nodeConfigFile\":\"../node-0/config.json\",\"TraceOptions\":{\"\":{}},"
        "\"targetNodes\":[{\"addr\":\"127.0.0.1\",\"port\":30000,\"name\":\"node-0\"},"
        "{\"addr\":\"::1\",\"port\":30001}]}";
    struct loaded l;

    (void)state;
    load(&l, text);
    assert_int_equal(l.status, OU_OK);
    assert_int_equal(l.config.tx_count, 9000);
    assert_true(l.config.tps == 12.5 && l.config.init_cooldown_s == 0.5);
    assert_int_equal(l.config.inputs_per_tx, 2);
    assert_int_equal(l.config.add_tx_size, 100);
    assert_null(l.config.script.type);
    assert_true(l.config.has_magic && l.config.network_magic == 42);
    assert_int_equal(l.config.target_count, 2);
    assert_string_equal(l.config.targets[0].name, "node-0");
    assert_string_equal(l.config.targets[1].name, "::1:30001");
    assert_string_equal(l.config.signing_key_path, temp_path(&l.dir, "../keys/utxo1.skey"));
    assert_int_equal(generator_input_value(&l.config), 10500001);
    unload(&l);
}

static void test_what_is_not_given_is_as_in_the_reference_generator(void **state)
{
    struct loaded l;

    (void)state;
    load(&l, "{" REST "}");
    assert_int_equal(l.status, OU_OK);
    assert_int_equal(l.config.tx_count, 1000);
    assert_true(l.config.tps == 100 && l.config.init_cooldown_s == 50);
    assert_int_equal(l.config.inputs_per_tx, 4);
    assert_int_equal(l.config.outputs_per_tx, 4);
    assert_int_equal(l.config.tx_fee, 10000000);
    assert_int_equal(l.config.min_utxo_value, 10000000);
    assert_int_equal(l.config.add_tx_size, 100);
    assert_false(l.config.has_magic);
    assert_string_equal(l.config.node_config_path, "/n.json");
    unload(&l);
}

static void test_wrong_members_are_named(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        { "{\"tps\":0," REST "}", "\"tps\" must be above 0" },
        { "{\"tps\":-1," REST "}", "\"tps\" is out of range" },
        { "{\"tps\":\"fast\"," REST "}", "\"tps\" is out of range" },
        { "{\"tx_count\":0," REST "}", "\"tx_count\" must be a whole number from 1 to 100000000" },
        { "{\"tx_count\":1.5," REST "}", "\"tx_count\" must be a whole number" },
        { "{\"tx_count\":100000000," REST "}", "\"tx_count\" times inputs_per_tx" },
        { "{\"inputs_per_tx\":0," REST "}", "\"inputs_per_tx\" must be" },
        { "{\"plutus\":7," REST "}", "\"plutus\" is no object" },
        { "{\"plutus\":{\"steps\":7}," REST "}", "\"plutus\" has a budget, but no type" },
        { "{\"networkMagic\":4294967296," REST "}", "\"networkMagic\" must be" },
        { "{\"nodeConfigFile\":\"n\",\"targetNodes\":[{\"addr\":\"a\",\"port\":1}]}",
          "\"sigKey\" is not given" },
        { "{\"sigKey\":\"k\",\"nodeConfigFile\":\"n\"}", "\"targetNodes\" must be a list" },
        { "{\"sigKey\":\"k\",\"nodeConfigFile\":\"n\",\"targetNodes\":[]}",
          "\"targetNodes\" must" },
        { "{\"sigKey\":\"k\",\"nodeConfigFile\":\"n\",\"targetNodes\":[{\"port\":1}]}",
          "\"targetNodes\" has a target without addr or port" },
        { "{\"sigKey\":\"k\",\"nodeConfigFile\":\"n\",\"targetNodes\":[{\"addr\":\"a\",\"port\":"
          "65536}]}",
          "\"port\" must be a whole number from 1 to 65535" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct loaded l;

        load(&l, rows[i].text);
        assert_int_equal(l.status, OU_INVALID);
        if (!strstr(l.err.text, rows[i].message))
            fail_msg("\"%s\" does not say \"%s\"", l.err.text, rows[i].message);
        unload(&l);
    }
}

static void test_budgets_of_scripts_divide_what_the_chain_allows(void **state)
{
    const struct script_limits mainnet = { 10000000000, 14000000, 20000000000, 62000000 };
    struct generator_config config = { .inputs_per_tx = 2,
                                       .script = { .type = "LimitSaturationLoop" } };
    uint64_t steps, memory;

    (void)state;
    generator_script_fit(&config, &mainnet, &steps, &memory);
    assert_int_equal(steps, 5000000000);
    assert_int_equal(memory, 7000000);
    config.script.type = "LimitTxPerBlock_8";
    generator_script_fit(&config, &mainnet, &steps, &memory);
    assert_int_equal(steps, 20000000000 / 16);
    assert_int_equal(memory, 62000000 / 16);
    config.script.type = "LimitTxPerBlock_1"; /* a transaction cannot have more than its own */
    generator_script_fit(&config, &mainnet, &steps, &memory);
    assert_int_equal(steps, 5000000000);
    config.script.type = "LimitTxPerBlock_99999999999999999999";
    generator_script_fit(&config, &mainnet, &steps, &memory);
    assert_int_equal(steps, 2);
    config.script = (struct generator_script){ "CustomScript", true, 7, 8 };
    generator_script_fit(&config, &mainnet, &steps, &memory);
    assert_int_equal(steps, 7);
    assert_int_equal(memory, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_configuration_as_the_workbench_writes_it_is_read),
        cmocka_unit_test(test_what_is_not_given_is_as_in_the_reference_generator),
        cmocka_unit_test(test_wrong_members_are_named),
        cmocka_unit_test(test_budgets_of_scripts_divide_what_the_chain_allows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
