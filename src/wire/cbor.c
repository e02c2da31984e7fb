#include "wire/cbor.h"

#include "base/utf8.h"

/* The first byte of an item: major type in the upper 3 bits, in the lower 5 the argument itself
 * or how it follows. */
enum {
    MAJOR_UINT,
    MAJOR_NEGATIVE,
    MAJOR_BYTES,
    MAJOR_TEXT,
    MAJOR_LIST,
    MAJOR_MAP,
    MAJOR_TAG,
    MAJOR_SIMPLE,
};

enum {
    INFO_ONE_BYTE = 24,
    INFO_TWO_BYTES = 25,
    INFO_FOUR_BYTES = 26,
    INFO_EIGHT_BYTES = 27,
    INFO_INDEFINITE = 31,
};

enum { FALSE_BYTE = 0xf4, TRUE_BYTE = 0xf5, NULL_BYTE = 0xf6, BREAK_BYTE = 0xff };

enum { TAG_ENCODED = 24 };

/* Simple values below this one stand in the first byte. */
enum { SIMPLE_IN_A_BYTE = 32 };

static const char no_such_head[] = "no such CBOR head";
static const char other_kind[] = "another kind of item than expected";

struct head {
    uint8_t major, info;
    uint64_t value;
};

/* Bytes of the head that begins so; 0: no head does. */
static size_t head_length(uint8_t first)
{
    uint8_t info = first & 31;

    if (info < INFO_ONE_BYTE)
        return 1;
    if (info <= INFO_EIGHT_BYTES)
        return 1 + ((size_t)1 << (info - INFO_ONE_BYTE));
    if (info != INFO_INDEFINITE)
        return 0;
    return first >> 5 == MAJOR_UINT || first >> 5 == MAJOR_NEGATIVE || first >> 5 == MAJOR_TAG ? 0
                                                                                               : 1;
}

/* The head in so many bytes; false when it means nothing. */
static bool head_decode(const uint8_t *at, size_t length, struct head *ret)
{
    struct head head = { .major = at[0] >> 5, .info = at[0] & 31 };

    if (length == 1 && head.info < INFO_ONE_BYTE)
        head.value = head.info;
    for (size_t i = 1; i < length; i++)
        head.value = head.value << 8 | at[i];
    if (head.major == MAJOR_SIMPLE && head.info == INFO_ONE_BYTE && head.value < SIMPLE_IN_A_BYTE)
        return false;
    *ret = head;
    return true;
}

/* --- The cursor ---------------------------------------------------------------- */

static void fail(struct cbor *c, enum wire_result result, const char *why)
{
    if (!cbor_ok(c))
        return;
    c->result = result;
    c->why = why;
}

void cbor_refuse(struct cbor *c, const char *why)
{
    fail(c, WIRE_BAD, why);
}

static void cut(struct cbor *c)
{
    fail(c, WIRE_CUT, "cut off");
}

static size_t left(const struct cbor *c)
{
    return (size_t)(c->end - c->at);
}

/* Takes a head of that major type. Failing, it returns a zeroed one. */
static struct head take_head(struct cbor *c, uint8_t major)
{
    struct head head = { 0 };
    size_t length;

    if (!cbor_ok(c))
        return head;
    if (c->at == c->end) {
        cut(c);
        return head;
    }
    length = head_length(*c->at);
    if (length == 0 || *c->at >> 5 != major)
        cbor_refuse(c, length ? other_kind : no_such_head);
    else if (left(c) < length)
        cut(c);
    else if (!head_decode(c->at, length, &head))
        cbor_refuse(c, no_such_head);
    else
        c->at += length;
    return head;
}

enum cbor_kind cbor_peek(const struct cbor *c)
{
    if (!cbor_ok(c) || c->at == c->end)
        return CBOR_OTHER;
    switch (*c->at) {
    case FALSE_BYTE:
    case TRUE_BYTE: return CBOR_BOOL;
    case NULL_BYTE: return CBOR_NULL;
    default: break;
    }
    /* The kinds below CBOR_BOOL are the major types, in their order. */
    return *c->at >> 5 == MAJOR_SIMPLE ? CBOR_OTHER : (enum cbor_kind)(*c->at >> 5);
}

bool cbor_at_end(const struct cbor *c)
{
    return cbor_ok(c) && c->at == c->end;
}

uint64_t cbor_uint(struct cbor *c)
{
    return take_head(c, MAJOR_UINT).value;
}

uint64_t cbor_uint_below(struct cbor *c, uint64_t limit, const char *why)
{
    uint64_t value = cbor_uint(c);

    if (cbor_ok(c) && value >= limit) {
        cbor_refuse(c, why);
        return 0;
    }
    return value;
}

int64_t cbor_int(struct cbor *c)
{
    bool negative = cbor_peek(c) == CBOR_NEGATIVE;
    uint64_t value = take_head(c, negative ? MAJOR_NEGATIVE : MAJOR_UINT).value;

    if (value > INT64_MAX) {
        cbor_refuse(c, "a number beyond 64 bits");
        return 0;
    }
    return negative ? -1 - (int64_t)value : (int64_t)value;
}

/* The 16 bits of a half as those 32 of the same number: 5 and 10 bits of exponent and fraction
 * become 8 and 23. Numbers too small for a whole fraction are counted in their smallest step,
 * 2^-24. */
static float float_of_half(uint32_t half)
{
    uint32_t exponent = half >> 10 & 31, fraction = half & 1023, bits;
    float value;

    if (exponent == 0)
        return (float)fraction * (half >> 15 ? -0x1p-24F : 0x1p-24F);
    exponent = exponent == 31 ? 255 : exponent - 15 + 127;
    bits = half >> 15 << 31 | exponent << 23 | fraction << 13;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double cbor_float(struct cbor *c)
{
    struct head head = take_head(c, MAJOR_SIMPLE);
    uint32_t bits = (uint32_t)head.value;
    double wide = 0;
    float narrow;

    switch (head.info) {
    case INFO_TWO_BYTES: return float_of_half(bits);
    case INFO_FOUR_BYTES: memcpy(&narrow, &bits, sizeof narrow); return narrow;
    case INFO_EIGHT_BYTES: memcpy(&wide, &head.value, sizeof wide); return wide;
    default: cbor_refuse(c, other_kind); return 0;
    }
}

/* Takes the single byte, which is this one or that one. */
static uint8_t take_simple(struct cbor *c, uint8_t one, uint8_t other)
{
    uint8_t byte;

    if (!cbor_ok(c))
        return 0;
    if (c->at == c->end) {
        cut(c);
        return 0;
    }
    byte = *c->at;
    if (byte != one && byte != other) {
        cbor_refuse(c, other_kind);
        return 0;
    }
    c->at++;
    return byte;
}

bool cbor_bool(struct cbor *c)
{
    return take_simple(c, TRUE_BYTE, FALSE_BYTE) == TRUE_BYTE;
}

void cbor_null(struct cbor *c)
{
    (void)take_simple(c, NULL_BYTE, NULL_BYTE);
}

static struct bytes take_string(struct cbor *c, uint8_t major)
{
    struct head head = take_head(c, major);
    struct bytes string = { 0 };

    if (head.info == INFO_INDEFINITE)
        cbor_refuse(c, "a string in pieces");
    if (!cbor_ok(c))
        return string;
    if (head.value > left(c)) {
        cut(c);
        return string;
    }
    string = (struct bytes){ c->at, (size_t)head.value };
    c->at += string.count;
    return string;
}

struct bytes cbor_bytes(struct cbor *c)
{
    return take_string(c, MAJOR_BYTES);
}

struct span cbor_text(struct cbor *c)
{
    struct bytes text = take_string(c, MAJOR_TEXT);

    return (struct span){ (const char *)text.at, text.count };
}

struct span cbor_utf8(struct cbor *c)
{
    struct span text = cbor_text(c);

    if (cbor_ok(c) && !utf8_is_valid(text)) {
        cbor_refuse(c, "text that is not UTF-8");
        return (struct span){ 0 };
    }
    return text;
}

static void append_piece(struct cbor *c, struct buffer *ret)
{
    struct bytes piece = cbor_bytes(c);

    if (ret)
        buffer_append(ret, piece.at, piece.count);
}

void cbor_bytes_joined(struct cbor *c, struct buffer *ret)
{
    struct cbor_run run = { .indefinite = true };

    if (!cbor_ok(c) || c->at == c->end || *c->at != (MAJOR_BYTES << 5 | INFO_INDEFINITE)) {
        append_piece(c, ret);
        return;
    }
    c->at++;
    while (cbor_more(c, &run))
        append_piece(c, ret);
}

void cbor_fixed(struct cbor *c, size_t count, uint8_t *ret)
{
    struct head head = take_head(c, MAJOR_BYTES);

    memset(ret, 0, count);
    /* The length is judged before the bytes are there: none to come makes it right. */
    if (head.info == INFO_INDEFINITE || head.value != count)
        cbor_refuse(c, "a byte string of another length than expected");
    else if (left(c) < count)
        cut(c);
    if (!cbor_ok(c) || count == 0)
        return;
    memcpy(ret, c->at, count);
    c->at += count;
}

uint64_t cbor_tag(struct cbor *c)
{
    return take_head(c, MAJOR_TAG).value;
}

struct bytes cbor_encoded(struct cbor *c)
{
    if (cbor_tag(c) != TAG_ENCODED)
        cbor_refuse(c, "a tag other than 24");
    return cbor_bytes(c);
}

struct bytes cbor_skip(struct cbor *c)
{
    struct cbor_scan scan = { 0 };
    struct bytes item = { 0 };
    const char *why = NULL;
    size_t used = 0;
    enum wire_result result;

    if (!cbor_ok(c))
        return item;
    result = cbor_scan(&scan, (struct bytes){ c->at, left(c) }, &used, &why);
    if (result != WIRE_OK) {
        fail(c, result, why);
        return item;
    }
    item = (struct bytes){ c->at, used };
    c->at += used;
    return item;
}

static struct cbor_run take_run(struct cbor *c, uint8_t major)
{
    struct head head = take_head(c, major);

    return (struct cbor_run){ .left = head.value, .indefinite = head.info == INFO_INDEFINITE };
}

struct cbor_run cbor_list(struct cbor *c)
{
    return take_run(c, MAJOR_LIST);
}

struct cbor_run cbor_map(struct cbor *c)
{
    return take_run(c, MAJOR_MAP);
}

bool cbor_more(struct cbor *c, struct cbor_run *run)
{
    if (!cbor_ok(c))
        return false;
    if (!run->indefinite)
        return run->left > 0 && run->left--;
    if (c->at == c->end) {
        cut(c);
        return false;
    }
    if (*c->at != BREAK_BYTE)
        return true;
    c->at++;
    return false;
}

void cbor_list_of(struct cbor *c, uint64_t count)
{
    struct cbor_run run = cbor_list(c);

    if (cbor_ok(c) && (run.indefinite || run.left != count))
        cbor_refuse(c, "a list of another length than expected");
}

/* --- Where an item ends -------------------------------------------------------- */

/* What `left` says of containers without a length: items may come until a break, which in a map
 * may not stand between a key and its value. Lengths that would mean one of these are refused. */
enum { UNTIL_BREAK_KINDS = 3 };
#define LIST_UNTIL_BREAK UINT64_MAX
#define MAP_UNTIL_BREAK (UINT64_MAX - 1)
#define MAP_WANTS_VALUE (UINT64_MAX - 2)
#define LONGEST (UINT64_MAX - UNTIL_BREAK_KINDS)

/* An item is whole; so may be the containers it was the last one of. */
static void item_ended(struct cbor_scan *s)
{
    while (s->depth > 0) {
        uint64_t *to_come = &s->left[s->depth - 1];

        if (*to_come == MAP_UNTIL_BREAK || *to_come == MAP_WANTS_VALUE) {
            *to_come = *to_come == MAP_UNTIL_BREAK ? MAP_WANTS_VALUE : MAP_UNTIL_BREAK;
            return;
        }
        if (*to_come == LIST_UNTIL_BREAK || --*to_come > 0)
            return;
        s->depth--;
    }
}

static bool open_level(struct cbor_scan *s, uint64_t items, const char **ret_why)
{
    if (items == 0) {
        item_ended(s);
        return true;
    }
    if (s->depth == CBOR_DEPTH) {
        *ret_why = "nested too deeply";
        return false;
    }
    s->left[s->depth++] = items;
    return true;
}

static bool open_container(struct cbor_scan *s, const struct head *head, const char **ret_why)
{
    bool map = head->major == MAJOR_MAP;

    if (head->info == INFO_INDEFINITE)
        return open_level(s, map ? MAP_UNTIL_BREAK : LIST_UNTIL_BREAK, ret_why);
    if (head->value > (map ? LONGEST / 2 : LONGEST)) {
        *ret_why = "a list or map longer than anything can be";
        return false;
    }
    return open_level(s, map ? 2 * head->value : head->value, ret_why);
}

static bool scan_string(struct cbor_scan *s, const struct head *head, const char **ret_why)
{
    bool piece = s->chunks_of != 0;

    if (head->info == INFO_INDEFINITE) {
        if (piece) {
            *ret_why = "pieces of a string within pieces";
            return false;
        }
        s->chunks_of = (uint8_t)(head->major + 1);
        return true;
    }
    s->skip = head->value;
    if (s->skip == 0 && !piece)
        item_ended(s);
    return true;
}

static bool scan_break(struct cbor_scan *s, const char **ret_why)
{
    uint64_t open = s->depth > 0 ? s->left[s->depth - 1] : 0;

    if (s->chunks_of)
        s->chunks_of = 0;
    else if (open == LIST_UNTIL_BREAK || open == MAP_UNTIL_BREAK)
        s->depth--;
    else {
        *ret_why = "a break out of place";
        return false;
    }
    item_ended(s);
    return true;
}

static bool scan_head(struct cbor_scan *s, const struct head *head, const char **ret_why)
{
    if (head->major == MAJOR_SIMPLE && head->info == INFO_INDEFINITE)
        return scan_break(s, ret_why);
    switch (head->major) {
    case MAJOR_BYTES:
    case MAJOR_TEXT: return scan_string(s, head, ret_why);
    case MAJOR_LIST:
    case MAJOR_MAP: return open_container(s, head, ret_why);
    case MAJOR_TAG: return open_level(s, 1, ret_why);
    default: item_ended(s); return true;
    }
}

static bool scan_done(const struct cbor_scan *s)
{
    return s->started && s->depth == 0 && s->skip == 0 && !s->chunks_of && s->head_count == 0;
}

/* Goes over bytes of a string; returns how many of the count. */
static size_t scan_skip(struct cbor_scan *s, size_t count)
{
    size_t over = s->skip < count ? (size_t)s->skip : count;

    s->skip -= over;
    if (s->skip == 0 && !s->chunks_of)
        item_ended(s);
    return over;
}

/* Takes a head, or what there is of it; returns how many bytes, 0 when it is bad (and why, unless
 * there is no such head). */
static size_t scan_take_head(struct cbor_scan *s, struct bytes input, const char **ret_why)
{
    uint8_t first = s->head_count ? s->head[0] : input.at[0];
    size_t length = head_length(first);
    size_t take = length - s->head_count;
    struct head head;

    if (length == 0)
        return 0;
    if (s->chunks_of && first != BREAK_BYTE && s->chunks_of != (first >> 5) + 1) {
        *ret_why = "something else among the pieces of a string";
        return 0;
    }
    if (take > input.count)
        take = input.count;
    memcpy(s->head + s->head_count, input.at, take);
    s->head_count = (uint8_t)(s->head_count + take);
    if (s->head_count < length)
        return take;
    s->head_count = 0;
    s->started = true;
    if (!head_decode(s->head, length, &head) || !scan_head(s, &head, ret_why))
        return 0;
    return take;
}

enum wire_result cbor_scan(struct cbor_scan *s, struct bytes input, size_t *ret_used,
                           const char **ret_why)
{
    const char *why = no_such_head; /* unless another reason is set */
    size_t at = 0;

    while (!scan_done(s) && at < input.count) {
        struct bytes rest = { input.at + at, input.count - at };
        size_t taken = s->skip > 0 ? scan_skip(s, rest.count) : scan_take_head(s, rest, &why);

        if (taken == 0) {
            *ret_why = why;
            return WIRE_BAD;
        }
        at += taken;
    }
    *ret_used = at;
    if (scan_done(s))
        return WIRE_OK;
    *ret_why = "cut off";
    return WIRE_CUT;
}

/* --- Writing ------------------------------------------------------------------- */

size_t cbor_head_bytes(uint64_t value)
{
    if (value < INFO_ONE_BYTE)
        return 1;
    if (value <= UINT8_MAX)
        return 2;
    if (value <= UINT16_MAX)
        return 3;
    return value <= UINT32_MAX ? 5 : 9;
}

static void put_head(struct buffer *b, uint8_t major, uint64_t value)
{
    size_t length = cbor_head_bytes(value);
    uint8_t head[9] = { (uint8_t)(major << 5) };

    /* 1, 2, 4 or 8 bytes follow: infos 24 to 27. */
    if (length == 1)
        head[0] |= (uint8_t)value;
    else
        head[0] |= (uint8_t)(INFO_ONE_BYTE + __builtin_ctz((unsigned)length - 1));
    for (size_t i = length - 1; i > 0; i--, value >>= 8)
        head[i] = (uint8_t)value;
    buffer_append(b, head, length);
}

static void put_byte(struct buffer *b, uint8_t byte)
{
    buffer_append(b, &byte, 1);
}

static uint8_t open_head(uint8_t major)
{
    return (uint8_t)(major << 5 | INFO_INDEFINITE);
}

void cbor_put_uint(struct buffer *b, uint64_t value)
{
    put_head(b, MAJOR_UINT, value);
}

void cbor_put_negative(struct buffer *b, uint64_t minus_one_minus)
{
    put_head(b, MAJOR_NEGATIVE, minus_one_minus);
}

void cbor_put_int(struct buffer *b, int64_t value)
{
    if (value >= 0)
        cbor_put_uint(b, (uint64_t)value);
    else
        cbor_put_negative(b, (uint64_t) - (value + 1));
}

void cbor_put_bool(struct buffer *b, bool value)
{
    put_byte(b, value ? TRUE_BYTE : FALSE_BYTE);
}

void cbor_put_null(struct buffer *b)
{
    put_byte(b, NULL_BYTE);
}

void cbor_put_bytes(struct buffer *b, struct bytes value)
{
    put_head(b, MAJOR_BYTES, value.count);
    buffer_append(b, value.at, value.count);
}

void cbor_put_text(struct buffer *b, struct span value)
{
    put_head(b, MAJOR_TEXT, value.len);
    buffer_append(b, value.at, value.len);
}

void cbor_put_list(struct buffer *b, uint64_t count)
{
    put_head(b, MAJOR_LIST, count);
}

void cbor_put_map(struct buffer *b, uint64_t count)
{
    put_head(b, MAJOR_MAP, count);
}

void cbor_put_tag(struct buffer *b, uint64_t tag)
{
    put_head(b, MAJOR_TAG, tag);
}

void cbor_put_encoded(struct buffer *b, struct bytes item)
{
    cbor_put_tag(b, TAG_ENCODED);
    cbor_put_bytes(b, item);
}

void cbor_put_list_open(struct buffer *b)
{
    put_byte(b, open_head(MAJOR_LIST));
}

void cbor_put_map_open(struct buffer *b)
{
    put_byte(b, open_head(MAJOR_MAP));
}

void cbor_put_bytes_open(struct buffer *b)
{
    put_byte(b, open_head(MAJOR_BYTES));
}

void cbor_put_break(struct buffer *b)
{
    put_byte(b, BREAK_BYTE);
}

void cbor_put_raw(struct buffer *b, struct bytes item)
{
    buffer_append(b, item.at, item.count);
}
