#include <strings.h>

#include "http/server_private.h"

/* Of all further headers of an answer. */
#define HEADERS_MAX ((size_t)16 << 10)

/* The buffer holds pairs: the name and its NUL, the value and its NUL. */
static const char *behind(const char *text)
{
    return text + strlen(text) + 1;
}

static char *find(const struct buffer *headers, const char *name)
{
    char *at = headers->at;

    if (headers->len == 0)
        return NULL;
    while (at < headers->at + headers->len && strcasecmp(at, name) != 0)
        at = (char *)behind(behind(at));
    return at < headers->at + headers->len ? at : NULL;
}

static void take_out(struct buffer *headers, char *pair)
{
    const char *rest = behind(behind(pair));
    const size_t left = (size_t)(headers->at + headers->len - rest);

    memmove(pair, rest, left);
    headers->len = (size_t)(pair - headers->at) + left;
}

static void make_blanks(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
}

void http_answer_header(struct http_answer *answer, const char *name, const char *format, ...)
{
    struct buffer *headers = &answer->headers, value;
    va_list args;
    char *old;

    buffer_init(&value, allocator_libc(), HEADERS_MAX);
    va_start(args, format);
    buffer_vprintf(&value, format, args);
    va_end(args);
    if (!headers->from)
        buffer_init(headers, allocator_libc(), HEADERS_MAX);
    old = find(headers, name); /* looked for when the value is made, which may be of the old one */
    if (old)
        take_out(headers, old);
    if (value.at)
        make_blanks(value.at);
    buffer_append(headers, name, strlen(name) + 1);
    buffer_append(headers, buffer_string(&value), value.len + 1);
    if (buffer_status(&value))
        headers->status = buffer_status(&value);
    buffer_release(&value);
}

const char *http_answer_header_of(const struct http_answer *answer, const char *name)
{
    const char *pair = find(&answer->headers, name);

    return pair ? behind(pair) : NULL;
}

const char *http_answer_header_next(const struct http_answer *answer, const char *name)
{
    const struct buffer *headers = &answer->headers;
    const char *next = name ? behind(behind(name)) : headers->at;

    return next && next < headers->at + headers->len ? next : NULL;
}
