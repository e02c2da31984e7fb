#include "genesis/keys.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>

#include "base/file.h"
#include "chain/key_file.h"

void genesis_secret(const uint8_t seed[32], enum genesis_secret kind, uint64_t number,
                    uint8_t ret[32])
{
    uint8_t input[32 + 1 + 8];

    memcpy(input, seed, 32);
    input[32] = (uint8_t)kind;
    for (int i = 0; i < 8; i++)
        input[33 + i] = (uint8_t)(number >> (56 - 8 * i));
    hash256((struct bytes){ input, sizeof input }, ret);
    sodium_memzero(input, sizeof input);
}

/* A folder of keys being filled; the first failure sticks. */
struct key_folder {
    char path[PATH_MAX];
    struct ou_error *err;
    enum ou_status status;
};

static void open_folder(struct key_folder *f, const char *directory, const char *who,
                        uint32_t number, struct ou_error *err)
{
    *f = (struct key_folder){ .err = err };
    /* Room for the names of the keys in it. */
    if (snprintf(f->path, sizeof f->path - 64, "%s/keys/%s%u", directory, who, number + 1) >=
        (int)sizeof f->path - 64)
        f->status = ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    else
        f->status = file_make_directory(f->path, err);
}

/* False when an earlier step failed. */
static bool path_in(const struct key_folder *f, const char *name, char ret[PATH_MAX])
{
    return !f->status && snprintf(ret, PATH_MAX, "%s/%s", f->path, name) < PATH_MAX;
}

static void add_key(struct key_folder *f, const char *name, enum key_file_kind kind,
                    const uint8_t *key)
{
    char path[PATH_MAX];

    if (path_in(f, name, path))
        f->status = key_file_write(path, kind, key, f->err);
}

/* An Ed25519 pair: NAME.skey and NAME.vkey. ret_key is the verification key. */
static void add_pair(struct key_folder *f, const char *name, enum key_file_kind signing,
                     enum key_file_kind verification, const uint8_t seed[32], uint8_t ret_key[32])
{
    char file[40];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];

    crypto_sign_seed_keypair(ret_key, secret, seed);
    sodium_memzero(secret, sizeof secret);
    snprintf(file, sizeof file, "%s.skey", name);
    add_key(f, file, signing, seed);
    snprintf(file, sizeof file, "%s.vkey", name);
    add_key(f, file, verification, ret_key);
}

static void add_vrf(struct key_folder *f, const uint8_t seed[32], uint8_t ret_hash[HASH_BYTES])
{
    struct vrf_key vrf;
    uint8_t file_form[VRF_SEED_BYTES + VRF_KEY_BYTES];

    vrf_key_of_seed(seed, &vrf);
    memcpy(file_form, vrf.seed, VRF_SEED_BYTES);
    memcpy(file_form + VRF_SEED_BYTES, vrf.public_key, VRF_KEY_BYTES);
    add_key(f, "vrf.skey", KEY_vrf_signing, file_form);
    add_key(f, "vrf.vkey", KEY_vrf_verification, vrf.public_key);
    hash256((struct bytes){ vrf.public_key, VRF_KEY_BYTES }, ret_hash);
    sodium_memzero(&vrf, sizeof vrf);
    sodium_memzero(file_form, sizeof file_form);
}

/* The KES key, and the certificate by which an operator's key entrusts forging to it from period 0 on; the next one would be
 * the second. */
static void add_kes(struct key_folder *f, const uint8_t seed[32], const uint8_t operator_seed[32],
                    const uint8_t operator_key[32])
{
    struct kes_key kes;
    struct certificate certificate = { 0 };
    char path[PATH_MAX];

    kes_key_of_seed(seed, &kes);
    memcpy(certificate.kes_key, kes.keys[0], KES_KEY_BYTES);
    certificate_sign(&certificate, operator_seed);
    if (path_in(f, "kes.skey", path))
        f->status = kes_key_file_write(path, &kes, f->err);
    add_key(f, "kes.vkey", KEY_kes_verification, kes.keys[0]);
    if (path_in(f, "opcert.cert", path))
        f->status = certificate_file_write(path, &certificate, operator_key, f->err);
    if (path_in(f, "opcert.counter", path))
        f->status = counter_file_write(path, 1, operator_key, f->err);
    sodium_memzero(&kes, sizeof kes);
}

static void hash_of_key(const uint8_t key[32], uint8_t ret[KEY_HASH_BYTES])
{
    hash224((struct bytes){ key, 32 }, ret);
}

/* An Ed25519 pair of a kind of secret; the verification key. */
static void add_pair_of(struct key_folder *f, const char *name, enum key_file_kind signing,
                        enum key_file_kind verification, const uint8_t seed[32],
                        enum genesis_secret kind, uint64_t number, uint8_t ret_key[32])
{
    uint8_t secret[32];

    genesis_secret(seed, kind, number, secret);
    add_pair(f, name, signing, verification, secret, ret_key);
    sodium_memzero(secret, sizeof secret);
}

/* What forges: VRF and KES keys and the certificate, under an operator's key of its own kind and name. */
struct forger_kinds {
    const char *operator_name;
    enum key_file_kind signing, verification;
    enum genesis_secret operator, vrf, kes;
};

static void add_forger(struct key_folder *f, const struct forger_kinds *kinds,
                       const uint8_t seed[32], uint32_t number,
                       uint8_t ret_key_hash[KEY_HASH_BYTES], uint8_t ret_vrf_hash[HASH_BYTES])
{
    uint8_t operator_seed[32], other_seed[32], operator_key[32];

    genesis_secret(seed, kinds->operator, number, operator_seed);
    add_pair(f, kinds->operator_name, kinds->signing, kinds->verification, operator_seed,
             operator_key);
    hash_of_key(operator_key, ret_key_hash);
    genesis_secret(seed, kinds->vrf, number, other_seed);
    add_vrf(f, other_seed, ret_vrf_hash);
    genesis_secret(seed, kinds->kes, number, other_seed);
    add_kes(f, other_seed, operator_seed, operator_key);
    sodium_memzero(operator_seed, sizeof operator_seed);
    sodium_memzero(other_seed, sizeof other_seed);
}

enum ou_status genesis_write_pool(const char *directory, const uint8_t seed[32], uint32_t number,
                                  struct pool_identity *ret, struct ou_error *err)
{
    static const struct forger_kinds kinds = {
        "cold", KEY_pool_signing, KEY_pool_verification, SECRET_COLD, SECRET_VRF, SECRET_KES,
    };
    struct key_folder folder;
    struct pool_identity got;
    uint8_t key[32];

    open_folder(&folder, directory, "pool", number, err);
    add_forger(&folder, &kinds, seed, number, got.id, got.vrf_key_hash);
    add_pair_of(&folder, "staking-reward", KEY_stake_signing, KEY_stake_verification, seed,
                SECRET_REWARD, number, key);
    hash_of_key(key, got.reward_key_hash);
    if (!folder.status)
        *ret = got;
    return folder.status;
}

enum ou_status genesis_write_delegate(const char *directory, const uint8_t seed[32],
                                      uint32_t number, struct delegate_identity *ret,
                                      struct ou_error *err)
{
    static const struct forger_kinds kinds = {
        "key",           KEY_delegate_signing, KEY_delegate_verification,
        SECRET_DELEGATE, SECRET_DELEGATE_VRF,  SECRET_DELEGATE_KES,
    };
    struct key_folder genesis, delegate;
    struct delegate_identity got;
    uint8_t key[32];

    open_folder(&genesis, directory, "genesis", number, err);
    add_pair_of(&genesis, "key", KEY_genesis_signing, KEY_genesis_verification, seed,
                SECRET_GENESIS, number, key);
    hash_of_key(key, got.genesis_key_hash);
    if (genesis.status)
        return genesis.status;
    open_folder(&delegate, directory, "delegate", number, err);
    add_forger(&delegate, &kinds, seed, number, got.delegate_key_hash, got.vrf_key_hash);
    if (!delegate.status)
        *ret = got;
    return delegate.status;
}

enum ou_status genesis_write_delegator(const char *directory, const uint8_t seed[32],
                                       uint32_t number, uint8_t ret_payment[32],
                                       uint8_t ret_stake[32], struct ou_error *err)
{
    struct key_folder folder;

    open_folder(&folder, directory, "delegator", number, err);
    add_pair_of(&folder, "payment", KEY_payment_signing, KEY_payment_verification, seed,
                SECRET_PAYMENT, number, ret_payment);
    add_pair_of(&folder, "staking", KEY_stake_signing, KEY_stake_verification, seed, SECRET_STAKE,
                number, ret_stake);
    return folder.status;
}

enum ou_status genesis_write_drep(const char *directory, const uint8_t seed[32], uint32_t number,
                                  uint8_t ret[KEY_HASH_BYTES], struct ou_error *err)
{
    struct key_folder folder;
    uint8_t key[32];

    open_folder(&folder, directory, "drep", number, err);
    add_pair_of(&folder, "drep", KEY_drep_signing, KEY_drep_verification, seed, SECRET_DREP, number,
                key);
    hash_of_key(key, ret);
    return folder.status;
}

enum ou_status genesis_write_utxo_key(const char *directory, const uint8_t seed[32],
                                      uint32_t number, uint8_t ret_key[32], struct ou_error *err)
{
    struct key_folder folder;

    open_folder(&folder, directory, "utxo", number, err);
    add_pair_of(&folder, "utxo", KEY_genesis_utxo_signing, KEY_genesis_utxo_verification, seed,
                SECRET_UTXO, number, ret_key);
    return folder.status;
}
