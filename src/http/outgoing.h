/* Answers that clients have not taken yet: what they hold of memory, and until when. One client can neither keep all of
 * the room, nor keep its part of it by taking a byte now and then. No clock and no sockets; in the loop's thread. */
#ifndef OU_HTTP_OUTGOING_H
#define OU_HTTP_OUTGOING_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* One answer, a member of its owner. */
struct outgoing {
    struct outgoing *next, **at; /* of the list it is in, and what points to it there */
    struct in6_addr client;
    size_t bytes;
    int64_t deadline_ns; /* by the owner's clock */
};

struct outgoing_list {
    struct outgoing *first;
    size_t bytes;     /* of all of them */
    size_t bytes_max; /* of these one client has a quarter at most */
    int64_t grace_ns; /* that any answer has */
    size_t
        rate_bytes; /* each second; an answer has the time beyond grace_ns that it takes so; not 0 */
};

/* A client is an address: IPv4's as mapped into IPv6, anything else as one client "::". */
struct in6_addr outgoing_client(const struct sockaddr *address);

/* For another answer to this client. What is added beyond it is counted all the same. */
size_t outgoing_room(const struct outgoing_list *list, const struct in6_addr *client);

void outgoing_add(struct outgoing_list *list, struct outgoing *o, const struct in6_addr *client,
                  size_t bytes, int64_t now_ns);
void outgoing_remove(struct outgoing_list *list, struct outgoing *o);

/* One that is late, or NULL; it is told once, and stays until it is removed. */
struct outgoing *outgoing_late(struct outgoing_list *list, int64_t now_ns);
/* When the next will be late; INT64_MAX: there is none. */
int64_t outgoing_deadline_ns(const struct outgoing_list *list);

#endif
