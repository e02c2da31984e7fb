/* Snapshots of the ledger in a node's database folder: DIRECTORY/ledger-NUMBER is the state
 * after the block of that number. A file appears as a whole or not at all. One thread. */
#ifndef OU_NODE_LEDGER_SNAPSHOT_H
#define OU_NODE_LEDGER_SNAPSHOT_H

#include "chain/ledger.h"

#define SNAPSHOT_MAX_BYTES ((size_t)4 << 30)
#define SNAPSHOTS_MAX 16 /* that a list holds; the oldest above are passed over */

struct snapshot {
    uint64_t number;
    uint8_t block[HASH_BYTES]; /* the state is the one after it */
};

/* What is there, newest first, by its name and the head of each file; files without a proper
 * head are passed over. What an interrupted snapshot_save() left is removed. */
struct snapshot_list {
    struct snapshot at[SNAPSHOTS_MAX];
    size_t count;
};
enum ou_status snapshot_list(const char *directory, struct snapshot_list *ret,
                             struct ou_error *err);

enum ou_status snapshot_save(const char *directory, const struct snapshot *as,
                             const struct ledger *ledger, struct ou_error *err);

/* OU_INVALID when it is damaged or of another genesis. The caller frees *ret. */
enum ou_status snapshot_load(const char *directory, const struct snapshot *which,
                             const struct genesis_ledger *genesis, struct ledger **ret,
                             struct ou_error *err);

void snapshot_remove(const char *directory, uint64_t number);

#endif
