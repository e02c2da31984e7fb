/* The effective configuration as a file that would make it. */
#include "collect/config_inside.h"
#include "collect/notify_webhook.h"
#include "json/write.h"

static void text_member(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_cstring(w, text);
}

static void count_member(struct json_writer *w, const char *key, uint64_t count)
{
    json_key(w, key);
    json_uint(w, count);
}

static void bool_member(struct json_writer *w, const char *key, bool value)
{
    json_key(w, key);
    json_bool(w, value);
}

/* --- cardano-tracer's ----------------------------------------------------------------------- */

static void write_network(struct json_writer *w, const struct collector_network *network)
{
    char text[ENDPOINT_ROOM];

    json_begin_object_inline(w);
    text_member(w, "tag", network->listen ? "AcceptAt" : "ConnectTo");
    json_key(w, "contents");
    if (!network->listen)
        json_begin_array(w);
    for (size_t i = 0; i < network->count; i++) {
        endpoint_format(&network->at[i], text);
        json_cstring(w, text);
    }
    if (!network->listen)
        json_end(w);
    json_end(w);
}

static void write_logging(struct json_writer *w, const struct collector_config *c)
{
    json_key(w, "logging");
    json_begin_array(w);
    for (size_t i = 0; i < c->log_count; i++) {
        json_begin_object_inline(w);
        text_member(w, "logRoot", c->logs[i].root);
        text_member(w, "logMode", config_mode_words[c->logs[i].mode]);
        text_member(w, "logFormat", config_format_words[c->logs[i].format]);
        json_end(w);
    }
    json_end(w);
}

static void write_rotation(struct json_writer *w, const struct log_rotation *rotation)
{
    if (!rotation->wanted)
        return;
    json_key(w, "rotation");
    json_begin_object_inline(w);
    count_member(w, "rpFrequencySecs", rotation->period_s);
    count_member(w, "rpLogLimitBytes", rotation->limit_bytes);
    count_member(w, "rpMaxAgeMinutes", rotation->max_age_min);
    count_member(w, "rpKeepFilesNum", rotation->keep_files);
    json_end(w);
}

static void write_endpoint(struct json_writer *w, const struct web_endpoint *e)
{
    json_begin_object_inline(w);
    text_member(w, "epHost", e->host);
    count_member(w, "epPort", e->port);
    bool_member(w, "epForceSSL", e->force_tls);
    json_end(w);
}

static void write_page(struct json_writer *w, const char *key, const struct web_endpoint *e)
{
    if (!e->wanted)
        return;
    json_key(w, key);
    write_endpoint(w, e);
}

static void write_ekg(struct json_writer *w, const struct collector_config *c)
{
    if (!c->ekg_second.wanted) {
        write_page(w, "hasEKG", &c->ekg);
        return;
    }
    json_key(w, "hasEKG");
    json_begin_array(w);
    write_endpoint(w, &c->ekg);
    write_endpoint(w, &c->ekg_second);
    json_end(w);
}

static void write_texts(struct json_writer *w, const char *key, const char *const *at, size_t count)
{
    json_key(w, key);
    json_begin_array_inline(w);
    for (size_t i = 0; i < count; i++)
        json_cstring(w, at[i]);
    json_end(w);
}

static void write_certificate(struct json_writer *w, const struct collector_config *c)
{
    if (!c->certificate_file)
        return;
    json_key(w, "tlsCertificate");
    json_begin_object(w);
    text_member(w, "certificateFile", c->certificate_file);
    text_member(w, "certificateKeyFile", c->key_file);
    if (c->chain_files)
        write_texts(w, "certificateChain", c->chain_files, c->chain_count);
    json_end(w);
}

/* A dotted name as the list of its segments. */
static void write_prefix(struct json_writer *w, const char *dotted)
{
    json_begin_array_inline(w);
    while (*dotted) {
        size_t len = strcspn(dotted, ".");

        json_text(w, (struct span){ dotted, len });
        dotted += len + (dotted[len] == '.');
    }
    json_end(w);
}

static void write_forwarding(struct json_writer *w, const struct collector_forwarding *f)
{
    if (!f->wanted)
        return;
    json_key(w, "hasForwarding");
    json_begin_array(w);
    write_network(w, &f->network);
    if (f->filtered) {
        json_begin_array(w);
        for (size_t i = 0; i < f->prefix_count; i++)
            write_prefix(w, f->prefixes[i]);
        json_end(w);
    } else {
        json_none(w);
    }
    json_begin_object_inline(w);
    count_member(w, "queueSize", f->queue_count);
    count_member(w, "maxReconnectDelay", f->max_reconnect_s);
    json_end(w);
    json_end(w);
}

static void write_pairs(struct json_writer *w, const char *key, const struct name_pairs *pairs)
{
    if (!pairs->count)
        return;
    json_key(w, key);
    json_begin_object(w);
    for (size_t i = 0; i < pairs->count; i++)
        text_member(w, pairs->at[i].name, pairs->at[i].value);
    json_end(w);
}

static void write_metrics(struct json_writer *w, const struct collector_config *c)
{
    json_key(w, "ekgRequestFreq");
    json_double(w, c->metrics_period_s);
    bool_member(w, "ekgRequestFull", c->metrics_full);
    bool_member(w, "metricsNoSuffix", c->metrics_no_suffix);
    write_pairs(w, "metricsComp", &c->metric_aliases);
    /* A file that was not read is named; else what it says is shown. */
    if (c->metric_help_file && !c->metric_help.count)
        text_member(w, "metricsHelp", c->metric_help_file);
    write_pairs(w, "metricsHelp", &c->metric_help);
    write_pairs(w, "prometheusLabels", &c->prometheus_labels);
}

/* --- Ours ------------------------------------------------------------------------------------- */

static void write_webhook(struct json_writer *w, const char *url, enum config_view view)
{
    char shown[WEBHOOK_WHY_ROOM];

    if (view == CONFIG_FOR_LOGS)
        web_url_shown(url, shown, sizeof(shown));
    text_member(w, "webhook", view == CONFIG_FOR_LOGS ? shown : url);
}

static void write_command(struct json_writer *w, const struct notification_rule *rule,
                          enum config_view view)
{
    size_t count = 0;

    while (rule->command && rule->command[count])
        count++;
    if (count)
        write_texts(w, "command", rule->command, view == CONFIG_FOR_LOGS ? 1 : count);
}

static void write_rule(struct json_writer *w, const struct notification_rule *rule,
                       enum config_view view)
{
    json_begin_object(w);
    text_member(w, "name", rule->name);
    if (rule->severity_min >= 0)
        text_member(w, "severity", config_severity_words[rule->severity_min]);
    if (rule->namespace)
        text_member(w, "namespace", rule->namespace);
    bool_member(w, "nodeDown", rule->node_down);
    count_member(w, "graceSeconds", rule->grace_s);
    count_member(w, "silenceSeconds", rule->silence_s);
    bool_member(w, "writeFailed", rule->write_failed);
    bool_member(w, "lost", rule->lost);
    count_member(w, "groupSeconds", rule->group_s);
    if (rule->webhook)
        write_webhook(w, rule->webhook, view);
    write_command(w, rule, view);
    json_end(w);
}

static void write_history(struct json_writer *w, const struct collector_config *c)
{
    json_key(w, "history");
    json_begin_object_inline(w);
    count_member(w, "minutes", c->history_min);
    count_member(w, "stepSeconds", c->history_step_s);
    count_member(w, "maxBytes", c->history_bytes);
    json_end(w);
}

static void write_ours(struct json_writer *w, const struct collector_config *c,
                       enum config_view view)
{
    json_key(w, "ouroscope");
    json_begin_object(w);
    text_member(w, "fsync", config_durability_words[c->durability]);
    count_member(w, "fsyncSeconds", c->fsync_s);
    text_member(w, "whenUnwritable", config_unwritable_words[c->unwritable]);
    text_member(w, "metricNames", config_names_words[c->metric_names]);
    write_history(w, c);
    count_member(w, "maxConnections", c->connections_max);
    count_member(w, "maxMessageBytes", c->message_bytes);
    count_member(w, "maxHeldBytes", c->held_bytes);
    json_key(w, "notifications");
    json_begin_array(w);
    for (size_t i = 0; i < c->rule_count; i++)
        write_rule(w, &c->rules[i], view);
    json_end(w);
    json_end(w);
}

void collector_config_json(const struct collector_config *c, struct buffer *out,
                           enum config_view view)
{
    struct json_writer w;

    json_writer_init(&w, out, view == CONFIG_FOR_OWNER);
    json_begin_object(&w);
    count_member(&w, "networkMagic", c->magic);
    json_key(&w, "network");
    write_network(&w, &c->network);
    write_logging(&w, c);
    write_rotation(&w, &c->rotation);
    count_member(&w, "loRequestNum", c->request_count);
    write_metrics(&w, c);
    write_page(&w, "hasPrometheus", &c->prometheus);
    write_ekg(&w, c);
    write_page(&w, "hasRTView", &c->rtview);
    write_page(&w, "hasTimeseries", &c->timeseries);
    write_certificate(&w, c);
    write_forwarding(&w, &c->forwarding);
    text_member(&w, "verbosity", config_verbosity_words[c->verbosity]);
    count_member(&w, "resourceFreq", c->resource_period_ms);
    write_ours(&w, c, view);
    json_end(&w);
}
