#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/read_room.h"
#include "base/time.h"
#include "node/link_inside.h"

/* --- The end ----------------------------------------------------------------------------- */

static void link_free(struct link *l)
{
    for (size_t i = 0; i < l->count; i++)
        conversation_free(l->list[i]);
    delay_line_release(&l->arriving);
    delay_line_release(&l->leaving);
    buffer_release(&l->batch);
    alloc_free(allocator_libc(), l, sizeof *l);
}

static void one_handle_less(struct link *l)
{
    if (--l->handles > 0)
        return;
    if (!l->silent)
        l->events->closed(l, l->owner, l->why);
    link_free(l);
}

static void on_handle_closed(uv_handle_t *handle)
{
    one_handle_less(handle->data);
}

static void on_line_timer_closed(void *context)
{
    one_handle_less(context);
}

void link_close(struct link *link, const char *format, ...)
{
    /* Closing sends a reset: no address is kept busy for a minute, and the two nodes may dial again. */
    const struct linger none = { .l_onoff = 1, .l_linger = 0 };
    uv_os_fd_t fd;
    va_list args;

    if (link_is_closing(link))
        return;
    if (link->why[0] == '\0') { /* a peer that is parted from knows why already */
        va_start(args, format);
        vsnprintf(link->why, sizeof link->why, format, args);
        va_end(args);
    }
    link->phase = LINK_CLOSING;
    if (uv_fileno((uv_handle_t *)&link->tcp, &fd) == 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    uv_close((uv_handle_t *)&link->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&link->timer, on_handle_closed);
    uv_close((uv_handle_t *)&link->soon, on_handle_closed);
    if (link->has_line_timer)
        sharp_timer_close(&link->line_timer, on_line_timer_closed);
}

bool link_is_closing(const struct link *link)
{
    return link->phase == LINK_CLOSING;
}

void link_part(struct link *l, const char *why)
{
    snprintf(l->why, sizeof l->why, "%s: %s", protocol_handshake.name, why);
    l->phase = LINK_PARTING;
    l->phase_deadline_ms = uv_now(l->loop) + LINK_PARTING_MS;
    l->frame_deadline_ms = LINK_NEVER_MS;
    link_wake(l);
}

/* --- Turns ------------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    (void)handle;
    (void)suggested;
    *ret = uv_buf_init(read_room(), READ_ROOM_BYTES);
}

static void peer_has_closed(struct link *l)
{
    if (delay_line_count(&l->arriving) > 0)
        l->at_end = true; /* what it said before has to arrive first */
    else if (l->head_count > 0 && l->phase != LINK_PARTING)
        link_close(l, "the peer closed the connection within a frame");
    else if (l->phase == LINK_SHAKING)
        link_close(l, "the peer closed the connection during the handshake");
    else
        link_close(l, "%s", "");
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct link *l = stream->data;

    if (link_is_closing(l) || count == 0)
        return;
    if (count == UV_EOF)
        peer_has_closed(l);
    else if (count < 0)
        link_close(l, "read: %s", uv_strerror((int)count));
    if (count < 0) {
        if (!link_is_closing(l))
            link_turn(l);
        return;
    }
    l->bytes_in += (uint64_t)count;
    if (l->phase == LINK_PARTING)
        return;
    /* libuv would read on while there is more, and a peer that floods us keep slots waiting. */
    l->rests = (size_t)count == READ_ROOM_BYTES;
    if (l->rests)
        link_wake(l);
    link_take(l, (struct bytes){ (const uint8_t *)buf->base, (size_t)count });
    link_turn(l);
}

static void set_reading(struct link *l)
{
    const bool wanted = link_may_read(l);

    if (wanted == l->is_reading || link_is_closing(l))
        return;
    l->is_reading = wanted;
    if (wanted)
        uv_read_start((uv_stream_t *)&l->tcp, on_alloc, on_read);
    else
        uv_read_stop((uv_stream_t *)&l->tcp);
}

static void check_times(struct link *l)
{
    const uint64_t now_ms = uv_now(l->loop);

    if (now_ms >= l->phase_deadline_ms)
        link_close(l, "no connection within %d ms", LINK_CONNECT_MS);
    else if (now_ms >= l->write_deadline_ms)
        link_close(l, "the peer does not read: %zu bytes wait", l->out_bytes);
    else if (now_ms >= l->frame_deadline_ms && !l->held)
        link_close(l, "a frame did not become whole in time");
    for (size_t i = 0; i < l->count && !link_is_closing(l); i++)
        conversation_check_time(l->list[i], now_ms);
}

static void on_timer(uv_timer_t *timer)
{
    struct link *l = timer->data;

    l->armed_ms = LINK_NEVER_MS;
    link_turn(l);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The timer is moved only when it would fire too late: one that fires early finds nothing to do. A
 * busy link moves its limits with each message and its timer hardly ever. */
static void arm(struct link *l)
{
    const uint64_t now_ms = uv_now(l->loop);
    uint64_t next = earlier(l->phase_deadline_ms, l->write_deadline_ms);

    if (!l->held)
        next = earlier(next, l->frame_deadline_ms);
    for (size_t i = 0; i < l->count; i++)
        next = earlier(next, l->list[i]->deadline_ms);
    if (next >= l->armed_ms)
        return;
    l->armed_ms = next;
    uv_timer_start(&l->timer, on_timer, next > now_ms ? next - now_ms : 0, 0);
}

void link_wants_turn_at(struct link *l, int64_t when_ns)
{
    if (when_ns < l->line_ns)
        l->line_ns = when_ns;
}

static void on_line_timer(void *context)
{
    struct link *l = context;

    l->line_armed_ns = INT64_MAX;
    link_turn(l);
}

static void arm_line(struct link *l)
{
    if (l->line_ns == l->line_armed_ns || l->line_ns == INT64_MAX)
        return;
    l->line_armed_ns = l->line_ns;
    sharp_timer_set(&l->line_timer, l->line_ns);
}

void link_turn(struct link *l)
{
    bool was_full;

    if (link_is_closing(l))
        return;
    l->line_ns = INT64_MAX;
    if (l->phase != LINK_PARTING) {
        link_take_arrived(l);
        for (size_t i = 0; i < l->count; i++)
            conversation_deliver(l->list[i]);
    }
    if (!link_is_closing(l))
        check_times(l);
    was_full = link_waiting(l) >= LINK_OUT_BYTES;
    if (!link_is_closing(l))
        link_pump(l);
    if (link_is_closing(l))
        return;
    if (was_full && link_waiting(l) < LINK_OUT_BYTES)
        link_wake(l); /* requests that waited for it can be answered */
    set_reading(l);
    arm(l);
    if (l->has_line_timer)
        arm_line(l);
}

static void on_soon(uv_idle_t *idle)
{
    struct link *l = idle->data;

    uv_idle_stop(idle);
    l->rests = false;
    link_turn(l);
}

void link_wake(struct link *l)
{
    if (!link_is_closing(l))
        uv_idle_start(&l->soon, on_soon);
}

/* --- The beginning ----------------------------------------------------------------------- */

static void write_name(const struct sockaddr_storage *address, char ret[LINK_NAME_ROOM])
{
    char host[INET6_ADDRSTRLEN] = "";

    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)address;

        uv_ip6_name(in6, host, sizeof host);
        snprintf(ret, LINK_NAME_ROOM, "[%s]:%u", host, ntohs(in6->sin6_port));
    } else {
        const struct sockaddr_in *in = (const void *)address;

        uv_ip4_name(in, host, sizeof host);
        snprintf(ret, LINK_NAME_ROOM, "%s:%u", host, ntohs(in->sin_port));
    }
}

static void learn_names(struct link *l)
{
    struct sockaddr_storage address = { 0 };
    int size = sizeof address;

    if (uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&address, &size) == 0)
        write_name(&address, l->local);
    size = sizeof address;
    if (uv_tcp_getpeername(&l->tcp, (struct sockaddr *)&address, &size) == 0)
        write_name(&address, l->remote);
}

static struct link *link_new(const struct link_options *options, bool dialled)
{
    struct allocator *from = allocator_libc();
    const struct link_model none = { 0 };
    struct link *l = alloc_zeroed(from, sizeof *l);

    if (!l)
        return NULL;
    l->loop = options->loop;
    l->events = options->events;
    l->owner = options->owner;
    l->own = options->own;
    l->dialled = dialled;
    l->frame_ms = options->frame_ms ? options->frame_ms : MUX_FRAME_TIMEOUT_MS;
    l->stall_ms = options->stall_ms ? options->stall_ms : LINK_STALL_MS;
    l->phase_deadline_ms = l->frame_deadline_ms = l->write_deadline_ms = LINK_NEVER_MS;
    l->armed_ms = LINK_NEVER_MS;
    l->line_ns = l->line_armed_ns = INT64_MAX;
    buffer_init(&l->batch, from, MUX_BATCH_BYTES);
    delay_line_init(&l->arriving, from, dialled ? options->model : none,
                    LINK_LINE_BYTES + READ_ROOM_BYTES);
    delay_line_init(&l->leaving, from, dialled ? options->model : none,
                    LINK_LINE_BYTES + MUX_BATCH_BYTES);
    uv_tcp_init(l->loop, &l->tcp);
    uv_timer_init(l->loop, &l->timer);
    uv_idle_init(l->loop, &l->soon);
    l->tcp.data = l->timer.data = l->soon.data = l;
    l->handles = 3;
    return l;
}

static enum ou_status open_line_timer(struct link *l, struct ou_error *err)
{
    enum ou_status status;

    if (!delay_line_is_there(&l->leaving))
        return OU_OK;
    status = sharp_timer_open(&l->line_timer, l->loop, CLOCK_MONOTONIC, on_line_timer, l, err);
    if (status)
        return status;
    l->has_line_timer = true;
    l->handles++;
    return OU_OK;
}

/* A link that never came to be. */
static enum ou_status give_up(struct link *l, enum ou_status status)
{
    l->silent = true;
    link_close(l, "%s", "");
    return status;
}

/* The connection is there: the handshake begins. */
static void begin(struct link *l)
{
    struct ou_error err = { "" };

    uv_tcp_nodelay(&l->tcp, 1);
    learn_names(l);
    l->phase = LINK_SHAKING;
    l->phase_deadline_ms = LINK_NEVER_MS;
    if (link_shake_hands(l, &err) != OU_OK)
        link_close(l, "%s", err.text);
    link_wake(l);
}

static void on_connected(uv_connect_t *request, int status)
{
    struct link *l = request->data;

    if (link_is_closing(l))
        return;
    if (status < 0)
        link_close(l, "connect: %s", uv_strerror(status));
    else
        begin(l);
}

static socklen_t address_bytes(const struct sockaddr *address)
{
    return address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                          : sizeof(struct sockaddr_in);
}

/* A socket that is bound to an address which others of this process may use, too. -1 with errno. */
static int bound_socket(const struct sockaddr *at, bool shared)
{
    const int one = 1;
    const int fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int saved;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        (!shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0) &&
        bind(fd, at, address_bytes(at)) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* Gives a handle a socket that is bound already. */
static int adopt(uv_tcp_t *tcp, const struct sockaddr *at)
{
    const int fd = bound_socket(at, true);
    int status;

    if (fd < 0)
        return uv_translate_sys_error(errno);
    status = uv_tcp_open(tcp, fd);
    if (status < 0)
        close(fd);
    return status;
}

enum ou_status link_dial(const struct link_options *options, const struct sockaddr *from,
                         const struct sockaddr *to, struct link **ret, struct ou_error *err)
{
    struct sockaddr_storage address = { 0 };
    struct link *l = link_new(options, true);
    enum ou_status opened;
    int status = 0;

    if (!l)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a connection");
    opened = open_line_timer(l, err);
    if (opened)
        return give_up(l, opened);
    memcpy(&address, to, address_bytes(to));
    write_name(&address, l->remote);
    if (from)
        status = adopt(&l->tcp, from);
    l->connecting.data = l;
    if (status == 0)
        status = uv_tcp_connect(&l->connecting, &l->tcp, to, on_connected);
    if (status == UV_EADDRNOTAVAIL || status == UV_EADDRINUSE)
        return give_up(l, ou_fail(err, OU_USAGE, "%s is connected already", l->remote));
    if (status < 0)
        return give_up(l, ou_fail(err, OU_IO, "connect to %s: %s", l->remote, uv_strerror(status)));
    l->phase_deadline_ms = uv_now(l->loop) + LINK_CONNECT_MS;
    arm(l);
    *ret = l;
    return OU_OK;
}

enum ou_status link_accept(const struct link_options *options, uv_stream_t *server,
                           struct link **ret, struct ou_error *err)
{
    struct link *l = link_new(options, false);
    int status;

    if (!l)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a connection");
    status = uv_accept(server, (uv_stream_t *)&l->tcp);
    if (status < 0)
        return give_up(l, ou_fail(err, OU_IO, "accept: %s", uv_strerror(status)));
    begin(l);
    *ret = l;
    return OU_OK;
}

/* Sharing a port between sockets of this node would also let a second node share it, and get half
 * of the connections. A socket that does not share, but may be bound to addresses that are in use
 * (SO_REUSEADDR), can be bound unless somebody listens: who only keeps the port for this node
 * has set the same option. (Dialling the port would find out, too, and now and then meet itself.) */
static bool is_taken(const struct sockaddr *at)
{
    const int fd = bound_socket(at, false);

    if (fd < 0)
        return errno == EADDRINUSE;
    close(fd);
    return false;
}

enum ou_status link_listen(uv_loop_t *loop, const struct sockaddr *at, uv_tcp_t *server,
                           uv_connection_cb on_connection, uint16_t *ret_port, struct ou_error *err)
{
    struct sockaddr_storage got = { 0 };
    int size = sizeof got;
    char name[LINK_NAME_ROOM];
    int status;

    memcpy(&got, at, address_bytes(at));
    write_name(&got, name);
    uv_tcp_init(loop, server);
    status = is_taken(at) ? UV_EADDRINUSE : adopt(server, at);
    if (status == 0)
        status = uv_listen((uv_stream_t *)server, 128, on_connection);
    if (status == 0)
        status = uv_tcp_getsockname(server, (struct sockaddr *)&got, &size);
    if (status < 0)
        return ou_fail(err, OU_IO, "listen at %s: %s", name, uv_strerror(status));
    /* The port is at the same place in both kinds of address. */
    *ret_port = ntohs(((const struct sockaddr_in *)(const void *)&got)->sin_port);
    return OU_OK;
}

void link_is_agreed(struct link *l, uint16_t version, const struct version_data *agreed)
{
    l->phase = LINK_READY;
    l->duplex = version >= 10 && !agreed->initiator_only;
    l->events->ready(l, l->owner, version, agreed);
}

/* --- Questions --------------------------------------------------------------------------- */

const char *link_local(const struct link *link)
{
    return link->local;
}

const char *link_remote(const struct link *link)
{
    return link->remote;
}

bool link_dialled(const struct link *link)
{
    return link->dialled;
}

bool link_is_duplex(const struct link *link)
{
    return link->duplex;
}

uv_loop_t *link_loop(const struct link *link)
{
    return link->loop;
}

uint64_t link_bytes_in(const struct link *link)
{
    return link->bytes_in;
}

uint64_t link_bytes_out(const struct link *link)
{
    return link->bytes_out;
}
