/* The verifiable random function of Praos: ECVRF-ED25519-SHA512-Elligator2 of draft 03, made with
 * the group operations that libsodium has. Pure; any thread. */
#ifndef OU_CHAIN_VRF_H
#define OU_CHAIN_VRF_H

#include "base/bytes.h"

#define VRF_SEED_BYTES 32
#define VRF_KEY_BYTES 32
#define VRF_PROOF_BYTES 80
#define VRF_OUTPUT_BYTES 64

struct vrf_key {
    uint8_t seed[VRF_SEED_BYTES];
    uint8_t public_key[VRF_KEY_BYTES];
};

void vrf_key_of_seed(const uint8_t seed[VRF_SEED_BYTES], struct vrf_key *ret);

/* About 0.3 ms. The output follows from the proof alone. */
void vrf_prove(const struct vrf_key *key, struct bytes alpha, uint8_t ret_proof[VRF_PROOF_BYTES],
               uint8_t ret_output[VRF_OUTPUT_BYTES]);

/* False for a proof that is not this key's for alpha, for encodings that are not canonical,
 * and for points of small order. */
bool vrf_verify(const uint8_t public_key[VRF_KEY_BYTES], struct bytes alpha,
                const uint8_t proof[VRF_PROOF_BYTES], uint8_t ret_output[VRF_OUTPUT_BYTES]);

#endif
