#include "base/intern.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

#include "base/hash_seed.h"

enum { FIRST_ITEMS = 16, SLOTS_PER_ITEM = 2 };

void intern_init(struct intern *set, struct allocator *from, size_t max_items, size_t max_bytes)
{
    /* Slots hold number + 1 in 32 bits. */
    *set = (struct intern){ .max_items = max_items < UINT32_MAX ? max_items : UINT32_MAX - 1 };
    arena_init(&set->text, from, max_bytes);
}

void intern_release(struct intern *set)
{
    struct allocator *from = set->text.from;

    alloc_free(from, set->items, set->cap * sizeof *set->items);
    alloc_free(from, set->hashes, set->cap * sizeof *set->hashes);
    alloc_free(from, set->slots, set->slot_count * sizeof *set->slots);
    arena_release(&set->text);
    *set = (struct intern){ 0 };
}

static uint64_t hash_of(struct span text)
{
    return XXH3_64bits_withSeed(text.at ? text.at : "", text.len, hash_seed());
}

/* The slot that holds text, or the free one where it belongs. The table is
 * never full, so the walk ends. */
static size_t slot_of(const struct intern *set, struct span text, uint64_t hash)
{
    size_t mask = set->slot_count - 1;
    size_t slot = hash & mask;

    while (set->slots[slot]) {
        uint32_t id = set->slots[slot] - 1;

        if (set->hashes[id] == hash && span_equal(set->items[id], text))
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* Room for one more item. Both arrays move together or not at all, as they
 * share their capacity. */
static bool reserve_item(struct intern *set)
{
    struct allocator *from = set->text.from;
    size_t cap = set->cap ? set->cap * 2 : FIRST_ITEMS;
    struct span *items;
    uint64_t *hashes;

    if (set->count < set->cap)
        return true;
    if (cap > set->max_items)
        cap = set->max_items;
    items = from->resize(from, NULL, 0, cap * sizeof *items);
    if (!items)
        return false;
    hashes = from->resize(from, NULL, 0, cap * sizeof *hashes);
    if (!hashes) {
        alloc_free(from, items, cap * sizeof *items);
        return false;
    }
    if (set->count > 0) {
        memcpy(items, set->items, set->count * sizeof *items);
        memcpy(hashes, set->hashes, set->count * sizeof *hashes);
    }
    alloc_free(from, set->items, set->cap * sizeof *items);
    alloc_free(from, set->hashes, set->cap * sizeof *hashes);
    set->items = items;
    set->hashes = hashes;
    set->cap = cap;
    return true;
}

/* Room for one more slot: a larger table is filled from the kept hashes. */
static bool reserve_slot(struct intern *set)
{
    struct allocator *from = set->text.from;
    size_t slot_count = set->slot_count ? set->slot_count * 2 : FIRST_ITEMS * SLOTS_PER_ITEM;
    uint32_t *slots;

    if ((set->count + 1) * SLOTS_PER_ITEM <= set->slot_count)
        return true;
    slots = alloc_zeroed(from, slot_count * sizeof *slots);
    if (!slots)
        return false;
    for (size_t id = 0; id < set->count; id++) {
        size_t slot = set->hashes[id] & (slot_count - 1);

        while (slots[slot])
            slot = (slot + 1) & (slot_count - 1);
        slots[slot] = (uint32_t)id + 1;
    }
    alloc_free(from, set->slots, set->slot_count * sizeof *slots);
    set->slots = slots;
    set->slot_count = slot_count;
    return true;
}

static bool find_hashed(const struct intern *set, struct span text, uint64_t hash, uint32_t *ret_id)
{
    uint32_t number = set->slot_count ? set->slots[slot_of(set, text, hash)] : 0;

    if (number)
        *ret_id = number - 1;
    return number > 0;
}

bool intern_find(const struct intern *set, struct span text, uint32_t *ret_id)
{
    return set->count > 0 && find_hashed(set, text, hash_of(text), ret_id);
}

enum ou_status intern_put(struct intern *set, struct span text, uint32_t *ret_id, bool *ret_new)
{
    uint64_t hash = hash_of(text);
    bool known = find_hashed(set, text, hash, ret_id);
    uint32_t id = (uint32_t)set->count;
    char *copy;

    if (ret_new && known)
        *ret_new = false;
    if (known)
        return OU_OK;
    if (set->count >= set->max_items || !arena_has_room(&set->text, text.len + 1, 1))
        return OU_TOO_LARGE;
    if (!reserve_item(set) || !reserve_slot(set))
        return OU_NO_MEMORY;
    copy = arena_copy(&set->text, text.at, text.len);
    if (!copy)
        return OU_NO_MEMORY;

    set->items[id] = (struct span){ copy, text.len };
    set->hashes[id] = hash;
    set->slots[slot_of(set, text, hash)] = id + 1;
    set->count++;
    *ret_id = id;
    if (ret_new)
        *ret_new = true;
    return OU_OK;
}

struct span intern_text(const struct intern *set, uint32_t id)
{
    assert(id < set->count);
    return set->items[id];
}
