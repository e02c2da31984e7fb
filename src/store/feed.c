#include "store/feed.h"

#include <string.h>

#include "store/notify.h"

#define PRUNED_EVERY 64 /* news: what is too old need not go at once */

/* ---- numbers ---- */

static enum ou_status read_number(struct sql *db, const char *statement, int64_t *ret,
                                  struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status = sql_query(db, statement, SQL_NO_ARGS, &rows, err);

    if (status)
        return status;
    *ret = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    return sql_rows_end(rows, err);
}

enum ou_status news_last(struct sql *db, int64_t *ret_no, struct ou_error *err)
{
    return read_number(db, "SELECT last FROM news_state WHERE one = 1", ret_no, err);
}

/* The row stays ours until the transaction ends. */
static enum ou_status next_number(struct sql *db, int64_t *ret, struct ou_error *err)
{
    enum ou_status status =
        sql_run(db, "UPDATE news_state SET last = last + 1 WHERE one = 1", SQL_NO_ARGS, NULL, err);

    return status ? status : news_last(db, ret, err);
}

/* ---- what goes ---- */

static enum ou_status forget_up_to(struct sql *db, int64_t no, int64_t *ret_count,
                                   struct ou_error *err)
{
    enum ou_status status =
        sql_run(db, "DELETE FROM news WHERE no <= $1", SQL_ARGS(sql_int(no)), ret_count, err);

    return status ? status
                  : sql_run(db, "UPDATE news_state SET gone = $1 WHERE one = 1 AND gone < $1",
                            SQL_ARGS(sql_int(no)), NULL, err);
}

/* The newest NEWS_KEPT stay, whatever numbers they have. */
static enum ou_status forget_old(struct sql *db, struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    int64_t no = 0;
    enum ou_status status = sql_query(db, "SELECT no FROM news ORDER BY no DESC LIMIT 1 OFFSET $1",
                                      SQL_ARGS(sql_int(NEWS_KEPT)), &rows, err);

    if (status)
        return status;
    if (sql_next(rows))
        no = sql_get_int(rows, 0);
    status = sql_rows_end(rows, err);
    return status || no == 0 ? status : forget_up_to(db, no, NULL, err);
}

enum ou_status news_prune(struct sql *db, int64_t before_ns, int64_t *ret_count,
                          struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    int64_t no = 0;
    enum ou_status status =
        sql_query(db, "SELECT no FROM news WHERE at_ns < $1 ORDER BY at_ns DESC, no DESC LIMIT 1",
                  SQL_ARGS(sql_int(before_ns)), &rows, err);

    if (status)
        return status;
    if (sql_next(rows))
        no = sql_get_int(rows, 0);
    status = sql_rows_end(rows, err);
    *ret_count = 0;
    return status || no == 0 ? status : forget_up_to(db, no, ret_count, err);
}

/* What a run in progress was a second ago is of no use to who comes later, and would push everything else out. */
static enum ou_status replace_earlier(struct sql *db, const struct news *news, struct ou_error *err)
{
    if (strcmp(news->kind, "live.changed") != 0)
        return OU_OK;
    return sql_run(db, "DELETE FROM news WHERE subject = $1 AND kind = $2",
                   SQL_ARGS(sql_text(news->subject), sql_text(news->kind)), NULL, err);
}

/* ---- putting ---- */

enum ou_status news_put(struct sql *db, const struct news *news, struct ou_error *err)
{
    int64_t no = 0;
    enum ou_status status = next_number(db, &no, err);

    if (!status)
        status = replace_earlier(db, news, err);
    if (!status)
        status = sql_run(db,
                         "INSERT INTO news (no, at_ns, kind, project, subject, data) "
                         "VALUES ($1, $2, $3, $4, $5, $6)",
                         SQL_ARGS(sql_int(no), sql_int(news->at_ns), sql_text(news->kind),
                                  sql_text(news->project), sql_text(news->subject),
                                  sql_text(news->data)),
                         NULL, err);
    if (!status && no % PRUNED_EVERY == 0)
        status = forget_old(db, err);
    return status ? status : store_notify(db, err);
}

/* ---- reading ---- */

/* Whether somebody who has heard of all up to `after` cannot hear of all that follows. */
static enum ou_status find_gap(struct sql *db, int64_t after, bool *ret, struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status =
        sql_query(db, "SELECT last, gone FROM news_state WHERE one = 1", SQL_NO_ARGS, &rows, err);

    if (status)
        return status;
    *ret = sql_next(rows) && (after > sql_get_int(rows, 0) || after < sql_get_int(rows, 1));
    return sql_rows_end(rows, err);
}

static const char *keep(struct arena *memory, struct span text, bool *ret_full)
{
    const char *copy = text.at ? arena_copy(memory, text.at, text.len) : NULL;

    if (text.at && !copy)
        *ret_full = true;
    return copy;
}

static enum ou_status read_rows(struct sql_rows *rows, size_t most, struct arena *memory,
                                struct news *out, size_t *ret_count, struct ou_error *err)
{
    bool full = false;

    while (*ret_count < most && sql_next(rows)) {
        out[(*ret_count)++] = (struct news){
            .no = sql_get_int(rows, 0),
            .at_ns = sql_get_int(rows, 1),
            .kind = keep(memory, sql_get_text(rows, 2), &full),
            .project = sql_is_null(rows, 3) ? NULL : keep(memory, sql_get_text(rows, 3), &full),
            .subject = keep(memory, sql_get_text(rows, 4), &full),
            .data = keep(memory, sql_get_text(rows, 5), &full)
        };
    }
    return full ? ou_fail(err, OU_NO_MEMORY, "no memory for news") : OU_OK;
}

/* The gap is looked for last: what is thrown away meanwhile shows as one. */
enum ou_status news_since(struct sql *db, int64_t after, size_t most, struct arena *memory,
                          struct news **ret, size_t *ret_count, bool *ret_gap, struct ou_error *err)
{
    struct news *out = arena_take(memory, (most ? most : 1) * sizeof *out, _Alignof(struct news));
    struct sql_rows *rows = NULL;
    enum ou_status status, ended;
    size_t count = 0;

    if (!out)
        return ou_fail(err, OU_NO_MEMORY, "no memory for news");
    status = sql_query(db,
                       "SELECT no, at_ns, kind, project, subject, data FROM news "
                       "WHERE no > $1 ORDER BY no LIMIT $2",
                       SQL_ARGS(sql_int(after), sql_int((int64_t)most)), &rows, err);
    if (status)
        return status;
    status = read_rows(rows, most, memory, out, &count, err);
    ended = sql_rows_end(rows, status ? NULL : err);
    *ret = out;
    *ret_count = count;
    status = status ? status : ended;
    return status ? status : find_gap(db, after, ret_gap, err);
}
