#include "deploy/readiness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONNECT_MS 20
#define STEP_BYTES \
    ((size_t)64 << 10) /* of standard output at a look; longer lines are passed over */

/* A path of the service: a relative one begins in its folder. */
static bool path_of(const struct start_command *command, const char *name, char ret[PATH_MAX])
{
    bool is_whole = name[0] == '/';

    return snprintf(ret, PATH_MAX, "%s%s%s", is_whole ? "" : command->directory,
                    is_whole ? "" : "/", name) < PATH_MAX;
}

void ready_watch_begin(struct ready_watch *w, const struct start_command *command)
{
    const struct readiness *ready = &command->ready;
    char path[PATH_MAX];
    struct stat st;

    *w = (struct ready_watch){ 0 };
    if (ready->kind == READY_LINE && path_of(command, "stdout", path) && stat(path, &st) == 0)
        w->read_to = st.st_size;
    if (ready->kind == READY_FILE && ready->text[0] != '/' && path_of(command, ready->text, path))
        unlink(path);
}

/* On the loopback a connection is there, or refused, at once, unless the server is too busy: then it is asked again. */
static bool connects(int fd, const struct sockaddr_in *address)
{
    struct pollfd wait = { .fd = fd, .events = POLLOUT };
    socklen_t len = sizeof(int);
    int cause = 0;

    if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
        return true;
    return errno == EINPROGRESS && poll(&wait, 1, CONNECT_MS) == 1 &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &len) == 0 && cause == 0;
}

static bool listens(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) }, own = { 0 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t len = sizeof own;
    bool is_up;

    if (fd < 0)
        return false;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_up = connects(fd, &address);
    /* A socket that was given that very port for its own end meets itself. */
    if (is_up && getsockname(fd, (struct sockaddr *)&own, &len) == 0)
        is_up = own.sin_port != address.sin_port;
    close(fd);
    return is_up;
}

static bool is_there(const struct start_command *command)
{
    char path[PATH_MAX];

    return path_of(command, command->ready.text, path) && access(path, F_OK) == 0;
}

/* Looks at whole lines only: the start of one that is still being written is read again. */
static bool has_line(struct ready_watch *w, int fd, const char *text)
{
    char room[STEP_BYTES];
    ssize_t got;

    while ((got = pread(fd, room, sizeof room, w->read_to)) > 0) {
        const char *end = memrchr(room, '\n', (size_t)got);
        size_t whole = end ? (size_t)(end - room) + 1 : 0;

        if (whole == 0 && (size_t)got < sizeof room)
            return false;
        if (whole == 0)
            whole = (size_t)got;
        if (memmem(room, whole, text, strlen(text)))
            return true;
        w->read_to += (off_t)whole;
    }
    return false;
}

static bool said_line(struct ready_watch *w, const struct start_command *command)
{
    char path[PATH_MAX];
    bool found;
    int fd = path_of(command, "stdout", path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (fd < 0)
        return false;
    found = has_line(w, fd, command->ready.text);
    close(fd);
    return found;
}

bool service_is_ready(struct ready_watch *w, const struct start_command *command)
{
    if (w->is_ready)
        return true;
    switch (command->ready.kind) {
    case READY_LOG: break;
    case READY_AT_ONCE: w->is_ready = true; break;
    case READY_PORT: w->is_ready = listens(command->ready.port); break;
    case READY_FILE: w->is_ready = is_there(command); break;
    case READY_LINE: w->is_ready = said_line(w, command); break;
    }
    return w->is_ready;
}
