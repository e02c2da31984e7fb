#include "cmd/docs_forms.h"

#include <string.h>

#include "trace/config_read.h"
#include "trace/legacy_names.h"
#include "trace/point_names.h"
#include "trace/points.h"

#define TEXT_BYTES_MAX ((size_t)4 << 20)

struct work {
    const struct config *config;
    document_wanted *wanted;
    json_t *messages, *metrics;
    const char *previous; /* of the list of messages, which keeps it */
    bool no_memory;
};

static void set(struct work *w, json_t *object, const char *key, json_t *value)
{
    w->no_memory |= json_object_set_new(object, key, value) != 0;
}

static void set_text(struct work *w, json_t *object, const char *key, const char *text)
{
    if (text)
        set(w, object, key, json_string(text));
}

static void add(struct work *w, json_t *list, json_t *value)
{
    w->no_memory |= json_array_append_new(list, value) != 0;
}

/* --- A message ----------------------------------------------------------------------------- */

static json_t *field_of(struct work *w, const struct ou_field *f)
{
    json_t *field = json_object();

    if (f->detail == OU_HUMAN_ONLY)
        set_text(w, field, "humanName", f->name);
    else
        set_text(w, field, "path", f->path);
    set_text(w, field, "type", document_type_words(f->type));
    if (f->detail != OU_HUMAN_ONLY)
        set_text(w, field, "detail", detail_name(f->detail));
    set_text(w, field, "help", f->help);
    return field;
}

static json_t *fields_of(struct work *w, const struct ou_point *point)
{
    json_t *fields = json_array();

    for (uint32_t i = 0; i < point->field_count; i++)
        add(w, fields, field_of(w, &point->fields[i]));
    return fields;
}

/* "path=text" in lines. */
static json_t *constants_of(struct work *w, const struct ou_point *point)
{
    json_t *constants = json_object();

    set_text(w, constants, "kind", point->kind);
    for (const char *at = point->constants; at && *at;) {
        const size_t len = strcspn(at, "\n"), path = strcspn(at, "=");

        if (path < len)
            w->no_memory |= json_object_setn_new(constants, at, path,
                                                 json_stringn(at + path + 1, len - path - 1)) != 0;
        at += len + (at[len] == '\n');
    }
    return constants;
}

static json_t *names_of(struct work *w, const struct ou_point *point)
{
    const struct point_names names = names_of_point(point);
    json_t *object = json_object(), *legacy = json_object();

    set_text(w, legacy, "logger", names.logger);
    if (names.logger) {
        set_text(w, legacy, "kind", names.kind);
        set(w, legacy, "wrapped", json_boolean(names.wrapped));
    }
    set(w, object, "legacy", legacy);
    set_text(w, object, "in2023", names.former);
    set_text(w, object, "in2021", names.early);
    return object;
}

/* A list that the library writes as text, read again. */
static json_t *backends_of(const struct config *config, unsigned backends)
{
    struct buffer text;
    struct json_writer writer;
    json_t *list;

    buffer_init(&text, allocator_libc(), TEXT_BYTES_MAX);
    json_writer_init(&writer, &text, false);
    config_backends_json(config, backends, &writer);
    list = json_loadb(buffer_string(&text), text.len, 0, NULL);
    buffer_release(&text);
    return list;
}

static json_t *rule_of(struct work *w, const struct ou_point *point)
{
    const struct rule rule = config_rule(w->config, point->ns);
    const bool unfiltered = document_is_unfiltered(point);
    json_t *object = json_object();

    set(w, object, "visible", json_boolean(unfiltered || point->severity >= rule.severity));
    set_text(w, object, "severity", unfiltered ? NULL : severity_name(rule.severity));
    set_text(w, object, "detail", detail_name(rule.detail));
    set(w, object, "backends", backends_of(w->config, rule.backends));
    if (rule.max_frequency > 0)
        set(w, object, "maxFrequency", json_real(rule.max_frequency));
    return object;
}

/* --- Metrics ---------------------------------------------------------------------------------- */

static const struct {
    const char *suffix, *kind;
} metric_kinds[] = {
    [OU_GAUGE] = { "_int", "gauge" },
    [OU_REAL] = { "_real", "real" },
    [OU_COUNTER] = { "_counter", "counter" },
    [OU_LABEL] = { "", "label" },
};

static json_t *old_names_of(struct work *w, const char *name)
{
    json_t *list = json_array();
    const char *old;

    for (size_t which = 0; (old = legacy_metric_of(span_of(name), which)); which++)
        add(w, list, json_string(old));
    return list;
}

/* The metric's entry, made at its first coming. */
static json_t *metric_of(struct work *w, const struct ou_metric *m)
{
    struct buffer name;
    json_t *metric;

    buffer_init(&name, allocator_libc(), TEXT_BYTES_MAX);
    buffer_printf(&name, "%s%s", m->name, metric_kinds[m->kind].suffix);
    metric = json_object_get(w->metrics, buffer_string(&name));
    if (!metric) {
        metric = json_object();
        set_text(w, metric, "kind", metric_kinds[m->kind].kind);
        set_text(w, metric, "help", m->help);
        set(w, metric, "legacy", old_names_of(w, buffer_string(&name)));
        set(w, metric, "fedBy", json_array());
        set(w, w->metrics, buffer_string(&name), metric);
    }
    w->no_memory |= buffer_status(&name) != OU_OK;
    buffer_release(&name);
    return metric;
}

static json_t *metrics_of(struct work *w, const struct ou_point *point)
{
    json_t *list = json_array();

    for (const struct ou_metric *m = point->metrics; m && m->name; m++) {
        add(w, json_object_get(metric_of(w, m), "fedBy"), json_string(point->ns));
        add(w, list, json_sprintf("%s%s", m->name, metric_kinds[m->kind].suffix));
    }
    return list;
}

/* --- The whole ----------------------------------------------------------------------------------- */

static void add_message(void *context, struct ou_point *point)
{
    struct work *w = context;
    json_t *message;

    if ((w->wanted && !w->wanted(point)) || strcmp(w->previous, point->ns) == 0)
        return;
    message = names_of(w, point);
    set_text(w, message, "ns", point->ns);
    set_text(w, message, "help", point->help);
    set_text(w, message, "severity", severity_name(point->severity));
    set_text(w, message, "privacy", point->privacy == OU_CONFIDENTIAL ? "Confidential" : "Public");
    set(w, message, "constants", constants_of(w, point));
    set(w, message, "fields", fields_of(w, point));
    if (point->empty_below > OU_DMINIMAL)
        set_text(w, message, "emptyBelow", detail_name(point->empty_below));
    set_text(w, message, "human", point->human);
    set(w, message, "metrics", metrics_of(w, point));
    set(w, message, "configured", rule_of(w, point));
    w->previous = json_string_value(json_object_get(message, "ns"));
    add(w, w->messages, message);
    if (!w->previous)
        w->previous = "";
}

static json_t *config_of(const struct config *config)
{
    struct buffer text;
    json_t *tree;

    buffer_init(&text, allocator_libc(), TEXT_BYTES_MAX);
    config_json(config, &text);
    tree = json_loadb(buffer_string(&text), text.len, 0, NULL);
    buffer_release(&text);
    return tree;
}

enum ou_status docs_json(const struct config *config, document_wanted *wanted, json_t **ret,
                         struct ou_error *err)
{
    struct work w = { config, wanted, json_array(), json_object(), "", false };

    points_each(add_message, &w);
    *ret = json_object();
    set(&w, *ret, "messages", w.messages);
    set(&w, *ret, "metrics", w.metrics);
    set(&w, *ret, "metricsPrefix", json_string(config->metrics_prefix));
    set(&w, *ret, "configuration", config_of(config));
    if (!w.no_memory)
        return OU_OK;
    json_decref(*ret);
    *ret = NULL;
    return ou_fail(err, OU_NO_MEMORY, "document trace points: no memory");
}
