#include "node/generator_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"

#define CONFIG_MAX_BYTES ((size_t)16 << 20)

/* A hundred million transactions a second are more than anybody can wait for. */
#define TPS_MAX 1e8
#define TX_COUNT_MAX 100000000
#define PARTS_MAX 1000 /* inputs or outputs: more do not fit into a transaction of 16 KiB */
#define METADATA_MAX 16000
#define LOVELACE_MAX UINT64_C(45000000000000000)
#define COOLDOWN_MAX_S 86400

/* The file being read. `status` is the first failure; after it every question gets a default. */
struct reader {
    const char *path;
    struct arena *memory;
    enum ou_status status;
    struct ou_error *err;
};

static void fail(struct reader *r, const char *member, const char *why)
{
    if (!r->status)
        r->status = ou_fail(r->err, OU_INVALID, "%s: \"%s\" %s", r->path, member, why);
}

/* The member, or NULL when it is not there or null. */
static const json_t *member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

static uint64_t whole(struct reader *r, const json_t *object, const char *name, uint64_t least,
                      uint64_t most, uint64_t otherwise)
{
    const json_t *value = member(object, name);
    json_int_t number = json_integer_value(value);

    if (!value)
        return otherwise;
    if (json_is_integer(value) && number >= 0 && (uint64_t)number >= least &&
        (uint64_t)number <= most)
        return (uint64_t)number;
    if (!r->status)
        r->status =
            ou_fail(r->err, OU_INVALID, "%s: \"%s\" must be a whole number from %llu to %llu",
                    r->path, name, (unsigned long long)least, (unsigned long long)most);
    return otherwise;
}

static double real(struct reader *r, const json_t *object, const char *name, double most,
                   double otherwise)
{
    const json_t *value = member(object, name);
    double number = json_number_value(value);

    if (!value)
        return otherwise;
    if (json_is_number(value) && number >= 0 && number <= most)
        return number;
    fail(r, name, "is out of range");
    return otherwise;
}

static char *keep(struct reader *r, const char *text, size_t len)
{
    char *kept = arena_copy(r->memory, text, len);

    if (!kept && !r->status)
        r->status = ou_fail(r->err, OU_NO_MEMORY, "%s: no memory for it", r->path);
    return kept;
}

/* NULL when it is not there. */
static const char *text(struct reader *r, const json_t *object, const char *name)
{
    const json_t *value = member(object, name);

    if (!value)
        return NULL;
    if (json_is_string(value) && json_string_length(value) > 0)
        return keep(r, json_string_value(value), json_string_length(value));
    fail(r, name, "is no text");
    return NULL;
}

/* A path that must be there, as seen from the file's folder. */
static const char *path(struct reader *r, const json_t *object, const char *name)
{
    const char *value = text(r, object, name), *slash = strrchr(r->path, '/');
    size_t folder = slash ? (size_t)(slash + 1 - r->path) : 0;
    char *joined;

    if (!value)
        fail(r, name, "is not given");
    if (!value || *value == '/' || folder == 0)
        return value;
    joined = arena_take(r->memory, folder + strlen(value) + 1, 1);
    if (!joined) {
        r->status = ou_fail(r->err, OU_NO_MEMORY, "%s: no memory for it", r->path);
        return NULL;
    }
    memcpy(joined, r->path, folder);
    memcpy(joined + folder, value, strlen(value) + 1);
    return joined;
}

static void read_script(struct reader *r, const json_t *root, struct generator_script *ret)
{
    const json_t *plutus = member(root, "plutus");

    if (!plutus)
        return;
    if (!json_is_object(plutus)) {
        fail(r, "plutus", "is no object");
        return;
    }
    ret->type = text(r, plutus, "type");
    ret->has_budget = member(plutus, "steps") || member(plutus, "memory");
    ret->steps = whole(r, plutus, "steps", 0, INT64_MAX, 0);
    ret->memory = whole(r, plutus, "memory", 0, INT64_MAX, 0);
    if (ret->has_budget && !ret->type)
        fail(r, "plutus", "has a budget, but no type");
}

static void read_load(struct reader *r, const json_t *root, struct generator_config *ret)
{
    ret->tx_count = whole(r, root, "tx_count", 1, TX_COUNT_MAX, 1000);
    ret->tps = real(r, root, "tps", TPS_MAX, 100);
    if (!(ret->tps > 0))
        fail(r, "tps", "must be above 0");
    ret->inputs_per_tx = (uint32_t)whole(r, root, "inputs_per_tx", 1, PARTS_MAX, 4);
    ret->outputs_per_tx = (uint32_t)whole(r, root, "outputs_per_tx", 1, PARTS_MAX, 4);
    ret->tx_fee = whole(r, root, "tx_fee", 0, LOVELACE_MAX, 10000000);
    ret->min_utxo_value = whole(r, root, "min_utxo_value", 1, LOVELACE_MAX / PARTS_MAX, 10000000);
    ret->add_tx_size = (uint32_t)whole(r, root, "add_tx_size", 0, METADATA_MAX, 100);
    ret->init_cooldown_s = real(r, root, "init_cooldown", COOLDOWN_MAX_S, 50);
    if (ret->tx_count * ret->inputs_per_tx > GENERATOR_INPUTS_MAX)
        fail(r, "tx_count", "times inputs_per_tx is above 50000000");
    read_script(r, root, &ret->script);
}

static void read_target(struct reader *r, const json_t *target, struct generator_target *ret)
{
    char name[300];

    ret->address = text(r, target, "addr");
    ret->port = (uint16_t)whole(r, target, "port", 1, UINT16_MAX, 0);
    ret->name = text(r, target, "name");
    if (!ret->address || !ret->port)
        fail(r, "targetNodes", "has a target without addr or port");
    if (ret->name || r->status)
        return;
    snprintf(name, sizeof name, "%.250s:%u", ret->address, ret->port);
    ret->name = keep(r, name, strlen(name));
}

static void read_targets(struct reader *r, const json_t *root, struct generator_config *ret)
{
    const json_t *list = member(root, "targetNodes");
    size_t count = json_array_size(list);

    if (count == 0 || count > GENERATOR_TARGETS_MAX) {
        fail(r, "targetNodes", "must be a list of 1 to 1000 targets");
        return;
    }
    ret->targets = arena_take(r->memory, count * sizeof *ret->targets, _Alignof(max_align_t));
    if (!ret->targets) {
        r->status = ou_fail(r->err, OU_NO_MEMORY, "%s: no memory for it", r->path);
        return;
    }
    for (ret->target_count = 0; ret->target_count < count; ret->target_count++)
        read_target(r, json_array_get(list, ret->target_count), &ret->targets[ret->target_count]);
}

enum ou_status generator_config_load(const char *config_path, struct arena *memory,
                                     struct generator_config *ret, struct ou_error *err)
{
    struct reader r = { .path = config_path, .memory = memory, .err = err };
    struct generator_config got = { 0 };
    json_t *root = NULL;
    enum ou_status status = json_tree_load(config_path, CONFIG_MAX_BYTES, &root, err);

    if (status)
        return status;
    read_load(&r, root, &got);
    got.has_magic = member(root, "networkMagic") != NULL;
    got.network_magic = (uint32_t)whole(&r, root, "networkMagic", 0, UINT32_MAX, 0);
    got.signing_key_path = path(&r, root, "sigKey");
    got.node_config_path = path(&r, root, "nodeConfigFile");
    read_targets(&r, root, &got);
    json_decref(root);
    if (!r.status)
        *ret = got;
    return r.status;
}

uint64_t generator_input_value(const struct generator_config *config)
{
    return (config->min_utxo_value * config->outputs_per_tx + config->tx_fee) /
               config->inputs_per_tx +
           1;
}

/* N of LimitTxPerBlock_N; 0: the type says nothing of blocks. */
static uint64_t txs_per_block(const char *type)
{
    static const char prefix[] = "LimitTxPerBlock_";

    return strncmp(type, prefix, sizeof prefix - 1) == 0
               ? strtoul(type + sizeof prefix - 1, NULL, 10)
               : 0;
}

static uint64_t share(uint64_t of_tx, uint64_t of_block, uint64_t txs, uint64_t inputs)
{
    uint64_t tx = of_tx / inputs, block = txs ? of_block / (txs * inputs) : tx;

    return block < tx ? block : tx;
}

void generator_script_fit(const struct generator_config *config, const struct script_limits *limits,
                          uint64_t *ret_steps, uint64_t *ret_memory)
{
    uint64_t txs = txs_per_block(config->script.type);

    if (config->script.has_budget) {
        *ret_steps = config->script.steps;
        *ret_memory = config->script.memory;
        return;
    }
    /* More than this many are no limit that anybody meets, and their product stays a number. */
    if (txs > UINT32_MAX)
        txs = UINT32_MAX;
    *ret_steps = share(limits->tx_steps, limits->block_steps, txs, config->inputs_per_tx);
    *ret_memory = share(limits->tx_memory, limits->block_memory, txs, config->inputs_per_tx);
}
