#include "http/retry.h"

#include <stdio.h>

#include "support/test.h"

static const struct retry_policy QUICK = { .tries = 4, .first_s = 0.001, .most_s = 0.003 };

struct said {
    unsigned count;
    double waits[16];
    char why[HTTP_CAUSE_ROOM];
};

static void note(void *context, const char *why, double wait_s)
{
    struct said *said = context;

    said->waits[said->count++] = wait_s;
    (void)snprintf(said->why, sizeof said->why, "%s", why);
}

static struct http_reply reply_of(int status, const char *headers)
{
    struct http_reply reply = { .status = status };

    buffer_init(&reply.headers, allocator_libc(), 4096);
    buffer_init(&reply.body, allocator_libc(), 4096);
    buffer_text(&reply.headers, headers);
    return reply;
}

/* Tries until it is not to be tried again; returns how many tries there were. */
static unsigned try_all(const struct retry_policy *policy, enum ou_status status, int code,
                        const char *headers, struct said *ret)
{
    struct retry retry = retry_begin(policy);
    struct http_reply reply;

    *ret = (struct said){ 0 };
    retry.say = note;
    retry.context = ret;
    do {
        reply = reply_of(code, headers);
        (void)snprintf(reply.cause, sizeof reply.cause, "connection refused");
    } while (retry_again(&retry, status, &reply));
    assert_int_equal(reply.status, code); /* of the last one, which stays */
    http_reply_release(&reply);
    return retry.tries;
}

static void test_what_may_pass_is_told_from_what_does_not(void **state)
{
    static const int passing[] = { 408, 425, 429, 500, 502, 503, 504 };
    static const int staying[] = { 200, 204, 304, 400, 401, 403, 404, 409, 411, 412, 501, 505 };
    struct http_reply reply = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        reply.status = passing[i];
        assert_true(retry_may_pass(OU_OK, &reply));
    }
    for (size_t i = 0; i < sizeof staying / sizeof *staying; i++) {
        reply.status = staying[i];
        assert_false(retry_may_pass(OU_OK, &reply));
    }
    assert_true(retry_may_pass(OU_IO, &reply));
    assert_false(retry_may_pass(OU_INTERRUPTED, &reply));
    assert_false(retry_may_pass(OU_TOO_LARGE, &reply));
    reply.hopeless = true;
    assert_false(retry_may_pass(OU_IO, &reply));
}

static void test_waits_grow_up_to_the_longest(void **state)
{
    const struct retry_policy policy = { .tries = 6, .first_s = 0.002, .most_s = 0.006 };
    struct said said;

    (void)state;
    assert_int_equal(try_all(&policy, OU_OK, 503, "HTTP/1.1 503 Slow Down\r\n", &said), 6);
    assert_int_equal(said.count, 5);
    for (unsigned i = 0; i < said.count; i++) {
        double full = i == 0 ? 0.002 : i == 1 ? 0.004 : 0.006;

        assert_true(said.waits[i] >= full / 2 && said.waits[i] <= full);
    }
    assert_string_equal(said.why, "503 Slow Down");
}

static void test_what_a_server_says_cannot_harm_a_terminal(void **state)
{
    const struct retry_policy policy = { .tries = 2, .first_s = 0.001, .most_s = 0.001 };
    struct said said;

    (void)state;
    try_all(&policy, OU_OK, 503, "HTTP/1.1 503 \x1b[31mDown\xc2\x9b\r\n", &said);
    assert_string_equal(said.why, "503 ?[31mDown??");
}

static void test_waits_of_many_are_not_the_same(void **state)
{
    const struct retry_policy policy = { .tries = 12, .first_s = 0.001, .most_s = 0.001 };
    struct said said;
    unsigned differ = 0;

    (void)state;
    try_all(&policy, OU_IO, 0, "", &said);
    for (unsigned i = 1; i < said.count; i++)
        differ += said.waits[i] < said.waits[0] || said.waits[i] > said.waits[0];
    assert_true(differ > 0);
    assert_string_equal(said.why, "connection refused");
}

static void test_what_cannot_pass_is_tried_once(void **state)
{
    struct said said;

    (void)state;
    assert_int_equal(try_all(&QUICK, OU_OK, 200, "", &said), 1);
    assert_int_equal(try_all(&QUICK, OU_OK, 403, "", &said), 1);
    assert_int_equal(try_all(&QUICK, OU_INTERRUPTED, 0, "", &said), 1);
    assert_int_equal(said.count, 0);
}

static void test_retry_after_is_obeyed_within_the_longest_wait(void **state)
{
    const struct retry_policy policy = { .tries = 2, .first_s = 0.001, .most_s = 0.01 };
    struct said said;

    (void)state;
    try_all(&policy, OU_OK, 429, "HTTP/1.1 429 Many\r\nRetry-After: 3600\r\n", &said);
    assert_true(said.waits[0] >= 0.01 && said.waits[0] <= 0.01);
    try_all(&policy, OU_OK, 429, "HTTP/1.1 429 Many\r\nRetry-After: -1\r\n", &said);
    assert_true(said.waits[0] <= 0.001);
}

static void test_no_try_is_begun_when_the_time_is_over(void **state)
{
    const struct retry_policy policy = {
        .tries = 1000, .first_s = 0.01, .most_s = 0.01, .all_s = 0.05
    };
    struct said said;

    (void)state;
    assert_in_range(try_all(&policy, OU_IO, 0, "", &said), 1, 11);
}

static void test_a_cancelled_client_does_not_wait(void **state)
{
    const struct retry_policy patient = { .tries = 9, .first_s = 3600, .most_s = 3600 };
    struct retry retry = retry_begin(&patient);
    struct http_reply reply = reply_of(503, "");
    struct http_client *client;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(http_client_ready(&err), OU_OK);
    assert_int_equal(http_client_open(NULL, &client, &err), OU_OK);
    http_client_cancel(client);
    retry.client = client;
    assert_false(retry_again(&retry, OU_OK, &reply));
    http_client_close(client);
    http_reply_release(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_may_pass_is_told_from_what_does_not),
        cmocka_unit_test(test_waits_grow_up_to_the_longest),
        cmocka_unit_test(test_what_a_server_says_cannot_harm_a_terminal),
        cmocka_unit_test(test_waits_of_many_are_not_the_same),
        cmocka_unit_test(test_what_cannot_pass_is_tried_once),
        cmocka_unit_test(test_retry_after_is_obeyed_within_the_longest_wait),
        cmocka_unit_test(test_no_try_is_begun_when_the_time_is_over),
        cmocka_unit_test(test_a_cancelled_client_does_not_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
