/* The metrics of the section "process": what the system accounted of programs that a run started as nodes. */
#include <string.h>

#include "analyse/metric_making.h"

#define MEGABYTE 1048576.0

static double wall(const struct process_use *p)
{
    return p->wall_s;
}
static double user(const struct process_use *p)
{
    return p->user_s;
}
static double system_time(const struct process_use *p)
{
    return p->system_s;
}
static double cpu(const struct process_use *p)
{
    return p->user_s + p->system_s;
}
static double max_rss(const struct process_use *p)
{
    return (double)p->max_rss_bytes / MEGABYTE;
}

static const struct {
    const char *id;
    double (*of)(const struct process_use *p);
} values[] = {
    { "processWallSeconds", wall }, { "processCpuSeconds", cpu },
    { "processUserSeconds", user }, { "processSystemSeconds", system_time },
    { "processMaxRss", max_rss },
};

bool metric_has_processes(const struct analysis *a)
{
    for (uint32_t i = 0; i < a->host_count; i++)
        if (a->hosts[i].process.ends > 0)
            return true;
    return false;
}

enum ou_status metric_make_process(struct metric_making *m, const char *id)
{
    size_t row = 0;

    m->out->by_host = arena_take(&m->a->memory, (m->a->host_count + 1) * sizeof(struct moments),
                                 _Alignof(struct moments));
    if (!m->out->by_host)
        return OU_NO_MEMORY;
    while (row < sizeof values / sizeof *values && strcmp(id, values[row].id) != 0)
        row++;
    for (uint32_t i = 0; row < sizeof values / sizeof *values && i < m->a->host_count; i++) {
        const struct process_use *use = &m->a->hosts[i].process;

        if (use->ends == 0)
            continue;
        metric_add(m, values[row].of(use));
        moments_add(&m->out->by_host[i], values[row].of(use));
    }
    metric_distribution(m, "no log tells of the end of a program");
    return OU_OK;
}
