/* Where cost models stand in genesis files. */
#include <string.h>

#include "genesis/parameters.h"
#include "json/tree.h"

extern char cost_models_json[];

/* How many values the first and third language had when they came. Parsers of Alonzo's and Conway's files take no other
 * number, so what was added later stands elsewhere. */
#define V1_COUNT 166
#define V3_COUNT 251

static size_t size_of(const json_t *model)
{
    return json_is_object(model) ? json_object_size(model) : json_array_size(model);
}

/* Values in their order, at most `count`. */
static json_t *as_list(const json_t *model, size_t count)
{
    json_t *list = json_array(), *value;
    const char *name;
    size_t i;

    if (json_is_array(model)) {
        json_array_foreach((json_t *)model, i, value) if (i < count) json_array_append(list, value);
        return list;
    }
    json_object_foreach((json_t *)model, name, value) if (json_array_size(list) < count)
        json_array_append(list, value);
    return list;
}

/* The names of the first values are those of the table, in its order; without names they get them. */
static json_t *by_name(const json_t *model, const json_t *names)
{
    json_t *object, *value;
    const char *name;
    size_t i = 0;

    if (json_is_object(model) && json_object_size(model) <= V1_COUNT)
        return json_incref((json_t *)model);
    object = json_object();
    json_object_foreach((json_t *)names, name, value)
    {
        const json_t *found =
            json_is_object(model) ? json_object_get(model, name) : json_array_get(model, i++);

        if (found)
            json_object_set(object, name, (json_t *)found);
    }
    return object;
}

/* The object that holds lists; made when it is not there, NULL without memory. */
static json_t *extra_models(json_t *alonzo)
{
    json_t *extra = json_object_get(alonzo, "extraConfig"), *models;

    if (!json_is_object(extra)) {
        extra = json_object();
        if (json_object_set_new(alonzo, "extraConfig", extra) != 0)
            return NULL;
    }
    models = json_object_get(extra, "costModels");
    if (!json_is_object(models)) {
        models = json_object();
        if (json_object_set_new(extra, "costModels", models) != 0)
            return NULL;
    }
    return models;
}

/* One that already stands there was put there on purpose. */
static bool add_extra(json_t *alonzo, const char *language, const json_t *model)
{
    json_t *models = extra_models(alonzo);

    return models && (json_object_get(models, language) ||
                      json_object_set_new(models, language, as_list(model, SIZE_MAX)) == 0);
}

static bool arrange_first(json_t *alonzo, json_t *models, const json_t *table)
{
    const json_t *names = json_object_get(table, "PlutusV1");
    const json_t *given = json_object_get(models, "PlutusV1");

    if (!given)
        return json_object_set(models, "PlutusV1", (json_t *)names) == 0;
    if (size_of(given) > V1_COUNT && !add_extra(alonzo, "PlutusV1", given))
        return false;
    return json_object_set_new(models, "PlutusV1", by_name(given, names)) == 0;
}

/* Models of later languages that stand beside the first one. */
static bool arrange_others(json_t *alonzo, json_t *models)
{
    const char *language;
    json_t *model;
    void *next;

    json_object_foreach_safe(models, next, language, model)
    {
        if (strcmp(language, "PlutusV1") == 0)
            continue;
        if (!add_extra(alonzo, language, model) || json_object_del(models, language) != 0)
            return false;
    }
    return true;
}

static bool arrange_third(json_t *alonzo, json_t *conway, const json_t *table)
{
    const json_t *extra = json_object_get(json_object_get(alonzo, "extraConfig"), "costModels");
    const json_t *given = json_object_get(conway, "plutusV3CostModel");

    if (given && size_of(given) > V3_COUNT && !add_extra(alonzo, "PlutusV3", given))
        return false;
    if (!given)
        given = json_object_get(extra, "PlutusV3");
    if (!given)
        given = json_object_get(table, "PlutusV3");
    return json_object_set_new(conway, "plutusV3CostModel", as_list(given, V3_COUNT)) == 0;
}

enum ou_status genesis_arrange_cost_models(json_t *alonzo, json_t *conway, struct ou_error *err)
{
    json_t *table = NULL;
    json_t *models = json_deep_copy(json_object_get(alonzo, "costModels"));
    enum ou_status status = json_tree_parse(span_of(cost_models_json), "cost models", &table, err);
    bool good;

    if (!json_is_object(models)) {
        json_decref(models);
        models = json_object();
    }
    good = !status && arrange_first(alonzo, models, table) && arrange_others(alonzo, models) &&
           json_object_set(alonzo, "costModels", models) == 0 &&
           arrange_third(alonzo, conway, table);
    json_decref(models);
    json_decref(table);
    if (!status && !good)
        status = ou_fail(err, OU_NO_MEMORY, "cost models: no memory");
    return status;
}
