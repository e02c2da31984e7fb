#include <stdio.h>

#include "node/link_inside.h"

/* The side that dialled: the peer has answered. */
static void on_answer(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct link *l = owner;
    struct version_data agreed;
    struct ou_error err = { "" };
    uint16_t version = 0;

    (void)key;
    if (node_accepted(message, &l->own, &version, &agreed, &err) == WIRE_OK && version > 0)
        link_is_agreed(l, version, &agreed);
    else
        conversation_refuse(c, "%s", err.text);
}

/* The side that accepted: the peer has proposed. */
static void on_proposal(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct link *l = owner;
    struct version_data agreed;
    const char *why = "malformed proposal";
    uint16_t version = 0;
    struct buffer answer;
    enum wire_result result;

    (void)key;
    buffer_init(&answer, allocator_libc(), PROTOCOL_SMALL_BYTES);
    result = node_answer(message, &l->own, &answer, &version, &agreed, &why);
    if (result != WIRE_OK || buffer_status(&answer) != OU_OK) {
        conversation_refuse(c, "%s", result == WIRE_OK ? "no memory" : why);
    } else {
        conversation_send(c, bytes_of(&answer));
        if (version > 0)
            link_is_agreed(l, version, &agreed);
        else
            link_part(l, why);
    }
    buffer_release(&answer);
}

static const struct conversation_events dialler = { .message = on_answer };
static const struct conversation_events acceptor = { .message = on_proposal };

enum ou_status link_shake_hands(struct link *l, struct ou_error *err)
{
    struct buffer proposal;
    enum ou_status status =
        conversation_open(l, &protocol_handshake, l->dialled, l->dialled ? &dialler : &acceptor, l,
                          &l->handshake, err);

    if (status || !l->dialled)
        return status;
    buffer_init(&proposal, allocator_libc(), PROTOCOL_SMALL_BYTES);
    node_propose(&proposal, &l->own);
    status = buffer_status(&proposal);
    if (status == OU_OK)
        conversation_send(l->handshake, bytes_of(&proposal));
    buffer_release(&proposal);
    return status ? ou_fail(err, status, "no memory for a proposal") : OU_OK;
}
