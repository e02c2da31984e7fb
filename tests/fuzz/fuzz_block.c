/* Any bytes as a block. The segments of what is accepted lie in a row at its end; walking over its
 * transactions finds as many as were counted; a body made of them anew has the same transactions and the
 * hash and size that it was given. */
#include <stdlib.h>

#include "chain/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_segments(const struct block *b)
{
    const uint8_t *at = b->header.bytes.at + b->header.bytes.count;

    for (int i = 0; i < BLOCK_SEGMENTS; i++) {
        check(b->segments[i].at == at && b->segments[i].count > 0);
        at += b->segments[i].count;
    }
    check(at == b->bytes.at + b->bytes.count);
}

/* [body, witnesses, valid, auxiliary / null]; its place in *whole is told, because that may move. */
static size_t put_tx(struct buffer *whole, const struct block_tx *tx)
{
    size_t start = whole->len;

    cbor_put_list(whole, 4);
    cbor_put_raw(whole, tx->body);
    cbor_put_raw(whole, tx->witnesses);
    cbor_put_bool(whole, tx->valid);
    if (tx->auxiliary.count)
        cbor_put_raw(whole, tx->auxiliary);
    else
        cbor_put_null(whole);
    return whole->len - start;
}

/* All transactions behind each other in *whole, and their views. */
static struct bytes *collect(const struct block *b, struct buffer *whole)
{
    struct bytes *txs = calloc((size_t)b->tx_count + 1, sizeof(*txs));
    struct block_walk walk = { 0 };
    struct block_tx tx;
    uint32_t count = 0;
    size_t at = 0;

    check(txs != NULL);
    for (; block_next_tx(b, &walk, &tx); count++) {
        check(count < b->tx_count && tx.body.count > 0 && tx.witnesses.count > 0);
        txs[count].count = put_tx(whole, &tx);
    }
    check(count == b->tx_count && buffer_status(whole) == OU_OK);
    for (uint32_t i = 0; i < count; at += txs[i++].count)
        txs[i].at = (const uint8_t *)whole->at + at;
    return txs;
}

static void check_same_txs(const struct block *a, const struct block *b)
{
    struct block_walk walk_a = { 0 }, walk_b = { 0 };
    struct block_tx x, y;

    while (block_next_tx(a, &walk_a, &x)) {
        check(block_next_tx(b, &walk_b, &y));
        check(bytes_equal(x.body, y.body) && bytes_equal(x.witnesses, y.witnesses));
        check(x.valid == y.valid && bytes_equal(x.auxiliary, y.auxiliary));
    }
    check(!block_next_tx(b, &walk_b, &y));
}

static void check_made_anew(const struct block *b)
{
    struct buffer whole, body, made;
    struct bytes *txs;
    struct block again;
    uint8_t hash[HASH_BYTES];
    uint32_t bytes;
    const char *why = NULL;

    buffer_init(&whole, allocator_libc(), 4 * BLOCK_MAX_BYTES);
    buffer_init(&body, allocator_libc(), 2 * BLOCK_MAX_BYTES);
    buffer_init(&made, allocator_libc(), 2 * BLOCK_MAX_BYTES);
    txs = collect(b, &whole);
    check(block_body_write(&body, txs, b->tx_count, hash, &bytes, NULL) == OU_OK);
    block_write(&made, b->header.bytes, bytes_of(&body));
    check(buffer_status(&made) == OU_OK && bytes == body.len);
    check(block_read(bytes_of(&made), &again, &why) == WIRE_OK);
    check_same_txs(b, &again);
    memcpy(again.header.body_hash, hash, HASH_BYTES);
    again.header.body_bytes = bytes;
    check(block_check_body(&again, NULL) == OU_OK);
    free(txs);
    buffer_release(&whole);
    buffer_release(&body);
    buffer_release(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = { data, size };
    struct ou_error err = { { 0 } };
    struct block b, none;
    const char *why = NULL;

    if (block_read(input, &b, &why) != WIRE_OK) {
        check(why != NULL);
        return 0;
    }
    check_segments(&b);
    input.count--;
    check(block_read(input, &none, &why) == WIRE_CUT);
    if (block_check_body(&b, &err))
        check(err.text[0] != '\0');
    check_made_anew(&b);
    return 0;
}
