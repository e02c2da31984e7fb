/* Memory that is taken piece by piece and given back as a whole. Pieces are
 * zeroed. The arena grows in blocks up to max_bytes. One thread at a time. */
#ifndef OU_BASE_ARENA_H
#define OU_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"

struct arena {
    struct allocator *from;
    struct arena_block *blocks; /* newest first; owned */
    char *at, *end;             /* free part of the newest block */
    size_t used_bytes;          /* taken from the allocator so far */
    size_t max_bytes;
};

void arena_init(struct arena *a, struct allocator *from, size_t max_bytes);
void arena_release(struct arena *a); /* a zeroed arena is fine */

/* size bytes, zeroed, aligned (align is a power of two); NULL when the maximum
 * or the memory is reached. Valid until arena_release(). */
void *arena_take(struct arena *a, size_t size, size_t align);

/* Whether a piece would stay below the maximum: after a NULL it tells "too
 * large" (false) from "no memory". */
bool arena_has_room(const struct arena *a, size_t size, size_t align);

/* A NUL-terminated copy of len bytes; NULL as above. */
char *arena_copy(struct arena *a, const char *text, size_t len);

#endif
