/* A node that is slower on purpose by a known amount, so that a comparison of two runs has something to find. Between
 * the moment at which a block's body is stored and its validation the node waits for a share of the time that has passed
 * since the block's slot began: adoption comes so much later. By then its header has been announced and its body can be
 * fetched, so that waits do not add up from hop to hop. Nothing is computed meanwhile. One thread, on a libuv loop. */
#ifndef OU_NODE_SLOWDOWN_H
#define OU_NODE_SLOWDOWN_H

#include "chain/slot_clock.h"
#include "node/chain_db.h"
#include "node/sharp_timer.h"

#define SLOWDOWN_PERCENT_MAX 100

/* Blocks that come later than this are not waited for: a node that catches up would never arrive. */
#define SLOWDOWN_REACH_NS INT64_C(5000000000)

struct slowdown {
    double percent; /* 0: no waits, and no timer */
    const struct slot_clock *clock;
    struct sharp_timer timer;
    const struct chain_block *held; /* only compared */
    int64_t until_ns;
};

/* How long a block waits that is stored so long after its slot's start. */
int64_t slowdown_wait_ns(double percent, int64_t since_slot_ns);

/* resume is called when the wait is over for which slowdown_holds() was true last. The clock outlives it. */
enum ou_status slowdown_start(struct slowdown *s, uv_loop_t *loop, const struct slot_clock *clock,
                              double percent, void (*resume)(void *context), void *context,
                              struct ou_error *err);
void slowdown_stop(
    struct slowdown *s); /* a zeroed one is fine; handles close with the loop's next turn */

/* Whether the block that is to be validated next (NULL: none) has to wait still. */
bool slowdown_holds(struct slowdown *s, const struct chain_block *next);

#endif
