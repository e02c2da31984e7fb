#include "store/prune.h"

#include "base/time.h"
#include "store/keep.h"
#include "store/records.h"

/* ---- runs ---- */

static enum ou_status check_project(struct sql *db, const char *project, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status;
    bool found;

    if (!project)
        return OU_OK;
    status = sql_query(db, "SELECT 1 FROM projects WHERE name = $1", SQL_ARGS(sql_text(project)),
                       &rows, err);
    if (status)
        return status;
    found = sql_next(rows);
    status = sql_rows_end(rows, err);
    if (status || found)
        return status;
    return ou_fail(err, OU_NOT_FOUND, "%s: there is no project %s", sql_shown(db), project);
}

static enum ou_status add(struct arena *memory, const struct sql_rows *rows,
                          struct prune_run **runs, size_t *count, struct ou_error *err)
{
    struct prune_run *grown = keep_room(memory, *runs, *count, sizeof **runs);

    if (*count == PRUNE_RUNS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "more than %d runs at once", PRUNE_RUNS_MAX);
    if (!grown)
        return ou_fail(err, OU_NO_MEMORY, "list runs: no memory");
    *runs = grown;
    grown[*count] = (struct prune_run){
        .id = keep_text(memory, sql_get_text(rows, 0)),
        .project = keep_text(memory, sql_get_text(rows, 1)),
        .name = keep_text(memory, sql_get_text(rows, 2)),
        .series = keep_text(memory, sql_get_text(rows, 3)),
        .at_ns = sql_get_time(rows, 4),
    };
    if (!grown[*count].id || !grown[*count].project || !grown[*count].name || !grown[*count].series)
        return ou_fail(err, OU_NO_MEMORY, "list runs: no memory");
    ++*count;
    return OU_OK;
}

enum ou_status prune_find(struct sql *db, const struct prune_rule *rule, struct arena *memory,
                          struct prune_run **ret, size_t *ret_count, struct ou_error *err)
{
    static const char statement[] =
        "SELECT id, project, name, series, at FROM (SELECT r.id AS id, p.name AS project,"
        " r.name AS name, s.id AS series, r.sort_ns AS at, row_number() OVER (PARTITION BY"
        " r.series_no ORDER BY r.sort_ns DESC, r.no DESC) AS place FROM runs r"
        " JOIN projects p ON p.no = r.project_no JOIN series s ON s.no = r.series_no) AS placed"
        " WHERE place > $1 AND at < $2 AND ($3 = '' OR project = $3) ORDER BY at, id";
    struct prune_run *runs = NULL;
    struct sql_rows *rows;
    size_t count = 0;
    enum ou_status ended, status = check_project(db, rule->project, err);
    int64_t before_ns = rule->before_ns == TIME_NONE ? INT64_MAX : rule->before_ns;

    if (!status)
        status = sql_query(db, statement,
                           SQL_ARGS(sql_int(rule->keep), sql_int(before_ns),
                                    sql_text(rule->project ? rule->project : "")),
                           &rows, err);
    if (status)
        return status;
    while (!status && sql_next(rows))
        status = add(memory, rows, &runs, &count, err);
    ended = sql_rows_end(rows, status ? NULL : err);
    if (status || ended)
        return status ? status : ended;
    *ret = runs;
    *ret_count = count;
    return OU_OK;
}

static enum ou_status delete_run(struct sql *db, void *context, struct ou_error *err)
{
    const struct prune_run *run = context;
    const struct put_options options = { .actor = "local", .now_ns = time_wall_ns() };
    enum ou_status status = record_delete_run(db, run->id, &options, err);

    return status == OU_NOT_FOUND ? OU_OK : status;
}

enum ou_status prune_run(struct sql *db, const struct prune_run *run, struct ou_error *err)
{
    return sql_write(db, delete_run, (void *)run, err);
}

/* ---- the rest ---- */

static enum ou_status count_rows(struct sql *db, const char *statement,
                                 const struct sql_value *args, size_t arg_count, int64_t *ret,
                                 struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, statement, args, arg_count, &rows, err);

    if (status)
        return status;
    *ret = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    return sql_rows_end(rows, err);
}

enum ou_status prune_count_rest(struct sql *db, int64_t audit_before_ns, bool computed,
                                struct prune_counts *ret, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    *ret = (struct prune_counts){ 0 };
    if (audit_before_ns != TIME_NONE)
        status = count_rows(db, "SELECT count(*) FROM audit WHERE at_ns < $1",
                            SQL_ARGS(sql_int(audit_before_ns)), &ret->audit, err);
    if (!status && computed)
        status =
            count_rows(db, "SELECT count(*) FROM comparisons", SQL_NO_ARGS, &ret->computed, err);
    return status;
}

struct rest {
    int64_t audit_before_ns;
    bool computed;
    struct prune_counts counts;
};

static enum ou_status delete_rest(struct sql *db, void *context, struct ou_error *err)
{
    struct rest *rest = context;
    enum ou_status status = OU_OK;

    rest->counts = (struct prune_counts){ 0 };
    if (rest->audit_before_ns != TIME_NONE)
        status = sql_run(db, "DELETE FROM audit WHERE at_ns < $1",
                         SQL_ARGS(sql_int(rest->audit_before_ns)), &rest->counts.audit, err);
    if (!status && rest->computed)
        status = sql_run(db, "DELETE FROM comparisons", SQL_NO_ARGS, &rest->counts.computed, err);
    return status;
}

enum ou_status prune_rest(struct sql *db, int64_t audit_before_ns, bool computed,
                          struct prune_counts *ret, struct ou_error *err)
{
    struct rest rest = { .audit_before_ns = audit_before_ns, .computed = computed };
    enum ou_status status = sql_write(db, delete_rest, &rest, err);

    if (!status)
        *ret = rest.counts;
    return status;
}

enum ou_status prune_shrink(struct sql *db, struct ou_error *err)
{
    return sql_script(db, "VACUUM", err);
}
