/* initialFunds and staking: of millions of entries, hence written as a stream. */

#include "chain/address.h"
#include "genesis/halves.h"

#define NETWORK 0 /* of addresses: a test network */

static void append_fund(struct genesis_stream *s, const uint8_t *address, size_t bytes,
                        uint64_t coin)
{
    genesis_stream_entry(s, "", address, bytes);
    genesis_stream_number(s, coin);
}

/* ---- genDelegs ---- */

static void append_delegates(struct genesis_stream *s, const struct genesis_making *m)
{
    for (uint32_t i = 0; i < m->set->delegates; i++) {
        const struct delegate_identity *d = &m->delegates[i];

        genesis_stream_entry(s, "", d->genesis_key_hash, sizeof d->genesis_key_hash);
        genesis_stream_text(s, "{ \"delegate\": \"");
        genesis_stream_hex(s, d->delegate_key_hash, sizeof d->delegate_key_hash);
        genesis_stream_text(s, "\", \"vrf\": \"");
        genesis_stream_hex(s, d->vrf_key_hash, sizeof d->vrf_key_hash);
        genesis_stream_text(s, "\" }");
    }
}

/* ---- initialFunds ---- */

static void append_utxo_keys(struct genesis_stream *s, const struct genesis_making *m)
{
    for (uint32_t i = 0; i < m->set->utxo_keys && !s->status; i++) {
        uint8_t key[32], address[ADDRESS_MAX_BYTES];

        s->status = genesis_write_utxo_key(m->directory, m->seed, i, key, s->err);
        if (!s->status)
            append_fund(s, address, address_enterprise(NETWORK, key, address),
                        m->set->utxo_key_coin);
    }
}

/* The first ones, one per pool. */
static bool has_keys(const struct genesis_making *m, uint64_t delegator)
{
    return delegator < m->set->pools;
}

static void made_up_hash(const struct genesis_making *m, enum genesis_secret kind, uint64_t number,
                         uint8_t ret[KEY_HASH_BYTES])
{
    uint8_t secret[32];

    genesis_secret(m->seed, kind, number, secret);
    memcpy(ret, secret, KEY_HASH_BYTES);
}

void genesis_stake_hash(const struct genesis_making *m, uint64_t delegator,
                        uint8_t ret[KEY_HASH_BYTES])
{
    if (has_keys(m, delegator))
        memcpy(ret, m->stakes[delegator], KEY_HASH_BYTES);
    else
        made_up_hash(m, SECRET_STAKE, delegator, ret);
}

/* A base address: a zero (key and key, test network) and two hashes. */
static void made_up_address(const struct genesis_making *m, uint64_t delegator,
                            uint8_t ret[ADDRESS_MAX_BYTES])
{
    ret[0] = NETWORK;
    made_up_hash(m, SECRET_PAYMENT, delegator, ret + 1);
    made_up_hash(m, SECRET_STAKE, delegator, ret + 1 + KEY_HASH_BYTES);
}

static enum ou_status address_with_keys(struct genesis_making *m, uint32_t delegator,
                                        uint8_t ret[ADDRESS_MAX_BYTES], struct ou_error *err)
{
    uint8_t payment[32], stake[32];
    enum ou_status status =
        genesis_write_delegator(m->directory, m->seed, delegator, payment, stake, err);

    if (status)
        return status;
    address_base(NETWORK, payment, stake, ret);
    memcpy(m->stakes[delegator], ret + 1 + KEY_HASH_BYTES, KEY_HASH_BYTES);
    return OU_OK;
}

static void append_delegated_funds(struct genesis_stream *s, struct genesis_making *m)
{
    for (uint64_t i = 0; i < m->set->delegators && !s->status; i++) {
        uint8_t address[ADDRESS_MAX_BYTES];

        if (has_keys(m, i))
            s->status = address_with_keys(m, (uint32_t)i, address, s->err);
        else
            made_up_address(m, i, address);
        if (!s->status)
            append_fund(s, address, sizeof address, m->set->delegator_coin);
    }
}

/* Enterprise addresses of keys that nobody has. */
static void append_stuffed_funds(struct genesis_stream *s, const struct genesis_making *m)
{
    uint8_t address[1 + KEY_HASH_BYTES] = { 0x60 | NETWORK };

    for (uint64_t i = 0; i < m->set->stuffed && !s->status; i++) {
        made_up_hash(m, SECRET_STUFFED, i, address + 1);
        append_fund(s, address, sizeof address, m->set->stuffed_coin);
    }
}

/* ---- staking ---- */

static void append_pool(struct genesis_stream *s, const struct pool_identity *pool)
{
    genesis_stream_entry(s, "", pool->id, sizeof pool->id);
    genesis_stream_text(s, "{ \"cost\": 0, \"margin\": 0, \"metadata\": null, \"owners\": [], "
                           "\"pledge\": 0, \"publicKey\": \"");
    genesis_stream_hex(s, pool->id, sizeof pool->id);
    genesis_stream_text(s, "\", \"relays\": [], \"rewardAccount\": { \"credential\": { "
                           "\"keyHash\": \"");
    genesis_stream_hex(s, pool->reward_key_hash, sizeof pool->reward_key_hash);
    genesis_stream_text(s, "\" }, \"network\": \"Testnet\" }, \"vrf\": \"");
    genesis_stream_hex(s, pool->vrf_key_hash, sizeof pool->vrf_key_hash);
    genesis_stream_text(s, "\" }");
}

/* In turn: delegator i delegates to pool i mod n. Without pools there are no delegators. */
static void append_delegations(struct genesis_stream *s, const struct genesis_making *m)
{
    if (m->set->pools == 0)
        return;
    for (uint64_t i = 0; i < m->set->delegators && !s->status; i++) {
        const struct pool_identity *pool = &m->pools[i % m->set->pools];
        uint8_t hash[KEY_HASH_BYTES];

        genesis_stake_hash(m, i, hash);
        genesis_stream_entry(s, "", hash, sizeof hash);
        genesis_stream_text(s, "\"");
        genesis_stream_hex(s, pool->id, sizeof pool->id);
        genesis_stream_text(s, "\"");
    }
}

/* ---- all of it ---- */

void genesis_shelley_half(struct genesis_stream *s, struct genesis_making *m)
{
    genesis_stream_text(s, "{\n  \"maxLovelaceSupply\": ");
    genesis_stream_number(s, m->set->supply);
    genesis_stream_begin(s, ",\n  \"genDelegs\": {", "    ");
    append_delegates(s, m);
    genesis_stream_begin(
        s, m->set->delegates ? "\n  },\n  \"initialFunds\": {" : "},\n  \"initialFunds\": {",
        "    ");
    append_utxo_keys(s, m);
    append_delegated_funds(s, m);
    append_stuffed_funds(s, m);
    genesis_stream_begin(s, "\n  },\n  \"staking\": {\n    \"pools\": {", "      ");
    for (uint32_t i = 0; i < m->set->pools; i++)
        append_pool(s, &m->pools[i]);
    genesis_stream_begin(s, "\n    },\n    \"stake\": {", "      ");
    append_delegations(s, m);
    genesis_stream_text(s, "\n    }\n  }");
}
