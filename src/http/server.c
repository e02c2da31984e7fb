#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/time.h"
#include "http/server_private.h"

/* For answers between two looks of the loop at its other work; who comes then waits a turn. */
#define TURN_NS (INT64_C(50) * 1000000)
/* For an answer to be taken, and for a request to come; and what a client has to take, or to send, each second beyond that. */
#define CLIENT_NS (INT64_C(30) * 1000000000)
#define TIMEOUT_S 30U
#define ANSWER_RATE_BYTES ((size_t)64 << 10)
#define REQUEST_RATE_BYTES ((size_t)16 << 10)
#define BODIES_MAX ((size_t)256 << 20)
/* Of daemons, for streams to come to their ends as the kernel takes them at once. */
#define LAST_TURNS 16
/* Of a request's head, with what the library keeps of a connection. */
#define CONNECTION_BYTES ((size_t)64 << 10)

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

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How long nothing has to be done, if nothing comes. */
static uint64_t wait_ms(const struct http_server *s)
{
    uint64_t wait = smaller(http_readers_wait_ms(s), http_senders_wait_ms(s));

    for (size_t i = 0; i < s->listener_count; i++) {
        MHD_UNSIGNED_LONG_LONG ms;

        if (MHD_get_timeout(s->listeners[i].daemon, &ms) == MHD_YES)
            wait = smaller(wait, ms);
    }
    return s->waiting ? 1 : wait; /* 0 would be over before the loop has looked at anything else */
}

static void run_daemons(struct http_server *s)
{
    for (size_t i = 0; i < s->listener_count; i++)
        MHD_run(s->listeners[i].daemon);
}

/* Has each daemon do what it can, and asks when it wants to be called if nothing comes before. */
static void serve(struct http_server *s)
{
    uint64_t wait;

    http_begin_turn(s);
    http_cut_off_readers(s);
    http_cut_off_senders(s);
    run_daemons(s);
    wait = wait_ms(s);
    if (wait == UINT64_MAX)
        uv_timer_stop(&s->timer);
    else
        uv_timer_start(&s->timer, on_timer, wait, 0);
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

static void finish(struct http_server *s);

static void on_mail(uv_async_t *mail)
{
    struct http_server *s = mail->data;

    http_take_answered(s);
    if (!s->closing) {
        http_wake_streams(s);
        serve(s);
    } else if (s->taken == 0) {
        finish(s);
    }
}

static void server_free(struct http_server *s)
{
    pthread_mutex_destroy(&s->lock);
    free(s->certificates);
    free(s->methods);
    free(s);
}

static void on_closed(uv_handle_t *handle)
{
    struct http_server *s = handle->data;

    if (--s->handles_open == 0)
        server_free(s);
}

static void close_handle(struct http_server *s, uv_handle_t *handle)
{
    handle->data = s;
    uv_close(handle, on_closed);
}

/* --- Opening and closing --------------------------------------------------------------------- */

static void stop_daemons(struct http_server *s)
{
    for (size_t i = 0; i < s->listener_count; i++)
        MHD_stop_daemon(s->listeners[i].daemon);
    s->listener_count = 0;
}

/* All requests that were out are back, and none may be suspended when a daemon is stopped. What has just been answered goes
 * out as far as the kernel takes it at once. */
static void finish(struct http_server *s)
{
    http_begin_turn(s);
    http_wake_streams(s);
    /* Answers are made in the first; a stream takes one for its head, each piece, and the end. */
    for (int i = 0; i < 2 || (s->streams && i < LAST_TURNS); i++)
        run_daemons(s);
    stop_daemons(s);
    if (s->mail.data)
        close_handle(s, (uv_handle_t *)&s->mail);
}

static enum ou_status start_daemon(struct http_server *s, const struct http_server_options *o,
                                   int fd, struct ou_error *err)
{
    unsigned flags =
        MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME | (o->tls ? MHD_USE_TLS : 0);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, http_on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_complaint,
        (void *)s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        o->connections_max ? o->connections_max : 256U, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        o->per_address_max ? o->per_address_max : 64U, MHD_OPTION_CONNECTION_TIMEOUT,
        o->timeout_s ? o->timeout_s : TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        CONNECTION_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED,
        http_on_done, (void *)s, MHD_OPTION_URI_LOG_CALLBACK, http_on_target, (void *)s,
        MHD_OPTION_NOTIFY_CONNECTION, http_on_connection, (void *)s,
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
    int failed = uv_async_init(loop, &s->mail, on_mail);

    if (!failed) {
        s->mail.data = s;
        s->handles_open++;
    }
    uv_timer_init(loop, &s->timer); /* cannot fail */
    s->timer.data = s;
    s->handles_open++;
    for (size_t i = 0; i < s->listener_count && !failed; i++)
        failed = watch_one(loop, s, &s->listeners[i]);
    return failed;
}

static int64_t or_default(int64_t value, int64_t normal)
{
    return value ? value : normal;
}

static struct http_server *server_new(const struct http_server_options *o)
{
    struct http_server *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->handler = o->handler;
    s->take = o->take;
    s->explain = o->explain;
    s->body_limit = o->body_limit;
    s->context = o->context;
    s->methods = strdup(o->methods ? o->methods : "GET, HEAD, POST");
    s->is_tls = o->tls != NULL;
    s->unread = (struct outgoing_list){
        .bytes_max = o->unread_max ? o->unread_max : HTTP_UNREAD_MAX,
        .grace_ns = or_default(o->answer_ns, CLIENT_NS),
        .rate_bytes = o->answer_rate_bytes ? o->answer_rate_bytes : ANSWER_RATE_BYTES,
    };
    s->bodies.bytes_max = o->bodies_max ? o->bodies_max : BODIES_MAX;
    s->timeout_ns = (int64_t)(o->timeout_s ? o->timeout_s : TIMEOUT_S) * 1000000000;
    s->request_ns = or_default(o->request_ns, CLIENT_NS);
    s->request_rate_bytes = o->request_rate_bytes ? o->request_rate_bytes : REQUEST_RATE_BYTES;
    s->look_ns = INT64_MAX;
    s->turn_ns = or_default(o->turn_ns, TURN_NS);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

enum ou_status http_server_open(uv_loop_t *loop, const struct http_server_options *options,
                                struct http_server **ret, struct ou_error *err)
{
    struct http_server *s = server_new(options);
    enum ou_status status;
    int failed;

    if (!s)
        return ou_fail(err, OU_NO_MEMORY, "HTTP server: no memory");
    status = s->methods ? OU_OK : ou_fail(err, OU_NO_MEMORY, "HTTP server: no memory");
    if (!status && options->tls)
        status = copy_certificates(s, options->tls, err);
    if (!status)
        status = start_daemons(s, options, err);
    if (status) {
        stop_daemons(s);
        server_free(s);
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

/* Nobody is accepted any more. */
static void stop_listening(struct listener *l)
{
    const MHD_socket fd = MHD_quiesce_daemon(l->daemon);

    if (fd != MHD_INVALID_SOCKET)
        close(fd);
}

void http_server_close(struct http_server *s)
{
    if (!s)
        return;
    s->closing = true;
    for (size_t i = 0; i < s->listener_count; i++) {
        stop_listening(&s->listeners[i]);
        if (s->listeners[i].poll.data)
            close_handle(s, (uv_handle_t *)&s->listeners[i].poll);
    }
    close_handle(s, (uv_handle_t *)&s->timer);
    if (s->taken == 0)
        finish(s);
    s->explain = NULL; /* those that are out may come back when the owner is gone */
    s->body_limit = NULL;
}
