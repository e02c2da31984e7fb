/* Transfers against a server that answers as each test has it written down, and closes behind every answer. */
#include "storage/transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "storage/s3.h"
#include "support/files.h"
#include "support/test.h"

#define ANSWERS_MAX 8
#define ASKED_ROOM 2048
#define HELLO_SHA256 \
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" /* "hello" */

static const struct retry_policy QUICK = {
    .tries = 4, .first_s = 0.001, .most_s = 0.002, .stall_s = 5
};

struct world {
    struct temp_dir dir;
    struct http_client *client;
    struct ou_error err;
    char url[128];
    const char *path;
    int listener;
    pthread_t thread;
    char *cut[2];                     /* answers that the thread may write until it ends; owned */
    const char *answers[ANSWERS_MAX]; /* NULL behind the last */
    char asked[ANSWERS_MAX][ASKED_ROOM];
    size_t asked_count;
};

/* The head of a request, and what came with it. */
static void read_request(int fd, char *into)
{
    size_t len = 0;

    while (len < ASKED_ROOM - 1) {
        const ssize_t got = recv(fd, into + len, ASKED_ROOM - 1 - len, 0);

        if (got <= 0)
            break;
        len += (size_t)got;
        into[len] = '\0';
        if (strstr(into, "\r\n\r\n"))
            break;
    }
    into[len] = '\0';
}

/* The client is to hang up, too, when it has read all. */
static void write_answer(int fd, const char *answer)
{
    const size_t first = strcspn(answer, "\n") + 1;

    (void)!write(fd, answer, first);
    (void)!write(fd, "Connection: close\r\n", strlen("Connection: close\r\n"));
    (void)!write(fd, answer + first, strlen(answer + first));
    shutdown(fd, SHUT_WR);
}

static void *serve(void *context)
{
    struct world *w = context;

    while (w->answers[w->asked_count]) {
        const int fd = accept(w->listener, NULL, NULL);
        const char *answer = w->answers[w->asked_count];

        if (fd < 0)
            break;
        read_request(fd, w->asked[w->asked_count++]);
        write_answer(fd, answer);
        while (recv(fd, (char[256]){ 0 }, 256, 0) > 0)
            continue;
        close(fd);
    }
    return NULL;
}

static void listen_somewhere(struct world *w)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;

    w->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(w->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(w->listener, 8), 0);
    assert_int_equal(getsockname(w->listener, (struct sockaddr *)&at, &len), 0);
    (void)snprintf(w->url, sizeof w->url, "http://127.0.0.1:%d/bucket/key?X-Amz-Signature=SECRET",
                   ntohs(at.sin_port));
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    temp_dir_make(&w->dir);
    w->path = temp_path(&w->dir, "file");
    assert_int_equal(http_client_ready(&w->err), OU_OK);
    assert_int_equal(http_client_open(NULL, &w->client, &w->err), OU_OK);
    listen_somewhere(w);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    shutdown(w->listener, SHUT_RDWR);
    close(w->listener);
    if (w->answers[0])
        pthread_join(w->thread, NULL);
    free(w->cut[0]);
    free(w->cut[1]);
    http_client_close(w->client);
    temp_dir_remove(&w->dir);
    free(w);
    return 0;
}

#define ANSWER(w, ...)                                                       \
    do {                                                                     \
        const char *const all[] = { __VA_ARGS__ };                           \
        memcpy((w)->answers, all, sizeof all);                               \
        assert_int_equal(pthread_create(&(w)->thread, NULL, serve, (w)), 0); \
    } while (0)

static enum ou_status fetch(struct world *w, uint64_t bytes, unsigned *ret_resumed)
{
    return transfer_get(w->client, &QUICK, w->url, w->path, bytes, HELLO_SHA256, NULL, NULL,
                        ret_resumed, &w->err);
}

static void assert_content(struct world *w, const char *path, const char *text)
{
    struct buffer got;

    buffer_init(&got, allocator_libc(), 1 << 16);
    assert_int_equal(file_read(path, &got, &w->err), OU_OK);
    assert_string_equal(buffer_string(&got), text);
    buffer_release(&got);
}

static bool part_exists(struct world *w)
{
    return access(temp_path(&w->dir, "file.part"), F_OK) == 0;
}

#define WHOLE "HTTP/1.1 200 OK\r\nETag: \"e1\"\r\nContent-Length: 5\r\n\r\n"
#define REST \
    "HTTP/1.1 206 Partial Content\r\nETag: \"e1\"\r\nContent-Length: 2\r\nContent-Range: bytes 3-4/5\r\n\r\n"

/* ---- files ---- */

static void test_a_file_comes_whole_and_private(void **state)
{
    struct world *w = *state;
    unsigned resumed = 7;
    struct stat st;

    ANSWER(w, WHOLE "hello");
    assert_int_equal(fetch(w, 5, &resumed), OU_OK);
    assert_content(w, w->path, "hello");
    assert_int_equal(resumed, 0);
    assert_false(part_exists(w));
    assert_int_equal(stat(w->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_null(strstr(w->asked[0], "Range:"));
}

static void test_after_a_cut_the_rest_of_the_same_object_is_asked_for(void **state)
{
    struct world *w = *state;
    unsigned resumed = 0;

    ANSWER(w, WHOLE "hel", REST "lo");
    assert_int_equal(fetch(w, 5, &resumed), OU_OK);
    assert_content(w, w->path, "hello");
    assert_int_equal(resumed, 1);
    assert_non_null(strstr(w->asked[1], "\r\nRange: bytes=3-\r\n"));
    assert_non_null(strstr(w->asked[1], "\r\nIf-Match: \"e1\"\r\n"));
}

static void test_a_part_of_an_earlier_call_is_taken_up(void **state)
{
    struct world *w = *state;
    struct stat st;

    temp_file(&w->dir, "file.part", "hel");
    ANSWER(w, REST "lo");
    assert_int_equal(fetch(w, 5, NULL), OU_OK);
    assert_content(w, w->path, "hello");
    assert_non_null(strstr(w->asked[0], "\r\nRange: bytes=3-\r\n"));
    assert_null(strstr(w->asked[0], "If-Match"));
    assert_int_equal(stat(w->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_a_part_that_is_whole_needs_no_request(void **state)
{
    struct world *w = *state;

    temp_file(&w->dir, "file.part", "hello");
    assert_int_equal(fetch(w, 5, NULL), OU_OK);
    assert_content(w, w->path, "hello");
}

static void test_a_server_that_changes_the_object_is_asked_for_all(void **state)
{
    struct world *w = *state;

    ANSWER(w, WHOLE "XXX", "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n",
           WHOLE "hello");
    assert_int_equal(fetch(w, 5, NULL), OU_OK);
    assert_content(w, w->path, "hello");
    assert_null(strstr(w->asked[2], "Range:"));
}

static void test_a_server_without_ranges_sends_all(void **state)
{
    struct world *w = *state;
    unsigned resumed = 0;

    ANSWER(w, WHOLE "hel", WHOLE "hello");
    assert_int_equal(fetch(w, 5, &resumed), OU_OK);
    assert_content(w, w->path, "hello");
    assert_int_equal(resumed, 0);
}

static void test_a_wrong_hash_is_fetched_once_more_and_then_told(void **state)
{
    struct world *w = *state;

    ANSWER(w, WHOLE "jello", WHOLE "hello");
    assert_int_equal(fetch(w, 5, NULL), OU_OK);
    assert_content(w, w->path, "hello");
}

static void test_a_hash_that_stays_wrong_leaves_nothing(void **state)
{
    struct world *w = *state;

    ANSWER(w, WHOLE "jello", WHOLE "jello");
    assert_int_equal(fetch(w, 5, NULL), OU_INVALID);
    assert_non_null(strstr(w->err.text, "SHA-256"));
    assert_false(part_exists(w));
    assert_int_not_equal(access(w->path, F_OK), 0);
}

static void test_more_than_was_told_is_not_written(void **state)
{
    struct world *w = *state;
    struct stat st;

    ANSWER(w, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello hello");
    assert_int_equal(fetch(w, 5, NULL), OU_INVALID);
    assert_int_equal(stat(temp_path(&w->dir, "file.part"), &st), 0);
    assert_int_equal(st.st_size, 0);
}

static void test_more_than_was_told_without_a_length_is_not_written(void **state)
{
    struct world *w = *state;

    ANSWER(w, "HTTP/1.1 200 OK\r\n\r\nhello hello");
    assert_int_equal(fetch(w, 5, NULL), OU_INVALID);
}

static void test_another_range_than_the_asked_one_is_refused(void **state)
{
    struct world *w = *state;

    temp_file(&w->dir, "file.part", "hel");
    ANSWER(w, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/5\r\n"
              "Content-Length: 2\r\n\r\nlo");
    assert_int_equal(fetch(w, 5, NULL), OU_INVALID);
    assert_content(w, temp_path(&w->dir, "file.part"), "hel");
}

static void test_what_may_pass_is_tried_again_and_refusals_are_not(void **state)
{
    struct world *w = *state;

    ANSWER(
        w, "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 40\r\n\r\n<Error><Code>AccessDenied</Code></Error>",
        WHOLE "hello");
    assert_int_equal(fetch(w, 5, NULL), OU_IO);
    assert_int_equal(w->asked_count, 3);
    assert_non_null(strstr(w->err.text, "/bucket/key: 403 AccessDenied: the URL has expired"));
    assert_null(strstr(w->err.text, "SECRET"));
}

#define CUT_BYTES 65536

/* A head, and so many bytes of what it promises. */
static char *cut_answer(char **ret, const char *head)
{
    const size_t len = strlen(head);
    char *text = malloc(len + CUT_BYTES + 1);

    assert_non_null(text);
    memcpy(text, head, len);
    memset(text + len, 'x', CUT_BYTES);
    text[len + CUT_BYTES] = '\0';
    return *ret = text;
}

static void test_a_server_that_begins_anew_for_ever_is_given_up(void **state)
{
    struct world *w = *state;
    char *whole = cut_answer(&w->cut[0], "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n");
    char *rest = cut_answer(&w->cut[1], "HTTP/1.1 206 Partial Content\r\nContent-Length: 134464\r\n"
                                        "Content-Range: bytes 65536-199999/200000\r\n\r\n");

    ANSWER(w, whole, rest, whole, rest, whole, rest, whole);
    assert_int_equal(fetch(w, 200000, NULL), OU_IO);
    assert_int_equal(w->asked_count, 5); /* two that brought more, and what the policy allows */
}

static void test_a_link_in_place_of_the_part_is_not_followed(void **state)
{
    struct world *w = *state;

    temp_file(&w->dir, "other", "precious");
    assert_int_equal(symlink("other", temp_path(&w->dir, "file.part")), 0);
    assert_int_equal(fetch(w, 5, NULL), OU_IO);
    assert_content(w, temp_path(&w->dir, "other"), "precious");
}

/* ---- small objects ---- */

static enum ou_status get_small(struct world *w, const char *etag, size_t max, bool *ret_changed,
                                char *ret_etag, int64_t *ret_server_ns, char *ret_text)
{
    struct buffer got;
    enum ou_status status;

    buffer_init(&got, allocator_libc(), max);
    status = transfer_get_small(w->client, &QUICK, w->url, etag, &got, ret_changed, ret_etag,
                                ret_server_ns, &w->err);
    (void)snprintf(ret_text, 64, "%s", buffer_string(&got));
    buffer_release(&got);
    return status;
}

static void test_a_small_object_comes_with_etag_and_time_of_the_server(void **state)
{
    struct world *w = *state;
    char etag[S3_ETAG_ROOM], text[64];
    int64_t server_ns = 0;
    bool changed = false;

    ANSWER(w,
           "HTTP/1.1 200 OK\r\nETag: \"e1\"\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
           "Content-Length: 5\r\n\r\nhello",
           "HTTP/1.1 304 Not Modified\r\n\r\n");
    assert_int_equal(get_small(w, "", 100, &changed, etag, &server_ns, text), OU_OK);
    assert_true(changed);
    assert_string_equal(etag, "e1");
    assert_string_equal(text, "hello");
    assert_int_equal(server_ns, 784111777 * NS_PER_SECOND);
    assert_int_equal(get_small(w, etag, 100, &changed, etag, &server_ns, text), OU_OK);
    assert_false(changed);
    assert_string_equal(text, "");
    assert_int_equal(server_ns, TIME_NONE);
    assert_non_null(strstr(w->asked[1], "\r\nIf-None-Match: \"e1\"\r\n"));
}

static void test_a_small_object_that_is_large_is_refused(void **state)
{
    struct world *w = *state;
    char etag[S3_ETAG_ROOM], text[64];
    bool changed;

    ANSWER(w, WHOLE "hello");
    assert_int_equal(get_small(w, "", 4, &changed, etag, NULL, text), OU_TOO_LARGE);
}

static void test_an_object_that_is_not_there_is_told(void **state)
{
    struct world *w = *state;
    char etag[S3_ETAG_ROOM], text[64];
    bool changed;

    ANSWER(w, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(get_small(w, "", 100, &changed, etag, NULL, text), OU_NOT_FOUND);
    assert_null(strstr(w->err.text, "SECRET"));
}

static void test_a_part_is_put_with_its_hash(void **state)
{
    struct world *w = *state;
    char etag[S3_ETAG_ROOM];
    FILE *file = fopen(temp_file(&w->dir, "log", "0123456789"), "r");

    assert_non_null(file);
    ANSWER(w, "HTTP/1.1 200 OK\r\nETag: \"p1\"\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(transfer_put_part(w->client, &QUICK, w->url, fileno(file), 2, 3, HELLO_SHA256,
                                       etag, &w->err),
                     OU_OK);
    assert_string_equal(etag, "p1");
    assert_non_null(strstr(w->asked[0], "\r\nx-amz-content-sha256: " HELLO_SHA256 "\r\n"));
    assert_non_null(strstr(w->asked[0], "\r\nContent-Length: 3\r\n"));
    assert_int_equal(transfer_put(w->client, &QUICK, w->url, span_of("state"), &w->err), OU_OK);
    fclose(file);
}

static void test_a_part_of_which_no_etag_is_told_is_not_put(void **state)
{
    struct world *w = *state;
    char etag[S3_ETAG_ROOM];
    FILE *file = fopen(temp_file(&w->dir, "log", "0123456789"), "r");

    assert_non_null(file);
    ANSWER(w, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(
        transfer_put_part(w->client, &QUICK, w->url, fileno(file), 2, 3, NULL, etag, &w->err),
        OU_IO);
    assert_non_null(strstr(w->err.text, "told no ETag"));
    fclose(file);
}

static void test_without_room_nothing_is_asked_for(void **state)
{
    struct world *w = *state;
    char etag[S3_ETAG_ROOM], text[64];
    bool changed;

    assert_int_equal(get_small(w, "", 0, &changed, etag, NULL, text), OU_TOO_LARGE);
    assert_int_equal(w->asked_count, 0);
}

#define DAMAGED                                              \
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 54\r\n\r\n" \
    "<Error><Code>XAmzContentSHA256Mismatch</Code></Error> "

static void test_what_was_damaged_on_its_way_is_put_again(void **state)
{
    struct world *w = *state;

    ANSWER(w, DAMAGED, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(transfer_put(w->client, &QUICK, w->url, span_of("state"), &w->err), OU_OK);
    assert_int_equal(w->asked_count, 2);
}

static void test_what_is_damaged_each_time_is_told_so(void **state)
{
    struct world *w = *state;

    ANSWER(w, DAMAGED, DAMAGED, DAMAGED, DAMAGED);
    assert_int_equal(transfer_put(w->client, &QUICK, w->url, span_of("state"), &w->err), OU_IO);
    assert_non_null(strstr(w->err.text, "400 XAmzContentSHA256Mismatch: each time it was tried"));
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ONE(test_a_file_comes_whole_and_private),
        ONE(test_after_a_cut_the_rest_of_the_same_object_is_asked_for),
        ONE(test_a_part_of_an_earlier_call_is_taken_up),
        ONE(test_a_part_that_is_whole_needs_no_request),
        ONE(test_a_server_that_changes_the_object_is_asked_for_all),
        ONE(test_a_server_without_ranges_sends_all),
        ONE(test_a_wrong_hash_is_fetched_once_more_and_then_told),
        ONE(test_a_hash_that_stays_wrong_leaves_nothing),
        ONE(test_more_than_was_told_is_not_written),
        ONE(test_more_than_was_told_without_a_length_is_not_written),
        ONE(test_another_range_than_the_asked_one_is_refused),
        ONE(test_what_may_pass_is_tried_again_and_refusals_are_not),
        ONE(test_a_server_that_begins_anew_for_ever_is_given_up),
        ONE(test_a_link_in_place_of_the_part_is_not_followed),
        ONE(test_a_small_object_comes_with_etag_and_time_of_the_server),
        ONE(test_a_small_object_that_is_large_is_refused),
        ONE(test_an_object_that_is_not_there_is_told),
        ONE(test_a_part_is_put_with_its_hash),
        ONE(test_a_part_of_which_no_etag_is_told_is_not_put),
        ONE(test_without_room_nothing_is_asked_for),
        ONE(test_what_was_damaged_on_its_way_is_put_again),
        ONE(test_what_is_damaged_each_time_is_told_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
