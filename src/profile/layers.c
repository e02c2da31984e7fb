#include "profile/layers.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "json/tree.h"
#include "profile/catalogue.h"
#include "profile/check.h"
#include "profile/ledger_parameters.h"
#include "profile/realised.h"

#define BASES_MAX 16
#define NAME_ROOM 4096

struct laying {
    json_t *layers; /* what is to be laid, lowest first: [{"origin", "object"}, ...] */
    const struct profile_lenience *lenience; /* NULL: the first fault is the end */
};

/* ---- one document ---- */

/* A file that is named by another is named relative to it. */
static enum ou_status place_beside(const char *of, const char *name, char ret[NAME_ROOM],
                                   struct ou_error *err)
{
    char folder[NAME_ROOM];
    bool is_beside = profile_name_is_path(name) && *name != '/' && profile_name_is_path(of);
    bool fits = snprintf(folder, sizeof folder, "%s", of) < (int)sizeof folder;
    int len = is_beside && fits ? snprintf(ret, NAME_ROOM, "%s/%s", dirname(folder), name)
                                : snprintf(ret, NAME_ROOM, "%s", name);

    if (fits && len < NAME_ROOM)
        return OU_OK;
    return ou_fail(err, OU_TOO_LARGE, "%.80s: the path of \"%.80s\" is too long", of, name);
}

/* A file that does not say its name is called as it is: "a/mine.json" is "mine". Its base's name and description
 * are not its own. */
static bool name_document(const char *path, json_t *own)
{
    const char *slash = strrchr(path, '/');
    struct span stem = span_of(slash ? slash + 1 : path);

    if (span_ends(stem, ".json") && stem.len > strlen(".json"))
        stem.len -= strlen(".json");
    return (json_object_get(own, "name") ||
            json_object_set_new(own, "name", json_stringn(stem.at, stem.len)) == 0) &&
           (json_object_get(own, "desc") || json_object_set_new(own, "desc", json_string("")) == 0);
}

/* Into the members of today; what follows from the others is found out anew. */
static bool modernise(json_t *own)
{
    json_t *run = json_object_get(own, "run");
    const json_t *fatal = json_object_get(run, "node_death_is_fatal");

    json_object_del(own, "derived");
    if (!fatal)
        return true;
    return (json_object_get(run, "on_node_death") ||
            json_object_set_new(run, "on_node_death",
                                json_string(json_is_true(fatal) ? "fail" : "continue")) == 0) &&
           json_object_del(run, "node_death_is_fatal") == 0;
}

static enum ou_status fail_memory(const char *source, struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "%.80s: no memory", source);
}

/* A document as it is, or without what is wrong with it. */
static enum ou_status check(const struct laying *l, const char *source, json_t *document,
                            struct ou_error *err)
{
    if (!l->lenience || !json_is_object(document))
        return profile_check_document(document, source, err);
    l->lenience->clean(l->lenience->context, source, document);
    return OU_OK;
}

/* Whether to go on without what failed. */
static bool is_left_out(const struct laying *l, enum ou_status status, const struct ou_error *err)
{
    if (!l->lenience || !status || status == OU_NO_MEMORY)
        return false;
    l->lenience->tell(l->lenience->context, err);
    return true;
}

static enum ou_status read_file(const struct laying *l, const char *path, json_t **ret,
                                struct ou_error *err)
{
    enum ou_status status = json_tree_load(path, PROFILE_MAX_BYTES, ret, err);

    if (status)
        return status;
    if (!profile_take_realised(*ret))
        return fail_memory(path, err);
    return check(l, path, *ret, err);
}

/* ---- the order of layers ---- */

static enum ou_status push(struct laying *l, const char *origin, json_t *object,
                           struct ou_error *err)
{
    if (modernise(object) &&
        json_array_append_new(l->layers,
                              json_pack("{s:s, s:O}", "origin", origin, "object", object)) == 0)
        return OU_OK;
    return fail_memory(origin, err);
}

static enum ou_status push_variant(struct laying *l, const char *of, const char *name,
                                   struct ou_error *err)
{
    char place[NAME_ROOM], origin[NAME_ROOM + 16];
    json_t *variant = NULL;
    enum ou_status status = place_beside(of, name, place, err);

    if (!status)
        status = profile_name_is_path(place) ? read_file(l, place, &variant, err)
                                             : profile_catalogue_find_variant(place, &variant, err);
    if (!status && (json_object_get(variant, "base") || json_object_get(variant, "with")))
        status = ou_fail(err, OU_INVALID, "%.80s: a variant has no base, and no variants", place);
    snprintf(origin, sizeof origin, "variant %s", place);
    if (!status) {
        json_object_del(variant, "name");
        json_object_del(variant, "desc");
        status = push(l, origin, variant, err);
    }
    json_decref(variant);
    return status;
}

/* What a document names is not there: whose word that is. */
static enum ou_status fail_named(const char *origin, const char *member, enum ou_status status,
                                 const struct ou_error *why, struct ou_error *err)
{
    static const char prefix[] = "profile ";
    bool is_file =
        span_starts(span_of(origin), prefix) && profile_name_is_path(origin + strlen(prefix));

    if (status != OU_NOT_FOUND)
        return ou_fail(err, status, "%s", why->text);
    return ou_fail(err, status, "%.160s: %s: %s", origin + (is_file ? strlen(prefix) : 0), member,
                   why->text);
}

/* The variants that a document names, and the document above them. */
static enum ou_status push_with_variants(struct laying *l, const char *of, const char *origin,
                                         json_t *own, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    size_t i;
    json_t *name;

    json_array_foreach(json_object_get(own, "with"), i, name)
    {
        struct ou_error why = { 0 };

        status = push_variant(l, of, json_string_value(name), &why);
        if (status)
            status = fail_named(origin, "with", status, &why, err);
        if (status && !is_left_out(l, status, err))
            return status;
    }
    json_object_del(own, "with");
    json_object_del(own, "base");
    return push(l, origin, own, err);
}

static enum ou_status push_profile(struct laying *l, const char *name, int depth,
                                   struct ou_error *err);

/* The base first. The root has none, and is what others without are based on. */
static enum ou_status push_base(struct laying *l, const char *name, const char *origin,
                                const json_t *own, int depth, struct ou_error *err)
{
    struct ou_error why = { 0 };
    const char *base = json_string_value(json_object_get(own, "base"));
    char place[NAME_ROOM];
    enum ou_status status;

    if (!base && strcmp(name, PROFILE_ROOT_NAME) == 0)
        return OU_OK;
    status = place_beside(name, base ? base : PROFILE_ROOT_NAME, place, &why);
    if (!status)
        status = push_profile(l, place, depth + 1, &why);
    return status ? fail_named(origin, "base", status, &why, err) : OU_OK;
}

static enum ou_status push_profile(struct laying *l, const char *name, int depth,
                                   struct ou_error *err)
{
    char origin[NAME_ROOM + 16];
    json_t *own = NULL;
    enum ou_status status;

    if (depth > BASES_MAX)
        return ou_fail(err, OU_INVALID, "%.80s: more than %d bases, or bases that go in a circle",
                       name, BASES_MAX);
    status = profile_name_is_path(name) ? read_file(l, name, &own, err)
                                        : profile_catalogue_find(name, &own, err);
    if (!status && profile_name_is_path(name) && !name_document(name, own))
        status = fail_memory(name, err);
    snprintf(origin, sizeof origin, "profile %s", name);
    if (!status)
        status = push_base(l, name, origin, own, depth, err);
    if (!status)
        status = push_with_variants(l, name, origin, own, err);
    json_decref(own);
    return status;
}

static enum ou_status push_overlay(struct laying *l, const char *text, size_t number,
                                   struct ou_error *err)
{
    char source[40];
    json_t *overlay = NULL;
    enum ou_status status;

    snprintf(source, sizeof source, "overlay %zu", number);
    status = json_tree_parse(span_of(text), source, &overlay, err);
    if (!status)
        status = check(l, source, overlay, err);
    if (!status && json_object_get(overlay, "base"))
        status = ou_fail(err, OU_INVALID, "%s: an overlay has no base", source);
    if (!status)
        status = push_with_variants(l, "./", source, overlay, err);
    json_decref(overlay);
    return status;
}

static enum ou_status push_all(struct laying *l, const char *name, const char *const *overlays,
                               size_t overlay_count, struct ou_error *err)
{
    enum ou_status status = push_profile(l, name, 0, err);

    for (size_t i = 0; !status && i < overlay_count; i++) {
        status = push_overlay(l, overlays[i], i + 1, err);
        if (is_left_out(l, status, err))
            status = OU_OK;
    }
    return status;
}

/* ---- laying them ---- */

/* Those from `first` on, and before `end`. */
static bool lay(struct layered *l, const json_t *layers, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const json_t *layer = json_array_get(layers, i);

        if (!layered_add(l, json_object_get(layer, "object"),
                         json_string_value(json_object_get(layer, "origin")), LAYER_MERGES))
            return false;
    }
    return true;
}

static enum ou_status lay_edition(struct layered *l, const char *name, struct ou_error *err)
{
    char origin[40];
    json_t *edition = NULL;
    enum ou_status status = profile_catalogue_find_edition(name, &edition, err);

    snprintf(origin, sizeof origin, "edition %s", name);
    if (!status && !layered_add(l, edition, origin, LAYER_MERGES))
        status = fail_memory(origin, err);
    json_decref(edition);
    return status;
}

static enum ou_status lay_parameters(struct layered *l, const json_t *genesis, struct ou_error *err)
{
    uint32_t epoch = (uint32_t)json_integer_value(json_object_get(genesis, "pparamsEpoch"));
    struct layered parameters, whole = { json_object(), json_object() };
    enum ou_status status = ledger_parameters_make(
        epoch, json_object_get(genesis, "pparamsOverlays"), &parameters, err);

    if (!status && (json_object_set(whole.document, "genesis", parameters.document) != 0 ||
                    json_object_set(whole.origins, "genesis", parameters.origins) != 0 ||
                    !layered_add_all(l, &whole, LAYER_ERASES)))
        status = fail_memory("parameters", err);
    layered_release(&whole);
    layered_release(&parameters);
    return status;
}

/* The edition and the epoch, which may be told anywhere, decide what lies right above the root. */
static enum ou_status lay_all(struct layered *l, const json_t *layers, struct ou_error *err)
{
    size_t count = json_array_size(layers);
    struct layered told;
    enum ou_status status = OU_OK;

    if (!layered_begin(&told) || !lay(&told, layers, 0, count) || !lay(l, layers, 0, 1))
        status = fail_memory("profile", err);
    if (!status)
        status = lay_edition(l, json_string_value(json_object_get(told.document, "edition")), err);
    if (!status)
        status = lay_parameters(l, json_object_get(told.document, "genesis"), err);
    if (!status && !lay(l, layers, 1, count))
        status = fail_memory("profile", err);
    layered_release(&told);
    return status;
}

enum ou_status profile_lay(const char *name, const char *const *overlays, size_t overlay_count,
                           const struct profile_lenience *lenience, struct layered *ret,
                           struct ou_error *err)
{
    struct laying l = { json_array(), lenience };
    enum ou_status status;

    if (!layered_begin(ret) || !l.layers) {
        json_decref(l.layers);
        return fail_memory(name, err);
    }
    status = push_all(&l, name, overlays, overlay_count, err);
    if (!status)
        status = lay_all(ret, l.layers, err);
    json_decref(l.layers);
    return status ? status : profile_check_complete(ret->document, name, err);
}
