/* Orders out of a document. Its writer is orders_write.c; docs/formats/agent.md has the members. */
#include <signal.h>
#include <string.h>

#include "agent/members.h"
#include "agent/orders.h"
#include "agent/orders_words.h"

#define MEMORY_MAX ((size_t)32 << 20)
#define ARGUMENTS_MAX 4096
#define PATHS_MAX 256
#define TEXT_MAX ((size_t)64 << 10) /* of an argument, or a variable */
#define RUN_MAX 255
#define ALLOCATION_MAX 255
#define GRACE_MS_MAX 3600000

const char *const ORDERS_READY_WORDS[ORDERS_READY_KINDS] = {
    [READY_LOG] = "log",   [READY_AT_ONCE] = "at-once", [READY_PORT] = "port",
    [READY_FILE] = "file", [READY_LINE] = "line",
};
const char *const ORDERS_JOB_WORDS[ORDERS_JOB_KINDS] = {
    [JOB_PACK] = "pack",
    [JOB_SHIP] = "ship",
    [JOB_EXTRACT] = "extract",
    [JOB_FORGET] = "forget",
};

static void read_bundle(const struct members *m, struct order_bundle *ret)
{
    ret->name = members_name(m, "name");
    ret->url = members_url_or(m, "url", NULL);
    if (!ret->url)
        members_fault(m, "url", "is missing");
    ret->bytes = members_count(m, "bytes", INT64_MAX);
    ret->content_bytes = members_count(m, "content_bytes", INT64_MAX);
    ret->sha256 = members_sha256_or(m, "sha256", NULL);
    if (!ret->sha256)
        members_fault(m, "sha256", "is missing");
}

/* "NAME=VALUE" */
static bool is_variable(const char *text)
{
    return *text != '=' && strchr(text, '=');
}

static void read_ready(const struct members *m, struct readiness *ret)
{
    ret->kind = (enum ready_kind)members_word(m, "kind", ORDERS_READY_WORDS, ORDERS_READY_KINDS);
    ret->port = (uint16_t)members_count_or(m, "port", UINT16_MAX, 0);
    ret->text = members_text_or(m, "text", TEXT_MAX, NULL);
    if ((ret->kind == READY_FILE || ret->kind == READY_LINE) && !ret->text)
        members_fault(m, "text", "is missing");
}

static void read_command(const struct members *m, struct start_command *ret)
{
    struct members ready = members_object(m, "ready");
    size_t arguments, variables;

    ret->argv = members_texts(m, "argv", ARGUMENTS_MAX, TEXT_MAX, NULL, &arguments);
    if (arguments == 0 || ret->argv[0][0] == '\0')
        members_fault(m, "argv", "names no program");
    ret->environment =
        members_texts(m, "environment", ARGUMENTS_MAX, TEXT_MAX, is_variable, &variables);
    ret->directory = members_below_or(m, "directory", NULL);
    if (!ret->directory)
        members_fault(m, "directory", "is missing");
    ret->cores = members_text_or(m, "cores", TEXT_MAX, "");
    ret->stop_signal = (int)members_count_or(m, "stop_signal", (uint64_t)SIGRTMAX, 0);
    ret->sampled = members_flag_or(m, "sampled", false);
    ret->ends_by_itself = members_flag_or(m, "ends_by_itself", false);
    read_ready(&ready, &ret->ready);
}

static void read_service(const struct members *m, struct order_service *ret)
{
    struct members command = members_object(m, "command");

    ret->name = members_name(m, "name");
    read_command(&command, &ret->command);
    ret->log = members_below_or(m, "log", NULL);
    ret->starts = (uint32_t)members_count(m, "starts", UINT32_MAX);
    ret->stopped = members_flag_or(m, "stopped", false);
    ret->grace_ms = members_count_or(m, "grace_ms", GRACE_MS_MAX, 0);
    ret->not_before_ns = members_integer_or(m, "not_before_ns", 0, INT64_MAX, 0);
}

static bool is_shipping_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static void read_job(const struct members *m, struct order_job *ret)
{
    ret->id = (uint32_t)members_count(m, "id", UINT32_MAX);
    ret->kind = (enum order_job_kind)members_word(m, "kind", ORDERS_JOB_WORDS, ORDERS_JOB_KINDS);
    ret->paths = members_texts(m, "paths", PATHS_MAX, TEXT_MAX, members_is_below, &ret->path_count);
    ret->part_bytes = members_count_or(m, "part_bytes", INT64_MAX, 0);
    ret->packed = (uint32_t)members_count_or(m, "packed", UINT32_MAX, 0);
    ret->urls =
        members_texts(m, "urls", ORDERS_PARTS_MAX, TEXT_MAX, is_shipping_url, &ret->url_count);
    ret->arguments =
        members_texts(m, "arguments", ARGUMENTS_MAX, TEXT_MAX, NULL, &ret->argument_count);
    if ((ret->kind == JOB_PACK || ret->kind == JOB_EXTRACT) && ret->part_bytes == 0)
        members_fault(m, "part_bytes", "is missing");
}

static void read_bundles(const struct members *m, struct orders *ret)
{
    size_t count = members_items(m, "bundles", ORDERS_BUNDLES_MAX);

    ret->bundles = members_room(m, count, sizeof *ret->bundles);
    for (size_t i = 0; ret->bundles && i < count; i++) {
        struct members item = members_item(m, "bundles", i);

        read_bundle(&item, &ret->bundles[i]);
    }
    ret->bundle_count = count;
}

/* Services are told apart by their names: no two have the same. */
static bool is_taken(const struct orders *orders, size_t before, const char *name)
{
    for (size_t i = 0; name && i < before; i++)
        if (orders->services[i].name && strcmp(orders->services[i].name, name) == 0)
            return true;
    return false;
}

static void read_services(const struct members *m, struct orders *ret)
{
    size_t count = members_items(m, "services", ORDERS_SERVICES_MAX);

    ret->services = members_room(m, count, sizeof *ret->services);
    for (size_t i = 0; ret->services && i < count; i++) {
        struct members item = members_item(m, "services", i);

        read_service(&item, &ret->services[i]);
        if (is_taken(ret, i, ret->services[i].name))
            members_fault(&item, "name", "is that of another service, too");
    }
    ret->service_count = count;
}

static bool is_known_job(const struct orders *orders, size_t before, uint32_t id)
{
    for (size_t i = 0; i < before; i++)
        if (orders->jobs[i].id == id)
            return true;
    return false;
}

static void read_jobs(const struct members *m, struct orders *ret)
{
    size_t count = members_items(m, "jobs", ORDERS_JOBS_MAX);

    ret->jobs = members_room(m, count, sizeof *ret->jobs);
    for (size_t i = 0; ret->jobs && i < count; i++) {
        struct members item = members_item(m, "jobs", i);

        read_job(&item, &ret->jobs[i]);
        if (is_known_job(ret, i, ret->jobs[i].id))
            members_fault(&item, "id", "is that of another job, too");
    }
    ret->job_count = count;
}

static void read_all(const struct members *m, struct orders *ret)
{
    if (members_count(m, "schema", INT64_MAX) != ORDERS_SCHEMA)
        members_fault(m, "schema", "is of another version of ouroscope");
    ret->run = members_text(m, "run", RUN_MAX);
    ret->host = members_name(m, "host");
    ret->allocation = members_text_or(m, "allocation", ALLOCATION_MAX, "");
    ret->number = members_count(m, "number", INT64_MAX);
    ret->start_ns = members_integer_or(m, "start_ns", 0, INT64_MAX, 0);
    ret->end_ns = members_integer_or(m, "end_ns", 0, INT64_MAX, 0);
    read_bundles(m, ret);
    read_services(m, ret);
    read_jobs(m, ret);
    ret->orders_url = members_url_or(m, "orders_url", NULL);
    ret->state_url = members_url_or(m, "state_url", NULL);
    ret->poll_s = members_real_or(m, "poll_s", 0, 3600, 0);
    ret->leave = members_flag_or(m, "leave", false);
}

enum ou_status orders_read(const json_t *document, struct orders *ret, struct ou_error *err)
{
    struct reading reading = { &ret->memory, "orders", err, OU_OK };
    struct members m;

    memset(ret, 0, sizeof *ret);
    arena_init(&ret->memory, allocator_libc(), MEMORY_MAX);
    m = members_of(&reading, document);
    if (!reading.status)
        read_all(&m, ret);
    if (reading.status)
        orders_release(ret);
    return reading.status;
}

void orders_release(struct orders *orders)
{
    arena_release(&orders->memory);
    memset(orders, 0, sizeof *orders);
}
