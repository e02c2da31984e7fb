#include <stdio.h>

#include "store/record_inside.h"

/* All tables of a run's own refer to it and go with it. */
enum ou_status record_delete_rows(struct sql *db, int64_t run_no, struct ou_error *err)
{
    return sql_run(db, "DELETE FROM runs WHERE no = $1", SQL_ARGS(sql_int(run_no)), NULL, err);
}

/* A run that is to go, with what is told of it. */
struct leaving {
    bool found;
    int64_t no;
    struct record_places places;
    char project[256], name[512], state[32];
};

static void keep(char *room, size_t bytes, struct span text)
{
    snprintf(room, bytes, "%.*s", (int)text.len, text.at);
}

static enum ou_status find_leaving(struct sql *db, const char *id, struct leaving *ret,
                                   struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(db,
                  "SELECT r.no, r.project_no, r.profile_no, r.environment_no, r.version_no, "
                  "r.series_no, p.name, r.name, r.state FROM runs r "
                  "JOIN projects p ON p.no = r.project_no WHERE r.id = $1",
                  SQL_ARGS(sql_text(id)), &rows, err);

    if (status)
        return status;
    ret->found = sql_next(rows);
    if (ret->found) {
        ret->no = sql_get_int(rows, 0);
        ret->places = (struct record_places){ sql_get_int(rows, 1), sql_get_int(rows, 2),
                                              sql_get_int(rows, 3), sql_get_int(rows, 4),
                                              sql_get_int(rows, 5) };
        keep(ret->project, sizeof ret->project, sql_get_text(rows, 6));
        keep(ret->name, sizeof ret->name, sql_get_text(rows, 7));
        keep(ret->state, sizeof ret->state, sql_get_text(rows, 8));
    }
    return sql_rows_end(rows, err);
}

enum ou_status record_delete_run(struct sql *db, const char *id, const struct put_options *options,
                                 struct ou_error *err)
{
    struct leaving run;
    enum ou_status status = find_leaving(db, id, &run, err);

    if (!status && !run.found)
        status = ou_fail(err, OU_NOT_FOUND, "there is no run %s", id);
    if (!status)
        status = record_delete_rows(db, run.no, err);
    if (!status)
        status = record_places_prune(db, &run.places, err);
    if (status)
        return status;
    return record_tell(db,
                       &(struct record_event){ .kind = "run.deleted",
                                               .action = "run.delete",
                                               .id = id,
                                               .project = run.project,
                                               .name = run.name,
                                               .state = run.state },
                       options, err);
}
