#include "node/peer.h"

#include "node/fake_mempool_test.h"
#include "node/gossip_test.h"
#include "node/worked_tx_test.h"
#include "wire/tx_submission.h"

#define WORKED_OFFER "82019f8282065820" WORKED_ID "18d1ff"
#define WORKED_REQUEST "82029f82065820" WORKED_ID "ff"
#define WORKED_REPLY "82039f8206d81858cb" WORKED_TX "ff"
#define FIRST_REQUEST "8400f50003"

struct fixture {
    struct gossip g;
    struct script s;
    struct mempool mempool;
    struct genesis_ledger genesis;
};

static void stop(struct peer *peer)
{
    tx_inbound_stop(peer->tx_inbound);
}

/* On a link that is there. */
static void start(struct fixture *f, double delay_s)
{
    struct ou_error err;

    f->mempool = (struct mempool){ .count = 0 };
    f->genesis = (struct genesis_ledger){ .network = 0 };
    assert_int_equal(genesis_of_network("preview", &f->genesis.shelley, &err), OU_OK);
    f->g.peers.mempool = &f->mempool;
    f->g.peers.genesis = &f->genesis;
    f->g.peers.tx_submission_delay_s = delay_s;
    f->g.peer.tx_inbound = tx_inbound_start(&f->g.peer, &err);
    assert_non_null(f->g.peer.tx_inbound);
}

static void begin_after(struct fixture *f, double delay_s)
{
    gossip_begin(&f->g, stop);
    start(f, delay_s);
    script_open(&f->g, &f->s, &protocol_tx_submission, true);
    script_say(&f->s, from_hex("8106")); /* Init */
}

static void begin(struct fixture *f)
{
    begin_after(f, 0);
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

/* The worked transaction was offered and asked for. A request for more ids waits behind that at the peer's. */
static void begin_asked(struct fixture *f)
{
    begin(f);
    assert_hears(f, FIRST_REQUEST);
    say(f, WORKED_OFFER);
    assert_hears(f, WORKED_REQUEST);
}

/* That request is answered, too: what follows acknowledges the transaction. */
static void expect_acknowledged(struct fixture *f)
{
    assert_hears(f, "8400f40003");
    say(f, "82019fff");
    assert_hears(f, "8400f50103");
}

static void test_a_transaction_is_asked_for_added_and_acknowledged(void **state)
{
    struct fixture f;

    (void)state;
    begin_asked(&f);
    say(&f, WORKED_REPLY);
    expect_acknowledged(&f);
    assert_int_equal(f.mempool.count, 1);
    assert_bytes(f.mempool.txs[0].tx, from_hex(WORKED_TX));
    end(&f);
}

static void test_the_first_request_waits_as_long_as_is_configured(void **state)
{
    struct fixture f;

    (void)state;
    begin_after(&f, 3600);
    gossip_expect_calm(&f.g, &f.s);
    end(&f);
}

static void test_what_is_known_is_acknowledged_and_not_asked_for(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    mempool_add(&f.mempool, from_hex(WORKED_TX), 0, NULL);
    assert_hears(&f, FIRST_REQUEST);
    say(&f, WORKED_OFFER);
    assert_hears(&f, "8400f50103");
    gossip_expect_calm(&f.g, &f.s);
    end(&f);
}

static void test_what_the_peer_has_no_more_is_given_up(void **state)
{
    struct fixture f;

    (void)state;
    begin_asked(&f);
    say(&f, "82039fff");
    expect_acknowledged(&f);
    assert_int_equal(f.mempool.count, 0);
    end(&f);
}

static void test_what_is_rejected_is_acknowledged(void **state)
{
    struct fixture f;

    (void)state;
    begin_asked(&f);
    f.mempool.rejects = true;
    say(&f, WORKED_REPLY);
    expect_acknowledged(&f);
    assert_int_equal(f.mempool.count, 0);
    end(&f);
}

static void test_a_full_mempool_holds_the_transaction_and_the_peer(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    mempool_add(&f.mempool, numbered_tx(1), 0, NULL);
    assert_hears(&f, FIRST_REQUEST);
    say(&f, WORKED_OFFER);
    assert_hears(&f, WORKED_REQUEST);
    f.mempool.full = true;
    say(&f, WORKED_REPLY);
    assert_hears(&f, "8400f40003");
    say(&f, "82019fff");
    gossip_expect_calm(&f.g, &f.s);
    f.mempool.full = false;
    fake_drop_first(&f.mempool);
    assert_hears(&f, "8400f50103");
    assert_int_equal(f.mempool.count, 1);
    assert_bytes(f.mempool.txs[0].tx, from_hex(WORKED_TX));
    end(&f);
}

static void test_after_done_a_peer_may_begin_anew(void **state)
{
    struct fixture f;
    int fd;

    (void)state;
    fd = bare_begin(&f.g, stop);
    start(&f, 0);
    for (int i = 0; i < 2; i++) {
        bare_say(fd, 4, from_hex("8106"));
        assert_bytes(bare_hear(&f.g, fd), from_hex(FIRST_REQUEST));
        bare_say(fd, 4, from_hex("8104"));
    }
    gossip_run_a_while(&f.g);
    assert_false(f.g.near.is_closed);
    gossip_end(&f.g);
    close(fd);
}

/* --- A peer with many transactions ------------------------------------------------------------ */

enum { MANY = 60 };

/* What a correct peer keeps: the ids that it offered and that were not acknowledged. */
struct provider {
    uint8_t ids[MANY][HASH_BYTES];
    size_t offered, acknowledged;
    struct buffer out;
};

static void provide_ids(struct fixture *f, struct provider *p,
                        const struct tx_submission_message *asked)
{
    struct tx_id_size ids[TX_SUBMISSION_WINDOW];
    size_t count = 0;

    p->acknowledged += asked->acknowledged;
    assert_true(p->acknowledged <= p->offered);
    assert_int_equal(asked->blocking, p->acknowledged == p->offered);
    assert_in_range(asked->requested, 1, 3);
    assert_true(p->offered - p->acknowledged + asked->requested <= TX_SUBMISSION_WINDOW);
    for (; count < asked->requested && p->offered < MANY; count++) {
        const struct bytes bytes = numbered_tx((uint8_t)p->offered);
        const char *why;
        struct tx tx;

        assert_int_equal(tx_read(bytes, &tx, &why), WIRE_OK);
        memcpy(p->ids[p->offered++], tx.id, HASH_BYTES);
        ids[count] = (struct tx_id_size){ .era = 6, .bytes = tx_wire_bytes(bytes.count) };
        memcpy(ids[count].id, tx.id, HASH_BYTES);
    }
    if (count == 0 && asked->blocking)
        return; /* the end */
    buffer_clear(&p->out);
    tx_submission_write(&p->out, &(struct tx_submission_message){
                                     .key = TX_SUBMISSION_REPLY_IDS, .count = count, .ids = ids });
    script_say(&f->s, bytes_of(&p->out));
}

static void provide_txs(struct fixture *f, struct provider *p,
                        const struct tx_submission_message *asked)
{
    uint8_t copies[2][256];
    struct tx_bytes txs[2];

    assert_in_range(asked->count, 1, 2);
    for (size_t i = 0; i < asked->count; i++) {
        size_t at = p->acknowledged;
        struct bytes tx;

        while (at < p->offered && memcmp(p->ids[at], asked->ids[i].id, HASH_BYTES) != 0)
            at++;
        assert_true(at < p->offered); /* else it was not offered, or acknowledged */
        tx = numbered_tx((uint8_t)at);
        memcpy(copies[i], tx.at, tx.count);
        txs[i] = (struct tx_bytes){ .era = 6, .tx = { copies[i], tx.count } };
    }
    buffer_clear(&p->out);
    tx_submission_write(&p->out, &(struct tx_submission_message){ .key = TX_SUBMISSION_REPLY_TXS,
                                                                  .count = asked->count,
                                                                  .txs = txs });
    script_say(&f->s, bytes_of(&p->out));
}

static void test_many_come_in_order_within_the_window(void **state)
{
    struct fixture f;
    struct provider p = { .offered = 0 };
    struct tx_submission_room room;
    struct tx_submission_message asked;
    const char *why;

    (void)state;
    begin(&f);
    buffer_init(&p.out, allocator_libc(), PROTOCOL_LARGE_BYTES);
    while (p.acknowledged < MANY) {
        assert_int_equal(tx_submission_read(script_hear(&f.g, &f.s), &asked, &room, &why), WIRE_OK);
        if (asked.key == TX_SUBMISSION_REQUEST_IDS)
            provide_ids(&f, &p, &asked);
        else
            provide_txs(&f, &p, &asked);
    }
    assert_int_equal(f.mempool.count, MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_memory_equal(f.mempool.txs[i].id, p.ids[i], HASH_BYTES);
    gossip_expect_calm(&f.g, &f.s);
    buffer_release(&p.out);
    end(&f);
}

/* --- Broken rules ------------------------------------------------------------------------------- */

static void test_each_broken_rule_ends_the_connection_with_its_name(void **state)
{
    static const struct {
        bool asked; /* for the worked transaction; else for three ids */
        const char *says, *why;
    } faults[] = {
        { false, "82019fff", "no ids after a blocking request" },
        { false,
          "82019f8282065820" WORKED_ID "18d18282065820" WORKED_ID "18d18282065820" WORKED_ID
          "18d18282065820" WORKED_ID "18d1ff",
          "4 ids, but 3 were asked for" },
        { true, "82039f8206d81858cb" WORKED_TX "8206d81858cb" WORKED_TX "ff",
          "2 transactions, but 1 were asked for" },
        { true, "82039f8205d81858cb" WORKED_TX "ff", "a transaction of era 5" },
        { false, "82019f828218ff5820" WORKED_ID "18d1ff", "no such era" },
        { false, "82019f8282065820" WORKED_ID "1b0000000100000000ff", "a size beyond 32 bits" },
        { true, "82039f820600ff", "another kind of item than expected" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct fixture f;

        if (faults[i].asked)
            begin_asked(&f);
        else
            begin(&f);
        if (!faults[i].asked)
            assert_hears(&f, FIRST_REQUEST);
        say(&f, faults[i].says);
        gossip_expect_end(&f.g, &protocol_tx_submission, faults[i].why);
        assert_int_equal(f.mempool.count, 0);
        end(&f);
    }
}

static void say_tx(struct fixture *f, struct bytes tx)
{
    const struct tx_bytes txs[] = { { .era = 6, .tx = tx } };
    struct buffer out;

    buffer_init(&out, allocator_libc(), PROTOCOL_LARGE_BYTES);
    tx_submission_write(&out, &(struct tx_submission_message){
                                  .key = TX_SUBMISSION_REPLY_TXS, .count = 1, .txs = txs });
    script_say(&f->s, bytes_of(&out));
    buffer_release(&out);
}

static void test_a_transaction_that_was_not_asked_for_is_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin_asked(&f);
    say_tx(&f, numbered_tx(7));
    gossip_expect_end(&f.g, &protocol_tx_submission, "a transaction that was not asked for");
    end(&f);
}

static void test_a_size_that_was_not_true_is_refused(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    assert_hears(&f, FIRST_REQUEST);
    say(&f, "82019f8282065820" WORKED_ID "18b0ff"); /* 176 bytes; it has 209: 33 more */
    assert_hears(&f, WORKED_REQUEST);
    say(&f, WORKED_REPLY);
    gossip_expect_end(&f.g, &protocol_tx_submission,
                      "a transaction of 209 bytes, offered with 176");
    end(&f);
}

static void test_what_is_no_transaction_is_refused(void **state)
{
    struct fixture f;
    struct bytes tx = from_hex(WORKED_TX);

    (void)state;
    begin_asked(&f);
    tx.count--;
    say_tx(&f, tx);
    while (!f.g.near.is_closed)
        uv_run(&f.g.loop, UV_RUN_ONCE);
    assert_non_null(strstr(f.g.near.why, "malformed transaction: "));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_transaction_is_asked_for_added_and_acknowledged),
        cmocka_unit_test(test_the_first_request_waits_as_long_as_is_configured),
        cmocka_unit_test(test_what_is_known_is_acknowledged_and_not_asked_for),
        cmocka_unit_test(test_what_the_peer_has_no_more_is_given_up),
        cmocka_unit_test(test_what_is_rejected_is_acknowledged),
        cmocka_unit_test(test_a_full_mempool_holds_the_transaction_and_the_peer),
        cmocka_unit_test(test_after_done_a_peer_may_begin_anew),
        cmocka_unit_test(test_many_come_in_order_within_the_window),
        cmocka_unit_test(test_each_broken_rule_ends_the_connection_with_its_name),
        cmocka_unit_test(test_a_transaction_that_was_not_asked_for_is_refused),
        cmocka_unit_test(test_a_size_that_was_not_true_is_refused),
        cmocka_unit_test(test_what_is_no_transaction_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
