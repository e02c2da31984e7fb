#include "genesis/digest.h"

#include <sodium.h>

#include "base/digits.h"

/* The parameter block of a hash of 32 bytes without key: its first word is mixed into the start. */
#define PARAMETERS UINT64_C(0x01010020)
#define ROUNDS 12

static const uint64_t start_values[8] = {
    UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b), UINT64_C(0x3c6ef372fe94f82b),
    UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
    UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179),
};

/* The order in which a round takes the words of a block; the last two rounds are as the first two. */
static const uint8_t orders[10][16] = {
    { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
    { 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
    { 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
    { 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
    { 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
    { 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
    { 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
    { 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
    { 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
    { 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

static uint64_t word_of(const uint8_t *bytes)
{
    uint64_t word = 0;

    for (int i = 7; i >= 0; i--)
        word = word << 8 | bytes[i];
    return word;
}

static void put_word(uint64_t word, uint8_t *ret)
{
    for (int i = 0; i < 8; i++, word >>= 8)
        ret[i] = (uint8_t)word;
}

static uint64_t turned(uint64_t word, int by)
{
    return word >> by | word << (64 - by);
}

static inline void mix(uint64_t v[16], int a, int b, int c, int d, uint64_t x, uint64_t y)
{
    v[a] += v[b] + x;
    v[d] = turned(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = turned(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = turned(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = turned(v[b] ^ v[c], 63);
}

static inline void mix_round(uint64_t v[16], const uint64_t m[16], const uint8_t order[16])
{
    mix(v, 0, 4, 8, 12, m[order[0]], m[order[1]]);
    mix(v, 1, 5, 9, 13, m[order[2]], m[order[3]]);
    mix(v, 2, 6, 10, 14, m[order[4]], m[order[5]]);
    mix(v, 3, 7, 11, 15, m[order[6]], m[order[7]]);
    mix(v, 0, 5, 10, 15, m[order[8]], m[order[9]]);
    mix(v, 1, 6, 11, 12, m[order[10]], m[order[11]]);
    mix(v, 2, 7, 8, 13, m[order[12]], m[order[13]]);
    mix(v, 3, 4, 9, 14, m[order[14]], m[order[15]]);
}

/* bytes: with those of this block. Inputs of 2^64 bytes do not occur: the counter's upper half stays 0. */
static void compress(uint64_t chain[8], const uint8_t *block, uint64_t bytes, bool last)
{
    uint64_t v[16], m[16];

    for (int i = 0; i < 16; i++)
        m[i] = word_of(block + 8 * i);
    memcpy(v, chain, 64);
    memcpy(v + 8, start_values, 64);
    v[12] ^= bytes;
    if (last)
        v[14] = ~v[14];
    for (int i = 0; i < ROUNDS; i++)
        mix_round(v, m, orders[i % 10]);
    for (int i = 0; i < 8; i++)
        chain[i] ^= v[i] ^ v[i + 8];
}

void genesis_digest_start(struct genesis_digest *d)
{
    *d = (struct genesis_digest){ 0 };
    memcpy(d->chain, start_values, sizeof d->chain);
    d->chain[0] ^= PARAMETERS;
}

void genesis_digest_add(struct genesis_digest *d, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    while (count > 0) {
        size_t waiting = genesis_digest_pending(d), take;

        if (waiting == DIGEST_BLOCK_BYTES) {
            compress(d->chain, d->pending, d->bytes, false);
            waiting = 0;
        }
        take = count < DIGEST_BLOCK_BYTES - waiting ? count : DIGEST_BLOCK_BYTES - waiting;
        memcpy(d->pending + waiting, at, take);
        d->bytes += take;
        at += take;
        count -= take;
    }
}

void genesis_digest_end(const struct genesis_digest *d, uint8_t ret[HASH_BYTES])
{
    const size_t waiting = genesis_digest_pending(d);
    uint8_t block[DIGEST_BLOCK_BYTES] = { 0 };
    uint64_t chain[8];

    memcpy(block, d->pending, waiting);
    memcpy(chain, d->chain, sizeof chain);
    compress(chain, block, d->bytes, true);
    for (int i = 0; i < HASH_BYTES / 8; i++)
        put_word(chain[i], ret + 8 * i);
}

void genesis_digest_text(const struct genesis_digest *d, char ret[DIGEST_TEXT_ROOM])
{
    uint8_t chain[64];
    size_t len;

    for (int i = 0; i < 8; i++)
        put_word(d->chain[i], chain + 8 * i);
    len = digits_hex(chain, 2 * sizeof chain, ret);
    len += digits_hex(d->pending, 2 * genesis_digest_pending(d), ret + len);
    ret[len] = '\0';
}

bool genesis_digest_read(const char *text, struct genesis_digest *d)
{
    uint8_t bytes[64 + DIGEST_BLOCK_BYTES];
    const size_t expected = 64 + genesis_digest_pending(d);
    size_t got = 0;

    if (sodium_hex2bin(bytes, sizeof bytes, text, strlen(text), NULL, &got, NULL) != 0 ||
        got != expected)
        return false;
    for (int i = 0; i < 8; i++)
        d->chain[i] = word_of(bytes + 8 * i);
    memcpy(d->pending, bytes + 64, expected - 64);
    return true;
}
