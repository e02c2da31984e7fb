#include "http/stream.h"

#include <pthread.h>
#include <sys/resource.h>

#include "http/server_fixture_test.h"

#define STREAMS 500

/* A server whose every answer is a stream, which is kept for the test. */
struct station {
    struct fixture f;
    struct http_stream *streams[STREAMS];
    size_t count;
    struct buffer got;
};

static void begin_stream(void *context, const struct http_call *call, struct http_answer *answer)
{
    struct station *s = (struct station *)context;
    struct http_stream *stream = http_stream_new();

    (void)call;
    assert_non_null(stream);
    assert_true(s->count < STREAMS);
    s->streams[s->count++] = http_stream_keep(stream);
    http_stream_send(stream, span_of("second\n")); /* before the answer has begun */
    answer->status = 200;
    answer->type = "text/event-stream";
    buffer_text(&answer->body, "first\n");
    answer->stream = stream;
}

static void station_open(struct station *s)
{
    struct http_server_options options = { .host = "127.0.0.1",
                                           .handler = begin_stream,
                                           .context = s,
                                           .connections_max = STREAMS + 10,
                                           .per_address_max = STREAMS + 10 };

    s->count = 0;
    open_with(&s->f, &options);
    buffer_init(&s->got, allocator_libc(), 16 << 20);
}

static void station_close(struct station *s)
{
    close_server(&s->f);
    for (size_t i = 0; i < s->count; i++) {
        assert_false(http_stream_is_open(s->streams[i]));
        assert_false(http_stream_send(s->streams[i], span_of("too late\n")));
        http_stream_drop(s->streams[i]);
    }
    buffer_release(&s->got);
}

/* Asks for a stream, and waits until it has begun. */
static int tune_in(struct station *s)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    const int fd = dial(&s->f);

    buffer_clear(&s->got);
    send_all(&s->f, fd, request, strlen(request));
    receive(&s->f, fd, "second\n", &s->got);
    return fd;
}

static void test_a_stream_goes_on_behind_the_body(void **state)
{
    struct station s;
    int fd;

    (void)state;
    station_open(&s);
    fd = tune_in(&s);
    assert_true(begins(buffer_string(&s.got), "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(buffer_string(&s.got), "\r\nContent-Type: text/event-stream\r\n"));
    assert_non_null(strstr(buffer_string(&s.got), "first\nsecond\n"));
    for (int i = 0; i < 3; i++) {
        buffer_clear(&s.got);
        for (int k = 0; k < 3; k++)
            turn(&s.f); /* it sleeps */
        assert_true(http_stream_send(s.streams[0], span_of("data: more\n\n")));
        receive(&s.f, fd, "data: more\n\n", &s.got);
        assert_non_null(strstr(buffer_string(&s.got), "data: more\n\n"));
    }
    close(fd);
    station_close(&s);
}

static void test_a_stream_that_is_closed_ends_behind_what_was_sent(void **state)
{
    struct station s;
    int fd;

    (void)state;
    station_open(&s);
    fd = tune_in(&s);
    http_stream_send(s.streams[0], span_of("last\n"));
    http_stream_close(s.streams[0]);
    assert_false(http_stream_send(s.streams[0], span_of("behind\n")));
    buffer_clear(&s.got);
    receive(&s.f, fd, "\r\n0\r\n\r\n", &s.got); /* in order: the connection may be used again */
    assert_non_null(strstr(buffer_string(&s.got), "last\n\r\n0\r\n\r\n"));
    assert_null(strstr(buffer_string(&s.got), "behind"));
    close(fd);
    station_close(&s);
}

static void test_a_client_of_http_1_0_gets_the_stream_without_chunks(void **state)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    struct station s;
    int fd;

    (void)state;
    station_open(&s);
    fd = dial(&s.f);
    send_all(&s.f, fd, request, strlen(request));
    receive(&s.f, fd, "second\n", &s.got);
    http_stream_close(s.streams[0]);
    receive(&s.f, fd, "", &s.got);
    assert_non_null(strstr(buffer_string(&s.got), "\r\n\r\nfirst\nsecond\n"));
    assert_string_equal(strstr(buffer_string(&s.got), "second\n"), "second\n");
    close(fd);
    station_close(&s);
}

static void test_the_head_of_a_stream_is_only_its_head(void **state)
{
    struct station s;
    const char *got;

    (void)state;
    station_open(&s);
    got = ask(&s.f, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", &s.got);
    assert_true(begins(got, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(got, "\r\nContent-Type: text/event-stream\r\n"));
    assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
    assert_false(http_stream_is_open(s.streams[0]));
    station_close(&s);
}

static void test_a_client_that_has_gone_is_noticed_when_something_is_sent(void **state)
{
    struct station s;

    (void)state;
    station_open(&s);
    close(tune_in(&s));
    while (http_stream_send(s.streams[0], span_of(": still there?\n\n")))
        turn(&s.f);
    assert_false(http_stream_is_open(s.streams[0]));
    station_close(&s);
}

/* More than the kernel holds for it, and than it may leave. */
static void test_a_client_that_does_not_read_is_cut_off(void **state)
{
    static char event[1 << 16];
    struct station s;
    size_t sent = 0;
    int fd;

    (void)state;
    memset(event, 'x', sizeof event);
    station_open(&s);
    fd = tune_in(&s);
    while (http_stream_send(s.streams[0], (struct span){ event, sizeof event })) {
        sent += sizeof event;
        turn(&s.f);
        assert_true(sent < (size_t)256 << 20);
    }
    for (int i = 0; i < 5; i++)
        turn(&s.f);
    buffer_clear(&s.got);
    receive(&s.f, fd, "", &s.got);
    assert_true(s.got.len < sent);
    close(fd);
    station_close(&s);
}

static void test_an_event_that_is_too_large_at_once_cuts_off(void **state)
{
    static char event[HTTP_STREAM_UNREAD_MAX + 1];
    struct http_stream *stream = http_stream_new();

    (void)state;
    assert_true(http_stream_send(stream, (struct span){ event, HTTP_STREAM_UNREAD_MAX }));
    assert_false(http_stream_send(stream, span_of("x")));
    assert_false(http_stream_is_open(stream));
    http_stream_drop(stream);
    http_stream_drop(NULL);
}

struct talker {
    struct station *station;
    size_t from, to;
};

static void *talk_on(void *context)
{
    struct talker *t = context;

    for (int event = 0; event < 20; event++)
        for (size_t i = t->from; i < t->to; i++)
            assert_true(http_stream_send(t->station->streams[i], span_of("data: a\n\n")));
    return NULL;
}

static size_t count_of(const struct buffer *text, const char *what)
{
    size_t count = 0;

    for (const char *at = text->at; (at = strstr(at, what)); at++)
        count++;
    return count;
}

static void test_many_streams_are_told_by_several_threads(void **state)
{
    struct station s;
    struct talker talkers[2] = { { &s, 0, 30 }, { &s, 30, 60 } };
    pthread_t threads[2];
    int fds[60];

    (void)state;
    station_open(&s);
    for (int i = 0; i < 60; i++)
        fds[i] = tune_in(&s);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, talk_on, &talkers[i]), 0);
    for (int i = 0; i < 60; i++) {
        buffer_clear(&s.got);
        do
            receive(&s.f, fds[i], "\n\n", &s.got);
        while (count_of(&s.got, "data: a\n\n") < 20);
        close(fds[i]);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    station_close(&s);
}

/* Asleep they are a descriptor and a few hundred bytes; the server closes with all of them open. */
static void test_the_server_may_close_while_five_hundred_listen(void **state)
{
    struct rlimit limit;
    struct station s;
    int fds[STREAMS];

    (void)state;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2 * STREAMS + 50) {
        print_message("skipped: too few descriptors\n");
        skip();
    }
    station_open(&s);
    for (int i = 0; i < STREAMS; i++)
        fds[i] = tune_in(&s);
    for (int i = 0; i < STREAMS; i++)
        assert_true(http_stream_send(s.streams[i], span_of("data: bye\n\n")));
    http_server_close(s.f.server);
    s.f.server = NULL;
    uv_run(&s.f.loop, UV_RUN_DEFAULT);
    for (int i = 0; i < STREAMS; i++) {
        buffer_clear(&s.got);
        receive(&s.f, fds[i], "", &s.got);
        assert_non_null(strstr(buffer_string(&s.got), "data: bye\n\n"));
        close(fds[i]);
    }
    station_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stream_goes_on_behind_the_body),
        cmocka_unit_test(test_a_stream_that_is_closed_ends_behind_what_was_sent),
        cmocka_unit_test(test_a_client_of_http_1_0_gets_the_stream_without_chunks),
        cmocka_unit_test(test_the_head_of_a_stream_is_only_its_head),
        cmocka_unit_test(test_a_client_that_has_gone_is_noticed_when_something_is_sent),
        cmocka_unit_test(test_a_client_that_does_not_read_is_cut_off),
        cmocka_unit_test(test_an_event_that_is_too_large_at_once_cuts_off),
        cmocka_unit_test(test_many_streams_are_told_by_several_threads),
        cmocka_unit_test(test_the_server_may_close_while_five_hundred_listen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
