#include "http/client.h"

#include "base/time.h"
#include "http/script_server_test.h"
#include "support/files.h"

#define OK(body) "HTTP/1.1 200 OK\r\nContent-Length: " body
#define START(server, answers) \
    script_server_start(&(server), answers, sizeof(answers) / sizeof *(answers))

static struct http_client *open_client(const struct http_identity *identity)
{
    struct http_client *client;
    struct ou_error err = { "" };

    assert_int_equal(http_client_ready(&err), OU_OK);
    if (http_client_open(identity, &client, &err))
        fail_msg("%s", err.text);
    return client;
}

static const char *url_of(const struct script_server *s, const char *target)
{
    static char url[512];

    snprintf(url, sizeof url, "%s%s", s->url, target);
    return url;
}

static void expect_words(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("no \"%s\" in: %s", words, text);
}

/* Asks once of a server with one answer; the reply is to be released. */
static enum ou_status ask_once(const struct script_answer *answer, struct http_request request,
                               struct script_server *s, struct http_reply *ret,
                               struct ou_error *err)
{
    struct http_client *client = open_client(NULL);
    enum ou_status status;

    script_server_start(s, answer, 1);
    if (!request.url)
        request.url = url_of(s, "/secret/path?token=hidden#part");
    if (!request.method)
        request.method = "GET";
    status = http_ask(client, &request, ret, err);
    script_server_end(s);
    http_client_close(client);
    return status;
}

static void test_a_reply_has_status_headers_and_body(void **state)
{
    static const struct script_answer answers[] = {
        { "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nX-Test:  a b \r\nX-Te: c\r\n\r\nhello",
          THEN_KEEP },
        { "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", THEN_KEEP },
    };
    struct script_server s;
    struct http_client *client = open_client(NULL);
    struct http_request request = { .method = "GET" };
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    START(s, answers);
    request.url = url_of(&s, "/a/../b?c=d");
    assert_int_equal(http_ask(client, &request, &reply, &err), OU_OK);
    assert_int_equal(reply.status, 200);
    assert_string_equal(buffer_string(&reply.body), "hello");
    assert_int_equal(reply.bytes, 5);
    assert_true(span_is(http_reply_header(&reply, "x-TEST"), "a b"));
    assert_true(span_is(http_reply_header(&reply, "x-te"), "c"));
    assert_null(http_reply_header(&reply, "x-t").at);
    assert_true(reply.seconds >= reply.first_byte_s && reply.first_byte_s > 0);
    http_reply_release(&reply);
    assert_int_equal(http_ask(client, &request, &reply, &err), OU_OK);
    assert_int_equal(reply.status, 404);
    assert_string_equal(buffer_string(&reply.body), "gone");
    http_reply_release(&reply);
    script_server_end(&s);
    http_client_close(client);
    assert_int_equal(s.connections, 1);
    assert_true(strncmp(s.asked[0], "GET /a/../b?c=d HTTP/1.1\r\n", 26) == 0);
}

static void test_what_is_sent_is_what_was_given(void **state)
{
    static const struct script_answer answer = { OK("0\r\n\r\n"), THEN_KEEP };
    static const char *const headers[] = { "X-One: 1", "X-Two: 2", NULL };
    struct script_server s;
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ask_once(&answer,
                              (struct http_request){
                                  .method = "PUT", .headers = headers, .body = span_of("content") },
                              &s, &reply, &err),
                     OU_OK);
    http_reply_release(&reply);
    expect_words(s.asked[0], "PUT /secret/path?token=hidden HTTP/1.1\r\n");
    expect_words(s.asked[0], "\r\nX-One: 1\r\n");
    expect_words(s.asked[0], "\r\nX-Two: 2\r\n");
    expect_words(s.asked[0], "\r\nContent-Length: 7\r\n");
    expect_words(s.asked[0], "\r\n\r\ncontent");
    assert_null(strstr(s.asked[0], "Expect"));
    assert_null(strstr(s.asked[0], "Content-Type"));
}

static void test_an_empty_body_is_sent_as_one(void **state)
{
    static const struct script_answer answer = { OK("0\r\n\r\n"), THEN_KEEP };
    struct script_server s;
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ask_once(&answer, (struct http_request){ .method = "POST" }, &s, &reply, &err),
                     OU_OK);
    http_reply_release(&reply);
    expect_words(s.asked[0], "\r\nContent-Length: 0\r\n");
}

static void test_a_head_has_no_body(void **state)
{
    static const struct script_answer answer = { OK("12345\r\n\r\n"), THEN_KEEP };
    struct script_server s;
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ask_once(&answer, (struct http_request){ .method = "HEAD" }, &s, &reply, &err),
                     OU_OK);
    assert_true(span_is(http_reply_header(&reply, "content-length"), "12345"));
    assert_int_equal(reply.body.len, 0);
    http_reply_release(&reply);
}

static void test_a_part_of_a_file_is_sent(void **state)
{
    static const struct script_answer answer = { OK("0\r\n\r\n"), THEN_KEEP };
    struct temp_dir dir;
    struct script_server s;
    struct http_reply reply;
    struct ou_error err = { "" };
    FILE *file;
    struct http_request request = {
        .method = "PUT", .with_file = true, .body_offset = 2, .body_bytes = 4
    };

    (void)state;
    temp_dir_make(&dir);
    file = fopen(temp_file(&dir, "f", "0123456789"), "r");
    assert_non_null(file);
    request.body_fd = fileno(file);
    assert_int_equal(ask_once(&answer, request, &s, &reply, &err), OU_OK);
    http_reply_release(&reply);
    expect_words(s.asked[0], "\r\n\r\n2345");
    request.body_bytes = 9;
    assert_int_equal(ask_once(&answer, request, &s, &reply, &err), OU_IO);
    expect_words(err.text, "the file to send ended after 8 of 9 bytes");
    assert_true(reply.hopeless);
    http_reply_release(&reply);
    fclose(file);
    temp_dir_remove(&dir);
}

/* A server closes a kept connection while nothing goes on: the request is sent anew, from its beginning. */
static void test_a_kept_connection_may_have_been_closed(void **state)
{
    static const struct script_answer answers[] = {
        { OK("0\r\n\r\n"), THEN_CLOSE },
        { OK("0\r\n\r\n"), THEN_KEEP },
    };
    struct script_server s;
    struct http_client *client = open_client(NULL);
    struct http_request request = { .method = "PUT", .body = span_of("twice") };
    struct ou_error err = { "" };

    (void)state;
    START(s, answers);
    request.url = url_of(&s, "/");
    for (int i = 0; i < 2; i++) {
        struct http_reply reply;

        assert_int_equal(http_ask(client, &request, &reply, &err), OU_OK);
        assert_int_equal(reply.status, 200);
        http_reply_release(&reply);
    }
    script_server_end(&s);
    http_client_close(client);
    assert_int_equal(s.connections, 2);
    expect_words(s.asked[1], "\r\n\r\ntwice");
}

static bool count_bytes(void *context, struct span bytes)
{
    size_t *left = context;

    if (bytes.len > *left)
        return false;
    *left -= bytes.len;
    return true;
}

static void test_bytes_are_taken_as_they_come_unless_it_failed(void **state)
{
    static const struct script_answer good = { OK("5\r\n\r\nhello"), THEN_KEEP };
    static const struct script_answer bad = { "HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nwhy",
                                              THEN_KEEP };
    size_t left = 5;
    struct script_server s;
    struct http_request request = { .take = count_bytes, .context = &left };
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ask_once(&good, request, &s, &reply, &err), OU_OK);
    assert_int_equal(left, 0);
    assert_int_equal(reply.bytes, 5);
    assert_int_equal(reply.body.len, 0);
    http_reply_release(&reply);
    assert_int_equal(ask_once(&good, request, &s, &reply, &err), OU_IO);
    assert_true(reply.hopeless);
    http_reply_release(&reply);
    assert_int_equal(ask_once(&bad, request, &s, &reply, &err), OU_OK);
    assert_int_equal(reply.status, 403);
    assert_string_equal(buffer_string(&reply.body), "why");
    http_reply_release(&reply);
}

static void test_bodies_and_headers_are_bounded(void **state)
{
    static char huge[HTTP_REPLY_HEADERS_MAX + 100];
    const struct script_answer body = { OK("5\r\n\r\nhello"), THEN_KEEP };
    const struct script_answer headers = { huge, THEN_KEEP };
    size_t len;
    struct script_server s;
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ask_once(&body, (struct http_request){ .body_max = 4 }, &s, &reply, &err),
                     OU_TOO_LARGE);
    http_reply_release(&reply);
    assert_int_equal(ask_once(&body, (struct http_request){ .body_max = 5 }, &s, &reply, &err),
                     OU_OK);
    http_reply_release(&reply);
    len = (size_t)snprintf(huge, sizeof huge, "HTTP/1.1 200 OK\r\n");
    while (len + 80 < sizeof huge)
        len += (size_t)snprintf(huge + len, sizeof huge - len, "X-Header: %050d\r\n", 0);
    snprintf(huge + len, sizeof huge - len, "\r\n");
    assert_int_equal(ask_once(&headers, (struct http_request){ 0 }, &s, &reply, &err),
                     OU_TOO_LARGE);
    http_reply_release(&reply);
}

static void expect_failure(const struct script_answer *answer, struct http_request request,
                           const char *words)
{
    struct script_server s;
    struct http_reply reply;
    struct ou_error err = { "" };

    assert_int_equal(ask_once(answer, request, &s, &reply, &err), OU_IO);
    expect_words(err.text, words);
    expect_words(err.text, "http://127.0.0.1:");
    assert_null(strstr(err.text, "hidden"));
    assert_false(reply.hopeless);
    assert_true(*reply.cause != '\0');
    http_reply_release(&reply);
}

static void test_a_reply_that_is_cut_is_none(void **state)
{
    static const struct script_answer cut = { OK("10\r\n\r\nhello"), THEN_CLOSE };
    static const struct script_answer nothing = { "", THEN_CLOSE };
    static const struct script_answer no_http = { "220 smtp.example ESMTP\r\n", THEN_CLOSE };

    (void)state;
    expect_failure(&cut, (struct http_request){ 0 }, "the answer was cut");
    expect_failure(&nothing, (struct http_request){ 0 }, "without an answer");
    expect_failure(&no_http, (struct http_request){ 0 }, "the answer is no HTTP");
}

static void test_silence_ends_a_request(void **state)
{
    static const struct script_answer begun = { OK("10\r\n\r\nhello"), THEN_SILENCE };
    static const struct script_answer nothing = { "", THEN_SILENCE };

    (void)state;
    expect_failure(&begun, (struct http_request){ .stall_s = 0.3 }, "nothing moved for 0.3 s");
    expect_failure(&nothing, (struct http_request){ .stall_s = 0.3 }, "nothing moved for 0.3 s");
    expect_failure(&nothing, (struct http_request){ .timeout_s = 0.3 }, "no answer in time");
}

#define SLOW_BYTES ((size_t)2 << 20)
#define PIECE_BYTES ((size_t)32 << 10)

/* Reads a request with a pause after each piece, then answers. */
static void *read_slowly(void *context)
{
    static const char words[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    const struct timespec pause = { .tv_nsec = 40000000 };
    int fd = accept(*(int *)context, NULL, NULL);
    char piece[PIECE_BYTES];

    for (size_t all = 0; all < SLOW_BYTES; all += sizeof piece) {
        if (recv(fd, piece, sizeof piece, MSG_WAITALL) <= 0)
            break;
        nanosleep(&pause, NULL);
    }
    send(fd, words, sizeof words - 1, MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

/* The kernel has all of the body long before the server has. */
static void test_a_slow_line_is_no_silence(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = 4096;
    struct http_client *client = open_client(NULL);
    struct http_request request = { .method = "PUT", .stall_s = 1 };
    struct http_reply reply;
    struct ou_error err = { "" };
    pthread_t thread;
    char url[64], *body = calloc(1, SLOW_BYTES);

    (void)state;
    assert_non_null(body);
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, &listener), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", (unsigned)ntohs(address.sin_port));
    request.url = url;
    request.body = (struct span){ body, SLOW_BYTES };
    if (http_ask(client, &request, &reply, &err))
        fail_msg("%s", err.text);
    assert_int_equal(reply.status, 200);
    http_reply_release(&reply);
    pthread_join(thread, NULL);
    close(listener);
    http_client_close(client);
    free(body);
}

static void test_a_refused_connection_says_what_to_do(void **state)
{
    static const struct script_answer never = { "", THEN_CLOSE };
    struct script_server s;
    struct http_client *client = open_client(NULL);
    struct http_request request = { .method = "GET" };
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    script_server_start(&s, &never, 1);
    script_server_end(&s); /* now nothing listens there */
    request.url = url_of(&s, "/?token=hidden");
    assert_int_equal(http_ask(client, &request, &reply, &err), OU_IO);
    expect_words(err.text, s.url);
    expect_words(err.text, "connection refused; nothing listens there");
    assert_string_equal(reply.cause, "connection refused");
    http_reply_release(&reply);
    http_client_close(client);
}

static void test_what_cannot_be_sent_is_refused(void **state)
{
    static const char *const headers[] = { "X: a\r\nY: b", NULL };
    const struct http_request requests[] = {
        { .method = "GET", .url = "ftp://127.0.0.1/" },
        { .method = "GET", .url = "file:///etc/passwd" },
        { .method = "GET", .url = "127.0.0.1" },
        { .method = "GET", .url = "http://127.0.0.1/a b" },
        { .method = "BREW", .url = "http://127.0.0.1/" },
        { .method = "GET", .url = "http://127.0.0.1/", .headers = headers },
    };
    struct http_client *client = open_client(NULL);
    struct ou_error err = { "" };

    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct http_reply reply;

        assert_int_equal(http_ask(client, &requests[i], &reply, &err), OU_INVALID);
        http_reply_release(&reply);
    }
    http_client_close(client);
}

static void test_a_redirect_is_not_followed(void **state)
{
    static const struct script_answer answer = {
        "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        THEN_KEEP
    };
    struct script_server s;
    struct http_reply reply;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ask_once(&answer, (struct http_request){ 0 }, &s, &reply, &err), OU_OK);
    assert_int_equal(reply.status, 301);
    http_reply_release(&reply);
}

static void *cancel_soon(void *context)
{
    const struct timespec soon = { .tv_nsec = 100000000 };

    nanosleep(&soon, NULL);
    http_client_cancel(context);
    return NULL;
}

static void test_another_thread_may_cancel(void **state)
{
    static const struct script_answer answer = { OK("10\r\n\r\nhello"), THEN_SILENCE };
    struct script_server s;
    struct http_client *client = open_client(NULL);
    struct http_request request = { .method = "GET" };
    struct ou_error err = { "" };
    pthread_t thread;

    (void)state;
    script_server_start(&s, &answer, 1);
    request.url = url_of(&s, "/");
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, client), 0);
    for (int i = 0; i < 2; i++) { /* and all after that */
        struct http_reply reply;

        assert_int_equal(http_ask(client, &request, &reply, &err), OU_INTERRUPTED);
        http_reply_release(&reply);
    }
    pthread_join(thread, NULL);
    assert_true(http_client_cancelled(client));
    script_server_end(&s);
    http_client_close(client);
}

#define THREADS 4

static void *ask_often(void *context)
{
    const char *url = context;
    struct http_client *client;
    const struct http_request request = { .method = "GET", .url = url };
    unsigned long good = 0;

    if (http_client_ready(NULL) || http_client_open(NULL, &client, NULL))
        return NULL;
    for (int i = 0; i < 4; i++) {
        struct http_reply reply;

        good += http_ask(client, &request, &reply, NULL) == OU_OK;
        http_reply_release(&reply);
    }
    http_client_close(client);
    return (void *)(uintptr_t)good;
}

static void test_threads_have_clients_of_their_own(void **state)
{
    struct script_answer answers[4 * THREADS];
    struct script_server s;
    pthread_t threads[THREADS];
    char url[64];

    (void)state;
    for (size_t i = 0; i < 4 * THREADS; i++)
        answers[i] = (struct script_answer){
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", THEN_CLOSE
        };
    START(s, answers);
    snprintf(url, sizeof url, "%s", s.url);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, url), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good;

        pthread_join(threads[i], &good);
        assert_int_equal((uintptr_t)good, 4);
    }
    script_server_end(&s);
}

static void test_an_identity_that_cannot_be_read_is_named(void **state)
{
    const struct http_identity identity = { .ca_file = "/nowhere/ca.pem" };
    struct http_client *client;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(http_client_open(&identity, &client, &err), OU_NOT_FOUND);
    assert_null(client);
    expect_words(err.text, "/nowhere/ca.pem");
}

static void test_a_url_is_shown_without_secrets(void **state)
{
    char shown[128];

    (void)state;
    http_url_shown("https://user:word@host.example:8443/a/b?X-Amz-Signature=1#f", shown,
                   sizeof shown);
    assert_string_equal(shown, "https://host.example:8443/a/b");
    http_url_shown("http://[::1]/", shown, sizeof shown);
    assert_string_equal(shown, "http://[::1]/");
    http_url_shown("what?", shown, sizeof shown);
    assert_string_equal(shown, "(no URL)");
}

/* RFC 3986's unreserved characters, and a date of RFC 9110. */
static void test_texts_are_encoded_and_dates_read(void **state)
{
    struct buffer out;
    struct http_reply reply = { 0 };

    (void)state;
    buffer_init(&out, allocator_libc(), 256);
    http_encode(&out, span_of("aZ0-._~/ +%\xc3\xa4"), true);
    http_encode(&out, span_of("/"), false);
    assert_string_equal(buffer_string(&out), "aZ0-._~/%20%2B%25%C3%A4%2F");
    buffer_release(&out);
    buffer_init(&reply.headers, allocator_libc(), 256);
    assert_int_equal(http_reply_date_ns(&reply), TIME_NONE);
    buffer_text(&reply.headers, "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    assert_int_equal(http_reply_date_ns(&reply), INT64_C(784111777) * NS_PER_SECOND);
    buffer_clear(&reply.headers);
    buffer_text(&reply.headers, "Date: Sun, 06 Nov 1994 08:49:37 GMT+1\r\n");
    assert_int_equal(http_reply_date_ns(&reply), TIME_NONE);
    http_reply_release(&reply);
}

static void test_this_machine_is_known_by_its_names(void **state)
{
    (void)state;
    assert_true(http_is_loopback("localhost"));
    assert_true(http_is_loopback("bucket.localhost"));
    assert_true(http_is_loopback("127.1.2.3"));
    assert_true(http_is_loopback("[::1]"));
    assert_false(http_is_loopback("localhost.example"));
    assert_false(http_is_loopback("notlocalhost"));
    assert_false(http_is_loopback("10.0.0.1"));
    assert_false(http_is_loopback("127.example.com"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_reply_has_status_headers_and_body),
        cmocka_unit_test(test_what_is_sent_is_what_was_given),
        cmocka_unit_test(test_an_empty_body_is_sent_as_one),
        cmocka_unit_test(test_a_head_has_no_body),
        cmocka_unit_test(test_a_part_of_a_file_is_sent),
        cmocka_unit_test(test_a_kept_connection_may_have_been_closed),
        cmocka_unit_test(test_bytes_are_taken_as_they_come_unless_it_failed),
        cmocka_unit_test(test_bodies_and_headers_are_bounded),
        cmocka_unit_test(test_a_reply_that_is_cut_is_none),
        cmocka_unit_test(test_silence_ends_a_request),
        cmocka_unit_test(test_a_slow_line_is_no_silence),
        cmocka_unit_test(test_a_refused_connection_says_what_to_do),
        cmocka_unit_test(test_what_cannot_be_sent_is_refused),
        cmocka_unit_test(test_a_redirect_is_not_followed),
        cmocka_unit_test(test_another_thread_may_cancel),
        cmocka_unit_test(test_threads_have_clients_of_their_own),
        cmocka_unit_test(test_an_identity_that_cannot_be_read_is_named),
        cmocka_unit_test(test_a_url_is_shown_without_secrets),
        cmocka_unit_test(test_texts_are_encoded_and_dates_read),
        cmocka_unit_test(test_this_machine_is_known_by_its_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
