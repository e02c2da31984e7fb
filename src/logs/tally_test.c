#include "logs/tally.h"

#include "base/time.h"
#include "support/test.h"

/* Numbers that are the same in every run. */
static uint64_t dice_state;

static uint64_t dice(uint64_t below)
{
    dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (dice_state >> 33) % below;
}

static struct host_tally tally_of(const int64_t *stamps, size_t count)
{
    struct host_tally t = host_tally_empty;

    for (size_t i = 0; i < count; i++) {
        t.lines++;
        t.bytes += 100;
        host_tally_stamp(&t, stamps[i]);
    }
    return t;
}

static void assert_same(const struct host_tally *a, const struct host_tally *b)
{
    assert_int_equal(a->lines, b->lines);
    assert_int_equal(a->bytes, b->bytes);
    assert_int_equal(a->out_of_order, b->out_of_order);
    assert_int_equal(a->worst_backstep_ns, b->worst_backstep_ns);
    assert_int_equal(a->first_ns, b->first_ns);
    assert_int_equal(a->last_ns, b->last_ns);
    assert_int_equal(a->first_in_file_ns, b->first_in_file_ns);
    assert_int_equal(a->last_in_file_ns, b->last_in_file_ns);
    assert_int_equal(a->fine_stamps, b->fine_stamps);
}

static void test_stamps_are_counted_as_by_hand(void **state)
{
    const int64_t stamps[] = { 100, TIME_NONE, 130, 120, 125, 110, 170, 171 };
    struct host_tally t = tally_of(stamps, 8);

    (void)state;
    assert_int_equal(t.lines, 8);
    assert_int_equal(t.first_ns, 100);
    assert_int_equal(t.last_ns, 171);
    assert_int_equal(t.first_in_file_ns, 100);
    assert_int_equal(t.last_in_file_ns, 171);
    assert_int_equal(t.out_of_order, 2);       /* 120 and 110 */
    assert_int_equal(t.worst_backstep_ns, 15); /* 125 to 110 */
    assert_int_equal(t.longest_gap_ns, 40);    /* 130 to 170: 110 does not shorten it */
    assert_int_equal(t.gap_at_ns, 130);
}

static void test_one_stamp_off_the_grid_makes_stamps_fine(void **state)
{
    const int64_t stamps[] = { 20000000, 30000000, 90000000, TIME_NONE, 90000001 };
    struct host_tally coarse = tally_of(stamps, 4), fine = tally_of(stamps + 4, 1);

    (void)state;
    assert_false(coarse.fine_stamps);
    assert_true(fine.fine_stamps);
    host_tally_append(&coarse, &fine);
    assert_true(coarse.fine_stamps);
    host_tally_append(&fine, &host_tally_empty);
    assert_true(fine.fine_stamps);
}

static void test_nothing_counted_is_nothing_known(void **state)
{
    const int64_t none = TIME_NONE, one = 5;
    struct host_tally t = tally_of(&none, 1);

    (void)state;
    assert_int_equal(t.first_ns, TIME_NONE);
    assert_int_equal(t.last_in_file_ns, TIME_NONE);
    assert_int_equal(t.longest_gap_ns, TIME_NONE);
    t = tally_of(&one, 1);
    assert_int_equal(t.first_ns, 5);
    assert_int_equal(t.last_ns, 5);
    assert_int_equal(t.longest_gap_ns, TIME_NONE);
}

static void test_the_least_and_the_greatest_stamp_need_not_be_first_and_last(void **state)
{
    const int64_t stamps[] = { 50, 10, 90, 70 };
    struct host_tally t = tally_of(stamps, 4);

    (void)state;
    assert_int_equal(t.first_ns, 10);
    assert_int_equal(t.last_ns, 90);
    assert_int_equal(t.first_in_file_ns, 50);
    assert_int_equal(t.last_in_file_ns, 70);
    assert_int_equal(t.longest_gap_ns, 40);
}

enum { STAMPS = 40 };

/* Stamps of which at most `disorder` in ten step back; some lines have none. */
static void throw_stamps(int64_t *stamps, uint64_t disorder)
{
    int64_t now = 1000000;

    for (int i = 0; i < STAMPS; i++) {
        now += dice(10) < disorder ? -(int64_t)dice(50) : (int64_t)dice(50);
        stamps[i] = dice(8) == 0 ? TIME_NONE : now;
    }
}

/* The sum of several pieces, cut anywhere, also into empty ones. */
static struct host_tally tally_in_pieces(const int64_t *stamps)
{
    struct host_tally all = host_tally_empty;

    for (size_t at = 0; at < STAMPS;) {
        size_t count = dice(STAMPS / 4);
        struct host_tally piece;

        if (count > STAMPS - at)
            count = STAMPS - at;
        piece = tally_of(stamps + at, count);
        host_tally_append(&all, &piece);
        at += count;
    }
    return all;
}

static void test_pieces_in_order_append_to_the_whole(void **state)
{
    int64_t stamps[STAMPS];

    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct host_tally whole, pieces;

        throw_stamps(stamps, 0);
        whole = tally_of(stamps, STAMPS);
        pieces = tally_in_pieces(stamps);
        assert_same(&whole, &pieces);
        assert_int_equal(whole.out_of_order, 0);
        assert_int_equal(whole.longest_gap_ns, pieces.longest_gap_ns);
        assert_int_equal(whole.gap_at_ns, pieces.gap_at_ns);
    }
}

static void test_pieces_out_of_order_differ_in_a_hidden_gap_at_most(void **state)
{
    int64_t stamps[STAMPS];
    int hidden = 0;

    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct host_tally whole, pieces;

        throw_stamps(stamps, 2);
        whole = tally_of(stamps, STAMPS);
        pieces = tally_in_pieces(stamps);
        assert_same(&whole, &pieces);
        assert_true(pieces.longest_gap_ns <= whole.longest_gap_ns);
        hidden += pieces.longest_gap_ns < whole.longest_gap_ns;
    }
    assert_true(hidden < 500); /* an exception, even with so much disorder */
}

static void test_a_gap_between_two_pieces_is_a_gap(void **state)
{
    const int64_t before[] = { 10, 20 }, after[] = { 75, 80 };
    struct host_tally t = tally_of(before, 2), next = tally_of(after, 2);

    (void)state;
    host_tally_append(&t, &next);
    assert_int_equal(t.longest_gap_ns, 55);
    assert_int_equal(t.gap_at_ns, 20);
}

static void test_a_piece_that_steps_back_makes_no_gap_up_to_what_was_known(void **state)
{
    const int64_t before[] = { 10, 100 }, after[] = { 20, 90, 103 };
    struct host_tally t = tally_of(before, 2), next = tally_of(after, 3);

    (void)state;
    host_tally_append(&t, &next);
    assert_int_equal(t.longest_gap_ns, 90); /* of the first piece; not 20 to 90 */
    assert_int_equal(t.gap_at_ns, 10);
    assert_int_equal(t.out_of_order, 1);
    assert_int_equal(t.worst_backstep_ns, 80);
}

static void test_all_counts_add_up(void **state)
{
    struct host_tally t = host_tally_empty, next = host_tally_empty;

    (void)state;
    t.lines = 1, t.bytes = 2, t.objects = 3, t.not_understood = 4, t.duplicate_lines = 5;
    next.lines = 10, next.bytes = 20, next.objects = 30, next.not_understood = 40;
    next.duplicate_lines = 50;
    host_tally_append(&t, &next);
    assert_int_equal(t.lines, 11);
    assert_int_equal(t.bytes, 22);
    assert_int_equal(t.objects, 33);
    assert_int_equal(t.not_understood, 44);
    assert_int_equal(t.duplicate_lines, 55);
    assert_int_equal(t.first_ns, TIME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stamps_are_counted_as_by_hand),
        cmocka_unit_test(test_one_stamp_off_the_grid_makes_stamps_fine),
        cmocka_unit_test(test_nothing_counted_is_nothing_known),
        cmocka_unit_test(test_the_least_and_the_greatest_stamp_need_not_be_first_and_last),
        cmocka_unit_test(test_pieces_in_order_append_to_the_whole),
        cmocka_unit_test(test_pieces_out_of_order_differ_in_a_hidden_gap_at_most),
        cmocka_unit_test(test_a_gap_between_two_pieces_is_a_gap),
        cmocka_unit_test(test_a_piece_that_steps_back_makes_no_gap_up_to_what_was_known),
        cmocka_unit_test(test_all_counts_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
