#include "chain/kes.h"

#include <assert.h>
#include <sodium.h>

#include "chain/hash.h"

#define LEAF_BYTES 64                                     /* an Ed25519 signature */
#define PAIR_BYTES (2 * (size_t)KES_KEY_BYTES)            /* the keys of both halves of a tree */
#define FIRST_LEAF ((size_t)KES_PERIODS - 1)              /* its node; a leaf per period follows */
#define LEVEL_BYTES ((size_t)KES_SEED_BYTES + PAIR_BYTES) /* of a packed key */

static size_t left_of(size_t node)
{
    return 2 * node + 1;
}

static size_t right_of(size_t node)
{
    return 2 * node + 2;
}

static size_t parent_of(size_t node)
{
    return (node - 1) / 2;
}

static void leaf_key(const uint8_t seed[KES_SEED_BYTES], uint8_t ret[KES_KEY_BYTES])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];

    crypto_sign_seed_keypair(ret, secret, seed);
    sodium_memzero(secret, sizeof(secret));
}

/* The key of a tree is the hash of the keys of its halves. */
static void join_keys(const uint8_t pair[PAIR_BYTES], uint8_t ret[KES_KEY_BYTES])
{
    hash256((struct bytes){ pair, PAIR_BYTES }, ret);
}

static void seed_of_half(const uint8_t seed[KES_SEED_BYTES], uint8_t half,
                         uint8_t ret[KES_SEED_BYTES])
{
    hash256_pair((struct bytes){ &half, 1 }, (struct bytes){ seed, KES_SEED_BYTES }, ret);
}

/* Siblings stand beside each other, so the pair of a node's keys begins at its left child's. */
static void set_key_of_halves(struct kes_key *key, size_t node)
{
    join_keys(key->keys[left_of(node)], key->keys[node]);
}

/* The tree below a node, so many levels above the leaves, whose seed is set. */
static void grow(struct kes_key *key, size_t node, unsigned level)
{
    if (level == 0) {
        leaf_key(key->seeds[node], key->keys[node]);
        return;
    }
    seed_of_half(key->seeds[node], 1, key->seeds[left_of(node)]);
    seed_of_half(key->seeds[node], 2, key->seeds[right_of(node)]);
    grow(key, left_of(node), level - 1);
    grow(key, right_of(node), level - 1);
    set_key_of_halves(key, node);
}

void kes_key_of_seed(const uint8_t seed[KES_SEED_BYTES], struct kes_key *ret)
{
    memcpy(ret->seeds[0], seed, KES_SEED_BYTES);
    grow(ret, 0, KES_DEPTH);
}

void kes_sign(const struct kes_key *key, uint32_t period, struct bytes message,
              uint8_t ret[KES_SIGNATURE_BYTES])
{
    size_t leaf = FIRST_LEAF + period;
    uint8_t secret[crypto_sign_SECRETKEYBYTES]; /* libsodium's form: seed and public key */
    uint8_t *at = ret + LEAF_BYTES;

    assert(period < KES_PERIODS);
    memcpy(secret, key->seeds[leaf], KES_SEED_BYTES);
    memcpy(secret + KES_SEED_BYTES, key->keys[leaf], KES_KEY_BYTES);
    crypto_sign_detached(ret, NULL, message.at, message.count, secret);
    sodium_memzero(secret, sizeof(secret));
    for (size_t node = leaf; node > 0; node = parent_of(node), at += PAIR_BYTES)
        memcpy(at, key->keys[left_of(parent_of(node))], PAIR_BYTES);
}

bool kes_verify(const uint8_t public_key[KES_KEY_BYTES], uint32_t period, struct bytes message,
                const uint8_t signature[KES_SIGNATURE_BYTES])
{
    const uint8_t *key = public_key;

    if (period >= KES_PERIODS)
        return false;
    for (uint32_t level = KES_DEPTH; level-- > 0;) {
        const uint8_t *pair = signature + LEAF_BYTES + level * PAIR_BYTES;
        uint8_t joined[KES_KEY_BYTES];

        join_keys(pair, joined);
        if (memcmp(joined, key, KES_KEY_BYTES) != 0)
            return false;
        key = pair + (period >> level & 1) * KES_KEY_BYTES;
    }
    return crypto_sign_verify_detached(signature, message.at, message.count, key) == 0;
}

/* ---- packed keys ---- */

void kes_key_pack(const struct kes_key *key, uint8_t ret[KES_PACKED_BYTES])
{
    uint8_t *at = ret + KES_SEED_BYTES;

    memcpy(ret, key->seeds[FIRST_LEAF], KES_SEED_BYTES);
    for (size_t node = FIRST_LEAF; node > 0; node = parent_of(node), at += LEVEL_BYTES) {
        memcpy(at, key->seeds[right_of(parent_of(node))], KES_SEED_BYTES);
        memcpy(at + KES_SEED_BYTES, key->keys[node], PAIR_BYTES);
    }
}

/* From the leaf up: at each level the key so far is one of the pair, which tells a bit of the period. */
static int packed_period(const uint8_t packed[KES_PACKED_BYTES])
{
    uint8_t key[KES_KEY_BYTES];
    int period = 0;

    leaf_key(packed, key);
    for (int level = 0; level < KES_DEPTH; level++) {
        const uint8_t *pair =
            packed + KES_SEED_BYTES + (size_t)level * LEVEL_BYTES + KES_SEED_BYTES;

        if (memcmp(key, pair + KES_KEY_BYTES, KES_KEY_BYTES) == 0)
            period |= 1 << level;
        else if (memcmp(key, pair, KES_KEY_BYTES) != 0)
            return -1;
        join_keys(pair, key);
    }
    return period;
}

int kes_key_unpack(const uint8_t packed[KES_PACKED_BYTES], struct kes_key *ret)
{
    struct kes_key got = { 0 };
    const uint8_t *at = packed + KES_SEED_BYTES;
    size_t node = FIRST_LEAF;
    int period = packed_period(packed);

    if (period != 0)
        return period;
    memcpy(got.seeds[node], packed, KES_SEED_BYTES);
    grow(&got, node, 0);
    for (unsigned level = 0; level < KES_DEPTH; level++, at += LEVEL_BYTES) {
        size_t parent = parent_of(node), right = right_of(parent);

        memcpy(got.seeds[right], at, KES_SEED_BYTES);
        grow(&got, right, level);
        if (memcmp(got.keys[right], at + KES_SEED_BYTES + KES_KEY_BYTES, KES_KEY_BYTES) != 0)
            return -1;
        set_key_of_halves(&got, parent);
        node = parent;
    }
    *ret = got;
    return 0;
}
