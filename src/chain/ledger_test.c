#include "chain/ledger.h"

#include <stdio.h>

#include "chain/world_test.h"
#include "support/hex.h"

enum { ROOM = 1 << 20 };

/* What each test works with. */
struct bench {
    struct world w;
    struct ledger *l;
    struct buffer tx, body;
};

static void bench_start(struct bench *b)
{
    world_make(&b->w);
    b->l = world_ledger(&b->w);
    buffer_init(&b->tx, allocator_libc(), ROOM);
    buffer_init(&b->body, allocator_libc(), ROOM);
}

static void bench_end(struct bench *b)
{
    ledger_free(b->l);
    buffer_release(&b->tx);
    buffer_release(&b->body);
}

static enum ou_status apply(struct bench *b, struct bytes tx, uint64_t slot, struct ou_error *err)
{
    struct block block = world_block(&tx, tx.count > 0, slot, &b->body);

    return ledger_apply(b->l, &block, LEDGER_CHECK_ALL, NULL, NULL, err);
}

/* A block of just this transaction is refused for that reason, in the ledger and in a view, and nothing
 * has changed. */
static void assert_refused(struct bench *b, struct bytes tx, uint64_t slot, const char *reason)
{
    struct ledger_totals before = ledger_totals(b->l), after;
    size_t count = ledger_output_count(b->l);
    struct ou_error err = { { 0 } }, view_err = { { 0 } };
    struct ledger_view *view;
    const char *why = NULL;
    struct tx read;

    assert_int_equal(apply(b, tx, slot, &err), OU_INVALID);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
    after = ledger_totals(b->l);
    assert_int_equal(after.outputs, before.outputs);
    assert_int_equal(after.fees, before.fees);
    assert_int_equal(ledger_output_count(b->l), count);
    assert_int_equal(ledger_undo_depth(b->l), 0);
    assert_int_equal(ledger_slot(b->l), 0);

    assert_int_equal(tx_read(tx, &read, &why), WIRE_OK);
    assert_int_equal(ledger_view_create(b->l, &view, NULL), OU_OK);
    assert_int_equal(ledger_view_add(view, &read, slot, LEDGER_CHECK_ALL, NULL, NULL, &view_err),
                     OU_INVALID);
    assert_non_null(strstr(err.text, view_err.text));
    ledger_view_free(view);
}

static void assert_accepted(struct bench *b, struct bytes tx, uint64_t slot)
{
    struct ou_error err = { { 0 } };

    if (apply(b, tx, slot, &err))
        fail_msg("%s", err.text);
}

static struct tx_input output_of(const uint8_t id[HASH_BYTES], uint16_t index)
{
    struct tx_input input = { .index = index };

    memcpy(input.id, id, HASH_BYTES);
    return input;
}

static void test_the_genesis_gives_outputs_named_by_addresses(void **state)
{
    struct bench b;
    const struct ledger_output *found;
    struct tx_input input;

    (void)state;
    bench_start(&b);
    assert_int_equal(ledger_output_count(b.l), OWNERS);
    assert_int_equal(ledger_totals(b.l).outputs, (uint64_t)OWNERS * WORLD_FUND);
    input = world_fund(&b.w, 5);
    found = ledger_find(b.l, &input);
    assert_non_null(found);
    assert_int_equal(found->coin, WORLD_FUND);
    assert_int_equal(found->address_bytes, 57);
    assert_int_equal(found->pool, 1);
    input.index = 1;
    assert_null(ledger_find(b.l, &input));
    bench_end(&b);

    b.w.funds[1] = b.w.funds[0];
    assert_int_equal(ledger_create(&b.w.genesis, &b.l, NULL), OU_INVALID);
}

static void test_a_payment_moves_money_and_is_taken_back(void **state)
{
    struct bench b;
    struct tx_input from, to;
    struct plan plan;
    uint8_t id[HASH_BYTES];

    (void)state;
    bench_start(&b);
    from = world_fund(&b.w, 0);
    plan = plan_pay(from, WORLD_FUND, 0, 1);
    assert_accepted(&b, world_build(&b.w, &plan, &b.tx, id), 7);
    to = output_of(id, 0);
    assert_null(ledger_find(b.l, &from));
    assert_int_equal(ledger_find(b.l, &to)->coin, WORLD_FUND - WORLD_FEE);
    assert_int_equal(ledger_totals(b.l).fees, WORLD_FEE);
    assert_int_equal(ledger_slot(b.l), 7);
    assert_int_equal(ledger_undo_depth(b.l), 1);

    assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    assert_null(ledger_find(b.l, &to));
    assert_int_equal(ledger_find(b.l, &from)->coin, WORLD_FUND);
    assert_int_equal(ledger_totals(b.l).fees, 0);
    assert_int_equal(ledger_slot(b.l), 0);
    assert_int_equal(ledger_undo(b.l, NULL), OU_USAGE);
    bench_end(&b);
}

static void test_no_more_than_k_blocks_are_taken_back(void **state)
{
    struct bench b;

    (void)state;
    bench_start(&b);
    for (uint64_t slot = 1; slot <= 10; slot++)
        assert_accepted(&b, (struct bytes){ 0 }, slot);
    for (int i = 0; i < WORLD_K; i++)
        assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    assert_int_equal(ledger_undo(b.l, NULL), OU_USAGE);
    assert_int_equal(ledger_slot(b.l), 6);
    bench_end(&b);
}

/* Money, place, time, size, signature: one rule broken at a time. */
static void test_broken_rules_are_named(void **state)
{
    struct bench b;
    struct plan good, plan;
    uint8_t id[HASH_BYTES];

    (void)state;
    bench_start(&b);
    good = plan_pay(world_fund(&b.w, 0), WORLD_FUND, 0, 1);

    plan = good;
    plan.coins[0]++;
    assert_refused(&b, world_build(&b.w, &plan, &b.tx, id), 5,
                   "transaction 0, inputs of 100000000 lovelace, but outputs of 99700001 and a "
                   "fee of 300000");
    plan = good;
    plan.coins[0]--; /* nor may money vanish */
    assert_refused(&b, world_build(&b.w, &plan, &b.tx, id), 5, "but outputs of 99699999 and a fee");
    plan = good;
    plan.inputs[0].index = 3;
    assert_refused(&b, world_build(&b.w, &plan, &b.tx, id), 5, "#3: spent or unknown");
    plan = good;
    plan.fee = 100000;
    assert_refused(&b, world_build(&b.w, &plan, &b.tx, id), 5, "a fee of 100000 lovelace where");
    plan = good;
    plan.ttl = 5;
    assert_refused(&b, world_build(&b.w, &plan, &b.tx, id), 5, "slot 5 is not before");
    plan = good;
    plan.coins[0] = 800000;
    assert_refused(&b, world_build(&b.w, &plan, &b.tx, id), 5,
                   "output 0: 800000 lovelace, where 39 bytes need 857690");
    plan = good;
    plan.owners[0] = 1;
    assert_refused(&b, world_build(&b.w, &plan, &b.tx, id), 5, "input 0: no witness of the key");
    b.w.genesis.shelley.max_tx_bytes = 150;
    assert_refused(&b, world_build(&b.w, &good, &b.tx, id), 5, "above the limit of 150");
    b.w.genesis.shelley.max_tx_bytes = 16384;
    b.w.genesis.network = 1;
    assert_refused(&b, world_build(&b.w, &good, &b.tx, id), 5,
                   "output 0: an address of network 0 on network 1");
    b.w.genesis.network = 0;
    assert_accepted(&b, world_build(&b.w, &good, &b.tx, id), 5);
    bench_end(&b);
}

static void test_a_block_behind_the_last_one_is_refused(void **state)
{
    struct bench b;
    struct ou_error err = { { 0 } };

    (void)state;
    bench_start(&b);
    assert_accepted(&b, (struct bytes){ 0 }, 7);
    assert_int_equal(apply(&b, (struct bytes){ 0 }, 6, &err), OU_INVALID);
    assert_string_equal(err.text, "a block of slot 6 behind one of slot 7");
    assert_int_equal(ledger_slot(b.l), 7);
    assert_int_equal(ledger_undo_depth(b.l), 1);
    bench_end(&b);
}

/* It has the parts that a block wants of it, but they mean nothing: whoever made the block can write so. */
static void test_a_transaction_that_cannot_be_read_is_told_with_its_place(void **state)
{
    struct bench b;
    struct bytes txs[2];
    struct plan plan;
    struct block block;
    uint8_t id[HASH_BYTES];
    struct ou_error err = { { 0 } };

    (void)state;
    bench_start(&b);
    plan = plan_pay(world_fund(&b.w, 0), WORLD_FUND, 0, 1);
    txs[0] = world_build(&b.w, &plan, &b.tx, id);
    txs[1] = from_hex("84a0a0f5f6");
    block = world_block(txs, 2, 109, &b.body);
    assert_int_equal(ledger_apply(b.l, &block, LEDGER_CHECK_ALL, NULL, NULL, &err), OU_INVALID);
    assert_string_equal(err.text, "transaction 1, a transaction without inputs, outputs or fee");
    assert_int_equal(ledger_totals(b.l).outputs, (uint64_t)OWNERS * WORLD_FUND);
    assert_int_equal(ledger_slot(b.l), 0);
    assert_int_equal(ledger_undo_depth(b.l), 0);
    bench_end(&b);
}

static void test_the_end_of_validity_is_exclusive_and_its_start_is_not(void **state)
{
    struct bench b;
    struct plan plan;
    uint8_t id[HASH_BYTES];

    (void)state;
    bench_start(&b);
    plan = plan_pay(world_fund(&b.w, 0), WORLD_FUND, 0, 1);
    plan.ttl = 6;
    assert_accepted(&b, world_build(&b.w, &plan, &b.tx, id), 5);
    assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    assert_refused(&b, world_build(&b.w, &plan, &b.tx, id), 6, "slot 6 is not before");
    bench_end(&b);
}

/* Changes one byte of the signature that stands near the end. */
static void test_a_wrong_signature_is_refused_unless_it_is_trusted(void **state)
{
    struct bench b;
    struct plan plan;
    struct bytes tx;
    struct block block;
    uint8_t id[HASH_BYTES];

    (void)state;
    bench_start(&b);
    plan = plan_pay(world_fund(&b.w, 0), WORLD_FUND, 0, 1);
    tx = world_build(&b.w, &plan, &b.tx, id);
    b.tx.at[tx.count - 10] ^= 1;
    assert_refused(&b, tx, 5, "witness 0: the signature");
    block = world_block(&tx, 1, 5, &b.body);
    assert_int_equal(ledger_apply(b.l, &block, LEDGER_TRUST_SIGNATURES, NULL, NULL, NULL), OU_OK);
    bench_end(&b);
}

/* What the generator never makes: a body with `members` parts, of which `rest` gives all but the first, owner
 * 0's fund of 100000000 as input; then its witnesses. */
static void assert_hex_refused(struct bench *b, int members, const char *rest, const char *reason)
{
    char hex[1024], id[2 * HASH_BYTES + 1];
    struct tx_input fund = world_fund(&b->w, 0);

    hash_text(fund.id, id);
    snprintf(hex, sizeof hex, "84a%d0081825820%s00%s", members, id, rest);
    assert_refused(b, from_hex(hex), 5, reason);
}

/* 99700000 to a key's address, and a fee of 300000. */
#define SOMEBODY "8b218424ad74df25d35c2ea8e094a4c5c5aeb2cbb442419331569313"
#define PAYS "0181a200581d60" SOMEBODY "011a05f14d20"
#define FEE "021a000493e0"
#define NO_WITNESSES "a0f5f6"

static void test_what_is_not_modelled_is_refused_plainly(void **state)
{
    struct bench b;

    (void)state;
    bench_start(&b);
    assert_hex_refused(&b, 4, PAYS FEE "0480" NO_WITNESSES, "certificates");
    assert_hex_refused(&b, 4, PAYS FEE "05a0" NO_WITNESSES, "withdrawals");
    assert_hex_refused(&b, 4, PAYS FEE "09a0" NO_WITNESSES, "minting");
    assert_hex_refused(&b, 4, PAYS FEE "13a0" NO_WITNESSES, "votes");
    assert_hex_refused(&b, 4, PAYS FEE "1601" NO_WITNESSES, "donation");
    assert_hex_refused(&b, 4, PAYS FEE "1280" NO_WITNESSES, "reference");
    assert_hex_refused(&b, 4, PAYS FEE "10a0" NO_WITNESSES, "collateral");
    assert_hex_refused(&b, 3,
                       "0181a200581d60" SOMEBODY "01821a05f14d20a141aaa141bb05" FEE NO_WITNESSES,
                       "output 0: assets");
    assert_hex_refused(&b, 3, "0181a200581de0" SOMEBODY "011a05f14d20" FEE NO_WITNESSES,
                       "output 0: a kind of address");
    assert_hex_refused(&b, 3, "0181a2004160011a05f14d20" FEE NO_WITNESSES,
                       "output 0: an address of 1 bytes");
    assert_hex_refused(&b, 3, "0180" FEE NO_WITNESSES, "no outputs");
    assert_hex_refused(&b, 4, PAYS FEE "0806" NO_WITNESSES,
                       "slot 5 is before its start of validity, slot 6");
    assert_hex_refused(&b, 4, PAYS FEE "0805" NO_WITNESSES, "input 0: no witness of the key");
    assert_hex_refused(&b, 3, PAYS FEE "a0f4f6", "it has none");
    assert_refused(&b, from_hex("84a30080" PAYS FEE NO_WITNESSES), 5, "no inputs");
    bench_end(&b);
}

static void test_a_transaction_may_spend_what_one_before_it_made(void **state)
{
    struct bench b;
    struct buffer second;
    struct bytes txs[2];
    struct block block;
    struct plan plan;
    uint8_t id[HASH_BYTES];
    struct tx_input made;
    struct ou_error err = { { 0 } };

    (void)state;
    bench_start(&b);
    buffer_init(&second, allocator_libc(), ROOM);
    plan = plan_pay(world_fund(&b.w, 0), WORLD_FUND, 0, 4);
    txs[0] = world_build(&b.w, &plan, &b.tx, id);
    made = output_of(id, 0);
    plan = plan_pay(made, WORLD_FUND - WORLD_FEE, 4, 5);
    txs[1] = world_build(&b.w, &plan, &second, id);
    block = world_block(txs, 2, 9, &b.body);
    assert_int_equal(ledger_apply(b.l, &block, LEDGER_CHECK_ALL, NULL, NULL, NULL), OU_OK);
    assert_null(ledger_find(b.l, &made));
    assert_int_equal(ledger_totals(b.l).fees, 2 * WORLD_FEE);
    assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    assert_null(ledger_find(b.l, &made));
    assert_int_equal(ledger_output_count(b.l), OWNERS);

    /* The other way round the second is refused, and the first one with it. */
    struct bytes swapped[2] = { txs[1], txs[0] };
    block = world_block(swapped, 2, 9, &b.body);
    assert_int_equal(ledger_apply(b.l, &block, LEDGER_CHECK_ALL, NULL, NULL, &err), OU_INVALID);
    /* Twice the same: the second is refused after the first has happened. */
    struct bytes twice[2] = { txs[0], txs[0] };
    block = world_block(twice, 2, 109, &b.body);
    assert_int_equal(ledger_apply(b.l, &block, LEDGER_CHECK_ALL, NULL, NULL, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "transaction 1, input 0, "));
    assert_int_equal(ledger_output_count(b.l), OWNERS);
    assert_int_equal(ledger_totals(b.l).outputs, (uint64_t)OWNERS * WORLD_FUND);
    assert_int_equal(ledger_slot(b.l), 0);
    buffer_release(&second);
    bench_end(&b);
}

static void test_a_view_does_not_touch_the_ledger(void **state)
{
    struct bench b;
    struct buffer second;
    struct ledger_view *view;
    struct plan plan;
    uint8_t id[HASH_BYTES];
    struct tx first, next;
    const char *why;

    (void)state;
    bench_start(&b);
    buffer_init(&second, allocator_libc(), ROOM);
    assert_int_equal(ledger_view_create(b.l, &view, NULL), OU_OK);
    plan = plan_pay(world_fund(&b.w, 0), WORLD_FUND, 0, 1);
    assert_int_equal(tx_read(world_build(&b.w, &plan, &b.tx, id), &first, &why), WIRE_OK);
    plan = plan_pay(output_of(id, 0), WORLD_FUND - WORLD_FEE, 1, 2);
    assert_int_equal(tx_read(world_build(&b.w, &plan, &second, id), &next, &why), WIRE_OK);

    for (int round = 0; round < 2; round++) {
        assert_int_equal(ledger_view_add(view, &next, 5, LEDGER_CHECK_ALL, NULL, NULL, NULL),
                         OU_INVALID);
        assert_int_equal(ledger_view_add(view, &first, 5, LEDGER_CHECK_ALL, NULL, NULL, NULL),
                         OU_OK);
        assert_int_equal(ledger_view_add(view, &first, 5, LEDGER_CHECK_ALL, NULL, NULL, NULL),
                         OU_INVALID);
        assert_int_equal(ledger_view_add(view, &next, 5, LEDGER_TRUST_SIGNATURES, NULL, NULL, NULL),
                         OU_OK);
        assert_int_equal(ledger_output_count(b.l), OWNERS);
        ledger_view_reset(view);
    }
    ledger_view_free(view);
    buffer_release(&second);
    bench_end(&b);
}

/* --- Scripts ------------------------------------------------------------------------- */

static const uint8_t program[] = { 0x47, 1, 0, 0, 0x22, 0x22, 0, 0x11 };

/* Owner 0 pays two outputs to the script's address; what spends them is built into *b. */
struct script_case {
    struct tx_input inputs[2], collateral;
    uint64_t steps, memory;
    bool with_script, with_collateral;
    int signer;
};

static void fund_script(struct bench *b, struct script_case *ret)
{
    uint8_t address[ADDRESS_MAX_BYTES], hash[KEY_HASH_BYTES], id[HASH_BYTES];
    struct tx_input fund = world_fund(&b->w, 0);
    struct tx_build_output outputs[2];

    tx_script_hash((struct bytes){ program, sizeof program }, hash);
    for (int i = 0; i < 2; i++)
        outputs[i] = (struct tx_build_output){ address, address_script(0, hash, address),
                                               (WORLD_FUND - WORLD_FEE) / 2 };
    struct tx_build parts = { .inputs = &fund,
                              .input_count = 1,
                              .outputs = outputs,
                              .output_count = 2,
                              .fee = WORLD_FEE,
                              .signing_seeds = (const uint8_t(*)[32])b->w.seeds[0],
                              .signing_count = 1 };
    buffer_clear(&b->tx);
    assert_int_equal(tx_build(&parts, &b->tx, id, NULL), OU_OK);
    assert_accepted(b, bytes_of(&b->tx), 0);
    *ret = (struct script_case){ .inputs = { output_of(id, 0), output_of(id, 1) },
                                 .collateral = world_fund(&b->w, 1),
                                 .steps = 400000,
                                 .memory = 4000,
                                 .with_script = true,
                                 .with_collateral = true,
                                 .signer = 1 };
}

static struct bytes build_script(struct bench *b, const struct script_case *s)
{
    struct tx_build_output output = { b->w.funds[2].address, b->w.funds[2].address_bytes,
                                      WORLD_FUND - WORLD_FEE - WORLD_FEE };
    uint8_t id[HASH_BYTES];
    struct tx_build parts = {
        .inputs = s->inputs,
        .input_count = 2,
        .outputs = &output,
        .output_count = 1,
        .fee = WORLD_FEE,
        .signing_seeds = (const uint8_t(*)[32])b->w.seeds[s->signer],
        .signing_count = 1,
        .script = { s->with_script ? program : NULL, sizeof program },
        .script_steps = s->steps,
        .script_memory = s->memory,
        .collateral = s->with_collateral ? &s->collateral : NULL,
    };

    buffer_clear(&b->tx);
    assert_int_equal(tx_build(&parts, &b->tx, id, NULL), OU_OK);
    return bytes_of(&b->tx);
}

static void add_cost(void *context, uint64_t steps, uint64_t memory)
{
    uint64_t *sums = context;

    sums[0] += steps;
    sums[1] += memory;
}

static void test_outputs_of_scripts_need_script_and_redeemer(void **state)
{
    struct bench b;
    struct script_case good, s;
    struct ou_error err = { { 0 } };
    uint64_t sums[2] = { 0, 0 };
    struct bytes tx;
    struct block block;

    (void)state;
    bench_start(&b);
    fund_script(&b, &good);
    s = good;
    s.with_script = false;
    assert_int_equal(apply(&b, build_script(&b, &s), 5, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "its script is not among the witnesses"));
    s = good;
    s.signer = 3;
    assert_int_equal(apply(&b, build_script(&b, &s), 5, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "collateral 0: no witness of the key"));
    s = good;
    s.collateral = good.inputs[0];
    assert_int_equal(apply(&b, build_script(&b, &s), 5, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "collateral 0: not at the address of a key"));
    s = good;
    s.steps = 500001;
    assert_int_equal(apply(&b, build_script(&b, &s), 5, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "scripts of 1000002 steps and 8000 memory, above 1000000"));
    s = good;
    s.inputs[1] = world_fund(&b.w, 1); /* a key's, with a redeemer */
    assert_int_equal(apply(&b, build_script(&b, &s), 5, &err), OU_INVALID);

    tx = build_script(&b, &good);
    block = world_block(&tx, 1, 5, &b.body);
    if (ledger_apply(b.l, &block, LEDGER_CHECK_ALL, add_cost, sums, &err))
        fail_msg("%s", err.text);
    assert_int_equal(sums[0], 800000);
    assert_int_equal(sums[1], 8000);
    assert_non_null(ledger_find(b.l, &good.collateral));
    bench_end(&b);
}

static void test_failed_scripts_cost_the_collateral_only(void **state)
{
    struct bench b;
    struct script_case good;
    struct ou_error err = { { 0 } };
    struct bytes tx;
    uint64_t fees;

    (void)state;
    bench_start(&b);
    fund_script(&b, &good);
    fees = ledger_totals(b.l).fees;
    tx = build_script(&b, &good);
    b.tx.at[tx.count - 2] = (char)0xf4;
    if (apply(&b, tx, 5, &err))
        fail_msg("%s", err.text);
    assert_non_null(ledger_find(b.l, &good.inputs[0]));
    assert_non_null(ledger_find(b.l, &good.inputs[1]));
    assert_null(ledger_find(b.l, &good.collateral));
    assert_int_equal(ledger_totals(b.l).fees, fees + WORLD_FUND);
    assert_int_equal(ledger_totals(b.l).outputs, (uint64_t)OWNERS * WORLD_FUND - fees - WORLD_FUND);
    assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    assert_non_null(ledger_find(b.l, &good.collateral));

    good.with_collateral = false;
    tx = build_script(&b, &good);
    b.tx.at[tx.count - 2] = (char)0xf4;
    assert_int_equal(apply(&b, tx, 5, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "collateral of 0 lovelace is below the fee of 300000"));
    bench_end(&b);
}

static void test_scripts_of_a_block_share_its_budget(void **state)
{
    struct bench b;
    struct script_case s;
    struct ou_error err = { { 0 } };

    (void)state;
    bench_start(&b);
    fund_script(&b, &s);
    b.w.genesis.max_block_steps = 799999;
    assert_int_equal(apply(&b, build_script(&b, &s), 5, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "scripts of the block come to 800000 steps"));
    b.w.genesis.max_block_steps = 800000;
    b.w.genesis.max_block_memory = 7999;
    assert_int_equal(apply(&b, build_script(&b, &s), 5, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "and 8000 memory, above 800000 and 7999"));
    b.w.genesis.max_block_memory = 8000;
    assert_int_equal(apply(&b, build_script(&b, &s), 5, &err), OU_OK);
    bench_end(&b);
}

/* --- Stake --------------------------------------------------------------------------- */

static void assert_stake(const struct ledger *l, uint64_t epoch, uint64_t first, uint64_t second)
{
    struct ledger_stake stake;

    assert_true(ledger_stake_of(l, epoch, &stake));
    assert_int_equal(stake.by_pool[0], first);
    assert_int_equal(stake.by_pool[1], second);
    assert_int_equal(stake.total, first + second);
}

static void test_stake_decides_two_epochs_later(void **state)
{
    const uint64_t fund = WORLD_FUND;
    struct bench b;
    struct ledger_stake stake;
    struct plan plan;
    uint8_t id[HASH_BYTES];

    (void)state;
    bench_start(&b);
    assert_stake(b.l, 0, 2 * fund, fund);
    assert_stake(b.l, 1, 2 * fund, fund);
    assert_false(ledger_stake_of(b.l, 2, &stake));

    plan = plan_pay(world_fund(&b.w, 4), WORLD_FUND, 4, 5); /* from pool 0 to pool 1 */
    assert_accepted(&b, world_build(&b.w, &plan, &b.tx, id), 50);
    assert_stake(b.l, 1, 2 * fund, fund);
    assert_accepted(&b, (struct bytes){ 0 }, 100); /* epoch 1 */
    assert_stake(b.l, 1, 2 * fund, fund);
    assert_stake(b.l, 2, fund, 2 * fund - WORLD_FEE);
    assert_false(ledger_stake_of(b.l, 3, &stake));

    plan = plan_pay(output_of(id, 0), WORLD_FUND - WORLD_FEE, 5, 0); /* to nobody's pool */
    assert_accepted(&b, world_build(&b.w, &plan, &b.tx, id), 150);
    assert_accepted(&b, (struct bytes){ 0 }, 450); /* epochs 2 and 3 had no block */
    assert_stake(b.l, 2, fund, 2 * fund - WORLD_FEE);
    assert_stake(b.l, 3, fund, fund);
    assert_stake(b.l, 4, fund, fund);
    assert_stake(b.l, 5, fund, fund);
    assert_false(ledger_stake_of(b.l, 6, &stake));

    assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    assert_false(ledger_stake_of(b.l, 3, &stake));
    assert_stake(b.l, 2, fund, 2 * fund - WORLD_FEE);
    assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    assert_int_equal(ledger_undo(b.l, NULL), OU_OK);
    assert_false(ledger_stake_of(b.l, 2, &stake));
    bench_end(&b);
}

/* --- Random chains -------------------------------------------------------------------- */

/* The same ledger, as simply as can be: all outputs there ever were, and whole copies of it for
 * taking back. */
enum { MODEL_OUTPUTS = 4000, MODEL_BLOCKS = 600, BLOCK_TXS = 4 };

struct model_output {
    struct tx_input input;
    uint64_t coin;
    int owner;
    bool spent;
};

struct model {
    struct model_output outputs[MODEL_OUTPUTS];
    size_t count;
    uint64_t fees, slot;
    uint64_t ends[2000][POOLS]; /* stake at the end of each epoch before that of slot */
};

static void model_stake(const struct model *m, uint64_t ret[POOLS])
{
    memset(ret, 0, POOLS * sizeof *ret);
    for (size_t i = 0; i < m->count; i++)
        if (!m->outputs[i].spent && world_pool_of[m->outputs[i].owner] >= 0)
            ret[world_pool_of[m->outputs[i].owner]] += m->outputs[i].coin;
}

static void model_start(struct model *m, const struct world *w)
{
    *m = (struct model){ .count = OWNERS };
    for (int i = 0; i < OWNERS; i++)
        m->outputs[i] = (struct model_output){ world_fund(w, i), WORLD_FUND, i, false };
}

static void model_tick(struct model *m, uint64_t slot)
{
    for (uint64_t epoch = m->slot / WORLD_EPOCH_SLOTS; epoch < slot / WORLD_EPOCH_SLOTS; epoch++)
        model_stake(m, m->ends[epoch]);
    m->slot = slot;
}

/* Spends up to three outputs and pays up to three owners; false when a sum is too small. */
static bool model_pay(struct model *m, const struct world *w, unsigned *seed, struct buffer *b)
{
    struct plan plan = { .input_count = 0, .fee = WORLD_FEE };
    size_t wanted = 1 + (size_t)rand_r(seed) % 3;
    size_t picked[3];
    uint64_t sum = 0;
    uint8_t id[HASH_BYTES];

    for (int tries = 0; tries < 50 && plan.input_count < wanted; tries++) {
        size_t i = (size_t)rand_r(seed) % m->count;

        if (m->outputs[i].spent)
            continue;
        m->outputs[i].spent = true;
        picked[plan.input_count] = i;
        plan.inputs[plan.input_count] = m->outputs[i].input;
        plan.owners[plan.input_count++] = m->outputs[i].owner;
        sum += m->outputs[i].coin;
    }
    plan.output_count = 1 + (size_t)rand_r(seed) % 3;
    if (plan.input_count == 0 || sum < WORLD_FEE + 3 * 1500000) {
        for (size_t i = 0; i < plan.input_count; i++)
            m->outputs[picked[i]].spent = false;
        return false;
    }
    for (size_t i = 0; i < plan.output_count; i++) {
        plan.payees[i] = rand_r(seed) % OWNERS;
        plan.coins[i] = (sum - WORLD_FEE) / plan.output_count +
                        (i == 0 ? (sum - WORLD_FEE) % plan.output_count : 0);
    }
    world_build(w, &plan, b, id);
    for (size_t i = 0; i < plan.output_count; i++)
        m->outputs[m->count++] = (struct model_output){ output_of(id, (uint16_t)i), plan.coins[i],
                                                        plan.payees[i], false };
    m->fees += WORLD_FEE;
    return true;
}

static void assert_same(const struct ledger *l, const struct model *m)
{
    uint64_t sum = 0;
    size_t unspent = 0;

    for (size_t i = 0; i < m->count; i++) {
        const struct ledger_output *found = ledger_find(l, &m->outputs[i].input);

        assert_int_equal(found == NULL, m->outputs[i].spent);
        if (found) {
            assert_int_equal(found->coin, m->outputs[i].coin);
            assert_int_equal(found->pool, world_pool_of[m->outputs[i].owner]);
            sum += found->coin;
            unspent++;
        }
    }
    assert_int_equal(ledger_output_count(l), unspent);
    assert_int_equal(ledger_totals(l).outputs, sum);
    assert_int_equal(ledger_totals(l).fees, m->fees);
    assert_int_equal(sum + m->fees, (uint64_t)OWNERS * WORLD_FUND);
    assert_int_equal(ledger_slot(l), m->slot);
    for (uint64_t epoch = m->slot / WORLD_EPOCH_SLOTS; epoch <= m->slot / WORLD_EPOCH_SLOTS + 1;
         epoch++)
        if (epoch >= 2)
            assert_stake(l, epoch, m->ends[epoch - 2][0], m->ends[epoch - 2][1]);
}

/* A block of random payments on *next, whose last one is broken now and then. */
static bool random_block(struct bench *b, struct model *next, unsigned *seed, struct buffer *txs)
{
    struct bytes list[BLOCK_TXS];
    size_t count = 0;
    bool good = rand_r(seed) % 5 != 0;
    struct block block;
    struct ou_error err = { { 0 } };
    enum ou_status status;

    model_tick(next, next->slot + 1 + (uint64_t)rand_r(seed) % 60);
    for (size_t wanted = (size_t)rand_r(seed) % (BLOCK_TXS + 1); count < wanted; count++) {
        if (!model_pay(next, &b->w, seed, &txs[count]))
            break;
        list[count] = bytes_of(&txs[count]);
    }
    good = good || count == 0;
    if (!good)
        txs[count - 1].at[txs[count - 1].len - 8] ^= 1;
    block = world_block(list, count, next->slot, &b->body);
    status = ledger_apply(b->l, &block, LEDGER_CHECK_ALL, NULL, NULL, &err);
    if (good && status)
        fail_msg("%s", err.text);
    assert_int_equal(status, good ? OU_OK : OU_INVALID);
    return good;
}

static void test_random_chains_do_what_a_naive_ledger_does(void **state)
{
    struct model *stack = calloc(WORLD_K + 2, sizeof *stack); /* the states of the last k blocks */
    struct buffer txs[BLOCK_TXS];
    struct ledger_stake stake;
    struct bench b;
    size_t depth = 0;
    unsigned seed = 20;

    (void)state;
    bench_start(&b);
    for (int i = 0; i < BLOCK_TXS; i++)
        buffer_init(&txs[i], allocator_libc(), ROOM);
    model_start(&stack[0], &b.w);
    for (int step = 0; step < MODEL_BLOCKS; step++) {
        if (rand_r(&seed) % 3 == 0) {
            assert_int_equal(ledger_undo(b.l, NULL), depth > 0 ? OU_OK : OU_USAGE);
            depth -= depth > 0;
        } else {
            stack[depth + 1] = stack[depth];
            depth += random_block(&b, &stack[depth + 1], &seed, txs);
        }
        if (depth > WORLD_K) {
            memmove(stack, stack + 1, (WORLD_K + 1) * sizeof *stack);
            depth--;
        }
        assert_int_equal(ledger_undo_depth(b.l), depth);
        assert_same(b.l, &stack[depth]);
    }
    assert_true(stack[depth].slot > 20 * WORLD_EPOCH_SLOTS);
    assert_false(ledger_stake_of(b.l, 2, &stake)); /* nobody can ask for it: it was let go */
    for (int i = 0; i < BLOCK_TXS; i++)
        buffer_release(&txs[i]);
    bench_end(&b);
    free(stack);
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_genesis_gives_outputs_named_by_addresses),
        cmocka_unit_test(test_a_payment_moves_money_and_is_taken_back),
        cmocka_unit_test(test_no_more_than_k_blocks_are_taken_back),
        cmocka_unit_test(test_broken_rules_are_named),
        cmocka_unit_test(test_a_block_behind_the_last_one_is_refused),
        cmocka_unit_test(test_a_transaction_that_cannot_be_read_is_told_with_its_place),
        cmocka_unit_test(test_the_end_of_validity_is_exclusive_and_its_start_is_not),
        cmocka_unit_test(test_a_wrong_signature_is_refused_unless_it_is_trusted),
        cmocka_unit_test(test_what_is_not_modelled_is_refused_plainly),
        cmocka_unit_test(test_a_transaction_may_spend_what_one_before_it_made),
        cmocka_unit_test(test_a_view_does_not_touch_the_ledger),
        cmocka_unit_test(test_outputs_of_scripts_need_script_and_redeemer),
        cmocka_unit_test(test_failed_scripts_cost_the_collateral_only),
        cmocka_unit_test(test_scripts_of_a_block_share_its_budget),
        cmocka_unit_test(test_stake_decides_two_epochs_later),
        cmocka_unit_test(test_random_chains_do_what_a_naive_ledger_does),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
