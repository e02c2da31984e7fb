#include "workbench/run_meta.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "json/tree.h"
#include "workbench/manifest.h"
#include "workbench/run_machine.h"

#define YEARS_S 3e9 /* who plans for longer means: without end */

/* ---- time ---- */

/* Seconds since 1970 at which something ends that takes so long; TIME_NONE for what has no end. */
static int64_t end_s(int64_t start_s, double duration_s)
{
    return duration_s < YEARS_S ? start_s + (int64_t)ceil(duration_s) : TIME_NONE;
}

/* Programs that are no nodes have neither slots nor a load. */
static bool is_cluster(const struct profile *p)
{
    return p->node_kind != NODE_COMMAND;
}

/* How long the load lasts: as long as the generator has to send; all of the run when there is none. */
static double load_s(const struct profile *p)
{
    return is_cluster(p) && p->loaded && p->tps > 0 ? (double)p->tx_count / p->tps
                                                    : p->max_duration_s;
}

static double shutdown_s(const struct profile *p)
{
    return !is_cluster(p) || p->stop_slot == UINT64_MAX ? load_s(p)
                                                        : (double)p->stop_slot * p->slot_s;
}

/* Who serves a chain that was made before counts from when its nodes are up. */
static int64_t latest_end_s(const struct profile *p, int64_t start_s)
{
    return p->scenario == SCENARIO_CHAINSYNC ? TIME_NONE : end_s(start_s, p->max_duration_s);
}

static void set_instant(json_t *object, const char *seconds_key, const char *text_key, int64_t at_s)
{
    char text[TIME_ISO_ROOM];

    if (at_s == TIME_NONE) {
        json_object_set_new(object, seconds_key, json_null());
        json_object_set_new(object, text_key, json_null());
        return;
    }
    time_format_iso(at_s * NS_PER_SECOND, text);
    json_object_set_new(object, seconds_key, json_integer(at_s));
    json_object_set_new(object, text_key, json_string(text));
}

static json_t *copy_or(const json_t *value, json_t *otherwise)
{
    if (!value)
        return otherwise;
    json_decref(otherwise);
    return json_deep_copy(value);
}

/* [{"step": "...", "at": "...", "host": ""}], in order of time. */
static json_t *steps_of(const struct backend *b)
{
    json_t *list = json_array();

    for (size_t i = 0; i < b->step_count; i++) {
        char at[TIME_ISO_ROOM];

        time_format_iso(b->steps[i].at_ns, at);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "step", b->steps[i].name, "at", at,
                                              "host", b->steps[i].host));
    }
    return list;
}

/* The record of the existing workbench: planned instants. What really ended the run is in status.json. */
static json_t *timing(const struct run_meta *m)
{
    int64_t start_s = m->start_ns / NS_PER_SECOND;
    double shutdown = shutdown_s(m->profile), load = load_s(m->profile);
    json_t *object = json_object();

    json_object_set_new(object, "future_offset",
                        json_real(is_cluster(m->profile) ? m->profile->start_delay_s : 0));
    set_instant(object, "start", "systemStart", start_s);
    set_instant(object, "shutdown_end", "shutdownTime", end_s(start_s, shutdown));
    set_instant(object, "workload_end", "workloadEndTime", end_s(start_s, load));
    set_instant(object, "earliest_end", "earliestEndTime", end_s(start_s, fmin(shutdown, load)));
    set_instant(object, "latest_end", "latestEndTime", latest_end_s(m->profile, start_s));
    json_object_set_new(object, "to_start", copy_or(m->to_start, steps_of(m->backend)));
    return object;
}

/* ---- its place ---- */

/* What there is to say of it is the backend's; its name stands first. */
static json_t *backend(const struct run_meta *m)
{
    const struct backend_kind *kind = m->backend->kind;
    json_t *object = json_pack("{s:s}", "name", kind->name);
    json_t *more = kind->describe ? kind->describe((struct backend *)m->backend) : NULL;

    if (more)
        json_object_update_missing(object, more);
    json_decref(more);
    return object;
}

static json_t *design(const struct run_meta *m)
{
    const struct run_place *p = &m->place;

    if (!p->series)
        return json_null();
    return json_pack("{s:s, s:I, s:I}", "series", p->series[0] ? p->series : m->tag, "block",
                     (json_int_t)p->block, "position", (json_int_t)p->position);
}

/* ---- what was run ---- */

static const char *kind_name(enum node_kind kind)
{
    static const char *const names[] = {
        [NODE_REFERENCE] = "reference", [NODE_CARDANO] = "cardano-node", [NODE_COMMAND] = "command"
    };

    return names[kind];
}

/* Version, compiler and flags of the program under test, and the manifest in the form that tools read: name, version, commit. */
static void add_components(json_t *meta, json_t *components)
{
    const json_t *tested = json_array_get(components, json_array_size(components) - 1), *row;
    json_t *manifest = json_array();
    size_t i;

    json_object_set(meta, "node_version", json_object_get(tested, "version"));
    json_object_set(meta, "compiler", json_object_get(tested, "compiler"));
    json_object_set(meta, "flags", json_object_get(tested, "flags"));
    json_array_foreach(components, i, row)
    {
        json_array_append_new(manifest,
                              json_pack("{s:O, s:O, s:O}", "name", json_object_get(row, "name"),
                                        "version", json_object_get(row, "version"), "commit",
                                        json_object_get(row, "commit")));
    }
    json_object_set_new(meta, "manifest", manifest);
    json_object_set_new(meta, "components", components);
}

/* ---- all of it ---- */

static json_t *sweep(const struct run_meta *m)
{
    if (!m->setting || !m->sweep_directory || !m->place.series)
        return json_null();
    return json_pack("{s:s, s:s}", "name", m->place.series, "directory", m->sweep_directory);
}

static void add_circumstances(json_t *meta, const struct run_meta *m)
{
    json_object_set_new(meta, "sweep", sweep(m));
    json_object_set_new(meta, "setting", copy_or(m->setting, json_null()));
    json_object_set_new(meta, "attempt", json_integer(m->attempt ? m->attempt : 1));
    json_object_set_new(meta, "resumed", json_integer(m->resumed));
    json_object_set_new(meta, "modifiers", json_pack("{s:b}", "wiped_and_restarted", m->wiped));
    json_object_set_new(meta, "concurrent_runs", copy_or(m->concurrent, json_array()));
}

json_t *run_meta_document(const struct run_meta *m)
{
    const struct profile *p = m->profile;
    json_t *era = json_object_get(p->document, "era");
    json_t *components = manifest_components(p, m->node_program);
    json_t *meta;

    if (!components)
        return NULL;
    meta = json_pack("{s:s, s:s, s:s, s:s, s:O, s:o, s:s, s:O, s:o, s:o, s:o}", "tag", m->tag,
                     "ident", m->ident, "batch", m->batch, "profile", p->name, "era", era,
                     "backend", backend(m), "node_kind", kind_name(p->node_kind), "scenario",
                     json_object_get(p->document, "scenario"), "machine", run_machine_document(),
                     "design", design(m), "timing", timing(m));
    if (!meta) {
        json_decref(components);
        return NULL;
    }
    add_components(meta, components);
    add_circumstances(meta, m);
    json_object_set(meta, "profile_content", p->document); /* the longest by far comes last */
    return json_pack("{s:o}", "meta", meta);
}

void run_meta_set_steps(json_t *document, const struct backend *b)
{
    json_t *meta = json_object_get(document, "meta");

    json_object_set_new(json_object_get(meta, "timing"), "to_start", steps_of(b));
}

enum ou_status run_meta_save(const json_t *document, const char *run_directory,
                             struct ou_error *err)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/meta.json", run_directory) >= (int)sizeof path)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", run_directory);
    return json_tree_save(document, path, err);
}
