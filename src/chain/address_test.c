#include "chain/address.h"

#include "support/hex.h"
#include "support/test.h"

#define KEY "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"
#define KEY_HASH "8b218424ad74df25d35c2ea8e094a4c5c5aeb2cbb442419331569313"
#define OTHER_HASH "00112233445566778899aabbccddeeff00112233445566778899aabb"

static struct address read_hex(const char *hex)
{
    struct address address;
    struct ou_error err = { { 0 } };

    if (address_read(from_hex(hex), &address, &err))
        fail_msg("%s: %s", hex, err.text);
    return address;
}

static void assert_refused(const char *hex)
{
    struct address address;
    struct ou_error err = { { 0 } };

    assert_int_equal(address_read(from_hex(hex), &address, &err), OU_INVALID);
    assert_true(err.text[0] != '\0');
}

static void assert_hash(const uint8_t *hash, const char *hex)
{
    assert_non_null(hash);
    assert_bytes((struct bytes){ hash, KEY_HASH_BYTES }, from_hex(hex));
}

static void test_the_header_byte_says_what_the_parts_are(void **state)
{
    struct address a = read_hex("00" KEY_HASH OTHER_HASH);

    (void)state;
    assert_int_equal(a.kind, ADDRESS_KEY);
    assert_int_equal(a.network, 0);
    assert_hash(a.payment, KEY_HASH);
    assert_hash(a.stake, OTHER_HASH);

    a = read_hex("11" KEY_HASH OTHER_HASH);
    assert_int_equal(a.kind, ADDRESS_SCRIPT);
    assert_int_equal(a.network, 1);
    assert_hash(a.stake, OTHER_HASH);

    a = read_hex("21" KEY_HASH OTHER_HASH); /* the stake part is a script */
    assert_int_equal(a.kind, ADDRESS_KEY);
    assert_null(a.stake);
    a = read_hex("31" KEY_HASH OTHER_HASH);
    assert_int_equal(a.kind, ADDRESS_SCRIPT);
    assert_null(a.stake);

    a = read_hex("61" KEY_HASH);
    assert_int_equal(a.kind, ADDRESS_KEY);
    assert_int_equal(a.network, 1);
    assert_hash(a.payment, KEY_HASH);
    assert_null(a.stake);
    a = read_hex("70" KEY_HASH);
    assert_int_equal(a.kind, ADDRESS_SCRIPT);
}

static void test_addresses_without_payment_parts_of_interest_are_other(void **state)
{
    static const char *const others[] = { "e1" KEY_HASH, "f0" KEY_HASH, "40" KEY_HASH "010203",
                                          "50" KEY_HASH "8100028303", "82d818582183581c" };

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct address a = read_hex(others[i]);

        assert_int_equal(a.kind, ADDRESS_OTHER);
        assert_null(a.payment);
        assert_null(a.stake);
    }
    assert_int_equal(read_hex("e1" KEY_HASH).network, 1);
}

static void test_lengths_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    assert_refused("");
    assert_refused("60");
    assert_refused("60" KEY_HASH "00");
    assert_refused("00" KEY_HASH);
    assert_refused("30" KEY_HASH);
    assert_refused("00" KEY_HASH OTHER_HASH "00");
    assert_refused("40" KEY_HASH);
    assert_refused("e0" KEY_HASH OTHER_HASH);
    assert_refused("90" KEY_HASH);
    assert_refused("d0" KEY_HASH);
}

static void test_addresses_of_keys_and_scripts_are_made(void **state)
{
    uint8_t got[ADDRESS_MAX_BYTES];
    const uint8_t *key = from_hex(KEY).at;

    (void)state;
    assert_int_equal(address_enterprise(0, key, got), 29);
    assert_bytes((struct bytes){ got, 29 }, from_hex("60" KEY_HASH));
    assert_int_equal(address_enterprise(1, key, got), 29);
    assert_int_equal(got[0], 0x61);
    assert_int_equal(address_base(1, key, key, got), 57);
    assert_bytes((struct bytes){ got, 57 }, from_hex("01" KEY_HASH KEY_HASH));
    assert_int_equal(address_script(0, from_hex(OTHER_HASH).at, got), 29);
    assert_bytes((struct bytes){ got, 29 }, from_hex("70" OTHER_HASH));
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_header_byte_says_what_the_parts_are),
        cmocka_unit_test(test_addresses_without_payment_parts_of_interest_are_other),
        cmocka_unit_test(test_lengths_that_do_not_fit_are_refused),
        cmocka_unit_test(test_addresses_of_keys_and_scripts_are_made),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
