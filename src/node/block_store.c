#include "node/block_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"

/* A file: FILE_MAGIC, the network's hash, records. A record: RECORD_MAGIC, its kind (1 byte),
 * the payload's length (4, little endian), the first 8 bytes of b256(those eight || payload),
 * the payload. */
enum {
    FILE_MAGIC_BYTES = 8,
    FILE_HEAD_BYTES = FILE_MAGIC_BYTES + HASH_BYTES,
    RECORD_MAGIC_BYTES = 3,
    RECORD_SIGNED_BYTES = 8, /* magic, kind, length */
    RECORD_CHECK_BYTES = 8,
    RECORD_HEAD_BYTES = RECORD_SIGNED_BYTES + RECORD_CHECK_BYTES,
    WINDOW_BYTES = 256 * 1024,
    WINDOW_MAX_BYTES = RECORD_HEAD_BYTES + BLOCK_MAX_BYTES,
};

/* Looking for good records behind a bad one stops when so many bytes were summed in vain. */
static const uint64_t search_bytes_max = (uint64_t)64 << 20;

static const char file_magic[FILE_MAGIC_BYTES + 1] = "OUBLOCK1";
static const uint8_t record_magic[RECORD_MAGIC_BYTES] = { 0xb1, 0x0c, 0x5d };

struct block_store {
    int fd, lock_fd;
    char *path;   /* of the file; owned */
    uint64_t end; /* behind the last good record */
    struct block_store_damage damage;
};

/* --- A record's head -------------------------------------------------------------------------- */

static void record_check(const uint8_t *head, struct bytes payload, uint8_t ret[RECORD_CHECK_BYTES])
{
    uint8_t hash[HASH_BYTES];

    hash256_pair((struct bytes){ head, RECORD_SIGNED_BYTES }, payload, hash);
    memcpy(ret, hash, RECORD_CHECK_BYTES);
}

static void record_head_write(enum record_kind kind, struct bytes payload,
                              uint8_t ret[RECORD_HEAD_BYTES])
{
    memcpy(ret, record_magic, RECORD_MAGIC_BYTES);
    ret[RECORD_MAGIC_BYTES] = (uint8_t)kind;
    for (int i = 0; i < 4; i++)
        ret[4 + i] = (uint8_t)(payload.count >> (8 * i));
    record_check(ret, payload, ret + RECORD_SIGNED_BYTES);
}

/* NULL when it can be the head of a record; else what is wrong. */
static const char *record_head_read(const uint8_t head[RECORD_HEAD_BYTES],
                                    enum record_kind *ret_kind, size_t *ret_count)
{
    size_t count = 0;
    uint8_t kind = head[RECORD_MAGIC_BYTES];

    for (int i = 3; i >= 0; i--)
        count = count << 8 | head[4 + i];
    if (memcmp(head, record_magic, RECORD_MAGIC_BYTES) != 0)
        return "no record begins here";
    if (kind < RECORD_BLOCK || kind > RECORD_INVALID)
        return "a record of a kind that is not known";
    if (kind == RECORD_BLOCK ? count > BLOCK_MAX_BYTES : count != HASH_BYTES)
        return "a record of impossible length";
    *ret_kind = kind;
    *ret_count = count;
    return NULL;
}

static bool record_is_whole(const uint8_t *head, struct bytes payload)
{
    uint8_t check[RECORD_CHECK_BYTES];

    record_check(head, payload, check);
    return memcmp(check, head + RECORD_SIGNED_BYTES, RECORD_CHECK_BYTES) == 0;
}

/* --- Bytes of a file, seen through a window --------------------------------------------------- */

/* Reads up to count bytes; fewer only at the file's end. */
static enum ou_status read_at(int fd, uint64_t offset, uint8_t *at, size_t count, size_t *ret_got,
                              struct ou_error *err)
{
    size_t got = 0;

    while (got < count) {
        ssize_t n = pread(fd, at + got, count - got, (off_t)(offset + got));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ou_fail(err, OU_IO, "read blocks: %s", strerror(errno));
        if (n == 0)
            break;
        got += (size_t)n;
    }
    *ret_got = got;
    return OU_OK;
}

struct window {
    int fd;
    uint8_t *at; /* owned */
    size_t cap;
    uint64_t offset; /* of at[0] in the file */
    size_t count;    /* bytes that are there */
};

/* Shows the bytes from offset on: at least `need`, unless the file ends before. The window moves
 * forward only as far as it must. */
static enum ou_status window_show(struct window *w, uint64_t offset, size_t need, struct bytes *ret,
                                  struct ou_error *err)
{
    bool inside = offset >= w->offset && offset + need <= w->offset + w->count;
    enum ou_status status;

    if (!inside) {
        size_t want = need > WINDOW_BYTES ? need : WINDOW_BYTES;

        if (want > w->cap &&
            !array_reserve(allocator_libc(), (void **)&w->at, &w->cap, want, 1, WINDOW_MAX_BYTES))
            return ou_fail(err, OU_NO_MEMORY, "read blocks: no memory");
        w->offset = offset;
        w->count = 0;
        status = read_at(w->fd, offset, w->at, want, &w->count, err);
        if (status)
            return status;
    }
    *ret = (struct bytes){ w->at + (offset - w->offset), w->count - (size_t)(offset - w->offset) };
    return OU_OK;
}

/* --- Reading all records ---------------------------------------------------------------------- */

/* What stands at an offset. */
struct found {
    const char *what; /* NULL: a whole record; "": the file ends here */
    enum record_kind kind;
    struct bytes payload;
};

static enum ou_status look_at_record(struct window *w, uint64_t offset, struct found *ret,
                                     struct ou_error *err)
{
    struct bytes seen;
    size_t count;
    enum ou_status status = window_show(w, offset, RECORD_HEAD_BYTES, &seen, err);

    *ret = (struct found){ .what = "" };
    if (status || seen.count == 0)
        return status;
    ret->what = "the file ends within a record's head";
    if (seen.count < RECORD_HEAD_BYTES)
        return OU_OK;
    ret->what = record_head_read(seen.at, &ret->kind, &count);
    if (ret->what)
        return OU_OK;
    status = window_show(w, offset, RECORD_HEAD_BYTES + count, &seen, err);
    if (status)
        return status;
    ret->payload = (struct bytes){ seen.at + RECORD_HEAD_BYTES, count };
    if (seen.count < RECORD_HEAD_BYTES + count)
        ret->what = "the file ends within a record";
    else if (!record_is_whole(seen.at, ret->payload))
        ret->what = "a record does not fit its checksum";
    return OU_OK;
}

/* How many good records stand anywhere behind a bad one. */
static enum ou_status count_behind(struct window *w, uint64_t offset, uint64_t *ret,
                                   struct ou_error *err)
{
    uint64_t summed = 0, count = 0;

    while (summed < search_bytes_max) {
        struct bytes seen;
        struct found found;
        const uint8_t *magic;
        enum ou_status status = window_show(w, offset, RECORD_HEAD_BYTES, &seen, err);

        if (status)
            return status;
        if (seen.count < RECORD_HEAD_BYTES)
            break;
        magic = memmem(seen.at, seen.count, record_magic, RECORD_MAGIC_BYTES);
        if (!magic) {
            offset += seen.count - (RECORD_MAGIC_BYTES - 1);
            continue;
        }
        offset += (uint64_t)(magic - seen.at);
        status = look_at_record(w, offset, &found, err);
        if (status)
            return status;
        if (found.what) {
            summed += RECORD_HEAD_BYTES + found.payload.count;
            offset++;
        } else {
            count++;
            offset += RECORD_HEAD_BYTES + found.payload.count;
        }
    }
    *ret = count;
    return OU_OK;
}

static enum ou_status damage_at(struct window *w, uint64_t offset, const char *what,
                                struct block_store_damage *ret, struct ou_error *err)
{
    struct stat st;

    if (fstat(w->fd, &st) < 0)
        return ou_fail(err, OU_IO, "look at the file of blocks: %s", strerror(errno));
    *ret = (struct block_store_damage){ .what = what, .at = offset };
    ret->cut_bytes = (uint64_t)st.st_size > offset ? (uint64_t)st.st_size - offset : 0;
    return count_behind(w, offset + 1, &ret->records_behind, err);
}

static enum ou_status scan_window(struct window *w, uint64_t offset, block_store_record *record,
                                  void *context, struct block_store_damage *ret,
                                  struct ou_error *err)
{
    for (;;) {
        struct found found;
        enum ou_status status = look_at_record(w, offset, &found, err);

        if (status)
            return status;
        if (found.what && *found.what)
            return damage_at(w, offset, found.what, ret, err);
        if (found.what) {
            *ret = (struct block_store_damage){ .at = offset };
            return OU_OK;
        }
        status = record(context, found.kind, offset, found.payload, err);
        if (status)
            return status;
        offset += RECORD_HEAD_BYTES + found.payload.count;
    }
}

enum ou_status block_store_scan(int fd, uint64_t from, block_store_record *record, void *context,
                                struct block_store_damage *ret, struct ou_error *err)
{
    struct window w = { .fd = fd };
    enum ou_status status = scan_window(&w, from, record, context, ret, err);

    alloc_free(allocator_libc(), w.at, w.cap);
    return status;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static enum ou_status store_lock(struct block_store *s, const char *directory, struct ou_error *err)
{
    char *path = NULL;
    enum ou_status status = OU_OK;

    if (asprintf(&path, "%s/lock", directory) < 0)
        return ou_fail(err, OU_NO_MEMORY, "lock %s: no memory", directory);
    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (s->lock_fd < 0)
        status = ou_fail(err, OU_IO, "open %s: %s", path, strerror(errno));
    else if (flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0)
        status = errno == EWOULDBLOCK
                     ? ou_fail(err, OU_USAGE, "%s is in use by another process", directory)
                     : ou_fail(err, OU_IO, "lock %s: %s", path, strerror(errno));
    free(path);
    return status;
}

static enum ou_status write_at(const struct block_store *s, uint64_t offset, struct iovec *parts,
                               int part_count, struct ou_error *err)
{
    while (part_count > 0) {
        ssize_t put = pwritev(s->fd, parts, part_count, (off_t)offset);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return ou_fail(err, OU_IO, "write %s: %s", s->path, strerror(errno));
        offset += (uint64_t)put;
        while (part_count > 0 && (size_t)put >= parts->iov_len) {
            put -= (ssize_t)parts->iov_len;
            parts++;
            part_count--;
        }
        if (part_count > 0) {
            parts->iov_base = (char *)parts->iov_base + put;
            parts->iov_len -= (size_t)put;
        }
    }
    return OU_OK;
}

/* The file's head is there, or is written where the file ends within it: a start that was cut
 * short. */
static enum ou_status check_head(struct block_store *s, const uint8_t network[HASH_BYTES],
                                 struct ou_error *err)
{
    uint8_t want[FILE_HEAD_BYTES], have[FILE_HEAD_BYTES];
    size_t got;
    enum ou_status status = read_at(s->fd, 0, have, sizeof have, &got, err);

    if (status)
        return status;
    memcpy(want, file_magic, FILE_MAGIC_BYTES);
    memcpy(want + FILE_MAGIC_BYTES, network, HASH_BYTES);
    s->end = FILE_HEAD_BYTES;
    if (got == FILE_HEAD_BYTES && memcmp(have, want, FILE_HEAD_BYTES) == 0)
        return OU_OK;
    if (memcmp(have, file_magic, got < FILE_MAGIC_BYTES ? got : FILE_MAGIC_BYTES) != 0)
        return ou_fail(err, OU_INVALID, "%s is no file of blocks of this version", s->path);
    if (got > FILE_MAGIC_BYTES && memcmp(have, want, got) != 0)
        return ou_fail(err, OU_INVALID,
                       "%s has blocks of another network: its genesis is a different one", s->path);
    return write_at(s, 0, &(struct iovec){ want, sizeof want }, 1, err);
}

static enum ou_status cut_damage(struct block_store *s, struct ou_error *err)
{
    s->end = s->damage.at;
    if (s->damage.cut_bytes > 0 && ftruncate(s->fd, (off_t)s->end) < 0)
        return ou_fail(err, OU_IO, "cut %s: %s", s->path, strerror(errno));
    return OU_OK;
}

static enum ou_status store_open(struct block_store *s, const char *directory,
                                 const uint8_t network[HASH_BYTES], block_store_record *record,
                                 void *context, struct ou_error *err)
{
    enum ou_status status = file_make_directory(directory, err);

    if (!status)
        status = store_lock(s, directory, err);
    if (status)
        return status;
    if (asprintf(&s->path, "%s/blocks", directory) < 0) {
        s->path = NULL;
        return ou_fail(err, OU_NO_MEMORY, "open %s: no memory", directory);
    }
    s->fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (s->fd < 0)
        return ou_fail(err, OU_IO, "open %s: %s", s->path, strerror(errno));
    status = check_head(s, network, err);
    if (!status)
        status = block_store_scan(s->fd, s->end, record, context, &s->damage, err);
    if (!status)
        status = cut_damage(s, err);
    return status;
}

enum ou_status block_store_open(const char *directory, const uint8_t network[HASH_BYTES],
                                block_store_record *record, void *context, struct block_store **ret,
                                struct ou_error *err)
{
    struct block_store *s = alloc_zeroed(allocator_libc(), sizeof *s);
    enum ou_status status;

    if (!s)
        return ou_fail(err, OU_NO_MEMORY, "open %s: no memory", directory);
    s->fd = s->lock_fd = -1;
    status = store_open(s, directory, network, record, context, err);
    if (status) {
        block_store_close(s);
        return status;
    }
    *ret = s;
    return OU_OK;
}

void block_store_close(struct block_store *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    if (s->lock_fd >= 0)
        close(s->lock_fd); /* the lock goes with it */
    free(s->path);
    alloc_free(allocator_libc(), s, sizeof *s);
}

const struct block_store_damage *block_store_damage(const struct block_store *s)
{
    return &s->damage;
}

/* --- Single records --------------------------------------------------------------------------- */

/* What of a record got through before a failure is taken back; where even that fails, the next
 * record is written over it. */
enum ou_status block_store_append(struct block_store *s, enum record_kind kind,
                                  struct bytes payload, uint64_t *ret_offset, struct ou_error *err)
{
    uint8_t head[RECORD_HEAD_BYTES];
    struct iovec parts[2] = { { head, sizeof head }, { (void *)payload.at, payload.count } };
    enum ou_status status;

    if (payload.count > BLOCK_MAX_BYTES)
        return ou_fail(err, OU_TOO_LARGE, "a block of %zu bytes", payload.count);
    record_head_write(kind, payload, head);
    status = write_at(s, s->end, parts, 2, err);
    if (status) {
        (void)!ftruncate(s->fd, (off_t)s->end);
        return status;
    }
    if (ret_offset)
        *ret_offset = s->end;
    s->end += RECORD_HEAD_BYTES + payload.count;
    return OU_OK;
}

enum ou_status block_store_read_part(const struct block_store *s, uint64_t offset, uint64_t skip,
                                     size_t count, struct buffer *ret, struct ou_error *err)
{
    uint8_t *room = (uint8_t *)buffer_room(ret, count);
    size_t got;
    enum ou_status status;

    if (!room)
        return ou_fail(err, buffer_status(ret), "read a block: no room for %zu bytes", count);
    status = read_at(s->fd, offset + RECORD_HEAD_BYTES + skip, room, count, &got, err);
    if (!status && got < count)
        status = ou_fail(err, OU_IO, "%s is shorter than it was", s->path);
    if (!status)
        buffer_added(ret, count);
    return status;
}

enum ou_status block_store_read(const struct block_store *s, uint64_t offset, struct buffer *ret,
                                struct ou_error *err)
{
    uint8_t head[RECORD_HEAD_BYTES];
    enum record_kind kind;
    size_t got, count, before = ret->len;
    enum ou_status status = read_at(s->fd, offset, head, sizeof head, &got, err);

    if (status)
        return status;
    if (got < sizeof head || record_head_read(head, &kind, &count))
        return ou_fail(err, OU_IO, "%s has changed: there is no record at byte %llu", s->path,
                       (unsigned long long)offset);
    status = block_store_read_part(s, offset, 0, count, ret, err);
    if (status)
        return status;
    if (!record_is_whole(head, (struct bytes){ (uint8_t *)ret->at + before, count })) {
        buffer_cut(ret, before);
        return ou_fail(err, OU_IO, "%s has changed: the record at byte %llu is corrupt", s->path,
                       (unsigned long long)offset);
    }
    return OU_OK;
}
