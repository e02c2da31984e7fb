#include "node/fragment.h"

#include "node/points.h"

void fragment_init(struct fragment *f, const struct chain_db *db)
{
    *f = (struct fragment){ .db = db };
}

void fragment_release(struct fragment *f)
{
    alloc_free(allocator_libc(), f->headers, f->capacity * sizeof(*f->headers));
    *f = (struct fragment){ 0 };
}

void fragment_move(struct fragment *f, const struct chain_block *anchor)
{
    f->anchor = anchor;
    f->first = f->count = 0;
}

/* --- Questions -------------------------------------------------------------------------- */

const struct header_facts *fragment_tip(const struct fragment *f)
{
    if (f->count > 0)
        return &f->headers[f->first + f->count - 1];
    return f->anchor ? &f->anchor->facts : NULL;
}

uint64_t fragment_height(const struct fragment *f)
{
    return point_height(f->anchor) + f->count;
}

size_t fragment_find(const struct fragment *f, const uint8_t hash[HASH_BYTES])
{
    size_t i = 0;

    while (i < f->count && memcmp(f->headers[f->first + i].hash, hash, HASH_BYTES) != 0)
        i++;
    return i;
}

uint64_t fragment_depth(const struct fragment *f)
{
    return point_height(chain_db_tip(f->db)) - point_height(f->anchor);
}

/* --- Changes ---------------------------------------------------------------------------- */

/* Room for `count` more headers at the end. Headers that were dropped at the front make room first: they are moved
 * over when they are at least as many as those in use, so that each header is moved once on the average. */
static enum ou_status reserve(struct fragment *f, size_t count)
{
    void *at = f->headers;

    if (f->first + f->count + count <= f->capacity)
        return OU_OK;
    if (f->first >= f->count + count) {
        memmove(f->headers, f->headers + f->first, f->count * sizeof(*f->headers));
        f->first = 0;
        return OU_OK;
    }
    if (!array_reserve(allocator_libc(), &at, &f->capacity, f->first + f->count + count,
                       sizeof(*f->headers), FRAGMENT_HEADERS_MAX))
        return OU_NO_MEMORY;
    f->headers = at;
    return OU_OK;
}

static void drop_first(struct fragment *f, size_t count)
{
    f->first += count;
    f->count -= count;
    if (f->count == 0)
        f->first = 0;
}

/* The block of our own chain with that hash, or NULL. */
static const struct chain_block *own_block(const struct fragment *f, const uint8_t hash[HASH_BYTES])
{
    const struct chain_block *block = chain_db_find(f->db, hash);

    return block && chain_db_on_chain(f->db, block) ? block : NULL;
}

enum ou_status fragment_append(struct fragment *f, const struct header_facts *facts)
{
    const struct chain_block *own = f->count == 0 ? own_block(f, facts->hash) : NULL;
    enum ou_status status;

    if (own) {
        f->anchor = own;
        return OU_OK;
    }
    status = reserve(f, 1);
    if (status == OU_OK)
        f->headers[f->first + f->count++] = *facts;
    return status;
}

bool fragment_cut(struct fragment *f, const struct point *point)
{
    const struct chain_block *own = point->origin ? NULL : own_block(f, point->hash);
    const size_t at = point->origin ? f->count : fragment_find(f, point->hash);

    if (at < f->count) {
        f->count = at + 1;
        return f->headers[f->first + at].view.slot == point->slot;
    }
    if (!point->origin && (!own || own->facts.view.slot != point->slot))
        return false;
    if (point_height(own) > point_height(f->anchor))
        return false;
    fragment_move(f, own);
    return true;
}

/* Puts the anchor's ancestry in front until the anchor is on our chain. */
static enum ou_status step_back(struct fragment *f)
{
    const struct chain_block *meet = f->anchor;
    size_t count = 0;

    for (; meet && !chain_db_on_chain(f->db, meet); meet = meet->parent)
        count++;
    if (count == 0)
        return OU_OK;
    if (reserve(f, count))
        return OU_NO_MEMORY;
    memmove(f->headers + f->first + count, f->headers + f->first, f->count * sizeof(*f->headers));
    f->count += count;
    for (; count > 0; f->anchor = f->anchor->parent)
        f->headers[f->first + --count] = f->anchor->facts;
    return OU_OK;
}

enum ou_status fragment_follow(struct fragment *f)
{
    const enum ou_status status = step_back(f);
    const struct chain_block *own;
    size_t met = 0;

    while (status == OU_OK && met < f->count &&
           (own = own_block(f, f->headers[f->first + met].hash))) {
        f->anchor = own;
        met++;
    }
    drop_first(f, met);
    return status;
}
