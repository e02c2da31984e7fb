#include "wire/block_fetch.h"

static const struct protocol_state states[] = {
    [BLOCK_FETCH_IDLE] = { "Idle", AGENCY_CLIENT, PROTOCOL_SMALL_BYTES, 0 },
    [BLOCK_FETCH_BUSY] = { "Busy", AGENCY_SERVER, PROTOCOL_SMALL_BYTES, 60000 },
    [BLOCK_FETCH_STREAMING] = { "Streaming", AGENCY_SERVER, PROTOCOL_LARGE_BYTES, 60000 },
    [BLOCK_FETCH_ENDED] = { "Done", AGENCY_NOBODY, 0, 0 },
};

static const struct protocol_step steps[] = {
    { BLOCK_FETCH_IDLE, BLOCK_FETCH_REQUEST_RANGE, BLOCK_FETCH_BUSY },
    { BLOCK_FETCH_IDLE, BLOCK_FETCH_CLIENT_DONE, BLOCK_FETCH_ENDED },
    { BLOCK_FETCH_BUSY, BLOCK_FETCH_START_BATCH, BLOCK_FETCH_STREAMING },
    { BLOCK_FETCH_BUSY, BLOCK_FETCH_NO_BLOCKS, BLOCK_FETCH_IDLE },
    { BLOCK_FETCH_STREAMING, BLOCK_FETCH_BLOCK, BLOCK_FETCH_STREAMING },
    { BLOCK_FETCH_STREAMING, BLOCK_FETCH_BATCH_DONE, BLOCK_FETCH_IDLE },
};

const struct protocol protocol_block_fetch = {
    .name = "BlockFetch",
    .number = 3,
    /* Ten blocks of the longest kind (2097154 bytes; a hundred of mainnet's are less), and a tenth. */
    .ingress_bytes = 23068694,
    .states = states,
    .steps = steps,
    .state_count = sizeof states / sizeof *states,
    .step_count = sizeof steps / sizeof *steps,
};

static const uint8_t parts[] = {
    [BLOCK_FETCH_REQUEST_RANGE] = 2, [BLOCK_FETCH_CLIENT_DONE] = 0, [BLOCK_FETCH_START_BATCH] = 0,
    [BLOCK_FETCH_NO_BLOCKS] = 0,     [BLOCK_FETCH_BLOCK] = 1,       [BLOCK_FETCH_BATCH_DONE] = 0,
};

/* An end of a range, which must be a block. */
static void block_point_read(struct cbor *c, struct point *ret)
{
    point_read(c, ret);
    if (cbor_ok(c) && ret->origin)
        cbor_refuse(c, "a range that begins or ends at the origin");
}

enum wire_result block_fetch_read(struct bytes message, struct block_fetch_message *ret,
                                  const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct block_fetch_message m = {
        .key = (enum block_fetch_key)message_open(&c, parts, sizeof parts),
    };
    enum wire_result result;

    if (m.key == BLOCK_FETCH_REQUEST_RANGE) {
        block_point_read(&c, &m.from);
        block_point_read(&c, &m.to);
    } else if (m.key == BLOCK_FETCH_BLOCK) {
        m.block = cbor_encoded(&c);
    }
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = m;
    return result;
}

void block_fetch_write(struct buffer *b, const struct block_fetch_message *m)
{
    message_put(b, parts, m->key);
    if (m->key == BLOCK_FETCH_REQUEST_RANGE) {
        point_write(b, &m->from);
        point_write(b, &m->to);
    } else if (m->key == BLOCK_FETCH_BLOCK) {
        cbor_put_encoded(b, m->block);
    }
}
