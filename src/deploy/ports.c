#include "deploy/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum ou_status reserve_one(int *ret_socket, uint16_t *ret_number, struct ou_error *err)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0)
        return ou_fail(err, OU_IO, "reserve a port: %s", strerror(errno));
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0 ||
        bind(fd, (struct sockaddr *)&at, length) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &length) < 0) {
        ou_fail(err, OU_IO, "reserve a port of 127.0.0.1: %s", strerror(errno));
        close(fd);
        return OU_IO;
    }
    *ret_socket = fd;
    *ret_number = ntohs(at.sin_port);
    return OU_OK;
}

enum ou_status ports_reserve(size_t count, struct ports *ret, struct ou_error *err)
{
    struct ports p = { 0 };
    enum ou_status status = OU_OK;

    if (count > PORTS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "more than %d ports", PORTS_MAX);
    p.sockets = calloc(count + 1, sizeof *p.sockets);
    p.numbers = calloc(count + 1, sizeof *p.numbers);
    if (!p.sockets || !p.numbers)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for %zu ports", count);
    for (; !status && p.count < count; p.count += status == OU_OK)
        status = reserve_one(&p.sockets[p.count], &p.numbers[p.count], err);
    if (status)
        ports_release(&p);
    else
        *ret = p;
    return status;
}

void ports_release(struct ports *p)
{
    for (size_t i = 0; i < p->count; i++)
        close(p->sockets[i]);
    free(p->sockets);
    free(p->numbers);
    *p = (struct ports){ 0 };
}
