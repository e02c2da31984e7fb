/* Protocol 3: a client asks for ranges of blocks. Pure. */
#ifndef OU_WIRE_BLOCK_FETCH_H
#define OU_WIRE_BLOCK_FETCH_H

#include "wire/chain_sync.h"

enum block_fetch_key {
    BLOCK_FETCH_REQUEST_RANGE = 0,
    BLOCK_FETCH_CLIENT_DONE = 1,
    BLOCK_FETCH_START_BATCH = 2,
    BLOCK_FETCH_NO_BLOCKS = 3,
    BLOCK_FETCH_BLOCK = 4,
    BLOCK_FETCH_BATCH_DONE = 5,
};

enum block_fetch_state {
    BLOCK_FETCH_IDLE,
    BLOCK_FETCH_BUSY,
    BLOCK_FETCH_STREAMING,
    BLOCK_FETCH_ENDED,
};

#define BLOCK_FETCH_PIPELINE_MAX 100

struct block_fetch_message {
    enum block_fetch_key key;
    struct point from, to; /* RequestRange, both included */
    struct bytes block;    /* what stands in tag 24: [era, block] */
};

enum wire_result block_fetch_read(struct bytes message, struct block_fetch_message *ret,
                                  const char **ret_why);
void block_fetch_write(struct buffer *b, const struct block_fetch_message *m);

#endif
