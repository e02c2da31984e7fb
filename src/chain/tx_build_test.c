#include "chain/tx.h"
#include "support/failing_allocator.h"
#include "support/hex.h"
#include "support/test.h"

enum { ROOM = 1 << 16 };

#define WORKED                                                                                   \
    "84a400d9010281825820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000181" \
    "a200581d608b218424ad74df25d35c2ea8e094a4c5c5aeb2cbb442419331569313011a001e8480021a000281"   \
    "d903190e10a100d9010281825820ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446"   \
    "d22c5840267f2fdd1f92bf3d28d2c7f6625048af3064f94d8c9a1cb0543a91c996e1ce83ab11a2c6e4bb5d25"   \
    "448c68cd9aa9ca4d88129d57d271071fb1b9fcd0a6fd8308f5f6"

/* Parts of the worked transaction, to be changed by each test. */
struct worked {
    struct tx_input input;
    struct tx_build_output output;
    uint8_t address[ADDRESS_MAX_BYTES];
    uint8_t seed[1][32];
    struct tx_build parts;
};

static void make_worked(struct worked *w)
{
    *w = (struct worked){ 0 };
    memset(w->input.id, 0xaa, HASH_BYTES);
    memset(w->seed, 7, sizeof w->seed);
    w->output = (struct tx_build_output){ w->address, 0, 2000000 };
    w->output.address_bytes = address_enterprise(
        0, from_hex("ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c").at,
        w->address);
    w->parts = (struct tx_build){
        .inputs = &w->input,
        .input_count = 1,
        .outputs = &w->output,
        .output_count = 1,
        .fee = 164313,
        .ttl = 3600,
        .signing_seeds = (const uint8_t(*)[32])w->seed,
        .signing_count = 1,
    };
}

/* Builds, reads back, and checks that both say the same id. */
static struct tx build(const struct tx_build *parts, struct buffer *b)
{
    struct ou_error err = { { 0 } };
    struct tx tx;
    uint8_t id[HASH_BYTES];
    const char *why = "";

    buffer_clear(b);
    if (tx_build(parts, b, id, &err))
        fail_msg("%s", err.text);
    if (tx_read(bytes_of(b), &tx, &why) != WIRE_OK)
        fail_msg("%s", why);
    assert_memory_equal(id, tx.id, sizeof id);
    assert_int_equal(tx.fee_bytes, b->len - 1);
    return tx;
}

static void test_the_worked_transaction_is_made_byte_for_byte(void **state)
{
    struct worked w;
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), ROOM);
    make_worked(&w);
    build(&w.parts, &b);
    assert_bytes(bytes_of(&b), from_hex(WORKED));
    buffer_release(&b);
}

static void test_what_was_in_the_buffer_stays_in_front(void **state)
{
    struct worked w;
    struct buffer b;
    uint8_t id[HASH_BYTES];

    (void)state;
    buffer_init(&b, allocator_libc(), ROOM);
    buffer_text(&b, "front");
    make_worked(&w);
    assert_int_equal(tx_build(&w.parts, &b, id, NULL), OU_OK);
    assert_memory_equal(b.at, "front", 5);
    assert_bytes((struct bytes){ (uint8_t *)b.at + 5, b.len - 5 }, from_hex(WORKED));
    buffer_release(&b);
}

static void test_metadata_takes_about_the_bytes_asked_for(void **state)
{
    static const size_t sizes[] = { 1, 64, 65, 1000, 14000 };
    struct worked w;
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), ROOM);
    make_worked(&w);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t hash[HASH_BYTES];
        struct tx tx;

        w.parts.metadata_bytes = sizes[i];
        tx = build(&w.parts, &b);
        assert_in_range(tx.auxiliary.count, sizes[i], sizes[i] + sizes[i] / 25 + 10);
        /* The body promises them: key 7. */
        hash256(tx.auxiliary, hash);
        assert_non_null(memmem(tx.body.at, tx.body.count, hash, sizeof hash));
        assert_int_equal(w.parts.signing_count, tx.key_witness_count);
    }
    buffer_release(&b);
}

static void test_a_script_comes_with_a_redeemer_for_each_input(void **state)
{
    static const uint8_t program[] = { 0x47, 1, 0, 0, 0x22, 0x22, 0, 0x11 };
    struct tx_input inputs[3] = { { .index = 0 }, { .index = 1 }, { .index = 2 } }, collateral;
    struct tx_walk walk = { 0 }, scripts = { 0 };
    struct tx_redeemer one;
    struct bytes script, language_prices = from_hex("a0");
    uint8_t hash[HASH_BYTES];
    struct worked w;
    struct buffer b;
    struct tx tx;

    (void)state;
    buffer_init(&b, allocator_libc(), ROOM);
    make_worked(&w);
    collateral = w.input;
    w.parts.inputs = inputs;
    w.parts.input_count = 3;
    w.parts.script = (struct bytes){ program, sizeof program };
    w.parts.script_steps = 5000000;
    w.parts.script_memory = 7000;
    w.parts.collateral = &collateral;
    tx = build(&w.parts, &b);
    assert_int_equal(tx.redeemer_count, 3);
    assert_int_equal(tx.script_steps, 15000000);
    assert_int_equal(tx.script_memory, 21000);
    assert_int_equal(tx.collateral_count, 1);
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(tx_next_redeemer(&tx, &walk, &one));
        assert_int_equal(one.purpose, TX_SPENDING);
        assert_int_equal(one.index, i);
    }
    assert_true(tx_next_script(tx.scripts[3], &scripts, &script));
    assert_bytes(script, w.parts.script);
    /* The body promises redeemers and prices: key 11. */
    hash256_pair(tx.redeemers, language_prices, hash);
    assert_non_null(memmem(tx.body.at, tx.body.count, hash, sizeof hash));
    assert_false(tx_next_script(tx.scripts[3], &scripts, &script));
    buffer_release(&b);
}

/* With another program: Python's hashlib.blake2b(bytes([3]) + script, digest_size=28). */
static void test_script_hashes_begin_with_the_language(void **state)
{
    uint8_t hash[KEY_HASH_BYTES];

    (void)state;
    tx_script_hash(from_hex("4701000022220011"), hash);
    assert_bytes((struct bytes){ hash, sizeof hash },
                 from_hex("f630ed7a34084de8bd767d21f345c42e35b5a25165e5aba335c33766"));
    tx_plutus_hash(1, from_hex("4701000022220011"), hash);
    assert_bytes((struct bytes){ hash, sizeof hash },
                 from_hex("58503a1d89a21fc9fc53d6a7cccef47341175a8f47636f57ccbdca2d"));
}

static void test_without_ttl_there_is_no_such_key(void **state)
{
    struct worked w;
    struct buffer b;
    struct tx tx;

    (void)state;
    buffer_init(&b, allocator_libc(), ROOM);
    make_worked(&w);
    w.parts.ttl = 0;
    w.parts.signing_count = 0;
    tx = build(&w.parts, &b);
    assert_false(tx.has_ttl);
    assert_int_equal(tx.witnesses.count, 1);
    buffer_release(&b);
}

static void test_nothing_to_spend_or_to_pay_is_wrong_usage(void **state)
{
    struct worked w;
    struct buffer b;
    uint8_t id[HASH_BYTES];

    (void)state;
    buffer_init(&b, allocator_libc(), ROOM);
    make_worked(&w);
    w.parts.input_count = 0;
    assert_int_equal(tx_build(&w.parts, &b, id, NULL), OU_USAGE);
    w.parts.input_count = TX_PARTS_MAX + 1;
    assert_int_equal(tx_build(&w.parts, &b, id, NULL), OU_USAGE);
    w.parts.input_count = 1;
    w.parts.output_count = 0;
    assert_int_equal(tx_build(&w.parts, &b, id, NULL), OU_USAGE);
    assert_int_equal(b.len, 0);
    buffer_release(&b);
}

static void test_a_transaction_that_does_not_fit_is_not_there_at_all(void **state)
{
    struct worked w;
    uint8_t id[HASH_BYTES];

    (void)state;
    make_worked(&w);
    w.parts.metadata_bytes = 100;
    for (size_t max = 5; max < 300; max++) {
        struct buffer b;

        buffer_init(&b, allocator_libc(), max);
        buffer_text(&b, "front");
        assert_int_equal(tx_build(&w.parts, &b, id, NULL), OU_TOO_LARGE);
        assert_int_equal(b.len, 5);
        buffer_release(&b);
    }
}

static bool build_from(struct allocator *from, void *argument)
{
    struct worked *w = argument;
    uint8_t id[HASH_BYTES];
    struct buffer b;
    enum ou_status status;

    buffer_init(&b, from, ROOM);
    status = tx_build(&w->parts, &b, id, NULL);
    assert_true(status == OU_OK || status == OU_NO_MEMORY);
    buffer_release(&b);
    return status == OU_OK;
}

static void test_each_failing_allocation_is_told(void **state)
{
    struct worked w;

    (void)state;
    make_worked(&w);
    fail_each_allocation(build_from, &w);
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_worked_transaction_is_made_byte_for_byte),
        cmocka_unit_test(test_what_was_in_the_buffer_stays_in_front),
        cmocka_unit_test(test_metadata_takes_about_the_bytes_asked_for),
        cmocka_unit_test(test_a_script_comes_with_a_redeemer_for_each_input),
        cmocka_unit_test(test_script_hashes_begin_with_the_language),
        cmocka_unit_test(test_without_ttl_there_is_no_such_key),
        cmocka_unit_test(test_nothing_to_spend_or_to_pay_is_wrong_usage),
        cmocka_unit_test(test_a_transaction_that_does_not_fit_is_not_there_at_all),
        cmocka_unit_test(test_each_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
