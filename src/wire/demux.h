/* One direction of a forwarding connection, taken apart: bytes to frames, frames to the messages
 * of each mini-protocol. Pure; one thread.
 *
 * Bytes come in pieces of any size. A message may span frames, and a frame may hold several;
 * frames of different protocols interleave. Each byte is looked at once. */
#ifndef OU_WIRE_DEMUX_H
#define OU_WIRE_DEMUX_H

#include "wire/mux.h"

#define DEMUX_PROTOCOLS 4 /* 0 to 3; a frame of any other is WIRE_BAD */

struct demux {
    bool from_responder; /* what the direction bit of every frame must be */
    uint8_t head[MUX_HEADER_BYTES];
    uint8_t head_count;
    struct mux_header frame; /* the one that is being received */
    size_t frame_left;       /* bytes of its payload still to come */
    uint64_t frames; /* begun so far: who watches the time of a frame sees when it is another */
    struct demux_stream {
        struct buffer message; /* what is there of the message; its max is the limit */
        struct cbor_scan scan;
        size_t limit_bytes;
    } streams[DEMUX_PROTOCOLS];
};

/* limits: of one message of each protocol, in bytes. from_responder: whether the other side is
 * the one that listened. */
void demux_init(struct demux *d, bool from_responder, const size_t limits[DEMUX_PROTOCOLS]);
void demux_release(struct demux *d);

/* Goes through *input up to the end of the next message, and moves *input behind what was taken.
 * WIRE_OK: a whole message of *ret_protocol is in *ret_message, valid until the next call and as
 * long as the input is. WIRE_CUT: *input is used up. WIRE_BAD: the connection is of no more use.
 * A message above its limit is refused before memory is taken for it. */
enum wire_result demux_next(struct demux *d, struct bytes *input, unsigned *ret_protocol,
                            struct bytes *ret_message, const char **ret_why);

/* Whether a frame has begun and not ended: then the rest must come within MUX_FRAME_TIMEOUT_MS. */
bool demux_in_frame(const struct demux *d);

/* Whether a message of that protocol has begun and not ended. */
bool demux_in_message(const struct demux *d, unsigned protocol);

/* Memory that messages take which have not come whole, and some that is kept for the next ones. */
size_t demux_held_bytes(const struct demux *d);

/* The other direction: appends a message as frames of at most MUX_PAYLOAD_SENT bytes. */
void mux_put(struct buffer *out, uint16_t protocol, bool as_responder, uint32_t now_us,
             struct bytes message);

#endif
