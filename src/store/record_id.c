#include <sodium.h>
#include <string.h>

#include "store/records.h"

/* What cannot be the length of a part: where one is NULL. */
#define NO_PART UINT64_MAX

static void add_length(crypto_hash_sha256_state *hash, uint64_t length)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(length >> (8 * i));
    crypto_hash_sha256_update(hash, bytes, sizeof bytes);
}

void record_id(const char *const *parts, size_t count, char ret[RECORD_ID_ROOM])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state hash;

    crypto_hash_sha256_init(&hash);
    for (size_t i = 0; i < count; i++) {
        size_t len = parts[i] ? strlen(parts[i]) : 0;

        add_length(&hash, parts[i] ? len : NO_PART);
        crypto_hash_sha256_update(&hash, (const unsigned char *)(parts[i] ? parts[i] : ""), len);
    }
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(ret, RECORD_ID_ROOM, digest, RECORD_ID_DIGITS / 2);
}

void record_hash(struct span bytes, char ret[RECORD_HASH_ROOM])
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, (const unsigned char *)bytes.at, bytes.len);
    sodium_bin2hex(ret, RECORD_HASH_ROOM, digest, sizeof digest);
}
