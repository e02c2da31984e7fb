#include "analyse/extract_form.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/extract.h"
#include "base/time.h"
#include "logs/checksum.h"
#include "logs/source.h"

#define BLOCK_BYTES ((size_t)64 << 10)
#define MAGIC_BYTES (sizeof EXTRACT_MAGIC - 1)

/* 0, -1, 1, -2, ... to 0, 1, 2, 3, ... */
static uint64_t fold_sign(uint64_t value)
{
    return value << 1 ^ (value >> 63 ? UINT64_MAX : 0);
}

static uint64_t unfold_sign(uint64_t folded)
{
    return folded >> 1 ^ (folded & 1 ? UINT64_MAX : 0);
}

/* --- Writing ------------------------------------------------------------- */

void put_number(struct buffer *b, uint64_t value)
{
    char bytes[10];
    size_t len = 0;

    for (; value >= 0x80; value >>= 7)
        bytes[len++] = (char)(0x80 | (value & 0x7f));
    bytes[len++] = (char)value;
    buffer_append(b, bytes, len);
}

void put_signed(struct buffer *b, int64_t value)
{
    put_number(b, fold_sign((uint64_t)value));
}

void put_real(struct buffer *b, double value)
{
    char bytes[8];
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; i++, bits >>= 8)
        bytes[i] = (char)(bits & 0xff);
    buffer_append(b, bytes, sizeof bytes);
}

void put_text(struct buffer *b, struct span text)
{
    put_number(b, text.len);
    buffer_append(b, text.at, text.len);
}

void put_optional(struct buffer *b, const char *text)
{
    put_number(b, text ? strlen(text) + 1 : 0);
    if (text)
        buffer_text(b, text);
}

/* --- Records ------------------------------------------------------------- */

static uint64_t word_of(const void *item, const struct column *c)
{
    const char *at = (const char *)item + c->at;
    uint64_t word = 0;
    uint32_t half;

    switch (c->kind) {
    case COLUMN_32: memcpy(&half, at, sizeof half); return half;
    case COLUMN_FLAG: return *(const bool *)at;
    default: memcpy(&word, at, sizeof word); return word;
    }
}

static void set_word(void *item, const struct column *c, uint64_t word)
{
    char *at = (char *)item + c->at;
    uint32_t half = (uint32_t)word;

    switch (c->kind) {
    case COLUMN_32: memcpy(at, &half, sizeof half); break;
    case COLUMN_FLAG: *(bool *)at = word; break;
    default: memcpy(at, &word, sizeof word);
    }
}

static void put_column(struct buffer *b, const struct column *c, uint64_t word, uint64_t base,
                       int64_t *last_ns)
{
    double real;

    switch (c->kind) {
    case COLUMN_FLAG: break;
    case COLUMN_REAL:
        memcpy(&real, &word, sizeof real);
        put_real(b, real);
        break;
    case COLUMN_INSTANT:
        put_number(b, fold_sign(word - (uint64_t)*last_ns));
        *last_ns = (int64_t)word;
        break;
    case COLUMN_32: put_number(b, fold_sign((uint64_t)(int64_t)(int32_t)(word - base))); break;
    case COLUMN_64: put_number(b, fold_sign(word - base)); break;
    }
}

void put_record(struct buffer *b, const struct column *columns, size_t count, const void *item,
                const void *base, int64_t *last_ns)
{
    uint64_t differ = 0;

    for (size_t i = 0; i < count; i++)
        if (word_of(item, &columns[i]) != word_of(base, &columns[i]))
            differ |= UINT64_C(1) << i;
    put_number(b, differ);
    for (size_t i = 0; i < count; i++)
        if (differ >> i & 1)
            put_column(b, &columns[i], word_of(item, &columns[i]), word_of(base, &columns[i]),
                       last_ns);
}

/* --- Reading: bytes ------------------------------------------------------ */

void extract_fail(struct extract_reader *r, enum ou_status status, const char *what)
{
    if (!r->status)
        r->status = ou_fail(&r->error, status, "%s: %s", r->path, what);
}

bool extract_failed(const struct extract_reader *r)
{
    return r->status != OU_OK;
}

/* False at the end, and when reading fails. */
static bool refill(struct extract_reader *r)
{
    struct ou_error why = { 0 };
    enum ou_status status;

    r->at = r->end = 0;
    if (r->status)
        return false;
    status = source_read(r->source, r->block, BLOCK_BYTES, &r->end, &why);
    if (status)
        r->status = ou_fail(&r->error, status, "%s", why.text);
    r->taken += r->end;
    if (r->taken > EXTRACT_BYTES_MAX)
        extract_fail(r, OU_TOO_LARGE, "an extract of more than 4 GiB is not read");
    return !r->status && r->end > 0;
}

static void take_bytes(struct extract_reader *r, char *into, size_t len)
{
    while (len > 0) {
        size_t part;

        if (r->at == r->end && !refill(r)) {
            extract_fail(r, OU_INVALID, "the extract ends early");
            return;
        }
        part = r->end - r->at < len ? r->end - r->at : len;
        memcpy(into, r->block + r->at, part);
        checksum_add(r->sum, into, part);
        r->at += part;
        into += part;
        len -= part;
    }
}

static uint8_t take_byte(struct extract_reader *r)
{
    char byte = 0;

    take_bytes(r, &byte, 1);
    return r->status ? 0 : (uint8_t)byte;
}

/* --- Reading: values ----------------------------------------------------- */

uint64_t take_number(struct extract_reader *r)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = take_byte(r);

        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    extract_fail(r, OU_INVALID, "the extract is damaged: a number has no end");
    return 0;
}

uint64_t take_below(struct extract_reader *r, uint64_t limit, const char *what)
{
    uint64_t value = take_number(r);

    if (value < limit)
        return value;
    extract_fail(r, OU_INVALID, what);
    return 0;
}

int64_t take_signed(struct extract_reader *r)
{
    return (int64_t)unfold_sign(take_number(r));
}

double take_real(struct extract_reader *r)
{
    char bytes[8] = { 0 };
    uint64_t bits = 0;
    double value;

    take_bytes(r, bytes, sizeof bytes);
    for (int i = 7; i >= 0; i--)
        bits = bits << 8 | (uint8_t)bytes[i];
    memcpy(&value, &bits, sizeof value);
    if (!isinf(value) && !r->status)
        return value;
    extract_fail(r, OU_INVALID, "the extract is damaged: a number is infinite");
    return 0;
}

bool take_flag(struct extract_reader *r)
{
    return take_below(r, 2, "the extract is damaged: an answer is neither yes nor no");
}

static struct span take_bytes_of_text(struct extract_reader *r, uint64_t len)
{
    static const struct span none = { "", 0 };
    char *at;

    if (len > EXTRACT_TEXT_MAX)
        extract_fail(r, OU_INVALID, "the extract is damaged: a text is longer than any line");
    if (r->status || len == 0)
        return none;
    buffer_clear(&r->text);
    at = buffer_room(&r->text, (size_t)len);
    if (!at) {
        extract_fail(r, OU_NO_MEMORY, "no memory");
        return none;
    }
    take_bytes(r, at, (size_t)len);
    buffer_added(&r->text, (size_t)len);
    return r->status ? none : (struct span){ buffer_string(&r->text), (size_t)len };
}

struct span take_text(struct extract_reader *r)
{
    return take_bytes_of_text(r, take_number(r));
}

struct span take_optional(struct extract_reader *r, bool *ret_is_null)
{
    uint64_t len = take_number(r);

    *ret_is_null = len == 0;
    return take_bytes_of_text(r, len ? len - 1 : 0);
}

static int64_t checked_instant(struct extract_reader *r, int64_t at_ns)
{
    if (at_ns >= 0 || at_ns == TIME_NONE)
        return at_ns;
    extract_fail(r, OU_INVALID, "the extract is damaged: an instant lies before 1970");
    return TIME_NONE;
}

int64_t take_instant(struct extract_reader *r)
{
    return checked_instant(r, take_signed(r));
}

static void take_column(struct extract_reader *r, const struct column *c, void *item,
                        int64_t *last_ns)
{
    uint64_t base = word_of(item, c), word = 0;
    double real;

    switch (c->kind) {
    case COLUMN_FLAG: word = !base; break;
    case COLUMN_REAL:
        real = take_real(r);
        memcpy(&word, &real, sizeof word);
        break;
    case COLUMN_INSTANT:
        *last_ns = checked_instant(r, (int64_t)((uint64_t)*last_ns + unfold_sign(take_number(r))));
        word = (uint64_t)*last_ns;
        break;
    case COLUMN_32:
    case COLUMN_64: word = base + unfold_sign(take_number(r)); break;
    }
    set_word(item, c, word);
}

void take_record(struct extract_reader *r, const struct column *columns, size_t count, void *item,
                 int64_t *last_ns)
{
    uint64_t differ = take_number(r);

    if (count < 64 && differ >> count)
        extract_fail(r, OU_INVALID, "the extract is damaged: a record has members too many");
    for (size_t i = 0; i < count && !r->status; i++)
        if (differ >> i & 1)
            take_column(r, &columns[i], item, last_ns);
}

/* --- Beginning and end --------------------------------------------------- */

static void take_head(struct extract_reader *r)
{
    char magic[MAGIC_BYTES] = { 0 };
    uint64_t version;

    take_bytes(r, magic, sizeof magic);
    if (r->status && r->status != OU_INVALID)
        return;
    if (r->status || memcmp(magic, EXTRACT_MAGIC, MAGIC_BYTES) != 0) {
        r->status = OU_OK;
        extract_fail(r, OU_INVALID, "this is no extract (analyse --extract makes them)");
        return;
    }
    version = take_number(r);
    if (version != EXTRACT_VERSION)
        extract_fail(r, OU_INVALID,
                     "this extract is of another version; make it with the program that reads it");
}

enum ou_status extract_open(struct extract_reader *r, const char *path, struct ou_error *err)
{
    enum ou_status status;

    *r = (struct extract_reader){ .path = path };
    buffer_init(&r->text, allocator_libc(), EXTRACT_TEXT_MAX + 1);
    status = source_open(path, &r->source, err);
    if (status)
        return status;
    r->block = malloc(BLOCK_BYTES);
    r->sum = checksum_new();
    if (!r->block || !r->sum)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    take_head(r);
    return r->status ? ou_fail(err, r->status, "%s", r->error.text) : OU_OK;
}

void extract_close(struct extract_reader *r)
{
    source_close(r->source);
    checksum_free(r->sum);
    free(r->block);
    buffer_release(&r->text);
    *r = (struct extract_reader){ 0 };
}

bool extract_is(const char *path)
{
    char magic[MAGIC_BYTES];
    struct source *source = NULL;
    size_t len = 0, got = 1;

    if (source_open(path, &source, NULL) != OU_OK)
        return false;
    while (len < sizeof magic && got > 0 &&
           source_read(source, magic + len, sizeof magic - len, &got, NULL) == OU_OK)
        len += got;
    source_close(source);
    return len == sizeof magic && memcmp(magic, EXTRACT_MAGIC, sizeof magic) == 0;
}

enum ou_status extract_end(struct extract_reader *r, struct ou_error *err)
{
    char wanted[CHECKSUM_HEX_ROOM] = "", found[CHECKSUM_HEX_ROOM] = "";

    if (!r->status) {
        checksum_hex(r->sum, wanted);
        take_bytes(r, found, CHECKSUM_HEX_ROOM - 1);
    }
    if (!r->status && memcmp(wanted, found, CHECKSUM_HEX_ROOM - 1) != 0)
        extract_fail(r, OU_INVALID, "the extract is damaged: its checksum is another one");
    if (!r->status && (r->at < r->end || refill(r)))
        extract_fail(r, OU_INVALID, "something follows behind the extract");
    return r->status ? ou_fail(err, r->status, "%s", r->error.text) : OU_OK;
}
