/* The genesis files of a network: which is which. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "genesis/fields.h"
#include "json/walk.h"

const char *genesis_era_name(enum genesis_era era)
{
    static const char *const names[GENESIS_ERAS] = { "byron", "shelley", "alonzo", "conway",
                                                     "dijkstra" };

    return names[era];
}

/* ---- by its members ---- */

/* A first member that only one era's table has tells which it is. The Conway files of 2022 and 2023 have one member, and
 * Shelley's have it, too. */
struct era_search {
    const struct genesis_fields *fields;
    bool only_delegates;
    int found; /* an enum genesis_era, or -1 */
};

static void look_at(struct era_search *s, struct span name)
{
    int count = 0, era = -1;

    for (int i = 0; i < GENESIS_ERAS; i++) {
        if (genesis_field_find(s->fields->roots[i], name)) {
            era = i;
            count++;
        }
    }
    if (count == 1)
        s->found = era;
    s->only_delegates = span_is(name, "genDelegs");
}

static enum ou_status search(struct json_walk *w, struct era_search *s, struct ou_error *err)
{
    struct walk_value v;
    enum ou_status status = json_walk_next(w, &v, err);

    if (!status && v.kind != WALK_OBJECT)
        return ou_fail(err, OU_INVALID, "%s: a genesis is an object", w->path);
    for (;;) {
        if (!status)
            status = json_walk_next(w, &v, err);
        if (status || v.kind == WALK_CLOSE)
            break;
        look_at(s, v.name);
        if (s->found >= 0)
            break;
        if (v.kind == WALK_OBJECT || v.kind == WALK_ARRAY)
            status = json_walk_skip(w, NULL, err);
    }
    if (!status && s->found < 0 && s->only_delegates)
        s->found = GENESIS_CONWAY;
    return status;
}

enum ou_status genesis_era_of(const char *path, enum genesis_era *ret, struct ou_error *err)
{
    struct genesis_fields fields = { 0 };
    struct era_search s = { .fields = &fields, .found = -1 };
    struct json_walk w;
    enum ou_status status = json_walk_open(&w, path, err);

    if (status)
        return status;
    status = genesis_fields_load(&fields, err);
    if (!status)
        status = search(&w, &s, err);
    if (!status && s.found < 0)
        status = ou_fail(err, OU_INVALID,
                         "%s: no genesis: it has none of the members by which eras are told "
                         "(startTime, systemStart, executionPrices, govActionLifetime, "
                         "refScriptCostStride ...)",
                         path);
    if (!status)
        *ret = (enum genesis_era)s.found;
    genesis_fields_release(&fields);
    json_walk_close(&w);
    return status;
}

/* ---- by their names ---- */

/* What stands before and behind the name of the era. */
static const struct {
    const char *before, *behind;
} usual_names[] = {
    { "", ".json" },         /* ours */
    { "", "-genesis.json" }, /* of public networks */
    { "genesis.", ".json" }, /* of the workbench of 2026 */
    { "genesis-", ".json" }, /* of that of 2023 */
};

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* *ret stays NULL where there is no such file. */
static enum ou_status take_file(const char *directory, const char *name, const char **ret,
                                struct ou_error *err)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    if (!is_file(path))
        return OU_OK;
    *ret = strdup(path);
    return *ret ? OU_OK : ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
}

static enum ou_status find_era(const char *directory, enum genesis_era era, const char **ret,
                               struct ou_error *err)
{
    char name[64];
    enum ou_status status = OU_OK;

    for (size_t i = 0; i < sizeof usual_names / sizeof *usual_names && !*ret && !status; i++) {
        snprintf(name, sizeof name, "%s%s%s", usual_names[i].before, genesis_era_name(era),
                 usual_names[i].behind);
        status = take_file(directory, name, ret, err);
    }
    if (!*ret && !status && era == GENESIS_BYRON)
        status = take_file(directory, "byron/genesis.json", ret, err);
    return status;
}

/* *ret_any: there are some. What was found is the caller's also after a failure. */
static enum ou_status find_files(const char *directory, struct genesis_set *set, bool *ret_any,
                                 struct ou_error *err)
{
    enum ou_status status = OU_OK;

    *ret_any = false;
    set->directory = strdup(directory);
    if (!set->directory)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", directory);
    for (int era = 0; era < GENESIS_ERAS && !status; era++) {
        status = find_era(directory, (enum genesis_era)era, &set->files[era], err);
        *ret_any |= set->files[era] != NULL;
    }
    return status || !*ret_any ? status : take_file(directory, "config.json", &set->config, err);
}

enum ou_status genesis_set_of_directory(const char *directory, struct genesis_set *ret,
                                        struct ou_error *err)
{
    struct genesis_set set = { .config = NULL };
    char inner[PATH_MAX];
    bool any;
    enum ou_status status = find_files(directory, &set, &any, err);

    if (!status && !any &&
        snprintf(inner, sizeof inner, "%s/genesis", directory) < (int)sizeof inner) {
        genesis_set_release(&set);
        status = find_files(inner, &set, &any, err);
    }
    if (!status && !any)
        status = ou_fail(err, OU_NOT_FOUND,
                         "%s: no genesis files here (shelley.json, shelley-genesis.json, "
                         "genesis.shelley.json ...), nor in genesis/",
                         directory);
    if (status)
        genesis_set_release(&set);
    else
        *ret = set;
    return status;
}

void genesis_set_release(struct genesis_set *set)
{
    for (int era = 0; era < GENESIS_ERAS; era++)
        free((char *)set->files[era]);
    free((char *)set->config);
    free((char *)set->directory);
    *set = (struct genesis_set){ .config = NULL };
}
