#include "json/write.h"
#include "store/judgements.h"
#include "store/keep.h"

#define ALERT_MAX ((size_t)64 << 10)

/* ---- the alert, as a message shows it ---- */

#define MESSAGE_COLUMNS                                                                           \
    "d.no, d.attempts, d.id, d.outlet, d.event, a.id, a.state, a.value, a.low, a.high, a.says, "  \
    "a.note, a.opened_ns, p.name, s.id, s.title, m.section, m.id, m.name, m.unit, t.id, t.kind, " \
    "r.id, r.name, r.started_ns, v.name, d.created_ns"

enum message_column {
    DELIVERY_NO,
    DELIVERY_ATTEMPTS,
    DELIVERY_ID,
    DELIVERY_OUTLET,
    DELIVERY_EVENT,
    ALERT_ID,
    ALERT_STATE,
    ALERT_VALUE,
    ALERT_LOW,
    ALERT_HIGH,
    ALERT_SAYS,
    ALERT_NOTE,
    ALERT_OPENED,
    PROJECT_NAME,
    SERIES_ID,
    SERIES_TITLE,
    METRIC_SECTION,
    METRIC_ID,
    METRIC_NAME,
    METRIC_UNIT,
    THRESHOLD_ID,
    THRESHOLD_KIND,
    RUN_ID,
    RUN_NAME,
    RUN_STARTED,
    VERSION_NAME,
    DELIVERY_CREATED,
};

static void write_text(struct json_writer *w, const char *key, const struct sql_rows *rows,
                       enum message_column column)
{
    json_key(w, key);
    if (sql_is_null(rows, (int)column))
        json_none(w);
    else
        json_text(w, sql_get_text(rows, (int)column));
}

static void write_number(struct json_writer *w, const char *key, const struct sql_rows *rows,
                         enum message_column column)
{
    json_key(w, key);
    json_double(w, sql_get_real(rows, (int)column));
}

static void write_instant(struct json_writer *w, const char *key, const struct sql_rows *rows,
                          enum message_column column)
{
    json_key(w, key);
    json_instant(w, sql_get_time(rows, (int)column));
}

static void write_about(struct json_writer *w, const struct sql_rows *rows)
{
    json_key(w, "metric");
    json_begin_object(w);
    write_text(w, "section", rows, METRIC_SECTION);
    write_text(w, "id", rows, METRIC_ID);
    write_text(w, "name", rows, METRIC_NAME);
    write_text(w, "unit", rows, METRIC_UNIT);
    json_end(w);
    json_key(w, "series");
    json_begin_object(w);
    write_text(w, "id", rows, SERIES_ID);
    write_text(w, "title", rows, SERIES_TITLE);
    json_end(w);
    json_key(w, "threshold");
    json_begin_object(w);
    write_text(w, "id", rows, THRESHOLD_ID);
    write_text(w, "kind", rows, THRESHOLD_KIND);
    json_end(w);
    json_key(w, "run");
    json_begin_object(w);
    write_text(w, "id", rows, RUN_ID);
    write_text(w, "name", rows, RUN_NAME);
    write_text(w, "version", rows, VERSION_NAME);
    write_instant(w, "startedAt", rows, RUN_STARTED);
    json_end(w);
}

static void write_alert(const struct sql_rows *rows, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    write_text(&w, "id", rows, ALERT_ID);
    write_text(&w, "state", rows, ALERT_STATE);
    write_text(&w, "says", rows, ALERT_SAYS);
    write_text(&w, "project", rows, PROJECT_NAME);
    write_about(&w, rows);
    write_number(&w, "value", rows, ALERT_VALUE);
    write_number(&w, "low", rows, ALERT_LOW);
    write_number(&w, "high", rows, ALERT_HIGH);
    write_text(&w, "note", rows, ALERT_NOTE);
    write_instant(&w, "openedAt", rows, ALERT_OPENED);
    json_end(&w);
}

/* ---- claiming ---- */

static int64_t stale_at(int64_t now_ns)
{
    return now_ns - DELIVERY_CLAIM_S * INT64_C(1000000000);
}

enum ou_status deliveries_due(struct sql *db, int64_t now_ns, bool *ret, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(
        db,
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM deliveries WHERE state = 'waiting' AND next_ns <= $1 "
        "AND (claimed_ns IS NULL OR claimed_ns < $2)) OR EXISTS (SELECT 1 FROM alerts "
        "WHERE state = 'silenced' AND silenced_until_ns <= $1)",
        SQL_ARGS(sql_int(now_ns), sql_int(stale_at(now_ns))), &rows, err);

    if (status)
        return status;
    *ret = sql_next(rows);
    return sql_rows_end(rows, err);
}

static enum ou_status claim(struct sql *db, int64_t now_ns, int64_t *ret_no, struct ou_error *err)
{
    struct sql_rows *rows;
    /* Of two servers that choose the same row, the second finds it claimed when the first has committed. */
    enum ou_status status =
        sql_query(db,
                  "UPDATE deliveries SET claimed_ns = $1, attempts = attempts + 1 WHERE no = ("
                  "SELECT no FROM deliveries WHERE state = 'waiting' AND next_ns <= $1 "
                  "AND (claimed_ns IS NULL OR claimed_ns < $2) ORDER BY next_ns, no LIMIT 1) "
                  "AND state = 'waiting' AND (claimed_ns IS NULL OR claimed_ns < $2) RETURNING no",
                  SQL_ARGS(sql_int(now_ns), sql_int(stale_at(now_ns))), &rows, err);

    if (status)
        return status;
    *ret_no = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    status = sql_rows_end(rows, err);
    if (!status && !*ret_no)
        return ou_fail(err, OU_NOT_FOUND, "nothing is to be delivered");
    return status;
}

static bool take_delivery(const struct sql_rows *rows, struct arena *memory, struct delivery *ret)
{
    struct buffer alert;

    buffer_init(&alert, allocator_libc(), ALERT_MAX);
    write_alert(rows, &alert);
    *ret = (struct delivery){
        .no = sql_get_int(rows, DELIVERY_NO),
        .attempts = sql_get_int(rows, DELIVERY_ATTEMPTS),
        .created_ns = sql_get_int(rows, DELIVERY_CREATED),
        .id = keep_text(memory, sql_get_text(rows, DELIVERY_ID)),
        .outlet = keep_text(memory, sql_get_text(rows, DELIVERY_OUTLET)),
        .event = keep_text(memory, sql_get_text(rows, DELIVERY_EVENT)),
        .alert = buffer_status(&alert) ? NULL : arena_copy(memory, alert.at, alert.len),
    };
    buffer_release(&alert);
    return ret->id && ret->outlet && ret->event && ret->alert;
}

enum ou_status delivery_claim(struct sql *db, int64_t now_ns, struct arena *memory,
                              struct delivery *ret, struct ou_error *err)
{
    struct sql_rows *rows;
    int64_t no;
    bool taken = false;
    enum ou_status status = claim(db, now_ns, &no, err);

    if (!status)
        status = sql_query(db,
                           "SELECT " MESSAGE_COLUMNS " FROM deliveries d "
                           "JOIN alerts a ON a.no = d.alert_no "
                           "JOIN thresholds t ON t.no = a.threshold_no "
                           "JOIN series s ON s.no = a.series_no "
                           "JOIN projects p ON p.no = s.project_no "
                           "JOIN metrics m ON m.no = a.metric_no JOIN runs r ON r.no = a.run_no "
                           "JOIN versions v ON v.no = r.version_no WHERE d.no = $1",
                           SQL_ARGS(sql_int(no)), &rows, err);
    if (status)
        return status;
    if (sql_next(rows))
        taken = take_delivery(rows, memory, ret);
    status = sql_rows_end(rows, err);
    return status || taken ? status : ou_fail(err, OU_TOO_LARGE, "a message is too long");
}

/* ---- what became of it ---- */

enum ou_status delivery_done(struct sql *db, int64_t no, int64_t now_ns, struct ou_error *err)
{
    return sql_run(db,
                   "UPDATE deliveries SET state = 'sent', done_ns = $2, claimed_ns = NULL, "
                   "last_error = NULL WHERE no = $1",
                   SQL_ARGS(sql_int(no), sql_int(now_ns)), NULL, err);
}

enum ou_status delivery_failed(struct sql *db, int64_t no, const char *why, int64_t next_ns,
                               int64_t now_ns, struct ou_error *err)
{
    const bool again = next_ns != INT64_MIN;

    return sql_run(db,
                   "UPDATE deliveries SET state = $2, last_error = $3, next_ns = $4, done_ns = $5, "
                   "claimed_ns = NULL WHERE no = $1",
                   SQL_ARGS(sql_int(no), sql_text(again ? "waiting" : "failed"), sql_text(why),
                            sql_int(again ? next_ns : now_ns),
                            again ? sql_none() : sql_int(now_ns)),
                   NULL, err);
}
