/* A wall clock that a test can set: preloaded into a program, it adds to the time of day the seconds that stand in the file
 * `clock` of the folder where the program runs; none where there is no such file. Clocks that only count stay as they are.
 * The file is looked at twenty times a second at most. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 50000000
#define NS_PER_S 1000000000

typedef int clock_function(clockid_t, struct timespec *);

static _Atomic int64_t offset_ns, looked_ns;

static clock_function *real(void)
{
    static _Atomic(clock_function *) found;

    if (!found)
        found = (clock_function *)dlsym(RTLD_NEXT, "clock_gettime");
    return found;
}

static int64_t read_offset(void)
{
    char text[32] = "";
    int fd = open("clock", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

    if (fd >= 0)
        close(fd);
    return got > 0 ? (int64_t)(strtod(text, NULL) * NS_PER_S) : 0;
}

static int64_t offset_now(void)
{
    struct timespec at;
    int64_t now_ns;

    real()(CLOCK_MONOTONIC, &at);
    now_ns = at.tv_sec * (int64_t)NS_PER_S + at.tv_nsec;
    if (now_ns - looked_ns > LOOK_NS) {
        looked_ns = now_ns;
        offset_ns = read_offset();
    }
    return offset_ns;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    int status = real()(clock, ret);
    int64_t ns;

    if (status != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
        return status;
    ns = ret->tv_sec * (int64_t)NS_PER_S + ret->tv_nsec + offset_now();
    *ret = (struct timespec){ ns / NS_PER_S, ns % NS_PER_S };
    return 0;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec now;
    int status = clock_gettime(CLOCK_REALTIME, &now);

    (void)zone;
    *ret = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
    return status;
}

time_t time(time_t *ret)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}
