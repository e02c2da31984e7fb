#include "store/judgements.h"

/* Makes room for `bytes`: what was used longest ago goes, until the rest has room. One statement, so that neither the
 * number of answers nor their size matters to memory. */
static enum ou_status make_room(struct sql *db, int64_t bytes, struct ou_error *err)
{
    return sql_run(db,
                   "DELETE FROM comparisons WHERE id IN ("
                   "SELECT id FROM (SELECT id, SUM(bytes) OVER (ORDER BY used_ns DESC, id) AS held "
                   "FROM comparisons) AS kept WHERE held > $1)",
                   SQL_ARGS(sql_int(CACHED_BYTES_MAX - bytes)), NULL, err);
}

enum ou_status cached_put(struct sql *db, const char *id, const char *kind, const char *request,
                          struct span answer, int64_t now_ns, struct ou_error *err)
{
    struct buffer packed;
    enum ou_status status;

    buffer_init(&packed, allocator_libc(), answer.len + (answer.len >> 4) + 4096);
    status = record_pack(answer, &packed, err);
    if (!status)
        status = make_room(db, (int64_t)packed.len, err);
    if (!status)
        status = sql_run(
            db,
            "INSERT INTO comparisons (id, kind, request, data, bytes, computed_ns, used_ns) "
            "VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (id) DO NOTHING",
            SQL_ARGS(sql_text(id), sql_text(kind), sql_text(request),
                     sql_blob((struct span){ packed.at, packed.len }), sql_int((int64_t)packed.len),
                     sql_int(now_ns)),
            NULL, err);
    buffer_release(&packed);
    return status;
}

enum ou_status cached_find(struct sql *db, const char *id, const char *kind, struct buffer *ret,
                           int64_t *ret_used_ns, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status unpacked = OU_NOT_FOUND, status;

    status = sql_query(db, "SELECT data, used_ns FROM comparisons WHERE id = $1 AND kind = $2",
                       SQL_ARGS(sql_text(id), sql_text(kind)), &rows, err);
    if (status)
        return status;
    if (sql_next(rows)) {
        *ret_used_ns = sql_get_time(rows, 1);
        unpacked = record_unpack(sql_get_blob(rows, 0), ret, err);
    }
    status = sql_rows_end(rows, err);
    if (!status && unpacked == OU_NOT_FOUND)
        ou_fail(err, OU_NOT_FOUND, "no answer of that id is kept");
    return status ? status : unpacked;
}

enum ou_status cached_request(struct sql *db, const char *id, struct buffer *ret,
                              struct ou_error *err)
{
    struct sql_rows *rows;
    bool found = false;
    enum ou_status status = sql_query(db, "SELECT request FROM comparisons WHERE id = $1",
                                      SQL_ARGS(sql_text(id)), &rows, err);

    if (status)
        return status;
    if (sql_next(rows)) {
        const struct span text = sql_get_text(rows, 0);

        found = true;
        buffer_append(ret, text.at, text.len);
    }
    status = sql_rows_end(rows, err);
    if (!status && buffer_status(ret))
        return ou_fail(err, buffer_status(ret), "a request that is kept is too long");
    return status || found ? status : ou_fail(err, OU_NOT_FOUND, "no answer of that id is kept");
}

enum ou_status cached_used(struct sql *db, const char *id, int64_t now_ns, struct ou_error *err)
{
    return sql_run(db, "UPDATE comparisons SET used_ns = $2 WHERE id = $1 AND used_ns < $2",
                   SQL_ARGS(sql_text(id), sql_int(now_ns)), NULL, err);
}
