/* Runs in progress, and the stream of events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/operation.h"
#include "api/streams.h"
#include "base/time.h"
#include "store/feed.h"

#define ID_MAX (LIVE_ID_ROOM - 1)

/* ---- reading ---- */

static void list_live(struct api_request *r)
{
    api_list(r, "live", NULL, 0);
}

static void write_live(struct json_writer *w, const struct live_run *run)
{
    json_begin_object(w);
    json_key(w, "id");
    json_cstring(w, run->id);
    json_key(w, "project");
    json_cstring(w, run->project);
    json_key(w, "profile");
    json_cstring(w, run->profile);
    json_key(w, "state");
    json_cstring(w, run->state);
    json_key(w, "silent");
    json_bool(w, run->is_silent);
    json_key(w, "beganAt");
    json_instant(w, run->began_ns);
    json_key(w, "heardAt");
    json_instant(w, run->heard_ns);
    json_key(w, "endedAt");
    json_instant(w, run->ended_ns);
    json_key(w, "run");
    json_cstring(w, run->run_id);
    json_key(w, "report");
    json_raw(w, span_of(run->view));
    json_key(w, "trail");
    json_raw(w, span_of(run->trail));
    json_end(w);
}

/* False: it is not there, or is nothing for this caller, which has been answered. */
static bool find(struct api_request *r, struct live_run *ret)
{
    struct ou_error err = { "" };
    const enum ou_status status = live_find(r->db, api_path_value(r, "run"), &r->memory, ret, &err);

    return status ? api_failed(r, status, &err) : api_may(r, ret->project);
}

static void get_live(struct api_request *r)
{
    struct json_writer w;
    struct live_run run;

    if (!find(r, &run))
        return;
    api_json(r, 200, &w);
    write_live(&w, &run);
    api_conditional(r, NULL, false);
}

/* ---- reporting ---- */

struct put {
    struct api_request *request;
    struct live_report report;
    bool is_new, is_anothers;
};

static enum ou_status audit(const struct api_request *r, struct sql *db, const char *action,
                            struct ou_error *err)
{
    const struct audit_entry entry = { .actor = r->holder.id,
                                       .action = action,
                                       .target = api_path_value(r, "run"),
                                       .client = r->client,
                                       .request = r->id };

    return audit_put(db, &entry, r->now_ns, err);
}

/* A run reports every second: that it began to is told in the audit, and not each report. */
static enum ou_status put(struct sql *db, void *context, struct ou_error *err)
{
    struct put *p = context;
    struct api_request *r = p->request;
    struct live_run earlier = { 0 };
    struct live_report report = p->report;
    enum ou_status status = live_find(db, report.id, &r->memory, &earlier, err);

    p->is_new = status == OU_NOT_FOUND;
    if (status && !p->is_new)
        return status;
    p->is_anothers = !p->is_new && strcmp(earlier.project, report.project) != 0;
    if (p->is_anothers)
        return ou_fail(err, OU_INVALID, "a run in progress of this name is another project's");
    if (report.began_ns == TIME_NONE)
        report.began_ns = p->is_new ? r->now_ns : earlier.began_ns;
    status = live_put(db, &report, err);
    return !status && p->is_new ? audit(r, db, "live.report", err) : status;
}

/* The instant of a member; false: it is none, which has been answered. */
static bool instant_of(struct api_request *r, const json_t *body, const char *name, int64_t *ret)
{
    const char *text = json_string_value(json_object_get(body, name));
    char pointer[64];

    *ret = TIME_NONE;
    if (!text || time_parse_iso(text, strlen(text), ret))
        return true;
    snprintf(pointer, sizeof pointer, "/%s", name);
    return api_problem_at(
        r, PROBLEM_INVALID_BODY,
        &(struct problem_place){ .pointer = pointer, .detail = "is no instant of RFC 3339" }, 1,
        "The report has an instant that is none.");
}

static const char *text_in(const json_t *body, const char *name)
{
    return json_string_value(json_object_get(body, name));
}

static bool read_report(struct api_request *r, struct live_report *ret)
{
    json_t *body = NULL;
    int64_t zero_ns; /* only looked at; the report has it */
    char *view;

    if (!api_body_json(r, &body))
        return false;
    *ret = (struct live_report){ .id = api_path_value(r, "run"),
                                 .project = text_in(body, "project"),
                                 .profile = text_in(body, "profile"),
                                 .state = text_in(body, "state"),
                                 .now_ns = r->now_ns,
                                 .ended = json_is_true(json_object_get(body, "ended")) };
    if (!instant_of(r, body, "beganAt", &ret->began_ns) ||
        !instant_of(r, body, "slotZeroAt", &zero_ns) || !api_may(r, ret->project))
        return false;
    view = json_dumps(body, JSON_COMPACT);
    ret->view = view ? arena_copy(&r->memory, view, strlen(view)) : NULL;
    free(view);
    return ret->view || api_problem(r, PROBLEM_INTERNAL, "There is no memory for the report.");
}

static void put_location(struct api_request *r)
{
    struct buffer id;

    buffer_init(&id, allocator_libc(), 4 * LIVE_ID_ROOM);
    api_url_encode(&id, api_path_value(r, "run"), "");
    http_answer_header(r->answer, "Location", "%s", api_link(r, "/live/%s", buffer_string(&id)));
    buffer_release(&id);
}

static void report_live(struct api_request *r)
{
    struct put p = { .request = r };
    struct ou_error err = { "" };
    enum ou_status status;

    if (strlen(api_path_value(r, "run")) > ID_MAX) {
        api_problem(r, PROBLEM_INVALID_PARAMETER, "The name of a run has %d bytes at most.",
                    ID_MAX);
        return;
    }
    if (!read_report(r, &p.report))
        return;
    status = sql_write(r->db, put, &p, &err);
    if (p.is_anothers) {
        api_problem(r, PROBLEM_CONFLICT, "A run in progress of this name is another project's.");
    } else if (status) {
        api_failed(r, status, &err);
    } else {
        r->answer->status = p.is_new ? 201 : 204;
        if (p.is_new)
            put_location(r);
    }
}

/* ---- forgetting ---- */

static enum ou_status forget(struct sql *db, void *context, struct ou_error *err)
{
    const struct api_request *r = context;
    enum ou_status status = live_delete(db, api_path_value(r, "run"), r->now_ns, err);

    return status ? status : audit(r, db, "live.delete", err);
}

static void delete_live(struct api_request *r)
{
    struct ou_error err = { "" };
    struct live_run run;
    enum ou_status status;

    if (!find(r, &run))
        return;
    status = sql_write(r->db, forget, r, &err);
    if (status)
        api_failed(r, status, &err);
    else
        r->answer->status = 204;
}

/* ---- events ---- */

/* Behind which news the stream begins: what the client says, in its header before the address, or now. */
static enum ou_status find_beginning(struct api_request *r, struct stream_wish *wish,
                                     struct ou_error *err)
{
    const char *header = http_header(r->call, "Last-Event-ID");
    const char *text = header && *header ? header : http_argument(r->call, "after");
    int64_t last = 0;
    enum ou_status status = news_last(r->db, &last, err);

    wish->after = text ? strtoll(text, NULL, 10) : last;
    wish->is_gap = wish->after > last || wish->after < 0; /* of another database */
    if (wish->is_gap)
        wish->after = last;
    return status;
}

static bool check_kinds(struct api_request *r, const char *kinds)
{
    struct problem_place place = { .parameter = "kind", .detail = "is no kind of event" };
    size_t at = 0;

    if (strlen(kinds) < EVENT_KINDS_ROOM && event_kinds_known(kinds, &at))
        return true;
    place.position = (int64_t)at;
    return api_problem_at(r, PROBLEM_INVALID_PARAMETER, &place, 1,
                          "There is no such kind of event.");
}

/* Whose news: what the client asks for, and no other project's than the token's. */
static bool find_filter(struct api_request *r, struct event_filter *ret)
{
    const char *kinds = http_argument(r->call, "kind");
    const char *project = http_argument(r->call, "project");

    if (kinds && !check_kinds(r, kinds))
        return false;
    if (project && !api_may(r, project))
        return false;
    if (!project && r->holder.project[0] && api_config(r->api)->reads_need_token)
        project = r->holder.project;
    snprintf(ret->kinds, sizeof ret->kinds, "%s", kinds ? kinds : "");
    snprintf(ret->project, sizeof ret->project, "%s", project ? project : "");
    return true;
}

static void stream_events(struct api_request *r)
{
    struct stream_wish wish = { .client = r->client, .has_token = r->holder.id[0] };
    struct ou_error err = { "" };
    enum ou_status status;

    if (!find_filter(r, &wish.filter))
        return;
    status = find_beginning(r, &wish, &err);
    if (status) {
        api_failed(r, status, &err);
        return;
    }
    r->answer->status = 200;
    r->answer->type = "text/event-stream";
    http_answer_header(r->answer, "X-Accel-Buffering", "no"); /* proxies are not to collect it */
    if (r->call->is_head)
        return;
    status = events_join(api_events(r->api), &wish, &r->answer->stream, &err);
    if (status)
        api_problem(r, PROBLEM_BUSY, "%s", err.text);
}

const struct api_operation live_operations[] = {
    { "listLive", SCOPE_READ, 0, list_live },
    { "getLive", SCOPE_READ, 0, get_live },
    { "reportLive", SCOPE_PUBLISH, 0, report_live },
    { "deleteLive", SCOPE_PUBLISH, 0, delete_live },
    { "streamEvents", SCOPE_READ, 0, stream_events },
    { 0 },
};
