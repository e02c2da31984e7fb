/* Clients that bring too much, or too slowly. */
#include <stdlib.h>

#include "base/time.h"
#include "http/server_fixture_test.h"

#define CHUNKED "Transfer-Encoding: chunked\r\nHost: h\r\nConnection: close\r\n\r\n"

struct hostile {
    struct fixture f;
    struct buffer got;
};

static size_t limit_by_path(void *context, const struct http_call *head)
{
    (void)context;
    if (strcmp(head->path, "/none") == 0)
        return 0;
    return strcmp(head->path, "/big") == 0 ? (size_t)16 << 20 : 1000;
}

static struct http_server_options hostile_options(struct hostile *h)
{
    struct http_server_options options = options_of(&h->f);

    options.body_limit = limit_by_path;
    return options;
}

static void hostile_open(struct hostile *h, const struct http_server_options *options)
{
    open_with(&h->f, options);
    buffer_init(&h->got, allocator_libc(), 1 << 20);
}

static void hostile_close(struct hostile *h)
{
    buffer_release(&h->got);
    close_server(&h->f);
}

static void check_begins(struct hostile *h, const char *request, const char *with)
{
    const char *got = ask(&h->f, request, &h->got);

    if (!begins(got, with))
        fail_msg("%.60s: %s", request, got);
}

/* A body of zeros behind this head. */
static void post_zeros(struct hostile *h, const char *head, size_t bytes, const char *with)
{
    char *request = calloc(1, strlen(head) + bytes + 1);
    int fd = dial(&h->f);

    assert_non_null(request);
    strcpy(request, head);
    send_all(&h->f, fd, request, strlen(head) + bytes);
    buffer_clear(&h->got);
    receive(&h->f, fd, "", &h->got);
    if (!begins(buffer_string(&h->got), with))
        fail_msg("%s: %s", head, buffer_string(&h->got));
    close(fd);
    free(request);
}

/* --- Too much ------------------------------------------------------------------------------------------- */

static void test_each_head_says_how_much_body_it_may_have(void **state)
{
    struct hostile h;
    struct http_server_options options = hostile_options(&h);

    (void)state;
    hostile_open(&h, &options);
    post_zeros(&h, "POST /x HTTP/1.1\r\nContent-Length: 1000\r\n" END, 1000, "HTTP/1.1 200 ");
    assert_int_equal(h.f.body_bytes, 1000);
    post_zeros(&h, "POST /x HTTP/1.1\r\nContent-Length: 1001\r\n" END, 1001, "HTTP/1.1 413 ");
    post_zeros(&h, "POST /none HTTP/1.1\r\nContent-Length: 1\r\n" END, 1, "HTTP/1.1 413 ");
    post_zeros(&h, "GET /none HTTP/1.1\r\n" END, 0, "HTTP/1.1 200 ");
    post_zeros(&h, "POST /big HTTP/1.1\r\nContent-Length: 9000000\r\n" END, 9000000,
               "HTTP/1.1 200 ");
    assert_int_equal(h.f.body_bytes, 9000000);
    assert_int_equal(h.f.calls, 3);
    hostile_close(&h);
}

static void test_a_body_in_chunks_is_refused_when_it_is_too_long(void **state)
{
    struct hostile h;
    struct http_server_options options = hostile_options(&h);

    (void)state;
    hostile_open(&h, &options);
    check_begins(&h, "POST /x HTTP/1.1\r\n" CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                 "HTTP/1.1 200 ");
    assert_int_equal(h.f.body_bytes, 5);
    check_begins(&h, "POST /none HTTP/1.1\r\n" CHUNKED "1\r\na\r\n0\r\n\r\n", "HTTP/1.1 413 ");
    check_begins(&h, "POST /none HTTP/1.1\r\n" CHUNKED "0\r\n\r\n", "HTTP/1.1 200 ");
    check_begins(&h, "POST /x HTTP/1.1\r\n" CHUNKED "nothing of that kind\r\n", "HTTP/1.1 400 ");
    hostile_close(&h);
}

/* Without an end it is read for some MiB, and no further. */
static void test_a_body_without_an_end_is_cut_off(void **state)
{
    static char chunk[8 + (1 << 16) + 2];
    struct hostile h;
    struct http_server_options options = hostile_options(&h);
    size_t sent = 0;
    int fd;

    (void)state;
    memcpy(chunk, "010000\r\n", 8);
    memset(chunk + 8, 'x', 1 << 16);
    memcpy(chunk + sizeof chunk - 2, "\r\n", 2);
    hostile_open(&h, &options);
    fd = dial(&h.f);
    send_all(&h.f, fd, "POST /x HTTP/1.1\r\n" CHUNKED, strlen("POST /x HTTP/1.1\r\n" CHUNKED));
    while (sent < (size_t)64 << 20) {
        const ssize_t count =
            send(fd, chunk + sent % sizeof chunk, sizeof chunk - sent % sizeof chunk, MSG_NOSIGNAL);

        if (count < 0 && errno != EAGAIN)
            break;
        sent += count > 0 ? (size_t)count : 0;
        turn(&h.f);
    }
    assert_true(sent < (size_t)64 << 20);
    assert_int_equal(h.f.calls, 0);
    close(fd);
    hostile_close(&h);
}

static void test_who_waits_to_be_asked_is_refused_before_the_body(void **state)
{
    static const char head[] = "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                               "Content-Length: %d\r\n\r\n";
    char request[256];
    struct hostile h;
    struct http_server_options options = hostile_options(&h);
    int fd;

    (void)state;
    hostile_open(&h, &options);
    snprintf(request, sizeof request, head, 1001);
    check_begins(&h, request, "HTTP/1.1 413 ");
    snprintf(request, sizeof request, head, 3);
    fd = dial(&h.f);
    buffer_clear(&h.got);
    send_all(&h.f, fd, request, strlen(request));
    receive(&h.f, fd, "100 Continue\r\n\r\n", &h.got);
    assert_true(begins(buffer_string(&h.got), "HTTP/1.1 100 Continue\r\n\r\n"));
    send_all(&h.f, fd, "abc", 3);
    receive(&h.f, fd, "POST /x", &h.got);
    assert_non_null(strstr(buffer_string(&h.got), "HTTP/1.1 200 OK\r\n"));
    close(fd);
    hostile_close(&h);
}

static void test_bodies_of_all_requests_together_have_a_limit(void **state)
{
    static const char head[] = "POST /x HTTP/1.1\r\nContent-Length: 900\r\n" END;
    struct hostile h;
    struct http_server_options options = hostile_options(&h);
    char half[600];
    int fd;

    (void)state;
    memset(half, 'x', sizeof half);
    options.bodies_max = 1000;
    hostile_open(&h, &options);
    fd = dial(&h.f);
    send_all(&h.f, fd, head, strlen(head));
    send_all(&h.f, fd, half, sizeof half);
    post_zeros(&h, head, 900, "HTTP/1.1 503 ");
    assert_non_null(strstr(buffer_string(&h.got), "\r\nRetry-After: 1\r\n"));
    check_begins(&h,
                 "POST /x HTTP/1.1\r\n" CHUNKED
                 "80\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n0\r\n\r\n",
                 "HTTP/1.1 200 "); /* it fits */
    send_all(&h.f, fd, half, 300);
    receive(&h.f, fd, "", &h.got);
    close(fd);
    post_zeros(&h, head, 900, "HTTP/1.1 200 "); /* there is room again */
    hostile_close(&h);
}

static void test_lines_and_headers_have_limits(void **state)
{
    static char request[1 << 18];
    struct hostile h;
    struct http_server_options options = hostile_options(&h);
    int len;

    (void)state;
    hostile_open(&h, &options);
    snprintf(request, sizeof request, "GET /%016000d HTTP/1.1\r\n" END, 0);
    check_begins(&h, request, "HTTP/1.1 200 ");
    snprintf(request, sizeof request, "GET /%017000d HTTP/1.1\r\n" END, 0);
    check_begins(&h, request, "HTTP/1.1 414 ");
    snprintf(request, sizeof request, "GET /%0100000d HTTP/1.1\r\n" END, 0);
    check_begins(&h, request, "HTTP/1.1 414 ");
    len = snprintf(request, sizeof request, "GET /x HTTP/1.1\r\n");
    for (int i = 0; i < 120; i++)
        len += snprintf(request + len, sizeof request - (size_t)len, "X-%d: y\r\n", i);
    snprintf(request + len, sizeof request - (size_t)len, END);
    check_begins(&h, request, "HTTP/1.1 431 ");
    snprintf(request, sizeof request, "GET /x HTTP/1.1\r\nX-Long: %0100000d\r\n" END, 0);
    check_begins(&h, request, "HTTP/1.1 431 ");
    assert_int_equal(h.f.calls, 1);
    hostile_close(&h);
}

/* --- Too slowly ------------------------------------------------------------------------------------------ */

/* A byte each turn: never silent, and never done. Returns how many were sent until the server closed. */
static int drip(struct hostile *h, const char *begin, const char *then)
{
    const int64_t end_ns = time_monotonic_ns() + INT64_C(60) * 1000000000;
    const int fd = dial(&h->f);
    char byte;
    int sent = 0;

    send_all(&h->f, fd, begin, strlen(begin));
    while (time_monotonic_ns() < end_ns) {
        const ssize_t got = recv(fd, &byte, 1, 0);

        if (got == 0 || (got < 0 && errno != EAGAIN))
            break;
        if (send(fd, &then[(size_t)sent++ % strlen(then)], 1, MSG_NOSIGNAL) < 0)
            break;
        turn(&h->f);
    }
    close(fd);
    return time_monotonic_ns() < end_ns ? sent : -1;
}

static struct http_server_options slow_options(struct hostile *h)
{
    struct http_server_options options = hostile_options(h);

    options.request_ns = 300000000;
    options.request_rate_bytes = (size_t)1 << 20;
    return options;
}

static void test_a_head_has_to_be_whole_in_time(void **state)
{
    struct hostile h;
    struct http_server_options options = slow_options(&h);

    (void)state;
    hostile_open(&h, &options);
    assert_true(drip(&h, "GET /x HTTP/1.1\r\nHost: h\r\n", "X-A: b\r\n") > 0);
    assert_int_equal(h.f.calls, 0);
    check_begins(&h, "GET /x HTTP/1.1\r\n" END, "HTTP/1.1 200 ");
    hostile_close(&h);
}

static void test_a_second_head_on_a_connection_has_to_be_whole_in_time(void **state)
{
    struct hostile h;
    struct http_server_options options = slow_options(&h);

    (void)state;
    options.timeout_s = 1;
    hostile_open(&h, &options);
    /* the answer to the first is read byte by byte, too, and ends before the second does */
    assert_true(drip(&h, "GET /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\n", "X-A: b\r\n") >
                0);
    assert_int_equal(h.f.calls, 1);
    hostile_close(&h);
}

static void test_a_body_has_to_come_at_a_rate(void **state)
{
    struct hostile h;
    struct http_server_options options = slow_options(&h);

    (void)state;
    hostile_open(&h, &options);
    assert_true(drip(&h, "POST /big HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\n", "x") >
                0);
    assert_true(drip(&h, "POST /x HTTP/1.1\r\n" CHUNKED, "1\r\nx\r\n") > 0);
    assert_int_equal(h.f.calls, 0);
    hostile_close(&h);
}

/* At the rate it may take longer than the grace. */
static void test_a_body_that_comes_at_the_rate_is_taken(void **state)
{
    static const char head[] = "POST /big HTTP/1.1\r\nContent-Length: 8000\r\n" END;
    static char piece[100];
    struct hostile h;
    struct http_server_options options = slow_options(&h);
    int64_t next_ns;
    int fd;

    (void)state;
    options.request_ns = INT64_C(5) * 1000000000;
    options.request_rate_bytes = 100; /* 80 s for all of it */
    hostile_open(&h, &options);
    fd = dial(&h.f);
    send_all(&h.f, fd, head, strlen(head));
    next_ns = time_monotonic_ns();
    for (int i = 0; i < 80; i++) {
        send_all(&h.f, fd, piece, sizeof piece);
        for (next_ns += 5000000; time_monotonic_ns() < next_ns;)
            turn(&h.f);
    }
    receive(&h.f, fd, "", &h.got);
    assert_true(begins(buffer_string(&h.got), "HTTP/1.1 200 "));
    assert_int_equal(h.f.body_bytes, 8000);
    close(fd);
    hostile_close(&h);
}

static void test_others_are_answered_while_many_clients_are_slow(void **state)
{
    static const char *const begun[] = { "GET /x HT",
                                         ("POST /big HTTP/1.1\r\nContent-Length: 9\r\n" END "x"),
                                         "", ("GET /large HTTP/1.1\r\n" END) };
    struct hostile h;
    struct http_server_options options = hostile_options(&h);
    int fds[40];

    (void)state;
    hostile_open(&h, &options);
    for (int i = 0; i < 40; i++) {
        fds[i] = dial(&h.f);
        send_all(&h.f, fds[i], begun[i % 4], strlen(begun[i % 4]));
        turn(&h.f);
    }
    for (int i = 0; i < 10; i++)
        check_begins(&h, "GET /y HTTP/1.1\r\n" END, "HTTP/1.1 200 ");
    for (int i = 0; i < 40; i++)
        close(fds[i]);
    hostile_close(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_head_says_how_much_body_it_may_have),
        cmocka_unit_test(test_a_body_in_chunks_is_refused_when_it_is_too_long),
        cmocka_unit_test(test_a_body_without_an_end_is_cut_off),
        cmocka_unit_test(test_who_waits_to_be_asked_is_refused_before_the_body),
        cmocka_unit_test(test_bodies_of_all_requests_together_have_a_limit),
        cmocka_unit_test(test_lines_and_headers_have_limits),
        cmocka_unit_test(test_a_head_has_to_be_whole_in_time),
        cmocka_unit_test(test_a_second_head_on_a_connection_has_to_be_whole_in_time),
        cmocka_unit_test(test_a_body_has_to_come_at_a_rate),
        cmocka_unit_test(test_a_body_that_comes_at_the_rate_is_taken),
        cmocka_unit_test(test_others_are_answered_while_many_clients_are_slow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
