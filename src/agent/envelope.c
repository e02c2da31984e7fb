#include "agent/envelope.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"

_Static_assert(ENVELOPE_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519");
_Static_assert(ENVELOPE_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(ENVELOPE_SEED_BYTES == crypto_sign_SEEDBYTES, "Ed25519");

#define SIGNATURE_HEX (2 * crypto_sign_BYTES + 1)

/* A text grows by its escapes when it stands in another document: at most to "\u0000" a byte, which no document of ours
 * comes near. What is signed is bounded as what is sent. */
#define SIGNED_BYTES_MAX (ENVELOPE_BYTES_MAX + 64)

void envelope_keys(const unsigned char seed[ENVELOPE_SEED_BYTES],
                   unsigned char ret_public[ENVELOPE_PUBLIC_BYTES],
                   unsigned char ret_secret[ENVELOPE_SECRET_BYTES])
{
    crypto_sign_seed_keypair(ret_public, ret_secret, seed);
}

/* What a signature is over. */
static enum ou_status signed_bytes(const char *purpose, const char *text, struct buffer *ret,
                                   struct ou_error *err)
{
    buffer_init(ret, allocator_libc(), SIGNED_BYTES_MAX);
    buffer_text(ret, purpose);
    buffer_char(ret, '\n');
    buffer_text(ret, text);
    return buffer_status(ret) ? ou_fail(err, buffer_status(ret), "a signed document is too large")
                              : OU_OK;
}

static enum ou_status sign(const char *purpose, const char *text,
                           const unsigned char secret[ENVELOPE_SECRET_BYTES],
                           char ret[SIGNATURE_HEX], struct ou_error *err)
{
    unsigned char signature[crypto_sign_BYTES];
    struct buffer all;
    enum ou_status status = signed_bytes(purpose, text, &all, err);

    if (!status) {
        crypto_sign_detached(signature, NULL, (const unsigned char *)all.at, all.len, secret);
        sodium_bin2hex(ret, SIGNATURE_HEX, signature, sizeof signature);
    }
    buffer_release(&all);
    return status;
}

static bool is_signed(const char *purpose, const char *text, const char *hex,
                      const unsigned char key[ENVELOPE_PUBLIC_BYTES])
{
    unsigned char signature[crypto_sign_BYTES];
    size_t len = 0;
    struct buffer all;
    bool good =
        sodium_hex2bin(signature, sizeof signature, hex, strlen(hex), NULL, &len, NULL) == 0 &&
        len == sizeof signature && !signed_bytes(purpose, text, &all, NULL);

    if (!good)
        return false;
    good = crypto_sign_verify_detached(signature, (const unsigned char *)all.at, all.len, key) == 0;
    buffer_release(&all);
    return good;
}

static enum ou_status dump_envelope(const char *text, const char *signature, struct buffer *ret,
                                    struct ou_error *err)
{
    json_t *envelope = json_pack("{s:s, s:s}", "text", text, "signature", signature);
    char *dumped = envelope ? json_tree_text(envelope, JSON_COMPACT) : NULL;
    enum ou_status status = OU_OK;

    if (!dumped)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for a signed document");
    else if (strlen(dumped) > ENVELOPE_BYTES_MAX)
        status = ou_fail(err, OU_TOO_LARGE, "a signed document is too large");
    else
        buffer_text(ret, dumped);
    free(dumped);
    json_decref(envelope);
    return status ? status : buffer_status(ret);
}

enum ou_status envelope_seal(const char *purpose, const json_t *document,
                             const unsigned char secret[ENVELOPE_SECRET_BYTES], struct buffer *ret,
                             struct ou_error *err)
{
    char *text = json_tree_text(document, JSON_COMPACT);
    char signature[SIGNATURE_HEX];
    enum ou_status status;

    if (!text)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a signed document");
    status = sign(purpose, text, secret, signature, err);
    if (!status)
        status = dump_envelope(text, signature, ret, err);
    free(text);
    return status;
}

/* Messages do not quote the document: it may have URLs that say all. */
enum ou_status envelope_open(const char *purpose, struct span text,
                             const unsigned char key[ENVELOPE_PUBLIC_BYTES], json_t **ret,
                             struct ou_error *err)
{
    json_t *envelope = NULL;
    const char *inner, *signature;
    enum ou_status status;

    *ret = NULL;
    if (text.len > ENVELOPE_BYTES_MAX)
        return ou_fail(err, OU_TOO_LARGE, "a signed document of %zu bytes is too large", text.len);
    status = json_tree_parse(text, "envelope", &envelope, NULL);
    if (status)
        return ou_fail(err, status, "what should be a signed document is no JSON");
    inner = json_string_value(json_object_get(envelope, "text"));
    signature = json_string_value(json_object_get(envelope, "signature"));
    if (!inner || !signature || json_object_size(envelope) != 2)
        status = ou_fail(err, OU_INVALID, "what should be a signed document is none");
    else if (!is_signed(purpose, inner, signature, key))
        status = ou_fail(err, OU_INVALID, "the signature of a document is not that of its author");
    else if (json_tree_parse(span_of(inner), "document", ret, NULL))
        status = ou_fail(err, OU_INVALID, "what was signed is no JSON");
    json_decref(envelope);
    return status;
}
