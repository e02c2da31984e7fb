#include "trace/consumer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/time.h"
#include "trace/clock.h"
#include "trace/folds.h"
#include "trace/legacy.h"
#include "trace/metrics.h"
#include "trace/output.h"
#include "trace/points.h"
#include "trace/prometheus.h"
#include "trace/reflection.h"
#include "trace/registry.h"
#include "trace/resources.h"
#include "trace/rings.h"
#include "trace/runtime.h"
#include "trace/values.h"

#include <ouroscope/resources.h>

#define LINE_MAX_BYTES (1u << 20)
#define LIST_MAX_BYTES (OU_TEXT_MAX)
#define QUIET_LAG_NS 20000 /* a thousand times what a store takes to be seen */

/* What the configuration opens. */
struct outputs {
    struct output to_stdout; /* fd -1: nothing goes there */
    struct output files[CONFIG_FILES_MAX];
    int file_count;
    struct prometheus *prometheus;
};

static struct {
    pthread_mutex_t lock;
    bool begun, reflections_only;
    struct config *config; /* owned; NULL before the first */
    struct outputs outputs;
    char *host, *env;
    struct trace_clock clock;
    int64_t window_ns;
    struct buffer line; /* scratch for added outputs */
    uint64_t last_stamp;
    int64_t next_second_ns, next_resources_ns; /* monotonic */
    uint64_t told_losses[LOSSES];
    uint64_t lines_elsewhere; /* of outputs that are closed by now, and of added ones */
    uint64_t lost_lines_elsewhere;
} consumer = { .lock = PTHREAD_MUTEX_INITIALIZER };

static _Atomic uint64_t taken, lines, limited, late, lost_lines; /* relaxed; see consumer_counts */
static __thread bool has_lock;

/* --- The lock ------------------------------------------------------------------- */

static void enter(void)
{
    has_lock = true;
    rings_set_reader(true);
}

bool consumer_lock(void)
{
    if (has_lock)
        return false;
    pthread_mutex_lock(&consumer.lock);
    enter();
    return true;
}

bool consumer_lock_within(int seconds)
{
    struct timespec until;

    if (has_lock)
        return false;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    if (pthread_mutex_timedlock(&consumer.lock, &until) != 0)
        return false;
    enter();
    return true;
}

void consumer_unlock(void)
{
    has_lock = false;
    rings_set_reader(false);
    pthread_mutex_unlock(&consumer.lock);
}

void consumer_fork_prepare(void)
{
    if (!has_lock)
        pthread_mutex_lock(&consumer.lock);
    points_fork_prepare();
    legacy_hold();
}

void consumer_fork_parent(void)
{
    legacy_release();
    points_fork_parent();
    if (!has_lock)
        pthread_mutex_unlock(&consumer.lock);
}

void consumer_fork_child(void)
{
    legacy_fork_child();
    points_fork_child();
    pthread_mutex_init(&consumer.lock, NULL);
    has_lock = false;
}

/* --- Outputs of the configuration --------------------------------------------------- */

static void count_lines_of(struct outputs *o)
{
    uint64_t written = consumer.lines_elsewhere + o->to_stdout.lines;
    uint64_t lost = consumer.lost_lines_elsewhere + o->to_stdout.lost_lines;

    for (int i = 0; i < o->file_count; i++) {
        written += o->files[i].lines;
        lost += o->files[i].lost_lines;
    }
    atomic_store_explicit(&lines, written, memory_order_relaxed);
    atomic_store_explicit(&lost_lines, lost, memory_order_relaxed);
}

static void flush_outputs(struct outputs *o)
{
    output_flush(&o->to_stdout, NULL);
    for (int i = 0; i < o->file_count; i++)
        output_flush(&o->files[i], NULL);
    count_lines_of(o);
}

/* What they counted is kept. */
static void close_outputs(struct outputs *o, void (*close_one)(struct output *))
{
    if (close_one == output_close)
        flush_outputs(o);
    consumer.lines_elsewhere = atomic_load(&lines);
    consumer.lost_lines_elsewhere = atomic_load(&lost_lines);
    close_one(&o->to_stdout);
    for (int i = 0; i < o->file_count; i++)
        close_one(&o->files[i]);
    o->file_count = 0;
}

static enum ou_status open_outputs(const struct config *config, struct outputs *ret,
                                   struct ou_error *err)
{
    enum ou_status status = OU_OK;

    *ret = (struct outputs){ .to_stdout = { .fd = -1 } };
    if (config->legacy.wanted)
        return OU_OK;
    status = output_open(&ret->to_stdout, NULL, err);
    for (int i = 0; i < config->file_count && !status; i++) {
        status = output_open(&ret->files[i], config->files[i].path, err);
        ret->file_count += !status;
    }
    if (status) {
        output_abandon(&ret->to_stdout);
        for (int i = 0; i < ret->file_count; i++)
            output_abandon(&ret->files[i]);
    }
    return status;
}

static bool same_page(const struct config_prometheus *a, const struct config_prometheus *b)
{
    return a->wanted == b->wanted && a->suffix == b->suffix && a->port == b->port &&
           (!a->wanted || strcmp(a->host, b->host) == 0) &&
           a->conn_timeout_s == b->conn_timeout_s && a->conn_global == b->conn_global &&
           a->conn_per_host == b->conn_per_host && a->conn_per_second == b->conn_per_second;
}

/* The page stays when nothing about it changes: its port is in use, by itself. */
static enum ou_status open_page(const struct config *config, struct prometheus **page,
                                struct ou_error *err)
{
    const struct config *old = consumer.config;

    if (old && same_page(&old->prometheus, &config->prometheus) &&
        strcmp(old->metrics_prefix, config->metrics_prefix) == 0)
        return OU_OK;
    prometheus_stop(*page);
    *page = NULL;
    if (!config->prometheus.wanted)
        return OU_OK;
    return prometheus_start(&config->prometheus, config->metrics_prefix, page, err);
}

void consumer_reopen_files(void)
{
    for (int i = 0; i < consumer.outputs.file_count; i++)
        output_reopen(&consumer.outputs.files[i], NULL);
    legacy_reopen();
}

/* --- The points ------------------------------------------------------------------------ */

static double wall_seconds(void)
{
    return (double)clock_wall_ns(&consumer.clock, ou_ticks()) / NS_PER_SECOND;
}

static void apply_to(void *context, struct ou_point *point)
{
    runtime_set(point, context, wall_seconds());
}

void consumer_apply(void)
{
    struct runtime_setting setting = { consumer.config, consumer.reflections_only,
                                       added_outputs() > 0 };

    if (!consumer.begun)
        return;
    legacy_hold();
    points_each(apply_to, &setting);
    legacy_release();
}

static void drop(void *context, struct ou_point *point)
{
    (void)context;
    runtime_drop(point);
}

static void apply_to_new(void)
{
    bool locked = consumer_lock();

    consumer_apply();
    if (locked)
        consumer_unlock();
}

static void point_off(void *context, struct ou_point *point)
{
    (void)context;
    atomic_store_explicit(&point->state, 0, memory_order_relaxed);
}

void consumer_drop_points(struct ou_point *const *points, size_t count)
{
    bool locked = consumer_lock();

    for (size_t i = 0; i < count; i++)
        if (points[i])
            point_off(NULL, points[i]);
    consumer_pass(ou_ticks());
    legacy_hold();
    for (size_t i = 0; i < count; i++)
        if (points[i])
            runtime_drop(points[i]);
    legacy_release();
    if (locked)
        consumer_unlock();
}

/* --- What the library tells about its configuration ---------------------------------------- */

static void tell_warnings(const char *warnings)
{
    struct buffer list;
    const char *at = warnings;

    buffer_init(&list, allocator_libc(), LIST_MAX_BYTES);
    points_faults(&list);
    if (*at || list.len) {
        buffer_text(&list, at);
        while (list.len && list.at[list.len - 1] == '\n')
            buffer_cut(&list, list.len - 1);
        OU_TRACE(consistency_warnings, buffer_string(&list));
    }
    buffer_release(&list);
}

struct name_lists {
    struct buffer silent, no_metrics, all;
};

static void list_name(struct buffer *list, const char *ns)
{
    buffer_printf(list, "%s%s", list->len ? " " : "", ns);
}

static void list_point(void *context, struct ou_point *point)
{
    struct name_lists *lists = context;
    const struct point_runtime *rt = runtime_of(point);

    list_name(&lists->all, point->ns);
    if (rt && !rt->feeds_metrics)
        list_name(&lists->no_metrics, point->ns);
    if (rt && !rt->passes)
        list_name(&lists->silent, point->ns);
}

static void tell_configuration(const char *warnings)
{
    struct name_lists lists;
    struct buffer conf;

    tell_warnings(warnings);
    buffer_init(&conf, allocator_libc(), LIST_MAX_BYTES);
    config_json(consumer.config, &conf);
    OU_TRACE(config_info, buffer_string(&conf));
    buffer_release(&conf);

    buffer_init(&lists.silent, allocator_libc(), LIST_MAX_BYTES);
    buffer_init(&lists.no_metrics, allocator_libc(), LIST_MAX_BYTES);
    buffer_init(&lists.all, allocator_libc(), LIST_MAX_BYTES);
    points_each(list_point, &lists);
    OU_TRACE(tracer_info, buffer_string(&lists.silent), buffer_string(&lists.no_metrics),
             buffer_string(&lists.all));
    buffer_release(&lists.silent);
    buffer_release(&lists.no_metrics);
    buffer_release(&lists.all);
}

/* --- Configuration ---------------------------------------------------------------------------- */

static enum ou_status open_all(const struct config *config, struct outputs *ret,
                               struct ou_error *err)
{
    enum ou_status status = open_outputs(config, ret, err);

    if (status)
        return status;
    if (config->legacy.wanted)
        status = legacy_start(&config->legacy, consumer.env, consumer.host, err);
    ret->prometheus = consumer.outputs.prometheus;
    if (!status)
        status = open_page(config, &ret->prometheus, err);
    consumer.outputs.prometheus = ret->prometheus;
    if (!status)
        status = metrics_set_prefix(config->metrics_prefix);
    if (status)
        close_outputs(ret, output_abandon);
    return status;
}

enum ou_status consumer_configure(struct config *config, const char *warnings, struct ou_error *err)
{
    struct outputs opened;
    enum ou_status status = open_all(config, &opened, err);

    if (status) {
        config_free(config);
        return status;
    }
    consumer_pass(ou_ticks()); /* what was traced so far goes where it was to go */
    if (consumer.config)
        close_outputs(&consumer.outputs, output_close);
    consumer.outputs = opened;
    config_free(consumer.config);
    consumer.config = config;
    consumer_apply();
    if (!config->legacy.wanted)
        legacy_stop();
    consumer.next_resources_ns = time_monotonic_ns();
    tell_configuration(warnings);
    return OU_OK;
}

enum ou_status consumer_begin(const struct consumer_options *options, struct ou_error *err)
{
    consumer.host = strdup(options->host);
    consumer.env = strdup(options->env);
    if (!consumer.host || !consumer.env) {
        free(consumer.host);
        free(consumer.env);
        return ou_fail(err, OU_NO_MEMORY, "no memory for tracing");
    }
    consumer.window_ns = (int64_t)options->window_ms * 1000000;
    consumer.last_stamp = 0;
    consumer.reflections_only = false;
    consumer.lines_elsewhere = consumer.lost_lines_elsewhere = 0;
    memset(consumer.told_losses, 0, sizeof(consumer.told_losses));
    legacy_reset_counts();
    atomic_store(&taken, 0);
    atomic_store(&lines, 0);
    atomic_store(&limited, 0);
    atomic_store(&late, 0);
    atomic_store(&lost_lines, 0);
    buffer_init(&consumer.line, allocator_libc(), LINE_MAX_BYTES);
    clock_start(&consumer.clock);
    consumer.begun = true;
    points_watch(apply_to_new, consumer_drop_points);
    return OU_OK;
}

static void release_all(void (*close_one)(struct output *))
{
    points_each(drop, NULL);
    close_outputs(&consumer.outputs, close_one);
    buffer_release(&consumer.line);
    config_free(consumer.config);
    free(consumer.host);
    free(consumer.env);
    consumer.config = NULL;
    consumer.host = consumer.env = NULL;
    consumer.begun = false;
}

void consumer_end(void)
{
    if (!consumer.begun)
        return;
    points_watch(NULL, NULL);
    points_each(point_off, NULL);
    legacy_stop();
    prometheus_stop(consumer.outputs.prometheus);
    consumer.outputs.prometheus = NULL;
    release_all(output_close);
}

void consumer_abandon(void)
{
    if (!consumer.begun)
        return;
    points_watch(NULL, NULL);
    points_each(point_off, NULL);
    legacy_abandon();
    prometheus_forget(consumer.outputs.prometheus);
    consumer.outputs.prometheus = NULL;
    release_all(output_abandon);
}

/* --- Messages -------------------------------------------------------------------------------------- */

static void write_configured(const struct point_runtime *rt, const struct ou_message *m)
{
    struct outputs *o = &consumer.outputs;
    unsigned backends = rt->rule.backends;

    if (backends & BACKEND_STDOUT) {
        if (backends & BACKEND_STDOUT_MACHINE)
            render_machine(rt->plan, m, output_line(&o->to_stdout));
        else
            render_human(rt->plan, m, backends & BACKEND_STDOUT_COLOURED,
                         output_line(&o->to_stdout));
        output_line_end(&o->to_stdout);
    }
    for (int i = 0; i < o->file_count; i++) {
        enum file_format format = consumer.config->files[i].format;

        if (!(backends & BACKEND_FILE(i)))
            continue;
        if (format == FILE_MACHINE)
            render_machine(rt->plan, m, output_line(&o->files[i]));
        else
            render_human(rt->plan, m, format == FILE_COLOURED, output_line(&o->files[i]));
        output_line_end(&o->files[i]);
    }
}

static void tell_limiting(enum limiter_said said, const char *ns, uint64_t suppressed)
{
    char metric[256];

    switch (said) {
    case LIMITER_NOTHING: break;
    case LIMITER_STARTED: OU_TRACE(start_limiting, ns); break;
    case LIMITER_REMEMBERS: OU_TRACE(remember_limiting, ns, suppressed); break;
    case LIMITER_STOPPED:
        OU_TRACE(stop_limiting, ns, suppressed);
        snprintf(metric, sizeof(metric), "SuppressedMessages.%s", ns);
        ou_metric_set(metric, (int64_t)suppressed);
        break;
    }
}

/* Whether the message's limiter, if it has one, lets it through. */
static bool within_limit(struct point_runtime *rt, const struct ou_message *m)
{
    enum limiter_said said;
    uint64_t suppressed;
    bool passes;

    if (rt->rule.max_frequency <= 0 || rt->reflects)
        return true;
    passes = limiter_pass(&rt->limiter, (double)m->at_ns / NS_PER_SECOND, &said, &suppressed);
    tell_limiting(said, m->point->ns, suppressed);
    if (!passes)
        atomic_fetch_add_explicit(&limited, 1, memory_order_relaxed);
    return passes;
}

static void take(void *context, const struct ou_record *record, uint32_t thread)
{
    struct point_runtime *rt = runtime_of(record->point);
    struct ou_value values[OU_FIELDS_MAX];
    struct ou_message m = { record->point, clock_wall_ns(&consumer.clock, record->stamp),
                            thread,        OU_DNORMAL,
                            values,        consumer.host };

    (void)context;
    if (record->stamp < consumer.last_stamp)
        atomic_fetch_add_explicit(&late, 1, memory_order_relaxed);
    else
        consumer.last_stamp = record->stamp;
    if (!rt)
        return;
    m.detail = rt->rule.detail;
    values_read(record->point, (const char *)(record + 1), record->bytes - sizeof(*record), values);
    if (rt->feeds_metrics)
        metrics_feed(&m);
    if (rt->folded)
        folds_step(&m);
    if (!rt->passes || !within_limit(rt, &m))
        return;
    if (consumer.config->legacy.wanted) /* traced just before the change to it */
        legacy_write(rt, &m);
    else
        write_configured(rt, &m);
    consumer.lines_elsewhere += (uint64_t)added_outputs_write(rt->plan, &m, &consumer.line);
}

/* --- A pass -------------------------------------------------------------------------------------------- */

static uint64_t lost_by(enum loss cause)
{
    if (cause == LOSS_output)
        return atomic_load_explicit(&lost_lines, memory_order_relaxed);
    return rings_lost(cause);
}

/* Tells what was lost since the last report, if anything. */
static void tell_losses(void)
{
    uint64_t since[LOSSES], lost = 0, total = 0;

    for (int i = 0; i < LOSSES; i++) {
        uint64_t now = lost_by((enum loss)i);

        since[i] = now - consumer.told_losses[i];
        consumer.told_losses[i] = now;
        lost += since[i];
        total += now;
    }
    for (int i = 0; i < LOSSES; i++)
        if (since[i] == 0)
            since[i] = OU_NO_U64;
    if (lost)
        OU_TRACE(records_lost, since[LOSS_ring_full], since[LOSS_too_large],
                 since[LOSS_interrupted], since[LOSS_no_memory], since[LOSS_output], lost, total);
}

static void sample_resources(void)
{
    struct resource_usage u;

    if (!OU_TRACE_IS_ON(node_resources) || resources_read("/proc/self", &u, NULL) != OU_OK)
        return;
    OU_TRACE(node_resources, u.cpu_centi, 0, u.cpu_centi, 0, 0, u.rss_bytes, u.heap_bytes,
             u.live_bytes, 0, u.blk_io_centi, u.net_read_bytes, u.net_write_bytes, u.fs_read_bytes,
             u.fs_write_bytes, u.threads);
}

/* What is done now and then. */
static void do_chores(void)
{
    int64_t now_ns = time_monotonic_ns();
    int frequency_ms = consumer.config ? consumer.config->resource_frequency_ms : 0;

    if (frequency_ms > 0 && now_ns >= consumer.next_resources_ns && !consumer.reflections_only) {
        int64_t period_ns = (int64_t)frequency_ms * 1000000;

        consumer.next_resources_ns += period_ns;
        if (consumer.next_resources_ns < now_ns)
            consumer.next_resources_ns = now_ns + period_ns;
        sample_resources();
    }
    if (now_ns >= consumer.next_second_ns) {
        consumer.next_second_ns = now_ns + NS_PER_SECOND;
        tell_losses();
        rings_recycle();
    }
}

/* Where no call is under way all but the newest is in order. Else a call that
 * has taken its stamp may yet leave its record: the window is what it gets. */
uint64_t consumer_horizon(void)
{
    uint64_t now = ou_ticks();
    int64_t lag_ns = rings_are_quiet() ? QUIET_LAG_NS : consumer.window_ns;

    return now - clock_ticks_of(&consumer.clock, lag_ns);
}

uint64_t consumer_pass(uint64_t horizon)
{
    uint64_t count;

    if (!consumer.begun)
        return 0;
    clock_tick(&consumer.clock);
    do_chores();
    count = rings_read(horizon, take, NULL);
    atomic_fetch_add_explicit(&taken, count, memory_order_relaxed);
    flush_outputs(&consumer.outputs);
    return count;
}

bool consumer_has_begun(void)
{
    return consumer.begun;
}

void consumer_quieten(void)
{
    consumer.reflections_only = true;
    consumer_apply();
}

void consumer_finish(void)
{
    consumer_pass(UINT64_MAX);
    tell_losses();
    consumer_pass(UINT64_MAX);
}

void consumer_counts(struct ou_trace_counts *ret)
{
    *ret = (struct ou_trace_counts){ .taken = atomic_load(&taken),
                                     .lines = atomic_load(&lines),
                                     .limited = atomic_load(&limited),
                                     .late = atomic_load(&late),
#define X(name, why) .name = lost_by(LOSS_##name),
                                     OU_LOSSES(X)
#undef X
    };
    legacy_counts(ret);
}
