#include "http/params.h"

#include <strings.h>

#include "http/accept.h"
#include "http/server.h"

/* Decoded texts are no longer than what they were decoded from. */
#define TEXT_MAX (2 * HTTP_BODY_MAX)

void http_params_init(struct http_params *p)
{
    *p = (struct http_params){ 0 };
    arena_init(&p->memory, allocator_libc(), TEXT_MAX);
}

void http_params_release(struct http_params *p)
{
    struct http_fields *lists[] = { &p->args, &p->headers };

    for (size_t i = 0; i < 2; i++)
        alloc_free(allocator_libc(), lists[i]->at, lists[i]->cap * sizeof *lists[i]->at);
    arena_release(&p->memory);
    *p = (struct http_params){ 0 };
}

static enum ou_status add(struct http_fields *list, const char *name, const char *value)
{
    void *at = list->at;

    if (list->count >= HTTP_PARAMS_MAX)
        return OU_TOO_LARGE;
    if (!array_reserve(allocator_libc(), &at, &list->cap, list->count + 1, sizeof *list->at,
                       HTTP_PARAMS_MAX))
        return OU_NO_MEMORY;
    list->at = at;
    list->at[list->count++] = (struct http_field){ name, value ? value : "" };
    return OU_OK;
}

enum ou_status http_params_arg(struct http_params *p, const char *name, const char *value)
{
    return add(&p->args, name, value);
}

enum ou_status http_params_header(struct http_params *p, const char *name, const char *value)
{
    return add(&p->headers, name, value);
}

/* --- Forms -------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; returns the length. */
static size_t decode(char *text, size_t len)
{
    size_t out = 0;

    for (size_t i = 0; i < len; i++) {
        int high = text[i] == '%' && i + 2 < len ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

        if (low >= 0) {
            text[out++] = (char)(high << 4 | low);
            i += 2;
        } else {
            text[out++] = (char)(text[i] == '+' ? ' ' : text[i]);
        }
    }
    return out;
}

static const char *decoded(struct http_params *p, struct span text)
{
    char *copy = arena_copy(&p->memory, text.at, text.len);

    if (copy)
        copy[decode(copy, text.len)] = '\0';
    return copy;
}

static struct span cut_at(struct span text, char c, struct span *ret_rest)
{
    const char *at = text.len ? memchr(text.at, c, text.len) : NULL;
    struct span head = { text.at, at ? (size_t)(at - text.at) : text.len };

    *ret_rest = at ? (struct span){ at + 1, text.len - head.len - 1 } : (struct span){ 0 };
    return head;
}

enum ou_status http_params_form(struct http_params *p, struct span text)
{
    while (text.len) {
        struct span pair = cut_at(text, '&', &text), value;
        struct span name = cut_at(pair, '=', &value);
        const char *name_text, *value_text;
        enum ou_status status;

        if (pair.len == 0)
            continue;
        name_text = decoded(p, name);
        value_text = decoded(p, value);
        if (!name_text || !value_text)
            return OU_NO_MEMORY;
        status = http_params_arg(p, name_text, value_text);
        if (status)
            return status;
    }
    return OU_OK;
}

/* --- What handlers ask -------------------------------------------------------------------- */

const char *http_argument_at(const struct http_call *call, const char *name, size_t i)
{
    const struct http_fields *args = &call->args->args;

    for (size_t k = 0; k < args->count; k++)
        if (strcmp(args->at[k].name, name) == 0 && i-- == 0)
            return args->at[k].value;
    return NULL;
}

const char *http_argument(const struct http_call *call, const char *name)
{
    return http_argument_at(call, name, 0);
}

const char *http_header(const struct http_call *call, const char *name)
{
    const struct http_fields *headers = &call->args->headers;

    for (size_t k = 0; k < headers->count; k++)
        if (strcasecmp(headers->at[k].name, name) == 0)
            return headers->at[k].value;
    return NULL;
}

unsigned http_quality(const struct http_call *call, const char *type, bool *ret_named)
{
    const struct http_fields *headers = &call->args->headers;
    struct accept_found found = { 0 };

    for (size_t k = 0; k < headers->count; k++)
        if (strcasecmp(headers->at[k].name, "Accept") == 0)
            accept_look(span_of(headers->at[k].value), type, &found);
    if (ret_named)
        *ret_named = found.precision == 3 && found.quality > 0;
    return accept_quality(&found);
}

bool http_accepts(const struct http_call *call, const char *type, bool *ret_named)
{
    return http_quality(call, type, ret_named) > 0;
}

/* "https://name:3200" */
static bool is_origin_of(const char *origin, const char *host)
{
    const char *name = strstr(origin, "://");

    return host && name && strcasecmp(name + strlen("://"), host) == 0;
}

bool http_is_foreign(const struct http_call *call)
{
    const char *origin = http_header(call, "Origin");

    return origin && !is_origin_of(origin, http_header(call, "Host")) &&
           !is_origin_of(origin, http_header(call, "X-Forwarded-Host"));
}

/* --- What handlers say -------------------------------------------------------------------- */

bool http_allow_get(const struct http_call *call, struct http_answer *ret)
{
    if (strcmp(call->method, "GET") == 0)
        return true;
    ret->status = 405;
    ret->allow = "GET, HEAD";
    return false;
}

void http_say(struct http_answer *ret, unsigned status, const char *format, ...)
{
    va_list args;

    ret->status = status;
    ret->type = NULL;
    va_start(args, format);
    buffer_vprintf(&ret->body, format, args);
    va_end(args);
}
