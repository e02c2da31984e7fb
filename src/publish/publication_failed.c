/* Runs that failed: what their own files tell, where there are no results. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "publish/publication_inside.h"

/* Names longer than that are no names. */
#define FAILED_TEXT_MAX 200

/* A text of an object, in memory; NULL: not told, or told too long. */
static const char *text_of(struct opened *o, const json_t *object, const char *key,
                           enum ou_status *status)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text && *text && strlen(text) <= FAILED_TEXT_MAX
               ? publication_printf(o, status, "%s", text)
               : NULL;
}

/* --- How it ended ----------------------------------------------------------------------------- */

static const char *cause_of(struct opened *o, const json_t *status_file, enum ou_status *status)
{
    const char *cause = json_string_value(json_object_get(status_file, "cause"));

    return cause && *cause ? publication_printf(o, status, "%.4000s", cause) : "no cause is told";
}

enum ou_status publication_state(struct opened *o, struct run_record *ret)
{
    json_t *tree = NULL;
    enum ou_status status = publication_tree(o, "status.json", &tree);
    const char *state = json_string_value(json_object_get(tree, "state"));

    ret->state = "finished";
    if (!status && state && strcmp(state, "failed") == 0) {
        ret->state = "failed";
        ret->failure = cause_of(o, tree, &status);
    }
    json_decref(tree);
    return status;
}

/* --- Who it was ------------------------------------------------------------------------------- */

static int64_t start_of(const json_t *meta)
{
    const json_t *start = json_object_get(json_object_get(meta, "timing"), "systemStart");
    int64_t ns;

    return json_is_string(start) &&
                   time_parse_iso(json_string_value(start), json_string_length(start), &ns)
               ? ns
               : TIME_NONE;
}

/* Older runs have a word for their backend, newer ones an object. */
static const char *backend_of(struct opened *o, const json_t *meta, enum ou_status *status)
{
    const json_t *backend = json_object_get(meta, "backend");

    return json_is_object(backend) ? text_of(o, backend, "name", status)
                                   : text_of(o, meta, "backend", status);
}

static enum ou_status fill_components(struct opened *o, const json_t *meta, struct run_record *ret)
{
    const json_t *list = json_object_get(meta, "components"), *item;
    enum ou_status status = OU_OK;
    struct run_package *packages =
        publication_take(o, json_array_size(list), sizeof *packages, &status);
    size_t i, count = 0;

    json_array_foreach(list, i, item)
    {
        struct run_package read = { text_of(o, item, "name", &status),
                                    text_of(o, item, "version", &status),
                                    text_of(o, item, "commit", &status) };

        if (packages && read.name)
            packages[count++] = read;
    }
    return status ? status : publication_components(o, packages, count, ret);
}

static enum ou_status fill_from_meta(struct opened *o, const json_t *meta, struct run_record *ret)
{
    enum ou_status status = OU_OK;

    ret->source = "analysis";
    ret->name = text_of(o, meta, "tag", &status);
    ret->ident = text_of(o, meta, "ident", &status);
    ret->batch = text_of(o, meta, "batch", &status);
    ret->started_ns = start_of(meta);
    ret->profile.name = text_of(o, meta, "profile", &status);
    ret->profile.era = text_of(o, meta, "era", &status);
    ret->environment.backend = backend_of(o, meta, &status);
    ret->version.name = text_of(o, meta, "node_version", &status);
    ret->version.compiler = text_of(o, meta, "compiler", &status);
    return status ? status : fill_components(o, meta, ret);
}

/* What was not told is called so; facts are only known of what was analysed. */
static void fill_gaps(struct opened *o, struct run_record *ret, enum ou_status *status)
{
    if (!ret->name)
        ret->name = publication_fallback_name(o, ret, status);
    if (!ret->profile.name)
        ret->profile.name = "unknown";
    if (!ret->version.name)
        ret->version.name = "unknown";
    ret->profile.facts = ret->environment.facts = "{}";
    ret->environment.hosts = -1;
    ret->series_title = publication_printf(o, status, "%s, not analysed", ret->profile.name);
}

enum ou_status publication_record_failed(struct opened *o, struct run_record *ret)
{
    json_t *tree = NULL;
    enum ou_status status = publication_state(o, ret);

    if (!status && strcmp(ret->state, "failed") != 0)
        return ou_fail(
            o->err, OU_INVALID,
            "%s: there are no results in it, and no status.json says that the run failed", o->name);
    if (!status)
        status = publication_tree(o, "meta.json", &tree);
    if (!status)
        status = fill_from_meta(o, json_object_get(tree, "meta"), ret);
    json_decref(tree);
    if (status)
        return status;
    ret->natural_key = ret->name ? ret->name : ret->content_hash;
    fill_gaps(o, ret, &status);
    return status;
}
