#include "node/link_inside.h"

/* The frame whose turn it is, stamped with the time; false when there is none. */
static bool next_frame(struct link *l, struct conversation **ret_of, struct bytes *ret)
{
    for (size_t i = 0; i < l->count; i++) {
        struct conversation *c = l->list[(l->next + i) % l->count];
        uint8_t *frame = byte_queue_front(&c->out);
        struct mux_header header;
        const char *why;

        if (byte_queue_count(&c->out) == 0)
            continue;
        (void)mux_header_read((struct bytes){ frame, MUX_HEADER_BYTES }, &header, &why);
        header.timestamp_us = (uint32_t)(uv_hrtime() / 1000);
        mux_header_write(header, frame);
        *ret = (struct bytes){ frame, MUX_HEADER_BYTES + (size_t)header.bytes };
        *ret_of = c;
        return true;
    }
    return false;
}

static void frame_is_taken(struct link *l, struct conversation *of, size_t count)
{
    byte_queue_drop(&of->out, count);
    for (size_t i = 0; i < l->count; i++)
        if (l->list[i] == of)
            l->next = (i + 1) % l->count;
}

static void to_batch(struct link *l, struct bytes bytes)
{
    buffer_append(&l->batch, bytes.at, bytes.count);
}

/* Frames straight from the conversations. */
static void fill_batch_at_once(struct link *l)
{
    struct conversation *of;
    struct bytes frame;

    while (next_frame(l, &of, &frame) && l->batch.len + frame.count <= MUX_BATCH_BYTES) {
        to_batch(l, frame);
        if (buffer_status(&l->batch) != OU_OK)
            return;
        frame_is_taken(l, of, frame.count);
    }
}

/* Frames go onto the modelled line while that takes more... */
static void fill_line(struct link *l)
{
    struct conversation *of;
    struct bytes frame;
    int64_t when_ns;

    while (delay_line_count(&l->leaving) < LINK_LINE_BYTES && next_frame(l, &of, &frame)) {
        const int64_t now_ns = (int64_t)uv_hrtime();

        if (!delay_line_takes(&l->leaving, now_ns, &when_ns)) {
            link_wants_turn_at(l, when_ns);
            return;
        }
        if (delay_line_put(&l->leaving, frame, now_ns) != OU_OK) {
            link_close(l, "no memory for what goes out");
            return;
        }
        frame_is_taken(l, of, frame.count);
    }
}

/* ... and leave it when they are due. */
static void fill_batch_from_line(struct link *l)
{
    struct bytes due;
    int64_t when_ns;

    fill_line(l);
    due = delay_line_due(&l->leaving, (int64_t)uv_hrtime(), &when_ns);
    link_wants_turn_at(l, when_ns);
    if (due.count > MUX_BATCH_BYTES)
        due.count = MUX_BATCH_BYTES;
    to_batch(l, due);
    if (buffer_status(&l->batch) == OU_OK)
        delay_line_drop(&l->leaving, due.count);
}

static void batch_is_written(struct link *l)
{
    l->bytes_out += l->batch.len;
    l->out_bytes -= l->batch.len;
    l->batch_written = 0;
    if (l->out_bytes == 0 && l->batch.cap > BYTE_QUEUE_KEPT) {
        buffer_release(&l->batch);
        buffer_init(&l->batch, allocator_libc(), MUX_BATCH_BYTES);
    } else {
        buffer_clear(&l->batch);
    }
}

static void on_written(uv_write_t *request, int status)
{
    struct link *l = request->data;

    l->is_writing = false;
    l->write_deadline_ms = LINK_NEVER_MS;
    if (link_is_closing(l))
        return;
    if (status < 0) {
        link_close(l, "write: %s", uv_strerror(status));
        return;
    }
    batch_is_written(l);
    link_turn(l);
}

/* What the socket does not take at once goes out through the loop. */
static void write_batch(struct link *l)
{
    uv_buf_t buf = uv_buf_init(l->batch.at, (unsigned)l->batch.len);
    const int written = uv_try_write((uv_stream_t *)&l->tcp, &buf, 1);
    int status = 0;

    if (written < 0 && written != UV_EAGAIN) {
        link_close(l, "write: %s", uv_strerror(written));
        return;
    }
    if (written > 0)
        l->batch_written = (size_t)written;
    if (l->batch_written == l->batch.len) {
        batch_is_written(l);
        return;
    }
    buf = uv_buf_init(l->batch.at + l->batch_written, (unsigned)(l->batch.len - l->batch_written));
    l->writing.data = l;
    status = uv_write(&l->writing, (uv_stream_t *)&l->tcp, &buf, 1, on_written);
    if (status < 0) {
        link_close(l, "write: %s", uv_strerror(status));
        return;
    }
    l->is_writing = true;
    l->write_deadline_ms = uv_now(l->loop) + l->stall_ms;
}

static void on_shut(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status; /* the peer has gone first: reading tells */
}

void link_pump(struct link *l)
{
    while (!l->is_writing && l->phase >= LINK_SHAKING && !link_is_closing(l)) {
        if (delay_line_is_there(&l->leaving))
            fill_batch_from_line(l);
        else
            fill_batch_at_once(l);
        if (buffer_status(&l->batch) != OU_OK)
            link_close(l, "no memory for what goes out");
        if (link_is_closing(l) || l->batch.len == 0)
            break;
        write_batch(l);
    }
    if (l->phase == LINK_PARTING && l->out_bytes == 0 && !l->is_shut) {
        l->is_shut = true;
        uv_shutdown(&l->shutting, (uv_stream_t *)&l->tcp, on_shut);
    }
    for (size_t i = 0; i < l->count && link_waiting(l) < LINK_OUT_BYTES / 2; i++)
        conversation_tell_room(l->list[i]);
}
