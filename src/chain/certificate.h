/* Operational certificates: a pool's cold key entrusts forging to a KES key from a period on. */
#ifndef OU_CHAIN_CERTIFICATE_H
#define OU_CHAIN_CERTIFICATE_H

#include "chain/kes.h"
#include "wire/cbor.h"

struct certificate {
    uint8_t kes_key[KES_KEY_BYTES];
    uint64_t counter;    /* sequence number: a newer certificate has a higher one */
    uint64_t kes_period; /* from which it is valid, in periods since slot 0 */
    uint8_t signature[64];
};

/* Signs kes_key, counter and kes_period of *c with the cold key of that seed. */
void certificate_sign(struct certificate *c, const uint8_t cold_seed[32]);
bool certificate_verify(const struct certificate *c, const uint8_t cold_key[32]);

/* A list of four, as it stands in headers. */
void certificate_read(struct cbor *c, struct certificate *ret);
void certificate_write(struct buffer *b, const struct certificate *c);

#endif
