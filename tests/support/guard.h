/* Bytes at the edge of a page that cannot be read, so that a parser which looks
 * one byte too far dies at once, sanitizer or not. */
#ifndef OU_SUPPORT_GUARD_H
#define OU_SUPPORT_GUARD_H

#include <stddef.h>

struct guarded {
    char *at; /* len bytes; at + len is unreadable */
    size_t len;
    void *map; /* what the system gave, pages in all */
    size_t map_bytes;
};

struct guarded guard_copy(const void *bytes, size_t len);
void guard_release(struct guarded *g);

#endif
