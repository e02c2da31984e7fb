/* Where memory comes from. Every container of base/ takes an allocator at its
 * birth, so that tests can make each allocation fail in turn. */
#ifndef OU_BASE_ALLOC_H
#define OU_BASE_ALLOC_H

#include <stddef.h>

/* One function does it all: at == NULL takes memory, new_bytes == 0 gives it
 * back (and returns NULL), anything else moves it. On failure NULL is returned
 * and the old block stays valid. old_bytes is what was asked for last time. */
struct allocator {
    void *(*resize)(struct allocator *self, void *at, size_t old_bytes, size_t new_bytes);
};

/* The C library's malloc. Any thread; never NULL. */
struct allocator *allocator_libc(void);

/* Zeroed memory for one object; NULL when there is none. */
void *alloc_zeroed(struct allocator *from, size_t bytes);

/* Gives memory back; at may be NULL. */
void alloc_free(struct allocator *from, void *at, size_t bytes);

/* Makes room for `need` items of item_bytes in a growing array of *cap items,
 * at least doubling it. Returns false, with nothing changed, when need is above
 * max_items (the limit is checked first) or memory is out. */
_Bool array_reserve(struct allocator *from, void **at, size_t *cap, size_t need, size_t item_bytes,
                    size_t max_items);

#endif
