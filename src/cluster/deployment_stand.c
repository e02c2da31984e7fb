/* From nothing, or from what an earlier process has left, to hosts that wait for orders. */
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cluster/backend_nomad_inside.h"
#include "cluster/deployment_hosts.h"
#include "cluster/deployment_orders.h"
#include "cluster/deployment_task.h"

#define CLOCK_TOLERANCE_S 0.25

/* ---- threads ---- */

enum ou_status deployment_begin_threads(struct nomad_backend *n, struct ou_error *err)
{
    enum ou_status status;

    if (n->is_up)
        return OU_OK;
    status = courier_begin(&n->courier, &n->d, err);
    if (!status)
        status = cluster_watch_begin(&n->watch, &n->d, err);
    if (status)
        courier_end(&n->courier);
    n->is_up = !status;
    return status;
}

void deployment_end_threads(struct nomad_backend *n)
{
    cluster_watch_end(&n->watch);
    courier_end(&n->courier);
    n->is_up = false;
}

void deployment_unlock(struct deployment *d)
{
    pthread_cond_broadcast(&d->news);
    pthread_mutex_unlock(&d->mutex);
}

/* ---- the bucket ---- */

/* Agents measure with it how fast they reach the bucket; we do, too. */
static enum ou_status put_probe(struct deployment *d, struct ou_error *err)
{
    char key[S3_KEY_BYTES_MAX + 1], etag[S3_ETAG_ROOM];
    int64_t begun_ns = time_monotonic_ns();
    enum ou_status status = bucket_key(&d->bucket, "", PROBE_NAME, key, err);
    char *bytes = malloc(PROBE_BYTES);

    if (!bytes)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the probe");
    randombytes_buf(bytes, PROBE_BYTES);
    if (!status)
        status = s3_put(d->bucket.s3, key, (struct span){ bytes, PROBE_BYTES },
                        "application/octet-stream", etag, err);
    d->probe_put_s = (double)(time_monotonic_ns() - begun_ns) / 1e9;
    d->has_objects = !status;
    free(bytes);
    return status;
}

static enum ou_status begin_orders(struct deployment *d, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; !status && i < d->host_count; i++)
        if (d->hosts[i].orders.number == 0)
            status = host_orders_begin(d, &d->hosts[i], &d->bucket, err);
    deployment_unlock(d);
    return status;
}

/* ---- what hosts are like ---- */

static enum ou_status check_host(struct deployment *d, const struct deployed_host *h,
                                 struct ou_error *err)
{
    const struct agent_state *state = &h->state;
    uint64_t least = d->placement->minimum_free_bytes;

    if (state->free_bytes < least)
        return ou_fail(err, OU_IO,
                       "%s: %.1f GiB of storage are free on %s, and the plan wants %.1f", h->name,
                       (double)state->free_bytes / 0x1p30, h->place.node, (double)least / 0x1p30);
    if (fabs(state->clock_ahead_s) - state->clock_doubt_s > CLOCK_TOLERANCE_S)
        deployment_say(d, h->name, "the clock of %s is %.1f s %s: times of its log will be, too",
                       h->place.node, fabs(state->clock_ahead_s),
                       state->clock_ahead_s > 0 ? "ahead" : "behind");
    return OU_OK;
}

/* Hosts that were delivered to may be gone by now; what they were is known. */
static struct site site_of(struct deployment *d, struct deployed_host *h)
{
    const char *listen = d->placement->listen;

    if (!d->is_delivered && strcmp(h->site.allocation, h->place.allocation) != 0) {
        snprintf(h->site.allocation, sizeof h->site.allocation, "%s", h->place.allocation);
        snprintf(h->site.address, sizeof h->site.address, "%s", h->place.address);
        h->site.port = h->place.port;
        h->site.directory = arena_copy(&d->memory, h->state.directory, strlen(h->state.directory));
        h->site.program = arena_copy(&d->memory, h->state.program, strlen(h->state.program));
        host_orders_forget(h);
    }
    return (struct site){ .address = h->site.address,
                          .listen = listen ? listen : h->site.address,
                          .port = h->site.port,
                          .directory = h->site.directory,
                          .program = h->site.program };
}

static enum ou_status take_sites(struct nomad_backend *n, struct site *ret, struct ou_error *err)
{
    struct deployment *d = &n->d;
    size_t latest = 0;
    enum ou_status status = OU_OK;

    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; !status && i < d->host_count; i++) {
        struct deployed_host *h = &d->hosts[i];

        ret[i] = site_of(d, h);
        if (!ret[i].directory || !ret[i].program)
            status = ou_fail(err, OU_IO, "%s: where its agent stands is not known", h->name);
        else if (host_stage(h) == HOST_READY)
            status = check_host(d, h, err);
        if (h->heard_ns > d->hosts[latest].heard_ns)
            latest = i;
    }
    deployment_unlock(d);
    if (!status)
        backend_step(d->tell, "agents ready", d->hosts[latest].name);
    return status;
}

/* ---- all of it ---- */

enum ou_status deployment_reach_all(struct nomad_backend *n, struct ou_error *err)
{
    struct deployment *d = &n->d;
    enum ou_status status;

    if (n->is_up || d->has_objects)
        return OU_OK;
    status = deployment_reach(d, err);
    if (!status)
        status = put_probe(d, err);
    if (!status)
        deployment_be_patient(d);
    return status;
}

static enum ou_status come_up(struct nomad_backend *n, struct ou_error *err)
{
    struct deployment *d = &n->d;
    enum ou_status status;

    if (n->is_up)
        return OU_OK;
    status = deployment_reach_all(n, err);
    if (!status)
        status = begin_orders(d, err);
    if (!status)
        status =
            d->is_registered ? deployment_submit_unless_there(n, err) : deployment_submit(n, err);
    return status ? status : deployment_begin_threads(n, err);
}

enum ou_status deployment_join(struct nomad_backend *n, struct ou_error *err)
{
    int64_t begun_ns = time_monotonic_ns();
    enum ou_status status = deployment_reach(&n->d, err);

    if (!status)
        status = begin_orders(&n->d, err);
    if (!status)
        status = deployment_begin_threads(n, err);
    return status ? status : deployment_wait_past(n, begun_ns, err);
}

enum ou_status deployment_stand(struct nomad_backend *n, struct site *ret_sites,
                                struct ou_error *err)
{
    int64_t begun_ns = time_monotonic_ns();
    enum ou_status status = come_up(n, err);

    if (!status)
        status = n->d.is_delivered ? deployment_wait_past(n, begun_ns, err)
                                   : deployment_wait_ready(n, begun_ns, err);
    return status ? status : take_sites(n, ret_sites, err);
}
