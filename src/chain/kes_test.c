#include "chain/kes.h"

#include <sodium.h>

#include "chain/hash.h"
#include "support/hex.h"
#include "support/test.h"

/* Of the seed 02 x 32, as computed by another implementation of the same scheme. */
#define WORKED_KEY "964f4a4f25d67b4e52a8c244b070bbed7982fa112560f61300682e619e498cad"

static const struct bytes message = { (const uint8_t *)"message", 7 };
static struct kes_key worked; /* made once: a tree takes milliseconds */

static void test_the_key_of_a_seed_is_known(void **state)
{
    (void)state;
    assert_bytes((struct bytes){ worked.keys[0], KES_KEY_BYTES }, from_hex(WORKED_KEY));
}

static void test_each_period_has_its_own_signature(void **state)
{
    uint8_t signature[KES_SIGNATURE_BYTES];

    (void)state;
    for (uint32_t period = 0; period < KES_PERIODS; period++) {
        kes_sign(&worked, period, message, signature);
        for (uint32_t other = 0; other <= KES_PERIODS; other++)
            assert_int_equal(kes_verify(worked.keys[0], other, message, signature),
                             other == period);
    }
}

static void test_each_byte_of_a_signature_counts(void **state)
{
    uint8_t signature[KES_SIGNATURE_BYTES];

    (void)state;
    kes_sign(&worked, 37, message, signature);
    for (size_t i = 0; i < sizeof(signature); i++) {
        signature[i] ^= 1;
        assert_false(kes_verify(worked.keys[0], 37, message, signature));
        signature[i] ^= 1;
    }
    assert_true(kes_verify(worked.keys[0], 37, message, signature));
    assert_false(kes_verify(worked.keys[0], 37, (struct bytes){ message.at, 6 }, signature));
    assert_false(kes_verify(worked.keys[1], 37, message, signature));
}

/* The tree written down once more, from the formulas: vk(d, seed) = b256(vk(d-1, s0) || vk(d-1, s1)). */
static void key_by_formula(int depth, const uint8_t seed[32], uint8_t ret[32])
{
    uint8_t half[33], pair[64];

    if (depth == 0) {
        uint8_t secret[64];

        crypto_sign_seed_keypair(ret, secret, seed);
        return;
    }
    memcpy(half + 1, seed, 32);
    for (uint8_t i = 0; i < 2; i++) {
        uint8_t child[32];

        half[0] = (uint8_t)(i + 1);
        hash256((struct bytes){ half, sizeof(half) }, child);
        key_by_formula(depth - 1, child, pair + 32 * i);
    }
    hash256((struct bytes){ pair, sizeof(pair) }, ret);
}

static void test_the_tree_follows_the_formulas(void **state)
{
    struct bytes seed = repeated(9, KES_SEED_BYTES);
    struct kes_key key;
    uint8_t want[32];

    (void)state;
    kes_key_of_seed(seed.at, &key);
    key_by_formula(KES_DEPTH, seed.at, want);
    assert_memory_equal(key.keys[0], want, sizeof(want));
}

/* ---- packed keys ---- */

static void test_a_packed_key_signs_for_all_periods(void **state)
{
    uint8_t packed[KES_PACKED_BYTES], a[KES_SIGNATURE_BYTES], b[KES_SIGNATURE_BYTES];
    struct kes_key key;

    (void)state;
    assert_int_equal(sizeof(packed), 608);
    kes_key_pack(&worked, packed);
    assert_int_equal(kes_key_unpack(packed, &key), 0);
    assert_memory_equal(key.keys, worked.keys, sizeof(key.keys));
    for (uint32_t period = 0; period < KES_PERIODS; period++) {
        kes_sign(&worked, period, message, a);
        kes_sign(&key, period, message, b);
        assert_memory_equal(a, b, sizeof(a));
    }
}

/* A key that was evolved: the leaf's seed is another, and seeds of right halves in use are gone. */
static void pack_at(uint32_t period, uint8_t ret[KES_PACKED_BYTES])
{
    size_t node = KES_PERIODS - 1 + period;
    uint8_t *at = ret + KES_SEED_BYTES;

    memcpy(ret, worked.seeds[node], KES_SEED_BYTES);
    for (; node > 0; node = (node - 1) / 2, at += 96) {
        size_t left = (node - 1) / 2 * 2 + 1;

        memset(at, 0, KES_SEED_BYTES);
        if (node == left)
            memcpy(at, worked.seeds[left + 1], KES_SEED_BYTES);
        memcpy(at + 32, worked.keys[left], KES_KEY_BYTES);
        memcpy(at + 64, worked.keys[left + 1], KES_KEY_BYTES);
    }
}

static void test_an_evolved_key_tells_its_period(void **state)
{
    uint8_t packed[KES_PACKED_BYTES], at_birth[KES_PACKED_BYTES];
    struct kes_key key;

    (void)state;
    kes_key_pack(&worked, at_birth);
    pack_at(0, packed);
    assert_memory_equal(packed, at_birth, sizeof(packed));
    for (uint32_t period = 1; period < KES_PERIODS; period++) {
        pack_at(period, packed);
        assert_int_equal(kes_key_unpack(packed, &key), period);
    }
}

static void test_a_damaged_key_is_noticed(void **state)
{
    uint8_t packed[KES_PACKED_BYTES];
    struct kes_key key = { 0 };

    (void)state;
    kes_key_pack(&worked, packed);
    for (size_t i = 0; i < sizeof(packed); i++) {
        packed[i] ^= 0x10;
        assert_int_equal(kes_key_unpack(packed, &key), -1);
        packed[i] ^= 0x10;
    }
    assert_int_equal(key.keys[0][0], 0);
}

static int start(void **state)
{
    (void)state;
    if (chain_crypto_start(NULL))
        return -1;
    kes_key_of_seed(repeated(2, KES_SEED_BYTES).at, &worked);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_key_of_a_seed_is_known),
        cmocka_unit_test(test_each_period_has_its_own_signature),
        cmocka_unit_test(test_each_byte_of_a_signature_counts),
        cmocka_unit_test(test_the_tree_follows_the_formulas),
        cmocka_unit_test(test_a_packed_key_signs_for_all_periods),
        cmocka_unit_test(test_an_evolved_key_tells_its_period),
        cmocka_unit_test(test_a_damaged_key_is_noticed),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
