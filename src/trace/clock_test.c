#include "trace/clock.h"

#include <time.h>

#include <ouroscope/point.h>

#include "support/test.h"

/* Two ticks a nanosecond, and from the third anchor on one. */
static struct trace_clock three_anchors(void)
{
    struct trace_clock c = { 0 };

    clock_anchor(&c, (struct clock_anchor){ 1000, 500000 });
    clock_anchor(&c, (struct clock_anchor){ 3000, 501000 });
    clock_anchor(&c, (struct clock_anchor){ 4000, 502000 });
    return c;
}

static void test_a_stamp_between_two_anchors_lies_on_their_line(void **state)
{
    struct trace_clock c = three_anchors();

    (void)state;
    assert_int_equal(clock_wall_ns(&c, 1000), 500000);
    assert_int_equal(clock_wall_ns(&c, 2000), 500500);
    assert_int_equal(clock_wall_ns(&c, 3000), 501000);
    assert_int_equal(clock_wall_ns(&c, 3100), 501100);
    assert_int_equal(clock_wall_ns(&c, 4000), 502000);
}

/* The wall clock runs at half a nanosecond a tick; between the last two anchors it is set. */
static void check_outside(int64_t set_by_ns)
{
    struct trace_clock c = { 0 };

    for (uint64_t ticks = 1000; ticks <= 4000; ticks += 1000)
        clock_anchor(&c, (struct clock_anchor){ ticks, 500000 + (int64_t)ticks / 2 });
    assert_int_equal(clock_wall_ns(&c, 0), 500000);
    assert_int_equal(clock_wall_ns(&c, 4500), 502250);
    clock_anchor(&c, (struct clock_anchor){ 5000, 502500 + set_by_ns });
    assert_int_equal(clock_wall_ns(&c, 0), 500000);
    assert_int_equal(clock_wall_ns(&c, 4000), 502000);
    assert_int_equal(clock_wall_ns(&c, 6000), 503000 + set_by_ns);
    assert_int_equal(clock_ticks_of(&c, 1000), 2000);
}

static void test_a_stamp_outside_is_at_the_usual_rate_whatever_the_clock_is_set_to(void **state)
{
    (void)state;
    check_outside(0);
    check_outside(3600 * INT64_C(1000000000));
    check_outside(-3600 * INT64_C(1000000000));
}

static void test_ticks_that_begin_anew_are_noticed(void **state)
{
    struct trace_clock c;
    struct timespec now;
    int64_t off_ns;

    (void)state;
    clock_start(&c);
    assert_false(clock_tick(&c));
    clock_anchor(&c, (struct clock_anchor){ ou_ticks() + (UINT64_C(1) << 60), 0 });
    assert_true(clock_tick(&c));
    assert_false(clock_tick(&c));
    clock_gettime(CLOCK_REALTIME, &now);
    off_ns = clock_wall_ns(&c, ou_ticks()) - (now.tv_sec * INT64_C(1000000000) + now.tv_nsec);
    assert_true(off_ns > -INT64_C(1000000000) && off_ns < 60 * INT64_C(1000000000));
}

static void test_old_anchors_make_room_for_new_ones(void **state)
{
    struct trace_clock c = { 0 };

    (void)state;
    for (uint64_t i = 0; i < 100; i++)
        clock_anchor(&c, (struct clock_anchor){ i * 10, (int64_t)i * 20 });
    assert_int_equal(c.count, CLOCK_ANCHORS);
    assert_int_equal(clock_wall_ns(&c, 985), 1970);
    assert_int_equal(clock_wall_ns(&c, 5), 10);
    assert_int_equal(clock_ticks_of(&c, 1000), 500);
}

static void test_the_machines_clocks_agree_with_each_other(void **state)
{
    struct trace_clock c;
    struct timespec before, after;
    int64_t got;

    (void)state;
    clock_start(&c);
    clock_gettime(CLOCK_REALTIME, &before);
    got = clock_wall_ns(&c, ou_ticks());
    clock_gettime(CLOCK_REALTIME, &after);
    /* One part in a thousand of what passed since the anchors, at least 100 us. */
    assert_true(got > before.tv_sec * 1000000000 + before.tv_nsec - 100000);
    assert_true(got < after.tv_sec * 1000000000 + after.tv_nsec + 100000 +
                          (after.tv_sec - before.tv_sec) * 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stamp_between_two_anchors_lies_on_their_line),
        cmocka_unit_test(test_a_stamp_outside_is_at_the_usual_rate_whatever_the_clock_is_set_to),
        cmocka_unit_test(test_ticks_that_begin_anew_are_noticed),
        cmocka_unit_test(test_old_anchors_make_room_for_new_ones),
        cmocka_unit_test(test_the_machines_clocks_agree_with_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
