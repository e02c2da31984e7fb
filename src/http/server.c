#include "http/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/listening.h"
#include "base/time.h"
#include "http/outgoing.h"
#include "http/params.h"

/* For answers between two looks of the loop at its other work; who comes then waits a turn. */
#define TURN_NS (INT64_C(50) * 1000000)
/* For an answer to be taken, and what a client has to take of it each second beyond that. */
#define ANSWER_NS (INT64_C(30) * 1000000000)
#define ANSWER_RATE_BYTES ((size_t)64 << 10)
/* Of a request's head, with what the library keeps of a connection. */
#define CONNECTION_BYTES ((size_t)64 << 10)
/* A body that is too large is read to here, so that the client has sent all and reads why it was refused; what is larger
 * is cut off. */
#define SWALLOWED_MAX (8 * HTTP_BODY_MAX)

/* One listening socket, with a daemon of libmicrohttpd's and its epoll descriptor in the loop. */
struct listener {
    struct http_server *server;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
};

struct http_server {
    http_handler *handler;
    void *context;
    uint16_t port;
    struct listener listeners[LISTENING_MAX];
    size_t listener_count;
    uv_timer_t timer; /* when a daemon has something to do without a descriptor being ready */
    unsigned handles_open;
    struct outgoing_list unread;
    int64_t turn_ns, busy_ns; /* a turn's share, and what of it is used up */
    struct request *waiting;  /* for the next turn; the newest first */
    char *certificates;       /* TLS: the certificate and its chain, one after the other */
    char said[256];           /* the library's first complaint */
};

/* --- Requests ------------------------------------------------------------------------------ */

struct request {
    struct request *next; /* while it waits */
    struct MHD_Connection *connection;
    struct http_params params;
    struct buffer body;
    size_t body_bytes; /* that came, kept or not */
};

/* An answer on its way: the body belongs to the library until it calls answer_sent(). */
struct sent_answer {
    struct outgoing outgoing; /* the first: it is found by it */
    struct http_server *server;
    struct MHD_Connection *connection; /* is there as long as its answer */
    struct buffer body;
};

static struct request *request_new(void)
{
    struct request *r = calloc(1, sizeof *r);

    if (r) {
        http_params_init(&r->params);
        buffer_init(&r->body, allocator_libc(), HTTP_BODY_MAX);
    }
    return r;
}

static void request_done(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct request *r = *state;

    (void)context;
    (void)connection;
    (void)why;
    if (!r)
        return;
    http_params_release(&r->params);
    buffer_release(&r->body);
    free(r);
    *state = NULL;
}

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

static bool is_form(const char *type)
{
    static const char form[] = "application/x-www-form-urlencoded";
    size_t len = sizeof form - 1;

    return type && strncasecmp(type, form, len) == 0 && strchr("; \t", type[len]);
}

/* Headers and arguments, wherever they stand. False: too many. */
static bool request_read(struct request *r, struct MHD_Connection *connection)
{
    const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
    int headers = MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL);
    int args = MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, NULL, NULL);

    if (headers < 0 || headers > HTTP_PARAMS_MAX || args < 0 || args > HTTP_PARAMS_MAX)
        return false;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, &r->params);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_argument, &r->params);
    return !is_form(type) ||
           !http_params_form(&r->params, (struct span){ r->body.at, r->body.len });
}

/* --- Answers ------------------------------------------------------------------------------- */

static void answer_sent(void *context)
{
    struct sent_answer *sent = context;

    outgoing_remove(&sent->server->unread, &sent->outgoing);
    buffer_release(&sent->body);
    free(sent);
}

/* With its memory: a short answer would hold it until the client has taken that. */
static void drop_body(struct http_answer *a)
{
    buffer_release(&a->body);
    buffer_init(&a->body, allocator_libc(), HTTP_ANSWER_MAX);
}

/* Makes of the answer what can be sent, whatever the handler left undone. */
static void complete(const struct http_server *s, const struct in6_addr *client,
                     struct http_answer *a)
{
    if (buffer_status(&a->body)) {
        a->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        drop_body(a);
    } else if (a->body.cap > outgoing_room(&s->unread, client)) {
        a->status = MHD_HTTP_SERVICE_UNAVAILABLE;
        drop_body(a);
    } else if (a->status == 0) {
        a->status = MHD_HTTP_NOT_FOUND;
    }
    if (a->body.len == 0 && a->status >= 400) {
        a->type = NULL;
        buffer_printf(&a->body, "%s\n", MHD_get_reason_phrase_for(a->status));
    }
}

static void put_headers(struct MHD_Response *response, const struct http_answer *a)
{
    MHD_add_response_header(response, "Content-Type",
                            a->type ? a->type : "text/plain;charset=utf-8");
    MHD_add_response_header(response, "Cache-Control", a->cache ? a->cache : "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (a->policy)
        MHD_add_response_header(response, "Content-Security-Policy", a->policy);
    if (a->allow)
        MHD_add_response_header(response, "Allow", a->allow);
}

static struct in6_addr client_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    return info ? outgoing_client(info->client_addr) : in6addr_any;
}

/* The body goes out from where it stands. MHD_NO, which ends the connection, when there is no memory. */
static enum MHD_Result send_answer(struct http_server *s, struct MHD_Connection *connection,
                                   struct http_answer *a)
{
    const struct in6_addr client = client_of(connection);
    struct sent_answer *sent = malloc(sizeof *sent);
    struct MHD_Response *response;
    enum MHD_Result result;

    complete(s, &client, a);
    if (!sent) {
        buffer_release(&a->body);
        return MHD_NO;
    }
    *sent = (struct sent_answer){ .server = s, .connection = connection, .body = a->body };
    outgoing_add(&s->unread, &sent->outgoing, &client, a->body.cap, time_monotonic_ns());
    response = MHD_create_response_from_buffer_with_free_callback_cls(a->body.len, a->body.at,
                                                                      answer_sent, sent);
    if (!response) {
        answer_sent(sent);
        return MHD_NO;
    }
    put_headers(response, a);
    result = MHD_queue_response(connection, a->status, response);
    MHD_destroy_response(response); /* the connection has its own reference */
    return result;
}

/* The library ends a connection whose client takes nothing, but not one whose client takes a byte now and then. It closes
 * what it finds shut down, and then gives the answer back. */
static void cut_off_late(struct http_server *s)
{
    const int64_t now_ns = time_monotonic_ns();
    struct outgoing *late;

    while ((late = outgoing_late(&s->unread, now_ns))) {
        const struct sent_answer *sent = (const struct sent_answer *)late;

        shutdown(MHD_get_connection_info(sent->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
                     ->connect_fd,
                 SHUT_RDWR);
    }
}

/* Until an answer is late; UINT64_MAX: there is none. */
static uint64_t late_wait_ms(const struct http_server *s)
{
    const int64_t deadline_ns = outgoing_deadline_ns(&s->unread), now_ns = time_monotonic_ns();

    if (deadline_ns == INT64_MAX)
        return UINT64_MAX;
    return deadline_ns > now_ns ? (uint64_t)(deadline_ns - now_ns) / 1000000 + 1 : 1;
}

static struct http_answer empty_answer(unsigned status)
{
    struct http_answer a = { .status = status };

    buffer_init(&a.body, allocator_libc(), HTTP_ANSWER_MAX);
    return a;
}

/* --- Turns --------------------------------------------------------------------------------- */

/* A turn of the library answers whoever is ready: many long answers, one after the other, would keep the loop from all
 * else. The library forgets the connection until begin_turn(), and then asks for the answer again. */
static enum MHD_Result wait_a_turn(struct http_server *s, struct MHD_Connection *connection,
                                   struct request *r)
{
    r->connection = connection;
    r->next = s->waiting;
    s->waiting = r;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void begin_turn(struct http_server *s)
{
    struct request *next;

    s->busy_ns = 0;
    for (struct request *r = s->waiting; r; r = next) {
        next = r->next;
        MHD_resume_connection(r->connection);
    }
    s->waiting = NULL;
}

static void call_handler(struct http_server *s, const struct http_call *call, struct http_answer *a)
{
    const int64_t start_ns = time_monotonic_ns();

    s->handler(s->context, call, a);
    s->busy_ns += time_monotonic_ns() - start_ns;
}

/* --- What the library calls ---------------------------------------------------------------- */

static bool is_method(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 || strcmp(method, "POST") == 0;
}

static enum MHD_Result answer(struct http_server *s, struct MHD_Connection *connection,
                              const char *path, const char *method, struct request *r)
{
    struct http_answer a = empty_answer(0);
    struct http_call call = {
        .method = strcmp(method, "HEAD") == 0 ? "GET" : method,
        .path = path,
        .body = { r->body.at, r->body.len },
        .args = &r->params,
    };

    if (!is_method(method)) {
        a.status = MHD_HTTP_METHOD_NOT_ALLOWED;
        a.allow = "GET, HEAD, POST";
    } else if (r->body_bytes > HTTP_BODY_MAX) {
        a.status = MHD_HTTP_CONTENT_TOO_LARGE;
    } else if (buffer_status(&r->body)) {
        a.status = MHD_HTTP_SERVICE_UNAVAILABLE;
    } else if (!request_read(r, connection)) {
        a.status = MHD_HTTP_BAD_REQUEST;
    } else {
        call_handler(s, &call, &a);
    }
    return send_answer(s, connection, &a);
}

/* A body that is announced to be larger than what would be swallowed is refused before it comes. */
static enum MHD_Result begin(struct http_server *s, struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    struct http_answer a;

    if (!length || strtoull(length, NULL, 10) <= SWALLOWED_MAX)
        return MHD_YES;
    a = empty_answer(MHD_HTTP_CONTENT_TOO_LARGE);
    return send_answer(s, connection, &a);
}

static enum MHD_Result take_body(struct request *r, const char *bytes, size_t count)
{
    r->body_bytes += count;
    if (r->body_bytes <= HTTP_BODY_MAX)
        buffer_append(&r->body, bytes, count);
    return r->body_bytes <= SWALLOWED_MAX ? MHD_YES : MHD_NO;
}

/* Is called first when the head is there, then for each piece of the body, then for the answer. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_bytes, void **state)
{
    struct http_server *s = context;
    size_t count = *upload_bytes;

    (void)version;
    if (!*state) {
        *state = request_new();
        return *state ? begin(s, connection) : MHD_NO;
    }
    if (count == 0 && s->busy_ns >= s->turn_ns)
        return wait_a_turn(s, connection, *state);
    if (count == 0)
        return answer(s, connection, path, method, *state);
    *upload_bytes = 0; /* all is taken */
    return take_body(*state, upload, count);
}

/* The first is kept, for the message of a start that failed: a certificate's fault is said nowhere else. */
__attribute__((format(printf, 2, 0))) static void on_complaint(void *context, const char *format,
                                                               va_list args)
{
    struct http_server *s = context;

    if (*s->said)
        return;
    vsnprintf(s->said, sizeof s->said, format, args);
    s->said[strcspn(s->said, "\r\n")] = '\0';
}

/* --- In the loop ---------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

/* Has each daemon do what it can, and asks when it wants to be called if nothing comes before. */
static void serve(struct http_server *s)
{
    uint64_t wait_ms;

    begin_turn(s);
    cut_off_late(s);
    for (size_t i = 0; i < s->listener_count; i++)
        MHD_run(s->listeners[i].daemon);
    wait_ms = late_wait_ms(s);
    for (size_t i = 0; i < s->listener_count; i++) {
        MHD_UNSIGNED_LONG_LONG ms;

        if (MHD_get_timeout(s->listeners[i].daemon, &ms) == MHD_YES && ms < wait_ms)
            wait_ms = ms;
    }
    if (s->waiting)
        wait_ms = 1; /* a timer of 0 would be over before the loop has looked at anything else */
    if (wait_ms == UINT64_MAX)
        uv_timer_stop(&s->timer);
    else
        uv_timer_start(&s->timer, on_timer, wait_ms, 0);
}

static void on_timer(uv_timer_t *timer)
{
    serve(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    serve(poll->data);
}

static void on_closed(uv_handle_t *handle)
{
    struct http_server *s = handle->data;

    if (--s->handles_open == 0)
        free(s);
}

static void close_handle(struct http_server *s, uv_handle_t *handle)
{
    handle->data = s;
    uv_close(handle, on_closed);
}

/* --- Opening and closing --------------------------------------------------------------------- */

/* Before there are handles of the loop. */
static void stop_daemons(struct http_server *s)
{
    begin_turn(s); /* the library wants none to be suspended */
    for (size_t i = 0; i < s->listener_count; i++)
        MHD_stop_daemon(s->listeners[i].daemon);
    s->listener_count = 0;
    free(s->certificates);
    s->certificates = NULL;
}

static enum ou_status start_daemon(struct http_server *s, const struct http_server_options *o,
                                   int fd, struct ou_error *err)
{
    unsigned flags =
        MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME | (o->tls ? MHD_USE_TLS : 0);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_complaint, (void *)s,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        o->connections_max ? o->connections_max : 256U, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        o->per_address_max ? o->per_address_max : 64U, MHD_OPTION_CONNECTION_TIMEOUT,
        o->timeout_s ? o->timeout_s : 30U, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, request_done, NULL,
        o->tls ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, o->tls ? o->tls->key : NULL,
        MHD_OPTION_HTTPS_MEM_CERT, s->certificates, MHD_OPTION_END);

    if (!daemon)
        return ou_fail(err, o->tls ? OU_INVALID : OU_IO, "start the HTTP server on %s, port %u: %s",
                       o->host, (unsigned)s->port, *s->said ? s->said : "libmicrohttpd refuses");
    s->listeners[s->listener_count++] = (struct listener){ .server = s, .daemon = daemon };
    return OU_OK;
}

static enum ou_status start_daemons(struct http_server *s, const struct http_server_options *o,
                                    struct ou_error *err)
{
    struct listening listening;
    enum ou_status status = listening_open(o->host, o->port, &listening, err);

    if (status)
        return status;
    s->port = (uint16_t)listening.port;
    for (int i = 0; i < listening.count && !status; i++) {
        status = start_daemon(s, o, listening.fds[i], err);
        listening.fds[i] = -1; /* the daemon's own, which closed it if it failed */
    }
    listening_close(&listening);
    return status;
}

/* The library takes the chain behind the certificate, in one text. */
static enum ou_status copy_certificates(struct http_server *s, const struct http_tls *tls,
                                        struct ou_error *err)
{
    if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return ou_fail(err, OU_INVALID, "this machine's libmicrohttpd is built without TLS");
    if (asprintf(&s->certificates, "%s\n%s", tls->certificate, tls->chain ? tls->chain : "") < 0) {
        s->certificates = NULL;
        return ou_fail(err, OU_NO_MEMORY, "certificate: no memory");
    }
    return OU_OK;
}

static int watch_one(uv_loop_t *loop, struct http_server *s, struct listener *l)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    int failed = info ? uv_poll_init(loop, &l->poll, info->epoll_fd) : UV_EINVAL;

    if (failed)
        return failed;
    s->handles_open++;
    l->poll.data = s;
    return uv_poll_start(&l->poll, UV_READABLE, on_ready);
}

/* From here on the loop has to close what was opened. */
static int watch(uv_loop_t *loop, struct http_server *s)
{
    int failed = 0;

    uv_timer_init(loop, &s->timer); /* cannot fail */
    s->timer.data = s;
    s->handles_open++;
    for (size_t i = 0; i < s->listener_count && !failed; i++)
        failed = watch_one(loop, s, &s->listeners[i]);
    return failed;
}

enum ou_status http_server_open(uv_loop_t *loop, const struct http_server_options *options,
                                struct http_server **ret, struct ou_error *err)
{
    struct http_server *s = calloc(1, sizeof *s);
    enum ou_status status;
    int failed;

    if (!s)
        return ou_fail(err, OU_NO_MEMORY, "HTTP server: no memory");
    s->handler = options->handler;
    s->context = options->context;
    s->unread = (struct outgoing_list){
        .bytes_max = options->unread_max ? options->unread_max : HTTP_UNREAD_MAX,
        .grace_ns = options->answer_ns ? options->answer_ns : ANSWER_NS,
        .rate_bytes = options->answer_rate_bytes ? options->answer_rate_bytes : ANSWER_RATE_BYTES,
    };
    s->turn_ns = options->turn_ns ? options->turn_ns : TURN_NS;
    status = options->tls ? copy_certificates(s, options->tls, err) : OU_OK;
    if (!status)
        status = start_daemons(s, options, err);
    if (status) {
        stop_daemons(s);
        free(s);
        return status;
    }
    failed = watch(loop, s);
    if (failed) {
        http_server_close(s);
        return ou_fail(err, OU_IO, "watch the HTTP server: %s", uv_strerror(failed));
    }
    *ret = s;
    return OU_OK;
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->port;
}

void http_server_close(struct http_server *s)
{
    size_t watched;

    if (!s)
        return;
    watched = s->handles_open - 1; /* the timer was there first */
    for (size_t i = 0; i < watched; i++)
        close_handle(s, (uv_handle_t *)&s->listeners[i].poll);
    close_handle(s, (uv_handle_t *)&s->timer);
    stop_daemons(s); /* their descriptors are no longer watched */
}
