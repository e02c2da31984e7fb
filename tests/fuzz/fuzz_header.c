/* Any bytes as a block header. What is accepted says the same when it is written again, holds views of its
 * own bytes, and is not accepted when any of its end is missing; checks refuse it with a reason. */
#include <stdlib.h>

#include "chain/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static struct kes_key key; /* any */

static void check_fields(const struct header *a, const struct header *b)
{
    check(a->number == b->number && a->slot == b->slot && a->has_previous == b->has_previous);
    check(memcmp(a->previous, b->previous, sizeof(a->previous)) == 0);
    check(memcmp(a->issuer, b->issuer, sizeof(a->issuer)) == 0);
    check(memcmp(a->vrf_key, b->vrf_key, sizeof(a->vrf_key)) == 0);
    check(memcmp(a->vrf_output, b->vrf_output, sizeof(a->vrf_output)) == 0);
    check(memcmp(a->vrf_proof, b->vrf_proof, sizeof(a->vrf_proof)) == 0);
    check(a->body_bytes == b->body_bytes);
    check(memcmp(a->body_hash, b->body_hash, sizeof(a->body_hash)) == 0);
    check(memcmp(&a->certificate, &b->certificate, sizeof(a->certificate)) == 0);
    check(a->major == b->major && a->minor == b->minor);
}

static void check_written_again(const struct header *h)
{
    struct header again;
    struct buffer b;
    const char *why = NULL;

    buffer_init(&b, allocator_libc(), HEADER_MAX_BYTES);
    header_write(&b, h, &key, 0);
    check(header_read(bytes_of(&b), &again, &why) == WIRE_OK);
    check_fields(h, &again);
    check(kes_verify(key.keys[0], 0, again.signed_part, again.signature));
    buffer_release(&b);
}

static void check_refusals(const struct header *h)
{
    static const struct header_rules rules = { 10, 1100, 90112, 129600, 62 };
    static const struct header_pool_facts pool;
    static const struct nonce nonce;
    struct ou_error err = { { 0 } };

    if (header_check_envelope(h, NULL, &rules, &err))
        check(err.text[0] != '\0');
    err.text[0] = '\0';
    check(header_check_signature(h, &rules, &err) == OU_INVALID ||
          header_check_leader(h, &pool, &nonce, &err) == OU_INVALID);
    check(err.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[KES_SEED_BYTES];
    struct bytes input = { data, size };
    struct header h, none;
    const char *why = NULL;

    if (key.keys[0][0] == 0 && !chain_crypto_start(NULL))
        kes_key_of_seed(seed, &key);
    if (header_read(input, &h, &why) != WIRE_OK) {
        check(why != NULL);
        return 0;
    }
    check(h.bytes.at == data && h.bytes.count == size);
    check(h.signed_part.at > data && h.signed_part.at + h.signed_part.count < data + size);
    input.count--;
    check(header_read(input, &none, &why) == WIRE_CUT);
    check_written_again(&h);
    check_refusals(&h);
    return 0;
}
