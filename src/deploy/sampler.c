#include "deploy/sampler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/time.h"
#include "deploy/group_usage.h"
#include "json/write.h"

#define PERIOD_MS 1000
#define PROCESSES_MAX 4096
#define LINE_BYTES_MAX 4096

/* Counters so far and gauges now, in the units of the trace; -1 not known. */
struct sample {
    int64_t cpu_centi, block_io_centi, rss_bytes, threads;
    int64_t net_read_bytes, net_written_bytes, read_bytes, written_bytes;
};

struct sampled_process {
    struct sampler *sampler;
    struct sampled_process *next;
    int pid; /* of the process, and of its group */
    int log; /* the open file */
    struct sample last;
    char name[64];
};

struct sampler {
    uv_timer_t timer;
    struct sampled_process *processes; /* in ascending order of their groups */
    size_t count;
    struct group_usage *groups; /* room for all of them */
    size_t cap;
    struct buffer line;
};

/* ---- lines ---- */

static void begin_line(struct json_writer *w, struct buffer *line, const char *name_space,
                       const char *kind)
{
    buffer_cut(line, 0);
    json_writer_init(w, line, false);
    json_begin_object(w);
    json_key(w, "at");
    json_instant(w, time_wall_ns());
    json_key(w, "ns");
    json_cstring(w, name_space);
    json_key(w, "data");
    json_begin_object(w);
    json_key(w, "kind");
    json_cstring(w, kind);
}

/* A line is written whole or not at all: who reads along must not see half a one. A full disk loses lines. */
static void end_line(struct json_writer *w, const struct sampled_process *p)
{
    ssize_t written;

    json_end(w);
    json_key(w, "sev");
    json_cstring(w, "Info");
    json_key(w, "thread");
    json_cstring(w, "0");
    json_key(w, "host");
    json_cstring(w, p->name);
    json_end(w);
    buffer_char(w->out, '\n');
    if (buffer_status(w->out))
        return;
    do
        written = write(p->log, w->out->at, w->out->len);
    while (written < 0 && errno == EINTR);
}

static void known(struct json_writer *w, const char *key, int64_t value)
{
    if (value < 0)
        return;
    json_key(w, key);
    json_int(w, value);
}

/* What only the process itself could know (its heap, its collector) is not there. */
static void write_sample(struct sampled_process *p)
{
    struct json_writer w;

    begin_line(&w, &p->sampler->line, "Resources", "ResourceStats");
    known(&w, "CentiCpu", p->last.cpu_centi);
    known(&w, "RSS", p->last.rss_bytes);
    known(&w, "CentiBlkIO", p->last.block_io_centi);
    known(&w, "NetRd", p->last.net_read_bytes);
    known(&w, "NetWr", p->last.net_written_bytes);
    known(&w, "FsRd", p->last.read_bytes);
    known(&w, "FsWr", p->last.written_bytes);
    known(&w, "Threads", p->last.threads);
    end_line(&w, p);
}

static void write_end(struct sampled_process *p, const struct child_spent *spent, int status)
{
    struct json_writer w;

    begin_line(&w, &p->sampler->line, "Process.Ended", "ProcessEnded");
    json_key(&w, "status");
    json_int(&w, status);
    json_key(&w, "wallSeconds");
    json_seconds(&w, spent->wall_ns);
    json_key(&w, "userSeconds");
    json_seconds(&w, spent->user_ns);
    json_key(&w, "systemSeconds");
    json_seconds(&w, spent->system_ns);
    json_key(&w, "maxRssBytes");
    json_uint(&w, spent->max_rss_bytes);
    end_line(&w, p);
}

/* ---- samples ---- */

static int64_t largest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t centi_of(uint64_t ticks)
{
    return (int64_t)(ticks * 100 / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* What a process used that its parent never waited for is gone with it. Counters stay where they were rather than step
 * back, which would be read as a restart. */
static void take_usage(struct sampled_process *p, const struct group_usage *g)
{
    struct sample *s = &p->last;

    s->cpu_centi = largest(s->cpu_centi, centi_of(g->cpu_ticks));
    s->block_io_centi = largest(s->block_io_centi, centi_of(g->block_io_ticks));
    s->read_bytes = largest(s->read_bytes, (int64_t)g->read_bytes);
    s->written_bytes = largest(s->written_bytes, (int64_t)g->written_bytes);
    s->rss_bytes = (int64_t)g->rss_pages * sysconf(_SC_PAGESIZE);
    s->threads = g->threads;
    network_usage_read(p->pid, &s->net_read_bytes, &s->net_written_bytes);
}

static void sample_one(struct sampled_process *p, const struct group_usage *g)
{
    if (g->processes == 0)
        return;
    take_usage(p, g);
    write_sample(p);
}

static void on_time(uv_timer_t *timer)
{
    struct sampler *s = timer->data;
    size_t i = 0;

    for (const struct sampled_process *p = s->processes; p; p = p->next)
        s->groups[i++].group = p->pid;
    group_usage_read(s->groups, s->count);
    i = 0;
    for (struct sampled_process *p = s->processes; p; p = p->next)
        sample_one(p, &s->groups[i++]);
}

/* ---- processes ---- */

static void insert(struct sampler *s, struct sampled_process *process)
{
    struct sampled_process **at = &s->processes;

    while (*at && (*at)->pid < process->pid)
        at = &(*at)->next;
    process->next = *at;
    *at = process;
    s->count++;
}

static void release(struct sampled_process *process)
{
    close(process->log);
    free(process);
}

static void forget(struct sampled_process *process)
{
    struct sampled_process **at = &process->sampler->processes;

    while (*at != process)
        at = &(*at)->next;
    *at = process->next;
    process->sampler->count--;
    release(process);
}

enum ou_status sampler_add(struct sampler *s, const struct child *child, const char *path,
                           struct sampled_process **ret, struct ou_error *err)
{
    struct group_usage usage = { .group = child_pid(child) };
    struct sampled_process *p = calloc(1, sizeof *p);

    if (!p || !array_reserve(allocator_libc(), (void **)&s->groups, &s->cap, s->count + 1,
                             sizeof *s->groups, PROCESSES_MAX)) {
        free(p);
        return ou_fail(err, OU_NO_MEMORY, "sample %s: no memory", child_name(child));
    }
    p->sampler = s;
    p->pid = child_pid(child);
    snprintf(p->name, sizeof p->name, "%s", child_name(child));
    p->log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (p->log < 0) {
        free(p);
        return ou_fail(err, OU_IO, "%s: %s", path, strerror(errno));
    }
    insert(s, p);
    if (s->count == 1)
        uv_timer_start(&s->timer, on_time, PERIOD_MS, PERIOD_MS);
    group_usage_read(&usage, 1);
    take_usage(p, &usage); /* it may have ended already: all 0 then */
    write_sample(p);
    *ret = p;
    return OU_OK;
}

void sampler_ended(struct sampled_process *p, const struct child *child, int status)
{
    struct child_spent spent;
    struct sampler *s;

    if (!p)
        return;
    s = p->sampler;
    spent = child_spent(child);
    p->last.cpu_centi = largest(p->last.cpu_centi, (spent.user_ns + spent.system_ns) / 10000000);
    p->last.read_bytes = largest(p->last.read_bytes, (int64_t)spent.read_bytes);
    p->last.written_bytes = largest(p->last.written_bytes, (int64_t)spent.written_bytes);
    write_sample(p);
    write_end(p, &spent, status);
    forget(p);
    if (s->count == 0)
        uv_timer_stop(&s->timer);
}

/* ---- all of it ---- */

enum ou_status sampler_open(uv_loop_t *loop, struct sampler **ret, struct ou_error *err)
{
    struct sampler *s = calloc(1, sizeof *s);

    if (!s)
        return ou_fail(err, OU_NO_MEMORY, "no memory to sample processes");
    buffer_init(&s->line, allocator_libc(), LINE_BYTES_MAX);
    uv_timer_init(loop, &s->timer);
    s->timer.data = s;
    *ret = s;
    return OU_OK;
}

static void on_closed(uv_handle_t *handle)
{
    struct sampler *s = handle->data;

    buffer_release(&s->line);
    free(s->groups);
    free(s);
}

void sampler_close(struct sampler *s)
{
    struct sampled_process *process;

    if (!s)
        return;
    while ((process = s->processes)) {
        s->processes = process->next;
        release(process);
    }
    uv_close((uv_handle_t *)&s->timer, on_closed);
}
