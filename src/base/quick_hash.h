/* A hash of a short name from its length and its first and last eight bytes: a
 * few instructions where a real hash takes a hundred. Names of traces differ
 * there. It is for tables whose keys we wrote ourselves, and for memos that
 * compare the whole name and fall back to a real table: prepared collisions
 * cost nothing there but the memo. */
#ifndef OU_BASE_QUICK_HASH_H
#define OU_BASE_QUICK_HASH_H

#include <stdint.h>

#include "base/span.h"

static inline uint32_t quick_hash(struct span name)
{
    uint64_t first = 0, last = 0;

    if (name.len >= sizeof(first)) {
        memcpy(&first, name.at, sizeof(first));
        memcpy(&last, name.at + name.len - sizeof(last), sizeof(last));
    } else if (name.len) {
        memcpy(&first, name.at, name.len);
    }
    first ^= last * UINT64_C(0x9e3779b97f4a7c15) + name.len; /* odd: a permutation */
    return (uint32_t)((first * UINT64_C(0xd6e8feb86659fd93)) >> 32);
}

#endif
