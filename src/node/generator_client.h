/* The load generator's side of tx-submission on one connection. First it offers the set-up transactions, as fast as the
 * peer takes them: every target gets all of them, so that it has what the load spends before it sees the load. Then it
 * offers the load, for each transaction a tick of the throttle.
 *
 * Memory per connection: the window of offered transactions. One thread. */
#ifndef OU_NODE_GENERATOR_CLIENT_H
#define OU_NODE_GENERATOR_CLIENT_H

#include "node/generator_load.h"
#include "node/peer.h"

/* What a target keeps from one connection to the next. */
struct client_tally {
    uint64_t setup_acknowledged; /* set-up transactions, from the first one */
    uint64_t sent;               /* of the load, on all its connections */
};

struct generator_client; /* opaque */

/* Opens tx-submission on peer->link. NULL, with err set, when that fails. */
struct generator_client *generator_client_start(struct peer *peer, struct load *load,
                                                struct client_tally *tally, struct ou_error *err);
/* Before the link is gone: what was not acknowledged goes back to the load. */
void generator_client_stop(struct generator_client *c);

/* The load has begun, or transactions have come back: a peer that waits may get some. */
void generator_client_wake(struct generator_client *c);

/* Hands ticks that are due to the connections that wait for them. */
void generator_serve(struct load *load);

/* Says Done where the peer waits for transactions; false where that cannot be said now. */
bool generator_client_end(struct generator_client *c);

#endif
