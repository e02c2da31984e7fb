/* A request as libcurl is told of it, and what libcurl asks for while it goes on. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/time.h"
#include "http/client_private.h"

#define BODY_MAX ((size_t)16 << 20)
#define CONNECT_S 10
#define STALL_S 30

/* ---- what libcurl asks for while a request goes on ---- */

static size_t end_request(struct asking *a, enum ended_by by)
{
    a->ended_by = by;
    return 0;
}

/* The lines of the last head only: there may be some of a proxy's, or "100 Continue", before it. */
static size_t on_header(char *at, size_t size, size_t count, void *context)
{
    struct asking *a = context;
    struct buffer *lines = &a->reply->headers;
    size_t bytes = size * count;

    a->moved_ns = time_monotonic_ns();
    if (span_starts((struct span){ at, bytes }, "HTTP/"))
        buffer_clear(lines);
    buffer_append(lines, at, bytes);
    return buffer_status(lines) ? end_request(a, BY_HEADERS_MAX) : bytes;
}

/* Of a failure's body only the beginning is kept, and none of it is too much. */
static void keep_failure(struct buffer *body, const char *at, size_t bytes)
{
    size_t room = body->len < HTTP_FAILURE_BODY_MAX ? HTTP_FAILURE_BODY_MAX - body->len : 0;

    buffer_append(body, at, bytes < room ? bytes : room);
}

size_t http_body_max(const struct http_request *request)
{
    return request->body_max ? request->body_max : BODY_MAX;
}

static size_t on_body(char *at, size_t size, size_t count, void *context)
{
    struct asking *a = context;
    const struct http_request *request = a->request;
    size_t bytes = size * count;
    long status = 0;

    a->moved_ns = time_monotonic_ns();
    a->reply->bytes += bytes;
    curl_easy_getinfo(a->client->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status / 100 != 2) {
        keep_failure(&a->reply->body, at, bytes);
        return bytes;
    }
    if (request->take)
        return request->take(request->context, (struct span){ at, bytes })
                   ? bytes
                   : end_request(a, BY_TAKER);
    if (bytes > http_body_max(request) - a->reply->body.len)
        return end_request(a, BY_BODY_MAX);
    buffer_append(&a->reply->body, at, bytes);
    return buffer_status(&a->reply->body) ? end_request(a, BY_BODY_MAX) : bytes;
}

static size_t read_file(struct asking *a, char *out, size_t bytes)
{
    ssize_t got;

    do
        got = pread(a->request->body_fd, out, bytes, (off_t)(a->request->body_offset + a->sent));
    while (got < 0 && errno == EINTR);
    if (got > 0)
        return (size_t)got;
    a->file_error = got < 0 ? errno : 0;
    return end_request(a, BY_FILE);
}

static size_t on_send(char *out, size_t size, size_t count, void *context)
{
    struct asking *a = context;
    uint64_t left = a->to_send - a->sent;
    size_t bytes = size * count < left ? size * count : (size_t)left;

    a->moved_ns = time_monotonic_ns();
    if (bytes == 0)
        return 0;
    if (a->request->with_file)
        bytes = read_file(a, out, bytes);
    else
        memcpy(out, a->request->body.at + a->sent, bytes);
    a->sent += bytes;
    return bytes ? bytes : CURL_READFUNC_ABORT;
}

/* A kept connection that the server closed meanwhile makes libcurl begin anew on another. */
static int on_rewind(void *context, curl_off_t offset, int origin)
{
    struct asking *a = context;

    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > a->to_send)
        return CURL_SEEKFUNC_FAIL;
    a->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

static int on_socket(void *context, curl_socket_t socket, curlsocktype purpose)
{
    struct http_client *c = context;

    (void)purpose;
    c->socket = socket;
    return CURL_SOCKOPT_OK;
}

static int on_socket_end(void *context, curl_socket_t socket)
{
    struct http_client *c = context;

    if (c->socket == socket)
        c->socket = -1;
    return close(socket);
}

/* ---- a request ---- */

static bool add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer)
        *list = longer;
    return longer;
}

/* The certificate's name takes the place of the host in the URL, libcurl connects to the host that was there, and Host says it. */
static bool rename_server(struct asking *a, CURLU *parts, const char *name, const char *host,
                          const char *port)
{
    char line[HTTP_ORIGIN_ROOM];
    char *said = NULL;

    snprintf(line, sizeof line, "::%s:%s", host, port);
    if (!add_line(&a->connect_to, line))
        return false;
    curl_url_get(parts, CURLUPART_PORT, &said, 0); /* the scheme's own is not said in Host */
    snprintf(line, sizeof line, "Host: %s%s%s", host, said ? ":" : "", said ? said : "");
    curl_free(said);
    return add_line(&a->headers, line) &&
           curl_url_set(parts, CURLUPART_HOST, name, 0) == CURLUE_OK &&
           curl_url_get(parts, CURLUPART_URL, &a->url, 0) == CURLUE_OK;
}

static enum ou_status use_host(struct asking *a, CURLU *parts, struct ou_error *err)
{
    const char *name = a->client->identity.server_name;
    char *scheme = NULL, *host = NULL, *port = NULL;
    enum ou_status status = OU_OK;

    if (curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0) ||
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ||
        (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)) {
        status = ou_fail(err, OU_INVALID, "a URL that does not begin with http:// or https://");
    } else {
        snprintf(a->origin, sizeof a->origin, "%s://%s:%s", scheme, host, port);
        if (http_is_loopback(host) || span_starts(span_of(host), "169.254."))
            curl_easy_setopt(a->client->easy, CURLOPT_PROXY, "");
        if (name && strcmp(scheme, "https") == 0 && !rename_server(a, parts, name, host, port))
            status = ou_fail(err, OU_NO_MEMORY, "no memory for a request");
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    return status;
}

static enum ou_status use_url(struct asking *a, struct ou_error *err)
{
    CURLU *parts = curl_url();
    enum ou_status status;

    if (!parts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a request");
    if (curl_url_set(parts, CURLUPART_URL, a->request->url, CURLU_PATH_AS_IS) != CURLUE_OK)
        status = ou_fail(err, OU_INVALID, "a URL that does not begin with http:// or https://");
    else
        status = use_host(a, parts, err);
    if (!status)
        curl_easy_setopt(a->client->easy, CURLOPT_URL, a->url ? a->url : a->request->url);
    curl_url_cleanup(parts);
    return status;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

/* "Expect:" without a value: no question whether the body is welcome, which some servers leave open. */
static enum ou_status use_headers(struct asking *a, struct ou_error *err)
{
    bool ok = add_line(&a->headers, "Expect:");

    for (const char *const *h = a->request->headers; ok && h && *h; h++) {
        if (has_control(*h))
            return ou_fail(err, OU_INVALID, "a header with a control character");
        ok = add_line(&a->headers, *h);
    }
    if (!ok)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a request");
    curl_easy_setopt(a->client->easy, CURLOPT_HTTPHEADER, a->headers);
    curl_easy_setopt(a->client->easy, CURLOPT_CONNECT_TO, a->connect_to);
    return OU_OK;
}

static enum ou_status use_method(struct asking *a, struct ou_error *err)
{
    CURL *easy = a->client->easy;
    const char *method = a->request->method;

    if (strcmp(method, "GET") == 0 && a->to_send == 0) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    } else if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(method, "PUT") == 0 || strcmp(method, "POST") == 0 ||
               strcmp(method, "DELETE") == 0) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
        if (*method == 'P' || a->to_send > 0) {
            curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
            curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)a->to_send);
        }
    } else {
        return ou_fail(err, OU_INVALID, "no method of ours: %s", method);
    }
    return OU_OK;
}

static void use_identity(const struct http_client *c)
{
    if (c->identity.ca_file)
        curl_easy_setopt(c->easy, CURLOPT_CAINFO, c->identity.ca_file);
    if (c->identity.certificate_file)
        curl_easy_setopt(c->easy, CURLOPT_SSLCERT, c->identity.certificate_file);
    if (c->identity.key_file)
        curl_easy_setopt(c->easy, CURLOPT_SSLKEY, c->identity.key_file);
}

double http_stall_s(const struct http_request *request)
{
    return request->stall_s > 0 ? request->stall_s : STALL_S;
}

static void use_times(const struct asking *a)
{
    CURL *easy = a->client->easy;
    double connect_s = http_stall_s(a->request) < CONNECT_S ? http_stall_s(a->request) : CONNECT_S;

    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(connect_s * 1000) + 1);
    if (a->request->timeout_s > 0)
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(a->request->timeout_s * 1000) + 1);
}

static void use_callbacks(struct asking *a)
{
    CURL *easy = a->client->easy;

    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, a);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_READDATA, a);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_rewind);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, a);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, a->client);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_end);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, a->client); /* outlives its connections */
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, a->detail);
}

enum ou_status http_asking_set_up(struct asking *a, struct ou_error *err)
{
    CURL *easy = a->client->easy;
    enum ou_status status;

    curl_easy_reset(easy); /* keeps connections */
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* as it was signed */
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT,
                     1L); /* no waiting for a resolver that does not answer */
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "ouroscope/" OUROSCOPE_VERSION);
    use_identity(a->client);
    use_times(a);
    use_callbacks(a);
    status = use_url(a, err);
    if (!status)
        status = use_headers(a, err);
    if (!status)
        status = use_method(a, err);
    return status;
}
