/* A growing run of bytes with a maximum set at birth. It is what all text is
 * formatted into before it goes out.
 *
 * Failures stick: after the first append that does not fit (or finds no
 * memory) the buffer keeps what it had and ignores further appends, so that a
 * writer can append a hundred times and ask once, with buffer_status().
 * One thread at a time. */
#ifndef OU_BASE_BUFFER_H
#define OU_BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/status.h"

struct buffer {
    char *at;   /* owned; NULL while empty; always followed by a NUL when not NULL */
    size_t len; /* bytes in use, without that NUL */
    size_t cap;
    size_t max; /* len never exceeds it */
    struct allocator *from;
    enum ou_status status; /* OU_OK, OU_NO_MEMORY or OU_TOO_LARGE */
};

void buffer_init(struct buffer *b, struct allocator *from, size_t max);
void buffer_release(struct buffer *b);         /* a zeroed buffer is fine */
void buffer_clear(struct buffer *b);           /* length 0, failure forgotten, memory kept */
void buffer_cut(struct buffer *b, size_t len); /* back to a former length; likewise */

/* Takes back the last `count` bytes. A buffer that failed, and may lack them, stays failed, and as it is. */
void buffer_drop(struct buffer *b, size_t count);

void buffer_append(struct buffer *b, const void *bytes, size_t len);
void buffer_text(struct buffer *b, const char *text); /* NUL-terminated */
void buffer_char(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Room for len more bytes at the end, to be written by the caller and counted
 * with buffer_added(); NULL when the buffer has failed or would. */
char *buffer_room(struct buffer *b, size_t len);
void buffer_added(struct buffer *b, size_t len);

enum ou_status buffer_status(const struct buffer *b);

/* For a text that was made of another: it fails as that did, unless it has failed before. */
void buffer_inherit(struct buffer *b, const struct buffer *part);

/* The text as a C string, "" while empty; valid until the next change. */
const char *buffer_string(const struct buffer *b);

#endif
