#include "trace/legacy.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "trace/legacy_frame.h"
#include "trace/metrics.h"
#include "trace/output.h"
#include "trace/runtime.h"
#include "trace/values.h"

#define LINE_ROOM (4 * LEGACY_RECORD_MAX)

struct outputs {
    struct output to_stdout, to_file; /* no path and fd -1: not in use */
};

/* The frame's texts, the outputs, the record being made: under the lock. */
static struct {
    pthread_mutex_t lock;
    bool open;
    struct outputs outputs;
    struct legacy_texts texts;
    struct legacy_frame frame;
    uint64_t taken, lines, lost_lines; /* lines: of outputs that are closed */
    _Alignas(16) char record[LEGACY_RECORD_MAX];
} legacy = { .lock = PTHREAD_MUTEX_INITIALIZER };

static __thread unsigned depth; /* how many times over this thread has the lock */
static __thread int cancel_before;
static _Atomic uint64_t interrupted, too_large;

/* Depth goes first: a signal handler that traces must not wait for its own thread. Who has the
 * lock writes, and must not be cancelled there. */
static void enter(void)
{
    if (depth++ > 0)
        return;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_before);
    pthread_mutex_lock(&legacy.lock);
}

static void leave(void)
{
    if (depth == 1) {
        pthread_mutex_unlock(&legacy.lock);
        pthread_setcancelstate(cancel_before, NULL);
    }
    depth--;
}

/* Memory for lines beforehand: a signal handler that traces must not call malloc. */
static void make_room(struct output *o)
{
    if (o->fd < 0)
        return;
    buffer_room(output_line(o), LINE_ROOM);
    buffer_clear(output_line(o));
}

static enum ou_status open_outputs(const struct config_legacy *config, struct outputs *ret,
                                   struct ou_error *err)
{
    enum ou_status status = OU_OK;

    *ret = (struct outputs){ { .fd = -1 }, { .fd = -1 } };
    if (config->path)
        status = output_open(&ret->to_file, config->path, err);
    if (!status && config->to_stdout)
        status = output_open(&ret->to_stdout, NULL, err);
    if (status) {
        output_abandon(&ret->to_file);
        return status;
    }
    make_room(&ret->to_file);
    make_room(&ret->to_stdout);
    return OU_OK;
}

static void close_output(struct output *o)
{
    output_flush(o, NULL);
    legacy.lines += o->lines;
    legacy.lost_lines += o->lost_lines;
    output_close(o);
}

static void close_outputs(void)
{
    if (legacy.open) {
        close_output(&legacy.outputs.to_stdout);
        close_output(&legacy.outputs.to_file);
    }
    legacy.open = false;
}

enum ou_status legacy_start(const struct config_legacy *config, const char *env, const char *host,
                            struct ou_error *err)
{
    struct outputs opened;
    enum ou_status status = open_outputs(config, &opened, err);

    if (status)
        return status;
    enter();
    close_outputs();
    legacy.outputs = opened;
    legacy_texts_set(&legacy.texts, env, host);
    legacy.frame = legacy_frame_of(&legacy.texts, config->maximal);
    legacy.open = true;
    leave();
    return OU_OK;
}

void legacy_stop(void)
{
    enter();
    close_outputs();
    leave();
}

void legacy_abandon(void)
{
    if (legacy.open) {
        output_abandon(&legacy.outputs.to_stdout);
        output_abandon(&legacy.outputs.to_file);
    }
    legacy.open = false;
}

void legacy_reopen(void)
{
    enter();
    if (legacy.open)
        output_reopen(&legacy.outputs.to_file, NULL);
    leave();
}

bool legacy_reserve(const struct ou_point *point, size_t bytes, struct ou_record **ret)
{
    *ret = NULL;
    if (depth) {
        atomic_fetch_add(&interrupted, 1);
        return true;
    }
    enter();
    if (!legacy.open) {
        leave();
        return false;
    }
    if (bytes > LEGACY_RECORD_MAX) {
        leave();
        atomic_fetch_add(&too_large, 1);
        return true;
    }
    *ret = (struct ou_record *)(void *)legacy.record;
    (*ret)->point = point;
    (*ret)->bytes = (uint32_t)bytes;
    return true;
}

bool legacy_is_in_call(void)
{
    return depth > 0;
}

static void write_to(struct output *o, const struct plan *plan, const struct ou_message *m)
{
    if (o->fd < 0 && !o->path)
        return;
    render_legacy(plan, m, &legacy.frame, output_line(o));
    output_line_end(o);
    output_flush(o, NULL);
}

/* Under the lock. A message from a ring may come when the outputs are closed. */
static void write_message(const struct point_runtime *rt, const struct ou_message *m)
{
    if (!legacy.open) {
        legacy.lost_lines++;
        return;
    }
    write_to(&legacy.outputs.to_stdout, rt->plan, m);
    write_to(&legacy.outputs.to_file, rt->plan, m);
}

void legacy_write(const struct point_runtime *rt, const struct ou_message *m)
{
    enter();
    write_message(rt, m);
    leave();
}

static int64_t wall_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

void legacy_commit(struct ou_record *record)
{
    const struct point_runtime *rt = runtime_of(record->point);
    struct ou_value values[OU_FIELDS_MAX];
    struct ou_message m = { record->point,
                            wall_now(),
                            (uint32_t)syscall(SYS_gettid),
                            rt ? rt->rule.detail : OU_DNORMAL,
                            values,
                            legacy.texts.host };

    legacy.taken++;
    if (rt) {
        values_read(record->point, (const char *)(record + 1), record->bytes - sizeof(*record),
                    values);
        if (rt->feeds_metrics)
            metrics_feed(&m);
        if (rt->passes)
            write_message(rt, &m);
    }
    leave();
}

void legacy_counts(struct ou_trace_counts *counts)
{
    enter();
    counts->taken += legacy.taken;
    counts->lines += legacy.lines;
    counts->output += legacy.lost_lines;
    if (legacy.open) {
        counts->lines += legacy.outputs.to_stdout.lines + legacy.outputs.to_file.lines;
        counts->output += legacy.outputs.to_stdout.lost_lines + legacy.outputs.to_file.lost_lines;
    }
    leave();
    counts->interrupted += atomic_load(&interrupted);
    counts->too_large += atomic_load(&too_large);
}

void legacy_reset_counts(void)
{
    enter();
    legacy.taken = legacy.lines = legacy.lost_lines = 0;
    leave();
    atomic_store(&interrupted, 0);
    atomic_store(&too_large, 0);
}

void legacy_hold(void)
{
    enter();
}

void legacy_release(void)
{
    leave();
}
