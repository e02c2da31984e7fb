/* Publishing, changing and deleting runs. */
#include <stdlib.h>
#include <string.h>

#include "api/runs.h"
#include "publish/takein.h"
#include "store/feed.h"

#define INFO_MEMBERS_MAX 64
#define INFO_BYTES_MAX ((size_t)64 << 10)

/* ---- publishing ---- */

static void answer_taken(struct api_request *r, const struct takein *taken)
{
    static const char *const words[] = {
        [PUT_CREATED] = "created",
        [PUT_SAME] = "same",
        [PUT_REPLACED] = "replaced",
    };
    struct json_writer w;

    if (taken->outcome == PUT_ELSEWHERE) {
        api_problem(r, PROBLEM_ELSEWHERE,
                    "This run is in another project: %s. With ?replace=true and the scope admin "
                    "it is moved.",
                    taken->id);
        return;
    }
    if (taken->outcome == PUT_CONFLICT) {
        api_problem(r, PROBLEM_CONFLICT,
                    "Another run of that name is in the project: %s. With ?replace=true and the "
                    "scope admin it is replaced.",
                    taken->id);
        return;
    }
    api_json(r, taken->outcome == PUT_CREATED ? 201 : 200, &w);
    json_begin_object(&w);
    json_key(&w, "id");
    json_cstring(&w, taken->id);
    json_key(&w, "outcome");
    json_cstring(&w, words[taken->outcome]);
    json_key(&w, "url");
    json_cstring(&w, api_link(r, "/runs/%s", taken->id));
    json_end(&w);
    http_answer_header(r->answer, "Location", "%s", api_link(r, "/runs/%s", taken->id));
}

static void refuse_publication(struct api_request *r, enum ou_status status,
                               const struct ou_error *err)
{
    if (status == OU_USAGE)
        api_problem(r, PROBLEM_FORBIDDEN, "%s", err->text);
    else
        api_failed(r, status, err);
}

/* An Idempotency-Key is taken and not needed: the same content is the same run. */
void publish_run(struct api_request *r)
{
    const char *replace = http_argument(r->call, "replace");
    struct put_options options = request_options(r);
    struct ou_error err = { 0 };
    struct takein taken;
    struct span document;
    enum ou_status status;

    options.replace = replace && strcmp(replace, "true") == 0;
    if (options.replace && !(r->holder.scopes & SCOPE_ADMIN)) {
        api_problem(r, PROBLEM_FORBIDDEN, "To replace a run the token needs the scope \"admin\".");
        return;
    }
    if (!api_body(r, &document))
        return;
    status = take_in(r->db, document, "body", &options, &taken, &err);
    if (status)
        refuse_publication(r, status, &err);
    else
        answer_taken(r, &taken);
}

/* ---- changing ---- */

struct change {
    struct api_request *r;
    const struct run_at *run;
    const json_t *patch; /* of info */
    bool stale;
};

static enum ou_status read_info(struct sql *db, int64_t no, json_t **ret, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(db, "SELECT info FROM runs WHERE no = $1", SQL_ARGS(sql_int(no)), &rows, err);

    *ret = NULL;
    if (status)
        return status;
    if (sql_next(rows)) {
        struct span text = sql_get_text(rows, 0);

        *ret = json_loadb(text.at, text.len, 0, NULL);
    }
    status = sql_rows_end(rows, err);
    if (!status && !json_is_object(*ret)) {
        json_decref(*ret);
        *ret = json_object();
    }
    return status;
}

/* As JSON Merge Patch (RFC 7396) has it, of one level: null takes a member away. */
static enum ou_status merge_info(json_t *info, const json_t *patch, struct ou_error *err)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)patch, name, value)
    {
        if (json_is_null(value))
            json_object_del(info, name);
        else if (json_object_set(info, name, value))
            return ou_fail(err, OU_NO_MEMORY, "no memory for info");
    }
    if (json_object_size(info) > INFO_MEMBERS_MAX)
        return ou_fail(err, OU_INVALID, "info may have %d members", INFO_MEMBERS_MAX);
    return OU_OK;
}

/* As it was when the tag was looked at, and nobody else's until the transaction ends; or c->stale. */
static enum ou_status claim(struct change *c, struct sql *db, struct ou_error *err)
{
    int64_t changed = 0;
    enum ou_status status =
        sql_run(db, "UPDATE runs SET revision = revision + 1 WHERE no = $1 AND revision = $2",
                SQL_ARGS(sql_int(c->run->no), sql_int(c->run->revision)), &changed, err);

    c->stale = changed == 0;
    return status;
}

static enum ou_status store_info(const struct change *c, struct sql *db, const char *info,
                                 struct ou_error *err)
{
    return sql_run(db, "UPDATE runs SET info = $1 WHERE no = $2",
                   SQL_ARGS(sql_text(info), sql_int(c->run->no)), NULL, err);
}

static enum ou_status tell_change(struct change *c, struct sql *db, struct ou_error *err)
{
    struct audit_entry audit = request_audit(c->r, "run.update", c->run->id);
    struct news news = {
        .at_ns = c->r->now_ns,
        .kind = "run.changed",
        .project = c->run->project,
        .subject = c->run->id,
    };
    struct buffer data;
    struct json_writer w;
    enum ou_status status = audit_put(db, &audit, c->r->now_ns, err);

    buffer_init(&data, allocator_libc(), INFO_BYTES_MAX);
    json_writer_init(&w, &data, false);
    json_begin_object(&w);
    json_key(&w, "id");
    json_cstring(&w, c->run->id);
    json_key(&w, "project");
    json_cstring(&w, c->run->project);
    json_key(&w, "name");
    json_cstring(&w, c->run->name);
    json_key(&w, "state");
    json_cstring(&w, c->run->state);
    json_end(&w);
    news.data = buffer_string(&data);
    if (!status)
        status = news_put(db, &news, err);
    buffer_release(&data);
    return status;
}

static enum ou_status change_info(struct sql *db, void *context, struct ou_error *err)
{
    struct change *c = context;
    json_t *info = NULL;
    char *text = NULL;
    enum ou_status status = claim(c, db, err);

    if (status || c->stale)
        return status;
    status = read_info(db, c->run->no, &info, err);
    if (!status)
        status = merge_info(info, c->patch, err);
    if (!status && !(text = json_dumps(info, JSON_COMPACT | JSON_SORT_KEYS)))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for info");
    if (!status && strlen(text) > INFO_BYTES_MAX)
        status = ou_fail(err, OU_INVALID, "info may have %zu bytes", INFO_BYTES_MAX);
    if (!status)
        status = store_info(c, db, text, err);
    if (!status)
        status = tell_change(c, db, err);
    free(text);
    json_decref(info);
    return status;
}

static void answer_stale(struct api_request *r)
{
    api_problem(r, PROBLEM_STALE, "Somebody has changed it at this moment; get it again.");
}

/* The revision is read before the tag is looked at: a change in between is noticed when the row is claimed. */
void update_run(struct api_request *r)
{
    struct run_at run;
    struct change c = { .r = r, .run = &run };
    struct ou_error err = { 0 };
    json_t *body;
    enum ou_status status;

    if (!run_of_path(r, &run) || !api_item_if_match(r, "runs", run.id) || !api_body_json(r, &body))
        return;
    c.patch = json_object_get(body, "info");
    status = sql_write(r->db, change_info, &c, &err);
    if (status)
        api_failed(r, status, &err);
    else if (c.stale)
        answer_stale(r);
    else
        api_item(r, "runs", run.id);
}

/* ---- deleting ---- */

static enum ou_status delete_it(struct sql *db, void *context, struct ou_error *err)
{
    struct change *c = context;
    struct put_options options = request_options(c->r);
    enum ou_status status = claim(c, db, err);

    return status || c->stale ? status : record_delete_run(db, c->run->id, &options, err);
}

void delete_run(struct api_request *r)
{
    struct run_at run;
    struct change c = { .r = r, .run = &run };
    struct ou_error err = { 0 };
    enum ou_status status;

    if (!run_of_path(r, &run) || !api_item_if_match(r, "runs", run.id))
        return;
    status = sql_write(r->db, delete_it, &c, &err);
    if (status)
        api_failed(r, status, &err);
    else if (c.stale)
        answer_stale(r);
    else
        r->answer->status = 204;
}
