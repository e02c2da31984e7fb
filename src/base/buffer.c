#include "base/buffer.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_BYTES = 64 };

void buffer_init(struct buffer *b, struct allocator *from, size_t max)
{
    /* One byte is kept for the NUL, so that len + 1 never overflows. */
    *b = (struct buffer){ .max = max < SIZE_MAX ? max : SIZE_MAX - 1, .from = from };
}

void buffer_release(struct buffer *b)
{
    alloc_free(b->from, b->at, b->cap);
    *b = (struct buffer){ 0 };
}

void buffer_clear(struct buffer *b)
{
    buffer_cut(b, 0);
}

void buffer_cut(struct buffer *b, size_t len)
{
    assert(len <= b->len);
    b->len = len;
    b->status = OU_OK;
    if (b->at)
        b->at[len] = '\0';
}

void buffer_drop(struct buffer *b, size_t count)
{
    if (!b->status)
        buffer_cut(b, b->len - count);
}

/* Room for len more bytes and the NUL; a failure is remembered. */
static bool grow(struct buffer *b, size_t len)
{
    void *at = b->at;
    size_t need;

    if (b->status)
        return false;
    if (len > b->max - b->len) {
        b->status = OU_TOO_LARGE;
        return false;
    }
    need = b->len + len + 1;
    if (need <= b->cap)
        return true;
    if (need < FIRST_BYTES && b->max >= FIRST_BYTES)
        need = FIRST_BYTES;
    if (!array_reserve(b->from, &at, &b->cap, need, 1, b->max + 1)) {
        b->status = OU_NO_MEMORY;
        return false;
    }
    b->at = at;
    b->at[b->len] = '\0';
    return true;
}

char *buffer_room(struct buffer *b, size_t len)
{
    return grow(b, len) ? b->at + b->len : NULL;
}

void buffer_added(struct buffer *b, size_t len)
{
    assert(b->at && len < b->cap - b->len);
    b->len += len;
    b->at[b->len] = '\0';
}

void buffer_append(struct buffer *b, const void *bytes, size_t len)
{
    if (len == 0 || !grow(b, len))
        return;
    memcpy(b->at + b->len, bytes, len);
    buffer_added(b, len);
}

void buffer_text(struct buffer *b, const char *text)
{
    buffer_append(b, text, strlen(text));
}

void buffer_char(struct buffer *b, char c)
{
    buffer_append(b, &c, 1);
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buffer_vprintf(b, format, args);
    va_end(args);
}

void buffer_vprintf(struct buffer *b, const char *format, va_list args)
{
    va_list again;
    int len;

    if (b->status)
        return;
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        b->status = OU_TOO_LARGE; /* the only way our formats fail: above INT_MAX bytes */
    else if (len > 0 && grow(b, (size_t)len)) {
        vsnprintf(b->at + b->len, (size_t)len + 1, format, again);
        buffer_added(b, (size_t)len);
    }
    va_end(again);
}

void buffer_inherit(struct buffer *b, const struct buffer *part)
{
    if (!b->status)
        b->status = part->status;
}

enum ou_status buffer_status(const struct buffer *b)
{
    return b->status;
}

const char *buffer_string(const struct buffer *b)
{
    return b->at ? b->at : "";
}
