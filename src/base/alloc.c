#include "base/alloc.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *libc_resize(struct allocator *self, void *at, size_t old_bytes, size_t new_bytes)
{
    (void)self;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(at);
        return NULL;
    }
    return realloc(at, new_bytes);
}

struct allocator *allocator_libc(void)
{
    static struct allocator libc = { libc_resize };

    return &libc;
}

void *alloc_zeroed(struct allocator *from, size_t bytes)
{
    void *at;

    assert(bytes > 0);
    at = from->resize(from, NULL, 0, bytes);
    return at ? memset(at, 0, bytes) : NULL;
}

void alloc_free(struct allocator *from, void *at, size_t bytes)
{
    if (at)
        from->resize(from, at, bytes, 0);
}

_Bool array_reserve(struct allocator *from, void **at, size_t *cap, size_t need, size_t item_bytes,
                    size_t max_items)
{
    size_t most = SIZE_MAX / item_bytes < max_items ? SIZE_MAX / item_bytes : max_items;
    size_t want = *cap > most / 2 ? most : *cap * 2;
    void *moved;

    if (need > max_items)
        return 0;
    if (need <= *cap)
        return 1;
    if (need > most)
        return 0;
    if (want < need)
        want = need;
    moved = from->resize(from, *at, *cap * item_bytes, want * item_bytes);
    if (!moved)
        return 0;
    *at = moved;
    *cap = want;
    return 1;
}
