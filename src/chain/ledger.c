#include "chain/ledger.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "chain/ledger_state.h"
#include "chain/tx_check.h"

/* An output that a block spent, as it was. */
struct spent_output {
    struct tx_input input;
    struct ledger_output output;
};

/* What takes a block back: what it spent comes again, then what it made goes. (What it made and spent itself
 * comes and goes.) */
struct ledger_undo {
    struct ledger_undo *older, *newer;
    uint64_t slot_before, fees_before;
    bool ended_epoch;           /* a snapshot of the stake was taken */
    struct spent_output *spent; /* owned */
    size_t spent_count, spent_cap;
    struct tx_input *made; /* owned */
    size_t made_count, made_cap;
};

static enum ou_status no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory for the ledger");
}

/* --- Outputs ------------------------------------------------------------------------- */

struct ledger_output ledger_output_of(const struct genesis_ledger *genesis, struct bytes address,
                                      uint64_t coin)
{
    struct ledger_output output = { .coin = coin,
                                    .address_bytes = (uint8_t)address.count,
                                    .pool = -1 };
    struct address parts;

    memcpy(output.address, address.at, address.count);
    if (!address_read(address, &parts, NULL) && parts.stake)
        output.pool = (int32_t)genesis_find_delegation(genesis, parts.stake);
    return output;
}

void ledger_put(struct ledger *l, const struct tx_input *input, const struct ledger_output *output)
{
    void *value;

    if (map_put(&l->outputs, input, &value, NULL))
        abort(); /* room was reserved */
    *(struct ledger_output *)value = *output;
    l->totals.outputs += output->coin;
    stake_add(&l->stake, output->pool, output->coin);
}

static struct ledger_output take_out(struct ledger *l, const struct tx_input *input)
{
    const struct ledger_output *found = map_find(&l->outputs, input);
    struct ledger_output output;

    if (!found)
        abort(); /* it was found when the transaction was checked */
    output = *found;
    map_remove(&l->outputs, input);
    l->totals.outputs -= output.coin;
    stake_subtract(&l->stake, output.pool, output.coin);
    return output;
}

/* Output `number` of a transaction, as it is spent. */
static struct tx_input input_of(const struct tx *tx, uint32_t number)
{
    struct tx_input input = { .index = (uint16_t)number };

    memcpy(input.id, tx->id, HASH_BYTES);
    return input;
}

/* What a transaction spends: its collateral when its scripts failed. */
static struct bytes spent_by(const struct tx *tx, uint32_t *ret_count)
{
    *ret_count = tx->valid ? tx->input_count : tx->collateral_count;
    return tx->valid ? tx->inputs : tx->collateral;
}

static uint32_t made_by(const struct tx *tx)
{
    return tx->valid ? tx->output_count : 0;
}

static const struct ledger_output *find_in_ledger(const void *context, const struct tx_input *input)
{
    return ledger_find(context, input);
}

static void tell_cost(const struct tx *tx, ledger_script_cost *cost, void *context)
{
    if (cost && tx->redeemer_count > 0)
        cost(context, tx->script_steps, tx->script_memory);
}

/* --- Life ---------------------------------------------------------------------------- */

enum ou_status ledger_new(const struct genesis_ledger *genesis, struct ledger **ret)
{
    struct ledger *l = calloc(1, sizeof *l);

    if (!l)
        return OU_NO_MEMORY;
    l->genesis = genesis;
    map_init(&l->outputs, allocator_libc(), sizeof(struct tx_input), sizeof(struct ledger_output),
             LEDGER_OUTPUTS_MAX);
    if (stake_init(&l->stake, genesis)) {
        free(l);
        return OU_NO_MEMORY;
    }
    *ret = l;
    return OU_OK;
}

/* The output of a fund has the hash of its address as transaction. */
static enum ou_status put_funds(struct ledger *l, struct ou_error *err)
{
    const struct genesis_ledger *g = l->genesis;

    if (map_reserve(&l->outputs, g->fund_count))
        return no_memory(err);
    for (size_t i = 0; i < g->fund_count; i++) {
        struct bytes address = { g->funds[i].address, g->funds[i].address_bytes };
        struct ledger_output output = ledger_output_of(g, address, g->funds[i].coin);
        struct tx_input input = { .index = 0 };

        hash256(address, input.id);
        if (map_find(&l->outputs, &input))
            return ou_fail(err, OU_INVALID, "initialFunds of the genesis: an address twice");
        ledger_put(l, &input, &output);
    }
    return OU_OK;
}

enum ou_status ledger_create(const struct genesis_ledger *genesis, struct ledger **ret,
                             struct ou_error *err)
{
    struct ledger *l = NULL;
    enum ou_status status = ledger_new(genesis, &l);

    if (status)
        return no_memory(err);
    status = put_funds(l, err);
    if (status) {
        ledger_free(l);
        return status;
    }
    *ret = l;
    return OU_OK;
}

static void free_undo(struct ledger_undo *undo)
{
    if (!undo)
        return;
    free(undo->spent);
    free(undo->made);
    free(undo);
}

void ledger_free(struct ledger *l)
{
    if (!l)
        return;
    while (l->newest) {
        struct ledger_undo *undo = l->newest;

        l->newest = undo->older;
        free_undo(undo);
    }
    stake_release(&l->stake);
    map_release(&l->outputs);
    free(l);
}

size_t ledger_output_count(const struct ledger *l)
{
    return l->outputs.count;
}

struct ledger_totals ledger_totals(const struct ledger *l)
{
    return l->totals;
}

const struct ledger_output *ledger_find(const struct ledger *l, const struct tx_input *input)
{
    return map_find(&l->outputs, input);
}

uint64_t ledger_slot(const struct ledger *l)
{
    return l->slot;
}

uint64_t ledger_epoch(const struct ledger *l)
{
    return slot_epoch(&l->genesis->shelley.clock, l->slot);
}

bool ledger_stake_of(const struct ledger *l, uint64_t epoch, struct ledger_stake *ret)
{
    return stake_of(&l->stake, epoch, ledger_epoch(l), ret);
}

size_t ledger_undo_depth(const struct ledger *l)
{
    return l->undo_depth;
}

/* --- Blocks -------------------------------------------------------------------------- */

/* Everything that happened since the record was begun has not happened. Needs no memory beside what
 * was reserved. */
static void revert(struct ledger *l, const struct ledger_undo *undo)
{
    for (size_t i = 0; i < undo->spent_count; i++)
        ledger_put(l, &undo->spent[i].input, &undo->spent[i].output);
    for (size_t i = 0; i < undo->made_count; i++)
        (void)take_out(l, &undo->made[i]);
    if (undo->ended_epoch)
        stake_forget_end(&l->stake);
    l->totals.fees = undo->fees_before;
    l->slot = undo->slot_before;
}

/* Room for all that a transaction changes, and for taking it back. */
static bool reserve(struct ledger *l, struct ledger_undo *undo, uint32_t spends, uint32_t makes)
{
    struct allocator *libc = allocator_libc();
    void *spent = undo->spent, *made = undo->made;
    bool ok = array_reserve(libc, &spent, &undo->spent_cap, undo->spent_count + spends,
                            sizeof *undo->spent, SIZE_MAX);

    undo->spent = spent;
    ok = ok && array_reserve(libc, &made, &undo->made_cap, undo->made_count + makes,
                             sizeof *undo->made, SIZE_MAX);
    undo->made = made;
    /* Taking the block back puts everything that it spent beside what it made. */
    return ok && !map_reserve(&l->outputs, undo->spent_count + spends + makes);
}

/* Makes a checked transaction happen. */
static enum ou_status apply_tx(struct ledger *l, const struct tx *tx, struct ledger_undo *undo,
                               struct ou_error *err)
{
    struct tx_walk inputs = { 0 }, outputs = { 0 };
    struct tx_output output;
    struct tx_input input;
    uint32_t spends, makes = made_by(tx);
    struct bytes list = spent_by(tx, &spends);
    uint64_t before = l->totals.outputs;

    if (!reserve(l, undo, spends, makes))
        return no_memory(err);
    while (tx_next_input(list, &inputs, &input))
        undo->spent[undo->spent_count++] = (struct spent_output){ input, take_out(l, &input) };
    for (uint32_t i = 0; i < makes && tx_next_output(tx, &outputs, &output); i++) {
        struct ledger_output made = ledger_output_of(l->genesis, output.address, output.coin);

        input = input_of(tx, i);
        ledger_put(l, &input, &made);
        undo->made[undo->made_count++] = input;
    }
    l->totals.fees += before - l->totals.outputs;
    return OU_OK;
}

/* What a block's scripts have used so far. */
struct script_sum {
    uint64_t steps, memory;
};

static enum ou_status add_scripts(const struct genesis_ledger *genesis, const struct tx *tx,
                                  struct script_sum *sum, struct ou_error *err)
{
    /* Each is below the limit for a transaction, so the sums do not overflow before they are refused. */
    sum->steps += tx->script_steps;
    sum->memory += tx->script_memory;
    if (sum->steps > genesis->max_block_steps || sum->memory > genesis->max_block_memory)
        return ou_fail(err, OU_INVALID,
                       "scripts of the block come to %" PRIu64 " steps and %" PRIu64
                       " memory, above %" PRIu64 " and %" PRIu64,
                       sum->steps, sum->memory, genesis->max_block_steps,
                       genesis->max_block_memory);
    return OU_OK;
}

static enum ou_status read_block_tx(const struct block_tx *part, struct tx *ret,
                                    struct ou_error *err)
{
    const char *why = NULL;

    if (tx_read_parts(part->body, part->witnesses, part->auxiliary, part->valid, ret, &why) !=
        WIRE_OK)
        return ou_fail(err, OU_INVALID, "%s", why);
    return OU_OK;
}

static enum ou_status apply_txs(struct ledger *l, const struct block *block,
                                enum ledger_trust trust, ledger_script_cost *cost, void *context,
                                struct ledger_undo *undo, struct ou_error *err)
{
    const struct tx_lookup lookup = { find_in_ledger, l };
    struct block_walk walk = { 0 };
    struct script_sum scripts = { 0 };
    struct block_tx part;

    for (uint32_t number = 0; block_next_tx(block, &walk, &part); number++) {
        struct ou_error why = { { 0 } };
        struct tx tx;
        enum ou_status status = read_block_tx(&part, &tx, &why);

        if (!status)
            status = tx_check(&tx, l->genesis, block->header.slot, trust, &lookup, &why);
        if (!status)
            status = add_scripts(l->genesis, &tx, &scripts, &why);
        if (!status) {
            tell_cost(&tx, cost, context);
            status = apply_tx(l, &tx, undo, &why);
        }
        if (status)
            return ou_fail(err, status, "transaction %" PRIu32 ", %s", number, why.text);
    }
    return OU_OK;
}

/* Goes to the slot of a block; the stake at the end of an epoch is kept. */
static enum ou_status tick(struct ledger *l, uint64_t slot, struct ledger_undo *undo)
{
    uint64_t epoch = ledger_epoch(l);

    if (slot_epoch(&l->genesis->shelley.clock, slot) > epoch) {
        if (stake_end_epoch(&l->stake, epoch))
            return OU_NO_MEMORY;
        undo->ended_epoch = true;
    }
    l->slot = slot;
    return OU_OK;
}

/* Gives back what an array has too much; thousands of them are kept. */
static void *fitted(void *items, size_t *cap, size_t count, size_t item_bytes)
{
    void *smaller;

    if (count == 0) {
        free(items);
        *cap = 0;
        return NULL;
    }
    smaller = realloc(items, count * item_bytes);
    if (!smaller)
        return items; /* it may stay as it is */
    *cap = count;
    return smaller;
}

static void keep_undo(struct ledger *l, struct ledger_undo *undo)
{
    undo->spent = fitted(undo->spent, &undo->spent_cap, undo->spent_count, sizeof *undo->spent);
    undo->made = fitted(undo->made, &undo->made_cap, undo->made_count, sizeof *undo->made);
    undo->older = l->newest;
    if (l->newest)
        l->newest->newer = undo;
    else
        l->last = undo;
    l->newest = undo;
    if (++l->undo_depth <= l->genesis->shelley.security_param)
        return;
    undo = l->last;
    l->last = undo->newer;
    assert(l->last); /* k is at least 1 */
    l->last->older = NULL;
    l->undo_depth--;
    free_undo(undo);
    /* Nobody asks any more for epochs before those that can be come back to. */
    stake_drop_before(&l->stake, slot_epoch(&l->genesis->shelley.clock, l->last->slot_before));
}

enum ou_status ledger_apply(struct ledger *l, const struct block *block, enum ledger_trust trust,
                            ledger_script_cost *cost, void *context, struct ou_error *err)
{
    struct ledger_undo *undo;
    enum ou_status status;

    if (block->header.slot < l->slot)
        return ou_fail(err, OU_INVALID, "a block of slot %" PRIu64 " behind one of slot %" PRIu64,
                       block->header.slot, l->slot);
    undo = calloc(1, sizeof *undo);
    if (!undo)
        return no_memory(err);
    undo->slot_before = l->slot;
    undo->fees_before = l->totals.fees;
    status = tick(l, block->header.slot, undo) ? no_memory(err) : OU_OK;
    if (!status)
        status = apply_txs(l, block, trust, cost, context, undo, err);
    if (status) {
        revert(l, undo);
        free_undo(undo);
        return status;
    }
    keep_undo(l, undo);
    return OU_OK;
}

enum ou_status ledger_undo(struct ledger *l, struct ou_error *err)
{
    struct ledger_undo *undo = l->newest;

    if (!undo)
        return ou_fail(err, OU_USAGE, "the ledger keeps no more blocks that it could take back");
    if (map_reserve(&l->outputs, undo->spent_count))
        return no_memory(err);
    revert(l, undo);
    l->newest = undo->older;
    if (l->newest)
        l->newest->newer = NULL;
    else
        l->last = NULL;
    l->undo_depth--;
    free_undo(undo);
    return OU_OK;
}

/* --- Views --------------------------------------------------------------------------- */

/* An output that is not in the ledger, or (gone) not any more. */
struct view_change {
    struct ledger_output output;
    bool gone;
};

struct ledger_view {
    const struct ledger *ledger;
    struct map changes; /* struct tx_input to struct view_change */
};

enum ou_status ledger_view_create(const struct ledger *l, struct ledger_view **ret,
                                  struct ou_error *err)
{
    struct ledger_view *v = calloc(1, sizeof *v);

    if (!v)
        return no_memory(err);
    v->ledger = l;
    map_init(&v->changes, allocator_libc(), sizeof(struct tx_input), sizeof(struct view_change),
             LEDGER_OUTPUTS_MAX);
    *ret = v;
    return OU_OK;
}

void ledger_view_free(struct ledger_view *v)
{
    if (!v)
        return;
    map_release(&v->changes);
    free(v);
}

void ledger_view_reset(struct ledger_view *v)
{
    map_clear(&v->changes);
}

static const struct ledger_output *find_in_view(const void *context, const struct tx_input *input)
{
    const struct ledger_view *v = context;
    const struct view_change *change = map_find(&v->changes, input);

    if (change)
        return change->gone ? NULL : &change->output;
    return ledger_find(v->ledger, input);
}

/* Room was reserved. */
static struct view_change *change_of(struct ledger_view *v, const struct tx_input *input)
{
    void *value;

    if (map_put(&v->changes, input, &value, NULL))
        abort();
    return value;
}

enum ou_status ledger_view_add(struct ledger_view *v, const struct tx *tx, uint64_t slot,
                               enum ledger_trust trust, ledger_script_cost *cost, void *context,
                               struct ou_error *err)
{
    const struct tx_lookup lookup = { find_in_view, v };
    struct tx_walk inputs = { 0 }, outputs = { 0 };
    struct tx_output output;
    struct tx_input input;
    uint32_t spends, makes = made_by(tx);
    struct bytes list = spent_by(tx, &spends);
    enum ou_status status = tx_check(tx, v->ledger->genesis, slot, trust, &lookup, err);

    if (status)
        return status;
    if (map_reserve(&v->changes, (size_t)spends + makes))
        return no_memory(err);
    tell_cost(tx, cost, context);
    while (tx_next_input(list, &inputs, &input))
        change_of(v, &input)->gone = true;
    for (uint32_t i = 0; i < makes && tx_next_output(tx, &outputs, &output); i++) {
        input = input_of(tx, i);
        *change_of(v, &input) =
            (struct view_change){ .output = ledger_output_of(v->ledger->genesis, output.address,
                                                             output.coin) };
    }
    return OU_OK;
}
