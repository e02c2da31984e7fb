/* The sockets of a forwarder: one that listens (a door), and an attempt to connect (a call). All of them are
 * non-blocking, closed by exec, and of one thread; looking up a host takes as long as it takes. */
#ifndef OU_TRACE_FORWARDER_SOCKET_H
#define OU_TRACE_FORWARDER_SOCKET_H

#include <netdb.h>
#include <sys/types.h>

#include "base/endpoint.h"
#include "base/listening.h"

struct door {
    struct listening sockets; /* count 0: it is closed */
    dev_t device;             /* of the file, if it is one: it is removed if it still is ours */
    ino_t inode;
};

/* A socket file that nobody listens at any more is replaced. */
enum ou_status door_open(const struct endpoint *at, struct door *ret, struct ou_error *err);
int door_accept(const struct door *d, int i); /* at its i-th socket; -1: nobody is there any more */
void door_close(struct door *d, const struct endpoint *at); /* a zeroed one is fine */

struct call {
    int fd; /* -1: none */
    struct addrinfo *all, *next;
};

enum call_state { CALL_FAILED, CALL_PENDING, CALL_DONE };

/* Tries the host's addresses one after the other. PENDING: when fd can be written, call_go_on() tells more. DONE: fd
 * is connected, and the caller's; call_end() gives the rest back. */
enum call_state call_begin(const struct endpoint *at, struct call *ret, struct ou_error *err);
enum call_state call_go_on(struct call *c, struct ou_error *err);
void call_end(struct call *c); /* closes fd if it is still there */

#endif
