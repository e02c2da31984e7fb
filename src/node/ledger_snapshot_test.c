/* Snapshots of the ledger: when they are taken, which are kept, and that a start with one is
 * like a start without. */
#include "node/ledger_snapshot.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "node/chain_factory_test.h"
#include "support/files.h"

enum { INTERVAL = 3, BLOCKS = 40 };

static struct factory *factory;
static struct temp_dir dir;
static struct chain_db *db;
static struct forged *blocks[BLOCKS];

static int make_factory(void **state)
{
    (void)state;
    factory = factory_new(0, 1000000000);
    blocks[0] = factory_spend(factory, NULL, 0, 0, 0, 0);
    factory_chain(factory, blocks[0], 1, 1, BLOCKS - 1, blocks + 1);
    return 0;
}

static int free_factory(void **state)
{
    (void)state;
    factory_free(factory);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    db = factory_open(factory, dir.path, INTERVAL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    chain_db_close(db);
    temp_dir_remove(&dir);
    return 0;
}

static void give(size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_int_equal(factory_give(db, blocks[i]), BLOCK_ADOPTED);
}

static void restart(void)
{
    chain_db_close(db);
    db = factory_open(factory, dir.path, INTERVAL);
}

static struct snapshot_list listed(void)
{
    struct snapshot_list list;
    struct ou_error err = { "" };

    assert_int_equal(snapshot_list(dir.path, &list, &err), OU_OK);
    return list;
}

static const char *file_of(uint64_t number)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/ledger-%llu", dir.path, (unsigned long long)number);
    return path;
}

static void assert_whole(const struct forged *tip)
{
    assert_memory_equal(chain_db_tip(db)->facts.hash, tip->facts.hash, HASH_BYTES);
    assert_int_equal(ledger_slot(chain_db_ledger(db)), tip->facts.view.slot);
    assert_int_equal(ledger_output_count(chain_db_ledger(db)), FACTORY_FUNDS);
    assert_int_equal(ledger_undo_depth(chain_db_ledger(db)), FACTORY_K);
}

static void test_two_are_kept_and_one_of_them_is_deep_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < BLOCKS; i++) {
        struct snapshot_list list;
        bool deep = i < INTERVAL + FACTORY_K;

        give(i, i + 1);
        list = listed();
        assert_true(list.count <= 2);
        for (size_t s = 0; s < list.count; s++) {
            const struct snapshot *at = &list.at[s];

            assert_memory_equal(at->block, blocks[at->number]->facts.hash, HASH_BYTES);
            deep = deep || i - at->number >= FACTORY_K;
        }
        assert_true(deep);
    }
    assert_int_equal(listed().count, 2);
}

static void test_a_start_with_a_snapshot_is_like_one_without(void **state)
{
    struct snapshot_list list;
    struct forged *fork[FACTORY_K + 1];

    (void)state;
    give(0, 33);
    restart();
    assert_whole(blocks[32]);
    list = listed();
    assert_int_equal(list.count, 2);
    factory_chain(factory, blocks[32 - FACTORY_K], 32, 2, FACTORY_K + 1, fork);
    for (size_t i = 0; i < FACTORY_K; i++)
        factory_give(db, fork[i]);
    assert_int_equal(factory_give(db, fork[FACTORY_K]), BLOCK_ADOPTED); /* k blocks back */
    restart();
    assert_whole(fork[FACTORY_K]);
    unlink(file_of(list.at[0].number));
    unlink(file_of(list.at[1].number));
    restart();
    assert_whole(fork[FACTORY_K]);
}

static bool first_fund_is_spent(void)
{
    struct tx_input input = { .index = 0 };

    hash256((struct bytes){ factory->funds[0].address, factory->funds[0].address_bytes }, input.id);
    return ledger_find(chain_db_ledger(db), &input) == NULL;
}

/* The newest snapshot that is deep enough, with another ledger put in: the start must begin with
 * it. */
static void test_the_newest_deep_one_is_where_a_start_begins(void **state)
{
    struct snapshot deep = { .number = 0 };
    struct ledger *fresh = NULL;
    struct snapshot_list list;
    struct ou_error err = { "" };

    (void)state;
    give(0, 33);
    chain_db_close(db);
    list = listed();
    for (size_t i = list.count; i-- > 0;)
        if (32 - list.at[i].number >= FACTORY_K)
            deep = list.at[i];
    assert_true(deep.number > 0);
    assert_int_equal(ledger_create(&factory->genesis, &fresh, &err), OU_OK);
    assert_int_equal(snapshot_save(dir.path, &deep, fresh, &err),
                     OU_OK); /* without block 0's spending */
    ledger_free(fresh);
    db = factory_open(factory, dir.path, INTERVAL);
    assert_int_equal(ledger_output_count(chain_db_ledger(db)), FACTORY_FUNDS);
    assert_false(first_fund_is_spent());
}

static void test_damaged_snapshots_are_passed_over_and_removed(void **state)
{
    struct snapshot_list list;

    (void)state;
    give(0, 33);
    list = listed();
    for (size_t i = 0; i < list.count; i++) {
        struct stat st;

        assert_int_equal(stat(file_of(list.at[i].number), &st), 0);
        assert_int_equal(truncate(file_of(list.at[i].number), st.st_size - 1), 0);
    }
    restart();
    assert_whole(blocks[32]);
    assert_true(listed().count <= 1); /* the one that is too new was not looked into */
}

static void test_a_snapshot_is_read_as_it_was_written(void **state)
{
    struct snapshot s = { .number = 7, .block = { 1, 2 } }, other = { .number = 7 };
    struct genesis_ledger stranger = factory->genesis;
    struct ledger *ledger = NULL;
    struct ou_error err = { "" };

    (void)state;
    give(0, 1);
    assert_int_equal(snapshot_save(dir.path, &s, chain_db_ledger(db), &err), OU_OK);
    assert_int_equal(snapshot_load(dir.path, &s, &factory->genesis, &ledger, &err), OU_OK);
    assert_int_equal(ledger_output_count(ledger), ledger_output_count(chain_db_ledger(db)));
    assert_int_equal(ledger_undo_depth(ledger), 0);
    ledger_free(ledger);
    assert_int_equal(snapshot_load(dir.path, &other, &factory->genesis, &ledger, &err), OU_INVALID);
    stranger.hash[0] ^= 1;
    assert_int_equal(snapshot_load(dir.path, &s, &stranger, &ledger, &err), OU_INVALID);
    other.number = 8;
    assert_int_equal(snapshot_load(dir.path, &other, &factory->genesis, &ledger, &err),
                     OU_NOT_FOUND);
}

static void test_a_snapshot_with_any_byte_changed_is_not_believed(void **state)
{
    struct snapshot s = { .number = 7, .block = { 1, 2 } };
    struct buffer whole;
    struct ledger *ledger = NULL;
    struct ou_error err = { "" };

    (void)state;
    give(0, 1);
    assert_int_equal(snapshot_save(dir.path, &s, chain_db_ledger(db), &err), OU_OK);
    buffer_init(&whole, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(file_of(7), &whole, &err), OU_OK);
    for (size_t i = 0; i < whole.len; i++) {
        whole.at[i] ^= 1;
        write_file(file_of(7), whole.at, whole.len);
        whole.at[i] ^= 1;
        assert_int_equal(snapshot_load(dir.path, &s, &factory->genesis, &ledger, &err), OU_INVALID);
    }
    buffer_release(&whole);
}

static void test_what_an_interrupted_one_left_is_removed(void **state)
{
    (void)state;
    temp_file(&dir, ".ledger-12.part-999", "half");
    temp_file(&dir, "ledger-13", "no head");
    temp_file(&dir, "ledger-1x", "another file");
    assert_int_equal(listed().count, 0);
    assert_int_equal(access(temp_path(&dir, ".ledger-12.part-999"), F_OK), -1);
    assert_int_equal(access(temp_path(&dir, "ledger-1x"), F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_are_kept_and_one_of_them_is_deep_enough),
        TEST(test_a_start_with_a_snapshot_is_like_one_without),
        TEST(test_the_newest_deep_one_is_where_a_start_begins),
        TEST(test_damaged_snapshots_are_passed_over_and_removed),
        TEST(test_a_snapshot_is_read_as_it_was_written),
        TEST(test_a_snapshot_with_any_byte_changed_is_not_believed),
        TEST(test_what_an_interrupted_one_left_is_removed),
    };

    return cmocka_run_group_tests(tests, make_factory, free_factory);
}
