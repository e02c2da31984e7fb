/* The services of a run, and the files that they are started with. */
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "profile/node_specs.h"
#include "profile/topology_files.h"
#include "workbench/run_inside.h"

/* ---- which there are ---- */

static struct run_service *take_services(struct run *r, size_t count)
{
    return arena_take(&r->memory, (count + 1) * sizeof(struct run_service),
                      alignof(struct run_service));
}

static void name_nodes(struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++) {
        struct run_service *s = &r->nodes[i];

        *s = (struct run_service){ .run = r, .spec = &r->profile->specs[i], .host = i };
        snprintf(s->name, sizeof s->name, "%s", s->spec->name);
        snprintf(s->title, sizeof s->title, "%s", s->name);
        snprintf(s->log, sizeof s->log, "logs/%s/node.json", s->name);
    }
}

/* One for all, or one at each host. */
static void name_tracers(struct run *r)
{
    for (size_t i = 0; i < r->tracer_count; i++) {
        struct run_service *s = &r->tracers[i];

        *s = (struct run_service){ .run = r, .host = i };
        snprintf(s->name, sizeof s->name, "tracer");
        snprintf(s->title, sizeof s->title, "the collector%s%s", r->tracer_count > 1 ? " of " : "",
                 r->tracer_count > 1 ? r->hosts.wants[i].name : "");
    }
}

static void name_generator(struct run *r)
{
    struct run_service *s = &r->generator;

    *s = (struct run_service){ .run = r, .host = generator_home(r->profile) };
    snprintf(s->name, sizeof s->name, "generator");
    snprintf(s->title, sizeof s->title, "the generator");
    snprintf(s->log, sizeof s->log, "logs/generator/%s",
             r->profile->tracer ? "node.json" : "generator.json");
}

static enum ou_status name_services(struct run *r, struct ou_error *err)
{
    size_t collectors = r->backend->kind->tracer_each ? r->hosts.count : 1;

    r->node_count = run_wants_nodes(r->profile) ? r->hosts.count : 0;
    r->tracer_count = run_wants_tracer(r->profile) ? collectors : 0;
    r->nodes = take_services(r, r->node_count);
    r->tracers = take_services(r, r->tracer_count);
    if (!r->nodes || !r->tracers)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu services",
                       r->node_count + r->tracer_count);
    name_nodes(r);
    name_tracers(r);
    name_generator(r);
    return OU_OK;
}

/* ---- their files ---- */

static enum ou_status write_nodes(struct run *r, struct ou_error *err)
{
    const struct profile *p = r->profile;
    enum ou_status status = topology_of_profile(p, &r->memory, &r->topology, err);

    if (!status && p->node_kind != NODE_COMMAND)
        status = run_save_document(r, "topology.json", topology_document(&r->topology), err);
    if (!status)
        status = run_save_document(r, "node-specs.json", node_specs_document(p, r->sites), err);
    for (size_t i = 0; !status && i < r->node_count; i++)
        status = node_files_write(p, &r->topology, i, r->sites, r->result->directory, &r->memory,
                                  &r->nodes[i].command, err);
    return status;
}

/* Collectors of several hosts have the same files; only the program may stand elsewhere. */
static enum ou_status write_tracers(struct run *r, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < r->tracer_count; i++)
        status = tracer_files_write(r->profile, r->result->directory, r->sites[i].program,
                                    &r->memory, &r->tracers[i].command, err);
    return status;
}

enum ou_status run_write_files(struct run *r, struct ou_error *err)
{
    enum ou_status status = run_path(r, "nodes", r->nodes_directory, err);

    if (!status)
        status = name_services(r, err);
    if (!status && run_wants_nodes(r->profile))
        status = write_nodes(r, err);
    if (!status && run_wants_load(r->profile))
        status = generator_files_write(r->profile, r->sites, r->result->directory, &r->memory,
                                       &r->generator.command, err);
    return status ? status : write_tracers(r, err);
}

/* ---- to the backend ---- */

static enum ou_status add(struct run *r, struct run_service *s, struct ou_error *err)
{
    const struct service_options options = {
        .name = s->name,
        .host = s->host,
        .command = &s->command,
        .log = *s->log ? s->log : NULL,
        .log_begins_here = r->goes_on && !r->attached,
        .ended = run_on_ended,
        .owner = s,
    };

    return r->backend->kind->add(r->backend, &options, &s->service, err);
}

enum ou_status run_add_services(struct run *r, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < r->tracer_count; i++)
        status = add(r, &r->tracers[i], err);
    for (size_t i = 0; !status && i < r->node_count; i++)
        status = add(r, &r->nodes[i], err);
    if (!status && run_wants_load(r->profile))
        status = add(r, &r->generator, err);
    return status;
}
