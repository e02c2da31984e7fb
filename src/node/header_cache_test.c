#include "node/header_cache.h"

#include "node/fake_chain_test.h"
#include "support/hex.h"

static struct chain_db db;

static int set_up(void **state)
{
    (void)state;
    fake_chain_init(&db);
    fake_adopt(&db, fake_blocks(&db, NULL, 2 * HEADER_CACHE_SLOTS, 1));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_chain_release(&db);
    return 0;
}

static void assert_gets(struct header_cache *cache, const struct chain_block *block)
{
    struct bytes got;

    assert_int_equal(header_cache_get(cache, &db, block, &got, NULL), OU_OK);
    assert_bytes(got, fake_header(&db, block));
}

static void test_it_lasts_from_the_first_follower_to_the_last(void **state)
{
    struct header_cache *cache = NULL, *first;

    (void)state;
    assert_int_equal(header_cache_join(&cache, NULL), OU_OK);
    first = cache;
    assert_int_equal(header_cache_join(&cache, NULL), OU_OK);
    assert_ptr_equal(cache, first);
    header_cache_leave(&cache);
    assert_gets(cache, chain_db_tip(&db));
    header_cache_leave(&cache);
    assert_null(cache);
}

static void test_a_header_is_read_once_while_it_is_new(void **state)
{
    struct header_cache *cache = NULL;

    (void)state;
    assert_int_equal(header_cache_join(&cache, NULL), OU_OK);
    for (int followers = 0; followers < 50; followers++)
        for (uint64_t i = 0; i < HEADER_CACHE_SLOTS; i++)
            assert_gets(cache, chain_db_by_number(&db, i));
    assert_int_equal(db.header_reads, HEADER_CACHE_SLOTS);
    header_cache_leave(&cache);
}

/* A block of the same number, of another fork or so many blocks later, takes the place. */
static void test_what_takes_a_place_is_never_taken_for_what_was_there(void **state)
{
    const struct chain_block *rival = fake_block(&db, chain_db_by_number(&db, 2), 90, 2);
    struct header_cache *cache = NULL;

    (void)state;
    assert_int_equal(header_cache_join(&cache, NULL), OU_OK);
    assert_gets(cache, chain_db_by_number(&db, 3));
    assert_gets(cache, chain_db_by_number(&db, 3 + HEADER_CACHE_SLOTS));
    assert_gets(cache, rival);
    assert_gets(cache, chain_db_by_number(&db, 3));
    assert_int_equal(db.header_reads, 4);
    header_cache_leave(&cache);
}

static void test_a_header_that_cannot_be_read_leaves_nothing_behind(void **state)
{
    struct header_cache *cache = NULL;
    struct bytes got;
    struct ou_error err;

    (void)state;
    assert_int_equal(header_cache_join(&cache, NULL), OU_OK);
    db.read_fails = true;
    assert_int_equal(header_cache_get(cache, &db, chain_db_tip(&db), &got, &err), OU_IO);
    db.read_fails = false;
    assert_gets(cache, chain_db_tip(&db));
    header_cache_leave(&cache);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_lasts_from_the_first_follower_to_the_last),
        TEST(test_a_header_is_read_once_while_it_is_new),
        TEST(test_what_takes_a_place_is_never_taken_for_what_was_there),
        TEST(test_a_header_that_cannot_be_read_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
