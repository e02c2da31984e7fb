#include <assert.h>
#include <stdio.h>

#include "node/link_inside.h"
#include "wire/tx_submission.h"

#define NO_HOME UINT8_MAX

/* --- Whose turn ---------------------------------------------------------------------- */

static const struct protocol_state *state_of(const struct conversation *c)
{
    return &c->protocol->states[c->state];
}

static bool is_our_turn(const struct conversation *c)
{
    return state_of(c)->agency == (c->initiator ? AGENCY_CLIENT : AGENCY_SERVER);
}

static bool is_peers_turn(const struct conversation *c)
{
    return state_of(c)->agency == (c->initiator ? AGENCY_SERVER : AGENCY_CLIENT);
}

/* Whether the peer is the side that asks, and so may send ahead of its turn. */
static bool peer_pipelines(const struct conversation *c)
{
    return (c->protocol == &protocol_tx_submission) == c->initiator;
}

/* Whoever asks gets no more answers while it does not read those that are there. */
static bool answers_wait(const struct conversation *c)
{
    return peer_pipelines(c) && link_waiting(c->link) >= LINK_OUT_BYTES;
}

static int next_state(const struct conversation *c, uint8_t state, uint64_t key,
                      struct bytes message)
{
    if (c->protocol == &protocol_tx_submission)
        return tx_submission_next(state, message);
    return protocol_next(c->protocol, state, key);
}

static void begin_limit(struct conversation *c, uint32_t limit_ms)
{
    c->limit_ms = limit_ms;
    c->deadline_ms = limit_ms ? uv_now(c->link->loop) + limit_ms : LINK_NEVER_MS;
}

static void own_fault(struct conversation *c, const char *what)
{
    link_close(c->link, "own fault: %s: %s in state %s", c->protocol->name, what,
               state_of(c)->name);
}

/* Goes to a state; when it is our turn there, what was sent ahead counts as sent now. */
static void enter(struct conversation *c, uint8_t state)
{
    c->state = state;
    while (c->ahead_count > 0 && is_our_turn(c)) {
        if (c->state != c->home) {
            own_fault(c, "a pipelined message");
            return;
        }
        c->state = c->ahead[c->ahead_first];
        c->ahead_first = (uint16_t)((c->ahead_first + 1) % CONVERSATION_PIPELINE_MAX);
        c->ahead_count--;
    }
    begin_limit(c, is_peers_turn(c) ? state_of(c)->limit_ms : 0);
    if (byte_queue_count(&c->in) > 0)
        link_wake(c->link);
}

/* --- Life ------------------------------------------------------------------------------ */

enum ou_status conversation_open(struct link *link, const struct protocol *p, bool initiator,
                                 const struct conversation_events *events, void *owner,
                                 struct conversation **ret, struct ou_error *err)
{
    struct allocator *from = allocator_libc();
    struct conversation *c;

    for (size_t i = 0; i < link->count; i++)
        if (link->list[i]->protocol == p && link->list[i]->initiator == initiator)
            return ou_fail(err, OU_USAGE, "%s runs already", p->name);
    if (link->count == LINK_CONVERSATIONS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "more than %d conversations", LINK_CONVERSATIONS_MAX);
    c = alloc_zeroed(from, sizeof *c);
    if (!c)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a conversation");
    c->link = link;
    c->protocol = p;
    c->initiator = initiator;
    c->events = events;
    c->owner = owner;
    c->home = NO_HOME;
    /* A read may bring 64 KiB more than the limit, before it is told. */
    byte_queue_init(&c->in, from, (size_t)p->ingress_bytes + 65536);
    byte_queue_init(&c->out, from, 2 * LINK_OUT_MAX);
    link->list[link->count++] = c;
    enter(c, 0);
    link_wake(link);
    *ret = c;
    return OU_OK;
}

void conversation_free(struct conversation *c)
{
    byte_queue_release(&c->in);
    byte_queue_release(&c->out);
    alloc_free(allocator_libc(), c, sizeof *c);
}

/* --- Sending --------------------------------------------------------------------------- */

/* Moves the state on for a message of ours; false when it may not be sent. */
static bool step_out(struct conversation *c, struct bytes message)
{
    const bool ahead = !is_our_turn(c);
    const char *why = "";
    uint64_t key;
    int to;

    if (protocol_key(message, &key, &why) != WIRE_OK) {
        own_fault(c, "a malformed message");
        return false;
    }
    if (ahead && (c->home == NO_HOME || peer_pipelines(c))) {
        own_fault(c, "a message out of turn");
        return false;
    }
    to = next_state(c, ahead ? c->home : c->state, key, message);
    if (to < 0 || c->ahead_count == CONVERSATION_PIPELINE_MAX) {
        own_fault(c, to < 0 ? "a message that is not allowed" : "too many messages ahead");
        return false;
    }
    if (ahead) {
        c->ahead[(c->ahead_first + c->ahead_count++) % CONVERSATION_PIPELINE_MAX] = (uint8_t)to;
    } else {
        c->home = c->state;
        enter(c, (uint8_t)to);
    }
    return true;
}

/* Cuts a message into frames. Their time stamps are filled in when they go out. */
static enum ou_status queue_frames(struct conversation *c, struct bytes message)
{
    struct mux_header header = { .protocol = c->protocol->number, .from_responder = !c->initiator };
    uint8_t head[MUX_HEADER_BYTES];
    enum ou_status status = OU_OK;

    while (message.count > 0 && status == OU_OK) {
        const size_t part = message.count < MUX_PAYLOAD_SENT ? message.count : MUX_PAYLOAD_SENT;

        header.bytes = (uint16_t)part;
        mux_header_write(header, head);
        status = byte_queue_put(&c->out, (struct bytes){ head, sizeof head });
        if (status == OU_OK)
            status = byte_queue_put(&c->out, (struct bytes){ message.at, part });
        c->link->out_bytes += sizeof head + part;
        message.at += part;
        message.count -= part;
    }
    return status;
}

void conversation_send(struct conversation *c, struct bytes message)
{
    struct link *l = c->link;

    if (link_is_closing(l) || !step_out(c, message))
        return;
    if (queue_frames(c, message) != OU_OK)
        link_close(l, "no memory for what goes out");
    else if (link_waiting(l) > LINK_OUT_MAX)
        link_close(l, "the peer does not read: %zu bytes wait", link_waiting(l));
    else
        link_wake(l);
}

bool conversation_has_room(struct conversation *c)
{
    if (link_waiting(c->link) < LINK_OUT_BYTES)
        return true;
    c->wants_room = true;
    return false;
}

void conversation_tell_room(struct conversation *c)
{
    if (!c->wants_room || link_is_closing(c->link))
        return;
    c->wants_room = false;
    if (c->events->room)
        c->events->room(c, c->owner);
}

/* --- Receiving ------------------------------------------------------------------------- */

bool conversation_holds(const struct conversation *c, size_t count)
{
    return !c->paused || byte_queue_count(&c->in) + count <= c->protocol->ingress_bytes;
}

/* Moves the state on for a message of the peer's, and hands it to the owner. */
static void hand_over(struct conversation *c, struct bytes message)
{
    const char *why = "malformed";
    uint64_t key = 0;
    int to;

    if (protocol_key(message, &key, &why) != WIRE_OK) {
        conversation_refuse(c, "%s", why);
        return;
    }
    to = next_state(c, c->state, key, message);
    if (to < 0) {
        conversation_refuse(c, "message %llu is not allowed in state %s", (unsigned long long)key,
                            state_of(c)->name);
        return;
    }
    enter(c, (uint8_t)to);
    c->events->message(c, c->owner, key, message);
    if (!c->initiator && state_of(c)->agency == AGENCY_NOBODY && !link_is_closing(c->link) &&
        c->protocol != &protocol_handshake) {
        c->home = NO_HOME;
        enter(c, 0);
    }
}

/* Takes one message, when it is all there. */
static bool take_message(struct conversation *c)
{
    struct bytes in = byte_queue_all(&c->in);
    const uint32_t limit = state_of(c)->limit_bytes;
    const char *why = "malformed";
    size_t used = 0;
    const enum wire_result result = cbor_scan(
        &c->scan, (struct bytes){ in.at + c->scanned, in.count - c->scanned }, &used, &why);

    c->scanned += used;
    if (result == WIRE_BAD) {
        conversation_refuse(c, "%s", why);
        return false;
    }
    if (c->scanned > limit) {
        conversation_refuse(c, "a message above %u bytes in state %s", limit, state_of(c)->name);
        return false;
    }
    if (result == WIRE_CUT)
        return false;
    in.count = c->scanned;
    c->scanned = 0;
    c->scan = (struct cbor_scan){ 0 };
    hand_over(c, in);
    byte_queue_drop(&c->in, in.count);
    return true;
}

/* Whether the peer may have sent what waits, and so much of it. */
static void check_ingress(struct conversation *c)
{
    const size_t waiting = byte_queue_count(&c->in);
    const size_t ahead_max = c->protocol->ingress_bytes < PROTOCOL_SMALL_BYTES
                                 ? c->protocol->ingress_bytes
                                 : PROTOCOL_SMALL_BYTES;

    if (waiting == 0 || link_is_closing(c->link))
        return;
    if (is_peers_turn(c) && !answers_wait(c)) {
        if (waiting > c->protocol->ingress_bytes)
            conversation_refuse(c, "%zu bytes wait, more than the limit of %u", waiting,
                                c->protocol->ingress_bytes);
    } else if (!peer_pipelines(c) || state_of(c)->agency == AGENCY_NOBODY) {
        conversation_refuse(c, "%zu bytes out of turn in state %s", waiting, state_of(c)->name);
    } else if (waiting > ahead_max) {
        /* Requests are small; the ingress limit is for answers. */
        conversation_refuse(c, "%zu bytes of requests wait, more than the limit of %zu", waiting,
                            ahead_max);
    }
}

void conversation_deliver(struct conversation *c)
{
    while (!link_is_closing(c->link) && !c->paused && is_peers_turn(c) && !answers_wait(c) &&
           byte_queue_count(&c->in) > 0)
        if (!take_message(c))
            break;
    check_ingress(c);
}

void conversation_take(struct conversation *c, struct bytes payload)
{
    if (byte_queue_put(&c->in, payload) != OU_OK) {
        link_close(c->link, "%s: no memory for what comes in", c->protocol->name);
        return;
    }
    conversation_deliver(c);
}

/* --- Times ----------------------------------------------------------------------------- */

void conversation_check_time(struct conversation *c, uint64_t now_ms)
{
    if (now_ms < c->deadline_ms || link_is_closing(c->link))
        return;
    /* It is not the peer's fault when we do not look at what it sent. */
    if (c->paused || c->link->held || answers_wait(c))
        begin_limit(c, c->limit_ms);
    else
        conversation_refuse(c, "no message within %u ms in state %s", c->limit_ms,
                            state_of(c)->name);
}

void conversation_set_limit_ms(struct conversation *c, uint32_t limit_ms)
{
    begin_limit(c, limit_ms);
    link_wake(c->link);
}

void conversation_pause(struct conversation *c)
{
    c->paused = true;
}

void conversation_resume(struct conversation *c)
{
    if (!c->paused)
        return;
    c->paused = false;
    begin_limit(c, is_peers_turn(c) ? c->limit_ms : 0);
    link_wake(c->link);
}

/* --- Questions ------------------------------------------------------------------------- */

uint8_t conversation_state(const struct conversation *c)
{
    return c->state;
}

size_t conversation_outstanding(const struct conversation *c)
{
    return c->home == NO_HOME || is_our_turn(c) ? 0 : 1 + (size_t)c->ahead_count;
}

struct link *conversation_link(const struct conversation *c)
{
    return c->link;
}

void conversation_refuse(struct conversation *c, const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    link_close(c->link, "%s: %s", c->protocol->name, text);
}
