#include "chain/vrf.h"

#include <stdlib.h>

#include "chain/hash.h"
#include "support/hex.h"
#include "support/test.h"

struct example {
    struct bytes seed, public_key, alpha, proof, output;
};

/* Two vectors of the draft (its section A.4), which other implementations publish, too. */
static struct example draft_example(int which)
{
    if (which == 0)
        return (struct example){
            from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
            from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            from_hex(""),
            from_hex("b6b4699f87d56126c9117a7da55bd0085246f4c56dbc95d20172612e9d38e8d7"
                     "ca65e573a126ed88d4e30a46f80a666854d675cf3ba81de0de043c3774f06156"
                     "0f55edc256a787afe701677c0f602900"),
            from_hex("5b49b554d05c0cd5a5325376b3387de59d924fd1e13ded44648ab33c21349a60"
                     "3f25b84ec5ed887995b33da5e3bfcb87cd2f64521c4c62cf825cffabbe5d31cc"),
        };
    return (struct example){
        from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
        from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
        from_hex("72"),
        from_hex("ae5b66bdf04b4c010bfe32b2fc126ead2107b697634f6f7337b9bff8785ee111"
                 "200095ece87dde4dbe87343f6df3b107d91798c8a7eb1245d3bb9c5aafb09335"
                 "8c13e6ae1111a55717e895fd15f99f07"),
        from_hex("94f4487e1b2fec954309ef1289ecb2e15043a2461ecc7b2ae7d4470607ef82eb"
                 "1cfa97d84991fe4a7bfdfd715606bc27e2967a6c557cfb5875879b671740b7d8"),
    };
}

static void assert_example(const struct example *e)
{
    struct vrf_key key;
    uint8_t proof[VRF_PROOF_BYTES], output[VRF_OUTPUT_BYTES];

    vrf_key_of_seed(e->seed.at, &key);
    assert_bytes((struct bytes){ key.public_key, VRF_KEY_BYTES }, e->public_key);
    vrf_prove(&key, e->alpha, proof, output);
    assert_bytes((struct bytes){ proof, sizeof(proof) }, e->proof);
    assert_bytes((struct bytes){ output, sizeof(output) }, e->output);
    memset(output, 0, sizeof(output));
    assert_true(vrf_verify(e->public_key.at, e->alpha, e->proof.at, output));
    assert_bytes((struct bytes){ output, sizeof(output) }, e->output);
}

static void test_proofs_are_those_of_the_draft(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct example e = draft_example(i);

        assert_example(&e);
    }
}

/* "VRF proof; seed HEX; public key HEX; alpha HEX or (empty); output HEX" */
static struct bytes field_of(const char *meaning, const char *name)
{
    const char *at = strstr(meaning, name);
    char hex[256];
    size_t len;

    assert_non_null(at);
    at += strlen(name);
    len = strcspn(at, ";");
    assert_true(len < sizeof(hex));
    memcpy(hex, at, len);
    hex[len] = '\0';
    return from_hex(strcmp(hex, "(empty)") == 0 ? "" : hex);
}

static void test_proofs_are_those_of_the_reference(void **state)
{
    static const char *const names[] = { "vrf03-generated_1", "vrf03-generated_2",
                                         "vrf03-generated_3", "vrf03-generated_4",
                                         "vrf03-standard_10", "vrf03-standard_11",
                                         "vrf03-standard_12" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct bytes proof = shared_vector(names[i]);
        const char *meaning = shared_vector_meaning(names[i]);
        struct example e = { field_of(meaning, "seed "), field_of(meaning, "public key "),
                             field_of(meaning, "alpha "), proof, field_of(meaning, "output ") };

        assert_example(&e);
    }
}

static void test_each_bit_of_a_proof_counts(void **state)
{
    struct example e = draft_example(1);
    uint8_t proof[VRF_PROOF_BYTES], output[VRF_OUTPUT_BYTES] = { 7 };

    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof(proof); bit++) {
        memcpy(proof, e.proof.at, sizeof(proof));
        proof[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(vrf_verify(e.public_key.at, e.alpha, proof, output));
    }
    assert_int_equal(output[0], 7);
}

static void test_a_proof_is_of_one_key_and_one_input(void **state)
{
    struct example e = draft_example(1), other = draft_example(0);
    uint8_t output[VRF_OUTPUT_BYTES];

    (void)state;
    assert_false(vrf_verify(e.public_key.at, from_hex("73"), e.proof.at, output));
    assert_false(vrf_verify(e.public_key.at, from_hex(""), e.proof.at, output));
    assert_false(vrf_verify(other.public_key.at, e.alpha, e.proof.at, output));
}

/* The same number modulo the order of the group, written in another way. */
static void test_a_second_form_of_s_is_refused(void **state)
{
    static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                       0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                       0,    0,    0,    0,    0,    0,    0,    0,
                                       0,    0,    0,    0,    0,    0,    0,    0x10 };
    struct example e = draft_example(1);
    uint8_t proof[VRF_PROOF_BYTES], output[VRF_OUTPUT_BYTES];
    unsigned carry = 0;

    (void)state;
    memcpy(proof, e.proof.at, sizeof(proof));
    for (int i = 0; i < 32; i++) {
        carry += proof[48 + i] + order[i];
        proof[48 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_false(vrf_verify(e.public_key.at, e.alpha, proof, output));
}

/* Points of order 1, 2, 4 and 8, and encodings of y >= p. */
static void test_odd_points_are_refused_as_keys_and_as_gamma(void **state)
{
    static const char *const points[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    struct example e = draft_example(1);
    uint8_t proof[VRF_PROOF_BYTES], output[VRF_OUTPUT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
        struct bytes point = from_hex(points[i]);

        assert_false(vrf_verify(point.at, e.alpha, e.proof.at, output));
        memcpy(proof, e.proof.at, sizeof(proof));
        memcpy(proof, point.at, point.count);
        assert_false(vrf_verify(e.public_key.at, e.alpha, proof, output));
    }
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proofs_are_those_of_the_draft),
        cmocka_unit_test(test_proofs_are_those_of_the_reference),
        cmocka_unit_test(test_each_bit_of_a_proof_counts),
        cmocka_unit_test(test_a_proof_is_of_one_key_and_one_input),
        cmocka_unit_test(test_a_second_form_of_s_is_refused),
        cmocka_unit_test(test_odd_points_are_refused_as_keys_and_as_gamma),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
