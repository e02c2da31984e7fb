/* The load generator's side of tx-submission against a script that asks. */
#include "node/generator_client.h"

#include "base/time.h"
#include "chain/world_test.h"
#include "node/gossip_test.h"
#include "support/hex.h"
#include "wire/tx_submission.h"

#define COINS UINT64_C(1000000000000)
#define AT_ONCE 1e12 /* transactions a second: all ticks lie ready */

struct fixture {
    struct gossip g;
    struct script s;
    struct world world;
    struct generator_config config;
    struct load load;
    struct client_tally tally;
    struct generator_client *client;
    unsigned changes;
    struct tx_submission_room room;
};

static struct fixture *running; /* where stop() finds the client */

static void stop(struct peer *peer)
{
    (void)peer;
    generator_client_stop(running->client);
    running->client = NULL;
}

static void on_changed(void *context)
{
    struct fixture *f = context;

    f->changes++;
}

static void connect_client(struct fixture *f)
{
    struct ou_error err;

    gossip_begin(&f->g, stop);
    f->client = generator_client_start(&f->g.peer, &f->load, &f->tally, &err);
    assert_non_null(f->client);
    script_open(&f->g, &f->s, &protocol_tx_submission, false);
    assert_int_equal(script_hear(&f->g, &f->s).at[1], TX_SUBMISSION_INIT);
}

static void disconnect_client(struct fixture *f)
{
    gossip_end(&f->g);
    script_close(&f->s);
}

/* A load of `tx_count` transactions with two inputs each. */
static void begin(struct fixture *f, uint64_t tx_count)
{
    const struct generator_txs_options options = { .config = &f->config,
                                                   .genesis = &f->world.genesis,
                                                   .fund_seed = f->world.seeds[0],
                                                   .ttl = 1000000 };
    struct generator_txs *txs;
    struct ou_error err = { { 0 } };

    *f = (struct fixture){ .config = { .tx_count = tx_count,
                                       .inputs_per_tx = 2,
                                       .outputs_per_tx = 2,
                                       .tx_fee = 1000000,
                                       .min_utxo_value = 10000000 } };
    running = f;
    world_make(&f->world);
    f->world.funds[0].coin = COINS;
    if (generator_txs_create(&options, &txs, &err))
        fail_msg("%s", err.text);
    assert_int_equal(load_init(&f->load, txs, tx_count, 1, &err), OU_OK);
    f->load.changed = on_changed;
    f->load.context = f;
    connect_client(f);
}

static void end(struct fixture *f)
{
    disconnect_client(f);
    generator_txs_free(f->load.txs);
    load_release(&f->load);
}

static void say(struct fixture *f, const struct tx_submission_message *m)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), PROTOCOL_LARGE_BYTES);
    tx_submission_write(&b, m);
    script_say(&f->s, bytes_of(&b));
    buffer_release(&b);
}

static void ask_ids(struct fixture *f, bool blocking, uint16_t acknowledged, uint16_t requested)
{
    say(f, &(struct tx_submission_message){ .key = TX_SUBMISSION_REQUEST_IDS,
                                            .blocking = blocking,
                                            .acknowledged = acknowledged,
                                            .requested = requested });
}

static struct tx_submission_message hear(struct fixture *f, enum tx_submission_key key)
{
    struct tx_submission_message m;
    const char *why = "";

    if (tx_submission_read(script_hear(&f->g, &f->s), &m, &f->room, &why) != WIRE_OK)
        fail_msg("%s", why);
    assert_int_equal(m.key, key);
    return m;
}

/* Takes what was announced, and checks that it is what it was said to be. */
static void take(struct fixture *f, const struct tx_submission_message *announced)
{
    struct tx_id_size ids[TX_SUBMISSION_WINDOW];
    struct tx_submission_message got;
    size_t count = announced->count;

    memcpy(ids, announced->ids, count * sizeof *ids);
    say(f, &(struct tx_submission_message){
               .key = TX_SUBMISSION_REQUEST_TXS, .count = count, .ids = ids });
    got = hear(f, TX_SUBMISSION_REPLY_TXS);
    assert_int_equal(got.count, count);
    for (size_t i = 0; i < count; i++) {
        const char *why = "";
        struct tx tx;

        assert_int_equal(tx_read(got.txs[i].tx, &tx, &why), WIRE_OK);
        assert_memory_equal(tx.id, ids[i].id, HASH_BYTES);
        assert_int_equal(tx_wire_bytes(got.txs[i].tx.count), ids[i].bytes);
    }
}

/* Takes and acknowledges all set-up transactions; a blocking request for 3 is open then. */
static void take_setup(struct fixture *f)
{
    uint64_t left = generator_setup_count(f->load.txs);
    uint16_t taken = 0;

    while (left > 0) {
        struct tx_submission_message m;

        ask_ids(f, true, taken, 3);
        m = hear(f, TX_SUBMISSION_REPLY_IDS);
        assert_in_range(m.count, 1, 3);
        take(f, &m);
        taken = (uint16_t)m.count;
        left -= m.count;
    }
    ask_ids(f, true, taken, 3);
    gossip_expect_calm(&f->g, &f->s);
}

static void start_load(struct fixture *f, double tps)
{
    load_start(&f->load, tps, time_monotonic_ns());
    generator_client_wake(f->client);
    generator_serve(&f->load);
}

static void test_set_up_goes_first_and_the_load_waits_for_its_beginning(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 20);
    take_setup(&f);
    assert_int_equal(f.tally.setup_acknowledged, generator_setup_count(f.load.txs));
    assert_int_equal(generator_setup_count(f.load.txs), 3);
    assert_true(f.changes > 0);
    assert_int_equal(f.load.sent, 0); /* set-up does not count */
    start_load(&f, AT_ONCE);
    assert_int_equal(hear(&f, TX_SUBMISSION_REPLY_IDS).count, 3);
    end(&f);
}

static void test_all_of_a_load_is_announced_once_acknowledged_and_ended(void **state)
{
    struct fixture f;
    uint64_t got = 0;
    uint16_t count = 0;

    (void)state;
    begin(&f, 20);
    take_setup(&f);
    start_load(&f, AT_ONCE);
    while (got < 20) {
        struct tx_submission_message m = hear(&f, TX_SUBMISSION_REPLY_IDS);

        assert_in_range(m.count, 1, 3);
        count = (uint16_t)m.count;
        got += count;
        take(&f, &m);
        assert_int_equal(f.load.sent, got);
        ask_ids(&f, true, count, 3);
    }
    gossip_expect_calm(&f.g, &f.s); /* nothing is left, and Done is for whoever sees all targets */
    assert_true(load_is_done(&f.load));
    assert_int_equal(f.tally.sent, 20);
    assert_true(generator_client_end(f.client));
    assert_true(generator_client_end(f.client)); /* said once */
    (void)hear(&f, TX_SUBMISSION_DONE);
    gossip_expect_calm(&f.g, &f.s);
    end(&f);
}

static void test_the_throttle_holds_a_blocking_request_back(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 20);
    take_setup(&f);
    start_load(&f, 1e-3); /* one at once, the next in a quarter of an hour */
    gossip_expect_calm(&f.g, &f.s);
    assert_int_equal(throttle_next_ns(&f.load.throttle) > time_monotonic_ns(), true);
    end(&f);
}

static void test_a_request_that_cannot_wait_gets_a_transaction_at_most(void **state)
{
    struct fixture f;
    struct tx_submission_message m;

    (void)state;
    begin(&f, 20);
    take_setup(&f);
    start_load(&f, AT_ONCE);
    m = hear(&f, TX_SUBMISSION_REPLY_IDS);
    take(&f, &m);
    ask_ids(&f, false, 1, 5);
    assert_int_equal(hear(&f, TX_SUBMISSION_REPLY_IDS).count, 1);
    f.load.throttle.to_make = f.load.throttle.ready = 0;
    ask_ids(&f, false, 1, 5);
    assert_int_equal(hear(&f, TX_SUBMISSION_REPLY_IDS).count, 0);
    end(&f);
}

static void test_known_transactions_count_as_sent_and_unknown_ones_as_unavailable(void **state)
{
    struct tx_id_size stranger = { .era = ERA_CONWAY, .id = { 9 } };
    struct fixture f;

    (void)state;
    begin(&f, 20);
    take_setup(&f);
    start_load(&f, AT_ONCE);
    assert_int_equal(hear(&f, TX_SUBMISSION_REPLY_IDS).count, 3);
    say(&f, &(struct tx_submission_message){
                .key = TX_SUBMISSION_REQUEST_TXS, .count = 1, .ids = &stranger });
    assert_int_equal(hear(&f, TX_SUBMISSION_REPLY_TXS).count, 0);
    assert_int_equal(f.load.unavailable, 1);
    ask_ids(&f, true, 3, 1); /* the peer has them already */
    (void)hear(&f, TX_SUBMISSION_REPLY_IDS);
    assert_int_equal(f.load.sent, 3);
    assert_int_equal(f.load.acknowledged, 3);
    end(&f);
}

static void test_what_a_broken_connection_did_not_acknowledge_is_announced_again(void **state)
{
    uint8_t ids[3][HASH_BYTES];
    struct tx_submission_message m;
    struct fixture f;

    (void)state;
    begin(&f, 3);
    take_setup(&f);
    start_load(&f, AT_ONCE);
    m = hear(&f, TX_SUBMISSION_REPLY_IDS);
    assert_int_equal(m.count, 3);
    for (size_t i = 0; i < 3; i++)
        memcpy(ids[i], m.ids[i].id, HASH_BYTES);
    take(&f, &m);
    assert_int_equal(f.load.sent, 3);
    disconnect_client(&f);
    assert_int_equal(f.load.sent, 0);
    assert_int_equal(f.tally.sent, 0);

    connect_client(&f); /* set-up was acknowledged: it is not sent again */
    ask_ids(&f, true, 0, 3);
    m = hear(&f, TX_SUBMISSION_REPLY_IDS);
    assert_int_equal(m.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_memory_equal(m.ids[i].id, ids[2 - i], HASH_BYTES);
    ask_ids(&f, true, 3, 3);
    gossip_expect_calm(&f.g, &f.s);
    assert_true(load_is_done(&f.load));
    assert_int_equal(f.load.sent, 3);
    end(&f);
}

static void test_half_of_set_up_goes_on_where_it_was_acknowledged(void **state)
{
    struct tx_submission_message m;
    struct fixture f;

    (void)state;
    begin(&f, 20);
    ask_ids(&f, true, 0, 2);
    m = hear(&f, TX_SUBMISSION_REPLY_IDS);
    assert_int_equal(m.count, 2);
    ask_ids(&f, false, 1, 0);
    assert_int_equal(hear(&f, TX_SUBMISSION_REPLY_IDS).count, 0);
    disconnect_client(&f);
    assert_int_equal(f.tally.setup_acknowledged, 1);
    connect_client(&f);
    ask_ids(&f, true, 0, 10);
    m = hear(&f, TX_SUBMISSION_REPLY_IDS);
    assert_int_equal(m.count, 2); /* the second and the third */
    take(&f, &m);
    end(&f);
}

static void test_a_peer_that_breaks_the_window_is_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 20);
    ask_ids(&f, true, 1, 1);
    gossip_expect_end(&f.g, &protocol_tx_submission,
                      "acknowledged more transactions than were offered");
    end(&f);
}

static void test_a_peer_that_asks_for_too_many_transactions_is_refused(void **state)
{
    static const struct tx_id_size ids[TX_SUBMISSION_WINDOW + 1] = { { .era = 6 } };
    struct fixture f;

    (void)state;
    begin(&f, 20);
    ask_ids(&f, true, 0, TX_SUBMISSION_WINDOW);
    hear(&f, TX_SUBMISSION_REPLY_IDS);
    say(&f, &(struct tx_submission_message){
                .key = TX_SUBMISSION_REQUEST_TXS, .count = TX_SUBMISSION_WINDOW + 1, .ids = ids });
    gossip_expect_end(&f.g, &protocol_tx_submission, "asked for 11 transactions at once");
    end(&f);
}

static void test_a_request_that_is_malformed_is_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 20);
    script_say(&f.s, from_hex("8400f5001a00010000"));
    gossip_expect_end(&f.g, &protocol_tx_submission, "a number of ids above 65535");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_up_goes_first_and_the_load_waits_for_its_beginning),
        cmocka_unit_test(test_all_of_a_load_is_announced_once_acknowledged_and_ended),
        cmocka_unit_test(test_the_throttle_holds_a_blocking_request_back),
        cmocka_unit_test(test_a_request_that_cannot_wait_gets_a_transaction_at_most),
        cmocka_unit_test(test_known_transactions_count_as_sent_and_unknown_ones_as_unavailable),
        cmocka_unit_test(test_what_a_broken_connection_did_not_acknowledge_is_announced_again),
        cmocka_unit_test(test_half_of_set_up_goes_on_where_it_was_acknowledged),
        cmocka_unit_test(test_a_peer_that_breaks_the_window_is_refused),
        cmocka_unit_test(test_a_peer_that_asks_for_too_many_transactions_is_refused),
        cmocka_unit_test(test_a_request_that_is_malformed_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
