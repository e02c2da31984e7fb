/* A forwarder from within: what forwarder.c (attempts, the thread's loop, life) and forwarder_connection.c (from the
 * first byte to the last) share. For these two only. */
#ifndef OU_TRACE_FORWARDER_INSIDE_H
#define OU_TRACE_FORWARDER_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/time.h"
#include "trace/forwarder.h"
#include "trace/forwarder_socket.h"

#define NS_PER_MS INT64_C(1000000)

/* To connect, and to agree: each. */
#define ATTEMPT_NS (10 * NS_PER_SECOND)

/* Between attempts that the end waits for. */
#define LAST_PAUSE_NS (250 * NS_PER_MS)

#define INPUT_BYTES 4096

enum forwarder_state {
    RESTING,   /* until `until_ns` */
    CALLING,   /* a connection is under way, until `until_ns` */
    LISTENING, /* for a collector */
    CONNECTED, /* fd and session are there */
};

struct forwarder {
    struct forwarder_options options;
    struct forward_queue *queue;
    pthread_t thread;
    int wake_fd;
    _Atomic uint32_t max_reconnect_s;
    _Atomic bool hungry; /* the collector waits for an object: who pushes one wakes the thread */
    _Atomic bool agreed; /* connected, and through with the handshake */
    _Atomic int64_t stop_ns; /* monotonic: the end, at the latest; 0: none yet */

    /* What follows is the thread's. */
    enum forwarder_state state;
    int64_t until_ns;
    int64_t pause_s; /* before the next attempt */
    bool tried_last; /* an attempt has been made after a stop */
    bool met;        /* somebody has been there who agreed, or did not */
    struct door door;
    struct call call;
    int fd; /* -1: none */
    struct forwarder_session *session;
    int64_t since_ns;    /* connected */
    int64_t frame_ns;    /* since when a frame is incomplete; 0: none is */
    int64_t gathered_ns; /* when objects are handed out that have come; 0: nobody waits for them */
    uint8_t input[INPUT_BYTES];
    size_t input_at, input_len;
};

void forwarder_tell(const struct forwarder *f, enum forwarder_event_kind kind, const char *why);

/* --- forwarder_connection.c ----------------------------------------------------------- */

/* Takes fd over. OU_NO_MEMORY: it is closed. */
enum ou_status connection_begin(struct forwarder *f, int fd, int64_t now_ns, struct ou_error *err);

/* Somebody has pushed: what there is, is handed out soon. */
void connection_gather(struct forwarder *f, int64_t now_ns);

/* As far as it goes without waiting. After a failure it is to be ended: OU_NOT_FOUND, the other side has closed it;
 * else with a reason. */
enum ou_status connection_step(struct forwarder *f, short revents, int64_t now_ns,
                               struct ou_error *err);

/* When the next step is due though nothing happens; INT64_MAX: never. */
int64_t connection_due_ns(const struct forwarder *f);

/* What was handed out and not confirmed is to be handed out again. */
void connection_end(struct forwarder *f);

#endif
