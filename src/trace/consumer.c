#include "trace/consumer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "trace/clock.h"
#include "trace/configured.h"
#include "trace/data_points.h"
#include "trace/folds.h"
#include "trace/legacy.h"
#include "trace/metrics.h"
#include "trace/node_info.h"
#include "trace/points.h"
#include "trace/prometheus.h"
#include "trace/registry.h"
#include "trace/rings.h"
#include "trace/runtime.h"
#include "trace/tell.h"
#include "trace/values.h"

#define LINE_MAX_BYTES (1u << 20)
#define QUIET_LAG_NS 20000 /* a thousand times what a store takes to be seen */

static struct {
    pthread_mutex_t lock;
    bool begun, reflections_only;
    struct config *config; /* owned; NULL before the first */
    struct configured outputs;
    struct prometheus *page; /* NULL: none */
    char *host, *env;
    struct node_info *node;
    struct trace_clock clock;
    int64_t window_ns;
    struct buffer line; /* scratch for added outputs */
    uint64_t last_stamp;
    int64_t next_second_ns, next_resources_ns; /* monotonic */
    uint64_t told_losses[LOSSES];
    uint64_t lines_elsewhere; /* of outputs that are closed by now, and of added ones */
    uint64_t lost_elsewhere;
    uint64_t told_forwarder_loss;
} consumer = { .lock = PTHREAD_MUTEX_INITIALIZER };

static _Atomic uint64_t taken, lines, limited, late, lost_lines; /* relaxed; see consumer_counts */
static __thread bool has_lock;
static __thread int cancel_before;

/* --- The lock ------------------------------------------------------------------- */

/* Who has the lock writes and sleeps, and must not be cancelled there. */
static void enter(void)
{
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_before);
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
    pthread_setcancelstate(cancel_before, NULL);
}

void consumer_fork_prepare(void)
{
    if (!has_lock)
        pthread_mutex_lock(&consumer.lock);
    legacy_hold();
    points_fork_prepare();
    metrics_fork_prepare();
    data_points_fork_prepare();
}

void consumer_fork_parent(void)
{
    data_points_fork_done();
    metrics_fork_done();
    points_fork_done();
    legacy_release();
    if (!has_lock)
        pthread_mutex_unlock(&consumer.lock);
}

/* The locks are held by this thread, in the child as in the parent. */
void consumer_fork_child(void)
{
    data_points_fork_done();
    metrics_fork_done();
    points_fork_done();
    legacy_release();
    pthread_mutex_unlock(&consumer.lock);
    has_lock = false;
}

/* --- Points ------------------------------------------------------------------------ */

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
                                       added_outputs() > 0, forwarding_is_on() };

    if (!consumer.begun)
        return;
    legacy_hold();
    points_each(apply_to, &setting);
    legacy_release();
}

static void apply_to_new(void)
{
    bool locked = consumer_lock();

    consumer_apply();
    if (locked)
        consumer_unlock();
}

static void switch_off(void *context, struct ou_point *point)
{
    (void)context;
    atomic_store_explicit(&point->state, 0, memory_order_relaxed);
}

static void drop(void *context, struct ou_point *point)
{
    (void)context;
    runtime_drop(point);
}

void consumer_drop_points(struct ou_point *const *points, size_t count)
{
    bool locked = consumer_lock();

    for (size_t i = 0; i < count; i++)
        if (points[i])
            switch_off(NULL, points[i]);
    if (locked) /* else this is within a pass: message.h forbids it */
        consumer_pass(UINT64_MAX);
    legacy_hold();
    for (size_t i = 0; i < count; i++)
        if (points[i]) {
            runtime_drop(points[i]);
            folds_forget(points[i]);
        }
    legacy_release();
    if (locked)
        consumer_unlock();
}

/* --- Configuration and life ------------------------------------------------------------ */

static void count_lines(void)
{
    uint64_t written, lost;

    configured_counts(&consumer.outputs, &written, &lost);
    atomic_store_explicit(&lines, consumer.lines_elsewhere + written, memory_order_relaxed);
    atomic_store_explicit(&lost_lines, consumer.lost_elsewhere + lost, memory_order_relaxed);
}

/* What the outputs have counted is kept. */
static void close_outputs(void)
{
    uint64_t written, lost;

    configured_flush(&consumer.outputs);
    configured_counts(&consumer.outputs, &written, &lost);
    consumer.lines_elsewhere += written;
    consumer.lost_elsewhere += lost;
    configured_close(&consumer.outputs);
    count_lines();
}

static enum ou_status open_all(const struct config *config, struct configured *ret,
                               struct ou_error *err)
{
    enum ou_status status = configured_open(config, consumer.env, consumer.host, ret, err);

    if (status)
        return status;
    status = configured_page(consumer.config, config, &consumer.page, err);
    if (!status && config->legacy.wanted) {
        status = legacy_start(&config->legacy, consumer.env, consumer.host, err);
        if (status && consumer.config)
            configured_page(config, consumer.config, &consumer.page, NULL);
    }
    if (!status)
        status = metrics_set_prefix(config->metrics_prefix);
    if (!status) {
        node_info_file(consumer.node, config->node_name); /* before a collector asks for it */
        status = forwarding_configure(config, err);
    }
    if (status)
        configured_abandon(ret);
    return status;
}

enum ou_status consumer_configure(struct config *config, const char *warnings, struct ou_error *err)
{
    struct configured opened;
    enum ou_status status = open_all(config, &opened, err);

    if (status) {
        config_free(config);
        return status;
    }
    if (consumer.config) {
        consumer_pass(ou_ticks()); /* what was traced so far goes where it was to go */
        close_outputs();
    }
    consumer.outputs = opened;
    config_free(consumer.config);
    consumer.config = config;
    consumer_apply();
    if (!config->legacy.wanted)
        legacy_stop();
    consumer.next_resources_ns = time_monotonic_ns();
    tell_configuration(config, warnings);
    return OU_OK;
}

void consumer_reopen_files(void)
{
    configured_reopen(&consumer.outputs);
    legacy_reopen();
}

static void reset_counts(void)
{
    consumer.lines_elsewhere = consumer.lost_elsewhere = consumer.told_forwarder_loss = 0;
    memset(consumer.told_losses, 0, sizeof(consumer.told_losses));
    legacy_reset_counts();
    atomic_store(&taken, 0);
    atomic_store(&lines, 0);
    atomic_store(&limited, 0);
    atomic_store(&late, 0);
    atomic_store(&lost_lines, 0);
}

/* A straggler of an earlier run; its point may have been unloaded since. */
static void discard(void *context, const struct ou_record *record, uint32_t thread)
{
    (void)context;
    (void)record;
    (void)thread;
}

static void release(void);

static enum ou_status copy_options(const struct consumer_options *options, struct ou_error *err)
{
    consumer.host = strdup(options->host);
    consumer.env = strdup(options->env);
    consumer.node = node_info_new(options->node, options->host, time_wall_ns());
    if (consumer.host && consumer.env && consumer.node &&
        forwarding_begin(&options->collector, options->host, NULL) == OU_OK)
        return OU_OK;
    release();
    return ou_fail(err, OU_NO_MEMORY, "no memory for tracing");
}

enum ou_status consumer_begin(const struct consumer_options *options, struct ou_error *err)
{
    enum ou_status status = copy_options(options, err);

    if (status)
        return status;
    consumer.window_ns = (int64_t)options->window_ms * 1000000;
    consumer.last_stamp = 0;
    consumer.reflections_only = false;
    reset_counts();
    buffer_init(&consumer.line, allocator_libc(), LINE_MAX_BYTES);
    clock_start(&consumer.clock);
    consumer.begun = true;
    points_watch(apply_to_new, consumer_drop_points);
    rings_read(UINT64_MAX, discard, NULL);
    return OU_OK;
}

bool consumer_has_begun(void)
{
    return consumer.begun;
}

/* Points that are unloaded meanwhile are told of until all have been dropped. */
static void points_away(void)
{
    legacy_hold();
    points_each(drop, NULL);
    legacy_release();
    points_watch(NULL, NULL);
}

static void release(void)
{
    buffer_release(&consumer.line);
    config_free(consumer.config);
    free(consumer.host);
    free(consumer.env);
    node_info_free(consumer.node);
    consumer.node = NULL;
    consumer.config = NULL;
    consumer.page = NULL;
    consumer.host = consumer.env = NULL;
    consumer.begun = false;
}

void consumer_end(void)
{
    if (!consumer.begun)
        return;
    points_away();
    legacy_stop();
    prometheus_stop(consumer.page);
    if (consumer.config)
        close_outputs();
    release();
}

void consumer_abandon(void)
{
    if (!consumer.begun)
        return;
    points_away();
    legacy_abandon();
    prometheus_forget(consumer.page);
    forwarding_abandon();
    if (consumer.config)
        configured_abandon(&consumer.outputs);
    release();
}

/* --- Messages ------------------------------------------------------------------------------ */

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

static void write_configured(const struct point_runtime *rt, const struct ou_message *m)
{
    struct span line = { NULL, 0 };

    if (!(rt->rule.backends & BACKEND_FORWARDER) || !forwarding_is_on()) {
        configured_write(&consumer.outputs, rt, m, line);
        return;
    }
    line = forwarding_line(rt->plan, m);
    configured_write(&consumer.outputs, rt, m, line);
    forwarding_write(rt->plan, m, line);
}

static void write_message(const struct point_runtime *rt, const struct ou_message *m)
{
    if (consumer.config->legacy.wanted) /* traced just before the change to it */
        legacy_write(rt, m);
    else
        write_configured(rt, m);
    if (added_outputs())
        consumer.lines_elsewhere += (uint64_t)added_outputs_write(rt->plan, m, &consumer.line);
}

static void note_order(uint64_t stamp)
{
    if (stamp < consumer.last_stamp)
        atomic_fetch_add_explicit(&late, 1, memory_order_relaxed);
    else
        consumer.last_stamp = stamp;
}

static void take(void *context, const struct ou_record *record, uint32_t thread)
{
    struct point_runtime *rt = runtime_of(record->point);
    struct ou_value values[OU_FIELDS_MAX];
    struct ou_message m = { .point = record->point,
                            .at_ns = clock_wall_ns(&consumer.clock, record->stamp),
                            .thread = thread,
                            .values = values,
                            .host = consumer.host };

    (void)context;
    note_order(record->stamp);
    if (!rt) /* its point has just been dropped: the program is at its end */
        return;
    m.detail = rt->rule.detail;
    values_read(record->point, (const char *)(record + 1), record->bytes - sizeof(*record), values);
    if (rt->feeds_metrics)
        metrics_feed(&m);
    if (rt->folded)
        folds_step(&m);
    if (rt->passes && within_limit(rt, &m))
        write_message(rt, &m);
}

/* --- A pass ------------------------------------------------------------------------------------ */

static uint64_t lost_by(enum loss cause)
{
    uint64_t forwarded, lost;

    switch (cause) {
    case LOSS_output: return atomic_load_explicit(&lost_lines, memory_order_relaxed);
    case LOSS_forwarder: forwarding_counts(&forwarded, &lost); return lost;
    default: return rings_lost(cause);
    }
}

static void tell_what_is_lost(void)
{
    uint64_t now[LOSSES];

    for (int i = 0; i < LOSSES; i++)
        now[i] = lost_by((enum loss)i);
    tell_losses(now, consumer.told_losses);
    tell_forwarder_loss(now[LOSS_forwarder], &consumer.told_forwarder_loss);
}

static bool resources_are_due(int64_t now_ns)
{
    int64_t period_ns = 0;

    if (consumer.config)
        period_ns = (int64_t)consumer.config->resource_frequency_ms * 1000000;
    if (period_ns <= 0 || now_ns < consumer.next_resources_ns || consumer.reflections_only)
        return false;
    consumer.next_resources_ns += period_ns;
    if (consumer.next_resources_ns < now_ns)
        consumer.next_resources_ns = now_ns + period_ns;
    return true;
}

/* What is done now and then. */
static void do_chores(void)
{
    int64_t now_ns = time_monotonic_ns();

    if (resources_are_due(now_ns))
        tell_resources();
    if (now_ns >= consumer.next_second_ns) {
        consumer.next_second_ns = now_ns + NS_PER_SECOND;
        tell_what_is_lost();
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
    bool anew;
    uint64_t count;

    if (!consumer.begun)
        return 0;
    anew = clock_tick(&consumer.clock);
    do_chores();
    count = rings_read(anew ? UINT64_MAX : horizon, take, NULL);
    if (anew) /* else all that follows would be late */
        consumer.last_stamp = 0;
    atomic_fetch_add_explicit(&taken, count, memory_order_relaxed);
    configured_flush(&consumer.outputs);
    count_lines();
    forwarding_tally();
    return count;
}

void consumer_quieten(void)
{
    consumer.reflections_only = true;
    consumer_apply();
}

void consumer_finish(void)
{
    consumer_pass(UINT64_MAX);
    tell_what_is_lost();
    consumer_pass(UINT64_MAX);
}

void consumer_counts(struct ou_trace_counts *ret)
{
    uint64_t lost;

    *ret = (struct ou_trace_counts){ .taken = atomic_load(&taken),
                                     .lines = atomic_load(&lines),
                                     .limited = atomic_load(&limited),
                                     .late = atomic_load(&late),
#define X(name, why) .name = lost_by(LOSS_##name),
                                     OU_LOSSES(X)
#undef X
    };
    forwarding_counts(&ret->forwarded, &lost);
    legacy_counts(ret);
}
