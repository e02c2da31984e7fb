/* Services of this machine: child processes whose logs, readiness and usage are looked at. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "deploy/backend_local_inside.h"

#define SERVICES_MAX 8192
#define READ_BYTES ((size_t)4 << 20) /* of one log at a time: the loop must go on */

/* ---- one more ---- */

static enum ou_status watch_log(struct service *s, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status;

    if (!s->options.log)
        return OU_OK;
    if (snprintf(path, sizeof path, "%s/%s", s->local->directory, s->options.log) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", s->local->directory);
    status = log_watch_open(&s->log, path, err);
    s->has_log = !status;
    if (!status && s->options.log_begins_here)
        log_watch_skip(&s->log);
    return status;
}

static enum ou_status insert(struct local *l, struct service *s, struct ou_error *err)
{
    if (!array_reserve(allocator_libc(), (void **)&l->services, &l->cap, l->count + 1,
                       sizeof(struct service *), SERVICES_MAX))
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu services", l->count + 1);
    l->services[l->count++] = s;
    return OU_OK;
}

enum ou_status local_add(struct backend *b, const struct service_options *options,
                         struct service **ret, struct ou_error *err)
{
    struct service *s = calloc(1, sizeof *s);
    enum ou_status status;

    if (!s)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", options->name);
    s->local = (struct local *)b;
    s->options = *options;
    s->options.name = s->name = strdup(options->name);
    s->facts = (struct service_facts){ .height = -1, .tip_slot = -1 };
    status =
        s->name ? watch_log(s, err) : ou_fail(err, OU_NO_MEMORY, "%s: no memory", options->name);
    s->options.log = NULL; /* it is s->log's now */
    if (!status)
        status = insert(s->local, s, err);
    if (status)
        local_service_free(s);
    else
        *ret = s;
    return status;
}

void local_service_free(struct service *s)
{
    if (s->has_log)
        log_watch_close(&s->log);
    free(s->name);
    free(s);
}

/* ---- what is known of it ---- */

static void read_log(struct service *s)
{
    if (!s->has_log)
        return;
    log_watch_read(&s->log, READ_BYTES);
    s->facts.log_starts = s->log.starts;
    s->facts.height = s->log.height;
    s->facts.tip_slot = s->log.tip_slot;
    s->facts.blocks_forged = s->log.blocks_forged;
    s->facts.txs_acked = s->log.txs_acked;
    s->facts.setup_taken = s->log.setup_taken;
    s->facts.setup_txs = s->log.setup_txs;
}

static bool is_ready(struct service *s)
{
    const struct start_command *command = s->options.command;

    if (command->ready.kind == READY_LOG)
        return s->log.starts > s->starts_at_end;
    return s->facts.running && service_is_ready(&s->ready, command);
}

void local_service_look(struct service *s, bool with_usage)
{
    read_log(s);
    s->facts.is_ready = is_ready(s);
    if (with_usage && s->facts.running)
        child_usage(s->child, &s->facts.cpu_ns, &s->facts.rss_bytes);
}

const struct service_facts *local_facts(struct backend *b, struct service *service)
{
    (void)b;
    return &service->facts;
}

void local_last_lines(struct backend *b, struct service *service, char *ret, size_t room)
{
    (void)b;
    if (service->child)
        child_last_lines(service->child, ret, room);
    else
        ret[0] = '\0';
}

/* ---- start and end ---- */

static void on_ended(struct child *child, void *owner, int status)
{
    struct service *s = owner;

    read_log(s); /* its last words */
    s->starts_at_end = s->log.starts;
    sampler_ended(s->sampled, child, status);
    s->sampled = NULL;
    s->facts.running = s->facts.is_ready = false;
    s->facts.ended = true;
    s->facts.status = status;
    s->facts.cpu_ns = 0;
    s->facts.rss_bytes = 0;
    if (s->options.ended)
        s->options.ended(s, s->options.owner, status);
}

enum ou_status local_start(struct backend *b, struct service *s, struct ou_error *err)
{
    struct local *l = (struct local *)b;
    const struct start_command *command = s->options.command;
    const struct child_options options = {
        .name = s->name,
        .argv = command->argv,
        .directory = command->directory,
        .environment = (const char *const *)command->environment,
        .cores = command->cores,
        .stop_signal = command->stop_signal,
        .ended = on_ended,
        .owner = s,
    };
    enum ou_status status;

    if (!l->ports_are_shared)
        ports_release(&l->ports);
    child_free(s->child);
    s->child = NULL;
    ready_watch_begin(&s->ready, command);
    status = child_start(l->loop, &options, &s->child, err);
    if (status)
        return status;
    s->facts.running = true;
    s->facts.ended = s->facts.is_ready = false;
    s->facts.starts++;
    if (command->sampled && s->has_log)
        status = sampler_add(l->sampler, s->child, s->log.path, &s->sampled, err);
    return status;
}

void local_stop(struct backend *b, struct service *service, uint64_t grace_ms)
{
    (void)b;
    if (service->child)
        child_stop(service->child, grace_ms);
}

void local_service_let_go(struct service *s)
{
    child_free(s->child);
    s->child = NULL;
    s->facts.running = false;
}
