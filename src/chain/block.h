/* Blocks: a header and four segments (bodies, witnesses, auxiliary data, indices of failed scripts).
 * Hashes are over the bytes as they came. */
#ifndef OU_CHAIN_BLOCK_H
#define OU_CHAIN_BLOCK_H

#include "chain/header.h"

#define BLOCK_MAX_BYTES PROTOCOL_LARGE_BYTES
#define BLOCK_SEGMENTS 4
#define BLOCK_TXS_MAX 65536 /* of one block; more is refused */

struct block {
    struct header header;
    struct bytes bytes; /* [header, segments...], without the era */
    struct bytes segments[BLOCK_SEGMENTS];
    uint32_t tx_count;
};

/* Reads what stands in tag 24 of a fetched block, [7, block]; another era is BAD. Structure only: use
 * block_check_body() and the ledger for the rest. */
enum wire_result block_read(struct bytes wrapped, struct block *ret, const char **ret_why);

/* The same without the era around it. */
enum wire_result block_read_bare(struct bytes input, struct block *ret, const char **ret_why);

/* Body hash and size against the header's. */
enum ou_status block_check_body(const struct block *b, struct ou_error *err);

/* A transaction of a block: its parts lie in three segments. */
struct block_tx {
    struct bytes body, witnesses;
    struct bytes auxiliary; /* count 0 when it has none */
    bool valid;             /* false: its scripts failed */
};

/* Walks over a block's transactions: zero-initialise *walk. False at the end. The block was read
 * by block_read(). Auxiliary data and failed indices in ascending order are matched as they come. */
struct block_walk {
    struct cbor bodies, witnesses, auxiliary, failed;
    struct cbor_run runs[BLOCK_SEGMENTS];
    uint32_t next;
    uint64_t next_auxiliary, next_failed; /* UINT64_MAX: none left */
    bool started;
};
bool block_next_tx(const struct block *b, struct block_walk *walk, struct block_tx *ret);

/* --- Making ------------------------------------------------------------------------ */

/* Appends the four segments for these transactions, each [body, witnesses, valid, auxiliary / null], in that
 * order; lists above 23 items are written indefinite, as other nodes do. ret_hash and
 * *ret_bytes are what the header says of them. */
enum ou_status block_body_write(struct buffer *b, const struct bytes *txs, size_t tx_count,
                                uint8_t ret_hash[HASH_BYTES], uint32_t *ret_bytes,
                                struct ou_error *err);

/* [7, [header, segments]] */
void block_write(struct buffer *b, struct bytes header, struct bytes segments);

/* Bytes of a fetched block that has such a header, before it is fetched; nodes trace that number as the
 * block's size, too. */
uint64_t block_bytes_estimate(size_t header_bytes, uint32_t body_bytes);

#endif
