/* Scribes and backends of the older system, and its pages of metrics: the backends of the root. */
#include <stdio.h>
#include <string.h>

#include "cmd/rewrite_inside.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool is_text(const struct config_node *node, const char *text)
{
    return node && node->kind == CONFIG_SCALAR && span_is(node->text, text);
}

static const char *text_of(const struct config_node *node)
{
    return node && node->kind == CONFIG_SCALAR ? node->text.at : "";
}

/* The items of a list member; NULL, too, when it is absent. */
static enum ou_status list_of(struct rewriting *r, const char *key, const struct config_item **ret)
{
    const struct config_node *list = config_member(r->root, key);

    *ret = NULL;
    if (list && list->kind != CONFIG_LIST)
        return rewrite_refuse(r, list, "%s must be a list", key);
    if (list)
        *ret = list->items;
    return OU_OK;
}

/* --- Scribes ---------------------------------------------------------------------------- */

/* Members of scribes that have no counterpart, whatever the scribe. */
static void tell_members(struct rewriting *r, const struct config_node *scribe)
{
    static const char *const members[] = { "scMinSev", "scMaxSev", "scPrivacy" };

    for (size_t i = 0; i < COUNT(members); i++) {
        const struct config_item *item = config_item(scribe, members[i]);

        if (item && !config_is_null(item->value))
            rewrite_remark(r, item->key, members[i], "lost",
                           "severities and privacy belong to names, and not to outputs");
    }
}

static void add_stdout(struct rewriting *r, const struct config_node *scribe, const char *kind)
{
    const struct config_node *format = config_member(scribe, "scFormat");
    const char *backend =
        is_text(format, "ScText") ? "Stdout HumanFormatUncoloured" : "Stdout MachineFormat";

    rewrite_backend(r, "", backend);
    rewrite_remark(r, scribe, "setupScribes", "changed", "%s: backend %s", kind, backend);
}

static void add_collector(struct rewriting *r, const struct config_node *scribe, const char *kind,
                          const char *how)
{
    rewrite_backend(r, "", "Forwarder");
    rewrite_remark(r, scribe, "setupScribes", "lost",
                   "%s %s: a node writes to standard output only; backend Forwarder, and a "
                   "collector %s",
                   kind, text_of(config_member(scribe, "scName")), how);
}

static void add_scribe(struct rewriting *r, const struct config_node *scribe)
{
    const struct config_node *kind = config_member(scribe, "scKind");
    const bool text = is_text(config_member(scribe, "scFormat"), "ScText");

    tell_members(r, scribe);
    if (is_text(kind, "StdoutSK")) {
        add_stdout(r, scribe, "StdoutSK");
    } else if (is_text(kind, "StderrSK")) {
        add_stdout(r, scribe, "StderrSK");
        rewrite_remark(r, scribe, "setupScribes", "lost", "nothing goes to standard error");
    } else if (is_text(kind, "FileSK")) {
        r->writes_files = true;
        add_collector(r, scribe, "FileSK",
                      text ? "with logMode FileMode, logFormat ForHuman"
                           : "with logMode FileMode, logFormat ForMachine");
    } else if (is_text(kind, "JournalSK")) {
        add_collector(r, scribe, "JournalSK", "with logMode JournalMode");
    } else if (is_text(kind, "DevNullSK")) {
        rewrite_remark(r, scribe, "setupScribes", "changed", "DevNullSK: no backend");
    } else {
        rewrite_remark(r, scribe, "setupScribes", "lost", "a scribe of kind %s", text_of(kind));
    }
}

/* Whether messages go to a scribe unless something else is said: those of defaultScribes, pairs of
 * kind and name; all where the file has none. */
static bool is_default(const struct config_item *defaults, const struct config_node *scribe)
{
    for (const struct config_item *i = defaults; i; i = i->next) {
        const struct config_item *kind = i->value->kind == CONFIG_LIST ? i->value->items : NULL;

        if (kind && kind->next && is_text(config_member(scribe, "scKind"), text_of(kind->value)) &&
            is_text(config_member(scribe, "scName"), text_of(kind->next->value)))
            return true;
    }
    return !defaults;
}

static enum ou_status add_scribes(struct rewriting *r)
{
    const struct config_item *scribes, *defaults;
    enum ou_status status = list_of(r, "setupScribes", &scribes);

    if (!status)
        status = list_of(r, "defaultScribes", &defaults);
    for (const struct config_item *i = status ? NULL : scribes; i && !status; i = i->next) {
        if (i->value->kind != CONFIG_MAP)
            status = rewrite_refuse(r, i->value, "a scribe must be an object");
        else if (is_default(defaults, i->value))
            add_scribe(r, i->value);
        else
            rewrite_remark(r, i->value, "setupScribes", "unneeded",
                           "%s %s: no message goes there by default",
                           text_of(config_member(i->value, "scKind")),
                           text_of(config_member(i->value, "scName")));
    }
    return status;
}

/* --- Backends ---------------------------------------------------------------------------- */

static const struct {
    const char *old, *backend; /* NULL: see reason */
    const char *outcome, *reason;
} backends[] = {
    { "KatipBK", NULL, "unneeded", "that lines are written, each backend says for itself" },
    { "EKGViewBK", "EKGBackend", NULL, NULL },
    { "TraceForwarderBK", "Forwarder", NULL, NULL },
};

static void add_backend(struct rewriting *r, const struct config_node *at, const char *key)
{
    for (size_t i = 0; i < COUNT(backends); i++) {
        if (!is_text(at, backends[i].old))
            continue;
        if (!backends[i].backend) {
            rewrite_remark(r, at, key, backends[i].outcome, "%s: %s", backends[i].old,
                           backends[i].reason);
            return;
        }
        rewrite_backend(r, "", backends[i].backend);
        rewrite_remark(r, at, key, "changed", "%s: backend %s", backends[i].old,
                       backends[i].backend);
        return;
    }
    rewrite_remark(r, at, key, "lost", "the backend %s", text_of(at));
}

static enum ou_status add_backends(struct rewriting *r, const char *key, bool *ret_katip)
{
    const struct config_item *items;
    enum ou_status status = list_of(r, key, &items);

    *ret_katip = config_member(r->root, key) == NULL;
    for (const struct config_item *i = status ? NULL : items; i; i = i->next) {
        *ret_katip |= is_text(i->value, "KatipBK");
        add_backend(r, i->value, key);
    }
    return status;
}

/* --- Pages of metrics ----------------------------------------------------------------------- */

/* [host, port] */
static enum ou_status add_prometheus(struct rewriting *r)
{
    const struct config_node *value = config_member(r->root, "hasPrometheus");
    const struct config_item *host = value && value->kind == CONFIG_LIST ? value->items : NULL;
    char backend[300];
    double port;

    if (!value)
        return OU_OK;
    if (!host || !host->next || host->value->kind != CONFIG_SCALAR ||
        !config_is_number(host->next->value, &port) || port < 1 || port > 65535 ||
        strchr(host->value->text.at, ' '))
        return rewrite_refuse(r, value, "hasPrometheus must be a list of a host and a port");
    snprintf(backend, sizeof(backend), "PrometheusSimple suffix %.255s %.0f", host->value->text.at,
             port);
    rewrite_backend(r, "", backend);
    rewrite_remark(r, value, "hasPrometheus", "changed",
                   "backend %s; names of metrics are those of today, `ouroscope names --metrics` "
                   "lists them",
                   backend);
    return OU_OK;
}

static void add_ekg(struct rewriting *r)
{
    const struct config_node *value = config_member(r->root, "hasEKG");

    if (!value)
        return;
    rewrite_backend(r, "", "EKGBackend");
    rewrite_remark(r, value, "hasEKG", "lost",
                   "a node has no such page; a collector has: its configuration has a member "
                   "hasEKG, too");
}

enum ou_status rewrite_outputs(struct rewriting *r)
{
    bool by_default = true, set_up = true;
    enum ou_status status = add_backends(r, "defaultBackends", &by_default);

    if (!status)
        status = add_backends(r, "setupBackends", &set_up);
    if (!status && by_default && set_up)
        status = add_scribes(r);
    if (status)
        return status;
    add_ekg(r);
    status = add_prometheus(r);
    if (!status && !json_object_get(rewrite_entry(r, ""), "backends")) /* an empty list */
        r->no_memory |= json_object_set_new(rewrite_entry(r, ""), "backends", json_array()) != 0;
    return status;
}
