#include "chain/hash.h"

#include "support/hex.h"
#include "support/test.h"

static void assert_hash256(struct bytes input, const char *hex)
{
    uint8_t hash[HASH_BYTES];

    hash256(input, hash);
    assert_bytes((struct bytes){ hash, sizeof(hash) }, from_hex(hex));
}

/* RFC 7693 gives the function; the values are those of other implementations (Python's hashlib). */
static void test_known_inputs_have_their_known_hashes(void **state)
{
    uint8_t hash[KEY_HASH_BYTES];

    (void)state;
    assert_hash256((struct bytes){ NULL, 0 },
                   "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    assert_hash256(from_hex("a0"),
                   "d36a2619a672494604e11bb447cbcf5231e9f2ba25c2169177edc941bd50ad6c");
    assert_hash256(from_hex("80"),
                   "45b0cfc220ceec5b7c1c62c4d4193d38e4eba48e8815729ce75f9c0ab0e4c1c0");
    hash224(from_hex("ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"), hash);
    assert_bytes((struct bytes){ hash, sizeof(hash) },
                 from_hex("8b218424ad74df25d35c2ea8e094a4c5c5aeb2cbb442419331569313"));
}

static void test_a_pair_hashes_as_both_in_a_row(void **state)
{
    struct bytes whole = from_hex("000102030405060708090a0b0c0d0e0f");
    uint8_t want[HASH_BYTES], got[HASH_BYTES];

    (void)state;
    hash256(whole, want);
    for (size_t cut = 0; cut <= whole.count; cut++) {
        hash256_pair((struct bytes){ whole.at, cut },
                     (struct bytes){ whole.at + cut, whole.count - cut }, got);
        assert_memory_equal(got, want, sizeof(want));
    }
}

static void test_text_is_64_digits(void **state)
{
    const char *hex = "27807a70215e3e018eec9be8c619c692e06a78ebcb63daf90d7abe823f3bbf47";
    char text[2 * HASH_BYTES + 1];

    (void)state;
    hash_text(from_hex(hex).at, text);
    assert_string_equal(text, hex);
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_inputs_have_their_known_hashes),
        cmocka_unit_test(test_a_pair_hashes_as_both_in_a_row),
        cmocka_unit_test(test_text_is_64_digits),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
