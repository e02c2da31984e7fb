#include "wire/mux.h"

/* The upper bit of the protocol's 16. */
#define FROM_RESPONDER 0x8000U

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

void mux_header_write(struct mux_header header, uint8_t out[MUX_HEADER_BYTES])
{
    put16(out, header.timestamp_us >> 16);
    put16(out + 2, header.timestamp_us);
    put16(out + 4, header.protocol | (header.from_responder ? FROM_RESPONDER : 0));
    put16(out + 6, header.bytes);
}

enum wire_result mux_header_read(struct bytes input, struct mux_header *ret, const char **ret_why)
{
    uint16_t protocol;

    if (input.count < MUX_HEADER_BYTES) {
        *ret_why = "cut off";
        return WIRE_CUT;
    }
    protocol = get16(input.at + 4);
    if (get16(input.at + 6) == 0) {
        *ret_why = "a frame of no bytes";
        return WIRE_BAD;
    }
    *ret = (struct mux_header){
        .timestamp_us = (uint32_t)get16(input.at) << 16 | get16(input.at + 2),
        .protocol = (uint16_t)(protocol & ~FROM_RESPONDER),
        .from_responder = (protocol & FROM_RESPONDER) != 0,
        .bytes = get16(input.at + 6),
    };
    return WIRE_OK;
}
