#include "chain/header.h"

#include <inttypes.h>
#include <stdlib.h>

#define BODY_FIELDS 10

/* ---- reading ---- */

static void read_previous(struct cbor *c, struct header *ret)
{
    ret->has_previous = cbor_peek(c) != CBOR_NULL;
    if (ret->has_previous)
        cbor_fixed(c, sizeof(ret->previous), ret->previous);
    else
        cbor_null(c);
}

static void read_body(struct cbor *c, struct header *ret)
{
    cbor_list_of(c, BODY_FIELDS);
    ret->number = cbor_uint(c);
    ret->slot = cbor_uint(c);
    read_previous(c, ret);
    cbor_fixed(c, sizeof(ret->issuer), ret->issuer);
    cbor_fixed(c, sizeof(ret->vrf_key), ret->vrf_key);
    cbor_list_of(c, 2);
    cbor_fixed(c, sizeof(ret->vrf_output), ret->vrf_output);
    cbor_fixed(c, sizeof(ret->vrf_proof), ret->vrf_proof);
    ret->body_bytes = (uint32_t)cbor_uint_below(c, UINT64_C(1) << 32, "a block body above 4 GiB");
    cbor_fixed(c, sizeof(ret->body_hash), ret->body_hash);
    certificate_read(c, &ret->certificate);
    cbor_list_of(c, 2);
    ret->major = (uint16_t)cbor_uint_below(c, UINT16_MAX + 1, "a protocol version above 65535");
    ret->minor = (uint16_t)cbor_uint_below(c, UINT16_MAX + 1, "a protocol version above 65535");
}

enum wire_result header_read(struct bytes input, struct header *ret, const char **ret_why)
{
    struct cbor c = cbor_open(input);
    struct header got = { .bytes = input };

    if (input.count > HEADER_MAX_BYTES)
        cbor_refuse(&c, "a header above 65535 bytes");
    cbor_list_of(&c, 2);
    got.signed_part.at = c.at;
    read_body(&c, &got);
    got.signed_part.count = (size_t)(c.at - got.signed_part.at);
    cbor_fixed(&c, sizeof(got.signature), got.signature);
    if (cbor_ok(&c) && !cbor_at_end(&c))
        cbor_refuse(&c, "bytes behind the header");
    if (!cbor_ok(&c)) {
        *ret_why = c.why;
        return c.result;
    }
    hash256(input, got.hash);
    *ret = got;
    return WIRE_OK;
}

/* ---- writing ---- */

#define PUT_FIXED(b, field) cbor_put_bytes(b, (struct bytes){ field, sizeof(field) })

static void write_body(struct buffer *b, const struct header *h)
{
    cbor_put_list(b, BODY_FIELDS);
    cbor_put_uint(b, h->number);
    cbor_put_uint(b, h->slot);
    if (h->has_previous)
        PUT_FIXED(b, h->previous);
    else
        cbor_put_null(b);
    PUT_FIXED(b, h->issuer);
    PUT_FIXED(b, h->vrf_key);
    cbor_put_list(b, 2);
    PUT_FIXED(b, h->vrf_output);
    PUT_FIXED(b, h->vrf_proof);
    cbor_put_uint(b, h->body_bytes);
    PUT_FIXED(b, h->body_hash);
    certificate_write(b, &h->certificate);
    cbor_put_list(b, 2);
    cbor_put_uint(b, h->major);
    cbor_put_uint(b, h->minor);
}

void header_write(struct buffer *b, const struct header *fields, const struct kes_key *kes,
                  uint32_t period)
{
    uint8_t signature[KES_SIGNATURE_BYTES];
    size_t start;

    cbor_put_list(b, 2);
    start = b->len;
    write_body(b, fields);
    if (buffer_status(b))
        return; /* nothing whole to sign */
    kes_sign(kes, period, (struct bytes){ (const uint8_t *)b->at + start, b->len - start },
             signature);
    PUT_FIXED(b, signature);
}

void header_pool(const struct header *h, uint8_t ret[KEY_HASH_BYTES])
{
    hash224((struct bytes){ h->issuer, sizeof(h->issuer) }, ret);
}

/* ---- checks ---- */

static enum ou_status check_place(const struct header *h, const struct header *previous,
                                  struct ou_error *err)
{
    uint64_t number = previous ? previous->number + 1 : 0;
    char got[2 * HASH_BYTES + 1] = "none", want[2 * HASH_BYTES + 1] = "none";

    if (h->number != number)
        return ou_fail(err, OU_INVALID, "block number %" PRIu64 " where %" PRIu64 " follows",
                       h->number, number);
    if (previous && h->slot <= previous->slot)
        return ou_fail(err, OU_INVALID, "slot %" PRIu64 " after a block of slot %" PRIu64, h->slot,
                       previous->slot);
    if (h->has_previous != (previous != NULL) ||
        (previous && memcmp(h->previous, previous->hash, HASH_BYTES) != 0)) {
        if (h->has_previous)
            hash_text(h->previous, got);
        if (previous)
            hash_text(previous->hash, want);
        return ou_fail(err, OU_INVALID, "previous hash %s where the block before is %s", got, want);
    }
    return OU_OK;
}

enum ou_status header_check_envelope(const struct header *h, const struct header *previous,
                                     const struct header_rules *rules, struct ou_error *err)
{
    enum ou_status status = check_place(h, previous, err);

    if (status)
        return status;
    if (h->major > rules->max_major)
        return ou_fail(err, OU_INVALID, "protocol version %u above %u", h->major, rules->max_major);
    if (h->bytes.count > rules->max_header_bytes)
        return ou_fail(err, OU_INVALID, "header of %zu bytes above the limit of %" PRIu32,
                       h->bytes.count, rules->max_header_bytes);
    if (h->body_bytes > rules->max_body_bytes)
        return ou_fail(err, OU_INVALID,
                       "body size %" PRIu32 " above the limit of %" PRIu32 " bytes", h->body_bytes,
                       rules->max_body_bytes);
    return OU_OK;
}

static enum ou_status check_counter(uint64_t counter, uint64_t last, struct ou_error *err)
{
    if (counter < last)
        return ou_fail(err, OU_INVALID,
                       "certificate counter %" PRIu64 " below %" PRIu64 ", the pool's last",
                       counter, last);
    if (counter - last > 1)
        return ou_fail(err, OU_INVALID,
                       "certificate counter %" PRIu64 " more than one above %" PRIu64
                       ", the pool's last",
                       counter, last);
    return OU_OK;
}

enum ou_status header_check_signature(const struct header *h, const struct header_rules *rules,
                                      struct ou_error *err)
{
    const struct certificate *c = &h->certificate;
    uint64_t now = h->slot / rules->slots_per_kes_period;

    if (now < c->kes_period)
        return ou_fail(err, OU_INVALID,
                       "KES period %" PRIu64 " before the certificate's first, %" PRIu64, now,
                       c->kes_period);
    if (now - c->kes_period >= rules->max_kes_evolutions)
        return ou_fail(err, OU_INVALID,
                       "KES period %" PRIu64
                       " after the certificate's end: it is valid for %" PRIu64
                       " periods from %" PRIu64,
                       now, rules->max_kes_evolutions, c->kes_period);
    if (!certificate_verify(c, h->issuer))
        return ou_fail(err, OU_INVALID,
                       "the operational certificate is not signed by the issuer's cold key");
    if (now - c->kes_period >= KES_PERIODS ||
        !kes_verify(c->kes_key, (uint32_t)(now - c->kes_period), h->signed_part, h->signature))
        return ou_fail(err, OU_INVALID,
                       "the KES signature is not of this header in period %" PRIu64
                       " of the certificate",
                       now - c->kes_period);
    return OU_OK;
}

static enum ou_status check_vrf_key(const struct header *h, const struct header_pool_facts *pool,
                                    struct ou_error *err)
{
    uint8_t hash[HASH_BYTES];
    char got[2 * HASH_BYTES + 1], want[2 * HASH_BYTES + 1];

    hash256((struct bytes){ h->vrf_key, sizeof(h->vrf_key) }, hash);
    if (memcmp(hash, pool->vrf_key_hash, HASH_BYTES) == 0)
        return OU_OK;
    hash_text(hash, got);
    hash_text(pool->vrf_key_hash, want);
    return ou_fail(err, OU_INVALID, "VRF key with the hash %s where the pool registered %s", got,
                   want);
}

static enum ou_status check_vrf(const struct header *h, const struct header_pool_facts *pool,
                                const struct nonce *epoch_nonce, struct ou_error *err)
{
    uint8_t alpha[HASH_BYTES], output[VRF_OUTPUT_BYTES];
    enum ou_status status = check_vrf_key(h, pool, err);

    if (status)
        return status;
    leader_alpha(h->slot, epoch_nonce, alpha);
    if (!vrf_verify(h->vrf_key, (struct bytes){ alpha, sizeof(alpha) }, h->vrf_proof, output))
        return ou_fail(err, OU_INVALID, "the VRF proof is not of this key for slot %" PRIu64,
                       h->slot);
    if (memcmp(output, h->vrf_output, sizeof(output)) != 0)
        return ou_fail(err, OU_INVALID, "the VRF output is not that of its proof");
    if (!leader_leads(output, pool->threshold))
        return ou_fail(err, OU_INVALID,
                       "leader value %016" PRIx64 " not below %016" PRIx64
                       ": the pool does not lead slot %" PRIu64,
                       leader_value(output), pool->threshold, h->slot);
    return OU_OK;
}

enum ou_status header_check_leader(const struct header *h, const struct header_pool_facts *pool,
                                   const struct nonce *epoch_nonce, struct ou_error *err)
{
    enum ou_status status = check_counter(h->certificate.counter, pool->counter, err);

    return status ? status : check_vrf(h, pool, epoch_nonce, err);
}
