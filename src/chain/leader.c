#include "chain/leader.h"

#include <math.h>

void leader_alpha(uint64_t slot, const struct nonce *epoch_nonce, uint8_t ret[HASH_BYTES])
{
    uint8_t slot_bytes[8];

    bytes_put_be64(slot, slot_bytes);
    hash256_pair((struct bytes){ slot_bytes, sizeof(slot_bytes) },
                 (struct bytes){ epoch_nonce->hash, epoch_nonce->neutral ? 0 : HASH_BYTES }, ret);
}

/* f = 1 makes the logarithm infinite, and the chance 1 for whoever has stake. */
uint64_t leader_threshold(double active_slots_coeff, double sigma)
{
    double chance;

    if (!(sigma > 0))
        return 0;
    chance = -expm1(sigma * log1p(-active_slots_coeff));
    return chance < 1 ? (uint64_t)ldexp(chance, 64) : UINT64_MAX;
}

/* One output serves two ends; a letter keeps them apart. */
static void hash_for(char purpose, const uint8_t output[VRF_OUTPUT_BYTES], uint8_t ret[HASH_BYTES])
{
    hash256_pair((struct bytes){ (const uint8_t *)&purpose, 1 },
                 (struct bytes){ output, VRF_OUTPUT_BYTES }, ret);
}

uint64_t leader_value(const uint8_t output[VRF_OUTPUT_BYTES])
{
    uint8_t hash[HASH_BYTES];
    uint64_t value = 0;

    hash_for('L', output, hash);
    for (int i = 0; i < 8; i++)
        value = value << 8 | hash[i];
    return value;
}

bool leader_leads(const uint8_t output[VRF_OUTPUT_BYTES], uint64_t threshold)
{
    return threshold == UINT64_MAX || leader_value(output) < threshold;
}

void leader_nonce_contribution(const uint8_t output[VRF_OUTPUT_BYTES], uint8_t ret[HASH_BYTES])
{
    uint8_t once[HASH_BYTES];

    hash_for('N', output, once);
    hash256((struct bytes){ once, HASH_BYTES }, ret);
}
