#include "collect/collector.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/systemd.h"
#include "base/time.h"
#include "collect/collector_inside.h"
#include "collect/connection.h"
#include "collect/desk.h"
#include "collect/network.h"
#include "collect/own_points.h"
#include "json/write.h"
#include "trace/points.h"
#include "trace/resources.h"

#define TICK_MS 100
#define SECOND_MS 1000
#define STALL_MS 5000         /* what is told */
#define NOTIFY_END_MS 5000    /* for notifications that are on their way at the end */
#define REFORWARD_END_MS 5000 /* likewise for forwarding onwards */
#define HANG_MS 5000          /* after COLLECTOR_END_MS, for a disk that does not answer */

/* --- Configuration ------------------------------------------------------------------------------ */

static void tell_warnings(const struct buffer *warnings)
{
    const char *line = buffer_string(warnings);

    while (*line) {
        size_t len = strcspn(line, "\n");
        char text[1024];

        snprintf(text, sizeof(text), "%.*s", (int)len, line);
        OU_TRACE(tracer_config_warning, text);
        line += len + (line[len] == '\n');
    }
}

enum ou_status collector_load_config(const char *path, struct collector_config **ret,
                                     struct ou_error *err)
{
    struct buffer warnings;
    enum ou_status status;

    buffer_init(&warnings, allocator_libc(), CONFIG_WARNINGS_BYTES);
    status = collector_config_load(path, &warnings, ret, err);
    tell_warnings(&warnings); /* of one that is refused, too: they may say why */
    buffer_release(&warnings);
    return status;
}

void collector_tell_config(const struct collector *c)
{
    struct buffer text;

    if (!OU_TRACE_IS_ON(tracer_config_is))
        return;
    buffer_init(&text, allocator_libc(), CONFIG_WARNINGS_BYTES);
    collector_config_json(c->config, &text, CONFIG_FOR_LOGS);
    OU_TRACE(tracer_config_is, text.len < OU_TEXT_MAX ? buffer_string(&text) : "\"too large\"");
    buffer_release(&text);
}

/* --- What it says ---------------------------------------------------------------------------------- */

static enum ou_severity least_severity(const struct collector_options *options)
{
    return options->severity_min < 0 ? OU_INFO : (enum ou_severity)options->severity_min;
}

static void put_option(struct json_writer *w, const char *ns, enum ou_severity severity,
                       const char *backend)
{
    json_key(w, ns);
    json_begin_object(w);
    json_key(w, "severity");
    json_cstring(w, severity_name(severity));
    json_key(w, "backends");
    json_begin_array(w);
    if (backend)
        json_cstring(w, backend);
    json_end(w);
    json_end(w);
}

/* Its own messages go to standard output; those of the tracing library, which are about all points of this program, a
 * node's among them, do not. Those about each reply are Debug, and shown with any severity when they were asked for. */
void collector_tracing_text(const struct collector_options *options,
                            const struct collector_config *config, struct buffer *out)
{
    static const char backend[] = "Stdout MachineFormat";
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_key(&w, "TraceOptions");
    json_begin_object(&w);
    put_option(&w, "", OU_SILENCE, NULL);
    put_option(&w, "Tracer", least_severity(options), backend);
    if (config && config->verbosity == VERBOSITY_MAXIMUM)
        put_option(&w, "Tracer.Reply", OU_DEBUG, backend);
    json_end(&w);
    json_key(&w, "TraceOptionResourceFrequency");
    json_uint(&w, 0);
    json_end(&w);
}

static enum ou_status start_tracing(const struct collector_options *options, struct ou_error *err)
{
    struct ou_trace_options tracing = { .program = "ouroscope " OUROSCOPE_VERSION,
                                        .keep_sighup = true };
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), CONFIG_WARNINGS_BYTES);
    collector_tracing_text(options, NULL, &text);
    tracing.config_text = buffer_string(&text);
    status = ou_trace_start(&tracing, err);
    buffer_release(&text);
    return status;
}

void collector_trace_as(const struct collector *c)
{
    struct ou_error err = { "" };
    struct buffer text;

    buffer_init(&text, allocator_libc(), CONFIG_WARNINGS_BYTES);
    collector_tracing_text(c->options, c->config, &text);
    if (ou_trace_configure(buffer_string(&text), &err))
        OU_TRACE(tracer_error, err.text);
    buffer_release(&text);
}

/* Messages of its own that found no room. */
static void tell_own_losses(struct collector *c)
{
    struct ou_trace_counts counts;
    uint64_t lost;

    ou_trace_counts(&counts);
    lost = counts.ring_full + counts.too_large + counts.no_memory + counts.output;
    if (lost > c->own_lost)
        OU_TRACE(tracer_messages_lost, lost - c->own_lost, lost);
    c->own_lost = lost;
}

static void on_resources(uv_timer_t *timer)
{
    struct resource_usage u;

    (void)timer;
    if (!OU_TRACE_IS_ON(tracer_resources) || resources_read("/proc/self", &u, NULL) != OU_OK)
        return;
    OU_TRACE(tracer_resources, u.cpu_centi, 0, u.cpu_centi, 0, 0, u.rss_bytes, u.heap_bytes,
             u.live_bytes, 0, u.blk_io_centi, u.net_read_bytes, u.net_write_bytes, u.fs_read_bytes,
             u.fs_write_bytes, u.threads);
}

void collector_start_resources(struct collector *c)
{
    const uint64_t period_ms = c->config->resource_period_ms;

    if (period_ms)
        uv_timer_start(&c->resources, on_resources, period_ms, period_ms);
    else
        uv_timer_stop(&c->resources);
}

static void on_notified(void *context, const char *rule, bool ok, const char *why)
{
    (void)context;
    if (ok)
        OU_TRACE(tracer_notification, rule, ok, why);
    else
        OU_TRACE(tracer_notification_failed, rule, ok, why);
}

/* In the forwarder's thread. */
static void on_forwarding(void *context, enum forwarder_event_kind kind, const char *why)
{
    static const char *const words[] = { [FORWARDER_LISTENING] = "listening",
                                         [FORWARDER_CONNECTED] = "connected",
                                         [FORWARDER_FAILED] = "it failed",
                                         [FORWARDER_CLOSED] = "the connection has ended" };
    char text[512];

    (void)context;
    snprintf(text, sizeof(text), "%s%s%.400s", words[kind], why ? ": " : "", why ? why : "");
    OU_TRACE(tracer_reforwarder, text);
}

/* --- Parts -------------------------------------------------------------------------------------- */

enum ou_status collector_open_reforwarder(struct collector *c, struct ou_error *err)
{
    char at[ENDPOINT_ROOM];
    enum ou_status status;

    if (!c->config->forwarding.wanted)
        return OU_OK;
    status = reforwarder_start(c->config, on_forwarding, c, &c->reforwarder, err);
    if (status)
        return status;
    endpoint_format(&c->config->forwarding.network.at[0], at);
    OU_TRACE(tracer_started_reforwarder, at);
    return OU_OK;
}

void collector_close_reforwarder(struct collector *c, uint32_t wait_ms)
{
    const uint64_t left = c->reforwarder ? reforwarder_stop(c->reforwarder, wait_ms) : 0;
    char text[128];

    c->reforwarder = NULL;
    if (!left)
        return;
    snprintf(text, sizeof(text), "%llu messages could not be forwarded, and were given up",
             (unsigned long long)left);
    OU_TRACE(tracer_error, text);
}

enum ou_status collector_open_history(struct collector *c, struct ou_error *err)
{
    if (c->config->history_min == 0)
        return OU_OK;
    c->view.history =
        history_new(UINT64_C(60000) * c->config->history_min, c->config->history_bytes);
    return c->view.history ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for a history");
}

/* A sink that this machine does not have is told, and the others work. */
static void check_journal(const struct collector *c)
{
    struct ou_error why = { "" };

    for (size_t i = 0; i < c->config->log_count; i++) {
        if (c->config->logs[i].mode == LOG_JOURNAL && !log_journal_is_there(&why)) {
            OU_TRACE(tracer_error, why.text);
            return;
        }
    }
}

static enum ou_status open_sinks(struct collector *c, struct ou_error *err)
{
    c->writer = log_writer_new(c->config, NULL);
    c->notifier = notifier_new(&c->loop, on_notified, c);
    if (!c->writer || !c->notifier)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a collector");
    check_journal(c);
    if (c->config->rotation.wanted)
        OU_TRACE(tracer_started_rotator);
    return notifier_configure(c->notifier, c->config, err);
}

static enum ou_status open_all(struct collector *c, struct ou_error *err)
{
    enum ou_status status = open_sinks(c, err);

    if (!status)
        status = collector_open_history(c, err);
    if (!status)
        status = collector_open_reforwarder(c, err);
    if (!status)
        status = collector_open_pages(c, err);
    if (!status)
        status = network_open(c, err);
    return status;
}

/* --- The end -------------------------------------------------------------------------------------- */

static void on_notifier_closed(void *context)
{
    struct collector *c = context;

    c->notifier = NULL;
}

/* Lines are written, or given up: all handles are closed, and the loop ends. */
static void close_all(struct collector *c)
{
    c->phase = COLLECTOR_CLOSING;
    collector_close_reforwarder(c, REFORWARD_END_MS);
    if (c->notifier)
        notifier_close(c->notifier, NOTIFY_END_MS, on_notifier_closed, c);
    collector_close_pages(c);
    uv_close((uv_handle_t *)&c->tick, NULL);
    uv_close((uv_handle_t *)&c->resources, NULL);
    for (size_t i = 0; i < sizeof(c->signals) / sizeof(c->signals[0]); i++)
        uv_close((uv_handle_t *)&c->signals[i], NULL);
}

/* A write that does not come back cannot be waited for: the process ends without it. */
static void end_without_disk(void)
{
    OU_TRACE(tracer_error, "a disk does not answer: the collector ends without having written all");
    ou_trace_flush();
    _exit(1);
}

/* The steps of the end, each as soon as the one before is done or its time is over. */
static void go_on_parting(struct collector *c)
{
    const uint64_t now_ms = uv_now(&c->loop);

    if (now_ms >= c->end_at_ms) {
        connections_close(c, "the collector ends");
        desks_give_up(c);
    }
    if (c->connection_count == 0 && desks_are_clear(c))
        close_all(c);
    else if (now_ms >= c->end_at_ms + HANG_MS)
        end_without_disk();
}

static void part(struct collector *c, const char *why)
{
    OU_TRACE(tracer_shutdown_initiated, why);
    systemd_stopping();
    c->phase = COLLECTOR_PARTING;
    c->end_at_ms = uv_now(&c->loop) + COLLECTOR_END_MS;
    network_close(c);
    connections_finish(c);
}

/* A further signal ends it without the time that a flush takes where nobody reads. */
static void end_at_once(int number)
{
    (void)signal(number, SIG_DFL);
    ou_trace_flush();
    (void)raise(number);
}

/* --- The loop -------------------------------------------------------------------------------------- */

static void on_signal(uv_signal_t *handle, int number)
{
    struct collector *c = handle->data;

    if (number == SIGHUP)
        collector_reload(c);
    else if (c->phase != COLLECTOR_RUNNING)
        end_at_once(number);
    else
        part(c, number == SIGINT ? "SIGINT" : "SIGTERM");
}

/* The loop has a timer of a tenth of a second. */
static void tell_stall(const struct collector *c, uint64_t now_ms)
{
    if (c->second_at_ms && now_ms > c->second_at_ms + STALL_MS)
        OU_TRACE(tracer_stalled, (double)(now_ms - c->second_at_ms) / 1e3);
}

static void on_tick(uv_timer_t *timer)
{
    struct collector *c = timer->data;
    const uint64_t now_ms = uv_now(&c->loop);

    connections_tick(c);
    if (now_ms >= c->second_at_ms) {
        tell_stall(c, now_ms);
        c->second_at_ms = now_ms + SECOND_MS;
        systemd_alive();
        desks_tick(c);
        tell_own_losses(c);
        notifier_tick(c->notifier, &c->nodes, time_wall_ns());
    }
    if (c->phase == COLLECTOR_PARTING)
        go_on_parting(c);
}

static void open_handles(struct collector *c)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

    uv_timer_init(&c->loop, &c->tick);
    uv_timer_init(&c->loop, &c->resources);
    c->tick.data = c;
    uv_timer_start(&c->tick, on_tick, TICK_MS, TICK_MS);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        uv_signal_init(&c->loop, &c->signals[i]);
        c->signals[i].data = c;
        uv_signal_start(&c->signals[i], on_signal, numbers[i]);
    }
}

/* Each node takes a socket, and files for its lines. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void tell_beginning(const struct collector *c)
{
    OU_TRACE(tracer_build_info, "ouroscope " OUROSCOPE_VERSION);
    OU_TRACE(tracer_params_are, c->options->config_path, c->options->state_path,
             severity_name(least_severity(c->options)));
    OU_TRACE(tracer_init_start);
    collector_tell_config(c);
}

static void begin_work(struct collector *c)
{
    struct buffer at;

    collector_start_resources(c);
    OU_TRACE(tracer_init_done);
    systemd_ready();
    if (!c->options->ready)
        return;
    buffer_init(&at, allocator_libc(), OU_TEXT_MAX);
    network_addresses(c, &at);
    c->options->ready(c->options->context, c->listener != NULL, buffer_string(&at));
    buffer_release(&at);
}

static enum ou_status run(struct collector *c, struct ou_error *err)
{
    enum ou_status status;

    tell_beginning(c);
    open_handles(c);
    status = open_all(c, err);
    if (status) {
        OU_TRACE(tracer_error, err->text);
        network_close(c);
        close_all(c);
    } else {
        begin_work(c);
    }
    uv_run(&c->loop, UV_RUN_DEFAULT);
    if (!status)
        OU_TRACE(tracer_shutdown_complete);
    return status;
}

static enum ou_status assemble(struct collector *c, struct ou_error *err)
{
    enum ou_status status = collector_load_config(c->options->config_path, &c->config, err);

    if (status)
        return status;
    c->view = (struct collector_view){ .config = c->config,
                                       .nodes = &c->nodes,
                                       .started_ns = time_wall_ns() };
    if (c->config->verbosity == VERBOSITY_MAXIMUM)
        collector_trace_as(c);
    uv_loop_init(&c->loop);
    status = run(c, err);
    uv_loop_close(&c->loop);
    nodes_release(&c->nodes);
    log_writer_free(c->writer);
    history_free(c->view.history);
    collector_config_free(c->next_config);
    collector_config_free(c->config);
    return status;
}

enum ou_status collector_run(const struct collector_options *options, struct ou_error *err)
{
    struct collector *c = calloc(1, sizeof(*c));
    enum ou_status status;

    if (!c)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a collector");
    c->options = options;
    raise_file_limit();
    (void)signal(SIGPIPE, SIG_IGN); /* a peer that is gone is told by write() */
    status = start_tracing(options, err);
    if (!status) {
        status = assemble(c, err);
        ou_trace_stop();
    }
    free(c);
    return status;
}
