/* A run into the database, once. */
#include <stdio.h>
#include <string.h>

#include "json/write.h"
#include "store/access.h"
#include "store/feed.h"
#include "store/record_inside.h"

#define NEWS_MAX ((size_t)16 << 10)

/* --- What is there already -------------------------------------------------------------------- */

/* A run that is in the database. */
struct stored {
    bool found, same_project, same_info;
    int64_t no;
    char id[RECORD_ID_ROOM];
};

static enum ou_status find_stored(struct sql *db, const char *statement,
                                  const struct sql_value *args, size_t count,
                                  const struct run_record *run, struct stored *ret,
                                  struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, statement, args, count, &rows, err);

    ret->found = false;
    if (status)
        return status;
    if (sql_next(rows)) {
        struct span id = sql_get_text(rows, 1);

        ret->found = true;
        ret->no = sql_get_int(rows, 0);
        snprintf(ret->id, sizeof ret->id, "%.*s", (int)id.len, id.at);
        ret->same_project = span_is(sql_get_text(rows, 2), run->project);
        ret->same_info = span_is(sql_get_text(rows, 3), run->info);
    }
    return sql_rows_end(rows, err);
}

static enum ou_status find_same_content(struct sql *db, const struct run_record *run,
                                        struct stored *ret, struct ou_error *err)
{
    return find_stored(db,
                       "SELECT r.no, r.id, p.name, r.info FROM runs r "
                       "JOIN projects p ON p.no = r.project_no WHERE r.content_hash = $1 "
                       "AND r.id = $2",
                       SQL_ARGS(sql_text(run->content_hash),
                                sql_span((struct span){ run->content_hash, RECORD_ID_DIGITS })),
                       run, ret, err);
}

static enum ou_status find_same_name(struct sql *db, const struct run_record *run,
                                     struct stored *ret, struct ou_error *err)
{
    return find_stored(db,
                       "SELECT r.no, r.id, p.name, r.info FROM runs r "
                       "JOIN projects p ON p.no = r.project_no "
                       "WHERE p.name = $1 AND r.natural_key = $2",
                       SQL_ARGS(sql_text(run->project), sql_text(run->natural_key)), run, ret, err);
}

/* --- The row itself --------------------------------------------------------------------------- */

static struct sql_value known(int64_t number)
{
    return number < 0 ? sql_none() : sql_int(number);
}

/* *ret_new false: another connection has put a run of this name or content in meanwhile. */
static enum ou_status insert_run(struct sql *db, const struct run_record *run, const char *id,
                                 const struct record_places *places, int64_t now_ns, int64_t *ret,
                                 bool *ret_new, struct ou_error *err)
{
    const bool dated = run->started_ns != INT64_MIN;
    const struct sql_value row[] = {
        sql_text(id),
        sql_text(run->content_hash),
        sql_int(places->project),
        sql_text(run->natural_key),
        sql_int(places->series),
        sql_int(places->profile),
        sql_int(places->environment),
        sql_int(places->version),
        sql_text(run->name),
        sql_text(run->ident),
        sql_text(run->batch),
        sql_text(run->source),
        sql_text(run->state),
        sql_text(run->failure),
        sql_time(run->started_ns),
        sql_int(dated ? run->started_ns : now_ns),
        sql_int(now_ns),
        known(run->host_count),
        known(run->block_count),
        sql_int(run->errors),
        sql_int(run->warnings),
        sql_text(run->info),
    };

    return record_find_no(
        db,
        "INSERT INTO runs (id, content_hash, project_no, natural_key, series_no, profile_no, "
        "environment_no, version_no, name, ident, batch, source, state, failure, started_ns, "
        "sort_ns, published_ns, host_count, block_count, errors, warnings, info, revision) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
        "$19, $20, $21, $22, 1) ON CONFLICT DO NOTHING RETURNING no",
        row, sizeof row / sizeof *row, ret, ret_new, err);
}

/* --- Telling ---------------------------------------------------------------------------------- */

static void write_event(const struct record_event *event, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_key(&w, "id");
    json_cstring(&w, event->id);
    json_key(&w, "project");
    json_cstring(&w, event->project);
    json_key(&w, "name");
    json_cstring(&w, event->name);
    json_key(&w, "state");
    json_cstring(&w, event->state);
    json_end(&w);
}

enum ou_status record_tell(struct sql *db, const struct record_event *event,
                           const struct put_options *options, struct ou_error *err)
{
    struct buffer data;
    enum ou_status status;

    buffer_init(&data, allocator_libc(), NEWS_MAX);
    write_event(event, &data);
    status = buffer_status(&data);
    if (status)
        ou_fail(err, status, "the name of a run is too long to be told");
    else
        status = news_put(db,
                          &(struct news){ .at_ns = options->now_ns,
                                          .kind = event->kind,
                                          .project = event->project,
                                          .subject = event->id,
                                          .data = buffer_string(&data) },
                          err);
    if (!status)
        status = audit_put(db,
                           &(struct audit_entry){ options->actor, event->action, event->id,
                                                  options->client, options->request,
                                                  buffer_string(&data) },
                           options->now_ns, err);
    buffer_release(&data);
    return status;
}

/* --- The whole -------------------------------------------------------------------------------- */

static enum ou_status find_places(struct sql *db, int64_t run_no, struct record_places *ret,
                                  struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db,
                                      "SELECT project_no, profile_no, environment_no, version_no, "
                                      "series_no FROM runs WHERE no = $1",
                                      SQL_ARGS(sql_int(run_no)), &rows, err);

    if (status)
        return status;
    if (sql_next(rows))
        *ret = (struct record_places){ sql_get_int(rows, 0), sql_get_int(rows, 1),
                                       sql_get_int(rows, 2), sql_get_int(rows, 3),
                                       sql_get_int(rows, 4) };
    return sql_rows_end(rows, err);
}

/* Puts in what is not there; *ret_new false as of insert_run(). */
static enum ou_status put_new(struct sql *db, const struct run_record *run,
                              const struct put_options *options, const char *id, bool *ret_new,
                              struct ou_error *err)
{
    struct record_places places;
    int64_t no;
    enum ou_status status = record_places_make(db, run, options->now_ns, &places, err);

    if (!status)
        status = insert_run(db, run, id, &places, options->now_ns, &no, ret_new, err);
    if (status || !*ret_new)
        return status;
    status = record_put_parts(db, no, run, err);
    if (!status)
        status = live_published(db, run->natural_key, id, options->now_ns, err);
    return status;
}

static enum ou_status replace(struct sql *db, const struct stored *old,
                              const struct run_record *run, const struct put_options *options,
                              const char *id, struct ou_error *err)
{
    struct record_places places = { 0 };
    bool is_new = false;
    enum ou_status status = find_places(db, old->no, &places, err);

    if (!status)
        status = record_delete_rows(db, old->no, err);
    if (!status)
        status = put_new(db, run, options, id, &is_new, err);
    if (!status && !is_new)
        status = ou_fail(err, OU_INVALID,
                         "run %s is in the database under another name or project as well; "
                         "delete one of them first",
                         id);
    if (!status)
        status = record_places_prune(db, &places, err);
    return status;
}

/* What is to be done about a run that is there; PUT_CREATED: there is none. */
static enum put_outcome outcome_of(const struct stored *same, const struct stored *named,
                                   bool replace)
{
    if (same->found && !replace)
        return same->same_project ? PUT_SAME : PUT_ELSEWHERE;
    if (same->found)
        return same->same_project && same->same_info ? PUT_SAME : PUT_REPLACED;
    if (named->found)
        return replace ? PUT_REPLACED : PUT_CONFLICT;
    return PUT_CREATED;
}

/* To replace a run of another project is to take it out of there. */
static enum ou_status check_project(const struct stored *same, const struct run_record *run,
                                    const struct put_options *options, struct ou_error *err)
{
    return !options->only_project || !same->found || same->same_project
               ? OU_OK
               : ou_fail(err, OU_USAGE,
                         "this run is in another project than %s, and this token is for that one",
                         run->project);
}

static enum ou_status put_once(struct sql *db, const struct run_record *run,
                               const struct put_options *options, char id[RECORD_ID_ROOM],
                               enum put_outcome *ret, bool *ret_done, struct ou_error *err)
{
    struct stored same, named = { 0 };
    enum ou_status status = find_same_content(db, run, &same, err);

    if (!status && !same.found)
        status = find_same_name(db, run, &named, err);
    if (status)
        return status;
    *ret = outcome_of(&same, &named, options->replace);
    *ret_done = true;
    if (*ret == PUT_REPLACED)
        status = check_project(&same, run, options, err);
    if (status)
        return status;
    switch (*ret) {
    case PUT_SAME:
    case PUT_ELSEWHERE: return OU_OK;
    case PUT_CONFLICT: memcpy(id, named.id, RECORD_ID_ROOM); return OU_OK;
    case PUT_REPLACED: return replace(db, same.found ? &same : &named, run, options, id, err);
    default: return put_new(db, run, options, id, ret_done, err);
    }
}

enum ou_status record_put_run(struct sql *db, const struct run_record *run,
                              const struct put_options *options, char ret_id[RECORD_ID_ROOM],
                              enum put_outcome *ret, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    bool done = false;

    snprintf(ret_id, RECORD_ID_ROOM, "%.*s", RECORD_ID_DIGITS, run->content_hash);
    /* The second time is for a run that another connection has put in between the look and the row. */
    for (int i = 0; !status && !done && i < 2; i++)
        status = put_once(db, run, options, ret_id, ret, &done, err);
    if (!status && !done)
        status =
            ou_fail(err, OU_IO, "%s: a run of this name is being put in by others", sql_shown(db));
    if (status || *ret == PUT_SAME || put_is_refused(*ret))
        return status;
    return record_tell(
        db,
        &(struct record_event){ .kind = "run.published",
                                .action = *ret == PUT_REPLACED ? "run.replace" : "run.publish",
                                .id = ret_id,
                                .project = run->project,
                                .name = run->name,
                                .state = run->state },
        options, err);
}
