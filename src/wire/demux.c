#include "wire/demux.h"

/* A message's memory stays for the next one, unless it was a large one. */
enum { KEPT_BYTES = 1 << 16 };

static const char too_large[] = "a message above the limit";

void demux_init(struct demux *d, bool from_responder, const size_t limits[DEMUX_PROTOCOLS])
{
    *d = (struct demux){ .from_responder = from_responder };
    for (size_t i = 0; i < DEMUX_PROTOCOLS; i++) {
        buffer_init(&d->streams[i].message, allocator_libc(), limits[i]);
        d->streams[i].limit_bytes = limits[i];
    }
}

void demux_release(struct demux *d)
{
    for (size_t i = 0; i < DEMUX_PROTOCOLS; i++)
        buffer_release(&d->streams[i].message);
}

bool demux_in_frame(const struct demux *d)
{
    return d->head_count > 0 || d->frame_left > 0;
}

static bool has_begun(const struct demux_stream *s)
{
    return s->scan.started || s->scan.head_count > 0;
}

bool demux_in_message(const struct demux *d, unsigned protocol)
{
    return has_begun(&d->streams[protocol]);
}

static struct bytes take(struct bytes *input, size_t count)
{
    struct bytes taken = { input->at, count };

    input->at += count;
    input->count -= count;
    return taken;
}

/* Takes the header of a frame, or what there is of it. */
static enum wire_result read_header(struct demux *d, struct bytes *input, const char **ret_why)
{
    size_t missing = MUX_HEADER_BYTES - d->head_count;
    struct bytes part = take(input, missing < input->count ? missing : input->count);
    enum wire_result result;

    d->frames += d->head_count == 0;
    memcpy(d->head + d->head_count, part.at, part.count);
    d->head_count = (uint8_t)(d->head_count + part.count);
    result = mux_header_read((struct bytes){ d->head, d->head_count }, &d->frame, ret_why);
    if (result != WIRE_OK)
        return result;
    d->head_count = 0;
    d->frame_left = d->frame.bytes;
    if (d->frame.protocol >= DEMUX_PROTOCOLS)
        *ret_why = "a frame of an unknown protocol";
    else if (d->frame.from_responder != d->from_responder)
        *ret_why = "a frame of the wrong direction";
    else
        return WIRE_OK;
    return WIRE_BAD;
}

/* Messages that have been handed over are done with. */
static void give_up_messages(struct demux *d)
{
    for (size_t i = 0; i < DEMUX_PROTOCOLS; i++) {
        struct demux_stream *s = &d->streams[i];

        if (has_begun(s))
            continue;
        if (s->message.cap > KEPT_BYTES) {
            buffer_release(&s->message);
            buffer_init(&s->message, allocator_libc(), s->limit_bytes);
        }
        buffer_clear(&s->message);
    }
}

size_t demux_held_bytes(const struct demux *d)
{
    size_t held = 0;

    for (size_t i = 0; i < DEMUX_PROTOCOLS; i++)
        held += d->streams[i].message.cap;
    return held;
}

/* Takes payload up to the end of the frame, of the input, or of the message. A message that came
 * in one piece is not copied. */
static enum wire_result read_payload(struct demux_stream *s, struct bytes payload, size_t *ret_used,
                                     struct bytes *ret_message, const char **ret_why)
{
    enum wire_result result;

    result = cbor_scan(&s->scan, payload, ret_used, ret_why);
    if (result == WIRE_BAD)
        return result;
    /* The rest of a string that has begun belongs to the message, too. */
    if (s->scan.skip > s->limit_bytes ||
        *ret_used + s->scan.skip > s->limit_bytes - s->message.len) {
        *ret_why = too_large;
        return WIRE_BAD;
    }
    if (result == WIRE_OK && s->message.len == 0) {
        *ret_message = (struct bytes){ payload.at, *ret_used };
    } else {
        buffer_append(&s->message, payload.at, *ret_used);
        *ret_message = bytes_of(&s->message);
    }
    if (buffer_status(&s->message) != OU_OK) {
        *ret_why = "no memory for a message";
        return WIRE_BAD;
    }
    if (result == WIRE_OK)
        s->scan = (struct cbor_scan){ 0 };
    return result;
}

enum wire_result demux_next(struct demux *d, struct bytes *input, unsigned *ret_protocol,
                            struct bytes *ret_message, const char **ret_why)
{
    give_up_messages(d);
    while (input->count > 0) {
        struct demux_stream *s;
        struct bytes payload;
        enum wire_result result;
        size_t used = 0;

        if (d->frame_left == 0) {
            result = read_header(d, input, ret_why);
            if (result == WIRE_BAD)
                return result;
            continue;
        }
        s = &d->streams[d->frame.protocol];
        payload = (struct bytes){ input->at, input->count };
        if (payload.count > d->frame_left)
            payload.count = d->frame_left;
        result = read_payload(s, payload, &used, ret_message, ret_why);
        if (result == WIRE_BAD)
            return result;
        (void)take(input, used);
        d->frame_left -= used;
        if (result == WIRE_OK) {
            *ret_protocol = d->frame.protocol;
            return WIRE_OK;
        }
    }
    *ret_why = "cut off";
    return WIRE_CUT;
}

void mux_put(struct buffer *out, uint16_t protocol, bool as_responder, uint32_t now_us,
             struct bytes message)
{
    uint8_t head[MUX_HEADER_BYTES];

    while (message.count > 0) {
        struct bytes part =
            take(&message, message.count < MUX_PAYLOAD_SENT ? message.count : MUX_PAYLOAD_SENT);

        mux_header_write((struct mux_header){ .timestamp_us = now_us,
                                              .protocol = protocol,
                                              .from_responder = as_responder,
                                              .bytes = (uint16_t)part.count },
                         head);
        buffer_append(out, head, sizeof head);
        buffer_append(out, part.at, part.count);
    }
}
