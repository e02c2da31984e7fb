/* Block headers of the Praos eras with ten fields (Babbage, Conway): read, written, checked. */
#ifndef OU_CHAIN_HEADER_H
#define OU_CHAIN_HEADER_H

#include "chain/certificate.h"
#include "chain/nonce.h"
#include "wire/chain_sync.h"

#define HEADER_MAX_BYTES 65535 /* that is read at all; the protocol parameter is far lower */

struct header {
    uint64_t number, slot;
    bool has_previous; /* false in the first block */
    uint8_t previous[HASH_BYTES];
    uint8_t issuer[32]; /* cold verification key */
    uint8_t vrf_key[VRF_KEY_BYTES];
    uint8_t vrf_output[VRF_OUTPUT_BYTES], vrf_proof[VRF_PROOF_BYTES];
    uint32_t body_bytes;
    uint8_t body_hash[HASH_BYTES];
    struct certificate certificate;
    uint16_t major, minor; /* protocol version */

    uint8_t hash[HASH_BYTES]; /* of the whole header: the block's id */
    struct bytes bytes;       /* the whole header; a view of what was read */
    struct bytes signed_part; /* header body */
    uint8_t signature[KES_SIGNATURE_BYTES];
};

/* Reads [header_body, signature]; bytes behind it are BAD. Hash and views are set. */
enum wire_result header_read(struct bytes input, struct header *ret, const char **ret_why);

/* Appends the header that the fields above `hash` say, signed for that period of the KES key (counted from
 * the certificate's). */
void header_write(struct buffer *b, const struct header *fields, const struct kes_key *kes,
                  uint32_t period);

/* The pool of a header: b224(issuer). */
void header_pool(const struct header *h, uint8_t ret[KEY_HASH_BYTES]);

/* --- Checks ------------------------------------------------------------------------- */

struct header_rules {
    uint16_t max_major;
    uint32_t max_header_bytes, max_body_bytes;
    uint64_t slots_per_kes_period, max_kes_evolutions;
};

/* What is known of the issuer's pool in the epoch of the header. */
struct header_pool_facts {
    uint8_t vrf_key_hash[HASH_BYTES];
    uint64_t threshold; /* leader_threshold() of its stake; 0: no stake, never leads */
    uint64_t counter;   /* of the last certificate seen; 0 when it has not forged */
};

/* Against the block before (NULL for the first block): number, slot, previous hash, version, sizes. */
enum ou_status header_check_envelope(const struct header *h, const struct header *previous,
                                     const struct header_rules *rules, struct ou_error *err);

/* The two halves of the rest, in this order; each message says which check failed and with what values. First
 * what the header itself is enough for, KES signature and certificate: whoever cannot sign for a pool makes nobody
 * look that pool up. Then counter, VRF key, proof, leader value. About 0.2 and 0.3 ms. */
enum ou_status header_check_signature(const struct header *h, const struct header_rules *rules,
                                      struct ou_error *err);
enum ou_status header_check_leader(const struct header *h, const struct header_pool_facts *pool,
                                   const struct nonce *epoch_nonce, struct ou_error *err);

#endif
