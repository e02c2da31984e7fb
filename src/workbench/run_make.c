/* What a run is made of before there are processes: its folder, the files of its services, its genesis, meta.json.
 *
 * The genesis is made last before the processes start, and within it the start time last of all, so
 * that the delay before slot 0 may be short: nothing slow happens between. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "json/tree.h"
#include "workbench/genesis_create.h"
#include "workbench/node_specs.h"
#include "workbench/run_inside.h"
#include "workbench/topology_files.h"

#define GENESIS_TOLD_LEAST 100000 /* entries, that take long enough to tell how far they are */

/* ---- the folder ---- */

/* Takes the document over; NULL is no memory. */
static enum ou_status save_document(const struct run *r, const char *name, json_t *document,
                                    struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = run_path(r, name, path, err);

    if (!document)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", name);
    if (!status)
        status = json_tree_save(document, path, err);
    json_decref(document);
    return status;
}

static void add_concurrent(void *context, const char *run_directory)
{
    json_t *list = context;
    const char *name = strrchr(run_directory, '/') + 1;
    const json_t *known;
    size_t i;

    json_array_foreach(list, i, known)
    {
        if (strcmp(json_string_value(known), name) == 0)
            return;
    }
    json_array_append_new(list, json_string(name));
}

/* Others take processors from this run: what it measures is of all of them. */
static void look_for_others(struct run *r)
{
    char names[600] = "";
    size_t count, len = 0;

    r->concurrent = json_array();
    run_others_each(r->result->directory, add_concurrent, r->concurrent);
    count = json_array_size(r->concurrent);
    for (size_t i = 0; i < count && len < sizeof names; i++)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? ", " : "",
                                json_string_value(json_array_get(r->concurrent, i)));
    if (count > 0)
        run_say(
            r, "%zu other run%s on this machine now, and will be part of what is measured: %s%s",
            count, count == 1 ? " goes on" : "s go on", names, len >= sizeof names ? "..." : "");
}

enum ou_status run_allocate(struct run *r, struct ou_error *err)
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
    status = run_lock_take(r->result->directory, &r->lock, err);
    if (status)
        return status;
    if (!o->is_one_of_many)
        run_say(r, "the run is in %s", path);
    look_for_others(r);
    return save_document(r, "profile.json", json_incref(r->profile->document), err);
}

/* ---- services ---- */

static enum ou_status watch_log(struct run *r, struct run_service *s, const char *file,
                                struct ou_error *err)
{
    char name[64], path[PATH_MAX];
    enum ou_status status;

    snprintf(name, sizeof name, "logs/%s/%s", s->name, file);
    status = run_path(r, name, path, err);
    s->run = r;
    if (!status)
        status = log_watch_open(&s->log, path, err);
    if (!status && r->goes_on)
        log_watch_skip(&s->log);
    return status;
}

static enum ou_status deploy_node(struct run *r, size_t i, struct ou_error *err)
{
    struct run_service *s = &r->nodes[i];
    enum ou_status status;

    s->spec = &r->profile->specs[i];
    snprintf(s->name, sizeof s->name, "%s", s->spec->name);
    status = watch_log(r, s, "node.json", err);
    if (status)
        return status;
    return node_files_write(r->profile, &r->topology, i, r->sites, r->result->directory, &r->memory,
                            &s->command, err);
}

static enum ou_status deploy_nodes(struct run *r, struct ou_error *err)
{
    size_t count = r->profile->spec_count;
    enum ou_status status = OU_OK;

    r->nodes = arena_take(&r->memory, count * sizeof *r->nodes, _Alignof(struct run_service));
    if (!r->nodes)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu nodes", count);
    for (size_t i = 0; !status && i < count; i++) {
        r->node_count++;
        status = deploy_node(r, i, err);
    }
    return status;
}

static enum ou_status deploy_generator(struct run *r, struct ou_error *err)
{
    struct run_service *s = &r->generator;
    enum ou_status status;

    snprintf(s->name, sizeof s->name, "generator");
    status = watch_log(r, s, r->profile->tracer ? "node.json" : "generator.json", err);
    if (status || !run_wants_load(r->profile))
        return status;
    return generator_files_write(r->profile, r->sites, r->result->directory, &r->memory,
                                 &s->command, err);
}

static enum ou_status deploy_tracer(struct run *r, struct ou_error *err)
{
    struct run_service *s = &r->tracer;
    enum ou_status status = run_path(r, TRACER_SOCKET, r->tracer_socket, err);

    s->run = r;
    snprintf(s->name, sizeof s->name, "tracer");
    if (status || !run_wants_tracer(r->profile))
        return status;
    unlink(
        r->tracer_socket); /* of an earlier process; that it is there is to mean that it listens */
    return tracer_files_write(r->profile, r->result->directory, r->options->program, &r->memory,
                              &s->command, err);
}

/* All hosts are this machine. */
static enum ou_status take_sites(struct run *r, struct ou_error *err)
{
    size_t count = r->profile->spec_count;
    enum ou_status status = ports_reserve(count, &r->ports, err);

    if (status)
        return status;
    r->sites = arena_take(&r->memory, count * sizeof *r->sites, _Alignof(struct site));
    if (!r->sites)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", count);
    for (size_t i = 0; i < count; i++)
        r->sites[i] = (struct site){ .address = "127.0.0.1",
                                     .listen = "127.0.0.1",
                                     .port = r->ports.numbers[i],
                                     .directory = r->result->directory,
                                     .program = r->options->program,
                                     .is_here = true };
    return OU_OK;
}

static enum ou_status deploy_cluster(struct run *r, struct ou_error *err)
{
    const struct profile *p = r->profile;
    enum ou_status status = topology_of_profile(p, &r->memory, &r->topology, err);

    if (!status && p->node_kind != NODE_COMMAND)
        status = save_document(r, "topology.json", topology_document(&r->topology), err);
    if (!status)
        status = take_sites(r, err);
    if (!status)
        status = save_document(r, "node-specs.json", node_specs_document(p, r->sites), err);
    if (!status)
        status = deploy_nodes(r, err);
    return status;
}

enum ou_status run_deploy(struct run *r, struct ou_error *err)
{
    enum ou_status status = run_path(r, "nodes", r->nodes_directory, err);

    if (!status && run_wants_nodes(r->profile))
        status = deploy_cluster(r, err);
    if (!status)
        status = deploy_generator(r, err);
    if (!status)
        status = deploy_tracer(r, err);
    if (!status)
        run_enter_state(r, RUN_deployed, "");
    return status;
}

/* ---- the genesis ---- */

/* The next whole second that leaves the profile's delay. */
static int64_t next_start_ns(const struct profile *p)
{
    int64_t earliest = time_wall_ns() + (int64_t)(p->start_delay_s * 1e9);

    return (earliest + NS_PER_SECOND - 1) / NS_PER_SECOND * NS_PER_SECOND;
}

/* A large data set takes minutes: each tenth of it is told. */
static void on_progress(void *context, uint64_t done, uint64_t all)
{
    struct run *r = context;
    unsigned tenths = all ? (unsigned)(10 * done / all) : 0;

    if (all < GENESIS_TOLD_LEAST || tenths <= r->genesis_tenths)
        return;
    r->genesis_tenths = tenths;
    run_say(r, "genesis: %u %% of %.1f million entries", 10 * tenths, (double)all / 1e6);
}

static enum ou_status create_genesis(struct run *r, struct ou_error *err)
{
    const struct genesis_options options = { .cache = r->options->genesis_cache,
                                             .progress = on_progress,
                                             .context = r };
    char path[PATH_MAX];
    struct genesis_made made;
    enum ou_status status = run_path(r, "genesis", path, err);

    if (!status)
        status = genesis_create(r->profile, path, next_start_ns(r->profile), &options, &made, err);
    if (status)
        return status;
    r->start_ns = next_start_ns(r->profile);
    return genesis_set_start(path, r->start_ns, err);
}

/* SWEEP of SWEEP/runs/RUN. */
static void sweep_of(const struct run *r, char ret[PATH_MAX])
{
    snprintf(ret, PATH_MAX, "%s", r->result->directory);
    for (int i = 0; i < 2 && strrchr(ret, '/'); i++)
        *strrchr(ret, '/') = '\0';
}

static enum ou_status write_meta(const struct run *r, struct ou_error *err)
{
    char sweep[PATH_MAX];
    const char *tag = strrchr(r->result->directory, '/') + 1;
    const struct run_identity *id = &r->identity;
    const struct run_meta meta = {
        .profile = r->profile,
        .tag = tag,
        .ident = id->ident[0] ? id->ident : strrchr(tag, '_') + 1,
        .batch = id->batch,
        .start_ns = r->start_ns,
        .place = id->place,
        .setting = id->setting,
        .sweep_directory = sweep,
        .attempt = id->attempt,
        .resumed = id->resumed,
        .wiped = r->wiped,
        .concurrent = r->concurrent,
        .node_program = r->node_count ? r->nodes[0].command.argv[0] : NULL,
    };

    sweep_of(r, sweep);
    return run_meta_write(&meta, r->result->directory, err);
}

enum ou_status run_make_genesis(struct run *r, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (r->profile->scenario == SCENARIO_CHAINSYNC)
        status = run_copy_chain(r, err);
    else if (!run_has_chain(r->profile))
        r->start_ns = time_wall_ns();
    else if (!r->goes_on)
        status = create_genesis(r, err);
    if (!status)
        status = write_meta(r, err);
    if (!status)
        run_enter_state(r, RUN_genesis_ready, "");
    return status;
}
