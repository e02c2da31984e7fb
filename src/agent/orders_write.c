/* Orders as a document. Its reader is orders_read.c; docs/formats/agent.md has the members. */
#include <string.h>

#include "agent/members.h"
#include "agent/orders.h"
#include "agent/orders_words.h"

static size_t count_of(const char *const *texts)
{
    size_t count = 0;

    while (texts && texts[count])
        count++;
    return count;
}

static json_t *bundle_document(const struct order_bundle *b)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:s}", "name", b->name, "url", b->url, "bytes",
                     (json_int_t)b->bytes, "content_bytes", (json_int_t)b->content_bytes, "sha256",
                     b->sha256);
}

static json_t *command_document(const struct start_command *c)
{
    const char *const *argv = (const char *const *)c->argv;
    const char *const *environment = (const char *const *)c->environment;

    return json_pack("{s:o, s:s, s:o, s:s, s:i, s:{s:s, s:i, s:s?}, s:b, s:b}", "argv",
                     members_array_of(argv, count_of(argv)), "directory", c->directory,
                     "environment", members_array_of(environment, count_of(environment)), "cores",
                     c->cores ? c->cores : "", "stop_signal", c->stop_signal, "ready", "kind",
                     ORDERS_READY_WORDS[c->ready.kind], "port", (int)c->ready.port, "text",
                     c->ready.text, "sampled", (int)c->sampled, "ends_by_itself",
                     (int)c->ends_by_itself);
}

static json_t *service_document(const struct order_service *s)
{
    return json_pack("{s:s, s:o, s:s?, s:I, s:b, s:I, s:I}", "name", s->name, "command",
                     command_document(&s->command), "log", s->log, "starts", (json_int_t)s->starts,
                     "stopped", (int)s->stopped, "grace_ms", (json_int_t)s->grace_ms,
                     "not_before_ns", (json_int_t)s->not_before_ns);
}

/* Those members that its kind has. */
static json_t *job_document(const struct order_job *j)
{
    const char *kind = ORDERS_JOB_WORDS[j->kind];

    switch (j->kind) {
    case JOB_PACK:
        return json_pack("{s:I, s:s, s:o, s:I}", "id", (json_int_t)j->id, "kind", kind, "paths",
                         members_array_of(j->paths, j->path_count), "part_bytes",
                         (json_int_t)j->part_bytes);
    case JOB_SHIP:
        return json_pack("{s:I, s:s, s:I, s:o}", "id", (json_int_t)j->id, "kind", kind, "packed",
                         (json_int_t)j->packed, "urls", members_array_of(j->urls, j->url_count));
    case JOB_EXTRACT:
        return json_pack("{s:I, s:s, s:o, s:I}", "id", (json_int_t)j->id, "kind", kind, "arguments",
                         members_array_of(j->arguments, j->argument_count), "part_bytes",
                         (json_int_t)j->part_bytes);
    case JOB_FORGET: break;
    }
    return json_pack("{s:I, s:s, s:I}", "id", (json_int_t)j->id, "kind", kind, "packed",
                     (json_int_t)j->packed);
}

static json_t *bundles_document(const struct orders *o)
{
    json_t *array = json_array();

    for (size_t i = 0; i < o->bundle_count; i++)
        array = members_with(array, bundle_document(&o->bundles[i]));
    return array;
}

static json_t *services_document(const struct orders *o)
{
    json_t *array = json_array();

    for (size_t i = 0; i < o->service_count; i++)
        array = members_with(array, service_document(&o->services[i]));
    return array;
}

static json_t *jobs_document(const struct orders *o)
{
    json_t *array = json_array();

    for (size_t i = 0; i < o->job_count; i++)
        array = members_with(array, job_document(&o->jobs[i]));
    return array;
}

json_t *orders_document(const struct orders *o)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:s?, s:s?, s:o, s:b}",
                     "schema", ORDERS_SCHEMA, "run", o->run, "host", o->host, "allocation",
                     o->allocation ? o->allocation : "", "number", (json_int_t)o->number,
                     "start_ns", (json_int_t)o->start_ns, "end_ns", (json_int_t)o->end_ns,
                     "bundles", bundles_document(o), "services", services_document(o), "jobs",
                     jobs_document(o), "orders_url", o->orders_url, "state_url", o->state_url,
                     "poll_s", members_number(o->poll_s), "leave", (int)o->leave);
}
