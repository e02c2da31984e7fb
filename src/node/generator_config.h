/* The configuration of the load generator: docs/formats/generator-configuration.md tells each member. */
#ifndef OU_NODE_GENERATOR_CONFIG_H
#define OU_NODE_GENERATOR_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

#define GENERATOR_TARGETS_MAX 1000
/* Outputs that the load spends, all transactions together. Each thirtieth of them costs 32 bytes of memory. */
#define GENERATOR_INPUTS_MAX 50000000

struct generator_target {
    const char *name, *address; /* the name is made of address and port where none is given */
    uint16_t port;
};

/* Scripts that guard the inputs of the load, as budgets only: `steps` and `memory` of each input. */
struct generator_script {
    const char *type; /* NULL: inputs of keys */
    bool has_budget;  /* else the type says how to divide the chain's limits */
    uint64_t steps, memory;
};

struct generator_config {
    uint64_t tx_count, tx_fee, min_utxo_value;
    double tps, init_cooldown_s;
    uint32_t inputs_per_tx, outputs_per_tx, add_tx_size;
    struct generator_script script;
    bool has_magic;
    uint32_t network_magic;
    const char *signing_key_path, *node_config_path;
    struct generator_target *targets;
    size_t target_count;
};

/* Texts and the list live in `memory`. Relative paths are seen from the file's folder. Messages name the file and
 * the member. */
enum ou_status generator_config_load(const char *path, struct arena *memory,
                                     struct generator_config *ret, struct ou_error *err);

/* Lovelace that each input of the load holds: what outputs and fee take, shared. */
uint64_t generator_input_value(const struct generator_config *config);

/* Divides the chain's limits where no budget is given: of one transaction among its inputs; LimitTxPerBlock_N also those of a block
 * among N transactions. */
struct script_limits {
    uint64_t tx_steps, tx_memory, block_steps, block_memory;
};
void generator_script_fit(const struct generator_config *config, const struct script_limits *limits,
                          uint64_t *ret_steps, uint64_t *ret_memory);

#endif
