#include "chain/genesis_ledger.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/file.h"
#include "chain/genesis_reader.h"

/* What scripts may use and cost on mainnet (2022 to 2025), where no Alonzo file says otherwise. */
#define PUBLIC_TX_MEMORY 14000000
#define PUBLIC_TX_STEPS UINT64_C(10000000000)
#define PUBLIC_BLOCK_MEMORY 62000000
#define PUBLIC_BLOCK_STEPS UINT64_C(20000000000)
#define PUBLIC_PRICE_MEMORY 0.0577
#define PUBLIC_PRICE_STEPS 0.0000721
#define PUBLIC_COINS_PER_BYTE 4310

/* The Alonzo ledger counted outputs in words; all later ones divide its price by this. */
#define WORD_BYTES 8

/* Names of members in messages; longer ones are cut. */
#define SHOWN_BYTES 120

/* --- Numbers ----------------------------------------------------------------------- */

static uint64_t count_below(struct genesis_reader *r, const json_t *object, const char *member,
                            uint64_t limit, const char *why)
{
    uint64_t value = genesis_count(r, object, member, 0);

    if (value >= limit) {
        genesis_reader_fail(r, member, why);
        return 0;
    }
    return value;
}

static const json_t *object_of(struct genesis_reader *r, const json_t *object, const char *member)
{
    const json_t *value = genesis_member(r, object, member);

    if (value && !json_is_object(value))
        genesis_reader_fail(r, member, "must be an object");
    return value;
}

static void read_network(struct genesis_reader *r, struct genesis_ledger *ret)
{
    const json_t *value = genesis_member(r, r->root, "networkId");
    const char *name = json_string_value(value);

    if (value && !(name && (strcmp(name, "Mainnet") == 0 || strcmp(name, "Testnet") == 0)))
        genesis_reader_fail(r, "networkId", "must be \"Mainnet\" or \"Testnet\"");
    ret->network = name && strcmp(name, "Mainnet") == 0;
}

/* A limit on bytes. Sizes in headers have 32 bits; and where nothing may be large, nothing can be. */
static uint32_t read_size(struct genesis_reader *r, const json_t *parameters, const char *member)
{
    uint64_t size = count_below(r, parameters, member, UINT64_C(1) << 32, "must be below 2^32");

    if (size == 0)
        genesis_reader_fail(r, member, "must not be 0");
    return (uint32_t)size;
}

uint64_t genesis_block_room(const struct genesis_ledger *g)
{
    const uint64_t body = g->shelley.max_block_body_bytes;

    return body > GENESIS_BODY_RESERVE ? body - GENESIS_BODY_RESERVE : 0;
}

static void read_parameters(struct genesis_reader *r, struct genesis_ledger *ret)
{
    const json_t *parameters = genesis_member(r, r->root, "protocolParams");
    const json_t *version = object_of(r, parameters, "protocolVersion");

    ret->fees.per_byte = genesis_count(r, parameters, "minFeeA", 0);
    ret->fees.constant = genesis_count(r, parameters, "minFeeB", 0);
    ret->max_header_bytes = read_size(r, parameters, "maxBlockHeaderSize");
    /* What is measured may be larger; what a node is given may not. */
    ret->shelley.max_tx_bytes = read_size(r, parameters, "maxTxSize");
    ret->shelley.max_block_body_bytes = read_size(r, parameters, "maxBlockBodySize");
    if (ret->shelley.max_tx_bytes + TX_ROOM_OVERHEAD > genesis_block_room(ret))
        genesis_reader_fail(r, "maxTxSize",
                            "must be 1028 below maxBlockBodySize at least, or no block would have "
                            "room for the largest transaction");
    ret->major =
        (uint16_t)count_below(r, version, "major", UINT16_MAX + 1, "must be at most 65535");
    ret->minor =
        (uint16_t)count_below(r, version, "minor", UINT16_MAX + 1, "must be at most 65535");
    ret->max_lovelace = genesis_count(r, r->root, "maxLovelaceSupply", 0);
}

/* --- Hex keys ------------------------------------------------------------------------ */

/* The digits of up to max bytes; the count, or 0 for anything else. */
static size_t bytes_of_hex(const char *digits, size_t max, uint8_t *ret)
{
    size_t count = 0;

    if (sodium_hex2bin(ret, max, digits, strlen(digits), NULL, &count, NULL) != 0)
        return 0;
    return count;
}

static bool is_hash(const char *digits, size_t bytes, uint8_t *ret)
{
    return digits && bytes_of_hex(digits, bytes, ret) == bytes;
}

static void fail_at(struct genesis_reader *r, const char *object, const char *key, const char *why)
{
    char member[SHOWN_BYTES];

    snprintf(member, sizeof member, "%s.%s", object, key);
    genesis_reader_fail(r, member, why);
}

/* Room for the members of an object, zeroed; NULL when it is empty or the reader has failed. */
static void *room_for(struct genesis_reader *r, const json_t *object, const char *name,
                      size_t max_items, size_t item_bytes)
{
    size_t count = json_object_size(object);
    void *items;

    if (r->status || count == 0)
        return NULL;
    if (count > max_items) {
        r->status = ou_fail(r->err, OU_TOO_LARGE, "%s: \"%s\" has %zu members; at most %zu",
                            r->name, name, count, max_items);
        return NULL;
    }
    items = calloc(count, item_bytes);
    if (!items)
        r->status = ou_fail(r->err, OU_NO_MEMORY, "%s: no memory for \"%s\"", r->name, name);
    return items;
}

/* --- Pools and delegations --------------------------------------------------------------- */

static int compare_pools(const void *a, const void *b)
{
    const struct genesis_pool *left = a, *right = b;

    return memcmp(left->id, right->id, KEY_HASH_BYTES);
}

static int compare_delegations(const void *a, const void *b)
{
    const struct genesis_delegation *left = a, *right = b;

    return memcmp(left->stake_key, right->stake_key, KEY_HASH_BYTES);
}

static void read_pools(struct genesis_reader *r, json_t *pools, struct genesis_ledger *ret)
{
    const char *key;
    json_t *value;

    ret->pools = room_for(r, pools, "staking.pools", GENESIS_POOLS_MAX, sizeof *ret->pools);
    if (!ret->pools)
        return;
    json_object_foreach(pools, key, value)
    {
        struct genesis_pool *pool = &ret->pools[ret->pool_count++];

        if (!is_hash(key, KEY_HASH_BYTES, pool->id))
            fail_at(r, "staking.pools", key, "must be named by 56 hex digits");
        if (!is_hash(json_string_value(json_object_get(value, "vrf")), HASH_BYTES,
                     pool->vrf_key_hash))
            fail_at(r, "staking.pools", key, "must have a \"vrf\" of 64 hex digits");
    }
    qsort(ret->pools, ret->pool_count, sizeof *ret->pools, compare_pools);
    /* Digits may be small and capital. */
    for (size_t i = 1; i < ret->pool_count; i++)
        if (compare_pools(&ret->pools[i - 1], &ret->pools[i]) == 0)
            genesis_reader_fail(r, "staking.pools", "has a pool twice");
}

static void read_delegations(struct genesis_reader *r, json_t *stake, struct genesis_ledger *ret)
{
    const char *key;
    json_t *value;

    ret->delegations =
        room_for(r, stake, "staking.stake", GENESIS_FUNDS_MAX, sizeof *ret->delegations);
    if (!ret->delegations)
        return;
    json_object_foreach(stake, key, value)
    {
        struct genesis_delegation *one = &ret->delegations[ret->delegation_count++];
        uint8_t id[KEY_HASH_BYTES];
        const struct genesis_pool *pool = NULL;

        if (!is_hash(key, KEY_HASH_BYTES, one->stake_key))
            fail_at(r, "staking.stake", key, "must be named by 56 hex digits");
        if (is_hash(json_string_value(value), KEY_HASH_BYTES, id))
            pool = genesis_find_pool(ret, id);
        if (!pool) {
            fail_at(r, "staking.stake", key, "must be the id of a pool in staking.pools");
            return;
        }
        one->pool = (uint32_t)(pool - ret->pools);
    }
    qsort(ret->delegations, ret->delegation_count, sizeof *ret->delegations, compare_delegations);
    for (size_t i = 1; i < ret->delegation_count; i++)
        if (compare_delegations(&ret->delegations[i - 1], &ret->delegations[i]) == 0)
            genesis_reader_fail(r, "staking.stake", "has a stake key twice");
}

/* Mainnet has none: its pools came by certificates. */
static void read_staking(struct genesis_reader *r, struct genesis_ledger *ret)
{
    const json_t *staking = json_object_get(r->root, "staking");
    json_t *pools = json_object_get(staking, "pools");
    json_t *stake = json_object_get(staking, "stake");

    if ((staking && !json_is_object(staking)) || (pools && !json_is_object(pools)) ||
        (stake && !json_is_object(stake))) {
        genesis_reader_fail(r, "staking", "must be an object of objects \"pools\" and \"stake\"");
        return;
    }
    read_pools(r, pools, ret);
    read_delegations(r, stake, ret);
}

/* --- Funds --------------------------------------------------------------------------- */

/* Adds a fund to the stake of the pool that its stake key delegates to. */
static void add_stake(struct genesis_ledger *g, const struct genesis_fund *fund,
                      const struct address *address)
{
    long pool = address->stake ? genesis_find_delegation(g, address->stake) : -1;

    if (pool < 0)
        return;
    g->pools[pool].stake += fund->coin;
    g->total_stake += fund->coin;
}

static void read_fund(struct genesis_reader *r, const char *key, const json_t *coin,
                      struct genesis_ledger *g, uint64_t *left)
{
    struct genesis_fund *fund = &g->funds[g->fund_count++];
    size_t bytes = bytes_of_hex(key, ADDRESS_MAX_BYTES, fund->address);
    struct address address;

    fund->address_bytes = (uint8_t)bytes;
    if (address_read((struct bytes){ fund->address, bytes }, &address, NULL)) {
        fail_at(r, "initialFunds", key, "must be named by the hex digits of an address");
        return;
    }
    if (!json_is_integer(coin) || json_integer_value(coin) < 0) {
        fail_at(r, "initialFunds", key, "must be a whole number of lovelace, not negative");
        return;
    }
    fund->coin = (uint64_t)json_integer_value(coin);
    if (fund->coin > *left) {
        genesis_reader_fail(r, "initialFunds", "is more than maxLovelaceSupply in all");
        return;
    }
    *left -= fund->coin;
    add_stake(g, fund, &address);
}

static void read_funds(struct genesis_reader *r, struct genesis_ledger *ret)
{
    json_t *funds = json_object_get(r->root, "initialFunds");
    uint64_t left = ret->max_lovelace;
    const char *key;
    json_t *value;

    if (funds && !json_is_object(funds))
        genesis_reader_fail(r, "initialFunds", "must be an object");
    ret->funds = room_for(r, funds, "initialFunds", GENESIS_FUNDS_MAX, sizeof *ret->funds);
    if (!ret->funds)
        return;
    json_object_foreach(funds, key, value)
    {
        read_fund(r, key, value, ret, &left);
        if (r->status)
            return;
    }
}

/* --- The Alonzo file --------------------------------------------------------------------- */

/* A member that has two names in use. */
static const char *name_of_two(const json_t *object, const char *old, const char *newer)
{
    return json_object_get(object, newer) ? newer : old;
}

static double read_price(struct genesis_reader *r, const json_t *prices, const char *old,
                         const char *newer)
{
    const char *name = name_of_two(prices, old, newer);
    double price = genesis_number(genesis_member(r, prices, name));

    if (!isfinite(price) || price < 0)
        genesis_reader_fail(r, name, "must be a number, not negative");
    return price;
}

static void read_units(struct genesis_reader *r, const char *member, uint64_t *ret_steps,
                       uint64_t *ret_memory)
{
    const json_t *units = object_of(r, r->root, member);

    *ret_steps = genesis_count(r, units, name_of_two(units, "exUnitsSteps", "steps"), 0);
    *ret_memory = genesis_count(r, units, name_of_two(units, "exUnitsMem", "memory"), 0);
}

static void read_alonzo(struct genesis_reader *r, struct genesis_ledger *ret)
{
    const json_t *prices = object_of(r, r->root, "executionPrices");

    ret->fees.price_memory = read_price(r, prices, "prMem", "priceMemory");
    ret->fees.price_steps = read_price(r, prices, "prSteps", "priceSteps");
    read_units(r, "maxTxExUnits", &ret->max_tx_steps, &ret->max_tx_memory);
    read_units(r, "maxBlockExUnits", &ret->max_block_steps, &ret->max_block_memory);
    if (ret->max_tx_steps > ret->max_block_steps || ret->max_tx_memory > ret->max_block_memory)
        genesis_reader_fail(r, "maxTxExUnits", "must not be above maxBlockExUnits");
    if (json_object_get(r->root, "coinsPerUTxOByte"))
        ret->fees.coins_per_utxo_byte = genesis_count(r, r->root, "coinsPerUTxOByte", 0);
    else
        ret->fees.coins_per_utxo_byte =
            genesis_count(r, r->root, "lovelacePerUTxOWord", 0) / WORD_BYTES;
}

static void assume_alonzo(struct genesis_ledger *ret)
{
    ret->fees.price_memory = PUBLIC_PRICE_MEMORY;
    ret->fees.price_steps = PUBLIC_PRICE_STEPS;
    ret->fees.coins_per_utxo_byte = PUBLIC_COINS_PER_BYTE;
    ret->max_tx_steps = PUBLIC_TX_STEPS;
    ret->max_tx_memory = PUBLIC_TX_MEMORY;
    ret->max_block_steps = PUBLIC_BLOCK_STEPS;
    ret->max_block_memory = PUBLIC_BLOCK_MEMORY;
}

/* --- Files --------------------------------------------------------------------------- */

/* Reads one document with `read`. */
static enum ou_status with_tree(struct span text, const char *name,
                                void (*read)(struct genesis_reader *, struct genesis_ledger *),
                                struct genesis_ledger *ret, struct ou_error *err)
{
    struct genesis_reader r = { .name = name, .err = err };
    enum ou_status status;
    json_t *root;

    if (text.len > GENESIS_MAX_BYTES)
        return ou_fail(err, OU_TOO_LARGE, "%s: a genesis above 1 GiB", name);
    status = json_tree_parse(text, name, &root, err);
    if (status)
        return status;
    r.root = root;
    read(&r, ret);
    json_decref(root);
    return r.status;
}

static void read_shelley(struct genesis_reader *r, struct genesis_ledger *ret)
{
    r->status = genesis_from_tree(r->root, r->name, &ret->shelley, r->err);
    if (r->status)
        return;
    read_network(r, ret);
    read_parameters(r, ret);
    read_staking(r, ret);
    read_funds(r, ret);
}

enum ou_status genesis_ledger_parse(struct span shelley, const char *shelley_name,
                                    struct span alonzo, const char *alonzo_name,
                                    struct genesis_ledger *ret, struct ou_error *err)
{
    struct genesis_ledger got = { 0 };
    enum ou_status status = with_tree(shelley, shelley_name, read_shelley, &got, err);

    if (!status && alonzo.at)
        status = with_tree(alonzo, alonzo_name, read_alonzo, &got, err);
    else
        assume_alonzo(&got);
    if (status) {
        genesis_ledger_release(&got);
        return status;
    }
    hash256(bytes_of_span(shelley), got.hash);
    *ret = got;
    return OU_OK;
}

enum ou_status genesis_ledger_load(const char *shelley_path, const char *alonzo_path,
                                   struct genesis_ledger *ret, struct ou_error *err)
{
    struct buffer shelley, alonzo;
    enum ou_status status;

    buffer_init(&shelley, allocator_libc(), GENESIS_MAX_BYTES);
    buffer_init(&alonzo, allocator_libc(), GENESIS_MAX_BYTES);
    status = file_read(shelley_path, &shelley, err);
    if (!status && alonzo_path)
        status = file_read(alonzo_path, &alonzo, err);
    if (!status)
        status = genesis_ledger_parse(
            (struct span){ shelley.at, shelley.len }, shelley_path,
            (struct span){ alonzo_path ? buffer_string(&alonzo) : NULL, alonzo.len }, alonzo_path,
            ret, err);
    buffer_release(&shelley);
    buffer_release(&alonzo);
    return status;
}

void genesis_ledger_release(struct genesis_ledger *g)
{
    free(g->pools);
    free(g->funds);
    free(g->delegations);
    *g = (struct genesis_ledger){ 0 };
}

const struct genesis_pool *genesis_find_pool(const struct genesis_ledger *g,
                                             const uint8_t id[KEY_HASH_BYTES])
{
    struct genesis_pool wanted;

    if (g->pool_count == 0)
        return NULL;
    memcpy(wanted.id, id, KEY_HASH_BYTES);
    return bsearch(&wanted, g->pools, g->pool_count, sizeof *g->pools, compare_pools);
}

long genesis_find_delegation(const struct genesis_ledger *g,
                             const uint8_t stake_key[KEY_HASH_BYTES])
{
    const struct genesis_delegation *found;
    struct genesis_delegation wanted;

    if (g->delegation_count == 0)
        return -1;
    memcpy(wanted.stake_key, stake_key, KEY_HASH_BYTES);
    found = bsearch(&wanted, g->delegations, g->delegation_count, sizeof *g->delegations,
                    compare_delegations);
    return found ? (long)found->pool : -1;
}
