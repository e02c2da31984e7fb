/* A collector's sinks over the real disk, which fails when it is told to. */
#ifndef OU_COLLECT_LOG_WORLD_TEST_H
#define OU_COLLECT_LOG_WORLD_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "collect/log_writer.h"
#include "collect/reply_test.h"
#include "support/files.h"
#include "support/test.h"

#define NOW_S INT64_C(1774160692) /* 2026-03-22T06:24:52Z */
#define FIRST_FILE "node-2026-03-22T06-24-52.json"

/* The real disk, which fails when it is told to. */
struct tricky_disk {
    struct disk base; /* first */
    int64_t now_s;
    int open_errno, write_errno, sync_errno, truncate_errno, link_errno; /* 0: all is well */
    const char *failing_part; /* only paths with it fail to open */
    size_t room;              /* a file with write_errno set takes so many bytes more */
    const char *intruder;     /* what another process appends behind the part that found room */
    int writes, syncs, folder_syncs;
};

struct world {
    struct temp_dir dir;
    struct tricky_disk disk;
    struct collector_config config;
    struct log_writer *writer;
    struct log_node *node;
    struct buffer text; /* of the file looked at last */
};

static inline struct tricky_disk *tricky(struct disk *d)
{
    return (struct tricky_disk *)(void *)d;
}

static inline int tricky_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    const struct tricky_disk *t = tricky(d);

    if (t->open_errno && (!t->failing_part || strstr(path, t->failing_part))) {
        errno = t->open_errno;
        return -1;
    }
    return disk_real()->open(d, path, flags, mode);
}

static inline ssize_t tricky_write(struct disk *d, int fd, const void *bytes, size_t count)
{
    struct tricky_disk *t = tricky(d);

    t->writes++;
    if (t->write_errno) {
        const size_t part = count < t->room ? count : t->room;

        t->room -= part;
        if (part > 0)
            return disk_real()->write(d, fd, bytes, part);
        if (t->intruder)
            assert_true(write(fd, t->intruder, strlen(t->intruder)) > 0);
        t->intruder = NULL;
        errno = t->write_errno;
        return -1;
    }
    return disk_real()->write(d, fd, bytes, count);
}

static inline int tricky_sync(struct disk *d, int fd)
{
    (void)fd;
    tricky(d)->syncs++;
    errno = tricky(d)->sync_errno;
    return errno ? -1 : 0;
}

static inline int tricky_sync_folder(struct disk *d, const char *path)
{
    (void)path;
    tricky(d)->folder_syncs++;
    return 0;
}

static inline int tricky_truncate(struct disk *d, int fd, off_t size)
{
    if (tricky(d)->truncate_errno) {
        errno = tricky(d)->truncate_errno;
        return -1;
    }
    return disk_real()->truncate(d, fd, size);
}

static inline int tricky_link(struct disk *d, const char *target, const char *path)
{
    if (tricky(d)->link_errno) {
        errno = tricky(d)->link_errno;
        return -1;
    }
    return disk_real()->link_to(d, target, path);
}

static inline int64_t tricky_wall(struct disk *d)
{
    return tricky(d)->now_s * NS_PER_SECOND;
}

static inline void world_open(struct world *w)
{
    w->writer = log_writer_new(&w->config, &w->disk.base);
    assert_non_null(w->writer);
    w->node = log_node_open(w->writer, "node-1", "node-1");
    assert_non_null(w->node);
}

static inline void world_close(struct world *w)
{
    log_node_close(w->node);
    log_writer_free(w->writer);
}

/* Another collector in place of this one, which ends in good order; a second later. */
static inline void world_restart(struct world *w)
{
    world_close(w);
    w->disk.now_s++;
    world_open(w);
}

static inline void world_make(struct world *w)
{
    *w = (struct world){ .disk = { .base = *disk_real(), .now_s = NOW_S } };
    temp_dir_make(&w->dir);
    w->disk.base.open = tricky_open;
    w->disk.base.write = tricky_write;
    w->disk.base.sync = tricky_sync;
    w->disk.base.sync_folder = tricky_sync_folder;
    w->disk.base.truncate = tricky_truncate;
    w->disk.base.link_to = tricky_link;
    w->disk.base.wall_ns = tricky_wall;
    w->config.message_bytes = 1 << 20;
    w->config.logs[0] = (struct log_entry){ w->dir.path, LOG_FILES, LOG_MACHINE };
    w->config.log_count = 1;
    buffer_init(&w->text, allocator_libc(), 16 << 20);
}

static inline void world_remove(struct world *w)
{
    world_close(w);
    buffer_release(&w->text);
    temp_dir_remove(&w->dir);
}

/* --- Looking ---------------------------------------------------------------------------------- */

static inline const char *path_in(struct world *w, const char *file)
{
    char name[256];

    snprintf(name, sizeof(name), "node-1/%s", file);
    return temp_path(&w->dir, name);
}

/* The whole file; NULL when there is none. */
static inline const char *content(struct world *w, const char *path)
{
    buffer_clear(&w->text);
    return file_read(path, &w->text, NULL) == OU_OK ? buffer_string(&w->text) : NULL;
}

static inline void expect_numbers(struct world *w, const char *file, uint64_t first, size_t count)
{
    struct buffer want;
    char line[256];

    buffer_init(&want, allocator_libc(), 16 << 20);
    for (size_t i = 0; i < count; i++) {
        numbered_object(first + i, line);
        buffer_text(&want, line);
        buffer_char(&want, '\n');
    }
    assert_non_null(content(w, path_in(w, file)));
    assert_string_equal(buffer_string(&w->text), buffer_string(&want));
    buffer_release(&want);
}

static inline struct log_batch put(struct world *w, uint64_t first_number, size_t count, bool first,
                                   enum ou_status want)
{
    struct ou_error err = { "" };
    struct log_batch batch;
    struct test_reply r;

    assert_int_equal(log_node_write(w->node, reply_numbers(&r, first_number, count), first, 100,
                                    NULL, NULL, &batch, &err),
                     want);
    if (want != OU_OK)
        assert_true(err.text[0] != '\0');
    assert_int_equal(batch.objects, count);
    reply_release(&r);
    return batch;
}

static inline struct log_batch retry(struct world *w, enum ou_status want)
{
    struct ou_error err = { "" };
    struct log_batch batch;

    assert_int_equal(log_node_retry(w->node, &batch, &err), want);
    return batch;
}

static inline void tick(struct world *w, int64_t after_s, enum ou_status want)
{
    struct ou_error err = { "" };

    w->disk.now_s += after_s;
    assert_int_equal(log_node_tick(w->node, w->disk.now_s * NS_PER_SECOND, &err), want);
}

static inline void expect_link(struct world *w, const char *link, const char *target)
{
    char got[256];
    const ssize_t len = readlink(path_in(w, link), got, sizeof(got) - 1);

    assert_true(len > 0);
    got[len] = '\0';
    assert_string_equal(got, target);
}

#endif
