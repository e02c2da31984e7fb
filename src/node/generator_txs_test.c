/* The transactions of a load against the real ledger: all of them must happen, in their order. */
#include "node/generator_txs.h"

#include "chain/world_test.h"

#define COINS UINT64_C(1000000000000)

struct bench {
    struct world world;
    struct generator_config config;
    struct generator_txs *txs;
    struct ledger *ledger;
    struct ledger_view *view;
    struct ou_error err;
};

static enum ou_status make(struct bench *b)
{
    const struct generator_txs_options options = { .config = &b->config,
                                                   .genesis = &b->world.genesis,
                                                   .fund_seed = b->world.seeds[0],
                                                   .ttl = 1000000 };

    return generator_txs_create(&options, &b->txs, &b->err);
}

static void begin(struct bench *b, struct generator_config config)
{
    *b = (struct bench){ .config = config };
    world_make(&b->world);
    b->world.funds[0].coin = COINS;
    b->world.genesis.max_lovelace = 2 * COINS;
    if (make(b))
        fail_msg("%s", b->err.text);
    b->ledger = world_ledger(&b->world);
    assert_int_equal(ledger_view_create(b->ledger, &b->view, NULL), OU_OK);
}

static void end(struct bench *b)
{
    generator_txs_free(b->txs);
    ledger_view_free(b->view);
    ledger_free(b->ledger);
}

static struct tx happen(struct bench *b, struct bytes bytes, const uint8_t id[HASH_BYTES])
{
    const char *why = "";
    struct tx tx;

    if (tx_read(bytes, &tx, &why) != WIRE_OK)
        fail_msg("%s", why);
    assert_memory_equal(tx.id, id, HASH_BYTES);
    if (ledger_view_add(b->view, &tx, 10, LEDGER_CHECK_ALL, NULL, NULL, &b->err))
        fail_msg("%s", b->err.text);
    return tx;
}

static void run_setup(struct bench *b)
{
    for (uint64_t i = 0; i < generator_setup_count(b->txs); i++) {
        struct bytes bytes;
        const uint8_t *id;

        assert_int_equal(generator_setup_tx(b->txs, i, &bytes, &id, &b->err), OU_OK);
        (void)happen(b, bytes, id);
    }
}

static void run_load(struct bench *b)
{
    struct buffer bytes;
    uint8_t id[HASH_BYTES];

    buffer_init(&bytes, allocator_libc(), 1 << 16);
    for (uint64_t i = 0; i < b->config.tx_count; i++) {
        struct tx tx;

        buffer_clear(&bytes);
        assert_int_equal(generator_load_tx(b->txs, i, &bytes, id, &b->err), OU_OK);
        tx = happen(b, bytes_of(&bytes), id);
        assert_int_equal(tx.input_count, b->config.inputs_per_tx);
        assert_int_equal(tx.output_count, b->config.outputs_per_tx);
        assert_int_equal(tx.fee, b->config.tx_fee);
    }
    buffer_release(&bytes);
}

static struct generator_config usual(void)
{
    return (struct generator_config){ .tx_count = 450,
                                      .inputs_per_tx = 2,
                                      .outputs_per_tx = 2,
                                      .tx_fee = 1000000,
                                      .min_utxo_value = 10000000,
                                      .add_tx_size = 100 };
}

static void test_every_transaction_happens_in_the_ledger(void **state)
{
    struct bench b;

    (void)state;
    begin(&b, usual());
    assert_int_equal(generator_setup_count(b.txs), 1 + 1 + 30); /* 900 outputs */
    run_setup(&b);
    run_load(&b);
    end(&b);
}

static void test_odd_shapes_happen_too(void **state)
{
    static const struct {
        uint64_t tx_count, fee;
        uint32_t inputs, outputs, add;
    } rows[] = {
        { 1, 200000, 1, 1, 0 },
        { 7, 1000001, 3, 5, 1 },
        { 33, 3000000, 1, 7, 2000 },
        { 10, 2000000, 20, 5, 40 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct generator_config config = usual();
        struct bench b;

        config.tx_count = rows[i].tx_count;
        config.tx_fee = rows[i].fee;
        config.inputs_per_tx = rows[i].inputs;
        config.outputs_per_tx = rows[i].outputs;
        config.add_tx_size = rows[i].add;
        begin(&b, config);
        run_setup(&b);
        run_load(&b);
        end(&b);
    }
}

static void test_scripts_carry_their_budgets_and_a_collateral(void **state)
{
    struct generator_config config = usual();
    struct buffer bytes;
    struct bench b;
    struct tx tx;
    uint8_t id[HASH_BYTES];

    (void)state;
    config.tx_count = 40;
    config.script.type = "LimitTxPerBlock_2";
    begin(&b, config);
    run_setup(&b);
    run_load(&b);
    buffer_init(&bytes, allocator_libc(), 1 << 16);
    assert_int_equal(generator_load_tx(b.txs, 0, &bytes, id, &b.err), OU_OK);
    ledger_view_reset(b.view);
    run_setup(&b);
    tx = happen(&b, bytes_of(&bytes), id);
    assert_int_equal(tx.redeemer_count, 2);
    assert_int_equal(tx.script_steps, 1500000 / 2);
    assert_int_equal(tx.script_memory, 150000 / 2);
    assert_int_equal(tx.collateral_count, 1);
    buffer_release(&bytes);
    end(&b);
}

static void test_set_up_is_the_same_when_it_is_made_again(void **state)
{
    struct generator_config config = usual();
    uint8_t first_id[HASH_BYTES];
    struct buffer first;
    struct bytes bytes;
    const uint8_t *id;
    struct bench b;

    (void)state;
    config.tx_count = 20000; /* more than are kept */
    begin(&b, config);
    buffer_init(&first, allocator_libc(), 1 << 16);
    assert_int_equal(generator_setup_tx(b.txs, 0, &bytes, &id, &b.err), OU_OK);
    cbor_put_raw(&first, bytes);
    memcpy(first_id, id, sizeof first_id);
    for (uint64_t i = 1; i < 600; i++)
        assert_int_equal(generator_setup_tx(b.txs, i, &bytes, &id, &b.err), OU_OK);
    assert_int_equal(generator_setup_tx(b.txs, 0, &bytes, &id, &b.err), OU_OK);
    assert_true(bytes_equal(bytes, bytes_of(&first)));
    assert_memory_equal(id, first_id, sizeof first_id);
    buffer_release(&first);
    end(&b);
}

/* Each added byte makes the transaction a byte longer, from the least that there is. */
static void test_metadata_makes_transactions_longer_by_what_is_asked_for(void **state)
{
    static const uint32_t rows[] = { 1, 39, 40, 61, 62, 63, 64, 100, 105, 110, 500, 1700, 2000 };
    struct buffer bytes;
    uint8_t id[HASH_BYTES];
    size_t plain = 0;

    (void)state;
    buffer_init(&bytes, allocator_libc(), 1 << 16);
    for (size_t i = 0; i <= sizeof rows / sizeof *rows; i++) {
        struct generator_config config = usual();
        uint32_t more = i ? rows[i - 1] : 0, least = more && more < 39 ? 39 : more;
        struct bench b;

        config.tx_count = 1;
        config.add_tx_size = more;
        begin(&b, config);
        for (uint64_t n = 0; n < generator_setup_count(b.txs); n++) {
            struct bytes ignored;
            const uint8_t *ignored_id;

            assert_int_equal(generator_setup_tx(b.txs, n, &ignored, &ignored_id, &b.err), OU_OK);
        }
        buffer_clear(&bytes);
        assert_int_equal(generator_load_tx(b.txs, 0, &bytes, id, &b.err), OU_OK);
        if (i == 0)
            plain = bytes.len;
        assert_in_range(bytes.len - plain, least, least + 1); /* a longer head may cost one */
        end(&b);
    }
    /* The usual shape: the reference generator's estimate is 381 bytes. */
    assert_in_range(plain + 100, 361, 431);
    buffer_release(&bytes);
}

static void test_what_cannot_work_is_told_beforehand(void **state)
{
    struct generator_config config = usual();
    struct bench b;

    (void)state;
    begin(&b, config);
    end(&b);
#define REFUSED(change, message)                                         \
    do {                                                                 \
        b.config = usual();                                              \
        change;                                                          \
        assert_int_equal(make(&b), OU_INVALID);                          \
        if (!strstr(b.err.text, message))                                \
            fail_msg("\"%s\" does not say \"%s\"", b.err.text, message); \
    } while (0)
    REFUSED(b.config.tx_fee = 160000, "must pay");
    REFUSED(b.config.min_utxo_value = 100, "the least: raise \"min_utxo_value\"");
    REFUSED(b.config.tx_count = 1000000, "but the fund of \"sigKey\" holds 1000000000000");
    REFUSED(b.config.tx_count = 1; b.config.tx_fee = 2000000;
            b.config.outputs_per_tx = 500, "a transaction of the load has");
    REFUSED(b.config.script.type = "LimitSaturationLoop"; b.config.tx_fee = 200000, "must pay");
    REFUSED(b.world.funds[0].address[5] ^= 1, "no funds at the address of \"sigKey\"");
#undef REFUSED
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_transaction_happens_in_the_ledger),
        cmocka_unit_test(test_odd_shapes_happen_too),
        cmocka_unit_test(test_scripts_carry_their_budgets_and_a_collateral),
        cmocka_unit_test(test_set_up_is_the_same_when_it_is_made_again),
        cmocka_unit_test(test_metadata_makes_transactions_longer_by_what_is_asked_for),
        cmocka_unit_test(test_what_cannot_work_is_told_beforehand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
