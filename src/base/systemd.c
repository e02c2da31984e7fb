#include "base/systemd.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Where systemd listens: a path, or a name beginning with @ of the abstract kind, whose first byte is 0 in truth. Returns the
 * length of the address; 0: nowhere. */
static socklen_t notify_address(struct sockaddr_un *ret)
{
    const char *name = getenv("NOTIFY_SOCKET");
    const size_t len = name ? strlen(name) : 0;

    if (len < 2 || len >= sizeof ret->sun_path || (name[0] != '/' && name[0] != '@'))
        return 0;
    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(ret->sun_path, name, len);
    if (name[0] == '@')
        ret->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* Whoever does not listen any more cannot be told that: a failure changes nothing. */
static void notify(const char *text)
{
    struct sockaddr_un to;
    const socklen_t len = notify_address(&to);
    const int fd = len ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

    if (fd < 0)
        return;
    (void)sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&to, len);
    close(fd);
}

void systemd_ready(void)
{
    notify("READY=1");
}

/* With the time, so that systemd from version 253 on knows which reload this is (Type=notify-reload). */
void systemd_reloading(void)
{
    struct timespec now;
    char text[64];

    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
             (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    notify(text);
}

void systemd_stopping(void)
{
    notify("STOPPING=1");
}

/* The variables are inherited by children, of whom systemd expects nothing. */
static bool is_watched(void)
{
    const char *pid = getenv("WATCHDOG_PID");

    return getenv("WATCHDOG_USEC") && (!pid || strtoll(pid, NULL, 10) == (long long)getpid());
}

void systemd_alive(void)
{
    if (is_watched())
        notify("WATCHDOG=1");
}
