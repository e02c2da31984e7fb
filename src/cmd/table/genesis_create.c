/* The row of `ouroscope genesis create` in the table of commands. */
#include "cmd/genesis_create.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info genesis_create_options[] = {
    [GENESIS_CREATE_OVERLAY] = {
        .name = "overlay", .argument = "JSON|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Members that replace those of the profile: objects merge, everything else is "
                "replaced.",
    },
    [GENESIS_CREATE_START] = {
        .name = "start", .argument = "TIME",
        .help = "When slot 0 begins, a whole second: 2026-01-14T13:02:30Z. If not given, in the next "
                "second and as much later as the profile wants for its nodes to start.",
    },
    [GENESIS_CREATE_CACHE] = {
        .name = "cache", .argument = "DIR", .kind = VALUE_DIRECTORY,
        .help = "Where data sets are kept; in $XDG_CACHE_HOME/ouroscope/genesis or "
                "~/.cache/ouroscope/genesis if not given.",
    },
    [GENESIS_CREATE_NO_CACHE] = {
        .name = "no-cache",
        .help = "Make the data set here, and neither look for a kept one nor keep it.",
    },
    [GENESIS_CREATE_SEED] = {
        .name = "seed", .argument = "HEX",
        .help = "64 hexadecimal digits from which all keys follow: the same seed and profile give the "
                "same bytes. Whoever knows it has the keys.",
    },
    [GENESIS_CREATE_CARDANO_CLI] = {
        .name = "cardano-cli", .argument = "PROGRAM", .kind = VALUE_FILE,
        .help = "Let this cardano-cli make data set and keys (genesis create-testnet-data): a path, "
                "or a name to look for in PATH. For a profile whose nodes are cardano-node, one that is "
                "in PATH is used without being asked for, unless there is a --seed.",
    },
    [GENESIS_CREATE_NODE_VERSION] = {
        .name = "node-version", .argument = "VERSION",
        .help = "The cardano-node that is to read the files, as 8.9: names of Conway's members changed until "
                "8.10. If not given, 8.0 for a profile of the edition 2023-03 whose nodes are cardano-node, "
                "else one of today.",
    },
    [GENESIS_CREATE_JSON] = {
        .name = "json",
        .help = "Print an object: what was made, how long it took, and the hashes of all files.",
    },
    [GENESIS_CREATE_PROGRESS] = {
        .name = "progress", .argument = "WHEN", .choices = WHEN_CHOICES,
        .help = "Show how far the data set is, on standard error.",
    },
    [GENESIS_CREATE_QUIET] = {
        .name = "quiet", .letter = 'q',
        .help = "Print nothing but errors, and --json.",
    },
};

static const struct command_example genesis_create_examples[] = {
    { "ouroscope genesis create ci-bench genesis", "Half a million entries, with their keys" },
    { "ouroscope genesis create value-nomadperf g --start 2026-01-14T13:02:30Z",
      "Five million entries, kept for the next time" },
    { "ouroscope genesis create --no-cache \\\n    --overlay '{\"genesis\": {\"dreps\": 1000}}' demo g",
      "A small network with DReps" },
};

const struct command command_genesis_create = {
    .name = "genesis create",
    .operands = "PROFILE DIR",
    .summary = "make the genesis files and keys of a profile",
    .description =
        "Writes byron.json, shelley.json, alonzo.json, conway.json and dijkstra.json into DIR, the keys "
        "of pools, funds, delegators and DReps into DIR/keys, and the hashes of the files into "
        "DIR/hashes.json. A cardano-node and the reference node read them.\n\n"
        "A genesis has two halves. The data set (funds, pools, delegations, DReps, keys) may have millions of "
        "entries; it is written in little memory, and kept in a cache under a name that says what it "
        "depends on. Parameters and start are written behind it, in milliseconds: call it again with "
        "another overlay for the same DIR, and only they are written.\n\n"
        "The cache holds secret keys, readable by you alone: those of throw-away networks. Never give "
        "such a network's keys anything of value.",
    .options = genesis_create_options,
    .option_count = ROWS(genesis_create_options),
    .operands_min = 2,
    .operands_max = 2,
    .operand_kind = VALUE_FILE,
    .examples = genesis_create_examples,
    .example_count = ROWS(genesis_create_examples),
    .exits = {
        [EXIT_DONE] = "the genesis is there",
        [EXIT_FAILED] = "a file could not be written, cardano-cli failed, or it was interrupted: DIR is "
                        "empty if it was before",
        [EXIT_WRONG_USAGE] = "the command line or the profile cannot be understood",
    },
    .see_also = { "ouroscope-genesis-check 1", "ouroscope-genesis-hash 1" },
    .run = cmd_genesis_create,
};
