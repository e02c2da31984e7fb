#include "wire/trace_forward.h"

static const struct protocol_state states[] = {
    [TRACE_FORWARD_IDLE] = { "Idle", AGENCY_CLIENT, PROTOCOL_SMALL_BYTES, 0 },
    [TRACE_FORWARD_BLOCKING] = { "Blocking", AGENCY_SERVER, PROTOCOL_REPLY_BYTES, 0 },
    [TRACE_FORWARD_NONBLOCKING] = { "NonBlocking", AGENCY_SERVER, PROTOCOL_REPLY_BYTES, 0 },
    [TRACE_FORWARD_ENDED] = { "Done", AGENCY_NOBODY, 0, 0 },
};

/* A request leads to one of two states; which one stands in it, not in its key. */
static const struct protocol_step steps[] = {
    { TRACE_FORWARD_IDLE, TRACE_FORWARD_REQUEST, TRACE_FORWARD_BLOCKING },
    { TRACE_FORWARD_IDLE, TRACE_FORWARD_DONE, TRACE_FORWARD_ENDED },
    { TRACE_FORWARD_BLOCKING, TRACE_FORWARD_REPLY, TRACE_FORWARD_IDLE },
    { TRACE_FORWARD_NONBLOCKING, TRACE_FORWARD_REPLY, TRACE_FORWARD_IDLE },
};

const struct protocol protocol_trace_forward = {
    .name = "TraceForward",
    .number = FORWARD_PROTOCOL_TRACES,
    .ingress_bytes = PROTOCOL_REPLY_BYTES,
    .states = states,
    .steps = steps,
    .state_count = sizeof states / sizeof *states,
    .step_count = sizeof steps / sizeof *steps,
};

static const uint8_t parts[] = {
    [0] = MESSAGE_NONE,
    [TRACE_FORWARD_REQUEST] = 2,
    [TRACE_FORWARD_DONE] = 0,
    [TRACE_FORWARD_REPLY] = 1,
};

enum wire_result trace_forward_read(struct bytes message, struct trace_forward_message *ret,
                                    const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct trace_forward_message m = {
        .key = (enum trace_forward_key)message_open(&c, parts, sizeof parts),
    };
    enum wire_result result;

    switch (m.key) {
    case TRACE_FORWARD_REQUEST:
        m.blocking = cbor_bool(&c);
        cbor_list_of(&c, 2);
        (void)cbor_uint_below(&c, 1, "a number of objects of an unknown form");
        m.count = (uint16_t)cbor_uint_below(&c, UINT16_MAX + 1, "more than 65535 objects");
        break;
    case TRACE_FORWARD_DONE: break;
    case TRACE_FORWARD_REPLY:
        m.reply.run = cbor_list(&c);
        m.reply.at = c;
        c.at = cbor_ok(&c) ? c.end : c.at; /* what follows is the walk's */
        break;
    }
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = m;
    return result;
}

void trace_forward_write(struct buffer *b, const struct trace_forward_message *m)
{
    message_put(b, parts, m->key);
    if (m->key != TRACE_FORWARD_REQUEST)
        return;
    cbor_put_bool(b, m->blocking);
    cbor_put_list(b, 2);
    cbor_put_uint(b, 0);
    cbor_put_uint(b, m->count);
}

bool trace_reply_next(struct trace_reply *reply, struct trace_object *ret)
{
    if (protocol_list_more(&reply->at, &reply->run)) {
        trace_object_read(&reply->at, ret);
        return cbor_ok(&reply->at);
    }
    if (cbor_ok(&reply->at) && !cbor_at_end(&reply->at))
        cbor_refuse(&reply->at, "bytes behind the message");
    return false;
}

void trace_reply_open(struct buffer *b, size_t count)
{
    message_put(b, parts, TRACE_FORWARD_REPLY);
    protocol_list_open(b, count);
}

void trace_reply_close(struct buffer *b, size_t count)
{
    protocol_list_close(b, count);
}
