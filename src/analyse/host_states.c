#include "analyse/host_states.h"

#include <signal.h>
#include <stdlib.h>

/* --- The list ------------------------------------------------------------ */

void host_states_init(struct host_states *hosts, const struct analysis_request *request)
{
    *hosts = (struct host_states){ .request = request };
    pthread_mutex_init(&hosts->lock, NULL);
}

static void free_host(struct host_state *host)
{
    machine_view_release(&host->view);
    slot_fold_release(&host->fold);
    host_timeline_release(&host->timeline);
    buffer_release(&host->extract);
    free(host);
}

void host_states_release(struct host_states *hosts)
{
    for (size_t i = 0; i < hosts->count; i++)
        free_host(hosts->items[i]);
    free(hosts->items);
    pthread_mutex_destroy(&hosts->lock);
}

struct host_state *host_states_add(struct host_states *hosts, const char *name)
{
    struct host_state *host = calloc(1, sizeof(*host));
    bool kept;

    if (!host)
        return NULL;
    host->name = name;
    host->txs_sent = -1;
    machine_view_init(&host->view, hosts->request->compat);
    slot_fold_init(&host->fold, hosts->request->genesis, hosts->request->compat);
    pthread_mutex_lock(&hosts->lock);
    kept = array_reserve(allocator_libc(), (void **)&hosts->items, &hosts->cap, hosts->count + 1,
                         sizeof(struct host_state *), UINT32_MAX);
    if (kept)
        hosts->items[hosts->count++] = host;
    pthread_mutex_unlock(&hosts->lock);
    if (!kept)
        free_host(host);
    return kept ? host : NULL;
}

/* --- Events -------------------------------------------------------------- */

/* Generator and node may both tell their resources. */
static void count_event(struct host_state *host, const struct event *event)
{
    bool summary = event->kind == EVENT_GENERATOR_SUMMARY;

    if (summary || event->kind == EVENT_GENERATOR_ACKED || event->kind == EVENT_GENERATOR_SETUP)
        host->load_events++;
    else if (event->kind != EVENT_RESOURCES)
        host->node_events++;
    if (summary)
        host->txs_sent = event->number;
    if (event->kind == EVENT_GENERATOR_SETUP && event->number <= event->size) {
        host->setup_taken = (uint64_t)event->number;
        host->setup_txs = (uint64_t)event->size;
    }
}

static bool is_loss(const struct event *event)
{
    return event->kind == EVENT_RECORDS_LOST || event->kind == EVENT_FORWARDER_LOST;
}

/* It did what it had to do, or was asked to end. */
static bool was_well(int64_t status)
{
    return status == 0 || status == 128 + SIGTERM || status == 128 + SIGINT;
}

/* A program may have been started again: its uses add up. */
static void count_process(struct process_use *use, const struct process_end *end)
{
    use->ends++;
    use->failures += !was_well(end->status);
    use->wall_s += end->wall_s;
    use->user_s += end->user_s;
    use->system_s += end->system_s;
    if (end->max_rss_bytes > use->max_rss_bytes)
        use->max_rss_bytes = end->max_rss_bytes;
}

/* What is missing is told in a finding; it says nothing of the node. */
static void count_loss(struct host_state *host, const struct event *event)
{
    uint64_t *lost =
        event->kind == EVENT_FORWARDER_LOST ? &host->lost.dropped : &host->lost.unwritten;

    host->lost.told++;
    if (__builtin_add_overflow(*lost, (uint64_t)event->number, lost))
        *lost = UINT64_MAX;
}

bool host_is_generator(const struct host_state *host)
{
    return host->load_events > 0 && host->node_events == 0;
}

void host_state_event(struct host_state *host, const struct event *event)
{
    if (is_loss(event)) {
        count_loss(host, event);
        return;
    }
    count_event(host, event);
    if (event->kind == EVENT_PROCESS_ENDED) {
        host->objects++;
        count_process(&host->process, event->process);
        return;
    }
    if (host->view.compat && event->kind == EVENT_SWITCHED_TO_FORK)
        return;
    host->objects++;
    machine_view_event(&host->view, event);
    slot_fold_event(&host->fold, event);
}

/* --- The end of a host --------------------------------------------------- */

/* The records go; what the fold counted beside them stays. */
void host_states_finish(struct host_states *hosts, struct host_state *host)
{
    const struct analysis_request *request = hosts->request;
    uint64_t dropped[FILTER_CONDITIONS_MAX] = { 0 };
    enum ou_status status;

    if (host_is_generator(host)) {
        slot_fold_release(&host->fold);
        return;
    }
    slot_fold_finish(&host->fold, request->filters, dropped);
    status = machine_stats_of(&host->fold, request->rule, &host->stats);
    if (!status)
        status = host_timeline_of(&host->fold, &host->timeline);
    if (request->slots)
        request->slots->rows(request->slots->context, host->name, host->fold.records,
                             host->fold.count);
    slot_fold_release(&host->fold);

    pthread_mutex_lock(&hosts->lock);
    for (size_t i = 0; i < request->filters->count; i++)
        hosts->slots_dropped[i] += dropped[i];
    if (status)
        hosts->status = status;
    pthread_mutex_unlock(&hosts->lock);
}
