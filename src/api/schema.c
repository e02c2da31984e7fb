/* Which words of JSON Schema the description may use where the server itself checks. */
#include "api/schema.h"

#include <string.h>

static const char *const known[] = {
    "type",
    "enum",
    "const",
    "$ref",
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "items",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "format",
    /* These tell something, and decide nothing. */
    "title",
    "description",
    "default",
    "examples",
    "example",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
    "contentMediaType",
    "contentEncoding",
    "$comment",
};

static bool is_known(const char *word)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(word, known[i]) == 0)
            return true;
    return strncmp(word, "x-", 2) == 0;
}

/* Schemas that refer to themselves are not wanted: they would have no end here, nor in documentation. */
#define SCHEMA_DEPTH_MAX 24

struct review {
    const struct description *d;
    const char *where;
    unsigned depth;
    struct ou_error *err;
};

static enum ou_status review(struct review *r, const json_t *schema);

/* An object of schemas, or an array of them. */
static enum ou_status review_each(struct review *r, const json_t *schemas)
{
    const char *name;
    size_t i;
    json_t *schema;
    enum ou_status status = OU_OK;

    json_object_foreach((json_t *)schemas, name, schema) if (!status) status = review(r, schema);
    json_array_foreach(schemas, i, schema) if (!status) status = review(r, schema);
    return status;
}

static enum ou_status review_ref(struct review *r, const json_t *ref)
{
    const char *text = json_string_value(ref);
    const json_t *meant = text ? description_ref(r->d, text) : NULL;

    if (!meant)
        return ou_fail(r->err, OU_INVALID, "%s: \"%s\" refers to nothing", r->where,
                       text ? text : "");
    return review(r, meant);
}

static enum ou_status review_word(struct review *r, const char *word, const json_t *value)
{
    if (!is_known(word))
        return ou_fail(r->err, OU_INVALID, "%s: the schema word \"%s\" is not known here", r->where,
                       word);
    if (strcmp(word, "$ref") == 0)
        return review_ref(r, value);
    if (strcmp(word, "properties") == 0 || strcmp(word, "oneOf") == 0 ||
        strcmp(word, "anyOf") == 0 || strcmp(word, "allOf") == 0)
        return review_each(r, value);
    if (strcmp(word, "items") == 0 || strcmp(word, "not") == 0 ||
        strcmp(word, "additionalProperties") == 0)
        return review(r, value);
    return OU_OK;
}

static enum ou_status review(struct review *r, const json_t *schema)
{
    const char *word;
    json_t *value;
    enum ou_status status = OU_OK;

    if (json_is_boolean(schema))
        return OU_OK;
    if (!json_is_object(schema))
        return ou_fail(r->err, OU_INVALID, "%s: a schema is an object", r->where);
    if (++r->depth > SCHEMA_DEPTH_MAX)
        return ou_fail(r->err, OU_INVALID, "%s: the schema is too deep", r->where);
    json_object_foreach((json_t *)schema, word, value)
    {
        status = review_word(r, word, value);
        if (status)
            break;
    }
    r->depth--;
    return status;
}

enum ou_status schema_review(const struct description *d, const json_t *schema, const char *where,
                             struct ou_error *err)
{
    struct review r = { .d = d, .where = where, .err = err };

    return review(&r, schema);
}
