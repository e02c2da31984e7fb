/* Bringing home what hosts have: each packs it, is given URLs for the parts that it packed, ships them, and is told to forget them when they are
 * here. All hosts work at the same time; what they shipped is fetched one after the other. */
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "cluster/deployment_hosts.h"
#include "cluster/deployment_load.h"

#define LIST_ROOM 3000

static void note_arrival(struct hauling *g, const struct load *l)
{
    char line[80];

    snprintf(line, sizeof line, "its %s came, %.1f MB packed", g->haul->what,
             (double)l->bytes / 1e6);
    journal_add(&g->d->journal, "us", l->host->name, line);
}

/* Only an interrupt ends all of it: other failures are this host's. */
static enum ou_status step(struct hauling *g, struct load *l, struct ou_error *err)
{
    enum ou_status status = load_go_on(g, l, &l->why);

    if (status == OU_INTERRUPTED)
        return ou_fail(err, OU_INTERRUPTED, "interrupted");
    if (status) {
        l->stage = LOAD_FAILED;
        deployment_say(g->d, l->host->name, "its %s did not come: %s", g->haul->what, l->why.text);
    } else if (l->stage == LOAD_HERE) {
        note_arrival(g, l);
    }
    return OU_OK;
}

static size_t count_stage(const struct hauling *g, enum load_stage stage)
{
    size_t count = 0;

    for (size_t i = 0; i < g->d->host_count; i++)
        count += g->loads[i].stage == stage;
    return count;
}

static enum ou_status begin(struct hauling *g, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < g->d->host_count; i++) {
        struct load *l = &g->loads[i];

        l->host = &g->d->hosts[i];
        l->moved_ns = time_monotonic_ns();
        if (g->haul->is_wanted && !g->haul->is_wanted(l->host))
            continue;
        l->stage = LOAD_PACKING;
        status = load_begin(g, l, err);
    }
    return status;
}

static enum ou_status go_round(struct hauling *g, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    size_t under_way = 1;

    while (!status && under_way > 0) {
        for (size_t i = 0; !status && i < g->d->host_count; i++)
            if (g->loads[i].stage == LOAD_PACKING || g->loads[i].stage == LOAD_SHIPPING)
                status = step(g, &g->loads[i], err);
        under_way = count_stage(g, LOAD_PACKING) + count_stage(g, LOAD_SHIPPING);
        backend_progress(g->d->tell, "%s of %zu of %zu hosts are here", g->haul->what,
                         count_stage(g, LOAD_HERE), g->d->host_count);
        if (!status && under_way > 0) {
            pthread_mutex_lock(&g->d->mutex);
            status = deployment_wait(g->d, err);
            pthread_mutex_unlock(&g->d->mutex);
        }
    }
    return status;
}

/* A host that is gone has been told as that: what it had cannot be had by trying again, nor from the task that Nomad made in its place. */
static bool is_missing(const struct hauling *g, const struct load *l)
{
    bool could_be_had;

    pthread_mutex_lock(&g->d->mutex);
    could_be_had = l->stage == LOAD_FAILED && host_is_itself(l->host);
    pthread_mutex_unlock(&g->d->mutex);
    return could_be_had;
}

static enum ou_status conclude(const struct hauling *g, struct ou_error *err)
{
    char list[LIST_ROOM] = "";
    size_t len = 0, missing = 0;

    for (size_t i = 0; i < g->d->host_count; i++) {
        const struct load *l = &g->loads[i];

        if (!is_missing(g, l))
            continue;
        if (len < sizeof list)
            len += (size_t)snprintf(list + len, sizeof list - len, "%s%s (%s)", missing ? ", " : "",
                                    l->host->name, l->why.text);
        missing++;
    }
    return missing == 0 ? OU_OK
                        : ou_fail(err, OU_IO, "the %s of %zu of %zu hosts did not come: %s",
                                  g->haul->what, missing, g->d->host_count, list);
}

enum ou_status deployment_haul(struct deployment *d, const struct haul *haul, struct ou_error *err)
{
    struct hauling g = { .d = d, .haul = haul };
    enum ou_status status = http_client_open(&d->placement->storage.identity, &g.client, err);

    g.loads = calloc(d->host_count ? d->host_count : 1, sizeof *g.loads);
    if (!status && !g.loads)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", d->host_count);
    if (!status)
        status = begin(&g, err);
    if (!status)
        status = go_round(&g, err);
    if (!status)
        status = conclude(&g, err);
    http_client_close(g.client);
    free(g.loads);
    return status;
}
