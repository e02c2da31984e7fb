#include "trace/resources.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"

#define UNKNOWN INT64_MIN

/* More than any of the files has today: net/netstat, the longest, has 5 kB. */
enum { PROC_FILE_MAX = 32 * 1024 };

/* --- Reading ------------------------------------------------------------------ */

/* Reads the beginning of proc/name into room; false, with errno, when it cannot be read. */
static bool read_proc(const char *proc, const char *name, char room[PROC_FILE_MAX],
                      struct span *ret)
{
    char path[PATH_MAX];
    size_t len = 0;
    ssize_t got;
    int fd;

    if ((size_t)snprintf(path, sizeof path, "%s/%s", proc, name) >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    do {
        got = read(fd, room + len, PROC_FILE_MAX - len);
        len += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && len < PROC_FILE_MAX) || (got < 0 && errno == EINTR));
    close(fd);
    *ret = (struct span){ room, len };
    return got >= 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

/* Takes the next word off the front of the text; an empty one at its end. */
static struct span next_word(struct span *text)
{
    struct span word;

    while (text->len && is_blank(*text->at))
        *text = (struct span){ text->at + 1, text->len - 1 };
    word = (struct span){ text->at, 0 };
    while (word.len < text->len && !is_blank(word.at[word.len]))
        word.len++;
    *text = (struct span){ text->at + word.len, text->len - word.len };
    return word;
}

/* Takes a line off the front, without its end. */
static struct span next_line(struct span *text)
{
    const char *end = text->len ? memchr(text->at, '\n', text->len) : NULL;
    struct span line = { text->at, end ? (size_t)(end - text->at) : text->len };
    size_t taken = line.len + (end ? 1 : 0);

    *text = (struct span){ text->at + taken, text->len - taken };
    return line;
}

/* UNKNOWN when it is no number, or one above INT64_MAX. */
static int64_t number_of(struct span word)
{
    int64_t n = 0;

    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] < '0' || word.at[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, word.at[i] - '0', &n))
            return UNKNOWN;
    }
    return word.len ? n : UNKNOWN;
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;

    return a == UNKNOWN || b == UNKNOWN || __builtin_add_overflow(a, b, &sum) ? UNKNOWN : sum;
}

static int64_t times(int64_t a, int64_t b)
{
    int64_t product;

    return a == UNKNOWN || __builtin_mul_overflow(a, b, &product) ? UNKNOWN : product;
}

/* Ticks of the kernel's clock to 1/100 s. */
static int64_t centi_of(int64_t ticks)
{
    int64_t hundredfold = times(ticks, 100);

    return hundredfold == UNKNOWN ? UNKNOWN : hundredfold / sysconf(_SC_CLK_TCK);
}

/* --- The files -------------------------------------------------------------------- */

/* stat: fields are numbered from 1, as proc(5) does. The second is the name of the program in
 * parentheses and may hold blanks and parentheses itself: the last one ends it. */
enum { STAT_STATE = 3, STAT_UTIME = 14, STAT_STIME = 15, STAT_THREADS = 20, STAT_BLKIO = 42 };

static void take_stat(struct span text, struct resource_usage *u, int64_t *ret_pid)
{
    struct span rest = text;
    const char *end = text.len ? memrchr(text.at, ')', text.len) : NULL;
    int64_t utime = UNKNOWN, stime = UNKNOWN;

    if (!end)
        return;
    *ret_pid = number_of(next_word(&rest));
    rest = (struct span){ end + 1, (size_t)(text.at + text.len - (end + 1)) };
    for (int field = STAT_STATE; field <= STAT_BLKIO; field++) {
        struct span word = next_word(&rest);

        switch (field) {
        case STAT_UTIME: utime = number_of(word); break;
        case STAT_STIME: stime = number_of(word); break;
        case STAT_THREADS: u->threads = number_of(word); break;
        case STAT_BLKIO: u->blk_io_centi = centi_of(number_of(word)); break;
        }
    }
    u->cpu_centi = centi_of(plus(utime, stime));
}

/* statm: pages; the second number is what is resident. */
static void take_statm(struct span text, struct resource_usage *u)
{
    next_word(&text);
    u->rss_bytes = times(number_of(next_word(&text)), sysconf(_SC_PAGESIZE));
}

/* io: "name: number" in lines. */
static void take_io(struct span text, struct resource_usage *u)
{
    while (text.len) {
        struct span line = next_line(&text), name = next_word(&line);

        if (span_is(name, "read_bytes:"))
            u->fs_read_bytes = number_of(next_word(&line));
        else if (span_is(name, "write_bytes:"))
            u->fs_write_bytes = number_of(next_word(&line));
    }
}

/* net/netstat: pairs of lines that begin alike; the first one names the columns of the second. */
static void take_netstat(struct span text, struct resource_usage *u)
{
    while (text.len) {
        struct span names = next_line(&text), values = text;
        struct span name = next_word(&names), value = next_word(&values);

        if (!span_is(name, "IpExt:") || !span_is(value, "IpExt:"))
            continue;
        values = next_line(&text);
        next_word(&values);
        while ((name = next_word(&names)).len) {
            value = next_word(&values);
            if (span_is(name, "InOctets"))
                u->net_read_bytes = number_of(value);
            else if (span_is(name, "OutOctets"))
                u->net_write_bytes = number_of(value);
        }
        return;
    }
}

/* The allocator knows of the process that asks, and of no other. */
static void take_heap(struct resource_usage *u)
{
    struct mallinfo2 heap = mallinfo2();

    u->heap_bytes = (int64_t)(heap.arena + heap.hblkhd);
    u->live_bytes = (int64_t)(heap.uordblks + heap.hblkhd);
}

enum ou_status resources_read(const char *proc, struct resource_usage *ret, struct ou_error *err)
{
    struct resource_usage u = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
                                UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN };
    char room[PROC_FILE_MAX];
    struct span text;
    int64_t pid = UNKNOWN;
    int files = 0, os_error;

    if (read_proc(proc, "stat", room, &text) && ++files)
        take_stat(text, &u, &pid);
    os_error = errno;
    if (read_proc(proc, "statm", room, &text) && ++files)
        take_statm(text, &u);
    if (read_proc(proc, "io", room, &text) && ++files)
        take_io(text, &u);
    if (read_proc(proc, "net/netstat", room, &text) && ++files)
        take_netstat(text, &u);
    if (files == 0)
        return ou_fail(err, OU_IO, "read %s/stat: %s", proc, strerror(os_error));
    if (pid == getpid())
        take_heap(&u);
    *ret = u;
    return OU_OK;
}
