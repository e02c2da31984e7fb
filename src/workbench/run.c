/* The life of a run: its beginning. What follows stands in the files that run_inside.h names. */
#include "workbench/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "workbench/run_inside.h"

#define MEMORY_BYTES_MAX ((size_t)256 << 20)

/* ---- telling ---- */

void run_say(const struct run *r, const char *format, ...)
{
    char line[1200];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (r->options->say)
        r->options->say(r->options->context, line);
}

void run_fail(struct run *r, enum ou_status status, const char *format, ...)
{
    va_list args;

    if (r->status)
        return;
    r->status = status;
    va_start(args, format);
    vsnprintf(r->cause.text, sizeof r->cause.text, format, args);
    va_end(args);
}

void run_enter_state(struct run *r, enum run_state state, const char *cause)
{
    struct ou_error err = { 0 };
    enum ou_status status = run_state_set(r->result->directory, state, cause, &err);

    if (status && r->status) /* a full disk, perhaps the reason for all of it */
        run_say(r, "%s", err.text);
    else if (status)
        run_fail(r, status, "%s", err.text);
    r->result->state = state;
}

enum ou_status run_path(const struct run *r, const char *name, char ret[PATH_MAX],
                        struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/%s", r->result->directory, name) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", r->result->directory);
    return OU_OK;
}

/* ---- what a scenario needs ---- */

bool run_wants_nodes(const struct profile *p)
{
    return p->scenario != SCENARIO_TRACER_ONLY;
}

bool run_wants_tracer(const struct profile *p)
{
    return p->tracer && p->node_kind != NODE_COMMAND;
}

bool run_wants_load(const struct profile *p)
{
    return p->loaded && p->node_kind != NODE_COMMAND;
}

bool run_has_chain(const struct profile *p)
{
    return run_wants_nodes(p) && p->node_kind != NODE_COMMAND;
}

bool run_is_open_ended(const struct profile *p)
{
    return p->scenario == SCENARIO_IDLE || p->scenario == SCENARIO_TRACER_ONLY;
}

static void release(struct run *r)
{
    if (r->backend)
        r->backend->kind->release(r->backend);
    arena_release(&r->memory);
    json_decref(r->concurrent);
    json_decref(r->meta);
    json_decref(r->past_to_start);
    run_lock_release(&r->lock);
}

/* ---- all of it ---- */

/* Three descriptors for each node are more than most systems allow at first. */
static void want_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static enum ou_status check_scenario(const struct profile *p, struct ou_error *err)
{
    if (p->scenario == SCENARIO_TRACER_ONLY && !run_wants_tracer(p))
        return ou_fail(err, OU_USAGE,
                       "profile %s: the scenario tracer-only needs a collector (node.tracer)",
                       p->name);
    if (p->scenario == SCENARIO_CHAINSYNC)
        return run_chainsync_check(p, err);
    return OU_OK;
}

/* A program may have started others, in process groups of their own. */
static void end_descendants(struct run *r)
{
    struct ou_error err = { 0 };
    size_t ended;

    if (r->profile->node_kind == NODE_COMMAND &&
        run_end_processes(r->result->directory, r->options->program, &ended, &err))
        run_say(r, "%s", err.text);
}

static enum ou_status make(struct run *r, struct ou_error *err)
{
    enum ou_status status = r->backend ? OU_OK : run_open_backend(r, err);

    if (!status)
        status = run_make(r, err);
    if (!status && !r->options->prepare_only)
        status = run_processes_all(r, err);
    if (!r->options->prepare_only)
        end_descendants(r);
    return status;
}

/* From there on everything that goes wrong is told in status.json, too. */
static enum ou_status make_and_conclude(struct run *r, struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = make(r, &why);

    if (status)
        run_fail(r, status, "%s", why.text);
    if (r->status || !r->options->prepare_only)
        run_conclude(r);
    return r->status ? ou_fail(err, r->status, "%s", r->cause.text) : OU_OK;
}

static enum ou_status begin_new(struct run *r, struct ou_error *err)
{
    const struct run_options *o = r->options;
    enum ou_status status = check_scenario(o->profile, err);

    r->profile = o->profile;
    r->identity = (struct run_identity){ .ident = o->ident,
                                         .batch = o->batch,
                                         .place = o->place,
                                         .setting = o->setting,
                                         .attempt = o->attempt ? o->attempt : 1 };
    if (!status)
        status = run_allocate(r, err);
    return status ? status : make_and_conclude(r, err);
}

/* Its logs are whole, and here: the analysis is the next step, or was the last one. Who died behind them has left the cluster to us. */
static enum ou_status is_over(struct run *r, struct ou_error *err)
{
    enum ou_status status = r->options->cluster_stands ? run_open_backend(r, err) : OU_OK;

    r->result->is_analysable = run_wants_nodes(r->profile);
    if (r->backend)
        run_leave(r);
    return status;
}

static enum ou_status come_home(struct run *r, struct ou_error *err)
{
    enum ou_status status = run_open_backend(r, err);

    if (status)
        return status;
    run_come_home(r);
    return r->status ? ou_fail(err, r->status, "%s", r->cause.text) : OU_OK;
}

static enum ou_status resume(struct run *r, struct run_past *past, struct ou_error *err)
{
    enum ou_status status;

    if (!realpath(r->options->resume, r->result->directory))
        return ou_fail(err, OU_NOT_FOUND, "%s: there is no such run", r->options->resume);
    status = run_past_read(r->result->directory, past, err);
    if (!status)
        status = run_lock_take(r->result->directory, &r->lock, err);
    if (status)
        return status;
    r->profile = &past->profile;
    r->result->state = past->state;
    if (past->state == RUN_fetched || past->state == RUN_analysed)
        return is_over(r, err);
    if (past->state == RUN_stopped)
        return come_home(r, err);
    r->identity = past->identity;
    r->identity.resumed++;
    status = run_open_backend(r, err);
    if (!status)
        status = run_take_up(r, past, err);
    return status ? status : make_and_conclude(r, err);
}

enum ou_status run_perform(const struct run_options *options, struct run_result *ret,
                           struct ou_error *err)
{
    struct run r = { .options = options, .result = ret, .settled_height = -1, .source_height = -1 };
    struct run_past past = { 0 };
    enum ou_status status;

    *ret = (struct run_result){ 0 };
    r.newest_height = -1;
    want_descriptors();
    arena_init(&r.memory, allocator_libc(), MEMORY_BYTES_MAX);
    status = options->resume ? resume(&r, &past, err) : begin_new(&r, err);
    release(&r);
    run_past_release(&past);
    return status;
}
