#include "chain/nonce.h"

/* The hash of both, where the neutral nonce adds nothing. */
static void combine(const uint8_t first[HASH_BYTES], const struct nonce *second,
                    uint8_t ret[HASH_BYTES])
{
    uint8_t got[HASH_BYTES];

    if (second->neutral)
        memcpy(got, first, HASH_BYTES);
    else
        hash256_pair((struct bytes){ first, HASH_BYTES },
                     (struct bytes){ second->hash, HASH_BYTES }, got);
    memcpy(ret, got, HASH_BYTES);
}

void nonce_start(const uint8_t genesis_hash[HASH_BYTES], struct nonce_state *ret)
{
    *ret = (struct nonce_state){ .lab.neutral = true, .last_epoch_block.neutral = true };
    memcpy(ret->epoch_nonce.hash, genesis_hash, HASH_BYTES);
    memcpy(ret->evolving, genesis_hash, HASH_BYTES);
    memcpy(ret->candidate, genesis_hash, HASH_BYTES);
}

void nonce_at(const struct nonce_state *after_parent, const struct nonce_rules *rules,
              uint64_t slot, struct nonce_state *ret)
{
    uint64_t epoch = slot / rules->epoch_slots;
    struct nonce_state next = *after_parent;

    if (epoch != after_parent->epoch) {
        next.epoch = epoch;
        combine(after_parent->candidate, &after_parent->last_epoch_block, next.epoch_nonce.hash);
        next.epoch_nonce.neutral = false;
        next.last_epoch_block = after_parent->lab;
    }
    *ret = next;
}

/* Whether the randomness of the epoch after the slot's is still open. */
static bool candidate_follows(const struct nonce_rules *rules, uint64_t slot)
{
    uint64_t left = rules->epoch_slots - slot % rules->epoch_slots; /* to the next epoch, >= 1 */

    return rules->stabilisation_slots < left;
}

void nonce_after(const struct nonce_state *before, const struct nonce_rules *rules, uint64_t slot,
                 const uint8_t output[VRF_OUTPUT_BYTES], const uint8_t *previous_hash,
                 struct nonce_state *ret)
{
    struct nonce_state next = *before;
    struct nonce contribution = { 0 };

    leader_nonce_contribution(output, contribution.hash);
    combine(next.evolving, &contribution, next.evolving);
    if (candidate_follows(rules, slot))
        memcpy(next.candidate, next.evolving, HASH_BYTES);
    next.lab = (struct nonce){ .neutral = !previous_hash };
    if (previous_hash)
        memcpy(next.lab.hash, previous_hash, HASH_BYTES);
    *ret = next;
}
