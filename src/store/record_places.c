/* What runs have in common - projects, profiles, environments, versions, series, metrics - each found by what it is, and
 * made by the first run that names it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/record_bulk.h"
#include "store/record_inside.h"

enum ou_status record_find_no(struct sql *db, const char *statement, const struct sql_value *args,
                              size_t count, int64_t *ret, bool *ret_found, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, statement, args, count, &rows, err);

    *ret_found = false;
    if (status)
        return status;
    if (sql_next(rows)) {
        *ret = sql_get_int(rows, 0);
        *ret_found = true;
    }
    return sql_rows_end(rows, err);
}

/* A row that is found by `find`, else made by `make`, which returns nothing where another connection was first. */
struct wanted {
    const char *find, *make;
    const struct sql_value *find_args, *make_args;
    size_t find_count, make_count;
};

static enum ou_status find_or_make(struct sql *db, const struct wanted *w, int64_t *ret,
                                   bool *ret_new, struct ou_error *err)
{
    bool found;
    enum ou_status status =
        record_find_no(db, w->find, w->find_args, w->find_count, ret, &found, err);

    *ret_new = false;
    if (!status && !found) {
        status = record_find_no(db, w->make, w->make_args, w->make_count, ret, &found, err);
        *ret_new = found;
    }
    if (!status && !found)
        status = record_find_no(db, w->find, w->find_args, w->find_count, ret, &found, err);
    if (!status && !found)
        status = ou_fail(err, OU_IO, "%s: a row that was made is not there", sql_shown(db));
    return status;
}

/* --- Projects and metrics --------------------------------------------------------------------- */

enum ou_status record_project_no(struct sql *db, const char *name, int64_t now_ns, int64_t *ret,
                                 struct ou_error *err)
{
    const struct sql_value find[] = { sql_text(name) };
    const struct sql_value make[] = { sql_text(name), sql_text(name), sql_time(now_ns) };
    const struct wanted wanted = {
        "SELECT no FROM projects WHERE name = $1",
        "INSERT INTO projects (name, title, created_ns) VALUES ($1, $2, $3) "
        "ON CONFLICT DO NOTHING RETURNING no",
        find,
        make,
        1,
        3,
    };
    bool is_new;

    return find_or_make(db, &wanted, ret, &is_new, err);
}

/* The words of a later program are those that count. */
static enum ou_status renew_metric(struct sql *db, int64_t no, const struct metric_record *m,
                                   struct ou_error *err)
{
    return sql_run(db,
                   "UPDATE metrics SET name = $2, unit = $3, direction = $4, description = $5 "
                   "WHERE no = $1 AND (name <> $2 OR unit <> $3 OR direction <> $4 OR "
                   "description <> $5)",
                   SQL_ARGS(sql_int(no), sql_text(m->name), sql_text(m->unit),
                            sql_text(m->direction), sql_text(m->description)),
                   NULL, err);
}

static bool same_words(const struct sql_rows *rows, const struct metric_record *m)
{
    return span_is(sql_get_text(rows, 1), m->name) && span_is(sql_get_text(rows, 2), m->unit) &&
           span_is(sql_get_text(rows, 3), m->direction) &&
           span_is(sql_get_text(rows, 4), m->description);
}

static enum ou_status find_metric(struct sql *db, const struct metric_record *m, int64_t *ret,
                                  bool *ret_found, bool *ret_same, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db,
                                      "SELECT no, name, unit, direction, description FROM metrics "
                                      "WHERE section = $1 AND id = $2",
                                      SQL_ARGS(sql_text(m->section), sql_text(m->id)), &rows, err);

    *ret_found = *ret_same = false;
    if (status)
        return status;
    if (sql_next(rows)) {
        *ret = sql_get_int(rows, 0);
        *ret_found = true;
        *ret_same = same_words(rows, m);
    }
    return sql_rows_end(rows, err);
}

static enum ou_status make_metric(struct sql *db, const struct metric_record *m, int64_t *ret,
                                  struct ou_error *err)
{
    const struct sql_value find[] = { sql_text(m->section), sql_text(m->id) };
    const struct sql_value make[] = { sql_text(m->section),   sql_text(m->id),
                                      sql_text(m->name),      sql_text(m->unit),
                                      sql_text(m->direction), sql_text(m->description) };
    const struct wanted wanted = {
        "SELECT no FROM metrics WHERE section = $1 AND id = $2",
        "INSERT INTO metrics (section, id, name, unit, direction, description) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING no",
        find,
        make,
        2,
        6,
    };
    bool is_new;

    return find_or_make(db, &wanted, ret, &is_new, err);
}

enum ou_status record_metric_no(struct sql *db, const struct metric_record *metric, int64_t *ret,
                                struct ou_error *err)
{
    bool found, same;
    enum ou_status status = find_metric(db, metric, ret, &found, &same, err);

    if (!status && !found)
        return make_metric(db, metric, ret, err);
    if (!status && !same)
        status = renew_metric(db, *ret, metric, err);
    return status;
}

/* --- Profiles, environments, versions, series ------------------------------------------------- */

static enum ou_status profile_no(struct sql *db, const struct run_record *run, int64_t *ret,
                                 char ret_id[RECORD_ID_ROOM], struct ou_error *err)
{
    const char *const parts[] = { run->profile.name, run->profile.era, run->profile.workload,
                                  run->profile.facts };
    bool is_new;

    record_id(parts, 4, ret_id);
    return find_or_make(
        db,
        &(struct wanted){
            "SELECT no FROM profiles WHERE id = $1",
            "INSERT INTO profiles (id, name, era, workload, facts) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT DO NOTHING RETURNING no",
            (const struct sql_value[]){ sql_text(ret_id) },
            (const struct sql_value[]){ sql_text(ret_id), sql_text(parts[0]), sql_text(parts[1]),
                                        sql_text(parts[2]), sql_text(parts[3]) },
            1, 5 },
        ret, &is_new, err);
}

static enum ou_status environment_no(struct sql *db, const struct run_record *run, int64_t *ret,
                                     char ret_id[RECORD_ID_ROOM], struct ou_error *err)
{
    int64_t hosts = run->environment.hosts;
    struct sql_value hosts_value = hosts < 0 ? sql_none() : sql_int(hosts);
    char hosts_text[24];
    const char *const parts[] = { run->environment.backend, run->environment.machine,
                                  hosts < 0 ? NULL : hosts_text, run->environment.facts };
    bool is_new;

    snprintf(hosts_text, sizeof hosts_text, "%lld", (long long)hosts);
    record_id(parts, 4, ret_id);
    return find_or_make(
        db,
        &(struct wanted){ "SELECT no FROM environments WHERE id = $1",
                          "INSERT INTO environments (id, backend, machine, hosts, facts) "
                          "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING no",
                          (const struct sql_value[]){ sql_text(ret_id) },
                          (const struct sql_value[]){ sql_text(ret_id), sql_text(parts[0]),
                                                      sql_text(parts[1]), hosts_value,
                                                      sql_text(parts[3]) },
                          1, 5 },
        ret, &is_new, err);
}

/* Of all components, so that two builds that differ in one library are two versions. */
static enum ou_status version_id(const struct run_record *run, char ret[RECORD_ID_ROOM],
                                 struct ou_error *err)
{
    const size_t own = 4, count = own + 3 * run->version.component_count;
    const char **parts = calloc(count, sizeof *parts);

    if (!parts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for components");
    parts[0] = run->version.name;
    parts[1] = run->version.commit;
    parts[2] = run->version.compiler;
    parts[3] = run->version.flags;
    for (size_t i = 0; i < run->version.component_count; i++) {
        const struct component_record *c = &run->version.components[i];

        memcpy(parts + own + 3 * i, (const char *const[]){ c->name, c->version, c->commit },
               3 * sizeof *parts);
    }
    record_id(parts, count, ret);
    free(parts);
    return OU_OK;
}

static enum ou_status put_components(struct sql *db, int64_t version, const struct run_record *run,
                                     struct ou_error *err)
{
    struct bulk bulk = {
        .db = db,
        .head = "INSERT INTO components (version_no, name, version, commit_hash)",
        .columns = 4,
        .err = err,
    };

    for (size_t i = 0; i < run->version.component_count; i++) {
        const struct component_record *c = &run->version.components[i];

        bulk_add(&bulk, (const struct sql_value[]){ sql_int(version), sql_text(c->name),
                                                    sql_text(c->version), sql_text(c->commit) });
    }
    return bulk_end(&bulk);
}

static enum ou_status version_no(struct sql *db, const struct run_record *run, int64_t *ret,
                                 struct ou_error *err)
{
    char id[RECORD_ID_ROOM];
    bool is_new = false;
    enum ou_status status = version_id(run, id, err);

    if (!status)
        status = find_or_make(
            db,
            &(struct wanted){ "SELECT no FROM versions WHERE id = $1",
                              "INSERT INTO versions (id, name, commit_hash, compiler, flags) "
                              "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING no",
                              (const struct sql_value[]){ sql_text(id) },
                              (const struct sql_value[]){ sql_text(id), sql_text(run->version.name),
                                                          sql_text(run->version.commit),
                                                          sql_text(run->version.compiler),
                                                          sql_text(run->version.flags) },
                              1, 5 },
            ret, &is_new, err);
    if (!status && is_new)
        status = put_components(db, *ret, run, err);
    return status;
}

static enum ou_status series_no(struct sql *db, const struct run_record *run,
                                const char *const ids[3], struct record_places *places,
                                struct ou_error *err)
{
    char id[RECORD_ID_ROOM];
    bool is_new;

    record_id(ids, 3, id);
    return find_or_make(
        db,
        &(struct wanted){ "SELECT no FROM series WHERE id = $1",
                          "INSERT INTO series (id, project_no, profile_no, environment_no, title) "
                          "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING no",
                          (const struct sql_value[]){ sql_text(id) },
                          (const struct sql_value[]){
                              sql_text(id), sql_int(places->project), sql_int(places->profile),
                              sql_int(places->environment), sql_text(run->series_title) },
                          1, 5 },
        &places->series, &is_new, err);
}

enum ou_status record_places_make(struct sql *db, const struct run_record *run, int64_t now_ns,
                                  struct record_places *ret, struct ou_error *err)
{
    char profile[RECORD_ID_ROOM], environment[RECORD_ID_ROOM];
    enum ou_status status = record_project_no(db, run->project, now_ns, &ret->project, err);

    if (!status)
        status = profile_no(db, run, &ret->profile, profile, err);
    if (!status)
        status = environment_no(db, run, &ret->environment, environment, err);
    if (!status)
        status = version_no(db, run, &ret->version, err);
    if (!status)
        status = series_no(db, run, (const char *const[]){ run->project, profile, environment },
                           ret, err);
    return status;
}

/* Thresholds may wait for a series that has no runs at the moment. */
enum ou_status record_places_prune(struct sql *db, const struct record_places *places,
                                   struct ou_error *err)
{
    const struct {
        const char *statement;
        int64_t no;
    } prunings[] = {
        { "DELETE FROM series WHERE no = $1 AND NOT EXISTS (SELECT 1 FROM runs WHERE "
          "series_no = $1) AND NOT EXISTS (SELECT 1 FROM thresholds WHERE series_no = $1)",
          places->series },
        { "DELETE FROM versions WHERE no = $1 AND NOT EXISTS "
          "(SELECT 1 FROM runs WHERE version_no = $1)",
          places->version },
        { "DELETE FROM profiles WHERE no = $1 AND NOT EXISTS "
          "(SELECT 1 FROM series WHERE profile_no = $1)",
          places->profile },
        { "DELETE FROM environments WHERE no = $1 AND NOT EXISTS "
          "(SELECT 1 FROM series WHERE environment_no = $1)",
          places->environment },
    };
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < sizeof prunings / sizeof *prunings; i++)
        status = sql_run(db, prunings[i].statement, SQL_ARGS(sql_int(prunings[i].no)), NULL, err);
    return status;
}
