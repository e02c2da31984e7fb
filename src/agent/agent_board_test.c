#include "agent/agent_board.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "support/test.h"

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const struct agent_state BASE = {
    .run = "r1", .host = "node-3", .directory = "/a", .program = "/b"
};

static int set_up(void **state)
{
    static struct agent_board board;

    *state = &board;
    return (int)agent_board_open(&board, NULL);
}

static int tear_down(void **state)
{
    agent_board_close(*state);
    return 0;
}

static struct agent_state told(struct agent_board *b)
{
    struct agent_state state;
    json_t *document = agent_board_document(b, &BASE);

    assert_int_equal(agent_state_read(document, &state, NULL), OU_OK);
    json_decref(document);
    return state;
}

static bool is_urgent(struct agent_board *b)
{
    bool urgent = false;

    agent_board_has_changed(b, &urgent);
    return urgent;
}

static void test_a_life_is_urgent_and_a_height_is_not(void **state)
{
    struct agent_board *b = *state;
    struct service_facts facts = { .running = true, .starts = 1, .height = -1, .tip_slot = -1 };
    bool urgent;

    agent_board_service(b, 0, "node-3", &facts, NULL, NULL);
    assert_true(is_urgent(b));
    json_decref(agent_board_document(b, &BASE));
    assert_false(agent_board_has_changed(b, &urgent));
    facts.cpu_ns = 5;
    agent_board_service(b, 0, "node-3", &facts, NULL, NULL);
    assert_false(agent_board_has_changed(b, &urgent));
    facts.height = 7;
    agent_board_service(b, 0, "node-3", &facts, NULL, NULL);
    assert_true(agent_board_has_changed(b, &urgent) && !urgent);
    facts.running = false;
    agent_board_service(b, 0, "node-3", &facts, "last words", NULL);
    assert_true(is_urgent(b));
}

static void test_what_is_told_is_what_stands_there(void **state)
{
    struct agent_board *b = *state;
    struct service_facts facts = { .ended = true, .status = 3, .starts = 1, .height = -1 };
    struct agent_state s;

    agent_board_service(b, 0, "node-3", &facts, "last words", "a problem");
    agent_board_service(b, 0, "node-3", &facts, NULL, NULL);
    s = told(b);
    assert_int_equal(s.service_count, 1);
    assert_int_equal(s.services[0].facts.status, 3);
    assert_string_equal(s.services[0].last_lines, "last words");
    assert_string_equal(s.services[0].problem, "a problem");
    assert_false(s.leaving);
    agent_state_release(&s);
    agent_board_ended(b);
    s = told(b);
    assert_true(s.leaving);
    agent_state_release(&s);
}

static void test_later_orders_keep_what_is_known(void **state)
{
    struct agent_board *b = *state;
    struct order_bundle bundles[] = { { .sha256 = SHA_A }, { .sha256 = SHA_B } };
    struct order_job jobs[] = { { .id = 1 }, { .id = 2 } };
    struct orders orders = { .bundles = bundles, .bundle_count = 1, .jobs = jobs, .job_count = 1 };
    struct agent_part part = { .sha256 = SHA_B, .etag = "e" };
    struct agent_state s;

    agent_board_expect(b, &orders);
    assert_false(agent_board_has_bundles(b, &orders));
    agent_board_bundle(
        b, 0,
        &(struct agent_bundle){
            .sha256 = SHA_A, .state = BUNDLE_UNPACKED, .fetch_s = 2, .unpack_s = NAN });
    agent_board_job(b, 0,
                    &(struct agent_job){
                        .id = 1, .state = JOB_DONE, .bytes = 9, .parts = &part, .part_count = 1 });
    assert_true(agent_board_has_bundles(b, &orders));
    /* In another order, and with more. */
    orders = (struct orders){ .bundles = (struct order_bundle[]){ bundles[1], bundles[0] },
                              .bundle_count = 2,
                              .jobs = (struct order_job[]){ jobs[1], jobs[0] },
                              .job_count = 2 };
    agent_board_expect(b, &orders);
    assert_false(agent_board_has_bundles(b, &orders));
    s = told(b);
    assert_int_equal(s.bundle_count, 2);
    assert_string_equal(s.bundles[1].sha256, SHA_A);
    assert_int_equal(s.bundles[1].state, BUNDLE_UNPACKED);
    assert_true(s.bundles[1].fetch_s == 2);
    assert_int_equal(s.bundles[0].state, BUNDLE_FETCHING);
    assert_int_equal(s.jobs[1].id, 1);
    assert_int_equal(s.jobs[1].bytes, 9);
    assert_string_equal(s.jobs[1].parts[0].etag, "e");
    assert_int_equal(s.jobs[0].state, JOB_BEGUN);
    agent_state_release(&s);
}

static struct orders *numbered(uint64_t number)
{
    struct orders *orders = calloc(1, sizeof *orders);

    assert_non_null(orders);
    orders->number = number;
    return orders;
}

static void test_orders_that_nobody_took_give_way_to_newer_ones(void **state)
{
    struct agent_board *b = *state;
    struct orders *taken;

    assert_null(agent_board_take_loop(b));
    agent_board_put_orders(b, numbered(1), numbered(1));
    agent_board_put_orders(b, numbered(2), numbered(2));
    assert_true(agent_board_has_newer(b));
    taken = agent_board_take_carrier(b);
    assert_int_equal(taken->number, 2);
    agent_board_free_orders(taken);
    assert_false(agent_board_has_newer(b));
    taken = agent_board_take_loop(b);
    assert_int_equal(taken->number, 2);
    agent_board_free_orders(taken);
    assert_null(agent_board_take_loop(b));
}

static void *wait_for_orders(void *context)
{
    return agent_board_take_carrier(context);
}

static void test_the_end_wakes_who_waits_for_orders(void **state)
{
    struct agent_board *b = *state;
    pthread_t thread;
    void *taken = b;

    assert_int_equal(pthread_create(&thread, NULL, wait_for_orders, b), 0);
    agent_board_stopping(b);
    pthread_join(thread, &taken);
    assert_null(taken);
    assert_true(agent_board_has_newer(b));
}

/* Both would last for an hour otherwise. */
static void test_news_cut_waits_short(void **state)
{
    struct agent_board *b = *state;
    struct service_facts facts = { .running = true };

    agent_board_service(b, 0, "node-3", &facts, NULL, NULL);
    agent_board_wait(b, time_monotonic_ns() + 3600 * NS_PER_SECOND);
    agent_board_put_orders(b, numbered(1), numbered(1));
    agent_board_pause(b, 3600);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_life_is_urgent_and_a_height_is_not),
        TEST(test_what_is_told_is_what_stands_there),
        TEST(test_later_orders_keep_what_is_known),
        TEST(test_orders_that_nobody_took_give_way_to_newer_ones),
        TEST(test_the_end_wakes_who_waits_for_orders),
        TEST(test_news_cut_waits_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
