/* Snapshots of a ledger:
 *
 *     [1, genesis hash, slot, fees, [[epoch, [stake of each pool]], ..],
 *      [[transaction, index, address, coin], ..]]
 *
 * Lists have their length in front. The stake of now follows from the outputs. */
#include <assert.h>
#include <inttypes.h>

#include "chain/ledger_state.h"

enum { FORMAT = 1, MEMBERS = 6, OUTPUT_MEMBERS = 4 };

/* What an output takes at least: heads, a hash, and one byte each for index and coin. */
enum { OUTPUT_LEAST = 1 + 2 + HASH_BYTES + 1 + 1 + 1 };

/* --- Writing ------------------------------------------------------------------------- */

static void put_stake(struct buffer *b, const struct stake_history *stake)
{
    cbor_put_list(b, stake->count);
    for (size_t i = 0; i < stake->count; i++) {
        cbor_put_list(b, 2);
        cbor_put_uint(b, stake->snapshots[i].epoch);
        cbor_put_list(b, stake->pool_count);
        for (size_t pool = 0; pool < stake->pool_count; pool++)
            cbor_put_uint(b, stake->snapshots[i].by_pool[pool]);
    }
}

static void put_outputs(struct buffer *b, const struct map *outputs)
{
    const void *key;
    void *value;

    cbor_put_list(b, outputs->count);
    for (size_t cursor = 0; map_next(outputs, &cursor, &key, &value);) {
        const struct tx_input *input = key;
        const struct ledger_output *output = value;

        cbor_put_list(b, OUTPUT_MEMBERS);
        cbor_put_bytes(b, (struct bytes){ input->id, HASH_BYTES });
        cbor_put_uint(b, input->index);
        cbor_put_bytes(b, (struct bytes){ output->address, output->address_bytes });
        cbor_put_uint(b, output->coin);
    }
}

void ledger_snapshot_write(const struct ledger *l, struct buffer *b)
{
    cbor_put_list(b, MEMBERS);
    cbor_put_uint(b, FORMAT);
    cbor_put_bytes(b, (struct bytes){ l->genesis->hash, HASH_BYTES });
    cbor_put_uint(b, l->slot);
    cbor_put_uint(b, l->totals.fees);
    put_stake(b, &l->stake);
    put_outputs(b, &l->outputs);
}

/* --- Reading ------------------------------------------------------------------------- */

struct reading {
    struct cbor c;
    struct ledger *l;
    uint64_t left; /* lovelace of the genesis that is not accounted for yet */
    bool no_memory;
};

/* A list with its length in front, whose items take at least so many bytes. */
static uint64_t take_length(struct reading *r, size_t item_least)
{
    struct cbor_run run = cbor_list(&r->c);

    if (run.indefinite)
        cbor_refuse(&r->c, "a list without its length");
    if (run.left > (uint64_t)(r->c.end - r->c.at) / item_least)
        cbor_refuse(&r->c, "a list longer than the snapshot");
    return cbor_ok(&r->c) ? run.left : 0;
}

static void take_head(struct reading *r)
{
    uint8_t hash[HASH_BYTES];

    cbor_list_of(&r->c, MEMBERS);
    if (cbor_uint(&r->c) != FORMAT)
        cbor_refuse(&r->c, "another format of snapshots");
    cbor_fixed(&r->c, HASH_BYTES, hash);
    if (memcmp(hash, r->l->genesis->hash, HASH_BYTES) != 0)
        cbor_refuse(&r->c, "a snapshot of a chain with another genesis");
    r->l->slot = cbor_uint(&r->c);
    r->l->totals.fees = cbor_uint(&r->c);
    if (r->l->totals.fees > r->left)
        cbor_refuse(&r->c, "more fees than there is money");
    else
        r->left -= r->l->totals.fees;
}

/* Stake of one epoch's end, by way of the stake of now, which is zero before and behind. */
static void take_epoch(struct reading *r, uint64_t *least)
{
    struct stake_history *stake = &r->l->stake;
    uint64_t epoch;

    cbor_list_of(&r->c, 2);
    epoch = cbor_uint_below(&r->c, ledger_epoch(r->l), "stake of an epoch that has not ended");
    if (epoch < *least)
        cbor_refuse(&r->c, "epochs that do not rise");
    *least = epoch + 1;
    cbor_list_of(&r->c, stake->pool_count);
    for (size_t pool = 0; pool < stake->pool_count && cbor_ok(&r->c); pool++)
        stake_add(stake, (int32_t)pool,
                  cbor_uint_below(&r->c, r->l->genesis->max_lovelace - stake->now_total + 1,
                                  "more stake than there is money"));
    if (cbor_ok(&r->c) && stake_end_epoch(stake, epoch))
        r->no_memory = true;
    memset(stake->now, 0, stake->pool_count * sizeof *stake->now);
    stake->now_total = 0;
}

static void take_output(struct reading *r)
{
    struct ledger_output output;
    struct tx_input input;
    struct bytes address;
    struct address parts;
    uint64_t coin;

    cbor_list_of(&r->c, OUTPUT_MEMBERS);
    cbor_fixed(&r->c, HASH_BYTES, input.id);
    input.index = (uint16_t)cbor_uint_below(&r->c, UINT16_MAX + 1, "an index above 65535");
    address = cbor_bytes(&r->c);
    coin = cbor_uint(&r->c);
    if (!cbor_ok(&r->c))
        return;
    if (address.count > ADDRESS_MAX_BYTES || address_read(address, &parts, NULL))
        cbor_refuse(&r->c, "an output at no address");
    else if (coin > r->left)
        cbor_refuse(&r->c, "more money than the genesis gave");
    else if (map_find(&r->l->outputs, &input))
        cbor_refuse(&r->c, "an output twice");
    if (!cbor_ok(&r->c))
        return;
    r->left -= coin;
    output = ledger_output_of(r->l->genesis, address, coin);
    ledger_put(r->l, &input, &output);
}

static void take_all(struct reading *r)
{
    uint64_t count, least = 0;

    take_head(r);
    count = take_length(r, 1 + 1 + 1);
    for (; count > 0 && cbor_ok(&r->c) && !r->no_memory; count--)
        take_epoch(r, &least);
    if (r->no_memory)
        return;
    count = take_length(r, OUTPUT_LEAST);
    if (count > LEDGER_OUTPUTS_MAX)
        cbor_refuse(&r->c, "more outputs than a ledger can hold");
    if (!cbor_ok(&r->c))
        return;
    if (map_reserve(&r->l->outputs, (size_t)count)) {
        r->no_memory = true;
        return;
    }
    for (; count > 0 && cbor_ok(&r->c); count--)
        take_output(r);
    if (cbor_ok(&r->c) && !cbor_at_end(&r->c))
        cbor_refuse(&r->c, "bytes behind the end");
    if (r->left > 0)
        cbor_refuse(&r->c, "less money than the genesis gave");
}

static uint64_t money_of(const struct genesis_ledger *genesis)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < genesis->fund_count; i++)
        sum += genesis->funds[i].coin;
    return sum;
}

enum ou_status ledger_snapshot_read(struct bytes input, const struct genesis_ledger *genesis,
                                    struct ledger **ret, struct ou_error *err)
{
    struct reading r = { .c = cbor_open(input), .left = money_of(genesis) };
    enum ou_status status = OU_OK;

    if (ledger_new(genesis, &r.l))
        return ou_fail(err, OU_NO_MEMORY, "no memory for the ledger");
    take_all(&r);
    if (r.no_memory)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for the ledger of a snapshot");
    else if (!cbor_ok(&r.c))
        status =
            ou_fail(err, OU_INVALID, "ledger snapshot, byte %td: %s", r.c.at - input.at, r.c.why);
    if (status) {
        ledger_free(r.l);
        return status;
    }
    *ret = r.l;
    return OU_OK;
}
