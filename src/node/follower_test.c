/* Followers: what a client of chain-sync is told while the chain grows, changes and takes
 * headers back. */
#include "node/chain_factory_test.h"
#include "support/files.h"

static struct factory *factory;
static struct temp_dir dir;
static struct chain_db *db;
static struct follower follower;

static int make_factory(void **state)
{
    (void)state;
    factory = factory_new(0, 1000000000);
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
    db = factory_open(factory, dir.path, 0);
    follower_start(&follower, db);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    chain_db_close(db);
    temp_dir_remove(&dir);
    return 0;
}

static void assert_next(enum follow what, const struct forged *where)
{
    const struct chain_block *block = NULL;

    assert_int_equal(follower_is_behind(&follower), what != FOLLOW_NOTHING);
    assert_int_equal(follower_next(&follower, &block), what);
    if (what == FOLLOW_NOTHING)
        return;
    if (where)
        assert_memory_equal(block->facts.hash, where->facts.hash, HASH_BYTES);
    else
        assert_null(block);
}

static struct point point(const struct forged *b)
{
    struct point p = { .slot = b->facts.view.slot };

    memcpy(p.hash, b->facts.hash, HASH_BYTES);
    return p;
}

static void test_the_first_instruction_goes_back_to_the_origin(void **state)
{
    struct forged *blocks[2];

    (void)state;
    assert_next(FOLLOW_BACKWARD, NULL);
    assert_next(FOLLOW_NOTHING, NULL);
    factory_chain(factory, NULL, 0, 0, 2, blocks);
    factory_give(db, blocks[0]);
    factory_give(db, blocks[1]);
    assert_next(FOLLOW_FORWARD, blocks[0]);
    assert_next(FOLLOW_FORWARD, blocks[1]);
    assert_next(FOLLOW_NOTHING, NULL);
}

static void test_the_first_point_on_the_chain_is_the_intersection(void **state)
{
    struct forged *blocks[3], *fork = factory_forge(factory, NULL, 9, 1);
    struct point points[4] = { { .slot = 5 }, { 0 }, { 0 }, { .origin = true } }, found;

    (void)state;
    factory_chain(factory, NULL, 0, 0, 3, blocks);
    for (size_t i = 0; i < 3; i++)
        factory_give(db, blocks[i]);
    assert_int_equal(factory_give(db, fork), BLOCK_STORED);
    points[1] = point(fork);
    points[2] = point(blocks[1]);
    assert_true(follower_find(&follower, points, 4, &found));
    assert_true(point_equal(&found, &points[2]));
    assert_next(FOLLOW_BACKWARD, blocks[1]);
    assert_next(FOLLOW_FORWARD, blocks[2]);
    assert_false(follower_find(&follower, points, 2, &found)); /* nothing moves */
    points[2].slot++;                                          /* the hash alone is no point */
    assert_false(follower_find(&follower, points, 3, &found));
    assert_next(FOLLOW_NOTHING, NULL);
    assert_true(follower_find(&follower, points, 4, &found));
    assert_true(found.origin);
    assert_next(FOLLOW_BACKWARD, NULL);
    assert_next(FOLLOW_FORWARD, blocks[0]);
}

static void test_after_a_switch_it_goes_back_to_the_newest_common_block(void **state)
{
    struct forged *trunk[2], *old[2], *new[3];
    struct follower behind;
    const struct chain_block *block;

    (void)state;
    factory_chain(factory, NULL, 0, 0, 2, trunk);
    factory_chain(factory, trunk[1], 2, 0, 2, old);
    factory_chain(factory, trunk[1], 10, 1, 3, new);
    for (size_t i = 0; i < 2; i++)
        factory_give(db, trunk[i]);
    for (size_t i = 0; i < 2; i++)
        factory_give(db, old[i]);
    follower_start(&behind, db);
    follower_next(&behind, &block); /* the origin */
    follower_next(&behind, &block); /* trunk[0]: before the fork */
    while (follower_next(&follower, &block) != FOLLOW_NOTHING)
        ;
    for (size_t i = 0; i < 3; i++)
        factory_give(db, new[i]);
    assert_next(FOLLOW_BACKWARD, trunk[1]);
    for (size_t i = 0; i < 3; i++)
        assert_next(FOLLOW_FORWARD, new[i]);
    assert_next(FOLLOW_NOTHING, NULL);
    follower = behind; /* who was behind the fork does not notice */
    assert_next(FOLLOW_FORWARD, trunk[1]);
    assert_next(FOLLOW_FORWARD, new[0]);
}

static void offer(const struct forged *b)
{
    assert_true(chain_db_offer(db, bytes_of(&b->wrapped), &b->facts, NULL, NULL));
    chain_db_work(db); /* stores and announces */
}

static void test_tentative_headers_are_told_and_taken_back(void **state)
{
    struct forged *good = factory_forge(factory, NULL, 0, 0);
    struct forged *bad = factory_spend(factory, good, 1, 0, 0, 1);
    struct forged *better = factory_spend(factory, good, 2, 1, 0, 0);

    (void)state;
    assert_next(FOLLOW_BACKWARD, NULL);
    offer(good);
    assert_next(FOLLOW_FORWARD, good); /* the chain has no block yet */
    assert_next(FOLLOW_NOTHING, NULL);
    factory_work(db);
    assert_next(FOLLOW_NOTHING, NULL); /* it was told */
    offer(bad);
    assert_next(FOLLOW_FORWARD, bad);
    factory_work(db);
    assert_next(FOLLOW_BACKWARD, good);
    assert_next(FOLLOW_NOTHING, NULL);
    offer(better);
    assert_next(FOLLOW_FORWARD, better);
    factory_work(db);
    assert_next(FOLLOW_NOTHING, NULL);
}

static void test_a_withdrawn_header_that_was_not_told_is_never_heard_of(void **state)
{
    struct forged *bad = factory_spend(factory, NULL, 1, 0, 0, 1);

    (void)state;
    assert_next(FOLLOW_BACKWARD, NULL);
    factory_give(db, bad);
    assert_next(FOLLOW_NOTHING, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_first_instruction_goes_back_to_the_origin),
        TEST(test_the_first_point_on_the_chain_is_the_intersection),
        TEST(test_after_a_switch_it_goes_back_to_the_newest_common_block),
        TEST(test_tentative_headers_are_told_and_taken_back),
        TEST(test_a_withdrawn_header_that_was_not_told_is_never_heard_of),
    };

    return cmocka_run_group_tests(tests, make_factory, free_factory);
}
