/* What the forge loop makes of a slot, told by its traces and by the chain. */
#include "node/forger.h"

#include <unistd.h>
#include <uv.h>

#include <ouroscope/message.h>
#include <ouroscope/node.h>
#include <ouroscope/trace.h>

#include "node/chain_factory_test.h"
#include "node/sharp_timer.h"
#include "support/files.h"

enum { POOL = 1, OTHER = 2, SLOT_NS = 50000000 };

/* What each slot begins with. */
#define CONTEXT "StartLeadershipCheck BlockContext LedgerState LedgerView "
#define FORGED "NodeIsLeader ForgeTickedLedgerState ForgingMempoolSnapshot ForgedBlock "

static struct factory *factory;
static struct temp_dir dir;
static struct chain_db *db;
static struct mempool *mempool;
static struct node_credentials credentials;
static struct forger *forger;

/* --- Traces ----------------------------------------------------------------------------------- */

static char traced[4096], reason[512];
static size_t adopted_ids, ledger_metrics, forging_stats;
static uint64_t adopted_bytes;

/* The last names of the forge loop's messages. */
static void catch_message(void *context, const struct ou_message *m, struct ou_text line)
{
    size_t len = strlen(traced);

    (void)context;
    (void)line;
    ledger_metrics += m->point == &ou_point_node_ledger_metrics;
    forging_stats += m->point == &ou_point_node_forging_stats;
    if (strncmp(m->point->ns, "Forge.Loop.", 11) != 0)
        return;
    snprintf(traced + len, sizeof traced - len, "%s ", m->point->ns + 11);
    for (uint32_t i = 0; i < m->point->field_count; i++) {
        const struct ou_value *value = &m->values[i];

        if (strcmp(m->point->fields[i].name, "reason") == 0)
            snprintf(reason, sizeof reason, "%.*s", (int)value->text.len, value->text.at);
        if (strcmp(m->point->fields[i].name, "tx_ids") == 0 && value->known)
            adopted_ids = value->list.count;
        if (m->point == &ou_point_node_adopted_block &&
            strcmp(m->point->fields[i].name, "size") == 0)
            adopted_bytes = value->u64;
    }
}

static void assert_traced(const char *want)
{
    assert_true(ou_trace_flush());
    assert_string_equal(traced, want);
    traced[0] = '\0';
}

/* --- Set-up ----------------------------------------------------------------------------------- */

static int start_program(void **state)
{
    static const char config[] = "TraceOptionResourceFrequency: 0\n"
                                 "TraceOptions:\n"
                                 "  \"\": { severity: Debug, detail: DDetailed,\n"
                                 "          backends: [ File MachineFormat /dev/null ] }\n";
    static const struct ou_output output = { .name = "test", .write = catch_message };
    struct ou_error err = { "" };

    (void)state;
    factory = factory_new(0, 1000000000);
    if (ou_trace_add_output(&output, &err) != OU_OK ||
        ou_trace_start(&(struct ou_trace_options){ .config_text = config, .host = "h" }, &err) !=
            OU_OK)
        fail_msg("%s", err.text);
    return 0;
}

static int end_program(void **state)
{
    (void)state;
    ou_trace_stop();
    factory_free(factory);
    return 0;
}

static void open_db(const struct factory *f)
{
    struct ou_error err = { "" };

    temp_dir_make(&dir);
    db = factory_open(f, dir.path, 0);
    assert_int_equal(mempool_create(&(struct mempool_options){ .ledger = chain_db_ledger(db),
                                                               .capacity_bytes = 178176,
                                                               .max_tx_bytes = 16384 },
                                    &mempool, &err),
                     OU_OK);
    credentials = (struct node_credentials){ .certificate = f->pools[POOL].certificate,
                                             .vrf = f->pools[POOL].vrf,
                                             .kes = f->pools[POOL].kes };
    memcpy(credentials.cold_key, f->pools[POOL].cold_key, 32);
}

static void close_db(void)
{
    mempool_free(mempool);
    chain_db_close(db);
    temp_dir_remove(&dir);
}

static struct forge_options options_of(const struct factory *f)
{
    return (struct forge_options){ .db = db,
                                   .mempool = mempool,
                                   .genesis = &f->genesis,
                                   .credentials = &credentials,
                                   .credential_count = 1 };
}

static int set_up(void **state)
{
    struct forge_options options;
    struct ou_error err = { "" };

    (void)state;
    open_db(factory);
    options = options_of(factory);
    assert_int_equal(forger_create(&options, &forger, &err), OU_OK);
    ou_trace_flush();
    traced[0] = reason[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    forger_free(forger);
    close_db();
    return 0;
}

static void slot(uint64_t number)
{
    forger_slot(forger, number);
    factory_work(db);
}

static const struct chain_block *tip(void)
{
    return chain_db_tip(db);
}

/* Puts the spending of a fund into the mempool. */
static void add_tx(uint8_t fund, uint64_t ttl)
{
    struct buffer tx;
    uint8_t id[HASH_BYTES];
    struct ou_error err = { "" };

    buffer_init(&tx, allocator_libc(), 16384);
    factory_tx(factory, fund, fund, ttl, &tx, id);
    if (mempool_add(mempool, bytes_of(&tx), 0, &err) != MEMPOOL_ADDED)
        fail_msg("%s", err.text);
    buffer_release(&tx);
}

static uint32_t txs_in_tip(void)
{
    struct buffer read;
    struct block block;
    const char *why = "";
    struct ou_error err = { "" };
    uint32_t count;

    buffer_init(&read, allocator_libc(), BLOCK_MAX_BYTES);
    assert_int_equal(chain_db_read_block(db, tip(), &read, &err), OU_OK);
    assert_int_equal(block_read(bytes_of(&read), &block, &why), WIRE_OK);
    count = block.tx_count;
    buffer_release(&read);
    return count;
}

/* --- Slots ------------------------------------------------------------------------------------ */

static void test_each_slot_led_makes_a_block_that_is_adopted(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 3; i++) {
        slot(i + 2);
        assert_traced(CONTEXT FORGED "AdoptedBlock ");
        assert_int_equal(tip()->facts.view.number, i);
        assert_int_equal(tip()->facts.view.slot, i + 2);
    }
    assert_int_equal(forger_counts(forger)->led, 3);
    assert_int_equal(forger_counts(forger)->forged, 3);
    assert_int_equal(forger_counts(forger)->adopted, 3);
}

static void test_epochs_change_below_the_forger(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 13; i++) {
        forger_prepare(forger, i * 10 + 5);
        slot(i * 10 + 5);
        assert_traced(CONTEXT FORGED "AdoptedBlock ");
    }
    assert_int_equal(tip()->facts.nonce.epoch, 2);
}

/* A switch to a fork of blocks from before the next epoch's nonce was settled changes it. */
static void test_a_proof_made_with_another_nonce_is_not_used(void **state)
{
    static const uint64_t ours[] = { 15, 29, 40 }, theirs[] = { 14, 28, 39, 45 };
    struct forged *fork = NULL;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        slot(ours[i]);
    forger_prepare(forger, 51);
    for (size_t i = 0; i < 4; i++) {
        fork = factory_forge(factory, fork, theirs[i], OTHER);
        factory_give(db, fork);
    }
    assert_memory_equal(tip()->facts.hash, fork->facts.hash, HASH_BYTES);
    ou_trace_flush();
    traced[0] = '\0';
    slot(51);
    assert_traced(CONTEXT FORGED "AdoptedBlock ");
}

static void test_a_pool_without_stake_does_not_lead(void **state)
{
    (void)state;
    factory->genesis_pools[POOL].stake = 0;
    tear_down(state); /* the ledger reads the stake at its start */
    set_up(state);
    slot(3);
    factory->genesis_pools[POOL].stake = 2 * FACTORY_COIN;
    assert_traced(CONTEXT "NodeNotLeader ");
    assert_null(tip());
}

static void test_a_pool_that_the_genesis_does_not_know_does_not_lead(void **state)
{
    struct forge_options options = options_of(factory);
    struct ou_error err = { "" };

    (void)state;
    forger_free(forger);
    factory_key('X', 1, credentials.cold_key);
    assert_int_equal(forger_create(&options, &forger, &err), OU_OK);
    slot(3);
    assert_traced(CONTEXT "NodeNotLeader ");
}

static void test_the_ledger_is_reported_every_so_many_slots(void **state)
{
    struct forge_options options = options_of(factory);
    struct ou_error err = { "" };

    (void)state;
    forger_free(forger);
    options.ledger_metrics_slots = 3;
    assert_int_equal(forger_create(&options, &forger, &err), OU_OK);
    ledger_metrics = forging_stats = 0;
    for (uint64_t i = 0; i < 9; i++)
        forger_report(forger, i, forger_counts(forger));
    ou_trace_flush();
    assert_int_equal(ledger_metrics, 3);
    assert_int_equal(forging_stats, 0); /* nothing has happened */
    slot(9);
    forger_report(forger, 9, forger_counts(forger));
    forger_report(forger, 10, forger_counts(forger));
    ou_trace_flush();
    assert_int_equal(ledger_metrics, 4);
    assert_int_equal(forging_stats, 1);
}

/* --- Beside other blocks ---------------------------------------------------------------------- */

static void test_a_block_of_the_same_slot_gets_one_beside_it(void **state)
{
    bool won = false, lost = false;

    (void)state;
    for (uint64_t i = 0; i <= 3 * FACTORY_K && !(won && lost); i++) {
        struct forged *theirs = factory_spend(factory, NULL, i, OTHER, 0, 0);
        struct forged *ours = factory_forge(factory, NULL, i, POOL);
        bool wins = memcmp(ours->facts.view.vrf_output, theirs->facts.view.vrf_output,
                           VRF_OUTPUT_BYTES) < 0;

        tear_down(state);
        set_up(state);
        add_tx(0, 0); /* which the block at the tip spends, too: on its predecessor it is valid */
        assert_int_equal(factory_give(db, theirs), BLOCK_ADOPTED);
        slot(i);
        assert_traced(wins ? CONTEXT FORGED "AdoptedBlock " : CONTEXT FORGED "DidntAdoptBlock ");
        assert_int_equal(tip()->facts.view.number, 0);
        assert_memory_equal(tip()->facts.view.issuer, factory->pools[wins ? POOL : OTHER].cold_key,
                            32);
        assert_int_equal(txs_in_tip(), 1);
        won = won || wins;
        lost = lost || !wins;
    }
    assert_true(won && lost);
}

static void test_a_tip_of_a_later_slot_ends_the_slot(void **state)
{
    (void)state;
    assert_int_equal(factory_give(db, factory_forge(factory, NULL, 9, OTHER)), BLOCK_ADOPTED);
    slot(8);
    assert_traced("StartLeadershipCheck BlockFromFuture ");
}

static void test_a_slot_beyond_the_known_stake_ends_there(void **state)
{
    (void)state;
    slot(3 * FACTORY_K + 1);
    assert_traced("StartLeadershipCheck BlockContext LedgerState NoLedgerView ");
}

static void test_what_the_queue_cannot_take_is_not_adopted(void **state)
{
    struct forged *blocks[CHAIN_DB_QUEUE];

    (void)state;
    factory_chain(factory, NULL, 5, OTHER, CHAIN_DB_QUEUE, blocks);
    for (size_t i = 0; i < CHAIN_DB_QUEUE; i++)
        assert_true(
            chain_db_offer(db, bytes_of(&blocks[i]->wrapped), &blocks[i]->facts, NULL, NULL));
    for (uint64_t i = 0; i < 3; i++) /* two find the places that are kept for them */
        forger_slot(forger, 1 + i);
    assert_traced(CONTEXT FORGED CONTEXT FORGED CONTEXT FORGED "DidntAdoptBlock ");
    factory_work(db);
    assert_traced("DidntAdoptBlock DidntAdoptBlock ");
    assert_int_equal(tip()->facts.view.number, CHAIN_DB_QUEUE - 1);
}

static void test_a_block_on_its_way_is_forgotten_with_the_forger(void **state)
{
    struct forge_options options = options_of(factory);
    struct ou_error err = { "" };

    (void)state;
    forger_slot(forger, 4);
    forger_free(forger);
    factory_work(db);
    assert_int_equal(tip()->facts.view.slot, 4);
    assert_int_equal(forger_create(&options, &forger, &err), OU_OK);
}

/* --- Keys ------------------------------------------------------------------------------------- */

static void test_a_key_that_is_not_valid_yet_cannot_forge(void **state)
{
    (void)state;
    credentials.certificate.kes_period = 3;
    certificate_sign(&credentials.certificate, factory->pools[POOL].cold_seed);
    slot(3);
    assert_traced(CONTEXT "NodeCannotForge ");
    assert_string_equal(reason, "the KES key is valid from period 3 on; this is period 0");
}

static void test_an_expired_key_is_an_error_of_every_slot(void **state)
{
    (void)state;
    factory->genesis.shelley.slots_per_kes_period = 1;
    factory->genesis.shelley.max_kes_evolutions = 4;
    slot(3);
    slot(4);
    factory->genesis.shelley.slots_per_kes_period = 100;
    factory->genesis.shelley.max_kes_evolutions = 62;
    assert_traced(CONTEXT FORGED "ForgedInvalidBlock " /* the database still counts by 100 */
                  CONTEXT "ForgeStateUpdateError ");
    assert_string_equal(reason, "the KES key was valid for 4 periods from 0; this is period 4");
}

static void test_keys_that_do_not_fit_the_pool_cannot_forge(void **state)
{
    (void)state;
    credentials.vrf = factory->pools[OTHER].vrf;
    slot(3);
    assert_traced(CONTEXT "NodeCannotForge ");
    assert_string_equal(reason, "the VRF key is not the one that the pool registered");
    credentials.vrf = factory->pools[POOL].vrf;
    credentials.certificate.counter = 2;
    slot(4);
    assert_traced(CONTEXT "NodeCannotForge ");
    assert_string_equal(reason,
                        "the certificate's counter is 2, and that of the pool's last block 0");
    credentials.certificate.counter = 0;
    credentials.kes = factory->pools[OTHER].kes;
    slot(5);
    assert_traced(CONTEXT "NodeCannotForge ");
    assert_string_equal(reason, "the operational certificate is of another KES key");
    assert_int_equal(forger_counts(forger)->could_not_forge, 3);
    assert_null(tip());
}

static void test_a_certificate_that_others_would_refuse_makes_an_invalid_block(void **state)
{
    (void)state;
    add_tx(0, 0);
    credentials.certificate.signature[5] ^= 1;
    slot(3);
    assert_traced(CONTEXT FORGED "ForgedInvalidBlock ");
    assert_non_null(strstr(reason, "certificate"));
    assert_int_equal(mempool_count(mempool), 0); /* its transactions were dropped */
    assert_null(tip());
}

/* --- Transactions ----------------------------------------------------------------------------- */

static void test_blocks_take_what_the_mempool_has(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < 5; i++)
        add_tx(i, 0);
    slot(3);
    assert_traced(CONTEXT FORGED "AdoptedBlock ");
    assert_int_equal(adopted_ids, 5);
    assert_int_equal(txs_in_tip(), 5);
    /* As peers estimate it: with the heads around header and bodies. */
    assert_int_equal(adopted_bytes, 8 + tip()->facts.header_bytes + tip()->facts.body_bytes + 2);
    mempool_sync(mempool, 4);
    assert_int_equal(mempool_count(mempool), 0);
    slot(4);
    assert_int_equal(txs_in_tip(), 0);
}

static void test_the_longest_prefix_that_fits_is_taken(void **state)
{
    struct mempool_tx tx;
    uint64_t room = 0;

    (void)state;
    for (uint8_t i = 0; i < FACTORY_FUNDS; i++) /* all of one size */
        add_tx(i, 0);
    for (tx.ticket = 0; mempool_next(mempool, tx.ticket, &tx) && tx.ticket <= 3;)
        room += tx.tx.count + TX_ROOM_OVERHEAD;
    factory->genesis.shelley.max_block_body_bytes = GENESIS_BODY_RESERVE + room;
    slot(3);
    assert_int_equal(txs_in_tip(), 3);
    mempool_sync(mempool, 4);
    factory->genesis.shelley.max_block_body_bytes--;
    slot(4);
    assert_int_equal(txs_in_tip(), 2);
    slot(5); /* not synced: what the tip has spent is passed over */
    assert_int_equal(txs_in_tip(), 2);
    mempool_sync(mempool, 6);
    assert_int_equal(mempool_count(mempool), FACTORY_FUNDS - 3 - 2 - 2);
    factory->genesis.shelley.max_block_body_bytes = 90112;
}

static void test_transactions_that_have_run_out_are_left_out(void **state)
{
    (void)state;
    add_tx(0, 3); /* valid before slot 3 */
    add_tx(1, 4);
    slot(3);
    assert_traced(CONTEXT FORGED "AdoptedBlock ");
    assert_int_equal(txs_in_tip(), 1);
}

/* --- With the clock --------------------------------------------------------------------------- */

struct run {
    uv_loop_t loop;
    struct forge *forge;
    struct forge_counts counts;
    uv_idle_t work;
    bool has_slept;
};

/* As the node does it: chain selection in the loop's idle phase. */
static void on_idle(uv_idle_t *idle)
{
    struct run *run = idle->data;

    chain_db_work(db);
    forge_counts(run->forge, &run->counts);
    if (run->counts.adopted == 1 && !run->has_slept) {
        run->has_slept = true;
        usleep(3 * SLOT_NS / 1000); /* at least one whole slot passes */
    }
    if (run->counts.adopted < 3)
        return;
    forge_stop(run->forge);
    uv_close((uv_handle_t *)idle, NULL);
}

/* The first slot that a forge loop which is started now begins. */
static uint64_t first_slot(const struct factory *f)
{
    struct timespec now;
    uint64_t slot;

    clock_gettime(CLOCK_REALTIME, &now);
    return slot_at(&f->genesis.shelley.clock, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, &slot)
               ? slot + 1
               : 0;
}

/* Until three blocks are adopted on a chain that starts `ahead_ns` from now. */
static void run_with_the_clock(int64_t ahead_ns, size_t pools)
{
    struct node_credentials both[2];
    uint64_t earliest, latest, begun;
    struct timespec now;
    struct factory *chain;
    struct run run = { .forge = NULL };
    struct forge_options options;
    struct ou_error err = { "" };

    clock_gettime(CLOCK_REALTIME, &now);
    chain = factory_new((int64_t)now.tv_sec * 1000000000 + now.tv_nsec + ahead_ns, SLOT_NS);
    chain->genesis.shelley.security_param = 1000; /* on a busy machine slots are missed */
    open_db(chain);
    assert_int_equal(uv_loop_init(&run.loop), 0);
    uv_idle_init(&run.loop, &run.work);
    run.work.data = &run;
    both[0] = both[1] = credentials;
    both[1].certificate = chain->pools[OTHER].certificate;
    both[1].vrf = chain->pools[OTHER].vrf;
    both[1].kes = chain->pools[OTHER].kes;
    memcpy(both[1].cold_key, chain->pools[OTHER].cold_key, 32);
    options = options_of(chain);
    options.loop = &run.loop;
    options.credentials = both;
    options.credential_count = pools;
    earliest = first_slot(chain);
    assert_int_equal(forge_start(&options, &run.forge, &err), OU_OK);
    latest = first_slot(chain);
    uv_idle_start(&run.work, on_idle);
    uv_run(&run.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&run.loop), 0);
    assert_true(run.counts.missed > 0);
    assert_int_equal(run.counts.led, pools * run.counts.slots); /* each leads each slot */
    assert_int_equal(run.counts.forged, run.counts.led);
    assert_true(run.counts.late_ns >= 0 && run.counts.latest_ns <= run.counts.late_ns);
    /* A busy machine may start late; the last slot that it began is the tip's, or a later one. */
    begun = run.counts.slots + run.counts.missed;
    assert_true(tip()->facts.view.slot + 1 <= begun + latest);
    assert_true(first_slot(chain) >= begun + earliest);
    close_db();
    factory_free(chain);
}

static void test_slots_are_begun_by_the_clock(void **state)
{
    (void)state;
    run_with_the_clock(2 * SLOT_NS, 1);
}

/* It may have forged in that slot before it was ended and started again. */
static void test_the_slot_in_which_a_node_starts_is_not_forged_in(void **state)
{
    (void)state;
    run_with_the_clock(-2 * SLOT_NS, 1);
}

/* Their blocks of a slot compete; what they count is counted together. */
static void test_pools_of_one_node_forge_each_for_itself(void **state)
{
    (void)state;
    run_with_the_clock(2 * SLOT_NS, 2);
}

struct alarm {
    struct sharp_timer timer;
    int fired;
    bool closed;
};

static void on_alarm_closed(void *context)
{
    ((struct alarm *)context)->closed = true;
}

static void on_alarm(void *context)
{
    struct alarm *alarm = context;

    if (++alarm->fired < 3)
        sharp_timer_set(&alarm->timer, alarm->fired == 1 ? 0 : 1); /* long over: at once */
    else
        sharp_timer_close(&alarm->timer, on_alarm_closed);
}

static void test_a_timer_set_to_the_past_fires_at_once(void **state)
{
    uv_loop_t loop;
    struct alarm alarm = { .fired = 0 };
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(sharp_timer_open(&alarm.timer, &loop, CLOCK_REALTIME, on_alarm, &alarm, &err),
                     OU_OK);
    sharp_timer_set(&alarm.timer, -5);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(alarm.fired, 3);
    assert_true(alarm.closed);
    assert_int_equal(uv_loop_close(&loop), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_slot_led_makes_a_block_that_is_adopted),
        TEST(test_epochs_change_below_the_forger),
        TEST(test_a_proof_made_with_another_nonce_is_not_used),
        TEST(test_a_pool_without_stake_does_not_lead),
        TEST(test_a_pool_that_the_genesis_does_not_know_does_not_lead),
        TEST(test_the_ledger_is_reported_every_so_many_slots),
        TEST(test_a_block_of_the_same_slot_gets_one_beside_it),
        TEST(test_a_tip_of_a_later_slot_ends_the_slot),
        TEST(test_a_slot_beyond_the_known_stake_ends_there),
        TEST(test_what_the_queue_cannot_take_is_not_adopted),
        TEST(test_a_block_on_its_way_is_forgotten_with_the_forger),
        TEST(test_a_key_that_is_not_valid_yet_cannot_forge),
        TEST(test_an_expired_key_is_an_error_of_every_slot),
        TEST(test_keys_that_do_not_fit_the_pool_cannot_forge),
        TEST(test_a_certificate_that_others_would_refuse_makes_an_invalid_block),
        TEST(test_blocks_take_what_the_mempool_has),
        TEST(test_the_longest_prefix_that_fits_is_taken),
        TEST(test_transactions_that_have_run_out_are_left_out),
        cmocka_unit_test(test_slots_are_begun_by_the_clock),
        cmocka_unit_test(test_pools_of_one_node_forge_each_for_itself),
        cmocka_unit_test(test_the_slot_in_which_a_node_starts_is_not_forged_in),
        cmocka_unit_test(test_a_timer_set_to_the_past_fires_at_once),
    };

    return cmocka_run_group_tests(tests, start_program, end_program);
}
