#include "chain/leader.h"

#include <math.h>

#include "support/hex.h"
#include "support/near.h"
#include "support/test.h"

#define TWO_64 18446744073709551616.0

static struct nonce nonce_of(struct bytes hash)
{
    struct nonce nonce = { 0 };

    memcpy(nonce.hash, hash.at, HASH_BYTES);
    return nonce;
}

static void prove_slot(uint64_t slot, uint8_t ret_output[VRF_OUTPUT_BYTES])
{
    struct nonce nonce = nonce_of(repeated(0x11, HASH_BYTES));
    struct vrf_key key;
    uint8_t alpha[HASH_BYTES], proof[VRF_PROOF_BYTES];

    vrf_key_of_seed(repeated(3, VRF_SEED_BYTES).at, &key);
    leader_alpha(slot, &nonce, alpha);
    vrf_prove(&key, (struct bytes){ alpha, sizeof(alpha) }, proof, ret_output);
}

static void test_the_neutral_nonce_adds_nothing_to_the_slot(void **state)
{
    struct nonce neutral = { .neutral = true }, zero = { 0 };
    uint8_t alpha[HASH_BYTES], want[HASH_BYTES], other[HASH_BYTES];

    (void)state;
    leader_alpha(UINT64_C(0x0102030405060708), &neutral, alpha);
    hash256(from_hex("0102030405060708"), want);
    assert_memory_equal(alpha, want, sizeof(want));
    leader_alpha(UINT64_C(0x0102030405060708), &zero, other);
    assert_memory_not_equal(alpha, other, sizeof(other));
}

/* b256("L" || output) is 0195931e3ce0af8f... = 0.006189 of 2^256. */
static void test_the_worked_slot_has_its_leader_value(void **state)
{
    uint8_t output[VRF_OUTPUT_BYTES];

    (void)state;
    prove_slot(31, output);
    assert_true(leader_value(output) == UINT64_C(0x0195931e3ce0af8f));
    assert_near((double)leader_value(output) / TWO_64, 0.006189, 5e-7);
    assert_true(leader_leads(output, leader_threshold(0.05, 1)));
}

static void test_thresholds_are_those_of_the_formula(void **state)
{
    static const struct {
        double f, sigma, chance, tolerance;
    } rows[] = {
        { 0.05, 1, 0.05, 1e-15 },           { 0.05, 0.5, 0.0253206, 5e-8 },
        { 0.05, 0.25, 0.0127415, 5e-8 },    { 0.05, 0.02, 0.00102534, 5e-9 },
        { 0.5, 0.5, 1 - M_SQRT1_2, 1e-15 }, { 1e-9, 1, 1e-9, 1e-19 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_near((double)leader_threshold(rows[i].f, rows[i].sigma) / TWO_64, rows[i].chance,
                    rows[i].tolerance);
}

static void test_no_stake_never_leads_and_f_of_one_always(void **state)
{
    uint8_t output[VRF_OUTPUT_BYTES] = { 0 };

    (void)state;
    assert_int_equal(leader_threshold(0.05, 0), 0);
    assert_int_equal(leader_threshold(1, 0), 0);
    assert_true(leader_threshold(1, 1e-12) == UINT64_MAX);
    assert_true(leader_threshold(1, 1) == UINT64_MAX);
    for (int i = 0; i < 256; i++) {
        output[0] = (uint8_t)i;
        assert_false(leader_leads(output, 0));
        assert_true(leader_leads(output, UINT64_MAX));
        assert_false(leader_leads(output, leader_value(output)));
        assert_true(leader_leads(output, leader_value(output) + 1));
    }
}

/* The chance of at least one block is the same for a pool and for its two halves. */
static void test_a_split_pool_leads_as_often_as_a_whole_one(void **state)
{
    double half, whole;

    (void)state;
    half = (double)leader_threshold(0.05, 0.125) / TWO_64;
    whole = (double)leader_threshold(0.05, 0.25) / TWO_64;
    assert_near(1 - (1 - half) * (1 - half), whole, 1e-15);
}

/* Counted by another program with the same keys. */
static void test_the_leader_slots_of_a_known_key_are_known(void **state)
{
    static const uint64_t first[] = { 31, 39, 106, 124, 135, 171 };
    uint64_t threshold = leader_threshold(0.05, 1);
    size_t led = 0;

    (void)state;
    for (uint64_t slot = 0; slot < 2000; slot++) {
        uint8_t output[VRF_OUTPUT_BYTES];

        prove_slot(slot, output);
        if (!leader_leads(output, threshold))
            continue;
        if (led < sizeof(first) / sizeof(*first))
            assert_int_equal(slot, first[led]);
        led++;
    }
    assert_int_equal(led, 95);
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_neutral_nonce_adds_nothing_to_the_slot),
        cmocka_unit_test(test_the_worked_slot_has_its_leader_value),
        cmocka_unit_test(test_thresholds_are_those_of_the_formula),
        cmocka_unit_test(test_no_stake_never_leads_and_f_of_one_always),
        cmocka_unit_test(test_a_split_pool_leads_as_often_as_a_whole_one),
        cmocka_unit_test(test_the_leader_slots_of_a_known_key_are_known),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
