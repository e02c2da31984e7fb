/* The members of the file that are cardano-tracer's. */
#include <string.h>

#include "collect/config_inside.h"
#include "collect/log_root.h"

const char *const config_mode_words[] = { "FileMode", "JournalMode", NULL };
const char *const config_format_words[] = { "ForMachine", "ForHuman", "ForLegacy", NULL };
const char *const config_verbosity_words[] = { "Minimum", "ErrorsOnly", "Maximum", NULL };

/* --- Log files ------------------------------------------------------------------------------ */

static bool is_there(const struct collector_config *c, const struct log_entry *entry)
{
    for (size_t i = 0; i < c->log_count; i++)
        if (c->logs[i].mode == entry->mode && c->logs[i].format == entry->format &&
            log_root_is_same(c->logs[i].root, entry->root))
            return true;
    return false;
}

static const char *read_root(struct settings *s, const struct config_node *value)
{
    const char *root = settings_text(s, value, "logRoot");
    char *tidy = root ? settings_take(s, strlen(root) + 1, 1) : NULL;

    if (tidy)
        log_root_tidy(root, tidy);
    return tidy;
}

static void read_log(struct settings *s, const struct config_node *value,
                     struct collector_config *c)
{
    static const char *const members[] = { "logRoot", "logMode", "logFormat", NULL };
    struct log_entry entry;

    if (!settings_is_object(s, value, "logging"))
        return;
    settings_expect(s, value, "an entry of logging", members);
    for (const char *const *m = members; *m; m++)
        settings_required(s, value, *m);
    entry = (struct log_entry){
        .root = read_root(s, value),
        .mode = (enum log_mode)settings_word(s, value, "logMode", config_mode_words, 0),
        .format = (enum log_format)settings_word(s, value, "logFormat", config_format_words, 0),
    };
    if (s->status || is_there(c, &entry))
        return;
    if (c->log_count == COLLECTOR_LOGS_MAX)
        settings_refuse(s, value, "more than %d entries of logging", COLLECTOR_LOGS_MAX);
    else
        c->logs[c->log_count++] = entry;
}

static void read_logging(struct settings *s, const struct config_node *root,
                         struct collector_config *c)
{
    const struct config_node *list = settings_required(s, root, "logging");

    if (!list || !settings_is_list(s, list, "logging"))
        return;
    if (list->count == 0)
        settings_refuse(s, list, "\"logging\" is empty: at least one entry is needed");
    for (const struct config_item *i = list->items; i && !s->status; i = i->next)
        read_log(s, i->value, c);
}

/* rpMaxAgeMinutes of 2026, or rpMaxAgeHours of 2023. */
static uint64_t read_age(struct settings *s, const struct config_node *rotation)
{
    const uint64_t hours = settings_count(s, rotation, "rpMaxAgeHours", 0, 1000000, 24);
    const struct config_node *both = config_member(rotation, "rpMaxAgeHours");

    if (both && config_member(rotation, "rpMaxAgeMinutes"))
        settings_warn(s, both, "\"rpMaxAgeHours\" is passed over: rpMaxAgeMinutes is given");
    return settings_count(s, rotation, "rpMaxAgeMinutes", 0, 60000000, hours * 60);
}

static void read_rotation(struct settings *s, const struct config_node *root,
                          struct log_rotation *ret)
{
    static const char *const members[] = { "rpFrequencySecs", "rpLogLimitBytes", "rpMaxAgeMinutes",
                                           "rpMaxAgeHours",   "rpKeepFilesNum",  NULL };
    const struct config_node *rotation = settings_object(s, root, "rotation");

    if (!rotation)
        return;
    settings_expect(s, rotation, "rotation", members);
    settings_required(s, rotation, "rpLogLimitBytes");
    settings_required(s, rotation, "rpKeepFilesNum");
    *ret = (struct log_rotation){
        .wanted = true,
        .period_s = (uint32_t)settings_count(s, rotation, "rpFrequencySecs", 1, 86400, 60),
        .limit_bytes = settings_count(s, rotation, "rpLogLimitBytes", 1, UINT64_C(1) << 50, 1),
        .max_age_min = read_age(s, rotation),
        .keep_files = (uint32_t)settings_count(s, rotation, "rpKeepFilesNum", 0, 1000000, 0),
    };
}

/* --- Pages ---------------------------------------------------------------------------------- */

static void read_endpoint(struct settings *s, const struct config_node *value, const char *what,
                          struct web_endpoint *ret)
{
    static const char *const members[] = { "epHost", "epPort", "epForceSSL", NULL };

    if (!settings_is_object(s, value, what))
        return;
    settings_expect(s, value, what, members);
    settings_required(s, value, "epHost");
    settings_required(s, value, "epPort");
    *ret = (struct web_endpoint){
        .wanted = true,
        .host = settings_text(s, value, "epHost"),
        .port = (uint16_t)settings_count(s, value, "epPort", 0, UINT16_MAX, 0),
        .force_tls = settings_bool(s, value, "epForceSSL", false),
    };
}

static void read_page(struct settings *s, const struct config_node *root, const char *key,
                      struct web_endpoint *ret)
{
    const struct config_node *value = config_member(root, key);

    if (value)
        read_endpoint(s, value, key, ret);
}

/* One endpoint, or the two of 2023: a list of nodes, and a page of metrics. */
static void read_ekg(struct settings *s, const struct config_node *root, struct collector_config *c)
{
    const struct config_node *value = config_member(root, "hasEKG");

    if (!value || value->kind != CONFIG_LIST) {
        read_page(s, root, "hasEKG", &c->ekg);
        return;
    }
    if (value->count != 2) {
        settings_refuse(s, value, "\"hasEKG\" must be one endpoint, or a list of two");
        return;
    }
    read_endpoint(s, value->items->value, "hasEKG", &c->ekg);
    read_endpoint(s, value->items->next->value, "hasEKG", &c->ekg_second);
}

static void read_certificate(struct settings *s, const struct config_node *root,
                             struct collector_config *c)
{
    static const char *const members[] = { "certificateFile", "certificateKeyFile",
                                           "certificateChain", NULL };
    const struct config_node *tls = settings_object(s, root, "tlsCertificate"), *chain;

    if (!tls)
        return;
    settings_expect(s, tls, "tlsCertificate", members);
    settings_required(s, tls, "certificateFile");
    settings_required(s, tls, "certificateKeyFile");
    c->certificate_file = settings_text(s, tls, "certificateFile");
    c->key_file = settings_text(s, tls, "certificateKeyFile");
    chain = settings_list(s, tls, "certificateChain");
    if (!chain)
        return;
    c->chain_files = settings_take(s, chain->count, sizeof(*c->chain_files));
    for (const struct config_item *i = chain->items; i && !s->status; i = i->next)
        c->chain_files[c->chain_count++] = settings_text_of(s, i->value, "certificateChain");
}

/* --- Metrics -------------------------------------------------------------------------------- */

void config_read_pairs(struct settings *s, const struct config_node *map, const char *what,
                       struct name_pairs *ret)
{
    if (!settings_is_object(s, map, what))
        return;
    ret->at = settings_take(s, map->count, sizeof(*ret->at));
    for (const struct config_item *i = map->items; i && !s->status; i = i->next) {
        if (i->value->kind != CONFIG_SCALAR)
            settings_refuse(s, i->value, "\"%.80s\" of %s must be a text", i->key->text.at, what);
        else
            ret->at[ret->count++] = (struct name_pair){ settings_keep(s, i->key->text),
                                                        settings_keep(s, i->value->text) };
    }
}

static void read_names(struct settings *s, const struct config_node *root, const char *key,
                       struct name_pairs *ret)
{
    const struct config_node *map = config_member(root, key);

    if (map)
        config_read_pairs(s, map, key, ret);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

/* As Prometheus has them. */
static bool is_label(const char *name)
{
    return *name && strchr(LETTERS, *name) && strspn(name, LETTERS "0123456789") == strlen(name);
}

static void check_labels(struct settings *s, const struct config_node *root,
                         const struct collector_config *c)
{
    for (size_t i = 0; i < c->prometheus_labels.count && !s->status; i++)
        if (!is_label(c->prometheus_labels.at[i].name))
            settings_warn(s, config_member(root, "prometheusLabels"),
                          "\"%.80s\" of prometheusLabels is no name of a label: Prometheus takes "
                          "letters, digits and _, and no digit first",
                          c->prometheus_labels.at[i].name);
}

static void read_metrics(struct settings *s, const struct config_node *root,
                         struct collector_config *c)
{
    const struct config_node *help = config_member(root, "metricsHelp");

    c->metrics_period_s = settings_real(s, root, "ekgRequestFreq", 0.01, 86400, 1.0);
    c->metrics_full = settings_bool(s, root, "ekgRequestFull", false);
    c->metrics_no_suffix = settings_bool(s, root, "metricsNoSuffix", false);
    read_names(s, root, "metricsComp", &c->metric_aliases);
    read_names(s, root, "prometheusLabels", &c->prometheus_labels);
    check_labels(s, root, c);
    if (help && help->kind == CONFIG_SCALAR)
        c->metric_help_file = settings_text(s, root, "metricsHelp");
    else if (help)
        config_read_pairs(s, help, "metricsHelp", &c->metric_help);
}

/* --- All of it ------------------------------------------------------------------------------ */

void config_read_tracer(struct settings *s, const struct config_node *root,
                        struct collector_config *c)
{
    const struct config_node *network = settings_required(s, root, "network");

    settings_required(s, root, "networkMagic");
    c->magic = (uint32_t)settings_count(s, root, "networkMagic", 0, UINT32_MAX, 0);
    if (network)
        config_read_network(s, network, &c->network);
    read_logging(s, root, c);
    read_rotation(s, root, &c->rotation);
    c->request_count = (uint16_t)settings_count(s, root, "loRequestNum", 1, UINT16_MAX, 100);
    read_metrics(s, root, c);
    read_page(s, root, "hasPrometheus", &c->prometheus);
    read_ekg(s, root, c);
    read_page(s, root, "hasRTView", &c->rtview);
    read_page(s, root, "hasTimeseries", &c->timeseries);
    read_certificate(s, root, c);
    config_read_forwarding(s, root, &c->forwarding);
    c->verbosity = (enum collector_verbosity)settings_word(
        s, root, "verbosity", config_verbosity_words, VERBOSITY_ERRORS);
    c->resource_period_ms = (uint32_t)settings_count(s, root, "resourceFreq", 0, 86400000, 0);
}
