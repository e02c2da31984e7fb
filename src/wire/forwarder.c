#include "wire/forwarder.h"

#include <stdlib.h>

#include "wire/forward_session.h"

struct forwarder_session {
    struct forward_session base;
    struct forwarder_source source;
    uint8_t states[DEMUX_PROTOCOLS];       /* of protocols 1 to 3 */
    uint64_t answered_at[DEMUX_PROTOCOLS]; /* output bytes at the end of the last answer of each */
    uint16_t wanted;                       /* objects of the blocking request that is open */
    bool in_doubt;                         /* objects were given and not confirmed */
    bool ended;
};

struct forwarder_session *forwarder_session_new(bool connected, uint32_t magic,
                                                const struct forwarder_source *source)
{
    /* What a forwarder receives is requests only. */
    static const size_t limits[DEMUX_PROTOCOLS] = { FORWARD_HANDSHAKE_BYTES_MAX,
                                                    PROTOCOL_SMALL_BYTES, PROTOCOL_SMALL_BYTES,
                                                    PROTOCOL_SMALL_BYTES };
    struct forwarder_session *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->source = *source;
    if (forward_session_init(&s->base, connected, magic, limits) != OU_OK) {
        forwarder_session_free(s);
        return NULL;
    }
    return s;
}

void forwarder_session_free(struct forwarder_session *s)
{
    if (!s)
        return;
    forward_session_release(&s->base);
    free(s);
}

/* --- The state of each protocol --------------------------------------------------------------- */

/* Moves a protocol on by a message of the peer's; OU_INVALID when it is not its turn. That is
 * so, too, when the answer before has not been sent altogether: the peer cannot have seen its
 * end. */
static enum ou_status step(struct forwarder_session *s, const struct protocol *p, uint64_t key,
                           struct ou_error *err)
{
    uint8_t state = s->states[p->number];
    int next = p->states[state].agency == AGENCY_CLIENT ? protocol_next(p, state, key) : -1;

    if (next < 0)
        return ou_fail(err, OU_INVALID, "%s: a message out of turn, in state %s", p->name,
                       p->states[state].name);
    if (s->answered_at[p->number] > forward_session_sent_bytes(&s->base))
        return ou_fail(err, OU_INVALID, "%s: a request before the answer to the last one was sent",
                       p->name);
    s->states[p->number] = (uint8_t)next;
    s->ended = s->ended || p->states[next].agency == AGENCY_NOBODY;
    return OU_OK;
}

/* Sends the answer that has been written; it is the peer's turn again. */
static enum ou_status answer(struct forwarder_session *s, const struct protocol *p, uint64_t key,
                             uint32_t now_us, struct ou_error *err)
{
    enum ou_status status = forward_session_put(&s->base, p->number, now_us, err);

    s->states[p->number] = (uint8_t)protocol_next(p, s->states[p->number], key);
    s->answered_at[p->number] = forward_session_put_bytes(&s->base);
    return status;
}

/* --- Trace objects ---------------------------------------------------------------------------- */

/* Answers the open request with what there is now. A blocking one stays open when there is
 * nothing. */
static enum ou_status give_objects(struct forwarder_session *s, uint32_t now_us,
                                   struct ou_error *err)
{
    struct buffer *b = forward_session_message(&s->base);
    size_t count;

    trace_reply_open(b, 1);
    count = s->source.take(s->source.context, s->wanted, b);
    if (count == 0) {
        if (s->states[FORWARD_PROTOCOL_TRACES] == TRACE_FORWARD_BLOCKING)
            return OU_OK;
        buffer_clear(b);
        trace_reply_open(b, 0);
    }
    trace_reply_close(b, count);
    s->in_doubt = count > 0;
    return answer(s, &protocol_trace_forward, TRACE_FORWARD_REPLY, now_us, err);
}

/* Whatever the collector says on this protocol after a reply, it has taken care of its objects. */
static void confirm(struct forwarder_session *s)
{
    if (s->in_doubt)
        s->source.confirmed(s->source.context);
    s->in_doubt = false;
}

static enum ou_status handle_objects(struct forwarder_session *s, struct bytes message,
                                     uint32_t now_us, struct ou_error *err)
{
    struct trace_forward_message m;
    const char *why = NULL;
    enum ou_status status;

    if (trace_forward_read(message, &m, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "%s: %s", protocol_trace_forward.name, why);
    status = step(s, &protocol_trace_forward, m.key, err);
    if (status != OU_OK)
        return status;
    if (m.key == TRACE_FORWARD_REQUEST && m.blocking && m.count == 0)
        return ou_fail(err, OU_INVALID, "%s: a blocking request for no objects",
                       protocol_trace_forward.name);
    confirm(s);
    if (m.key == TRACE_FORWARD_DONE)
        return OU_OK;
    if (!m.blocking)
        s->states[FORWARD_PROTOCOL_TRACES] = TRACE_FORWARD_NONBLOCKING;
    s->wanted = m.count;
    return give_objects(s, now_us, err);
}

enum ou_status forwarder_session_wake(struct forwarder_session *s, uint32_t now_us,
                                      struct ou_error *err)
{
    if (s->states[FORWARD_PROTOCOL_TRACES] != TRACE_FORWARD_BLOCKING || s->base.broken)
        return OU_OK;
    return give_objects(s, now_us, err);
}

/* --- Metrics and data points ------------------------------------------------------------------ */

static enum ou_status handle_metrics(struct forwarder_session *s, struct bytes message,
                                     uint32_t now_us, struct ou_error *err)
{
    struct ekg_message m;
    const char *why = NULL;
    enum ou_status status;

    if (ekg_read(message, &m, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "%s: %s", protocol_ekg_forward.name, why);
    status = step(s, &protocol_ekg_forward, m.key, err);
    if (status != OU_OK || m.key == EKG_DONE)
        return status;
    s->source.metrics(s->source.context, m.wanted, m.list, forward_session_message(&s->base));
    return answer(s, &protocol_ekg_forward, EKG_RESPONSE, now_us, err);
}

static size_t count_names(struct data_point_list list)
{
    struct span name;
    size_t count = 0;

    while (data_point_names_next(&list, &name))
        count++;
    return count;
}

/* Writes the reply to a request for data points, each name with its value. */
static void write_data_points(const struct forwarder_source *source, struct data_point_list names,
                              struct buffer *b)
{
    static const uint8_t empty;
    size_t count = count_names(names);
    struct buffer json;
    struct span name;

    buffer_init(&json, allocator_libc(), PROTOCOL_REPLY_BYTES);
    data_point_reply_open(b, count);
    while (data_point_names_next(&names, &name) && buffer_status(b) == OU_OK) {
        struct bytes value = { 0 };

        buffer_clear(&json);
        if (source->data_point(source->context, name, &json))
            value = json.len > 0 ? bytes_of(&json) : (struct bytes){ &empty, 0 };
        if (buffer_status(&json) != OU_OK)
            b->status = buffer_status(&json);
        data_point_value_write(b, name, value);
    }
    data_point_reply_close(b, count);
    buffer_release(&json);
}

static enum ou_status handle_data_points(struct forwarder_session *s, struct bytes message,
                                         uint32_t now_us, struct ou_error *err)
{
    struct data_point_message m;
    const char *why = NULL;
    enum ou_status status;

    if (data_point_read(message, &m, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "%s: %s", protocol_data_point.name, why);
    status = step(s, &protocol_data_point, m.key, err);
    if (status != OU_OK || m.key == DATA_POINT_DONE)
        return status;
    write_data_points(&s->source, m.list, forward_session_message(&s->base));
    return answer(s, &protocol_data_point, DATA_POINT_REPLY, now_us, err);
}

/* --- Together --------------------------------------------------------------------------------- */

static enum ou_status handle(void *context, unsigned protocol, struct bytes message,
                             uint32_t now_us, struct ou_error *err)
{
    switch (protocol) {
    case FORWARD_PROTOCOL_METRICS: return handle_metrics(context, message, now_us, err);
    case FORWARD_PROTOCOL_TRACES: return handle_objects(context, message, now_us, err);
    default: return handle_data_points(context, message, now_us, err);
    }
}

enum ou_status forwarder_session_receive(struct forwarder_session *s, struct bytes input,
                                         uint32_t now_us, struct ou_error *err)
{
    return forward_session_receive(&s->base, input, now_us, NULL, handle, s, err);
}

struct bytes forwarder_session_output(const struct forwarder_session *s)
{
    return forward_session_output(&s->base);
}

void forwarder_session_sent(struct forwarder_session *s, size_t count)
{
    forward_session_sent(&s->base, count);
}

bool forwarder_session_is_agreed(const struct forwarder_session *s)
{
    return s->base.agreed;
}

bool forwarder_session_has_ended(const struct forwarder_session *s)
{
    return s->ended;
}

bool forwarder_session_in_frame(const struct forwarder_session *s)
{
    return demux_in_frame(&s->base.in);
}

bool forwarder_session_is_drained(const struct forwarder_session *s)
{
    return s->states[FORWARD_PROTOCOL_TRACES] == TRACE_FORWARD_BLOCKING && !s->in_doubt;
}
