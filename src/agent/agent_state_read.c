/* The state of an agent out of a document, of which nothing is believed. Its writer is agent_state_write.c; docs/formats/agent.md
 * has the members. */
#include <math.h>
#include <string.h>

#include "agent/agent_state.h"
#include "agent/agent_state_words.h"
#include "agent/members.h"

#define MEMORY_MAX ((size_t)32 << 20)
#define PROBLEM_MAX ((size_t)4 << 10)
#define LAST_LINES_MAX ((size_t)16 << 10)
#define NAME_MAX_BYTES 255 /* of Nomad's names and ids, of versions */
#define ETAG_MAX 127
#define SECONDS_MAX 1e9

const char *const AGENT_BUNDLE_WORDS[AGENT_STATE_BUNDLE_STATES] = {
    [BUNDLE_FETCHING] = "fetching",
    [BUNDLE_UNPACKED] = "unpacked",
    [BUNDLE_FAILED] = "failed",
};
const char *const AGENT_JOB_WORDS[AGENT_STATE_JOB_STATES] = {
    [JOB_BEGUN] = "begun",
    [JOB_DONE] = "done",
    [JOB_FAILED] = "failed",
};

static void read_bundle(const struct members *m, struct agent_bundle *ret)
{
    ret->sha256 = members_sha256_or(m, "sha256", NULL);
    if (!ret->sha256)
        members_fault(m, "sha256", "is missing");
    ret->state = (enum agent_bundle_state)members_word(m, "state", AGENT_BUNDLE_WORDS,
                                                       AGENT_STATE_BUNDLE_STATES);
    ret->bytes_done = members_count_or(m, "bytes_done", INT64_MAX, 0);
    ret->fetch_s = members_real_or(m, "fetch_s", 0, SECONDS_MAX, NAN);
    ret->unpack_s = members_real_or(m, "unpack_s", 0, SECONDS_MAX, NAN);
    ret->resumed = (unsigned)members_count_or(m, "resumed", UINT32_MAX, 0);
    ret->problem = members_clean_text_or(m, "problem", PROBLEM_MAX, "");
}

static void read_facts(const struct members *m, struct service_facts *ret)
{
    ret->running = members_flag_or(m, "running", false);
    ret->ended = members_flag_or(m, "ended", false);
    ret->is_ready = members_flag_or(m, "is_ready", false);
    ret->status = (int)members_integer_or(m, "status", 0, 255, 0);
    ret->starts = (uint32_t)members_count_or(m, "starts", UINT32_MAX, 0);
    ret->log_starts = (uint32_t)members_count_or(m, "log_starts", UINT32_MAX, 0);
    ret->height = members_integer_or(m, "height", -1, INT64_MAX, -1);
    ret->tip_slot = members_integer_or(m, "tip_slot", -1, INT64_MAX, -1);
    ret->blocks_forged = members_count_or(m, "blocks_forged", INT64_MAX, 0);
    ret->txs_acked = members_count_or(m, "txs_acked", INT64_MAX, 0);
    ret->setup_taken = members_count_or(m, "setup_taken", INT64_MAX, 0);
    ret->setup_txs = members_count_or(m, "setup_txs", INT64_MAX, 0);
    ret->cpu_ns = members_integer_or(m, "cpu_ns", 0, INT64_MAX, 0);
    ret->rss_bytes = members_count_or(m, "rss_bytes", INT64_MAX, 0);
}

static void read_service(const struct members *m, struct agent_service *ret)
{
    struct members facts = members_object(m, "facts");

    ret->name = members_name(m, "name");
    read_facts(&facts, &ret->facts);
    ret->last_lines = members_clean_text_or(m, "last_lines", LAST_LINES_MAX, "");
    ret->problem = members_clean_text_or(m, "problem", PROBLEM_MAX, "");
}

/* "" stands for none, as the writer has it. */
static const char *sha256_or_none(const struct members *m, const char *name)
{
    const char *text = members_text_or(m, name, SHA256_HEX - 1, "");

    return text && *text == '\0' ? text : members_sha256_or(m, name, "");
}

static void read_part(const struct members *m, struct agent_part *ret)
{
    ret->sha256 = sha256_or_none(m, "sha256");
    ret->etag = members_clean_text_or(m, "etag", ETAG_MAX, "");
}

static void read_job(const struct members *m, struct agent_job *ret)
{
    size_t parts = members_items(m, "parts", ORDERS_PARTS_MAX);

    ret->id = (uint32_t)members_count(m, "id", UINT32_MAX);
    ret->state =
        (enum agent_job_state)members_word(m, "state", AGENT_JOB_WORDS, AGENT_STATE_JOB_STATES);
    ret->problem = members_clean_text_or(m, "problem", PROBLEM_MAX, "");
    ret->bytes = members_count_or(m, "bytes", INT64_MAX, 0);
    ret->sha256 = sha256_or_none(m, "sha256");
    ret->bytes_done = members_count_or(m, "bytes_done", INT64_MAX, 0);
    ret->parts = members_room(m, parts, sizeof *ret->parts);
    for (size_t i = 0; ret->parts && i < parts; i++) {
        struct members item = members_item(m, "parts", i);

        read_part(&item, &ret->parts[i]);
    }
    ret->part_count = parts;
}

static void read_bundles(const struct members *m, struct agent_state *ret)
{
    size_t count = members_items(m, "bundles", ORDERS_BUNDLES_MAX);

    ret->bundles = members_room(m, count, sizeof *ret->bundles);
    for (size_t i = 0; ret->bundles && i < count; i++) {
        struct members item = members_item(m, "bundles", i);

        read_bundle(&item, &ret->bundles[i]);
    }
    ret->bundle_count = count;
}

static void read_services(const struct members *m, struct agent_state *ret)
{
    size_t count = members_items(m, "services", ORDERS_SERVICES_MAX);

    ret->services = members_room(m, count, sizeof *ret->services);
    for (size_t i = 0; ret->services && i < count; i++) {
        struct members item = members_item(m, "services", i);

        read_service(&item, &ret->services[i]);
    }
    ret->service_count = count;
}

static void read_jobs(const struct members *m, struct agent_state *ret)
{
    size_t count = members_items(m, "jobs", ORDERS_JOBS_MAX);

    ret->jobs = members_room(m, count, sizeof *ret->jobs);
    for (size_t i = 0; ret->jobs && i < count; i++) {
        struct members item = members_item(m, "jobs", i);

        read_job(&item, &ret->jobs[i]);
    }
    ret->job_count = count;
}

enum ou_status agent_job_read(const json_t *document, struct arena *memory, struct agent_job *ret,
                              struct ou_error *err)
{
    struct reading reading = { memory, "job of an agent", err, OU_OK };
    struct members m = members_of(&reading, document);

    memset(ret, 0, sizeof *ret);
    if (!reading.status)
        read_job(&m, ret);
    return reading.status;
}

static void read_machine(const struct members *m, struct agent_state *ret)
{
    ret->directory = members_absolute_or(m, "directory", NULL);
    ret->program = members_absolute_or(m, "program", NULL);
    if (!ret->directory || !ret->program)
        members_fault(m, ret->directory ? "program" : "directory", "is missing");
    ret->version = members_clean_text_or(m, "version", NAME_MAX_BYTES, "");
    ret->free_bytes = members_count_or(m, "free_bytes", INT64_MAX, 0);
    ret->processors = (uint32_t)members_count_or(m, "processors", UINT32_MAX, 0);
    ret->memory_bytes = members_count_or(m, "memory_bytes", INT64_MAX, 0);
    ret->clock_ahead_s = members_real_or(m, "clock_ahead_s", -SECONDS_MAX, SECONDS_MAX, NAN);
    ret->clock_doubt_s = members_real_or(m, "clock_doubt_s", 0, SECONDS_MAX, NAN);
    ret->round_trip_s = members_real_or(m, "round_trip_s", 0, SECONDS_MAX, NAN);
    ret->bytes_per_s = members_real_or(m, "bytes_per_s", 0, 1e15, NAN);
}

static void read_all(const struct members *m, struct agent_state *ret)
{
    struct members machine;

    if (members_count(m, "schema", INT64_MAX) != AGENT_STATE_SCHEMA)
        members_fault(m, "schema", "is of another version of ouroscope");
    ret->run = members_clean_text_or(m, "run", NAME_MAX_BYTES, "");
    ret->host = members_name(m, "host");
    ret->allocation = members_clean_text_or(m, "allocation", NAME_MAX_BYTES, "");
    ret->node = members_clean_text_or(m, "node", NAME_MAX_BYTES, "");
    ret->number = members_count(m, "number", INT64_MAX);
    ret->orders = members_count(m, "orders", INT64_MAX);
    ret->at_ns = members_integer_or(m, "at_ns", 0, INT64_MAX, 0);
    ret->begun_ns = members_integer_or(m, "begun_ns", 0, INT64_MAX, 0);
    machine = members_object(m, "machine");
    read_machine(&machine, ret);
    read_bundles(m, ret);
    read_services(m, ret);
    read_jobs(m, ret);
    ret->problem = members_clean_text_or(m, "problem", PROBLEM_MAX, "");
    ret->leaving = members_flag_or(m, "leaving", false);
}

enum ou_status agent_state_read(const json_t *document, struct agent_state *ret,
                                struct ou_error *err)
{
    struct reading reading = { &ret->memory, "state of an agent", err, OU_OK };
    struct members m;

    memset(ret, 0, sizeof *ret);
    arena_init(&ret->memory, allocator_libc(), MEMORY_MAX);
    m = members_of(&reading, document);
    if (!reading.status)
        read_all(&m, ret);
    if (reading.status)
        agent_state_release(ret);
    return reading.status;
}

void agent_state_release(struct agent_state *state)
{
    arena_release(&state->memory);
    memset(state, 0, sizeof *state);
}
