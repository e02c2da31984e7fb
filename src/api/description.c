#include "api/description.h"

#include <stdlib.h>
#include <string.h>

#include "api/route.h"
#include "json/tree.h"

#define TEXT_BYTES_MAX ((size_t)4 << 20)
#define MEMORY_BYTES_MAX ((size_t)4 << 20)
#define OPERATIONS_MAX 256
#define PARAMETERS_MAX 64

struct description {
    json_t *whole;
    struct arena memory;
    struct described *operations;
    size_t count;
    struct buffer text;
};

const struct described *description_at(const struct description *d, size_t i)
{
    return i < d->count ? &d->operations[i] : NULL;
}

const struct described_parameter *described_parameter_find(const struct described *operation,
                                                           const char *name)
{
    for (size_t i = 0; i < operation->parameter_count; i++)
        if (!operation->parameters[i].in_path && strcmp(operation->parameters[i].name, name) == 0)
            return &operation->parameters[i];
    return NULL;
}

struct span description_text(const struct description *d)
{
    return (struct span){ buffer_string(&d->text), d->text.len };
}

const json_t *description_ref(const struct description *d, const char *ref)
{
    const json_t *at = d->whole;
    char name[128];

    if (strncmp(ref, "#/", 2) != 0)
        return NULL;
    for (ref += 2; at; ref++) {
        size_t len = strcspn(ref, "/");

        if (len >= sizeof name)
            return NULL;
        memcpy(name, ref, len);
        name[len] = '\0';
        at = json_object_get(at, name);
        ref += len;
        if (*ref == '\0')
            break;
    }
    return at;
}

/* What stands there, or what it refers to. */
static const json_t *meant(const struct description *d, const json_t *value)
{
    const char *ref = json_string_value(json_object_get(value, "$ref"));

    return ref ? description_ref(d, ref) : value;
}

static const char *text_of(const json_t *in, const char *name)
{
    const char *text = json_string_value(json_object_get(in, name));

    return text ? text : "";
}

/* ---- references ---- */

static enum ou_status check_refs(const struct description *d, const json_t *value,
                                 struct ou_error *err)
{
    const char *name, *ref = json_string_value(json_object_get(value, "$ref"));
    size_t i;
    json_t *part;
    enum ou_status status = OU_OK;

    if (ref && !description_ref(d, ref))
        return ou_fail(err, OU_INVALID, "description: \"%s\" refers to nothing", ref);
    json_object_foreach((json_t *)value, name, part) if (!status) status = check_refs(d, part, err);
    json_array_foreach(value, i, part) if (!status) status = check_refs(d, part, err);
    return status;
}

/* ---- operations ---- */

struct making {
    struct description *d;
    struct described *to; /* the operation that is being read */
    struct ou_error *err;
};

static enum ou_status wrong(struct making *m, const char *what, const char *name)
{
    return ou_fail(m->err, OU_INVALID, "description: %s %s: %s %s", m->to->method, m->to->path,
                   what, name);
}

static enum parameter_type type_of(const char *type)
{
    if (strcmp(type, "integer") == 0)
        return PARAMETER_INTEGER;
    if (strcmp(type, "number") == 0)
        return PARAMETER_NUMBER;
    return strcmp(type, "boolean") == 0 ? PARAMETER_BOOL : PARAMETER_TEXT;
}

static enum ou_status read_parameter(struct making *m, const json_t *from)
{
    const json_t *parameter = meant(m->d, from),
                 *schema = meant(m->d, json_object_get(parameter, "schema"));
    const char *in = text_of(parameter, "in");
    struct described_parameter *to = &m->to->parameters[m->to->parameter_count];

    if (strcmp(in, "header") == 0)
        return OU_OK;
    if (!schema || (strcmp(in, "path") != 0 && strcmp(in, "query") != 0))
        return wrong(m, "a parameter that cannot be read:", text_of(parameter, "name"));
    to->name = text_of(parameter, "name");
    to->in_path = strcmp(in, "path") == 0;
    to->required = json_is_true(json_object_get(parameter, "required"));
    to->repeats = strcmp(text_of(schema, "type"), "array") == 0;
    to->schema = to->repeats ? meant(m->d, json_object_get(schema, "items")) : schema;
    to->type = type_of(text_of(to->schema, "type"));
    m->to->parameter_count++;
    return schema_review(m->d, to->schema, m->to->path, m->err);
}

static enum ou_status read_parameters(struct making *m, const json_t *parameters)
{
    size_t i, count = json_array_size(parameters);
    json_t *parameter;
    enum ou_status status = OU_OK;

    if (count > PARAMETERS_MAX)
        return wrong(m, "too many parameters", "");
    m->to->parameters = arena_take(&m->d->memory, (count + 1) * sizeof *m->to->parameters,
                                   _Alignof(struct described_parameter));
    if (!m->to->parameters)
        return ou_fail(m->err, OU_NO_MEMORY, "no memory for the API's description");
    json_array_foreach(parameters, i, parameter) if (!status) status = read_parameter(m, parameter);
    return status;
}

/* A form is read as arguments; all else has one schema. */
static enum ou_status read_body(struct making *m, const json_t *body)
{
    const char *type;
    json_t *content;
    enum ou_status status = OU_OK;

    m->to->body_needed = json_is_true(json_object_get(body, "required"));
    json_object_foreach(json_object_get(body, "content"), type, content)
    {
        const json_t *schema = json_object_get(content, "schema");

        if (strcmp(type, "application/x-www-form-urlencoded") == 0)
            m->to->form_schema = meant(m->d, schema);
        if (!m->to->body_schema)
            m->to->body_schema = schema;
        if (m->to->body_type_count < DESCRIBED_TYPES_MAX)
            m->to->body_types[m->to->body_type_count++] = type;
        if (schema && !status)
            status = schema_review(m->d, schema, m->to->path, m->err);
    }
    return status;
}

static void add_type(struct described *to, const char *type)
{
    for (size_t i = 0; i < to->type_count; i++)
        if (strcmp(to->types[i], type) == 0)
            return;
    if (to->type_count < DESCRIBED_TYPES_MAX)
        to->types[to->type_count++] = type;
}

/* What a client may ask for by Accept: what answers below 300 have. */
static void read_types(struct making *m, const json_t *answers)
{
    const char *status, *type;
    json_t *answer, *content;

    json_object_foreach((json_t *)answers, status, answer) if (*status == '2')
        json_object_foreach(json_object_get(meant(m->d, answer), "content"), type, content)
            add_type(m->to, type);
}

/* Each {name} of the path has a parameter, and each parameter a place. */
static enum ou_status check_path(struct making *m)
{
    const char *at = m->to->path;
    size_t names = 0, parameters = 0;

    for (; (at = strchr(at, '{')); at++, names++) {
        size_t len = strcspn(at + 1, "}");
        bool found = false;

        for (size_t i = 0; i < m->to->parameter_count; i++)
            found |= m->to->parameters[i].in_path &&
                     span_is((struct span){ at + 1, len }, m->to->parameters[i].name);
        if (!found)
            return wrong(m, "no parameter for", at);
    }
    for (size_t i = 0; i < m->to->parameter_count; i++)
        parameters += m->to->parameters[i].in_path;
    return names == parameters ? OU_OK : wrong(m, "a parameter without a place", "");
}

/* SCOPE_... or 0 for "none". */
static enum ou_status check_scope(struct making *m, const json_t *operation)
{
    unsigned scope = m->to->operation->scope;
    const char *said = text_of(operation, "x-scope");

    if (strcmp(said, scope ? scope_name((enum scope)scope) : "none") != 0)
        return wrong(m, "x-scope is not that of the operation:", said);
    return OU_OK;
}

static const char *upper_case(struct description *d, const char *text)
{
    char *copy = arena_copy(&d->memory, text, strlen(text));

    for (char *c = copy; c && *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    return copy;
}

static enum ou_status read_operation(struct making *m, const json_t *operation)
{
    const char *id = text_of(operation, "operationId");
    enum ou_status status;

    m->to->operation = route_operation(id);
    if (!m->to->operation)
        return wrong(m, "nothing answers", id);
    m->to->resource = json_string_value(json_object_get(operation, "x-resource"));
    m->to->deprecation = json_string_value(json_object_get(operation, "x-deprecation"));
    m->to->sunset = json_string_value(json_object_get(operation, "x-sunset"));
    read_types(m, json_object_get(operation, "responses"));
    status = read_parameters(m, json_object_get(operation, "parameters"));
    if (!status)
        status = read_body(m, json_object_get(operation, "requestBody"));
    if (!status)
        status = check_path(m);
    return status ? status : check_scope(m, operation);
}

static enum ou_status read_methods(struct making *m, const char *path, const json_t *methods)
{
    const char *method;
    json_t *operation;
    enum ou_status status = OU_OK;

    json_object_foreach((json_t *)methods, method, operation)
    {
        if (m->d->count == OPERATIONS_MAX)
            return ou_fail(m->err, OU_INVALID, "description: too many operations");
        m->to = &m->d->operations[m->d->count++];
        m->to->path = path;
        m->to->method = upper_case(m->d, method);
        status = m->to->method ? read_operation(m, operation)
                               : ou_fail(m->err, OU_NO_MEMORY, "no memory for the description");
        if (status)
            break;
    }
    return status;
}

/* No function without a description: nobody would ever get there. */
static enum ou_status check_tables(const struct description *d, struct ou_error *err)
{
    const struct api_operation *operation;

    for (size_t i = 0; (operation = route_operation_at(i)); i++) {
        size_t found = 0;

        for (size_t o = 0; o < d->count; o++)
            found += d->operations[o].operation == operation;
        if (found == 0)
            return ou_fail(err, OU_INVALID, "description: there is no operation \"%s\"",
                           operation->id);
    }
    return OU_OK;
}

static enum ou_status read_all(struct description *d, struct ou_error *err)
{
    struct making m = { .d = d, .err = err };
    const char *path;
    json_t *methods;
    enum ou_status status = check_refs(d, d->whole, err);

    d->operations =
        arena_take(&d->memory, OPERATIONS_MAX * sizeof *d->operations, _Alignof(struct described));
    if (!d->operations)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the API's description");
    json_object_foreach(json_object_get(d->whole, "paths"), path, methods) if (!status) status =
        read_methods(&m, path, methods);
    return status ? status : check_tables(d, err);
}

enum ou_status description_open(struct description **ret, struct ou_error *err)
{
    size_t count;
    const struct description_part *parts = route_parts(&count);
    struct description *d = calloc(1, sizeof *d);
    enum ou_status status;

    *ret = NULL;
    if (!d)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the API's description");
    arena_init(&d->memory, allocator_libc(), MEMORY_BYTES_MAX);
    buffer_init(&d->text, allocator_libc(), TEXT_BYTES_MAX);
    status = description_merge(parts, count, &d->whole, err);
    if (!status)
        status = read_all(d, err);
    if (!status) {
        json_tree_append(&d->text, d->whole);
        status = buffer_status(&d->text);
    }
    if (status)
        description_close(d);
    else
        *ret = d;
    return status;
}

void description_close(struct description *d)
{
    if (!d)
        return;
    json_decref(d->whole);
    arena_release(&d->memory);
    buffer_release(&d->text);
    free(d);
}
