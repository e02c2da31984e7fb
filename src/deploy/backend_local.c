/* The kind, its hosts, and what runs in their folders without us. */
#include "deploy/backend_local_inside.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deploy/process.h"

#define STRAYS_MAX 4096
#define POLLS_PER_USAGE 5 /* twice a second: it is asked of /proc, for each service */

static struct local *local_of(struct backend *b)
{
    return (struct local *)b;
}

/* ---- hosts ---- */

/* Ports stay those of the first time. */
static enum ou_status reserve(struct local *l, struct ou_error *err)
{
    size_t count = l->backend.host_count;
    enum ou_status status;

    if (l->numbers)
        return OU_OK;
    l->numbers = calloc(count + 1, sizeof *l->numbers);
    if (!l->numbers)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", count);
    status = ports_reserve(count, &l->ports, err);
    if (!status)
        memcpy(l->numbers, l->ports.numbers, count * sizeof *l->numbers);
    return status;
}

static enum ou_status stand(struct backend *b, struct site *ret_sites, struct ou_error *err)
{
    struct local *l = local_of(b);
    enum ou_status status = reserve(l, err);

    for (size_t i = 0; !status && i < b->host_count; i++)
        ret_sites[i] = (struct site){ .address = "127.0.0.1",
                                      .listen = "127.0.0.1",
                                      .port = l->numbers[i],
                                      .directory = l->directory,
                                      .program = l->program,
                                      .is_here = true };
    return status;
}

/* ---- what is where it belongs ---- */

static double ready_in_s(struct backend *b, const struct cargo *cargo)
{
    (void)b;
    (void)cargo;
    return 0;
}

static enum ou_status deliver(struct backend *b, const struct cargo *cargo, enum delivery *ret,
                              struct ou_error *err)
{
    (void)b;
    (void)cargo;
    (void)err;
    *ret = DELIVERED;
    return OU_OK;
}

static enum ou_status nothing_to_do(struct backend *b, struct ou_error *err)
{
    (void)b;
    (void)err;
    return OU_OK;
}

/* ---- the loop ---- */

static enum ou_status loop_begins(struct backend *b, uv_loop_t *loop, struct ou_error *err)
{
    struct local *l = local_of(b);

    l->loop = loop;
    return sampler_open(loop, &l->sampler, err);
}

static void loop_ends(struct backend *b)
{
    struct local *l = local_of(b);

    for (size_t i = 0; i < l->count; i++)
        local_service_let_go(l->services[i]);
    sampler_close(l->sampler);
    l->sampler = NULL;
    l->loop = NULL;
}

static enum ou_status poll_services(struct backend *b, struct ou_error *err)
{
    struct local *l = local_of(b);
    bool with_usage = l->polls++ % POLLS_PER_USAGE == 0;

    (void)err;
    for (size_t i = 0; i < l->count; i++)
        local_service_look(l->services[i], with_usage);
    return OU_OK;
}

/* ---- strays ---- */

static bool is_ours(const struct local *l, int pid)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->services[i]->facts.running && child_pid(l->services[i]->child) == pid)
            return true;
    return false;
}

/* Nodes: what runs our program in one of the folders below RUN/nodes. */
static size_t find_strays(const struct local *l, int pids[STRAYS_MAX])
{
    char nodes[PATH_MAX];
    size_t count, strays = 0;

    if (snprintf(nodes, sizeof nodes, "%s/nodes", l->directory) >= (int)sizeof nodes)
        return 0;
    count = processes_below(nodes, l->program, pids, STRAYS_MAX);
    for (size_t i = 0; i < count && i < STRAYS_MAX; i++)
        if (!is_ours(l, pids[i]))
            pids[strays++] = pids[i];
    return strays;
}

static size_t strays(struct backend *b)
{
    int pids[STRAYS_MAX];

    return find_strays(local_of(b), pids);
}

static void stop_strays(struct backend *b, bool kill_them)
{
    int pids[STRAYS_MAX];
    size_t count = find_strays(local_of(b), pids);

    for (size_t i = 0; i < count; i++)
        kill(pids[i], kill_them ? SIGKILL : SIGTERM);
}

/* ---- the kind ---- */

static void release(struct backend *b)
{
    struct local *l = local_of(b);

    for (size_t i = 0; i < l->count; i++)
        local_service_free(l->services[i]);
    free(l->services);
    ports_release(&l->ports);
    free(l->numbers);
    free(l->directory);
    free(l->program);
    free(l);
}

static const struct backend_kind kind = {
    .name = "local",
    .stand = stand,
    .ready_in_s = ready_in_s,
    .deliver = deliver,
    .loop_begins = loop_begins,
    .loop_ends = loop_ends,
    .add = local_add,
    .start = local_start,
    .stop = local_stop,
    .facts = local_facts,
    .last_lines = local_last_lines,
    .poll = poll_services,
    .fetch = nothing_to_do,
    .leave = nothing_to_do,
    .strays = strays,
    .stop_strays = stop_strays,
    .release = release,
};

enum ou_status backend_local_open(const struct backend_local_options *options, struct backend **ret,
                                  struct ou_error *err)
{
    struct local *l = calloc(1, sizeof *l);

    if (!l)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", options->run_directory);
    l->directory = strdup(options->run_directory);
    l->program = strdup(options->program);
    l->ports_are_shared = options->ports_are_shared;
    l->backend = (struct backend){ .kind = &kind,
                                   .run_directory = l->directory,
                                   .program = l->program,
                                   .wants = options->wants,
                                   .host_count = options->host_count };
    if (!l->directory || !l->program) {
        release(&l->backend);
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", options->run_directory);
    }
    *ret = &l->backend;
    return OU_OK;
}
