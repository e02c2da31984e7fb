#include "trace/prometheus_http.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/test.h"

/* Reads text from memory of exactly its length; what is read beyond is a sanitizer's. */
static bool parse(const char *text, struct http_request *ret)
{
    static char *copy;

    free(copy);
    copy = strdup(text);
    assert_non_null(copy);
    return http_parse(copy, strlen(text), ret);
}

static enum http_status judge(const char *text)
{
    struct http_request r;

    return parse(text, &r) ? http_judge(&r) : HTTP_BAD_REQUEST;
}

static void test_a_scrape_is_understood(void **state)
{
    static const char scrape[] =
        "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:12798\r\nUser-Agent: Prometheus/2.42.0\r\n"
        "Accept: application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
        "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n"
        "Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n";
    struct http_request r;

    (void)state;
    assert_true(parse(scrape, &r));
    assert_int_equal(r.method, HTTP_GET);
    assert_true(span_is(r.path, "/metrics"));
    assert_true(r.accept_openmetrics && r.accept_plain && !r.accept_any && !r.close);
    assert_int_equal(r.bytes, sizeof scrape - 1);
    assert_int_equal(http_judge(&r), HTTP_OK);
}

static void test_every_prefix_of_a_request_is_refused(void **state)
{
    static const char text[] = "\r\nGET /metrics HTTP/1.1\r\nAccept: */*\r\n\r\n";
    struct http_request r;

    (void)state;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        char *copy = strndup(text, len);

        assert_non_null(copy);
        assert_false(http_parse(copy, len, &r));
        free(copy);
    }
    assert_true(parse(text, &r));
}

static void test_what_is_behind_a_request_is_not_its_own(void **state)
{
    static const char two[] = "GET /a HTTP/1.1\r\n\r\nHEAD /metrics HTTP/1.1\r\n\r\n";
    struct http_request r;

    (void)state;
    assert_true(http_parse(two, sizeof two - 1, &r));
    assert_true(span_is(r.path, "/a"));
    assert_int_equal(r.bytes, 19);
    assert_true(http_parse(two + r.bytes, sizeof two - 1 - r.bytes, &r));
    assert_int_equal(r.method, HTTP_HEAD);
}

static void test_each_status_has_its_cause(void **state)
{
    static const struct {
        const char *text;
        enum http_status status;
    } cases[] = {
        { "GET /metrics HTTP/1.1\r\n\r\n", HTTP_OK },
        { "HEAD /metrics HTTP/1.0\r\n\r\n", HTTP_OK },
        { "GET /metrics HTTP/1.1\n\n", HTTP_OK },
        { "GET /metrics?name=x HTTP/1.1\r\n\r\n", HTTP_OK },
        { "GET http://host:1/metrics?q HTTP/1.1\r\n\r\n", HTTP_OK },
        { "GET / HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND },
        { "GET /metrics/ HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND },
        { "GET /Metrics HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND },
        { "GET http://host HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND },
        { "POST /other HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND },
        { "OPTIONS * HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND },
        { "POST /metrics HTTP/1.1\r\n\r\n", HTTP_METHOD_NOT_ALLOWED },
        { "get /metrics HTTP/1.1\r\n\r\n", HTTP_METHOD_NOT_ALLOWED },
        { "DELETE /metrics HTTP/1.1\r\nAccept: x\r\n\r\n", HTTP_METHOD_NOT_ALLOWED },
        { "GET /metrics HTTP/1.1\r\nAccept: text/html\r\n\r\n", HTTP_UNSUPPORTED_MEDIA_TYPE },
        { "GET /metrics HTTP/2.0\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /metrics HTTP/1.x\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /metrics\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET  /metrics HTTP/1.1\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /metrics HTTP/1.1 \r\n\r\n", HTTP_BAD_REQUEST },
        { "GET metrics HTTP/1.1\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /met\trics HTTP/1.1\r\n\r\n", HTTP_BAD_REQUEST },
        { "G@T /metrics HTTP/1.1\r\n\r\n", HTTP_BAD_REQUEST },
        { " /metrics HTTP/1.1\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /metrics HTTP/1.1\r\nno colon\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /metrics HTTP/1.1\r\nName : x\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /metrics HTTP/1.1\r\n: x\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /metrics HTTP/1.1\r\nA: x\r\n folded\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /metrics HTTP/1.1\r\nA: x\x01\r\n\r\n", HTTP_BAD_REQUEST },
        { "GET /metrics HTTP/1.1\r\nA: x\ry\r\n\r\n", HTTP_BAD_REQUEST },
        { "\x16\x03\x01\x02\r\n\r\n", HTTP_BAD_REQUEST },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (judge(cases[i].text) != cases[i].status)
            fail_msg("%d for %s", (int)judge(cases[i].text), cases[i].text);
}

static void test_what_the_client_takes_is_looked_for_in_accept(void **state)
{
    static const struct {
        const char *field;
        bool any, plain, openmetrics;
    } cases[] = {
        { "Host: x", true, false, false },
        { "Accept:", true, false, false },
        { "Accept: */*", false, true, false },
        { "accept: TEXT/Plain", false, true, false },
        { "Accept: text/html, text/*;q=0.5", false, true, false },
        { "Accept: application/openmetrics-text", false, false, true },
        { "Accept: application/json\r\nAccept: text/plain", false, true, false },
        { "Accept: application/json", false, false, false },
        { "Accept: application/*", false, false, false },
        { "Accept-Language: text/plain", true, false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        struct http_request r;

        snprintf(text, sizeof text, "GET /metrics HTTP/1.1\r\n%s\r\n\r\n", cases[i].field);
        assert_true(parse(text, &r));
        assert_true(r.accept_any == cases[i].any);
        assert_true(r.accept_plain == cases[i].plain);
        assert_true(r.accept_openmetrics == cases[i].openmetrics);
    }
}

static void test_a_connection_ends_when_the_client_says_so_or_sends_a_body(void **state)
{
    static const struct {
        const char *text;
        bool close;
    } cases[] = {
        { "GET / HTTP/1.1\r\n\r\n", false },
        { "GET / HTTP/1.0\r\n\r\n", true },
        { "GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", true },
        { "GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n", false },
        { "GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", false },
        { "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", true },
        { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;

        assert_true(parse(cases[i].text, &r));
        assert_true(r.close == cases[i].close);
    }
}

/* The date is the example of RFC 9110, section 5.6.7. */
static void test_heads_are_whole(void **state)
{
    char head[HTTP_HEAD_ROOM];
    size_t len = http_head(HTTP_OK, HTTP_TYPE_METRICS, 1234, false, 784111777, head);

    (void)state;
    assert_string_equal(head, "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                              "Content-Type: text/plain;version=0.0.4;charset=utf-8\r\n"
                              "Content-Length: 1234\r\nConnection: keep-alive\r\n\r\n");
    assert_int_equal(len, strlen(head));
    http_head(HTTP_METHOD_NOT_ALLOWED, HTTP_TYPE_TEXT, 0, true, 784111777, head);
    assert_string_equal(head, "HTTP/1.1 405 Method Not Allowed\r\n"
                              "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                              "Content-Type: text/plain;charset=utf-8\r\n"
                              "Content-Length: 0\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_scrape_is_understood),
        cmocka_unit_test(test_every_prefix_of_a_request_is_refused),
        cmocka_unit_test(test_what_is_behind_a_request_is_not_its_own),
        cmocka_unit_test(test_each_status_has_its_cause),
        cmocka_unit_test(test_what_the_client_takes_is_looked_for_in_accept),
        cmocka_unit_test(test_a_connection_ends_when_the_client_says_so_or_sends_a_body),
        cmocka_unit_test(test_heads_are_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
