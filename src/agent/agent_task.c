#include "agent/agent_task.h"

#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/members.h"
#include "base/buffer.h"
#include "base/file.h"
#include "json/tree.h"

#define TASK_BYTES_MAX ((size_t)64 << 10)
#define TEXT_MAX 255
#define PATH_BYTES_MAX 4095
#define PROBE_BYTES_MAX ((uint64_t)256 << 20)

static void read_key(const struct members *m, const char *name, unsigned char *ret, size_t bytes)
{
    const json_t *member = json_object_get(m->object, name);
    const char *hex = json_string_value(member);
    size_t len = 0;

    if (!hex || sodium_hex2bin(ret, bytes, hex, strlen(hex), NULL, &len, NULL) != 0 || len != bytes)
        members_fault(m, name, "is no key of 64 hex digits");
}

/* The seed itself is not kept. */
static void read_state_key(const struct members *m, struct agent_task *ret)
{
    unsigned char seed[ENVELOPE_SEED_BYTES] = { 0 }, public[ENVELOPE_PUBLIC_BYTES];

    read_key(m, "state_seed", seed, sizeof seed);
    envelope_keys(seed, public, ret->state_secret);
    sodium_memzero(seed, sizeof seed);
}

static const char *read_url(const struct members *m, const char *name)
{
    const char *url = members_url_or(m, name, NULL);

    if (!url)
        members_fault(m, name, "is missing");
    return url;
}

static void read_all(const struct members *m, struct agent_task *ret)
{
    static const char *const known[] = { "schema",     "run",         "host",       "node",
                                         "orders_key", "state_seed",  "orders_url", "state_url",
                                         "probe_url",  "probe_bytes", "poll_s",     "ca_file" };

    if (members_count(m, "schema", INT64_MAX) != 1)
        members_fault(m, "schema", "is of another version of ouroscope");
    members_only(m, known, sizeof known / sizeof *known);
    ret->run = members_text(m, "run", TEXT_MAX);
    ret->host = members_name(m, "host");
    ret->node = members_clean_text_or(m, "node", TEXT_MAX, "");
    read_key(m, "orders_key", ret->orders_key, sizeof ret->orders_key);
    read_state_key(m, ret);
    ret->orders_url = read_url(m, "orders_url");
    ret->state_url = read_url(m, "state_url");
    ret->probe_url = read_url(m, "probe_url");
    ret->probe_bytes = members_count(m, "probe_bytes", PROBE_BYTES_MAX);
    ret->poll_s = members_real_or(m, "poll_s", 0.01, 3600, 1);
    ret->ca_file = members_text_or(m, "ca_file", PATH_BYTES_MAX, NULL);
}

/* jansson's copy of the seed is overwritten before its memory goes back. */
static void forget(json_t *document)
{
    json_t *seed = json_object_get(document, "state_seed");

    if (json_is_string(seed))
        sodium_memzero((void *)json_string_value(seed), json_string_length(seed));
    json_decref(document);
}

enum ou_status agent_task_parse(struct span text, const char *name, struct agent_task *ret,
                                struct ou_error *err)
{
    struct reading reading = { &ret->memory, name, err, OU_OK };
    json_t *document = NULL;
    struct members m;

    memset(ret, 0, sizeof *ret);
    /* What jansson says of a fault quotes the text. */
    if (json_tree_parse(text, name, &document, NULL))
        return ou_fail(err, OU_INVALID, "%s: is no JSON", name);
    arena_init(&ret->memory, allocator_libc(), 4 * TASK_BYTES_MAX);
    m = members_of(&reading, document);
    if (!reading.status)
        read_all(&m, ret);
    forget(document);
    if (reading.status)
        agent_task_release(ret);
    return reading.status;
}

enum ou_status agent_task_load(const char *path, struct agent_task *ret, bool *ret_open,
                               struct ou_error *err)
{
    struct buffer text;
    struct stat st;
    enum ou_status status;

    memset(ret, 0, sizeof *ret);
    buffer_init(&text, allocator_libc(), TASK_BYTES_MAX);
    status = file_read(path, &text, err);
    if (!status)
        status = agent_task_parse((struct span){ text.at, text.len }, path, ret, err);
    if (text.at)
        sodium_memzero(text.at, text.len);
    buffer_release(&text);
    *ret_open = stat(path, &st) == 0 && (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
    return status;
}

void agent_task_release(struct agent_task *task)
{
    sodium_memzero(task->state_secret, sizeof task->state_secret);
    arena_release(&task->memory);
    memset(task, 0, sizeof *task);
}
