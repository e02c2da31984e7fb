/* The worked chain that tests of chain/ share: two blocks of a pool with all the stake, at f = 1/20, made of
 * seeds alone. Hashes and bytes were computed by other programs, too, and other tools read them. */
#ifndef OU_CHAIN_WORKED_TEST_H
#define OU_CHAIN_WORKED_TEST_H

#include "chain/block.h"
#include "support/hex.h"
#include "support/test.h"

#define WORKED_HASH_0 "10cfc5df55fb803b88b46eec6b02c43d6fe5836fcde39a8ec5ae14be5e560995"
#define WORKED_HASH_1 "a026c5fff62852fcdc148c025505035a7d0117a156b896b17fd7a5f8083d72f1"
#define WORKED_SLOT_0 31
#define WORKED_SLOT_1 39

/* One input, one output, signed by the key of the seed 07 x 32. */
#define WORKED_TX                                                                  \
    "84a400d9010281825820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaa000181a200581d608b218424ad74df25d35c2ea8e094a4c5c5aeb2cbb44241933156" \
    "9313011a001e8480021a000281d903190e10a100d9010281825820ea4a6c63e29c520abef550" \
    "7b132ec5f9954776aebebe7b92421eea691446d22c5840267f2fdd1f92bf3d28d2c7f6625048" \
    "af3064f94d8c9a1cb0543a91c996e1ce83ab11a2c6e4bb5d25448c68cd9aa9ca4d88129d57d2" \
    "71071fb1b9fcd0a6fd8308f5f6"
#define WORKED_TXID "603c0aba424e037352b25a7c28b458d8886c02c21adf0db2fa19b326fa861b88"
#define WORKED_BODY_HASH_0 "565939e2327d69e7c7eb88a27f2f32551f9b6131ed35b462096c2514120b6ade"
#define EMPTY_BODY_HASH "29571d16f081709b3c48651860077bebf9340abb3fc7133443c54f1f5a5edcf1"

struct worked_pool {
    struct bytes cold_seed;
    struct vrf_key vrf;
    struct kes_key kes;
    struct certificate certificate;
    struct nonce epoch_nonce;
};

static inline void worked_pool_make(struct worked_pool *ret)
{
    *ret = (struct worked_pool){ .cold_seed = repeated(1, 32) };
    kes_key_of_seed(repeated(2, 32).at, &ret->kes);
    vrf_key_of_seed(repeated(3, 32).at, &ret->vrf);
    memcpy(ret->certificate.kes_key, ret->kes.keys[0], KES_KEY_BYTES);
    certificate_sign(&ret->certificate, ret->cold_seed.at);
    memcpy(ret->epoch_nonce.hash, repeated(0x11, HASH_BYTES).at, HASH_BYTES);
}

/* What the pool puts into the header of block `number` (0 or 1). */
static inline struct header worked_fields(const struct worked_pool *pool, uint64_t number)
{
    struct header h = { .number = number,
                        .slot = number ? WORKED_SLOT_1 : WORKED_SLOT_0,
                        .has_previous = number > 0,
                        .body_bytes = number ? 4 : 204,
                        .certificate = pool->certificate,
                        .major = 10 };
    uint8_t alpha[HASH_BYTES];

    if (number)
        memcpy(h.previous, from_hex(WORKED_HASH_0).at, HASH_BYTES);
    memcpy(h.issuer,
           from_hex("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c").at,
           sizeof(h.issuer));
    memcpy(h.vrf_key, pool->vrf.public_key, sizeof(h.vrf_key));
    leader_alpha(h.slot, &pool->epoch_nonce, alpha);
    vrf_prove(&pool->vrf, (struct bytes){ alpha, sizeof(alpha) }, h.vrf_proof, h.vrf_output);
    memcpy(h.body_hash, from_hex(number ? EMPTY_BODY_HASH : WORKED_BODY_HASH_0).at, HASH_BYTES);
    return h;
}

/* The bytes of that header, made by header_write(), kept until the program ends. */
static inline struct bytes worked_bytes(const struct worked_pool *pool, const struct header *fields)
{
    struct buffer b;
    struct bytes copy;

    buffer_init(&b, allocator_libc(), HEADER_MAX_BYTES);
    header_write(&b, fields, &pool->kes, 0);
    assert_int_equal(buffer_status(&b), OU_OK);
    copy = repeated(0, b.len);
    memcpy((uint8_t *)copy.at, b.at, b.len);
    buffer_release(&b);
    return copy;
}

static inline struct header worked_header(const struct worked_pool *pool, uint64_t number)
{
    struct header fields = worked_fields(pool, number), h;
    const char *why = NULL;

    assert_int_equal(header_read(worked_bytes(pool, &fields), &h, &why), WIRE_OK);
    return h;
}

#endif
