/* A view of binary bytes that somebody else owns; span.h has the one of text. */
#ifndef OU_BASE_BYTES_H
#define OU_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "base/span.h"

struct bytes {
    const uint8_t *at; /* may be NULL when count is 0 */
    size_t count;
};

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.count == b.count && (a.count == 0 || memcmp(a.at, b.at, a.count) == 0);
}

/* What a buffer holds; valid until its next change. */
static inline struct bytes bytes_of(const struct buffer *b)
{
    return (struct bytes){ (const uint8_t *)b->at, b->len };
}

static inline struct bytes bytes_of_span(struct span text)
{
    return (struct bytes){ (const uint8_t *)text.at, text.len };
}

/* The bytes of a number, the highest first. */
static inline void bytes_put_be64(uint64_t value, uint8_t ret[8])
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        ret[i] = (uint8_t)value;
}

#endif
