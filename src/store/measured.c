#include "store/measured.h"

#include <math.h>

#include "store/keep.h"
#include "store/record_doubles.h"

static enum ou_status no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_TOO_LARGE, "the names of what was measured take too much memory");
}

/* ---- names ---- */

static struct measured_series series_of_row(const struct sql_rows *rows, struct arena *memory)
{
    return (struct measured_series){
        .no = sql_get_int(rows, 0),
        .id = keep_text(memory, sql_get_text(rows, 1)),
        .project = keep_text(memory, sql_get_text(rows, 2)),
        .profile = keep_text(memory, sql_get_text(rows, 3)),
        .environment = keep_text(memory, sql_get_text(rows, 4)),
        .workload = keep_text(memory, sql_get_text(rows, 5)),
        .era = keep_text(memory, sql_get_text(rows, 6)),
        .backend = keep_text(memory, sql_get_text(rows, 7)),
        .machine = keep_text(memory, sql_get_text(rows, 8)),
    };
}

enum ou_status measured_series(struct sql *db, size_t most, struct arena *memory,
                               struct measured_series **ret, size_t *ret_count,
                               struct ou_error *err)
{
    static const char statement[] =
        "SELECT s.no, s.id, p.name, f.name, e.id, f.workload, f.era, e.backend, e.machine "
        "FROM series s JOIN projects p ON p.no = s.project_no "
        "JOIN profiles f ON f.no = s.profile_no JOIN environments e ON e.no = s.environment_no "
        "ORDER BY s.no LIMIT $1";
    struct measured_series *all = NULL;
    struct sql_rows *rows;
    bool has_room = true;
    size_t count = 0;
    enum ou_status status =
        sql_query(db, statement, SQL_ARGS(sql_int((int64_t)most + 1)), &rows, err);

    if (status)
        return status;
    while (has_room && sql_next(rows)) {
        struct measured_series *room = keep_room(memory, all, count, sizeof *all);

        has_room = room != NULL;
        if (has_room) {
            all = room;
            all[count] = series_of_row(rows, memory);
            has_room =
                all[count].id && all[count].project && all[count].profile && all[count].environment;
            count++;
        }
    }
    status = sql_rows_end(rows, err);
    *ret = all;
    *ret_count = count;
    if (!status && count > most)
        return ou_fail(err, OU_TOO_LARGE, "there are more than %zu series", most);
    return status || has_room ? status : no_memory(err);
}

enum ou_status measured_metrics(struct sql *db, struct arena *memory, struct measured_metric **ret,
                                size_t *ret_count, struct ou_error *err)
{
    static const char statement[] =
        "SELECT no, section, id, unit, description FROM metrics ORDER BY no";
    struct measured_metric *all = NULL;
    struct sql_rows *rows;
    bool has_room = true;
    size_t count = 0;
    enum ou_status status = sql_query(db, statement, SQL_NO_ARGS, &rows, err);

    if (status)
        return status;
    while (has_room && sql_next(rows)) {
        struct measured_metric *room = keep_room(memory, all, count, sizeof *all), *m;

        has_room = room != NULL;
        if (!has_room)
            break;
        all = room;
        m = &all[count++];
        *m = (struct measured_metric){
            sql_get_int(rows, 0),
            keep_text(memory, sql_get_text(rows, 1)),
            keep_text(memory, sql_get_text(rows, 2)),
            keep_text(memory, sql_get_text(rows, 3)),
            keep_text(memory, sql_get_text(rows, 4)),
        };
        has_room = m->section && m->id && m->unit && m->description;
    }
    status = sql_rows_end(rows, err);
    *ret = all;
    *ret_count = count;
    return status || has_room ? status : no_memory(err);
}

/* ---- values ---- */

/* Of a series, its runs by their index and their values by the primary key; of a metric, its values by their index. */
#define VALUES                                                                                  \
    "SELECT r.series_no, x.metric_no, r.sort_ns, r.id, r.name, v.name, x.n, x.mean, x.median, " \
    "x.sd, x.low, x.high, x.quantiles "
#define IN_TIME " r.sort_ns >= $1 AND r.sort_ns <= $2 AND r.state = 'finished' "
#define OF_SERIES                                                                             \
    "FROM runs r JOIN versions v ON v.no = r.version_no JOIN summaries x ON x.run_no = r.no " \
    "WHERE r.series_no = $4 AND" IN_TIME
#define OF_METRIC                                                                             \
    "FROM summaries x JOIN runs r ON r.no = x.run_no JOIN versions v ON v.no = r.version_no " \
    "WHERE x.metric_no = $4 AND" IN_TIME

static enum ou_status open_values(struct sql *db, const struct measured_choice *c,
                                  struct sql_rows **ret, struct ou_error *err)
{
    const struct sql_value args[] = { sql_int(c->from_ns), sql_int(c->to_ns),
                                      sql_int((int64_t)c->most + 1),
                                      sql_int(c->series_no ? c->series_no : c->metric_no),
                                      sql_int(c->metric_no) };

    if (c->series_no && c->metric_no)
        return sql_query(db,
                         VALUES OF_SERIES "AND x.metric_no = $5 ORDER BY r.sort_ns, r.no "
                                          "LIMIT $3",
                         args, 5, ret, err);
    if (c->series_no)
        return sql_query(db, VALUES OF_SERIES "ORDER BY x.metric_no, r.sort_ns, r.no LIMIT $3",
                         args, 4, ret, err);
    return sql_query(db, VALUES OF_METRIC "ORDER BY r.series_no, r.sort_ns, r.no LIMIT $3", args, 4,
                     ret, err);
}

static struct measured_row value_of_row(const struct sql_rows *rows)
{
    return (struct measured_row){
        .series_no = sql_get_int(rows, 0),
        .metric_no = sql_get_int(rows, 1),
        .at_ns = sql_get_int(rows, 2),
        .run = sql_get_text(rows, 3),
        .name = sql_get_text(rows, 4),
        .version = sql_get_text(rows, 5),
        .n = sql_get_real(rows, 6),
        .mean = sql_get_real(rows, 7),
        .median = sql_get_real(rows, 8),
        .sd = sql_get_real(rows, 9),
        .low = sql_get_real(rows, 10),
        .high = sql_get_real(rows, 11),
        .quantiles = sql_get_blob(rows, 12),
    };
}

enum ou_status measured_values(struct sql *db, const struct measured_choice *choice,
                               bool (*each)(void *context, const struct measured_row *row),
                               void *context, bool *ret_cut, struct ou_error *err)
{
    struct sql_rows *rows;
    bool goes_on = true;
    size_t count = 0;
    enum ou_status status = open_values(db, choice, &rows, err);

    *ret_cut = false;
    if (status)
        return status;
    while (goes_on && sql_next(rows)) {
        struct measured_row row = value_of_row(rows);

        *ret_cut = count++ == choice->most;
        goes_on = !*ret_cut && each(context, &row);
    }
    return sql_rows_end(rows, err);
}

double measured_quantile(struct span quantiles, size_t place)
{
    double value = NAN;

    if ((place + 1) * RECORD_DOUBLE_BYTES <= quantiles.len)
        record_doubles_get(quantiles.at + place * RECORD_DOUBLE_BYTES, 1, &value);
    return value;
}

/* ---- runs ---- */

enum ou_status measured_runs(struct sql *db, int64_t from_ns, int64_t to_ns, size_t most,
                             bool (*each)(void *context, const struct measured_run *run),
                             void *context, bool *ret_cut, struct ou_error *err)
{
    static const char statement[] =
        "SELECT r.series_no, r.sort_ns, r.id, r.name, v.name, v.commit_hash "
        "FROM runs r JOIN versions v ON v.no = r.version_no WHERE" IN_TIME
        "ORDER BY r.series_no, r.sort_ns, r.no LIMIT $3";
    struct sql_rows *rows;
    bool goes_on = true;
    size_t count = 0;
    enum ou_status status = sql_query(
        db, statement, SQL_ARGS(sql_int(from_ns), sql_int(to_ns), sql_int((int64_t)most + 1)),
        &rows, err);

    *ret_cut = false;
    if (status)
        return status;
    while (goes_on && sql_next(rows)) {
        struct measured_run run = { sql_get_int(rows, 0),  sql_get_int(rows, 1),
                                    sql_get_text(rows, 2), sql_get_text(rows, 3),
                                    sql_get_text(rows, 4), sql_get_text(rows, 5) };

        *ret_cut = count++ == most;
        goes_on = !*ret_cut && each(context, &run);
    }
    return sql_rows_end(rows, err);
}

/* ---- who has what ---- */

static enum ou_status each_number(struct sql *db, const char *statement, int64_t no,
                                  int64_t from_ns, int64_t to_ns,
                                  bool (*each)(void *context, int64_t no), void *context,
                                  struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(
        db, statement, SQL_ARGS(sql_int(from_ns), sql_int(to_ns), sql_int(no)), &rows, err);

    if (status)
        return status;
    while (sql_next(rows) && each(context, sql_get_int(rows, 0)))
        ;
    return sql_rows_end(rows, err);
}

enum ou_status measured_series_of(struct sql *db, int64_t metric_no, int64_t from_ns, int64_t to_ns,
                                  bool (*each)(void *context, int64_t series_no), void *context,
                                  struct ou_error *err)
{
    static const char statement[] =
        "SELECT DISTINCT r.series_no FROM summaries x JOIN runs r ON r.no = x.run_no WHERE "
        "x.metric_no = $3 AND x.mean IS NOT NULL AND" IN_TIME "ORDER BY r.series_no";

    return each_number(db, statement, metric_no, from_ns, to_ns, each, context, err);
}

enum ou_status measured_metrics_of(struct sql *db, int64_t series_no, int64_t from_ns,
                                   int64_t to_ns, bool (*each)(void *context, int64_t metric_no),
                                   void *context, struct ou_error *err)
{
    static const char statement[] =
        "SELECT x.metric_no FROM summaries x WHERE x.mean IS NOT NULL AND x.run_no = "
        "(SELECT r.no FROM runs r WHERE r.series_no = $3 AND" IN_TIME
        "ORDER BY r.sort_ns DESC, r.no DESC LIMIT 1) ORDER BY x.metric_no";

    return each_number(db, statement, series_no, from_ns, to_ns, each, context, err);
}

/* ---- runs in progress ---- */

enum ou_status measured_live(struct sql *db, int64_t from_ns, int64_t to_ns, size_t most,
                             bool (*each)(void *context, const struct measured_live *live),
                             void *context, struct ou_error *err)
{
    static const char statement[] =
        "SELECT l.id, p.name, l.profile, l.trail, l.began_ns, l.heard_ns, l.ended_ns "
        "FROM live_runs l JOIN projects p ON p.no = l.project_no "
        "WHERE l.heard_ns >= $1 AND l.began_ns <= $2 ORDER BY l.began_ns DESC, l.id LIMIT $3";
    struct sql_rows *rows;
    bool goes_on = true;
    enum ou_status status =
        sql_query(db, statement, SQL_ARGS(sql_int(from_ns), sql_int(to_ns), sql_int((int64_t)most)),
                  &rows, err);

    if (status)
        return status;
    while (goes_on && sql_next(rows)) {
        struct measured_live live = {
            sql_get_text(rows, 0), sql_get_text(rows, 1), sql_get_text(rows, 2),
            sql_get_text(rows, 3), sql_get_int(rows, 4),  sql_get_int(rows, 5),
            sql_get_time(rows, 6),
        };

        goes_on = each(context, &live);
    }
    return sql_rows_end(rows, err);
}
