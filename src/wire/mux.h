/* The multiplexer's frames (SDUs): which mini-protocol, which side of it, how many bytes.
 * Layout, big-endian: timestamp 32 bits (microseconds, the low ones), 1 bit direction and 15 bits
 * protocol number, length 16 bits; then the payload. Pure. */
#ifndef OU_WIRE_MUX_H
#define OU_WIRE_MUX_H

#include "wire/cbor.h"

#define MUX_HEADER_BYTES 8
#define MUX_PAYLOAD_MAX 65535      /* what a receiver takes */
#define MUX_PAYLOAD_SENT 12288     /* at which a sender cuts, on TCP */
#define MUX_BATCH_BYTES 131072     /* of frames that go out in one write */
#define MUX_FRAME_TIMEOUT_MS 30000 /* from the first byte of a frame to its last */
#define MUX_HANDSHAKE_FRAME_TIMEOUT_MS 10000

struct mux_header {
    uint32_t timestamp_us;
    uint16_t protocol;   /* 0..32767 */
    bool from_responder; /* the direction bit: sent by the responder of that mini-protocol */
    uint16_t bytes;      /* of payload, never 0 */
};

void mux_header_write(struct mux_header header, uint8_t out[MUX_HEADER_BYTES]);

/* WIRE_CUT below 8 bytes; WIRE_BAD for a payload of no bytes. */
enum wire_result mux_header_read(struct bytes input, struct mux_header *ret, const char **ret_why);

#endif
