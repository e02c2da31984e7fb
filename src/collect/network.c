#include "collect/network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/listening.h"
#include "collect/collector_inside.h"
#include "collect/connection.h"
#include "collect/own_points.h"

#define BACKLOG 512
#define PAUSE_FIRST_S 1 /* doubles up to the longest */
#define PAUSE_LONGEST_S 30

/* --- Listening ------------------------------------------------------------------------------ */

struct listener {
    struct collector *c;
    struct endpoint at; /* a free port filled in */
    struct endpoint wanted;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tcp_t tcp;
    } sockets[LISTENING_MAX];
    int count; /* of them; while it closes: that are not closed yet */
};

static void on_listener_closed(uv_handle_t *handle)
{
    struct listener *l = handle->data;

    if (--l->count == 0)
        free(l);
}

/* libuv removes the file of a local socket. */
static void listener_close(struct listener *l)
{
    if (!l)
        return;
    if (l->count == 0)
        free(l);
    else
        for (int i = 0, count = l->count; i < count; i++) /* freed by the loop, later */
            uv_close(&l->sockets[i].handle, on_listener_closed);
}

static void on_incoming(uv_stream_t *server, int status)
{
    struct listener *l = server->data;

    if (status)
        OU_TRACE(tracer_error, uv_strerror(status));
    else
        connection_accept(l->c, server, &l->at);
}

/* Whether a program listens at the socket: then it is not to be taken from it. A full backlog is an answer, too. */
static bool is_answered(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool answered;

    if (fd < 0)
        return false;
    memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
    answered = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
               errno == EAGAIN || errno == EINPROGRESS;
    close(fd);
    return answered;
}

/* A socket's file that an earlier run has left. */
static enum ou_status remove_stale(const char *path, struct ou_error *err)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return OU_OK; /* if it is no missing file, bind() says so */
    if (!S_ISSOCK(st.st_mode))
        return ou_fail(err, OU_IO, "listen at %s: it is there, and no socket; choose another path",
                       path);
    if (is_answered(path))
        return ou_fail(err, OU_IO,
                       "listen at %s: a program listens there; end it, or choose another path",
                       path);
    if (unlink(path) < 0)
        return ou_fail(err, OU_IO, "remove the stale socket %s: %s", path, strerror(errno));
    OU_TRACE(tracer_stale_socket, path);
    return OU_OK;
}

/* libuv tells of a folder that is not there as "permission denied". */
static enum ou_status check_folder(const char *path, struct ou_error *err)
{
    const char *slash = strrchr(path, '/');
    const int len = slash && slash > path ? (int)(slash - path) : 0;
    char folder[ENDPOINT_PATH_MAX + 1];
    struct stat st;

    snprintf(folder, sizeof(folder), "%.*s", len, path);
    if (len == 0 || stat(folder, &st) == 0)
        return OU_OK; /* if it is no folder, bind() says so */
    return errno == ENOENT
               ? ou_fail(err, OU_IO, "listen at %s: there is no folder %s", path, folder)
               : ou_fail(err, OU_IO, "listen at %s: %s: %s", path, folder, strerror(errno));
}

static enum ou_status listen_at_path(struct listener *l, struct ou_error *err)
{
    const char *path = l->wanted.text;
    uv_pipe_t *pipe = &l->sockets[0].pipe;
    enum ou_status status = check_folder(path, err);
    int failed;

    if (!status)
        status = remove_stale(path, err);

    if (status)
        return status;
    uv_pipe_init(&l->c->loop, pipe, 0);
    pipe->data = l;
    l->count = 1;
    failed = uv_pipe_bind(pipe, path);
    if (!failed)
        failed = uv_listen(&l->sockets[0].stream, BACKLOG, on_incoming);
    return failed ? ou_fail(err, OU_IO, "listen at %s: %s", path, uv_strerror(failed)) : OU_OK;
}

static enum ou_status listen_at_host(struct listener *l, struct ou_error *err)
{
    struct listening sockets;
    enum ou_status status = listening_open(l->wanted.text, l->wanted.port, &sockets, err);
    int failed = 0;

    if (status)
        return status;
    l->at.port = (uint16_t)sockets.port;
    for (; l->count < sockets.count && !failed; l->count++) {
        uv_tcp_init(&l->c->loop, &l->sockets[l->count].tcp);
        l->sockets[l->count].handle.data = l;
        failed = uv_tcp_open(&l->sockets[l->count].tcp, sockets.fds[l->count]);
        if (!failed) /* the socket is the handle's now */
            sockets.fds[l->count] = -1;
        if (!failed)
            failed = uv_listen(&l->sockets[l->count].stream, BACKLOG, on_incoming);
    }
    for (int i = 0; i < sockets.count; i++)
        if (sockets.fds[i] >= 0)
            close(sockets.fds[i]);
    return failed ? ou_fail(err, OU_IO, "listen on %s: %s", l->wanted.text, uv_strerror(failed))
                  : OU_OK;
}

static enum ou_status listener_open(struct collector *c, const struct endpoint *at,
                                    struct listener **ret, struct ou_error *err)
{
    struct listener *l = calloc(1, sizeof(*l));
    enum ou_status status;

    if (!l)
        return ou_fail(err, OU_NO_MEMORY, "no memory to listen");
    l->c = c;
    l->at = l->wanted = *at;
    status = at->is_path ? listen_at_path(l, err) : listen_at_host(l, err);
    if (status)
        listener_close(l);
    else
        *ret = l;
    return status;
}

/* --- Connecting ------------------------------------------------------------------------------- */

/* Connects to one address for as long as it lives. */
struct connector {
    struct connector *next;
    struct collector *c;
    struct endpoint at;
    struct connection *connection; /* NULL: none is being made or used */
    uv_timer_t timer;
    uv_getaddrinfo_t lookup;
    bool is_looking, is_closing, timer_closed;
    unsigned attempts; /* the addresses of a host take turns */
    uint64_t pause_s;
};

static void connector_try(struct connector *k);

static void on_pause_over(uv_timer_t *timer)
{
    connector_try(timer->data);
}

static void try_later(struct connector *k)
{
    uv_timer_start(&k->timer, on_pause_over, 1000 * k->pause_s, 0);
    k->pause_s = 2 * k->pause_s < PAUSE_LONGEST_S ? 2 * k->pause_s : PAUSE_LONGEST_S;
}

static void on_ended(void *context, bool was_agreed)
{
    struct connector *k = context;

    k->connection = NULL;
    if (was_agreed)
        k->pause_s = PAUSE_FIRST_S;
    try_later(k);
}

static void connect_to(struct connector *k, const struct sockaddr *address)
{
    k->connection = connection_make(k->c, &k->at, address,
                                    (struct connection_maker){ .ended = on_ended, .context = k });
    if (!k->connection)
        try_later(k);
}

static const struct addrinfo *nth(const struct addrinfo *addresses, unsigned n)
{
    const struct addrinfo *at = addresses;

    while (n-- > 0)
        at = at->ai_next ? at->ai_next : addresses;
    return at;
}

static void free_when_closed(struct connector *k)
{
    if (k->is_closing && k->timer_closed && !k->is_looking)
        free(k);
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    struct connector *k = request->data;
    char name[ENDPOINT_ROOM];

    k->is_looking = false;
    if (!k->is_closing && status == 0) {
        connect_to(k, nth(addresses, k->attempts++ % 16)->ai_addr);
    } else if (!k->is_closing) {
        endpoint_format(&k->at, name);
        OU_TRACE(tracer_forwarding_interrupted, name, uv_strerror(status));
        try_later(k);
    }
    uv_freeaddrinfo(addresses);
    free_when_closed(k);
}

static void look_up(struct connector *k)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    char port[8];

    snprintf(port, sizeof(port), "%u", (unsigned)k->at.port);
    k->lookup.data = k;
    k->is_looking =
        uv_getaddrinfo(&k->c->loop, &k->lookup, on_found, k->at.text, port, &hints) == 0;
    if (!k->is_looking)
        try_later(k);
}

static void connector_try(struct connector *k)
{
    char name[ENDPOINT_ROOM];

    endpoint_format(&k->at, name);
    OU_TRACE(tracer_sock_connecting, name);
    if (k->at.is_path)
        connect_to(k, NULL);
    else
        look_up(k);
}

static enum ou_status connector_open(struct collector *c, const struct endpoint *at,
                                     struct ou_error *err)
{
    struct connector *k = calloc(1, sizeof(*k));

    if (!k)
        return ou_fail(err, OU_NO_MEMORY, "no memory to connect");
    k->c = c;
    k->at = *at;
    k->pause_s = PAUSE_FIRST_S;
    uv_timer_init(&c->loop, &k->timer);
    k->timer.data = k;
    k->next = c->connectors;
    c->connectors = k;
    connector_try(k);
    return OU_OK;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct connector *k = handle->data;

    k->timer_closed = true;
    free_when_closed(k);
}

/* why: its connection ends, too; NULL: it goes on. */
static void connector_close(struct connector *k, const char *why)
{
    k->is_closing = true;
    if (k->connection)
        connection_leave(k->connection, why);
    if (k->is_looking)
        (void)uv_cancel((uv_req_t *)&k->lookup);
    uv_close((uv_handle_t *)&k->timer, on_timer_closed);
}

/* --- As the configuration says ------------------------------------------------------------------ */

static bool same_place(const struct endpoint *a, const struct endpoint *b)
{
    return a->is_path == b->is_path && (a->is_path || a->port == b->port) &&
           strcmp(a->text, b->text) == 0;
}

static bool is_wanted(const struct collector_network *network, const struct endpoint *at)
{
    for (size_t i = 0; !network->listen && i < network->count; i++)
        if (same_place(&network->at[i], at))
            return true;
    return false;
}

static bool is_connected_to(const struct collector *c, const struct endpoint *at)
{
    const struct connector *k = c->connectors;

    while (k && !same_place(&k->at, at))
        k = k->next;
    return k != NULL;
}

static void close_unwanted(struct collector *c)
{
    struct connector **at = &c->connectors, *k;

    while ((k = *at)) {
        if (is_wanted(&c->config->network, &k->at)) {
            at = &k->next;
            continue;
        }
        *at = k->next;
        connector_close(k, "its address was taken out of the configuration");
    }
}

static enum ou_status follow_addresses(struct collector *c, struct ou_error *err)
{
    const struct collector_network *network = &c->config->network;
    enum ou_status status = OU_OK;

    close_unwanted(c);
    for (size_t i = 0; !network->listen && i < network->count && !status; i++)
        if (!is_connected_to(c, &network->at[i]))
            status = connector_open(c, &network->at[i], err);
    return status;
}

static enum ou_status follow_socket(struct collector *c, struct ou_error *err)
{
    const struct collector_network *network = &c->config->network;
    struct listener *before = c->listener, *now = NULL;
    char name[ENDPOINT_ROOM];
    enum ou_status status = OU_OK;

    if (before && network->listen && same_place(&before->wanted, &network->at[0]))
        return OU_OK;
    if (network->listen)
        status = listener_open(c, &network->at[0], &now, err);
    if (status)
        return status;
    listener_close(before);
    c->listener = now;
    if (now) {
        endpoint_format(&now->at, name);
        OU_TRACE(tracer_sock_listen, name);
    }
    return OU_OK;
}

enum ou_status network_follow(struct collector *c, struct ou_error *err)
{
    enum ou_status status = follow_socket(c, err);

    return status ? status : follow_addresses(c, err);
}

enum ou_status network_open(struct collector *c, struct ou_error *err)
{
    enum ou_status status = network_follow(c, err);
    struct buffer at;

    if (status)
        return status;
    buffer_init(&at, allocator_libc(), OU_TEXT_MAX);
    network_addresses(c, &at);
    OU_TRACE(tracer_started_acceptors, buffer_string(&at));
    buffer_release(&at);
    return OU_OK;
}

void network_close(struct collector *c)
{
    struct connector *k = c->connectors, *next;

    listener_close(c->listener);
    c->listener = NULL;
    for (; k; k = next) {
        next = k->next;
        connector_close(k, NULL);
    }
    c->connectors = NULL;
}

void network_addresses(const struct collector *c, struct buffer *out)
{
    const struct collector_network *network = &c->config->network;
    char name[ENDPOINT_ROOM];

    if (c->listener) {
        endpoint_format(&c->listener->at, name);
        buffer_text(out, name);
        return;
    }
    for (size_t i = 0; i < network->count; i++) {
        endpoint_format(&network->at[i], name);
        buffer_printf(out, "%s%s", i ? ", " : "", name);
    }
}
