#include "logs/source.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "logs/gunzip.h"

#define MAGIC_BYTES 4
#define INPUT_BYTES (256 * 1024) /* one read of Zstandard input */
#define WAIT_MS 100

struct source {
    int fd;
    bool may_wait;    /* not a regular file: reading can wait for somebody to write */
    const char *path; /* for messages; owned */
    const char *compression;
    uint64_t taken, size;
    char head[MAGIC_BYTES]; /* read to tell the compression, not handed out yet */
    size_t head_len, head_at;
    struct gunzip *gunzip;   /* of gzip files */
    struct archive *archive; /* of Zstandard files */
    bool ended;              /* it has given all */
    char *input;             /* its input buffer */
    const char *block;       /* what it has given that was not handed out yet */
    size_t block_len;
    enum ou_status status; /* what reading the file itself last said */
    int os_error;
};

/* Waits until there is something to read, or an end or an error to be told of.
 * Never for long at a time: Ctrl-C's signal goes to some thread of the program,
 * hardly ever to the one that waits here. False when the user wants to stop. */
static bool wait_for_input(const struct source *s)
{
    struct pollfd input = { .fd = s->fd, .events = POLLIN };

    while (s->may_wait && !interrupt_pending()) {
        int ready = poll(&input, 1, WAIT_MS);

        if (ready > 0 || (ready < 0 && errno != EINTR))
            break;
    }
    return !interrupt_pending();
}

/* read() that goes on after signals, unless the user wants to stop. */
static ssize_t read_fd(struct source *s, char *into, size_t room)
{
    while (wait_for_input(s)) {
        ssize_t got = read(s->fd, into, room);

        if (got >= 0) {
            s->taken += (uint64_t)got;
            return got;
        }
        if (errno == EINTR || errno == EAGAIN)
            continue;
        s->status = OU_IO;
        s->os_error = errno;
        return -1;
    }
    s->status = OU_INTERRUPTED;
    s->os_error = EINTR;
    return -1;
}

/* The bytes of the file as they stand in it. */
static ssize_t read_raw(struct source *s, char *into, size_t room)
{
    if (s->head_at < s->head_len) {
        size_t len = s->head_len - s->head_at;

        if (len > room)
            len = room;
        memcpy(into, s->head + s->head_at, len);
        s->head_at += len;
        return (ssize_t)len;
    }
    return read_fd(s, into, room);
}

static ssize_t feed_gunzip(void *context, char *into, size_t room)
{
    return read_raw(context, into, room);
}

static enum ou_status open_gzip(struct source *s, struct ou_error *err)
{
    s->gunzip = gunzip_new(feed_gunzip, s);
    return s->gunzip ? OU_OK
                     : ou_fail(err, OU_NO_MEMORY, "read %s: no memory to decompress it", s->path);
}

static la_ssize_t feed_archive(struct archive *archive, void *context, const void **ret)
{
    struct source *s = context;
    ssize_t got = read_raw(s, s->input, INPUT_BYTES);

    *ret = s->input;
    if (got < 0)
        archive_set_error(archive, s->os_error, "%s", strerror(s->os_error));
    return got < 0 ? ARCHIVE_FATAL : got;
}

static enum ou_status decompress_failed(const struct source *s, struct ou_error *err)
{
    const char *why = s->gunzip ? gunzip_problem(s->gunzip) : archive_error_string(s->archive);

    return ou_fail(err, s->status ? s->status : OU_IO, "decompress %s: %s", s->path,
                   why ? why : strerror(s->os_error));
}

/* libarchive sees the file as an archive with one entry, or none when nothing was
 * compressed. */
static enum ou_status open_zstd(struct source *s, struct ou_error *err)
{
    struct archive_entry *entry;
    int got;

    s->input = malloc(INPUT_BYTES);
    s->archive = archive_read_new();
    if (!s->input || !s->archive)
        return ou_fail(err, OU_NO_MEMORY, "read %s: no memory to decompress it", s->path);
    if (archive_read_support_filter_zstd(s->archive) < ARCHIVE_WARN ||
        archive_read_support_format_raw(s->archive) != ARCHIVE_OK ||
        archive_read_support_format_empty(s->archive) != ARCHIVE_OK ||
        archive_read_open(s->archive, s, NULL, feed_archive, NULL) != ARCHIVE_OK)
        return decompress_failed(s, err);
    got = archive_read_next_header(s->archive, &entry);
    if (got != ARCHIVE_OK && got != ARCHIVE_EOF)
        return decompress_failed(s, err);
    if (archive_filter_code(s->archive, 0) == ARCHIVE_FILTER_NONE)
        return ou_fail(err, OU_IO, "decompress %s: it begins like %s, but is not", s->path,
                       s->compression);
    s->ended = got == ARCHIVE_EOF;
    return OU_OK;
}

/* The next decompressed bytes. Block by block, not as many as there is room for:
 * a failure would take those before it along. */
static ssize_t read_archive(struct source *s, char *into, size_t room)
{
    size_t len;

    while (s->block_len == 0 && !s->ended) {
        la_int64_t offset;
        const void *block;
        int got = archive_read_data_block(s->archive, &block, &s->block_len, &offset);

        if (got < ARCHIVE_WARN)
            return -1;
        s->block = block;
        s->ended = got == ARCHIVE_EOF;
        if (s->ended)
            s->block_len = 0;
    }
    len = s->block_len < room ? s->block_len : room;
    if (len) {
        memcpy(into, s->block, len);
        s->block += len;
        s->block_len -= len;
    }
    return (ssize_t)len;
}

static const struct magic {
    const char *compression, *bytes;
    size_t len;
    enum ou_status (*open)(struct source *s, struct ou_error *err);
} magics[] = {
    { "gzip", "\x1f\x8b", 2, open_gzip },
    { "zstd", "\x28\xb5\x2f\xfd", 4, open_zstd },
};

static enum ou_status open_decompressor(struct source *s, struct ou_error *err)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
        if (s->head_len >= magics[i].len && memcmp(s->head, magics[i].bytes, magics[i].len) == 0) {
            s->compression = magics[i].compression;
            return magics[i].open(s, err);
        }
    return OU_OK;
}

static enum ou_status read_magic(struct source *s, struct ou_error *err)
{
    while (s->head_len < MAGIC_BYTES) {
        ssize_t got = read_fd(s, s->head + s->head_len, MAGIC_BYTES - s->head_len);

        if (got < 0)
            return ou_fail(err, s->status, "read %s: %s", s->path, strerror(s->os_error));
        if (got == 0)
            break;
        s->head_len += (size_t)got;
    }
    return OU_OK;
}

/* A FIFO that nobody has opened for writing is opened at once, too, and waited
 * for where it is read. */
static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

enum ou_status source_open(const char *path, struct source **ret, struct ou_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    struct source *s = calloc(1, sizeof(*s));
    enum ou_status status;
    struct stat st = { 0 };

    if (!s)
        return ou_fail(err, OU_NO_MEMORY, "open %s: no memory", path);
    s->compression = "none";
    s->path = strdup(is_stdin ? "standard input" : path);
    s->fd = is_stdin ? STDIN_FILENO : open_file(path);
    if (!s->path) {
        status = ou_fail(err, OU_NO_MEMORY, "open %s: no memory", path);
        goto out;
    }
    if (s->fd < 0) {
        status = ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "open %s: %s", path,
                         strerror(errno));
        goto out;
    }
    if (fstat(s->fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        status = ou_fail(err, OU_INVALID, "open %s: it is a directory", path);
        goto out;
    }
    if (S_ISREG(st.st_mode)) {
        s->size = (uint64_t)st.st_size;
        posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    } else {
        s->may_wait = true;
    }
    status = read_magic(s, err);
    if (!status)
        status = open_decompressor(s, err);
    if (status)
        goto out;
    *ret = s;
    s = NULL;
out:
    source_close(s);
    return status;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    gunzip_free(s->gunzip);
    if (s->archive)
        archive_read_free(s->archive);
    if (s->fd > STDIN_FILENO)
        close(s->fd);
    free(s->input);
    free((char *)s->path);
    free(s);
}

enum ou_status source_read(struct source *s, char *into, size_t room, size_t *ret_len,
                           struct ou_error *err)
{
    ssize_t got;

    if (interrupt_pending())
        return ou_fail(err, OU_INTERRUPTED, "interrupted");
    if (s->gunzip)
        got = gunzip_read(s->gunzip, into, room);
    else if (s->archive)
        got = read_archive(s, into, room);
    else
        got = read_raw(s, into, room);
    if (got < 0 && (s->gunzip || s->archive))
        return decompress_failed(s, err);
    if (got < 0)
        return ou_fail(err, s->status, "read %s: %s", s->path, strerror(s->os_error));
    *ret_len = (size_t)got;
    return OU_OK;
}

const char *source_compression(const struct source *s)
{
    return s->compression;
}

uint64_t source_taken_bytes(const struct source *s)
{
    return s->taken;
}

uint64_t source_size_bytes(const struct source *s)
{
    return s->size;
}
