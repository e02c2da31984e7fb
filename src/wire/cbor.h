/* CBOR (RFC 8949), read and written byte-exactly.
 *
 * Hashes of blocks and transactions are over bytes as they came, so the reader hands out
 * views of the input and never makes a tree. It is a cursor: each call takes one item; the first
 * failure sticks, later calls return zeros, and the caller asks once, at the end.
 * Pure; no memory is taken except by the writer's buffer. */
#ifndef OU_WIRE_CBOR_H
#define OU_WIRE_CBOR_H

#include "base/buffer.h"
#include "base/bytes.h"

/* Containers and tags within each other; deeper input is refused. */
#define CBOR_DEPTH 64

/* What became of a message. */
enum wire_result {
    WIRE_OK,
    WIRE_CUT, /* fine so far, but more bytes must come */
    WIRE_BAD, /* no bytes can make it right; a reason says why */
};

enum cbor_kind {
    CBOR_UINT,
    CBOR_NEGATIVE,
    CBOR_BYTES,
    CBOR_TEXT,
    CBOR_LIST,
    CBOR_MAP,
    CBOR_TAG,
    CBOR_BOOL,
    CBOR_NULL,
    CBOR_OTHER, /* undefined, floats, simple values, break */
};

struct cbor {
    const uint8_t *at, *end;
    enum wire_result result;
    const char *why; /* static text; NULL while all is well */
};

static inline struct cbor cbor_open(struct bytes input)
{
    /* Nothing is added to a NULL. */
    return (struct cbor){ .at = input.at, .end = input.count ? input.at + input.count : input.at };
}

static inline bool cbor_ok(const struct cbor *c)
{
    return c->result == WIRE_OK;
}

/* Marks the input as bad (once; the first reason stays). For readers of messages. */
void cbor_refuse(struct cbor *c, const char *why);

/* What comes next, without taking it. CBOR_OTHER at the end or after a failure. */
enum cbor_kind cbor_peek(const struct cbor *c);
bool cbor_at_end(const struct cbor *c); /* all input taken and no failure */

/* Take one item of the kind; another kind is WIRE_BAD. Heads may be longer than needed. */
uint64_t cbor_uint(struct cbor *c);
uint64_t cbor_uint_below(struct cbor *c, uint64_t limit, const char *why); /* < limit, else BAD */
int64_t cbor_int(struct cbor *c);  /* of either sign; beyond 64 bits BAD */
double cbor_float(struct cbor *c); /* of 16, 32 or 64 bits; also infinite or not a number */
bool cbor_bool(struct cbor *c);
void cbor_null(struct cbor *c);
struct bytes cbor_bytes(struct cbor *c);                     /* definite length only */
void cbor_fixed(struct cbor *c, size_t count, uint8_t *ret); /* a byte string of just that length */
struct span cbor_text(struct cbor *c);                       /* definite length only */
struct span cbor_utf8(struct cbor *c);                       /* likewise, and valid UTF-8 */
/* A byte string, definite or in pieces, appended to *ret; NULL: only gone over. */
void cbor_bytes_joined(struct cbor *c, struct buffer *ret);
uint64_t cbor_tag(struct cbor *c);
struct bytes cbor_encoded(struct cbor *c); /* tag 24: a byte string that holds an encoded item */

/* Any one item, with all that is in it; its bytes. */
struct bytes cbor_skip(struct cbor *c);

/* Lists and maps, definite or not:
 *     struct cbor_run run = cbor_list(c);
 *     while (cbor_more(c, &run)) ... take one item (of a map: key and value)
 * cbor_more() takes the break of an indefinite one. */
struct cbor_run {
    uint64_t left; /* items (of a map: pairs) to come, when definite */
    bool indefinite;
};
struct cbor_run cbor_list(struct cbor *c);
struct cbor_run cbor_map(struct cbor *c);
bool cbor_more(struct cbor *c, struct cbor_run *run);

/* A definite list of just `count` items; anything else is BAD. */
void cbor_list_of(struct cbor *c, uint64_t count);

/* --- Where an item ends -------------------------------------------------------- */

/* Finds the end of one item in bytes that arrive in pieces, looking at each byte once. Zero-
 * initialise for each item. */
struct cbor_scan {
    uint64_t left[CBOR_DEPTH]; /* items to come at each level; the highest values: until a break */
    uint64_t skip;             /* bytes of a string still to come */
    uint8_t head[9];           /* a head of which only a part is there */
    uint8_t head_count, depth;
    bool started;
    /* of an indefinite string: only definite chunks of the same kind may come */
    uint8_t chunks_of; /* 0, or the major type + 1 */
};

/* Goes through input. *ret_used: how many of its bytes belong to the item (all, when WIRE_CUT).
 * After WIRE_BAD the scan is of no more use. */
enum wire_result cbor_scan(struct cbor_scan *s, struct bytes input, size_t *ret_used,
                           const char **ret_why);

/* --- Writing: shortest heads, into a buffer whose failure sticks --------------- */

void cbor_put_uint(struct buffer *b, uint64_t value);
void cbor_put_negative(struct buffer *b, uint64_t minus_one_minus); /* -1 - n */
void cbor_put_int(struct buffer *b, int64_t value);
void cbor_put_bool(struct buffer *b, bool value);
void cbor_put_null(struct buffer *b);
void cbor_put_bytes(struct buffer *b, struct bytes value);
void cbor_put_text(struct buffer *b, struct span value);
void cbor_put_list(struct buffer *b, uint64_t count);
void cbor_put_map(struct buffer *b, uint64_t count);
void cbor_put_tag(struct buffer *b, uint64_t tag);
void cbor_put_encoded(struct buffer *b, struct bytes item); /* tag 24 and a byte string */
void cbor_put_list_open(struct buffer *b); /* indefinite; ends with cbor_put_break() */
void cbor_put_map_open(struct buffer *b);
void cbor_put_bytes_open(struct buffer *b);
void cbor_put_break(struct buffer *b);
void cbor_put_raw(struct buffer *b, struct bytes item); /* an item that is encoded already */

/* How many bytes the head of a string, list or number takes: 1, 2, 3, 5 or 9. */
size_t cbor_head_bytes(uint64_t value);

#endif
