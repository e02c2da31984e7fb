/* One request on its way through the API, and how its operation answers. In a worker's thread. */
#ifndef OU_API_REQUEST_H
#define OU_API_REQUEST_H

#include "api/api.h"
#include "base/arena.h"
#include "json/tree.h"
#include "json/write.h"
#include "store/access.h"

struct api_operation;
struct api_page;
struct described;

/* What is left of a client's requests: rate.h. */
struct rate_state {
    unsigned limit, window_s, left, reset_s;
    bool refused;
};

struct api_request {
    struct api *api;
    const struct http_call *call;
    struct http_answer *answer;
    const struct api_operation *operation; /* NULL: a page, or nothing */
    const struct described *described;     /* of the operation */
    const struct api_page *page;
    const char *path;   /* with names: "/api/v1/runs/{run}"; NULL: there is no such path */
    const char *client; /* address; behind a trusted proxy what that says */
    struct rate_state rate;
    struct buffer body;         /* of the request, where it had to be unpacked */
    json_t *json;               /* the same as a tree; owned */
    char failure[1024];         /* of a 5xx: what is not told to the client, for the log */
    struct sql *db;             /* lent for the request; NULL where the operation needs none */
    struct arena memory;        /* until it is answered */
    struct token_holder holder; /* id "": nobody in particular */
    char id[33];                /* of the request: access log, audit, problem.instance */
    int64_t now_ns;
    const char *const *path_values; /* of {names} in the path, in order, decoded */
};

/* The value of {name} in the path. Never NULL: the router has seen it. */
const char *api_path_value(const struct api_request *r, const char *name);
/* The body, unpacked, of the media type that the description has for it. False: a problem has been answered. */
bool api_body(struct api_request *r, struct span *ret);
/* The same as a JSON tree that has been held against the schema of the description; the request's. */
bool api_body_json(struct api_request *r, json_t **ret);
/* Who may see or change what is of a project: a token of another project may not. False: answered. */
bool api_may(struct api_request *r, const char *project);
/* The one project that the caller may read of; "": all. For lists, which leave others out. */
const char *api_only_project(const struct api_request *r);

/* --- Answers -------------------------------------------------------------------------------------- */

/* Problem details (RFC 9457): kinds are a table in problem.c, documented in docs/reference/api/problems.md. The answer's
 * body and headers go. Each returns false, so that a function can end in it. */
enum problem {
    PROBLEM_INVALID_PARAMETER, /* 400 */
    PROBLEM_UNKNOWN_FIELD,     /* 400, with the position */
    PROBLEM_INVALID_CURSOR,    /* 400 */
    PROBLEM_INVALID_BODY,      /* 400 */
    PROBLEM_UNAUTHENTICATED,   /* 401 */
    PROBLEM_FORBIDDEN,         /* 403 */
    PROBLEM_NOT_FOUND,         /* 404 */
    PROBLEM_METHOD,            /* 405 */
    PROBLEM_NOT_ACCEPTABLE,    /* 406 */
    PROBLEM_CONFLICT,          /* 409 */
    PROBLEM_ELSEWHERE,         /* 409 */
    PROBLEM_STALE,             /* 412 */
    PROBLEM_TOO_LARGE,         /* 413 */
    PROBLEM_TARGET_TOO_LONG,   /* 414 */
    PROBLEM_MEDIA_TYPE,        /* 415 */
    PROBLEM_UNPROCESSABLE,     /* 422: understood, and makes no sense: runs that differ */
    PROBLEM_CONDITION_NEEDED,  /* 428 */
    PROBLEM_RATE,              /* 429 */
    PROBLEM_HEADERS_TOO_LARGE, /* 431 */
    PROBLEM_INTERNAL,          /* 500 */
    PROBLEM_DATABASE,          /* 503, Retry-After */
    PROBLEM_BUSY,              /* 503 */
};
struct problem_place {
    const char *pointer;   /* JSON pointer into the body; or */
    const char *parameter; /* of the query, path or headers */
    int64_t position;      /* in its value, from 1; 0: not told */
    const char *detail;
};
bool api_problem(struct api_request *r, enum problem kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool api_problem_at(struct api_request *r, enum problem kind, const struct problem_place *places,
                    size_t count, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* 503, and the log's word that the database went, if that is news. Returns false. */
bool api_database_away(struct api_request *r, const char *why);

/* The problem that a failed call of store/, publish/ or study/ is: OU_NOT_FOUND 404, OU_USAGE 400, OU_INVALID 422,
 * OU_TOO_LARGE 413; whatever the database has gone through 503; anything else 500, whose message stays in the log. */
bool api_failed(struct api_request *r, enum ou_status status, const struct ou_error *err);

/* Begins a JSON answer of this status; the caller writes and json_end()s. */
void api_json(struct api_request *r, unsigned status, struct json_writer *ret);
/* Finishes an answer that may be asked for again: puts a strong ETag (of the body, unless tag says) and answers 304 or 412
 * if the request's conditions want it. immutable: it will never change. */
void api_conditional(struct api_request *r, const char *tag, bool immutable);
/* For PUT, PATCH and DELETE: If-Match must name the tag (412), and be there (428). False: answered. */
bool api_if_match(struct api_request *r, const char *tag);
/* An absolute or, without a public URL, path-only address of something below /api/v1, in the request's memory. */
const char *api_link(struct api_request *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Text as it stands in a URL: letters, digits, "-._~" and the characters of `keep` stay. Appended. */
void api_url_encode(struct buffer *out, const char *text, const char *keep);

/* A list of a resource, with all that lists do: filter, fields, sort, limit, cursor, format, Link, ETag, Prefer. where: fixed
 * filters beside the reader's, of the same resource; may be NULL. */
struct list_fixed {
    const char *field;
    struct sql_value value;
};
void api_list(struct api_request *r, const char *resource, const struct list_fixed *fixed,
              size_t count);
/* One row of it. The tag is that of its body. */
void api_item(struct api_request *r, const char *resource, const char *id);
/* api_if_match() against the tag that api_item() would give: for PATCH, PUT and DELETE of a row. False: answered (404, 412, 428). */
bool api_item_if_match(struct api_request *r, const char *resource, const char *id);

#endif
