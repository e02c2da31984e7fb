#include <stdio.h>

#include "chain/ledger.h"
#include "chain/world_test.h"
#include "support/guard.h"
#include "support/hex.h"

enum { ROOM = 1 << 20 };

struct bench {
    struct world w;
    struct ledger *l;
    struct buffer tx, body, snapshot;
    uint8_t paid[HASH_BYTES]; /* the transaction that owner 4 paid owner 5 with */
};

static void apply(struct bench *b, struct bytes tx, uint64_t slot)
{
    struct block block = world_block(&tx, tx.count > 0, slot, &b->body);
    struct ou_error err = { { 0 } };

    if (ledger_apply(b->l, &block, LEDGER_CHECK_ALL, NULL, NULL, &err))
        fail_msg("%s", err.text);
}

/* A ledger in its third epoch, in which stake has moved, and its snapshot. */
static void bench_start(struct bench *b)
{
    struct plan plan;

    world_make(&b->w);
    b->l = world_ledger(&b->w);
    buffer_init(&b->tx, allocator_libc(), ROOM);
    buffer_init(&b->body, allocator_libc(), ROOM);
    buffer_init(&b->snapshot, allocator_libc(), ROOM);
    plan = plan_pay(world_fund(&b->w, 4), WORLD_FUND, 4, 5);
    apply(b, world_build(&b->w, &plan, &b->tx, b->paid), 60);
    apply(b, (struct bytes){ 0 }, 160);
    apply(b, (struct bytes){ 0 }, 260);
    ledger_snapshot_write(b->l, &b->snapshot);
    assert_int_equal(buffer_status(&b->snapshot), OU_OK);
}

static void bench_end(struct bench *b)
{
    ledger_free(b->l);
    buffer_release(&b->tx);
    buffer_release(&b->body);
    buffer_release(&b->snapshot);
}

static void assert_same_stake(const struct ledger *a, const struct ledger *b, uint64_t epoch)
{
    struct ledger_stake one, two;

    assert_int_equal(ledger_stake_of(a, epoch, &one), ledger_stake_of(b, epoch, &two));
    if (!ledger_stake_of(a, epoch, &one))
        return;
    assert_int_equal(one.total, two.total);
    assert_memory_equal(one.by_pool, two.by_pool, POOLS * sizeof(uint64_t));
}

static void assert_same(const struct ledger *a, const struct ledger *b)
{
    assert_int_equal(ledger_slot(a), ledger_slot(b));
    assert_int_equal(ledger_output_count(a), ledger_output_count(b));
    assert_int_equal(ledger_totals(a).outputs, ledger_totals(b).outputs);
    assert_int_equal(ledger_totals(a).fees, ledger_totals(b).fees);
    for (uint64_t epoch = 0; epoch < 8; epoch++)
        assert_same_stake(a, b, epoch);
}

/* Two blocks more, one with this transaction. */
static void go_on(struct bench *b, struct ledger *l, struct bytes tx)
{
    struct ledger *own = b->l;

    b->l = l;
    apply(b, tx, 270);
    apply(b, (struct bytes){ 0 }, 390);
    b->l = own;
}

static void test_a_ledger_that_was_written_goes_on_as_if_nothing_had_happened(void **state)
{
    struct tx_input made = { .index = 0 };
    const struct ledger_output *one, *two;
    struct ledger *again;
    struct ou_error err = { { 0 } };
    struct bench b;
    struct plan plan;
    struct bytes tx;

    (void)state;
    bench_start(&b);
    if (ledger_snapshot_read(bytes_of(&b.snapshot), &b.w.genesis, &again, &err))
        fail_msg("%s", err.text);
    assert_int_equal(ledger_undo_depth(again), 0);
    memcpy(made.id, b.paid, HASH_BYTES);
    one = ledger_find(b.l, &made);
    two = ledger_find(again, &made);
    assert_int_equal(two->coin, one->coin);
    assert_int_equal(two->pool, one->pool);
    assert_bytes((struct bytes){ two->address, two->address_bytes },
                 (struct bytes){ one->address, one->address_bytes });
    assert_same(again, b.l);
    plan = plan_pay(made, WORLD_FUND - WORLD_FEE, 5, 6);
    tx = world_build(&b.w, &plan, &b.tx, b.paid);
    go_on(&b, b.l, tx);
    go_on(&b, again, tx);
    assert_same(again, b.l);
    ledger_free(again);
    bench_end(&b);
}

static void assert_refused(const struct bench *b, struct bytes input, const char *reason)
{
    struct guarded g = guard_copy(input.at, input.count);
    struct ledger *l = NULL;
    struct ou_error err = { { 0 } };

    assert_int_equal(
        ledger_snapshot_read((struct bytes){ (uint8_t *)g.at, g.len }, &b->w.genesis, &l, &err),
        OU_INVALID);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
    guard_release(&g);
}

static void test_every_cut_is_refused(void **state)
{
    struct bench b;

    (void)state;
    bench_start(&b);
    for (size_t len = 0; len < b.snapshot.len; len++)
        assert_refused(&b, (struct bytes){ (uint8_t *)b.snapshot.at, len }, "byte");
    buffer_char(&b.snapshot, '\0');
    assert_refused(&b, bytes_of(&b.snapshot), "bytes behind the end");
    bench_end(&b);
}

#define GENESIS "58205e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"

static void test_what_does_not_add_up_is_refused(void **state)
{
    struct bench b;

    (void)state;
    bench_start(&b);
    assert_refused(&b, from_hex("86025820"), "another format");
    assert_refused(&b,
                   from_hex("86015820"
                            "005e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
                            "00008080"),
                   "another genesis");
    assert_refused(&b, from_hex("8601" GENESIS "00008080"), "less money");
    assert_refused(&b, from_hex("8601" GENESIS "001b00000000ffffffff8080"), "more fees");
    assert_refused(&b,
                   from_hex("8601" GENESIS "0000818200820000"
                            "80"),
                   "has not ended");
    assert_refused(&b,
                   from_hex("8601" GENESIS "1903e80082820182000082018200008"
                            "0"),
                   "do not rise");
    assert_refused(&b, from_hex("8601" GENESIS "1903e8008182018300000080"), "length");
    assert_refused(&b, from_hex("8601" GENESIS "1903e80081820182001bffffffffffffffff80"),
                   "more stake");
    /* As long as nothing can be: no memory is taken for it. */
    assert_refused(&b, from_hex("8601" GENESIS "0000809bfffffffffffffff0"), "longer than");
    assert_refused(&b, from_hex("8601" GENESIS "00009bfffffffffffffff0"), "longer than");
    assert_refused(&b, from_hex("8601" GENESIS "0000809f"), "without its length");
    bench_end(&b);
}

static void test_an_output_twice_or_at_no_address_is_refused(void **state)
{
#define ID "5820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ADDRESS "581d608b218424ad74df25d35c2ea8e094a4c5c5aeb2cbb442419331569313"
    struct bench b;

    (void)state;
    bench_start(&b);
    assert_refused(&b,
                   from_hex("8601" GENESIS "00008082"
                            "84" ID "00" ADDRESS "01"
                            "84" ID "00" ADDRESS "02"),
                   "an output twice");
    assert_refused(&b,
                   from_hex("8601" GENESIS "00008081"
                            "84" ID "00"
                            "4160"
                            "01"),
                   "no address");
    assert_refused(&b,
                   from_hex("8601" GENESIS "00008081"
                            "84" ID "00" ADDRESS "1b00000000ffffffff"),
                   "more money");
    bench_end(&b);
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_ledger_that_was_written_goes_on_as_if_nothing_had_happened),
        cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_what_does_not_add_up_is_refused),
        cmocka_unit_test(test_an_output_twice_or_at_no_address_is_refused),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
