/* The handshake of forwarding connections. Version 1 is all there is (2 is declared, and never
 * offered); its data is the network's magic, a plain number. Messages are those of handshake.h.
 * Pure. */
#ifndef OU_WIRE_FORWARD_HANDSHAKE_H
#define OU_WIRE_FORWARD_HANDSHAKE_H

#include "wire/handshake.h"

#define FORWARD_VERSION 1
#define FORWARD_HANDSHAKE_BYTES_MAX 5760 /* of a message */

/* The proposal of the side that connected. */
void forward_propose(struct buffer *b, uint32_t magic);

/* What the side that listened answers: appended to *b. *ret_agreed is false when the connection
 * is to be closed after the answer, and err says why (another magic: both are named). WIRE_CUT
 * and WIRE_BAD: nothing was appended. */
enum wire_result forward_answer(struct bytes proposal, uint32_t magic, struct buffer *b,
                                bool *ret_agreed, struct ou_error *err);

/* What the side that connected makes of the answer. A proposal is taken as one, too (both sides
 * connected at once). */
enum wire_result forward_accepted(struct bytes answer, uint32_t magic, bool *ret_agreed,
                                  struct ou_error *err);

#endif
