/* Taking up a run that an earlier process left: what it is, how far it came, and whether it can go on with the chain that it
 * has, or must begin anew. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_tree.h"
#include "base/time.h"
#include "deploy/log_watch.h"
#include "workbench/run_inside.h"

#define META_BYTES_MAX ((size_t)64 << 20)
#define EARLIER_MAX 10000

/* ---- what it is ---- */

static const char *text_or_empty(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static uint32_t count_or(const json_t *object, const char *name, uint32_t otherwise)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? (uint32_t)json_integer_value(value) : otherwise;
}

static struct run_place place_of(const json_t *design)
{
    if (!json_is_object(design))
        return (struct run_place){ .series = NULL };
    return (struct run_place){
        .series = text_or_empty(design, "series"),
        .block = json_integer_value(json_object_get(design, "block")),
        .position = json_integer_value(json_object_get(design, "position")),
    };
}

static void read_meta(struct run_past *past)
{
    const json_t *meta = json_object_get(past->document, "meta");
    const json_t *start = json_object_get(json_object_get(meta, "timing"), "start");
    const json_t *setting = json_object_get(meta, "setting");

    past->identity = (struct run_identity){
        .ident = text_or_empty(meta, "ident"),
        .batch = text_or_empty(meta, "batch"),
        .place = place_of(json_object_get(meta, "design")),
        .setting = json_is_object(setting) ? setting : NULL,
        .attempt = count_or(meta, "attempt", 1),
        .resumed = count_or(meta, "resumed", 0),
    };
    past->start_ns = json_is_integer(start) ? json_integer_value(start) * NS_PER_SECOND : TIME_NONE;
}

enum ou_status run_past_read(const char *directory, struct run_past *ret, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status;

    *ret = (struct run_past){ 0 };
    if (snprintf(path, sizeof path, "%s/profile.json", directory) >= (int)sizeof path)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", directory);
    status = run_state_get(directory, &ret->state, err);
    if (!status)
        status = profile_load(path, NULL, 0, &ret->profile, err);
    if (status)
        return status;
    status = run_file_load(directory, "meta.json", META_BYTES_MAX, &ret->document, err);
    if (status && status != OU_NOT_FOUND) /* it is written with the genesis */
        return status;
    read_meta(ret);
    return OU_OK;
}

void run_past_release(struct run_past *past)
{
    json_decref(past->document);
    profile_release(&past->profile);
}

/* ---- what became of its chain ---- */

/* How far the nodes had come; -1: no block. */
static int64_t height_of_logs(const struct run *r, int64_t *ret_tip_slot)
{
    int64_t height = -1;
    char name[96], path[PATH_MAX];

    *ret_tip_slot = -1;
    for (size_t i = 0; i < r->profile->spec_count; i++) {
        struct log_watch log = { 0 };

        snprintf(name, sizeof name, "logs/%s/node.json", r->profile->specs[i].name);
        if (run_path(r, name, path, NULL) || log_watch_open(&log, path, NULL))
            continue;
        while (!log_watch_read(&log, SIZE_MAX))
            ;
        if (log.height > height) {
            height = log.height;
            *ret_tip_slot = log.tip_slot;
        }
        log_watch_close(&log);
    }
    return height;
}

static uint64_t txs_of_log(const struct run *r)
{
    struct log_watch log = { 0 };
    char path[PATH_MAX];
    uint64_t txs = 0;

    if (run_path(r,
                 r->profile->tracer ? "logs/generator/node.json" : "logs/generator/generator.json",
                 path, NULL) ||
        log_watch_open(&log, path, NULL))
        return 0;
    while (!log_watch_read(&log, SIZE_MAX))
        ;
    txs = log.txs_acked;
    log_watch_close(&log);
    return txs;
}

static bool databases_are_there(const struct run *r)
{
    char name[96], path[PATH_MAX];

    for (size_t i = 0; i < r->profile->spec_count; i++) {
        snprintf(name, sizeof name, "nodes/%s/db", r->profile->specs[i].name);
        if (run_path(r, name, path, NULL) || access(path, F_OK) != 0)
            return false;
    }
    return true;
}

/* Why nodes cannot go on with what they have; NULL: they can. A chain without a block for longer than a node can foresee who
 * leads (3k/f slots) has no successor; and the generator's funds are spent half on the way. */
static const char *obstacle(struct run *r, const struct run_past *past)
{
    const struct profile *p = r->profile;
    int64_t tip_slot, height = height_of_logs(r, &tip_slot);
    double elapsed_s = (double)(time_wall_ns() - past->start_ns) / 1e9;
    double horizon = 3.0 * (double)p->security_param / p->active_slots_coeff;

    if (r->backend->kind->outlives)
        return "its cluster is there no more";
    if (!run_has_chain(p) || p->scenario == SCENARIO_CHAINSYNC || past->start_ns == TIME_NONE)
        return "it has no chain of its own";
    if (height < 0)
        return "it had no block yet";
    if (!databases_are_there(r))
        return "its databases are not there";
    if (elapsed_s >= p->max_duration_s)
        return "its time is over";
    if (elapsed_s / p->slot_s - (double)tip_slot > horizon)
        return "its last block is too old to be built on";
    r->load_is_done = run_wants_load(p) && txs_of_log(r) >= p->tx_count;
    return run_wants_load(p) && !r->load_is_done ? "its load was interrupted" : NULL;
}

/* ---- beginning anew ---- */

static enum ou_status remove_databases(const struct run *r, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    char name[96], path[PATH_MAX];

    for (size_t i = 0; !status && i < r->profile->spec_count; i++) {
        snprintf(name, sizeof name, "nodes/%s/db", r->profile->specs[i].name);
        status = run_path(r, name, path, err);
        if (!status)
            status = tree_remove(path, err);
    }
    return status;
}

/* Logs are nobody's to delete, and no part of what is measured from now on: RUN/logs becomes RUN/earlier/N/logs. */
static enum ou_status put_logs_aside(const struct run *r, struct ou_error *err)
{
    char from[PATH_MAX], to[PATH_MAX], name[64];
    enum ou_status status = run_path(r, "logs", from, err);

    if (status || access(from, F_OK) != 0)
        return status;
    for (int n = 1; n < EARLIER_MAX; n++) {
        snprintf(name, sizeof name, "earlier/%d", n);
        status = run_path(r, name, to, err);
        if (status)
            return status;
        if (access(to, F_OK) == 0)
            continue;
        status = file_make_directory(to, err);
        if (status)
            return status;
        snprintf(name, sizeof name, "earlier/%d/logs", n);
        status = run_path(r, name, to, err);
        if (!status && rename(from, to) < 0)
            status = ou_fail(err, OU_IO, "rename %s to %s: %s", from, to, strerror(errno));
        return status;
    }
    return ou_fail(err, OU_TOO_LARGE, "%s: it was begun anew too often", r->result->directory);
}

/* ---- all of it ---- */

/* Services that go on without us, or have ended without us, are as they are. */
static void attach(struct run *r, const struct run_past *past)
{
    r->attached = r->goes_on = r->began = true;
    r->start_ns = past->start_ns;
    run_say(r, "its services were started before: they are taken up");
}

/* What an earlier process of this machine has left. */
static enum ou_status take_up_here(struct run *r, const struct run_past *past, struct ou_error *err)
{
    bool had_processes = past->state == RUN_running || past->state == RUN_failed;
    const char *why = had_processes ? obstacle(r, past) : NULL;
    size_t ended;
    enum ou_status status =
        run_end_processes(r->result->directory, r->options->program, &ended, err);

    if (ended > 0)
        run_say(r, "%zu process%s of it still ran, and %s ended", ended, ended == 1 ? "" : "es",
                ended == 1 ? "was" : "were");
    r->goes_on = had_processes && !why;
    if (status || r->goes_on) {
        r->start_ns = past->start_ns;
        if (!status)
            run_say(r, "the nodes go on with the chain that they have");
        return status;
    }
    r->wiped = had_processes && past->start_ns != TIME_NONE;
    if (r->wiped)
        run_say(r, "the run begins anew: %s", why);
    status = remove_databases(r, err);
    return status ? status : put_logs_aside(r, err);
}

enum ou_status run_take_up(struct run *r, const struct run_past *past, struct ou_error *err)
{
    const json_t *meta = json_object_get(past->document, "meta");

    r->past_to_start = json_incref(json_object_get(json_object_get(meta, "timing"), "to_start"));
    if (run_is_under_way(r) && past->start_ns != TIME_NONE) {
        attach(r, past);
        return OU_OK;
    }
    return take_up_here(r, past, err);
}
