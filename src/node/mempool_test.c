#include "node/mempool.h"

#include <stdio.h>

#include <ouroscope/trace.h>

#include "chain/world_test.h"
#include "support/files.h"
#include "support/hex.h"

enum { ROOM = 1 << 20, CAPACITY = 100000 };

struct bench {
    struct world w;
    struct ledger *l;
    struct mempool *m;
    struct buffer tx, body;
    struct mempool_options options;
};

static void bench_start_with(struct bench *b, uint64_t capacity_bytes)
{
    struct ou_error err = { { 0 } };

    world_make(&b->w);
    b->l = world_ledger(&b->w);
    buffer_init(&b->tx, allocator_libc(), ROOM);
    buffer_init(&b->body, allocator_libc(), ROOM);
    b->options = (struct mempool_options){ .ledger = b->l,
                                           .capacity_bytes = capacity_bytes,
                                           .max_tx_bytes = 16384 };
    if (mempool_create(&b->options, &b->m, &err))
        fail_msg("%s", err.text);
}

static void bench_start(struct bench *b)
{
    bench_start_with(b, CAPACITY);
}

static void bench_end(struct bench *b)
{
    mempool_free(b->m);
    ledger_free(b->l);
    buffer_release(&b->tx);
    buffer_release(&b->body);
}

/* Owner pays the next one from his genesis money; the bytes are valid until the next one. */
static struct bytes pay(struct bench *b, int owner, uint64_t ttl, uint8_t ret_id[HASH_BYTES])
{
    struct plan plan = plan_pay(world_fund(&b->w, owner), WORLD_FUND, owner, (owner + 1) % OWNERS);

    plan.ttl = ttl;
    return world_build(&b->w, &plan, &b->tx, ret_id);
}

/* Whoever got `id` passes it on to the next. */
static struct bytes pass_on(struct bench *b, const uint8_t id[HASH_BYTES], int owner,
                            uint8_t ret_id[HASH_BYTES])
{
    struct tx_input input = { .index = 0 };
    struct plan plan;

    memcpy(input.id, id, HASH_BYTES);
    plan = plan_pay(input, WORLD_FUND - WORLD_FEE, owner, (owner + 1) % OWNERS);
    return world_build(&b->w, &plan, &b->tx, ret_id);
}

static void add(struct bench *b, struct bytes tx)
{
    struct ou_error err = { { 0 } };

    if (mempool_add(b->m, tx, 5, &err) != MEMPOOL_ADDED)
        fail_msg("%s", err.text);
}

/* A block of one transaction; the ledger follows it, the mempool does not know yet. */
static void apply(struct bench *b, struct bytes tx, uint64_t slot)
{
    struct block block = world_block(&tx, 1, slot, &b->body);
    struct ou_error err = { { 0 } };

    if (ledger_apply(b->l, &block, LEDGER_CHECK_ALL, NULL, NULL, &err))
        fail_msg("%s", err.text);
}

static void test_transactions_wait_in_order_of_arrival(void **state)
{
    struct bench b;
    uint8_t ids[3][HASH_BYTES];
    struct mempool_tx tx = { .ticket = 0 };
    uint64_t bytes = 0;

    (void)state;
    bench_start(&b);
    assert_false(mempool_next(b.m, 0, &tx));
    for (int i = 0; i < 3; i++) {
        add(&b, pay(&b, i, 0, ids[i]));
        bytes += b.tx.len + TX_ROOM_OVERHEAD;
    }
    assert_int_equal(mempool_count(b.m), 3);
    assert_int_equal(mempool_bytes(b.m), bytes);
    for (int i = 0; i < 3; i++) {
        assert_true(mempool_next(b.m, tx.ticket, &tx));
        assert_int_equal(tx.ticket, i + 1);
        assert_memory_equal(tx.id, ids[i], HASH_BYTES);
        assert_true(mempool_has(b.m, ids[i]));
    }
    assert_false(mempool_next(b.m, tx.ticket, &tx));
    assert_true(mempool_find(b.m, ids[2], &tx));
    assert_bytes(tx.tx, bytes_of(&b.tx));
    ids[2][0] ^= 1;
    assert_false(mempool_find(b.m, ids[2], &tx));
    bench_end(&b);
}

static void test_what_it_knows_or_cannot_use_is_not_taken(void **state)
{
    struct bench b;
    uint8_t id[HASH_BYTES];
    struct ou_error err = { { 0 } };
    struct plan plan;

    (void)state;
    bench_start(&b);
    add(&b, pay(&b, 0, 0, id));
    assert_int_equal(mempool_add(b.m, bytes_of(&b.tx), 5, &err), MEMPOOL_KNOWN);
    plan = plan_pay(world_fund(&b.w, 0), WORLD_FUND, 0, 3); /* the same money, elsewhere */
    assert_int_equal(mempool_add(b.m, world_build(&b.w, &plan, &b.tx, id), 5, &err),
                     MEMPOOL_REJECTED);
    assert_non_null(strstr(err.text, "spent or unknown"));
    assert_int_equal(mempool_add(b.m, pay(&b, 1, 5, id), 5, &err), MEMPOOL_REJECTED);
    assert_non_null(strstr(err.text, "end of validity"));
    assert_int_equal(mempool_add(b.m, from_hex("84a0"), 5, &err), MEMPOOL_REJECTED);
    assert_non_null(strstr(err.text, "not a transaction"));
    assert_int_equal(mempool_add(b.m, (struct bytes){ 0 }, 5, NULL), MEMPOOL_REJECTED);
    assert_int_equal(mempool_count(b.m), 1);
    bench_end(&b);
}

static void test_a_transaction_may_build_on_one_that_waits(void **state)
{
    struct bench b;
    uint8_t first[HASH_BYTES], second[HASH_BYTES];

    (void)state;
    bench_start(&b);
    add(&b, pay(&b, 0, 0, first));
    add(&b, pass_on(&b, first, 1, second));
    assert_int_equal(mempool_count(b.m), 2);
    bench_end(&b);
}

static void test_a_new_tip_removes_what_it_has_and_what_it_made_invalid(void **state)
{
    struct bench b;
    uint8_t in_block[HASH_BYTES], child[HASH_BYTES], late[HASH_BYTES], other[HASH_BYTES];
    struct mempool_tx tx;
    struct plan rival;

    (void)state;
    bench_start(&b);
    add(&b, pay(&b, 0, 0, in_block));
    add(&b, pass_on(&b, in_block, 1, child));
    add(&b, pay(&b, 2, 8, late));
    add(&b, pay(&b, 3, 0, other));
    apply(&b, pay(&b, 0, 0, in_block), 7);
    mempool_sync(b.m, 7);
    assert_int_equal(mempool_count(b.m), 3);
    assert_false(mempool_has(b.m, in_block));
    assert_true(mempool_has(b.m, child));

    mempool_sync(b.m, 8); /* late is */
    assert_int_equal(mempool_count(b.m), 2);
    assert_false(mempool_has(b.m, late));

    rival = plan_pay(world_fund(&b.w, 3), WORLD_FUND, 3, 3);
    apply(&b, world_build(&b.w, &rival, &b.tx, late), 9);
    mempool_sync(b.m, 9);
    assert_false(mempool_has(b.m, other));
    assert_true(mempool_next(b.m, 0, &tx));
    assert_int_equal(tx.ticket, 2); /* tickets stay */
    assert_memory_equal(tx.id, child, HASH_BYTES);
    assert_false(mempool_next(b.m, tx.ticket, &tx));

    /* Both blocks taken back: what the child builds on is not there any more. */
    assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    mempool_sync(b.m, 9);
    assert_int_equal(mempool_count(b.m), 0);
    assert_int_equal(mempool_bytes(b.m), 0);
    bench_end(&b);
}

static void test_dropping_takes_along_what_was_built_on_it(void **state)
{
    struct bench b;
    uint8_t ids[2][HASH_BYTES], child[HASH_BYTES], other[HASH_BYTES];

    (void)state;
    bench_start(&b);
    add(&b, pay(&b, 0, 0, ids[0]));
    add(&b, pass_on(&b, ids[0], 1, child));
    add(&b, pay(&b, 3, 0, other));
    memset(ids[1], 9, HASH_BYTES); /* not in it */
    mempool_drop(b.m, (const uint8_t(*)[HASH_BYTES])ids, 2);
    assert_int_equal(mempool_count(b.m), 1);
    assert_true(mempool_has(b.m, other));
    mempool_drop(b.m, (const uint8_t(*)[HASH_BYTES])ids, 2);
    assert_int_equal(mempool_count(b.m), 1);
    add(&b, pay(&b, 0, 0, ids[0])); /* it may come again */
    bench_end(&b);
}

/* --- Room ---------------------------------------------------------------------------- */

struct witness {
    struct mempool_listener listener;
    int added, freed;
    struct mempool *unlisten_from;
    struct mempool_listener *unlisten;
    int *turn, first_at; /* who was told before others */
};

static void on_change(void *context, bool added)
{
    struct witness *w = context;

    w->added += added;
    w->freed += !added;
    if (w->turn && !added)
        w->first_at = (*w->turn)++;
    if (w->unlisten)
        mempool_unlisten(w->unlisten_from, w->unlisten);
}

static void listen(struct bench *b, struct witness *w)
{
    w->listener = (struct mempool_listener){ .changed = on_change, .context = w };
    mempool_listen(b->m, &w->listener);
}

static void test_a_full_mempool_takes_nothing_until_there_is_room(void **state)
{
    struct bench b;
    struct witness w = { .added = 0 };
    uint8_t ids[3][HASH_BYTES];

    (void)state;
    bench_start_with(&b, 500); /* two of them, counting 4 bytes more each */
    listen(&b, &w);
    add(&b, pay(&b, 0, 0, ids[0]));
    add(&b, pay(&b, 1, 0, ids[1]));
    assert_int_equal(mempool_add(b.m, pay(&b, 2, 0, ids[2]), 5, NULL), MEMPOOL_FULL);
    assert_int_equal(w.added, 2);
    assert_int_equal(w.freed, 0);
    apply(&b, pay(&b, 0, 0, ids[0]), 7);
    mempool_sync(b.m, 7);
    assert_int_equal(w.freed, 1);
    add(&b, pay(&b, 2, 0, ids[2]));
    mempool_sync(b.m, 8); /* nothing goes: nobody is told */
    assert_int_equal(w.freed, 1);
    mempool_drop(b.m, (const uint8_t(*)[HASH_BYTES])ids, 1); /* gone before */
    assert_int_equal(w.freed, 1);
    mempool_unlisten(b.m, &w.listener);
    mempool_drop(b.m, (const uint8_t(*)[HASH_BYTES])ids, 3);
    assert_int_equal(w.freed, 1);
    bench_end(&b);
}

static void test_the_last_byte_of_room_counts(void **state)
{
    struct bench b;
    uint8_t id[HASH_BYTES];
    struct ou_error err = { { 0 } };
    size_t bytes;

    (void)state;
    bench_start(&b);
    bytes = pay(&b, 0, 0, id).count;
    bench_end(&b);

    bench_start_with(&b, 2 * (bytes + TX_ROOM_OVERHEAD));
    add(&b, pay(&b, 0, 0, id));
    add(&b, pay(&b, 1, 0, id));
    bench_end(&b);
    bench_start_with(&b, 2 * (bytes + TX_ROOM_OVERHEAD) - 1);
    add(&b, pay(&b, 0, 0, id));
    assert_int_equal(mempool_add(b.m, pay(&b, 1, 0, id), 5, NULL), MEMPOOL_FULL);
    bench_end(&b);
    /* What can never fit is not waited for. */
    bench_start_with(&b, bytes + TX_ROOM_OVERHEAD - 1);
    assert_int_equal(mempool_add(b.m, pay(&b, 0, 0, id), 5, &err), MEMPOOL_REJECTED);
    assert_non_null(strstr(err.text, "whole mempool"));
    bench_end(&b);
}

static void test_the_genesis_limits_a_transaction_to_the_byte(void **state)
{
    struct bench b;
    struct bytes bytes;
    struct ou_error err = { { 0 } };
    struct tx tx;
    uint8_t id[HASH_BYTES];
    const char *why;
    char want[100];

    (void)state;
    bench_start(&b);
    bytes = pay(&b, 0, 0, id);
    assert_int_equal(tx_read(bytes, &tx, &why), WIRE_OK);
    mempool_free(b.m);
    b.options.max_tx_bytes = tx.fee_bytes - 1;
    assert_int_equal(mempool_create(&b.options, &b.m, &err), OU_OK);
    assert_int_equal(mempool_add(b.m, bytes, 5, &err), MEMPOOL_REJECTED);
    snprintf(want, sizeof want, "%u bytes, above the limit of %u", tx.fee_bytes, tx.fee_bytes - 1);
    assert_string_equal(err.text, want);
    assert_int_equal(mempool_count(b.m), 0);
    mempool_free(b.m);
    b.options.max_tx_bytes = tx.fee_bytes;
    assert_int_equal(mempool_create(&b.options, &b.m, &err), OU_OK);
    add(&b, bytes);
    bench_end(&b);
}

static void test_listeners_may_go_while_they_are_told(void **state)
{
    struct bench b;
    struct witness w[3] = { { .added = 0 } };
    uint8_t id[HASH_BYTES];

    (void)state;
    bench_start(&b);
    for (int i = 0; i < 3; i++)
        listen(&b, &w[i]);
    w[0].unlisten_from = w[2].unlisten_from = b.m;
    w[0].unlisten = &w[1].listener; /* the next one */
    w[2].unlisten = &w[2].listener; /* itself */
    add(&b, pay(&b, 0, 0, id));
    add(&b, pay(&b, 1, 0, id));
    assert_int_equal(w[0].added, 2);
    assert_int_equal(w[1].added, 0);
    assert_int_equal(w[2].added, 1);
    bench_end(&b);
}

static void test_whoever_heard_of_room_first_hears_last_the_next_time(void **state)
{
    struct bench b;
    int turn = 0;
    struct witness w[3] = { { .turn = &turn }, { .turn = &turn }, { .turn = &turn } };
    uint8_t ids[1][HASH_BYTES];

    (void)state;
    bench_start(&b);
    for (int i = 0; i < 3; i++)
        listen(&b, &w[i]);
    for (int round = 0; round < 6; round++) {
        add(&b, pay(&b, 0, 0, ids[0]));
        turn = 0;
        mempool_drop(b.m, (const uint8_t(*)[HASH_BYTES])ids, 1);
        assert_int_equal(w[round % 3].first_at, 0);
        assert_int_equal(w[(round + 2) % 3].first_at, 2);
    }
    bench_end(&b);
}

/* --- Traces -------------------------------------------------------------------------- */

static void test_changes_are_traced(void **state)
{
    struct temp_dir dir;
    struct ou_trace_options options = { .host = "node-0" };
    struct ou_error err = { { 0 } };
    struct bench b;
    uint8_t ids[1][HASH_BYTES];
    char config[512], added[256];
    const char *log;

    (void)state;
    temp_dir_make(&dir);
    log = temp_path(&dir, "log");
    snprintf(config, sizeof config,
             "{\"TraceOptions\":{\"\":{\"severity\":\"Debug\",\"backends\":"
             "[\"File MachineFormat %s\"]}}}",
             log);
    options.config_text = config;
    if (ou_trace_start(&options, &err))
        fail_msg("%s", err.text);
    bench_start(&b);
    add(&b, pay(&b, 0, 0, ids[0]));
    snprintf(added, sizeof added,
             "\"ns\":\"Mempool.AddedTx\",\"data\":{\"kind\":\"TraceMempoolAddedTx\","
             "\"mempoolSize\":{\"bytes\":%zu,\"numTxs\":1},\"tx\":{\"txid\":\"%02x%02x%02x%02x\"}}",
             b.tx.len + TX_ROOM_OVERHEAD, ids[0][0], ids[0][1], ids[0][2], ids[0][3]);
    mempool_drop(b.m, (const uint8_t(*)[HASH_BYTES])ids, 1);
    assert_int_equal(mempool_add(b.m, pay(&b, 1, 2, ids[0]), 5, NULL), MEMPOOL_REJECTED);
    add(&b, pay(&b, 1, 9, ids[0]));
    mempool_sync(b.m, 9);
    mempool_sync(b.m, 9); /* nothing goes */
    mempool_drop(b.m, (const uint8_t(*)[HASH_BYTES])ids, 1);
    bench_end(&b);
    ou_trace_stop();
    assert_int_equal(lines_with(log, added), 1);
    assert_int_equal(lines_with(log, "\"ns\":\"Mempool.AddedTx\""), 2);
    assert_int_equal(lines_with(log, "\"ns\":\"Mempool.ManuallyRemovedTxs\""), 1);
    assert_int_equal(lines_with(log, "\"err\":\"slot 5 is not before its end of validity"), 1);
    assert_int_equal(lines_with(log, "\"ns\":\"Mempool.RemoveTxs\""), 1);
    assert_int_equal(lines_with(log, "RisingEdge"), 2);
    assert_int_equal(lines_with(log, "FallingEdgeWith"), 2);
    temp_dir_remove(&dir);
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transactions_wait_in_order_of_arrival),
        cmocka_unit_test(test_what_it_knows_or_cannot_use_is_not_taken),
        cmocka_unit_test(test_a_transaction_may_build_on_one_that_waits),
        cmocka_unit_test(test_a_new_tip_removes_what_it_has_and_what_it_made_invalid),
        cmocka_unit_test(test_dropping_takes_along_what_was_built_on_it),
        cmocka_unit_test(test_a_full_mempool_takes_nothing_until_there_is_room),
        cmocka_unit_test(test_the_last_byte_of_room_counts),
        cmocka_unit_test(test_the_genesis_limits_a_transaction_to_the_byte),
        cmocka_unit_test(test_listeners_may_go_while_they_are_told),
        cmocka_unit_test(test_whoever_heard_of_room_first_hears_last_the_next_time),
        cmocka_unit_test(test_changes_are_traced),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
