#include "cmd/serve_log.h"

#include "api/points.h"
#include "json/write.h"

#define TEXT_BYTES_MAX ((size_t)64 << 10)

static void put_option(struct json_writer *w, const char *ns, const char *severity,
                       const char *backend)
{
    json_key(w, ns);
    json_begin_object(w);
    json_key(w, "severity");
    json_cstring(w, severity);
    json_key(w, "backends");
    json_begin_array(w);
    if (backend)
        json_cstring(w, backend);
    json_end(w);
    json_end(w);
}

static void put_backend(const struct serve_config *config, struct buffer *out)
{
    const bool human = config && config->log_form == SERVE_LOG_HUMAN;
    const char *form = human ? "HumanFormatUncoloured" : "MachineFormat";

    if (config && config->log_to == SERVE_LOG_FILE)
        buffer_printf(out, "File %s %s", form, config->log_file);
    else
        buffer_printf(out, "Stdout %s", form);
}

/* Messages about the server alone: those of the tracing library are about all points of this program, a node's among them. */
void serve_tracing_text(const struct serve_config *config, struct buffer *out)
{
    const bool silent = config && config->log_to == SERVE_LOG_NONE;
    struct buffer backend;
    struct json_writer w;

    buffer_init(&backend, allocator_libc(), TEXT_BYTES_MAX);
    put_backend(config, &backend);
    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_key(&w, "TraceOptions");
    json_begin_object(&w);
    put_option(&w, "", "Silence", NULL);
    put_option(&w, "Results", silent ? "Silence" : "Info", buffer_string(&backend));
    json_end(&w);
    json_key(&w, "TraceOptionResourceFrequency");
    json_uint(&w, 0);
    json_end(&w);
    buffer_release(&backend);
}

enum ou_status serve_log_start(const struct serve_config *config, struct ou_error *err)
{
    struct ou_trace_options tracing = { .program = "ouroscope " OUROSCOPE_VERSION,
                                        .keep_sighup = true };
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), TEXT_BYTES_MAX);
    serve_tracing_text(config, &text);
    tracing.config_text = buffer_string(&text);
    status = ou_trace_start(&tracing, err);
    buffer_release(&text);
    return status;
}

enum ou_status serve_log_reopen(const struct serve_config *config, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), TEXT_BYTES_MAX);
    serve_tracing_text(config, &text);
    status = ou_trace_configure(buffer_string(&text), err);
    buffer_release(&text);
    return status;
}
