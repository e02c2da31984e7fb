/* The metrics of the section "rts": what the run-time systems of GHC programs tell of themselves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/metric_making.h"

#define MEGABYTE 1048576.0
#define MS_PER_S 1e3

static double minor(const struct rts_statistics *s)
{
    return rts_minor_collections(s);
}
static double major(const struct rts_statistics *s)
{
    return rts_major_collections(s);
}
static double gc_cpu(const struct rts_statistics *s)
{
    return s->collector.cpu_s;
}
static double gc_wall(const struct rts_statistics *s)
{
    return s->collector.wall_s;
}
static double mutator_cpu(const struct rts_statistics *s)
{
    return s->mutator.cpu_s;
}
static double mutator_wall(const struct rts_statistics *s)
{
    return s->mutator.wall_s;
}
static double total_cpu(const struct rts_statistics *s)
{
    return s->total.cpu_s;
}
static double total_wall(const struct rts_statistics *s)
{
    return s->total.wall_s;
}
static double mean_pause(const struct rts_statistics *s)
{
    return rts_mean_pause_s(s) * MS_PER_S;
}
static double max_pause(const struct rts_statistics *s)
{
    return rts_max_pause_s(s) * MS_PER_S;
}
static double allocated(const struct rts_statistics *s)
{
    return s->allocated_bytes / MEGABYTE;
}
static double copied(const struct rts_statistics *s)
{
    return s->copied_bytes / MEGABYTE;
}
static double live(const struct rts_statistics *s)
{
    return s->max_live_bytes / MEGABYTE;
}
static double memory(const struct rts_statistics *s)
{
    return s->max_memory_bytes / MEGABYTE;
}
static double capabilities(const struct rts_statistics *s)
{
    return s->capabilities;
}
/* Of no time at all there is no share. */
static double productivity(const struct rts_statistics *s)
{
    return s->total.wall_s > 0 ? 100 * s->mutator.wall_s / s->total.wall_s : NAN;
}

static const struct {
    const char *id;
    double (*of)(const struct rts_statistics *s);
} values[] = {
    { "rtsMinorGcs", minor },
    { "rtsMajorGcs", major },
    { "rtsGcCpu", gc_cpu },
    { "rtsGcWall", gc_wall },
    { "rtsMutatorCpu", mutator_cpu },
    { "rtsMutatorWall", mutator_wall },
    { "rtsTotalCpu", total_cpu },
    { "rtsTotalWall", total_wall },
    { "rtsMeanPause", mean_pause },
    { "rtsMaxPause", max_pause },
    { "rtsAllocated", allocated },
    { "rtsCopied", copied },
    { "rtsMaxLive", live },
    { "rtsMaxMemory", memory },
    { "rtsProductivity", productivity },
    { "rtsCapabilities", capabilities },
};

static uint32_t number_of_host(const struct analysis *a, const char *name)
{
    for (uint32_t i = 0; i < a->host_count; i++)
        if (strcmp(a->hosts[i].name, name) == 0)
            return i;
    return NO_HOST;
}

static void add_of_host(struct metric_making *m, const struct rts_host *host, double value)
{
    uint32_t number = number_of_host(m->a, host->name);

    if (number != NO_HOST && !isnan(value))
        moments_add(&m->out->by_host[number], value);
}

static size_t count_pauses(const struct rts_hosts *hosts)
{
    size_t count = 0;

    for (size_t i = 0; i < hosts->count; i++)
        count += hosts->items[i].stats.pause_count;
    return count;
}

/* Each collection of each host is a sample: more of them than m->values has room for. */
static enum ou_status make_pauses(struct metric_making *m)
{
    const struct rts_hosts *hosts = m->a->rts;
    size_t count = count_pauses(hosts), at = 0;
    double *pauses;

    metric_absent(m, "no program was asked for a line per collection (+RTS -S)");
    if (count == 0)
        return OU_OK;
    pauses = malloc(count * sizeof *pauses);
    if (!pauses)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < hosts->count; i++)
        for (size_t j = 0; j < hosts->items[i].stats.pause_count; j++) {
            pauses[at] = hosts->items[i].stats.pauses_s[j] * MS_PER_S;
            add_of_host(m, &hosts->items[i], pauses[at++]);
        }
    m->out->kind = METRIC_DISTRIBUTION;
    distribution_of(pauses, count, m->a->rule, &m->out->over);
    free(pauses);
    return OU_OK;
}

enum ou_status metric_make_rts(struct metric_making *m, const char *id)
{
    const struct rts_hosts *hosts = m->a->rts;
    double (*of)(const struct rts_statistics *s) = NULL;

    m->out->by_host = arena_take(&m->a->memory, (m->a->host_count + 1) * sizeof(struct moments),
                                 _Alignof(struct moments));
    if (!m->out->by_host)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(id, values[i].id) == 0)
            of = values[i].of;
    if (!of)
        return make_pauses(m);
    for (size_t i = 0; i < hosts->count; i++) {
        double value = hosts->items[i].problem ? NAN : of(&hosts->items[i].stats);

        metric_add(m, value);
        add_of_host(m, &hosts->items[i], value);
    }
    metric_distribution(m, "the run-time system did not tell it");
    return OU_OK;
}
