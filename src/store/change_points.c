#include "store/judgement_news.h"
#include "store/judgements.h"
#include "store/keep.h"

#define MEMORY_MAX ((size_t)1 << 20)

struct known_point {
    int64_t no, run_no;
    bool has_note, is_found;
};

/* What a series calls one of its metrics, and where. */
struct renewing {
    struct sql *db;
    struct arena memory;
    int64_t series_no, metric_no, now_ns;
    struct known_point *known;
    size_t known_count;
    const char *series, *project, *section, *metric; /* looked up for the first new point */
};

/* ---- what is there ---- */

static enum ou_status load_known(struct renewing *w, int64_t from_ns, struct ou_error *err)
{
    struct sql_rows *rows;
    bool has_room = true;
    enum ou_status status = sql_query(
        w->db,
        "SELECT c.no, c.run_no, c.note FROM change_points c JOIN runs r ON r.no = c.run_no "
        "WHERE c.series_no = $1 AND c.metric_no = $2 AND r.sort_ns >= $3",
        SQL_ARGS(sql_int(w->series_no), sql_int(w->metric_no), sql_int(from_ns)), &rows, err);

    if (status)
        return status;
    while (has_room && sql_next(rows)) {
        struct known_point *room =
            keep_room(&w->memory, w->known, w->known_count, sizeof *w->known);

        has_room = room != NULL;
        if (!has_room)
            break;
        w->known = room;
        room[w->known_count++] = (struct known_point){ .no = sql_get_int(rows, 0),
                                                       .run_no = sql_get_int(rows, 1),
                                                       .has_note = !sql_is_null(rows, 2) };
    }
    status = sql_rows_end(rows, err);
    return status || has_room ? status : ou_fail(err, OU_NO_MEMORY, "no memory for change points");
}

static struct known_point *find_known(struct renewing *w, int64_t run_no)
{
    for (size_t i = 0; i < w->known_count; i++)
        if (w->known[i].run_no == run_no)
            return &w->known[i];
    return NULL;
}

static enum ou_status look_up_names(struct renewing *w, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status;

    if (w->series)
        return OU_OK;
    status = sql_query(w->db,
                       "SELECT s.id, p.name, m.section, m.id FROM series s "
                       "JOIN projects p ON p.no = s.project_no "
                       "JOIN metrics m ON m.no = $2 WHERE s.no = $1",
                       SQL_ARGS(sql_int(w->series_no), sql_int(w->metric_no)), &rows, err);
    if (status)
        return status;
    if (sql_next(rows)) {
        w->series = keep_text(&w->memory, sql_get_text(rows, 0));
        w->project = keep_text(&w->memory, sql_get_text(rows, 1));
        w->section = keep_text(&w->memory, sql_get_text(rows, 2));
        w->metric = keep_text(&w->memory, sql_get_text(rows, 3));
    }
    status = sql_rows_end(rows, err);
    if (!status && !(w->series && w->project && w->section && w->metric))
        return ou_fail(err, OU_NOT_FOUND, "there is no such series, or metric");
    return status;
}

/* ---- what becomes of it ---- */

static enum ou_status tell_of(struct renewing *w, const struct change_point_record *c,
                              struct ou_error *err)
{
    return judgement_tell(w->db,
                          &(struct judgement_news){ .kind = "change-point.found",
                                                    .id = c->id,
                                                    .project = w->project,
                                                    .section = w->section,
                                                    .metric = w->metric },
                          w->now_ns, err);
}

/* The id of a run, "" where there is none. */
static enum ou_status run_id_of(struct sql *db, int64_t run_no, char ret[RECORD_ID_ROOM],
                                struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(db, "SELECT id FROM runs WHERE no = $1", SQL_ARGS(sql_int(run_no)), &rows, err);

    *ret = '\0';
    if (status)
        return status;
    if (sql_next(rows)) {
        const struct span id = sql_get_text(rows, 0);

        memcpy(ret, id.at, id.len < RECORD_ID_DIGITS ? id.len : RECORD_ID_DIGITS);
        ret[id.len < RECORD_ID_DIGITS ? id.len : RECORD_ID_DIGITS] = '\0';
    }
    return sql_rows_end(rows, err);
}

/* Its id follows from what it is: found again after it was gone, it has the same one. */
static enum ou_status add_point(struct renewing *w, struct change_point_record *c,
                                struct ou_error *err)
{
    char run[RECORD_ID_ROOM];
    enum ou_status status = look_up_names(w, err);

    if (!status)
        status = run_id_of(w->db, c->run_no, run, err);
    if (status)
        return status;
    record_id((const char *const[]){ "change point", w->series, w->section, w->metric, run }, 5,
              c->id);
    status = sql_run(
        w->db,
        "INSERT INTO change_points (id, series_no, metric_no, run_no, before_mean, after_mean, "
        "change_percent, p, p_adjusted, found_ns, revision) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
        SQL_ARGS(sql_text(c->id), sql_int(w->series_no), sql_int(w->metric_no), sql_int(c->run_no),
                 sql_real(c->before_mean), sql_real(c->after_mean), sql_real(c->change_percent),
                 sql_real(c->p), sql_real(c->p_adjusted), sql_int(w->now_ns)),
        NULL, err);
    c->is_new = true;
    return status ? status : tell_of(w, c, err);
}

static enum ou_status change_point(struct renewing *w, const struct known_point *known,
                                   const struct change_point_record *c, struct ou_error *err)
{
    return sql_run(w->db,
                   "UPDATE change_points SET before_mean = $2, after_mean = $3, "
                   "change_percent = $4, p = $5, p_adjusted = $6 WHERE no = $1",
                   SQL_ARGS(sql_int(known->no), sql_real(c->before_mean), sql_real(c->after_mean),
                            sql_real(c->change_percent), sql_real(c->p), sql_real(c->p_adjusted)),
                   NULL, err);
}

static enum ou_status remove_lost(struct renewing *w, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < w->known_count; i++)
        if (!w->known[i].is_found && !w->known[i].has_note)
            status = sql_run(w->db, "DELETE FROM change_points WHERE no = $1",
                             SQL_ARGS(sql_int(w->known[i].no)), NULL, err);
    return status;
}

enum ou_status change_points_renew(struct sql *db, int64_t series_no, int64_t metric_no,
                                   int64_t from_ns, struct change_point_record *points,
                                   size_t count, int64_t now_ns, struct ou_error *err)
{
    struct renewing w = {
        .db = db, .series_no = series_no, .metric_no = metric_no, .now_ns = now_ns
    };
    enum ou_status status;

    arena_init(&w.memory, allocator_libc(), MEMORY_MAX);
    status = load_known(&w, from_ns, err);
    for (size_t i = 0; !status && i < count; i++) {
        struct known_point *known = find_known(&w, points[i].run_no);

        points[i].is_new = false;
        if (known)
            known->is_found = true;
        status = known ? change_point(&w, known, &points[i], err) : add_point(&w, &points[i], err);
    }
    if (!status)
        status = remove_lost(&w, err);
    arena_release(&w.memory);
    return status;
}

enum ou_status change_point_note(struct sql *db, const char *id, const char *note,
                                 struct ou_error *err)
{
    int64_t changed = 0;
    enum ou_status status =
        sql_run(db, "UPDATE change_points SET note = $2, revision = revision + 1 WHERE id = $1",
                SQL_ARGS(sql_text(id), sql_text(note)), &changed, err);

    if (!status && changed == 0)
        return ou_fail(err, OU_NOT_FOUND, "there is no such change point");
    return status;
}
