#include "analyse/conclude.h"

#include <stdlib.h>

#include "analyse/arrival.h"
#include "analyse/chain_rebuild.h"
#include "analyse/differences.h"
#include "analyse/findings.h"
#include "analyse/metrics.h"

#define ANALYSIS_BYTES_MAX ((size_t)16 << 30)

const struct difference_info difference_infos[DIFFERENCES] = {
#define X(id, title, locli, ours, effect) [DIFFERENCE_##id] = { title, locli, ours, effect },
    OU_DIFFERENCES(X)
#undef X
};

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
        .silent_slots = state->fold.silent_slots,
        .counter_resets = state->fold.counter_resets,
        .lost = state->lost,
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

/* Sums of foreign numbers. */
static void add_setup(uint64_t *sum, uint64_t more)
{
    if (__builtin_add_overflow(*sum, more, sum))
        *sum = UINT64_MAX;
}

/* Takes the load generators out of the hosts. */
static void set_generators_apart(struct analysis *a, struct ingest_result *read)
{
    uint32_t nodes = 0;

    a->load.txs_sent = -1;
    for (uint32_t i = 0; i < read->host_count; i++) {
        const struct host_state *state = read->hosts[i].state;

        if (!host_is_generator(state)) {
            read->hosts[nodes++] = read->hosts[i];
            continue;
        }
        a->load.generators++;
        add_setup(&a->load.setup_taken, state->setup_taken);
        add_setup(&a->load.setup_txs, state->setup_txs);
        if (state->txs_sent >= 0 &&
            __builtin_add_overflow(state->txs_sent, a->load.txs_sent > 0 ? a->load.txs_sent : 0,
                                   &a->load.txs_sent))
            a->load.txs_sent = INT64_MAX;
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
        h->findings.wild_stamps[i] = state->fold.wild_stamps;
        h->findings.early_events[i] = state->fold.early_events;
        h->findings.lost_events[i] = state->fold.lost + state->view.lost;
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

static enum ou_status fill_all(struct analysis *a, const struct host_states *states,
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
    status = chain_rebuild(a, hosts.views, states->request->filters, err);
    for (size_t i = 0; !status && i < a->filter_count; i++)
        a->filters[i].slots_dropped = states->slots_dropped[i];
    if (!status)
        status = metrics_fill(a, hosts.stats, err);
    if (!status)
        status = timeline_fill(a, hosts.timelines, err);
    if (!status)
        status = arrival_fill(a, err);
    if (!status)
        status = clocks_compare(a, &hosts.findings.doubt, err);
    if (!status)
        status = arrival_bound_fill(a, states->request->map, &hosts.findings.bound, err);
    if (!status)
        status = findings_fill(a, &hosts.findings, err);
    by_host_release(&hosts);
    return status;
}

enum ou_status analysis_conclude(const struct host_states *hosts, struct ingest_result *read,
                                 const struct log_inputs *inputs, struct analysis *ret,
                                 struct ou_error *err)
{
    const struct analysis_request *request = hosts->request;
    struct analysis a = { .genesis = *request->genesis,
                          .genesis_source = request->genesis_source,
                          .context = request->context,
                          .rts = request->rts,
                          .date = request->date,
                          .compat = request->compat,
                          .rule = request->rule };
    enum ou_status status;

    if (hosts->status)
        return ou_fail(err, hosts->status, "no memory for the slot statistics");
    arena_init(&a.memory, allocator_libc(), ANALYSIS_BYTES_MAX);
    status = fill_all(&a, hosts, read, inputs, err);
    if (status)
        analysis_release(&a);
    else
        *ret = a;
    return status;
}

void analysis_release(struct analysis *a)
{
    arena_release(&a->memory);
    *a = (struct analysis){ 0 };
}
