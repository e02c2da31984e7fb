/* A file as another one with some stretches of bytes replaced. */
#ifndef OU_GENESIS_SPLICE_H
#define OU_GENESIS_SPLICE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

#define SPLICES_MAX ((size_t)1 << 20)

/* Instead of the bytes from..to (none: it is put in there) stands the text. */
struct splice {
    uint64_t from, to;
    struct span text; /* in the list's memory */
};

/* In the order of the file; none overlap. */
struct splices {
    struct arena memory;
    struct splice *at; /* owned */
    size_t count, cap;
};

void splices_init(struct splices *s);
void splices_release(struct splices *s);

/* from: at or behind the end of the last one. The text is copied. OU_NO_MEMORY, OU_TOO_LARGE. */
enum ou_status splices_add(struct splices *s, uint64_t from, uint64_t to, struct span text);

/* Writes what is behind fd (path: for messages; it can be read at any place) with the splices, to a file that is there whole or
 * not at all; it may be the same file. */
enum ou_status splices_write(const struct splices *s, int fd, const char *path, const char *to,
                             struct ou_error *err);

#endif
