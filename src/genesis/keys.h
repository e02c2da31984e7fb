/* The keys of a genesis: all follow from one seed of 32 bytes, which is random unless somebody gives it. */
#ifndef OU_GENESIS_KEYS_H
#define OU_GENESIS_KEYS_H

#include "chain/hash.h"

/* What a secret is for. Numbers stay, so that a seed gives the same keys in each version. */
enum genesis_secret {
    SECRET_COLD,
    SECRET_KES,
    SECRET_VRF,
    SECRET_REWARD,
    SECRET_UTXO,
    SECRET_PAYMENT,
    SECRET_STAKE,
    SECRET_STUFFED,
    SECRET_DREP,
    SECRET_GENESIS,
    SECRET_DELEGATE,
    SECRET_DELEGATE_KES,
    SECRET_DELEGATE_VRF,
};

/* The secret of that kind and number: b256(seed || kind || be64(number)). Pure. */
void genesis_secret(const uint8_t seed[32], enum genesis_secret kind, uint64_t number,
                    uint8_t ret[32]);

/* What the genesis says of a pool. */
struct pool_identity {
    uint8_t id[KEY_HASH_BYTES];
    uint8_t vrf_key_hash[HASH_BYTES];
    uint8_t reward_key_hash[KEY_HASH_BYTES];
};

/* Pool `number`, counted from 0: DIRECTORY/keys/pool<number + 1>/. */
enum ou_status genesis_write_pool(const char *directory, const uint8_t seed[32], uint32_t number,
                                  struct pool_identity *ret, struct ou_error *err);

/* What the genesis says of a genesis key and its delegate: a federated producer. */
struct delegate_identity {
    uint8_t genesis_key_hash[KEY_HASH_BYTES];
    uint8_t delegate_key_hash[KEY_HASH_BYTES];
    uint8_t vrf_key_hash[HASH_BYTES];
};

/* DIRECTORY/keys/genesis<number + 1>/ and DIRECTORY/keys/delegate<number + 1>/. */
enum ou_status genesis_write_delegate(const char *directory, const uint8_t seed[32],
                                      uint32_t number, struct delegate_identity *ret,
                                      struct ou_error *err);

/* The keys of delegator `number`, for DIRECTORY/keys/delegator<number + 1>/; ret_payment and ret_stake are
 * verification keys. */
enum ou_status genesis_write_delegator(const char *directory, const uint8_t seed[32],
                                       uint32_t number, uint8_t ret_payment[32],
                                       uint8_t ret_stake[32], struct ou_error *err);

/* DIRECTORY/keys/drep<number + 1>/; the hash of its verification key. */
enum ou_status genesis_write_drep(const char *directory, const uint8_t seed[32], uint32_t number,
                                  uint8_t ret[KEY_HASH_BYTES], struct ou_error *err);

/* DIRECTORY/keys/utxo<number + 1>/: funds to spend, of the generator (0) and of workloads. The verification key. */
enum ou_status genesis_write_utxo_key(const char *directory, const uint8_t seed[32],
                                      uint32_t number, uint8_t ret_key[32], struct ou_error *err);

#endif
