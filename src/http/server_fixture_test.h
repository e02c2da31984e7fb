/* A server in a loop of the test's own, and what it was asked. The test turns the loop while its client waits. */
#ifndef OU_HTTP_SERVER_FIXTURE_TEST_H
#define OU_HTTP_SERVER_FIXTURE_TEST_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"
#include "support/test.h"

#define LARGE_BYTES ((size_t)8 << 20)

/* --- A server and what it was asked --------------------------------------------------------- */

struct fixture {
    uv_loop_t loop;
    struct http_server *server;
    unsigned calls;
    char method[16], path[256], argument[256], header[256];
    size_t body_bytes;
    unsigned turn_calls, turn_calls_most; /* in one turn of the loop */
};

static inline void put_large(struct buffer *body)
{
    char *room = buffer_room(body, LARGE_BYTES);

    assert_non_null(room);
    for (size_t i = 0; i < LARGE_BYTES; i++)
        room[i] = (char)('a' + i % 26);
    buffer_added(body, LARGE_BYTES);
}

static inline void note(char *out, size_t room, const char *text)
{
    snprintf(out, room, "%s", text ? text : "(none)");
}

static inline void handle(void *context, const struct http_call *call, struct http_answer *ret)
{
    struct fixture *f = context;

    f->calls++;
    if (++f->turn_calls > f->turn_calls_most)
        f->turn_calls_most = f->turn_calls;
    note(f->method, sizeof f->method, call->method);
    note(f->path, sizeof f->path, call->path);
    note(f->argument, sizeof f->argument, http_argument(call, "a"));
    note(f->header, sizeof f->header, http_header(call, "x-test"));
    f->body_bytes = call->body.len;
    if (strcmp(call->path, "/large") == 0) {
        ret->status = 200;
        put_large(&ret->body);
    } else if (strcmp(call->path, "/get") == 0) {
        if (http_allow_get(call, ret))
            http_say(ret, 200, "got\n");
    } else if (strcmp(call->path, "/failed") == 0) {
        ret->status = 200;
        ret->body.status = OU_NO_MEMORY;
    } else if (strcmp(call->path, "/nothing") != 0) {
        ret->type = "text/html;charset=utf-8";
        ret->policy = "default-src 'none'";
        ret->status = 200;
        buffer_printf(&ret->body, "%s %s", call->method, call->path);
    }
}

static inline struct http_server_options options_of(struct fixture *f)
{
    return (struct http_server_options){ .host = "127.0.0.1", .handler = handle, .context = f };
}

static inline void open_with(struct fixture *f, const struct http_server_options *options)
{
    struct ou_error err = { "" };

    memset(f, 0, sizeof *f);
    assert_int_equal(uv_loop_init(&f->loop), 0);
    if (http_server_open(&f->loop, options, &f->server, &err))
        fail_msg("%s", err.text);
    assert_int_not_equal(http_server_port(f->server), 0);
}

static inline void open_server(struct fixture *f)
{
    struct http_server_options options = options_of(f);

    open_with(f, &options);
}

static inline void close_server(struct fixture *f)
{
    http_server_close(f->server);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f->loop), 0);
}

static inline void wake(uv_timer_t *timer)
{
    (void)timer;
}

/* One turn of the loop, which takes at most a few milliseconds. */
static inline void turn(struct fixture *f)
{
    uv_timer_t timer;

    uv_update_time(&f->loop); /* or the timer is over before the loop waits, for ever */
    uv_timer_init(&f->loop, &timer);
    uv_timer_start(&timer, wake, 2, 0);
    uv_run(&f->loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&f->loop, UV_RUN_NOWAIT);
}

/* --- A client: a socket that never blocks, so that the loop can run beside it ------------------ */

static inline int dial(const struct fixture *f)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons(http_server_port(f->server)) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* Sends all, however the server takes it. */
static inline void send_all(struct fixture *f, int fd, const char *bytes, size_t count)
{
    while (count) {
        ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            fail_msg("send: %s", strerror(errno));
        if (sent > 0) {
            bytes += sent;
            count -= (size_t)sent;
        }
        turn(f);
    }
}

/* Reads until the text is there, or the server has closed; "" for want is until it closes. */
static inline void receive(struct fixture *f, int fd, const char *want, struct buffer *got)
{
    static char piece[1 << 16];

    for (;;) {
        ssize_t count = recv(fd, piece, sizeof piece, 0);

        if (count == 0 || (count < 0 && errno != EAGAIN))
            return;
        if (count > 0)
            buffer_append(got, piece, (size_t)count);
        if (*want && got->len && memmem(got->at, got->len, want, strlen(want)))
            return;
        turn(f);
    }
}

/* What comes for a text that is sent as it stands; the connection is closed by the server, or by the request. */
static inline const char *ask(struct fixture *f, const char *request, struct buffer *got)
{
    int fd = dial(f);

    buffer_clear(got);
    send_all(f, fd, request, strlen(request));
    receive(f, fd, "", got);
    close(fd);
    return buffer_string(got);
}

static inline bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

#define END "Host: h\r\nConnection: close\r\n\r\n"

struct talk {
    struct fixture f;
    struct buffer got;
};

static inline void talk_open(struct talk *t)
{
    open_server(&t->f);
    buffer_init(&t->got, allocator_libc(), 2 * LARGE_BYTES);
}

static inline void talk_close(struct talk *t)
{
    buffer_release(&t->got);
    close_server(&t->f);
}

#endif
