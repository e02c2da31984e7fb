/* Jobs: what an agent does once, and writes down when it is done, so that an agent that is started again does not do it twice. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/agent_carrier.h"
#include "agent/agent_jobs_inside.h"
#include "storage/s3.h"
#include "storage/transfer.h"

#define MEMORY_MAX ((size_t)16 << 20)

/* ---- names ---- */

void agent_job_name(char ret[AGENT_JOB_NAME_ROOM], const char *before, uint32_t id,
                    const char *behind)
{
    snprintf(ret, AGENT_JOB_NAME_ROOM, "%s%u%s", before, (unsigned)id, behind);
}

enum ou_status agent_job_path(const struct job_doing *d, const char *before, uint32_t id,
                              const char *behind, char ret[PATH_MAX], struct ou_error *err)
{
    char name[AGENT_JOB_NAME_ROOM];

    agent_job_name(name, before, id, behind);
    return agent_folder_in_own(d->carrier->with.folder, name, ret, err);
}

/* ---- what is written down ---- */

static enum ou_status save(const struct job_doing *d, struct ou_error *err)
{
    char name[AGENT_JOB_NAME_ROOM];
    json_t *document = agent_job_document(&d->told);
    enum ou_status status;

    agent_job_name(name, "job-", d->order->id, ".json");
    if (document && d->part_bytes)
        json_object_set_new(document, "part_bytes", json_integer((json_int_t)d->part_bytes));
    status = document ? agent_folder_save(d->carrier->with.folder, name, document, err)
                      : ou_fail(err, OU_NO_MEMORY, "no memory");
    json_decref(document);
    return status;
}

/* *ret_there: what is known of a job that this agent, or one before it, has begun. */
static enum ou_status load(struct job_doing *d, uint32_t id, struct agent_job *ret,
                           uint64_t *ret_part_bytes, bool *ret_there, struct ou_error *err)
{
    char name[AGENT_JOB_NAME_ROOM];
    json_t *document = NULL;
    enum ou_status status;

    agent_job_name(name, "job-", id, ".json");
    status = agent_folder_load(d->carrier->with.folder, name, &document, err);
    *ret_there = document != NULL;
    if (!status && document)
        status = agent_job_read(document, &d->memory, ret, err);
    *ret_part_bytes = (uint64_t)json_integer_value(json_object_get(document, "part_bytes"));
    json_decref(document);
    return status;
}

static void tell(const struct job_doing *d)
{
    agent_board_job(d->carrier->with.board, d->i, &d->told);
}

/* ---- shipping ---- */

struct shipment {
    struct agent_job packed;
    uint64_t part_bytes;
    int fd;
};

static enum ou_status find_packed(struct job_doing *d, struct shipment *ret, struct ou_error *err)
{
    const uint32_t id = d->order->packed;
    bool is_there;
    enum ou_status status = load(d, id, &ret->packed, &ret->part_bytes, &is_there, err);

    if (status)
        return status;
    if (!is_there || ret->packed.state != JOB_DONE || ret->part_bytes == 0)
        return ou_fail(err, OU_INVALID, "job %u has packed nothing that could be shipped",
                       (unsigned)id);
    if (ret->packed.part_count != d->order->url_count)
        return ou_fail(err, OU_INVALID, "%zu URLs were given for the %zu parts of job %u",
                       d->order->url_count, ret->packed.part_count, (unsigned)id);
    return OU_OK;
}

/* Parts with their ETags, as far as an agent before this one has come. */
static enum ou_status begin_parts(struct job_doing *d, const struct shipment *s,
                                  struct ou_error *err)
{
    const size_t count = s->packed.part_count;
    struct agent_job before = { 0 };
    uint64_t part_bytes;
    bool is_there;
    enum ou_status status = load(d, d->order->id, &before, &part_bytes, &is_there, err);

    if (status)
        return status;
    d->told.parts =
        arena_take(&d->memory, (count + 1) * sizeof *d->told.parts, _Alignof(struct agent_part));
    if (!d->told.parts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu parts", count);
    d->told.part_count = count;
    d->told.bytes = s->packed.bytes;
    d->told.sha256 = s->packed.sha256;
    for (size_t i = 0; i < count; i++)
        d->told.parts[i] =
            (struct agent_part){ "", is_there && before.part_count == count ? before.parts[i].etag
                                                                            : "" };
    return OU_OK;
}

static uint64_t bytes_of_part(const struct shipment *s, size_t i)
{
    const uint64_t from = (uint64_t)i * s->part_bytes;

    return s->packed.bytes - from < s->part_bytes ? s->packed.bytes - from : s->part_bytes;
}

static enum ou_status ship_part(struct job_doing *d, const struct shipment *s, size_t i,
                                struct ou_error *err)
{
    char etag[S3_ETAG_ROOM];
    enum ou_status status = transfer_put_part(
        d->carrier->client, &RETRY_PATIENT, d->order->urls[i], s->fd, (uint64_t)i * s->part_bytes,
        bytes_of_part(s, i), s->packed.parts[i].sha256, etag, err);

    if (status)
        return status;
    d->told.parts[i].etag = arena_copy(&d->memory, etag, strlen(etag));
    return d->told.parts[i].etag ? save(d, err) : ou_fail(err, OU_NO_MEMORY, "no memory");
}

static enum ou_status ship_parts(struct job_doing *d, const struct shipment *s,
                                 struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < s->packed.part_count; i++) {
        if (!*d->told.parts[i].etag)
            status = ship_part(d, s, i, err);
        d->told.bytes_done += bytes_of_part(s, i);
        agent_board_job_progress(d->carrier->with.board, d->i, d->told.bytes_done);
    }
    return status;
}

static enum ou_status ship(struct job_doing *d, struct ou_error *err)
{
    struct shipment s = { .fd = -1 };
    char path[PATH_MAX];
    enum ou_status status = find_packed(d, &s, err);

    if (!status)
        status = begin_parts(d, &s, err);
    if (!status)
        status = agent_job_path(d, "pack-", d->order->packed, ".tar.zst", path, err);
    if (status)
        return status;
    s.fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s.fd < 0)
        return ou_fail(err, OU_IO, "open %s: %s", path, strerror(errno));
    status = ship_parts(d, &s, err);
    close(s.fd);
    return status;
}

/* ---- a job of any kind ---- */

static enum ou_status forget(struct job_doing *d, struct ou_error *err)
{
    char name[AGENT_JOB_NAME_ROOM];

    (void)err;
    agent_job_name(name, "pack-", d->order->packed, ".tar.zst");
    agent_folder_remove(d->carrier->with.folder, name);
    return OU_OK;
}

static enum ou_status do_it(struct job_doing *d, struct ou_error *err)
{
    switch (d->order->kind) {
    case JOB_PACK: return agent_job_pack(d, err);
    case JOB_SHIP: return ship(d, err);
    case JOB_EXTRACT: return agent_job_extract(d, err);
    case JOB_FORGET: break;
    }
    return forget(d, err);
}

static const char *word_of(enum order_job_kind kind)
{
    static const char *const words[] = { [JOB_PACK] = "packing",
                                         [JOB_SHIP] = "shipping",
                                         [JOB_EXTRACT] = "extracting",
                                         [JOB_FORGET] = "forgetting" };

    return words[kind];
}

/* A job that was broken off because the agent ends is begun again by the next one. */
static void begin(struct job_doing *d)
{
    const struct agent_voice *voice = d->carrier->with.voice;
    struct ou_error err = { "" };
    enum ou_status status;

    d->told = (struct agent_job){ .id = d->order->id, .state = JOB_BEGUN };
    tell(d);
    status = do_it(d, &err);
    if (status == OU_INTERRUPTED)
        return;
    d->told.state = status ? JOB_FAILED : JOB_DONE;
    d->told.problem = arena_copy(&d->memory, err.text, strlen(err.text));
    if (status)
        agent_say(voice, "job %u, %s, has failed: %s", (unsigned)d->order->id,
                  word_of(d->order->kind), err.text);
    else
        agent_say(voice, "job %u, %s, is done: %.1f MB", (unsigned)d->order->id,
                  word_of(d->order->kind), (double)d->told.bytes / 1e6);
    if (save(d, &err))
        agent_say(voice, "%s", err.text);
    tell(d);
}

void agent_job_do(const struct agent_carrier *c, size_t i, const struct order_job *order)
{
    struct job_doing d = { .carrier = c, .order = order, .i = i };
    struct ou_error err;
    bool is_there = false;

    arena_init(&d.memory, allocator_libc(), MEMORY_MAX);
    if (!load(&d, order->id, &d.told, &d.part_bytes, &is_there, &err) && is_there &&
        d.told.state != JOB_BEGUN)
        tell(&d);
    else
        begin(&d);
    arena_release(&d.memory);
}
