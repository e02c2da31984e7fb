#include "node/fetch_decision.h"

#include <math.h>

#include "node/fake_chain_test.h"
#include "node/traced_test.h"

enum { PEERS = 3, CALLS_MAX = 64 };

/* What one peer has, and what it is asked for: its drivers are played by the test. */
struct played {
    struct peer peer;
    struct header_facts headers[700];
    size_t count;
    struct block_fetch_status status;
    bool is_closing;
};

struct call {
    const struct played *at;
    uint8_t first[HASH_BYTES], last[HASH_BYTES];
    size_t count;
};

static struct world {
    uv_loop_t loop;
    struct chain_db db;
    struct peers peers;
    struct played played[PEERS];
    struct call calls[CALLS_MAX];
    size_t call_count;
    size_t rounds; /* a peer is surveyed once in each */
} w;

/* --- The drivers ------------------------------------------------------------------------------------ */

static struct played *played_of(const void *driver)
{
    return &w.played[(const char *)driver - (const char *)&w];
}

bool link_is_closing(const struct link *link)
{
    return played_of(link)->is_closing;
}

struct candidate chain_sync_client_candidate(const struct chain_sync_client *c)
{
    return (struct candidate){ played_of(c)->headers, played_of(c)->count };
}

void block_fetch_client_status(const struct block_fetch_client *c, struct block_fetch_status *ret)
{
    *ret = played_of(c)->status;
    w.rounds += played_of(c) == &w.played[0];
}

void block_fetch_client_request(struct block_fetch_client *c, const struct header_facts *blocks,
                                size_t count)
{
    struct call *call = &w.calls[w.call_count++];

    assert_in_range(w.call_count, 1, CALLS_MAX);
    call->at = played_of(c);
    call->count = count;
    memcpy(call->first, blocks[0].hash, HASH_BYTES);
    memcpy(call->last, blocks[count - 1].hash, HASH_BYTES);
}

/* --- The world ----------------------------------------------------------------------------------------- */

static void set_clock(uint64_t slots_ago)
{
    w.db.genesis.shelley.clock.stretches[0].start_ns =
        time_wall_ns() - (int64_t)slots_ago * NS_PER_SECOND;
}

/* Our chain is `count` blocks long, and nearly as old as the clock; the peers stand at growing distances. */
static void begin(size_t count)
{
    static const char *const names[PEERS] = { "127.0.0.1:3001", "127.0.0.1:3002",
                                              "127.0.0.1:3003" };
    struct ou_error err;

    memset(&w, 0, sizeof(w));
    uv_loop_init(&w.loop);
    fake_chain_init(&w.db);
    set_clock(500);
    fake_adopt(&w.db, fake_blocks(&w.db, NULL, count, 1));
    w.peers = (struct peers){ .loop = &w.loop,
                              .db = &w.db,
                              .genesis = &w.db.genesis,
                              .max_concurrency_deadline = 1,
                              .max_concurrency_bulk = 1,
                              .first = &w.played[0].peer };
    for (size_t i = 0; i < PEERS; i++) {
        struct played *p = &w.played[i];
        void *const handle = (char *)&w + i; /* only compared */

        p->status = (struct block_fetch_status){ .latency_s = 0.01 * (double)(i + 1),
                                                 .seconds_per_byte = 1e-7,
                                                 .low_mark_bytes = 196608,
                                                 .high_mark_bytes = 393216 };
        p->peer = (struct peer){ .all = &w.peers,
                                 .next = i + 1 < PEERS ? &w.played[i + 1].peer : NULL,
                                 .link = handle,
                                 .name = { "127.0.0.1:3000", names[i] },
                                 .latency_s = p->status.latency_s,
                                 .chain_sync_client = handle,
                                 .block_fetch_client = handle };
    }
    assert_int_equal(fetch_decision_start(&w.peers, &w.peers.decision, &err), OU_OK);
}

static void end(void)
{
    fetch_decision_stop(w.peers.decision);
    assert_null(w.peers.decision);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w.loop), 0);
    fake_chain_release(&w.db);
}

/* Peer i has told of the headers behind our own chain, up to `tip`. */
static void tells(size_t i, const struct chain_block *tip)
{
    struct played *p = &w.played[i];
    const struct chain_block *b = tip;

    for (p->count = 0; b && !chain_db_on_chain(&w.db, b); b = b->parent)
        p->count++;
    b = tip;
    for (size_t at = p->count; at > 0; at--, b = b->parent)
        p->headers[at - 1] = b->facts;
}

/* Peer i was asked for these headers of its own, [0, count). */
static void was_asked(size_t i, size_t count)
{
    w.played[i].status.asked = w.played[i].headers;
    w.played[i].status.asked_count = count;
    w.played[i].status.requests = 1;
}

static void run_a_round(void)
{
    for (w.rounds = 0; w.rounds == 0;)
        uv_run(&w.loop, UV_RUN_NOWAIT);
    assert_int_equal(w.rounds, 1);
}

static void decide(void)
{
    w.call_count = 0;
    fetch_decision_wake(w.peers.decision);
    run_a_round();
}

static void assert_call(size_t call, size_t peer, const struct chain_block *first,
                        const struct chain_block *last)
{
    assert_true(call < w.call_count);
    assert_ptr_equal(w.calls[call].at, &w.played[peer]);
    assert_memory_equal(w.calls[call].first, first->facts.hash, HASH_BYTES);
    assert_memory_equal(w.calls[call].last, last->facts.hash, HASH_BYTES);
    assert_int_equal(w.calls[call].count, last->facts.view.number - first->facts.view.number + 1);
}

/* --- Which blocks ---------------------------------------------------------------------------------------- */

static void test_what_is_missing_is_asked_for_in_one_range(void **state)
{
    const struct chain_block *tip;

    (void)state;
    begin(3);
    tip = fake_blocks(&w.db, chain_db_tip(&w.db), 5, 1);
    tells(0, tip);
    decide();
    assert_int_equal(w.call_count, 1);
    assert_call(0, 0, tip->parent->parent->parent->parent, tip);
    end();
}

static void test_a_chain_that_is_no_better_is_not_fetched(void **state)
{
    (void)state;
    begin(5);
    tells(0, fake_blocks(&w.db, chain_db_by_number(&w.db, 1), 2, 2));
    decide();
    assert_int_equal(w.call_count, 0);
    end();
}

static void test_a_chain_that_ends_in_an_invalid_block_is_not_fetched(void **state)
{
    const struct chain_block *tip;

    (void)state;
    begin(5);
    tip = fake_blocks(&w.db, chain_db_tip(&w.db), 2, 1);
    tells(0, tip);
    fake_invalid(&w.db, tip);
    decide();
    assert_int_equal(w.call_count, 0);
    end();
}

static void test_what_is_stored_or_queued_is_not_fetched_again(void **state)
{
    const struct chain_block *tip;

    (void)state;
    begin(3);
    tip = fake_blocks(&w.db, chain_db_tip(&w.db), 5, 1);
    tells(0, tip);
    fake_of(&w.db, tip->parent->parent->facts.hash)->is_stored = true;
    decide();
    assert_int_equal(w.call_count, 2);
    assert_call(0, 0, tip->parent->parent->parent->parent, tip->parent->parent->parent);
    assert_call(1, 0, tip->parent, tip);
    end();
    begin(3);
    tip = fake_block(&w.db, chain_db_tip(&w.db), 50, 1);
    tells(0, tip);
    fake_of(&w.db, tip->facts.hash)->is_offered = true;
    decide();
    assert_int_equal(w.call_count, 0);
    end();
}

static void test_what_is_asked_for_is_not_asked_for_again(void **state)
{
    const struct chain_block *tip;

    (void)state;
    begin(3);
    w.peers.max_concurrency_deadline = 2;
    tip = fake_blocks(&w.db, chain_db_tip(&w.db), 3, 1);
    tells(0, tip);
    tells(1, tip);
    was_asked(0, 2);
    decide();
    assert_int_equal(w.call_count, 1);
    assert_call(0, 0, tip, tip);
    end();
}

static void test_a_slow_peers_blocks_are_asked_for_elsewhere(void **state)
{
    const struct chain_block *tip;

    (void)state;
    begin(3);
    tip = fake_blocks(&w.db, chain_db_tip(&w.db), 3, 1);
    tells(0, tip);
    tells(1, tip);
    was_asked(0, 3);
    decide();
    assert_int_equal(w.call_count, 0);
    w.played[0].status.slow = true;
    decide();
    assert_int_equal(w.call_count, 1);
    assert_call(0, 1, tip->parent->parent, tip);
    end();
}

static void test_a_peer_that_leaves_gives_its_blocks_free(void **state)
{
    const struct chain_block *tip;

    (void)state;
    begin(3);
    tip = fake_blocks(&w.db, chain_db_tip(&w.db), 3, 1);
    tells(0, tip);
    tells(1, tip);
    was_asked(0, 3);
    w.played[0].is_closing = true;
    decide();
    assert_int_equal(w.call_count, 1);
    assert_call(0, 1, tip->parent->parent, tip);
    end();
}

/* --- From whom --------------------------------------------------------------------------------------------- */

static void test_of_many_with_the_same_block_the_nearest_is_asked(void **state)
{
    const struct chain_block *tip;

    (void)state;
    begin(3);
    tip = fake_block(&w.db, chain_db_tip(&w.db), 50, 1);
    for (size_t i = 0; i < PEERS; i++)
        tells(i, tip);
    w.played[0].status.latency_s = 0.05;
    w.played[2].status.latency_s = 0.04;
    decide();
    assert_int_equal(w.call_count, 1);
    assert_call(0, 1, tip, tip);
    end();
}

static void test_the_better_chain_comes_before_the_nearer_peer(void **state)
{
    const struct chain_block *shorter, *longer;

    (void)state;
    begin(3);
    shorter = fake_blocks(&w.db, chain_db_tip(&w.db), 1, 1);
    longer = fake_blocks(&w.db, chain_db_tip(&w.db), 2, 2);
    tells(0, shorter);
    tells(2, longer);
    decide();
    assert_int_equal(w.call_count, 1);
    assert_call(0, 2, longer->parent, longer);
    end();
}

static void test_a_peer_that_would_take_too_long_comes_last(void **state)
{
    const struct chain_block *shorter, *longer;

    (void)state;
    begin(3);
    shorter = fake_blocks(&w.db, chain_db_tip(&w.db), 1, 1);
    longer = fake_blocks(&w.db, chain_db_tip(&w.db), 2, 2);
    tells(0, shorter);
    tells(2, longer);
    w.played[2].status.seconds_per_byte = 1; /* a quarter of an hour for a block */
    decide();
    assert_int_equal(w.call_count, 1);
    assert_call(0, 0, shorter, shorter);
    end();
}

static void test_no_more_peers_at_once_than_configured(void **state)
{
    const struct chain_block *a, *b, *c;

    (void)state;
    begin(3);
    w.peers.max_concurrency_deadline = 2;
    a = fake_block(&w.db, chain_db_tip(&w.db), 50, 1);
    b = fake_block(&w.db, chain_db_tip(&w.db), 70, 2);
    c = fake_block(&w.db, chain_db_tip(&w.db), 90, 3);
    tells(0, a);
    tells(1, b);
    tells(2, c);
    decide();
    assert_int_equal(w.call_count, 2);
    end();
}

static void test_far_behind_the_clock_the_other_limit_holds(void **state)
{
    const struct chain_block *a, *b;

    (void)state;
    begin(3);
    set_clock(2000);
    w.peers.max_concurrency_bulk = 2;
    a = fake_block(&w.db, chain_db_tip(&w.db), 50, 1);
    b = fake_block(&w.db, chain_db_tip(&w.db), 70, 2);
    tells(0, a);
    tells(1, b);
    decide();
    assert_int_equal(w.call_count, 2);
    end();
}

/* --- How much ------------------------------------------------------------------------------------------------ */

static void test_the_high_mark_bounds_what_is_asked_for(void **state)
{
    const struct chain_block *tip;

    (void)state;
    begin(3);
    tip = fake_blocks(&w.db, chain_db_tip(&w.db), 20, 1);
    tells(0, tip);
    for (size_t i = 0; i < 20; i++)
        w.played[0].headers[i].body_bytes = 90000;
    decide();
    assert_int_equal(w.call_count, 1);
    assert_int_equal(w.calls[0].count, 5); /* the fifth one reaches 393216 */
    end();
}

static void test_a_busy_peer_is_let_alone(void **state)
{
    (void)state;
    begin(3);
    tells(0, fake_blocks(&w.db, chain_db_tip(&w.db), 2, 1));
    w.played[0].status.busy = true;
    decide();
    assert_int_equal(w.call_count, 0);
    w.played[0].status.busy = false;
    w.played[0].status.requests = 100;
    decide();
    assert_int_equal(w.call_count, 0);
    w.played[0].status.requests = 99;
    decide();
    assert_int_equal(w.call_count, 1);
    end();
}

/* --- When ------------------------------------------------------------------------------------------------------ */

static void test_rounds_are_ten_milliseconds_apart(void **state)
{
    uint64_t first_ms;

    (void)state;
    begin(3);
    tells(0, fake_block(&w.db, chain_db_tip(&w.db), 50, 1));
    decide();
    first_ms = uv_now(&w.loop);
    for (int i = 0; i < 10; i++)
        fetch_decision_wake(w.peers.decision);
    decide();
    assert_int_equal(w.call_count, 1);
    assert_true(uv_now(&w.loop) >= first_ms + 10);
    end();
}

static void test_news_of_the_chain_cause_a_round(void **state)
{
    (void)state;
    begin(3);
    tells(0, fake_block(&w.db, chain_db_tip(&w.db), 50, 1));
    fake_tell_news(&w.db, CHAIN_ROOM, NULL);
    run_a_round();
    assert_int_equal(w.call_count, 1);
    end();
}

static void test_a_round_is_traced_with_what_was_decided_for_each_peer(void **state)
{
    struct traced t;

    (void)state;
    traced_begin(&t);
    begin(3);
    tells(1, fake_block(&w.db, chain_db_tip(&w.db), 50, 1));
    tells(2, fake_block(&w.db, chain_db_tip(&w.db), 50, 1));
    decide();
    traced_end(&t);
    assert_int_equal(traced_count(&t, "\"ns\":\"BlockFetch.Decision.PeersFetch\""), 1);
    assert_int_equal(traced_count(&t,
                                  "{\"kind\":\"FetchDecision results\",\"length\":\"1\",\"peer\":{"
                                  "\"connectionId\":\"127.0.0.1:3000 127.0.0.1:3002\"}}"),
                     1);
    assert_int_equal(traced_count(&t, "{\"declined\":\"FetchDeclineInFlightOtherPeer\",\"kind\":"
                                      "\"FetchDecision declined\",\"peer\":{\"connectionId\":"
                                      "\"127.0.0.1:3000 127.0.0.1:3003\"}}"),
                     1);
    assert_int_equal(traced_count(&t, "\"declined\":\"FetchDeclineChainNotPlausible\""), 1);
    end();
    traced_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_missing_is_asked_for_in_one_range),
        cmocka_unit_test(test_a_chain_that_is_no_better_is_not_fetched),
        cmocka_unit_test(test_a_chain_that_ends_in_an_invalid_block_is_not_fetched),
        cmocka_unit_test(test_what_is_stored_or_queued_is_not_fetched_again),
        cmocka_unit_test(test_what_is_asked_for_is_not_asked_for_again),
        cmocka_unit_test(test_a_slow_peers_blocks_are_asked_for_elsewhere),
        cmocka_unit_test(test_a_peer_that_leaves_gives_its_blocks_free),
        cmocka_unit_test(test_of_many_with_the_same_block_the_nearest_is_asked),
        cmocka_unit_test(test_the_better_chain_comes_before_the_nearer_peer),
        cmocka_unit_test(test_a_peer_that_would_take_too_long_comes_last),
        cmocka_unit_test(test_no_more_peers_at_once_than_configured),
        cmocka_unit_test(test_far_behind_the_clock_the_other_limit_holds),
        cmocka_unit_test(test_the_high_mark_bounds_what_is_asked_for),
        cmocka_unit_test(test_a_busy_peer_is_let_alone),
        cmocka_unit_test(test_rounds_are_ten_milliseconds_apart),
        cmocka_unit_test(test_news_of_the_chain_cause_a_round),
        cmocka_unit_test(test_a_round_is_traced_with_what_was_decided_for_each_peer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
