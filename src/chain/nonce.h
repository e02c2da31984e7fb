/* The nonce of each epoch, made of the VRF outputs of the blocks before. The state after a block is
 * a value that follows from the state before it, so each block of a tree has its own. Pure. */
#ifndef OU_CHAIN_NONCE_H
#define OU_CHAIN_NONCE_H

#include "chain/leader.h"

struct nonce_state {
    uint64_t epoch;           /* that `epoch_nonce` is of */
    struct nonce epoch_nonce; /* asked by the VRF in that epoch */
    uint8_t evolving[HASH_BYTES], candidate[HASH_BYTES];
    struct nonce lab;              /* previous hash of the last block; neutral at first */
    struct nonce last_epoch_block; /* lab at the end of the epoch before; neutral at first */
};

struct nonce_rules {
    uint64_t epoch_slots;
    uint64_t
        stabilisation_slots; /* 4k/f, rounded up: the candidate freezes so long before an epoch ends */
};

/* At slot 0: the hash of the Shelley genesis file. */
void nonce_start(const uint8_t genesis_hash[HASH_BYTES], struct nonce_state *ret);

/* The nonce for a slot (in this or a later epoch) on top of a block with that state. A gap of several
 * epochs without a block counts as one change of epoch, as in cardano-node. */
void nonce_at(const struct nonce_state *after_parent, const struct nonce_rules *rules,
              uint64_t slot, struct nonce_state *ret);

/* The state after a block in `slot`; *before is nonce_at(parent's, slot). previous_hash is NULL for the
 * first block. */
void nonce_after(const struct nonce_state *before, const struct nonce_rules *rules, uint64_t slot,
                 const uint8_t output[VRF_OUTPUT_BYTES], const uint8_t *previous_hash,
                 struct nonce_state *ret);

#endif
