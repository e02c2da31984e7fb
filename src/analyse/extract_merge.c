#include "analyse/extract.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyse/conclude.h"
#include "analyse/extract_host.h"
#include "analyse/extract_paths.h"
#include "analyse/extract_rts.h"
#include "base/interrupt.h"
#include "logs/chunk.h"
#include "logs/merged_names.h"

#define TEXT_BYTES_MAX ((size_t)256 << 20)

/* A file that was read elsewhere. */
struct merged_file {
    struct log_input input; /* the first member: they are sorted by log_inputs_order() */
    struct ingested_file read;
    uint32_t number; /* in order of arrival */
};

struct merged_host {
    struct ingested_host read; /* the first member: they are sorted by its name */
    const char *extract;       /* that told of it */
};

struct merge {
    const struct analysis_request *request;
    const char *base;
    struct host_states states;
    struct rts_hosts *rts;
    struct merged_names names;
    struct merged_file *files; /* owned */
    size_t file_cap;
    struct merged_host *hosts; /* owned */
    size_t host_cap;
    /* What the analysis is concluded from; of `read` the memory is used from the beginning, and the counts. */
    struct ingest_result read;
    struct log_inputs inputs;
};

static void fail(struct extract_reader *r, const char *what)
{
    extract_fail(r, OU_INVALID, what);
}

/* --- The rules of its making ------------------------------------------------ */

static struct slot_clock take_clock(struct extract_reader *r)
{
    struct slot_clock clock = { 0 };

    clock.count = (int)take_below(r, SLOT_CLOCK_STRETCHES + 1,
                                  "the extract is damaged: its clock has too many stretches");
    for (int i = 0; i < clock.count; i++) {
        struct slot_stretch *s = &clock.stretches[i];

        s->first_slot = take_number(r);
        s->first_epoch = take_number(r);
        s->start_ns = take_signed(r);
        s->slot_ns = take_signed(r);
        s->epoch_slots = take_number(r);
    }
    return clock;
}

static bool same_clock(const struct slot_clock *a, const struct slot_clock *b)
{
    bool same = a->count == b->count;

    for (int i = 0; same && i < a->count; i++) {
        const struct slot_stretch *x = &a->stretches[i], *y = &b->stretches[i];

        same = x->first_slot == y->first_slot && x->first_epoch == y->first_epoch &&
               x->start_ns == y->start_ns && x->slot_ns == y->slot_ns &&
               x->epoch_slots == y->epoch_slots;
    }
    return same;
}

static void check_rules(struct extract_reader *r, const struct analysis_request *request)
{
    bool compat = take_flag(r);
    int64_t start_ns = take_signed(r);
    struct slot_clock clock = take_clock(r);

    if (!extract_failed(r) && compat != request->compat)
        fail(r, compat
                    ? "this extract was made with --compat locli, and the analysis is without"
                    : "this extract was made without --compat locli, and the analysis is with it");
    if (!extract_failed(r) && (start_ns != request->genesis->system_start_ns ||
                               !same_clock(&clock, &request->genesis->clock)))
        fail(r, "this extract was made for another chain: its genesis has another start, or other "
                "lengths of slots and epochs");
}

/* --- Files ------------------------------------------------------------------ */

static struct merged_file *add_file(struct extract_reader *r, struct merge *m)
{
    if (m->read.file_count == LOG_INPUTS_MAX) {
        extract_fail(r, OU_TOO_LARGE, "the extracts tell of more than 20000 log files");
        return NULL;
    }
    if (!array_reserve(allocator_libc(), (void **)&m->files, &m->file_cap, m->read.file_count + 1,
                       sizeof(*m->files), LOG_INPUTS_MAX)) {
        extract_fail(r, OU_NO_MEMORY, "no memory");
        return NULL;
    }
    m->files[m->read.file_count] = (struct merged_file){ .number = (uint32_t)m->read.file_count };
    return &m->files[m->read.file_count++];
}

static const char *take_optional_copy(struct extract_reader *r, struct arena *memory)
{
    bool is_null;
    struct span text = take_optional(r, &is_null);
    const char *kept = is_null || extract_failed(r) ? NULL : arena_copy(memory, text.at, text.len);

    if (!kept && !is_null)
        extract_fail(r, OU_NO_MEMORY, "no memory");
    return kept;
}

static void take_checksum(struct extract_reader *r, struct ingested_file *file)
{
    struct span sum = take_text(r);

    if (sum.len >= sizeof(file->checksum))
        fail(r, "the extract is damaged: a checksum is too long");
    else
        memcpy(file->checksum, sum.at, sum.len);
}

static void take_file(struct extract_reader *r, struct merge *m)
{
    struct arena *memory = &m->read.memory;
    struct merged_file *file = add_file(r, m);
    const char *problem;

    if (!file)
        return;
    file->input.path = take_path(r, m->base, memory);
    file->input.host = take_optional_copy(r, memory);
    file->input.first_ns = take_instant(r);
    file->read.compression = take_copy(r, memory);
    file->read.lines = take_number(r);
    file->read.bytes = take_number(r);
    take_checksum(r, &file->read);
    file->read.first_ns = take_instant(r);
    file->read.last_ns = take_instant(r);
    if (file->read.last_ns < file->read.first_ns)
        fail(r, "the extract is damaged: a file ends before it begins");
    if (extract_failed(r))
        return;
    problem = take_problem(r, file->input.path, memory);
    snprintf(file->read.problem, sizeof(file->read.problem), "%s", problem ? problem : "");
    file->read.shrank = take_flag(r);
    m->read.lines += file->read.lines;
    m->read.bytes += file->read.bytes;
}

static void take_files(struct extract_reader *r, struct merge *m)
{
    uint64_t count = take_number(r);

    for (uint64_t i = 0; i < count && !extract_failed(r); i++)
        take_file(r, m);
}

/* --- Rejects, and names of lines --------------------------------------------- */

static int reject_of(struct span code)
{
    for (int i = 0; i < REJECTS; i++)
        if (span_is(code, reject_infos[i].code))
            return i;
    return -1;
}

/* The first one is that of the file that would have been read first. first: the number of the extract's first file. */
static void take_reject(struct extract_reader *r, struct merge *m, size_t first)
{
    int code = reject_of(take_text(r));
    uint64_t lines = take_number(r), file = take_number(r), line = take_number(r);
    struct reject_tally *t;

    if (code < 0 || file >= m->read.file_count - first) {
        fail(r, "the extract is damaged: lines were set aside for no known reason, or of no file");
        return;
    }
    t = &m->read.rejects[code];
    file += first;
    if (t->lines == 0 || log_inputs_order(&m->files[file], &m->files[t->first_input]) < 0) {
        t->first_input = (uint32_t)file;
        t->first_line = line;
    }
    t->lines += lines;
}

static void take_rejects(struct extract_reader *r, struct merge *m, size_t first)
{
    uint64_t count = take_below(r, REJECTS + 1, "the extract is damaged: too many reasons");

    for (uint64_t i = 0; i < count && !extract_failed(r); i++)
        take_reject(r, m, first);
}

/* EVENT_NONE: the name means nothing to this program, or there is none. */
static enum event_kind event_of(struct span name)
{
    for (int i = 0; i < EVENT_KINDS; i++)
        if (span_is(name, event_infos[i].name))
            return (enum event_kind)i;
    return EVENT_NONE;
}

static void take_name(struct extract_reader *r, struct merge *m, struct arena *scratch)
{
    const char *name = take_copy(r, scratch);
    bool is_null;
    struct span event = take_optional(r, &is_null);
    const struct ingested_name more = { .event = is_null ? EVENT_NONE : event_of(event),
                                        .lines = take_number(r) };

    if (!extract_failed(r) && !merged_names_add(&m->names, span_of(name), &more))
        m->read.names_lost += more.lines;
}

static void take_names(struct extract_reader *r, struct merge *m)
{
    struct arena scratch;
    uint64_t count;

    arena_init(&scratch, allocator_libc(), TEXT_BYTES_MAX);
    m->read.names_lost += take_number(r);
    m->names.full |= take_flag(r);
    count = take_below(r, LOG_NAMES_MAX + KNOWN_NAMES_MAX + 1,
                       "the extract is damaged: it has too many names of lines");
    for (uint64_t i = 0; i < count && !extract_failed(r); i++)
        take_name(r, m, &scratch);
    arena_release(&scratch);
}

/* --- Hosts -------------------------------------------------------------------- */

static struct merged_host *add_host(struct extract_reader *r, struct merge *m)
{
    if (m->read.host_count == LOG_HOSTS_MAX)
        extract_fail(r, OU_TOO_LARGE, "the extracts tell of more than 10000 hosts");
    else if (!array_reserve(allocator_libc(), (void **)&m->hosts, &m->host_cap,
                            m->read.host_count + 1, sizeof(*m->hosts), LOG_HOSTS_MAX))
        extract_fail(r, OU_NO_MEMORY, "no memory");
    else
        return &m->hosts[m->read.host_count++];
    return NULL;
}

/* A host whose extract turns out to be damaged is released with the others. */
static void take_one_host(struct extract_reader *r, struct merge *m)
{
    const char *name = take_copy(r, &m->read.memory);
    struct merged_host *host = extract_failed(r) ? NULL : add_host(r, m);
    struct host_state *state;

    if (!host)
        return;
    state = host_states_add(&m->states, name);
    *host = (struct merged_host){ { name, take_tally(r), state }, r->path };
    if (!state) {
        extract_fail(r, OU_NO_MEMORY, "no memory for another host");
        return;
    }
    take_host(r, state);
    if (!extract_failed(r))
        host_states_finish(&m->states, state);
}

static void take_hosts(struct extract_reader *r, struct merge *m)
{
    uint64_t count = take_number(r);

    for (uint64_t i = 0; i < count && !extract_failed(r); i++) {
        if (interrupt_pending())
            extract_fail(r, OU_INTERRUPTED, "interrupted");
        else
            take_one_host(r, m);
    }
}

/* --- An extract ---------------------------------------------------------------- */

static enum ou_status take_extract(struct merge *m, const char *path, struct ou_error *err)
{
    size_t first = m->read.file_count;
    struct extract_reader r = { 0 };
    enum ou_status status = extract_open(&r, path, err);

    if (!status) {
        check_rules(&r, m->request);
        m->inputs.skipped_links += take_number(&r);
        m->inputs.other_forms += take_number(&r);
        take_files(&r, m);
        take_rejects(&r, m, first);
        take_names(&r, m);
        take_hosts(&r, m);
        take_rts(&r, m->rts, m->base);
        status = extract_end(&r, err);
    }
    extract_close(&r);
    return status;
}

/* --- All of them ---------------------------------------------------------------- */

static int by_host_name(const void *a_item, const void *b_item)
{
    const struct merged_host *a = a_item, *b = b_item;

    return strcmp(a->read.name, b->read.name);
}

/* The parts of a host's log cannot be put into their order without the log. */
static enum ou_status settle_hosts(struct merge *m, struct ou_error *err)
{
    uint32_t count = m->read.host_count;

    m->read.hosts = calloc(count + 1, sizeof(*m->read.hosts));
    if (!m->read.hosts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the hosts");
    if (count)
        qsort(m->hosts, count, sizeof(*m->hosts), by_host_name);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && by_host_name(&m->hosts[i - 1], &m->hosts[i]) == 0)
            return ou_fail(err, OU_INVALID,
                           "the host %s is in two extracts, %s and %s; make one of all its logs",
                           m->hosts[i].read.name, m->hosts[i - 1].extract, m->hosts[i].extract);
        m->read.hosts[i] = m->hosts[i].read;
    }
    return OU_OK;
}

static int by_input(const void *a_item, const void *b_item)
{
    const struct merged_file *a = a_item, *b = b_item;
    int order = log_inputs_order(&a->input, &b->input);

    return order ? order : strcmp(a->read.checksum, b->read.checksum);
}

static void renumber_rejects(struct merge *m)
{
    for (int i = 0; i < REJECTS; i++) {
        struct reject_tally *t = &m->read.rejects[i];
        uint32_t at = 0;

        if (t->lines == 0)
            continue;
        while (m->files[at].number != t->first_input)
            at++;
        t->first_input = at;
    }
}

static enum ou_status settle_files(struct merge *m, struct ou_error *err)
{
    size_t count = m->read.file_count;

    m->read.files = calloc(count + 1, sizeof(*m->read.files));
    m->inputs.items = calloc(count + 1, sizeof(*m->inputs.items));
    if (!m->read.files || !m->inputs.items)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the list of log files");
    if (count)
        qsort(m->files, count, sizeof(*m->files), by_input);
    for (size_t i = 0; i < count; i++) {
        m->inputs.items[i] = m->files[i].input;
        m->read.files[i] = m->files[i].read;
        m->read.files[i].input = &m->inputs.items[i];
    }
    m->inputs.count = count;
    renumber_rejects(m);
    return OU_OK;
}

static enum ou_status settle(struct merge *m, struct ou_error *err)
{
    enum ou_status status = settle_hosts(m, err);

    if (!status)
        status = settle_files(m, err);
    if (!status && m->read.file_count == 0)
        status = ou_fail(err, OU_NOT_FOUND, "there is no log in these extracts");
    if (!status && !merged_names_take(&m->names, &m->read))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for the names of lines");
    if (!status)
        rts_hosts_sort(m->rts);
    return status;
}

static void release(struct merge *m)
{
    merged_names_release(&m->names);
    ingest_release(&m->read);
    log_inputs_release(&m->inputs);
    host_states_release(&m->states);
    free(m->files);
    free(m->hosts);
}

enum ou_status analysis_merge(const struct analysis_request *request,
                              const struct extract_list *extracts, struct rts_hosts *rts,
                              struct analysis *ret, struct ou_error *err)
{
    struct merge m = { .request = request, .base = extracts->base, .rts = rts };
    enum ou_status status = rts_hosts_init(rts, err);

    host_states_init(&m.states, request);
    merged_names_init(&m.names);
    arena_init(&m.read.memory, allocator_libc(), TEXT_BYTES_MAX);
    for (size_t i = 0; !status && i < extracts->count; i++)
        status = take_extract(&m, extracts->paths[i], err);
    if (!status)
        status = settle(&m, err);
    if (!status)
        status = analysis_conclude(&m.states, &m.read, &m.inputs, ret, err);
    release(&m);
    return status;
}
