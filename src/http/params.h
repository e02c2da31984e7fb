/* The arguments and headers of one request. The server fills it; a test of a handler does so itself:
 *
 *     struct http_params params;
 *     http_params_init(&params);
 *     http_params_form(&params, span_of("query=up&time=3"));
 *     http_params_header(&params, "Accept", "application/json");
 *     handler(context, &(struct http_call){ .method = "GET", .path = "/api/v1/query", .args = &params }, &answer);
 *     http_params_release(&params);
 *
 * One thread at a time. */
#ifndef OU_HTTP_PARAMS_H
#define OU_HTTP_PARAMS_H

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

#define HTTP_PARAMS_MAX 1024 /* arguments, and headers; more is OU_TOO_LARGE */

struct http_field {
    const char *name, *value;
};

struct http_fields {
    struct http_field *at;
    size_t count, cap;
};

struct http_params {
    struct http_fields args, headers;
    struct arena memory; /* of decoded texts */
};

void http_params_init(struct http_params *p);
void http_params_release(struct http_params *p);

/* Texts are kept as views. A value of NULL is an empty one. OU_TOO_LARGE, OU_NO_MEMORY. */
enum ou_status http_params_arg(struct http_params *p, const char *name, const char *value);
enum ou_status http_params_header(struct http_params *p, const char *name, const char *value);

/* Adds the arguments of a text as forms and queries have it: a=1&b=two+words%21. Copied. A percent sign that
 * two hex digits do not follow stands for itself; a value ends at a NUL. */
enum ou_status http_params_form(struct http_params *p, struct span text);

#endif
