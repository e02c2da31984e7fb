#include "api/owned.h"

#include "store/keep.h"

/* The name of the project that the id belongs to. */
static const struct {
    const char *name, *statement;
} things[] = {
    [OWNED_RUN] = { "run", "SELECT p.name FROM runs r JOIN projects p "
                           "ON p.no = r.project_no WHERE r.id = $1" },
    [OWNED_SERIES] = { "series", "SELECT p.name FROM series s JOIN projects p "
                                 "ON p.no = s.project_no WHERE s.id = $1" },
    [OWNED_CHANGE_POINT] = { "change point",
                             "SELECT p.name FROM change_points c JOIN series s "
                             "ON s.no = c.series_no JOIN projects p ON p.no = s.project_no "
                             "WHERE c.id = $1" },
    [OWNED_THRESHOLD] = { "threshold", "SELECT p.name FROM thresholds t JOIN projects p "
                                       "ON p.no = t.project_no WHERE t.id = $1" },
    [OWNED_ALERT] = { "alert", "SELECT p.name FROM alerts a JOIN thresholds t "
                               "ON t.no = a.threshold_no JOIN projects p ON p.no = t.project_no "
                               "WHERE a.id = $1" },
};

static enum ou_status find_project(struct api_request *r, enum owned what, const char *id,
                                   const char **ret, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(r->db, things[what].statement, SQL_ARGS(sql_text(id)), &rows, err);

    *ret = NULL;
    if (status)
        return status;
    if (sql_next(rows))
        *ret = keep_text(&r->memory, sql_get_text(rows, 0));
    return sql_rows_end(rows, err);
}

bool api_owned(struct api_request *r, enum owned what, const char *id)
{
    struct ou_error err = { 0 };
    const char *project;
    const enum ou_status status = find_project(r, what, id, &project, &err);

    if (status)
        return api_failed(r, status, &err);
    return project
               ? api_may(r, project)
               : api_problem(r, PROBLEM_NOT_FOUND, "there is no %s %.64s", things[what].name, id);
}
