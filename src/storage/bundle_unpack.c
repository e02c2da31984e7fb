/* Two readers of libarchive, one behind the other: one takes the compression off, the other reads what it gives as a tar. So all
 * bytes that come out of the compression are counted, and read to their end. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "storage/bundle.h"
#include "storage/bundle_folder.h"
#include "storage/bundle_names.h"

#define PIECE_BYTES ((size_t)256 << 10)
#define STREAM_SPARE_BYTES ((uint64_t)1 << 20) /* for what a tar is beside contents ... */
#define FILE_SPARE_BYTES 4096                  /* ... and for each file: headers, filling */

struct unpacking {
    const char *path;
    const struct bundle_limits *limits;
    struct archive *stream, *tar;
    struct bundle_folder folder;
    uint64_t stream_bytes; /* that came out of the compression */
    bool stream_too_large;
    uint64_t content_bytes;
    char given[PIECE_BYTES]; /* to the tar reader, last */
    size_t given_bytes;
};

static uint64_t stream_bytes_max(const struct bundle_limits *limits)
{
    return limits->content_bytes + limits->files * FILE_SPARE_BYTES + STREAM_SPARE_BYTES;
}

/* The reader's words are about the archive, and may have its names in them. */
static enum ou_status fail_reading(const struct unpacking *u, struct archive *a,
                                   struct ou_error *err)
{
    const char *why = archive_error_string(a);
    char shown[BUNDLE_SHOWN_ROOM];

    if (u->stream_too_large)
        return ou_fail(err, OU_TOO_LARGE, "unpack %s: more than the %llu bytes it may have",
                       u->path, (unsigned long long)stream_bytes_max(u->limits));
    bundle_name_shown(span_of(why ? why : "no reason given"), shown);
    return ou_fail(err, OU_INVALID, "unpack %s: damaged, or no bundle: %s", u->path, shown);
}

static enum ou_status fail_entry(const struct unpacking *u, const char *name, enum ou_status status,
                                 const char *why, struct ou_error *err)
{
    char shown[BUNDLE_SHOWN_ROOM];

    bundle_name_shown(span_of(name), shown);
    return ou_fail(err, status, "unpack %s: \"%s\": %s", u->path, shown, why);
}

/* ---- the stream of the tar ---- */

static la_ssize_t next_piece(struct unpacking *u)
{
    const la_ssize_t got = archive_read_data(u->stream, u->given, sizeof u->given);

    if (got <= 0)
        return got < 0 ? -1 : 0;
    u->stream_bytes += (uint64_t)got;
    u->given_bytes = (size_t)got;
    u->stream_too_large = u->stream_bytes > stream_bytes_max(u->limits);
    return u->stream_too_large ? -1 : got;
}

static la_ssize_t give_piece(struct archive *a, void *context, const void **ret)
{
    struct unpacking *u = context;
    const la_ssize_t got = next_piece(u);

    if (got < 0) {
        const char *why = archive_error_string(u->stream);

        archive_set_error(a, EILSEQ, "%s", why ? why : "no reason given");
    }
    *ret = u->given;
    return got;
}

static enum ou_status open_stream(struct unpacking *u, struct ou_error *err)
{
    struct archive_entry *entry;

    u->stream = archive_read_new();
    if (!u->stream || archive_read_support_filter_zstd(u->stream) != ARCHIVE_OK ||
        archive_read_support_format_raw(u->stream) != ARCHIVE_OK)
        return ou_fail(err, OU_NO_MEMORY, "unpack %s: libarchive did not begin", u->path);
    if (archive_read_open_filename(u->stream, u->path, PIECE_BYTES) != ARCHIVE_OK)
        return archive_errno(u->stream) == ENOENT
                   ? ou_fail(err, OU_NOT_FOUND, "unpack %s: %s", u->path, strerror(ENOENT))
                   : fail_reading(u, u->stream, err);
    /* Compressed once: the other filter is the file. */
    if (archive_read_next_header(u->stream, &entry) != ARCHIVE_OK ||
        archive_filter_count(u->stream) != 2 ||
        archive_filter_code(u->stream, 0) != ARCHIVE_FILTER_ZSTD)
        return ou_fail(err, OU_INVALID, "unpack %s: no bundle: it is not compressed with Zstandard",
                       u->path);
    return OU_OK;
}

static enum ou_status open_tar(struct unpacking *u, struct ou_error *err)
{
    u->tar = archive_read_new();
    if (!u->tar || archive_read_support_format_tar(u->tar) != ARCHIVE_OK)
        return ou_fail(err, OU_NO_MEMORY, "unpack %s: libarchive did not begin", u->path);
    if (archive_read_open(u->tar, u, NULL, give_piece, NULL) != ARCHIVE_OK)
        return fail_reading(u, u->tar, err);
    return OU_OK;
}

static bool is_zero(const char *at, size_t len)
{
    return len == 0 || (*at == 0 && memcmp(at, at + 1, len - 1) == 0);
}

/* A tar may be filled up with zeros behind its end; the end of the compression is read, too, so that damage there shows. */
static enum ou_status read_to_end(struct unpacking *u, struct ou_error *err)
{
    const uint64_t unread = u->stream_bytes - (uint64_t)archive_filter_bytes(u->tar, 0);
    size_t left = unread < u->given_bytes ? (size_t)unread : u->given_bytes;

    for (;;) {
        la_ssize_t got;

        if (!is_zero(u->given + u->given_bytes - left, left))
            return ou_fail(err, OU_INVALID, "unpack %s: something stands behind its end", u->path);
        got = next_piece(u);
        if (got <= 0)
            return got == 0 ? OU_OK : fail_reading(u, u->stream, err);
        left = (size_t)got;
    }
}

/* ---- entries ---- */

static const char *entry_fault(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry) || archive_entry_hardlink_utf8(entry) ||
        archive_entry_filetype(entry) == AE_IFLNK)
        return "it is a link";
    if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != AE_IFDIR)
        return "neither a file nor a folder";
    if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
        return "its size is not told";
    return archive_entry_is_encrypted(entry) ? "it is encrypted" : NULL;
}

static enum ou_status check_size(const struct unpacking *u, const char *name, uint64_t bytes,
                                 struct ou_error *err)
{
    if (bytes > u->limits->file_bytes)
        return fail_entry(u, name, OU_TOO_LARGE, "larger than a file may be", err);
    if (bytes > u->limits->content_bytes - u->content_bytes)
        return fail_entry(u, name, OU_TOO_LARGE, "with it, the content is larger than it may be",
                          err);
    return OU_OK;
}

static enum ou_status write_content(struct unpacking *u, const char *name, int fd, uint64_t bytes,
                                    struct ou_error *err)
{
    la_int64_t at = 0;

    while ((uint64_t)at < bytes) {
        const void *piece;
        size_t len;
        la_int64_t offset;
        const int result = archive_read_data_block(u->tar, &piece, &len, &offset);

        if (interrupt_pending())
            return fail_entry(u, name, OU_INTERRUPTED, "interrupted", err);
        if (result < ARCHIVE_OK)
            return fail_reading(u, u->tar, err);
        if (result == ARCHIVE_OK && offset != at)
            return fail_entry(u, name, OU_INVALID, "a file with holes", err);
        if (result == ARCHIVE_EOF || len > bytes - (uint64_t)at)
            return fail_entry(u, name, OU_INVALID, "not of the size that it tells", err);
        if (fd_write_all(fd, piece, len, NULL))
            return fail_entry(u, name, OU_IO, strerror(errno), err);
        at += (la_int64_t)len;
    }
    u->content_bytes += bytes;
    return OU_OK;
}

static enum ou_status unpack_file(struct unpacking *u, const char *name,
                                  struct archive_entry *entry, struct ou_error *err)
{
    const uint64_t bytes = (uint64_t)archive_entry_size(entry);
    const bool runs = (archive_entry_perm(entry) & 0100) != 0;
    enum ou_status status = check_size(u, name, bytes, err);
    int fd;

    if (status)
        return status;
    status = bundle_folder_create(&u->folder, name, runs, &fd, err);
    if (status)
        return status;
    status = write_content(u, name, fd, bytes, err);
    if (close(fd) < 0 && !status)
        status = fail_entry(u, name, OU_IO, strerror(errno), err);
    return status;
}

/* Folders are written with a slash behind them. */
static void cut_slash(char *name)
{
    const size_t len = strlen(name);

    if (len > 1 && name[len - 1] == '/')
        name[len - 1] = '\0';
}

static enum ou_status unpack_named(struct unpacking *u, char *name, struct archive_entry *entry,
                                   struct ou_error *err)
{
    const bool folder = archive_entry_filetype(entry) == AE_IFDIR;
    const char *fault = entry_fault(entry);

    if (folder)
        cut_slash(name);
    if (!fault)
        fault = bundle_name_fault(span_of(name));
    if (fault)
        return fail_entry(u, name, OU_INVALID, fault, err);
    return folder ? bundle_folder_make(&u->folder, name, err) : unpack_file(u, name, entry, err);
}

static enum ou_status unpack_entry(struct unpacking *u, struct archive_entry *entry,
                                   struct ou_error *err)
{
    const char *told = archive_entry_pathname_utf8(entry);
    char *name;
    enum ou_status status;

    if (!told) /* the locale has no such letters: the bytes as they stand, which are looked at below */
        told = archive_entry_pathname(entry);
    if (!told)
        return fail_entry(u, "?", OU_INVALID, "its name cannot be read", err);
    name = strdup(told);
    if (!name)
        return ou_fail(err, OU_NO_MEMORY, "unpack %s: no memory", u->path);
    status = unpack_named(u, name, entry, err);
    free(name);
    return status;
}

static enum ou_status unpack_all(struct unpacking *u, struct ou_error *err)
{
    for (;;) {
        struct archive_entry *entry;
        const int result = archive_read_next_header(u->tar, &entry);
        enum ou_status status;

        if (result == ARCHIVE_EOF)
            return read_to_end(u, err);
        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "unpack %s: interrupted", u->path);
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) /* WARN: names beyond ASCII */
            return fail_reading(u, u->tar, err);
        status = unpack_entry(u, entry, err);
        if (status)
            return status;
    }
}

enum ou_status bundle_unpack(const char *path, const char *folder,
                             const struct bundle_limits *limits, uint64_t *ret_content_bytes,
                             struct ou_error *err)
{
    struct unpacking *u = alloc_zeroed(allocator_libc(), sizeof *u);
    enum ou_status status;

    if (!u)
        return ou_fail(err, OU_NO_MEMORY, "unpack %s: no memory", path);
    u->path = path;
    u->limits = limits ? limits : &BUNDLE_LIMITS;
    status = bundle_folder_open(&u->folder, folder, path, u->limits->files, err);
    if (!status)
        status = open_stream(u, err);
    if (!status)
        status = open_tar(u, err);
    if (!status)
        status = unpack_all(u, err);
    if (!status && ret_content_bytes)
        *ret_content_bytes = u->content_bytes;
    archive_read_free(u->tar); /* NULL is fine */
    archive_read_free(u->stream);
    bundle_folder_close(&u->folder);
    alloc_free(allocator_libc(), u, sizeof *u);
    return status;
}
