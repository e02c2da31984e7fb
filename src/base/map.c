#include "base/map.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

#include "base/hash_seed.h"

/* A slot holds the value (so that it is aligned) and behind it the key. Its tag says whether it is in
 * use and, if so, seven bits of the key's hash: most keys that are not the one looked for are
 * passed over without touching their slot. */
enum { TAG_FREE = 0, TAG_REMOVED = 1, TAG_ITEM = 0x80 };

enum { FIRST_SLOTS = 16, ALIGN = 8 };

#define NOWHERE SIZE_MAX

void map_init(struct map *m, struct allocator *from, size_t key_bytes, size_t value_bytes,
              size_t max_items)
{
    assert(key_bytes > 0);
    *m = (struct map){
        .from = from,
        .key_bytes = key_bytes,
        .value_bytes = value_bytes,
        .max_items = max_items,
        .seed = hash_seed(),
    };
}

static size_t slot_bytes(const struct map *m)
{
    return (m->value_bytes + m->key_bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static unsigned char *value_at(const struct map *m, size_t slot)
{
    return m->slots + slot * slot_bytes(m);
}

static unsigned char *key_at(const struct map *m, size_t slot)
{
    return value_at(m, slot) + m->value_bytes;
}

void map_release(struct map *m)
{
    alloc_free(m->from, m->slots, m->slot_count * slot_bytes(m));
    alloc_free(m->from, m->tags, m->slot_count);
    *m = (struct map){ 0 };
}

void map_clear(struct map *m)
{
    if (m->slot_count > 0)
        memset(m->tags, TAG_FREE, m->slot_count);
    m->count = m->used = 0;
}

static uint64_t hash_of(const struct map *m, const void *key)
{
    return XXH3_64bits_withSeed(key, m->key_bytes, m->seed);
}

/* The slot comes from the low bits, the tag from the high ones. */
static uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)(TAG_ITEM | hash >> 57);
}

/* The slot of a key, or NOWHERE. There is always a free slot, so the walk ends. */
static size_t slot_of(const struct map *m, const void *key, uint64_t hash)
{
    size_t mask = m->slot_count - 1;

    if (m->count == 0)
        return NOWHERE;
    for (size_t slot = hash & mask; m->tags[slot] != TAG_FREE; slot = (slot + 1) & mask)
        if (m->tags[slot] == tag_of(hash) && memcmp(key_at(m, slot), key, m->key_bytes) == 0)
            return slot;
    return NOWHERE;
}

/* The first slot on a hash's way that holds nothing. */
static size_t vacant_slot(const struct map *m, uint64_t hash)
{
    size_t mask = m->slot_count - 1;
    size_t slot = hash & mask;

    while (m->tags[slot] & TAG_ITEM)
        slot = (slot + 1) & mask;
    return slot;
}

/* Three quarters of the slots may be in use. */
static bool has_free_slots(size_t slot_count, size_t used, size_t more)
{
    return more <= slot_count / 4 * 3 && used <= slot_count / 4 * 3 - more;
}

/* Moves all items to a table of that size; removed slots do not come along. */
static enum ou_status move_to(struct map *m, size_t slot_count)
{
    struct map old = *m;

    if (slot_count > SIZE_MAX / slot_bytes(m))
        return OU_NO_MEMORY;
    m->slots = m->from->resize(m->from, NULL, 0, slot_count * slot_bytes(m));
    m->tags = m->slots ? alloc_zeroed(m->from, slot_count) : NULL;
    if (!m->tags) {
        alloc_free(m->from, m->slots, slot_count * slot_bytes(m));
        *m = old;
        return OU_NO_MEMORY;
    }
    m->slot_count = slot_count;
    m->used = m->count;
    for (size_t i = 0; i < old.slot_count; i++)
        if (old.tags[i] & TAG_ITEM) {
            size_t slot = vacant_slot(m, hash_of(m, key_at(&old, i)));

            m->tags[slot] = old.tags[i];
            memcpy(value_at(m, slot), value_at(&old, i), slot_bytes(m));
        }
    alloc_free(m->from, old.slots, old.slot_count * slot_bytes(m));
    alloc_free(m->from, old.tags, old.slot_count);
    return OU_OK;
}

enum ou_status map_reserve(struct map *m, size_t more)
{
    size_t slot_count = m->slot_count ? m->slot_count : FIRST_SLOTS;

    if (m->count > m->max_items || more > m->max_items - m->count)
        return OU_TOO_LARGE;
    if (more == 0 || has_free_slots(m->slot_count, m->used, more))
        return OU_OK;
    /* Twice what is needed, or a table full of removed slots would move again and again. */
    while (!has_free_slots(slot_count, m->count, m->count / 2 + more)) {
        if (slot_count > SIZE_MAX / 4)
            return OU_NO_MEMORY;
        slot_count *= 2;
    }
    return move_to(m, slot_count);
}

void *map_find(const struct map *m, const void *key)
{
    size_t slot = slot_of(m, key, hash_of(m, key));

    return slot == NOWHERE ? NULL : value_at(m, slot);
}

enum ou_status map_put(struct map *m, const void *key, void **ret_value, bool *ret_new)
{
    uint64_t hash = hash_of(m, key);
    size_t slot = slot_of(m, key, hash);
    bool is_new = slot == NOWHERE;

    if (is_new) {
        enum ou_status status = map_reserve(m, 1);

        if (status)
            return status;
        slot = vacant_slot(m, hash);
        m->used += m->tags[slot] == TAG_FREE;
        m->count++;
        m->tags[slot] = tag_of(hash);
        memset(value_at(m, slot), 0, m->value_bytes);
        memcpy(key_at(m, slot), key, m->key_bytes);
    }
    if (ret_value)
        *ret_value = value_at(m, slot);
    if (ret_new)
        *ret_new = is_new;
    return OU_OK;
}

/* A removed slot keeps the ways of other keys open, unless nothing follows it: then it is free, and so
 * are the removed ones right before it. */
static void vacate(struct map *m, size_t slot)
{
    size_t mask = m->slot_count - 1;

    m->tags[slot] = TAG_REMOVED;
    if (m->tags[(slot + 1) & mask] != TAG_FREE)
        return;
    while (m->tags[slot] == TAG_REMOVED) {
        m->tags[slot] = TAG_FREE;
        m->used--;
        slot = (slot - 1) & mask;
    }
}

bool map_remove(struct map *m, const void *key)
{
    size_t slot = slot_of(m, key, hash_of(m, key));

    if (slot == NOWHERE)
        return false;
    vacate(m, slot);
    m->count--;
    return true;
}

bool map_next(const struct map *m, size_t *cursor, const void **ret_key, void **ret_value)
{
    size_t slot = *cursor;

    while (slot < m->slot_count && !(m->tags[slot] & TAG_ITEM))
        slot++;
    if (slot >= m->slot_count)
        return false;
    *ret_key = key_at(m, slot);
    *ret_value = value_at(m, slot);
    *cursor = slot + 1;
    return true;
}
