/* A connected node and what goes on with it: eight conversations, four in each role. Each driver is a
 * file of its own; this header ties them to the link and to the node. One thread. */
#ifndef OU_NODE_PEER_H
#define OU_NODE_PEER_H

#include <ouroscope/point.h>

#include "node/chain_db.h"
#include "node/conversation.h"
#include "node/mempool.h"

struct peer;
struct chain_sync_client;
struct chain_sync_server;
struct block_fetch_client;
struct block_fetch_server;
struct tx_inbound;
struct tx_outbound;
struct keep_alive;
struct header_cache;

/* What all peers of a node share. */
struct peers {
    uv_loop_t *loop;
    struct chain_db *db;
    struct mempool *mempool;
    const struct genesis_ledger *genesis;
    uint32_t max_concurrency_deadline, max_concurrency_bulk;
    double tx_submission_delay_s;
    struct peer *first; /* all that are ready */
    size_t count;
    struct fetch_decision *decision; /* fetch_decision.h */
    /* Headers that are being told to followers: of the chain-sync servers, which make it when the first of
     * them starts and drop it with the last. Zeroed at first. */
    struct header_cache *header_cache;
};

struct peer {
    struct peers *all;
    struct peer *next;
    struct link *link;
    struct ou_peer name; /* for traces: both ends; lives as long as the peer */
    double latency_s;    /* half of the smoothed round trip; NAN before the first answer */

    /* NULL where the direction does not run (a peer that only consumes). */
    struct chain_sync_client *chain_sync_client;
    struct chain_sync_server *chain_sync_server;
    struct block_fetch_client *block_fetch_client;
    struct block_fetch_server *block_fetch_server;
    struct tx_inbound *tx_inbound;
    struct tx_outbound *tx_outbound;
    struct keep_alive *keep_alive;
};

/* Every driver: start opens its conversation(s) on peer->link and returns NULL with err set when that fails; stop
 * releases it (before its link is gone; its timers close by themselves). */
#define PEER_DRIVER(name)                                               \
    struct name *name##_start(struct peer *peer, struct ou_error *err); \
    void name##_stop(struct name *driver);
PEER_DRIVER(chain_sync_client)
PEER_DRIVER(chain_sync_server)
PEER_DRIVER(block_fetch_client)
PEER_DRIVER(block_fetch_server)
PEER_DRIVER(tx_inbound)
PEER_DRIVER(tx_outbound)
PEER_DRIVER(keep_alive) /* both roles */

/* The server side of peer-sharing has no state worth a driver; keep_alive answers it with an empty list. */

#endif
