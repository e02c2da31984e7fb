/* The last steps before there are processes: the genesis gets its start, and everything goes
 * where it belongs.
 *
 * The start is chosen when all else is done, so that the delay before slot 0 may be short; it
 * is chosen again when a host was late, or has moved. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "genesis/create.h"
#include "json/tree.h"
#include "workbench/run_inside.h"

#define GENESIS_TOLD_LEAST 100000 /* entries, that take long enough to tell how far they are */

/* ---- the genesis ---- */

/* Who serves a chain that there is has the genesis of that. */
static bool makes_genesis(const struct run *r)
{
    return run_has_chain(r->profile) && r->profile->scenario != SCENARIO_CHAINSYNC && !r->goes_on;
}

/* The next whole second that is so far away. */
static int64_t start_after_ns(double delay_s)
{
    int64_t earliest = time_wall_ns() + (int64_t)(delay_s * 1e9);

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

enum ou_status run_make_genesis_data(struct run *r, struct ou_error *err)
{
    const struct genesis_options options = { .cache = r->options->genesis_cache,
                                             .progress = on_progress,
                                             .context = r };
    int64_t about_ns = start_after_ns(r->profile->start_delay_s);
    struct genesis_made made;
    char path[PATH_MAX];
    enum ou_status status = run_path(r, "genesis", path, err);

    if (status || !makes_genesis(r))
        return status;
    status = genesis_create(r->profile, path, about_ns, &options, &made, err);
    if (!status)
        backend_step(r->backend, "genesis data made", "");
    return status;
}

/* ---- meta.json ---- */

/* SWEEP of SWEEP/runs/RUN. */
static void sweep_of(const struct run *r, char ret[PATH_MAX])
{
    snprintf(ret, PATH_MAX, "%s", r->result->directory);
    for (int i = 0; i < 2 && strrchr(ret, '/'); i++)
        *strrchr(ret, '/') = '\0';
}

static enum ou_status write_meta(struct run *r, struct ou_error *err)
{
    char sweep[PATH_MAX];
    const struct run_identity *id = &r->identity;
    const struct run_meta meta = {
        .profile = r->profile,
        .tag = r->hosts.name,
        .ident = id->ident[0] ? id->ident : strrchr(r->hosts.name, '_') + 1,
        .batch = id->batch,
        .start_ns = r->start_ns,
        .backend = r->backend,
        .to_start = r->goes_on ? r->past_to_start : NULL,
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
    json_decref(r->meta);
    r->meta = run_meta_document(&meta);
    return r->meta ? run_meta_save(r->meta, r->result->directory, err)
                   : ou_fail(err, OU_NO_MEMORY, "meta.json: no memory");
}

void run_tell_steps(struct run *r)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    if (r->goes_on) /* it did not stand this time */
        return;
    run_meta_set_steps(r->meta, r->backend);
    status = run_meta_save(r->meta, r->result->directory, &err);
    if (status)
        run_fail(r, status, "%s", err.text);
}

/* ---- the start, and the way to the hosts ---- */

/* The profile's guess at how long hosts need is of this machine; a backend that has measured its own knows better. */
static double start_delay_s(const struct run *r, double away_s)
{
    return away_s > 0 ? away_s + r->profile->start_extra_s : r->profile->start_delay_s;
}

static enum ou_status choose_start(struct run *r, struct cargo *cargo, struct ou_error *err)
{
    char path[PATH_MAX];
    double away_s = r->backend->kind->ready_in_s(r->backend, cargo);
    enum ou_status status = run_path(r, "genesis", path, err);

    if (isfinite(r->profile->max_duration_s))
        cargo->lasts_s = r->profile->max_duration_s;
    if (!run_has_chain(r->profile))
        r->start_ns = time_wall_ns();
    if (status || !makes_genesis(r))
        return status;
    r->start_ns = start_after_ns(start_delay_s(r, away_s));
    cargo->start_ns = r->start_ns;
    status = genesis_set_start(path, r->start_ns, err);
    if (!status)
        backend_step(r->backend, "start chosen", "");
    return status;
}

static enum ou_status deliver_once(struct run *r, enum delivery *ret, struct ou_error *err)
{
    struct cargo cargo;
    enum ou_status status = run_load_cargo(r, &cargo, err);

    if (!status)
        status = choose_start(r, &cargo, err);
    if (!status)
        status = write_meta(r, err);
    return status ? status : r->backend->kind->deliver(r->backend, &cargo, ret, err);
}

/* Its place is part of other hosts' files, too. */
static enum ou_status stand_again(struct run *r, struct ou_error *err)
{
    enum ou_status status;

    run_say(r, "a host has moved: files are written again");
    status = run_stand(r, err);
    return status ? status : run_write_files(r, err);
}

static void tell_start(const struct run *r)
{
    char at[TIME_ISO_ROOM];

    if (!r->backend->kind->outlives || !makes_genesis(r))
        return;
    time_format_iso(r->start_ns, at);
    run_say(r, "all hosts have the genesis; slot 0 is at %.19sZ", at);
}

/* How often is the backend's business: it fails when it has tried enough. */
enum ou_status run_deliver(struct run *r, struct ou_error *err)
{
    enum delivery delivery = DELIVERY_LATE;
    enum ou_status status = OU_OK;

    if (r->attached)
        return write_meta(r, err);
    if (r->profile->scenario == SCENARIO_CHAINSYNC)
        status = run_copy_chain(r, err);
    while (!status && delivery != DELIVERED) {
        status = deliver_once(r, &delivery, err);
        if (!status && delivery == DELIVERY_LATE)
            run_say(r, "a host did not have the genesis in time: slot 0 is put off");
        else if (!status && delivery == DELIVERY_MOVED)
            status = stand_again(r, err);
    }
    if (!status)
        tell_start(r);
    return status;
}
