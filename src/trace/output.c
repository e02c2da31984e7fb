#include "trace/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define PENDING_MAX (4u << 20)
#define PENDING_FULL (256u << 10) /* from here on a line is written at once */

static _Atomic uint64_t lines_waiting; /* the sum of all pending_lines */

uint64_t output_lines_waiting(void)
{
    return atomic_load_explicit(&lines_waiting, memory_order_relaxed);
}

static void wait_no_more(struct output *o)
{
    atomic_fetch_sub_explicit(&lines_waiting, o->pending_lines, memory_order_relaxed);
    o->pending_lines = 0;
}

/* A write to a closed pipe raises SIGPIPE, one above the limit of file sizes SIGXFSZ, and they end
 * a program that did not ask for either: it may be its thread that flushes. The error is enough. To
 * hold them takes a third of the time of a short write, which the older system makes for each message:
 * plain files that had no limit when they were opened go without. */
static bool may_raise(int fd)
{
    struct rlimit limit;
    struct stat file;

    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode))
        return true;
    return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

static enum ou_status open_file(const char *path, int *ret, struct ou_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    if (fd < 0)
        return ou_fail(err, OU_IO, "open %s: %s", path, strerror(errno));
    *ret = fd;
    return OU_OK;
}

enum ou_status output_open(struct output *o, const char *path, struct ou_error *err)
{
    struct output got = { .fd = STDOUT_FILENO };
    enum ou_status status = OU_OK;

    if (path) {
        got.path = strdup(path);
        if (!got.path)
            return ou_fail(err, OU_NO_MEMORY, "no memory for the output %s", path);
        status = open_file(path, &got.fd, err);
    }
    if (status) {
        free(got.path);
        return status;
    }
    got.may_raise = may_raise(got.fd);
    buffer_init(&got.pending, allocator_libc(), PENDING_MAX);
    *o = got;
    return OU_OK;
}

struct buffer *output_line(struct output *o)
{
    o->line_start = o->pending.len;
    return &o->pending;
}

void output_line_end(struct output *o)
{
    if (buffer_status(&o->pending) != OU_OK) {
        o->lost_lines++;
        buffer_cut(&o->pending, o->line_start);
        return;
    }
    o->pending_lines++;
    atomic_fetch_add_explicit(&lines_waiting, 1, memory_order_relaxed);
    if (o->pending.len >= PENDING_FULL)
        output_flush(o, NULL);
}

struct held_signals {
    sigset_t raised; /* by our write, when they are pending behind it */
    sigset_t before;
};

static void hold_signals(struct held_signals *h)
{
    static const int numbers[] = { SIGPIPE, SIGXFSZ };
    sigset_t pending;

    sigemptyset(&h->raised);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        sigaddset(&h->raised, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &h->raised, &h->before);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        if (sigismember(&h->before, numbers[i]) && sigpending(&pending) == 0 &&
            sigismember(&pending, numbers[i])) /* somebody else's, which the program will take */
            sigdelset(&h->raised, numbers[i]);
}

static void release_signals(const struct held_signals *h, int why)
{
    static const struct timespec at_once;

    if (why == EPIPE || why == EFBIG)
        while (sigtimedwait(&h->raised, NULL, &at_once) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &h->before, NULL);
}

/* Writes all of it if that can be; *ret_done is how much was. Returns errno. */
static int write_all(int fd, const char *at, size_t len, size_t *ret_done)
{
    size_t done = 0;
    int why = 0;

    while (done < len) {
        ssize_t n = write(fd, at + done, len - done);

        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) { /* somebody's non-blocking terminal */
            struct pollfd ready = { .fd = fd, .events = POLLOUT };

            poll(&ready, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            why = n == 0 ? EIO : errno;
            break;
        }
    }
    *ret_done = done;
    return why;
}

static int write_out(const struct output *o, const char *at, size_t len, size_t *ret_done)
{
    struct held_signals held;
    int why;

    if (!o->may_raise)
        return write_all(o->fd, at, len, ret_done);
    hold_signals(&held);
    why = write_all(o->fd, at, len, ret_done);
    release_signals(&held, why);
    return why;
}

static uint64_t count_lines(const char *at, size_t len)
{
    const char *end = at + len;
    uint64_t lines = 0;

    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        lines++;
    }
    return lines;
}

static int end_cut_line(struct output *o)
{
    size_t done;
    int why = o->cut ? write_out(o, "\n", 1, &done) : 0;

    o->cut = why != 0;
    return why;
}

enum ou_status output_flush(struct output *o, struct ou_error *err)
{
    const char *text = buffer_string(&o->pending);
    uint64_t written = o->pending_lines;
    size_t done = 0;
    int why = o->gone ? EPIPE : 0;

    if (o->pending.len == 0)
        return OU_OK;
    if (!why && o->fd < 0)
        why = ENOENT;
    if (!why)
        why = end_cut_line(o);
    if (!why)
        why = write_out(o, text, o->pending.len, &done);
    if (why) {
        written = count_lines(text, done);
        o->lost_lines += o->pending_lines - written;
        o->cut = done > 0 ? text[done - 1] != '\n' : o->cut;
        o->gone = why == EPIPE;
        ou_fail(err, OU_IO, "write %s: %s", o->path ? o->path : "standard output", strerror(why));
    }
    o->lines += written;
    wait_no_more(o);
    buffer_clear(&o->pending);
    return why ? OU_IO : OU_OK;
}

static bool is_same_file(int a, int b)
{
    struct stat of_a, of_b;

    return a >= 0 && fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

enum ou_status output_reopen(struct output *o, struct ou_error *err)
{
    enum ou_status status;
    int fd = -1;

    if (!o->path)
        return OU_OK;
    output_flush(o, NULL);
    status = open_file(o->path, &fd, err);
    if (status)
        return status; /* the old file goes on */
    o->cut = o->cut && is_same_file(o->fd, fd);
    o->gone = false;
    if (o->fd >= 0)
        close(o->fd);
    o->fd = fd;
    o->may_raise = may_raise(fd);
    return OU_OK;
}

void output_close(struct output *o)
{
    output_flush(o, NULL);
    output_abandon(o);
}

void output_abandon(struct output *o)
{
    if (o->path && o->fd >= 0)
        close(o->fd);
    wait_no_more(o);
    free(o->path);
    buffer_release(&o->pending);
    *o = (struct output){ .fd = -1 };
}
