#include "node/slowdown.h"

#include "base/time.h"
#include "support/test.h"

#define MS INT64_C(1000000)

static void test_a_wait_is_a_share_of_the_time_since_the_slot_began(void **state)
{
    (void)state;
    assert_int_equal(slowdown_wait_ns(5, 400 * MS), 20 * MS);
    assert_int_equal(slowdown_wait_ns(100, 400 * MS), 400 * MS);
    assert_int_equal(slowdown_wait_ns(0, 400 * MS), 0);
}

static void test_blocks_from_elsewhere_in_time_do_not_wait(void **state)
{
    (void)state;
    assert_int_equal(slowdown_wait_ns(5, -1), 0); /* from the future, as clocks differ */
    assert_true(slowdown_wait_ns(5, SLOWDOWN_REACH_NS) > 0);
    assert_int_equal(slowdown_wait_ns(5, SLOWDOWN_REACH_NS + 1),
                     0); /* it is being caught up with */
}

/* A loop, a slot clock whose slot 0 began a moment ago, and a block of that slot. */
struct world {
    uv_loop_t loop;
    struct slot_clock clock;
    struct chain_block block;
    struct slowdown slowdown;
    int resumed;
};

static void on_resume(void *context)
{
    struct world *w = context;

    w->resumed++;
    slowdown_stop(&w->slowdown);
}

static void begin(struct world *w, double percent, int64_t since_slot_ns)
{
    struct ou_error err = { "" };

    *w = (struct world){ .clock.count = 1 };
    w->clock.stretches[0] = (struct slot_stretch){ .start_ns = time_wall_ns() - since_slot_ns,
                                                   .slot_ns = 1000 * MS,
                                                   .epoch_slots = 100 };
    uv_loop_init(&w->loop);
    assert_int_equal(slowdown_start(&w->slowdown, &w->loop, &w->clock, percent, on_resume, w, &err),
                     OU_OK);
}

static void end(struct world *w)
{
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
}

static void test_a_block_waits_until_the_timer_calls(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 50, 100 * MS);
    assert_true(slowdown_holds(&w.slowdown, &w.block));
    assert_true(slowdown_holds(&w.slowdown, &w.block)); /* asked again, its end does not move */
    end(&w);
    assert_int_equal(w.resumed, 1);
    /* Never early: half of 100 ms and what has passed. */
    assert_true(time_wall_ns() >= w.clock.stretches[0].start_ns + 150 * MS);
    w.slowdown.percent = 50;
    assert_false(slowdown_holds(&w.slowdown, &w.block));
}

static void test_nothing_waits_without_a_slowdown(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 0, 100 * MS);
    assert_false(slowdown_holds(&w.slowdown, &w.block));
    slowdown_stop(&w.slowdown);
    end(&w);
    assert_int_equal(w.resumed, 0);
}

static void test_no_block_and_old_blocks_are_not_held(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 5, 60000 * MS);
    assert_false(slowdown_holds(&w.slowdown, NULL));
    assert_false(slowdown_holds(&w.slowdown, &w.block));
    slowdown_stop(&w.slowdown);
    end(&w);
    assert_int_equal(w.resumed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_wait_is_a_share_of_the_time_since_the_slot_began),
        cmocka_unit_test(test_blocks_from_elsewhere_in_time_do_not_wait),
        cmocka_unit_test(test_a_block_waits_until_the_timer_calls),
        cmocka_unit_test(test_nothing_waits_without_a_slowdown),
        cmocka_unit_test(test_no_block_and_old_blocks_are_not_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
