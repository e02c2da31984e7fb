/* Rows on their way into an arena: texts, and lists that grow. */
#ifndef OU_STORE_KEEP_H
#define OU_STORE_KEEP_H

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "base/span.h"

/* A copy; NULL of a view without `at`, and without memory. */
static inline const char *keep_text(struct arena *memory, struct span text)
{
    return text.at ? arena_copy(memory, text.at, text.len) : NULL;
}

/* Room for one more behind `count` items: moved where `count` is a power of two (or 0), which doubles it. NULL: no memory.
 * What it grew out of stays in the arena until its end: as much again at most. */
static inline void *keep_room(struct arena *memory, void *items, size_t count, size_t item_bytes)
{
    void *grown;

    if (count & (count - 1))
        return items;
    grown = arena_take(memory, (count ? 2 * count : 1) * item_bytes, alignof(max_align_t));
    if (grown && count)
        memcpy(grown, items, count * item_bytes);
    return grown;
}

#endif
