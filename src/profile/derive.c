#include "profile/derive.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "profile/catalogue.h"
#include "profile/check.h"
#include "profile/read.h"
#include "profile/topology.h"

/* A transaction of two inputs, two outputs and 100 bytes of metadata. */
#define VALUE_TX_BYTES 381

/* After the generator could have ended, blocks get this long to settle. */
#define SETTLE_S 40

/* Entries of a ledger of this size or above are what start-up time depends on. */
#define BIG_DATASET 10000

#define TXS_MAX 1e9

/* What is found out, in the order of the document. */
struct derived {
    bool of_2023; /* the edition whose rules hold */
    double dataset_measure;
    double genesis_future_offset, cluster_startup_overhead_s;
    double epoch_duration, effective_epochs;
    double shutdown_time; /* infinite: no slot to stop at */
    double generator_duration, max_duration;
    double tx_count;
    double txs_per_block, blocks_lower_bound;
};

/* ---- the formulas ---- */

/* Rounded up, but not over the error of decimal fractions as doubles: 180 * 1.1 are 198, although the product is above. */
static double ceil_of(double value)
{
    return ceil(value * (1 - 1e-12));
}

static double member(const struct profile *p, const char *section, const char *name)
{
    return json_number_value(json_object_get(json_object_get(p->document, section), name));
}

static void derive_start(const struct profile *p, struct derived *d)
{
    double base_s = member(p, "analysis", "cluster_base_startup_overhead_s");
    double delegators = member(p, "genesis", "delegators");

    d->dataset_measure = d->of_2023 || p->stuffed_utxo ? (double)p->stuffed_utxo + delegators : 0;
    if (d->dataset_measure < BIG_DATASET) {
        d->genesis_future_offset = base_s;
        d->cluster_startup_overhead_s = base_s;
    } else if (d->of_2023) {
        d->genesis_future_offset = ceil(d->dataset_measure / 50000);
        d->cluster_startup_overhead_s = ceil(d->dataset_measure / 10000);
    } else {
        d->genesis_future_offset = d->dataset_measure / 50000;
        d->cluster_startup_overhead_s = d->dataset_measure / 2500;
    }
}

/* The edition of 2023 took every slot for one with a block. */
static double effective_epochs(const struct profile *p, const struct derived *d)
{
    double length = (double)p->epoch_slots;

    if (p->stop_slot != UINT64_MAX)
        return ceil((double)p->stop_slot / length);
    if (p->stop_block != UINT64_MAX)
        return ceil_of((double)p->stop_block /
                       (d->of_2023 ? length : length * p->active_slots_coeff));
    return member(p, "generator", "epochs");
}

static void derive_duration(const struct profile *p, struct derived *d)
{
    bool goes_on = p->scenario == SCENARIO_IDLE || p->scenario == SCENARIO_TRACER_ONLY;

    d->epoch_duration = (double)p->epoch_slots * p->slot_s;
    d->effective_epochs = effective_epochs(p, d);
    d->shutdown_time = p->stop_slot == UINT64_MAX ? INFINITY : (double)p->stop_slot * p->slot_s;
    d->generator_duration = fmin(d->epoch_duration * d->effective_epochs, d->shutdown_time);
    d->max_duration = goes_on ? INFINITY : d->generator_duration + SETTLE_S;
}

static json_t *protocol_parameters(const struct profile *p)
{
    const json_t *genesis = json_object_get(p->document, "genesis");

    return json_object_get(json_object_get(genesis, "shelley"), "protocolParams");
}

static void derive_load(const struct profile *p, struct derived *d)
{
    double block_bytes =
        json_number_value(json_object_get(protocol_parameters(p), "maxBlockBodySize"));

    d->tx_count = p->tx_count ? (double)p->tx_count : ceil_of(d->generator_duration * p->tps);
    d->txs_per_block = floor(block_bytes / VALUE_TX_BYTES);
    d->blocks_lower_bound = ceil_of(1.15 * d->tx_count / d->txs_per_block);
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

/* Sets the last member of `path` in `object`, with the formula as its origin. Takes over `value`, which may be NULL: no
 * memory. */
static bool tell(struct profile *p, json_t *object, const char *path, json_t *value,
                 const char *formula)
{
    return json_object_set_new(object, strrchr(path, '.') + 1, value) == 0 &&
           json_object_set_new(p->origins, path, json_sprintf("derived: %s", formula)) == 0;
}

static bool tell_derived(struct profile *p, const struct derived *d)
{
    bool old = d->of_2023;
    json_int_t supply = (json_int_t)profile_supply(p);
    json_t *object = json_object_get(p->document, "derived");
    struct {
        const char *path;
        json_t *value;
        const char *formula;
    } rows[] = {
        { "derived.n_hosts", json_integer(p->hosts), "hosts with pools, and BFT hosts" },
        { "derived.n_pools", json_integer(p->pools),
          "singular hosts + dense hosts * dense_pool_density" },
        { "derived.n_pool_hosts", json_integer((json_int_t)p->hosts - p->bft_hosts),
          "n_hosts - n_bft_hosts" },
        { "derived.dataset_measure", number(d->dataset_measure),
          old ? "utxo + delegators" : "utxo + delegators; 0 without utxo" },
        { "derived.genesis_future_offset", number(p->start_delay_s),
          old ? "base overhead below 10,000 of dataset_measure, else ceil(that / 50,000); + "
                "extra_future_offset"
              : "base overhead below 10,000 of dataset_measure, else that / 50,000; + "
                "extra_future_offset" },
        { "derived.cluster_startup_overhead_s", number(d->cluster_startup_overhead_s),
          old ? "base overhead below 10,000 of dataset_measure, else ceil(that / 10,000)"
              : "base overhead below 10,000 of dataset_measure, else that / 2,500" },
        { "derived.epoch_duration", number(d->epoch_duration), "epoch_length * slot_duration" },
        { "derived.effective_epochs", number(d->effective_epochs),
          old ? "ceil(slots / epoch_length), or ceil(blocks / epoch_length), or generator.epochs"
              : "ceil(slots / epoch_length), or ceil(blocks / (epoch_length * f)), or "
                "generator.epochs" },
        { "derived.shutdown_time", number(d->shutdown_time), "slots * slot_duration" },
        { "derived.generator_duration", number(d->generator_duration),
          "min(epoch_duration * effective_epochs, shutdown_time)" },
        { "derived.max_duration_s", number(p->max_duration_s),
          "run.max_duration_s, or generator_duration + 40; null without an end" },
        { "derived.generator_tx_count", number((double)p->tx_count),
          "tx_count, or ceil(generator_duration * tps)" },
        { "derived.delegators_effective", json_integer(p->delegators), "max(n_pools, delegators)" },
        { "derived.utxo_delegated", number(member(p, "genesis", "delegators")), "delegators" },
        { "derived.utxo_generated", number((double)p->tx_count * p->inputs_per_tx),
          "generator_tx_count * inputs_per_tx" },
        { "derived.utxo_stuffed", number((double)p->stuffed_utxo), "utxo" },
        { "derived.pool_coin", json_integer(p->pools ? (json_int_t)p->per_pool_balance : 0),
          "per_pool_balance; 0 without pools" },
        { "derived.delegator_coin",
          json_integer(p->delegators ? (json_int_t)p->per_pool_balance : 0),
          "per_pool_balance; 0 without delegators" },
        { "derived.supply_delegated", json_integer(supply - (json_int_t)p->funds_balance),
          "per_pool_balance * n_pools" },
        { "derived.supply_total", json_integer(supply), "supply_delegated + funds_balance" },
        { "derived.default_value_tx_size_estimate", json_integer(VALUE_TX_BYTES),
          "bytes of a transaction of two inputs and outputs" },
        { "derived.default_value_tx_per_block_estimate", number(d->txs_per_block),
          "floor(maxBlockBodySize / default_value_tx_size_estimate)" },
        { "derived.generator_blocks_lower_bound", number(d->blocks_lower_bound),
          "ceil(1.15 * generator_tx_count / default_value_tx_per_block_estimate)" },
    };
    bool good = true;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        good = tell(p, object, rows[i].path, rows[i].value, rows[i].formula) && good;
    return good;
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

/* Blocks count that every host with pools but the forger has adopted. (The workbench of cardano-node counts pools here,
 * so that no block ever counts where a host has several.) A profile may ask for fewer itself. */
static bool tell_adoptions(struct profile *p)
{
    json_t *analysis = json_object_get(p->document, "analysis");
    json_t *exprs = json_object_get(analysis, "filter_exprs");

    uint32_t hosts = p->singular_hosts + p->dense_hosts;

    if (hosts < 2 || asks_for_adoptions(exprs))
        return true;
    exprs = json_deep_copy(exprs);
    if (json_array_append_new(exprs, json_pack("{s:s, s:{s:s, s:I}}", "tag", "CBlock", "contents",
                                               "tag", "BMinimumAdoptions", "contents",
                                               (json_int_t)hosts - 1)) != 0) {
        json_decref(exprs);
        return false;
    }
    return tell(p, analysis, "analysis.filter_exprs", exprs,
                "as told, and BMinimumAdoptions of n_pool_hosts - 1");
}

/* Members that null leaves to us. */
static bool tell_open_members(struct profile *p)
{
    json_t *generator = json_object_get(p->document, "generator");
    json_t *analysis = json_object_get(p->document, "analysis");

    if (json_is_null(json_object_get(generator, "tx_count")) &&
        !tell(p, generator, "generator.tx_count", json_integer((json_int_t)p->tx_count),
              "ceil(generator_duration * tps)"))
        return false;
    return !json_is_null(json_object_get(analysis, "minimum_chain_density")) ||
           tell(p, analysis, "analysis.minimum_chain_density",
                json_real(p->active_slots_coeff * 0.5), "active_slots_coeff * 0.5");
}

/* ---- before the formulas ---- */

/* No delegators told: one for each pool. */
static bool fill_delegators(struct profile *p)
{
    json_t *genesis = json_object_get(p->document, "genesis");
    bool open = json_is_null(json_object_get(genesis, "delegators"));

    if (p->delegators < p->pools)
        p->delegators = p->pools;
    return !open || tell(p, genesis, "genesis.delegators", json_integer(p->pools), "n_pools");
}

/* An era can only be begun with its own versions of the protocol; mainnet's of that epoch may be older. */
static bool raise_version(struct profile *p)
{
    static const struct {
        const char *name;
        json_int_t first;
    } eras[] = {
        [ERA_SHELLEY] = { "Shelley", 2 },    [ERA_ALLEGRA] = { "Allegra", 3 },
        [ERA_MARY] = { "Mary", 4 },          [ERA_ALONZO] = { "Alonzo", 5 },
        [ERA_BABBAGE] = { "Babbage", 7 },    [ERA_CONWAY] = { "Conway", 9 },
        [ERA_DIJKSTRA] = { "Dijkstra", 12 },
    };
    json_t *version = json_object_get(protocol_parameters(p), "protocolVersion");
    char formula[80];

    if (json_integer_value(json_object_get(version, "major")) >= eras[p->era].first)
        return true;
    snprintf(formula, sizeof formula, "the first protocol version of %s", eras[p->era].name);
    return tell(p, version, "genesis.shelley.protocolParams.protocolVersion.major",
                json_integer(eras[p->era].first), formula) &&
           tell(p, version, "genesis.shelley.protocolParams.protocolVersion.minor", json_integer(0),
                formula);
}

/* Which of a profile's locations stands in a region, or NULL. */
static const char *location_in(const struct profile *p, const json_t *region)
{
    for (size_t i = 0; i < p->region_count; i++)
        if (strcmp(topology_region(p->regions[i]), json_string_value(region)) == 0)
            return p->regions[i];
    return NULL;
}

/* The known links between the profile's locations, under the names that it has for them. */
static json_t *known_links(const struct profile *p, const json_t *all)
{
    json_t *links = json_array(), *link;
    size_t i;

    json_array_foreach((json_t *)all, i, link)
    {
        const char *a = location_in(p, json_object_get(link, "a"));
        const char *b = location_in(p, json_object_get(link, "b"));

        if (a && b)
            json_array_append_new(links,
                                  json_pack("{s:s, s:s, s:O, s:O}", "a", a, "b", b, "latency_ms",
                                            json_object_get(link, "latency_ms"), "bytes_per_second",
                                            json_object_get(link, "bytes_per_second")));
    }
    return links;
}

/* Where nobody says anything of links, known regions are as far apart as they are. An empty list says that there are
 * none. */
static bool fill_links(struct profile *p)
{
    json_t *composition = json_object_get(p->document, "composition"), *all = NULL, *links;

    if (!json_is_null(json_object_get(composition, "links")))
        return true;
    if (profile_catalogue_links(&all, NULL))
        return false;
    links = known_links(p, all);
    json_decref(all);
    return tell(p, composition, "composition.links", links,
                "what is usual between these regions") &&
           profile_read_links(p);
}

/* ---- all of it ---- */

static bool is_of_2023(const struct profile *p)
{
    return strcmp(json_string_value(json_object_get(p->document, "edition")), "2023-03") == 0;
}

enum ou_status profile_derive(struct profile *p, struct ou_error *err)
{
    struct derived d = { .of_2023 = is_of_2023(p) };

    if (!fill_delegators(p) || !raise_version(p) || !fill_links(p))
        return ou_fail(err, OU_NO_MEMORY, "profile %.64s: no memory", p->name);
    derive_start(p, &d);
    derive_duration(p, &d);
    derive_load(p, &d);
    if (d.tx_count > TXS_MAX)
        return ou_fail(err, OU_INVALID,
                       "%.160s: generator: %g transactions a second for %g s are %g, %g at most",
                       p->source, p->tps, d.generator_duration, d.tx_count, TXS_MAX);
    p->start_extra_s = member(p, "genesis", "extra_future_offset");
    p->start_delay_s = d.genesis_future_offset + p->start_extra_s;
    p->tx_count = (uint64_t)d.tx_count;
    if (p->max_duration_s == 0)
        p->max_duration_s = d.max_duration;
    if (json_object_set_new(p->document, "derived", json_object()) != 0 || !tell_derived(p, &d) ||
        !tell_open_members(p) || !tell_adoptions(p))
        return ou_fail(err, OU_NO_MEMORY, "profile %.64s: no memory", p->name);
    return OU_OK;
}
