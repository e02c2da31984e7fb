/* Where the cluster of a run stands. */
#include <stdalign.h>
#include <string.h>

#include "deploy/backend_local.h"
#include "workbench/host_wants.h"
#include "workbench/run_inside.h"

/* Who has programs of his own started binds a port without sharing it. */
static enum ou_status open_here(void *context, const struct run_hosts *hosts, struct backend **ret,
                                struct ou_error *err)
{
    const struct backend_local_options options = {
        .run_directory = hosts->directory,
        .program = hosts->program,
        .wants = hosts->wants,
        .host_count = hosts->count,
        .ports_are_shared = hosts->profile->node_kind != NODE_COMMAND,
    };

    (void)context;
    return backend_local_open(&options, ret, err);
}

enum ou_status run_open_backend(struct run *r, struct ou_error *err)
{
    const struct run_options *o = r->options;
    run_open_backend_fn open = o->open_backend ? o->open_backend : open_here;
    struct host_want *wants;
    enum ou_status status = host_wants_of(r->profile, &r->memory, &wants, err);

    if (status)
        return status;
    r->hosts = (struct run_hosts){ .profile = r->profile,
                                   .directory = r->result->directory,
                                   .name = strrchr(r->result->directory, '/') + 1,
                                   .program = o->program,
                                   .wants = wants,
                                   .count = r->profile->spec_count };
    r->sites = arena_take(&r->memory, r->hosts.count * sizeof *r->sites, alignof(struct site));
    if (!r->sites)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", r->hosts.count);
    status = open(o->open_context, &r->hosts, &r->backend, err);
    if (status)
        return status;
    r->backend->say = o->say;
    r->backend->progress = o->progress;
    r->backend->stepped = r->backend->kind->outlives ? o->stepped : NULL;
    r->backend->context = o->context;
    backend_step(r->backend, "run allocated", "");
    return OU_OK;
}

enum ou_status run_stand(struct run *r, struct ou_error *err)
{
    return r->backend->kind->stand(r->backend, r->sites, err);
}

bool run_is_under_way(const struct run *r)
{
    return r->backend->kind->is_under_way && r->backend->kind->is_under_way(r->backend);
}
