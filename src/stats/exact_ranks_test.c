#include "stats/exact_ranks.h"

#include "support/near.h"
#include "support/test.h"

static const unsigned in_order[EXACT_RANKS_MAX] = {
    1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17,
    18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
    35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
};

/* Ways of choosing 3 of the ranks 1..6, by their sum 6..15 (Mann and Whitney 1947). */
static void test_counts_of_rank_sums(void **state)
{
    static const double ways[] = { 1, 1, 2, 3, 3, 3, 3, 2, 1, 1 };
    struct rank_law law;

    (void)state;
    assert_true(rank_sum_law(in_order, 6, 3, &law));
    assert_int_equal(law.sums, 22);
    for (size_t s = 0; s < law.sums; s++)
        assert_near(law.ways[s], s >= 6 && s <= 15 ? ways[s - 6] : 0, 0);
    rank_law_release(&law);
}

/* Ways of signing the ranks 1..4, by the sum of the positive ones (Wilcoxon 1945). */
static void test_counts_of_signed_ranks(void **state)
{
    static const double ways[] = { 1, 1, 1, 2, 2, 2, 2, 2, 1, 1, 1 };
    struct rank_law law;

    (void)state;
    assert_true(signed_rank_law(in_order, 4, &law));
    assert_int_equal(law.sums, 11);
    for (size_t s = 0; s < law.sums; s++)
        assert_near(law.ways[s], ways[s], 0);
    rank_law_release(&law);
}

/* 50 choose 25, and 2^50: exact in a double. */
static void test_the_largest_laws_lose_no_arrangement(void **state)
{
    struct rank_law law;
    double all = 0;

    (void)state;
    assert_true(rank_sum_law(in_order, 50, 25, &law));
    for (size_t s = 0; s < law.sums; s++)
        all += law.ways[s];
    assert_near(all, 126410606437752, 0);
    assert_near(rank_law_tails(&law, 325).at_most, 1 / 126410606437752., 1e-28);
    assert_near(rank_law_tails(&law, 950).at_least, 1 / 126410606437752., 1e-28);
    rank_law_release(&law);
    assert_true(signed_rank_law(in_order, 50, &law));
    assert_near(rank_law_tails(&law, 0).at_most, ldexp(1, -50), 0);
    assert_near(rank_law_tails(&law, 0).at_least, 1, 0);
    rank_law_release(&law);
}

/* R: qwilcox(.025, 10, 5) = 9, qsignrank(.025, 9) = 6. */
static void test_the_depth_of_intervals_is_that_of_r(void **state)
{
    struct rank_law law;

    (void)state;
    assert_true(rank_sum_law(in_order, 15, 5, &law));
    assert_int_equal(rank_law_depth(&law, .025), 9);
    rank_law_release(&law);
    assert_true(signed_rank_law(in_order, 9, &law));
    assert_int_equal(rank_law_depth(&law, .025), 6);
    assert_int_equal(rank_law_depth(&law, 1), law.sums);
    assert_int_equal(rank_law_depth(&law, 0), 0);
    rank_law_release(&law);
}

static void test_both_tails_hold_what_was_seen(void **state)
{
    (void)state;
    assert_near(two_sided_tail((struct rank_tails){ .6, .6 }), 1, 0);
    assert_near(two_sided_tail((struct rank_tails){ .02, .99 }), .04, 0);
    assert_near(two_sided_tail((struct rank_tails){ .99, .01 }), .02, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_of_rank_sums),
        cmocka_unit_test(test_counts_of_signed_ranks),
        cmocka_unit_test(test_the_largest_laws_lose_no_arrangement),
        cmocka_unit_test(test_the_depth_of_intervals_is_that_of_r),
        cmocka_unit_test(test_both_tails_hold_what_was_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
