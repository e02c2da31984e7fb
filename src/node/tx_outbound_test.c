#include "node/peer.h"

#include "node/fake_mempool_test.h"
#include "node/gossip_test.h"
#include "node/worked_tx_test.h"
#include "wire/tx_submission.h"

struct fixture {
    struct gossip g;
    struct script s;
    struct mempool mempool;
};

static void stop(struct peer *peer)
{
    tx_outbound_stop(peer->tx_outbound);
}

static void begin(struct fixture *f)
{
    struct ou_error err;

    f->mempool = (struct mempool){ .count = 0 };
    gossip_begin(&f->g, stop);
    f->g.peers.mempool = &f->mempool;
    f->g.peer.tx_outbound = tx_outbound_start(&f->g.peer, &err);
    assert_non_null(f->g.peer.tx_outbound);
    script_open(&f->g, &f->s, &protocol_tx_submission, false);
    assert_bytes(script_hear(&f->g, &f->s), from_hex("8106")); /* Init */
}

static void end(struct fixture *f)
{
    gossip_end(&f->g);
    script_close(&f->s);
    fake_release(&f->mempool);
}

static void say(struct fixture *f, const char *hex)
{
    script_say(&f->s, from_hex(hex));
}

static void assert_hears(struct fixture *f, const char *hex)
{
    assert_bytes(script_hear(&f->g, &f->s), from_hex(hex));
}

static void add_numbered(struct fixture *f, uint8_t number)
{
    assert_int_equal(mempool_add(&f->mempool, numbered_tx(number), 0, NULL), MEMPOOL_ADDED);
}

static void add_worked(struct fixture *f)
{
    assert_int_equal(mempool_add(&f->mempool, from_hex(WORKED_TX), 0, NULL), MEMPOOL_ADDED);
}

static void test_a_transaction_goes_out_in_the_bytes_that_other_nodes_read(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    add_worked(&f);
    say(&f, "8400f50003");
    assert_hears(&f, "82019f828206 5820" WORKED_ID "18d1ff");
    say(&f, "82029f82065820" WORKED_ID "ff");
    assert_hears(&f, "82039f8206d81858cb" WORKED_TX "ff");
    end(&f);
}

static void test_a_blocking_request_waits_for_a_transaction(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    say(&f, "8400f50003");
    gossip_expect_calm(&f.g, &f.s);
    add_worked(&f);
    assert_hears(&f, "82019f8282065820" WORKED_ID "18d1ff");
    add_numbered(&f, 1);
    gossip_expect_calm(&f.g, &f.s);
    end(&f);
}

static void test_other_requests_are_answered_at_once_even_with_nothing(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    add_worked(&f);
    say(&f, "8400f50001");
    assert_hears(&f, "82019f8282065820" WORKED_ID "18d1ff");
    say(&f, "8400f40003");
    assert_hears(&f, "82019fff");
    end(&f);
}

static size_t count_ids(struct bytes message, struct tx_submission_room *room)
{
    struct tx_submission_message m;
    const char *why;

    assert_int_equal(tx_submission_read(message, &m, room, &why), WIRE_OK);
    assert_int_equal(m.key, TX_SUBMISSION_REPLY_IDS);
    return m.count;
}

static void test_each_transaction_is_offered_once_in_the_order_of_tickets(void **state)
{
    struct tx_submission_room room;
    struct fixture f;
    size_t offered = 0;

    (void)state;
    begin(&f);
    for (uint8_t i = 0; i < 25; i++)
        add_numbered(&f, i);
    say(&f, "8400f5000a");
    while (offered < 25) {
        const size_t count = count_ids(script_hear(&f.g, &f.s), &room);

        for (size_t i = 0; i < count; i++)
            assert_memory_equal(room.ids[i].id, f.mempool.txs[offered++].id, HASH_BYTES);
        say(&f, offered == 10 ? "8400f5 0a 0a" : offered == 20 ? "8400f50a0a" : "8400f40401");
    }
    assert_int_equal(count_ids(script_hear(&f.g, &f.s), &room), 0);
    end(&f);
}

static void test_what_has_left_the_mempool_is_left_out(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    add_worked(&f);
    say(&f, "8400f50003");
    assert_hears(&f, "82019f8282065820" WORKED_ID "18d1ff");
    fake_drop_first(&f.mempool);
    say(&f, "82029f82065820" WORKED_ID "ff");
    assert_hears(&f, "82039fff");
    end(&f);
}

#define ID "82065820" WORKED_ID

static void test_each_broken_rule_ends_the_connection_with_its_name(void **state)
{
    static const struct {
        const char *says, *why; /* after the worked transaction was offered */
    } faults[] = {
        { "8400f40203", "acknowledged more transactions than were offered" },
        { "8400f4000a", "asked for more transactions than the window holds" },
        { "8400f50003", "a blocking request with transactions not acknowledged" },
        { "8400f50100", "a blocking request for nothing" },
        { "8400f40000", "a request for nothing" },
        { "8400f40103", "a request that should have been a blocking one" },
        { "82029f820658200000000000000000000000000000000000000000000000000000000000000000ff",
          "asked for a transaction that was not offered" },
        { "82029f82055820" WORKED_ID "ff", "asked for a transaction that was not offered" },
        { "82029f" ID ID ID ID ID ID ID ID ID ID ID "ff", "asked for 11 transactions at once" },
        { "8400f4001a00010000", "a number of ids above 65535" },
        { "82029f8218ff5820" WORKED_ID "ff", "no such era" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct fixture f;

        begin(&f);
        add_worked(&f);
        say(&f, "8400f50003");
        assert_hears(&f, "82019f8282065820" WORKED_ID "18d1ff");
        say(&f, faults[i].says);
        gossip_expect_end(&f.g, &protocol_tx_submission, faults[i].why);
        end(&f);
    }
}

static void test_what_is_acknowledged_cannot_be_asked_for(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    add_worked(&f);
    say(&f, "8400f50001");
    assert_hears(&f, "82019f8282065820" WORKED_ID "18d1ff");
    add_numbered(&f, 1);
    say(&f, "8400f50101");
    script_hear(&f.g, &f.s);
    say(&f, "82029f82065820" WORKED_ID "ff");
    gossip_expect_end(&f.g, &protocol_tx_submission,
                      "asked for a transaction that was not offered");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_transaction_goes_out_in_the_bytes_that_other_nodes_read),
        cmocka_unit_test(test_a_blocking_request_waits_for_a_transaction),
        cmocka_unit_test(test_other_requests_are_answered_at_once_even_with_nothing),
        cmocka_unit_test(test_each_transaction_is_offered_once_in_the_order_of_tickets),
        cmocka_unit_test(test_what_has_left_the_mempool_is_left_out),
        cmocka_unit_test(test_each_broken_rule_ends_the_connection_with_its_name),
        cmocka_unit_test(test_what_is_acknowledged_cannot_be_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
