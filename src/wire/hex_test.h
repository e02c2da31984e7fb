/* Messages in tests: written in hex, with spaces for the reader. */
#ifndef OU_WIRE_HEX_TEST_H
#define OU_WIRE_HEX_TEST_H

#include <stdio.h>

#include "base/bytes.h"
#include "support/test.h"

/* Appends the bytes to *b. */
static inline void put_hex(struct buffer *b, const char *hex)
{
    unsigned byte;

    for (; *hex; hex += *hex == ' ' ? 1 : 2)
        if (*hex != ' ') {
            assert_int_equal(sscanf(hex, "%2x", &byte), 1);
            buffer_char(b, (char)byte);
        }
}

/* A buffer of them; the caller releases it. */
static inline struct buffer hex_buffer(const char *hex)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 1 << 20);
    put_hex(&b, hex);
    return b;
}

#endif
