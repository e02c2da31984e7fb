/* Mini-protocols as tables: states, whose turn it is in each, limits, and which message leads
 * where. What stands in the messages is in handshake.h, chain_sync.h, ... Pure. */
#ifndef OU_WIRE_PROTOCOL_H
#define OU_WIRE_PROTOCOL_H

#include "wire/cbor.h"

enum agency { AGENCY_CLIENT, AGENCY_SERVER, AGENCY_NOBODY };

#define PROTOCOL_SMALL_BYTES 65535
#define PROTOCOL_LARGE_BYTES 2500000
#define PROTOCOL_REPLY_BYTES \
    ((uint32_t)64 << 20) /* of forwarding, where the grammar sets no limit */

struct protocol_state {
    const char *name;
    enum agency agency;   /* who must send next; the client is the initiator */
    uint32_t limit_bytes; /* of the message that is sent in this state */
    uint32_t limit_ms;    /* until it has come; 0: for ever */
};

struct protocol_step {
    uint8_t from, key, to; /* state, first number of the message, state */
};

struct protocol {
    const char *name;
    uint16_t number;                     /* of the mux */
    uint32_t ingress_bytes;              /* received and not yet taken; more ends the connection */
    const struct protocol_state *states; /* state 0 is the first one */
    const struct protocol_step *steps;
    uint8_t state_count, step_count;
};

/* 0, 2, 3, 4, 8 and 10. */
extern const struct protocol protocol_handshake, protocol_chain_sync, protocol_block_fetch,
    protocol_tx_submission, protocol_keep_alive, protocol_peer_sharing;

/* Of forwarding: 1, 2 and 3. The client is the side that collects. */
extern const struct protocol protocol_ekg_forward, protocol_trace_forward, protocol_data_point;

/* Where a message leads; -1 when it may not be sent in that state. */
int protocol_next(const struct protocol *p, uint8_t state, uint64_t key);

/* The first number of an encoded message: its key. */
enum wire_result protocol_key(struct bytes message, uint64_t *ret_key, const char **ret_why);

/* --- For readers of messages --------------------------------------------------- */

/* All of them share a form: `message` is one whole CBOR item (a shorter one is WIRE_CUT, bytes
 * behind it are WIRE_BAD); views in *ret point into it; *ret is set only when WIRE_OK; *ret_why
 * says in a few words what is wrong. Writers append to a buffer whose failure sticks. */

/* How many items follow the key in messages of a protocol, by key. */
#define MESSAGE_NONE UINT8_MAX /* no message has this key */

/* Takes the head of the list and the key. An unknown key and another length are WIRE_BAD; a caller
 * that goes on after a failure reads zeros. */
uint64_t message_open(struct cbor *c, const uint8_t *parts, size_t key_count);

/* What became of the message, all of which must have been taken. */
enum wire_result message_close(struct cbor *c, const char **ret_why);

/* Writes the head of the list and the key. */
void message_put(struct buffer *b, const uint8_t *parts, uint64_t key);

/* Lists as the Haskell library of forwarding writes them: without a length, and an empty one
 * with the length 0. */
void protocol_list_open(struct buffer *b, size_t count);
void protocol_list_close(struct buffer *b, size_t count);

/* cbor_more(), which may be asked again after the end. */
bool protocol_list_more(struct cbor *c, struct cbor_run *run);

#endif
