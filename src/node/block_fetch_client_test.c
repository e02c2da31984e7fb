#include "node/fetch_decision.h"

#include "node/fake_chain_test.h"
#include "node/gossip_test.h"
#include "node/points.h"
#include "node/traced_test.h"
#include "support/hex.h"
#include "wire/block_fetch.h"

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
    block_fetch_client_stop(peer->block_fetch_client);
    peer->block_fetch_client = NULL;
}

static void begin(struct fixture *f)
{
    struct ou_error err;

    fake_chain_init(&f->db);
    gossip_begin(&f->g, stop);
    buffer_init(&f->out, allocator_libc(), PROTOCOL_LARGE_BYTES);
    f->g.peers.db = &f->db;
    f->g.peers.genesis = &f->db.genesis;
    f->g.peer.block_fetch_client = block_fetch_client_start(&f->g.peer, &err);
    assert_non_null(f->g.peer.block_fetch_client);
    script_open(&f->g, &f->s, &protocol_block_fetch, false);
}

static void end(struct fixture *f)
{
    gossip_end(&f->g);
    script_close(&f->s);
    buffer_release(&f->out);
    fake_chain_release(&f->db);
}

/* Asks for `count` blocks that end in `to`. */
static void ask(struct fixture *f, const struct chain_block *to, size_t count)
{
    struct header_facts facts[64];

    for (size_t i = count; i > 0; i--, to = to->parent)
        facts[i - 1] = to->facts;
    block_fetch_client_request(f->g.peer.block_fetch_client, facts, count);
}

static struct block_fetch_status status(const struct fixture *f)
{
    struct block_fetch_status s;

    block_fetch_client_status(f->g.peer.block_fetch_client, &s);
    return s;
}

static void put_point(struct buffer *b, const struct chain_block *block)
{
    cbor_put_list(b, 2);
    cbor_put_uint(b, block->facts.view.slot);
    cbor_put_bytes(b, (struct bytes){ block->facts.hash, HASH_BYTES });
}

static void expect_request(struct fixture *f, const struct chain_block *from,
                           const struct chain_block *to)
{
    buffer_clear(&f->out);
    cbor_put_list(&f->out, 3);
    cbor_put_uint(&f->out, 0);
    put_point(&f->out, from);
    put_point(&f->out, to);
    assert_bytes(script_hear(&f->g, &f->s), bytes_of(&f->out));
}

static void say(struct fixture *f, const char *hex)
{
    script_say(&f->s, from_hex(hex));
}

static void say_wrapped(struct fixture *f, struct bytes wrapped)
{
    buffer_clear(&f->out);
    cbor_put_list(&f->out, 2);
    cbor_put_uint(&f->out, 4);
    cbor_put_tag(&f->out, 24);
    cbor_put_bytes(&f->out, wrapped);
    script_say(&f->s, bytes_of(&f->out));
}

static void say_block(struct fixture *f, const struct chain_block *block)
{
    say_wrapped(f, fake_wrapped(&f->db, block));
}

static void expect_end(struct fixture *f, const char *why)
{
    gossip_expect_end(&f->g, &protocol_block_fetch, why);
}

/* --- Ordinary use ---------------------------------------------------------------------------------- */

static void test_blocks_are_asked_for_in_one_range_and_handed_over(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f);
    tip = fake_blocks(&f.db, NULL, 3, 1);
    ask(&f, tip, 3);
    expect_request(&f, tip->parent->parent, tip);
    assert_int_equal(status(&f).asked_count, 3);
    assert_int_equal(status(&f).requests, 1);
    say(&f, "8102");
    say_block(&f, tip->parent->parent);
    say_block(&f, tip->parent);
    gossip_run_a_while(&f.g);
    assert_int_equal(f.db.offered_count, 2);
    assert_int_equal(status(&f).asked_count, 1);
    assert_memory_equal(status(&f).asked[0].hash, tip->facts.hash, HASH_BYTES);
    say_block(&f, tip);
    say(&f, "8105");
    gossip_run_a_while(&f.g);
    assert_int_equal(f.db.offered_count, 3);
    assert_int_equal(status(&f).requests, 0);
    assert_int_equal(status(&f).bytes, 0);
    assert_false(status(&f).slow);
    end(&f);
}

static void test_requests_are_made_ahead(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f);
    tip = fake_blocks(&f.db, NULL, 2, 1);
    ask(&f, tip->parent, 1);
    ask(&f, tip, 1);
    assert_int_equal(status(&f).requests, 2);
    expect_request(&f, tip->parent, tip->parent);
    say(&f, "8102");
    say_block(&f, tip->parent);
    say(&f, "8105");
    expect_request(&f, tip, tip);
    say(&f, "8102");
    say_block(&f, tip);
    say(&f, "8105");
    gossip_run_a_while(&f.g);
    assert_int_equal(f.db.offered_count, 2);
    end(&f);
}

static void test_a_peer_without_the_blocks_is_passed_over_for_a_while(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f);
    tip = fake_blocks(&f.db, NULL, 2, 1);
    ask(&f, tip, 2);
    expect_request(&f, tip->parent, tip);
    say(&f, "8103");
    gossip_run_a_while(&f.g);
    assert_int_equal(status(&f).requests, 0);
    assert_int_equal(status(&f).asked_count, 0);
    assert_int_equal(status(&f).bytes, 0);
    assert_true(status(&f).slow);
    end(&f);
}

static void test_a_full_queue_holds_the_block_and_the_peer(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f);
    f.db.room = 1;
    tip = fake_blocks(&f.db, NULL, 3, 1);
    ask(&f, tip, 3);
    expect_request(&f, tip->parent->parent, tip);
    say(&f, "8102");
    say_block(&f, tip->parent->parent);
    say_block(&f, tip->parent);
    say_block(&f, tip);
    say(&f, "8105");
    gossip_run_a_while(&f.g);
    assert_int_equal(f.db.offered_count, 1);
    assert_int_equal(status(&f).asked_count, 2); /* also the one that is held */
    f.db.room = 2;
    fake_tell_news(&f.db, CHAIN_ROOM, NULL);
    assert_int_equal(f.db.offered_count, 2);
    gossip_run_a_while(&f.g);
    assert_int_equal(f.db.offered_count, 3);
    assert_int_equal(status(&f).requests, 0);
    end(&f);
}

static void test_the_high_mark_makes_busy_until_the_low_one(void **state)
{
    const struct chain_block *tip;
    struct header_facts facts[5];
    struct fixture f;

    (void)state;
    begin(&f);
    /* 1.02 s at 2 microseconds a byte: 510,000 bytes, and twice that. */
    assert_int_equal(status(&f).low_mark_bytes, 510000);
    assert_int_equal(status(&f).high_mark_bytes, 1020000);
    f.g.peer.latency_s = 0.001;
    assert_int_equal(status(&f).low_mark_bytes, 196608);
    tip = fake_blocks(&f.db, NULL, 5, 1);
    for (size_t i = 5; i > 0; i--, tip = tip->parent) {
        facts[i - 1] = tip->facts;
        facts[i - 1].body_bytes = 90000;
    }
    block_fetch_client_request(f.g.peer.block_fetch_client, facts, 4);
    assert_false(status(&f).busy);
    block_fetch_client_request(f.g.peer.block_fetch_client, facts + 4, 1);
    assert_true(status(&f).busy);
    script_hear(&f.g, &f.s);
    say(&f, "8103");
    gossip_run_a_while(&f.g);
    assert_false(status(&f).busy);
    end(&f);
}

/* --- Traces --------------------------------------------------------------------------------------------- */

static void test_the_steps_of_a_request_are_traced(void **state)
{
    static const char *const once[] = { "AddedFetchRequest", "AcknowledgedFetchRequest",
                                        "StartedFetchBatch", "CompletedFetchBatch" };
    const struct chain_block *tip;
    char hash[2 * HASH_BYTES + 1], what[256];
    struct traced t;
    struct fixture f;

    (void)state;
    traced_begin(&t);
    begin(&f);
    tip = fake_blocks(&f.db, NULL, 2, 1);
    hash_text(tip->facts.hash, hash);
    ask(&f, tip, 2);
    expect_request(&f, tip->parent, tip);
    say(&f, "8102");
    say_block(&f, tip->parent);
    say_block(&f, tip);
    say(&f, "8105");
    gossip_run_a_while(&f.g);
    traced_end(&t);
    for (size_t i = 0; i < 4; i++) {
        snprintf(what, sizeof(what), "\"ns\":\"BlockFetch.Client.%s\"", once[i]);
        assert_int_equal(traced_count(&t, what), 1);
    }
    snprintf(what, sizeof(what), "\"head\":\"%s\",\"kind\":\"SendFetchRequest\",\"length\":2",
             hash);
    assert_int_equal(traced_count(&t, what), 1);
    assert_int_equal(traced_count(&t, "\"kind\":\"CompletedBlockFetch\""), 2);
    snprintf(what, sizeof(what), "\"block\":\"%s\",\"delay\":3", hash); /* 3598 and some */
    assert_int_equal(traced_count(&t, what), 1);
    snprintf(what, sizeof(what), "\"size\":%u", /* with the heads around header and bodies */
             8 + tip->facts.header_bytes + tip->facts.body_bytes + 2);
    assert_true(traced_count(&t, what) >= 1);
    end(&f);
    traced_release(&t);
}

/* --- Broken rules ------------------------------------------------------------------------------------------ */

static void test_another_block_than_the_one_announced_is_refused(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f);
    tip = fake_blocks(&f.db, NULL, 2, 1);
    ask(&f, tip, 1);
    expect_request(&f, tip, tip);
    say(&f, "8102");
    say_block(&f, tip->parent);
    expect_end(&f, "not the block that was asked for");
    assert_int_equal(f.db.offered_count, 0);
    end(&f);
}

static void test_a_body_that_is_not_the_headers_is_refused(void **state)
{
    const struct chain_block *tip;
    struct buffer wrapped;
    struct fixture f;

    (void)state;
    begin(&f);
    tip = fake_block(&f.db, NULL, 1, 1);
    buffer_init(&wrapped, allocator_libc(), BLOCK_MAX_BYTES);
    block_write(&wrapped, fake_header(&f.db, tip), from_hex("81a081a0a080"));
    ask(&f, tip, 1);
    expect_request(&f, tip, tip);
    say(&f, "8102");
    say_wrapped(&f, bytes_of(&wrapped));
    expect_end(&f, "block 0: a body of 6 bytes where the header says 4");
    assert_int_equal(f.db.offered_count, 0);
    buffer_release(&wrapped);
    end(&f);
}

static void test_fewer_blocks_than_asked_for_are_refused(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f);
    tip = fake_blocks(&f.db, NULL, 2, 1);
    ask(&f, tip, 2);
    expect_request(&f, tip->parent, tip);
    say(&f, "8102");
    say_block(&f, tip->parent);
    say(&f, "8105");
    expect_end(&f, "1 blocks fewer than were asked for");
    end(&f);
}

static void test_more_blocks_than_asked_for_are_refused(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f);
    tip = fake_blocks(&f.db, NULL, 2, 1);
    ask(&f, tip->parent, 1);
    ask(&f, tip, 1);
    expect_request(&f, tip->parent, tip->parent);
    say(&f, "8102");
    say_block(&f, tip->parent);
    say_block(&f, tip);
    expect_end(&f, "more blocks than were asked for");
    end(&f);
}

static void test_an_answer_that_is_malformed_is_refused(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f);
    tip = fake_block(&f.db, NULL, 1, 1);
    ask(&f, tip, 1);
    expect_request(&f, tip, tip);
    say(&f, "8102");
    say(&f, "820400");
    expect_end(&f, "another kind of item than expected");
    assert_int_equal(f.db.offered_count, 0);
    end(&f);
}

static void test_what_is_no_block_is_refused(void **state)
{
    const struct chain_block *tip;
    struct fixture f;

    (void)state;
    begin(&f);
    tip = fake_block(&f.db, NULL, 1, 1);
    ask(&f, tip, 1);
    expect_request(&f, tip, tip);
    say(&f, "8102");
    say_wrapped(&f, from_hex("820780"));
    while (!f.g.near.is_closed)
        uv_run(&f.g.loop, UV_RUN_ONCE);
    assert_non_null(strstr(f.g.near.why, "malformed block: "));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_asked_for_in_one_range_and_handed_over),
        cmocka_unit_test(test_requests_are_made_ahead),
        cmocka_unit_test(test_a_peer_without_the_blocks_is_passed_over_for_a_while),
        cmocka_unit_test(test_a_full_queue_holds_the_block_and_the_peer),
        cmocka_unit_test(test_the_high_mark_makes_busy_until_the_low_one),
        cmocka_unit_test(test_the_steps_of_a_request_are_traced),
        cmocka_unit_test(test_another_block_than_the_one_announced_is_refused),
        cmocka_unit_test(test_a_body_that_is_not_the_headers_is_refused),
        cmocka_unit_test(test_fewer_blocks_than_asked_for_are_refused),
        cmocka_unit_test(test_more_blocks_than_asked_for_are_refused),
        cmocka_unit_test(test_an_answer_that_is_malformed_is_refused),
        cmocka_unit_test(test_what_is_no_block_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
