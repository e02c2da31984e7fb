/* One connection with a node, from the handshake to its end. Loop thread.
 *
 * It asks for trace objects, metrics and data points. Objects go to the desk of the node, and more are asked for when they are
 * written: the request is the receipt. The node's name is asked for first; what comes before it is known waits. */
#ifndef OU_COLLECT_CONNECTION_H
#define OU_COLLECT_CONNECTION_H

#include <uv.h>

#include "base/endpoint.h"

struct collector;
struct connection;

/* Whom to tell that a connection is over: of connections that this side made. was_agreed: nodes and collector had
 * understood each other. */
struct connection_maker {
    void (*ended)(void *context, bool was_agreed);
    void *context;
};

/* Takes the connection that waits at a listening socket. at: its address, for the id of local peers. */
void connection_accept(struct collector *c, uv_stream_t *server, const struct endpoint *at);

/* Connects: to the path, or, where it is a host, to the address that was found for it. NULL: no memory. */
struct connection *connection_make(struct collector *c, const struct endpoint *at,
                                   const struct sockaddr *address, struct connection_maker maker);
/* Its maker goes, and is not told any more. why: the connection ends, for this reason; NULL: it goes on. */
void connection_leave(struct connection *x, const char *why);

/* --- All of them ---------------------------------------------------------------------------- */

void connections_tick(struct collector *c);   /* deadlines; about every quarter of a second */
void connections_finish(struct collector *c); /* Done, and no more requests */
void connections_close(struct collector *c, const char *why);

#endif
