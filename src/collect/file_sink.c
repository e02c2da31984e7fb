#include "collect/file_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "collect/rotation.h"

enum {
    NAME_TRIES = 100,  /* for a name that nobody has taken in between */
    TAIL_FILES = 64,   /* the newest ones, in which the end of what was written may be */
    TAIL_READ = 65536, /* at first; then four times as much */
};

static enum ou_status fail(struct ou_error *err, const char *what, const char *path)
{
    return ou_fail(err, OU_IO, "%s %s: %s", what, path, strerror(errno));
}

/* --- Paths ------------------------------------------------------------------------------------ */

enum ou_status file_sink_init(struct file_sink *s, struct disk *disk, const char *root,
                              const char *folder, const char *extension)
{
    *s = (struct file_sink){ .disk = disk, .extension = extension, .fd = -1, .stamp_s = -1 };
    s->root = strdup(root);
    if (asprintf(&s->folder, "%s/%s", root, folder) < 0)
        s->folder = NULL;
    if (!s->folder || asprintf(&s->link, "%s/node.%s", s->folder, extension) < 0)
        s->link = NULL;
    if (s->root && s->link)
        return OU_OK;
    file_sink_release(s);
    return OU_NO_MEMORY;
}

void file_sink_release(struct file_sink *s)
{
    if (s->folder)
        file_sink_close(s);
    free(s->root);
    free(s->folder);
    free(s->link);
    *s = (struct file_sink){ .fd = -1, .stamp_s = -1 };
}

/* Of a file by its stamp. Too long a path is cut, and then no such file can be opened. */
static void path_of(const struct file_sink *s, int64_t stamp_s, char ret[PATH_MAX])
{
    char name[LOG_NAME_ROOM];

    log_file_name(stamp_s, s->extension, name);
    if (snprintf(ret, PATH_MAX, "%s/%s", s->folder, name) >= PATH_MAX)
        ret[0] = '\0';
}

void file_sink_close(struct file_sink *s)
{
    if (s->fd >= 0)
        s->disk->close(s->disk, s->fd);
    s->fd = -1;
    s->unsynced = false;
}

/* The next line goes to a new file. Nobody would come back to make this one durable when its time has come. */
static void leave_file(struct file_sink *s)
{
    if (s->unsynced && s->durability == DURABLE_PERIOD)
        s->disk->sync(s->disk, s->fd);
    file_sink_close(s);
    s->stamp_s = -1;
}

/* --- A file is made --------------------------------------------------------------------------- */

/* A new name in the folder is durable when the folder is. */
static enum ou_status sync_names(struct file_sink *s, struct ou_error *err)
{
    if (s->durability == DURABLE_NEVER)
        return OU_OK;
    if (s->disk->sync_folder(s->disk, s->folder) < 0)
        return fail(err, "sync", s->folder);
    if (s->disk->sync_folder(s->disk, s->root) < 0)
        return fail(err, "sync", s->root);
    return OU_OK;
}

/* Whether it could be made is seen again by file_sink_look_after(): lines can be written without it. */
static void make_link(struct file_sink *s)
{
    char name[LOG_NAME_ROOM];

    log_file_name(s->stamp_s, s->extension, name);
    s->link_due = s->disk->link_to(s->disk, name, s->link) < 0;
}

static enum ou_status create_named(struct file_sink *s, int64_t stamp_s, int *ret_fd,
                                   int64_t *ret_stamp_s, struct ou_error *err)
{
    char path[PATH_MAX];
    int fd = -1;

    for (int i = 0; fd < 0 && i < NAME_TRIES; i++) {
        path_of(s, stamp_s + i, path);
        fd = s->disk->open(s->disk, path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
        *ret_stamp_s = stamp_s + i;
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0)
        return fail(err, "create", path[0] ? path : s->folder);
    if (sync_names(s, err) != OU_OK) {
        s->disk->close(s->disk, fd);
        s->disk->remove(s->disk, path);
        return OU_IO;
    }
    *ret_fd = fd;
    return OU_OK;
}

/* In place of the current file, which stays in use when no other can be made. */
static enum ou_status create_file(struct file_sink *s, struct ou_error *err)
{
    const int64_t now_s = s->disk->wall_ns(s->disk) / NS_PER_SECOND;
    struct log_stamps stamps = { 0 };
    int64_t stamp_s = now_s;
    enum ou_status status;
    int fd = -1;

    if (s->disk->make_folder(s->disk, s->folder) < 0)
        return fail(err, "make folder", s->folder);
    status = log_stamps_list(s->disk, s->folder, s->extension, &stamps, err);
    if (status == OU_OK)
        status = create_named(s, log_stamps_next(&stamps, now_s), &fd, &stamp_s, err);
    log_stamps_release(&stamps);
    if (status != OU_OK)
        return status;
    file_sink_close(s);
    s->fd = fd;
    s->stamp_s = stamp_s;
    make_link(s);
    return OU_OK;
}

/* The current file again, when it was closed; else another one. Somebody may have put a link in its place: nothing is
 * written through that. */
static enum ou_status open_file(struct file_sink *s, struct ou_error *err)
{
    char path[PATH_MAX];

    if (s->stamp_s >= 0) { /* closed by file_sink_close() */
        path_of(s, s->stamp_s, path);
        s->fd = s->disk->open(s->disk, path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0);
        if (s->fd >= 0)
            return OU_OK;
        if (errno != ENOENT && errno != ELOOP)
            return fail(err, "open", path);
    }
    return create_file(s, err);
}

/* The file is open, and has a name: what was removed is not written to. *ret_end: where it ends. */
static enum ou_status make_ready(struct file_sink *s, off_t *ret_end, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    struct stat st;

    if (s->fd < 0 || s->disk->stat_fd(s->disk, s->fd, &st) < 0 || st.st_nlink == 0) {
        if (s->fd >= 0)
            leave_file(s);
        status = open_file(s, err);
        if (status == OU_OK && s->disk->stat_fd(s->disk, s->fd, &st) < 0)
            status = fail(err, "look at", s->folder);
    }
    *ret_end = status == OU_OK ? st.st_size : 0;
    return status;
}

/* --- Lines ------------------------------------------------------------------------------------ */

/* The last `count` bytes of the file, which end at `end`, are taken back. Where that is refused, or others have written behind
 * them, the file keeps a cut line, and is not written to any more. */
static bool take_back(struct file_sink *s, off_t end, size_t count)
{
    struct stat st;

    if (count == 0)
        return true;
    if (s->disk->stat_fd(s->disk, s->fd, &st) == 0 && st.st_size == end &&
        s->disk->truncate(s->disk, s->fd, end - (off_t)count) == 0)
        return true;
    leave_file(s);
    return false;
}

static size_t write_bytes(struct file_sink *s, struct span bytes)
{
    size_t written = 0;

    while (written < bytes.len) {
        const ssize_t n = s->disk->write(s->disk, s->fd, bytes.at + written, bytes.len - written);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ENOSPC; /* a regular file has no other reason */
        if (n <= 0)
            break;
        written += (size_t)n;
    }
    return written;
}

static size_t whole_lines(struct span bytes)
{
    const char *last = bytes.len ? memrchr(bytes.at, '\n', bytes.len) : NULL;

    return last ? (size_t)(last + 1 - bytes.at) : 0;
}

/* What a failed sync leaves behind nobody knows; a second one would tell nothing (the pages count as
 * clean then). So what was written is taken back, and comes again in another file. */
static bool make_durable(struct file_sink *s, off_t end, size_t written)
{
    int why;

    if (s->disk->sync(s->disk, s->fd) == 0) {
        s->unsynced = false;
        return true;
    }
    why = errno;
    if (take_back(s, end, written))
        leave_file(s);
    errno = why;
    return false;
}

enum ou_status file_sink_append(struct file_sink *s, struct span lines, size_t *ret,
                                struct ou_error *err)
{
    off_t end;
    enum ou_status status = make_ready(s, &end, err);
    char path[PATH_MAX];
    size_t written, whole;

    *ret = 0;
    if (status != OU_OK)
        return status;
    path_of(s, s->stamp_s, path);
    written = write_bytes(s, lines);
    end += (off_t)written;
    if (written < lines.len)
        status = fail(err, "write", path);
    whole = whole_lines((struct span){ lines.at, written });
    s->unsynced = s->unsynced || written > 0;
    if (s->durability == DURABLE_BATCH && whole > 0 && !make_durable(s, end, written))
        return fail(err, "sync", path);
    take_back(s, end, written - whole);
    *ret = whole;
    return status;
}

enum ou_status file_sink_sync(struct file_sink *s, struct ou_error *err)
{
    char path[PATH_MAX];

    if (s->fd < 0 || !s->unsynced)
        return OU_OK;
    if (s->disk->sync(s->disk, s->fd) < 0) {
        path_of(s, s->stamp_s, path);
        return fail(err, "sync", path);
    }
    s->unsynced = false;
    return OU_OK;
}

/* --- By the clock ----------------------------------------------------------------------------- */

enum ou_status file_sink_rotate(struct file_sink *s, uint64_t limit_bytes, struct ou_error *err)
{
    enum ou_status status;
    struct stat st;

    if (s->fd < 0)
        return OU_OK;
    if (s->disk->stat_fd(s->disk, s->fd, &st) < 0)
        return fail(err, "look at", s->folder);
    if (st.st_nlink == 0 || st.st_size <= 0 || (uint64_t)st.st_size < limit_bytes)
        return OU_OK;
    status = s->durability == DURABLE_NEVER ? OU_OK : file_sink_sync(s, err);
    return status == OU_OK ? create_file(s, err) : status;
}

/* Whether a path leads to the file that is open. */
static bool leads_here(struct file_sink *s, const char *path, const struct stat *here)
{
    struct stat st;

    return s->disk->stat_path(s->disk, path, &st) == 0 && st.st_ino == here->st_ino &&
           st.st_dev == here->st_dev;
}

enum ou_status file_sink_look_after(struct file_sink *s, struct ou_error *err)
{
    char path[PATH_MAX];
    struct stat here;

    if (s->fd < 0)
        return OU_OK;
    path_of(s, s->stamp_s, path);
    if (s->disk->stat_fd(s->disk, s->fd, &here) < 0)
        return fail(err, "look at", path);
    if (!leads_here(s, path, &here)) {
        leave_file(s);
        return OU_OK;
    }
    if (s->link_due || !leads_here(s, s->link, &here))
        make_link(s);
    return s->link_due ? fail(err, "link", s->link) : OU_OK;
}

/* --- What an earlier process wrote ------------------------------------------------------------ */

static size_t count_lines(struct span text)
{
    const char *at = text.at, *end = at + text.len;
    size_t count = 0;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        count++;
    }
    return count;
}

struct reading {
    char *room; /* owned */
    size_t size;
};

static bool make_room(struct reading *r, size_t wanted)
{
    if (wanted > r->size) {
        free(r->room); /* is read anew */
        r->room = malloc(wanted);
        r->size = r->room ? wanted : 0;
    }
    return r->room != NULL;
}

/* The end of one file: so much of it that the tail has `keep` lines with it. *ret_whole: that was all of the file. */
static enum ou_status add_end(struct file_sink *s, const char *path, size_t keep,
                              struct reading *reading, struct tail *ret, bool *ret_whole)
{
    size_t wanted = TAIL_READ;

    while (make_room(reading, wanted)) {
        const ssize_t got = s->disk->read_end(s->disk, path, reading->room, wanted);
        const struct span text = { reading->room, got > 0 ? (size_t)got : 0 };

        *ret_whole = got >= 0 && text.len < wanted;
        if (got < 0 || *ret_whole || wanted == FILE_SINK_TAIL_BYTES ||
            count_lines(text) > keep - ret->count)
            return tail_prepend(ret, text, *ret_whole, keep);
        wanted = wanted * 4 < FILE_SINK_TAIL_BYTES ? wanted * 4 : FILE_SINK_TAIL_BYTES;
    }
    return OU_NO_MEMORY;
}

/* Lines that a killed process wrote, and did not get to make durable, will be confirmed as soon as they are
 * recognised. All before the newest file with lines has been made durable at its time. */
static enum ou_status sync_written(struct file_sink *s, const char *path, struct ou_error *err)
{
    const int fd = s->disk->open(s->disk, path, O_RDONLY | O_CLOEXEC, 0);
    int result, why;

    if (fd < 0)
        return fail(err, "open", path);
    result = s->disk->sync(s->disk, fd);
    why = errno;
    s->disk->close(s->disk, fd);
    errno = why;
    return result < 0 ? fail(err, "sync", path) : OU_OK;
}

enum ou_status file_sink_tail(struct file_sink *s, size_t keep, struct tail *ret,
                              struct ou_error *err)
{
    const int64_t now_s = s->disk->wall_ns(s->disk) / NS_PER_SECOND;
    struct reading reading = { NULL, 0 };
    struct log_stamps stamps = { 0 };
    char path[PATH_MAX];
    bool whole = true;
    enum ou_status status = log_stamps_list(s->disk, s->folder, s->extension, &stamps, err);
    size_t i = status == OU_OK ? log_stamps_newest(&stamps, now_s) : SIZE_MAX;

    for (int files = 0; i != SIZE_MAX && files < TAIL_FILES; i--, files++) {
        const size_t known = ret->count;

        if (status != OU_OK || !whole || known >= keep)
            break;
        path_of(s, stamps.at[i], path);
        status = add_end(s, path, keep, &reading, ret, &whole);
        if (known == 0 && ret->count > 0 && s->durability != DURABLE_NEVER)
            status = sync_written(s, path, err);
    }
    log_stamps_release(&stamps);
    free(reading.room);
    return status;
}
