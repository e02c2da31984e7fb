#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "http/server_fixture_test.h"

#define HELD_MAX 64

/* Requests that were taken, and threads that answer them; without threads the test answers. */
struct office {
    struct fixture f;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_pending *held[HELD_MAX];
    size_t count;
    bool ends;
    pthread_t threads[2];
    size_t thread_count;
    struct buffer got;
};

static void hold(void *context, struct http_pending *pending)
{
    struct office *o = (struct office *)context;

    pthread_mutex_lock(&o->lock);
    assert_true(o->count < HELD_MAX);
    o->held[o->count++] = pending;
    pthread_cond_signal(&o->changed);
    pthread_mutex_unlock(&o->lock);
}

/* What the call was, in lines. */
static void answer_one(struct http_pending *p)
{
    const struct http_call *call = http_pending_call(p);
    struct http_answer *a = http_pending_answer_of(p);
    const char *status = http_argument(call, "status");

    a->status = status ? (unsigned)atoi(status) : 200;
    http_answer_header(a, "X-Test", "%s", call->path);
    buffer_printf(&a->body, "%s%s %s %s from %s: ", call->method, call->is_head ? " (head)" : "",
                  call->path, call->target, call->client);
    buffer_append(&a->body, call->body.at ? call->body.at : "", call->body.len);
    http_pending_answer(p);
}

static struct http_pending *take_held(struct office *o, bool waits)
{
    struct http_pending *p = NULL;

    pthread_mutex_lock(&o->lock);
    while (waits && o->count == 0 && !o->ends)
        pthread_cond_wait(&o->changed, &o->lock);
    if (o->count)
        p = o->held[--o->count];
    pthread_mutex_unlock(&o->lock);
    return p;
}

static void *work(void *context)
{
    struct office *o = context;
    struct http_pending *p;

    while ((p = take_held(o, true)))
        answer_one(p);
    return NULL;
}

static struct http_server_options office_options(struct office *o)
{
    return (struct http_server_options){
        .host = "127.0.0.1",
        .take = hold,
        .context = o,
        .methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    };
}

static void office_open_with(struct office *o, const struct http_server_options *options,
                             size_t threads)
{
    open_with(&o->f, options);
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->changed, NULL);
    o->count = o->thread_count = 0;
    o->ends = false;
    buffer_init(&o->got, allocator_libc(), 1 << 20);
    for (; o->thread_count < threads; o->thread_count++)
        assert_int_equal(pthread_create(&o->threads[o->thread_count], NULL, work, o), 0);
}

static void office_open(struct office *o, size_t threads)
{
    struct http_server_options options = office_options(o);

    office_open_with(o, &options, threads);
}

static void office_close(struct office *o)
{
    pthread_mutex_lock(&o->lock);
    o->ends = true;
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->lock);
    for (size_t i = 0; i < o->thread_count; i++)
        pthread_join(o->threads[i], NULL);
    close_server(&o->f);
    buffer_release(&o->got);
    pthread_cond_destroy(&o->changed);
    pthread_mutex_destroy(&o->lock);
}

static struct http_pending *wait_held(struct office *o)
{
    struct http_pending *p;

    while (!(p = take_held(o, false)))
        turn(&o->f);
    return p;
}

/* --- Answers from other threads ------------------------------------------------------------------------ */

static void test_a_request_is_answered_from_another_thread(void **state)
{
    struct office o;
    const char *got;

    (void)state;
    office_open(&o, 2);
    got = ask(&o.f, "PUT /a%20b?x=%41 HTTP/1.1\r\nContent-Length: 3\r\n" END "abc", &o.got);
    assert_true(begins(got, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(got, "\r\nX-Test: /a b\r\n"));
    assert_non_null(strstr(got, "\r\n\r\nPUT /a b /a%20b?x=%41 from 127.0.0.1: abc"));
    office_close(&o);
}

static void test_requests_behind_one_another_are_answered_in_order_by_threads(void **state)
{
    struct office o;
    const char *first, *second;

    (void)state;
    office_open(&o, 2);
    ask(&o.f,
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nDELETE /2 HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /3 HTTP/1.1\r\n" END,
        &o.got);
    first = strstr(buffer_string(&o.got), "GET /1");
    assert_non_null(first);
    second = strstr(first, "DELETE /2");
    assert_non_null(second);
    assert_non_null(strstr(second, "GET /3"));
    office_close(&o);
}

static void test_many_clients_are_answered_by_threads(void **state)
{
    static const char request[] = "GET /many HTTP/1.1\r\n" END;
    struct office o;
    int fds[40];

    (void)state;
    office_open(&o, 2);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 40; i++) {
            fds[i] = dial(&o.f);
            assert_int_equal(send(fds[i], request, strlen(request), MSG_NOSIGNAL), strlen(request));
        }
        for (int i = 0; i < 40; i++) {
            buffer_clear(&o.got);
            receive(&o.f, fds[i], "", &o.got);
            assert_non_null(strstr(buffer_string(&o.got), "GET /many"));
            close(fds[i]);
        }
    }
    office_close(&o);
}

static void test_others_are_answered_while_one_is_computed(void **state)
{
    struct office o;
    struct http_pending *slow;
    int slow_fd, quick_fd;

    (void)state;
    office_open(&o, 0);
    slow_fd = dial(&o.f);
    send_all(&o.f, slow_fd, "GET /slow HTTP/1.1\r\n" END, strlen("GET /slow HTTP/1.1\r\n" END));
    slow = wait_held(&o);
    quick_fd = dial(&o.f);
    send_all(&o.f, quick_fd, "GET /quick HTTP/1.1\r\n" END, strlen("GET /quick HTTP/1.1\r\n" END));
    answer_one(wait_held(&o));
    receive(&o.f, quick_fd, "", &o.got);
    assert_non_null(strstr(buffer_string(&o.got), "GET /quick"));
    answer_one(slow);
    buffer_clear(&o.got);
    receive(&o.f, slow_fd, "", &o.got);
    assert_non_null(strstr(buffer_string(&o.got), "GET /slow"));
    close(slow_fd);
    close(quick_fd);
    office_close(&o);
}

static void test_a_client_may_have_gone_meanwhile(void **state)
{
    struct office o;
    struct http_pending *p;
    int fd;

    (void)state;
    office_open(&o, 0);
    fd = dial(&o.f);
    send_all(&o.f, fd, "GET /x HTTP/1.1\r\n" END, strlen("GET /x HTTP/1.1\r\n" END));
    p = wait_held(&o);
    close(fd);
    turn(&o.f);
    assert_string_equal(http_pending_call(p)->path, "/x"); /* all of it is still there */
    answer_one(p);
    for (int i = 0; i < 5; i++)
        turn(&o.f);
    office_close(&o);
}

static void test_a_server_that_closes_waits_for_what_is_out(void **state)
{
    struct office o;
    struct http_pending *p;
    int fd;

    (void)state;
    office_open(&o, 0);
    fd = dial(&o.f);
    send_all(&o.f, fd, "GET /last HTTP/1.1\r\n" END, strlen("GET /last HTTP/1.1\r\n" END));
    p = wait_held(&o);
    http_server_close(o.f.server);
    o.f.server = NULL;
    turn(&o.f);
    assert_string_equal(http_pending_call(p)->path, "/last");
    answer_one(p);
    uv_run(&o.f.loop, UV_RUN_DEFAULT);
    receive(&o.f, fd, "", &o.got); /* a short answer still goes out */
    assert_non_null(strstr(buffer_string(&o.got), "GET /last"));
    close(fd);
    office_close(&o);
}

static void test_a_server_may_close_while_threads_answer(void **state)
{
    static const char request[] = "GET /x HTTP/1.1\r\n" END;

    (void)state;
    for (int round = 0; round < 10; round++) {
        struct office o;
        int fds[16];

        office_open(&o, 2);
        for (int i = 0; i < 16; i++) {
            fds[i] = dial(&o.f);
            assert_int_equal(send(fds[i], request, strlen(request), MSG_NOSIGNAL), strlen(request));
        }
        for (int i = 0; i < round; i++)
            uv_run(&o.f.loop, UV_RUN_NOWAIT);
        http_server_close(o.f.server);
        o.f.server = NULL;
        uv_run(&o.f.loop, UV_RUN_DEFAULT);
        for (int i = 0; i < 16; i++)
            close(fds[i]);
        office_close(&o);
    }
}

/* --- What HTTP asks of answers -------------------------------------------------------------------------- */

static void test_head_has_the_length_and_no_body(void **state)
{
    struct office o;
    const char *got;

    (void)state;
    office_open(&o, 1);
    got = ask(&o.f, "HEAD /x HTTP/1.1\r\n" END, &o.got);
    assert_true(begins(got, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(got, "\r\nContent-Length: 33\r\n"));
    assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
    office_close(&o);
}

static void test_no_content_has_neither_body_nor_length(void **state)
{
    struct office o;
    const char *got;

    (void)state;
    office_open(&o, 1);
    got = ask(&o.f, "DELETE /x?status=204 HTTP/1.1\r\nHost: h\r\n\r\nGET /z HTTP/1.1\r\n" END,
              &o.got);
    assert_true(begins(got, "HTTP/1.1 204 No Content\r\n"));
    assert_non_null(strstr(got, "\r\nX-Test: /x\r\n\r\nHTTP/1.1 200 OK\r\n"));
    office_close(&o);
}

/* The only length that it could tell is that of a body which nobody made. */
static void test_not_modified_has_neither_body_nor_length(void **state)
{
    struct office o;
    const char *got;

    (void)state;
    office_open(&o, 1);
    got = ask(&o.f, "GET /y?status=304 HTTP/1.1\r\nHost: h\r\n\r\n", &o.got);
    assert_true(begins(got, "HTTP/1.1 304 Not Modified\r\n"));
    assert_non_null(strstr(got, "\r\nX-Test: /y\r\n"));
    assert_null(strcasestr(got, "Content-Length"));
    assert_null(strstr(got, "\r\nContent-Type"));
    assert_null(strcasestr(got, "Transfer-Encoding"));
    assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
    office_close(&o);
}

static void test_methods_that_are_not_listed_are_told_which_are(void **state)
{
    static const char *const methods[] = { "TRACE", "CONNECT", "GETS", "get", "PROPFIND" };
    struct office o;

    (void)state;
    office_open(&o, 1);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char request[128];
        const char *got;

        snprintf(request, sizeof request, "%s /x HTTP/1.1\r\n" END, methods[i]);
        got = ask(&o.f, request, &o.got);
        assert_true(begins(got, "HTTP/1.1 405 "));
        assert_non_null(strstr(got, "\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"));
    }
    assert_true(begins(ask(&o.f, "OPTIONS * HTTP/1.1\r\n" END, &o.got), "HTTP/1.1 200 "));
    office_close(&o);
}

static void test_a_path_in_absolute_form_is_the_path(void **state)
{
    struct office o;

    (void)state;
    office_open(&o, 1);
    assert_non_null(strstr(ask(&o.f, "GET http://h:1/a/b HTTP/1.1\r\n" END, &o.got), "GET /a/b "));
    assert_non_null(strstr(ask(&o.f, "GET http://h HTTP/1.1\r\n" END, &o.got), "GET / "));
    office_close(&o);
}

static void test_a_path_with_a_nul_is_refused(void **state)
{
    struct office o;

    (void)state;
    office_open(&o, 1);
    assert_true(begins(ask(&o.f, "GET /a%00/../b HTTP/1.1\r\n" END, &o.got), "HTTP/1.1 400 "));
    assert_true(begins(ask(&o.f, "GET /a?b=%00 HTTP/1.1\r\n" END, &o.got), "HTTP/1.1 200 "));
    office_close(&o);
}

static void explain(void *context, const struct http_call *call, struct http_answer *answer)
{
    (void)context;
    answer->type = "application/problem+json";
    buffer_printf(&answer->body, "{\"status\":%u,\"path\":\"%s\"}", answer->status, call->path);
}

static void test_a_refusal_is_explained_in_the_words_of_the_owner(void **state)
{
    struct office o;
    struct http_server_options options = office_options(&o);
    const char *got;

    (void)state;
    options.explain = explain;
    office_open_with(&o, &options, 1);
    got = ask(&o.f, "TRACE /x HTTP/1.1\r\n" END, &o.got);
    assert_non_null(strstr(got, "\r\nContent-Type: application/problem+json\r\n"));
    assert_non_null(strstr(got, "\r\n\r\n{\"status\":405,\"path\":\"/x\"}"));
    office_close(&o);
}

/* Who owns the server may free what its functions look at: none of them is called when it has been told to close. */
static size_t body_limit_of_nobody(void *context, const struct http_call *head)
{
    (void)head;
    assert_false(((struct office *)context)->ends);
    return 100;
}

static void explain_of_nobody(void *context, const struct http_call *call,
                              struct http_answer *answer)
{
    assert_false(((struct office *)context)->ends);
    explain(NULL, call, answer);
}

static void test_a_server_that_closes_asks_its_owner_nothing_more(void **state)
{
    struct office o;
    struct http_server_options options = office_options(&o);
    struct http_pending *p;
    int first, second;

    (void)state;
    options.explain = explain_of_nobody;
    options.body_limit = body_limit_of_nobody;
    office_open_with(&o, &options, 0);
    first = dial(&o.f);
    second = dial(&o.f);
    send_all(&o.f, first, "GET /out HTTP/1.1\r\nHost: h\r\n\r\nGET /late HTTP/1.1\r\n" END,
             strlen("GET /out HTTP/1.1\r\nHost: h\r\n\r\nGET /late HTTP/1.1\r\n" END));
    p = wait_held(&o);
    http_server_close(o.f.server);
    o.ends = true;
    assert_true(send(second, "GET /later HTTP/1.1\r\n" END, strlen("GET /later HTTP/1.1\r\n" END),
                     MSG_NOSIGNAL) > 0);
    answer_one(p);
    o.f.server = NULL;
    uv_run(&o.f.loop, UV_RUN_DEFAULT);
    receive(&o.f, first, "", &o.got);
    assert_true(begins(buffer_string(&o.got), "HTTP/1.1 200 OK\r\n"));
    close(first);
    close(second);
    office_close(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_is_answered_from_another_thread),
        cmocka_unit_test(test_requests_behind_one_another_are_answered_in_order_by_threads),
        cmocka_unit_test(test_many_clients_are_answered_by_threads),
        cmocka_unit_test(test_others_are_answered_while_one_is_computed),
        cmocka_unit_test(test_a_client_may_have_gone_meanwhile),
        cmocka_unit_test(test_a_server_that_closes_waits_for_what_is_out),
        cmocka_unit_test(test_a_server_may_close_while_threads_answer),
        cmocka_unit_test(test_head_has_the_length_and_no_body),
        cmocka_unit_test(test_no_content_has_neither_body_nor_length),
        cmocka_unit_test(test_not_modified_has_neither_body_nor_length),
        cmocka_unit_test(test_methods_that_are_not_listed_are_told_which_are),
        cmocka_unit_test(test_a_path_in_absolute_form_is_the_path),
        cmocka_unit_test(test_a_path_with_a_nul_is_refused),
        cmocka_unit_test(test_a_refusal_is_explained_in_the_words_of_the_owner),
        cmocka_unit_test(test_a_server_that_closes_asks_its_owner_nothing_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
