/* Runs in progress. */
#include <stdio.h>
#include <string.h>

#include "json/write.h"
#include "store/feed.h"
#include "store/records.h"
#include "store/trail.h"

#define TRAIL_BYTES_MAX ((size_t)1 << 20)
#define NEWS_BYTES_MAX ((size_t)4096)

/* ---- reading ---- */

static const char *text_of(struct arena *memory, const struct sql_rows *rows, int column,
                           bool *ret_full)
{
    const struct span text = sql_get_text(rows, column);
    const char *copy = arena_copy(memory, text.at ? text.at : "", text.len);

    *ret_full = *ret_full || !copy;
    return copy;
}

static enum ou_status read_run(const struct sql_rows *rows, struct arena *memory,
                               struct live_run *ret, struct ou_error *err)
{
    bool full = false;

    *ret = (struct live_run){
        .id = text_of(memory, rows, 0, &full),
        .project = text_of(memory, rows, 1, &full),
        .profile = text_of(memory, rows, 2, &full),
        .state = text_of(memory, rows, 3, &full),
        .began_ns = sql_get_int(rows, 4),
        .heard_ns = sql_get_int(rows, 5),
        .ended_ns = sql_get_time(rows, 6),
        .view = text_of(memory, rows, 7, &full),
        .trail = text_of(memory, rows, 8, &full),
        .run_id = sql_is_null(rows, 9) ? NULL : text_of(memory, rows, 9, &full),
        .revision = sql_get_int(rows, 10),
        .is_silent = sql_get_int(rows, 11) != 0,
    };
    return full ? ou_fail(err, OU_NO_MEMORY, "no memory for a run in progress") : OU_OK;
}

enum ou_status live_find(struct sql *db, const char *id, struct arena *memory, struct live_run *ret,
                         struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status, ended;
    bool found;

    status =
        sql_query(db,
                  "SELECT l.id, p.name, l.profile, l.state, l.began_ns, l.heard_ns, "
                  "l.ended_ns, l.view, l.trail, l.run_id, l.revision, l.silent FROM live_runs l "
                  "JOIN projects p ON p.no = l.project_no WHERE l.id = $1",
                  SQL_ARGS(sql_text(id)), &rows, err);
    if (status)
        return status;
    found = sql_next(rows);
    status = found ? read_run(rows, memory, ret, err) : OU_OK;
    ended = sql_rows_end(rows, status ? NULL : err);
    if (status || ended)
        return status ? status : ended;
    return found ? OU_OK : ou_fail(err, OU_NOT_FOUND, "no run in progress is called %.80s", id);
}

/* ---- news ---- */

static enum ou_status tell(struct sql *db, const char *kind, const struct live_run *run,
                           int64_t now_ns, struct ou_error *err)
{
    struct json_writer w;
    struct buffer data;
    enum ou_status status;

    buffer_init(&data, allocator_libc(), NEWS_BYTES_MAX);
    json_writer_init(&w, &data, false);
    json_begin_object(&w);
    json_key(&w, "id");
    json_cstring(&w, run->id);
    json_key(&w, "project");
    json_cstring(&w, run->project);
    json_key(&w, "profile");
    json_cstring(&w, run->profile);
    json_key(&w, "state");
    json_cstring(&w, run->state);
    json_key(&w, "run");
    json_cstring(&w, run->run_id);
    json_key(&w, "silent");
    json_bool(&w, run->is_silent);
    json_end(&w);
    status = buffer_status(&data);
    if (status)
        status = ou_fail(err, status, "the name of a run in progress is too long");
    else
        status = news_put(db,
                          &(struct news){ .at_ns = now_ns,
                                          .kind = kind,
                                          .project = run->project,
                                          .subject = run->id,
                                          .data = buffer_string(&data) },
                          err);
    buffer_release(&data);
    return status;
}

/* ---- putting ---- */

static const char *const upsert =
    "INSERT INTO live_runs (id, project_no, profile, state, began_ns, heard_ns, ended_ns, silent, "
    "view, trail, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, 1) "
    "ON CONFLICT (id) DO UPDATE SET profile = $3, state = $4, began_ns = $5, heard_ns = $6, "
    "ended_ns = $7, silent = 0, view = $8, trail = $9, revision = live_runs.revision + 1";

static enum ou_status store_report(struct sql *db, const struct live_report *report,
                                   const char *trail, struct ou_error *err)
{
    int64_t project_no = 0;
    enum ou_status status =
        record_project_no(db, report->project, report->now_ns, &project_no, err);

    return status ? status
                  : sql_run(db, upsert,
                            SQL_ARGS(sql_text(report->id), sql_int(project_no),
                                     sql_text(report->profile), sql_text(report->state),
                                     sql_int(report->began_ns), sql_int(report->now_ns),
                                     report->ended ? sql_int(report->now_ns) : sql_none(),
                                     sql_text(report->view), sql_text(trail)),
                            NULL, err);
}

static enum ou_status check_report(const struct live_report *report, struct ou_error *err)
{
    if (strlen(report->id) >= LIVE_ID_ROOM)
        return ou_fail(err, OU_TOO_LARGE, "the name of a run in progress is above %d bytes",
                       LIVE_ID_ROOM - 1);
    return strlen(report->view) > LIVE_VIEW_MAX
               ? ou_fail(err, OU_TOO_LARGE, "the report about a run in progress is above %zu bytes",
                         LIVE_VIEW_MAX)
               : OU_OK;
}

/* What is there of it already: its trail, "" if nothing, and its run. */
static enum ou_status find_earlier(struct sql *db, const struct live_report *report,
                                   struct arena *memory, struct live_run *ret, struct ou_error *err)
{
    enum ou_status status = live_find(db, report->id, memory, ret, err);

    if (status == OU_NOT_FOUND) {
        *ret = (struct live_run){ .trail = "" };
        return OU_OK;
    }
    if (status)
        return status;
    return strcmp(ret->project, report->project) == 0
               ? OU_OK
               : ou_fail(err, OU_INVALID, "a run in progress of this name is another project's");
}

enum ou_status live_put(struct sql *db, const struct live_report *report, struct ou_error *err)
{
    struct live_run run = { 0 };
    struct arena memory;
    struct buffer trail;
    enum ou_status status = check_report(report, err);

    arena_init(&memory, allocator_libc(), 2 * (LIVE_VIEW_MAX + TRAIL_BYTES_MAX));
    buffer_init(&trail, allocator_libc(), TRAIL_BYTES_MAX);
    if (!status)
        status = find_earlier(db, report, &memory, &run, err);
    if (!status)
        status = trail_add(run.trail, report->view, LIVE_TRAIL_POINTS, &trail, err);
    if (!status)
        status = store_report(db, report, buffer_string(&trail), err);
    run = (struct live_run){ .id = report->id,
                             .project = report->project,
                             .profile = report->profile,
                             .state = report->state,
                             .run_id = run.run_id };
    if (!status)
        status = tell(db, report->ended ? "live.ended" : "live.changed", &run, report->now_ns, err);
    buffer_release(&trail);
    arena_release(&memory);
    return status;
}

/* ---- what becomes of it ---- */

/* What happens to a run in progress from elsewhere than its own reports. */
struct happening {
    const char *statement; /* $1: the run's name; $2: run_id, if there is one */
    const char *news;      /* their kind */
    const char *run_id;    /* what it was published as from now on; NULL: as before */
    bool is_silent;        /* from now on */
};

static enum ou_status happen(struct sql *db, const char *id, const struct happening *what,
                             int64_t now_ns, struct ou_error *err)
{
    const struct sql_value args[] = { sql_text(id), sql_text(what->run_id) };
    struct live_run run = { 0 };
    struct arena memory;
    enum ou_status status;

    arena_init(&memory, allocator_libc(), 2 * (LIVE_VIEW_MAX + TRAIL_BYTES_MAX));
    status = live_find(db, id, &memory, &run, err);
    if (!status)
        status = sql_run(db, what->statement, args, what->run_id ? 2 : 1, NULL, err);
    if (what->run_id)
        run.run_id = what->run_id;
    run.is_silent = run.is_silent || what->is_silent;
    if (!status)
        status = tell(db, what->news, &run, now_ns, err);
    arena_release(&memory);
    return status;
}

enum ou_status live_published(struct sql *db, const char *id, const char *run_id, int64_t now_ns,
                              struct ou_error *err)
{
    const struct happening published = {
        .statement = "UPDATE live_runs SET run_id = $2, revision = revision + 1 WHERE id = $1",
        .news = "live.changed",
        .run_id = run_id,
    };
    const enum ou_status status = happen(db, id, &published, now_ns, err);

    return status == OU_NOT_FOUND ? OU_OK : status;
}

enum ou_status live_delete(struct sql *db, const char *id, int64_t now_ns, struct ou_error *err)
{
    static const struct happening deleted = {
        .statement = "DELETE FROM live_runs WHERE id = $1",
        .news = "live.ended",
    };

    return happen(db, id, &deleted, now_ns, err);
}

/* One run that fell silent; false: there is none, or it failed. */
static bool find_silent(struct sql *db, int64_t before_ns, char ret_id[LIVE_ID_ROOM],
                        enum ou_status *ret, struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    bool found;

    *ret = sql_query(db,
                     "SELECT id FROM live_runs WHERE heard_ns < $1 AND ended_ns IS NULL "
                     "AND silent = 0 LIMIT 1",
                     SQL_ARGS(sql_int(before_ns)), &rows, err);
    if (*ret)
        return false;
    found = sql_next(rows);
    if (found) {
        const struct span id = sql_get_text(rows, 0);

        snprintf(ret_id, LIVE_ID_ROOM, "%.*s", (int)id.len, id.at);
    }
    *ret = sql_rows_end(rows, err);
    return found && !*ret;
}

enum ou_status live_tell_silent(struct sql *db, int64_t now_ns, struct ou_error *err)
{
    static const struct happening silent = {
        .statement = "UPDATE live_runs SET silent = 1, revision = revision + 1 WHERE id = $1",
        .news = "live.changed",
        .is_silent = true,
    };
    enum ou_status status = OU_OK;
    char id[LIVE_ID_ROOM];

    while (find_silent(db, now_ns - LIVE_SILENT_NS, id, &status, err) && !status)
        status = happen(db, id, &silent, now_ns, err);
    return status;
}

enum ou_status live_needs_care(struct sql *db, int64_t now_ns, bool *ret, struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status = sql_query(
        db,
        "SELECT 1 FROM live_runs WHERE (heard_ns < $1 AND ended_ns IS NULL AND "
        "silent = 0) OR (heard_ns < $2 AND (run_id IS NOT NULL OR ended_ns IS NULL)) "
        "LIMIT 1",
        SQL_ARGS(sql_int(now_ns - LIVE_SILENT_NS), sql_int(now_ns - LIVE_KEPT_NS)), &rows, err);

    if (status)
        return status;
    *ret = sql_next(rows);
    return sql_rows_end(rows, err);
}

enum ou_status live_prune(struct sql *db, int64_t now_ns, struct ou_error *err)
{
    return sql_run(db,
                   "DELETE FROM live_runs WHERE heard_ns < $1 AND "
                   "(run_id IS NOT NULL OR ended_ns IS NULL)",
                   SQL_ARGS(sql_int(now_ns - LIVE_KEPT_NS)), NULL, err);
}
