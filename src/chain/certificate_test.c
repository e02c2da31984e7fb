#include "chain/certificate.h"

#include "chain/hash.h"
#include "support/hex.h"
#include "support/test.h"

/* Of cold seed 01 x 32 over the KES key of seed 02 x 32, counter 0, period 0. */
#define WORKED_KES_KEY "964f4a4f25d67b4e52a8c244b070bbed7982fa112560f61300682e619e498cad"
#define WORKED_COLD_KEY "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
#define WORKED_SIGMA                                                   \
    "ab621ef256e31fd46f2575733c92abcbbb01950c90d6a6a7f01790da01fae94d" \
    "21e018c0f5174c552c753164998d1b0e952ad8c65674d8610538ea2228cf0c04"

static struct certificate worked(void)
{
    struct certificate c = { 0 };

    memcpy(c.kes_key, from_hex(WORKED_KES_KEY).at, sizeof(c.kes_key));
    certificate_sign(&c, repeated(1, 32).at);
    return c;
}

static void test_the_signature_of_a_known_key_is_known(void **state)
{
    struct certificate c = worked();

    (void)state;
    assert_bytes((struct bytes){ c.signature, sizeof(c.signature) }, from_hex(WORKED_SIGMA));
    assert_true(certificate_verify(&c, from_hex(WORKED_COLD_KEY).at));
    assert_false(certificate_verify(&c, from_hex(WORKED_KES_KEY).at));
}

static void test_each_field_is_signed(void **state)
{
    struct bytes cold = from_hex(WORKED_COLD_KEY);
    struct certificate c;

    (void)state;
    c = worked();
    c.kes_key[31] ^= 1;
    assert_false(certificate_verify(&c, cold.at));
    c = worked();
    c.counter = 1;
    assert_false(certificate_verify(&c, cold.at));
    c = worked();
    c.kes_period = 1;
    assert_false(certificate_verify(&c, cold.at));
    c = worked();
    c.signature[63] ^= 1;
    assert_false(certificate_verify(&c, cold.at));
}

static void test_what_was_written_is_read_back(void **state)
{
    struct certificate c = worked(), back = { 0 };
    struct cbor input;
    struct buffer b;

    (void)state;
    c.counter = UINT64_MAX;
    c.kes_period = 1224;
    buffer_init(&b, allocator_libc(), 4096);
    certificate_write(&b, &c);
    assert_int_equal(b.len, 1 + 34 + 9 + 3 + 66);
    input = cbor_open(bytes_of(&b));
    certificate_read(&input, &back);
    assert_true(cbor_at_end(&input));
    assert_memory_equal(&c, &back, sizeof(c));
    buffer_release(&b);
}

static void test_other_forms_are_refused(void **state)
{
    static const char *const inputs[] = {
        "80",
        "83 4100 00 00",
        "84 5821000000000000000000000000000000000000000000000000000000000000000000 00 00 40",
        "9f ff",
        "a0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
        struct cbor input = cbor_open(from_hex(inputs[i]));
        struct certificate c;

        certificate_read(&input, &c);
        assert_int_equal(input.result, WIRE_BAD);
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
        cmocka_unit_test(test_the_signature_of_a_known_key_is_known),
        cmocka_unit_test(test_each_field_is_signed),
        cmocka_unit_test(test_what_was_written_is_read_back),
        cmocka_unit_test(test_other_forms_are_refused),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
