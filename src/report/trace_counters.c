#include "report/trace_counters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define HOSTS_MAX 100000

static bool is_wanted(const struct trace_counters *c, const struct slot_record *r)
{
    const int64_t slot = (int64_t)r->slot;

    return (c->from_slot < 0 || slot >= c->from_slot) && (c->to_slot < 0 || slot <= c->to_slot);
}

static struct counter_point point_of(const struct slot_record *r)
{
    struct counter_point p = { .slot = r->slot, .at_ns = r->start_ns };

    p.values[COUNTER_CPU] = r->resources[RESOURCE_CENTI_CPU];
    p.values[COUNTER_RSS] = r->resources[RESOURCE_RSS];
    p.values[COUNTER_MEMPOOL] = r->mempool_txs < 0 ? NAN : (double)r->mempool_txs;
    return p;
}

/* Every step-th of the records that are wanted. */
static bool fill(const struct trace_counters *c, struct host_counters *h,
                 const struct slot_record *rows, size_t count)
{
    size_t wanted = 0, step, seen = 0;

    for (size_t i = 0; i < count; i++)
        wanted += is_wanted(c, &rows[i]);
    if (wanted == 0)
        return true;
    step = 1 + (wanted - 1) / TRACE_COUNTER_POINTS;
    h->points = malloc((wanted / step + 1) * sizeof *h->points);
    if (!h->points)
        return false;
    for (size_t i = 0; i < count; i++)
        if (is_wanted(c, &rows[i]) && seen++ % step == 0)
            h->points[h->count++] = point_of(&rows[i]);
    return true;
}

static void release_host(struct host_counters *h)
{
    free(h->host);
    free(h->points);
}

static void take_rows(void *context, const char *host, const struct slot_record *rows, size_t count)
{
    struct trace_counters *c = context;
    struct host_counters h = { .host = strdup(host) };
    bool kept = h.host && fill(c, &h, rows, count);

    pthread_mutex_lock(&c->lock);
    kept = kept && array_reserve(allocator_libc(), (void **)&c->hosts, &c->host_cap,
                                 c->host_count + 1, sizeof *c->hosts, HOSTS_MAX);
    if (kept)
        c->hosts[c->host_count++] = h;
    else
        c->status = OU_NO_MEMORY;
    pthread_mutex_unlock(&c->lock);
    if (!kept)
        release_host(&h);
}

void trace_counters_init(struct trace_counters *c, int64_t from_slot, int64_t to_slot)
{
    *c = (struct trace_counters){ .from_slot = from_slot, .to_slot = to_slot };
    c->sink = (struct slot_sink){ c, take_rows };
    pthread_mutex_init(&c->lock, NULL);
}

void trace_counters_release(struct trace_counters *c)
{
    for (size_t i = 0; i < c->host_count; i++)
        release_host(&c->hosts[i]);
    alloc_free(allocator_libc(), c->hosts, c->host_cap * sizeof *c->hosts);
    pthread_mutex_destroy(&c->lock);
}

const struct host_counters *trace_counters_of(const struct trace_counters *c, const char *host)
{
    for (size_t i = 0; i < c->host_count; i++)
        if (strcmp(c->hosts[i].host, host) == 0)
            return &c->hosts[i];
    return NULL;
}
