#include "chain/block.h"

#include "chain/worked_test.h"
#include "support/guard.h"

static struct worked_pool pool; /* made once */

/* A copy that is kept until the program ends. */
static struct bytes kept(struct bytes value)
{
    struct bytes copy = repeated(0, value.count);

    if (value.count)
        memcpy((uint8_t *)copy.at, value.at, value.count);
    return copy;
}

static struct bytes kept_buffer(struct buffer *b)
{
    struct bytes copy;

    assert_int_equal(buffer_status(b), OU_OK);
    copy = kept(bytes_of(b));
    buffer_release(b);
    return copy;
}

struct body {
    struct bytes segments;
    uint8_t hash[HASH_BYTES];
    uint32_t bytes;
};

static struct body body_of(const struct bytes *txs, size_t tx_count)
{
    struct buffer b;
    struct body body;

    buffer_init(&b, allocator_libc(), BLOCK_MAX_BYTES);
    assert_int_equal(block_body_write(&b, txs, tx_count, body.hash, &body.bytes, NULL), OU_OK);
    body.segments = kept_buffer(&b);
    return body;
}

static struct bytes block_of(struct bytes header, struct bytes segments)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), BLOCK_MAX_BYTES);
    block_write(&b, header, segments);
    return kept_buffer(&b);
}

/* Blocks 0 (with the worked transaction) and 1 (without any), from the seeds. */
static struct bytes worked_block(uint64_t number)
{
    struct bytes tx = from_hex(WORKED_TX);
    struct body body = body_of(&tx, number ? 0 : 1);

    return block_of(worked_header(&pool, number).bytes, body.segments);
}

/* A block of these transactions whose header says the truth of its body. */
static struct bytes block_with(const struct bytes *txs, size_t tx_count)
{
    struct body body = body_of(txs, tx_count);
    struct header fields = worked_fields(&pool, 0);

    fields.body_bytes = body.bytes;
    memcpy(fields.body_hash, body.hash, HASH_BYTES);
    return block_of(worked_bytes(&pool, &fields), body.segments);
}

static struct block read_whole(struct bytes wrapped)
{
    struct block b;
    const char *why = NULL;

    assert_int_equal(block_read(wrapped, &b, &why), WIRE_OK);
    return b;
}

static void assert_hash(struct bytes input, const char *hex)
{
    uint8_t hash[HASH_BYTES];

    hash256(input, hash);
    assert_bytes((struct bytes){ hash, sizeof(hash) }, from_hex(hex));
}

/* ---- bodies ---- */

static void test_an_empty_body_has_its_known_hash(void **state)
{
    struct body body = body_of(NULL, 0);

    (void)state;
    assert_bytes(body.segments, from_hex("80 80 a0 80"));
    assert_int_equal(body.bytes, 4);
    assert_bytes((struct bytes){ body.hash, HASH_BYTES }, from_hex(EMPTY_BODY_HASH));
}

static void test_the_worked_body_has_its_known_hash(void **state)
{
    struct bytes tx = from_hex(WORKED_TX);
    struct body body = body_of(&tx, 1);

    (void)state;
    assert_int_equal(body.bytes, 204);
    assert_bytes((struct bytes){ body.hash, HASH_BYTES }, from_hex(WORKED_BODY_HASH_0));
}

/* Small transactions that differ: [{2: i}, {}, valid, auxiliary]. */
static struct bytes small_tx(uint64_t i, bool valid, bool auxiliary)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 64);
    cbor_put_list(&b, 4);
    cbor_put_map(&b, 1);
    cbor_put_uint(&b, 2);
    cbor_put_uint(&b, i);
    cbor_put_map(&b, 0);
    cbor_put_bool(&b, valid);
    if (auxiliary)
        cbor_put_uint(&b, 1000 + i);
    else
        cbor_put_null(&b);
    return kept_buffer(&b);
}

static void test_lists_above_23_are_written_until_a_break(void **state)
{
    struct bytes txs[24];

    (void)state;
    for (size_t i = 0; i < 24; i++)
        txs[i] = small_tx(0, false, true);
    assert_bytes((struct bytes){ body_of(txs, 23).segments.at, 2 }, from_hex("97 a1"));
    assert_int_equal(body_of(txs, 23).bytes, 23 * 3 + 23 + 23 * 4 + 23 + 4); /* no breaks */
    /* 24 bodies a1 02 00, 24 empty maps, 24 pairs, 24 indices, between heads and breaks. */
    assert_int_equal(body_of(txs, 24).bytes, 24 * 3 + 24 + 24 * 4 + 24 + 4 * 2);
    assert_bytes((struct bytes){ body_of(txs, 24).segments.at, 2 }, from_hex("9f a1"));
    assert_bytes((struct bytes){ body_of(txs, 24).segments.at + 73, 3 }, from_hex("ff 9f a0"));
}

static void test_what_is_no_transaction_is_told_by_its_place(void **state)
{
    static const char *const others[] = { "83 a0 a0 f5", "84 a0 a0 f6 f6", "84 a0 a0 f5", "",
                                          "84 a0 a0 f5 f6 00" };
    struct bytes txs[2] = { from_hex(WORKED_TX), { 0 } };
    struct ou_error err;
    uint8_t hash[HASH_BYTES];
    uint32_t bytes;
    struct buffer b;

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        txs[1] = from_hex(others[i]);
        buffer_init(&b, allocator_libc(), 4096);
        assert_int_equal(block_body_write(&b, txs, 2, hash, &bytes, &err), OU_INVALID);
        assert_non_null(strstr(err.text, "transaction 1 is not"));
        assert_int_equal(b.len, 0);
        buffer_release(&b);
    }
}

/* They are counted before the first of them is looked at. */
static void test_a_body_of_too_many_transactions_is_not_written(void **state)
{
    const struct bytes tx = from_hex(WORKED_TX);
    struct ou_error err;
    uint8_t hash[HASH_BYTES];
    uint32_t bytes;
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 4096);
    assert_int_equal(block_body_write(&b, &tx, (size_t)BLOCK_TXS_MAX + 1, hash, &bytes, &err),
                     OU_TOO_LARGE);
    assert_string_equal(err.text, "65537 transactions are more than a block may have");
    assert_int_equal(b.len, 0);
    buffer_release(&b);
}

static void test_a_full_buffer_is_told(void **state)
{
    struct bytes tx = from_hex(WORKED_TX);
    uint8_t hash[HASH_BYTES];
    uint32_t bytes;

    (void)state;
    for (size_t room = 0; room < 204; room++) {
        struct buffer b;

        buffer_init(&b, allocator_libc(), room);
        assert_int_equal(block_body_write(&b, &tx, 1, hash, &bytes, NULL), OU_TOO_LARGE);
        buffer_release(&b);
    }
}

/* ---- blocks ---- */

static void test_blocks_made_of_seeds_are_the_known_bytes(void **state)
{
    struct bytes first = shared_vector("block-worked-0");
    struct bytes second = shared_vector("block-worked-1");

    (void)state;
    assert_bytes(worked_block(0), first);
    assert_bytes(worked_block(1), second);
}

static void test_worked_blocks_read_back(void **state)
{
    struct block first = read_whole(worked_block(0)), second = read_whole(worked_block(1));

    (void)state;
    assert_int_equal(first.bytes.count, 1021);
    assert_bytes((struct bytes){ first.header.hash, HASH_BYTES }, from_hex(WORKED_HASH_0));
    assert_int_equal(first.tx_count, 1);
    assert_int_equal(block_check_body(&first, NULL), OU_OK);
    assert_bytes((struct bytes){ second.header.hash, HASH_BYTES }, from_hex(WORKED_HASH_1));
    assert_int_equal(second.tx_count, 0);
    assert_int_equal(block_check_body(&second, NULL), OU_OK);
}

static void test_the_transaction_of_a_block_has_its_id(void **state)
{
    struct block b = read_whole(worked_block(0));
    struct block_walk walk = { 0 };
    struct block_tx tx;

    (void)state;
    assert_true(block_next_tx(&b, &walk, &tx));
    assert_hash(tx.body, WORKED_TXID);
    assert_int_equal(tx.witnesses.count, 203 - 1 - 93 - 2);
    assert_int_equal(tx.auxiliary.count, 0);
    assert_true(tx.valid);
    assert_false(block_next_tx(&b, &walk, &tx));
    assert_false(block_next_tx(&b, &walk, &tx));
}

static void test_each_transaction_gets_its_own_parts(void **state)
{
    enum { COUNT = 300 };
    static struct bytes txs[COUNT];
    struct block b;
    struct block_walk walk = { 0 };
    struct block_tx tx;

    (void)state;
    for (uint64_t i = 0; i < COUNT; i++)
        txs[i] = small_tx(i, i % 3 != 0, i % 7 == 2);
    b = read_whole(block_with(txs, COUNT));
    assert_int_equal(b.tx_count, COUNT);
    assert_int_equal(block_check_body(&b, NULL), OU_OK);
    for (uint64_t i = 0; i < COUNT; i++) {
        struct cbor body, auxiliary;

        assert_true(block_next_tx(&b, &walk, &tx));
        body = cbor_open((struct bytes){ tx.body.at + 2, tx.body.count - 2 });
        assert_int_equal(cbor_uint(&body), i);
        assert_int_equal(tx.valid, i % 3 != 0);
        assert_int_equal(tx.auxiliary.count > 0, i % 7 == 2);
        if (i % 7 == 2) {
            auxiliary = cbor_open(tx.auxiliary);
            assert_int_equal(cbor_uint(&auxiliary), 1000 + i);
        }
    }
    assert_false(block_next_tx(&b, &walk, &tx));
}

static void test_every_prefix_asks_for_more(void **state)
{
    struct bytes whole = worked_block(0);

    (void)state;
    for (size_t len = 0; len < whole.count; len++) {
        struct guarded copy = guard_copy(whole.at, len);
        struct block b = { .tx_count = 7 };
        const char *why = NULL;

        assert_int_equal(block_read((struct bytes){ (const uint8_t *)copy.at, len }, &b, &why),
                         WIRE_CUT);
        assert_non_null(why);
        assert_int_equal(b.tx_count, 7);
        guard_release(&copy);
    }
}

static void assert_bad(struct bytes wrapped, const char *want)
{
    struct block b;
    const char *why = NULL;

    assert_int_equal(block_read(wrapped, &b, &why), WIRE_BAD);
    assert_string_equal(why, want);
}

static void test_other_forms_are_refused(void **state)
{
    struct bytes header = worked_header(&pool, 1).bytes;
    static const struct {
        const char *segments, *why;
    } rows[] = {
        { "80 80 a0 80 80", "bytes behind the block" },
        { "80 81 a0 a0 80", "as many sets of witnesses as bodies are expected" },
        { "81 a0 80 a0 80", "as many sets of witnesses as bodies are expected" },
        { "80 80 a1 00 00 80", "auxiliary data of a transaction that is not there" },
        { "81 a0 81 a0 a0 81 01", "a failed script of a transaction that is not there" },
        { "82 a0 a0 82 a0 a0 a2 01 00 00 00 80", "indices of transactions that do not rise" },
        { "82 a0 a0 82 a0 a0 a0 82 01 01", "indices of transactions that do not rise" },
    };
    struct bytes other_era = kept(block_of(header, from_hex("80 80 a0 80")));

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_bad(block_of(header, from_hex(rows[i].segments)), rows[i].why);
    ((uint8_t *)other_era.at)[1] = 6;
    assert_bad(other_era, "a block of an era other than Conway");
    assert_bad(repeated(0x82, BLOCK_MAX_BYTES + 1), "a block above 2500000 bytes");
    assert_bad(
        block_of((struct bytes){ header.at + 1, header.count - 1 - 451 }, from_hex("80 80 a0 80")),
        "a list of another length than expected");
}

/* Bare heads are cheap to send: what they promise is counted before it is believed. */
static void test_more_transactions_than_a_block_may_have_are_refused(void **state)
{
    size_t count = (size_t)BLOCK_TXS_MAX + 1;
    struct bytes segments = repeated(0xa0, 1 + count);

    (void)state;
    ((uint8_t *)segments.at)[0] = 0x9f; /* a list without an end, of empty maps */
    assert_bad(block_of(worked_header(&pool, 1).bytes, segments),
               "more transactions than a block may have");
}

static void test_a_body_that_is_not_the_headers_is_refused(void **state)
{
    struct ou_error err;
    struct block b =
        read_whole(block_of(worked_header(&pool, 1).bytes, from_hex("80 80 a0 9f ff")));

    (void)state;
    assert_int_equal(block_check_body(&b, &err), OU_INVALID);
    assert_string_equal(err.text, "a body of 5 bytes where the header says 4");
    b = read_whole(worked_block(0));
    b.header.body_bytes++; /* the hash alone would not tell */
    assert_int_equal(block_check_body(&b, &err), OU_INVALID);
    assert_string_equal(err.text, "a body of 204 bytes where the header says 205");
    for (size_t i = 0; i < 204; i++) {
        struct bytes whole = worked_block(0);
        uint8_t *byte = (uint8_t *)whole.at + whole.count - 1 - i;
        struct block other;
        const char *why = NULL;

        *byte ^= 1;
        if (block_read(whole, &other, &why) != WIRE_OK)
            continue; /* no block any more */
        assert_int_equal(block_check_body(&other, &err), OU_INVALID);
        assert_non_null(strstr(err.text, "where the header says 565939e2"));
    }
}

/* ---- blocks of other projects ---- */

/* Its one transaction has odd certificates and votes, which are skipped by structure. */
static void test_a_golden_block_states_a_made_up_size(void **state)
{
    struct bytes message = shared_vector("golden-block-conway");
    struct cbor c = cbor_open(message);
    struct ou_error err;
    struct block b;
    struct block_walk walk = { 0 };
    struct block_tx tx;

    (void)state;
    assert_int_equal(cbor_tag(&c), 24);
    b = read_whole(cbor_bytes(&c));
    assert_int_equal(b.tx_count, 1);
    assert_true(block_next_tx(&b, &walk, &tx));
    assert_hash(tx.body, "b5380ee4e37f4a0099113855696b2c4f883a9cf66325b8b0e1df9487c965bd65");
    assert_int_equal(block_check_body(&b, &err), OU_INVALID);
    assert_string_equal(err.text, "a body of 6950 bytes where the header says 2345");
    b.header.body_bytes = 6950; /* then all is well: the hash is right */
    assert_int_equal(block_check_body(&b, &err), OU_OK);
}

static void test_a_block_of_the_main_network_reads(void **state)
{
    struct bytes bare = shared_vector("block-mainnet-12069665");
    struct block b;
    struct block_walk walk = { 0 };
    struct block_tx tx;
    const char *why = NULL;
    int count = 0;

    (void)state;
    assert_int_equal(block_read_bare(bare, &b, &why), WIRE_OK);
    assert_bytes((struct bytes){ b.header.hash, HASH_BYTES },
                 from_hex("27807a70215e3e018eec9be8c619c692e06a78ebcb63daf90d7abe823f3bbf47"));
    assert_int_equal(b.tx_count, 8);
    assert_int_equal(b.header.body_bytes, 6826);
    assert_int_equal(block_check_body(&b, NULL), OU_OK);
    while (block_next_tx(&b, &walk, &tx))
        count++;
    assert_int_equal(count, 8);
}

static void test_a_block_is_estimated_from_its_header(void **state)
{
    (void)state;
    assert_int_equal(block_bytes_estimate(816, 204), 8 + 816 + 204 + 2);
    assert_true(block_bytes_estimate(65535, UINT32_MAX) == UINT64_C(10) + 65535 + UINT32_MAX);
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
        cmocka_unit_test(test_an_empty_body_has_its_known_hash),
        cmocka_unit_test(test_the_worked_body_has_its_known_hash),
        cmocka_unit_test(test_lists_above_23_are_written_until_a_break),
        cmocka_unit_test(test_what_is_no_transaction_is_told_by_its_place),
        cmocka_unit_test(test_a_body_of_too_many_transactions_is_not_written),
        cmocka_unit_test(test_a_full_buffer_is_told),
        cmocka_unit_test(test_blocks_made_of_seeds_are_the_known_bytes),
        cmocka_unit_test(test_worked_blocks_read_back),
        cmocka_unit_test(test_the_transaction_of_a_block_has_its_id),
        cmocka_unit_test(test_each_transaction_gets_its_own_parts),
        cmocka_unit_test(test_every_prefix_asks_for_more),
        cmocka_unit_test(test_other_forms_are_refused),
        cmocka_unit_test(test_more_transactions_than_a_block_may_have_are_refused),
        cmocka_unit_test(test_a_body_that_is_not_the_headers_is_refused),
        cmocka_unit_test(test_a_golden_block_states_a_made_up_size),
        cmocka_unit_test(test_a_block_of_the_main_network_reads),
        cmocka_unit_test(test_a_block_is_estimated_from_its_header),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
