#include <sodium.h>

#include "chain/tx.h"

enum { TAG_SET = 258 };

/* Metadata is cut into byte strings of this length, the longest that the chain takes, under one
 * label. */
enum { METADATA_CHUNK = 64, METADATA_LABEL = 1 };

/* The budget of a script that is only modelled needs no data: the number 0. */
enum { MODEL_DATUM = 0 };

static bool has_ttl(const struct tx_build *parts)
{
    return parts->ttl != 0;
}

static bool has_metadata(const struct tx_build *parts)
{
    return parts->metadata_bytes != 0;
}

static bool has_script(const struct tx_build *parts)
{
    return parts->script.at != NULL;
}

static void put_set(struct buffer *b, uint64_t count)
{
    cbor_put_tag(b, TAG_SET);
    cbor_put_list(b, count);
}

static void put_inputs(struct buffer *b, const struct tx_input *inputs, size_t count)
{
    put_set(b, count);
    for (size_t i = 0; i < count; i++) {
        cbor_put_list(b, 2);
        cbor_put_bytes(b, (struct bytes){ inputs[i].id, HASH_BYTES });
        cbor_put_uint(b, inputs[i].index);
    }
}

static void put_outputs(struct buffer *b, const struct tx_build *parts)
{
    cbor_put_list(b, parts->output_count);
    for (size_t i = 0; i < parts->output_count; i++) {
        const struct tx_build_output *output = &parts->outputs[i];

        cbor_put_map(b, 2);
        cbor_put_uint(b, 0);
        cbor_put_bytes(b, (struct bytes){ output->address, output->address_bytes });
        cbor_put_uint(b, 1);
        cbor_put_uint(b, output->coin);
    }
}

/* {label: [h'..', ..]}: the strings together are as long as asked for. */
static void put_metadata(struct buffer *b, const struct tx_build *parts)
{
    size_t left = parts->metadata_bytes;
    uint8_t chunk[METADATA_CHUNK];

    for (size_t i = 0; i < sizeof chunk; i++)
        chunk[i] = (uint8_t)i;
    cbor_put_map(b, 1);
    cbor_put_uint(b, METADATA_LABEL);
    cbor_put_list(b, (left + METADATA_CHUNK - 1) / METADATA_CHUNK);
    while (left > 0) {
        size_t count = left < METADATA_CHUNK ? left : METADATA_CHUNK;

        cbor_put_bytes(b, (struct bytes){ chunk, count });
        left -= count;
    }
}

/* {[spending, index]: [data, [memory, steps]], ..}: one for each input. */
static void put_redeemers(struct buffer *b, const struct tx_build *parts)
{
    cbor_put_map(b, parts->input_count);
    for (size_t i = 0; i < parts->input_count; i++) {
        cbor_put_list(b, 2);
        cbor_put_uint(b, TX_SPENDING);
        cbor_put_uint(b, i);
        cbor_put_list(b, 2);
        cbor_put_uint(b, MODEL_DATUM);
        cbor_put_list(b, 2);
        cbor_put_uint(b, parts->script_memory);
        cbor_put_uint(b, parts->script_steps);
    }
}

/* The hash of what put() makes. It is made behind the end of the buffer, which is then cut. */
static void hash_of(struct buffer *b, void (*put)(struct buffer *, const struct tx_build *),
                    const struct tx_build *parts, uint8_t ret[HASH_BYTES])
{
    size_t start = b->len;

    memset(ret, 0, HASH_BYTES);
    put(b, parts);
    if (buffer_status(b))
        return;
    hash256((struct bytes){ (const uint8_t *)b->at + start, b->len - start }, ret);
    buffer_cut(b, start);
}

static void put_hash_member(struct buffer *b, uint64_t key, const uint8_t hash[HASH_BYTES])
{
    cbor_put_uint(b, key);
    cbor_put_bytes(b, (struct bytes){ hash, HASH_BYTES });
}

/* Redeemers and the prices of script languages; these are none here, as no script runs. */
static void put_script_data(struct buffer *b, const struct tx_build *parts)
{
    put_redeemers(b, parts);
    cbor_put_map(b, 0);
}

static void put_body(struct buffer *b, const struct tx_build *parts)
{
    uint8_t auxiliary_hash[HASH_BYTES], script_data_hash[HASH_BYTES];

    if (has_metadata(parts))
        hash_of(b, put_metadata, parts, auxiliary_hash);
    if (has_script(parts))
        hash_of(b, put_script_data, parts, script_data_hash);

    cbor_put_map(b, UINT64_C(3) + has_ttl(parts) + has_metadata(parts) + has_script(parts) +
                        (parts->collateral != NULL));
    cbor_put_uint(b, 0);
    put_inputs(b, parts->inputs, parts->input_count);
    cbor_put_uint(b, 1);
    put_outputs(b, parts);
    cbor_put_uint(b, 2);
    cbor_put_uint(b, parts->fee);
    if (has_ttl(parts)) {
        cbor_put_uint(b, 3);
        cbor_put_uint(b, parts->ttl);
    }
    if (has_metadata(parts))
        put_hash_member(b, 7, auxiliary_hash);
    if (has_script(parts))
        put_hash_member(b, 11, script_data_hash);
    if (parts->collateral) {
        cbor_put_uint(b, 13);
        put_inputs(b, parts->collateral, 1);
    }
}

static void put_key_witness(struct buffer *b, const uint8_t seed[32], const uint8_t id[HASH_BYTES])
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    uint8_t signature[crypto_sign_BYTES];

    crypto_sign_seed_keypair(key, secret, seed);
    crypto_sign_detached(signature, NULL, id, HASH_BYTES, secret);
    cbor_put_list(b, 2);
    cbor_put_bytes(b, (struct bytes){ key, sizeof key });
    cbor_put_bytes(b, (struct bytes){ signature, sizeof signature });
    sodium_memzero(secret, sizeof secret);
}

static void put_witnesses(struct buffer *b, const struct tx_build *parts,
                          const uint8_t id[HASH_BYTES])
{
    cbor_put_map(b, (parts->signing_count > 0 ? 1U : 0U) + (has_script(parts) ? 2U : 0U));
    if (parts->signing_count > 0) {
        cbor_put_uint(b, 0);
        put_set(b, parts->signing_count);
        for (size_t i = 0; i < parts->signing_count; i++)
            put_key_witness(b, parts->signing_seeds[i], id);
    }
    if (has_script(parts)) {
        cbor_put_uint(b, 5);
        put_redeemers(b, parts);
        cbor_put_uint(b, 7);
        put_set(b, 1);
        cbor_put_bytes(b, parts->script);
    }
}

enum ou_status tx_build(const struct tx_build *parts, struct buffer *b, uint8_t ret_id[HASH_BYTES],
                        struct ou_error *err)
{
    size_t start = b->len, body_start;
    uint8_t id[HASH_BYTES];
    enum ou_status status;

    if (parts->input_count == 0 || parts->output_count == 0)
        return ou_fail(err, OU_USAGE, "a transaction needs inputs and outputs");
    if (parts->input_count > TX_PARTS_MAX || parts->output_count > TX_PARTS_MAX ||
        parts->signing_count > TX_PARTS_MAX)
        return ou_fail(err, OU_USAGE, "a transaction has at most %d inputs, outputs and witnesses",
                       TX_PARTS_MAX);
    cbor_put_list(b, 4);
    body_start = b->len;
    put_body(b, parts);
    if (!buffer_status(b)) {
        hash256((struct bytes){ (const uint8_t *)b->at + body_start, b->len - body_start }, id);
        put_witnesses(b, parts, id);
        cbor_put_bool(b, true);
        if (has_metadata(parts))
            put_metadata(b, parts);
        else
            cbor_put_null(b);
    }
    status = buffer_status(b);
    if (status) {
        buffer_cut(b, start);
        return ou_fail(err, status, "no room for a transaction");
    }
    memcpy(ret_id, id, sizeof id);
    return OU_OK;
}
