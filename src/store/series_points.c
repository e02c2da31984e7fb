/* Series with the numbers of their runs: one statement for the runs, one for their values. */
#include "store/judgements.h"
#include "store/keep.h"

/* What the statements share: the last $2 runs of a series or project $1. What is not asked for has no condition, and the table of
 * runs is not joined with itself: so a database can keep the plan, which takes as long to make as to carry out. A range of one number,
 * and an order that begins with it, leave no other way than the index that has them: given an equality, PostgreSQL may walk through
 * all runs by time, on statistics that have not heard of a new project. */
#define LAST(column, condition)                                               \
    "WHERE r." column " BETWEEN $1 AND $1 AND r.state = 'finished'" condition \
    " ORDER BY r." column " DESC, r.sort_ns DESC, r.no DESC LIMIT $2"
#define OF_SERIES LAST("series_no", "")
#define OF_PROJECT LAST("project_no", "")
#define OF_PROFILE \
    LAST("project_no", " AND r.profile_no IN (SELECT no FROM profiles WHERE name = $3)")

#define RUNS(chosen)                                                                         \
    "SELECT * FROM (SELECT r.no, r.series_no, r.started_ns, r.sort_ns, r.id, r.name, "       \
    "v.name AS version, p.name AS profile, p.workload, s.id AS series, s.title FROM runs r " \
    "JOIN versions v ON v.no = r.version_no JOIN profiles p ON p.no = r.profile_no "         \
    "JOIN series s ON s.no = r.series_no " chosen ") chosen ORDER BY sort_ns, no"

#define POINTS(chosen, metric)                                                           \
    "SELECT x.run_no, x.metric_no, x.n, x.mean, x.sd FROM (SELECT r.no, r.sort_ns FROM " \
    "runs r " chosen ") chosen JOIN summaries x ON x.run_no = chosen.no WHERE x.mean "   \
    "IS NOT NULL" metric " ORDER BY chosen.sort_ns, chosen.no, x.metric_no"
#define OF_METRIC(parameter) " AND x.metric_no = " parameter

struct series_statements {
    const char *runs, *points, *points_of_one;
};
static const struct series_statements of_series = { RUNS(OF_SERIES), POINTS(OF_SERIES, ""),
                                                    POINTS(OF_SERIES, OF_METRIC("$3")) },
                                      of_project = { RUNS(OF_PROJECT), POINTS(OF_PROJECT, ""),
                                                     POINTS(OF_PROJECT, OF_METRIC("$3")) },
                                      of_profile = { RUNS(OF_PROFILE), POINTS(OF_PROFILE, ""),
                                                     POINTS(OF_PROFILE, OF_METRIC("$4")) };

struct gathering {
    struct sql *db;
    struct arena *memory;
    struct series_data *data;
    int64_t no;          /* of the series or project */
    const char *profile; /* NULL: all */
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

static enum ou_status project_no_of(struct sql *db, const char *run, int64_t *ret,
                                    struct ou_error *err)
{
    return find_no(db, "SELECT project_no FROM runs WHERE id = $1", "run", run, ret, err);
}

static enum ou_status find_chosen(struct sql *db, const struct series_choice *choice, int64_t *ret,
                                  struct ou_error *err)
{
    if (choice->series)
        return find_no(db, "SELECT no FROM series WHERE id = $1", "series", choice->series, ret,
                       err);
    if (choice->project_of)
        return project_no_of(db, choice->project_of, ret, err);
    return find_no(db, "SELECT no FROM projects WHERE name = $1", "project", choice->project, ret,
                   err);
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

/* metric_no: 0 for a statement that asks for none. */
static enum ou_status open_rows(struct gathering *g, const char *statement, int64_t metric_no,
                                struct sql_rows **ret, struct ou_error *err)
{
    struct sql_value args[4] = { sql_int(g->no), sql_int((int64_t)g->choice->most) };
    size_t count = 2;

    if (g->profile)
        args[count++] = sql_text(g->profile);
    if (metric_no)
        args[count++] = sql_int(metric_no);
    return sql_query(g->db, statement, args, count, ret, err);
}

static enum ou_status gather_runs(struct gathering *g, const char *statement, struct ou_error *err)
{
    struct sql_rows *rows;
    bool has_room = true;
    enum ou_status status = open_rows(g, statement, 0, &rows, err);

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
    enum ou_status status = open_rows(g, statement, g->choice->metric_no, &rows, err);

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
    const char *const profile =
        !choice->series && choice->profile && *choice->profile ? choice->profile : NULL;
    const struct series_statements *s = choice->series ? &of_series
                                        : profile      ? &of_profile
                                                       : &of_project;
    struct gathering g = {
        .db = db, .memory = memory, .data = ret, .choice = choice, .profile = profile
    };
    enum ou_status status;

    *ret = (struct series_data){ 0 };
    status = find_chosen(db, choice, &g.no, err);
    if (!status)
        status = gather_runs(&g, s->runs, err);
    return status ? status
                  : gather_points(&g, choice->metric_no ? s->points_of_one : s->points, err);
}

/* ---- runs alone ---- */

static const char *const ids_of_project = "SELECT r.id FROM runs r " OF_PROJECT;

static void oldest_first(const char **ids, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        const char *id = ids[i];

        ids[i] = ids[count - 1 - i];
        ids[count - 1 - i] = id;
    }
}

enum ou_status project_run_ids(struct sql *db, const char *run, size_t most, struct arena *memory,
                               const char ***ret, size_t *ret_count, struct ou_error *err)
{
    struct sql_rows *rows;
    const char **ids = NULL;
    bool has_room = true;
    size_t count = 0;
    int64_t project_no;
    enum ou_status status = project_no_of(db, run, &project_no, err);

    if (!status)
        status = sql_query(db, ids_of_project,
                           SQL_ARGS(sql_int(project_no), sql_int((int64_t)most)), &rows, err);
    if (status)
        return status;
    while (has_room && sql_next(rows)) {
        const char **room = keep_room(memory, ids, count, sizeof *ids);

        has_room = room && (room[count] = keep_text(memory, sql_get_text(rows, 0)));
        ids = room;
        count++;
    }
    status = sql_rows_end(rows, err);
    if (status || !has_room)
        return status ? status : no_memory(err);
    oldest_first(ids, count);
    *ret = ids;
    *ret_count = count;
    return OU_OK;
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
