#include "workbench/profile_derive.h"

#include <math.h>
#include <string.h>

#include "workbench/profile_check.h"

/* A transaction of two inputs, two outputs and 100 bytes of metadata. */
#define VALUE_TX_BYTES 381

/* After the generator could have ended, blocks get this long to settle. */
#define SETTLE_S 40

/* Entries of a ledger of this size or above are what start-up time depends on. */
#define BIG_DATASET 10000

/* What is found out, in the order of the document. */
struct derived {
    double dataset_measure;
    double genesis_future_offset, cluster_startup_overhead_s;
    double epoch_duration, effective_epochs;
    double shutdown_time; /* infinite: no slot to stop at */
    double generator_duration, max_duration;
    double tx_count;
    double txs_per_block, blocks_lower_bound;
};

static void derive_start(const struct profile *p, double base_s, struct derived *d)
{
    d->dataset_measure = p->stuffed_utxo ? (double)p->stuffed_utxo + (double)p->delegators : 0;
    if (d->dataset_measure < BIG_DATASET) {
        d->genesis_future_offset = base_s;
        d->cluster_startup_overhead_s = base_s;
    } else {
        d->genesis_future_offset = d->dataset_measure / 50000;
        d->cluster_startup_overhead_s = d->dataset_measure / 2500;
    }
}

static double effective_epochs(const struct profile *p, double epochs)
{
    double length = (double)p->epoch_slots;

    if (p->stop_slot != UINT64_MAX)
        return ceil((double)p->stop_slot / length);
    if (p->stop_block != UINT64_MAX)
        return ceil((double)p->stop_block / (length * p->active_slots_coeff));
    return epochs;
}

static void derive_duration(const struct profile *p, double epochs, struct derived *d)
{
    d->epoch_duration = (double)p->epoch_slots * p->slot_s;
    d->effective_epochs = effective_epochs(p, epochs);
    d->shutdown_time = p->stop_slot == UINT64_MAX ? INFINITY : (double)p->stop_slot * p->slot_s;
    d->generator_duration = fmin(d->epoch_duration * d->effective_epochs, d->shutdown_time);
}

static void derive_load(const struct profile *p, double block_bytes, struct derived *d)
{
    d->tx_count = ceil(p->tx_count ? (double)p->tx_count : d->generator_duration * p->tps);
    d->txs_per_block = floor(block_bytes / VALUE_TX_BYTES);
    d->blocks_lower_bound = ceil(1.15 * d->tx_count / d->txs_per_block);
}

/* ---- in the document ---- */

/* Whole numbers as such: 600, not 600.0; what has no end is null. */
static json_t *number(double value)
{
    if (isinf(value))
        return json_null();
    return value == floor(value) && value < 9e18 ? json_integer((json_int_t)value)
                                                 : json_real(value);
}

static json_t *derived_object(const struct profile *p, const struct derived *d)
{
    struct {
        const char *name;
        double value;
    } members[] = {
        { "n_hosts", p->hosts },
        { "n_pools", p->pools },
        { "dataset_measure", d->dataset_measure },
        { "genesis_future_offset", p->start_delay_s },
        { "cluster_startup_overhead_s", d->cluster_startup_overhead_s },
        { "epoch_duration", d->epoch_duration },
        { "effective_epochs", d->effective_epochs },
        { "shutdown_time", d->shutdown_time },
        { "generator_duration", d->generator_duration },
        { "max_duration_s", p->max_duration_s },
        { "generator_tx_count", (double)p->tx_count },
        { "delegators_effective", p->delegators },
        { "utxo_generated", (double)p->tx_count * p->inputs_per_tx },
        { "utxo_stuffed", (double)p->stuffed_utxo },
        { "default_value_tx_size_estimate", VALUE_TX_BYTES },
        { "default_value_tx_per_block_estimate", d->txs_per_block },
        { "generator_blocks_lower_bound", d->blocks_lower_bound },
    };
    json_t *object = json_object();

    for (size_t i = 0; object && i < sizeof members / sizeof *members; i++)
        if (json_object_set_new(object, members[i].name, number(members[i].value)) != 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

/* Amounts are above what doubles tell exactly. */
static bool tell_supply(const struct profile *p, json_t *derived)
{
    uint64_t total = profile_supply(p), delegated = total - p->funds_balance;

    return json_object_set_new(derived, "supply_delegated", json_integer((json_int_t)delegated)) ==
               0 &&
           json_object_set_new(derived, "supply_total", json_integer((json_int_t)total)) == 0;
}

static bool asks_for_adoptions(const json_t *exprs)
{
    size_t i;
    json_t *expr;

    json_array_foreach((json_t *)exprs, i, expr)
    {
        const char *tag =
            json_string_value(json_object_get(json_object_get(expr, "contents"), "tag"));

        if (tag && strcmp(tag, "BMinimumAdoptions") == 0)
            return true;
    }
    return false;
}

/* Blocks count that every pool but the forger's has adopted. A profile may ask for fewer itself. */
static bool add_adoptions_filter(const struct profile *p)
{
    json_t *analysis = json_object_get(p->document, "analysis");
    json_t *exprs = json_object_get(analysis, "filter_exprs");

    if (p->pools < 2 || asks_for_adoptions(exprs))
        return true;
    return json_array_append_new(exprs, json_pack("{s:s, s:{s:s, s:I}}", "tag", "CBlock",
                                                  "contents", "tag", "BMinimumAdoptions",
                                                  "contents", (json_int_t)p->pools - 1)) == 0;
}

static bool tell(const struct profile *p, const struct derived *d)
{
    json_t *generator = json_object_get(p->document, "generator");
    json_t *genesis = json_object_get(p->document, "genesis");
    json_t *derived = derived_object(p, d);

    return json_object_set_new(p->document, "derived", derived) == 0 && tell_supply(p, derived) &&
           json_object_set_new(genesis, "delegators", json_integer(p->delegators)) == 0 &&
           json_object_set_new(generator, "tx_count", json_integer((json_int_t)p->tx_count)) == 0 &&
           add_adoptions_filter(p);
}

/* ---- all of it ---- */

static double member(const struct profile *p, const char *section, const char *name)
{
    return json_number_value(json_object_get(json_object_get(p->document, section), name));
}

static double block_bytes(const struct profile *p)
{
    const json_t *genesis = json_object_get(p->document, "genesis");
    const json_t *shelley = json_object_get(genesis, "shelley");

    return json_number_value(
        json_object_get(json_object_get(shelley, "protocolParams"), "maxBlockBodySize"));
}

static void fill_in(struct profile *p, const struct derived *d)
{
    p->start_delay_s = d->genesis_future_offset + member(p, "genesis", "extra_future_offset");
    p->tx_count = (uint64_t)d->tx_count;
    if (p->max_duration_s == 0)
        p->max_duration_s = d->max_duration;
}

static bool is_idle(const struct profile *p)
{
    return strcmp(json_string_value(json_object_get(p->document, "scenario")), "idle") == 0;
}

enum ou_status profile_derive(struct profile *p, struct ou_error *err)
{
    struct derived d = { 0 };

    p->pools = p->hosts;
    if (p->delegators < p->pools)
        p->delegators = p->pools;
    derive_start(p, member(p, "analysis", "cluster_base_startup_overhead_s"), &d);
    derive_duration(p, member(p, "generator", "epochs"), &d);
    derive_load(p, block_bytes(p), &d);
    d.max_duration = is_idle(p) ? INFINITY : d.generator_duration + SETTLE_S;
    if (d.tx_count > 1e8)
        return ou_fail(err, OU_INVALID,
                       "profile %.64s: generator: %g transactions a second for %g s are %g, 1e8 "
                       "at most",
                       p->name, p->tps, d.generator_duration, d.tx_count);
    fill_in(p, &d);
    if (!tell(p, &d))
        return ou_fail(err, OU_NO_MEMORY, "profile %.64s: no memory", p->name);
    return OU_OK;
}
