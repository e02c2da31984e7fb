#include "base/listening.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address of either kind, without casts between them. */
union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static void set_port(union address *a, int port)
{
    if (a->any.sa_family == AF_INET6)
        a->v6.sin6_port = htons((uint16_t)port);
    else
        a->v4.sin_port = htons((uint16_t)port);
}

static int port_of(int fd)
{
    union address a = { 0 };
    socklen_t len = sizeof a;

    if (getsockname(fd, &a.any, &len) < 0)
        return 0;
    return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

/* -1 with errno. "::" takes IPv4, too, whatever the system's default is. */
static int listen_at(union address *a, socklen_t len, int port)
{
    int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1, os_error;

    if (fd < 0)
        return -1;
    set_port(a, port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->any.sa_family == AF_INET6) {
        int only_v6 = !IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);

        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
    }
    if (bind(fd, &a->any, len) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    os_error = errno;
    close(fd);
    errno = os_error;
    return -1;
}

static bool is_not_here(int os_error)
{
    return os_error == EADDRNOTAVAIL || os_error == EAFNOSUPPORT;
}

/* Listens at each address; returns 0, or errno when there is none or one that cannot be had. */
static int listen_at_all(const struct addrinfo *addresses, struct listening *l)
{
    int os_error = EADDRNOTAVAIL;

    for (const struct addrinfo *i = addresses; i && l->count < LISTENING_MAX; i = i->ai_next) {
        union address a;
        int fd;

        if ((i->ai_family != AF_INET && i->ai_family != AF_INET6) || i->ai_addrlen > sizeof a)
            continue;
        memcpy(&a, i->ai_addr, i->ai_addrlen);
        fd = listen_at(&a, i->ai_addrlen, l->port);
        if (fd >= 0) {
            l->fds[l->count++] = fd;
            l->port = port_of(fd);
        } else if (!is_not_here(errno)) {
            return errno;
        } else {
            os_error = errno;
        }
    }
    return l->count ? 0 : os_error;
}

static const char *next_step(int os_error)
{
    if (os_error == EADDRINUSE)
        return "; choose another port, or end the program that has this one";
    if (os_error == EACCES)
        return "; ports below 1024 are the system's: choose a higher one";
    if (is_not_here(os_error))
        return "; choose an address of this machine";
    return "";
}

enum ou_status listening_open(const char *host, int port, struct listening *ret,
                              struct ou_error *err)
{
    /* This name means the loopback addresses (RFC 6761), also where no file of names says so. */
    bool local = strcmp(host, "localhost") == 0;
    const struct addrinfo hints = { .ai_flags = local ? 0 : AI_PASSIVE,
                                    .ai_socktype = SOCK_STREAM };
    struct listening l = { .port = port };
    struct addrinfo *addresses;
    int failed = getaddrinfo(local ? NULL : host, "0", &hints, &addresses);

    if (failed)
        return ou_fail(err, OU_IO, "look up the host %s: %s", host,
                       failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
    failed = listen_at_all(addresses, &l);
    freeaddrinfo(addresses);
    if (failed) {
        listening_close(&l);
        return ou_fail(err, OU_IO, "listen on %s, port %d: %s%s", host, port, strerror(failed),
                       next_step(failed));
    }
    *ret = l;
    return OU_OK;
}

void listening_close(struct listening *l)
{
    for (int i = 0; i < l->count; i++)
        close(l->fds[i]);
    *l = (struct listening){ 0 };
}
