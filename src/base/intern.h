/* A set of byte strings, numbered 0, 1, 2 ... in order of arrival. It gives a
 * small integer to each host, name or block hash; callers keep what they know
 * about string i in item i of an array of their own.
 *
 * Open addressing over XXH3 with a seed drawn per process, so that nobody can
 * prepare input that collides; numbers and iteration order do not depend on
 * the seed. Strings are copied. One thread at a time. */
#ifndef OU_BASE_INTERN_H
#define OU_BASE_INTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

struct intern {
    struct arena text;  /* the copies */
    struct span *items; /* by number; owned */
    uint64_t *hashes;   /* by number; owned */
    size_t count, cap;  /* items in use and room for them */
    uint32_t *slots;    /* number + 1, or 0 for free; owned */
    size_t slot_count;  /* a power of two, at least twice count */
    size_t max_items;
};

/* max_items: the most strings it will ever hold; max_bytes: of text. */
void intern_init(struct intern *set, struct allocator *from, size_t max_items, size_t max_bytes);
void intern_release(struct intern *set);

/* The number of text, which is added when new (*ret_new says so; may be NULL).
 * OU_TOO_LARGE when the set is full, OU_NO_MEMORY; then nothing has changed. */
enum ou_status intern_put(struct intern *set, struct span text, uint32_t *ret_id, bool *ret_new);

/* The number of text if it is in the set. */
bool intern_find(const struct intern *set, struct span text, uint32_t *ret_id);

/* The string with number id (id < count); valid until intern_release(), and
 * followed by a NUL. */
struct span intern_text(const struct intern *set, uint32_t id);

#endif
