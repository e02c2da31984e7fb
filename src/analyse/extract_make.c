#include "analyse/extract.h"

#include "analyse/extract_host.h"
#include "analyse/extract_paths.h"
#include "analyse/extract_rts.h"
#include "base/file.h"
#include "logs/checksum.h"

/* --- The sink of the events ------------------------------------------------ */

static void *open_host(void *context, const char *name)
{
    struct host_state *host = host_states_add(context, name);

    if (host)
        buffer_init(&host->extract, allocator_libc(), EXTRACT_BYTES_MAX);
    return host;
}

static void take_event(void *host, const struct event *event)
{
    host_state_event(host, event);
}

/* Written down it takes a third of the room. */
static void close_host(void *context, void *host_context)
{
    struct host_state *host = host_context;

    (void)context;
    put_host(&host->extract, host);
    machine_view_release(&host->view);
    slot_fold_release(&host->fold);
}

/* --- What was read --------------------------------------------------------- */

static void put_rules(struct buffer *b, const struct analysis_request *request)
{
    const struct slot_clock *clock = &request->genesis->clock;

    put_number(b, request->compat);
    put_signed(b, request->genesis->system_start_ns);
    put_number(b, (uint64_t)clock->count);
    for (int i = 0; i < clock->count; i++) {
        const struct slot_stretch *s = &clock->stretches[i];

        put_number(b, s->first_slot);
        put_number(b, s->first_epoch);
        put_signed(b, s->start_ns);
        put_signed(b, s->slot_ns);
        put_number(b, s->epoch_slots);
    }
}

static void put_files(struct buffer *b, const struct ingest_result *read, const char *base)
{
    put_number(b, read->file_count);
    for (size_t i = 0; i < read->file_count; i++) {
        const struct ingested_file *file = &read->files[i];

        put_path(b, file->input->path, base);
        put_optional(b, file->input->host);
        put_signed(b, file->input->first_ns);
        put_text(b, span_of(file->compression));
        put_number(b, file->lines);
        put_number(b, file->bytes);
        put_text(b, span_of(file->checksum));
        put_signed(b, file->first_ns);
        put_signed(b, file->last_ns);
        put_problem(b, file->problem, file->input->path);
        put_number(b, file->shrank);
    }
}

/* By their codes, which stay when there are more of them. */
static void put_rejects(struct buffer *b, const struct ingest_result *read)
{
    size_t count = 0;

    for (int i = 0; i < REJECTS; i++)
        count += read->rejects[i].lines > 0;
    put_number(b, count);
    for (int i = 0; i < REJECTS; i++) {
        const struct reject_tally *t = &read->rejects[i];

        if (t->lines == 0)
            continue;
        put_text(b, span_of(reject_infos[i].code));
        put_number(b, t->lines);
        put_number(b, t->first_input);
        put_number(b, t->first_line);
    }
}

static void put_names(struct buffer *b, const struct ingest_result *read)
{
    put_number(b, read->names_lost);
    put_number(b, read->names_full);
    put_number(b, read->name_count);
    for (size_t i = 0; i < read->name_count; i++) {
        const struct ingested_name *name = &read->names[i];

        put_text(b, span_of(name->name));
        put_optional(b, name->event == EVENT_NONE ? NULL : event_infos[name->event].name);
        put_number(b, name->lines);
    }
}

/* --- The file -------------------------------------------------------------- */

struct extract_file {
    struct out_file out;
    struct checksum *sum;
    enum ou_status status; /* of what was to go into it */
};

/* Takes what is in the buffer, and empties it. */
static void write_part(struct extract_file *f, struct buffer *part)
{
    if (!f->status)
        f->status = buffer_status(part);
    out_write(&f->out, part->at, part->len);
    checksum_add(f->sum, part->at, part->len);
    buffer_clear(part);
}

static void write_hosts(struct extract_file *f, const struct ingest_result *read,
                        struct buffer *part)
{
    put_number(part, read->host_count);
    for (uint32_t i = 0; i < read->host_count; i++) {
        struct host_state *host = read->hosts[i].state;

        put_text(part, span_of(read->hosts[i].name));
        put_tally(part, &read->hosts[i].tally);
        write_part(f, part);
        write_part(f, &host->extract);
    }
}

static void write_all(struct extract_file *f, const struct analysis_request *request,
                      const struct log_inputs *inputs, const struct ingest_result *read,
                      const char *base)
{
    char sum[CHECKSUM_HEX_ROOM];
    struct buffer part;

    buffer_init(&part, allocator_libc(), EXTRACT_BYTES_MAX);
    buffer_text(&part, EXTRACT_MAGIC);
    put_number(&part, EXTRACT_VERSION);
    put_rules(&part, request);
    put_number(&part, inputs->skipped_links);
    put_number(&part, inputs->other_forms);
    put_files(&part, read, base);
    put_rejects(&part, read);
    put_names(&part, read);
    write_hosts(f, read, &part);
    put_rts(&part, request->rts, base);
    write_part(f, &part);
    checksum_hex(f->sum, sum);
    out_write(&f->out, sum, CHECKSUM_HEX_ROOM - 1);
    buffer_release(&part);
}

static enum ou_status write_file(const struct analysis_request *request,
                                 const struct log_inputs *inputs, const struct ingest_result *read,
                                 const char *base, const char *path, struct ou_error *err)
{
    struct extract_file f = { .sum = checksum_new() };
    enum ou_status status;

    if (!f.sum)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    status = out_open(&f.out, path, err);
    if (!status)
        write_all(&f, request, inputs, read, base);
    if (!status && f.status)
        status = ou_fail(err, f.status, "%s: %s", path,
                         f.status == OU_TOO_LARGE ? "more than 4 GiB" : "no memory");
    if (!status)
        status = out_commit(&f.out, err);
    out_release(&f.out);
    checksum_free(f.sum);
    return status;
}

enum ou_status analysis_extract(const struct analysis_request *request, struct log_inputs *inputs,
                                const char *base, const char *path, struct ou_error *err)
{
    struct host_states hosts;
    struct event_sink sink = { &hosts, open_host, take_event, close_host };
    struct ingest_result read = { 0 };
    enum ou_status status;

    if (request->genesis->is_chainless)
        return ou_fail(
            err, OU_INVALID,
            "a run without a chain has no extracts: its slots are counted from the first "
            "line of all its logs. Bring them here, and analyse them");
    log_inputs_look(inputs);
    host_states_init(&hosts, request);
    status = ingest(inputs, &request->reading, &sink, &read, err);
    if (!status)
        status = write_file(request, inputs, &read, base, path, err);
    ingest_release(&read);
    host_states_release(&hosts);
    return status;
}
