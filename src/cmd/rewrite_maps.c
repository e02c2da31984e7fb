/* The member `options` of the older system: what holds for single loggers. */
#include <string.h>

#include "cmd/rewrite_inside.h"
#include "trace/legacy_names.h"

/* What is done to each name of today that a logger stands for. value: of the map's member. */
typedef enum ou_status apply_fn(struct rewriting *r, const struct config_item *item,
                                const char *ns);

static bool is_metrics(struct span logger)
{
    return span_starts(logger, "cardano.node.metrics") ||
           span_starts(logger, "cardano.node-metrics");
}

static enum ou_status each_name(struct rewriting *r, const struct config_item *item,
                                struct span logger, apply_fn *apply, bool *ret_found)
{
    size_t count;
    const struct legacy_toggle *t = legacy_toggles(&count);
    char ns[REWRITE_NAME_ROOM];
    enum ou_status status = OU_OK;

    *ret_found = false;
    for (size_t i = 0; i < count && !status; i++) {
        const char *today =
            t[i].logger && span_is(logger, t[i].logger) ? legacy_today(t[i].ns) : NULL;

        if (!today)
            continue;
        *ret_found = true;
        status = apply(r, item, rewrite_prefix(today, ns));
    }
    return status;
}

static enum ou_status to_logger(struct rewriting *r, const char *map,
                                const struct config_item *item, apply_fn *apply)
{
    const char prefix[] = "cardano.node.";
    struct span logger = item->key->text;
    bool found = false;
    enum ou_status status;

    if (span_is(logger, "cardano") || span_is(logger, "cardano.node"))
        return apply(r, item, "");
    if (is_metrics(logger)) {
        rewrite_remark(r, item->key, map, "unneeded",
                       "%s: metrics are no messages, and go their own way", logger.at);
        return OU_OK;
    }
    if (!span_starts(logger, prefix)) {
        rewrite_remark(r, item->key, map, "lost", "%s is no logger of a node", logger.at);
        return OU_OK;
    }
    logger = (struct span){ logger.at + sizeof(prefix) - 1, logger.len - (sizeof(prefix) - 1) };
    status = each_name(r, item, logger, apply, &found);
    if (!status && !found)
        rewrite_remark(r, item->key, map, "lost", "%s has no counterpart", item->key->text.at);
    return status;
}

/* --- The maps ------------------------------------------------------------------------------ */

static const char *shown(const char *ns)
{
    return *ns ? ns : "the root";
}

/* What a switch has silenced stays so. */
static bool is_silenced(struct rewriting *r, const char *ns)
{
    const char *severity =
        json_string_value(json_object_get(json_object_get(r->options, ns), "severity"));

    return severity && strcmp(severity, "Silence") == 0;
}

static enum ou_status apply_severity(struct rewriting *r, const struct config_item *item,
                                     const char *ns)
{
    const char *severity = NULL;
    enum ou_status status =
        rewrite_read_severity(r, item->value, "a member of mapSeverity", &severity);

    if (status)
        return status;
    if (is_silenced(r, ns)) {
        rewrite_remark(r, item->key, "mapSeverity", "unneeded", "%s: it is silenced", shown(ns));
        return OU_OK;
    }
    rewrite_severity(r, ns, severity);
    rewrite_remark(r, item->key, "mapSeverity", "changed", "severity %s of %s", severity,
                   shown(ns));
    return OU_OK;
}

static enum ou_status apply_subtrace(struct rewriting *r, const struct config_item *item,
                                     const char *ns)
{
    const struct config_node *subtrace = config_member(item->value, "subtrace");

    if (!subtrace || subtrace->kind != CONFIG_SCALAR)
        return rewrite_refuse(r, item->value, "a member of mapSubtrace must have a subtrace");
    if (span_is(subtrace->text, "NoTrace")) {
        rewrite_severity(r, ns, "Silence");
        rewrite_remark(r, item->key, "mapSubtrace", "changed", "severity Silence of %s", shown(ns));
    } else if (span_is(subtrace->text, "Neutral")) {
        rewrite_remark(r, item->key, "mapSubtrace", "unneeded", "%s: Neutral changes nothing",
                       shown(ns));
    } else {
        rewrite_remark(r, item->key, "mapSubtrace", "lost", "%s: %s", shown(ns), subtrace->text.at);
    }
    return OU_OK;
}

static bool lists(const struct config_node *list, const char *backend)
{
    for (const struct config_item *i = list->items; i; i = i->next)
        if (i->value->kind == CONFIG_SCALAR && span_is(i->value->text, backend))
            return true;
    return false;
}

static void add_if(struct rewriting *r, const struct config_node *list, const char *old,
                   const char *ns, const char *backend)
{
    if (lists(list, old))
        rewrite_backend(r, ns, backend);
}

/* Where lines are written, the root says how. */
static void copy_root_backends(struct rewriting *r, const char *ns)
{
    json_t *list = json_object_get(json_object_get(r->options, ""), "backends"), *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (strncmp(json_string_value(item), "PrometheusSimple", 16) != 0)
            rewrite_backend(r, ns, json_string_value(item));
    }
}

static enum ou_status apply_backends(struct rewriting *r, const struct config_item *item,
                                     const char *ns)
{
    json_t *entry;

    if (item->value->kind != CONFIG_LIST)
        return rewrite_refuse(r, item->value, "a member of mapBackends must be a list");
    if (*ns == 0) {
        rewrite_remark(r, item->key, "mapBackends", "lost",
                       "the root has those of defaultBackends");
        return OU_OK;
    }
    entry = rewrite_entry(r, ns);
    r->no_memory |= json_object_set_new(entry, "backends", json_array()) != 0;
    if (lists(item->value, "KatipBK"))
        copy_root_backends(r, ns);
    add_if(r, item->value, "EKGViewBK", ns, "EKGBackend");
    add_if(r, item->value, "TraceForwarderBK", ns, "Forwarder");
    rewrite_remark(r, item->key, "mapBackends", "changed", "backends of %s", shown(ns));
    return OU_OK;
}

/* --- The whole -------------------------------------------------------------------------------- */

static enum ou_status apply_map(struct rewriting *r, const struct config_item *map, apply_fn *apply)
{
    enum ou_status status = OU_OK;

    if (map->value->kind != CONFIG_MAP)
        return rewrite_refuse(r, map->value, "%s must be an object", map->key->text.at);
    for (const struct config_item *i = map->value->items; i && !status; i = i->next)
        status = to_logger(r, map->key->text.at, i, apply);
    return status;
}

enum ou_status rewrite_maps(struct rewriting *r)
{
    static const struct {
        const char *key;
        apply_fn *apply;
    } maps[] = {
        { "mapSeverity", apply_severity },
        { "mapSubtrace", apply_subtrace },
        { "mapBackends", apply_backends },
    };
    const struct config_node *options = config_member(r->root, "options");
    enum ou_status status = OU_OK;

    if (options && options->kind != CONFIG_MAP)
        return rewrite_refuse(r, options, "options must be an object");
    for (const struct config_item *i = options ? options->items : NULL; i && !status; i = i->next) {
        apply_fn *apply = NULL;

        for (size_t k = 0; k < sizeof(maps) / sizeof(*maps); k++)
            if (span_is(i->key->text, maps[k].key))
                apply = maps[k].apply;
        if (apply && !config_is_null(i->value))
            status = apply_map(r, i, apply);
        else if (!apply)
            rewrite_remark(r, i->key, i->key->text.at, "lost", "there is nothing like it");
    }
    return status;
}
