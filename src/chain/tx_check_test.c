#include "chain/tx_check.h"

#include "chain/world_test.h"

/* Scripts and the inputs they guard, in ways that tx_build() never makes. Signatures and all else that
 * a ledger checks is tested with it. */

enum { ROOM = 1 << 16, COIN = 5000000, FEE = 400000 };

/* Which output of a transaction is spent says whose it is. */
enum {
    OF_KEY,
    OF_V1,
    OF_V2,
    OF_V3,
    OF_ANOTHER_SCRIPT,
    OF_BYRON,
    OF_ALL,
    OWNERS_OF_OUTPUTS,
    UNKNOWN
};

static const uint8_t program[] = { 0x47, 1, 0, 0, 0x22, 0x22, 0, 0x11 };

static const struct ledger_output *find(const void *context, const struct tx_input *input)
{
    const struct ledger_output *outputs = context;

    return input->index < OWNERS_OF_OUTPUTS ? &outputs[input->index] : NULL;
}

static void make_outputs(struct ledger_output outputs[OWNERS_OF_OUTPUTS])
{
    for (uint8_t i = 0; i < OWNERS_OF_OUTPUTS; i++) {
        uint8_t hash[KEY_HASH_BYTES];

        outputs[i] = (struct ledger_output){ .coin = COIN, .address_bytes = 29, .pool = -1 };
        tx_plutus_hash(i, (struct bytes){ program, sizeof program }, hash);
        address_script(0, hash, outputs[i].address);
        if (i == OF_KEY || i == OF_ALL)
            outputs[i].address[0] = 0x60;
    }
    outputs[OF_BYRON].address[0] = 0x82;
    outputs[OF_ALL].coin = UINT64_MAX;
}

struct script_tx {
    struct {
        uint8_t id; /* repeated */
        uint16_t index;
    } inputs[4];
    size_t input_count;
    struct {
        uint8_t purpose, index;
    } redeemers[4];
    size_t redeemer_count;
    int languages[4];    /* of the witness; 0 ends them */
    uint64_t amounts[2]; /* of the outputs; 0 ends them. None: one of what is left */
    bool native;
};

static void put_inputs(struct buffer *b, const struct script_tx *t)
{
    cbor_put_uint(b, 0);
    cbor_put_list(b, t->input_count);
    for (size_t i = 0; i < t->input_count; i++) {
        uint8_t id[HASH_BYTES];

        memset(id, t->inputs[i].id, sizeof id);
        cbor_put_list(b, 2);
        cbor_put_bytes(b, (struct bytes){ id, sizeof id });
        cbor_put_uint(b, t->inputs[i].index);
    }
}

static void put_output(struct buffer *b, uint64_t amount)
{
    uint8_t address[ADDRESS_MAX_BYTES] = { 0x60 };

    cbor_put_list(b, 2);
    cbor_put_bytes(b, (struct bytes){ address, 29 });
    cbor_put_uint(b, amount);
}

static void put_body(struct buffer *b, const struct script_tx *t)
{
    const uint64_t rest = t->input_count * COIN - FEE;

    cbor_put_map(b, 3);
    put_inputs(b, t);
    cbor_put_uint(b, 1);
    cbor_put_list(b, t->amounts[1] ? 2 : 1);
    put_output(b, t->amounts[0] ? t->amounts[0] : rest);
    if (t->amounts[1])
        put_output(b, t->amounts[1]);
    cbor_put_uint(b, 2);
    cbor_put_uint(b, FEE);
}

static void put_redeemers(struct buffer *b, const struct script_tx *t)
{
    cbor_put_uint(b, 5);
    cbor_put_list(b, t->redeemer_count);
    for (size_t i = 0; i < t->redeemer_count; i++) {
        cbor_put_list(b, 4);
        cbor_put_uint(b, t->redeemers[i].purpose);
        cbor_put_uint(b, t->redeemers[i].index);
        cbor_put_uint(b, 0);
        cbor_put_list(b, 2);
        cbor_put_uint(b, 10);
        cbor_put_uint(b, 10);
    }
}

static void put_witnesses(struct buffer *b, const struct script_tx *t)
{
    static const int keys[] = { 0, 3, 6, 7 }; /* by language */
    size_t languages = 0;

    while (languages < 4 && t->languages[languages])
        languages++;
    cbor_put_map(b, languages + 1 + t->native);
    put_redeemers(b, t);
    for (size_t i = 0; i < languages; i++) {
        cbor_put_uint(b, (uint64_t)keys[t->languages[i]]);
        cbor_put_list(b, 1);
        cbor_put_bytes(b, (struct bytes){ program, sizeof program });
    }
    if (t->native) { /* [all, []] */
        cbor_put_uint(b, 1);
        cbor_put_list(b, 1);
        cbor_put_list(b, 2);
        cbor_put_uint(b, 1);
        cbor_put_list(b, 0);
    }
}

/* The reason for refusing it; "" when it is accepted. */
static const char *reason_for(const struct script_tx *t)
{
    static struct ou_error err;
    struct ledger_output outputs[OWNERS_OF_OUTPUTS];
    const struct tx_lookup lookup = { find, outputs };
    struct buffer b;
    struct world w;
    struct tx tx;
    const char *why = "";
    enum ou_status status;

    err.text[0] = '\0';
    world_make(&w);
    make_outputs(outputs);
    buffer_init(&b, allocator_libc(), ROOM);
    cbor_put_list(&b, 4);
    put_body(&b, t);
    put_witnesses(&b, t);
    cbor_put_bool(&b, true);
    cbor_put_null(&b);
    if (tx_read(bytes_of(&b), &tx, &why) != WIRE_OK)
        fail_msg("%s", why);
    status = tx_check(&tx, &w.genesis, 1, LEDGER_TRUST_SIGNATURES, &lookup, &err);
    assert_int_equal(status, err.text[0] ? OU_INVALID : OU_OK);
    buffer_release(&b);
    return err.text;
}

static void assert_reason(const struct script_tx *t, const char *reason)
{
    const char *text = reason_for(t);

    if (reason[0] ? !strstr(text, reason) : text[0])
        fail_msg("\"%s\" instead of \"%s\"", text, reason);
}

static void test_a_script_is_known_by_language_and_bytes(void **state)
{
    (void)state;
    for (int owner = OF_V1; owner <= OF_V3; owner++)
        for (int language = 1; language <= 3; language++)
            assert_reason(&(struct script_tx){ .inputs = { { 0xaa, (uint16_t)owner } },
                                               .input_count = 1,
                                               .redeemers = { { 0, 0 } },
                                               .redeemer_count = 1,
                                               .languages = { language } },
                          owner == language ? "" : "its script is not among the witnesses");
}

static void test_redeemers_count_inputs_in_ascending_order(void **state)
{
    /* In order: (10, 0), (10, 3), (20, 0), (20, 1). */
    struct script_tx t = {
        .inputs = { { 0x20, OF_V1 }, { 0x10, OF_V3 }, { 0x20, OF_KEY }, { 0x10, OF_KEY } },
        .input_count = 4,
        .redeemers = { { 0, 3 }, { 0, 1 } },
        .redeemer_count = 2,
        .languages = { 1, 3 }
    };

    (void)state;
    assert_reason(&t, "");
    t.redeemers[0].index = 0;
    assert_reason(&t, "input 0, ");
    t.redeemers[0].index = 3;
    t.redeemers[1].index = 2;
    assert_reason(&t, "there is no redeemer for its script");
}

static void test_each_redeemer_is_for_an_input_of_a_script(void **state)
{
    struct script_tx t = { .inputs = { { 0x10, OF_V3 }, { 0x20, OF_KEY } },
                           .input_count = 2,
                           .redeemers = { { 0, 0 }, { 0, 1 } },
                           .redeemer_count = 2,
                           .languages = { 3 } };

    (void)state;
    assert_reason(&t, "2 redeemers for 1 inputs of scripts");
    t.redeemers[1].index = 0;
    assert_reason(&t, "redeemer 1: input 0 has one already");
    t.redeemers[1].index = 2;
    assert_reason(&t, "redeemer 1: input 2 is not there");
    t.redeemers[1].purpose = 1;
    assert_reason(&t, "redeemer 1: purpose 1");
    t.redeemer_count = 0;
    assert_reason(&t, "there is no redeemer");
    t.redeemer_count = 1;
    assert_reason(&t, "");
}

static void test_native_scripts_own_nothing(void **state)
{
    (void)state;
    assert_reason(&(struct script_tx){ .inputs = { { 0x10, OF_ANOTHER_SCRIPT } },
                                       .input_count = 1,
                                       .redeemers = { { 0, 0 } },
                                       .redeemer_count = 1,
                                       .languages = { 1, 2, 3 },
                                       .native = true },
                  "its script is not among the witnesses");
}

static void test_outputs_that_are_not_there_come_before_scripts(void **state)
{
    (void)state;
    assert_reason(&(struct script_tx){ .inputs = { { 0x10, UNKNOWN } }, .input_count = 1 },
                  "input 0, "
                  "1010101010101010101010101010101010101010101010101010101010101010#8: spent or "
                  "unknown");
}

static void test_sums_that_no_number_holds_are_refused(void **state)
{
    struct script_tx t = { .inputs = { { 0x10, OF_ALL }, { 0x20, OF_KEY } }, .input_count = 2 };

    (void)state;
    assert_reason(&t,
                  "input 1, 2020202020202020202020202020202020202020202020202020202020202020#0: "
                  "more than 2^64 lovelace in all");
    t.inputs[0].index = OF_KEY;
    t.amounts[0] = UINT64_MAX;
    t.amounts[1] = COIN;
    assert_reason(&t, "outputs of more than 2^64 lovelace in all");
}

static void test_an_output_at_an_address_of_byron_is_not_spent(void **state)
{
    (void)state;
    assert_reason(&(struct script_tx){ .inputs = { { 0x10, OF_BYRON } }, .input_count = 1 },
                  "at a kind of address that this ledger does not model");
}

static int start(void **state)
{
    (void)state;
    return (int)chain_crypto_start(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_script_is_known_by_language_and_bytes),
        cmocka_unit_test(test_redeemers_count_inputs_in_ascending_order),
        cmocka_unit_test(test_each_redeemer_is_for_an_input_of_a_script),
        cmocka_unit_test(test_native_scripts_own_nothing),
        cmocka_unit_test(test_outputs_that_are_not_there_come_before_scripts),
        cmocka_unit_test(test_sums_that_no_number_holds_are_refused),
        cmocka_unit_test(test_an_output_at_an_address_of_byron_is_not_spent),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
