#include "genesis/stream.h"

#include "base/digits.h"
#include "base/interrupt.h"

/* Text goes to the file in pieces of this size or somewhat more. */
#define PIECE_BYTES 65536
#define TEXT_BYTES_MAX ((size_t)1 << 20)

void genesis_stream_open(struct genesis_stream *s, const char *path,
                         struct genesis_progress *progress, struct ou_error *err)
{
    *s = (struct genesis_stream){ .progress = progress, .err = err };
    buffer_init(&s->text, allocator_libc(), TEXT_BYTES_MAX);
    genesis_digest_start(&s->digest);
    s->status = out_open(&s->file, path, err);
}

static void flush(struct genesis_stream *s)
{
    genesis_digest_add(&s->digest, s->text.at, s->text.len);
    out_write_text(&s->file, &s->text);
    buffer_clear(&s->text);
}

void genesis_stream_text(struct genesis_stream *s, const char *text)
{
    buffer_text(&s->text, text);
}

static void between_pieces(struct genesis_stream *s)
{
    if (!s->status && buffer_status(&s->text))
        s->status = ou_fail(s->err, buffer_status(&s->text), "write %s: %s", s->file.path,
                            ou_status_name(buffer_status(&s->text)));
    if (!s->status && interrupt_pending())
        s->status = ou_fail(s->err, OU_INTERRUPTED, "write %s: interrupted", s->file.path);
    if (s->status)
        return;
    flush(s);
    if (s->progress->tell)
        s->progress->tell(s->progress->context, s->progress->done, s->progress->all);
}

void genesis_stream_bytes(struct genesis_stream *s, const char *bytes, size_t count)
{
    if (s->text.len >= PIECE_BYTES)
        between_pieces(s);
    buffer_append(&s->text, bytes, count);
}

void genesis_stream_hex(struct genesis_stream *s, const uint8_t *bytes, size_t count)
{
    char *room = buffer_room(&s->text, 2 * count);

    if (room)
        buffer_added(&s->text, digits_hex(bytes, 2 * count, room));
}

void genesis_stream_number(struct genesis_stream *s, uint64_t number)
{
    char digits[DIGITS_ROOM];

    buffer_append(&s->text, digits, digits_u64(number, digits));
}

void genesis_stream_begin(struct genesis_stream *s, const char *opening, const char *indent)
{
    buffer_text(&s->text, opening);
    s->indent = indent;
    s->first = true;
}

void genesis_stream_entry(struct genesis_stream *s, const char *prefix, const uint8_t *key,
                          size_t key_bytes)
{
    if (s->text.len >= PIECE_BYTES)
        between_pieces(s);
    s->progress->done++;
    buffer_text(&s->text, s->first ? "\n" : ",\n");
    buffer_text(&s->text, s->indent);
    buffer_char(&s->text, '"');
    buffer_text(&s->text, prefix);
    s->first = false;
    genesis_stream_hex(s, key, key_bytes);
    buffer_text(&s->text, "\": ");
}

enum ou_status genesis_stream_close(struct genesis_stream *s, struct genesis_digest *ret)
{
    between_pieces(s);
    if (!s->status)
        s->status = out_commit(&s->file, s->err);
    if (!s->status)
        *ret = s->digest;
    out_release(&s->file);
    buffer_release(&s->text);
    return s->status;
}
