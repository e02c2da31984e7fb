#include "deploy/log_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json/scan.h"

#define STEP_BYTES (64 << 10)

/* ---- one line ---- */

/* What a line may hold that is wanted. */
struct told {
    struct scan_text kind;
    int64_t slot, length; /* of the new tip; -1: not said */
    uint64_t txs;
    int64_t setup_taken, setup_txs; /* -1: not said */
};

static bool key_is(struct scan_text key, const char *name)
{
    return !key.escaped && span_is(key.raw, name);
}

/* "HASH@SLOT" */
static bool read_tip(struct scan *s, struct told *told)
{
    struct scan_text point;
    const char *at;

    if (!scan_string(s, &point))
        return false;
    at = point.raw.len ? memchr(point.raw.at, '@', point.raw.len) : NULL;
    if (at)
        told->slot = strtoll(at + 1, NULL, 10); /* a quotation mark ends it */
    return true;
}

static bool read_view(struct scan *s, struct told *told)
{
    struct scan_text key;
    bool first = true;

    if (!scan_enter_object(s))
        return false;
    while (scan_member(s, &first, &key))
        if (!(key_is(key, "chainLength") ? scan_int(s, &told->length) : scan_skip(s)))
            return false;
    return s->problem == SCAN_FINE;
}

/* A list of texts: two quotation marks each. */
static bool count_texts(struct scan *s, uint64_t *ret)
{
    const char *from = s->at;

    if (!scan_skip(s))
        return false;
    for (; (from = memchr(from, '"', (size_t)(s->at - from))); from++)
        ++*ret;
    *ret /= 2;
    return true;
}

static bool read_data(struct scan *s, struct told *told);

static bool read_data_member(struct scan *s, struct scan_text key, struct told *told)
{
    if (key_is(key, "kind"))
        return scan_string(s, &told->kind);
    if (key_is(key, "newtip"))
        return read_tip(s, told);
    if (key_is(key, "newSuffixSelectView") || key_is(key, "newTipSelectView"))
        return read_view(s, told);
    if (key_is(key, "txIds"))
        return count_texts(s, &told->txs);
    if (key_is(key, "setupTaken"))
        return scan_int(s, &told->setup_taken);
    if (key_is(key, "setupTxs"))
        return scan_int(s, &told->setup_txs);
    if (key_is(key, "val")) /* legacy lines of the forge loop have the data one level deeper */
        return scan_peek(s) == '{' ? read_data(s, told) : scan_skip(s);
    return scan_skip(s);
}

static bool read_data(struct scan *s, struct told *told)
{
    struct scan_text key;
    bool first = true;

    if (!scan_enter_object(s))
        return false;
    while (scan_member(s, &first, &key))
        if (!read_data_member(s, key, told))
            return false;
    return s->problem == SCAN_FINE;
}

/* Kinds are the same in all formats, but for a prefix that the legacy one has before some. */
static bool kind_is(const struct told *told, const char *kind)
{
    return span_ends(told->kind.raw, kind);
}

static void take(struct log_watch *w, const struct told *told)
{
    if (kind_is(told, "AddedToCurrentChain") || kind_is(told, "SwitchedToAFork")) {
        if (told->length >= 0)
            w->height = told->length;
        if (told->slot >= 0)
            w->tip_slot = told->slot;
    } else if (kind_is(told, "TraceForgedBlock")) {
        w->blocks_forged++;
    } else if (kind_is(told, "AcceptPolicyTrace")) {
        w->starts++;
    } else if (kind_is(told, "TraceBenchTxSubServAck")) {
        w->txs_acked += told->txs;
    } else if (kind_is(told, "TraceBenchTxSubSetup") && told->setup_taken >= 0 &&
               told->setup_txs >= told->setup_taken) {
        w->setup_taken = (uint64_t)told->setup_taken;
        w->setup_txs = (uint64_t)told->setup_txs;
    }
}

/* text has SCAN_PADDING bytes behind it. A line that is none of a node's is passed over. */
static void take_line(struct log_watch *w, const char *text, size_t len)
{
    struct told told = { .slot = -1, .length = -1, .setup_taken = -1, .setup_txs = -1 };
    struct scan s = scan_of(text, len);
    struct scan_text key;
    bool first = true, found = false;

    if (!scan_enter_object(&s))
        return;
    while (!found && scan_member(&s, &first, &key)) {
        found = key_is(key, "data");
        if (!(found ? scan_peek(&s) == '{' && read_data(&s, &told) : scan_skip(&s)))
            return;
    }
    if (found)
        take(w, &told);
}

/* ---- lines ---- */

/* Takes whole lines off the front. What scanning may look at behind the last one is in the buffer's memory:
 * fill() sees to that. */
static void take_lines(struct log_watch *w)
{
    const char *at = w->text.at, *end = at + w->text.len, *newline;
    size_t rest;

    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
        if (!w->in_long_line)
            take_line(w, at, (size_t)(newline - at));
        w->in_long_line = false;
        at = newline + 1;
    }
    rest = (size_t)(end - at);
    if (rest > LOG_WATCH_LINE_BYTES || w->in_long_line) {
        w->in_long_line = true;
        rest = 0;
    }
    memmove(w->text.at, at, rest);
    buffer_cut(&w->text, rest);
}

/* Adds new bytes of the file. Returns how many; 0 also when nothing can be read. */
static size_t fill(struct log_watch *w, size_t most)
{
    char *at = buffer_room(&w->text, most + SCAN_PADDING);
    ssize_t got = at ? read(w->fd, at, most) : 0;

    if (got <= 0)
        return 0;
    memset(at + got, 0, SCAN_PADDING);
    buffer_added(&w->text, (size_t)got);
    return (size_t)got;
}

/* A pipe that somebody put there would keep us waiting. */
static int open_log(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* A collector that was started again writes to a file of its own, and so does one that rotates: the link leads there. */
static bool leads_elsewhere(const struct log_watch *w)
{
    struct stat here, there;

    return stat(w->path, &there) == 0 && fstat(w->fd, &here) == 0 &&
           (here.st_ino != there.st_ino || here.st_dev != there.st_dev);
}

/* The end of a file that was left may lack its newline: that line is not whole, and stands in the next one again. */
static bool open_next(struct log_watch *w)
{
    if (w->fd >= 0)
        close(w->fd);
    buffer_cut(&w->text, 0);
    w->in_long_line = w->is_left = false;
    w->fd = open_log(w->path);
    return w->fd >= 0;
}

bool log_watch_read(struct log_watch *w, size_t most_bytes)
{
    if (w->fd < 0 && !open_next(w))
        return true;
    while (most_bytes > 0) {
        size_t got = fill(w, most_bytes < STEP_BYTES ? most_bytes : STEP_BYTES);

        if (got > 0) {
            most_bytes -= got;
            take_lines(w);
        } else if (w->is_left) {
            if (!open_next(w))
                return true;
        } else {
            w->is_left = leads_elsewhere(w); /* what was written before that is still to be read */
            if (!w->is_left)
                return true;
        }
    }
    return false;
}

enum ou_status log_watch_open(struct log_watch *w, const char *path, struct ou_error *err)
{
    *w = (struct log_watch){ .path = strdup(path), .fd = -1, .height = -1, .tip_slot = -1 };
    buffer_init(&w->text, allocator_libc(), LOG_WATCH_LINE_BYTES + 2 * STEP_BYTES);
    return w->path ? OU_OK : ou_fail(err, OU_NO_MEMORY, "watch %s: no memory", path);
}

void log_watch_skip(struct log_watch *w)
{
    struct stat st;

    if (lstat(w->path, &st) == 0 && S_ISLNK(st.st_mode))
        unlink(w->path);
    w->fd = open_log(w->path);
    if (w->fd >= 0)
        lseek(w->fd, 0, SEEK_END);
}

void log_watch_close(struct log_watch *w)
{
    if (w->path && w->fd >= 0)
        close(w->fd);
    free(w->path);
    buffer_release(&w->text);
    *w = (struct log_watch){ .fd = -1 };
}
