#include <inttypes.h>
#include <stdio.h>

#include "store/judgement_news.h"
#include "store/judgements.h"
#include "store/keep.h"

/* ---- those of a series ---- */

static bool take_threshold(const struct sql_rows *rows, struct arena *memory,
                           struct threshold_record *ret)
{
    *ret = (struct threshold_record){ .no = sql_get_int(rows, 0),
                                      .metric_no = sql_get_int(rows, 1),
                                      .id = keep_text(memory, sql_get_text(rows, 2)),
                                      .kind = keep_text(memory, sql_get_text(rows, 3)),
                                      .parameters = keep_text(memory, sql_get_text(rows, 4)),
                                      .outlets = keep_text(memory, sql_get_text(rows, 5)),
                                      .section = keep_text(memory, sql_get_text(rows, 6)),
                                      .metric = keep_text(memory, sql_get_text(rows, 7)) };
    return ret->id && ret->kind && ret->parameters && ret->outlets && ret->section && ret->metric;
}

enum ou_status thresholds_of(struct sql *db, int64_t series_no, struct arena *memory,
                             struct threshold_record **ret, size_t *ret_count, struct ou_error *err)
{
    struct sql_rows *rows;
    bool has_room = true;
    enum ou_status status = sql_query(
        db,
        "SELECT t.no, t.metric_no, t.id, t.kind, t.parameters, t.outlets, m.section, m.id "
        "FROM series s JOIN thresholds t ON t.project_no = s.project_no "
        "AND (t.series_no IS NULL OR t.series_no = s.no) JOIN metrics m ON m.no = t.metric_no "
        "WHERE s.no = $1 AND t.enabled = 1 ORDER BY t.no",
        SQL_ARGS(sql_int(series_no)), &rows, err);

    *ret = NULL;
    *ret_count = 0;
    if (status)
        return status;
    while (has_room && sql_next(rows)) {
        struct threshold_record *room = keep_room(memory, *ret, *ret_count, sizeof **ret);

        has_room = room && take_threshold(rows, memory, &room[*ret_count]);
        if (!has_room)
            break;
        *ret = room;
        ++*ret_count;
    }
    status = sql_rows_end(rows, err);
    return status || has_room ? status : ou_fail(err, OU_TOO_LARGE, "no memory for thresholds");
}

/* ---- making, changing, taking away ---- */

struct placing {
    int64_t project_no, series_no, metric_no; /* series_no 0: all of the project */
};

static enum ou_status place_project(struct sql *db, const struct threshold_wish *wish,
                                    struct placing *ret, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, "SELECT no FROM projects WHERE name = $1",
                                      SQL_ARGS(sql_text(wish->project)), &rows, err);

    if (status)
        return status;
    ret->project_no = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    status = sql_rows_end(rows, err);
    if (!status && !ret->project_no)
        return ou_fail(err, OU_NOT_FOUND, "there is no project %.100s", wish->project);
    return status;
}

static enum ou_status place_series(struct sql *db, const struct threshold_wish *wish,
                                   struct placing *ret, struct ou_error *err)
{
    struct sql_rows *rows;
    int64_t project_no = 0;
    enum ou_status status;

    if (!wish->series)
        return OU_OK;
    status = sql_query(db, "SELECT no, project_no FROM series WHERE id = $1",
                       SQL_ARGS(sql_text(wish->series)), &rows, err);
    if (status)
        return status;
    if (sql_next(rows)) {
        ret->series_no = sql_get_int(rows, 0);
        project_no = sql_get_int(rows, 1);
    }
    status = sql_rows_end(rows, err);
    if (!status && !ret->series_no)
        return ou_fail(err, OU_NOT_FOUND, "there is no series %.100s", wish->series);
    if (!status && project_no != ret->project_no)
        return ou_fail(err, OU_USAGE, "series %.100s is not of project %.100s", wish->series,
                       wish->project);
    return status;
}

static enum ou_status place(struct sql *db, const struct threshold_wish *wish, struct placing *ret,
                            struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct placing){ 0 };
    status = place_project(db, wish, ret, err);
    if (!status)
        status = place_series(db, wish, ret, err);
    return status ? status : record_metric_no(db, &wish->metric, &ret->metric_no, err);
}

static struct sql_value series_or_none(const struct placing *p)
{
    return p->series_no ? sql_int(p->series_no) : sql_none();
}

static enum ou_status tell(struct sql *db, const char *id, const struct threshold_wish *wish,
                           const char *state, int64_t now_ns, struct ou_error *err)
{
    return judgement_tell(db,
                          &(struct judgement_news){ .kind = "threshold.changed",
                                                    .id = id,
                                                    .project = wish->project,
                                                    .section = wish->metric.section,
                                                    .metric = wish->metric.id,
                                                    .state = state },
                          now_ns, err);
}

/* Two of the same kind may watch one metric: the instant tells them apart. */
static void make_id(const struct threshold_wish *wish, int64_t now_ns, char ret[RECORD_ID_ROOM])
{
    char now[32];

    snprintf(now, sizeof now, "%" PRId64, now_ns);
    record_id((const char *const[]){ "threshold", wish->project, wish->series, wish->metric.section,
                                     wish->metric.id, wish->kind, wish->parameters, now },
              8, ret);
}

enum ou_status threshold_create(struct sql *db, const struct threshold_wish *wish, int64_t now_ns,
                                char ret_id[RECORD_ID_ROOM], struct ou_error *err)
{
    struct placing at;
    enum ou_status status = place(db, wish, &at, err);

    if (status)
        return status;
    make_id(wish, now_ns, ret_id);
    status = sql_run(
        db,
        "INSERT INTO thresholds (id, project_no, series_no, metric_no, kind, parameters, outlets, "
        "enabled, created_ns, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)",
        SQL_ARGS(sql_text(ret_id), sql_int(at.project_no), series_or_none(&at),
                 sql_int(at.metric_no), sql_text(wish->kind), sql_text(wish->parameters),
                 sql_text(wish->outlets), sql_int(wish->enabled), sql_int(now_ns)),
        NULL, err);
    return status ? status : tell(db, ret_id, wish, "created", now_ns, err);
}

static enum ou_status no_such(struct ou_error *err)
{
    return ou_fail(err, OU_NOT_FOUND, "there is no such threshold");
}

enum ou_status threshold_replace(struct sql *db, const char *id, const struct threshold_wish *wish,
                                 int64_t now_ns, struct ou_error *err)
{
    struct placing at;
    int64_t changed = 0;
    enum ou_status status = place(db, wish, &at, err);

    if (status)
        return status;
    status =
        sql_run(db,
                "UPDATE thresholds SET project_no = $2, series_no = $3, metric_no = $4, kind = $5, "
                "parameters = $6, outlets = $7, enabled = $8, revision = revision + 1 "
                "WHERE id = $1",
                SQL_ARGS(sql_text(id), sql_int(at.project_no), series_or_none(&at),
                         sql_int(at.metric_no), sql_text(wish->kind), sql_text(wish->parameters),
                         sql_text(wish->outlets), sql_int(wish->enabled)),
                &changed, err);
    if (status)
        return status;
    return changed ? tell(db, id, wish, "changed", now_ns, err) : no_such(err);
}

/* What its news need, before it is gone. */
static enum ou_status describe(struct sql *db, const char *id, struct arena *memory,
                               struct threshold_wish *ret, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(db,
                  "SELECT p.name, m.section, m.id FROM thresholds t "
                  "JOIN projects p ON p.no = t.project_no JOIN metrics m ON m.no = t.metric_no "
                  "WHERE t.id = $1",
                  SQL_ARGS(sql_text(id)), &rows, err);

    if (status)
        return status;
    *ret = (struct threshold_wish){ 0 };
    if (sql_next(rows)) {
        ret->project = keep_text(memory, sql_get_text(rows, 0));
        ret->metric.section = keep_text(memory, sql_get_text(rows, 1));
        ret->metric.id = keep_text(memory, sql_get_text(rows, 2));
    }
    status = sql_rows_end(rows, err);
    return status || ret->project ? status : no_such(err);
}

enum ou_status threshold_delete(struct sql *db, const char *id, int64_t now_ns,
                                struct ou_error *err)
{
    struct arena memory;
    struct threshold_wish was;
    enum ou_status status;

    arena_init(&memory, allocator_libc(), (size_t)64 << 10);
    status = describe(db, id, &memory, &was, err);
    if (!status)
        status =
            sql_run(db, "DELETE FROM thresholds WHERE id = $1", SQL_ARGS(sql_text(id)), NULL, err);
    if (!status)
        status = tell(db, id, &was, "deleted", now_ns, err);
    arena_release(&memory);
    return status;
}
