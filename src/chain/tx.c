#include "chain/tx.h"

#include <math.h>
#include <sodium.h>
#include <xxhash.h>

#include "base/hash_seed.h"

enum { TAG_SET = 258 };

/* Keys of a transaction's body and of its witnesses; keys that are not named here are skipped. */
enum {
    BODY_INPUTS = 0,
    BODY_OUTPUTS = 1,
    BODY_FEE = 2,
    BODY_TTL = 3,
    BODY_CERTIFICATES = 4,
    BODY_WITHDRAWALS = 5,
    BODY_VALID_FROM = 8,
    BODY_MINT = 9,
    BODY_COLLATERAL = 13,
    BODY_COLLATERAL_RETURN = 16,
    BODY_REFERENCE_INPUTS = 18,
    BODY_VOTES = 19,
    BODY_PROPOSALS = 20,
    BODY_DONATION = 22,
};
enum {
    WITNESS_KEYS = 0,
    WITNESS_NATIVE = 1,
    WITNESS_PLUTUS_V1 = 3,
    WITNESS_REDEEMERS = 5,
    WITNESS_PLUTUS_V2 = 6,
    WITNESS_PLUTUS_V3 = 7,
};

#define BIT(key) (UINT64_C(1) << (key))

static const char too_many_parts[] = "a transaction of too many parts";
static const char too_long[] = "a transaction of too many bytes";
static const char behind_the_end[] = "bytes behind the end of a transaction";

/* --- Lists and maps --------------------------------------------------------------- */

/* Lists of known length may come without their length, too; so cbor_list_of() would be too strict. */
static void want_item(struct cbor *c, struct cbor_run *run)
{
    if (!cbor_more(c, run))
        cbor_refuse(c, "a list with too few items");
}

static void want_end(struct cbor *c, struct cbor_run *run)
{
    if (cbor_more(c, run))
        cbor_refuse(c, "a list with too many items");
}

/* Notes that a key of a map is there. Keys above 63 have no meaning, and may do as they like. */
static void note_key(struct cbor *c, uint64_t key, uint64_t *seen)
{
    if (key >= 64)
        return;
    if (*seen & BIT(key))
        cbor_refuse(c, "a key that is there twice");
    *seen |= BIT(key);
}

/* Takes the value behind a key into what the transaction has for it. */
typedef void take_member(struct cbor *c, uint64_t key, struct tx *tx);

/* Goes through a map; *ret_seen has the bits of the keys that were there. Returns the map's bytes. */
static struct bytes take_map(struct cbor *c, take_member *take, struct tx *tx, uint64_t *ret_seen)
{
    const uint8_t *start = c->at;
    struct cbor_run run = cbor_map(c);

    *ret_seen = 0;
    while (cbor_more(c, &run)) {
        uint64_t key = cbor_uint(c);

        note_key(c, key, ret_seen);
        take(c, key, tx);
    }
    return (struct bytes){ start, (size_t)(c->at - start) };
}

/* Takes one item into what *ret is for it. */
typedef void take_item(struct cbor *c, void *ret);

/* Goes through a list of such items; scratch is what take() fills. Returns the list's bytes. */
static struct bytes take_list(struct cbor *c, take_item *take, void *scratch, uint32_t *ret_count)
{
    const uint8_t *start = c->at;
    struct cbor_run run = cbor_list(c);
    uint32_t count = 0;

    for (; cbor_more(c, &run); count++) {
        if (count == TX_PARTS_MAX)
            cbor_refuse(c, too_many_parts);
        take(c, scratch);
    }
    *ret_count = count;
    return (struct bytes){ start, (size_t)(c->at - start) };
}

/* The same of a set: a list that may have a tag. */
static struct bytes take_set(struct cbor *c, take_item *take, void *scratch, uint32_t *ret_count)
{
    if (cbor_peek(c) == CBOR_TAG && cbor_tag(c) != TAG_SET)
        cbor_refuse(c, "a tag that is not that of a set");
    return take_list(c, take, scratch, ret_count);
}

static bool next_item(struct bytes list, struct tx_walk *walk, take_item *take, void *ret)
{
    if (!walk->started) {
        if (list.count == 0)
            return false;
        walk->at = cbor_open(list);
        walk->run = cbor_list(&walk->at);
        walk->started = true;
    }
    if (!cbor_more(&walk->at, &walk->run))
        return false;
    take(&walk->at, ret);
    return cbor_ok(&walk->at);
}

/* --- Inputs ------------------------------------------------------------------------ */

static void take_input(struct cbor *c, void *ret)
{
    struct tx_input *input = ret;
    struct cbor_run run = cbor_list(c);

    want_item(c, &run);
    cbor_fixed(c, HASH_BYTES, input->id);
    want_item(c, &run);
    input->index = (uint16_t)cbor_uint_below(c, UINT16_MAX + 1, "an index above 65535");
    want_end(c, &run);
}

bool tx_next_input(struct bytes inputs, struct tx_walk *walk, struct tx_input *ret)
{
    return next_item(inputs, walk, take_input, ret);
}

static bool same_input(const struct tx_input *a, struct bytes list, const uint8_t *at)
{
    struct cbor c = { .at = at, .end = list.at + list.count };
    struct tx_input b;

    take_input(&c, &b);
    return memcmp(a, &b, sizeof b) == 0;
}

/* Inputs are a set. A table of where each one stands in the list finds the second of a kind in one pass
 * and without memory from elsewhere; its seed is secret, so that no list is slow. */
static bool has_twins(struct bytes list, uint32_t count)
{
    enum { SLOTS_PER_INPUT = 2 };
    const uint8_t *places[SLOTS_PER_INPUT * TX_PARTS_MAX];
    struct cbor c = cbor_open(list);
    struct cbor_run run = cbor_list(&c);
    size_t slots = SLOTS_PER_INPUT;

    if (count < 2)
        return false;
    while (slots < (size_t)count * SLOTS_PER_INPUT)
        slots *= 2;
    memset(places, 0, slots * sizeof *places);
    while (cbor_more(&c, &run)) {
        const uint8_t *place = c.at;
        struct tx_input input;
        size_t slot;

        take_input(&c, &input);
        slot = XXH3_64bits_withSeed(&input, sizeof input, hash_seed()) & (slots - 1);
        for (; places[slot]; slot = (slot + 1) & (slots - 1))
            if (same_input(&input, list, places[slot]))
                return true;
        places[slot] = place;
    }
    return false;
}

static struct bytes take_inputs(struct cbor *c, uint32_t *ret_count)
{
    struct tx_input scratch;
    struct bytes list = take_set(c, take_input, &scratch, ret_count);

    if (cbor_ok(c) && has_twins(list, *ret_count))
        cbor_refuse(c, "an input that is there twice");
    return list;
}

/* --- Outputs ----------------------------------------------------------------------- */

/* A number of lovelace, or a list of it and a map of assets, which may be empty. */
static void take_value(struct cbor *c, struct tx_output *output)
{
    struct cbor_run run, assets;
    struct cbor look;

    if (cbor_peek(c) != CBOR_LIST) {
        output->coin = cbor_uint(c);
        return;
    }
    run = cbor_list(c);
    want_item(c, &run);
    output->coin = cbor_uint(c);
    want_item(c, &run);
    look = *c;
    assets = cbor_map(&look);
    output->has_assets = cbor_more(&look, &assets);
    if (look.result == WIRE_BAD)
        cbor_refuse(c, look.why);
    cbor_skip(c);
    want_end(c, &run);
}

static void take_output_map(struct cbor *c, struct tx_output *output)
{
    enum { ADDRESS, VALUE };
    struct cbor_run run = cbor_map(c);
    uint64_t seen = 0;

    while (cbor_more(c, &run)) {
        uint64_t key = cbor_uint(c);

        note_key(c, key, &seen);
        switch (key) {
        case ADDRESS: output->address = cbor_bytes(c); break;
        case VALUE: take_value(c, output); break;
        default: cbor_skip(c); /* a datum, a script */
        }
    }
    if ((seen & (BIT(ADDRESS) | BIT(VALUE))) != (BIT(ADDRESS) | BIT(VALUE)))
        cbor_refuse(c, "an output without address or value");
}

/* The older form: a list of address, value and perhaps the hash of a datum. */
static void take_output_list(struct cbor *c, struct tx_output *output)
{
    struct cbor_run run = cbor_list(c);

    want_item(c, &run);
    output->address = cbor_bytes(c);
    want_item(c, &run);
    take_value(c, output);
    if (cbor_more(c, &run)) {
        cbor_skip(c);
        want_end(c, &run);
    }
}

static void take_output(struct cbor *c, void *ret)
{
    struct tx_output *output = ret;
    const uint8_t *start = c->at;

    *output = (struct tx_output){ 0 };
    if (cbor_peek(c) == CBOR_LIST)
        take_output_list(c, output);
    else
        take_output_map(c, output);
    output->bytes = (struct bytes){ start, (size_t)(c->at - start) };
}

bool tx_next_output(const struct tx *tx, struct tx_walk *walk, struct tx_output *ret)
{
    return next_item(tx->outputs, walk, take_output, ret);
}

/* --- The body ---------------------------------------------------------------------- */

static void take_body_member(struct cbor *c, uint64_t key, struct tx *tx)
{
    struct tx_output output;

    switch (key) {
    case BODY_INPUTS: tx->inputs = take_inputs(c, &tx->input_count); return;
    case BODY_OUTPUTS: tx->outputs = take_list(c, take_output, &output, &tx->output_count); return;
    case BODY_COLLATERAL: tx->collateral = take_inputs(c, &tx->collateral_count); return;
    case BODY_FEE: tx->fee = cbor_uint(c); return;
    case BODY_TTL:
        tx->has_ttl = true;
        tx->ttl = cbor_uint(c);
        return;
    case BODY_VALID_FROM:
        tx->has_valid_from = true;
        tx->valid_from = cbor_uint(c);
        return;
    case BODY_CERTIFICATES: tx->has_certificates = true; break;
    case BODY_WITHDRAWALS: tx->has_withdrawals = true; break;
    case BODY_MINT: tx->has_mint = true; break;
    case BODY_COLLATERAL_RETURN: tx->has_collateral_return = true; break;
    case BODY_REFERENCE_INPUTS: tx->has_reference_inputs = true; break;
    case BODY_VOTES:
    case BODY_PROPOSALS: tx->has_votes_or_proposals = true; break;
    case BODY_DONATION: tx->has_donation = true; break;
    default: break;
    }
    cbor_skip(c);
}

static void take_body(struct cbor *c, struct tx *tx)
{
    const uint64_t needed = BIT(BODY_INPUTS) | BIT(BODY_OUTPUTS) | BIT(BODY_FEE);
    uint64_t seen;

    tx->body = take_map(c, take_body_member, tx, &seen);
    if ((seen & needed) != needed)
        cbor_refuse(c, "a transaction without inputs, outputs or fee");
}

/* --- Witnesses --------------------------------------------------------------------- */

static struct bytes take_exactly(struct cbor *c, size_t count, const char *why)
{
    struct bytes got = cbor_bytes(c);

    if (got.count != count)
        cbor_refuse(c, why);
    return got;
}

static void take_key_witness(struct cbor *c, void *ret)
{
    struct tx_key_witness *witness = ret;
    struct cbor_run run = cbor_list(c);

    want_item(c, &run);
    witness->key = take_exactly(c, crypto_sign_PUBLICKEYBYTES, "a key that has not 32 bytes").at;
    want_item(c, &run);
    witness->signature = take_exactly(c, crypto_sign_BYTES, "a signature that has not 64 bytes").at;
    want_end(c, &run);
}

bool tx_next_key_witness(const struct tx *tx, struct tx_walk *walk, struct tx_key_witness *ret)
{
    return next_item(tx->key_witnesses, walk, take_key_witness, ret);
}

static void take_script(struct cbor *c, void *ret)
{
    *(struct bytes *)ret = cbor_bytes(c);
}

bool tx_next_script(struct bytes scripts, struct tx_walk *walk, struct bytes *ret)
{
    return next_item(scripts, walk, take_script, ret);
}

static void take_any(struct cbor *c, void *ret)
{
    (void)ret;
    cbor_skip(c);
}

static void take_purpose(struct cbor *c, struct cbor_run *run, struct tx_redeemer *redeemer)
{
    want_item(c, run);
    redeemer->purpose = (uint8_t)cbor_uint_below(c, UINT8_MAX + 1, "a purpose above 255");
    want_item(c, run);
    redeemer->index =
        (uint32_t)cbor_uint_below(c, UINT64_C(1) << 32, "a redeemer's index above 32 bits");
}

/* The data for the script, and its budget. */
static void take_budget(struct cbor *c, struct cbor_run *run, struct tx_redeemer *redeemer)
{
    struct cbor_run units;

    want_item(c, run);
    cbor_skip(c);
    want_item(c, run);
    units = cbor_list(c);
    want_item(c, &units);
    redeemer->memory = cbor_uint(c);
    want_item(c, &units);
    redeemer->steps = cbor_uint(c);
    want_end(c, &units);
    want_end(c, run);
}

/* An item of the older form. */
static void take_redeemer(struct cbor *c, void *ret)
{
    struct cbor_run run = cbor_list(c);

    take_purpose(c, &run, ret);
    take_budget(c, &run, ret);
}

/* A pair of the map form. */
static void take_redeemer_pair(struct cbor *c, void *ret)
{
    struct cbor_run run = cbor_list(c);

    take_purpose(c, &run, ret);
    want_end(c, &run);
    run = cbor_list(c);
    take_budget(c, &run, ret);
}

static bool is_map(struct bytes redeemers)
{
    struct cbor c = cbor_open(redeemers);

    return redeemers.count > 0 && cbor_peek(&c) == CBOR_MAP;
}

bool tx_next_redeemer(const struct tx *tx, struct tx_walk *walk, struct tx_redeemer *ret)
{
    if (!is_map(tx->redeemers))
        return next_item(tx->redeemers, walk, take_redeemer, ret);
    if (!walk->started) {
        walk->at = cbor_open(tx->redeemers);
        walk->run = cbor_map(&walk->at);
        walk->started = true;
    }
    if (!cbor_more(&walk->at, &walk->run))
        return false;
    take_redeemer_pair(&walk->at, ret);
    return cbor_ok(&walk->at);
}

static void add_budget(struct cbor *c, const struct tx_redeemer *one, struct tx *tx)
{
    if (tx->redeemer_count++ == TX_PARTS_MAX)
        cbor_refuse(c, too_many_parts);
    if (__builtin_add_overflow(tx->script_steps, one->steps, &tx->script_steps) ||
        __builtin_add_overflow(tx->script_memory, one->memory, &tx->script_memory))
        cbor_refuse(c, "budgets of scripts above 64 bits");
}

static void take_redeemers(struct cbor *c, struct tx *tx)
{
    bool map = cbor_peek(c) == CBOR_MAP;
    const uint8_t *start = c->at;
    struct cbor_run run = map ? cbor_map(c) : cbor_list(c);

    while (cbor_more(c, &run)) {
        struct tx_redeemer one;

        if (map)
            take_redeemer_pair(c, &one);
        else
            take_redeemer(c, &one);
        if (cbor_ok(c))
            add_budget(c, &one, tx);
    }
    tx->redeemers = (struct bytes){ start, (size_t)(c->at - start) };
}

static void take_witness_member(struct cbor *c, uint64_t key, struct tx *tx)
{
    struct tx_key_witness witness;
    struct bytes script;
    uint32_t count;

    switch (key) {
    case WITNESS_KEYS:
        tx->key_witnesses = take_set(c, take_key_witness, &witness, &tx->key_witness_count);
        return;
    case WITNESS_NATIVE: tx->scripts[0] = take_set(c, take_any, NULL, &count); return;
    case WITNESS_PLUTUS_V1: tx->scripts[1] = take_set(c, take_script, &script, &count); return;
    case WITNESS_PLUTUS_V2: tx->scripts[2] = take_set(c, take_script, &script, &count); return;
    case WITNESS_PLUTUS_V3: tx->scripts[3] = take_set(c, take_script, &script, &count); return;
    case WITNESS_REDEEMERS: take_redeemers(c, tx); return;
    default: cbor_skip(c);
    }
}

static void take_witnesses(struct cbor *c, struct tx *tx)
{
    uint64_t seen;

    tx->witnesses = take_map(c, take_witness_member, tx, &seen);
}

/* --- The whole --------------------------------------------------------------------- */

/* What a null in the place of auxiliary data takes. */
enum { NULL_BYTES = 1, LIST_HEAD_BYTES = 1 };

static void set_sizes_and_id(struct tx *tx)
{
    tx->fee_bytes = (uint32_t)(LIST_HEAD_BYTES + tx->body.count + tx->witnesses.count +
                               (tx->auxiliary.count ? tx->auxiliary.count : NULL_BYTES));
    hash256(tx->body, tx->id);
}

enum wire_result tx_read(struct bytes input, struct tx *ret, const char **ret_why)
{
    struct cbor c = cbor_open(input);
    struct tx tx = { 0 };

    if (input.count > TX_MAX_BYTES)
        cbor_refuse(&c, too_long);
    cbor_list_of(&c, 4);
    take_body(&c, &tx);
    take_witnesses(&c, &tx);
    tx.valid = cbor_bool(&c);
    if (cbor_peek(&c) == CBOR_NULL)
        cbor_null(&c);
    else
        tx.auxiliary = cbor_skip(&c);
    if (cbor_ok(&c) && !cbor_at_end(&c))
        cbor_refuse(&c, behind_the_end);
    if (!cbor_ok(&c)) {
        *ret_why = c.why;
        return c.result;
    }
    set_sizes_and_id(&tx);
    *ret = tx;
    return WIRE_OK;
}

/* One part that fills its bytes. */
static enum wire_result read_part(struct bytes part, void (*take)(struct cbor *, struct tx *),
                                  struct tx *tx, const char **ret_why)
{
    struct cbor c = cbor_open(part);

    take(&c, tx);
    if (cbor_ok(&c) && !cbor_at_end(&c))
        cbor_refuse(&c, behind_the_end);
    if (!cbor_ok(&c))
        *ret_why = c.why;
    return c.result;
}

enum wire_result tx_read_parts(struct bytes body, struct bytes witnesses, struct bytes auxiliary,
                               bool valid, struct tx *ret, const char **ret_why)
{
    struct tx tx = { .auxiliary = auxiliary, .valid = valid };
    enum wire_result result;

    if (body.count > TX_MAX_BYTES || witnesses.count > TX_MAX_BYTES ||
        auxiliary.count > TX_MAX_BYTES) {
        *ret_why = too_long;
        return WIRE_BAD;
    }
    result = read_part(body, take_body, &tx, ret_why);
    if (result == WIRE_OK)
        result = read_part(witnesses, take_witnesses, &tx, ret_why);
    if (result != WIRE_OK)
        return result;
    set_sizes_and_id(&tx);
    *ret = tx;
    return WIRE_OK;
}

bool tx_witness_verifies(const struct tx *tx, const struct tx_key_witness *witness)
{
    return crypto_sign_verify_detached(witness->signature, tx->id, sizeof tx->id, witness->key) ==
           0;
}

void tx_plutus_hash(uint8_t language, struct bytes script, uint8_t ret[KEY_HASH_BYTES])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, NULL, 0, KEY_HASH_BYTES);
    crypto_generichash_update(&state, &language, sizeof language);
    crypto_generichash_update(&state, script.at, script.count);
    crypto_generichash_final(&state, ret, KEY_HASH_BYTES);
}

void tx_script_hash(struct bytes script, uint8_t ret[KEY_HASH_BYTES])
{
    tx_plutus_hash(3, script, ret);
}

/* --- Fees -------------------------------------------------------------------------- */

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* Rounded up to a whole lovelace. Prices are fractions of short decimals, which binary numbers meet but
 * nearly: what is that near to a whole number is one. That near is twice what the arithmetic may be off
 * by, and with mainnet's prices below the least step of a fee up to 10^8 lovelace. */
static uint64_t script_fee(const struct tx_fee_rules *rules, const struct tx *tx)
{
    const double rounding = 1e-15;
    double exact = rules->price_memory * (double)tx->script_memory +
                   rules->price_steps * (double)tx->script_steps;
    double up = ceil(exact * (1 - rounding));

    return up < (double)UINT64_MAX ? (uint64_t)up : UINT64_MAX;
}

uint64_t tx_min_fee(const struct tx_fee_rules *rules, const struct tx *tx)
{
    uint64_t of_size = saturating_product(rules->per_byte, tx->fee_bytes);

    return saturating_add(saturating_add(of_size, rules->constant), script_fee(rules, tx));
}

uint64_t tx_min_coin(const struct tx_fee_rules *rules, size_t output_bytes)
{
    const uint64_t overhead_bytes = 160; /* of an entry in the set of outputs */

    return saturating_product(rules->coins_per_utxo_byte, overhead_bytes + output_bytes);
}
