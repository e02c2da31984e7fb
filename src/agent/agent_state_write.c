/* The state of an agent as a document. Its reader is agent_state_read.c; docs/formats/agent.md has the members. */
#include "agent/agent_state.h"
#include "agent/agent_state_words.h"
#include "agent/members.h"

static const char *text(const char *value)
{
    return value ? value : "";
}

static json_t *bundle_document(const struct agent_bundle *b)
{
    return json_pack("{s:s, s:s, s:I, s:o, s:o, s:I, s:o}", "sha256", b->sha256, "state",
                     AGENT_BUNDLE_WORDS[b->state], "bytes_done", (json_int_t)b->bytes_done,
                     "fetch_s", members_number(b->fetch_s), "unpack_s", members_number(b->unpack_s),
                     "resumed", (json_int_t)b->resumed, "problem",
                     members_clean_string(b->problem));
}

static json_t *facts_document(const struct service_facts *f)
{
    return json_pack(
        "{s:b, s:b, s:b, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "running",
        (int)f->running, "ended", (int)f->ended, "is_ready", (int)f->is_ready, "status", f->status,
        "starts", (json_int_t)f->starts, "log_starts", (json_int_t)f->log_starts, "height",
        (json_int_t)f->height, "tip_slot", (json_int_t)f->tip_slot, "blocks_forged",
        (json_int_t)f->blocks_forged, "txs_acked", (json_int_t)f->txs_acked, "setup_taken",
        (json_int_t)f->setup_taken, "setup_txs", (json_int_t)f->setup_txs, "cpu_ns",
        (json_int_t)f->cpu_ns, "rss_bytes", (json_int_t)f->rss_bytes);
}

static json_t *service_document(const struct agent_service *s)
{
    return json_pack("{s:s, s:o, s:o, s:o}", "name", s->name, "facts", facts_document(&s->facts),
                     "last_lines", members_clean_string(s->last_lines), "problem",
                     members_clean_string(s->problem));
}

static json_t *parts_document(const struct agent_job *j)
{
    json_t *array = json_array();

    for (size_t i = 0; i < j->part_count; i++)
        array = members_with(array, json_pack("{s:s, s:s}", "sha256", text(j->parts[i].sha256),
                                              "etag", text(j->parts[i].etag)));
    return array;
}

json_t *agent_job_document(const struct agent_job *j)
{
    return json_pack("{s:I, s:s, s:o, s:I, s:s, s:o, s:I}", "id", (json_int_t)j->id, "state",
                     AGENT_JOB_WORDS[j->state], "problem", members_clean_string(j->problem),
                     "bytes", (json_int_t)j->bytes, "sha256", text(j->sha256), "parts",
                     parts_document(j), "bytes_done", (json_int_t)j->bytes_done);
}

static json_t *bundles_document(const struct agent_state *s)
{
    json_t *array = json_array();

    for (size_t i = 0; i < s->bundle_count; i++)
        array = members_with(array, bundle_document(&s->bundles[i]));
    return array;
}

static json_t *services_document(const struct agent_state *s)
{
    json_t *array = json_array();

    for (size_t i = 0; i < s->service_count; i++)
        array = members_with(array, service_document(&s->services[i]));
    return array;
}

static json_t *jobs_document(const struct agent_state *s)
{
    json_t *array = json_array();

    for (size_t i = 0; i < s->job_count; i++)
        array = members_with(array, agent_job_document(&s->jobs[i]));
    return array;
}

/* What is known of the machine. */
static json_t *host_document(const struct agent_state *s)
{
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "directory", text(s->directory),
        "program", text(s->program), "version", text(s->version), "free_bytes",
        (json_int_t)s->free_bytes, "processors", (json_int_t)s->processors, "memory_bytes",
        (json_int_t)s->memory_bytes, "clock_ahead_s", members_number(s->clock_ahead_s),
        "clock_doubt_s", members_number(s->clock_doubt_s), "round_trip_s",
        members_number(s->round_trip_s), "bytes_per_s", members_number(s->bytes_per_s));
}

json_t *agent_state_document(const struct agent_state *s)
{
    return json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:b}", "schema",
        AGENT_STATE_SCHEMA, "run", s->run, "host", s->host, "allocation", text(s->allocation),
        "node", text(s->node), "number", (json_int_t)s->number, "orders", (json_int_t)s->orders,
        "at_ns", (json_int_t)s->at_ns, "begun_ns", (json_int_t)s->begun_ns, "machine",
        host_document(s), "bundles", bundles_document(s), "services", services_document(s), "jobs",
        jobs_document(s), "problem", members_clean_string(s->problem), "leaving", (int)s->leaving);
}
