/* The chain while it is being rebuilt: what chain_rebuild.c gathers and decides,
 * and chain_block.c turns into the blocks of the result. For these two alone. */
#ifndef OU_ANALYSE_CHAIN_BLOCK_H
#define OU_ANALYSE_CHAIN_BLOCK_H

#include "analyse/analysis.h"
#include "analyse/machine_view.h"

#define NO_BLOCK UINT32_MAX

/* A host's record of a block. */
struct sighting {
    uint32_t host;
    const struct block_record *record;
};

/* A block while the chain is being rebuilt, by number in `all`. */
struct candidate {
    int64_t number, slot, size; /* -1 unknown */
    uint32_t parent;            /* NO_BLOCK unknown */
    struct sighting *sightings; /* by host */
    uint32_t sighting_count;
    const struct sighting *forger; /* NULL: its log is not there */
    uint32_t adopters, votes;      /* votes: hosts that stayed with it at its height */
    int64_t first_adopted_ns;
    enum block_fate fate;
};

/* What a host ended up with among the blocks of one height. */
struct ballot {
    const struct candidate *choice;
    int64_t at_ns;
};

struct rebuild {
    struct analysis *a;
    const struct machine_view *views;
    const struct filter_set *filters;
    struct intern all; /* hashes of all blocks and parents */
    struct candidate *items;
    struct sighting *sightings;
    uint32_t *order;         /* candidates by number, slot, hash; those without sighting left out */
    uint32_t count;          /* of order */
    struct ballot *ballots;  /* by host */
    struct intern addresses; /* that hosts' own connections tell */
    uint32_t *address_hosts; /* by number in addresses; NO_HOST: several hosts say it is theirs */
};

/* locli counts the adoptions of observers and forgers, not those of hosts whose
 * record is an error. */
static inline bool has_adopted(const struct block_record *r)
{
    return r->kind != RECORD_ERROR && r->adopted_ns != TIME_NONE;
}

/* From one instant to another; TIME_NONE when one of them is not known. */
static inline int64_t chain_since(int64_t at_ns, int64_t from_ns)
{
    return at_ns == TIME_NONE || from_ns == TIME_NONE ? TIME_NONE : at_ns - from_ns;
}

/* Fills *out with all that is told of block number id, but what depends on other
 * blocks: battles, gaps, answers of filters. False: no memory. */
bool chain_block_fill(struct rebuild *b, uint32_t id, struct chain_block *out);

#endif
