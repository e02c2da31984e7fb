/* What the forge loop does in a slot, without the clock: forge.h tells when. One thread. */
#ifndef OU_NODE_FORGER_H
#define OU_NODE_FORGER_H

#include "node/forge.h"

struct forger; /* opaque */

/* Forges with the first of the credentials. Of the options the loop is not used; without credentials only
 * forger_report() may be called. */
enum ou_status forger_create(const struct forge_options *options, struct forger **ret,
                             struct ou_error *err);

/* Before the chain database is closed. Blocks that are still in its queue are forgotten. */
void forger_free(struct forger *f);

/* Computes the proof of a slot to come, as far as its nonce is known. */
void forger_prepare(struct forger *f, uint64_t slot);

/* The slot begins: finds out whether the pool leads it, and makes a block. */
void forger_slot(struct forger *f, uint64_t slot);

/* In the middle of a slot: traces the ledger's size, if it is the slot for that, and the counts of
 * forging of the whole node when they have changed. */
void forger_report(struct forger *f, uint64_t slot, const struct forge_counts *now);

/* Of these, slots and how late they were are the caller's to count. */
const struct forge_counts *forger_counts(const struct forger *f);

#endif
