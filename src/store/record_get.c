/* Parts of a run, taken out whole. */
#include <stdio.h>
#include <string.h>

#include "store/record_doubles.h"
#include "store/record_inside.h"

#define NUMBERS_MAX ((size_t)256 << 20) /* bytes of a metric's values */
enum { HOST_NUMBERS = 3 };

/* --- Files ------------------------------------------------------------------------------------ */

static void keep(char *room, size_t bytes, struct span text)
{
    snprintf(room, bytes, "%.*s", (int)text.len, text.at);
}

static enum ou_status take_artifact(const struct sql_rows *rows, struct artifact_info *info,
                                    struct buffer *ret, struct ou_error *err)
{
    const size_t before = ret->len;
    char sha256[RECORD_HASH_ROOM];
    enum ou_status status;

    keep(info->type, sizeof info->type, sql_get_text(rows, 0));
    keep(info->sha256, sizeof info->sha256, sql_get_text(rows, 1));
    info->bytes = sql_get_int(rows, 2);
    status = record_unpack(sql_get_blob(rows, 3), ret, err);
    if (status)
        return status;
    record_hash((struct span){ buffer_string(ret) + before, ret->len - before }, sha256);
    if (strcmp(sha256, info->sha256) == 0)
        return OU_OK;
    buffer_cut(ret, before);
    return ou_fail(err, OU_INVALID, "it is damaged: its bytes are not those that were published");
}

enum ou_status record_artifact(struct sql *db, const char *run_id, const char *name,
                               struct artifact_info *ret_info, struct buffer *ret,
                               struct ou_error *err)
{
    struct sql_rows *rows;
    struct ou_error why = { "" };
    enum ou_status ended,
        status = sql_query(db,
                           "SELECT a.type, a.sha256, a.bytes, a.data FROM artifacts a "
                           "JOIN runs r ON r.no = a.run_no WHERE r.id = $1 AND a.name = $2",
                           SQL_ARGS(sql_text(run_id), sql_text(name)), &rows, err);
    bool found;

    if (status)
        return status;
    found = sql_next(rows);
    if (found)
        status = take_artifact(rows, ret_info, ret, &why);
    ended = sql_rows_end(rows, err);
    if (ended)
        return ended;
    if (status)
        return ou_fail(err, status, "%s of run %s: %s", name, run_id, why.text);
    return found ? OU_OK : ou_fail(err, OU_NOT_FOUND, "run %s has no %s", run_id, name);
}

/* --- Numbers ---------------------------------------------------------------------------------- */

static enum ou_status unpack_rows(struct sql_rows *rows, struct buffer *plain, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    while (!status && sql_next(rows))
        status = record_unpack(sql_get_blob(rows, 0), plain, err);
    return status;
}

/* The doubles of all blobs that a statement gives, one behind the other. */
static enum ou_status get_numbers(struct sql *db, const char *statement,
                                  const struct sql_value args[3], struct arena *memory,
                                  double **ret, size_t *ret_count, struct ou_error *err)
{
    struct sql_rows *rows;
    struct buffer plain;
    struct ou_error why = { "" };
    enum ou_status ended, status = sql_query(db, statement, args, 3, &rows, err);

    if (status)
        return status;
    buffer_init(&plain, allocator_libc(), NUMBERS_MAX);
    status = unpack_rows(rows, &plain, &why);
    ended = sql_rows_end(rows, err);
    if (!ended && status)
        ou_fail(err, status, "%s", why.text);
    status = ended ? ended : status;
    *ret_count = plain.len / RECORD_DOUBLE_BYTES;
    if (!status && *ret_count == 0)
        status = ou_fail(err, OU_NOT_FOUND, "there are no such values");
    if (!status) {
        *ret = arena_take(memory, *ret_count * sizeof **ret, sizeof **ret);
        if (!*ret)
            status = ou_fail(err, OU_NO_MEMORY, "no memory for %zu values", *ret_count);
    }
    if (!status)
        record_doubles_get(plain.at, *ret_count, *ret);
    buffer_release(&plain);
    return status;
}

enum ou_status record_samples(struct sql *db, const char *run_id, const char *section,
                              const char *metric, struct arena *memory, double **ret,
                              size_t *ret_count, struct ou_error *err)
{
    const struct sql_value args[] = { sql_text(run_id), sql_text(section), sql_text(metric) };

    return get_numbers(db,
                       "SELECT s.data FROM samples s JOIN runs r ON r.no = s.run_no "
                       "JOIN metrics m ON m.no = s.metric_no "
                       "WHERE r.id = $1 AND m.section = $2 AND m.id = $3 ORDER BY s.chunk",
                       args, memory, ret, ret_count, err);
}

enum ou_status record_host_values(struct sql *db, const char *run_id, const char *section,
                                  const char *metric, struct arena *memory, double **ret,
                                  size_t *ret_hosts, struct ou_error *err)
{
    const struct sql_value args[] = { sql_text(run_id), sql_text(section), sql_text(metric) };
    size_t count;
    enum ou_status status =
        get_numbers(db,
                    "SELECT h.data FROM host_values h JOIN runs r ON r.no = h.run_no "
                    "JOIN metrics m ON m.no = h.metric_no "
                    "WHERE r.id = $1 AND m.section = $2 AND m.id = $3",
                    args, memory, ret, &count, err);

    *ret_hosts = status ? 0 : count / HOST_NUMBERS;
    return status;
}
