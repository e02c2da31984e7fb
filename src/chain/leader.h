/* Who leads a slot. A pool with the share sigma of the active stake leads a slot with the
 * probability 1 - (1 - f)^sigma, decided by its VRF. */
#ifndef OU_CHAIN_LEADER_H
#define OU_CHAIN_LEADER_H

#include "chain/hash.h"
#include "chain/vrf.h"

/* A nonce, or the neutral one, which adds nothing. */
struct nonce {
    bool neutral;
    uint8_t hash[HASH_BYTES];
};

/* What the VRF is asked: b256(be64(slot) || nonce). */
void leader_alpha(uint64_t slot, const struct nonce *epoch_nonce, uint8_t ret[HASH_BYTES]);

/* The threshold for the top 64 bits of the leader value: floor(2^64 * (1 - (1 - f)^sigma)).
 * UINT64_MAX also stands for "always". Forging and checking share it: it may differ from the
 * reference's 34-digit arithmetic about once in 2^50 slots. */
uint64_t leader_threshold(double active_slots_coeff, double sigma);

/* Top 64 bits of b256("L" || output). A leader's value is below its threshold. */
uint64_t leader_value(const uint8_t output[VRF_OUTPUT_BYTES]);
bool leader_leads(const uint8_t output[VRF_OUTPUT_BYTES], uint64_t threshold);

/* b256(b256("N" || output)): what a block adds to the nonce. */
void leader_nonce_contribution(const uint8_t output[VRF_OUTPUT_BYTES], uint8_t ret[HASH_BYTES]);

#endif
