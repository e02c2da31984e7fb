#include "wire/forward_session.h"

/* The answers to one request on each protocol, and their frames' heads. */
#define OUTPUT_MAX (4 * (size_t)PROTOCOL_REPLY_BYTES)

/* What the buffer of messages and the output keep between messages. */
enum { KEPT_BYTES = 1 << 16 };

static void empty(struct buffer *b, size_t max)
{
    if (b->cap > KEPT_BYTES) {
        buffer_release(b);
        buffer_init(b, allocator_libc(), max);
    }
    buffer_clear(b);
}

enum ou_status forward_session_init(struct forward_session *s, bool connected, uint32_t magic,
                                    const size_t limits[DEMUX_PROTOCOLS])
{
    *s = (struct forward_session){ .connected = connected, .magic = magic };
    demux_init(&s->in, connected, limits);
    buffer_init(&s->out, allocator_libc(), OUTPUT_MAX);
    buffer_init(&s->message, allocator_libc(), PROTOCOL_REPLY_BYTES);
    if (!connected)
        return OU_OK;
    forward_propose(forward_session_message(s), magic);
    return forward_session_put(s, protocol_handshake.number, 0, NULL);
}

void forward_session_release(struct forward_session *s)
{
    demux_release(&s->in);
    buffer_release(&s->out);
    buffer_release(&s->message);
}

/* --- Input ------------------------------------------------------------------------------------ */

static enum ou_status shake_hands(struct forward_session *s, struct bytes message, uint32_t now_us,
                                  struct ou_error *err)
{
    enum ou_status status;
    enum wire_result result;
    bool agreed = false;

    if (s->connected) {
        result = forward_accepted(message, s->magic, &agreed, err);
    } else {
        result = forward_answer(message, s->magic, forward_session_message(s), &agreed, err);
        status = result == WIRE_OK ? forward_session_put(s, protocol_handshake.number, now_us, err)
                                   : OU_INVALID;
        if (status != OU_OK)
            return status;
    }
    if (result != WIRE_OK || !agreed)
        return OU_INVALID; /* err says why */
    s->agreed = true;
    return OU_OK;
}

/* Whether it is the memory that has failed, and not the peer. */
static enum ou_status why_bad(const struct demux *d)
{
    for (size_t i = 0; i < DEMUX_PROTOCOLS; i++)
        if (buffer_status(&d->streams[i].message) == OU_NO_MEMORY)
            return OU_NO_MEMORY;
    return OU_INVALID;
}

static enum ou_status handle_message(struct forward_session *s, unsigned protocol,
                                     struct bytes message, uint32_t now_us,
                                     void (*agreed)(void *context), forward_handler *handle,
                                     void *context, struct ou_error *err)
{
    bool is_handshake = protocol == protocol_handshake.number;
    enum ou_status status;

    if (is_handshake == s->agreed)
        return ou_fail(err, OU_INVALID,
                       s->agreed ? "a second handshake" : "a message before the handshake");
    if (!is_handshake)
        return handle(context, protocol, message, now_us, err);
    status = shake_hands(s, message, now_us, err);
    if (status == OU_OK && agreed)
        agreed(context);
    return status;
}

enum ou_status forward_session_receive(struct forward_session *s, struct bytes input,
                                       uint32_t now_us, void (*agreed)(void *context),
                                       forward_handler *handle, void *context, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (s->broken)
        return ou_fail(err, OU_INVALID, "the connection has failed before");
    while (status == OU_OK) {
        const char *why = NULL;
        struct bytes message;
        unsigned protocol;
        enum wire_result result = demux_next(&s->in, &input, &protocol, &message, &why);

        if (result == WIRE_CUT)
            return OU_OK;
        if (result == WIRE_BAD)
            status = ou_fail(err, why_bad(&s->in), "%s", why);
        else
            status = handle_message(s, protocol, message, now_us, agreed, handle, context, err);
    }
    s->broken = true;
    return status;
}

/* --- Output ----------------------------------------------------------------------------------- */

struct buffer *forward_session_message(struct forward_session *s)
{
    empty(&s->message, PROTOCOL_REPLY_BYTES);
    return &s->message;
}

enum ou_status forward_session_put(struct forward_session *s, unsigned protocol, uint32_t now_us,
                                   struct ou_error *err)
{
    enum ou_status status = buffer_status(&s->message);

    if (status == OU_OK) {
        mux_put(&s->out, (uint16_t)protocol, !s->connected, now_us, bytes_of(&s->message));
        status = buffer_status(&s->out);
    }
    if (status == OU_OK)
        return OU_OK;
    s->broken = true;
    return ou_fail(err, status, "a message of protocol %u cannot be written: %s", protocol,
                   ou_status_name(status));
}

struct bytes forward_session_output(const struct forward_session *s)
{
    struct bytes all = bytes_of(&s->out);

    return all.count > s->sent ? (struct bytes){ all.at + s->sent, all.count - s->sent }
                               : (struct bytes){ 0 };
}

void forward_session_sent(struct forward_session *s, size_t count)
{
    size_t rest;

    s->sent += count;
    rest = s->out.len - s->sent;
    if (rest > s->sent)
        return;
    /* Half of it has gone: each byte is moved once at most, on average. */
    s->sent_before += s->sent;
    if (rest > 0)
        memmove(s->out.at, s->out.at + s->sent, rest);
    s->sent = 0;
    buffer_cut(&s->out, rest);
    if (rest == 0)
        empty(&s->out, OUTPUT_MAX);
}

uint64_t forward_session_put_bytes(const struct forward_session *s)
{
    return s->sent_before + s->out.len;
}

uint64_t forward_session_sent_bytes(const struct forward_session *s)
{
    return s->sent_before + s->sent;
}
