/* Nothing stays behind: agents end, the job is taken away, the bucket is emptied. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/time.h"
#include "cluster/backend_nomad_inside.h"
#include "cluster/deployment_hosts.h"
#include "cluster/deployment_orders.h"

#define FAREWELL_NS \
    (40 * NS_PER_SECOND) /* for agents to end their services; Nomad ends them then */
#define QUERY_WAIT_S 2

static size_t still_here(const struct deployment *d)
{
    size_t count = 0;

    for (size_t i = 0; i < d->host_count; i++)
        count += host_is_alive(&d->hosts[i]) && d->hosts[i].has_state && !d->hosts[i].state.leaving;
    return count;
}

/* Those who cannot be reached are ended by Nomad. */
static void say_farewell(struct deployment *d)
{
    int64_t until_ns = time_monotonic_ns() + FAREWELL_NS;
    bool waits = true;

    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; i < d->host_count; i++)
        if (d->hosts[i].orders.number > 0)
            host_orders_leave(&d->hosts[i]);
    pthread_cond_broadcast(&d->news);
    while (waits && still_here(d) > 0 && !d->bucket_is_away && time_monotonic_ns() < until_ns)
        waits = !deployment_wait(d, NULL);
    pthread_mutex_unlock(&d->mutex);
}

/* Tasks that Nomad has started again meanwhile, and those whose agents did not hear us, tell a last state while they end. */
static bool is_ending(const json_t *allocation)
{
    struct nomad_allocation_facts facts;

    nomad_allocation_read(allocation, &facts);
    return facts.state == ALLOCATION_RUNNING || facts.state == ALLOCATION_PENDING;
}

static size_t count_ending(const json_t *allocations)
{
    const json_t *allocation;
    size_t i, count = 0;

    json_array_foreach(allocations, i, allocation)
    {
        count += is_ending(allocation);
    }
    return count;
}

/* What an agent still writes would stay in the bucket. Machines that cannot be reached are not waited for long. */
static void wait_for_tasks(struct deployment *d)
{
    int64_t until_ns = time_monotonic_ns() + FAREWELL_NS;
    uint64_t index = 0;
    size_t count = 1;

    while (count > 0 && time_monotonic_ns() < until_ns) {
        json_t *allocations = NULL;

        if (nomad_job_allocations(d->nomad, d->job, index, QUERY_WAIT_S, &allocations, &index,
                                  NULL))
            return;
        count = count_ending(allocations);
        json_decref(allocations);
        backend_progress(d->tell, "%zu tasks are ending", count);
    }
}

static enum ou_status end_job(struct deployment *d, struct ou_error *err)
{
    enum ou_status status = nomad_job_stop(d->nomad, d->job, false, err);

    if (!status)
        wait_for_tasks(d);
    if (!status)
        status = nomad_job_stop(d->nomad, d->job, true, err);
    if (status)
        return status;
    d->is_registered = false;
    journal_add(&d->journal, "us", "", "the job has been taken away");
    return OU_OK;
}

static enum ou_status empty_bucket(struct deployment *d, struct ou_error *err)
{
    char prefix[S3_KEY_BYTES_MAX + 1], line[80];
    uint64_t count = 0;
    enum ou_status status = bucket_key(&d->bucket, "", "", prefix, err);

    if (!status)
        status = s3_delete_prefix(d->bucket.s3, prefix, &count, err);
    if (status)
        return status;
    snprintf(line, sizeof line, "%" PRIu64 " objects were removed", count);
    journal_add(&d->journal, "us", "", line);
    return OU_OK;
}

/* The one is tried whatever became of the other. */
enum ou_status deployment_end(struct deployment *d, bool job, bool objects, struct ou_error *err)
{
    enum ou_status of_job = job && d->is_registered ? end_job(d, err) : OU_OK;
    enum ou_status of_bucket = objects ? empty_bucket(d, of_job ? NULL : err) : OU_OK;

    if (of_job || of_bucket)
        return of_job ? of_job : of_bucket;
    d->has_left = job;
    return deployment_save(d, err);
}

/* What never came so far that it could have left something is left all the same. */
static enum ou_status end_all(struct deployment *d, struct ou_error *err)
{
    bool is_reached = d->nomad && d->bucket.s3;
    enum ou_status status = OU_OK;

    if (!is_reached && (d->is_registered || d->was_there))
        status = deployment_reach(d, err);
    if (status)
        return status;
    return deployment_end(d, true, d->bucket.s3 && !d->placement->keep_objects, err);
}

static enum ou_status note_nothing(struct deployment *d, struct ou_error *err)
{
    d->has_left = true;
    return deployment_save(d, err);
}

enum ou_status deployment_leave(struct nomad_backend *n, struct ou_error *err)
{
    struct deployment *d = &n->d;
    bool was_interrupted, may_be_there;
    enum ou_status status;

    if (d->has_left)
        return OU_OK;
    if (d->placement->keep_job && d->is_delivered) {
        deployment_say(d, "", "the job %s stays, until `ouroscope run stop %s`", d->job,
                       d->run_directory);
        deployment_end_threads(n);
        return OU_OK;
    }
    was_interrupted = interrupt_put_aside();
    may_be_there = d->is_registered || d->has_objects || d->was_there;
    if (n->is_up)
        say_farewell(d);
    deployment_end_threads(n);
    status = end_all(d, err);
    if (!may_be_there) /* why it came to nothing has been told: that nothing can be removed is the same fault */
        status = note_nothing(d, err);
    if (was_interrupted)
        interrupt_take_up();
    return status;
}
