/* Any bytes as a transaction. What is accepted has as many parts as was said, all of them within it and no input
 * twice; is the same when its parts lie apart; and asks for more when its end is missing. A ledger takes it or
 * says why not, and one that takes it takes it once. */
#include <stdlib.h>

#include "chain/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* The key of the seed 07 x 32 owns something, and (set below) a script. */
static struct genesis_fund funds[2] = {
    { { 0x60, 0x8b, 0x21, 0x84, 0x24, 0xad, 0x74, 0xdf, 0x25, 0xd3, 0x5c, 0x2e, 0xa8, 0xe0, 0x94,
        0xa4, 0xc5, 0xc5, 0xae, 0xb2, 0xcb, 0xb4, 0x42, 0x41, 0x93, 0x31, 0x56, 0x93, 0x13 },
      29,
      100000000 },
    { .coin = 100000000 },
};

static const struct genesis_ledger genesis = {
    .shelley = { .security_param = 3,
                 .epoch_slots = 100,
                 .max_tx_bytes = 16384,
                 .clock = { { { .slot_ns = 1000000000, .epoch_slots = 100 } }, 1 } },
    .fees = { 44, 155381, 4310, 0.0577, 0.0000721 },
    .max_tx_steps = UINT64_C(10000000000),
    .max_tx_memory = 14000000,
    .max_block_steps = UINT64_C(20000000000),
    .max_block_memory = 62000000,
    .max_lovelace = 200000000,
    .funds = funds,
    .fund_count = 2,
};

static struct ledger_view *view_of_small_ledger(void)
{
    static const uint8_t script[] = { 0x47, 1, 0, 0, 0x22, 0x22, 0, 0x11 };
    uint8_t hash[KEY_HASH_BYTES];
    struct ledger_view *view = NULL;
    struct ledger *ledger = NULL;

    check(!chain_crypto_start(NULL));
    tx_script_hash((struct bytes){ script, sizeof script }, hash);
    funds[1].address_bytes = (uint8_t)address_script(0, hash, funds[1].address);
    check(!ledger_create(&genesis, &ledger, NULL) && !ledger_view_create(ledger, &view, NULL));
    return view;
}

static bool within(struct bytes part, const uint8_t *data, size_t size)
{
    return part.count == 0 ||
           (part.at >= data && part.count <= size && part.at - data <= (long)(size - part.count));
}

static void check_inputs(struct bytes list, uint32_t count)
{
    struct tx_walk walk = { 0 };
    struct tx_input input, others[64];
    uint32_t found = 0;

    for (; tx_next_input(list, &walk, &input); found++) {
        for (uint32_t i = 0; i < found && i < 64; i++)
            check(memcmp(&others[i], &input, sizeof input) != 0);
        if (found < 64)
            others[found] = input;
    }
    check(found == count);
}

static void check_parts(const struct tx *tx, const uint8_t *data, size_t size)
{
    struct tx_walk outputs = { 0 }, witnesses = { 0 }, redeemers = { 0 };
    struct tx_key_witness witness;
    struct tx_redeemer redeemer;
    struct tx_output output;
    uint32_t found = 0;

    check(within(tx->body, data, size) && within(tx->witnesses, data, size) &&
          within(tx->auxiliary, data, size));
    check_inputs(tx->inputs, tx->input_count);
    check_inputs(tx->collateral, tx->collateral_count);
    for (; tx_next_output(tx, &outputs, &output); found++)
        check(within(output.bytes, data, size) && within(output.address, data, size));
    check(found == tx->output_count);
    for (found = 0; tx_next_key_witness(tx, &witnesses, &witness); found++)
        check(within((struct bytes){ witness.key, 32 }, data, size) &&
              within((struct bytes){ witness.signature, 64 }, data, size));
    check(found == tx->key_witness_count);
    for (found = 0; tx_next_redeemer(tx, &redeemers, &redeemer);)
        found++;
    check(found == tx->redeemer_count);
}

static void check_apart(const struct tx *tx)
{
    struct tx again;
    const char *why;

    check(tx_read_parts(tx->body, tx->witnesses, tx->auxiliary, tx->valid, &again, &why) ==
          WIRE_OK);
    check(memcmp(again.id, tx->id, HASH_BYTES) == 0 && again.fee_bytes == tx->fee_bytes &&
          again.script_steps == tx->script_steps);
}

static void check_ledger(struct ledger_view *view, const struct tx *tx)
{
    struct ou_error err = { { 0 } };
    enum ou_status checked, trusted;

    ledger_view_reset(view);
    trusted = ledger_view_add(view, tx, 10, LEDGER_TRUST_SIGNATURES, NULL, NULL, &err);
    check(trusted == OU_OK || err.text[0]);
    if (!trusted)
        check(ledger_view_add(view, tx, 10, LEDGER_TRUST_SIGNATURES, NULL, NULL, NULL) ==
              OU_INVALID);
    ledger_view_reset(view);
    checked = ledger_view_add(view, tx, 10, LEDGER_CHECK_ALL, NULL, NULL, NULL);
    check(checked || !trusted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ledger_view *view;
    const char *why = NULL;
    struct tx tx, again;

    if (!view)
        view = view_of_small_ledger();
    if (tx_read((struct bytes){ data, size }, &tx, &why) != WIRE_OK) {
        check(why && why[0]);
        return 0;
    }
    check_parts(&tx, data, size);
    check_apart(&tx);
    for (size_t len = 0; len < size; len += size / 16 + 1)
        check(tx_read((struct bytes){ data, len }, &again, &why) == WIRE_CUT);
    check_ledger(view, &tx);
    return 0;
}
