/* A map from keys of one fixed size to values of one fixed size: unspent
 * outputs, blocks by hash. Open addressing with a seed drawn per process, so that nobody can
 * prepare keys that collide; keys and values are copied. One thread at a time. */
#ifndef OU_BASE_MAP_H
#define OU_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/status.h"

struct map {
    struct allocator *from;
    size_t key_bytes, value_bytes; /* values are aligned to 8 */
    size_t max_items;
    size_t count;      /* items in it */
    size_t slot_count; /* a power of two, or 0 before the first item */
    unsigned char *slots;
    uint8_t *tags; /* a byte per slot: free, removed, or bits of the hash */
    size_t used;   /* slots that are not free */
    uint64_t seed;
};

void map_init(struct map *m, struct allocator *from, size_t key_bytes, size_t value_bytes,
              size_t max_items);
void map_release(struct map *m); /* a zeroed map is fine */
void map_clear(struct map *m);   /* memory is kept */

/* The value of a key, or NULL. Valid until the next map_put() or map_remove(). */
void *map_find(const struct map *m, const void *key);

/* The value of a key, which is added with a zeroed value when new (*ret_new
 * says so; both outputs may be NULL). OU_TOO_LARGE at max_items, OU_NO_MEMORY; then nothing has changed. */
enum ou_status map_put(struct map *m, const void *key, void **ret_value, bool *ret_new);

/* Room for so many new keys: as many map_put() cannot fail then, whatever is removed between them.
 * Statuses as above. */
enum ou_status map_reserve(struct map *m, size_t more);

/* False when there was none. */
bool map_remove(struct map *m, const void *key);

/* Walks over all items in no particular order: start with *cursor = 0; false at the end. The map
 * must not change meanwhile. */
bool map_next(const struct map *m, size_t *cursor, const void **ret_key, void **ret_value);

#endif
