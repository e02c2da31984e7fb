#include "collect/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tcp.h"
#include "base/time.h"
#include "collect/connection_inside.h"

#define HANDSHAKE_MS MUX_HANDSHAKE_FRAME_TIMEOUT_MS /* from the first step to the last */
#define QUIET_MS 2000 /* at the end, a peer that says nothing for so long has nothing to say */

/* --- The end ------------------------------------------------------------------------------ */

static void connection_free(struct connection *x)
{
    struct collector *c = x->c;

    if (x->next)
        x->next->previous = x->previous;
    if (x->previous)
        x->previous->next = x->next;
    else
        c->connections = x->next;
    c->connection_count--;
    acceptor_session_free(x->session);
    buffer_release(&x->held);
    free(x);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct connection *x = handle->data;

    if (--x->handles == 0)
        connection_free(x);
}

/* What has come is written, also that of a node whose name is not known; who has sent it will not know, and a forwarder of ours
 * sends it again. */
static void leave_desk(struct connection *x)
{
    if (x->has_held && !x->node)
        connection_enter(x, NULL);
    if (x->has_held && x->desk)
        connection_leave_held(x);
    else if (x->has_held)
        OU_TRACE(tracer_error, "no memory for a node: its last messages are lost");
    if (x->desk)
        desk_leave(x->desk);
    x->desk = NULL;
}

static void leave_node(struct connection *x)
{
    if (!x->node)
        return;
    nodes_leave(&x->c->nodes, x->node, x->why, time_wall_ns());
    OU_TRACE(tracer_node_gone, x->node->name, x->why);
    x->node = NULL;
}

/* Ends it. The reason has been written to x->why. */
static void end(struct connection *x)
{
    const bool was_agreed = x->phase == PHASE_AGREED;

    if (x->phase == PHASE_CLOSING)
        return;
    x->phase = PHASE_CLOSING;
    collector_holds(x->c, &x->held_bytes, 0); /* soon */
    leave_desk(x);
    leave_node(x);
    uv_close(&x->socket.handle, on_handle_closed);
    uv_close((uv_handle_t *)&x->metrics_timer, on_handle_closed);
    if (x->maker.ended)
        x->maker.ended(x->maker.context, was_agreed);
}

void connection_part(struct connection *x, const char *why)
{
    if (x->phase == PHASE_CLOSING)
        return;
    snprintf(x->why, sizeof(x->why), "%s", why);
    end(x);
}

/* A refusal may wait to be sent: it goes out if the socket takes it at once. */
void connection_fail(struct connection *x, const char *why)
{
    const struct bytes rest =
        x->session ? acceptor_session_output(x->session) : (struct bytes){ 0 };

    if (x->phase == PHASE_CLOSING)
        return;
    snprintf(x->why, sizeof(x->why), "%.*s", (int)sizeof(x->why) - 1, why);
    if (x->phase != PHASE_CONNECTING && !x->is_writing && rest.count) {
        uv_buf_t part = uv_buf_init((char *)rest.at, (unsigned)rest.count);

        (void)uv_try_write(&x->socket.stream, &part, 1);
    }
    if (x->phase == PHASE_SHAKING)
        x->c->view.refused_connections++;
    OU_TRACE(tracer_forwarding_interrupted, x->id, x->why);
    end(x);
}

/* --- Memory ------------------------------------------------------------------------------------ */

#define SMALL_BYTES ((size_t)1 << 17) /* to end a connection that holds no more makes no room */

static size_t partial_bytes(const struct connection *x)
{
    return x->phase == PHASE_AGREED || x->phase == PHASE_SHAKING
               ? acceptor_session_held_bytes(x->session)
               : 0;
}

static struct connection *largest(const struct collector *c)
{
    struct connection *found = NULL;

    for (struct connection *x = c->connections; x; x = x->next)
        if (partial_bytes(x) > (found ? partial_bytes(found) : SMALL_BYTES))
            found = x;
    return found;
}

void connection_count_held(struct connection *x)
{
    struct connection *most;

    collector_holds(x->c, &x->held_bytes, acceptor_session_held_bytes(x->session) + x->held.cap);
    while (!collector_has_room(x->c, 0) && (most = largest(x->c)) != NULL)
        connection_fail(most,
                        "messages of all nodes take more memory than maxHeldBytes allows, and "
                        "of this one the largest part has come");
}

/* --- The beginning ---------------------------------------------------------------------------------- */

static struct connection *connection_new(struct collector *c, bool local)
{
    struct connection *x = calloc(1, sizeof(*x));

    if (!x)
        return NULL;
    x->c = c;
    x->phase_at_ms = uv_now(&c->loop) + HANDSHAKE_MS;
    x->name_at_ms = x->frame_at_ms = x->write_at_ms = x->ask_name_at_ms = NEVER_MS;
    buffer_init(&x->held, allocator_libc(), SIZE_MAX); /* the session has a limit */
    if (local)
        uv_pipe_init(&c->loop, &x->socket.pipe, 0);
    else
        uv_tcp_init(&c->loop, &x->socket.tcp);
    uv_timer_init(&c->loop, &x->metrics_timer);
    x->handles = 2;
    x->socket.handle.data = x;
    x->metrics_timer.data = x;
    x->next = c->connections;
    if (x->next)
        x->next->previous = x;
    c->connections = x;
    c->connection_count++;
    return x;
}

/* The socket is connected: the session begins. */
static void begin(struct connection *x, bool connected)
{
    const struct acceptor_owner owner = connection_owner(x);

    x->phase = PHASE_SHAKING;
    x->session = acceptor_session_new(connected, x->c->config->magic,
                                      (size_t)x->c->config->message_bytes, &owner);
    if (x->session)
        connection_update(x);
    else
        connection_fail(x, "no memory for a connection");
}

/* "/run/a.sock" and 7: "run-a.sock@7". */
static void local_id(const struct endpoint *at, uint64_t number, char ret[NODE_NAME_ROOM])
{
    const char *path = at->text + strspn(at->text, "/");

    snprintf(ret, NODE_NAME_ROOM, "%.200s@%llu", path, (unsigned long long)number);
    for (char *c = ret; *c; c++)
        if (*c == '/')
            *c = '-';
}

static void remote_id(const uv_tcp_t *tcp, char ret[NODE_NAME_ROOM])
{
    struct sockaddr_storage address = { 0 };
    int len = sizeof(address);
    char host[64] = "?";
    uint16_t port = 0;

    if (uv_tcp_getpeername(tcp, (struct sockaddr *)&address, &len) == 0) {
        uv_ip_name((const struct sockaddr *)&address, host, sizeof(host));
        port = address.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)&address)->sin6_port
                                             : ((const struct sockaddr_in *)&address)->sin_port;
    }
    snprintf(ret, NODE_NAME_ROOM, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, ntohs(port));
}

static void remote_name(const struct endpoint *at, char ret[NODE_NAME_ROOM])
{
    char text[ENDPOINT_ROOM];

    endpoint_format(at, text);
    snprintf(ret, NODE_NAME_ROOM, "%.*s", NODE_NAME_ROOM - 1, text);
}

static void set_up_tcp(struct connection *x)
{
    uv_os_fd_t fd;

    if (uv_fileno(&x->socket.handle, &fd) == 0)
        tcp_tune(fd);
}

/* Told once a minute at most; the count says how many there were. */
static void tell_full(struct collector *c)
{
    const uint64_t now = uv_now(&c->loop);

    c->full_refused++;
    c->view.refused_connections++;
    if (now < c->full_told_ms)
        return;
    c->full_told_ms = now + 60000;
    OU_TRACE(tracer_connections_full, c->config->connections_max, c->full_refused);
    c->full_refused = 0;
}

void connection_accept(struct collector *c, uv_stream_t *server, const struct endpoint *at)
{
    const bool is_full = c->connection_count >= c->config->connections_max;
    struct connection *x = connection_new(c, at->is_path);

    if (!x) { /* libuv looks at this socket no more before it is accepted */
        OU_TRACE(tracer_error, "no memory for a connection: no more are taken");
        return;
    }
    if (uv_accept(server, &x->socket.stream)) {
        connection_part(x, "");
        return;
    }
    if (is_full) {
        tell_full(c);
        connection_part(x, "");
        return;
    }
    if (at->is_path) {
        local_id(at, c->next_connection++, x->id);
    } else {
        remote_id(&x->socket.tcp, x->id);
        set_up_tcp(x);
    }
    OU_TRACE(tracer_sock_incoming, x->id);
    begin(x, false);
}

static void on_connected(uv_connect_t *request, int status)
{
    struct connection *x = request->data;
    char why[128];

    if (x->phase == PHASE_CLOSING)
        return;
    if (status) {
        snprintf(why, sizeof(why), "connect: %s", uv_strerror(status));
        connection_fail(x, why);
        return;
    }
    begin(x, true);
}

struct connection *connection_make(struct collector *c, const struct endpoint *at,
                                   const struct sockaddr *address, struct connection_maker maker)
{
    struct connection *x = connection_new(c, at->is_path);

    if (!x)
        return NULL;
    x->maker = maker;
    x->connecting.data = x;
    remote_name(at, x->id);
    if (at->is_path) {
        local_id(at, 0, x->id);
        uv_pipe_connect(&x->connecting, &x->socket.pipe, at->text, on_connected);
    } else if (uv_tcp_connect(&x->connecting, &x->socket.tcp, address, on_connected)) {
        x->maker.ended = NULL; /* who calls knows it from NULL */
        connection_fail(x, "connect: no such address");
        return NULL;
    } else {
        set_up_tcp(x);
    }
    return x;
}

void connection_leave(struct connection *x, const char *why)
{
    x->maker.ended = NULL;
    if (why)
        connection_part(x, why);
}

/* --- All of them ------------------------------------------------------------------------------------- */

static void check_times(struct connection *x, uint64_t now)
{
    if (now >= x->phase_at_ms)
        connection_fail(x, "no handshake within 10 s");
    else if (now >= x->frame_at_ms)
        connection_fail(x, "a frame did not come whole within 30 s");
    else if (now >= x->write_at_ms)
        connection_fail(x, "the peer does not read: nothing was taken within 30 s");
    else if (x->is_finishing && !x->has_held && !(x->desk && desk_is_busy(x->desk)) &&
             now >= x->heard_at_ms + QUIET_MS)
        connection_part(x, "the collector ends");
}

static void do_what_is_due(struct connection *x, uint64_t now)
{
    if (x->phase != PHASE_AGREED)
        return;
    if (now >= x->name_at_ms)
        connection_enter(x, NULL);
    else if (now >= x->ask_name_at_ms)
        connection_ask_points(x);
    if (x->trouble.text[0])
        connection_fail(x, x->trouble.text);
    else
        connection_update(x);
}

/* A connection that ends stays in the list until the loop has closed its handles. */
void connections_tick(struct collector *c)
{
    const uint64_t now = uv_now(&c->loop);
    struct connection *next;

    for (struct connection *x = c->connections; x; x = next) {
        next = x->next;
        if (x->phase != PHASE_CLOSING)
            check_times(x, now);
        do_what_is_due(x, now);
    }
}

void connections_finish(struct collector *c)
{
    struct connection *next;

    for (struct connection *x = c->connections; x; x = next) {
        next = x->next;
        x->is_finishing = true;
        x->heard_at_ms = uv_now(&c->loop);
        if (x->phase == PHASE_AGREED) {
            uv_timer_stop(&x->metrics_timer);
            connection_finish(x);
            connection_update(x);
        } else {
            connection_part(x, "the collector ends");
        }
    }
}

void connections_close(struct collector *c, const char *why)
{
    struct connection *next;

    for (struct connection *x = c->connections; x; x = next) {
        next = x->next;
        connection_part(x, why);
    }
}
