#include "agent/envelope.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* RFC 8032, section 7.1, test 1: seed and public key. */
static const char SEED[] = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
static const char PUBLIC[] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

struct keys {
    unsigned char public[ENVELOPE_PUBLIC_BYTES], secret[ENVELOPE_SECRET_BYTES];
};

static struct keys keys_of(const char *seed_hex)
{
    struct keys keys;
    unsigned char seed[ENVELOPE_SEED_BYTES];

    assert_int_equal(
        sodium_hex2bin(seed, sizeof seed, seed_hex, strlen(seed_hex), NULL, NULL, NULL), 0);
    envelope_keys(seed, keys.public, keys.secret);
    return keys;
}

static struct buffer sealed(const char *purpose, const json_t *document, const struct keys *keys)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), ENVELOPE_BYTES_MAX);
    assert_int_equal(envelope_seal(purpose, document, keys->secret, &text, NULL), OU_OK);
    return text;
}

static enum ou_status opened(const char *purpose, const struct buffer *text,
                             const struct keys *keys)
{
    json_t *document = NULL;
    enum ou_status status =
        envelope_open(purpose, (struct span){ text->at, text->len }, keys->public, &document, NULL);

    assert_true((status == OU_OK) == (document != NULL));
    json_decref(document);
    return status;
}

static void test_a_seed_gives_the_keys_of_the_standard(void **state)
{
    struct keys keys = keys_of(SEED);
    char hex[ENVELOPE_PUBLIC_HEX];

    (void)state;
    sodium_bin2hex(hex, sizeof hex, keys.public, sizeof keys.public);
    assert_string_equal(hex, PUBLIC);
}

static void test_what_was_sealed_is_opened(void **state)
{
    struct keys keys = keys_of(SEED);
    json_t *document = json_pack("{s:s, s:i}", "run", "a \"quoted\" \u00e4 name\n", "number", 7);
    json_t *back = NULL;
    struct buffer text = sealed(ENVELOPE_ORDERS, document, &keys);

    (void)state;
    assert_int_equal(envelope_open(ENVELOPE_ORDERS, (struct span){ text.at, text.len }, keys.public,
                                   &back, NULL),
                     OU_OK);
    assert_true(json_equal(document, back));
    json_decref(back);
    json_decref(document);
    buffer_release(&text);
}

/* Whoever has libsodium and a JSON reader can check one, by the head of the header. */
static void test_the_signature_is_over_purpose_and_text(void **state)
{
    struct keys keys = keys_of(SEED);
    json_t *document = json_pack("{s:i}", "a", 1);
    struct buffer text = sealed(ENVELOPE_STATE, document, &keys);
    json_t *envelope = json_loadb(text.at, text.len, 0, NULL);
    const char *hex = json_string_value(json_object_get(envelope, "signature"));
    unsigned char signature[crypto_sign_BYTES];
    static const char OVER[] = "ouroscope state 1\n{\"a\":1}";

    (void)state;
    assert_string_equal(json_string_value(json_object_get(envelope, "text")), "{\"a\":1}");
    assert_int_equal(
        sodium_hex2bin(signature, sizeof signature, hex, strlen(hex), NULL, NULL, NULL), 0);
    assert_int_equal(crypto_sign_verify_detached(signature, (const unsigned char *)OVER,
                                                 sizeof OVER - 1, keys.public),
                     0);
    json_decref(envelope);
    json_decref(document);
    buffer_release(&text);
}

static void test_no_byte_can_be_changed(void **state)
{
    struct keys keys = keys_of(SEED);
    json_t *document = json_pack("{s:s}", "run", "r1");
    struct buffer text = sealed(ENVELOPE_ORDERS, document, &keys);

    (void)state;
    for (size_t i = 0; i < text.len; i++) {
        char was = text.at[i];

        text.at[i] = (char)(was ^ 1);
        assert_int_equal(opened(ENVELOPE_ORDERS, &text, &keys), OU_INVALID);
        text.at[i] = was;
    }
    assert_int_equal(opened(ENVELOPE_ORDERS, &text, &keys), OU_OK);
    json_decref(document);
    buffer_release(&text);
}

static void test_another_purpose_or_author_is_refused(void **state)
{
    struct keys keys = keys_of(SEED);
    struct keys others =
        keys_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    json_t *document = json_pack("{s:s}", "run", "r1");
    struct buffer text = sealed(ENVELOPE_ORDERS, document, &keys);

    (void)state;
    assert_int_equal(opened(ENVELOPE_STATE, &text, &keys), OU_INVALID);
    assert_int_equal(opened(ENVELOPE_ORDERS, &text, &others), OU_INVALID);
    json_decref(document);
    buffer_release(&text);
}

static void expect_refused(const char *text)
{
    struct keys keys = keys_of(SEED);
    struct ou_error err;
    json_t *document = NULL;

    assert_int_equal(envelope_open(ENVELOPE_ORDERS, span_of(text), keys.public, &document, &err),
                     OU_INVALID);
    assert_null(document);
    assert_null(strstr(err.text, "secret"));
}

static void test_what_is_no_envelope_is_refused_and_not_quoted(void **state)
{
    (void)state;
    expect_refused("");
    expect_refused("\"secret\"");
    expect_refused("{\"text\": secret");
    expect_refused("[]");
    expect_refused("{}");
    expect_refused("{\"text\":\"{}\"}");
    expect_refused("{\"text\":1,\"signature\":2}");
    expect_refused("{\"text\":\"{}\",\"signature\":\"\"}");
    expect_refused("{\"text\":\"{}\",\"signature\":\"secret\"}");
    expect_refused("{\"text\":\"{}\",\"text\":\"{}\",\"signature\":\"00\"}");
    expect_refused("{\"text\":\"{}\",\"signature\":\"00\",\"more\":\"secret\"}");
}

/* Whoever has the key has signed this text, which no seal makes. */
static void test_what_was_signed_is_a_document_and_not_quoted(void **state)
{
    static const char *const texts[] = { "", "secret", "{\"secret\":1", "{\"a\":1,\"a\":2}" };
    struct keys keys = keys_of(SEED);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        unsigned char signature[crypto_sign_BYTES];
        char over[100], hex[2 * crypto_sign_BYTES + 1], *envelope;
        struct ou_error err = { "" };
        json_t *both, *document = NULL;

        snprintf(over, sizeof over, ENVELOPE_ORDERS "\n%s", texts[i]);
        crypto_sign_detached(signature, NULL, (unsigned char *)over, strlen(over), keys.secret);
        sodium_bin2hex(hex, sizeof hex, signature, sizeof signature);
        both = json_pack("{s:s, s:s}", "text", texts[i], "signature", hex);
        envelope = json_dumps(both, JSON_COMPACT);
        assert_int_equal(
            envelope_open(ENVELOPE_ORDERS, span_of(envelope), keys.public, &document, &err),
            OU_INVALID);
        assert_string_equal(err.text, "what was signed is no JSON");
        assert_null(document);
        json_decref(both);
        free(envelope);
    }
}

static void test_a_document_that_is_too_large_is_neither_sealed_nor_opened(void **state)
{
    struct keys keys = keys_of(SEED);
    struct buffer text;
    char *large = malloc(ENVELOPE_BYTES_MAX + 2);
    json_t *document, *back = NULL;

    (void)state;
    assert_non_null(large);
    memset(large, 'x', ENVELOPE_BYTES_MAX + 1);
    large[ENVELOPE_BYTES_MAX + 1] = '\0';
    document = json_pack("{s:s}", "a", large);
    buffer_init(&text, allocator_libc(), 2 * ENVELOPE_BYTES_MAX);
    assert_int_equal(envelope_seal(ENVELOPE_ORDERS, document, keys.secret, &text, NULL),
                     OU_TOO_LARGE);
    assert_int_equal(text.len, 0);
    assert_int_equal(envelope_open(ENVELOPE_ORDERS, span_of(large), keys.public, &back, NULL),
                     OU_TOO_LARGE);
    json_decref(document);
    buffer_release(&text);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_seed_gives_the_keys_of_the_standard),
        cmocka_unit_test(test_what_was_sealed_is_opened),
        cmocka_unit_test(test_the_signature_is_over_purpose_and_text),
        cmocka_unit_test(test_no_byte_can_be_changed),
        cmocka_unit_test(test_another_purpose_or_author_is_refused),
        cmocka_unit_test(test_what_is_no_envelope_is_refused_and_not_quoted),
        cmocka_unit_test(test_what_was_signed_is_a_document_and_not_quoted),
        cmocka_unit_test(test_a_document_that_is_too_large_is_neither_sealed_nor_opened),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
