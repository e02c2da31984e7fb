/* The parts of the description become one document, and what all operations have in common is added to each. */
#include <string.h>

#include "api/description.h"
#include "json/tree.h"
#include "store/list.h"

#define FILTER_CHARACTERS_MAX 4000
#define SORT_CHARACTERS_MAX 64
#define SORT_BYTES_MAX ((size_t)4096)

struct merging {
    json_t *whole;
    const char *part; /* the one that is being added */
    struct ou_error *err;
};

static enum ou_status no_memory(struct merging *m)
{
    return ou_fail(m->err, OU_NO_MEMORY, "no memory for the API's description");
}

/* ---- putting together ---- */

/* Adds members that must be new. */
static enum ou_status add_members(struct merging *m, json_t *to, json_t *from, const char *what)
{
    const char *name;
    json_t *value;

    json_object_foreach(from, name, value)
    {
        if (json_object_get(to, name))
            return ou_fail(m->err, OU_INVALID, "description: %s: %s \"%s\" is there already",
                           m->part, what, name);
        if (json_object_set(to, name, value))
            return no_memory(m);
    }
    return OU_OK;
}

/* The member, an empty object if it was not there. */
static json_t *object_of(json_t *in, const char *name)
{
    json_t *object = json_object_get(in, name);

    if (object || json_object_set_new(in, name, json_object()))
        return object;
    return json_object_get(in, name);
}

/* "paths" or "components": objects by names, whose members come together from all parts. */
static enum ou_status merge_groups(struct merging *m, const char *which, json_t *part)
{
    json_t *groups = object_of(m->whole, which), *members;
    const char *name;
    enum ou_status status = OU_OK;

    json_object_foreach(json_object_get(part, which), name, members)
    {
        json_t *there = object_of(groups, name);

        status = there ? add_members(m, there, members, name) : no_memory(m);
        if (status)
            break;
    }
    return status;
}

static enum ou_status merge_part(struct merging *m, json_t *part)
{
    enum ou_status status = merge_groups(m, "paths", part);
    json_t *tags = json_object_get(part, "tags");

    if (!status)
        status = merge_groups(m, "components", part);
    if (!status && tags && json_array_extend(json_object_get(m->whole, "tags"), tags))
        status = no_memory(m);
    return status;
}

/* ---- completing ---- */

/* name: "responses/BadRequest" */
static json_t *reference(const char *name)
{
    return json_pack("{s:s+}", "$ref", "#/components/", name);
}

/* What any operation may answer; 415 only one that takes a body. */
static const struct {
    const char *status, *response;
} common_answers[] = {
    { "400", "responses/BadRequest" },      { "401", "responses/Unauthenticated" },
    { "403", "responses/Forbidden" },       { "406", "responses/NotAcceptable" },
    { "413", "responses/TooLarge" },        { "415", "responses/UnsupportedMediaType" },
    { "429", "responses/TooManyRequests" }, { "500", "responses/Internal" },
    { "503", "responses/Unavailable" },
};
static const struct {
    const char *name, *header;
} common_headers[] = {
    { "X-Request-Id", "headers/RequestId" },
    { "RateLimit", "headers/RateLimit" },
    { "RateLimit-Policy", "headers/RateLimitPolicy" },
};

static enum ou_status add_answers(struct merging *m, json_t *operation)
{
    json_t *answers = object_of(operation, "responses");
    const bool has_body = json_object_get(operation, "requestBody");

    for (size_t i = 0; i < sizeof common_answers / sizeof *common_answers; i++) {
        const char *status = common_answers[i].status;

        if (json_object_get(answers, status) || (!has_body && strcmp(status, "415") == 0))
            continue;
        if (json_object_set_new(answers, status, reference(common_answers[i].response)))
            return no_memory(m);
    }
    return OU_OK;
}

/* Of each answer that is no reference. */
static enum ou_status add_headers(struct merging *m, json_t *answers)
{
    const char *name;
    json_t *answer;

    json_object_foreach(answers, name, answer)
    {
        json_t *headers = json_object_get(answer, "$ref") ? NULL : object_of(answer, "headers");

        for (size_t i = 0; headers && i < sizeof common_headers / sizeof *common_headers; i++)
            if (json_object_set_new(headers, common_headers[i].name,
                                    reference(common_headers[i].header)))
                return no_memory(m);
    }
    return OU_OK;
}

static const char *filter_words(enum field_type type)
{
    switch (type) {
    case FIELD_INT:
    case FIELD_REAL:
        return "a number, or `eq.`, `ne.`, `lt.`, `le.`, `gt.`, `ge.` and one, `in.(1,2)`, "
               "`is.null`, `not.null`";
    case FIELD_TIME:
        return "an instant or a day, or `lt.`, `le.`, `gt.`, `ge.` and one, `is.null`, `not.null`";
    case FIELD_BOOL: return "`true` or `false`";
    default:
        return "a text, or `eq.`, `ne.`, `lt.`, `gt.`, `prefix.` and one, `in.(a,b)`, `is.null`, "
               "`not.null`";
    }
}

static bool has_parameter(const json_t *parameters, const char *name)
{
    size_t i;
    json_t *parameter;

    json_array_foreach(parameters, i, parameter)
    {
        const char *its = json_string_value(json_object_get(parameter, "name"));

        if (its && strcmp(its, name) == 0)
            return true;
    }
    return false;
}

/* A parameter of the query for each field that filters, unless the path or the part itself has one of that name. */
static enum ou_status add_filters(struct merging *m, json_t *operation, const char *name)
{
    const struct list_resource *resource = list_resource_find(name);
    json_t *parameters = json_object_get(operation, "parameters");

    if (!resource || !parameters)
        return ou_fail(m->err, OU_INVALID, "description: there is no list \"%s\"", name);
    for (size_t i = 0; i < resource->field_count; i++) {
        const struct list_field *field = &resource->fields[i];

        if (!field->filters || has_parameter(parameters, field->name))
            continue;
        if (json_array_append_new(
                parameters, json_pack("{s:s, s:s, s:s++, s:{s:s, s:i, s:{s:s, s:i}}}", "name",
                                      field->name, "in", "query", "description",
                                      "Only rows with such a value: ", filter_words(field->type),
                                      ". Given several times: all must hold.", "schema", "type",
                                      "array", "maxItems", LIST_FILTERS_MAX, "items", "type",
                                      "string", "maxLength", FILTER_CHARACTERS_MAX)))
            return no_memory(m);
    }
    return OU_OK;
}

/* "`name`, `startedAt`" to the text, and the same names to the list: what rows may be sorted by. False: no memory. */
static bool put_sorts(const struct list_resource *resource, struct buffer *out, json_t *names)
{
    const char *between = "";

    for (size_t i = 0; i < resource->field_count; i++) {
        const char *name = resource->fields[i].name;

        if (!resource->fields[i].sorts)
            continue;
        buffer_printf(out, "%s`%s`", between, name);
        between = ", ";
        if (json_array_append_new(names, json_string(name)))
            return false;
    }
    return true;
}

/* NULL: no memory. */
static json_t *sort_parameter(const struct list_resource *resource)
{
    json_t *names = json_array(), *made = NULL;
    struct buffer told;

    buffer_init(&told, allocator_libc(), SORT_BYTES_MAX);
    buffer_text(&told, "The member that rows are sorted by: ");
    if (put_sorts(resource, &told, names)) {
        buffer_text(&told,
                    ". A minus in front means the greatest first. Rows without it come last.");
        made =
            json_pack("{s:s, s:s, s:s, s:{s:s, s:i, s:s, s:O}}", "name", "sort", "in", "query",
                      "description", buffer_string(&told), "schema", "type", "string", "maxLength",
                      SORT_CHARACTERS_MAX, "default", resource->sort, "examples", names);
    }
    json_decref(names);
    buffer_release(&told);
    return made;
}

/* Each list says itself what it is sorted by, in place of what they have in common. */
static enum ou_status tell_sorts(struct merging *m, json_t *operation, const char *name)
{
    const struct list_resource *resource = list_resource_find(name);
    json_t *parameters = json_object_get(operation, "parameters"), *parameter;
    size_t i;

    json_array_foreach(parameters, i, parameter)
    {
        const char *ref = json_string_value(json_object_get(parameter, "$ref"));

        if (ref && strcmp(ref, "#/components/parameters/sort") == 0 &&
            json_array_set_new(parameters, i, sort_parameter(resource)))
            return no_memory(m);
    }
    return OU_OK;
}

static enum ou_status complete_operation(struct merging *m, json_t *operation)
{
    const char *resource = json_string_value(json_object_get(operation, "x-resource"));
    enum ou_status status = resource ? add_filters(m, operation, resource) : OU_OK;

    if (!status && resource)
        status = tell_sorts(m, operation, resource);
    if (!status)
        status = add_answers(m, operation);
    if (!status)
        status = add_headers(m, json_object_get(operation, "responses"));
    return status;
}

static enum ou_status complete(struct merging *m)
{
    json_t *components = json_object_get(m->whole, "components"), *methods, *operation;
    const char *path, *method;
    enum ou_status status = add_headers(m, json_object_get(components, "responses"));

    json_object_foreach(json_object_get(m->whole, "paths"), path, methods)
        json_object_foreach(methods, method, operation) if (!status) status =
            complete_operation(m, operation);
    return status;
}

enum ou_status description_merge(const struct description_part *parts, size_t count, json_t **ret,
                                 struct ou_error *err)
{
    struct merging m = { .err = err };
    enum ou_status status = OU_OK;

    *ret = NULL;
    for (size_t i = 0; i < count && !status; i++) {
        json_t *part = NULL;

        m.part = parts[i].name;
        status = json_tree_parse(span_of(parts[i].text), parts[i].name, &part, err);
        if (!status && i == 0)
            m.whole = json_incref(part);
        else if (!status)
            status = merge_part(&m, part);
        json_decref(part);
    }
    if (!status)
        status = complete(&m);
    if (status)
        json_decref(m.whole);
    else
        *ret = m.whole;
    return status;
}
