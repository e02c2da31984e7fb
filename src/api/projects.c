/* Making and renaming projects. */
#include <string.h>

#include "api/runs.h"
#include "publish/publication.h"

struct project {
    struct api_request *r;
    const char *name, *title;
    bool is_new, is_same; /* that it was made; that it was there, with that title */
};

static enum ou_status look_at_title(struct sql *db, struct project *p, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, "SELECT title FROM projects WHERE name = $1",
                                      SQL_ARGS(sql_text(p->name)), &rows, err);

    if (status)
        return status;
    p->is_same = sql_next(rows) && span_is(sql_get_text(rows, 0), p->title);
    return sql_rows_end(rows, err);
}

static enum ou_status put_project(struct sql *db, void *context, struct ou_error *err)
{
    struct project *p = context;
    struct audit_entry audit = request_audit(p->r, "project.create", p->name);
    int64_t changed = 0;
    enum ou_status status = sql_run(
        db,
        "INSERT INTO projects (name, title, created_ns) VALUES ($1, $2, $3) "
        "ON CONFLICT DO NOTHING",
        SQL_ARGS(sql_text(p->name), sql_text(p->title), sql_int(p->r->now_ns)), &changed, err);

    p->is_new = changed > 0;
    if (status)
        return status;
    return p->is_new ? audit_put(db, &audit, p->r->now_ns, err) : look_at_title(db, p, err);
}

void create_project(struct api_request *r)
{
    struct problem_place place = { .pointer = "/name",
                                   .detail = "letters, digits, and . _ - are taken" };
    struct project p = { .r = r };
    struct ou_error err = { 0 };
    json_t *body;
    enum ou_status status;

    if (!api_body_json(r, &body))
        return;
    p.name = json_string_value(json_object_get(body, "name"));
    p.title = json_string_value(json_object_get(body, "title"));
    p.title = p.title ? p.title : p.name;
    if (!publication_project_is_good(p.name)) {
        api_problem_at(r, PROBLEM_INVALID_BODY, &place, 1, "A project cannot be called so.");
        return;
    }
    if (!api_may(r, p.name))
        return;
    status = sql_write(r->db, put_project, &p, &err);
    if (status) {
        api_failed(r, status, &err);
    } else if (!p.is_new && !p.is_same) {
        api_problem(r, PROBLEM_CONFLICT, "A project of that name is there, with another title.");
    } else if (api_item_put(r, "projects", NULL, 0, p.name, &r->answer->body)) {
        r->answer->status = p.is_new ? 201 : 200;
        r->answer->type = "application/json";
        http_answer_header(r->answer, "Location", "%s", api_link(r, "/projects/%s", p.name));
    }
}

static enum ou_status rename_project(struct sql *db, void *context, struct ou_error *err)
{
    struct project *p = context;
    struct audit_entry audit = request_audit(p->r, "project.update", p->name);
    enum ou_status status = sql_run(db, "UPDATE projects SET title = $1 WHERE name = $2",
                                    SQL_ARGS(sql_text(p->title), sql_text(p->name)), NULL, err);

    return status ? status : audit_put(db, &audit, p->r->now_ns, err);
}

void update_project(struct api_request *r)
{
    struct project p = { .r = r, .name = api_path_value(r, "project") };
    struct ou_error err = { 0 };
    json_t *body;
    enum ou_status status;

    if (!api_may(r, p.name) || !api_item_if_match(r, "projects", p.name) ||
        !api_body_json(r, &body))
        return;
    p.title = json_string_value(json_object_get(body, "title"));
    status = sql_write(r->db, rename_project, &p, &err);
    if (status)
        api_failed(r, status, &err);
    else
        api_item(r, "projects", p.name);
}
