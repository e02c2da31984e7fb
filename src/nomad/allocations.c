/* Allocations: what they are, what they print, their files, and what can be done to them. */
#include <inttypes.h>
#include <string.h>

#include "nomad/call.h"
#include "nomad/facts.h"

#define QUERY_MAX 4096

enum ou_status nomad_allocation(struct nomad *nomad, const char *id, json_t **ret,
                                struct ou_error *err)
{
    char path[NOMAD_PATH_ROOM];
    const struct nomad_call call = { .what = "show the allocation", .path = path };
    enum ou_status status = nomad_path("/v1/allocation/", id, "", path, err);

    return status ? status : nomad_call_document(nomad, &call, ret, NULL, err);
}

/* Has something done to an allocation; takes the body over. */
static enum ou_status have_done(struct nomad *nomad, const char *before, const char *id,
                                const char *after, const char *what, json_t *body,
                                struct ou_error *err)
{
    char path[NOMAD_PATH_ROOM];
    const struct nomad_call call = { .what = what, .method = "PUT", .path = path, .body = body };
    enum ou_status status = nomad_path(before, id, after, path, err);

    if (!status && !body)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for a request");
    if (!status)
        status = nomad_call_done(nomad, &call, err);
    json_decref(body);
    return status;
}

enum ou_status nomad_allocation_signal(struct nomad *nomad, const char *id, const char *task,
                                       const char *signal, struct ou_error *err)
{
    return have_done(nomad, "/v1/client/allocation/", id, "/signal", "signal the task",
                     json_pack("{s:s, s:s}", "Signal", signal, "Task", task), err);
}

enum ou_status nomad_allocation_restart(struct nomad *nomad, const char *id, const char *task,
                                        struct ou_error *err)
{
    return have_done(nomad, "/v1/client/allocation/", id, "/restart", "restart the task",
                     json_pack("{s:s}", "TaskName", task), err);
}

enum ou_status nomad_allocation_stop(struct nomad *nomad, const char *id, struct ou_error *err)
{
    return have_done(nomad, "/v1/allocation/", id, "/stop", "stop the allocation", json_object(),
                     err);
}

/* ---- what is no document ---- */

/* Appends the body of an answer; takes the query over. A failed try leaves nothing behind. */
static enum ou_status fetch_text(struct nomad *nomad, const char *before, const char *id,
                                 struct buffer *query, const char *what, struct buffer *ret,
                                 struct ou_error *err)
{
    char path[NOMAD_PATH_ROOM];
    const struct nomad_call call = { .what = what, .path = path, .query = buffer_string(query) };
    struct http_reply reply = { 0 };
    enum ou_status status = nomad_path(before, id, "", path, err);

    if (!status && buffer_status(query))
        status = ou_fail(err, OU_INVALID, "a path or name that is too long for Nomad");
    if (!status)
        status = nomad_call(nomad, &call, &reply, err);
    if (!status) {
        buffer_append(ret, reply.body.at, reply.body.len);
        status = buffer_status(ret);
        if (status)
            ou_fail(err, status, "what Nomad sent (%zu bytes): %s", reply.body.len,
                    ou_status_name(status));
    }
    http_reply_release(&reply);
    buffer_release(query);
    return status;
}

enum ou_status nomad_allocation_log(struct nomad *nomad, const char *id, const char *task,
                                    const char *stream, size_t bytes, struct buffer *ret,
                                    struct ou_error *err)
{
    struct buffer query;

    buffer_init(&query, allocator_libc(), QUERY_MAX);
    nomad_query_add(&query, "task", task);
    nomad_query_add(&query, "type", stream);
    buffer_printf(&query, "&offset=%zu&origin=end&plain=true", bytes);
    return fetch_text(nomad, "/v1/client/fs/logs/", id, &query, "read the log", ret, err);
}

static void path_query(struct buffer *query, const char *file)
{
    buffer_init(query, allocator_libc(), QUERY_MAX);
    nomad_query_add(query, "path", file);
}

/* One document of an allocation's files. fs answers 500 for what is not there. */
static enum ou_status ask_files(struct nomad *nomad, const char *before, const char *id,
                                const char *file, const char *what, json_t **ret,
                                struct ou_error *err)
{
    char path[NOMAD_PATH_ROOM];
    struct buffer query;
    struct http_reply reply = { 0 };
    struct nomad_call call = { .what = what, .path = path };
    enum ou_status status = nomad_path(before, id, "", path, err);

    path_query(&query, file);
    call.query = buffer_string(&query);
    if (!status)
        status = nomad_call(nomad, &call, &reply, err);
    if (!status)
        status = nomad_call_read(&call, &reply, ret, err);
    else if (status == OU_IO && strstr(buffer_string(&reply.body), "no such file or directory"))
        status = OU_NOT_FOUND;
    http_reply_release(&reply);
    buffer_release(&query);
    return status;
}

enum ou_status nomad_allocation_file(struct nomad *nomad, const char *id, const char *path,
                                     struct buffer *ret, struct ou_error *err)
{
    json_t *stat = NULL;
    struct buffer query;
    enum ou_status status =
        ask_files(nomad, "/v1/client/fs/stat/", id, path, "look at the file", &stat, err);
    int64_t bytes = facts_integer(stat, "Size", -1);
    bool is_folder = facts_is_true(stat, "IsDir");

    json_decref(stat);
    if (status)
        return status;
    if (is_folder || bytes < 0)
        return ou_fail(err, OU_INVALID, "%s is no file of the allocation", path);
    if ((uint64_t)bytes > ret->max - ret->len || (uint64_t)bytes > NOMAD_ANSWER_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%s has %" PRId64 " bytes: too many to be read", path,
                       bytes);
    path_query(&query, path);
    return fetch_text(nomad, "/v1/client/fs/cat/", id, &query, "read the file", ret, err);
}

enum ou_status nomad_allocation_list(struct nomad *nomad, const char *id, const char *path,
                                     json_t **ret, struct ou_error *err)
{
    return ask_files(nomad, "/v1/client/fs/ls/", id, path, "list the folder", ret, err);
}
