/* Which blocks to fetch from which peer: decided over the candidate chains of all peers after each change, at most every
 * 10 ms. Traces BlockFetch.Decision.*. One thread. */
#ifndef OU_NODE_FETCH_DECISION_H
#define OU_NODE_FETCH_DECISION_H

#include "node/peer.h"

struct fetch_decision;

enum ou_status fetch_decision_start(struct peers *peers, struct fetch_decision **ret,
                                    struct ou_error *err);
void fetch_decision_stop(struct fetch_decision *d); /* NULL is fine; peers->decision is NULL then */

/* Something changed: candidates, own chain, a peer's requests. Deciding happens from the loop. */
void fetch_decision_wake(struct fetch_decision *d); /* NULL is fine */

/* --- What chain_sync_client tells of a peer's candidate ------------------------------------ */

/* Headers that the peer has and that follow the intersection with our chain, oldest first, at most a few
 * thousand. Valid until the next message of the peer. */
struct candidate {
    const struct header_facts *headers;
    size_t count;
};
struct candidate chain_sync_client_candidate(const struct chain_sync_client *c);

/* --- What block_fetch_client is asked to do, and tells ------------------------------------- */

#define FETCH_BLOCKS_MAX 4096 /* asked for and not there yet, of one peer */

struct block_fetch_status {
    const struct header_facts *asked; /* for and not there yet, oldest first */
    size_t asked_count;
    size_t requests;          /* not answered in full */
    uint64_t bytes;           /* of `asked`, estimated from their headers */
    double latency_s;         /* one way; a guess before the first answer */
    double seconds_per_byte;  /* smoothed; a guess before the first block */
    uint64_t low_mark_bytes;  /* keeps the line busy for a round trip */
    uint64_t high_mark_bytes; /* is never asked for at once, but for one block at least */
    bool busy;                /* the high mark was reached, and the low one has not been since */
    bool slow; /* no answer in the expected time, or it did not have what it told of */
};

/* Valid until the peer's next message or the next request. */
void block_fetch_client_status(const struct block_fetch_client *c, struct block_fetch_status *ret);

/* Requests these blocks, oldest first, each the child of the one before; the facts are copied. */
void block_fetch_client_request(struct block_fetch_client *c, const struct header_facts *blocks,
                                size_t count);

#endif
