/* Room for a harness's input that ends, after the padding that the scanner may
 * look at, at a page that cannot be read: what reads further dies at once. */
#ifndef OU_FUZZ_GUARDED_H
#define OU_FUZZ_GUARDED_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "json/scan.h"

#define GUARDED_MAX ((size_t)1 << 20)

/* The property that the harness is there for; a broken one ends the process. */
#define MUST(property)   \
    do {                 \
        if (!(property)) \
            abort();     \
    } while (0)

struct guarded_room {
    char *edge; /* the first byte that cannot be read */
};

static inline struct guarded_room guarded_room_new(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = (GUARDED_MAX + SCAN_PADDING + page - 1) / page * page;
    char *map =
        mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    MUST(map != MAP_FAILED && mprotect(map + bytes, page, PROT_NONE) == 0);
    return (struct guarded_room){ map + bytes };
}

/* Puts len bytes in front of the padding (text may be NULL: the caller fills
 * them). The padding holds what would mislead a scanner that believed it. */
static inline char *guarded_place(struct guarded_room room, const void *text, size_t len,
                                  char padding)
{
    char *at = room.edge - SCAN_PADDING - len;

    memset(at + len, padding, SCAN_PADDING);
    if (text && len)
        memcpy(at, text, len);
    return at;
}

#endif
