/* Which blocks to fetch from which peer: decided over the candidate chains of all peers after each change, at most every
 * 10 ms. Traces BlockFetch.Decision.*. One thread. */
#ifndef OU_NODE_FETCH_DECISION_H
#define OU_NODE_FETCH_DECISION_H

#include "node/peer.h"

struct fetch_decision;

enum ou_status fetch_decision_start(struct peers *peers, struct fetch_decision **ret,
                                    struct ou_error *err);
void fetch_decision_stop(struct fetch_decision *d);

/* Something changed: candidates, own chain, a peer's requests. Deciding happens from the loop. */
void fetch_decision_wake(struct fetch_decision *d);

/* --- What chain_sync_client tells of a peer's candidate ------------------------------------ */

/* Headers that the peer has and that follow the intersection with our chain, oldest first, at most a few
 * thousand. Valid until the next message of the peer. */
struct candidate {
    const struct header_facts *headers;
    size_t count;
};
struct candidate chain_sync_client_candidate(const struct chain_sync_client *c);

/* --- What block_fetch_client is asked to do ------------------------------------------------ */

/* Requests these blocks, oldest first, adjacent ones; the facts are copied. */
void block_fetch_client_request(struct block_fetch_client *c, const struct header_facts *blocks,
                                size_t count);
bool block_fetch_client_in_flight(const struct block_fetch_client *c,
                                  const uint8_t hash[HASH_BYTES]);
size_t block_fetch_client_requests(const struct block_fetch_client *c);
uint64_t block_fetch_client_bytes(
    const struct block_fetch_client *c); /* asked for and not there yet */
bool block_fetch_client_is_slow(
    const struct block_fetch_client *c); /* no answer in the expected time */

#endif
