/* A harness's input as a file that has a path: it lives in memory, and is used again for the next input. */
#ifndef OU_FUZZ_MEMORY_FILE_H
#define OU_FUZZ_MEMORY_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guarded.h"

struct memory_file {
    int fd;
    char path[40];
};

static inline struct memory_file memory_file_new(const char *name)
{
    struct memory_file f = { .fd = memfd_create(name, MFD_CLOEXEC) };

    MUST(f.fd >= 0);
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

static inline void memory_file_fill(const struct memory_file *f, const void *bytes, size_t len)
{
    MUST(ftruncate(f->fd, 0) == 0);
    MUST(len == 0 || pwrite(f->fd, bytes, len, 0) == (ssize_t)len);
}

#endif
