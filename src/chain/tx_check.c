#include "chain/tx_check.h"

#include <inttypes.h>

/* Inputs, and collateral behind them, by number: which ones have what they need. */
struct marks {
    uint64_t words[2 * TX_PARTS_MAX / 64];
};

static void mark(struct marks *m, uint32_t number)
{
    m->words[number / 64] |= UINT64_C(1) << number % 64;
}

static bool marked(const struct marks *m, uint32_t number)
{
    return m->words[number / 64] >> number % 64 & 1;
}

/* One check. The first outputs are those that the inputs spend, then those of the collateral. */
struct check {
    const struct tx *tx;
    const struct genesis_ledger *genesis;
    const struct tx_lookup *lookup;
    struct ou_error *err;
    uint32_t count; /* of the outputs */
    const struct ledger_output *outputs[2 * TX_PARTS_MAX];
};

#define refuse(c, ...) ou_fail((c)->err, OU_INVALID, __VA_ARGS__)

/* --- What needs no look at other outputs ------------------------------------------------- */

static enum ou_status check_modelled(struct check *c)
{
    const struct tx *tx = c->tx;
    const struct {
        bool has;
        const char *what;
    } parts[] = {
        { tx->has_certificates, "certificates" },
        { tx->has_withdrawals, "withdrawals of rewards" },
        { tx->has_mint, "minting of assets" },
        { tx->has_votes_or_proposals, "votes or proposals" },
        { tx->has_donation, "a donation" },
        { tx->has_reference_inputs, "reference inputs" },
        { tx->has_collateral_return, "a return of collateral" },
    };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].has)
            return refuse(c, "%s: this ledger measures and does not model that", parts[i].what);
    if (tx->input_count == 0)
        return refuse(c, "no inputs");
    if (tx->output_count == 0)
        return refuse(c, "no outputs");
    return OU_OK;
}

static enum ou_status check_interval(struct check *c, uint64_t slot)
{
    const struct tx *tx = c->tx;

    if (tx->has_ttl && slot >= tx->ttl)
        return refuse(c, "slot %" PRIu64 " is not before its end of validity, slot %" PRIu64, slot,
                      tx->ttl);
    if (tx->has_valid_from && slot < tx->valid_from)
        return refuse(c, "slot %" PRIu64 " is before its start of validity, slot %" PRIu64, slot,
                      tx->valid_from);
    return OU_OK;
}

static enum ou_status check_size_and_fee(struct check *c)
{
    const struct tx *tx = c->tx;
    uint64_t least = tx_min_fee(&c->genesis->fees, tx);

    if (tx->fee_bytes > c->genesis->shelley.max_tx_bytes)
        return refuse(c, "%" PRIu32 " bytes, above the limit of %" PRIu64, tx->fee_bytes,
                      c->genesis->shelley.max_tx_bytes);
    if (tx->fee < least)
        return refuse(c, "a fee of %" PRIu64 " lovelace where at least %" PRIu64 " is due", tx->fee,
                      least);
    if (tx->script_steps > c->genesis->max_tx_steps ||
        tx->script_memory > c->genesis->max_tx_memory)
        return refuse(c,
                      "scripts of %" PRIu64 " steps and %" PRIu64 " memory, above %" PRIu64
                      " and %" PRIu64,
                      tx->script_steps, tx->script_memory, c->genesis->max_tx_steps,
                      c->genesis->max_tx_memory);
    return OU_OK;
}

static enum ou_status check_address(struct check *c, uint32_t number, struct bytes bytes)
{
    struct address address;
    struct ou_error why = { { 0 } };

    if (address_read(bytes, &address, &why))
        return refuse(c, "output %" PRIu32 ": %s", number, why.text);
    if (address.kind == ADDRESS_OTHER)
        return refuse(c, "output %" PRIu32 ": a kind of address that this ledger does not model",
                      number);
    if (address.network != c->genesis->network)
        return refuse(c, "output %" PRIu32 ": an address of network %u on network %u", number,
                      address.network, c->genesis->network);
    return OU_OK;
}

/* Each output alone, and their sum. */
static enum ou_status check_outputs(struct check *c, uint64_t *ret_sum)
{
    struct tx_walk walk = { 0 };
    struct tx_output output;
    uint64_t sum = 0;

    for (uint32_t i = 0; tx_next_output(c->tx, &walk, &output); i++) {
        uint64_t least = tx_min_coin(&c->genesis->fees, output.bytes.count);
        enum ou_status status;

        if (output.has_assets)
            return refuse(c, "output %" PRIu32 ": assets, which this ledger does not model", i);
        if (output.coin < least)
            return refuse(c,
                          "output %" PRIu32 ": %" PRIu64 " lovelace, where %zu bytes need %" PRIu64,
                          i, output.coin, output.bytes.count, least);
        status = check_address(c, i, output.address);
        if (status)
            return status;
        if (__builtin_add_overflow(sum, output.coin, &sum))
            return refuse(c, "outputs of more than 2^64 lovelace in all");
    }
    *ret_sum = sum;
    return OU_OK;
}

/* --- Inputs -------------------------------------------------------------------------- */

static struct address address_of(const struct ledger_output *output)
{
    struct address address = { 0 };

    /* What is in the ledger was looked at when it came. */
    (void)address_read((struct bytes){ output->address, output->address_bytes }, &address, NULL);
    return address;
}

static enum ou_status refuse_input(struct check *c, const char *list, uint32_t number,
                                   const struct tx_input *input, const char *why)
{
    char id[2 * HASH_BYTES + 1];

    hash_text(input->id, id);
    return refuse(c, "%s %" PRIu32 ", %s#%u: %s", list, number, id, input->index, why);
}

/* Looks up a list of inputs, and adds up what they hold. */
static enum ou_status find_outputs(struct check *c, struct bytes list, const char *name,
                                   uint64_t *ret_sum)
{
    struct tx_walk walk = { 0 };
    struct tx_input input;
    uint64_t sum = 0;

    for (uint32_t i = 0; tx_next_input(list, &walk, &input); i++) {
        const struct ledger_output *output = c->lookup->find(c->lookup->context, &input);

        if (!output)
            return refuse_input(c, name, i, &input, "spent or unknown");
        if (address_of(output).kind == ADDRESS_OTHER)
            return refuse_input(c, name, i, &input,
                                "at a kind of address that this ledger does not model");
        if (__builtin_add_overflow(sum, output->coin, &sum))
            return refuse_input(c, name, i, &input, "more than 2^64 lovelace in all");
        c->outputs[c->count++] = output;
    }
    *ret_sum = sum;
    return OU_OK;
}

static enum ou_status check_value(struct check *c, uint64_t output_sum)
{
    uint64_t input_sum, spent;
    enum ou_status status = find_outputs(c, c->tx->inputs, "input", &input_sum);

    if (status)
        return status;
    if (__builtin_add_overflow(output_sum, c->tx->fee, &spent) || spent != input_sum)
        return refuse(
            c, "inputs of %" PRIu64 " lovelace, but outputs of %" PRIu64 " and a fee of %" PRIu64,
            input_sum, output_sum, c->tx->fee);
    return OU_OK;
}

static enum ou_status check_collateral(struct check *c)
{
    uint64_t sum;
    enum ou_status status = find_outputs(c, c->tx->collateral, "collateral", &sum);

    if (status)
        return status;
    for (uint32_t i = c->tx->input_count; i < c->count; i++)
        if (address_of(c->outputs[i]).kind != ADDRESS_KEY)
            return refuse(c, "collateral %" PRIu32 ": not at the address of a key",
                          i - c->tx->input_count);
    if (c->tx->valid)
        return OU_OK;
    if (c->tx->redeemer_count == 0)
        return refuse(c, "its scripts are said to fail, and it has none");
    if (sum < c->tx->fee)
        return refuse(c,
                      "its scripts fail, and its collateral of %" PRIu64
                      " lovelace is below the fee of %" PRIu64,
                      sum, c->tx->fee);
    return OU_OK;
}

/* --- Scripts ------------------------------------------------------------------------- */

/* Marks what is at addresses of that kind with that hash. */
static void mark_owned(const struct check *c, enum address_payment kind,
                       const uint8_t hash[KEY_HASH_BYTES], struct marks *marks)
{
    for (uint32_t i = 0; i < c->count; i++) {
        struct address address = address_of(c->outputs[i]);

        if (address.kind == kind && memcmp(address.payment, hash, KEY_HASH_BYTES) == 0)
            mark(marks, i);
    }
}

static void mark_scripts(const struct check *c, struct marks *marks)
{
    enum { FIRST_PLUTUS = 1, LAST_PLUTUS = 3 };

    for (int language = FIRST_PLUTUS; language <= LAST_PLUTUS; language++) {
        struct tx_walk walk = { 0 };
        struct bytes script;

        while (tx_next_script(c->tx->scripts[language], &walk, &script)) {
            uint8_t hash[KEY_HASH_BYTES];

            tx_plutus_hash((uint8_t)language, script, hash);
            mark_owned(c, ADDRESS_SCRIPT, hash, marks);
        }
    }
}

/* Redeemers name an input by its place among all of them in ascending order. */
static uint32_t place_of(const struct tx *tx, const struct tx_input *input)
{
    struct tx_walk walk = { 0 };
    struct tx_input other;
    uint32_t place = 0;

    while (tx_next_input(tx->inputs, &walk, &other)) {
        int order = memcmp(other.id, input->id, HASH_BYTES);

        place += order < 0 || (order == 0 && other.index < input->index);
    }
    return place;
}

static enum ou_status mark_redeemers(struct check *c, struct marks *marks)
{
    struct tx_walk walk = { 0 };
    struct tx_redeemer one;

    for (uint32_t i = 0; tx_next_redeemer(c->tx, &walk, &one); i++) {
        if (one.purpose != TX_SPENDING)
            return refuse(c, "redeemer %" PRIu32 ": purpose %u, which this ledger does not model",
                          i, one.purpose);
        if (one.index >= c->tx->input_count || marked(marks, one.index))
            return refuse(c, "redeemer %" PRIu32 ": input %" PRIu32 " %s", i, one.index,
                          one.index >= c->tx->input_count ? "is not there" : "has one already");
        mark(marks, one.index);
    }
    return OU_OK;
}

/* Each input at the address of a script comes with the script and a redeemer, and no
 * redeemer is left over. */
static enum ou_status check_scripts(struct check *c)
{
    struct marks scripts = { { 0 } }, redeemers = { { 0 } };
    enum ou_status status = mark_redeemers(c, &redeemers);
    struct tx_walk walk = { 0 };
    struct tx_input input;
    uint32_t count = 0;

    if (status)
        return status;
    mark_scripts(c, &scripts);
    for (uint32_t i = 0; tx_next_input(c->tx->inputs, &walk, &input); i++) {
        if (address_of(c->outputs[i]).kind != ADDRESS_SCRIPT)
            continue;
        if (!marked(&scripts, i))
            return refuse_input(c, "input", i, &input, "its script is not among the witnesses");
        if (!marked(&redeemers, place_of(c->tx, &input)))
            return refuse_input(c, "input", i, &input, "there is no redeemer for its script");
        count++;
    }
    if (count != c->tx->redeemer_count)
        return refuse(c, "%" PRIu32 " redeemers for %" PRIu32 " inputs of scripts",
                      c->tx->redeemer_count, count);
    return OU_OK;
}

/* --- Signatures ------------------------------------------------------------------------ */

static enum ou_status check_signatures(struct check *c)
{
    struct marks keys = { { 0 } };
    struct tx_key_witness witness;
    struct tx_walk walk = { 0 };

    for (uint32_t i = 0; tx_next_key_witness(c->tx, &walk, &witness); i++) {
        uint8_t hash[KEY_HASH_BYTES];

        if (!tx_witness_verifies(c->tx, &witness))
            return refuse(c, "witness %" PRIu32 ": the signature is not this key's for it", i);
        hash224((struct bytes){ witness.key, 32 }, hash);
        mark_owned(c, ADDRESS_KEY, hash, &keys);
    }
    for (uint32_t i = 0; i < c->count; i++)
        if (address_of(c->outputs[i]).kind == ADDRESS_KEY && !marked(&keys, i))
            return refuse(c, "%s %" PRIu32 ": no witness of the key that it belongs to",
                          i < c->tx->input_count ? "input" : "collateral",
                          i < c->tx->input_count ? i : i - c->tx->input_count);
    return OU_OK;
}

enum ou_status tx_check(const struct tx *tx, const struct genesis_ledger *genesis, uint64_t slot,
                        enum ledger_trust trust, const struct tx_lookup *lookup,
                        struct ou_error *err)
{
    struct check c;
    uint64_t output_sum = 0;
    enum ou_status status;

    /* The array of outputs is large, and filled from its start: it is left as it is. */
    c.tx = tx;
    c.genesis = genesis;
    c.lookup = lookup;
    c.err = err;
    c.count = 0;
    status = check_modelled(&c);
    if (!status)
        status = check_interval(&c, slot);
    if (!status)
        status = check_size_and_fee(&c);
    if (!status)
        status = check_outputs(&c, &output_sum);
    if (!status)
        status = check_value(&c, output_sum);
    if (!status)
        status = check_collateral(&c);
    if (!status)
        status = check_scripts(&c);
    if (!status && trust == LEDGER_CHECK_ALL)
        status = check_signatures(&c);
    return status;
}
