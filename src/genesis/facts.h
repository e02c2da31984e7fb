/* What one genesis file says, as far as other members and other files must agree with it. */
#ifndef OU_GENESIS_FACTS_H
#define OU_GENESIS_FACTS_H

#include "base/map.h"
#include "genesis/findings.h"
#include "genesis/value.h"

/* Pools and DReps, and ids that are delegated to: a set holds as many as this, some 200 MB. */
#define GENESIS_REFERENCES_MAX ((size_t)4 << 20)

struct genesis_place {
    uint64_t line, column;
    uint64_t count; /* how often; the place is the first one */
};

struct genesis_fact {
    bool known;
    struct genesis_number value;
    struct genesis_place place;
};

/* Ids that are there, and ids that something refers to and that were not there yet then. */
struct genesis_references {
    struct map there, wanted; /* wanted: to struct genesis_place */
    bool full;                /* some were not kept: nothing can be said of the rest */
};

struct genesis_facts {
    bool given;                            /* there is such a file, and it was walked to its end */
    struct genesis_fact at[GENESIS_ROLES]; /* of roles that are one number */
    uint64_t entries[GENESIS_ROLES];       /* of roles that are entries of maps */
    genesis_wide funds;                    /* the sum of initialFunds */
    genesis_wide drep_deposits;
    struct genesis_place addresses[2]; /* in initialFunds, by their network */
    struct genesis_place rewards[2];   /* reward accounts, likewise */
    struct genesis_references pools, dreps;
};

void genesis_facts_init(struct genesis_facts *facts);
void genesis_facts_release(struct genesis_facts *facts);

/* Bytes of the sets' ids are those of a key hash, or of a credential. OU_NO_MEMORY. */
enum ou_status genesis_reference_there(struct genesis_references *r, const uint8_t *id);
enum ou_status genesis_reference_wanted(struct genesis_references *r, const uint8_t *id,
                                        uint64_t line, uint64_t column);

/* Calls `missing` for what is wanted and not there, in the order of the file. */
enum ou_status genesis_references_missing(const struct genesis_references *r,
                                          void (*missing)(void *context, const uint8_t *id,
                                                          const struct genesis_place *place),
                                          void *context);

/* Notes a place in one that is counted. */
void genesis_place_note(struct genesis_place *place, uint64_t line, uint64_t column);

#endif
