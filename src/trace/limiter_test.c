/* Times are sums of powers of two wherever the budget must be met exactly. */
#include "trace/limiter.h"

#include "support/test.h"

#define BORN_S 1024.0

struct counts {
    unsigned messages, passed, started, remembered, stopped;
    unsigned started_at, stopped_at; /* which message, from 1 */
    uint64_t suppressed;             /* last told with a reminder or a stop */
};

static void send(struct limiter *l, double now_s, struct counts *c)
{
    enum limiter_said said;
    uint64_t suppressed;

    c->messages++;
    c->passed += limiter_pass(l, now_s, &said, &suppressed);
    switch (said) {
    case LIMITER_NOTHING: return;
    case LIMITER_STARTED:
        c->started++;
        c->started_at = c->messages;
        assert_int_equal(suppressed, 0);
        return;
    case LIMITER_REMEMBERS: c->remembered++; break;
    case LIMITER_STOPPED:
        c->stopped++;
        c->stopped_at = c->messages;
        break;
    }
    c->suppressed = suppressed;
}

/* count messages, every_s apart, the first every_s after *now_s. */
static struct counts send_many(struct limiter *l, double *now_s, double every_s, unsigned count)
{
    struct counts c = { 0 };

    for (unsigned i = 0; i < count; i++)
        send(l, *now_s += every_s, &c);
    return c;
}

static struct limiter limiter_of(double per_second, double *ret_now_s)
{
    struct limiter l;

    *ret_now_s = BORN_S;
    limiter_init(&l, per_second, BORN_S);
    return l;
}

/* One that has limited for one message: budget +30. */
static struct limiter started_limiter(double *ret_now_s)
{
    struct limiter l = limiter_of(1, ret_now_s);
    struct counts c = send_many(&l, ret_now_s, 1.0 / 16, 3);

    assert_true(l.active);
    assert_int_equal(c.started_at, 3);
    return l;
}

/* ---- starting ---- */

static void test_at_eleven_times_the_frequency_it_starts_with_the_third_message(void **state)
{
    double now_s;
    struct limiter l = limiter_of(1, &now_s);
    struct counts c = send_many(&l, &now_s, 1.0 / 16, 3);

    (void)state;
    assert_int_equal(c.started_at, 3);
    assert_int_equal(c.passed, 3); /* the one that starts it passes, too */
}

static void test_messages_of_one_instant_earn_nine_and_start_with_the_fourth(void **state)
{
    double now_s;
    struct limiter l = limiter_of(1, &now_s);
    struct counts c = send_many(&l, &now_s, 0, 1);

    (void)state;
    assert_true(l.budget == 9);
    c = send_many(&l, &now_s, 0, 3);
    assert_int_equal(c.started_at, 3); /* of four: 9, 18, 27, 36 */
    assert_true(l.budget == 30);
}

static void test_at_twice_the_frequency_it_starts_after_thirty_messages(void **state)
{
    double now_s;
    struct limiter l = limiter_of(1, &now_s);
    struct counts c = send_many(&l, &now_s, 0.5, 40);

    (void)state;
    assert_int_equal(c.started_at, 30);
    assert_int_equal(c.started, 1);
}

static void test_at_exactly_the_frequency_nothing_moves(void **state)
{
    double now_s;
    struct limiter l = limiter_of(4, &now_s);
    struct counts c = send_many(&l, &now_s, 0.25, 1000);

    (void)state;
    assert_int_equal(c.passed, 1000);
    assert_int_equal(c.started, 0);
    assert_true(l.budget == 0);
}

static void test_slow_traffic_before_doubles_the_way(void **state)
{
    double now_s;
    struct limiter l = limiter_of(1, &now_s);
    struct counts c = send_many(&l, &now_s, 100, 50);

    (void)state;
    assert_true(l.budget == -30);
    assert_int_equal(c.started + c.stopped, 0);
    c = send_many(&l, &now_s, 1.0 / 16, 6);
    assert_int_equal(c.started_at, 6);

    l = limiter_of(1, &now_s);
    send_many(&l, &now_s, 100, 50);
    assert_int_equal(send_many(&l, &now_s, 0, 7).started_at, 7);

    l = limiter_of(1, &now_s);
    send_many(&l, &now_s, 100, 50);
    assert_int_equal(send_many(&l, &now_s, 0.5, 60).started_at, 60);
}

static void test_a_gap_of_any_length_costs_ten_once(void **state)
{
    double now_s;
    struct limiter l = limiter_of(1, &now_s);

    (void)state;
    send_many(&l, &now_s, 0.5, 20);
    assert_true(l.budget == 20);
    send_many(&l, &now_s, 1 << 20, 1);
    assert_true(l.budget == 10);
}

/* ---- stopping ---- */

static void test_six_slow_messages_at_least_stop_it(void **state)
{
    double now_s;
    struct limiter l = started_limiter(&now_s);
    struct counts c = send_many(&l, &now_s, 16, 6);

    (void)state;
    assert_int_equal(c.stopped_at, 6);
    assert_int_equal(c.passed, 6);
    assert_false(l.active);
    assert_true(l.budget == -30);
}

static void test_at_half_the_frequency_each_message_costs_one(void **state)
{
    double now_s;
    struct limiter l = started_limiter(&now_s);

    (void)state;
    assert_int_equal(send_many(&l, &now_s, 2, 60).stopped_at, 60);
}

static void test_silence_alone_stops_nothing(void **state)
{
    double now_s;
    struct limiter l = started_limiter(&now_s);
    struct counts c;

    (void)state;
    now_s += 1e6; /* nothing comes, so nothing happens */
    c = send_many(&l, &now_s, 0, 1);
    assert_int_equal(c.stopped, 0);
    assert_int_equal(c.remembered, 1);
    assert_true(l.active);
}

static void test_a_clock_set_back_counts_as_slow(void **state)
{
    double now_s;
    struct limiter l = limiter_of(1, &now_s);

    (void)state;
    send_many(&l, &now_s, 0.5, 20);
    send_many(&l, &now_s, -0.5, 1); /* speed -2, which is -3 */
    assert_true(l.budget == 17);
    send_many(&l, &now_s, -1.0 / 1024, 1); /* -1025: clamped */
    assert_true(l.budget == 7);
}

/* ---- in between ---- */

static void test_the_first_message_after_each_period_passes(void **state)
{
    double now_s;
    struct limiter l = started_limiter(&now_s);
    struct counts c = { 0 };

    (void)state;
    /* 16 a second for 10 seconds. A message exactly one period after the last one
     * that passed does not pass: the 17th does. */
    for (int i = 1; i <= 160; i++) {
        struct counts one = { 0 };

        send(&l, now_s += 1.0 / 16, &one);
        assert_int_equal(one.passed, i % 17 == 0);
        c.passed += one.passed;
    }
    assert_int_equal(c.passed, 9);
    assert_int_equal(l.suppressed, 151);
}

static void test_reminders_come_every_ten_seconds_and_count_from_the_start(void **state)
{
    double now_s;
    struct limiter l = started_limiter(&now_s);
    struct counts c = send_many(&l, &now_s, 1.0 / 16, 160);

    (void)state;
    assert_int_equal(c.remembered, 0); /* 10 s have passed, but not more */
    c = send_many(&l, &now_s, 1.0 / 16, 1);
    assert_int_equal(c.remembered, 1);
    assert_int_equal(c.suppressed, 151);
    /* The next is due 161 messages later; by then 321 have come, of which every
     * 17th has passed: 18. It tells of those before it. */
    c = send_many(&l, &now_s, 1.0 / 16, 160);
    assert_int_equal(c.remembered, 0);
    c = send_many(&l, &now_s, 1.0 / 16, 1);
    assert_int_equal(c.remembered, 1);
    assert_int_equal(c.suppressed, 321 - 18);
}

static void test_a_stop_tells_the_whole_and_the_next_start_counts_anew(void **state)
{
    double now_s;
    struct limiter l = started_limiter(&now_s);
    struct counts c = send_many(&l, &now_s, 1.0 / 16, 16);

    (void)state;
    assert_int_equal(c.passed, 0);
    c = send_many(&l, &now_s, 16, 6);
    assert_int_equal(c.stopped, 1);
    assert_int_equal(c.suppressed, 16);
    c = send_many(&l, &now_s, 1.0 / 16, 6);
    assert_int_equal(c.started_at, 6);
    c = send_many(&l, &now_s, 16, 1);
    assert_int_equal(c.remembered, 1);
    assert_int_equal(c.suppressed, 0);
}

static void test_it_works_with_today_s_wall_clock(void **state)
{
    struct counts c = { 0 };
    struct limiter l;

    (void)state;
    /* A second of 1000 messages at 10 a second. The stamps are no exact doubles. */
    limiter_init(&l, 10, 1795000000.0);
    for (int i = 1; i <= 1000; i++)
        send(&l, 1795000000.0 + i / 1000.0, &c);
    assert_int_equal(c.started, 1);
    assert_int_equal(c.started_at, 3);
    assert_in_range(c.passed, 11, 13); /* three, and one every 100 or 101 ms */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_eleven_times_the_frequency_it_starts_with_the_third_message),
        cmocka_unit_test(test_messages_of_one_instant_earn_nine_and_start_with_the_fourth),
        cmocka_unit_test(test_at_twice_the_frequency_it_starts_after_thirty_messages),
        cmocka_unit_test(test_at_exactly_the_frequency_nothing_moves),
        cmocka_unit_test(test_slow_traffic_before_doubles_the_way),
        cmocka_unit_test(test_a_gap_of_any_length_costs_ten_once),
        cmocka_unit_test(test_six_slow_messages_at_least_stop_it),
        cmocka_unit_test(test_at_half_the_frequency_each_message_costs_one),
        cmocka_unit_test(test_silence_alone_stops_nothing),
        cmocka_unit_test(test_a_clock_set_back_counts_as_slow),
        cmocka_unit_test(test_the_first_message_after_each_period_passes),
        cmocka_unit_test(test_reminders_come_every_ten_seconds_and_count_from_the_start),
        cmocka_unit_test(test_a_stop_tells_the_whole_and_the_next_start_counts_anew),
        cmocka_unit_test(test_it_works_with_today_s_wall_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
