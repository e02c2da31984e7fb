/* What the connections of the load generator share: which transaction comes next, how many there are, at what
 * rate. Every transaction of the load is announced by one connection only; what a connection that breaks has
 * not had acknowledged goes to the others. One thread. */
#ifndef OU_NODE_GENERATOR_LOAD_H
#define OU_NODE_GENERATOR_LOAD_H

#include "node/generator_throttle.h"
#include "node/generator_txs.h"

struct load {
    struct generator_txs *txs;
    struct throttle throttle;
    bool running;       /* set-up is over: the load itself may be announced */
    uint64_t tx_count;  /* of the load */
    uint64_t next;      /* the first one that was never announced */
    uint64_t *returned; /* numbers that were announced in vain; owned */
    size_t returned_count, returned_room;
    uint64_t sent; /* handed to a node, or known to it already */
    uint64_t acknowledged;
    uint64_t unavailable; /* asked for, but not on offer */

    /* Told after transactions were acknowledged or came back. */
    void (*changed)(void *context);
    void *context;
};

/* Room for what so many connections may return. */
enum ou_status load_init(struct load *l, struct generator_txs *txs, uint64_t tx_count,
                         size_t connections, struct ou_error *err);
void load_release(struct load *l); /* a zeroed one is fine */

/* From now on transactions are announced, tps a second. */
void load_start(struct load *l, double tps, int64_t now_ns);

/* The number of the transaction to announce for a tick. False when there is none; there is one for each tick. */
bool load_take(struct load *l, uint64_t *ret_number);

/* A transaction was taken, and will not be acknowledged: somebody else shall have it. (Its tick goes back, too, by
 * throttle_give_back().) */
void load_return(struct load *l, uint64_t number, bool was_sent);

/* All have been acknowledged. */
bool load_is_done(const struct load *l);

#endif
