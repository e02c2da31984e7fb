/* The job of a deployment, from the plan to Nomad. */
#include <stdlib.h>

#include "cluster/backend_nomad_inside.h"
#include "cluster/deployment_job.h"
#include "cluster/deployment_task.h"

#define TEXT_MAX ((size_t)64 << 10)

static enum ou_status make_job(struct nomad_backend *n, json_t **ret, struct ou_error *err)
{
    struct deployment *d = &n->d;
    struct job_host *hosts = calloc(d->host_count, sizeof *hosts);
    char **files = calloc(d->host_count, sizeof *files);
    enum ou_status status = hosts && files ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory");
    const struct job_want want = { .id = d->job,
                                   .run = d->run,
                                   .namespace_ = deployment_namespace(d->placement),
                                   .placement = d->placement,
                                   .nomad = &d->nomad_facts,
                                   .hosts = hosts,
                                   .host_count = d->host_count };

    for (size_t i = 0; !status && i < d->host_count; i++) {
        status = deployment_task_file(d, &d->hosts[i], &files[i], err);
        hosts[i] = (struct job_host){ &n->backend.wants[i], files[i], d->hosts[i].attempt };
    }
    if (!status)
        status = deployment_job_document(&want, ret, err);
    for (size_t i = 0; files && i < d->host_count; i++)
        deployment_task_forget(files[i]);
    free(files);
    free(hosts);
    return status;
}

static enum ou_status save_shown(struct deployment *d, const json_t *job, struct ou_error *err)
{
    json_t *shown = deployment_job_shown(job);
    enum ou_status status = shown ? deployment_save_document(d, "job.json", shown, err)
                                  : ou_fail(err, OU_NO_MEMORY, "no memory for job.json");

    json_decref(shown);
    return status;
}

static enum ou_status validate(struct deployment *d, const json_t *job, struct ou_error *err)
{
    struct buffer warnings;
    enum ou_status status;

    buffer_init(&warnings, allocator_libc(), TEXT_MAX);
    status = nomad_job_validate(d->nomad, job, &warnings, err);
    if (!status && warnings.len > 0)
        deployment_say(d, "", "Nomad remarks: %s", buffer_string(&warnings));
    buffer_release(&warnings);
    if (!status)
        backend_step(d->tell, "job validated", "");
    return status;
}

/* What would not fit now may fit in a moment: whoever waits for hosts tells of that. Here it is written down, and a plan that Nomad
 * refuses is the end. */
static enum ou_status ask_plan(struct deployment *d, const json_t *job, struct ou_error *err)
{
    json_t *plan = NULL;
    struct buffer why;
    enum ou_status status = nomad_job_plan(d->nomad, job, &plan, err);

    buffer_init(&why, allocator_libc(), TEXT_MAX);
    if (!status && nomad_tell_failures(d->nomad, json_object_get(plan, "FailedTGAllocs"), &why))
        journal_add(&d->journal, "nomad", "", buffer_string(&why));
    buffer_release(&why);
    json_decref(plan);
    return status;
}

/* That it may be there is written down before it is. */
static enum ou_status register_job(struct deployment *d, const json_t *job, struct ou_error *err)
{
    char evaluation[NOMAD_ID_ROOM];
    enum ou_status status;

    d->is_registered = true;
    status = deployment_save(d, err);
    if (!status)
        status = nomad_job_register(d->nomad, job, evaluation, err);
    if (status)
        return status;
    journal_add(&d->journal, "us", "", "the job is registered");
    backend_step(d->tell, "job registered", "");
    return OU_OK;
}

enum ou_status deployment_submit(struct nomad_backend *n, struct ou_error *err)
{
    struct deployment *d = &n->d;
    json_t *job = NULL;
    enum ou_status status = make_job(n, &job, err);

    if (!status)
        status = save_shown(d, job, err);
    if (!status)
        status = validate(d, job, err);
    if (!status)
        status = ask_plan(d, job, err);
    if (!status)
        status = register_job(d, job, err);
    json_decref(job);
    return status;
}

/* A job that was begun by an earlier process is taken as it is; one that never came to be, or was stopped, is submitted. */
enum ou_status deployment_submit_unless_there(struct nomad_backend *n, struct ou_error *err)
{
    struct deployment *d = &n->d;
    json_t *job = NULL;
    enum ou_status status = nomad_job(d->nomad, d->job, &job, err);
    bool is_there = !status && !json_is_true(json_object_get(job, "Stop"));

    json_decref(job);
    if (status && status != OU_NOT_FOUND)
        return status;
    if (is_there) {
        deployment_say(d, "", "goes on with the job %s", d->job);
        return OU_OK;
    }
    if (d->is_delivered)
        return ou_fail(err, OU_IO,
                       "the job %s is no longer there, and what its hosts had not shipped is "
                       "lost with it; `ouroscope run stop` cleans up behind it",
                       d->job);
    return deployment_submit(n, err);
}
