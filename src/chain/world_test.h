/* A small world for tests of the ledger and of what stands on it: two pools, eight owners, a genesis that gives
 * to each of them. Owners 0 to 3 have enterprise addresses, 4 to 7 base addresses whose stake keys delegate
 * to pool 0, 1, 0 and nobody. */
#ifndef OU_CHAIN_WORLD_TEST_H
#define OU_CHAIN_WORLD_TEST_H

#include <sodium.h>
#include <stdlib.h>

#include "chain/ledger.h"
#include "support/test.h"

enum { OWNERS = 8, FIRST_WITH_STAKE = 4, POOLS = 2, WORLD_K = 4, WORLD_EPOCH_SLOTS = 100 };
enum { WORLD_FUND = 100000000, WORLD_FEE = 300000 };

static const int world_pool_of[OWNERS] = { -1, -1, -1, -1, 0, 1, 0, -1 };

struct world {
    struct genesis_ledger genesis;
    struct genesis_pool pools[POOLS];
    struct genesis_fund funds[OWNERS];
    struct genesis_delegation delegations[3];
    uint8_t seeds[OWNERS][32], keys[OWNERS][32];
};

static inline void key_of_seed(const uint8_t seed[32], uint8_t ret[32])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];

    crypto_sign_seed_keypair(ret, secret, seed);
}

static inline int compare_stake_keys(const void *a, const void *b)
{
    const struct genesis_delegation *left = a, *right = b;

    return memcmp(left->stake_key, right->stake_key, KEY_HASH_BYTES);
}

static inline void world_make_owner(struct world *w, int owner)
{
    struct genesis_fund *fund = &w->funds[owner];
    uint8_t *key = w->keys[owner];
    uint8_t stake_seed[32], stake_key[32];

    memset(w->seeds[owner], owner + 1, 32);
    memset(stake_seed, owner + 101, 32);
    key_of_seed(w->seeds[owner], key);
    key_of_seed(stake_seed, stake_key);
    fund->coin = WORLD_FUND;
    fund->address_bytes =
        (uint8_t)(owner >= FIRST_WITH_STAKE ? address_base(0, key, stake_key, fund->address)
                                            : address_enterprise(0, key, fund->address));
    if (world_pool_of[owner] >= 0) {
        struct genesis_delegation *one = &w->delegations[w->genesis.delegation_count++];

        hash224((struct bytes){ stake_key, 32 }, one->stake_key);
        one->pool = (uint32_t)world_pool_of[owner];
        w->pools[one->pool].stake += fund->coin;
        w->genesis.total_stake += fund->coin;
    }
}

/* The world must not move while it is used. */
static inline void world_make(struct world *w)
{
    *w = (struct world){ 0 };
    w->genesis = (struct genesis_ledger){
        .shelley = { .security_param = WORLD_K,
                     .epoch_slots = WORLD_EPOCH_SLOTS,
                     .max_tx_bytes = 16384,
                     .clock = { { { .slot_ns = 1000000000, .epoch_slots = WORLD_EPOCH_SLOTS } },
                                1 } },
        .fees = { 44, 155381, 4310, 0.0577, 0.0000721 },
        .max_tx_steps = 1000000,
        .max_tx_memory = 100000,
        .max_block_steps = 1500000,
        .max_block_memory = 150000,
        .max_lovelace = (uint64_t)OWNERS * WORLD_FUND,
        .pools = w->pools,
        .pool_count = POOLS,
        .funds = w->funds,
        .fund_count = OWNERS,
        .delegations = w->delegations,
    };
    memset(w->genesis.hash, 0x5e, HASH_BYTES);
    w->pools[1].id[0] = 1;
    for (int owner = 0; owner < OWNERS; owner++)
        world_make_owner(w, owner);
    qsort(w->delegations, w->genesis.delegation_count, sizeof *w->delegations, compare_stake_keys);
}

static inline struct ledger *world_ledger(const struct world *w)
{
    struct ledger *l;
    struct ou_error err = { { 0 } };

    if (ledger_create(&w->genesis, &l, &err))
        fail_msg("%s", err.text);
    return l;
}

/* The output that the genesis gave to an owner. */
static inline struct tx_input world_fund(const struct world *w, int owner)
{
    struct tx_input input = { .index = 0 };

    hash256((struct bytes){ w->funds[owner].address, w->funds[owner].address_bytes }, input.id);
    return input;
}

/* A transaction in few words. */
struct plan {
    struct tx_input inputs[4];
    int owners[4]; /* of the inputs */
    size_t input_count;
    int payees[4];
    uint64_t coins[4];
    size_t output_count;
    uint64_t fee, ttl;
};

/* Owner spends one output of his; the payee gets it less the fee. */
static inline struct plan plan_pay(struct tx_input input, uint64_t coin, int owner, int payee)
{
    return (struct plan){ .inputs = { input },
                          .owners = { owner },
                          .input_count = 1,
                          .payees = { payee },
                          .coins = { coin - WORLD_FEE },
                          .output_count = 1,
                          .fee = WORLD_FEE };
}

/* Builds it; the bytes are in *b, which is cleared first. */
static inline struct bytes world_build(const struct world *w, const struct plan *plan,
                                       struct buffer *b, uint8_t ret_id[HASH_BYTES])
{
    struct tx_build_output outputs[4];
    uint8_t seeds[4][32];
    size_t seed_count = 0;
    struct ou_error err = { { 0 } };

    for (size_t i = 0; i < plan->output_count; i++)
        outputs[i] =
            (struct tx_build_output){ w->funds[plan->payees[i]].address,
                                      w->funds[plan->payees[i]].address_bytes, plan->coins[i] };
    for (size_t i = 0; i < plan->input_count; i++) {
        bool known = false;

        for (size_t before = 0; before < i; before++)
            known = known || plan->owners[before] == plan->owners[i];
        if (!known)
            memcpy(seeds[seed_count++], w->seeds[plan->owners[i]], 32);
    }
    struct tx_build parts = { .inputs = plan->inputs,
                              .input_count = plan->input_count,
                              .outputs = outputs,
                              .output_count = plan->output_count,
                              .fee = plan->fee,
                              .ttl = plan->ttl,
                              .signing_seeds = (const uint8_t(*)[32])seeds,
                              .signing_count = seed_count };
    buffer_clear(b);
    if (tx_build(&parts, b, ret_id, &err))
        fail_msg("%s", err.text);
    return bytes_of(b);
}

/* A block of these transactions, as far as a ledger looks at it; its bytes are in *b. */
static inline struct block world_block(const struct bytes *txs, size_t tx_count, uint64_t slot,
                                       struct buffer *b)
{
    struct block block = { .header = { .slot = slot }, .tx_count = (uint32_t)tx_count };
    struct cbor c;
    uint8_t hash[HASH_BYTES];
    uint32_t body_bytes;
    struct ou_error err = { { 0 } };

    buffer_clear(b);
    if (block_body_write(b, txs, tx_count, hash, &body_bytes, &err))
        fail_msg("%s", err.text);
    c = cbor_open(bytes_of(b));
    for (int i = 0; i < BLOCK_SEGMENTS; i++)
        block.segments[i] = cbor_skip(&c);
    return block;
}

#endif
