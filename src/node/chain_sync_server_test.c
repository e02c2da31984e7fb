#include "node/peer.h"

#include "node/fake_chain_test.h"
#include "node/gossip_test.h"
#include "node/points.h"
#include "support/hex.h"

struct fixture {
    struct gossip g;
    struct script s;
    struct chain_db db;
};

static void stop(struct peer *peer)
{
    chain_sync_server_stop(peer->chain_sync_server);
}

/* Our chain is `count` blocks long. */
static void start(struct fixture *f, size_t count)
{
    struct ou_error err;

    fake_chain_init(&f->db);
    fake_adopt(&f->db, fake_blocks(&f->db, NULL, count, 1));
    f->g.peers.db = &f->db;
    f->g.peers.genesis = &f->db.genesis;
    f->g.peer.chain_sync_server = chain_sync_server_start(&f->g.peer, &err);
    assert_non_null(f->g.peer.chain_sync_server);
}

static void begin(struct fixture *f, size_t count)
{
    gossip_begin(&f->g, stop);
    start(f, count);
    script_open(&f->g, &f->s, &protocol_chain_sync, true);
}

static void end(struct fixture *f)
{
    gossip_end(&f->g);
    assert_null(f->g.peers.header_cache);
    script_close(&f->s);
    fake_chain_release(&f->db);
}

static void request(struct fixture *f)
{
    script_say(&f->s, from_hex("8100"));
}

/* --- What is heard: compared with bytes put together by hand --------------------------------------- */

static void put_point(struct buffer *b, const struct chain_block *block)
{
    if (!block) {
        cbor_put_list(b, 0);
        return;
    }
    cbor_put_list(b, 2);
    cbor_put_uint(b, block->facts.view.slot);
    cbor_put_bytes(b, (struct bytes){ block->facts.hash, HASH_BYTES });
}

static void put_tip(struct buffer *b, const struct chain_block *tip)
{
    cbor_put_list(b, 2);
    put_point(b, tip);
    cbor_put_uint(b, tip ? tip->facts.view.number : 0);
}

static void assert_hears_point(struct fixture *f, uint8_t key, const struct chain_block *at,
                               const struct chain_block *tip)
{
    struct buffer want;

    buffer_init(&want, allocator_libc(), 65536);
    cbor_put_list(&want, 3);
    cbor_put_uint(&want, key);
    put_point(&want, at);
    put_tip(&want, tip);
    assert_bytes(script_hear(&f->g, &f->s), bytes_of(&want));
    buffer_release(&want);
}

static void assert_hears_back(struct fixture *f, const struct chain_block *to,
                              const struct chain_block *tip)
{
    assert_hears_point(f, 3, to, tip);
}

static void assert_hears_forward(struct fixture *f, const struct chain_block *to,
                                 const struct chain_block *tip)
{
    struct buffer want;

    buffer_init(&want, allocator_libc(), 65536);
    cbor_put_list(&want, 3);
    cbor_put_uint(&want, 2);
    cbor_put_list(&want, 2);
    cbor_put_uint(&want, 6);
    cbor_put_tag(&want, 24);
    cbor_put_bytes(&want, fake_header(&f->db, to));
    put_tip(&want, tip);
    assert_bytes(script_hear(&f->g, &f->s), bytes_of(&want));
    buffer_release(&want);
}

static void find(struct fixture *f, const struct chain_block *const *blocks, size_t count)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 65536);
    cbor_put_list(&b, 2);
    cbor_put_uint(&b, 4);
    cbor_put_list(&b, count);
    for (size_t i = 0; i < count; i++)
        put_point(&b, blocks[i]);
    script_say(&f->s, bytes_of(&b));
    buffer_release(&b);
}

/* --- Tests ------------------------------------------------------------------------------------------- */

/* The session that a client of another project went through. */
static void test_a_client_is_led_from_the_origin_to_the_tip(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f, 2);
    tip = chain_db_tip(&f.db);
    script_say(&f.s, from_hex("82048180"));
    assert_hears_point(&f, 5, NULL, tip);
    request(&f);
    assert_hears_back(&f, NULL, tip);
    request(&f);
    assert_hears_forward(&f, tip->parent, tip);
    request(&f);
    assert_hears_forward(&f, tip, tip);
    request(&f);
    assert_bytes(script_hear(&f.g, &f.s), from_hex("8101"));
    gossip_expect_calm(&f.g, &f.s);
    end(&f);
}

static void test_the_first_answer_goes_back_to_the_origin_without_a_search_too(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 0);
    request(&f);
    assert_bytes(script_hear(&f.g, &f.s), from_hex("8303 80 828000"));
    request(&f);
    assert_bytes(script_hear(&f.g, &f.s), from_hex("8101"));
    end(&f);
}

static void test_the_first_of_the_points_that_is_on_the_chain_counts(void **state)
{
    const struct chain_block *tip, *fork;
    struct fixture f;

    (void)state;
    begin(&f, 5);
    tip = chain_db_tip(&f.db);
    fork = fake_block(&f.db, tip->parent, 100, 2);
    fake_store(&f.db, fork);
    find(&f, (const struct chain_block *[]){ fork, tip->parent, tip, NULL }, 4);
    assert_hears_point(&f, 5, tip->parent, tip);
    request(&f);
    assert_hears_back(&f, tip->parent, tip);
    request(&f);
    assert_hears_forward(&f, tip, tip);
    end(&f);
}

static void test_a_search_that_finds_nothing_leaves_the_client_where_it_was(void **state)
{
    const struct chain_block *tip, *fork;
    struct buffer want;
    struct fixture f;

    (void)state;
    begin(&f, 2);
    tip = chain_db_tip(&f.db);
    fork = fake_block(&f.db, tip->parent, 100, 2);
    find(&f, &tip->parent, 1);
    assert_hears_point(&f, 5, tip->parent, tip);
    request(&f);
    assert_hears_back(&f, tip->parent, tip);
    find(&f, &fork, 1);
    buffer_init(&want, allocator_libc(), 65536);
    cbor_put_list(&want, 2);
    cbor_put_uint(&want, 6);
    put_tip(&want, tip);
    assert_bytes(script_hear(&f.g, &f.s), bytes_of(&want));
    buffer_release(&want);
    request(&f);
    assert_hears_forward(&f, tip, tip);
    end(&f);
}

/* Takes the client to the tip, where it waits. */
static void wait_at_tip(struct fixture *f)
{
    const struct chain_block *tip = chain_db_tip(&f->db);

    find(f, &tip, 1);
    assert_hears_point(f, 5, tip, tip);
    request(f);
    assert_hears_back(f, tip, tip);
    request(f);
    assert_bytes(script_hear(&f->g, &f->s), from_hex("8101"));
}

static void test_a_waiting_client_is_told_of_a_tentative_header_and_once_only(void **state)
{
    const struct chain_block *next;
    struct fixture f;

    (void)state;
    begin(&f, 2);
    wait_at_tip(&f);
    next = fake_block(&f.db, chain_db_tip(&f.db), 50, 1);
    fake_tentative(&f.db, next);
    assert_hears_forward(&f, next, next);
    request(&f);
    assert_bytes(script_hear(&f.g, &f.s), from_hex("8101"));
    fake_adopt(&f.db, next);
    gossip_expect_calm(&f.g, &f.s);
    end(&f);
}

static void test_a_tentative_header_that_proves_invalid_is_taken_back(void **state)
{
    const struct chain_block *tip, *next;
    struct fixture f;

    (void)state;
    begin(&f, 2);
    wait_at_tip(&f);
    tip = chain_db_tip(&f.db);
    next = fake_block(&f.db, tip, 50, 1);
    fake_tentative(&f.db, next);
    assert_hears_forward(&f, next, next);
    request(&f);
    assert_bytes(script_hear(&f.g, &f.s), from_hex("8101"));
    f.db.tentative = NULL;
    fake_tell_news(&f.db, CHAIN_TENTATIVE, next);
    assert_hears_back(&f, tip, tip);
    end(&f);
}

static void test_a_switch_goes_back_to_where_the_chains_part(void **state)
{
    const struct chain_block *old, *fork;
    struct fixture f;

    (void)state;
    begin(&f, 5);
    wait_at_tip(&f);
    old = chain_db_tip(&f.db);
    fork = fake_blocks(&f.db, old->parent->parent, 3, 2);
    fake_adopt(&f.db, fork);
    assert_hears_back(&f, old->parent->parent, fork);
    request(&f);
    assert_hears_forward(&f, fork->parent->parent, fork);
    request(&f);
    assert_hears_forward(&f, fork->parent, fork);
    request(&f);
    assert_hears_forward(&f, fork, fork);
    end(&f);
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f, 100);
    tip = chain_db_tip(&f.db);
    for (size_t i = 0; i < 102; i++)
        request(&f);
    assert_hears_back(&f, NULL, tip);
    for (uint64_t i = 0; i < 100; i++)
        assert_hears_forward(&f, chain_db_by_number(&f.db, i), tip);
    assert_bytes(script_hear(&f.g, &f.s), from_hex("8101"));
    end(&f);
}

static void test_a_header_that_is_told_again_is_not_read_again(void **state)
{
    const struct chain_block *next;
    struct fixture f;

    (void)state;
    begin(&f, 2);
    wait_at_tip(&f);
    f.db.header_reads = 0;
    next = fake_block(&f.db, chain_db_tip(&f.db), 50, 1);
    fake_adopt(&f.db, next);
    assert_hears_forward(&f, next, next);
    find(&f, &next->parent, 1);
    assert_hears_point(&f, 5, next->parent, next);
    request(&f);
    assert_hears_back(&f, next->parent, next);
    request(&f);
    assert_hears_forward(&f, next, next);
    assert_int_equal(f.db.header_reads, 1);
    end(&f);
}

static void test_a_disk_that_cannot_be_read_is_our_fault(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 2);
    wait_at_tip(&f);
    f.db.read_fails = true;
    fake_adopt(&f.db, fake_block(&f.db, chain_db_tip(&f.db), 50, 1));
    while (!f.g.near.is_closed)
        uv_run(&f.g.loop, UV_RUN_ONCE);
    assert_string_equal(f.g.near.why, "own fault: the disk is broken");
    end(&f);
}

static void test_a_point_that_is_none_ends_the_connection(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 2);
    script_say(&f.s, from_hex("8204818100"));
    gossip_expect_end(&f.g, &protocol_chain_sync, "a point is [] or [slot, hash]");
    end(&f);
}

/* Done is in order only when nothing is asked for; a client that says it while it waits is borne: its Done counts
 * when it has its answer. */
static void test_after_done_a_client_may_begin_anew(void **state)
{
    struct fixture f;
    int fd;

    (void)state;
    fd = bare_begin(&f.g, stop);
    start(&f, 0);
    for (int i = 0; i < 2; i++) {
        bare_say(fd, 2, from_hex("8100"));
        assert_bytes(bare_hear(&f.g, fd), from_hex("830380828000"));
        bare_say(fd, 2, from_hex("8107"));
    }
    bare_say(fd, 2, from_hex("8100"));
    assert_bytes(bare_hear(&f.g, fd), from_hex("830380828000"));
    bare_say(fd, 2, from_hex("8100"));
    assert_bytes(bare_hear(&f.g, fd), from_hex("8101"));
    bare_say(fd, 2, from_hex("8107"));
    gossip_run_a_while(&f.g);
    assert_false(f.g.near.is_closed);
    fake_adopt(&f.db, fake_block(&f.db, NULL, 1, 1));
    assert_int_equal(bare_hear(&f.g, fd).at[1], 2);
    gossip_run_a_while(&f.g);
    assert_false(f.g.near.is_closed);
    gossip_end(&f.g);
    fake_chain_release(&f.db);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_is_led_from_the_origin_to_the_tip),
        cmocka_unit_test(test_the_first_answer_goes_back_to_the_origin_without_a_search_too),
        cmocka_unit_test(test_the_first_of_the_points_that_is_on_the_chain_counts),
        cmocka_unit_test(test_a_search_that_finds_nothing_leaves_the_client_where_it_was),
        cmocka_unit_test(test_a_waiting_client_is_told_of_a_tentative_header_and_once_only),
        cmocka_unit_test(test_a_tentative_header_that_proves_invalid_is_taken_back),
        cmocka_unit_test(test_a_switch_goes_back_to_where_the_chains_part),
        cmocka_unit_test(test_pipelined_requests_are_answered_in_order),
        cmocka_unit_test(test_a_header_that_is_told_again_is_not_read_again),
        cmocka_unit_test(test_a_disk_that_cannot_be_read_is_our_fault),
        cmocka_unit_test(test_a_point_that_is_none_ends_the_connection),
        cmocka_unit_test(test_after_done_a_client_may_begin_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
