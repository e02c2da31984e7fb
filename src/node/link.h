/* A TCP connection between two nodes: handshake, then the multiplexer with its conversations
 * (conversation.h). All of it runs on the thread of its loop.
 *
 * What goes out is cut into frames, round robin between conversations, one frame each, and written in batches. The side
 * that dialled holds bytes of both directions back as the link model says, because only it knows which
 * link this is. Memory of a link is bounded: incoming bytes by each protocol's limit, outgoing ones
 * by LINK_OUT_BYTES, above which conversations are told not to produce more (conversation_has_room()). */
#ifndef OU_NODE_LINK_H
#define OU_NODE_LINK_H

#include <netinet/in.h>
#include <uv.h>

#include "node/link_model.h"
#include "wire/handshake.h"
#include "wire/mux.h"

#define LINK_OUT_BYTES (256 << 10) /* not yet written; a peer that reads slowly fills it */
#define LINK_HELD_BYTES (1 << 20)  /* received and not handed on: above, nothing more is read */
#define LINK_LINE_BYTES (8 << 20)  /* under way on a modelled line, in each direction */
#define LINK_STALL_MS 60000        /* a batch was not written within so long: the peer is dropped */
#define LINK_CONNECT_MS 10000      /* dialling */
#define LINK_PARTING_MS 2000       /* for a peer that was refused, to read why */
#define LINK_NAME_ROOM 64          /* "address:port", IPv6 in brackets */
#define LINK_CONVERSATIONS_MAX 16

struct link; /* opaque */
struct conversation;

struct link_events {
    /* The handshake is done: open conversations now. duplex: both sides may run initiators. */
    void (*ready)(struct link *link, void *owner, uint16_t version,
                  const struct version_data *agreed);
    /* Once, whatever happened, also when link_open...() succeeded but connecting failed. The link and its
     * conversations are gone when it returns. `why` is "" for an orderly end. */
    void (*closed)(struct link *link, void *owner, const char *why);
};

struct link_options {
    uv_loop_t *loop;
    struct version_data own;
    struct link_model model;     /* used by the side that dials */
    uint32_t frame_ms, stall_ms; /* instead of MUX_FRAME_TIMEOUT_MS and LINK_STALL_MS; 0: those */
    const struct link_events *events;
    void *owner;
};

/* What `closed` says when two nodes have dialled each other at the same instant and TCP made one
 * connection of it, in which nobody is the one to answer: dial again after an uneven while. */
#define LINK_CROSSED "both sides dialled at the same instant"

/* Dials. `from` is the address to bind before (so that connections tell which node dials: the listening
 * address; both sockets share the port), or NULL. A connection between the two addresses
 * that is there already is OU_USAGE with a message that says so. */
enum ou_status link_dial(const struct link_options *options, const struct sockaddr *from,
                         const struct sockaddr *to, struct link **ret, struct ou_error *err);

/* Takes an accepted stream (from uv_accept on *server). */
enum ou_status link_accept(const struct link_options *options, uv_stream_t *server,
                           struct link **ret, struct ou_error *err);

/* A socket that listens at `at`, with the port shared as link_dial() wants it. *ret_port is the port when
 * at's is 0. *server is the caller's to close, also when this fails: a handle has to live until its loop
 * has closed it. */
enum ou_status link_listen(uv_loop_t *loop, const struct sockaddr *at, uv_tcp_t *server,
                           uv_connection_cb on_connection, uint16_t *ret_port,
                           struct ou_error *err);

/* Ends the connection; `closed` follows from the loop with this reason. Further calls do nothing. */
void link_close(struct link *link, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool link_is_closing(const struct link *link);

/* "127.0.0.1:30001": ours and the peer's; "" before the connection is there. */
const char *link_local(const struct link *link);
const char *link_remote(const struct link *link);
bool link_dialled(const struct link *link);
bool link_is_duplex(const struct link *link);
uv_loop_t *link_loop(const struct link *link);
uint64_t link_bytes_in(const struct link *link);
uint64_t link_bytes_out(const struct link *link);

#endif
