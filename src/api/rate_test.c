#include "api/rate.h"

#include <stdio.h>

#include "base/time.h"
#include "support/test.h"

static struct rate *rate;

static int tear_down(void **state)
{
    (void)state;
    rate_close(rate);
    return 0;
}

/* 60 requests in 60 seconds: one a second. */
static void start(void)
{
    assert_int_equal(rate_open(60, 60, &rate, NULL), OU_OK);
}

static unsigned take_all(const char *client, int64_t now_ns)
{
    unsigned taken = 0;

    while (taken < 1000 && !rate_take(rate, client, 1, now_ns).refused)
        taken++;
    return taken;
}

static void test_a_client_has_its_limit_at_once_and_then_what_comes_in(void **state)
{
    (void)state;
    start();
    assert_int_equal(take_all("10.0.0.1", NS_PER_SECOND), 60);
    assert_int_equal(take_all("10.0.0.1", 6 * NS_PER_SECOND), 5);
    assert_int_equal(take_all("10.0.0.1", 600 * NS_PER_SECOND), 60);
}

static void test_clients_do_not_take_from_each_other(void **state)
{
    (void)state;
    start();
    take_all("10.0.0.1", 0);
    assert_int_equal(take_all("10.0.0.2", 0), 60);
    take_all("2001:db8:0:1::1", 0);
    assert_int_equal(take_all("2001:db8:0:2::1", 0), 60);
}

static void test_a_household_is_one_client(void **state)
{
    (void)state;
    start();
    take_all("2001:db8:0:1::1", 0);
    assert_int_equal(take_all("2001:db8:0:1:ffff::2", 0), 0);
    take_all("10.0.0.1", 0);
    assert_int_equal(take_all("::ffff:10.0.0.1", 0), 0);
}

static void test_what_is_left_and_when_there_is_all_again_is_told(void **state)
{
    struct rate_state s;

    (void)state;
    start();
    s = rate_take(rate, "10.0.0.1", 1, 0);
    assert_int_equal(s.limit, 60);
    assert_int_equal(s.window_s, 60);
    assert_int_equal(s.left, 59);
    assert_int_equal(s.reset_s, 1);
    s = rate_take(rate, "10.0.0.1", RATE_FAILED_TOKEN, 0);
    assert_int_equal(s.left, 39);
    assert_int_equal(s.reset_s, 21);
}

static void test_wrong_tokens_use_a_limit_up_soon(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 3; i++)
        rate_take(rate, "10.0.0.1", RATE_FAILED_TOKEN, 0);
    assert_true(rate_take(rate, "10.0.0.1", 1, 0).refused);
}

static void test_more_clients_than_there_is_room_for_share_a_bucket(void **state)
{
    char client[32];
    unsigned refused = 0;

    (void)state;
    start();
    for (unsigned i = 0; i < RATE_CLIENTS_MAX + 200; i++) {
        snprintf(client, sizeof client, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        refused += rate_take(rate, client, 1, 0).refused;
    }
    assert_int_equal(refused, 200 - 60);
    /* When the others have not come for a while, there is room again. */
    assert_int_equal(take_all("192.168.0.1", 3600 * NS_PER_SECOND), 60);
    assert_int_equal(take_all("192.168.0.2", 3600 * NS_PER_SECOND), 60);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_client_has_its_limit_at_once_and_then_what_comes_in),
        TEST(test_clients_do_not_take_from_each_other),
        TEST(test_a_household_is_one_client),
        TEST(test_what_is_left_and_when_there_is_all_again_is_told),
        TEST(test_wrong_tokens_use_a_limit_up_soon),
        TEST(test_more_clients_than_there_is_room_for_share_a_bucket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
