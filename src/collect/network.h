/* Where nodes come from: a socket that is listened at (AcceptAt), or addresses that are connected to again
 * and again (ConnectTo). Loop thread. */
#ifndef OU_COLLECT_NETWORK_H
#define OU_COLLECT_NETWORK_H

#include "base/buffer.h"
#include "base/endpoint.h"

struct collector;

/* As the configuration says. OU_IO: it cannot be listened there. */
enum ou_status network_open(struct collector *c, struct ou_error *err);
/* The configuration is another one: what it does not have any more is closed, with its connections where this side made them;
 * what is new is opened, and what is the same is left as it is. A failure leaves the socket that was listened at. */
enum ou_status network_follow(struct collector *c, struct ou_error *err);
/* Nobody comes any more; connections stay. */
void network_close(struct collector *c);

/* Appends the address that is listened at, a free port filled in; else all that are connected to, as far as they fit. */
void network_addresses(const struct collector *c, struct buffer *out);

#endif
