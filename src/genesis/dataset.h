/* The half of a genesis that is large: funds, pools, delegations, DReps and their keys. It depends on few things of a profile,
 * has a name that follows from them, and is written as
 *
 *   DIR/shelley.half conway.half   what the two genesis files begin with
 *   DIR/keys/                      as genesis_create.h has it
 *   DIR/dataset.json               its name, and what is needed to go on behind each half
 */
#ifndef OU_GENESIS_DATASET_H
#define OU_GENESIS_DATASET_H

#include "genesis/cache.h"
#include "genesis/stream.h"
#include "profile/profile.h"

/* Of the files of a data set: with another one names are others, and what is kept is made anew. */
#define GENESIS_DATASET_LAYOUT 1

/* All that a data set depends on; amounts in lovelace, of each entry. */
struct genesis_dataset {
    char name[GENESIS_DATASET_NAME_ROOM];
    uint32_t pools, delegates, utxo_keys;
    uint64_t delegators, stuffed, dreps;
    uint64_t supply, delegated; /* all there is; what of it is meant for delegators */
    uint64_t utxo_key_coin, delegator_coin, stuffed_coin, drep_deposit;
};

/* seed: 32 bytes that the keys are to follow from, or NULL. cardano_cli: whether that makes it. */
enum ou_status genesis_dataset_of(const struct profile *p, const uint8_t *seed, bool cardano_cli,
                                  struct genesis_dataset *ret, struct ou_error *err);

/* The entries that will be written, for progress. */
uint64_t genesis_dataset_entries(const struct genesis_dataset *set);

/* Makes it in a directory that exists; dataset.json comes last. seed: 32 bytes. OU_INTERRUPTED leaves a part of it. */
enum ou_status genesis_dataset_make(const struct genesis_dataset *set, const uint8_t seed[32],
                                    const char *directory, struct genesis_progress *progress,
                                    struct ou_error *err);

/* ---- dataset.json ---- */

/* A genesis file as it was left: when it is not so any more, somebody else has changed it. */
struct genesis_stamp {
    uint64_t bytes;
    int64_t modified_ns;
};

struct genesis_record {
    char name[GENESIS_DATASET_NAME_ROOM];
    struct genesis_digest shelley, conway;          /* of the halves, which have so many bytes */
    struct genesis_stamp shelley_file, conway_file; /* in the cache: of the halves */
};

enum ou_status genesis_record_write(const char *directory, const struct genesis_record *record,
                                    struct ou_error *err);
/* False when there is none, or it is of another layout, or not as it was written: then it is as if nothing were there. */
bool genesis_record_read(const char *directory, struct genesis_record *ret);

/* DIRECTORY/NAME; OU_TOO_LARGE. */
enum ou_status genesis_path(const char *directory, const char *name, char *ret,
                            struct ou_error *err);

#endif
