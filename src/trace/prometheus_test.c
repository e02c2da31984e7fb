/* The server as its clients see it, over real sockets of this machine. */
#include "trace/prometheus.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"
#include "trace/exposition_test.h"
#include "trace/metrics.h"
#include "trace/prometheus_http.h"

#define GET "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
#define BODY "# TYPE p_slots_int gauge\np_slots_int 42\n# EOF\n"

/* Generous: what a test wants limited it limits. */
static struct config_prometheus config_of_test(void)
{
    static char host[] = "127.0.0.1";

    return (struct config_prometheus){
        .wanted = true,
        .suffix = true,
        .host = host,
        .conn_timeout_s = 60,
    };
}

static struct prometheus *server;

static void start_with(const struct config_prometheus *config)
{
    struct ou_error err = { 0 };

    ou_metric_set("slots", 42);
    if (prometheus_start(config, "p.", &server, &err))
        fail_msg("%s", err.text);
}

static void start(void)
{
    struct config_prometheus config = config_of_test();

    start_with(&config);
}

static int tear_down(void **state)
{
    (void)state;
    prometheus_stop(server);
    server = NULL;
    metrics_reset();
    return 0;
}

/* ---- a client ---- */

/* Reading that takes a minute is a failure, not a test that hangs. */
static int dial_from(const char *source)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = { .tv_sec = 60 };
    struct sockaddr_in a = { .sin_family = AF_INET };

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    assert_int_equal(inet_pton(AF_INET, source, &a.sin_addr), 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons((uint16_t)prometheus_port(server));
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

static int dial(void)
{
    return dial_from("127.0.0.1");
}

static void say_bytes(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len) {
        ssize_t put = send(fd, at, len, MSG_NOSIGNAL);

        assert_true(put > 0);
        at += put;
        len -= (size_t)put;
    }
}

static void say(int fd, const char *text)
{
    say_bytes(fd, text, strlen(text));
}

struct reply {
    int status; /* 0: the connection ended without one */
    char head[HTTP_HEAD_ROOM];
    char *body; /* owned; the text up to Content-Length, or "" for HEAD */
    size_t content_bytes;
};

static bool hear_byte(int fd, char *ret)
{
    ssize_t got = recv(fd, ret, 1, 0);

    assert_true(got >= 0 || errno == ECONNRESET);
    return got == 1;
}

static struct reply hear(int fd, bool head_only)
{
    struct reply r = { 0 };
    size_t len = 0;

    while (len < 4 || memcmp(r.head + len - 4, "\r\n\r\n", 4) != 0) {
        assert_true(len < sizeof r.head - 1);
        if (!hear_byte(fd, &r.head[len])) {
            assert_int_equal(len, 0);
            return r;
        }
        len++;
    }
    assert_int_equal(sscanf(r.head, "HTTP/1.1 %d ", &r.status), 1);
    assert_non_null(strstr(r.head, "\r\nContent-Length: "));
    r.content_bytes = strtoul(strstr(r.head, "Content-Length: ") + 16, NULL, 10);
    r.body = calloc(1, r.content_bytes + 1);
    assert_non_null(r.body);
    if (!head_only && r.content_bytes)
        assert_int_equal(recv(fd, r.body, r.content_bytes, MSG_WAITALL), r.content_bytes);
    return r;
}

static void assert_ended(int fd)
{
    char byte;

    assert_false(hear_byte(fd, &byte));
    close(fd);
}

static void assert_reply(int fd, int status, const char *field, const char *body)
{
    struct reply r = hear(fd, false);

    assert_int_equal(r.status, status);
    if (!strstr(r.head, field))
        fail_msg("%s is not in %s", field, r.head);
    assert_string_equal(r.body, body);
    free(r.body);
}

/* A connection that is known to be accepted: it has been answered. */
static int dial_and_get(const char *source)
{
    int fd = dial_from(source);

    say(fd, GET);
    assert_reply(fd, 200, "text/plain;version=0.0.4", BODY);
    return fd;
}

/* Whether a new connection gets an answer, rather than being closed. */
static bool is_answered(const char *source, const char *request, int status)
{
    int fd = dial_from(source);
    struct reply r = { 0 };

    if (send(fd, request, strlen(request), MSG_NOSIGNAL) > 0) /* it may be closed already */
        r = hear(fd, false);
    free(r.body);
    close(fd);
    assert_true(r.status == status || r.status == 0);
    return r.status == status;
}

static bool is_served(const char *source)
{
    return is_answered(source, GET, 200);
}

/* ---- requests ---- */

static void test_the_page_is_served_in_either_type(void **state)
{
    int fd;

    (void)state;
    start();
    fd = dial_and_get("127.0.0.1");
    say(fd, "GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text, */*;q=0.1\r\n\r\n");
    assert_reply(fd, 200,
                 "\r\nContent-Type: application/openmetrics-text;version=1.0.0;charset=utf-8\r\n",
                 BODY);
    ou_metric_set("slots", 43);
    ou_metric_set_label("build", "a \"text\"");
    say(fd, GET);
    assert_reply(fd, 200, "\r\nContent-Type: text/plain;version=0.0.4;charset=utf-8\r\n",
                 "# TYPE p_slots_int gauge\np_slots_int 43\n# TYPE p_build info\n"
                 "p_build{value=\"a \\\"text\\\"\"} 1\n# EOF\n");
    close(fd);
}

static void test_without_suffix_names_are_bare(void **state)
{
    struct config_prometheus config = config_of_test();
    int fd;

    (void)state;
    config.suffix = false;
    start_with(&config);
    fd = dial();
    say(fd, GET);
    assert_reply(fd, 200, "", "# TYPE p_slots gauge\np_slots 42\n# EOF\n");
    close(fd);
}

static void test_statuses_other_than_ok_leave_the_connection_open(void **state)
{
    int fd;

    (void)state;
    start();
    fd = dial();
    say(fd, "GET /other HTTP/1.1\r\n\r\n");
    assert_reply(fd, 404, "Connection: keep-alive", "404 Not Found\n");
    say(fd, "DELETE /metrics HTTP/1.1\r\n\r\n");
    assert_reply(fd, 405, "\r\nAllow: GET, HEAD\r\n", "405 Method Not Allowed\n");
    say(fd, "GET /metrics HTTP/1.1\r\nAccept: application/json\r\n\r\n");
    assert_reply(fd, 415, "Connection: keep-alive", "415 Unsupported Media Type\n");
    say(fd, GET);
    assert_reply(fd, 200, "Connection: keep-alive", BODY);
    close(fd);
}

static void test_head_gives_the_length_and_no_body(void **state)
{
    struct reply r;
    int fd;

    (void)state;
    start();
    fd = dial();
    say(fd, "HEAD /metrics HTTP/1.1\r\n\r\n");
    r = hear(fd, true);
    assert_int_equal(r.status, 200);
    assert_int_equal(r.content_bytes, strlen(BODY));
    free(r.body);
    say(fd, "HEAD /other HTTP/1.1\r\n\r\n");
    r = hear(fd, true);
    assert_int_equal(r.status, 404);
    free(r.body);
    say(fd, GET); /* a body would stand before this answer */
    assert_reply(fd, 200, "", BODY);
    close(fd);
}

static void test_requests_of_one_read_are_answered_in_order(void **state)
{
    int fd;

    (void)state;
    start();
    fd = dial();
    say(fd, "GET /a HTTP/1.1\r\n\r\n" GET "POST /metrics HTTP/1.1\r\n\r\n" GET);
    assert_reply(fd, 404, "", "404 Not Found\n");
    assert_reply(fd, 200, "", BODY);
    assert_reply(fd, 405, "", "405 Method Not Allowed\n");
    assert_reply(fd, 200, "", BODY);
    close(fd);
}

static void test_a_client_that_wants_to_close_is_closed(void **state)
{
    int fd;

    (void)state;
    start();
    fd = dial();
    say(fd, "GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n" GET);
    assert_reply(fd, 200, "Connection: close", BODY);
    assert_ended(fd);
    fd = dial();
    say(fd, "POST /metrics HTTP/1.1\r\nContent-Length: 36\r\n\r\n" GET);
    assert_reply(fd, 405, "Connection: close", "405 Method Not Allowed\n");
    assert_ended(fd); /* what looks like a request in the body is none */
}

static void test_a_request_in_two_reads_is_a_bad_one(void **state)
{
    int fd;

    (void)state;
    start();
    fd = dial();
    say(fd, "GET /metrics HT"); /* the rest is not waited for */
    assert_reply(fd, 400, "Connection: close", "400 Bad Request\n");
    assert_ended(fd);
}

static void test_a_request_must_be_below_the_limit(void **state)
{
    char text[HTTP_REQUEST_MAX + 1] = "GET /metrics HTTP/1.1\r\nX: ";
    int fd;

    (void)state;
    start();
    memset(text + strlen(text), 'x', sizeof text - strlen(text) - 1);
    memcpy(text + HTTP_REQUEST_MAX - 4, "\r\n\r\n", 5);
    fd = dial();
    say(fd, text);
    assert_reply(fd, 400, "Connection: close", "400 Bad Request\n");
    assert_ended(fd);
    memcpy(text + HTTP_REQUEST_MAX - 5, "\r\n\r\n", 5);
    fd = dial();
    say(fd, text);
    assert_reply(fd, 200, "Connection: keep-alive", BODY);
    close(fd);
}

static void test_garbage_gets_its_answer_before_the_end(void **state)
{
    size_t len = (size_t)64 << 10;
    unsigned char *garbage = malloc(len);
    int fd;

    (void)state;
    assert_non_null(garbage);
    for (size_t i = 0; i < len; i++)
        garbage[i] = (unsigned char)(i * 2654435761u >> 13);
    start();
    fd = dial();
    say_bytes(fd, garbage, len);
    shutdown(fd, SHUT_WR);
    free(garbage);
    assert_reply(fd, 400, "Connection: close", "400 Bad Request\n");
    assert_ended(fd);
    close(dial_and_get("127.0.0.1"));
}

static void test_a_large_page_comes_whole(void **state)
{
    char name[64];
    struct reply r;
    int fd;

    (void)state;
    for (int i = 0; i < METRICS_MAX; i++) {
        snprintf(name, sizeof name, "number.%d.with-a-name-of-some-length", i);
        ou_metric_set(name, i);
    }
    start();
    fd = dial();
    say(fd, GET);
    r = hear(fd, false);
    assert_int_equal(r.status, 200);
    assert_true(r.content_bytes > 300000);
    assert_int_equal(exposition_check(r.body), METRICS_MAX);
    free(r.body);
    close(fd);
}

/* ---- limits ---- */

static void test_a_silent_client_is_cut_after_the_timeout(void **state)
{
    struct config_prometheus config = config_of_test();

    (void)state;
    config.conn_timeout_s = 0.05;
    start_with(&config);
    assert_ended(dial());
}

static void test_an_answer_gives_the_client_its_time_again(void **state)
{
    struct config_prometheus config = config_of_test();
    struct reply r = { 0 };
    int fd = -1;

    (void)state;
    config.conn_timeout_s = 0.2;
    start_with(&config);
    while (r.status == 0) { /* a slow machine may be too late with its request */
        if (fd >= 0)
            close(fd);
        fd = dial();
        if (send(fd, GET, strlen(GET), MSG_NOSIGNAL) > 0)
            r = hear(fd, false);
    }
    assert_string_equal(r.body, BODY);
    free(r.body);
    assert_ended(fd);
}

/* One connection at a time: the second is answered only when the first, which never reads the
 * megabytes it asked for, has been cut. */
static void test_a_client_that_does_not_read_is_cut_after_the_timeout(void **state)
{
    struct config_prometheus config = config_of_test();
    char text[2000], name[32];
    int fd;

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < METRICS_MAX; i++) {
        snprintf(name, sizeof name, "label.%d", i);
        ou_metric_set_label(name, text);
    }
    config.conn_timeout_s = 0.2;
    config.conn_global = 1;
    start_with(&config);
    fd = dial();
    send(fd, GET, strlen(GET), MSG_NOSIGNAL);
    while (!is_answered("127.0.0.1", "GET /other HTTP/1.1\r\n\r\n", 404))
        usleep(10000);
    close(fd);
}

static void test_connections_above_the_limit_are_closed_at_once(void **state)
{
    struct config_prometheus config = config_of_test();
    int first, second;

    (void)state;
    config.conn_global = 2;
    start_with(&config);
    first = dial_and_get("127.0.0.1");
    second = dial_and_get("127.0.0.2");
    assert_false(is_served("127.0.0.3"));
    say(second, GET);
    assert_reply(second, 200, "", BODY);
    close(first);
    while (!is_served("127.0.0.3")) /* until the server has noticed */
        usleep(1000);
    close(second);
}

static void test_each_host_has_a_limit_of_its_own(void **state)
{
    struct config_prometheus config = config_of_test();
    int first, second;

    (void)state;
    config.conn_per_host = 2;
    start_with(&config);
    first = dial_and_get("127.0.0.1");
    second = dial_and_get("127.0.0.1");
    assert_false(is_served("127.0.0.1"));
    assert_true(is_served("127.0.0.2"));
    close(first);
    close(second);
}

static void test_new_connections_are_limited_by_the_second(void **state)
{
    struct config_prometheus config = config_of_test();

    (void)state;
    config.conn_per_second = 0.001;
    start_with(&config);
    assert_true(is_served("127.0.0.1"));
    assert_false(is_served("127.0.0.2"));
    tear_down(NULL);

    config.conn_per_second = 4; /* of which all may come at once */
    start_with(&config);
    for (int i = 0; i < 4; i++)
        assert_true(is_served("127.0.0.1"));
}

/* ---- life ---- */

static void test_a_port_in_use_is_told_with_the_next_step(void **state)
{
    struct config_prometheus config = config_of_test();
    struct prometheus *second = NULL;
    struct ou_error err = { 0 };

    (void)state;
    start();
    config.port = prometheus_port(server);
    assert_int_equal(prometheus_start(&config, "", &second, &err), OU_IO);
    assert_null(second);
    assert_memory_equal(err.text, "PrometheusSimple: listen on 127.0.0.1, port ", 44);
    assert_non_null(strstr(err.text, "Address already in use"));
    assert_non_null(strstr(err.text, "another port"));
}

static void test_hosts_that_are_none_are_told(void **state)
{
    struct config_prometheus config = config_of_test();
    char elsewhere[] = "192.0.2.1", nobody[] = "no host.invalid";
    struct ou_error err = { 0 };

    (void)state;
    config.host = elsewhere; /* of documentation: nobody's */
    assert_int_equal(prometheus_start(&config, "", &server, &err), OU_IO);
    assert_non_null(strstr(err.text, "listen on 192.0.2.1"));
    config.host = nobody;
    assert_int_equal(prometheus_start(&config, "", &server, &err), OU_IO);
    assert_non_null(strstr(err.text, "look up the host no host.invalid"));
}

static void test_a_host_may_be_a_name(void **state)
{
    struct config_prometheus config = config_of_test();
    char name[] = "localhost";

    (void)state;
    config.host = name;
    start_with(&config);
    assert_true(is_served("127.0.0.1"));
}

static void test_a_host_may_be_ipv6(void **state)
{
    struct config_prometheus config = config_of_test();
    struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    char loopback[] = "::1", any[] = "::";
    int fd;

    (void)state;
    config.host = loopback;
    if (prometheus_start(&config, "p.", &server, NULL))
        skip(); /* a machine without IPv6 */
    ou_metric_set("slots", 42);
    fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    a.sin6_port = htons((uint16_t)prometheus_port(server));
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    say(fd, GET);
    assert_reply(fd, 200, "", BODY);
    close(fd);
    tear_down(NULL);

    config.host = any; /* takes IPv4, too, and counts it by the same host as ever */
    start_with(&config);
    assert_true(is_served("127.0.0.1"));
}

static void test_a_stop_ends_connections_and_frees_the_port(void **state)
{
    struct config_prometheus config = config_of_test();
    int fd;

    (void)state;
    prometheus_stop(NULL);
    start();
    config.port = prometheus_port(server);
    fd = dial_and_get("127.0.0.1");
    prometheus_stop(server);
    server = NULL;
    assert_ended(fd);
    start_with(&config);
    close(dial_and_get("127.0.0.1"));
}

static void test_a_child_forgets_it_and_the_parent_serves_on(void **state)
{
    int fd, status;
    pid_t child;

    (void)state;
    start();
    fd = dial_and_get("127.0.0.1");
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prometheus_forget(server);
        prometheus_forget(NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    say(fd, GET);
    assert_reply(fd, 200, "", BODY);
    close(fd);
}

static void test_its_descriptors_close_with_exec(void **state)
{
    bool open_before[64];
    int fd, found = 0;

    (void)state;
    for (int i = 0; i < 64; i++)
        open_before[i] = fcntl(i, F_GETFD) >= 0;
    start();
    fd = dial_and_get("127.0.0.1");
    for (int i = 0; i < 64; i++) {
        int flags = fcntl(i, F_GETFD);

        if (flags < 0 || open_before[i])
            continue;
        assert_true(flags & FD_CLOEXEC);
        found++;
    }
    assert_int_equal(found, 4); /* for stopping, listening, the connection; and ours */
    close(fd);
}

/* The signals that a thread of this process blocks, by its name; 0 when there is none. */
static uint64_t blocked_by(const char *name)
{
    DIR *dir = opendir("/proc/self/task");
    unsigned long long blocked = 0;
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        char path[300], line[256];
        FILE *file;
        bool is_it = false;

        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        file = fopen(path, "r");
        while (file && fgets(line, sizeof line, file)) {
            line[strcspn(line, "\n")] = '\0';
            is_it = is_it || (strncmp(line, "Name:\t", 6) == 0 && strcmp(line + 6, name) == 0);
            if (is_it && sscanf(line, "SigBlk: %llx", &blocked) == 1)
                break;
        }
        if (file)
            fclose(file);
    }
    closedir(dir);
    return blocked;
}

static void test_its_thread_takes_no_signals(void **state)
{
    static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGCHLD, SIGALRM, SIGPIPE };
    sigset_t mine;
    uint64_t blocked;

    (void)state;
    start();
    close(dial_and_get("127.0.0.1")); /* it runs */
    blocked = blocked_by("ou-prometheus");
    if (!blocked)
        skip(); /* a kernel that does not say */
    pthread_sigmask(SIG_BLOCK, NULL, &mine);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        assert_true(blocked >> (signals[i] - 1) & 1);
        assert_false(sigismember(&mine, signals[i]));
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(test_##name, tear_down)
    const struct CMUnitTest tests[] = {
        T(the_page_is_served_in_either_type),
        T(without_suffix_names_are_bare),
        T(statuses_other_than_ok_leave_the_connection_open),
        T(head_gives_the_length_and_no_body),
        T(requests_of_one_read_are_answered_in_order),
        T(a_client_that_wants_to_close_is_closed),
        T(a_request_in_two_reads_is_a_bad_one),
        T(a_request_must_be_below_the_limit),
        T(garbage_gets_its_answer_before_the_end),
        T(a_large_page_comes_whole),
        T(a_silent_client_is_cut_after_the_timeout),
        T(an_answer_gives_the_client_its_time_again),
        T(a_client_that_does_not_read_is_cut_after_the_timeout),
        T(connections_above_the_limit_are_closed_at_once),
        T(each_host_has_a_limit_of_its_own),
        T(new_connections_are_limited_by_the_second),
        T(a_port_in_use_is_told_with_the_next_step),
        T(hosts_that_are_none_are_told),
        T(a_host_may_be_a_name),
        T(a_host_may_be_ipv6),
        T(a_stop_ends_connections_and_frees_the_port),
        T(a_child_forgets_it_and_the_parent_serves_on),
        T(its_descriptors_close_with_exec),
        T(its_thread_takes_no_signals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
