/* What a run on reference nodes needs beyond a profile that makes sense. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "chain/genesis_ledger.h"
#include "deploy/affinity.h"
#include "deploy/program_path.h"
#include "profile/check.h"

/* Of the protocol, that reference nodes forge with. */
enum { VERSION_FIRST = 9, VERSION_LAST = 10 };

#define TXS_MAX 100000000

static const json_t *shelley_of(const struct profile *p)
{
    return json_object_get(json_object_get(p->document, "genesis"), "shelley");
}

static const json_t *protocol_parameters(const struct profile *p)
{
    return json_object_get(shelley_of(p), "protocolParams");
}

static uint64_t shelley_count(const struct profile *p, const char *member)
{
    return (uint64_t)json_integer_value(json_object_get(shelley_of(p), member));
}

/* ---- what the reference node knows ---- */

static enum ou_status check_era(const struct profile *p, struct ou_error *err)
{
    if (p->era == ERA_CONWAY)
        return OU_OK;
    return ou_fail(
        err, OU_INVALID,
        "reference nodes begin in Conway; --overlay '{\"era\": \"conway\"}' makes it so");
}

static enum ou_status check_version(const struct profile *p, struct ou_error *err)
{
    const json_t *version = json_object_get(protocol_parameters(p), "protocolVersion");
    json_int_t major = json_integer_value(json_object_get(version, "major"));

    if (major >= VERSION_FIRST && major <= VERSION_LAST)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "reference nodes know protocol versions %d and %d, not %" JSON_INTEGER_FORMAT
                   "; --overlay '{\"genesis\": {\"shelley\": {\"protocolParams\": "
                   "{\"protocolVersion\": {\"major\": %d}}}}}' makes it so",
                   VERSION_FIRST, VERSION_LAST, major, VERSION_LAST);
}

/* BFT hosts have no part in such a chain, and nodes that should make blocks need somebody who may. */
static enum ou_status check_producers(const struct profile *p, struct ou_error *err)
{
    if (json_number_value(json_object_get(protocol_parameters(p), "decentralisationParam")) > 0)
        return ou_fail(err, OU_INVALID,
                       "genesis.shelley.protocolParams.decentralisationParam: reference nodes make "
                       "blocks for pools alone, and it must be 0");
    if (p->scenario != SCENARIO_CHAINSYNC && p->pools == 0)
        return ou_fail(err, OU_INVALID, "composition: no host has a pool, so nobody makes blocks");
    return OU_OK;
}

static enum ou_status check_chain_source(const struct profile *p, struct ou_error *err)
{
    if (p->scenario != SCENARIO_CHAINSYNC || *p->chain_source)
        return OU_OK;
    return ou_fail(
        err, OU_INVALID,
        "chaindb.source: which chain is to be served? Name a run that kept its databases: "
        "--overlay '{\"chaindb\": {\"source\": \"runs/...\"}}'");
}

/* ---- what fits into blocks, ledger and time ---- */

/* Nodes would not start with such a genesis. */
static enum ou_status check_block_room(const struct profile *p, struct ou_error *err)
{
    const json_t *params = protocol_parameters(p);
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

    if (p->scenario == SCENARIO_CHAINSYNC || isinf(slots) ||
        slots / (double)period < (double)evolutions)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "genesis.shelley: the run may take %.0f slots, but operational certificates "
                   "hold for %" PRIu64 " periods of %" PRIu64 " slots",
                   slots, evolutions, period);
}

static enum ou_status check_ledger_size(const struct profile *p, struct ou_error *err)
{
    if (p->stuffed_utxo + p->delegators + p->utxo_keys <= GENESIS_FUNDS_MAX)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "genesis: reference nodes hold %d entries at most, and utxo, delegators and "
                   "utxo_keys are %" PRIu64
                   "; --overlay '{\"with\": [\"dataset-miniature\"]}' makes them fewer",
                   GENESIS_FUNDS_MAX, p->stuffed_utxo + p->delegators + p->utxo_keys);
}

static enum ou_status check_tx_count(const struct profile *p, struct ou_error *err)
{
    if (!p->loaded || p->tx_count <= TXS_MAX)
        return OU_OK;
    return ou_fail(err, OU_INVALID, "generator.tx_count: %" PRIu64 " transactions, %d at most",
                   p->tx_count, TXS_MAX);
}

/* Benchmark transactions and those that split the funds for them, 30 outputs each, all pay tx_fee. */
static enum ou_status check_funds(const struct profile *p, struct ou_error *err)
{
    double inputs = (double)p->tx_count * p->inputs_per_tx;
    double spent = (double)p->tx_count *
                       (p->outputs_per_tx * (double)GENERATOR_OUTPUT_VALUE + (double)p->tx_fee) +
                   inputs;
    double splitting = (inputs / 29 + 10) * (double)p->tx_fee;
    double have = (double)genesis_share(p->funds_balance) / p->utxo_keys;

    if (!p->loaded || spent + splitting <= have)
        return OU_OK;
    return ou_fail(err, OU_INVALID,
                   "genesis.funds_balance: the generator needs %.0f lovelace for %" PRIu64
                   " transactions, and gets %.0f",
                   spent + splitting, p->tx_count, have);
}

static profile_check_fn *const checks[] = {
    check_era, check_version,     check_producers, check_chain_source, check_block_room,
    check_kes, check_ledger_size, check_tx_count,  check_funds,
};
#define CHECKS (sizeof checks / sizeof *checks)

static bool is_anyones(const struct profile *p)
{
    return p->node_kind != NODE_REFERENCE || p->scenario == SCENARIO_TRACER_ONLY;
}

enum ou_status profile_check_runnable(const struct profile *p, struct ou_error *err)
{
    return is_anyones(p) ? OU_OK : profile_check_all(p, checks, CHECKS, err);
}

/* ---- what the machine has ---- */

static enum ou_status check_cores(const struct profile *p, struct ou_error *err)
{
    size_t lists = 1;
    enum ou_status status = OU_OK;

    for (const char *at = p->cores; (at = strchr(at, ';')); at++)
        lists++;
    for (size_t i = 0; *p->cores && !status && i < lists; i++) {
        struct span turn = affinity_turn(p->cores, i);
        struct ou_error why = { 0 };
        char list[PROFILE_TEXT_MAX + 1];
        cpu_set_t set;

        snprintf(list, sizeof list, "%.*s", (int)turn.len, turn.at);
        status = *list ? affinity_parse(list, &set, &why) : OU_OK;
        if (status)
            ou_fail(err, status, "node.cores: %s", why.text);
    }
    return status;
}

/* What is started as a node; "": nothing is told, which profile_check_whole() has refused. */
static const char *program_of(const struct profile *p)
{
    if (*p->node_program)
        return p->node_program;
    if (p->node_kind != NODE_COMMAND)
        return "cardano-node";
    return p->command.argc > 0 ? p->command.argv[0] : "";
}

/* Of programs with words to be filled in the path is not known yet. */
static enum ou_status check_program(const struct profile *p, struct ou_error *err)
{
    bool is_own = *p->node_program;
    const char *name = program_of(p);
    struct ou_error why = { 0 };
    char path[PATH_MAX];

    if (p->node_kind == NODE_REFERENCE || strchr(name, '%') ||
        program_path(name, path, &why) == OU_OK)
        return OU_OK;
    return ou_fail(err, OU_INVALID, "%s: %s",
                   is_own || p->node_kind == NODE_CARDANO ? "node.program" : "node.command.argv",
                   why.text);
}

static profile_check_fn *const machine_checks[] = { check_cores, check_program };
#define MACHINE_CHECKS (sizeof machine_checks / sizeof *machine_checks)

enum ou_status profile_check_machine(const struct profile *p, struct ou_error *err)
{
    return p->scenario == SCENARIO_TRACER_ONLY
               ? OU_OK
               : profile_check_all(p, machine_checks, MACHINE_CHECKS, err);
}

size_t profile_each_obstacle(const struct profile *p, profile_fault_fn *found, void *context)
{
    size_t count = is_anyones(p) ? 0 : profile_check_each(p, checks, CHECKS, found, context);

    if (p->scenario != SCENARIO_TRACER_ONLY)
        count += profile_check_each(p, machine_checks, MACHINE_CHECKS, found, context);
    return count;
}
