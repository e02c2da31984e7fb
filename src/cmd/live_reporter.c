#include "cmd/live_reporter.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "cmd/place.h"
#include "http/client.h"
#include "json/tree.h"
#include "store/feed.h"
#include "store/store.h"

#define PERIOD_NS NS_PER_SECOND
#define PATIENCE_S 5.0                   /* for one report */
#define FAREWELL_NS (15 * NS_PER_SECOND) /* for the one that is on its way, and for the last one */
#define PAUSE_LEAST_NS NS_PER_SECOND
#define PAUSE_MOST_NS (15 * NS_PER_SECOND)
#define ID_ROOM 256
#define TEXT_MAX ((size_t)512 << 10)

struct live_reporter {
    char *place, *token; /* owned */
    pthread_t thread;
    pthread_mutex_t lock; /* of all down to the line */
    pthread_cond_t changed;
    char id[ID_ROOM];
    struct buffer report; /* the newest; length 0: none that was not sent */
    bool is_urgent, is_ending, is_done, is_in_trouble, is_trouble_new;
    struct ou_error trouble;
    struct live_reporter_counts counts;
    /* ---- the thread's own ---- */
    struct http_client *client;
    struct store *store;
    int64_t next_ns,
        pause_ns; /* monotonic: when it may send again; how long it rests after a failure */
};

/* ---- to a server ---- */

static void add_url(const struct live_reporter *r, const char *id, struct buffer *out)
{
    size_t len = strlen(r->place);

    while (len > 0 && r->place[len - 1] == '/')
        len--;
    buffer_append(out, r->place, len);
    buffer_text(out, "/api/v1/live/");
    http_encode(out, span_of(id), false);
}

/* What the server says is wrong: the detail of its problem. */
static enum ou_status refused(const struct http_reply *reply, struct ou_error *err)
{
    const struct span body = { reply->body.at, reply->body.len };
    json_t *problem = NULL;
    const char *detail;

    if (!reply->body.len || json_tree_parse(body, "reply", &problem, NULL))
        problem = NULL;
    detail = json_string_value(json_object_get(problem, "detail"));
    ou_fail(err, OU_IO, "the server answered %d%s%.300s", reply->status, detail ? ": " : "",
            detail ? detail : "");
    json_decref(problem);
    return OU_IO;
}

static enum ou_status ask(struct live_reporter *r, const char *url, const char *authorization,
                          struct span report, struct ou_error *err)
{
    const char *const headers[] = { "Content-Type: application/json", authorization, NULL };
    const struct http_request request = {
        .method = "PUT", .url = url, .headers = headers, .body = report, .timeout_s = PATIENCE_S
    };
    struct http_reply reply = { 0 };
    enum ou_status status = http_ask(r->client, &request, &reply, err);

    if (!status && reply.status / 100 != 2)
        status = refused(&reply, err);
    http_reply_release(&reply);
    return status;
}

static enum ou_status send_to_server(struct live_reporter *r, const char *id, struct span report,
                                     struct ou_error *err)
{
    char authorization[256] = "";
    struct buffer url;
    enum ou_status status = OU_OK;

    if (!r->client) {
        status = http_client_open(&(struct http_identity){ 0 }, &r->client, err);
        if (status)
            return status;
        http_client_clean_up(r->client, true); /* the last report is that the run was interrupted */
    }
    if (r->token)
        snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", r->token);
    buffer_init(&url, allocator_libc(), TEXT_MAX);
    add_url(r, id, &url);
    status = ask(r, buffer_string(&url), r->token ? authorization : NULL, report, err);
    sodium_memzero(authorization, sizeof authorization);
    buffer_release(&url);
    return status;
}

/* ---- to a database ---- */

struct put {
    struct live_report report;
};

static enum ou_status put(struct sql *db, void *context, struct ou_error *err)
{
    return live_put(db, &((struct put *)context)->report, err);
}

static const char *text_in(const json_t *tree, const char *name)
{
    return json_string_value(json_object_get(tree, name));
}

static enum ou_status put_report(struct live_reporter *r, const char *id, const char *text,
                                 const json_t *tree, struct ou_error *err)
{
    const char *began = text_in(tree, "beganAt");
    struct put p = { .report = { .id = id,
                                 .project = text_in(tree, "project"),
                                 .profile = text_in(tree, "profile"),
                                 .state = text_in(tree, "state"),
                                 .now_ns = time_wall_ns(),
                                 .ended = json_is_true(json_object_get(tree, "ended")),
                                 .view = text } };
    struct sql *db = NULL;
    enum ou_status status = store_take(r->store, &db, err);

    if (!began || !time_parse_iso(began, strlen(began), &p.report.began_ns))
        p.report.began_ns = p.report.now_ns;
    if (!status)
        status = sql_write(db, put, &p, err);
    store_give(r->store, db);
    return status;
}

static enum ou_status send_to_database(struct live_reporter *r, const char *id, struct span report,
                                       struct ou_error *err)
{
    const struct store_options options = { .sql = { .busy_s = PATIENCE_S },
                                           .connections_max = 1,
                                           .migrate = true };
    json_t *tree = NULL;
    enum ou_status status = r->store ? OU_OK : store_open(r->place, &options, &r->store, err);

    if (!status)
        status = json_tree_parse(report, "the report", &tree, err);
    if (!status)
        status = put_report(r, id, report.at, tree, err);
    json_decref(tree);
    return status;
}

/* ---- the thread ---- */

/* With the lock. */
static void wait_until(struct live_reporter *r, int64_t at_ns)
{
    const struct timespec at = { .tv_sec = at_ns / NS_PER_SECOND,
                                 .tv_nsec = at_ns % NS_PER_SECOND };

    (void)pthread_cond_timedwait(&r->changed, &r->lock, &at);
}

/* With the lock: until there is a report, and its time has come. False: there is none, and there will be none. */
static bool wait_for_report(struct live_reporter *r)
{
    for (;;) {
        const int64_t now_ns = time_monotonic_ns();
        const bool is_due = r->is_urgent || r->is_ending || now_ns >= r->next_ns;

        if (r->report.len > 0 && is_due)
            return true;
        if (r->is_ending)
            return false;
        wait_until(r, r->report.len > 0 ? r->next_ns : now_ns + 3600 * NS_PER_SECOND);
    }
}

/* With the lock. A report that waits is not urgent any more while nothing arrives anyway. */
static void note_outcome(struct live_reporter *r, enum ou_status status,
                         const struct ou_error *cause)
{
    if (!status) {
        r->counts.sent++;
        r->is_in_trouble = false;
        r->pause_ns = PAUSE_LEAST_NS;
        r->next_ns = time_monotonic_ns() + PERIOD_NS;
        return;
    }
    r->counts.dropped++;
    if (!r->is_in_trouble) {
        r->trouble = *cause;
        r->is_trouble_new = true;
    }
    r->is_in_trouble = true;
    r->is_urgent = false;
    r->next_ns = time_monotonic_ns() + r->pause_ns;
    r->pause_ns = 2 * r->pause_ns < PAUSE_MOST_NS ? 2 * r->pause_ns : PAUSE_MOST_NS;
}

static void send_newest(struct live_reporter *r)
{
    struct ou_error err = { "" };
    struct buffer report;
    char id[ID_ROOM];
    enum ou_status status;

    buffer_init(&report, allocator_libc(), TEXT_MAX);
    buffer_append(&report, r->report.at, r->report.len);
    memcpy(id, r->id, sizeof id);
    buffer_clear(&r->report);
    r->is_urgent = false;
    pthread_mutex_unlock(&r->lock);
    status = buffer_status(&report);
    if (!status && place_is_server(r->place))
        status = send_to_server(r, id, (struct span){ report.at, report.len }, &err);
    else if (!status)
        status = send_to_database(r, id, (struct span){ report.at, report.len }, &err);
    buffer_release(&report);
    pthread_mutex_lock(&r->lock);
    note_outcome(r, status, &err);
}

static void *run(void *context)
{
    struct live_reporter *r = context;

    pthread_mutex_lock(&r->lock);
    while (wait_for_report(r))
        send_newest(r);
    pthread_mutex_unlock(&r->lock);
    http_client_close(r->client);
    store_close(r->store);
    pthread_mutex_lock(&r->lock);
    r->is_done = true;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* ---- for the run ---- */

void live_reporter_offer(struct live_reporter *r, const char *id, struct span report, bool urgent)
{
    pthread_mutex_lock(&r->lock);
    buffer_clear(&r->report);
    buffer_append(&r->report, report.at, report.len);
    snprintf(r->id, sizeof r->id, "%s", id);
    r->is_urgent = r->is_urgent || urgent;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

bool live_reporter_trouble(struct live_reporter *r, char *ret, size_t room)
{
    bool is_new;

    pthread_mutex_lock(&r->lock);
    is_new = r->is_trouble_new;
    if (is_new)
        snprintf(ret, room, "%s", r->trouble.text);
    r->is_trouble_new = false;
    pthread_mutex_unlock(&r->lock);
    return is_new;
}

static void init_lock(struct live_reporter *r)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void release(struct live_reporter *r)
{
    if (r->token)
        sodium_memzero(r->token, strlen(r->token));
    free(r->token);
    free(r->place);
    buffer_release(&r->report);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

enum ou_status live_reporter_open(const char *place, const char *token, struct live_reporter **ret,
                                  struct ou_error *err)
{
    struct live_reporter *r = calloc(1, sizeof *r);
    enum ou_status status = http_client_ready(err);

    if (!r)
        return ou_fail(err, OU_NO_MEMORY, "no memory for reports");
    init_lock(r);
    buffer_init(&r->report, allocator_libc(), TEXT_MAX);
    r->pause_ns = PAUSE_LEAST_NS;
    r->place = strdup(place);
    r->token = token ? strdup(token) : NULL;
    if (!status && (!r->place || (token && !r->token)))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for reports");
    if (!status && pthread_create(&r->thread, NULL, run, r) != 0)
        status = ou_fail(err, OU_NO_MEMORY, "no thread for reports");
    if (status) {
        release(r);
        return status;
    }
    *ret = r;
    return OU_OK;
}

/* With the lock. False: a database took its question and is silent since, which nothing else would end. */
static bool wait_for_end(struct live_reporter *r)
{
    const int64_t until_ns = time_monotonic_ns() + FAREWELL_NS;

    while (!r->is_done && time_monotonic_ns() < until_ns)
        wait_until(r, until_ns);
    return r->is_done;
}

struct live_reporter_counts live_reporter_close(struct live_reporter *r)
{
    struct live_reporter_counts counts = { 0 };
    bool is_done;

    if (!r)
        return counts;
    pthread_mutex_lock(&r->lock);
    r->is_ending = true;
    pthread_cond_signal(&r->changed);
    is_done = wait_for_end(r);
    counts = r->counts;
    pthread_mutex_unlock(&r->lock);
    if (is_done) {
        pthread_join(r->thread, NULL);
        release(r);
    } else {
        pthread_detach(r->thread); /* what it uses stays with it */
        counts.dropped++;
    }
    return counts;
}
