/* Which chain: finding a better one, and changing over to it. */
#include <string.h>

#include <ouroscope/node.h>
#include <ouroscope/trace.h>

#include "node/chain_db_state.h"

/* How many blocks of the chain stay when it is left for the one of this block. */
static size_t kept_for(const struct chain_db *db, const struct stored_block *block)
{
    const struct stored_block *at = block;

    while (at && !chain_db_on_chain(db, &at->block))
        at = stored_parent(at);
    return at ? (size_t)at->block.facts.view.number + 1 : 0;
}

/* The ledger can take k blocks back, so this is the limit on forks, too. */
static bool is_within_reach(const struct chain_db *db, const struct stored_block *block)
{
    return db->chain_count - kept_for(db, block) <= ledger_undo_depth(db->ledger);
}

static bool is_preferred(const struct stored_block *block, const struct stored_block *to)
{
    return selection_prefers(&block->block.facts.view, to ? &to->block.facts.view : NULL);
}

/* The next block of the tree below `from`, children before siblings; NULL when all were seen.
 * Blocks behind an invalid one are passed over: they are invalid, too. */
static struct stored_block *next_below(const struct stored_block *from, struct stored_block *at)
{
    if (at->first_child && !at->block.invalid)
        return at->first_child;
    while (at != from && !at->next)
        at = stored_parent(at);
    return at == from ? NULL : at->next;
}

static struct stored_block *best_below(const struct chain_db *db, struct stored_block *from)
{
    struct stored_block *best = chain_top(db);

    for (struct stored_block *at = from; at; at = next_below(from, at))
        if (!at->block.invalid && is_preferred(at, chain_top(db)) && is_preferred(at, best) &&
            is_within_reach(db, at))
            best = at;
    return best == chain_top(db) ? NULL : best;
}

/* --- The ledger ------------------------------------------------------------------------------- */

static enum ou_status apply_read(struct chain_db *db, const struct stored_block *block,
                                 const struct block *read, struct ou_error *err)
{
    return ledger_apply(db->ledger, read, block->valid ? LEDGER_TRUST_SIGNATURES : LEDGER_CHECK_ALL,
                        block->valid ? NULL : db->script_cost, db->context, err);
}

enum ou_status chain_apply(struct chain_db *db, const struct stored_block *block,
                           struct ou_error *err)
{
    struct block read;
    const char *why = "";
    enum ou_status status;

    if (block == db->fresh)
        return apply_read(db, block, &db->fresh_block, err);
    buffer_clear(&db->scratch);
    status = chain_db_read_block(db, &block->block, &db->scratch, err);
    if (status)
        return status;
    if (block_read(bytes_of(&db->scratch), &read, &why) != WIRE_OK)
        return ou_fail(err, OU_IO, "a stored block cannot be read: %s", why);
    return apply_read(db, block, &read, err);
}

/* --- Changing over ---------------------------------------------------------------------------- */

/* db->path becomes the blocks to apply on top of the `kept` ones, oldest first. */
static enum ou_status find_path(struct chain_db *db, struct stored_block *target, size_t kept,
                                size_t *ret_count, struct ou_error *err)
{
    size_t count = (size_t)target->block.facts.view.number + 1 - kept, at = count;

    if (!array_reserve(allocator_libc(), (void **)&db->path, &db->path_cap, count,
                       sizeof(struct stored_block *), CHAIN_DB_BLOCKS_MAX) ||
        !array_reserve(allocator_libc(), (void **)&db->chain, &db->chain_cap, kept + count,
                       sizeof(struct stored_block *), CHAIN_DB_BLOCKS_MAX))
        return ou_fail(err, OU_NO_MEMORY, "choose a chain: no memory");
    for (struct stored_block *block = target; at > 0; block = stored_parent(block))
        db->path[--at] = block;
    *ret_count = count;
    return OU_OK;
}

static enum ou_status undo(struct chain_db *db, size_t count, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    while (count-- > 0 && !status)
        status = ledger_undo(db->ledger, err);
    return status;
}

/* Applies blocks; *ret_done of them are in the ledger when it returns. */
static enum ou_status apply_all(struct chain_db *db, struct stored_block *const *blocks,
                                size_t count, size_t *ret_done, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    size_t done = 0;

    while (done < count && !status) {
        status = chain_apply(db, blocks[done], err);
        if (!status)
            blocks[done++]->valid = true;
    }
    *ret_done = done;
    return status;
}

/* The ledger as it was before the switch: `done` blocks of the path go, those of the chain come
 * back. Where that fails, all is over, and the chain tells of no more blocks than are sure. */
static enum ou_status go_back(struct chain_db *db, size_t kept, size_t done, struct ou_error *err)
{
    size_t again = 0;
    enum ou_status status = undo(db, done, err);

    if (!status)
        status = apply_all(db, db->chain + kept, db->chain_count - kept, &again, err);
    if (status)
        db->chain_count = kept + again;
    return status;
}

static void tell_invalid(struct chain_db *db, struct stored_block *block)
{
    bool announced = db->tentative == block;

    if (announced) {
        db->tentative = NULL;
        header_trap_spring(&db->trap, &block->block.facts.view);
        chain_tell(db, CHAIN_TENTATIVE, block);
    }
    chain_tell(db, CHAIN_INVALID, block);
}

/* What became of blocks is written down, so that the next start can trust the one and leave the
 * other. */
static enum ou_status note(struct chain_db *db, enum record_kind kind,
                           const struct stored_block *block, struct ou_error *err)
{
    return block_store_append(db->store, kind,
                              (struct bytes){ block->block.facts.hash, HASH_BYTES }, NULL, err);
}

static void trace_try(const struct chain_db *db, const struct stored_block *target, bool is_fork)
{
    struct ou_chain_point point = chain_traced(target);

    if (db->opening)
        return;
    if (is_fork)
        OU_TRACE(node_try_switch_to_a_fork, &point);
    else if (target != db->fresh) /* else it was said when the block was stored */
        OU_TRACE(node_try_add_to_current_chain, &point);
}

/* The path is applied: it is the chain's end now. */
static enum ou_status settle(struct chain_db *db, size_t kept, size_t count, struct ou_error *err)
{
    struct stored_block *old = chain_top(db), *top = db->path[count - 1];
    bool is_fork = kept < db->chain_count;
    struct ou_chain_point point = chain_traced(top);
    enum ou_status status = note(db, RECORD_ADOPTED, top, err);

    memcpy(db->chain + kept, db->path, count * sizeof(struct stored_block *));
    db->chain_count = kept + count;
    db->tentative = NULL;
    if (!db->opening) {
        OU_TRACE(node_valid_candidate, &point);
        chain_trace_selection(db, old, kept, is_fork);
    }
    chain_tell(db, CHAIN_NEW_TIP, top);
    return status;
}

/* The path broke off behind `done` blocks. Where these alone are better than the chain was, they
 * stay. (That also keeps going back within k: what is to be undone is never longer than what
 * was.) */
static enum ou_status fall_back(struct chain_db *db, size_t kept, size_t done, struct ou_error *err)
{
    if (done > 0 && is_preferred(db->path[done - 1], chain_top(db)))
        return settle(db, kept, done, err);
    return go_back(db, kept, done, err);
}

static enum ou_status refuse(struct chain_db *db, size_t kept, size_t done, struct ou_error *err)
{
    struct stored_block *bad = db->path[done];
    struct ou_error trouble = { "" };
    enum ou_status status = fall_back(db, kept, done, &trouble);

    if (!status)
        status = note(db, RECORD_INVALID, bad, &trouble);
    chain_mark_invalid(bad);
    tell_invalid(db, bad);
    if (!status)
        return OU_INVALID;
    *err = trouble;
    return status;
}

static enum ou_status switch_to(struct chain_db *db, struct stored_block *target,
                                struct ou_error *err)
{
    size_t kept = kept_for(db, target), count = 0, done = 0;
    enum ou_status status = find_path(db, target, kept, &count, err);

    if (status)
        return status;
    trace_try(db, target, kept < db->chain_count);
    status = undo(db, db->chain_count - kept, err);
    if (status)
        return status;
    status = apply_all(db, db->path, count, &done, err);
    if (status == OU_INVALID)
        return refuse(db, kept, done, err);
    if (status) { /* the disk or the memory */
        fall_back(db, kept, done, NULL);
        return status;
    }
    return settle(db, kept, count, err);
}

/* One change, and only after invalid blocks another try: the order between chains has circles,
 * in which a search for ever better ones would not end. */
enum ou_status chain_adopt(struct chain_db *db, struct stored_block *from, struct ou_error *err)
{
    enum ou_status result = OU_OK, status = OU_INVALID;
    struct stored_block *target;

    while (status == OU_INVALID && (target = best_below(db, from))) {
        struct ou_error why = { "" };

        status = switch_to(db, target, &why);
        if (!status || (status == OU_INVALID && result))
            continue; /* the first broken rule is told */
        result = status;
        *err = why;
    }
    return result;
}
