/* Key-evolving signatures: Sum6KES over Ed25519 and BLAKE2b-256, 64 periods. Keys of past periods
 * are not erased: these keys guard a test network. Pure; any thread. */
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

/* --- Keys as other tools keep them ----------------------------------------------------- */

/* The seed of the current leaf, then for each level from the leaves up: the seed of the right half (zeros
 * once that half is in use) and the keys of both halves. */
#define KES_PACKED_BYTES (KES_SEED_BYTES + KES_DEPTH * (KES_SEED_BYTES + 2 * KES_KEY_BYTES))

/* As it is in period 0, with all that is needed for the later ones. */
void kes_key_pack(const struct kes_key *key, uint8_t ret[KES_PACKED_BYTES]);

/* The period that a packed key is at, from 0; -1 when its seeds and keys do not fit together. At period 0
 * the tree is rebuilt in *ret; the seeds of its leftmost path above the leaf are not known and stay
 * zero. A key of a later period is not read: it cannot sign for the earlier ones. */
int kes_key_unpack(const uint8_t packed[KES_PACKED_BYTES], struct kes_key *ret);

#endif
