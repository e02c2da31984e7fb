/* Transactions that wait for a block: valid one after the other on top of the node's tip, in order of arrival, numbered
 * by tickets. Bounded by bytes, each transaction counting its size + 4: a full mempool takes
 * nothing, and who wants to add waits. Traces Mempool.*. One thread. */
#ifndef OU_NODE_MEMPOOL_H
#define OU_NODE_MEMPOOL_H

#include "chain/ledger.h"

#define MEMPOOL_TXS_MAX 65536

struct mempool; /* opaque */

struct mempool_options {
    const struct ledger *ledger; /* of the node's tip; outlives it */
    uint64_t capacity_bytes;
    uint32_t max_tx_bytes;
    ledger_script_cost *script_cost; /* may be NULL */
    void *context;
};

enum ou_status mempool_create(const struct mempool_options *options, struct mempool **ret,
                              struct ou_error *err);
void mempool_free(struct mempool *m);

enum mempool_answer {
    MEMPOOL_ADDED,
    MEMPOOL_KNOWN,    /* it is there already */
    MEMPOOL_FULL,     /* come again when room_count has changed */
    MEMPOOL_REJECTED, /* err says why */
};

/* Adds a transaction (the bytes of tag 24) for blocks from `slot` on. The bytes are copied. */
enum mempool_answer mempool_add(struct mempool *m, struct bytes tx, uint64_t slot,
                                struct ou_error *err);
bool mempool_has(const struct mempool *m, const uint8_t id[HASH_BYTES]);

/* The tip has changed: all are checked again in order (signatures are not), those not valid any more are dropped. */
void mempool_sync(struct mempool *m, uint64_t slot);

/* Drops these ids: a block made of them was invalid. */
void mempool_drop(struct mempool *m, const uint8_t (*ids)[HASH_BYTES], size_t count);

struct mempool_tx {
    uint64_t ticket; /* ascending, from 1 */
    uint8_t id[HASH_BYTES];
    struct bytes tx; /* valid until the next change */
};

/* The first one with a ticket above `after`; false when there is none. */
bool mempool_next(const struct mempool *m, uint64_t after, struct mempool_tx *ret);
bool mempool_find(const struct mempool *m, const uint8_t id[HASH_BYTES], struct mempool_tx *ret);

size_t mempool_count(const struct mempool *m);
uint64_t mempool_bytes(const struct mempool *m);

/* Called after each change: something was added (outbound sides offer it), or room has become free. */
struct mempool_listener {
    void (*changed)(void *context, bool added);
    void *context;
    struct mempool_listener *next; /* the list's */
};
void mempool_listen(struct mempool *m, struct mempool_listener *listener);
void mempool_unlisten(struct mempool *m, struct mempool_listener *listener);

#endif
