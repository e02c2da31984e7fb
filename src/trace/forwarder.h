/* A connection to a collector, kept up by a thread of its own: it listens or connects (again and again, with a
 * growing pause), speaks the forwarding protocol, and feeds it from a queue. Used by the backend Forwarder of
 * the library, and by the collector to forward to another one. libc only.
 *
 * There is one connection at a time. Who listens takes the next collector when the connection before has
 * ended; until then it waits in the system's backlog. */
#ifndef OU_TRACE_FORWARDER_H
#define OU_TRACE_FORWARDER_H

#include "base/endpoint.h"
#include "base/status.h"
#include "trace/forward_queue.h"
#include "wire/forwarder.h"

enum forwarder_event_kind {
    FORWARDER_LISTENING,
    FORWARDER_CONNECTED, /* the handshake is done */
    FORWARDER_FAILED, /* an attempt to connect, a handshake, or a connection that broke the protocol */
    FORWARDER_CLOSED, /* the connection has ended */
};

struct forwarder_options {
    bool listen; /* else connect */
    struct endpoint at;
    uint32_t magic;           /* of the network */
    size_t max_count;         /* of objects in the queue */
    size_t max_bytes;         /* of them */
    uint32_t max_reconnect_s; /* the pause between attempts doubles from 1 s up to this */
    bool awaits_first;        /* see forwarder_stop() */
    /* What there is beside trace objects; called by the forwarder's thread. take and confirmed are not used;
     * without metrics there are none, and likewise data points. */
    struct forwarder_source source;
    /* The account of a loss, for the collector (forward_queue.h); may be NULL. By the forwarder's thread. */
    forward_gap gap;
    /* What happened; why is NULL or a text. Called by the forwarder's thread; may be NULL. */
    void (*told)(void *context, enum forwarder_event_kind kind, const char *why);
    void *context; /* of gap and told */
};

struct forwarder;

/* Starts the thread. A socket that cannot be listened at is tried again like one that cannot be connected to: the program goes
 * on without. OU_NO_MEMORY; OU_IO when there is no thread or descriptor to be had. */
enum ou_status forwarder_start(const struct forwarder_options *options, struct forwarder **ret,
                               struct ou_error *err);

/* Other bounds; nothing that waits is lost by it. OU_NO_MEMORY: those of the queue stay. Any thread. */
enum ou_status forwarder_limit(struct forwarder *f, size_t max_count, size_t max_bytes,
                               uint32_t max_reconnect_s);

/* Any thread; never waits for the collector. */
void forwarder_push(struct forwarder *f, struct bytes object);
void forwarder_lose(struct forwarder *f); /* an object that could not be made: it is counted */

struct forward_counts forwarder_counts(const struct forwarder *f); /* any thread */
bool forwarder_is_connected(const struct forwarder *f);            /* any thread */

/* Waits until all that was pushed is confirmed, at most so long; then ends the thread and removes a socket that it
 * listened at. Without a connection it does not wait longer than an attempt takes; but who awaits_first, and
 * has not met anybody since the start, goes on trying, for a collector that is just starting, too. Returns the
 * last counts: waiting and in_doubt are left over. */
struct forward_counts forwarder_stop(struct forwarder *f, uint32_t patience_ms);

/* In a forked child: the thread is the parent's, the sockets are closed without a word. What else there is
 * stays, for the thread may have been changing it. */
void forwarder_abandon(struct forwarder *f);

#endif
