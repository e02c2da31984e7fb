/* What a run was published with: it never changes, and its tag is made of the run's id. */
#include <stdio.h>
#include <string.h>

#include "api/runs.h"

/* ---- a metric of a run ---- */

static enum ou_status put_hosts(struct api_request *r, const struct run_at *run,
                                struct json_writer *w, struct ou_error *err)
{
    static const char *const names[] = { "n", "mean", "sd" };
    double *values = NULL;
    size_t hosts = 0;
    enum ou_status status =
        record_host_values(r->db, run->id, api_path_value(r, "section"),
                           api_path_value(r, "metric"), &r->memory, &values, &hosts, err);

    if (status && status != OU_NOT_FOUND)
        return status;
    json_begin_array(w);
    for (size_t i = 0; i < hosts; i++) {
        json_begin_object(w);
        json_key(w, "place");
        json_uint(w, i);
        for (size_t n = 0; n < 3; n++) {
            json_key(w, names[n]);
            json_double(w, values[3 * i + n]);
        }
        json_end(w);
    }
    json_end(w);
    return OU_OK;
}

void get_run_summary(struct api_request *r)
{
    struct buffer *body = &r->answer->body, key;
    struct json_writer w;
    struct ou_error err = { 0 };
    struct run_at run;
    enum ou_status status;
    bool found;

    if (!run_of_path(r, &run))
        return;
    buffer_init(&key, allocator_libc(), 512);
    buffer_printf(&key, "%s/%s", api_path_value(r, "section"), api_path_value(r, "metric"));
    found = api_item_put(r, "summaries", &(struct list_fixed){ "run", sql_text(run.id) }, 1,
                         buffer_string(&key), body);
    buffer_release(&key);
    if (!found)
        return;
    buffer_drop(body, 1); /* another member goes behind the others */
    buffer_text(body, ",\"hosts\":");
    r->answer->status = 200;
    r->answer->type = "application/json";
    json_writer_init(&w, body, false);
    status = put_hosts(r, &run, &w, &err);
    buffer_char(body, '}');
    if (status)
        api_failed(r, status, &err);
    else
        api_conditional(r, NULL, false);
}

/* ---- samples ---- */

static void samples_to_json(struct api_request *r, const double *values, size_t count)
{
    struct json_writer w;

    api_json(r, 200, &w);
    json_begin_object(&w);
    json_key(&w, "run");
    json_cstring(&w, api_path_value(r, "run"));
    json_key(&w, "metric");
    json_begin_object(&w);
    json_key(&w, "section");
    json_cstring(&w, api_path_value(r, "section"));
    json_key(&w, "id");
    json_cstring(&w, api_path_value(r, "metric"));
    json_end(&w);
    json_key(&w, "values");
    json_begin_array(&w);
    for (size_t i = 0; i < count; i++)
        json_double(&w, values[i]);
    json_end(&w);
    json_end(&w);
}

static void samples_to_csv(struct api_request *r, const double *values, size_t count)
{
    struct buffer *body = &r->answer->body;
    char text[JSON_DOUBLE_ROOM];

    r->answer->status = 200;
    r->answer->type = "text/csv;charset=utf-8;header=present";
    buffer_text(body, "place,value\r\n");
    for (size_t i = 0; i < count; i++) {
        buffer_printf(body, "%zu,", i);
        if (values[i] - values[i] == 0)
            buffer_append(body, text, json_format_double(values[i], text));
        buffer_text(body, "\r\n");
    }
}

void get_samples(struct api_request *r)
{
    const char *section = api_path_value(r, "section"), *metric = api_path_value(r, "metric");
    bool csv =
        http_quality(r->call, "text/csv", NULL) > http_quality(r->call, "application/json", NULL);
    struct ou_error err = { 0 };
    struct run_at run;
    double *values = NULL;
    size_t count = 0;
    enum ou_status status;

    if (!run_of_path(r, &run))
        return;
    status = record_samples(r->db, run.id, section, metric, &r->memory, &values, &count, &err);
    if (status) {
        api_failed(r, status, &err);
        return;
    }
    (csv ? samples_to_csv : samples_to_json)(r, values, count);
    api_conditional(r, NULL, true);
}

/* ---- artifacts ---- */

/* Foreign bytes: a browser is to save them, and to run nothing of them. The name has been looked at when it was taken in,
 * and is not trusted all the same. */
static void put_artifact_headers(struct api_request *r, const char *name, const char *type)
{
    char plain[128] = "artifact";
    size_t len = 0;

    for (; len < sizeof plain - 1 && name[len]; len++)
        plain[len] = (char)(strchr("\"\\/;", name[len]) ? '_' : name[len]);
    plain[len] = '\0';
    r->answer->type = type;
    r->answer->policy = "sandbox; default-src 'none'";
    http_answer_header(r->answer, "Content-Disposition", "attachment; filename=\"%s\"", plain);
}

/* Types that artifacts are known by; anything else is bytes. The answer wants static text. */
static const char *known_type(const char *type)
{
    static const char *const types[] = { "application/json", "text/csv", "text/plain",
                                         "text/tab-separated-values" };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type) == 0)
            return types[i];
    return "application/octet-stream";
}

void get_artifact(struct api_request *r)
{
    const char *name = api_path_value(r, "artifact");
    struct artifact_info info;
    struct ou_error err = { 0 };
    struct run_at run;
    enum ou_status status;

    if (!run_of_path(r, &run))
        return;
    status = record_artifact(r->db, run.id, name, &info, &r->answer->body, &err);
    if (status == OU_INVALID) {
        /* Not the reader's fault: the bytes are not what they were. */
        snprintf(r->failure, sizeof r->failure, "%s", err.text);
        api_problem(r, PROBLEM_INTERNAL, "The artifact is damaged in the database.");
    } else if (status) {
        api_failed(r, status, &err);
    } else {
        r->answer->status = 200;
        put_artifact_headers(r, name, known_type(info.type));
        api_conditional(r, info.sha256, true);
    }
}
