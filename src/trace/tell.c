#include "trace/tell.h"

#include <stdio.h>

#include <ouroscope/metrics.h>
#include <ouroscope/resources.h>

#include "base/buffer.h"
#include "trace/points.h"
#include "trace/reflection.h"
#include "trace/resources.h"
#include "trace/runtime.h"

/* A text for a record: what is above OU_TEXT_MAX would be cut there anyway. */
static struct buffer text(void)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), OU_TEXT_MAX);
    return b;
}

static void tell_warnings(const char *warnings)
{
    struct buffer list = text();

    points_faults(&list);
    buffer_text(&list, warnings);
    while (list.len && list.at[list.len - 1] == '\n')
        buffer_cut(&list, list.len - 1);
    if (list.len)
        OU_TRACE(consistency_warnings, buffer_string(&list));
    buffer_release(&list);
}

struct name_lists {
    struct buffer silent, no_metrics, all;
};

static void list_name(struct buffer *list, const char *ns)
{
    if (list->len)
        buffer_char(list, ' ');
    buffer_text(list, ns);
}

static void list_point(void *context, struct ou_point *point)
{
    struct name_lists *lists = context;
    const struct point_runtime *rt = runtime_of(point);

    list_name(&lists->all, point->ns);
    if (rt && !rt->feeds_metrics)
        list_name(&lists->no_metrics, point->ns);
    if (rt && !rt->passes)
        list_name(&lists->silent, point->ns);
}

static void tell_names(void)
{
    struct name_lists lists = { text(), text(), text() };

    points_each(list_point, &lists);
    OU_TRACE(tracer_info, buffer_string(&lists.silent), buffer_string(&lists.no_metrics),
             buffer_string(&lists.all));
    buffer_release(&lists.silent);
    buffer_release(&lists.no_metrics);
    buffer_release(&lists.all);
}

void tell_configuration(const struct config *config, const char *warnings)
{
    struct buffer conf = text();

    tell_warnings(warnings);
    config_json(config, &conf);
    OU_TRACE(config_info, buffer_string(&conf));
    buffer_release(&conf);
    tell_names();
}

void tell_limiting(enum limiter_said said, const char *ns, uint64_t suppressed)
{
    char metric[256];

    switch (said) {
    case LIMITER_NOTHING: break;
    case LIMITER_STARTED: OU_TRACE(start_limiting, ns); break;
    case LIMITER_REMEMBERS: OU_TRACE(remember_limiting, ns, suppressed); break;
    case LIMITER_STOPPED:
        OU_TRACE(stop_limiting, ns, suppressed);
        snprintf(metric, sizeof(metric), "SuppressedMessages.%s", ns);
        ou_metric_set(metric, (int64_t)suppressed);
        break;
    }
}

void tell_losses(const uint64_t now[LOSSES], uint64_t told[LOSSES])
{
    uint64_t since[LOSSES] = { 0 }, lost = 0, total = 0;

    for (int i = 0; i < LOSSES; i++) {
        if (i == LOSS_forwarder) /* it is told by itself */
            continue;
        since[i] = now[i] - told[i];
        lost += since[i];
        total += now[i];
        told[i] = now[i];
    }
    if (!lost)
        return;
    for (int i = 0; i < LOSSES; i++)
        if (since[i] == 0)
            since[i] = OU_NO_U64;
    OU_TRACE(records_lost, since[LOSS_ring_full], since[LOSS_too_large], since[LOSS_interrupted],
             since[LOSS_no_memory], since[LOSS_output], lost, total);
}

void tell_forwarder_loss(uint64_t now, uint64_t *told)
{
    if (now > *told)
        OU_TRACE(forwarder_lost, now - *told, now);
    *told = now;
}

void tell_resources(void)
{
    struct resource_usage u;

    if (!OU_TRACE_IS_ON(node_resources) || resources_read("/proc/self", &u, NULL) != OU_OK)
        return;
    OU_TRACE(node_resources, u.cpu_centi, 0, u.cpu_centi, 0, 0, u.rss_bytes, u.heap_bytes,
             u.live_bytes, 0, u.blk_io_centi, u.net_read_bytes, u.net_write_bytes, u.fs_read_bytes,
             u.fs_write_bytes, u.threads);
}
