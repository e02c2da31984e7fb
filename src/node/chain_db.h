/* The node's blocks: all it has stored, which of them are its chain, and the ledger at its tip.
 *
 * A block goes through a queue of CHAIN_DB_QUEUE, is written to disk, becomes the tentative
 * header when it extends the tip, is validated, and is adopted when the chain that it ends is
 * better (selection.h) and forks off at most k blocks back. What is on disk is read again at the
 * next start; a torn record at its end is cut off. Traces ChainDB.*. One thread. */
#ifndef OU_NODE_CHAIN_DB_H
#define OU_NODE_CHAIN_DB_H

#include "chain/ledger.h"
#include "chain/selection.h"
#include "node/block_store.h"

#define CHAIN_DB_QUEUE 10
#define CHAIN_DB_BLOCKS_MAX 10000000

/* What is known of a header that was found valid; enough to check those that follow it. */
struct header_facts {
    uint8_t hash[HASH_BYTES], previous[HASH_BYTES];
    bool has_previous;
    uint32_t header_bytes, body_bytes;
    struct selection_view view; /* number, slot, ... */
    struct nonce_state nonce;   /* after it */
};

/* A stored block. Lives as long as the chain_db. */
struct chain_block {
    struct header_facts facts;
    const struct chain_block *parent; /* NULL: it follows the genesis */
    uint64_t offset;                  /* in the file of blocks */
    uint32_t header_at;               /* how many bytes of [7, block] stand before its header */
    bool connected; /* it and all before it are stored; else parent says nothing */
    bool invalid;   /* its body breaks a rule, or that of one before it */
};

struct chain_db; /* opaque */

struct chain_db_options {
    const char *directory;                /* is made when it is not there */
    const struct genesis_ledger *genesis; /* outlives it */
    uint64_t snapshot_interval_slots;     /* of ledger snapshots; 0: none */
    ledger_script_cost *script_cost;
    void *context;
};

/* Opens or creates. Another process that has it open is OU_USAGE; blocks of another network are
 * OU_INVALID. */
enum ou_status chain_db_open(const struct chain_db_options *options, struct chain_db **ret,
                             struct ou_error *err);
void chain_db_close(struct chain_db *db); /* NULL is fine */

/* What was wrong with the file of blocks when it was opened; cut_bytes is 0 when nothing was. */
const struct block_store_damage *chain_db_damage(const struct chain_db *db);

/* OU_OK, or why it cannot go on: the disk is full, there is no memory. Then it takes no more blocks
 * (CHAIN_FAILED told so), and what was adopted can still be read; the node should end. */
enum ou_status chain_db_failure(const struct chain_db *db, struct ou_error *err);

/* --- What is there ---------------------------------------------------------------------------- */

const struct chain_block *chain_db_tip(const struct chain_db *db); /* NULL: no block yet */
const struct chain_block *chain_db_find(const struct chain_db *db, const uint8_t hash[HASH_BYTES]);
/* Whether a block need not be fetched any more: it is stored, or waits in the queue. */
bool chain_db_has(const struct chain_db *db, const uint8_t hash[HASH_BYTES]);
bool chain_db_on_chain(const struct chain_db *db, const struct chain_block *block);
/* The block of the chain with that number; NULL when there is none. */
const struct chain_block *chain_db_by_number(const struct chain_db *db, uint64_t number);
const struct ledger *chain_db_ledger(const struct chain_db *db); /* at the tip */
/* The header that was offered to peers before its body was validated; NULL: none. */
const struct chain_block *chain_db_tentative(const struct chain_db *db);
double chain_db_density(
    const struct chain_db *db); /* blocks per slot of the last k blocks; NAN below 2 */

/* Appends the bytes of a header, or of a block as [7, block]. */
enum ou_status chain_db_read_header(const struct chain_db *db, const struct chain_block *block,
                                    struct buffer *ret, struct ou_error *err);
enum ou_status chain_db_read_block(const struct chain_db *db, const struct chain_block *block,
                                   struct buffer *ret, struct ou_error *err);

/* --- Headers ---------------------------------------------------------------------------------- */

/* Checks a header on top of a parent (NULL: the genesis) and makes its facts. A header that was
 * found valid before is not computed again. OU_INVALID with the reason; OU_USAGE when it lies
 * beyond the slots for which the ledger knows the stake: wait until the tip has come nearer. */
enum ou_status chain_db_check_header(struct chain_db *db, const struct header *h,
                                     const struct header_facts *parent, struct header_facts *ret,
                                     struct ou_error *err);

/* What decides who leads a slot on top of a block. */
struct slot_facts {
    struct nonce_state nonce;  /* as of that slot */
    struct ledger_stake stake; /* valid until the ledger changes */
};

/* For a slot after the parent's (NULL: the genesis); OU_USAGE as above. */
enum ou_status chain_db_slot_facts(const struct chain_db *db, const struct header_facts *parent,
                                   uint64_t slot, struct slot_facts *ret, struct ou_error *err);

/* leader_threshold() of a pool, by its index in the genesis. */
uint64_t chain_db_threshold(const struct chain_db *db, const struct ledger_stake *stake,
                            size_t pool);

/* The counter of the last certificate that an issuer used on the chain that ends in `parent`; 0
 * when it has not forged. */
uint64_t chain_db_counter(const struct chain_db *db, const struct header_facts *parent,
                          const uint8_t issuer[32]);

/* --- Blocks ----------------------------------------------------------------------------------- */

enum block_fate {
    BLOCK_ADOPTED, /* it is the tip */
    BLOCK_STORED,  /* another chain is better, or it does not connect yet */
    BLOCK_KNOWN,   /* it was stored before */
    BLOCK_REFUSED, /* body or ledger rules; err says which */
    BLOCK_LOST,    /* it could not be kept: chain_db_failure() */
};

/* What becomes of a block, when it has come out of the queue. May be NULL. */
typedef void block_done(void *context, const uint8_t hash[HASH_BYTES], enum block_fate fate,
                        const struct ou_error *err);

bool chain_db_has_room(const struct chain_db *db); /* in the queue */

/* Queues a block ([7, block]; copied) whose header has these facts. false: the queue is full. */
bool chain_db_offer(struct chain_db *db, struct bytes wrapped, const struct header_facts *facts,
                    block_done *done, void *context);

/* The same for a block of our own making: there is always room for one, for the slot will not
 * wait. */
bool chain_db_offer_own(struct chain_db *db, struct bytes wrapped, const struct header_facts *facts,
                        block_done *done, void *context);

/* `done` is not called any more for what was offered with this context, which may go then. */
void chain_db_forget(struct chain_db *db, const void *context);

/* Does the next step for the queue: stores a block and announces it, or validates and adopts it.
 * True while there is more to do; call it from the loop's idle phase, so that announcements go
 * out between the steps. */
bool chain_db_work(struct chain_db *db);

/* The stored block that the next step validates; NULL: the next step is another one. */
const struct chain_block *chain_db_validates_next(const struct chain_db *db);

/* Takes the tip's block out of the ledger, to forge beside it, and puts it back: in between
 * nothing else may be asked of the ledger. OU_USAGE when it cannot be taken out. */
enum ou_status chain_db_lift_tip(struct chain_db *db, struct ou_error *err);
enum ou_status chain_db_lower_tip(struct chain_db *db, struct ou_error *err);

/* --- News ------------------------------------------------------------------------------------- */

enum chain_news {
    CHAIN_TENTATIVE, /* a tentative header was set, or (without a new tip) withdrawn */
    CHAIN_NEW_TIP,   /* the chain grew or switched */
    CHAIN_ROOM,      /* the queue has room again */
    CHAIN_INVALID,   /* `block` and what follows it was found invalid */
    CHAIN_WORK,      /* the queue is not empty any more: chain_db_work() wants to be called */
    CHAIN_FAILED,    /* chain_db_failure() */
};

struct chain_listener {
    void (*news)(void *context, enum chain_news news, const struct chain_block *block);
    void *context;
    struct chain_listener *next; /* the list's */
};
/* Listeners are called in the order of arrival; they may not come and go within a call. */
void chain_db_listen(struct chain_db *db, struct chain_listener *listener);
void chain_db_unlisten(struct chain_db *db, struct chain_listener *listener);

/* --- Following: what a chain-sync server does for one client ---------------------------------- */

struct follower {
    struct chain_db *db;
    const struct chain_block *at; /* the last block that the client was told of; NULL: origin */
    bool must_roll_back;          /* the next instruction is a roll-back to `at` */
};

enum follow { FOLLOW_NOTHING, FOLLOW_FORWARD, FOLLOW_BACKWARD };

void follower_start(struct follower *f, struct chain_db *db); /* at the origin */

/* Moves to the first of the points that is on the chain; false, and nothing moved, when none is. */
bool follower_find(struct follower *f, const struct point *points, size_t count, struct point *ret);

/* The next instruction, over the chain with its tentative header: *ret is the block to go
 * forward to, or back to (NULL: origin). */
enum follow follower_next(struct follower *f, const struct chain_block **ret);

/* Whether follower_next() would give anything. */
bool follower_is_behind(const struct follower *f);

void chain_db_tip_of_wire(const struct chain_db *db, struct tip *ret); /* as messages tell it */

#endif
