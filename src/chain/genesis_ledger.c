#include "chain/genesis_ledger.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/file.h"
#include "chain/genesis_entries.h"
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

/* Of a Shelley file without its entries, and of an Alonzo file. */
#define GENESIS_REST_MAX_BYTES ((size_t)128 << 20)

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

/* The sum is that of whole numbers below 2^63 each, and stays below as long as it is within this limit. */
static void check_supply(struct genesis_reader *r, const struct genesis_ledger *g)
{
    uint64_t left = g->max_lovelace;

    for (size_t i = 0; !r->status && i < g->fund_count; i++) {
        if (g->funds[i].coin > left)
            genesis_reader_fail(r, "initialFunds", "is more than maxLovelaceSupply in all");
        left -= g->funds[i].coin;
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
    check_supply(r, ret);
}

static void hash_piece(void *state, const char *bytes, size_t count)
{
    crypto_generichash_blake2b_update(state, (const uint8_t *)bytes, count);
}

/* Entries from the walk, all else as a tree. */
static enum ou_status walk_shelley(struct json_walk *w, const char *name,
                                   struct genesis_ledger *ret, struct ou_error *err)
{
    crypto_generichash_blake2b_state state;
    struct buffer rest;
    enum ou_status status;

    buffer_init(&rest, allocator_libc(), GENESIS_REST_MAX_BYTES);
    crypto_generichash_blake2b_init(&state, NULL, 0, HASH_BYTES);
    json_walk_tap(w, hash_piece, &state);
    status = genesis_entries_read(w, name, ret, &rest, err);
    crypto_generichash_blake2b_final(&state, ret->hash, HASH_BYTES);
    if (!status)
        status = with_tree((struct span){ buffer_string(&rest), rest.len }, name, read_shelley, ret,
                           err);
    buffer_release(&rest);
    return status;
}

/* The rest, of a walk that has just begun; alonzo.at may be NULL. */
static enum ou_status read_both(struct json_walk *w, const char *shelley_name, struct span alonzo,
                                const char *alonzo_name, struct genesis_ledger *ret,
                                struct ou_error *err)
{
    struct genesis_ledger got = { 0 };
    enum ou_status status = walk_shelley(w, shelley_name, &got, err);

    if (!status && alonzo.at)
        status = with_tree(alonzo, alonzo_name, read_alonzo, &got, err);
    else
        assume_alonzo(&got);
    if (status) {
        genesis_ledger_release(&got);
        return status;
    }
    *ret = got;
    return OU_OK;
}

enum ou_status genesis_ledger_parse(struct span shelley, const char *shelley_name,
                                    struct span alonzo, const char *alonzo_name,
                                    struct genesis_ledger *ret, struct ou_error *err)
{
    struct json_walk w;
    enum ou_status status = json_walk_open_text(&w, shelley, shelley_name, err);

    if (!status)
        status = read_both(&w, shelley_name, alonzo, alonzo_name, ret, err);
    json_walk_close(&w);
    return status;
}

enum ou_status genesis_ledger_load(const char *shelley_path, const char *alonzo_path,
                                   struct genesis_ledger *ret, struct ou_error *err)
{
    struct json_walk w = { 0 };
    struct buffer alonzo;
    enum ou_status status = OU_OK;

    buffer_init(&alonzo, allocator_libc(), GENESIS_REST_MAX_BYTES);
    if (alonzo_path)
        status = file_read(alonzo_path, &alonzo, err);
    if (!status)
        status = json_walk_open(&w, shelley_path, err);
    if (!status)
        status = read_both(&w, shelley_path,
                           (struct span){ alonzo_path ? buffer_string(&alonzo) : NULL, alonzo.len },
                           alonzo_path, ret, err);
    json_walk_close(&w);
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
