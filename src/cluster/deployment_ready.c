/* Waiting for hosts that come up: what keeps them, and when it has been long enough. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "cluster/backend_nomad_inside.h"
#include "cluster/deployment_hosts.h"

#define LINE_ROOM 256
#define CAUSE_MAX ((size_t)64 << 10)
#define LOOK_NS (2 * NS_PER_SECOND) /* between looks at evaluations */
/* What no machine can do does not pass by itself, but machines may be about to join. */
#define HOPELESS_NS (30 * NS_PER_SECOND)

/* ---- placements that fail ---- */

/* Machines that are full may become free; that there is none of the kind does not pass by itself. */
static bool may_pass(const json_t *failed)
{
    const char *group;
    const json_t *metric;

    json_object_foreach((json_t *)failed, group, metric)
    {
        if (json_integer_value(json_object_get(metric, "NodesExhausted")) == 0 &&
            json_array_size(json_object_get(metric, "QuotaExhausted")) == 0)
            return false;
    }
    return true;
}

/* Of the newest evaluation: earlier ones may have been of another time. */
static const json_t *newest_failures(const json_t *evaluations)
{
    const json_t *evaluation, *newest = NULL;
    json_int_t index = -1;
    size_t i;

    json_array_foreach(evaluations, i, evaluation)
    {
        const json_t *failed = json_object_get(evaluation, "FailedTGAllocs");
        json_int_t created = json_integer_value(json_object_get(evaluation, "CreateIndex"));

        if (json_object_size(failed) > 0 && created > index) {
            index = created;
            newest = failed;
        }
    }
    return newest;
}

struct standing {
    struct nomad_backend *n;
    int64_t begun_ns, looked_ns, hopeless_ns; /* monotonic; hopeless_ns 0: not so */
    struct buffer cause;                      /* why hosts have no place */
};

/* Its lines, one for each kind of trouble, as one for a message. */
static void explain_on_one_line(struct nomad *nomad, const json_t *failed, struct buffer *ret)
{
    struct buffer lines;

    buffer_init(&lines, allocator_libc(), CAUSE_MAX);
    nomad_tell_failures(nomad, failed, &lines);
    for (const char *at = buffer_string(&lines); *at;) {
        size_t len = strcspn(at, "\n");

        buffer_append(ret, at, len);
        at += len;
        if (*at == '\n') {
            buffer_text(ret, "; ");
            at++;
        }
    }
    buffer_release(&lines);
}

static void look_at_evaluations(struct standing *s)
{
    struct deployment *d = &s->n->d;
    json_t *evaluations = NULL;
    const json_t *failed;
    struct buffer cause;

    if (time_monotonic_ns() - s->looked_ns < LOOK_NS)
        return;
    s->looked_ns = time_monotonic_ns();
    if (nomad_job_evaluations(d->nomad, d->job, &evaluations, NULL))
        return; /* the watch tells that Nomad is away */
    failed = newest_failures(evaluations);
    buffer_init(&cause, allocator_libc(), CAUSE_MAX);
    explain_on_one_line(d->nomad, failed, &cause);
    if (failed && strcmp(buffer_string(&cause), buffer_string(&s->cause)) != 0) {
        deployment_say(d, "", "%s", buffer_string(&cause));
        buffer_clear(&s->cause);
        buffer_text(&s->cause, buffer_string(&cause));
    }
    if (!failed || may_pass(failed))
        s->hopeless_ns = 0;
    else if (s->hopeless_ns == 0)
        s->hopeless_ns = time_monotonic_ns();
    buffer_release(&cause);
    json_decref(evaluations);
}

/* ---- waiting for hosts ---- */

/* "4 of 6 hosts are ready; 1 has no place, 1 comes up" */
static void describe(const struct deployment *d, char ret[LINE_ROOM])
{
    static const struct {
        enum host_stage stage;
        const char *what;
    } OTHERS[] = { { HOST_UNPLACED, "without a place" },
                   { HOST_COMING, "coming up" },
                   { HOST_SILENT, "not heard of yet" },
                   { HOST_FAILED, "failed" } };
    int len = snprintf(ret, LINE_ROOM, "%zu of %zu hosts are ready", hosts_at(d, HOST_READY),
                       d->host_count);

    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS && len < LINE_ROOM; i++) {
        size_t count = hosts_at(d, OTHERS[i].stage);

        if (count > 0)
            len +=
                snprintf(ret + len, (size_t)(LINE_ROOM - len), ", %zu %s", count, OTHERS[i].what);
    }
}

static const char *trouble_of(const struct standing *s, const struct deployed_host *h)
{
    if (h->has_state && h->state.problem[0])
        return h->state.problem;
    if (host_stage(h) == HOST_UNPLACED)
        return s->cause.len ? buffer_string(&s->cause) : "it has no place";
    if (h->place.trouble[0])
        return h->place.trouble;
    if (h->place.waits[0])
        return h->place.waits;
    return host_stage(h) == HOST_SILENT
               ? "its agent has put no state into the bucket: can machines reach it?"
               : "its task has not been started";
}

/* The first host that is not ready stands for all. */
static enum ou_status fail_for(const struct standing *s, const char *why, struct ou_error *err)
{
    const struct deployment *d = &s->n->d;
    char line[LINE_ROOM];

    describe(d, line);
    for (size_t i = 0; i < d->host_count; i++)
        if (host_stage(&d->hosts[i]) != HOST_READY)
            return ou_fail(err, OU_IO, "%s: %s; %s: %s", why, line, d->hosts[i].name,
                           trouble_of(s, &d->hosts[i]));
    return ou_fail(err, OU_IO, "%s: %s", why, line);
}

static enum ou_status check_time(const struct standing *s, struct ou_error *err)
{
    const struct deployment *d = &s->n->d;
    int64_t now_ns = time_monotonic_ns();
    char why[80];

    if (s->hopeless_ns && now_ns - s->hopeless_ns > HOPELESS_NS && hosts_at(d, HOST_UNPLACED) > 0)
        return fail_for(s, "the cluster has no machine for it", err);
    if ((double)(now_ns - s->begun_ns) / 1e9 < d->placement->deploy_timeout_s)
        return OU_OK;
    snprintf(why, sizeof why, "not all hosts were ready within %.0f s",
             d->placement->deploy_timeout_s);
    return fail_for(s, why, err);
}

/* A task of another kind than the one that failed has to be placed, whatever became of that one. */
static enum ou_status begin_again(struct standing *s, size_t host, struct ou_error *err)
{
    struct deployed_host *h = &s->n->d.hosts[host];
    char why[DEPLOYED_TEXT_ROOM];

    h->attempt++;
    pthread_mutex_lock(&s->n->d.mutex);
    h->place.changed_ns = time_monotonic_ns();
    memcpy(why, h->place.trouble, sizeof why);
    pthread_mutex_unlock(&s->n->d.mutex);
    deployment_say(&s->n->d, h->name, "failed, and its task is made anew: %s", why);
    return deployment_submit(s->n, err);
}

/* How many hosts have no place, and when that became none of them. */
static size_t note_places(struct deployment *d, size_t unplaced_before)
{
    size_t unplaced = hosts_at(d, HOST_UNPLACED);

    if (unplaced == 0 && unplaced_before > 0)
        backend_step(d->tell, "hosts placed", "");
    return unplaced;
}

static enum ou_status wait_for_hosts(struct standing *s, struct ou_error *err)
{
    struct deployment *d = &s->n->d;
    enum stand_step step = STAND_WAIT;
    enum ou_status status = OU_OK;
    char line[LINE_ROOM];
    size_t host = 0, unplaced = d->host_count;

    while (!status) {
        pthread_mutex_lock(&d->mutex);
        step = hosts_stand_step(d, time_monotonic_ns(), &host);
        describe(d, line);
        unplaced = note_places(d, unplaced);
        if (step == STAND_WAIT)
            status = check_time(s, err);
        else if (step == STAND_GIVE_UP)
            status = fail_for(s, "a host failed too often", err);
        if (!status && step == STAND_WAIT)
            status = deployment_wait(d, err);
        pthread_mutex_unlock(&d->mutex);
        if (step == STAND_READY)
            break;
        backend_progress(d->tell, "%s", line);
        if (!status && step == STAND_AGAIN)
            status = begin_again(s, host, err);
        if (!status && unplaced > 0)
            look_at_evaluations(s);
    }
    return status;
}

enum ou_status deployment_wait_ready(struct nomad_backend *n, int64_t begun_ns,
                                     struct ou_error *err)
{
    struct standing s = { .n = n, .begun_ns = begun_ns };
    enum ou_status status;

    buffer_init(&s.cause, allocator_libc(), CAUSE_MAX);
    status = wait_for_hosts(&s, err);
    buffer_release(&s.cause);
    return status;
}

/* ---- those of an earlier process ---- */

/* Those that are where they were delivered to; one that Nomad has put elsewhere is gone for the run. */
static size_t count_awaited(const struct deployment *d)
{
    size_t count = 0;

    for (size_t i = 0; i < d->host_count; i++) {
        const struct deployed_host *h = &d->hosts[i];
        enum host_stage stage = host_stage(h);

        count += (stage == HOST_COMING || stage == HOST_SILENT) &&
                 strcmp(h->place.allocation, h->site.allocation) == 0;
    }
    return count;
}

/* A run that had been delivered is taken up as it is: hosts that are gone stay so. */
enum ou_status deployment_wait_past(struct nomad_backend *n, int64_t begun_ns, struct ou_error *err)
{
    struct standing s = { .n = n, .begun_ns = begun_ns };
    struct deployment *d = &n->d;
    enum ou_status status = OU_OK;
    size_t missing = d->host_count;

    while (!status && missing > 0) {
        pthread_mutex_lock(&d->mutex);
        missing = count_awaited(d);
        if (missing > 0 || d->nomad_seen_ns < begun_ns || d->bucket_seen_ns < begun_ns) {
            status = check_time(&s, err);
            if (!status)
                status = deployment_wait(d, err);
            missing = 1;
        }
        pthread_mutex_unlock(&d->mutex);
    }
    return status;
}
