#include "deploy/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

/* A file of /proc is read at once: its parts must belong together. False when it is not there, or cut. */
static bool read_small(const char *path, char *ret, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, ret, room - 1);

    if (fd >= 0)
        close(fd);
    if (got <= 0 || (size_t)got == room - 1)
        return false;
    ret[got] = '\0';
    return true;
}

/* What stands behind the second field of /proc/PID/stat, the program's name in parentheses, which may have any character in
 * it. NULL when there is no such process. */
static const char *read_stat(int pid, char *text, size_t room)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    return read_small(path, text, room) ? strrchr(text, ')') : NULL;
}

bool process_usage(int pid, int64_t *ret_cpu_ns, uint64_t *ret_rss_bytes)
{
    char text[1024];
    const char *rest = read_stat(pid, text, sizeof text);
    uint64_t user, system;
    int64_t rss_pages;

    if (!rest || sscanf(rest,
                        ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
                        " %*d %*d %*d %*d %*d %*d %*u %*u %" SCNd64,
                        &user, &system, &rss_pages) != 3)
        return false;
    *ret_cpu_ns = (int64_t)(user + system) * (NS_PER_SECOND / sysconf(_SC_CLK_TCK));
    *ret_rss_bytes = (uint64_t)rss_pages * (uint64_t)sysconf(_SC_PAGESIZE);
    return true;
}

int64_t process_start_ns(int pid)
{
    char text[1024];
    const char *rest = read_stat(pid, text, sizeof text);
    struct timespec since_boot;
    int64_t ticks;
    char condition;

    if (!rest ||
        sscanf(rest,
               ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
               "%*d %*d %" SCNd64,
               &condition, &ticks) != 2 ||
        condition == 'Z' || condition == 'X')
        return TIME_NONE;
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    return time_wall_ns() - (int64_t)since_boot.tv_sec * NS_PER_SECOND - since_boot.tv_nsec +
           ticks * (NS_PER_SECOND / sysconf(_SC_CLK_TCK));
}

int process_group(int pid)
{
    char text[1024], condition;
    const char *rest = read_stat(pid, text, sizeof text);
    int group;

    return rest && sscanf(rest, ") %c %*d %d", &condition, &group) == 2 && condition != 'Z' &&
                   condition != 'X'
               ? group
               : 0;
}

/* Where a link of /proc/PID leads; false when it may not be read. */
static bool follow(const char *pid, const char *name, char ret[PATH_MAX])
{
    char path[PATH_MAX];
    ssize_t len;

    if (snprintf(path, sizeof path, "/proc/%s/%s", pid, name) >= (int)sizeof path)
        return false;
    len = readlink(path, ret, PATH_MAX - 1);
    if (len < 0)
        return false;
    ret[len] = '\0';
    return true;
}

static bool is_below(const char *path, const char *directory)
{
    size_t len = strlen(directory);

    return strncmp(path, directory, len) == 0 && path[len] == '/';
}

static bool leads_below(int pid, const char *name, const char *directory)
{
    char number[16], path[PATH_MAX];

    snprintf(number, sizeof number, "%d", pid);
    return follow(number, name, path) && is_below(path, directory);
}

bool process_prints_below(int pid, const char *directory)
{
    return leads_below(pid, "fd/1", directory) || leads_below(pid, "fd/2", directory);
}

bool process_is_below(int pid, const char *directory)
{
    return leads_below(pid, "cwd", directory) || process_prints_below(pid, directory);
}

void processes_each(void (*tell)(void *context, int pid, const char *directory), void *context)
{
    DIR *processes = opendir("/proc");
    const struct dirent *entry;
    char path[PATH_MAX];

    while (processes && (entry = readdir(processes))) {
        long pid = strtol(entry->d_name, NULL, 10);

        if (pid > 0 && follow(entry->d_name, "cwd", path))
            tell(context, (int)pid, path);
    }
    if (processes)
        closedir(processes);
}

struct below {
    char directory[PATH_MAX], program[PATH_MAX];
    int *pids;
    size_t room, count;
};

static void take_if_below(void *context, int pid, const char *directory)
{
    struct below *b = context;
    char number[16], program[PATH_MAX];

    snprintf(number, sizeof number, "%d", pid);
    if (pid == getpid() || !is_below(directory, b->directory) || !follow(number, "exe", program) ||
        strcmp(program, b->program) != 0)
        return;
    if (b->count < b->room)
        b->pids[b->count] = pid;
    b->count++;
}

size_t processes_below(const char *directory, const char *program, int *ret, size_t room)
{
    struct below b = { .pids = ret, .room = room };

    if (!realpath(directory, b.directory) || !realpath(program, b.program))
        return 0;
    processes_each(take_if_below, &b);
    return b.count;
}
