/* Problem details (RFC 9457). What each kind means to a reader stands in docs/reference/api/problems.md. */
#include <stdarg.h>
#include <stdio.h>

#include <string.h>

#include "api/answering.h"
#include "api/points.h"
#include "query/answer.h"

#define RETRY_DATABASE_S 2
#define RETRY_BUSY_S 1

static const struct {
    unsigned status;
    const char *name, *title;
} kinds[] = {
    [PROBLEM_INVALID_PARAMETER] = { 400, "invalid-parameter", "A parameter cannot be understood" },
    [PROBLEM_UNKNOWN_FIELD] = { 400, "unknown-field", "There is no such field" },
    [PROBLEM_INVALID_CURSOR] = { 400, "invalid-cursor", "The cursor is not good" },
    [PROBLEM_INVALID_BODY] = { 400, "invalid-body", "The body cannot be understood" },
    [PROBLEM_UNAUTHENTICATED] = { 401, "unauthenticated", "A token is needed" },
    [PROBLEM_FORBIDDEN] = { 403, "forbidden", "This is not allowed" },
    [PROBLEM_NOT_FOUND] = { 404, "not-found", "There is no such thing" },
    [PROBLEM_METHOD] = { 405, "method-not-allowed", "The path has no such method" },
    [PROBLEM_NOT_ACCEPTABLE] = { 406, "not-acceptable", "It cannot be had in this media type" },
    [PROBLEM_CONFLICT] = { 409, "conflict", "Something else is there under that name" },
    [PROBLEM_ELSEWHERE] = { 409, "elsewhere", "It is there, in another project" },
    [PROBLEM_STALE] = { 412, "stale", "It has changed meanwhile" },
    [PROBLEM_TOO_LARGE] = { 413, "too-large", "It is too large" },
    [PROBLEM_TARGET_TOO_LONG] = { 414, "target-too-long", "The address is too long" },
    [PROBLEM_MEDIA_TYPE] = { 415, "media-type", "The body's media type is not taken" },
    [PROBLEM_UNPROCESSABLE] = { 422, "unprocessable", "This cannot be done" },
    [PROBLEM_CONDITION_NEEDED] = { 428, "condition-needed", "An If-Match header is needed" },
    [PROBLEM_RATE] = { 429, "rate", "Too many requests" },
    [PROBLEM_HEADERS_TOO_LARGE] = { 431, "headers-too-large", "The headers are too many" },
    [PROBLEM_INTERNAL] = { 500, "internal", "Something is wrong with the server" },
    [PROBLEM_DATABASE] = { 503, "database", "The database cannot be used now" },
    [PROBLEM_BUSY] = { 503, "busy", "The server has too much to do" },
};

static void put_places(struct json_writer *w, const struct problem_place *places, size_t count)
{
    json_key(w, "errors");
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(w);
        if (places[i].pointer) {
            json_key(w, "pointer");
            json_cstring(w, places[i].pointer);
        }
        if (places[i].parameter) {
            json_key(w, "parameter");
            json_cstring(w, places[i].parameter);
        }
        if (places[i].position > 0) {
            json_key(w, "position");
            json_int(w, places[i].position);
        }
        json_key(w, "detail");
        json_cstring(w, places[i].detail);
        json_end(w);
    }
    json_end(w);
}

static void put_body(struct api_request *r, enum problem kind, const char *detail,
                     const struct problem_place *places, size_t count)
{
    struct json_writer w;
    char reference[64];

    json_writer_init(&w, &r->answer->body, false);
    json_begin_object(&w);
    json_key(&w, "type");
    snprintf(reference, sizeof reference, "/docs/problems#%s", kinds[kind].name);
    json_cstring(&w, reference);
    json_key(&w, "title");
    json_cstring(&w, kinds[kind].title);
    json_key(&w, "status");
    json_int(&w, kinds[kind].status);
    json_key(&w, "detail");
    json_cstring(&w, detail);
    json_key(&w, "instance");
    snprintf(reference, sizeof reference, "urn:ouroscope:request:%s", r->id);
    json_cstring(&w, reference);
    if (count > 0)
        put_places(&w, places, count);
    json_end(&w);
}

/* All that was answered so far is forgotten, but for what every answer has. */
static void start_again(struct api_request *r, enum problem kind)
{
    struct http_answer *answer = r->answer;

    buffer_clear(&answer->body);
    buffer_clear(&answer->headers);
    answer->status = kinds[kind].status;
    answer->type = "application/problem+json";
    answer->cache = NULL;
    answer->policy = NULL;
    answer_headers(r);
    if (kind == PROBLEM_DATABASE)
        http_answer_header(answer, "Retry-After", "%d", RETRY_DATABASE_S);
    else if (kind == PROBLEM_BUSY)
        http_answer_header(answer, "Retry-After", "%d", RETRY_BUSY_S);
}

/* Below it, clients of Prometheus ask, which know its shape of failures alone. */
static bool is_prometheus(const struct http_call *call)
{
    static const char root[] = "/prometheus/";

    return call->path && strncmp(call->path, root, sizeof root - 1) == 0;
}

/* The type of a failure that Prometheus has for it. */
static const char *prometheus_type(unsigned status)
{
    switch (status) {
    case 404: return "not_found";
    case 406: return "not_acceptable";
    case 429:
    case 503: return "unavailable";
    default: return status < 500 ? "bad_data" : "internal";
    }
}

__attribute__((format(printf, 5, 0))) static bool say(struct api_request *r, enum problem kind,
                                                      const struct problem_place *places,
                                                      size_t count, const char *format,
                                                      va_list args)
{
    struct ou_error text;

    vsnprintf(text.text, sizeof text.text, format, args);
    start_again(r, kind);
    if (is_prometheus(r->call))
        api_error(r->answer, kinds[kind].status, prometheus_type(kinds[kind].status), "%s",
                  text.text);
    else
        put_body(r, kind, text.text, places, count);
    return false;
}

bool api_problem(struct api_request *r, enum problem kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(r, kind, NULL, 0, format, args);
    va_end(args);
    return false;
}

bool api_problem_at(struct api_request *r, enum problem kind, const struct problem_place *places,
                    size_t count, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(r, kind, places, count, format, args);
    va_end(args);
    return false;
}

/* What the database went through is told in our words: its own may have names of hosts and files. */
static const char *database_words(enum sql_fault fault)
{
    switch (fault) {
    case SQL_BUSY: return "Others write to the database, and have not come to an end in time.";
    case SQL_FULL: return "The disk of the database is full, or may not be written to.";
    case SQL_OLD: return "The database's schema is not this program's.";
    case SQL_CORRUPT: return "The database is damaged.";
    default: return NULL;
    }
}

bool api_database_away(struct api_request *r, const char *why)
{
    log_database(why);
    snprintf(r->failure, sizeof r->failure, "%s", why);
    return api_problem(r, PROBLEM_DATABASE,
                       "The database is away; the server tries to reach it again.");
}

bool api_failed(struct api_request *r, enum ou_status status, const struct ou_error *err)
{
    const char *database = r->db ? database_words(sql_fault(r->db)) : NULL;

    if (r->db && sql_fault(r->db) == SQL_AWAY)
        return api_database_away(r, err->text);
    if (database) {
        snprintf(r->failure, sizeof r->failure, "%s", err->text);
        return api_problem(r, PROBLEM_DATABASE, "%s", database);
    }
    switch (status) {
    case OU_NOT_FOUND: return api_problem(r, PROBLEM_NOT_FOUND, "%s", err->text);
    case OU_USAGE: return api_problem(r, PROBLEM_INVALID_PARAMETER, "%s", err->text);
    case OU_INVALID: return api_problem(r, PROBLEM_UNPROCESSABLE, "%s", err->text);
    case OU_TOO_LARGE: return api_problem(r, PROBLEM_TOO_LARGE, "%s", err->text);
    default:
        snprintf(r->failure, sizeof r->failure, "%s", err->text);
        return api_problem(r, PROBLEM_INTERNAL,
                           "The request could not be answered; the server's log tells why, by this "
                           "problem's instance.");
    }
}
