/* A request, from the worker that takes it to its answer. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "api/answering.h"
#include "api/points.h"
#include "base/time.h"
#include "http/coding.h"

#define MEMORY_BYTES_MAX ((size_t)64 << 20) /* of a request's own; bodies and answers beside it */

bool is_api_path(const char *path)
{
    static const char *const roots[] = { "/api", "/prometheus", "/metrics" };

    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        size_t len = strlen(roots[i]);

        if (strncmp(path, roots[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
            return true;
    }
    return false;
}

bool is_write(const struct http_call *call)
{
    return strcmp(call->method, "GET") != 0 && strcmp(call->method, "OPTIONS") != 0;
}

void answer_headers(struct api_request *r)
{
    struct http_answer *answer = r->answer;
    const struct described *d = r->described;

    http_answer_header(answer, "X-Request-Id", "%s", r->id);
    if (r->call->is_tls)
        http_answer_header(answer, "Strict-Transport-Security", "max-age=31536000");
    http_answer_header(answer, "Vary", "Accept, Origin%s",
                       api_config(r->api)->reads_need_token ? ", Authorization" : "");
    if (r->rate.limit > 0) {
        http_answer_header(answer, "RateLimit-Policy", "\"default\";q=%u;w=%u", r->rate.limit,
                           r->rate.window_s);
        http_answer_header(answer, "RateLimit", "\"default\";r=%u;t=%u", r->rate.left,
                           r->rate.reset_s);
    }
    if (d && d->deprecation)
        http_answer_header(answer, "Deprecation", "%s", d->deprecation);
    if (d && d->sunset)
        http_answer_header(answer, "Sunset", "%s", d->sunset);
    cors_headers(r);
}

/* ---- the steps ---- */

/* Path and method. False: answered. */
static bool find_operation(struct api_request *r, const struct route *route)
{
    bool is_options = strcmp(r->call->method, "OPTIONS") == 0;

    if (is_options && strcmp(r->call->path, "*") == 0) {
        cors_options(r, API_METHODS); /* of the server as a whole */
        return false;
    }
    if (!route->allow)
        return api_problem(r, PROBLEM_NOT_FOUND, "There is no such path.");
    if (is_options) {
        cors_options(r, route->allow);
        return false;
    }
    if (r->operation || (r->page && !is_write(r->call)))
        return true;
    api_problem(r, PROBLEM_METHOD, "%s has: %s.", route->path, route->allow);
    r->answer->allow = route->allow;
    return false;
}

static bool foreign_check(struct api_request *r)
{
    return !is_write(r->call) || !cors_is_foreign(r) ||
           api_problem(
               r, PROBLEM_FORBIDDEN,
               "A page of another origin sent this; the server's configuration allows which.");
}

/* A connection, where one is wanted. False: answered. */
static bool lend(struct api_request *r)
{
    unsigned flags = r->page ? r->page->flags : r->operation->flags;
    struct ou_error err = { 0 };

    if (flags & OPERATION_NO_DATABASE || !store_take(api_store(r->api), &r->db, &err))
        return true;
    return api_database_away(r, err.text);
}

static void take_steps(struct api_request *r, const struct route *route)
{
    if (!rate_request(r) || !find_operation(r, route) || !foreign_check(r))
        return;
    if (r->described && (!media_check(r) || !body_type_check(r) || !parameters_check(r)))
        return;
    if (lend(r) && auth_request(r))
        (r->page ? r->page->answer : r->operation->answer)(r);
}

/* ---- the request ---- */

static bool keep_values(struct api_request *r, const struct route *route)
{
    const char **values =
        arena_take(&r->memory, ROUTE_VALUES_MAX * sizeof *values, _Alignof(const char *));

    for (size_t i = 0; values && i < route->value_count; i++)
        if (!(values[i] = arena_copy(&r->memory, route->values[i].at, route->values[i].len)))
            return false;
    r->path_values = values;
    return values != NULL;
}

static void begin(struct api_request *r, struct api *a, const struct http_call *call,
                  struct http_answer *answer, const struct route *route)
{
    unsigned char random[16];

    *r = (struct api_request){
        .api = a,
        .call = call,
        .answer = answer,
        .operation = route->operation ? route->operation->operation : NULL,
        .described = route->operation,
        .page = route->operation ? NULL : route->page,
        .path = route->path,
        .now_ns = time_wall_ns(),
    };
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(r->id, sizeof r->id, random, sizeof random);
    arena_init(&r->memory, allocator_libc(), MEMORY_BYTES_MAX);
    r->client = client_address(r->call, api_config(a)->trusted_proxies, &r->memory);
    answer_headers(r);
}

/* What an operation has written into a buffer that failed is no answer. */
static void check_body(struct api_request *r)
{
    switch (buffer_status(&r->answer->body)) {
    case OU_OK: break;
    case OU_TOO_LARGE:
        api_problem(r, PROBLEM_TOO_LARGE, "The answer is too large: ask for less.");
        break;
    default: api_problem(r, PROBLEM_INTERNAL, "There is no memory for the answer.");
    }
}

static const char *name_of(const struct api_request *r)
{
    if (r->operation)
        return r->operation->id;
    return r->page ? "page" : "";
}

static void tell(const struct api_request *r, const struct job *job, int64_t begun_ns)
{
    struct request_facts facts = {
        .method = r->call->is_head ? "HEAD" : r->call->method,
        .target = r->call->target ? r->call->target : r->call->path,
        .client = r->client,
        .request_id = r->id,
        .actor = r->holder.id,
        .operation = name_of(r),
        .status = r->answer->status,
        .bytes_in = r->call->body.len,
        .bytes_out = r->answer->body.len,
        .duration_ns = time_monotonic_ns() - job->taken_ns,
        .waited_ns = begun_ns - job->taken_ns,
        .failure = r->failure[0] ? r->failure : NULL,
    };

    counts_request(&facts);
    log_request(&facts);
}

static void begin_job(struct api_request *r, struct api *a, const struct job *job)
{
    begin(r, a, http_pending_call(job->pending), http_pending_answer_of(job->pending), &job->route);
}

static void finish(struct api_request *r, const struct job *job, int64_t begun_ns)
{
    const struct api_site *site = api_config(r->api)->site;

    check_body(r);
    if (site && r->answer->status >= 400 && !is_api_path(r->call->path))
        site->problem(r);
    coding_pack(r->call, r->answer);
    tell(r, job, begun_ns);
    if (r->db && r->answer->status < 300) /* it was lent, and nothing failed */
        log_database(NULL);
    store_give(api_store(r->api), r->db);
    json_decref(r->json);
    buffer_release(&r->body);
    arena_release(&r->memory);
    http_pending_answer(job->pending);
}

void answer_job(void *context, const struct job *job)
{
    struct api_request r;
    int64_t begun_ns = time_monotonic_ns();

    begin_job(&r, context, job);
    if (keep_values(&r, &job->route))
        take_steps(&r, &job->route);
    else
        api_problem(&r, PROBLEM_INTERNAL, "There is no memory for the request.");
    finish(&r, job, begun_ns);
}

void answer_busy(struct api *a, const struct job *job)
{
    struct api_request r;

    begin_job(&r, a, job);
    api_problem(&r, PROBLEM_BUSY, "Too many requests wait already.");
    finish(&r, job, job->taken_ns);
}

static enum problem refusal_of(unsigned status)
{
    switch (status) {
    case 405: return PROBLEM_METHOD;
    case 413: return PROBLEM_TOO_LARGE;
    case 414: return PROBLEM_TARGET_TOO_LONG;
    case 431: return PROBLEM_HEADERS_TOO_LARGE;
    case 503: return PROBLEM_BUSY;
    default: return status < 500 ? PROBLEM_INVALID_PARAMETER : PROBLEM_INTERNAL;
    }
}

void answer_refusal(void *context, const struct http_call *call, struct http_answer *answer)
{
    const struct job none = { .taken_ns = time_monotonic_ns() };
    struct api_request r;

    begin(&r, context, call, answer, &none.route);
    api_problem(&r, refusal_of(answer->status), "The request was refused before it was looked at.");
    tell(&r, &none, none.taken_ns);
    arena_release(&r.memory);
}
