#include "chain/hash.h"

#include <sodium.h>

#include "base/digits.h"

enum ou_status chain_crypto_start(struct ou_error *err)
{
    if (sodium_init() < 0)
        return ou_fail(err, OU_IO, "libsodium finds no source of random numbers");
    return OU_OK;
}

void hash256(struct bytes input, uint8_t ret[HASH_BYTES])
{
    crypto_generichash_blake2b(ret, HASH_BYTES, input.at, input.count, NULL, 0);
}

void hash224(struct bytes input, uint8_t ret[KEY_HASH_BYTES])
{
    crypto_generichash_blake2b(ret, KEY_HASH_BYTES, input.at, input.count, NULL, 0);
}

void hash256_pair(struct bytes first, struct bytes second, uint8_t ret[HASH_BYTES])
{
    crypto_generichash_blake2b_state state;

    crypto_generichash_blake2b_init(&state, NULL, 0, HASH_BYTES);
    crypto_generichash_blake2b_update(&state, first.at, first.count);
    crypto_generichash_blake2b_update(&state, second.at, second.count);
    crypto_generichash_blake2b_final(&state, ret, HASH_BYTES);
}

void hash_text(const uint8_t hash[HASH_BYTES], char ret[2 * HASH_BYTES + 1])
{
    ret[digits_hex(hash, 2 * (size_t)HASH_BYTES, ret)] = '\0';
}
