/* What profile, environment and version are made of, in one form: their ids are hashes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publish/publication_inside.h"

static bool is_one_of(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* Adds {"group": {"name": "value"}}; a fact without a name is called "name". */
static bool add_fact(json_t *tree, const struct run_fact *fact)
{
    json_t *group = json_object_get(tree, fact->group);

    if (!group) {
        group = json_object();
        if (json_object_set_new(tree, fact->group, group))
            return false;
    }
    return json_object_set_new(group, *fact->name ? fact->name : "name",
                               json_string(fact->value)) == 0;
}

enum ou_status publication_facts(struct opened *o, const struct finished_run *run,
                                 const char *const *groups, const char **ret)
{
    json_t *tree = json_object();
    enum ou_status status = OU_OK;
    bool good = tree != NULL;
    char *text;

    for (size_t i = 0; good && i < run->fact_count; i++)
        if (is_one_of(groups, run->facts[i].group))
            good = add_fact(tree, &run->facts[i]);
    text = good ? json_dumps(tree, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(tree);
    *ret = text ? publication_printf(o, &status, "%s", text) : NULL;
    free(text);
    return *ret || status ? status
                          : ou_fail(o->err, OU_NO_MEMORY, "%s: no memory for facts", o->name);
}

/* --- Components ------------------------------------------------------------------------------- */

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

/* Of several of one name the first by version counts. */
static int by_name(const void *a, const void *b)
{
    const struct component_record *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    if (!order)
        order = compare_texts(x->version, y->version);
    return order ? order : compare_texts(x->commit, y->commit);
}

enum ou_status publication_components(struct opened *o, const struct run_package *packages,
                                      size_t count, struct run_record *ret)
{
    enum ou_status status = OU_OK;
    struct component_record *components = publication_take(o, count, sizeof *components, &status);
    size_t kept = 0;

    for (size_t i = 0; components && i < count; i++)
        components[i] =
            (struct component_record){ packages[i].name, packages[i].version, packages[i].commit };
    if (components)
        qsort(components, count, sizeof *components, by_name);
    for (size_t i = 0; components && i < count; i++)
        if (kept == 0 || strcmp(components[kept - 1].name, components[i].name) != 0)
            components[kept++] = components[i];
    ret->version.components = components;
    ret->version.component_count = kept;
    return status;
}

const char *publication_fallback_name(struct opened *o, const struct run_record *run,
                                      enum ou_status *status)
{
    return o->run_name ? o->run_name : publication_printf(o, status, "run %.8s", run->content_hash);
}
