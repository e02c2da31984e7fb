#include "report/slot_table_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "report/csv.h"
#include "report/numbers.h"

enum {
    CHUNK_BYTES = 1 << 20, /* formatted before it is parked, and copied at once */
    ROW_CELLS_MAX = 64,
    CHUNKS_MAX = 1 << 20,
    NAME_BYTES_MAX = 1 << 16,
    RESOURCE_DECIMALS = 6, /* a hundredth of a byte in a MB: finer than any counter */
    DENSITY_DECIMALS = 9,
};

/* Rows of one host in the temporary file, in order. A host has one such entry
 * per chunk; `part` counts them. */
struct slot_table_chunk {
    char *name; /* owned */
    uint64_t part;
    off_t at;
    size_t bytes;
};

/* --- Formatting ------------------------------------------------------------ */

static const char header[] =
    "host,slot,slotStart,epochSlot,epoch,safetyInt,block,blockGap,forgeLoop,blockCtx,ledgerState,"
    "ledgerView,leadShips,forges,CDBSnap,rejTxs,startDelay,blkCtx,lgrState,lgrView,leadChecked,"
    "lgrTicked,mempoolSnap,forge,SpanTxsMem,TxsCollected,TxsAccepted,TxsRejected,chDensity,CPU%,"
    "GC%,MUT%,majFlt,minFlt,rssMB,heapMB,liveMB,allocatedMB,mempoolTxs,utxoSize,CentiBlkIO,NetRd,"
    "NetWr,FsRd,FsWr,Threads,dropped\n";

/* Each cell begins with its comma; the host's name stands before the first. */
static char *count_column(char *at, uint64_t value)
{
    *at++ = ',';
    return put_u64(at, value);
}

static char *known_count_column(char *at, int64_t value)
{
    *at++ = ',';
    return value < 0 ? at : put_u64(at, (uint64_t)value);
}

static char *seconds_column(char *at, int64_t ns)
{
    *at++ = ',';
    return ns == TIME_NONE ? at : put_seconds(at, ns);
}

static char *real_column(char *at, double value, int decimals)
{
    *at++ = ',';
    return isfinite(value) ? put_rounded(at, value, decimals) : at;
}

static char *resource_column(char *at, const struct slot_record *r, enum resource_member which)
{
    return real_column(at, r->resources[which], RESOURCE_DECIMALS);
}

/* Formats what the rows of one host share; slots follow each other, so that the
 * calendar is asked once a minute and not once a row (a third of the time). */
struct row_format {
    const struct genesis *genesis;
    struct buffer host;        /* its cell */
    int64_t minute;            /* since 1970, the one in `stamp` */
    char stamp[TIME_ISO_ROOM]; /* "2023-03-22T10:11:00Z" */
};

enum { STAMP_SECONDS = 17, SECONDS_PER_MINUTE = 60 };

static char *instant_column(char *at, struct row_format *f, int64_t ns)
{
    int64_t second = ns / NS_PER_SECOND, minute = second / SECONDS_PER_MINUTE;

    *at++ = ',';
    if (ns < 0) /* TIME_NONE among them: nothing here happens before 1970 */
        return at;
    if (minute != f->minute) {
        time_format_iso(minute * SECONDS_PER_MINUTE * NS_PER_SECOND, f->stamp);
        f->minute = minute;
    }
    memcpy(at, f->stamp, STAMP_SECONDS);
    at += STAMP_SECONDS;
    second -= minute * SECONDS_PER_MINUTE;
    *at++ = (char)('0' + second / 10);
    at = put_seconds(at, ns % (10 * NS_PER_SECOND)); /* the last digit and the fraction */
    *at++ = 'Z';
    return at;
}

static char *place_columns(char *at, struct row_format *f, const struct slot_record *r)
{
    const struct genesis *g = f->genesis;

    at = count_column(at, r->slot);
    at = instant_column(at, f, r->start_ns);
    at = count_column(at, slot_in_epoch(&g->clock, r->slot));
    at = count_column(at, slot_epoch(&g->clock, r->slot));
    return count_column(at, genesis_safe_interval(g, r->slot));
}

static char *forge_loop_columns(char *at, const struct slot_record *r)
{
    at = known_count_column(at, r->block_number);
    at = known_count_column(at, r->block_gap);
    at = count_column(at, r->starts);
    at = count_column(at, r->contexts);
    at = count_column(at, r->ledger_states);
    at = count_column(at, r->ledger_views);
    at = count_column(at, r->leads);
    at = count_column(at, r->forges);
    at = count_column(at, r->snapshots);
    at = count_column(at, r->rejected_txs);
    for (int phase = 0; phase < SLOT_PHASES; phase++)
        at = seconds_column(at, r->phase_ns[phase]);
    at = seconds_column(at, r->txs_span_ns);
    at = known_count_column(at, r->txs_collected);
    at = known_count_column(at, r->txs_accepted);
    return known_count_column(at, r->txs_rejected);
}

static char *resource_columns(char *at, const struct slot_record *r)
{
    at = real_column(at, r->density, DENSITY_DECIMALS);
    for (int which = RESOURCE_CENTI_CPU; which <= RESOURCE_ALLOC; which++)
        at = resource_column(at, r, (enum resource_member)which);
    at = known_count_column(at, r->mempool_txs);
    at = known_count_column(at, r->utxo_size);
    for (int which = RESOURCE_CENTI_BLK_IO; which < RESOURCE_MEMBERS; which++)
        at = resource_column(at, r, (enum resource_member)which);
    *at++ = ',';
    *at++ = r->filtered_out ? '1' : '0';
    return at;
}

static void format_row(struct buffer *out, struct row_format *f, const struct slot_record *r)
{
    char *room = buffer_room(out, f->host.len + ROW_CELLS_MAX * NUMBER_ROOM), *at = room;

    if (!room)
        return;
    memcpy(at, f->host.at, f->host.len);
    at = place_columns(at + f->host.len, f, r);
    at = forge_loop_columns(at, r);
    at = resource_columns(at, r);
    *at++ = '\n';
    buffer_added(out, (size_t)(at - room));
}

/* --- Parking --------------------------------------------------------------- */

static void fail(struct slot_table_writer *w, enum ou_status status, int os_error)
{
    pthread_mutex_lock(&w->lock);
    if (w->status == OU_OK) {
        w->status = status;
        w->os_error = os_error;
    }
    pthread_mutex_unlock(&w->lock);
}

/* Takes a place in the temporary file for one chunk and enters it in the list. */
static enum ou_status reserve(struct slot_table_writer *w, const char *host, uint64_t part,
                              size_t bytes, off_t *ret_at)
{
    struct slot_table_chunk chunk = { .name = strdup(host), .part = part, .bytes = bytes };
    enum ou_status status = OU_NO_MEMORY;

    pthread_mutex_lock(&w->lock);
    if (chunk.name && array_reserve(allocator_libc(), (void **)&w->chunks, &w->chunk_cap,
                                    w->chunk_count + 1, sizeof *w->chunks, CHUNKS_MAX)) {
        chunk.at = w->spool_end;
        w->chunks[w->chunk_count++] = chunk;
        *ret_at = w->spool_end;
        w->spool_end += (off_t)bytes;
        chunk.name = NULL;
        status = OU_OK;
    }
    pthread_mutex_unlock(&w->lock);
    free(chunk.name);
    return status;
}

static enum ou_status write_at(int fd, const char *bytes, size_t len, off_t at)
{
    while (len > 0) {
        ssize_t written = pwrite(fd, bytes, len, at);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return OU_IO;
        bytes += written;
        len -= (size_t)written;
        at += written;
    }
    return OU_OK;
}

static void park(struct slot_table_writer *w, const char *host, uint64_t part, struct buffer *rows)
{
    enum ou_status status = buffer_status(rows);
    off_t at = 0;

    if (status == OU_OK)
        status = reserve(w, host, part, rows->len, &at);
    if (status == OU_OK)
        status = write_at(w->spool, rows->at, rows->len, at);
    if (status != OU_OK)
        fail(w, status, status == OU_IO ? errno : 0);
    buffer_clear(rows);
}

static void take_rows(void *context, const char *host, const struct slot_record *rows, size_t count)
{
    struct slot_table_writer *w = context;
    struct row_format format = { .genesis = w->genesis, .minute = -1 };
    struct buffer text;
    uint64_t part = 0;

    buffer_init(&format.host, allocator_libc(), NAME_BYTES_MAX);
    buffer_init(&text, allocator_libc(),
                CHUNK_BYTES + NAME_BYTES_MAX + ROW_CELLS_MAX * NUMBER_ROOM);
    csv_text(&format.host, host);
    if (buffer_status(&format.host) != OU_OK) {
        fail(w, buffer_status(&format.host), 0);
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        format_row(&text, &format, &rows[i]);
        if (text.len >= CHUNK_BYTES || i + 1 == count || buffer_status(&text) != OU_OK)
            park(w, host, part++, &text);
    }
    buffer_release(&text);
    buffer_release(&format.host);
}

struct slot_sink slot_table_sink(struct slot_table_writer *w)
{
    return (struct slot_sink){ w, take_rows };
}

/* --- The temporary file ---------------------------------------------------- */

/* A file without a name where the file system can, else one that loses it. */
static int open_unnamed(const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char *path;

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return fd;
    if (asprintf(&path, "%s/.ouroscope-slots-XXXXXX", directory) < 0) {
        errno = ENOMEM;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    free(path);
    return fd;
}

enum ou_status slot_table_open(struct slot_table_writer *w, const struct genesis *genesis,
                               const char *directory, struct ou_error *err)
{
    int fd;

    if (!directory)
        directory = getenv("TMPDIR");
    if (!directory || !*directory)
        directory = "/var/tmp";
    fd = open_unnamed(directory);
    if (fd < 0)
        return ou_fail(err, OU_IO, "a temporary file in %s: %s", directory, strerror(errno));
    *w = (struct slot_table_writer){ .genesis = genesis, .spool = fd };
    pthread_mutex_init(&w->lock, NULL);
    return OU_OK;
}

void slot_table_release(struct slot_table_writer *w)
{
    for (size_t i = 0; i < w->chunk_count; i++)
        free(w->chunks[i].name);
    alloc_free(allocator_libc(), w->chunks, w->chunk_cap * sizeof *w->chunks);
    pthread_mutex_destroy(&w->lock);
    close(w->spool);
    *w = (struct slot_table_writer){ .spool = -1 };
}

/* --- Writing it out -------------------------------------------------------- */

/* Where the table goes; one of the two. */
struct destination {
    struct out_file *file;
    int fd;
};

static enum ou_status put_bytes(const struct destination *to, const void *bytes, size_t len,
                                struct ou_error *err)
{
    if (!to->file)
        return fd_write_all(to->fd, bytes, len, err);
    out_write(to->file, bytes, len); /* its failures are told by out_commit() */
    return OU_OK;
}

static int by_name_and_part(const void *left, const void *right)
{
    const struct slot_table_chunk *a = left, *b = right;
    int names = strcmp(a->name, b->name);

    return names ? names : (a->part > b->part) - (a->part < b->part);
}

static enum ou_status copy_chunk(struct slot_table_writer *w, const struct slot_table_chunk *from,
                                 char *buffer, size_t room, const struct destination *to,
                                 struct ou_error *err)
{
    off_t at = from->at, end = from->at + (off_t)from->bytes;
    enum ou_status status = OU_OK;

    while (at < end && status == OU_OK) {
        size_t want = (size_t)(end - at) < room ? (size_t)(end - at) : room;
        ssize_t got = pread(w->spool, buffer, want, at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ou_fail(err, OU_IO, "the temporary file of slots.csv: %s",
                           got < 0 ? strerror(errno) : "it has become shorter");
        status = put_bytes(to, buffer, (size_t)got, err);
        at += got;
    }
    return status;
}

static enum ou_status write_table(struct slot_table_writer *w, const struct destination *to,
                                  struct ou_error *err)
{
    char *buffer;
    enum ou_status status;

    if (w->status != OU_OK)
        return ou_fail(err, w->status, "the table of slots: %s",
                       w->os_error ? strerror(w->os_error) : ou_status_name(w->status));
    if (w->chunk_count > 0)
        qsort(w->chunks, w->chunk_count, sizeof *w->chunks, by_name_and_part);
    buffer = malloc(CHUNK_BYTES);
    if (!buffer)
        return ou_fail(err, OU_NO_MEMORY, "the table of slots: no memory");
    status = put_bytes(to, header, sizeof header - 1, err);
    for (size_t i = 0; i < w->chunk_count && status == OU_OK; i++)
        status = copy_chunk(w, &w->chunks[i], buffer, CHUNK_BYTES, to, err);
    free(buffer);
    return status;
}

enum ou_status slot_table_write_file(struct slot_table_writer *w, struct out_file *to,
                                     struct ou_error *err)
{
    return write_table(w, &(struct destination){ .file = to, .fd = -1 }, err);
}

enum ou_status slot_table_write_fd(struct slot_table_writer *w, int fd, struct ou_error *err)
{
    return write_table(w, &(struct destination){ .fd = fd }, err);
}
