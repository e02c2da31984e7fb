/* The tree of blocks: each one below its parent, or waiting for it. */
#include "node/chain_db_state.h"

void chain_mark_invalid(struct stored_block *block)
{
    struct stored_block *at = block;

    while (at) {
        at->block.invalid = true;
        if (at->first_child) {
            at = at->first_child;
            continue;
        }
        while (at != block && !at->next)
            at = stored_parent(at);
        at = at == block ? NULL : at->next;
    }
}

/* Whether a block may follow its parent; headers were checked for it, but a file can be
 * anybody's. */
static bool follows(const struct stored_block *block, const struct stored_block *parent)
{
    const struct selection_view *view = &block->block.facts.view;

    if (!parent)
        return view->number == 0;
    return view->number == parent->block.facts.view.number + 1 &&
           view->slot > parent->block.facts.view.slot;
}

static void connect_one(struct chain_db *db, struct stored_block *block,
                        struct stored_block *parent)
{
    struct stored_block **siblings = parent ? &parent->first_child : &db->roots;

    block->block.parent = parent ? &parent->block : NULL;
    block->block.connected = true;
    block->next = *siblings;
    *siblings = block;
    if (!block->has_nonce)
        chain_nonce_of(db, parent ? &parent->block.facts : NULL, &block->block.facts);
    block->has_nonce = true;
    if (block->block.invalid || (parent && parent->block.invalid) || !follows(block, parent))
        block->block.invalid = true;
}

/* The blocks that wait for this one, by next; they wait no longer. */
static struct stored_block *take_waiting(struct chain_db *db, const struct stored_block *block)
{
    struct stored_block **found = map_find(&db->waiting, block->block.facts.hash);
    struct stored_block *first = found ? *found : NULL;

    if (found)
        map_remove(&db->waiting, block->block.facts.hash);
    return first;
}

/* Connects a block whose parent is there, then all that waited for it, and so on. */
static void connect(struct chain_db *db, struct stored_block *block)
{
    struct stored_block *todo = block;

    block->next = NULL;
    while (todo) {
        struct stored_block *at = todo, *waiting;
        const struct header_facts *facts = &at->block.facts;

        todo = at->next;
        connect_one(db, at, facts->has_previous ? chain_stored(db, facts->previous) : NULL);
        waiting = take_waiting(db, at);
        while (waiting) {
            struct stored_block *next = waiting->next;

            waiting->next = todo;
            todo = waiting;
            waiting = next;
        }
    }
}

static enum ou_status wait_for_parent(struct chain_db *db, struct stored_block *block,
                                      struct ou_error *err)
{
    void *value;
    enum ou_status status = map_put(&db->waiting, block->block.facts.previous, &value, NULL);

    if (status)
        return ou_fail(err, status, "keep a block: %s", ou_status_name(status));
    block->next = *(struct stored_block **)value;
    *(struct stored_block **)value = block;
    return OU_OK;
}

enum ou_status chain_insert(struct chain_db *db, const struct header_facts *facts, bool has_nonce,
                            uint64_t offset, size_t header_at, struct stored_block **ret,
                            struct ou_error *err)
{
    struct stored_block *block =
        arena_take(&db->memory, sizeof *block, _Alignof(struct stored_block));
    const struct stored_block *parent =
        facts->has_previous ? chain_stored(db, facts->previous) : NULL;
    void *value;
    enum ou_status status = block ? map_put(&db->by_hash, facts->hash, &value, NULL) : OU_NO_MEMORY;

    if (status)
        return ou_fail(err, status, "keep a block: %s", ou_status_name(status));
    block->block = (struct chain_block){ .facts = *facts, .offset = offset };
    block->block.header_at = (uint32_t)header_at;
    block->has_nonce = has_nonce;
    *(struct stored_block **)value = block;
    if (!facts->has_previous || (parent && parent->block.connected))
        connect(db, block);
    else
        status = wait_for_parent(db, block, err);
    *ret = block;
    return status;
}
