#include "workbench/run_live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "deploy/process.h"

/* ---- the lock ---- */

static enum ou_status lock_path(const char *run_directory, char ret[PATH_MAX], struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/lock", run_directory) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", run_directory);
    return OU_OK;
}

/* A lock of the whole file. Of the kind that belongs to a process, because only that tells which one it is. */
static struct flock whole_file(void)
{
    return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

enum ou_status run_lock_take(const char *run_directory, struct run_lock *ret, struct ou_error *err)
{
    struct flock wanted = whole_file();
    char path[PATH_MAX];
    enum ou_status status = lock_path(run_directory, path, err);
    int fd;

    if (status)
        return status;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return ou_fail(err, OU_IO, "open %s: %s", path, strerror(errno));
    if (fcntl(fd, F_SETLK, &wanted) == 0) {
        *ret = (struct run_lock){ .held = true, .fd = fd };
        return OU_OK;
    }
    if (errno != EAGAIN && errno != EACCES) {
        status = ou_fail(err, OU_IO, "lock %s: %s", path, strerror(errno));
    } else {
        fcntl(fd, F_GETLK, &wanted);
        status = ou_fail(err, OU_USAGE, "%s: process %d watches this run already", run_directory,
                         (int)wanted.l_pid);
    }
    close(fd);
    return status;
}

void run_lock_release(struct run_lock *lock)
{
    if (lock->held)
        close(lock->fd);
    lock->held = false;
}

int run_watcher(const char *run_directory)
{
    struct flock held = whole_file();
    char path[PATH_MAX];
    int fd = lock_path(run_directory, path, NULL) ? -1 : open(path, O_RDWR | O_CLOEXEC);
    bool known = fd >= 0 && fcntl(fd, F_GETLK, &held) == 0 && held.l_type != F_UNLCK;

    if (fd >= 0)
        close(fd);
    return known && held.l_pid > 0 ? (int)held.l_pid : 0;
}

/* ---- processes ---- */

/* A process id is written right behind the start. One that was given to another process since belongs to a
 * later start; and a file that was copied has a later time than its process. */
#define PID_FILE_EARLY_NS (2 * NS_PER_SECOND)
#define PID_FILE_LATE_NS (10 * NS_PER_SECOND)
#define PID_BYTES_MAX 32

/* What RUN/SERVICE/pid tells. */
struct told_pid {
    int pid;
    int64_t written_ns;
};

struct found {
    char directory[PATH_MAX]; /* of the run, without links */
    char nodes[PATH_MAX];     /* the same of its nodes */
    struct told_pid *told;    /* told_count of RUN_PROCESSES_MAX */
    size_t told_count;
    int *pids;
    size_t room, count;
};

/* The run may have been made by anybody: a file that is none would keep us waiting. */
static bool read_pid_file(const char *path, struct told_pid *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char text[PID_BYTES_MAX + 1];
    struct stat st;
    ssize_t got = -1;

    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        got = read(fd, text, PID_BYTES_MAX);
    close(fd);
    if (got <= 0)
        return false;
    text[got] = '\0';
    *ret = (struct told_pid){ .written_ns =
                                  (int64_t)st.st_mtim.tv_sec * NS_PER_SECOND + st.st_mtim.tv_nsec };
    return sscanf(text, "%9d", &ret->pid) == 1 && ret->pid > 0;
}

static void add(struct found *f, int pid)
{
    for (size_t i = 0; i < f->count && i < f->room; i++)
        if (f->pids[i] == pid)
            return;
    if (f->count < f->room)
        f->pids[f->count] = pid;
    f->count++;
}

static void add_service(struct found *f, const char *place)
{
    char path[PATH_MAX];

    if (f->told_count < RUN_PROCESSES_MAX &&
        snprintf(path, sizeof path, "%s/%s/pid", f->directory, place) < (int)sizeof path &&
        read_pid_file(path, &f->told[f->told_count]))
        f->told_count++;
}

static void add_nodes(struct found *f)
{
    char place[NAME_MAX + 8];
    const struct dirent *entry;
    DIR *nodes = NULL;

    if (snprintf(f->nodes, sizeof f->nodes, "%s/nodes", f->directory) < (int)sizeof f->nodes)
        nodes = opendir(f->nodes);
    while (nodes && (entry = readdir(nodes))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(place, sizeof place, "nodes/%s", entry->d_name);
        add_service(f, place);
    }
    if (nodes)
        closedir(nodes);
}

/* The process itself, or what it has started and left behind: that is in its group, whose number nobody gets while there is
 * one of them. */
static bool is_of(const struct told_pid *told, int pid, int group)
{
    int64_t start_ns;

    if (pid != told->pid && group != told->pid)
        return false;
    start_ns = process_start_ns(pid);
    return start_ns != TIME_NONE && start_ns >= told->written_ns - PID_FILE_LATE_NS &&
           (pid != told->pid || start_ns <= told->written_ns + PID_FILE_EARLY_NS);
}

/* What a file says is not enough to end a process: the run is to be where it works, or prints. One that left its group still
 * prints where its service did. */
static void add_if_ours(void *context, int pid, const char *directory)
{
    struct found *f = context;
    bool is_told = false;
    int group;

    (void)directory;
    if (pid == getpid() || (group = process_group(pid)) == 0)
        return;
    for (size_t i = 0; i < f->told_count && !is_told; i++)
        is_told = is_of(&f->told[i], pid, group);
    if ((is_told && process_is_below(pid, f->directory)) || process_prints_below(pid, f->nodes))
        add(f, pid);
}

size_t run_processes(const char *run_directory, const char *program, int *ret, size_t room)
{
    struct found f = { .pids = ret, .room = room };
    int strays[RUN_PROCESSES_MAX];
    size_t count = processes_below(run_directory, program, strays, RUN_PROCESSES_MAX);
    struct told_pid told[RUN_PROCESSES_MAX];

    if (!realpath(run_directory, f.directory))
        return 0;
    f.told = told;
    add_nodes(&f);
    add_service(&f, "generator");
    add_service(&f, "tracer");
    processes_each(add_if_ours, &f);
    for (size_t i = 0; i < count && i < RUN_PROCESSES_MAX; i++)
        add(&f, strays[i]);
    return f.count;
}

#define END_PATIENCE_S 10
#define KILL_PATIENCE_S 5
#define LOOKS_PER_S 10

/* Whether all have ended before so many seconds are over. */
static bool wait_for_ends(const char *run_directory, const char *program, int patience_s)
{
    int pids[RUN_PROCESSES_MAX];

    for (int i = 0; i < patience_s * LOOKS_PER_S; i++) {
        if (run_processes(run_directory, program, pids, RUN_PROCESSES_MAX) == 0)
            return true;
        usleep(1000000 / LOOKS_PER_S);
    }
    return false;
}

static size_t signal_all(const char *run_directory, const char *program, int number)
{
    int pids[RUN_PROCESSES_MAX];
    size_t count = run_processes(run_directory, program, pids, RUN_PROCESSES_MAX);

    for (size_t i = 0; i < count && i < RUN_PROCESSES_MAX; i++)
        kill(pids[i], number);
    return count;
}

enum ou_status run_end_processes(const char *run_directory, const char *program, size_t *ret_ended,
                                 struct ou_error *err)
{
    *ret_ended = signal_all(run_directory, program, SIGTERM);
    if (*ret_ended == 0 || wait_for_ends(run_directory, program, END_PATIENCE_S))
        return OU_OK;
    signal_all(run_directory, program, SIGKILL);
    if (wait_for_ends(run_directory, program, KILL_PATIENCE_S))
        return OU_OK;
    return ou_fail(err, OU_IO, "%s: processes of the run do not end; are they another user's?",
                   run_directory);
}

/* ---- other runs ---- */

struct seeking {
    char own[PATH_MAX];
    void (*tell)(void *context, const char *run_directory);
    void *context;
};

/* A process in RUN/nodes/NAME, of a run that somebody watches: what is left of one that was killed is about to end. */
static void look_at(void *context, int pid, const char *directory)
{
    const struct seeking *s = context;
    char run[PATH_MAX];
    char *slash;

    (void)pid;
    snprintf(run, sizeof run, "%s", directory);
    slash = strrchr(run, '/');
    if (!slash || slash - run < 6 || strncmp(slash - 6, "/nodes", 6) != 0)
        return;
    slash[-6] = '\0';
    if (strcmp(run, s->own) != 0 && run_watcher(run))
        s->tell(s->context, run);
}

void run_others_each(const char *own, void (*tell)(void *context, const char *run_directory),
                     void *context)
{
    struct seeking s = { .tell = tell, .context = context };

    if (!realpath(own, s.own))
        s.own[0] = '\0';
    processes_each(look_at, &s);
}
