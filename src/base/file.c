#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"

enum { READ_STEP_BYTES = 64 * 1024, PENDING_BYTES = 256 * 1024 };

/* ---- reading ---- */

/* Opening waits when path is a FIFO without a writer; only Ctrl-C ends that. */
static enum ou_status open_for_reading(const char *path, int *ret_fd, struct ou_error *err)
{
    int fd;

    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR && !interrupt_pending());
    if (fd >= 0) {
        *ret_fd = fd;
        return OU_OK;
    }
    if (errno == EINTR)
        return ou_fail(err, OU_INTERRUPTED, "open %s: interrupted", path);
    return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "open %s: %s", path,
                   strerror(errno));
}

static enum ou_status fail_too_large(const char *path, const struct buffer *into,
                                     struct ou_error *err)
{
    return ou_fail(err, OU_TOO_LARGE, "read %s: larger than the limit of %zu bytes", path,
                   into->max);
}

/* How many bytes to expect: the size of a regular file, and 0 where only
 * reading tells (a FIFO, /proc). Refuses what can never be read. */
static enum ou_status expected_bytes(int fd, const char *path, const struct buffer *into,
                                     size_t *ret, struct ou_error *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return ou_fail(err, OU_IO, "look at %s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return ou_fail(err, OU_IO, "read %s: it is a directory, a file is needed", path);
    if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size > into->max - into->len)
        return fail_too_large(path, into, err);
    *ret = S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
    return OU_OK;
}

/* Space to read into: what is left of the buffer's memory, or more of it. With
 * the buffer at its maximum, one byte of the caller's own, to see whether the
 * file ends there. */
static char *room_to_read(struct buffer *into, char *last_byte, size_t *ret_size)
{
    size_t left = into->max - into->len;
    size_t spare = into->cap > into->len ? into->cap - into->len - 1 : 0;

    if (left == 0) {
        *ret_size = 1;
        return last_byte;
    }
    if (spare == 0)
        spare = READ_STEP_BYTES;
    *ret_size = spare < left ? spare : left;
    return buffer_room(into, *ret_size);
}

/* Reads to the end, which need not be where fstat saw it. */
static enum ou_status read_to_end(int fd, const char *path, struct buffer *into,
                                  struct ou_error *err)
{
    char last_byte;

    for (;;) {
        size_t size;
        char *at = room_to_read(into, &last_byte, &size);
        ssize_t got = at ? read(fd, at, size) : 0;

        if (!at)
            return ou_fail(err, OU_NO_MEMORY, "read %s: no memory", path);
        if (got < 0 && errno == EINTR && interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "read %s: interrupted", path);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ou_fail(err, OU_IO, "read %s: %s", path, strerror(errno));
        if (got == 0)
            return OU_OK;
        if (at == &last_byte)
            return fail_too_large(path, into, err);
        buffer_added(into, (size_t)got);
    }
}

/* The buffer as it was when it held len bytes. */
static void cut_back(struct buffer *b, size_t len)
{
    b->len = len;
    if (b->at)
        b->at[len] = '\0';
}

enum ou_status file_read(const char *path, struct buffer *ret, struct ou_error *err)
{
    size_t before = ret->len, expected = 0;
    enum ou_status status = buffer_status(ret);
    int fd = -1;

    if (status)
        return ou_fail(err, status, "read %s: %s", path, ou_status_name(status));
    status = open_for_reading(path, &fd, err);
    if (status)
        return status;
    status = expected_bytes(fd, path, ret, &expected, err);
    /* One byte more than expected, so that the end shows without a move. */
    if (!status && expected > 0 && expected < ret->max - ret->len &&
        !buffer_room(ret, expected + 1))
        status = ou_fail(err, OU_NO_MEMORY, "read %s: no memory", path);
    if (!status)
        status = read_to_end(fd, path, ret, err);
    if (status)
        cut_back(ret, before);
    close(fd);
    return status;
}

/* ---- directories ---- */

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum ou_status file_make_directory(const char *path, struct ou_error *err)
{
    char part[PATH_MAX];
    size_t len = strlen(path);

    if (len == 0)
        return ou_fail(err, OU_IO, "make directory: its name is empty");
    if (len >= sizeof part) /* the name alone would fill the message */
        return ou_fail(err, OU_IO, "make directory %.80s...: %s", path, strerror(ENAMETOOLONG));
    /* Each parent ends where a '/' stands; a leading one names no parent. */
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) < 0) {
            int os_error = errno;

            if (!is_directory(part))
                return ou_fail(err, OU_IO, "make directory %s: %s", part, strerror(os_error));
        }
    }
    return OU_OK;
}

/* ---- writing ---- */

enum ou_status fd_write_all(int fd, const void *bytes, size_t len, struct ou_error *err)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t put = write(fd, at, len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return ou_fail(err, OU_IO, "write: %s", strerror(errno));
        at += put;
        len -= (size_t)put;
    }
    return OU_OK;
}

enum ou_status fd_write_text(int fd, const struct buffer *text, struct ou_error *err)
{
    const enum ou_status status = buffer_status(text);

    return status ? ou_fail(err, status, "write the text: %s", ou_status_name(status))
                  : fd_write_all(fd, text->at, text->len, err);
}

/* DIR/.NAME.part-PID for DIR/NAME; NULL when there is no memory. */
static char *part_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *part;

    if (asprintf(&part, "%.*s.%s.part-%ld", (int)(name - path), path, name, (long)getpid()) < 0)
        return NULL;
    return part;
}

/* A device or a FIFO (/dev/stdout, say) cannot be replaced: it is written. */
static bool must_write_in_place(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

enum ou_status out_open(struct out_file *f, const char *path, struct ou_error *err)
{
    bool in_place = must_write_in_place(path);
    const char *opened;

    if (path[0] == '\0')
        return ou_fail(err, OU_NOT_FOUND, "write a file: its name is empty");
    if (is_directory(path))
        return ou_fail(err, OU_IO, "write %s: it is a directory", path);
    *f = (struct out_file){ .fd = -1, .path = strdup(path) };
    buffer_init(&f->pending, allocator_libc(), PENDING_BYTES);
    if (f->path && !in_place)
        f->part = part_name(path);
    opened = in_place ? f->path : f->part;
    if (!opened) {
        out_release(f);
        return ou_fail(err, OU_NO_MEMORY, "write %s: no memory", path);
    }
    if (!in_place)
        unlink(opened); /* left by a killed process that had our number */
    f->fd = open(opened, O_WRONLY | O_CLOEXEC | O_NOCTTY | (in_place ? 0 : O_CREAT | O_EXCL), 0666);
    if (f->fd < 0) {
        int os_error = errno;

        out_release(f);
        return ou_fail(err, os_error == ENOENT ? OU_NOT_FOUND : OU_IO, "write %s: %s", path,
                       strerror(os_error));
    }
    return OU_OK;
}

static void out_send(struct out_file *f, const void *bytes, size_t len)
{
    if (f->status)
        return;
    f->status = fd_write_all(f->fd, bytes, len, NULL);
    if (f->status)
        f->os_error = errno;
}

static void out_flush(struct out_file *f)
{
    out_send(f, f->pending.at, f->pending.len);
    buffer_clear(&f->pending);
}

void out_write(struct out_file *f, const void *bytes, size_t len)
{
    if (len > PENDING_BYTES - f->pending.len)
        out_flush(f);
    if (len >= PENDING_BYTES) {
        out_send(f, bytes, len);
        return;
    }
    buffer_append(&f->pending, bytes, len);
    if (!f->status)
        f->status = buffer_status(&f->pending);
}

void out_write_text(struct out_file *f, const struct buffer *text)
{
    if (!f->status)
        f->status = buffer_status(text);
    out_write(f, text->at, text->len);
}

/* A full disk may show only when the file is closed. */
static void out_close(struct out_file *f)
{
    int closed = close(f->fd);

    f->fd = -1;
    if (closed < 0 && !f->status) {
        f->status = OU_IO;
        f->os_error = errno;
    }
}

enum ou_status out_commit(struct out_file *f, struct ou_error *err)
{
    out_flush(f);
    out_close(f);
    if (!f->status && f->part && rename(f->part, f->path) < 0) {
        f->status = OU_IO;
        f->os_error = errno;
    }
    if (f->status)
        return ou_fail(err, f->status, "write %s: %s", f->path,
                       f->status == OU_IO ? strerror(f->os_error) : ou_status_name(f->status));
    free(f->part);
    f->part = NULL; /* it has its final name: nothing to remove */
    return OU_OK;
}

void out_release(struct out_file *f)
{
    if (f->path && f->fd >= 0)
        close(f->fd);
    if (f->part)
        unlink(f->part);
    free(f->path);
    free(f->part);
    buffer_release(&f->pending);
    *f = (struct out_file){ .fd = -1 };
}
