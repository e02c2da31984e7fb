#include <arpa/inet.h>
#include <stdlib.h>
#include <strings.h>

#include "base/time.h"
#include "http/server_private.h"

#define NS_PER_S INT64_C(1000000000)
/* A path and a query; longer is 414. */
#define TARGET_MAX ((size_t)16 << 10)
/* Headers of a request; more is 431. Their bytes are bounded by the connection's memory. */
#define REQUEST_HEADERS_MAX 100

/* --- From the request line to the end ----------------------------------------------------------- */

static void put_client(struct request *r)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct in6_addr client = info ? outgoing_client(info->client_addr) : in6addr_any;

    if (IN6_IS_ADDR_V4MAPPED(&client))
        inet_ntop(AF_INET, client.s6_addr + 12, r->client, sizeof r->client);
    else
        inet_ntop(AF_INET6, &client, r->client, sizeof r->client);
}

void *http_on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    struct request *r = calloc(1, sizeof *r);

    if (!r)
        return NULL;
    r->server = context;
    r->connection = connection;
    http_params_init(&r->params);
    r->target = strndup(target, TARGET_MAX + 1);
    put_client(r);
    return r;
}

void http_on_done(void *context, struct MHD_Connection *connection, void **state,
                  enum MHD_RequestTerminationCode why)
{
    struct http_server *s = context;
    struct request *r = *state;

    (void)why;
    /* It may rest as long as a silent one, and then has the time of a head. */
    http_expect(s, connection, time_monotonic_ns() + s->timeout_ns + s->request_ns);
    if (!r)
        return;
    buffer_release(&r->pending.answer.body); /* of one that could not be sent any more */
    buffer_release(&r->pending.answer.headers);
    http_body_release(&s->bodies, &r->body);
    http_params_release(&r->params);
    free(r->target);
    free(r);
    *state = NULL;
}

/* --- Heads --------------------------------------------------------------------------------------- */

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct http_params *params = context;

    (void)kind;
    return http_params_header(params, name, value) ? MHD_NO : MHD_YES;
}

static enum MHD_Result take_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    struct http_params *params = context;

    (void)kind;
    return http_params_arg(params, name, value) ? MHD_NO : MHD_YES;
}

static bool is_listed(const char *list, const char *word)
{
    const size_t len = strlen(word);

    for (; *list; list += strspn(list, ", ")) {
        const size_t item = strcspn(list, ", ");

        if (item == len && memcmp(list, word, len) == 0)
            return true;
        list += item;
    }
    return false;
}

/* "http://host/path", as to a proxy, asks for the path. */
static const char *path_of(const char *path)
{
    const char *host = strstr(path, "://");

    if (*path == '/' || !host)
        return path;
    path = strchr(host + strlen("://"), '/');
    return path ? path : "/";
}

/* A path that would end at its NUL is another path than the client wrote. */
static bool has_nul(const char *target)
{
    const char *nul = strstr(target, "%00");

    return nul && nul < target + strcspn(target, "?");
}

/* What the head is refused for; 0: nothing. */
static unsigned read_head(struct request *r, const char *path, const char *method)
{
    struct MHD_Connection *connection = r->connection;
    const int headers = MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL);
    const int args = MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, NULL, NULL);
    const bool is_head = strcmp(method, "HEAD") == 0;

    r->pending.call = (struct http_call){
        .method = is_head ? "GET" : method,
        .path = path_of(path),
        .args = &r->params,
        .target = r->target,
        .client = r->client,
        .is_head = is_head,
        .is_tls = r->server->is_tls,
    };
    if (!r->target)
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    if (strlen(r->target) > TARGET_MAX)
        return MHD_HTTP_URI_TOO_LONG;
    if (headers < 0 || headers > REQUEST_HEADERS_MAX)
        return MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
    if (args < 0 || args > HTTP_PARAMS_MAX || has_nul(r->target))
        return MHD_HTTP_BAD_REQUEST;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, &r->params);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_argument, &r->params);
    if (!is_listed(r->server->methods, method))
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    return 0;
}

/* Bytes of the body as the head tells; 0: none, or it is sent in chunks. */
static unsigned long long announced(const struct http_call *call)
{
    const char *length = http_header(call, "Content-Length");

    return length ? strtoull(length, NULL, 10) : 0;
}

static unsigned judge_body(const struct http_server *s, const struct request *r)
{
    const unsigned long long bytes = announced(&r->pending.call);

    if (bytes > r->body_max)
        return MHD_HTTP_CONTENT_TOO_LARGE;
    if (bytes > 0 && s->bodies.bytes + bytes > s->bodies.bytes_max)
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    return 0;
}

static enum MHD_Result refuse(struct http_server *s, struct request *r)
{
    struct http_answer a = http_empty_answer(r->refused);

    if (r->refused == MHD_HTTP_METHOD_NOT_ALLOWED)
        a.allow = s->methods;
    http_expect(s, r->connection, INT64_MAX);
    return http_send_answer(s, r, &a);
}

/* A client that waits to be asked for the body, or tells of one that nobody would swallow, is refused before it comes. */
static enum MHD_Result begin(struct http_server *s, struct request *r, const char *path,
                             const char *method)
{
    const struct http_call *call = &r->pending.call;

    r->begun = true;
    r->begun_ns = time_monotonic_ns();
    r->refused = read_head(r, path, method);
    if (!r->refused) {
        r->body_max = s->body_limit ? s->body_limit(s->context, call) : HTTP_BODY_MAX;
        buffer_init(&r->body, allocator_libc(), r->body_max);
        r->refused = judge_body(s, r);
    }
    http_expect(s, r->connection, r->begun_ns + s->request_ns);
    if (r->refused && (http_header(call, "Expect") || announced(call) > SWALLOWED_MAX))
        return refuse(s, r);
    return MHD_YES;
}

/* --- Bodies -------------------------------------------------------------------------------------- */

static void keep_body(struct http_server *s, struct request *r, const char *bytes, size_t count)
{
    if (count > r->body_max - r->body.len)
        r->refused = MHD_HTTP_CONTENT_TOO_LARGE;
    else if (!http_body_append(&s->bodies, &r->body, bytes, count))
        r->refused = MHD_HTTP_SERVICE_UNAVAILABLE;
    if (r->refused)
        http_body_release(&s->bodies, &r->body);
}

static enum MHD_Result take_body(struct http_server *s, struct request *r, const char *bytes,
                                 size_t count)
{
    const size_t rate = s->request_rate_bytes;

    r->came += count;
    if (!r->refused)
        keep_body(s, r, bytes, count);
    else
        r->swallowed += count;
    http_expect(s, r->connection,
                r->begun_ns + s->request_ns + (int64_t)(r->came / rate) * NS_PER_S);
    return r->swallowed <= SWALLOWED_MAX ? MHD_YES : MHD_NO;
}

static bool is_form(const char *type)
{
    static const char form[] = "application/x-www-form-urlencoded";
    size_t len = sizeof form - 1;

    return type && strncasecmp(type, form, len) == 0 && strchr("; \t", type[len]);
}

/* Its arguments, too, when it is a form. False: too many. */
static bool read_body(struct request *r)
{
    struct http_call *call = &r->pending.call;

    call->body = (struct span){ r->body.at, r->body.len };
    return !is_form(http_header(call, "Content-Type")) ||
           http_params_form(&r->params, call->body) == OU_OK;
}

/* --- Answers ------------------------------------------------------------------------------------- */

/* A turn of the library answers whoever is ready: many long answers, one after the other, would keep the loop from all
 * else. The library forgets the connection until http_begin_turn(), and then asks for the answer again. */
static enum MHD_Result wait_a_turn(struct http_server *s, struct request *r)
{
    r->next = s->waiting;
    s->waiting = r;
    MHD_suspend_connection(r->connection);
    return MHD_YES;
}

void http_begin_turn(struct http_server *s)
{
    struct request *next;

    s->busy_ns = 0;
    for (struct request *r = s->waiting; r; r = next) {
        next = r->next;
        MHD_resume_connection(r->connection);
    }
    s->waiting = NULL;
}

static enum MHD_Result call_handler(struct http_server *s, struct request *r)
{
    const int64_t start_ns = time_monotonic_ns();
    struct http_answer a = http_empty_answer(0);

    s->handler(s->context, &r->pending.call, &a);
    s->busy_ns += time_monotonic_ns() - start_ns;
    return http_send_answer(s, r, &a);
}

static enum MHD_Result answer(struct http_server *s, struct request *r)
{
    http_expect(s, r->connection, INT64_MAX);
    if (r->pending.answered)
        return http_send_answer(s, r, &r->pending.answer);
    if (s->busy_ns >= s->turn_ns)
        return wait_a_turn(s, r);
    if (!r->refused && !read_body(r))
        r->refused = MHD_HTTP_BAD_REQUEST;
    if (!r->refused && s->closing)
        r->refused = MHD_HTTP_SERVICE_UNAVAILABLE;
    if (r->refused)
        return refuse(s, r);
    if (!s->take)
        return call_handler(s, r);
    http_hand_over(s, r);
    return MHD_YES;
}

/* Is called first when the head is there, then for each piece of the body, then for the answer. */
enum MHD_Result http_on_request(void *context, struct MHD_Connection *connection, const char *path,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_bytes, void **state)
{
    const size_t count = *upload_bytes;
    struct request *r = *state;

    (void)connection;
    (void)version;
    if (!r)
        return MHD_NO; /* there was no memory */
    if (!r->begun)
        return begin(context, r, path, method);
    if (count == 0)
        return answer(context, r);
    *upload_bytes = 0; /* all is taken */
    return take_body(context, r, upload, count);
}
