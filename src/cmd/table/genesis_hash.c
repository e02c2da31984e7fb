/* The row of `ouroscope genesis hash` in the table of commands. */
#include <stdint.h>

#include "cmd/genesis_files.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info genesis_hash_options[] = {
    [GENESIS_HASH_CONFIG] = {
        .name = "config", .letter = 'c', .argument = "FILE", .kind = VALUE_FILE,
        .help = "A node's configuration, in JSON: the hashes must be those it expects "
                "(ShelleyGenesisHash and so on).",
    },
    [GENESIS_HASH_JSON] = {
        .name = "json",
        .help = "Print a list of objects: file, era, hash.",
    },
};

static const struct command_example genesis_hash_examples[] = {
    { "ouroscope genesis hash shelley-genesis.json", "What to write behind ShelleyGenesisHash" },
    { "ouroscope genesis hash runs/2026-11-22T10-00-00_ci-test_a1b2c3", "Those of a run's genesis" },
    { "ouroscope genesis hash --config config.json *-genesis.json",
      "Whether a node with this configuration takes these files" },
};

const struct command command_genesis_hash = {
    .name = "genesis hash",
    .operands = "DIR | FILE...",
    .summary = "the hashes of genesis files, as a node expects them",
    .description =
        "Prints for each file its hash and the era it is of, which is told by its members, whatever "
        "the file is called. A DIR stands for its files with usual names (shelley.json, "
        "shelley-genesis.json, genesis.shelley.json ...), or those of its folder genesis, as runs have it. A file that "
        "is no genesis is told, and the others are hashed.\n\n"
        "The hash is BLAKE2b-256 of the file's bytes; of a Byron file it is that of its "
        "canonical form: members sorted by name, no blanks, whole numbers of up to 15 digits. A Byron "
        "file that has no such form is refused, as a node refuses it.",
    .options = genesis_hash_options,
    .option_count = ROWS(genesis_hash_options),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .examples = genesis_hash_examples,
    .example_count = ROWS(genesis_hash_examples),
    .exits = {
        [EXIT_DONE] = "the hashes were printed, and are those of the configuration, where there is one",
        [EXIT_FAILED] = "a file could not be read, is no genesis, or has another hash",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-genesis-check 1", "ouroscope-genesis-edit 1" },
    .run = cmd_genesis_hash,
};
