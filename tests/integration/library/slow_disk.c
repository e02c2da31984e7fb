/* Loaded into a program before the C library: each write to a log file takes 20 ms, as on a disk
 * that is busy. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int is_log(int fd)
{
    char link[64], path[4096];
    ssize_t len;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof(path) - 1);
    if (len <= 0)
        return 0;
    path[len] = '\0';
    return strstr(path, "/logs/") != NULL;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    const struct timespec pause = { .tv_nsec = 20000000 };
    static ssize_t (*real)(int, const void *, size_t);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    if (is_log(fd))
        nanosleep(&pause, NULL);
    return real(fd, bytes, count);
}
