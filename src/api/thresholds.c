#include "api/thresholds.h"

#include "api/history_answer.h"
#include "api/owned.h"
#include "api/parts.h"
#include "base/suggest.h"
#include "http/server.h"
#include "publish/threshold_kinds.h"
#include "store/keep.h"

#define PARAMETERS_MAX ((size_t)4096)

/* ---- what is wished for ---- */

/* Its texts are the request's, or of the body's tree. */
struct threshold_request {
    struct api_request *r;
    struct threshold_wish wish;
    const char *id;
    char made_id[RECORD_ID_ROOM];
};

static bool refuse(struct api_request *r, const char *pointer, const char *detail)
{
    const struct problem_place place = { .pointer = pointer, .detail = detail };

    return api_problem_at(r, PROBLEM_UNPROCESSABLE, &place, 1, "%s", detail);
}

/* Appends JSON, and gives it the request's lifetime. */
static const char *keep(struct api_request *r, struct buffer *text)
{
    const char *kept =
        buffer_status(text) ? NULL : arena_copy(&r->memory, buffer_string(text), text->len);

    buffer_release(text);
    return kept;
}

static bool refuse_outlet(struct api_request *r, const char *name)
{
    char text[200];

    snprintf(text, sizeof text, "the server's configuration has no outlet \"%.100s\"", name);
    return refuse(r, "/outlets", text);
}

static bool read_outlets(struct api_request *r, const json_t *outlets, struct threshold_wish *ret)
{
    struct buffer text;
    struct json_writer w;

    buffer_init(&text, allocator_libc(), PARAMETERS_MAX);
    json_writer_init(&w, &text, false);
    json_begin_array(&w);
    for (size_t i = 0; i < json_array_size(outlets); i++) {
        const char *name = json_string_value(json_array_get(outlets, i));

        if (!deliveries_has_outlet(api_deliveries(r->api), name)) {
            buffer_release(&text);
            return refuse_outlet(r, name);
        }
        json_cstring(&w, name);
    }
    json_end(&w);
    ret->outlets = keep(r, &text);
    return ret->outlets || api_problem(r, PROBLEM_TOO_LARGE, "so many outlets are too many");
}

/* The parameters stand in the database as they are in force: defaults of later versions do not change them. */
static bool read_parameters(struct api_request *r, const json_t *body,
                            const struct metric_info *metric, struct threshold_wish *ret)
{
    const json_t *given = json_object_get(body, "parameters");
    struct threshold_rule rule;
    struct ou_error err = { 0 };
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), PARAMETERS_MAX);
    if (given)
        json_tree_append(&text, given);
    else
        buffer_text(&text, "{}");
    status = buffer_status(&text);
    if (!status)
        status = threshold_read(ret->kind, buffer_string(&text), metric, &rule, &err);
    buffer_clear(&text);
    if (!status)
        threshold_write(&rule, &text);
    ret->parameters = keep(r, &text);
    if (status == OU_USAGE)
        return refuse(r, "/parameters", err.text);
    if (status)
        return api_failed(r, status, &err);
    return ret->parameters || api_problem(r, PROBLEM_TOO_LARGE, "so many parameters are too many");
}

/* Says how metrics are named, and which one may have been meant. */
static bool refuse_metric(struct api_request *r, const char *given)
{
    const char *advice = "GET /api/v1/metrics has them all";
    struct suggestion near;
    const char *key;
    char text[400];

    suggest_for(&near, span_of(given));
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);

        snprintf(text, sizeof text, "%s/%s", section_name(info->section), info->id);
        key = keep_text(&r->memory, span_of(text));
        if (key)
            suggest_consider(&near, key);
    }
    if (near.best)
        snprintf(text, sizeof text,
                 "the dictionary has no metric \"%.100s\", as SECTION/ID; did you mean \"%s\"? %s",
                 given, near.best, advice);
    else
        snprintf(text, sizeof text, "the dictionary has no metric \"%.100s\", as SECTION/ID; %s",
                 given, advice);
    return refuse(r, "/metric", text);
}

static bool read_metric(struct api_request *r, const json_t *body, const struct metric_info **ret,
                        struct threshold_wish *wish)
{
    const char *given = json_string_value(json_object_get(body, "metric"));

    *ret = metric_by_key(given);
    if (!*ret)
        return refuse_metric(r, given);
    wish->metric = (struct metric_record){ .section = section_name((*ret)->section),
                                           .id = (*ret)->id,
                                           .name = (*ret)->name,
                                           .unit = (*ret)->unit,
                                           .direction = direction_name((*ret)->direction),
                                           .description = (*ret)->description };
    return true;
}

static bool read_wish(struct api_request *r, struct threshold_wish *ret)
{
    const struct metric_info *metric;
    const json_t *enabled;
    json_t *body;

    if (!api_body_json(r, &body))
        return false;
    enabled = json_object_get(body, "enabled");
    *ret = (struct threshold_wish){
        .project = json_string_value(json_object_get(body, "project")),
        .series = json_string_value(json_object_get(body, "series")),
        .kind = json_string_value(json_object_get(body, "kind")),
        .enabled = !enabled || json_is_true(enabled),
    };
    return api_may(r, ret->project) && read_metric(r, body, &metric, ret) &&
           read_parameters(r, body, metric, ret) &&
           read_outlets(r, json_object_get(body, "outlets"), ret);
}

/* ---- transactions ---- */

static enum ou_status note(const struct threshold_request *q, struct sql *db, const char *action,
                           const char *id, struct ou_error *err)
{
    const struct audit_entry entry = { .actor = q->r->holder.id,
                                       .action = action,
                                       .target = id,
                                       .client = q->r->client,
                                       .request = q->r->id,
                                       .detail = q->wish.parameters };

    return audit_put(db, &entry, q->r->now_ns, err);
}

static enum ou_status create(struct sql *db, void *context, struct ou_error *err)
{
    struct threshold_request *q = context;
    enum ou_status status = threshold_create(db, &q->wish, q->r->now_ns, q->made_id, err);

    return status ? status : note(q, db, "threshold.create", q->made_id, err);
}

static enum ou_status replace(struct sql *db, void *context, struct ou_error *err)
{
    const struct threshold_request *q = context;
    enum ou_status status = threshold_replace(db, q->id, &q->wish, q->r->now_ns, err);

    return status ? status : note(q, db, "threshold.replace", q->id, err);
}

static enum ou_status take_away(struct sql *db, void *context, struct ou_error *err)
{
    const struct threshold_request *q = context;
    enum ou_status status = threshold_delete(db, q->id, q->r->now_ns, err);

    return status ? status : note(q, db, "threshold.delete", q->id, err);
}

/* ---- the operations ---- */

void create_threshold(struct api_request *r)
{
    struct threshold_request q = { .r = r };
    struct ou_error err = { 0 };
    enum ou_status status;

    if (!read_wish(r, &q.wish))
        return;
    status = sql_write(r->db, create, &q, &err);
    if (status) {
        api_failed(r, status, &err);
        return;
    }
    api_item(r, "thresholds", q.made_id);
    r->answer->status = 201;
    http_answer_header(r->answer, "Location", "%s", api_link(r, "/thresholds/%s", q.made_id));
}

void get_threshold(struct api_request *r)
{
    const char *id = api_path_value(r, "threshold");

    if (api_owned(r, OWNED_THRESHOLD, id))
        api_item(r, "thresholds", id);
}

void replace_threshold(struct api_request *r)
{
    struct threshold_request q = { .r = r, .id = api_path_value(r, "threshold") };
    struct ou_error err = { 0 };
    enum ou_status status;

    if (!api_owned(r, OWNED_THRESHOLD, q.id) || !api_item_if_match(r, "thresholds", q.id) ||
        !read_wish(r, &q.wish))
        return;
    status = sql_write(r->db, replace, &q, &err);
    if (status)
        api_failed(r, status, &err);
    else
        api_item(r, "thresholds", q.id);
}

void delete_threshold(struct api_request *r)
{
    struct threshold_request q = { .r = r, .id = api_path_value(r, "threshold") };
    struct ou_error err = { 0 };
    enum ou_status status;

    if (!api_owned(r, OWNED_THRESHOLD, q.id) || !api_item_if_match(r, "thresholds", q.id))
        return;
    status = sql_write(r->db, take_away, &q, &err);
    if (status)
        api_failed(r, status, &err);
    else
        r->answer->status = 204;
}
