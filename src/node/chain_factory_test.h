/* A network for tests: pools with keys made of seeds, funds that are delegated to them, and
 * blocks forged at will. With f = 1 every pool leads every slot. */
#ifndef OU_NODE_CHAIN_FACTORY_TEST_H
#define OU_NODE_CHAIN_FACTORY_TEST_H

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/chain_db.h"
#include "support/test.h"

enum {
    FACTORY_POOLS = 4,
    FACTORY_FUNDS = 8,
    FACTORY_BLOCKS_MAX = 512,
    FACTORY_K = 5,
    FACTORY_EPOCH_SLOTS = 50,
};

#define FACTORY_COIN UINT64_C(1000000000)
#define FACTORY_FEE 200000

struct factory_pool {
    uint8_t cold_seed[32], cold_key[32];
    struct vrf_key vrf;
    struct kes_key kes;
    struct certificate certificate;
};

/* A block with the facts that a check of its header must find. */
struct forged {
    struct buffer wrapped, header;
    struct header_facts facts;
};

struct factory {
    struct genesis_ledger genesis;
    struct factory_pool pools[FACTORY_POOLS]; /* in the order of the genesis */
    struct genesis_pool genesis_pools[FACTORY_POOLS];
    struct genesis_fund funds[FACTORY_FUNDS];
    struct genesis_delegation delegations[FACTORY_POOLS];
    struct nonce_rules rules;
    struct nonce_state first;
    struct forged *blocks[FACTORY_BLOCKS_MAX]; /* owned */
    size_t block_count;
};

static inline void factory_seed(uint8_t what, uint8_t number, uint8_t ret[32])
{
    memset(ret, what, 32);
    ret[0] = number;
}

static inline void factory_key(uint8_t what, uint8_t number, uint8_t ret_key[32])
{
    uint8_t seed[32], secret[64];

    factory_seed(what, number, seed);
    crypto_sign_seed_keypair(ret_key, secret, seed);
}

static inline void factory_pool_make(struct factory_pool *p, uint8_t number)
{
    uint8_t seed[32];

    factory_seed('C', number, p->cold_seed);
    factory_key('C', number, p->cold_key);
    factory_seed('V', number, seed);
    vrf_key_of_seed(seed, &p->vrf);
    factory_seed('K', number, seed);
    kes_key_of_seed(seed, &p->kes);
    memcpy(p->certificate.kes_key, p->kes.keys[0], KES_KEY_BYTES);
    certificate_sign(&p->certificate, p->cold_seed);
}

static inline int factory_by_pool_id(const void *a, const void *b)
{
    uint8_t id_a[KEY_HASH_BYTES], id_b[KEY_HASH_BYTES];

    hash224((struct bytes){ ((const struct factory_pool *)a)->cold_key, 32 }, id_a);
    hash224((struct bytes){ ((const struct factory_pool *)b)->cold_key, 32 }, id_b);
    return memcmp(id_a, id_b, KEY_HASH_BYTES);
}

static inline int factory_by_stake_key(const void *a, const void *b)
{
    return memcmp(((const struct genesis_delegation *)a)->stake_key,
                  ((const struct genesis_delegation *)b)->stake_key, KEY_HASH_BYTES);
}

static inline void factory_pools_make(struct factory *f)
{
    for (uint8_t i = 0; i < FACTORY_POOLS; i++)
        factory_pool_make(&f->pools[i], i);
    qsort(f->pools, FACTORY_POOLS, sizeof(*f->pools), factory_by_pool_id);
    for (size_t i = 0; i < FACTORY_POOLS; i++) {
        struct genesis_pool *g = &f->genesis_pools[i];

        hash224((struct bytes){ f->pools[i].cold_key, 32 }, g->id);
        hash256((struct bytes){ f->pools[i].vrf.public_key, VRF_KEY_BYTES }, g->vrf_key_hash);
    }
}

/* Fund i has the payment key of seed 'P' i and the stake key of seed 'S' (i modulo pools). */
static inline void factory_funds_make(struct factory *f)
{
    uint8_t payment[32], stake[32];

    for (uint8_t i = 0; i < FACTORY_POOLS; i++) {
        factory_key('S', i, stake);
        hash224((struct bytes){ stake, 32 }, f->delegations[i].stake_key);
        f->delegations[i].pool = i;
    }
    for (uint8_t i = 0; i < FACTORY_FUNDS; i++) {
        struct genesis_fund *fund = &f->funds[i];

        factory_key('P', i, payment);
        factory_key('S', i % FACTORY_POOLS, stake);
        fund->address_bytes = (uint8_t)address_base(0, payment, stake, fund->address);
        fund->coin = FACTORY_COIN;
        f->genesis_pools[i % FACTORY_POOLS].stake += fund->coin;
        f->genesis.total_stake += fund->coin;
    }
    qsort(f->delegations, FACTORY_POOLS, sizeof(*f->delegations), factory_by_stake_key);
}

static inline void factory_genesis_make(struct factory *f, int64_t start_ns, int64_t slot_ns)
{
    struct genesis_ledger *g = &f->genesis;

    g->shelley = (struct genesis){
        .active_slots_coeff = 1,
        .security_param = FACTORY_K,
        .epoch_slots = FACTORY_EPOCH_SLOTS,
        .system_start_ns = start_ns,
        .slot_ns = slot_ns,
        .network_magic = 42,
        .max_tx_bytes = 16384,
        .max_block_body_bytes = 90112,
        .slots_per_kes_period = 100,
        .max_kes_evolutions = 62,
        .clock = { .count = 1,
                   .stretches = { { .start_ns = start_ns,
                                    .slot_ns = slot_ns,
                                    .epoch_slots = FACTORY_EPOCH_SLOTS } } },
    };
    memset(g->hash, 'G', HASH_BYTES);
    g->fees = (struct tx_fee_rules){ .per_byte = 44,
                                     .constant = 155381,
                                     .coins_per_utxo_byte = 4310,
                                     .price_memory = 0.0577,
                                     .price_steps = 0.0000721 };
    g->max_header_bytes = 1100;
    g->major = 10;
    g->max_tx_steps = g->max_block_steps = UINT64_C(20000000000);
    g->max_tx_memory = g->max_block_memory = 62000000;
    g->max_lovelace = UINT64_C(45000000000000000);
    g->pools = f->genesis_pools;
    g->pool_count = FACTORY_POOLS;
    g->funds = f->funds;
    g->fund_count = FACTORY_FUNDS;
    g->delegations = f->delegations;
    g->delegation_count = FACTORY_POOLS;
}

/* Keys take some 10 ms: make one for a whole program. */
static inline struct factory *factory_new(int64_t start_ns, int64_t slot_ns)
{
    struct factory *f = calloc(1, sizeof *f);
    struct ou_error err = { "" };

    assert_non_null(f);
    assert_int_equal(chain_crypto_start(&err), OU_OK);
    factory_pools_make(f);
    factory_funds_make(f);
    factory_genesis_make(f, start_ns, slot_ns);
    f->rules = (struct nonce_rules){ .epoch_slots = FACTORY_EPOCH_SLOTS,
                                     .stabilisation_slots = 4 * FACTORY_K };
    nonce_start(f->genesis.hash, &f->first);
    return f;
}

static inline void factory_free(struct factory *f)
{
    for (size_t i = 0; i < f->block_count; i++) {
        buffer_release(&f->blocks[i]->wrapped);
        buffer_release(&f->blocks[i]->header);
        free(f->blocks[i]);
    }
    free(f);
}

static inline struct forged *factory_place(struct factory *f)
{
    struct forged *b = calloc(1, sizeof *b);

    assert_non_null(b);
    assert_true(f->block_count < FACTORY_BLOCKS_MAX);
    f->blocks[f->block_count++] = b;
    buffer_init(&b->wrapped, allocator_libc(), BLOCK_MAX_BYTES);
    buffer_init(&b->header, allocator_libc(), HEADER_MAX_BYTES);
    return b;
}

static inline void factory_facts(const struct header *h, const struct nonce_state *before,
                                 const struct factory *f, struct header_facts *ret)
{
    *ret = (struct header_facts){ .has_previous = h->has_previous,
                                  .header_bytes = (uint32_t)h->bytes.count,
                                  .body_bytes = h->body_bytes };
    memcpy(ret->hash, h->hash, HASH_BYTES);
    memcpy(ret->previous, h->previous, HASH_BYTES);
    selection_view_of(h, &ret->view);
    nonce_after(before, &f->rules, h->slot, h->vrf_output, h->has_previous ? h->previous : NULL,
                &ret->nonce);
}

/* Forges with the transactions given; *h may come with a certificate of its own. */
static inline struct forged *factory_forge_as(struct factory *f, const struct forged *parent,
                                              uint64_t slot, size_t pool, const struct bytes *txs,
                                              size_t tx_count, struct header *h)
{
    struct factory_pool *p = &f->pools[pool];
    struct forged *b = factory_place(f);
    struct buffer segments;
    struct nonce_state before;
    struct ou_error err = { "" };
    uint8_t alpha[HASH_BYTES];
    const char *why = "";

    nonce_at(parent ? &parent->facts.nonce : &f->first, &f->rules, slot, &before);
    leader_alpha(slot, &before.epoch_nonce, alpha);
    vrf_prove(&p->vrf, (struct bytes){ alpha, sizeof alpha }, h->vrf_proof, h->vrf_output);
    h->number = parent ? parent->facts.view.number + 1 : 0;
    h->slot = slot;
    h->has_previous = parent != NULL;
    if (parent)
        memcpy(h->previous, parent->facts.hash, HASH_BYTES);
    memcpy(h->issuer, p->cold_key, 32);
    memcpy(h->vrf_key, p->vrf.public_key, VRF_KEY_BYTES);
    h->major = 10;
    buffer_init(&segments, allocator_libc(), BLOCK_MAX_BYTES);
    assert_int_equal(block_body_write(&segments, txs, tx_count, h->body_hash, &h->body_bytes, &err),
                     OU_OK);
    header_write(&b->header, h, &p->kes, (uint32_t)(slot / 100));
    block_write(&b->wrapped, bytes_of(&b->header), bytes_of(&segments));
    buffer_release(&segments);
    assert_int_equal(header_read(bytes_of(&b->header), h, &why), WIRE_OK);
    factory_facts(h, &before, f, &b->facts);
    return b;
}

static inline struct forged *factory_forge_with(struct factory *f, const struct forged *parent,
                                                uint64_t slot, size_t pool, const struct bytes *txs,
                                                size_t tx_count)
{
    struct header h = { .certificate = f->pools[pool].certificate };

    return factory_forge_as(f, parent, slot, pool, txs, tx_count, &h);
}

/* An empty block. */
static inline struct forged *factory_forge(struct factory *f, const struct forged *parent,
                                           uint64_t slot, size_t pool)
{
    return factory_forge_with(f, parent, slot, pool, NULL, 0);
}

/* A chain of so many empty blocks, one in each slot from `slot` on; its last one. */
static inline struct forged *factory_chain(struct factory *f, const struct forged *parent,
                                           uint64_t slot, size_t pool, size_t count,
                                           struct forged **ret)
{
    struct forged *at = (struct forged *)parent;

    for (size_t i = 0; i < count; i++) {
        at = factory_forge(f, at, slot + i, pool);
        if (ret)
            ret[i] = at;
    }
    return at;
}

/* A transaction that spends a fund, signed by the key of `signer`: another than the fund's makes
 * it invalid. ttl 0: none. */
static inline void factory_tx(const struct factory *f, uint8_t fund, uint8_t signer, uint64_t ttl,
                              struct buffer *ret, uint8_t ret_id[HASH_BYTES])
{
    const struct genesis_fund *from = &f->funds[fund];
    uint8_t seed[1][32], key[32], address[ADDRESS_MAX_BYTES];
    struct tx_input input = { .index = 0 };
    struct tx_build_output output = { .address = address, .coin = from->coin - FACTORY_FEE };
    struct ou_error err = { "" };

    factory_seed('P', signer, seed[0]);
    factory_key('P', fund, key);
    output.address_bytes = address_enterprise(0, key, address);
    hash256((struct bytes){ from->address, from->address_bytes }, input.id);
    if (tx_build(&(struct tx_build){ .inputs = &input,
                                     .input_count = 1,
                                     .outputs = &output,
                                     .output_count = 1,
                                     .fee = FACTORY_FEE,
                                     .ttl = ttl,
                                     .signing_seeds = (const uint8_t(*)[32])seed,
                                     .signing_count = 1 },
                 ret, ret_id, &err) != OU_OK)
        fail_msg("%s", err.text);
}

/* A block with one transaction, which is invalid when signer is not fund. */
static inline struct forged *factory_spend(struct factory *f, const struct forged *parent,
                                           uint64_t slot, size_t pool, uint8_t fund, uint8_t signer)
{
    struct buffer tx;
    uint8_t id[HASH_BYTES];
    struct forged *b;

    buffer_init(&tx, allocator_libc(), 16384);
    factory_tx(f, fund, signer, 0, &tx, id);
    b = factory_forge_with(f, parent, slot, pool, &(struct bytes){ (uint8_t *)tx.at, tx.len }, 1);
    buffer_release(&tx);
    return b;
}

/* --- Giving them to a database ---------------------------------------------------------------- */

static inline struct chain_db *factory_open(const struct factory *f, const char *directory,
                                            uint64_t snapshot_interval)
{
    struct chain_db *db = NULL;
    struct ou_error err = { "" };

    if (chain_db_open(&(struct chain_db_options){ .directory = directory,
                                                  .genesis = &f->genesis,
                                                  .snapshot_interval_slots = snapshot_interval },
                      &db, &err) != OU_OK)
        fail_msg("%s", err.text);
    return db;
}

struct factory_outcome {
    int fate; /* -1: not told yet */
    char why[256];
};

static inline void factory_done(void *context, const uint8_t hash[HASH_BYTES], enum block_fate fate,
                                const struct ou_error *err)
{
    struct factory_outcome *outcome = context;

    (void)hash;
    outcome->fate = (int)fate;
    snprintf(outcome->why, sizeof outcome->why, "%.200s", err ? err->text : "");
}

static inline void factory_work(struct chain_db *db)
{
    while (chain_db_work(db))
        ;
}

/* Offers and works until nothing is left to do. */
static inline struct factory_outcome factory_offer(struct chain_db *db, const struct forged *b)
{
    struct factory_outcome outcome = { .fate = -1 };

    assert_true(chain_db_offer(db, bytes_of(&b->wrapped), &b->facts, factory_done, &outcome));
    factory_work(db);
    return outcome;
}

static inline enum block_fate factory_give(struct chain_db *db, const struct forged *b)
{
    return (enum block_fate)factory_offer(db, b).fate;
}

#endif
