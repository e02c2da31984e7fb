#include "trace/forwarder_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/tcp.h"

#define SOCKET_KIND (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

static struct sockaddr_un path_address(const struct endpoint *at)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    memcpy(address.sun_path, at->text, strnlen(at->text, sizeof address.sun_path - 1));
    return address;
}

static enum ou_status fail_at(struct ou_error *err, const char *what, const struct endpoint *at,
                              const char *why)
{
    char text[ENDPOINT_ROOM];

    endpoint_format(at, text);
    return ou_fail(err, OU_IO, "%s %s: %s", what, text, why);
}

/* --- Doors ------------------------------------------------------------------------ */

/* Whether a file stands in the way that is a socket, and that nobody listens at. */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat file;
    bool refused;
    int fd;

    if (lstat(address->sun_path, &file) != 0 || !S_ISSOCK(file.st_mode))
        return false;
    fd = socket(AF_UNIX, SOCKET_KIND, 0);
    if (fd < 0)
        return false;
    refused = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
              errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* Returns 0 or errno. */
static int listen_at_path(const struct sockaddr_un *address, struct door *d)
{
    int fd = socket(AF_UNIX, SOCKET_KIND, 0), why = 0;
    struct stat file;

    if (fd < 0)
        return errno;
    if (is_stale(address))
        unlink(address->sun_path);
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) != 0 ||
        lstat(address->sun_path, &file) != 0 || listen(fd, SOMAXCONN) != 0)
        why = errno;
    if (why) {
        close(fd);
        return why;
    }
    *d = (struct door){ .sockets = { .fds = { fd }, .count = 1 },
                        .device = file.st_dev,
                        .inode = file.st_ino };
    return 0;
}

enum ou_status door_open(const struct endpoint *at, struct door *ret, struct ou_error *err)
{
    struct sockaddr_un address;
    int why;

    if (!at->is_path)
        return listening_open(at->text, at->port, &ret->sockets, err);
    address = path_address(at);
    why = listen_at_path(&address, ret);
    if (why == EADDRINUSE)
        return fail_at(err, "listen at", at, "another program listens there, or it is no socket");
    return why ? fail_at(err, "listen at", at, strerror(why)) : OU_OK;
}

int door_accept(const struct door *d, int i)
{
    int fd = accept4(d->sockets.fds[i], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0)
        tcp_tune(fd);
    return fd;
}

void door_close(struct door *d, const struct endpoint *at)
{
    struct listening sockets = d->sockets;
    struct stat file;

    if (sockets.count == 0)
        return;
    d->sockets.count =
        0; /* first: a child that is forked here must not close others' descriptors */
    if (at->is_path && lstat(at->text, &file) == 0 && file.st_dev == d->device &&
        file.st_ino == d->inode)
        unlink(at->text);
    listening_close(&sockets);
}

/* --- Calls ------------------------------------------------------------------------- */

static int try_address(const struct sockaddr *address, socklen_t len, int *ret_fd)
{
    int fd = socket(address->sa_family, SOCKET_KIND, 0), why = 0;

    *ret_fd = fd;
    if (fd < 0)
        return errno;
    tcp_tune(fd);
    if (connect(fd, address, len) != 0)
        why = errno;
    if (why && why != EINPROGRESS) {
        *ret_fd = -1;
        close(fd);
    }
    return why;
}

/* The next address that there is something to be said for. */
static enum call_state try_next(struct call *c, int why, struct ou_error *err)
{
    for (; c->next; c->next = c->next->ai_next) {
        why = try_address(c->next->ai_addr, c->next->ai_addrlen, &c->fd);
        if (c->fd < 0)
            continue;
        c->next = c->next->ai_next;
        return why == EINPROGRESS ? CALL_PENDING : CALL_DONE;
    }
    ou_fail(err, OU_IO, "%s", strerror(why));
    return CALL_FAILED;
}

static enum call_state call_path(const struct endpoint *at, struct call *ret, struct ou_error *err)
{
    struct sockaddr_un address = path_address(at);
    int why = try_address((const struct sockaddr *)&address, sizeof address, &ret->fd);

    if (why == 0)
        return CALL_DONE;
    call_end(ret); /* a socket of the file system is never in progress */
    ou_fail(err, OU_IO, "%s", strerror(why));
    return CALL_FAILED;
}

enum call_state call_begin(const struct endpoint *at, struct call *ret, struct ou_error *err)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    char port[8];
    int failed;

    *ret = (struct call){ .fd = -1 };
    if (at->is_path)
        return call_path(at, ret, err);
    snprintf(port, sizeof port, "%u", (unsigned)at->port);
    failed = getaddrinfo(at->text, port, &hints, &ret->all);
    if (failed) {
        ret->all = NULL;
        ou_fail(err, OU_IO, "look up the host: %s",
                failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
        return CALL_FAILED;
    }
    ret->next = ret->all;
    return try_next(ret, EADDRNOTAVAIL, err);
}

static void close_fd(int *fd)
{
    int closing = *fd;

    *fd = -1; /* first: see door_close() */
    if (closing >= 0)
        close(closing);
}

enum call_state call_go_on(struct call *c, struct ou_error *err)
{
    int why = 0;
    socklen_t len = sizeof why;

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &why, &len) != 0)
        why = errno;
    if (why == 0)
        return CALL_DONE;
    close_fd(&c->fd);
    return try_next(c, why, err);
}

void call_end(struct call *c)
{
    close_fd(&c->fd);
    if (c->all)
        freeaddrinfo(c->all);
    *c = (struct call){ .fd = -1 };
}
