#include "chain/stake.h"

#include "support/test.h"

static struct genesis_pool pools[2] = { { .stake = 30 }, { .stake = 12 } };
static const struct genesis_ledger genesis = { .pools = pools, .pool_count = 2, .total_stake = 42 };

static struct stake_history begin(void)
{
    struct stake_history s;

    assert_int_equal(stake_init(&s, &genesis), OU_OK);
    stake_add(&s, 0, 30);
    stake_add(&s, 1, 12);
    return s;
}

static void assert_stake(const struct stake_history *s, uint64_t epoch, uint64_t reached,
                         uint64_t first)
{
    struct ledger_stake stake;

    assert_true(stake_of(s, epoch, reached, &stake));
    assert_int_equal(stake.by_pool[0], first);
    assert_int_equal(stake.total, first + stake.by_pool[1]);
}

static void test_the_first_two_epochs_have_the_stake_of_the_genesis(void **state)
{
    struct stake_history s = begin();
    struct ledger_stake stake;

    (void)state;
    stake_subtract(&s, 0, 29);
    assert_stake(&s, 0, 0, 30);
    assert_stake(&s, 1, 0, 30);
    assert_false(stake_of(&s, 2, 0, &stake));
    assert_false(stake_of(&s, UINT64_MAX, UINT64_MAX - 2, &stake));
    stake_release(&s);
}

static void test_outputs_of_nobody_change_nothing(void **state)
{
    struct stake_history s = begin();

    (void)state;
    stake_add(&s, -1, 1000);
    stake_subtract(&s, -1, 500);
    assert_int_equal(s.now_total, 42);
    stake_release(&s);
}

static void test_a_snapshot_is_good_until_the_next_one(void **state)
{
    struct stake_history s = begin();

    (void)state;
    assert_int_equal(stake_end_epoch(&s, 0), OU_OK); /* the next block came in epoch 4 */
    stake_add(&s, 0, 5);
    assert_int_equal(stake_end_epoch(&s, 4), OU_OK);
    assert_stake(&s, 2, 5, 30);
    assert_stake(&s, 5, 5, 30);
    assert_stake(&s, 6, 5, 35);
    stake_forget_end(&s);
    assert_stake(&s, 5, 4, 30);
    stake_release(&s);
}

static void test_only_snapshots_that_nobody_asks_for_are_dropped(void **state)
{
    struct stake_history s = begin();
    struct ledger_stake stake;

    (void)state;
    for (uint64_t epoch = 0; epoch < 50; epoch++) {
        assert_int_equal(stake_end_epoch(&s, epoch), OU_OK);
        stake_add(&s, 0, 1);
        stake_drop_before(&s, epoch);
        assert_true(s.count <= 4);
        if (epoch >= 2)
            assert_stake(&s, epoch, epoch + 1, 30 + epoch - 2);
        assert_stake(&s, epoch + 2, epoch + 1, 30 + epoch);
    }
    assert_false(stake_of(&s, 40, 50, &stake));
    stake_release(&s);
}

static void test_a_chain_without_pools_has_no_stake(void **state)
{
    const struct genesis_ledger nobody = { .pool_count = 0 };
    struct stake_history s;
    struct ledger_stake stake;

    (void)state;
    assert_int_equal(stake_init(&s, &nobody), OU_OK);
    assert_int_equal(stake_end_epoch(&s, 0), OU_OK);
    assert_true(stake_of(&s, 2, 1, &stake));
    assert_int_equal(stake.total, 0);
    stake_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_two_epochs_have_the_stake_of_the_genesis),
        cmocka_unit_test(test_outputs_of_nobody_change_nothing),
        cmocka_unit_test(test_a_snapshot_is_good_until_the_next_one),
        cmocka_unit_test(test_only_snapshots_that_nobody_asks_for_are_dropped),
        cmocka_unit_test(test_a_chain_without_pools_has_no_stake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
