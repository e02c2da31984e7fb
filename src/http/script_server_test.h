/* A server whose answers a test writes down byte for byte: it takes connections one after the other, reads a request and sends the next
 * answer of its list, and so on; an answer may end in a cut or in silence. In a thread of its own, on 127.0.0.1. */
#ifndef OU_HTTP_SCRIPT_SERVER_TEST_H
#define OU_HTTP_SCRIPT_SERVER_TEST_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"

#define ASKED_MAX 16
#define ASKED_ROOM 8192

struct script_answer {
    const char *text; /* "HTTP/1.1 200 OK\r\n..." */
    enum { THEN_KEEP, THEN_CLOSE, THEN_SILENCE } then;
};

struct script_server {
    int listener;
    char url[64];
    pthread_t thread;
    const struct script_answer *answers;
    size_t count;
    atomic_bool ends;
    /* What was asked, after script_server_end(): heads with bodies. */
    char asked[ASKED_MAX][ASKED_ROOM];
    size_t asked_count, connections;
};

/* Waits until there is something to read; false: the test has ended. */
static inline bool script_wait(const struct script_server *s, int fd)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

    while (!atomic_load(&s->ends))
        if (poll(&poll_fd, 1, 20) > 0)
            return true;
    return false;
}

/* Whether a request is complete: its head, and as much body as that says. */
static inline bool script_is_whole(const char *text, size_t len)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\nContent-Length:");
    size_t body = length && end && length < end ? strtoul(length + 17, NULL, 10) : 0;

    return end && len >= (size_t)(end + 4 - text) + body;
}

static inline bool script_read(struct script_server *s, int fd)
{
    char *text = s->asked[s->asked_count];
    size_t len = 0;

    while (!script_is_whole(text, len)) {
        ssize_t got;

        if (len == ASKED_ROOM - 1 || !script_wait(s, fd))
            return false;
        got = recv(fd, text + len, ASKED_ROOM - 1 - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
        text[len] = '\0';
    }
    s->asked_count++;
    return true;
}

/* Answers on one connection until it ends; the rest of the list is for the next. */
static inline void script_talk(struct script_server *s, int fd)
{
    while (s->asked_count < s->count && script_read(s, fd)) {
        const struct script_answer *answer = &s->answers[s->asked_count - 1];

        if (*answer->text)
            send(fd, answer->text, strlen(answer->text), MSG_NOSIGNAL);
        if (answer->then == THEN_CLOSE)
            return;
        if (answer->then == THEN_SILENCE) {
            char byte;

            while (script_wait(s, fd) && recv(fd, &byte, 1, 0) > 0)
                continue;
            return;
        }
    }
}

static inline void *script_serve(void *context)
{
    struct script_server *s = context;

    while (s->asked_count < s->count && script_wait(s, s->listener)) {
        int fd = accept(s->listener, NULL, NULL);

        if (fd < 0)
            break;
        s->connections++;
        script_talk(s, fd);
        close(fd);
    }
    return NULL;
}

static inline void script_server_start(struct script_server *s, const struct script_answer *answers,
                                       size_t count)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;

    memset(s, 0, sizeof *s);
    assert_true(count <= ASKED_MAX);
    s->answers = answers;
    s->count = count;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(s->listener, 8), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    assert_int_equal(pthread_create(&s->thread, NULL, script_serve, s), 0);
}

static inline void script_server_end(struct script_server *s)
{
    atomic_store(&s->ends, true);
    pthread_join(s->thread, NULL);
    close(s->listener);
}

#endif
