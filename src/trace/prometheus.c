#include "trace/prometheus.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/listening.h"
#include "base/time.h"
#include "trace/metrics.h"
#include "trace/prometheus_http.h"

enum { CONNECTIONS_MAX = 1024, ACCEPTS_MAX = 64 };

#define PAGE_MAX ((size_t)32 << 20)
#define TIMEOUT_MAX_S 1e6 /* in nanoseconds, with the time added, it still is an int64_t */

/* How long accepting rests when the process has no descriptor left, and how long a connection
 * that was answered for the last time may go on sending. */
#define ACCEPT_PAUSE_NS NS_PER_SECOND
#define LINGER_NS (2 * NS_PER_SECOND)

/* A connection waits for a request, or sends responses (out is not empty), or lingers:
 * it has been answered for the last time, and what still comes is read and thrown away, for
 * closing before that would take the answer from the client. */
struct connection {
    int fd;
    struct in6_addr host; /* IPv4 as ::ffff:a.b.c.d */
    int64_t deadline_ns;  /* monotonic: then it is cut */
    bool last;            /* no request is taken any more */
    bool lingers;
    char in[HTTP_REQUEST_MAX]; /* one read; requests in it up to in_at are answered */
    size_t in_at, in_len;
    struct buffer out;
    size_t sent;
};

/* All of it belongs to the thread while that runs; stop_fd tells it to end. */
struct prometheus {
    pthread_t thread;
    int stop_fd;
    struct listening listening;
    char *prefix;
    bool suffix;
    int64_t timeout_ns;
    unsigned most, most_per_host;
    double per_second, tokens; /* of new connections; per_second 0: as many as come */
    int64_t tokens_at_ns;
    int64_t accept_again_ns;
    struct buffer page;
    unsigned count;
    struct connection *connections; /* count of at most `most` */
    struct pollfd *polled;          /* stop_fd, the listeners, the connections */
};

/* --- Connections ----------------------------------------------------------------- */

static struct in6_addr host_of(const struct sockaddr_storage *s)
{
    struct in6_addr host = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

    if (s->ss_family == AF_INET6)
        return ((const struct sockaddr_in6 *)s)->sin6_addr;
    memcpy(&host.s6_addr[12], &((const struct sockaddr_in *)s)->sin_addr, 4);
    return host;
}

/* A bucket of tokens, one for each new connection: it holds what a second brings. */
static bool take_token(struct prometheus *p, int64_t now_ns)
{
    double most = p->per_second > 1 ? p->per_second : 1;

    if (p->per_second <= 0)
        return true;
    p->tokens += (double)(now_ns - p->tokens_at_ns) / NS_PER_SECOND * p->per_second;
    p->tokens = p->tokens < most ? p->tokens : most;
    p->tokens_at_ns = now_ns;
    if (p->tokens < 1)
        return false;
    p->tokens--;
    return true;
}

static bool may_connect(struct prometheus *p, const struct in6_addr *host, int64_t now_ns)
{
    unsigned of_host = 0;

    for (unsigned i = 0; i < p->count; i++)
        of_host += memcmp(&p->connections[i].host, host, sizeof *host) == 0;
    return p->count < p->most && of_host < p->most_per_host && take_token(p, now_ns);
}

static void accept_all(struct prometheus *p, int listener, int64_t now_ns)
{
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        struct sockaddr_storage from = { 0 };
        socklen_t len = sizeof from;
        int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        struct in6_addr host;

        if (fd < 0) {
            /* Out of descriptors or memory: trying again at once would spin. */
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                p->accept_again_ns = now_ns + ACCEPT_PAUSE_NS;
            return;
        }
        host = host_of(&from);
        if (!may_connect(p, &host, now_ns)) {
            close(fd);
            continue;
        }
        p->connections[p->count] =
            (struct connection){ .fd = fd, .host = host, .deadline_ns = now_ns + p->timeout_ns };
        buffer_init(&p->connections[p->count++].out, allocator_libc(), PAGE_MAX + HTTP_HEAD_ROOM);
    }
}

/* --- Answers --------------------------------------------------------------------------- */

static void respond(struct connection *c, enum http_status status, const char *type,
                    struct span body, bool head_only)
{
    char head[HTTP_HEAD_ROOM];

    buffer_append(&c->out, head, http_head(status, type, body.len, c->last, time(NULL), head));
    if (!head_only)
        buffer_append(&c->out, body.at, body.len);
}

static void respond_error(struct connection *c, enum http_status status, bool head_only)
{
    char body[64];
    int len = snprintf(body, sizeof body, "%d %s\n", (int)status, http_reason(status));

    respond(c, status, HTTP_TYPE_TEXT, (struct span){ body, (size_t)len }, head_only);
}

static void respond_page(struct prometheus *p, struct connection *c,
                         const struct http_request *request)
{
    buffer_clear(&p->page);
    metrics_text(p->prefix, p->suffix, &p->page);
    if (buffer_status(&p->page)) {
        respond_error(c, HTTP_INTERNAL_ERROR, request->method == HTTP_HEAD);
        return;
    }
    respond(c, HTTP_OK, request->accept_openmetrics ? HTTP_TYPE_OPENMETRICS : HTTP_TYPE_METRICS,
            (struct span){ p->page.at, p->page.len }, request->method == HTTP_HEAD);
}

/* Answers the next request of what was read. */
static void answer(struct prometheus *p, struct connection *c)
{
    struct http_request request;
    enum http_status status;

    /* A read that fills the room may not be all that there is. */
    if (c->in_len >= HTTP_REQUEST_MAX ||
        !http_parse(c->in + c->in_at, c->in_len - c->in_at, &request)) {
        c->last = true;
        respond_error(c, HTTP_BAD_REQUEST, false);
        return;
    }
    c->in_at += request.bytes;
    c->last = request.close;
    status = http_judge(&request);
    if (status == HTTP_OK)
        respond_page(p, c, &request);
    else
        respond_error(c, status, request.method == HTTP_HEAD);
}

/* Sends what is in out. False when the connection is lost; what cannot be sent now stays. */
static bool send_out(struct connection *c)
{
    if (buffer_status(&c->out)) /* half an answer is none */
        return false;
    while (c->sent < c->out.len) {
        ssize_t put = send(c->fd, c->out.at + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == EAGAIN;
        c->sent += (size_t)put;
    }
    return true;
}

/* The response is sent: memory goes back, and the connection has its whole time again. */
static void response_done(struct prometheus *p, struct connection *c, int64_t now_ns)
{
    struct allocator *memory = c->out.from;

    buffer_release(&c->out);
    buffer_init(&c->out, memory, PAGE_MAX + HTTP_HEAD_ROOM);
    c->sent = 0;
    c->deadline_ns = now_ns + p->timeout_ns;
    if (!c->last)
        return;
    shutdown(c->fd, SHUT_WR);
    c->lingers = true;
    c->deadline_ns = now_ns + (p->timeout_ns < LINGER_NS ? p->timeout_ns : LINGER_NS);
}

/* One read of what may hold several requests; the next read waits for their answers. */
static bool read_in(struct connection *c)
{
    ssize_t got = recv(c->fd, c->in, sizeof c->in, 0);

    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    c->in_at = 0;
    c->in_len = (size_t)got;
    return got > 0;
}

/* False when the connection is to be closed. */
static bool serve(struct prometheus *p, struct connection *c, int64_t now_ns)
{
    if (c->out.len == 0 && !read_in(c))
        return false;
    if (c->lingers)
        return true;
    for (;;) {
        if (c->out.len == 0 && c->in_at < c->in_len)
            answer(p, c);
        if (c->out.len == 0 && !buffer_status(&c->out))
            return true;
        if (!send_out(c))
            return false;
        if (c->sent < c->out.len)
            return true;
        response_done(p, c, now_ns);
        if (c->lingers)
            return true;
    }
}

static void connection_close(struct connection *c)
{
    close(c->fd);
    buffer_release(&c->out);
}

/* --- The loop ---------------------------------------------------------------------------- */

/* Milliseconds until at_ns, rounded up, for poll(). */
static int wait_ms(int64_t now_ns, int64_t at_ns)
{
    int64_t ms = (at_ns - now_ns + 999999) / 1000000;

    return ms < 0 ? 0 : ms > 3600000 ? 3600000 : (int)ms;
}

/* Fills polled; returns how long poll() may wait, -1 for ever. */
static int prepare(struct prometheus *p, int64_t now_ns)
{
    bool accepts = now_ns >= p->accept_again_ns;
    int wait = accepts ? -1 : wait_ms(now_ns, p->accept_again_ns);
    struct pollfd *at = p->polled;

    *at++ = (struct pollfd){ .fd = p->stop_fd, .events = POLLIN };
    for (int i = 0; i < p->listening.count; i++)
        *at++ = (struct pollfd){ .fd = accepts ? p->listening.fds[i] : -1, .events = POLLIN };
    for (unsigned i = 0; i < p->count; i++) {
        const struct connection *c = &p->connections[i];
        int ms = wait_ms(now_ns, c->deadline_ns);

        *at++ = (struct pollfd){ .fd = c->fd, .events = c->out.len ? POLLOUT : POLLIN };
        if (wait < 0 || ms < wait)
            wait = ms;
    }
    return wait;
}

/* Serves who is ready and closes who is done or late; those that stay close ranks. */
static void serve_all(struct prometheus *p, const struct pollfd *polled, int64_t now_ns)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < p->count; i++) {
        struct connection *c = &p->connections[i];

        if ((polled[i].revents && !serve(p, c, now_ns)) || c->deadline_ns <= now_ns)
            connection_close(c);
        else if (kept++ != i)
            p->connections[kept - 1] = *c;
    }
    p->count = kept;
}

static void *run(void *argument)
{
    struct prometheus *p = argument;

    for (;;) {
        int64_t now_ns = time_monotonic_ns();
        int wait = prepare(p, now_ns);

        if (poll(p->polled, 1 + (nfds_t)p->listening.count + p->count, wait) < 0)
            continue; /* no signal comes here; without memory the next poll() will do */
        if (p->polled[0].revents)
            return NULL;
        now_ns = time_monotonic_ns();
        serve_all(p, p->polled + 1 + p->listening.count, now_ns);
        for (int i = 0; i < p->listening.count; i++)
            if (p->polled[1 + i].revents)
                accept_all(p, p->listening.fds[i], now_ns);
    }
}

/* --- Life ------------------------------------------------------------------------------------ */

static void close_sockets(struct prometheus *p)
{
    for (unsigned i = 0; i < p->count; i++)
        close(p->connections[i].fd);
    listening_close(&p->listening);
    if (p->stop_fd >= 0)
        close(p->stop_fd);
}

static void release(struct prometheus *p)
{
    close_sockets(p);
    for (unsigned i = 0; i < p->count; i++)
        buffer_release(&p->connections[i].out);
    buffer_release(&p->page);
    free(p->connections);
    free(p->polled);
    free(p->prefix);
    free(p);
}

static unsigned limit_of(int configured)
{
    return configured < 1 || configured > CONNECTIONS_MAX ? CONNECTIONS_MAX : (unsigned)configured;
}

/* The thread takes no signals: they are the program's. */
static int start_thread(struct prometheus *p)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&p->thread, NULL, run, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed)
        pthread_setname_np(p->thread, "ou-prometheus");
    return failed;
}

static struct prometheus *prometheus_new(const struct config_prometheus *config, const char *prefix)
{
    struct prometheus *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    p->suffix = config->suffix;
    p->timeout_ns = (int64_t)(fmin(config->conn_timeout_s, TIMEOUT_MAX_S) * NS_PER_SECOND);
    p->most = limit_of(config->conn_global);
    p->most_per_host = limit_of(config->conn_per_host);
    p->per_second = config->conn_per_second;
    p->tokens = p->per_second > 1 ? p->per_second : 1;
    p->tokens_at_ns = time_monotonic_ns();
    buffer_init(&p->page, allocator_libc(), PAGE_MAX);
    p->prefix = strdup(prefix);
    p->connections = calloc(p->most, sizeof *p->connections);
    p->polled = calloc(1 + LISTENING_MAX + (size_t)p->most, sizeof *p->polled);
    if (p->stop_fd >= 0 && p->prefix && p->connections && p->polled)
        return p;
    release(p);
    return NULL;
}

enum ou_status prometheus_start(const struct config_prometheus *config, const char *prefix,
                                struct prometheus **ret, struct ou_error *err)
{
    struct prometheus *p = prometheus_new(config, prefix);
    struct ou_error why = { 0 };
    enum ou_status status;
    int failed;

    if (!p)
        return ou_fail(err, OU_NO_MEMORY, "PrometheusSimple: no memory");
    status = listening_open(config->host, config->port, &p->listening, &why);
    if (!status && (failed = start_thread(p)))
        status = ou_fail(&why, OU_IO, "start a thread: %s", strerror(failed));
    if (status) {
        ou_fail(err, status, "PrometheusSimple: %s", why.text);
        release(p);
        return status;
    }
    *ret = p;
    return OU_OK;
}

int prometheus_port(const struct prometheus *p)
{
    return p->listening.port;
}

void prometheus_stop(struct prometheus *p)
{
    if (!p)
        return;
    eventfd_write(p->stop_fd, 1);
    pthread_join(p->thread, NULL);
    release(p);
}

void prometheus_forget(struct prometheus *p)
{
    if (p)
        close_sockets(p);
}
