/* Following the chain: an instruction is found by comparing where the client stands with the
 * chain as it is now, so that followers need not be told of changes and cost nothing while
 * nobody asks. */
#include <string.h>

#include "node/chain_db.h"

void follower_start(struct follower *f, struct chain_db *db)
{
    *f = (struct follower){ .db = db, .must_roll_back = true };
}

/* What followers are shown: the chain, with the tentative header behind its tip. */
static bool is_shown(const struct chain_db *db, const struct chain_block *block)
{
    return !block || chain_db_on_chain(db, block) || block == chain_db_tentative(db);
}

static const struct chain_block *shown_after(const struct chain_db *db,
                                             const struct chain_block *block)
{
    const struct chain_block *next =
        chain_db_by_number(db, block ? block->facts.view.number + 1 : 0);

    if (next || block == chain_db_tentative(db))
        return next;
    return chain_db_tentative(db);
}

bool follower_find(struct follower *f, const struct point *points, size_t count, struct point *ret)
{
    for (size_t i = 0; i < count; i++) {
        const struct chain_block *block =
            points[i].origin ? NULL : chain_db_find(f->db, points[i].hash);

        if (!points[i].origin && (!block || block->facts.view.slot != points[i].slot ||
                                  !chain_db_on_chain(f->db, block)))
            continue;
        f->at = block;
        f->must_roll_back = true;
        *ret = points[i];
        return true;
    }
    return false;
}

enum follow follower_next(struct follower *f, const struct chain_block **ret)
{
    const struct chain_block *next;

    if (f->must_roll_back || !is_shown(f->db, f->at)) {
        while (!is_shown(f->db, f->at))
            f->at = f->at->parent;
        f->must_roll_back = false;
        *ret = f->at;
        return FOLLOW_BACKWARD;
    }
    next = shown_after(f->db, f->at);
    if (!next)
        return FOLLOW_NOTHING;
    f->at = next;
    *ret = next;
    return FOLLOW_FORWARD;
}

bool follower_is_behind(const struct follower *f)
{
    struct follower look = *f;
    const struct chain_block *block;

    return follower_next(&look, &block) != FOLLOW_NOTHING;
}
