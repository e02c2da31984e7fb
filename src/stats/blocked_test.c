#include "stats/blocked.h"

#include "stats/laws.h"
#include "support/near.h"
#include "support/test.h"

enum { RUNS = 23, SETTINGS = 6, BLOCKS = 4 };

/* Six settings in four blocks, one of them twice in the last, two runs missing. What is expected of them was worked out
 * with R 4.2: lm(y ~ block + setting) with contr.sum, and its vcov(). */
static const uint32_t setting[RUNS] = { 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5,
                                        0, 2, 3, 4, 5, 0, 1, 3, 4, 5, 5 };
static const uint32_t block[RUNS] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1,
                                      2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3 };
static const double values[RUNS] = { 101.2, 98.4,  95.1,  90.3, 97.7,  88.9, 104.0, 99.6,
                                     96.2,  93.8,  98.1,  91.7, 102.9, 97.5, 92.2,  99.9,
                                     90.6,  105.3, 101.1, 95.0, 100.4, 93.2, 92.1 };

static void fit(const struct blocked_runs *runs, struct arena *memory, struct blocked *ret)
{
    struct ou_error err = { 0 };

    arena_init(memory, allocator_libc(), 1 << 20);
    assert_int_equal(blocked_fit(runs, memory, ret, &err), OU_OK);
}

static const struct blocked_runs incomplete = { RUNS, SETTINGS, BLOCKS, setting, block, values };

static void test_incomplete_blocks_give_the_means_of_whole_ones(void **state)
{
    static const double means[] = { 103.35, 99.706995230524655, 96.837678855325919, 92.825,
                                    99.025, 90.957392686804468 };
    static const double variances[] = { .25, .350158982511924, .348569157392687, .25,
                                        .25, .205484896661367 };
    struct arena memory;
    struct blocked b;

    (void)state;
    fit(&incomplete, &memory, &b);
    assert_true(b.connected);
    for (size_t i = 0; i < SETTINGS; i++) {
        assert_near(b.means[i], means[i], 1e-11);
        assert_near(blocked_covariance(&b, i, i), variances[i], 1e-12);
    }
    assert_near(blocked_difference_variance(&b, 0, 1), .600158982511924, 1e-12);
    assert_near(blocked_covariance(&b, 0, 0) + blocked_covariance(&b, 1, 1) -
                    2 * blocked_covariance(&b, 0, 1),
                .600158982511924, 1e-12);
    arena_release(&memory);
}

static void test_the_drift_of_blocks_is_told(void **state)
{
    static const double means[] = { 95.266666666666666, 97.233333333333348, 97.1379968203498,
                                    98.830047694753588 };
    static const double variances[] = { 1.0 / 6, 1.0 / 6, .2111817700053, .182564917859036 };
    struct arena memory;
    struct blocked b;

    (void)state;
    fit(&incomplete, &memory, &b);
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_near(b.block_means[i], means[i], 1e-11);
        assert_near(blocked_block_variance(&b, i), variances[i], 1e-12);
    }
    assert_near(b.residual_squares, 7.30387652358248, 1e-11);
    assert_near(b.residual_dof, 14, 0);
    assert_near(b.block_squares, 36.66779014308, 1e-9);
    assert_near(b.block_dof, 3, 0);
    assert_near(f_tail(b.block_squares / 3 / (b.residual_squares / 14), 3, 14), 1.0133e-05, 1e-9);
    arena_release(&memory);
}

static void test_one_block_is_plain_means(void **state)
{
    static const uint32_t of[] = { 0, 0, 1, 1, 1 }, alone[5] = { 0 };
    static const double y[] = { 1, 3, 5, 7, 9 };
    struct blocked_runs runs = { 5, 3, 1, of, alone, y };
    struct arena memory;
    struct blocked b;

    (void)state;
    fit(&runs, &memory, &b);
    assert_near(b.means[0], 2, 1e-14);
    assert_near(b.means[1], 7, 1e-14);
    assert_true(isnan(b.means[2])); /* it has no run */
    assert_near(b.residual_squares, 2 + 8, 1e-13);
    assert_near(b.residual_dof, 3, 0);
    assert_near(b.settings_squares, 30, 1e-13);
    assert_near(b.settings_dof, 1, 0);
    assert_near(blocked_difference_variance(&b, 0, 1), 1.0 / 2 + 1.0 / 3, 1e-14);
    arena_release(&memory);
}

/* Two settings that never ran in one block: the blocks' difference cannot be taken off. */
static void test_settings_that_share_no_block_are_told(void **state)
{
    static const uint32_t of[] = { 0, 0, 1, 1 }, in[] = { 0, 0, 1, 1 };
    static const double y[] = { 1, 2, 5, 6 };
    struct blocked_runs runs = { 4, 2, 2, of, in, y };
    struct arena memory;
    struct blocked b;

    (void)state;
    fit(&runs, &memory, &b);
    assert_false(b.connected);
    assert_near(b.block_dof, 0, 0);
    assert_near(b.residual_dof, 2, 0);
    arena_release(&memory);
}

static void test_no_runs_are_no_means(void **state)
{
    struct blocked_runs runs = { 0, 2, 0, NULL, NULL, NULL };
    struct arena memory;
    struct blocked b;

    (void)state;
    fit(&runs, &memory, &b);
    assert_true(isnan(b.means[0]) && isnan(b.means[1]));
    arena_release(&memory);
}

static void test_too_many_blocks_are_refused(void **state)
{
    struct blocked_runs runs = { 0, 2, BLOCKED_BLOCKS_MAX + 1, NULL, NULL, NULL };
    struct ou_error err = { 0 };
    struct arena memory;
    struct blocked b;

    (void)state;
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(blocked_fit(&runs, &memory, &b, &err), OU_TOO_LARGE);
    arena_release(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_incomplete_blocks_give_the_means_of_whole_ones),
        cmocka_unit_test(test_the_drift_of_blocks_is_told),
        cmocka_unit_test(test_one_block_is_plain_means),
        cmocka_unit_test(test_settings_that_share_no_block_are_told),
        cmocka_unit_test(test_no_runs_are_no_means),
        cmocka_unit_test(test_too_many_blocks_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
