/* The keys of the older system (UseTraceDispatcher: false). It is there to be
 * compared with, so it knows its severity, its verbosity and where its lines go; the switches of
 * single tracers, scribes of other kinds, rotation and text lines it does not. */
#include <string.h>

#include "trace/config_read.h"
#include "trace/points.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static enum ou_status read_min_severity(struct config_reading *r, const struct config_node *value)
{
    const char *words[OU_SILENCE];
    size_t which = OU_INFO;
    enum ou_status status = OU_OK;

    for (size_t i = 0; i < COUNT(words); i++)
        words[i] = severity_name((enum ou_severity)i);
    if (value)
        status = config_want_word(r, value, "minSeverity", words, COUNT(words), &which);
    r->config->legacy.min_severity = (enum ou_severity)which;
    return status;
}

static enum ou_status read_verbosity(struct config_reading *r, const struct config_node *value)
{
    static const char *const words[] = { "MinimalVerbosity", "NormalVerbosity",
                                         "MaximalVerbosity" };
    size_t which = 1;
    enum ou_status status = OU_OK;

    if (value)
        status = config_want_word(r, value, "TracingVerbosity", words, COUNT(words), &which);
    r->config->legacy.maximal = which == 2;
    return status;
}

/* --- Scribes -------------------------------------------------------------------------- */

/* What is odd about a scribe that is used. */
static void warn_of_scribe(struct config_reading *r, const struct config_node *scribe)
{
    const struct config_node *format = config_member(scribe, "scFormat");
    const struct config_node *rotation = config_member(scribe, "scRotation");

    if (format && format->kind == CONFIG_SCALAR && !span_is(format->text, "ScJson"))
        config_warn(r, format, "scFormat %.40s has no effect: lines are JSON", format->text.at);
    if (rotation)
        config_warn(r, rotation, "scRotation has no effect: files are not rotated");
}

static enum ou_status read_file_scribe(struct config_reading *r, const struct config_node *scribe)
{
    const struct config_node *name = config_member(scribe, "scName");
    struct config_legacy *legacy = &r->config->legacy;
    struct span path = { NULL, 0 };
    enum ou_status status;

    if (!name || (name->kind == CONFIG_SCALAR && name->text.len == 0))
        return config_refuse(r, scribe, "a scribe of kind FileSK needs scName, the path");
    if (legacy->path) {
        config_warn(r, scribe, "a second scribe of kind FileSK has no effect");
        return OU_OK;
    }
    status = config_want_text(r, name, "scName", &path);
    if (status)
        return status;
    legacy->path = config_keep(r->config, path);
    return legacy->path ? OU_OK : ou_fail(r->err, OU_NO_MEMORY, "read %s: no memory", r->name);
}

static enum ou_status read_scribe(struct config_reading *r, const struct config_node *scribe)
{
    const struct config_node *kind = config_member(scribe, "scKind");
    struct span text = { NULL, 0 };
    enum ou_status status;

    if (!kind)
        return config_refuse(r, scribe, "a scribe must be an object with scKind");
    status = config_want_text(r, kind, "scKind", &text);
    if (status)
        return status;
    if (span_is(text, "DevNullSK"))
        return OU_OK;
    if (!span_is(text, "StdoutSK") && !span_is(text, "FileSK")) {
        config_warn(r, kind, "scribes of kind %.40s have no effect", text.at);
        return OU_OK;
    }
    warn_of_scribe(r, scribe);
    if (span_is(text, "FileSK"))
        return read_file_scribe(r, scribe);
    r->config->legacy.to_stdout = true;
    return OU_OK;
}

static enum ou_status read_scribes(struct config_reading *r, const struct config_node *scribes)
{
    enum ou_status status = OU_OK;

    if (!scribes) {
        r->config->legacy.to_stdout = true;
        return OU_OK;
    }
    if (scribes->kind != CONFIG_LIST)
        return config_refuse(r, scribes, "setupScribes must be a list of objects");
    if (scribes->count == 0)
        r->config->legacy.to_stdout = true;
    for (const struct config_item *i = scribes->items; i && !status; i = i->next)
        status = read_scribe(r, i->value);
    return status;
}

/* --- The whole ------------------------------------------------------------------------- */

static void warn_of_switches(struct config_reading *r, const struct config_node *root)
{
    const struct config_node *first = NULL;
    size_t off = 0;
    bool on;

    for (const struct config_item *i = root->items; i; i = i->next)
        if (span_starts(i->key->text, "Trace") && config_is_bool(i->value, &on) && !on) {
            first = first ? first : i->key;
            off++;
        }
    if (first)
        config_warn(r, first,
                    "%.80s: switches of single tracers have no effect (%zu of them are off)",
                    first->text.at, off);
}

enum ou_status config_read_legacy(struct config_reading *r, const struct config_node *root)
{
    enum ou_status status = read_min_severity(r, config_member(root, "minSeverity"));

    r->config->legacy.wanted = true;
    if (!status)
        status = read_verbosity(r, config_member(root, "TracingVerbosity"));
    if (!status)
        status = read_scribes(r, config_member(root, "setupScribes"));
    if (!status)
        warn_of_switches(r, root);
    return status;
}

static void write_scribe(const char *kind, const char *name, struct json_writer *w)
{
    json_begin_object(w);
    json_key(w, "scFormat");
    json_cstring(w, "ScJson");
    json_key(w, "scKind");
    json_cstring(w, kind);
    json_key(w, "scName");
    json_cstring(w, name);
    json_end(w);
}

void config_legacy_json(const struct config_legacy *legacy, struct json_writer *w)
{
    json_key(w, "TracingVerbosity");
    json_cstring(w, legacy->maximal ? "MaximalVerbosity" : "NormalVerbosity");
    json_key(w, "UseTraceDispatcher");
    json_bool(w, false);
    json_key(w, "minSeverity");
    json_cstring(w, severity_name(legacy->min_severity));
    json_key(w, "setupScribes");
    json_begin_array(w);
    if (legacy->to_stdout)
        write_scribe("StdoutSK", "stdout", w);
    if (legacy->path)
        write_scribe("FileSK", legacy->path, w);
    if (!legacy->to_stdout && !legacy->path) /* none at all would mean standard output */
        write_scribe("DevNullSK", "none", w);
    json_end(w);
}
