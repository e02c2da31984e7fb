/* The row of `ouroscope run clean` in the table of commands. */
#include <stdint.h>

#include "cmd/run_folder.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info run_clean_options[] = {
    [RUN_CLEAN_DIR] = {
        .name = "dir", .letter = 'd', .argument = "PARENT", .kind = VALUE_DIRECTORY,
        .help = "Where runs are that are given by name; ./runs if not given.",
    },
    [RUN_CLEAN_ALL_FINISHED] = {
        .name = "all-finished",
        .help = "Clean all runs of that folder that are over, also those that failed.",
    },
    [RUN_CLEAN_DRY_RUN] = {
        .name = "dry-run", .letter = 'n',
        .help = "Only tell how much room it would make.",
    },
};

static const struct command_example run_clean_examples[] = {
    { "ouroscope run clean --all-finished --dry-run", "What there is to win" },
};

const struct command command_run_clean = {
    .name = "run clean",
    .operands = "RUN...",
    .summary = "remove what runs no longer need, and never a log",
    .description =
        "Removes databases of nodes and sockets, and empties the funds and delegations of genesis files of a "
        "megabyte or more; hashes.json still tells their hashes. Logs, results, configuration and keys stay. "
        "A line for each run tells how much room that made.\n\n"
        "A run that was cut off cannot go on from there: if it is resumed, it begins anew. "
        "RUN is named as for ouroscope run show; one that is live, or whose cluster on Nomad stands, is refused.",
    .options = run_clean_options,
    .option_count = ROWS(run_clean_options),
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_DIRECTORY,
    .examples = run_clean_examples,
    .example_count = ROWS(run_clean_examples),
    .exits = {
        [EXIT_DONE] = "the runs are clean",
        [EXIT_FAILED] = "there is no such run, or it is live, or something could not be removed",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-run-list 1", "ouroscope-run 1" },
    .run = cmd_run_clean,
};
