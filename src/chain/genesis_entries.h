/* The members of a Shelley genesis that grow with its ledger, read in one walk over the file: millions of funds as a tree
 * would take ten times the file in memory. */
#ifndef OU_CHAIN_GENESIS_ENTRIES_H
#define OU_CHAIN_GENESIS_ENTRIES_H

#include "chain/genesis_ledger.h"
#include "json/walk.h"

/* Funds go into *ret in the order of the file, pools and delegations in theirs; stake is summed. Everything else of the
 * document goes to *rest as JSON, where initialFunds and staking's pools and stake are empty, with its lines where they were.
 * Of a pool's other members only the grammar is looked at.
 * Called once, at the beginning of a walk, which it takes to the end. Messages begin with `name`. After a failure *ret is
 * to be released, too. */
enum ou_status genesis_entries_read(struct json_walk *w, const char *name,
                                    struct genesis_ledger *ret, struct buffer *rest,
                                    struct ou_error *err);

#endif
