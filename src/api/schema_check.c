#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/schema.h"
#include "base/suggest.h"
#include "base/time.h"
#include "base/utf8.h"

struct checking {
    const struct description *d;
    struct schema_faults *faults;
};

/* Where a value stands: a chain of members and items up to the document. */
struct place {
    const struct place *in; /* NULL: the document */
    const char *name;       /* of a member; NULL: an item */
    size_t item;
};

#define POINTER_BYTES_MAX 1024

/* A JSON pointer (RFC 6901): "/" and "~" of names are written as ~1 and ~0. */
static void write_pointer(const struct place *at, struct buffer *out)
{
    if (!at->in)
        return;
    write_pointer(at->in, out);
    buffer_char(out, '/');
    if (!at->name) {
        buffer_printf(out, "%zu", at->item);
        return;
    }
    for (const char *c = at->name; *c; c++) {
        if (*c == '~' || *c == '/')
            buffer_text(out, *c == '~' ? "~0" : "~1");
        else
            buffer_char(out, *c);
    }
}

static const char *pointer_of(const struct place *at, struct arena *memory)
{
    struct buffer out;
    const char *copy;

    buffer_init(&out, allocator_libc(), POINTER_BYTES_MAX);
    write_pointer(at, &out);
    copy = arena_copy(memory, buffer_string(&out), out.len);
    buffer_release(&out);
    return copy ? copy : "";
}

static bool fault(struct checking *c, const struct place *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fault(struct checking *c, const struct place *at, const char *format, ...)
{
    struct ou_error text;
    const char *detail;
    va_list args;

    if (c->faults->count == SCHEMA_FAULTS_MAX)
        return false;
    va_start(args, format);
    vsnprintf(text.text, sizeof text.text, format, args);
    va_end(args);
    detail = arena_copy(c->faults->memory, text.text, strlen(text.text));
    c->faults->at[c->faults->count++] = (struct problem_place){
        .pointer = pointer_of(at, c->faults->memory),
        .detail = detail ? detail : "it does not fit",
    };
    return false;
}

static bool check(struct checking *c, const json_t *schema, const json_t *value,
                  const struct place *at);

/* ---- types ---- */

static bool is_type(const json_t *value, const char *type)
{
    if (strcmp(type, "integer") == 0)
        return json_is_integer(value) ||
               (json_is_real(value) && json_real_value(value) == trunc(json_real_value(value)));
    return (strcmp(type, "object") == 0 && json_is_object(value)) ||
           (strcmp(type, "array") == 0 && json_is_array(value)) ||
           (strcmp(type, "string") == 0 && json_is_string(value)) ||
           (strcmp(type, "number") == 0 && json_is_number(value)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
           (strcmp(type, "null") == 0 && json_is_null(value));
}

static bool check_type(struct checking *c, const json_t *type, const json_t *value,
                       const struct place *at)
{
    size_t i;
    json_t *one;

    if (!type || (json_is_string(type) && is_type(value, json_string_value(type))))
        return true;
    json_array_foreach(type, i, one) if (is_type(value, json_string_value(one))) return true;
    if (json_is_string(type))
        return fault(c, at, "it must be of the type %s", json_string_value(type));
    return fault(c, at, "it is of none of the types that are taken");
}

static bool check_enum(struct checking *c, const json_t *schema, const json_t *value,
                       const struct place *at)
{
    const json_t *choices = json_object_get(schema, "enum"), *only;
    struct suggestion near;
    size_t i;
    json_t *one;

    only = json_object_get(schema, "const");
    if (only && !json_equal(only, value))
        return fault(c, at, "it is not the one value that is taken");
    if (!choices)
        return true;
    suggest_for(&near, span_of(json_is_string(value) ? json_string_value(value) : ""));
    json_array_foreach(choices, i, one)
    {
        if (json_equal(one, value))
            return true;
        if (json_is_string(one))
            suggest_consider(&near, json_string_value(one));
    }
    if (near.best)
        return fault(c, at, "it is none of the choices; did you mean \"%s\"?", near.best);
    return fault(c, at, "it is none of the choices");
}

/* ---- texts and numbers ---- */

static size_t characters(const char *text, size_t len)
{
    struct span rest = { text, len };
    uint32_t character;
    size_t count = 0;

    for (; rest.len > 0; count++)
        utf8_next(&rest, &character);
    return count;
}

/* *ret: a bound of the schema. */
static bool bound(const json_t *schema, const char *word, double *ret)
{
    const json_t *value = json_object_get(schema, word);

    if (value)
        *ret = json_number_value(value);
    return value != NULL;
}

static bool check_text(struct checking *c, const json_t *schema, const json_t *value,
                       const struct place *at)
{
    const char *text = json_string_value(value),
               *format = json_string_value(json_object_get(schema, "format"));
    size_t len = json_string_length(value);
    double limit;
    int64_t ns;

    if (bound(schema, "minLength", &limit) && (double)characters(text, len) < limit)
        return limit <= 1 ? fault(c, at, "it must not be empty")
                          : fault(c, at, "it is shorter than %.0f characters", limit);
    if (bound(schema, "maxLength", &limit) && (double)characters(text, len) > limit)
        return fault(c, at, "it is longer than %.0f characters", limit);
    if (format && strcmp(format, "date-time") == 0 && !time_parse_iso(text, len, &ns))
        return fault(c, at, "it is no instant as 2026-11-23T10:00:00Z");
    return true;
}

static bool check_number(struct checking *c, const json_t *schema, const json_t *value,
                         const struct place *at)
{
    double number = json_number_value(value), limit;

    if (bound(schema, "minimum", &limit) && number < limit)
        return fault(c, at, "it is less than %.15g", limit);
    if (bound(schema, "maximum", &limit) && number > limit)
        return fault(c, at, "it is more than %.15g", limit);
    if (bound(schema, "exclusiveMinimum", &limit) && number <= limit)
        return fault(c, at, "it is not above %.15g", limit);
    if (bound(schema, "exclusiveMaximum", &limit) && number >= limit)
        return fault(c, at, "it is not below %.15g", limit);
    return true;
}

/* ---- objects and arrays ---- */

static bool check_required(struct checking *c, const json_t *schema, const json_t *value,
                           const struct place *at)
{
    bool fits = true;
    size_t i;
    json_t *name;

    json_array_foreach(json_object_get(schema, "required"), i,
                       name) if (!json_object_get(value, json_string_value(name))) fits =
        fault(c, at, "the member \"%s\" is missing", json_string_value(name));
    return fits;
}

static bool unknown_member(struct checking *c, const json_t *members, const struct place *at)
{
    struct suggestion near;
    const char *name;
    json_t *schema;

    suggest_for(&near, span_of(at->name));
    json_object_foreach((json_t *)members, name, schema) suggest_consider(&near, name);
    if (near.best)
        return fault(c, at, "there is no such member; did you mean \"%s\"?", near.best);
    return fault(c, at, "there is no such member");
}

static bool check_members(struct checking *c, const json_t *schema, const json_t *value,
                          const struct place *at)
{
    const json_t *members = json_object_get(schema, "properties"),
                 *others = json_object_get(schema, "additionalProperties");
    const char *name;
    json_t *member;
    bool fits = true;

    json_object_foreach((json_t *)value, name, member)
    {
        const json_t *its = json_object_get(members, name);
        struct place there = { .in = at, .name = name };

        if (its || json_is_object(others))
            fits &= check(c, its ? its : others, member, &there);
        else if (json_is_false(others))
            fits &= unknown_member(c, members, &there);
    }
    return fits;
}

static bool check_count(struct checking *c, const json_t *schema, const char *least,
                        const char *most, size_t count, const struct place *at)
{
    double limit;

    if (bound(schema, least, &limit) && (double)count < limit)
        return fault(c, at, "it has fewer than %.0f entries", limit);
    if (bound(schema, most, &limit) && (double)count > limit)
        return fault(c, at, "it has more than %.0f entries", limit);
    return true;
}

static bool check_object(struct checking *c, const json_t *schema, const json_t *value,
                         const struct place *at)
{
    bool fits = check_required(c, schema, value, at);

    fits &= check_count(c, schema, "minProperties", "maxProperties", json_object_size(value), at);
    return check_members(c, schema, value, at) && fits;
}

static bool check_items(struct checking *c, const json_t *schema, const json_t *value,
                        const struct place *at)
{
    const json_t *items = json_object_get(schema, "items");
    bool fits = check_count(c, schema, "minItems", "maxItems", json_array_size(value), at);
    size_t i;
    json_t *item;

    /* A list that is too long is not walked through. */
    if (!items || !fits)
        return fits;
    json_array_foreach(value, i, item)
    {
        struct place there = { .in = at, .item = i };

        fits &= check(c, items, item, &there);
        if (c->faults->count == SCHEMA_FAULTS_MAX)
            break;
    }
    return fits;
}

/* ---- several schemas ---- */

/* How many of them fit; the faults of those that do not are told only by the caller. */
static size_t fitting(struct checking *c, const json_t *schemas, const json_t *value,
                      const struct place *at)
{
    size_t before = c->faults->count, count = 0, i;
    json_t *schema;

    json_array_foreach(schemas, i, schema)
    {
        count += check(c, schema, value, at);
        c->faults->count = before;
    }
    return count;
}

static bool check_several(struct checking *c, const json_t *schema, const json_t *value,
                          const struct place *at)
{
    const json_t *any = json_object_get(schema, "anyOf"), *one = json_object_get(schema, "oneOf"),
                 *all = json_object_get(schema, "allOf"), *none = json_object_get(schema, "not");
    size_t before = c->faults->count, i;
    json_t *part;
    bool fits = true;

    if (any && fitting(c, any, value, at) == 0)
        return fault(c, at, "it has none of the forms that are taken");
    if (one && fitting(c, one, value, at) != 1)
        return fault(c, at, "it has not exactly one of the forms that are taken");
    json_array_foreach(all, i, part) fits &= check(c, part, value, at);
    if (none && check(c, none, value, at)) {
        c->faults->count = before;
        return fault(c, at, "it has a form that is not taken");
    }
    if (none && fits)
        c->faults->count = before;
    return fits;
}

static bool check(struct checking *c, const json_t *schema, const json_t *value,
                  const struct place *at)
{
    const char *ref = json_string_value(json_object_get(schema, "$ref"));

    if (json_is_boolean(schema))
        return json_is_true(schema) || fault(c, at, "nothing may stand here");
    if (ref && !check(c, description_ref(c->d, ref), value, at))
        return false;
    if (!check_type(c, json_object_get(schema, "type"), value, at) ||
        !check_enum(c, schema, value, at) || !check_several(c, schema, value, at))
        return false;
    if (json_is_string(value))
        return check_text(c, schema, value, at);
    if (json_is_number(value))
        return check_number(c, schema, value, at);
    if (json_is_object(value))
        return check_object(c, schema, value, at);
    return !json_is_array(value) || check_items(c, schema, value, at);
}

bool schema_check(const struct description *d, const json_t *schema, const json_t *value,
                  struct schema_faults *faults)
{
    struct checking c = { d, faults };
    struct place document = { 0 };

    faults->count = 0;
    return check(&c, schema, value, &document);
}
