/* Key-evolving signatures: Sum6KES over Ed25519 and BLAKE2b-256, 64 periods. Keys of past periods
 * are not erased: these keys guard a test network. */
#ifndef OU_CHAIN_KES_H
#define OU_CHAIN_KES_H

#include "base/bytes.h"

#define KES_DEPTH 6
#define KES_PERIODS 64
#define KES_SEED_BYTES 32
#define KES_KEY_BYTES 32
#define KES_SIGNATURE_BYTES (64 + 64 * KES_DEPTH)

/* The tree of seeds and keys, computed once: 127 key generations, some milliseconds. */
struct kes_key {
    uint8_t seeds[2 * KES_PERIODS - 1][KES_SEED_BYTES]; /* node i has children 2i+1 and 2i+2 */
    uint8_t keys[2 * KES_PERIODS - 1][KES_KEY_BYTES];   /* keys[0] is the verification key */
};

void kes_key_of_seed(const uint8_t seed[KES_SEED_BYTES], struct kes_key *ret);

/* period < KES_PERIODS. One Ed25519 signature. */
void kes_sign(const struct kes_key *key, uint32_t period, struct bytes message,
              uint8_t ret[KES_SIGNATURE_BYTES]);
bool kes_verify(const uint8_t public_key[KES_KEY_BYTES], uint32_t period, struct bytes message,
                const uint8_t signature[KES_SIGNATURE_BYTES]);

#endif
