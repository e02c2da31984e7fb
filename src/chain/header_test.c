#include "chain/header.h"

#include "chain/worked_test.h"
#include "support/guard.h"

static struct worked_pool pool; /* made once */
static const struct header_rules rules = { .max_major = 10,
                                           .max_header_bytes = 1100,
                                           .max_body_bytes = 90112,
                                           .slots_per_kes_period = 129600,
                                           .max_kes_evolutions = 62 };

static struct header_pool_facts facts_of(const struct worked_pool *p)
{
    struct header_pool_facts facts = { .threshold = leader_threshold(0.05, 1) };

    hash256((struct bytes){ p->vrf.public_key, VRF_KEY_BYTES }, facts.vrf_key_hash);
    return facts;
}

static struct header read_whole(struct bytes input)
{
    const char *why = NULL;
    struct header h;

    assert_int_equal(header_read(input, &h, &why), WIRE_OK);
    return h;
}

static void assert_refused(enum ou_status status, const struct ou_error *err, const char *why)
{
    assert_int_equal(status, OU_INVALID);
    if (!strstr(err->text, why))
        fail_msg("\"%s\" does not say \"%s\"", err->text, why);
}

/* ---- reading and writing ---- */

static void assert_hash(const struct header *h, const char *hex)
{
    assert_bytes((struct bytes){ h->hash, HASH_BYTES }, from_hex(hex));
}

static void test_headers_made_of_seeds_have_the_known_hashes(void **state)
{
    struct header first = worked_header(&pool, 0), second = worked_header(&pool, 1);

    (void)state;
    assert_int_equal(first.bytes.count, 816);
    assert_hash(&first, WORKED_HASH_0);
    assert_int_equal(second.bytes.count, 848);
    assert_hash(&second, WORKED_HASH_1);
}

static void test_headers_made_of_seeds_are_the_known_bytes(void **state)
{
    struct bytes want = shared_vector("header-worked-0");

    (void)state;
    assert_bytes(worked_header(&pool, 0).bytes, want);
}

static void test_what_was_written_is_read_back(void **state)
{
    struct header fields = worked_fields(&pool, 1), h;

    (void)state;
    fields.number = UINT64_MAX;
    fields.slot = UINT64_C(159835207);
    fields.body_bytes = UINT32_MAX;
    fields.minor = UINT16_MAX;
    h = read_whole(worked_bytes(&pool, &fields));
    /* All that stands before the hash was written. */
    assert_true(h.has_previous);
    assert_int_equal(h.number, fields.number);
    assert_int_equal(h.slot, fields.slot);
    assert_memory_equal(h.previous, fields.previous, HASH_BYTES);
    assert_memory_equal(h.issuer, fields.issuer, sizeof(h.issuer));
    assert_memory_equal(h.vrf_key, fields.vrf_key, sizeof(h.vrf_key));
    assert_memory_equal(h.vrf_output, fields.vrf_output, sizeof(h.vrf_output));
    assert_memory_equal(h.vrf_proof, fields.vrf_proof, sizeof(h.vrf_proof));
    assert_int_equal(h.body_bytes, fields.body_bytes);
    assert_memory_equal(h.body_hash, fields.body_hash, HASH_BYTES);
    assert_memory_equal(&h.certificate, &fields.certificate, sizeof(h.certificate));
    assert_int_equal(h.major, 10);
    assert_int_equal(h.minor, UINT16_MAX);
    assert_ptr_equal(h.signed_part.at, h.bytes.at + 1);
    assert_int_equal(h.signed_part.count, h.bytes.count - 1 - 3 - KES_SIGNATURE_BYTES);
}

static void test_every_prefix_asks_for_more(void **state)
{
    struct bytes whole = worked_header(&pool, 0).bytes;

    (void)state;
    for (size_t len = 0; len < whole.count; len++) {
        struct guarded copy = guard_copy(whole.at, len);
        struct header h = { .number = 7 };
        const char *why = NULL;

        assert_int_equal(header_read((struct bytes){ (const uint8_t *)copy.at, len }, &h, &why),
                         WIRE_CUT);
        assert_non_null(why);
        assert_int_equal(h.number, 7);
        guard_release(&copy);
    }
}

/* The header with one byte put in place of another. */
static enum wire_result read_with(struct bytes whole, size_t at, uint8_t byte, const char **ret_why)
{
    struct bytes copy = repeated(0, whole.count);
    struct header h;

    memcpy((uint8_t *)copy.at, whole.at, whole.count);
    ((uint8_t *)copy.at)[at] = byte;
    return header_read(copy, &h, ret_why);
}

static void test_other_forms_are_refused(void **state)
{
    struct bytes whole = worked_header(&pool, 0).bytes, longer = repeated(0, whole.count + 1);
    struct bytes huge = repeated(0x82, HEADER_MAX_BYTES + 1);
    struct header h;
    const char *why = NULL;

    (void)state;
    memcpy((uint8_t *)longer.at, whole.at, whole.count);
    assert_int_equal(header_read(longer, &h, &why), WIRE_BAD);
    assert_string_equal(why, "bytes behind the header");
    assert_int_equal(header_read(huge, &h, &why), WIRE_BAD);
    assert_string_equal(why, "a header above 65535 bytes");
    assert_int_equal(read_with(whole, 0, 0x83, &why), WIRE_BAD); /* no list of two */
    assert_int_equal(read_with(whole, 1, 0x8f, &why), WIRE_BAD); /* fields of eras before */
    assert_int_equal(read_with(whole, 5, 0xf5, &why), WIRE_BAD); /* a previous hash of true */
    assert_int_equal(read_with(whole, 6, 0x40, &why), WIRE_BAD); /* an empty issuer */
}

/* Headers of other projects: a golden file of the node's, and one of the main network. */
static void test_a_golden_header_has_its_known_fields(void **state)
{
    struct bytes message = shared_vector("golden-header-conway");
    struct header h = read_whole((struct bytes){ message.at + 7, message.count - 7 });

    (void)state;
    assert_hash(&h, "460d2f36a1a2a88dbf6ff090c86d1e1213c6cded7c1c05b97a6a33644a17a84d");
    assert_int_equal(h.bytes.count, 849);
    assert_int_equal(h.number, 3);
    assert_int_equal(h.slot, 9);
    assert_int_equal(h.body_bytes, 2345);
}

static void test_a_header_of_the_main_network_verifies(void **state)
{
    struct bytes block = shared_vector("block-mainnet-12069665");
    struct cbor c = cbor_open((struct bytes){ block.at + 1, block.count - 1 });
    struct header h = read_whole(cbor_skip(&c));
    uint32_t period = (uint32_t)(h.slot / 129600 - h.certificate.kes_period);

    (void)state;
    assert_hash(&h, "27807a70215e3e018eec9be8c619c692e06a78ebcb63daf90d7abe823f3bbf47");
    assert_int_equal(h.number, 12069665);
    assert_int_equal(h.slot, 159835207);
    assert_int_equal(h.major, 10);
    assert_int_equal(h.minor, 2);
    assert_int_equal(period, 9);
    assert_true(certificate_verify(&h.certificate, h.issuer));
    for (uint32_t other = 0; other < KES_PERIODS; other++)
        assert_int_equal(kes_verify(h.certificate.kes_key, other, h.signed_part, h.signature),
                         other == period);
}

/* ---- the envelope ---- */

static struct ou_error err;

/* Both halves, as the chain database has them checked. */
static enum ou_status check_crypto(const struct header *h, const struct header_rules *of,
                                   const struct header_pool_facts *facts, const struct nonce *nonce,
                                   struct ou_error *ret_err)
{
    enum ou_status status = header_check_signature(h, of, ret_err);

    return status ? status : header_check_leader(h, facts, nonce, ret_err);
}

static void test_worked_headers_pass_all_checks(void **state)
{
    struct header first = worked_header(&pool, 0), second = worked_header(&pool, 1);
    struct header_pool_facts facts = facts_of(&pool);

    (void)state;
    assert_int_equal(header_check_envelope(&first, NULL, &rules, &err), OU_OK);
    assert_int_equal(header_check_envelope(&second, &first, &rules, &err), OU_OK);
    assert_int_equal(check_crypto(&first, &rules, &facts, &pool.epoch_nonce, &err), OU_OK);
    assert_int_equal(check_crypto(&second, &rules, &facts, &pool.epoch_nonce, &err), OU_OK);
}

static void test_a_header_stands_behind_the_block_before_it(void **state)
{
    struct header first = worked_header(&pool, 0), second = worked_header(&pool, 1), other;

    (void)state;
    other = second;
    other.number = 2;
    assert_refused(header_check_envelope(&other, &first, &rules, &err), &err,
                   "block number 2 where 1 follows");
    assert_refused(header_check_envelope(&second, NULL, &rules, &err), &err,
                   "block number 1 where 0 follows");
    for (uint64_t slot = 0; slot <= first.slot; slot++) {
        other = second;
        other.slot = slot;
        assert_refused(header_check_envelope(&other, &first, &rules, &err), &err,
                       "after a block of slot 31");
    }
    other.slot = first.slot + 1;
    assert_int_equal(header_check_envelope(&other, &first, &rules, &err), OU_OK);
}

static void test_the_previous_hash_is_that_of_the_block_before(void **state)
{
    struct header first = worked_header(&pool, 0), second = worked_header(&pool, 1), other;

    (void)state;
    other = second;
    other.previous[31] ^= 1;
    assert_refused(header_check_envelope(&other, &first, &rules, &err), &err, "previous hash 10cf");
    assert_non_null(strstr(err.text, "60994 where the block before is 10cf"));
    other = second;
    other.has_previous = false;
    assert_refused(header_check_envelope(&other, &first, &rules, &err), &err,
                   "previous hash none where the block before is 10cf");
    other = first;
    other.has_previous = true;
    assert_refused(header_check_envelope(&other, NULL, &rules, &err), &err,
                   "where the block before is none");
}

static void test_limits_hold_to_the_byte(void **state)
{
    struct header first = worked_header(&pool, 0);
    struct header_rules tight = rules;

    (void)state;
    tight.max_header_bytes = 816;
    tight.max_body_bytes = 204;
    assert_int_equal(header_check_envelope(&first, NULL, &tight, &err), OU_OK);
    tight.max_header_bytes = 815;
    assert_refused(header_check_envelope(&first, NULL, &tight, &err), &err,
                   "header of 816 bytes above the limit of 815");
    tight = rules;
    tight.max_body_bytes = 203;
    assert_refused(header_check_envelope(&first, NULL, &tight, &err), &err,
                   "body size 204 above the limit of 203 bytes");
    tight = rules;
    tight.max_major = 9;
    assert_refused(header_check_envelope(&first, NULL, &tight, &err), &err,
                   "protocol version 10 above 9");
}

/* ---- keys and proofs ---- */

static enum ou_status check(const struct header *h, const struct header_pool_facts *facts)
{
    return check_crypto(h, &rules, facts, &pool.epoch_nonce, &err);
}

/* Where a field's bytes stand in the worked header, and what its checks say when one bit of it is another. */
static const struct altered {
    size_t at, count;
    const char *why;
} altered[] = {
    { 2, 1, "KES signature" },                /* block number */
    { 4, 1, "KES signature" },                /* slot */
    { 8, 32, "certificate is not signed" },   /* issuer */
    { 42, 32, "KES signature" },              /* VRF key */
    { 77, 64, "KES signature" },              /* VRF output */
    { 143, 80, "KES signature" },             /* VRF proof */
    { 224, 1, "KES signature" },              /* body size */
    { 227, 32, "KES signature" },             /* body hash */
    { 262, 32, "certificate is not signed" }, /* KES key */
    { 298, 64, "certificate is not signed" }, /* its signature */
    { 364, 1, "KES signature" },              /* minor version */
    { 368, 448, "KES signature" },
};

static void test_each_bit_of_each_field_counts(void **state)
{
    struct bytes whole = worked_header(&pool, 0).bytes, copy = repeated(0, whole.count);
    struct header_pool_facts facts = facts_of(&pool);
    uint8_t *at = (uint8_t *)copy.at;

    (void)state;
    memcpy(at, whole.at, whole.count);
    for (size_t i = 0; i < sizeof(altered) / sizeof(*altered); i++) {
        const struct altered *field = &altered[i];
        size_t step = field->count > 8 ? 8 * field->count / 64 : 1; /* 64 bits of the long ones */

        for (size_t bit = 0; bit < 8 * field->count; bit += step) {
            const char *why = NULL;
            struct header h;

            at[field->at + bit / 8] ^= (uint8_t)(1U << bit % 8);
            /* Of numbers in the head itself, some bits make them another kind. */
            if (header_read(copy, &h, &why) == WIRE_OK)
                assert_refused(check(&h, &facts), &err, field->why);
            at[field->at + bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

/* Whoever has the keys can sign anything: what is wrong then shows in what was signed. */
static void assert_signed_refused(const struct header *fields, const char *why)
{
    struct header h = read_whole(worked_bytes(&pool, fields));
    struct header_pool_facts facts = facts_of(&pool);

    assert_refused(check(&h, &facts), &err, why);
}

static void test_a_signed_lie_about_the_lottery_is_refused(void **state)
{
    struct header fields;

    (void)state;
    fields = worked_fields(&pool, 0);
    fields.vrf_key[0] ^= 1;
    assert_signed_refused(&fields, "VRF key with the hash");
    fields = worked_fields(&pool, 0);
    fields.vrf_proof[79] ^= 1;
    assert_signed_refused(&fields, "the VRF proof is not of this key for slot 31");
    fields = worked_fields(&pool, 0);
    fields.slot = 32;
    assert_signed_refused(&fields, "the VRF proof is not of this key for slot 32");
    fields = worked_fields(&pool, 0);
    fields.vrf_output[0] ^= 1;
    assert_signed_refused(&fields, "the VRF output is not that of its proof");
}

static void test_another_nonce_asks_another_question(void **state)
{
    struct header h = worked_header(&pool, 0);
    struct header_pool_facts facts = facts_of(&pool);
    struct nonce other = pool.epoch_nonce;

    (void)state;
    other.hash[0] ^= 1;
    assert_refused(check_crypto(&h, &rules, &facts, &other, &err), &err, "the VRF proof");
    other = (struct nonce){ .neutral = true };
    assert_refused(check_crypto(&h, &rules, &facts, &other, &err), &err, "the VRF proof");
}

static void test_a_pool_that_lost_the_lottery_is_refused(void **state)
{
    struct header h = worked_header(&pool, 0);
    struct header_pool_facts facts = facts_of(&pool);
    uint64_t value = leader_value(h.vrf_output);

    (void)state;
    facts.threshold = value + 1;
    assert_int_equal(check(&h, &facts), OU_OK);
    facts.threshold = value;
    assert_refused(check(&h, &facts), &err,
                   "leader value 0195931e3ce0af8f not below 0195931e3ce0af8f: the pool does not "
                   "lead slot 31");
    facts.threshold = 0;
    assert_refused(check(&h, &facts), &err, "the pool does not lead slot 31");
}

/* A header of a slot in a later period, with that counter; f = 1, so that each slot is led. */
static struct header header_at(uint64_t kes_period, uint64_t first_period, uint64_t counter,
                               uint32_t signed_in)
{
    struct header fields = worked_fields(&pool, 0);
    struct buffer b;
    struct bytes copy;

    fields.slot = kes_period * rules.slots_per_kes_period + 5;
    fields.certificate.kes_period = first_period;
    fields.certificate.counter = counter;
    certificate_sign(&fields.certificate, pool.cold_seed.at);
    buffer_init(&b, allocator_libc(), HEADER_MAX_BYTES);
    header_write(&b, &fields, &pool.kes, signed_in);
    copy = repeated(0, b.len);
    memcpy((uint8_t *)copy.at, b.at, b.len);
    buffer_release(&b);
    return read_whole(copy);
}

static void test_certificates_are_valid_for_their_periods_only(void **state)
{
    struct header_pool_facts facts = facts_of(&pool);
    struct header h;

    (void)state;
    h = header_at(9, 10, 0, 0);
    assert_refused(check(&h, &facts), &err, "KES period 9 before the certificate's first, 10");
    h = header_at(10, 10, 0, 0);
    assert_refused(check(&h, &facts), &err, "the VRF proof"); /* all before it is well */
    h = header_at(71, 10, 0, 61);
    assert_refused(check(&h, &facts), &err, "the VRF proof");
    h = header_at(72, 10, 0, 62);
    assert_refused(check(&h, &facts), &err,
                   "KES period 72 after the certificate's end: it is valid for 62 periods from 10");
    h = header_at(11, 10, 0, 0);
    assert_refused(check(&h, &facts), &err,
                   "the KES signature is not of this header in period 1 of the certificate");
}

/* A genesis may promise more evolutions than a key has. */
static void test_a_key_ends_after_its_64_periods(void **state)
{
    struct header_pool_facts facts = facts_of(&pool);
    struct header_rules generous = rules;
    struct header h = header_at(64, 0, 0, 0);

    (void)state;
    generous.max_kes_evolutions = 1000;
    assert_refused(check_crypto(&h, &generous, &facts, &pool.epoch_nonce, &err), &err,
                   "the KES signature is not of this header in period 64");
}

static void test_counters_rise_by_one_at_most(void **state)
{
    struct header_pool_facts facts = facts_of(&pool);
    struct header h = header_at(0, 0, 5, 0);

    (void)state;
    facts.counter = 3;
    assert_refused(check(&h, &facts), &err, "certificate counter 5 more than one above 3");
    facts.counter = 4;
    assert_refused(check(&h, &facts), &err, "the VRF proof");
    facts.counter = 5;
    assert_refused(check(&h, &facts), &err, "the VRF proof");
    facts.counter = 6;
    assert_refused(check(&h, &facts), &err, "certificate counter 5 below 6");
    facts.counter = UINT64_MAX;
    assert_refused(check(&h, &facts), &err, "certificate counter 5 below");
}

static void test_the_pool_is_the_hash_of_the_cold_key(void **state)
{
    struct header h = worked_header(&pool, 0);
    uint8_t id[KEY_HASH_BYTES], want[KEY_HASH_BYTES];

    (void)state;
    header_pool(&h, id);
    hash224((struct bytes){ h.issuer, sizeof(h.issuer) }, want);
    assert_memory_equal(id, want, sizeof(want));
}

static void test_a_full_buffer_is_told(void **state)
{
    struct header fields = worked_fields(&pool, 0);

    (void)state;
    for (size_t room = 0; room < 816; room += 15) {
        struct buffer b;

        buffer_init(&b, allocator_libc(), room);
        header_write(&b, &fields, &pool.kes, 0);
        assert_int_equal(buffer_status(&b), OU_TOO_LARGE);
        buffer_release(&b);
    }
}

static int start(void **state)
{
    (void)state;
    if (chain_crypto_start(NULL))
        return -1;
    worked_pool_make(&pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers_made_of_seeds_have_the_known_hashes),
        cmocka_unit_test(test_headers_made_of_seeds_are_the_known_bytes),
        cmocka_unit_test(test_what_was_written_is_read_back),
        cmocka_unit_test(test_every_prefix_asks_for_more),
        cmocka_unit_test(test_other_forms_are_refused),
        cmocka_unit_test(test_a_golden_header_has_its_known_fields),
        cmocka_unit_test(test_a_header_of_the_main_network_verifies),
        cmocka_unit_test(test_worked_headers_pass_all_checks),
        cmocka_unit_test(test_a_header_stands_behind_the_block_before_it),
        cmocka_unit_test(test_the_previous_hash_is_that_of_the_block_before),
        cmocka_unit_test(test_limits_hold_to_the_byte),
        cmocka_unit_test(test_each_bit_of_each_field_counts),
        cmocka_unit_test(test_a_signed_lie_about_the_lottery_is_refused),
        cmocka_unit_test(test_another_nonce_asks_another_question),
        cmocka_unit_test(test_a_pool_that_lost_the_lottery_is_refused),
        cmocka_unit_test(test_certificates_are_valid_for_their_periods_only),
        cmocka_unit_test(test_a_key_ends_after_its_64_periods),
        cmocka_unit_test(test_counters_rise_by_one_at_most),
        cmocka_unit_test(test_the_pool_is_the_hash_of_the_cold_key),
        cmocka_unit_test(test_a_full_buffer_is_told),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
