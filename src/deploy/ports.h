/* Free TCP ports of 127.0.0.1, held by bound sockets that share them (SO_REUSEPORT) until released, so
 * that nobody else gets them while nodes start and restart. Who listens on one must be of the same user, and
 * set SO_REUSEPORT, too. A socket that is bound and does not listen takes no connections; SO_REUSEADDR tells it
 * from one that listens, to a node that looks whether its port is taken. */
#ifndef OU_DEPLOY_PORTS_H
#define OU_DEPLOY_PORTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define PORTS_MAX 4096

/* Zero-initialise. */
struct ports {
    int *sockets;
    uint16_t *numbers;
    size_t count;
};

enum ou_status ports_reserve(size_t count, struct ports *ret, struct ou_error *err);
void ports_release(struct ports *p); /* a zeroed one is fine */

#endif
