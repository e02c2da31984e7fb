/* What is written is read back with the readers of chain/, and by its JSON. */
#include "genesis/create.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/digits.h"
#include "base/file.h"
#include "base/file_tree.h"
#include "base/time.h"
#include "chain/address.h"
#include "chain/genesis_ledger.h"
#include "chain/key_file.h"
#include "genesis/hash.h"
#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"

#define START (INT64_C(1700000000) * NS_PER_SECOND)
#define LATER (INT64_C(1800000042) * NS_PER_SECOND)

static const uint8_t seed[32] = { 1, 2, 3 };
static const struct genesis_options random_keys = { 0 };
static struct genesis_made made;

/* A genesis in a folder of its own. */
struct made {
    struct temp_dir dir;
    struct profile profile;
    struct genesis_ledger ledger;
};

static void make(struct made *m, const char *name, const char *overlay, const uint8_t *with_seed)
{
    struct ou_error err = { 0 };

    *m = (struct made){ 0 };
    temp_dir_make(&m->dir);
    if (profile_load(name, &overlay, overlay != NULL, &m->profile, &err) ||
        genesis_create(&m->profile, temp_path(&m->dir, "g"), START,
                       &(struct genesis_options){ .seed = with_seed }, &made, &err))
        fail_msg("%s", err.text);
}

static const char *file_of(struct made *m, const char *name)
{
    char path[100];

    snprintf(path, sizeof path, "g/%s", name);
    return temp_path(&m->dir, path);
}

static void load_ledger(struct made *m)
{
    struct ou_error err = { 0 };

    if (genesis_ledger_load(file_of(m, "shelley.json"), file_of(m, "alonzo.json"), &m->ledger,
                            &err))
        fail_msg("%s", err.text);
}

static void release(struct made *m)
{
    genesis_ledger_release(&m->ledger);
    profile_release(&m->profile);
    temp_dir_remove(&m->dir);
}

static json_t *load_file(struct made *m, const char *name)
{
    struct ou_error err = { 0 };
    json_t *tree = NULL;

    if (json_tree_load(file_of(m, name), 64 << 20, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

static void read_key(struct made *m, const char *name, enum key_file_kind kind, uint8_t *ret)
{
    struct ou_error err = { 0 };

    if (key_file_read(file_of(m, name), kind, ret, &err))
        fail_msg("%s", err.text);
}

static void test_the_ledger_reads_what_was_written(void **state)
{
    struct made m;

    (void)state;
    make(&m, "demo", NULL, NULL);
    load_ledger(&m);
    assert_true(m.ledger.shelley.system_start_ns == START);
    assert_true(m.ledger.shelley.slot_ns == 200000000);
    assert_true(m.ledger.shelley.active_slots_coeff == 0.15);
    assert_int_equal(m.ledger.shelley.epoch_slots, 1000);
    assert_int_equal(m.ledger.shelley.security_param, 10);
    assert_int_equal(m.ledger.shelley.network_magic, 42);
    assert_int_equal(m.ledger.shelley.max_block_body_bytes, 90112);
    assert_int_equal(m.ledger.major, 10);
    assert_int_equal(m.ledger.network, 0);
    assert_int_equal(m.ledger.max_tx_steps, 10000000000);
    assert_int_equal(m.ledger.pool_count, 6);
    assert_int_equal(m.ledger.fund_count, 7);
    assert_int_equal(m.ledger.delegation_count, 6);
    assert_int_equal(m.ledger.total_stake, 5400000000000000);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(m.ledger.pools[i].stake, 900000000000000);
    release(&m);
}

static const struct genesis_fund *find_fund(const struct made *m, const uint8_t *address,
                                            size_t bytes)
{
    for (size_t i = 0; i < m->ledger.fund_count; i++) {
        const struct genesis_fund *fund = &m->ledger.funds[i];

        if (fund->address_bytes == bytes && memcmp(fund->address, address, bytes) == 0)
            return fund;
    }
    return NULL;
}

static void test_the_generators_key_opens_its_funds(void **state)
{
    struct made m;
    uint8_t key[32], address[ADDRESS_MAX_BYTES];
    const struct genesis_fund *fund;

    (void)state;
    make(&m, "demo", NULL, NULL);
    load_ledger(&m);
    read_key(&m, "keys/utxo1/utxo.vkey", KEY_genesis_utxo_verification, key);
    fund = find_fund(&m, address, address_enterprise(0, key, address));
    assert_non_null(fund);
    assert_int_equal(fund->coin, 9000000000000);
    release(&m);
}

static void check_pool(struct made *m, uint32_t number)
{
    char name[60];
    uint8_t cold[32], cold_of_certificate[32], vrf[32], hash[HASH_BYTES], id[KEY_HASH_BYTES];
    struct certificate certificate;
    struct kes_key kes;
    const struct genesis_pool *pool;

    snprintf(name, sizeof name, "keys/pool%u/cold.vkey", number);
    read_key(m, name, KEY_pool_verification, cold);
    hash224((struct bytes){ cold, 32 }, id);
    pool = genesis_find_pool(&m->ledger, id);
    assert_non_null(pool);
    snprintf(name, sizeof name, "keys/pool%u/vrf.vkey", number);
    read_key(m, name, KEY_vrf_verification, vrf);
    hash256((struct bytes){ vrf, 32 }, hash);
    assert_memory_equal(pool->vrf_key_hash, hash, HASH_BYTES);
    snprintf(name, sizeof name, "keys/pool%u/opcert.cert", number);
    assert_int_equal(
        certificate_file_read(file_of(m, name), &certificate, cold_of_certificate, NULL), OU_OK);
    assert_memory_equal(cold, cold_of_certificate, 32);
    assert_true(certificate_verify(&certificate, cold));
    assert_true(certificate.counter == 0 && certificate.kes_period == 0);
    snprintf(name, sizeof name, "keys/pool%u/kes.skey", number);
    assert_int_equal(kes_key_file_read(file_of(m, name), &kes, NULL), OU_OK);
    assert_memory_equal(kes.keys[0], certificate.kes_key, KES_KEY_BYTES);
}

static void test_pools_are_those_of_the_key_files(void **state)
{
    struct made m;

    (void)state;
    make(&m, "demo", NULL, NULL);
    load_ledger(&m);
    check_pool(&m, 1);
    check_pool(&m, 6);
    release(&m);
}

static void test_delegators_stand_behind_their_pools(void **state)
{
    struct made m;
    uint8_t payment[32], stake[32], address[ADDRESS_MAX_BYTES], cold[32], id[KEY_HASH_BYTES];
    uint8_t stake_hash[KEY_HASH_BYTES];
    long pool;

    (void)state;
    make(&m, "demo", "{\"genesis\":{\"delegators\":20}}", NULL);
    load_ledger(&m);
    assert_int_equal(m.ledger.delegation_count, 20);
    read_key(&m, "keys/delegator2/payment.vkey", KEY_payment_verification, payment);
    read_key(&m, "keys/delegator2/staking.vkey", KEY_stake_verification, stake);
    assert_non_null(find_fund(&m, address, address_base(0, payment, stake, address)));
    hash224((struct bytes){ stake, 32 }, stake_hash);
    pool = genesis_find_delegation(&m.ledger, stake_hash);
    assert_true(pool >= 0);
    read_key(&m, "keys/pool2/cold.vkey", KEY_pool_verification, cold);
    hash224((struct bytes){ cold, 32 }, id);
    assert_memory_equal(m.ledger.pools[pool].id, id, KEY_HASH_BYTES);
    /* 20 over 6 pools in turn: the first two have four. */
    assert_int_equal(m.ledger.pools[pool].stake, 4 * (uint64_t)(5400000000000000 / 20));
    assert_true(m.ledger.total_stake == 5400000000000000);
    release(&m);
}

static void test_amounts_stay_within_the_supply(void **state)
{
    struct made m;
    uint64_t sum = 0;

    (void)state;
    make(&m, "ci-test",
         "{\"genesis\":{\"utxo\":1000,\"delegators\":7,\"per_pool_balance\":1000000000003}}", NULL);
    load_ledger(&m);
    for (size_t i = 0; i < m.ledger.fund_count; i++)
        sum += m.ledger.funds[i].coin;
    assert_int_equal(m.ledger.fund_count, 1 + 7 + 1000);
    assert_int_equal(m.ledger.max_lovelace, 2 * 1000000000003 + 10000000000000);
    /* 0.9 of 2000000000006 is 1800000000005; a seventh is 257142857143. */
    assert_int_equal(sum, 9000000000000 + 7 * 257142857143 + 1000 * 1000000);
    assert_true(sum <= m.ledger.max_lovelace);
    release(&m);
}

static void check_same_file(struct made *a, struct made *b, const char *name, bool same)
{
    uint8_t x[HASH_BYTES], y[HASH_BYTES];

    assert_int_equal(genesis_hash_file(file_of(a, name), x, NULL), OU_OK);
    assert_int_equal(genesis_hash_file(file_of(b, name), y, NULL), OU_OK);
    assert_int_equal(memcmp(x, y, HASH_BYTES) == 0, same);
}

static void test_a_seed_gives_the_same_keys_and_no_seed_others(void **state)
{
    struct made first, again, other;

    (void)state;
    make(&first, "ci-test", NULL, seed);
    make(&again, "ci-test", NULL, seed);
    make(&other, "ci-test", NULL, NULL);
    check_same_file(&first, &again, "shelley.json", true);
    check_same_file(&first, &again, "keys/pool2/kes.skey", true);
    check_same_file(&first, &other, "shelley.json", false);
    check_same_file(&first, &other, "keys/pool2/kes.skey", false);
    check_same_file(&first, &other, "keys/utxo1/utxo.skey", false);
    check_same_file(&first, &other, "conway.json", true);
    release(&first);
    release(&again);
    release(&other);
}

static void test_secret_keys_are_the_owners_alone(void **state)
{
    static const char *const names[] = { "keys/pool1/cold.skey", "keys/pool1/kes.skey",
                                         "keys/pool1/vrf.skey", "keys/utxo1/utxo.skey",
                                         "keys/delegator1/staking.skey" };
    struct made m;
    struct stat st;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(stat(file_of(&m, names[i]), &st), 0);
        assert_int_equal(st.st_mode & 077, 0);
    }
    release(&m);
}

/* ---- the documents ---- */

static void check_members(const json_t *object, const char *const *names)
{
    size_t count = 0;

    for (; names[count]; count++)
        if (!json_object_get(object, names[count]))
            fail_msg("there is no %s", names[count]);
    assert_int_equal(json_object_size(object), count);
}

static void test_the_shelley_file_has_the_members_of_a_real_one(void **state)
{
    static const char *const top[] = {
        "activeSlotsCoeff", "epochLength",       "genDelegs",    "initialFunds",
        "maxKESEvolutions", "maxLovelaceSupply", "networkId",    "networkMagic",
        "protocolParams",   "securityParam",     "slotLength",   "slotsPerKESPeriod",
        "staking",          "systemStart",       "updateQuorum", NULL
    };
    static const char *const pool[] = { "cost",      "margin", "metadata",      "owners", "pledge",
                                        "publicKey", "relays", "rewardAccount", "vrf",    NULL };
    struct made m;
    json_t *tree, *pools;
    void *first;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    tree = load_file(&m, "shelley.json");
    check_members(tree, top);
    pools = json_object_get(json_object_get(tree, "staking"), "pools");
    first = json_object_iter(pools);
    check_members(json_object_iter_value(first), pool);
    assert_string_equal(
        json_object_iter_key(first),
        json_string_value(json_object_get(json_object_iter_value(first), "publicKey")));
    json_decref(tree);
    release(&m);
}

static void test_fractions_are_exact_in_the_text(void **state)
{
    struct made m;

    (void)state;
    make(&m, "demo", NULL, NULL);
    assert_int_equal(lines_with(file_of(&m, "shelley.json"), "\"activeSlotsCoeff\": 0.15,"), 1);
    assert_int_equal(lines_with(file_of(&m, "shelley.json"), "\"slotLength\": 0.2,"), 1);
    assert_int_equal(lines_with(file_of(&m, "shelley.json"), "\"rho\": 0.003,"), 1);
    release(&m);
}

static void check_like_real(struct made *m, const char *name, const char *real_name)
{
    struct ou_error err = { 0 };
    json_t *ours, *real = NULL;
    const char *key;
    json_t *value;
    char path[100];

    snprintf(path, sizeof path, "real/d-genesis/mainnet/%s", real_name);
    if (json_tree_load(shared_data(path), 1 << 20, &real, &err))
        fail_msg("%s", err.text);
    ours = load_file(m, name);
    json_object_foreach(real, key, value)
    {
        const json_t *own = json_object_get(ours, key);

        if (!own || json_typeof(own) != json_typeof(value))
            fail_msg("%s: %s is not as in a real file", name, key);
    }
    assert_int_equal(json_object_size(ours), json_object_size(real));
    json_decref(ours);
    json_decref(real);
}

static void test_alonzo_and_conway_files_look_like_mainnets(void **state)
{
    struct made m;
    json_t *alonzo, *conway;

    shared_data("real/d-genesis/mainnet/alonzo-genesis.json"); /* skips */
    (void)state;
    make(&m, "ci-test", NULL, NULL);
    check_like_real(&m, "alonzo.json", "alonzo-genesis.json");
    check_like_real(&m, "conway.json", "conway-genesis.json");
    alonzo = load_file(&m, "alonzo.json");
    conway = load_file(&m, "conway.json");
    assert_int_equal(
        json_object_size(json_object_get(json_object_get(alonzo, "costModels"), "PlutusV1")), 166);
    assert_int_equal(json_array_size(json_object_get(conway, "plutusV3CostModel")), 251);
    json_decref(alonzo);
    json_decref(conway);
    release(&m);
}

static void test_a_profile_may_bring_its_own_costs(void **state)
{
    struct made m;
    json_t *alonzo, *model;

    (void)state;
    make(&m, "ci-test",
         "{\"genesis\":{\"alonzo\":{\"costModels\":{\"PlutusV1\":"
         "{\"addInteger-cpu-arguments-intercept\":7}}}}}",
         NULL);
    alonzo = load_file(&m, "alonzo.json");
    model = json_object_get(json_object_get(alonzo, "costModels"), "PlutusV1");
    assert_int_equal(
        json_integer_value(json_object_get(model, "addInteger-cpu-arguments-intercept")), 7);
    json_decref(alonzo);
    release(&m);
}

/* ---- hashes and the start ---- */

static void check_hashes(struct made *m)
{
    static const char *const eras[] = { "byron", "shelley", "alonzo", "conway", "dijkstra" };
    json_t *hashes = load_file(m, "hashes.json");

    assert_int_equal(json_object_size(hashes), 5);
    for (size_t i = 0; i < 5; i++) {
        char name[40], text[2 * HASH_BYTES + 1];
        uint8_t hash[HASH_BYTES];

        snprintf(name, sizeof name, "%s.json", eras[i]);
        assert_int_equal(genesis_hash_file(file_of(m, name), hash, NULL), OU_OK);
        hash_text(hash, text);
        assert_string_equal(json_string_value(json_object_get(hashes, eras[i])), text);
    }
    json_decref(hashes);
}

static void test_the_start_is_changed_in_place(void **state)
{
    struct made m;
    struct ou_error err = { 0 };
    struct stat before, after;
    json_t *byron;

    (void)state;
    make(&m, "ci-test", "{\"genesis\":{\"utxo\":2000}}", NULL);
    check_hashes(&m);
    stat(file_of(&m, "shelley.json"), &before);
    if (genesis_set_start(temp_path(&m.dir, "g"), LATER, &err))
        fail_msg("%s", err.text);
    stat(file_of(&m, "shelley.json"), &after);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_ino, after.st_ino);
    load_ledger(&m);
    assert_true(m.ledger.shelley.system_start_ns == LATER);
    byron = load_file(&m, "byron.json");
    assert_int_equal(json_integer_value(json_object_get(byron, "startTime")), 1800000042);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(byron, "protocolConsts"), "k")), 3);
    json_decref(byron);
    check_hashes(&m);
    release(&m);
}

static void test_hashes_that_cannot_be_read_are_taken_anew(void **state)
{
    static const char *const texts[] = { "[]", "7", "{", "" };
    struct made m;
    struct ou_error err = { 0 };

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_file(file_of(&m, "hashes.json"), texts[i], strlen(texts[i]));
        if (genesis_set_start(temp_path(&m.dir, "g"), LATER, &err))
            fail_msg("%s: %s", texts[i], err.text);
        check_hashes(&m);
    }
    release(&m);
}

static void test_odd_starts_are_refused(void **state)
{
    static const int64_t odd[] = { START + 1, 0, -START, INT64_C(999999999) * NS_PER_SECOND,
                                   TIME_NONE };
    struct made m;
    struct ou_error err = { 0 };

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_int_equal(genesis_set_start(temp_path(&m.dir, "g"), odd[i], &err), OU_INVALID);
        assert_int_equal(
            genesis_create(&m.profile, temp_path(&m.dir, "h"), odd[i], &random_keys, &made, &err),
            OU_INVALID);
    }
    assert_non_null(strstr(err.text, "whole second"));
    release(&m);
}

static void test_a_start_is_set_only_where_there_is_one(void **state)
{
    struct made m;
    struct ou_error err = { 0 };

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    write_file(file_of(&m, "shelley.json"), "{\"systemStart\": \"now\"}", 22);
    assert_int_equal(genesis_set_start(temp_path(&m.dir, "g"), LATER, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "shelley.json"));
    write_file(file_of(&m, "shelley.json"), "", 0);
    assert_int_equal(genesis_set_start(temp_path(&m.dir, "g"), LATER, &err), OU_INVALID);
    release(&m);
    make(&m, "ci-test", NULL, NULL);
    write_file(file_of(&m, "byron.json"), "[]", 2);
    assert_int_equal(genesis_set_start(temp_path(&m.dir, "g"), LATER, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "byron.json: a Byron genesis is a JSON object"));
    assert_int_equal(lines_with(file_of(&m, "byron.json"), "[]"), 1);
    assert_int_equal(genesis_set_start(temp_path(&m.dir, "absent"), LATER, &err), OU_NOT_FOUND);
    release(&m);
}

/* ---- halves ---- */

/* The file begins with the large half and ends with what changes. */
static void test_parameters_stand_behind_the_data_set(void **state)
{
    static const char *const order[] = { "\"maxLovelaceSupply\"", "\"genDelegs\"",
                                         "\"initialFunds\"",      "\"staking\"",
                                         "\"protocolParams\"",    "\"systemStart\"" };
    struct made m;
    struct buffer text;
    const char *at;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    buffer_init(&text, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(file_of(&m, "shelley.json"), &text, NULL), OU_OK);
    at = buffer_string(&text);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        at = strstr(at, order[i]);
        assert_non_null(at);
    }
    buffer_release(&text);
    release(&m);
}

static void create_again(struct made *m, const char *overlay, const char *cache, const char *folder,
                         const uint8_t *with_seed)
{
    struct ou_error err = { 0 };
    const struct genesis_options options = { .seed = with_seed, .cache = cache };

    profile_release(&m->profile);
    if (profile_load("ci-test", &overlay, 1, &m->profile, &err) ||
        genesis_create(&m->profile, temp_path(&m->dir, folder), START, &options, &made, &err))
        fail_msg("%s", err.text);
}

#define SMALLER "{\"genesis\":{\"shelley\":{\"protocolParams\":{\"maxBlockBodySize\":70000}}}}"
#define MORE "{\"genesis\":{\"utxo\":3}}"

static void test_other_parameters_leave_the_data_set_alone(void **state)
{
    struct made m;
    uint8_t before[32], after[32];

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    assert_false(made.cached);
    read_key(&m, "keys/pool1/cold.vkey", KEY_pool_verification, before);
    create_again(&m, SMALLER, NULL, "g", NULL);
    assert_true(made.cached);
    read_key(&m, "keys/pool1/cold.vkey", KEY_pool_verification, after);
    assert_memory_equal(before, after, 32);
    load_ledger(&m);
    assert_int_equal(m.ledger.shelley.max_block_body_bytes, 70000);
    assert_int_equal(m.ledger.pool_count, 2);
    check_hashes(&m);
    release(&m);
}

static void test_another_data_set_replaces_the_old_one_and_its_keys(void **state)
{
    struct made m;
    struct stat st;

    (void)state;
    make(&m, "ci-test", "{\"genesis\":{\"utxo_keys\":2}}", NULL);
    assert_int_equal(stat(file_of(&m, "keys/utxo2/utxo.skey"), &st), 0);
    create_again(&m, MORE, NULL, "g", NULL);
    assert_false(made.cached);
    assert_int_equal(stat(file_of(&m, "keys/utxo2/utxo.skey"), &st), -1);
    load_ledger(&m);
    assert_int_equal(m.ledger.fund_count, 1 + 2 + 3);
    check_hashes(&m);
    release(&m);
}

/* Whatever somebody has done to the file: what is written is what was asked for. */
static void test_a_file_that_was_changed_is_made_anew(void **state)
{
    struct made m;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    write_file(file_of(&m, "shelley.json"), "{}", 2);
    create_again(&m, SMALLER, NULL, "g", NULL);
    assert_false(made.cached);
    load_ledger(&m);
    check_hashes(&m);
    release(&m);
}

static void test_a_start_is_hashed_right_where_somebody_changed_the_file(void **state)
{
    struct made m;
    struct buffer text;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    buffer_init(&text, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(file_of(&m, "shelley.json"), &text, NULL), OU_OK);
    text.at[1] = ' '; /* a blank for a newline: of the same size */
    write_file(file_of(&m, "shelley.json"), text.at, text.len);
    assert_int_equal(genesis_set_start(temp_path(&m.dir, "g"), LATER, NULL), OU_OK);
    check_hashes(&m);
    buffer_release(&text);
    release(&m);
}

static void test_a_seed_is_part_of_what_a_data_set_is(void **state)
{
    static const uint8_t other[32] = { 9 };
    struct made m;

    (void)state;
    make(&m, "ci-test", NULL, seed);
    create_again(&m, SMALLER, NULL, "g", seed);
    assert_true(made.cached);
    create_again(&m, SMALLER, NULL, "g", other);
    assert_false(made.cached);
    release(&m);
}

static void test_a_kept_data_set_gives_the_same_genesis_elsewhere(void **state)
{
    struct made m;
    uint8_t first[HASH_BYTES], second[HASH_BYTES];
    struct stat st;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    create_again(&m, MORE, temp_path(&m.dir, "cache"), "a", NULL);
    assert_false(made.cached);
    create_again(&m, MORE, temp_path(&m.dir, "cache"), "b", NULL);
    assert_true(made.cached);
    assert_int_equal(genesis_hash_file(temp_path(&m.dir, "a/shelley.json"), first, NULL), OU_OK);
    assert_int_equal(genesis_hash_file(temp_path(&m.dir, "b/shelley.json"), second, NULL), OU_OK);
    assert_memory_equal(first, second, HASH_BYTES);
    assert_int_equal(stat(temp_path(&m.dir, "b/keys/pool2/kes.skey"), &st), 0);
    assert_int_equal(st.st_mode & 077, 0);
    release(&m);
}

/* ---- votes, federated producers, several pools on a host ---- */

static size_t size_of(const json_t *tree, const char *member)
{
    return json_object_size(json_object_get(tree, member));
}

static void test_dreps_have_the_votes_of_delegators_in_turn(void **state)
{
    struct made m;
    json_t *conway, *dreps;
    uint8_t key[32], hash[KEY_HASH_BYTES], second[KEY_HASH_BYTES];
    char text[40 + 2 * KEY_HASH_BYTES], stake[40 + 2 * KEY_HASH_BYTES];

    (void)state;
    make(&m, "ci-test", "{\"genesis\":{\"dreps\":5,\"delegators\":12}}", NULL);
    conway = load_file(&m, "conway.json");
    dreps = json_object_get(conway, "initialDReps");
    assert_int_equal(json_object_size(dreps), 5);
    assert_int_equal(size_of(conway, "delegs"), 12);
    read_key(&m, "keys/drep2/drep.vkey", KEY_drep_verification, key);
    hash224((struct bytes){ key, 32 }, hash);
    read_key(&m, "keys/delegator2/staking.vkey", KEY_stake_verification, key);
    hash224((struct bytes){ key, 32 }, second);
    strcpy(text, "keyHash-");
    text[8 + digits_hex(hash, 2 * KEY_HASH_BYTES, text + 8)] = '\0';
    assert_int_equal(json_integer_value(json_object_get(json_object_get(dreps, text), "deposit")),
                     500000000);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(dreps, text), "expiry")),
                     1000);
    strcpy(stake, "keyHash-");
    stake[8 + digits_hex(second, 2 * KEY_HASH_BYTES, stake + 8)] = '\0';
    memmove(text + 5, text, 8 + 2 * KEY_HASH_BYTES + 1);
    memcpy(text, "drep-", 5);
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(json_object_get(conway, "delegs"), stake), "dRep")),
                        text);
    check_hashes(&m);
    json_decref(conway);
    release(&m);
}

static void test_conways_file_has_no_votes_without_dreps(void **state)
{
    struct made m;
    json_t *conway;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    conway = load_file(&m, "conway.json");
    assert_null(json_object_get(conway, "initialDReps"));
    assert_null(json_object_get(conway, "delegs"));
    json_decref(conway);
    release(&m);
}

static void test_federated_producers_are_in_gen_delegs(void **state)
{
    struct made m;
    json_t *shelley, *entry;
    uint8_t key[32], hash[KEY_HASH_BYTES], vrf[HASH_BYTES];
    char name[2 * KEY_HASH_BYTES + 1], text[2 * HASH_BYTES + 1];

    (void)state;
    make(&m, "ci-test", "{\"composition\":{\"n_bft_hosts\":2}}", NULL);
    shelley = load_file(&m, "shelley.json");
    assert_int_equal(size_of(shelley, "genDelegs"), 2);
    read_key(&m, "keys/genesis2/key.vkey", KEY_genesis_verification, key);
    hash224((struct bytes){ key, 32 }, hash);
    name[digits_hex(hash, 2 * KEY_HASH_BYTES, name)] = '\0';
    entry = json_object_get(json_object_get(shelley, "genDelegs"), name);
    assert_non_null(entry);
    read_key(&m, "keys/delegate2/key.vkey", KEY_delegate_verification, key);
    hash224((struct bytes){ key, 32 }, hash);
    name[digits_hex(hash, 2 * KEY_HASH_BYTES, name)] = '\0';
    assert_string_equal(json_string_value(json_object_get(entry, "delegate")), name);
    read_key(&m, "keys/delegate2/vrf.vkey", KEY_vrf_verification, key);
    hash256((struct bytes){ key, 32 }, vrf);
    hash_text(vrf, text);
    assert_string_equal(json_string_value(json_object_get(entry, "vrf")), text);
    json_decref(shelley);
    release(&m);
}

static void test_a_host_with_several_pools_has_their_keys_in_one_file(void **state)
{
    struct made m;
    struct stat st;
    json_t *bulk, *kes, *triple;

    (void)state;
    make(&m, "ci-test-dense10", NULL, NULL);
    bulk = load_file(&m, "keys/bulk-node-0.creds");
    assert_int_equal(json_array_size(bulk), 10);
    triple = json_array_get(bulk, 9);
    assert_int_equal(json_array_size(triple), 3);
    kes = load_file(&m, "keys/pool10/kes.skey");
    assert_true(json_equal(json_array_get(triple, 2), kes));
    assert_string_equal(json_string_value(json_object_get(json_array_get(triple, 0), "type")),
                        "NodeOperationalCertificate");
    assert_string_equal(json_string_value(json_object_get(json_array_get(triple, 1), "type")),
                        "VrfSigningKey_PraosVRF");
    assert_int_equal(stat(file_of(&m, "keys/bulk-node-0.creds"), &st), 0);
    assert_int_equal(st.st_mode & 077, 0);
    json_decref(kes);
    json_decref(bulk);
    release(&m);
}

static void test_certificates_count_from_the_second_one_on(void **state)
{
    struct made m;
    json_t *counter;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    counter = load_file(&m, "keys/pool1/opcert.counter");
    assert_string_equal(json_string_value(json_object_get(counter, "type")),
                        "NodeOperationalCertificateIssueCounter");
    assert_string_equal(json_string_value(json_object_get(counter, "description")),
                        "Next certificate issue number: 1");
    /* A list of two: 1, and a byte string of 32. */
    assert_memory_equal(json_string_value(json_object_get(counter, "cborHex")), "82015820", 8);
    json_decref(counter);
    release(&m);
}

/* ---- size, failures ---- */

static void test_many_entries_are_written_as_a_stream(void **state)
{
    struct made m;
    struct rusage usage;

    (void)state;
    make(&m, "ci-test", "{\"genesis\":{\"utxo\":200000,\"delegators\":50000}}", NULL);
    getrusage(RUSAGE_SELF, &usage);
    assert_true(lines_with(file_of(&m, "shelley.json"), "\": 1000000,") >= 199999);
#ifndef __SANITIZE_ADDRESS__
    assert_true(usage.ru_maxrss < 64 * 1024); /* kB; the file has 25 MB */
#endif
    release(&m);
}

static void test_a_folder_that_cannot_be_made_is_named(void **state)
{
    struct made m;
    struct ou_error err = { 0 };

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    temp_file(&m.dir, "file", "");
    assert_int_equal(
        genesis_create(&m.profile, temp_path(&m.dir, "file/g"), START, &random_keys, &made, &err),
        OU_IO);
    assert_non_null(strstr(err.text, "file"));
    release(&m);
}

/* A program in the place of cardano-cli that makes these files; NULL: not this one. */
static const char *fake_maker(struct made *m, const char *shelley, const char *conway,
                              const char *byron)
{
    const char *const texts[] = { shelley, conway, byron };
    static const char *const names[] = { "shelley", "conway", "byron" };
    const char *path = temp_path(&m->dir, "maker");
    char script[500] = "#!/bin/sh\nmkdir -p out\n";

    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(script);

        if (texts[i])
            snprintf(script + len, sizeof script - len, "echo '%s' > out/%s-genesis.json\n",
                     texts[i], names[i]);
    }
    write_file(path, script, strlen(script));
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static void test_a_maker_that_makes_no_genesis_is_told(void **state)
{
    static const struct {
        const char *shelley, *conway, *byron;
        enum ou_status status;
        const char *why;
    } cases[] = {
        { NULL, "{}", NULL, OU_NOT_FOUND, "maker made no Shelley genesis in " },
        { "{}", NULL, NULL, OU_NOT_FOUND, "maker made no Conway genesis in " },
        { "[]", "{}", NULL, OU_INVALID, "shelley-genesis.json: a genesis is a JSON object" },
        { "{}", "7", NULL, OU_INVALID, "conway-genesis.json: a genesis is a JSON object" },
        { "{}", "{}", "[]", OU_INVALID, "byron.json: a Byron genesis is a JSON object" },
    };
    struct made m;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct genesis_options options = {
            .cardano_cli = fake_maker(&m, cases[i].shelley, cases[i].conway, cases[i].byron)
        };
        struct ou_error err = { 0 };
        enum ou_status status =
            genesis_create(&m.profile, temp_path(&m.dir, "other"), START, &options, &made, &err);

        if (status != cases[i].status || !strstr(err.text, cases[i].why))
            fail_msg("%d, \"%s\" does not say \"%s\"", status, err.text, cases[i].why);
        assert_true(tree_is_empty(temp_path(&m.dir, "other")));
    }
    release(&m);
}

static void test_dreps_are_refused_for_nodes_that_do_not_know_them(void **state)
{
    const struct genesis_options old = { .node_version = "8.12.2" };
    struct made m;
    struct ou_error err = { 0 };

    (void)state;
    make(&m, "ci-test", "{\"genesis\":{\"dreps\":1}}", NULL);
    assert_int_equal(genesis_create(&m.profile, temp_path(&m.dir, "old"), START, &old, &made, &err),
                     OU_INVALID);
    assert_string_equal(err.text, "profile ci-test: it has DReps in its genesis, which nodes read "
                                  "from version 9.0 on");
    release(&m);
}

static void test_a_folder_with_too_long_a_path_is_refused(void **state)
{
    struct made m;
    struct ou_error err = { 0 }, other = { 0 };
    char path[PATH_MAX];
    size_t at;

    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    make(&m, "ci-test", NULL, NULL);
    assert_int_equal(genesis_set_start(path, LATER, &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "aaa...: the path is too long"));
    /* One that has room for the genesis files, and none for its keys. */
    at = (size_t)snprintf(path, sizeof path, "%s/far", m.dir.path);
    for (; at < sizeof path - 70; at += 2) /* no way to go */
        memcpy(path + at, "/.", 2);
    path[at] = '\0';
    assert_int_equal(genesis_create(&m.profile, path, START, &random_keys, &made, &other),
                     OU_TOO_LARGE);
    assert_non_null(strstr(other.text, "...: the path is too long"));
    assert_true(tree_is_empty(temp_path(&m.dir, "far")));
    release(&m);
}

/* As on a full disk: at each limit of a file's size either all is well or the failure is told. */
static void test_failing_writes_are_told(void **state)
{
    static const rlim_t limits[] = { 0, 100, 400, 1000, 3000, 8000, 20000 };
    struct made m;
    struct rlimit old;

    (void)state;
    make(&m, "ci-test", "{\"genesis\":{\"utxo\":500}}", NULL);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit = { limits[i], old.rlim_max };
        struct ou_error err = { 0 };
        enum ou_status status;

        setrlimit(RLIMIT_FSIZE, &limit);
        status =
            genesis_create(&m.profile, temp_path(&m.dir, "full"), START, &random_keys, &made, &err);
        setrlimit(RLIMIT_FSIZE, &old);
        assert_int_equal(status, OU_IO);
        assert_non_null(strstr(err.text, "full/"));
        assert_true(tree_is_empty(temp_path(&m.dir, "full")));
    }
    release(&m);
}

static void test_what_was_there_stays_where_it_fails(void **state)
{
    struct made m;
    struct rlimit old, limit;
    struct ou_error err = { 0 };
    enum ou_status status;

    (void)state;
    make(&m, "ci-test", NULL, NULL);
    file_make_directory(temp_path(&m.dir, "mine"), NULL);
    temp_file(&m.dir, "mine/notes", "mine");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    limit = (struct rlimit){ 1000, old.rlim_max };
    setrlimit(RLIMIT_FSIZE, &limit);
    status =
        genesis_create(&m.profile, temp_path(&m.dir, "mine"), START, &random_keys, &made, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(status, OU_IO);
    assert_int_equal(lines_with(temp_path(&m.dir, "mine/notes"), "mine"), 1);
    release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_entries_are_written_as_a_stream), /* first: it looks at memory */
        cmocka_unit_test(test_a_maker_that_makes_no_genesis_is_told),
        cmocka_unit_test(test_dreps_are_refused_for_nodes_that_do_not_know_them),
        cmocka_unit_test(test_a_folder_with_too_long_a_path_is_refused),
        cmocka_unit_test(test_the_ledger_reads_what_was_written),
        cmocka_unit_test(test_the_generators_key_opens_its_funds),
        cmocka_unit_test(test_pools_are_those_of_the_key_files),
        cmocka_unit_test(test_delegators_stand_behind_their_pools),
        cmocka_unit_test(test_amounts_stay_within_the_supply),
        cmocka_unit_test(test_a_seed_gives_the_same_keys_and_no_seed_others),
        cmocka_unit_test(test_secret_keys_are_the_owners_alone),
        cmocka_unit_test(test_the_shelley_file_has_the_members_of_a_real_one),
        cmocka_unit_test(test_fractions_are_exact_in_the_text),
        cmocka_unit_test(test_alonzo_and_conway_files_look_like_mainnets),
        cmocka_unit_test(test_a_profile_may_bring_its_own_costs),
        cmocka_unit_test(test_the_start_is_changed_in_place),
        cmocka_unit_test(test_hashes_that_cannot_be_read_are_taken_anew),
        cmocka_unit_test(test_odd_starts_are_refused),
        cmocka_unit_test(test_a_start_is_set_only_where_there_is_one),
        cmocka_unit_test(test_parameters_stand_behind_the_data_set),
        cmocka_unit_test(test_other_parameters_leave_the_data_set_alone),
        cmocka_unit_test(test_another_data_set_replaces_the_old_one_and_its_keys),
        cmocka_unit_test(test_a_file_that_was_changed_is_made_anew),
        cmocka_unit_test(test_a_start_is_hashed_right_where_somebody_changed_the_file),
        cmocka_unit_test(test_a_seed_is_part_of_what_a_data_set_is),
        cmocka_unit_test(test_a_kept_data_set_gives_the_same_genesis_elsewhere),
        cmocka_unit_test(test_dreps_have_the_votes_of_delegators_in_turn),
        cmocka_unit_test(test_conways_file_has_no_votes_without_dreps),
        cmocka_unit_test(test_federated_producers_are_in_gen_delegs),
        cmocka_unit_test(test_a_host_with_several_pools_has_their_keys_in_one_file),
        cmocka_unit_test(test_certificates_count_from_the_second_one_on),
        cmocka_unit_test(test_a_folder_that_cannot_be_made_is_named),
        cmocka_unit_test(test_failing_writes_are_told),
        cmocka_unit_test(test_what_was_there_stays_where_it_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
