/* Why fork() and not uv_spawn(): the system shall kill a child whose supervisor has died (PR_SET_PDEATHSIG), and
 * that can only be asked for by the child itself, between fork and exec, where libuv has no hook. A wrapper
 * program (setpriv --pdeathsig) would do the same, but could not see that the supervisor had died before it asked.
 *
 * The signal is SIGKILL and not SIGTERM: once the supervisor is gone nobody could follow up on a child that
 * does not listen. Ends that the supervisor survives long enough to notice are orderly, by child_stop(). */
#include "deploy/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/time.h"
#include "deploy/affinity.h"
#include "deploy/process.h"
#include "json/members.h"

#define NAME_ROOM 64
#define EXIT_NOT_STARTED 127
#define USAGE_BYTES_MAX ((size_t)1 << 12)
#define LAST_BYTES 8192 /* of a file, among which its last lines are looked for */

struct child {
    uv_poll_t end;    /* readable when it has ended */
    uv_timer_t grace; /* between its stop signal and SIGKILL */
    int open_handles;
    int pid, pid_fd, stop_signal;
    bool running;
    int64_t started_ns; /* monotonic */
    struct child_spent spent;
    char name[NAME_ROOM], directory[PATH_MAX];
    void (*ended)(struct child *child, void *owner, int status);
    void *owner;
};

/* ---- files in its folder ---- */

static bool path_of(const struct child *c, const char *name, char ret[PATH_MAX])
{
    return snprintf(ret, PATH_MAX, "%s/%s", c->directory, name) < PATH_MAX;
}

/* A number and a newline. That the file cannot be written must not disturb the process itself. */
static void write_number(const struct child *c, const char *name, int number)
{
    struct out_file file = { 0 };
    char path[PATH_MAX], text[16];
    int len = snprintf(text, sizeof text, "%d\n", number);

    if (path_of(c, name, path) && out_open(&file, path, NULL) == OU_OK) {
        out_write(&file, text, (size_t)len);
        out_commit(&file, NULL);
    }
    out_release(&file);
}

/* A line for each time it ran: what a second start used is added to the first one's. */
static void write_usage(const struct child *c)
{
    const struct child_spent *spent = &c->spent;
    struct buffer line;
    struct json_writer w;
    char path[PATH_MAX];
    int fd = path_of(c, "usage.jsonl", path)
                 ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)
                 : -1;

    if (fd < 0)
        return;
    buffer_init(&line, allocator_libc(), USAGE_BYTES_MAX);
    json_writer_init(&w, &line, false);
    json_begin_object(&w);
    json_member_seconds(&w, "wallSeconds", spent->wall_ns);
    json_member_seconds(&w, "userSeconds", spent->user_ns);
    json_member_seconds(&w, "systemSeconds", spent->system_ns);
    json_member_count(&w, "maxRssBytes", spent->max_rss_bytes);
    json_end(&w);
    buffer_char(&line, '\n');
    if (!buffer_status(&line))
        fd_write_all(fd, line.at, line.len, NULL);
    buffer_release(&line);
    close(fd);
}

/* ---- between fork and exec ---- */

struct launch {
    const struct child_options *options;
    const char **environment;
    const cpu_set_t *cores; /* NULL: any */
    int files[3];           /* its standard descriptors */
    int report_fd;          /* takes errno when something fails; closed by a good exec */
    int parent;             /* our process id */
};

static void reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number,
               SIG_DFL); /* also those that we ignore; fails for two, which have it anyway */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child; only what is async-signal-safe. */
static _Noreturn void become(const struct launch *l)
{
    int cause;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != l->parent) /* it died before the line above */
        _exit(EXIT_NOT_STARTED);
    if ((!l->cores || sched_setaffinity(0, sizeof *l->cores, l->cores) == 0) &&
        chdir(l->options->directory) == 0 && dup2(l->files[0], 0) == 0 &&
        dup2(l->files[1], 1) == 1 && dup2(l->files[2], 2) == 2) {
        /* Ours all close at exec; those that we inherited (of a build tool, say) are nobody's business, either. */
        close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        reset_signals();
        execve(l->options->argv[0], (char *const *)l->options->argv, (char *const *)l->environment);
    }
    cause = errno;
    while (write(l->report_fd, &cause, sizeof cause) < 0 && errno == EINTR)
        ;
    _exit(EXIT_NOT_STARTED);
}

/* The errno of the child's last step, 0 when it runs the program. */
static int wait_for_exec(int fd)
{
    int cause = 0;
    ssize_t got;

    do
        got = read(fd, &cause, sizeof cause);
    while (got < 0 && errno == EINTR);
    return got == sizeof cause ? cause : 0;
}

/* ---- starting ---- */

static enum ou_status fail_start(const struct child *c, const char *what, int cause,
                                 struct ou_error *err)
{
    return ou_fail(err, OU_IO, "start %s: %s: %s", c->name, what, strerror(cause));
}

/* Signals stay blocked until the child has its own handlers: one of libuv's, run in the child, would write into
 * the pipe that it shares with us. */
static int fork_quietly(const struct launch *l)
{
    sigset_t all, before;
    int pid;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        become(l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static enum ou_status launch(struct child *c, struct launch *l, struct ou_error *err)
{
    int report[2], cause;

    if (pipe2(report, O_CLOEXEC) < 0)
        return fail_start(c, "pipe", errno, err);
    l->report_fd = report[1];
    l->parent = getpid();
    c->started_ns = time_monotonic_ns();
    c->pid = fork_quietly(l);
    cause = c->pid < 0 ? errno : 0;
    close(report[1]);
    if (c->pid > 0) {
        setpgid(c->pid, c->pid); /* whoever of us two is first */
        cause = wait_for_exec(report[0]);
    }
    close(report[0]);
    if (cause && c->pid > 0)
        waitpid(c->pid, NULL, 0);
    return cause ? fail_start(c, l->options->argv[0], cause, err) : OU_OK;
}

static int open_output(const struct child *c, const char *name)
{
    char path[PATH_MAX];

    if (!path_of(c, name, path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static bool is_replaced(const char *entry, const char *const *by)
{
    size_t name_len = strcspn(entry, "=") + 1;

    for (; by && *by; by++)
        if (strncmp(entry, *by, name_len) == 0)
            return true;
    return false;
}

/* Ours, with the options' in place of those of the same names. Made before the fork, behind which no memory may be taken.
 * NULL: no memory. */
static const char **environment_of(const struct child_options *options)
{
    const char *const *own = options->environment;
    const char **ret;
    size_t count = 0, own_count = 0, at = 0;

    while (environ[count])
        count++;
    while (own && own[own_count])
        own_count++;
    ret = calloc(count + own_count + 1, sizeof *ret);
    for (size_t i = 0; ret && i < count; i++)
        if (!is_replaced(environ[i], own))
            ret[at++] = environ[i];
    for (size_t i = 0; ret && i < own_count; i++)
        ret[at++] = own[i];
    return ret;
}

static enum ou_status launch_with_files(struct child *c, const struct child_options *options,
                                        struct ou_error *err)
{
    struct launch l = { .options = options };
    enum ou_status status = OU_OK;
    cpu_set_t cores;

    if (options->cores && *options->cores) {
        status = affinity_parse(options->cores, &cores, err);
        if (status)
            return status;
        l.cores = &cores;
    }
    l.environment = environment_of(options);
    if (!l.environment)
        return ou_fail(err, OU_NO_MEMORY, "start %s: no memory", options->name);
    l.files[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    l.files[1] = open_output(c, "stdout");
    l.files[2] = open_output(c, "stderr");
    if (l.files[0] < 0 || l.files[1] < 0 || l.files[2] < 0)
        status = fail_start(c, c->directory, errno, err);
    else
        status = launch(c, &l, err);
    for (int i = 0; i < 3; i++)
        if (l.files[i] >= 0)
            close(l.files[i]);
    free(l.environment);
    return status;
}

/* ---- ending ---- */

static void on_closed(uv_handle_t *handle)
{
    struct child *c = handle->data;

    if (--c->open_handles > 0)
        return;
    if (c->pid_fd >= 0)
        close(c->pid_fd);
    free(c);
}

void child_free(struct child *c)
{
    if (!c)
        return;
    uv_close((uv_handle_t *)&c->end, on_closed);
    uv_close((uv_handle_t *)&c->grace, on_closed);
}

static int64_t ns_of(struct timeval t)
{
    return (int64_t)t.tv_sec * NS_PER_SECOND + (int64_t)t.tv_usec * 1000;
}

/* Its group goes with it. While it has not been waited for, nobody else can have its number. */
static int reap(struct child *c)
{
    struct rusage usage = { 0 };
    int status = 0;

    c->spent.wall_ns = time_monotonic_ns() - c->started_ns;
    kill(-c->pid, SIGKILL);
    while (wait4(c->pid, &status, 0, &usage) < 0 && errno == EINTR)
        ;
    c->spent.user_ns = ns_of(usage.ru_utime);
    c->spent.system_ns = ns_of(usage.ru_stime);
    c->spent.max_rss_bytes = (uint64_t)usage.ru_maxrss << 10; /* told in KiB */
    c->spent.read_bytes = (uint64_t)usage.ru_inblock << 9;
    c->spent.written_bytes = (uint64_t)usage.ru_oublock << 9;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void on_end(uv_poll_t *handle, int problem, int events)
{
    struct child *c = handle->data;
    int status;

    (void)problem;
    (void)events;
    uv_poll_stop(&c->end);
    uv_timer_stop(&c->grace);
    status = reap(c);
    c->running = false;
    write_number(c, "exit_status", status);
    write_usage(c);
    if (c->ended)
        c->ended(c, c->owner, status);
}

static void on_grace_over(uv_timer_t *timer)
{
    const struct child *c = timer->data;

    kill(-c->pid, SIGKILL);
}

void child_stop(struct child *c, uint64_t grace_ms)
{
    if (!c->running)
        return;
    if (grace_ms == 0) {
        kill(-c->pid, SIGKILL);
        return;
    }
    kill(-c->pid, c->stop_signal);
    kill(-c->pid, SIGCONT); /* one that was suspended would not see it */
    uv_timer_start(&c->grace, on_grace_over, grace_ms, 0);
}

/* ---- all of it ---- */

/* SIGCHLD that our parent had ignored would make the system throw exit statuses away. */
static void want_exit_statuses(void)
{
    struct sigaction action;

    if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
        signal(SIGCHLD, SIG_DFL);
}

static enum ou_status watch(uv_loop_t *loop, struct child *c, struct ou_error *err)
{
    int problem;

    c->pid_fd = pidfd_open(c->pid, 0);
    if (c->pid_fd < 0)
        return fail_start(c, "watch the process", errno, err);
    problem = uv_poll_init(loop, &c->end, c->pid_fd);
    if (problem)
        return ou_fail(err, OU_IO, "start %s: watch the process: %s", c->name,
                       uv_strerror(problem));
    uv_timer_init(loop, &c->grace);
    c->end.data = c->grace.data = c;
    c->open_handles = 2;
    c->running = true;
    uv_poll_start(&c->end, UV_READABLE, on_end);
    write_number(c, "pid", c->pid);
    return OU_OK;
}

enum ou_status child_start(uv_loop_t *loop, const struct child_options *options, struct child **ret,
                           struct ou_error *err)
{
    struct child *c = calloc(1, sizeof *c);
    enum ou_status status;

    if (!c)
        return ou_fail(err, OU_NO_MEMORY, "start %s: no memory", options->name);
    c->pid_fd = -1;
    c->ended = options->ended;
    c->owner = options->owner;
    c->stop_signal = options->stop_signal ? options->stop_signal : SIGTERM;
    snprintf(c->name, sizeof c->name, "%s", options->name);
    if (snprintf(c->directory, sizeof c->directory, "%s", options->directory) >= PATH_MAX) {
        free(c);
        return ou_fail(err, OU_IO, "start %s: the path of its folder is too long", options->name);
    }
    want_exit_statuses();
    status = launch_with_files(c, options, err);
    if (!status) {
        status = watch(loop, c, err);
        if (status)
            reap(c);
    }
    if (!status) {
        *ret = c;
        return OU_OK;
    }
    if (c->pid_fd >= 0)
        close(c->pid_fd);
    free(c);
    return status;
}

/* ---- questions ---- */

bool child_is_running(const struct child *c)
{
    return c->running;
}

int child_pid(const struct child *c)
{
    return c->pid;
}

struct child_spent child_spent(const struct child *c)
{
    return c->spent;
}

const char *child_name(const struct child *c)
{
    return c->name;
}

bool child_usage(const struct child *c, int64_t *ret_cpu_ns, uint64_t *ret_rss_bytes)
{
    return c->running && process_usage(c->pid, ret_cpu_ns, ret_rss_bytes);
}

/* Where the last CHILD_LAST_LINES of a text begin. */
static const char *last_lines(const char *text, size_t len)
{
    const char *at = text + len;
    int lines = 0;

    while (at > text && (at[-1] != '\n' || ++lines < CHILD_LAST_LINES))
        at--;
    return at;
}

static size_t read_end(const char *path, char *ret, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;
    struct stat st;

    if (fd < 0)
        return 0;
    if (fstat(fd, &st) == 0)
        got = pread(fd, ret, room, st.st_size > (off_t)room ? st.st_size - (off_t)room : 0);
    close(fd);
    return got > 0 ? (size_t)got : 0;
}

void child_last_lines(const struct child *c, char *ret, size_t room)
{
    static const char *const names[] = { "stderr", "stdout" };
    char path[PATH_MAX], text[LAST_BYTES];
    size_t len = 0;
    const char *from;

    for (size_t i = 0; len == 0 && i < sizeof names / sizeof *names; i++)
        if (path_of(c, names[i], path))
            len = read_end(path, text, sizeof text);
    while (len > 0 && text[len - 1] == '\n')
        len--;
    from = last_lines(text, len);
    if (text + len - from >= (ptrdiff_t)room)
        from = text + len - (room - 1);
    len = (size_t)(text + len - from);
    memcpy(ret, from, len);
    ret[len] = '\0';
}
