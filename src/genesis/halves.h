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

/* Writes the keys of funds and delegators on its way, and fills in m->stakes; first. */
enum ou_status genesis_write_shelley_half(struct genesis_making *m, struct genesis_digest *ret,
                                          struct ou_error *err);
/* Likewise the keys of DReps. */
enum ou_status genesis_write_conway_half(struct genesis_making *m, struct genesis_digest *ret,
                                         struct ou_error *err);

#endif
