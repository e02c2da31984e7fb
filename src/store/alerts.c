#include <inttypes.h>
#include <stdio.h>

#include "base/time.h"
#include "json/tree.h"
#include "store/judgement_news.h"
#include "store/judgements.h"
#include "store/keep.h"

#define MEMORY_MAX ((size_t)1 << 20)
#define WOKEN_AT_ONCE 100

/* An alert as its news and messages need it. */
struct alert_view {
    int64_t no;
    const char *id, *state, *note, *project, *section, *metric, *outlets;
    int64_t until_ns;
};

/* ---- telling ---- */

static enum ou_status put_delivery(struct sql *db, const struct alert_view *alert,
                                   const char *outlet, const char *event, int64_t now_ns,
                                   struct ou_error *err)
{
    char id[RECORD_ID_ROOM], now[32];

    snprintf(now, sizeof now, "%" PRId64, now_ns);
    record_id((const char *const[]){ "delivery", alert->id, outlet, event, now }, 5, id);
    return sql_run(db,
                   "INSERT INTO deliveries (id, alert_no, outlet, event, state, attempts, next_ns, "
                   "created_ns) VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5) "
                   "ON CONFLICT (id) DO NOTHING",
                   SQL_ARGS(sql_text(id), sql_int(alert->no), sql_text(outlet), sql_text(event),
                            sql_int(now_ns)),
                   NULL, err);
}

static enum ou_status put_deliveries(struct sql *db, const struct alert_view *alert,
                                     const char *event, int64_t now_ns, struct ou_error *err)
{
    json_t *outlets;
    enum ou_status status =
        json_tree_parse(span_of(alert->outlets), "the outlets of a threshold", &outlets, err);

    if (status)
        return status;
    for (size_t i = 0; !status && i < json_array_size(outlets); i++) {
        const char *outlet = json_string_value(json_array_get(outlets, i));

        if (outlet)
            status = put_delivery(db, alert, outlet, event, now_ns, err);
    }
    json_decref(outlets);
    return status;
}

static enum ou_status tell(struct sql *db, const struct alert_view *alert, const char *kind,
                           int64_t now_ns, struct ou_error *err)
{
    return judgement_tell(db,
                          &(struct judgement_news){ .kind = kind,
                                                    .id = alert->id,
                                                    .project = alert->project,
                                                    .section = alert->section,
                                                    .metric = alert->metric,
                                                    .state = alert->state },
                          now_ns, err);
}

static enum ou_status view_alert(struct sql *db, const char *id, struct arena *memory,
                                 struct alert_view *ret, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(
        db,
        "SELECT a.no, a.state, a.note, a.silenced_until_ns, p.name, m.section, m.id, t.outlets "
        "FROM alerts a JOIN thresholds t ON t.no = a.threshold_no "
        "JOIN projects p ON p.no = t.project_no JOIN metrics m ON m.no = a.metric_no "
        "WHERE a.id = $1",
        SQL_ARGS(sql_text(id)), &rows, err);

    *ret = (struct alert_view){ .id = id };
    if (status)
        return status;
    if (sql_next(rows)) {
        ret->no = sql_get_int(rows, 0);
        ret->state = keep_text(memory, sql_get_text(rows, 1));
        ret->note = keep_text(memory, sql_get_text(rows, 2));
        ret->until_ns = sql_get_time(rows, 3);
        ret->project = keep_text(memory, sql_get_text(rows, 4));
        ret->section = keep_text(memory, sql_get_text(rows, 5));
        ret->metric = keep_text(memory, sql_get_text(rows, 6));
        ret->outlets = keep_text(memory, sql_get_text(rows, 7));
    }
    status = sql_rows_end(rows, err);
    if (!status && !ret->no)
        return ou_fail(err, OU_NOT_FOUND, "there is no such alert");
    if (!status && !(ret->state && ret->project && ret->section && ret->metric && ret->outlets))
        return ou_fail(err, OU_NO_MEMORY, "no memory for an alert");
    return status;
}

/* ---- opening ---- */

/* Whether somebody has silenced this threshold for the series: until when. */
static enum ou_status find_silence(struct sql *db, const struct alert_record *alert, int64_t now_ns,
                                   bool *ret, int64_t *ret_until_ns, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(
        db,
        "SELECT silenced_until_ns FROM alerts WHERE threshold_no = $1 AND series_no = $2 "
        "AND state = 'silenced' AND (silenced_until_ns IS NULL OR silenced_until_ns > $3) "
        "ORDER BY no DESC LIMIT 1",
        SQL_ARGS(sql_int(alert->threshold_no), sql_int(alert->series_no), sql_int(now_ns)), &rows,
        err);

    *ret = false;
    if (status)
        return status;
    if (sql_next(rows)) {
        *ret = true;
        *ret_until_ns = sql_get_time(rows, 0);
    }
    return sql_rows_end(rows, err);
}

/* By what it is about, so that it is the same in every database. */
static enum ou_status make_id(struct sql *db, const struct alert_record *alert,
                              char ret[RECORD_ID_ROOM], struct ou_error *err)
{
    struct sql_rows *rows;
    struct arena memory;
    enum ou_status status = sql_query(
        db,
        "SELECT t.id, s.id, r.id FROM thresholds t JOIN series s ON s.no = $2 "
        "JOIN runs r ON r.no = $3 WHERE t.no = $1",
        SQL_ARGS(sql_int(alert->threshold_no), sql_int(alert->series_no), sql_int(alert->run_no)),
        &rows, err);

    if (status)
        return status;
    arena_init(&memory, allocator_libc(), (size_t)64 << 10);
    *ret = '\0';
    if (sql_next(rows))
        record_id((const char *const[]){ "alert", keep_text(&memory, sql_get_text(rows, 0)),
                                         keep_text(&memory, sql_get_text(rows, 1)),
                                         keep_text(&memory, sql_get_text(rows, 2)) },
                  4, ret);
    arena_release(&memory);
    status = sql_rows_end(rows, err);
    return status || *ret ? status
                          : ou_fail(err, OU_NOT_FOUND, "an alert of no threshold, series or run");
}

static enum ou_status insert(struct sql *db, const struct alert_record *alert, const char *id,
                             bool silenced, int64_t until_ns, int64_t now_ns, bool *ret_new,
                             struct ou_error *err)
{
    int64_t changed = 0;
    enum ou_status status =
        sql_run(db,
                "INSERT INTO alerts (id, threshold_no, series_no, metric_no, run_no, state, value, "
                "low, high, says, silenced_until_ns, opened_ns, changed_ns, revision) VALUES "
                "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, 1) "
                "ON CONFLICT (threshold_no, run_no, series_no) DO NOTHING",
                SQL_ARGS(sql_text(id), sql_int(alert->threshold_no), sql_int(alert->series_no),
                         sql_int(alert->metric_no), sql_int(alert->run_no),
                         sql_text(silenced ? "silenced" : "active"), sql_real(alert->value),
                         sql_real(alert->low), sql_real(alert->high), sql_text(alert->says),
                         silenced ? sql_time(until_ns) : sql_none(), sql_int(now_ns)),
                &changed, err);

    *ret_new = changed > 0;
    return status;
}

static enum ou_status announce(struct sql *db, const char *id, bool silenced, int64_t now_ns,
                               struct ou_error *err)
{
    struct alert_view view;
    struct arena memory;
    enum ou_status status;

    arena_init(&memory, allocator_libc(), MEMORY_MAX);
    status = view_alert(db, id, &memory, &view, err);
    if (!status && !silenced)
        status = put_deliveries(db, &view, "opened", now_ns, err);
    if (!status)
        status = tell(db, &view, "alert.opened", now_ns, err);
    arena_release(&memory);
    return status;
}

enum ou_status alert_open(struct sql *db, const struct alert_record *alert, int64_t now_ns,
                          char ret_id[RECORD_ID_ROOM], bool *ret_new, struct ou_error *err)
{
    bool silenced = false;
    int64_t until_ns = TIME_NONE;
    enum ou_status status = make_id(db, alert, ret_id, err);

    *ret_new = false;
    if (!status)
        status = find_silence(db, alert, now_ns, &silenced, &until_ns, err);
    if (!status)
        status = insert(db, alert, ret_id, silenced, until_ns, now_ns, ret_new, err);
    return status || !*ret_new ? status : announce(db, ret_id, silenced, now_ns, err);
}

enum ou_status alerts_back(struct sql *db, int64_t threshold_no, int64_t series_no, int64_t run_no,
                           int64_t now_ns, struct ou_error *err)
{
    return sql_run(
        db,
        "UPDATE alerts SET back_run_no = $3, changed_ns = $4, revision = revision + 1 "
        "WHERE threshold_no = $1 AND series_no = $2 AND state <> 'dismissed' "
        "AND back_run_no IS NULL AND run_no IN (SELECT e.no FROM runs e, runs n WHERE n.no = $3 "
        "AND (e.sort_ns < n.sort_ns OR (e.sort_ns = n.sort_ns AND e.no < n.no)))",
        SQL_ARGS(sql_int(threshold_no), sql_int(series_no), sql_int(run_no), sql_int(now_ns)), NULL,
        err);
}

/* ---- changing ---- */

static int64_t until_of(const struct alert_view *is, const struct alert_change *change,
                        const char *state)
{
    if (strcmp(state, "silenced") != 0)
        return TIME_NONE;
    return change->sets_until ? change->until_ns : is->until_ns;
}

static enum ou_status change_viewed(struct sql *db, const struct alert_view *was,
                                    const struct alert_change *change, int64_t now_ns,
                                    struct ou_error *err)
{
    struct alert_view is = *was;
    enum ou_status status;

    is.state = change->state ? change->state : was->state;
    is.note = change->sets_note ? change->note : was->note;
    is.until_ns = until_of(was, change, is.state);
    status = sql_run(db,
                     "UPDATE alerts SET state = $2, silenced_until_ns = $3, note = $4, "
                     "changed_ns = $5, revision = revision + 1 WHERE no = $1",
                     SQL_ARGS(sql_int(is.no), sql_text(is.state), sql_time(is.until_ns),
                              sql_text(is.note), sql_int(now_ns)),
                     NULL, err);
    if (!status && strcmp(is.state, was->state) != 0)
        status = put_deliveries(db, &is, "changed", now_ns, err);
    return status ? status : tell(db, &is, "alert.changed", now_ns, err);
}

enum ou_status alert_change(struct sql *db, const char *id, const struct alert_change *change,
                            int64_t now_ns, struct ou_error *err)
{
    struct alert_view was;
    struct arena memory;
    enum ou_status status;

    arena_init(&memory, allocator_libc(), MEMORY_MAX);
    status = view_alert(db, id, &memory, &was, err);
    if (!status)
        status = change_viewed(db, &was, change, now_ns, err);
    arena_release(&memory);
    return status;
}

/* ---- silence ends ---- */

static enum ou_status find_woken(struct sql *db, int64_t now_ns, struct arena *memory,
                                 const char *ret[WOKEN_AT_ONCE], size_t *ret_count,
                                 struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(db,
                  "SELECT id FROM alerts WHERE state = 'silenced' AND silenced_until_ns <= $1 "
                  "ORDER BY no LIMIT $2",
                  SQL_ARGS(sql_int(now_ns), sql_int(WOKEN_AT_ONCE)), &rows, err);

    *ret_count = 0;
    if (status)
        return status;
    while (sql_next(rows) && *ret_count < WOKEN_AT_ONCE &&
           (ret[*ret_count] = keep_text(memory, sql_get_text(rows, 0))))
        ++*ret_count;
    return sql_rows_end(rows, err);
}

enum ou_status alerts_wake(struct sql *db, int64_t now_ns, int64_t *ret_woken, struct ou_error *err)
{
    const struct alert_change active = { .state = "active" };
    const char *ids[WOKEN_AT_ONCE];
    struct arena memory;
    size_t count;
    enum ou_status status;

    arena_init(&memory, allocator_libc(), MEMORY_MAX);
    status = find_woken(db, now_ns, &memory, ids, &count, err);
    for (size_t i = 0; !status && i < count; i++)
        status = alert_change(db, ids[i], &active, now_ns, err);
    *ret_woken = (int64_t)count;
    arena_release(&memory);
    return status;
}
