#include "wire/tx_submission.h"

static const struct protocol_state states[] = {
    [TX_SUBMISSION_START] = { "Init", AGENCY_CLIENT, PROTOCOL_SMALL_BYTES, 0 },
    [TX_SUBMISSION_IDLE] = { "Idle", AGENCY_SERVER, PROTOCOL_SMALL_BYTES, 0 },
    [TX_SUBMISSION_IDS_BLOCKING] = { "TxIdsBlocking", AGENCY_CLIENT, PROTOCOL_LARGE_BYTES, 0 },
    [TX_SUBMISSION_IDS_NON_BLOCKING] = { "TxIdsNonBlocking", AGENCY_CLIENT, PROTOCOL_LARGE_BYTES,
                                         10000 },
    [TX_SUBMISSION_TXS] = { "Txs", AGENCY_CLIENT, PROTOCOL_LARGE_BYTES, 10000 },
    [TX_SUBMISSION_ENDED] = { "Done", AGENCY_NOBODY, 0, 0 },
};

static const struct protocol_step steps[] = {
    { TX_SUBMISSION_START, TX_SUBMISSION_INIT, TX_SUBMISSION_IDLE },
    { TX_SUBMISSION_IDLE, TX_SUBMISSION_REQUEST_IDS, TX_SUBMISSION_IDS_BLOCKING },
    { TX_SUBMISSION_IDLE, TX_SUBMISSION_REQUEST_TXS, TX_SUBMISSION_TXS },
    { TX_SUBMISSION_IDS_BLOCKING, TX_SUBMISSION_REPLY_IDS, TX_SUBMISSION_IDLE },
    { TX_SUBMISSION_IDS_BLOCKING, TX_SUBMISSION_DONE, TX_SUBMISSION_ENDED },
    { TX_SUBMISSION_IDS_NON_BLOCKING, TX_SUBMISSION_REPLY_IDS, TX_SUBMISSION_IDLE },
    { TX_SUBMISSION_TXS, TX_SUBMISSION_REPLY_TXS, TX_SUBMISSION_IDLE },
};

const struct protocol protocol_tx_submission = {
    .name = "TxSubmission2",
    .number = 4,
    .ingress_bytes = 721424, /* ten transactions of 65540 bytes with their ids, and a tenth */
    .states = states,
    .steps = steps,
    .state_count = sizeof states / sizeof *states,
    .step_count = sizeof steps / sizeof *steps,
};

static const uint8_t parts[] = {
    [TX_SUBMISSION_REQUEST_IDS] = 3, [TX_SUBMISSION_REPLY_IDS] = 1, [TX_SUBMISSION_REQUEST_TXS] = 1,
    [TX_SUBMISSION_REPLY_TXS] = 1,   [TX_SUBMISSION_DONE] = 0,      [5] = MESSAGE_NONE,
    [TX_SUBMISSION_INIT] = 0,
};

/* --- Reading ------------------------------------------------------------------------- */

static uint8_t era_read(struct cbor *c)
{
    return (uint8_t)cbor_uint_below(c, UINT8_MAX, "no such era");
}

static void id_read(struct cbor *c, struct tx_id_size *ret)
{
    cbor_list_of(c, 2);
    ret->era = era_read(c);
    cbor_fixed(c, sizeof ret->id, ret->id);
    ret->bytes = 0;
}

static void id_size_read(struct cbor *c, struct tx_id_size *ret)
{
    cbor_list_of(c, 2);
    id_read(c, ret);
    ret->bytes = (uint32_t)cbor_uint_below(c, UINT64_C(1) << 32, "a size beyond 32 bits");
}

static void tx_bytes_read(struct cbor *c, struct tx_bytes *ret)
{
    cbor_list_of(c, 2);
    ret->era = era_read(c);
    ret->tx = cbor_encoded(c);
}

/* A list's items, one by one; the list may have a length, though other nodes write none. */
static size_t items_read(struct cbor *c, enum tx_submission_key key,
                         struct tx_submission_room *room)
{
    struct cbor_run run = cbor_list(c);
    size_t count = 0;

    for (; cbor_more(c, &run); count++) {
        if (count == TX_SUBMISSION_ITEMS_MAX) {
            cbor_refuse(c, "too many transactions in a message");
            break;
        }
        if (key == TX_SUBMISSION_REPLY_TXS)
            tx_bytes_read(c, &room->txs[count]);
        else if (key == TX_SUBMISSION_REPLY_IDS)
            id_size_read(c, &room->ids[count]);
        else
            id_read(c, &room->ids[count]);
    }
    return count;
}

static uint16_t number_read(struct cbor *c)
{
    return (uint16_t)cbor_uint_below(c, UINT16_MAX + 1, "a number of ids above 65535");
}

enum wire_result tx_submission_read(struct bytes message, struct tx_submission_message *ret,
                                    struct tx_submission_room *room, const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct tx_submission_message m = {
        .key = (enum tx_submission_key)message_open(&c, parts, sizeof parts),
        .ids = &room->ids[0],
        .txs = &room->txs[0],
    };
    enum wire_result result;

    switch (m.key) {
    case TX_SUBMISSION_REQUEST_IDS:
        m.blocking = cbor_bool(&c);
        m.acknowledged = number_read(&c);
        m.requested = number_read(&c);
        break;
    case TX_SUBMISSION_REPLY_IDS:
    case TX_SUBMISSION_REQUEST_TXS:
    case TX_SUBMISSION_REPLY_TXS: m.count = items_read(&c, m.key, room); break;
    case TX_SUBMISSION_DONE:
    case TX_SUBMISSION_INIT: break;
    }
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = m;
    return result;
}

/* --- Writing ------------------------------------------------------------------------- */

static void id_write(struct buffer *b, const struct tx_id_size *id)
{
    cbor_put_list(b, 2);
    cbor_put_uint(b, id->era);
    cbor_put_bytes(b, (struct bytes){ id->id, sizeof id->id });
}

static void item_write(struct buffer *b, const struct tx_submission_message *m, size_t i)
{
    if (m->key == TX_SUBMISSION_REQUEST_TXS) {
        id_write(b, &m->ids[i]);
        return;
    }
    cbor_put_list(b, 2);
    if (m->key == TX_SUBMISSION_REPLY_TXS) {
        cbor_put_uint(b, m->txs[i].era);
        cbor_put_encoded(b, m->txs[i].tx);
    } else {
        id_write(b, &m->ids[i]);
        cbor_put_uint(b, m->ids[i].bytes);
    }
}

void tx_submission_write(struct buffer *b, const struct tx_submission_message *m)
{
    message_put(b, parts, m->key);
    switch (m->key) {
    case TX_SUBMISSION_REQUEST_IDS:
        cbor_put_bool(b, m->blocking);
        cbor_put_uint(b, m->acknowledged);
        cbor_put_uint(b, m->requested);
        break;
    case TX_SUBMISSION_REPLY_IDS:
    case TX_SUBMISSION_REQUEST_TXS:
    case TX_SUBMISSION_REPLY_TXS:
        cbor_put_list_open(b);
        for (size_t i = 0; i < m->count; i++)
            item_write(b, m, i);
        cbor_put_break(b);
        break;
    case TX_SUBMISSION_DONE:
    case TX_SUBMISSION_INIT: break;
    }
}

/* --- States and sizes ------------------------------------------------------------------ */

int tx_submission_next(uint8_t state, struct bytes message)
{
    struct cbor c = cbor_open(message);
    uint64_t key;
    bool blocking;
    int next;

    (void)cbor_list(&c);
    key = cbor_uint(&c);
    next = cbor_ok(&c) ? protocol_next(&protocol_tx_submission, state, key) : -1;
    if (next < 0 || key != TX_SUBMISSION_REQUEST_IDS)
        return next;
    blocking = cbor_bool(&c);
    if (!cbor_ok(&c))
        return -1;
    return blocking ? TX_SUBMISSION_IDS_BLOCKING : TX_SUBMISSION_IDS_NON_BLOCKING;
}

const char *tx_submission_request_fault(const struct tx_submission_message *m, size_t window_count)
{
    size_t left;

    if (m->acknowledged > window_count)
        return "acknowledged more transactions than were offered";
    left = window_count - m->acknowledged;
    if (left + m->requested > TX_SUBMISSION_WINDOW)
        return "asked for more transactions than the window holds";
    if (m->blocking && m->requested == 0)
        return "a blocking request for nothing";
    if (m->blocking && left > 0)
        return "a blocking request with transactions not acknowledged";
    if (!m->blocking && m->acknowledged + m->requested == 0)
        return "a request for nothing";
    if (!m->blocking && left == 0)
        return "a request that should have been a blocking one";
    return NULL;
}

uint32_t tx_wire_bytes(size_t tx_bytes)
{
    enum { ERA = 2, TAG = 2 }; /* 82 06, d8 18 */

    return (uint32_t)(ERA + TAG + cbor_head_bytes(tx_bytes) + tx_bytes);
}
