#include "base/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define KEEP_ALIVE_IDLE_S 30
#define KEEP_ALIVE_GAP_S 10
#define KEEP_ALIVE_COUNT 3
#define UNANSWERED_MS 60000

/* Where an option is not known it is not needed. */
static void set_number(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof value);
}

void tcp_tune(int fd)
{
    struct sockaddr_storage own = { 0 };
    socklen_t len = sizeof own;

    if (getsockname(fd, (struct sockaddr *)&own, &len) != 0 ||
        (own.ss_family != AF_INET && own.ss_family != AF_INET6))
        return;
    set_number(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_number(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_ALIVE_IDLE_S);
    set_number(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_ALIVE_GAP_S);
    set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_ALIVE_COUNT);
    set_number(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNANSWERED_MS);
}
