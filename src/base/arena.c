#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

struct arena_block {
    struct arena_block *older;
    size_t bytes; /* with this header */
};

/* Blocks double from the first size to the last: small arenas stay small, and
 * large ones ask the allocator rarely. */
enum { FIRST_BLOCK_BYTES = 4096, LAST_BLOCK_BYTES = 1024 * 1024 };

void arena_init(struct arena *a, struct allocator *from, size_t max_bytes)
{
    *a = (struct arena){ .from = from, .max_bytes = max_bytes };
}

void arena_release(struct arena *a)
{
    struct arena_block *block = a->blocks;

    while (block) {
        struct arena_block *older = block->older;

        alloc_free(a->from, block, block->bytes);
        block = older;
    }
    arena_init(a, a->from, a->max_bytes);
}

/* The free bytes of the newest block that alignment skips. */
static size_t padding(const struct arena *a, size_t align)
{
    return -(uintptr_t)a->at & (align - 1);
}

static bool fits_newest(const struct arena *a, size_t size, size_t align)
{
    size_t left = (size_t)(a->end - a->at);
    size_t pad = padding(a, align);

    return pad <= left && size <= left - pad;
}

/* Size of a block that can hold such a piece, wherever the block starts; 0 when
 * the maximum is in the way. */
static size_t block_bytes_for(const struct arena *a, size_t size, size_t align)
{
    size_t left = a->max_bytes - a->used_bytes;
    size_t extra = sizeof(struct arena_block) + align - 1;

    return left >= extra && size <= left - extra ? extra + size : 0;
}

bool arena_has_room(const struct arena *a, size_t size, size_t align)
{
    return fits_newest(a, size, align) || block_bytes_for(a, size, align) > 0;
}

static bool add_block(struct arena *a, size_t size, size_t align)
{
    size_t left = a->max_bytes - a->used_bytes;
    size_t need = block_bytes_for(a, size, align);
    size_t bytes = a->blocks ? a->blocks->bytes : FIRST_BLOCK_BYTES / 2;
    struct arena_block *block;

    if (need == 0)
        return false;
    bytes = bytes < LAST_BLOCK_BYTES / 2 ? bytes * 2 : LAST_BLOCK_BYTES;
    if (bytes < need)
        bytes = need;
    if (bytes > left)
        bytes = left;
    block = a->from->resize(a->from, NULL, 0, bytes);
    if (!block)
        return false;
    *block = (struct arena_block){ .older = a->blocks, .bytes = bytes };
    a->blocks = block;
    a->used_bytes += bytes;
    a->at = (char *)(block + 1);
    a->end = (char *)block + bytes;
    return true;
}

void *arena_take(struct arena *a, size_t size, size_t align)
{
    char *piece;

    assert(align > 0 && (align & (align - 1)) == 0);
    if (size == 0)
        size = 1; /* every piece has an address of its own, so NULL means failure */
    if (!fits_newest(a, size, align) && !add_block(a, size, align))
        return NULL;
    piece = a->at + padding(a, align);
    a->at = piece + size;
    return memset(piece, 0, size);
}

char *arena_copy(struct arena *a, const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? arena_take(a, len + 1, 1) : NULL;

    if (copy && len > 0)
        memcpy(copy, text, len);
    return copy;
}
