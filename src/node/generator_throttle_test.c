#include "node/generator_throttle.h"

#include "support/test.h"

#define SECOND INT64_C(1000000000)

static void test_ticks_come_at_their_pace(void **state)
{
    struct throttle t;
    unsigned taken = 0;

    (void)state;
    throttle_start(&t, 100, 10, 5 * SECOND);
    for (int64_t ms = 0; ms <= 1000; ms++)
        while (throttle_take(&t, 5 * SECOND + ms * 1000000))
            taken++;
    assert_int_equal(taken, 11); /* the first one at once */
    assert_false(throttle_is_over(&t));
}

static void test_what_nobody_takes_is_dropped_and_not_kept_for_a_burst(void **state)
{
    struct throttle t;
    unsigned taken = 0;

    (void)state;
    throttle_start(&t, 1000, 100, 0);
    while (throttle_take(&t, 0))
        taken++;
    assert_int_equal(taken, 1);
    for (taken = 0; throttle_take(&t, 5 * SECOND);) /* 500 were due */
        taken++;
    /* 32 lay ready; taking the first of them made room for the one that waited to be made */
    assert_int_equal(taken, THROTTLE_TICKS + 1);
    /* and from then on the pace is as before */
    assert_false(throttle_take(&t, 5 * SECOND + 9000000));
    assert_true(throttle_take(&t, 5 * SECOND + 10000000));
}

static void test_the_first_waiter_gets_all_it_wants_before_the_next(void **state)
{
    struct tick_waiter a = { 0 }, b = { 0 };
    struct throttle t;

    (void)state;
    throttle_start(&t, 100, 1, 0);
    throttle_wait(&t, &a, 2);
    throttle_wait(&t, &b, 1);
    assert_null(throttle_serve(&t, 0));
    assert_int_equal(a.held, 1);
    assert_false(throttle_take(&t, 1 * SECOND)); /* it belongs to those who wait */
    assert_int_equal(throttle_next_ns(&t), 2 * SECOND);
    assert_ptr_equal(throttle_serve(&t, 1 * SECOND), &a);
    assert_int_equal(a.held, 2);
    assert_false(a.waits);
    assert_int_equal(b.held, 0);
    assert_null(throttle_serve(&t, 1 * SECOND));
    assert_ptr_equal(throttle_serve(&t, 2 * SECOND), &b);
    assert_int_equal(b.held, 1);
    assert_null(throttle_serve(&t, 3 * SECOND));
    assert_int_equal(throttle_next_ns(&t), INT64_MAX);
}

static void test_at_the_end_waiters_get_what_there_is(void **state)
{
    struct tick_waiter a = { 0 }, b = { 0 };
    struct throttle t;

    (void)state;
    throttle_start(&t, 3, 1000, 0);
    throttle_wait(&t, &a, 5);
    throttle_wait(&t, &b, 5);
    assert_ptr_equal(throttle_serve(&t, SECOND), &a);
    assert_ptr_equal(throttle_serve(&t, SECOND), &b);
    assert_null(throttle_serve(&t, SECOND));
    assert_int_equal(a.held + b.held, 3);
    assert_true(throttle_is_over(&t));
    throttle_wait(&t, &a, 3); /* there is nothing left */
    assert_ptr_equal(throttle_serve(&t, SECOND), &a);
    assert_int_equal(a.held, 0);
}

static void test_ticks_of_one_who_leaves_go_to_others(void **state)
{
    struct tick_waiter a = { 0 }, b = { 0 };
    struct throttle t;

    (void)state;
    throttle_start(&t, 2, 1000, 0);
    throttle_wait(&t, &a, 3);
    assert_null(throttle_serve(&t, 0));
    assert_int_equal(a.held, 1);
    throttle_wait(&t, &b, 2);
    throttle_leave(&t, &a);
    assert_int_equal(a.held, 0);
    assert_ptr_equal(throttle_serve(&t, SECOND), &b);
    assert_int_equal(b.held, 2);
    throttle_leave(&t, &b); /* waits no more: nothing happens */
    assert_true(throttle_is_over(&t));
    throttle_give_back(&t, 2);
    assert_false(throttle_is_over(&t));
    assert_true(throttle_take(&t, SECOND));
}

static void test_a_fast_pace_is_kept_for_those_who_wait(void **state)
{
    struct tick_waiter w = { 0 };
    struct throttle t;
    uint64_t got = 0;

    (void)state;
    /* Looked at every 10 ms only, 2000 a second are more than 32 at no time. */
    throttle_start(&t, 1000000, 2000, 0);
    for (int64_t ms = 0; ms < 1000; ms += 10) {
        throttle_wait(&t, &w, 20);
        if (throttle_serve(&t, ms * 1000000))
            got += w.held;
        else
            throttle_leave(&t, &w);
    }
    assert_in_range(got, 1900, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticks_come_at_their_pace),
        cmocka_unit_test(test_what_nobody_takes_is_dropped_and_not_kept_for_a_burst),
        cmocka_unit_test(test_the_first_waiter_gets_all_it_wants_before_the_next),
        cmocka_unit_test(test_at_the_end_waiters_get_what_there_is),
        cmocka_unit_test(test_ticks_of_one_who_leaves_go_to_others),
        cmocka_unit_test(test_a_fast_pace_is_kept_for_those_who_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
