#include "chain/block.h"

#include <inttypes.h>

/* Segments, in the order of the wire. */
enum { BODIES, WITNESSES, AUXILIARY, FAILED };

/* Lists up to this length are written with it, longer ones until a break, as cardano-node does. */
#define DEFINITE_MAX 23

/* ---- reading ---- */

static uint32_t count_items(struct cbor *c)
{
    struct cbor_run run = cbor_list(c);
    uint32_t count = 0;

    while (cbor_more(c, &run)) {
        if (count == BLOCK_TXS_MAX)
            cbor_refuse(c, "more transactions than a block may have");
        cbor_skip(c);
        count++;
    }
    return count;
}

/* An index of a transaction; each is above the one before, as all nodes write them, so that whoever walks
 * over the transactions meets each in its turn. */
static void read_index(struct cbor *c, uint64_t *least, uint32_t tx_count, const char *why)
{
    uint64_t index = cbor_uint_below(c, tx_count, why);

    if (index < *least)
        cbor_refuse(c, "indices of transactions that do not rise");
    *least = index + 1;
}

static void check_auxiliary(struct cbor *c, uint32_t tx_count)
{
    struct cbor_run run = cbor_map(c);
    uint64_t least = 0;

    while (cbor_more(c, &run)) {
        read_index(c, &least, tx_count, "auxiliary data of a transaction that is not there");
        cbor_skip(c);
    }
}

static void check_failed(struct cbor *c, uint32_t tx_count)
{
    struct cbor_run run = cbor_list(c);
    uint64_t least = 0;

    while (cbor_more(c, &run))
        read_index(c, &least, tx_count, "a failed script of a transaction that is not there");
}

/* The segment begins at c's place; whoever goes over it ends at its end. */
static struct bytes since(const struct cbor *c, const uint8_t *start)
{
    return (struct bytes){ start, (size_t)(c->at - start) };
}

static void read_segments(struct cbor *c, struct block *ret)
{
    const uint8_t *start = c->at;

    ret->tx_count = count_items(c);
    ret->segments[BODIES] = since(c, start);
    start = c->at;
    if (count_items(c) != ret->tx_count)
        cbor_refuse(c, "as many sets of witnesses as bodies are expected");
    ret->segments[WITNESSES] = since(c, start);
    start = c->at;
    check_auxiliary(c, ret->tx_count);
    ret->segments[AUXILIARY] = since(c, start);
    start = c->at;
    check_failed(c, ret->tx_count);
    ret->segments[FAILED] = since(c, start);
}

static void read_block(struct cbor *c, struct block *ret)
{
    const uint8_t *start = c->at;
    const char *why = NULL;
    struct bytes header;

    cbor_list_of(c, 1 + BLOCK_SEGMENTS);
    header = cbor_skip(c);
    /* A whole item that is no whole header is wrong, not short. */
    if (cbor_ok(c) && header_read(header, &ret->header, &why) != WIRE_OK)
        cbor_refuse(c, why);
    read_segments(c, ret);
    ret->bytes = since(c, start);
}

static enum wire_result finish(struct cbor *c, const struct block *got, struct block *ret,
                               const char **ret_why)
{
    if (cbor_ok(c) && !cbor_at_end(c))
        cbor_refuse(c, "bytes behind the block");
    if (!cbor_ok(c)) {
        *ret_why = c->why;
        return c->result;
    }
    *ret = *got;
    return WIRE_OK;
}

static struct cbor open_block(struct bytes input)
{
    struct cbor c = cbor_open(input);

    if (input.count > BLOCK_MAX_BYTES)
        cbor_refuse(&c, "a block above 2500000 bytes");
    return c;
}

enum wire_result block_read(struct bytes wrapped, struct block *ret, const char **ret_why)
{
    struct cbor c = open_block(wrapped);
    struct block got = { 0 };

    cbor_list_of(&c, 2);
    if (cbor_uint(&c) != BLOCK_ERA_CONWAY)
        cbor_refuse(&c, "a block of an era other than Conway");
    read_block(&c, &got);
    return finish(&c, &got, ret, ret_why);
}

enum wire_result block_read_bare(struct bytes input, struct block *ret, const char **ret_why)
{
    struct cbor c = open_block(input);
    struct block got = { 0 };

    read_block(&c, &got);
    return finish(&c, &got, ret, ret_why);
}

/* ---- the body against the header ---- */

static void body_hash(const struct bytes segments[BLOCK_SEGMENTS], uint8_t ret[HASH_BYTES])
{
    uint8_t hashes[BLOCK_SEGMENTS][HASH_BYTES];

    for (int i = 0; i < BLOCK_SEGMENTS; i++)
        hash256(segments[i], hashes[i]);
    hash256((struct bytes){ hashes[0], sizeof(hashes) }, ret);
}

enum ou_status block_check_body(const struct block *b, struct ou_error *err)
{
    uint8_t hash[HASH_BYTES];
    char got[2 * HASH_BYTES + 1], want[2 * HASH_BYTES + 1];
    size_t bytes = 0;

    for (int i = 0; i < BLOCK_SEGMENTS; i++)
        bytes += b->segments[i].count;
    if (bytes != b->header.body_bytes)
        return ou_fail(err, OU_INVALID, "a body of %zu bytes where the header says %" PRIu32, bytes,
                       b->header.body_bytes);
    body_hash(b->segments, hash);
    if (memcmp(hash, b->header.body_hash, HASH_BYTES) == 0)
        return OU_OK;
    hash_text(hash, got);
    hash_text(b->header.body_hash, want);
    return ou_fail(err, OU_INVALID, "a body with the hash %s where the header says %s", got, want);
}

/* ---- the transactions ---- */

#define NO_INDEX UINT64_MAX

static uint64_t next_index(struct cbor *c, struct cbor_run *run)
{
    return cbor_more(c, run) ? cbor_uint(c) : NO_INDEX;
}

static void start_walk(const struct block *b, struct block_walk *w)
{
    w->bodies = cbor_open(b->segments[BODIES]);
    w->witnesses = cbor_open(b->segments[WITNESSES]);
    w->auxiliary = cbor_open(b->segments[AUXILIARY]);
    w->failed = cbor_open(b->segments[FAILED]);
    w->runs[BODIES] = cbor_list(&w->bodies);
    w->runs[WITNESSES] = cbor_list(&w->witnesses);
    w->runs[AUXILIARY] = cbor_map(&w->auxiliary);
    w->runs[FAILED] = cbor_list(&w->failed);
    w->next_auxiliary = next_index(&w->auxiliary, &w->runs[AUXILIARY]);
    w->next_failed = next_index(&w->failed, &w->runs[FAILED]);
    w->started = true;
}

bool block_next_tx(const struct block *b, struct block_walk *walk, struct block_tx *ret)
{
    struct block_tx tx = { .valid = true };

    if (!walk->started)
        start_walk(b, walk);
    if (!cbor_more(&walk->bodies, &walk->runs[BODIES]) ||
        !cbor_more(&walk->witnesses, &walk->runs[WITNESSES]))
        return false;
    tx.body = cbor_skip(&walk->bodies);
    tx.witnesses = cbor_skip(&walk->witnesses);
    if (walk->next_auxiliary == walk->next) {
        tx.auxiliary = cbor_skip(&walk->auxiliary);
        walk->next_auxiliary = next_index(&walk->auxiliary, &walk->runs[AUXILIARY]);
    }
    if (walk->next_failed == walk->next) {
        tx.valid = false;
        walk->next_failed = next_index(&walk->failed, &walk->runs[FAILED]);
    }
    walk->next++;
    *ret = tx;
    return true;
}

/* ---- making ---- */

static bool read_tx(struct bytes input, struct block_tx *ret)
{
    struct cbor c = cbor_open(input);

    cbor_list_of(&c, 4);
    ret->body = cbor_skip(&c);
    ret->witnesses = cbor_skip(&c);
    ret->valid = cbor_bool(&c);
    if (cbor_peek(&c) == CBOR_NULL) {
        cbor_null(&c);
        ret->auxiliary = (struct bytes){ 0 };
    } else {
        ret->auxiliary = cbor_skip(&c);
    }
    return cbor_at_end(&c);
}

/* A list or map of so many items, begun in one way and ended in the same. */
static void begin(struct buffer *b, int segment, size_t count)
{
    bool map = segment == AUXILIARY;

    if (count <= DEFINITE_MAX)
        (map ? cbor_put_map : cbor_put_list)(b, count);
    else
        (map ? cbor_put_map_open : cbor_put_list_open)(b);
}

static void end(struct buffer *b, size_t count)
{
    if (count > DEFINITE_MAX)
        cbor_put_break(b);
}

/* Whether a transaction has a part in that segment. */
static bool has_part(const struct block_tx *tx, int segment)
{
    return segment == AUXILIARY ? tx->auxiliary.count > 0 : segment != FAILED || !tx->valid;
}

static void put_part(struct buffer *b, const struct block_tx *tx, int segment, size_t index)
{
    if (segment == BODIES)
        cbor_put_raw(b, tx->body);
    else if (segment == WITNESSES)
        cbor_put_raw(b, tx->witnesses);
    else
        cbor_put_uint(b, index);
    if (segment == AUXILIARY)
        cbor_put_raw(b, tx->auxiliary);
}

static void write_segment(struct buffer *b, const struct bytes *txs, size_t tx_count, int segment)
{
    struct block_tx tx;
    size_t parts = 0;

    for (size_t i = 0; i < tx_count; i++)
        parts += read_tx(txs[i], &tx) && has_part(&tx, segment);
    begin(b, segment, parts);
    for (size_t i = 0; i < tx_count; i++)
        if (read_tx(txs[i], &tx) && has_part(&tx, segment))
            put_part(b, &tx, segment, i);
    end(b, parts);
}

static enum ou_status check_txs(const struct bytes *txs, size_t tx_count, struct ou_error *err)
{
    struct block_tx tx;

    if (tx_count > BLOCK_TXS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%zu transactions are more than a block may have",
                       tx_count);
    for (size_t i = 0; i < tx_count; i++)
        if (!read_tx(txs[i], &tx))
            return ou_fail(err, OU_INVALID,
                           "transaction %zu is not a list of body, witnesses, validity and "
                           "auxiliary data",
                           i);
    return OU_OK;
}

enum ou_status block_body_write(struct buffer *b, const struct bytes *txs, size_t tx_count,
                                uint8_t ret_hash[HASH_BYTES], uint32_t *ret_bytes,
                                struct ou_error *err)
{
    size_t starts[BLOCK_SEGMENTS + 1];
    struct bytes segments[BLOCK_SEGMENTS];
    enum ou_status status = check_txs(txs, tx_count, err);

    if (status)
        return status;
    for (int i = 0; i < BLOCK_SEGMENTS; i++) {
        starts[i] = b->len;
        write_segment(b, txs, tx_count, i);
    }
    starts[BLOCK_SEGMENTS] = b->len;
    status = buffer_status(b);
    if (status)
        return ou_fail(err, status, "a block body of %zu transactions: %s", tx_count,
                       ou_status_name(status));
    for (int i = 0; i < BLOCK_SEGMENTS; i++)
        segments[i] =
            (struct bytes){ (const uint8_t *)b->at + starts[i], starts[i + 1] - starts[i] };
    body_hash(segments, ret_hash);
    *ret_bytes = (uint32_t)(starts[BLOCK_SEGMENTS] - starts[0]);
    return OU_OK;
}

void block_write(struct buffer *b, struct bytes header, struct bytes segments)
{
    cbor_put_list(b, 2);
    cbor_put_uint(b, BLOCK_ERA_CONWAY);
    cbor_put_list(b, 1 + BLOCK_SEGMENTS);
    cbor_put_raw(b, header);
    cbor_put_raw(b, segments);
}

uint64_t block_bytes_estimate(size_t header_bytes, uint32_t body_bytes)
{
    enum { AROUND_THE_BLOCK = 8, AROUND_THE_SEGMENTS = 2 };

    return AROUND_THE_BLOCK + (uint64_t)header_bytes + body_bytes + AROUND_THE_SEGMENTS;
}
