#include "base/random.h"

/* The multipliers, and what is added to the key for each round: the golden ratio
 * and the square root of 3, both less 1, as 32-bit fractions. */
#define MULTIPLIER_0 UINT32_C(0xD2511F53)
#define MULTIPLIER_1 UINT32_C(0xCD9E8D57)
#define WEYL_0 UINT32_C(0x9E3779B9)
#define WEYL_1 UINT32_C(0xBB67AE85)
enum { ROUNDS = 10 };

void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t left = (uint64_t)MULTIPLIER_0 * c0;
        uint64_t right = (uint64_t)MULTIPLIER_1 * c2;

        c0 = (uint32_t)(right >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)right;
        c2 = (uint32_t)(left >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)left;
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
    ret[0] = c0;
    ret[1] = c1;
    ret[2] = c2;
    ret[3] = c3;
}

void random_stream_init(struct random_stream *r, uint64_t seed, uint64_t stream)
{
    *r = (struct random_stream){ .seed = seed, .stream = stream };
}

uint32_t random_u32(struct random_stream *r)
{
    if (r->left == 0) {
        const uint32_t counter[4] = { (uint32_t)r->block, (uint32_t)(r->block >> 32),
                                      (uint32_t)r->stream, (uint32_t)(r->stream >> 32) };
        const uint32_t key[2] = { (uint32_t)r->seed, (uint32_t)(r->seed >> 32) };

        philox4x32(counter, key, r->word);
        r->block++;
        r->left = 4;
    }
    return r->word[4 - r->left--];
}

uint64_t random_u64(struct random_stream *r)
{
    uint64_t low = random_u32(r);

    return low | (uint64_t)random_u32(r) << 32;
}

/* The upper half of n times a number is below n; the numbers whose lower half
 * would make some results more frequent are drawn again (Lemire 2019). */
uint32_t random_below(struct random_stream *r, uint32_t n)
{
    uint64_t product = (uint64_t)random_u32(r) * n;

    if ((uint32_t)product < n) {
        uint32_t least = -n % n;

        while ((uint32_t)product < least)
            product = (uint64_t)random_u32(r) * n;
    }
    return (uint32_t)(product >> 32);
}

/* The middle of one of 2^52 equal parts: neither 0 nor 1, and no rounding. */
double random_uniform(struct random_stream *r)
{
    return ((double)(random_u64(r) >> 12) + 0.5) * 0x1p-52;
}
