/* The effective configuration as a file that would make it. */
#include <stdio.h>

#include "trace/config_read.h"
#include "trace/points.h"

static void write_prometheus(const struct config_prometheus *p, struct json_writer *w)
{
    char text[400];

    snprintf(text, sizeof(text), "PrometheusSimple %s %s %d", p->suffix ? "suffix" : "nosuffix",
             p->host, p->port);
    json_cstring(w, text);
}

static void write_file(const struct config_file *file, struct json_writer *w)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), CONFIG_BYTES_MAX);
    buffer_printf(&text, "%s %s", config_file_words[file->format], file->path);
    json_cstring(w, buffer_string(&text));
    if (buffer_status(&text))
        w->out->status = buffer_status(&text);
    buffer_release(&text);
}

void config_backends_json(const struct config *config, unsigned backends, struct json_writer *w)
{
    json_begin_array_inline(w);
    for (const struct backend_word *word = config_backend_words; word->word; word++)
        if (backends & word->bit)
            json_cstring(w, word->word);
    for (int i = 0; i < config->file_count; i++)
        if (backends & BACKEND_FILE(i))
            write_file(&config->files[i], w);
    if (backends & BACKEND_PROMETHEUS)
        write_prometheus(&config->prometheus, w);
    json_end(w);
}

static void write_row(const struct config *config, const struct option_row *row,
                      struct json_writer *w)
{
    json_key(w, row->ns);
    json_begin_object(w);
    if (row->set & OPTION_BACKENDS) {
        json_key(w, "backends");
        config_backends_json(config, row->backends, w);
    }
    if (row->set & OPTION_DETAIL) {
        json_key(w, "detail");
        json_cstring(w, detail_name(row->detail));
    }
    if (row->set & OPTION_FREQUENCY) {
        json_key(w, "maxFrequency");
        json_double(w, row->max_frequency);
    }
    if (row->set & OPTION_SEVERITY) {
        json_key(w, "severity");
        json_cstring(w, severity_name(row->severity));
    }
    json_end(w);
}

static void write_options(const struct config *config, struct json_writer *w)
{
    json_key(w, "TraceOptions");
    json_begin_object(w);
    for (size_t i = 0; i < config->options->count; i++)
        write_row(config, &config->options->rows[i], w);
    json_end(w);
}

static void write_forwarder(const struct config_forwarder *f, struct json_writer *w)
{
    json_key(w, "TraceOptionForwarder");
    json_begin_object(w);
    json_key(w, "maxReconnectDelay");
    json_int(w, f->max_reconnect_delay);
    json_key(w, "queueBytes");
    json_int(w, f->queue_bytes);
    json_key(w, "queueSize");
    json_int(w, f->queue_size);
    json_key(w, "verbosity");
    json_cstring(w, f->verbose ? "Maximum" : "Minimum");
    json_end(w);
}

static void write_prometheus_limits(const struct config_prometheus *p, struct json_writer *w)
{
    json_key(w, "TracePrometheusSimpleRun");
    json_begin_object(w);
    json_key(w, "connCountGlobal");
    json_int(w, p->conn_global);
    json_key(w, "connCountPerHost");
    json_int(w, p->conn_per_host);
    json_key(w, "connPerSecond");
    json_double(w, p->conn_per_second);
    json_key(w, "connTimeout");
    json_double(w, p->conn_timeout_s);
    json_end(w);
}

static void write_config(const struct config *config, struct json_writer *w)
{
    json_begin_object(w);
    write_forwarder(&config->forwarder, w);
    json_key(w, "TraceOptionLedgerMetricsFrequency");
    json_int(w, config->ledger_frequency);
    json_key(w, "TraceOptionMetricsPrefix");
    json_cstring(w, config->metrics_prefix);
    if (config->node_name) {
        json_key(w, "TraceOptionNodeName");
        json_cstring(w, config->node_name);
    }
    json_key(w, "TraceOptionResourceFrequency");
    json_int(w, config->resource_frequency_ms);
    write_options(config, w);
    write_prometheus_limits(&config->prometheus, w);
    if (config->legacy.wanted)
        config_legacy_json(&config->legacy, w);
    json_end(w);
}

void config_json(const struct config *config, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, false);
    write_config(config, &w);
}

void config_json_indented(const struct config *config, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    write_config(config, &w);
}
