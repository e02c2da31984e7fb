#include "genesis/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "genesis/hash.h"
#include "json/tree.h"

/* A profile's own members, cost models above all, have some 50 kB. */
#define SECOND_HALF_BYTES_MAX ((size_t)32 << 20)
/* Where the last member of a file is looked for. */
#define TAIL_BYTES 4096

static enum ou_status fail_io(const char *what, const char *path, struct ou_error *err)
{
    return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "%s %s: %s", what, path,
                   strerror(errno));
}

static struct genesis_stamp stamp_of(const struct stat *st)
{
    return (struct genesis_stamp){
        .bytes = (uint64_t)st->st_size,
        .modified_ns = (int64_t)st->st_mtim.tv_sec * NS_PER_SECOND + st->st_mtim.tv_nsec,
    };
}

bool genesis_stamp_take(const char *directory, const char *name, struct genesis_stamp *ret)
{
    char path[PATH_MAX];
    struct stat st;

    if (genesis_path(directory, name, path, NULL) || stat(path, &st) < 0)
        return false;
    *ret = stamp_of(&st);
    return true;
}

bool genesis_stamp_fits(const char *directory, const char *name, const struct genesis_stamp *stamp)
{
    struct genesis_stamp now;

    return genesis_stamp_take(directory, name, &now) && now.bytes == stamp->bytes &&
           now.modified_ns == stamp->modified_ns;
}

/* ---- writing ---- */

static enum ou_status put_at(int fd, const char *path, struct span text, uint64_t offset,
                             struct ou_error *err)
{
    while (text.len > 0) {
        const ssize_t put = pwrite(fd, text.at, text.len, (off_t)offset);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail_io("write", path, err);
        text.at += put;
        text.len -= (size_t)put;
        offset += (uint64_t)put;
    }
    return OU_OK;
}

/* Closes the file; its time is taken after the last write. */
static enum ou_status finish(int fd, const char *path, enum ou_status status,
                             struct genesis_stamp *ret_stamp, struct ou_error *err)
{
    struct stat st = { 0 };

    if (!status && fstat(fd, &st) < 0)
        status = fail_io("look at", path, err);
    *ret_stamp = stamp_of(&st);
    if (close(fd) < 0 && !status)
        status = fail_io("write", path, err);
    return status;
}

static enum ou_status replace_tail(const char *path, uint64_t offset, struct span text,
                                   struct genesis_stamp *ret_stamp, struct ou_error *err)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    struct stat st;
    enum ou_status status = OU_OK;

    if (fd < 0)
        return fail_io("open", path, err);
    if (fstat(fd, &st) < 0)
        status = fail_io("look at", path, err);
    else if ((uint64_t)st.st_size < offset)
        status = ou_fail(err, OU_INVALID, "%s: it is shorter than its data set", path);
    if (!status && ftruncate(fd, (off_t)offset) < 0)
        status = fail_io("write", path, err);
    if (!status)
        status = put_at(fd, path, text, offset, err);
    return finish(fd, path, status, ret_stamp, err);
}

/* Members that follow others; a first half of one byte is "{" and has none. */
static void append_second_half(struct buffer *out, const struct genesis_digest *first,
                               const json_t *members)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), SECOND_HALF_BYTES_MAX);
    json_tree_append(&text, members);
    buffer_text(&text, "\n");
    buffer_text(out, first->bytes > 1 ? "," : "");
    if (buffer_status(&text))
        out->status = buffer_status(&text);
    else
        buffer_text(out, text.at + strlen("{"));
    buffer_release(&text);
}

enum ou_status genesis_write_second_half(const char *directory, const char *name,
                                         const struct genesis_digest *first, const json_t *members,
                                         struct genesis_stamp *ret_stamp,
                                         uint8_t ret_hash[HASH_BYTES], struct ou_error *err)
{
    struct genesis_digest digest = *first;
    struct buffer text;
    char path[PATH_MAX];
    enum ou_status status = genesis_path(directory, name, path, err);

    if (status)
        return status;
    buffer_init(&text, allocator_libc(), SECOND_HALF_BYTES_MAX);
    append_second_half(&text, first, members);
    status = buffer_status(&text);
    if (status)
        ou_fail(err, status, "write %s: %s", path, ou_status_name(status));
    else
        status =
            replace_tail(path, first->bytes, (struct span){ text.at, text.len }, ret_stamp, err);
    if (!status) {
        genesis_digest_add(&digest, text.at, text.len);
        genesis_digest_end(&digest, ret_hash);
    }
    buffer_release(&text);
    return status;
}

/* ---- another start ---- */

#define START_LABEL "\"systemStart\": \""

/* Where in the file the instant stands, which has `len` characters. */
static enum ou_status find_start(int fd, const char *path, size_t len, uint64_t *ret,
                                 struct ou_error *err)
{
    const size_t label = strlen(START_LABEL);
    char tail[TAIL_BYTES];
    struct stat st;
    off_t offset;
    ssize_t got;
    const char *at;

    if (fstat(fd, &st) < 0)
        return fail_io("look at", path, err);
    offset = st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0;
    got = pread(fd, tail, sizeof tail, offset);
    if (got < 0)
        return fail_io("read", path, err);
    at = memmem(tail, (size_t)got, START_LABEL, label);
    if (!at || (size_t)(tail + got - at) <= label + len || at[label + len] != '"')
        return ou_fail(err, OU_INVALID,
                       "%s: no systemStart with %zu characters was found at its end", path, len);
    *ret = (uint64_t)offset + (uint64_t)(at - tail) + label;
    return OU_OK;
}

/* The rest of the file is what was hashed as `first`. */
static enum ou_status hash_rest(int fd, const char *path, const struct genesis_digest *first,
                                uint8_t ret[HASH_BYTES], struct ou_error *err)
{
    struct genesis_digest digest = *first;
    char piece[TAIL_BYTES];
    off_t offset = (off_t)first->bytes;
    ssize_t got;

    while ((got = pread(fd, piece, sizeof piece, offset)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_io("read", path, err);
        genesis_digest_add(&digest, piece, (size_t)got);
        offset += got;
    }
    genesis_digest_end(&digest, ret);
    return OU_OK;
}

static enum ou_status patch_start(int fd, const char *path, int64_t system_start_ns,
                                  const struct genesis_digest *first, uint8_t ret[HASH_BYTES],
                                  struct ou_error *err)
{
    char iso[TIME_ISO_ROOM];
    const size_t len = time_format_iso(system_start_ns, iso);
    uint64_t offset = 0;
    enum ou_status status = find_start(fd, path, len, &offset, err);

    if (!status)
        status = put_at(fd, path, (struct span){ iso, len }, offset, err);
    if (status)
        return status;
    return first ? hash_rest(fd, path, first, ret, err) : genesis_hash_file(path, ret, err);
}

enum ou_status genesis_set_shelley_start(const char *directory, int64_t system_start_ns,
                                         const struct genesis_digest *first,
                                         struct genesis_stamp *ret_stamp,
                                         uint8_t ret_hash[HASH_BYTES], struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = genesis_path(directory, "shelley.json", path, err);
    int fd;

    if (status)
        return status;
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return fail_io("open", path, err);
    status = patch_start(fd, path, system_start_ns, first, ret_hash, err);
    return finish(fd, path, status, ret_stamp, err);
}
