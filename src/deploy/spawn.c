#include "deploy/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/time.h"

/* How often the end of the process is looked for when it says nothing. */
#define TICK_MS 20
#define READ_BYTES 16384

/* Pipes by what comes through them: output, errors, and why the program could not be started. */
enum { PIPE_OUT, PIPE_ERR, PIPE_START, PIPES };

struct spawning {
    const struct spawn_options *options;
    struct spawn_result *result;
    int read_ends[PIPES], write_ends[PIPES]; /* -1: closed */
    int input;                               /* what is to be its standard input; -1: closed */
    pid_t pid;
    bool ended;
};

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_all(int *fds)
{
    for (int i = 0; i < PIPES; i++)
        close_one(&fds[i]);
}

static enum ou_status open_pipes(struct spawning *s, struct ou_error *err)
{
    for (int i = 0; i < PIPES; i++)
        s->read_ends[i] = s->write_ends[i] = -1;
    for (int i = 0; i < PIPES; i++) {
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
            return ou_fail(err, OU_IO, "run %s: make a pipe: %s", s->options->argv[0],
                           strerror(errno));
        s->read_ends[i] = ends[0];
        s->write_ends[i] = ends[1];
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    return OU_OK;
}

/* A file that has no name: it is all there before the program begins, and nobody waits for nobody. */
static enum ou_status open_input(struct spawning *s, struct ou_error *err)
{
    struct span rest = s->options->input;
    bool is_fine;

    s->input =
        rest.len ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
    is_fine = s->input >= 0;
    while (is_fine && rest.len > 0) {
        const ssize_t put = write(s->input, rest.at, rest.len);

        is_fine = put > 0 || (put < 0 && errno == EINTR);
        if (put > 0)
            rest = (struct span){ rest.at + put, rest.len - (size_t)put };
    }
    if (!is_fine || (s->options->input.len && lseek(s->input, 0, SEEK_SET) < 0))
        return ou_fail(err, OU_IO, "run %s: its input: %s", s->options->argv[0], strerror(errno));
    return OU_OK;
}

/* In the new process: only what is safe after a fork. Does not return. */
static void become_program(const struct spawning *s, pid_t parent)
{
    int os_error;
    ssize_t told;

    setpgid(0, 0);
    (void)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); /* libraries do not always say so themselves */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    if (getppid() == parent && dup2(s->input, 0) >= 0 && dup2(s->write_ends[PIPE_OUT], 1) >= 0 &&
        dup2(s->write_ends[PIPE_ERR], 2) >= 0 &&
        (!s->options->directory || chdir(s->options->directory) == 0))
        execvp(s->options->argv[0], (char *const *)s->options->argv);
    os_error = errno;
    told = write(s->write_ends[PIPE_START], &os_error, sizeof os_error);
    _exit(told < 0 ? 126 : 127);
}

static enum ou_status start(struct spawning *s, struct ou_error *err)
{
    const pid_t parent = getpid();

    s->pid = fork();
    if (s->pid < 0)
        return ou_fail(err, OU_IO, "run %s: %s", s->options->argv[0], strerror(errno));
    if (s->pid == 0)
        become_program(s, parent);
    setpgid(s->pid, s->pid); /* whoever of us two comes first */
    close_all(s->write_ends);
    return OU_OK;
}

/* Takes what is there; a pipe at its end is closed. Beyond the maximum it is read and forgotten. */
static void take_output(int *fd, struct buffer *into)
{
    char piece[READ_BYTES];
    ssize_t got;

    while (*fd >= 0 && (got = read(*fd, piece, sizeof piece)) != 0) {
        const size_t left = into->max - into->len;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got < 0)
            break;
        buffer_append(into, piece, (size_t)got < left ? (size_t)got : left);
    }
    close_one(fd);
}

static void take_all_output(struct spawning *s)
{
    take_output(&s->read_ends[PIPE_OUT], &s->result->out);
    take_output(&s->read_ends[PIPE_ERR], &s->result->err);
}

static void reap(struct spawning *s, int flags)
{
    int status;
    pid_t got;

    do
        got = waitpid(s->pid, &status, flags);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return;
    s->ended = true;
    if (got == s->pid)
        s->result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void wait_a_moment(const struct spawning *s)
{
    struct pollfd fds[] = { { .fd = s->read_ends[PIPE_OUT], .events = POLLIN },
                            { .fd = s->read_ends[PIPE_ERR], .events = POLLIN } };

    poll(fds, sizeof fds / sizeof *fds, TICK_MS);
}

static enum ou_status watch(struct spawning *s, struct ou_error *err)
{
    const int64_t begun = time_monotonic_ns();

    for (;;) {
        take_all_output(s);
        reap(s, WNOHANG);
        if (s->ended)
            return OU_OK;
        if (interrupt_pending() || (s->options->cancel && atomic_load(s->options->cancel)))
            return ou_fail(err, OU_INTERRUPTED, "%s: interrupted", s->options->argv[0]);
        if (s->options->limit_ms &&
            time_monotonic_ns() - begun > (int64_t)s->options->limit_ms * 1000000)
            return ou_fail(err, OU_IO, "%s: did not come to an end in %.1f s; it was killed",
                           s->options->argv[0], (double)s->options->limit_ms / 1000);
        wait_a_moment(s);
    }
}

/* Descendants of one that ended by itself may go on; those of one that did not must not. */
static void finish(struct spawning *s, enum ou_status status)
{
    if (status)
        kill(-s->pid, SIGKILL);
    if (!s->ended)
        reap(s, 0);
    take_all_output(s);
}

static enum ou_status why_not_started(const struct spawning *s, struct ou_error *err)
{
    int os_error;

    if (read(s->read_ends[PIPE_START], &os_error, sizeof os_error) != sizeof os_error)
        return OU_OK;
    return ou_fail(err, os_error == ENOENT ? OU_NOT_FOUND : OU_IO, "run %s: %s",
                   s->options->argv[0], strerror(os_error));
}

enum ou_status spawn_run(const struct spawn_options *options, struct spawn_result *ret,
                         struct ou_error *err)
{
    struct spawning s = { .options = options, .result = ret, .input = -1 };
    enum ou_status status;

    *ret = (struct spawn_result){ 0 };
    buffer_init(&ret->out, allocator_libc(), SPAWN_OUTPUT_MAX);
    buffer_init(&ret->err, allocator_libc(), SPAWN_OUTPUT_MAX);
    status = open_pipes(&s, err);
    if (!status)
        status = open_input(&s, err);
    if (!status)
        status = start(&s, err);
    if (!status) {
        status = watch(&s, err);
        finish(&s, status);
    }
    if (!status)
        status = why_not_started(&s, err);
    close_all(s.read_ends);
    close_all(s.write_ends);
    close_one(&s.input);
    return status;
}

void spawn_release(struct spawn_result *result)
{
    buffer_release(&result->out);
    buffer_release(&result->err);
}

static struct span trimmed(struct span text)
{
    while (text.len > 0 && strchr(" \t\r\n", text.at[text.len - 1]))
        text.len--;
    while (text.len > 0 && strchr(" \t\r\n", *text.at)) {
        text.at++;
        text.len--;
    }
    return text;
}

void spawn_last_line(const struct spawn_result *result, char *ret, size_t room)
{
    struct span text = trimmed((struct span){ buffer_string(&result->err), result->err.len });
    const char *newline;

    if (text.len == 0)
        text = trimmed((struct span){ buffer_string(&result->out), result->out.len });
    newline = memrchr(text.at, '\n', text.len);
    if (newline) {
        text.len -= (size_t)(newline + 1 - text.at);
        text.at = newline + 1;
    }
    text = trimmed(text);
    snprintf(ret, room, "%.*s", (int)text.len, text.at);
}
