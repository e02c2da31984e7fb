/* BLAKE2b without a key, as ids of the chain are made. Pure; any thread. */
#ifndef OU_CHAIN_HASH_H
#define OU_CHAIN_HASH_H

#include "base/bytes.h"
#include "base/status.h"

#define HASH_BYTES 32     /* of blocks, transactions, VRF keys, nonces */
#define KEY_HASH_BYTES 28 /* of verification keys: pool ids, addresses */

/* Prepares libsodium; once, before anything else of chain/. */
enum ou_status chain_crypto_start(struct ou_error *err);

void hash256(struct bytes input, uint8_t ret[HASH_BYTES]);
void hash224(struct bytes input, uint8_t ret[KEY_HASH_BYTES]);
/* Of two inputs, one behind the other. */
void hash256_pair(struct bytes first, struct bytes second, uint8_t ret[HASH_BYTES]);

/* "27807a70...": 64 digits and a NUL. */
void hash_text(const uint8_t hash[HASH_BYTES], char ret[2 * HASH_BYTES + 1]);

#endif
