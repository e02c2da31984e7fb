/* What a data set is made from, for the two files that are written of it. */
#ifndef OU_GENESIS_HALVES_H
#define OU_GENESIS_HALVES_H

#include "genesis/dataset.h"
#include "genesis/keys.h"

struct genesis_making {
    const struct genesis_dataset *set;
    const char *directory;
    const uint8_t *seed;
    struct genesis_progress *progress;
    struct delegate_identity *delegates;
    struct pool_identity *pools;
    /* The hashes of keys that are in files: of delegators, one per pool, and of as many DReps at most. */
    uint8_t (*stakes)[KEY_HASH_BYTES], (*dreps)[KEY_HASH_BYTES];
};

/* Beyond those that have keys there are only hashes: nobody holds a key, and a million Ed25519 keys need not be made. */
void genesis_stake_hash(const struct genesis_making *m, uint64_t delegator,
                        uint8_t ret[KEY_HASH_BYTES]);
void genesis_drep_hash(const struct genesis_making *m, uint64_t drep, uint8_t ret[KEY_HASH_BYTES]);

/* A half of a file goes to a stream, which says at its end what failed. Shelley's comes first: it writes the keys of funds and
 * delegators on its way, and fills in m->stakes; Conway's those of DReps. */
typedef void genesis_half_fn(struct genesis_stream *s, struct genesis_making *m);
genesis_half_fn genesis_shelley_half, genesis_conway_half;

#endif
