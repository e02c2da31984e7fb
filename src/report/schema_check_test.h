/* A validator for the part of JSON Schema 2020-12 that our schemas use, so that
 * the test needs no package. An unknown keyword is a failure, not ignored. */
#ifndef OU_REPORT_SCHEMA_CHECK_TEST_H
#define OU_REPORT_SCHEMA_CHECK_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

struct schema_check {
    json_t *root;
    char problem[512]; /* of the deepest failure; "" while all is well */
};

static bool schema_holds(struct schema_check *c, json_t *schema, json_t *value, const char *at);

static bool schema_fails(struct schema_check *c, const char *at, const char *why)
{
    snprintf(c->problem, sizeof c->problem, "%s: %s", at, why);
    return false;
}

static bool schema_type_is(json_t *value, const char *type)
{
    if (strcmp(type, "object") == 0)
        return json_is_object(value);
    if (strcmp(type, "array") == 0)
        return json_is_array(value);
    if (strcmp(type, "string") == 0)
        return json_is_string(value);
    if (strcmp(type, "integer") == 0)
        return json_is_integer(value);
    if (strcmp(type, "number") == 0)
        return json_is_number(value);
    if (strcmp(type, "boolean") == 0)
        return json_is_boolean(value);
    return strcmp(type, "null") == 0 && json_is_null(value);
}

static bool schema_type(json_t *types, json_t *value)
{
    size_t i;
    json_t *type;

    if (json_is_string(types))
        return schema_type_is(value, json_string_value(types));
    json_array_foreach(types, i, type)
    {
        if (schema_type_is(value, json_string_value(type)))
            return true;
    }
    return false;
}

static bool schema_is_listed(json_t *list, json_t *value)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        if (json_equal(item, value))
            return true;
    }
    return false;
}

static bool schema_object(struct schema_check *c, json_t *schema, json_t *value, const char *at)
{
    json_t *properties = json_object_get(schema, "properties");
    json_t *others = json_object_get(schema, "additionalProperties");
    json_t *required = json_object_get(schema, "required"), *name, *member;
    const char *key;
    size_t i;
    char below[256];

    json_array_foreach(required, i, name)
    {
        if (!json_object_get(value, json_string_value(name))) {
            snprintf(below, sizeof below, "%s is missing", json_string_value(name));
            return schema_fails(c, at, below);
        }
    }
    json_object_foreach(value, key, member)
    {
        json_t *property = json_object_get(properties, key);

        snprintf(below, sizeof below, "%.150s/%.100s", at, key);
        if (!property && json_is_false(others))
            return schema_fails(c, below, "is not in the schema");
        property = property ? property : others;
        if (property && !schema_holds(c, property, member, below))
            return false;
    }
    return true;
}

static bool schema_array(struct schema_check *c, json_t *schema, json_t *value, const char *at)
{
    json_t *items = json_object_get(schema, "items"), *item;
    json_t *least = json_object_get(schema, "minItems");
    json_t *most = json_object_get(schema, "maxItems");
    char below[256];
    size_t i;

    if ((least && json_array_size(value) < (size_t)json_integer_value(least)) ||
        (most && json_array_size(value) > (size_t)json_integer_value(most)))
        return schema_fails(c, at, "has the wrong number of items");
    json_array_foreach(value, i, item)
    {
        snprintf(below, sizeof below, "%.200s/%zu", at, i);
        if (!schema_holds(c, items, item, below))
            return false;
    }
    return true;
}

static bool schema_any(struct schema_check *c, json_t *schemas, json_t *value, const char *at)
{
    size_t i;
    json_t *schema;

    json_array_foreach(schemas, i, schema)
    {
        if (schema_holds(c, schema, value, at)) {
            c->problem[0] = '\0';
            return true;
        }
    }
    return false;
}

static bool schema_keyword(struct schema_check *c, json_t *schema, const char *keyword,
                           json_t *argument, json_t *value, const char *at)
{
    static const char *const elsewhere[] = { "$schema",
                                             "$defs",
                                             "title",
                                             "description",
                                             "required",
                                             "properties",
                                             "additionalProperties",
                                             "items",
                                             "minItems",
                                             "maxItems",
                                             "pattern" };

    if (strcmp(keyword, "$ref") == 0) {
        const char *name = json_string_value(argument) + strlen("#/$defs/");

        schema = json_object_get(json_object_get(c->root, "$defs"), name);
        return schema ? schema_holds(c, schema, value, at) : schema_fails(c, at, "dangling $ref");
    }
    if (strcmp(keyword, "type") == 0)
        return schema_type(argument, value) || schema_fails(c, at, "has another type");
    if (strcmp(keyword, "const") == 0)
        return json_equal(argument, value) || schema_fails(c, at, "is not the constant");
    if (strcmp(keyword, "enum") == 0)
        return schema_is_listed(argument, value) || schema_fails(c, at, "is not in the enum");
    if (strcmp(keyword, "anyOf") == 0)
        return schema_any(c, argument, value, at);
    if (strcmp(keyword, "minimum") == 0)
        return !json_is_number(value) || json_number_value(value) >= json_number_value(argument) ||
               schema_fails(c, at, "is too small");
    if (strcmp(keyword, "maximum") == 0)
        return !json_is_number(value) || json_number_value(value) <= json_number_value(argument) ||
               schema_fails(c, at, "is too large");
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        if (strcmp(keyword, elsewhere[i]) == 0)
            return true;
    }
    return schema_fails(c, keyword, "is a keyword that this validator does not know");
}

static bool schema_holds(struct schema_check *c, json_t *schema, json_t *value, const char *at)
{
    const char *keyword;
    json_t *argument;

    json_object_foreach(schema, keyword, argument)
    {
        if (!schema_keyword(c, schema, keyword, argument, value, at))
            return false;
    }
    if (json_is_object(value))
        return schema_object(c, schema, value, at);
    if (json_is_array(value) && json_object_get(schema, "items"))
        return schema_array(c, schema, value, at);
    return true;
}

#endif
