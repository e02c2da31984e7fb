#include "cmd/rewrite.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/rewrite_inside.h"
#include "trace/points.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define REMARK_BYTES_MAX (2 * CONFIG_BYTES_MAX)

/* --- For all parts --------------------------------------------------------------------- */

static void add(struct rewriting *r, json_t *list, json_t *item)
{
    r->no_memory |= json_array_append_new(list, item) != 0;
}

void rewrite_remark(struct rewriting *r, const struct config_node *at, const char *key,
                    const char *outcome, const char *format, ...)
{
    struct buffer text;
    va_list args;

    buffer_init(&text, allocator_libc(), REMARK_BYTES_MAX);
    va_start(args, format);
    buffer_vprintf(&text, format, args);
    va_end(args);
    if (buffer_status(&text)) /* a text of the file is as long as the file allows */
        r->no_memory = true;
    else
        add(r, r->remarks,
            json_pack("{s:i, s:s, s:s, s:s}", "line", at->line, "key", key, "outcome", outcome,
                      "text", buffer_string(&text)));
    buffer_release(&text);
}

enum ou_status rewrite_refuse(struct rewriting *r, const struct config_node *at, const char *format,
                              ...)
{
    struct ou_error what = { { 0 } };
    va_list args;

    va_start(args, format);
    vsnprintf(what.text, sizeof(what.text), format, args);
    va_end(args);
    return ou_fail(r->err, OU_INVALID, "%s:%d: %.800s", r->name, at->line, what.text);
}

static void set(struct rewriting *r, json_t *object, const char *key, json_t *value)
{
    r->no_memory |= json_object_set_new(object, key, value) != 0;
}

json_t *rewrite_entry(struct rewriting *r, const char *ns)
{
    if (!json_object_get(r->options, ns))
        set(r, r->options, ns, json_object());
    return json_object_get(r->options, ns);
}

void rewrite_severity(struct rewriting *r, const char *ns, const char *severity)
{
    set(r, rewrite_entry(r, ns), "severity", json_string(severity));
}

void rewrite_backend(struct rewriting *r, const char *ns, const char *backend)
{
    json_t *entry = rewrite_entry(r, ns), *list, *item;
    size_t i;

    if (!json_object_get(entry, "backends"))
        set(r, entry, "backends", json_array());
    list = json_object_get(entry, "backends");
    json_array_foreach(list, i, item)
    {
        if (strcmp(json_string_value(item), backend) == 0)
            return;
    }
    add(r, list, json_string(backend));
}

const char *rewrite_prefix(const char *pattern, char out[REWRITE_NAME_ROOM])
{
    size_t len = strlen(pattern);

    if (len >= 2 && strcmp(pattern + len - 2, ".*") == 0)
        len -= 2;
    snprintf(out, REWRITE_NAME_ROOM, "%.*s", (int)len, pattern);
    return out;
}

enum ou_status rewrite_read_severity(struct rewriting *r, const struct config_node *value,
                                     const char *what, const char **ret)
{
    enum ou_severity severity = OU_SILENCE;

    if (value->kind != CONFIG_SCALAR || !severity_parse(value->text.at, &severity) ||
        severity == OU_SILENCE)
        return rewrite_refuse(r, value, "%s must be a severity from Debug to Emergency", what);
    *ret = severity_name(severity);
    return OU_OK;
}

/* --- Severity and detail of all ----------------------------------------------------------- */

static enum ou_status root_severity(struct rewriting *r)
{
    const struct config_node *value = config_member(r->root, "minSeverity");
    const struct config_node *on = config_member(r->root, "TurnOnLogging");
    enum ou_status status = OU_OK;

    r->severity = severity_name(OU_INFO);
    r->logs = true;
    if (value)
        status = rewrite_read_severity(r, value, "minSeverity", &r->severity);
    if (!status && value)
        rewrite_remark(r, value, "minSeverity", "changed", "severity %s of the root", r->severity);
    if (!status && on && (!config_is_bool(on, &r->logs)))
        return rewrite_refuse(r, on, "TurnOnLogging must be true or false");
    if (!status && on && !r->logs) {
        r->severity = severity_name(OU_SILENCE);
        rewrite_remark(r, on, "TurnOnLogging", "changed", "severity Silence of the root");
    } else if (!status && on) {
        rewrite_remark(r, on, "TurnOnLogging", "unneeded", "what is let through is written");
    }
    if (!status)
        rewrite_severity(r, "", r->severity);
    return status;
}

static enum ou_status root_detail(struct rewriting *r)
{
    static const struct {
        const char *verbosity, *detail;
    } words[] = {
        { "MinimalVerbosity", "DMinimal" },
        { "NormalVerbosity", "DNormal" },
        { "MaximalVerbosity", "DMaximum" },
    };
    const struct config_node *value = config_member(r->root, "TracingVerbosity");
    const char *detail = NULL;

    for (size_t i = 0; value && value->kind == CONFIG_SCALAR && i < COUNT(words); i++)
        if (span_is(value->text, words[i].verbosity))
            detail = words[i].detail;
    if (value && !detail)
        return rewrite_refuse(r, value,
                              "TracingVerbosity must be MinimalVerbosity, "
                              "NormalVerbosity or MaximalVerbosity");
    set(r, rewrite_entry(r, ""), "detail", json_string(detail ? detail : "DNormal"));
    if (value)
        rewrite_remark(r, value, "TracingVerbosity", "changed", "detail %s of the root", detail);
    return OU_OK;
}

/* --- What goes without a counterpart ---------------------------------------------------- */

/* Keys of the older system beside its switches. reason: why nothing takes its place; NULL: other
 * functions see to it. */
static const struct old_key {
    const char *key, *outcome, *reason;
} old_keys[] = {
    { "minSeverity", NULL, NULL },
    { "TracingVerbosity", NULL, NULL },
    { "TurnOnLogging", NULL, NULL },
    { "setupScribes", NULL, NULL },
    { "defaultScribes", NULL, NULL },
    { "setupBackends", NULL, NULL },
    { "defaultBackends", NULL, NULL },
    { "hasPrometheus", NULL, NULL },
    { "hasEKG", NULL, NULL },
    { "options", NULL, NULL },
    { "rotation", NULL, NULL },
    { "UseTraceDispatcher", NULL, NULL },
    { "TurnOnLogMetrics", "unneeded", "metrics are kept whatever is written" },
    { "hasGUI", "lost", "there is no such page" },
    { "hasGraylog", "lost", "nothing is sent to Graylog" },
    { "traceForwardTo", "lost",
      "where the collector is, is said on the node's command line: --tracer-socket-path-connect" },
    { "traceAcceptAt", "lost",
      "where the collector may connect is said on the node's command line: "
      "--tracer-socket-path-accept" },
    { "forwardDelay", "lost", "the collector says when it wants more" },
};

static const struct old_key *find_old_key(struct span key)
{
    for (size_t i = 0; i < COUNT(old_keys); i++)
        if (span_is(key, old_keys[i].key))
            return &old_keys[i];
    return NULL;
}

static bool is_old(const struct config_item *item)
{
    return find_old_key(item->key->text) || rewrite_is_toggle(item);
}

static void tell_the_rest(struct rewriting *r)
{
    for (const struct config_item *i = r->root->items; i; i = i->next) {
        const struct old_key *old = find_old_key(i->key->text);

        if (old && old->reason)
            rewrite_remark(r, i->key, old->key, old->outcome, "%s", old->reason);
    }
}

static void tell_rotation(struct rewriting *r)
{
    const struct config_item *rotation = config_item(r->root, "rotation");

    if (!rotation)
        return;
    if (r->writes_files)
        rewrite_remark(r, rotation->key, "rotation", "lost",
                       "the collector rotates: its configuration has a member rotation, too");
    else
        rewrite_remark(r, rotation->key, "rotation", "unneeded", "no scribe wrote files");
}

/* --- The whole ------------------------------------------------------------------------------ */

static enum ou_status rewrite_old(struct rewriting *r)
{
    enum ou_status status = root_severity(r);

    if (!status)
        status = root_detail(r);
    if (!status)
        status = rewrite_outputs(r);
    if (status)
        return status;
    rewrite_toggles(r);
    status = rewrite_maps(r);
    tell_rotation(r);
    tell_the_rest(r);
    return status;
}

/* Of the new system, with leftovers of the older one. */
static void drop_leftovers(struct rewriting *r)
{
    for (const struct config_item *i = r->root->items; i; i = i->next)
        if (is_old(i) && !span_is(i->key->text, "UseTraceDispatcher"))
            rewrite_remark(r, i->key, i->key->text.at, "unneeded",
                           "it had no effect: the new system is in use");
}

/* The root first, then names in their order: whoever edits the file looks for them there. */
static json_t *sorted_options(struct rewriting *r)
{
    char *text = json_dumps(r->options, JSON_SORT_KEYS);
    json_t *sorted = text ? json_loads(text, 0, NULL) : NULL;

    free(text);
    return sorted;
}

static void keep_members(struct rewriting *r, bool is_new, json_t *config)
{
    for (const struct config_item *i = r->root->items; i; i = i->next) {
        const bool options = span_is(i->key->text, "TraceOptions");
        const bool is_use = span_is(i->key->text, "UseTraceDispatcher");

        if (options && !is_new)
            rewrite_remark(r, i->key, "TraceOptions", "lost",
                           "they had no effect with UseTraceDispatcher: false, and are replaced");
        if (is_new ? is_use || !is_old(i) : !is_old(i) && !options)
            set(r, config, i->key->text.at, rewrite_copy(i->value));
    }
    if (is_new)
        return;
    set(r, config, "UseTraceDispatcher", json_true());
    set(r, config, "TraceOptions", sorted_options(r));
}

/* What nodes of 2023 took an absent UseTraceDispatcher for depends on nothing but it; but a file
 * without it that has TraceOptions is one for later nodes. */
static enum ou_status uses_dispatcher(struct rewriting *r, bool *ret)
{
    const struct config_node *use = config_member(r->root, "UseTraceDispatcher");

    *ret = config_member(r->root, "TraceOptions") || config_member(r->root, "HermodTracing");
    if (use && !config_is_bool(use, ret))
        return rewrite_refuse(r, use, "UseTraceDispatcher must be true or false");
    return OU_OK;
}

static json_int_t line_of(const json_t *remark)
{
    return json_integer_value(json_object_get(remark, "line"));
}

/* Remarks come by what they are about. They are few, and of one line as they came. */
static void sort_remarks(json_t *remarks)
{
    for (size_t i = 1; i < json_array_size(remarks); i++) {
        json_t *remark = json_incref(json_array_get(remarks, i));
        size_t at = i;

        while (at > 0 && line_of(json_array_get(remarks, at - 1)) > line_of(remark))
            at--;
        json_array_remove(remarks, i);
        json_array_insert_new(remarks, at, remark);
    }
}

static enum ou_status rewrite_tree(struct rewriting *r, json_t *config)
{
    bool is_new = false;
    enum ou_status status = uses_dispatcher(r, &is_new);

    if (!status && !is_new)
        status = rewrite_old(r);
    if (status)
        return status;
    if (is_new)
        drop_leftovers(r);
    keep_members(r, is_new, config);
    sort_remarks(r->remarks);
    if (r->no_memory)
        return ou_fail(r->err, OU_NO_MEMORY, "rewrite %s: no memory", r->name);
    return OU_OK;
}

static bool looks_like_json(struct span text)
{
    size_t blanks = 0;

    while (blanks < text.len && strchr(" \t\r\n", text.at[blanks]))
        blanks++;
    return blanks < text.len && text.at[blanks] == '{';
}

enum ou_status rewrite_config(struct span text, const char *name, struct rewritten *ret,
                              struct ou_error *err)
{
    struct config_tree tree = { .root = NULL };
    struct rewriting r = { .name = name, .err = err };
    enum ou_status status = config_tree_parse(text, name, &tree, err);

    *ret = (struct rewritten){ json_object(), json_array(), !looks_like_json(text) };
    r.options = json_object();
    r.remarks = ret->remarks;
    r.root = tree.root;
    r.no_memory = !ret->config || !ret->remarks || !r.options;
    if (!status && (!tree.root || tree.root->kind != CONFIG_MAP))
        status = ou_fail(err, OU_INVALID, "%s: a configuration must be an object", name);
    if (!status)
        status = rewrite_tree(&r, ret->config);
    json_decref(r.options);
    config_tree_release(&tree);
    if (status)
        rewritten_release(ret);
    return status;
}

void rewritten_release(struct rewritten *r)
{
    json_decref(r->config);
    json_decref(r->remarks);
    *r = (struct rewritten){ NULL, NULL, false };
}
