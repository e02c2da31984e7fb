/* A connection's socket: bytes in, bytes out. */
#include <stdio.h>
#include <string.h>

#include "base/read_room.h"
#include "collect/connection_inside.h"

#define WRITE_MS 30000 /* for a peer to take what is sent to it */
#define OUT_FULL 65536 /* unsent: no more is read from a peer that does not read */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    (void)handle;
    (void)suggested;
    *ret = uv_buf_init(read_room(), READ_ROOM_BYTES);
}

/* Nodes of 2023 hang up when they are asked for updated metrics: the next time this one is asked for all. */
static bool has_hung_up_on_metrics(const struct connection *x)
{
    return x->node && x->awaits_metrics && x->wants_updated && !x->had_metrics;
}

static void peer_has_closed(struct connection *x)
{
    if (x->phase == PHASE_SHAKING) {
        connection_fail(x, "the peer closed the connection during the handshake");
    } else if (has_hung_up_on_metrics(x)) {
        x->node->metrics_full = true;
        connection_fail(
            x, "the peer closed the connection when it was asked for updated metrics, as nodes "
               "of 2023 do; it will be asked for all of them (ekgRequestFull does so at once)");
    } else if (acceptor_session_in_frame(x->session)) {
        connection_fail(x, "the peer closed the connection within a frame");
    } else {
        connection_part(x, "the peer closed the connection");
    }
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct connection *x = stream->data;
    struct ou_error err = { "" };

    if (x->phase == PHASE_CLOSING || count == 0)
        return;
    if (count == UV_EOF || count == UV_ECONNRESET) {
        peer_has_closed(x);
        return;
    }
    if (count < 0) {
        snprintf(err.text, sizeof(err.text), "read: %s", uv_strerror((int)count));
        connection_fail(x, err.text);
        return;
    }
    x->heard_at_ms = now_ms(x);
    if (acceptor_session_receive(x->session,
                                 (struct bytes){ (const uint8_t *)buf->base, (size_t)count },
                                 now_us(), &err))
        connection_fail(x, err.text);
    else if (x->trouble.text[0])
        connection_fail(x, x->trouble.text);
    else
        connection_update(x);
}

static void on_written(uv_write_t *request, int status)
{
    struct connection *x = request->data;
    char why[128];

    x->is_writing = false;
    if (x->phase == PHASE_CLOSING)
        return;
    x->write_at_ms = NEVER_MS;
    if (status == 0) {
        connection_update(x);
    } else {
        snprintf(why, sizeof(why), "write: %s", uv_strerror(status));
        connection_fail(x, why);
    }
}

static void flush(struct connection *x)
{
    struct bytes rest = acceptor_session_output(x->session);
    uv_buf_t part;

    if (x->is_writing || rest.count == 0)
        return;
    part = uv_buf_init(x->out, rest.count < OUT_BYTES ? (unsigned)rest.count : OUT_BYTES);
    memcpy(x->out, rest.at, part.len);
    acceptor_session_sent(x->session, part.len);
    x->is_writing = true;
    x->write_at_ms = now_ms(x) + WRITE_MS;
    x->writing.data = x;
    if (uv_write(&x->writing, &x->socket.stream, &part, 1, on_written))
        connection_fail(x, "write: the connection is gone");
}

static void set_reading(struct connection *x)
{
    const bool wanted = acceptor_session_output(x->session).count < OUT_FULL;

    if (wanted == x->is_reading)
        return;
    x->is_reading = wanted;
    if (wanted)
        uv_read_start(&x->socket.stream, on_alloc, on_read);
    else
        uv_read_stop(&x->socket.stream);
}

/* A frame that has begun has its time; where another one has begun meanwhile, the time begins again. */
static void watch_frame(struct connection *x)
{
    const uint64_t frame = acceptor_session_frames(x->session);

    if (!acceptor_session_in_frame(x->session))
        x->frame_at_ms = NEVER_MS;
    else if (x->frame_at_ms == NEVER_MS || frame != x->frame)
        x->frame_at_ms = now_ms(x) + MUX_FRAME_TIMEOUT_MS;
    x->frame = frame;
}

/* Nothing is awaited, kept or unsent. */
static bool has_parted(const struct connection *x)
{
    return x->is_finishing && !x->awaits_objects && !x->awaits_metrics && !x->awaits_points &&
           !x->has_held && !(x->desk && desk_is_busy(x->desk)) && !x->is_writing &&
           acceptor_session_output(x->session).count == 0;
}

/* After anything may have changed. */
void connection_update(struct connection *x)
{
    if (x->phase == PHASE_CLOSING)
        return;
    flush(x);
    if (x->phase == PHASE_CLOSING)
        return;
    connection_count_held(x);
    if (x->phase == PHASE_CLOSING)
        return;
    set_reading(x);
    watch_frame(x);
    if (has_parted(x))
        connection_part(x, "the collector ends");
}
