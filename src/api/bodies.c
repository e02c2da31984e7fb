/* Bodies of requests. */
#include <string.h>
#include <strings.h>

#include "api/answering.h"
#include "api/schema.h"
#include "http/coding.h"
#include "json/tree.h"
#include "publish/publication.h"

/* "application/json" of "application/json; charset=utf-8". */
static bool is_type(const char *header, const char *type)
{
    size_t len = strlen(type);

    return strncasecmp(header, type, len) == 0 &&
           (header[len] == '\0' || header[len] == ';' || header[len] == ' ');
}

/* A body that is not called anything is taken for what is wanted. */
bool body_type_check(struct api_request *r)
{
    const struct described *d = r->described;
    const char *header = http_header(r->call, "Content-Type");

    if (!header || d->body_type_count == 0)
        return true;
    for (size_t i = 0; i < d->body_type_count; i++)
        if (is_type(header, d->body_types[i]))
            return true;
    return api_problem(r, PROBLEM_MEDIA_TYPE, "The body is wanted as %s.", d->body_types[0]);
}

static size_t unpacked_max(const struct api_request *r)
{
    return r->operation->flags & OPERATION_PUBLICATION ? PUBLICATION_MAX : HTTP_BODY_MAX;
}

/* What cannot be unpacked is told by kind. */
static bool refuse(struct api_request *r, enum ou_status status, const struct ou_error *err)
{
    switch (status) {
    case OU_TOO_LARGE: return api_problem(r, PROBLEM_TOO_LARGE, "%s", err->text);
    case OU_USAGE: return api_problem(r, PROBLEM_MEDIA_TYPE, "%s", err->text);
    case OU_INVALID: return api_problem(r, PROBLEM_INVALID_BODY, "%s", err->text);
    default: return api_failed(r, status, err);
    }
}

bool api_body(struct api_request *r, struct span *ret)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    *ret = r->call->body;
    if (!http_header(r->call, "Content-Encoding"))
        return true;
    buffer_release(&r->body);
    buffer_init(&r->body, allocator_libc(), unpacked_max(r));
    status = coding_unpack(r->call, &r->body, &err);
    *ret = (struct span){ buffer_string(&r->body), r->body.len };
    return status == OU_OK || refuse(r, status, &err);
}

bool api_body_json(struct api_request *r, json_t **ret)
{
    struct schema_faults faults = { .memory = &r->memory };
    struct ou_error err = { 0 };
    struct span text;
    enum ou_status status;

    if (!api_body(r, &text))
        return false;
    json_decref(r->json);
    r->json = NULL;
    status = json_tree_parse(text, "body", &r->json, &err);
    if (status)
        return refuse(r, status, &err);
    *ret = r->json;
    if (schema_check(api_description(r->api), r->described->body_schema, r->json, &faults))
        return true;
    if (faults.count == 1)
        return api_problem_at(r, PROBLEM_INVALID_BODY, faults.at, 1,
                              "The body is not as it is wanted: %s%s%s",
                              *faults.at->pointer ? faults.at->pointer : "",
                              *faults.at->pointer ? ": " : "", faults.at->detail);
    return api_problem_at(r, PROBLEM_INVALID_BODY, faults.at, faults.count,
                          "The body is not as it is wanted, in %zu places.", faults.count);
}
