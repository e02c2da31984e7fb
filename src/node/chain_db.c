#include "node/chain_db.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ouroscope/node.h>
#include <ouroscope/trace.h>

#include "node/chain_db_state.h"

/* --- What is there ---------------------------------------------------------------------------- */

struct stored_block *chain_stored(const struct chain_db *db, const uint8_t hash[HASH_BYTES])
{
    struct stored_block **found = map_find(&db->by_hash, hash);

    return found ? *found : NULL;
}

struct stored_block *chain_top(const struct chain_db *db)
{
    return db->chain_count ? db->chain[db->chain_count - 1] : NULL;
}

static const struct chain_block *shown(const struct stored_block *b)
{
    return b ? &b->block : NULL;
}

const struct chain_block *chain_db_tip(const struct chain_db *db)
{
    return shown(chain_top(db));
}

const struct chain_block *chain_db_find(const struct chain_db *db, const uint8_t hash[HASH_BYTES])
{
    return shown(chain_stored(db, hash));
}

bool chain_db_has(const struct chain_db *db, const uint8_t hash[HASH_BYTES])
{
    if (chain_stored(db, hash))
        return true;
    for (size_t i = 0; i < db->queue_count; i++) {
        size_t at = (db->queue_first + i) % (CHAIN_DB_QUEUE + CHAIN_DB_OWN);

        if (memcmp(db->queue[at].facts.hash, hash, HASH_BYTES) == 0)
            return true;
    }
    return false;
}

bool chain_db_on_chain(const struct chain_db *db, const struct chain_block *block)
{
    uint64_t number = block->facts.view.number;

    return number < db->chain_count && &db->chain[number]->block == block;
}

const struct chain_block *chain_db_by_number(const struct chain_db *db, uint64_t number)
{
    return number < db->chain_count ? &db->chain[number]->block : NULL;
}

const struct ledger *chain_db_ledger(const struct chain_db *db)
{
    return db->ledger;
}

const struct chain_block *chain_db_tentative(const struct chain_db *db)
{
    return shown(db->tentative);
}

double chain_db_density(const struct chain_db *db)
{
    uint64_t k = db->genesis->shelley.security_param;
    const struct selection_view *first, *last;

    if (db->chain_count < 2)
        return NAN;
    last = &chain_top(db)->block.facts.view;
    first = &db->chain[db->chain_count > k ? db->chain_count - 1 - k : 0]->block.facts.view;
    return (double)(last->number - first->number) / (double)(last->slot - first->slot);
}

const struct block_store_damage *chain_db_damage(const struct chain_db *db)
{
    return block_store_damage(db->store);
}

enum ou_status chain_db_failure(const struct chain_db *db, struct ou_error *err)
{
    return db->failed ? ou_fail(err, db->failed, "%s", db->failure.text) : OU_OK;
}

enum ou_status chain_db_read_header(const struct chain_db *db, const struct chain_block *block,
                                    struct buffer *ret, struct ou_error *err)
{
    return block_store_read_part(db->store, block->offset, block->header_at,
                                 block->facts.header_bytes, ret, err);
}

enum ou_status chain_db_read_block(const struct chain_db *db, const struct chain_block *block,
                                   struct buffer *ret, struct ou_error *err)
{
    return block_store_read(db->store, block->offset, ret, err);
}

void chain_db_tip_of_wire(const struct chain_db *db, struct tip *ret)
{
    const struct stored_block *top = db->tentative ? db->tentative : chain_top(db);

    *ret = (struct tip){ .point.origin = !top };
    if (!top)
        return;
    ret->number = top->block.facts.view.number;
    ret->point.slot = top->block.facts.view.slot;
    memcpy(ret->point.hash, top->block.facts.hash, HASH_BYTES);
}

/* --- News ------------------------------------------------------------------------------------- */

void chain_db_listen(struct chain_db *db, struct chain_listener *listener)
{
    struct chain_listener **end = &db->listeners;

    while (*end)
        end = &(*end)->next;
    listener->next = NULL;
    *end = listener;
}

void chain_db_unlisten(struct chain_db *db, struct chain_listener *listener)
{
    struct chain_listener **at = &db->listeners;

    while (*at && *at != listener)
        at = &(*at)->next;
    if (*at)
        *at = listener->next;
}

void chain_tell(struct chain_db *db, enum chain_news news, const struct stored_block *block)
{
    for (struct chain_listener *l = db->listeners; l; l = l->next)
        l->news(l->context, news, shown(block));
}

enum ou_status chain_fail(struct chain_db *db, enum ou_status status, const struct ou_error *err)
{
    if (db->failed)
        return status;
    db->failed = status;
    db->failure = *err;
    chain_tell(db, CHAIN_FAILED, NULL);
    return status;
}

/* --- The queue -------------------------------------------------------------------------------- */

bool chain_db_has_room(const struct chain_db *db)
{
    return !db->failed && db->queue_count < CHAIN_DB_QUEUE;
}

static bool offer(struct chain_db *db, size_t places, struct bytes wrapped,
                  const struct header_facts *facts, block_done *done, void *context)
{
    struct ou_chain_point point = { facts->view.slot, facts->hash };
    size_t at = (db->queue_first + db->queue_count) % (CHAIN_DB_QUEUE + CHAIN_DB_OWN);
    struct offered *item = &db->queue[at];

    if (db->failed || db->queue_count >= places)
        return false;
    OU_TRACE(node_added_block_to_queue, &point, true, OU_NO_U64);
    *item = (struct offered){ .facts = *facts, .done = done, .context = context };
    buffer_init(&item->wrapped, allocator_libc(), CHAIN_DB_BLOCK_BYTES);
    buffer_append(&item->wrapped, wrapped.at,
                  wrapped.count); /* work looks whether that went well */
    db->queue_count++;
    OU_TRACE(node_added_block_to_queue, &point, false, db->queue_count);
    if (db->queue_count == 1 && !db->fresh)
        chain_tell(db, CHAIN_WORK, NULL);
    return true;
}

bool chain_db_offer(struct chain_db *db, struct bytes wrapped, const struct header_facts *facts,
                    block_done *done, void *context)
{
    return offer(db, CHAIN_DB_QUEUE, wrapped, facts, done, context);
}

bool chain_db_offer_own(struct chain_db *db, struct bytes wrapped, const struct header_facts *facts,
                        block_done *done, void *context)
{
    return offer(db, CHAIN_DB_QUEUE + CHAIN_DB_OWN, wrapped, facts, done, context);
}

void chain_db_forget(struct chain_db *db, const void *context)
{
    if (db->fresh_offer.context == context)
        db->fresh_offer.done = NULL;
    for (size_t i = 0; i < CHAIN_DB_QUEUE + CHAIN_DB_OWN; i++)
        if (db->queue[i].context == context)
            db->queue[i].done = NULL;
}

static void pop(struct chain_db *db, struct offered *ret)
{
    OU_TRACE(node_popping_from_queue,
             &(struct ou_chain_point){ db->queue[db->queue_first].facts.view.slot,
                                       db->queue[db->queue_first].facts.hash });
    *ret = db->queue[db->queue_first];
    db->queue_first = (db->queue_first + 1) % (CHAIN_DB_QUEUE + CHAIN_DB_OWN);
    db->queue_count--;
    OU_TRACE(node_popped_block_from_queue,
             &(struct ou_chain_point){ ret->facts.view.slot, ret->facts.hash });
    if (db->queue_count == CHAIN_DB_QUEUE - 1)
        chain_tell(db, CHAIN_ROOM, NULL);
}

/* The end of a block's way. */
static void finish(struct offered *item, enum block_fate fate, const struct ou_error *err)
{
    if (item->done)
        item->done(item->context, item->facts.hash, fate, err);
    buffer_release(&item->wrapped);
    *item = (struct offered){ .done = NULL };
}

/* --- Storing, and announcing beforehand ------------------------------------------------------- */

static enum ou_status read_offered(const struct offered *item, struct block *ret,
                                   struct ou_error *err)
{
    const char *why = "";
    enum ou_status status = buffer_status(&item->wrapped);

    if (status)
        return ou_fail(err, status == OU_TOO_LARGE ? OU_INVALID : status, "a block: %s",
                       ou_status_name(status));
    if (block_read(bytes_of(&item->wrapped), ret, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "it is no block: %s", why);
    if (memcmp(ret->header.hash, item->facts.hash, HASH_BYTES) != 0)
        return ou_fail(err, OU_INVALID, "its header is not the one that was checked");
    return block_check_body(ret, err);
}

static enum ou_status store(struct chain_db *db, const struct offered *item,
                            const struct block *block, struct stored_block **ret,
                            struct ou_error *err)
{
    struct ou_chain_point point = { item->facts.view.slot, item->facts.hash };
    struct bytes wrapped = bytes_of(&item->wrapped);
    uint64_t offset;
    enum ou_status status;

    OU_TRACE(node_added_block_to_volatile_db, &point, true, item->facts.view.number);
    status = block_store_append(db->store, RECORD_BLOCK, wrapped, &offset, err);
    if (!status)
        status = chain_insert(db, &item->facts, true, offset,
                              (size_t)(block->header.bytes.at - wrapped.at), ret, err);
    if (!status)
        OU_TRACE(node_added_block_to_volatile_db, &point, false, item->facts.view.number);
    return status;
}

/* A header that extends the chain by just one block goes out before its body is validated. */
static void announce(struct chain_db *db, struct stored_block *block)
{
    struct ou_chain_point point = chain_traced(block);

    if (!block->block.connected || block->block.invalid || stored_parent(block) != chain_top(db))
        return;
    OU_TRACE(node_try_add_to_current_chain, &point);
    if (block->first_child || !header_trap_allows(&db->trap, &block->block.facts.view))
        return;
    OU_TRACE(node_set_tentative_header, &point, true);
    db->tentative = block;
    chain_tell(db, CHAIN_TENTATIVE, block);
    OU_TRACE(node_set_tentative_header, &point, false);
}

static void lose(struct chain_db *db, struct offered *item, enum ou_status status,
                 const struct ou_error *err)
{
    chain_fail(db, status, err);
    finish(item, BLOCK_LOST, err);
}

static void store_next(struct chain_db *db)
{
    struct offered item;
    struct block block;
    struct stored_block *stored;
    struct ou_error err = { "" };
    enum ou_status status;

    pop(db, &item);
    if (chain_stored(db, item.facts.hash)) {
        finish(&item, BLOCK_KNOWN, NULL);
        return;
    }
    status = read_offered(&item, &block, &err);
    if (status == OU_INVALID) {
        finish(&item, BLOCK_REFUSED, &err);
        return;
    }
    if (!status)
        status = store(db, &item, &block, &stored, &err);
    if (status) {
        lose(db, &item, status, &err);
        return;
    }
    db->fresh = stored;
    db->fresh_offer = item;
    db->fresh_block = block; /* its views are of the buffer's memory, which moves along */
    announce(db, stored);
}

/* --- Validating ------------------------------------------------------------------------------- */

static enum block_fate fate_of(const struct chain_db *db, const struct stored_block *block)
{
    if (block->block.invalid)
        return BLOCK_REFUSED;
    return block->block.connected && chain_db_on_chain(db, &block->block) ? BLOCK_ADOPTED
                                                                          : BLOCK_STORED;
}

static void validate_fresh(struct chain_db *db)
{
    struct stored_block *block = db->fresh;
    struct offered item;
    struct ou_error err = { "" };
    enum ou_status status = block->block.connected ? chain_adopt(db, block, &err) : OU_OK;

    db->fresh = NULL;
    item = db->fresh_offer;
    db->fresh_offer = (struct offered){ .done = NULL };
    if (status && status != OU_INVALID) {
        lose(db, &item, status, &err);
        return;
    }
    if (block->block.invalid && !status)
        ou_fail(&err, OU_INVALID, "it follows an invalid block");
    finish(&item, fate_of(db, block), &err);
}

const struct chain_block *chain_db_validates_next(const struct chain_db *db)
{
    return db->failed ? NULL : shown(db->fresh);
}

bool chain_db_work(struct chain_db *db)
{
    struct ou_error err = { "" };

    if (db->failed)
        return false;
    if (db->fresh) {
        validate_fresh(db);
    } else if (db->queue_count) {
        store_next(db);
    } else if (chain_snapshot_is_due(db)) {
        enum ou_status status = chain_snapshot_take(db, &err);

        if (status)
            chain_fail(db, status, &err);
    }
    return !db->failed && (db->fresh || db->queue_count || chain_snapshot_is_due(db));
}

/* --- Forging beside the tip ------------------------------------------------------------------- */

enum ou_status chain_db_lift_tip(struct chain_db *db, struct ou_error *err)
{
    if (db->failed)
        return chain_db_failure(db, err);
    return ledger_undo(db->ledger, err);
}

enum ou_status chain_db_lower_tip(struct chain_db *db, struct ou_error *err)
{
    struct ou_error why = { "" };
    enum ou_status status = chain_apply(db, chain_top(db), &why);

    if (status) {
        chain_fail(db, status, &why);
        return ou_fail(err, status, "%s", why.text);
    }
    return OU_OK;
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static void init(struct chain_db *db, const struct chain_db_options *options)
{
    struct allocator *from = allocator_libc();

    db->genesis = options->genesis;
    db->script_cost = options->script_cost;
    db->context = options->context;
    db->snapshot_interval_slots = options->snapshot_interval_slots;
    arena_init(&db->memory, from, CHAIN_DB_BLOCKS_MAX * sizeof(struct stored_block));
    map_init(&db->by_hash, from, HASH_BYTES, sizeof(struct stored_block *), CHAIN_DB_BLOCKS_MAX);
    map_init(&db->waiting, from, HASH_BYTES, sizeof(struct stored_block *), CHAIN_DB_BLOCKS_MAX);
    buffer_init(&db->scratch, from, CHAIN_DB_BLOCK_BYTES);
    chain_rules_init(db);
}

enum ou_status chain_db_open(const struct chain_db_options *options, struct chain_db **ret,
                             struct ou_error *err)
{
    struct chain_db *db = alloc_zeroed(allocator_libc(), sizeof *db);
    enum ou_status status;

    if (!db)
        return ou_fail(err, OU_NO_MEMORY, "open %s: no memory", options->directory);
    init(db, options);
    db->directory = strdup(options->directory);
    status = db->directory ? chain_replay(db, err)
                           : ou_fail(err, OU_NO_MEMORY, "open %s: no memory", options->directory);
    if (status) {
        chain_db_close(db);
        return status;
    }
    *ret = db;
    return OU_OK;
}

void chain_db_close(struct chain_db *db)
{
    if (!db)
        return;
    for (; db->queue_count; db->queue_count--) {
        buffer_release(&db->queue[db->queue_first].wrapped);
        db->queue_first = (db->queue_first + 1) % (CHAIN_DB_QUEUE + CHAIN_DB_OWN);
    }
    buffer_release(&db->fresh_offer.wrapped);
    buffer_release(&db->scratch);
    block_store_close(db->store);
    ledger_free(db->ledger);
    header_memory_release(&db->headers);
    alloc_free(allocator_libc(), db->chain, db->chain_cap * sizeof(struct stored_block *));
    alloc_free(allocator_libc(), db->path, db->path_cap * sizeof(struct stored_block *));
    map_release(&db->by_hash);
    map_release(&db->waiting);
    arena_release(&db->memory);
    free(db->directory);
    alloc_free(allocator_libc(), db, sizeof *db);
}
