/* The row of `ouroscope genesis check` in the table of commands. */
#include <stdint.h>

#include "cmd/genesis_files.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info genesis_check_options[] = {
    [GENESIS_CHECK_CONFIG] = {
        .name = "config", .letter = 'c', .argument = "FILE", .kind = VALUE_FILE,
        .help = "A node's configuration, in JSON: the hashes it names must be those of the files, and "
                "the version the chain begins with must be one of its first era. If not given, "
                "config.json of the directory, where there is one.",
    },
    [GENESIS_CHECK_QUIET] = {
        .name = "quiet", .letter = 'q',
        .help = "Print no remarks, only faults and the sum.",
    },
    [GENESIS_CHECK_JSON] = {
        .name = "json",
        .help = "Print an object: findings, each with severity (fault or remark), file, line, column, "
                "path and reason, and the counts of what the files hold.",
    },
};

static const struct command_example genesis_check_examples[] = {
    { "ouroscope genesis check runs/2026-11-22T10-00-00_ci-test_a1b2c3",
      "Whether a run's genesis is as it should be" },
    { "ouroscope genesis check --config config.json shelley.json byron.json",
      "Whether files are right, agree, and are those of a configuration" },
};

const struct command command_genesis_check = {
    .name = "genesis check",
    .operands = "DIR | FILE...",
    .summary = "tell everything that is wrong with genesis files",
    .description =
        "Looks at every member of Byron, Shelley, Alonzo, Conway and Dijkstra files: whether all are "
        "there, are called what nodes call them, and hold what they may; then whether members and files "
        "agree: sums of money, delegations to pools and DReps that exist, the network in addresses, "
        "the length of an epoch, the start, k and magic of Byron and Shelley. Each fault is told with its "
        "place, the path of the member, and what would be right. A remark is about something odd that "
        "nodes take: older names, members that nobody reads.\n\n"
        "DIR holds the files of one network under the usual names (shelley.json, "
        "shelley-genesis.json, genesis.shelley.json ...), or has them in its folder genesis, as a run has it. FILEs are told apart by their members. "
        "Files may be of any size: a gigabyte takes seconds, and little memory. Of more than a hundred "
        "findings alike in one file the rest is counted.",
    .options = genesis_check_options,
    .option_count = ROWS(genesis_check_options),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .examples = genesis_check_examples,
    .example_count = ROWS(genesis_check_examples),
    .exits = {
        [EXIT_DONE] = "there are no faults",
        [EXIT_FAILED] = "there are faults, or a file could not be read",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-genesis-hash 1", "ouroscope-genesis-edit 1" },
    .run = cmd_genesis_check,
};
