/* What the files of the chain database share: chain_db.c (questions, queue, storing), chain_tree.c,
 * chain_headers.c, chain_adopt.c (which chain), chain_replay.c (opening), chain_traces.c. */
#ifndef OU_NODE_CHAIN_DB_STATE_H
#define OU_NODE_CHAIN_DB_STATE_H

#include "base/arena.h"
#include "base/map.h"
#include "node/chain_db.h"
#include "node/header_trap.h"
#include "node/ledger_snapshot.h"

#define CHAIN_DB_OWN 2            /* places in the queue beside CHAIN_DB_QUEUE, for own blocks */
#define CHAIN_DB_MAJOR_MAX 10     /* protocol version of Conway */
#define CHAIN_DB_HEADERS_MAX 2048 /* valid headers remembered, of some 400 bytes each */
#define CHAIN_DB_BLOCK_BYTES ((size_t)BLOCK_MAX_BYTES)

/* A block of the tree of blocks. Those that follow no known block wait, by the hash of
 * the block that is missing. */
struct stored_block {
    struct chain_block block; /* first: what others are shown */
    struct stored_block *first_child;
    struct stored_block
        *next;      /* the parent's next child, or the next that waits for the same block */
    bool valid;     /* it was applied to the ledger once, and so were all before it */
    bool has_nonce; /* else it is found out when the block is connected */
};

/* The tree keeps the blocks' parents as what others may see of them. */
static inline struct stored_block *stored_parent(const struct stored_block *b)
{
    return (struct stored_block *)b->block.parent;
}

/* A block in the queue. */
struct offered {
    struct buffer wrapped;
    struct header_facts facts;
    block_done *done;
    void *context;
};

/* Headers that were found valid, by hash; the oldest one makes room. */
struct header_memory {
    struct map facts;
    uint8_t (*hashes)[HASH_BYTES]; /* a ring; owned */
    size_t count, cap, oldest;
};

struct chain_db {
    const struct genesis_ledger *genesis;
    ledger_script_cost *script_cost;
    void *context;
    uint64_t snapshot_interval_slots;
    char *directory; /* owned */

    struct nonce_rules nonce_rules;
    struct nonce_state first_nonce; /* before the first block */
    struct header_rules header_rules;
    uint64_t forecast_slots; /* for which stake is known, from the tip on: 3k/f */

    struct block_store *store;
    struct arena memory;        /* of the blocks */
    struct map by_hash;         /* hash -> struct stored_block * */
    struct map waiting;         /* hash of the missing block -> first struct stored_block * */
    struct stored_block *roots; /* blocks without a previous one, by next */

    struct stored_block **chain; /* by number; owned */
    size_t chain_count, chain_cap;
    struct ledger *ledger;      /* after chain[chain_count - 1] */
    struct stored_block **path; /* of a switch, owned */
    size_t path_cap;
    struct stored_block *tentative;
    struct header_trap trap;
    struct header_memory headers;

    struct offered queue[CHAIN_DB_QUEUE + CHAIN_DB_OWN];
    size_t queue_first, queue_count;
    /* The block that was stored last and is to be validated; its bytes are still at hand. */
    struct stored_block *fresh;
    struct offered fresh_offer;
    struct block fresh_block; /* views of fresh_offer.wrapped */
    struct buffer scratch;    /* other blocks, read from disk */

    struct snapshot_list snapshots;
    struct chain_listener *listeners;
    enum ou_status failed;
    struct ou_error failure;
    bool opening; /* no traces, and no news, of what is only found again */
};

/* --- chain_db.c ------------------------------------------------------------------------------- */

struct stored_block *chain_stored(const struct chain_db *db, const uint8_t hash[HASH_BYTES]);
struct stored_block *chain_top(const struct chain_db *db); /* the tip, or NULL */
void chain_tell(struct chain_db *db, enum chain_news news, const struct stored_block *block);

/* Keeps the first failure; all later work ends with it. */
enum ou_status chain_fail(struct chain_db *db, enum ou_status status, const struct ou_error *err);

/* --- chain_tree.c ----------------------------------------------------------------------------- */

/* Puts a block that is on disk into the tree, and connects what has waited for it. */
enum ou_status chain_insert(struct chain_db *db, const struct header_facts *facts, bool has_nonce,
                            uint64_t offset, size_t header_at, struct stored_block **ret,
                            struct ou_error *err);

/* A block and all that follow it. */
void chain_mark_invalid(struct stored_block *block);

/* --- chain_headers.c -------------------------------------------------------------------------- */

void chain_rules_init(struct chain_db *db);
void chain_facts_of(const struct header *h, struct header_facts *ret); /* all but the nonce */
void chain_nonce_of(const struct chain_db *db, const struct header_facts *parent,
                    struct header_facts *facts);
void header_memory_release(struct header_memory *m);

/* --- chain_adopt.c ---------------------------------------------------------------------------- */

/* Changes over to the best chain among those through `from` (its descendants, siblings not among
 * them), when there is one better than the current chain. OU_OK whether or not that happened;
 * OU_INVALID with the first broken rule when blocks were found invalid on the way; others are
 * fatal. */
enum ou_status chain_adopt(struct chain_db *db, struct stored_block *from, struct ou_error *err);

/* Reads a block from disk and applies it to the ledger. */
enum ou_status chain_apply(struct chain_db *db, const struct stored_block *block,
                           struct ou_error *err);

/* --- chain_replay.c --------------------------------------------------------------------------- */

enum ou_status chain_replay(struct chain_db *db, struct ou_error *err);

bool chain_snapshot_is_due(struct chain_db *db);
enum ou_status chain_snapshot_take(struct chain_db *db, struct ou_error *err);

/* --- chain_traces.c --------------------------------------------------------------------------- */

struct ou_chain_point chain_traced(const struct stored_block *block);
/* The chain has become path[0 .. count), on top of chain[.. at - 1]; old is the former tip, or
 * NULL. */
void chain_trace_selection(const struct chain_db *db, const struct stored_block *old, size_t at,
                           bool is_fork);
void chain_trace_snapshot(const struct stored_block *tip, double seconds); /* NAN: it begins */
void chain_trace_opening(const char *tag);
void chain_trace_damage(const struct block_store_damage *damage);
void chain_trace_replay(const struct snapshot *from, uint64_t goal_slot);
void chain_trace_first_selection(const char *tag);

#endif
