/* One side of one mini-protocol on a link. It knows whose turn it is, holds messages to the limits of size
 * and time that the protocol states, and hands over whole messages. A peer that breaks a rule loses the
 * connection, with the rule as the reason.
 *
 * Pipelining: the side that asks (of tx-submission the responder, else the initiator) may send although it is not
 * its turn, as long as the message would be right once the answers to all before have come; the conversation
 * remembers which it sent. What a peer asks ahead waits until it has had its answer.
 *
 * A Done of the peer's ends only that round: when the owner of the responder's side has been told of it, the
 * conversation stands at its first state again, and so should its owner. */
#ifndef OU_NODE_CONVERSATION_H
#define OU_NODE_CONVERSATION_H

#include "node/link.h"
#include "wire/protocol.h"

#define CONVERSATION_PIPELINE_MAX 512

struct conversation; /* opaque; owned by its link */

struct conversation_events {
    /* A whole message of the peer's, allowed in the state it was in; `message` is valid during the call, and `key` its first
     * number. What it means is the owner's; a message it cannot accept ends in conversation_refuse(). */
    void (*message)(struct conversation *c, void *owner, uint64_t key, struct bytes message);
    /* There is room to send again after conversation_has_room() was false. May be NULL. */
    void (*room)(struct conversation *c, void *owner);
};

/* Opens protocol `p` on a link that is ready. initiator: our side begins. OU_USAGE when it is open already. */
enum ou_status conversation_open(struct link *link, const struct protocol *p, bool initiator,
                                 const struct conversation_events *events, void *owner,
                                 struct conversation **ret, struct ou_error *err);

/* Sends one encoded message. The state moves on; sending what the protocol does not allow is a mistake of
 * ours, which ends the link with "own fault: ...". */
void conversation_send(struct conversation *c, struct bytes message);

/* Whether more should be produced: less than LINK_OUT_BYTES wait. Streams of blocks ask before each. */
bool conversation_has_room(struct conversation *c);

uint8_t conversation_state(const struct conversation *c); /* of the oldest message not answered */
/* Of the side that asks: sent and not answered yet; 0 when it is our turn. */
size_t conversation_outstanding(const struct conversation *c);

/* Messages are kept back (and time limits of the peer stand still) until conversation_resume(): back pressure. The
 * ingress limit still holds. */
void conversation_pause(struct conversation *c);
void conversation_resume(struct conversation *c);

/* Ends the connection: "chain-sync: rolled back behind the origin". */
void conversation_refuse(struct conversation *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct link *conversation_link(const struct conversation *c);

/* Time limit of the peer in the current state from now on, instead of the protocol's (chain-sync
 * draws it anew each time); 0: none. */
void conversation_set_limit_ms(struct conversation *c, uint32_t limit_ms);

#endif
