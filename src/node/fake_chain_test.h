/* A chain_db that does what a test wants, in place of chain_db.c: it believes every header, keeps blocks in memory, and
 * its chain is what the test says. Blocks are real in form: their hashes and sizes are right, so that
 * drivers can check them. Include it in one file of a test program. */
#ifndef OU_NODE_FAKE_CHAIN_TEST_H
#define OU_NODE_FAKE_CHAIN_TEST_H

#include <stdlib.h>

#include "base/time.h"
#include "node/chain_db.h"
#include "support/test.h"

#define FAKE_BLOCKS_MAX 2048

struct fake_block {
    struct chain_block block;
    struct buffer header, wrapped;
    bool is_stored, is_offered;
};

struct chain_db {
    struct genesis_ledger genesis;
    struct fake_block *made[FAKE_BLOCKS_MAX]; /* all blocks of the test's world */
    size_t made_count;
    const struct chain_block *chain[FAKE_BLOCKS_MAX]; /* ours, by number */
    size_t chain_count;
    const struct chain_block *tentative;
    struct chain_listener *listeners;
    uint64_t forecast_slot; /* headers of later slots cannot be checked */
    const char *refuses;    /* why all headers are refused; NULL: they are not */
    size_t room;            /* in the queue */
    size_t offered_count;
    size_t header_reads, block_reads;
    bool read_fails;
};

/* --- The world -------------------------------------------------------------------------------- */

/* Slots of a second, the first of which began an hour ago; k is 10. */
static inline void fake_chain_init(struct chain_db *db)
{
    *db = (struct chain_db){ .forecast_slot = UINT64_MAX, .room = CHAIN_DB_QUEUE };
    db->genesis.shelley.security_param = 10;
    db->genesis.shelley.clock = (struct slot_clock){
        .stretches = { { .start_ns = time_wall_ns() - 3600 * NS_PER_SECOND,
                         .slot_ns = NS_PER_SECOND,
                         .epoch_slots = 432000 } },
        .count = 1,
    };
}

static inline void fake_chain_release(struct chain_db *db)
{
    assert_null(db->listeners);
    for (size_t i = 0; i < db->made_count; i++) {
        buffer_release(&db->made[i]->header);
        buffer_release(&db->made[i]->wrapped);
        free(db->made[i]);
    }
}

static inline void fake_facts(const struct header *h, struct header_facts *ret)
{
    *ret = (struct header_facts){ .has_previous = h->has_previous,
                                  .header_bytes = (uint32_t)h->bytes.count,
                                  .body_bytes = h->body_bytes };
    memcpy(ret->hash, h->hash, HASH_BYTES);
    memcpy(ret->previous, h->previous, HASH_BYTES);
    selection_view_of(h, &ret->view);
}

/* An empty block on top of a parent (NULL: the genesis), which nobody has yet. issuer makes blocks of one slot
 * differ. */
static inline const struct chain_block *fake_block(struct chain_db *db,
                                                   const struct chain_block *parent, uint64_t slot,
                                                   uint8_t issuer)
{
    static struct kes_key kes;
    static bool has_kes;
    struct fake_block *b = calloc(1, sizeof(*b));
    struct header h = { .slot = slot, .has_previous = parent, .major = 9, .issuer = { issuer } };
    struct buffer body;
    const char *why;

    if (!has_kes)
        kes_key_of_seed((const uint8_t[KES_SEED_BYTES]){ 1 }, &kes);
    has_kes = true;
    if (parent) {
        h.number = parent->facts.view.number + 1;
        memcpy(h.previous, parent->facts.hash, HASH_BYTES);
    }
    buffer_init(&body, allocator_libc(), BLOCK_MAX_BYTES);
    buffer_init(&b->header, allocator_libc(), BLOCK_MAX_BYTES);
    buffer_init(&b->wrapped, allocator_libc(), BLOCK_MAX_BYTES);
    assert_int_equal(block_body_write(&body, NULL, 0, h.body_hash, &h.body_bytes, NULL), OU_OK);
    header_write(&b->header, &h, &kes, 0);
    block_write(&b->wrapped, bytes_of(&b->header), bytes_of(&body));
    buffer_release(&body);
    assert_int_equal(header_read(bytes_of(&b->header), &h, &why), WIRE_OK);
    fake_facts(&h, &b->block.facts);
    b->block.parent = parent;
    b->block.connected = true;
    assert_in_range(db->made_count, 0, FAKE_BLOCKS_MAX - 1);
    db->made[db->made_count++] = b;
    return &b->block;
}

/* `count` blocks, each a slot later than the one before. */
static inline const struct chain_block *fake_blocks(struct chain_db *db,
                                                    const struct chain_block *parent, size_t count,
                                                    uint8_t issuer)
{
    for (; count > 0; count--)
        parent = fake_block(db, parent, parent ? parent->facts.view.slot + 1 : 1, issuer);
    return parent;
}

static inline struct fake_block *fake_of(const struct chain_db *db, const uint8_t hash[HASH_BYTES])
{
    for (size_t i = db->made_count; i > 0; i--)
        if (memcmp(db->made[i - 1]->block.facts.hash, hash, HASH_BYTES) == 0)
            return db->made[i - 1];
    return NULL;
}

static inline struct bytes fake_header(const struct chain_db *db, const struct chain_block *block)
{
    return bytes_of(&fake_of(db, block->facts.hash)->header);
}

static inline struct bytes fake_wrapped(const struct chain_db *db, const struct chain_block *block)
{
    return bytes_of(&fake_of(db, block->facts.hash)->wrapped);
}

static inline void fake_tell_news(struct chain_db *db, enum chain_news news,
                                  const struct chain_block *block)
{
    for (struct chain_listener *l = db->listeners; l; l = l->next)
        l->news(l->context, news, block);
}

static inline void fake_store(struct chain_db *db, const struct chain_block *block)
{
    for (; block; block = block->parent)
        fake_of(db, block->facts.hash)->is_stored = true;
}

static inline void fake_invalid(struct chain_db *db, const struct chain_block *block)
{
    fake_store(db, block);
    fake_of(db, block->facts.hash)->block.invalid = true;
    db->tentative = NULL;
    fake_tell_news(db, CHAIN_INVALID, block);
}

/* Makes this the tip of our chain (NULL: there is no block). */
static inline void fake_adopt(struct chain_db *db, const struct chain_block *tip)
{
    fake_store(db, tip);
    db->tentative = NULL;
    db->chain_count = tip ? (size_t)tip->facts.view.number + 1 : 0;
    for (const struct chain_block *b = tip; b; b = b->parent)
        db->chain[b->facts.view.number] = b;
    fake_tell_news(db, CHAIN_NEW_TIP, tip);
}

static inline void fake_tentative(struct chain_db *db, const struct chain_block *block)
{
    fake_store(db, block);
    db->tentative = block;
    fake_tell_news(db, CHAIN_TENTATIVE, block);
}

/* --- chain_db.h --------------------------------------------------------------------------------- */

const struct chain_block *chain_db_by_number(const struct chain_db *db, uint64_t number)
{
    return number < db->chain_count ? db->chain[number] : NULL;
}

const struct chain_block *chain_db_tip(const struct chain_db *db)
{
    return chain_db_by_number(db, db->chain_count - 1);
}

const struct chain_block *chain_db_find(const struct chain_db *db, const uint8_t hash[HASH_BYTES])
{
    const struct fake_block *b = fake_of(db, hash);

    return b && b->is_stored ? &b->block : NULL;
}

bool chain_db_has(const struct chain_db *db, const uint8_t hash[HASH_BYTES])
{
    const struct fake_block *b = fake_of(db, hash);

    return b && (b->is_stored || b->is_offered);
}

bool chain_db_on_chain(const struct chain_db *db, const struct chain_block *block)
{
    return chain_db_by_number(db, block->facts.view.number) == block;
}

const struct chain_block *chain_db_tentative(const struct chain_db *db)
{
    return db->tentative;
}

void chain_db_tip_of_wire(const struct chain_db *db, struct tip *ret)
{
    const struct chain_block *tip = db->tentative ? db->tentative : chain_db_tip(db);

    *ret = (struct tip){ .point.origin = !tip };
    if (!tip)
        return;
    ret->number = tip->facts.view.number;
    ret->point.slot = tip->facts.view.slot;
    memcpy(ret->point.hash, tip->facts.hash, HASH_BYTES);
}

enum ou_status chain_db_read_header(const struct chain_db *db, const struct chain_block *block,
                                    struct buffer *ret, struct ou_error *err)
{
    const struct bytes bytes = fake_header(db, block);

    if (db->read_fails)
        return ou_fail(err, OU_IO, "the disk is broken");
    ((struct chain_db *)db)->header_reads++;
    buffer_append(ret, bytes.at, bytes.count);
    return buffer_status(ret);
}

enum ou_status chain_db_read_block(const struct chain_db *db, const struct chain_block *block,
                                   struct buffer *ret, struct ou_error *err)
{
    const struct bytes bytes = fake_wrapped(db, block);

    if (db->read_fails)
        return ou_fail(err, OU_IO, "the disk is broken");
    ((struct chain_db *)db)->block_reads++;
    buffer_append(ret, bytes.at, bytes.count);
    return buffer_status(ret);
}

enum ou_status chain_db_check_header(struct chain_db *db, const struct header *h,
                                     const struct header_facts *parent, struct header_facts *ret,
                                     struct ou_error *err)
{
    if (h->number != (parent ? parent->view.number + 1 : 0))
        return ou_fail(err, OU_INVALID, "has the wrong number");
    if (h->slot > db->forecast_slot)
        return ou_fail(err, OU_USAGE, "lies beyond the forecast");
    if (db->refuses)
        return ou_fail(err, OU_INVALID, "%s", db->refuses);
    fake_facts(h, ret);
    return OU_OK;
}

bool chain_db_offer(struct chain_db *db, struct bytes wrapped, const struct header_facts *facts,
                    block_done *done, void *context)
{
    (void)done, (void)context;
    if (db->room == 0)
        return false;
    assert_true(bytes_equal(wrapped, bytes_of(&fake_of(db, facts->hash)->wrapped)));
    fake_of(db, facts->hash)->is_offered = true;
    db->room--;
    db->offered_count++;
    return true;
}

void chain_db_listen(struct chain_db *db, struct chain_listener *listener)
{
    struct chain_listener **at = &db->listeners;

    while (*at)
        at = &(*at)->next;
    listener->next = NULL;
    *at = listener;
}

void chain_db_unlisten(struct chain_db *db, struct chain_listener *listener)
{
    struct chain_listener **at = &db->listeners;

    while (*at != listener)
        at = &(*at)->next;
    *at = listener->next;
}

#endif
