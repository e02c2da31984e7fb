/* The row of `ouroscope storage clean` in the table of commands. */
#include <stdint.h>

#include "cmd/table/storage_rows.h"

/* clang-format off */

static const struct option_info storage_clean_options[] = {
    STORAGE_PLACE_ROWS,
    [STORAGE_CLEAN_OLDER_THAN] = {
        .name = "older-than", .argument = "AGE",
        .help = "Clean all runs of which nothing has changed for so long: a whole number with m, h or d.",
    },
    [STORAGE_CLEAN_FORCE] = {
        .name = "force",
        .help = "Clean also what was written to in the last ten minutes.",
    },
    [STORAGE_CLEAN_DRY_RUN] = {
        .name = "dry-run", .letter = 'n',
        .help = "Only tell what would be removed.",
    },
};

static const struct command_example storage_clean_examples[] = {
    { "ouroscope storage clean --older-than 7d --dry-run", "What a week's runs have left" },
    { "ouroscope storage clean -p mine.json 2026-11-22T10-00-00-ci-test-a1b2c3", "Remove what one run left" },
};

const struct command command_storage_clean = {
    .name = "storage clean",
    .operands = "RUN...",
    .summary = "remove what runs left in a bucket",
    .description =
        "Removes all objects of runs, and uploads that were begun and never ended. RUN is named as ouroscope storage "
        "list names it. A run that was written to in the last ten minutes may go on, and is refused. A line for each run "
        "tells what was removed. Nothing beside the prefix of our keys is ever touched; where that is empty, runs have to be "
        "named.",
    .options = storage_clean_options,
    .option_count = ROWS(storage_clean_options),
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_TEXT,
    .examples = storage_clean_examples,
    .example_count = ROWS(storage_clean_examples),
    .exits = {
        [EXIT_DONE] = "the runs are clean",
        [EXIT_FAILED] = "a run may go on, or is not there, or the bucket refuses",
        [EXIT_WRONG_USAGE] = "the command line or the plan cannot be understood, or no bucket is named",
    },
    .see_also = { "ouroscope-storage-list 1", "ouroscope-run-clean 1" },
    .run = cmd_storage_clean,
};
