#include "cluster/deployment_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX ((size_t)256 << 20)
#define RESTARTS 2 /* of an agent on the same machine, where it finds its folder as it was */
/* Agents end their services in order, and most drivers give a task half a minute at most. */
#define STOP_PATIENCE_S 25
/* Machines that measure are so busy at times that they do not get round to their heart beats: what was measured is good
 * all the same. Their agents tell us themselves how they are. */
#define DISCONNECT_S 86400
#define RULES_MORE 3 /* datacenter, class, pin */
#define TEXT_ROOM 256

/* Memory of one making of a document, and the first failure. */
struct job_maker {
    const struct job_want *want;
    struct arena memory;
    enum ou_status status;
    struct ou_error *err;
};

static void *take(struct job_maker *m, size_t count, size_t bytes)
{
    void *at = arena_take(&m->memory, (count ? count : 1) * bytes, _Alignof(max_align_t));

    if (!at && !m->status)
        m->status = ou_fail(m->err, OU_NO_MEMORY, "no memory for the job");
    return at;
}

static const char *text_of(struct job_maker *m, const char *before, const char *text,
                           const char *behind)
{
    size_t room = strlen(before) + strlen(text) + strlen(behind) + 1;
    char *ret = take(m, room, 1);

    if (ret)
        snprintf(ret, room, "%s%s%s", before, text, behind);
    return ret;
}

/* ---- where ---- */

static const char *datacenter_of(const struct placement_region *region)
{
    return region->datacenter ? region->datacenter : region->name;
}

static const struct placement_region *region_of(struct job_maker *m, const struct host_want *want)
{
    const struct placement_region *region = placement_region_of(m->want->placement, want);

    if (!region && !m->status)
        m->status =
            ou_fail(m->err, OU_USAGE, "%s: the plan has no region %s", want->name, want->region);
    return region;
}

static bool is_in(const char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], text) == 0)
            return true;
    return false;
}

static const char *const *datacenters(struct job_maker *m)
{
    const char **list = take(m, m->want->host_count + 1, sizeof *list);
    size_t count = 0;

    for (size_t i = 0; list && !m->status && i < m->want->host_count; i++) {
        const struct placement_region *region = region_of(m, m->want->hosts[i].want);

        if (region && !is_in(list, count, datacenter_of(region)))
            list[count++] = datacenter_of(region);
    }
    return list;
}

static const struct placement_pin *pin_of(const struct placement *p, const char *host)
{
    for (size_t i = 0; i < p->pin_count; i++)
        if (strcmp(p->pins[i].host, host) == 0)
            return &p->pins[i];
    return NULL;
}

static void put_rules(struct job_maker *m, const struct placement_region *region,
                      const struct host_want *want, struct nomad_group *ret)
{
    const struct placement_pin *pin = pin_of(m->want->placement, want->name);
    struct nomad_constraint *rules = take(m, region->rule_count + RULES_MORE, sizeof *rules);
    size_t count = 0;

    if (!rules)
        return;
    rules[count++] = (struct nomad_constraint){ .left = "${node.datacenter}",
                                                .operand = "=",
                                                .right = datacenter_of(region) };
    if (region->node_class)
        rules[count++] = (struct nomad_constraint){ .left = "${node.class}",
                                                    .operand = "=",
                                                    .right = region->node_class };
    if (pin)
        rules[count++] = pin->to;
    for (size_t i = 0; i < region->rule_count; i++)
        rules[count++] = region->rules[i];
    ret->rules = rules;
    ret->rule_count = count;
}

static void put_resources(const struct placement_region *region, const struct host_want *want,
                          struct nomad_group *ret)
{
    const struct placement_instance *of =
        want->is_explorer && region->explorer ? region->explorer : region->producer;

    if (!of)
        return;
    ret->cores = of->cores;
    ret->cpu_mhz = of->cpu_mhz;
    ret->memory_mb = of->memory_mb;
    ret->memory_max_mb = of->memory_max_mb;
    ret->disk_mb = of->disk_mb;
}

/* ---- what ---- */

static void put_task(struct job_maker *m, const struct job_host *host, struct nomad_group *ret)
{
    static const char *const ARGUMENTS[] = { "agent", "--task", "${NOMAD_SECRETS_DIR}/agent.json",
                                             NULL };
    static const struct nomad_port PORTS[] = { { DEPLOYMENT_PORT, 0 } };
    const struct placement *p = m->want->placement;
    struct nomad_file *file = take(m, 1, sizeof *file);
    struct nomad_artifact *artifact = take(m, 1, sizeof *artifact);
    const char **environment = take(m, 2, sizeof *environment);
    char attempt[TEXT_ROOM];

    if (m->status)
        return;
    snprintf(attempt, sizeof attempt, "%u", host->attempt);
    environment[0] = text_of(m, "OUROSCOPE_ATTEMPT=", attempt, "");
    *file = (struct nomad_file){ DEPLOYMENT_TASK_FILE, host->task_file, "600" };
    *artifact = (struct nomad_artifact){ p->artifact, "local/", p->artifact_sha256 };
    ret->command = p->program;
    ret->arguments = ARGUMENTS;
    ret->environment = environment;
    ret->ports = PORTS;
    ret->port_count = 1;
    ret->files = file;
    ret->file_count = 1;
    ret->artifacts = artifact;
    ret->artifact_count = p->artifact ? 1 : 0;
}

static void put_service(struct job_maker *m, const struct host_want *want, struct nomad_group *ret)
{
    const struct placement *p = m->want->placement;

    if (!p->services)
        return;
    ret->service = text_of(m, "ouroscope-", want->name, "");
    if (p->address)
        ret->address = text_of(m, "${attr.", p->address, "}");
}

static void make_group(struct job_maker *m, const struct job_host *host, struct nomad_group *ret)
{
    const struct placement *p = m->want->placement;
    const struct placement_region *region = region_of(m, host->want);

    if (!region)
        return;
    *ret = (struct nomad_group){ .name = host->want->name,
                                 .driver = p->driver,
                                 .image = p->image,
                                 .user = p->user,
                                 .mounts = p->mounts,
                                 .mount_count = p->mount_count,
                                 .restarts = RESTARTS,
                                 .reschedules = p->deploy_attempts,
                                 .stop_patience_s = STOP_PATIENCE_S,
                                 .disconnect_s = DISCONNECT_S };
    put_rules(m, region, host->want, ret);
    put_resources(region, host->want, ret);
    put_task(m, host, ret);
    put_service(m, host->want, ret);
}

/* ---- all of it ---- */

static enum ou_status make(struct job_maker *m, json_t **ret)
{
    const struct job_want *want = m->want;
    const struct placement *p = want->placement;
    const char *meta[] = { text_of(m, "ouroscope_run=", want->run, ""), NULL };
    struct nomad_group *groups = take(m, want->host_count, sizeof *groups);
    struct nomad_job job = { .id = want->id,
                             .region = p->nomad.region ? p->nomad.region : want->nomad->region,
                             .namespace_ = want->namespace_,
                             .datacenters = datacenters(m),
                             .priority = p->priority,
                             .distinct_hosts = p->distinct_hosts,
                             .deadline_s = p->deploy_timeout_s,
                             .meta = meta,
                             .groups = groups,
                             .group_count = want->host_count,
                             .server_minor = want->nomad->major > 1 ? 0 : want->nomad->minor };

    for (size_t i = 0; !m->status && i < want->host_count; i++)
        make_group(m, &want->hosts[i], &groups[i]);
    return m->status ? m->status : nomad_job_document(&job, ret, m->err);
}

enum ou_status deployment_job_document(const struct job_want *want, json_t **ret,
                                       struct ou_error *err)
{
    struct job_maker m = { .want = want, .err = err };
    enum ou_status status;

    *ret = NULL;
    arena_init(&m.memory, allocator_libc(), MEMORY_MAX);
    status = make(&m, ret);
    arena_release(&m.memory);
    return status;
}

json_t *deployment_job_shown(const json_t *job)
{
    json_t *copy = json_deep_copy(job), *group, *task, *template;
    size_t i, j, k;

    json_array_foreach(json_object_get(copy, "TaskGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "Tasks"), j, task)
        {
            json_array_foreach(json_object_get(task, "Templates"), k, template)
            {
                json_object_set_new(template, "EmbeddedTmpl", json_string("..."));
            }
        }
    }
    return copy;
}
