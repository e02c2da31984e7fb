/* Sockets that listen on a host and port, of IPv4 and IPv6. */
#ifndef OU_BASE_LISTENING_H
#define OU_BASE_LISTENING_H

#include "base/status.h"

#define LISTENING_MAX 4

struct listening {
    int fds[LISTENING_MAX]; /* non-blocking, closed by exec */
    int count;
    int port; /* the same for all of them */
};

/* Listens at all addresses of the host (localhost: 127.0.0.1 and ::1), but those that this machine
 * does not have; "::" takes IPv4, too. Port 0 takes a free one. OU_IO says why not, and the next step. */
enum ou_status listening_open(const char *host, int port, struct listening *ret,
                              struct ou_error *err);
void listening_close(struct listening *l); /* a zeroed one is fine */

#endif
