#include "analyse/run_incidents.h"

#include <string.h>

#include "analyse/run_document.h"
#include "base/time.h"

/* The entry before says the same state: nothing came to its end, something happened. */
static bool is_incident(const json_t *before, const json_t *entry)
{
    const char *state = json_string_value(json_object_get(entry, "state"));
    const char *earlier = json_string_value(json_object_get(before, "state"));
    const char *cause = json_string_value(json_object_get(entry, "cause"));

    return state && earlier && strcmp(state, earlier) == 0 && cause && *cause;
}

static void keep(struct run_document *doc, const json_t *entry, struct context_incident *ret)
{
    const json_t *cause = json_object_get(entry, "cause"), *at = json_object_get(entry, "at");

    ret->what = run_document_keep(doc, json_string_value(cause), json_string_length(cause));
    ret->at_ns = TIME_NONE;
    if (json_is_string(at) &&
        !time_parse_iso(json_string_value(at), json_string_length(at), &ret->at_ns))
        ret->at_ns = TIME_NONE;
}

static void read_history(struct run_document *doc, const json_t *history, struct run_context *c)
{
    size_t count = json_array_size(history);

    c->incidents = run_document_items(doc, count, sizeof *c->incidents);
    c->incident_count = 0;
    for (size_t i = 1; i < count && !doc->status; i++)
        if (is_incident(json_array_get(history, i - 1), json_array_get(history, i)))
            keep(doc, json_array_get(history, i), &c->incidents[c->incident_count++]);
}

enum ou_status run_incidents_load(const char *status_path, struct run_context *context,
                                  struct ou_error *err)
{
    struct run_document doc = { .path = status_path, .memory = &context->memory, .err = err };
    json_t *tree = NULL;
    enum ou_status status = run_document_load(status_path, &tree, err);

    if (status)
        return status;
    read_history(&doc, json_object_get(tree, "history"), context);
    json_decref(tree);
    return doc.status;
}
