#include "wire/acceptor.h"

#include <stdlib.h>

#include "wire/forward_session.h"

struct acceptor_session {
    struct forward_session base;
    struct acceptor_owner owner;
    uint8_t states[DEMUX_PROTOCOLS]; /* of protocols 1 to 3 */
    bool owes_receipt;               /* objects were handed over, and none asked for since */
    bool finishing;
};

struct acceptor_session *acceptor_session_new(bool connected, uint32_t magic, size_t message_max,
                                              const struct acceptor_owner *owner)
{
    size_t small = message_max < ACCEPTOR_SMALL_MAX ? message_max : ACCEPTOR_SMALL_MAX;
    const size_t limits[DEMUX_PROTOCOLS] = {
        [0] = FORWARD_HANDSHAKE_BYTES_MAX,
        [FORWARD_PROTOCOL_METRICS] = small,
        [FORWARD_PROTOCOL_TRACES] = message_max,
        [FORWARD_PROTOCOL_DATA_POINTS] = small,
    };
    struct acceptor_session *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->owner = *owner;
    if (forward_session_init(&s->base, connected, magic, limits) != OU_OK) {
        acceptor_session_free(s);
        return NULL;
    }
    return s;
}

void acceptor_session_free(struct acceptor_session *s)
{
    if (!s)
        return;
    forward_session_release(&s->base);
    free(s);
}

/* --- Requests --------------------------------------------------------------------------------- */

static bool may_ask(const struct acceptor_session *s, const struct protocol *p)
{
    return s->base.agreed && !s->base.broken && !s->finishing &&
           p->states[s->states[p->number]].agency == AGENCY_CLIENT;
}

/* Sends the message that has been written. False without memory: then nothing goes out any more. */
static bool send_message(struct acceptor_session *s, const struct protocol *p, uint64_t key,
                         uint32_t now_us)
{
    if (forward_session_put(&s->base, p->number, now_us, NULL) != OU_OK)
        return false;
    s->states[p->number] = (uint8_t)protocol_next(p, s->states[p->number], key);
    return true;
}

static bool ask_metrics(struct acceptor_session *s, enum ekg_wanted wanted,
                        const struct span *names, size_t name_count, uint32_t now_us)
{
    if (!may_ask(s, &protocol_ekg_forward))
        return false;
    ekg_request_write(forward_session_message(&s->base), wanted, names, name_count);
    return send_message(s, &protocol_ekg_forward, EKG_REQUEST, now_us);
}

bool acceptor_session_ask_metrics(struct acceptor_session *s, enum ekg_wanted wanted,
                                  uint32_t now_us)
{
    return ask_metrics(s, wanted, NULL, 0, now_us);
}

bool acceptor_session_ask_metrics_named(struct acceptor_session *s, const struct span *names,
                                        size_t name_count, uint32_t now_us)
{
    return ask_metrics(s, EKG_NAMED, names, name_count, now_us);
}

bool acceptor_session_ask_data_points(struct acceptor_session *s, const struct span *names,
                                      size_t name_count, uint32_t now_us)
{
    if (!may_ask(s, &protocol_data_point))
        return false;
    data_point_request_write(forward_session_message(&s->base), names, name_count);
    return send_message(s, &protocol_data_point, DATA_POINT_REQUEST, now_us);
}

/* --- The end ---------------------------------------------------------------------------------- */

/* Says Done where it is this side's turn. That of the objects comes first, because it is a
 * receipt, and a peer that reads any Done may close at once; so all wait for it. */
static void say_done(struct acceptor_session *s, uint32_t now_us)
{
    struct trace_forward_message done = { .key = TRACE_FORWARD_DONE };

    if (s->owes_receipt || !s->base.agreed || s->base.broken)
        return;
    if (s->states[FORWARD_PROTOCOL_TRACES] == TRACE_FORWARD_IDLE) {
        trace_forward_write(forward_session_message(&s->base), &done);
        (void)send_message(s, &protocol_trace_forward, TRACE_FORWARD_DONE, now_us);
    }
    if (s->states[FORWARD_PROTOCOL_METRICS] == EKG_IDLE) {
        ekg_done_write(forward_session_message(&s->base));
        (void)send_message(s, &protocol_ekg_forward, EKG_DONE, now_us);
    }
    if (s->states[FORWARD_PROTOCOL_DATA_POINTS] == DATA_POINT_IDLE) {
        data_point_done_write(forward_session_message(&s->base));
        (void)send_message(s, &protocol_data_point, DATA_POINT_DONE, now_us);
    }
}

void acceptor_session_finish(struct acceptor_session *s, uint32_t now_us)
{
    s->finishing = true;
    say_done(s, now_us);
}

bool acceptor_session_ask_objects(struct acceptor_session *s, uint16_t count, uint32_t now_us)
{
    struct trace_forward_message request = {
        .key = TRACE_FORWARD_REQUEST,
        .blocking = true,
        .count = count,
    };

    if (s->states[FORWARD_PROTOCOL_TRACES] == TRACE_FORWARD_IDLE)
        s->owes_receipt = false;
    if (s->finishing) {
        say_done(s, now_us);
        return false;
    }
    if (!may_ask(s, &protocol_trace_forward))
        return false;
    trace_forward_write(forward_session_message(&s->base), &request);
    return send_message(s, &protocol_trace_forward, TRACE_FORWARD_REQUEST, now_us);
}

/* --- Answers ---------------------------------------------------------------------------------- */

static enum ou_status nobody_asked(const struct acceptor_session *s, const struct protocol *p,
                                   struct ou_error *err)
{
    return ou_fail(err, OU_INVALID, "%s: an answer that nobody asked for, in state %s", p->name,
                   p->states[s->states[p->number]].name);
}

/* Moves a protocol on by a message of the peer's; OU_INVALID when nobody asked for it. */
static enum ou_status step(struct acceptor_session *s, const struct protocol *p, uint64_t key,
                           struct ou_error *err)
{
    uint8_t state = s->states[p->number];
    int next = p->states[state].agency == AGENCY_SERVER ? protocol_next(p, state, key) : -1;

    if (next < 0)
        return nobody_asked(s, p, err);
    s->states[p->number] = (uint8_t)next;
    return OU_OK;
}

static enum ou_status handle_objects(struct acceptor_session *s, struct bytes message,
                                     struct ou_error *err)
{
    struct trace_forward_message m;
    const char *why = NULL;
    enum ou_status status;

    if (trace_forward_read(message, &m, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "%s: %s", protocol_trace_forward.name, why);
    status = step(s, &protocol_trace_forward, m.key, err);
    if (status != OU_OK)
        return status;
    /* Requests of this side are blocking ones. */
    if (!cbor_more(&m.reply.at, &m.reply.run))
        return ou_fail(err, OU_INVALID, "%s: no objects in answer to a blocking request",
                       protocol_trace_forward.name);
    s->owes_receipt = true;
    s->owner.objects(s->owner.context, message);
    return OU_OK;
}

static enum ou_status handle_metrics(struct acceptor_session *s, struct bytes message,
                                     struct ou_error *err)
{
    struct ekg_message m;
    const char *why = NULL;
    enum ou_status status;

    if (ekg_read(message, &m, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "%s: %s", protocol_ekg_forward.name, why);
    status = step(s, &protocol_ekg_forward, m.key, err);
    if (status == OU_OK)
        s->owner.metrics(s->owner.context, m.list);
    return status;
}

static enum ou_status handle_data_points(struct acceptor_session *s, struct bytes message,
                                         struct ou_error *err)
{
    struct data_point_message m;
    const char *why = NULL;
    enum ou_status status;

    if (data_point_read(message, &m, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "%s: %s", protocol_data_point.name, why);
    status = step(s, &protocol_data_point, m.key, err);
    if (status == OU_OK)
        s->owner.data_points(s->owner.context, m.list);
    return status;
}

static enum ou_status handle(void *context, unsigned protocol, struct bytes message,
                             uint32_t now_us, struct ou_error *err)
{
    struct acceptor_session *s = context;
    enum ou_status status;

    switch (protocol) {
    case FORWARD_PROTOCOL_METRICS: status = handle_metrics(s, message, err); break;
    case FORWARD_PROTOCOL_TRACES: status = handle_objects(s, message, err); break;
    default: status = handle_data_points(s, message, err); break;
    }
    if (status == OU_OK && s->finishing)
        say_done(s, now_us);
    return status;
}

static void agreed(void *context)
{
    const struct acceptor_session *s = context;

    s->owner.agreed(s->owner.context);
}

/* An answer that nobody asked for is refused when it begins: it would take memory up to the
 * limit before it ends. */
static enum ou_status check_turns(struct acceptor_session *s, struct ou_error *err)
{
    enum { PROTOCOLS = 3 };
    static const struct protocol *const all[PROTOCOLS] = {
        &protocol_ekg_forward,
        &protocol_trace_forward,
        &protocol_data_point,
    };

    for (size_t i = 0; i < PROTOCOLS; i++) {
        const struct protocol *p = all[i];

        if (p->states[s->states[p->number]].agency == AGENCY_SERVER ||
            !demux_in_message(&s->base.in, p->number))
            continue;
        s->base.broken = true;
        return nobody_asked(s, p, err);
    }
    return OU_OK;
}

enum ou_status acceptor_session_receive(struct acceptor_session *s, struct bytes input,
                                        uint32_t now_us, struct ou_error *err)
{
    enum ou_status status =
        forward_session_receive(&s->base, input, now_us, agreed, handle, s, err);

    return status == OU_OK ? check_turns(s, err) : status;
}

struct bytes acceptor_session_output(const struct acceptor_session *s)
{
    return forward_session_output(&s->base);
}

void acceptor_session_sent(struct acceptor_session *s, size_t count)
{
    forward_session_sent(&s->base, count);
}

bool acceptor_session_is_agreed(const struct acceptor_session *s)
{
    return s->base.agreed;
}

bool acceptor_session_in_frame(const struct acceptor_session *s)
{
    return demux_in_frame(&s->base.in);
}

uint64_t acceptor_session_frames(const struct acceptor_session *s)
{
    return s->base.in.frames;
}

size_t acceptor_session_held_bytes(const struct acceptor_session *s)
{
    return demux_held_bytes(&s->base.in) + s->base.out.cap;
}
