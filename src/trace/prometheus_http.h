/* As much of HTTP/1.1 as a page of metrics needs: requests from bytes, and the heads
 * of responses. Pure; any thread. */
#ifndef OU_TRACE_PROMETHEUS_HTTP_H
#define OU_TRACE_PROMETHEUS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/span.h"

/* A request must be shorter than this. */
#define HTTP_REQUEST_MAX 2048

enum http_status {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_NOT_FOUND = 404,
    HTTP_METHOD_NOT_ALLOWED = 405,
    HTTP_UNSUPPORTED_MEDIA_TYPE = 415,
    HTTP_INTERNAL_ERROR = 500,
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_OTHER };

struct http_request {
    enum http_method method;
    struct span path;  /* without the query; points into the bytes */
    bool accept_any;   /* no Accept, or an empty one */
    bool accept_plain; /* text/plain, or a range that holds it */
    bool accept_openmetrics;
    bool close;   /* the client closes behind this one, or should: it has a body */
    size_t bytes; /* of the request; what is behind belongs to the next */
};

/* Reads the request that the bytes begin with. False when no whole request stands there. Like
 * other servers it takes a line feed alone for the end of a line, and empty lines before a
 * request (RFC 9112, 2.2); unlike the RFC it wants no Host. */
bool http_parse(const char *bytes, size_t len, struct http_request *ret);

/* What the answer is: GET and HEAD of /metrics give HTTP_OK, if the client takes text. */
enum http_status http_judge(const struct http_request *request);

/* "Not Found", ...: never NULL. */
const char *http_reason(enum http_status status);

/* Writes the head of a response, with the empty line behind it. Returns its length. */
#define HTTP_HEAD_ROOM 512
size_t http_head(enum http_status status, const char *content_type, size_t body_bytes, bool close,
                 time_t now, char ret[HTTP_HEAD_ROOM]);

#define HTTP_TYPE_OPENMETRICS "application/openmetrics-text;version=1.0.0;charset=utf-8"
#define HTTP_TYPE_METRICS "text/plain;version=0.0.4;charset=utf-8"
#define HTTP_TYPE_TEXT "text/plain;charset=utf-8"

#endif
