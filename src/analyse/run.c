#include "analyse/run.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "analyse/arrival.h"
#include "analyse/chain_rebuild.h"
#include "analyse/differences.h"
#include "analyse/findings.h"
#include "analyse/machine_stats.h"
#include "analyse/metrics.h"
#include "analyse/timeline.h"

#define ANALYSIS_BYTES_MAX ((size_t)16 << 30)

const struct difference_info difference_infos[DIFFERENCES] = {
#define X(id, title, locli, ours, effect) [DIFFERENCE_##id] = { title, locli, ours, effect },
    OU_DIFFERENCES(X)
#undef X
};

/* What is known of one host while its log is read, and what is kept of it. */
struct host_state {
    struct run_state *run;
    const char *name;
    struct machine_view view; /* kept until the chain is rebuilt */
    struct slot_fold fold;    /* released when the host is closed */
    struct machine_stats stats;
    struct host_timeline timeline;
    uint64_t objects; /* events that this mode reads */
    uint64_t silent_slots, wild_stamps, early_events, counter_resets, lost;
    uint64_t messages_lost, losses_told;
    uint64_t load_events, node_events; /* that only a load generator, only a node tells */
    struct process_use process;
    int64_t txs_sent; /* of the generator's summary; -1: there is none */
};

struct run_state {
    const struct analysis_request *request;
    pthread_mutex_t lock;      /* guards what follows */
    struct host_state **hosts; /* in order of arrival; owned */
    size_t count, cap;
    uint64_t slots_dropped[FILTER_CONDITIONS_MAX];
    enum ou_status status;
};

/* --- The sink of the events ---------------------------------------------- */

static void *open_host(void *context, const char *name)
{
    struct run_state *run = context;
    struct host_state *host = calloc(1, sizeof(*host));
    bool kept;

    if (!host)
        return NULL;
    host->run = run;
    host->name = name;
    host->txs_sent = -1;
    machine_view_init(&host->view, run->request->compat);
    slot_fold_init(&host->fold, run->request->genesis, run->request->compat);
    pthread_mutex_lock(&run->lock);
    kept = array_reserve(allocator_libc(), (void **)&run->hosts, &run->cap, run->count + 1,
                         sizeof(struct host_state *), UINT32_MAX);
    if (kept)
        run->hosts[run->count++] = host;
    pthread_mutex_unlock(&run->lock);
    if (!kept) {
        machine_view_release(&host->view);
        free(host);
    }
    return kept ? host : NULL;
}

/* Generator and node may both tell their resources. */
static void count_event(struct host_state *host, const struct event *event)
{
    bool summary = event->kind == EVENT_GENERATOR_SUMMARY;

    if (summary || event->kind == EVENT_GENERATOR_ACKED)
        host->load_events++;
    else if (event->kind != EVENT_RESOURCES)
        host->node_events++;
    if (summary)
        host->txs_sent = event->number;
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
    host->losses_told++;
    if (__builtin_add_overflow(host->messages_lost, (uint64_t)event->number, &host->messages_lost))
        host->messages_lost = UINT64_MAX;
}

/* The load generator of a run has a log among those of the nodes, but is none: what is said of hosts is not
 * said of it. */
static bool is_generator(const struct host_state *host)
{
    return host->load_events > 0 && host->node_events == 0;
}

static void take_event(void *context, const struct event *event)
{
    struct host_state *host = context;

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
    if (host->run->request->compat && event->kind == EVENT_SWITCHED_TO_FORK)
        return;
    host->objects++;
    machine_view_event(&host->view, event);
    slot_fold_event(&host->fold, event);
}

static void close_host(void *context, void *host_context)
{
    struct run_state *run = context;
    struct host_state *host = host_context;
    uint64_t dropped[FILTER_CONDITIONS_MAX] = { 0 };
    const struct analysis_request *request = run->request;
    enum ou_status status;

    if (is_generator(host)) {
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
    host->silent_slots = host->fold.silent_slots;
    host->wild_stamps = host->fold.wild_stamps;
    host->early_events = host->fold.early_events;
    host->counter_resets = host->fold.counter_resets;
    host->lost = host->fold.lost + host->view.lost;
    slot_fold_release(&host->fold);

    pthread_mutex_lock(&run->lock);
    for (size_t i = 0; i < request->filters->count; i++)
        run->slots_dropped[i] += dropped[i];
    if (status)
        run->status = status;
    pthread_mutex_unlock(&run->lock);
}

static void release_run(struct run_state *run)
{
    for (size_t i = 0; i < run->count; i++) {
        machine_view_release(&run->hosts[i]->view);
        slot_fold_release(&run->hosts[i]->fold);
        host_timeline_release(&run->hosts[i]->timeline);
        free(run->hosts[i]);
    }
    free(run->hosts);
    pthread_mutex_destroy(&run->lock);
}

/* --- From what was read to the result ------------------------------------ */

static const char *copy(struct analysis *a, const char *text)
{
    return text ? arena_copy(&a->memory, text, strlen(text)) : NULL;
}

static bool fill_files(struct analysis *a, const struct ingest_result *read)
{
    a->files = arena_take(&a->memory, (read->file_count + 1) * sizeof(*a->files),
                          _Alignof(struct file_read_result));
    if (!a->files)
        return false;
    for (size_t i = 0; i < read->file_count; i++) {
        const struct ingested_file *from = &read->files[i];
        struct file_read_result *to = &a->files[i];

        *to = (struct file_read_result){ .path = copy(a, from->input->path),
                                         .host = copy(a, from->input->host),
                                         .compression = copy(a, from->compression),
                                         .lines = from->lines,
                                         .bytes = from->bytes,
                                         .first_ns = from->first_ns,
                                         .last_ns = from->last_ns,
                                         .problem =
                                             from->problem[0] ? copy(a, from->problem) : NULL };
        memcpy(to->checksum, from->checksum, sizeof(to->checksum));
        if (!to->path || !to->compression)
            return false;
    }
    a->file_count = read->file_count;
    a->lines = read->lines;
    a->bytes = read->bytes;
    return true;
}

static bool fill_names(struct analysis *a, const struct ingest_result *read)
{
    a->events = arena_take(&a->memory, (read->name_count + 1) * sizeof(*a->events),
                           _Alignof(struct event_count));
    if (!a->events)
        return false;
    for (size_t i = 0; i < read->name_count; i++) {
        a->events[i] = (struct event_count){ copy(a, read->names[i].name), read->names[i].event,
                                             read->names[i].lines };
        if (!a->events[i].name)
            return false;
    }
    a->event_count = read->name_count;
    return true;
}

static bool fill_rejects(struct analysis *a, const struct ingest_result *read)
{
    a->rejects =
        arena_take(&a->memory, REJECTS * sizeof(*a->rejects), _Alignof(struct reject_count));
    if (!a->rejects)
        return false;
    for (int i = 0; i < REJECTS; i++) {
        const struct reject_tally *t = &read->rejects[i];

        if (t->lines == 0)
            continue;
        a->rejects[a->reject_count++] = (struct reject_count){
            .code = reject_infos[i].code,
            .reason = reject_infos[i].reason,
            .expected = reject_infos[i].expected,
            .lines = t->lines,
            .first_path = a->files[t->first_input].path,
            .first_line = t->first_line,
        };
    }
    return true;
}

static void fill_host(struct analysis *a, const struct ingested_host *from, struct host_result *to)
{
    const struct host_state *state = from->state;
    const struct host_tally *t = &from->tally;

    *to = (struct host_result){
        .name = copy(a, from->name),
        .lines = t->lines,
        .bytes = t->bytes,
        .objects = state->objects,
        .not_understood = t->not_understood,
        .duplicate_lines = t->duplicate_lines,
        .repeated_events = state->view.repeated,
        .coarse_stamps = !t->fine_stamps,
        .out_of_order = t->out_of_order,
        .worst_backstep_ns = t->worst_backstep_ns,
        /* locli takes the stamps of the first and the last line as they stand */
        .first_ns = a->compat ? t->first_in_file_ns : t->first_ns,
        .last_ns = a->compat ? t->last_in_file_ns : t->last_ns,
        .first_in_file_ns = t->first_in_file_ns,
        .last_in_file_ns = t->last_in_file_ns,
        .longest_gap_ns = t->longest_gap_ns,
        .longest_gap_at_ns = t->gap_at_ns,
        .slots = state->stats.slots,
        .checked_slots = state->stats.checked_slots,
        .missed_slots = state->stats.missed_slots,
        .silent_slots = state->silent_slots,
        .counter_resets = state->counter_resets,
        .messages_lost = state->messages_lost,
        .losses_told = state->losses_told,
        .clock_offset_ns = TIME_NONE,
        .process = state->process,
    };
    a->objects += to->objects;
    if (to->first_ns != TIME_NONE && (a->first_ns == TIME_NONE || to->first_ns < a->first_ns))
        a->first_ns = to->first_ns;
    if (to->last_ns > a->last_ns)
        a->last_ns = to->last_ns;
}

static bool fill_hosts(struct analysis *a, const struct ingest_result *read)
{
    a->first_ns = a->last_ns = TIME_NONE;
    a->hosts = arena_take(&a->memory, (read->host_count + 1) * sizeof(*a->hosts),
                          _Alignof(struct host_result));
    if (!a->hosts)
        return false;
    for (uint32_t i = 0; i < read->host_count; i++) {
        fill_host(a, &read->hosts[i], &a->hosts[i]);
        if (!a->hosts[i].name)
            return false;
    }
    a->host_count = read->host_count;
    return true;
}

/* Takes the load generators out of the hosts. */
static void set_generators_apart(struct analysis *a, struct ingest_result *read)
{
    uint32_t nodes = 0;

    a->load.txs_sent = -1;
    for (uint32_t i = 0; i < read->host_count; i++) {
        const struct host_state *state = read->hosts[i].state;

        if (!is_generator(state)) {
            read->hosts[nodes++] = read->hosts[i];
            continue;
        }
        a->load.generators++;
        if (state->txs_sent >= 0)
            a->load.txs_sent = state->txs_sent + (a->load.txs_sent > 0 ? a->load.txs_sent : 0);
    }
    read->host_count = nodes;
}

/* The parts of the hosts' states that later steps take as arrays by host. */
struct by_host {
    struct machine_view *views;      /* borrowed contents */
    struct host_timeline *timelines; /* likewise */
    struct machine_stats *stats;
    struct findings_input findings;
    uint8_t *shrank;
};

static bool by_host_init(struct by_host *h, const struct ingest_result *read)
{
    uint32_t n = read->host_count + 1;

    h->views = calloc(n, sizeof(*h->views));
    h->timelines = calloc(n, sizeof(*h->timelines));
    h->stats = calloc(n, sizeof(*h->stats));
    h->findings.wild_stamps = calloc(n, sizeof(uint64_t));
    h->findings.early_events = calloc(n, sizeof(uint64_t));
    h->findings.lost_events = calloc(n, sizeof(uint64_t));
    h->findings.ambiguous_hashes = calloc(n, sizeof(uint64_t));
    h->shrank = calloc(read->file_count + 1, 1);
    if (!h->views || !h->timelines || !h->stats || !h->findings.wild_stamps ||
        !h->findings.early_events || !h->findings.lost_events || !h->findings.ambiguous_hashes ||
        !h->shrank)
        return false;
    for (uint32_t i = 0; i < read->host_count; i++) {
        const struct host_state *state = read->hosts[i].state;

        h->views[i] = state->view;
        h->timelines[i] = state->timeline;
        h->stats[i] = state->stats;
        h->findings.wild_stamps[i] = state->wild_stamps;
        h->findings.early_events[i] = state->early_events;
        h->findings.lost_events[i] = state->lost;
        h->findings.ambiguous_hashes[i] = state->view.ambiguous;
    }
    for (size_t i = 0; i < read->file_count; i++)
        h->shrank[i] = read->files[i].shrank;
    h->findings.shrank = h->shrank;
    h->findings.names_lost = read->names_lost;
    return true;
}

static void by_host_release(struct by_host *h)
{
    free(h->views);
    free(h->timelines);
    free(h->stats);
    free(h->findings.wild_stamps);
    free(h->findings.early_events);
    free(h->findings.lost_events);
    free(h->findings.ambiguous_hashes);
    free(h->shrank);
}

static enum ou_status conclude(struct analysis *a, struct run_state *run,
                               struct ingest_result *read, const struct log_inputs *inputs,
                               struct ou_error *err)
{
    struct by_host hosts = { 0 };
    enum ou_status status;

    set_generators_apart(a, read);
    if (!fill_files(a, read) || !fill_names(a, read) || !fill_rejects(a, read) ||
        !fill_hosts(a, read) || !by_host_init(&hosts, read)) {
        by_host_release(&hosts);
        return ou_fail(err, OU_NO_MEMORY, "no memory for the results");
    }
    hosts.findings.skipped_links = inputs->skipped_links;
    hosts.findings.other_forms = inputs->other_forms;
    status = chain_rebuild(a, hosts.views, run->request->filters, err);
    for (size_t i = 0; !status && i < a->filter_count; i++)
        a->filters[i].slots_dropped = run->slots_dropped[i];
    if (!status)
        status = metrics_fill(a, hosts.stats, err);
    if (!status)
        status = timeline_fill(a, hosts.timelines, err);
    if (!status)
        status = arrival_fill(a, err);
    if (!status)
        status = clocks_compare(a, &hosts.findings.doubt, err);
    if (!status)
        status = arrival_bound_fill(a, run->request->map, &hosts.findings.bound, err);
    if (!status)
        status = findings_fill(a, &hosts.findings, err);
    by_host_release(&hosts);
    return status;
}

enum ou_status analysis_run(const struct analysis_request *request, struct log_inputs *inputs,
                            struct analysis *ret, struct ou_error *err)
{
    struct run_state run = { .request = request };
    struct event_sink sink = { &run, open_host, take_event, close_host };
    struct analysis a = { .genesis = *request->genesis,
                          .genesis_source = request->genesis_source,
                          .context = request->context,
                          .rts = request->rts,
                          .date = request->date,
                          .compat = request->compat,
                          .rule = request->rule };
    struct ingest_result read = { 0 };
    enum ou_status status;

    arena_init(&a.memory, allocator_libc(), ANALYSIS_BYTES_MAX);
    pthread_mutex_init(&run.lock, NULL);
    status = ingest(inputs, &request->reading, &sink, &read, err);
    if (!status && run.status)
        status = ou_fail(err, run.status, "no memory for the slot statistics");
    if (!status)
        status = conclude(&a, &run, &read, inputs, err);
    if (status)
        analysis_release(&a);
    else
        *ret = a;
    ingest_release(&read);
    release_run(&run);
    return status;
}

void analysis_release(struct analysis *a)
{
    arena_release(&a->memory);
    *a = (struct analysis){ 0 };
}
