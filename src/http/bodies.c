#include "http/server_private.h"

/* What a buffer has after it grew, as buffer_append() lets it grow. */
static size_t grown(const struct buffer *body, size_t count)
{
    const size_t need = body->len + count + 1;

    if (need <= body->cap)
        return body->cap;
    return need > 2 * body->cap ? need : 2 * body->cap;
}

bool http_body_append(struct bodies *bodies, struct buffer *body, const char *bytes, size_t count)
{
    const size_t before = body->cap, more = grown(body, count) - before;

    if (more && bodies->bytes + more > bodies->bytes_max)
        return false;
    buffer_append(body, bytes, count);
    bodies->bytes += body->cap - before;
    return buffer_status(body) == OU_OK;
}

void http_body_release(struct bodies *bodies, struct buffer *body)
{
    bodies->bytes -= body->cap;
    buffer_release(body);
}
