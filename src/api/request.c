#include "api/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/answering.h"

#define LINK_BYTES_MAX ((size_t)16 << 10)

const char *api_path_value(const struct api_request *r, const char *name)
{
    size_t i = 0;

    for (const char *at = strchr(r->path, '{'); at; at = strchr(at + 1, '{'), i++)
        if (span_is((struct span){ at + 1, strcspn(at + 1, "}") }, name))
            return r->path_values[i];
    return "";
}

void api_json(struct api_request *r, unsigned status, struct json_writer *ret)
{
    r->answer->status = status;
    r->answer->type = "application/json";
    json_writer_init(ret, &r->answer->body, false);
}

const char *api_base(const struct api_request *r)
{
    const char *base = api_config(r->api)->public_url;

    return base ? base : "";
}

const char *api_link(struct api_request *r, const char *format, ...)
{
    struct buffer link;
    const char *copy;
    va_list args;

    buffer_init(&link, allocator_libc(), LINK_BYTES_MAX);
    buffer_printf(&link, "%s/api/v1", api_base(r));
    va_start(args, format);
    buffer_vprintf(&link, format, args);
    va_end(args);
    copy = buffer_status(&link) ? NULL : arena_copy(&r->memory, link.at, link.len);
    buffer_release(&link);
    return copy ? copy : "";
}

void api_url_encode(struct buffer *out, const char *text, const char *keep)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
            strchr("-._~", c) || strchr(keep, c))
            buffer_char(out, (char)c);
        else
            buffer_printf(out, "%%%02X", c);
    }
}
