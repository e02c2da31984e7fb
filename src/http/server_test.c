#include "http/server.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "support/files.h"
#include "support/test.h"

#define LARGE_BYTES ((size_t)8 << 20)

/* --- A server and what it was asked --------------------------------------------------------- */

struct fixture {
    uv_loop_t loop;
    struct http_server *server;
    unsigned calls;
    char method[16], path[256], argument[256], header[256];
    size_t body_bytes;
};

static void put_large(struct buffer *body)
{
    char *room = buffer_room(body, LARGE_BYTES);

    assert_non_null(room);
    for (size_t i = 0; i < LARGE_BYTES; i++)
        room[i] = (char)('a' + i % 26);
    buffer_added(body, LARGE_BYTES);
}

static void note(char *out, size_t room, const char *text)
{
    snprintf(out, room, "%s", text ? text : "(none)");
}

static void handle(void *context, const struct http_call *call, struct http_answer *ret)
{
    struct fixture *f = context;

    f->calls++;
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

static struct http_server_options options_of(struct fixture *f)
{
    return (struct http_server_options){ .host = "127.0.0.1", .handler = handle, .context = f };
}

static void open_with(struct fixture *f, const struct http_server_options *options)
{
    struct ou_error err = { "" };

    memset(f, 0, sizeof *f);
    assert_int_equal(uv_loop_init(&f->loop), 0);
    if (http_server_open(&f->loop, options, &f->server, &err))
        fail_msg("%s", err.text);
    assert_int_not_equal(http_server_port(f->server), 0);
}

static void open_server(struct fixture *f)
{
    struct http_server_options options = options_of(f);

    open_with(f, &options);
}

static void close_server(struct fixture *f)
{
    http_server_close(f->server);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f->loop), 0);
}

/* --- A client: a socket that never blocks, so that the loop can run beside it ------------------ */

static int dial(const struct fixture *f)
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

static void wake(uv_timer_t *timer)
{
    (void)timer;
}

/* One turn of the loop, which takes at most a few milliseconds. */
static void turn(struct fixture *f)
{
    uv_timer_t timer;

    uv_update_time(&f->loop); /* or the timer is over before the loop waits, for ever */
    uv_timer_init(&f->loop, &timer);
    uv_timer_start(&timer, wake, 2, 0);
    uv_run(&f->loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&f->loop, UV_RUN_NOWAIT);
}

/* Sends all, however the server takes it. */
static void send_all(struct fixture *f, int fd, const char *bytes, size_t count)
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
static void receive(struct fixture *f, int fd, const char *want, struct buffer *got)
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
static const char *ask(struct fixture *f, const char *request, struct buffer *got)
{
    int fd = dial(f);

    buffer_clear(got);
    send_all(f, fd, request, strlen(request));
    receive(f, fd, "", got);
    close(fd);
    return buffer_string(got);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

#define END "Host: h\r\nConnection: close\r\n\r\n"

struct talk {
    struct fixture f;
    struct buffer got;
};

static void talk_open(struct talk *t)
{
    open_server(&t->f);
    buffer_init(&t->got, allocator_libc(), 2 * LARGE_BYTES);
}

static void talk_close(struct talk *t)
{
    buffer_release(&t->got);
    close_server(&t->f);
}

/* --- Requests -------------------------------------------------------------------------------- */

static void test_a_request_reaches_the_handler_decoded(void **state)
{
    struct talk t;
    const char *got;

    (void)state;
    talk_open(&t);
    got = ask(&t.f, "GET /one%20two?a=b%26c+d&a=second HTTP/1.1\r\nX-Test: here\r\n" END, &t.got);
    assert_true(begins(got, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(got, "\r\nContent-Type: text/html;charset=utf-8\r\n"));
    assert_non_null(strstr(got, "\r\nCache-Control: no-store\r\n"));
    assert_non_null(strstr(got, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(got, "\r\nContent-Security-Policy: default-src 'none'\r\n"));
    assert_non_null(strstr(got, "\r\n\r\nGET /one two"));
    assert_string_equal(t.f.path, "/one two");
    assert_string_equal(t.f.argument, "b&c d");
    assert_string_equal(t.f.header, "here");
    talk_close(&t);
}

static void test_head_is_a_get_without_its_body(void **state)
{
    struct talk t;
    const char *got;

    (void)state;
    talk_open(&t);
    got = ask(&t.f, "HEAD /page HTTP/1.1\r\n" END, &t.got);
    assert_true(begins(got, "HTTP/1.1 200 OK\r\n"));
    assert_string_equal(t.f.method, "GET");
    assert_non_null(strstr(got, "\r\nContent-Length: 9\r\n"));
    assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
    talk_close(&t);
}

static void test_a_form_gives_arguments(void **state)
{
    struct talk t;

    (void)state;
    talk_open(&t);
    ask(&t.f,
        "POST /q?b=1 HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: 11\r\n" END "a=x%3Dy+z&c",
        &t.got);
    assert_string_equal(t.f.method, "POST");
    assert_string_equal(t.f.argument, "x=y z");
    assert_int_equal(t.f.body_bytes, 11);
    ask(&t.f, "POST /q HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n" END "a=x",
        &t.got);
    assert_string_equal(t.f.argument, "(none)");
    assert_int_equal(t.f.body_bytes, 3);
    talk_close(&t);
}

static void test_requests_behind_one_another_are_answered_in_order(void **state)
{
    struct talk t;
    const char *second;

    (void)state;
    talk_open(&t);
    ask(&t.f,
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /3 HTTP/1.1\r\n" END,
        &t.got);
    second = strstr(buffer_string(&t.got), "GET /2");
    assert_non_null(strstr(buffer_string(&t.got), "GET /1"));
    assert_non_null(second);
    assert_non_null(strstr(second, "GET /3"));
    assert_int_equal(t.f.calls, 3);
    talk_close(&t);
}

static void test_a_request_may_come_byte_by_byte(void **state)
{
    static const char request[] = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";
    struct talk t;
    int slow, quick;

    (void)state;
    talk_open(&t);
    slow = dial(&t.f);
    for (size_t i = 0; i < sizeof request - 2; i++)
        send_all(&t.f, slow, request + i, 1);
    assert_int_equal(t.f.calls, 0);
    quick = dial(&t.f);
    send_all(&t.f, quick, request, sizeof request - 1); /* nobody waits for the slow one */
    receive(&t.f, quick, "GET /slow", &t.got);
    assert_int_equal(t.f.calls, 1);
    send_all(&t.f, slow, request + sizeof request - 2, 1);
    buffer_clear(&t.got);
    receive(&t.f, slow, "GET /slow", &t.got);
    assert_int_equal(t.f.calls, 2);
    close(slow);
    close(quick);
    talk_close(&t);
}

static void test_what_is_no_request_is_refused(void **state)
{
    static const char *const requests[] = {
        "nonsense\r\n\r\n",
        "GET /x HTTP/1.1\r\n\r\n", /* no Host */
        "GET /x HTTP/1.1\r\nno colon\r\n" END,
        "POST /x HTTP/1.1\r\nContent-Length: many\r\n" END,
    };
    struct talk t;

    (void)state;
    talk_open(&t);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const char *got = ask(&t.f, requests[i], &t.got);

        if (*got && !begins(got, "HTTP/1.1 400 ") && !begins(got, "HTTP/1.0 400 "))
            fail_msg("%s: %s", requests[i], got);
    }
    assert_int_equal(t.f.calls, 0);
    assert_true(begins(ask(&t.f, "GET /x HTTP/1.1\r\n" END, &t.got), "HTTP/1.1 200 "));
    talk_close(&t);
}

static void test_a_head_that_does_not_end_is_refused(void **state)
{
    struct talk t;
    int fd;

    (void)state;
    talk_open(&t);
    fd = dial(&t.f);
    for (int i = 0; i < 100000; i++) {
        char line[64];
        int len = snprintf(line, sizeof line, i ? "X-%d: y\r\n" : "GET / HTTP/1.1\r\n", i);

        if (send(fd, line, (size_t)len, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
            break;
        if (i % 1000 == 0)
            turn(&t.f);
    }
    receive(&t.f, fd, "", &t.got); /* it has been closed */
    assert_int_equal(t.f.calls, 0);
    close(fd);
    talk_close(&t);
}

/* --- Answers --------------------------------------------------------------------------------- */

static void test_failures_say_what_they_are(void **state)
{
    struct talk t;
    const char *got;

    (void)state;
    talk_open(&t);
    got = ask(&t.f, "GET /nothing HTTP/1.1\r\n" END, &t.got);
    assert_true(begins(got, "HTTP/1.1 404 "));
    assert_non_null(strstr(got, "\r\n\r\nNot Found\n"));
    got = ask(&t.f, "GET /failed HTTP/1.1\r\n" END, &t.got);
    assert_true(begins(got, "HTTP/1.1 500 "));
    got = ask(&t.f, "PUT /page HTTP/1.1\r\nContent-Length: 3\r\n" END "abc", &t.got);
    assert_true(begins(got, "HTTP/1.1 405 "));
    assert_non_null(strstr(got, "\r\nAllow: GET, HEAD, POST\r\n"));
    got = ask(&t.f, "POST /get HTTP/1.1\r\nContent-Length: 0\r\n" END, &t.got);
    assert_true(begins(got, "HTTP/1.1 405 "));
    assert_non_null(strstr(got, "\r\nAllow: GET, HEAD\r\n"));
    talk_close(&t);
}

static void post_body(struct talk *t, size_t bytes)
{
    char head[128];
    char *body = calloc(1, bytes);
    int fd = dial(&t->f);

    assert_non_null(body);
    snprintf(head, sizeof head, "POST /b HTTP/1.1\r\nContent-Length: %zu\r\n" END, bytes);
    send_all(&t->f, fd, head, strlen(head));
    send_all(&t->f, fd, body, bytes);
    buffer_clear(&t->got);
    receive(&t->f, fd, "", &t->got);
    close(fd);
    free(body);
}

static void test_a_body_has_a_largest_size(void **state)
{
    struct talk t;

    (void)state;
    talk_open(&t);
    post_body(&t, HTTP_BODY_MAX);
    assert_true(begins(buffer_string(&t.got), "HTTP/1.1 200 "));
    assert_int_equal(t.f.body_bytes, HTTP_BODY_MAX);
    post_body(&t, HTTP_BODY_MAX + 1);
    assert_true(begins(buffer_string(&t.got), "HTTP/1.1 413 "));
    assert_int_equal(t.f.calls, 1);
    ask(&t.f, "POST /b HTTP/1.1\r\nContent-Length: 99999999999999\r\n" END, &t.got);
    assert_true(begins(buffer_string(&t.got), "HTTP/1.1 413 "));
    ask(&t.f, "POST /b HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n" END, &t.got);
    assert_false(begins(buffer_string(&t.got), "HTTP/1.1 200 "));
    assert_int_equal(t.f.calls, 1);
    talk_close(&t);
}

static void test_a_client_that_reads_slowly_gets_all_and_keeps_nobody_waiting(void **state)
{
    struct talk t;
    int slow;

    (void)state;
    talk_open(&t);
    slow = dial(&t.f);
    send_all(&t.f, slow, "GET /large HTTP/1.1\r\n" END, strlen("GET /large HTTP/1.1\r\n" END));
    for (int i = 0; i < 50; i++)
        turn(&t.f);
    assert_non_null(strstr(ask(&t.f, "GET /quick HTTP/1.1\r\n" END, &t.got), "GET /quick"));
    buffer_clear(&t.got);
    receive(&t.f, slow, "", &t.got);
    assert_true(t.got.len > LARGE_BYTES);
    for (size_t i = 0; i < LARGE_BYTES; i++)
        assert_int_equal(t.got.at[t.got.len - LARGE_BYTES + i], 'a' + i % 26);
    close(slow);
    talk_close(&t);
}

static void test_a_client_may_go_in_the_middle_of_an_answer(void **state)
{
    struct talk t;
    int fd;

    (void)state;
    talk_open(&t);
    fd = dial(&t.f);
    send_all(&t.f, fd, "GET /large HTTP/1.1\r\n" END, strlen("GET /large HTTP/1.1\r\n" END));
    receive(&t.f, fd, "\r\n\r\nabc", &t.got);
    close(fd);
    for (int i = 0; i < 5; i++)
        turn(&t.f);
    assert_non_null(strstr(ask(&t.f, "GET /next HTTP/1.1\r\n" END, &t.got), "GET /next"));
    fd = dial(&t.f); /* and the server may go while it sends */
    send_all(&t.f, fd, "GET /large HTTP/1.1\r\n" END, strlen("GET /large HTTP/1.1\r\n" END));
    receive(&t.f, fd, "\r\n\r\nabc", &t.got);
    talk_close(&t);
    close(fd);
}

/* --- Limits ---------------------------------------------------------------------------------- */

static void test_one_address_has_so_many_connections(void **state)
{
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct buffer got;
    int fds[3];

    (void)state;
    options.per_address_max = 2;
    open_with(&f, &options);
    buffer_init(&got, allocator_libc(), 1 << 16);
    for (int i = 0; i < 3; i++) {
        fds[i] = dial(&f);
        turn(&f);
    }
    receive(&f, fds[2], "", &got); /* closed at once */
    assert_int_equal(got.len, 0);
    send_all(&f, fds[1], "GET /1 HTTP/1.1\r\n" END, strlen("GET /1 HTTP/1.1\r\n" END));
    receive(&f, fds[1], "", &got);
    assert_non_null(strstr(buffer_string(&got), "GET /1"));
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    buffer_release(&got);
    close_server(&f);
}

static void test_a_silent_connection_is_ended(void **state)
{
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct buffer got;
    int fd;

    (void)state;
    options.timeout_s = 1;
    open_with(&f, &options);
    buffer_init(&got, allocator_libc(), 1 << 16);
    fd = dial(&f);
    send_all(&f, fd, "GET /x HTT", 10);
    receive(&f, fd, "", &got); /* hangs if the loop's timer is not set */
    assert_int_equal(f.calls, 0);
    close(fd);
    buffer_release(&got);
    close_server(&f);
}

/* --- Opening ---------------------------------------------------------------------------------- */

static void test_a_port_that_is_taken_is_told(void **state)
{
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct http_server *second = NULL;
    struct ou_error err = { "" };

    (void)state;
    open_server(&f);
    options.port = http_server_port(f.server);
    assert_int_equal(http_server_open(&f.loop, &options, &second, &err), OU_IO);
    assert_null(second);
    assert_non_null(strstr(err.text, "choose another port"));
    close_server(&f);
}

static void test_localhost_is_both_addresses(void **state)
{
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    struct buffer got;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    options.host = "localhost";
    open_with(&f, &options);
    buffer_init(&got, allocator_libc(), 1 << 16);
    assert_non_null(strstr(ask(&f, "GET /4 HTTP/1.1\r\n" END, &got), "GET /4"));
    a.sin6_port = htons(http_server_port(f.server));
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0) {
        assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
        send_all(&f, fd, "GET /6 HTTP/1.1\r\n" END, strlen("GET /6 HTTP/1.1\r\n" END));
        receive(&f, fd, "", &got);
        assert_non_null(strstr(buffer_string(&got), "GET /6"));
    }
    if (fd >= 0)
        close(fd);
    buffer_release(&got);
    close_server(&f);
}

/* --- TLS -------------------------------------------------------------------------------------- */

/* Made anew by openssl(1), in a folder of the test's; the running test is skipped where there is none. */
struct certificate {
    struct temp_dir dir;
    struct buffer certificate, key;
};

static void certificate_make(struct certificate *c, const char *name)
{
    char command[1024];
    struct ou_error err = { "" };

    if (system("openssl version >/dev/null 2>&1") != 0) /* NOLINT: what PATH has is meant */
        skip();
    temp_dir_make(&c->dir);
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=%s -addext "
             "subjectAltName=IP:127.0.0.1 -keyout %s -out %s 2>/dev/null",
             name, temp_path(&c->dir, "key"), temp_path(&c->dir, "certificate"));
    assert_int_equal(system(command), 0); /* NOLINT: likewise */
    buffer_init(&c->certificate, allocator_libc(), 1 << 16);
    buffer_init(&c->key, allocator_libc(), 1 << 16);
    assert_int_equal(file_read(temp_path(&c->dir, "certificate"), &c->certificate, &err), OU_OK);
    assert_int_equal(file_read(temp_path(&c->dir, "key"), &c->key, &err), OU_OK);
}

static void certificate_release(struct certificate *c)
{
    buffer_release(&c->certificate);
    buffer_release(&c->key);
    temp_dir_remove(&c->dir);
}

/* A client in a thread of its own, which believes in one certificate. */
struct client {
    char url[64];
    const char *trusted; /* file */
    CURLcode result;
    size_t bytes;
    atomic_bool done;
};

static size_t count_bytes(char *at, size_t size, size_t count, void *context)
{
    struct client *c = context;

    (void)at;
    c->bytes += size * count;
    return size * count;
}

static void *fetch(void *context)
{
    struct client *c = context;
    CURL *curl = curl_easy_init();

    curl_easy_setopt(curl, CURLOPT_URL, c->url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, c->trusted);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    c->result = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    atomic_store(&c->done, true);
    return NULL;
}

/* Fetches while the loop runs; returns how many bytes came. */
static size_t fetch_over(struct fixture *f, const char *scheme, const char *trusted,
                         CURLcode *ret_result)
{
    struct client c = { .trusted = trusted };
    pthread_t thread;

    snprintf(c.url, sizeof c.url, "%s://127.0.0.1:%u/large", scheme,
             (unsigned)http_server_port(f->server));
    assert_int_equal(pthread_create(&thread, NULL, fetch, &c), 0);
    while (!atomic_load(&c.done))
        turn(f);
    pthread_join(thread, NULL);
    *ret_result = c.result;
    return c.bytes;
}

static void test_a_certificate_encrypts_what_is_served(void **state)
{
    struct certificate a, other;
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct http_tls tls = { 0 };
    CURLcode result;

    (void)state;
    certificate_make(&a, "a");
    certificate_make(&other, "other");
    tls = (struct http_tls){ buffer_string(&a.certificate), buffer_string(&a.key),
                             buffer_string(&other.certificate) };
    options.tls = &tls;
    open_with(&f, &options);
    assert_int_equal(fetch_over(&f, "https", temp_path(&a.dir, "certificate"), &result),
                     LARGE_BYTES);
    assert_int_equal(result, CURLE_OK);
    assert_int_equal(fetch_over(&f, "https", temp_path(&other.dir, "certificate"), &result), 0);
    assert_int_not_equal(result, CURLE_OK);
    assert_int_equal(fetch_over(&f, "http", NULL, &result), 0);
    assert_int_not_equal(result, CURLE_OK);
    assert_int_equal(f.calls, 1);
    close_server(&f);
    certificate_release(&a);
    certificate_release(&other);
}

static void test_a_key_that_does_not_fit_is_told(void **state)
{
    struct certificate a, other;
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct http_server *s = NULL;
    struct ou_error err = { "" };
    struct http_tls tls = { 0 };

    (void)state;
    certificate_make(&a, "a");
    certificate_make(&other, "other");
    open_server(&f); /* for its loop */
    tls = (struct http_tls){ buffer_string(&a.certificate), buffer_string(&other.key), NULL };
    options.tls = &tls;
    assert_int_equal(http_server_open(&f.loop, &options, &s, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "certificate"));
    tls = (struct http_tls){ "nonsense", "nonsense", NULL };
    assert_int_equal(http_server_open(&f.loop, &options, &s, &err), OU_INVALID);
    assert_null(s);
    close_server(&f);
    certificate_release(&a);
    certificate_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_reaches_the_handler_decoded),
        cmocka_unit_test(test_head_is_a_get_without_its_body),
        cmocka_unit_test(test_a_form_gives_arguments),
        cmocka_unit_test(test_requests_behind_one_another_are_answered_in_order),
        cmocka_unit_test(test_a_request_may_come_byte_by_byte),
        cmocka_unit_test(test_what_is_no_request_is_refused),
        cmocka_unit_test(test_a_head_that_does_not_end_is_refused),
        cmocka_unit_test(test_failures_say_what_they_are),
        cmocka_unit_test(test_a_body_has_a_largest_size),
        cmocka_unit_test(test_a_client_that_reads_slowly_gets_all_and_keeps_nobody_waiting),
        cmocka_unit_test(test_a_client_may_go_in_the_middle_of_an_answer),
        cmocka_unit_test(test_one_address_has_so_many_connections),
        cmocka_unit_test(test_a_silent_connection_is_ended),
        cmocka_unit_test(test_a_port_that_is_taken_is_told),
        cmocka_unit_test(test_localhost_is_both_addresses),
        cmocka_unit_test(test_a_certificate_encrypts_what_is_served),
        cmocka_unit_test(test_a_key_that_does_not_fit_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
