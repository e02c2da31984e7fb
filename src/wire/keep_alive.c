#include "wire/keep_alive.h"

/* --- Keep-alive -------------------------------------------------------------------- */

static const struct protocol_state ping_states[] = {
    [KEEP_ALIVE_CLIENT] = { "Client", AGENCY_CLIENT, PROTOCOL_SMALL_BYTES, 97000 },
    [KEEP_ALIVE_SERVER] = { "Server", AGENCY_SERVER, PROTOCOL_SMALL_BYTES, 60000 },
    [KEEP_ALIVE_ENDED] = { "Done", AGENCY_NOBODY, 0, 0 },
};

static const struct protocol_step ping_steps[] = {
    { KEEP_ALIVE_CLIENT, KEEP_ALIVE_PING, KEEP_ALIVE_SERVER },
    { KEEP_ALIVE_CLIENT, KEEP_ALIVE_DONE, KEEP_ALIVE_ENDED },
    { KEEP_ALIVE_SERVER, KEEP_ALIVE_PONG, KEEP_ALIVE_CLIENT },
};

const struct protocol protocol_keep_alive = {
    .name = "KeepAlive",
    .number = 8,
    .ingress_bytes = 1408, /* 1280, and a tenth */
    .states = ping_states,
    .steps = ping_steps,
    .state_count = sizeof ping_states / sizeof *ping_states,
    .step_count = sizeof ping_steps / sizeof *ping_steps,
};

static const uint8_t ping_parts[] = {
    [KEEP_ALIVE_PING] = 1,
    [KEEP_ALIVE_PONG] = 1,
    [KEEP_ALIVE_DONE] = 0,
};

enum wire_result keep_alive_read(struct bytes message, struct keep_alive_message *ret,
                                 const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct keep_alive_message m = {
        .key = (enum keep_alive_key)message_open(&c, ping_parts, sizeof ping_parts),
    };
    enum wire_result result;

    if (m.key != KEEP_ALIVE_DONE)
        m.cookie = (uint16_t)cbor_uint_below(&c, UINT16_MAX + 1, "a cookie above 65535");
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = m;
    return result;
}

void keep_alive_write(struct buffer *b, struct keep_alive_message m)
{
    message_put(b, ping_parts, m.key);
    if (m.key != KEEP_ALIVE_DONE)
        cbor_put_uint(b, m.cookie);
}

/* --- Peer-sharing ------------------------------------------------------------------ */

/* Four messages of one TCP segment wait at most. */
enum { SEGMENT_BYTES = 1440, SHARING_BYTES = 4 * SEGMENT_BYTES };

static const struct protocol_state sharing_states[] = {
    [PEER_SHARING_IDLE] = { "Idle", AGENCY_CLIENT, SHARING_BYTES, 0 },
    [PEER_SHARING_BUSY] = { "Busy", AGENCY_SERVER, SHARING_BYTES, 60000 },
    [PEER_SHARING_ENDED] = { "Done", AGENCY_NOBODY, 0, 0 },
};

static const struct protocol_step sharing_steps[] = {
    { PEER_SHARING_IDLE, PEER_SHARING_REQUEST, PEER_SHARING_BUSY },
    { PEER_SHARING_IDLE, PEER_SHARING_DONE, PEER_SHARING_ENDED },
    { PEER_SHARING_BUSY, PEER_SHARING_PEERS, PEER_SHARING_IDLE },
};

const struct protocol protocol_peer_sharing = {
    .name = "PeerSharing",
    .number = 10,
    .ingress_bytes = SHARING_BYTES,
    .states = sharing_states,
    .steps = sharing_steps,
    .state_count = sizeof sharing_states / sizeof *sharing_states,
    .step_count = sizeof sharing_steps / sizeof *sharing_steps,
};

static const uint8_t sharing_parts[] = {
    [PEER_SHARING_REQUEST] = 1,
    [PEER_SHARING_PEERS] = 1,
    [PEER_SHARING_DONE] = 0,
};

/* How many addresses there are. What is in one differs between versions, and nobody here wants it. */
static size_t addresses_read(struct cbor *c)
{
    struct cbor_run run = cbor_list(c);
    size_t count = 0;

    for (; cbor_more(c, &run); count++) {
        struct cbor address = cbor_open(cbor_skip(c));

        (void)cbor_list(&address);
        if (!cbor_ok(&address))
            cbor_refuse(c, "an address that is no list");
    }
    return count;
}

enum wire_result peer_sharing_read(struct bytes message, struct peer_sharing_message *ret,
                                   const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct peer_sharing_message m = {
        .key = (enum peer_sharing_key)message_open(&c, sharing_parts, sizeof sharing_parts),
    };
    enum wire_result result;

    if (m.key == PEER_SHARING_REQUEST)
        m.amount = (uint8_t)cbor_uint_below(&c, UINT8_MAX + 1, "more than 255 peers are asked for");
    else if (m.key == PEER_SHARING_PEERS)
        m.peer_count = addresses_read(&c);
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = m;
    return result;
}

void peer_sharing_write(struct buffer *b, struct peer_sharing_message m)
{
    message_put(b, sharing_parts, m.key);
    if (m.key == PEER_SHARING_REQUEST)
        cbor_put_uint(b, m.amount);
    else if (m.key == PEER_SHARING_PEERS)
        cbor_put_list(b, 0);
}
