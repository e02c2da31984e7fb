#include "chain/certificate.h"

#include <sodium.h>

#define SIGNED_BYTES (KES_KEY_BYTES + 8 + 8)

static void signed_bytes(const struct certificate *c, uint8_t ret[SIGNED_BYTES])
{
    memcpy(ret, c->kes_key, KES_KEY_BYTES);
    bytes_put_be64(c->counter, ret + KES_KEY_BYTES);
    bytes_put_be64(c->kes_period, ret + KES_KEY_BYTES + 8);
}

void certificate_sign(struct certificate *c, const uint8_t cold_seed[32])
{
    uint8_t message[SIGNED_BYTES], cold_key[32], secret[crypto_sign_SECRETKEYBYTES];

    signed_bytes(c, message);
    crypto_sign_seed_keypair(cold_key, secret, cold_seed);
    crypto_sign_detached(c->signature, NULL, message, sizeof(message), secret);
    sodium_memzero(secret, sizeof(secret));
}

bool certificate_verify(const struct certificate *c, const uint8_t cold_key[32])
{
    uint8_t message[SIGNED_BYTES];

    signed_bytes(c, message);
    return crypto_sign_verify_detached(c->signature, message, sizeof(message), cold_key) == 0;
}

void certificate_read(struct cbor *c, struct certificate *ret)
{
    cbor_list_of(c, 4);
    cbor_fixed(c, sizeof(ret->kes_key), ret->kes_key);
    ret->counter = cbor_uint(c);
    ret->kes_period = cbor_uint(c);
    cbor_fixed(c, sizeof(ret->signature), ret->signature);
}

void certificate_write(struct buffer *b, const struct certificate *c)
{
    cbor_put_list(b, 4);
    cbor_put_bytes(b, (struct bytes){ c->kes_key, sizeof(c->kes_key) });
    cbor_put_uint(b, c->counter);
    cbor_put_uint(b, c->kes_period);
    cbor_put_bytes(b, (struct bytes){ c->signature, sizeof(c->signature) });
}
