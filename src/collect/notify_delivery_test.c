/* Deliveries to a real HTTP server, a small one in a thread, and by real commands. */
#include "collect/notify_delivery.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"

#define REQUEST_ROOM 65536

/* Answers one connection after the other with the texts it was given, and keeps the requests. NULL: closes without an
 * answer. */
struct listener {
    int fd;
    uint16_t port;
    const char *const *answers;
    pthread_t thread;
    int requests;
    char last[REQUEST_ROOM];
};

static struct temp_dir dir;
static uv_loop_t loop;
static struct web_client *client;
static struct listener listener;
static char url[64];
static int done_count;
static bool done_ok;
static char done_why[DELIVERY_WHY_ROOM];

/* ---- the listener ---- */

/* The request has a body of the length its head says. */
static bool is_whole(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "Content-Length:");

    return end && length && strlen(end + 4) >= strtoul(length + 15, NULL, 10);
}

static void *answer_all(void *context)
{
    struct listener *l = context;

    for (int i = 0; l->answers[i] && l->answers[i][0] != '!'; i++) {
        int fd = accept(l->fd, NULL, NULL);
        size_t len = 0;
        ssize_t got;

        if (fd < 0)
            return NULL;
        memset(l->last, 0, sizeof l->last);
        while (!is_whole(l->last) && (got = read(fd, l->last + len, sizeof l->last - 1 - len)) > 0)
            len += (size_t)got;
        l->requests++;
        for (const char *at = l->answers[i]; *at;) {
            got = send(fd, at, strlen(at), MSG_NOSIGNAL);
            if (got <= 0)
                break;
            at += got;
        }
        close(fd);
    }
    return NULL;
}

static void listen_with(const char *const *answers)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;

    listener.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener.fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener.fd, 8), 0);
    assert_int_equal(getsockname(listener.fd, (struct sockaddr *)&at, &len), 0);
    listener.port = ntohs(at.sin_port);
    listener.answers = answers;
    listener.requests = 0;
    snprintf(url, sizeof url, "http://127.0.0.1:%u/services/SECRET", listener.port);
    assert_int_equal(pthread_create(&listener.thread, NULL, answer_all, &listener), 0);
}

static void stop_listening(void)
{
    shutdown(listener.fd, SHUT_RDWR);
    pthread_join(listener.thread, NULL);
    close(listener.fd);
    listener.fd = -1;
}

/* ---- set-up ---- */

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    temp_dir_make(&dir);
    listener.fd = -1;
    done_count = 0;
    unsetenv("http_proxy");
    assert_int_equal(uv_loop_init(&loop), 0);
    client = web_client_new(&loop);
    assert_non_null(client);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (listener.fd >= 0)
        stop_listening();
    web_client_close(client, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    temp_dir_remove(&dir);
    return 0;
}

static void on_done(void *owner, bool ok, const char *why)
{
    assert_ptr_equal(owner, &loop);
    done_count++;
    done_ok = ok;
    snprintf(done_why, sizeof done_why, "%s", why);
}

static struct delivery *start(const struct delivery_options *o, const char *json)
{
    struct delivery_options options = *o;
    struct delivery *d = NULL;
    struct ou_error err = { 0 };

    options.client = client;
    options.webhook_pause_ms = 1;
    options.done = on_done;
    options.owner = &loop;
    if (delivery_start(&loop, &options, span_of(json), &d, &err))
        fail_msg("%s", err.text);
    return d;
}

static void wait_for_end(void)
{
    for (int more = 1; done_count == 0;) {
        assert_int_not_equal(more, 0);
        more = uv_run(&loop, UV_RUN_ONCE);
    }
}

static void post(const char *json)
{
    start(&(struct delivery_options){ .webhook = url }, json);
    wait_for_end();
}

static void run_script(const char *script, const char *text, uint32_t timeout_ms)
{
    const char *argv[] = { "/bin/sh", "-c", script, NULL };

    start(&(struct delivery_options){ .command = argv, .command_timeout_ms = timeout_ms }, text);
    wait_for_end();
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 11\r\nConnection: close\r\n\r\nbusy\r\nlater"

/* ---- webhooks ---- */

static void test_the_json_is_posted(void **state)
{
    static const char *const answers[] = { OK, NULL };
    static char long_json[20000];
    char *body;

    (void)state;
    memset(long_json, 'x', sizeof long_json - 1);
    listen_with(answers);
    post(long_json);
    assert_true(done_ok);
    assert_string_equal(done_why, "webhook http://127.0.0.1: 200: ok");
    assert_int_equal(strncmp(listener.last, "POST /services/SECRET HTTP/1.1\r\n", 32), 0);
    assert_non_null(strstr(listener.last, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(listener.last, "\r\nUser-Agent: ouroscope/"));
    assert_null(strcasestr(listener.last, "\r\nExpect:"));
    body = strstr(listener.last, "\r\n\r\n") + 4;
    assert_string_equal(body, long_json);
}

static void test_a_server_that_is_busy_is_tried_again(void **state)
{
    static const char *const answers[] = { BUSY, "", OK, NULL };

    (void)state;
    listen_with(answers);
    post("{}");
    assert_true(done_ok);
    assert_int_equal(listener.requests, 3);
}

static void test_after_three_tries_it_is_given_up(void **state)
{
    static const char *const answers[] = { BUSY, BUSY, BUSY, OK, NULL };

    (void)state;
    listen_with(answers);
    post("{}");
    assert_false(done_ok);
    assert_int_equal(listener.requests, 3);
    assert_string_equal(done_why, "webhook http://127.0.0.1: 503: busy");
}

static void test_what_is_refused_is_not_tried_again(void **state)
{
    static const char *const answers[] = { "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", OK,
                                           NULL };

    (void)state;
    listen_with(answers);
    post("{}");
    assert_false(done_ok);
    assert_int_equal(listener.requests, 1);
    assert_string_equal(done_why, "webhook http://127.0.0.1: 404");
}

static void test_redirections_are_not_followed(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 307 Away\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", OK, NULL
    };

    (void)state;
    listen_with(answers);
    post("{}");
    assert_false(done_ok);
    assert_int_equal(listener.requests, 1);
    assert_string_equal(done_why, "webhook http://127.0.0.1: 307");
}

static void test_an_endless_answer_is_broken_off(void **state)
{
    static char endless[8 * WEBHOOK_ANSWER_MAX];
    const char *answers[] = { endless, NULL };

    (void)state;
    memset(endless, 'y', sizeof endless - 1);
    memcpy(endless, "HTTP/1.1 200 Fine\r\n\r\n", 21);
    listen_with(answers);
    post("{}");
    assert_true(done_ok);
    assert_true(strlen(done_why) < 150);
}

static void test_nobody_there_fails_with_a_reason(void **state)
{
    static const char *const answers[] = { "!", NULL };

    (void)state;
    listen_with(answers);
    stop_listening();
    post("{}");
    assert_false(done_ok);
    assert_non_null(strstr(done_why, "connect"));
    assert_null(strstr(done_why, "SECRET"));
}

static void test_controls_in_an_answer_end_it(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\nwhy\x1b[31m!", NULL
    };

    (void)state;
    listen_with(answers);
    post("{}");
    assert_string_equal(done_why, "webhook http://127.0.0.1: 400: why");
}

static void test_a_post_under_way_can_be_cancelled(void **state)
{
    static const char *const answers[] = { "!", NULL }; /* nobody accepts */

    (void)state;
    listen_with(answers);
    delivery_cancel(start(&(struct delivery_options){ .webhook = url }, "{}"));
    wait_for_end();
    assert_false(done_ok);
    assert_string_equal(done_why, "webhook http://127.0.0.1: given up");
}

static void test_only_web_addresses_are_webhooks(void **state)
{
    static const char *const bad[] = { "ftp://127.0.0.1/", "file:///etc/passwd", "", "x y",
                                       "gopher://127.0.0.1:25/" };
    struct delivery *d = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct delivery_options o = { .client = client, .webhook = bad[i], .done = on_done };
        struct ou_error err = { 0 };

        assert_int_equal(delivery_start(&loop, &o, span_of("{}"), &d, &err), OU_INVALID);
        assert_non_null(strstr(err.text, "http://"));
    }
    assert_int_equal(done_count, 0);
}

/* ---- commands ---- */

static void test_a_command_reads_the_json(void **state)
{
    static char long_json[300000]; /* more than a pipe holds */
    char script[512];

    (void)state;
    memset(long_json, 'z', sizeof long_json - 1);
    snprintf(script, sizeof script, "sleep 0.05; cat > %s; echo one; echo two >&2; printf three",
             temp_path(&dir, "told"));
    run_script(script, long_json, 0);
    assert_true(done_ok);
    assert_string_equal(done_why, "command /bin/sh: exit status 0: three");
    assert_int_equal(lines_with(temp_path(&dir, "told"), "zzz") > 0, 1);
}

static void test_a_status_other_than_zero_is_a_failure(void **state)
{
    (void)state;
    run_script("echo not today; exit 3", "{}", 0);
    assert_false(done_ok);
    assert_string_equal(done_why, "command /bin/sh: exit status 3: not today");
}

static void test_a_command_may_leave_the_json_unread(void **state)
{
    static char long_json[300000];

    (void)state;
    memset(long_json, 'z', sizeof long_json - 1);
    run_script("exec 0<&-; exit 0", long_json, 0);
    assert_true(done_ok);
}

/* A process that has ended may be kept as a zombie, by whoever adopted it. */
static bool is_running(int pid)
{
    char path[64], text[512] = "";
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    f = fopen(path, "r");
    if (!f)
        return false;
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    return !strstr(text, ") Z ");
}

static int pid_in(const char *path)
{
    char text[32] = "";
    FILE *f = fopen(path, "r");

    assert_non_null(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    return atoi(text);
}

static void test_a_command_that_takes_too_long_is_ended_with_its_children(void **state)
{
    char script[512];
    int pid;

    (void)state;
    snprintf(script, sizeof script, "sleep 1000 & echo $! > %s; wait", temp_path(&dir, "pid"));
    run_script(script, "{}", 200);
    assert_false(done_ok);
    assert_string_equal(done_why, "command /bin/sh: did not end in time");
    pid = pid_in(temp_path(&dir, "pid"));
    for (int i = 0; i < 1000 && is_running(pid); i++)
        usleep(1000);
    assert_false(is_running(pid));
}

static void test_a_child_that_stays_is_not_waited_for(void **state)
{
    char script[512];
    int pid;

    (void)state;
    snprintf(script, sizeof script, "sleep 1000 & echo $! > %s; echo started",
             temp_path(&dir, "pid"));
    run_script(script, "{}", 0);
    assert_true(done_ok);
    assert_string_equal(done_why, "command /bin/sh: exit status 0: started");
    pid = pid_in(temp_path(&dir, "pid"));
    assert_true(is_running(pid));
    kill(pid, SIGKILL);
}

static void test_what_a_command_prints_is_made_harmless(void **state)
{
    (void)state;
    run_script("printf 'a\\033[31mb\\377\\302\\233c'; exit 1", "{}", 0);
    assert_string_equal(done_why, "command /bin/sh: exit status 1: a?[31mb??c");
}

static void test_a_command_that_is_not_there_is_told(void **state)
{
    static const char *const argv[] = { "/no/such/program", NULL };
    const struct delivery_options o = { .client = client, .command = argv, .done = on_done };
    struct delivery *d = NULL;
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(delivery_start(&loop, &o, span_of("{}"), &d, &err), OU_IO);
    assert_string_equal(err.text, "/no/such/program: no such file or directory");
    assert_int_equal(done_count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_the_json_is_posted),
        TEST(test_a_server_that_is_busy_is_tried_again),
        TEST(test_after_three_tries_it_is_given_up),
        TEST(test_what_is_refused_is_not_tried_again),
        TEST(test_redirections_are_not_followed),
        TEST(test_an_endless_answer_is_broken_off),
        TEST(test_nobody_there_fails_with_a_reason),
        TEST(test_controls_in_an_answer_end_it),
        TEST(test_a_post_under_way_can_be_cancelled),
        TEST(test_only_web_addresses_are_webhooks),
        TEST(test_a_command_reads_the_json),
        TEST(test_a_status_other_than_zero_is_a_failure),
        TEST(test_a_command_may_leave_the_json_unread),
        TEST(test_a_command_that_takes_too_long_is_ended_with_its_children),
        TEST(test_a_child_that_stays_is_not_waited_for),
        TEST(test_what_a_command_prints_is_made_harmless),
        TEST(test_a_command_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
