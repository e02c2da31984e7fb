/* All connections of a node: it listens, dials the peers of its topology, dials again after
 * PEERS_REDIAL_MS, and runs the drivers of peer.h on each link. One thread. */
#ifndef OU_NODE_PEERS_H
#define OU_NODE_PEERS_H

#include "node/fetch_decision.h"
#include "node/node_config.h"

#define PEERS_REDIAL_MS 10000
#define PEERS_FIRST_REDIAL_MS 500 /* while a cluster starts: doubles up to the above */
#define PEERS_ACCEPTED_MAX 512

struct network; /* opaque */

struct network_options {
    struct peers *peers; /* filled but for first, count, decision */
    const char *host;    /* to listen at */
    uint16_t port;       /* 0: any free one */
    const struct node_topology *topology;
    uint32_t magic;
};

enum ou_status network_start(const struct network_options *options, struct network **ret,
                             struct ou_error *err);
uint16_t network_port(const struct network *n);
/* Closes all connections and the listening socket; the loop then runs empty. */
void network_stop(struct network *n);

#endif
