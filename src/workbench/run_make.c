/* What a run is made of before there are processes: its folder; its hosts, and the files of
 * their services; its genesis.
 *
 * The genesis is made in two parts: what is large before anything waits for it, its start last
 * of all (run_deliver.c), so that the delay before slot 0 may be short: nothing slow happens
 * between. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "workbench/run_inside.h"

/* ---- the folder ---- */

enum ou_status run_save_document(const struct run *r, const char *name, json_t *document,
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
    return run_save_document(r, "profile.json", json_incref(r->profile->document), err);
}

/* ---- the order ---- */

/* The slow half of the genesis needs no hosts, and hosts need not wait for it; a wrong password need not wait for either. */
static enum ou_status deploy(struct run *r, struct ou_error *err)
{
    const struct backend_kind *kind = r->backend->kind;
    enum ou_status status = kind->reach ? kind->reach(r->backend, err) : OU_OK;

    if (!status)
        status = run_make_genesis_data(r, err);
    if (!status)
        status = run_stand(r, err);
    if (!status)
        status = run_write_files(r, err);
    if (status)
        return status;
    backend_step(r->backend, "files written", "");
    run_enter_state(r, RUN_deployed, "");
    return OU_OK;
}

enum ou_status run_make(struct run *r, struct ou_error *err)
{
    enum ou_status status = deploy(r, err);

    if (!status)
        status = run_deliver(r, err);
    if (!status)
        run_enter_state(r, RUN_genesis_ready, "");
    return status;
}
