#include "node/fragment.h"

#include "node/fake_chain_test.h"
#include "node/points.h"

struct fixture {
    struct chain_db db;
    struct fragment f;
};

/* Our chain is `count` blocks long, and the peer's chain meets it at its tip. */
static void begin(struct fixture *x, size_t count)
{
    fake_chain_init(&x->db);
    fake_adopt(&x->db, fake_blocks(&x->db, NULL, count, 1));
    fragment_init(&x->f, &x->db);
    fragment_move(&x->f, chain_db_tip(&x->db));
}

static void end(struct fixture *x)
{
    fragment_release(&x->f);
    fake_chain_release(&x->db);
}

/* Everything from the anchor's child up to `tip`. */
static void append(struct fixture *x, const struct chain_block *tip)
{
    if (tip->facts.view.number > fragment_height(&x->f))
        append(x, tip->parent);
    assert_int_equal(fragment_append(&x->f, &tip->facts), OU_OK);
}

static void assert_headers(const struct fixture *x, size_t count, const struct chain_block *tip)
{
    assert_int_equal(x->f.count, count);
    assert_int_equal(fragment_height(&x->f), point_height(tip));
    for (size_t i = count; i > 0; i--, tip = tip->parent)
        assert_memory_equal(x->f.headers[x->f.first + i - 1].hash, tip->facts.hash, HASH_BYTES);
    assert_ptr_equal(x->f.anchor, tip);
}

static void test_headers_are_kept_behind_the_anchor(void **state)
{
    const struct chain_block *own, *tip;
    struct fixture x;

    (void)state;
    begin(&x, 3);
    own = chain_db_tip(&x.db);
    assert_ptr_equal(fragment_tip(&x.f), &own->facts);
    tip = fake_blocks(&x.db, own, 4, 2);
    append(&x, tip);
    assert_headers(&x, 4, tip);
    assert_memory_equal(fragment_tip(&x.f)->hash, tip->facts.hash, HASH_BYTES);
    assert_int_equal(fragment_find(&x.f, tip->parent->facts.hash), 2);
    assert_int_equal(fragment_find(&x.f, own->facts.hash), 4);
    assert_int_equal(fragment_depth(&x.f), 0);
    end(&x);
}

static void test_blocks_of_our_own_chain_move_an_empty_fragment(void **state)
{
    struct fixture x;

    (void)state;
    begin(&x, 5);
    fragment_move(&x.f, NULL);
    assert_null(fragment_tip(&x.f));
    assert_int_equal(fragment_depth(&x.f), 5);
    append(&x, chain_db_by_number(&x.db, 2));
    assert_headers(&x, 0, chain_db_by_number(&x.db, 2));
    assert_int_equal(fragment_depth(&x.f), 2);
    end(&x);
}

static void test_a_cut_ends_at_the_point_wherever_that_is(void **state)
{
    const struct chain_block *tip;
    struct point point;
    struct fixture x;

    (void)state;
    begin(&x, 5);
    tip = fake_blocks(&x.db, chain_db_tip(&x.db), 4, 2);
    append(&x, tip);
    point = point_of_block(tip->parent);
    assert_true(fragment_cut(&x.f, &point));
    assert_headers(&x, 3, tip->parent);
    point = point_of_block(chain_db_tip(&x.db));
    assert_true(fragment_cut(&x.f, &point));
    assert_headers(&x, 0, chain_db_tip(&x.db));
    point = point_of_block(chain_db_by_number(&x.db, 1));
    assert_true(fragment_cut(&x.f, &point));
    assert_headers(&x, 0, chain_db_by_number(&x.db, 1));
    point = point_of_block(NULL);
    assert_true(fragment_cut(&x.f, &point));
    assert_headers(&x, 0, NULL);
    end(&x);
}

static void test_a_cut_at_what_the_peer_does_not_have_is_refused(void **state)
{
    struct point point;
    struct fixture x;

    (void)state;
    begin(&x, 5);
    point = point_of_block(chain_db_tip(&x.db));
    fragment_move(&x.f, chain_db_by_number(&x.db, 2));
    assert_false(fragment_cut(&x.f, &point)); /* of our chain, but behind the anchor */
    point = point_of_block(fake_block(&x.db, chain_db_tip(&x.db), 90, 3));
    assert_false(fragment_cut(&x.f, &point)); /* unknown */
    point = point_of_block(chain_db_by_number(&x.db, 1));
    point.slot++;
    assert_false(fragment_cut(&x.f, &point)); /* a hash with another slot */
    assert_headers(&x, 0, chain_db_by_number(&x.db, 2));
    end(&x);
}

static void test_it_follows_our_chain_forward_and_over_to_a_fork_and_back(void **state)
{
    const struct chain_block *old, *tip, *fork;
    struct fixture x;

    (void)state;
    begin(&x, 6);
    old = chain_db_tip(&x.db);
    tip = fake_blocks(&x.db, old, 4, 1);
    append(&x, tip);
    fake_adopt(&x.db, tip->parent->parent);
    assert_int_equal(fragment_follow(&x.f), OU_OK);
    assert_headers(&x, 2, tip);
    fork = fake_blocks(&x.db, old->parent, 8, 2);
    fake_adopt(&x.db, fork);
    assert_int_equal(fragment_follow(&x.f), OU_OK);
    assert_headers(&x, 5, tip); /* from old on: it was left, too */
    assert_int_equal(fragment_depth(&x.f), 8);
    fake_adopt(&x.db, tip);
    assert_int_equal(fragment_follow(&x.f), OU_OK);
    assert_headers(&x, 0, tip);
    end(&x);
}

/* As in a sync: headers come at the end, and leave at the front. */
static void test_its_memory_does_not_grow_with_what_went_through(void **state)
{
    const struct chain_block *tip, *blocks[400];
    struct fixture x;

    (void)state;
    begin(&x, 0);
    tip = fake_blocks(&x.db, NULL, 400, 1);
    for (const struct chain_block *b = tip; b; b = b->parent)
        blocks[b->facts.view.number] = b;
    append(&x, blocks[19]);
    for (size_t i = 20; i < 400; i++) {
        assert_int_equal(fragment_append(&x.f, &blocks[i]->facts), OU_OK);
        fake_adopt(&x.db, blocks[i - 20]);
        assert_int_equal(fragment_follow(&x.f), OU_OK);
        assert_headers(&x, 20, blocks[i]);
    }
    assert_in_range(x.f.capacity, 21, 100);
    end(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers_are_kept_behind_the_anchor),
        cmocka_unit_test(test_blocks_of_our_own_chain_move_an_empty_fragment),
        cmocka_unit_test(test_a_cut_ends_at_the_point_wherever_that_is),
        cmocka_unit_test(test_a_cut_at_what_the_peer_does_not_have_is_refused),
        cmocka_unit_test(test_it_follows_our_chain_forward_and_over_to_a_fork_and_back),
        cmocka_unit_test(test_its_memory_does_not_grow_with_what_went_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
