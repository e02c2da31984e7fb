#include "node/fetch_decision.h"

#include "node/fake_chain_test.h"
#include "node/gossip_test.h"
#include "node/points.h"
#include "support/hex.h"

#define REQUEST_FRAME_BYTES 10 /* 8 of the multiplexer, and 8100 */

struct fixture {
    struct gossip g;
    struct script s;
    struct chain_db db;
    struct buffer out;
};

/* fetch_decision.c is another test's. */
void fetch_decision_wake(struct fetch_decision *d)
{
    (void)d;
}

static void stop(struct peer *peer)
{
    chain_sync_client_stop(peer->chain_sync_client);
    peer->chain_sync_client = NULL;
}

static void begin(struct fixture *f, size_t count)
{
    struct ou_error err;

    fake_chain_init(&f->db);
    fake_adopt(&f->db, fake_blocks(&f->db, NULL, count, 1));
    gossip_begin(&f->g, stop);
    buffer_init(&f->out, allocator_libc(), PROTOCOL_SMALL_BYTES);
    f->g.peers.db = &f->db;
    f->g.peers.genesis = &f->db.genesis;
    f->g.peer.chain_sync_client = chain_sync_client_start(&f->g.peer, &err);
    assert_non_null(f->g.peer.chain_sync_client);
    script_open(&f->g, &f->s, &protocol_chain_sync, false);
}

static void end(struct fixture *f)
{
    gossip_end(&f->g);
    script_close(&f->s);
    buffer_release(&f->out);
    fake_chain_release(&f->db);
}

/* --- What the script says ------------------------------------------------------------------------ */

static struct tip tip_of(const struct chain_block *block)
{
    return (struct tip){ .point = point_of_block(block),
                         .number = block ? block->facts.view.number : 0 };
}

static void say(struct fixture *f, const struct chain_sync_message *m)
{
    buffer_clear(&f->out);
    chain_sync_write(&f->out, m);
    script_say(&f->s, bytes_of(&f->out));
}

static void say_point(struct fixture *f, enum chain_sync_key key, const struct chain_block *at,
                      const struct chain_block *tip)
{
    say(f, &(struct chain_sync_message){
               .key = key, .point = point_of_block(at), .tip = tip_of(tip) });
}

static void say_header(struct fixture *f, struct bytes header, const struct chain_block *tip)
{
    say(f, &(struct chain_sync_message){ .key = CHAIN_SYNC_ROLL_FORWARD,
                                         .era = ERA_CONWAY,
                                         .header = header,
                                         .tip = tip_of(tip) });
}

static void say_forward(struct fixture *f, const struct chain_block *to,
                        const struct chain_block *tip)
{
    say_header(f, fake_header(&f->db, to), tip);
}

static void expect_request(struct fixture *f)
{
    assert_bytes(script_hear(&f->g, &f->s), from_hex("8100"));
}

/* The client has found `at`, was taken back there, and asks for what comes next. */
static void meet(struct fixture *f, const struct chain_block *at, const struct chain_block *tip)
{
    script_hear(&f->g, &f->s);
    say_point(f, CHAIN_SYNC_INTERSECT_FOUND, at, tip);
    expect_request(f);
    say_point(f, CHAIN_SYNC_ROLL_BACKWARD, at, tip);
    expect_request(f);
}

static struct candidate candidate(const struct fixture *f)
{
    return chain_sync_client_candidate(f->g.peer.chain_sync_client);
}

static void assert_candidate(const struct fixture *f, size_t count, const struct chain_block *last)
{
    const struct candidate c = candidate(f);

    assert_int_equal(c.count, count);
    for (size_t i = count; i > 0; i--, last = last->parent)
        assert_memory_equal(c.headers[i - 1].hash, last->facts.hash, HASH_BYTES);
}

/* Says these headers up to `to`, each after its request. */
static void lead(struct fixture *f, const struct chain_block *from, const struct chain_block *to,
                 const struct chain_block *tip)
{
    if (to != from) {
        lead(f, from, to->parent, tip);
        say_forward(f, to, tip);
        expect_request(f);
    }
}

static void expect_end(struct fixture *f, const char *why)
{
    gossip_expect_end(&f->g, &protocol_chain_sync, why);
}

/* --- Searching ---------------------------------------------------------------------------------------- */

static void assert_searches(struct fixture *f, const uint64_t *offsets, size_t count, bool origin)
{
    struct point points[CHAIN_SYNC_POINTS_MAX];
    struct chain_sync_message m;
    const char *why;

    assert_int_equal(chain_sync_read(script_hear(&f->g, &f->s), &m, points, &why), WIRE_OK);
    assert_int_equal(m.key, CHAIN_SYNC_FIND_INTERSECT);
    assert_int_equal(m.point_count, count + origin);
    for (size_t i = 0; i < count; i++) {
        const struct point want = point_of_block(
            chain_db_by_number(&f->db, chain_db_tip(&f->db)->facts.view.number - offsets[i]));

        assert_true(point_equal(&points[i], &want));
    }
    if (origin)
        assert_true(points[count].origin);
}

static void test_a_search_names_points_at_growing_distances_down_to_k(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 50);
    assert_searches(&f, (const uint64_t[]){ 0, 1, 2, 3, 5, 8, 10 }, 7, false);
    end(&f);
}

static void test_a_search_on_a_short_chain_ends_at_the_origin(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 7);
    assert_searches(&f, (const uint64_t[]){ 0, 1, 2, 3, 5 }, 5, true);
    end(&f);
    begin(&f, 0);
    assert_searches(&f, NULL, 0, true);
    end(&f);
}

static void test_a_search_without_success_is_no_fault(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 3);
    script_hear(&f.g, &f.s);
    say(&f, &(struct chain_sync_message){ .key = CHAIN_SYNC_INTERSECT_NOT_FOUND,
                                          .tip.point.origin = true });
    gossip_expect_calm(&f.g, &f.s);
    assert_candidate(&f, 0, NULL);
    end(&f);
}

static void test_a_point_that_was_not_asked_for_is_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 3);
    script_hear(&f.g, &f.s);
    say_point(&f, CHAIN_SYNC_INTERSECT_FOUND, fake_block(&f.db, NULL, 7, 9), NULL);
    expect_end(&f, "found a point that was not asked for");
    end(&f);
}

/* --- Following ------------------------------------------------------------------------------------------ */

static void test_headers_become_the_candidate_in_their_order(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f, 3);
    tip = fake_blocks(&f.db, chain_db_tip(&f.db), 5, 1);
    meet(&f, chain_db_tip(&f.db), tip);
    lead(&f, chain_db_tip(&f.db), tip, tip);
    assert_candidate(&f, 5, tip);
    say(&f, &(struct chain_sync_message){ .key = CHAIN_SYNC_AWAIT_REPLY });
    gossip_expect_calm(&f.g, &f.s);
    end(&f);
}

static size_t requests_so_far(const struct fixture *f, uint64_t bytes_before)
{
    return (size_t)((link_bytes_in(f->g.far.link) - bytes_before) / REQUEST_FRAME_BYTES);
}

static void test_requests_are_made_ahead_between_two_marks(void **state)
{
    const struct chain_block *tip, *at;
    struct fixture f;
    uint64_t before;

    (void)state;
    begin(&f, 0);
    tip = fake_blocks(&f.db, NULL, 500, 1);
    script_hear(&f.g, &f.s);
    before = link_bytes_in(f.g.far.link);
    say_point(&f, CHAIN_SYNC_INTERSECT_FOUND, NULL, tip);
    expect_request(&f);
    gossip_run_a_while(&f.g);
    assert_int_equal(requests_so_far(&f, before), 300);
    say_point(&f, CHAIN_SYNC_ROLL_BACKWARD, NULL, tip);
    for (size_t i = 0; i < 98; i++) {
        for (at = tip; at->facts.view.number != i; at = at->parent)
            ;
        expect_request(&f);
        say_forward(&f, at, tip);
    }
    gossip_run_a_while(&f.g);
    assert_int_equal(requests_so_far(&f, before), 300);
    for (at = tip; at->facts.view.number != 98; at = at->parent)
        ;
    expect_request(&f);
    say_forward(&f, at, tip);
    gossip_run_a_while(&f.g);
    assert_int_equal(requests_so_far(&f, before), 400);
    end(&f);
}

static void test_no_more_headers_are_asked_for_than_are_kept(void **state)
{
    const struct chain_block *tip, *blocks[700];
    struct fixture f;

    (void)state;
    begin(&f, 0);
    tip = fake_blocks(&f.db, NULL, 700, 1);
    for (const struct chain_block *b = tip; b; b = b->parent)
        blocks[b->facts.view.number] = b;
    meet(&f, NULL, tip);
    for (size_t i = 0; i < 600; i++) {
        if (i > 0)
            expect_request(&f);
        say_forward(&f, blocks[i], tip);
    }
    gossip_expect_calm(&f.g, &f.s);
    assert_candidate(&f, 600, blocks[599]);
    fake_adopt(&f.db, blocks[0]);
    expect_request(&f);
    gossip_expect_calm(&f.g, &f.s);
    end(&f);
}

static void test_a_roll_back_cuts_the_candidate(void **state)
{
    const struct chain_block *tip, *fork;
    struct fixture f;

    (void)state;
    begin(&f, 3);
    tip = fake_blocks(&f.db, chain_db_tip(&f.db), 5, 1);
    meet(&f, chain_db_tip(&f.db), tip);
    lead(&f, chain_db_tip(&f.db), tip, tip);
    fork = fake_block(&f.db, tip->parent->parent, 99, 2);
    say_point(&f, CHAIN_SYNC_ROLL_BACKWARD, fork->parent, fork);
    expect_request(&f);
    say_forward(&f, fork, fork);
    expect_request(&f);
    assert_candidate(&f, 4, fork);
    end(&f);
}

static void test_a_roll_back_behind_the_meeting_point_moves_it(void **state)
{
    const struct chain_block *own, *fork;
    struct fixture f;

    (void)state;
    begin(&f, 5);
    own = chain_db_tip(&f.db);
    fork = fake_block(&f.db, own->parent->parent, 99, 2);
    meet(&f, own, own);
    say_point(&f, CHAIN_SYNC_ROLL_BACKWARD, fork->parent, fork);
    expect_request(&f);
    say_forward(&f, fork, fork);
    expect_request(&f);
    assert_candidate(&f, 1, fork);
    end(&f);
}

static void test_a_roll_back_to_an_unknown_block_is_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 5);
    meet(&f, chain_db_tip(&f.db), chain_db_tip(&f.db));
    say_point(&f, CHAIN_SYNC_ROLL_BACKWARD, fake_block(&f.db, NULL, 7, 9), NULL);
    expect_end(&f, "rolled back to a block that it never told of");
    end(&f);
}

static void test_a_fork_deeper_than_k_is_refused(void **state)
{
    const struct chain_block *own, *fork, *deep;
    struct fixture f;

    (void)state;
    begin(&f, 30);
    own = chain_db_tip(&f.db);
    deep = chain_db_by_number(&f.db, 18); /* 11 blocks before the tip, which is number 29 */
    fork = fake_block(&f.db, deep, 99, 2);
    meet(&f, own, own);
    say_point(&f, CHAIN_SYNC_ROLL_BACKWARD, deep, fork);
    expect_request(&f);
    say_forward(&f, fork, fork);
    expect_end(&f, "its chain left ours 11 blocks ago, more than k");
    end(&f);
}

static void test_a_fork_of_depth_k_is_followed(void **state)
{
    const struct chain_block *own, *fork, *deep;
    struct fixture f;

    (void)state;
    begin(&f, 30);
    own = chain_db_tip(&f.db);
    deep = chain_db_by_number(&f.db, 19);
    fork = fake_block(&f.db, deep, 99, 2);
    meet(&f, own, own);
    say_point(&f, CHAIN_SYNC_ROLL_BACKWARD, deep, fork);
    expect_request(&f);
    say_forward(&f, fork, fork);
    expect_request(&f);
    assert_candidate(&f, 1, fork);
    end(&f);
}

/* --- Our own chain moves ------------------------------------------------------------------------------------ */

static void test_what_we_adopt_leaves_the_candidate(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f, 3);
    tip = fake_blocks(&f.db, chain_db_tip(&f.db), 5, 1);
    meet(&f, chain_db_tip(&f.db), tip);
    lead(&f, chain_db_tip(&f.db), tip, tip);
    fake_adopt(&f.db, tip->parent->parent);
    assert_candidate(&f, 2, tip);
    fake_adopt(&f.db, tip);
    assert_candidate(&f, 0, NULL);
    end(&f);
}

static void test_after_a_switch_of_ours_the_candidate_begins_where_the_chains_part(void **state)
{
    const struct chain_block *old, *tip, *fork;
    struct fixture f;

    (void)state;
    begin(&f, 5);
    old = chain_db_tip(&f.db);
    tip = fake_block(&f.db, old, 50, 1);
    meet(&f, old, tip);
    lead(&f, old, tip, tip);
    fork = fake_blocks(&f.db, old->parent->parent, 3, 2);
    fake_adopt(&f.db, fork);
    assert_candidate(&f, 3, tip); /* two that we left, and the one that we never had */
    fake_adopt(&f.db, tip);
    assert_candidate(&f, 0, NULL);
    end(&f);
}

/* --- Headers that are refused, or held -------------------------------------------------------------------------- */

static void test_a_header_that_does_not_follow_is_refused(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f, 3);
    tip = fake_blocks(&f.db, chain_db_tip(&f.db), 2, 1);
    meet(&f, chain_db_tip(&f.db), tip);
    say_forward(&f, tip, tip);
    expect_end(&f, "header of block 4 in slot 5 does not follow the header before");
    end(&f);
}

static void test_a_header_that_the_chain_refuses_is_refused_with_its_reason(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f, 3);
    tip = fake_block(&f.db, chain_db_tip(&f.db), 4, 1);
    meet(&f, chain_db_tip(&f.db), tip);
    f.db.refuses = "is of a pool that nobody knows";
    say_forward(&f, tip, tip);
    expect_end(&f, "header of block 3 in slot 4 is of a pool that nobody knows");
    end(&f);
}

static void test_a_header_of_another_era_is_refused(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f, 0);
    tip = fake_block(&f.db, NULL, 1, 1);
    meet(&f, NULL, tip);
    say(&f, &(struct chain_sync_message){ .key = CHAIN_SYNC_ROLL_FORWARD,
                                          .era = 5,
                                          .header = fake_header(&f.db, tip),
                                          .tip = tip_of(tip) });
    expect_end(&f, "a header of era 5");
    end(&f);
}

static void test_a_header_from_the_future_is_refused(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f, 0);
    tip = fake_block(&f.db, NULL, 3610, 1); /* ten seconds ahead */
    meet(&f, NULL, tip);
    say_forward(&f, tip, tip);
    expect_end(&f, "header of block 0 in slot 3610 is from the future");
    end(&f);
}

static void test_a_header_of_a_slot_that_is_about_to_begin_waits_for_it(void **state)
{
    struct slot_stretch *stretch;
    const struct chain_block *tip;
    struct fixture f;
    int64_t onset_ns;

    (void)state;
    begin(&f, 0);
    stretch = &f.db.genesis.shelley.clock.stretches[0];
    onset_ns = time_wall_ns() + NS_PER_SECOND / 3;
    stretch->start_ns = onset_ns - 1000 * NS_PER_SECOND;
    tip = fake_block(&f.db, NULL, 1000, 1);
    meet(&f, NULL, tip);
    say_forward(&f, tip, tip);
    while (candidate(&f).count == 0)
        uv_run(&f.g.loop, UV_RUN_ONCE);
    assert_true(time_wall_ns() >= onset_ns);
    expect_request(&f);
    assert_candidate(&f, 1, tip);
    end(&f);
}

static void test_a_header_beyond_the_forecast_waits_for_our_tip(void **state)
{
    const struct chain_block *first, *tip;
    struct fixture f;

    (void)state;
    begin(&f, 0);
    first = fake_block(&f.db, NULL, 5, 1);
    tip = fake_block(&f.db, first, 20, 1);
    f.db.forecast_slot = 10;
    meet(&f, NULL, tip);
    say_forward(&f, first, tip);
    expect_request(&f);
    say_forward(&f, tip, tip);
    gossip_expect_calm(&f.g, &f.s);
    assert_candidate(&f, 1, first);
    f.db.forecast_slot = 25;
    fake_adopt(&f.db, first);
    expect_request(&f);
    assert_candidate(&f, 1, tip);
    end(&f);
}

static void test_garbage_is_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 0);
    meet(&f, NULL, NULL);
    say_header(&f, from_hex("82f6f6"), NULL);
    while (!f.g.near.is_closed)
        uv_run(&f.g.loop, UV_RUN_ONCE);
    assert_non_null(strstr(f.g.near.why, "malformed header: "));
    end(&f);
}

static void test_an_answer_that_is_malformed_is_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 0);
    meet(&f, NULL, NULL);
    script_say(&f.s, from_hex("83038100828000"));
    expect_end(&f, "a point is [] or [slot, hash]");
    end(&f);
}

/* --- Blocks that prove invalid ------------------------------------------------------------------------------------ */

static void test_a_chain_with_an_invalid_block_inside_is_left(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f, 0);
    tip = fake_blocks(&f.db, NULL, 3, 1);
    meet(&f, NULL, tip);
    lead(&f, NULL, tip, tip);
    fake_invalid(&f.db, tip->parent);
    expect_end(&f, "block 1 of its chain is invalid");
    end(&f);
}

/* It may have come as a tentative header, whose sender did not know better. */
static void test_an_invalid_last_block_is_forgiven_once(void **state)
{
    const struct chain_block *first, *bad, *worse;
    struct fixture f;

    (void)state;
    begin(&f, 0);
    first = fake_block(&f.db, NULL, 1, 1);
    bad = fake_block(&f.db, first, 2, 1);
    worse = fake_block(&f.db, first, 3, 1);
    meet(&f, NULL, bad);
    lead(&f, NULL, bad, bad);
    fake_invalid(&f.db, bad);
    gossip_expect_calm(&f.g, &f.s);
    say_point(&f, CHAIN_SYNC_ROLL_BACKWARD, first, first);
    expect_request(&f);
    say_forward(&f, worse, worse);
    expect_request(&f);
    fake_invalid(&f.db, worse);
    expect_end(&f, "block 1 of its chain is invalid");
    end(&f);
}

static void test_nothing_may_follow_an_invalid_block(void **state)
{
    const struct chain_block *bad, *next;
    struct fixture f;

    (void)state;
    begin(&f, 0);
    bad = fake_block(&f.db, NULL, 1, 1);
    next = fake_block(&f.db, bad, 2, 1);
    meet(&f, NULL, next);
    lead(&f, NULL, bad, next);
    fake_invalid(&f.db, bad);
    say_forward(&f, next, next);
    expect_end(&f, "header of block 1 in slot 2 follows an invalid block");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_search_names_points_at_growing_distances_down_to_k),
        cmocka_unit_test(test_a_search_on_a_short_chain_ends_at_the_origin),
        cmocka_unit_test(test_a_search_without_success_is_no_fault),
        cmocka_unit_test(test_a_point_that_was_not_asked_for_is_refused),
        cmocka_unit_test(test_headers_become_the_candidate_in_their_order),
        cmocka_unit_test(test_requests_are_made_ahead_between_two_marks),
        cmocka_unit_test(test_no_more_headers_are_asked_for_than_are_kept),
        cmocka_unit_test(test_a_roll_back_cuts_the_candidate),
        cmocka_unit_test(test_a_roll_back_behind_the_meeting_point_moves_it),
        cmocka_unit_test(test_a_roll_back_to_an_unknown_block_is_refused),
        cmocka_unit_test(test_a_fork_deeper_than_k_is_refused),
        cmocka_unit_test(test_a_fork_of_depth_k_is_followed),
        cmocka_unit_test(test_what_we_adopt_leaves_the_candidate),
        cmocka_unit_test(test_after_a_switch_of_ours_the_candidate_begins_where_the_chains_part),
        cmocka_unit_test(test_a_header_that_does_not_follow_is_refused),
        cmocka_unit_test(test_a_header_that_the_chain_refuses_is_refused_with_its_reason),
        cmocka_unit_test(test_a_header_of_another_era_is_refused),
        cmocka_unit_test(test_a_header_from_the_future_is_refused),
        cmocka_unit_test(test_a_header_of_a_slot_that_is_about_to_begin_waits_for_it),
        cmocka_unit_test(test_a_header_beyond_the_forecast_waits_for_our_tip),
        cmocka_unit_test(test_garbage_is_refused),
        cmocka_unit_test(test_an_answer_that_is_malformed_is_refused),
        cmocka_unit_test(test_a_chain_with_an_invalid_block_inside_is_left),
        cmocka_unit_test(test_an_invalid_last_block_is_forgiven_once),
        cmocka_unit_test(test_nothing_may_follow_an_invalid_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
