/* Opening a database: the tree from the file of blocks, the ledger from a snapshot or the
 * genesis and the blocks behind it; and the taking of snapshots.
 *
 * A snapshot has no power to take blocks back. A node that began with one at its tip could not
 * leave the last blocks before it. So a snapshot is used only when at least k blocks follow it
 * on the chain: they are applied again, and all of them can be taken back. That decides which to
 * keep, too: no new one is written before the newest is k blocks deep, so that of the two kept
 * one is always of use (or the chain is short). */
#include <math.h>
#include <string.h>

#include "base/time.h"
#include "node/chain_db_state.h"

#define SNAPSHOTS_KEPT 2

/* --- The tree --------------------------------------------------------------------------------- */

struct replay {
    struct chain_db *db;
    struct stored_block *tip; /* the block adopted last; NULL: none */
};

static enum ou_status replay_block(struct chain_db *db, uint64_t offset, struct bytes payload,
                                   struct ou_error *err)
{
    struct block block;
    struct header_facts facts;
    struct stored_block *stored;
    const char *why = "";

    if (block_read(payload, &block, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "%s/blocks: the record at byte %llu is no block: %s",
                       db->directory, (unsigned long long)offset, why);
    if (chain_stored(db, block.header.hash))
        return OU_OK;
    chain_facts_of(&block.header, &facts);
    return chain_insert(db, &facts, false, offset, (size_t)(block.header.bytes.at - payload.at),
                        &stored, err);
}

static void replay_adopted(struct replay *r, struct stored_block *block)
{
    if (!block->block.connected || block->block.invalid)
        return;
    r->tip = block;
    for (struct stored_block *at = block; at && !at->valid; at = stored_parent(at))
        at->valid = true;
}

static enum ou_status replay_record(void *context, enum record_kind kind, uint64_t offset,
                                    struct bytes payload, struct ou_error *err)
{
    struct replay *r = context;
    struct stored_block *block;

    if (kind == RECORD_BLOCK)
        return replay_block(r->db, offset, payload, err);
    block = chain_stored(r->db, payload.at);
    if (block && kind == RECORD_ADOPTED)
        replay_adopted(r, block);
    else if (block && kind == RECORD_INVALID)
        chain_mark_invalid(block);
    return OU_OK;
}

/* --- The chain -------------------------------------------------------------------------------- */

static bool is_of_chain(const struct chain_db *db, const struct snapshot *s)
{
    return s->number < db->chain_count &&
           memcmp(db->chain[s->number]->block.facts.hash, s->block, HASH_BYTES) == 0;
}

static uint64_t depth_of(const struct chain_db *db, const struct snapshot *s)
{
    return db->chain_count - 1 - s->number;
}

static void drop_snapshot(struct chain_db *db, size_t at)
{
    struct snapshot_list *list = &db->snapshots;

    snapshot_remove(db->directory, list->at[at].number);
    list->count--;
    memmove(&list->at[at], &list->at[at + 1], (list->count - at) * sizeof(*list->at));
}

/* The ledger of the newest snapshot that is of use, or of the genesis; *ret_next is the number
 * of the first block to apply to it. Snapshots that turn out to be damaged, or of another chain,
 * are removed. */
static enum ou_status first_ledger(struct chain_db *db, size_t *ret_next, struct ou_error *err)
{
    size_t i = 0;

    while (i < db->snapshots.count) {
        const struct snapshot *s = &db->snapshots.at[i];
        bool fits = is_of_chain(db, s);

        if (fits && depth_of(db, s) < db->genesis->shelley.security_param) {
            i++;
            continue;
        }
        if (fits && snapshot_load(db->directory, s, db->genesis, &db->ledger, NULL) == OU_OK) {
            chain_trace_replay(s, chain_top(db)->block.facts.view.slot);
            *ret_next = (size_t)s->number + 1;
            return OU_OK;
        }
        drop_snapshot(db, i);
    }
    if (db->chain_count)
        chain_trace_replay(NULL, chain_top(db)->block.facts.view.slot);
    *ret_next = 0;
    return ledger_create(db->genesis, &db->ledger, err);
}

static enum ou_status set_chain(struct chain_db *db, struct stored_block *tip, struct ou_error *err)
{
    size_t count = tip ? (size_t)tip->block.facts.view.number + 1 : 0;

    if (count && !array_reserve(allocator_libc(), (void **)&db->chain, &db->chain_cap, count,
                                sizeof(struct stored_block *), CHAIN_DB_BLOCKS_MAX))
        return ou_fail(err, OU_NO_MEMORY, "open the chain: no memory");
    for (struct stored_block *at = tip; at; at = stored_parent(at))
        db->chain[at->block.facts.view.number] = at;
    db->chain_count = count;
    return OU_OK;
}

/* Applies the chain again. Its blocks were valid; one that is not any more (rules have changed,
 * say) ends the chain there. */
static enum ou_status apply_chain(struct chain_db *db, struct ou_error *err)
{
    size_t next = 0;
    enum ou_status status = first_ledger(db, &next, err);

    while (!status && next < db->chain_count) {
        struct stored_block *block = db->chain[next];

        status = chain_apply(db, block, err);
        if (status == OU_INVALID) {
            chain_mark_invalid(block);
            db->chain_count = next;
            return OU_OK;
        }
        next++;
    }
    return status;
}

/* Blocks may have been stored that were not considered any more. */
static enum ou_status choose_chain(struct chain_db *db, struct ou_error *err)
{
    for (struct stored_block *root = db->roots; root; root = root->next) {
        enum ou_status status = chain_adopt(db, root, err);

        if (status && status != OU_INVALID)
            return status;
    }
    return OU_OK;
}

enum ou_status chain_replay(struct chain_db *db, struct ou_error *err)
{
    struct replay replay = { .db = db };
    enum ou_status status;

    db->opening = true;
    chain_trace_opening("StartedOpeningVolatileDB");
    status =
        block_store_open(db->directory, db->genesis->hash, replay_record, &replay, &db->store, err);
    if (status)
        return status;
    if (block_store_damage(db->store)->cut_bytes)
        chain_trace_damage(block_store_damage(db->store));
    chain_trace_opening("OpenedVolatileDB");
    chain_trace_opening("StartedOpeningLgrDB");
    status = snapshot_list(db->directory, &db->snapshots, err);
    if (!status)
        status = set_chain(db, replay.tip, err);
    if (!status)
        status = apply_chain(db, err);
    if (status)
        return status;
    chain_trace_opening("OpenedLgrDB");
    chain_trace_first_selection("InitChainSelectionStarted");
    status = choose_chain(db, err);
    chain_trace_first_selection("InitChainSelected");
    db->opening = false;
    return status;
}

/* --- Snapshots -------------------------------------------------------------------------------- */

bool chain_snapshot_is_due(struct chain_db *db)
{
    const struct snapshot *newest;
    uint64_t since = 0;

    if (!db->snapshot_interval_slots || !db->chain_count)
        return false;
    while (db->snapshots.count && !is_of_chain(db, &db->snapshots.at[0]))
        drop_snapshot(db, 0); /* the chain it is of was left */
    newest = db->snapshots.count ? &db->snapshots.at[0] : NULL;
    if (newest) {
        if (depth_of(db, newest) < db->genesis->shelley.security_param)
            return false;
        since = db->chain[newest->number]->block.facts.view.slot;
    }
    return chain_top(db)->block.facts.view.slot - since >= db->snapshot_interval_slots;
}

enum ou_status chain_snapshot_take(struct chain_db *db, struct ou_error *err)
{
    const struct stored_block *tip = chain_top(db);
    struct snapshot_list *list = &db->snapshots;
    struct snapshot s = { .number = tip->block.facts.view.number };
    int64_t begun_ns = time_monotonic_ns();
    enum ou_status status;

    memcpy(s.block, tip->block.facts.hash, HASH_BYTES);
    chain_trace_snapshot(tip, NAN);
    status = snapshot_save(db->directory, &s, db->ledger, err);
    if (status)
        return status;
    chain_trace_snapshot(tip, (double)(time_monotonic_ns() - begun_ns) / (double)NS_PER_SECOND);
    while (list->count >= SNAPSHOTS_KEPT)
        drop_snapshot(db, list->count - 1);
    memmove(&list->at[1], &list->at[0], list->count * sizeof(*list->at));
    list->at[0] = s;
    list->count++;
    return OU_OK;
}
