#include "chain/genesis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "chain/genesis_reader.h"
#include "support/files.h"
#include "support/guard.h"
#include "support/near.h"
#include "support/test.h"

/* The members of a genesis, one a line, so that a test can leave out or replace
 * any one of them. */
static const struct member {
    const char *name, *value;
} members[] = {
    { "activeSlotsCoeff", "0.05" },
    { "epochLength", "600" },
    { "maxKESEvolutions", "62" },
    { "networkMagic", "42" },
    { "protocolParams", "{\"maxTxSize\":16384,\"maxBlockBodySize\":88000}" },
    { "securityParam", "3" },
    { "slotLength", "1" },
    { "slotsPerKESPeriod", "129600" },
    { "systemStart", "\"2023-03-22T00:00:00Z\"" },
};
#define MEMBERS (sizeof members / sizeof *members)

/* A genesis with one member replaced, or left out where value is NULL. */
static const char *genesis_with(const char *name, const char *value)
{
    static char text[2048];
    size_t len = 0;

    for (size_t i = 0; i < MEMBERS; i++) {
        const char *shown = strcmp(members[i].name, name) == 0 ? value : members[i].value;

        if (shown)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s\"%s\":%s\n", len ? "," : "{",
                                    members[i].name, shown);
    }
    snprintf(text + len, sizeof text - len, "}");
    return text;
}

static enum ou_status parse(const char *text, struct genesis *ret, struct ou_error *err)
{
    struct guarded bytes = guard_copy(text, strlen(text));
    enum ou_status status = genesis_parse((struct span){ bytes.at, bytes.len }, "g.json", ret, err);

    guard_release(&bytes);
    return status;
}

static void test_a_small_genesis_is_read_whole(void **state)
{
    struct genesis g;
    struct ou_error err = { { 0 } };
    int64_t ns;

    (void)state;
    if (genesis_load("tests/data/genesis/small.json", &g, &err))
        fail_msg("%s", err.text);
    assert_string_equal(g.name, "");
    assert_near(g.active_slots_coeff, 0.05, 0);
    assert_int_equal(g.security_param, 3);
    assert_int_equal(g.epoch_slots, 600);
    assert_int_equal(g.slot_ns, 200000000);
    assert_int_equal(g.network_magic, 42);
    assert_int_equal(g.max_tx_bytes, 16384);
    assert_int_equal(g.max_block_body_bytes, 88000);
    assert_int_equal(g.slots_per_kes_period, 129600);
    assert_int_equal(g.max_kes_evolutions, 62);
    assert_int_equal(g.clock.count, 1);
    assert_true(slot_start(&g.clock, 3, &ns));
    assert_int_equal(ns, g.system_start_ns + 600000000);
    assert_int_equal(slot_epoch(&g.clock, 1800), 3);
}

/* The genesis files of the public networks, as their operators publish them. */
static void test_the_file_of_mainnet_gets_the_clock_of_mainnet(void **state)
{
    const char *path = shared_data("real/d-genesis/mainnet/shelley-genesis.json");
    struct genesis file, built_in;

    (void)state;
    assert_int_equal(genesis_load(path, &file, NULL), OU_OK);
    assert_int_equal(genesis_of_network("mainnet", &built_in, NULL), OU_OK);
    assert_string_equal(file.name, "mainnet");
    assert_int_equal(file.clock.count, 2);
    assert_memory_equal(file.clock.stretches, built_in.clock.stretches,
                        sizeof file.clock.stretches);
    assert_int_equal(file.max_block_body_bytes, 65536); /* at the launch */
    assert_int_equal(built_in.max_block_body_bytes, 90112);
}

static void assert_same_but_body_size(struct genesis *file, const struct genesis *built_in)
{
    assert_string_equal(file->name, built_in->name);
    assert_near(file->active_slots_coeff, built_in->active_slots_coeff, 0);
    assert_int_equal(file->security_param, built_in->security_param);
    assert_int_equal(file->epoch_slots, built_in->epoch_slots);
    assert_int_equal(file->system_start_ns, built_in->system_start_ns);
    assert_int_equal(file->slot_ns, built_in->slot_ns);
    assert_int_equal(file->network_magic, built_in->network_magic);
    assert_int_equal(file->max_tx_bytes, built_in->max_tx_bytes);
    assert_int_equal(file->slots_per_kes_period, built_in->slots_per_kes_period);
    assert_int_equal(file->max_kes_evolutions, built_in->max_kes_evolutions);
    assert_int_equal(file->clock.count, built_in->clock.count);
}

static void test_the_built_in_networks_are_what_their_files_say(void **state)
{
    static const char *const names[] = { "mainnet", "preview" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char name[100];
        struct genesis file, built_in;

        snprintf(name, sizeof name, "real/d-genesis/%s/shelley-genesis.json", names[i]);
        assert_int_equal(genesis_load(shared_data(name), &file, NULL), OU_OK);
        assert_int_equal(genesis_of_network(names[i], &built_in, NULL), OU_OK);
        assert_same_but_body_size(&file, &built_in);
    }
}

static void test_an_unknown_network_is_told_the_known_ones(void **state)
{
    struct genesis g = { .epoch_slots = 7 };
    struct ou_error err = { { 0 } };

    (void)state;
    assert_int_equal(genesis_of_network("Mainnet", &g, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "\"Mainnet\""));
    assert_non_null(strstr(err.text, "mainnet, preprod and preview"));
    assert_int_equal(g.epoch_slots, 7);
}

static void test_a_borrowed_magic_does_not_make_a_public_network(void **state)
{
    struct genesis g;

    (void)state;
    assert_int_equal(parse(genesis_with("networkMagic", "1"), &g, NULL), OU_OK);
    assert_string_equal(g.name, "");
    assert_int_equal(g.clock.count, 1);
    assert_int_equal(g.clock.stretches[0].epoch_slots, 600);
}

static void test_each_missing_member_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        struct genesis g;
        struct ou_error err = { { 0 } };
        char want[100];

        snprintf(want, sizeof want, "g.json: member \"%s\" is missing", members[i].name);
        assert_int_equal(parse(genesis_with(members[i].name, NULL), &g, &err), OU_INVALID);
        assert_string_equal(err.text, want);
    }
}

static void assert_refused(const char *member, const char *value, const char *said)
{
    struct genesis g = { .epoch_slots = 7 };
    struct ou_error err = { { 0 } };
    enum ou_status status = parse(genesis_with(member, value), &g, &err);

    if (status != OU_INVALID || !strstr(err.text, said))
        fail_msg("%s %s: status %d, \"%s\" does not say \"%s\"", member, value, status, err.text,
                 said);
    assert_int_equal(g.epoch_slots, 7);
}

static void test_wrong_types_and_values_are_refused_by_member(void **state)
{
    static const char *const counts[] = { "epochLength", "securityParam", "networkMagic",
                                          "slotsPerKESPeriod", "maxKESEvolutions" };
    static const char *const no_counts[] = { "\"600\"", "-1", "0.5",
                                             "null",    "[]", "9223372036854775808",
                                             "1e300" };

    (void)state;
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 7; j++)
            assert_refused(counts[i], no_counts[j], counts[i]);
    assert_refused("epochLength", "0", "\"epochLength\" must not be 0");
    assert_refused("securityParam", "0", "\"securityParam\" must not be 0");
    assert_refused("slotLength", "0", "\"slotLength\" must be a number of seconds");
    assert_refused("slotLength", "-1", "\"slotLength\"");
    assert_refused("slotLength", "1e-10", "\"slotLength\"");
    assert_refused("slotLength", "1e300", "\"slotLength\"");
    assert_refused("slotLength", "\"1\"", "\"slotLength\"");
    assert_refused("systemStart", "\"yesterday\"", "\"systemStart\" must be a time like");
    assert_refused("systemStart", "1679443200", "\"systemStart\"");
    assert_refused("protocolParams", "[]", "\"protocolParams\" must be an object");
    assert_refused("protocolParams", "{\"maxTxSize\":1}", "\"maxBlockBodySize\" is missing");
    assert_refused("protocolParams", "{\"maxBlockBodySize\":1}", "\"maxTxSize\" is missing");
}

static void test_the_active_slot_coefficient_is_a_share(void **state)
{
    static const char *const refused[] = { "0",
                                           "1.5",
                                           "-0.05",
                                           "\"0.05\"",
                                           "{}",
                                           "null",
                                           "{\"numerator\":1,\"denominator\":0}",
                                           "{\"numerator\":0,\"denominator\":0}",
                                           "{\"numerator\":3,\"denominator\":2}" };
    struct genesis g;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_refused("activeSlotsCoeff", refused[i], "\"activeSlotsCoeff\"");
    assert_int_equal(parse(genesis_with("activeSlotsCoeff", "1"), &g, NULL), OU_OK);
    assert_near(g.active_slots_coeff, 1, 0);
}

static void test_slots_of_a_part_of_a_second_are_exact(void **state)
{
    struct genesis g;

    (void)state;
    assert_int_equal(parse(genesis_with("slotLength", "0.1"), &g, NULL), OU_OK);
    assert_int_equal(g.slot_ns, 100000000);
    assert_int_equal(parse(genesis_with("slotLength", "0.2"), &g, NULL), OU_OK);
    assert_int_equal(g.slot_ns, 200000000);
    assert_int_equal(parse(genesis_with("slotLength", "20"), &g, NULL), OU_OK);
    assert_int_equal(g.slot_ns, 20 * NS_PER_SECOND);
}

static void test_every_prefix_is_refused_with_its_line(void **state)
{
    const char *whole = genesis_with("", NULL);

    (void)state;
    for (size_t len = 0; len < strlen(whole); len++) {
        char *part = strndup(whole, len);
        struct genesis g;
        struct ou_error err = { { 0 } };

        assert_int_equal(parse(part, &g, &err), OU_INVALID);
        assert_true(strncmp(err.text, "g.json:", 7) == 0);
        free(part);
    }
}

static void test_what_is_no_object_is_no_genesis(void **state)
{
    struct genesis g;
    struct ou_error err = { { 0 } };

    (void)state;
    assert_int_equal(parse("[1]", &g, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "g.json"));
    assert_int_equal(genesis_load("tests/data/genesis/none.json", &g, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "tests/data/genesis/none.json"));
}

static void test_a_text_that_is_too_long_is_refused_before_it_is_read(void **state)
{
    struct genesis g;
    struct ou_error err = { { 0 } };

    (void)state;
    assert_int_equal(genesis_parse((struct span){ "{", GENESIS_MAX_BYTES + 1 }, "g.json", &g, &err),
                     OU_TOO_LARGE);
    assert_string_equal(err.text, "g.json: a genesis above 1 GiB");
}

/* floor(slot in epoch / k * f); a part is k/f slots long, 60 here. */
static void test_safe_intervals_are_parts_of_an_epoch(void **state)
{
    struct genesis g, mainnet;

    (void)state;
    assert_int_equal(parse(genesis_with("", NULL), &g, NULL), OU_OK);
    for (uint64_t slot = 0; slot < 1800; slot++)
        assert_int_equal(genesis_safe_interval(&g, slot), slot % 600 / 60);
    assert_int_equal(genesis_of_network("mainnet", &mainnet, NULL), OU_OK);
    assert_int_equal(genesis_safe_interval(&mainnet, 4492800), 0);
    assert_int_equal(genesis_safe_interval(&mainnet, 4492800 + 43200), 1);
    assert_int_equal(genesis_safe_interval(&mainnet, 4492800 + 431999), 9);
}

static void test_without_a_chain_slots_are_seconds(void **state)
{
    struct genesis g = genesis_chainless(5 * NS_PER_SECOND);
    uint64_t slot;

    (void)state;
    assert_true(g.is_chainless);
    assert_true(slot_at(&g.clock, 8 * NS_PER_SECOND + 1, &slot));
    assert_int_equal(slot, 3);
    assert_int_equal(slot_epoch(&g.clock, 1000000000), 0);
    assert_int_equal(slot_in_epoch(&g.clock, 1000000000), 1000000000);
    assert_int_equal(genesis_safe_interval(&g, 1000000000), 0);
    assert_false(slot_at(&g.clock, 4 * NS_PER_SECOND, &slot));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_small_genesis_is_read_whole),
        cmocka_unit_test(test_the_file_of_mainnet_gets_the_clock_of_mainnet),
        cmocka_unit_test(test_the_built_in_networks_are_what_their_files_say),
        cmocka_unit_test(test_an_unknown_network_is_told_the_known_ones),
        cmocka_unit_test(test_a_borrowed_magic_does_not_make_a_public_network),
        cmocka_unit_test(test_each_missing_member_is_named),
        cmocka_unit_test(test_wrong_types_and_values_are_refused_by_member),
        cmocka_unit_test(test_the_active_slot_coefficient_is_a_share),
        cmocka_unit_test(test_slots_of_a_part_of_a_second_are_exact),
        cmocka_unit_test(test_every_prefix_is_refused_with_its_line),
        cmocka_unit_test(test_what_is_no_object_is_no_genesis),
        cmocka_unit_test(test_a_text_that_is_too_long_is_refused_before_it_is_read),
        cmocka_unit_test(test_safe_intervals_are_parts_of_an_epoch),
        cmocka_unit_test(test_without_a_chain_slots_are_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
