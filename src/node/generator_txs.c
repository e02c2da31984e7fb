#include "node/generator_txs.h"

#include <inttypes.h>
#include <sodium.h>

#include "node/generator_plan.h"

/* Longer than any transaction that a chain allows. */
#define TX_BYTES_MAX ((size_t)1 << 20)

/* What the reference generator sets aside for scripts that fail. */
#define COLLATERAL_BASE UINT64_C(5000000)

struct kept_tx {
    uint64_t number; /* plus 1; 0: empty */
    struct buffer bytes;
};

struct address_bytes {
    uint8_t at[ADDRESS_MAX_BYTES];
    size_t count;
};

struct generator_txs {
    const struct generator_config *config;
    const struct genesis_ledger *genesis;
    uint64_t ttl;
    struct generator_plan plan;
    uint64_t input_value;

    /* The genesis fund; own: what splitting makes; guard: what the load spends (own, or a script); sink: where the
     * load goes. */
    uint8_t fund_seed[32], own_seed[32];
    struct tx_input fund;
    uint64_t fund_coin;
    struct address_bytes own, guard, sink;

    struct bytes script; /* at NULL: none */
    uint64_t steps, memory;
    uint64_t collateral; /* lovelace; 0: none */

    uint8_t (*ids)[HASH_BYTES];                /* of set-up transactions; owned */
    struct kept_tx kept[GENERATOR_SETUP_KEPT]; /* targets are rarely further apart */
};

/* With scripts, a transaction that sets the collateral aside comes before the plan's. */
static uint64_t plan_offset(const struct generator_txs *t)
{
    return t->collateral > 0;
}

uint64_t generator_setup_count(const struct generator_txs *t)
{
    return t->plan.tx_count + plan_offset(t);
}

/* --- Set-up ------------------------------------------------------------------------------ */

static struct tx_build_output output_to(const struct address_bytes *to, uint64_t coin)
{
    return (struct tx_build_output){ to->at, to->count, coin };
}

static struct tx_input input_of(const struct generator_txs *t, struct plan_output output)
{
    struct tx_input input = { .index = output.index };

    memcpy(input.id, t->ids[output.tx + plan_offset(t)], sizeof input.id);
    return input;
}

/* Appends a transaction of one input. */
static enum ou_status build_split(const struct generator_txs *t, const struct tx_input *input,
                                  const uint8_t (*seed)[32], const struct tx_build_output *outputs,
                                  size_t output_count, uint64_t fee, struct buffer *b,
                                  uint8_t ret_id[HASH_BYTES], struct ou_error *err)
{
    return tx_build(&(struct tx_build){ .inputs = input,
                                        .input_count = 1,
                                        .outputs = outputs,
                                        .output_count = output_count,
                                        .fee = fee,
                                        .ttl = t->ttl,
                                        .signing_seeds = seed,
                                        .signing_count = 1 },
                    b, ret_id, err);
}

/* Lovelace behind the collateral's transaction. */
static uint64_t fund_left(const struct generator_txs *t)
{
    return t->collateral ? t->fund_coin - t->collateral - t->config->tx_fee : t->fund_coin;
}

static enum ou_status build_collateral(const struct generator_txs *t, struct buffer *b,
                                       uint8_t ret_id[HASH_BYTES], struct ou_error *err)
{
    const struct tx_build_output outputs[] = { output_to(&t->own, t->collateral),
                                               output_to(&t->own, fund_left(t)) };

    return build_split(t, &t->fund, &t->fund_seed, outputs, 2, t->config->tx_fee, b, ret_id, err);
}

/* The smallest output to an address of a key that the chain takes. */
static uint64_t least_coin(const struct generator_txs *t)
{
    enum { LONGEST_OUTPUT = 44 }; /* a2 00 581d address 01 1b coin */

    return tx_min_coin(&t->genesis->fees, LONGEST_OUTPUT);
}

static enum ou_status build_plan_tx(const struct generator_txs *t, uint64_t number,
                                    struct buffer *b, uint8_t ret_id[HASH_BYTES],
                                    struct ou_error *err)
{
    struct plan_tx at = plan_tx_at(&t->plan, number);
    const struct plan_step *step = &t->plan.steps[at.step];
    bool is_last = at.step + 1 == t->plan.step_count;
    struct tx_build_output outputs[PLAN_OUTPUTS_MAX];
    struct tx_input input;
    uint64_t change, fee = t->config->tx_fee;
    size_t count = 0;

    while (count < step->outputs)
        outputs[count++] = output_to(is_last ? &t->guard : &t->own, step->value);
    if (number > 0) {
        input = input_of(t, at.input);
        return build_split(t, &input, &t->own_seed, outputs, count, fee, b, ret_id, err);
    }
    change = fund_left(t) - t->plan.cost;
    if (change >= least_coin(t))
        outputs[count++] = output_to(&t->own, change);
    else
        fee += change; /* too little for an output */
    if (!t->collateral)
        return build_split(t, &t->fund, &t->fund_seed, outputs, count, fee, b, ret_id, err);
    input = (struct tx_input){ .index = 1 };
    memcpy(input.id, t->ids[0], sizeof input.id);
    return build_split(t, &input, &t->own_seed, outputs, count, fee, b, ret_id, err);
}

static enum ou_status build_setup(const struct generator_txs *t, uint64_t number, struct buffer *b,
                                  uint8_t ret_id[HASH_BYTES], struct ou_error *err)
{
    return number < plan_offset(t) ? build_collateral(t, b, ret_id, err)
                                   : build_plan_tx(t, number - plan_offset(t), b, ret_id, err);
}

enum ou_status generator_setup_tx(struct generator_txs *t, uint64_t number, struct bytes *ret,
                                  const uint8_t **ret_id, struct ou_error *err)
{
    struct kept_tx *kept = &t->kept[number % GENERATOR_SETUP_KEPT];
    uint8_t id[HASH_BYTES];
    enum ou_status status;

    if (kept->number != number + 1) {
        kept->number = 0;
        buffer_clear(&kept->bytes);
        status = build_setup(t, number, &kept->bytes, id, err);
        if (status)
            return status;
        memcpy(t->ids[number], id, sizeof id);
        kept->number = number + 1;
    }
    *ret = bytes_of(&kept->bytes);
    *ret_id = t->ids[number];
    return OU_OK;
}

/* --- The load ------------------------------------------------------------------------------ */

size_t generator_metadata_bytes(uint32_t add_tx_size)
{
    /* The hash in the body, {label: [..]} in place of null; strings of at most 64 bytes, with heads of 1 byte, or
     * of 2 from 24 bytes on. */
    enum { HASH_MEMBER = 35, FRAME = 2, CHUNK = 64, SHORT_STRING = 24 };
    size_t bytes = 1;

    if (add_tx_size == 0)
        return 0;
    for (size_t more = HASH_MEMBER + FRAME + 2; more < add_tx_size; bytes++) {
        size_t next = bytes + 1, chunks = (next + CHUNK - 1) / CHUNK, rest = next % CHUNK;

        more = HASH_MEMBER + FRAME + cbor_head_bytes(chunks) + next + 2 * chunks -
               (rest > 0 && rest < SHORT_STRING) - 1;
    }
    return bytes;
}

enum ou_status generator_load_tx(const struct generator_txs *t, uint64_t number, struct buffer *b,
                                 uint8_t ret_id[HASH_BYTES], struct ou_error *err)
{
    const struct generator_config *config = t->config;
    uint64_t pays = t->input_value * config->inputs_per_tx - config->tx_fee;
    uint64_t coin = pays / config->outputs_per_tx;
    const struct tx_input collateral = { .index = 0 };
    struct tx_build parts = { .input_count = config->inputs_per_tx,
                              .output_count = config->outputs_per_tx,
                              .fee = config->tx_fee,
                              .ttl = t->ttl,
                              .metadata_bytes = generator_metadata_bytes(config->add_tx_size),
                              .signing_seeds = &t->own_seed,
                              .signing_count = 1,
                              .script = t->script,
                              .script_steps = t->steps,
                              .script_memory = t->memory };
    struct tx_input inputs[TX_PARTS_MAX], set_aside = collateral;
    struct tx_build_output outputs[TX_PARTS_MAX];

    for (uint32_t i = 0; i < config->inputs_per_tx; i++)
        inputs[i] = input_of(t, plan_output_at(&t->plan, number * config->inputs_per_tx + i));
    for (uint32_t i = 0; i < config->outputs_per_tx; i++)
        outputs[i] = output_to(&t->sink, coin);
    outputs[0].coin += pays % config->outputs_per_tx;
    parts.inputs = inputs;
    parts.outputs = outputs;
    if (t->collateral) {
        memcpy(set_aside.id, t->ids[0], sizeof set_aside.id);
        parts.collateral = &set_aside;
    }
    return tx_build(&parts, b, ret_id, err);
}

/* --- Checks beforehand ------------------------------------------------------------------------ */

static enum ou_status check_tx(const struct generator_txs *t, const char *which, struct bytes bytes,
                               struct ou_error *err)
{
    const struct genesis *chain = &t->genesis->shelley;
    const char *why = "";
    struct tx_walk walk = { 0 };
    struct tx_output output;
    struct tx tx;
    uint64_t least;

    if (tx_read(bytes, &tx, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "own fault: %s: %s", which, why);
    least = tx_min_fee(&t->genesis->fees, &tx);
    if (tx.fee < least)
        return ou_fail(err, OU_INVALID,
                       "\"tx_fee\" is %" PRIu64 ", but %s must pay %" PRIu64 " at least", tx.fee,
                       which, least);
    if (tx.fee_bytes > chain->max_tx_bytes)
        return ou_fail(err, OU_INVALID, "%s has %u bytes, but the chain takes %" PRIu64, which,
                       tx.fee_bytes, chain->max_tx_bytes);
    while (tx_next_output(&tx, &walk, &output)) {
        least = tx_min_coin(&t->genesis->fees, output.bytes.count);
        if (output.coin < least)
            return ou_fail(err, OU_INVALID,
                           "an output of %s holds %" PRIu64 " lovelace, but %" PRIu64
                           " is the least: raise \"min_utxo_value\"",
                           which, output.coin, least);
    }
    return OU_OK;
}

/* Makes one of each kind. The ids that they would spend are not known yet, but have their length. */
static enum ou_status check_kinds(const struct generator_txs *t, struct ou_error *err)
{
    const uint64_t setup = generator_setup_count(t);
    uint8_t id[HASH_BYTES];
    struct buffer b;
    enum ou_status status = OU_OK;

    buffer_init(&b, allocator_libc(), TX_BYTES_MAX);
    for (uint64_t i = 0; i < setup && i < plan_offset(t) + 2 && !status; i++) {
        buffer_clear(&b);
        status = build_setup(t, i, &b, id, err);
        if (!status)
            status = check_tx(t, "a transaction that splits the fund", bytes_of(&b), err);
    }
    buffer_clear(&b);
    if (!status)
        status = generator_load_tx(t, 0, &b, id, err);
    if (!status)
        status = check_tx(t, "a transaction of the load", bytes_of(&b), err);
    buffer_release(&b);
    return status;
}

static enum ou_status check_fund(const struct generator_txs *t, struct ou_error *err)
{
    uint64_t need = t->plan.cost;

    if (t->collateral && (__builtin_add_overflow(need, t->collateral + t->config->tx_fee, &need)))
        need = UINT64_MAX;
    if (need <= t->fund_coin)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "the load needs %" PRIu64 " lovelace, but the fund of \"sigKey\" holds %" PRIu64,
                   need, t->fund_coin);
}

/* --- Life -------------------------------------------------------------------------------------- */

static void set_key_address(const struct generator_txs *t, const uint8_t seed[32],
                            struct address_bytes *ret)
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];

    crypto_sign_seed_keypair(key, secret, seed);
    sodium_memzero(secret, sizeof secret);
    ret->count = address_enterprise(t->genesis->network, key, ret->at);
}

/* A key of our own, made of the fund's. */
static void derive_seed(const char *label, const uint8_t fund_seed[32], uint8_t ret[32])
{
    hash256_pair(bytes_of_span(span_of(label)), (struct bytes){ fund_seed, 32 }, ret);
}

/* Money of the genesis is at the input (hash of the address, 0). */
static enum ou_status find_fund(struct generator_txs *t, struct ou_error *err)
{
    const struct genesis_ledger *genesis = t->genesis;
    struct address_bytes address;

    set_key_address(t, t->fund_seed, &address);
    hash256((struct bytes){ address.at, address.count }, t->fund.id);
    for (size_t i = 0; i < genesis->fund_count; i++)
        if (genesis->funds[i].address_bytes == address.count &&
            memcmp(genesis->funds[i].address, address.at, address.count) == 0) {
            t->fund_coin = genesis->funds[i].coin;
            return OU_OK;
        }
    return ou_fail(err, OU_INVALID, "the genesis has no funds at the address of \"sigKey\"");
}

static void set_script(struct generator_txs *t)
{
    const struct generator_config *config = t->config;
    const struct genesis_ledger *genesis = t->genesis;
    const struct script_limits limits = { genesis->max_tx_steps, genesis->max_tx_memory,
                                          genesis->max_block_steps, genesis->max_block_memory };
    uint8_t hash[KEY_HASH_BYTES];

    t->guard = t->own;
    if (!config->script.type)
        return;
    /* Nobody runs it: the name of its type is script enough. */
    t->script = bytes_of_span(span_of(config->script.type));
    generator_script_fit(config, &limits, &t->steps, &t->memory);
    tx_script_hash(t->script, hash);
    t->guard.count = address_script(genesis->network, hash, t->guard.at);
    t->collateral = 2 * (COLLATERAL_BASE + config->tx_fee);
    if (t->collateral < config->min_utxo_value)
        t->collateral = config->min_utxo_value;
}

static enum ou_status set_up(struct generator_txs *t, struct ou_error *err)
{
    const struct generator_config *config = t->config;
    uint8_t sink_seed[32];
    enum ou_status status = find_fund(t, err);

    if (status)
        return status;
    derive_seed("generator: funds", t->fund_seed, t->own_seed);
    derive_seed("generator: done", t->fund_seed, sink_seed);
    set_key_address(t, t->own_seed, &t->own);
    set_key_address(t, sink_seed, &t->sink);
    set_script(t);
    t->input_value = generator_input_value(config);
    status = plan_make(config->tx_count * config->inputs_per_tx, t->input_value, config->tx_fee,
                       &t->plan, err);
    if (!status)
        status = check_fund(t, err);
    if (status)
        return status;
    t->ids = alloc_zeroed(allocator_libc(), generator_setup_count(t) * HASH_BYTES);
    if (!t->ids)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the ids of %" PRIu64 " transactions",
                       generator_setup_count(t));
    return check_kinds(t, err);
}

enum ou_status generator_txs_create(const struct generator_txs_options *options,
                                    struct generator_txs **ret, struct ou_error *err)
{
    struct generator_txs *t = alloc_zeroed(allocator_libc(), sizeof *t);
    enum ou_status status;

    if (!t)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the load");
    t->config = options->config;
    t->genesis = options->genesis;
    t->ttl = options->ttl;
    memcpy(t->fund_seed, options->fund_seed, sizeof t->fund_seed);
    for (size_t i = 0; i < GENERATOR_SETUP_KEPT; i++)
        buffer_init(&t->kept[i].bytes, allocator_libc(), TX_BYTES_MAX);
    status = set_up(t, err);
    if (status)
        generator_txs_free(t);
    else
        *ret = t;
    return status;
}

void generator_txs_free(struct generator_txs *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < GENERATOR_SETUP_KEPT; i++)
        buffer_release(&t->kept[i].bytes);
    if (t->ids)
        alloc_free(allocator_libc(), t->ids, generator_setup_count(t) * HASH_BYTES);
    alloc_free(allocator_libc(), t, sizeof *t);
}
