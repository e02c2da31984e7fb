/* The member `ouroscope`: what cardano-tracer does not have. */
#include <stdio.h>

#include "collect/config_inside.h"

const char *const config_durability_words[] = { "never", "interval", "batch", NULL };
const char *const config_unwritable_words[] = { "wait", "drop", NULL };
const char *const config_names_words[] = { "new", "legacy", "both", NULL };
const char *const config_severity_words[] = { "Debug",    "Info",  "Notice",    "Warning", "Error",
                                              "Critical", "Alert", "Emergency", NULL };

const char *const config_our_members[] = {
    "fsync",          "fsyncSeconds",    "whenUnwritable", "metricNames",   "history",
    "maxConnections", "maxMessageBytes", "maxHeldBytes",   "notifications", NULL
};

#define SECONDS_MAX (7 * 86400)

/* --- Notifications --------------------------------------------------------------------------- */

static void read_command(struct settings *s, const struct config_node *rule,
                         struct notification_rule *ret)
{
    const struct config_node *list = settings_list(s, rule, "command");
    size_t n = 0;

    if (!list)
        return;
    if (list->count == 0)
        settings_refuse(s, list, "\"command\" is empty: its first text is the program");
    ret->command = settings_take(s, list->count + 1, sizeof(*ret->command));
    for (const struct config_item *i = list->items; i && !s->status; i = i->next)
        ret->command[n++] = settings_text_of(s, i->value, "command");
}

static void read_target(struct settings *s, const struct config_node *rule,
                        struct notification_rule *ret)
{
    const struct config_node *url = config_member(rule, "webhook");

    ret->webhook = settings_text(s, rule, "webhook");
    if (ret->webhook && !span_starts(url->text, "http://") && !span_starts(url->text, "https://"))
        settings_refuse(s, url, "\"webhook\" must begin with http:// or https://");
    read_command(s, rule, ret);
    if (!ret->webhook && !ret->command)
        settings_refuse(s, rule, "a notification needs a \"webhook\" or a \"command\"");
}

/* "webhook 1": after where it goes to, and its place in the list. */
static const char *name_rule(struct settings *s, const struct notification_rule *rule, size_t place)
{
    char name[48];
    int len =
        snprintf(name, sizeof(name), "%s %zu", rule->webhook ? "webhook" : "command", place + 1);

    return settings_keep(s, (struct span){ name, (size_t)len });
}

static bool tells_anything(const struct notification_rule *rule)
{
    return rule->severity_min >= 0 || rule->node_down || rule->silence_s || rule->write_failed ||
           rule->lost;
}

static void read_rule(struct settings *s, const struct config_node *value, size_t place,
                      struct notification_rule *ret)
{
    static const char *const members[] = { "name",        "severity",     "namespace",
                                           "nodeDown",    "graceSeconds", "silenceSeconds",
                                           "writeFailed", "lost",         "groupSeconds",
                                           "webhook",     "command",      NULL };

    if (!settings_is_object(s, value, "notifications"))
        return;
    settings_expect(s, value, "a notification", members);
    *ret = (struct notification_rule){
        .name = settings_text(s, value, "name"),
        .severity_min = config_member(value, "severity")
                            ? (int)settings_word(s, value, "severity", config_severity_words, 0)
                            : -1,
        .namespace = settings_text(s, value, "namespace"),
        .node_down = settings_bool(s, value, "nodeDown", false),
        .grace_s = (uint32_t)settings_count(s, value, "graceSeconds", 0, SECONDS_MAX, 10),
        .silence_s = (uint32_t)settings_count(s, value, "silenceSeconds", 0, SECONDS_MAX, 0),
        .write_failed = settings_bool(s, value, "writeFailed", false),
        .lost = settings_bool(s, value, "lost", false),
        .group_s = (uint32_t)settings_count(s, value, "groupSeconds", 0, SECONDS_MAX, 30),
    };
    if (ret->namespace && ret->severity_min < 0)
        ret->severity_min = 0; /* all messages of these names */
    read_target(s, value, ret);
    if (!ret->name)
        ret->name = name_rule(s, ret, place);
    if (!s->status && !tells_anything(ret))
        settings_warn(s, value,
                      "this notification never comes: it has none of severity, namespace, "
                      "nodeDown, silenceSeconds, writeFailed, lost");
}

static void read_rules(struct settings *s, const struct config_node *ours,
                       struct collector_config *c)
{
    const struct config_node *list = settings_list(s, ours, "notifications");

    if (!list)
        return;
    if (list->count > COLLECTOR_RULES_MAX)
        settings_refuse(s, list, "more than %d notifications", COLLECTOR_RULES_MAX);
    for (const struct config_item *i = list->items; i && !s->status; i = i->next) {
        read_rule(s, i->value, c->rule_count, &c->rules[c->rule_count]);
        c->rule_count++;
    }
}

/* --- The rest -------------------------------------------------------------------------------- */

static void read_history(struct settings *s, const struct config_node *ours,
                         struct collector_config *c)
{
    static const char *const members[] = { "minutes", "stepSeconds", "maxBytes", NULL };
    const struct config_node *history = settings_object(s, ours, "history");

    if (history)
        settings_expect(s, history, "history", members);
    c->history_min = (uint32_t)settings_count(s, history, "minutes", 0, 100000, 180);
    c->history_step_s = (uint32_t)settings_count(s, history, "stepSeconds", 1, 3600, 5);
    c->history_bytes =
        settings_count(s, history, "maxBytes", 1 << 16, UINT64_C(1) << 40, 32u << 20);
}

void config_read_ours(struct settings *s, const struct config_node *root,
                      struct collector_config *c)
{
    const struct config_node *ours = settings_object(s, root, "ouroscope");

    if (ours)
        settings_expect(s, ours, "ouroscope", config_our_members);
    c->durability = (enum log_durability)settings_word(s, ours, "fsync", config_durability_words,
                                                       DURABLE_NEVER);
    c->fsync_s = (uint32_t)settings_count(s, ours, "fsyncSeconds", 1, 3600, 5);
    c->unwritable = (enum log_unwritable)settings_word(s, ours, "whenUnwritable",
                                                       config_unwritable_words, UNWRITABLE_WAIT);
    c->metric_names = (enum metric_names)settings_word(s, ours, "metricNames", config_names_words,
                                                       METRIC_NAMES_NEW);
    read_history(s, ours, c);
    c->connections_max = (uint32_t)settings_count(s, ours, "maxConnections", 1, 100000, 1024);
    c->message_bytes =
        settings_count(s, ours, "maxMessageBytes", 1 << 16, UINT64_C(1) << 30, UINT64_C(64) << 20);
    c->held_bytes =
        settings_count(s, ours, "maxHeldBytes", 1 << 20, UINT64_C(1) << 40, UINT64_C(256) << 20);
    read_rules(s, ours, c);
}
