#include "deploy/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

bool process_usage(int pid, int64_t *ret_cpu_ns, uint64_t *ret_rss_bytes)
{
    char path[64], text[1024];
    const char *rest;
    uint64_t user, system;
    int64_t rss_pages;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!read_small(path, text, sizeof text))
        return false;
    /* The second field is the program's name in parentheses, and may have any character in it. */
    rest = strrchr(text, ')');
    if (!rest || sscanf(rest,
                        ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
                        " %*d %*d %*d %*d %*d %*d %*u %*u %" SCNd64,
                        &user, &system, &rss_pages) != 3)
        return false;
    *ret_cpu_ns = (int64_t)(user + system) * (NS_PER_SECOND / sysconf(_SC_CLK_TCK));
    *ret_rss_bytes = (uint64_t)rss_pages * (uint64_t)sysconf(_SC_PAGESIZE);
    return true;
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

size_t processes_below(const char *directory, const char *program, int *ret, size_t room)
{
    char real_directory[PATH_MAX], real_program[PATH_MAX], path[PATH_MAX];
    const struct dirent *entry;
    size_t count = 0;
    DIR *processes;

    if (!realpath(directory, real_directory) || !realpath(program, real_program))
        return 0;
    processes = opendir("/proc");
    while (processes && (entry = readdir(processes))) {
        long pid = strtol(entry->d_name, NULL, 10);

        if (pid <= 0 || pid == getpid() || !follow(entry->d_name, "cwd", path) ||
            !is_below(path, real_directory) || !follow(entry->d_name, "exe", path) ||
            strcmp(path, real_program) != 0)
            continue;
        if (count < room)
            ret[count] = (int)pid;
        count++;
    }
    if (processes)
        closedir(processes);
    return count;
}
