/* What a process can do with a deployment that it did not begin: look at it, end it, have its hosts make extracts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cluster/backend_nomad_inside.h"
#include "cluster/deployment_hosts.h"

struct past {
    struct nomad_backend n;
    struct placement placement;
    char path[PATH_MAX];
};

static enum ou_status open_past(const char *run_directory,
                                void (*say)(void *context, const char *line), void *context,
                                struct past *p, struct ou_error *err)
{
    enum ou_status status;

    *p = (struct past){ .n.backend = {
                            .run_directory = run_directory, .say = say, .context = context } };
    if (snprintf(p->path, sizeof p->path, "%s/deploy/placement.json", run_directory) >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", run_directory);
    status = placement_load(p->path, NULL, &p->placement, err);
    if (!status)
        status = deployment_open_past(run_directory, &p->placement, &p->n.backend, &p->n.d, err);
    return status;
}

static void release_past(struct past *p)
{
    deployment_end_threads(&p->n);
    deployment_close(&p->n.d);
    placement_release(&p->placement);
}

/* ---- looking ---- */

static bool count_object(void *context, const struct s3_object *object)
{
    struct backend_nomad_seen *seen = context;

    seen->objects++;
    seen->object_bytes += object->bytes;
    return true;
}

static enum ou_status look_at_bucket(struct deployment *d, struct backend_nomad_seen *ret,
                                     struct ou_error *err)
{
    char prefix[S3_KEY_BYTES_MAX + 1];
    enum ou_status status = bucket_key(&d->bucket, "", "", prefix, err);

    return status ? status : s3_list(d->bucket.s3, prefix, count_object, ret, err);
}

static enum ou_status look_at_job(struct deployment *d, struct backend_nomad_seen *ret,
                                  struct ou_error *err)
{
    json_t *job = NULL, *list = NULL;
    enum ou_status status = nomad_job(d->nomad, d->job, &job, err);

    ret->job_is_there = !status && !json_is_true(json_object_get(job, "Stop"));
    if (ret->job_is_there)
        status = nomad_job_allocations(d->nomad, d->job, 0, 0, &list, NULL, err);
    if (!status) {
        hosts_take_allocations(d, list, 0);
        for (size_t i = 0; i < d->host_count; i++)
            ret->hosts_alive += host_is_alive(&d->hosts[i]);
    }
    json_decref(job);
    json_decref(list);
    return status == OU_NOT_FOUND ? OU_OK : status;
}

enum ou_status backend_nomad_look(const char *run_directory, struct backend_nomad_seen *ret,
                                  struct ou_error *err)
{
    struct past p;
    enum ou_status status = open_past(run_directory, NULL, NULL, &p, err);

    *ret = (struct backend_nomad_seen){ .job_is_there = false };
    if (!status)
        status = deployment_reach(&p.n.d, err);
    if (!status)
        status = look_at_job(&p.n.d, ret, err);
    if (!status)
        status = look_at_bucket(&p.n.d, ret, err);
    release_past(&p);
    return status;
}

/* ---- ending ---- */

enum ou_status backend_nomad_end(const char *run_directory,
                                 void (*say)(void *context, const char *line), void *context,
                                 struct ou_error *err)
{
    struct past p;
    enum ou_status status = open_past(run_directory, say, context, &p, err);

    if (!status)
        status = deployment_lock(&p.n.d, err);
    if (!status)
        status = deployment_reach(&p.n.d, err);
    if (!status) {
        p.n.d.is_registered = true; /* what a crash kept us from writing down is asked for, too */
        status = deployment_end(&p.n.d, true, true, err);
    }
    if (!status)
        deployment_say(&p.n.d, "", "the job %s is ended, and the bucket has nothing of it",
                       p.n.d.job);
    release_past(&p);
    return status;
}

/* ---- extracts ---- */

static enum ou_status check_all_there(struct deployment *d, struct ou_error *err)
{
    size_t gone;

    pthread_mutex_lock(&d->mutex);
    gone = d->host_count - hosts_at(d, HOST_READY);
    pthread_mutex_unlock(&d->mutex);
    return gone == 0 ? OU_OK
                     : ou_fail(err, OU_IO,
                               "%zu of %zu hosts of %s are gone, and an analysis of the others "
                               "would be of another cluster",
                               gone, d->host_count, d->job);
}

enum ou_status backend_nomad_extract(const char *run_directory, const char *const *arguments,
                                     size_t argument_count, const char *folder,
                                     void (*say)(void *context, const char *line), void *context,
                                     struct ou_error *err)
{
    const struct haul haul = { .kind = JOB_EXTRACT,
                               .what = "extract",
                               .folder = folder,
                               .arguments = arguments,
                               .argument_count = argument_count };
    struct past p;
    enum ou_status status = open_past(run_directory, say, context, &p, err);

    if (!status)
        status = deployment_lock(&p.n.d, err);
    if (!status)
        status = deployment_join(&p.n, err);
    if (!status)
        status = file_make_directory(folder, err);
    if (!status)
        status = check_all_there(&p.n.d, err);
    if (!status)
        status = deployment_haul(&p.n.d, &haul, err);
    release_past(&p);
    return status;
}
