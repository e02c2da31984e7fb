/* Protocol 0 of node-to-node connections: which version, which network. Forwarding
 * of traces has version data of its own and shares the frame of messages. Pure. */
#ifndef OU_WIRE_HANDSHAKE_H
#define OU_WIRE_HANDSHAKE_H

#include "wire/protocol.h"

enum handshake_key {
    HANDSHAKE_PROPOSE = 0,
    HANDSHAKE_ACCEPT = 1,
    HANDSHAKE_REFUSE = 2,
    HANDSHAKE_QUERY_REPLY = 3,
};

enum handshake_state { HANDSHAKE_PROPOSING, HANDSHAKE_CONFIRMING, HANDSHAKE_DONE };

/* Versions that a node of ours takes, and those it proposes. */
#define NODE_VERSION_FIRST 7
#define NODE_VERSION_LAST 15
#define NODE_VERSION_PROPOSED 14
#define HANDSHAKE_VERSIONS_MAX 64 /* of one proposal; more is WIRE_BAD */

struct version_data {
    uint32_t magic;
    bool initiator_only; /* "I only consume: do not run initiator instances towards me" */
    uint8_t peer_sharing;
    bool query;
};

enum refusal { REFUSAL_VERSION_MISMATCH = 0, REFUSAL_DECODE = 1, REFUSAL_REFUSED = 2 };

struct handshake_message {
    enum handshake_key key;
    /* propose, query reply: numbers ascending, with their data as it came */
    size_t version_count;
    uint16_t versions[HANDSHAKE_VERSIONS_MAX];
    struct bytes data[HANDSHAKE_VERSIONS_MAX];
    /* accept */
    uint16_t version;
    struct bytes accepted; /* version data */
    /* refuse: versions above for a mismatch, else version and text */
    enum refusal refusal;
    struct span text;
};

/* Version numbers out of order or twice are refused; numbers nobody knows are passed over by
 * node_version_data_read()'s caller. */
enum wire_result handshake_read(struct bytes message, struct handshake_message *ret,
                                const char **ret_why);
void handshake_write(struct buffer *b, const struct handshake_message *m);

/* A peer's text without what might play tricks on a terminal, cut to the room. */
void handshake_printable(struct span text, char *ret, size_t room);

/* Version data of node-to-node versions 7 to 15. */
enum wire_result node_version_data_read(struct bytes data, uint16_t version,
                                        struct version_data *ret, const char **ret_why);
void node_version_data_write(struct buffer *b, uint16_t version, const struct version_data *data);

/* Our proposal: versions 14 and 15 with the same data. */
void node_propose(struct buffer *b, const struct version_data *data);

/* What a responder answers to a proposal, the highest version known to both or a refusal, is appended
 * to *b. *ret_version is the agreed version and *ret_agreed the agreed data, or *ret_version 0 when
 * the connection must be closed after the answer; *ret_why then says why. WIRE_CUT and WIRE_BAD:
 * nothing was appended. */
enum wire_result node_answer(struct bytes proposal, const struct version_data *own,
                             struct buffer *b, uint16_t *ret_version,
                             struct version_data *ret_agreed, const char **ret_why);

/* What an initiator makes of the answer: as above, without writing. A refusal, or what else is wrong, is
 * formatted into err. A proposal counts as an answer, too: it comes when both sides dialled at the same
 * moment, and leads both to the same version. */
enum wire_result node_accepted(struct bytes answer, const struct version_data *own,
                               uint16_t *ret_version, struct version_data *ret_agreed,
                               struct ou_error *err);

#endif
