#include "chain/vrf.h"

#include <sodium.h>
#include <stdlib.h>

#define SUITE 0x04 /* ECVRF-ED25519-SHA512-Elligator2 */
#define POINT_BYTES 32
#define SCALAR_BYTES 32
#define CHALLENGE_BYTES 16

/* What a hash is of; the second byte of its input. */
enum { STEP_POINT = 1, STEP_CHALLENGE = 2, STEP_OUTPUT = 3 };

/* A proof is Gamma, c and s, in a row. */
#define PROOF_CHALLENGE POINT_BYTES
#define PROOF_S (POINT_BYTES + CHALLENGE_BYTES)

static void sha512_begin(crypto_hash_sha512_state *state, uint8_t step)
{
    const uint8_t prefix[2] = { SUITE, step };

    crypto_hash_sha512_init(state);
    crypto_hash_sha512_update(state, prefix, sizeof(prefix));
}

/* A number of 64 bytes, modulo the order of the group. */
static void scalar_of(const uint8_t wide[64], uint8_t ret[SCALAR_BYTES])
{
    crypto_core_ed25519_scalar_reduce(ret, wide);
}

/* H: the point that stands for key and input. Elligator's sign bit is not used by the draft. */
static void point_of_input(const uint8_t public_key[VRF_KEY_BYTES], struct bytes alpha,
                           uint8_t ret[POINT_BYTES])
{
    crypto_hash_sha512_state state;
    uint8_t digest[64];

    sha512_begin(&state, STEP_POINT);
    crypto_hash_sha512_update(&state, public_key, VRF_KEY_BYTES);
    crypto_hash_sha512_update(&state, alpha.at, alpha.count);
    crypto_hash_sha512_final(&state, digest);
    digest[31] &= 0x7f;
    crypto_core_ed25519_from_uniform(ret, digest);
}

/* c: the first half of a hash over four points, as a scalar. */
static void challenge_of(const uint8_t h[POINT_BYTES], const uint8_t gamma[POINT_BYTES],
                         const uint8_t u[POINT_BYTES], const uint8_t v[POINT_BYTES],
                         uint8_t ret[SCALAR_BYTES])
{
    crypto_hash_sha512_state state;
    uint8_t digest[64];

    sha512_begin(&state, STEP_CHALLENGE);
    crypto_hash_sha512_update(&state, h, POINT_BYTES);
    crypto_hash_sha512_update(&state, gamma, POINT_BYTES);
    crypto_hash_sha512_update(&state, u, POINT_BYTES);
    crypto_hash_sha512_update(&state, v, POINT_BYTES);
    crypto_hash_sha512_final(&state, digest);
    memset(ret, 0, SCALAR_BYTES);
    memcpy(ret, digest, CHALLENGE_BYTES);
}

/* The hash of 8 Gamma. */
static void output_of(const uint8_t gamma[POINT_BYTES], uint8_t ret[VRF_OUTPUT_BYTES])
{
    crypto_hash_sha512_state state;
    uint8_t point[POINT_BYTES];

    memcpy(point, gamma, POINT_BYTES);
    for (int doubling = 0; doubling < 3; doubling++)
        crypto_core_ed25519_add(point, point, point);
    sha512_begin(&state, STEP_OUTPUT);
    crypto_hash_sha512_update(&state, point, POINT_BYTES);
    crypto_hash_sha512_final(&state, ret);
}

void vrf_key_of_seed(const uint8_t seed[VRF_SEED_BYTES], struct vrf_key *ret)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];

    memcpy(ret->seed, seed, VRF_SEED_BYTES);
    crypto_sign_seed_keypair(ret->public_key, secret, seed);
    sodium_memzero(secret, sizeof(secret));
}

/* k = SHA-512(second half of the expanded seed || H): as random as the key, and the same for
 * the same input. */
static void scalar_for_proof(const uint8_t expanded[64], const uint8_t h[POINT_BYTES],
                             uint8_t ret[SCALAR_BYTES])
{
    crypto_hash_sha512_state state;
    uint8_t digest[64];

    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, expanded + 32, 32);
    crypto_hash_sha512_update(&state, h, POINT_BYTES);
    crypto_hash_sha512_final(&state, digest);
    scalar_of(digest, ret);
}

/* libsodium multiplies neither by zero nor points outside the main group; neither can come up where
 * this is called, because H is in that group and the scalars come from hashes. */
static void must_multiply(int failed)
{
    if (failed)
        abort();
}

void vrf_prove(const struct vrf_key *key, struct bytes alpha, uint8_t ret_proof[VRF_PROOF_BYTES],
               uint8_t ret_output[VRF_OUTPUT_BYTES])
{
    uint8_t expanded[64], h[POINT_BYTES], gamma[POINT_BYTES], kb[POINT_BYTES], kh[POINT_BYTES];
    uint8_t *x = expanded; /* its first half, clamped */
    uint8_t k[SCALAR_BYTES], c[SCALAR_BYTES], s[SCALAR_BYTES];

    crypto_hash_sha512(expanded, key->seed, VRF_SEED_BYTES);
    x[0] &= 0xf8;
    x[31] = (uint8_t)((x[31] & 0x7f) | 0x40);
    point_of_input(key->public_key, alpha, h);
    must_multiply(crypto_scalarmult_ed25519_noclamp(gamma, x, h));
    scalar_for_proof(expanded, h, k);
    must_multiply(crypto_scalarmult_ed25519_base_noclamp(kb, k));
    must_multiply(crypto_scalarmult_ed25519_noclamp(kh, k, h));
    challenge_of(h, gamma, kb, kh, c);
    crypto_core_ed25519_scalar_mul(s, c, x);
    crypto_core_ed25519_scalar_add(s, s, k);

    memcpy(ret_proof, gamma, POINT_BYTES);
    memcpy(ret_proof + PROOF_CHALLENGE, c, CHALLENGE_BYTES);
    memcpy(ret_proof + PROOF_S, s, SCALAR_BYTES);
    output_of(gamma, ret_output);
    sodium_memzero(expanded, sizeof(expanded));
    sodium_memzero(k, sizeof(k));
}

/* s is below the order of the group: there is one way only to write a proof. */
static bool scalar_is_reduced(const uint8_t s[SCALAR_BYTES])
{
    uint8_t wide[64] = { 0 }, reduced[SCALAR_BYTES];

    memcpy(wide, s, SCALAR_BYTES);
    scalar_of(wide, reduced);
    return memcmp(reduced, s, SCALAR_BYTES) == 0;
}

/* ret = a - scalar * point. False for a point that is not canonical, of small order or not of the main
 * group, which is what libsodium's multiplication refuses. */
static bool point_less(const uint8_t a[POINT_BYTES], const uint8_t scalar[SCALAR_BYTES],
                       const uint8_t point[POINT_BYTES], uint8_t ret[POINT_BYTES])
{
    uint8_t product[POINT_BYTES];

    return crypto_scalarmult_ed25519_noclamp(product, scalar, point) == 0 &&
           crypto_core_ed25519_sub(ret, a, product) == 0;
}

bool vrf_verify(const uint8_t public_key[VRF_KEY_BYTES], struct bytes alpha,
                const uint8_t proof[VRF_PROOF_BYTES], uint8_t ret_output[VRF_OUTPUT_BYTES])
{
    const uint8_t *gamma = proof, *s = proof + PROOF_S;
    uint8_t c[SCALAR_BYTES] = { 0 }, again[SCALAR_BYTES];
    uint8_t h[POINT_BYTES], sb[POINT_BYTES], sh[POINT_BYTES], u[POINT_BYTES], v[POINT_BYTES];

    if (!scalar_is_reduced(s))
        return false;
    memcpy(c, proof + PROOF_CHALLENGE, CHALLENGE_BYTES);
    point_of_input(public_key, alpha, h);
    if (crypto_scalarmult_ed25519_base_noclamp(sb, s) != 0 ||
        crypto_scalarmult_ed25519_noclamp(sh, s, h) != 0 || !point_less(sb, c, public_key, u) ||
        !point_less(sh, c, gamma, v))
        return false;
    challenge_of(h, gamma, u, v, again);
    if (memcmp(again, c, CHALLENGE_BYTES) != 0)
        return false;
    output_of(gamma, ret_output);
    return true;
}
