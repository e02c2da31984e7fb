#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "storage/bundle_list.h"

#define PIECE_BYTES ((size_t)256 << 10)
#define DEFAULT_LEVEL 3

const struct bundle_limits BUNDLE_LIMITS = { .content_bytes = (uint64_t)64 << 30,
                                             .files = 1000000,
                                             .file_bytes = (uint64_t)64 << 30 };

/* Where compressed bytes go: hashed on their way into the file. */
struct sink {
    struct out_file file;
    crypto_hash_sha256_state hash;
    uint64_t bytes;
};

struct making {
    const struct bundle_list *list;
    const struct bundle_options *options;
    struct sink sink;
    struct archive *archive;
    struct archive_entry *entry; /* used again and again */
    uint64_t content_bytes, files;
    char piece[PIECE_BYTES];
};

static la_ssize_t take_bytes(struct archive *a, void *context, const void *bytes, size_t len)
{
    struct sink *sink = context;

    out_write(&sink->file, bytes, len);
    if (sink->file.status) {
        archive_set_error(a, sink->file.os_error, "write %s: %s", sink->file.path,
                          strerror(sink->file.os_error));
        return -1;
    }
    crypto_hash_sha256_update(&sink->hash, bytes, len);
    sink->bytes += len;
    return (la_ssize_t)len;
}

static enum ou_status fail_archive(struct making *m, const char *name, struct ou_error *err)
{
    const char *why = archive_error_string(m->archive);

    return ou_fail(err, OU_IO, "pack %s: %s", name, why ? why : "no reason given");
}

/* ---- contents ---- */

static enum ou_status put_header(struct making *m, const struct bundle_item *item,
                                 const struct stat *st, struct ou_error *err)
{
    archive_entry_clear(m->entry);
    archive_entry_copy_pathname(m->entry, item->name);
    archive_entry_set_filetype(m->entry, item->folder ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(m->entry, item->folder || (st->st_mode & S_IXUSR) ? 0755 : 0644);
    archive_entry_set_size(m->entry, item->folder ? 0 : st->st_size);
    archive_entry_set_mtime(m->entry, 0, 0);
    return archive_write_header(m->archive, m->entry) == ARCHIVE_OK
               ? OU_OK
               : fail_archive(m, item->name, err);
}

static ssize_t read_some(int fd, char *into, size_t most)
{
    ssize_t got;

    do
        got = read(fd, into, most);
    while (got < 0 && errno == EINTR && !interrupt_pending());
    return got;
}

/* The bytes that it had when it was opened: a log may grow meanwhile, but what gets shorter is refused. */
static enum ou_status put_content(struct making *m, const struct bundle_item *item, int fd,
                                  uint64_t left, struct ou_error *err)
{
    while (left > 0) {
        const ssize_t got = read_some(fd, m->piece, left < PIECE_BYTES ? left : PIECE_BYTES);

        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "pack %s: interrupted", item->name);
        if (got < 0)
            return ou_fail(err, OU_IO, "pack %s: %s", item->name, strerror(errno));
        if (got == 0)
            return ou_fail(err, OU_IO, "pack %s: it was cut short while it was packed", item->name);
        if (archive_write_data(m->archive, m->piece, (size_t)got) != got)
            return fail_archive(m, item->name, err);
        left -= (uint64_t)got;
        m->content_bytes += (uint64_t)got;
        if (m->options->progress)
            m->options->progress(m->options->context, m->content_bytes);
    }
    return OU_OK;
}

static enum ou_status put_file(struct making *m, const struct bundle_item *item,
                               struct ou_error *err)
{
    struct stat st;
    int fd;
    enum ou_status status = bundle_item_open(m->list, item, &fd, &st, err);

    if (status)
        return status;
    status = put_header(m, item, &st, err);
    if (!status)
        status = put_content(m, item, fd, (uint64_t)st.st_size, err);
    close(fd);
    m->files++;
    return status;
}

static enum ou_status put_all(struct making *m, struct ou_error *err)
{
    const struct stat none = { 0 };
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < m->list->count; i++) {
        const struct bundle_item *item = &m->list->items[i];

        status = item->folder ? put_header(m, item, &none, err) : put_file(m, item, err);
    }
    if (!status && archive_write_close(m->archive) != ARCHIVE_OK)
        status = fail_archive(m, m->sink.file.path, err);
    return status;
}

/* ---- the file ---- */

/* Names are bytes, which no locale turns into others; nothing is padded behind the last compressed byte. */
static bool set_up(struct making *m)
{
    char level[16];

    (void)snprintf(level, sizeof level, "%d",
                   m->options->level ? m->options->level : DEFAULT_LEVEL);
    m->archive = archive_write_new();
    m->entry = archive_entry_new();
    return m->archive && m->entry &&
           archive_write_set_format_pax_restricted(m->archive) == ARCHIVE_OK &&
           archive_write_set_format_option(m->archive, NULL, "hdrcharset", "BINARY") ==
               ARCHIVE_OK &&
           archive_write_add_filter_zstd(m->archive) == ARCHIVE_OK &&
           archive_write_set_filter_option(m->archive, "zstd", "compression-level", level) ==
               ARCHIVE_OK &&
           archive_write_set_bytes_in_last_block(m->archive, 1) == ARCHIVE_OK &&
           archive_write_open(m->archive, &m->sink, NULL, take_bytes, NULL) == ARCHIVE_OK;
}

static void finish(struct making *m, struct bundle_made *ret)
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256_final(&m->sink.hash, hash);
    *ret = (struct bundle_made){ .bytes = m->sink.bytes,
                                 .content_bytes = m->content_bytes,
                                 .files = m->files };
    sodium_bin2hex(ret->sha256, sizeof ret->sha256, hash, sizeof hash);
}

static enum ou_status write_bundle(struct making *m, const char *path, struct bundle_made *ret,
                                   struct ou_error *err)
{
    enum ou_status status = out_open(&m->sink.file, path, err);

    if (status)
        return status;
    /* Keys are in it: before its first byte nobody else may read it. */
    if (fchmod(m->sink.file.fd, S_IRUSR | S_IWUSR) < 0)
        status = ou_fail(err, OU_IO, "make %s private: %s", path, strerror(errno));
    crypto_hash_sha256_init(&m->sink.hash);
    if (!status)
        status = set_up(m) ? put_all(m, err)
                           : ou_fail(err, OU_NO_MEMORY, "pack %s: libarchive did not begin", path);
    if (status) /* libarchive fills the file up that it was in: that goes nowhere */
        m->sink.file.status = status;
    archive_entry_free(m->entry);
    archive_write_free(m->archive);
    if (!status)
        status = out_commit(&m->sink.file, err);
    if (!status)
        finish(m, ret);
    out_release(&m->sink.file);
    return status;
}

enum ou_status bundle_make(const struct bundle_entry *entries, size_t count,
                           const struct bundle_options *options, const char *path,
                           struct bundle_made *ret, struct ou_error *err)
{
    static const struct bundle_options usual;
    struct making *m = alloc_zeroed(allocator_libc(), sizeof *m);
    struct bundle_list list;
    enum ou_status status;

    if (!m)
        return ou_fail(err, OU_NO_MEMORY, "pack %s: no memory", path);
    m->list = &list;
    m->options = options ? options : &usual;
    status = bundle_list_make(entries, count, m->options, &list, err);
    if (!status)
        status = write_bundle(m, path, ret, err);
    bundle_list_release(&list);
    alloc_free(allocator_libc(), m, sizeof *m);
    return status;
}
