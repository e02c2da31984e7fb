#include "cluster/backend_nomad.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/backend_nomad_inside.h"

static struct nomad_backend *of(struct backend *b)
{
    return (struct nomad_backend *)b;
}

/* ---- the interface ---- */

static enum ou_status reach(struct backend *b, struct ou_error *err)
{
    return deployment_reach_all(of(b), err);
}

static enum ou_status stand(struct backend *b, struct site *ret_sites, struct ou_error *err)
{
    return deployment_stand(of(b), ret_sites, err);
}

static double ready_in_s(struct backend *b, const struct cargo *cargo)
{
    return deployment_ready_in_s(of(b), cargo);
}

static enum ou_status deliver(struct backend *b, const struct cargo *cargo, enum delivery *ret,
                              struct ou_error *err)
{
    return deployment_deliver(of(b), cargo, ret, err);
}

/* All that waits for something has threads of its own, and poll() hears of it. */
static enum ou_status loop_begins(struct backend *b, uv_loop_t *loop, struct ou_error *err)
{
    (void)b;
    (void)loop;
    (void)err;
    return OU_OK;
}

static void loop_ends(struct backend *b)
{
    (void)b;
}

static enum ou_status fetch(struct backend *b, struct ou_error *err)
{
    return deployment_fetch(of(b), err);
}

static enum ou_status leave(struct backend *b, struct ou_error *err)
{
    return deployment_leave(of(b), err);
}

static bool is_under_way(struct backend *b)
{
    const struct deployment *d = &of(b)->d;

    return d->was_there && d->is_delivered && d->is_started;
}

static json_t *describe_host(const struct deployed_host *h, const struct host_want *want)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "name", h->name, "region", want->region,
                     "node", h->place.node, "allocation", h->site.allocation, "address",
                     h->site.address, "instance", h->place.instance);
}

static json_t *describe(struct backend *b)
{
    struct deployment *d = &of(b)->d;
    json_t *hosts = json_array();

    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; i < d->host_count; i++)
        json_array_append_new(hosts, describe_host(&d->hosts[i], &b->wants[i]));
    pthread_mutex_unlock(&d->mutex);
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "job", d->job, "namespace",
                     deployment_namespace(d->placement), "region", d->nomad_facts.region, "version",
                     d->nomad_facts.version, "hosts", hosts);
}

static void release(struct backend *b)
{
    struct nomad_backend *n = of(b);

    deployment_end_threads(n);
    nomad_services_forget(n);
    deployment_close(&n->d);
    free(n->of_hosts);
    free(n);
}

static const struct backend_kind KIND = {
    .name = "nomad",
    .outlives = true,
    .tracer_each = true,
    .reach = reach,
    .stand = stand,
    .ready_in_s = ready_in_s,
    .deliver = deliver,
    .loop_begins = loop_begins,
    .loop_ends = loop_ends,
    .add = nomad_service_add,
    .start = nomad_service_start,
    .stop = nomad_service_stop,
    .facts = nomad_service_facts,
    .last_lines = nomad_service_last_lines,
    .poll = nomad_services_poll,
    .fetch = fetch,
    .leave = leave,
    .is_under_way = is_under_way,
    .describe = describe,
    .release = release,
};

/* ---- opening ---- */

static enum ou_status open_deployment(struct nomad_backend *n,
                                      const struct backend_nomad_options *o, struct ou_error *err)
{
    const char **names = calloc(o->host_count ? o->host_count : 1, sizeof *names);
    enum ou_status status;

    n->of_hosts = calloc(o->host_count ? o->host_count : 1, sizeof *n->of_hosts);
    if (!names || !n->of_hosts) {
        free(names);
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", o->host_count);
    }
    for (size_t i = 0; i < o->host_count; i++)
        names[i] = o->wants[i].name;
    status = deployment_open(o->run_directory, o->placement, names, o->host_count, &n->backend,
                             &n->d, err);
    free(names);
    return status;
}

enum ou_status backend_nomad_open(const struct backend_nomad_options *options, struct backend **ret,
                                  struct ou_error *err)
{
    struct nomad_backend *n;
    enum ou_status status =
        placement_check(options->placement, options->wants, options->host_count, err);

    if (status)
        return status;
    n = calloc(1, sizeof *n);
    if (!n)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a deployment");
    n->backend = (struct backend){ .kind = &KIND,
                                   .run_directory = options->run_directory,
                                   .program = options->program,
                                   .wants = options->wants,
                                   .host_count = options->host_count };
    status = open_deployment(n, options, err);
    if (status)
        release(&n->backend);
    else
        *ret = &n->backend;
    return status;
}

bool backend_nomad_is_there(const char *run_directory)
{
    return deployment_is_there(run_directory);
}
