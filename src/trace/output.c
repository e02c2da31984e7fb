#include "trace/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PENDING_MAX (4u << 20)
#define PENDING_FULL (256u << 10) /* from here on a line is written at once */

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
    if (o->pending.len >= PENDING_FULL)
        output_flush(o, NULL);
}

/* Writes all of it if that can be; *ret_done is how much was. Returns errno. */
static int write_out(int fd, const char *at, size_t len, size_t *ret_done)
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

static void end_cut_line(struct output *o)
{
    size_t done;

    if (o->cut && write_out(o->fd, "\n", 1, &done) == 0)
        o->cut = false;
}

enum ou_status output_flush(struct output *o, struct ou_error *err)
{
    const char *text = buffer_string(&o->pending);
    uint64_t written = o->pending_lines;
    size_t done = 0;
    int why = o->gone ? EPIPE : 0;

    if (o->pending.len == 0)
        return OU_OK;
    if (o->fd < 0 && o->path)
        open_file(o->path, &o->fd, NULL);
    if (!why && o->fd < 0)
        why = ENOENT;
    if (!why) {
        end_cut_line(o);
        why = write_out(o->fd, text, o->pending.len, &done);
    }
    if (why) {
        written = count_lines(text, done);
        o->lost_lines += o->pending_lines - written;
        o->cut = done > 0 ? text[done - 1] != '\n' : o->cut;
        o->gone = why == EPIPE;
        ou_fail(err, OU_IO, "write %s: %s", o->path ? o->path : "standard output", strerror(why));
    }
    o->lines += written;
    o->pending_lines = 0;
    buffer_clear(&o->pending);
    return why ? OU_IO : OU_OK;
}

enum ou_status output_reopen(struct output *o, struct ou_error *err)
{
    enum ou_status status;
    int fd;

    if (!o->path)
        return OU_OK;
    output_flush(o, NULL);
    status = open_file(o->path, &fd, err);
    if (status)
        return status; /* the old file goes on */
    if (o->fd >= 0)
        close(o->fd);
    o->fd = fd;
    o->cut = o->gone = false;
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
    free(o->path);
    buffer_release(&o->pending);
    *o = (struct output){ .fd = -1 };
}
