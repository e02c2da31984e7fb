#include "chain/tx.h"

#include <stdio.h>

#include "support/guard.h"
#include "support/hex.h"
#include "support/test.h"

/* The worked transaction: the key of seed 07.. spends (aa.., 0) and pays itself 2 ada. Two other programs
 * gave the same id. */
#define WORKED_BODY                                                                        \
    "a400d9010281825820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa00" \
    "0181a200581d608b218424ad74df25d35c2ea8e094a4c5c5aeb2cbb442419331569313011a001e8480"   \
    "021a000281d903190e10"
#define WORKED_WITNESSES                                                                   \
    "a100d9010281825820ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"   \
    "5840267f2fdd1f92bf3d28d2c7f6625048af3064f94d8c9a1cb0543a91c996e1ce83ab11a2c6e4bb5d25" \
    "448c68cd9aa9ca4d88129d57d271071fb1b9fcd0a6fd8308"
#define WORKED "84" WORKED_BODY WORKED_WITNESSES "f5f6"
#define WORKED_ID "603c0aba424e037352b25a7c28b458d8886c02c21adf0db2fa19b326fa861b88"

#define AA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct tx_fee_rules mainnet = {
    .per_byte = 44,
    .constant = 155381,
    .coins_per_utxo_byte = 4310,
    .price_memory = 0.0577,
    .price_steps = 0.0000721,
};

static struct tx read_bytes(struct bytes input)
{
    struct tx tx;
    const char *why = NULL;

    if (tx_read(input, &tx, &why) != WIRE_OK)
        fail_msg("%s", why);
    return tx;
}

static struct tx read_hex(const char *hex)
{
    return read_bytes(from_hex(hex));
}

static void assert_bad(const char *hex, const char *reason)
{
    struct tx tx;
    const char *why = "";
    enum wire_result result = tx_read(from_hex(hex), &tx, &why);

    if (result != WIRE_BAD || !strstr(why, reason))
        fail_msg("%s: result %d, \"%s\" instead of \"%s\"", hex, result, why, reason);
}

static void assert_input(const struct tx_input *input, uint8_t byte, uint16_t index)
{
    assert_bytes((struct bytes){ input->id, HASH_BYTES }, repeated(byte, HASH_BYTES));
    assert_int_equal(input->index, index);
}

static void test_the_worked_transaction_is_what_other_programs_say(void **state)
{
    struct tx tx = read_hex(WORKED);
    struct tx_walk inputs = { 0 }, outputs = { 0 }, witnesses = { 0 };
    struct tx_input input;
    struct tx_output output;
    struct tx_key_witness witness;

    (void)state;
    assert_bytes((struct bytes){ tx.id, sizeof tx.id }, from_hex(WORKED_ID));
    assert_bytes(tx.body, from_hex(WORKED_BODY));
    assert_bytes(tx.witnesses, from_hex(WORKED_WITNESSES));
    assert_int_equal(tx.auxiliary.count, 0);
    assert_int_equal(from_hex(WORKED).count, 203);
    assert_int_equal(tx.fee_bytes, 202);
    assert_int_equal(tx_min_fee(&mainnet, &tx), 164269);
    assert_int_equal(tx.fee, 164313);
    assert_true(tx.valid && tx.has_ttl && !tx.has_valid_from);
    assert_int_equal(tx.ttl, 3600);

    assert_true(tx_next_input(tx.inputs, &inputs, &input));
    assert_input(&input, 0xaa, 0);
    assert_false(tx_next_input(tx.inputs, &inputs, &input));
    assert_true(tx_next_output(&tx, &outputs, &output));
    assert_int_equal(output.coin, 2000000);
    assert_int_equal(output.address.count, 29);
    assert_int_equal(output.bytes.count, 39);
    assert_false(output.has_assets);
    assert_false(tx_next_output(&tx, &outputs, &output));
    assert_true(tx_next_key_witness(&tx, &witnesses, &witness));
    assert_true(tx_witness_verifies(&tx, &witness));
    assert_false(tx_next_key_witness(&tx, &witnesses, &witness));
    tx.id[31] ^= 1;
    assert_false(tx_witness_verifies(&tx, &witness));
}

static void test_it_is_what_the_shared_table_holds(void **state)
{
    (void)state;
    assert_bytes(shared_vector("tx-worked"), from_hex(WORKED));
}

static void test_every_prefix_asks_for_more(void **state)
{
    struct bytes whole = from_hex(WORKED);

    (void)state;
    for (size_t len = 0; len < whole.count; len++) {
        struct guarded g = guard_copy(whole.at, len);
        struct tx tx;
        const char *why = NULL;

        assert_int_equal(tx_read((struct bytes){ (uint8_t *)g.at, len }, &tx, &why), WIRE_CUT);
        assert_non_null(why);
        guard_release(&g);
    }
}

static void test_parts_that_lie_apart_are_the_same_transaction(void **state)
{
    struct tx tx, whole = read_hex(WORKED);
    const char *why;

    (void)state;
    assert_int_equal(tx_read_parts(from_hex(WORKED_BODY), from_hex(WORKED_WITNESSES),
                                   (struct bytes){ 0 }, false, &tx, &why),
                     WIRE_OK);
    assert_memory_equal(tx.id, whole.id, sizeof tx.id);
    assert_int_equal(tx.fee_bytes, whole.fee_bytes);
    assert_false(tx.valid);
    assert_int_equal(tx_read_parts(from_hex(WORKED_BODY), from_hex(WORKED_WITNESSES),
                                   from_hex("a10102"), true, &tx, &why),
                     WIRE_OK);
    assert_int_equal(tx.fee_bytes, whole.fee_bytes + 2);
    assert_int_equal(tx_read_parts(from_hex(WORKED_BODY "00"), from_hex(WORKED_WITNESSES),
                                   (struct bytes){ 0 }, true, &tx, &why),
                     WIRE_BAD);
    assert_int_equal(tx_read_parts(from_hex(WORKED_BODY), from_hex(WORKED_WITNESSES "00"),
                                   (struct bytes){ 0 }, true, &tx, &why),
                     WIRE_BAD);
}

static void test_an_empty_transaction_is_read(void **state)
{
    struct tx tx = read_hex("84a300d901028001800200a0f5f6");

    (void)state;
    assert_int_equal(tx.input_count, 0);
    assert_int_equal(tx.output_count, 0);
    assert_int_equal(tx.fee, 0);
    assert_int_equal(tx.key_witness_count, 0);
}

/* Wrapped as chain-sync's relatives wrap it: [6, 24(h'..')]. */
static void test_the_golden_transaction_and_its_id(void **state)
{
    struct bytes wrapped = shared_vector("golden-gentx-conway");
    struct cbor c = cbor_open(wrapped);

    (void)state;
    cbor_list_of(&c, 2);
    assert_int_equal(cbor_uint(&c), 6);
    assert_int_equal(cbor_tag(&c), 24);
    struct tx tx = read_bytes(cbor_bytes(&c));
    assert_int_equal(tx.input_count + tx.output_count, 0);
}

static void test_sets_with_and_without_tag_and_length_are_the_same(void **state)
{
    static const char *const forms[] = {
        "84a300d9010282825820" AA "00825820" AA "0101800200a0f5f6",
        "84a30082825820" AA "00825820" AA "0101800200a0f5f6",
        "84a3009f825820" AA "00825820" AA "01ff01800200a0f5f6",
        "84bf00d901029f9f5820" AA "00ff825820" AA "01ff019fff0200ffbffff5f6",
        "84a300d901029a00000002825820" AA "009a000000025820" AA "190001018002180" /* odd heads */
        "0a0f5f6",
    };

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tx tx = read_hex(forms[i]);
        struct tx_walk walk = { 0 };
        struct tx_input input;

        assert_int_equal(tx.input_count, 2);
        assert_true(tx_next_input(tx.inputs, &walk, &input));
        assert_input(&input, 0xaa, 0);
        assert_true(tx_next_input(tx.inputs, &walk, &input));
        assert_input(&input, 0xaa, 1);
        assert_false(tx_next_input(tx.inputs, &walk, &input));
    }
}

static void test_only_sets_have_the_tag_of_sets(void **state)
{
    (void)state;
    assert_bad("84a300d901038001800200a0f5f6", "a tag that is not that of a set");
    assert_bad("84a3008001d90102800200a0f5f6", "another kind of item"); /* outputs have an order */
    assert_bad("84a30080018002d9010200a0f5f6", "another kind of item");
}

static void test_an_input_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    assert_bad("84a300d9010282825820" AA "00825820" AA "0001800200a0f5f6", "twice");
    assert_bad("84a300d9010282825820" AA "00825820" AA "18000180020" /* the same index, longer */
               "0a0f5f6",
               "twice");
    assert_bad("84a4008001800200"
               "0d82825820" AA "07825820" AA "07a0f5f6",
               "twice");
}

/* A body with so many inputs; twin (if not 0) is the same as the first. */
static struct bytes body_with(struct buffer *b, size_t count, size_t twin)
{
    buffer_clear(b);
    cbor_put_map(b, 3);
    cbor_put_uint(b, 0);
    cbor_put_list(b, count);
    for (size_t i = 0; i < count; i++) {
        size_t number = twin && i == twin ? 0 : i;
        uint8_t id[HASH_BYTES];

        memset(id, (int)(number / 1000), sizeof id);
        cbor_put_list(b, 2);
        cbor_put_bytes(b, (struct bytes){ id, sizeof id });
        cbor_put_uint(b, number % 1000);
    }
    cbor_put_uint(b, 1);
    cbor_put_list(b, 0);
    cbor_put_uint(b, 2);
    cbor_put_uint(b, 0);
    return bytes_of(b);
}

static void test_twins_are_found_among_many_inputs(void **state)
{
    static const uint8_t no_witnesses[] = { 0xa0 };
    struct bytes witnesses = { no_witnesses, 1 }, none = { 0 };
    struct buffer b;
    struct tx tx;
    const char *why = "";

    (void)state;
    buffer_init(&b, allocator_libc(), 1 << 20);
    assert_int_equal(
        tx_read_parts(body_with(&b, TX_PARTS_MAX, 0), witnesses, none, true, &tx, &why), WIRE_OK);
    assert_int_equal(tx.input_count, TX_PARTS_MAX);
    for (size_t twin = 1; twin < TX_PARTS_MAX; twin += 613) {
        assert_int_equal(
            tx_read_parts(body_with(&b, TX_PARTS_MAX, twin), witnesses, none, true, &tx, &why),
            WIRE_BAD);
        assert_non_null(strstr(why, "twice"));
    }
    assert_int_equal(
        tx_read_parts(body_with(&b, TX_PARTS_MAX + 1, 0), witnesses, none, true, &tx, &why),
        WIRE_BAD);
    assert_non_null(strstr(why, "too many parts"));
    buffer_release(&b);
}

static void test_no_part_may_be_longer_than_a_message(void **state)
{
    struct bytes longest = repeated(0, TX_MAX_BYTES + 1), none = { 0 };
    struct bytes body = from_hex(WORKED_BODY), witnesses = from_hex(WORKED_WITNESSES);
    const char *why = "";
    struct tx tx;

    (void)state;
    assert_int_equal(tx_read(longest, &tx, &why), WIRE_BAD);
    assert_non_null(strstr(why, "too many bytes"));
    assert_int_equal(tx_read_parts(longest, witnesses, none, true, &tx, &why), WIRE_BAD);
    assert_non_null(strstr(why, "too many bytes"));
    why = "";
    assert_int_equal(tx_read_parts(body, longest, none, true, &tx, &why), WIRE_BAD);
    assert_non_null(strstr(why, "too many bytes"));
    why = "";
    assert_int_equal(tx_read_parts(body, witnesses, longest, true, &tx, &why), WIRE_BAD);
    assert_non_null(strstr(why, "too many bytes"));
    longest.count--; /* allowed, whatever it is */
    assert_int_equal(tx_read(longest, &tx, &why), WIRE_BAD);
    assert_null(strstr(why, "too many bytes"));
    assert_int_equal(tx_read_parts(body, witnesses, longest, true, &tx, &why), WIRE_OK);
}

static void test_outputs_come_as_maps_and_as_lists(void **state)
{
    /* {0: address, 1: coin}, [address, coin], [address, [coin, {}], datum hash],
     * {1: [coin, {policy: ..}], 0: address, 2: .., 3: ..} */
    struct tx tx = read_hex("84a3008001"
                            "84"
                            "a20041600101"
                            "82416002"
                            "8341618203a04100"
                            "a4018204a141aaa141bb0500416202820041aa03d8184100"
                            "0200a0f5f6");
    struct tx_walk walk = { 0 };
    struct tx_output output;

    (void)state;
    assert_int_equal(tx.output_count, 4);
    for (uint64_t coin = 1; coin <= 4; coin++) {
        assert_true(tx_next_output(&tx, &walk, &output));
        assert_int_equal(output.coin, coin);
        assert_int_equal(output.address.count, 1);
        assert_int_equal(output.has_assets, coin == 4);
    }
    assert_false(tx_next_output(&tx, &walk, &output));
}

static void test_broken_parts_are_refused(void **state)
{
    (void)state;
    assert_bad("84a20080020"
               "0a0f5f6",
               "without inputs, outputs or fee");
    assert_bad("84a4008001800200"
               "0200a0f5f6",
               "twice");
    assert_bad("84a50080018002000301"
               "0302a0f5f6",
               "twice");
    assert_bad("84a300d901038001800200a0f5f6", "tag");
    assert_bad("84a300818258"
               "1faaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "0001800200a0f5f6",
               "length");
    assert_bad("84a30081825820" AA "1a0001000001800200a0f5f6", "65535");
    assert_bad("84a30081815820" AA "01800200a0f5f6", "too few");
    assert_bad("84a30081835820" AA "000001800200a0f5f6", "too many");
    assert_bad("84a3008001"
               "81a10041600200a0f5f6",
               "without address or value");
    assert_bad("84a3008001"
               "818241608201000200a0f5f6", /* a number where the assets' map is wanted */
               "another kind of item");
    assert_bad("84a3008001800200a0f5f600", "behind the end");
    assert_bad("83a3008001800200a0f5", "length");
    assert_bad("84a3008001800200a1008182415841"
               "aaf5f6",
               "32 bytes");
    assert_bad("84a3008001800200a0f6f6", "kind");
    assert_bad("84a3008001800200a10580"
               "a0f5f6",
               "");
}

/* The body's keys that a ledger without governance refuses, each alone. */
static void test_what_is_not_modelled_is_noted_and_skipped(void **state)
{
    struct tx tx = read_hex("84a4008001800200"
                            "048183000102a0f5f6");

    (void)state;
    assert_true(tx.has_certificates);
    tx = read_hex("84a4008001800200"
                  "05a0a0f5f6");
    assert_true(tx.has_withdrawals);
    tx = read_hex("84a4008001800200"
                  "09a0a0f5f6");
    assert_true(tx.has_mint);
    tx = read_hex("84a4008001800200"
                  "10a0a0f5f6");
    assert_true(tx.has_collateral_return);
    tx = read_hex("84a4008001800200"
                  "1280a0f5f6");
    assert_true(tx.has_reference_inputs);
    tx = read_hex("84a4008001800200"
                  "13a0a0f5f6");
    assert_true(tx.has_votes_or_proposals);
    tx = read_hex("84a4008001800200"
                  "1480a0f5f6");
    assert_true(tx.has_votes_or_proposals);
    tx = read_hex("84a4008001800200"
                  "1601a0f5f6");
    assert_true(tx.has_donation);
    tx = read_hex("84a5008001800200"
                  "0801"
                  "19ffff820102a0f5f6"); /* a key of the future */
    assert_true(tx.has_valid_from);
    assert_int_equal(tx.valid_from, 1);
    assert_false(tx.has_certificates || tx.has_withdrawals || tx.has_mint || tx.has_donation ||
                 tx.has_votes_or_proposals || tx.has_ttl);
}

static void assert_redeemers(const struct tx *tx)
{
    struct tx_walk walk = { 0 };
    struct tx_redeemer one;

    assert_int_equal(tx->redeemer_count, 2);
    assert_int_equal(tx->script_memory, 1000 + 30);
    assert_int_equal(tx->script_steps, 2000 + 40);
    assert_true(tx_next_redeemer(tx, &walk, &one));
    assert_int_equal(one.purpose, TX_SPENDING);
    assert_int_equal(one.index, 1);
    assert_int_equal(one.memory, 1000);
    assert_int_equal(one.steps, 2000);
    assert_true(tx_next_redeemer(tx, &walk, &one));
    assert_int_equal(one.purpose, 3);
    assert_int_equal(one.index, 2);
    assert_false(tx_next_redeemer(tx, &walk, &one));
}

static void test_redeemers_come_as_a_list_or_a_map(void **state)
{
    struct tx tx = read_hex("84a3008001800200"
                            "a10582"
                            "840001d87980821903e81907d0"
                            "84030200"
                            "82181e1828"
                            "f5f6");

    (void)state;
    assert_redeemers(&tx);
    tx = read_hex("84a3008001800200"
                  "a105a2"
                  "82000182d87980821903e81907d0"
                  "82030282"
                  "00"
                  "9f181e1828ff"
                  "f5f6");
    assert_redeemers(&tx);
    assert_bad("84a3008001800200"
               "a10582"
               "84000100821bffffffffffffffff00"
               "840002008201"
               "00"
               "f5f6",
               "64 bits");
}

/* Witnesses with so many redeemers, each for an input of its own. */
static struct bytes witnesses_with(struct buffer *b, uint32_t count)
{
    buffer_clear(b);
    cbor_put_map(b, 1);
    cbor_put_uint(b, 5);
    cbor_put_list(b, count);
    for (uint32_t i = 0; i < count; i++) {
        cbor_put_list(b, 4);
        cbor_put_uint(b, TX_SPENDING);
        cbor_put_uint(b, i);
        cbor_put_uint(b, 0);
        cbor_put_list(b, 2);
        cbor_put_uint(b, 1);
        cbor_put_uint(b, 2);
    }
    return bytes_of(b);
}

static void test_more_redeemers_than_a_transaction_may_have_are_refused(void **state)
{
    struct bytes body = from_hex("a3008001800200"), none = { 0 };
    const char *why = "";
    struct buffer b;
    struct tx tx;

    (void)state;
    buffer_init(&b, allocator_libc(), 1 << 20);
    assert_int_equal(tx_read_parts(body, witnesses_with(&b, TX_PARTS_MAX), none, true, &tx, &why),
                     WIRE_OK);
    assert_int_equal(tx.redeemer_count, TX_PARTS_MAX);
    assert_int_equal(tx.script_steps, 2 * TX_PARTS_MAX);
    assert_int_equal(
        tx_read_parts(body, witnesses_with(&b, TX_PARTS_MAX + 1), none, true, &tx, &why), WIRE_BAD);
    assert_string_equal(why, "a transaction of too many parts");
    buffer_release(&b);
}

static void test_prices_of_scripts_are_added_and_rounded_up(void **state)
{
    struct tx tx = { .fee_bytes = 100, .script_memory = 10000, .script_steps = 10000000 };
    struct tx_fee_rules rules = mainnet;

    (void)state;
    assert_int_equal(tx_min_fee(&mainnet, &tx), 4400 + 155381 + 577 + 721);
    tx.script_steps++;
    assert_int_equal(tx_min_fee(&mainnet, &tx), 4400 + 155381 + 577 + 722);
    /* 1528557.0000001 lovelace, a ten-millionth too much, near the budget of a transaction. */
    tx.script_memory = 14000000;
    tx.script_steps = 9996629681;
    assert_int_equal(tx_min_fee(&mainnet, &tx), 4400 + 155381 + 1528558);
    tx.script_steps = tx.script_memory = UINT64_MAX;
    rules.price_memory = 1000;
    assert_int_equal(tx_min_fee(&rules, &tx), UINT64_MAX);
    rules.per_byte = UINT64_MAX;
    assert_int_equal(tx_min_fee(&rules, &(struct tx){ .fee_bytes = 2 }), UINT64_MAX);
    assert_int_equal(tx_min_coin(&mainnet, 65), 969750); /* of a base address with coin alone */
}

/* --- Transactions of others ---------------------------------------------------------- */

/* Goes over the bodies and witnesses of a block without its era. */
static void each_tx(struct bytes block, void (*check)(const struct tx *tx, int number))
{
    struct cbor whole = cbor_open(block), bodies, witnesses;
    struct cbor_run body_run, witness_run;

    cbor_list_of(&whole, 5);
    cbor_skip(&whole);
    bodies = cbor_open(cbor_skip(&whole));
    witnesses = cbor_open(cbor_skip(&whole));
    assert_true(cbor_ok(&whole));
    body_run = cbor_list(&bodies);
    witness_run = cbor_list(&witnesses);
    for (int number = 0; cbor_more(&bodies, &body_run); number++) {
        struct bytes body = cbor_skip(&bodies), witness;
        struct tx tx;
        const char *why = "";

        assert_true(cbor_more(&witnesses, &witness_run));
        witness = cbor_skip(&witnesses);
        if (tx_read_parts(body, witness, (struct bytes){ 0 }, true, &tx, &why) != WIRE_OK)
            fail_msg("transaction %d: %s", number, why);
        assert_bytes(tx.body, body);
        assert_bytes(tx.witnesses, witness);
        check(&tx, number);
    }
    assert_true(cbor_ok(&bodies));
}

/* Mainnet checked these: signatures fit the ids, fees the sizes. Numbers read with another program. */
static void check_mainnet_tx(const struct tx *tx, int number)
{
    static const uint64_t fees[] = {
        192693, 483937, 169417, 175157, 665331, 665771, 663729, 185741
    };
    struct tx_walk witnesses = { 0 }, outputs = { 0 }, inputs = { 0 };
    struct tx_key_witness witness;
    struct tx_output output;
    struct tx_input input;
    uint32_t count = 0;

    assert_int_equal(tx->fee, fees[number]);
    assert_true(tx->fee >= tx_min_fee(&mainnet, tx));
    for (; tx_next_key_witness(tx, &witnesses, &witness); count++)
        assert_true(tx_witness_verifies(tx, &witness));
    assert_int_equal(count, tx->key_witness_count);
    assert_int_equal(count > 0, number != 7); /* the last one spends from a Byron address */
    for (count = 0; tx_next_output(tx, &outputs, &output); count++)
        assert_true(output.coin >= tx_min_coin(&mainnet, output.bytes.count));
    assert_int_equal(count, tx->output_count);
    for (count = 0; tx_next_input(tx->inputs, &inputs, &input);)
        count++;
    assert_int_equal(count, tx->input_count);
    assert_int_equal(tx->redeemer_count, number == 1 ? 2 : number >= 4 && number <= 6 ? 3 : 0);
    if (number == 1) {
        assert_int_equal(tx->script_memory, 33444 + 1006607);
        assert_int_equal(tx->script_steps, 8817533 + 322818776);
        assert_int_equal(tx->collateral_count, 1);
        assert_int_equal(tx->valid_from, 159835187);
        assert_true(tx->has_reference_inputs);
    }
    assert_int_equal(tx->has_withdrawals, number >= 3 && number <= 6);
}

static void test_transactions_of_mainnet_are_read_and_their_witnesses_verify(void **state)
{
    (void)state;
    each_tx(shared_vector("block-mainnet-12069665"), check_mainnet_tx);
}

static void check_golden_tx(const struct tx *tx, int number)
{
    assert_int_equal(number, 0);
    assert_true(tx->has_certificates && tx->has_mint && tx->has_withdrawals && tx->has_donation &&
                tx->has_votes_or_proposals && tx->has_collateral_return);
    assert_int_equal(tx->input_count, 1);
    assert_int_equal(tx->fee, 3);
    assert_true(tx->redeemer_count > 2);
    for (int language = 0; language < 4; language++)
        assert_true(tx->scripts[language].count > 0);
}

static void test_the_odd_transaction_of_the_golden_block_is_skipped_by_structure(void **state)
{
    struct cbor c = cbor_open(shared_vector("golden-block-conway"));

    (void)state;
    assert_int_equal(cbor_tag(&c), 24);
    c = cbor_open(cbor_bytes(&c));
    cbor_list_of(&c, 2);
    assert_int_equal(cbor_uint(&c), 7);
    each_tx(cbor_skip(&c), check_golden_tx);
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_worked_transaction_is_what_other_programs_say),
        cmocka_unit_test(test_it_is_what_the_shared_table_holds),
        cmocka_unit_test(test_every_prefix_asks_for_more),
        cmocka_unit_test(test_parts_that_lie_apart_are_the_same_transaction),
        cmocka_unit_test(test_an_empty_transaction_is_read),
        cmocka_unit_test(test_the_golden_transaction_and_its_id),
        cmocka_unit_test(test_sets_with_and_without_tag_and_length_are_the_same),
        cmocka_unit_test(test_only_sets_have_the_tag_of_sets),
        cmocka_unit_test(test_an_input_that_is_there_twice_is_refused),
        cmocka_unit_test(test_twins_are_found_among_many_inputs),
        cmocka_unit_test(test_no_part_may_be_longer_than_a_message),
        cmocka_unit_test(test_outputs_come_as_maps_and_as_lists),
        cmocka_unit_test(test_broken_parts_are_refused),
        cmocka_unit_test(test_what_is_not_modelled_is_noted_and_skipped),
        cmocka_unit_test(test_redeemers_come_as_a_list_or_a_map),
        cmocka_unit_test(test_more_redeemers_than_a_transaction_may_have_are_refused),
        cmocka_unit_test(test_prices_of_scripts_are_added_and_rounded_up),
        cmocka_unit_test(test_transactions_of_mainnet_are_read_and_their_witnesses_verify),
        cmocka_unit_test(test_the_odd_transaction_of_the_golden_block_is_skipped_by_structure),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
