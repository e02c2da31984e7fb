#include "collect/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "collect/collector_inside.h"
#include "collect/desk.h"
#include "collect/own_points.h"
#include "json/tree.h"
#include "wire/acceptor.h"

#define HANDSHAKE_MS MUX_HANDSHAKE_FRAME_TIMEOUT_MS /* from the first step to the last */
#define NAME_MS 10000                               /* then the id is the name */
#define ASK_NAME_AGAIN_MS 1000                      /* of a node that does not know its name yet */
#define WRITE_MS 30000                              /* for a peer to take what is sent to it */
#define QUIET_MS 2000   /* at the end, a peer that says nothing for so long has nothing to say */
#define KEEP_ALIVE_S 60 /* of TCP: until a peer that went without a word is looked for */
#define NEVER_MS UINT64_MAX

#define OUT_BYTES 4096   /* of one write; requests are a few bytes */
#define OUT_FULL 65536   /* unsent: no more is read from a peer that does not read */
#define INFO_BYTES 65536 /* of a data point */

enum phase { PHASE_CONNECTING, PHASE_SHAKING, PHASE_AGREED, PHASE_CLOSING };

/* Which data point is asked for. */
enum points_step { POINTS_GREETING, POINTS_INFO, POINTS_STARTUP, POINTS_DONE };

struct connection {
    struct connection *next, *previous;
    struct collector *c;
    struct connection_maker maker;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tcp_t tcp;
    } socket;
    uv_timer_t metrics_timer;
    unsigned handles; /* that are not closed yet */
    uv_connect_t connecting;
    uv_write_t writing;
    char out[OUT_BYTES]; /* what is being written */
    bool is_writing, is_reading;

    enum phase phase;
    struct acceptor_session *session;
    struct ou_error trouble; /* found within a callback of the session; "": none */
    char id[NODE_NAME_ROOM];
    char why[256]; /* it ended */

    struct collector_node *node; /* NULL until the name is known */
    struct desk *desk;           /* its */
    enum points_step step;
    uint64_t ask_name_at_ms;

    struct buffer held; /* a reply that waits for the name, or for the desk */
    bool has_held, had_reply;
    uint16_t asked;                                     /* so many objects */
    bool awaits_objects, awaits_metrics, awaits_points; /* requests that are not answered */
    bool had_metrics, wants_updated;
    int64_t history_at_ms; /* wall clock */

    bool is_finishing;
    uint64_t phase_at_ms, name_at_ms, frame_at_ms, write_at_ms; /* deadlines */
    uint64_t frame;                                             /* the one that frame_at_ms is of */
    uint64_t heard_at_ms;
};

static uint32_t now_us(void)
{
    return (uint32_t)(uv_hrtime() / 1000);
}

static uint64_t now_ms(const struct connection *x)
{
    return uv_now(&x->c->loop);
}

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

static void give_held(struct connection *x);
static void enter(struct connection *x, const char *name);

/* What has come is written, also that of a node whose name is not known; who has sent it will not know, and a forwarder of ours
 * sends it again. */
static void leave_desk(struct connection *x)
{
    if (x->has_held && !x->node)
        enter(x, NULL);
    if (x->has_held && x->desk && !desk_is_busy(x->desk))
        give_held(x);
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
    leave_desk(x);
    leave_node(x);
    uv_close(&x->socket.handle, on_handle_closed);
    uv_close((uv_handle_t *)&x->metrics_timer, on_handle_closed);
    if (x->maker.ended)
        x->maker.ended(x->maker.context, was_agreed);
}

static void end_well(struct connection *x, const char *why)
{
    if (x->phase == PHASE_CLOSING)
        return;
    snprintf(x->why, sizeof(x->why), "%s", why);
    end(x);
}

/* A refusal may wait to be sent: it goes out if the socket takes it at once. */
static void end_badly(struct connection *x, const char *why)
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

/* --- Reading and writing ------------------------------------------------------------------- */

static void update(struct connection *x);

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    /* What arrives is taken before the next read, whosever it is. */
    static _Thread_local char room[65536];

    (void)handle;
    (void)suggested;
    *ret = uv_buf_init(room, sizeof(room));
}

/* Nodes of 2023 hang up when they are asked for updated metrics: the next time this one is asked for all. */
static bool has_hung_up_on_metrics(const struct connection *x)
{
    return x->node && x->awaits_metrics && x->wants_updated && !x->had_metrics;
}

static void peer_has_closed(struct connection *x)
{
    if (x->phase == PHASE_SHAKING) {
        end_badly(x, "the peer closed the connection during the handshake");
    } else if (has_hung_up_on_metrics(x)) {
        x->node->metrics_full = true;
        end_badly(x,
                  "the peer closed the connection when it was asked for updated metrics, as nodes "
                  "of 2023 do; it will be asked for all of them (ekgRequestFull does so at once)");
    } else if (acceptor_session_in_frame(x->session)) {
        end_badly(x, "the peer closed the connection within a frame");
    } else {
        end_well(x, "the peer closed the connection");
    }
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct connection *x = stream->data;
    struct ou_error err = { "" };

    if (x->phase == PHASE_CLOSING || count == 0)
        return;
    if (count == UV_EOF || count == UV_ECONNRESET) {
        peer_has_closed(x);
        return;
    }
    if (count < 0) {
        snprintf(err.text, sizeof(err.text), "read: %s", uv_strerror((int)count));
        end_badly(x, err.text);
        return;
    }
    x->heard_at_ms = now_ms(x);
    if (acceptor_session_receive(x->session,
                                 (struct bytes){ (const uint8_t *)buf->base, (size_t)count },
                                 now_us(), &err))
        end_badly(x, err.text);
    else if (x->trouble.text[0])
        end_badly(x, x->trouble.text);
    else
        update(x);
}

static void on_written(uv_write_t *request, int status)
{
    struct connection *x = request->data;
    char why[128];

    x->is_writing = false;
    if (x->phase == PHASE_CLOSING)
        return;
    x->write_at_ms = NEVER_MS;
    if (status == 0) {
        update(x);
    } else {
        snprintf(why, sizeof(why), "write: %s", uv_strerror(status));
        end_badly(x, why);
    }
}

static void flush(struct connection *x)
{
    struct bytes rest = acceptor_session_output(x->session);
    uv_buf_t part;

    if (x->is_writing || rest.count == 0)
        return;
    part = uv_buf_init(x->out, rest.count < OUT_BYTES ? (unsigned)rest.count : OUT_BYTES);
    memcpy(x->out, rest.at, part.len);
    acceptor_session_sent(x->session, part.len);
    x->is_writing = true;
    x->write_at_ms = now_ms(x) + WRITE_MS;
    x->writing.data = x;
    if (uv_write(&x->writing, &x->socket.stream, &part, 1, on_written))
        end_badly(x, "write: the connection is gone");
}

static void set_reading(struct connection *x)
{
    const bool wanted = acceptor_session_output(x->session).count < OUT_FULL;

    if (wanted == x->is_reading)
        return;
    x->is_reading = wanted;
    if (wanted)
        uv_read_start(&x->socket.stream, on_alloc, on_read);
    else
        uv_read_stop(&x->socket.stream);
}

/* A frame that has begun has its time; where another one has begun meanwhile, the time begins again. */
static void watch_frame(struct connection *x)
{
    const uint64_t frame = acceptor_session_frames(x->session);

    if (!acceptor_session_in_frame(x->session))
        x->frame_at_ms = NEVER_MS;
    else if (x->frame_at_ms == NEVER_MS || frame != x->frame)
        x->frame_at_ms = now_ms(x) + MUX_FRAME_TIMEOUT_MS;
    x->frame = frame;
}

/* Nothing is awaited, kept or unsent. */
static bool has_parted(const struct connection *x)
{
    return x->is_finishing && !x->awaits_objects && !x->awaits_metrics && !x->awaits_points &&
           !x->has_held && !(x->desk && desk_is_busy(x->desk)) && !x->is_writing &&
           acceptor_session_output(x->session).count == 0;
}

/* After anything may have changed. */
static void update(struct connection *x)
{
    if (x->phase == PHASE_CLOSING)
        return;
    flush(x);
    if (x->phase == PHASE_CLOSING)
        return;
    set_reading(x);
    watch_frame(x);
    if (has_parted(x))
        end_well(x, "the collector ends");
}

/* --- Trace objects -------------------------------------------------------------------------- */

/* Also the receipt for those before; at the end it is that alone. */
static void ask_objects(struct connection *x)
{
    x->asked = x->c->config->request_count;
    if (acceptor_session_ask_objects(x->session, x->asked, now_us()))
        x->awaits_objects = true;
}

/* The desk takes a copy. */
static void give(struct connection *x, struct bytes reply)
{
    if (!desk_take(x->desk, reply, !x->had_reply, x->asked))
        ou_fail(&x->trouble, OU_NO_MEMORY, "no memory for a reply");
    x->had_reply = true;
}

static void give_held(struct connection *x)
{
    x->has_held = false;
    give(x, bytes_of(&x->held));
    buffer_release(&x->held);
    buffer_init(&x->held, allocator_libc(), SIZE_MAX);
}

static void hold(struct connection *x, struct bytes reply)
{
    buffer_clear(&x->held);
    buffer_append(&x->held, reply.at, reply.count);
    x->has_held = buffer_status(&x->held) == OU_OK;
    if (!x->has_held)
        ou_fail(&x->trouble, OU_NO_MEMORY, "no memory for a reply");
}

static void on_objects(void *context, struct bytes reply)
{
    struct connection *x = context;

    x->awaits_objects = false;
    if (x->desk && !desk_is_busy(x->desk))
        give(x, reply);
    else
        hold(x, reply);
}

static void on_desk_freed(void *context, const char *refused)
{
    struct connection *x = context;

    if (refused) {
        end_badly(x, refused);
        return;
    }
    if (x->has_held)
        give_held(x);
    else
        ask_objects(x);
    if (x->trouble.text[0])
        end_badly(x, x->trouble.text);
    else
        update(x);
}

/* --- Metrics ---------------------------------------------------------------------------------- */

static void ask_metrics(struct connection *x)
{
    x->wants_updated = !x->c->config->metrics_full && !x->node->metrics_full;
    if (acceptor_session_ask_metrics(x->session, x->wants_updated ? EKG_UPDATED : EKG_ALL,
                                     now_us()))
        x->awaits_metrics = true;
}

static void on_metrics_due(uv_timer_t *timer)
{
    struct connection *x = timer->data;

    ask_metrics(x);
    update(x);
}

static void keep_history(struct connection *x)
{
    const int64_t wall_ms = time_wall_ns() / 1000000;
    const int64_t step_ms = 1000 * (int64_t)x->c->config->history_step_s;

    /* A clock that was put back is no reason to wait. */
    if (!x->c->view.history ||
        (wall_ms < x->history_at_ms && x->history_at_ms - wall_ms <= step_ms))
        return;
    x->history_at_ms = wall_ms + step_ms;
    (void)history_take(x->c->view.history, x->node->name, x->node->metrics, wall_ms);
}

static void on_metrics(void *context, struct ekg_list metrics)
{
    struct connection *x = context;
    const double pause_ms = 1000 * x->c->config->metrics_period_s;

    x->awaits_metrics = false;
    x->had_metrics = true;
    if (metric_store_take(x->node->metrics, metrics, time_wall_ns(), &x->trouble))
        return;
    keep_history(x);
    uv_timer_start(&x->metrics_timer, on_metrics_due, (uint64_t)pause_ms, 0);
}

/* --- Data points, and the name ------------------------------------------------------------------- */

static void ask_points(struct connection *x)
{
    static const struct span names[] = {
        [POINTS_INFO] = { "NodeInfo", 8 }, [POINTS_STARTUP] = { "NodeStartupInfo", 15 }
    };
    const bool named = x->step == POINTS_INFO || x->step == POINTS_STARTUP;

    x->ask_name_at_ms = NEVER_MS;
    if (acceptor_session_ask_data_points(x->session, named ? &names[x->step] : NULL, named,
                                         now_us()))
        x->awaits_points = true;
}

/* The node of this connection: by its name, or by the id where it has none. */
static void enter(struct connection *x, const char *name)
{
    char clean[NODE_NAME_ROOM] = "";

    if (name)
        node_clean_name(name, clean);
    x->name_at_ms = NEVER_MS;
    x->node = nodes_enter(&x->c->nodes, x->id, clean, time_wall_ns());
    if (x->node)
        x->desk = desk_of(x->c, x->node, (struct desk_owner){ on_desk_freed, x });
    if (!x->desk) {
        ou_fail(&x->trouble, OU_NO_MEMORY, "no memory for another node, or too many of them");
        return;
    }
    if (!name) /* it may be of any time, and will not be known when it comes again */
        x->node->metrics_full = true;
    OU_TRACE(tracer_node_id, x->id, x->node->name, x->node->slug);
    if (x->has_held && !desk_is_busy(x->desk))
        give_held(x);
    ask_metrics(x);
}

/* An object of JSON as the pages may show it: in order, and without blanks. NULL: it is none. */
static char *normal_json(const struct buffer *text, json_t **ret_root)
{
    if (buffer_status(text) ||
        json_tree_parse((struct span){ text->at, text->len }, "", ret_root, NULL))
        return NULL;
    return json_dumps(*ret_root, JSON_COMPACT);
}

static void tell_version(struct connection *x, const json_t *info)
{
    const char *version = json_string_value(json_object_get(info, "niVersion"));
    const char *commit = json_string_value(json_object_get(info, "niCommit"));

    if (version && commit)
        desk_version(x->desk, version, commit);
}

static void take_info(struct connection *x, const struct buffer *text)
{
    json_t *root = NULL;
    char *info = text ? normal_json(text, &root) : NULL;
    const char *name = json_string_value(json_object_get(root, "niName"));

    if (!x->node && name)
        enter(x, name);
    if (x->node && info) {
        free(x->node->info);
        x->node->info = info;
        info = NULL;
        tell_version(x, root);
        x->step = POINTS_STARTUP;
    } else {
        x->ask_name_at_ms = now_ms(x) + ASK_NAME_AGAIN_MS;
    }
    free(info);
    json_decref(root);
}

static void take_startup(struct connection *x, const struct buffer *text)
{
    json_t *root = NULL;
    char *startup = text ? normal_json(text, &root) : NULL;

    if (startup) {
        free(x->node->startup);
        x->node->startup = startup;
    }
    x->step = POINTS_DONE;
    json_decref(root);
}

static void on_data_points(void *context, struct data_point_list values)
{
    struct connection *x = context;
    struct buffer text;
    struct span name;
    bool known = false;

    x->awaits_points = false;
    buffer_init(&text, allocator_libc(), INFO_BYTES);
    if (!data_point_values_next(&values, &name, &known, &text))
        known = false;
    if (x->step == POINTS_GREETING)
        x->step = POINTS_INFO;
    else if (x->step == POINTS_INFO)
        take_info(x, known ? &text : NULL);
    else
        take_startup(x, known ? &text : NULL);
    buffer_release(&text);
    if (x->step != POINTS_DONE && x->ask_name_at_ms == NEVER_MS)
        ask_points(x);
}

/* --- The beginning ---------------------------------------------------------------------------------- */

static void on_agreed(void *context)
{
    struct connection *x = context;

    x->phase = PHASE_AGREED;
    x->phase_at_ms = NEVER_MS;
    x->name_at_ms = now_ms(x) + NAME_MS;
    OU_TRACE(tracer_sock_connected, x->id);
    ask_objects(x);
    ask_points(x);
    if (x->is_finishing)
        acceptor_session_finish(x->session, now_us());
}

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
    const struct acceptor_owner owner = { .context = x,
                                          .agreed = on_agreed,
                                          .objects = on_objects,
                                          .metrics = on_metrics,
                                          .data_points = on_data_points };

    x->phase = PHASE_SHAKING;
    x->session = acceptor_session_new(connected, x->c->config->magic,
                                      (size_t)x->c->config->message_bytes, &owner);
    if (x->session)
        update(x);
    else
        end_badly(x, "no memory for a connection");
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
    uv_tcp_nodelay(&x->socket.tcp, 1);
    uv_tcp_keepalive(&x->socket.tcp, 1, KEEP_ALIVE_S);
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
        end_well(x, "");
        return;
    }
    if (is_full) {
        tell_full(c);
        end_well(x, "");
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
        end_badly(x, why);
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
        end_badly(x, "connect: no such address");
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
        end_well(x, why);
}

/* --- All of them ------------------------------------------------------------------------------------- */

static void check_times(struct connection *x, uint64_t now)
{
    if (now >= x->phase_at_ms)
        end_badly(x, "no handshake within 10 s");
    else if (now >= x->frame_at_ms)
        end_badly(x, "a frame did not come whole within 30 s");
    else if (now >= x->write_at_ms)
        end_badly(x, "the peer does not read: nothing was taken within 30 s");
    else if (x->is_finishing && !x->has_held && !(x->desk && desk_is_busy(x->desk)) &&
             now >= x->heard_at_ms + QUIET_MS)
        end_well(x, "the collector ends");
}

static void do_what_is_due(struct connection *x, uint64_t now)
{
    if (x->phase != PHASE_AGREED)
        return;
    if (now >= x->name_at_ms)
        enter(x, NULL);
    else if (now >= x->ask_name_at_ms)
        ask_points(x);
    if (x->trouble.text[0])
        end_badly(x, x->trouble.text);
    else
        update(x);
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
            acceptor_session_finish(x->session, now_us());
            update(x);
        } else {
            end_well(x, "the collector ends");
        }
    }
}

void connections_close(struct collector *c, const char *why)
{
    struct connection *next;

    for (struct connection *x = c->connections; x; x = next) {
        next = x->next;
        end_well(x, why);
    }
}
