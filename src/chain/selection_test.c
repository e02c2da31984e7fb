#include "chain/selection.h"

#include "chain/worked_test.h"

/* A tip; issuer and output are a byte each, repeated. */
static struct selection_view tip(uint64_t number, uint64_t slot, uint8_t issuer, uint64_t counter,
                                 uint8_t output)
{
    struct selection_view v = { .number = number, .slot = slot, .counter = counter };

    memset(v.issuer, issuer, sizeof(v.issuer));
    memset(v.vrf_output, output, sizeof(v.vrf_output));
    return v;
}

/* One of the two is preferred, whichever was there first. */
static void assert_better(struct selection_view better, struct selection_view worse)
{
    assert_true(selection_prefers(&better, &worse));
    assert_false(selection_prefers(&worse, &better));
}

/* Whichever was there first stays. */
static void assert_first_stays(struct selection_view a, struct selection_view b)
{
    assert_false(selection_prefers(&a, &b));
    assert_false(selection_prefers(&b, &a));
}

static void test_any_chain_is_better_than_none(void **state)
{
    struct selection_view first = tip(0, 0, 1, 0, 0xff);

    (void)state;
    assert_true(selection_prefers(&first, NULL));
}

static void test_the_longer_chain_wins_whatever_else_stands_in_it(void **state)
{
    (void)state;
    assert_better(tip(11, 100, 1, 0, 0xff), tip(10, 100, 1, 9, 0));
    assert_better(tip(11, 900, 2, 0, 0xff), tip(10, 100, 1, 0, 0));
    assert_better(tip(UINT64_MAX, 0, 1, 0, 1), tip(0, UINT64_MAX, 1, 0, 0));
}

static void test_of_one_pools_two_blocks_the_higher_counter_wins(void **state)
{
    (void)state;
    assert_better(tip(10, 100, 1, 2, 9), tip(10, 100, 1, 1, 0));
}

/* The counter of another pool, or of another slot, says nothing. */
static void test_counters_are_compared_in_one_pool_and_slot_only(void **state)
{
    (void)state;
    assert_better(tip(10, 100, 1, 1, 0), tip(10, 100, 2, 2, 9));
    assert_better(tip(10, 101, 1, 1, 0), tip(10, 100, 1, 2, 9));
}

static void test_equal_counters_go_on_to_the_output(void **state)
{
    (void)state;
    assert_better(tip(10, 100, 1, 2, 3), tip(10, 100, 1, 2, 4));
    assert_first_stays(tip(10, 100, 1, 2, 3), tip(10, 100, 1, 2, 3));
}

static void test_the_smaller_output_wins_a_slot_battle(void **state)
{
    struct selection_view a = tip(10, 100, 1, 0, 7), b = tip(10, 100, 2, 0, 7);

    (void)state;
    a.vrf_output[63] = 6; /* the last byte counts least, but counts */
    assert_better(a, b);
    b.vrf_output[0] = 6; /* the first one most */
    assert_better(b, a);
    a.vrf_output[0] = 0x80; /* bytes are not signed */
    assert_better(b, a);
}

static void test_outputs_decide_height_battles_of_near_slots_only(void **state)
{
    (void)state;
    assert_better(tip(10, 105, 2, 0, 1), tip(10, 100, 1, 0, 2));
    assert_better(tip(10, 100, 1, 0, 1), tip(10, 105, 2, 0, 2));
    assert_first_stays(tip(10, 106, 2, 0, 1), tip(10, 100, 1, 0, 2));
    assert_first_stays(tip(10, UINT64_MAX, 2, 0, 1), tip(10, 0, 1, 0, 2));
}

/* Slots 100, 105 and 110 with falling outputs: b beats a and c beats b, but a and c lie too far apart to be
 * compared. So a node that has a and meets c stays, and one that meets b between them ends at c. */
static void test_the_order_is_not_transitive(void **state)
{
    struct selection_view a = tip(10, 100, 1, 0, 3), b = tip(10, 105, 2, 0, 2),
                          c = tip(10, 110, 3, 0, 1);

    (void)state;
    assert_better(b, a);
    assert_better(c, b);
    assert_first_stays(a, c);
}

static void test_a_view_holds_what_the_header_says(void **state)
{
    struct worked_pool pool;
    struct header h;
    struct selection_view v;

    (void)state;
    worked_pool_make(&pool);
    h = worked_header(&pool, 1);
    h.certificate.counter = 5;
    memset(&v, 0xee, sizeof v);
    selection_view_of(&h, &v);
    assert_int_equal(v.number, 1);
    assert_int_equal(v.slot, 39);
    assert_int_equal(v.counter, 5);
    assert_memory_equal(v.issuer, h.issuer, sizeof(v.issuer));
    assert_memory_equal(v.vrf_output, h.vrf_output, sizeof(v.vrf_output));
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_chain_is_better_than_none),
        cmocka_unit_test(test_the_longer_chain_wins_whatever_else_stands_in_it),
        cmocka_unit_test(test_of_one_pools_two_blocks_the_higher_counter_wins),
        cmocka_unit_test(test_counters_are_compared_in_one_pool_and_slot_only),
        cmocka_unit_test(test_equal_counters_go_on_to_the_output),
        cmocka_unit_test(test_the_smaller_output_wins_a_slot_battle),
        cmocka_unit_test(test_outputs_decide_height_battles_of_near_slots_only),
        cmocka_unit_test(test_the_order_is_not_transitive),
        cmocka_unit_test(test_a_view_holds_what_the_header_says),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
