/* What would become of a run, asked of Nomad before anything is made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/backend_nomad.h"
#include "cluster/deployment.h"
#include "cluster/deployment_job.h"

static const char *pinned_to(const struct placement *p, const char *host)
{
    for (size_t i = 0; i < p->pin_count; i++)
        if (strcmp(p->pins[i].host, host) == 0)
            return p->pins[i].to.right;
    return "-";
}

static void append_resources(const struct placement_instance *of, struct buffer *ret)
{
    if (!of)
        buffer_text(ret, "Nomad's least");
    else if (of->cores)
        buffer_printf(ret, "%u cores, %u MiB", of->cores, of->memory_mb);
    else
        buffer_printf(ret, "%u MHz, %u MiB", of->cpu_mhz, of->memory_mb);
}

static void append_host(const struct placement *p, const struct host_want *want, struct buffer *ret)
{
    const struct placement_region *region = placement_region_of(p, want);
    const struct placement_instance *of =
        want->is_explorer && region->explorer ? region->explorer : region->producer;

    buffer_printf(ret, "%-10s  %-16s  %-16s  %-12s  %-16s  ", want->name, want->region,
                  region->datacenter ? region->datacenter : region->name, of ? of->name : "-",
                  pinned_to(p, want->name));
    append_resources(of, ret);
    buffer_char(ret, '\n');
}

static void append_hosts(const struct backend_nomad_options *o, struct buffer *ret)
{
    buffer_printf(ret, "%-10s  %-16s  %-16s  %-12s  %-16s  %s\n", "host", "region", "datacenter",
                  "instance", "pinned to", "resources");
    for (size_t i = 0; i < o->host_count; i++)
        append_host(o->placement, &o->wants[i], ret);
}

/* Agents have nothing to know yet: their task files are empty. */
static enum ou_status make_job(const struct backend_nomad_options *o,
                               const struct nomad_facts *facts, json_t **ret, struct ou_error *err)
{
    struct job_host *hosts = calloc(o->host_count ? o->host_count : 1, sizeof *hosts);
    char run[DEPLOYMENT_RUN_ROOM], id[sizeof DEPLOYMENT_JOB_PREFIX + DEPLOYMENT_RUN_ROOM];
    const struct job_want want = { .id = id,
                                   .run = run,
                                   .namespace_ = deployment_namespace(o->placement),
                                   .placement = o->placement,
                                   .nomad = facts,
                                   .hosts = hosts,
                                   .host_count = o->host_count };
    enum ou_status status;

    if (!hosts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", o->host_count);
    deployment_run_name(o->run_name, run);
    snprintf(id, sizeof id, DEPLOYMENT_JOB_PREFIX "%s", run);
    for (size_t i = 0; i < o->host_count; i++)
        hosts[i] = (struct job_host){ .want = &o->wants[i], .task_file = "{}" };
    status = deployment_job_document(&want, ret, err);
    free(hosts);
    return status;
}

static enum ou_status ask(struct nomad *nomad, const json_t *job, struct buffer *ret,
                          bool *ret_possible, struct ou_error *err)
{
    json_t *plan = NULL;
    size_t before = ret->len;
    enum ou_status status = nomad_job_validate(nomad, job, ret, err);

    if (ret->len > before) /* what Nomad remarks stands by itself */
        buffer_char(ret, '\n');
    if (!status)
        status = nomad_job_plan(nomad, job, &plan, err);
    if (!status)
        *ret_possible = !nomad_tell_failures(nomad, json_object_get(plan, "FailedTGAllocs"), ret);
    json_decref(plan);
    if (!status && *ret_possible)
        buffer_text(ret, "Nomad has a place for all of them now");
    buffer_char(ret, '\n');
    return status;
}

enum ou_status backend_nomad_plan(const struct backend_nomad_options *options, struct buffer *ret,
                                  bool *ret_possible, struct ou_error *err)
{
    struct nomad_facts facts;
    struct nomad *nomad = NULL;
    json_t *job = NULL;
    enum ou_status status =
        placement_check(options->placement, options->wants, options->host_count, err);

    if (!status)
        status = http_client_ready(err);
    if (!status)
        status = nomad_open(&options->placement->nomad, &nomad, err);
    if (!status)
        status = nomad_look(nomad, &facts, err);
    if (!status)
        status = make_job(options, &facts, &job, err);
    if (!status) {
        append_hosts(options, ret);
        status = ask(nomad, job, ret, ret_possible, err);
    }
    json_decref(job);
    nomad_close(nomad);
    return status;
}
