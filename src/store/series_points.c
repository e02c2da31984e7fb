/* Series with the numbers of their runs: one statement for the runs, one for their values. */
#include "store/judgements.h"
#include "store/keep.h"

/* What the two statements share: the last runs of a series, or of a project. Which one is the shape's business, the
 * profile is a filter. */
#define CHOSEN(column)                                                                        \
    "SELECT r.no, r.sort_ns FROM runs r JOIN profiles p ON p.no = r.profile_no WHERE " column \
    " = $1 AND ($2 = '' OR p.name = $2) AND r.state = 'finished' "                            \
    "ORDER BY r.sort_ns DESC, r.no DESC LIMIT $3"

#define RUNS(column)                                                                             \
    "SELECT r.no, r.series_no, r.started_ns, r.sort_ns, r.id, r.name, v.name, p.name, "          \
    "p.workload, s.id, s.title FROM (" CHOSEN(                                                   \
        column) ") chosen JOIN runs r ON r.no = chosen.no "                                      \
                "JOIN versions v ON v.no = r.version_no JOIN profiles p ON p.no = r.profile_no " \
                "JOIN series s ON s.no = r.series_no ORDER BY r.sort_ns, r.no"

#define POINTS(column, metric)                                                                  \
    "SELECT x.run_no, x.metric_no, x.n, x.mean, x.sd FROM (" CHOSEN(                            \
        column) ") chosen "                                                                     \
                "JOIN summaries x ON x.run_no = chosen.no WHERE x.mean IS NOT NULL AND " metric \
                " ORDER BY chosen.sort_ns, chosen.no, x.metric_no"

static const struct {
    const char *runs, *points, *points_of_one;
} of_series = { RUNS("r.series_no"), POINTS("r.series_no", "$4 = 0"),
                POINTS("r.series_no", "x.metric_no = $4") },
  of_project = { RUNS("r.project_no"), POINTS("r.project_no", "$4 = 0"),
                 POINTS("r.project_no", "x.metric_no = $4") };

struct gathering {
    struct sql *db;
    struct arena *memory;
    struct series_data *data;
    int64_t no; /* of the series or project */
    const struct series_choice *choice;
};

static enum ou_status no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_TOO_LARGE, "the numbers of so many runs take too much memory");
}

static enum ou_status find_no(struct sql *db, const char *statement, const char *what,
                              const char *name, int64_t *ret, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, statement, SQL_ARGS(sql_text(name)), &rows, err);

    if (status)
        return status;
    *ret = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    status = sql_rows_end(rows, err);
    if (!status && *ret == 0)
        return ou_fail(err, OU_NOT_FOUND, "there is no %s %.100s", what, name);
    return status;
}

/* Runs of one series stand behind each other, mostly: what they share is kept once. */
static const char *keep_shared(struct arena *memory, struct span text, const char *before)
{
    return before && span_is(text, before) ? before : keep_text(memory, text);
}

static bool take_run(struct gathering *g, const struct sql_rows *rows)
{
    struct series_data *d = g->data;
    const struct series_run *before = d->run_count ? &d->runs[d->run_count - 1] : NULL;
    struct series_run *runs = keep_room(g->memory, d->runs, d->run_count, sizeof *runs), *run;

    if (!runs)
        return false;
    d->runs = runs;
    run = &runs[d->run_count++];
    *run = (struct series_run){
        .no = sql_get_int(rows, 0),
        .series_no = sql_get_int(rows, 1),
        .started_ns = sql_get_time(rows, 2),
        .sort_ns = sql_get_int(rows, 3),
        .id = keep_text(g->memory, sql_get_text(rows, 4)),
        .name = keep_text(g->memory, sql_get_text(rows, 5)),
        .version = keep_text(g->memory, sql_get_text(rows, 6)),
        .profile = keep_shared(g->memory, sql_get_text(rows, 7), before ? before->profile : NULL),
        .workload = keep_shared(g->memory, sql_get_text(rows, 8), before ? before->workload : NULL),
        .series = keep_shared(g->memory, sql_get_text(rows, 9), before ? before->series : NULL),
        .series_title =
            keep_shared(g->memory, sql_get_text(rows, 10), before ? before->series_title : NULL),
    };
    return run->id && run->name && run->version && run->profile && run->series &&
           run->series_title && (run->workload || sql_is_null(rows, 8));
}

/* Both statements have the runs in the same order. */
static bool take_point(struct gathering *g, const struct sql_rows *rows, size_t *run)
{
    struct series_data *d = g->data;
    struct series_point *points;
    const int64_t no = sql_get_int(rows, 0);
    size_t at = *run;

    while (at < d->run_count && d->runs[at].no != no)
        at++;
    if (at == d->run_count)
        return true; /* of a run that came in between; the next call has it */
    *run = at;
    points = keep_room(g->memory, d->points, d->point_count, sizeof *points);
    if (!points)
        return false;
    d->points = points;
    points[d->point_count++] = (struct series_point){
        .run = at,
        .metric_no = sql_get_int(rows, 1),
        .n = sql_get_real(rows, 2),
        .mean = sql_get_real(rows, 3),
        .sd = sql_get_real(rows, 4),
    };
    return true;
}

static enum ou_status open_rows(struct gathering *g, const char *statement, bool with_metric,
                                struct sql_rows **ret, struct ou_error *err)
{
    const struct sql_value args[] = { sql_int(g->no),
                                      sql_text(g->choice->profile ? g->choice->profile : ""),
                                      sql_int((int64_t)g->choice->most),
                                      sql_int(g->choice->metric_no) };

    return sql_query(g->db, statement, args, with_metric ? 4 : 3, ret, err);
}

static enum ou_status gather_runs(struct gathering *g, const char *statement, struct ou_error *err)
{
    struct sql_rows *rows;
    bool has_room = true;
    enum ou_status status = open_rows(g, statement, false, &rows, err);

    if (status)
        return status;
    while (has_room && sql_next(rows))
        has_room = take_run(g, rows);
    status = sql_rows_end(rows, err);
    return status || has_room ? status : no_memory(err);
}

static enum ou_status gather_points(struct gathering *g, const char *statement,
                                    struct ou_error *err)
{
    struct sql_rows *rows;
    bool has_room = true;
    size_t run = 0;
    enum ou_status status = open_rows(g, statement, true, &rows, err);

    if (status)
        return status;
    while (has_room && sql_next(rows))
        has_room = take_point(g, rows, &run);
    status = sql_rows_end(rows, err);
    return status || has_room ? status : no_memory(err);
}

enum ou_status series_points(struct sql *db, const struct series_choice *choice,
                             struct arena *memory, struct series_data *ret, struct ou_error *err)
{
    struct gathering g = { .db = db, .memory = memory, .data = ret, .choice = choice };
    const char *runs = choice->series ? of_series.runs : of_project.runs;
    const char *points = choice->series ? of_series.points : of_project.points;
    enum ou_status status;

    if (choice->metric_no)
        points = choice->series ? of_series.points_of_one : of_project.points_of_one;
    *ret = (struct series_data){ 0 };
    status = choice->series ? find_no(db, "SELECT no FROM series WHERE id = $1", "series",
                                      choice->series, &g.no, err)
                            : find_no(db, "SELECT no FROM projects WHERE name = $1", "project",
                                      choice->project, &g.no, err);
    if (!status)
        status = gather_runs(&g, runs, err);
    return status ? status : gather_points(&g, points, err);
}

/* ---- metrics by number ---- */

enum ou_status metric_names(struct sql *db, struct arena *memory, struct metric_name **ret,
                            size_t *ret_count, struct ou_error *err)
{
    struct sql_rows *rows;
    struct metric_name *names = NULL;
    bool has_room = true;
    size_t count = 0;
    enum ou_status status =
        sql_query(db, "SELECT no, section, id FROM metrics ORDER BY no", SQL_NO_ARGS, &rows, err);

    if (status)
        return status;
    while (has_room && sql_next(rows)) {
        struct metric_name *room = keep_room(memory, names, count, sizeof *names);

        has_room = room != NULL;
        if (!has_room)
            break;
        names = room;
        names[count] =
            (struct metric_name){ sql_get_int(rows, 0), keep_text(memory, sql_get_text(rows, 1)),
                                  keep_text(memory, sql_get_text(rows, 2)) };
        has_room = names[count].section && names[count].id;
        count++;
    }
    status = sql_rows_end(rows, err);
    *ret = names;
    *ret_count = count;
    return status || has_room ? status : no_memory(err);
}

enum ou_status metric_no_find(struct sql *db, const char *section, const char *id, int64_t *ret,
                              struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, "SELECT no FROM metrics WHERE section = $1 AND id = $2",
                                      SQL_ARGS(sql_text(section), sql_text(id)), &rows, err);

    if (status)
        return status;
    *ret = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    return sql_rows_end(rows, err);
}
