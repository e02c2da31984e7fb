/* The parts of a connection. For connection*.c only. */
#ifndef OU_COLLECT_CONNECTION_INSIDE_H
#define OU_COLLECT_CONNECTION_INSIDE_H

#include "collect/collector_inside.h"
#include "collect/connection.h"
#include "collect/desk.h"
#include "collect/own_points.h"
#include "wire/acceptor.h"

#define NEVER_MS UINT64_MAX
#define OUT_BYTES 4096 /* of one write; requests are a few bytes */

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

    size_t held_bytes;  /* of its session and of `held`, as the collector counts them */
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

static inline uint32_t now_us(void)
{
    return (uint32_t)(uv_hrtime() / 1000);
}

static inline uint64_t now_ms(const struct connection *x)
{
    return uv_now(&x->c->loop);
}

/* connection.c. Ends it for this reason: all is well, or something is wrong, which is told, after what a refusal has to say
 * to the other side. Nothing happens to one that has ended. */
void connection_part(struct connection *x, const char *why);
void connection_fail(struct connection *x, const char *why);

/* connection_io.c. After anything may have changed: writes, reads or not, looks at the time. */
void connection_update(struct connection *x);

/* connection.c. Counts the memory of its messages; when all together have too much of it, the one of which the largest part has come
 * ends, which may be this one. */
void connection_count_held(struct connection *x);

/* connection_ask.c. What is done with what the session brings. */
struct acceptor_owner connection_owner(struct connection *x);
/* Its node: by that name, or by the id where it has none (NULL). A failure is in x->trouble. */
void connection_enter(struct connection *x, const char *name);
void connection_ask_points(struct connection *x);
/* Done, and no more requests; but first what is asked for is heard: who it is. What it has sent would
 * stand under another name else. */
void connection_finish(struct connection *x);
void connection_give_held(struct connection *x);  /* to the desk, which is not busy */
void connection_leave_held(struct connection *x); /* to the desk, at the end */

#endif
