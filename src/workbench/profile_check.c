#include "workbench/profile_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "chain/genesis_ledger.h"
#include "chain/kes.h"

#define LOVELACE_MAX 9e18 /* amounts and budgets are 63-bit integers in JSON readers */
#define BIG 1e9
enum { LINKS_MAX = PROFILE_REGIONS_MAX * (PROFILE_REGIONS_MAX + 1) / 2 };

/* clang-format off */
const struct profile_member profile_members[] = {
    { "name", MEMBER_TEXT, false, 1, 64, NULL },
    { "desc", MEMBER_TEXT, false, 0, 200, NULL },
    { "base", MEMBER_TEXT, false, 1, 4000, NULL },
    { "era", MEMBER_WORD, false, 0, 0, "conway" },
    { "scenario", MEMBER_WORD, false, 0, 0, "idle fixed fixed-loaded" },
    { "derived", MEMBER_OBJECT, false, 0, 0, NULL },

    { "composition", MEMBER_SECTION, false, 0, 0, NULL },
    { "composition.locations", MEMBER_TEXTS, false, 1, PROFILE_REGIONS_MAX, NULL },
    { "composition.topology", MEMBER_WORD, false, 0, 0, "line uni-circle torus torus-dense dense" },
    { "composition.n_singular_hosts", MEMBER_INTEGER, false, 1, PROFILE_HOSTS_MAX, NULL },
    { "composition.links", MEMBER_OBJECTS, false, 0, LINKS_MAX, NULL },
    { "composition.links[].a", MEMBER_TEXT, false, 1, 64, NULL },
    { "composition.links[].b", MEMBER_TEXT, false, 1, 64, NULL },
    { "composition.links[].latency_ms", MEMBER_NUMBER, false, 0, 60000, NULL },
    { "composition.links[].bytes_per_second", MEMBER_NUMBER, false, 0, 1e12, NULL },

    { "genesis", MEMBER_SECTION, false, 0, 0, NULL },
    { "genesis.network_magic", MEMBER_INTEGER, false, 0, UINT32_MAX, NULL },
    { "genesis.slot_duration", MEMBER_NUMBER, false, 0.01, 3600, NULL },
    { "genesis.active_slots_coeff", MEMBER_NUMBER, false, 1e-6, 1, NULL },
    { "genesis.epoch_length", MEMBER_INTEGER, false, 1, BIG, NULL },
    { "genesis.parameter_k", MEMBER_INTEGER, false, 1, 100000, NULL },
    { "genesis.per_pool_balance", MEMBER_INTEGER, false, 10, LOVELACE_MAX, NULL },
    { "genesis.funds_balance", MEMBER_INTEGER, false, 0, LOVELACE_MAX, NULL },
    { "genesis.utxo", MEMBER_INTEGER, false, 0, GENESIS_FUNDS_MAX, NULL },
    { "genesis.delegators", MEMBER_INTEGER, true, 0, GENESIS_FUNDS_MAX, NULL },
    { "genesis.extra_future_offset", MEMBER_NUMBER, false, 0, 86400, NULL },
    { "genesis.shelley", MEMBER_SECTION, false, 0, 0, NULL },
    { "genesis.shelley.maxKESEvolutions", MEMBER_INTEGER, false, 1, KES_PERIODS, NULL },
    { "genesis.shelley.slotsPerKESPeriod", MEMBER_INTEGER, false, 1, BIG, NULL },
    { "genesis.shelley.updateQuorum", MEMBER_INTEGER, false, 0, BIG, NULL },
    { "genesis.shelley.protocolParams", MEMBER_SECTION, false, 0, 0, NULL },
    { "genesis.shelley.protocolParams.a0", MEMBER_NUMBER, false, 0, BIG, NULL },
    { "genesis.shelley.protocolParams.decentralisationParam", MEMBER_NUMBER, false, 0, 0, NULL },
    { "genesis.shelley.protocolParams.eMax", MEMBER_INTEGER, false, 0, BIG, NULL },
    { "genesis.shelley.protocolParams.extraEntropy", MEMBER_OBJECT, false, 0, 0, NULL },
    { "genesis.shelley.protocolParams.keyDeposit", MEMBER_INTEGER, false, 0, LOVELACE_MAX, NULL },
    { "genesis.shelley.protocolParams.maxBlockBodySize", MEMBER_INTEGER, false, 1024, 2000000, NULL },
    { "genesis.shelley.protocolParams.maxBlockHeaderSize", MEMBER_INTEGER, false, 900, 65535, NULL },
    { "genesis.shelley.protocolParams.maxTxSize", MEMBER_INTEGER, false, 300, 65535, NULL },
    { "genesis.shelley.protocolParams.minFeeA", MEMBER_INTEGER, false, 0, BIG, NULL },
    { "genesis.shelley.protocolParams.minFeeB", MEMBER_INTEGER, false, 0, BIG, NULL },
    { "genesis.shelley.protocolParams.minPoolCost", MEMBER_INTEGER, false, 0, LOVELACE_MAX, NULL },
    { "genesis.shelley.protocolParams.minUTxOValue", MEMBER_INTEGER, false, 0, LOVELACE_MAX, NULL },
    { "genesis.shelley.protocolParams.nOpt", MEMBER_INTEGER, false, 1, 65535, NULL },
    { "genesis.shelley.protocolParams.poolDeposit", MEMBER_INTEGER, false, 0, LOVELACE_MAX, NULL },
    { "genesis.shelley.protocolParams.protocolVersion", MEMBER_SECTION, false, 0, 0, NULL },
    { "genesis.shelley.protocolParams.protocolVersion.major", MEMBER_INTEGER, false, 9, 10, NULL },
    { "genesis.shelley.protocolParams.protocolVersion.minor", MEMBER_INTEGER, false, 0, 100, NULL },
    { "genesis.shelley.protocolParams.rho", MEMBER_NUMBER, false, 0, 1, NULL },
    { "genesis.shelley.protocolParams.tau", MEMBER_NUMBER, false, 0, 1, NULL },
    { "genesis.alonzo", MEMBER_SECTION, false, 0, 0, NULL },
    { "genesis.alonzo.lovelacePerUTxOWord", MEMBER_INTEGER, false, 0, BIG, NULL },
    { "genesis.alonzo.executionPrices", MEMBER_OBJECT, false, 0, 0, NULL },
    { "genesis.alonzo.maxTxExUnits", MEMBER_SECTION, false, 0, 0, NULL },
    { "genesis.alonzo.maxTxExUnits.exUnitsMem", MEMBER_INTEGER, false, 0, LOVELACE_MAX, NULL },
    { "genesis.alonzo.maxTxExUnits.exUnitsSteps", MEMBER_INTEGER, false, 0, LOVELACE_MAX, NULL },
    { "genesis.alonzo.maxBlockExUnits", MEMBER_SECTION, false, 0, 0, NULL },
    { "genesis.alonzo.maxBlockExUnits.exUnitsMem", MEMBER_INTEGER, false, 0, LOVELACE_MAX, NULL },
    { "genesis.alonzo.maxBlockExUnits.exUnitsSteps", MEMBER_INTEGER, false, 0, LOVELACE_MAX, NULL },
    { "genesis.alonzo.maxValueSize", MEMBER_INTEGER, false, 0, BIG, NULL },
    { "genesis.alonzo.collateralPercentage", MEMBER_INTEGER, false, 0, BIG, NULL },
    { "genesis.alonzo.maxCollateralInputs", MEMBER_INTEGER, false, 0, BIG, NULL },
    { "genesis.alonzo.costModels", MEMBER_OBJECT, false, 0, 0, NULL },
    { "genesis.conway", MEMBER_OBJECT, false, 0, 0, NULL },

    { "generator", MEMBER_SECTION, false, 0, 0, NULL },
    { "generator.tps", MEMBER_NUMBER, false, 0.001, 1e6, NULL },
    { "generator.tx_count", MEMBER_INTEGER, true, 1, 1e8, NULL },
    { "generator.epochs", MEMBER_INTEGER, false, 1, 1e6, NULL },
    { "generator.inputs_per_tx", MEMBER_INTEGER, false, 1, 100, NULL },
    { "generator.outputs_per_tx", MEMBER_INTEGER, false, 1, 100, NULL },
    { "generator.add_tx_size", MEMBER_INTEGER, false, 0, 16000, NULL },
    { "generator.tx_fee", MEMBER_INTEGER, false, 0, 1e15, NULL },
    { "generator.init_cooldown", MEMBER_NUMBER, false, 0, 86400, NULL },
    { "generator.plutus", MEMBER_SECTION, false, 0, 0, NULL },
    { "generator.plutus.type", MEMBER_TEXT, true, 1, 64, NULL },
    { "generator.plutus.script", MEMBER_TEXT, true, 1, 4000, NULL },
    { "generator.plutus.steps", MEMBER_INTEGER, true, 0, LOVELACE_MAX, NULL },
    { "generator.plutus.memory", MEMBER_INTEGER, true, 0, LOVELACE_MAX, NULL },
    { "generator.plutus.redeemer", MEMBER_ANY, true, 0, 0, NULL },
    { "generator.plutus.datum", MEMBER_ANY, true, 0, 0, NULL },

    { "node", MEMBER_SECTION, false, 0, 0, NULL },
    { "node.shutdown_on_slot_synced", MEMBER_INTEGER, true, 1, 1e15, NULL },
    { "node.shutdown_on_block_synced", MEMBER_INTEGER, true, 1, 1e15, NULL },
    { "node.tracing_backend", MEMBER_WORD, false, 0, 0, "trace-dispatcher iohk-monitoring" },
    { "node.tracer", MEMBER_BOOL, false, 0, 0, NULL },
    { "node.script_ps_per_step", MEMBER_NUMBER, false, 0, 1e6, NULL },
    { "node.slowdown_percent", MEMBER_NUMBER, false, 0, 100, NULL },
    { "node.verbatim", MEMBER_OBJECT, false, 0, 0, NULL },

    { "run", MEMBER_SECTION, false, 0, 0, NULL },
    { "run.max_duration_s", MEMBER_NUMBER, true, 1, BIG, NULL },
    { "run.stop_when_exhausted", MEMBER_BOOL, false, 0, 0, NULL },
    { "run.node_death_is_fatal", MEMBER_BOOL, false, 0, 0, NULL },

    { "analysis", MEMBER_SECTION, false, 0, 0, NULL },
    { "analysis.filters", MEMBER_TEXTS, false, 0, 64, NULL },
    { "analysis.filter_exprs", MEMBER_LIST, false, 0, 0, NULL },
    { "analysis.cluster_base_startup_overhead_s", MEMBER_NUMBER, false, 0, 3600, NULL },
};
/* clang-format on */
const size_t profile_member_count = sizeof profile_members / sizeof *profile_members;

#define PATH_ROOM 256 /* the table's longest path is 60 bytes long; foreign ones are cut */

/* An object of a document under test. */
struct place {
    const char *source;
    const json_t *object;
    const char *rows; /* prefix of its members in the table: "", "genesis", "composition.links[]" */
    const char *shown; /* for messages: "", "genesis", "composition.links[2]" */
    struct ou_error *err;
};

static enum ou_status check_object(const struct place *at);

static void join_path(char ret[PATH_ROOM], const char *prefix, const char *key)
{
    if (snprintf(ret, PATH_ROOM, "%s%s%s", prefix, *prefix ? "." : "", key) >= PATH_ROOM)
        memcpy(ret + PATH_ROOM - 4, "...", 4);
}

/* ---- members that are not known ---- */

/* The last part of a row's path when its parent is `prefix`, else NULL. */
static const char *member_of(const struct profile_member *row, const char *prefix)
{
    size_t len = strlen(prefix);
    const char *rest = row->path + len + (len > 0);

    if (len && (strncmp(row->path, prefix, len) != 0 || row->path[len] != '.'))
        return NULL;
    return strchr(rest, '.') ? NULL : rest;
}

/* Where a member of that name stands in another section, or NULL. */
static const char *elsewhere(const char *key)
{
    for (size_t i = 0; i < profile_member_count; i++) {
        const char *dot = strrchr(profile_members[i].path, '.');

        if (strcmp(dot ? dot + 1 : profile_members[i].path, key) == 0)
            return profile_members[i].path;
    }
    return NULL;
}

static enum ou_status fail_unknown(const struct place *at, const char *key)
{
    struct suggestion s;
    const char *other = elsewhere(key);
    char path[PATH_ROOM], hint[PATH_ROOM] = "";

    suggest_for(&s, span_of(key));
    for (size_t i = 0; i < profile_member_count; i++) {
        const char *name = member_of(&profile_members[i], at->rows);

        if (name)
            suggest_consider(&s, name);
    }
    if (other)
        snprintf(hint, sizeof hint, "; there is %s", other);
    else if (s.best)
        snprintf(hint, sizeof hint, "; did you mean \"%s\"?", s.best);
    join_path(path, at->shown, key);
    return ou_fail(at->err, OU_INVALID, "%s: no member %.200s is known%s", at->source, path, hint);
}

/* ---- values ---- */

static enum ou_status fail_value(const struct place *at, const char *key, const char *wanted)
{
    char path[PATH_ROOM];

    join_path(path, at->shown, key);
    return ou_fail(at->err, OU_INVALID, "%s: %.200s must be %s", at->source, path, wanted);
}

static bool is_within(double value, const struct profile_member *row)
{
    return value >= row->min && value <= row->max;
}

static enum ou_status check_number(const struct place *at, const char *key, const json_t *value,
                                   const struct profile_member *row)
{
    bool whole = row->type == MEMBER_INTEGER;
    char wanted[120];

    if ((whole ? json_is_integer(value) : json_is_number(value)) &&
        is_within(json_number_value(value), row))
        return OU_OK;
    snprintf(wanted, sizeof wanted, "a %snumber from %.16g to %.16g%s", whole ? "whole " : "",
             row->min, row->max, row->may_be_null ? ", or null" : "");
    return fail_value(at, key, wanted);
}

static enum ou_status check_text(const struct place *at, const char *key, const json_t *value,
                                 const struct profile_member *row)
{
    char wanted[80];

    if (json_is_string(value) && is_within((double)json_string_length(value), row))
        return OU_OK;
    snprintf(wanted, sizeof wanted, "a text of %g to %g bytes%s", row->min, row->max,
             row->may_be_null ? ", or null" : "");
    return fail_value(at, key, wanted);
}

static enum ou_status check_texts(const struct place *at, const char *key, const json_t *value,
                                  const struct profile_member *row)
{
    char wanted[80];
    bool good = json_is_array(value) && is_within((double)json_array_size(value), row);

    for (size_t i = 0; good && i < json_array_size(value); i++) {
        const json_t *text = json_array_get(value, i);

        good = json_string_length(text) >= 1 && json_string_length(text) <= 64;
    }
    if (good)
        return OU_OK;
    snprintf(wanted, sizeof wanted, "a list of %g to %g texts of 1 to 64 bytes", row->min,
             row->max);
    return fail_value(at, key, wanted);
}

static enum ou_status check_word(const struct place *at, const char *key, const json_t *value,
                                 const struct profile_member *row)
{
    const char *given = json_string_value(value);
    size_t len = json_string_length(value);
    char wanted[160];

    for (const char *word = row->words; given && *word; word += strspn(word, " ")) {
        size_t word_len = strcspn(word, " ");

        if (word_len == len && memcmp(word, given, len) == 0)
            return OU_OK;
        word += word_len;
    }
    snprintf(wanted, sizeof wanted, "one of: %s", row->words);
    return fail_value(at, key, wanted);
}

static enum ou_status check_inside(const struct place *at, const char *key, const json_t *value,
                                   const struct profile_member *row, const char *index)
{
    char shown[PATH_ROOM], rows[PATH_ROOM];
    char item[PATH_ROOM];

    snprintf(item, sizeof item, "%s%s", key, index);
    join_path(shown, at->shown, item);
    snprintf(rows, sizeof rows, "%s%s", row->path, *index ? "[]" : "");
    return check_object(&(struct place){ at->source, value, rows, shown, at->err });
}

static enum ou_status check_objects(const struct place *at, const char *key, const json_t *value,
                                    const struct profile_member *row)
{
    enum ou_status status = OU_OK;

    if (!json_is_array(value) || json_array_size(value) > row->max) {
        char wanted[80];

        snprintf(wanted, sizeof wanted, "a list of at most %g objects", row->max);
        return fail_value(at, key, wanted);
    }
    for (size_t i = 0; !status && i < json_array_size(value); i++) {
        char index[24];

        snprintf(index, sizeof index, "[%zu]", i);
        status = check_inside(at, key, json_array_get(value, i), row, index);
    }
    return status;
}

static enum ou_status check_value(const struct place *at, const char *key, const json_t *value,
                                  const struct profile_member *row)
{
    if (json_is_null(value) && row->may_be_null)
        return OU_OK;
    switch (row->type) {
    case MEMBER_SECTION: return check_inside(at, key, value, row, "");
    case MEMBER_OBJECTS: return check_objects(at, key, value, row);
    case MEMBER_OBJECT: return json_is_object(value) ? OU_OK : fail_value(at, key, "an object");
    case MEMBER_LIST: return json_is_array(value) ? OU_OK : fail_value(at, key, "a list");
    case MEMBER_TEXTS: return check_texts(at, key, value, row);
    case MEMBER_TEXT: return check_text(at, key, value, row);
    case MEMBER_WORD: return check_word(at, key, value, row);
    case MEMBER_NUMBER:
    case MEMBER_INTEGER: return check_number(at, key, value, row);
    case MEMBER_BOOL: return json_is_boolean(value) ? OU_OK : fail_value(at, key, "true or false");
    case MEMBER_ANY: break;
    }
    return OU_OK;
}

static const struct profile_member *find_row(const char *path)
{
    for (size_t i = 0; i < profile_member_count; i++)
        if (strcmp(profile_members[i].path, path) == 0)
            return &profile_members[i];
    return NULL;
}

static enum ou_status check_object(const struct place *at)
{
    const char *key;
    json_t *value;

    if (!json_is_object(at->object))
        return ou_fail(at->err, OU_INVALID, "%s: %.200s%smust be an object", at->source, at->shown,
                       *at->shown ? " " : "");
    json_object_foreach((json_t *)at->object, key, value)
    {
        char path[PATH_ROOM];
        const struct profile_member *row;
        enum ou_status status;

        join_path(path, at->rows, key);
        row = find_row(path);
        status = row ? check_value(at, key, value, row) : fail_unknown(at, key);
        if (status)
            return status;
    }
    return OU_OK;
}

enum ou_status profile_check_document(const json_t *document, const char *source,
                                      struct ou_error *err)
{
    return check_object(&(struct place){ source, document, "", "", err });
}

/* ---- the whole ---- */

/* It becomes part of the names of directories and jobs. */
static enum ou_status check_name(const struct profile *p, struct ou_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const char *name = p->name;

    while (*name && (strchr(letters, *name) || (name > p->name && strchr("-._", *name))))
        name++;
    if (*name)
        return ou_fail(err, OU_INVALID,
                       "name \"%.64s\": letters and digits, and behind the first - . _ as well",
                       p->name);
    return OU_OK;
}

static bool is_location(const struct profile *p, const char *name)
{
    for (size_t i = 0; i < p->region_count; i++)
        if (strcmp(p->regions[i], name) == 0)
            return true;
    return false;
}

static enum ou_status check_end(const struct profile *p, size_t link, const char *name,
                                struct ou_error *err)
{
    struct suggestion s;

    if (is_location(p, name))
        return OU_OK;
    if (!*name)
        return ou_fail(err, OU_INVALID, "composition.links[%zu] needs a and b", link);
    suggest_for(&s, span_of(name));
    for (size_t i = 0; i < p->region_count; i++)
        suggest_consider(&s, p->regions[i]);
    return ou_fail(err, OU_INVALID, "composition.links[%zu]: no location is called \"%.64s\"%s%s%s",
                   link, name, s.best ? "; did you mean \"" : "", s.best ? s.best : "",
                   s.best ? "\"?" : "");
}

static bool is_same_link(const struct profile_link *x, const struct profile_link *y)
{
    return (strcmp(x->a, y->a) == 0 && strcmp(x->b, y->b) == 0) ||
           (strcmp(x->a, y->b) == 0 && strcmp(x->b, y->a) == 0);
}

static enum ou_status check_links(const struct profile *p, struct ou_error *err)
{
    for (size_t i = 0; i < p->link_count; i++) {
        enum ou_status status = check_end(p, i, p->links[i].a, err);

        if (!status)
            status = check_end(p, i, p->links[i].b, err);
        if (status)
            return status;
        for (size_t j = 0; j < i; j++)
            if (is_same_link(&p->links[i], &p->links[j]))
                return ou_fail(err, OU_INVALID, "composition.links[%zu]: %s to %s is told twice", i,
                               p->links[i].a, p->links[i].b);
    }
    return OU_OK;
}

static enum ou_status check_locations(const struct profile *p, struct ou_error *err)
{
    for (size_t i = 0; i < p->region_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(p->regions[i], p->regions[j]) == 0)
                return ou_fail(err, OU_INVALID, "composition.locations: \"%s\" is told twice",
                               p->regions[i]);
    return check_links(p, err);
}

/* The ledger freezes the nonce of an epoch in its last part, of 4k/f slots, and wants room for it. */
static enum ou_status check_epoch(const struct profile *p, struct ou_error *err)
{
    double blocks = (double)p->epoch_slots * p->active_slots_coeff;

    if (blocks * (1 + 1e-12) >= 10 * (double)p->security_param)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "genesis: epoch_length times active_slots_coeff is %g, and must be ten times "
                   "parameter_k at least: %" PRIu64,
                   blocks, 10 * p->security_param);
}

static uint64_t shelley_count(const struct profile *p, const char *member)
{
    const json_t *genesis = json_object_get(p->document, "genesis");

    return (uint64_t)json_integer_value(
        json_object_get(json_object_get(genesis, "shelley"), member));
}

/* Nodes would not start with such a genesis. */
static enum ou_status check_block_room(const struct profile *p, struct ou_error *err)
{
    const json_t *genesis = json_object_get(p->document, "genesis");
    const json_t *shelley = json_object_get(genesis, "shelley");
    const json_t *params = json_object_get(shelley, "protocolParams");
    json_int_t body = json_integer_value(json_object_get(params, "maxBlockBodySize"));
    json_int_t tx = json_integer_value(json_object_get(params, "maxTxSize"));

    if (tx + GENESIS_BODY_RESERVE + TX_ROOM_OVERHEAD <= body)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "genesis.shelley.protocolParams: maxBlockBodySize must be %d above maxTxSize at "
                   "least, or no block would have room for the largest transaction",
                   GENESIS_BODY_RESERVE + TX_ROOM_OVERHEAD);
}

/* Certificates are made for period 0; nobody renews them while a run goes on. */
static enum ou_status check_kes(const struct profile *p, struct ou_error *err)
{
    uint64_t period = shelley_count(p, "slotsPerKESPeriod");
    uint64_t evolutions = shelley_count(p, "maxKESEvolutions");
    double slots =
        p->stop_slot != UINT64_MAX ? (double)p->stop_slot : p->max_duration_s / p->slot_s;

    if (isinf(slots) || slots / (double)period < (double)evolutions)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "genesis.shelley: the run may take %.0f slots, but operational certificates "
                   "hold for %" PRIu64 " periods of %" PRIu64 " slots",
                   slots, evolutions, period);
}

uint64_t profile_stuffed_value(const struct profile *p)
{
    const json_t *genesis = json_object_get(p->document, "genesis");
    const json_t *shelley = json_object_get(genesis, "shelley");
    const json_t *params = json_object_get(shelley, "protocolParams");
    uint64_t least = (uint64_t)json_integer_value(json_object_get(params, "minUTxOValue"));

    return least > 1000000 ? least : 1000000;
}

/* In double arithmetic: a comparison of sums that may be far above 64 bits. */
static enum ou_status check_supply(const struct profile *p, struct ou_error *err)
{
    double delegated = (double)p->per_pool_balance * p->pools;
    double supply = delegated + (double)p->funds_balance;
    double stuffed = (double)p->stuffed_utxo * (double)profile_stuffed_value(p);

    if (p->stuffed_utxo + p->delegators + 1 > GENESIS_FUNDS_MAX)
        return ou_fail(err, OU_INVALID, "genesis: utxo and delegators are %" PRIu64 ", %d at most",
                       p->stuffed_utxo + p->delegators, GENESIS_FUNDS_MAX - 1);
    if (supply > LOVELACE_MAX)
        return ou_fail(err, OU_INVALID,
                       "genesis: per_pool_balance of %" PRIu32
                       " pools and funds_balance are %g lovelace, %g at most",
                       p->pools, supply, LOVELACE_MAX);
    if (delegated * 0.9 < (double)p->delegators)
        return ou_fail(err, OU_INVALID, "genesis: less than one lovelace for each delegator");
    if (stuffed > supply / 10 - 20)
        return ou_fail(err, OU_INVALID,
                       "genesis: %" PRIu64
                       " entries of utxo hold %g lovelace, more than the tenth of the supply that "
                       "is not given away: %g",
                       p->stuffed_utxo, stuffed, supply / 10);
    return OU_OK;
}

/* Benchmark transactions and those that split the funds for them, 30 outputs each, all pay tx_fee. */
static enum ou_status check_funds(const struct profile *p, struct ou_error *err)
{
    double inputs = (double)p->tx_count * p->inputs_per_tx;
    double spent = (double)p->tx_count *
                       (p->outputs_per_tx * (double)GENERATOR_OUTPUT_VALUE + (double)p->tx_fee) +
                   inputs;
    double splitting = (inputs / 29 + 10) * (double)p->tx_fee;
    double have = (double)genesis_share(p->funds_balance);

    if (!p->loaded || spent + splitting <= have)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "genesis.funds_balance: the generator needs %.0f lovelace for %" PRIu64
                   " transactions, and gets %.0f",
                   spent + splitting, p->tx_count, have);
}

enum ou_status profile_check_whole(const struct profile *p, struct ou_error *err)
{
    static enum ou_status (*const checks[])(const struct profile *, struct ou_error *) = {
        check_name, check_locations, check_epoch, check_block_room,
        check_kes,  check_supply,    check_funds,
    };

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct ou_error why = { 0 };
        enum ou_status status = checks[i](p, &why);

        if (status)
            return ou_fail(err, status, "profile %.64s: %s", p->name, why.text);
    }
    return OU_OK;
}
