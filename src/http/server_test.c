#include <stdlib.h>

#include "base/time.h"
#include "http/server_fixture_test.h"

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

/* What is refused is refused with a few bytes, and counts by the memory that it keeps. */
static void test_answers_that_nobody_takes_have_a_limit(void **state)
{
    static const char large[] = "GET /large HTTP/1.1\r\nHost: h\r\n\r\n";
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct buffer got;
    int slow[2];

    (void)state;
    options.unread_max = 4 * (LARGE_BYTES * 5 / 2); /* all of the clients are one address */
    open_with(&f, &options);
    buffer_init(&got, allocator_libc(), 2 * LARGE_BYTES);
    for (int i = 0; i < 2; i++) {
        slow[i] = dial(&f);
        send_all(&f, slow[i], large, strlen(large));
        for (int k = 0; k < 20; k++)
            turn(&f);
    }
    for (int i = 0; i < 3; i++)
        assert_true(begins(ask(&f, "GET /large HTTP/1.1\r\n" END, &got), "HTTP/1.1 503 "));
    assert_true(begins(ask(&f, "GET /small HTTP/1.1\r\n" END, &got), "HTTP/1.1 200 "));
    for (int i = 0; i < 2; i++)
        close(slow[i]);
    for (int k = 0; k < 20; k++)
        turn(&f);
    assert_true(begins(ask(&f, "GET /large HTTP/1.1\r\n" END, &got), "HTTP/1.1 200 "));
    buffer_release(&got);
    close_server(&f);
}

/* Long before it would count as silent; and what it had not taken is room for the next. */
static void test_an_answer_that_takes_too_long_is_cut_off(void **state)
{
    static const char large[] = "GET /large HTTP/1.1\r\n" END;
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct buffer got;
    int64_t end_ns;
    int fd;

    (void)state;
    options.answer_ns = 200000000;
    options.answer_rate_bytes = (size_t)1 << 30;
    options.unread_max = 4 * (LARGE_BYTES * 3 / 2);
    open_with(&f, &options);
    buffer_init(&got, allocator_libc(), 2 * LARGE_BYTES);
    for (int i = 0; i < 2; i++) {
        fd = dial(&f);
        send_all(&f, fd, large, strlen(large));
        end_ns = time_monotonic_ns() + 300000000;
        while (time_monotonic_ns() < end_ns)
            turn(&f);
        buffer_clear(&got);
        receive(&f, fd, "", &got);
        assert_true(begins(buffer_string(&got), "HTTP/1.1 200 "));
        assert_true(got.len < LARGE_BYTES);
        close(fd);
    }
    buffer_release(&got);
    close_server(&f);
}

static void new_turn(uv_prepare_t *prepare)
{
    struct fixture *f = prepare->data;

    f->turn_calls = 0;
}

/* With a share that any answer uses up: one answer each time the descriptor is ready, and the timer is over. On a busy machine
 * either may be so more than once in a turn, but never for all that ask. */
static void test_many_requests_at_once_are_answered_in_several_turns(void **state)
{
    static const char request[] = "POST /x HTTP/1.1\r\nContent-Length: 3\r\n" END "a=1";
    struct fixture f;
    struct http_server_options options = options_of(&f);
    struct buffer got;
    uv_prepare_t prepare;
    int fds[24];

    (void)state;
    options.turn_ns = 1;
    open_with(&f, &options);
    buffer_init(&got, allocator_libc(), 1 << 16);
    uv_prepare_init(&f.loop, &prepare);
    prepare.data = &f;
    uv_prepare_start(&prepare, new_turn);
    for (int i = 0; i < 24; i++) {
        fds[i] = dial(&f);
        assert_int_equal(send(fds[i], request, strlen(request), MSG_NOSIGNAL), strlen(request));
    }
    for (int i = 0; i < 16; i++) {
        buffer_clear(&got);
        receive(&f, fds[i], "", &got);
        assert_non_null(strstr(buffer_string(&got), "POST /x"));
    }
    assert_in_range(f.turn_calls_most, 1, 6);
    uv_close((uv_handle_t *)&prepare, NULL);
    buffer_release(&got);
    close_server(&f); /* others may still be waiting */
    for (int i = 0; i < 24; i++)
        close(fds[i]);
}

static void test_the_server_may_go_while_requests_wait_a_turn(void **state)
{
    static const char request[] = "GET /x HTTP/1.1\r\n" END;
    struct fixture f;
    struct http_server_options options = options_of(&f);
    int fds[8];

    (void)state;
    options.turn_ns = 1;
    open_with(&f, &options);
    for (int i = 0; i < 8; i++) {
        fds[i] = dial(&f);
        assert_int_equal(send(fds[i], request, strlen(request), MSG_NOSIGNAL), strlen(request));
    }
    while (f.calls == 0)
        uv_run(&f.loop, UV_RUN_ONCE);
    assert_true(f.calls < 8);
    close_server(&f);
    for (int i = 0; i < 8; i++)
        close(fds[i]);
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
        cmocka_unit_test(test_answers_that_nobody_takes_have_a_limit),
        cmocka_unit_test(test_an_answer_that_takes_too_long_is_cut_off),
        cmocka_unit_test(test_many_requests_at_once_are_answered_in_several_turns),
        cmocka_unit_test(test_the_server_may_go_while_requests_wait_a_turn),
        cmocka_unit_test(test_a_silent_connection_is_ended),
        cmocka_unit_test(test_a_port_that_is_taken_is_told),
        cmocka_unit_test(test_localhost_is_both_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
