/* The life of a run: its folder, its files, its genesis, its processes, its phases, its end.
 *
 * The genesis is made last before the processes start, and within it the start time last of all, so
 * that the delay before slot 0 may be short: nothing slow happens between. */
#include "workbench/run.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/time.h"
#include "json/tree.h"
#include "workbench/genesis_create.h"
#include "workbench/run_inside.h"
#include "workbench/run_meta.h"
#include "workbench/topology_files.h"

#define MEMORY_BYTES_MAX ((size_t)256 << 20)
#define TICK_MS 100
#define TICKS_PER_VIEW 5    /* twice a second */
#define TICKS_PER_SEARCH 10 /* for nodes that somebody started by hand */

#define START_PATIENCE_S 60.0 /* behind slot 0, until all nodes listen */
#define TRACER_PATIENCE_S 20.0
#define SYNC_PATIENCE_S 60.0 /* behind slot 0, until all have a block; at least ... */
#define SYNC_PATIENCE_BLOCKS 100
#define MEETING_S 3.0
#define SETTLE_BLOCKS 3       /* behind the last transaction */
#define GRACE_MS 10000        /* between SIGTERM and SIGKILL */
#define TRACER_GRACE_MS 20000 /* it waits up to 15 s for nodes */

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

static void enter(struct run *r, enum run_phase phase)
{
    r->phase = phase;
    r->phase_since_ns = time_monotonic_ns();
}

static double phase_s(const struct run *r)
{
    return (double)(time_monotonic_ns() - r->phase_since_ns) / 1e9;
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

static void set_state(struct run *r, enum run_state state, const char *cause)
{
    struct ou_error err = { 0 };
    enum ou_status status = run_state_set(r->result->directory, state, cause, &err);

    if (status && r->status) /* a full disk, perhaps the reason for all of it */
        run_say(r, "%s", err.text);
    else if (status)
        run_fail(r, status, "%s", err.text);
    r->result->state = state;
}

/* ---- the folder and its files ---- */

static enum ou_status in_run(const struct run *r, const char *name, char ret[PATH_MAX],
                             struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/%s", r->result->directory, name) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", r->result->directory);
    return OU_OK;
}

static enum ou_status save_document(const struct run *r, const char *name, const json_t *document,
                                    struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = in_run(r, name, path, err);

    if (!document)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", name);
    return status ? status : json_tree_save(document, path, err);
}

static enum ou_status allocate(struct run *r, struct ou_error *err)
{
    const struct run_options *o = r->options;
    char path[PATH_MAX], *real;
    enum ou_status status =
        run_dir_create(o->parent, r->profile->name, o->ident, path, sizeof path, err);

    if (status)
        return status;
    real = realpath(path, NULL); /* processes run elsewhere */
    if (!real)
        return ou_fail(err, OU_IO, "%s: %s", path, strerror(errno));
    snprintf(r->result->directory, sizeof r->result->directory, "%s", real);
    free(real);
    status = in_run(r, "nodes", r->nodes_directory, err);
    run_say(r, "the run is in %s", path);
    return status ? status : save_document(r, "profile.json", r->profile->document, err);
}

static enum ou_status make_topology(struct run *r, struct ou_error *err)
{
    const struct profile *p = r->profile;
    json_t *document;
    enum ou_status status = topology_of_profile(p, &r->memory, &r->topology, err);

    if (status)
        return status;
    document = topology_document(&r->topology);
    status = save_document(r, "topology.json", document, err);
    json_decref(document);
    return status;
}

static enum ou_status watch_log(struct run *r, struct run_service *s, const char *file,
                                struct ou_error *err)
{
    char name[64], path[PATH_MAX];
    enum ou_status status;

    snprintf(name, sizeof name, "logs/%s/%s", s->name, file);
    status = in_run(r, name, path, err);
    s->run = r;
    return status ? status : log_watch_open(&s->log, path, err);
}

static enum ou_status deploy_node(struct run *r, size_t i, struct ou_error *err)
{
    struct run_service *s = &r->nodes[i];
    enum ou_status status;

    snprintf(s->name, sizeof s->name, "node-%zu", i);
    status = watch_log(r, s, "node.json", err);
    if (status)
        return status;
    return node_files_write(r->profile, &r->topology, i, r->ports.numbers, r->result->directory,
                            r->options->program, &r->memory, &s->command, err);
}

static enum ou_status deploy_generator(struct run *r, struct ou_error *err)
{
    struct run_service *s = &r->generator;
    enum ou_status status;

    snprintf(s->name, sizeof s->name, "generator");
    status = watch_log(r, s, r->profile->tracer ? "node.json" : "generator.json", err);
    if (status || !r->profile->loaded)
        return status;
    return generator_files_write(r->profile, r->ports.numbers, r->result->directory,
                                 r->options->program, &r->memory, &s->command, err);
}

static enum ou_status deploy_tracer(struct run *r, struct ou_error *err)
{
    struct run_service *s = &r->tracer;
    enum ou_status status = in_run(r, TRACER_SOCKET, r->tracer_socket, err);

    s->run = r;
    snprintf(s->name, sizeof s->name, "tracer");
    if (status || !r->profile->tracer)
        return status;
    return tracer_files_write(r->profile, r->result->directory, r->options->program, &r->memory,
                              &s->command, err);
}

static enum ou_status deploy(struct run *r, struct ou_error *err)
{
    enum ou_status status = make_topology(r, err);

    if (!status)
        status = ports_reserve(r->profile->hosts, &r->ports, err);
    if (status)
        return status;
    r->nodes =
        arena_take(&r->memory, r->profile->hosts * sizeof *r->nodes, _Alignof(struct run_service));
    if (!r->nodes)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %u nodes", r->profile->hosts);
    for (size_t i = 0; !status && i < r->profile->hosts; i++) {
        r->node_count++;
        status = deploy_node(r, i, err);
    }
    if (!status)
        status = deploy_generator(r, err);
    if (!status)
        status = deploy_tracer(r, err);
    if (!status)
        set_state(r, RUN_deployed, "");
    return status;
}

/* ---- the genesis ---- */

/* The next whole second that leaves the profile's delay. */
static int64_t next_start_ns(const struct profile *p)
{
    int64_t earliest = time_wall_ns() + (int64_t)(p->start_delay_s * 1e9);

    return (earliest + NS_PER_SECOND - 1) / NS_PER_SECOND * NS_PER_SECOND;
}

static const char *tag_of(const struct run *r)
{
    return strrchr(r->result->directory, '/') + 1;
}

static enum ou_status write_meta(const struct run *r, struct ou_error *err)
{
    const char *tag = tag_of(r);
    const struct run_meta meta = {
        .profile = r->profile,
        .tag = tag,
        .ident = r->options->ident[0] ? r->options->ident : strrchr(tag, '_') + 1,
        .batch = r->options->batch,
        .start_ns = r->start_ns,
        .place = r->options->place,
    };

    return run_meta_write(&meta, r->result->directory, err);
}

static enum ou_status make_genesis(struct run *r, struct ou_error *err)
{
    char path[PATH_MAX];
    struct genesis_made made;
    enum ou_status status = in_run(r, "genesis", path, err);

    if (!status)
        status = genesis_create(r->profile, path, next_start_ns(r->profile),
                                &(struct genesis_options){ .cache = r->options->genesis_cache },
                                &made, err);
    if (status)
        return status;
    r->start_ns = next_start_ns(r->profile);
    status = genesis_set_start(path, r->start_ns, err);
    if (!status)
        status = write_meta(r, err);
    if (!status)
        set_state(r, RUN_genesis_ready, "");
    return status;
}

/* ---- phases ---- */

static bool is_late(const struct run *r, double patience_s)
{
    return run_elapsed_s(r) > patience_s;
}

static void start_nodes(struct run *r)
{
    struct ou_error err = { 0 };
    enum ou_status status = OU_OK;

    enter(r, PHASE_STARTING);
    for (size_t i = 0; !status && i < r->node_count; i++)
        status = run_start(r, &r->nodes[i], &err);
    if (status)
        run_fail(r, status, "%s", err.text);
}

/* Its socket is there when it listens. */
static void wait_for_tracer(struct run *r)
{
    if (!r->profile->tracer || access(r->tracer_socket, F_OK) == 0)
        start_nodes(r);
    else if (phase_s(r) > TRACER_PATIENCE_S)
        run_fail(r, OU_IO, "the collector does not listen after %.0f s; tracer/stdout may tell why",
                 TRACER_PATIENCE_S);
}

static void wait_for_nodes(struct run *r)
{
    size_t listening = 0;

    for (size_t i = 0; i < r->node_count; i++)
        listening += r->nodes[i].log.starts > 0;
    if (listening < r->node_count) {
        if (is_late(r, START_PATIENCE_S))
            run_fail(r, OU_IO, "only %zu of %zu nodes listen %.0f s after slot 0", listening,
                     r->node_count, START_PATIENCE_S);
        return;
    }
    if (is_late(r, 0))
        run_say(r,
                "the nodes were up %.1f s after slot 0; run.start_delay_s of the profile could "
                "be longer",
                run_elapsed_s(r));
    set_state(r, RUN_running, "");
    enter(r, PHASE_SYNCING);
}

static void start_load(struct run *r)
{
    struct ou_error err = { 0 };
    enum ou_status status = run_start(r, &r->generator, &err);

    if (status)
        run_fail(r, status, "%s", err.text);
}

static double sync_patience_s(const struct profile *p)
{
    double blocks_s = SYNC_PATIENCE_BLOCKS * p->slot_s / p->active_slots_coeff;

    return fmin(fmax(SYNC_PATIENCE_S, blocks_s), p->max_duration_s);
}

static void wait_for_sync(struct run *r)
{
    if (run_height_low(r) < 0) {
        if (is_late(r, sync_patience_s(r->profile)))
            run_fail(r, OU_IO, "no block has reached all nodes %.0f s after slot 0",
                     sync_patience_s(r->profile));
        return;
    }
    enter(r, PHASE_MEASURING);
    if (r->profile->loaded)
        start_load(r);
}

/* The generator has sent everything, and the chain has gone on a little since. */
static bool is_exhausted(struct run *r)
{
    if (!r->profile->loaded || !r->profile->stop_when_exhausted || !r->generator.ended)
        return false;
    if (r->settled_height < 0)
        r->settled_height = run_height_high(r) + SETTLE_BLOCKS;
    return run_height_low(r) >= r->settled_height;
}

/* Why the run is at its end; NULL: it is not. */
static const char *end_of(struct run *r)
{
    const struct profile *p = r->profile;

    if (p->stop_block != UINT64_MAX && run_height_low(r) >= (int64_t)p->stop_block)
        return "all nodes have the last block";
    if (p->stop_slot != UINT64_MAX && run_tip_slot_low(r) >= (int64_t)p->stop_slot)
        return "all nodes have a block of the last slot or a later one";
    if (is_exhausted(r))
        return "all transactions are sent";
    if (run_elapsed_s(r) >= p->max_duration_s)
        return "the time is over";
    return NULL;
}

static void end_load(struct run *r)
{
    enter(r, PHASE_ENDING_LOAD);
    if (r->generator.child)
        child_stop(r->generator.child, GRACE_MS);
}

static void measure(struct run *r)
{
    const char *end = end_of(r);

    if (!end && run_nodes_up(r) > 0)
        return;
    if (!end && r->result->nodes_died > 0) {
        run_fail(r, OU_IO, "all nodes have ended");
        return;
    }
    snprintf(r->cause.text, sizeof r->cause.text, "%s", end ? end : "all nodes have ended");
    end_load(r);
}

static bool load_has_ended(const struct run *r)
{
    return !r->generator.child || r->generator.ended;
}

static bool nodes_agree(const struct run *r)
{
    return run_height_low(r) == run_height_high(r);
}

static void end_nodes(struct run *r)
{
    enter(r, PHASE_ENDING_NODES);
    run_stop_nodes(r, GRACE_MS);
}

/* All nodes have said what they had to say: the collector writes it, and ends. */
static void end_tracer(struct run *r)
{
    enter(r, PHASE_CLOSING);
    if (r->tracer.child)
        child_stop(r->tracer.child, TRACER_GRACE_MS);
}

static void wait_for_end(struct run *r)
{
    if (run_nodes_are_gone(r))
        end_tracer(r);
    else if (phase_s(r) > GRACE_MS / 1e3)
        run_stop_nodes(r, 0);
}

/* What failed or was interrupted ends at once: no last block is waited for. */
static bool is_hurried(const struct run *r)
{
    return r->status || r->result->interrupted;
}

static void step(struct run *r)
{
    if (is_hurried(r) && r->phase < PHASE_ENDING_LOAD)
        end_load(r);
    switch (r->phase) {
    case PHASE_OPENING: wait_for_tracer(r); break;
    case PHASE_STARTING: wait_for_nodes(r); break;
    case PHASE_SYNCING: wait_for_sync(r); break;
    case PHASE_MEASURING: measure(r); break;
    case PHASE_ENDING_LOAD:
        if (load_has_ended(r))
            enter(r, PHASE_MEETING);
        break;
    case PHASE_MEETING:
        if (is_hurried(r) || nodes_agree(r) || phase_s(r) > MEETING_S)
            end_nodes(r);
        break;
    case PHASE_ENDING_NODES: wait_for_end(r); break;
    case PHASE_CLOSING:
        if (!r->tracer.child || r->tracer.ended)
            enter(r, PHASE_OVER);
        break;
    case PHASE_OVER: break;
    }
}

/* ---- the loop ---- */

static void release_child(struct run_service *s)
{
    child_free(s->child);
    s->child = NULL;
}

static void close_all(struct run *r)
{
    uv_close((uv_handle_t *)&r->tick, NULL);
    for (size_t i = 0; i < r->signal_count; i++)
        uv_close((uv_handle_t *)&r->signals[i], NULL);
    for (size_t i = 0; i < r->node_count; i++)
        release_child(&r->nodes[i]);
    release_child(&r->generator);
    release_child(&r->tracer);
}

static void on_tick(uv_timer_t *timer)
{
    struct run *r = timer->data;

    run_read_logs(r);
    if (r->ticks % TICKS_PER_SEARCH == 0 && run_nodes_up(r) < r->node_count)
        run_count_strays(r);
    if (r->ticks++ % TICKS_PER_VIEW == 0)
        run_show(r);
    step(r);
    if (r->phase == PHASE_OVER)
        close_all(r);
}

/* The first one ends the run in order, the second one at once. */
static void on_interrupt(uv_signal_t *handle, int number)
{
    struct run *r = handle->data;

    (void)number;
    if (!r->result->interrupted) {
        r->result->interrupted = true;
        run_say(r, "interrupted: ending all processes (once more to kill them)");
        return;
    }
    if (r->generator.child)
        child_stop(r->generator.child, 0);
    run_stop_nodes(r, 0);
    if (r->tracer.child)
        child_stop(r->tracer.child, 0);
}

/* A signal that our parent made us ignore (nohup, a shell's background job) stays ignored. */
static void catch_signal(struct run *r, int number)
{
    uv_signal_t *handle = &r->signals[r->signal_count];
    struct sigaction action;

    if (sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_IGN)
        return;
    uv_signal_init(&r->loop, handle);
    handle->data = r;
    uv_signal_start(handle, on_interrupt, number);
    r->signal_count++;
}

static void start_tracer(struct run *r)
{
    struct ou_error err = { 0 };
    enum ou_status status = OU_OK;

    enter(r, PHASE_OPENING);
    if (r->profile->tracer)
        status = run_start(r, &r->tracer, &err);
    if (status)
        run_fail(r, status, "%s", err.text);
    else
        wait_for_tracer(r); /* without one the nodes start at once */
}

/* Three descriptors for each node are more than most systems allow at first. */
static void want_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* From the first process to the last. */
static enum ou_status run_processes(struct run *r, struct ou_error *err)
{
    int problem = uv_loop_init(&r->loop);

    if (problem)
        return ou_fail(err, OU_NO_MEMORY, "event loop: %s", uv_strerror(problem));
    catch_signal(r, SIGINT);
    catch_signal(r, SIGTERM);
    catch_signal(r, SIGHUP);
    uv_timer_init(&r->loop, &r->tick);
    r->tick.data = r;
    uv_timer_start(&r->tick, on_tick, 0, TICK_MS);
    r->result->interrupted = interrupt_pending(); /* while files were made */
    if (!r->result->interrupted)
        start_tracer(r);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    return OU_OK;
}

/* ---- the end ---- */

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

/* They can be large, and tell nothing that the logs do not. */
static void remove_databases(const struct run *r)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < r->node_count; i++)
        if (snprintf(path, sizeof path, "%s/%s/db", r->nodes_directory, r->nodes[i].name) <
            (int)sizeof path)
            nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* What was measured before an interrupt is worth an analysis. */
static void conclude(struct run *r, bool measured)
{
    r->result->blocks = (uint64_t)(run_height_high(r) + 1);
    r->result->txs = r->generator.log.txs_acked;
    if (r->result->interrupted && !measured)
        run_fail(r, OU_INTERRUPTED, "interrupted before there was a block");
    if (r->status) {
        set_state(r, RUN_failed, r->cause.text);
        return;
    }
    if (r->profile->loaded && r->result->txs == 0 && !r->result->interrupted)
        run_say(r, "no transaction of the load was acknowledged before the end; "
                   "logs/generator tells how far the generator came");
    set_state(r, RUN_stopped, r->result->interrupted ? "interrupted" : r->cause.text);
    if (!r->options->keep_databases && !r->result->interrupted)
        remove_databases(r);
    set_state(r, RUN_fetched, ""); /* nodes of this machine write their logs where they belong */
}

static void release(struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++)
        log_watch_close(&r->nodes[i].log);
    log_watch_close(&r->generator.log);
    ports_release(&r->ports);
    arena_release(&r->memory);
}

static enum ou_status run_all(struct run *r, struct ou_error *err)
{
    enum ou_status status = allocate(r, err);

    if (!status)
        status = deploy(r, err);
    if (!status)
        status = make_genesis(r, err);
    if (!status)
        status = run_processes(r, err);
    return status;
}

enum ou_status run_local(const struct run_options *options, struct run_result *ret,
                         struct ou_error *err)
{
    struct run r = { .options = options, .profile = options->profile, .result = ret };
    struct ou_error why = { 0 };
    enum ou_status status;

    *ret = (struct run_result){ 0 };
    r.settled_height = -1;
    want_descriptors();
    arena_init(&r.memory, allocator_libc(), MEMORY_BYTES_MAX);
    status = run_all(&r, &why);
    if (status)
        run_fail(&r, status, "%s", why.text);
    if (ret->directory[0])
        conclude(&r, run_height_high(&r) >= 0 && r.start_ns);
    release(&r);
    return r.status ? ou_fail(err, r.status, "%s", r.cause.text) : OU_OK;
}
