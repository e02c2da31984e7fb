#include "chain/key_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "chain/hash.h"
#include "support/files.h"
#include "support/hex.h"
#include "support/test.h"

static struct temp_dir dir;
static struct ou_error err;

static int start(void **state)
{
    (void)state;
    umask(022); /* modes are compared */
    return (int)chain_crypto_start(NULL);
}

static int open_dir(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    return 0;
}

static int close_dir(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static void assert_says(enum ou_status status, enum ou_status want, const char *why)
{
    assert_int_equal(status, want);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static const struct {
    const char *type;
    size_t bytes;
} kinds[] = {
#define X(name, type, description, bytes) { type, bytes },
    KEY_FILE_KINDS(X)
#undef X
};

static void test_each_kind_is_written_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        bool secret = strstr(kinds[i].type, "Signing") != NULL;
        const char *path = temp_path(&dir, kinds[i].type);
        struct bytes key = repeated((uint8_t)(0xc0 + i), kinds[i].bytes);
        uint8_t got[KEY_MAX_BYTES];

        assert_int_equal(key_file_write(path, (enum key_file_kind)i, key.at, &err), OU_OK);
        assert_int_equal(mode_of(path) & 077, secret ? 0 : 044);
        assert_int_equal(key_file_read(path, (enum key_file_kind)i, got, &err), OU_OK);
        assert_memory_equal(got, key.at, key.count);
    }
}

/* What other tools look for in such a file. */
static void test_a_file_has_the_three_members_of_other_tools(void **state)
{
    const char *path = temp_path(&dir, "vrf.vkey");
    struct buffer text;

    (void)state;
    assert_int_equal(key_file_write(path, KEY_vrf_verification, repeated(0xab, 32).at, &err),
                     OU_OK);
    buffer_init(&text, allocator_libc(), 4096);
    assert_int_equal(file_read(path, &text, &err), OU_OK);
    assert_string_equal(text.at,
                        "{\n"
                        "  \"type\": \"VrfVerificationKey_PraosVRF\",\n"
                        "  \"description\": \"VRF Verification Key\",\n"
                        "  \"cborHex\": "
                        "\"5820abababababababababababababababababababababababababababababababab\"\n"
                        "}\n");
    buffer_release(&text);
}

/* ---- refusals ---- */

static enum ou_status read_payment_key(const char *text)
{
    uint8_t key[KEY_MAX_BYTES];

    return key_text_read(span_of(text), "k.vkey", KEY_payment_verification, key, &err);
}

#define PAYMENT "\"type\": \"PaymentVerificationKeyShelley_ed25519\""

static void test_other_texts_are_refused_with_the_reason(void **state)
{
    (void)state;
    assert_says(read_payment_key(""), OU_INVALID, "k.vkey:1:");
    assert_says(read_payment_key("[]"), OU_INVALID, "k.vkey: this is no key file");
    assert_says(read_payment_key("{\"type\": 1}"), OU_INVALID,
                "a PaymentVerificationKeyShelley_ed25519 was expected");
    assert_says(read_payment_key("{\"type\": \"VrfSigningKey_PraosVRF\"}"), OU_INVALID,
                "k.vkey: holds a VrfSigningKey_PraosVRF where a "
                "PaymentVerificationKeyShelley_ed25519 was expected");
    assert_says(read_payment_key("{" PAYMENT "}"), OU_INVALID, "\"cborHex\" is missing");
    assert_says(read_payment_key("{" PAYMENT ", \"cborHex\": \"5\"}"), OU_INVALID,
                "not pairs of hexadecimal digits");
    assert_says(read_payment_key("{" PAYMENT ", \"cborHex\": \"58 20\"}"), OU_INVALID,
                "not pairs of hexadecimal digits");
    assert_says(read_payment_key("{" PAYMENT ", \"cborHex\": \"5820ab\"}"), OU_INVALID,
                "not one CBOR byte string");
    assert_says(read_payment_key("{" PAYMENT ", \"cborHex\": \"41ab00\"}"), OU_INVALID,
                "not one CBOR byte string");
    assert_says(read_payment_key("{" PAYMENT ", \"cborHex\": \"41ab\"}"), OU_INVALID,
                "a PaymentVerificationKeyShelley_ed25519 of 1 bytes where it has 32");
}

static void test_long_input_is_refused_before_it_is_kept(void **state)
{
    struct bytes digits = repeated('a', KEY_FILE_MAX_BYTES);
    const char *path = temp_path(&dir, "long.vkey");
    uint8_t key[KEY_MAX_BYTES];
    char *text;

    (void)state;
    assert_true(
        asprintf(&text, "{" PAYMENT ", \"cborHex\": \"%.2050s\"}", (const char *)digits.at) > 0);
    assert_says(read_payment_key(text), OU_TOO_LARGE, "longer than that of any key");
    free(text);
    assert_true(asprintf(&text, "%.*s.", KEY_FILE_MAX_BYTES, (const char *)digits.at) > 0);
    write_file(path, text, strlen(text));
    free(text);
    assert_says(key_file_read(path, KEY_payment_verification, key, &err), OU_TOO_LARGE,
                "long.vkey");
}

static void test_a_file_that_is_not_there_is_named(void **state)
{
    uint8_t key[KEY_MAX_BYTES] = { 0 };

    (void)state;
    assert_says(key_file_read(temp_path(&dir, "none.skey"), KEY_vrf_signing, key, &err),
                OU_NOT_FOUND, "none.skey");
    assert_int_not_equal(
        key_file_write(temp_path(&dir, "no/folder.skey"), KEY_vrf_signing, key, &err), OU_OK);
    assert_non_null(strstr(err.text, "no/folder.skey"));
}

static void test_secret_keys_are_the_owners_alone(void **state)
{
    const char *secret = temp_path(&dir, "s.skey"), *public = temp_path(&dir, "p.vkey");
    static const mode_t others[] = { 0640, 0620, 0604, 0601, 0666 };
    uint8_t key[KEY_MAX_BYTES] = { 0 };

    (void)state;
    assert_int_equal(key_file_write(secret, KEY_pool_signing, key, &err), OU_OK);
    assert_int_equal(mode_of(secret), 0600);
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        char mode[16];

        assert_int_equal(chmod(secret, others[i]), 0);
        snprintf(mode, sizeof(mode), "mode %03o", (unsigned)others[i]);
        assert_says(key_file_read(secret, KEY_pool_signing, key, &err), OU_INVALID, mode);
    }
    assert_int_equal(chmod(secret, 0400), 0);
    assert_int_equal(key_file_read(secret, KEY_pool_signing, key, &err), OU_OK);
    assert_int_equal(key_file_write(public, KEY_pool_verification, key, &err), OU_OK);
    assert_int_equal(chmod(public, 0666), 0);
    assert_int_equal(key_file_read(public, KEY_pool_verification, key, &err), OU_OK);
}

/* ---- KES keys ---- */

static void test_a_kes_key_signs_after_its_file(void **state)
{
    const char *path = temp_path(&dir, "kes.skey");
    struct bytes message = from_hex("0102");
    uint8_t a[KES_SIGNATURE_BYTES], b[KES_SIGNATURE_BYTES];
    struct kes_key key, back;

    (void)state;
    kes_key_of_seed(repeated(2, KES_SEED_BYTES).at, &key);
    assert_int_equal(kes_key_file_write(path, &key, &err), OU_OK);
    assert_int_equal(kes_key_file_read(path, &back, &err), OU_OK);
    kes_sign(&key, 63, message, a);
    kes_sign(&back, 63, message, b);
    assert_memory_equal(a, b, sizeof(a));
}

static void test_a_kes_key_of_a_later_period_is_refused(void **state)
{
    const char *path = temp_path(&dir, "kes.skey");
    uint8_t packed[KES_PACKED_BYTES];
    struct kes_key key;

    (void)state;
    kes_key_of_seed(repeated(2, KES_SEED_BYTES).at, &key);
    kes_key_pack(&key, packed);
    /* Period 1: the leaf on the right, whose seed is no longer to come. */
    memcpy(packed, packed + KES_SEED_BYTES, KES_SEED_BYTES);
    memset(packed + KES_SEED_BYTES, 0, KES_SEED_BYTES);
    assert_int_equal(key_file_write(path, KEY_kes_signing, packed, &err), OU_OK);
    assert_says(kes_key_file_read(path, &key, &err), OU_INVALID, "evolved to period 1;");
    packed[0] ^= 1;
    assert_int_equal(key_file_write(path, KEY_kes_signing, packed, &err), OU_OK);
    assert_says(kes_key_file_read(path, &key, &err), OU_INVALID, "a damaged KES key");
}

/* ---- certificates ---- */

static void test_a_certificate_is_read_back_with_its_cold_key(void **state)
{
    const char *path = temp_path(&dir, "node.cert");
    struct certificate c = { .counter = 24, .kes_period = 1224 }, back;
    uint8_t cold[32];

    (void)state;
    certificate_sign(&c, repeated(1, 32).at);
    assert_int_equal(certificate_file_write(path, &c, repeated(0xcd, 32).at, &err), OU_OK);
    assert_int_equal(lines_with(path, "\"type\": \"NodeOperationalCertificate\""), 1);
    assert_int_equal(lines_with(path, "\"cborHex\": \"828458200000"), 1);
    assert_int_equal(certificate_file_read(path, &back, cold, &err), OU_OK);
    assert_memory_equal(&back, &c, sizeof(c));
    assert_memory_equal(cold, repeated(0xcd, 32).at, sizeof(cold));
}

static void test_other_certificates_are_refused(void **state)
{
    static const char *const texts[] = {
        "{\"type\": \"NodeOperationalCertificate\", \"cborHex\": \"82\"}",
        "{\"type\": \"NodeOperationalCertificate\", \"cborHex\": \"8380\"}",
        "{\"type\": \"NodeOperationalCertificate\", \"cborHex\": \"\"}",
    };
    struct certificate c;
    uint8_t cold[32];

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        assert_says(certificate_text_read(span_of(texts[i]), "c", &c, cold, &err), OU_INVALID,
                    "c: not an operational certificate and a cold key in CBOR: ");
    assert_says(certificate_file_read(temp_path(&dir, "none"), &c, cold, &err), OU_NOT_FOUND,
                "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_kind_is_written_and_read_back, open_dir,
                                        close_dir),
        cmocka_unit_test_setup_teardown(test_a_file_has_the_three_members_of_other_tools, open_dir,
                                        close_dir),
        cmocka_unit_test(test_other_texts_are_refused_with_the_reason),
        cmocka_unit_test_setup_teardown(test_long_input_is_refused_before_it_is_kept, open_dir,
                                        close_dir),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_not_there_is_named, open_dir,
                                        close_dir),
        cmocka_unit_test_setup_teardown(test_secret_keys_are_the_owners_alone, open_dir, close_dir),
        cmocka_unit_test_setup_teardown(test_a_kes_key_signs_after_its_file, open_dir, close_dir),
        cmocka_unit_test_setup_teardown(test_a_kes_key_of_a_later_period_is_refused, open_dir,
                                        close_dir),
        cmocka_unit_test_setup_teardown(test_a_certificate_is_read_back_with_its_cold_key, open_dir,
                                        close_dir),
        cmocka_unit_test_setup_teardown(test_other_certificates_are_refused, open_dir, close_dir),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
